//! How a document is stored: its nodes in source order in one vector, a mapping's keys and values alternating, every
//! collection followed by its contents. A node's children are found by stepping over subtrees.

use tacit_lang::span::Span;

/// What a node holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`, `~`, or nothing.
    Null,
    /// True or false, in any of the spellings of YAML 1.1.
    Bool,
    /// An integer of 64 bits with a sign. A whole number written as a float (`3.0`) is one too: the API server reads YAML
    /// by way of JSON, where its fraction is gone.
    Int,
    /// Any other number.
    Float,
    /// Text.
    String,
    /// A sequence.
    Seq,
    /// A mapping.
    Map,
}

impl Kind {
    /// The kind as JSON names it, to stand in messages.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Bool => "boolean",
            Kind::Int => "integer",
            Kind::Float => "number",
            Kind::String => "string",
            Kind::Seq => "array",
            Kind::Map => "object",
        }
    }
}

/// How a scalar or collection is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// A scalar without quotes, or a block collection.
    Plain,
    /// `'text'`
    SingleQuoted,
    /// `"text"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
    /// `[…]` or `{…}`
    Flow,
}

/// The number of a node in its document; parents come before their children.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct NodeId(pub(super) u32);

/// Stands for the parent of the root.
pub(super) const NO_PARENT: u32 = u32::MAX;

/// The node is a key of a mapping.
pub(super) const KEY: u8 = 1;
/// The node is a merge key (`<<`).
pub(super) const MERGE: u8 = 1 << 1;
/// The node stands in the place of an alias, whose span it carries.
pub(super) const ALIAS: u8 = 1 << 2;
/// The text of the scalar is not a part of the source: it stands in the document's side buffer.
pub(super) const SIDE: u8 = 1 << 3;
/// The mapping has merge keys or duplicate keys; its effective entries are listed apart.
pub(super) const LISTED: u8 = 1 << 4;

/// One node. What `a`, `b` and `c` hold depends on the kind.
#[derive(Clone, Copy)]
pub(super) struct NodeData {
    pub(super) span: Span,
    pub(super) parent: u32,
    /// Scalars: where the text starts. Booleans: 0 or 1. Collections: the id after the last node of the subtree; 0 while
    /// it is being read.
    pub(super) a: u32,
    /// Scalars: length of the text. Collections: number of items or effective entries.
    pub(super) b: u32,
    /// Keys: hash of the text. Listed mappings: index of the first entry in the list.
    pub(super) c: u32,
    pub(super) kind: Kind,
    pub(super) style: Style,
    pub(super) flags: u8,
}

impl NodeData {
    pub(super) fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    pub(super) fn is_collection(&self) -> bool {
        matches!(self.kind, Kind::Seq | Kind::Map)
    }

    /// The id after the last node of this one's subtree.
    pub(super) fn end(&self, id: u32) -> u32 {
        if self.is_collection() { self.a } else { id + 1 }
    }
}

/// The vectors of a document. A clone takes no more memory than it needs. They are kept and filled again where a run streams through many documents.
#[derive(Clone, Default)]
pub(super) struct Arena {
    pub(super) nodes: Vec<NodeData>,
    /// Text of scalars that the source does not hold as such: unescaped, folded, or put in canonical form.
    pub(super) side: String,
    /// Effective entries (key, value) of the mappings marked [`LISTED`].
    pub(super) entries: Vec<(u32, u32)>,
    /// For each node marked [`ALIAS`], in order of ids: the node of which it is a copy.
    pub(super) aliases: Vec<(u32, u32)>,
}

impl Arena {
    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        self.side.clear();
        self.entries.clear();
        self.aliases.clear();
    }

    /// Bytes of memory held.
    pub(super) fn memory(&self) -> usize {
        self.nodes.capacity() * size_of::<NodeData>()
            + self.side.capacity()
            + (self.entries.capacity() + self.aliases.capacity()) * size_of::<(u32, u32)>()
    }

    /// Copies `other`'s content into the memory of this one.
    pub(super) fn copy_from(&mut self, other: &Arena) {
        self.clear();
        self.nodes.extend_from_slice(&other.nodes);
        self.side.push_str(&other.side);
        self.entries.extend_from_slice(&other.entries);
        self.aliases.extend_from_slice(&other.aliases);
    }

    /// Text of a scalar, in canonical form, or of a null.
    pub(super) fn text<'a>(&'a self, node: &NodeData, source: &'a str) -> &'a str {
        match node.kind {
            Kind::Null => "null",
            Kind::Bool => {
                if node.a == 1 {
                    "true"
                } else {
                    "false"
                }
            }
            Kind::Seq | Kind::Map => "",
            Kind::Int | Kind::Float | Kind::String => {
                let range = node.a as usize..(node.a + node.b) as usize;
                let buffer = if node.is(SIDE) { self.side.as_str() } else { source };
                buffer.get(range).unwrap_or("")
            }
        }
    }
}

/// A hash of a key's text by its length and its ends: quick, and good enough to skip most comparisons of keys that
/// differ. Nothing relies on it being even.
#[inline]
pub(super) fn key_hash(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let length = bytes.len();
    let (head, tail) = if let (Some(head), Some(tail)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (u64::from_le_bytes(*head), u64::from_le_bytes(*tail))
    } else if let (Some(head), Some(tail)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (u64::from(u32::from_le_bytes(*head)), u64::from(u32::from_le_bytes(*tail)))
    } else {
        (bytes.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)), 0)
    };
    let mixed = (head ^ (length as u64) << 56).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ tail.rotate_left(29).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
    (mixed ^ mixed >> 32) as u32
}
