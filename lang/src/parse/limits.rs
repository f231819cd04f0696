//! Bounds on how deep an item may nest, checked on its tokens before anything recurses over them.
//!
//! INVARIANT (depth): no syntax tree is higher than [`MAX_CHAIN`] plus [`MAX_NESTING`], so recursive walks, drops
//! included, need no bound of their own.

use crate::codes;
use crate::diag::Diagnostic;
use crate::lexer::{Token, TokenKind, interpolations, tokens};
use crate::span::Span;

/// Brackets, quantifiers, conditions and negations within each other.
pub const MAX_NESTING: u32 = 64;
/// Operators and steps that build on each other: `a.b.c` has two, `x or y or z` too.
pub const MAX_CHAIN: u32 = 400;

/// What one level of brackets has nested so far.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Depth and chain of the levels around it.
    outer: (u32, u32),
    /// `if`, `any`, `all`: they reach to the end of the level, or to its next comma.
    reach: u32,
    /// Prefix signs in a row: `not not`.
    run: u32,
    /// Operators and steps.
    chain: u32,
    /// The longest chain so far that ends in this level, those around and inside it included.
    peak: u32,
}

impl Level {
    fn depth(&self) -> u32 {
        self.outer.0 + self.reach + self.run
    }

    fn chain(&self) -> u32 {
        self.outer.1 + self.chain
    }

    /// Begins the next element or clause of the same level.
    fn begin(&mut self) {
        *self = Level { outer: self.outer, peak: self.peak, ..Level::default() };
    }
}

/// Says where `text[span]` nests too deep.
pub(super) fn check(text: &str, span: Span) -> Result<(), Diagnostic> {
    check_level(text, span, Level::default()).map(|_| ())
}

/// The longest chain of the span, or the diagnostic.
fn check_level(text: &str, span: Span, base: Level) -> Result<u32, Diagnostic> {
    let mut levels = vec![base];
    let mut previous = "";
    let mut before_previous = "";
    for token in tokens(text, span) {
        if token.kind == TokenKind::Comment {
            continue;
        }
        let word = token.text(text);
        let depth = levels.len();
        let Some(level) = levels.last_mut() else { break };
        let mut run = 0;
        match word {
            "(" | "[" | "{" => {
                level.chain += 1;
                let opened = Level { outer: (level.depth() + 1, level.chain()), ..Level::default() };
                levels.push(opened);
            }
            ")" | "]" | "}" => {
                if depth > 1
                    && let Some(closed) = levels.pop()
                {
                    // What follows builds on what was inside.
                    if let Some(level) = levels.last_mut() {
                        level.chain = level.chain.max(closed.peak.saturating_sub(level.outer.1));
                    }
                }
            }
            "<" if previous == "list" || previous == "map" => level.reach += 1,
            // The comma of `any k, v in map` ends nothing.
            "," if before_previous == "any" || before_previous == "all" => {}
            "," => level.begin(),
            _ if previous == "." => level.chain += 1,
            "if" | "any" | "all" => level.reach += 1,
            "not" | "-" => {
                run = level.run + 1;
                level.chain += 1;
            }
            // A clause word ends what the clause before it nested.
            "for" | "where" | "let" | "deny" | "require" | "undecided" | "remedy" | "fix" | "expect" | "given"
            | "from" | "yield"
                if depth == 1 =>
            {
                level.begin();
            }
            _ => match token.kind {
                TokenKind::Sign => level.chain += 1,
                TokenKind::Word if crate::lexer::is_reserved(word) => level.chain += 1,
                TokenKind::Text { .. } => {
                    let inner = Level { outer: (level.depth() + 1, level.chain()), ..Level::default() };
                    for inside in interpolations(text, &token) {
                        let peak = check_level(text, inside, inner)?;
                        level.chain = level.chain.max(peak.saturating_sub(level.outer.1));
                    }
                }
                _ => {}
            },
        }
        if let Some(level) = levels.last_mut() {
            level.run = run;
            level.peak = level.peak.max(level.chain());
            if level.depth() > MAX_NESTING || level.chain() > MAX_CHAIN {
                return Err(too_deep(&token, level.depth() > MAX_NESTING));
            }
        }
        before_previous = previous;
        previous = word;
    }
    Ok(levels.first().map_or(0, |level| level.peak))
}

fn too_deep(token: &Token, nesting: bool) -> Diagnostic {
    let message = if nesting {
        format!("this is nested more than {MAX_NESTING} levels deep")
    } else {
        format!("this expression has more than {MAX_CHAIN} operators in a row")
    };
    Diagnostic::error(codes::TOO_DEEP, token.span, message).help("name parts of it with `let`")
}
