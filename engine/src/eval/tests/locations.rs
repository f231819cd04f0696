//! Where a finding points.

use crate::testkit::Case;

/// Lines of a rule on one Pod.
fn on_pod(clauses: &str, spec: &str) -> Vec<String> {
    Case::new(&format!("rule a-rule low \"A title\"\n  for p in Pod\n{clauses}\n"))
        .given(&format!("apiVersion: v1\nkind: Pod\nmetadata: {{ name: web }}\nspec:\n{spec}"))
        .lines()
}

#[test]
fn the_deepest_node_that_was_read() {
    let spec = "  hostNetwork: true\n  containers:\n  - { name: a, image: b }\n";
    assert_eq!(
        on_pod("  deny when p.spec.hostNetwork == true and p.spec.containers[0].image == \"b\" \"m\"", spec),
        ["deny Pod web spec.containers[0].image: m"]
    );
}

#[test]
fn of_two_as_deep_the_first() {
    let spec = "  hostNetwork: true\n  hostPID: true\n  containers: []\n";
    assert_eq!(
        on_pod("  deny when p.spec.hostPID == true and p.spec.hostNetwork == true \"m\"", spec),
        ["deny Pod web spec.hostPID: m"]
    );
}

#[test]
fn what_short_circuit_leaves_out_was_not_read() {
    let spec = "  hostNetwork: true\n  containers: [{ name: a, image: b }]\n";
    assert_eq!(
        on_pod("  deny when p.spec.hostNetwork == true or p.spec.containers[0].image == \"b\" \"m\"", spec),
        ["deny Pod web spec.hostNetwork: m"]
    );
}

#[test]
fn a_missing_field_at_its_nearest_parent() {
    let spec = "  containers:\n  - name: a\n";
    assert_eq!(
        on_pod("  deny for c in p.spec.containers when c.securityContext.privileged absent \"m\"", spec),
        ["deny Pod web spec.containers[0].securityContext.privileged (missing, at 6:5): m"]
    );
}

#[test]
fn a_name_for_a_missing_value_keeps_its_place() {
    let spec = "  containers: []\n";
    assert_eq!(
        on_pod("  let c = p.spec.securityContext\n  deny when c.runAsNonRoot absent \"m\"", spec),
        ["deny Pod web spec.securityContext.runAsNonRoot (missing, at 5:3): m"]
    );
}

#[test]
fn a_missing_label_at_the_metadata() {
    assert_eq!(
        on_pod("  deny when p.labels[\"team\"] absent \"m\"", "  containers: []\n"),
        ["deny Pod web metadata.labels.team (missing, at 3:11): m"]
    );
}

#[test]
fn a_requirement_points_like_a_denial() {
    let spec = "  hostPID: true\n  containers: []\n";
    assert_eq!(on_pod("  require p.spec.hostPID != true else \"m\"", spec), ["deny Pod web spec.hostPID: m"]);
}

#[test]
fn at_wins() {
    let spec = "  hostPID: true\n  containers: [{ name: a }]\n";
    assert_eq!(
        on_pod("  deny when p.spec.hostPID == true at p.spec.containers[0] \"m\"", spec),
        ["deny Pod web spec.containers[0]: m"]
    );
    assert_eq!(on_pod("  deny when p.spec.hostPID == true at p \"m\"", spec), ["deny Pod web metadata.name: m"]);
}

#[test]
fn without_a_condition_the_innermost_element() {
    let spec = "  containers: [{ name: a }, { name: b }]\n";
    assert_eq!(
        on_pod("  for c in p.spec.containers\n  where c.name == \"b\"\n  deny \"m\"", spec),
        ["deny Pod web spec.containers[1]: m"]
    );
    assert_eq!(on_pod("  deny \"m\"", spec), ["deny Pod web metadata.name: m"]);
}

#[test]
fn the_element_that_decides_a_quantifier() {
    let spec = "  containers: [{ name: a, image: x }, { name: b, image: z }]\n";
    assert_eq!(
        on_pod("  deny when any c in p.spec.containers: c.image == \"z\" \"m\"", spec),
        ["deny Pod web spec.containers[1].image: m"]
    );
    assert_eq!(
        on_pod("  deny when not (all c in p.spec.containers: c.image == \"x\") \"m\"", spec),
        ["deny Pod web spec.containers[1].image: m"]
    );
}

