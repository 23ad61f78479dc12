//! Where we differ from the reference on purpose, each with what the specifications say.

use std::collections::BTreeSet;

use super::Set;
use super::compare::{Class, Difference};

/// A difference that is meant.
pub(super) struct Known {
    /// Its name in the counts.
    pub(super) name: &'static str,
    /// Why ours is right, or as right.
    #[expect(dead_code, reason = "written for those who read the list")]
    pub(super) because: &'static str,
    /// Whether a difference is this one.
    pub(super) explains: fn(&Set, &Difference) -> bool,
}

/// All of them.
pub(super) const KNOWN: &[Known] = &[
    Known {
        name: "the version of the join specification",
        because: "the reference writes the oldest join version that the subgraphs' federation versions need; \
                  join/v0.5 only adds to its predecessors, and one version is one thing to read",
        explains: |_, difference| {
            let Some((_, fact)) = difference.detail.split_once(": ") else { return false };
            let Class::Supergraph(what) = &difference.class else { return false };
            match what.as_str() {
                "@link" => {
                    fact.starts_with("schema @link(") && fact.contains("\"https://specs.apollo.dev/join/v0.")
                }
                "directive definition" => fact.starts_with("@join__"),
                "input field" => fact.starts_with("join__ContextArgument."),
                "type" => fact == "input join__ContextArgument" || fact.starts_with("scalar join__"),
                _ => false,
            }
        },
    },
    Known {
        name: "a name twice",
        because: "the GraphQL specification wants the values of an enum, the arguments of a field or directive, \
                  those of an application, directives, root operations and the schema definition to be unique",
        explains: |_, difference| {
            only_adds(difference, |line| {
                (line.contains("duplicate definitions for the `") && line.contains("value of enum"))
                    || line.contains("root operation type")
                    || line.contains("is defined multiple times")
                    || line.contains("is provided multiple times")
                    || line.contains("must not have multiple `schema` definitions")
            })
        },
    },
    Known {
        name: "an extension of another kind",
        because: "the GraphQL specification lets each kind of extension only extend a type of its kind (type \
                  validation of the extensions)",
        explains: |_, difference| {
            only_adds(difference, |line| line.contains("is extended as") || line.contains("extension, but `"))
        },
    },
    Known {
        name: "a directive that refers to itself",
        because: "the GraphQL specification refuses a directive definition that refers to itself, directly or not \
                  (type validation of directives)",
        explains: |_, difference| {
            only_adds(difference, |line| line.contains("directive definition cannot reference itself"))
        },
    },
    Known {
        name: "a fragment that can never apply",
        because: "the GraphQL specification refuses a fragment whose type has no object in common with its \
                  parent (fragment spread is possible); the reference takes it in a field set",
        explains: |_, difference| {
            let meant = |line: &str| {
                line.contains("inline fragment with type condition") && line.contains("cannot be applied")
            };
            only_adds(difference, meant)
                || says_instead(difference, meant, |code| code.ends_with("_FIELDS_MISSING_EXTERNAL"))
        },
    },
    Known {
        name: "a fragment on a type that does not exist",
        because: "the GraphQL specification refuses it (fragment spread type existence); the reference takes it in \
                  a field set",
        explains: |_, difference| {
            only_adds(difference, |line| {
                line.contains("type condition") && line.contains("is not a type defined")
            })
        },
    },
    Known {
        name: "an unknown version of the link specification",
        because: "the error reference says UNKNOWN_LINK_VERSION of it; the reference takes it for a second link \
                  beside the one that it adds itself",
        explains: |_, difference| {
            matches!(&difference.class, Class::Codes { ours, reference }
                if ours == "UNKNOWN_LINK_VERSION" && reference == "INVALID_LINK_DIRECTIVE_USAGE")
        },
    },
    Known {
        name: "a specification under a name that is none",
        because: "the link specification wants `as` to be a GraphQL name; the reference looks at its start alone, \
                  and reports the syntax error that follows, if one does",
        explains: |_, difference| {
            matches!(&difference.class, Class::TooStrict(codes) | Class::Codes { ours: codes, .. }
                if codes == "INVALID_LINK_DIRECTIVE_USAGE")
                && ours(difference).all(|line| line.contains("is no name for a linked specification"))
        },
    },
    Known {
        name: "a value type of federation 1 in two parts",
        because: "federation 1 shares every field without saying so; the reference's upgrade says it for the \
                  definition of such a type and forgets its extensions",
        explains: |set, difference| {
            let extends =
                |(_, sdl): &(String, String)| !sdl.contains("@link(") && sdl.contains("extend type");
            let is_later = matches!(&difference.class, Class::Codes { ours, reference }
                if ours == "SATISFIABILITY_ERROR" && reference == "INVALID_FIELD_SHARING");
            (is_later || lacks(difference, "INVALID_FIELD_SHARING"))
                && set.subgraphs.iter().any(extends)
                && set.subgraphs.iter().filter(|subgraph| extends(subgraph)).any(|(name, _)| {
                    let blamed = difference.detail.split("defined as non-shareable in ").skip(1);
                    let blamed: Vec<&str> = blamed.filter_map(|rest| rest.lines().next()).collect();
                    let name = format!("\"{name}\"");
                    blamed.iter().any(|them| them.contains(&name) || them.starts_with("all of them"))
                })
        },
    },
    Known {
        name: "directives that an unknown version of federation would have brought",
        because: "the reference goes on to say that the directives of a federation version that it refuses are \
                  unknown; what is to be mended is the version",
        explains: |_, difference| {
            follows(difference, "UNKNOWN_FEDERATION_LINK_VERSION", |message| {
                message.contains("Unknown directive")
            })
        },
    },
    Known {
        name: "directives that a link with a wrong import would have brought",
        because: "the reference drops the link, and goes on to say that what it imports or prefixes is unknown, or \
                  not defined as federation 1 has it; what is to be mended is the import",
        explains: |_, difference| {
            follows(difference, "INVALID_LINK_DIRECTIVE_USAGE", |message| {
                message.contains("Unknown directive")
                    || message.contains("Unknown type")
                    || message.contains("should have type \"_FieldSet!\"")
            })
        },
    },
    Known {
        name: "an unused field of a type that has the root's name",
        because: "the reference puts the root in the place of the type that takes its name, and no longer sees the \
                  fields of that type; each of them is as unused as elsewhere",
        explains: |_, difference| {
            difference.detail.lines().any(|line| line.contains("reference: [ROOT_"))
                && only_adds(difference, |line| {
                    ["Query", "Mutation", "Subscription"]
                        .iter()
                        .any(|root| line.contains(&format!("[EXTERNAL_UNUSED] `{root}.")))
                })
        },
    },
    Known {
        name: "what uses a type of a specification that is defined as another kind",
        because: "the reference goes on to say that what should be of that type is not; what is to be mended is the \
                  definition",
        explains: |_, difference| {
            follows(difference, "TYPE_DEFINITION_INVALID", |message| {
                message.contains("Unknown directive")
                    || message.contains("Unknown type")
                    || message.contains("should have type \"_FieldSet!\"")
            })
        },
    },
    Known {
        name: "wrong imports beside a type of the link specification that is defined as another kind",
        because: "without that type the reference reads no link, and so finds no fault in what a link imports; the \
                  import is as wrong with the type as without",
        explains: |_, difference| {
            let is_cause =
                |code: &str, message: &str| code == "TYPE_DEFINITION_INVALID" && message.contains("link__");
            matches!(&difference.class, Class::Codes { ours, .. } if ours == "INVALID_LINK_DIRECTIVE_USAGE")
                && reference_errors(difference).any(|(code, message)| is_cause(code, message))
                && reference_errors(difference)
                    .all(|(code, message)| is_cause(code, message) || message.contains("Unknown directive"))
        },
    },
    Known {
        name: "what applies a directive of a specification that is defined otherwise",
        because: "the reference goes on to say that the directive is unknown; what is to be mended is the definition",
        explains: |_, difference| {
            follows(difference, "DIRECTIVE_DEFINITION_INVALID", |message| {
                message.contains("Unknown directive")
            })
        },
    },
    Known {
        name: "what is wrong beside a syntax error",
        because: "the reference is handed parsed subgraphs, so that a syntax error in one is all that is said; we \
                  check the others nevertheless",
        explains: |_, difference| {
            let is_syntax =
                |line: &str| line.starts_with("ours: [INVALID_GRAPHQL]") && line.contains("syntax error");
            let mut said = difference.detail.lines().filter(|line| line.starts_with("reference: "));
            matches!(&difference.class, Class::Codes { reference, .. } if reference == "INVALID_GRAPHQL")
                && difference.detail.lines().any(is_syntax)
                && said.all(|line| line.contains("Syntax Error"))
        },
    },
    Known {
        name: "a default value that does not fit, beside the reserved name",
        because: "both refuse a subgraph called `_`, the reference before it looks at default values; the GraphQL \
                  specification wants them to fit whatever the subgraph is called",
        explains: |_, difference| {
            let mut said = difference.detail.lines().filter(|line| line.starts_with("ours: "));
            matches!(&difference.class, Class::Codes { ours, reference }
                if ours == "INVALID_GRAPHQL" && reference == "INVALID_SUBGRAPH_NAME")
                && said.all(|line| line.contains("the default value") && line.contains("does not fit"))
        },
    },
    Known {
        name: "a directive on what a specification defines",
        because: "the types of the federation and link specifications do not reach the supergraph as subgraphs define \
                  them, and neither does what is said of them; the reference links the specification of a directive that is nowhere else",
        explains: |set, difference| {
            let on_specified = |line: &str, name: &str| {
                let is_scalar = line.starts_with("scalar ") && line.contains("FieldSet ");
                (is_scalar || line.starts_with("enum link__Purpose ")) && line.contains(name)
            };
            let names = ["inaccessible", "tag", "authenticated", "requiresScopes", "policy"];
            matches!(&difference.class, Class::Supergraph(what)
                if matches!(what.as_str(), "@link" | "directive definition" | "type"))
                && difference.detail.starts_with("only reference: ")
                && names.iter().any(|name| {
                    difference.detail.contains(name)
                        && set
                            .subgraphs
                            .iter()
                            .any(|(_, sdl)| sdl.lines().any(|line| on_specified(line, name)))
                })
        },
    },
    Known {
        name: "a directive on a definition that stays in its subgraph",
        because: "a directive that is neither executable nor composed does not reach the supergraph, and neither does \
                  what is said of its arguments; the reference links the specification of a directive that is \
                  nowhere else",
        explains: |set, difference| {
            let names = ["inaccessible", "tag"];
            let on_definition = |sdl: &str, name: &str| {
                let definitions = sdl.split("directive @").skip(1);
                let mut arguments = definitions.filter_map(|rest| rest.split(" on ").next());
                arguments.any(|arguments| arguments.contains(&format!("@{name}")))
            };
            let is_said = |name: &str| set.subgraphs.iter().any(|(_, sdl)| on_definition(sdl, name));
            matches!(&difference.class, Class::Supergraph(what)
                if matches!(what.as_str(), "@link" | "directive definition"))
                && difference.detail.starts_with("only reference: ")
                && names.iter().any(|name| difference.detail.contains(name) && is_said(name))
        },
    },
    Known {
        name: "contexts of a specification that is linked on its own",
        because: "the context specification has `@fromContext` as federation has it; of a link to it alone the \
                  reference reads `@context`, and takes the argument for one that clients pass",
        explains: |set, difference| {
            let is_linked = links_alone(set, "context");
            let is_contextual = |text: &str| text.contains("contextArguments") || text.contains("CONTEXT_");
            is_linked
                && match &difference.class {
                    Class::Api(what) => what == "argument",
                    Class::Supergraph(what) => {
                        what == "argument" || what == "@join__field" && is_contextual(&difference.detail)
                    }
                    Class::TooStrict(codes) => codes.split(' ').all(is_contextual),
                    Class::Codes { ours, reference } => ours
                        .split(' ')
                        .all(|code| is_contextual(code) || reference.split(' ').any(|c| c == code)),
                    _ => false,
                }
        },
    },
    Known {
        name: "the scalar of a specification that is linked on its own",
        because: "it belongs to the specification, which the supergraph links where a directive of it is applied; the \
                  reference takes it for a type of the subgraph, and shows it to clients",
        explains: |set, difference| {
            let scalars = [
                ("policy", "policy__Policy"),
                ("requiresScopes", "requiresScopes__Scope"),
                ("context", "context__ContextFieldValue"),
            ];
            scalars.iter().any(|(spec, scalar)| {
                let is_meant = match &difference.class {
                    Class::Supergraph(what) if what == "@join__type" => {
                        difference.detail.starts_with(&format!("only reference: {scalar} @join__type"))
                    }
                    Class::Api(what) | Class::Supergraph(what) if what == "type" => {
                        difference.detail == format!("only reference: scalar {scalar}")
                    }
                    _ => false,
                };
                is_meant && links_alone(set, spec)
            })
        },
    },
    Known {
        name: "a directive on a built-in scalar where it may not stand",
        because: "GraphQL wants built-in scalars to be left out of a schema's text; what stands there of one is \
                  dropped, with what stands on it",
        explains: |set, difference| {
            let built_in = ["Int", "Float", "String", "Boolean", "ID"];
            let defines = |sdl: &str| {
                sdl.lines()
                    .any(|line| built_in.iter().any(|name| line.starts_with(&format!("scalar {name} "))))
            };
            matches!(&difference.class, Class::TooLenient(codes) if codes == "INVALID_GRAPHQL")
                && set.subgraphs.iter().any(|(_, sdl)| defines(sdl))
                && difference.detail.lines().all(|line| line.contains("may not be used on SCALAR"))
        },
    },
    Known {
        name: "@oneOf",
        because: "the GraphQL specification of September 2025 has it as a built-in directive; the reference \
                  does not know it",
        explains: |_, difference| {
            let is_unknown = |message: &str| message.contains("Unknown directive \"@oneOf\"");
            let mut graphql = reference_errors(difference).filter(|(code, _)| *code == "INVALID_GRAPHQL");
            matches!(&difference.class, Class::TooLenient(_) | Class::Codes { .. })
                && reference_errors(difference).any(|(_, message)| is_unknown(message))
                // What is unknown keeps the reference from looking further, in that subgraph.
                && graphql.all(|(_, message)| is_unknown(message))
        },
    },
    Known {
        name: "what is in a type whose kind is in dispute",
        because: "after TYPE_KIND_MISMATCH the reference goes on to merge the type as what the first subgraph \
                  says it is, and reports what it meets; nothing follows from fields of a type that has no kind",
        explains: |_, difference| {
            let disputed: Vec<&str> = reference_errors(difference)
                .filter(|(code, _)| *code == "TYPE_KIND_MISMATCH")
                .filter_map(|(_, message)| message.split('"').nth(1))
                .collect();
            // An error names a type as it is, or as the parent of a field.
            let names = |message: &str, ty: &str| {
                let mut quoted = message.split('"').skip(1).step_by(2);
                quoted.any(|name| name == ty || name.starts_with(&format!("{ty}.")))
            };
            let mut others = reference_errors(difference).filter(|(code, _)| *code != "TYPE_KIND_MISMATCH");
            matches!(&difference.class, Class::Codes { ours, .. } if ours == "TYPE_KIND_MISMATCH")
                && !disputed.is_empty()
                && others.all(|(_, message)| disputed.iter().any(|ty| names(message, ty)))
        },
    },
];

