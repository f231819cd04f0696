//! Reading CustomResourceDefinitions, and what they do to kinds that are known already.

use serde_json::{Value, json};
use tacit_lang::schema::*;

fn crd(group: &str, kind: &str, versions: Value) -> Value {
    let plural = kind.to_lowercase() + "s";
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{group}")},
        "spec": {
            "group": group,
            "names": {"kind": kind, "plural": plural, "shortNames": ["w"]},
            "scope": "Namespaced",
            "versions": versions,
        }
    })
}

fn version(name: &str, spec: Value) -> Value {
    json!({"name": name, "served": true, "storage": name == "v1", "schema": {"openAPIV3Schema": {
        "type": "object", "properties": {"apiVersion": {"type": "string"}, "kind": {"type": "string"},
            "metadata": {"type": "object"}, "spec": spec}}}})
}

fn add(schemas: &mut Schemas, crd: &Value) -> KindId {
    schemas.add_crd(crd).expect("a good CRD")[0]
}

fn at(schemas: &Schemas, kind: KindId, path: &str) -> Result<SchemaType, PathProblem> {
    schemas.type_at(schemas.kind(kind).root, path)
}

#[test]
fn a_schema_becomes_types() {
    let mut schemas = Schemas::builtin();
    let spec = json!({"type": "object", "required": ["size"], "properties": {
        "size": {"type": "integer", "default": 3},
        "mode": {"type": "string", "enum": ["fast", "safe"]},
        "since": {"type": "string", "format": "date-time"},
        "blob": {"type": "string", "format": "byte"},
        "port": {"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]},
        "memory": {"x-kubernetes-int-or-string": true, "pattern": r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE])?$"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        "half": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {"known": {"type": "boolean"}}},
        "items": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
            "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
        "object": {"type": "object", "x-kubernetes-embedded-resource": true, "properties": {"spec": {"type": "object"}}},
    }});
    let kind = add(&mut schemas, &crd("example.com", "Widget", json!([version("v1", spec)])));
    let ty = |path: &str| at(&schemas, kind, path).unwrap_or_else(|p| panic!("{path}: {p:?}"));
    assert_eq!(ty("spec.size"), SchemaType::Int);
    assert!(matches!(ty("spec.mode"), SchemaType::String { values: Some(v), .. } if v.len() == 2));
    assert_eq!(ty("spec.since"), SchemaType::Time);
    assert_eq!(ty("spec.blob"), SchemaType::Bytes);
    assert_eq!(ty("spec.port"), SchemaType::IntOrString);
    assert_eq!(ty("spec.memory"), SchemaType::Quantity);
    assert_eq!(ty("spec.labels{}"), SchemaType::string());
    assert_eq!(ty("spec.free.anything.at.all"), SchemaType::Any);
    assert_eq!(ty("spec.half.known"), SchemaType::Bool);
    assert_eq!(ty("spec.half.unknown"), SchemaType::Any);
    assert_eq!(ty("spec.items[].name"), SchemaType::string());
    assert!(matches!(ty("spec.object.metadata.labels"), SchemaType::Map(_)));
    assert!(matches!(ty("metadata.labels"), SchemaType::Map(_)), "metadata is the API server's, not the CRD's");
    assert_eq!(at(&schemas, kind, "spec.sise").map_err(|p| p.step), Err(1));

    let info = schemas.kind(kind);
    assert_eq!((info.origin, info.alias.as_deref(), &*info.plural), (Origin::Crd, None, "widgets"));
    let SchemaType::Object(spec) = ty("spec") else { panic!("spec is no object") };
    assert_eq!(&*schemas.type_info(spec).label, "Widget.spec");
    let size = schemas.field(spec, "size").expect("size");
    assert!(size.required && size.default == Some(json!(3)));
    assert_eq!(schemas.field(spec, "items").expect("items").list, ListKind::Map(["name".into()].into()));
    assert_eq!(schemas.kind_of("example.com", "Widget"), Some(kind));
    assert_eq!(schemas.nearest_kind("Wigdet"), Some("Widget"));
}

