//! A change of a document as single steps, each of which reads the document, edits its text, and reads it again.

use std::sync::Arc;

use serde_json::{Map, Value};
use tacit_lang::diag::TextEdit;

use super::site::Site;
use super::{Change, Refusal, along, block, flow, json, step_of};
use crate::document::{Document, Kind, LoadOptions, Node, NodePath, SourceText, Step, TreeBuilder};
use crate::source::input::load;
use crate::source::json::value as value_of;
use crate::verdict::EditAction;

/// One step. Paths count from the root of the document.
enum Op {
    /// A node gets another value.
    Replace(NodePath, Value),
    /// A mapping gets an entry.
    Insert(NodePath, Box<str>, Value),
    /// A sequence gets an item at its end.
    Append(NodePath, Value),
    /// An entry or item goes.
    Remove(NodePath),
}

/// The text of a document after a change.
pub(super) fn change(path: &Arc<str>, text: String, change: &Change) -> Result<String, Refusal> {
    let document = read(path, &text)?;
    let root = document.root();
    if is_encrypted(root) {
        return Err(Refusal::new(
            "the document is encrypted with SOPS, and its MAC covers every value: use `sops edit`",
        ));
    }
    let ops = match &change.action {
        EditAction::Remove => match along(root, &change.path) {
            Some(_) => vec![Op::Remove(change.path.clone())],
            // Another finding's fix was quicker.
            None => return Ok(text),
        },
        EditAction::Set(value) => {
            let mut ops = Vec::new();
            set(root, &change.path, value, &mut ops)?;
            ops
        }
    };
    drop(document);
    let mut text = text;
    for op in &ops {
        text = one(path, &text, op)?;
    }
    Ok(text)
}

/// True for a document that carries the metadata of SOPS.
fn is_encrypted(root: Node<'_>) -> bool {
    root.get("sops").is_some_and(|sops| sops.get("mac").is_some() || sops.get("lastmodified").is_some())
}

fn read(path: &Arc<str>, text: &str) -> Result<Document, Refusal> {
    let source = SourceText::new(path.clone(), text.to_owned());
    let loaded = load(&mut TreeBuilder::new(), &source, &LoadOptions::default(), &|_, _| true);
    let mut documents = loaded.documents.into_iter();
    match (documents.next(), documents.next(), loaded.errors.is_empty()) {
        (Some(document), None, true) => Ok(document),
        _ => Err(Refusal::new("the document would no longer read")),
    }
}

fn set(root: Node<'_>, path: &NodePath, value: &Value, ops: &mut Vec<Op>) -> Result<(), Refusal> {
    let mut node = root;
    for (at, step) in path.steps.iter().enumerate() {
        if let Some(next) = step_of(node, step) {
            node = next;
            continue;
        }
        let here = NodePath { steps: path.steps[..at].to_vec() };
        let mut tail = value.clone();
        for step in path.steps[at + 1..].iter().rev() {
            tail = match step {
                Step::Key(key) => Value::Object(Map::from_iter([(key.to_string(), tail)])),
                Step::Index(0) => Value::Array(vec![tail]),
                Step::Index(_) => return Err(Refusal::new("the items before the new one are missing")),
            };
        }
        match (step, node.kind()) {
            (Step::Key(key), Kind::Map) => ops.push(Op::Insert(here, key.clone(), tail)),
            (Step::Key(key), Kind::Null) => {
                let map = Value::Object(Map::from_iter([(key.to_string(), tail)]));
                ops.push(Op::Replace(here, map));
            }
            (Step::Index(index), Kind::Seq) if *index as usize == node.len() => ops.push(Op::Append(here, tail)),
            _ => return Err(Refusal::new("something else stands where the field belongs")),
        }
        return Ok(());
    }
    reconcile(node, path, value, ops);
    Ok(())
}

