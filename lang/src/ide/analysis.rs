//! The checked items of all modules, kept while texts change.
//!
//! INVARIANT (freshness): a kept item is thrown away when its own text changes, or when it mentions a name whose
//! declaration changed, directly or through other declarations. Whatever an item depends on is mentioned in its text or in
//! that of a declaration that it mentions, so nothing stale is ever shown, and an edit in the body of a rule costs the
//! check of that rule alone.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use super::Descriptions;
use crate::ast::Item;
use crate::check::{CheckedItem, Compiler, Role};
use crate::diag::Diagnostic;
use crate::lexer::{self, Keyword, RawItem, TokenKind};
use crate::schema::Schemas;
use crate::span::Span;

/// Checked items by module and index.
type Facts = HashMap<(Arc<str>, usize), Arc<CheckedItem>>;

/// All rule files of a project, checked as far as anyone asked.
#[derive(Debug)]
pub struct Analysis {
    compiler: Compiler,
    modules: HashMap<Arc<str>, Module>,
    /// Items with their facts, checked against the texts of now.
    facts: RefCell<Facts>,
    checked: Cell<u64>,
    descriptions: Arc<Descriptions>,
}

#[derive(Debug)]
struct Module {
    role: Role,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Of the text with its documentation.
    hash: u64,
    /// Where it began when it was checked.
    start: u32,
    keyword: Option<Keyword>,
    /// Hashes of the words in it, sorted.
    words: Arc<[u64]>,
    /// Hashes of the names that it declares.
    declares: Arc<[u64]>,
    checked: RefCell<Option<Arc<CheckedItem>>>,
}

impl Analysis {
    /// Knows these kinds and no module yet.
    pub fn new(schemas: Schemas) -> Analysis {
        Analysis {
            compiler: Compiler::new(schemas),
            modules: HashMap::new(),
            facts: RefCell::default(),
            checked: Cell::new(0),
            descriptions: Arc::default(),
        }
    }

    /// Takes what is said of custom kinds and their fields.
    pub fn describe(&mut self, descriptions: Arc<Descriptions>) {
        self.descriptions = descriptions;
    }

    /// What is said of custom kinds and their fields.
    pub fn descriptions(&self) -> &Descriptions {
        &self.descriptions
    }

    /// The compiler with the texts of now.
    pub fn compiler(&self) -> &Compiler {
        &self.compiler
    }

    /// How many items were checked for diagnostics since the start.
    pub fn checked(&self) -> u64 {
        self.checked.get()
    }

    /// Adds a module or replaces its text. Gives the modules of which some item must be checked again.
    pub fn set_module(&mut self, name: &str, text: Arc<str>, role: Role) -> Vec<Arc<str>> {
        let name: Arc<str> = name.into();
        let mut entries: Vec<Entry> = lexer::items(&text).iter().map(|raw| Entry::new(&text, raw)).collect();
        let mut old = self.modules.remove(&name).map(|module| module.entries).unwrap_or_default();
        let mut changed: HashSet<u64> = HashSet::new();
        let mut uses = old.iter().chain(&entries).any(|entry| entry.keyword == Some(Keyword::Use));
        if uses {
            let of = |entries: &[Entry]| -> Vec<u64> {
                entries.iter().filter(|entry| entry.keyword == Some(Keyword::Use)).map(|entry| entry.hash).collect()
            };
            uses = of(&old) != of(&entries);
        }
        for entry in &mut entries {
            match old.iter().position(|other| other.hash == entry.hash) {
                Some(at) => {
                    let kept = old.swap_remove(at);
                    if !uses {
                        entry.start = kept.start;
                        entry.checked = kept.checked;
                    }
                }
                None => changed.extend(entry.declares.iter()),
            }
        }
        for entry in &old {
            changed.extend(entry.declares.iter());
        }
        self.modules.insert(name.clone(), Module { role, entries });
        self.compiler.add_module(&name, text, role);
        self.facts.borrow_mut().clear();
        self.spread(&mut changed);
        self.forget(&changed, &name)
    }

