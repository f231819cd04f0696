//! Problems of rule files, on the terminal.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use tacit_lang::diag;
use tacit_lang::span::Span;

/// Writes a problem with its place in the text. `path` is the file, or the name of an embedded module.
pub fn render(problem: &diag::Diagnostic, path: &str, text: &str, color: bool) -> String {
    let level = match problem.level {
        diag::Level::Error => Level::ERROR,
        diag::Level::Warning => Level::WARNING,
        diag::Level::Hint => Level::NOTE,
    };
    let mut snippet = Snippet::source(text)
        .path(path)
        .annotation(AnnotationKind::Primary.span(range(text, problem.span)).label(&*problem.label));
    for related in problem.related.iter().filter(|related| related.module.is_none()) {
        snippet = snippet.annotation(AnnotationKind::Context.span(range(text, related.span)).label(&*related.message));
    }
    let mut groups = vec![level.primary_title(&*problem.message).id(problem.code.0).element(snippet)];
    if let Some(help) = &problem.help {
        groups.push(Group::with_title(Level::HELP.secondary_title(&*help.message)));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&groups) + "\n"
}

/// A span as a range that the text holds, at least one character wide where it can be.
fn range(text: &str, span: Span) -> std::ops::Range<usize> {
    let clamp = |at: u32| {
        let mut at = (at as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (start, end) = (clamp(span.start), clamp(span.end));
    start..end.max(start)
}
