//! No secret reaches an output: a tree full of random secrets is run through every command and format, and none of them
//! may turn up anywhere.

use std::hash::{BuildHasher, RandomState};

use tacit_tests::project::Project;

/// A text that nothing else contains, new for each run.
fn canary() -> String {
    format!("Zq{:016x}", RandomState::new().hash_one(0))
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize] as char;
            encoded.push(if at <= chunk.len() { letter } else { '=' });
        }
    }
    encoded
}

const RULES: &str = r#"
rule CAN001 any-secret high "x"
  for s in Secret
  deny for key, value in s.data ++ s.stringData when value.size > 0 "key {key} is here"

rule CAN002 any-env high "x"
  for p in Pod, c in p.spec.containers
  deny for e in c.env when e.value exists at e.value "variable {e.name} has a value"

rule CAN003 any-config high "x"
  for m in ConfigMap
  deny for key, value in m.data when value.size > 0 at value "key {key} is here"

rule CAN004 any-command high "x"
  for p in Pod, c in p.spec.containers, a in c.args
  deny at a "an argument"

rule CAN005 any-annotation high "x"
  for s in Secret
  deny for key, value in s.annotations at value "annotation {key}"

test any-secret "a failing test tells no value"
  given """
    apiVersion: v1
    kind: Secret
    metadata: { name: a }
    stringData: { token: TESTCANARY }
  """
  expect clean
"#;

/// A tree in which every place that can hold a secret holds another one.
fn tree() -> (Project, Vec<String>) {
    let secrets: Vec<String> = (0..16).map(|_| canary()).collect();
    let [
        data,
        text,
        commented,
        duplicate,
        env,
        config,
        argument,
        flag,
        last,
        broken,
        nested,
        pem,
        test,
        anchor,
        list,
        url,
    ] = <[String; 16]>::try_from(secrets.clone()).expect("sixteen");
    let encoded = base64(&data);
    let project = Project::new(&[
        ("rules/canary.tacit", &RULES.replace("TESTCANARY", &test)),
        (
            "secret.yaml",
            &format!(
                "apiVersion: v1\nkind: Secret # {commented}\nmetadata:\n  name: s\n  annotations:\n    \
                 kubectl.kubernetes.io/last-applied-configuration: '{{\"data\": \"{last}\"}}'\n\
                 data:\n  a: {encoded} # {commented}\n  d: {duplicate}\n  d: {encoded}\nstringData: {{b: \"{text}\", c: &x {anchor}}}\n\
                 note: *x\n"
            ),
        ),
        (
            "pod.yaml",
            &format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - name: c\n    \
                 env: [{{name: TOKEN, value: {env}}}]\n    args: [--password, {argument}, \"--token={flag}\", \
                 \"https://u:{url}@host/\"]\n"
            ),
        ),
        (
            "config.yaml",
            &format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m}}\ndata:\n  app.conf: |\n    password={config}\n  \
                 key.pem: |\n    -----BEGIN PRIVATE KEY-----\n    {pem}\n    -----END PRIVATE KEY-----\n"
            ),
        ),
        (
            "list.yaml",
            &format!(
                "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {{name: l}}\n  \
                 stringData: {{k: {list}, deep: \"{{\\\"x\\\": \\\"{nested}\\\"}}\"}}\n"
            ),
        ),
        ("broken.yaml", &format!("apiVersion: v1\nkind: Secret\nstringData:\n  a: {broken}\n b: [{broken}\n")),
        ("broken.json", &format!("{{\"kind\": \"Secret\", \"stringData\": {{\"a\": \"{broken}\" \"b\"}}")),
    ]);
    let mut searched = secrets;
    searched.push(encoded);
    (project, searched)
}

#[test]
fn no_secret_reaches_any_output() {
    let (project, secrets) = tree();
    let check = ["check", ".", "--no-std", "--rules", "rules", "--now", "2026-06-01"];
    let mut runs: Vec<Vec<&str>> = ["text", "json", "sarif", "github", "gitlab", "junit", "markdown"]
        .iter()
        .map(|format| [&check[..], &["--format", format]].concat())
        .collect();
    runs.push([&check[..], &["--verbose", "--timings", "--color", "always"]].concat());
    for rule in ["CAN001", "CAN002", "CAN003", "CAN004", "CAN005"] {
        runs.push([&check[..], &["--explain", rule]].concat());
    }
    runs.push([&check[..], &["--write-baseline", "baseline.json"]].concat());
    runs.push(vec!["test", "rules", "--no-std", "--coverage"]);
    runs.push(vec!["check", ".", "--now", "2026-06-01", "--format", "json"]);
    runs.push(vec!["check", ".", "--now", "2026-06-01"]);
    for args in runs {
        let said = project.tacit(&args);
        for (at, secret) in secrets.iter().enumerate() {
            assert!(!said.out.contains(secret.as_str()), "secret {at} in the output of {args:?}:\n{}", said.out);
            assert!(!said.err.contains(secret.as_str()), "secret {at} in the errors of {args:?}:\n{}", said.err);
        }
    }
    let baseline = project.read("baseline.json");
    assert!(secrets.iter().all(|secret| !baseline.contains(secret.as_str())));
}

#[test]
fn the_tree_has_findings_at_its_secrets() {
    // Else the test above could pass because nothing is shown at all.
    let (project, _) = tree();
    let (status, report) = project.check(&[]);
    assert_eq!(status, 3);
    let mut rules: Vec<&str> =
        report["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["rule"].as_str()).collect();
    rules.dedup();
    for rule in ["CAN001", "CAN002", "CAN003", "CAN004", "CAN005"] {
        assert!(rules.contains(&rule), "{rule} in {rules:?}");
    }
    let text = project.tacit(&["check", ".", "--no-std", "--rules", "rules"]).out;
    assert!(text.contains("<redacted>"), "{text}");
}
