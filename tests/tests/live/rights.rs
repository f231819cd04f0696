//! The least role: a run under exactly that role lacks nothing, and each right that is taken away is named.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tacit_tests::binary::{self, tacit};
use tacit_tests::cluster::{Cluster, audit, rbac, secret};

/// The rules of the role that `tacit compile --to rbac` prints, as pairs of a group and a resource; `/metrics` for the URL.
fn rights(args: &[&str]) -> Vec<(String, String)> {
    let (status, out, error) = binary::run(tacit().args(["compile", "--to", "rbac", "--no-config"]).args(args));
    assert_eq!(status, 0, "{error}");
    let (mut rights, mut group) = (Vec::new(), String::new());
    let list = |line: &str| -> Vec<String> {
        let inside = line.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or("", |(inside, _)| inside);
        inside.split(", ").map(|item| item.trim_matches('"').to_owned()).collect()
    };
    for line in out.lines().map(str::trim) {
        if line.starts_with("- apiGroups:") {
            group = list(line).concat();
        } else if line.starts_with("resources:") {
            rights.extend(list(line).into_iter().map(|resource| (group.clone(), resource)));
        } else if line.starts_with("- nonResourceURLs:") {
            rights.push((String::new(), "/metrics".to_owned()));
        } else if line.starts_with("verbs:") {
            assert!(matches!(line, "verbs: [list]" | "verbs: [get]"), "{line}");
        }
    }
    rights
}

/// Gives a user exactly these rights.
fn grant<'r>(cluster: &mut Cluster, user: &str, rights: impl Iterator<Item = &'r (String, String)>) {
    let rules: Vec<Value> = rights
        .map(|(group, resource)| match resource.as_str() {
            "/metrics" => json!({ "nonResourceURLs": ["/metrics"], "verbs": ["get"] }),
            _ => json!({ "apiGroups": [group], "resources": [resource], "verbs": ["list"] }),
        })
        .collect();
    let role = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": user });
    let subjects = json!([{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user }]);
    cluster.create(&[
        rbac("ClusterRole", "", user, json!({ "rules": rules })),
        rbac("ClusterRoleBinding", "", user, json!({ "roleRef": role, "subjects": subjects })),
    ]);
    // The authorizer follows by a watch.
    std::thread::sleep(std::time::Duration::from_secs(1));
}

#[test]
#[ignore = "starts an API server"]
fn the_least_role_suffices_for_the_whole_library() {
    let mut cluster = Cluster::start("aescbc");
    cluster.create(&[secret("default", "db", "x")]);
    let everything = rights(&[]);
    assert!(everything.len() > 20, "{everything:?}");
    let user = cluster.user("auditor", &[]);
    grant(&mut cluster, "auditor", everything.iter());
    let (status, report, text) = audit(&user, &["--fail-on", "never"]);
    assert_eq!(report["inputs"]["skipped"], json!([]), "{text}");
    assert_eq!(status, 0, "{text}");
    // It sees what the administrator sees.
    let admin = cluster.kubeconfig.clone();
    let of = |report: &Value| -> BTreeSet<String> {
        let findings = report["findings"].as_array().into_iter().flatten();
        findings.map(|finding| format!("{} {} {}", finding["rule"], finding["object"], finding["message"])).collect()
    };
    let by_admin = audit(&admin, &["--fail-on", "never"]).1;
    assert_eq!(of(&report), of(&by_admin));
}

#[test]
#[ignore = "starts an API server"]
fn each_missing_right_is_named_and_no_rule_that_lacks_it_is_clean() {
    let mut cluster = Cluster::start("aescbc");
    cluster.create(&[secret("default", "db", "x")]);
    let only = ["--only", "ENV001,RBAC005,ROT001,EAR019,MAN003,ADM003"];
    let all = rights(&only);
    for (at, left_out) in all.iter().enumerate() {
        let name = format!("without-{at}");
        let user = cluster.user(&name, &[]);
        grant(&mut cluster, &name, all.iter().filter(|right| *right != left_out));
        let (status, report, text) = audit(&user, &only);
        let (group, resource) = left_out;
        let served = !matches!(group.as_str(), "" | "apps" | "batch" | "rbac.authorization.k8s.io");
        if served && status != 3 {
            // Kinds that this server does not serve are not missed.
            continue;
        }
        assert_eq!(status, 3, "{left_out:?}: {text}");
        let undecided = report["undecided"].as_array().cloned().unwrap_or_default();
        let full = if group.is_empty() { resource.clone() } else { format!("{resource}.{group}") };
        let named = undecided.iter().any(|entry| entry["need"].as_str().unwrap_or_default().contains(&full));
        assert!(named, "{left_out:?} is not named: {undecided:#?}");
    }
    // Without any right, nothing is clean: every rule is undecided.
    let nobody = cluster.user("nobody", &[]);
    let (status, report, text) = audit(&nobody, &only);
    assert!(matches!(status, 2 | 3), "{status} {text}");
    let open: BTreeSet<&str> =
        report["undecided"].as_array().into_iter().flatten().filter_map(|entry| entry["rule"].as_str()).collect();
    assert_eq!(open, BTreeSet::from(["ADM003", "EAR019", "ENV001", "MAN003", "RBAC005", "ROT001"]), "{text}");
}
