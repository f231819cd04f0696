//! `tacit audit`: live clusters against rules.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use tacit_cluster::{History, Needs, Options, Session, without_everything};
use tacit_engine::eval::{EvalOptions, Evaluator};
use tacit_engine::report::build::rule_entry;
use tacit_engine::report::model::Report;
use tacit_engine::{live, params};
use tacit_lang::schema::Schemas;

use crate::args::{AuditArgs, ClusterArgs};
use crate::clock::Clock;
use crate::library::{Compiled, Library};
use crate::output::{self, Ended};
use crate::project::{self, Rules, Terms};
use crate::status::Status;

/// Audits the clusters.
pub fn run(args: &AuditArgs) -> Result<Status, String> {
    let mut clock = Clock::new();
    let rules = Rules::read(&args.rules)?;
    let terms = Terms::read(&args.verdicts, &rules.config)?;
    output::check(&args.report, &terms)?;
    let library = Library::load(&rules)?;
    clock.lap("read rules");
    let history = args.history.as_deref().map(History::load).transpose()?;
    let history = history.map(|history| Arc::new(Mutex::new(history)));
    let session = Session::open(&options(&args.clusters))?;
    clock.lap("ask the clusters what they serve");

    let (mut compiled, notes) = compile(&library, &rules, Some(&session));
    clock.lap("compile rules");
    let (values, problems) = params::read(&compiled.program.params, &rules.params);
    let options = EvalOptions {
        params: values,
        digest_key: project::digest_key(),
        explain: args.report.explain.as_deref().map(Arc::from),
        timings: args.report.timings,
        ..EvalOptions::at(terms.now)
    };
    let needs = Needs::of(&compiled.program, &compiled.schemas, args.read_secret_data);
    let evaluator = Arc::new(Evaluator::new(compiled.program.clone(), compiled.schemas.clone(), options));
    clock.lap("plan");
    let outcomes = session.audit(&evaluator, &compiled.schemas, &needs, &args.namespace, history.as_ref());
    if let (Some(file), Some(history)) = (&args.history, &history)
        && let Ok(history) = history.lock()
    {
        history.save(file)?;
    }
    clock.lap("list and check");
    let outcome = live::join(outcomes);
    compiled.idle.sort_by(|a, b| a.id.cmp(&b.id));
    let ended = Ended { compiled, outcome, problems, notes };
    output::conclude(&library, &terms, &args.report, &args.verdicts, ended, &mut clock, nothing)
}

/// The rules of an audit, narrowed to what the clusters serve, and what is to be told about the others.
pub fn compile(library: &Library, rules: &Rules, session: Option<&Session>) -> (Compiled, Vec<String>) {
    let mentions: Option<HashSet<String>> = session.map(|session| {
        let served = session.clusters().iter().filter_map(|cluster| cluster.served.as_ref().ok());
        let served = served.flat_map(|served| served.kinds().map(str::to_owned));
        served.chain([live::EVIDENCE_KIND.to_owned()]).collect()
    });
    // Of a cluster that was not reached it is not known what it serves.
    let all_known = session.is_some_and(|session| session.clusters().iter().all(|cluster| cluster.served.is_ok()));
    let mut schemas = Schemas::builtin();
    // What a kind of the standard library looks like is known; the project's own rules may be about any other.
    let mut notes = session.map(|session| session.learn(&mut schemas, &|kind| library.project_speaks_of(kind)));
    let notes = notes.get_or_insert_default();
    let mut compiled = library.compile(&schemas, &rules.selection, mentions.as_ref().filter(|_| all_known));
    let (program, left_out) = without_everything(&compiled.program);
    for rule in compiled.program.rules.iter().filter(|rule| left_out.contains(rule.id())) {
        compiled.idle.push(rule_entry(rule, 0));
    }
    compiled.program = Arc::new(program);
    if !left_out.is_empty() {
        let names: Vec<&str> = left_out.iter().map(|id| &**id).collect();
        notes.push(format!("rules that look at every kind there is run on files only: {}", names.join(", ")));
    }
    (compiled, std::mem::take(notes))
}

/// Which clusters the command line names.
pub fn options(args: &ClusterArgs) -> Options {
    Options {
        kubeconfig: args.kubeconfig.clone(),
        contexts: args.context.clone(),
        all_contexts: args.all_contexts,
        as_user: args.as_user.clone(),
        as_groups: args.as_group.clone(),
    }
}

fn nothing(report: &Report) -> String {
    match (report.rules.len(), report.inputs.skipped.first()) {
        (0, _) => "nothing was evaluated: no rule is selected".to_owned(),
        (_, Some(skipped)) => format!("nothing was evaluated: {}: {}", skipped.file, skipped.reason),
        (rules, None) => {
            format!("nothing was evaluated: the clusters hold no object that one of the {rules} rules is about")
        }
    }
}
