//! The rule files of a run: the standard library and those of the project, and their compilation.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use tacit_engine::config::plain;
use tacit_engine::library::{RuleFile, RuleFiles, takes};
use tacit_engine::report::model::{About, RuleEntry, RuleStatus};
use tacit_engine::select::Selection;
use tacit_engine::source::walk::shown;
use tacit_lang::builtin::relations;
use tacit_lang::check::{Compiler, Role, RuleHead};
use tacit_lang::diag::{Diagnostic, Level};
use tacit_lang::ir::Program;
use tacit_lang::schema::{KindId, Schemas};
use tacit_lang::span::{LineIndex, Span};

use crate::project::Rules;

/// A rule file.
#[derive(Debug)]
struct Module {
    name: Arc<str>,
    text: Arc<str>,
    /// Where it was read; none for an embedded one.
    file: Option<PathBuf>,
}

/// All rule files of a run.
#[derive(Debug)]
pub struct Library {
    modules: Vec<Module>,
}

/// What compiled, and what did not.
pub struct Compiled {
    /// Rules and what they use.
    pub program: Arc<Program>,
    /// The kinds, with those that the rules declare.
    pub schemas: Schemas,
    /// Errors, each with the index of its module.
    pub errors: Vec<(Diagnostic, usize)>,
    /// Selected rules that are not in the program: they are about kinds that the input does not hold, or do not compile.
    pub idle: Vec<RuleEntry>,
}

impl Library {
    /// Reads the rule files.
    pub fn load(rules: &Rules) -> Result<Library, String> {
        let mut modules = Vec::new();
        // The vocabulary is in scope whatever runs; `--no-std` leaves the rules out.
        let embedded = tacit_stdlib::MODULES.iter().filter(|module| rules.std || module.family().is_none());
        modules.extend(embedded.map(|module| Module {
            name: module.name.into(),
            text: module.text.into(),
            file: None,
        }));
        let mut files = RuleFiles::default();
        for path in &rules.paths {
            files.add(path)?;
        }
        for RuleFile { module, file } in files.files() {
            let text =
                std::fs::read_to_string(file).map_err(|error| format!("{}: {}", file.display(), plain(&error)))?;
            modules.push(Module { name: module.clone(), text: text.into(), file: Some(file.clone()) });
        }
        Ok(Library { modules })
    }

    fn compiler(&self, schemas: &Schemas) -> Compiler {
        let mut compiler = Compiler::new(schemas.clone());
        let modules = self.modules.iter().map(|module| {
            let role = if module.file.is_some() { Role::Project } else { Role::Std };
            (module.name.clone(), module.text.clone(), role)
        });
        compiler.add_modules(modules.collect());
        compiler
    }

    /// Compiles the selected rules. With `mentions`, only those about kinds that the input speaks of.
    pub fn compile(&self, schemas: &Schemas, selection: &Selection, mentions: Option<&HashSet<String>>) -> Compiled {
        self.compile_with(schemas, selection, mentions, false)
    }

    /// Compiles the selected rules and their tests.
    pub fn compile_tests(&self, schemas: &Schemas, selection: &Selection) -> Compiled {
        self.compile_with(schemas, selection, None, true)
    }

    fn compile_with(
        &self,
        schemas: &Schemas,
        selection: &Selection,
        mentions: Option<&HashSet<String>>,
        tests: bool,
    ) -> Compiled {
        let compiler = self.compiler(schemas);
        let mut idle = std::cell::RefCell::new(Vec::new());
        let schemas = compiler.schemas().clone();
        let wanted = |head: &RuleHead| {
            if !takes(&compiler, selection, head) {
                return false;
            }
            let met = mentions.is_none_or(|mentions| speaks_of(head, &schemas, mentions));
            if !met {
                idle.borrow_mut().push(idle_entry(head.code.as_ref(), &head.name, RuleStatus::NoObjects));
            }
            met
        };
        let compiled = compiler.compile(&wanted, tests);
        for (id, _) in &compiled.failed {
            idle.get_mut().push(idle_entry(None, id, RuleStatus::Error));
        }
        let errors = compiled
            .diagnostics
            .into_iter()
            .filter(|(_, diagnostic)| diagnostic.level == Level::Error)
            .filter_map(|(module, diagnostic)| Some((diagnostic, self.index(&module)?)))
            .collect();
        Compiled { program: Arc::new(compiled.program), schemas, errors, idle: idle.into_inner() }
    }

    /// Everything that is wrong with the rule files of the project, or doubtful.
    pub fn lint(&self, schemas: &Schemas) -> Vec<(Diagnostic, usize)> {
        let compiler = self.compiler(schemas);
        let mut found = Vec::new();
        for item in compiler.check_all() {
            if let Some(module) = self.index(&item.module) {
                found.extend(item.checked.diagnostics.iter().map(|diagnostic| (diagnostic.clone(), module)));
            }
        }
        found
    }

    fn index(&self, module: &str) -> Option<usize> {
        self.modules.iter().position(|other| *other.name == *module)
    }

    /// True where a rule file of the project names a kind.
    pub fn project_speaks_of(&self, kind: &str) -> bool {
        let is_word = |text: &str| {
            text.match_indices(kind).any(|(at, _)| {
                let outside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
                outside(text[..at].chars().next_back()) && outside(text[at + kind.len()..].chars().next())
            })
        };
        self.modules.iter().any(|module| module.file.is_some() && is_word(&module.text))
    }

    /// The text of a module.
    pub fn text(&self, module: usize) -> &str {
        self.modules.get(module).map_or("", |module| &module.text)
    }

    /// The text of a module, by name.
    pub fn module_text(&self, name: &str) -> Option<&str> {
        self.index(name).map(|module| self.text(module))
    }

    /// How a module is shown: its file, or the name of an embedded one.
    pub fn shown(&self, module: usize) -> String {
        match self.modules.get(module) {
            Some(Module { file: Some(file), .. }) => shown(file).to_string(),
            Some(module) => format!("{}.tacit", module.name),
            None => String::new(),
        }
    }

    /// How a module is shown, by name.
    pub fn shown_name(&self, name: &str) -> String {
        self.index(name).map(|module| self.shown(module)).unwrap_or_default()
    }

    /// The line of a place in a module; 0 where there is no such module.
    pub fn line(&self, module: &str, span: Span) -> u32 {
        self.module_text(module).map_or(0, |text| LineIndex::new(text).line_column(text, span.start).line)
    }

    /// True for a module of the standard library.
    pub fn is_std(&self, name: &str) -> bool {
        self.index(name).is_some_and(|module| self.modules[module].file.is_none())
    }

    /// Number of modules that are not embedded.
    pub fn project_modules(&self) -> usize {
        self.modules.iter().filter(|module| module.file.is_some()).count()
    }
}

fn idle_entry(code: Option<&Arc<str>>, name: &Arc<str>, status: RuleStatus) -> RuleEntry {
    RuleEntry { id: code.unwrap_or(name).clone(), name: name.clone(), status, objects: 0, about: About::default() }
}

/// True where a rule can be about something that the input mentions.
fn speaks_of(head: &RuleHead, schemas: &Schemas, mentions: &HashSet<String>) -> bool {
    let named = |kind: &KindId| mentions.contains(&*schemas.kind(*kind).name);
    let anything = |at: &u32| {
        relations::ALL
            .get(*at as usize)
            .is_none_or(|relation| relation.kinds.is_empty() || relation.kinds.contains(&"*"))
    };
    head.kinds.iter().any(named) || head.kinds.is_empty() || head.relations.iter().any(anything)
}
