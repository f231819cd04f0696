//! Warnings about one item: it compiles, and the author probably meant something else.

use std::collections::BTreeSet;

use super::Role;
use super::checker::Checker;
use super::domain::{self, Decided};
use super::walk;
use crate::ast::{self, BinaryOp};
use crate::codes;
use crate::diag::Diagnostic;
use crate::ir::{self, Binding, Clause, Expr, ExprKind, Slot, Source, TextPart, Verdict};
use crate::schema::KindId;
use crate::span::Span;
use crate::types::Base;

/// `kind` items that name a deprecated version.
pub(super) fn deprecated_version(checker: &mut Checker<'_>, item: &ast::KindItem, id: KindId) {
    let Some((group, Some(version), _)) = super::register::split_target(&item.target.value) else { return };
    let info = checker.env.schemas.kind(id);
    let Some(deprecated) = info.version(group, version).and_then(|version| version.deprecated.clone()) else { return };
    let removed = deprecated.removed_in.as_ref().map(|release| format!(", and gone from Kubernetes {release} on"));
    let warning = Diagnostic::warning(
        codes::DEPRECATED_VERSION,
        item.target.span,
        format!("`{}` is deprecated{}", item.target.value, removed.unwrap_or_default()),
    );
    checker.report(match &deprecated.replacement {
        Some(replacement) => warning.help(format!("use `{replacement}`")),
        None => warning,
    });
}

/// Warnings about a rule that compiled. The standard library is held to them by its own tests.
pub(super) fn rule(checker: &mut Checker<'_>, rule: &ir::Rule) {
    if checker.env.modules[checker.module].role == Role::Std {
        return;
    }
    decided_conditions(checker, rule);
    unrelated_join(checker, rule);
    raw_containers(checker, rule);
}

fn decided_conditions(checker: &mut Checker<'_>, rule: &ir::Rule) {
    let mut context: Vec<&Expr> = Vec::new();
    let mut found = Vec::new();
    for clause in &rule.clauses {
        let condition = match clause {
            Clause::Where { condition, .. } => Some(condition),
            Clause::Deny(v) | Clause::Require(v) | Clause::Undecided(v) => v.condition.as_ref(),
            _ => None,
        };
        let Some(condition) = condition else { continue };
        match domain::decide(&context, condition) {
            Some(Decided::Always) => found.push((codes::ALWAYS, condition.span, "this condition always holds")),
            Some(Decided::Never) => found.push((codes::NEVER, condition.span, "this condition never holds")),
            None => {}
        }
        if let Clause::Where { condition, .. } = clause {
            context.push(condition);
        }
    }
    for (code, span, message) in found {
        checker.report(Diagnostic::warning(code, span, message));
    }
}

/// Generators over kinds and relations that no comparison, method or link ties to those before them. Those of one verdict
/// do not meet those of another.
fn unrelated_join(checker: &mut Checker<'_>, rule: &ir::Rule) {
    let mut join = Join::default();
    let mut lone = None;
    for clause in &rule.clauses {
        match clause {
            Clause::For { bindings, .. } => bindings.iter().for_each(|binding| join.bind(binding)),
            Clause::Let { slot, value, .. } => join.derive(*slot, value),
            Clause::Where { condition, .. } => join.relate(condition),
            Clause::Deny(v) | Clause::Require(v) | Clause::Undecided(v) => {
                let outer = join.roots.len();
                v.bindings.iter().for_each(|binding| join.bind(binding));
                v.condition.iter().for_each(|condition| join.relate(condition));
                lone = lone.or_else(|| join.lone(outer));
                join.roots.truncate(outer);
            }
            _ => {}
        }
    }
    if let Some(span) = lone.or_else(|| join.lone(0)) {
        checker.report(
            Diagnostic::warning(codes::UNRELATED_JOIN, span, "nothing relates this to what the rule goes over before")
                .help("compare a field of both, or follow a link"),
        );
    }
}

