//! One root of the workspace: its project file, its rule files, checked, and its manifests.
//!
//! INVARIANT (one front end): which rule files count, what they are called, which of their rules run and what is known of
//! kinds is what `tacit check` finds in the directory of the project file; `tacit_engine::library` answers both.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tacit_engine::config::{self, Config, ConfigError};
use tacit_engine::library::{RuleFile, RuleFiles};
use tacit_engine::select::{self, Pattern, Selection};
use tacit_engine::source::walk::absolute;
use tacit_engine::waiver::{self, Waiver};
use tacit_lang::ast::Severity;
use tacit_lang::check::Role;
use tacit_lang::ide::{Analysis, Descriptions};
use tacit_lang::schema::Schemas;

use crate::documents::{Documents, Language};
use crate::manifests::Manifests;

/// A root with everything below it.
pub struct Project {
    /// The root that the client opened.
    pub root: PathBuf,
    /// The directory of the project file, or the root.
    pub base: PathBuf,
    /// The project file, where there is one that reads.
    pub config: Config,
    /// The project file.
    pub config_file: Option<PathBuf>,
    /// What is wrong with it.
    pub config_errors: Vec<ConfigError>,
    /// The rules that run.
    pub selection: Selection,
    /// Severities that replace those of rules.
    pub severity: Vec<(Pattern, Severity)>,
    /// Exceptions of the project file.
    pub waivers: Vec<Waiver>,
    /// The rule files.
    pub analysis: Analysis,
    /// The manifests, as of the last evaluation.
    pub manifests: Manifests,
    /// A file was opened without the directory around it, and no project file is above it.
    pub loose: bool,
    /// Counts what changes verdicts.
    pub generation: u64,
    files: RuleFiles,
    names: HashMap<PathBuf, Arc<str>>,
    schemas: Schemas,
    descriptions: Arc<Descriptions>,
}

impl Project {
    /// Reads a root.
    pub fn load(root: PathBuf, loose: bool, documents: &Documents, schemas: Schemas) -> Project {
        let mut project = Project {
            base: root.clone(),
            root,
            config: Config::default(),
            config_file: None,
            config_errors: Vec::new(),
            selection: Selection::default(),
            severity: Vec::new(),
            waivers: Vec::new(),
            analysis: Analysis::new(schemas.clone()),
            manifests: Manifests::default(),
            loose,
            generation: 0,
            files: RuleFiles::default(),
            names: HashMap::new(),
            schemas,
            descriptions: Arc::default(),
        };
        project.reload(documents);
        project
    }

    /// Reads the project file and all rule files again.
    pub fn reload(&mut self, documents: &Documents) {
        self.generation += 1;
        self.config_file = config::find(&self.root);
        self.config = Config::default();
        self.config_errors.clear();
        if let Some(file) = self.config_file.clone() {
            let read = match documents.get(&file) {
                Some(document) => config::parse(&file, &document.text),
                None => config::load(&file),
            };
            match read {
                Ok(config) => self.config = config,
                Err(errors) => self.config_errors = errors,
            }
            self.base = file.parent().unwrap_or(&self.root).to_owned();
        } else {
            self.base = self.root.clone();
        }
        self.read_config();
        self.analysis = Analysis::new(self.schemas.clone());
        self.analysis.describe(self.descriptions.clone());
        self.files = self.rule_files();
        self.names.clear();
        // The vocabulary is in scope whatever runs; `std = false` leaves the rules out.
        let std = self.config.std.unwrap_or(true);
        for module in tacit_stdlib::MODULES.iter().filter(|module| std || module.family().is_none()) {
            self.analysis.set_module(module.name, Arc::from(module.text), Role::Std);
        }
        for RuleFile { module, file } in self.files.files().to_vec() {
            if let Some(text) = text_of(&file, documents) {
                self.analysis.set_module(&module, text, Role::Project);
                self.names.insert(file, module);
            }
        }
        for (path, document) in documents.all() {
            if document.language == Language::Rules && self.holds(path) && !self.names.contains_key(path) {
                self.add(path.clone(), document.text.clone());
            }
        }
    }

