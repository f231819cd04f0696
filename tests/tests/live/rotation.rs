//! How old Secrets are, by what the server notes about who wrote what.

use std::path::Path;

use serde_json::{Value, json};
use tacit_tests::cluster::{Cluster, audit, secret};

/// The Secrets that are too old, some time from now.
fn too_old(kubeconfig: &Path, days: u64) -> Vec<String> {
    too_old_with(kubeconfig, days, &[])
}

fn too_old_with(kubeconfig: &Path, days: u64, more: &[&str]) -> Vec<String> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let day = date(now / 86_400 + days);
    let (_, report, _) = audit(kubeconfig, &[&["--only", "ROT001,MAN002", "--now", &day], more].concat());
    let findings = report["findings"].as_array().into_iter().flatten();
    let old = findings.filter(|finding| finding["rule"] == "ROT001");
    old.filter_map(|finding| finding["object"]["name"].as_str()).map(str::to_owned).collect()
}

/// A day since 1970 as a date.
fn date(days: u64) -> String {
    let (mut year, mut rest) = (1970, days);
    loop {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = if leap { 366 } else { 365 };
        if rest < length {
            let months = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            let mut month = 0;
            while rest >= months[month] {
                rest -= months[month];
                month += 1;
            }
            return format!("{year}-{:02}-{:02}", month + 1, rest + 1);
        }
        rest -= length;
        year += 1;
    }
}

fn patch(cluster: &mut Cluster, name: &str, manager: &str, body: Value) {
    let path = format!("/api/v1/namespaces/default/secrets/{name}?fieldManager={manager}");
    let (status, body) = cluster.send(&[("PATCH", path, body)], 1).remove(0);
    assert_eq!(status, 200, "{body}");
}

#[test]
#[ignore = "starts an API server"]
fn a_history_outlives_what_the_server_forgets() {
    let mut cluster = Cluster::start("none");
    let kubeconfig = cluster.kubeconfig.clone();
    cluster.create(&[secret("default", "kept", "first"), secret("default", "rotated", "first")]);
    let file = kubeconfig.with_extension("history");
    let history = file.to_str().expect("a path in UTF-8");
    let run = |days: u64| too_old_with(&kubeconfig, days, &["--history", history, "--read-secret-data"]);
    assert_eq!(run(1), Vec::<String>::new());
    // Somebody clears the record of both, and one gets a new value.
    for name in ["kept", "rotated"] {
        patch(&mut cluster, name, "other", json!({ "metadata": { "managedFields": [{}] } }));
    }
    patch(&mut cluster, "rotated", "other", json!({ "stringData": { "password": "second" } }));
    assert_eq!(too_old(&kubeconfig, 200), Vec::<String>::new(), "nothing tells without a history");
    assert_eq!(run(200), ["kept"]);
    let text = std::fs::read_to_string(&file).expect("the history");
    assert!(!text.contains("kept") && !text.contains("default"), "{text}");
}

#[test]
#[ignore = "starts an API server"]
fn the_managers_bound_the_age_of_a_secret() {
    let mut cluster = Cluster::start("none");
    let kubeconfig = cluster.kubeconfig.clone();
    let names = ["untouched", "changed", "labelled", "stripped"];
    let objects: Vec<Value> = names.iter().map(|name| secret("default", name, "first")).collect();
    cluster.create(&objects);
    // A second later, so that times differ.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    patch(&mut cluster, "changed", "rotator", json!({ "stringData": { "password": "second" } }));
    patch(&mut cluster, "labelled", "other", json!({ "metadata": { "labels": { "a": "b" } } }));
    patch(&mut cluster, "stripped", "other", json!({ "metadata": { "managedFields": [{}] } }));
    assert_eq!(too_old(&kubeconfig, 30), Vec::<String>::new());
    // Nobody has touched the data of three of them for at least 200 days then; of the one whose record was cleared,
    // nothing tells that it has not changed.
    assert_eq!(too_old(&kubeconfig, 200), ["changed", "labelled", "untouched"]);
}
