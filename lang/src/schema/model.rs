//! What is known of a kind: names, versions, and the tree of its fields.

use std::sync::Arc;

/// One kind of one API group (all its versions), or one file format. Only meaningful within the
/// [`Schemas`](super::Schemas) that gave it and those extended from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KindId(pub u32);

/// One object type. Only meaningful within the [`Schemas`](super::Schemas) that gave it and those extended from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TypeId(pub u32);

/// A default or another literal of a schema.
pub type SchemaValue = serde_json::Value;

/// Where the knowledge of a kind comes from. Earlier origins own a bare kind name against later ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Origin {
    /// Served by the API server itself.
    BuiltIn,
    /// A custom kind or file format that Tacit brings.
    Shipped,
    /// Read from a CustomResourceDefinition.
    Crd,
    /// Stated by a `kind` item.
    Declared,
}

/// Whether objects of a kind live in a namespace.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scope {
    /// In a namespace.
    Namespaced,
    /// Once per cluster.
    Cluster,
    /// No API object: a file that a program reads (a configuration, a kustomization).
    File,
}

/// Why and until when a version is not to be used.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Deprecation {
    /// Kubernetes release that announced it (`1.19`), where known.
    pub since: Option<Arc<str>>,
    /// Kubernetes release that stopped serving it (`1.22`), where known.
    pub removed_in: Option<Arc<str>>,
    /// The `group/version` to use instead, where there is one.
    pub replacement: Option<Arc<str>>,
}

/// One version of a kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VersionInfo {
    /// Its group: the kind's own, or a former one (`extensions`).
    pub group: Arc<str>,
    /// Its name (`v1beta1`).
    pub name: Arc<str>,
    /// An API server answers to it. For built-in kinds: one of the current release, started without options.
    pub served: bool,
    /// The one objects are stored in; for built-in kinds the one the server prefers.
    pub storage: bool,
    /// Set where it should not be used any more.
    pub deprecated: Option<Deprecation>,
    /// False where its fields are not known: then nothing can be said about an object's structure.
    pub described: bool,
}

impl VersionInfo {
    /// As `apiVersion` spells it: `v1`, `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.name.to_string() } else { format!("{}/{}", self.group, self.name) }
    }
}

/// What an `apiVersion` means for a kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum VersionStatus {
    /// Served.
    Served,
    /// Served, but to be given up.
    Deprecated,
    /// Known, but not served: removed, or never switched on by default.
    NotServed,
    /// The kind has no such version.
    Unknown,
}

/// One kind.
#[derive(Clone, PartialEq, Debug)]
pub struct KindInfo {
    /// The name objects carry in `kind`.
    pub name: Arc<str>,
    /// A name that is unique where the bare one is not (`FluxKustomization`).
    pub alias: Option<Arc<str>>,
    /// API group; empty for the core group.
    pub group: Arc<str>,
    /// Newest first; former groups last.
    pub versions: Arc<[VersionInfo]>,
    /// Resource name (`deployments`); empty for file formats.
    pub plural: Arc<str>,
    /// Other names on a command line (`deploy`).
    pub short_names: Arc<[Arc<str>]>,
    /// Where its objects live.
    pub scope: Scope,
    /// The type of a whole object, with `apiVersion` and `kind`.
    pub root: TypeId,
    /// Where this knowledge comes from.
    pub origin: Origin,
    /// Set where this name stands for one version only: objects of other versions are not of this kind.
    pub restricted: Option<Restriction>,
    /// Fields beside the known ones may be there: only a part of the kind is known.
    pub open: bool,
}

/// A kind of which a `kind` item names one version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restriction {
    /// The kind with all its versions, as [`Schemas::kind_of`](super::Schemas::kind_of) gives it.
    pub kind: KindId,
    /// The version (`v1beta1`).
    pub version: Arc<str>,
}

impl KindInfo {
    /// True where objects live in a namespace.
    pub fn namespaced(&self) -> bool {
        self.scope == Scope::Namespaced
    }

    /// True for built-in kinds, whose definition no CRD can change.
    pub fn is_builtin(&self) -> bool {
        self.origin == Origin::BuiltIn
    }

    /// The name that names this kind and no other in rules: the alias, or else the kind's name.
    pub fn unique_name(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }

    /// The version of that group and name.
    pub fn version(&self, group: &str, name: &str) -> Option<&VersionInfo> {
        self.versions.iter().find(|v| &*v.group == group && &*v.name == name)
    }
}

