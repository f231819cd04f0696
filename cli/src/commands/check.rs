//! `tacit check`: manifests against rules.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tacit_engine::baseline::Baseline;
use tacit_engine::config::plain;
use tacit_engine::report::build::{Settings, build};
use tacit_engine::report::controls::{Controls, Framework};
use tacit_engine::report::model::Report;
use tacit_engine::report::{self, text::Text};
use tacit_engine::run::{self, Outcome, RenderedFile};
use tacit_engine::source::{Input, render};
use tacit_engine::waiver;
use tacit_lang::ast::Severity;

use crate::args::CheckArgs;
use crate::evaluation::{Ready, options};
use crate::library::Library;
use crate::progress::Line;
use crate::project::{Check, Rules};
use crate::status::Status;
use crate::{diagnostics, explanation, terminal, watch};

/// Checks once, or again and again.
pub fn run(args: &CheckArgs) -> Result<Status, String> {
    if args.watch { watch::run(args, once) } else { once(args) }
}

fn once(args: &CheckArgs) -> Result<Status, String> {
    let mut clock = Clock::new();
    let rules = Rules::read(&args.rules)?;
    let check = Check::read(args, &rules.config)?;
    let outputs = outputs(args)?;
    let framework = framework(args, &outputs)?;
    let baseline = check.baseline.as_deref().map(Baseline::load).transpose()?;
    let library = Library::load(&rules)?;
    clock.lap("read rules");
    let mut input = Input::find(&check.walk, check.namespace.clone())?;
    clock.lap("find files");
    let rendered = if check.render { render::render(&mut input) } else { Vec::new() };
    if check.render {
        clock.lap("render");
    }
    run::check_complete(&check.complete, &input.schemas)?;

    // A report by controls tells of rules too that meet nothing.
    let mentions = framework.is_none().then_some(&input.mentions);
    let mut ran = Ran::new(args, &rules, &check, &library, &input, mentions, &rendered, &mut clock)?;
    if ran.ready.missed(&ran.outcome, &input) {
        ran = Ran::new(args, &rules, &check, &library, &input, None, &rendered, &mut clock)?;
    }
    let Ran { ready: Ready { compiled, problems, .. }, mut outcome } = ran;
    let trace = std::mem::take(&mut outcome.verdicts.trace);
    let times: Vec<(Arc<str>, Duration)> = compiled
        .program
        .rules
        .iter()
        .zip(&outcome.verdicts.rules)
        .map(|(rule, run)| (rule.id().clone(), run.time))
        .collect();
    let mut waivers = check.waivers.clone();
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
            now: check.now,
            waivers,
            baseline: baseline.as_ref(),
            severity: check.severity.clone(),
            idle: compiled.idle.clone(),
            notes: input.notes.clone(),
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
        terminal::print(&explanation::trace(rule, &trace, &compiled.program, &library, color))?;
    }
    if let Some(file) = &args.write_baseline {
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
    Ok(status(&report, &check, failed))
}

/// One evaluation.
struct Ran {
    ready: Ready,
    outcome: Outcome,
}

impl Ran {
    #[allow(clippy::too_many_arguments, reason = "the parts of a run, each from another step")]
    fn new(
        args: &CheckArgs,
        rules: &Rules,
        check: &Check,
        library: &Library,
        input: &Input,
        mentions: Option<&HashSet<String>>,
        rendered: &[RenderedFile],
        clock: &mut Clock,
    ) -> Result<Ran, String> {
        let options = options(check, args.explain.as_deref(), args.timings);
        let ready = Ready::new(rules, check, library, input, mentions, options);
        clock.lap("compile rules");
        let line = Line::new(args.watch);
        let outcome = run::run(input, rendered, &ready.evaluator, &ready.options, &line);
        line.finish();
        for (phase, time) in &outcome.phases {
            clock.add(phase, *time);
        }
        clock.restart();
        Ok(Ran { ready, outcome })
    }
}

fn nothing(report: &Report) -> String {
    let rules = report.rules.len();
    match (report.inputs.objects, rules) {
        (_, 0) => "nothing was evaluated: no rule is selected".to_owned(),
        (0, _) => "nothing was evaluated: the input holds no Kubernetes object".to_owned(),
        (objects, _) => {
            format!("nothing was evaluated: none of the {rules} rules is about the {objects} objects of the input")
        }
    }
}

fn status(report: &Report, check: &Check, failed: bool) -> Status {
    let fails = report
        .findings
        .iter()
        .filter(|finding| finding.waived.is_none())
        .any(|finding| Severity::parse(finding.severity).is_some_and(|severity| check.fail_on.fails(severity)));
    if failed {
        Status::Usage
    } else if !report.inputs.skipped.is_empty() {
        Status::Unread
    } else if fails || (check.strict && !report.undecided.is_empty()) {
        Status::Findings
    } else {
        Status::Clean
    }
}

/// Pairs of a format and where it goes; the standard output takes one.
fn outputs(args: &CheckArgs) -> Result<Vec<(String, Option<PathBuf>)>, String> {
    let file = |file: &PathBuf| (file.as_os_str() != "-").then(|| file.clone());
    let outputs: Vec<_> =
        args.reports.iter().map(|(format, output)| (format.clone(), output.as_ref().and_then(file))).collect();
    if outputs.iter().filter(|(_, file)| file.is_none()).count() > 1 {
        return Err("two reports cannot share the standard output: give all but one an --output".to_owned());
    }
    Ok(outputs)
}

/// The framework by whose controls the report is sorted.
fn framework(args: &CheckArgs, outputs: &[(String, Option<PathBuf>)]) -> Result<Option<Framework>, String> {
    let Some(wanted) = &args.framework else { return Ok(None) };
    if let Some((format, _)) = outputs.iter().find(|(format, _)| !matches!(&**format, "text" | "json" | "markdown")) {
        return Err(format!("--framework is written as text, json or markdown, not as {format}"));
    }
    let known = tacit_stdlib::FRAMEWORKS.iter().find(|(name, _)| name == wanted);
    known.map(|(name, text)| Framework::parse(name, text)).transpose()
}

fn write(
    report: &Report,
    controls: Option<&Controls>,
    outputs: &[(String, Option<PathBuf>)],
    args: &CheckArgs,
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

/// Where the time goes.
struct Clock {
    started: Instant,
    last: Instant,
    laps: Vec<(String, Duration)>,
}

impl Clock {
    fn new() -> Clock {
        let now = Instant::now();
        Clock { started: now, last: now, laps: Vec::new() }
    }

    fn lap(&mut self, phase: &str) {
        self.add(phase, self.last.elapsed());
        self.restart();
    }

    fn add(&mut self, phase: &str, time: Duration) {
        self.laps.push((phase.to_owned(), time));
    }

    fn restart(&mut self) {
        self.last = Instant::now();
    }

    fn tell(&self, rules: &[(Arc<str>, Duration)]) {
        for (phase, time) in &self.laps {
            eprintln!("{:>10.2} ms  {phase}", time.as_secs_f64() * 1e3);
        }
        eprintln!("{:>10.2} ms  in all", self.started.elapsed().as_secs_f64() * 1e3);
        let mut slowest: Vec<_> = rules.iter().filter(|(_, time)| !time.is_zero()).collect();
        slowest.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        for (rule, time) in slowest.into_iter().take(10) {
            eprintln!("{:>10.2} ms  {rule}", time.as_secs_f64() * 1e3);
        }
    }
}
