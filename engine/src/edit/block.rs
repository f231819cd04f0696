//! Edits of collections that are laid out by indentation.

use serde_json::Value;
use tacit_lang::diag::TextEdit;

use super::Refusal;
use super::site::{Site, edit};
use super::write;
use crate::document::{Kind, Node, Style};

/// A node gets another value.
pub(super) fn replace<'d>(site: &Site<'d>, node: Node<'d>, value: &Value) -> Result<Vec<TextEdit>, Refusal> {
    let is_scalar = !matches!(node.kind(), Kind::Map | Kind::Seq);
    let simple = !matches!(value, Value::Array(items) if !items.is_empty())
        && !matches!(value, Value::Object(map) if !map.is_empty());
    let end = site.end_of(node);
    let start = node.span().start as usize;
    let in_flow =
        node.parent().is_some_and(|parent| site.is_flow(parent)) || node.ancestors().skip(1).any(|n| site.is_flow(n));
    let empty = node.is_null() && end <= start.max(node.key_span().map_or(0, |key| site.colon(key)));
    if is_scalar && !empty && (simple || in_flow) && !is_block_scalar(node) {
        let style = node.as_str().map(|_| node.style());
        let text = if simple { write_simple(site, value, style) } else { write::flow(site, value) };
        return Ok(vec![edit(start, end, text)]);
    }
    let Some(key) = node.key_span() else {
        // An item, or the root.
        if site.between(start, end).contains('#') && !is_scalar {
            return Err(Refusal::new("comments stand inside the value that would be replaced"));
        }
        return Ok(vec![edit(start, end.max(start), write::flow(site, value))]);
    };
    let colon = site.colon(key);
    if in_flow || site.is_flow(node) {
        let from = if end > colon { start } else { colon };
        let text = write::flow(site, value);
        let text = if end > colon { text } else { format!(" {text}") };
        return Ok(vec![edit(from, end.max(colon), text)]);
    }
    if end > colon && !is_block_scalar(node) && site.between(colon, end).contains('#') {
        return Err(Refusal::new("comments stand inside the value that would be replaced"));
    }
    let text = write::behind_colon(site, value, site.column(key.start as usize));
    if end <= colon && text.contains('\n') && !site.between(colon, site.line_end(colon)).trim().is_empty() {
        // A comment behind the colon stays there.
        let at = colon + site.between(colon, site.line_end(colon)).trim_end().len();
        return Ok(vec![edit(at, at, text)]);
    }
    Ok(vec![edit(colon, end.max(colon), text)])
}

fn write_simple(site: &Site<'_>, value: &Value, style: Option<Style>) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => write::flow(site, value),
        _ => write::scalar(site, value, style),
    }
}

fn is_block_scalar(node: Node<'_>) -> bool {
    !matches!(node.kind(), Kind::Map | Kind::Seq) && matches!(node.style(), Style::Literal | Style::Folded)
}

/// A new entry of a block mapping; the places that suit, the best one first.
pub(super) fn insert<'d>(site: &Site<'d>, node: Node<'d>, key: &str, value: &Value) -> Vec<Vec<TextEdit>> {
    let written = site.written(node);
    let Some((first, _)) = written.first() else { return Vec::new() };
    let first = first.span().start as usize;
    let column = site.column(first);
    let text = write::entry(site, key, value, column);
    let mut candidates = Vec::new();
    // A short entry joins the short ones; a long one goes to the end.
    let is_short = !text.contains('\n');
    let one_line = |value: &Node<'d>| {
        let end = site.end_of(*value);
        site.line_start(site.start_of(*value)) == site.line_start(end)
    };
    let behind = match is_short {
        true => written.iter().map(|(_, value)| value).rfind(|value| one_line(value)),
        false => written.last().map(|(_, value)| value),
    };
    let head = vec![edit(first, first, format!("{text}{}{}", site.newline, " ".repeat(column)))];
    candidates.extend(behind.map(|value| behind_line(site, site.end_of(*value), &text, column)));
    candidates.push(head);
    candidates.extend(written.last().map(|(_, value)| behind_line(site, site.end_of(*value), &text, column)));
    candidates
}

/// A new item of a block sequence.
pub(super) fn append<'d>(site: &Site<'d>, node: Node<'d>, value: &Value) -> Vec<Vec<TextEdit>> {
    let Some(last) = node.items().last() else { return Vec::new() };
    let Some(dash) = site.dash_of(last) else { return Vec::new() };
    let column = site.column(dash);
    vec![behind_line(site, site.end_of(last), &write::item(site, value, column), column)]
}

/// A new line behind that of an offset.
fn behind_line(site: &Site<'_>, end: usize, text: &str, column: usize) -> Vec<TextEdit> {
    let indent = " ".repeat(column);
    let at = site.line_end(end);
    // The last line may have no end; none is added then.
    match site.between(end, at).ends_with('\n') {
        true => vec![edit(at, at, format!("{indent}{text}{}", site.newline))],
        false => vec![edit(at, at, format!("{}{indent}{text}", site.newline))],
    }
}

/// An entry or item of a block collection goes, with its lines.
pub(super) fn remove<'d>(site: &Site<'d>, parent: Node<'d>, node: Node<'d>) -> Result<Vec<TextEdit>, Refusal> {
    let is_map = parent.kind() == Kind::Map;
    let unusual = || Refusal::new("the layout there is one that the edit would break");
    let start = if is_map { site.start_of(node) } else { site.dash_of(node).ok_or_else(unusual)? };
    let end = site.end_of(node).max(start);
    if !site.ends_line(end) {
        return Err(unusual());
    }
    let siblings: Vec<usize> = match is_map {
        true => site.written(parent).iter().map(|(key, _)| key.span().start as usize).collect(),
        false => parent.items().filter_map(|item| site.dash_of(item)).collect(),
    };
    let next = siblings.iter().copied().find(|other| *other > start);
    let line = site.line_start(start);
    let before = site.between(line, start);
    let whole = edit(line, site.line_end(end), "");
    let alone = siblings.len() < 2;
    if before.trim_matches([' ', '\u{feff}']).is_empty() {
        if !alone {
            return Ok(vec![whole]);
        }
        // The last one of its collection leaves an empty one behind.
        let empty = if is_map { "{}" } else { "[]" };
        return match parent.key_span() {
            Some(key) => {
                let colon = site.colon(key);
                Ok(vec![edit(colon, colon, format!(" {empty}")), whole])
            }
            None => Err(unusual()),
        };
    }
    // It stands behind a dash, on the line of an outer one.
    if !before.chars().all(|c| c == ' ' || c == '-') {
        return Err(unusual());
    }
    match next {
        Some(next) if site.between(end, next).trim().is_empty() => Ok(vec![edit(start, next, "")]),
        Some(_) => Ok(vec![edit(start, end, "")]),
        None => Ok(vec![edit(start, end, if is_map { "{}" } else { "[]" })]),
    }
}
