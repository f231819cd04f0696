//! A cursor to a node of a document.

use tacit_lang::span::Span;

use super::arena::{self, ALIAS, KEY, Kind, LISTED, MERGE, NO_PARENT, NodeData, NodeId, SIDE, Style};
use super::path::{NodePath, Step};
use super::tree::Document;

/// A node of a document: a cheap copy of a reference and a number.
///
/// Aliases are followed: the place of an alias is a copy of what the anchor names, with a parent and a path of its own.
/// Merge keys are applied: what they bring in stands in the mapping like any other entry.
#[derive(Clone, Copy)]
pub struct Node<'d> {
    doc: &'d Document,
    id: u32,
}

impl<'d> Node<'d> {
    pub(super) fn new(doc: &'d Document, id: u32) -> Self {
        Node { doc, id }
    }

    #[inline]
    fn data(self) -> &'d NodeData {
        &self.doc.arena.nodes[self.id as usize]
    }

    fn sibling(self, id: u32) -> Node<'d> {
        Node { doc: self.doc, id }
    }

    /// The number of this node in its document.
    pub fn id(self) -> NodeId {
        NodeId(self.id)
    }

    /// The document it is a part of.
    pub fn document(self) -> &'d Document {
        self.doc
    }

    /// What it holds.
    pub fn kind(self) -> Kind {
        self.data().kind
    }

    /// How it is written; of an alias, how its anchor's content is.
    pub fn style(self) -> Style {
        self.data().style
    }

    /// The text of a string.
    pub fn as_str(self) -> Option<&'d str> {
        match self.kind() {
            Kind::String => Some(self.text()),
            _ => None,
        }
    }

    /// The value of an integer.
    pub fn as_i64(self) -> Option<i64> {
        match self.kind() {
            Kind::Int => self.text().parse().ok(),
            _ => None,
        }
    }

    /// The value of an integer or a float.
    pub fn as_f64(self) -> Option<f64> {
        match self.kind() {
            Kind::Int | Kind::Float => self.text().parse().ok(),
            _ => None,
        }
    }

    /// The value of a boolean.
    pub fn as_bool(self) -> Option<bool> {
        match self.kind() {
            Kind::Bool => Some(self.data().a == 1),
            _ => None,
        }
    }

    /// True for null.
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// A scalar as text in canonical form: `true` for `yes`, `511` for `0777`, `null` for nothing at all.
    pub fn scalar_text(self) -> Option<&'d str> {
        match self.kind() {
            Kind::Seq | Kind::Map => None,
            _ => Some(self.text()),
        }
    }

    fn text(self) -> &'d str {
        self.doc.arena.text(self.data(), &self.doc.source.text)
    }

    /// Where the text starts in the source, if the source holds it as it is.
    pub(super) fn text_offset(self) -> Option<u32> {
        let data = self.data();
        (matches!(data.kind, Kind::Int | Kind::Float | Kind::String) && !data.is(SIDE)).then_some(data.a)
    }

    /// The value of a key of a mapping. Of duplicate keys the last counts.
    pub fn get(self, key: &str) -> Option<Node<'d>> {
        self.get_entry(key).map(|(_, value)| value)
    }

    /// A key of a mapping and its value, as nodes.
    pub fn get_entry(self, key: &str) -> Option<(Node<'d>, Node<'d>)> {
        if self.kind() != Kind::Map {
            return None;
        }
        let hash = arena::key_hash(key);
        let nodes = &self.doc.arena.nodes;
        self.pairs()
            .find(|&(at, _)| {
                let data = &nodes[at as usize];
                data.c == hash && self.sibling(at).key_text() == key
            })
            .map(|(at, value)| (self.sibling(at), self.sibling(value)))
    }

    /// The entries of a mapping: key, its node, and the value; duplicates dropped and merge keys applied, in the order of
    /// the source. Nothing where this is no mapping.
    pub fn entries(self) -> impl Iterator<Item = (&'d str, Node<'d>, Node<'d>)> + use<'d> {
        self.pairs().map(move |(key, value)| {
            let key = self.sibling(key);
            (key.key_text(), key, self.sibling(value))
        })
    }

    /// The text of a key as the API server has it: keys that are no strings turn into strings.
    fn key_text(self) -> &'d str {
        self.text()
    }

    fn pairs(self) -> Pairs<'d> {
        let arena = &self.doc.arena;
        let data = self.data();
        if data.kind != Kind::Map {
            return Pairs { nodes: &arena.nodes, next: 0, end: 0, listed: None };
        }
        let listed = data.is(LISTED).then(|| {
            let start = data.c as usize;
            arena.entries[start..start + data.b as usize].iter()
        });
        Pairs { nodes: &arena.nodes, next: self.id + 1, end: data.a, listed }
    }

    /// The items of a sequence; nothing where this is none.
    pub fn items(self) -> impl Iterator<Item = Node<'d>> + use<'d> {
        let data = self.data();
        let end = if data.kind == Kind::Seq { data.a } else { 0 };
        let mut next = self.id + 1;
        std::iter::from_fn(move || {
            if next >= end {
                return None;
            }
            let item = self.sibling(next);
            next = item.data().end(next);
            Some(item)
        })
    }

    /// Number of items of a sequence or of entries of a mapping; 0 for a scalar.
    pub fn len(self) -> usize {
        let data = self.data();
        if data.is_collection() { data.b as usize } else { 0 }
    }

    /// True where [`len`](Self::len) is 0.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// An item of a sequence, counted from 0.
    pub fn item(self, index: usize) -> Option<Node<'d>> {
        self.items().nth(index)
    }

    /// Where the node is written; an alias is where the alias stands. What is inside an alias's content is written at the
    /// anchor: see [`use_span`](Self::use_span).
    pub fn span(self) -> Span {
        self.data().span
    }

    /// Where the content is written: of an alias, the content of its anchor.
    pub fn content_span(self) -> Span {
        self.doc.arena.nodes[self.origin() as usize].span
    }

    /// The alias by which the node came to this place: its own, or the nearest of its parents'. `None` where no alias
    /// takes part.
    pub fn use_span(self) -> Option<Span> {
        let Document { arena, .. } = self.doc;
        let before = arena.aliases.partition_point(|&(alias, _)| alias <= self.id);
        let holds = |&&(alias, _): &&(u32, u32)| arena.nodes[alias as usize].end(alias) > self.id;
        arena.aliases[..before].iter().rev().find(holds).map(|&(alias, _)| arena.nodes[alias as usize].span)
    }

    /// The node of which an alias is a copy, itself never an alias; else the node itself.
    fn origin(self) -> u32 {
        let mut id = self.id;
        let aliases = &self.doc.arena.aliases;
        while self.doc.arena.nodes[id as usize].is(ALIAS) {
            match aliases.binary_search_by_key(&id, |&(alias, _)| alias) {
                Ok(at) => id = aliases[at].1,
                Err(_) => break,
            }
        }
        id
    }

    /// The key under which the node stands in a mapping.
    pub fn key(self) -> Option<Node<'d>> {
        let data = self.data();
        let in_mapping = data.parent != NO_PARENT && self.sibling(data.parent).kind() == Kind::Map;
        (in_mapping && !data.is(KEY)).then(|| self.sibling(self.id - 1))
    }

    /// Where the key is written under which the node stands.
    pub fn key_span(self) -> Option<Span> {
        self.key().map(Node::span)
    }

    /// The collection the node stands in.
    pub fn parent(self) -> Option<Node<'d>> {
        match self.data().parent {
            NO_PARENT => None,
            parent => Some(self.sibling(parent)),
        }
    }

    /// The node, its parent, and so on up to the root.
    pub fn ancestors(self) -> impl Iterator<Item = Node<'d>> + use<'d> {
        std::iter::successors(Some(self), |node| node.parent())
    }

    /// The steps from the root to this node. A key has its value's path.
    pub fn path(self) -> NodePath {
        let value = if self.data().is(KEY) { self.sibling(self.id + 1) } else { self };
        let mut steps: Vec<Step> = value
            .ancestors()
            .filter_map(|node| {
                if let Some(key) = node.key() {
                    return Some(Step::Key(key.key_text().into()));
                }
                let index = node.parent()?.items().take_while(|item| item.id < node.id).count();
                Some(Step::Index(index as u32))
            })
            .collect();
        steps.reverse();
        NodePath { steps }
    }

    /// Number of collections around the node; 0 for the root.
    pub fn depth(self) -> u32 {
        self.ancestors().count() as u32 - 1
    }

    /// True where the node is the value of a merge key or part of one, and not an effective entry.
    pub fn is_merge_source(self) -> bool {
        self.ancestors().any(|node| node.key().is_some_and(|key| key.data().is(MERGE)))
    }
}

/// Names the node's number only: the text may be a secret.
impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node({} {:?} {:?})", self.id, self.kind(), self.span())
    }
}

impl PartialEq for Node<'_> {
    /// Identity: the same node of the same document.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.doc, other.doc) && self.id == other.id
    }
}

impl Eq for Node<'_> {}

struct Pairs<'d> {
    nodes: &'d [NodeData],
    next: u32,
    end: u32,
    listed: Option<std::slice::Iter<'d, (u32, u32)>>,
}

impl Iterator for Pairs<'_> {
    type Item = (u32, u32);

    #[inline]
    fn next(&mut self) -> Option<(u32, u32)> {
        if let Some(listed) = &mut self.listed {
            return listed.next().copied();
        }
        if self.next >= self.end {
            return None;
        }
        let (key, value) = (self.next, self.next + 1);
        self.next = self.nodes[value as usize].end(value);
        Some((key, value))
    }
}
