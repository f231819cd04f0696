//! Evaluation: a checked program over objects, to verdicts.
//!
//! [`Evaluator::local`] runs the rules whose verdict hangs on one object, while the input streams by;
//! [`Evaluator::global`] runs the rest over the inventory of the objects that were kept.
//!
//! `lower` works out the `plan` of a program, `lookup` finds the equalities that joins look up by. `context` is one
//! evaluation: `eval` has the expressions, `read` documents by type, `source` generators, `link` references, `rule` the
//! clauses, `place` where a verdict points. `world` is what all evaluations of a run share.
//!
//! A condition is evaluated without noting what it reads; only where it makes a finding is it evaluated once more, to
//! find the place. So a condition that does not hold costs no memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;
use tacit_lang::builtin::relations::{self, Rows};
use tacit_lang::ir::{self, Const, Id};
use tacit_lang::schema::{KindId, Schemas};

use crate::inventory::{FileEntry, Inventory};
use crate::object::Object;
use crate::value::{Doubt, Value};
use crate::verdict::{RuleRun, Verdicts};

mod arithmetic;
mod context;
mod display;
mod distinct;
mod equal;
#[allow(clippy::module_inception)]
mod eval;
mod hash;
mod json;
mod link;
mod lookup;
mod lower;
#[cfg(feature = "mutations")]
mod mutation;
mod owned;
mod place;
mod plan;
mod read;
mod rule;
mod source;
mod store;
#[cfg(test)]
mod tests;
mod text;
mod withheld;
mod world;

#[cfg(feature = "mutations")]
pub use mutation::Mutation;

pub(crate) use context::Context;
pub(crate) use distinct::Distinct;
pub(crate) use place::below;
pub(crate) use plan::Shape;
pub(crate) use read::no_bytes;
pub(crate) use source::unknown;
pub(crate) use store::{Embedded, Format, Outer};
pub(crate) use text::pattern;
pub(crate) use world::World;

use plan::{ClausePlan, Plan, RulePlan, SourcePlan};
use rule::Run;
use store::Parsed;
use world::{Shared, is_of};

/// What a run fixes for the evaluation.
#[derive(Clone, Debug)]
pub struct EvalOptions {
    /// The instant of the run, in nanoseconds since 1970.
    pub now: i64,
    /// Values of params that differ from their defaults.
    pub params: Vec<(Id, Const)>,
    /// Key of `.digest()`: new for each run, or the user's own.
    pub digest_key: [u8; 32],
    /// The rule (code or name) whose evaluation is recorded step by step.
    pub explain: Option<Arc<str>>,
    /// Measure the time of each rule.
    pub timings: bool,
    /// A fault to run with.
    #[cfg(feature = "mutations")]
    pub mutation: Option<Mutation>,
}

impl EvalOptions {
    /// The defaults, at an instant.
    pub fn at(now: i64) -> Self {
        EvalOptions {
            now,
            params: Vec::new(),
            digest_key: [0; 32],
            explain: None,
            timings: false,
            #[cfg(feature = "mutations")]
            mutation: None,
        }
    }
}

/// True where a run has this fault; never without the feature `mutations`.
macro_rules! faulty {
    ($options:expr, $fault:ident) => {{
        #[cfg(feature = "mutations")]
        let faulty = $options.mutation == Some(crate::eval::Mutation::$fault);
        #[cfg(not(feature = "mutations"))]
        let faulty = {
            let _ = &$options;
            false
        };
        faulty
    }};
}
pub(crate) use faulty;

/// A program, ready to run.
pub struct Evaluator {
    program: Arc<ir::Program>,
    schemas: Schemas,
    options: EvalOptions,
    plan: Plan,
    params: Vec<Value<'static>>,
    constants: Vec<Option<Value<'static>>>,
    /// Rules that run on an object of a kind alone, by kind; for names of one version of a kind, by the kind.
    local: HashMap<KindId, Vec<LocalRule>>,
    /// Rules that need the inventory.
    global: Vec<usize>,
    /// Rules that run on any object, by way of a relation whose rows come from one object.
    anywhere: Vec<usize>,
    /// Rules that run on one file alone.
    files: Vec<usize>,
    /// What rules read of files.
    reads_of_files: FileReads,
    /// Kinds that rules on several objects look at, by the kind.
    kept: Vec<KindId>,
    /// Kinds that any rule looks at, by the kind.
    reached: Vec<KindId>,
    /// True where a rule looks at every kind.
    every: bool,
}

/// A rule that runs on objects of a kind alone.
#[derive(Clone, Copy)]
struct LocalRule {
    /// Its index in the plan.
    at: usize,
    /// It goes over all objects of the kind, whatever their version.
    any_version: bool,
    /// It goes over objects that a controller owns, too.
    owned: bool,
}