/// Whether a subgraph links one of federation's small specifications on its own.
fn links_alone(set: &Set, specification: &str) -> bool {
    let url = format!("https://specs.apollo.dev/{specification}/v0.1");
    set.subgraphs.iter().any(|(_, sdl)| sdl.contains(&url))
}

/// The reference's errors: code and first line.
fn reference_errors(difference: &Difference) -> impl Iterator<Item = (&str, &str)> {
    difference.detail.lines().filter_map(|line| line.strip_prefix("reference: [")?.split_once("] "))
}

/// Whether both report `cause`, and the reference besides what we report only such consequences as are `meant`, in
/// a subgraph with that cause.
fn follows(difference: &Difference, cause: &str, meant: fn(&str) -> bool) -> bool {
    let Class::Codes { ours, .. } = &difference.class else { return false };
    let ours: BTreeSet<&str> = ours.split(' ').collect();
    let subgraph =
        |message: &str| message.strip_prefix('[')?.split_once(']').map(|(name, _)| name.to_owned());
    let blamed: BTreeSet<Option<String>> = reference_errors(difference)
        .filter(|(code, _)| *code == cause)
        .map(|(_, message)| subgraph(message))
        .collect();
    let all: BTreeSet<&str> = reference_errors(difference).map(|(code, _)| code).collect();
    let mut added = reference_errors(difference).filter(|(code, _)| !ours.contains(code));
    ours.contains(cause)
        && ours.is_subset(&all)
        && added.all(|(_, message)| meant(message) && blamed.contains(&subgraph(message)))
}

