//! Rules over several objects: quantifiers over kinds, views, groups, links.

use crate::testkit::Case;

const UNUSED: &str = r#"
rule a-rule low "A title"
  for s in Secret
  deny when not (any p in Pod: p.namespace == s.namespace and (any v in p.spec.volumes: v.secret.secretName == s.name))
    "no Pod mounts {s.name}"
"#;

const OBJECTS: &str = "
    apiVersion: v1
    kind: Secret
    metadata: { name: used, namespace: shop }
    ---
    apiVersion: v1
    kind: Secret
    metadata: { name: unused, namespace: shop }
    ---
    apiVersion: v1
    kind: Secret
    metadata: { name: used, namespace: elsewhere }
    ---
    apiVersion: v1
    kind: Pod
    metadata: { name: web, namespace: shop }
    spec: { containers: [], volumes: [{ name: v, secret: { secretName: used } }] }
    ";

#[test]
fn no_object_of_a_kind_is_known_only_where_the_kind_is_complete() {
    assert_eq!(
        Case::new(UNUSED).given(OBJECTS).complete(&["Pod"]).lines(),
        [
            "deny Secret unused metadata.name: no Pod mounts unused",
            "deny Secret used metadata.name: no Pod mounts used"
        ]
    );
    let open = Case::new(UNUSED).given(OBJECTS).lines();
    assert_eq!(
        open,
        [
            "undecided Secret unused: not every Pod may be in the input",
            "undecided Secret used: not every Pod may be in the input",
        ]
    );
}

#[test]
fn all_and_comprehensions_need_completeness_too() {
    let all = "rule a-rule low \"A title\"\n  for s in Secret\n  deny when all p in Pod: p.name != s.name \"m\"\n";
    assert_eq!(Case::new(all).given(OBJECTS).lines().len(), 3);
    assert!(Case::new(all).given(OBJECTS).lines().iter().all(|line| line.starts_with("undecided")));
    assert_eq!(Case::new(all).given(OBJECTS).complete(&["Pod"]).lines().len(), 3);
    let size = "rule a-rule low \"A title\"\n  for s in Secret\n  where s.name == \"unused\"\n  deny when [p for p in Pod].size > 0 \"m\"\n";
    assert_eq!(Case::new(size).given(OBJECTS).lines(), ["undecided Secret unused: not every Pod may be in the input"]);
    assert_eq!(Case::new(size).given(OBJECTS).complete(&["Pod"]).lines(), ["deny Secret unused metadata.name: m"]);
}

#[test]
fn an_unknown_namespace_stays_a_candidate_of_a_join() {
    let case = Case::new(UNUSED)
        .given("apiVersion: v1\nkind: Secret\nmetadata: { name: s, namespace: shop }")
        .given(
            "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [], volumes: [{ name: v, secret: { secretName: s } }] }",
        )
        .complete(&["*"]);
    assert_eq!(case.lines(), ["undecided Secret s: the namespace of Pod web is not known"]);
}

const READERS: &str = r#"
view Reader = from b in RoleBinding, s in b.subjects where s.kind == "Group" yield (group: s.name, binding: b)
view Bindings = from b in RoleBinding where b.name starts with "a"

rule a-rule low "A title"
  for r in Reader
  deny when r.group == "system:authenticated" at r.binding.roleRef "{r.group} through {r.binding}"

rule another-rule low "A title"
  for b in Bindings
  deny when b.roleRef->.rules[0].verbs[0] == "get" "{b.name}"
"#;

const BINDINGS: &str = "
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: { name: all, namespace: shop }
    roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
    subjects:
    - { kind: Group, name: 'system:authenticated', apiGroup: rbac.authorization.k8s.io }
    - { kind: Group, name: 'system:authenticated', apiGroup: rbac.authorization.k8s.io }
    - { kind: User, name: jane, apiGroup: rbac.authorization.k8s.io }
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: { name: reader, namespace: shop }
    rules: [{ apiGroups: [''], resources: [secrets], verbs: [get] }]
    ";

#[test]
fn views_are_sets_of_rows_with_their_places() {
    assert_eq!(
        Case::new(READERS).given(BINDINGS).lines(),
        [
            "deny RoleBinding all roleRef: system:authenticated through RoleBinding shop/all",
            "deny RoleBinding all roleRef: all",
        ]
    );
}

#[test]
fn objects_that_a_controller_in_the_input_owns_are_not_counted_again() {
    let rule = "rule a-rule low \"A title\"\n  for w in Workload\n  deny when w.pod.hostNetwork == true \"{w.kind}\"\n";
    let deployment = "
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web, namespace: shop, uid: u1 }
        spec: { template: { spec: { hostNetwork: true, containers: [] } } }
        ";
    let set = "
        apiVersion: apps/v1
        kind: ReplicaSet
        metadata:
          name: web-1
          namespace: shop
          ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: web, uid: u1, controller: true }]
        spec: { template: { spec: { hostNetwork: true, containers: [] } } }
        ";
    assert_eq!(
        Case::new(rule).given(deployment).lines(),
        ["deny Deployment web spec.template.spec.hostNetwork: Deployment"]
    );
    // Alone, the owned object is all there is.
    assert_eq!(
        Case::new(rule).given(set).lines(),
        ["deny ReplicaSet web-1 spec.template.spec.hostNetwork: ReplicaSet"]
    );
}

#[test]
fn the_order_of_verdicts_does_not_hang_on_threads() {
    let objects: String = (0..300)
        .map(|at| format!("---\napiVersion: v1\nkind: Secret\nmetadata: {{ name: s{at}, namespace: shop }}\n"))
        .collect();
    let case = Case::new(UNUSED).given(&objects).complete(&["*"]);
    let first = case.lines();
    assert_eq!(first.len(), 300);
    assert_eq!(first[0], "deny Secret s0 metadata.name: no Pod mounts s0");
    for _ in 0..3 {
        assert_eq!(case.lines(), first);
    }
}

#[test]
fn a_rule_looks_at_what_its_verdicts_go_over() {
    let rule = r#"
rule a-rule low "A title"
  deny for s in Secret when s.immutable == true "{s.name}"
  deny for p in Pod when p.spec.hostNetwork == true "{p.name}"
"#;
    let looked_at = |objects: &str| {
        let verdicts = Case::new(rule).given(objects).verdicts();
        verdicts.rules.iter().map(|run| run.objects).sum::<usize>()
    };
    assert_eq!(looked_at(OBJECTS), 4, "three Secrets and a Pod");
    assert_eq!(looked_at("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\n"), 0);
}
