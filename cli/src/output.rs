//! The reports of a run, and the exit status that follows from them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tacit_engine::baseline::Baseline;
use tacit_engine::config::plain;
use tacit_engine::report::build::{Settings, build};
use tacit_engine::report::controls::{Controls, Framework};
use tacit_engine::report::model::Report;
use tacit_engine::report::{self, text::Text};
use tacit_engine::run::Outcome;
use tacit_engine::waiver;
use tacit_lang::ast::Severity;

use crate::args::{ReportArgs, VerdictArgs};
use crate::clock::Clock;
use crate::library::{Compiled, Library};
use crate::project::Terms;
use crate::status::Status;
use crate::{diagnostics, explanation, terminal};

/// What a run came to.
pub struct Ended {
    /// The rules that ran.
    pub compiled: Compiled,
    /// What they said.
    pub outcome: Outcome,
    /// What is wrong with values of params.
    pub problems: Vec<String>,
    /// What else to tell.
    pub notes: Vec<String>,
}

/// Says before a run what would keep its reports from being written.
pub fn check(args: &ReportArgs, terms: &Terms) -> Result<(), String> {
    framework(args, &outputs(args)?)?;
    terms.baseline.as_deref().map(Baseline::load).transpose()?;
    Ok(())
}

/// Makes the report of a run, writes it in every format asked for, and says how the run ends. `nothing` tells why no rule
/// met anything.
pub fn conclude(
    library: &Library,
    terms: &Terms,
    args: &ReportArgs,
    verdicts: &VerdictArgs,
    ended: Ended,
    clock: &mut Clock,
    nothing: impl Fn(&Report) -> String,
) -> Result<Status, String> {
    let Ended { compiled, mut outcome, problems, notes } = ended;
    let outputs = outputs(args)?;
    let framework = framework(args, &outputs)?;
    let baseline = terms.baseline.as_deref().map(Baseline::load).transpose()?;
    let trace = std::mem::take(&mut outcome.verdicts.trace);
    let times: Vec<(Arc<str>, Duration)> = compiled
        .program
        .rules
        .iter()
        .zip(&outcome.verdicts.rules)
        .map(|(rule, run)| (rule.id().clone(), run.time))
        .collect();
    let mut waivers = terms.waivers.clone();
    for waiver in
        waiver::of_items(&compiled.program.waivers, &compiled.schemas, &|module, span| library.line(module, span))
    {
        waivers.push(waiver?);
    }
    let evaluated = outcome.verdicts.rules.iter().any(|run| run.objects > 0);
    let report = build(
        outcome,
        &compiled.program.rules,
        Settings {
            now: terms.now,
            waivers,
            baseline: baseline.as_ref(),
            severity: terms.severity.clone(),
            idle: compiled.idle.clone(),
            notes,
            excerpts: outputs.iter().any(|(format, _)| report::shows_source(format)),
        },
    );
    clock.lap("report");

    let color = terminal::color(args.color);
    for (problem, module) in &compiled.errors {
        eprint!("{}", diagnostics::render(problem, &library.shown(*module), library.text(*module), color));
    }
    for problem in &problems {
        eprintln!("tacit: {problem}");
    }
    let controls = framework.map(|framework| Controls::of(&report, &framework));
    write(&report, controls.as_ref(), &outputs, args, color)?;
    if let Some(rule) = &args.explain {
        terminal::print(&explanation::trace(rule, &trace, &compiled.program, library, color))?;
    }
    if let Some(file) = &verdicts.write_baseline {
        let baseline = Baseline::of(&report);
        std::fs::write(file, baseline.to_text()).map_err(|error| format!("{}: {}", file.display(), plain(&error)))?;
        eprintln!("tacit: wrote {} findings to {}", baseline.len(), file.display());
    }
    clock.lap("write");
    if args.timings {
        clock.tell(&times);
    }
    if !evaluated && compiled.errors.is_empty() {
        eprintln!("tacit: {}", nothing(&report));
    }
    let failed = !compiled.errors.is_empty() || !problems.is_empty() || !evaluated;
    Ok(status(&report, terms, failed))
}

/// How a run ends; `failed`: something of it did not run.
fn status(report: &Report, terms: &Terms, failed: bool) -> Status {
    let fails = report
        .findings
        .iter()
        .filter(|finding| finding.waived.is_none())
        .any(|finding| Severity::parse(finding.severity).is_some_and(|severity| terms.fail_on.fails(severity)));
    if failed {
        Status::Usage
    } else if !report.inputs.skipped.is_empty() {
        Status::Unread
    } else if fails || (terms.strict && !report.undecided.is_empty()) {
        Status::Findings
    } else {
        Status::Clean
    }
}

/// Pairs of a format and where it goes; the standard output takes one.
fn outputs(args: &ReportArgs) -> Result<Vec<(String, Option<PathBuf>)>, String> {
    let file = |file: &PathBuf| (file.as_os_str() != "-").then(|| file.clone());
    let outputs: Vec<_> =
        args.reports.iter().map(|(format, output)| (format.clone(), output.as_ref().and_then(file))).collect();
    if outputs.iter().filter(|(_, file)| file.is_none()).count() > 1 {
        return Err("two reports cannot share the standard output: give all but one an --output".to_owned());
    }
    Ok(outputs)
}

/// The framework by whose controls the report is sorted.
fn framework(args: &ReportArgs, outputs: &[(String, Option<PathBuf>)]) -> Result<Option<Framework>, String> {
    let Some(wanted) = &args.framework else { return Ok(None) };
    if let Some((format, _)) = outputs.iter().find(|(format, _)| !matches!(&**format, "text" | "json" | "markdown")) {
        return Err(format!("--framework is written as text, json or markdown, not as {format}"));
    }
    let known = tacit_stdlib::FRAMEWORKS.iter().find(|(name, _)| name == wanted);
    known.map(|(name, text)| Framework::parse(name, text)).transpose()
}

/// Writes every report that was asked for.
fn write(
    report: &Report,
    controls: Option<&Controls>,
    outputs: &[(String, Option<PathBuf>)],
    args: &ReportArgs,
    color: bool,
) -> Result<(), String> {
    for (name, file) in outputs {
        let text = Text { color: color && file.is_none(), verbose: args.verbose };
        let mut out = String::new();
        match (controls, report::format(name, text)) {
            (Some(controls), _) => out = controls.write(name).unwrap_or_default(),
            (None, Some(format)) => {
                format.write(report, &mut out).map_err(|_| format!("the report could not be written as {name}"))?;
            }
            (None, None) => continue,
        }
        match file {
            None => terminal::print(&out)?,
            Some(file) => {
                std::fs::write(file, out).map_err(|error| format!("{}: {}", file.display(), plain(&error)))?
            }
        }
    }
    Ok(())
}
