//! A run: the files of an input stream through the evaluator in parallel; what joins need is kept and evaluated at the
//! end. The order of everything that comes out is that of the files, whatever the number of threads.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use tacit_lang::schema::{KindId, Schemas};
use tacit_lang::span::Span;

use crate::config::Complete;
use crate::document::{
    Document, LoadError, LoadOptions, LoadedFile, Node, SourceText, Template, TreeBuilder, load_json,
};
use crate::eval::{Evaluator, FileReads};
use crate::inventory::{Controllers, FileEntry, Inventory, Seen};
use crate::object::{Object, Origin, Rendered};
use crate::redact::{Mask, Masks};
use crate::report::fingerprint::stable_path;
use crate::source::input::load;
use crate::source::objects::{is_list, objects};
use crate::source::sops::SopsRules;
use crate::source::{Input, InputFile, Role, Skipped};
use crate::verdict::{Finding, RuleRun, Verdicts};
use crate::waiver::Inline;

/// What a run is asked for besides the rules.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// The kinds, with those that the rules declare.
    pub schemas: Schemas,
    /// Of which kinds the input is the whole inventory.
    pub complete: Complete,
}

/// Told of the progress of a run; called from many threads.
pub trait Progress: Sync {
    /// So many of so many files are done.
    fn files(&self, done: usize, all: usize);
}

