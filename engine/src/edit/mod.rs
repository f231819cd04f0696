//! Edits of manifests: a value is set or removed, and every byte outside the edit stays as it was. Comments, order,
//! indentation, quotes and line ends survive.
//!
//! An [`Editor`] holds the documents of a file apart, so that an edit reads one document and not the file. After each step
//! the document is read again and held against what the step was to make of it: what does not come out right is refused,
//! never written.

mod block;
mod diff;
mod flow;
mod json;
mod mend;
mod site;
mod step;
mod write;

use std::fmt;
use std::sync::Arc;

use tacit_lang::diag::TextEdit;
use tacit_lang::span::Span;

use crate::document::{LoadOptions, Node, NodePath, SourceText, TreeBuilder};
use crate::source::input::load;
use crate::verdict::EditAction;

pub use diff::{Hunk, Line, hunks, text_edits};
pub use mend::{Mended, MendedFile, Mender, Overlay, Refused, mend};

/// A change of one document.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which document of the file, from 0; broken and empty ones count.
    pub document: u32,
    /// The node, or the field that is to be written, from the root of the document.
    pub path: NodePath,
    /// What to do there.
    pub action: EditAction,
}

/// Why a change is not made. Never holds a part of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

impl Refusal {
    fn new(reason: &str) -> Refusal {
        Refusal(reason.to_owned())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// A file that is being edited.
#[derive(Clone)]
pub struct Editor {
    path: Arc<str>,
    parts: Vec<Part>,
}

/// A document, or text between documents that can be read.
#[derive(Clone)]
struct Part {
    document: Option<u32>,
    text: String,
}

impl Editor {
    /// Cuts a file into its documents.
    pub fn new(source: &Arc<SourceText>) -> Editor {
        let loaded = load(&mut TreeBuilder::new(), source, &LoadOptions::default(), &|_, _| true);
        let mut parts = Vec::new();
        let mut at = 0;
        for document in &loaded.documents {
            let Span { start, end } = document.span;
            if start < at || end < start {
                continue;
            }
            let mut part = |document, from, to| {
                let text = source.slice(Span::new(from, to)).to_owned();
                parts.push(Part { document, text });
            };
            if start > at {
                part(None, at, start);
            }
            part(Some(document.index), start, end);
            at = end;
        }
        let rest = source.text.get(at as usize..).unwrap_or("");
        parts.push(Part { document: None, text: rest.to_owned() });
        Editor { path: source.path.clone(), parts }
    }

    /// Makes changes, all of them or none. Values are written first, then nodes are removed, the last ones first, so that
    /// each path means what it meant before.
    pub fn change(&mut self, changes: &[Change]) -> Result<(), Refusal> {
        let mut ordered: Vec<&Change> = changes.iter().collect();
        ordered.sort_by(|a, b| match (&a.action, &b.action) {
            (EditAction::Set(_), EditAction::Set(_)) => std::cmp::Ordering::Equal,
            (EditAction::Set(_), EditAction::Remove) => std::cmp::Ordering::Less,
            (EditAction::Remove, EditAction::Set(_)) => std::cmp::Ordering::Greater,
            (EditAction::Remove, EditAction::Remove) => b.path.cmp(&a.path),
        });
        let mut edited: Vec<(usize, String)> = Vec::new();
        for change in ordered {
            let at = self.parts.iter().position(|part| part.document == Some(change.document));
            let at = at.ok_or_else(|| Refusal::new("the document is no longer there"))?;
            let before = edited.iter().find(|(other, _)| *other == at).map(|(_, text)| text.clone());
            let before = before.unwrap_or_else(|| self.parts[at].text.clone());
            let after = step::change(&self.path, before, change)?;
            edited.retain(|(other, _)| *other != at);
            edited.push((at, after));
        }
        for (at, text) in edited {
            self.parts[at].text = text;
        }
        Ok(())
    }

    /// The text of the file as it is now.
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }
}

/// The changes of a text as edits, for an editor that shows it.
pub fn edits(source: &Arc<SourceText>, changes: &[Change]) -> Result<Vec<TextEdit>, Refusal> {
    let mut editor = Editor::new(source);
    editor.change(changes)?;
    Ok(text_edits(&source.text, &editor.text()))
}

/// The node that a path leads to.
fn along<'d>(root: Node<'d>, path: &NodePath) -> Option<Node<'d>> {
    path.steps.iter().try_fold(root, step_of)
}

fn step_of<'d>(node: Node<'d>, step: &crate::document::Step) -> Option<Node<'d>> {
    match step {
        crate::document::Step::Key(key) => node.get(key),
        crate::document::Step::Index(index) => node.item(*index as usize),
    }
}

#[cfg(test)]
mod tests;
