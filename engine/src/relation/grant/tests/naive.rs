//! `Grant` and its methods against a naive authorizer on generated RBAC: the same answer to each question.

use std::fmt::Write;

use crate::testkit::Case;

/// Setups, and questions asked of each.
const SETUPS: u64 = 420;
const QUESTIONS: usize = 50;

const NAMESPACES: [&str; 3] = ["shop", "till", "kube-system"];
const ACCOUNTS: [&str; 3] = ["default", "web", "db"];
const USERS: [&str; 3] = ["ada", "bob", "system:serviceaccount:shop:web"];
const GROUPS: [&str; 3] = ["staff", "ops", "system:masters"];
const VERBS: [&str; 6] = ["get", "list", "watch", "create", "patch", "delete"];
const RESOURCES: [&str; 7] = [
    "secrets",
    "pods",
    "pods/exec",
    "configmaps",
    "deployments.apps",
    "deployments.apps/scale",
    "serviceaccounts/token",
];
const NAMES: [&str; 3] = ["one", "two", "three"];
const LABELS: [(&str, &str); 4] = [
    ("team", "shop"),
    ("team", "till"),
    ("rbac.authorization.k8s.io/aggregate-to-view", "true"),
    ("rbac.authorization.k8s.io/aggregate-to-edit", "true"),
];

/// The questions are Pods: their account asks, or the user that an annotation names.
const RULES: &str = r#"
link PodSpec.serviceAccountName to ServiceAccount

fn asked(p: Pod, key: string): string = p.metadata.annotations[key] ?? ""

rule account-may low "t"
  for p in Pod
  where p.metadata.annotations["user"] absent and p.spec.serviceAccountName exists
  deny when any g in Grant: g.held_by(p.spec.serviceAccountName) and g.allows(asked(p, "verb"), asked(p, "resource"))
      and (g.binding.kind == "ClusterRoleBinding" or g.namespace == asked(p, "in"))
      and (g.names empty or asked(p, "name") in g.names)
    at p "allowed"

rule user-may low "t"
  for p in Pod
  where p.metadata.annotations["user"] exists
  deny when any g in Grant: (g.subject.kind == "User" and g.subject.name == asked(p, "user")
        or g.subject.kind == "Group" and g.subject.name in ["system:authenticated", asked(p, "group")])
      and g.allows(asked(p, "verb"), asked(p, "resource"))
      and (g.binding.kind == "ClusterRoleBinding" or g.namespace == asked(p, "in"))
      and (g.names empty or asked(p, "name") in g.names)
    at p "allowed"
"#;

#[test]
fn the_naive_authorizer_answers_the_same() {
    let (mut asked, mut allowed) = (0, 0);
    for seed in 1..=SETUPS {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let setup = Setup::random(&mut random);
        let questions: Vec<Question> = (0..QUESTIONS).map(|_| Question::random(&mut random)).collect();
        let mut manifests = setup.manifests();
        for (at, question) in questions.iter().enumerate() {
            question.write(at, &mut manifests);
        }
        let verdicts = Case::new(RULES).given(&manifests).complete(&["*"]).verdicts();
        assert!(verdicts.undecided.is_empty(), "seed {seed}: {:?}", verdicts.undecided[0].reason);
        let mut found = vec![false; QUESTIONS];
        for finding in &verdicts.findings {
            let at: usize = finding.object.name.trim_start_matches('q').parse().expect("a number");
            found[at] = true;
        }
        for (question, found) in questions.iter().zip(found) {
            let expected = setup.allows(question);
            assert_eq!(found, expected, "seed {seed}: {question:?}\n{}", setup.manifests());
            (asked, allowed) = (asked + 1, allowed + u32::from(expected));
        }
    }
    assert!(asked >= 20_000, "{asked} questions");
    assert!(allowed * 100 >= asked * 15, "{allowed} of {asked} questions allowed");
    eprintln!("{asked} questions, {allowed} allowed, none differs");
}

#[derive(Clone, Debug, PartialEq)]
struct Rule {
    verbs: Vec<&'static str>,
    groups: Vec<&'static str>,
    resources: Vec<&'static str>,
    names: Vec<&'static str>,
}

