//! When the input does not carry a verdict.

use crate::testkit::Case;

fn on_deployment(clauses: &str, spec: &str) -> Vec<String> {
    Case::new(&format!("rule a-rule low \"A title\"\n  for d in Deployment\n{clauses}\n"))
        .given(&format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: web, namespace: shop }}\nspec: {spec}"
        ))
        .lines()
}

const WRONG: &str = "{ replicas: many, paused: true, minReadySeconds: 5 }";
const REASON: &str = "undecided Deployment web: spec.replicas is a text where the schema has an int";

#[test]
fn data_of_another_shape_than_its_schema() {
    assert_eq!(on_deployment("  deny when (d.spec.replicas ?? 1) > 1 \"m\"", WRONG), [REASON]);
}

#[test]
fn kleenes_connectives() {
    let lines = |condition: &str| on_deployment(&format!("  deny when {condition} \"m\""), WRONG);
    assert_eq!(lines("(d.spec.replicas ?? 1) > 1 and d.spec.paused == true"), [REASON]);
    assert_eq!(lines("(d.spec.replicas ?? 1) > 1 and d.spec.paused != true"), Vec::<String>::new());
    assert_eq!(lines("d.spec.paused != true and (d.spec.replicas ?? 1) > 1"), Vec::<String>::new());
    assert_eq!(lines("(d.spec.replicas ?? 1) > 1 or d.spec.paused == true"), ["deny Deployment web spec.paused: m"]);
    assert_eq!(lines("not ((d.spec.replicas ?? 1) > 1)"), [REASON]);
}

#[test]
fn a_default_does_not_catch_it() {
    assert_eq!(on_deployment("  deny when (d.spec.minReadySeconds ?? 0) > 1 \"m\"", "{ minReadySeconds: x }").len(), 1);
    assert!(
        on_deployment("  deny when (d.spec.minReadySeconds ?? 0) > 1 \"m\"", "{ minReadySeconds: x }")[0]
            .starts_with("undecided")
    );
}

#[test]
fn an_undecided_where_stops_its_binding_once() {
    assert_eq!(
        on_deployment(
            "  where (d.spec.replicas ?? 1) > 1\n  deny \"a\"\n  deny when (d.spec.replicas ?? 1) > 2 \"b\"",
            WRONG
        ),
        [REASON]
    );
}

#[test]
fn each_clause_has_its_own_verdict() {
    assert_eq!(
        on_deployment("  deny when (d.spec.replicas ?? 1) > 1 \"a\"\n  deny when d.spec.paused == true \"b\"", WRONG),
        ["deny Deployment web spec.paused: b", REASON]
    );
}

#[test]
fn one_element_of_another_shape_stops_only_itself() {
    let case = Case::new(
        "rule a-rule low \"A title\"\n  for p in Pod, c in p.spec.containers\n  deny when c.image == \"x\" \"m\"\n",
    )
    .given("apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [word, { name: a, image: x }] }");
    assert_eq!(
        case.lines(),
        [
            "deny Pod web spec.containers[1].image: m",
            "undecided Pod web: spec.containers[0] is a text where the schema has a map",
        ]
    );
}

#[test]
fn bad_base64_is_told_without_its_text() {
    let case =
        Case::new("rule a-rule low \"A title\"\n  for s in Secret, k, v in s.data\n  deny when v.size > 3 \"{k}\"\n")
            .given("apiVersion: v1\nkind: Secret\nmetadata: { name: s }\ndata: { a: hunter2!, b: aHVudGVyMg== }");
    assert_eq!(
        case.lines(),
        [
            "deny Secret s data.b: b",
            "undecided Secret s: data.a is a text that is no base64 where the schema has bytes in base64"
        ]
    );
}

#[test]
fn what_is_no_base64_is_there_and_has_a_text() {
    let lines = |condition: &str| {
        Case::new(&format!(
            "rule a-rule low \"A title\"\n  for s in Secret, k, v in s.data\n  deny when {condition} \"{{k}}\"\n"
        ))
        .given("apiVersion: v1\nkind: Secret\nmetadata: { name: s }\ndata: { a: \"${TOKEN}\" }")
        .lines()
    };
    let found = ["deny Secret s data.a: a"];
    let open = ["undecided Secret s: data.a is a text that is no base64 where the schema has bytes in base64"];
    assert_eq!(lines("v exists"), found);
    assert_eq!(lines("v.raw.placeholder()"), found);
    assert_eq!(lines("(v.raw ?? \"\") starts with \"$\""), found);
    assert_eq!(lines("not v.raw.placeholder() and v.size > 3"), Vec::<String>::new());
    assert_eq!(lines("v == \"x\""), open);
    assert_eq!(lines("v.entropy() > 3"), open);
    assert_eq!(lines("v matches /x/"), open);
    assert_eq!(lines("v empty"), Vec::<String>::new());
}

#[test]
fn an_unknown_namespace_is_never_a_match_and_never_a_miss() {
    let rule = |condition: &str| {
        format!("rule a-rule low \"A title\"\n  for p in Pod\n  deny when {condition} \"{{p.name}}\"\n")
    };
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [] }";
    let lines = |condition: &str| Case::new(&rule(condition)).given(pod).lines();
    let unknown = ["undecided Pod web: the namespace of Pod web is not known"];
    assert_eq!(lines("p.namespace == \"kube-system\""), unknown);
    assert_eq!(lines("p.namespace != \"kube-system\""), unknown);
    assert_eq!(lines("p.namespace absent"), Vec::<String>::new());
    assert_eq!(Case::new(&rule("p.namespace == \"shop\"")).given(pod).namespace("shop").lines().len(), 1);
}

#[test]
fn numbers_that_leave_64_bits() {
    assert_eq!(
        on_deployment("  deny when d.spec.minReadySeconds ?? 1 + 9223372036854775807 > 1 \"m\"", "{ paused: true }"),
        ["undecided Deployment web: `+` leaves the range of 64 bits"]
    );
}

#[test]
fn a_pattern_of_the_input_that_is_none() {
    let case = Case::new(
        "rule a-rule low \"A title\"\n  for p in Pod\n  deny when p.name matches (p.annotations[\"re\"] ?? \"x\") \"m\"\n",
    );
    let pod = |re: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{ name: web, annotations: {{ re: '{re}' }} }}\nspec: {{ containers: [] }}"
        )
    };
    assert_eq!(case.given(&pod("w(b")).lines(), ["undecided Pod web: a pattern is no regular expression"]);
}

#[test]
fn an_open_value_of_another_type() {
    let rules = "rule a-rule low \"A title\"\n  for c in ConfigMap\n  let n = c.data[\"x\"].json().n as int?\n  deny when n exists and n > 1 \"m\"\n";
    let map = |json: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: c }}\ndata: {{ x: '{json}' }}");
    assert_eq!(Case::new(rules).given(&map("{\"n\": 2}")).lines().len(), 1);
    assert_eq!(Case::new(rules).given(&map("{\"n\": 1}")).lines(), Vec::<String>::new());
    assert_eq!(Case::new(rules).given(&map("{}")).lines(), Vec::<String>::new());
    assert_eq!(
        Case::new(rules).given(&map("{\"n\": \"two\"}")).lines(),
        ["undecided ConfigMap c: n is a text where the schema has an int"]
    );
}

#[test]
fn an_undecided_clause() {
    assert_eq!(
        on_deployment("  undecided when d.spec.paused == true \"it is paused\"", WRONG),
        ["undecided Deployment web: it is paused"]
    );
}
