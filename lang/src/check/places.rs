//! Places of the schemas at which something is declared: links, and confidential values.
//!
//! A type carries the places from which its values can come. Only places that lead to a declaration are kept, so
//! nearly every navigation keeps none and costs nothing.

use std::collections::HashMap;
use std::sync::Arc;

use crate::ast::PathStep;
use crate::types::{Place, Places};

/// A tree of the declared places.
#[derive(Debug, Default)]
pub(super) struct PlaceTree {
    nodes: Vec<Node>,
    roots: HashMap<Arc<str>, usize>,
}

#[derive(Debug, Default)]
struct Node {
    children: HashMap<Arc<str>, usize>,
    /// Indices of link declarations.
    links: Vec<usize>,
    confidential: bool,
}

impl PlaceTree {
    fn node_at(&mut self, place: &Place) -> &mut Node {
        let mut at = match self.roots.get(&place.owner) {
            Some(&at) => at,
            None => {
                self.nodes.push(Node::default());
                self.roots.insert(place.owner.clone(), self.nodes.len() - 1);
                self.nodes.len() - 1
            }
        };
        for step in place.steps.iter() {
            at = match self.nodes[at].children.get(step) {
                Some(&next) => next,
                None => {
                    self.nodes.push(Node::default());
                    let next = self.nodes.len() - 1;
                    self.nodes[at].children.insert(step.clone(), next);
                    next
                }
            };
        }
        &mut self.nodes[at]
    }

    /// Notes that a link is declared at a place.
    pub fn add_link(&mut self, place: &Place, link: usize) {
        self.node_at(place).links.push(link);
    }

    /// Notes that the values at a place are confidential.
    pub fn add_confidential(&mut self, place: &Place) {
        self.node_at(place).confidential = true;
    }

    fn find(&self, place: &Place) -> Option<&Node> {
        let mut node = &self.nodes[*self.roots.get(&place.owner)?];
        for step in place.steps.iter() {
            node = &self.nodes[*node.children.get(step)?];
        }
        Some(node)
    }

    /// True where something is declared below an owner.
    pub fn has_root(&self, owner: &str) -> bool {
        self.roots.contains_key(owner)
    }

    /// The places one step further down that lead to a declaration.
    pub fn step(&self, places: &Places, step: &str) -> Places {
        self.step_any(places, &[step])
    }

    /// The places below any of the steps that lead to a declaration.
    pub fn step_any(&self, places: &Places, steps: &[&str]) -> Places {
        if places.is_empty() {
            return places.clone();
        }
        let mut below = Vec::new();
        for place in places.iter() {
            let Some(node) = self.find(place) else { continue };
            below.extend(steps.iter().filter(|step| node.children.contains_key(**step)).map(|step| place.child(step)));
        }
        below.into()
    }

    /// The links declared at any of the places.
    pub fn links(&self, places: &Places) -> Vec<usize> {
        let mut links: Vec<usize> =
            places.iter().filter_map(|place| self.find(place)).flat_map(|node| node.links.iter().copied()).collect();
        links.sort_unstable();
        links.dedup();
        links
    }

    /// True where one of the places is confidential.
    pub fn confidential(&self, places: &Places) -> bool {
        places.iter().any(|place| self.find(place).is_some_and(|node| node.confidential))
    }
}

/// Steps of a place as written in a path. A constant index counts as each element.
pub(super) fn steps<'p>(path: impl Iterator<Item = &'p PathStep>) -> Vec<Arc<str>> {
    path.map(|step| match step {
        PathStep::Field(name) => name.clone(),
        PathStep::Index(_) | PathStep::Each => "[]".into(),
    })
    .collect()
}

/// Reads `Owner.a[].b{}.c`.
pub(super) fn parse(text: &str) -> Place {
    let (owner, path) = text.split_at(text.find(['.', '[', '{']).unwrap_or(text.len()));
    let mut steps: Vec<Arc<str>> = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (step, after) = if let Some(after) = rest.strip_prefix("[]") {
            ("[]", after)
        } else if let Some(after) = rest.strip_prefix("{}") {
            ("{}", after)
        } else {
            let name = rest.trim_start_matches('.');
            let end = name.find(['.', '[', '{']).unwrap_or(name.len());
            name.split_at(end)
        };
        if !step.is_empty() {
            steps.push(step.into());
        }
        if after.len() == rest.len() {
            break;
        }
        rest = after;
    }
    Place { owner: owner.into(), steps: steps.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_place_is_read_back() {
        for text in ["Secret.data{}", "A.b[].c{}.d", "PodSpec.imagePullSecrets[]", "Secret"] {
            assert_eq!(parse(text).to_string(), text);
        }
    }

    #[test]
    fn only_places_with_a_declaration_are_kept() {
        let mut tree = PlaceTree::default();
        tree.add_link(&parse("A.b[].c"), 7);
        let root: Places = [parse("A")].into();
        let below = tree.step(&tree.step(&root, "b"), "[]");
        assert_eq!(tree.links(&tree.step(&below, "c")), [7]);
        assert!(tree.step(&below, "d").is_empty());
        assert!(tree.step(&[parse("X")].into(), "b").is_empty());
    }
}