#[test]
fn where_no_element_decides_the_list() {
    let spec = "  containers: [{ name: a, image: x }]\n";
    assert_eq!(
        on_pod("  require any c in p.spec.containers: c.image == \"z\" else \"m\"", spec),
        ["deny Pod web spec.containers: m"]
    );
    assert_eq!(
        on_pod("  require any c in p.spec.initContainers: c.image == \"z\" else \"m\"", spec),
        ["deny Pod web spec.initContainers (missing, at 5:3): m"]
    );
}

#[test]
fn the_rules_own_object_before_one_reached_from_it() {
    let case = Case::new(
        "rule a-rule low \"A title\"\n  for e in ExternalSecret\n  deny when e.spec.secretStoreRef->.spec.provider.vault.server == \"http://v\" \"m\"\n",
    )
    .given(
        "
        apiVersion: external-secrets.io/v1
        kind: ExternalSecret
        metadata: { name: db, namespace: shop }
        spec: { secretStoreRef: { name: vault } }
        ---
        apiVersion: external-secrets.io/v1
        kind: SecretStore
        metadata: { name: vault, namespace: shop }
        spec: { provider: { vault: { server: http://v } } }
        ",
    );
    assert_eq!(case.lines(), ["deny ExternalSecret db spec.secretStoreRef: m"]);
}

/// Lines of a rule on one ExternalSecret that states neither its store nor its interval.
fn on_external_secret(clauses: &str) -> Vec<String> {
    Case::new(&format!("rule a-rule low \"A title\"\n  for e in ExternalSecret\n{clauses}\n"))
        .given("apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: { name: db, namespace: shop }\nspec:\n  target: {}\n")
        .lines()
}

#[test]
fn a_default_at_the_field_that_is_not_written() {
    let expected = ["deny ExternalSecret db spec.refreshInterval (missing, at 5:3): m"];
    assert_eq!(on_external_secret("  deny at e.spec.refreshInterval \"m\""), expected);
    assert_eq!(on_external_secret("  deny when e.spec.refreshInterval.duration() == 1h \"m\""), expected);
    assert_eq!(
        on_external_secret("  let every = e.spec.refreshInterval.duration()\n  deny when every == 1h at every \"m\""),
        expected
    );
}

#[test]
fn beyond_a_reference_that_leads_nowhere_the_reference() {
    assert_eq!(
        on_external_secret("  deny when e.spec.secretStoreRef->.spec.provider.vault absent \"m\""),
        ["deny ExternalSecret db spec.secretStoreRef (missing, at 5:3): m"]
    );
    assert_eq!(
        on_external_secret("  deny when e.spec.secretStoreRef->.labels[\"team\"] absent \"m\""),
        ["deny ExternalSecret db spec.secretStoreRef (missing, at 5:3): m"]
    );
}

#[test]
fn a_place_inside_an_embedded_document() {
    let case = Case::new(
        "rule a-rule low \"A title\"\n  for c in ConfigMap, k, v in c.data\n  deny when v.yaml().auth.password as string? exists \"{k}\"\n",
    )
    .given("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata:\n  app.yaml: |\n    auth:\n      password: x\n");
    let verdicts = case.verdicts();
    let place = &verdicts.findings[0].place;
    assert_eq!(place.path.dotted().to_string(), "data[\"app.yaml\"]");
    assert_eq!(place.source.slice(place.span), "x");
}

#[test]
fn equal_findings_are_one() {
    let spec = "  containers: [{ name: a, image: x, command: [b, b] }]\n";
    assert_eq!(
        on_pod("  for c in p.spec.containers, w in c.command\n  deny when w == \"b\" at c \"m\"", spec),
        ["deny Pod web spec.containers[0]: m"]
    );
}

#[test]
fn fixes_belong_to_the_findings_of_their_binding() {
    let rules = "rule a-rule low \"A title\"\n  for p in Pod, c in p.spec.containers\n  deny when c.image == \"x\" \"m\"\n  fix set c.imagePullPolicy = \"Always\"\n  fix remove c.image\n";
    let case = Case::new(rules).given(
        "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers: [{ name: a, image: x }, { name: b, image: z }]\n",
    );
    let verdicts = case.verdicts();
    assert_eq!(verdicts.findings.len(), 1);
    let edits: Vec<String> = verdicts.findings[0]
        .edits
        .iter()
        .map(|edit| format!("{} {:?}", edit.place.path.dotted(), edit.action))
        .collect();
    assert_eq!(
        edits,
        ["spec.containers[0].imagePullPolicy Set(String(\"Always\"))", "spec.containers[0].image Remove"]
    );
}
