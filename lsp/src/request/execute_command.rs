//! `workspace/executeCommand`

use std::path::Path;
use std::sync::Arc;

use lsp_types as lsp;
use serde_json::{Value, json};
use tacit_engine::document::SourceText;
use tacit_engine::eval::{EvalOptions, Evaluator};
use tacit_engine::params;
use tacit_engine::run::{RunOptions, run};
use tacit_engine::source::Input;
use tacit_engine::testing::Tester;
use tacit_engine::time::parse_time;
use tacit_lang::span::LineIndex;

use super::Answer;
use crate::position::Lines;
use crate::project::{Project, text_of};
use crate::server::State;
use crate::uri;
use crate::worker::{key, now};

/// Runs the tests of a rule, or one of them.
pub const RUN_TESTS: &str = "tacit.runTests";
/// Shows the first finding of a rule.
pub const SHOW_FINDINGS: &str = "tacit.showFindings";
/// Evaluates a rule on a manifest, step by step.
pub const EVALUATE: &str = "tacit.evaluate";

/// All commands.
pub const COMMANDS: &[&str] = &[RUN_TESTS, SHOW_FINDINGS, EVALUATE];

/// The instant of tests that fix none: that of `tacit test`.
const TEST_NOW: &str = "2026-01-01";

/// Runs a command.
pub fn execute_command(state: &mut State, params: lsp::ExecuteCommandParams) -> Answer<lsp::ExecuteCommandRequest> {
    let arguments = params.arguments.and_then(|arguments| arguments.into_iter().next()).unwrap_or(Value::Null);
    match params.command.as_str() {
        RUN_TESTS => run_tests(state, &arguments).map(Some),
        SHOW_FINDINGS => show_findings(state, &arguments).map(Some),
        EVALUATE => evaluate(state, &arguments).map(Some),
        other => Err(format!("there is no command `{other}`")),
    }
}

fn text<'a>(arguments: &'a Value, key: &str) -> Option<&'a str> {
    arguments.get(key)?.as_str()
}

fn project<'s>(state: &'s State, arguments: &Value) -> Result<&'s Project, String> {
    let path = text(arguments, "uri").map(|address| uri::to_path(&lsp::Uri(address.to_owned())));
    match path {
        Some(path) => state.project_of(&path),
        None => state.projects.first(),
    }
    .ok_or_else(|| "no folder of the workspace holds this file".to_owned())
}

/// `{uri, rule, title?}`: what came of each test.
fn run_tests(state: &mut State, arguments: &Value) -> Result<Value, String> {
    let rule = text(arguments, "rule").ok_or("say which rule: `rule`")?.to_owned();
    let title = text(arguments, "title").map(str::to_owned);
    let project = project(state, arguments)?;
    let compiler = project.analysis.compiler();
    let is_it = |code: Option<&str>, name: &str| code == Some(&rule) || name == rule;
    let compiled = compiler.compile(&|head| is_it(head.code.as_deref(), &head.name), true);
    let schemas = compiler.schemas();
    let now = parse_time(TEST_NOW).unwrap_or_default();
    let mut tester = Tester::new(&compiled.program, schemas, now);
    let mut results = Vec::new();
    let mut tested = Vec::new();
    for test in &compiled.program.tests {
        if title.as_deref().is_some_and(|title| *test.ast.title.value != *title) {
            continue;
        }
        let outcome = tester.run(test);
        let failures: Vec<String> = outcome.failures.iter().map(|failure| failure.message.clone()).collect();
        results.push(json!({ "rule": test.rule, "title": test.ast.title.value, "passed": outcome.passed(), "failures": failures }));
        tested.push(((test.ast.rule.text.to_string(), test.ast.title.value.to_string()), failures));
    }
    if results.is_empty() {
        return Err(format!("`{rule}` has no test that can be run"));
    }
    let failed = tested.iter().filter(|(_, failures)| !failures.is_empty()).count();
    state.tested.extend(tested);
    let (kind, message) = match failed {
        0 => (lsp::MessageType::Info, format!("{rule}: {} tests passed", results.len())),
        failed => (lsp::MessageType::Warning, format!("{rule}: {failed} of {} tests failed", results.len())),
    };
    state.show(kind, message);
    if state.client.refresh_lenses {
        state.ask("workspace/codeLens/refresh", ());
    }
    Ok(Value::Array(results))
}

