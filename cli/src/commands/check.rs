//! `tacit check`: manifests against rules.

use std::collections::HashSet;

use tacit_engine::report::model::Report;
use tacit_engine::run::{self, Outcome, RenderedFile};
use tacit_engine::source::{Input, render};

use crate::args::CheckArgs;
use crate::clock::Clock;
use crate::evaluation::{Ready, options};
use crate::library::Library;
use crate::output::{self, Ended};
use crate::progress::Line;
use crate::project::{Check, Rules};
use crate::status::Status;
use crate::watch;

/// Checks once, or again and again.
pub fn run(args: &CheckArgs) -> Result<Status, String> {
    if args.watch { watch::run(args, once) } else { once(args) }
}

fn once(args: &CheckArgs) -> Result<Status, String> {
    let mut clock = Clock::new();
    let rules = Rules::read(&args.rules)?;
    let check = Check::read(args, &rules.config)?;
    output::check(&args.report, &check.terms)?;
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
    let mentions = args.report.framework.is_none().then_some(&input.mentions);
    let mut ran = Ran::new(args, &rules, &check, &library, &input, mentions, &rendered, &mut clock)?;
    if ran.ready.missed(&ran.outcome, &input) {
        ran = Ran::new(args, &rules, &check, &library, &input, None, &rendered, &mut clock)?;
    }
    let Ran { ready: Ready { compiled, problems, .. }, outcome } = ran;
    let ended = Ended { compiled, outcome, problems, notes: input.notes };
    output::conclude(&library, &check.terms, &args.report, &args.verdicts, ended, &mut clock, nothing)
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
        let options = options(check, args.report.explain.as_deref(), args.report.timings);
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
