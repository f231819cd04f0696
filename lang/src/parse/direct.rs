//! Reads items that are right in one pass over their text.
//!
//! The grammar in `grammar.pest` says what the language is, and its parser tells what is wrong with a text. Going by it
//! costs a multiple of what reading costs, and nearly every item is right. So an item is first read directly. Whatever is
//! doubtful here (a slip, an odd escape, a word of another language) gives `None`, and the grammar decides. A test holds
//! both to the same trees.

use std::sync::Arc;

use super::build::expr::{self as level, capital_bool, infix, is_null};
use super::build::literals::{block_value, raw_value, regex_value};
use super::calendar;
use crate::ast::*;
use crate::lexer::{Keyword, RawItem, is_reserved, is_word_byte};
use crate::span::{Span, Spanned};

/// How deep the direct reader goes, and how many operators and steps an expression may have for it: well inside the
/// [limits](super::limits) of the language, which the grammar is left to check.
const DEPTH: usize = 32;
const CHAIN: usize = 256;

/// The item, where nothing about it is doubtful.
pub(super) fn item(text: &str, raw: &RawItem) -> Option<ItemKind> {
    let Span { start, end } = raw.span;
    let text = text.get(..end as usize)?;
    let mut reader = Reader { text, at: start as usize, last: start as usize, in_body: false, depth: 0, chain: 0 };
    reader.word()?;
    let kind = match raw.keyword? {
        Keyword::Rule => ItemKind::Rule(Box::new(reader.rule()?)),
        Keyword::Param => reader.param()?,
        Keyword::Let => {
            let (name, value) = reader.definition()?;
            ItemKind::Let(LetItem { name, value })
        }
        Keyword::Fn => reader.function()?,
        Keyword::Group => reader.group()?,
        Keyword::Field => reader.field()?,
        Keyword::Link => reader.link()?,
        Keyword::View => reader.view()?,
        Keyword::Kind => reader.kind()?,
        Keyword::Waive | Keyword::Test | Keyword::Use | Keyword::Edition => return None,
    };
    reader.skip();
    (reader.at == text.len()).then_some(kind)
}

/// A cursor over the text of an item. Offsets are those of the file.
struct Reader<'t> {
    /// The file up to the end of the item.
    text: &'t str,
    at: usize,
    /// The end of the last token.
    last: usize,
    /// Inside the body of a quantifier, where another one needs parentheses.
    in_body: bool,
    /// Expressions and types around this one.
    depth: usize,
    /// Operators and steps of the outermost expression so far.
    chain: usize,
}

/// An expression, and its place with the parentheses around it.
struct Built {
    expr: Expr,
    outer: Span,
}

impl Built {
    fn new(outer: Span, kind: ExprKind) -> Self {
        Built { expr: Expr { span: outer, kind: Box::new(kind) }, outer }
    }
}

