//! Rule files: which of them count, what they are called, and which of their rules run.
//!
//! INVARIANT (one front end): the command line and the language server both ask here, so that an editor shows what a
//! check reports.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use tacit_lang::ast::{ClauseKind, ItemKind, Rule};
use tacit_lang::check::{Compiler, RuleHead};

use crate::config::plain;
use crate::select::{Label, Selection};
use crate::source::walk::shown;

/// A rule file of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFile {
    /// The module that it is: its path below the rule root, without the extension.
    pub module: Arc<str>,
    /// Where it is.
    pub file: PathBuf,
}

/// The rule files of a project, in the order in which they were named.
#[derive(Clone, Debug, Default)]
pub struct RuleFiles {
    files: Vec<RuleFile>,
}

impl RuleFiles {
    /// Adds a rule file, or those below a directory. An error where there is none.
    pub fn add(&mut self, path: &Path) -> Result<(), String> {
        let found = if path.is_dir() { tacit_files(path)? } else { vec![path.to_owned()] };
        if found.is_empty() {
            return Err(format!("there is no rule file (*.tacit) below {}", path.display()));
        }
        let root = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
        for file in found {
            self.add_file(root, file);
        }
        Ok(())
    }

    /// Adds a file whose name counts from `root`. Gives its module.
    pub fn add_file(&mut self, root: &Path, file: PathBuf) -> Arc<str> {
        // `./a.tacit` and `a.tacit` are one.
        let same = |known: &&RuleFile| without_dots(&known.file).eq(without_dots(&file));
        if let Some(known) = self.files.iter().find(same) {
            return known.module.clone();
        }
        let module = shown(file.strip_prefix(root).unwrap_or(&file).with_extension("").as_path());
        // Two roots can hold files of one name.
        let taken = self.files.iter().any(|known| known.module == module);
        let module = if taken { shown(&file.with_extension("")) } else { module };
        self.files.push(RuleFile { module: module.clone(), file });
        module
    }

    /// All of them.
    pub fn files(&self) -> &[RuleFile] {
        &self.files
    }
}

/// The parts of a path but for those that mean the directory itself.
fn without_dots(path: &Path) -> impl Iterator<Item = Component<'_>> {
    path.components().filter(|part| *part != Component::CurDir)
}

/// The rule files below a directory, sorted; hidden directories are left out.
pub fn tacit_files(dir: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        let entries = std::fs::read_dir(&dir).map_err(|error| format!("{}: {}", dir.display(), plain(&error)))?;
        for entry in entries.flatten() {
            let path = entry.path();
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && !hidden => open.push(path),
                Ok(kind) if kind.is_file() && path.extension().is_some_and(|extension| extension == "tacit") => {
                    files.push(path)
                }
                _ => {}
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The family of a module's rules: the directory that holds it, for the standard library that below its rules.
pub fn family(module: &str) -> Option<&str> {
    let module = module.strip_prefix("std/rules/").unwrap_or(module);
    module.rsplit_once('/').map(|(dir, _)| dir)
}

/// True where a selection takes a rule. Its tags and controls are read only where its names do not decide.
pub fn takes(compiler: &Compiler, selection: &Selection, head: &RuleHead) -> bool {
    if selection.is_everything() {
        return true;
    }
    let mut tags = Vec::new();
    let mut controls = Vec::new();
    for clause in parsed(compiler, head).iter().flat_map(|rule| &rule.clauses) {
        match &clause.kind {
            ClauseKind::Tags(names) => tags.extend(names.iter().map(|name| name.text.clone())),
            ClauseKind::Controls { framework, items } => {
                controls.extend(items.iter().map(|item| (framework.text.clone(), item.value.clone())));
            }
            _ => {}
        }
    }
    let (code, family) = (head.code.as_deref(), family(&head.module));
    selection.takes(&Label { code, name: &head.name, family, tags: &tags, controls: &controls })
}

fn parsed(compiler: &Compiler, head: &RuleHead) -> Option<Rule> {
    let index = compiler.raw_items(&head.module).iter().position(|raw| raw.span == head.span)?;
    match &compiler.item(&head.module, index)?.kind {
        ItemKind::Rule(rule) => Some((**rule).clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tacit_lang::check::Role;
    use tacit_lang::schema::Schemas;

    use super::*;

    #[test]
    fn a_module_is_named_by_its_path_below_the_root_and_two_of_one_name_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["one/env/a.tacit", "two/env/a.tacit", "two/.git/b.tacit", "two/c.txt"] {
            std::fs::create_dir_all(dir.path().join(name).parent().unwrap()).unwrap();
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        let mut files = RuleFiles::default();
        files.add(&dir.path().join("one")).unwrap();
        files.add(&dir.path().join("two")).unwrap();
        // Named twice, it counts once.
        files.add(&dir.path().join("one/env/a.tacit")).unwrap();
        let names: Vec<_> = files.files().iter().map(|file| &*file.module).collect();
        assert_eq!(names, ["env/a", &format!("{}/two/env/a", dir.path().display())]);
        std::fs::create_dir(dir.path().join("none")).unwrap();
        assert!(files.add(&dir.path().join("none")).unwrap_err().starts_with("there is no rule file (*.tacit) below "));
    }

    #[test]
    fn a_family_is_a_directory() {
        assert_eq!(family("std/rules/env/ENV001-secret-in-env"), Some("env"));
        assert_eq!(family("network/ingress/a"), Some("network/ingress"));
        assert_eq!(family("a"), None);
    }

    #[test]
    fn rules_are_selected_by_what_their_clauses_say_too() {
        let text = "rule a-b low \"t\"\n  for p in Pod\n  deny \"m\"\n  tags mesh\n  controls cis \"5.4.1\"\n";
        let mut compiler = Compiler::new(Schemas::builtin());
        compiler.add_module("net/a", text.into(), Role::Project);
        let taken = |only: &str| {
            let selection = Selection::new(&[only.to_owned()], &[]).unwrap();
            compiler.rule_heads().iter().filter(|head| takes(&compiler, &selection, head)).count()
        };
        assert_eq!(["a-b", "net", "mesh", "cis:5.4.1"].map(taken), [1; 4]);
        assert_eq!(["b", "rules", "cis:5.4.2"].map(taken), [0; 3]);
    }

    #[test]
    fn a_file_that_is_named_in_two_ways_is_one() {
        let mut files = RuleFiles::default();
        let first = files.add_file(Path::new("."), PathBuf::from("./env/a.tacit"));
        let again = files.add_file(Path::new("env"), PathBuf::from("env/a.tacit"));
        assert_eq!((&*first, &*again, files.files().len()), ("env/a", "env/a", 1));
        files.add_file(Path::new("other"), PathBuf::from("other/env/a.tacit"));
        assert_eq!(files.files().len(), 2);
    }
}