/// An object type.
#[derive(Clone, PartialEq, Debug)]
pub struct TypeInfo {
    /// The short name (`PodSpec`), for types that have one.
    pub name: Option<Arc<str>>,
    /// How messages call it: the name, or the path that leads to it (`ExternalSecret.spec.data[]`).
    pub label: Arc<str>,
    /// Sorted by name.
    pub fields: Box<[FieldInfo]>,
    /// Fields beside these may be there and are kept: what is not listed is unknown, not wrong.
    pub open: bool,
}

impl TypeInfo {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&FieldInfo> {
        self.fields.binary_search_by(|f| (*f.name).cmp(name)).ok().and_then(|i| self.fields.get(i))
    }
}

/// A field of an object type.
#[derive(Clone, PartialEq, Debug)]
pub struct FieldInfo {
    /// Its key.
    pub name: Arc<str>,
    /// Its type. Where the versions of a kind differ, the newest one's; see [`FieldInfo::type_in`].
    pub ty: SchemaType,
    /// Required in every version of the kind.
    pub required: bool,
    /// What the API server fills in. `""`, `0`, `false` and `{}` occur: such fields are never absent on a server.
    pub default: Option<SchemaValue>,
    /// How the items of a list are told apart.
    pub list: ListKind,
    /// Which versions of the kind have it.
    pub versions: Presence,
    /// What older versions say differently.
    pub older: Arc<[OlderField]>,
}

impl FieldInfo {
    /// Its type in a version (`v1beta1`), or nothing where that version lacks the field.
    pub fn type_in(&self, version: &str) -> Option<&SchemaType> {
        if !self.versions.has(version) {
            return None;
        }
        Some(self.older.iter().find(|o| &*o.version == version).and_then(|o| o.ty.as_ref()).unwrap_or(&self.ty))
    }

    /// Whether a version (`v1beta1`) requires it.
    pub fn required_in(&self, version: &str) -> bool {
        self.versions.has(version)
            && self.older.iter().find(|o| &*o.version == version).map_or(self.required, |o| o.required)
    }
}

/// A field as one version states it, where that differs.
#[derive(Clone, PartialEq, Debug)]
pub struct OlderField {
    /// The version (`v1beta1`).
    pub version: Arc<str>,
    /// Its type there, where it differs.
    pub ty: Option<SchemaType>,
    /// Whether it is required there.
    pub required: bool,
}

/// The versions of a kind in which a field exists.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Presence {
    /// In every one.
    #[default]
    Every,
    /// In these (`v1beta1`); none where only Tacit's own table knows the field and the CRD at hand does not.
    Only(Arc<[Arc<str>]>),
}

impl Presence {
    /// True where the version has the field.
    pub fn has(&self, version: &str) -> bool {
        match self {
            Presence::Every => true,
            Presence::Only(names) => names.iter().any(|n| &**n == version),
        }
    }
}

/// How the items of a list are told apart when it is merged.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum ListKind {
    /// The list is one value. Also for fields that are no lists.
    #[default]
    Atomic,
    /// No item occurs twice.
    Set,
    /// Items are told apart by these fields.
    Map(Arc<[Arc<str>]>),
}

/// The type of a value in a manifest.
#[derive(Clone, PartialEq, Debug)]
pub enum SchemaType {
    /// Text.
    String {
        /// The allowed values, where they are listed.
        values: Option<Arc<[Arc<str>]>>,
        /// What the schema calls its form (`ipv4`, `duration`), where it does.
        format: Option<Arc<str>>,
    },
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// Bytes, written in base64.
    Bytes,
    /// An instant, written as RFC 3339.
    Time,
    /// A whole number or text (`maxUnavailable: 25%`).
    IntOrString,
    /// An amount (`500m`, `2Gi`): text or a number.
    Quantity,
    /// Anything: an open part of a schema.
    Any,
    /// An object.
    Object(TypeId),
    /// A list.
    List(Arc<SchemaType>),
    /// An object whose keys are free.
    Map(Arc<SchemaType>),
}

impl SchemaType {
    /// Text without listed values.
    pub const fn string() -> Self {
        SchemaType::String { values: None, format: None }
    }

    /// The object type behind any number of lists and maps.
    pub fn object(&self) -> Option<TypeId> {
        match self {
            SchemaType::Object(id) => Some(*id),
            SchemaType::List(item) | SchemaType::Map(item) => item.object(),
            _ => None,
        }
    }
}
