//! What a condition says about presence: the paths that are present where it holds, or where it does not.

use std::sync::Arc;

use crate::ast::{BinaryOp, TestOp};
use crate::builtin::methods::{self, Method};
use crate::ir::{Attr, Const, Expr, ExprKind, Id, Slot, Source};
use crate::types::Base;

/// A value that can be named twice: a variable and constant steps below it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    pub root: Root,
    pub steps: Vec<Step>,
}

/// Where a path starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Root {
    Local(Slot),
    Param(Id),
    Constant(Id),
}

/// A step of a path. All of them are functions of the value above.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    Name(Arc<str>),
    Attr(Attr),
    Column(usize),
    At(i64),
    Follow,
    Call(Method, Vec<Const>),
}

/// The path of an expression, if it is one.
pub(super) fn path(expr: &Expr) -> Option<Path> {
    let below = |base: &Expr, step: Step| {
        let mut path = path(base)?;
        path.steps.push(step);
        Some(path)
    };
    let from = |root| Some(Path { root, steps: Vec::new() });
    match &*expr.kind {
        ExprKind::Local(slot) => from(Root::Local(*slot)),
        ExprKind::Param(id) => from(Root::Param(*id)),
        ExprKind::Constant(id) => from(Root::Constant(*id)),
        ExprKind::Attr { base, attr } => below(base, Step::Attr(*attr)),
        ExprKind::Member { base, name, .. } => below(base, Step::Name(name.clone())),
        ExprKind::Column { base, index, .. } => below(base, Step::Column(*index)),
        ExprKind::GroupField { base, group, field } => below(base, Step::Name(format!("{}#{field}", group.0).into())),
        ExprKind::Derived { base, field, .. } => below(base, Step::Name(format!("#{}", field.0).into())),
        ExprKind::Index { base, index, .. } => match &*index.kind {
            ExprKind::Const(Const::Int(at)) => below(base, Step::At(*at)),
            ExprKind::Const(Const::String(key)) => below(base, Step::Name(key.clone())),
            _ => None,
        },
        ExprKind::Follow { base } => below(base, Step::Follow),
        ExprKind::As { base } => path(base),
        ExprKind::Method { base, method, args } if !methods::signature(*method).false_on_missing => {
            let constants = args
                .iter()
                .map(|arg| match &*arg.kind {
                    ExprKind::Const(constant) => Some(constant.clone()),
                    _ => None,
                })
                .collect::<Option<Vec<_>>>()?;
            below(base, Step::Call(*method, constants))
        }
        _ => None,
    }
}

/// True where an expression names a place in the input: a path, whose methods only read what a text holds.
pub(super) fn is_place(expr: &Expr) -> bool {
    let reads = |method: &Method| {
        matches!(method, Method::Json | Method::Yaml | Method::Hcl | Method::Base64 | Method::Jwt | Method::Raw)
    };
    path(expr)
        .is_some_and(|path| path.steps.iter().all(|step| !matches!(step, Step::Call(method, _) if !reads(method))))
}

/// True where the path of the expression is among those known to be present, itself or as a prefix.
pub(super) fn is_present(known: &[Path], expr: &Expr) -> bool {
    if known.is_empty() {
        return false;
    }
    let Some(path) = path(expr) else { return false };
    known.iter().any(|known| known.root == path.root && known.steps.starts_with(&path.steps))
}

/// The paths that are present where `condition` is `truth`.
pub(super) fn present_when(condition: &Expr, truth: bool) -> Vec<Path> {
    let mut found = Vec::new();
    collect(condition, truth, &mut found);
    found
}

fn collect(condition: &Expr, truth: bool, found: &mut Vec<Path>) {
    match &*condition.kind {
        ExprKind::Not(inner) => collect(inner, !truth, found),
        ExprKind::Binary { op: BinaryOp::And, left, right } | ExprKind::Binary { op: BinaryOp::Or, left, right } => {
            let both = matches!(&*condition.kind, ExprKind::Binary { op: BinaryOp::And, .. }) == truth;
            if both {
                collect(left, truth, found);
                collect(right, truth, found);
            } else {
                let right = present_when(right, truth);
                let left = present_when(left, truth);
                let implied = |path: &Path, others: &[Path]| {
                    others.iter().any(|other| other.root == path.root && other.steps.starts_with(&path.steps))
                };
                found.extend(left.iter().filter(|path| implied(path, &right)).cloned());
                found.extend(right.iter().filter(|path| implied(path, &left)).cloned());
            }
        }
        ExprKind::Test { base, test } => match (test, truth) {
            (TestOp::Exists, true) | (TestOp::Absent, false) | (TestOp::Empty, false) => add(base, found),
            (TestOp::Dangling, true) => add_reference(base, found),
            _ => {}
        },
        ExprKind::Binary { op: BinaryOp::Eq, left, right } if truth => equal(left, right, found),
        ExprKind::Binary { op: BinaryOp::Ne, left, right } if !truth => equal(left, right, found),
        ExprKind::Binary { op: BinaryOp::In, left, right } if truth => {
            if element_is_present(right) {
                add(left, found);
            }
            add(right, found);
        }
        ExprKind::Binary { op: BinaryOp::Overlaps, left, right } if truth => {
            add(left, found);
            add(right, found);
        }
        ExprKind::Quantifier { all, binding, body } if *all != truth => {
            if let Source::List(source) | Source::Map(source) = &binding.source {
                add(source, found);
            }
            let inner = present_when(body, truth);
            let own = |root: Root| {
                root == Root::Local(binding.var) || binding.key.is_some_and(|key| root == Root::Local(key))
            };
            found.extend(inner.into_iter().filter(|path| !own(path.root)));
        }
        ExprKind::Method { base, method, .. } if truth && methods::signature(*method).false_on_missing => {
            add(base, found);
        }
        _ => {}
    }
}

/// Where two values are equal and one is present, so is the other.
fn equal(left: &Expr, right: &Expr, found: &mut Vec<Path>) {
    if !right.ty.optional {
        add(left, found);
    }
    if !left.ty.optional {
        add(right, found);
    }
}

/// Lists drop missing elements, so an element is present; a map's keys are too.
fn element_is_present(list: &Expr) -> bool {
    match &list.ty.base {
        Base::List(element) => !element.optional,
        _ => true,
    }
}

fn add(expr: &Expr, found: &mut Vec<Path>) {
    if let Some(path) = path(expr) {
        found.push(path);
    }
}

/// A dangling reference is present and so are the parts that name its target.
fn add_reference(reference: &Expr, found: &mut Vec<Path>) {
    let Some(path) = path(reference) else { return };
    for name in ["name", "kind"] {
        let mut below = path.clone();
        below.steps.push(Step::Name(name.into()));
        found.push(below);
    }
    found.push(path);
}
