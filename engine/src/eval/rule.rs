//! Rules: their clauses for one binding after another, and the verdicts that come of them.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::context::{Context, Reads, title};
use super::faulty;
use super::place::{place, whole};
use super::plan::{BindingPlan, ClausePlan, Op, RulePlan, VerdictKind, VerdictPlan};
use super::source::Bound;
use crate::object::Object;
use crate::value::{Data, Doubt, Gap, Origin, Value};
use crate::verdict::{
    ClauseCount, Edit, EditAction, Finding, ObjectRef, Place, Related, RuleRun, TraceStep, Undecided, Verdicts,
};

/// One rule at work: collects its verdicts.
pub(super) struct Run<'a> {
    plan: &'a RulePlan,
    /// What the outermost generator is bound to.
    primary: Option<&'a Object>,
    findings: Vec<Finding>,
    undecided: Vec<Undecided>,
    trace: Vec<TraceStep>,
    run: RuleRun,
    explain: bool,
}

impl<'a> Run<'a> {
    /// A rule at work, which goes on counting where `run` is.
    pub fn new(plan: &'a RulePlan, explain: bool, mut run: RuleRun) -> Self {
        run.clauses.resize(plan.clauses.len(), ClauseCount::default());
        Run { plan, primary: None, findings: Vec::new(), undecided: Vec::new(), trace: Vec::new(), run, explain }
    }

    /// Runs the rule with its first generator bound to one object or row.
    pub fn bound(&mut self, context: &mut Context<'_, 'a>, element: Value<'a>) {
        context.start(self.plan.rule.slots);
        let Some(ClausePlan::For(bindings)) = self.plan.clauses.first() else { return };
        let Some((first, rest)) = bindings.split_first() else { return };
        self.run.objects += 1;
        self.primary = match &element.data {
            Data::Object(object) => Some(object),
            // A row is about the object that it was read from.
            _ => element.origin.and_then(|origin| origin.object),
        };
        if let Data::Doubt(doubt) = &element.data {
            return self.open(context, doubt);
        }
        context.set(first.var, element);
        self.count(0, |count| (count.reached, count.held) = (count.reached + 1, count.held + 1));
        if self.explain {
            self.explain_bindings(context, 0, std::slice::from_ref(first));
        }
        if !rest.is_empty() && context.rules_out(&first.guards) {
            return self.ruled_out(1);
        }
        self.generate(context, 0, rest, &mut |run, context| run.clauses(context, 1));
    }

    /// Runs a rule that goes over no objects or rows, but perhaps in its verdicts: what their first generators go over is
    /// what it looked at.
    pub fn unbound(&mut self, context: &mut Context<'_, 'a>) {
        context.start(self.plan.rule.slots);
        self.clauses(context, 0);
        for clause in &self.plan.clauses {
            let ClausePlan::Verdict(verdict) = clause else { continue };
            let Some(first) = verdict.bindings.first() else { continue };
            self.run.objects += super::source::count(context.world, &first.source);
        }
    }

    /// A verdict on the rule as a whole.
    pub fn stopped(&mut self, context: &Context<'_, 'a>, doubt: &Arc<Doubt<'a>>) {
        self.primary = None;
        self.open(context, doubt);
    }

    /// Notes the time that the rule took.
    pub fn took(&mut self, time: std::time::Duration) {
        self.run.time += time;
    }

    /// Adds what came of the rule to the verdicts of the run, and hands back what was counted.
    pub fn finish(mut self, out: &mut Verdicts) -> RuleRun {
        dedupe(&mut self.findings);
        dedupe_undecided(&mut self.undecided);
        out.findings.append(&mut self.findings);
        out.undecided.append(&mut self.undecided);
        out.trace.append(&mut self.trace);
        self.run
    }

    fn count(&mut self, clause: usize, change: impl FnOnce(&mut ClauseCount)) {
        if let Some(count) = self.run.clauses.get_mut(clause) {
            change(count);
        }
    }