// ---- Tokens ---------------------------------------------------------------------------------------------------------

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t [u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// Goes over blanks and comments.
    fn skip(&mut self) {
        loop {
            match self.rest() {
                [b' ' | b'\n' | b'\t' | b'\r', ..] => self.at += 1,
                [b'/', b'/', rest @ ..] => self.at += 2 + memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
                _ => return,
            }
        }
    }

    /// The offset of the next token.
    fn start(&mut self) -> usize {
        self.skip();
        self.at
    }

    fn next_is(&mut self, sign: u8) -> bool {
        self.skip();
        self.rest().first() == Some(&sign)
    }

    /// From an offset to the end of the last token.
    fn since(&self, start: usize) -> Span {
        span(start, self.last)
    }

    fn advance(&mut self, length: usize) {
        self.at += length;
        self.last = self.at;
    }

    /// The word at the next token, not taken.
    fn peek(&mut self) -> Option<&'t str> {
        self.skip();
        let rest = self.rest();
        if !rest.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') {
            return None;
        }
        let length = rest.iter().take_while(|&&byte| is_word_byte(byte)).count();
        self.text.get(self.at..self.at + length)
    }

    /// Any word.
    fn word(&mut self) -> Option<Ident> {
        let word = self.peek()?;
        let start = self.at;
        self.advance(word.len());
        Some(Ident { text: Arc::from(word), span: self.since(start) })
    }

    /// A word that is not reserved.
    fn name(&mut self) -> Option<Ident> {
        if is_reserved(self.peek()?) { None } else { self.word() }
    }

    /// A word whose parts hyphens join, `minus` of them at the least.
    fn label(&mut self, hyphens: usize) -> Option<Ident> {
        let start = self.start();
        let first = self.peek()?;
        if first.starts_with('_') {
            return None;
        }
        self.advance(first.len());
        let mut found = 0;
        while let [b'-', next, ..] = self.rest()
            && is_word_byte(*next)
        {
            let length = self.rest()[1..].iter().take_while(|&&byte| is_word_byte(byte)).count();
            self.advance(1 + length);
            found += 1;
        }
        (found >= hyphens).then(|| Ident { text: Arc::from(&self.text[start..self.at]), span: self.since(start) })
    }

    /// Takes the word if it is the next one.
    fn takes(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        if found {
            self.advance(word.len());
        }
        found
    }

    fn keyword(&mut self, word: &str) -> Option<()> {
        self.takes(word).then_some(())
    }

    /// Takes a sign of one byte if it is the next token.
    fn takes_sign(&mut self, sign: u8) -> bool {
        let found = self.next_is(sign);
        if found {
            self.advance(1);
        }
        found
    }

    fn sign(&mut self, sign: u8) -> Option<()> {
        self.takes_sign(sign).then_some(())
    }

    /// `=`, not `==`
    fn equals(&mut self) -> Option<()> {
        self.sign(b'=')?;
        (self.rest().first() != Some(&b'=')).then_some(())
    }

    /// `|`, not `||`
    fn takes_bar(&mut self) -> bool {
        self.next_is(b'|') && self.rest().get(1) != Some(&b'|') && self.takes_sign(b'|')
    }

    fn severity(&mut self) -> Option<Spanned<Severity>> {
        let word = self.word()?;
        Some(Spanned::new(Severity::parse(&word.text)?, word.span))
    }

    /// Parts with commas between them; before `close` a comma may stand.
    fn listed<T>(&mut self, close: u8, mut part: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut parts = Vec::new();
        while !self.takes_sign(close) {
            parts.push(part(self)?);
            if !self.takes_sign(b',') {
                self.sign(close)?;
                break;
            }
        }
        Some(parts)
    }

    /// Parts with commas between them, one at the least.
    fn several<T>(&mut self, mut part: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut parts = vec![part(self)?];
        while self.takes_sign(b',') {
            parts.push(part(self)?);
        }
        Some(parts)
    }
}

fn span(start: usize, end: usize) -> Span {
    Span::new(start as u32, end as u32)
}

// ---- Items ----------------------------------------------------------------------------------------------------------

