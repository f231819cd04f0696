//! `textDocument/documentLink`

use lsp_types as lsp;
use tacit_lang::ide::document_links::{self as ide, LinkTarget};

use super::Answer;
use crate::from_proto::rule_file;
use crate::server::State;

/// The places of a rule file that lead elsewhere.
pub fn document_link(state: &mut State, params: lsp::DocumentLinkParams) -> Answer<lsp::DocumentLinkRequest> {
    let Some(file) = rule_file(state, &params.text_document) else { return Ok(None) };
    let mut links = Vec::new();
    for (span, target) in ide::document_links(&file.project.analysis, &file.module) {
        let target = match target {
            LinkTarget::Module(module) => match file.project.file(&module) {
                Some(path) => state.uri_of(&path),
                None => continue,
            },
            LinkTarget::Address(address) => lsp::Uri(address.to_string()),
        };
        links.push(lsp::DocumentLink {
            range: file.lines.range(span),
            target: Some(target),
            tooltip: None,
            data: None,
        });
    }
    Ok(Some(links))
}
