//! Each feature on a few lines of rule text; `$0` is the cursor, `$1…$2` a selection.

use std::sync::Arc;

use super::code_actions::{Action, code_actions, organize_uses};
use super::completion::completion;
use super::definition::{Definition, definition};
use super::hover::hover;
use super::references::references;
use super::rename::{in_project_file, rename};
use super::*;
use crate::check::Role;
use crate::diag::TextEdit;
use crate::schema::Schemas;

const ENV: &str = "\
group Workload of Pod with pod = spec
group Workload of Job with pod = spec.template.spec
field Workload.containers = pod.containers ++ pod.initContainers
fn short(text: string): bool = text.size < 8
param limit: int = 3
/// Why it is so.
rule ENV001 secret-in-env medium \"Secrets are files\"
  for w in Workload, c in w.containers
  let n = c.name
  deny for e in c.env when e.valueFrom.secretKeyRef exists
    \"container {n} receives {e.name}\"
test ENV001 \"one\"
  expect clean
";

fn analysis(files: &[(&str, &str)]) -> Analysis {
    let mut analysis = Analysis::new(Schemas::builtin());
    for (name, text) in files {
        analysis.set_module(name, Arc::from(*text), Role::Project);
    }
    analysis
}

/// The module `a` with the cursor taken out of its text.
fn at(text: &str) -> (Analysis, u32) {
    let offset = text.find("$0").expect("a cursor") as u32;
    (analysis(&[("a", &text.replacen("$0", "", 1))]), offset)
}

/// `ENV` with a cursor behind the first occurrence of a text.
fn env_at(before: &str) -> (Analysis, u32) {
    at(&ENV.replacen(before, &format!("{before}$0"), 1))
}

fn labels(text: &str) -> Vec<String> {
    let (analysis, offset) = at(text);
    completion(&analysis, "a", offset).items.into_iter().map(|item| item.label).collect()
}

fn has(labels: &[String], wanted: &[&str]) {
    for label in wanted {
        assert!(labels.iter().any(|other| other == label), "{label} is not among {labels:?}");
    }
}

fn apply(text: &str, edits: &[TextEdit]) -> String {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.span.start, edit.span.end)));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(edit.span.range(), &edit.text);
    }
    text
}

fn texts(analysis: &Analysis, places: &[Location]) -> Vec<String> {
    places.iter().map(|place| analysis.text(&place.module)[place.span.range()].to_owned()).collect()
}

// ---- Analysis --------------------------------------------------------------------------------------------------

#[test]
fn an_edit_in_a_rule_checks_that_rule_alone() {
    let rule = |name: &str, limit: &str| {
        format!("rule r-{name} low \"x\"\n  for p in Pod\n  deny when p.name.size > {limit} \"m\"\n")
    };
    let text = |limit: &str| format!("{}{}{}", rule("a", "limit"), rule("b", limit), rule("c", "3"));
    let mut analysis = analysis(&[("p", "param limit: int = 3\n"), ("a", &text("4"))]);
    analysis.diagnostics("a");
    analysis.diagnostics("p");
    let before = analysis.checked();
    let touched = analysis.set_module("a", text("45").into(), Role::Project);
    assert_eq!(touched, [Arc::from("a")]);
    analysis.diagnostics("a");
    assert_eq!(analysis.checked() - before, 1);

    // A declaration takes along the items that mention it.
    let before = analysis.checked();
    let touched = analysis.set_module("p", "param limit: string = \"x\"\n".into(), Role::Project);
    assert_eq!(touched, [Arc::from("a"), Arc::from("p")]);
    analysis.diagnostics("a");
    analysis.diagnostics("p");
    assert_eq!(analysis.checked() - before, 2);
}

#[test]
fn what_is_kept_is_what_a_cold_check_finds() {
    let mut analysis = analysis(&[("a", ENV)]);
    analysis.diagnostics("a");
    let edits = [
        ENV.replace("fn short", "fn shorter"),
        ENV.replace("e.valueFrom", "e.valueForm"),
        format!("// a line before\n{}", ENV.replace("e.valueFrom", "e.valueForm")),
        ENV.replace("c.env", "c.envv").replace("pod.containers", "pod.container"),
        ENV.replace("group Workload", "group Work"),
        ENV.to_owned(),
    ];
    for text in edits {
        analysis.set_module("a", text.as_str().into(), Role::Project);
        let cold = super::tests::analysis(&[("a", &text)]);
        let shown = |analysis: &Analysis| -> Vec<String> {
            let found = analysis.diagnostics("a");
            found
                .iter()
                .map(|found| format!("{} {:?} {} {:?}", found.code.0, found.span, found.message, found.help))
                .collect()
        };
        assert_eq!(shown(&analysis), shown(&cold), "{text}");
    }
}

