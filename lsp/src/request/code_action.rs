//! `textDocument/codeAction`

use lsp_types as lsp;
use tacit_engine::time::{DAY, format_time};
use tacit_lang::diag::TextEdit;
use tacit_lang::ide::code_actions::{self as ide, Action, ActionKind};

use super::Answer;
use crate::documents::Language;
use crate::from_proto::{RuleFile, rule_file};
use crate::position::Lines;
use crate::server::State;
use crate::worker::now;
use crate::{fixes, to_proto, uri};

/// How long a waiver holds that the editor writes, in days.
const WAIVED: i64 = 90;

/// What can be changed at a place.
pub fn code_action(state: &mut State, params: lsp::CodeActionParams) -> Answer<lsp::CodeActionRequest> {
    let only = params.context.only.as_deref();
    let wanted = |kind: &lsp::CodeActionKind| only.is_none_or(|only| only.iter().any(|wanted| is_below(kind, wanted)));
    let mut actions = match rule_file(state, &params.text_document) {
        Some(file) => of_rules(state, &file, &params, only.is_some()),
        None => of_manifest(state, &params),
    };
    actions.retain(|action| action.kind.as_ref().is_some_and(wanted));
    Ok(Some(actions.into_iter().map(lsp::CodeActionResponse::CodeAction).collect()))
}

/// `refactor.extract` is below `refactor`.
fn is_below(kind: &lsp::CodeActionKind, wanted: &lsp::CodeActionKind) -> bool {
    let text = |kind: &lsp::CodeActionKind| {
        serde_json::to_value(kind).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let (kind, wanted) = (text(kind), text(wanted));
    wanted.is_empty() || kind == wanted || kind.starts_with(&format!("{wanted}."))
}

fn of_rules(state: &State, file: &RuleFile<'_>, params: &lsp::CodeActionParams, source: bool) -> Vec<lsp::CodeAction> {
    let analysis = &file.project.analysis;
    let uri = &params.text_document.uri;
    let path = uri::to_path(uri);
    let mut actions: Vec<lsp::CodeAction> = ide::code_actions(analysis, &file.module, file.span(params.range))
        .into_iter()
        .map(|action| {
            let diagnostics = action
                .diagnostic
                .as_ref()
                .map(|found| vec![to_proto::diagnostic(state, file.project, &path, file.lines, found)]);
            make(state, uri, file.lines, action, diagnostics)
        })
        .collect();
    // Editors ask for these by name, on saving a file.
    if source {
        let all = [
            ("mend all that can be mended", ActionKind::FixAll, ide::fix_all(analysis, &file.module)),
            ("sort the files that are used", ActionKind::Organize, ide::organize_uses(analysis, &file.module)),
        ];
        for (title, kind, edits) in all {
            if !edits.is_empty() {
                let action = Action { title: title.to_owned(), kind, edits, diagnostic: None, preferred: false };
                actions.push(make(state, uri, file.lines, action, None));
            }
        }
    }
    actions
}

fn make(
    state: &State,
    uri: &lsp::Uri,
    lines: Lines<'_>,
    action: Action,
    diagnostics: Option<Vec<lsp::Diagnostic>>,
) -> lsp::CodeAction {
    lsp::CodeAction {
        title: action.title,
        kind: Some(match action.kind {
            ActionKind::QuickFix => lsp::CodeActionKind::QuickFix,
            ActionKind::Extract => lsp::CodeActionKind::RefactorExtract,
            ActionKind::Inline => lsp::CodeActionKind::RefactorInline,
            ActionKind::Rewrite => lsp::CodeActionKind::RefactorRewrite,
            ActionKind::FixAll => lsp::CodeActionKind::SourceFixAll,
            ActionKind::Organize => lsp::CodeActionKind::SourceOrganizeImports,
        }),
        diagnostics,
        is_preferred: action.preferred.then_some(true),
        edit: Some(to_proto::workspace_edit(state, vec![(uri.clone(), to_proto::text_edits(lines, &action.edits))])),
        ..Default::default()
    }
}

/// What mends or excuses the findings of a manifest.
fn of_manifest(state: &State, params: &lsp::CodeActionParams) -> Vec<lsp::CodeAction> {
    let uri = &params.text_document.uri;
    let path = uri::to_path(uri);
    let Some(document) = state.documents.get(&path).filter(|document| document.language == Language::Manifest) else {
        return Vec::new();
    };
    let Some(project) = state.project_of(&path) else { return Vec::new() };
    let Some((text, findings)) = project.manifests.findings(&path) else { return Vec::new() };
    // The findings of an older text would be mended in the wrong place.
    if *text != *document.text {
        return Vec::new();
    }
    let lines = document.lines(state.encoding);
    let range = lines.span(params.range);
    let until = format_time(now() / DAY * DAY + WAIVED * DAY);
    let until = until.split('T').next().unwrap_or_default();
    // As findings name the file.
    let shown = path.strip_prefix(&project.base).unwrap_or(&path).display().to_string();
    let mut actions = Vec::new();
    for found in findings.iter().filter(|found| found.span.start <= range.end && range.start <= found.span.end) {
        let rule = &found.entry.rule;
        let mut offer = |title: String, edits: Vec<TextEdit>, preferred: bool| {
            let action = Action { title, kind: ActionKind::QuickFix, edits, diagnostic: None, preferred };
            actions.push(make(state, uri, lines, action, None));
        };
        if let Some(edits) = fixes::fix(text, &shown, found) {
            let remedy = &found.entry.remedy;
            let title = if remedy.is_empty() { format!("mend {rule}") } else { format!("{rule}: {remedy}") };
            offer(title, edits, true);
        }
        if let Some(edit) = fixes::waive(text, &shown, found, until) {
            offer(format!("waive {rule} here until {until}"), vec![edit], false);
        }
        if let Some(edits) = fixes::waive_object(text, &shown, found, until) {
            let kind = &found.entry.object.kind;
            offer(format!("waive {rule} for this {kind} until {until}"), edits, false);
        }
    }
    actions
}
