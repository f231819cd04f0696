//! Versions that Kubernetes gave up or is giving up, from its deprecation guide
//! (<https://kubernetes.io/docs/reference/using-api/deprecation-guide/>) and release notes.

/// One version of some kinds.
pub struct Removed {
    pub group: &'static str,
    pub version: &'static str,
    pub kinds: &'static [&'static str],
    /// Group in which the kinds live now; empty for the core group.
    pub home: &'static str,
    /// Release that announced it; empty where not known.
    pub since: &'static str,
    /// Release that no longer serves it; empty where it is still served.
    pub removed: &'static str,
    /// `group/version` to use; empty where there is none.
    pub replacement: &'static str,
}

impl Removed {
    pub fn is(&self, group: &str, version: &str) -> bool {
        self.group == group && self.version == version
    }
}

/// A kind of which no version is left.
pub struct Gone {
    pub group: &'static str,
    pub kind: &'static str,
    pub plural: &'static str,
    pub short_names: &'static [&'static str],
    pub namespaced: bool,
}

/// Kinds without successor.
pub const GONE: &[Gone] = &[
    Gone {
        group: "policy",
        kind: "PodSecurityPolicy",
        plural: "podsecuritypolicies",
        short_names: &["psp"],
        namespaced: false,
    },
    Gone { group: "settings.k8s.io", kind: "PodPreset", plural: "podpresets", short_names: &[], namespaced: true },
];

/// The given-up versions of a kind that lives in `home`.
pub fn of(home: &str, kind: &str) -> impl Iterator<Item = &'static Removed> {
    REMOVED.iter().filter(move |r| r.home == home && r.kinds.contains(&kind))
}

/// What is to be said of a version that is still served.
pub fn find(group: &str, version: &str, kind: &str) -> Option<&'static Removed> {
    REMOVED.iter().find(|r| r.is(group, version) && r.kinds.contains(&kind))
}

const fn gone(
    group: &'static str,
    version: &'static str,
    kinds: &'static [&'static str],
    since: &'static str,
    removed: &'static str,
    replacement: &'static str,
) -> Removed {
    Removed { group, version, kinds, home: group, since, removed, replacement }
}

const fn moved(
    group: &'static str,
    version: &'static str,
    kinds: &'static [&'static str],
    home: &'static str,
    since: &'static str,
    removed: &'static str,
    replacement: &'static str,
) -> Removed {
    Removed { group, version, kinds, home, since, removed, replacement }
}

const WEBHOOKS: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
const REVIEWS: &[&str] =
    &["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"];
const ROLES: &[&str] = &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];
const FLOWS: &[&str] = &["FlowSchema", "PriorityLevelConfiguration"];
const HPA: &[&str] = &["HorizontalPodAutoscaler"];
const POLICIES: &[&str] = &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];

const REMOVED: &[Removed] = &[
    moved("extensions", "v1beta1", &["DaemonSet", "Deployment", "ReplicaSet"], "apps", "", "1.16", "apps/v1"),
    moved("extensions", "v1beta1", &["NetworkPolicy"], "networking.k8s.io", "", "1.16", "networking.k8s.io/v1"),
    moved("extensions", "v1beta1", &["Ingress"], "networking.k8s.io", "1.14", "1.22", "networking.k8s.io/v1"),
    moved("extensions", "v1beta1", &["PodSecurityPolicy"], "policy", "", "1.16", ""),
    gone("policy", "v1beta1", &["PodSecurityPolicy"], "1.21", "1.25", ""),
    gone("policy", "v1beta1", &["PodDisruptionBudget"], "1.21", "1.25", "policy/v1"),
    gone("settings.k8s.io", "v1alpha1", &["PodPreset"], "", "1.20", ""),
    gone("apps", "v1beta1", &["ControllerRevision", "Deployment", "StatefulSet"], "", "1.16", "apps/v1"),
    gone(
        "apps",
        "v1beta2",
        &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
        "",
        "1.16",
        "apps/v1",
    ),
    gone("networking.k8s.io", "v1beta1", &["Ingress", "IngressClass"], "1.19", "1.22", "networking.k8s.io/v1"),
    gone("admissionregistration.k8s.io", "v1beta1", WEBHOOKS, "1.16", "1.22", "admissionregistration.k8s.io/v1"),
    gone("admissionregistration.k8s.io", "v1beta1", POLICIES, "1.31", "1.34", "admissionregistration.k8s.io/v1"),
    gone("apiextensions.k8s.io", "v1beta1", &["CustomResourceDefinition"], "1.16", "1.22", "apiextensions.k8s.io/v1"),
    gone("apiregistration.k8s.io", "v1beta1", &["APIService"], "", "1.22", "apiregistration.k8s.io/v1"),
    gone("authentication.k8s.io", "v1beta1", &["TokenReview"], "", "1.22", "authentication.k8s.io/v1"),
    gone("authorization.k8s.io", "v1beta1", REVIEWS, "", "1.22", "authorization.k8s.io/v1"),
    gone("certificates.k8s.io", "v1beta1", &["CertificateSigningRequest"], "1.19", "1.22", "certificates.k8s.io/v1"),
    gone("coordination.k8s.io", "v1beta1", &["Lease"], "", "1.22", "coordination.k8s.io/v1"),
    gone("rbac.authorization.k8s.io", "v1beta1", ROLES, "1.17", "1.22", "rbac.authorization.k8s.io/v1"),
    gone("rbac.authorization.k8s.io", "v1alpha1", ROLES, "1.17", "1.22", "rbac.authorization.k8s.io/v1"),
    gone("scheduling.k8s.io", "v1beta1", &["PriorityClass"], "1.14", "1.22", "scheduling.k8s.io/v1"),
    gone(
        "storage.k8s.io",
        "v1beta1",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
        "",
        "1.22",
        "storage.k8s.io/v1",
    ),
    gone("storage.k8s.io", "v1beta1", &["CSIStorageCapacity"], "1.24", "1.27", "storage.k8s.io/v1"),
    gone("batch", "v1beta1", &["CronJob"], "1.21", "1.25", "batch/v1"),
    gone("batch", "v2alpha1", &["CronJob"], "", "1.21", "batch/v1"),
    gone("discovery.k8s.io", "v1beta1", &["EndpointSlice"], "1.21", "1.25", "discovery.k8s.io/v1"),
    gone("events.k8s.io", "v1beta1", &["Event"], "1.19", "1.25", "events.k8s.io/v1"),
    gone("autoscaling", "v2beta1", HPA, "1.22", "1.25", "autoscaling/v2"),
    gone("autoscaling", "v2beta2", HPA, "1.23", "1.26", "autoscaling/v2"),
    gone("node.k8s.io", "v1beta1", &["RuntimeClass"], "1.22", "1.25", "node.k8s.io/v1"),
    gone("flowcontrol.apiserver.k8s.io", "v1beta1", FLOWS, "1.23", "1.26", "flowcontrol.apiserver.k8s.io/v1"),
    gone("flowcontrol.apiserver.k8s.io", "v1beta2", FLOWS, "1.26", "1.29", "flowcontrol.apiserver.k8s.io/v1"),
    gone("flowcontrol.apiserver.k8s.io", "v1beta3", FLOWS, "1.29", "1.32", "flowcontrol.apiserver.k8s.io/v1"),
    gone("", "v1", &["ComponentStatus"], "1.19", "", ""),
    gone("", "v1", &["Endpoints"], "1.33", "", "discovery.k8s.io/v1"),
];