/// Says nothing.
impl Progress for () {
    fn files(&self, _: usize, _: usize) {}
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Findings, undecided verdicts, what each rule looked at.
    pub verdicts: Verdicts,
    /// For each finding its path with names in the place of positions.
    pub stable_paths: Vec<String>,
    /// What may be shown of the documents with findings.
    pub masks: Masks,
    /// Files read.
    pub files: usize,
    /// Documents in them.
    pub documents: usize,
    /// Objects in those.
    pub objects: usize,
    /// Kinds of the objects, whether a rule looks at them or not.
    pub kinds: BTreeSet<KindId>,
    /// What was not read.
    pub skipped: Vec<Skipped>,
    /// Files that are JSON by their names alone and mention no object: settings of other programs, which may hold comments.
    pub other_json: Vec<Arc<str>>,
    /// Exceptions in annotations and comments.
    pub inline: Inline,
    /// Time of each phase.
    pub phases: Vec<(&'static str, Duration)>,
}

/// Runs an evaluator over an input.
pub fn run(
    input: &Input,
    rendered: &[RenderedFile],
    evaluator: &Evaluator,
    options: &RunOptions,
    progress: &dyn Progress,
) -> Outcome {
    let mut outcome = Outcome { skipped: input.skipped.clone(), ..Outcome::default() };
    let started = Instant::now();
    let done = AtomicUsize::new(0);
    let all = input.files.len() + rendered.len();
    let reads = evaluator.reads_of_files();
    let sops_rules = if reads.sops_rule { input.sops_rules() } else { SopsRules::default() };
    let beside = if reads.any { input.beside() } else { Vec::new() };
    let job = Job { input, evaluator, options, reads, sops_rules };
    let tick = || progress.files(done.fetch_add(1, Ordering::Relaxed) + 1, all);
    let mut kept = Vec::new();
    let mut entries = Vec::new();
    let mut controllers = Controllers::default();
    let counted = Mutex::new(Verdicts::default());
    let of_beside = beside.par_iter().map(|(file, ignored)| {
        let mut result = FileResult::default();
        job.other_file(file, *ignored, &mut result);
        result
    });
    let of_beside: Vec<FileResult> = of_beside.collect();
    // Part by part, so that what came of a file is put together with the rest soon after.
    for files in input.files.chunks(CHUNK) {
        let of_files = files.par_iter().map_init(
            || Worker::new(&counted),
            |worker, file| {
                let result = job.file(worker, file, None);
                tick();
                result
            },
        );
        for part in of_files.collect::<Vec<FileResult>>() {
            outcome.add(part, &mut kept, &mut entries, &mut controllers);
        }
    }
    let of_rendered = rendered.par_iter().map_init(
        || Worker::new(&counted),
        |worker, file| {
            let result = job.file(worker, &file.file, Some(file));
            tick();
            result
        },
    );
    for part in of_rendered.collect::<Vec<FileResult>>() {
        outcome.add(part, &mut kept, &mut entries, &mut controllers);
    }
    for part in of_beside {
        outcome.add(part, &mut kept, &mut entries, &mut controllers);
    }
    outcome.verdicts.append(counted.into_inner().unwrap_or_else(PoisonError::into_inner));
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    outcome.phases.push(("read and check objects", started.elapsed()));

    let started = Instant::now();
    let rest = match options.complete {
        Complete::Everything => seen(&outcome.skipped),
        _ => Seen::Partial,
    };
    let mut inventory = Inventory::new(kept, entries, rest);
    inventory.add_controllers(controllers);
    if let Complete::Kinds(names) = &options.complete {
        for kind in names.iter().flat_map(|name| options.schemas.kinds_named(name)) {
            inventory.set_seen(kind, seen(&outcome.skipped));
        }
    }
    let mut global = Verdicts::default();
    evaluator.global(&inventory, &mut global);
    outcome.add_global(global, &inventory);
    outcome.phases.push(("check relations", started.elapsed()));
    outcome.skipped.sort();
    outcome.skipped.dedup();
    outcome
}

/// Runs on one file the rules that hang on one object alone: what an editor shows at once, before joins are looked at.
pub fn run_file(input: &Input, file: &InputFile, evaluator: &Evaluator, options: &RunOptions) -> Outcome {
    // Rules about files look at all of them.
    let (reads, sops_rules) = (FileReads::default(), SopsRules::default());
    let counted = Mutex::new(Verdicts::default());
    let part = Job { input, evaluator, options, reads, sops_rules }.file(&mut Worker::new(&counted), file, None);
    let mut outcome = Outcome::default();
    outcome.add(part, &mut Vec::new(), &mut Vec::new(), &mut Controllers::default());
    outcome.verdicts.append(counted.into_inner().unwrap_or_else(PoisonError::into_inner));
    outcome
}

/// How much of a kind was seen where the input was declared complete.
fn seen(skipped: &[Skipped]) -> Seen {
    match skipped {
        [] => Seen::Complete,
        [one] => Seen::NotListed(format!("{} was not read", one.file).into()),
        [first, ..] => Seen::NotListed(format!("{} and {} more were not read", first.file, skipped.len() - 1).into()),
    }
}

/// Finds what an object of the output was made from.
pub type Origins = Box<dyn Fn(Node<'_>) -> Option<Arc<Rendered>> + Send + Sync>;

/// Output of a renderer, and how to find what it was made from.
pub struct RenderedFile {
    /// The output, as a file.
    pub file: InputFile,
    /// For each object of the output, what it was made from.
    pub origin: Origins,
}

struct Job<'j> {
    input: &'j Input,
    evaluator: &'j Evaluator,
    options: &'j RunOptions,
    reads: FileReads,
    sops_rules: SopsRules,
}

/// Files that are evaluated in parallel before what came of them is put together.
const CHUNK: usize = 4_096;

/// Files that are no manifests are read up to this size.
const OTHER_BYTES: u64 = 1 << 20;

/// What came of a part of the input.
#[derive(Default)]
pub(crate) struct FileResult {
    read: bool,
    pub documents: usize,
    pub objects: usize,
    pub kinds: BTreeSet<KindId>,
    pub verdicts: Verdicts,
    stable_paths: Vec<String>,
    pub masks: Vec<(Arc<str>, Arc<Mask>)>,
    pub kept: Vec<Object>,
    controllers: Controllers,
    pub skipped: Vec<Skipped>,
    /// It is JSON by its name alone, such as the settings of other programs, which may hold comments.
    other_json: Option<Arc<str>>,
    pub inline: Inline,
    entry: Option<FileEntry>,
}

/// What is kept from file to file: the memory of documents, and what the rules counted. Of hundreds of rules a file
/// reaches few, so that adding up all of them for each file would cost more than the rules do.
struct Worker<'r> {
    builder: TreeBuilder,
    rules: Vec<RuleRun>,
    /// Takes the sums when the work is done.
    sum: &'r Mutex<Verdicts>,
}

