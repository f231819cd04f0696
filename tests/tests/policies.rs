//! The policies of `examples/policies` that need no computed relation, each with a finding, a clean input and one that
//! leaves it open: the verdict, its place in the file and its message.

use serde_json::Value;
use tacit_tests::binary::repository;
use tacit_tests::project::Project;

/// The verdicts of one policy on one file, as lines: `3:5 $['spec'] message`, `undecided reason`.
fn verdicts(policy: &str, manifests: &str, args: &[&str]) -> Vec<String> {
    let text = std::fs::read_to_string(repository().join(format!("examples/policies/{policy}.tacit")));
    let text = text.unwrap_or_else(|error| panic!("{policy}: {error}"));
    let project = Project::new(&[("rules/policy.tacit", &text), ("input.yaml", manifests)]);
    let (_, report) = project.check(args);
    let all = |list: &str| report[list].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines: Vec<String> = Vec::new();
    for finding in all("findings") {
        let at = &finding["location"];
        lines.push(format!("{}:{} {} {}", at["line"], at["column"], text(&finding["path"]), text(&finding["message"])));
    }
    for verdict in all("undecided") {
        lines.push(format!("undecided {}", text(&verdict["reason"])));
    }
    lines
}

const CLEAN: [&str; 0] = [];

#[test]
fn secret_in_env() {
    let pod = |env: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{ name: web }}\nspec:\n  containers:\n  - name: web\n    env:\n    - {env}\n"
        )
    };
    let verdicts = |env: &str| verdicts("secret-in-env", &pod(env), &[]);
    assert_eq!(
        verdicts("{ name: DB, valueFrom: { secretKeyRef: { name: db, key: url } } }"),
        [
            "8:46 $['spec']['containers'][0]['env'][0]['valueFrom']['secretKeyRef'] container web receives Secret db as $DB"
        ]
    );
    assert_eq!(verdicts("{ name: DB, valueFrom: { configMapKeyRef: { name: db, key: url } } }"), CLEAN);
    assert_eq!(
        verdicts("{ name: DB, valueFrom: secret }"),
        ["undecided spec.containers[0].env[0].valueFrom is a text where the schema has a map"]
    );
}

#[test]
fn missing_secret_store() {
    let external = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: { name: db, namespace: shop }\n\
                    spec:\n  secretStoreRef: { name: aws, kind: ClusterSecretStore }\n  data:\n  - secretKey: a\n    \
                    remoteRef: { key: x }\n    sourceRef: { storeRef: { name: own, kind: SecretStore } }\n";
    let stores = "---\napiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: { name: aws }\n---\n\
                  apiVersion: external-secrets.io/v1\nkind: SecretStore\nmetadata: { name: own, namespace: shop }\n";
    let elsewhere = stores.replace("shop", "other");
    let verdicts = |stores: &str, args: &[&str]| verdicts("missing-secret-store", &format!("{external}{stores}"), args);
    assert_eq!(verdicts(stores, &["--complete"]), CLEAN);
    assert_eq!(
        verdicts(&elsewhere, &["--complete"]),
        ["9:28 $['spec']['data'][0]['sourceRef']['storeRef'] SecretStore own does not exist"]
    );
    assert_eq!(
        verdicts("", &["--complete=SecretStore,ClusterSecretStore"]),
        [
            "5:19 $['spec']['secretStoreRef'] ClusterSecretStore aws does not exist",
            "9:28 $['spec']['data'][0]['sourceRef']['storeRef'] SecretStore own does not exist",
        ]
    );
    assert_eq!(
        verdicts(&elsewhere, &[]),
        ["undecided SecretStore own is not in the input, which may not be all there is"]
    );
}

#[test]
fn identity_first() {
    let config = |resources: &str| {
        format!("apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n{resources}")
    };
    let verdicts = |resources: &str| verdicts("identity-first", &config(resources), &[]);
    let others = "- resources: [configmaps]\n  providers: [{ identity: {} }]\n";
    assert_eq!(
        verdicts(&format!(
            "{others}- resources: ['*.*']\n  providers: [{{ identity: {{}} }}, {{ kms: {{ name: k }} }}]\n"
        )),
        [
            "7:27 $['resources'][1]['providers'][0]['identity'] new Secrets are stored in plain text: identity is the first provider"
        ]
    );
    assert_eq!(
        verdicts(&format!(
            "{others}- resources: [secrets]\n  providers: [{{ kms: {{ name: k }} }}, {{ identity: {{}} }}]\n"
        )),
        CLEAN
    );
    assert_eq!(verdicts(others), CLEAN);
    assert_eq!(
        verdicts("- resources: secrets\n  providers: [{ identity: {} }]\n"),
        ["undecided resources[0].resources is a text where the schema has a list"]
    );
}

