//! Conditions that always or never hold, decided on what literals say about single values: equality, sets, bounds,
//! prefixes, presence. What is not of that shape is open and keeps the analysis silent.

use std::cmp::Ordering;
use std::sync::Arc;

use super::narrow::{self, Path};
use crate::ast::{BinaryOp, TestOp};
use crate::ir::{Attr, Const, Expr, ExprKind};
use crate::types::{Base, Type};

/// More cases than this are not looked at.
const MAX_CASES: usize = 64;

/// What one condition says about one value.
#[derive(Clone, Debug)]
enum Says {
    Among(Vec<Const>),
    NotAmong(Vec<Const>),
    Bound { ordering: Ordering, or_equal: bool, limit: Const },
    Prefix(Arc<str>),
    Present,
    Absent,
}

/// A part of a case.
#[derive(Clone, Debug)]
enum Part {
    Open,
    False,
    Fact { path: Path, ty: Type, says: Says },
}

type Case = Vec<Part>;

/// What is decided of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decided {
    Always,
    Never,
}

/// Decides a condition that is asked where all of `context` hold.
pub(super) fn decide(context: &[&Expr], condition: &Expr) -> Option<Decided> {
    let mut before = vec![Vec::new()];
    for e in context {
        before = both(before, cases(e, true)?)?;
    }
    // Where the context itself never holds, that was said there.
    if before.iter().all(impossible) {
        return None;
    }
    let holds = both(before.clone(), cases(condition, true)?)?;
    if holds.iter().all(impossible) {
        return Some(Decided::Never);
    }
    let fails = both(before, cases(condition, false)?)?;
    fails.iter().all(impossible).then_some(Decided::Always)
}

fn both(a: Vec<Case>, b: Vec<Case>) -> Option<Vec<Case>> {
    if a.len() * b.len() > MAX_CASES {
        return None;
    }
    Some(a.iter().flat_map(|x| b.iter().map(|y| x.iter().chain(y).cloned().collect())).collect())
}

/// The cases in which the condition is `truth`.
fn cases(e: &Expr, truth: bool) -> Option<Vec<Case>> {
    match &*e.kind {
        ExprKind::Const(Const::Bool(value)) => Some(vec![if *value == truth { Vec::new() } else { vec![Part::False] }]),
        ExprKind::Not(inner) => cases(inner, !truth),
        ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), left, right } => {
            let (a, b) = (cases(left, truth)?, cases(right, truth)?);
            if (*op == BinaryOp::And) == truth {
                both(a, b)
            } else {
                (a.len() + b.len() <= MAX_CASES).then(|| a.into_iter().chain(b).collect())
            }
        }
        _ => Some(vec![vec![atom(e, truth).unwrap_or(Part::Open)]]),
    }
}

fn atom(e: &Expr, truth: bool) -> Option<Part> {
    let fact = |value: &Expr, says: Says| Some(Part::Fact { path: narrow::path(value)?, ty: value.ty.clone(), says });
    match &*e.kind {
        ExprKind::Test { base, test } => {
            let exists = match test {
                TestOp::Exists => truth,
                TestOp::Absent => !truth,
                _ => return None,
            };
            // A default is read where nothing is written, so presence says nothing about the value.
            if matches!(&*base.kind, ExprKind::Member { default: Some(_), .. }) {
                return None;
            }
            let always = matches!(&*base.kind, ExprKind::Attr { base: of, attr: Attr::Name | Attr::Kind }
                if !of.ty.optional);
            if always {
                return Some(if exists {
                    Part::Fact { path: narrow::path(base)?, ty: base.ty.clone(), says: Says::Present }
                } else {
                    Part::False
                });
            }
            fact(base, if exists { Says::Present } else { Says::Absent })
        }
        ExprKind::Binary { op, left, right } => {
            let constant = super::item::constant(right)?;
            let says = match (op, truth, constant) {
                (BinaryOp::Eq, true, value) | (BinaryOp::Ne, false, value) => Says::Among(vec![value]),
                (BinaryOp::Ne, true, value) | (BinaryOp::Eq, false, value) => Says::NotAmong(vec![value]),
                (BinaryOp::In, true, Const::List(values)) => Says::Among(values),
                (BinaryOp::In, false, Const::List(values)) => Says::NotAmong(values),
                (BinaryOp::StartsWith, true, Const::String(prefix)) => Says::Prefix(prefix),
                (BinaryOp::Lt, true, limit) | (BinaryOp::Ge, false, limit) => bound(Ordering::Less, false, limit),
                (BinaryOp::Le, true, limit) | (BinaryOp::Gt, false, limit) => bound(Ordering::Less, true, limit),
                (BinaryOp::Gt, true, limit) | (BinaryOp::Le, false, limit) => bound(Ordering::Greater, false, limit),
                (BinaryOp::Ge, true, limit) | (BinaryOp::Lt, false, limit) => bound(Ordering::Greater, true, limit),
                _ => return None,
            };
            fact(left, says)
        }
        _ => None,
    }
}

