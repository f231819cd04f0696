//! What stands above rules and tests: what can be run.

use std::sync::Arc;

use super::Analysis;
use crate::ast::ItemKind;
use crate::span::Span;

/// What stands above an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lens {
    /// A rule: its tests can be run, and it has findings.
    Rule {
        /// Code or name.
        rule: Arc<str>,
        /// Number of its tests in this project.
        tests: usize,
    },
    /// A test can be run.
    Test {
        /// The rule as written.
        rule: Arc<str>,
        /// The title.
        title: Arc<str>,
    },
}

/// The rules and tests of a module, each with the place of its first line.
pub fn code_lens(analysis: &Analysis, module: &str) -> Vec<(Span, Lens)> {
    let mut lenses = Vec::new();
    for (index, raw) in analysis.raw(module).iter().enumerate() {
        let Some(item) = analysis.syntax(module, index) else { continue };
        match &item.kind {
            ItemKind::Rule(rule) => {
                let id = rule.code.as_ref().unwrap_or(&rule.name).text.clone();
                let tests = tests_of(analysis, [rule.code.as_ref().map(|code| &*code.text), Some(&*rule.name.text)]);
                lenses.push((raw.span, Lens::Rule { rule: id, tests }));
            }
            ItemKind::Test(test) => {
                let lens = Lens::Test { rule: test.rule.text.clone(), title: test.title.value.clone() };
                lenses.push((raw.span, lens));
            }
            _ => {}
        }
    }
    lenses
}

fn tests_of(analysis: &Analysis, names: [Option<&str>; 2]) -> usize {
    let mut items: Vec<_> = names.into_iter().flatten().flat_map(|name| analysis.mentions(name)).collect();
    items.sort();
    items.dedup();
    let is_test = |(module, index): &(Arc<str>, usize)| {
        analysis.raw(module).get(*index).is_some_and(|raw| {
            raw.keyword == Some(crate::lexer::Keyword::Test)
                && crate::lexer::heads(analysis.text(module), raw).name.is_some_and(|name| names.contains(&Some(name)))
        })
    };
    items.iter().filter(|item| is_test(item)).count()
}
