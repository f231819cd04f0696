//! `.json()`, `.yaml()`, `.hcl()`: documents inside texts.

use std::hash::{DefaultHasher, Hash, Hasher};

use tacit_lang::builtin::methods::Method;
use tacit_lang::span::Span;

use super::{hcl, missing};
use crate::document::{LoadOptions, Node, SourceText, Style, load_json, load_yaml};
use crate::eval::{Context, Embedded, Format, Outer};
use crate::value::{Origin, Value, read_any};

/// The value of a text read as a document; missing where it does not parse.
pub(super) fn parse<'a>(context: &mut Context<'_, 'a>, method: Method, receiver: &Value<'a>) -> Value<'a> {
    let format = match method {
        Method::Json => Format::Json,
        Method::Yaml => Format::Yaml,
        _ => Format::Hcl,
    };
    let Some(text) = receiver.as_text() else { return missing(receiver) };
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    if let Some(Origin { node, .. }) = receiver.origin {
        (std::ptr::from_ref(node.document()) as usize, node.id()).hash(&mut hasher);
    }
    let outer = || receiver.origin.map(|origin| context.outer(origin, text));
    let parsed = context.world.parsed.get(format, hasher.finish(), || embed(format, text, outer()));
    let object = receiver.origin.and_then(|origin| origin.object);
    match parsed {
        Some(embedded) => {
            let root = embedded.document.root();
            read_any(root, Some(Origin { node: root, object }))
        }
        None => missing(receiver),
    }
}

fn embed(format: Format, text: &str, outer: Option<Outer>) -> Option<Embedded> {
    // The name under which the text would be shown; its places are those of the file around it.
    let path = outer.as_ref().map_or_else(|| "-".into(), |outer| outer.source.path.clone());
    let options = LoadOptions::default();
    let loaded = match format {
        Format::Json => load_json(SourceText::new(path, text), &options),
        Format::Yaml => load_yaml(SourceText::new(path, text), &options),
        Format::Hcl => load_json(SourceText::new(path, hcl::to_json(text)?), &options),
    };
    if !loaded.errors.is_empty() || !loaded.templates.is_empty() {
        return None;
    }
    let document = loaded.documents.into_iter().next()?;
    // HCL went through JSON, so its places are those of the whole text.
    let outer = outer.map(|outer| if format == Format::Hcl { Outer { lines: None, ..outer } } else { outer });
    Some(Embedded { document, outer })
}

/// For each line of a text the offset in the file at which it stands; nothing where the file writes it otherwise, with
/// escapes or folded.
pub(crate) fn lines(node: Node<'_>, text: &str) -> Option<Vec<u32>> {
    let source = &node.document().source;
    if node.use_span().is_some() || text.is_empty() {
        return None;
    }
    let span = node.span();
    if node.style() == Style::Literal {
        return literal_lines(&source.text, span, text);
    }
    let single = !text.contains('\n');
    let at = source.slice(span).find(text).filter(|_| single)?;
    Some(vec![span.start + at as u32])
}

/// Lines of a `|` block: each stands in the file behind the block's indentation.
fn literal_lines(file: &str, span: Span, text: &str) -> Option<Vec<u32>> {
    // The span may start at the `|` or behind it: the first line of the text is looked for from there on.
    let mut offset = span.start as usize;
    let first = text.lines().find(|line| !line.is_empty())?;
    let mut indent = None;
    let mut starts = Vec::new();
    let mut wanted = text.split('\n').peekable();
    let region = file.get(offset..(span.end as usize).max(offset))?;
    for line in region.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        let Some(expected) = wanted.peek() else { break };
        if indent.is_none() && bare.trim_start() == first.trim_start() && bare.ends_with(first) {
            indent = Some(bare.len() - first.len());
        }
        match indent {
            Some(indent) if bare.get(indent..).unwrap_or("") == *expected => {
                starts.push((offset + indent.min(bare.len())) as u32);
                wanted.next();
            }
            // Empty lines before the first written one.
            None if expected.is_empty() && bare.trim().is_empty() => {
                starts.push(offset as u32);
                wanted.next();
            }
            None => {}
            Some(_) => return None,
        }
        offset += line.len();
    }
    // A line break at the end starts one more line, which may stand outside the block.
    if wanted.peek().is_some_and(|rest| rest.is_empty()) {
        starts.push(offset as u32);
        wanted.next();
    }
    wanted.peek().is_none().then_some(starts)
}