impl Reader<'_> {
    fn rule(&mut self) -> Option<Rule> {
        let first = self.label(0)?;
        let (code, name) = if first.text.contains('-') { (None, first) } else { (Some(first), self.label(1)?) };
        let severity = self.severity()?;
        let title = self.literal()?;
        let mut clauses = Vec::new();
        while self.start() < self.text.len() {
            clauses.push(self.clause()?);
        }
        Some(Rule { code, name, severity, title, clauses, dropped: false })
    }

    fn param(&mut self) -> Option<ItemKind> {
        let name = self.name()?;
        self.sign(b':')?;
        let ty = self.ty()?;
        self.equals()?;
        Some(ItemKind::Param(Param { name, ty, value: self.expr()? }))
    }

    /// `name = value`
    fn definition(&mut self) -> Option<(Ident, Expr)> {
        let name = self.name()?;
        self.equals()?;
        Some((name, self.expr()?))
    }

    fn function(&mut self) -> Option<ItemKind> {
        let name = self.name()?;
        self.sign(b'(')?;
        let params = self.listed(b')', |reader| {
            let name = reader.name()?;
            reader.sign(b':')?;
            Some((name, reader.ty()?))
        })?;
        self.sign(b':')?;
        let result = self.ty()?;
        self.equals()?;
        Some(ItemKind::Fn(FnItem { name, params, result, body: self.expr()? }))
    }

    fn group(&mut self) -> Option<ItemKind> {
        let name = self.name()?;
        self.keyword("of")?;
        let members = self.several(Self::name)?;
        let with = if self.takes("with") { self.assigns()? } else { Vec::new() };
        Some(ItemKind::Group(Group { name, members, with }))
    }

    fn field(&mut self) -> Option<ItemKind> {
        let owner = self.name()?;
        self.sign(b'.')?;
        let name = self.word()?;
        self.equals()?;
        Some(ItemKind::Field(FieldItem { owner, name, value: self.expr()? }))
    }

    fn link(&mut self) -> Option<ItemKind> {
        let owner = self.name()?;
        let path = self.path(false)?;
        self.keyword("to")?;
        let mut targets = vec![self.name()?];
        while self.takes_bar() {
            targets.push(self.name()?);
        }
        let by = if self.takes("by") { self.assigns()? } else { Vec::new() };
        Some(ItemKind::Link(Link { owner, path, targets, by }))
    }

    fn view(&mut self) -> Option<ItemKind> {
        let name = self.name()?;
        self.equals()?;
        let mut branches = Vec::new();
        loop {
            let start = self.start();
            if !self.takes("from") {
                break;
            }
            let generators = self.several(Self::generator)?;
            let condition = if self.takes("where") { Some(self.expr()?) } else { None };
            let mut columns = Vec::new();
            if self.takes("yield") {
                self.sign(b'(')?;
                columns = self.listed(b')', |reader| {
                    let name = reader.word()?;
                    reader.sign(b':')?;
                    Some((name, reader.expr()?))
                })?;
                if columns.is_empty() {
                    return None;
                }
            }
            branches.push(ViewBranch { generators, condition, columns, span: self.since(start) });
        }
        (!branches.is_empty()).then_some(ItemKind::View(View { name, branches }))
    }

    fn kind(&mut self) -> Option<ItemKind> {
        let name = self.name()?;
        self.equals()?;
        let target = self.literal()?;
        let mut fields = Vec::new();
        while self.start() < self.text.len() {
            let path = self.path(true)?;
            self.sign(b':')?;
            fields.push((path, self.ty()?));
        }
        Some(ItemKind::Kind(KindItem { name, target, fields }))
    }

    /// `name = value, …`
    fn assigns(&mut self) -> Option<Vec<(Ident, Expr)>> {
        self.several(|reader| {
            let name = reader.word()?;
            reader.equals()?;
            Some((name, reader.expr()?))
        })
    }

    /// `.a[]["b"][0]`, behind a first word where one belongs to it.
    fn path(&mut self, word_first: bool) -> Option<Path> {
        let start = self.start();
        let mut steps = Vec::new();
        if word_first {
            let word = self.word()?;
            steps.push((PathStep::Field(word.text), word.span));
        }
        loop {
            let at = self.start();
            if self.takes_sign(b'.') {
                let word = self.word()?;
                steps.push((PathStep::Field(word.text), word.span));
            } else if self.takes_sign(b'[') {
                let step = if self.next_is(b']') {
                    PathStep::Each
                } else if let Some(number) = self.number() {
                    let ExprKind::Int(index) = number else { return None };
                    PathStep::Index(u32::try_from(index).unwrap_or(u32::MAX))
                } else {
                    PathStep::Field(self.literal()?.value)
                };
                self.sign(b']')?;
                steps.push((step, self.since(at)));
            } else {
                break;
            }
        }
        (!steps.is_empty()).then(|| Path { span: self.since(start), steps })
    }

    fn ty(&mut self) -> Option<TypeExpr> {
        self.nested(Self::ty_inside)
    }

    fn ty_inside(&mut self) -> Option<TypeExpr> {
        let start = self.start();
        let confidential = self.takes("confidential");
        let base = self.start();
        let word = self.peek()?;
        let kind = match word {
            "list" | "map" => {
                self.advance(word.len());
                self.sign(b'<')?;
                let inner = Box::new(self.ty()?);
                self.sign(b'>')?;
                if word == "list" { TypeExprKind::List(inner) } else { TypeExprKind::Map(inner) }
            }
            "string" | "int" | "number" | "bool" | "duration" | "time" | "bytes" | "any" => {
                TypeExprKind::Name(self.word()?.text)
            }
            _ => {
                let owner = self.name()?;
                match self.type_path()? {
                    Some(path) => TypeExprKind::At { owner, path },
                    None => TypeExprKind::Name(owner.text),
                }
            }
        };
        let base = self.since(base);
        let mut ty = TypeExpr { span: base, kind };
        if self.next_is(b'?') && self.rest().get(1) != Some(&b'?') {
            self.advance(1);
            ty = TypeExpr { span: base.to(Span::at(self.last as u32)), kind: TypeExprKind::Optional(Box::new(ty)) };
        }
        if confidential {
            ty = TypeExpr { span: self.since(start), kind: TypeExprKind::Confidential(Box::new(ty)) };
        }
        Some(ty)
    }

    /// The steps behind a kind. One that is called is a method of the value, after `as Type`.
    fn type_path(&mut self) -> Option<Option<Path>> {
        let start = self.start();
        let mut steps = Vec::new();
        loop {
            let (at, last) = (self.start(), self.last);
            if self.takes_sign(b'.') {
                let word = self.word()?;
                if self.next_is(b'(') {
                    (self.at, self.last) = (at, last);
                    break;
                }
                steps.push((PathStep::Field(word.text), word.span));
            } else if !steps.is_empty() && self.takes_sign(b'[') {
                if !self.takes_sign(b']') {
                    (self.at, self.last) = (at, last);
                    break;
                }
                steps.push((PathStep::Each, self.since(at)));
            } else {
                break;
            }
        }
        Some((!steps.is_empty()).then(|| Path { span: self.since(start), steps }))
    }
}

