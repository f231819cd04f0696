//! What an editor asks about rule files, as plain functions on byte offsets. Nothing here knows a protocol.
//!
//! [`Analysis`] keeps the checked items of all modules while their texts change; every other file is one feature.

pub mod analysis;
pub mod call_hierarchy;
pub mod code_actions;
pub mod code_lens;
pub mod completion;
pub mod definition;
pub mod descriptions;
pub mod document_links;
pub mod folding;
pub mod formatting;
pub mod highlight;
pub mod hover;
pub mod inlay_hints;
mod nodes;
pub mod references;
pub mod rename;
pub mod selection_range;
pub mod semantic_tokens;
pub mod signature_help;
pub mod symbols;
#[cfg(test)]
mod tests;

pub use analysis::Analysis;
pub use descriptions::Descriptions;

use std::sync::Arc;

use crate::check::{Fact, Symbol};
use crate::span::Span;

/// A place in a module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The module.
    pub module: Arc<str>,
    /// The place in its text.
    pub span: Span,
}

/// What stands at a place: the innermost name or expression that the checker knows.
pub(crate) struct Hit {
    /// Index of the item.
    pub index: usize,
    /// What stands there.
    pub fact: Fact,
}

/// The innermost known name at an offset.
pub(crate) fn hit(analysis: &Analysis, module: &str, offset: u32) -> Option<Hit> {
    let index = analysis.item_at(module, offset)?;
    let item = analysis.item(module, index)?;
    let touching = item.facts.iter().filter(|fact| fact.span.touches(offset));
    // Of two neighbours the one that begins at the offset counts, as editors show the cursor before a character.
    let fact = touching.min_by_key(|fact| (fact.span.end == offset, fact.span.len(), is_value(fact)))?.clone();
    Some(Hit { index, fact })
}

fn is_value(fact: &Fact) -> bool {
    matches!(fact.what, Symbol::Value | Symbol::NoMember)
}
