//! The fixes of the standard rules, held against the tests of those rules: each fix mends something, what it mends is
//! mended, and a second run finds nothing to do.

use std::collections::BTreeSet;
use std::sync::Arc;

use tacit_engine::edit::Overlay;
use tacit_engine::testing::Tester;
use tacit_engine::time::parse_time;
use tacit_lang::check::{Compiler, Role};
use tacit_lang::ir::Clause;
use tacit_lang::schema::Schemas;

#[test]
fn each_fix_of_the_library_mends_what_its_rule_finds() {
    let mut compiler = Compiler::new(Schemas::builtin());
    for module in tacit_stdlib::MODULES {
        compiler.add_module(module.name, module.text.into(), Role::Std);
    }
    let schemas = compiler.schemas().clone();
    let program = compiler.compile(&|_| true, true).program;
    let is_fix = |clause: &Clause| matches!(clause, Clause::FixSet { .. } | Clause::FixRemove { .. });
    let mut idle: BTreeSet<&str> =
        program.rules.iter().filter(|rule| rule.clauses.iter().any(is_fix)).map(|rule| &**rule.id()).collect();
    let fixes = idle.clone();
    assert!(fixes.len() >= 40, "only {} rules have fixes", fixes.len());
    let mut tester = Tester::new(&program, &schemas, parse_time("2026-11-24").unwrap());
    let mut wrong = Vec::new();
    for test in &program.tests {
        let Some(rule) = program.rules.iter().find(|rule| rule.name == test.rule || *rule.id() == test.rule) else {
            continue;
        };
        if !fixes.contains(&**rule.id()) {
            continue;
        }
        let title = format!("{} {:?}", rule.id(), test.ast.title.value);
        let mended = match tester.mend(test, &Overlay::new()) {
            Some(Ok(mended)) => mended,
            other => {
                wrong.push(format!("{title}: {:?}", other.map(|other| other.map(|_| ()))));
                continue;
            }
        };
        // A rule can find more than it can mend; that is refused and said.
        let expected = |reason: &str| {
            reason.starts_with("the finding would remain") || reason.starts_with("it is written inside of a text")
        };
        for refused in mended.refused.iter().filter(|refused| !expected(&refused.reason)) {
            wrong.push(format!("{title}: refused: {}", refused.reason));
        }
        for finding in &mended.brought {
            wrong.push(format!("{title}: brings {}", finding.message));
        }
        if mended.files.is_empty() {
            continue;
        }
        idle.remove(&**rule.id());
        let texts: Overlay = mended.files.iter().map(|file| (Arc::clone(&file.old.path), file.new.clone())).collect();
        match tester.mend(test, &texts) {
            Some(Ok(again)) if again.files.is_empty() => {}
            _ => wrong.push(format!("{title}: a second run changes more")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(idle.is_empty(), "no test of these rules shows their fix: {idle:?}");
}