/// Generators over objects and rows, in groups of those that something relates.
#[derive(Default)]
struct Join {
    /// Slot, group, place.
    roots: Vec<(Slot, usize, Span)>,
    /// For each variable the slots of the roots it comes from.
    origins: Vec<(Slot, BTreeSet<Slot>)>,
}

impl Join {
    /// The first of the roots from number `from` on that nothing ties to the first of all.
    fn lone(&self, from: usize) -> Option<Span> {
        let &(_, first, _) = self.roots.first()?;
        self.roots.iter().skip(from).find(|(_, group, _)| *group != first).map(|(_, _, span)| *span)
    }

    fn bind(&mut self, binding: &Binding) {
        match &binding.source {
            Source::List(list) | Source::Map(list) => {
                self.relate(list);
                self.derive(binding.var, list);
            }
            _ => {
                self.roots.push((binding.var, self.roots.len(), binding.span));
                self.origins.push((binding.var, BTreeSet::from([binding.var])));
            }
        }
    }

    fn derive(&mut self, slot: Slot, value: &Expr) {
        let origins = self.mentions(value);
        self.unite(&origins);
        self.origins.push((slot, origins));
    }

    fn mentions(&self, e: &Expr) -> BTreeSet<Slot> {
        let mut found = BTreeSet::new();
        walk::expr(e, &mut |e| {
            if let ExprKind::Local(slot) = &*e.kind
                && let Some((_, origins)) = self.origins.iter().find(|(own, _)| own == slot)
            {
                found.extend(origins);
            }
        });
        found
    }

    /// Comparisons and calls that look at several roots relate them.
    fn relate(&mut self, e: &Expr) {
        let mut together = Vec::new();
        walk::expr(e, &mut |e| {
            let relates = match &*e.kind {
                ExprKind::Binary { op, .. } => !matches!(op, BinaryOp::And | BinaryOp::Or),
                ExprKind::Method { .. } | ExprKind::Call { .. } | ExprKind::Quantifier { .. } => true,
                _ => false,
            };
            if relates {
                together.push(self.mentions(e));
            }
        });
        for slots in together {
            self.unite(&slots);
        }
    }

    fn unite(&mut self, slots: &BTreeSet<Slot>) {
        let groups: Vec<usize> =
            self.roots.iter().filter(|(slot, ..)| slots.contains(slot)).map(|(_, group, _)| *group).collect();
        let Some(&least) = groups.iter().min() else { return };
        for (_, group, _) in &mut self.roots {
            if groups.contains(group) {
                *group = least;
            }
        }
    }
}

/// `spec.containers` where init containers are not looked at.
fn raw_containers(checker: &mut Checker<'_>, rule: &ir::Rule) {
    let mut raw: Option<Span> = None;
    let mut others = false;
    each_expr(rule, &mut |e| {
        walk::expr(e, &mut |e| {
            let ExprKind::Member { base, name, .. } = &*e.kind else { return };
            let Base::Struct(types) = &base.ty.base else { return };
            let of_pod = |id| checker.env.schemas.type_info(id).name.as_deref() == Some("PodSpec");
            if types.iter().any(|id| of_pod(*id)) {
                match &**name {
                    "containers" => raw = raw.or(Some(e.span)),
                    "initContainers" | "ephemeralContainers" => others = true,
                    _ => {}
                }
            }
        });
    });
    if let (Some(span), false) = (raw, others) {
        checker.report(
            Diagnostic::warning(codes::RAW_CONTAINERS, span, "init and ephemeral containers are left out")
                .help("go over `for w in Workload, c in w.containers`, which has all of them"),
        );
    }
}