#[test]
fn sealed_cluster_wide() {
    let sealed = |metadata: &str, template: &str| {
        format!(
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {{ name: db, namespace: shop{metadata} }}\n\
             spec:\n  encryptedData: {{ a: AgBy }}\n{template}"
        )
    };
    let verdicts = |metadata: &str, template: &str| verdicts("sealed-cluster-wide", &sealed(metadata, template), &[]);
    let wide = "annotations: { sealedsecrets.bitnami.com/cluster-wide: \"true\" }";
    let message = "this SealedSecret can be unsealed in any namespace";
    assert_eq!(
        verdicts(&format!(", {wide}"), ""),
        [format!("3:95 $['metadata']['annotations']['sealedsecrets.bitnami.com/cluster-wide'] {message}")]
    );
    assert_eq!(
        verdicts("", &format!("  template:\n    metadata: {{ {wide} }}\n")),
        [format!(
            "7:72 $['spec']['template']['metadata']['annotations']['sealedsecrets.bitnami.com/cluster-wide'] {message}"
        )]
    );
    assert_eq!(verdicts("", ""), CLEAN);
    // An annotation is a text; what the API server would refuse carries no verdict.
    assert_eq!(
        verdicts(", annotations: { sealedsecrets.bitnami.com/cluster-wide: true }", ""),
        [
            "undecided metadata.annotations[\"sealedsecrets.bitnami.com/cluster-wide\"] is true or false where the schema has a text"
        ]
    );
}

#[test]
fn vault_refresh() {
    let secret = |spec: &str| {
        format!(
            "apiVersion: secrets.hashicorp.com/v1beta1\nkind: VaultStaticSecret\nmetadata: {{ name: db }}\nspec:\n  \
             path: db\n{spec}"
        )
    };
    let verdicts = |spec: &str, args: &[&str]| verdicts("vault-refresh", &secret(spec), args);
    assert_eq!(
        verdicts("  refreshAfter: 24h\n", &[]),
        ["6:17 $['spec']['refreshAfter'] it is refreshed every 1d, more than 1h"]
    );
    assert_eq!(
        verdicts("  hmacSecretData: false\n", &[]),
        ["5:3 $['spec']['refreshAfter'] it is never refreshed: set refreshAfter"]
    );
    assert_eq!(verdicts("  refreshAfter: 24h\n", &["--set", "max_refresh=48h"]), CLEAN);
    assert_eq!(verdicts("  refreshAfter: 30m\n", &[]), CLEAN);
    assert_eq!(
        verdicts("  refreshAfter: 3600\n", &[]),
        ["undecided spec.refreshAfter is an int where the schema has a text"]
    );
}

#[test]
fn plaintext_in_git() {
    let secret = |rest: &str| format!("apiVersion: v1\nkind: Secret\nmetadata: {{ name: db }}\n{rest}");
    let verdicts = |rest: &str| verdicts("plaintext-in-git", &secret(rest), &[]);
    let message = "can be read by whoever reads the repository";
    assert_eq!(
        verdicts("data:\n  user: YQ==\n  empty: \"\"\nstringData:\n  token: abc\n"),
        [
            format!("5:9 $['data']['user'] key user {message}"),
            format!("8:10 $['stringData']['token'] key token {message}"),
        ]
    );
    assert_eq!(verdicts("data: { user: YQ== }\nsops: { mac: \"ENC[AES256_GCM,data:x]\" }\n"), CLEAN);
    assert_eq!(verdicts("type: kubernetes.io/service-account-token\n"), CLEAN);
    assert_eq!(
        verdicts("data: { user: \"${USER}\" }\n"),
        ["undecided data.user is a text that is no base64 where the schema has bytes in base64"]
    );
}

#[test]
fn literal_credential() {
    let job = |value: &str| {
        format!(
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{ name: backup }}\nspec:\n  jobTemplate:\n    spec:\n      \
             template:\n        spec:\n          initContainers:\n          - name: dump\n            env:\n            \
             - name: DB_PASSWORD\n              value: {value}\n"
        )
    };
    let verdicts = |value: &str| verdicts("literal-credential", &job(value), &[]);
    let path = "$['spec']['jobTemplate']['spec']['template']['spec']['initContainers'][0]['env'][0]['value']";
    assert_eq!(
        verdicts("Quay-Lantern-8812"),
        [format!("13:22 {path} container dump has a credential in $DB_PASSWORD")]
    );
    assert_eq!(verdicts("$(OTHER)"), CLEAN);
    assert_eq!(verdicts("''"), CLEAN);
    let path = "spec.jobTemplate.spec.template.spec.initContainers[0].env[0].value";
    assert_eq!(verdicts("88128812"), [format!("undecided {path} is an int where the schema has a text")]);
}
