//! Custom kinds: the project's rules are typed by what the server says of them.

use serde_json::json;
use tacit_tests::cluster::{Cluster, audit, object};

const RULE: &str = r#"
rule widget-token high "Widgets refer to their token"
  for w in Widget
  deny when w.spec.token exists
    "Widget {w.name} has its token written out"
"#;

#[test]
#[ignore = "starts an API server"]
fn a_rule_on_a_custom_kind_needs_no_definition() {
    let mut cluster = Cluster::start("none");
    let schema = json!({
        "type": "object",
        "properties": { "spec": { "type": "object", "properties": { "token": { "type": "string" } } } },
    });
    let mut definition = object(
        "CustomResourceDefinition",
        "",
        "widgets.example.org",
        json!({ "spec": {
        "group": "example.org",
        "names": { "kind": "Widget", "plural": "widgets", "singular": "widget" },
        "scope": "Namespaced",
        "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": schema } }],
    } }),
    );
    definition["apiVersion"] = "apiextensions.k8s.io/v1".into();
    cluster.create(&[definition]);
    // The server begins to serve it, and to describe it, a moment later.
    std::thread::sleep(std::time::Duration::from_secs(3));
    let mut widget = object("Widget", "default", "a", json!({ "spec": { "token": "x" } }));
    widget["apiVersion"] = "example.org/v1".into();
    cluster.create(&[widget]);
    let rules = cluster.kubeconfig.with_extension("tacit");
    std::fs::write(&rules, RULE).expect("the rule is written");
    let run = |rules: &std::path::Path| {
        audit(&cluster.kubeconfig, &["--no-std", "--rules", rules.to_str().expect("a path in UTF-8")])
    };
    let (status, report, text) = run(&rules);
    assert_eq!((status, &report["findings"][0]["object"]["name"]), (1, &json!("a")), "{text}");
    // A field that the kind does not have is an error, as for any other kind.
    std::fs::write(&rules, RULE.replace("w.spec.token", "w.spec.tokem")).expect("the rule is written");
    let (status, _, text) = run(&rules);
    assert!(status == 2 && text.contains("tokem"), "{text}");
}
