//! The checker, held to rule files that say in comments what is wrong with them.
//!
//! In `fixtures/check/*.tacit`, a line `// ^^^ T0103 part of the message` below a line tells a diagnostic: its columns, its
//! code, and a part of its message. All diagnostics must be told. `//- name` begins a further module.

use std::path::Path;
use std::sync::Arc;

use tacit_lang::check::{Compiled, Compiler, Role};
use tacit_lang::diag::Diagnostic;
use tacit_lang::schema::Schemas;
use tacit_lang::span::LineIndex;

fn folder(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A compiler that knows the vocabulary of the standard library.
fn compiler() -> Compiler {
    let mut compiler = Compiler::new(Schemas::builtin());
    for (name, text) in vocabulary() {
        compiler.add_module(&name, text.into(), Role::Std);
    }
    compiler
}

/// Names and texts of the modules that declare the vocabulary of the standard library.
fn vocabulary() -> Vec<(String, String)> {
    let files = std::fs::read_dir(folder("../stdlib-rules/std")).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let name = format!("std/{}", path.file_stem().unwrap().to_string_lossy());
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

fn compile(modules: &[(&str, &str)]) -> Compiled {
    let mut compiler = compiler();
    for (name, text) in modules {
        compiler.add_module(name, Arc::from(*text), Role::Project);
    }
    compiler.compile(&|_| true, true)
}

/// `line:from-to code message` of each diagnostic, lines and columns from 1.
fn found(text: &str, diagnostics: &[&Diagnostic]) -> Vec<(usize, usize, usize, String, String)> {
    let index = LineIndex::new(text);
    diagnostics
        .iter()
        .map(|diagnostic| {
            let line = index.line_of(diagnostic.span.start);
            let end = index.line_span(text, line).end.min(diagnostic.span.end.max(diagnostic.span.start + 1));
            let start = index.start_of(line);
            let code = diagnostic.code.0.to_string();
            let (from, to) = ((diagnostic.span.start - start) as usize, (end - start) as usize);
            (line + 1, from + 1, to.max(from + 1), code, diagnostic.message.clone())
        })
        .collect()
}

/// The diagnostics that the comments of a text tell.
fn told(text: &str) -> Vec<(usize, usize, usize, String, String)> {
    let mut told = Vec::new();
    let mut code_line = 0;
    for (at, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        let comment = trimmed.strip_prefix("//").map(str::trim_start).filter(|rest| rest.starts_with('^'));
        match comment {
            Some(comment) => {
                let from = line.find('^').unwrap() + 1;
                let carets = comment.chars().take_while(|c| *c == '^').count();
                let mut words = comment[carets..].trim().splitn(2, ' ');
                let code = words.next().unwrap_or_default().to_string();
                let part = words.next().unwrap_or_default().trim().to_string();
                told.push((code_line, from, from + carets - 1, code, part));
            }
            None => code_line = at + 1,
        }
    }
    told
}

#[test]
fn fixtures_tell_every_diagnostic() {
    let mut failures = Vec::new();
    let mut codes = std::collections::BTreeSet::new();
    for entry in std::fs::read_dir(folder("tests/fixtures/check")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let file = path.file_name().unwrap().to_string_lossy().to_string();
        let modules = split(&text);
        let compiled = compile(&modules);
        for (name, text) in &modules {
            let diagnostics: Vec<&Diagnostic> =
                compiled.diagnostics.iter().filter(|(module, _)| **module == **name).map(|(_, found)| found).collect();
            let mut found = found(text, &diagnostics);
            for wanted in told(text) {
                codes.insert(wanted.3.clone());
                let at = found.iter().position(|f| {
                    (f.0, f.1, f.2) == (wanted.0, wanted.1, wanted.2) && f.3 == wanted.3 && f.4.contains(&wanted.4)
                });
                match at {
                    Some(at) => {
                        found.remove(at);
                    }
                    None => failures.push(format!("{file} {name}: not found: {wanted:?}")),
                }
            }
            failures.extend(found.iter().map(|found| format!("{file} {name}: not told: {found:?}")));
        }
        for (module, diagnostic) in &compiled.diagnostics {
            if !modules.iter().any(|(name, _)| **name == **module) {
                failures.push(format!("{file}: {module}: {}", diagnostic.message));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    // Those of `lint` look at all rules together and have their own test.
    let untold: Vec<&str> = tacit_lang::codes::ALL
        .iter()
        .map(|entry| entry.code.0)
        .filter(|code| *code >= "T0100" && !codes.contains(*code))
        .filter(|code| !["T0603", "T0608", "T0609", "T0610"].contains(code))
        .collect();
    assert!(untold.is_empty(), "no fixture tells {untold:?}");
}

/// Module names and texts of a fixture.
fn split(text: &str) -> Vec<(&str, &str)> {
    let Some(first) = text.strip_prefix("//- ") else { return vec![("main", text)] };
    first
        .split("\n//- ")
        .map(|part| part.split_once('\n').unwrap_or((part, "")))
        .map(|(name, text)| (name.trim(), text))
        .collect()
}

#[test]
fn the_policies_compile_without_a_word() {
    for file in ["first", "ten"] {
        let text = std::fs::read_to_string(folder(&format!("tests/fixtures/{file}.tacit"))).unwrap();
        let compiled = compile(&[(file, &text)]);
        let found: Vec<String> =
            compiled.diagnostics.iter().map(|(module, d)| format!("{module} {} {}", d.code.0, d.message)).collect();
        assert!(found.is_empty(), "{found:#?}");
        assert!(compiled.failed.is_empty());
        let rules = text.lines().filter(|line| line.starts_with("rule ")).count();
        assert_eq!(compiled.program.rules.len(), rules);
        let longest = compiled.program.rules.iter().map(|rule| text[rule.span.range()].lines().count()).max();
        assert!(longest <= Some(8), "a policy has {longest:?} lines");
    }
}

#[test]
fn the_vocabulary_of_the_standard_library_compiles() {
    // A compilation looks only at what it uses of the vocabulary; this looks at all of it.
    let compiler = compiler();
    let mut found = Vec::new();
    for (name, _) in vocabulary() {
        let items = compiler.check_module(&name);
        assert!(!items.is_empty(), "{name}");
        let faults = items.iter().flat_map(|item| &item.checked.diagnostics);
        found.extend(faults.map(|d| format!("{name} {} {}", d.code.0, d.message)));
    }
    assert!(found.is_empty(), "{found:#?}");
    let compiled = compile(&[]);
    let workload = compiled.program.groups.iter().find(|group| &*group.name == "Workload").unwrap();
    assert_eq!(workload.members.len(), 13);
    assert_eq!(workload.with.len(), 2);
}

#[test]
fn the_patterns_of_the_standard_library_are_right() {
    // As one module of a project, in which no pattern is taken on trust.
    let mut folders = vec![folder("../stdlib-rules/std"), folder("../stdlib-rules/rules")];
    let mut all = String::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false => all.push_str(&(std::fs::read_to_string(path).unwrap() + "\n")),
            }
        }
    }
    let check = |text: &str| {
        let mut compiler = Compiler::new(Schemas::builtin());
        compiler.add_module("all", text.into(), Role::Project);
        let items = compiler.check_module("all");
        let is_pattern = |found: &&Diagnostic| found.message.contains("regular expression");
        items.iter().flat_map(|item| &item.checked.diagnostics).filter(is_pattern).count()
    };
    assert!(all.matches("matches /").count() > 20);
    assert_eq!(check(&all), 0);
    assert_eq!(check(&all.replacen("matches /", "matches /(", 1)), 1);
}

#[test]
fn lint_asks_for_tests_remedies_and_documentation() {
    let lint = |text: &str| -> Vec<&'static str> {
        let mut compiler = compiler();
        compiler.add_module("main", Arc::from(text), Role::Project);
        compiler.lint().into_iter().map(|(_, found)| found.code.0).collect()
    };
    let bare = "rule a-b low \"x\"\n  for s in Secret\n  deny when s.type exists \"typed\"\n";
    assert_eq!(lint(bare), ["T0608", "T0609", "T0610"]);
    let whole = format!(
        "/// Why.\n{bare}  remedy \"remove it\"\n\ntest a-b \"t\"\n  given \"\"\"\n    kind: Secret\n  \"\"\"\n  expect clean\n"
    );
    assert!(lint(&whole).is_empty());
}

#[test]
fn a_narrower_rule_is_implied_by_a_wider_one() {
    let implied = |second: &str| {
        let mut compiler = compiler();
        let first = "rule a-b low \"x\"\n  for s in Secret\n  deny when s.type exists \"typed\"\n";
        compiler.add_module("main", Arc::from(format!("{first}\n{second}")), Role::Project);
        compiler.lint().iter().any(|(_, found)| found.code.0 == "T0603")
    };
    assert!(implied(
        "rule c-d low \"x\"\n  for s in Secret\n  where s.immutable == true\n  deny when s.type exists \"y\"\n"
    ));
    assert!(!implied("rule c-d low \"x\"\n  for s in Secret\n  deny when s.type absent \"y\"\n"));
    assert!(!implied("rule c-d low \"x\"\n  for s in ConfigMap\n  deny when s.immutable exists \"y\"\n"));
}

/// Whatever is cut out of a program, checking it ends and nothing panics.
#[test]
fn damaged_programs_are_checked_without_a_panic() {
    for file in ["first", "ten", "items"] {
        let text = std::fs::read_to_string(folder(&format!("tests/fixtures/{file}.tacit"))).unwrap();
        let cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(61).collect();
        for pair in cuts.windows(2) {
            let damaged = format!("{}{}", &text[..pair[0]], &text[pair[1]..]);
            compile(&[("main", &damaged)]);
        }
    }
}

/// The first text of a page has the problem that the page is about, the second has it no longer.
#[test]
fn pages_show_the_problem_and_its_end() {
    // Its text needs a second file; the fixtures have it.
    let needs_more = ["T0108"];
    let mut failures = Vec::new();
    for entry in tacit_lang::codes::ALL.iter().filter(|entry| entry.code.0 >= "T0100") {
        let code = entry.code.0;
        let blocks: Vec<&str> = entry
            .page
            .split("```tacit\n")
            .skip(1)
            .filter_map(|rest| rest.split_once("```").map(|(text, _)| text))
            .collect();
        let [bad, good] = blocks.as_slice() else {
            failures.push(format!("{code}: {} texts", blocks.len()));
            continue;
        };
        let raises = |text: &str| {
            let mut compiler = compiler();
            compiler.add_module("main", Arc::from(text), Role::Project);
            // The rule and the file that some pages speak of.
            let first = std::fs::read_to_string(folder("tests/fixtures/first.tacit")).unwrap();
            compiler.add_module("first", first.into(), Role::Project);
            compiler.add_module("common/name", Arc::from(""), Role::Project);
            let compiled = compiler.compile(&|_| true, true);
            compiled.diagnostics.iter().chain(&compiler.lint()).any(|(_, found)| found.code.0 == code)
        };
        if !raises(bad) && !needs_more.contains(&code) {
            failures.push(format!("{code}: the first text does not have the problem"));
        }
        if raises(good) {
            failures.push(format!("{code}: the second text still has the problem"));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn the_deepest_expressions_are_checked() {
    let chain = |n: usize| vec!["x"; n].join(".");
    compile(&[("main", &format!("let a = {}", chain(390)))]);
    compile(&[("main", &format!("let a = {}true", "not ".repeat(60)))]);
    compile(&[("main", &format!("let a = {}1{}", "[".repeat(60), "]".repeat(60)))]);
    compile(&[("main", &format!("let a = {}", vec!["true"; 390].join(" and ")))]);
}