// ---- Completion ------------------------------------------------------------------------------------------------

#[test]
fn behind_a_dot_come_fields_derived_fields_attributes_and_methods() {
    let group = "group Workload of Pod with pod = spec\ngroup Workload of Job with pod = spec.template.spec\n/// All of them.\nfield Workload.containers = pod.containers\n";
    has(
        &labels(&format!("{group}rule a-b low \"x\"\n  for w in Workload\n  deny when w.$0")),
        &["containers", "pod", "spec", "name", "labels", "walk"],
    );
    has(
        &labels("rule a-b low \"x\"\n  for p in Pod, c in p.spec.containers\n  deny \"{c.im$0}\""),
        &["image", "imagePullPolicy"],
    );
    has(&labels("rule a-b low \"x\"\n  for p in Pod\n  deny when p.name.$0 == 3 \"m\""), &["size", "lower", "split"]);
    let fields = labels("rule a-b low \"x\"\n  for p in Pod\n  where p.spec.$0\n  deny \"m\"");
    has(&fields, &["containers", "serviceAccountName"]);
    assert!(!fields.contains(&"walk".to_owned()), "a part is no object");
}

#[test]
fn names_clauses_and_values_come_where_they_fit() {
    has(&labels("$0"), &["rule", "param", "test"]);
    has(&labels("rule a-b low \"x\"\n  for p in $0"), &["Pod", "Grant", "Secret"]);
    has(&labels("rule a-b low \"x\"\n  for p in Pod\n  $0"), &["where", "deny", "remedy"]);
    has(&labels("rule a-b low \"x\"\n  for pod in Pod\n  deny when $0"), &["pod", "not", "any"]);
    has(
        &labels(
            "rule a-b low \"x\"\n  for p in Pod, c in p.spec.containers\n  deny when c.imagePullPolicy == \"$0\" \"m\"",
        ),
        &["Always", "Never"],
    );
    has(&labels("rule a-b low \"x\"\n  for p in Pod\n  deny \"m\"\ntest $0"), &["a-b"]);
    has(&labels("rule a-b $0"), &["low", "critical"]);
    has(&labels("rule a-b low \"x\"\n  controls cis \"1\"\nrule c-d low \"x\"\n  controls $0"), &["cis"]);
    has(&labels("waive a-b for $0"), &["Pod"]);
    assert!(labels("// a comment $0").is_empty());
}

#[test]
fn files_are_proposed_in_a_use() {
    let analysis = analysis(&[("a", "use \"\"\n"), ("lib/b", "let x = 1\n")]);
    let items = completion(&analysis, "a", 5).items;
    assert_eq!(items.iter().map(|item| &*item.label).collect::<Vec<_>>(), ["lib/b"]);
}

// ---- Reading ---------------------------------------------------------------------------------------------------

#[test]
fn hover_tells_type_place_and_documentation() {
    let text = |before: &str| {
        let (analysis, offset) = env_at(before);
        hover(&analysis, "a", offset).expect("something to tell").markdown
    };
    assert!(text("let n").contains("n: string"), "{}", text("let n"));
    let key = text("e.valueFrom.secretKey");
    assert!(key.contains("secretKeyRef: SecretKeySelector?"), "{key}");
    let rule = text("test ENV0");
    assert!(rule.contains("Why it is so.") && rule.contains("Pod"), "{rule}");
    assert!(text("den").contains("a finding for each binding"));
}

#[test]
fn names_lead_to_their_declarations() {
    let place = |before: &str| {
        let (analysis, offset) = env_at(before);
        match definition(&analysis, "a", offset) {
            Some(Definition::Place(place)) => {
                let line = ENV[..place.span.start as usize].lines().count();
                format!("{line}:{}", &ENV[place.span.range()])
            }
            other => format!("{other:?}"),
        }
    };
    assert_eq!(place("w in Work"), "1:Workload");
    assert_eq!(place("c in w.cont"), "3:containers");
    assert_eq!(place("{n"), "9:n");
    assert_eq!(place("test ENV0"), "7:secret-in-env");
}

