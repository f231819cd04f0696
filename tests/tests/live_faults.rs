//! Faults of a server that a client must live with, from a server that plays them.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tacit_tests::binary;
use tacit_tests::cluster::audit;

/// Answers requests with what `answer` says for their number and path: status, further header, body.
fn serve(
    answer: impl Fn(usize, &str) -> (u16, &'static str, Value) + Send + Sync + 'static,
) -> (tempfile::TempDir, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let (answer, log) = (Arc::new(answer), asked.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (answer, log) = (answer.clone(), log.clone());
            std::thread::spawn(move || connection(&stream, &*answer, &log));
        }
    });
    let dir = tempfile::tempdir().expect("a folder");
    let contexts = ["fake", "twin"].map(|name| json!({ "name": name, "context": { "cluster": "fake", "user": "me" } }));
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "fake",
        "clusters": [{ "name": "fake", "cluster": { "server": format!("http://{address}") } }],
        "users": [{ "name": "me", "user": {} }],
        "contexts": contexts,
    });
    std::fs::write(dir.path().join("config"), config.to_string()).expect("it is written");
    (dir, asked)
}

fn connection(
    stream: &TcpStream,
    answer: &dyn Fn(usize, &str) -> (u16, &'static str, Value),
    log: &Mutex<Vec<String>>,
) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).unwrap_or_default() == 0 {
            return;
        }
        let mut line = first.clone();
        while !line.trim().is_empty() {
            line.clear();
            if reader.read_line(&mut line).unwrap_or_default() == 0 {
                return;
            }
        }
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let number = {
            let mut log = log.lock().expect("no thread has panicked");
            log.push(path.clone());
            log.iter().filter(|other| **other == path).count()
        };
        let (status, header, body) = answer(number, &path);
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\n{header}content-length: {}\r\n\r\n",
            body.len()
        );
        if (&*stream).write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}

fn discovery(path: &str) -> Option<Value> {
    let namespaces = json!({ "resource": "namespaces", "responseKind": { "kind": "Namespace" }, "scope": "Cluster", "verbs": ["list"] });
    let core = json!([{ "metadata": { "name": "" }, "versions": [{ "version": "v1", "resources": [namespaces] }] }]);
    let items = match path {
        "/api" => core,
        "/apis" => json!([]),
        _ => return None,
    };
    Some(json!({ "kind": "APIGroupDiscoveryList", "items": items }))
}

fn page(names: &[&str], next: &str) -> Value {
    let items: Vec<Value> = names.iter().map(|name| json!({ "metadata": { "name": name } })).collect();
    json!({ "kind": "NamespaceList", "apiVersion": "v1", "metadata": { "continue": next }, "items": items })
}

/// Names in findings of a rule that finds every namespace.
fn seen(dir: &tempfile::TempDir, args: &[&str]) -> (i32, Vec<String>, Value) {
    let rule = "rule every-namespace low \"t\"\n  for n in Namespace\n  deny \"seen\"\n";
    std::fs::write(dir.path().join("every.tacit"), rule).expect("it is written");
    let rules = dir.path().join("every.tacit");
    let mut all = vec!["--no-std", "--rules", rules.to_str().expect("UTF-8"), "--fail-on", "low"];
    all.extend(args);
    let (status, report, text) = audit(&dir.path().join("config"), &all);
    let findings = report["findings"].as_array().unwrap_or_else(|| panic!("{text}"));
    (status, findings.iter().filter_map(|found| found["object"]["name"].as_str()).map(str::to_owned).collect(), report)
}

