//! Places that lead elsewhere: `use` and `docs`.

use std::sync::Arc;

use super::Analysis;
use crate::ast::{ClauseKind, ItemKind};
use crate::span::Span;

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkTarget {
    /// Another module.
    Module(Arc<str>),
    /// An address on the web.
    Address(Arc<str>),
}

/// The links of a module.
pub fn document_links(analysis: &Analysis, module: &str) -> Vec<(Span, LinkTarget)> {
    let mut links = Vec::new();
    let inside = |span: Span| Span::new(span.start + 1, span.end.saturating_sub(1).max(span.start + 1));
    for index in 0..analysis.raw(module).len() {
        let Some(item) = analysis.syntax(module, index) else { continue };
        match &item.kind {
            ItemKind::Use(used) => {
                links.push((inside(used.path.span), LinkTarget::Module(used.path.value.clone())));
            }
            ItemKind::Rule(rule) => {
                for clause in &rule.clauses {
                    if let ClauseKind::Docs(text) = &clause.kind
                        && (text.value.starts_with("https://") || text.value.starts_with("http://"))
                    {
                        links.push((inside(text.span), LinkTarget::Address(text.value.clone())));
                    }
                }
            }
            _ => {}
        }
    }
    links
}