#[test]
fn references_are_found_across_files() {
    let analysis = analysis(&[
        ("a", "fn f(x: string): bool = x.size > 1\n"),
        ("b", "use \"a\"\nrule r-s low \"x\"\n  for p in Pod\n  deny when f(p.name) \"f\"\n"),
    ]);
    let found = references(&analysis, "a", 3);
    let places: Vec<_> = found.iter().map(|found| (&*found.location.module, found.declaration)).collect();
    assert_eq!(places, [("a", true), ("b", false)]);
    assert_eq!(references(&analysis, "a", 5).len(), 2, "a parameter and its use");
}

#[test]
fn call_hierarchy_goes_both_ways() {
    let (analysis, offset) = at("fn f$0(x: string): bool = x.size > 1\nfn g(x: string): bool = f(x)\n");
    let node = call_hierarchy::prepare(&analysis, "a", offset).expect("a function");
    let from = call_hierarchy::incoming(&analysis, &node);
    assert_eq!(from.len(), 1);
    assert_eq!(from[0].0.index, 1);
    assert_eq!(call_hierarchy::outgoing(&analysis, &from[0].0)[0].0, node);
}

#[test]
fn signatures_know_the_argument_at_the_cursor() {
    let (analysis, offset) = at("let x = \"a\".replace(/b/, $0");
    let help = signature_help::signature_help(&analysis, "a", offset);
    assert_eq!(help[0].label, ".replace(pattern, replacement)");
    assert_eq!(help[0].active, 1);
    assert_eq!(&help[0].label[help[0].params[1].range()], "replacement");
    let (analysis, offset) = at("fn f(a: string, b: int): int = b\nlet y = f($0");
    assert_eq!(signature_help::signature_help(&analysis, "a", offset)[0].label, "f(a: string, b: int): int");
}

#[test]
fn outlines_put_tests_below_their_rules() {
    let outline = symbols::document(&analysis(&[("a", ENV)]), "a");
    let names: Vec<_> = outline.iter().map(|symbol| (&*symbol.name, symbol.children.len())).collect();
    assert_eq!(
        names,
        [
            ("Workload", 0),
            ("Workload", 0),
            ("Workload.containers", 0),
            ("short", 0),
            ("limit", 0),
            ("ENV001 secret-in-env", 1)
        ]
    );
    let found = symbols::workspace(&analysis(&[("a", ENV)]), "sienv");
    assert_eq!(found[0].1.name, "ENV001 secret-in-env");
}

#[test]
fn words_have_their_classes() {
    use semantic_tokens::Class;
    let analysis = analysis(&[("a", ENV)]);
    let tokens = semantic_tokens::semantic_tokens(&analysis, "a", None);
    let class = |word: &str| {
        tokens.iter().find(|token| &ENV[token.span.range()] == word).map(|token| (token.class, token.declaration))
    };
    assert_eq!(class("group"), Some((Class::Keyword, false)));
    assert_eq!(class("short"), Some((Class::Function, true)));
    assert_eq!(class("Workload"), Some((Class::Type, true)));
    assert_eq!(class("secretKeyRef"), Some((Class::Property, false)));
    assert_eq!(class("medium"), Some((Class::EnumMember, false)));
    assert!(tokens.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "no two overlap");
}

#[test]
fn folds_selections_links_and_hints() {
    let analysis = analysis(&[
        ("a", ENV),
        ("b", "use \"a\"\nrule r-s low \"x\"\n  docs \"https://example.org\"\n  for p in Pod\n  deny \"m\"\n"),
    ]);
    assert_eq!(folding::folding(&analysis, "a").len(), 2, "the rule and its test");
    let offset = ENV.find("secretKeyRef").expect("there") as u32;
    let ranges = selection_range::selection_range(&analysis, "a", offset);
    assert_eq!(&ENV[ranges[0].range()], "secretKeyRef");
    assert_eq!(&ENV[ranges[1].range()], "e.valueFrom.secretKeyRef");
    assert!(ranges.windows(2).all(|pair| pair[1].contains(pair[0])));
    assert_eq!(document_links::document_links(&analysis, "b").len(), 2);
    let hints = inlay_hints::inlay_hints(&analysis, "a", Span::new(0, ENV.len() as u32), 0);
    assert!(hints.iter().any(|hint| hint.label == ": string"), "{hints:?}");
    let lenses = code_lens::code_lens(&analysis, "a");
    assert_eq!(lenses[0].1, code_lens::Lens::Rule { rule: "ENV001".into(), tests: 1 });
}

