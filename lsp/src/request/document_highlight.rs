//! `textDocument/documentHighlight`

use lsp_types as lsp;
use tacit_lang::ide;

use super::Answer;
use crate::from_proto::rule_position;
use crate::server::State;

/// The places of the document that mean what stands at the cursor.
pub fn document_highlight(
    state: &mut State,
    params: lsp::DocumentHighlightParams,
) -> Answer<lsp::DocumentHighlightRequest> {
    let Some((file, offset)) = rule_position(state, &params.text_document_position_params) else { return Ok(None) };
    let found = ide::highlight::highlight(&file.project.analysis, &file.module, offset);
    let kind =
        |declaration| if declaration { lsp::DocumentHighlightKind::Write } else { lsp::DocumentHighlightKind::Read };
    Ok(Some(
        found
            .iter()
            .map(|found| lsp::DocumentHighlight {
                range: file.lines.range(found.location.span),
                kind: Some(kind(found.declaration)),
            })
            .collect(),
    ))
}
