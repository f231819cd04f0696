//! Where the lines of an item may break, and must.

use super::pieces::Piece;
use super::spacing::Hints;
use crate::ast::*;
use crate::span::Span;

/// A break before a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Break {
    /// A line of its own, at this many steps of two blanks from the item.
    Hard(usize),
    /// A new line where the group is broken, at this many steps from where the group stands; else a blank or nothing,
    /// as between other tokens.
    Soft(usize),
}

/// Pieces that stand on one line together if they fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    /// Index of the first piece.
    pub first: usize,
    /// Index of the last piece.
    pub last: usize,
    /// The author broke it: it stays broken.
    pub broken: bool,
    /// Its lines are filled: each of its breaks is a new line only where what follows does not fit.
    pub fill: bool,
}

/// What an item's layout hangs on.
pub(super) struct Marks {
    /// Breaks by piece, each with the group it belongs to; of a hard one, none.
    pub breaks: Vec<Option<(Break, usize)>>,
    /// Groups, outer ones before inner ones.
    pub groups: Vec<Group>,
    /// For the blanks.
    pub hints: Hints,
}

/// Reads the marks of an item off its tree.
pub(super) fn marks(text: &str, item: &Item, pieces: &[Piece]) -> Marks {
    let mut marker = Marker {
        text,
        pieces,
        marks: Marks { breaks: vec![None; pieces.len()], groups: Vec::new(), hints: Hints::default() },
    };
    marker.item(&item.kind, item.span);
    marker.marks
}

struct Marker<'a> {
    text: &'a str,
    pieces: &'a [Piece],
    marks: Marks,
}

