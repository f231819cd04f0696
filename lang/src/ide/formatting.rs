//! Layout, for whole files, parts of them, and while typing. The layout itself is [`crate::fmt`].

use super::Analysis;
use crate::diag::TextEdit;
use crate::fmt;
use crate::span::Span;

/// The edits that lay out a module; none where nothing in it can be read.
pub fn document(analysis: &Analysis, module: &str) -> Vec<TextEdit> {
    let text = analysis.text(module);
    match fmt::format(text) {
        Ok(formatted) => difference(text, &formatted, 0).into_iter().collect(),
        Err(_) => Vec::new(),
    }
}

/// The edits that lay out the items which a range touches.
pub fn range(analysis: &Analysis, module: &str, range: Span) -> Vec<TextEdit> {
    let text = analysis.text(module);
    let mut edits = Vec::new();
    for (index, raw) in analysis.raw(module).iter().enumerate() {
        if raw.span.end < range.start || raw.span.start > range.end {
            continue;
        }
        let errors = analysis
            .item(module, index)
            .is_none_or(|item| item.diagnostics.iter().any(|found| found.code.0.starts_with("T00")));
        if let (false, Some(item)) = (errors, analysis.syntax(module, index)) {
            let formatted = fmt::format_item(text, &item);
            edits.extend(difference(&text[raw.span.range()], &formatted, raw.span.start));
        }
    }
    edits
}

/// The edits after a line break was typed at an offset: the indentation of the new line.
pub fn on_type(analysis: &Analysis, module: &str, offset: u32) -> Vec<TextEdit> {
    let text = analysis.text(module);
    let Some(before) = text.get(..offset as usize) else { return Vec::new() };
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let blanks = text[start..line_end].len() - text[start..line_end].trim_start().len();
    let previous = before[..start].trim_end_matches(['\n', '\r']).rsplit('\n').next().unwrap_or_default();
    // Behind the first line of an item, and behind each clause, a clause follows.
    let begins = analysis
        .raw(module)
        .iter()
        .any(|raw| raw.keyword.is_some() && raw.span.start < start as u32 && raw.span.end + 2 >= start as u32);
    let in_block = before[..start].matches("\"\"\"").count() % 2 == 1;
    if !begins || previous.trim().is_empty() || in_block {
        return Vec::new();
    }
    let indent = "  ";
    if &text[start..start + blanks] == indent {
        return Vec::new();
    }
    vec![TextEdit { span: Span::new(start as u32, (start + blanks) as u32), text: indent.to_owned() }]
}

/// One edit that makes the second text of the first, without what both have at their ends.
fn difference(old: &str, new: &str, at: u32) -> Option<TextEdit> {
    if old == new {
        return None;
    }
    let mut start = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    while !old.is_char_boundary(start) || !new.is_char_boundary(start) {
        start -= 1;
    }
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let mut end = old_rest.bytes().rev().zip(new_rest.bytes().rev()).take_while(|(a, b)| a == b).count();
    while !old_rest.is_char_boundary(old_rest.len() - end) || !new_rest.is_char_boundary(new_rest.len() - end) {
        end -= 1;
    }
    let span = Span::new(at + start as u32, at + (old.len() - end) as u32);
    Some(TextEdit { span, text: new[start..new.len() - end].to_owned() })
}