/// What rules read of files, so that a run reads no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileReads {
    /// Anything at all.
    pub any: bool,
    /// Their text.
    pub text: bool,
    /// The tree of every document.
    pub tree: bool,
    /// The metadata of SOPS.
    pub sops: bool,
    /// The creation rules of SOPS.
    pub sops_rule: bool,
    /// Files must be kept for rules that hold several of them, or files and objects, against each other.
    pub kept: bool,
}

/// How many objects or rows one task of the second phase takes.
const CHUNK: usize = 64;

impl Evaluator {
    /// Works out how to run a program.
    pub fn new(program: Arc<ir::Program>, schemas: Schemas, options: EvalOptions) -> Evaluator {
        let plan = lower::lower(&program);
        let mut params: Vec<Value<'static>> =
            program.params.iter().map(|param| lower::constant(&param.default)).collect();
        for (id, value) in &options.params {
            if let Some(param) = params.get_mut(id.0 as usize) {
                *param = lower::constant(value);
            }
        }
        let mut evaluator = Evaluator {
            constants: vec![None; plan.constants.len()],
            program,
            schemas,
            options,
            plan,
            params,
            local: HashMap::new(),
            global: Vec::new(),
            anywhere: Vec::new(),
            files: Vec::new(),
            reads_of_files: FileReads::default(),
            kept: Vec::new(),
            reached: Vec::new(),
            every: false,
        };
        evaluator.compute_constants();
        evaluator.sort_rules();
        evaluator
    }

    /// The program that runs.
    pub fn program(&self) -> &Arc<ir::Program> {
        &self.program
    }

    /// What the run fixes.
    pub fn options(&self) -> &EvalOptions {
        &self.options
    }

    /// Constants are computed once, unless they look at objects.
    fn compute_constants(&mut self) {
        for at in 0..self.plan.constants.len() {
            let parsed = Parsed::default();
            let world = World::local(self.shared(), &parsed);
            let value = self.plan.constants.get(at).and_then(|body| Context::new(&world).call(body, []).ok());
            let value = value.as_ref().and_then(owned::owned);
            drop(world);
            self.constants[at] = value;
        }
    }

    fn sort_rules(&mut self) {
        let base = |kind: KindId| self.schemas.kind(kind).restricted.as_ref().map_or(kind, |own| own.kind);
        for (at, plan) in self.plan.rules.iter().enumerate() {
            let reach = &plan.rule.reach;
            self.reached.extend(reach.kinds.iter().chain(&reach.primary).map(|&kind| base(kind)));
            let every = reach.relations.iter().any(|&relation| looks_everywhere(relation));
            self.every |= every;
            self.reads_of_files.add(reach);
            match first_source(plan) {
                Some(SourcePlan::Kinds { set, .. }) if reach.local => {
                    let owned = self.plan.sets.get(*set).is_none_or(|set| set.owned);
                    for &kind in &reach.primary {
                        let rules = self.local.entry(base(kind)).or_default();
                        if rules.last().is_none_or(|last| last.at != at) {
                            rules.push(LocalRule { at, any_version: reach.primary.contains(&base(kind)), owned });
                        }
                    }
                }
                Some(SourcePlan::Relation { id, .. }) if reach.local && rows(*id) == Some(Rows::OfObject) => {
                    self.anywhere.push(at);
                }
                Some(SourcePlan::Relation { id, .. }) if reach.local && rows(*id) == Some(Rows::OfFile) => {
                    self.files.push(at);
                }
                _ => {
                    self.reads_of_files.kept |= reach.relations.iter().any(|&id| rows(id) == Some(Rows::OfFile));
                    self.global.push(at);
                    self.kept.extend(reach.kinds.iter().map(|&kind| base(kind)));
                    if every {
                        self.kept.extend(self.schemas.kinds());
                    }
                }
            }
        }
        for kinds in [&mut self.kept, &mut self.reached] {
            kinds.sort_unstable();
            kinds.dedup();
        }
    }

    /// True where objects of a kind must be kept for the second phase: joins, links, views, relations.
    ///
    /// Objects that a controller owns are kept besides, where [`keeps_object`](Self::keeps_object) says so.
    pub fn keeps(&self, kind: KindId) -> bool {
        self.kept.binary_search(&kind).is_ok()
    }

    /// True where an object must be kept for the second phase.
    pub fn keeps_object(&self, object: &Object) -> bool {
        match object.kind {
            Some(kind) => {
                self.keeps(kind)
                    || (object.controller().is_some()
                        && self.local.get(&kind).is_some_and(|rules| rules.iter().any(|rule| !rule.owned)))
            }
            None => false,
        }
    }

