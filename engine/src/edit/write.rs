//! Values as they are written into a document.

use serde_json::Value;

use super::site::Site;
use crate::document::{LoadOptions, SourceText, Style, load_yaml};

/// A scalar in the style of what stood there before, as far as that style can hold it.
pub(super) fn scalar(site: &Site<'_>, value: &Value, like: Option<Style>) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let one_line = !text.chars().any(char::is_control);
    match like {
        _ if site.json => value.to_string(),
        Some(Style::DoubleQuoted) => value.to_string(),
        Some(Style::SingleQuoted) if one_line => format!("'{}'", text.replace('\'', "''")),
        _ if is_plain(text) => text.clone(),
        _ => value.to_string(),
    }
}

/// A key.
pub(super) fn key(site: &Site<'_>, key: &str) -> String {
    if !site.json && is_plain(key) { key.to_owned() } else { Value::from(key).to_string() }
}

/// True for a text that needs no quotes: it is read as this text, in braces too.
fn is_plain(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || "_-./:".contains(c);
    if text.is_empty() || !text.chars().all(word) || text.starts_with(['-', '.', ':']) || text.ends_with(':') {
        return false;
    }
    let source = SourceText::new("", format!("[{text}]"));
    let loaded = load_yaml(source, &LoadOptions::default());
    let first = loaded.documents.first().and_then(|document| document.root().item(0));
    first.is_some_and(|item| item.as_str() == Some(text))
}

/// A value on one line.
pub(super) fn flow(site: &Site<'_>, value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(site, item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(name, value)| format!("{}: {}", key(site, name), flow(site, value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        _ => scalar(site, value, None),
    }
}

/// A value of JSON over several lines, each level `indent` to the right; `column` is that of the line which holds it.
pub(super) fn pretty(site: &Site<'_>, value: &Value, column: usize, indent: usize) -> String {
    let inside = column + indent;
    let (open, close, lines): (_, _, Vec<String>) = match value {
        Value::Array(items) if !items.is_empty() => {
            ('[', ']', items.iter().map(|item| pretty(site, item, inside, indent)).collect())
        }
        Value::Object(map) if !map.is_empty() => {
            let entry = |(name, value): (&String, &Value)| {
                format!("{}: {}", key(site, name), pretty(site, value, inside, indent))
            };
            ('{', '}', map.iter().map(entry).collect())
        }
        _ => return value.to_string(),
    };
    let inner = format!("{}{}", site.newline, " ".repeat(inside));
    let outer = format!("{}{}", site.newline, " ".repeat(column));
    format!("{open}{inner}{}{outer}{close}", lines.join(&format!(",{inner}")))
}

/// What follows the colon of a key that stands at `column`, without a line break at the end.
pub(super) fn behind_colon(site: &Site<'_>, value: &Value, column: usize) -> String {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let at = column + site.indent;
            let entries: Vec<String> = map.iter().map(|(name, value)| entry(site, name, value, at)).collect();
            let separator = format!("{}{}", site.newline, " ".repeat(at));
            format!("{separator}{}", entries.join(&separator))
        }
        Value::Array(items) if !items.is_empty() => {
            let at = column + site.dash;
            let items: Vec<String> = items.iter().map(|value| item(site, value, at)).collect();
            let separator = format!("{}{}", site.newline, " ".repeat(at));
            format!("{separator}{}", items.join(&separator))
        }
        _ => format!(" {}", flow(site, value)),
    }
}

/// An entry of a block mapping at `column`.
pub(super) fn entry(site: &Site<'_>, name: &str, value: &Value, column: usize) -> String {
    format!("{}:{}", key(site, name), behind_colon(site, value, column))
}

/// An item of a block sequence whose dash stands at `column`.
pub(super) fn item(site: &Site<'_>, value: &Value, column: usize) -> String {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let at = column + 2;
            let entries: Vec<String> = map.iter().map(|(name, value)| entry(site, name, value, at)).collect();
            format!("- {}", entries.join(&format!("{}{}", site.newline, " ".repeat(at))))
        }
        _ => format!("- {}", flow(site, value)),
    }
}
