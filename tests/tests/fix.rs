//! `tacit fix` from files to files.

use tacit_tests::project::{Project, Said};

const RULES: &str = r#"
rule AAA001 no-host-pid medium "x"
  for p in Pod
  deny when p.spec.hostPID == true at p.spec.hostPID "m"
  fix remove p.spec.hostPID

rule AAA002 no-token low "x"
  for p in Pod
  deny when p.spec.automountServiceAccountToken != false at p.spec.automountServiceAccountToken "m"
  fix unsafe set p.spec.automountServiceAccountToken = false

rule AAA003 always-pulled medium "x"
  for p in Pod, c in p.spec.containers
  deny when c.imagePullPolicy != "Always" at c.imagePullPolicy "m"
  fix set c.imagePullPolicy = "Always"

rule AAA004 copy-in-annotation high "x"
  for s in Secret
  deny when s.annotations["note"] exists at s.annotations["note"] "m"
  fix remove s.annotations["note"]
"#;

const PODS: &str = "\
# The pods of the shop.
apiVersion: v1
kind: Pod
metadata: {name: web}   # spacing   stays
spec:
    hostPID: true # why
    # The program.
    containers:
      - name: app
        image: \"nginx\"
      - {name: side, image: 'busybox', imagePullPolicy: Never}
---
apiVersion: v1
kind: Pod
metadata:
  name: ok
spec:
  automountServiceAccountToken: false
  containers: [{ name: a, imagePullPolicy: Always }]
";

fn fix(project: &Project, args: &[&str]) -> Said {
    let mut all = vec!["fix", ".", "--no-std", "--rules", "rules", "--now", "2026-06-01"];
    all.extend(args);
    project.tacit(&all)
}

fn project() -> Project {
    Project::new(&[("rules/a.tacit", RULES), ("pods.yaml", PODS)])
}

#[test]
fn the_changes_are_made_and_nothing_else() {
    let project = project();
    let said = fix(&project, &["--yes"]);
    assert_eq!(said.status, 0, "{}{}", said.out, said.err);
    let wanted = PODS
        .replace("    hostPID: true # why\n", "")
        .replace("        image: \"nginx\"\n", "        image: \"nginx\"\n        imagePullPolicy: Always\n")
        .replace("Never", "Always");
    assert_eq!(project.read("pods.yaml"), wanted);
    assert!(said.out.ends_with("fixed 3 findings in 1 file\n1 more finding can be fixed in a way that can alter what works today: see --unsafe\n"), "{}", said.out);
    let again = fix(&project, &["--yes"]);
    assert_eq!((again.status, project.read("pods.yaml")), (0, wanted));
    assert!(again.out.starts_with("nothing to fix\n"));
}

#[test]
fn nothing_is_written_unless_it_is_asked_for() {
    let project = project();
    for args in [&[][..], &["--dry-run"], &["--diff"], &["--format", "json"]] {
        let said = fix(&project, args);
        assert_eq!((said.status, project.read("pods.yaml").as_str()), (1, PODS), "{args:?}");
    }
    let said = fix(&project, &["--dry-run"]);
    assert!(said.out.contains("--- pods.yaml\n+++ pods.yaml\n@@ -3,12 +3,12 @@\n"), "{}", said.out);
    assert!(said.out.contains("\n-    hostPID: true # …\n"), "{}", said.out);
    assert!(said.out.contains("\n+        imagePullPolicy: Always\n"), "{}", said.out);
}