impl<'r> Worker<'r> {
    fn new(sum: &'r Mutex<Verdicts>) -> Self {
        Worker { builder: TreeBuilder::new(), rules: Vec::new(), sum }
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let rules = std::mem::take(&mut self.rules);
        let mut sum = self.sum.lock().unwrap_or_else(PoisonError::into_inner);
        sum.append(Verdicts { rules, ..Verdicts::default() });
    }
}

impl Job<'_> {
    fn file(&self, worker: &mut Worker<'_>, file: &InputFile, rendered: Option<&RenderedFile>) -> FileResult {
        let mut result = FileResult::default();
        std::mem::swap(&mut result.verdicts.rules, &mut worker.rules);
        self.read(&mut worker.builder, file, rendered, &mut result);
        std::mem::swap(&mut result.verdicts.rules, &mut worker.rules);
        result
    }

    fn read(
        &self,
        builder: &mut TreeBuilder,
        file: &InputFile,
        rendered: Option<&RenderedFile>,
        result: &mut FileResult,
    ) {
        let is_input =
            matches!(file.role, Role::Manifest | Role::Kustomization | Role::SopsRules | Role::Chart | Role::Part);
        if !is_input {
            if self.reads.any {
                self.other_file(file, false, result);
            }
            return;
        }
        let text = match file.text() {
            Ok(text) => text,
            Err(reason) => {
                result.skipped.push(Skipped { file: file.found.shown.clone(), reason });
                return;
            }
        };
        result.read = true;
        let of_file = self.reads.any && rendered.is_none();
        let tree = of_file && (self.reads.tree || (self.reads.sops && mentions_sops(&text)));
        let loaded = self.load(builder, file, &text, tree, result);
        if !loaded.errors.is_empty() && !file.found.named && is_other_json(&text) {
            result.other_json = Some(text.path.clone());
        } else {
            let skip =
                |error: &LoadError| Skipped { file: text.path.clone(), reason: at(&text, error.span, &error.message) };
            result.skipped.extend(loaded.errors.iter().map(skip));
        }
        result.skipped.extend(
            loaded.templates.iter().map(|template| Skipped {
                file: text.path.clone(),
                reason: at(&text, template.span, Template::REASON),
            }),
        );
        let mut first = None;
        for document in loaded.documents {
            let document = Arc::new(document);
            if matches!(file.role, Role::Manifest | Role::Kustomization | Role::SopsRules) && !file.replaced {
                self.document(file, &document, rendered, result);
            }
            if tree && first.is_none() {
                first = Some(document);
            } else if let Ok(document) = Arc::try_unwrap(document) {
                builder.recycle(document);
            }
        }
        if of_file {
            self.file_rules(file, false, Some(text), first, result);
        }
    }

    /// A file that holds no objects.
    fn other_file(&self, file: &InputFile, ignored: bool, result: &mut FileResult) {
        let wanted = self.reads.text || self.reads.sops || self.reads.tree;
        let text = if wanted { file.small_text(OTHER_BYTES) } else { None };
        // SOPS keeps a file of another format as JSON.
        let tree = text.as_ref().filter(|text| text.text.starts_with('{') && mentions_sops(text)).and_then(|text| {
            let loaded = load_json(text.clone(), &LoadOptions::default());
            loaded.documents.into_iter().next().map(Arc::new)
        });
        self.file_rules(file, ignored, text, tree, result);
    }

    /// Runs the rules about files.
    fn file_rules(
        &self,
        file: &InputFile,
        ignored: bool,
        text: Option<Arc<SourceText>>,
        tree: Option<Arc<Document>>,
        result: &mut FileResult,
    ) {
        let path = file.found.shown.clone();
        let readable = text.is_some() && (self.reads.text || self.reads.sops);
        let source = text.unwrap_or_else(|| SourceText::new(path.clone(), ""));
        let entry = FileEntry {
            path,
            ignored,
            readable,
            text: Arc::new(Document::of_text(source, readable)),
            tree,
            sops_rule: self.sops_rules.of(&file.absolute),
        };
        let first = result.verdicts.findings.len();
        self.evaluator.file(&entry, &mut result.verdicts);
        for finding in &result.verdicts.findings[first..] {
            result.stable_paths.push(finding.place.path.to_string());
            let source = &finding.place.source;
            // Of a file that holds a secret, and that is no object, nothing is shown.
            result.masks.push((source.path.clone(), Arc::new(Mask::all(source))));
        }
        if self.reads.kept {
            result.entry = Some(entry);
        }
    }

    fn load(
        &self,
        builder: &mut TreeBuilder,
        file: &InputFile,
        text: &Arc<SourceText>,
        all: bool,
        result: &mut FileResult,
    ) -> LoadedFile {
        let schemas = &self.options.schemas;
        let (objects, kinds) = (Cell::new(0usize), std::cell::RefCell::new(BTreeSet::new()));
        let is_known = matches!(file.role, Role::Kustomization | Role::SopsRules);
        let want = |version: Option<&str>, kind: Option<&str>| {
            let (Some(version), Some(kind)) = (version, kind) else { return is_known || all };
            if is_list(kind) {
                return true;
            }
            let id = schemas.kind_of_api_version(version, kind).map(|(id, _)| id);
            let reached = all || id.is_some_and(|id| self.evaluator.reaches(id));
            if !reached && file.role == Role::Manifest && !file.replaced {
                objects.set(objects.get() + 1);
                kinds.borrow_mut().extend(id);
            }
            reached
        };
        let options = LoadOptions { comments: file.waives, ..LoadOptions::default() };
        let loaded = load(builder, text, &options, &want);
        result.objects += objects.get();
        result.kinds = kinds.into_inner();
        result.documents +=
            loaded.documents.len() + loaded.unwanted_documents + loaded.errors.len() + loaded.templates.len();
        loaded
    }

    fn document(
        &self,
        file: &InputFile,
        document: &Arc<Document>,
        rendered: Option<&RenderedFile>,
        result: &mut FileResult,
    ) {
        let mut context = self.input.context(file);
        if rendered.is_some() {
            context.origin = Origin::Rendered;
        }
        let origin = |node: Node<'_>| rendered.and_then(|rendered| (rendered.origin)(node));
        let found = objects(document, &self.options.schemas, &context, &origin);
        let before = result.verdicts.findings.len();
        let mut compact: Option<Arc<Document>> = None;
        for object in found {
            result.objects += 1;
            result.kinds.extend(object.kind);
            if file.waives {
                result.inline.read_object(&object);
            }
            object_rules(self.evaluator, document, object, &mut compact, result);
        }
        if file.waives {
            result.inline.read_comments(document);
        }
        if result.verdicts.findings.len() > before {
            result.masks.push((document.source.path.clone(), Arc::new(Mask::of(document))));
        }
    }
}

