//! The checker: names, types, missing values, confidentiality.
//!
//! Declarations (`param let fn group field link view kind`) of all modules form an environment; every item is checked against it
//! alone, so one edit means checking one item and those that depend on it. Rules, tests and waivers are parsed only
//! when they are asked for.
//!
//! [`Compiler`] is the way in.

mod calls;
mod chain;
mod checker;
mod domain;
mod editor;
mod env;
mod expr;
mod facts;
mod item;
mod links;
mod lint;
mod member;
mod narrow;
mod ops;
mod param;
mod places;
mod reach;
mod register;
mod rule;
mod source;
mod types;
mod walk;

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

pub use editor::{Member, MemberKind, Named, NamedKind, RuleName, attribute_doc};
use env::{Env, Table};
pub use facts::{Fact, Symbol};
pub use item::{Checked, CheckedItem, Dep, GroupPart};
pub use param::parse_param_value;
use source::Source;

use crate::ast::Severity;
use crate::codes;
use crate::diag::{Diagnostic, Level};
use crate::ir;
use crate::lexer::Keyword;
use crate::schema::{KindId, Schemas};
use crate::span::Span;
use crate::types::{Base, Place, Type};

/// Where a module comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The standard library: its names are in scope everywhere.
    Std,
    /// The project or a pack: its names are brought in by `use`.
    Project,
}

/// A rule, read without parsing it.
#[derive(Clone, Debug)]
pub struct RuleHead {
    /// The code, where it has one.
    pub code: Option<Arc<str>>,
    /// The name; empty where the head is broken.
    pub name: Arc<str>,
    /// The severity, where the head is right.
    pub severity: Option<Severity>,
    /// The module that holds it.
    pub module: Arc<str>,
    /// Where the module comes from.
    pub role: Role,
    /// The item in the text of its module.
    pub span: Span,
    /// Kinds that its text names: directly, through groups, views and relations. Sorted.
    pub kinds: Vec<KindId>,
    /// Engine relations that its text names, by index. Sorted.
    pub relations: Vec<u32>,
}

/// The outcome of a compilation.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// What compiled.
    pub program: ir::Program,
    /// Module and diagnostic, by module and place.
    pub diagnostics: Vec<(Arc<str>, Diagnostic)>,
    /// Selected rules that did not compile: id or name, and module.
    pub failed: Vec<(Arc<str>, Arc<str>)>,
}

/// An item, with where it stands.
#[derive(Clone, Debug)]
pub struct ModuleItem {
    /// Its module.
    pub module: Arc<str>,
    /// Its index among the items of the module.
    pub index: usize,
    /// Its place in the text of the module.
    pub span: Span,
    /// What was found.
    pub checked: Arc<CheckedItem>,
}

/// Compiles rule files against the schemas.
#[derive(Debug)]
pub struct Compiler {
    schemas: Schemas,
    sources: Vec<Arc<Source>>,
    env: OnceLock<Env>,
}

impl Compiler {
    /// A compiler that knows these kinds and no module yet.
    pub fn new(schemas: Schemas) -> Self {
        Compiler { schemas, sources: Vec::new(), env: OnceLock::new() }
    }

    /// Adds a module, or replaces the one of that name. Modules of `std` come before others, whatever the order of the calls.
    pub fn add_module(&mut self, name: &str, text: Arc<str>, role: Role) {
        self.add_source(Source::new(name, text, role));
    }

    /// Adds many modules at once, on all cores.
    pub fn add_modules(&mut self, modules: Vec<(Arc<str>, Arc<str>, Role)>) {
        let sources: Vec<Source> = modules
            .into_par_iter()
            .map(|(name, text, role)| {
                let source = Source::new(&name, text, role);
                source.read_ahead();
                source
            })
            .collect();
        for source in sources {
            self.add_source(source);
        }
    }

    fn add_source(&mut self, source: Source) {
        let role = source.role;
        let source = Arc::new(source);
        match self.sources.iter_mut().find(|other| other.name == source.name && other.role == role) {
            Some(other) => *other = source,
            None => {
                let at = match role {
                    Role::Std => self.sources.iter().take_while(|other| other.role == Role::Std).count(),
                    Role::Project => self.sources.len(),
                };
                self.sources.insert(at, source);
            }
        }
        self.env = OnceLock::new();
    }

    /// Removes a module.
    pub fn remove_module(&mut self, name: &str) {
        self.sources.retain(|source| *source.name != *name);
        self.env = OnceLock::new();
    }

    /// The kinds that rules are checked against, those of `kind` items included.
    pub fn schemas(&self) -> &Schemas {
        &self.env().schemas
    }

    fn env(&self) -> &Env {
        self.env.get_or_init(|| Env::build(&self.schemas, &self.sources))
    }

