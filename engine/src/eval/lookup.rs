//! Which equality lets a generator look its elements up instead of trying them all, and which parts of a condition spare
//! it from being asked for any.
//!
//! An element matters to `any`, `where`, `deny when` and a comprehension only if the condition holds, and a conjunction
//! is false as soon as one part is false, even beside an undecided one. So elements whose equality is false can be left
//! out, and where a part that hangs on earlier generators is false, all elements of the later ones can, unless it may be
//! undecided what one of them is. `where` clauses behind the first are not looked at: an undecided one before them has a
//! verdict of its own.

use tacit_lang::ast::BinaryOp;
use tacit_lang::ir::{Binding, Expr, ExprKind, Source, TextPart};

/// The two sides of an equality among the conjuncts of `filter`: one that hangs on the element alone, and one that is
/// known before it.
pub(super) fn equality<'e>(filter: &'e Expr, binding: &Binding) -> Option<(&'e Expr, &'e Expr)> {
    match &*filter.kind {
        ExprKind::Binary { op: BinaryOp::And, left, right } => {
            equality(left, binding).or_else(|| equality(right, binding))
        }
        ExprKind::Binary { op: BinaryOp::Eq, left, right } => {
            let side = |key: &Expr, probe: &Expr| is_key(key, binding) && is_known(probe, binding);
            if side(left, right) {
                Some((left, right))
            } else if side(right, left) {
                Some((right, left))
            } else {
                None
            }
        }
        _ => None,
    }
}

/// The conjuncts of `filter` that are known before `next` is bound, without those that were known before `binding`.
pub(super) fn guards<'e>(filter: Option<&'e Expr>, binding: Option<&Binding>, next: &Binding) -> Vec<&'e Expr> {
    let mut parts = Vec::new();
    let mut open: Vec<&Expr> = filter.into_iter().collect();
    while let Some(part) = open.pop() {
        match &*part.kind {
            // The left one first, as it is written.
            ExprKind::Binary { op: BinaryOp::And, left, right } => open.extend([right, left]),
            _ if is_known(part, next) && binding.is_none_or(|binding| !is_known(part, binding)) => parts.push(part),
            _ => {}
        }
    }
    parts
}

/// True where an expression reads the element and nothing else of the frame.
fn is_key(expr: &Expr, binding: &Binding) -> bool {
    let (mut reads, mut simple) = (false, true);
    walk(expr, &mut |expr| match &*expr.kind {
        ExprKind::Local(slot) if *slot == binding.var => reads = true,
        ExprKind::Local(_) | ExprKind::Quantifier { .. } | ExprKind::Comprehension { .. } | ExprKind::Each { .. } => {
            simple = false;
        }
        _ => {}
    });
    reads && simple
}

/// True where an expression reads only what was bound before the element: slots are numbered in order of appearance.
fn is_known(expr: &Expr, binding: &Binding) -> bool {
    let first = binding.key.unwrap_or(binding.var).min(binding.var);
    let mut known = true;
    walk(expr, &mut |expr| match &*expr.kind {
        ExprKind::Local(slot) => known &= *slot < first,
        ExprKind::Quantifier { .. } | ExprKind::Comprehension { .. } | ExprKind::Each { .. } => known = false,
        _ => {}
    });
    known
}

/// Visits an expression and all its parts.
pub(super) fn walk<'e>(expr: &'e Expr, visit: &mut dyn FnMut(&'e Expr)) {
    visit(expr);
    let source = |source: &'e Source, visit: &mut dyn FnMut(&'e Expr)| match source {
        Source::List(expr) | Source::Map(expr) => walk(expr, visit),
        Source::Kinds { .. } | Source::View(_) | Source::Relation(_) => {}
    };
    match &*expr.kind {
        ExprKind::Const(_) | ExprKind::Local(_) | ExprKind::Param(_) | ExprKind::Constant(_) | ExprKind::Now => {}
        ExprKind::Text(parts) => {
            for part in parts {
                if let TextPart::Expr(expr) = part {
                    walk(expr, visit);
                }
            }
        }
        ExprKind::List(items) | ExprKind::Call { args: items, .. } => items.iter().for_each(|item| walk(item, visit)),
        ExprKind::Attr { base, .. }
        | ExprKind::Member { base, .. }
        | ExprKind::Column { base, .. }
        | ExprKind::GroupField { base, .. }
        | ExprKind::Derived { base, .. }
        | ExprKind::Follow { base }
        | ExprKind::As { base }
        | ExprKind::Test { base, .. }
        | ExprKind::Not(base) => walk(base, visit),
        ExprKind::Index { base, index, .. } => {
            walk(base, visit);
            walk(index, visit);
        }
        ExprKind::Each { base, body, .. } => {
            walk(base, visit);
            walk(body, visit);
        }
        ExprKind::Method { base, args, .. } => {
            walk(base, visit);
            args.iter().for_each(|arg| walk(arg, visit));
        }
        ExprKind::Binary { left, right, .. } => {
            walk(left, visit);
            walk(right, visit);
        }
        ExprKind::Quantifier { binding, body, .. } => {
            source(&binding.source, visit);
            walk(body, visit);
        }
        ExprKind::If { condition, then, otherwise } => {
            walk(condition, visit);
            walk(then, visit);
            walk(otherwise, visit);
        }
        ExprKind::Comprehension { bindings, condition, body } => {
            bindings.iter().for_each(|binding| source(&binding.source, visit));
            condition.iter().for_each(|condition| walk(condition, visit));
            walk(body, visit);
        }
    }
}
