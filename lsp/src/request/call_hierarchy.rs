//! `textDocument/prepareCallHierarchy`, `callHierarchy/incomingCalls`, `callHierarchy/outgoingCalls`

use lsp_types as lsp;
use tacit_lang::ide::call_hierarchy::{self as ide, Node};
use tacit_lang::ide::{Location, definition};
use tacit_lang::span::{LineIndex, Span};

use super::Answer;
use crate::from_proto::rule_position;
use crate::position::Lines;
use crate::project::Project;
use crate::server::State;
use crate::{to_proto, uri};

/// The item at the cursor.
pub fn prepare(state: &mut State, params: lsp::CallHierarchyPrepareParams) -> Answer<lsp::CallHierarchyPrepareRequest> {
    let Some((file, offset)) = rule_position(state, &params.text_document_position_params) else { return Ok(None) };
    let node = ide::prepare(&file.project.analysis, &file.module, offset);
    Ok(node.and_then(|node| item(state, file.project, &node)).map(|item| vec![item]))
}

/// Who uses an item.
pub fn incoming(
    state: &mut State,
    params: lsp::CallHierarchyIncomingCallsParams,
) -> Answer<lsp::CallHierarchyIncomingCallsRequest> {
    let Some((project, node)) = node(state, &params.item) else { return Ok(None) };
    let calls = ide::incoming(&project.analysis, &node);
    Ok(Some(
        calls
            .iter()
            .filter_map(|(from, spans)| {
                let from_ranges = ranges(state, project, from, spans);
                Some(lsp::CallHierarchyIncomingCall { from: item(state, project, from)?, from_ranges })
            })
            .collect(),
    ))
}

/// What an item uses.
pub fn outgoing(
    state: &mut State,
    params: lsp::CallHierarchyOutgoingCallsParams,
) -> Answer<lsp::CallHierarchyOutgoingCallsRequest> {
    let Some((project, node)) = node(state, &params.item) else { return Ok(None) };
    let calls = ide::outgoing(&project.analysis, &node);
    Ok(Some(
        calls
            .iter()
            .filter_map(|(to, spans)| {
                let from_ranges = ranges(state, project, &node, spans);
                Some(lsp::CallHierarchyOutgoingCall { to: item(state, project, to)?, from_ranges })
            })
            .collect(),
    ))
}

fn item(state: &State, project: &Project, node: &Node) -> Option<lsp::CallHierarchyItem> {
    let raw = project.analysis.raw(&node.module).get(node.index)?;
    let name = definition::name_span(&project.analysis, &node.module, node.index)?;
    let whole = to_proto::location(state, project, &Location { module: node.module.clone(), span: raw.span })?;
    let named = to_proto::location(state, project, &Location { module: node.module.clone(), span: name })?;
    Some(lsp::CallHierarchyItem {
        name: project.analysis.text(&node.module)[name.range()].to_owned(),
        kind: to_proto::symbol_kind(raw.keyword),
        tags: None,
        detail: Some(node.module.to_string()),
        uri: whole.uri,
        range: whole.range,
        selection_range: named.range,
        data: serde_json::to_value((&*node.module, &project.root)).ok(),
    })
}

/// The item that a client gives back.
fn node<'s>(state: &'s State, item: &lsp::CallHierarchyItem) -> Option<(&'s Project, Node)> {
    let data = item.data.as_ref()?;
    let module = data.get(0)?.as_str()?;
    let root = std::path::Path::new(data.get(1)?.as_str()?);
    let project = state
        .projects
        .iter()
        .find(|project| project.root == root)
        .or_else(|| state.project_of(&uri::to_path(&item.uri)))?;
    let text = project.analysis.text(module);
    let index = LineIndex::new(text);
    let offset = Lines { text, index: &index, encoding: state.encoding }.offset(item.selection_range.start);
    Some((project, Node { module: module.into(), index: project.analysis.item_at(module, offset)? }))
}

fn ranges(state: &State, project: &Project, node: &Node, spans: &[Span]) -> Vec<lsp::Range> {
    let text = project.analysis.text(&node.module);
    let index = LineIndex::new(text);
    let lines = Lines { text, index: &index, encoding: state.encoding };
    spans.iter().map(|span| lines.range(*span)).collect()
}