    /// Removes a module. Gives the modules of which some item must be checked again.
    pub fn remove_module(&mut self, name: &str) -> Vec<Arc<str>> {
        let Some(module) = self.modules.remove(name) else { return Vec::new() };
        let mut changed: HashSet<u64> =
            module.entries.iter().flat_map(|entry| entry.declares.iter().copied()).collect();
        self.compiler.remove_module(name);
        self.facts.borrow_mut().clear();
        self.spread(&mut changed);
        self.forget(&changed, name)
    }

    /// Adds the names of all declarations that mention one of the names, and so on.
    fn spread(&self, changed: &mut HashSet<u64>) {
        let mut grown = !changed.is_empty();
        while grown {
            grown = false;
            for entry in self.modules.values().flat_map(|module| &module.entries) {
                let declares = !matches!(entry.keyword, None | Some(Keyword::Rule | Keyword::Test | Keyword::Waive));
                if declares && entry.mentions(changed) {
                    for name in entry.declares.iter() {
                        grown |= changed.insert(*name);
                    }
                }
            }
        }
    }

    fn forget(&self, changed: &HashSet<u64>, edited: &str) -> Vec<Arc<str>> {
        let mut touched = Vec::new();
        for (name, module) in &self.modules {
            let mut any = **name == *edited;
            for entry in &module.entries {
                if !changed.is_empty() && entry.mentions(changed) {
                    any |= entry.checked.take().is_some();
                }
            }
            if any {
                touched.push(name.clone());
            }
        }
        touched.sort();
        touched
    }

    /// What is wrong with a module, in the order of its text.
    pub fn diagnostics(&self, module: &str) -> Vec<Diagnostic> {
        let Some(known) = self.modules.get(module) else { return Vec::new() };
        let mut found = Vec::new();
        for (index, (entry, raw)) in known.entries.iter().zip(self.compiler.raw_items(module)).enumerate() {
            let kept = entry.checked.borrow().clone();
            match kept {
                Some(checked) => {
                    found.extend(checked.diagnostics.iter().map(|found| moved(found, entry.start, raw.span.start)));
                }
                None => {
                    let Some(checked) = self.compiler.check_one(module, index) else { continue };
                    self.checked.set(self.checked.get() + 1);
                    found.extend(checked.diagnostics.iter().cloned());
                    // What it says of other files could move there: it is not kept.
                    let elsewhere = |found: &Diagnostic| found.related.iter().any(|related| related.module.is_some());
                    if entry.start == raw.span.start && !checked.diagnostics.iter().any(elsewhere) {
                        *entry.checked.borrow_mut() = Some(checked);
                    }
                }
            }
        }
        found.sort_by_key(|found| (found.span.start, found.span.end));
        found
    }

    /// An item with what is known of its names, checked against the texts of now.
    pub fn item(&self, module: &str, index: usize) -> Option<Arc<CheckedItem>> {
        let key = (Arc::<str>::from(module), index);
        if let Some(item) = self.facts.borrow().get(&key) {
            return Some(item.clone());
        }
        let item = self.compiler.check_one(module, index)?;
        self.facts.borrow_mut().insert(key, item.clone());
        Some(item)
    }

    /// The syntax tree of an item.
    pub fn syntax(&self, module: &str, index: usize) -> Option<Arc<Item>> {
        self.compiler.item(module, index)
    }

    /// The item that an offset touches: of two, the one that begins there.
    pub fn item_at(&self, module: &str, offset: u32) -> Option<usize> {
        self.raw(module).iter().rposition(|raw| raw.span.touches(offset))
    }

    /// The items of a module, unparsed.
    pub fn raw(&self, module: &str) -> &[RawItem] {
        self.compiler.raw_items(module)
    }

    /// The text of a module; empty where there is no such module.
    pub fn text(&self, module: &str) -> &str {
        self.compiler.module_text(module).map_or("", |text| text)
    }

