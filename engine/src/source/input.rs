//! The files of a run, before their objects are looked at: what each one is, and what can be told of all of them
//! together (custom kinds, namespaces, which rules can matter).

use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use memchr::memmem;
use rayon::prelude::*;
use tacit_lang::schema::{KindId, Schemas};

use crate::config::plain;
use crate::document::{LoadOptions, LoadedFile, Node, SourceText, TreeBuilder};
use crate::object::Origin;

use super::helm::{self, Charts};
use super::kustomize::{self, FluxPath, Graph, Kustomization};
use super::mention;
use super::objects::{Context, header};
use super::sops::SopsRules;
use super::walk::{FoundFile, Skipped, WalkOptions, absolute, ignored, is_manifest, walk};

/// Texts up to this many bytes together are kept between the first look at the files and their evaluation; what lies
/// beyond is read twice.
const KEPT_BYTES: usize = 32 << 20;

/// What a file is to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It can hold objects.
    Manifest,
    /// A kustomization: an object even where it states no kind.
    Kustomization,
    /// The rules of SOPS.
    SopsRules,
    /// A part of objects, or data of a kustomization.
    Part,
    /// A template of a chart.
    Template,
    /// Another file of a chart: its description, its values.
    Chart,
    /// No YAML or JSON.
    Other,
}

/// A file of a run.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// How it was found.
    pub found: FoundFile,
    /// Its path from the root of the file system.
    pub absolute: PathBuf,
    /// What it is.
    pub role: Role,
    /// True where a comment or annotation of it may waive findings.
    pub waives: bool,
    /// True where a rendered object stands for each of its objects.
    pub replaced: bool,
    text: Option<Arc<SourceText>>,
}

/// All files of a run.
#[derive(Debug)]
pub struct Input {
    /// In the order of their names.
    pub files: Vec<InputFile>,
    /// What was not read, and why.
    pub skipped: Vec<Skipped>,
    /// The kinds, with those that the input defines.
    pub schemas: Schemas,
    /// Words behind `kind:` anywhere in the input.
    pub mentions: HashSet<String>,
    /// What kustomizations make of the files.
    pub graph: Graph,
    /// Charts.
    pub charts: Charts,
    /// Things to tell about the input that are no failure.
    pub notes: Vec<String>,
    /// Namespace of manifests that state none.
    pub default_namespace: Option<Arc<str>>,
    kustomize_file: Option<KindId>,
    sops_rules: Option<KindId>,
    walked: Walked,
}

/// What is needed to list the files that hold no objects.
#[derive(Debug, Default)]
struct Walked {
    options: WalkOptions,
    hidden: Vec<FoundFile>,
    directories: Vec<PathBuf>,
}

/// What the first look at a file's text told.
#[derive(Default)]
struct Look {
    text: Option<Arc<SourceText>>,
    skipped: Option<Skipped>,
    mentions: HashSet<String>,
    defines: bool,
    flux: bool,
    waives: bool,
}

impl Input {
    /// Finds the files below the paths and looks at them once.
    pub fn find(options: &WalkOptions, default_namespace: Option<Arc<str>>) -> Result<Input, String> {
        Self::find_with(options, default_namespace, &|_| None)
    }

    /// The same, with texts that stand for those of files: what an editor holds and has not written.
    pub fn find_with(
        options: &WalkOptions,
        default_namespace: Option<Arc<str>>,
        overlay: &dyn Fn(&FoundFile) -> Option<Arc<SourceText>>,
    ) -> Result<Input, String> {
        let found = walk(options)?;
        let files = found
            .files
            .into_iter()
            .map(|found| {
                let text = overlay(&found);
                (found, text)
            })
            .collect();
        let roots: Vec<PathBuf> = options.paths.iter().map(|path| absolute(path)).collect();
        let mut input = Self::look(files, found.skipped, &roots, default_namespace, Schemas::builtin());
        input.walked = Walked { options: options.clone(), hidden: found.hidden, directories: found.directories };
        Ok(input)
    }

    /// Takes texts in the place of files, and kinds that are known already.
    pub fn of_texts(texts: Vec<Arc<SourceText>>, schemas: Schemas) -> Input {
        let file = |text: &Arc<SourceText>| FoundFile {
            path: PathBuf::from(&*text.path),
            shown: text.path.clone(),
            manifest: is_manifest(&text.path),
            named: false,
        };
        let files = texts.into_iter().map(|text| (file(&text), Some(text))).collect();
        Self::look(files, Vec::new(), &[], None, schemas)
    }

