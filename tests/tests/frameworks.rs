//! `tacit check --framework`: the report by controls, and the files of the frameworks.

use std::collections::BTreeMap;

use tacit_engine::report::controls::Framework;
use tacit_lang::check::{Compiler, Role};
use tacit_lang::schema::Schemas;
use tacit_tests::project::Project;

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec:\n  automountServiceAccountToken: false\n  containers:\n  - name: app\n    image: web\n    env: [{name: DB, valueFrom: {secretKeyRef: {name: db, key: url}}}]\n";

#[test]
fn every_control_that_a_rule_names_stands_in_its_framework() {
    let frameworks: BTreeMap<&str, Framework> = tacit_stdlib::FRAMEWORKS
        .iter()
        .map(|(name, text)| (*name, Framework::parse(name, text).expect("a framework")))
        .collect();
    let mut compiler = Compiler::new(Schemas::builtin());
    for module in tacit_stdlib::MODULES {
        compiler.add_module(module.name, module.text.into(), Role::Std);
    }
    for rule in &compiler.compile(&|_| true, false).program.rules {
        for (name, item) in &rule.controls {
            let framework = frameworks.get(&**name).unwrap_or_else(|| panic!("{}: no framework {name}", rule.id()));
            let known = framework.controls.iter().any(|(id, _)| **id == **item);
            assert!(known, "{}: {name} has no control {item}", rule.id());
        }
    }
}

#[test]
fn controls_are_found_clean_without_objects_or_not_covered() {
    let project = Project::new(&[("pod.yaml", POD)]);
    let report = project.tacit(&["check", ".", "--framework", "cis", "--format", "json", "--now", "2026-06-01"]);
    assert_eq!(report.status, 1, "{}", report.err);
    let report = report.json();
    let status = |id: &str| {
        let controls = report["controls"].as_array().expect("controls");
        let control = controls.iter().find(|control| control["id"] == id).expect("the control");
        control["status"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(status("5.4.1"), "findings");
    assert_eq!(status("5.2.12"), "clean");
    assert_eq!(status("1.2.28"), "no-objects");
    assert_eq!(status("1.2.1"), "not-covered");
}

#[test]
fn text_and_markdown_say_what_is_not_covered() {
    let project = Project::new(&[("pod.yaml", POD)]);
    let text = project.tacit(&["check", ".", "--framework", "nist"]).out;
    assert!(text.contains("AU-6      not covered  Records are looked at\n"), "{text}");
    let markdown = project.tacit(&["check", ".", "--framework", "cis", "--format", "markdown"]).out;
    assert!(
        markdown.contains("| 1.2.1 | The API server takes no anonymous requests | not covered | 0 | 0 | 0 |  |"),
        "{markdown}"
    );
    let said = project.tacit(&["check", ".", "--framework", "cis", "--format", "sarif"]);
    assert_eq!(said.status, 2);
    assert!(said.err.contains("text, json or markdown"), "{}", said.err);
}
