//! Values of Secrets reach no output, whatever is asked for.

use serde_json::json;
use tacit_tests::binary::{self, tacit};
use tacit_tests::cluster::{Cluster, object, secret};

/// The formats of reports.
const FORMATS: [&str; 6] = ["text", "json", "sarif", "junit", "gitlab", "markdown"];

#[test]
#[ignore = "starts an API server"]
fn values_of_secrets_are_in_no_output() {
    let mut cluster = Cluster::start("none");
    // Random, so that no text of the program can hold them by chance.
    let canary = |at: u32| {
        use std::hash::{BuildHasher, RandomState};
        format!("canary{:016x}{:016x}", RandomState::new().hash_one(at), RandomState::new().hash_one(at))
    };
    let canaries: Vec<String> = (0..6).map(canary).collect();
    let copy = json!({ "kind": "Secret", "stringData": { "password": canaries[1] } }).to_string();
    let mut applied = secret("default", "applied", &canaries[2]);
    applied["metadata"]["annotations"] = json!({ "kubectl.kubernetes.io/last-applied-configuration": copy });
    let typed = json!({
        "type": "kubernetes.io/basic-auth",
        "stringData": { "username": canaries[3], "password": canaries[4] },
    });
    cluster.create(&[
        secret("default", "plain", &canaries[0]),
        applied,
        object("Secret", "default", "login", typed),
        object(
            "Secret",
            "default",
            "config",
            json!({ "stringData": { "a.yaml": format!("password: {}", canaries[5]) } }),
        ),
    ]);
    let forbidden: Vec<String> =
        canaries.iter().flat_map(|canary| [canary.clone(), base64(canary.as_bytes())]).collect();
    for format in FORMATS {
        for more in [&[][..], &["--read-secret-data"]] {
            let mut command = tacit();
            command.args([
                "audit",
                "--no-config",
                "--verbose",
                "--format",
                format,
                "--explain",
                "MAN002",
                "--kubeconfig",
            ]);
            let (_, out, error) = binary::run(command.arg(&cluster.kubeconfig).args(more));
            assert!(out.contains("applied"), "{format}: the Secrets were not looked at:\n{out}{error}");
            for canary in &forbidden {
                assert!(!out.contains(canary) && !error.contains(canary), "{format} {more:?} shows a value");
            }
        }
    }
}

/// Base64, as the API server writes values.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |bits: u32| DIGITS[(bits & 63) as usize] as char;
    // Only whole groups: what is looked for is a part of the value.
    bytes
        .chunks_exact(3)
        .flat_map(|group| {
            let bits = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
            [digit(bits >> 18), digit(bits >> 12), digit(bits >> 6), digit(bits)]
        })
        .collect()
}

#[test]
#[ignore = "starts an API server"]
fn rules_on_values_are_undecided_until_values_may_be_read() {
    use tacit_tests::cluster::audit;
    let mut cluster = Cluster::start("none");
    cluster.create(&[secret("default", "trivial", "password")]);
    let kubeconfig = cluster.kubeconfig.clone();
    let (status, report, text) = audit(&kubeconfig, &["--only", "MAN002"]);
    assert_eq!((status, report["findings"].as_array().map(Vec::len)), (0, Some(0)), "{text}");
    let need = report["undecided"][0]["need"].as_str().unwrap_or_default();
    assert!(need.contains("--read-secret-data"), "{text}");
    let (_, report, text) = audit(&kubeconfig, &["--only", "MAN002", "--read-secret-data"]);
    assert_eq!(report["findings"][0]["object"]["name"], "trivial", "{text}");
    assert_eq!(report["findings"][0]["location"]["precision"], "object");
    assert_eq!(report["findings"][0]["cluster"], "test");
    // Which keys there are needs no values.
    let incomplete =
        object("Secret", "default", "tls", json!({ "type": "example.org/x", "stringData": { "tls.crt": "" } }));
    cluster.create(&[incomplete]);
}
