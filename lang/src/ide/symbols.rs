//! The items of files, for outlines and searches.

use super::{Analysis, Location, definition};
use crate::ast::ItemKind;
use crate::check::Role;
use crate::lexer::Keyword;
use crate::span::Span;

/// An item of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Its name; of a rule with its code, of a test its title.
    pub name: String,
    /// A word or two more: the severity and title of a rule.
    pub detail: String,
    /// Which item it is; nothing for text that is none.
    pub keyword: Option<Keyword>,
    /// The item.
    pub span: Span,
    /// Its name.
    pub selection: Span,
    /// Tests of a rule that stand beside it.
    pub children: Vec<Symbol>,
}

/// The items of a module; tests stand below the rule that they test.
pub fn document(analysis: &Analysis, module: &str) -> Vec<Symbol> {
    let mut symbols: Vec<Symbol> = Vec::new();
    for (index, raw) in analysis.raw(module).iter().enumerate() {
        let Some(symbol) = symbol(analysis, module, index) else { continue };
        let rule = (raw.keyword == Some(Keyword::Test))
            .then(|| crate::lexer::heads(analysis.text(module), raw).name)
            .flatten();
        let parent = rule.and_then(|rule| {
            symbols
                .iter_mut()
                .rev()
                .find(|other| other.keyword == Some(Keyword::Rule) && other.name.split(' ').any(|word| word == rule))
        });
        match parent {
            // An outline demands that a child lies inside its parent.
            Some(parent) => {
                parent.span = parent.span.to(symbol.span);
                parent.children.push(symbol);
            }
            None => symbols.push(symbol),
        }
    }
    symbols
}

fn symbol(analysis: &Analysis, module: &str, index: usize) -> Option<Symbol> {
    let raw = analysis.raw(module).get(index)?;
    let item = analysis.syntax(module, index)?;
    let selection = definition::name_span(analysis, module, index)?;
    let text = analysis.text(module);
    let (name, detail) = match &item.kind {
        ItemKind::Rule(rule) => {
            let code = rule.code.as_ref().map(|code| format!("{} ", code.text)).unwrap_or_default();
            (format!("{code}{}", rule.name.text), format!("{}: {}", rule.severity.node.as_str(), rule.title.value))
        }
        ItemKind::Test(test) => (test.title.value.to_string(), String::new()),
        ItemKind::Field(field) => (format!("{}.{}", field.owner.text, field.name.text), String::new()),
        ItemKind::Waive(waive) => (format!("waive {}", waive.rule.text), waive.object.value.to_string()),
        _ => (text[selection.range()].to_owned(), String::new()),
    };
    let name = if name.is_empty() { raw.keyword?.as_str().to_owned() } else { name };
    Some(Symbol { name, detail, keyword: raw.keyword, span: raw.span, selection, children: Vec::new() })
}

/// Items of all modules whose names hold the letters of a query in their order; better matches first.
pub fn workspace(analysis: &Analysis, query: &str) -> Vec<(Location, Symbol)> {
    let mut found = Vec::new();
    for (module, role) in analysis.modules() {
        for index in 0..analysis.raw(&module).len() {
            let declares = analysis.raw(&module)[index].keyword;
            if matches!(declares, None | Some(Keyword::Use | Keyword::Edition)) {
                continue;
            }
            let Some(symbol) = symbol(analysis, &module, index) else { continue };
            if let Some(rank) = rank(&symbol.name, query) {
                found.push((
                    rank,
                    role == Role::Std,
                    Location { module: module.clone(), span: symbol.selection },
                    symbol,
                ));
            }
        }
    }
    found.sort_by(|a, b| (a.0, a.1, &a.3.name, &a.2).cmp(&(b.0, b.1, &b.3.name, &b.2)));
    found.into_iter().map(|(_, _, location, symbol)| (location, symbol)).collect()
}

/// How well a name matches a query, 0 best.
fn rank(name: &str, query: &str) -> Option<u8> {
    let (name, query) = (name.to_ascii_lowercase(), query.to_ascii_lowercase());
    if name.starts_with(&query) {
        return Some(0);
    }
    if name.contains(&query) {
        return Some(1);
    }
    let mut letters = name.chars();
    query.chars().all(|wanted| letters.any(|letter| letter == wanted)).then_some(2)
}
