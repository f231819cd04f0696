//! The evaluation of all manifests of a project, on a thread of its own, over copies of texts.
//!
//! A job waits until nothing changed for a moment, and a newer one takes the place of one that waits.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tacit_engine::config::Complete;
use tacit_engine::document::{LoadOptions, Node, SourceText, TreeBuilder};
use tacit_engine::eval::{EvalOptions, Evaluator};
use tacit_engine::library::takes;
use tacit_engine::params;
use tacit_engine::run::{self, RunOptions};
use tacit_engine::select::{Pattern, Selection};
use tacit_engine::source::input::load;
use tacit_engine::source::objects::is_list;
use tacit_engine::source::walk::{WalkOptions, absolute};
use tacit_engine::source::{Input, Role, json};
use tacit_engine::time::SECOND;
use tacit_engine::waiver::{self, Waiver};
use tacit_lang::ast::Severity;
use tacit_lang::check::Compiler;
use tacit_lang::ide::Descriptions;
use tacit_lang::ir::Program;
use tacit_lang::schema::Schemas;

use crate::documents::{Documents, Language};
use crate::manifests::{ManifestFinding, Problem, collect};
use crate::project::Project;
use crate::server::Event;

/// How long nothing must change before an evaluation starts; longer where the last one took long, so that it does not run
/// in vain between two keys.
const QUIET: Duration = Duration::from_millis(120);

/// The longest such wait.
const QUIET_AT_MOST: Duration = Duration::from_secs(3);

/// What an evaluation needs, copied so that the editor can go on.
pub struct Job {
    root: PathBuf,
    generation: u64,
    walk: WalkOptions,
    namespace: Option<Arc<str>>,
    complete: Complete,
    compiler: Compiler,
    selection: Selection,
    params: Vec<(String, tacit_engine::config::Setting)>,
    severity: Vec<(Pattern, Severity)>,
    waivers: Vec<Waiver>,
    texts: HashMap<PathBuf, Arc<str>>,
}

/// Rules, ready to run on an input.
pub struct Ready {
    /// The directory from which names of files count.
    pub base: PathBuf,
    /// The program.
    pub program: Arc<Program>,
    /// The same, planned.
    pub evaluator: Evaluator,
    /// The kinds.
    pub schemas: Schemas,
    /// Exceptions of rule files and the project.
    pub waivers: Vec<Waiver>,
    /// Severities that the project sets.
    pub severity: Vec<(Pattern, Severity)>,
    /// How a run goes.
    pub options: RunOptions,
    /// The instant of the run.
    pub now: i64,
}

/// Rules and files that are ready, before all of them are evaluated.
pub struct Prepared {
    /// Of which project.
    pub root: PathBuf,
    /// The files.
    pub input: Arc<Input>,
    /// The rules.
    pub ready: Arc<Ready>,
}

/// What came of an evaluation.
pub struct Evaluated {
    /// Of which project.
    pub root: PathBuf,
    /// The findings, by file.
    pub findings: HashMap<PathBuf, Vec<ManifestFinding>>,
    /// What does not read, by file.
    pub problems: HashMap<PathBuf, Vec<Problem>>,
    /// The files, as they were.
    pub input: Arc<Input>,
    /// The rules.
    pub ready: Arc<Ready>,
    /// Tells one set of CustomResourceDefinitions from another; 0 for none.
    pub definitions: u64,
    /// What those definitions say of their kinds.
    pub descriptions: Arc<Descriptions>,
}

impl Ready {
    /// The path of a file by the name that findings have for it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.base.join(name)
    }
}

impl Job {
    /// What the evaluation of a project needs.
    pub fn of(project: &Project, documents: &Documents) -> Job {
        let config = &project.config;
        let texts: HashMap<PathBuf, Arc<str>> = documents
            .all()
            .filter(|(path, document)| document.language == Language::Manifest && project.holds(path))
            .map(|(path, document)| (path.clone(), document.text.clone()))
            .collect();
        // A file that was opened alone says nothing about the directory around it.
        let paths = if project.loose { texts.keys().cloned().collect() } else { vec![project.base.clone()] };
        Job {
            root: project.root.clone(),
            generation: project.generation,
            walk: WalkOptions {
                paths,
                exclude: config.exclude.clone(),
                exclude_root: project.base.clone(),
                named_from: project.base.clone(),
            },
            namespace: config.namespace.clone(),
            complete: config.complete.clone().unwrap_or_default(),
            compiler: project.analysis.compiler().fork(),
            selection: project.selection.clone(),
            params: config.params.clone(),
            severity: project.severity.clone(),
            waivers: project.waivers.clone(),
            texts,
        }
    }

