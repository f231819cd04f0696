//! The least ClusterRole that gives a run what its rules look at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use tacit_lang::schema::Schemas;

use crate::needs::{Depth, Needs, is_secret};

/// The role as a manifest. What discovery needs, every authenticated user has.
pub fn role(needs: &Needs, schemas: &Schemas, name: &str) -> String {
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for need in &needs.kinds {
        let info = schemas.kind(need.kind);
        if !info.plural.is_empty() {
            groups.entry(&info.group).or_default().insert(&info.plural);
        }
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
            out.push_str("# RBAC cannot give the metadata of Secrets without their values: a run asks for metadata only\n");
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