/// Every top-level expression of a rule.
fn each_expr(rule: &ir::Rule, visit: &mut dyn FnMut(&Expr)) {
    let verdict = |v: &Verdict, visit: &mut dyn FnMut(&Expr)| {
        v.bindings.iter().for_each(|binding| walk::source(binding, visit));
        v.condition.iter().chain(&v.at).for_each(&mut *visit);
        for part in &v.message {
            if let TextPart::Expr(e) = part {
                visit(e);
            }
        }
    };
    for clause in &rule.clauses {
        match clause {
            Clause::For { bindings, .. } => bindings.iter().for_each(|binding| walk::source(binding, visit)),
            Clause::Where { condition, .. } => visit(condition),
            Clause::Let { value, .. } => visit(value),
            Clause::Deny(v) | Clause::Require(v) | Clause::Undecided(v) => verdict(v, visit),
            Clause::FixSet { target, value, .. } => {
                visit(target);
                visit(value);
            }
            Clause::FixRemove { target, .. } => visit(target),
        }
    }
}

/// A waiver for kinds at which its rule never looks.
pub(super) fn wide_waiver(checker: &mut Checker<'_>, waive: &ast::Waive, waived: &[KindId], rule: &ir::Rule) {
    // Findings of relations and behind links can be about other kinds.
    let mut elsewhere = !rule.reach.relations.is_empty() || rule.reach.primary.is_empty();
    each_expr(rule, &mut |e| {
        walk::expr(e, &mut |e| elsewhere |= matches!(&*e.kind, ExprKind::Follow { .. }));
    });
    if elsewhere || waived.is_empty() || waived.iter().any(|kind| rule.reach.kinds.contains(kind)) {
        return;
    }
    checker.report(
        Diagnostic::warning(
            codes::WIDE_WAIVER,
            waive.kind.span,
            format!("`{}` never looks at a `{}`", waive.rule.text, waive.kind.text),
        )
        .help("name the kind that its findings are about"),
    );
}

/// What lets one rule be compared with another: its generators, its conditions, the place of its name.
pub(super) struct Shape {
    pub name: std::sync::Arc<str>,
    pub span: Span,
    generators: Vec<String>,
    /// For each verdict its conditions, those of the rule included.
    verdicts: Vec<BTreeSet<String>>,
}

/// The shape of a rule whose verdicts are all `deny`; texts are compared as written, blanks aside.
pub(super) fn shape(text: &str, rule: &ast::Rule) -> Option<Shape> {
    let plain =
        |span: Span| text.get(span.range()).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let mut generators = Vec::new();
    let mut conditions: BTreeSet<String> = BTreeSet::new();
    let mut verdicts = Vec::new();
    for clause in &rule.clauses {
        match &clause.kind {
            ast::ClauseKind::For(all) => generators.extend(all.iter().map(|generator| plain(generator.span))),
            ast::ClauseKind::Where(condition) => conjuncts(condition, &plain, &mut conditions),
            ast::ClauseKind::Let { .. } => generators.push(plain(clause.span)),
            ast::ClauseKind::Deny(deny) => {
                let mut own = conditions.clone();
                own.extend(deny.generators.iter().map(|generator| format!("for {}", plain(generator.span))));
                deny.when.iter().for_each(|when| conjuncts(when, &plain, &mut own));
                verdicts.push(own);
            }
            ast::ClauseKind::Require { .. } | ast::ClauseKind::Undecided { .. } => return None,
            _ => {}
        }
    }
    (!rule.dropped && !verdicts.is_empty()).then(|| Shape {
        name: rule.name.text.clone(),
        span: rule.name.span,
        generators,
        verdicts,
    })
}

fn conjuncts(e: &ast::Expr, plain: &dyn Fn(Span) -> String, into: &mut BTreeSet<String>) {
    match &*e.kind {
        ast::ExprKind::Binary { op: BinaryOp::And, left, right, .. } => {
            conjuncts(left, plain, into);
            conjuncts(right, plain, into);
        }
        _ => {
            into.insert(plain(e.span));
        }
    }
}

impl Shape {
    /// True where each verdict of `self` comes with one of `other`.
    pub fn implied_by(&self, other: &Shape) -> bool {
        self.generators == other.generators
            && self.verdicts.iter().all(|own| other.verdicts.iter().any(|wide| wide.is_subset(own)))
    }
}
