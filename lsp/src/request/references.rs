//! `textDocument/references`

use lsp_types as lsp;
use tacit_lang::ide;

use super::Answer;
use crate::from_proto::rule_position;
use crate::server::State;
use crate::to_proto;

/// Every place that means what stands at the cursor.
pub fn references(state: &mut State, params: lsp::ReferenceParams) -> Answer<lsp::ReferencesRequest> {
    let Some((file, offset)) = rule_position(state, &params.text_document_position_params) else { return Ok(None) };
    let found = ide::references::references(&file.project.analysis, &file.module, offset);
    let wanted = found.iter().filter(|found| params.context.include_declaration || !found.declaration);
    Ok(Some(wanted.filter_map(|found| to_proto::location(state, file.project, &found.location)).collect()))
}