#[test]
fn versions_are_merged_the_newest_wins() {
    let mut schemas = Schemas::builtin();
    let old = json!({"type": "object", "required": ["gone", "both"], "properties": {
        "gone": {"type": "string"}, "both": {"type": "string"}, "args": {"type": "object", "additionalProperties": {"type": "string"}}}});
    let new = json!({"type": "object", "properties": {
        "both": {"type": "string"}, "added": {"type": "integer"},
        "args": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}}}});
    let kind = add(&mut schemas, &crd("example.com", "Widget", json!([version("v1beta1", old), version("v1", new)])));
    assert_eq!(schemas.kind(kind).versions.iter().map(|v| &*v.name).collect::<Vec<_>>(), ["v1", "v1beta1"]);
    let Ok(SchemaType::Object(spec)) = at(&schemas, kind, "spec") else { panic!("no spec") };
    let field = |name: &str| schemas.field(spec, name).unwrap_or_else(|| panic!("{name}"));
    assert!(field("gone").versions.has("v1beta1") && !field("gone").versions.has("v1"));
    assert!(!field("gone").required && field("gone").required_in("v1beta1"));
    assert!(!field("both").required && field("both").required_in("v1beta1") && !field("both").required_in("v1"));
    assert_eq!(field("both").versions, Presence::Every);
    assert!(field("added").type_in("v1beta1").is_none());
    assert!(matches!(field("args").ty, SchemaType::List(_)));
    assert!(matches!(field("args").type_in("v1beta1"), Some(SchemaType::Map(_))));
}

#[test]
fn the_old_form_with_one_schema_is_read() {
    let mut schemas = Schemas::builtin();
    let crd = json!({
        "apiVersion": "apiextensions.k8s.io/v1beta1", "kind": "CustomResourceDefinition",
        "spec": {"group": "example.com", "version": "v1", "scope": "Cluster",
            "names": {"kind": "Widget", "plural": "widgets"},
            "validation": {"openAPIV3Schema": {"properties": {"spec": {"properties": {"size": {"type": "integer"}}}}}}}
    });
    let kind = add(&mut schemas, &crd);
    assert_eq!(at(&schemas, kind, "spec.size"), Ok(SchemaType::Int));
    assert!(!schemas.kind(kind).namespaced());
    // In the old form nothing is pruned unless asked for.
    assert!(schemas.kind(kind).open);
}

#[test]
fn a_shipped_kind_keeps_its_fields_but_objects_are_held_to_the_crd() {
    let mut schemas = Schemas::builtin();
    let shipped = schemas.kind_of("external-secrets.io", "ExternalSecret").expect("shipped");
    let spec = json!({"type": "object", "properties": {
        "refreshInterval": {"type": "string"}, "novelty": {"type": "boolean"}}});
    let kind = add(&mut schemas, &crd("external-secrets.io", "ExternalSecret", json!([version("v1", spec)])));
    assert_eq!(kind, shipped);
    assert_eq!(schemas.kind(kind).origin, Origin::Crd);
    assert_eq!(schemas.kinds_named("ExternalSecret"), [kind]);
    let Ok(SchemaType::Object(spec)) = at(&schemas, kind, "spec") else { panic!("no spec") };
    let field = |name: &str| schemas.field(spec, name).unwrap_or_else(|| panic!("{name}"));
    assert!(field("novelty").versions.has("v1"));
    assert!(field("refreshInterval").versions.has("v1"));
    assert!(!field("refreshPolicy").versions.has("v1"), "this CRD does not have it");
    assert!(at(&schemas, kind, "spec.target.template.metadata.labels").is_ok());
}

