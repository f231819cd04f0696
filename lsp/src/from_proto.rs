//! From the protocol to offsets in modules.

use std::path::PathBuf;
use std::sync::Arc;

use lsp_types::{Position, Range, TextDocumentIdentifier, TextDocumentPositionParams};
use tacit_lang::span::Span;

use crate::documents::Language;
use crate::position::Lines;
use crate::project::Project;
use crate::server::State;
use crate::uri;

/// A rule file that a request is about.
pub struct RuleFile<'s> {
    /// Its project.
    pub project: &'s Project,
    /// Its module.
    pub module: Arc<str>,
    /// Its text with its lines.
    pub lines: Lines<'s>,
}

impl RuleFile<'_> {
    /// The offset of a position.
    pub fn offset(&self, position: Position) -> u32 {
        self.lines.offset(position)
    }

    /// The span of a range.
    pub fn span(&self, range: Range) -> Span {
        self.lines.span(range)
    }
}

/// The rule file of a document that is open.
pub fn rule_file<'s>(state: &'s State, document: &TextDocumentIdentifier) -> Option<RuleFile<'s>> {
    let path = uri::to_path(&document.uri);
    let open = state.documents.get(&path)?;
    if open.language != Language::Rules {
        return None;
    }
    let project = state.project_of(&path)?;
    let module = project.module(&path)?;
    Some(RuleFile { project, module, lines: open.lines(state.encoding) })
}

/// The rule file and the offset that a request is about.
pub fn rule_position<'s>(state: &'s State, params: &TextDocumentPositionParams) -> Option<(RuleFile<'s>, u32)> {
    let file = rule_file(state, &params.text_document)?;
    let offset = file.offset(params.position);
    Some((file, offset))
}

/// A manifest that is open, and the offset that a request is about.
pub fn manifest_position(state: &State, params: &TextDocumentPositionParams) -> Option<(PathBuf, u32)> {
    let path = uri::to_path(&params.text_document.uri);
    let open = state.documents.get(&path)?;
    let offset = (open.language == Language::Manifest).then(|| open.lines(state.encoding).offset(params.position))?;
    Some((path, offset))
}
