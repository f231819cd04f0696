//! A run over the objects of one live cluster.
//!
//! Whoever talks to the cluster hands over the text of each object, page by page, in any order and from several threads;
//! rules that hang on one object run at once, the others at the [end](LiveRun::finish), over what was listed.

use std::collections::BTreeSet;
use std::sync::Arc;

use tacit_lang::builtin::relations;
use tacit_lang::schema::{KindId, Schemas, Scope};

use crate::document::{Document, LoadOptions, SourceText, TreeBuilder};
use crate::eval::{EvalOptions, Evaluator};
use crate::inventory::{Controllers, Inventory, Seen};
use crate::object::{Namespace, Object, Origin};
use crate::redact::Mask;
use crate::run::{FileResult, Outcome, object_rules};
use crate::source::Skipped;
use crate::verdict::{Undecided, Verdicts};

/// What stands in the place of a value of a Secret that was not fetched; whoever reads it is undecided. It is no base64,
/// so no value of a Secret is written like it.
pub const WITHHELD: &str = "tacit:withheld";

/// The kind of the object that carries what the metrics of an API server tell: it is read, and pointed at, like any other
/// object. The standard library declares it.
pub const EVIDENCE_KIND: &str = "APIServerEvidence";

/// The `apiVersion` of that object.
pub const EVIDENCE_VERSION: &str = "tacit.dev/v1";

/// The field of a Secret in which whoever reads the cluster tells what earlier runs saw: `unchangedSince` and
/// `changedSince`, as times.
pub const HISTORY: &str = "tacit.dev/history";

/// An object as the cluster gave it. Its text may hold secrets, so it has no `Debug`.
pub struct LiveObject {
    /// Its `apiVersion`.
    pub api_version: Arc<str>,
    /// Its `kind`.
    pub kind: Arc<str>,
    /// Its namespace; empty where it is in none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its JSON text, with all of these.
    pub text: String,
}

/// What came of a page of objects.
#[derive(Default)]
pub struct Page(FileResult);

impl Page {
    /// So many objects are in it.
    pub fn objects(&self) -> usize {
        self.0.objects
    }
}

/// What a cluster did not give.
#[derive(Clone, Debug)]
pub struct Missing {
    /// What it is.
    pub what: Lack,
    /// Why, without a full stop.
    pub reason: String,
    /// What would give it: a permission, an option.
    pub need: String,
}

/// Input that a rule can lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lack {
    /// The objects of a kind.
    Kind(KindId),
    /// The metrics of the API server.
    Metrics,
    /// Everything.
    Cluster,
}

/// How much of a kind was asked for.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The kind.
    pub kind: KindId,
    /// What was seen of it.
    pub seen: Seen,
}

/// A run over one cluster.
pub struct LiveRun {
    evaluator: Arc<Evaluator>,
    schemas: Schemas,
    cluster: Arc<str>,
    keep_all: bool,
}

impl LiveRun {
    /// A run; `cluster` is the name of the context.
    pub fn new(evaluator: Arc<Evaluator>, schemas: Schemas, cluster: Arc<str>) -> LiveRun {
        LiveRun { evaluator, schemas, cluster, keep_all: false }
    }

    /// A run that has no rules: its objects are kept, for [`inventory`](Self::inventory).
    pub fn collecting(schemas: Schemas, cluster: Arc<str>) -> LiveRun {
        let evaluator = Evaluator::new(Arc::default(), schemas.clone(), EvalOptions::at(0));
        LiveRun { evaluator: Arc::new(evaluator), schemas, cluster, keep_all: true }
    }

    /// Runs the rules that hang on one object alone over a page of objects.
    pub fn page(&self, objects: Vec<LiveObject>) -> Page {
        let mut builder = TreeBuilder::new();
        let mut result = FileResult::default();
        for object in objects {
            self.object(&mut builder, object, &mut result);
        }
        Page(result)
    }

    fn object(&self, builder: &mut TreeBuilder, mut object: LiveObject, result: &mut FileResult) {
        let mut path = self.cluster.to_string();
        for part in [&*object.kind, &object.namespace, &object.name].into_iter().filter(|part| !part.is_empty()) {
            path.push('/');
            path.push_str(part);
        }
        let source = SourceText::live(path, std::mem::take(&mut object.text));
        let loaded = builder.load_json(&source, &LoadOptions::default());
        let Some(document) = loaded.documents.into_iter().next() else {
            let reason = "the object could not be read".to_owned();
            result.skipped.push(Skipped { file: source.path.clone(), reason });
            return;
        };
        let document = Arc::new(document);
        let object = self.made(&document, object);
        result.documents += 1;
        result.objects += 1;
        result.kinds.extend(object.kind);
        result.inline.read_object(&object);
        let before = result.verdicts.findings.len();
        let mut compact = None;
        if self.keep_all {
            result.kept.push(object);
        } else {
            object_rules(&self.evaluator, &document, object, &mut compact, result);
        }
        if result.verdicts.findings.len() > before {
            result.masks.push((document.source.path.clone(), Arc::new(Mask::of(&document))));
        }
        if let Ok(document) = Arc::try_unwrap(document) {
            builder.recycle(document);
        }
    }

