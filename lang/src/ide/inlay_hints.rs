//! What the checker knows and the author did not write: types of variables, days left on a waiver.

use super::Analysis;
use crate::ast::ItemKind;
use crate::check::Symbol;
use crate::span::Span;
use crate::types::Base;

/// A remark behind a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The offset behind which it stands.
    pub offset: u32,
    /// What it says.
    pub label: String,
    /// It is a type.
    pub is_type: bool,
}

/// The hints of a part of a module. `now` is in seconds since 1970.
pub fn inlay_hints(analysis: &Analysis, module: &str, range: Span, now: i64) -> Vec<Hint> {
    let mut hints = Vec::new();
    for (index, raw) in analysis.raw(module).iter().enumerate() {
        if raw.span.end < range.start || raw.span.start > range.end {
            continue;
        }
        let (Some(item), Some(syntax)) = (analysis.item(module, index), analysis.syntax(module, index)) else {
            continue;
        };
        if let ItemKind::Waive(waive) = &syntax.kind {
            hints.push(Hint { offset: waive.until.span.end, label: days_left(waive.until.node, now), is_type: false });
        }
        // The parameters of a function have their types written beside them.
        if matches!(syntax.kind, ItemKind::Fn(_)) {
            continue;
        }
        for fact in &item.facts {
            let Symbol::Variable { def } = fact.what else { continue };
            // Where a variable goes over kinds, its type stands right behind it.
            if def != fact.span || matches!(fact.ty.base, Base::Error | Base::Object(_)) || fact.span.is_empty() {
                continue;
            }
            let label = format!(": {}", analysis.compiler().show(&fact.ty));
            hints.push(Hint { offset: fact.span.end, label, is_type: true });
        }
        if let ItemKind::Let(constant) = &syntax.kind
            && item.ty.base != Base::Error
        {
            let label = format!(": {}", analysis.compiler().show(&item.ty));
            hints.push(Hint { offset: constant.name.span.end, label, is_type: true });
        }
    }
    hints.retain(|hint| range.touches(hint.offset));
    hints.sort_by(|a, b| (a.offset, &a.label).cmp(&(b.offset, &b.label)));
    hints.dedup();
    hints
}

fn days_left(until: i64, now: i64) -> String {
    let days = (until - now).div_euclid(86_400);
    match days {
        i64::MIN..0 => "expired".to_owned(),
        0 => "last day".to_owned(),
        1 => "1 day left".to_owned(),
        days => format!("{days} days left"),
    }
}