    /// The modules, by name.
    pub fn modules(&self) -> Vec<(Arc<str>, Role)> {
        let mut all: Vec<_> = self.modules.iter().map(|(name, module)| (name.clone(), module.role)).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// The items that mention a word: module and index.
    pub fn mentions(&self, word: &str) -> Vec<(Arc<str>, usize)> {
        let mut changed = HashSet::new();
        changed.insert(hash(word));
        let mut found = Vec::new();
        for (name, _) in self.modules() {
            let Some(module) = self.modules.get(&name) else { continue };
            for (index, entry) in module.entries.iter().enumerate() {
                if entry.mentions(&changed) {
                    found.push((name.clone(), index));
                }
            }
        }
        found
    }
}

impl Entry {
    fn new(text: &str, raw: &RawItem) -> Entry {
        let doc = raw.doc_span.map_or("", |span| &text[span.range()]);
        let body = &text[raw.span.range()];
        let mut words: Vec<u64> = Vec::new();
        each_word(body, |word| {
            words.push(hash(word));
            // `secret-in-env` is a name, and so are its parts.
            words.extend(word.split('-').filter(|part| part.len() < word.len() && !part.is_empty()).map(hash));
        });
        words.sort_unstable();
        words.dedup();
        Entry {
            hash: hash(&(doc, body)),
            start: raw.span.start,
            keyword: raw.keyword,
            words: words.into(),
            declares: declared(text, raw).into(),
            checked: RefCell::new(None),
        }
    }

    fn mentions(&self, names: &HashSet<u64>) -> bool {
        if names.len() < self.words.len() {
            names.iter().any(|name| self.words.binary_search(name).is_ok())
        } else {
            self.words.iter().any(|word| names.contains(word))
        }
    }
}

/// The names by which others reach an item.
fn declared(text: &str, raw: &RawItem) -> Vec<u64> {
    let head = lexer::heads(text, raw);
    let mut names: Vec<u64> = Vec::new();
    match raw.keyword {
        Some(Keyword::Rule) => names.extend(head.code.into_iter().chain(head.name).map(hash)),
        Some(Keyword::Param | Keyword::Let | Keyword::Fn | Keyword::View | Keyword::Kind) => {
            names.extend(head.name.map(hash));
        }
        Some(Keyword::Group) => {
            names.extend(head.name.map(hash));
            let words: Vec<_> = lexer::tokens(text, raw.span).map(|token| token.text(text)).collect();
            names.extend(words.windows(2).filter(|pair| pair[1] == "=").map(|pair| hash(pair[0])));
        }
        // Who uses a field or link writes the last name of its path.
        Some(Keyword::Field | Keyword::Link) => {
            let mut last = None;
            for token in lexer::tokens(text, raw.span).skip(1) {
                let word = token.text(text);
                if word == "=" || (token.kind == TokenKind::Word && word == "to") {
                    break;
                }
                if token.kind == TokenKind::Word {
                    last = Some(word);
                }
            }
            names.extend(last.map(hash));
        }
        _ => {}
    }
    names
}

fn each_word<'t>(text: &'t str, mut found: impl FnMut(&'t str)) {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if is_word(&bytes[at]) {
            let length = bytes[at..].iter().take_while(|byte| is_word(byte)).count();
            found(&text[at..at + length]);
            at += length;
        } else {
            at += 1;
        }
    }
}

fn hash<T: std::hash::Hash + ?Sized>(value: &T) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

/// A diagnostic of an item that moved.
fn moved(found: &Diagnostic, from: u32, to: u32) -> Diagnostic {
    let mut found = found.clone();
    if from == to {
        return found;
    }
    let shift = |span: Span| {
        let by = |offset: u32| (i64::from(offset) - i64::from(from) + i64::from(to)).max(0) as u32;
        Span::new(by(span.start), by(span.end))
    };
    found.span = shift(found.span);
    for related in &mut found.related {
        related.span = shift(related.span);
    }
    if let Some(help) = &mut found.help {
        for edit in &mut help.edits {
            edit.span = shift(edit.span);
        }
    }
    found
}
