//! A real API server for a test: built once into a cache, started for the test, gone with it.
//!
//! `tests/run` builds the program of `tests/cluster` and names it in `TACIT_CLUSTER`; `CLUSTER_CACHE` holds the binaries of
//! Kubernetes.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::binary;

/// A running control plane.
pub struct Cluster {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    dir: tempfile::TempDir,
    /// The kubeconfig of an administrator; its context is called `test`.
    pub kubeconfig: PathBuf,
}

impl Cluster {
    /// Starts one with an encryption mode; see `tests/cluster/main.go`.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn start(mode: &str) -> Cluster {
        let program = std::env::var_os("TACIT_CLUSTER").expect("TACIT_CLUSTER names the program of tests/cluster");
        let cache = std::env::var_os("CLUSTER_CACHE").expect("CLUSTER_CACHE names a folder");
        let dir = tempfile::tempdir().expect("a folder for the state");
        let mut child = Command::new(program)
            .arg("run")
            .args([cache.as_os_str(), dir.path().as_os_str()])
            .arg(mode)
            .env("CLUSTER_MODULE", binary::repository().join("tests/cluster"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the cluster's program starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut cluster = Cluster { child, input, output, dir, kubeconfig: PathBuf::new() };
        let line = cluster.line();
        let path = line.strip_prefix("ready ").unwrap_or_else(|| panic!("the cluster did not start: {line}"));
        cluster.kubeconfig = path.into();
        cluster
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the cluster answers");
        line.trim().to_owned()
    }

    /// Tells the cluster's program a line and gives its answer.
    ///
    /// # Panics
    /// Where the answer is an error.
    pub fn tell(&mut self, line: &str) -> String {
        writeln!(self.input.as_mut().expect("the cluster runs"), "{line}").expect("the cluster listens");
        let answer = self.line();
        let answer = answer.strip_prefix("ok").unwrap_or_else(|| panic!("`{line}`: {answer}"));
        answer.trim().to_owned()
    }

    /// The kubeconfig of a user with these groups.
    pub fn user(&mut self, name: &str, groups: &[&str]) -> PathBuf {
        self.tell(&format!("user {name} {}", groups.join(" "))).into()
    }

    /// How each Secret lies in etcd: its key there, and `plain` or a prefix of `k8s:enc:`.
    pub fn stored_secrets(&mut self) -> Value {
        serde_json::from_str(&self.tell("stored secrets")).expect("a JSON object")
    }

    /// Sends requests as the administrator, so many at once: method, path, body. Gives status and body of each answer.
    pub fn send(&mut self, requests: &[(&str, String, Value)], parallel: usize) -> Vec<(u64, Value)> {
        let file = self.dir.path().join("requests");
        let mut text = String::new();
        for (method, path, body) in requests {
            let kind = if *method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
            let _ = writeln!(text, "{}", json!({ "method": method, "path": path, "type": kind, "body": body }));
        }
        std::fs::write(&file, text).expect("the requests are written");
        self.tell(&format!("send {} {parallel}", file.display()));
        let answers = std::fs::read_to_string(file.with_extension("out")).expect("the answers are there");
        answers
            .lines()
            .map(|line| {
                let answer: Value = serde_json::from_str(line).expect("an answer is JSON");
                (answer["status"].as_u64().unwrap_or_default(), answer["body"].clone())
            })
            .collect()
    }

    /// Creates objects, one after another.
    ///
    /// # Panics
    /// Where the server does not take one.
    pub fn create(&mut self, objects: &[Value]) {
        self.create_many(objects, 1);
    }

    /// Creates objects that do not hang on one another.
    ///
    /// # Panics
    /// Where the server does not take one.
    pub fn create_many(&mut self, objects: &[Value], parallel: usize) {
        let requests: Vec<_> = objects.iter().map(|object| ("POST", collection(object), object.clone())).collect();
        for ((status, body), object) in self.send(&requests, parallel).into_iter().zip(objects) {
            assert!(status == 201, "{object}: {status} {body}");
        }
    }
}

/// The path of the collection that an object belongs to.
fn collection(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (version, kind) = (text(&object["apiVersion"]), text(&object["kind"]));
    let root = if version.contains('/') { "apis" } else { "api" };
    let namespace = text(&object["metadata"]["namespace"]);
    let of = if namespace.is_empty() { String::new() } else { format!("/namespaces/{namespace}") };
    let plural = match kind.to_lowercase().as_str() {
        kind if kind.ends_with('y') => format!("{}ies", kind.trim_end_matches('y')),
        kind if kind.ends_with('s') => format!("{kind}es"),
        kind => format!("{kind}s"),
    };
    format!("/{root}/{version}{of}/{plural}")
}

/// The input's end is what stops the cluster; it takes everything with it that it started.
impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// An object of the core group.
pub fn object(kind: &str, namespace: &str, name: &str, rest: Value) -> Value {
    let mut object = json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": name } });
    if !namespace.is_empty() {
        object["metadata"]["namespace"] = namespace.into();
    }
    if let (Some(object), Some(rest)) = (object.as_object_mut(), rest.as_object()) {
        object.extend(rest.clone());
    }
    object
}

/// A namespace.
pub fn namespace(name: &str) -> Value {
    object("Namespace", "", name, json!({}))
}

/// A Secret with one value, written in clear.
pub fn secret(namespace: &str, name: &str, value: &str) -> Value {
    object("Secret", namespace, name, json!({ "stringData": { "password": value } }))
}

/// An object of RBAC.
pub fn rbac(kind: &str, namespace: &str, name: &str, rest: Value) -> Value {
    let mut object = object(kind, namespace, name, rest);
    object["apiVersion"] = "rbac.authorization.k8s.io/v1".into();
    object
}

/// Runs a command of `tacit` with a kubeconfig and gives its status, its report as JSON, and all that it printed.
pub fn audit(kubeconfig: &std::path::Path, args: &[&str]) -> (i32, Value, String) {
    let mut command = binary::tacit();
    command.args(["audit", "--no-config", "--format", "json", "--kubeconfig"]).arg(kubeconfig).args(args);
    let (status, out, error) = binary::run(&mut command);
    let report = serde_json::from_str(&out).unwrap_or_else(|_| panic!("no report: {status}\n{out}\n{error}"));
    (status, report, out + &error)
}