/// A CRD spells a pod template out; for rules it must stay the type that other workloads have.
#[test]
fn a_pod_template_stays_one_type() {
    let mut schemas = Schemas::builtin();
    let container = json!({"type": "object", "properties": {"name": {"type": "string"}}});
    let pod = json!({"type": "object", "properties": {"containers": {"type": "array", "items": container}}});
    let spec = json!({"type": "object", "properties": {"replicas": {"type": "integer"},
        "template": {"type": "object", "properties": {"metadata": {"type": "object"}, "spec": pod}}}});
    let kind = add(&mut schemas, &crd("argoproj.io", "Rollout", json!([version("v1alpha1", spec)])));
    let pod_spec = schemas.types_named("PodSpec")[0];
    assert_eq!(at(&schemas, kind, "spec.template.spec"), Ok(SchemaType::Object(pod_spec)));
}

#[test]
fn an_input_cannot_take_a_name_away() {
    let mut schemas = Schemas::builtin();
    let before = schemas.kinds_named("Certificate");
    let spec = json!({"type": "object", "properties": {"domain": {"type": "string"}}});
    let kind = add(&mut schemas, &crd("networking.internal.knative.dev", "Certificate", json!([version("v1", spec)])));
    assert_eq!(schemas.kinds_named("Certificate"), before);
    assert_eq!(schemas.kind(kind).alias.as_deref(), Some("NetworkingCertificate"));
    assert_eq!(schemas.kinds_named("NetworkingCertificate"), [kind]);
    assert_eq!(schemas.kinds_sharing("Certificate").len(), 2);
}

#[test]
fn two_groups_of_an_input_share_a_name_in_whatever_order() {
    let spec = json!({"type": "object"});
    let crds =
        ["alpha.example.com", "beta.example.com"].map(|g| crd(g, "Widget", json!([version("v1", spec.clone())])));
    for order in [[0, 1], [1, 0]] {
        let mut schemas = Schemas::builtin();
        for n in order {
            add(&mut schemas, &crds[n]);
        }
        let mut names: Vec<&str> =
            schemas.kinds_named("Widget").into_iter().map(|k| schemas.kind(k).unique_name()).collect();
        names.sort_unstable();
        assert_eq!(names, ["AlphaWidget", "BetaWidget"]);
        assert_eq!(schemas.kinds_named("AlphaWidget").len(), 1);
    }
}

#[test]
fn two_crds_of_one_kind_add_up() {
    let mut schemas = Schemas::builtin();
    let one = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let two = json!({"type": "object", "properties": {"b": {"type": "string"}}});
    add(&mut schemas, &crd("example.com", "Widget", json!([version("v1", one)])));
    let kind = add(&mut schemas, &crd("example.com", "Widget", json!([version("v1", two)])));
    for path in ["spec.a", "spec.b"] {
        assert_eq!(at(&schemas, kind, path), Ok(SchemaType::string()), "{path}");
    }
    assert_eq!(schemas.kind(kind).versions.len(), 1);
    assert_eq!(schemas.kinds_named("Widget"), [kind]);
}

#[test]
fn a_handle_taken_before_does_not_change() {
    let before = Schemas::builtin();
    let mut after = before.clone();
    add(&mut after, &crd("example.com", "Widget", json!([version("v1", json!({"type": "object"}))])));
    assert!(before.kinds_named("Widget").is_empty());
    assert_eq!(after.kinds_named("Widget").len(), 1);
}

#[test]
fn a_bad_crd_says_where() {
    let mut schemas = Schemas::builtin();
    let mut path = |crd: Value| schemas.add_crd(&crd).expect_err("a bad CRD").path;
    assert_eq!(path(json!({"kind": "Secret"})), "kind");
    assert_eq!(path(json!({"kind": "CustomResourceDefinition"})), "spec");
    assert_eq!(path(json!({"kind": "CustomResourceDefinition", "spec": {"group": "x.y"}})), "spec.names");
    assert_eq!(path(crd("example.com", "Widget", json!([]))), "spec.versions");
    assert_eq!(path(crd("example.com", "Widget", json!([{"served": true}]))), "spec.versions[0].name");
    assert_eq!(path(crd("apps", "Deployment", json!([version("v1", json!({}))]))), "spec.names.kind");
}