    /// Runs the clauses from one on, for the binding at hand.
    fn clauses(&mut self, context: &mut Context<'_, 'a>, from: usize) {
        let plan = self.plan;
        let scope = self.findings.len();
        let mut edits = Vec::new();
        for at in from..plan.clauses.len() {
            match &plan.clauses[at] {
                ClausePlan::For(bindings) => {
                    // The fixes up to here belong to the findings up to here.
                    self.attach(scope, &mut edits);
                    let mut any = false;
                    self.generate(context, at, bindings, &mut |run, context| {
                        any = true;
                        run.clauses(context, at + 1);
                    });
                    self.count(at, |count| {
                        count.reached += 1;
                        if any { count.held += 1 } else { count.failed += 1 }
                    });
                    return;
                }
                ClausePlan::Where(condition) => match self.condition(context, at, condition) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(_) if faulty!(context.world.options, WhereDropsDoubt) => break,
                    Err(doubt) => {
                        self.open(context, &doubt);
                        break;
                    }
                },
                ClausePlan::Let { slot, value } => {
                    let value = context.eval_later(value);
                    context.set(*slot, value);
                }
                ClausePlan::Verdict(verdict) => self.verdict(context, at, verdict),
                ClausePlan::FixSet { target, value, safe } if self.findings.len() > scope => {
                    if let Some(value) = written(context, value) {
                        edits.extend(edit(context, target, EditAction::Set(value), *safe));
                    }
                }
                ClausePlan::FixRemove { target, safe } if self.findings.len() > scope => {
                    edits.extend(edit(context, target, EditAction::Remove, *safe).filter(|edit| !edit.place.missing));
                }
                ClausePlan::FixSet { .. } | ClausePlan::FixRemove { .. } => {}
            }
        }
        self.attach(scope, &mut edits);
    }

    fn attach(&mut self, scope: usize, edits: &mut Vec<Edit>) {
        for finding in self.findings.iter_mut().skip(scope) {
            finding.edits.extend(edits.iter().cloned());
        }
        edits.clear();
    }

    /// Runs for each combination of the generators' elements; what is undecided there is a verdict of its own.
    fn generate<'w>(
        &mut self,
        context: &mut Context<'w, 'a>,
        clause: usize,
        bindings: &'a [BindingPlan],
        each: &mut dyn FnMut(&mut Self, &mut Context<'w, 'a>),
    ) {
        let _ = context.each_of(bindings, &mut |context, bound| {
            match bound {
                Bound::All => {
                    if self.explain {
                        self.explain_bindings(context, clause, bindings);
                    }
                    each(self, context);
                }
                // The condition stands in the clause itself or, of a `for`, in the `where` behind it.
                Bound::Ruled => match self.plan.clauses.get(clause) {
                    Some(ClausePlan::For(_)) => self.ruled_out(clause + 1),
                    _ => self.ruled_out(clause),
                },
                Bound::Open(doubt) => {
                    self.count(clause, |count| count.undecided += 1);
                    self.open(context, &doubt);
                }
            }
            ControlFlow::Continue(())
        });
    }

    /// Counts a condition that is false before all of its generators are bound.
    fn ruled_out(&mut self, clause: usize) {
        self.count(clause, |count| (count.reached, count.failed) = (count.reached + 1, count.failed + 1));
    }

    /// Notes what generators are bound to.
    fn explain_bindings(&mut self, context: &Context<'_, 'a>, clause: usize, bindings: &[BindingPlan]) {
        let object = self.primary.map(ObjectRef::of);
        for binding in bindings {
            let Some(value) = context.slot(binding.var) else { continue };
            let value = format!("{} = {}", binding.name, super::display::trace(value, binding.confidential));
            self.trace.push(TraceStep { object: object.clone(), clause, depth: 0, span: binding.span, value });
        }
    }

    fn verdict(&mut self, context: &mut Context<'_, 'a>, at: usize, verdict: &'a VerdictPlan) {
        if context.rules_out(&verdict.guards) {
            return self.ruled_out(at);
        }
        self.generate(context, at, &verdict.bindings, &mut |run, context| run.decide(context, at, verdict));
    }

    fn decide(&mut self, context: &mut Context<'_, 'a>, at: usize, verdict: &'a VerdictPlan) {
        self.run.bindings += 1;
        let holds = match &verdict.condition {
            Some(condition) => self.condition(context, at, condition),
            None => {
                self.count(at, |count| (count.reached, count.held) = (count.reached + 1, count.held + 1));
                Ok(true)
            }
        };
        let fires = match holds {
            Ok(holds) => holds == (verdict.kind != VerdictKind::Require),
            Err(doubt) => return self.open(context, &doubt),
        };
        if !fires {
            return;
        }
        match context.text(&verdict.message) {
            Ok(message) if verdict.kind == VerdictKind::Undecided => {
                let (object, place) = self.place(context, verdict);
                self.undecided.push(Undecided {
                    rule: self.plan.rule.clone(),
                    object,
                    place,
                    reason: message,
                    need: String::new(),
                });
            }
            Ok(message) => self.found(context, verdict, message),
            Err(doubt) => self.open(context, &doubt),
        }
    }

    fn found(&mut self, context: &mut Context<'_, 'a>, verdict: &'a VerdictPlan, message: String) {
        let rule = self.plan.rule.clone();
        let severity = verdict.severity.unwrap_or(rule.severity);
        let (Some(object), Some(place)) = self.place(context, verdict) else {
            // Nothing of the input was looked at: there is no object to hold against the rule.
            let reason = format!("{message} (no object of the input shows where)");
            self.undecided.push(Undecided { rule, object: None, place: None, reason, need: String::new() });
            return;
        };
        let related = self.related(context, &object);
        self.findings.push(Finding { rule, severity, message, object, place, related, edits: Vec::new() });
    }

    /// The other objects of the rows that the rule's own generators are bound to: of a grant, binding and role.
    fn related(&self, context: &Context<'_, 'a>, found: &ObjectRef) -> Vec<Related> {
        let mut related: Vec<Related> = Vec::new();
        for &slot in &self.plan.generators {
            let Some(Value { data: Data::Row(row), .. }) = context.slot(slot) else { continue };
            for (column, value) in row.ty.columns.iter().zip(&row.values) {
                let Data::Object(object) = &value.data else { continue };
                let reference = ObjectRef::of(object);
                if reference != *found && related.iter().all(|other| other.object != reference) {
                    related.push(Related { message: column.name.to_string(), object: reference, place: whole(object) });
                }
            }
        }
        related
    }

    /// Whether a condition holds, counted and traced.
    fn condition(
        &mut self,
        context: &mut Context<'_, 'a>,
        at: usize,
        condition: &'a Op,
    ) -> Result<bool, Arc<Doubt<'a>>> {
        if self.explain {
            context.steps = Some(Vec::new());
        }
        let holds = context.truth(condition);
        if let Some(steps) = context.steps.take() {
            let object = self.primary.map(ObjectRef::of);
            // Parts come before what they are parts of; readers start with the whole.
            self.trace.extend(steps.into_iter().rev().map(|step| TraceStep {
                object: object.clone(),
                clause: at,
                depth: step.depth,
                span: step.span,
                value: step.value,
            }));
        }
        self.count(at, |count| {
            count.reached += 1;
            match &holds {
                Ok(true) => count.held += 1,
                Ok(false) => count.failed += 1,
                Err(_) => count.undecided += 1,
            }
        });
        holds
    }

    /// Where a finding points: at what its clause says, else at the deepest place that its condition read, else at the
    /// element of the innermost generator, else at the object.
    fn place(&self, context: &mut Context<'_, 'a>, verdict: &'a VerdictPlan) -> (Option<ObjectRef>, Option<Place>) {
        let seen = match (&verdict.at, &verdict.condition) {
            (Some(at), _) => self.read_of(context, at, true),
            (None, Some(condition)) => self.read_of(context, condition, false),
            (None, None) => None,
        };
        let innermost = verdict.bindings.iter().map(|binding| binding.var).next_back();
        let seen = seen.or_else(|| {
            let slots = innermost.into_iter().chain(self.plan.generators.iter().rev().copied());
            slots.filter_map(|slot| context.slot(slot)).find_map(origin_of)
        });
        match seen {
            Some((origin, gap)) => {
                let object = origin.object.or(self.primary).map(ObjectRef::of);
                let place = place(context.world.parsed, origin, &gap);
                // A file that is no object stands for itself.
                (object.or_else(|| Some(file_ref(&place))), Some(place))
            }
            None => (self.primary.map(ObjectRef::of), self.primary.map(whole)),
        }
    }

    /// Evaluates once more, now noting what is read. `whole` asks for the value itself, not for what it was made from.
    fn read_of(&self, context: &mut Context<'_, 'a>, op: &'a Op, whole: bool) -> Option<(Origin<'a>, Gap<'a>)> {
        let own = self
            .plan
            .generators
            .iter()
            .filter_map(|&slot| match context.slot(slot).map(|value| &value.data) {
                Some(Data::Object(object)) => Some(*object),
                _ => None,
            })
            .collect();
        context.reads = Some(Reads { own, best: None });
        let value = match whole {
            true => context.eval(op).ok(),
            false => context.truth(op).ok().map(Value::bool),
        };
        let best = context.reads.take().and_then(|reads| reads.best);
        let itself = value.as_ref().and_then(origin_of);
        itself.or_else(|| best.map(|read| (read.origin, read.gap)))
    }

    /// An undecided verdict on the object at hand.
    fn open(&mut self, context: &Context<'_, 'a>, doubt: &Arc<Doubt<'a>>) {
        let world = context.world;
        let foreign = match (doubt.origin.and_then(|origin| origin.object), self.primary) {
            (Some(object), Some(primary)) => !std::ptr::eq(object, primary),
            _ => false,
        };
        let mut reason = doubt.reason.clone();
        if foreign && let Some(object) = doubt.origin.and_then(|origin| origin.object) {
            let title = title(object);
            if !reason.contains(&title) {
                reason = format!("{reason}, in {title}");
            }
        }
        let object = self.primary.or_else(|| doubt.origin.and_then(|origin| origin.object)).map(ObjectRef::of);
        self.undecided.push(Undecided {
            rule: self.plan.rule.clone(),
            object,
            place: doubt.origin.map(|origin| place(world.parsed, origin, &Gap::NONE)),
            reason,
            need: doubt.need.clone(),
        });
    }
}