#[test]
fn a_waiver_tells_its_days() {
    let text = "waive a-b for Pod \"x/y\" until 1970-01-11 because \"z\" by \"me\"\n";
    let hints = inlay_hints::inlay_hints(&analysis(&[("a", text)]), "a", Span::new(0, 200), 86_400);
    assert_eq!(hints[0].label, "9 days left");
}

// ---- Writing ---------------------------------------------------------------------------------------------------

#[test]
fn a_rule_is_renamed_in_tests_waivers_and_the_project_file() {
    let files = [
        (
            "a",
            "rule C1 old-name low \"x\"\n  for p in Pod\n  deny \"m\"\ntest old-name \"t\"\n  given \"\"\"\n  \"\"\"\n  expect clean\n",
        ),
        (
            "b",
            "waive old-name for Pod \"x/y\" until 2030-01-01 because \"z\" by \"me\"\nwaive C1 for Pod \"x/y\" until 2030-01-01 because \"z\" by \"me\"\n",
        ),
    ];
    let analysis = analysis(&files);
    let places = rename(&analysis, "a", 9, "new-name").expect("it can be renamed");
    assert_eq!(texts(&analysis, &places), ["old-name", "old-name", "old-name"]);
    assert!(rename(&analysis, "a", 9, "newname").is_err(), "a rule's name has a hyphen");
    assert!(rename(&analysis, "a", 9, "C1").is_err());
    let toml = "# old-name\nskip = [\"old-name\", \"old-name-2\"]\n";
    assert_eq!(
        apply(toml, &in_project_file(toml, "old-name", "x-y")),
        "# old-name\nskip = [\"x-y\", \"old-name-2\"]\n"
    );
}

#[test]
fn reserved_words_and_names_in_use_are_refused() {
    let analysis = analysis(&[("a", "let one = 1\nlet two = one + 1\n")]);
    assert!(rename(&analysis, "a", 5, "deny").is_err());
    assert!(rename(&analysis, "a", 5, "two").is_err());
    assert_eq!(rename(&analysis, "a", 5, "three").expect("free").len(), 2);
}

fn actions(text: &str) -> (String, Vec<Action>) {
    let (analysis, plain, range) = if text.contains("$1") {
        let start = text.find("$1").expect("a start") as u32;
        let plain = text.replacen("$1", "", 1);
        let end = plain.find("$2").expect("an end") as u32;
        (analysis(&[("a", &plain.replacen("$2", "", 1))]), plain.replacen("$2", "", 1), Span::new(start, end))
    } else {
        let (analysis, offset) = at(text);
        (analysis, text.replacen("$0", "", 1), Span::at(offset))
    };
    let found = code_actions(&analysis, "a", range);
    (plain, found)
}

fn after(text: &str, title: &str) -> String {
    let (plain, found) = actions(text);
    let action = found.iter().find(|action| action.title.starts_with(title));
    let titles: Vec<_> = found.iter().map(|action| &action.title).collect();
    apply(&plain, &action.unwrap_or_else(|| panic!("{title} is not among {titles:?}")).edits)
}

#[test]
fn a_misspelt_field_is_mended() {
    let mended =
        after("rule a-b low \"x\"\n  for p in Pod\n  deny when p.spec.hostNetwrok$0 == true \"m\"\n", "did you mean");
    assert!(mended.contains("p.spec.hostNetwork =="), "{mended}");
}

#[test]
fn a_missing_value_gets_a_default_or_a_condition() {
    let rule = "rule a-b low \"x\"\n  for p in Pod\n  deny \"uses {p.spec.serviceAccountName$0}\"\n";
    assert!(after(rule, "give a default").contains("{p.spec.serviceAccountName ?? \"\"}"));
    let narrowed = after(rule, "go on only");
    assert!(narrowed.contains("  where p.spec.serviceAccountName exists\n  deny"), "{narrowed}");
}

#[test]
fn a_rule_gets_a_test_a_remedy_and_documentation() {
    let rule = "rule a-b$0 low \"x\"\n  for s in Secret\n  deny \"m\"\n";
    assert!(after(rule, "add a test").contains("test a-b \"…\"\n  given \"\"\"\n    apiVersion: v1\n    kind: Secret"));
    assert!(after(rule, "add a remedy").ends_with("\n  remedy \"…\"\n"));
    assert!(after(rule, "add documentation").starts_with("/// …\nrule"));
}

