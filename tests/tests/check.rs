//! `tacit check` from files to exit status: what is found, what is left open, what was not read.

use serde_json::Value;
use tacit_tests::project::Project;

const ENV: &str = r#"
/// The environment is copied to children.
rule ENV001 secret-in-env medium "Secrets are mounted as files"
  for p in Pod, c in p.spec.containers
  deny for e in c.env when e.valueFrom.secretKeyRef exists
    "container {c.name} receives Secret {e.valueFrom.secretKeyRef.name} as ${e.name}"
  remedy "mount the Secret"
  controls cis "5.4.1"
  tags pods
"#;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: prod}
spec:
  containers:
  - name: app
    image: nginx
    env:
    - name: DB
      valueFrom:
        secretKeyRef: {name: db, key: url}
";

fn env_project() -> Project {
    Project::new(&[("rules/env.tacit", ENV), ("pod.yaml", POD)])
}

fn texts<'v>(list: &'v Value, field: &str) -> Vec<&'v str> {
    list.as_array().into_iter().flatten().filter_map(|entry| entry[field].as_str()).collect()
}

#[test]
fn a_finding_tells_what_where_and_what_to_do() {
    let (status, report) = env_project().check(&[]);
    assert_eq!(status, 1);
    let finding = &report["findings"][0];
    assert_eq!(finding["rule"], "ENV001");
    assert_eq!(finding["name"], "secret-in-env");
    assert_eq!(finding["severity"], "medium");
    assert_eq!(finding["message"], "container app receives Secret db as $DB");
    assert_eq!(finding["object"]["kind"], "Pod");
    assert_eq!(finding["object"]["namespace"], "prod");
    assert_eq!(finding["path"], "$['spec']['containers'][0]['env'][0]['valueFrom']['secretKeyRef']");
    assert_eq!(finding["location"]["file"], "pod.yaml");
    assert_eq!((finding["location"]["line"].as_u64(), finding["location"]["column"].as_u64()), (Some(11), Some(23)));
    assert_eq!(finding["controls"]["cis"][0], "5.4.1");
    assert_eq!(finding["waived"], Value::Null);
    assert_eq!(report["inputs"]["objects"], 1);
    assert_eq!(report["now"], "2026-06-01");
}

