//! Writes the pieces of an item: each group on one line if it fits, else with its breaks.

use super::WIDTH;
use super::marks::{Break, Group, Marks};
use super::pieces::{Piece, block_value};
use super::spacing::blank_before;
use crate::lexer::TokenKind;

/// Blanks of one step.
const STEP: usize = 2;

/// An open group.
struct Open {
    group: usize,
    broken: bool,
    /// Indentation of the line on which it began.
    base: usize,
    /// Indentation of the line that it is on.
    indent: usize,
}

/// The item, without a line break behind it.
pub(super) fn render(text: &str, pieces: &[Piece], marks: &Marks) -> String {
    Writer { text, pieces, marks, out: String::new(), column: 0, line_indent: 0, open: Vec::new() }.item()
}

struct Writer<'a> {
    text: &'a str,
    pieces: &'a [Piece],
    marks: &'a Marks,
    out: String,
    column: usize,
    /// Indentation of the current line.
    line_indent: usize,
    open: Vec<Open>,
}

impl Writer<'_> {
    fn item(mut self) -> String {
        let mut next_group = 0;
        let order = self.group_order();
        for index in 0..self.pieces.len() {
            let indent = self.before(index);
            while let Some(&group) = order.get(next_group).filter(|&&group| self.marks.groups[group].first == index) {
                next_group += 1;
                let marked = self.marks.groups[group];
                let broken = marked.broken || !self.fits(index, &marked);
                let base = self.open.last().map_or(indent, |open| open.indent);
                self.open.push(Open { group, broken, base, indent: base });
            }
            self.piece(index);
            self.open.retain(|open| self.marks.groups[open.group].last > index);
        }
        self.out
    }

    /// Groups in the order in which they open, outer ones first.
    fn group_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.marks.groups.len()).collect();
        let key = |&index: &usize| {
            let group = self.marks.groups[index];
            (group.first, std::cmp::Reverse(group.last), index)
        };
        order.sort_by_key(key);
        order
    }

    /// Writes what stands before a piece: a blank, a line break, comments. Returns the indentation of its line.
    fn before(&mut self, index: usize) -> usize {
        let piece = &self.pieces[index];
        let base = self.open.last().map_or(self.line_indent, |open| open.indent);
        let mut line = match self.marks.breaks[index] {
            Some((Break::Hard(steps), _)) => Some(steps * STEP),
            Some((Break::Soft(_), group)) if self.marks.groups[group].fill && self.next_fits(index, group) => None,
            Some((Break::Soft(steps), group)) => {
                let open = self.open.iter_mut().find(|open| open.group == group && open.broken);
                open.map(|open| {
                    open.indent = open.base + steps * STEP;
                    open.indent
                })
            }
            None => None,
        };
        if let Some(comment) = piece.trailing {
            self.out.push(' ');
            self.out.push_str(self.text[comment.range()].trim_end());
        }
        if line.is_none() && (piece.trailing.is_some() || !piece.comments.is_empty()) {
            line = Some(base + STEP);
        }
        let Some(indent) = line else {
            if blank_before(self.text, self.pieces, index, &self.marks.hints) {
                self.push(" ");
            }
            return base;
        };
        let hard = matches!(self.marks.breaks[index], Some((Break::Hard(_), _)));
        let mut first = true;
        for &(comment, blank) in &piece.comments {
            self.line(indent, blank && hard);
            self.out.push_str(self.text[comment.range()].trim_end());
            first = false;
        }
        // Clauses may be set apart by a blank line.
        let blank = hard && piece.line_breaks > 1 && (index > 0 || !first);
        self.line(indent, blank);
        indent
    }

    fn line(&mut self, indent: usize, blank: bool) {
        self.out.push_str(if blank { "\n\n" } else { "\n" });
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
        self.line_indent = indent;
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += width(text);
    }

    fn piece(&mut self, index: usize) {
        let piece = &self.pieces[index];
        let literal = &self.text[piece.span.range()];
        match piece.kind {
            TokenKind::Block { .. } if stands_apart(literal) => self.block(literal),
            _ => match literal.rsplit_once('\n') {
                Some((_, last)) => {
                    self.out.push_str(literal);
                    self.column = width(last);
                }
                None => self.push(literal),
            },
        }
    }

    /// A block string whose quotes stand on lines of their own: its lines one step in from the line that it opens on.
    fn block(&mut self, literal: &str) {
        let indent = self.line_indent;
        self.out.push_str("\"\"\"");
        let lines: Vec<&str> = block_value(literal).collect();
        // The last line is what stands before the closing quotes: nothing.
        for line in &lines[..lines.len().saturating_sub(1)] {
            self.out.push('\n');
            if !line.is_empty() {
                self.out.extend(std::iter::repeat_n(' ', indent + STEP));
                self.out.push_str(line);
            }
        }
        self.line(indent, false);
        self.push("\"\"\"");
    }

    /// True where the group fits into its line, with what follows it up to the next place where a line may break.
    fn fits(&self, start: usize, group: &Group) -> bool {
        self.fits_from(self.column, start, group.last)
    }

    /// True where the pieces from `start` to `last` fit behind `column`, with what follows them likewise.
    fn fits_from(&self, mut column: usize, start: usize, last: usize) -> bool {
        for index in start..self.pieces.len() {
            let piece = &self.pieces[index];
            let outside = index > last;
            if index > start {
                if !piece.comments.is_empty() || piece.trailing.is_some() {
                    return outside;
                }
                match self.marks.breaks[index] {
                    Some((Break::Hard(_), _)) => return outside,
                    // Behind the group a line may break in what is broken already, or in what comes later.
                    Some((Break::Soft(_), owner))
                        if outside && (self.is_broken(owner) || self.marks.groups[owner].first > last) =>
                    {
                        return true;
                    }
                    // The author's break in a group inside keeps this one from standing on one line.
                    Some((Break::Soft(_), owner)) if !outside && self.marks.groups[owner].broken => return false,
                    _ => {}
                }
                column += usize::from(blank_before(self.text, self.pieces, index, &self.marks.hints));
            }
            let literal = &self.text[piece.span.range()];
            if let Some((first, _)) = literal.split_once('\n') {
                return column + width(first) <= WIDTH;
            }
            column += width(literal);
            if column > WIDTH {
                return false;
            }
        }
        true
    }

    /// True where the pieces from `index` up to the next break of the filled group fit into the line.
    fn next_fits(&self, index: usize, group: usize) -> bool {
        let marked = self.marks.groups[group];
        let breaks = |at: usize| matches!(self.marks.breaks[at], Some((Break::Soft(_), owner)) if owner == group);
        let last = (index + 1..=marked.last).find(|&at| breaks(at)).map_or(marked.last, |at| at - 1);
        let blank = usize::from(blank_before(self.text, self.pieces, index, &self.marks.hints));
        self.fits_from(self.column + blank, index, last)
    }

    fn is_broken(&self, group: usize) -> bool {
        self.open.iter().any(|open| open.group == group && open.broken)
    }
}

/// True where the layout of a block string may change: its quotes close on a line of their own, text stands under the
/// opening ones, and it is not only blanks.
fn stands_apart(literal: &str) -> bool {
    let Some(inside) = literal.strip_prefix("\"\"\"").and_then(|rest| rest.strip_suffix("\"\"\"")) else {
        return false;
    };
    let (Some((head, _)), Some((body, tail))) = (inside.split_once('\n'), inside.rsplit_once('\n')) else {
        return false;
    };
    head.trim().is_empty() && tail.trim().is_empty() && !body.trim().is_empty() && !inside.contains('\r')
}

fn width(text: &str) -> usize {
    text.chars().count()
}
