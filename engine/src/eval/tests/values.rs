//! Single expressions: a rule whose message is the value.

use crate::testkit::Case;

/// The value of an expression on a ConfigMap `c` with some data.
fn value(expression: &str, data: &str) -> String {
    let rules = format!(
        "rule a-rule low \"A title\"\n  for c in ConfigMap\n  let x = {expression}\n  deny when x exists \"{{x}}\"\n"
    );
    let case = Case::new(&rules)
        .given(&format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: c, namespace: shop }}\ndata: {data}"));
    let verdicts = case.verdicts();
    match (verdicts.findings.first(), verdicts.undecided.first()) {
        (Some(finding), _) => finding.message.clone(),
        (None, Some(undecided)) => format!("undecided: {}", undecided.reason),
        (None, None) => "missing".into(),
    }
}

/// Whether a condition holds.
fn holds(condition: &str, data: &str) -> bool {
    let rules = format!("rule a-rule low \"A title\"\n  for c in ConfigMap\n  deny when {condition} \"m\"\n");
    let case = Case::new(&rules)
        .given(&format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: c, namespace: shop }}\ndata: {data}"));
    let verdicts = case.verdicts();
    assert!(verdicts.undecided.is_empty(), "{condition}: {:?}", verdicts.undecided[0].reason);
    !verdicts.findings.is_empty()
}

#[test]
fn parts_of_texts() {
    assert_eq!(value("c.data[\"a\"].before(\":\")", "{ a: 'x:y:z' }"), "x");
    assert_eq!(value("c.data[\"a\"].after(\":\")", "{ a: 'x:y:z' }"), "y:z");
    assert_eq!(value("c.data[\"a\"].before(\"!\")", "{ a: 'x:y:z' }"), "missing");
    assert_eq!(value("c.data[\"a\"].split(\":\")", "{ a: 'x:y:z' }"), "x, y, z");
    assert_eq!(value("c.data[\"a\"].split(\":\").join(\"-\")", "{ a: 'x:y:z' }"), "x-y-z");
    assert_eq!(value("c.data[\"a\"].replace(/([a-z]):/, \"$1$1 \")", "{ a: 'x:y:z' }"), "xx yy z");
    assert_eq!(value("c.data[\"a\"].replace(\".\", \"\")", "{ a: 'x.y.z' }"), "xyz");
    assert_eq!(value("c.data[\"a\"].upper()", "{ a: x }"), "X");
    assert_eq!(value("c.data[\"b\"].upper()", "{ a: x }"), "missing");
    assert_eq!(value("c.data[\"a\"].size", "{ a: 'äöü' }"), "3");
    assert_eq!(value("c.data[\"a\"].lines()", "{ a: \"x\\ny\\n\" }"), "x, y");
}

#[test]
fn what_texts_state() {
    assert_eq!(value("c.data[\"a\"].int()", "{ a: '-42' }"), "-42");
    assert_eq!(value("c.data[\"a\"].int()", "{ a: '4.2' }"), "missing");
    assert_eq!(value("c.data[\"a\"].bool()", "{ a: 'True' }"), "true");
    assert_eq!(value("c.data[\"a\"].duration()", "{ a: '36h' }"), "1d12h");
    assert_eq!(value("c.data[\"a\"].base64().text()", "{ a: aGk= }"), "hi");
    assert_eq!(value("c.data[\"a\"].url().host", "{ a: 'https://h:1/p' }"), "h");
    assert_eq!(value("c.data[\"a\"].url().port", "{ a: 'https://h:1/p' }"), "1");
    assert_eq!(value("c.data[\"a\"].variables()", "{ a: '$(A) ${B}' }"), "A, B");
    assert_eq!(value("60.seconds()", "{}"), "1m");
    assert_eq!(value("86400.unix()", "{}"), "1970-01-02");
    assert_eq!(value("now", "{}"), "2026-11-24");
    assert_eq!(value("now - 1h", "{}"), "2026-11-23T23:00:00Z");
    assert_eq!(value("now - 2026-11-01", "{}"), "23d");
}