#[test]
fn a_busy_server_is_asked_again_and_an_expired_list_is_begun_again() {
    let (dir, asked) = serve(|number, path| {
        if let Some(groups) = discovery(path) {
            return (200, "", groups);
        }
        match (path, number) {
            ("/api/v1/namespaces?limit=500", 1) => (429, "retry-after: 0\r\n", json!({})),
            ("/api/v1/namespaces?limit=500", 2) => (503, "", json!({})),
            ("/api/v1/namespaces?limit=500", _) => (200, "", page(&["a", "b"], "next")),
            // What the token names is no longer kept, the first time.
            (_, 1) => (410, "", json!({})),
            _ => (200, "", page(&["c"], "")),
        }
    });
    let (status, names, report) = seen(&dir, &[]);
    assert_eq!((status, names), (1, ["a", "b", "c"].map(str::to_owned).to_vec()), "each once: {report:#}");
    assert_eq!(report["inputs"]["skipped"], json!([]));
    let asked = asked.lock().expect("no thread has panicked");
    assert_eq!(asked.iter().filter(|path| path.contains("/namespaces")).count(), 6, "{asked:?}");
    // The whole server was asked once what it serves.
    assert_eq!(asked.iter().filter(|path| path.starts_with("/api") && !path.contains("namespaces")).count(), 2);
}

#[test]
fn a_server_that_stays_broken_is_told_and_the_rule_is_undecided() {
    let (dir, _) = serve(|_, path| match discovery(path) {
        Some(groups) => (200, "", groups),
        None => (500, "", json!({})),
    });
    let (status, names, report) = seen(&dir, &[]);
    assert_eq!((status, names.len()), (2, 0), "nothing was evaluated: {report:#}");
    assert_eq!(report["undecided"][0]["rule"], "every-namespace");
    assert!(
        report["inputs"]["skipped"][0]["reason"].as_str().is_some_and(|reason| reason.contains("500")),
        "{report:#}"
    );
}

#[test]
fn an_older_server_that_lists_its_groups_one_by_one_is_understood() {
    let (dir, _) = serve(|_, path| match path {
        "/api" => (200, "", json!({ "kind": "APIVersions", "versions": ["v1"] })),
        "/apis" => (200, "", json!({ "kind": "APIGroupList", "groups": [] })),
        "/api/v1" => {
            let namespaces =
                json!({ "name": "namespaces", "kind": "Namespace", "namespaced": false, "verbs": ["list"] });
            (200, "", json!({ "kind": "APIResourceList", "resources": [namespaces] }))
        }
        _ => (200, "", page(&["a"], "")),
    });
    assert_eq!(seen(&dir, &[]).1, ["a"]);
}

#[test]
fn who_can_does_not_say_nobody_where_it_may_not_look() {
    let (dir, _) = serve(|_, path| {
        let listed = |resource: &str, kind: &str| json!({ "resource": resource, "responseKind": { "kind": kind }, "scope": "Cluster", "verbs": ["list"] });
        let resources =
            json!([listed("clusterroles", "ClusterRole"), listed("clusterrolebindings", "ClusterRoleBinding")]);
        let rbac = json!([{ "metadata": { "name": "rbac.authorization.k8s.io" }, "versions": [{ "version": "v1", "resources": resources }] }]);
        match path {
            "/apis" => (200, "", json!({ "kind": "APIGroupDiscoveryList", "items": rbac })),
            _ => discovery(path).map_or((403, "", json!({})), |groups| (200, "", groups)),
        }
    });
    let config = dir.path().join("config");
    let (status, out, err) =
        binary::run(binary::tacit().args(["who-can", "get", "secrets", "--kubeconfig"]).arg(config));
    assert_eq!(
        (status, out.as_str()),
        (3, "not everything that decides this was read: others may be allowed too\n"),
        "{err}"
    );
    for right in ["clusterroles.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io"] {
        assert!(err.contains(&format!("it takes the right to list {right}")), "{err}");
    }
}

#[test]
fn a_context_that_is_named_twice_is_one_cluster() {
    let (dir, _) = serve(|_, path| match discovery(path) {
        Some(groups) => (200, "", groups),
        None => (200, "", page(&["a"], "")),
    });
    let (_, names, report) = seen(&dir, &["--context", "fake", "--context", "twin", "--context", "fake"]);
    assert_eq!(names, ["a", "a"], "{report:#}");
}
