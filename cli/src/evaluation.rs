//! From rule files to an evaluator, for the commands that run rules over manifests.

use std::collections::HashSet;
use std::sync::Arc;

use tacit_engine::eval::{EvalOptions, Evaluator};
use tacit_engine::params;
use tacit_engine::run::{Outcome, RunOptions};
use tacit_engine::source::Input;

use crate::library::{Compiled, Library};
use crate::project::{self, Check, Rules};

/// Rules that are ready to run.
pub struct Ready {
    /// What compiled, and what did not.
    pub compiled: Compiled,
    /// The evaluator.
    pub evaluator: Evaluator,
    /// What a run is asked for besides the rules.
    pub options: RunOptions,
    /// Values of params that are wrong.
    pub problems: Vec<String>,
}

impl Ready {
    /// Compiles the selected rules against the kinds of an input. With `mentions`, only those about kinds that the input
    /// speaks of.
    pub fn new(
        rules: &Rules,
        check: &Check,
        library: &Library,
        input: &Input,
        mentions: Option<&HashSet<String>>,
        options: EvalOptions,
    ) -> Ready {
        let compiled = library.compile(&input.schemas, &rules.selection, mentions);
        let (values, problems) = params::read(&compiled.program.params, &rules.params);
        let options = EvalOptions { params: values, digest_key: project::digest_key(), ..options };
        let evaluator = Evaluator::new(compiled.program.clone(), compiled.schemas.clone(), options);
        let options = RunOptions { schemas: compiled.schemas.clone(), complete: check.complete.clone() };
        Ready { compiled, evaluator, options, problems }
    }

    /// True where the quick look at the input did not see a kind that is there: its rules are to be compiled after all.
    pub fn missed(&self, outcome: &Outcome, input: &Input) -> bool {
        outcome.kinds.iter().any(|&kind| !input.mentions.contains(&*self.compiled.schemas.kind(kind).name))
    }
}

/// The options of an evaluation at the instant of a run.
pub fn options(check: &Check, explain: Option<&str>, timings: bool) -> EvalOptions {
    EvalOptions { explain: explain.map(Arc::from), timings, ..EvalOptions::at(check.terms.now) }
}
