//! The examples are what their pages say.

use std::collections::BTreeSet;

use serde_json::Value;
use tacit_engine::document::{LoadOptions, SourceText, load_yaml};
use tacit_tests::binary::{repository, run, tacit};
use tacit_tests::pending::only_relations;

/// The faults that a table of the example's README lists, file and rule; the head of its last column tells which table.
fn listed(head: &str) -> BTreeSet<(String, String)> {
    let page = std::fs::read_to_string(repository().join("examples/gitops/README.md")).expect("the page is readable");
    let table = page.lines().skip_while(|line| *line != format!("| file | fault | {head} |"));
    let mut found = BTreeSet::new();
    for line in table.skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, file, _, rules, _] = cells[..] else { panic!("a row has three cells: {line}") };
        for rule in rules.split(", ") {
            found.insert((file.trim_matches('`').to_owned(), rule.to_owned()));
        }
    }
    found
}

/// The findings of a run from medium on: file below the example, and rule.
fn reported(report: &Value) -> BTreeSet<(String, String)> {
    let findings = report["findings"].as_array().expect("findings");
    findings
        .iter()
        .filter(|finding| !matches!(finding["severity"].as_str(), Some("info" | "low")))
        .map(|finding| {
            let file = finding["location"]["file"].as_str().unwrap_or_default();
            let file = file.trim_start_matches("examples/gitops/").to_owned();
            (file, finding["rule"].as_str().unwrap_or_default().to_owned())
        })
        .collect()
}

fn check(arguments: &[&str]) -> Value {
    let (status, out, err) = run(tacit().args(["check", "examples/gitops", "--format", "json"]).args(arguments));
    assert_eq!(status, 1, "{err}");
    serde_json::from_str(&out).expect("the report is JSON")
}

#[test]
fn the_tree_has_the_faults_of_its_table_and_no_others() {
    let planted = listed("rule");
    assert!(planted.len() >= 6, "the table is read: {planted:?}");
    assert_eq!(reported(&check(&["--complete=SecretStore,ClusterSecretStore"])), planted);
}

#[test]
fn rules_to_come_are_not_there_yet() {
    let rules = run(tacit().arg("rules")).1;
    for (_, rule) in listed("rule to come") {
        assert!(!rules.contains(&rule), "{rule} is there: move its row to the faults that are reported");
    }
}

#[test]
fn the_missing_store_is_undecided_until_the_world_is_closed() {
    let report = check(&[]);
    assert!(!reported(&report).iter().any(|(_, rule)| rule == "ESO012"));
    let undecided = report["undecided"].as_array().expect("undecided");
    assert!(
        undecided.iter().any(|verdict| verdict["rule"] == "ESO012" && verdict["object"]["name"] == "tracking-push")
    );
}

#[test]
fn rule_packs_compile_are_formatted_and_pass_their_tests() {
    for pack in ["examples/org-rules/rules", "examples/policies"] {
        // Without the standard rules: the policies are some of them, under the same names.
        for command in [&["lint", "--no-std", "--strict"][..], &["fmt", "--check"], &["test", "--no-std"]] {
            let (status, out, err) = run(tacit().args(command).arg(pack));
            let owed = command[0] == "test" && only_relations(&out);
            assert!(status == 0 || owed, "tacit {} {pack}\n{out}{err}", command.join(" "));
        }
    }
}

#[test]
fn the_policies_are_ten_and_short() {
    let mut count = 0;
    for entry in std::fs::read_dir(repository().join("examples/policies")).expect("the folder is readable") {
        let path = entry.expect("an entry is readable").path();
        if path.extension().is_some_and(|ext| ext == "tacit") {
            count += 1;
            let text = std::fs::read_to_string(&path).expect("a rule is UTF-8");
            let rule = text.lines().skip_while(|line| !line.starts_with("rule "));
            let lines = rule.take_while(|line| !line.is_empty()).count();
            assert!(lines <= 8, "{} has {lines} lines", path.display());
        }
    }
    assert_eq!(count, 10);
}

#[test]
fn the_project_file_of_the_pack_is_found_and_applies() {
    let folder = repository().join("examples/org-rules");
    let (status, out, err) =
        run(tacit().current_dir(folder).args(["check", "../gitops", "--no-std", "--format", "json"]));
    assert!(matches!(status, 0 | 1), "{err}");
    let report: Value = serde_json::from_str(&out).expect("the report is JSON");
    let rules: Vec<&str> = report["rules"].as_array().into_iter().flatten().filter_map(|r| r["id"].as_str()).collect();
    assert!(rules.contains(&"TW001") && rules.contains(&"TW006"), "{rules:?}");
}

/// Paths that must be there, by file, with dots between the steps; a number is an index.
const PIPELINES: &[(&str, &[&str])] = &[
    ("github-actions.yaml", &["on.pull_request", "jobs.tacit.steps.2.run", "permissions.security-events"]),
    ("gitlab-ci.yml", &["stages.0", "tacit.script.0", "tacit.artifacts.paths.0"]),
    ("pre-commit-config.yaml", &["repos.0.hooks.0.entry", "repos.0.hooks.0.language"]),
    ("argo-workflow.yaml", &["apiVersion", "kind", "metadata.name", "spec.templates.0.container.args.0"]),
    ("tekton-task.yaml", &["apiVersion", "kind", "metadata.name", "spec.steps.0.args.0"]),
    ("argocd-presync.yaml", &["apiVersion", "kind", "spec.template.spec.containers.0.args.0"]),
];

#[test]
fn pipelines_are_well_formed_and_start_tacit() {
    for (file, paths) in PIPELINES {
        let text =
            std::fs::read_to_string(repository().join("examples/pipelines").join(file)).expect("a pipeline is UTF-8");
        let loaded = load_yaml(SourceText::new(*file, text.clone()), &LoadOptions::default());
        assert!(loaded.errors.is_empty(), "{file}: {:?}", loaded.errors);
        assert_eq!(loaded.documents.len(), 1, "{file}");
        let tree = loaded.documents[0].root().to_json();
        for path in *paths {
            // `on` is a boolean to Kubernetes, and a key of that name reads as `true`.
            let path = path.replace("on.pull", "true.pull");
            assert!(tree.pointer(&format!("/{}", path.replace('.', "/"))).is_some(), "{file} has no {path}");
        }
        assert!(text.contains("tacit check") || text.contains("[tacit]") || text.contains("args: [check"), "{file}");
    }
}

#[test]
fn options_that_pipelines_use_exist() {
    let help = run(tacit().args(["check", "--help"])).1;
    for file in PIPELINES.iter().map(|(file, _)| *file).chain(["pre-commit"]) {
        let text =
            std::fs::read_to_string(repository().join("examples/pipelines").join(file)).expect("a pipeline is UTF-8");
        let lines = text.lines().filter(|line| line.contains("tacit check") || line.contains("check,"));
        for word in lines.flat_map(|line| line.split([' ', ',', '[', ']', '"'])) {
            if word.starts_with("--") {
                assert!(help.contains(word), "{file}: `tacit check` has no {word}");
            }
        }
    }
}

#[test]
fn the_hook_is_a_program() {
    let text = std::fs::read_to_string(repository().join("examples/pipelines/pre-commit")).expect("the hook is UTF-8");
    assert!(text.starts_with("#!/bin/sh\n") && text.contains("exec tacit check"));
    let (status, ..) =
        run(std::process::Command::new("sh").args(["-n"]).arg(repository().join("examples/pipelines/pre-commit")));
    assert_eq!(status, 0);
}