/// The edit that a fix makes; nothing where its target is not known.
fn edit<'a>(context: &mut Context<'_, 'a>, op: &'a Op, action: EditAction, safe: bool) -> Option<Edit> {
    let value = context.eval(op).ok()?;
    let (origin, gap) = origin_of(&value)?;
    let parsed = context.world.parsed;
    let document = origin.node.document();
    let blocked = match origin.object.map(|object| object.origin) {
        _ if parsed.of(document).is_some() => Some("it is written inside of a text: change that by hand"),
        Some(crate::object::Origin::Rendered) => Some("the object is rendered: change what it is made from"),
        Some(crate::object::Origin::Cluster) => Some("the object is read from a cluster: change its manifest"),
        _ => None,
    };
    let mut path = origin.node.path();
    path.steps.extend(gap.steps());
    Some(Edit { place: place(parsed, origin, &gap), document: document.index, path, action, safe, blocked })
}

/// The value that a fix writes; never secret material.
fn written<'a>(context: &mut Context<'_, 'a>, op: &'a Op) -> Option<serde_json::Value> {
    let value = context.eval(op).ok()?;
    if op.confidential { None } else { super::json::json(&value) }
}

/// Where a value stands, or what is missing of it.
fn origin_of<'a>(value: &Value<'a>) -> Option<(Origin<'a>, Gap<'a>)> {
    match &value.data {
        // A row without a place of its own: the first of its columns that has one.
        Data::Row(row) if value.origin.is_none() => row.values.iter().find_map(origin_of),
        _ => value.origin.map(|origin| (origin, value.gap())),
    }
}