// ---- Clauses --------------------------------------------------------------------------------------------------------

impl Reader<'_> {
    fn clause(&mut self) -> Option<Clause> {
        let start = self.start();
        let word = self.peek()?;
        self.advance(word.len());
        let kind = match word {
            "for" => ClauseKind::For(self.several(Self::generator)?),
            "where" => ClauseKind::Where(self.expr()?),
            "let" => {
                let (name, value) = self.definition()?;
                ClauseKind::Let { name, value }
            }
            "deny" => {
                let severity = if self.takes("as") { Some(self.severity()?) } else { None };
                let generators = if self.takes("for") { self.several(Self::generator)? } else { Vec::new() };
                let when = self.part("when")?;
                let at = self.part("at")?;
                ClauseKind::Deny(Deny { severity, generators, when, at, message: self.template()? })
            }
            "require" => {
                let condition = self.expr()?;
                let at = self.part("at")?;
                self.keyword("else")?;
                ClauseKind::Require { condition, at, message: self.template()? }
            }
            "undecided" => {
                let generators = if self.takes("for") { self.several(Self::generator)? } else { Vec::new() };
                let when = self.part("when")?;
                ClauseKind::Undecided { generators, when, reason: self.template()? }
            }
            "remedy" => ClauseKind::Remedy(self.literal()?),
            "fix" => {
                let safe = !self.takes("unsafe");
                let sets = self.takes("set");
                if !sets {
                    self.keyword("remove")?;
                }
                let target = self.expr()?;
                if sets {
                    self.equals()?;
                    ClauseKind::FixSet { target, value: self.expr()?, safe }
                } else {
                    ClauseKind::FixRemove { target, safe }
                }
            }
            "controls" => ClauseKind::Controls { framework: self.label(0)?, items: self.several(Self::literal)? },
            "tags" => ClauseKind::Tags(self.several(|reader| reader.label(0))?),
            "docs" => ClauseKind::Docs(self.literal()?),
            _ => return None,
        };
        Some(Clause { span: self.since(start), kind })
    }

    /// The expression behind a word, where the word is there.
    fn part(&mut self, word: &str) -> Option<Option<Expr>> {
        if self.takes(word) { self.expr().map(Some) } else { Some(None) }
    }

    /// `k, v in map`
    fn generator(&mut self) -> Option<Generator> {
        let start = self.start();
        let first = self.name()?;
        let (key, var) = if self.takes_sign(b',') { (Some(first), self.name()?) } else { (None, first) };
        self.keyword("in")?;
        let source = match self.kinds()? {
            Some(kinds) => kinds,
            None => self.expr()?,
        };
        Some(Generator { key, var, source, span: self.since(start) })
    }

    /// `Pod | Job`, where a bar follows the first name.
    fn kinds(&mut self) -> Option<Option<Expr>> {
        let (start, last) = (self.start(), self.last);
        let first = self.name();
        if first.is_none() || !self.takes_bar() {
            (self.at, self.last) = (start, last);
            return Some(None);
        }
        let mut kinds: Vec<Ident> = first.into_iter().collect();
        kinds.push(self.name()?);
        while self.takes_bar() {
            kinds.push(self.name()?);
        }
        Some(Some(Expr { span: self.since(start), kind: Box::new(ExprKind::Kinds(kinds)) }))
    }
}

