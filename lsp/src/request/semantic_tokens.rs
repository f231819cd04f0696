//! `textDocument/semanticTokens/full`, `…/full/delta`, `…/range`

use lsp_types as lsp;
use tacit_lang::ide;

use super::Answer;
use crate::from_proto::rule_file;
use crate::server::State;
use crate::{to_proto, uri};

/// All words of a rule file with their classes.
pub fn full(state: &mut State, params: lsp::SemanticTokensParams) -> Answer<lsp::SemanticTokensRequest> {
    Ok(tokens(state, &params.text_document, None).map(|data| remember(state, &params.text_document, data)))
}

/// The words of a part of a rule file.
pub fn range(state: &mut State, params: lsp::SemanticTokensRangeParams) -> Answer<lsp::SemanticTokensRangeRequest> {
    let data = tokens(state, &params.text_document, Some(params.range));
    Ok(data.map(|data| lsp::SemanticTokens { result_id: None, data }))
}

/// What changed since an earlier answer; everything where that answer is forgotten.
pub fn delta(state: &mut State, params: lsp::SemanticTokensDeltaParams) -> Answer<lsp::SemanticTokensDeltaRequest> {
    let Some(data) = tokens(state, &params.text_document, None) else { return Ok(None) };
    let path = uri::to_path(&params.text_document.uri);
    let before = state.tokens.get(&path).filter(|(id, _)| *id == params.previous_result_id).map(|(_, old)| old.clone());
    let new = remember(state, &params.text_document, data);
    Ok(Some(match before {
        Some(before) => lsp::SemanticTokensDeltaResponse::SemanticTokensDelta(lsp::SemanticTokensDelta {
            result_id: new.result_id.clone(),
            edits: difference(&before, &flat(&new.data)).into_iter().collect(),
        }),
        None => lsp::SemanticTokensDeltaResponse::SemanticTokens(new),
    }))
}

fn tokens(
    state: &State,
    document: &lsp::TextDocumentIdentifier,
    range: Option<lsp::Range>,
) -> Option<Vec<lsp::SemanticToken>> {
    let file = rule_file(state, document)?;
    let span = range.map(|range| file.span(range));
    let found = ide::semantic_tokens::semantic_tokens(&file.project.analysis, &file.module, span);
    Some(to_proto::semantic_tokens(file.lines, state.encoding, &found))
}

fn remember(
    state: &mut State,
    document: &lsp::TextDocumentIdentifier,
    data: Vec<lsp::SemanticToken>,
) -> lsp::SemanticTokens {
    let id = state.result_id();
    state.tokens.insert(uri::to_path(&document.uri), (id.clone(), flat(&data)));
    lsp::SemanticTokens { result_id: Some(id), data }
}

fn flat(tokens: &[lsp::SemanticToken]) -> Vec<u32> {
    tokens
        .iter()
        .flat_map(|t| [t.delta_line, t.delta_start, t.length, t.token_type, t.token_modifiers_bitset])
        .collect()
}

/// One edit that makes the second list of the first.
fn difference(old: &[u32], new: &[u32]) -> Option<lsp::SemanticTokensEdit> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    (old != new).then(|| lsp::SemanticTokensEdit {
        start: start as u32,
        delete_count: (old.len() - start - end) as u32,
        data: Some(new[start..new.len() - end].to_vec()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_leads_from_one_list_to_the_other() {
        let cases: [(&[u32], &[u32]); 4] = [(&[1, 2, 3], &[1, 9, 3]), (&[], &[1]), (&[1, 1, 1], &[1, 1]), (&[1], &[1])];
        for (old, new) in cases {
            let mut made = old.to_vec();
            if let Some(edit) = difference(old, new) {
                let start = edit.start as usize;
                made.splice(start..start + edit.delete_count as usize, edit.data.unwrap_or_default());
            }
            assert_eq!(made, new);
        }
    }
}
