//! `workspace/symbol`

use lsp_types as lsp;
use tacit_lang::ide::symbols;

use super::Answer;
use crate::server::State;
use crate::to_proto;

/// More than anyone reads.
const MOST: usize = 256;

/// Items of all rule files whose names match.
pub fn workspace_symbol(state: &mut State, params: lsp::WorkspaceSymbolParams) -> Answer<lsp::WorkspaceSymbolRequest> {
    let mut found = Vec::new();
    for project in &state.projects {
        for (place, symbol) in symbols::workspace(&project.analysis, &params.query).into_iter().take(MOST) {
            let Some(location) = to_proto::location(state, project, &place) else { continue };
            found.push(lsp::WorkspaceSymbol {
                location: lsp::WorkspaceSymbolLocation::Location(location),
                data: None,
                base_symbol_information: lsp::BaseSymbolInformation {
                    name: symbol.name,
                    kind: to_proto::symbol_kind(symbol.keyword),
                    tags: None,
                    container_name: Some(place.module.to_string()),
                },
            });
        }
    }
    Ok(Some(lsp::WorkspaceSymbolResponse::WorkspaceSymbolList(found)))
}
