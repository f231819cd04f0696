//! What a run says: findings, undecided verdicts, and what each rule looked at.

use std::sync::Arc;
use std::time::Duration;

use tacit_lang::ast::Severity;
use tacit_lang::ir::Rule;
use tacit_lang::span::Span;

use crate::document::{NodePath, SourceText};
use crate::edit::Change;
use crate::object::{Namespace, Object, Origin, Rendered};

/// A requirement that is not met.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: Arc<Rule>,
    /// How bad it is: the clause's own severity or the rule's. A project's override comes later.
    pub severity: Severity,
    /// What is wrong; never secret material.
    pub message: String,
    /// The object it is about.
    pub object: ObjectRef,
    /// Where it points.
    pub place: Place,
    /// Other places that explain it.
    pub related: Vec<Related>,
    /// What the rule's `fix` clauses would change.
    pub edits: Vec<Edit>,
}

/// An object, by what reports call it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// `apiVersion` as written.
    pub api_version: Arc<str>,
    /// `kind` as written.
    pub kind: Arc<str>,
    /// Its namespace, as far as it is known.
    pub namespace: Namespace,
    /// `metadata.namespace` of an object whose kind lives outside namespaces: the API server drops it, but its author knows
    /// the manifest by it.
    pub stray_namespace: Option<Arc<str>>,
    /// `metadata.name`; empty where there is none.
    pub name: Arc<str>,
    /// The context of the cluster it was read from.
    pub cluster: Option<Arc<str>>,
    /// From where it was read.
    pub origin: Origin,
    /// Where the object itself starts: what tells apart two objects of one name.
    pub path: Arc<str>,
    /// Offset of the object in that file.
    pub offset: u32,
}

impl ObjectRef {
    /// What reports call the object.
    pub fn of(object: &Object) -> Self {
        ObjectRef {
            api_version: object.api_version.clone(),
            kind: object.kind_name.clone(),
            namespace: object.namespace.clone(),
            stray_namespace: stray_namespace(object),
            name: object.name.clone(),
            cluster: object.cluster.clone(),
            origin: object.origin,
            path: object.document.source.path.clone(),
            offset: object.node().span().start,
        }
    }
}

/// The namespace that a manifest states although its kind knows none.
fn stray_namespace(object: &Object) -> Option<Arc<str>> {
    if object.namespace != Namespace::ClusterScoped {
        return None;
    }
    let written = object.node().get("metadata")?.get("namespace")?.as_str()?;
    (!written.is_empty()).then(|| written.into())
}

/// A place of the input.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub source: Arc<SourceText>,
    /// The node; for a missing field, its nearest present parent.
    pub span: Span,
    /// Path of the node, or of the missing field, below its object.
    pub path: NodePath,
    /// True where the node that `path` names is missing.
    pub missing: bool,
    /// What a rendered object was made from.
    pub rendered: Option<Arc<Rendered>>,
}

/// Another place that explains a finding.
#[derive(Clone, Debug)]
pub struct Related {
    /// What is there.
    pub message: String,
    /// The object it belongs to.
    pub object: ObjectRef,
    /// Where it is.
    pub place: Place,
}

/// A change that a `fix` clause asks for.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The node, or the field that is to be written.
    pub place: Place,
    /// Which document of the file, from 0.
    pub document: u32,
    /// The node, from the root of that document.
    pub path: NodePath,
    /// What to do there.
    pub action: EditAction,
    /// False where the edit can change what works today.
    pub safe: bool,
    /// Why it cannot be made in a file, where it cannot.
    pub blocked: Option<&'static str>,
}

impl Edit {
    /// The change of the file.
    pub fn change(&self) -> Change {
        Change { document: self.document, path: self.path.clone(), action: self.action.clone() }
    }
}

/// What a `fix` clause does to a node.
#[derive(Clone, Debug, PartialEq)]
pub enum EditAction {
    /// Writes a value, making the parents that are missing.
    Set(serde_json::Value),
    /// Removes the node with its key.
    Remove,
}