// ---- Expressions ----------------------------------------------------------------------------------------------------

impl<'t> Reader<'t> {
    fn expr(&mut self) -> Option<Expr> {
        if self.depth == 0 {
            self.chain = 0;
        }
        self.nested(|reader| Some(reader.climb(level::OR)?.expr))
    }

    /// Reads something that may hold its like.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth == DEPTH {
            return None;
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    /// Counts an operator or a step.
    fn count(&mut self) -> Option<()> {
        self.chain += 1;
        (self.chain < CHAIN).then_some(())
    }

    /// An expression inside brackets, where a quantifier may begin anew.
    fn bracketed(&mut self) -> Option<Expr> {
        let in_body = std::mem::replace(&mut self.in_body, false);
        let expr = self.expr();
        self.in_body = in_body;
        expr
    }

    /// Reads operators of at least level `least`.
    fn climb(&mut self, least: u8) -> Option<Built> {
        let mut left = self.prefixed(least)?;
        let mut compared = false;
        loop {
            let start = self.start();
            if let Some(test) = self.peek().and_then(test) {
                if level::COMPARISON < least {
                    break;
                }
                if compared {
                    return None;
                }
                compared = true;
                self.count()?;
                self.advance(test.as_str().len());
                let test_span = self.since(start);
                left = Built::new(left.outer.to(test_span), ExprKind::Test { base: left.expr, test, test_span });
                continue;
            }
            let Some((op, level, end)) = self.operator()? else { break };
            if level < least {
                break;
            }
            if level == level::COMPARISON {
                if compared {
                    return None;
                }
                compared = true;
            }
            self.count()?;
            self.advance(end - start);
            let op_span = self.since(start);
            let right = self.climb(level + 1)?;
            let outer = left.outer.to(right.outer);
            left = Built::new(outer, ExprKind::Binary { op, op_span, left: left.expr, right: right.expr });
        }
        Some(left)
    }

