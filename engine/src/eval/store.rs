//! Documents that stand inside other documents as text, parsed while rules run and kept until the run ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tacit_lang::span::Span;

use crate::document::{Document, NodeId, NodePath, SourceText};

/// A growing sequence that hands out references: an element never moves. Buckets double in size, so that a few dozen
/// hold any number.
pub(crate) struct Store<T> {
    buckets: [OnceLock<Box<[OnceLock<T>]>>; BUCKETS],
    next: Mutex<usize>,
}

const BUCKETS: usize = 40;

impl<T> Default for Store<T> {
    fn default() -> Self {
        Store { buckets: [const { OnceLock::new() }; BUCKETS], next: Mutex::new(0) }
    }
}

impl<T> Store<T> {
    /// Keeps a value and tells its number; `None` where the store is full.
    pub fn keep(&self, value: T) -> Option<(usize, &T)> {
        let at = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            *next += 1;
            *next
        };
        let bucket = at.ilog2() as usize;
        let slots = self.buckets.get(bucket)?;
        let slots = slots.get_or_init(|| (0..1usize << bucket).map(|_| OnceLock::new()).collect());
        // Each position is handed out once, so the slot is empty.
        slots.get(at - (1 << bucket)).map(|slot| (at, slot.get_or_init(|| value)))
    }

    /// The value of a number.
    pub fn get(&self, at: usize) -> Option<&T> {
        let bucket = at.checked_ilog2()? as usize;
        self.buckets.get(bucket)?.get()?.get(at - (1 << bucket))?.get()
    }
}

/// What an embedded text was read as.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Format {
    Json,
    Yaml,
    Hcl,
}

/// Where the text of an embedded document stands.
#[derive(Clone)]
pub(crate) struct Outer {
    pub source: Arc<SourceText>,
    /// The scalar.
    pub span: Span,
    /// Path of the scalar below its object.
    pub path: NodePath,
    pub depth: usize,
    /// The scalar itself, where the embedded text is its text as it is.
    pub scalar: Option<(Arc<Document>, NodeId)>,
}

/// A document that was parsed from a text of another.
pub(crate) struct Embedded {
    pub document: Document,
    pub outer: Option<Outer>,
}

impl Outer {
    /// Where a place of the embedded document is written in the file: the place itself where the file has the text as it
    /// is, else the whole scalar.
    pub fn span(&self, inner: Span) -> Span {
        match &self.scalar {
            Some((document, scalar)) => document.node(*scalar).span_within(inner.range()),
            None => self.span,
        }
    }
}

/// All documents parsed during a run.
#[derive(Default)]
pub(crate) struct Parsed {
    documents: Store<Embedded>,
    numbers: Mutex<Numbers>,
}

#[derive(Default)]
struct Numbers {
    /// By format and content of the text and its place: the document it gave, if any.
    by_text: HashMap<(Format, u64), Option<usize>>,
    /// By the address of a document, which does not change while it is kept.
    by_document: HashMap<usize, usize>,
}

impl Parsed {
    /// The document of a text, parsed at the first call for its key.
    pub fn get(&self, format: Format, key: u64, parse: impl FnOnce() -> Option<Embedded>) -> Option<&Embedded> {
        let known = self.numbers().by_text.get(&(format, key)).copied();
        if let Some(at) = known {
            return self.documents.get(at?);
        }
        let kept = parse().and_then(|embedded| self.documents.keep(embedded));
        let mut numbers = self.numbers();
        numbers.by_text.insert((format, key), kept.map(|(at, _)| at));
        let (at, embedded) = kept?;
        numbers.by_document.insert(address(&embedded.document), at);
        Some(embedded)
    }

    /// The embedded document that a node belongs to.
    pub fn of(&self, document: &Document) -> Option<&Embedded> {
        let at = self.numbers().by_document.get(&address(document)).copied();
        self.documents.get(at?)
    }

    fn numbers(&self) -> std::sync::MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn address(document: &Document) -> usize {
    std::ptr::from_ref(document) as usize
}
