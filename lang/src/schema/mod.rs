//! The fields of Kubernetes kinds: what rules are checked against, and objects with them.
//!
//! [`Schemas`] holds the built-in kinds, the custom kinds and file formats that Tacit brings, and whatever
//! CustomResourceDefinitions and `kind` items add. It is a handle: cheap to clone, and nothing is decoded before it
//! is asked for.
//!
//! **One kind for all versions.** A rule sees one kind per API group; the fields of its versions are merged, and
//! each field knows the versions that have it ([`FieldInfo::versions`]). Where versions disagree on a type, the
//! newest one's stands, and [`FieldInfo::older`] keeps the others.
//!
//! **Who owns a bare name.** Built-in kinds own theirs; then the kinds Tacit ships; then those read from CRDs or
//! declared. Within a layer, a kind without an alias owns the name; if all its bearers have aliases, the bare name
//! is ambiguous. So an input that brings another group's `Certificate` cannot change what a rule means.
//!
//! Sources: the built-in table is made from the OpenAPI v3 documents and the discovery of a Kubernetes 1.36 API server
//! (`xtask schemas`), its removed versions from the Kubernetes deprecation guide; the custom tables from the
//! projects' published CRDs and configuration formats.

mod base;
pub mod confidential;
mod crd;
mod declare;
mod extension;
mod model;
mod nearest;
mod notation;
mod paths;
mod tree;

pub use crd::CrdProblem;
pub use declare::{DeclareProblem, DeclaredField, DeclaredKind};
pub use model::*;
pub use nearest::nearest;
pub use paths::{FieldPath, PathProblem};

use base::Base;
use extension::Extension;
use std::sync::{Arc, OnceLock};

/// All kinds a program or an input may speak of.
#[derive(Clone)]
pub struct Schemas {
    base: &'static Base,
    ext: Arc<Extension>,
}

impl std::fmt::Debug for Schemas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schemas").field("kinds", &self.kinds().count()).finish()
    }
}

impl Default for Schemas {
    fn default() -> Self {
        Schemas::builtin()
    }
}

impl Schemas {
    /// The built-in kinds, and the custom kinds and file formats that Tacit ships.
    pub fn builtin() -> Schemas {
        static NOTHING: OnceLock<Arc<Extension>> = OnceLock::new();
        Schemas { base: Base::get(), ext: NOTHING.get_or_init(Arc::default).clone() }
    }

    /// Every kind.
    pub fn kinds(&self) -> impl Iterator<Item = KindId> + use<> {
        (0..self.base.kind_count() + self.ext.kinds.len() as u32).map(KindId)
    }

    /// What is known of a kind.
    pub fn kind(&self, id: KindId) -> &KindInfo {
        static NO_KIND: OnceLock<KindInfo> = OnceLock::new();
        let known = match id.0.checked_sub(self.base.kind_count()) {
            None => self.ext.replaced.get(&id).or_else(|| self.base.kind(id)),
            Some(n) => self.ext.kinds.get(n as usize),
        };
        // An id of other schemas: an open kind without a name.
        known.unwrap_or_else(|| {
            NO_KIND.get_or_init(|| KindInfo {
                name: Arc::default(),
                alias: None,
                group: Arc::default(),
                versions: Arc::default(),
                plural: Arc::default(),
                short_names: Arc::default(),
                scope: Scope::Cluster,
                root: TypeId(u32::MAX),
                origin: Origin::Declared,
                restricted: None,
                open: true,
            })
        })
    }

    /// The kinds a bare name or an alias stands for. None: there is no such kind. Several: the name is ambiguous, and
    /// [`KindInfo::alias`] tells them apart.
    pub fn kinds_named(&self, name: &str) -> Vec<KindId> {
        let all = self.kinds_sharing(name);
        let Some(layer) = all.iter().map(|(o, _)| *o).min() else { return Vec::new() };
        let layer: Vec<KindId> = all.into_iter().filter(|(o, _)| *o == layer).map(|(_, k)| k).collect();
        let owners: Vec<KindId> =
            layer.iter().copied().filter(|k| self.kind(*k).alias.as_deref().is_none_or(|a| a == name)).collect();
        if owners.is_empty() { layer } else { owners }
    }

    /// Every kind of that name or alias, also those to which the bare name does not lead, with their origins.
    pub fn kinds_sharing(&self, name: &str) -> Vec<(Origin, KindId)> {
        let mut all: Vec<_> = self.base.kinds_named(name).collect();
        all.extend(self.ext.names.iter().filter(|(n, _)| **n == *name).map(|(_, k)| (self.kind(*k).origin, *k)));
        all
    }

    /// The kind of that group (empty for the core group, former groups count) and name.
    pub fn kind_of(&self, group: &str, kind: &str) -> Option<KindId> {
        self.base.kind_of(group, kind).or_else(|| self.ext.kind_of(group, kind))
    }

    /// The kind that `apiVersion` and `kind` of an object name, and what is to be said about the version.
    pub fn kind_of_api_version(&self, api_version: &str, kind: &str) -> Option<(KindId, VersionStatus)> {
        let (group, version) = split_api_version(api_version);
        let id = self.kind_of(group, kind)?;
        let status = match self.kind(id).version(group, version) {
            None => VersionStatus::Unknown,
            Some(v) if !v.served => VersionStatus::NotServed,
            Some(v) if v.deprecated.is_some() => VersionStatus::Deprecated,
            Some(_) => VersionStatus::Served,
        };
        Some((id, status))
    }

    /// An object type.
    pub fn type_info(&self, id: TypeId) -> &TypeInfo {
        static NO_TYPE: OnceLock<TypeInfo> = OnceLock::new();
        let known = match id.0.checked_sub(self.base.type_count()) {
            None => self.base.type_info(id),
            Some(n) => self.ext.types.get(n as usize).map(|t| &**t),
        };
        known.unwrap_or_else(|| {
            NO_TYPE.get_or_init(|| TypeInfo { name: None, label: "object".into(), fields: Box::default(), open: true })
        })
    }

    /// A field of an object type.
    pub fn field(&self, ty: TypeId, name: &str) -> Option<&FieldInfo> {
        self.type_info(ty).field(name)
    }

    /// The types of that short name (`PodSpec`).
    pub fn types_named(&self, short: &str) -> Vec<TypeId> {
        self.base.types_named(short).collect()
    }
}

/// Group and version of an `apiVersion`; the core group is empty.
pub fn split_api_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}