#[test]
fn a_bottomless_schema_ends() {
    let mut spec = json!({"type": "string"});
    for _ in 0..1000 {
        spec = json!({"type": "object", "properties": {"x": spec}});
    }
    let mut schemas = Schemas::builtin();
    let kind = add(&mut schemas, &crd("example.com", "Widget", json!([version("v1", spec)])));
    assert_eq!(at(&schemas, kind, &format!("spec{}", ".x".repeat(500))), Ok(SchemaType::Any));
}

fn field(path: &str, ty: SchemaType) -> DeclaredField<'_> {
    DeclaredField { path, ty, required: true }
}

#[test]
fn what_a_declaration_requires_makes_its_parents_required() {
    let mut schemas = Schemas::builtin();
    let fields = [
        field("spec.size", SchemaType::Int),
        field("spec.tokens[].name", SchemaType::string()),
        DeclaredField { required: false, ..field("spec.note", SchemaType::string()) },
    ];
    let declared = DeclaredKind { name: "Gauge", group: "example.com", version: None, kind: "Gauge", fields: &fields };
    let kind = schemas.add_declared_kind(&declared).expect("a good declaration");
    let required = |owner: TypeId, name: &str| schemas.field(owner, name).expect("declared").required;
    let root = schemas.kind(kind).root;
    assert!(required(root, "spec"));
    let Some(SchemaType::Object(spec)) = schemas.field(root, "spec").map(|field| &field.ty) else {
        panic!("an object")
    };
    assert!(required(*spec, "size"));
    assert!(!required(*spec, "tokens"), "a list may be missing although its elements have names");
    assert!(!required(*spec, "note"));
}

#[test]
fn a_declared_kind_has_the_fields_it_states() {
    let mut schemas = Schemas::builtin();
    let pod_spec = SchemaType::Object(schemas.types_named("PodSpec")[0]);
    let declared = DeclaredKind {
        name: "Runner",
        group: "example.com",
        version: Some("v1"),
        kind: "Runner",
        fields: &[
            field("spec.pool.pod", pod_spec.clone()),
            field("spec.tokens[].name", SchemaType::string()),
            field("spec.limits{}", SchemaType::Int),
        ],
    };
    let kind = schemas.add_declared_kind(&declared).expect("a good declaration");
    assert_eq!(at(&schemas, kind, "spec.pool.pod"), Ok(pod_spec));
    assert_eq!(at(&schemas, kind, "spec.tokens[].name"), Ok(SchemaType::string()));
    assert_eq!(at(&schemas, kind, "spec.limits{}"), Ok(SchemaType::Int));
    assert!(at(&schemas, kind, "spec.pol").is_err());
    assert!(at(&schemas, kind, "metadata.labels").is_ok());
    assert_eq!(schemas.kind_of("example.com", "Runner"), Some(kind));
    // Objects are not held to it: a declaration states what rules need, not all there is.
    assert!(schemas.kind(kind).versions.iter().all(|v| !v.described));
}

