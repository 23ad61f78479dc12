//! What running a prepared plan allocates: buffers, which grow now and then, and nothing for each object.
use std::fmt::Write as _;

use futures::executor::block_on;
use souk_gateway::execute::run;

use super::script::{Graph, SHOP, Script};

/// How often memory is asked for while `rows` products with their reviews and authors are answered.
fn allocations(rows: usize) -> u64 {
    let (mut products, mut reviews) = (String::new(), String::new());
    for row in 0..rows {
        let comma = if row > 0 { "," } else { "" };
        let _ = write!(products, r#"{comma}{{"__typename":"Product","id":"{row}","name":"lamp {row}"}}"#);
        let _ = write!(
            reviews,
            r#"{comma}{{"score":{row},"stars":4,"by":[{{"__typename":"Author","id":"{row}"}}]}}"#
        );
    }
    let authors: Vec<String> = (0..rows).map(|row| format!(r#"{{"name":"author {row}"}}"#)).collect();
    let script = Script::new()
        .with("products", format!(r#"{{"data":{{"products":[{products}]}}}}"#))
        .with("reviews", format!(r#"{{"data":{{"_entities":[{reviews}]}}}}"#))
        .with("authors", format!(r#"{{"data":{{"_entities":[{}]}}}}"#, authors.join(",")));
    let graph = Graph::new(SHOP);
    let text = "{ products { name score stars by { name } } }";
    let (plan, input) = (graph.plan(text).unwrap(), graph.input(text, &serde_json::json!({})));
    let subgraphs = script.subgraphs();
    let mut errors = usize::MAX;
    let counted = allocation_counter::measure(|| {
        errors = block_on(run(&plan, &input, &subgraphs)).errors;
    });
    assert_eq!((errors, script.asked().len()), (0, 3));
    counted.count_total
}

#[test]
fn twice_the_objects_do_not_allocate_twice_as_often() {
    let (some, twice) = (allocations(500), allocations(1_000));
    println!("counted: {some} allocations for 500 objects of each of three subgraphs, {twice} for 1,000");
    assert!(twice - some <= 50, "{some} allocations for 500 objects, {twice} for 1,000");
}
