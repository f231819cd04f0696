//! What comes of loading a file.

use tacit_lang::span::Span;

use super::error::LoadError;
use super::tree::Document;

/// What was read from one file.
#[derive(Debug, Default)]
pub struct LoadedFile {
    /// The documents that hold something, in order.
    pub documents: Vec<Document>,
    /// Why others could not be read.
    pub errors: Vec<LoadError>,
    /// Documents that are templates, from which manifests are yet to be made.
    pub templates: Vec<Template>,
    /// Number of documents that hold nothing, or only comments.
    pub empty_documents: usize,
    /// Number of documents that were read and found right, and of which the caller wanted no tree.
    pub unwanted_documents: usize,
}

impl LoadedFile {
    /// What the file as a whole is.
    pub fn kind(&self) -> FileKind {
        if !self.templates.is_empty() {
            FileKind::Template
        } else if self.documents.is_empty() && self.errors.is_empty() && self.unwanted_documents == 0 {
            FileKind::Empty
        } else {
            FileKind::Documents
        }
    }
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// Documents, right or broken.
    Documents,
    /// At least one document is a template.
    Template,
    /// Nothing, or only comments.
    Empty,
}

/// A document that is a template (of Helm, or another tool that uses Go's) and was not rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// Which document of the file it is, from 0.
    pub document: u32,
    /// The first `{{` that makes it one.
    pub span: Span,
}

impl Template {
    /// The reason for which the document was skipped.
    pub const REASON: &str = "an unrendered template: check the rendered manifests instead";
}
