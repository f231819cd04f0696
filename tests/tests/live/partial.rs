//! Clusters that cannot be reached, or go away in the middle: their own part is lost, not the run.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tacit_tests::cluster::{Cluster, audit, object, secret};

/// A kubeconfig with a second context, whose server is another address.
fn two_contexts(kubeconfig: &Path, other: &str) -> PathBuf {
    let text = std::fs::read_to_string(kubeconfig).expect("a kubeconfig");
    let cluster = text.lines().find(|line| line.contains("server:")).expect("a server");
    let at = cluster.find("https://").expect("an address");
    let end = cluster[at..].find('"').expect("its end") + at;
    let second = cluster.replace(&cluster[at..end], other);
    let text = text
        .replace("users:\n", &format!("- name: other\n{second}\nusers:\n"))
        .replace("current-context:", "- name: other\n  context: { cluster: other, user: user }\ncurrent-context:");
    let path = kubeconfig.with_extension("two");
    std::fs::write(&path, text).expect("it is written");
    path
}

fn findings_of<'r>(report: &'r Value, cluster: &str) -> Vec<&'r Value> {
    let findings = report["findings"].as_array().into_iter().flatten();
    findings.filter(|finding| finding["cluster"] == cluster).collect()
}

#[test]
#[ignore = "starts an API server"]
fn one_cluster_that_does_not_answer_costs_its_own_part() {
    let mut cluster = Cluster::start("none");
    cluster.create(&[secret("default", "a", "x")]);
    let kubeconfig = two_contexts(&cluster.kubeconfig, "https://127.0.0.1:1");
    let (status, report, text) = audit(&kubeconfig, &["--all-contexts", "--only", "ROT001,ADM003"]);
    assert_eq!(status, 3, "{text}");
    assert!(!findings_of(&report, "test").is_empty(), "{text}");
    assert!(findings_of(&report, "other").is_empty());
    assert_eq!(report["inputs"]["skipped"][0]["file"], "other", "{text}");
    let open = report["undecided"].as_array().into_iter().flatten();
    let open: Vec<&str> = open.filter_map(|entry| entry["rule"].as_str()).collect();
    assert_eq!(open, ["ADM003", "ROT001"], "{text}");
}

/// Passes bytes between a port and a server, until so many have come from the server: then every connection is cut, and
/// no new one is taken.
fn cut_after(server: String, limit: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("https://{}", listener.local_addr().expect("an address"));
    let passed = Arc::new(AtomicUsize::new(0));
    std::thread::spawn(move || {
        for client in listener.incoming() {
            if passed.load(Ordering::SeqCst) >= limit {
                return;
            }
            let Ok(client) = client else { return };
            let server = TcpStream::connect(&server).expect("the server answers");
            let (from, to) = (client.try_clone().expect("a handle"), server.try_clone().expect("a handle"));
            std::thread::spawn(move || std::io::copy(&mut &from, &mut &to));
            let passed = passed.clone();
            std::thread::spawn(move || {
                let (mut server, mut client) = (server, client);
                let mut buffer = [0; 4096];
                while let Ok(count) = server.read(&mut buffer) {
                    if count == 0 || passed.fetch_add(count, Ordering::SeqCst) >= limit {
                        break;
                    }
                    if client.write_all(&buffer[..count]).is_err() {
                        break;
                    }
                }
                let _ = client.shutdown(Shutdown::Both);
                let _ = server.shutdown(Shutdown::Both);
            });
        }
    });
    address
}

/// Text that does not get smaller by compression.
fn noise(seed: u64) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let word = |at: u64| {
        let mut hasher = DefaultHasher::new();
        (seed, at).hash(&mut hasher);
        format!("{:x} ", hasher.finish())
    };
    (0..100).map(word).collect()
}

#[test]
#[ignore = "starts an API server"]
fn a_cluster_that_goes_away_in_the_middle_is_told_and_the_other_is_whole() {
    let mut cluster = Cluster::start("none");
    // More than the proxy lets pass.
    let maps: Vec<Value> = (0..300)
        .map(|at| object("ConfigMap", "default", &format!("map-{at}"), json!({ "data": { "a": noise(at) } })))
        .collect();
    cluster.create_many(&maps, 8);
    cluster.create(&[object("ConfigMap", "default", "leak", json!({ "data": { "db_password": "tr0ub4dor&3horse" } }))]);
    let text = std::fs::read_to_string(&cluster.kubeconfig).expect("a kubeconfig");
    let server = text.split("https://").nth(1).and_then(|rest| rest.split('"').next()).expect("an address").to_owned();
    let kubeconfig = two_contexts(&cluster.kubeconfig, &cut_after(server, 60_000));
    let (status, report, text) = audit(&kubeconfig, &["--all-contexts", "--only", "MAN003,ADM003"]);
    assert_eq!(status, 3, "{text}");
    assert!(findings_of(&report, "test").iter().any(|finding| finding["object"]["name"] == "leak"), "{text}");
    let skipped = report["inputs"]["skipped"].as_array().cloned().unwrap_or_default();
    assert!(
        !skipped.is_empty()
            && skipped.iter().all(|entry| entry["file"].as_str().is_some_and(|file| file.starts_with("other"))),
        "{skipped:?}"
    );
    let open: Vec<Value> = report["undecided"].as_array().cloned().unwrap_or_default();
    assert!(
        open.iter().any(|entry| entry["reason"].as_str().is_some_and(|reason| reason.starts_with("other: "))),
        "{open:?}"
    );
}
