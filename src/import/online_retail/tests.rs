//! The fold's rules, a table each, and what it makes of real lines.

use super::{Folded, fold};

const HEADER: &str =
    "invoice_no,stock_code,description,quantity,invoice_date,unit_price,customer_id,country\n";

fn folded(rows: &str) -> Folded {
    fold(format!("{HEADER}{rows}").as_bytes()).unwrap()
}

fn reasons(rows: &str) -> Vec<String> {
    folded(rows).refusals.into_iter().map(|refusal| refusal.reason).collect()
}

#[test]
fn one_article_in_two_cases_is_one_product() {
    let folded = folded("1,85123a,WHITE HEART,1,,2.55,,UK\n2,85123A,WHITE HEART,6,,2.55,,UK\n");
    assert_eq!(folded.products.len(), 1);
    assert_eq!(folded.products[0].variants[0].sku.as_deref(), Some("85123A"));
}

#[test]
fn letters_behind_the_same_digits_are_designs_of_one_product() {
    let folded =
        folded("1,85099B,JUMBO BAG RED RETROSPOT,1,,2.08,,UK\n1,85099F,JUMBO BAG STRAWBERRY,1,,1.95,,UK\n");
    let product = &folded.products[0];
    assert_eq!((product.name.as_str(), product.reference.as_str()), ("Jumbo Bag", "85099"));
    let designs: Vec<_> =
        product.variants.iter().map(|v| (v.option_values.join("/"), v.price.as_str())).collect();
    assert_eq!(designs, [("Red Retrospot".to_owned(), "2.08"), ("Strawberry".to_owned(), "1.95")]);
}

#[test]
fn designs_that_read_alike_are_told_apart_by_their_letters() {
    let folded = folded("1,84509B,FAIRY CAKE MATS,1,,2,,UK\n1,84509G,FAIRY CAKE MATS,1,,2,,UK\n");
    let designs: Vec<_> = folded.products[0].variants.iter().map(|v| v.option_values.join("/")).collect();
    assert_eq!(designs, ["B", "G"]);
}

#[test]
fn the_name_and_price_of_most_sales_win_and_the_later_of_equals() {
    let rows = "1,22632,HAND WARMER RED POLKA DOT,1,,2.10,,UK\n2,22632,HAND WARMER RED RETROSPOT,1,,1.85,,UK\n\
                3,22632,HAND WARMER RED RETROSPOT,1,,2.10,,UK\n4,22632,HAND WARMER RED POLKA DOT,1,,1.85,,UK\n";
    let product = &folded(rows).products[0];
    assert_eq!(product.name, "Hand Warmer Red Polka Dot");
    assert_eq!(product.variants[0].price, "1.85");
    assert_eq!(product.description, "Also sold as Hand Warmer Red Retrospot.");
}

#[test]
fn what_is_not_goods_is_refused_with_the_reason() {
    for (row, reason) in [
        ("1,POST,POSTAGE,1,,18,,UK\n", "postage or carriage, not goods"),
        ("1,23444,Next Day Carriage,1,,15,,UK\n", "postage or carriage, not goods"),
        ("1,AMAZONFEE,AMAZON FEE,-1,,5575.28,,UK\n", "a fee or commission, not goods"),
        ("1,D,Discount,-1,,20.92,,UK\n", "a discount, not goods"),
        ("1,M,Manual,1,,1.25,,UK\n", "a manual entry: nothing says what was sold"),
        ("1,gift_0001_40,Dotcomgiftshop Gift Voucher,1,,34.04,,UK\n", "a gift voucher, not goods"),
        (
            "1,1234,SHORT CODE,1,,1,,UK\n",
            "the code is none of the shop's articles: five digits and up to two letters",
        ),
    ] {
        assert_eq!(reasons(row), [reason], "{row}");
        assert!(folded(row).products.is_empty(), "{row}");
    }
}

#[test]
fn lines_that_tell_nothing_are_refused_and_leave_the_product_as_it_is() {
    let sale = "1,22197,POPCORN HOLDER,1,,0.85,,UK\n";
    for (row, reason) in [
        ("C2,22197,POPCORN HOLDER,-1,,9.99,,UK\n", "a cancellation: tells no name or price"),
        ("2,22197,damaged,-5,,0,,UK\n", "a stock correction: tells no name or price"),
        ("2,22197,POPCORN HOLDER,1,,0,,UK\n", "given away: no price"),
        ("2,22197,POPCORN HOLDER,1,,-3,,UK\n", "the price is no positive decimal number"),
        ("2,22197,POPCORN HOLDER,1,,0.001,,UK\n", "the price is finer than a penny"),
        ("2,22197,,1,,1.00,,UK\n", "no description"),
        ("2,22197,check,1,,1.00,,UK\n", "the description is a note of the stock room"),
        ("2,22197,??,1,,1.00,,UK\n", "the description is a note of the stock room"),
    ] {
        let folded = folded(&format!("{sale}{row}"));
        assert_eq!(folded.refusals[0].reason, reason);
        assert_eq!((folded.refusals[0].line, folded.products[0].variants[0].price.as_str()), (3, "0.85"));
    }
}

#[test]
fn an_unreadable_row_is_refused_and_the_next_is_read() {
    let folded = folded("1,22197,POPCORN HOLDER,many,,0.85,,UK\n1,22197,POPCORN HOLDER,1,,0.85,,UK\n");
    assert_eq!((folded.lines, folded.products.len(), folded.refusals.len()), (2, 1, 1));
    assert!(folded.refusals[0].reason.starts_with("unreadable"), "{:?}", folded.refusals);
}

#[test]
fn a_file_without_the_columns_is_an_error_that_names_one() {
    let error = fold("a,b\n1,2\n".as_bytes()).unwrap_err().to_string();
    assert!(error.contains("invoice_no"), "{error}");
}
