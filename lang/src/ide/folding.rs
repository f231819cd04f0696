//! Parts of a file that an editor can fold.

use super::Analysis;
use crate::ast::ItemKind;
use crate::lexer::{self, TokenKind};
use crate::span::Span;

/// What a foldable part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    /// An item, a clause of a test, a block of text.
    Region,
    /// Lines of comments.
    Comment,
}

/// A foldable part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// What is folded.
    pub span: Span,
    /// What it is.
    pub kind: FoldKind,
}

/// The parts of a module that span several lines.
pub fn folding(analysis: &Analysis, module: &str) -> Vec<Fold> {
    let text = analysis.text(module);
    let mut folds = Vec::new();
    let several = |span: Span| text[span.range()].contains('\n');
    for (index, raw) in analysis.raw(module).iter().enumerate() {
        folds.push(Fold { span: raw.span, kind: FoldKind::Region });
        if let Some(item) = analysis.syntax(module, index)
            && let ItemKind::Test(test) = &item.kind
        {
            folds.extend(test.given.iter().map(|given| Fold { span: given.span, kind: FoldKind::Region }));
        }
    }
    let mut run: Option<Span> = None;
    for token in lexer::tokens(text, Span::new(0, text.len() as u32)) {
        if token.kind == TokenKind::Comment {
            run = Some(run.map_or(token.span, |run| run.to(token.span)));
        } else if let Some(span) = run.take() {
            folds.push(Fold { span, kind: FoldKind::Comment });
        }
    }
    folds.extend(run.map(|span| Fold { span, kind: FoldKind::Comment }));
    folds.retain(|fold| several(fold.span));
    folds.sort_by_key(|fold| (fold.span.start, std::cmp::Reverse(fold.span.end)));
    folds.dedup();
    folds
}
