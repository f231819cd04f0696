//! What a rule or view can depend on: kinds, relations, the clock, secret data.

use std::collections::{BTreeSet, HashSet};

use super::env::{Env, Table};
use super::item::Checked;
use super::{links, walk};
use crate::ast::TestOp;
use crate::builtin::methods::Method;
use crate::builtin::relations::{self, Rows};
use crate::ir::{Attr, Binding, Clause, Expr, ExprKind, Reach, Rule, Source, View};
use crate::schema::KindId;
use crate::types::Base;

/// The reach of a rule.
pub(super) fn of_rule(env: &Env, rule: &Rule) -> Reach {
    let first = rule.clauses.iter().find_map(|clause| match clause {
        Clause::For { bindings, .. } => bindings.first(),
        Clause::Deny(v) | Clause::Require(v) | Clause::Undecided(v) => v.bindings.first(),
        _ => None,
    });
    let mut walker = Walker::new(env);
    let mut expressions: Vec<&Expr> = Vec::new();
    let mut bindings: Vec<&Binding> = Vec::new();
    for clause in &rule.clauses {
        collect(clause, &mut bindings, &mut expressions);
    }
    for binding in bindings {
        walker.binding(binding, first.is_some_and(|first| std::ptr::eq(first, binding)));
    }
    for e in expressions {
        walker.expr(e, false);
    }
    let primary = match first.map(|binding| &binding.source) {
        Some(Source::Kinds { kinds, .. }) => kinds.to_vec(),
        _ => Vec::new(),
    };
    walker.finish(primary, first)
}

/// The reach of a view.
pub(super) fn of_view(env: &Env, view: &View) -> Reach {
    let mut walker = Walker::new(env);
    let mut primary: BTreeSet<KindId> = BTreeSet::new();
    for branch in &view.branches {
        for (at, binding) in branch.bindings.iter().enumerate() {
            walker.binding(binding, at == 0);
            if let (0, Source::Kinds { kinds, .. }) = (at, &binding.source) {
                primary.extend(kinds.iter());
            }
        }
        for e in branch.condition.iter().chain(&branch.columns) {
            walker.expr(e, false);
        }
    }
    let first = view.branches.first().and_then(|branch| branch.bindings.first());
    walker.finish(primary.into_iter().collect(), first)
}

/// Bindings and top-level expressions of a clause, the lists of bindings apart.
fn collect<'r>(clause: &'r Clause, bindings: &mut Vec<&'r Binding>, expressions: &mut Vec<&'r Expr>) {
    match clause {
        Clause::Deny(v) | Clause::Require(v) | Clause::Undecided(v) => {
            bindings.extend(&v.bindings);
            expressions.extend(&v.condition);
            expressions.extend(&v.at);
            for part in &v.message {
                if let crate::ir::TextPart::Expr(e) = part {
                    expressions.push(e);
                }
            }
        }
        Clause::For { bindings: own, .. } => bindings.extend(own),
        Clause::Where { condition, .. } => expressions.push(condition),
        Clause::Let { value, .. } => expressions.push(value),
        Clause::FixSet { target, value, .. } => expressions.extend([target, value]),
        Clause::FixRemove { target, .. } => expressions.push(target),
    }
}

struct Walker<'e> {
    env: &'e Env,
    kinds: BTreeSet<KindId>,
    relations: BTreeSet<u32>,
    columns: BTreeSet<(u32, u32)>,
    /// False once another object than the one at hand is looked at.
    local: bool,
    secret_data: bool,
    clock: bool,
    metadata_only: bool,
    /// Declarations whose bodies were walked.
    seen: HashSet<usize>,
}

impl<'e> Walker<'e> {
    fn new(env: &'e Env) -> Self {
        Walker {
            env,
            kinds: BTreeSet::new(),
            relations: BTreeSet::new(),
            columns: BTreeSet::new(),
            local: true,
            secret_data: false,
            clock: false,
            metadata_only: true,
            seen: HashSet::new(),
        }
    }

    fn finish(self, primary: Vec<KindId>, first: Option<&Binding>) -> Reach {
        let streams = match first.map(|binding| &binding.source) {
            Some(Source::Kinds { .. }) => true,
            Some(Source::Relation(at)) => {
                relations::ALL.get(*at as usize).is_some_and(|relation| relation.rows != Rows::OfInput)
            }
            _ => false,
        };
        Reach {
            primary,
            kinds: self.kinds.into_iter().collect(),
            relations: self.relations.into_iter().collect(),
            columns: self.columns.into_iter().collect(),
            local: self.local && streams,
            secret_data: self.secret_data,
            clock: self.clock,
            metadata_only: self.metadata_only && streams,
        }
    }