    /// Every rule, in the order of modules and texts, unparsed.
    pub fn rule_heads(&self) -> Vec<RuleHead> {
        let env = self.env();
        let mut heads = Vec::new();
        for (module, source) in self.sources.iter().enumerate() {
            for (index, raw) in source.raw.iter().enumerate() {
                if raw.keyword == Some(Keyword::Rule) {
                    heads.push(self.head(env, module, index));
                }
            }
        }
        heads
    }

    fn head(&self, env: &Env, module: usize, index: usize) -> RuleHead {
        let source = &self.sources[module];
        let head = source.head(index);
        let (kinds, relations) = env.named(module, &head.names);
        RuleHead {
            code: head.code.clone(),
            name: head.name.clone().unwrap_or_default(),
            severity: head.severity,
            module: source.name.clone(),
            role: source.role,
            span: source.raw[index].span,
            kinds,
            relations,
        }
    }

    /// Checks the declarations of all modules and the selected rules, and puts them together. With `with_tests` the
    /// tests of selected rules too. Waivers are always taken in.
    pub fn compile(&self, select: &dyn Fn(&RuleHead) -> bool, with_tests: bool) -> Compiled {
        let env = self.env();
        let mut compiled = Compiled::default();
        let rules: Vec<(usize, usize)> = self.items(|keyword| keyword == Keyword::Rule).collect();
        let heads: Vec<RuleHead> = rules.par_iter().map(|&(module, index)| self.head(env, module, index)).collect();
        let selected: Vec<(usize, usize)> =
            rules.into_iter().zip(&heads).filter(|(_, head)| select(head)).map(|(rule, _)| rule).collect();
        let mut found: Vec<(usize, Diagnostic)> = Vec::new();
        (0..env.decls.len()).into_par_iter().filter(|&decl| env.is_always_checked(decl)).for_each(|decl| {
            env.checked(decl, &[]);
        });
        for (module, index) in self.items(|keyword| {
            !matches!(keyword, Keyword::Rule | Keyword::Test | Keyword::Waive | Keyword::Use | Keyword::Edition)
        }) {
            let parsed = self.sources[module].item(index);
            found.extend(parsed.diagnostics.iter().map(|diagnostic| (module, diagnostic.clone())));
        }
        for (module, index) in self.items(|keyword| matches!(keyword, Keyword::Use | Keyword::Edition)) {
            let checked = rule::check(env, &self.sources, module, index);
            found.extend(checked.diagnostics.into_iter().map(|diagnostic| (module, diagnostic)));
        }
        // What a rule uses is checked when the first one asks for it, on whichever core.
        let checked: Vec<CheckedItem> =
            selected.par_iter().map(|&(module, index)| rule::check(env, &self.sources, module, index)).collect();
        for (&(module, index), checked) in selected.iter().zip(checked) {
            match checked.ir {
                Checked::Rule(rule) if checked.ok => compiled.program.rules.push(rule),
                _ => {
                    let head = self.sources[module].head(index);
                    let id = head.code.clone().or_else(|| head.name.clone()).unwrap_or_default();
                    compiled.failed.push((id, self.sources[module].name.clone()));
                }
            }
            found.extend(checked.diagnostics.into_iter().map(|diagnostic| (module, diagnostic)));
        }
        for (module, index) in self.items(|keyword| keyword == Keyword::Waive) {
            let checked = rule::check(env, &self.sources, module, index);
            if let (Checked::Waiver(waiver), true) = (checked.ir, checked.ok) {
                compiled.program.waivers.push(waiver);
            }
            found.extend(checked.diagnostics.into_iter().map(|diagnostic| (module, diagnostic)));
        }
        if with_tests {
            for (module, index) in self.items(|keyword| keyword == Keyword::Test) {
                let head = self.sources[module].head(index);
                let wanted = head.name.as_ref().and_then(|name| env.rules.get(name));
                if wanted.is_some_and(|rule| !selected.contains(rule)) {
                    continue;
                }
                let checked = rule::check(env, &self.sources, module, index);
                if let (Checked::Test(test), true) = (checked.ir, checked.ok) {
                    compiled.program.tests.push(test);
                }
                found.extend(checked.diagnostics.into_iter().map(|diagnostic| (module, diagnostic)));
            }
        }
        self.tables(env, &mut compiled.program);
        for decl in &env.decls {
            let checked = decl.checked.get().into_iter();
            found.extend(checked.flat_map(|checked| &checked.diagnostics).map(|found| (decl.module, found.clone())));
        }
        compiled.diagnostics = self.sorted(found);
        compiled
    }

