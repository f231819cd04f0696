//! What files tell about encryption at rest.

use super::covers;
use crate::testkit::Case;

const ALL: &str = r#"
rule stored-how low "t"
  for e in Encryption
  deny at e.node "{e.resource}: {e.writes ?? "?"} of {e.reads.join(" ")}, key {e.key ?? "-"}; {e.evidence}"
"#;

fn rows(manifests: &str) -> Vec<String> {
    let lines = Case::new(ALL).given(manifests).lines();
    lines.iter().map(|line| line.trim_start_matches("deny ").to_owned()).collect()
}

#[test]
fn the_first_entry_that_covers_a_resource_decides() {
    let manifests = r#"
        apiVersion: apiserver.config.k8s.io/v1
        kind: EncryptionConfiguration
        resources:
        - resources: [configmaps, widgets.example.org]
          providers: [{ identity: {} }]
        - resources: ["*."]
          providers:
          - kms: { apiVersion: v2, name: vault, endpoint: "unix:///run/kms.sock" }
          - aescbc: { keys: [{ name: old, secret: aGk= }] }
        - resources: [secrets]
          providers: [{ identity: {} }]
    "#;
    assert_eq!(
        rows(manifests),
        [
            "EncryptionConfiguration  resources[1].providers[0]: secrets: kms of kms aescbc, key vault; entry 2 of the configuration",
            "EncryptionConfiguration  resources[0].providers[0]: configmaps: identity of identity, key -; entry 1 of the configuration",
            "EncryptionConfiguration  resources[0].providers[0]: widgets.example.org: identity of identity, key -; entry 1 of the configuration",
        ]
    );
}

#[test]
fn what_no_entry_covers_is_written_as_it_is() {
    let manifests = r#"
        apiVersion: apiserver.config.k8s.io/v1
        kind: EncryptionConfiguration
        resources:
        - resources: [configmaps]
          providers: [{ secretbox: { keys: [{ name: k1, secret: aGk= }] } }]
    "#;
    assert_eq!(
        rows(manifests)[0],
        "EncryptionConfiguration  resources: secrets: identity of identity, key -; no entry of the configuration covers it"
    );
}

#[test]
fn flags_of_the_api_server() {
    let pod = |command: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{ name: a }}\nspec: {{ containers: [{{ name: c, image: x, command: [{command}] }}] }}\n"
        )
    };
    assert_eq!(
        rows(&pod("/usr/bin/kube-apiserver"))[0],
        "Pod a spec.containers[0]: secrets: identity of identity, key -; the API server runs without --encryption-provider-config"
    );
    assert_eq!(
        rows(&pod("kube-apiserver, --encryption-provider-config=/etc/e.yaml"))[0],
        "Pod a spec.containers[0].command[1]: secrets: ? of , key -; the API server reads /etc/e.yaml"
    );
    assert!(rows(&pod("web, --encryption-provider-config=x")).is_empty(), "another program");
}

#[test]
fn kubeadm_and_cluster_api_with_the_file_inline() {
    let list = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n\
        apiServer: { extraArgs: [{ name: encryption-provider-config, value: /etc/e.yaml }] }\n";
    assert!(rows(list)[0].contains("reads /etc/e.yaml"), "{:?}", rows(list));
    let map =
        "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\napiServer: { extraArgs: { v: \"2\" } }\n";
    assert!(rows(map)[0].contains("identity"), "{:?}", rows(map));
    let capi = r#"
        apiVersion: controlplane.cluster.x-k8s.io/v1beta1
        kind: KubeadmControlPlane
        metadata: { name: a }
        spec:
          kubeadmConfigSpec:
            clusterConfiguration: { apiServer: { extraArgs: { encryption-provider-config: /etc/e.yaml } } }
            files:
            - path: /etc/e.yaml
              content: |
                apiVersion: apiserver.config.k8s.io/v1
                kind: EncryptionConfiguration
                resources:
                - resources: [secrets]
                  providers: [{ aescbc: { keys: [{ name: k1, secret: aGk= }] } }]
    "#;
    let rows = rows(capi);
    assert!(rows[0].contains("secrets: ? of "), "{rows:?}");
    assert!(rows[2].ends_with("secrets: aescbc of aescbc, key k1; entry 1 of the configuration"), "{rows:?}");
}

#[test]
fn switches_of_control_planes() {
    let openshift = |kind: &str| {
        rows(&format!("apiVersion: config.openshift.io/v1\nkind: APIServer\nmetadata: {{ name: cluster }}\nspec: {{ encryption: {{ {kind} }} }}\n"))
            .first().cloned().unwrap_or_default()
    };
    assert!(openshift("type: aescbc").contains("secrets: aescbc"));
    assert!(openshift("type: ''").contains("secrets: identity"));
    assert!(openshift("").contains("secrets: identity"));
    let eks = rows(
        "apiVersion: controlplane.cluster.x-k8s.io/v1beta2\nkind: AWSManagedControlPlane\nmetadata: { name: a }\n\
         spec: { encryptionConfig: { provider: 'arn:aws:kms:eu-west-1:1:key/a', resources: [secrets] } }\n",
    );
    assert!(eks[0].contains("secrets: kms of kms, key arn:aws:kms"), "{eks:?}");
}

#[test]
fn patterns_of_resources() {
    assert!(covers("*.", "secrets") && !covers("*.", "jobs.batch"));
    assert!(covers("*.batch", "jobs.batch") && !covers("*.batch", "secrets"));
    assert!(covers("*.*", "secrets") && covers("*.*", "jobs.batch"));
    assert!(covers("secrets", "secrets") && !covers("secrets", "secrets.example.org"));
}
