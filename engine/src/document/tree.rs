//! A document, and what is told about it besides its tree.

use std::fmt;
use std::sync::Arc;

use tacit_lang::span::Span;

use super::arena::{Arena, NodeId};
use super::node::Node;
use super::source::SourceText;

/// One document of a file: a tree of nodes.
pub struct Document {
    /// The file.
    pub source: Arc<SourceText>,
    /// Which document of the file it is, from 0; broken, empty and skipped ones count.
    pub index: u32,
    /// From the end of the document before, or the start of the file, to the start of the next or the end of the file.
    pub span: Span,
    pub(super) arena: Arena,
    pub(super) comments: Vec<Comment>,
    pub(super) problems: Vec<Problem>,
}

impl Document {
    /// The outermost node.
    pub fn root(&self) -> Node<'_> {
        Node::new(self, 0)
    }

    /// The same document in no more memory than it needs, for one that is kept. Numbers of nodes stay.
    pub fn compact(&self) -> Document {
        Document {
            source: Arc::clone(&self.source),
            index: self.index,
            span: self.span,
            arena: self.arena.clone(),
            comments: self.comments.clone(),
            problems: self.problems.clone(),
        }
    }

    /// The node of a number that this document gave out. One of another document gives some node or the root.
    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node::new(self, if (id.0 as usize) < self.arena.nodes.len() { id.0 } else { 0 })
    }

    /// The comments, in source order; empty unless [`LoadOptions::comments`](super::LoadOptions) asked for them.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// What is doubtful though the API server accepts it.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Number of nodes, keys and copies made for aliases included.
    pub fn node_count(&self) -> usize {
        self.arena.nodes.len()
    }

    /// Bytes of memory that the tree takes, without the source.
    pub fn memory(&self) -> usize {
        self.arena.memory()
    }
}

/// Names the place only: the text may hold secrets.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} #{} {:?}, {} nodes)", self.source.path, self.index, self.span, self.node_count())
    }
}

/// A comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The comment with its `#`, without the line break.
    pub span: Span,
    /// Where it stands.
    pub placement: Placement,
}

impl Comment {
    /// The text behind the `#`.
    pub fn text<'s>(&self, source: &'s SourceText) -> &'s str {
        source.slice(self.span).strip_prefix('#').unwrap_or("")
    }
}

/// Where a comment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Behind something on the same line.
    Trailing,
    /// On a line of its own.
    OwnLine,
}

/// Something doubtful in a document that is read all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub kind: ProblemKind,
    /// Where it is.
    pub span: Span,
    /// The other place that takes part, such as the earlier of two equal keys.
    pub related: Option<Span>,
    /// The node at `span`, where there is one.
    pub node: Option<NodeId>,
}

/// Kinds of doubtful things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// A key stands twice in a mapping: the last value counts, and strict readers refuse the document.
    DuplicateKey,
    /// A merge key brings in a key that was written before it, and its value replaces the written one.
    MergeOverwrites,
    /// More than a comment on a line that starts with `---`. kubectl takes each such line for the end of a document, and
    /// refuses what stands behind.
    ContentOnMarkerLine,
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ProblemKind::DuplicateKey => {
                "this key stands in the mapping twice: the last value counts; remove one of them"
            }
            ProblemKind::MergeOverwrites => {
                "the merge replaces the value of this key, which is written before it: write the key after the merge"
            }
            ProblemKind::ContentOnMarkerLine => "kubectl refuses content behind `---`: put it on the next line",
        })
    }
}
