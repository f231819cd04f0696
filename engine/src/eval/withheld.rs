//! Values of Secrets that a live run did not fetch: a mark stands in their place, and whoever reads it is undecided.

use std::sync::Arc;

use super::plan::{Op, OpKind};
use crate::document::{Kind, Node};
use crate::live::WITHHELD;
use crate::object::{Object, Origin as From};
use crate::value::{Doubt, Origin, Outcome, doubt};

/// What would decide it.
const NEED: &str = "the values of Secrets (`--read-secret-data`, and the permission to list Secrets)";

/// Undecided where the mark stands in the place of a value.
#[inline]
pub(super) fn check<'a>(node: Node<'a>, object: Option<&'a Object>) -> Outcome<'a, ()> {
    if object.is_none_or(|object| object.origin != From::Cluster) || node.kind() != Kind::String {
        return Ok(());
    }
    if node.as_str() != Some(WITHHELD) {
        return Ok(());
    }
    doubt("the values of Secrets were not read", NEED, Some(Origin::new(node, object)))
}

/// True where a doubt is that of a withheld value and the operation only names the value.
pub(super) fn is_at(doubt: &Arc<Doubt<'_>>, op: &Op) -> bool {
    doubt.need == NEED && matches!(&*op.kind, OpKind::Path(_) | OpKind::Index { .. } | OpKind::Local(_))
}