/// Runs the rules that hang on one object alone, and keeps it where others look at it.
pub(crate) fn object_rules(
    evaluator: &Evaluator,
    document: &Arc<Document>,
    object: Object,
    compact: &mut Option<Arc<Document>>,
    result: &mut FileResult,
) {
    if !object.kind.is_some_and(|kind| evaluator.reaches(kind)) {
        return;
    }
    let first = result.verdicts.findings.len();
    let steps = result.verdicts.trace.len();
    evaluator.local(&object, &mut result.verdicts);
    if let Some(new) = result.verdicts.trace.get_mut(steps..).filter(|new| !new.is_empty()) {
        let mask = Mask::of(document);
        new.iter_mut().for_each(|step| step.value = mask.trace(&document.source, &step.value));
    }
    for finding in &result.verdicts.findings[first..] {
        result.stable_paths.push(stable_path(object.node(), &finding.place.path));
    }
    result.controllers.note(&object);
    if evaluator.keeps_object(&object) {
        // The memory of the document itself is filled again by the next one.
        let document = Arc::clone(compact.get_or_insert_with(|| Arc::new(document.compact())));
        result.kept.push(Object { document, ..object });
    }
}

/// False where a text certainly has no metadata of SOPS.
fn mentions_sops(text: &SourceText) -> bool {
    memchr::memmem::find(text.text.as_bytes(), b"sops").is_some()
}

