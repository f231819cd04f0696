//! `textDocument/hover`

use lsp_types as lsp;
use tacit_lang::ide;

use super::Answer;
use crate::from_proto::{manifest_position, rule_position};
use crate::server::State;
use crate::to_proto;

/// What is known of the place at the cursor: in rules names and types, in manifests where a reference leads.
pub fn hover(state: &mut State, params: lsp::HoverParams) -> Answer<lsp::HoverRequest> {
    let at = &params.text_document_position_params;
    if let Some((file, offset)) = rule_position(state, at) {
        let found = ide::hover::hover(&file.project.analysis, &file.module, offset);
        return Ok(found.map(|found| lsp::Hover {
            contents: lsp::Contents::MarkupContent(to_proto::markdown(found.markdown)),
            range: Some(file.lines.range(found.span)),
        }));
    }
    let Some((path, offset)) = manifest_position(state, at) else { return Ok(None) };
    Ok(crate::links::hover(state, &path, offset).map(|(range, text)| lsp::Hover {
        contents: lsp::Contents::MarkupContent(to_proto::markdown(text)),
        range: Some(range),
    }))
}
