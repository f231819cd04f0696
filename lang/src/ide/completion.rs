//! What can stand at a cursor.
//!
//! The text before the cursor says which sort of thing fits; behind a dot a copy of the file with a name in that place
//! is checked, so that the type before the dot is known although the item is not finished.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::signature_help::inner_tokens;
use super::{Analysis, hover};
use crate::ast::{ClauseKind, ItemKind, Severity};
use crate::check::{MemberKind, NamedKind, RuleName, Symbol};
use crate::lexer::{self, Keyword, Token, TokenKind};
use crate::span::Span;
use crate::types::{Base, Type};

/// What a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum CompletionKind {
    Keyword,
    Snippet,
    Field,
    Property,
    Method,
    Variable,
    Constant,
    Function,
    Kind,
    Group,
    View,
    Relation,
    Rule,
    EnumMember,
    Module,
    Text,
}

/// Something that can be written at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is shown.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// Type or signature.
    pub detail: String,
    /// Documentation, in Markdown; may be empty.
    pub doc: String,
    /// What is written.
    pub insert: String,
    /// `insert` has tab stops (`$0`, `${1:name}`).
    pub snippet: bool,
    /// Smaller comes first.
    pub rank: u8,
}

/// The proposals at a cursor.
#[derive(Clone, Debug, Default)]
pub struct Completions {
    /// What a proposal replaces: the word around the cursor.
    pub replace: Span,
    /// The proposals, best first.
    pub items: Vec<Completion>,
}

/// A name that no author writes.
const PLACEHOLDER: &str = "tacitCompletionPlaceholder";

/// What can stand at an offset.
pub fn completion(analysis: &Analysis, module: &str, offset: u32) -> Completions {
    let text = analysis.text(module);
    if text.get(..offset as usize).is_none() {
        return Completions::default();
    }
    let replace = word_around(text, offset);
    let mut items = Context { analysis, module, text, offset, replace }.proposals();
    items.sort_by(|a, b| (a.rank, &a.label).cmp(&(b.rank, &b.label)));
    items.dedup_by(|a, b| a.label == b.label && a.kind == b.kind);
    Completions { replace, items }
}

struct Context<'a> {
    analysis: &'a Analysis,
    module: &'a str,
    text: &'a str,
    offset: u32,
    replace: Span,
}

