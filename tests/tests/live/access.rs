//! `Grant` against the server's own `SubjectAccessReview`, over generated roles and bindings; and the path of proof.

use std::collections::HashMap;

use serde_json::{Value, json};
use tacit_tests::binary::{self, tacit};
use tacit_tests::cluster::{Cluster, namespace, object, rbac};

const NAMESPACES: [&str; 3] = ["shop", "till", "yard"];
const USERS: [&str; 4] = ["ada", "bob", "system:serviceaccount:shop:web", "system:serviceaccount:till:web"];
const GROUPS: [&str; 3] = ["staff", "ops", "guests"];
const VERBS: [&str; 6] = ["get", "list", "create", "patch", "delete", "bind"];
const RESOURCES: [&str; 8] = [
    "secrets",
    "pods",
    "pods/exec",
    "configmaps",
    "deployments.apps",
    "deployments.apps/scale",
    "serviceaccounts/token",
    "widgets.example.org",
];
const NAMES: [&str; 3] = ["one", "two", "three"];

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }

    fn some<'a>(&mut self, of: &[&'a str], most: usize) -> Vec<&'a str> {
        (0..=self.roll(most)).map(|_| self.one(of)).collect()
    }

    fn rule(&mut self) -> Value {
        let mut rule = json!({
            "verbs": if self.roll(8) == 0 { vec!["*"] } else { self.some(&VERBS, 3) },
            "apiGroups": if self.roll(6) == 0 { vec!["*"] } else { self.some(&["", "apps", "example.org"], 2) },
            "resources": self.some(&["secrets", "pods", "pods/exec", "configmaps", "deployments", "deployments/scale",
                "serviceaccounts/token", "widgets", "*", "*/scale", "pods/*"], 3),
        });
        if self.roll(4) == 0 {
            rule["resourceNames"] = json!(self.some(&NAMES, 2));
        }
        rule
    }

    fn subject(&mut self) -> Value {
        let api = "rbac.authorization.k8s.io";
        match self.roll(5) {
            0 => json!({ "apiGroup": api, "kind": "User", "name": self.one(&USERS) }),
            1 | 2 => json!({ "kind": "ServiceAccount", "name": "web", "namespace": self.one(&NAMESPACES) }),
            3 => json!({ "apiGroup": api, "kind": "Group", "name": self.one(&GROUPS) }),
            _ => json!({ "apiGroup": api, "kind": "Group", "name": self.one(&["system:authenticated",
                "system:serviceaccounts", "system:serviceaccounts:shop"]) }),
        }
    }
}

/// Roles, some of which collect others, and bindings, some of which lead nowhere.
fn setup(dice: &mut Dice) -> Vec<Value> {
    let mut objects = Vec::new();
    let api = "rbac.authorization.k8s.io";
    for at in 0..10 {
        let mut role = rbac("ClusterRole", "", &format!("gen-{at}"), json!({}));
        role["metadata"]["labels"] = json!({ "gen": "yes", "team": dice.one(&["a", "b"]) });
        match dice.roll(5) {
            0 => {
                let selector = json!([{ "matchLabels": { "team": dice.one(&["a", "b"]) } }]);
                role["aggregationRule"] = json!({ "clusterRoleSelectors": selector });
                role["rules"] = json!([]);
            }
            _ => role["rules"] = (0..=dice.roll(2)).map(|_| dice.rule()).collect(),
        }
        objects.push(role);
    }
    for at in 0..8 {
        let mut role = rbac("Role", dice.one(&NAMESPACES), &format!("gen-{at}"), json!({}));
        role["metadata"]["labels"] = json!({ "gen": "yes" });
        role["rules"] = (0..=dice.roll(2)).map(|_| dice.rule()).collect();
        objects.push(role);
    }
    for at in 0..16 {
        let wide = dice.roll(3) == 0;
        let kind = if wide || dice.roll(2) == 0 { "ClusterRole" } else { "Role" };
        let name = match dice.roll(10) {
            0 => "view".to_owned(),
            1 => "missing".to_owned(),
            _ => format!("gen-{}", dice.roll(if kind == "Role" { 8 } else { 10 })),
        };
        let rest = json!({
            "roleRef": { "apiGroup": api, "kind": kind, "name": name },
            "subjects": (0..=dice.roll(2)).map(|_| dice.subject()).collect::<Vec<_>>(),
        });
        let mut binding = match wide {
            true => rbac("ClusterRoleBinding", "", &format!("gen-{at}"), rest),
            false => rbac("RoleBinding", dice.one(&NAMESPACES), &format!("gen-{at}"), rest),
        };
        binding["metadata"]["labels"] = json!({ "gen": "yes" });
        objects.push(binding);
    }
    objects
}

/// Asks `tacit who-can` once for each verb and resource.
fn holders(cluster: &Cluster) -> HashMap<(&'static str, &'static str), Vec<Value>> {
    let mut all = HashMap::new();
    for verb in VERBS {
        for resource in RESOURCES {
            let mut command = tacit();
            command.args(["who-can", verb, resource, "--format", "json", "--kubeconfig"]).arg(&cluster.kubeconfig);
            let (status, out, error) = binary::run(&mut command);
            assert_eq!(status, 0, "{error}");
            all.insert((verb, resource), serde_json::from_str(&out).expect("JSON"));
        }
    }
    all
}

