//! What a cluster serves: which kinds, in which versions, under which names, asked once.

use std::collections::HashMap;

use kube::Client;
use serde::Deserialize;
use tacit_lang::schema::{KindId, Schemas};

use crate::http::{Failure, get};

/// All groups at once; older servers answer with the list of groups instead.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/// One resource of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its group; empty for the core group.
    pub group: String,
    /// The version, the server's favourite first.
    pub version: String,
    /// Its kind.
    pub kind: String,
    /// Its name in paths (`deployments`).
    pub plural: String,
    /// Its objects live in namespaces.
    pub namespaced: bool,
    /// It can be listed.
    pub listable: bool,
}

impl Resource {
    /// As `apiVersion` spells it.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// The path of its list, of one namespace or of all.
    pub fn path(&self, namespace: Option<&str>) -> String {
        let root = if self.group.is_empty() { "/api" } else { "/apis" };
        let of = namespace.filter(|_| self.namespaced).map(|name| format!("/namespaces/{name}")).unwrap_or_default();
        format!("{root}/{}{of}/{}", self.api_version(), self.plural)
    }

    /// As `kubectl` names it: `secrets`, `deployments.apps`.
    pub fn full_name(&self) -> String {
        if self.group.is_empty() { self.plural.clone() } else { format!("{}.{}", self.plural, self.group) }
    }
}

/// All that a cluster serves.
#[derive(Clone, Debug, Default)]
pub struct Served {
    resources: Vec<Resource>,
    /// Groups whose server does not answer: what they hold is not known.
    pub stale: Vec<String>,
}

impl Served {
    /// Everything that is served.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter()
    }

    /// The names of all kinds.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.resources.iter().map(|resource| resource.kind.as_str())
    }

    /// The resource of a kind, in the version that suits best: of those the schema describes, the server's first.
    pub fn resource(&self, schemas: &Schemas, kind: KindId) -> Option<&Resource> {
        let info = schemas.kind(kind);
        let of_kind = || {
            self.resources.iter().filter(|resource| {
                resource.listable
                    && resource.kind == *info.name
                    && (*info.group == *resource.group
                        || info.versions.iter().any(|version| *version.group == *resource.group))
            })
        };
        // A former group (`extensions`) counts only where the kind's own is not served.
        let in_group = || of_kind().filter(|resource| *resource.group == *info.group);
        let described = |resource: &&Resource| {
            info.version(&resource.group, &resource.version).is_some_and(|version| version.described)
        };
        in_group().find(described).or_else(|| in_group().next()).or_else(|| of_kind().find(described))
    }

    /// True where the kind belongs to a group whose server does not answer.
    pub fn is_stale(&self, schemas: &Schemas, kind: KindId) -> bool {
        self.stale.iter().any(|group| **group == *schemas.kind(kind).group)
    }
}

/// Asks for all that a cluster serves.
pub(crate) async fn discover(client: &Client) -> Result<Served, Failure> {
    let mut served = Served::default();
    for root in ["/api", "/apis"] {
        let body = get(client, root, AGGREGATED).await?;
        match serde_json::from_slice::<Groups>(&body) {
            Ok(groups) if groups.kind == "APIGroupDiscoveryList" => groups.add_to(&mut served),
            Ok(groups) => legacy(client, root, groups, &mut served).await?,
            Err(_) => return Err(Failure::Other("the server's answer is no list of API groups".to_owned())),
        }
    }
    Ok(served)
}

