//! `textDocument/documentSymbol`

use lsp_types as lsp;
use tacit_lang::ide::symbols::{self, Symbol};

use super::Answer;
use crate::from_proto::rule_file;
use crate::position::Lines;
use crate::server::State;
use crate::to_proto;

/// The items of a rule file.
pub fn document_symbol(state: &mut State, params: lsp::DocumentSymbolParams) -> Answer<lsp::DocumentSymbolRequest> {
    let Some(file) = rule_file(state, &params.text_document) else { return Ok(None) };
    let found = symbols::document(&file.project.analysis, &file.module);
    let symbols = found.into_iter().map(|symbol| convert(file.lines, symbol)).collect();
    Ok(Some(lsp::DocumentSymbolResponse::DocumentSymbolList(symbols)))
}

#[allow(deprecated, reason = "the structure has the field")]
fn convert(lines: Lines<'_>, symbol: Symbol) -> lsp::DocumentSymbol {
    lsp::DocumentSymbol {
        name: symbol.name,
        detail: (!symbol.detail.is_empty()).then_some(symbol.detail),
        kind: to_proto::symbol_kind(symbol.keyword),
        tags: None,
        deprecated: None,
        range: lines.range(symbol.span),
        selection_range: lines.range(symbol.selection),
        children: Some(symbol.children.into_iter().map(|child| convert(lines, child)).collect()),
    }
}
