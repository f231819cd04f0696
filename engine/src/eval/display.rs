//! Values as text, in messages and traces.

use std::fmt::Write;

use super::context::title;
use super::equal::elements;
use crate::document::{Kind, Node};
use crate::time::{format_duration, format_time};
use crate::value::{Data, Value};

/// Longest value in a trace, in characters.
const TRACE: usize = 60;

/// Writes a value as messages show it: text as it is, lists with commas, objects by kind and name. Maps and bytes are
/// not spelled out.
pub(super) fn show(value: &Value<'_>, out: &mut String) {
    match &value.data {
        Data::Missing(_) => out.push_str("(missing)"),
        Data::Unknown => out.push_str("(unknown)"),
        Data::Doubt(_) => out.push_str("(undecided)"),
        Data::Str(text) => out.push_str(text),
        Data::Text(text) => out.push_str(text),
        Data::Int(value) => drop(write!(out, "{value}")),
        Data::Number(value) => drop(write!(out, "{value}")),
        Data::Bool(value) => drop(write!(out, "{value}")),
        Data::Duration(value) => out.push_str(&format_duration(*value)),
        Data::Time(value) => out.push_str(&format_time(*value)),
        Data::Bytes(bytes) => drop(write!(out, "({} bytes)", bytes.len())),
        Data::NoBytes => out.push_str("(no base64)"),
        Data::Regex(regex) => drop(write!(out, "/{}/", regex.text())),
        Data::Object(object) => out.push_str(&title(object)),
        Data::Row(row) => show_row(row, out),
        Data::Leaf(_) => value.as_row().iter().for_each(|row| show_row(row, out)),
        Data::Map(entries) => drop(write!(out, "(a map of {})", entries.len())),
        Data::NoMap(_) => out.push_str("(a map of 0)"),
        Data::Node(node) if node.kind() == Kind::Map => show_map(*node, out),
        Data::List(_) | Data::Node(_) => {
            for (at, element) in elements(value).unwrap_or_default().iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                show(element, out);
            }
        }
    }
}

/// A part of an object by its name, if it has one: a container, a reference.
fn show_map(node: Node<'_>, out: &mut String) {
    match node.get("name").and_then(Node::as_str) {
        Some(name) => out.push_str(name),
        None => drop(write!(out, "(a map of {})", node.len())),
    }
}

/// A row by its name, if it has one.
fn show_row(row: &crate::value::Row<'_>, out: &mut String) {
    let column = |name: &str| row.ty.column(name).and_then(|(at, _)| row.values.get(at)).filter(|v| !v.is_missing());
    match column("name") {
        Some(name) => show(name, out),
        None => drop(write!(out, "({})", row.ty.name)),
    }
}

/// A value as a trace shows it; nothing of secret material.
pub(super) fn trace(value: &Value<'_>, confidential: bool) -> String {
    let mut text = String::new();
    match &value.data {
        Data::Missing(_) => text.push_str("missing"),
        Data::Unknown => text.push_str("unknown"),
        data if confidential => drop(write!(text, "({}, confidential)", data.noun())),
        Data::Str(_) | Data::Text(_) => drop(write!(text, "{:?}", value.as_str().unwrap_or_default())),
        // Its elements are not spelled out: one of them can be a credential among harmless ones.
        Data::List(_) => drop(write!(text, "(a list of {})", elements(value).unwrap_or_default().len())),
        Data::Node(node) if node.kind() == Kind::Seq => drop(write!(text, "(a list of {})", node.len())),
        _ => show(value, &mut text),
    }
    match text.char_indices().nth(TRACE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