    /// The operator at the next token, its level, and where it ends; it is not taken.
    fn operator(&mut self) -> Option<Option<(BinaryOp, u8, usize)>> {
        if let Some(word) = self.peek() {
            let (start, mut end) = (self.at, self.at + word.len());
            if matches!(word, "starts" | "ends") {
                let last = self.last;
                self.at = end;
                let with = self.takes("with");
                end = self.at;
                (self.at, self.last) = (start, last);
                if !with {
                    return None;
                }
            }
            return Some(infix(word).map(|(op, level)| (op, level, end)));
        }
        let length = match self.rest() {
            [b'=', b'=', ..] | [b'!', b'=', ..] | [b'<' | b'>', b'=', ..] | [b'?', b'?', ..] | [b'+', b'+', ..] => 2,
            [b'-', b'>', ..] => return Some(None),
            [b'<' | b'>' | b'+' | b'-' | b'*', ..] => 1,
            _ => return Some(None),
        };
        let sign = self.text.get(self.at..self.at + length)?;
        Some(infix(sign).map(|(op, level)| (op, level, self.at + length)))
    }

    /// `not e`, `-1`, or an operand.
    fn prefixed(&mut self, least: u8) -> Option<Built> {
        let start = self.start();
        if self.takes("not") {
            if least > level::NOT {
                return None;
            }
            let word = self.since(start);
            let inner = self.nested(|reader| reader.climb(level::NOT))?;
            return Some(Built::new(word.to(inner.outer), ExprKind::Not(inner.expr)));
        }
        if self.next_is(b'-') {
            if self.rest().get(1) == Some(&b'>') {
                return None;
            }
            self.advance(1);
            let kind = match self.number()? {
                ExprKind::Int(value) => ExprKind::Int(-value),
                ExprKind::Duration(value) => ExprKind::Duration(-value),
                _ => return None,
            };
            let built = Built::new(self.since(start), kind);
            return self.postfixes(built);
        }
        let operand = self.operand(least)?;
        self.postfixes(operand)
    }

    fn postfixes(&mut self, mut base: Built) -> Option<Built> {
        loop {
            self.skip();
            let kind = match self.rest() {
                [b'.', ..] => {
                    self.advance(1);
                    let name = self.word()?;
                    match self.args()? {
                        Some(args) => ExprKind::Method { base: base.expr, name, args },
                        None => ExprKind::Field { base: base.expr, name },
                    }
                }
                [b'[', ..] => {
                    self.advance(1);
                    if self.takes_sign(b']') {
                        ExprKind::Each { base: base.expr }
                    } else {
                        let index = self.bracketed()?;
                        self.sign(b']')?;
                        ExprKind::Index { base: base.expr, index }
                    }
                }
                [b'-', b'>', ..] => {
                    self.advance(2);
                    ExprKind::Follow { base: base.expr }
                }
                [b'a', ..] if self.takes("as") => ExprKind::As { base: base.expr, ty: self.ty()? },
                _ => return Some(base),
            };
            self.count()?;
            let outer = base.outer.to(span(self.last, self.last));
            base = Built::new(outer, kind);
        }
    }

    /// `(a, b)`, where a parenthesis opens.
    fn args(&mut self) -> Option<Option<Vec<Expr>>> {
        if !self.takes_sign(b'(') {
            return Some(None);
        }
        self.listed(b')', Self::bracketed).map(Some)
    }