/// `{uri, rule}`: the places of all findings of a rule; the first is shown.
fn show_findings(state: &mut State, arguments: &Value) -> Result<Value, String> {
    let rule = text(arguments, "rule").ok_or("say which rule: `rule`")?;
    let project = project(state, arguments)?;
    let mut places = Vec::new();
    for (path, text, found) in project.manifests.of_rule(rule) {
        let index = LineIndex::new(text);
        let lines = Lines { text, index: &index, encoding: state.encoding };
        places.push(lsp::Location { uri: state.uri_of(path), range: lines.range(found.span) });
    }
    if let Some(first) = places.first().cloned()
        && state.client.show_document
    {
        state.ask(
            "window/showDocument",
            lsp::ShowDocumentParams {
                uri: first.uri,
                external: None,
                take_focus: Some(true),
                selection: Some(first.range),
            },
        );
    }
    serde_json::to_value(places).map_err(|error| error.to_string())
}

/// `{rule, uri}`: how the rule is evaluated on the objects of a manifest, and what it finds there.
fn evaluate(state: &mut State, arguments: &Value) -> Result<Value, String> {
    let rule = text(arguments, "rule").ok_or("say which rule: `rule`")?;
    let address = text(arguments, "uri").ok_or("say which manifest: `uri`")?;
    let path = uri::to_path(&lsp::Uri(address.to_owned()));
    let project = project(state, arguments)?;
    let manifest = text_of(&path, &state.documents).ok_or_else(|| format!("`{}` cannot be read", path.display()))?;
    let compiler = project.analysis.compiler();
    let compiled = compiler.compile(&|head| head.code.as_deref() == Some(rule) || *head.name == *rule, false);
    let found = compiled
        .program
        .rules
        .first()
        .cloned()
        .ok_or_else(|| format!("`{rule}` does not compile, or does not exist"))?;
    let schemas = compiler.schemas().clone();
    let program = Arc::new(compiled.program);
    let (values, _) = params::read(&program.params, &project.config.params);
    let options =
        EvalOptions { params: values, digest_key: key(), explain: Some(rule.into()), ..EvalOptions::at(now()) };
    let evaluator = Evaluator::new(program, schemas.clone(), options);
    // Named as in a check of the project.
    let name = path.strip_prefix(&project.base).unwrap_or(&path);
    let source = SourceText::new(name.display().to_string(), manifest.to_string());
    let input = Input::of_texts(vec![source], schemas.clone());
    let run_options = RunOptions { schemas, complete: project.config.complete.clone().unwrap_or_default() };
    let outcome = run(&input, &[], &evaluator, &run_options, &());
    let rule_text = project.analysis.text(&found.module);
    let index = LineIndex::new(rule_text);
    let lines = Lines { text: rule_text, index: &index, encoding: state.encoding };
    let steps: Vec<Value> = outcome
        .verdicts
        .trace
        .iter()
        .map(|step| {
            json!({
                "object": step.object.as_ref().map(|object| format!("{} {}", object.kind, object.name)),
                "depth": step.depth,
                "text": one_line(rule_text.get(step.span.range()).unwrap_or_default()),
                "range": lines.range(step.span),
                "value": step.value,
            })
        })
        .collect();
    // Messages go through the same cleaning as every report.
    let report = tacit_engine::report::build::build(
        outcome,
        &evaluator.program().rules,
        tacit_engine::report::build::Settings {
            now: now(),
            waivers: Vec::new(),
            baseline: None,
            severity: Vec::new(),
            idle: Vec::new(),
            notes: Vec::new(),
            excerpts: false,
        },
    );
    let rule_uri = project.file(&found.module).map(|path: std::path::PathBuf| state.uri_of(Path::new(&path)));
    Ok(json!({
        "rule": found.id(),
        "ruleUri": rule_uri,
        "steps": steps,
        "findings": report.findings.iter().map(|found| json!({ "message": found.message, "path": found.path, "line": found.location.line })).collect::<Vec<_>>(),
        "undecided": report.undecided.iter().map(|found| json!({ "reason": found.reason, "need": found.need })).collect::<Vec<_>>(),
    }))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
