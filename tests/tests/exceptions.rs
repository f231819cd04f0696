//! Waivers and baselines: who can except what, for how long, and what the report says about it.

use serde_json::Value;
use tacit_tests::project::Project;

const RULE: &str = "\
rule SEC001 no-plain-secret high \"x\"
  for s in Secret
  deny for key, value in s.stringData when value.size > 0 \"key {key} is plain\"
";
const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: prod}\nstringData:\n  a: one-secret\n  b: two-secret\n";

fn project(secret: &str) -> Project {
    Project::new(&[("rules/a.tacit", RULE), ("s.yaml", secret)])
}

fn waived(report: &Value) -> Vec<bool> {
    report["findings"].as_array().into_iter().flatten().map(|finding| !finding["waived"].is_null()).collect()
}

fn notes(report: &Value) -> String {
    report["notes"].to_string()
}

#[test]
fn an_annotation_covers_its_object_until_it_ends() {
    let annotation = "metadata:\n  name: db\n  namespace: prod\n  annotations: {tacit.dev/waive: \"SEC001 until 2027-03-01: SEC-1\"}\n";
    let project = project(&SECRET.replace("metadata: {name: db, namespace: prod}\n", annotation));
    let (status, report) = project.check(&[]);
    assert_eq!((status, waived(&report)), (0, vec![true, true]));
    assert_eq!(report["findings"][0]["waived"]["source"], "annotation");
    assert_eq!(report["findings"][0]["waived"]["until"], "2027-03-01");
    assert_eq!(report["findings"][0]["waived"]["because"], "SEC-1");
    assert_eq!(report["summary"]["waived"], 2);

    let (status, report) = project.check(&["--now", "2027-03-01"]);
    assert_eq!((status, waived(&report)), (1, vec![false, false]));
    assert!(notes(&report).contains("ended on 2027-03-01: 2 findings stand again"), "{}", notes(&report));
}

#[test]
fn a_comment_covers_its_node_or_its_document() {
    let at_node = SECRET.replace("  b:", "  # tacit.dev/waive: SEC001 until 2027-03-01: SEC-2\n  b:");
    let (_, report) = project(&at_node).check(&[]);
    assert_eq!(waived(&report), [false, true]);
    let at_head = format!("# tacit.dev/waive: SEC001 until 2027-03-01: SEC-2\n{SECRET}");
    let (_, report) = project(&at_head).check(&[]);
    assert_eq!(waived(&report), [true, true]);
    let wrong = format!("# tacit.dev/waive: SEC001\n{SECRET}");
    let (_, report) = project(&wrong).check(&[]);
    assert_eq!(waived(&report), [false, false]);
    assert!(notes(&report).contains("s.yaml:1: this waiver has no `until`"), "{}", notes(&report));
}

#[test]
fn projects_rule_files_and_the_command_line_except_by_name() {
    let project = project(SECRET);
    project.write("rules/w.tacit", "waive SEC001 for Secret \"prod/d*\" until 2027-03-01 because \"x\" by \"me\"\n");
    assert_eq!(waived(&project.check(&[]).1), [true, true]);
    project.write("rules/w.tacit", "waive SEC001 for Secret \"test/*\" until 2027-03-01 because \"x\" by \"me\"\n");
    let (_, report) = project.check(&[]);
    assert_eq!(waived(&report), [false, false]);
    assert!(notes(&report).contains("covers no finding"), "{}", notes(&report));
    assert_eq!(waived(&project.check(&["--waive", "SEC* for db until 2027-03-01: x"]).1), [true, true]);
    project.write("rules/w.tacit", "");
    project.write(
        "tacit.toml",
        "[[waive]]\nrule = \"no-plain-secret\"\nkind = \"Secret\"\nobject = \"db\"\nuntil = 2027-03-01\nbecause = \"x\"\nby = \"me\"\n",
    );
    let (_, report) = project.check(&[]);
    assert_eq!(report["findings"][0]["waived"]["source"], "tacit.toml");
}

#[test]
fn a_baseline_holds_known_findings_even_where_lines_move() {
    let project = project(SECRET);
    let (status, _) = project.check(&["--write-baseline", "known.json"]);
    assert_eq!(status, 1);
    assert!(!project.read("known.json").contains("one-secret"));
    let (status, report) = project.check(&["--baseline", "known.json"]);
    assert_eq!((status, waived(&report)), (0, vec![true, true]));
    // Lines move, a key is new and comes first, a key is gone.
    project.write("s.yaml", &format!("# moved\n\n{}", SECRET.replace("a: one-secret", "c: three-secret")));
    let (status, report) = project.check(&["--baseline", "known.json"]);
    assert_eq!((status, waived(&report)), (1, vec![false, true]));
    assert!(notes(&report).contains("1 finding of the baseline is gone"), "{}", notes(&report));
    let said = project.tacit(&["check", ".", "--no-std", "--rules", "rules", "--baseline", "s.yaml"]);
    assert_eq!(said.status, 2);
}