/// A verdict that the input does not carry.
#[derive(Clone, Debug)]
pub struct Undecided {
    /// The rule.
    pub rule: Arc<Rule>,
    /// The object it is about, where there is one.
    pub object: Option<ObjectRef>,
    /// Where the evaluation stopped, where that is a place.
    pub place: Option<Place>,
    /// Why it is open; never secret material.
    pub reason: String,
    /// What would decide it; empty where nothing can be said.
    pub need: String,
}

/// What a rule looked at.
#[derive(Clone, Debug, Default)]
pub struct RuleRun {
    /// Primary objects, or rows where the rule goes over a view or relation.
    pub objects: usize,
    /// Bindings that reached a clause with a verdict.
    pub bindings: usize,
    /// Time spent; zero unless timings were asked for.
    pub time: Duration,
    /// For each clause of the rule, in order, how often it was reached and what came of it.
    pub clauses: Vec<ClauseCount>,
}

/// How often a clause was reached and what came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClauseCount {
    /// Bindings that reached it.
    pub reached: u32,
    /// Its condition held (for a generator: it yielded an element).
    pub held: u32,
    /// Its condition did not hold (for a generator: it yielded none).
    pub failed: u32,
    /// Its condition was undecided.
    pub undecided: u32,
}

/// One step of an explained rule: what a clause or a part of its condition came to.
#[derive(Clone, Debug)]
pub struct TraceStep {
    /// The object under evaluation.
    pub object: Option<ObjectRef>,
    /// Index of the clause.
    pub clause: usize,
    /// Depth of nesting: 0 for a clause, 1 for the parts of its condition, and so on.
    pub depth: u16,
    /// The part of the rule's text.
    pub span: Span,
    /// What it came to: `true`, `false`, `missing`, `undecided: …`, a value; secret material is left out.
    pub value: String,
}

/// Everything that a run says.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    /// Requirements that are not met.
    pub findings: Vec<Finding>,
    /// Verdicts that the input does not carry.
    pub undecided: Vec<Undecided>,
    /// What each rule of the program looked at, in the program's order.
    pub rules: Vec<RuleRun>,
    /// Steps of the rule that is explained.
    pub trace: Vec<TraceStep>,
}

impl Verdicts {
    /// Adds what another part of the run says, behind what is here.
    pub fn append(&mut self, mut other: Verdicts) {
        self.findings.append(&mut other.findings);
        self.undecided.append(&mut other.undecided);
        self.trace.append(&mut other.trace);
        if self.rules.len() < other.rules.len() {
            self.rules.resize_with(other.rules.len(), RuleRun::default);
        }
        for (sum, run) in self.rules.iter_mut().zip(other.rules) {
            sum.add(run);
        }
    }

    /// What a rule counted so far, to go on counting; it is put back when the rule is done.
    pub(crate) fn take_run(&mut self, at: usize) -> RuleRun {
        self.rules.get_mut(at).map(std::mem::take).unwrap_or_default()
    }

    /// Puts back what [`take_run`](Self::take_run) gave.
    pub(crate) fn put_run(&mut self, at: usize, run: RuleRun) {
        if self.rules.len() <= at {
            self.rules.resize_with(at + 1, RuleRun::default);
        }
        self.rules[at] = run;
    }
}

impl RuleRun {
    /// Adds what another part of the run counted.
    pub fn add(&mut self, other: RuleRun) {
        self.objects += other.objects;
        self.bindings += other.bindings;
        self.time += other.time;
        if self.clauses.len() < other.clauses.len() {
            self.clauses.resize(other.clauses.len(), ClauseCount::default());
        }
        for (sum, count) in self.clauses.iter_mut().zip(other.clauses) {
            sum.reached += count.reached;
            sum.held += count.held;
            sum.failed += count.failed;
            sum.undecided += count.undecided;
        }
    }
}
