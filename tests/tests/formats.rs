//! The formats of a report, each held against what its readers rely on.

use serde_json::Value;
use tacit_tests::binary::repository;
use tacit_tests::project::Project;
use tacit_tests::schema;

const RULE: &str = "\
/// Whoever reads the repository reads it.
rule SEC001 no-plain-secret high \"Secrets hold nothing in plain text\"
  for s in Secret
  deny for key, value in s.stringData when value.size > 0 \"key {key} is plain\"
  remedy \"seal it\"
  controls cis \"5.4.1\"
  docs \"https://example.org/sealed\"
";
const SECRET: &str = "\
apiVersion: v1
kind: Secret
metadata:
  name: db
  annotations:
    tacit.dev/waive: \"SEC00X until 2027-01-01: no such rule\"
stringData: {pässword: one-secret, \"a|b\": two-secret}
";

fn project() -> Project {
    let project = Project::new(&[("rules/a.tacit", RULE), ("dir one/s.yaml", SECRET), ("broken.yaml", "a: [\n")]);
    project.write("open.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: o}\nstringData: [1]\n");
    project
}

fn run(format: &str) -> String {
    let said =
        project().tacit(&["check", ".", "--no-std", "--rules", "rules", "--now", "2026-06-01", "--format", format]);
    assert_eq!(said.status, 3, "{}", said.err);
    said.out
}

fn json(format: &str) -> Value {
    serde_json::from_str(&run(format)).expect("it is JSON")
}

#[test]
fn json_has_the_published_form() {
    let path = repository().join("docs/reference/report.schema.json");
    let text = std::fs::read_to_string(path).expect("the schema is there");
    let schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    let report = json("json");
    assert_eq!(schema::problems(&schema, &report), [""; 0]);
    // The test means something only where every list holds something.
    for list in ["findings", "undecided", "rules"] {
        assert!(report[list].as_array().is_some_and(|list| !list.is_empty()), "{list} in {report:#}");
    }
    assert!(!schema::problems(&schema, &serde_json::json!({ "version": 2 })).is_empty());
}

#[test]
fn columns_count_characters() {
    let report = json("json");
    let location = &report["findings"][0]["location"];
    // `stringData: {pässword: ` are 23 characters in 24 bytes.
    assert_eq!((location["line"].as_u64(), location["column"].as_u64()), (Some(7), Some(24)));
    assert_eq!(report["findings"][0]["path"], "$['stringData']['pässword']");
}

#[test]
fn sarif_names_rules_regions_and_fingerprints() {
    let log = json("sarif");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rule = &run["tool"]["driver"]["rules"][0];
    assert_eq!((rule["id"].as_str(), rule["helpUri"].as_str()), (Some("SEC001"), Some("https://example.org/sealed")));
    assert_eq!(rule["properties"]["security-severity"], "8.0");
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 2);
    for result in results {
        assert_eq!((result["ruleId"].as_str(), result["ruleIndex"].as_u64()), (Some("SEC001"), Some(0)));
        assert_eq!(result["level"], "error");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "dir%20one/s.yaml");
        let region = &place["region"];
        assert!(
            region["startLine"].as_u64() >= Some(1) && region["endColumn"].as_u64() > region["startColumn"].as_u64()
        );
        assert!(region["snippet"]["text"].as_str().is_some_and(|text| text.contains("<redacted>")));
        assert_eq!(result["partialFingerprints"]["tacit/v1"].as_str().map(str::len), Some(32));
    }
    let skipped = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(skipped["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "broken.yaml");
}

#[test]
fn gitlab_has_its_fields() {
    let issues = json("gitlab");
    assert_eq!(issues.as_array().map(Vec::len), Some(2));
    assert_eq!(issues[0]["check_name"], "SEC001");
    assert_eq!(issues[0]["severity"], "critical");
    assert_eq!(issues[0]["location"]["lines"]["begin"], 7);
}

#[test]
fn github_escapes_what_would_end_a_command() {
    let text = run("github");
    let line = text.lines().find(|line| line.starts_with("::error")).expect("an annotation");
    assert!(line.starts_with("::error file=dir one/s.yaml,line=7,endLine=7,col="), "{line}");
    assert!(line.contains("%0Aseal it"), "{line}");
}

#[test]
fn junit_is_balanced_and_escaped() {
    let text = run("junit");
    assert!(text.contains("<testsuite name=\"SEC001\" tests=\"3\" failures=\"2\" skipped=\"1\">"), "{text}");
    for tag in ["testsuite", "testcase", "failure"] {
        let opened = text.matches(&format!("<{tag} ")).count();
        let closed = text.matches(&format!("</{tag}>")).count();
        assert_eq!(opened, closed, "{tag} in {text}");
    }
}

#[test]
fn markdown_keeps_its_table() {
    let text = run("markdown");
    let row = text.lines().find(|line| line.contains("key a")).expect("a row");
    assert!(row.contains("key a\\|b is plain"), "{row}");
}

#[test]
fn reports_go_where_the_command_line_says() {
    let project = project();
    let check = ["check", ".", "--no-std", "--rules", "rules"];
    let said =
        project.tacit(&[&check[..], &["--format", "text", "--format", "json", "--output", "report.json"]].concat());
    assert!(said.out.contains("2 findings (2 high)"), "{}", said.out);
    assert!(serde_json::from_str::<Value>(&project.read("report.json")).is_ok());
    let both = project.tacit(&[&check[..], &["--format", "text", "--format", "json"]].concat());
    assert_eq!(both.status, 2);
}