    fn made(&self, document: &Arc<Document>, object: LiveObject) -> Object {
        let kind = self.schemas.kind_of_api_version(&object.api_version, &object.kind).map(|(kind, _)| kind);
        Object {
            document: document.clone(),
            root: document.root().id(),
            kind,
            api_version: object.api_version,
            kind_name: object.kind,
            name: object.name.into(),
            // What the server gives without a namespace is in none.
            namespace: match object.namespace.as_str() {
                "" => Namespace::ClusterScoped,
                namespace => Namespace::Set(namespace.into()),
            },
            origin: Origin::Cluster,
            cluster: Some(self.cluster.clone()),
            rendered: None,
        }
    }

    /// Runs the rules that look at several objects. `pages` in a fixed order, whatever the order they came in.
    ///
    /// Of a kind that `listed` does not name the cluster serves none. Every rule that can look at something `missing` is
    /// undecided.
    pub fn finish(&self, pages: Vec<Page>, listed: Vec<Listed>, missing: Vec<Missing>) -> Outcome {
        let (mut outcome, inventory) = self.put_together(pages, listed);
        let mut global = Verdicts::default();
        self.evaluator.global(&inventory, &mut global);
        outcome.add_global(global, &inventory);
        for lack in &missing {
            if let Lack::Kind(kind) = lack.what {
                let file = format!("{}/{}", self.cluster, self.schemas.kind(kind).unique_name());
                outcome.skipped.push(Skipped { file: file.into(), reason: lack.reason.clone() });
            } else {
                outcome.skipped.push(Skipped { file: self.cluster.clone(), reason: lack.reason.clone() });
            }
        }
        self.say_undecided(&missing, &mut outcome);
        outcome.skipped.sort();
        outcome.skipped.dedup();
        outcome
    }

    /// What a [collecting](Self::collecting) run has collected.
    pub fn inventory(&self, pages: Vec<Page>, listed: Vec<Listed>) -> Inventory {
        self.put_together(pages, listed).1
    }

    fn put_together(&self, pages: Vec<Page>, listed: Vec<Listed>) -> (Outcome, Inventory) {
        let mut outcome = Outcome::default();
        let (mut kept, mut entries, mut controllers) = (Vec::new(), Vec::new(), Controllers::default());
        for page in pages {
            outcome.add(page.0, &mut kept, &mut entries, &mut controllers);
        }
        let mut inventory = Inventory::new(kept, entries, Seen::Partial);
        inventory.add_controllers(controllers);
        for kind in self.schemas.kinds() {
            inventory.set_seen(kind, Seen::Complete);
        }
        for Listed { kind, seen } in listed {
            inventory.set_seen(kind, seen);
        }
        (outcome, inventory)
    }

    /// A rule that lacks input is not clean: it says once what it lacks.
    fn say_undecided(&self, missing: &[Missing], outcome: &mut Outcome) {
        for rule in &self.evaluator.program().rules {
            let lacks = missing.iter().filter(|lack| match lack.what {
                Lack::Kind(kind) => rule.reach.kinds.iter().chain(&rule.reach.primary).any(|&reached| {
                    let restricted = self.schemas.kind(reached).restricted.as_ref();
                    restricted.map_or(reached, |restricted| restricted.kind) == kind
                }),
                Lack::Metrics => rule.reach.relations.iter().any(|&relation| is_encryption(relation)),
                Lack::Cluster => true,
            });
            let lacks: Vec<&Missing> = lacks.collect();
            if lacks.is_empty() {
                continue;
            }
            let reasons: BTreeSet<&str> = lacks.iter().map(|lack| &*lack.reason).collect();
            let needs: BTreeSet<&str> = lacks.iter().map(|lack| &*lack.need).filter(|need| !need.is_empty()).collect();
            let join = |parts: BTreeSet<&str>| parts.into_iter().collect::<Vec<_>>().join("; ");
            let role = match needs.is_empty() {
                true => "",
                false => " (`tacit compile --to rbac` prints the least role)",
            };
            outcome.verdicts.undecided.push(Undecided {
                rule: rule.clone(),
                object: None,
                place: None,
                reason: format!("{}: {}", self.cluster, join(reasons)),
                need: join(needs) + role,
            });
        }
    }
}

/// True for the relation that the metrics of the API server give rows to.
pub fn is_encryption(relation: u32) -> bool {
    relations::ALL.get(relation as usize).is_some_and(|relation| relation.name == "Encryption")
}

/// True where a relation looks at every kind there is, so that a live run would have to list all of them.
pub fn looks_at_everything(relation: u32) -> bool {
    relations::ALL.get(relation as usize).is_some_and(|relation| relation.kinds.contains(&"*"))
}

/// True for kinds that are no API objects.
pub fn is_file(schemas: &Schemas, kind: KindId) -> bool {
    schemas.kind(kind).scope == Scope::File
}

/// Puts together what came of several clusters.
pub fn join(outcomes: Vec<Outcome>) -> Outcome {
    let mut all = Outcome::default();
    for outcome in outcomes {
        all.verdicts.append(outcome.verdicts);
        all.stable_paths.extend(outcome.stable_paths);
        all.masks.append(outcome.masks);
        all.documents += outcome.documents;
        all.objects += outcome.objects;
        all.kinds.extend(outcome.kinds);
        all.skipped.extend(outcome.skipped);
        all.inline.append(outcome.inline);
        all.phases.extend(outcome.phases);
    }
    all.skipped.sort();
    all.skipped.dedup();
    all
}
