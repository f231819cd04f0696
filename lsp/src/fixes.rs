//! What mends or excuses a finding, as edits of the manifest's text.

use tacit_engine::document::{LoadOptions, Node, NodePath, SourceText, Step, TreeBuilder};
use tacit_engine::edit::{self, Change};
use tacit_engine::source::input::load;
use tacit_engine::verdict::{Edit, EditAction};
use tacit_engine::waiver::MARK;
use tacit_lang::diag::TextEdit;
use tacit_lang::span::Span;

use crate::manifests::ManifestFinding;

/// The edits that the `fix` clauses of a finding's rule ask for; nothing where one of them cannot be made in this file.
pub fn fix(text: &str, path: &str, finding: &ManifestFinding) -> Option<Vec<TextEdit>> {
    if finding.edits.is_empty() {
        return None;
    }
    let source = SourceText::new(path, text.to_owned());
    let here = |edit: &Edit| edit.blocked.is_none() && *edit.place.source.path == *path;
    let changes: Option<Vec<_>> = finding.edits.iter().map(|edit| here(edit).then(|| edit.change())).collect();
    edit::edits(&source, &changes?).ok().filter(|edits| !edits.is_empty())
}

/// The outermost node that starts at an offset.
fn object_at(root: Node<'_>, offset: u32) -> Option<Node<'_>> {
    if root.span().start == offset {
        return Some(root);
    }
    root.get("items")?.items().find(|item| item.span().start == offset)
}

/// An annotation of the object that excuses the findings of a rule on it; the author puts in the reason. One that is there
/// already says more.
pub fn waive_object(text: &str, path: &str, finding: &ManifestFinding, until: &str) -> Option<Vec<TextEdit>> {
    let source = SourceText::new(path, text.to_owned());
    let loaded = load(&mut TreeBuilder::new(), &source, &LoadOptions::default(), &|_, _| true);
    let document = loaded.documents.iter().find(|document| document.span.touches(finding.object))?;
    let root = document.root();
    let object = object_at(root, finding.object)?;
    let mut steps = Vec::new();
    if object.span().start != root.span().start {
        let at = root.get("items")?.items().position(|item| item.span().start == finding.object)?;
        steps.extend([Step::Key("items".into()), Step::Index(u32::try_from(at).ok()?)]);
    }
    steps.extend(["metadata", "annotations", MARK].map(|key| Step::Key(key.into())));
    let before = object.get("metadata").and_then(|meta| meta.get("annotations")?.get(MARK)).and_then(Node::as_str);
    let waiver = format!("{} until {until}: why", finding.entry.rule);
    let value = before.filter(|text| !text.is_empty()).map(|text| format!("{text}; {waiver}")).unwrap_or(waiver);
    let action = EditAction::Set(value.into());
    let change = Change { document: document.index, path: NodePath { steps }, action };
    edit::edits(&source, &[change]).ok().filter(|edits| !edits.is_empty())
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