    fn operand(&mut self, least: u8) -> Option<Built> {
        let start = self.start();
        let kind = match *self.rest().first()? {
            b'(' => {
                self.advance(1);
                let expr = self.bracketed()?;
                self.sign(b')')?;
                return Some(Built { expr, outer: self.since(start) });
            }
            b'[' => self.list()?,
            b'"' => ExprKind::Text(self.template()?),
            b'/' => ExprKind::Regex(self.regex()?),
            b'0'..=b'9' => self.number()?,
            b'r' if self.rest().get(1) == Some(&b'"') => ExprKind::Text(self.template()?),
            _ => match self.peek()? {
                word @ ("any" | "all") => {
                    if self.in_body || least > level::NOT {
                        return None;
                    }
                    self.advance(word.len());
                    let generator = Box::new(self.generator()?);
                    self.sign(b':')?;
                    self.in_body = true;
                    let body = self.expr();
                    self.in_body = false;
                    ExprKind::Quantifier { all: word == "all", generator, body: body? }
                }
                "if" => {
                    self.advance(2);
                    let condition = self.expr()?;
                    self.keyword("then")?;
                    let then = self.expr()?;
                    self.keyword("else")?;
                    ExprKind::If { condition, then, otherwise: self.expr()? }
                }
                word @ ("true" | "false") => {
                    self.advance(word.len());
                    ExprKind::Bool(word == "true")
                }
                "now" => {
                    self.advance(3);
                    ExprKind::Now
                }
                word if is_null(word) || capital_bool(word).is_some() => return None,
                _ => {
                    let name = self.name()?;
                    match self.args()? {
                        Some(args) => ExprKind::Call { name, args },
                        None => ExprKind::Name(name.text),
                    }
                }
            },
        };
        Some(Built::new(self.since(start), kind))
    }

    fn list(&mut self) -> Option<ExprKind> {
        let in_body = std::mem::replace(&mut self.in_body, false);
        let kind = self.list_inside();
        self.in_body = in_body;
        kind
    }

    fn list_inside(&mut self) -> Option<ExprKind> {
        self.sign(b'[')?;
        if self.takes_sign(b']') {
            return Some(ExprKind::List(Vec::new()));
        }
        let first = self.expr()?;
        if self.takes("for") {
            let generators = self.several(Self::generator)?;
            let condition = self.part("where")?;
            self.sign(b']')?;
            return Some(ExprKind::Comprehension { body: first, generators, condition });
        }
        let mut elements = vec![first];
        if self.takes_sign(b',') {
            elements.append(&mut self.listed(b']', Self::expr)?);
        } else {
            self.sign(b']')?;
        }
        Some(ExprKind::List(elements))
    }
}

fn test(word: &str) -> Option<TestOp> {
    Some(match word {
        "exists" => TestOp::Exists,
        "absent" => TestOp::Absent,
        "empty" => TestOp::Empty,
        "dangling" => TestOp::Dangling,
        _ => return None,
    })
}

// ---- Literals -------------------------------------------------------------------------------------------------------

/// A text literal, read.
enum Literal {
    Block(String, Vec<u32>),
    Plain(Vec<TemplatePart>),
}

