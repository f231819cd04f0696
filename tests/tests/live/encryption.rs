//! Encryption at rest, from the counters of the server, held against what lies in etcd.

use std::path::Path;

use serde_json::{Value, json};
use tacit_tests::cluster::{Cluster, audit, secret};

/// The rules that fired, and those that are undecided.
fn verdicts(kubeconfig: &Path) -> (Vec<String>, Vec<String>) {
    // ROT001 lists the Secrets: that there are some is a part of the evidence.
    let (_, report, text) = audit(kubeconfig, &["--only", "EAR019,EAR020,EAR021,ROT001"]);
    let rules = |field: &str| -> Vec<String> {
        let entries = report[field].as_array().unwrap_or_else(|| panic!("{text}"));
        let rules = entries.iter().filter_map(|entry| entry["rule"].as_str());
        rules.filter(|rule| rule.starts_with("EAR")).map(str::to_owned).collect()
    };
    (rules("findings"), rules("undecided"))
}

/// Every Secret is written anew as it is: the server writes where the stored form is not the one of new writes.
fn rewrite(cluster: &mut Cluster, names: &[&str]) {
    let requests: Vec<_> =
        names.iter().map(|name| ("PATCH", format!("/api/v1/namespaces/default/secrets/{name}"), json!({}))).collect();
    for (status, body) in cluster.send(&requests, 1) {
        assert_eq!(status, 200, "{body}");
    }
}

fn stored(cluster: &mut Cluster, name: &str) -> String {
    let all = cluster.stored_secrets();
    let Value::String(form) = &all[format!("/registry/secrets/default/{name}")] else { panic!("{all}") };
    form.clone()
}

#[test]
#[ignore = "starts an API server"]
fn without_encryption_new_secrets_are_in_clear() {
    for mode in ["none", "identity", "identity-first"] {
        let mut cluster = Cluster::start(mode);
        cluster.create(&[secret("default", "a", "x")]);
        assert_eq!(stored(&mut cluster, "a"), "plain");
        let (found, open) = verdicts(&cluster.kubeconfig.clone());
        assert_eq!((found, open), (vec!["EAR019".to_owned()], vec![]), "{mode}");
    }
}

#[test]
#[ignore = "starts an API server"]
fn each_provider_is_seen_to_encrypt() {
    for mode in ["aescbc", "aesgcm", "secretbox", "kms"] {
        let mut cluster = Cluster::start(mode);
        cluster.create(&[secret("default", "a", "x")]);
        assert!(stored(&mut cluster, "a").starts_with(&format!("k8s:enc:{mode}:")), "{mode}");
        let (found, open) = verdicts(&cluster.kubeconfig.clone());
        assert_eq!((found, open), (vec![], vec![]), "{mode}");
    }
}

#[test]
#[ignore = "starts an API server"]
fn secrets_from_before_are_told_until_they_are_written_anew() {
    let mut cluster = Cluster::start("none");
    let kubeconfig = cluster.kubeconfig.clone();
    cluster.create(&[secret("default", "old", "x")]);
    assert_eq!(verdicts(&kubeconfig).0, ["EAR019"]);

    cluster.tell("encryption aescbc");
    // The old one was read at the start; nothing was written yet, so what new writes use is not known.
    assert_eq!(stored(&mut cluster, "old"), "plain");
    assert_eq!(verdicts(&kubeconfig), (vec![], vec!["EAR019".to_owned()]));
    cluster.create(&[secret("default", "new", "x")]);
    assert_eq!(verdicts(&kubeconfig), (vec!["EAR020".to_owned()], vec![]));

    rewrite(&mut cluster, &["old", "new"]);
    assert!(stored(&mut cluster, "old").starts_with("k8s:enc:aescbc:"));
    assert_eq!(verdicts(&kubeconfig).0, ["EAR020"], "the counters remember the reads from before");
    cluster.tell("encryption aescbc");
    cluster.create(&[secret("default", "newer", "x")]);
    assert_eq!(verdicts(&kubeconfig), (vec![], vec![]));

    // A second key in front of the first: still encrypted, before and after everything is written anew.
    cluster.tell("encryption rotated");
    cluster.create(&[secret("default", "newest", "x")]);
    assert_eq!(stored(&mut cluster, "newest"), "k8s:enc:aescbc:v1:two");
    assert_eq!(stored(&mut cluster, "old"), "k8s:enc:aescbc:v1:one");
    assert_eq!(verdicts(&kubeconfig), (vec![], vec![]));
    rewrite(&mut cluster, &["old", "new", "newer", "newest"]);
    assert_eq!(stored(&mut cluster, "old"), "k8s:enc:aescbc:v1:two");
    assert_eq!(verdicts(&kubeconfig), (vec![], vec![]));
}

#[test]
#[ignore = "starts an API server"]
fn after_a_reload_old_counters_prove_nothing() {
    let mut cluster = Cluster::start("identity");
    let kubeconfig = cluster.kubeconfig.clone();
    cluster.create(&[secret("default", "old", "x")]);
    assert_eq!(verdicts(&kubeconfig).0, ["EAR019"]);
    cluster.tell("reload aescbc");
    assert_eq!(verdicts(&kubeconfig), (vec![], vec!["EAR019".to_owned()]));
    cluster.create(&[secret("default", "new", "x")]);
    assert!(stored(&mut cluster, "new").starts_with("k8s:enc:aescbc:"));
    // Both were written since the start, and which one is the newer was not seen.
    assert_eq!(verdicts(&kubeconfig).1, ["EAR019"]);
}
