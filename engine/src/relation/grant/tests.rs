//! What `Grant` says, by example and against a naive reading of the same RBAC objects.

use crate::testkit::Case;

mod naive;

/// Who may read Secrets.
const READERS: &str = r#"
rule reads-secrets low "t"
  for g in Grant
  deny when g.allows("get", "secrets") at g.binding.roleRef
    "{g.subject.kind} {g.subject.name} in {g.namespace ?? "all"}"
"#;

fn readers(manifests: &str) -> Vec<String> {
    Case::new(READERS).given(manifests).lines()
}

#[test]
fn a_role_of_the_namespace_and_one_of_another() {
    let manifests = r#"
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: { name: reader, namespace: shop }
        rules: [{ apiGroups: [""], resources: [secrets], verbs: [get] }]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: { name: reader, namespace: till }
        rules: [{ apiGroups: [""], resources: [pods], verbs: [get] }]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: { name: a, namespace: shop }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
        subjects: [{ kind: User, name: ada }, { kind: ServiceAccount, name: web }]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: { name: b, namespace: till }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
        subjects: [{ kind: User, name: bob }]
    "#;
    assert_eq!(
        readers(manifests),
        ["deny RoleBinding a roleRef: User ada in shop", "deny RoleBinding a roleRef: ServiceAccount web in shop"]
    );
}

#[test]
fn built_in_roles_are_known_and_collect_roles_of_the_input() {
    let manifests = r#"
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: { name: a }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }
        subjects: [{ kind: Group, name: staff }]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: { name: b, namespace: shop }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit }
        subjects: [{ kind: Group, name: dev }]
    "#;
    assert_eq!(readers(manifests), ["deny RoleBinding b roleRef: Group dev in shop"], "view reads no Secrets");
    let labelled = r#"
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: { name: more, labels: { rbac.authorization.k8s.io/aggregate-to-view: "true" } }
        rules: [{ apiGroups: [""], resources: [secrets], verbs: [get] }]
    "#;
    let lines = readers(&format!("{manifests}{labelled}"));
    assert!(lines.contains(&"deny ClusterRoleBinding a roleRef: Group staff in all".to_owned()), "{lines:?}");
}

#[test]
fn an_aggregated_role_of_a_file_has_the_rules_of_others_only() {
    let manifests = r#"
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: { name: sum }
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { team: shop } }] }
        rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: { name: part, labels: { team: SHOP } }
        rules: [{ apiGroups: [""], resources: [secrets], verbs: [get] }]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: { name: a }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: sum }
        subjects: [{ kind: User, name: ada }]
    "#;
    assert!(readers(&manifests.replace("SHOP", "till")).is_empty(), "the controller overwrites the role's own rules");
    assert_eq!(readers(&manifests.replace("SHOP", "shop")), ["deny ClusterRoleBinding a roleRef: User ada in all"]);
}

#[test]
fn a_role_that_is_not_there_leaves_it_open_or_grants_nothing() {
    let manifests = r#"
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: { name: a, namespace: shop }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
        subjects: [{ kind: User, name: ada }]
    "#;
    assert_eq!(
        readers(manifests),
        ["undecided RoleBinding a: Role reader is not in the input, which may not be all there is"]
    );
    assert!(Case::new(READERS).given(manifests).complete(&["Role"]).lines().is_empty());
    // Who is bound is known, so a rule about others is decided.
    let others = r#"
rule group-reads-secrets low "t"
  for g in Grant
  where g.subject.kind == "Group"
  deny when g.allows("get", "secrets") "t"
"#;
    assert!(Case::new(others).given(manifests).lines().is_empty());
}

#[test]
fn a_namespace_that_is_not_known_is_no_match_and_no_miss() {
    let manifests = r#"
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: { name: reader }
        rules: [{ apiGroups: [""], resources: [secrets], verbs: [get] }]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: { name: a }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
        subjects: [{ kind: User, name: ada }]
    "#;
    assert_eq!(readers(manifests), ["undecided RoleBinding a: the namespace of RoleBinding a is not known"]);
    assert_eq!(
        Case::new(READERS).given(manifests).namespace("shop").lines(),
        ["deny RoleBinding a roleRef: User ada in shop"]
    );
}

#[test]
fn rules_on_urls_and_bindings_that_the_server_refuses_give_no_rows() {
    let manifests = r#"
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: { name: urls }
        rules: [{ nonResourceURLs: ["*"], verbs: ["*"] }]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: { name: a }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: urls }
        subjects: [{ kind: User, name: ada }]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: { name: b }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
        subjects: [{ kind: User, name: ada }]
    "#;
    let any = "rule any-grant low \"t\"\n  for g in Grant\n  deny at g.binding \"t\"\n";
    assert!(Case::new(any).given(manifests).complete(&["*"]).lines().is_empty());
}