/// One by one, as servers before 1.26 tell it.
async fn legacy(client: &Client, root: &str, groups: Groups, served: &mut Served) -> Result<(), Failure> {
    let core = groups.versions.iter().map(|version| (String::new(), version.clone()));
    let named = groups.groups.iter().flat_map(|group| {
        let mut versions: Vec<String> = group.versions.iter().map(|version| version.version.clone()).collect();
        let first = group.preferred_version.as_ref().map(|version| version.version.clone());
        versions.sort_by_key(|version| Some(version) != first.as_ref());
        versions.into_iter().map(|version| (group.name.clone(), version)).collect::<Vec<_>>()
    });
    for (group, version) in core.chain(named) {
        let of = if group.is_empty() { version.clone() } else { format!("{group}/{version}") };
        match get(client, &format!("{root}/{of}"), "application/json").await {
            Ok(body) => {
                let list: LegacyResources = serde_json::from_slice(&body)
                    .map_err(|_| Failure::Other(format!("the server's answer about {of} could not be read")))?;
                for resource in list.resources.into_iter().filter(|resource| !resource.name.contains('/')) {
                    served.resources.push(Resource {
                        group: group.clone(),
                        version: version.clone(),
                        kind: resource.kind,
                        plural: resource.name,
                        namespaced: resource.namespaced,
                        listable: resource.verbs.iter().any(|verb| verb == "list"),
                    });
                }
            }
            Err(Failure::Unauthorized) => return Err(Failure::Unauthorized),
            Err(_) => served.stale.push(group),
        }
    }
    Ok(())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Groups {
    kind: String,
    /// Aggregated.
    items: Vec<Group>,
    /// Of `/apis`, not aggregated.
    groups: Vec<LegacyGroup>,
    /// Of `/api`, not aggregated.
    versions: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Group {
    metadata: HashMap<String, serde_json::Value>,
    versions: Vec<Version>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Version {
    version: String,
    freshness: String,
    resources: Vec<Discovered>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Discovered {
    resource: String,
    response_kind: ResponseKind,
    scope: String,
    verbs: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ResponseKind {
    kind: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LegacyGroup {
    name: String,
    versions: Vec<LegacyVersion>,
    preferred_version: Option<LegacyVersion>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LegacyVersion {
    version: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LegacyResources {
    resources: Vec<LegacyResource>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LegacyResource {
    name: String,
    kind: String,
    namespaced: bool,
    verbs: Vec<String>,
}

impl Groups {
    fn add_to(self, served: &mut Served) {
        for group in self.items {
            let name = group.metadata.get("name").and_then(|name| name.as_str()).unwrap_or_default().to_owned();
            for version in group.versions {
                if version.freshness == "Stale" {
                    served.stale.push(name.clone());
                }
                served.resources.extend(version.resources.into_iter().map(|resource| Resource {
                    group: name.clone(),
                    version: version.version.clone(),
                    kind: resource.response_kind.kind,
                    plural: resource.resource,
                    namespaced: resource.scope == "Namespaced",
                    listable: resource.verbs.iter().any(|verb| verb == "list"),
                }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_listed_in_a_version_that_its_schema_describes() {
        let schemas = Schemas::builtin();
        let answer = serde_json::json!({
            "kind": "APIGroupDiscoveryList",
            "items": [{
                "metadata": { "name": "apps" },
                "versions": [
                    { "version": "v7", "resources": [{ "resource": "deployments", "responseKind": { "kind": "Deployment" }, "scope": "Namespaced", "verbs": ["list"] }] },
                    { "version": "v1", "resources": [{ "resource": "deployments", "responseKind": { "kind": "Deployment" }, "scope": "Namespaced", "verbs": ["list"] }] }
                ]
            }]
        });
        let mut served = Served::default();
        serde_json::from_value::<Groups>(answer).unwrap().add_to(&mut served);
        let kind = schemas.kind_of("apps", "Deployment").unwrap();
        let resource = served.resource(&schemas, kind).unwrap();
        assert_eq!(resource.path(None), "/apis/apps/v1/deployments");
        assert_eq!(resource.path(Some("shop")), "/apis/apps/v1/namespaces/shop/deployments");
        assert_eq!(resource.full_name(), "deployments.apps");
        assert!(served.resource(&schemas, schemas.kind_of("", "Secret").unwrap()).is_none());
    }
}