#[test]
fn the_exit_status_is_the_highest_that_applies() {
    let project = env_project();
    // Findings below the threshold do not fail.
    assert_eq!(project.check(&["--fail-on", "high"]).0, 0);
    assert_eq!(project.check(&["--fail-on", "never"]).0, 0);
    assert_eq!(project.check(&["--fail-on", "info"]).0, 1);
    assert_eq!(project.check(&["--severity", "ENV001=low"]).0, 0);
    // Unread input wins over findings, and what was read is reported.
    project.write("broken.yaml", "a: [\n");
    let (status, report) = project.check(&[]);
    assert_eq!(status, 3);
    assert_eq!(texts(&report["inputs"]["skipped"], "file"), ["broken.yaml"]);
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1));
    // A broken rule wins over both, and good rules still run.
    project.write("rules/broken.tacit", "rule bad-rule high \"x\"\n  for p in Pot\n  deny \"x\"\n");
    let said = project.tacit(&["check", ".", "--no-std", "--rules", "rules", "--format", "json"]);
    assert_eq!(said.status, 2);
    assert!(said.err.contains("Pot"), "{}", said.err);
    assert_eq!(said.json()["findings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_run_that_evaluates_nothing_is_an_error() {
    let project = Project::new(&[("rules/env.tacit", ENV), ("notes.yaml", "a: 1\n")]);
    let (status, report) = project.check(&[]);
    assert_eq!(status, 2);
    assert_eq!(report["rules"][0]["status"], "no-objects");
    let said = project.tacit(&["check", "no-such-dir", "--no-std", "--rules", "rules"]);
    assert_eq!(said.status, 2, "{}", said.err);
    assert!(said.out.contains("no-such-dir: no such file or directory"), "{}", said.out);
    assert_eq!(project.tacit(&["check", "--no-such-flag"]).status, 2);
}

#[test]
fn streams_lists_and_json_are_read() {
    let project = Project::new(&[("rules/env.tacit", ENV)]);
    let run = |input: &str| {
        let args = ["check", "-", "--no-std", "--rules", "rules", "--format", "json"];
        project.tacit_with_input(&args, input).json()
    };
    assert_eq!(run(POD)["findings"][0]["location"]["file"], "-");
    let list = r#"{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "a"}, "spec": {"containers": [{"name": "c",
        "env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}]}}]}"#;
    let report = run(list);
    assert_eq!(report["findings"][0]["object"]["name"], "a");
    assert_eq!(report["findings"][0]["path"], "$['spec']['containers'][0]['env'][0]['valueFrom']['secretKeyRef']");
    assert_eq!(report["inputs"]["objects"], 1);
    let two = format!("{POD}---\n{}", POD.replace("web", "api"));
    assert_eq!(run(&two)["findings"].as_array().map(Vec::len), Some(2));
}

#[test]
fn rules_are_selected_in_many_ways() {
    let other = "rule OTH001 pod-named high \"x\"\n  for p in Pod\n  deny when p.name == \"web\" \"named {p.name}\"\n";
    let project = Project::new(&[("rules/env.tacit", ENV), ("rules/more/other.tacit", other), ("pod.yaml", POD)]);
    let found = |args: &[&str]| {
        let (_, report) = project.check(args);
        let mut rules: Vec<String> = texts(&report["findings"], "rule").into_iter().map(str::to_owned).collect();
        rules.sort();
        rules
    };
    assert_eq!(found(&[]), ["ENV001", "OTH001"]);
    for only in ["ENV001", "secret-in-env", "ENV*", "pods", "cis", "cis:5.4.1"] {
        assert_eq!(found(&["--only", only]), ["ENV001"], "{only}");
    }
    assert_eq!(found(&["--only", "more"]), ["OTH001"]);
    assert_eq!(found(&["--skip", "cis"]), ["OTH001"]);
}

#[test]
fn a_param_is_set_and_a_wrong_value_is_told() {
    let rule = "param limit: int = 5\nrule many-containers high \"x\"\n  for p in Pod\n  deny when (p.spec.containers.size ?? 0) > limit \"{limit}\"\n";
    let project = Project::new(&[("rules/a.tacit", rule), ("pod.yaml", POD)]);
    assert_eq!(project.check(&[]).0, 0);
    let (status, report) = project.check(&["--set", "limit=0"]);
    assert_eq!((status, report["findings"][0]["message"].as_str()), (1, Some("0")));
    let said = project.tacit(&["check", ".", "--no-std", "--rules", "rules", "--set", "limt=1"]);
    assert_eq!(said.status, 2);
    assert!(said.err.contains("did you mean `limit`?"), "{}", said.err);
}

#[test]
fn the_same_input_gives_the_same_bytes_on_any_number_of_threads() {
    let project = env_project();
    for at in 0..40 {
        project.write(&format!("more/{at}.yaml"), &POD.replace("web", &format!("web-{at}")));
    }
    let run = |threads: &str, format: &str| {
        let args = ["check", ".", "--no-std", "--rules", "rules", "--now", "2026-06-01", "--format", format];
        let mut command = tacit_tests::binary::tacit();
        command.current_dir(project.path()).args(args).env("RAYON_NUM_THREADS", threads);
        tacit_tests::binary::run(&mut command).1
    };
    for format in ["text", "json", "sarif", "markdown", "junit", "gitlab", "github"] {
        let once = run("1", format);
        assert!(!once.is_empty());
        assert_eq!(once, run("1", format), "{format}");
        assert_eq!(once, run("2", format), "{format}");
    }
}

#[test]
fn settings_of_other_programs_are_no_input_that_could_not_be_read() {
    let settings = "{ // for the editor\n \"strict\": true }\n";
    let tree = Project::new(&[("rules/env.tacit", ENV), ("web/tsconfig.json", settings), ("pod.yaml", POD)]);
    let (status, report) = tree.check(&[]);
    assert_eq!(status, 1, "{report}");
    assert_eq!(report["inputs"]["skipped"].as_array().map(Vec::len), Some(0));
    let note = "web/tsconfig.json is not JSON, and mentions no object of Kubernetes: it was left out";
    assert_eq!(report["notes"][0], note);

    // Named itself, or with an object in it, it was meant.
    let (status, _) = tree.check(&["web/tsconfig.json"]);
    assert_eq!(status, 3);
    let broken = settings.replace("strict", "apiVersion");
    let (status, report) =
        Project::new(&[("rules/env.tacit", ENV), ("pod.yaml", POD), ("pod.json", &broken)]).check(&[]);
    assert_eq!(status, 3);
    assert_eq!(texts(&report["inputs"]["skipped"], "file"), ["pod.json"]);
}
