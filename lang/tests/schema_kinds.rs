//! Names, groups and versions of kinds, and what is said of an `apiVersion`.

use tacit_lang::schema::*;

fn unique_names(schemas: &Schemas, name: &str) -> Vec<String> {
    let mut names: Vec<String> =
        schemas.kinds_named(name).into_iter().map(|k| schemas.kind(k).unique_name().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn built_in_kinds_own_their_bare_names() {
    let schemas = Schemas::builtin();
    for (name, group) in [("Service", ""), ("Event", ""), ("Secret", ""), ("Pod", ""), ("Ingress", "networking.k8s.io")]
    {
        let [kind] = schemas.kinds_named(name)[..] else { panic!("{name} is not one kind") };
        assert_eq!(&*schemas.kind(kind).group, group, "{name}");
    }
    assert_eq!(unique_names(&schemas, "KnativeService"), ["KnativeService"]);
    assert_eq!(unique_names(&schemas, "EventsEvent"), ["EventsEvent"]);
}

#[test]
fn a_name_of_two_custom_groups_is_ambiguous_and_both_have_aliases() {
    let schemas = Schemas::builtin();
    assert_eq!(unique_names(&schemas, "Kustomization"), ["FluxKustomization", "KustomizeFile"]);
    assert_eq!(unique_names(&schemas, "VaultDynamicSecret"), ["EsoVaultDynamicSecret", "VsoVaultDynamicSecret"]);
    assert_eq!(unique_names(&schemas, "Policy"), ["AuditPolicy", "KyvernoPolicy"]);
    assert_eq!(unique_names(&schemas, "Gateway"), ["GatewayApiGateway", "IstioGateway"]);
    assert!(unique_names(&schemas, "Cluster").len() > 2);
    // Every bearer of an ambiguous name can be named.
    for kind in schemas.kinds() {
        let info = schemas.kind(kind);
        assert_eq!(schemas.kinds_named(info.unique_name()), [kind], "{} of {}", info.name, info.group);
    }
}

#[test]
fn a_kind_is_found_by_group_also_by_a_former_one() {
    let schemas = Schemas::builtin();
    let deployment = schemas.kind_of("apps", "Deployment").expect("Deployment");
    assert_eq!(schemas.kind_of("extensions", "Deployment"), Some(deployment));
    assert_eq!(schemas.kind_of("", "Deployment"), None);
    assert_eq!(schemas.kind_of("apps", "deployment"), None);
    let info = schemas.kind(deployment);
    assert_eq!((&*info.plural, info.namespaced(), info.origin), ("deployments", true, Origin::BuiltIn));
    assert_eq!(&*info.short_names[0], "deploy");
    let role = schemas.kind_of("rbac.authorization.k8s.io", "ClusterRole").expect("ClusterRole");
    assert!(!schemas.kind(role).namespaced());
}

#[test]
fn the_status_of_a_version_is_known() {
    let schemas = Schemas::builtin();
    let status = |api_version, kind| schemas.kind_of_api_version(api_version, kind).map(|(_, s)| s);
    assert_eq!(status("apps/v1", "Deployment"), Some(VersionStatus::Served));
    assert_eq!(status("extensions/v1beta1", "Deployment"), Some(VersionStatus::NotServed));
    assert_eq!(status("extensions/v1beta1", "Ingress"), Some(VersionStatus::NotServed));
    assert_eq!(status("batch/v1beta1", "CronJob"), Some(VersionStatus::NotServed));
    assert_eq!(status("policy/v1beta1", "PodSecurityPolicy"), Some(VersionStatus::NotServed));
    assert_eq!(status("v1", "Endpoints"), Some(VersionStatus::Deprecated));
    assert_eq!(status("apps/v7", "Deployment"), Some(VersionStatus::Unknown));
    assert_eq!(status("external-secrets.io/v1beta1", "ExternalSecret"), Some(VersionStatus::NotServed));
    assert_eq!(status("secrets-store.csi.x-k8s.io/v1alpha1", "SecretProviderClass"), Some(VersionStatus::Deprecated));
    assert_eq!(status("example.com/v1", "Nothing"), None);
}

#[test]
fn a_removed_version_names_its_successor() {
    let schemas = Schemas::builtin();
    let cron = schemas.kind(schemas.kind_of("batch", "CronJob").expect("CronJob"));
    let old = cron.version("batch", "v1beta1").and_then(|v| v.deprecated.clone()).expect("v1beta1 is deprecated");
    assert_eq!(old.replacement.as_deref(), Some("batch/v1"));
    assert_eq!(old.removed_in.as_deref(), Some("1.25"));
    let psp = schemas.kind(schemas.kind_of("policy", "PodSecurityPolicy").expect("PodSecurityPolicy"));
    assert!(psp.open && psp.versions.iter().all(|v| !v.served && !v.described));
}

#[test]
fn versions_of_a_kind_are_merged_and_each_field_knows_its_own() {
    let schemas = Schemas::builtin();
    let hpa = schemas.kind_of("autoscaling", "HorizontalPodAutoscaler").expect("HorizontalPodAutoscaler");
    let spec = match schemas.type_at(schemas.kind(hpa).root, "spec") {
        Ok(SchemaType::Object(id)) => id,
        other => panic!("{other:?}"),
    };
    let metrics = schemas.field(spec, "metrics").expect("v2 has metrics");
    assert!(metrics.versions.has("v2") && !metrics.versions.has("v1"));
    let target = schemas.field(spec, "targetCPUUtilizationPercentage").expect("v1 has a CPU target");
    assert!(target.versions.has("v1") && target.type_in("v2").is_none());
    let max = schemas.field(spec, "maxReplicas").expect("both have a maximum");
    assert!(max.required && max.required_in("v1") && max.versions == Presence::Every);
}

#[test]
fn facts_of_fields_are_the_servers() {
    let schemas = Schemas::builtin();
    let field = |ty: &str, name: &str| {
        let id = schemas.types_named(ty)[0];
        schemas.field(id, name).unwrap_or_else(|| panic!("{ty}.{name}")).clone()
    };
    let containers = field("PodSpec", "containers");
    assert!(containers.required);
    assert_eq!(containers.list, ListKind::Map(["name".into()].into()));
    let SchemaType::String { values: Some(values), .. } = field("PodSpec", "restartPolicy").ty else {
        panic!("no enum")
    };
    assert_eq!(values.iter().map(|v| &**v).collect::<Vec<_>>(), ["Always", "Never", "OnFailure"]);
    assert_eq!(field("ContainerPort", "protocol").default, Some("TCP".into()));
    // The reference in `env` compiles without a check for its name because the server fills one in.
    assert_eq!(field("SecretKeySelector", "name").default, Some("".into()));
    assert!(field("SecretKeySelector", "key").required);
    assert_eq!(field("ObjectMeta", "creationTimestamp").ty, SchemaType::Time);
    assert_eq!(field("ServicePort", "targetPort").ty, SchemaType::IntOrString);
    assert!(matches!(field("ResourceRequirements", "limits").ty, SchemaType::Map(q) if *q == SchemaType::Quantity));
}

#[test]
fn open_and_complete_parts_are_told_apart() {
    let schemas = Schemas::builtin();
    let at = |group: &str, kind: &str, path: &str| {
        schemas.type_at(schemas.kind(schemas.kind_of(group, kind).expect(kind)).root, path)
    };
    assert!(at("external-secrets.io", "ExternalSecret", "spec.secretStore").is_err());
    assert_eq!(at("external-secrets.io", "SecretStore", "spec.provider.akeyless.auth"), Ok(SchemaType::Any));
    assert!(at("external-secrets.io", "SecretStore", "spec.provider.vault.serverr").is_err());
    assert_eq!(at("helm.toolkit.fluxcd.io", "HelmRelease", "spec.values.db.password"), Ok(SchemaType::Any));
    assert!(at("argoproj.io", "Application", "spec.sorce").is_err());
    let identity = at("apiserver.config.k8s.io", "EncryptionConfiguration", "resources[].providers[].identity");
    let Ok(SchemaType::Object(identity)) = identity else { panic!("{identity:?}") };
    assert!(schemas.type_info(identity).fields.is_empty() && !schemas.type_info(identity).open);
}

#[test]
fn file_formats_have_no_metadata_of_their_own() {
    let schemas = Schemas::builtin();
    let kind = schemas.kind(schemas.kind_of("apiserver.config.k8s.io", "EncryptionConfiguration").expect("kind"));
    assert_eq!(kind.scope, Scope::File);
    assert!(schemas.field(kind.root, "metadata").is_none());
    assert!(schemas.field(kind.root, "apiVersion").is_some());
}

#[test]
fn types_have_a_name_or_a_path() {
    let schemas = Schemas::builtin();
    let pod = schemas.type_info(schemas.types_named("PodSpec")[0]);
    assert_eq!((pod.name.as_deref(), &*pod.label), (Some("PodSpec"), "PodSpec"));
    let root = schemas.kind(schemas.kind_of("bitnami.com", "SealedSecret").expect("kind")).root;
    let Ok(SchemaType::Object(template)) = schemas.type_at(root, "spec.template.metadata") else { panic!("no object") };
    assert_eq!(&*schemas.type_info(template).label, "SealedSecret.spec.template.metadata");
    assert!(schemas.types_named("NoSuchType").is_empty());
}

/// Completion and the count of paths go through every type of every kind.
#[test]
fn every_kind_can_be_walked() {
    let schemas = Schemas::builtin();
    for kind in schemas.kinds() {
        let info = schemas.kind(kind);
        let paths = schemas.field_paths(kind);
        assert!(paths.iter().any(|p| p.path == "apiVersion"), "{}", info.name);
        for path in &paths {
            assert!(schemas.type_at(info.root, &path.path).is_ok(), "{} {}", info.name, path.path);
        }
    }
}