impl Context<'_> {
    fn proposals(&self) -> Vec<Completion> {
        let start = self.replace.start;
        let line = self.text[..start as usize].rfind('\n').map_or(0, |at| at + 1) as u32;
        if self.text[line as usize..start as usize].trim_start().starts_with("//") {
            return Vec::new();
        }
        let index = self.analysis.raw(self.module).iter().rposition(|raw| raw.span.start < self.offset);
        let Some(index) = index.filter(|_| line != start) else { return items_of_files() };
        let raw = self.analysis.raw(self.module)[index];
        let whole: Vec<Token> = lexer::tokens(self.text, Span::new(raw.span.start, start)).collect();
        if whole.last().is_some_and(|last| last.kind == TokenKind::Comment && last.span.start >= line) {
            return Vec::new();
        }
        let last_is_open = |token: &Token| match token.kind {
            TokenKind::Text { closed, .. } | TokenKind::Raw { closed } | TokenKind::Block { closed } => !closed,
            _ => false,
        };
        let tokens = inner_tokens(self.text, Span::new(raw.span.start, start));
        if let Some(last) = tokens.last()
            && last_is_open(last)
        {
            return self.in_text(&tokens, raw.keyword);
        }
        let words: Vec<&str> = tokens.iter().map(|token| token.text(self.text)).collect();
        let before = words.last().copied().unwrap_or_default();
        if before == "." {
            return self.members();
        }
        match (raw.keyword, words.len()) {
            (Some(Keyword::Test | Keyword::Waive), 1) => return self.rules(),
            (Some(Keyword::Rule), 1..=6) if !whole.iter().any(Token::is_text) => {
                return severities();
            }
            _ => {}
        }
        match before {
            "of" | "to" | "|" => return self.names(&[NamedKind::Kind, NamedKind::Group]),
            "as" if words.iter().rev().nth(1) == Some(&"deny") => return severities(),
            "as" => return self.types(),
            ":" if matches!(raw.keyword, Some(Keyword::Param | Keyword::Fn | Keyword::Kind)) => return self.types(),
            "field" | "link" => {
                return self.names(&[NamedKind::Kind, NamedKind::Group, NamedKind::View, NamedKind::Relation]);
            }
            "at" if raw.keyword == Some(Keyword::Test) => return self.names(&[NamedKind::Kind]),
            "for" if raw.keyword == Some(Keyword::Waive) => return self.names(&[NamedKind::Kind, NamedKind::Group]),
            "controls" => return self.frameworks(),
            "tags" => return self.tags(),
            "expect" => return words_of(&["deny", "undecided", "clean"]),
            "fix" => return words_of(&["set", "remove", "unsafe"]),
            "given" => return words_of(&["complete"]),
            _ => {}
        }
        if raw.keyword == Some(Keyword::Test) {
            return clauses(TEST_CLAUSES);
        }
        if raw.keyword == Some(Keyword::Waive) {
            return words_of(&["for", "until", "because", "by"]);
        }
        let in_text = tokens.first().map(|token| token.span.start) != whole.first().map(|token| token.span.start);
        let mut items = Vec::new();
        // A clause can begin where an expression is complete.
        let complete = !in_text && ends_operand(&tokens, self.text);
        if raw.keyword == Some(Keyword::Rule) && complete {
            items.extend(clauses(RULE_CLAUSES));
        }
        if complete || ends_operand(&tokens, self.text) {
            items.extend(operators());
        }
        if !complete || before == "in" {
            self.expressions(index, before == "in", &mut items);
        }
        items
    }

    // ---- Names -------------------------------------------------------------------------------------------------

    fn expressions(&self, index: usize, source: bool, items: &mut Vec<Completion>) {
        for (name, ty) in self.variables(index) {
            items.push(plain(&name, CompletionKind::Variable, self.analysis.compiler().show(&ty), 0));
        }
        for mut item in self.names(&[]) {
            item.rank = match item.kind {
                CompletionKind::Group | CompletionKind::View | CompletionKind::Relation if source => 1,
                CompletionKind::Kind if source => 2,
                CompletionKind::Function | CompletionKind::Constant => 1,
                CompletionKind::Kind => 5,
                _ => 3,
            };
            items.push(item);
        }
        for word in ["any", "all", "not", "if", "now", "true", "false"] {
            items.push(documented(plain(word, CompletionKind::Keyword, String::new(), 4), hover::word_doc(word)));
        }
    }

    /// The variables that are introduced before the cursor, with their types.
    fn variables(&self, index: usize) -> BTreeMap<String, Type> {
        let mut variables = match self.analysis.item(self.module, index) {
            Some(item) => self.introduced(&item.facts, self.text),
            None => BTreeMap::new(),
        };
        // The clause at the cursor can be what keeps the rule from being read.
        if variables.is_empty() {
            let found = self.attempts().filter_map(|text| Some(self.introduced(&self.check(&text)?, &text)));
            variables = found.into_iter().find(|found| !found.is_empty()).unwrap_or_default();
        }
        variables
    }

    fn introduced(&self, facts: &[crate::check::Fact], text: &str) -> BTreeMap<String, Type> {
        let mut variables = BTreeMap::new();
        for fact in facts {
            if matches!(fact.what, Symbol::Variable { def } if def == fact.span)
                && fact.span.end <= self.replace.start
                && let Some(name) = text.get(fact.span.range())
            {
                variables.insert(name.to_owned(), fact.ty.clone());
            }
        }
        variables
    }

    fn names(&self, wanted: &[NamedKind]) -> Vec<Completion> {
        let names = self.analysis.compiler().names_in_scope(self.module);
        let wanted = |kind: &NamedKind| wanted.is_empty() || wanted.contains(kind);
        names
            .into_iter()
            .filter(|named| wanted(&named.kind))
            .map(|named| {
                let (kind, rank) = match named.kind {
                    NamedKind::Param | NamedKind::Constant => (CompletionKind::Constant, 1),
                    NamedKind::Function => (CompletionKind::Function, 1),
                    NamedKind::Group => (CompletionKind::Group, 0),
                    NamedKind::View => (CompletionKind::View, 1),
                    NamedKind::Relation => (CompletionKind::Relation, 1),
                    NamedKind::Kind => (CompletionKind::Kind, 2),
                };
                let mut item = plain(&named.name, kind, named.detail, rank);
                item.doc = named.doc.to_string();
                if let (NamedKind::Kind, Some(text)) = (named.kind, self.analysis.descriptions().kind(&named.name)) {
                    item.doc = paragraphs(text, &item.doc);
                }
                if named.kind == NamedKind::Function {
                    item.insert = format!("{}($0)", named.name);
                    item.snippet = true;
                }
                item
            })
            .collect()
    }

    fn types(&self) -> Vec<Completion> {
        let scalars = ["string", "int", "number", "bool", "duration", "time", "bytes", "any"];
        let mut items: Vec<_> =
            scalars.iter().map(|word| plain(word, CompletionKind::Keyword, String::new(), 0)).collect();
        for (word, insert) in [("list", "list<$0>"), ("map", "map<$0>")] {
            items.push(snippet(word, insert, "", 0));
        }
        items.extend(self.names(&[NamedKind::Kind, NamedKind::Group, NamedKind::View]));
        items
    }

    fn rules(&self) -> Vec<Completion> {
        let mut items = Vec::new();
        let here: BTreeSet<Arc<str>> = BTreeSet::from([Arc::from(self.module)]);
        for RuleName { code, name, severity, module } in self.analysis.compiler().rule_names() {
            let detail = severity.map(Severity::as_str).unwrap_or_default();
            let rank = u8::from(!here.contains(&module));
            items.push(plain(&name, CompletionKind::Rule, detail.to_owned(), rank));
            if let Some(code) = code {
                items.push(plain(&code, CompletionKind::Rule, format!("{name} {detail}"), rank));
            }
        }
        items
    }

    fn frameworks(&self) -> Vec<Completion> {
        let mut names = BTreeSet::new();
        self.each_clause(&mut |clause| {
            if let ClauseKind::Controls { framework, .. } = clause {
                names.insert(framework.text.to_string());
            }
        });
        names.iter().map(|name| snippet(name, &format!("{name} \"$0\""), "", 0)).collect()
    }

    fn tags(&self) -> Vec<Completion> {
        let mut names = BTreeSet::new();
        self.each_clause(&mut |clause| {
            if let ClauseKind::Tags(tags) = clause {
                names.extend(tags.iter().map(|tag| tag.text.to_string()));
            }
        });
        names.iter().map(|name| plain(name, CompletionKind::EnumMember, String::new(), 0)).collect()
    }

    fn each_clause(&self, visit: &mut dyn FnMut(&ClauseKind)) {
        for (module, _) in self.analysis.modules() {
            for (index, raw) in self.analysis.raw(&module).iter().enumerate() {
                if raw.keyword == Some(Keyword::Rule)
                    && let Some(item) = self.analysis.syntax(&module, index)
                    && let ItemKind::Rule(rule) = &item.kind
                {
                    rule.clauses.iter().for_each(|clause| visit(&clause.kind));
                }
            }
        }
    }

    // ---- Behind a dot ------------------------------------------------------------------------------------------

    fn members(&self) -> Vec<Completion> {
        let Some(ty) = self.base_type() else { return Vec::new() };
        let owners = self.labels(&ty);
        self.analysis
            .compiler()
            .members(&ty)
            .into_iter()
            .map(|member| {
                let (kind, rank) = match member.kind {
                    MemberKind::Derived => (CompletionKind::Property, 0),
                    MemberKind::Column => (CompletionKind::Field, 0),
                    MemberKind::Field if member.required => (CompletionKind::Field, 1),
                    MemberKind::Field => (CompletionKind::Field, 2),
                    MemberKind::Attribute => (CompletionKind::Property, 3),
                    MemberKind::Method => (CompletionKind::Method, 4),
                };
                let mut item = plain(&member.name, kind, member.detail, rank);
                item.doc = member.doc.to_string();
                let described = |owner| self.analysis.descriptions().field(owner, &member.name);
                if let (MemberKind::Field, Some(text)) = (member.kind, owners.iter().find_map(|owner| described(owner)))
                {
                    item.doc = paragraphs(text, &item.doc);
                }
                match member.call {
                    Some(true) => {
                        item.insert = format!("{}($0)", member.name);
                        item.snippet = true;
                    }
                    Some(false) => item.insert = format!("{}()", member.name),
                    None => {}
                }
                item
            })
            .collect()
    }

    /// The labels of the schema's types that a value can have.
    fn labels(&self, ty: &Type) -> Vec<Arc<str>> {
        let schemas = self.analysis.compiler().schemas();
        let label = |id| schemas.type_info(id).label.clone();
        match &ty.base {
            Base::Object(kinds) => kinds.iter().map(|kind| label(schemas.kind(*kind).root)).collect(),
            Base::Struct(types) => types.iter().map(|id| label(*id)).collect(),
            _ => Vec::new(),
        }
    }

    /// The type before the dot at the cursor.
    fn base_type(&self) -> Option<Type> {
        let at = self.replace.start;
        self.attempts().find_map(|text| {
            let facts = self.check(&text)?;
            let lacking = facts.iter().rfind(|fact| fact.span.start == at && fact.what == Symbol::NoMember);
            lacking.map(|fact| fact.ty.clone())
        })
    }

    /// The file with a name at the cursor, in several ways to finish what the author has not.
    fn attempts(&self) -> impl Iterator<Item = String> {
        let raw = self.analysis.raw(self.module).iter().rfind(|raw| raw.span.start <= self.replace.start);
        let start = raw.map_or(0, |raw| raw.span.start);
        let end = raw.map_or(self.replace.end, |raw| raw.span.end.max(self.replace.end));
        let closing = closing(self.text, Span::new(start, self.replace.start));
        // As it stands; with the brackets closed and a message; and without what follows in the item.
        let ways = [
            (PLACEHOLDER.to_owned(), self.replace.end),
            (format!("{PLACEHOLDER}{closing}"), self.replace.end),
            (format!("{PLACEHOLDER}{closing} \"\""), self.replace.end),
            (format!("{PLACEHOLDER}{closing}"), end),
            (format!("{PLACEHOLDER}{closing} \"\""), end),
        ];
        ways.into_iter().map(|(with, to)| {
            let mut text = self.text.to_owned();
            text.replace_range(self.replace.start as usize..to as usize, &with);
            text
        })
    }

    /// What is known of the names of the item at the cursor in another text of the file.
    fn check(&self, text: &str) -> Option<Vec<crate::check::Fact>> {
        let mut compiler = self.analysis.compiler().fork();
        let role = compiler.modules().find(|(other, _)| ***other == *self.module).map(|(_, role)| role)?;
        compiler.add_module(self.module, text.into(), role);
        let index = compiler.raw_items(self.module).iter().position(|raw| raw.span.touches(self.replace.start))?;
        Some(compiler.check_one(self.module, index)?.facts.clone())
    }

    // ---- Inside a text -----------------------------------------------------------------------------------------

    fn in_text(&self, tokens: &[Token], keyword: Option<Keyword>) -> Vec<Completion> {
        if keyword == Some(Keyword::Use) {
            return self
                .analysis
                .modules()
                .into_iter()
                .filter(|(name, _)| **name != *self.module)
                .map(|(name, role)| {
                    plain(&name, CompletionKind::Module, String::new(), u8::from(role == crate::check::Role::Std))
                })
                .collect();
        }
        // `x.y == "…"`: the values that the left side can have.
        let Some(at) = tokens.len().checked_sub(2) else { return Vec::new() };
        let Some(end) = tokens[..=at]
            .iter()
            .rev()
            .find(|token| !matches!(token.text(self.text), "==" | "!=" | "in" | "[" | "," | "(") && !token.is_text())
        else {
            return Vec::new();
        };
        let Some(index) = self.analysis.item_at(self.module, self.offset) else { return Vec::new() };
        let facts = match self.analysis.item(self.module, index) {
            Some(item) => item.facts.clone(),
            None => return Vec::new(),
        };
        let of_left = facts.iter().filter(|fact| fact.span.end == end.span.end);
        for fact in of_left {
            if let Base::String(Some(values)) = &fact.ty.base {
                return values.iter().map(|value| plain(value, CompletionKind::EnumMember, String::new(), 0)).collect();
            }
        }
        Vec::new()
    }
}

