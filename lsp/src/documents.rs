//! The documents that the client has open; their texts count, not those of the files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::{TextDocumentContentChangeEvent, Uri};
use tacit_lang::span::LineIndex;

use crate::position::{Encoding, Lines};

/// What a file is to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A rule file.
    Rules,
    /// YAML or JSON, which can hold objects.
    Manifest,
    /// The project file.
    Project,
    /// Nothing that the server knows.
    Other,
}

/// Tells by its name what a file is; where that says nothing, by what the client calls its language.
pub fn language(path: &Path, id: Option<&str>) -> Language {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match (extension, id) {
        ("tacit", _) | (_, Some("tacit")) => Language::Rules,
        _ if path.file_name().is_some_and(|name| name == "tacit.toml") => Language::Project,
        ("yaml" | "yml" | "json", _) | (_, Some("yaml" | "json" | "kubernetes")) => Language::Manifest,
        _ => Language::Other,
    }
}

/// An open document.
#[derive(Debug)]
pub struct Document {
    /// As the client writes it.
    pub uri: Uri,
    /// The client's number of this text.
    pub version: i32,
    /// The text.
    pub text: Arc<str>,
    /// Its lines.
    pub index: LineIndex,
    /// What it is.
    pub language: Language,
}

impl Document {
    /// The text with its lines.
    pub fn lines(&self, encoding: Encoding) -> Lines<'_> {
        Lines { text: &self.text, index: &self.index, encoding }
    }
}

/// All open documents, by path.
#[derive(Debug, Default)]
pub struct Documents {
    open: HashMap<PathBuf, Document>,
}

impl Documents {
    /// Opens a document, or opens it anew.
    pub fn open(&mut self, path: PathBuf, uri: Uri, version: i32, text: String, id: &str) {
        let language = language(&path, Some(id));
        let index = LineIndex::new(&text);
        self.open.insert(path, Document { uri, version, text: text.into(), index, language });
    }

    /// Applies the changes of a client, in their order.
    pub fn change(
        &mut self,
        path: &Path,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) {
        let Some(document) = self.open.get_mut(path) else { return };
        document.version = version;
        for change in changes {
            let text = match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(change) => {
                    let span = document.lines(encoding).span(change.range);
                    let mut text = document.text.to_string();
                    text.replace_range(span.range(), &change.text);
                    text
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(change) => change.text,
            };
            document.index = LineIndex::new(&text);
            document.text = text.into();
        }
    }

    /// Closes a document.
    pub fn close(&mut self, path: &Path) {
        self.open.remove(path);
    }

    /// An open document.
    pub fn get(&self, path: &Path) -> Option<&Document> {
        self.open.get(path)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = (&PathBuf, &Document)> {
        self.open.iter()
    }
}