    /// Warnings about the rules of the project among each other, and about what a rule should come with: a test, a
    /// remedy, documentation. For `tacit lint` and editors, beside [`Compiler::check_all`].
    pub fn lint(&self) -> Vec<(Arc<str>, Diagnostic)> {
        let env = self.env();
        let tested: std::collections::HashSet<(usize, usize)> = self
            .items(|keyword| keyword == Keyword::Test)
            .filter_map(|(module, index)| env.rules.get(self.sources[module].head(index).name.as_ref()?).copied())
            .collect();
        let mut found: Vec<(usize, Diagnostic)> = Vec::new();
        let mut shapes: Vec<lint::Shape> = Vec::new();
        for (module, index) in self.items(|keyword| keyword == Keyword::Rule) {
            let source = &self.sources[module];
            if source.role == Role::Std {
                continue;
            }
            let item = &source.item(index).item;
            let crate::ast::ItemKind::Rule(rule) = &item.kind else { continue };
            let name = &rule.name;
            let mut warn = |code, what: &str, help: &str| {
                let warning = Diagnostic::warning(code, name.span, format!("`{}` has no {what}", name.text));
                found.push((module, warning.help(help)));
            };
            if !tested.contains(&(module, index)) {
                warn(codes::NO_TEST, "test", "add a `test` beside it");
            }
            if !rule.clauses.iter().any(|clause| matches!(clause.kind, crate::ast::ClauseKind::Remedy(_))) {
                warn(codes::NO_REMEDY, "remedy", "say what to do: `remedy \"…\"`");
            }
            if item.doc.is_none() {
                warn(codes::NO_DOC, "documentation", "say why it is there, in `///` lines before it");
            }
            let Some(shape) = lint::shape(&source.text, rule) else { continue };
            if let Some(other) = shapes.iter().find(|other| shape.implied_by(other) || other.implied_by(&shape)) {
                let (narrow, wide) =
                    if shape.implied_by(other) { (&shape.name, &other.name) } else { (&other.name, &shape.name) };
                let message = format!("wherever `{narrow}` finds something, `{wide}` does too");
                found.push((module, Diagnostic::warning(codes::IMPLIED_RULE, shape.span, message)));
            }
            shapes.push(shape);
        }
        self.sorted(found)
    }

    /// Checks every item of every module of the project, for `tacit lint` and editors.
    pub fn check_all(&self) -> Vec<ModuleItem> {
        self.sources
            .iter()
            .enumerate()
            .filter(|(_, source)| source.role == Role::Project)
            .flat_map(|(module, _)| self.check_module_at(module))
            .collect()
    }

    /// Checks every item of a module.
    pub fn check_module(&self, name: &str) -> Vec<ModuleItem> {
        match self.sources.iter().position(|source| *source.name == *name) {
            Some(module) => self.check_module_at(module),
            None => Vec::new(),
        }
    }

    fn check_module_at(&self, module: usize) -> Vec<ModuleItem> {
        let source = &self.sources[module];
        (0..source.raw.len())
            .map(|index| ModuleItem {
                module: source.name.clone(),
                index,
                span: source.raw[index].span,
                checked: self.check_item(module, index),
            })
            .collect()
    }

    /// Checks one item against the declarations.
    fn check_item(&self, module: usize, index: usize) -> Arc<CheckedItem> {
        let env = self.env();
        if let Some(decl) = env.decl_of(module, index)
            && let Some(checked) = env.checked(decl, &[])
        {
            let syntax = &self.sources[module].item(index).diagnostics;
            if syntax.is_empty() {
                return checked;
            }
            let mut with_syntax = (*checked).clone();
            with_syntax.diagnostics.extend(syntax.iter().cloned());
            with_syntax.diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
            return Arc::new(with_syntax);
        }
        Arc::new(rule::check(env, &self.sources, module, index))
    }

    fn items(&self, wanted: impl Fn(Keyword) -> bool) -> impl Iterator<Item = (usize, usize)> {
        self.sources.iter().enumerate().flat_map(move |(module, source)| {
            let wanted: Vec<usize> = source
                .raw
                .iter()
                .enumerate()
                .filter(|(_, raw)| raw.keyword.is_some_and(&wanted))
                .map(|(index, _)| index)
                .collect();
            wanted.into_iter().map(move |index| (module, index))
        })
    }

    fn sorted(&self, mut found: Vec<(usize, Diagnostic)>) -> Vec<(Arc<str>, Diagnostic)> {
        found.sort_by_key(|(module, diagnostic)| (*module, diagnostic.span.start, diagnostic.span.end));
        found.dedup_by(|a, b| a.0 == b.0 && a.1.span == b.1.span && a.1.code == b.1.code && a.1.message == b.1.message);
        found.into_iter().map(|(module, diagnostic)| (self.sources[module].name.clone(), diagnostic)).collect()
    }

