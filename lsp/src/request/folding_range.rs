//! `textDocument/foldingRange`

use lsp_types as lsp;
use tacit_lang::ide::folding::{self as ide, FoldKind};

use super::Answer;
use crate::from_proto::rule_file;
use crate::server::State;

/// The parts of a rule file that can be folded.
pub fn folding_range(state: &mut State, params: lsp::FoldingRangeParams) -> Answer<lsp::FoldingRangeRequest> {
    let Some(file) = rule_file(state, &params.text_document) else { return Ok(None) };
    let folds = ide::folding(&file.project.analysis, &file.module);
    Ok(Some(
        folds
            .into_iter()
            .map(|fold| {
                let range = file.lines.range(fold.span);
                lsp::FoldingRange {
                    start_line: range.start.line,
                    start_character: None,
                    end_line: range.end.line,
                    end_character: None,
                    kind: Some(match fold.kind {
                        FoldKind::Region => lsp::FoldingRangeKind::Region,
                        FoldKind::Comment => lsp::FoldingRangeKind::Comment,
                    }),
                    collapsed_text: None,
                }
            })
            .collect(),
    ))
}
