//! `textDocument/selectionRange`

use lsp_types as lsp;
use tacit_lang::ide;

use super::Answer;
use crate::from_proto::rule_file;
use crate::server::State;

/// The parts of the text around each position, from a word outwards.
pub fn selection_range(state: &mut State, params: lsp::SelectionRangeParams) -> Answer<lsp::SelectionRangeRequest> {
    let Some(file) = rule_file(state, &params.text_document) else { return Ok(None) };
    let around = |position| {
        let spans = ide::selection_range::selection_range(&file.project.analysis, &file.module, file.offset(position));
        let mut range: Option<Box<lsp::SelectionRange>> = None;
        for span in spans.into_iter().rev() {
            range = Some(Box::new(lsp::SelectionRange { range: file.lines.range(span), parent: range }));
        }
        match range {
            Some(range) => *range,
            None => lsp::SelectionRange { range: lsp::Range { start: position, end: position }, parent: None },
        }
    };
    Ok(Some(params.positions.into_iter().map(around).collect()))
}