    /// True where any rule looks at objects of a kind. For others no tree need be built.
    pub fn reaches(&self, kind: KindId) -> bool {
        self.every || self.reached.binary_search(&kind).is_ok()
    }

    /// True where an object is of the kinds, and the versions, that a rule goes over.
    fn counts(&self, rule: LocalRule, object: &Object) -> bool {
        rule.any_version
            || object
                .kind
                .zip(self.plan.rules.get(rule.at))
                .is_some_and(|(kind, plan)| is_of(&self.schemas, kind, &object.api_version, &plan.rule.reach.primary))
    }

    /// Runs all rules that hang on one object alone. Safe to call from several threads.
    pub fn local(&self, object: &Object, out: &mut Verdicts) {
        let rules = object.kind.and_then(|kind| self.local.get(&kind)).map_or(&[][..], Vec::as_slice);
        if rules.is_empty() && self.anywhere.is_empty() {
            return;
        }
        self.fit(out);
        let parsed = Parsed::default();
        let world = World::local(self.shared(), &parsed);
        let mut context = Context::new(&world);
        // Only the whole input tells whether the controller of an object is a part of it: some rules wait for that.
        let controlled = object.controller().is_some();
        for rule in rules.iter().filter(|rule| rule.owned || !controlled) {
            let Some(plan) = self.plan.rules.get(rule.at) else { continue };
            if self.counts(*rule, object) {
                self.on(&mut context, rule.at, plan, [Value::object(object)], out);
            }
        }
        for &at in &self.anywhere {
            let Some(plan) = self.plan.rules.get(at) else { continue };
            if let Some(SourcePlan::Relation { id, .. }) = first_source(plan) {
                match crate::relation::rows_of(&world, *id, object) {
                    Ok(rows) => {
                        let seen = out.rules.get(at).map_or(0, |run| run.objects);
                        self.on(&mut context, at, plan, rows, out);
                        // It looked at the object, whether that gives rows or none.
                        if let Some(run) = out.rules.get_mut(at) {
                            run.objects = seen + 1;
                        }
                    }
                    Err(doubt) => self.stopped(&context, at, plan, &doubt, out),
                }
            }
        }
    }