    /// Evaluates. Rules that had to be compiled are told `early`, so that open files need not wait for all others.
    fn run(self, known: &mut Known, early: &dyn Fn(Prepared)) -> Option<Evaluated> {
        let overlay = |found: &tacit_engine::source::walk::FoundFile| {
            let text = self.texts.get(&absolute(&found.path))?;
            Some(SourceText::new(found.shown.clone(), text.to_string()))
        };
        let input = Arc::new(Input::find_with(&self.walk, self.namespace.clone(), &overlay).ok()?);
        let definitions = definitions(&input);
        let ready = match known.get(&self.root) {
            Some((generation, kinds, ready, _)) if *generation == self.generation && *kinds == definitions => {
                ready.clone()
            }
            before => {
                // The texts change with the definitions alone.
                let descriptions = match before {
                    Some((_, kinds, _, descriptions)) if *kinds == definitions => descriptions.clone(),
                    _ => Arc::new(describe(&input)),
                };
                let ready = Arc::new(self.ready(&input));
                known.insert(self.root.clone(), (self.generation, definitions, ready.clone(), descriptions));
                early(Prepared { root: self.root.clone(), input: input.clone(), ready: ready.clone() });
                ready
            }
        };
        let descriptions = known.get(&self.root).map(|(.., descriptions)| descriptions.clone()).unwrap_or_default();
        let outcome = run::run(&input, &[], &ready.evaluator, &ready.options, &());
        let (findings, problems) = collect(outcome, &ready);
        Some(Evaluated { root: self.root, findings, problems, input, ready, definitions, descriptions })
    }

    fn ready(&self, input: &Input) -> Ready {
        let compiler = self.compiler.with_schemas(input.schemas.clone());
        let compiled = compiler.compile(&|head| takes(&compiler, &self.selection, head), false);
        let schemas = compiler.schemas().clone();
        let program = Arc::new(compiled.program);
        let (values, _) = params::read(&program.params, &self.params);
        let now = now();
        let options = EvalOptions { params: values, digest_key: key(), ..EvalOptions::at(now) };
        let mut waivers = self.waivers.clone();
        waivers.extend(waiver::of_items(&program.waivers, &schemas, &|_, _| 0).into_iter().flatten());
        Ready {
            base: self.walk.named_from.clone(),
            evaluator: Evaluator::new(program.clone(), schemas.clone(), options),
            program,
            options: RunOptions { schemas: schemas.clone(), complete: self.complete.clone() },
            schemas,
            waivers,
            severity: self.severity.clone(),
            now,
        }
    }
}

/// What the worker keeps of a project: the number of its texts, what tells its definitions from others, its rules, and what
/// the definitions say.
type Known = HashMap<PathBuf, (u64, u64, Arc<Ready>, Arc<Descriptions>)>;

/// What the CustomResourceDefinitions of the workspace say of their kinds.
fn describe(input: &Input) -> Descriptions {
    let mut descriptions = Descriptions::default();
    let mut builder = TreeBuilder::new();
    let is_definition = |_: Option<&str>, kind: Option<&str>| {
        kind.is_some_and(|kind| kind == "CustomResourceDefinition" || is_list(kind))
    };
    for file in input.files.iter().filter(|file| file.role == Role::Manifest) {
        let Some(source) = file.text().ok().filter(|source| source.text.contains("CustomResourceDefinition")) else {
            continue;
        };
        for document in load(&mut builder, &source, &LoadOptions::default(), &is_definition).documents {
            let root = document.root();
            let items = root.get("items").into_iter().flat_map(Node::items);
            for node in items.chain([root]) {
                let text = |path: &[&str]| path.iter().try_fold(node, |node, key| node.get(key)).and_then(Node::as_str);
                let (Some(group), Some(kind)) = (text(&["spec", "group"]), text(&["spec", "names", "kind"])) else {
                    continue;
                };
                if let Some(id) = input.schemas.kind_of(group, kind) {
                    descriptions.add_crd(input.schemas.kind(id).unique_name(), &json::value(node));
                }
            }
        }
    }
    descriptions
}

