//! Lays the configuration's layers over each other. A key that the defaults do not have is a mistake.

use std::fmt;
use std::io;
use std::path::Path;

use toml::{Table, Value};

use super::Config;

/// The environment variables that start with `SOUK_` and are no keys: they steer the test suites.
const NOT_KEYS: [&str; 3] = ["SOUK_CACHE", "SOUK_TEST_", "SOUK_REQUIRE_"];

/// Everything that is wrong with the configuration, a sentence each.
#[derive(Debug)]
pub(crate) struct Mistakes(Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Mistakes {}

pub(super) fn read(path: &Path) -> Result<String, Mistakes> {
    std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

pub(super) fn read_if_present(path: &Path) -> Result<Option<String>, Mistakes> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, &error)),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Mistakes {
    Mistakes(vec![format!("{} cannot be read: {error}", path.display())])
}

/// The defaults with `file` (its name and text) and the environment laid over them.
pub(super) fn merge(
    defaults: &str,
    file: Option<(&str, &str)>,
    environment: &[(String, String)],
) -> Result<Config, Mistakes> {
    let mut mistakes = Vec::new();
    let mut effective = parse("souk.default.toml", defaults, &mut mistakes);
    let known = paths(&effective);
    if let Some((name, text)) = file {
        let overrides = parse(name, text, &mut mistakes);
        overlay(
            &mut effective,
            overrides,
            &mut Overlay { name, at: String::new(), known: &known, mistakes: &mut mistakes },
        );
    }
    for (variable, text) in environment {
        if variable.starts_with("SOUK_") && !NOT_KEYS.iter().any(|prefix| variable.starts_with(prefix)) {
            overlay_variable(&mut effective, variable, text, &known, &mut mistakes);
        }
    }
    if !mistakes.is_empty() {
        return Err(Mistakes(mistakes));
    }
    Value::Table(effective).try_into().map_err(|error: toml::de::Error| {
        Mistakes(vec![format!("the configuration does not hold: {}", error.message())])
    })
}

fn parse(name: &str, text: &str, mistakes: &mut Vec<String>) -> Table {
    text.parse().unwrap_or_else(|error: toml::de::Error| {
        mistakes.push(format!("{name} is not valid TOML: {error}"));
        Table::new()
    })
}

struct Overlay<'a> {
    name: &'a str,
    at: String,
    known: &'a [String],
    mistakes: &'a mut Vec<String>,
}

fn overlay(base: &mut Table, over: Table, to: &mut Overlay<'_>) {
    let section = std::mem::take(&mut to.at);
    for (key, value) in over {
        let path = if section.is_empty() { key.clone() } else { format!("{section}.{key}") };
        match (base.get_mut(&key), value) {
            (None, _) => to.mistakes.push(format!("{}: {}", to.name, unknown(&path, to.known))),
            (Some(Value::Table(base)), Value::Table(over)) => {
                to.at = path;
                overlay(base, over, to);
            }
            (Some(default), value) if default.same_type(&value) => *default = value,
            (Some(default), value) => to.mistakes.push(format!(
                "{}: `{path}` takes {}, not {}",
                to.name,
                article(default.type_str()),
                article(value.type_str())
            )),
        }
    }
}

/// `SOUK_GATEWAY__PORT` is `gateway.port`; lists are separated by commas.
fn overlay_variable(
    base: &mut Table,
    variable: &str,
    text: &str,
    known: &[String],
    mistakes: &mut Vec<String>,
) {
    let path = variable.trim_start_matches("SOUK_").to_lowercase().replace("__", ".");
    let Some(slot) = lookup(base, &path) else {
        mistakes.push(format!("environment variable {variable}: {}", unknown(&path, known)));
        return;
    };
    let value = match slot {
        Value::String(_) => Some(Value::String(text.to_owned())),
        Value::Integer(_) => text.parse().ok().map(Value::Integer),
        Value::Float(_) => text.parse().ok().map(Value::Float),
        Value::Boolean(_) => text.parse().ok().map(Value::Boolean),
        Value::Array(_) => Some(list(text)),
        Value::Datetime(_) | Value::Table(_) => None,
    };
    match value {
        Some(value) => *slot = value,
        None => mistakes.push(format!(
            "environment variable {variable}: `{path}` takes {}, which `{text}` is not",
            article(slot.type_str())
        )),
    }
}

fn list(text: &str) -> Value {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
}

fn lookup<'a>(table: &'a mut Table, path: &str) -> Option<&'a mut Value> {
    match path.split_once('.') {
        None => table.get_mut(path),
        Some((section, rest)) => lookup(table.get_mut(section)?.as_table_mut()?, rest),
    }
}

/// The dotted path of every key.
fn paths(table: &Table) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in table {
        match value {
            Value::Table(inner) => found.extend(paths(inner).iter().map(|path| format!("{key}.{path}"))),
            _ => found.push(key.clone()),
        }
    }
    found
}

fn unknown(path: &str, known: &[String]) -> String {
    let nearest = known.iter().min_by_key(|candidate| strsim::damerau_levenshtein(candidate, path));
    match nearest {
        Some(nearest) => format!("there is no key `{path}`; the nearest is `{nearest}`"),
        None => format!("there is no key `{path}`"),
    }
}

fn article(kind: &str) -> String {
    let an = kind.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {kind}", if an { "an" } else { "a" })
}
