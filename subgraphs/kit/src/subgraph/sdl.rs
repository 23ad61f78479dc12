//! Makes the GraphQL library's federation SDL valid: it writes an interface's directives before what the
//! interface implements, and the grammar wants them after (<https://spec.graphql.org/October2021/#sec-Interfaces>).

/// The same schema with each interface's `implements` before its directives.
pub(super) fn mend(sdl: &str) -> String {
    let mut mended = String::with_capacity(sdl.len());
    for line in sdl.split_inclusive('\n') {
        match reordered(line) {
            Some(better) => mended.push_str(&better),
            None => mended.push_str(line),
        }
    }
    mended
}

/// The library writes an interface's head on one line, `implements` last; only such a line comes out changed.
fn reordered(line: &str) -> Option<String> {
    let (extend, head) = line.strip_prefix("extend ").map_or(("", line), |head| ("extend ", head));
    let head = head.strip_prefix("interface ")?.strip_suffix(" {\n")?;
    let (declared, interfaces) = head.rsplit_once(" implements ")?;
    let (name, directives) = declared.split_once(" @")?;
    let names_only = interfaces.bytes().all(|b| b.is_ascii_alphanumeric() || b"_ &".contains(&b));
    names_only.then(|| format!("{extend}interface {name} implements {interfaces} @{directives} {{\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_move_behind_what_is_implemented() {
        let cases = [
            (
                "interface A @key(fields: \"id\") @tag(name: \"x implements y\") implements Node & B {\n",
                "interface A implements Node & B @key(fields: \"id\") @tag(name: \"x implements y\") {\n",
            ),
            (
                "extend interface A @inaccessible implements B {\n",
                "extend interface A implements B @inaccessible {\n",
            ),
        ];
        for (given, expected) in cases {
            assert_eq!(mend(given), expected);
        }
    }

    #[test]
    fn what_is_valid_stays_as_it_is() {
        for sdl in [
            "interface A implements B {\n",
            "interface A @key(fields: \"id\") {\n",
            "interface A @tag(name: \"x implements y\") {\n",
            "type T implements A @key(fields: \"id\") {\n\tinterface: Int\n}\n",
        ] {
            assert_eq!(mend(sdl), sdl);
        }
    }
}