/// What closes the brackets and texts that stand open at the end of a span.
fn closing(text: &str, span: Span) -> String {
    let outer: Vec<Token> = lexer::tokens(text, span).collect();
    let inner = inner_tokens(text, span);
    let in_text = outer.first().map(|token| token.span.start) != inner.first().map(|token| token.span.start);
    let mut closing = brackets(text, &inner);
    if in_text {
        closing.push_str("}\"");
        // The text itself is the last, unclosed token.
        closing += &brackets(text, &outer[..outer.len().saturating_sub(1)]);
    }
    closing
}

fn brackets(text: &str, tokens: &[Token]) -> String {
    let mut open = Vec::new();
    for token in tokens {
        match token.text(text) {
            "(" => open.push(')'),
            "[" => open.push(']'),
            ")" | "]" => {
                open.pop();
            }
            _ => {}
        }
    }
    open.iter().rev().collect()
}

/// The word around an offset; behind a hyphen that belongs to a rule's name, the whole name.
fn word_around(text: &str, offset: u32) -> Span {
    let bytes = text.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut start = offset as usize;
    while start > 0
        && (is_word(bytes[start - 1]) || (bytes[start - 1] == b'-' && start > 1 && is_word(bytes[start - 2])))
    {
        start -= 1;
    }
    let length = bytes[offset as usize..].iter().take_while(|byte| is_word(**byte)).count();
    Span::new(start as u32, offset + length as u32)
}

