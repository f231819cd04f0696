//! From what was read to the place that a report shows.

use std::sync::Arc;

use tacit_lang::span::Span;

use super::context::Context;
use super::store::{Outer, Parsed};
use crate::document::{Node, NodePath};
use crate::object::Object;
use crate::value::{Gap, Origin};
use crate::verdict::Place;

/// The place of a node, or of what is missing below it.
pub(super) fn place(parsed: &Parsed, origin: Origin<'_>, gap: &Gap<'_>) -> Place {
    let missing = gap.steps();
    let rendered = origin.object.and_then(|object| object.rendered.clone());
    if let Some(outer) = parsed.of(origin.node.document()).and_then(|embedded| embedded.outer.as_ref()) {
        let span = outer.span(origin.node.span());
        return Place { source: outer.source.clone(), span, path: outer.path.clone(), missing: false, rendered };
    }
    let source = origin.node.document().source.clone();
    if missing.is_empty()
        && let Some(object) = origin.object
        && object.node() == origin.node
        && let Some(name) = name_of(object)
    {
        // An object as a whole is shown at its name.
        return Place { source, span: name.span(), path: below(name, origin.object), missing: false, rendered };
    }
    // The path of a file that is no YAML tells nothing: its lines have numbers.
    let whole = origin.node.document().is_text();
    let mut path = if whole { NodePath::default() } else { below(origin.node, origin.object) };
    let absent = !missing.is_empty();
    path.steps.extend(missing);
    Place { source, span: visible(origin.node), path, missing: absent, rendered }
}

/// The place of a whole object: its name, or its first line.
pub(super) fn whole(object: &Object) -> Place {
    let node = name_of(object).unwrap_or_else(|| object.node());
    Place {
        source: Arc::clone(&object.document.source),
        span: visible(node),
        path: below(node, Some(object)),
        missing: false,
        rendered: object.rendered.clone(),
    }
}

fn name_of(object: &Object) -> Option<Node<'_>> {
    object.node().get("metadata")?.get("name").filter(|name| !name.is_null())
}

/// Path of a node below its object.
pub(crate) fn below(node: Node<'_>, object: Option<&Object>) -> NodePath {
    let mut path = node.path();
    if let Some(object) = object
        && std::ptr::eq(node.document(), &*object.document)
    {
        let root = object.node().depth() as usize;
        path.steps.drain(..root.min(path.steps.len()));
    }
    path
}

/// The span of a node as a person sees it: what came by an alias is written where the alias stands.
fn visible(node: Node<'_>) -> Span {
    node.use_span().unwrap_or_else(|| node.span())
}

impl<'a> Context<'_, 'a> {
    /// Where a text stands that is about to be parsed.
    pub fn outer(&self, origin: Origin<'a>, text: &str) -> Outer {
        let depth = self.depth_of(origin);
        let inside = self.world.parsed.of(origin.node.document()).is_some();
        let scalar = match origin.object {
            Some(object) if !inside && origin.node.scalar_text() == Some(text) => {
                std::ptr::eq(&*object.document, origin.node.document())
                    .then(|| (object.document.clone(), origin.node.id()))
            }
            _ => None,
        };
        let Place { source, span, path, .. } = place(self.world.parsed, origin, &Gap::NONE);
        Outer { source, span, path, depth, scalar }
    }
}
