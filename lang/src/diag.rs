//! Diagnostics: what is wrong in a rule file, where, and what to do.
//!
//! A diagnostic has one cause, told in the author's words, a code with a page behind `tacit explain`, and often a
//! help with an edit. Codes are listed, with their pages, in [`crate::codes`].

use std::sync::Arc;

use crate::span::Span;

/// How serious a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The item is not run.
    Error,
    /// The item runs; the author probably meant something else.
    Warning,
    /// A remark for editors only.
    Hint,
}

/// The stable code of a diagnostic, `T0103` say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

/// One problem of a rule file.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The code; its page explains it at length.
    pub code: Code,
    /// How serious it is.
    pub level: Level,
    /// What is wrong, in lower case, without a full stop.
    pub message: String,
    /// The place of the cause, in the file to which the diagnostic belongs.
    pub span: Span,
    /// What stands at `span`, in a few words; may be empty.
    pub label: String,
    /// Other places that explain it.
    pub related: Vec<Related>,
    /// What to do.
    pub help: Option<Help>,
}

/// Another place that explains a diagnostic.
#[derive(Clone, Debug)]
pub struct Related {
    /// Module of the place; the diagnostic's own file where absent.
    pub module: Option<Arc<str>>,
    /// The place.
    pub span: Span,
    /// What is there.
    pub message: String,
}

/// What to do about a diagnostic.
#[derive(Clone, Debug)]
pub struct Help {
    /// In words.
    pub message: String,
    /// Edits of the same file that do it; empty where only the author can tell.
    pub edits: Vec<TextEdit>,
}

/// A replacement in the text of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Level::Error, span, message)
    }

    /// A warning at `span`.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self::new(code, Level::Warning, span, message)
    }

    fn new(code: Code, level: Level, span: Span, message: impl Into<String>) -> Self {
        Diagnostic { code, level, message: message.into(), span, label: String::new(), related: Vec::new(), help: None }
    }

    /// Says what stands at the place.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Says what to do, in words.
    pub fn help(mut self, message: impl Into<String>) -> Self {
        self.help = Some(Help { message: message.into(), edits: Vec::new() });
        self
    }

    /// Says what to do, with the edit that does it.
    pub fn fix(mut self, message: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.help = Some(Help { message: message.into(), edits: vec![TextEdit { span, text: text.into() }] });
        self
    }

    /// Points at another place of the same file.
    pub fn related(mut self, span: Span, message: impl Into<String>) -> Self {
        self.related.push(Related { module: None, span, message: message.into() });
        self
    }
}