/// Tells one set of CustomResourceDefinitions from another; 0 for none.
fn definitions(input: &Input) -> u64 {
    let mut sum = 0u64;
    for file in input.files.iter().filter(|file| file.role == Role::Manifest) {
        let Ok(text) = file.text() else { continue };
        if text.text.contains("CustomResourceDefinition") {
            sum = sum.wrapping_add(BuildHasherDefault::<DefaultHasher>::default().hash_one(&text.text) | 1);
        }
    }
    sum
}

/// The instant of now, in whole seconds.
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX) / SECOND * SECOND
}

/// A key that no two runs share.
pub fn key() -> [u8; 32] {
    let mut key = [0; 32];
    for chunk in key.chunks_mut(8) {
        chunk.copy_from_slice(&RandomState::new().hash_one(0).to_le_bytes());
    }
    key
}

#[derive(Default)]
struct Slot {
    jobs: HashMap<PathBuf, Job>,
    posted: Option<Instant>,
    last: Duration,
    running: bool,
    stop: bool,
}

#[derive(Default)]
struct Shared {
    slot: Mutex<Slot>,
    changed: Condvar,
}

/// The thread that evaluates.
pub struct Worker {
    shared: Arc<Shared>,
}

impl Worker {
    /// Starts it; what comes of a job goes into the queue of the loop.
    pub fn start(sender: Sender<Event>) -> Worker {
        let shared = Arc::new(Shared::default());
        let own = shared.clone();
        std::thread::spawn(move || own.run(&sender));
        Worker { shared }
    }

    /// Takes a job; one of the same project that still waits is forgotten.
    pub fn post(&self, job: Job) {
        let mut slot = self.shared.lock();
        slot.jobs.insert(job.root.clone(), job);
        slot.posted = Some(Instant::now());
        self.shared.changed.notify_all();
    }

    /// True where no job waits or runs.
    pub fn is_idle(&self) -> bool {
        let slot = self.shared.lock();
        slot.jobs.is_empty() && !slot.running
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn next(&self) -> Option<Job> {
        let mut slot = self.lock();
        loop {
            if slot.stop {
                return None;
            }
            let quiet = slot.posted.map_or(Duration::ZERO, |posted| posted.elapsed());
            let wait = if slot.jobs.is_empty() {
                None
            } else {
                Some((slot.last / 2).clamp(QUIET, QUIET_AT_MOST).saturating_sub(quiet))
            };
            slot = match wait {
                Some(Duration::ZERO) => {
                    let root = slot.jobs.keys().min().cloned();
                    let job = root.and_then(|root| slot.jobs.remove(&root));
                    slot.running = job.is_some();
                    return job;
                }
                Some(wait) => self
                    .changed
                    .wait_timeout(slot, wait)
                    .map_or_else(|poisoned| poisoned.into_inner().0, |(slot, _)| slot),
                None => self.changed.wait(slot).unwrap_or_else(|poisoned| poisoned.into_inner()),
            };
        }
    }

    fn run(&self, sender: &Sender<Event>) {
        let mut known = Known::new();
        let early = |prepared| drop(sender.send(Event::Prepared(Box::new(prepared))));
        // One core stays free for whoever types.
        let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
        let pool = rayon::ThreadPoolBuilder::new().num_threads(cores.saturating_sub(1).max(1)).build();
        while let Some(job) = self.next() {
            let started = Instant::now();
            let evaluated = catch_unwind(AssertUnwindSafe(|| match &pool {
                Ok(pool) => pool.install(|| job.run(&mut known, &early)),
                Err(_) => job.run(&mut known, &early),
            }));
            let mut slot = self.lock();
            slot.running = false;
            slot.last = started.elapsed();
            drop(slot);
            if let Ok(Some(evaluated)) = evaluated
                && sender.send(Event::Evaluated(Box::new(evaluated))).is_err()
            {
                return;
            }
        }
    }
}
