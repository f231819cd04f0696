//! `textDocument/inlayHint`

use lsp_types as lsp;
use tacit_lang::ide;

use super::Answer;
use crate::from_proto::rule_file;
use crate::server::State;

/// Types that nobody wrote, and the days left on waivers.
pub fn inlay_hint(state: &mut State, params: lsp::InlayHintParams) -> Answer<lsp::InlayHintRequest> {
    let Some(file) = rule_file(state, &params.text_document) else { return Ok(None) };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs();
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let hints = ide::inlay_hints::inlay_hints(&file.project.analysis, &file.module, file.span(params.range), now);
    Ok(Some(
        hints
            .into_iter()
            .map(|hint| lsp::InlayHint {
                position: file.lines.position(hint.offset),
                label: lsp::Label::String(hint.label),
                kind: hint.is_type.then_some(lsp::InlayHintKind::Type),
                text_edits: None,
                tooltip: None,
                padding_left: Some(!hint.is_type),
                padding_right: None,
                data: None,
            })
            .collect(),
    ))
}