    fn look(
        files: Vec<(FoundFile, Option<Arc<SourceText>>)>,
        mut skipped: Vec<Skipped>,
        roots: &[PathBuf],
        default_namespace: Option<Arc<str>>,
        schemas: Schemas,
    ) -> Input {
        let charts = Charts::find(files.iter().map(|(file, _)| file));
        let budget = AtomicUsize::new(KEPT_BYTES);
        let looks: Vec<Look> = files.par_iter().map(|(file, text)| look_at(file, text.clone(), &budget)).collect();
        let mut mentions = HashSet::new();
        let mut input_files = Vec::with_capacity(files.len());
        let mut sources = Sources::default();
        for ((found, _), look) in files.into_iter().zip(looks) {
            let readable = look.skipped.is_none();
            skipped.extend(look.skipped);
            mentions.extend(look.mentions);
            let absolute = if found.is_stdin() { PathBuf::from("-") } else { absolute(&found.path) };
            let role = role(&found, &charts);
            if readable && role == Role::Kustomization {
                sources.kustomizations.push(input_files.len());
            }
            if readable && role == Role::Manifest {
                sources.definitions.extend(look.defines.then_some(input_files.len()));
                sources.flux.extend(look.flux.then_some(input_files.len()));
            }
            if readable {
                input_files.push(InputFile {
                    found,
                    absolute,
                    role,
                    waives: look.waives,
                    replaced: false,
                    text: look.text,
                });
            }
        }
        let mut input = Input {
            kustomize_file: one_kind(&schemas, "KustomizeFile"),
            sops_rules: one_kind(&schemas, "SopsConfig"),
            files: input_files,
            skipped,
            schemas,
            mentions,
            graph: Graph::default(),
            charts,
            notes: Vec::new(),
            default_namespace,
            walked: Walked::default(),
        };
        input.read_definitions(&sources.definitions);
        input.read_kustomizations(&sources, roots);
        input.skip_templates();
        input
    }

    /// Custom kinds extend the schemas before rules are compiled against them.
    fn read_definitions(&mut self, files: &[usize]) {
        let mut builder = TreeBuilder::new();
        for &at in files {
            let Ok(text) = self.files[at].text() else { continue };
            let is_definition = |_: Option<&str>, kind: Option<&str>| {
                kind.is_some_and(|kind| kind == "CustomResourceDefinition" || super::objects::is_list(kind))
            };
            for document in load(&mut builder, &text, &LoadOptions::default(), &is_definition).documents {
                for node in definitions(document.root()) {
                    if let Err(problem) = self.schemas.add_crd(&super::json::value(node)) {
                        let name = node.get("metadata").and_then(|meta| meta.get("name")?.as_str()).unwrap_or("?");
                        // Built-in kinds are sometimes shipped as CRDs; the server ignores those too.
                        self.notes
                            .push(format!("{}: CustomResourceDefinition {name} adds no kind: {problem}", text.path));
                    }
                }
            }
        }
    }

    fn read_kustomizations(&mut self, sources: &Sources, roots: &[PathBuf]) {
        let mut builder = TreeBuilder::new();
        let mut kustomizations = Vec::new();
        for &at in &sources.kustomizations {
            let Ok(text) = self.files[at].text() else { continue };
            let dir = self.files[at].absolute.parent().unwrap_or(Path::new("")).to_owned();
            let loaded = load(&mut builder, &text, &LoadOptions::default(), &|_, _| true);
            if let Some(document) = loaded.documents.first() {
                kustomizations.push(Kustomization::read(&dir, document.root()));
            }
        }
        let flux = self.flux_paths(&sources.flux, roots);
        let paths: Vec<PathBuf> = self.files.iter().map(|file| file.absolute.clone()).collect();
        self.graph = Graph::new(kustomizations, &flux, &paths);
        let mut parts = 0;
        for file in &mut self.files {
            if file.role == Role::Manifest && self.graph.is_part(&file.absolute) {
                file.role = Role::Part;
                parts += 1;
            }
        }
        if parts > 0 {
            let (files, are) = if parts == 1 { ("file", "is a patch") } else { ("files", "are patches") };
            self.notes.push(format!("{parts} {files} {are} or data of kustomizations: --render applies them"));
        }
    }