#[test]
fn a_declaration_may_name_add_to_or_restrict_a_known_kind() {
    let mut schemas = Schemas::builtin();
    let flux = schemas.kind_of("kustomize.toolkit.fluxcd.io", "Kustomization").expect("shipped");
    let base = DeclaredKind {
        name: "Ks",
        group: "kustomize.toolkit.fluxcd.io",
        version: None,
        kind: "Kustomization",
        fields: &[],
    };
    assert_eq!(schemas.add_declared_kind(&base), Ok(flux));
    assert_eq!(schemas.kinds_named("Ks"), [flux]);

    let novel = DeclaredKind { fields: &[field("spec.novelty", SchemaType::Bool)], ..base.clone() };
    assert_eq!(schemas.add_declared_kind(&novel), Ok(flux));
    assert_eq!(at(&schemas, flux, "spec.novelty"), Ok(SchemaType::Bool));
    assert!(at(&schemas, flux, "spec.decryption.provider").is_ok());

    let hpa = schemas.kind_of("autoscaling", "HorizontalPodAutoscaler").expect("built in");
    let old = DeclaredKind {
        name: "OldAutoscaler",
        group: "autoscaling",
        version: Some("v1"),
        kind: "HorizontalPodAutoscaler",
        fields: &[],
    };
    let restricted = schemas.add_declared_kind(&old).expect("v1 exists");
    assert_ne!(restricted, hpa);
    assert_eq!(schemas.kind(restricted).restricted, Some(Restriction { kind: hpa, version: "v1".into() }));
    assert_eq!(schemas.kind_of("autoscaling", "HorizontalPodAutoscaler"), Some(hpa));
    assert_eq!(schemas.kinds_named("HorizontalPodAutoscaler"), [hpa]);
    assert_eq!(schemas.add_declared_kind(&old), Ok(restricted), "said twice, it is one kind");
    let missing = DeclaredKind { name: "Other", version: Some("v9"), ..old };
    assert!(schemas.add_declared_kind(&missing).expect_err("no such version").message.contains("`v9`"));
}

#[test]
fn a_bad_declaration_names_its_field() {
    let mut schemas = Schemas::builtin();
    let problem = |schemas: &mut Schemas, fields: &[DeclaredField]| {
        let declared = DeclaredKind { name: "R", group: "example.com", version: None, kind: "R", fields };
        schemas.add_declared_kind(&declared).expect_err("a bad declaration").field
    };
    let text = SchemaType::string;
    assert_eq!(problem(&mut schemas, &[field("spec.a", text()), field("spec.a.b", text())]), Some(1));
    assert_eq!(problem(&mut schemas, &[field("spec.a[]", text()), field("spec.a", text())]), Some(1));
    assert_eq!(problem(&mut schemas, &[field("spec..a", text())]), Some(0));
    assert_eq!(problem(&mut schemas, &[field("metadata.color", text())]), Some(0));
    let taken = DeclaredKind { name: "Pod", group: "example.com", version: None, kind: "Thing", fields: &[] };
    assert!(schemas.add_declared_kind(&taken).is_err());
}

/// The structure of published CRDs (descriptions and rules left out) agrees with what Tacit ships: neither side has a
/// path that the other lacks.
#[test]
fn published_crds_agree_with_the_shipped_kinds() {
    for (text, paths) in [
        (include_str!("data/crds/sealedsecrets.bitnami.com.json"), 40),
        (include_str!("data/crds/certificates.cert-manager.io.json"), 100),
        (include_str!("data/crds/kustomizations.kustomize.toolkit.fluxcd.io.json"), 100),
    ] {
        let shipped = Schemas::builtin();
        let mut schemas = shipped.clone();
        let crd = serde_json::from_str(text).expect("JSON");
        let kind = add(&mut schemas, &crd);
        let info = schemas.kind(kind);
        let root = shipped.kind(shipped.kind_of(&info.group, &info.name).expect("shipped")).root;
        let stored = info.versions.iter().find(|v| v.storage).expect("a storage version");
        let found = schemas.field_paths_in(kind, &stored.name);
        assert!(found.len() >= paths, "{}: {} paths", info.name, found.len());
        for path in &found {
            assert!(shipped.type_at(root, &path.path).is_ok(), "not shipped: {} {}", info.name, path.path);
        }
        for path in schemas.field_paths(kind) {
            assert_ne!(path.field.versions, Presence::Only([].into()), "not in the CRD: {} {}", info.name, path.path);
        }
    }
}