#[derive(Debug)]
struct Role {
    /// `None` for a ClusterRole.
    namespace: Option<&'static str>,
    name: String,
    labels: Vec<(&'static str, &'static str)>,
    /// Labels of the roles it collects; for no aggregation, nothing.
    collects: Option<Vec<(&'static str, &'static str)>>,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Binding {
    namespace: Option<&'static str>,
    kind: &'static str,
    role: String,
    /// Kind, name, namespace.
    subjects: Vec<(&'static str, String, Option<&'static str>)>,
}

struct Setup {
    roles: Vec<Role>,
    bindings: Vec<Binding>,
}

#[derive(Debug)]
struct Question {
    account: (&'static str, &'static str),
    user: Option<(&'static str, &'static str)>,
    verb: &'static str,
    resource: &'static str,
    name: &'static str,
    namespace: &'static str,
}

impl Setup {
    fn random(random: &mut Random) -> Setup {
        let mut roles = Vec::new();
        for at in 0..8 {
            let namespace = random.chance(40).then(|| random.pick(&NAMESPACES));
            let collects = (namespace.is_none() && random.chance(40)).then(|| random.some(&LABELS));
            let mut labels = if namespace.is_none() { random.some(&LABELS) } else { Vec::new() };
            labels.dedup_by_key(|label| label.0);
            // Roles of one name in several namespaces; ClusterRoles have names of their own.
            let name = if namespace.is_some() { format!("role{}", at % 3) } else { format!("role{at}") };
            let taken = |role: &Role| role.namespace == namespace && role.name == name;
            if !roles.iter().any(taken) {
                let rules = (0..random.below(3) + 1).map(|_| Rule::random(random)).collect();
                roles.push(Role { namespace, name, labels, collects, rules });
            }
        }
        let bindings = (0..9)
            .map(|_| {
                let namespace = random.chance(70).then(|| random.pick(&NAMESPACES));
                let kind = if namespace.is_some() && random.chance(50) { "Role" } else { "ClusterRole" };
                let role = match random.below(4) {
                    0 if kind == "ClusterRole" => random.pick(&["view", "edit", "admin", "cluster-admin"]).to_owned(),
                    _ => format!("role{}", random.below(if kind == "Role" { 3 } else { 8 })),
                };
                let subjects = (0..random.below(3)).map(|_| subject(random)).collect();
                Binding { namespace, kind, role, subjects }
            })
            .collect();
        Setup { roles, bindings }
    }

    fn manifests(&self) -> String {
        let mut out = String::new();
        let api = "apiVersion: rbac.authorization.k8s.io/v1";
        for role in &self.roles {
            let kind = if role.namespace.is_some() { "Role" } else { "ClusterRole" };
            let namespace = role.namespace.map(|namespace| format!(", namespace: {namespace}")).unwrap_or_default();
            let labels: Vec<String> = role.labels.iter().map(|(key, value)| format!("{key}: {value:?}")).collect();
            let labels = labels.join(", ");
            let _ = write!(
                out,
                "---\n{api}\nkind: {kind}\nmetadata: {{ name: {}{namespace}, labels: {{ {labels} }} }}\n",
                role.name
            );
            if let Some(collects) = &role.collects {
                let selectors: Vec<String> =
                    collects.iter().map(|(key, value)| format!("{{ matchLabels: {{ {key}: {value:?} }} }}")).collect();
                let _ = writeln!(out, "aggregationRule: {{ clusterRoleSelectors: [{}] }}", selectors.join(", "));
            }
            out += "rules:\n";
            for rule in &role.rules {
                let _ = write!(
                    out,
                    "- {{ verbs: {:?}, apiGroups: {:?}, resources: {:?}",
                    rule.verbs, rule.groups, rule.resources
                );
                if !rule.names.is_empty() {
                    let _ = write!(out, ", resourceNames: {:?}", rule.names);
                }
                out += " }\n";
            }
        }
        for (at, binding) in self.bindings.iter().enumerate() {
            let kind = if binding.namespace.is_some() { "RoleBinding" } else { "ClusterRoleBinding" };
            let namespace = binding.namespace.map(|namespace| format!(", namespace: {namespace}")).unwrap_or_default();
            let _ = write!(
                out,
                "---\n{api}\nkind: {kind}\nmetadata: {{ name: b{at}{namespace} }}\n\
                 roleRef: {{ apiGroup: rbac.authorization.k8s.io, kind: {}, name: {} }}\nsubjects:\n",
                binding.kind, binding.role
            );
            for (kind, name, namespace) in &binding.subjects {
                let namespace = namespace.map(|namespace| format!(", namespace: {namespace}")).unwrap_or_default();
                let _ = writeln!(out, "- {{ kind: {kind}, name: {name:?}{namespace} }}");
            }
        }
        out
    }