    /// The directories that Flux objects build, as far as they are in the input.
    fn flux_paths(&self, files: &[usize], roots: &[PathBuf]) -> Vec<FluxPath> {
        let mut builder = TreeBuilder::new();
        let mut paths = Vec::new();
        for &at in files {
            let file = &self.files[at];
            let Ok(text) = file.text() else { continue };
            let is_flux = |version: Option<&str>, kind: Option<&str>| {
                kind == Some("Kustomization") && version.is_some_and(|version| version.starts_with(FLUX_GROUP))
            };
            for document in load(&mut builder, &text, &LoadOptions::default(), &is_flux).documents {
                let Some(spec) = document.root().get("spec") else { continue };
                let text = |key: &str| spec.get(key).and_then(Node::as_str);
                let Some(path) = text("path") else { continue };
                let path = path.trim_start_matches("./");
                // The path counts from the root of the repository, which is not always what is checked.
                let repository = file.absolute.ancestors().find(|dir| dir.join(".git").exists());
                let candidates = repository.into_iter().chain(roots.iter().map(PathBuf::as_path));
                let dir = candidates.map(|root| absolute(&root.join(path))).find(|dir| dir.is_dir());
                if let Some(dir) = dir {
                    paths.push(FluxPath { dir, namespace: text("targetNamespace").map(Arc::from) });
                }
            }
        }
        paths
    }

    /// Lists the templates of charts, which are not manifests.
    fn skip_templates(&mut self) {
        for file in &self.files {
            if file.role == Role::Template {
                self.skipped.push(Skipped { file: file.found.shown.clone(), reason: helm::NOT_RENDERED.to_owned() });
            }
        }
    }

    /// What is known of the objects of a file.
    pub fn context(&self, file: &InputFile) -> Context {
        Context {
            given: self.graph.namespace(&file.absolute),
            default_namespace: self.default_namespace.clone(),
            file_kind: match file.role {
                Role::Kustomization => self.kustomize_file,
                Role::SopsRules => self.sops_rules,
                _ => None,
            },
            origin: Origin::File,
        }
    }

    /// Hidden files, and files that Git ignores (`true`), both of which hold no objects.
    pub fn beside(&self) -> Vec<(InputFile, bool)> {
        let Walked { options, hidden, directories } = &self.walked;
        let known: HashSet<&str> =
            self.files.iter().map(|file| &*file.found.shown).chain(hidden.iter().map(|file| &*file.shown)).collect();
        let other = |found: FoundFile| InputFile {
            absolute: absolute(&found.path),
            found,
            role: Role::Other,
            waives: false,
            replaced: false,
            text: None,
        };
        let ignored = ignored(options, directories, &known);
        let hidden = hidden.iter().map(|file| (other(file.clone()), false));
        hidden.chain(ignored.into_iter().map(|file| (other(file), true))).collect()
    }

    /// The creation rules of every `.sops.yaml` of the input, and of those above it in its repository.
    pub fn sops_rules(&self) -> SopsRules {
        let own = self.files.iter().filter(|file| file.found.name() == super::sops::FILE_NAME);
        let own = own.filter_map(|file| Some((file.absolute.parent()?.to_owned(), file.text().ok()?)));
        SopsRules::read(own, self.walked.options.paths.iter().map(|path| absolute(path)))
    }

    /// Files by their role, for a summary.
    pub fn count(&self, role: Role) -> usize {
        self.files.iter().filter(|file| file.role == role).count()
    }

    /// Number of files for each directory of a chart that was not rendered.
    pub fn templates(&self) -> BTreeMap<Arc<str>, usize> {
        let mut charts = BTreeMap::new();
        for file in self.files.iter().filter(|file| file.role == Role::Template) {
            if let Some(chart) = self.charts.of(&file.found.shown) {
                *charts.entry(chart).or_default() += 1;
            }
        }
        charts
    }
}

const FLUX_GROUP: &str = "kustomize.toolkit.fluxcd.io/";

/// Positions of the files that are read ahead.
#[derive(Default)]
struct Sources {
    kustomizations: Vec<usize>,
    definitions: Vec<usize>,
    flux: Vec<usize>,
}

impl InputFile {
    /// Its text, read now unless it was kept.
    pub fn text(&self) -> Result<Arc<SourceText>, String> {
        match &self.text {
            Some(text) => Ok(text.clone()),
            None => read(&self.found),
        }
    }

