//! `textDocument/completion`, `completionItem/resolve`

use lsp_types as lsp;
use serde_json::json;
use tacit_lang::ide::completion::{self as ide, Completion};

use super::Answer;
use crate::from_proto::rule_position;
use crate::server::State;
use crate::{to_proto, uri};

/// What can stand at the cursor. Documentation follows when the client asks for it.
pub fn completion(state: &mut State, params: lsp::CompletionParams) -> Answer<lsp::CompletionRequest> {
    let at = &params.text_document_position_params;
    let Some((file, offset)) = rule_position(state, at) else { return Ok(None) };
    // A blank is typed all the time: only where names of rules, kinds or values are sure to follow are they offered.
    let typed = params.context.as_ref().and_then(|context| context.trigger_character.as_deref());
    if typed == Some(" ") && !wants_name(&file.lines.text[..offset as usize]) {
        return Ok(None);
    }
    let found = ide::completion(&file.project.analysis, &file.module, offset);
    let range = file.lines.range(found.replace);
    let data = |label: &str| json!({ "uri": at.text_document.uri, "line": at.position.line, "character": at.position.character, "label": label });
    let items = found
        .items
        .into_iter()
        .map(|item| lsp::CompletionItem {
            kind: Some(to_proto::completion_kind(item.kind)),
            sort_text: Some(format!("{:02}{}", item.rank, item.label)),
            detail: (!item.detail.is_empty()).then(|| item.detail.clone()),
            insert_text_format: (item.snippet && state.client.snippets).then_some(lsp::InsertTextFormat::Snippet),
            text_edit: Some(lsp::CompletionItemTextEdit::TextEdit(lsp::TextEdit {
                range,
                new_text: written(&item, state.client.snippets),
            })),
            data: (!item.doc.is_empty()).then(|| data(&item.label)),
            label: item.label,
            ..Default::default()
        })
        .collect();
    Ok(Some(lsp::CompletionResponse::CompletionList(lsp::CompletionList {
        is_incomplete: false,
        items,
        ..Default::default()
    })))
}

fn wants_name(before: &str) -> bool {
    let words = ["in", "of", "to", "test", "waive", "controls", "tags", "as", "for", "expect", "|"];
    before.split_whitespace().next_back().is_some_and(|word| words.contains(&word))
}

fn written(item: &Completion, snippets: bool) -> String {
    if item.snippet && !snippets { item.label.clone() } else { item.insert.clone() }
}

/// Adds the documentation of a proposal.
pub fn resolve(state: &mut State, mut item: lsp::CompletionItem) -> Answer<lsp::CompletionResolveRequest> {
    let doc = item.data.as_ref().and_then(|data| {
        let path = uri::to_path(&lsp::Uri(data.get("uri")?.as_str()?.to_owned()));
        let number = |key: &str| data.get(key)?.as_u64().and_then(|number| u32::try_from(number).ok());
        let position = lsp::Position { line: number("line")?, character: number("character")? };
        let at = lsp::TextDocumentPositionParams {
            text_document: lsp::TextDocumentIdentifier { uri: state.uri_of(&path) },
            position,
        };
        let (file, offset) = rule_position(state, &at)?;
        let label = data.get("label")?.as_str()?;
        let found = ide::completion(&file.project.analysis, &file.module, offset);
        found.items.into_iter().find(|other| other.label == label).map(|other| other.doc)
    });
    if let Some(doc) = doc.filter(|doc| !doc.is_empty()) {
        item.documentation = Some(lsp::Documentation::MarkupContent(to_proto::markdown(doc)));
    }
    Ok(item)
}
