//! What mends or excuses a finding, as edits of the manifest's text.

use tacit_engine::document::{Kind, LoadOptions, Node, NodePath, SourceText, Step, Style, TreeBuilder};
use tacit_engine::source::input::load;
use tacit_engine::verdict::{Edit, EditAction};
use tacit_engine::waiver::MARK;
use tacit_lang::diag::TextEdit;
use tacit_lang::span::Span;

use crate::manifests::ManifestFinding;

/// The edits that the `fix` clauses of a finding's rule ask for; nothing where one of them cannot be written without
/// touching the layout around it.
pub fn fix(text: &str, path: &str, finding: &ManifestFinding) -> Option<Vec<TextEdit>> {
    if finding.edits.is_empty() {
        return None;
    }
    let source = SourceText::new(path, text.to_owned());
    let loaded = load(&mut TreeBuilder::new(), &source, &LoadOptions::default(), &|_, _| true);
    let document = loaded.documents.iter().find(|document| document.span.touches(finding.object))?;
    let object = object_at(document.root(), finding.object)?;
    finding.edits.iter().map(|edit| one(text, object, edit)).collect()
}

/// The outermost node that starts at an offset.
fn object_at(root: Node<'_>, offset: u32) -> Option<Node<'_>> {
    if root.span().start == offset {
        return Some(root);
    }
    root.get("items")?.items().find(|item| item.span().start == offset)
}

fn one(text: &str, object: Node<'_>, edit: &Edit) -> Option<TextEdit> {
    let node = along(object, &edit.place.path);
    match (&edit.action, node) {
        (EditAction::Remove, Some(node)) => remove(text, node),
        (EditAction::Set(value), Some(node)) if is_scalar(node) => {
            Some(TextEdit { span: node.content_span(), text: scalar(value)? })
        }
        (EditAction::Set(value), None) => insert(text, object, &edit.place.path, value),
        _ => None,
    }
}

fn along<'d>(object: Node<'d>, path: &NodePath) -> Option<Node<'d>> {
    path.steps.iter().try_fold(object, |node, step| match step {
        Step::Key(key) => node.get(key),
        Step::Index(index) => node.item(*index as usize),
    })
}

fn is_scalar(node: Node<'_>) -> bool {
    !matches!(node.kind(), Kind::Map | Kind::Seq)
}

fn scalar(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Some(value.to_string()),
        // A text in quotes is read as a text, whatever it looks like.
        serde_json::Value::String(_) => serde_json::to_string(value).ok(),
        _ => None,
    }
}

/// The lines of an entry of a block mapping.
fn remove(text: &str, node: Node<'_>) -> Option<TextEdit> {
    let key = node.key_span()?;
    let whole = key.to(node.span());
    let start = text[..whole.start as usize].rfind('\n').map_or(0, |at| at + 1);
    if !text[start..whole.start as usize].trim().is_empty() {
        return None;
    }
    let end = whole.start as usize + text[whole.range()].trim_end().len();
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    let behind = text[end..line_end].trim();
    (behind.is_empty() || behind.starts_with('#'))
        .then(|| TextEdit { span: Span::new(start as u32, line_end as u32), text: String::new() })
}

/// A new entry at the head of the deepest block mapping that is there; missing parents are made.
fn insert(text: &str, object: Node<'_>, path: &NodePath, value: &serde_json::Value) -> Option<TextEdit> {
    let mut node = object;
    let mut at = 0;
    for step in &path.steps {
        let next = match step {
            Step::Key(key) => node.get(key),
            Step::Index(index) => Some(node.item(*index as usize)?),
        };
        let Some(next) = next else { break };
        node = next;
        at += 1;
    }
    let missing: Option<Vec<&str>> = path.steps[at..]
        .iter()
        .map(|step| match step {
            Step::Key(key) => Some(&**key),
            Step::Index(_) => None,
        })
        .collect();
    let missing = missing?;
    let first = node.entries().next()?.1.span();
    if node.kind() != Kind::Map || node.style() == Style::Flow {
        return None;
    }
    let start = text[..first.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let column = text[start..first.start as usize].chars().count();
    let mut lines = String::new();
    for (depth, key) in missing.iter().enumerate() {
        let indent = if depth == 0 { String::new() } else { " ".repeat(column + 2 * depth) };
        let last = depth + 1 == missing.len();
        let shown = if last { format!(" {}", scalar(value)?) } else { String::new() };
        lines.push_str(&format!("{indent}{}:{shown}\n", key_text(key)));
    }
    lines.push_str(&" ".repeat(column));
    Some(TextEdit { span: Span::at(first.start), text: lines })
}

fn key_text(key: &str) -> String {
    let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'));
    if plain { key.to_owned() } else { serde_json::to_string(key).unwrap_or_default() }
}

/// A comment above the place of a finding that excuses it; the author puts in the reason. None for JSON, which has no
/// comments.
pub fn waive(text: &str, path: &str, finding: &ManifestFinding, until: &str) -> Option<TextEdit> {
    if path.ends_with(".json") {
        return None;
    }
    let source = SourceText::new(path, text.to_owned());
    let loaded = load(&mut TreeBuilder::new(), &source, &LoadOptions::default(), &|_, _| true);
    let document = loaded.documents.iter().find(|document| document.span.touches(finding.object))?;
    let object = object_at(document.root(), finding.object)?;
    // A comment is about the entry on the next line: the deepest node that is there, with its key.
    let mut node = object;
    for step in &finding.path.steps {
        let next = match step {
            Step::Key(key) => node.get(key),
            Step::Index(index) => node.item(*index as usize),
        };
        let Some(next) = next else { break };
        node = next;
    }
    let first = node.key_span().unwrap_or(node.span()).start;
    let start = text.get(..first as usize)?.rfind('\n').map_or(0, |at| at + 1);
    let line = &text[start..];
    let indent = line.len() - line.trim_start_matches(' ').len();
    let comment = format!("{}# {MARK}: \"{} until {until}: why\"\n", " ".repeat(indent), finding.entry.rule);
    Some(TextEdit { span: Span::at(start as u32), text: comment })
}