    /// The text of a file that is no manifest, if it is one: UTF-8 and not larger than `limit` bytes.
    pub fn small_text(&self, limit: u64) -> Option<Arc<SourceText>> {
        if let Some(text) = &self.text {
            return Some(text.clone());
        }
        let mut file = std::fs::File::open(&self.found.path).ok()?;
        if file.metadata().ok()?.len() > limit {
            return None;
        }
        // What is not text mostly shows that in its first bytes.
        let mut bytes = Vec::new();
        file.by_ref().take(4096).read_to_end(&mut bytes).ok()?;
        if bytes.contains(&0) {
            return None;
        }
        file.take(limit).read_to_end(&mut bytes).ok()?;
        SourceText::from_bytes(self.found.shown.clone(), bytes).ok()
    }

    /// The same file with another text.
    pub fn with_text(&self, text: Arc<SourceText>) -> InputFile {
        let waives = memmem::find(text.text.as_bytes(), crate::waiver::MARK.as_bytes()).is_some();
        InputFile { waives, text: Some(text), ..self.clone() }
    }

    /// A text that stands for a file: the output of a renderer.
    pub fn of_output(text: Arc<SourceText>) -> InputFile {
        let found =
            FoundFile { path: PathBuf::from(&*text.path), shown: text.path.clone(), manifest: true, named: false };
        let absolute = found.path.clone();
        InputFile { found, absolute, role: Role::Manifest, waives: true, replaced: false, text: Some(text) }
    }
}

fn read(file: &FoundFile) -> Result<Arc<SourceText>, String> {
    let bytes = if file.is_stdin() {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(&file.path)
    };
    let bytes = bytes.map_err(|error| plain(&error))?;
    SourceText::from_bytes(file.shown.clone(), bytes).map_err(|error| error.to_string())
}

/// Loads a text as JSON or YAML, by its name or, of a stream, by its first character.
pub fn load(
    builder: &mut TreeBuilder,
    text: &Arc<SourceText>,
    options: &LoadOptions,
    want: &dyn Fn(Option<&str>, Option<&str>) -> bool,
) -> LoadedFile {
    let json = text.path.ends_with(".json") || (&*text.path == "-" && text.text.trim_start().starts_with('{'));
    if json { builder.load_json_filtered(text, options, want) } else { builder.load_yaml_filtered(text, options, want) }
}

fn look_at(file: &FoundFile, text: Option<Arc<SourceText>>, budget: &AtomicUsize) -> Look {
    if !file.manifest {
        return Look { text, ..Look::default() };
    }
    let is_overlaid = text.is_some();
    let text = match text.map_or_else(|| read(file), Ok) {
        Ok(text) => text,
        Err(reason) => {
            return Look { skipped: Some(Skipped { file: file.shown.clone(), reason }), ..Look::default() };
        }
    };
    let has = |needle: &str| memmem::find(text.text.as_bytes(), needle.as_bytes()).is_some();
    let mut look = Look {
        defines: has("CustomResourceDefinition"),
        flux: has(FLUX_GROUP),
        waives: has(crate::waiver::MARK),
        ..Look::default()
    };
    mention::kinds(&text.text, &mut look.mentions);
    let size = text.text.len();
    let fits = budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(size)).is_ok();
    // A stream can be read once only, and what stands for a file is nowhere else.
    if fits || is_overlaid || file.is_stdin() {
        look.text = Some(text);
    }
    look
}

fn role(file: &FoundFile, charts: &Charts) -> Role {
    if !file.manifest {
        return Role::Other;
    }
    match charts.role(&file.shown) {
        Some(role) => role,
        None if kustomize::FILE_NAMES.contains(&file.name()) => Role::Kustomization,
        None if matches!(file.name(), ".sops.yaml" | ".sops.yml") => Role::SopsRules,
        None => Role::Manifest,
    }
}

fn one_kind(schemas: &Schemas, name: &str) -> Option<KindId> {
    match schemas.kinds_named(name).as_slice() {
        [kind] => Some(*kind),
        _ => None,
    }
}

/// The CustomResourceDefinitions of a document.
fn definitions(root: Node<'_>) -> Vec<Node<'_>> {
    let is_definition = |node: &Node<'_>| header(*node).1 == Some("CustomResourceDefinition");
    if is_definition(&root) {
        return vec![root];
    }
    root.get("items").into_iter().flat_map(Node::items).filter(is_definition).collect()
}
