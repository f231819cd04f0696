//! How long an audit takes beside bare lists of the same kinds.

use std::time::Instant;

use serde_json::{Value, json};
use tacit_tests::binary::{self, tacit};
use tacit_tests::cluster::{Cluster, namespace, object, secret};

/// Objects of each kind; more by `TACIT_SCALE`.
const OBJECTS: usize = 1_000;

#[test]
#[ignore = "starts an API server"]
fn many_objects_are_all_seen() {
    let count: usize = std::env::var("TACIT_SCALE").ok().and_then(|text| text.parse().ok()).unwrap_or(OBJECTS);
    let mut cluster = Cluster::start("none");
    let namespaces: Vec<String> = (0..20).map(|at| format!("team-{at}")).collect();
    cluster.create(&namespaces.iter().map(|name| namespace(name)).collect::<Vec<_>>());
    // A pod is admitted once the account of its namespace is there.
    std::thread::sleep(std::time::Duration::from_secs(2));
    let pod = |of: &str, at: usize| {
        let container = |name: &str| {
            json!({
                "name": name, "image": "registry.example/app:1.0",
                "env": [
                    { "name": "MODE", "value": "production" },
                    { "name": "DB", "valueFrom": { "secretKeyRef": { "name": format!("s-{at}"), "key": "password" } } },
                ],
                "resources": { "requests": { "cpu": "100m", "memory": "64Mi" } },
            })
        };
        let spec = json!({ "spec": { "containers": [container("app"), container("side")] } });
        object("Pod", of, &format!("p-{at}"), spec)
    };
    for from in (0..count).step_by(5_000) {
        let part = from..(from + 5_000).min(count);
        let of = |at: usize| &*namespaces[at % namespaces.len()];
        let secrets: Vec<Value> = part.clone().map(|at| secret(of(at), &format!("s-{at}"), "value")).collect();
        cluster.create_many(&secrets, 8);
        let pods: Vec<Value> = part.map(|at| pod(of(at), at)).collect();
        cluster.create_many(&pods, 8);
    }
    let kubeconfig = cluster.kubeconfig.clone();
    let mut best = f64::MAX;
    for _ in 0..3 {
        let started = Instant::now();
        let mut command = tacit();
        command.args(["audit", "--no-config", "--only", "ENV001,ROT001", "--timings", "--format", "json"]);
        let (status, out, error) = binary::run(command.arg("--kubeconfig").arg(&kubeconfig));
        best = best.min(started.elapsed().as_secs_f64());
        assert_eq!(status, 1, "{error}");
        let report: Value = serde_json::from_str(&out).expect("a report");
        let findings = report["findings"].as_array().map_or(0, Vec::len);
        assert_eq!(findings, 2 * count, "each container of each pod");
        println!("{error}");
    }
    println!("audit of {count} secrets and {count} pods: {best:.2} s");
    let listed = cluster.tell("lists /api/v1/secrets /api/v1/pods");
    println!("bare lists, secrets and pods one after the other: {listed} s");
}
