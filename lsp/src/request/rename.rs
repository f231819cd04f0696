//! `textDocument/prepareRename`, `textDocument/rename`

use lsp_types as lsp;
use tacit_lang::ide;
use tacit_lang::span::LineIndex;

use super::Answer;
use crate::from_proto::rule_position;
use crate::position::Lines;
use crate::project::text_of;
use crate::server::State;
use crate::to_proto;

/// The name that would be renamed.
pub fn prepare(state: &mut State, params: lsp::PrepareRenameParams) -> Answer<lsp::PrepareRenameRequest> {
    let Some((file, offset)) = rule_position(state, &params.text_document_position_params) else { return Ok(None) };
    let span = ide::rename::prepare(&file.project.analysis, &file.module, offset)?;
    Ok(Some(lsp::PrepareRenameResult::PrepareRenamePlaceholder(lsp::PrepareRenamePlaceholder {
        range: file.lines.range(span),
        placeholder: file.lines.text[span.range()].to_owned(),
    })))
}

/// Gives a name another text wherever it means the same, in the project file too.
pub fn rename(state: &mut State, params: lsp::RenameParams) -> Answer<lsp::RenameRequest> {
    let Some((file, offset)) = rule_position(state, &params.text_document_position_params) else { return Ok(None) };
    let analysis = &file.project.analysis;
    let span = ide::rename::prepare(analysis, &file.module, offset)?;
    let old = file.lines.text[span.range()].to_owned();
    let places = ide::rename::rename(analysis, &file.module, offset, &params.new_name)?;
    let mut edits: Vec<(lsp::Uri, Vec<lsp::TextEdit>)> = Vec::new();
    for place in places {
        if let Some(location) = to_proto::location(state, file.project, &place) {
            let edit = lsp::TextEdit { range: location.range, new_text: params.new_name.clone() };
            // The places come file by file.
            match edits.last_mut() {
                Some((uri, edits)) if *uri == location.uri => edits.push(edit),
                _ => edits.push((location.uri, vec![edit])),
            }
        }
    }
    let is_item = analysis.raw(&file.module).iter().any(|raw| {
        use tacit_lang::lexer::Keyword;
        matches!(raw.keyword, Some(Keyword::Rule | Keyword::Param | Keyword::Test | Keyword::Waive))
            && raw.span.touches(offset)
    });
    if is_item
        && let Some(config) = &file.project.config_file
        && let Some(text) = text_of(config, &state.documents)
    {
        let found = ide::rename::in_project_file(&text, &old, &params.new_name);
        let index = LineIndex::new(&text);
        let lines = Lines { text: &text, index: &index, encoding: state.encoding };
        if !found.is_empty() {
            edits.push((state.uri_of(config), to_proto::text_edits(lines, &found)));
        }
    }
    Ok(Some(to_proto::workspace_edit(state, edits)))
}