#[test]
fn embedded_documents() {
    assert_eq!(value("c.data[\"a\"].json().x[1] as int?", "{ a: '{\"x\": [1, 2]}' }"), "2");
    assert_eq!(value("c.data[\"a\"].json().x as int?", "{ a: '{' }"), "missing");
    assert_eq!(value("c.data[\"a\"].yaml().x as bool?", "{ a: 'x: yes' }"), "true");
    assert_eq!(
        value(
            "c.data[\"a\"].hcl().path[0].x[0].capabilities as list<string>?",
            "{ a: 'path \"x\" { capabilities = [\"read\"] }' }"
        ),
        "read"
    );
    // {"alg":"none"} . {"iss":"me","exp":86400} . signature
    assert_eq!(
        value("c.data[\"a\"].jwt().expires", "{ a: eyJhbGciOiJub25lIn0.eyJpc3MiOiJtZSIsImV4cCI6ODY0MDB9.c2ln }"),
        "1970-01-02"
    );
    assert_eq!(value("c.data[\"a\"].jwt().issuer", "{ a: no.token.here }"), "missing");
}

#[test]
fn missing_equals_only_missing() {
    assert!(!holds("c.data[\"x\"] == \"a\"", "{}"));
    assert!(holds("c.data[\"x\"] != \"a\"", "{}"));
    assert!(holds("not (c.data[\"x\"] == \"a\")", "{}"));
    assert!(holds("c.data[\"x\"] == c.data[\"y\"]", "{}"));
    assert!(!holds("c.data[\"x\"] in [\"a\"]", "{}"));
    assert!(!holds("c.data[\"x\"] exists", "{ x: null }"));
}

#[test]
fn emptiness() {
    assert!(holds("c.data[\"x\"] empty", "{}"));
    assert!(holds("c.data[\"x\"] empty", "{ x: '' }"));
    assert!(holds("c.data empty", "{}"));
    assert!(holds("c.labels empty", "{}"));
    assert!(!holds("c.data[\"x\"] empty", "{ x: z }"));
}

#[test]
fn text_tests() {
    assert!(holds("c.name starts with \"c\" and c.name ends with \"c\" and c.name contains \"c\"", "{}"));
    assert!(holds("c.name matches /^[abc]$/", "{}"));
    assert!(!holds("c.name matches /^x/", "{}"));
    assert!(holds("(c.data[\"a\"] ?? \"\") in [\"x\", \"z\"]", "{ a: x }"));
    assert!(holds("c.data.keys overlaps [\"a\"]", "{ a: x }"));
}

#[test]
fn lists_and_maps() {
    assert_eq!(value("[1, 2] ++ [3]", "{}"), "1, 2, 3");
    assert_eq!(value("[1, 2, 1].distinct", "{}"), "1, 2");
    assert_eq!(value("[1, 2][-1]", "{}"), "2");
    assert_eq!(value("[1, 2][5]", "{}"), "missing");
    assert_eq!(value("c.data.keys", "{ b: x, a: z }"), "b, a");
    assert_eq!(value("(c.data ++ c.labels).keys", "{ b: x }"), "b");
    assert_eq!(value("[k for k, v in c.data where v == \"z\"]", "{ b: x, a: z }"), "a");
    assert_eq!(value("if c.data[\"a\"] exists then 1 else 2", "{}"), "2");
}

#[test]
fn secrets_are_told_apart_without_being_shown() {
    assert_eq!(value("c.data[\"a\"].entropy()", "{ a: abab }"), "4");
    assert!(holds("c.data[\"a\"].digest() == c.data[\"b\"].digest()", "{ a: x, b: x }"));
    assert!(!holds("c.data[\"a\"].digest() == c.data[\"b\"].digest()", "{ a: x, b: z }"));
    assert!(holds("c.data[\"a\"].placeholder()", "{ a: '${X}' }"));
    assert!(!holds("c.data[\"b\"].looks_like_credential(\"password\")", "{}"));
}

/// The type of a parameter by a path takes no place in the frame of the function.
#[test]
fn functions_take_parts_of_objects_by_their_path() {
    let lines = Case::new(
        r#"
fn everyone(r: AuditPolicy.rules[], level: string): bool = r.users empty and r.level == level
rule for-everyone low "t"
  for a in AuditPolicy, r in a.rules
  deny when everyone(r, "Metadata") at r "t"
"#,
    )
    .given(
        r#"
        apiVersion: audit.k8s.io/v1
        kind: Policy
        rules: [{ level: Metadata, users: [ada] }, { level: Metadata }, { level: None }]
        "#,
    )
    .lines();
    assert_eq!(lines, ["deny Policy  rules[1]: t"]);
}