/// A file that is no object, as findings name it.
fn file_ref(place: &Place) -> ObjectRef {
    ObjectRef {
        api_version: "".into(),
        kind: "".into(),
        namespace: crate::object::Namespace::ClusterScoped,
        stray_namespace: None,
        name: "".into(),
        cluster: None,
        origin: crate::object::Origin::File,
        path: place.source.path.clone(),
        offset: 0,
    }
}

/// Findings equal in rule, node and message are one.
pub(super) fn dedupe(findings: &mut Vec<Finding>) {
    if findings.len() > 1 {
        let mut seen = HashSet::new();
        findings.retain(|finding| {
            let place = &finding.place;
            seen.insert((
                Arc::as_ptr(&finding.rule) as usize,
                Arc::as_ptr(&place.source) as usize,
                place.span,
                place.path.clone(),
                finding.message.clone(),
            ))
        });
    }
}

/// Undecided verdicts equal in rule, object and reason are one.
pub(super) fn dedupe_undecided(undecided: &mut Vec<Undecided>) {
    if undecided.len() > 1 {
        let mut seen = HashSet::new();
        undecided.retain(|verdict| {
            seen.insert((Arc::as_ptr(&verdict.rule) as usize, verdict.object.clone(), verdict.reason.clone()))
        });
    }
}
