//! `textDocument/codeLens`

use lsp_types as lsp;
use serde_json::json;
use tacit_lang::ide::code_lens::{self as ide, Lens};
use tacit_lang::span::Span;

use super::Answer;
use super::execute_command::{RUN_TESTS, SHOW_FINDINGS};
use crate::from_proto::rule_file;
use crate::server::State;

/// What can be run, what came of it, and how many findings a rule has in the workspace.
pub fn code_lens(state: &mut State, params: lsp::CodeLensParams) -> Answer<lsp::CodeLensRequest> {
    let Some(file) = rule_file(state, &params.text_document) else { return Ok(None) };
    let uri = &params.text_document.uri;
    let mut lenses = Vec::new();
    for (span, lens) in ide::code_lens(&file.project.analysis, &file.module) {
        let range = file.lines.range(Span::at(span.start));
        let mut push = |title: String, command: &str, arguments: serde_json::Value| {
            lenses.push(lsp::CodeLens {
                range,
                command: Some(lsp::Command {
                    title,
                    tooltip: None,
                    command: command.to_owned(),
                    arguments: Some(vec![arguments]),
                }),
                data: None,
            });
        };
        match lens {
            Lens::Rule { rule, tests } => {
                if tests > 0 {
                    let title = if tests == 1 { "run 1 test".to_owned() } else { format!("run {tests} tests") };
                    push(title, RUN_TESTS, json!({ "uri": uri, "rule": rule }));
                }
                if file.project.manifests.last().is_some() {
                    let found = file.project.manifests.of_rule(&rule).len();
                    let title = if found == 1 { "1 finding".to_owned() } else { format!("{found} findings") };
                    push(title, SHOW_FINDINGS, json!({ "uri": uri, "rule": rule }));
                }
            }
            Lens::Test { rule, title } => {
                let outcome = match state.tested.get(&(rule.to_string(), title.to_string())) {
                    None => "run this test".to_owned(),
                    Some(failures) if failures.is_empty() => "passed: run again".to_owned(),
                    Some(failures) => format!("failed: {}", failures[0]),
                };
                push(outcome, RUN_TESTS, json!({ "uri": uri, "rule": rule, "title": title }));
            }
        }
    }
    Ok(Some(lenses))
}
