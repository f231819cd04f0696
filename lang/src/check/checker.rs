//! The state of checking one item: its variables, what is known to be present, and what was found.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::env::Env;
use super::facts::{Fact, Symbol};
use super::item::Dep;
use super::narrow::Path;
use crate::ast::Ident;
use crate::codes;
use crate::diag::{Code, Diagnostic, Level};
use crate::ir::{Const, Expr, ExprKind, Slot};
use crate::span::Span;
use crate::types::{Base, Type};

/// A variable in scope.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub name: Arc<str>,
    pub slot: Slot,
    pub ty: Type,
    pub span: Span,
    pub used: bool,
    /// Whether the author should hear that it is not used.
    pub lint: bool,
}

/// Checks one item.
pub(super) struct Checker<'e> {
    pub env: &'e Env,
    /// Text of the module, to see parentheses, which the syntax tree does not keep.
    pub text: &'e str,
    pub module: usize,
    /// Declarations that are being checked, this one included.
    pub stack: Vec<usize>,
    pub diagnostics: Vec<Diagnostic>,
    pub deps: BTreeSet<Dep>,
    pub facts: Vec<Fact>,
    /// False once an error was found, here or in a declaration that is used.
    pub ok: bool,
    pub scope: Vec<Variable>,
    slots: usize,
    /// Paths known to be present at this point.
    pub present: Vec<Path>,
    /// In `field`, `link` and `with`: the values whose fields bare names are, nearest first.
    pub selves: Vec<Expr>,
    /// In the path of a link: that several links meet there is told where they are used.
    pub declares_link: bool,
}

/// A point to which scope and knowledge go back.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    scope: usize,
    present: usize,
}

impl<'e> Checker<'e> {
    pub fn new(env: &'e Env, text: &'e str, module: usize, stack: Vec<usize>) -> Self {
        Checker {
            env,
            text,
            module,
            stack,
            diagnostics: Vec::new(),
            deps: BTreeSet::new(),
            facts: Vec::new(),
            ok: true,
            scope: Vec::new(),
            slots: 0,
            present: Vec::new(),
            selves: Vec::new(),
            declares_link: false,
        }
    }

    /// Number of slots used so far.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Gives back the slots above `slots`: what was checked with them is not evaluated.
    pub fn forget_slots(&mut self, slots: usize) {
        self.slots = self.slots.min(slots);
    }

    /// Starts a new frame.
    pub fn new_frame(&mut self) {
        self.slots = 0;
        self.scope.clear();
        self.present.clear();
        self.selves.clear();
    }

    // ---- Diagnostics -------------------------------------------------------------------------------------------

    pub fn report(&mut self, diagnostic: Diagnostic) {
        if diagnostic.level == Level::Error {
            self.ok = false;
        }
        self.diagnostics.push(diagnostic);
    }

    pub fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::error(code, span, message));
    }

    /// What stands for an expression with an error.
    pub fn hole(&mut self, span: Span) -> Expr {
        self.ok = false;
        Expr { kind: Box::new(ExprKind::Const(Const::Bool(false))), ty: Type::of(Base::Error), span }
    }

    /// Reports an error and gives the expression that stands for it.
    pub fn fail(&mut self, diagnostic: Diagnostic) -> Expr {
        let span = diagnostic.span;
        self.report(diagnostic);
        self.hole(span)
    }

    pub fn show(&self, ty: &Type) -> String {
        self.env.show(ty)
    }

    /// The source text at a span.
    pub fn source(&self, span: Span) -> &'e str {
        self.text.get(span.range()).unwrap_or_default()
    }

    pub fn fact(&mut self, span: Span, what: Symbol, ty: &Type) {
        self.facts.push(Fact { span, what, ty: ty.clone() });
    }

    // ---- Variables ---------------------------------------------------------------------------------------------

    /// A slot that no name leads to.
    pub fn slot(&mut self) -> Slot {
        let slot = self.slots;
        if slot >= usize::from(Slot::MAX) {
            self.ok = false;
            return 0;
        }
        self.slots += 1;
        slot as Slot
    }

    /// Introduces a variable.
    pub fn bind(&mut self, name: &Ident, ty: Type, lint: bool) -> Slot {
        if let Some(other) = self.scope.iter().find(|variable| variable.name == name.text) {
            let error =
                Diagnostic::error(codes::HIDES, name.span, format!("`{}` is already a name of this item", name.text))
                    .related(other.span, "introduced here")
                    .help("choose another name");
            self.report(error);
        } else if let super::env::Lookup::Found(entity) = self.env.lookup(self.module, &name.text)
            && !matches!(entity, super::env::Entity::Broken)
        {
            let what = super::register::describe(self.env, &entity);
            self.report(super::register::hides(name, &what));
        }
        let slot = self.slot();
        self.fact(name.span, Symbol::Variable { def: name.span }, &ty);
        self.scope.push(Variable { name: name.text.clone(), slot, ty, span: name.span, used: false, lint });
        slot
    }

    pub fn mark(&self) -> Mark {
        Mark { scope: self.scope.len(), present: self.present.len() }
    }

    /// Leaves the scopes entered since `mark`.
    pub fn leave(&mut self, mark: Mark) {
        let gone: Vec<Variable> = self.scope.drain(mark.scope.min(self.scope.len())..).collect();
        for variable in gone {
            if variable.lint && !variable.used && !variable.name.starts_with('_') {
                self.report(
                    Diagnostic::warning(codes::UNUSED_NAME, variable.span, format!("`{}` is not used", variable.name))
                        .help(format!("remove it, or call it `_{}`", variable.name)),
                );
            }
        }
        self.forget(mark);
    }

    /// Forgets what became known since `mark`.
    pub fn forget(&mut self, mark: Mark) {
        self.present.truncate(mark.present);
    }
}

/// An expression.
pub(super) fn expr(kind: ExprKind, ty: Type, span: Span) -> Expr {
    Expr { kind: Box::new(kind), ty, span }
}
