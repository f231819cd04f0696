//! The roles that an API server makes for itself and that no manifest holds.

use std::collections::HashMap;
use std::sync::OnceLock;

/// A role of the bootstrap policy.
#[derive(Debug, Default)]
pub(super) struct BuiltIn {
    /// Its namespace; `None` for a ClusterRole.
    pub namespace: Option<&'static str>,
    /// Its name.
    pub name: &'static str,
    /// The aggregation label that it carries.
    pub label: Option<&'static str>,
    /// The aggregation label of the roles whose rules it takes.
    pub collects: Option<&'static str>,
    /// Its own rules on resources.
    pub rules: Vec<BuiltInRule>,
}

/// A rule of such a role.
#[derive(Debug)]
pub(super) struct BuiltInRule {
    pub verbs: Vec<&'static str>,
    /// The core group is the empty text, as in manifests.
    pub groups: Vec<&'static str>,
    pub resources: Vec<&'static str>,
    pub names: Vec<&'static str>,
}

/// Prefix of the labels by which the roles `admin`, `edit` and `view` collect others.
const AGGREGATION: &str = "rbac.authorization.k8s.io/";

impl BuiltIn {
    /// True where it carries this label with this value.
    pub fn has_label(&self, key: &str, value: &str) -> bool {
        value == "true" && key.strip_prefix(AGGREGATION).is_some_and(|key| self.label == Some(key))
    }

    /// The label by which it collects other roles.
    pub fn collected_label(&self) -> Option<String> {
        self.collects.map(|label| format!("{AGGREGATION}{label}"))
    }
}

/// All of them.
pub(super) fn all() -> &'static [BuiltIn] {
    static ROLES: OnceLock<Vec<BuiltIn>> = OnceLock::new();
    ROLES.get_or_init(|| parse(include_str!("builtin_roles.txt")))
}

/// One of them, by namespace and name.
pub(super) fn find(namespace: Option<&str>, name: &str) -> Option<&'static BuiltIn> {
    static BY_NAME: OnceLock<HashMap<(Option<&'static str>, &'static str), &'static BuiltIn>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| all().iter().map(|role| ((role.namespace, role.name), role)).collect());
    by_name.get(&(namespace, name)).copied()
}

/// Reads the table; its head says how it is written.
fn parse(table: &'static str) -> Vec<BuiltIn> {
    let mut roles: Vec<BuiltIn> = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        if let Some(head) = line.strip_prefix("role ") {
            let mut words = head.split(' ');
            let name = words.next().unwrap_or_default();
            let (namespace, name) =
                name.split_once('/').map_or((None, name), |(namespace, name)| (Some(namespace), name));
            let mut role = BuiltIn { namespace, name, ..BuiltIn::default() };
            while let (Some(what), Some(label)) = (words.next(), words.next()) {
                match what {
                    "labelled" => role.label = Some(label),
                    _ => role.collects = Some(label),
                }
            }
            roles.push(role);
        } else if let Some(role) = roles.last_mut() {
            let mut parts = line.split('|').map(|part| part.trim().split(',').collect::<Vec<_>>());
            let mut part = || parts.next().unwrap_or_default();
            let verbs = part();
            let groups = part().into_iter().map(|group| if group == "core" { "" } else { group }).collect();
            role.rules.push(BuiltInRule { verbs, groups, resources: part(), names: part() });
        }
    }
    roles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_in_full() {
        assert_eq!(
            all()
                .iter()
                .filter(|role| role.namespace.is_none())
                .map(|role| role.name)
                .filter(|name| !name.starts_with("system:"))
                .collect::<Vec<_>>(),
            ["admin", "cluster-admin", "edit", "view"]
        );
        let rules = || all().iter().flat_map(|role| &role.rules);
        assert!(rules().all(|rule| !rule.verbs.is_empty() && !rule.groups.is_empty() && !rule.resources.is_empty()));
        assert!(rules().all(|rule| !rule.verbs.contains(&"") && !rule.resources.contains(&"")));
    }

    #[test]
    fn what_people_bind_is_there() {
        let admin = find(None, "admin").expect("admin");
        assert_eq!(admin.collected_label().as_deref(), Some("rbac.authorization.k8s.io/aggregate-to-admin"));
        let edit = find(None, "edit").expect("edit");
        assert!(edit.has_label("rbac.authorization.k8s.io/aggregate-to-admin", "true"));
        assert!(!edit.has_label("rbac.authorization.k8s.io/aggregate-to-edit", "true"));
        let reader = find(Some("kube-system"), "extension-apiserver-authentication-reader").expect("reader");
        assert_eq!(reader.rules[0].names, ["extension-apiserver-authentication"]);
        assert!(find(None, "extension-apiserver-authentication-reader").is_none());
    }
}
