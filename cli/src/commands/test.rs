//! `tacit test`: the tests of rules.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use tacit_engine::testing::{Tested, Tester, add, gaps};
use tacit_engine::time;
use tacit_engine::verdict::ClauseCount;
use tacit_lang::schema::Schemas;
use tacit_lang::span::Span;

use crate::args::TestArgs;
use crate::library::{Compiled, Library};
use crate::project::Rules;
use crate::status::Status;
use crate::{diagnostics, terminal};

/// The instant of tests that fix none: the same in every run.
const NOW: &str = "2026-01-01";

/// Runs the tests and tells which failed, and why.
pub fn run(args: &TestArgs) -> Result<Status, String> {
    let mut rules = Rules::read(&args.rules)?;
    rules.paths.extend(args.paths.iter().cloned());
    let library = Library::load(&rules)?;
    let compiled = library.compile_tests(&Schemas::builtin(), &rules.selection);
    let color = terminal::color(args.color);
    for (problem, module) in &compiled.errors {
        eprint!("{}", diagnostics::render(problem, &library.shown(*module), library.text(*module), color));
    }
    let now = time::parse_time(NOW).unwrap_or_default();
    let mut tester = Tester::new(&compiled.program, &compiled.schemas, now);
    let (mut out, mut passed, mut failed) = (String::new(), 0, 0);
    let mut counts: BTreeMap<Arc<str>, Vec<ClauseCount>> = BTreeMap::new();
    for test in &compiled.program.tests {
        if library.is_std(&test.module) && !args.std {
            continue;
        }
        let tested = tester.run(test);
        add(counts.entry(test.rule.clone()).or_default(), &tested.clauses);
        if tested.passed() {
            passed += 1;
        } else {
            failed += 1;
            failure(&tested, &compiled, &library, color, &mut out);
        }
    }
    if args.coverage {
        coverage(args, &compiled, &library, &counts, &mut out);
    }
    let _ = writeln!(out, "{passed} passed, {failed} failed");
    terminal::print(&out)?;
    if passed + failed == 0 && compiled.errors.is_empty() {
        return Err("no test was run: name rule files, or a directory with some".to_owned());
    }
    Ok(match (compiled.errors.is_empty(), failed) {
        (false, _) => Status::Usage,
        (true, 0) => Status::Clean,
        (true, _) => Status::Findings,
    })
}

fn failure(tested: &Tested, compiled: &Compiled, library: &Library, color: bool, out: &mut String) {
    let test = &tested.test;
    let red = |text: &str| if color { format!("\u{1b}[31m{text}\u{1b}[0m") } else { text.to_owned() };
    let _ = writeln!(out, "{} {} \"{}\"", red("failed"), test.rule, test.ast.title.value);
    for failure in &tested.failures {
        let line = library.line(&test.module, failure.span);
        let message = failure.message.replace('\n', "\n    ");
        let _ = writeln!(out, "  {}:{line}: {message}", library.shown_name(&test.module));
    }
    let text = library.module_text(&test.module).unwrap_or_default();
    let rule = compiled.program.rules.iter().find(|rule| *rule.id() == test.rule || rule.name == test.rule);
    for step in rule.map(|rule| decisive(tested, rule.span)).unwrap_or_default() {
        let part = text.get(step.0.range()).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(out, "  {part}  → {}", step.1);
    }
    out.push('\n');
}

/// The steps that lead up to the first condition that did not hold, for the first object.
fn decisive(tested: &Tested, rule: Span) -> Vec<(Span, &str)> {
    let mut steps = Vec::new();
    let first = tested.trace.first().map(|step| &step.object);
    // Steps inside of functions and fields stand in other modules.
    for step in tested.trace.iter().filter(|step| Some(&step.object) == first && rule.contains(step.span)) {
        steps.push((step.span, step.value.as_str()));
        if step.depth == 0 && matches!(step.value.as_str(), "false" | "missing") {
            break;
        }
        if steps.len() == 20 {
            break;
        }
    }
    steps
}

fn coverage(
    args: &TestArgs,
    compiled: &Compiled,
    library: &Library,
    counts: &BTreeMap<Arc<str>, Vec<ClauseCount>>,
    out: &mut String,
) {
    let (mut covered, mut all) = (0, 0);
    for rule in compiled.program.rules.iter().filter(|rule| args.std || !library.is_std(&rule.module)) {
        let of_rule = counts.get(rule.id()).or_else(|| counts.get(&rule.name));
        let gaps = gaps(rule, of_rule.map_or(&[][..], Vec::as_slice));
        all += rule.clauses.len();
        covered += rule.clauses.len() - gaps.len();
        let text = library.module_text(&rule.module).unwrap_or_default();
        for gap in gaps {
            let line = library.line(&rule.module, gap.span);
            let part = text.get(gap.span.range()).unwrap_or_default().lines().next().unwrap_or_default();
            let _ = writeln!(
                out,
                "{}:{line}: {} {}: {}",
                library.shown_name(&rule.module),
                rule.id(),
                gap.what,
                part.trim()
            );
        }
    }
    let share = (covered * 100).checked_div(all).unwrap_or(100);
    let _ = writeln!(out, "{share} % of {all} clauses are decided by tests");
}