    /// Notes that a rule as a whole could not be evaluated.
    fn stopped<'a>(
        &self,
        context: &Context<'_, 'a>,
        at: usize,
        plan: &'a RulePlan,
        doubt: &Arc<Doubt<'a>>,
        out: &mut Verdicts,
    ) {
        let mut run = Run::new(plan, false, out.take_run(at));
        run.stopped(context, doubt);
        let run = run.finish(out);
        out.put_run(at, run);
    }

    /// What rules read of files.
    pub fn reads_of_files(&self) -> FileReads {
        self.reads_of_files
    }

    /// Runs all rules that hang on one file alone. Safe to call from several threads.
    pub fn file(&self, file: &FileEntry, out: &mut Verdicts) {
        if self.files.is_empty() {
            return;
        }
        self.fit(out);
        let parsed = Parsed::default();
        let world = World::local(self.shared(), &parsed);
        let mut context = Context::new(&world);
        for &at in &self.files {
            let Some(plan) = self.plan.rules.get(at) else { continue };
            let Some(SourcePlan::Relation { id, .. }) = first_source(plan) else { continue };
            let Some(ty) = self.program.relations.get(*id as usize) else { continue };
            self.on(&mut context, at, plan, [crate::relation::file::row(ty, file)], out);
        }
    }

    /// Runs a rule on objects or rows, one after another.
    fn on<'a>(
        &'a self,
        context: &mut Context<'_, 'a>,
        at: usize,
        plan: &'a RulePlan,
        elements: impl IntoIterator<Item = Value<'a>>,
        out: &mut Verdicts,
    ) {
        let start = self.options.timings.then(Instant::now);
        let mut run = Run::new(plan, self.explains(plan), out.take_run(at));
        for element in elements {
            run.bound(context, element);
        }
        if let Some(start) = start {
            run.took(start.elapsed());
        }
        let run = run.finish(out);
        out.put_run(at, run);
    }

    /// Runs the rules that need the inventory, on all cores. The verdicts come in the order of the rules and, for each,
    /// of the inventory, whatever the threads do.
    pub fn global(&self, inventory: &Inventory, out: &mut Verdicts) {
        self.fit(out);
        let parsed = Parsed::default();
        let world = World::global(self.shared(), &parsed, inventory);
        let mut tasks: Vec<(usize, Vec<Value<'_>>)> = Vec::new();
        for &at in &self.global {
            let Some(plan) = self.plan.rules.get(at) else { continue };
            match self.elements(&world, plan) {
                Some(Ok(elements)) => tasks.extend(elements.chunks(CHUNK).map(|chunk| (at, chunk.to_vec()))),
                Some(Err(doubt)) => self.stopped(&Context::new(&world), at, plan, &doubt, out),
                None => {
                    let mut run = Run::new(plan, self.explains(plan), out.take_run(at));
                    run.unbound(&mut Context::new(&world));
                    let run = run.finish(out);
                    out.put_run(at, run);
                }
            }
        }
        // Objects that had to wait: whether their controllers are in the input is known now.
        for object in inventory.objects() {
            let rules = object.kind.and_then(|kind| self.local.get(&kind)).map_or(&[][..], Vec::as_slice);
            if object.controller().is_none() {
                continue;
            }
            for rule in rules.iter().filter(|rule| !rule.owned) {
                if self.counts(*rule, object) && !inventory.controlled(object) {
                    tasks.push((rule.at, vec![Value::object(object)]));
                }
            }
        }
        let parts: Vec<(usize, RuleRun, Verdicts)> = tasks
            .into_par_iter()
            .map(|(at, elements)| {
                let mut part = Verdicts::default();
                if let Some(plan) = self.plan.rules.get(at) {
                    self.on(&mut Context::new(&world), at, plan, elements, &mut part);
                }
                (at, part.take_run(at), Verdicts { rules: Vec::new(), ..part })
            })
            .collect();
        for (at, run, part) in parts {
            out.append(part);
            if let Some(sum) = out.rules.get_mut(at) {
                sum.add(run);
            }
        }
        rule::dedupe(&mut out.findings);
        rule::dedupe_undecided(&mut out.undecided);
    }

    /// Lends the world of an inventory to what is asked outside of rules.
    pub(crate) fn with_world<R>(&self, inventory: &Inventory, ask: impl FnOnce(&World<'_>) -> R) -> R {
        let parsed = Parsed::default();
        ask(&World::global(self.shared(), &parsed, inventory))
    }

    /// What the first generator of a rule goes through; `None` where it is no set of objects or rows.
    fn elements<'a>(
        &'a self,
        world: &World<'a>,
        plan: &'a RulePlan,
    ) -> Option<crate::value::Outcome<'a, Vec<Value<'a>>>> {
        match first_source(plan)? {
            SourcePlan::Kinds { set, .. } => {
                let objects = world.set(*set).iter().filter_map(|&at| world.object(at));
                Some(Ok(objects.map(Value::object).collect()))
            }
            source @ (SourcePlan::View { .. } | SourcePlan::Relation { .. }) => {
                Some(source::rows(world, source).map(<[Value<'a>]>::to_vec))
            }
            SourcePlan::List { .. } | SourcePlan::Map { .. } => None,
        }
    }

    fn shared(&self) -> Shared<'_> {
        Shared {
            program: &self.program,
            plan: &self.plan,
            schemas: &self.schemas,
            options: &self.options,
            params: &self.params,
            constants: &self.constants,
        }
    }

    fn explains(&self, plan: &RulePlan) -> bool {
        self.options
            .explain
            .as_ref()
            .is_some_and(|rule| plan.rule.code.as_ref() == Some(rule) || plan.rule.name == *rule)
    }

    /// One entry for each rule, also for those that meet nothing.
    fn fit(&self, out: &mut Verdicts) {
        let rules = self.plan.rules.len();
        if out.rules.len() < rules {
            out.rules.resize_with(rules, RuleRun::default);
        }
    }
}

/// What the first generator of a rule goes through.
fn first_source(plan: &RulePlan) -> Option<&SourcePlan> {
    match plan.clauses.first() {
        Some(ClausePlan::For(bindings)) => bindings.first().map(|first| &first.source),
        _ => None,
    }
}

/// From what the rows of a relation come.
fn rows(relation: u32) -> Option<Rows> {
    relations::ALL.get(relation as usize).map(|signature| signature.rows)
}

impl FileReads {
    fn add(&mut self, reach: &ir::Reach) {
        let of_files = |relation: u32| rows(relation) == Some(Rows::OfFile);
        self.any |= reach.relations.iter().any(|&relation| of_files(relation));
        for &(relation, column) in reach.columns.iter().filter(|(relation, _)| of_files(*relation)) {
            let columns = relations::ALL.get(relation as usize).map_or(&[][..], |signature| signature.columns);
            match columns.get(column as usize).map(|column| column.0) {
                Some("text") => self.text = true,
                Some("tree") => self.tree = true,
                Some("sops") => self.sops = true,
                Some("sops_rule") => self.sops_rule = true,
                _ => {}
            }
        }
    }
}

/// True for a relation whose rows can come from an object of any kind.
fn looks_everywhere(relation: u32) -> bool {
    let signature = relations::ALL.get(relation as usize);
    signature.is_some_and(|signature| signature.kinds.contains(&"*"))
}