#[test]
fn rules_and_severities_are_selected_and_unsafe_edits_are_asked_for() {
    let project = project();
    let json = fix(&project, &["--only", "AAA002", "--unsafe", "--yes", "--format", "json"]).json();
    assert_eq!(json["fixed"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["fixed"][0]["object"]["name"], "web");
    assert_eq!(json["written"], true);
    assert!(project.read("pods.yaml").contains("    hostPID: true # why\n    automountServiceAccountToken: false\n"));
    assert!(fix(&project, &["--min-severity", "high", "--yes"]).out.starts_with("nothing to fix"));
    let said = fix(&project, &["--skip", "AAA003", "--yes"]);
    assert!(said.out.ends_with("fixed 1 finding in 1 file\n"), "{}", said.out);
}

#[test]
fn a_waived_finding_is_left_alone() {
    let project = project();
    let waived = PODS.replace(
        "    hostPID: true # why\n",
        "    # tacit.dev/waive: \"AAA001 until 2027-01-01: debugging\"\n    hostPID: true\n",
    );
    project.write("pods.yaml", &waived);
    fix(&project, &["--only", "AAA001", "--yes"]);
    assert_eq!(project.read("pods.yaml"), waived);
}

#[test]
fn what_cannot_be_edited_is_refused_with_the_reason() {
    let project = Project::new(&[
        ("rules/a.tacit", RULES),
        (
            "alias.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - &c {name: x, image: y}\n  - *c\n",
        ),
        (
            "sops.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: s, annotations: {note: x}}\nsops: {mac: m, version: 3.9.0}\n",
        ),
    ]);
    let said = fix(&project, &["--yes"]);
    assert_eq!(said.status, 1);
    assert!(said.out.contains("not fixed: AAA003 alias.yaml: Pod a spec.containers[1].imagePullPolicy: the value comes from an anchor: change it there\n"), "{}", said.out);
    assert!(
        said.out.contains(
            "not fixed: AAA004 sops.yaml: Secret s metadata.annotations.note: the document is encrypted with SOPS"
        ),
        "{}",
        said.out
    );
    assert!(project.read("alias.yaml").contains("*c"));
}

#[test]
fn a_finding_that_would_remain_is_not_touched() {
    let rules = "rule AAA005 wrong-fix medium \"x\"\n  for p in Pod\n  deny when p.spec.hostPID == true at p.spec.hostPID \"m\"\n  fix set p.spec.hostIPC = false\n";
    let project = Project::new(&[("rules/a.tacit", rules), ("pods.yaml", PODS)]);
    let said = fix(&project, &["--yes"]);
    assert_eq!((said.status, project.read("pods.yaml").as_str()), (1, PODS));
    assert!(said.out.contains("the finding would remain after the edit"), "{}", said.out);
}

#[test]
fn no_secret_is_in_a_diff() {
    let secret = "apiVersion: v1\nkind: Secret # canary-one\nmetadata:\n  name: s\n  annotations:\n    note: x\nstringData:\n  password: canary-two\n  user: canary-three\n";
    let project = Project::new(&[("rules/a.tacit", RULES), ("secret.yaml", secret)]);
    for args in [&["--dry-run"][..], &["--format", "json"], &["--yes"]] {
        let said = fix(&project, args);
        assert!(!said.out.contains("canary") && !said.err.contains("canary"), "{}", said.out);
    }
    assert_eq!(project.read("secret.yaml"), secret.replace("  annotations:\n    note: x\n", "  annotations: {}\n"));
}

#[test]
fn json_and_windows_line_ends_stay() {
    let json = "{\r\n  \"apiVersion\": \"v1\",\r\n  \"kind\": \"Pod\",\r\n  \"metadata\": {\"name\": \"j\"},\r\n  \"spec\": {\"hostPID\": true, \"containers\": []}\r\n}\r\n";
    let yaml =
        "apiVersion: v1\r\nkind: Pod\r\nmetadata:\r\n  name: y\r\nspec:\r\n  hostPID: true\r\n  containers: []\r\n";
    let project = Project::new(&[("rules/a.tacit", RULES), ("a.json", json), ("b.yaml", yaml)]);
    assert_eq!(fix(&project, &["--yes"]).status, 0);
    assert_eq!(project.read("a.json"), json.replace("\"hostPID\": true, ", ""));
    assert_eq!(project.read("b.yaml"), yaml.replace("  hostPID: true\r\n", ""));
}

#[test]
fn a_stream_cannot_be_written() {
    let said = project().tacit_with_input(&["fix", "-"], PODS);
    assert_eq!(said.status, 2);
    assert!(said.err.contains("--dry-run"), "{}", said.err);
}