    /// The answer, worked out in the most direct way.
    fn allows(&self, question: &Question) -> bool {
        self.bindings.iter().any(|binding| {
            binding.namespace.is_none_or(|namespace| namespace == question.namespace)
                && binding.subjects.iter().any(|subject| question.is(subject))
                && self.rules(binding).iter().any(|rule| rule.allows(question))
        })
    }

    fn rules(&self, binding: &Binding) -> Vec<Rule> {
        let namespace = if binding.kind == "Role" { binding.namespace } else { None };
        let role = self.roles.iter().position(|role| role.namespace == namespace && role.name == binding.role);
        let effective = self.effective();
        match role {
            Some(at) => effective[at].clone(),
            None if namespace.is_none() => self.built_in(&binding.role, &effective),
            None => Vec::new(),
        }
    }

    /// The rules of each role, collected again and again until nothing changes.
    fn effective(&self) -> Vec<Vec<Rule>> {
        let own = |role: &Role| if role.collects.is_some() { Vec::new() } else { role.rules.clone() };
        let mut rules: Vec<Vec<Rule>> = self.roles.iter().map(own).collect();
        loop {
            let mut next = rules.clone();
            for (at, role) in self.roles.iter().enumerate() {
                let Some(collects) = &role.collects else { continue };
                for label in collects {
                    for (other, source) in self.roles.iter().enumerate() {
                        if source.labels.contains(label) {
                            add(&mut next[at], &rules[other]);
                        }
                    }
                    let key = label.0.strip_prefix("rbac.authorization.k8s.io/");
                    for role in ["view", "edit", "admin"].iter().filter(|role| key.is_some() && key == carried(role)) {
                        add(&mut next[at], &self.built_in(role, &rules));
                    }
                    if let Some(key) = key {
                        add(&mut next[at], &parts(key));
                    }
                }
            }
            if next == rules {
                return rules;
            }
            rules = next;
        }
    }

    fn built_in(&self, name: &str, effective: &[Vec<Rule>]) -> Vec<Rule> {
        if name == "cluster-admin" {
            return vec![Rule { verbs: vec!["*"], groups: vec!["*"], resources: vec!["*"], names: Vec::new() }];
        }
        let mut all = Vec::new();
        // `admin` takes what is meant for it and the whole of `edit`, and `edit` the whole of `view`.
        for level in ["view", "edit", "admin"] {
            let label = format!("rbac.authorization.k8s.io/aggregate-to-{level}");
            add(&mut all, &parts(&format!("aggregate-to-{level}")));
            for (at, role) in self.roles.iter().enumerate() {
                if role.labels.iter().any(|(key, _)| *key == label) {
                    add(&mut all, &effective[at]);
                }
            }
            if level == name {
                return all;
            }
        }
        Vec::new()
    }
}

/// The aggregation label that a built-in role carries.
fn carried(role: &str) -> Option<&'static str> {
    match role {
        "view" => Some("aggregate-to-edit"),
        "edit" => Some("aggregate-to-admin"),
        _ => None,
    }
}

/// What the API server itself means for a label, as far as the questions ask.
fn parts(label: &str) -> Vec<Rule> {
    let rule = |verbs: &[&'static str], groups: &[&'static str], resources: &[&'static str]| Rule {
        verbs: verbs.to_vec(),
        groups: groups.to_vec(),
        resources: resources.to_vec(),
        names: Vec::new(),
    };
    let (read, write) = (["get", "list", "watch"], ["create", "patch", "delete"]);
    match label {
        "aggregate-to-view" => vec![
            rule(&read, &[""], &["pods", "configmaps"]),
            rule(&read, &["apps"], &["deployments", "deployments/scale"]),
        ],
        "aggregate-to-edit" => vec![
            rule(&read, &[""], &["secrets", "pods/exec"]),
            rule(&write, &[""], &["secrets", "pods", "pods/exec", "configmaps"]),
            rule(&["create"], &[""], &["serviceaccounts/token"]),
            rule(&write, &["apps"], &["deployments", "deployments/scale"]),
        ],
        _ => Vec::new(),
    }
}

fn add(to: &mut Vec<Rule>, rules: &[Rule]) {
    for rule in rules {
        if !to.contains(rule) {
            to.push(rule.clone());
        }
    }
}