/// Whether one of the rows is about this user, here, for this object.
fn allows(rows: &[Value], user: &str, groups: &[String], place: Option<&str>, name: Option<&str>) -> bool {
    rows.iter().any(|row| {
        let subject = &row["subject"];
        let who = match subject["kind"].as_str().unwrap_or_default() {
            "User" => subject["name"] == user,
            "Group" => groups.iter().any(|group| subject["name"] == **group),
            _ => {
                let text = |field: &str| subject[field].as_str().unwrap_or_default();
                user == format!("system:serviceaccount:{}:{}", text("namespace"), text("name"))
            }
        };
        let names: Vec<&str> = row["names"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let here = row["namespace"].is_null() || row["namespace"].as_str() == place;
        who && here && (names.is_empty() || name.is_some_and(|name| names.contains(&name)))
    })
}

/// The groups that the server gives a user: it does not add them to a question.
fn groups_of(user: &str, own: &str) -> Vec<String> {
    let mut groups = vec!["system:authenticated".to_owned(), own.to_owned()];
    if let Some(rest) = user.strip_prefix("system:serviceaccount:") {
        let namespace = rest.split(':').next().unwrap_or_default();
        groups.extend(["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")]);
    }
    groups
}

#[test]
#[ignore = "starts an API server"]
fn the_server_answers_every_question_the_same() {
    // A full run takes minutes: TACIT_SETUPS=60 asks more than 100,000 questions.
    let setups: u64 = std::env::var("TACIT_SETUPS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let mut cluster = Cluster::start("none");
    cluster.create(&NAMESPACES.map(namespace));
    let (mut asked, mut allowed, mut differ) = (0, 0, Vec::new());
    for seed in 1..=setups {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (seed << 20));
        let mut seen = std::collections::BTreeSet::new();
        let objects: Vec<Value> = setup(&mut dice)
            .into_iter()
            .filter(|object| seen.insert(format!("{} {}", object["kind"], object["metadata"])))
            .collect();
        cluster.create(&objects);
        // The authorizer and the controller that aggregates follow by watches.
        std::thread::sleep(std::time::Duration::from_secs(3));
        let holders = holders(&cluster);
        let (mut reviews, mut mine) = (Vec::new(), Vec::new());
        for user in USERS {
            let groups = groups_of(user, dice.one(&GROUPS));
            for place in [None, Some("shop"), Some("till")] {
                for name in [None, Some("one"), Some("other")] {
                    for verb in VERBS {
                        for resource in RESOURCES {
                            mine.push(allows(&holders[&(verb, resource)], user, &groups, place, name));
                            let (resource, sub) = resource.split_once('/').unwrap_or((resource, ""));
                            let (resource, group) = resource.split_once('.').unwrap_or((resource, ""));
                            let attributes = json!({
                                "verb": verb, "group": group, "version": "*", "resource": resource, "subresource": sub,
                                "namespace": place.unwrap_or_default(), "name": name.unwrap_or_default(),
                            });
                            let review = json!({
                                "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
                                "spec": { "user": user, "groups": groups, "resourceAttributes": attributes },
                            });
                            let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews".to_owned();
                            reviews.push(("POST", path, review));
                        }
                    }
                }
            }
        }
        for ((mine, (status, body)), (_, _, review)) in mine.iter().zip(cluster.send(&reviews, 8)).zip(&reviews) {
            assert_eq!(status, 201, "{body}");
            let server = body["status"]["allowed"] == true;
            asked += 1;
            allowed += u32::from(server);
            if server != *mine {
                differ.push(format!("seed {seed}: server {server}: {} {}", review["spec"], body["status"]));
            }
        }
        let gone: Vec<_> = objects
            .iter()
            .map(|object| {
                let plural = format!("{}s", object["kind"].as_str().unwrap_or_default().to_lowercase());
                let name = object["metadata"]["name"].as_str().unwrap_or_default();
                let of = object["metadata"]["namespace"].as_str().map(|name| format!("namespaces/{name}/"));
                let of = of.unwrap_or_default();
                ("DELETE", format!("/apis/rbac.authorization.k8s.io/v1/{of}{plural}/{name}"), json!({}))
            })
            .collect();
        assert!(cluster.send(&gone, 1).iter().all(|(status, _)| *status == 200));
    }
    println!("{asked} questions, {allowed} allowed, {} differ", differ.len());
    assert!(differ.is_empty(), "{} of {asked} differ: {:#?}", differ.len(), &differ[..differ.len().min(10)]);
    assert!(allowed * 50 > asked, "too few are allowed to mean anything: {allowed} of {asked}");
}

#[test]
#[ignore = "starts an API server"]
fn the_path_of_proof_leads_from_the_subject_to_the_rule() {
    let mut cluster = Cluster::start("none");
    let api = "rbac.authorization.k8s.io";
    let rules = json!({ "rules": [
        { "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] },
        { "apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["db"] },
    ] });
    let binding = json!({
        "roleRef": { "apiGroup": api, "kind": "Role", "name": "reader" },
        "subjects": [{ "kind": "ServiceAccount", "name": "web", "namespace": "shop" }],
    });
    cluster.create(&[
        namespace("shop"),
        object("ServiceAccount", "shop", "web", json!({})),
        rbac("Role", "shop", "reader", rules),
        rbac("RoleBinding", "shop", "web-reads", binding),
    ]);
    let ask =
        |args: &[&str]| binary::run(tacit().args(["who-can", "--kubeconfig"]).arg(&cluster.kubeconfig).args(args)).1;
    let path = "ServiceAccount shop/web in shop, only db\n  RoleBinding shop/web-reads → Role shop/reader → rules[1]\n";
    assert!(ask(&["get", "secrets", "-n", "shop"]).contains(path));
    assert!(ask(&["get", "secrets", "db", "-n", "shop"]).contains(path));
    assert!(!ask(&["get", "secrets", "other", "-n", "shop"]).contains("shop/web"));
    assert!(!ask(&["get", "secrets", "-n", "default"]).contains("shop/web"));
    assert!(!ask(&["list", "pods", "-n", "shop"]).contains("shop/web"));
}
