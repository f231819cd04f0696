//! What follows a value: `.field` `["key"]` `[expr]` `[]` `->` `as Type` `.method(…)`.
//!
//! After `[]` the rest of the chain holds for each element, up to its end or to a closing parenthesis. So a chain is
//! read from its head, each `[]` puts the value so far aside and goes on with one element, and at the end the
//! lists are put together from the inside out.

use std::sync::Arc;

use super::checker::{Checker, expr};
use super::item::Dep;
use super::links;
use crate::ast::{self, TypeExpr, TypeExprKind};
use crate::codes;
use crate::diag::Diagnostic;
use crate::ir::{Const, Expr, ExprKind, Slot};
use crate::span::Span;
use crate::types::{Base, Type};

/// A list whose elements the rest of the chain goes on with.
struct Pending {
    list: Expr,
    var: Slot,
    span: Span,
}

impl Checker<'_> {
    /// A chain of postfix operators.
    pub fn postfix(&mut self, e: &ast::Expr) -> Expr {
        let mut pending = Vec::new();
        let mut value = self.link_of_chain(e, &mut pending);
        let mut flatten = false;
        while let Some(Pending { list, var, span }) = pending.pop() {
            let optional = list.ty.optional;
            let element = match (&value.ty.base, flatten) {
                (Base::List(inner), true) => inner.as_ref().clone(),
                _ => value.ty.clone().present(),
            };
            let ty = Type { optional, ..Type::list(element) };
            value = expr(ExprKind::Each { base: list, var, body: value, flatten }, ty, span.to(e.span));
            flatten = true;
        }
        value
    }

    /// The head of a chain: a further step of the same chain, or, in parentheses, a value of its own.
    fn head(&mut self, base: &ast::Expr, pending: &mut Vec<Pending>) -> Expr {
        let in_parentheses = self.closes_after(base.span.end);
        match &*base.kind {
            ast::ExprKind::Field { .. }
            | ast::ExprKind::Index { .. }
            | ast::ExprKind::Each { .. }
            | ast::ExprKind::Follow { .. }
            | ast::ExprKind::As { .. }
            | ast::ExprKind::Method { .. }
                if !in_parentheses =>
            {
                self.link_of_chain(base, pending)
            }
            _ => self.expr(base),
        }
    }

    /// True where the next sign after `end` closes a parenthesis.
    fn closes_after(&self, end: u32) -> bool {
        let mut rest = self.text.get(end as usize..).unwrap_or_default();
        loop {
            rest = rest.trim_start();
            match rest.strip_prefix("//") {
                Some(comment) => rest = comment.split_once('\n').map_or("", |(_, after)| after),
                None => return rest.starts_with(')'),
            }
        }
    }

    /// One operator of a chain, after what stands before it.
    fn link_of_chain(&mut self, e: &ast::Expr, pending: &mut Vec<Pending>) -> Expr {
        match &*e.kind {
            ast::ExprKind::Field { base, name } => {
                let base = self.head(base, pending);
                self.member(base, name, e.span)
            }
            ast::ExprKind::Method { base, name, args } => {
                let base = self.head(base, pending);
                self.method(base, name, args, e.span)
            }
            ast::ExprKind::Index { base, index } => {
                let base = self.head(base, pending);
                self.index(base, index, e.span)
            }
            ast::ExprKind::Each { base } => {
                let list = self.head(base, pending);
                self.each(list, e.span, pending)
            }
            ast::ExprKind::Follow { base } => {
                let base = self.head(base, pending);
                self.follow(base, e.span)
            }
            ast::ExprKind::As { base, ty } => {
                let base = self.head(base, pending);
                self.cast(base, ty, e.span)
            }
            _ => self.expr(e),
        }
    }

    fn each(&mut self, list: Expr, span: Span, pending: &mut Vec<Pending>) -> Expr {
        let element = match &list.ty.base {
            Base::Error => return self.hole(span),
            Base::List(element) | Base::Map(element) => {
                let mut element = element.as_ref().clone().present();
                element.confidential |= list.ty.confidential;
                element
            }
            _ => {
                let shown = self.show(&list.ty);
                let error = Diagnostic::error(codes::NOT_A_LIST, list.span, format!("a `{shown}` has no elements"));
                let error = match list.ty.base {
                    Base::Any => error.fix("say what it is", Span::at(list.span.end), " as list<any>"),
                    _ => error.help("`[]` stands after lists and maps"),
                };
                return self.fail(error);
            }
        };
        let var = self.slot();
        pending.push(Pending { list, var, span });
        expr(ExprKind::Local(var), element, span)
    }

    fn index(&mut self, base: Expr, index: &ast::Expr, span: Span) -> Expr {
        let index = self.expr(index);
        if base.ty.is_error() || index.ty.is_error() {
            return self.hole(span);
        }
        if index.ty.optional {
            self.report_missing(&index, "a position or key must be present");
            return self.hole(span);
        }
        let confidential = base.ty.confidential;
        match (base.ty.base.clone(), &index.ty.base, &*index.kind) {
            (Base::List(element), Base::Int, _) => {
                let ty = element.as_ref().clone().optional().confidential(confidential);
                self.indexed(base, index, ty, None, span)
            }
            (Base::Map(value), Base::String(_), kind) => {
                let mut ty = value.as_ref().clone().optional().confidential(confidential);
                let mut link = None;
                if let ExprKind::Const(Const::String(key)) = kind {
                    ty.places = self.env.places.step_any(&base.ty.places, &[key, "{}"]);
                    ty.confidential |= self.env.places.confidential(&ty.places);
                    link = self.link_at(&ty.places, span);
                }
                self.indexed(base, index, ty, link, span)
            }
            (Base::Any, Base::String(_) | Base::Int, kind) => {
                let mut ty = Type::of(Base::Any).optional().confidential(confidential);
                let mut link = None;
                if let ExprKind::Const(Const::String(key)) = kind {
                    ty.places = self.env.places.step_any(&base.ty.places, &[key, "{}"]);
                    ty.confidential |= self.env.places.confidential(&ty.places);
                    link = self.link_at(&ty.places, span);
                }
                self.indexed(base, index, ty, link, span)
            }
            (
                Base::Struct(_) | Base::Object(_) | Base::Row(_),
                Base::String(_),
                ExprKind::Const(Const::String(key)),
            ) => {
                let name = ast::Ident { text: key.clone(), span: index.span };
                self.member(base, &name, span)
            }
            _ => {
                let (shown, by) = (self.show(&base.ty), self.show(&index.ty));
                let error = Diagnostic::error(codes::NO_INDEX, span, format!("a `{shown}` has no element at a `{by}`"));
                self.fail(error.help("lists have positions (`[0]`, `[-1]`), maps have keys (`[\"key\"]`)"))
            }
        }
    }

    fn indexed(&mut self, base: Expr, index: Expr, ty: Type, link: Option<crate::ir::Id>, span: Span) -> Expr {
        let indexed = expr(ExprKind::Index { base, index, link }, ty, span);
        self.narrowed(indexed)
    }

    fn follow(&mut self, base: Expr, span: Span) -> Expr {
        if base.ty.is_error() {
            return self.hole(span);
        }
        let links = self.env.places.links(&base.ty.places);
        if links.is_empty() {
            return self.no_link(&base);
        }
        let mut kinds = Vec::new();
        for link in links {
            if self.env.checked(link, &self.stack).is_none() {
                return self.recursion("this link", span);
            }
            self.deps.insert(Dep::Decl(link));
            kinds.extend(links::targets(self.env, link).iter().flat_map(|set| set.iter().copied()));
        }
        if kinds.is_empty() {
            return self.hole(span);
        }
        let ty = self.env.object_type(kinds).optional();
        let follow = expr(ExprKind::Follow { base }, ty, span);
        self.narrowed(follow)
    }

    /// The error for a value that is no reference.
    pub fn no_link(&mut self, base: &Expr) -> Expr {
        let text = self.source(base.span);
        let is_list = matches!(base.ty.base, Base::List(_));
        let error = Diagnostic::error(codes::NO_LINK, base.span, format!("`{text}` is no known reference"));
        self.fail(if is_list {
            error.help("references are followed one at a time: `[]->`, or `for`")
        } else {
            error.help("declare it: `link Kind.path to Kind`")
        })
    }

    // ---- `as` and written types --------------------------------------------------------------------------------

    fn cast(&mut self, base: Expr, ty: &TypeExpr, span: Span) -> Expr {
        let want = self.type_of(ty);
        if base.ty.is_error() || want.is_error() {
            return self.hole(span);
        }
        let fits = match (&base.ty.base, &want.base) {
            (Base::Any, _) => true,
            (Base::Object(have), Base::Object(want)) => have.is_empty() || want.iter().any(|kind| have.contains(kind)),
            (Base::List(have), Base::List(_)) => matches!(have.base, Base::Any | Base::Object(_)),
            (Base::Map(have), Base::Map(_)) => matches!(have.base, Base::Any | Base::Object(_)),
            _ => false,
        };
        if !fits {
            let (have, want) = (self.show(&base.ty), self.show(&want));
            let error = Diagnostic::error(codes::BAD_CAST, span, format!("a `{have}` cannot be taken as `{want}`"));
            return self.fail(error.help("`as` says what an open value is, or which of several kinds an object has"));
        }
        let ty = Type {
            optional: base.ty.optional,
            confidential: base.ty.confidential || want.confidential,
            places: super::types::merge_places(&want.places, &base.ty.places),
            base: want.base,
        };
        let cast = expr(ExprKind::As { base }, ty, span);
        self.narrowed(cast)
    }

    /// The type that a written type stands for.
    pub fn type_of(&mut self, ty: &TypeExpr) -> Type {
        match &ty.kind {
            TypeExprKind::Optional(inner) => self.type_of(inner).optional(),
            TypeExprKind::Confidential(inner) => self.type_of(inner).confidential(true),
            TypeExprKind::List(inner) => {
                let element = self.type_of(inner);
                if element.is_error() { element } else { Type::list(element) }
            }
            TypeExprKind::Map(inner) => {
                let value = self.type_of(inner);
                if value.is_error() { value } else { Type::map(value) }
            }
            TypeExprKind::Name(name) => self.named_type(name, ty.span),
            TypeExprKind::At { owner, path } => {
                let root = self.named_type(&owner.text, owner.span);
                if root.is_error() {
                    return root;
                }
                let start = expr(ExprKind::Local(0), root, owner.span);
                // Only the type is wanted: the elements on the way take no place in the frame.
                let slots = self.slots();
                let ty = self.along(start, path).ty.present();
                self.forget_slots(slots);
                ty
            }
        }
    }

    /// The value at a path below another.
    pub fn along(&mut self, start: Expr, path: &ast::Path) -> Expr {
        let mut at = start;
        for (step, span) in &path.steps {
            if at.ty.is_error() {
                return at;
            }
            at = match step {
                ast::PathStep::Field(name) => {
                    let name = ast::Ident { text: name.clone(), span: *span };
                    self.member(at, &name, *span)
                }
                ast::PathStep::Each | ast::PathStep::Index(_) => {
                    let mut pending = Vec::new();
                    self.each(at, *span, &mut pending)
                }
            };
        }
        at
    }

    fn named_type(&mut self, name: &Arc<str>, span: Span) -> Type {
        use super::env::{Entity, Lookup};
        if let Some(base) = super::env::scalar(name) {
            return Type::of(base);
        }
        match self.env.lookup(self.module, name) {
            Lookup::Found(Entity::Group(_) | Entity::Kinds(_)) => {
                let ident = ast::Ident { text: name.clone(), span };
                return match self.kinds_of(&ident) {
                    Some((kinds, _)) => self.env.object_type(kinds),
                    None => self.hole(span).ty,
                };
            }
            Lookup::Found(Entity::View(decl)) => {
                self.uses_decl(decl, span);
                return match self.env.checked(decl, &self.stack) {
                    Some(checked) => {
                        self.ok &= checked.ok;
                        self.item_fact(decl, span, &checked.ty);
                        checked.ty.clone()
                    }
                    None => self.recursion(name, span).ty,
                };
            }
            _ => {}
        }
        if let Some(row) = self.env.row(name) {
            let ty = self.env.row_value(&row);
            self.fact(span, super::facts::Symbol::Value, &ty);
            return ty;
        }
        if let Some(id) = self.env.schemas.types_named(name).first() {
            let ty = self.env.struct_type(vec![*id], Arc::from([]));
            self.fact(span, super::facts::Symbol::Type(*id), &ty);
            return ty;
        }
        let error = super::register::unknown_type(self.env, name, span);
        self.fail(error).ty
    }
}
