//! Edits of collections in braces and brackets, which all of JSON is.

use serde_json::Value;
use tacit_lang::diag::TextEdit;

use super::Refusal;
use super::site::{Site, edit};
use super::write;
use crate::document::{Kind, Node};

/// The parts of a collection as they are written, each from its start to its end.
fn parts<'d>(site: &Site<'d>, node: Node<'d>) -> Vec<(usize, usize)> {
    match node.kind() {
        Kind::Map => site
            .written(node)
            .into_iter()
            .map(|(key, value)| (key.span().start as usize, site.end_of(value).max(key.span().end as usize)))
            .collect(),
        _ => node.items().map(|item| (site.start_of(item), site.end_of(item))).collect(),
    }
}

/// A new entry or item, behind the others and laid out as they are.
pub(super) fn insert<'d>(site: &Site<'d>, node: Node<'d>, key: Option<&str>, value: &Value) -> Vec<TextEdit> {
    let parts = parts(site, node);
    let inside = node.span().start as usize + 1;
    let Some(&(start, end)) = parts.last() else {
        let end = (node.span().end as usize).saturating_sub(1).max(inside);
        return vec![edit(inside, end, one(site, key, ": ", value))];
    };
    let own_line = site.between(inside, parts[0].0).contains('\n');
    let separator = match parts.len().checked_sub(2).map(|before| parts[before].1) {
        Some(before) if is_plain_gap(site.between(before, start)) => site.between(before, start).to_owned(),
        _ if own_line => format!(",{}{}", site.newline, " ".repeat(site.column(start))),
        _ => ", ".to_owned(),
    };
    let colon = site.first(node).map(|(key, value)| site.between(key.span().end as usize, value.span().start as usize));
    let colon = colon.filter(|colon| colon.trim() == ":" && !colon.contains('\n')).unwrap_or(": ");
    let text = if separator.contains('\n') {
        let column = site.column(start);
        let line = site.line_start(node.span().start as usize);
        let outer = site.between(line, start).chars().take_while(|c| *c == ' ').count();
        let indent = column.saturating_sub(outer);
        let shown = if site.json { write::pretty(site, value, column, indent) } else { write::flow(site, value) };
        key.map_or(shown.clone(), |key| format!("{}{colon}{shown}", write::key(site, key)))
    } else {
        one(site, key, colon, value)
    };
    vec![edit(end, end, format!("{separator}{text}"))]
}

fn one(site: &Site<'_>, key: Option<&str>, colon: &str, value: &Value) -> String {
    let shown = write::flow(site, value);
    key.map_or(shown.clone(), |key| format!("{}{colon}{shown}", write::key(site, key)))
}

/// True for a comma with blanks around it and nothing else.
fn is_plain_gap(text: &str) -> bool {
    text.trim() == ","
}

/// An entry or item goes, with one comma.
pub(super) fn remove<'d>(site: &Site<'d>, parent: Node<'d>, node: Node<'d>) -> Result<Vec<TextEdit>, Refusal> {
    let parts = parts(site, parent);
    let start = site.start_of(node);
    let at = parts.iter().position(|part| part.0 == start);
    let at = at.ok_or_else(|| Refusal::new("the field is written elsewhere"))?;
    let (start, end) = parts[at];
    let (from, to) = match (at.checked_sub(1).map(|before| parts[before]), parts.get(at + 1)) {
        (_, Some(next)) if is_plain_gap(site.between(end, next.0)) => (start, next.0),
        (Some(before), None) if is_plain_gap(site.between(before.1, start)) => (before.1, end),
        (None, None) => {
            let (open, close) = (parent.span().start as usize + 1, (parent.span().end as usize).saturating_sub(1));
            let blank = |text: &str| text.chars().all(|c| c.is_whitespace() || c == ',');
            if blank(site.between(open, start)) && blank(site.between(end, close)) {
                (open, close)
            } else {
                (start, end)
            }
        }
        _ => return Err(Refusal::new("a comment stands between the parts of the braces")),
    };
    Ok(vec![edit(from, to, "")])
}
