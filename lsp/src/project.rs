//! One root of the workspace: its project file, its rule files, checked, and its manifests.
//!
//! INVARIANT (one front end): which rule files count, what they are called and what is known of kinds is what
//! `tacit check` finds in the directory of the project file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tacit_engine::config::{self, Config, ConfigError};
use tacit_engine::source::walk::{absolute, shown};
use tacit_lang::check::Role;
use tacit_lang::ide::Analysis;
use tacit_lang::schema::Schemas;

use crate::documents::{Documents, Language};
use crate::manifests::Manifests;
use crate::rules::tacit_files;

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
    /// The rule files.
    pub analysis: Analysis,
    /// The manifests, as of the last evaluation.
    pub manifests: Manifests,
    /// A file was opened without the directory around it, and no project file is above it.
    pub loose: bool,
    /// Counts what changes verdicts.
    pub generation: u64,
    files: HashMap<Arc<str>, PathBuf>,
    names: HashMap<PathBuf, Arc<str>>,
    schemas: Schemas,
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
            analysis: Analysis::new(schemas.clone()),
            manifests: Manifests::default(),
            loose,
            generation: 0,
            files: HashMap::new(),
            names: HashMap::new(),
            schemas,
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
        self.analysis = Analysis::new(self.schemas.clone());
        self.files.clear();
        self.names.clear();
        if self.config.std.unwrap_or(true) {
            for module in tacit_stdlib::MODULES {
                self.analysis.set_module(module.name, Arc::from(module.text), Role::Std);
            }
        }
        for (dir, file) in self.rule_files() {
            if let Some(text) = text_of(&file, documents) {
                self.add(&dir, file, text);
            }
        }
        for (path, document) in documents.all() {
            if document.language == Language::Rules && self.holds(path) && !self.names.contains_key(path) {
                self.add(&self.base.clone(), path.clone(), document.text.clone());
            }
        }
    }

    /// The rule files on disk, each with the directory that names count from.
    fn rule_files(&self) -> Vec<(PathBuf, PathBuf)> {
        let mut found = Vec::new();
        let paths: Vec<PathBuf> = match (&self.config_file, self.config.rules.is_empty()) {
            (Some(_), false) => self.config.rules.iter().map(|path| absolute(&self.base.join(path))).collect(),
            _ if self.loose && self.config_file.is_none() => Vec::new(),
            // Without a project file that says where rules are, all below the root count.
            _ => vec![self.base.clone()],
        };
        for path in paths {
            if path.is_dir() {
                found.extend(tacit_files(&path).into_iter().map(|file| (path.clone(), file)));
            } else if path.is_file() {
                found.push((path.parent().unwrap_or(&self.base).to_owned(), path));
            }
        }
        found
    }

    fn add(&mut self, dir: &Path, file: PathBuf, text: Arc<str>) {
        if self.names.contains_key(&file) {
            return;
        }
        let name = shown(file.strip_prefix(dir).unwrap_or(&file).with_extension("").as_path());
        // Two directories can hold files of one name.
        let name = if self.files.contains_key(&name) { shown(&file.with_extension("")) } else { name };
        self.analysis.set_module(&name, text, Role::Project);
        self.files.insert(name.clone(), file.clone());
        self.names.insert(file, name);
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
            None => {
                let dir = self.rule_dir(path);
                self.add(&dir, path.to_owned(), text);
                self.names.get(path).cloned().into_iter().collect()
            }
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
        self.files.remove(&name);
        self.analysis.remove_module(&name)
    }

    /// Takes the kinds that the manifests define. True where they are not those of before.
    pub fn set_schemas(&mut self, schemas: Schemas, documents: &Documents) {
        self.schemas = schemas;
        self.reload(documents);
    }

    /// The module of a rule file.
    pub fn module(&self, path: &Path) -> Option<Arc<str>> {
        self.names.get(path).cloned()
    }

    /// The file of a module; one of the standard library is written where the editor can read it.
    pub fn file(&self, module: &str) -> Option<PathBuf> {
        self.files.get(module).cloned().or_else(|| crate::rules::library_file(module))
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
