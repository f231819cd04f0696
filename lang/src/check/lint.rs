//! Warnings about one item.

use super::checker::Checker;
use crate::ast;
use crate::codes;
use crate::diag::Diagnostic;
use crate::ir;
use crate::schema::KindId;

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

/// Warnings about a rule that compiled.
pub(super) fn rule(_checker: &mut Checker<'_>, _rule: &ir::Rule) {}