/// The fewest steps from a node to a value, so that comments between what stays are kept.
fn reconcile(node: Node<'_>, path: &NodePath, value: &Value, ops: &mut Vec<Op>) {
    if value_of(node) == *value {
        return;
    }
    let below = |step: Step| path.clone().join(step);
    match (node.kind(), value) {
        (Kind::Map, Value::Object(new)) if !new.is_empty() && !node.is_empty() => {
            for (key, wanted) in new {
                match node.get(key) {
                    Some(entry) => reconcile(entry, &below(Step::Key(key.as_str().into())), wanted, ops),
                    None => ops.push(Op::Insert(path.clone(), key.as_str().into(), wanted.clone())),
                }
            }
            for (key, ..) in node.entries().filter(|(key, ..)| !new.contains_key(*key)) {
                ops.push(Op::Remove(below(Step::Key(key.into()))));
            }
        }
        (Kind::Seq, Value::Array(new)) if !new.is_empty() && !node.is_empty() => {
            let old: Vec<Value> = node.items().map(value_of).collect();
            if new.starts_with(&old) {
                ops.extend(new[old.len()..].iter().map(|item| Op::Append(path.clone(), item.clone())));
            } else if let Some(gone) = dropped(&old, new) {
                ops.extend(gone.into_iter().rev().map(|at| Op::Remove(below(Step::Index(at as u32)))));
            } else if old.len() == new.len() {
                for (at, (item, wanted)) in node.items().zip(new).enumerate() {
                    reconcile(item, &below(Step::Index(at as u32)), wanted, ops);
                }
            } else {
                ops.push(Op::Replace(path.clone(), value.clone()));
            }
        }
        _ => ops.push(Op::Replace(path.clone(), value.clone())),
    }
}

/// The items that are gone, where nothing else changed.
fn dropped(old: &[Value], new: &[Value]) -> Option<Vec<usize>> {
    let mut wanted = new.iter().peekable();
    let mut gone = Vec::new();
    for (at, item) in old.iter().enumerate() {
        if wanted.next_if(|next| *next == item).is_none() {
            gone.push(at);
        }
    }
    wanted.next().is_none().then_some(gone)
}

/// The text after one step, held against what the step is to make of the document.
fn one(path: &Arc<str>, text: &str, op: &Op) -> Result<String, Refusal> {
    let document = read(path, text)?;
    let mut expected = value_of(document.root());
    let known = match op {
        Op::Replace(path, value) => json::set(&mut expected, path, value),
        Op::Insert(path, key, value) => json::set(&mut expected, &path.clone().join(Step::Key(key.clone())), value),
        Op::Append(path, value) => {
            let at = along(document.root(), path).map_or(0, Node::len);
            json::set(&mut expected, &path.clone().join(Step::Index(at as u32)), value)
        }
        Op::Remove(path) => json::remove(&mut expected, path),
    };
    let (Op::Replace(at, _) | Op::Insert(at, ..) | Op::Append(at, _) | Op::Remove(at)) = op;
    let node = along(document.root(), at).filter(|_| known);
    let node = node.ok_or_else(|| Refusal::new("the field is no longer there"))?;
    check_alias(node, matches!(op, Op::Insert(..) | Op::Append(..)))?;
    let site = Site::new(&document, path.ends_with(".json") || text.trim_start().starts_with('{'));
    let candidates = match op {
        Op::Replace(_, value) => vec![block::replace(&site, node, value)?],
        Op::Insert(_, key, value) if site.is_flow(node) => vec![flow::insert(&site, node, Some(key), value)],
        Op::Insert(_, key, value) => block::insert(&site, node, key, value),
        Op::Append(_, value) if site.is_flow(node) => vec![flow::insert(&site, node, None, value)],
        Op::Append(_, value) => block::append(&site, node, value),
        Op::Remove(_) => match node.parent() {
            Some(parent) if site.is_flow(parent) => vec![flow::remove(&site, parent, node)?],
            Some(parent) => vec![block::remove(&site, parent, node)?],
            None => return Err(Refusal::new("a whole document is not removed")),
        },
    };
    for edits in candidates {
        let Some(edited) = apply(text, edits) else { continue };
        if read(path, &edited).is_ok_and(|after| value_of(after.root()) == expected) {
            return Ok(edited);
        }
    }
    Err(Refusal::new(if text.contains('&') && text.contains('*') {
        "anchors and aliases take part: what is changed here would change elsewhere too"
    } else {
        "the layout there is one that the edit would break"
    }))
}

/// What an alias brings in is written elsewhere, and may be used by others. The alias itself can be replaced.
fn check_alias(node: Node<'_>, inside: bool) -> Result<(), Refusal> {
    let by_alias = node.use_span().is_some_and(|span| inside || span != node.span());
    if by_alias || node.is_merge_source() {
        return Err(Refusal::new("the value comes from an anchor: change it there"));
    }
    Ok(())
}

/// Applies edits that do not overlap.
fn apply(text: &str, mut edits: Vec<TextEdit>) -> Option<String> {
    edits.sort_by_key(|edit| edit.span);
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in &edits {
        out.push_str(text.get(at..edit.span.start as usize)?);
        out.push_str(&edit.text);
        at = edit.span.end as usize;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}