/// Our errors, a line each.
fn ours(difference: &Difference) -> impl Iterator<Item = &str> {
    difference.detail.lines().filter(|line| line.starts_with("ours: "))
}

/// Whether we report errors that are `meant`, and without them nothing, or what the reference reports. (Where
/// nothing is left, the phase in which they stand has kept later ones from starting.)
fn only_adds(difference: &Difference, meant: fn(&str) -> bool) -> bool {
    let reference = match &difference.class {
        Class::TooStrict(_) => "",
        Class::Codes { reference, .. } => reference,
        _ => return false,
    };
    let code = |line: &str| line.split(['[', ']']).nth(1).map(str::to_owned);
    let rest: BTreeSet<String> = ours(difference).filter(|line| !meant(line)).filter_map(code).collect();
    let rest: Vec<String> = rest.into_iter().collect();
    ours(difference).any(meant) && (rest.is_empty() || rest.join(" ") == reference)
}

/// Whether we report errors that are `meant` where the reference, which does not, reads on and finds what is `later`.
fn says_instead(difference: &Difference, meant: fn(&str) -> bool, later: fn(&str) -> bool) -> bool {
    let code = |line: &str| line.split(['[', ']']).nth(1).map(str::to_owned);
    let own: BTreeSet<String> = ours(difference).filter(|line| !meant(line)).filter_map(code).collect();
    let others = reference_errors(difference).map(|(code, _)| code.to_owned());
    let others: BTreeSet<String> = others.filter(|code| !later(code)).collect();
    matches!(&difference.class, Class::Codes { .. }) && ours(difference).any(meant) && own == others
}

/// Whether the reference reports what we report, and `code`.
fn lacks(difference: &Difference, code: &str) -> bool {
    let (ours, reference) = match &difference.class {
        Class::TooLenient(reference) => ("", reference),
        Class::Codes { ours, reference } => (ours.as_str(), reference),
        _ => return false,
    };
    let rest: Vec<&str> = reference.split(' ').filter(|known| *known != code).collect();
    reference.contains(code) && rest.join(" ") == ours
}
