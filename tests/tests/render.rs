//! `--render`: what installed tools make of charts and kustomizations is checked, traced to its source, and what cannot be
//! rendered is listed.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use tacit_tests::binary;
use tacit_tests::project::Project;

const RULE: &str = "\
rule IMG001 no-latest high \"x\"
  for p in Pod, c in p.spec.containers
  deny when (c.image ?? \"\") ends with \":latest\" at c.image \"{c.name} of {p.name} in {p.namespace ?? \"none\"}\"
";
const POD: &str =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: app\n    image: app:latest\n";

/// Puts a program that prints a text, and nothing else, where the shell finds programs.
fn tool(project: &Project, name: &str, script: &str) {
    let file = format!("bin/{name}");
    project.write(&file, &format!("#!/bin/sh\n{script}\n"));
    let path = project.path().join(file);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("it can be made to run");
}

fn check(project: &Project, path: &str) -> (i32, Value) {
    let mut command = binary::tacit();
    let args = ["check", "tree", "--no-std", "--rules", "rules", "--render", "--format", "json", "--now", "2026-06-01"];
    let (status, out, err) = binary::run(command.current_dir(project.path()).args(args).env("PATH", path));
    (status, serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}")))
}

fn path(project: &Project) -> String {
    format!("{}:/bin:/usr/bin", project.path().join("bin").display())
}

const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
const TEMPLATE: &str =
    "{{ if .Values.on }}\napiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}}\n{{ end }}\n";

#[test]
fn a_chart_is_rendered_and_findings_point_at_its_template() {
    let project = Project::new(&[
        ("rules/a.tacit", RULE),
        ("tree/chart/Chart.yaml", CHART),
        ("tree/chart/values.yaml", "on: true\n"),
        ("tree/chart/templates/pod.yaml", TEMPLATE),
        ("output", &format!("---\n# Source: web/templates/pod.yaml\n{POD}")),
    ]);
    tool(&project, "helm", "[ \"$1\" = template ] && cat output");
    let (status, report) = check(&project, &path(&project));
    assert_eq!(status, 1, "{report:#}");
    assert_eq!(report["inputs"]["skipped"], serde_json::json!([]));
    let finding = &report["findings"][0];
    assert_eq!(finding["location"]["file"], "tree/chart/templates/pod.yaml");
    assert_eq!(finding["location"]["precision"], "document");
    assert_eq!(finding["location"]["line"], 2);
    assert_eq!(finding["rendered"]["line"], 9);
}

#[test]
fn what_cannot_be_rendered_is_listed() {
    let project = Project::new(&[
        ("rules/a.tacit", RULE),
        ("tree/pod.yaml", POD),
        (
            "tree/chart/Chart.yaml",
            &format!("{CHART}dependencies: [{{name: db, version: 1.0.0, repository: \"https://x\"}}]\n"),
        ),
        ("tree/chart/templates/pod.yaml", TEMPLATE),
        ("tree/remote/kustomization.yaml", "resources: [\"https://github.com/org/repo//base?ref=v1\"]\n"),
    ]);
    tool(&project, "helm", "echo never; exit 1");
    let (status, report) = check(&project, &path(&project));
    assert_eq!(status, 3);
    let reasons = report["inputs"]["skipped"].to_string();
    assert!(reasons.contains("its dependency `db` is not in charts/"), "{reasons}");
    assert!(reasons.contains("would need the network"), "{reasons}");
    // Without any tool.
    project.write("tree/chart/Chart.yaml", CHART);
    project.write("tree/remote/kustomization.yaml", "resources: []\n");
    let (_, report) = check(&project, "/nowhere");
    let reasons = report["inputs"]["skipped"].to_string();
    assert!(reasons.contains("helm is not installed"), "{reasons}");
    assert!(reasons.contains("neither kustomize nor kubectl is installed"), "{reasons}");
}

#[test]
fn a_failing_tool_tells_nothing_of_the_values() {
    let project = Project::new(&[
        ("rules/a.tacit", RULE),
        ("tree/pod.yaml", POD),
        ("tree/chart/Chart.yaml", CHART),
        ("tree/chart/templates/pod.yaml", TEMPLATE),
    ]);
    tool(&project, "helm", "echo 'value hunter2 is wrong' >&2; exit 1");
    let mut command = binary::tacit();
    let args = ["check", "tree", "--no-std", "--rules", "rules", "--render"];
    let (status, out, err) = binary::run(command.current_dir(project.path()).args(args).env("PATH", path(&project)));
    assert_eq!(status, 3);
    assert!(!format!("{out}{err}").contains("hunter2"));
    assert!(out.contains("`helm template chart tree/chart` failed"), "{out}");
}

#[test]
#[ignore = "needs kubectl: `tests/run` runs it where that is installed"]
fn a_kustomization_is_rendered_and_findings_point_at_the_node() {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let kubectl = std::env::split_paths(&path).map(|folder| folder.join("kubectl")).find(|file| file.exists());
    let kubectl = kubectl.expect("kubectl is on the path");
    let project = Project::new(&[
        ("rules/a.tacit", RULE),
        ("tree/base/kustomization.yaml", "resources: [pod.yaml]\n"),
        ("tree/base/pod.yaml", POD),
        ("tree/prod/kustomization.yaml", "namespace: prod\nnamePrefix: p-\nresources: [../base]\n"),
        (
            "tree/test/kustomization.yaml",
            "namespace: test\nresources: [../base]\npatches:\n- path: patch.yaml\n  target: {kind: Pod}\n",
        ),
        (
            "tree/test/patch.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, image: \"other:latest\"}]}\n",
        ),
    ]);
    let tools = kubectl.parent().expect("it lies somewhere").display().to_string();
    let (status, report) = check(&project, &format!("{tools}:/bin:/usr/bin"));
    assert_eq!(status, 1, "{report:#}");
    let findings = report["findings"].as_array().expect("findings");
    // Once for each overlay, and not for the base that nobody applies as it is.
    let mut said: Vec<(&str, &str, u64)> = findings
        .iter()
        .map(|finding| {
            let text = |pointer: &str| finding.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            (text("/message"), text("/location/precision"), finding["location"]["line"].as_u64().unwrap_or_default())
        })
        .collect();
    said.sort_unstable();
    // The image of the second stands in a patch: only the document is known.
    assert_eq!(said, [("app of p-web in prod", "node", 7), ("app of web in test", "document", 1)]);
    assert!(findings.iter().all(|finding| finding["location"]["file"] == "tree/base/pod.yaml"));
}