/// True where what stands before the cursor ends an expression, so that an operator or a clause can follow.
fn ends_operand(tokens: &[Token], text: &str) -> bool {
    let Some(last) = tokens.last() else { return false };
    let word = last.text(text);
    match last.kind {
        TokenKind::Word => {
            let after_dot = tokens.len() > 1 && tokens[tokens.len() - 2].text(text) == ".";
            after_dot
                || !lexer::is_reserved(word)
                || matches!(word, "exists" | "absent" | "empty" | "dangling" | "true" | "false" | "now")
        }
        TokenKind::Sign => matches!(word, ")" | "]" | "->"),
        TokenKind::Stray | TokenKind::Comment => false,
        _ => true,
    }
}

const RULE_CLAUSES: &[(&str, &str)] = &[
    ("for", "for ${1:x} in $0"),
    ("where", "where $0"),
    ("let", "let ${1:name} = $0"),
    ("deny", "deny when ${1:condition}\n    \"$0\""),
    ("require", "require ${1:condition}\n    else \"$0\""),
    ("undecided", "undecided when ${1:condition}\n    \"$0\""),
    ("remedy", "remedy \"$0\""),
    ("fix", "fix set ${1:node} = $0"),
    ("controls", "controls ${1:framework} \"$0\""),
    ("tags", "tags $0"),
    ("docs", "docs \"https://$0\""),
];

