//! The least ClusterRole that gives a run what its rules look at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use tacit_lang::schema::Schemas;

use crate::needs::{Depth, Needs, is_secret};

/// The role as a manifest. What discovery needs, every authenticated user has.
pub fn role(needs: &Needs, schemas: &Schemas, name: &str) -> String {
    let mut groups: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for need in &needs.kinds {
        let info = schemas.kind(need.kind);
        let plural = if info.plural.is_empty() { plural(&info.name) } else { info.plural.to_string() };
        groups.entry(&info.group).or_default().insert(plural);
    }
    let mut out = String::from("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n");
    let _ = writeln!(out, "  name: {name}");
    if groups.is_empty() && !needs.metrics {
        out.push_str("rules: []\n");
        return out;
    }
    out.push_str("rules:\n");
    for (group, resources) in groups {
        let secrets = needs.kinds.iter().find(|need| is_secret(schemas, need.kind)).filter(|_| group.is_empty());
        if secrets.is_some_and(|need| need.depth < Depth::Values) {
            out.push_str(
                "# RBAC cannot give the metadata of Secrets without their values: a run asks for metadata only\n",
            );
        }
        let _ = writeln!(out, "- apiGroups: [{}]", if group.is_empty() { "\"\"" } else { group });
        let _ = writeln!(out, "  resources: [{}]", resources.into_iter().collect::<Vec<_>>().join(", "));
        out.push_str("  verbs: [list]\n");
    }
    if needs.metrics {
        out.push_str("# how the API server encrypts\n- nonResourceURLs: [/metrics]\n  verbs: [get]\n");
    }
    out
}

/// The name of a resource as English forms it, for kinds of which nothing but the name is known.
fn plural(kind: &str) -> String {
    let name = kind.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    match name.strip_suffix('y') {
        Some(stem) if !ends(&["ay", "ey", "oy", "uy"]) => format!("{stem}ies"),
        _ if ends(&["s", "x", "ch", "sh"]) => format!("{name}es"),
        _ => format!("{name}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::needs::Need;

    #[test]
    fn kinds_are_put_together_by_group() {
        let schemas = Schemas::builtin();
        let need = |kind: &str, depth| Need { kind: schemas.kinds_named(kind)[0], depth };
        let kinds = vec![need("Secret", Depth::Whole), need("Pod", Depth::Whole), need("Deployment", Depth::Whole)];
        let text = role(&Needs { kinds, metrics: true }, &schemas, "least");
        let rules: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            rules,
            [
                "apiVersion: rbac.authorization.k8s.io/v1",
                "kind: ClusterRole",
                "metadata:",
                "  name: least",
                "rules:",
                "- apiGroups: [\"\"]",
                "  resources: [pods, secrets]",
                "  verbs: [list]",
                "- apiGroups: [apps]",
                "  resources: [deployments]",
                "  verbs: [list]",
                "- nonResourceURLs: [/metrics]",
                "  verbs: [get]",
            ]
        );
    }

    #[test]
    fn plurals_of_kinds_without_a_schema() {
        assert_eq!(
            ["HTTPRoute", "Gateway", "Policy", "Ingress"].map(plural),
            ["httproutes", "gateways", "policies", "ingresses"]
        );
    }
}