impl Marker<'_> {
    /// Index of the piece at `offset`, or the next one.
    fn at(&self, offset: u32) -> usize {
        self.pieces.partition_point(|piece| piece.span.start < offset)
    }

    /// Index of the last piece of a span.
    fn last(&self, span: Span) -> usize {
        self.pieces.partition_point(|piece| piece.span.start < span.end).saturating_sub(1)
    }

    fn word(&self, index: usize) -> &str {
        self.pieces.get(index).map_or("", |piece| &self.text[piece.span.range()])
    }

    fn hard(&mut self, index: usize, steps: usize) {
        if let Some(mark) = self.marks.breaks.get_mut(index) {
            *mark = Some((Break::Hard(steps), usize::MAX));
        }
    }

    fn group(&mut self, first: usize, last: usize) -> usize {
        self.marks.groups.push(Group { first, last, broken: false, fill: false });
        self.marks.groups.len() - 1
    }

    fn soft(&mut self, group: usize, index: usize, steps: usize) {
        if index > self.marks.groups[group].first
            && let Some(mark @ None) = self.marks.breaks.get_mut(index)
        {
            *mark = Some((Break::Soft(steps), group));
        }
    }

    /// A soft break that stays where the author broke the line.
    fn kept(&mut self, group: usize, index: usize, steps: usize) {
        self.soft(group, index, steps);
        let broke = self.pieces.get(index).is_some_and(|piece| piece.line_breaks > 0);
        self.marks.groups[group].broken |= broke;
    }

    fn item(&mut self, kind: &ItemKind, span: Span) {
        let (first, last) = (self.at(span.start), self.last(span));
        match kind {
            ItemKind::Rule(rule) => rule.clauses.iter().for_each(|clause| self.clause(clause)),
            ItemKind::Param(param) => {
                self.ty(&param.ty);
                self.value(first, last, &param.value);
            }
            ItemKind::Let(item) => self.value(first, last, &item.value),
            ItemKind::Field(field) => self.value(first, last, &field.value),
            ItemKind::Fn(function) => {
                for (_, ty) in &function.params {
                    self.ty(ty);
                }
                self.ty(&function.result);
                self.value(first, last, &function.body);
            }
            ItemKind::Group(group) => self.list_item(first, last, "with", &group.with),
            ItemKind::Link(link) => {
                self.marks.hints.tight.push(link.path.span);
                self.list_item(first, last, "by", &link.by);
            }
            ItemKind::View(view) => self.view(first, last, view),
            ItemKind::Kind(kind) => {
                for (path, ty) in &kind.fields {
                    self.hard(self.at(path.span.start), 1);
                    self.marks.hints.tight.push(path.span);
                    self.ty(ty);
                }
            }
            ItemKind::Waive(waive) => {
                let group = self.group(first, last);
                for start in [waive.until.span.start, waive.because.span.start, waive.by.span.start] {
                    self.kept(group, self.at(start) - 1, 1);
                }
            }
            ItemKind::Test(test) => self.test(test),
            ItemKind::Use(_) | ItemKind::Edition(_) | ItemKind::Broken { .. } => {}
        }
    }

    /// `… = value`
    fn value(&mut self, first: usize, last: usize, value: &Expr) {
        // What is in brackets breaks inside them.
        let bracketed = matches!(&*value.kind, ExprKind::List(_) | ExprKind::Comprehension { .. } | ExprKind::Text(_));
        if !bracketed {
            let group = self.group(first, last);
            // Parentheses around the value are no part of its span: the break stands behind the sign.
            let mut index = self.at(value.span.start);
            while index > first && self.word(index - 1) == "(" {
                index -= 1;
            }
            self.soft(group, index, 1);
        }
        self.expr(value);
    }

    /// `group … with a = x, …`, `link … by a = x, …`
    fn list_item(&mut self, first: usize, last: usize, word: &str, parts: &[(Ident, Expr)]) {
        let Some((name, _)) = parts.first() else { return };
        let group = self.group(first, last);
        let start = self.at(name.span.start);
        debug_assert_eq!(self.word(start - 1), word);
        self.kept(group, start - 1, 1);
        let inner = self.group(start, last);
        self.assigns(inner, parts, 1);
    }

    fn assigns(&mut self, group: usize, parts: &[(Ident, Expr)], steps: usize) {
        for (name, value) in parts {
            self.soft(group, self.at(name.span.start), steps);
            self.expr(value);
        }
    }

    fn view(&mut self, first: usize, last: usize, view: &View) {
        let group = self.group(first, last);
        for branch in &view.branches {
            let start = self.at(branch.span.start);
            self.kept(group, start, 1);
            for generator in &branch.generators {
                self.generator(generator);
            }
            if let Some(condition) = &branch.condition {
                let mut index = self.at(condition.span.start);
                while index > start && self.word(index - 1) != "where" {
                    index -= 1;
                }
                self.soft(group, index - 1, 1);
                self.expr(condition);
            }
            if let Some((column, _)) = branch.columns.first() {
                let open = self.at(column.span.start) - 1;
                self.soft(group, open - 1, 1);
                let close = self.last(branch.span);
                let inner = self.group(open, close);
                for (name, value) in &branch.columns {
                    self.soft(inner, self.at(name.span.start), 1);
                    self.expr(value);
                }
                self.soft(inner, close, 0);
            }
        }
        self.marks.groups[group].broken |= view.branches.len() > 1;
    }

    fn test(&mut self, test: &Test) {
        let mut starts = Vec::new();
        if let Some(now) = &test.now {
            let mut index = self.at(now.span.start);
            while index > 0 && self.word(index - 1) == "(" {
                index -= 1;
            }
            starts.push(index.saturating_sub(1));
            self.expr(now);
        }
        for (name, value) in &test.with {
            let index = self.at(name.span.start);
            if self.word(index.saturating_sub(1)) == "with" {
                starts.push(index - 1);
            }
            self.expr(value);
        }
        starts.extend(test.given.iter().map(|given| self.at(given.span.start)));
        for start in starts {
            self.hard(start, 1);
        }
        for expect in &test.expect {
            let start = self.at(expect.span.start);
            self.hard(start, 1);
            if let Some(at) = &expect.at {
                let group = self.group(start, self.last(expect.span));
                self.soft(group, self.at(at.kind.span.start) - 1, 1);
                self.marks.hints.tight.extend(at.path.as_ref().map(|path| path.span));
            }
        }
    }

    fn clause(&mut self, clause: &Clause) {
        let (start, last) = (self.at(clause.span.start), self.last(clause.span));
        self.hard(start, 1);
        match &clause.kind {
            ClauseKind::For(generators) => {
                let group = self.group(start, last);
                self.generators(group, generators);
            }
            ClauseKind::Where(expr) => self.expr(expr),
            ClauseKind::Let { value, .. } => self.value(start, last, value),
            ClauseKind::Deny(deny) => {
                let message = self.at(deny.message.span.start);
                self.message(start, last, message, message);
                self.conditions(start, message - 1, &deny.generators, deny.when.as_ref(), deny.at.as_ref());
            }
            ClauseKind::Undecided { generators, when, reason } => {
                let message = self.at(reason.span.start);
                self.message(start, last, message, message);
                self.conditions(start, message - 1, generators, when.as_ref(), None);
            }
            ClauseKind::Require { condition, at, message } => {
                let message = self.at(message.span.start);
                self.message(start, last, message - 1, message);
                self.conditions(start, message - 2, &[], None, at.as_ref());
                self.expr(condition);
            }
            ClauseKind::FixSet { target, value, .. } => {
                self.expr(target);
                self.value(start, last, value);
            }
            ClauseKind::FixRemove { target, .. } => self.expr(target),
            ClauseKind::Controls { items, .. } => {
                let group = self.group(start, last);
                self.marks.groups[group].fill = true;
                for item in items.iter().skip(1) {
                    self.soft(group, self.at(item.span.start), 1);
                }
            }
            ClauseKind::Tags(tags) => {
                let group = self.group(start, last);
                self.marks.groups[group].fill = true;
                for tag in tags.iter().skip(1) {
                    self.soft(group, self.at(tag.span.start), 1);
                }
            }
            ClauseKind::Remedy(_) | ClauseKind::Docs(_) => {}
        }
    }

    /// The break before a message; `index` is the piece before which it stands.
    fn message(&mut self, start: usize, last: usize, index: usize, message: usize) {
        let is_block = self.word(message).starts_with("\"\"\"");
        let group = self.group(start, last);
        // A block string begins on the line of its clause and closes below it.
        if !is_block {
            self.kept(group, index, 1);
        }
    }

    /// The parts of `deny`, `require` and `undecided` before their message.
    fn conditions(&mut self, start: usize, last: usize, for_: &[Generator], when: Option<&Expr>, at: Option<&Expr>) {
        let group = self.group(start, last);
        if let (Some(first), Some(end)) = (for_.first(), for_.last()) {
            let inner = self.group(self.at(first.span.start), self.last(end.span));
            self.generators(inner, for_);
        }
        let parts = [(when, "when", !for_.is_empty()), (at, "at", true)];
        for (expr, word, breaks) in parts {
            let Some(expr) = expr else { continue };
            let mut index = self.at(expr.span.start);
            while index > start && (self.word(index) != word || self.word(index - 1) == ".") {
                index -= 1;
            }
            if breaks {
                self.soft(group, index, 1);
            }
            self.expr(expr);
        }
    }

    fn generators(&mut self, group: usize, generators: &[Generator]) {
        for (index, generator) in generators.iter().enumerate() {
            if index > 0 {
                self.soft(group, self.at(generator.span.start), 1);
            }
            self.generator(generator);
        }
    }

    fn generator(&mut self, generator: &Generator) {
        self.expr(&generator.source);
    }

    fn ty(&mut self, ty: &TypeExpr) {
        self.marks.hints.tight.push(ty.span);
    }

    fn expr(&mut self, expr: &Expr) {
        let (first, last) = (self.at(expr.span.start), self.last(expr.span));
        match &*expr.kind {
            ExprKind::Int(_) | ExprKind::Duration(_) => {
                if self.word(first) == "-" {
                    self.marks.hints.unary.push(expr.span.start);
                }
            }
            ExprKind::List(elements) => {
                self.bracketed(first, last);
                elements.iter().for_each(|element| self.expr(element));
            }
            ExprKind::Comprehension { body, generators, condition } => {
                let group = self.group(first, last);
                self.soft(group, first + 1, 1);
                self.soft(group, last, 0);
                self.expr(body);
                for generator in generators {
                    self.generator(generator);
                }
                let words: Vec<usize> = self
                    .level(first, last)
                    .into_iter()
                    .filter(|&index| matches!(self.word(index), "for" | "where") && self.word(index - 1) != ".")
                    .collect();
                // The element stays with its generators as long as they fit.
                let filter = words.iter().copied().find(|&index| self.word(index) == "where");
                let inner = self.group(first + 1, filter.unwrap_or(last) - 1);
                for index in words {
                    self.soft(if Some(index) == filter { group } else { inner }, index, 1);
                }
                if let Some(condition) = condition {
                    self.expr(condition);
                }
            }
            ExprKind::Field { base, .. } | ExprKind::Each { base } | ExprKind::Follow { base } => self.expr(base),
            ExprKind::Index { base, index } => {
                self.expr(base);
                self.expr(index);
            }
            ExprKind::As { base, ty } => {
                self.expr(base);
                self.ty(ty);
            }
            ExprKind::Call { name, args } | ExprKind::Method { name, args, .. } => {
                if let ExprKind::Method { base, .. } = &*expr.kind {
                    self.expr(base);
                }
                if !args.is_empty() {
                    self.bracketed(self.at(name.span.end), last);
                }
                args.iter().for_each(|arg| self.expr(arg));
            }
            ExprKind::Not(inner) => self.expr(inner),
            ExprKind::Binary { op, .. } if level(*op) == COMPARISON => self.chain(None, expr, COMPARISON),
            ExprKind::Binary { op, .. } => {
                let enclosed = first > 0 && self.word(first - 1) == "(" && self.word(last + 1) == ")";
                let group = if enclosed {
                    let group = self.group(first - 1, last + 1);
                    self.soft(group, first, 1);
                    self.soft(group, last + 1, 0);
                    group
                } else {
                    self.group(first, last)
                };
                self.chain(Some(group), expr, level(*op));
            }
            ExprKind::Test { base, .. } => self.expr(base),
            ExprKind::Quantifier { generator, body, .. } => {
                let group = self.group(first, last);
                self.generator(generator);
                let mut index = self.at(body.span.start);
                while index > first && self.word(index - 1) == "(" {
                    index -= 1;
                }
                self.soft(group, index, 1);
                self.expr(body);
            }
            ExprKind::If { condition, then, otherwise } => {
                let group = self.group(first, last);
                for (branch, word) in [(then, "then"), (otherwise, "else")] {
                    let mut index = self.at(branch.span.start);
                    while index > first && (self.word(index) != word || self.word(index - 1) == ".") {
                        index -= 1;
                    }
                    self.soft(group, index, 1);
                }
                for part in [condition, then, otherwise] {
                    self.expr(part);
                }
            }
            ExprKind::Kinds(kinds) => {
                let group = self.group(first, last);
                self.marks.groups[group].fill = true;
                for kind in kinds.iter().skip(1) {
                    self.soft(group, self.at(kind.span.start) - 1, 1);
                }
            }
            ExprKind::Error
            | ExprKind::Text(_)
            | ExprKind::Bool(_)
            | ExprKind::Time(_)
            | ExprKind::Regex(_)
            | ExprKind::Name(_)
            | ExprKind::Now => {}
        }
    }

    /// Operators of one level that follow each other break together.
    /// Comparisons, without a group, do not break.
    fn chain(&mut self, group: Option<usize>, expr: &Expr, of: u8) {
        match &*expr.kind {
            ExprKind::Binary { op, op_span, left, right } if level(*op) == of => {
                // A chain in parentheses is a group of its own.
                if expr.span.start < left.span.start {
                    self.expr(left);
                } else {
                    self.chain(group, left, of);
                }
                if let Some(group) = group {
                    self.soft(group, self.at(op_span.start), 1);
                }
                self.expr(right);
            }
            _ => self.expr(expr),
        }
    }

    /// A group from an opening to its closing bracket, that breaks behind each comma.
    fn bracketed(&mut self, open: usize, close: usize) {
        let group = self.group(open, close);
        if close <= open + 1 {
            return;
        }
        for index in self.level(open, close) {
            if index == open + 1 || self.word(index - 1) == "," {
                self.soft(group, index, 1);
            }
        }
        self.soft(group, close, 0);
    }

    /// Pieces between two brackets that stand in no further ones.
    fn level(&self, open: usize, close: usize) -> Vec<usize> {
        let mut depth = 0;
        let mut indexes = Vec::new();
        for index in open + 1..close {
            let word = self.word(index);
            if matches!(word, ")" | "]") {
                depth -= 1;
            }
            if depth == 0 {
                indexes.push(index);
            }
            if matches!(word, "(" | "[") {
                depth += 1;
            }
        }
        indexes
    }
}

/// The number of comparisons among the levels.
const COMPARISON: u8 = 3;

/// Operators of one number chain.
fn level(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Or => 1,
        BinaryOp::And => 2,
        BinaryOp::Default => 4,
        BinaryOp::Concat | BinaryOp::Add | BinaryOp::Sub => 5,
        BinaryOp::Mul => 6,
        _ => COMPARISON,
    }
}
