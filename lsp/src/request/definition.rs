//! `textDocument/definition`, `textDocument/declaration`, `textDocument/typeDefinition`

use lsp_types as lsp;
use tacit_lang::ide::definition::{self as ide, Definition};

use super::Answer;
use crate::from_proto::{RuleFile, manifest_position, rule_position};
use crate::server::State;
use crate::to_proto;

type At = lsp::TextDocumentPositionParams;

/// Where a name is declared; in a manifest, what a reference leads to.
pub fn definition(state: &mut State, params: lsp::DefinitionParams) -> Answer<lsp::DefinitionRequest> {
    let places = places(state, &params.text_document_position_params, ide::definition);
    Ok(places.map(|places| lsp::DefinitionResponse::Definition(lsp::Definition::LocationList(places))))
}

/// The same: rule files declare what they define.
pub fn declaration(state: &mut State, params: lsp::DeclarationParams) -> Answer<lsp::DeclarationRequest> {
    let places = places(state, &params.text_document_position_params, ide::definition);
    Ok(places.map(|places| lsp::DeclarationResponse::Declaration(lsp::Declaration::LocationList(places))))
}

/// Where the type of a name is declared: a view, a group, a kind, the CustomResourceDefinition of a kind.
pub fn type_definition(state: &mut State, params: lsp::TypeDefinitionParams) -> Answer<lsp::TypeDefinitionRequest> {
    let places = places(state, &params.text_document_position_params, ide::type_definition);
    Ok(places.map(|places| lsp::TypeDefinitionResponse::Definition(lsp::Definition::LocationList(places))))
}

type Find = fn(&tacit_lang::ide::Analysis, &str, u32) -> Option<Definition>;

fn places(state: &State, at: &At, find: Find) -> Option<Vec<lsp::Location>> {
    if let Some((file, offset)) = rule_position(state, at) {
        let found = find(&file.project.analysis, &file.module, offset)?;
        return place(state, &file, found).map(|place| vec![place]);
    }
    let (path, offset) = manifest_position(state, at)?;
    let places = crate::links::definition(state, &path, offset);
    (!places.is_empty()).then_some(places)
}

fn place(state: &State, file: &RuleFile<'_>, found: Definition) -> Option<lsp::Location> {
    match found {
        Definition::Place(place) => to_proto::location(state, file.project, &place),
        Definition::Kind(kind) => {
            let info = file.project.analysis.compiler().schemas().kind(kind);
            file.project.manifests.custom_kind(state, &info.group, &info.name)
        }
    }
}