impl Rule {
    fn random(random: &mut Random) -> Rule {
        let list = |random: &mut Random, all: &[&'static str]| match random.below(4) {
            0 => vec!["*"],
            _ => vec![random.pick(all), random.pick(all)],
        };
        let resources = [
            "secrets",
            "pods",
            "pods/exec",
            "pods/*",
            "*/scale",
            "*/exec",
            "*/*",
            "deployments",
            "serviceaccounts/token",
        ];
        Rule {
            verbs: list(random, &VERBS),
            groups: list(random, &["", "apps", "batch"]),
            resources: list(random, &resources),
            names: if random.chance(20) { vec![random.pick(&NAMES)] } else { Vec::new() },
        }
    }

    fn allows(&self, question: &Question) -> bool {
        // `deployments.apps/scale` is the subresource `scale` of `deployments` in the group `apps`.
        let (resource, sub) = match question.resource.split_once('/') {
            Some((resource, sub)) => (resource, sub),
            None => (question.resource, ""),
        };
        let (resource, group) = resource.split_once('.').unwrap_or((resource, ""));
        let whole = if sub.is_empty() { resource.to_owned() } else { format!("{resource}/{sub}") };
        let covers = |own: &&str| **own == *"*" || **own == *whole || !sub.is_empty() && **own == format!("*/{sub}");
        self.verbs.iter().any(|verb| [question.verb, "*"].contains(verb))
            && self.groups.iter().any(|own| [group, "*"].contains(own))
            && self.resources.iter().any(covers)
            && (self.names.is_empty() || self.names.contains(&question.name))
    }
}

impl Question {
    fn random(random: &mut Random) -> Question {
        Question {
            account: (random.pick(&NAMESPACES), random.pick(&ACCOUNTS)),
            user: random.chance(50).then(|| (random.pick(&USERS), random.pick(&GROUPS))),
            verb: random.pick(&VERBS),
            resource: random.pick(&RESOURCES),
            name: random.pick(&NAMES),
            namespace: random.pick(&NAMESPACES),
        }
    }

    /// True where the one who asks is this subject or a member of it.
    fn is(&self, (kind, name, namespace): &(&'static str, String, Option<&'static str>)) -> bool {
        match self.user {
            Some((user, group)) => match *kind {
                "User" => name == user,
                "Group" => name == group || name == "system:authenticated",
                _ => false,
            },
            None => {
                let (own, account) = self.account;
                match *kind {
                    "User" => *name == format!("system:serviceaccount:{own}:{account}"),
                    "Group" => {
                        let groups = ["system:authenticated", "system:serviceaccounts"];
                        groups.contains(&name.as_str()) || *name == format!("system:serviceaccounts:{own}")
                    }
                    _ => name == account && *namespace == Some(own),
                }
            }
        }
    }

    fn write(&self, at: usize, out: &mut String) {
        let user = self.user.map(|(user, group)| format!(", user: {user:?}, group: {group:?}")).unwrap_or_default();
        let (namespace, account) = self.account;
        let _ = write!(
            out,
            "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: q{at}\n  namespace: {namespace}\n  \
             annotations: {{ verb: {}, resource: {}, name: {}, in: {}{user} }}\n\
             spec: {{ serviceAccountName: {account}, containers: [{{ name: app, image: web }}] }}\n",
            self.verb, self.resource, self.name, self.namespace
        );
    }
}

fn subject(random: &mut Random) -> (&'static str, String, Option<&'static str>) {
    match random.below(10) {
        0..=4 => ("ServiceAccount", random.pick(&ACCOUNTS).to_owned(), Some(random.pick(&NAMESPACES))),
        5..=6 => ("User", random.pick(&USERS).to_owned(), None),
        7 => ("Group", random.pick(&GROUPS).to_owned(), None),
        8 => ("Group", format!("system:serviceaccounts:{}", random.pick(&NAMESPACES)), None),
        _ => ("Group", random.pick(&["system:authenticated", "system:serviceaccounts"]).to_owned(), None),
    }
}

/// Numbers that look random and are the same in each run (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit.max(1)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn some<T: Copy + PartialEq>(&mut self, all: &[T]) -> Vec<T> {
        let count = self.below(3);
        let mut picked: Vec<T> = Vec::new();
        for _ in 0..count {
            let one = self.pick(all);
            if !picked.contains(&one) {
                picked.push(one);
            }
        }
        picked
    }
}