    fn binding(&mut self, binding: &Binding, outermost: bool) {
        match &binding.source {
            Source::Kinds { kinds, .. } => {
                self.kinds.extend(kinds.iter());
                self.local &= outermost;
            }
            Source::View(id) => {
                self.local = false;
                self.metadata_only = false;
                if let Some(decl) = self.env.by_id(Table::Views, *id)
                    && let Some(checked) = self.env.checked(decl, &[])
                    && let Checked::View(view) = &checked.ir
                {
                    self.kinds.extend(&view.reach.kinds);
                    self.relations.extend(&view.reach.relations);
                    self.columns.extend(&view.reach.columns);
                    self.secret_data |= view.reach.secret_data;
                    self.clock |= view.reach.clock;
                }
            }
            Source::Relation(at) => {
                self.relations.insert(*at);
                self.metadata_only = false;
                if let Some(relation) = relations::ALL.get(*at as usize) {
                    self.local &= outermost && relation.rows != Rows::OfInput;
                    self.clock |= relation.name == "Rotation";
                    for name in relation.kinds {
                        self.kinds.extend(self.env.schemas.kinds_named(name));
                    }
                }
            }
            Source::List(list) | Source::Map(list) => self.expr(list, false),
        }
    }

    /// `presence`: only whether the value is there is asked, not what it is.
    fn expr(&mut self, e: &Expr, presence: bool) {
        if e.ty.confidential && !presence && !matches!(e.ty.base, Base::Row(_)) {
            self.secret_data = true;
        }
        match &*e.kind {
            ExprKind::Now => self.clock = true,
            ExprKind::Attr { base, attr } => {
                if *attr == Attr::Sops {
                    self.metadata_only = false;
                }
                self.expr(base, true);
                return;
            }
            ExprKind::Member { base, name, .. } => {
                if matches!(base.ty.base, Base::Object(_)) && &**name != "metadata" {
                    self.metadata_only = false;
                }
                self.expr(base, false);
                return;
            }
            ExprKind::Column { base, index, .. } => {
                if let Base::Row(row) = &base.ty.base
                    && let Some(at) = relations::ALL.iter().position(|relation| *relation.name == *row.name)
                {
                    self.columns.insert((at as u32, *index as u32));
                }
                self.expr(base, false);
                return;
            }
            ExprKind::GroupField { base, group, .. } => {
                self.metadata_only = false;
                for &decl in &self.env.groups[group.0 as usize].items {
                    self.body(decl);
                }
                self.expr(base, true);
                return;
            }
            ExprKind::Derived { base, field, .. } => {
                if let Some(decl) = self.env.by_id(Table::Fields, *field) {
                    self.body(decl);
                }
                self.expr(base, true);
                return;
            }
            ExprKind::Constant(id) => {
                if let Some(decl) = self.env.by_id(Table::Constants, *id) {
                    self.body(decl);
                }
            }
            ExprKind::Call { function, .. } => {
                if let Some(decl) = self.env.by_id(Table::Functions, *function) {
                    self.body(decl);
                }
            }
            ExprKind::Follow { base } | ExprKind::Test { base, test: TestOp::Dangling } => {
                self.local = false;
                for link in self.env.places.links(&base.ty.places) {
                    self.kinds.extend(links::targets(self.env, link).iter().flat_map(|set| set.iter().copied()));
                    self.body(link);
                }
            }
            ExprKind::Test { base, test: TestOp::Exists | TestOp::Absent } => {
                self.expr(base, true);
                return;
            }
            ExprKind::Method { method: Method::Walk, .. } => {
                self.metadata_only = false;
                self.secret_data = true;
            }
            // Bindings before what uses them; their lists are walked there.
            ExprKind::Quantifier { binding, body, .. } => {
                self.binding(binding, false);
                self.expr(body, false);
                return;
            }
            ExprKind::Comprehension { bindings, condition, body } => {
                for binding in bindings {
                    self.binding(binding, false);
                }
                for e in condition.iter().chain([body]) {
                    self.expr(e, false);
                }
                return;
            }
            _ => {}
        }
        walk::children(e, &mut |child| self.expr(child, false));
    }

    /// The body of a declaration, once.
    fn body(&mut self, decl: usize) {
        if !self.seen.insert(decl) {
            return;
        }
        let Some(checked) = self.env.checked(decl, &[]) else { return };
        match &checked.ir {
            Checked::Constant(constant) => self.expr(&constant.value, false),
            Checked::Function(function) => self.expr(&function.body, false),
            Checked::Field(field) => self.expr(&field.body, false),
            Checked::Group(parts) => {
                parts.iter().filter_map(|part| part.body.as_ref()).for_each(|body| self.expr(body, false))
            }
            Checked::Link { link, field } => {
                let bodies = [&link.name, &link.namespace, &link.kind].into_iter().flatten();
                bodies.chain(field.iter().map(|field| &field.body)).for_each(|body| self.expr(body, false));
            }
            _ => {}
        }
    }
}