    /// Takes what the project file decides about rules; what of it does not read is told where the file is shown.
    fn read_config(&mut self) {
        let file = self.config.file.as_deref().map(|file| file.display().to_string()).unwrap_or_default();
        let mut problems = Vec::new();
        self.selection = Selection::of_project(&self.config, &[], &[]).unwrap_or_else(|problem| {
            problems.push(problem);
            Selection::default()
        });
        self.severity = select::severities(&self.config).unwrap_or_else(|problem| {
            problems.push(problem);
            Vec::new()
        });
        self.waivers.clear();
        for waiver in waiver::of_project(&self.config.waivers, &file) {
            match waiver {
                Ok(waiver) => self.waivers.push(waiver),
                Err(problem) => problems.push(problem),
            }
        }
        problems.into_iter().for_each(|problem| self.config_error(problem));
    }

    /// Something about the project file as a whole.
    fn config_error(&mut self, message: String) {
        if let Some(file) = self.config_file.clone() {
            self.config_errors.push(ConfigError { file, at: None, message });
        }
    }

    /// The rule files on disk.
    fn rule_files(&mut self) -> RuleFiles {
        let mut files = RuleFiles::default();
        match (&self.config_file, self.config.rules.is_empty()) {
            (Some(_), false) => {
                let paths: Vec<_> = self.config.rules.iter().map(|path| absolute(&self.base.join(path))).collect();
                for path in paths {
                    if let Err(problem) = files.add(&path) {
                        self.config_error(problem);
                    }
                }
            }
            _ if self.loose && self.config_file.is_none() => {}
            // Without a project file that says where rules are, all below the root count; none is no mistake.
            _ => drop(files.add(&self.base)),
        }
        files
    }

    /// Adds a rule file that the project file does not name.
    fn add(&mut self, file: PathBuf, text: Arc<str>) -> Arc<str> {
        let module = self.files.add_file(&self.rule_dir(&file), file.clone());
        self.analysis.set_module(&module, text, Role::Project);
        self.names.insert(file, module.clone());
        module
    }

    /// True for a file below the root.
    pub fn holds(&self, path: &Path) -> bool {
        path.starts_with(&self.root) || !path.is_absolute()
    }

    /// Takes the text of a rule file. Gives the modules of which some item must be checked again.
    pub fn set_rules(&mut self, path: &Path, text: Arc<str>) -> Vec<Arc<str>> {
        self.generation += 1;
        match self.names.get(path).cloned() {
            Some(name) => self.analysis.set_module(&name, text, Role::Project),
            None => vec![self.add(path.to_owned(), text)],
        }
    }

    fn rule_dir(&self, path: &Path) -> PathBuf {
        let dirs = self.config.rules.iter().map(|dir| absolute(&self.base.join(dir)));
        dirs.filter(|dir| path.starts_with(dir))
            .max_by_key(|dir| dir.as_os_str().len())
            .unwrap_or_else(|| self.base.clone())
    }

    /// Forgets a rule file.
    pub fn remove_rules(&mut self, path: &Path) -> Vec<Arc<str>> {
        self.generation += 1;
        let Some(name) = self.names.remove(path) else { return Vec::new() };
        self.analysis.remove_module(&name)
    }

    /// Takes the kinds that the manifests define. True where they are not those of before.
    pub fn set_schemas(&mut self, schemas: Schemas, documents: &Documents) {
        self.schemas = schemas;
        self.reload(documents);
    }

    /// Takes what the definitions of the workspace say of their kinds.
    pub fn describe(&mut self, descriptions: Arc<Descriptions>) {
        self.analysis.describe(descriptions.clone());
        self.descriptions = descriptions;
    }

    /// The module of a rule file.
    pub fn module(&self, path: &Path) -> Option<Arc<str>> {
        self.names.get(path).cloned()
    }

    /// The file of a module; one of the standard library is written where the editor can read it.
    pub fn file(&self, module: &str) -> Option<PathBuf> {
        let own = self.files.files().iter().find(|file| *file.module == *module);
        own.map(|file| file.file.clone()).or_else(|| crate::rules::library_file(module))
    }

    /// The rule files with their modules, by path.
    pub fn rule_modules(&self) -> Vec<(PathBuf, Arc<str>)> {
        let mut all: Vec<_> = self.names.iter().map(|(path, name)| (path.clone(), name.clone())).collect();
        all.sort();
        all
    }
}

/// The text of a file: the open one, or that on disk.
pub fn text_of(file: &Path, documents: &Documents) -> Option<Arc<str>> {
    match documents.get(file) {
        Some(document) => Some(document.text.clone()),
        None => std::fs::read_to_string(file).ok().map(Arc::from),
    }
}
