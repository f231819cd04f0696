//! The text of a module, its items parsed when first asked for.

use std::sync::{Arc, OnceLock};

use super::Role;
use crate::ast;
use crate::diag::Diagnostic;
use crate::lexer::{self, Keyword, RawItem};
use crate::parse;

/// A module.
#[derive(Debug)]
pub(super) struct Source {
    pub name: Arc<str>,
    pub text: Arc<str>,
    pub role: Role,
    pub raw: Vec<RawItem>,
    parsed: Vec<OnceLock<Parsed>>,
    heads: Vec<OnceLock<Head>>,
}

/// An item and what was wrong with its syntax.
#[derive(Clone, Debug)]
pub(super) struct Parsed {
    pub item: Arc<ast::Item>,
    pub diagnostics: Vec<Diagnostic>,
}

/// What an item is called and which names it uses.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    pub code: Option<Arc<str>>,
    pub name: Option<Arc<str>>,
    pub severity: Option<ast::Severity>,
    pub names: Vec<Arc<str>>,
}

impl Source {
    pub fn new(name: &str, text: Arc<str>, role: Role) -> Self {
        let raw = lexer::items(&text);
        Source {
            name: name.into(),
            parsed: raw.iter().map(|_| OnceLock::new()).collect(),
            heads: raw.iter().map(|_| OnceLock::new()).collect(),
            text,
            role,
            raw,
        }
    }

    /// Reads what a compilation asks of every module: the heads of rules, and declarations.
    pub fn read_ahead(&self) {
        for (index, raw) in self.raw.iter().enumerate() {
            match raw.keyword {
                Some(Keyword::Rule) => _ = self.head(index),
                Some(Keyword::Test | Keyword::Waive | Keyword::Use | Keyword::Edition) | None => {}
                Some(_) => _ = self.item(index),
            }
        }
    }

    /// An item, parsed.
    pub fn item(&self, index: usize) -> &Parsed {
        self.parsed[index].get_or_init(|| {
            let (item, diagnostics) = parse::parse_item(&self.text, &self.raw[index]);
            Parsed { item: Arc::new(item), diagnostics }
        })
    }

    /// The head of an item, read without parsing it.
    pub fn head(&self, index: usize) -> &Head {
        self.heads[index].get_or_init(|| {
            let head = lexer::heads(&self.text, &self.raw[index]);
            Head {
                code: head.code.map(Arc::from),
                name: head.name.map(Arc::from),
                severity: head.severity,
                names: head.names.into_iter().map(Arc::from).collect(),
            }
        })
    }
}
