//! Who uses a function, view or derived field, and what it uses.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::references::{Target, find, names, target};
use super::{Analysis, definition, hit};
use crate::lexer::Keyword;
use crate::span::Span;

/// An item of the hierarchy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// The module.
    pub module: Arc<str>,
    /// The item.
    pub index: usize,
}

/// The item that the name at an offset means, where it can be in a hierarchy.
pub fn prepare(analysis: &Analysis, module: &str, offset: u32) -> Option<Node> {
    let hit = hit(analysis, module, offset)?;
    match target(analysis, module, hit.index, &hit.fact)? {
        Target::Item { module, index } if takes_part(analysis, &module, index) => Some(Node { module, index }),
        _ => None,
    }
}

fn takes_part(analysis: &Analysis, module: &str, index: usize) -> bool {
    let keyword = analysis.raw(module).get(index).and_then(|raw| raw.keyword);
    matches!(keyword, Some(Keyword::Fn | Keyword::View | Keyword::Field | Keyword::Let | Keyword::Rule))
}

/// The items that use an item, with the places.
pub fn incoming(analysis: &Analysis, node: &Node) -> Vec<(Node, Vec<Span>)> {
    let wanted = Target::Item { module: node.module.clone(), index: node.index };
    let words = names(analysis, &node.module, node.index);
    let mut calls: BTreeMap<Node, Vec<Span>> = BTreeMap::new();
    for found in find(analysis, &wanted, &words) {
        if found.declaration {
            continue;
        }
        let Some(index) = analysis.item_at(&found.location.module, found.location.span.start) else { continue };
        let from = Node { module: found.location.module, index };
        calls.entry(from).or_default().push(found.location.span);
    }
    calls.into_iter().collect()
}

/// The items that an item uses, with the places in it.
pub fn outgoing(analysis: &Analysis, node: &Node) -> Vec<(Node, Vec<Span>)> {
    let Some(item) = analysis.item(&node.module, node.index) else { return Vec::new() };
    let mut calls: BTreeMap<Node, Vec<Span>> = BTreeMap::new();
    for fact in &item.facts {
        if definition::declares(&fact.what, fact.span) {
            continue;
        }
        if let Some(Target::Item { module, index }) = target(analysis, &node.module, node.index, fact)
            && takes_part(analysis, &module, index)
        {
            calls.entry(Node { module, index }).or_default().push(fact.span);
        }
    }
    calls.into_iter().collect()
}