#[test]
fn an_expression_is_extracted_and_put_back() {
    let rule = "rule a-b low \"x\"\n  for p in Pod\n  deny when $1p.name.size$2 > 3 \"m\"\n";
    let taken = after(rule, "extract into `let");
    assert_eq!(taken, "rule a-b low \"x\"\n  for p in Pod\n  let value = p.name.size\n  deny when value > 3 \"m\"\n");
    let back = after(&taken.replacen("value", "val$0ue", 1), "inline");
    assert_eq!(back, "rule a-b low \"x\"\n  for p in Pod\n  deny when p.name.size > 3 \"m\"\n");
    let function = after(rule, "extract into `fn");
    assert!(function.starts_with("fn value(p: Pod): int = p.name.size\n\nrule"), "{function}");
}

#[test]
fn uses_are_sorted_and_said_once() {
    let text = "use \"b\"\nuse \"a\"\nuse \"b\"\nlet x = 1\n";
    let edits = organize_uses(&analysis(&[("m", text)]), "m");
    assert_eq!(apply(text, &edits), "use \"a\"\nuse \"b\"\nlet x = 1\n");
}

#[test]
fn layout_of_files_parts_and_new_lines() {
    let text = "let  a=1\nrule a-b low \"x\"\n for p in Pod\n deny \"m\"\n";
    let analysis = analysis(&[("a", text)]);
    let formatted = apply(text, &formatting::document(&analysis, "a"));
    assert_eq!(formatted, crate::fmt::format(text).expect("it reads"));
    let part = apply(text, &formatting::range(&analysis, "a", Span::new(0, 3)));
    assert_eq!(part, "let a = 1\nrule a-b low \"x\"\n for p in Pod\n deny \"m\"\n");
    let (analysis, offset) = at("rule a-b low \"x\"\n$0");
    assert_eq!(formatting::on_type(&analysis, "a", offset)[0].text, "  ");
}

#[test]
fn no_offset_of_any_text_is_too_much() {
    for text in
        [ENV, "rule", "\"\"\"", "rule a-b low \"é{x.", "use \"", "é\nlet é = 1", "test x \"a\" given \"\"\"\nkind: Pod"]
    {
        let analysis = analysis(&[("a", text)]);
        for offset in 0..=text.len() as u32 {
            hover(&analysis, "a", offset);
            definition(&analysis, "a", offset);
            definition::type_definition(&analysis, "a", offset);
            selection_range::selection_range(&analysis, "a", offset);
            if text.is_char_boundary(offset as usize) {
                signature_help::signature_help(&analysis, "a", offset);
                formatting::on_type(&analysis, "a", offset);
                code_actions(&analysis, "a", Span::at(offset));
                if offset % 7 == 0 {
                    completion(&analysis, "a", offset);
                }
            }
        }
    }
}

#[test]
fn custom_kinds_say_what_their_fields_are_for() {
    let crd = serde_json::json!({
        "kind": "CustomResourceDefinition",
        "spec": {
            "group": "example.org", "names": { "kind": "Vault", "plural": "vaults" }, "scope": "Namespaced",
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": {
                "type": "object", "description": "A place for keys.",
                "properties": { "spec": { "type": "object", "properties": {
                    "keys": { "type": "array", "items": { "type": "object", "properties": {
                        "path": { "type": "string", "description": "Where the key lies." } } } } } } }
            } } }],
        },
    });
    let mut schemas = Schemas::builtin();
    schemas.add_crd(&crd).expect("it reads");
    let text = "rule a-b low \"t\"\n  for v in Vault, k in v.spec.keys\n  deny when k.path == \"\" \"m\"\n";
    let mut analysis = Analysis::new(schemas);
    analysis.set_module("a", text.into(), Role::Project);
    let mut descriptions = Descriptions::default();
    descriptions.add_crd("Vault", &crd);
    analysis.describe(Arc::new(descriptions));
    let offset = |needle: &str| text.find(needle).expect("it is there") as u32;
    let shown = |at| hover(&analysis, "a", at).expect("something is known").markdown;
    assert!(shown(offset("path ==") + 1).contains("Where the key lies."));
    assert!(shown(offset("Vault,") + 1).contains("A place for keys."));
    let items = completion(&analysis, "a", offset("path ==")).items;
    let path = items.iter().find(|item| item.label == "path").expect("the field is offered");
    assert_eq!(path.doc, "Where the key lies.");
}
