//! `textDocument/formatting`, `textDocument/rangeFormatting`, `textDocument/onTypeFormatting`

use lsp_types as lsp;
use tacit_lang::ide::formatting as ide;

use super::Answer;
use crate::from_proto::rule_file;
use crate::server::State;
use crate::to_proto;

/// The layout of a file, as `tacit fmt` sets it.
pub fn document(state: &mut State, params: lsp::DocumentFormattingParams) -> Answer<lsp::DocumentFormattingRequest> {
    let Some(file) = rule_file(state, &params.text_document) else { return Ok(None) };
    let edits = ide::document(&file.project.analysis, &file.module);
    Ok(Some(to_proto::text_edits(file.lines, &edits)))
}

/// The layout of the items that a range touches.
pub fn range(
    state: &mut State,
    params: lsp::DocumentRangeFormattingParams,
) -> Answer<lsp::DocumentRangeFormattingRequest> {
    let Some(file) = rule_file(state, &params.text_document) else { return Ok(None) };
    let edits = ide::range(&file.project.analysis, &file.module, file.span(params.range));
    Ok(Some(to_proto::text_edits(file.lines, &edits)))
}

/// The indentation of a line that was just begun.
pub fn on_type(
    state: &mut State,
    params: lsp::DocumentOnTypeFormattingParams,
) -> Answer<lsp::DocumentOnTypeFormattingRequest> {
    let Some(file) = rule_file(state, &params.text_document) else { return Ok(None) };
    let edits = ide::on_type(&file.project.analysis, &file.module, file.offset(params.position));
    Ok(Some(to_proto::text_edits(file.lines, &edits)))
}