fn bound(ordering: Ordering, or_equal: bool, limit: Const) -> Says {
    Says::Bound { ordering, or_equal, limit }
}

/// True where the parts of a case exclude each other.
fn impossible(case: &Case) -> bool {
    case.iter().enumerate().any(|(at, part)| match part {
        Part::False => true,
        Part::Open => false,
        Part::Fact { path, ty, .. } => {
            // Each value once, where it is named first.
            let first = !case[..at].iter().any(|other| matches!(other, Part::Fact { path: p, .. } if p == path));
            first && excluded(case, path, ty)
        }
    })
}

fn excluded(case: &Case, path: &Path, ty: &Type) -> bool {
    let facts = || {
        case.iter().filter_map(move |part| match part {
            Part::Fact { path: own, says, .. } if own == path => Some(says),
            _ => None,
        })
    };
    let present = facts().any(|says| !matches!(says, Says::Absent | Says::NotAmong(_)));
    if present && facts().any(|says| matches!(says, Says::Absent)) {
        return true;
    }
    let fits = |value: &Const| facts().all(|says| allows(says, value));
    if let Some(Says::Among(values)) = facts().find(|says| matches!(says, Says::Among(_))) {
        return !values.iter().any(fits);
    }
    if let (Base::String(Some(values)), true) = (&ty.base, present || !ty.optional) {
        return !values.iter().any(|value| fits(&Const::String(value.clone())));
    }
    bounds_cross(&facts().collect::<Vec<_>>(), ty.base == Base::Int) || prefixes_differ(&facts().collect::<Vec<_>>())
}

fn allows(says: &Says, value: &Const) -> bool {
    match says {
        Says::Among(values) => values.contains(value),
        Says::NotAmong(values) => !values.contains(value),
        Says::Prefix(prefix) => !matches!(value, Const::String(text) if !text.starts_with(&**prefix)),
        Says::Bound { ordering, or_equal, limit } => match compare(value, limit) {
            Some(Ordering::Equal) => *or_equal,
            Some(found) => found == *ordering,
            None => true,
        },
        Says::Present => true,
        Says::Absent => false,
    }
}

fn compare(a: &Const, b: &Const) -> Option<Ordering> {
    match (a, b) {
        (Const::Int(a), Const::Int(b))
        | (Const::Duration(a), Const::Duration(b))
        | (Const::Time(a), Const::Time(b)) => Some(a.cmp(b)),
        (Const::Number(a), Const::Number(b)) => a.partial_cmp(b),
        (Const::String(a), Const::String(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// True where a lower bound lies above an upper one. Between whole numbers `> 3` and `< 4` leave nothing.
fn bounds_cross(facts: &[&Says], whole: bool) -> bool {
    let of = |wanted: Ordering| {
        facts.iter().filter_map(move |says| match says {
            Says::Bound { ordering, or_equal, limit } if *ordering == wanted => Some((limit, *or_equal)),
            _ => None,
        })
    };
    of(Ordering::Greater).any(|(low, low_equal)| {
        of(Ordering::Less).any(|(high, high_equal)| match (low, high) {
            (Const::Int(low), Const::Int(high)) if whole => {
                let first = i128::from(*low) + i128::from(!low_equal);
                let last = i128::from(*high) - i128::from(!high_equal);
                first > last
            }
            _ => match compare(low, high) {
                Some(Ordering::Greater) => true,
                Some(Ordering::Equal) => !(low_equal && high_equal),
                _ => false,
            },
        })
    })
}

fn prefixes_differ(facts: &[&Says]) -> bool {
    let prefixes: Vec<&Arc<str>> =
        facts.iter().filter_map(|says| if let Says::Prefix(prefix) = says { Some(prefix) } else { None }).collect();
    prefixes.iter().any(|a| prefixes.iter().any(|b| !a.starts_with(&***b) && !b.starts_with(&***a)))
}