const TEST_CLAUSES: &[(&str, &str)] = &[
    ("given", "given \"\"\"\n    $0\n  \"\"\""),
    ("expect", "expect $0"),
    ("now", "now ${1:2026-01-01}"),
    ("with", "with ${1:param} = $0"),
];

fn clauses(table: &[(&str, &str)]) -> Vec<Completion> {
    table.iter().map(|(word, insert)| documented(snippet(word, insert, "", 1), hover::word_doc(word))).collect()
}

fn operators() -> Vec<Completion> {
    let words = [
        "and",
        "or",
        "in",
        "overlaps",
        "matches",
        "starts with",
        "ends with",
        "contains",
        "exists",
        "absent",
        "empty",
        "dangling",
        "as",
        "when",
        "at",
    ];
    words
        .iter()
        .map(|word| documented(plain(word, CompletionKind::Keyword, String::new(), 2), hover::word_doc(word)))
        .collect()
}

fn items_of_files() -> Vec<Completion> {
    let table = [
        (
            "rule",
            "rule ${1:a-name} ${2|medium,info,low,high,critical|} \"${3:What must hold}\"\n  for ${4:x} in ${5:Workload}\n  deny when ${6:condition}\n    \"$0\"",
        ),
        ("param", "param ${1:name}: ${2:string} = $0"),
        ("let", "let ${1:name} = $0"),
        ("fn", "fn ${1:name}(${2:x}: ${3:string}): ${4:bool} = $0"),
        ("group", "group ${1:Name} of $0"),
        ("field", "field ${1:Kind}.${2:name} = $0"),
        ("link", "link ${1:Kind}.${2:path} to $0"),
        ("view", "view ${1:Name} = from ${2:x} in ${3:Kind} yield (${4:name}: $0)"),
        ("kind", "kind ${1:Name} = \"${2:group}/${3:Kind}\""),
        (
            "waive",
            "waive ${1:RULE} for ${2:Kind} \"${3:namespace/name}\" until ${4:2027-01-01} because \"${5:why}\" by \"$0\"",
        ),
        ("test", "test ${1:rule} \"${2:title}\"\n  given \"\"\"\n    $3\n  \"\"\"\n  expect ${0:clean}"),
        ("use", "use \"$0\""),
    ];
    table.iter().map(|(word, insert)| documented(snippet(word, insert, "", 0), hover::word_doc(word))).collect()
}