/// Which accounts hold a grant that reads Secrets: by name, by group, by the name of the user that an account is.
#[test]
fn accounts_hold_grants_through_their_groups_too() {
    let rule = r#"
link PodSpec.serviceAccountName to ServiceAccount
rule account-reads-secrets low "t"
  for p in Pod
  where p.spec.serviceAccountName exists
  for g in Grant
  deny when g.held_by(p.spec.serviceAccountName) and g.allows("get", "secrets") at p
    "through {g.subject.kind} {g.subject.name}"
"#;
    let pod = |name: &str, meta: &str, account: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{ name: {name}{meta} }}\n\
             spec: {{ serviceAccountName: {account}, containers: [{{ name: app, image: web }}] }}\n"
        )
    };
    let subject = |subject: &str| {
        let binding = format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{ name: a }}\n\
             roleRef: {{ apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }}\n\
             subjects: [{{ {subject} }}]\n"
        );
        let pods = [
            pod("a", ", namespace: shop", "web"),
            pod("b", ", namespace: shop", "other"),
            pod("c", ", namespace: till", "web"),
            pod("d", "", "web"),
        ];
        let lines = Case::new(rule).given(&format!("{binding}{}", pods.concat())).lines();
        lines.iter().map(|line| line.split(' ').take(3).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    let all = ["deny Pod a", "deny Pod b", "deny Pod c", "deny Pod d"];
    assert_eq!(subject("kind: ServiceAccount, name: web, namespace: shop"), ["deny Pod a", "undecided Pod d:"]);
    assert_eq!(subject("kind: User, name: 'system:serviceaccount:shop:web'"), ["deny Pod a", "undecided Pod d:"]);
    assert_eq!(subject("kind: Group, name: 'system:serviceaccounts'"), all);
    assert_eq!(subject("kind: Group, name: 'system:authenticated'"), all);
    assert_eq!(subject("kind: Group, name: 'system:serviceaccounts:till'"), ["deny Pod c", "undecided Pod d:"]);
    assert!(subject("kind: Group, name: 'system:masters'").is_empty());
    assert!(subject("kind: User, name: web").is_empty());
}

/// Patterns of resources: what covers what.
#[test]
fn wildcards_and_subresources() {
    let allows = |resources: &str, asked: &str| {
        let rule = format!("rule t-t low \"t\"\n  for g in Grant\n  deny when g.allows(\"get\", \"{asked}\") \"t\"\n");
        let manifests = format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{ name: r }}\n\
             rules: [{{ apiGroups: ['', apps], resources: [{resources}], verbs: [get] }}]\n---\n\
             apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{ name: a }}\n\
             roleRef: {{ apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r }}\n\
             subjects: [{{ kind: User, name: ada }}]\n"
        );
        !Case::new(&rule).given(&manifests).verdicts().findings.is_empty()
    };
    for asked in ["pods", "pods/exec", "deployments.apps", "deployments.apps/scale"] {
        assert!(allows("'*'", asked), "* covers {asked}");
    }
    assert!(allows("pods/exec", "pods/exec"));
    assert!(allows("'*/scale'", "deployments.apps/scale"));
    assert!(!allows("'*/scale'", "deployments.apps"));
    assert!(!allows("pods", "pods/exec"), "a resource does not cover its subresources");
    assert!(!allows("'pods/*'", "pods/exec"), "no pattern covers all subresources of one resource");
    assert!(!allows("'pods/*'", "pods"));
    assert!(!allows("'*'", "ingresses.networking.k8s.io"), "the group counts");
}

/// Four thousand roles and bindings, each of its own namespace, half of them of one name.
#[test]
fn time_grows_with_the_input() {
    let manifests = |count: usize| {
        let mut text = String::new();
        for at in 0..count {
            let name = if at % 2 == 0 { "reader".to_owned() } else { format!("reader-{at}") };
            text += &format!(
                "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n\
                 metadata: {{ name: {name}, namespace: n{at} }}\n\
                 rules: [{{ apiGroups: [''], resources: [secrets], verbs: [get] }}]\n---\n\
                 apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\n\
                 metadata: {{ name: b, namespace: n{at} }}\n\
                 roleRef: {{ apiGroup: rbac.authorization.k8s.io, kind: Role, name: {name} }}\n\
                 subjects: [{{ kind: User, name: ada }}]\n"
            );
        }
        text
    };
    let case = Case::new(READERS).given(&manifests(4000));
    let start = std::time::Instant::now();
    let found = case.verdicts().findings.len();
    let took = start.elapsed();
    assert_eq!(found, 4000);
    // Parsing is the greater part. A join of all with all would take minutes.
    assert!(took.as_secs() < 20, "took {took:?}");
    eprintln!("4,000 roles and bindings: {took:?}, parsing included");
}
