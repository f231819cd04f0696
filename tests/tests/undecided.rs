//! Every way in which a verdict stays open: it is listed with what would decide it, it is never a pass, and `--strict`
//! makes it fail.

use serde_json::Value;
use tacit_tests::project::Project;

const STORE: &str = r#"
rule missing-store high "Stores exist"
  for e in ExternalSecret
  deny when e.spec.secretStoreRef dangling
    "SecretStore {e.spec.secretStoreRef.name ?? ""} does not exist"
"#;

const EXTERNAL: &str = "\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, namespace: prod}
spec:
  secretStoreRef: {kind: SecretStore, name: vault}
";

/// Runs, and asks for one open verdict with a reason, none where the input is declared complete otherwise.
fn open(project: &Project, args: &[&str], reason: &str) -> Value {
    let (status, report) = project.check(args);
    assert_eq!(report["findings"], serde_json::json!([]), "{report:#}");
    let undecided = report["undecided"].as_array().cloned().unwrap_or_default();
    assert_eq!(undecided.len(), 1, "{report:#}");
    let text = undecided[0]["reason"].as_str().unwrap_or_default();
    assert!(text.contains(reason), "{text}");
    assert_eq!(report["summary"]["undecided"], 1);
    let mut strict = args.to_vec();
    strict.push("--strict");
    let strict = project.check(&strict).0;
    assert!(matches!((status, strict), (0, 1) | (3, 3)), "{status} {strict}");
    undecided[0].clone()
}

#[test]
fn files_are_an_open_world_until_they_are_declared_complete() {
    let project = Project::new(&[("rules/a.tacit", STORE), ("es.yaml", EXTERNAL)]);
    let verdict = open(&project, &[], "SecretStore");
    assert!(verdict["need"].as_str().is_some_and(|need| need.contains("--complete")), "{verdict}");
    assert_eq!(verdict["object"]["name"], "db");
    for complete in ["--complete", "--complete=SecretStore"] {
        let (status, report) = project.check(&[complete]);
        assert_eq!(status, 1, "{complete}");
        assert_eq!(report["findings"][0]["message"], "SecretStore vault does not exist");
    }
    // Another kind does not help.
    open(&project, &["--complete=Secret"], "SecretStore");
    let said = project.tacit(&["check", ".", "--no-std", "--rules", "rules", "--complete=SecretStor"]);
    assert_eq!(said.status, 2);
    assert!(said.err.contains("did you mean `SecretStore`?"), "{}", said.err);
}

#[test]
fn an_unknown_namespace_is_no_match_and_no_miss() {
    let store = "apiVersion: external-secrets.io/v1\nkind: SecretStore\nmetadata: {name: vault, namespace: prod}\n";
    let nowhere = EXTERNAL.replace(", namespace: prod", "");
    let project = Project::new(&[("rules/a.tacit", STORE), ("es.yaml", &nowhere), ("store.yaml", store)]);
    open(&project, &["--complete"], "namespace");
    // What gives it one decides.
    assert_eq!(project.check(&["--complete", "--namespace", "prod"]).0, 0);
    project.write("kustomization.yaml", "namespace: prod\nresources: [es.yaml, store.yaml]\n");
    assert_eq!(project.check(&["--complete"]).0, 0);
}

#[test]
fn a_document_that_does_not_parse_opens_a_complete_tree() {
    let project = Project::new(&[
        ("rules/a.tacit", STORE),
        ("es.yaml", EXTERNAL),
        ("broken.yaml", "kind: SecretStore\nmetadata: {name\n"),
    ]);
    open(&project, &["--complete"], "broken.yaml");
}

#[test]
fn a_template_that_is_not_rendered_opens_a_complete_tree() {
    let project = Project::new(&[
        ("rules/a.tacit", STORE),
        ("es.yaml", EXTERNAL),
        ("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 1.0.0\n"),
        ("chart/values.yaml", "a: 1\n"),
        ("chart/templates/store.yaml", "kind: SecretStore\nmetadata: {name: {{ .Values.a }}}\n"),
    ]);
    let (status, report) = project.check(&["--complete"]);
    assert_eq!(status, 3);
    assert_eq!(report["inputs"]["skipped"][0]["file"], "chart/templates/store.yaml");
    open(&project, &["--complete"], "chart/templates/store.yaml");
    // Excluded, it is somebody else's.
    assert_eq!(project.check(&["--complete", "--exclude", "chart/"]).0, 1);
}

#[test]
fn a_value_of_another_type_leaves_its_binding_open() {
    let rule = "rule old-replicas high \"x\"\n  for d in Deployment\n  deny when (d.spec.replicas ?? 1) > 3 \"many\"\n";
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: many}\n";
    let project = Project::new(&[("rules/a.tacit", rule), ("d.yaml", deployment)]);
    let verdict = open(&project, &[], "replicas");
    assert_eq!(verdict["path"], "$['spec']['replicas']");
}

#[test]
fn a_rule_can_leave_a_verdict_open() {
    let rule = "rule ask-people low \"x\"\n  for s in Secret\n  undecided when s.labels[\"owner\"] absent \"nobody owns it\"\n";
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n";
    let project = Project::new(&[("rules/a.tacit", rule), ("s.yaml", secret)]);
    let verdict = open(&project, &[], "nobody owns it");
    assert_eq!(verdict["rule"], "ask-people");
}
