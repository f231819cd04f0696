//! New names for what rule files declare, across files, waivers and the project file.

use super::references::{Target, find, names, target};
use super::{Analysis, Location, hit};
use crate::check::Role;
use crate::diag::TextEdit;
use crate::lexer::{self, Keyword};
use crate::span::Span;

/// The name at an offset, where it can be renamed; else why not.
pub fn prepare(analysis: &Analysis, module: &str, offset: u32) -> Result<Span, String> {
    subject(analysis, module, offset).map(|(span, _)| span)
}

fn subject(analysis: &Analysis, module: &str, offset: u32) -> Result<(Span, Target), String> {
    let none = || "there is no name here that a rule file declares".to_owned();
    let hit = hit(analysis, module, offset).ok_or_else(none)?;
    let wanted = target(analysis, module, hit.index, &hit.fact).ok_or_else(none)?;
    let is_std = |module: &str| analysis.modules().iter().any(|(name, role)| **name == *module && *role == Role::Std);
    match &wanted {
        Target::Variable { module, .. } | Target::Item { module, .. } if is_std(module) => {
            Err("names of the standard library stay as they are".to_owned())
        }
        Target::Item { module, index } => {
            let keyword = analysis.raw(module).get(*index).and_then(|raw| raw.keyword);
            match keyword {
                Some(Keyword::Link | Keyword::Use | Keyword::Edition) | None => Err(none()),
                _ => Ok((hit.fact.span, wanted)),
            }
        }
        Target::Variable { .. } => Ok((hit.fact.span, wanted)),
        _ => Err(none()),
    }
}

/// The edits that give what stands at an offset a new name; else why that cannot be.
pub fn rename(analysis: &Analysis, module: &str, offset: u32, new: &str) -> Result<Vec<Location>, String> {
    let (span, wanted) = subject(analysis, module, offset)?;
    let old = analysis.text(module)[span.range()].to_owned();
    check_name(analysis, module, &wanted, &old, new)?;
    let mut words = vec![old.clone()];
    if let Target::Item { module, index } = &wanted {
        words.extend(names(analysis, module, *index));
    }
    let places = find(analysis, &wanted, &words).into_iter().map(|found| found.location);
    // A rule is named by its code or its name: only the one at hand changes.
    Ok(places.filter(|place| analysis.text(&place.module)[place.span.range()] == *old).collect())
}

fn check_name(analysis: &Analysis, module: &str, wanted: &Target, old: &str, new: &str) -> Result<(), String> {
    let word = |text: &str| {
        text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if lexer::is_reserved(new) {
        return Err(format!("`{new}` is a reserved word"));
    }
    if old.contains('-') {
        if !new.contains('-')
            || !new
                .split('-')
                .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        {
            return Err(format!("the name of a rule is words joined by hyphens, not `{new}`"));
        }
    } else if !word(new) {
        return Err(format!("`{new}` is no name: letters, digits and `_` make one"));
    }
    let taken = match wanted {
        Target::Variable { module, index, .. } => analysis.item(module, *index).is_some_and(|item| {
            item.facts.iter().any(|fact| {
                super::definition::declares(&fact.what, fact.span) && analysis.text(module)[fact.span.range()] == *new
            })
        }),
        _ => false,
    };
    let rules = analysis.compiler().rule_names();
    let taken = taken
        || analysis.compiler().names_in_scope(module).iter().any(|named| *named.name == *new)
        || rules.iter().any(|rule| *rule.name == *new || rule.code.as_deref() == Some(new));
    if taken && new != old {
        return Err(format!("`{new}` is a name already"));
    }
    Ok(())
}

/// The edits that rename a rule or param in the text of a `tacit.toml`: whole words outside comments.
pub fn in_project_file(text: &str, old: &str, new: &str) -> Vec<TextEdit> {
    let mut edits = Vec::new();
    let is_part = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let code = line.find('#').map_or(line, |at| &line[..at]);
        for (at, _) in code.match_indices(old) {
            let bytes = code.as_bytes();
            let before = at.checked_sub(1).and_then(|before| bytes.get(before));
            if !is_part(before) && !is_part(bytes.get(at + old.len())) {
                let start = (line_start + at) as u32;
                edits.push(TextEdit { span: Span::new(start, start + old.len() as u32), text: new.to_owned() });
            }
        }
        line_start += line.len();
    }
    edits
}