    /// The tables of declarations. A declaration with an error leaves a place that no item which compiled refers to, and
    /// so does one of `std` that nothing uses.
    fn tables(&self, env: &Env, program: &mut ir::Program) {
        program.relations = env.relations.clone();
        // What is checked by now is all that items which compiled refer to.
        let table = |table: Table| {
            env.table(table).iter().map(|&decl| {
                let place = (env.decls[decl].name.text.clone(), env.place_of(decl).0, env.decls[decl].item.span);
                (place, env.decls[decl].checked.get().map(|checked| checked.ir.clone()))
            })
        };
        for ((name, module, span), checked) in table(Table::Params) {
            program.params.push(match checked {
                Some(Checked::Param(param)) => param,
                _ => {
                    let (ty, default) = (Type::of(Base::Error), ir::Const::Bool(false));
                    ir::Param { name, ty, default, doc: Arc::default(), module, span }
                }
            });
        }
        for ((name, module, span), checked) in table(Table::Constants) {
            program.constants.push(match checked {
                Some(Checked::Constant(constant)) => constant,
                _ => ir::Constant { name, slots: 0, value: hole(span), module, span },
            });
        }
        for ((name, module, span), checked) in table(Table::Functions) {
            program.functions.push(match checked {
                Some(Checked::Function(function)) => function,
                _ => {
                    let (params, body, doc) = (Vec::new(), hole(span), Arc::default());
                    ir::Function { name, params, slots: 0, body, doc, module, span }
                }
            });
        }
        for ((name, module, span), checked) in table(Table::Views) {
            program.views.push(match checked {
                Some(Checked::View(view)) => view,
                _ => ir::View {
                    name,
                    element: Type::of(Base::Error),
                    branches: Vec::new(),
                    doc: Arc::default(),
                    module,
                    span,
                    reach: ir::Reach::default(),
                },
            });
        }
        for ((name, module, span), checked) in table(Table::Links) {
            program.links.push(match checked {
                Some(Checked::Link { link, .. }) => link,
                _ => ir::Link {
                    place: Place { owner: name, steps: Arc::from([]) },
                    targets: Vec::new(),
                    name: None,
                    namespace: None,
                    kind: None,
                    slots: 0,
                    module,
                    span,
                },
            });
        }
        for ((name, module, span), checked) in table(Table::Fields) {
            program.fields.push(match checked {
                Some(Checked::Field(field)) => field,
                Some(Checked::Link { field: Some(field), .. }) => field,
                // The path of this link is a field of the schema; nothing refers to this place.
                _ => {
                    let (owner, doc, body) = (Arc::default(), Arc::default(), hole(span));
                    ir::DerivedField { owner, name, slots: 0, body, doc, module, span }
                }
            });
        }
        for (at, group) in env.groups.iter().enumerate() {
            program.groups.push(self.group(env, at, group));
        }
    }

    fn group(&self, env: &Env, at: usize, group: &env::GroupEnv) -> ir::Group {
        let types = env.with_types(at, &[]).map(<[Type]>::to_vec).unwrap_or_default();
        let parts: Vec<GroupPart> = group
            .items
            .iter()
            .filter_map(|&decl| env.checked(decl, &[]))
            .flat_map(|checked| match &checked.ir {
                Checked::Group(parts) => parts.clone(),
                _ => Vec::new(),
            })
            .collect();
        let with = group
            .with
            .iter()
            .zip(types)
            .map(|(name, ty)| {
                let own = |kind: &KindId| parts.iter().find(|part| part.kind == *kind && part.name == *name);
                ir::GroupField {
                    name: name.clone(),
                    ty,
                    bodies: group
                        .members
                        .iter()
                        .map(|kind| {
                            own(kind).and_then(|part| part.body.clone()).unwrap_or_else(|| hole(Span::default()))
                        })
                        .collect(),
                    slots: parts.iter().filter(|part| part.name == *name).map(|part| part.slots).max().unwrap_or(1),
                }
            })
            .collect();
        let doc = group.items.first().map(|&decl| item::doc(&env.decls[decl].item)).unwrap_or_default();
        ir::Group { name: group.name.clone(), members: group.members.clone(), with, doc }
    }

    /// True where no diagnostic of the declarations is an error.
    pub fn declarations_ok(&self) -> bool {
        let env = self.env();
        (0..env.decls.len()).all(|decl| {
            env.checked(decl, &[])
                .is_some_and(|checked| checked.diagnostics.iter().all(|found| found.level != Level::Error))
        })
    }

    /// The parsed item at an index of a module.
    pub fn item(&self, module: &str, index: usize) -> Option<Arc<crate::ast::Item>> {
        let source = self.sources.iter().find(|source| *source.name == *module)?;
        (index < source.raw.len()).then(|| source.item(index).item.clone())
    }
}

/// What stands in a table for a declaration that did not compile.
fn hole(span: Span) -> ir::Expr {
    ir::Expr { kind: Box::new(ir::ExprKind::Const(ir::Const::Bool(false))), ty: Type::of(Base::Error), span }
}
