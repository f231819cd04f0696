//! `docs/rules/coverage.md`: each requirement of the catalogue, with its rule or the reason why it has none. Generated from
//! the rules, `stdlib-rules/left-out.toml` and `docs/rules/corpora-hits.md`; this test holds the page to them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use tacit_lang::check::{Compiler, Role};
use tacit_lang::ir::{Clause, Program, Rule};
use tacit_lang::schema::Schemas;
use tacit_tests::binary;

const PAGE: &str = "docs/rules/coverage.md";

/// Headings that the documentation of a rule has.
const HEADINGS: [&str; 6] = ["# What it asks", "# Why", "# Example", "# Instead", "# Fix safety", "# When it is wrong"];

fn program() -> Program {
    let mut compiler = Compiler::new(Schemas::builtin());
    for module in tacit_stdlib::MODULES {
        compiler.add_module(module.name, module.text.into(), Role::Std);
    }
    compiler.compile(&|_| true, true).program
}

fn file(path: &str) -> String {
    std::fs::read_to_string(binary::repository().join(path)).unwrap_or_default()
}

/// Ids that no rule judges, with what one would need and the reason.
fn left_out() -> BTreeMap<String, (String, String)> {
    let text = file("stdlib-rules/left-out.toml");
    let mut all: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut id = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            id = name.to_owned();
            assert!(all.insert(id.clone(), Default::default()).is_none(), "{id} stands twice");
        } else if let Some((key, value)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            let value = value.trim_matches('"').to_owned();
            let entry = all.get_mut(&id).expect("an entry");
            match key {
                "reason" => entry.1 = value,
                "needs" => entry.0 = value,
                _ => panic!("left-out.toml: {id} has an unknown key `{key}`"),
            }
        }
    }
    all
}

/// Findings in the public trees, by id.
fn hits() -> BTreeMap<String, u32> {
    let rows = file("docs/rules/corpora-hits.md");
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let is_id = cells[0].ends_with(|c: char| c.is_ascii_digit()) && !cells[0].contains(' ') && cells.len() == 5;
        is_id.then(|| (cells[0].to_owned(), cells[1..4].iter().filter_map(|cell| cell.parse::<u32>().ok()).sum()))
    };
    rows.lines().filter(|line| line.starts_with("| ")).filter_map(row).collect()
}

fn fix(rule: &Rule) -> &'static str {
    let safe = rule.clauses.iter().filter_map(|clause| match clause {
        Clause::FixSet { safe, .. } | Clause::FixRemove { safe, .. } => Some(*safe),
        _ => None,
    });
    match safe.reduce(|a, b| a && b) {
        Some(true) => "safe",
        Some(false) => "unsafe",
        None => "",
    }
}

fn page(program: &Program) -> String {
    let (left, hits) = (left_out(), hits());
    let mut rows: BTreeMap<&str, String> = BTreeMap::new();
    let mut fixes = BTreeMap::<&str, usize>::new();
    let mut families = BTreeMap::<&str, (usize, usize)>::new();
    let mut tests_in_all = 0;
    let family = |id: &str| id.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    for rule in &program.rules {
        let id = &**rule.id();
        let tests = program.tests.iter().filter(|test| test.rule == rule.name || test.rule == *rule.id()).count();
        let documented = HEADINGS.iter().all(|heading| rule.doc.contains(heading));
        let hit = hits.get(id).map(u32::to_string).unwrap_or_default();
        let doc = if documented { "yes" } else { "no" };
        let title = rule.title.replace('|', "\\|");
        let row = format!("| {id} | {title} | {} | {tests} | {doc} | {} | {hit} |", rule.severity.as_str(), fix(rule));
        rows.insert(id, row);
        *fixes.entry(fix(rule)).or_default() += 1;
        families.entry(&id[..family(id)]).or_default().0 += 1;
        tests_in_all += tests;
    }
    for id in left.keys() {
        families.entry(&id[..family(id)]).or_default().1 += 1;
    }
    let count = |word: &str| fixes.get(word).copied().unwrap_or(0);
    let mut out = String::from("# Coverage\n\n");
    out.push_str("<!-- Generated. UPDATE_DOCS=1 cargo test -p tacit-tests --test coverage -->\n\n");
    let _ = writeln!(
        out,
        "{} requirements: {} have a rule, with {tests_in_all} tests in all; {} are left out, each with its reason. {} rules \
         have a safe fix, {} an unsafe one (`tacit fix --unsafe`).\n\nHits are findings in the three public trees of \
         [corpora-hits.md](corpora-hits.md), which judges each.\n",
        rows.len() + left.len(),
        rows.len(),
        left.len(),
        count("safe"),
        count("unsafe"),
    );
    out.push_str("| family | rules | left out |\n|---|--:|--:|\n");
    for (family, (rules, left)) in &families {
        let _ = writeln!(out, "| {family} | {rules} | {left} |");
    }
    out.push_str("\n## Rules\n\n| rule | requirement | severity | tests | documented | fix | hits |\n|---|---|---|--:|---|---|--:|\n");
    for row in rows.values() {
        let _ = writeln!(out, "{row}");
    }
    out.push_str("\n## Left out\n\n`live` needs facts that only a running cluster gives, `relation` and `method` something that the engine does not\ncompute, `precision` nothing: a rule would report what is right, or what another one reports.\n\n| id | needs | reason |\n|---|---|---|\n");
    for (id, (needs, reason)) in &left {
        let _ = writeln!(out, "| {id} | {needs} | {} |", reason.replace('|', "\\|"));
    }
    out
}

#[test]
fn the_page_of_coverage_is_fresh() {
    let page = page(&program());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(binary::repository().join(PAGE), &page).expect("the page can be written");
    }
    assert!(file(PAGE) == page, "{PAGE} is stale: UPDATE_DOCS=1 cargo test -p tacit-tests --test coverage");
}

#[test]
fn every_rule_is_tested_and_documented() {
    let program = program();
    for rule in &program.rules {
        let tests = program.tests.iter().filter(|test| test.rule == rule.name || test.rule == *rule.id()).count();
        assert!(tests >= 2, "{} has {tests} tests", rule.id());
        for heading in HEADINGS {
            assert!(rule.doc.contains(heading), "{} lacks `{heading}`", rule.id());
        }
    }
}

#[test]
fn what_is_left_out_has_a_reason_and_no_rule() {
    let program = program();
    let rules: BTreeSet<&str> = program.rules.iter().map(|rule| &**rule.id()).collect();
    for (id, (needs, reason)) in left_out() {
        assert!(!rules.contains(&*id), "{id} is left out and has a rule");
        assert!(reason.len() > 40, "{id}: say why");
        assert!(["live", "relation", "method", "precision"].contains(&&*needs), "{id}: `{needs}`");
    }
    for id in hits().keys() {
        assert!(rules.contains(&**id), "corpora-hits.md speaks of {id}, which is no rule");
    }
}