impl Reader<'_> {
    /// A number, a duration or a time.
    fn number(&mut self) -> Option<ExprKind> {
        let start = self.start();
        let rest = self.rest();
        if !rest.first()?.is_ascii_digit() {
            return None;
        }
        let digits =
            |range: std::ops::Range<usize>| rest.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
        let is_date = digits(0..4) && digits(5..7) && digits(8..10) && rest[4] == b'-' && rest[7] == b'-';
        let mut length = rest.iter().take_while(|&&byte| is_word_byte(byte)).count();
        if is_date {
            length = 10;
            if rest.get(length) == Some(&b'T') {
                let time = rest[11..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b':').count();
                (rest.get(11 + time) == Some(&b'Z')).then_some(())?;
                length = 12 + time;
            }
            if rest.get(length).is_some_and(|&byte| is_word_byte(byte)) {
                return None;
            }
        }
        self.advance(length);
        let text = &self.text[start..self.at];
        if is_date {
            return calendar::time(text).ok().map(ExprKind::Time);
        }
        if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') {
            return text.replace('_', "").parse().ok().map(ExprKind::Int);
        }
        is_duration(text).then(|| calendar::duration(text)).flatten().map(ExprKind::Duration)
    }

    fn regex(&mut self) -> Option<Arc<str>> {
        let start = self.start();
        let rest = self.rest();
        let mut at = 1;
        loop {
            match *rest.get(at)? {
                b'/' if at == 1 => return None,
                b'/' => break,
                b'\n' => return None,
                b'\\' if *rest.get(at + 1)? == b'\n' => return None,
                // A character of several bytes has none that looks like one of these.
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.advance(at + 1);
        self.text.get(start..self.at).map(regex_value)
    }

    /// A text where no expressions may stand.
    fn literal(&mut self) -> Option<Text> {
        let start = self.start();
        let (value, lines) = match self.text_literal()? {
            Literal::Block(value, lines) => (Arc::from(value), lines),
            Literal::Plain(mut parts) => match (parts.pop(), parts.is_empty()) {
                (None, _) => (Arc::from(""), Vec::new()),
                (Some(TemplatePart::Text(value)), true) => (value, Vec::new()),
                _ => return None,
            },
        };
        Some(Text { value, span: self.since(start), lines })
    }

    /// A text that may hold expressions.
    fn template(&mut self) -> Option<Template> {
        let start = self.start();
        let parts = match self.text_literal()? {
            Literal::Block(value, _) => vec![TemplatePart::Text(Arc::from(value))],
            Literal::Plain(parts) => parts,
        };
        Some(Template { parts, span: self.since(start) })
    }

    fn text_literal(&mut self) -> Option<Literal> {
        let start = self.start();
        let rest = self.rest();
        if let Some(inside) = rest.strip_prefix(b"\"\"\"") {
            let length = memchr::memmem::find(inside, b"\"\"\"")?;
            let (value, offsets) = block_value(self.text.get(start + 3..start + 3 + length)?);
            self.advance(length + 6);
            let lines = offsets.into_iter().map(|offset| (start + 3 + offset) as u32).collect();
            return Some(Literal::Block(value, lines));
        }
        if rest.starts_with(b"r\"") {
            let length = memchr::memchr2(b'"', b'\n', &rest[2..])?;
            (rest.get(2 + length) == Some(&b'"')).then_some(())?;
            self.advance(length + 3);
            let value = raw_value(self.text.get(start..self.at)?);
            return Some(Literal::Plain(vec![TemplatePart::Text(Arc::from(value))]));
        }
        self.string().map(Literal::Plain)
    }

    /// `"text {expr}"`
    fn string(&mut self) -> Option<Vec<TemplatePart>> {
        self.sign(b'"')?;
        let mut parts = Vec::new();
        let mut chunk = String::new();
        loop {
            let rest = self.text.get(self.at..)?;
            let found = rest.bytes().position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'\\' | b'\n'))?;
            chunk.push_str(&rest[..found]);
            self.advance(found);
            match &rest.as_bytes()[found..] {
                [b'"', ..] => {
                    self.advance(1);
                    break;
                }
                [b'{', b'{', ..] => {
                    chunk.push('{');
                    self.advance(2);
                }
                [b'}', b'}', ..] => {
                    chunk.push('}');
                    self.advance(2);
                }
                [b'\\', letter @ (b'n' | b't' | b'"' | b'\\'), ..] => {
                    chunk.push(match letter {
                        b'n' => '\n',
                        b't' => '\t',
                        other => char::from(*other),
                    });
                    self.advance(2);
                }
                [b'{', ..] => {
                    if !chunk.is_empty() {
                        parts.push(TemplatePart::Text(Arc::from(std::mem::take(&mut chunk))));
                    }
                    self.advance(1);
                    parts.push(TemplatePart::Expr(self.bracketed()?));
                    self.sign(b'}')?;
                }
                _ => return None,
            }
        }
        if !chunk.is_empty() {
            parts.push(TemplatePart::Text(Arc::from(chunk)));
        }
        Some(parts)
    }
}

/// Numbers, each with a unit.
fn is_duration(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let unit = match &rest[digits..] {
            [b'n' | b'u' | b'm', b's', ..] => 2,
            [b's' | b'm' | b'h' | b'd' | b'w', ..] => 1,
            _ => return false,
        };
        if digits == 0 {
            return false;
        }
        rest = &rest[digits + unit..];
    }
    true
}