fn severities() -> Vec<Completion> {
    Severity::ALL
        .iter()
        .enumerate()
        .map(|(at, severity)| plain(severity.as_str(), CompletionKind::EnumMember, String::new(), at as u8))
        .collect()
}

fn words_of(words: &[&str]) -> Vec<Completion> {
    words
        .iter()
        .map(|word| documented(plain(word, CompletionKind::Keyword, String::new(), 0), hover::word_doc(word)))
        .collect()
}

fn plain(label: &str, kind: CompletionKind, detail: String, rank: u8) -> Completion {
    Completion {
        label: label.to_owned(),
        kind,
        detail,
        doc: String::new(),
        insert: label.to_owned(),
        snippet: false,
        rank,
    }
}

fn snippet(label: &str, insert: &str, detail: &str, rank: u8) -> Completion {
    let mut item = plain(label, CompletionKind::Snippet, detail.to_owned(), rank);
    item.insert = insert.to_owned();
    item.snippet = true;
    item
}

/// Two texts below each other; the second may be empty.
fn paragraphs(first: &str, second: &str) -> String {
    if second.is_empty() { first.to_owned() } else { format!("{first}\n\n{second}") }
}

fn documented(mut item: Completion, doc: Option<&str>) -> Completion {
    item.doc = doc.unwrap_or_default().to_owned();
    item
}