/// True for a file named as JSON that mentions neither an object of Kubernetes nor SOPS.
fn is_other_json(text: &SourceText) -> bool {
    let mentions = |word: &str| memchr::memmem::find(text.text.as_bytes(), word.as_bytes()).is_some();
    text.path.ends_with(".json") && !["apiVersion", "kind", "sops"].into_iter().any(mentions)
}

/// A reason with the line and column of its place.
fn at(text: &SourceText, span: Span, reason: &str) -> String {
    let at = text.line_column(span.start);
    format!("line {}, column {}: {reason}", at.line, at.column)
}

impl Outcome {
    pub(crate) fn add(
        &mut self,
        part: FileResult,
        kept: &mut Vec<Object>,
        entries: &mut Vec<FileEntry>,
        controllers: &mut Controllers,
    ) {
        self.files += usize::from(part.read);
        self.documents += part.documents;
        self.objects += part.objects;
        self.kinds.extend(part.kinds);
        self.verdicts.append(part.verdicts);
        self.stable_paths.extend(part.stable_paths);
        for (path, mask) in part.masks {
            self.masks.add(&path, mask);
        }
        kept.extend(part.kept);
        controllers.merge(part.controllers);
        self.skipped.extend(part.skipped);
        self.other_json.extend(part.other_json);
        self.inline.append(part.inline);
        entries.extend(part.entry);
    }

    pub(crate) fn add_global(&mut self, mut global: Verdicts, inventory: &Inventory) {
        for step in &mut global.trace {
            let of = step.object.as_ref();
            let of = of.and_then(|of| inventory.objects().iter().find(|object| object.document.source.path == of.path));
            step.value = match of {
                Some(object) => Mask::of(&object.document).trace(&object.document.source, &step.value),
                None => Mask::default().trace(&SourceText::new("", ""), &step.value),
            };
        }
        if !global.findings.is_empty() {
            let by_place: HashMap<(&str, u32), &Object> = inventory
                .objects()
                .iter()
                .map(|object| ((&*object.document.source.path, object.node().span().start), object))
                .collect();
            let mut judged = std::collections::HashSet::new();
            for finding in &global.findings {
                let object = by_place.get(&(&*finding.object.path, finding.object.offset));
                self.stable_paths.push(match object {
                    Some(object) => stable_path(object.node(), &finding.place.path),
                    None => finding.place.path.to_string(),
                });
                if finding.object.kind.is_empty() {
                    let source = &finding.place.source;
                    self.masks.add(&source.path, Arc::new(Mask::all(source)));
                }
                if let Some(object) = object
                    && judged.insert(Arc::as_ptr(&object.document))
                {
                    self.masks.add(&object.document.source.path, Arc::new(Mask::of(&object.document)));
                }
            }
        }
        self.verdicts.append(global);
    }

    /// Puts the findings into their final order: by file and place, then by rule and message.
    pub fn sort(&mut self) {
        let findings = std::mem::take(&mut self.verdicts.findings);
        let paths = std::mem::take(&mut self.stable_paths);
        let mut pairs: Vec<(Finding, String)> = findings.into_iter().zip(paths).collect();
        pairs.sort_by(|(a, _), (b, _)| {
            let key =
                |finding: &Finding| (finding.place.source.path.clone(), finding.place.span, finding.rule.id().clone());
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message)).then_with(|| a.object.cmp(&b.object))
        });
        (self.verdicts.findings, self.stable_paths) = pairs.into_iter().unzip();
        self.verdicts.undecided.sort_by(|a, b| {
            a.rule.id().cmp(b.rule.id()).then_with(|| a.object.cmp(&b.object)).then_with(|| a.reason.cmp(&b.reason))
        });
    }
}

/// The kinds named by `--complete` that no schema knows, with the nearest right name.
pub fn check_complete(complete: &Complete, schemas: &Schemas) -> Result<(), String> {
    let Complete::Kinds(names) = complete else { return Ok(()) };
    for name in names {
        if schemas.kinds_named(name).is_empty() {
            let help = schemas.nearest_kind(name).map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
            return Err(format!("--complete: there is no kind `{name}`{help}"));
        }
    }
    Ok(())
}
