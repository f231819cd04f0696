//! Whole policies, those of the language's own page among them.

use crate::testkit::Case;

const POD: &str = "
    apiVersion: v1
    kind: Pod
    metadata: { name: web }
    spec:
      containers:
      - name: app
        env: [{ name: A, value: b }]
      initContainers:
      - name: migrate
        env: [{ name: DB, valueFrom: { secretKeyRef: { name: db, key: url } } }]
    ";

#[test]
fn a_secret_in_the_environment() {
    let case = Case::new(
        r#"
rule ENV001 secret-in-env medium "Secrets are mounted as files, not passed as environment variables"
  for w in Workload, c in w.containers
  deny for e in c.env when e.valueFrom.secretKeyRef exists
    "container {c.name} receives Secret {e.valueFrom.secretKeyRef.name} as ${e.name}"
"#,
    )
    .given(POD);
    assert_eq!(
        case.lines(),
        [
            "deny Pod web spec.initContainers[0].env[0].valueFrom.secretKeyRef: container migrate receives Secret db as $DB"
        ]
    );
}

#[test]
fn a_literal_credential() {
    let case = Case::new(
        r#"
rule literal-credential high "Containers carry no literal credentials"
  for w in Workload, c in w.containers, e in c.env
  deny when e.value.looks_like_credential(e.name)
    "container {c.name} has a credential in ${e.name}"
"#,
    )
    .given(
        "
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web }
        spec:
          template:
            spec:
              containers:
              - name: app
                env:
                - { name: DB_PASSWORD, value: hunter2 }
                - { name: DB_PASSWORD_FILE, value: /run/db }
                - { name: API_TOKEN, valueFrom: { secretKeyRef: { name: api, key: token } } }
        ",
    );
    assert_eq!(
        case.lines(),
        [
            "deny Deployment web spec.template.spec.containers[0].env[0].value: container app has a credential in $DB_PASSWORD"
        ]
    );
}

const STORES: &str = r#"
rule missing-secret-store high "Every ExternalSecret refers to a store that exists"
  for e in ExternalSecret
  for r in [e.spec.secretStoreRef] ++ e.spec.data[].sourceRef.storeRef
  deny when r dangling
    "{r.kind ?? "SecretStore"} {r.name ?? "?"} does not exist"
"#;

const EXTERNAL: &str = "
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata: { name: db, namespace: shop }
    spec:
      secretStoreRef: { name: vault, kind: ClusterSecretStore }
      data:
      - { secretKey: a, remoteRef: { key: x }, sourceRef: { storeRef: { name: local } } }
    ---
    apiVersion: external-secrets.io/v1
    kind: ClusterSecretStore
    metadata: { name: vault }
    ";

#[test]
fn a_reference_dangles_only_where_its_targets_are_all_known() {
    let open = Case::new(STORES).given(EXTERNAL);
    assert_eq!(
        open.lines(),
        ["undecided ExternalSecret db: SecretStore local is not in the input, which may not be all there is"]
    );
    let need = &open.verdicts().undecided[0].need;
    assert_eq!(need, "a complete inventory of SecretStore (`--complete=SecretStore`)");
    let closed = Case::new(STORES).given(EXTERNAL).complete(&["SecretStore"]);
    assert_eq!(
        closed.lines(),
        ["deny ExternalSecret db spec.data[0].sourceRef.storeRef: SecretStore local does not exist"]
    );
}

#[test]
fn a_reference_looks_in_its_owners_namespace() {
    let store = |namespace: &str| {
        format!(
            "
            apiVersion: external-secrets.io/v1
            kind: SecretStore
            metadata: {{ name: local{namespace} }}
            "
        )
    };
    let here = Case::new(STORES).given(EXTERNAL).given(&store(", namespace: shop")).complete(&["*"]);
    assert_eq!(here.lines(), Vec::<String>::new());
    let elsewhere = Case::new(STORES).given(EXTERNAL).given(&store(", namespace: other")).complete(&["*"]);
    assert_eq!(elsewhere.lines().len(), 1);
    let unknown = Case::new(STORES).given(EXTERNAL).given(&store("")).complete(&["*"]);
    assert_eq!(unknown.lines(), ["undecided ExternalSecret db: the namespace of SecretStore local is not known"]);
}

#[test]
fn what_a_comprehension_keeps_keeps_its_place() {
    let case = Case::new(
        r#"
rule identity-first critical "Secrets are encrypted at rest"
  for c in EncryptionConfiguration
  let r = [x for x in c.resources where x.resources overlaps ["secrets", "*.", "*.*"]][0]
  deny when r.providers[0].identity exists
    "new Secrets are stored in plain text: identity is the first provider"
"#,
    )
    .given(
        "
        apiVersion: apiserver.config.k8s.io/v1
        kind: EncryptionConfiguration
        resources:
        - resources: [configmaps]
          providers: [{ aescbc: {} }]
        - resources: [secrets]
          providers: [{ identity: {} }, { aescbc: {} }]
        ",
    );
    assert_eq!(
        case.lines(),
        [
            "deny EncryptionConfiguration  resources[1].providers[0].identity: new Secrets are stored in plain text: identity is the first provider"
        ]
    );
}

#[test]
fn durations_and_params() {
    let rules = r#"
param max_refresh: duration = 1h

rule vault-refresh medium "VaultStaticSecrets are refreshed often enough"
  for v in VaultStaticSecret
  let after = v.spec.refreshAfter.duration()
  deny when after absent and v.spec.hmacSecretData == false "it is never refreshed: set refreshAfter"
  deny when after exists and after > max_refresh "it is refreshed every {after}, more than {max_refresh}"
"#;
    let secret = |spec: &str| {
        format!(
            "
            apiVersion: secrets.hashicorp.com/v1beta1
            kind: VaultStaticSecret
            metadata: {{ name: db }}
            spec: {spec}
            "
        )
    };
    assert_eq!(
        Case::new(rules).given(&secret("{ refreshAfter: 90m }")).lines(),
        ["deny VaultStaticSecret db spec.refreshAfter: it is refreshed every 1h30m, more than 1h"]
    );
    assert_eq!(
        Case::new(rules).given(&secret("{ hmacSecretData: false }")).lines(),
        ["deny VaultStaticSecret db spec.refreshAfter (missing, at 4:7): it is never refreshed: set refreshAfter"]
    );
    assert_eq!(Case::new(rules).given(&secret("{ refreshAfter: 30m }")).lines(), Vec::<String>::new());
}

#[test]
fn plain_secrets_in_git() {
    let rules = r#"
rule plaintext-in-git critical "Secrets in Git are encrypted"
  for s in Secret
  where s.origin == "file" and s.sops absent
  deny for key, value in s.data ++ s.stringData when value.size > 0
    "key {key} can be read by whoever reads the repository"
"#;
    let plain = "
        apiVersion: v1
        kind: Secret
        metadata: { name: db }
        data: { password: aHVudGVyMg==, empty: \"\" }
        stringData:
          url: x
        ";
    assert_eq!(
        Case::new(rules).given(plain).lines(),
        [
            "deny Secret db data.password: key password can be read by whoever reads the repository",
            "deny Secret db stringData.url: key url can be read by whoever reads the repository",
        ]
    );
    let encrypted = format!("{}\n        sops: {{ mac: x }}\n", plain.trim_end());
    assert_eq!(Case::new(rules).given(&encrypted).lines(), Vec::<String>::new());
}
