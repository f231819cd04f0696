//! Signatures of the relations and records that the engine computes: names, columns, documentation.
//!
//! The types are written as rule authors write them and are read by the checker. A relation is computed in one file of
//! the engine, `engine/src/relation/`.

/// A relation: rows that `for`, `any` and comprehensions go over.
#[derive(Clone, Copy, Debug)]
pub struct Relation {
    /// Its name.
    pub name: &'static str,
    /// One row for what.
    pub doc: &'static str,
    /// Columns: name, type, documentation.
    pub columns: &'static [(&'static str, &'static str, &'static str)],
    /// Kinds that must be listed for it, by name or alias. `*` stands for every kind in the input.
    pub kinds: &'static [&'static str],
    /// From what a row comes.
    pub rows: Rows,
}

/// From what the rows of a relation come. Where that is one object or file alone, a rule on them runs while the input
/// streams by, and nothing is kept for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// From one object.
    OfObject,
    /// From one file.
    OfFile,
    /// From the whole input.
    OfInput,
}

/// A record: what an attribute, method or column yields.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    /// Its name.
    pub name: &'static str,
    /// What it tells.
    pub doc: &'static str,
    /// Columns: name, type, documentation.
    pub columns: &'static [(&'static str, &'static str, &'static str)],
}

/// Every relation.
pub const ALL: &[Relation] = &[
    Relation {
        name: "Grant",
        doc: "each permission that a subject holds through a binding",
        columns: &[
            ("subject", "Subject", "who holds it"),
            ("verbs", "list<string>", "as written in the rule; `*` is every verb"),
            ("groups", "list<string>", "API groups; the core group is the empty text"),
            ("resources", "list<string>", "resources, subresources as `pods/exec`; `*` is every resource"),
            ("names", "list<string>", "names to which it is restricted; empty for all"),
            ("namespace", "string?", "namespace in which it holds; missing for the whole cluster"),
            ("binding", "RoleBinding | ClusterRoleBinding", "the binding that gives it"),
            ("role", "Role | ClusterRole?", "the role, where it is in the input; built-in roles have none"),
            ("rule", "PolicyRule?", "the rule of the role"),
        ],
        kinds: &["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"],
        rows: Rows::OfInput,
    },
    Relation {
        name: "Encryption",
        doc: "how each resource is kept in etcd, with the evidence",
        columns: &[
            ("resource", "string", "`secrets`, `configmaps`, `secrets.example.org`"),
            (
                "writes",
                "string?",
                "provider that new writes use: `identity`, `aescbc`, `kms`, …; missing where unknown",
            ),
            ("reads", "list<string>", "providers that old objects can be read with"),
            ("key", "string?", "name of the write key; never its material"),
            ("evidence", "string", "from what this is concluded"),
            ("node", "any", "the place of the evidence"),
        ],
        kinds: &[
            "APIServerEvidence",
            "EncryptionConfiguration",
            "EncryptionConfig",
            "Pod",
            "ClusterConfiguration",
            "KubeadmControlPlane",
            "KubeadmConfig",
            "APIServer",
            "AWSManagedControlPlane",
            "ContainerCluster",
            "AzureManagedControlPlane",
        ],
        rows: Rows::OfInput,
    },
    Relation {
        name: "Rotation",
        doc: "what the input tells about the time since each Secret last changed",
        columns: &[
            ("name", "string", "name of the Secret"),
            ("namespace", "string?", "its namespace"),
            ("object", "Secret | ExternalSecret | SealedSecret | Certificate", "the object that carries the evidence"),
            ("at_least", "duration", "it has not changed for at least this long"),
            ("at_most", "duration?", "it has changed within this time; missing where nothing tells"),
            ("by", "string", "who last changed it, as far as that is known"),
            ("evidence", "string", "from what this is concluded"),
        ],
        kinds: &["Secret", "ExternalSecret", "SealedSecret", "Certificate"],
        rows: Rows::OfInput,
    },
    Relation {
        name: "SecretUse",
        doc: "each place that consumes a Secret, in whatever way",
        columns: &[
            ("user", "object", "the consuming object"),
            ("node", "any", "the place of the reference"),
            ("container", "string?", "name of the container, for a workload"),
            ("via", "string", "`env`, `envFrom`, `volume`, `imagePullSecret`, `tls`, `auth`, …"),
            ("name", "string", "name of the Secret"),
            ("namespace", "string?", "its namespace"),
            ("key", "string?", "the key, where one is named"),
            ("optional", "bool", "true where the consumer goes on without it"),
        ],
        kinds: &[
            "Pod",
            "PodTemplate",
            "Deployment",
            "ReplicaSet",
            "StatefulSet",
            "DaemonSet",
            "ReplicationController",
            "Job",
            "CronJob",
            "Rollout",
            "DeploymentConfig",
            "KnativeService",
            "KnativeConfiguration",
            "ScaledJob",
            "ServiceAccount",
            "PersistentVolume",
            "Ingress",
            "GatewayApiGateway",
            "IstioGateway",
            "IngressRoute",
            "HTTPProxy",
            "ExternalSecret",
            "ClusterExternalSecret",
            "PushSecret",
            "SecretStore",
            "ClusterSecretStore",
            "EsoECRAuthorizationToken",
            "EsoGCRAccessToken",
            "EsoACRAccessToken",
            "EsoSTSSessionToken",
            "EsoGithubAccessToken",
            "EsoGitlabDeployToken",
            "EsoQuayAccessToken",
            "EsoCloudsmithAccessToken",
            "EsoGrafana",
            "EsoMFA",
            "EsoVaultDynamicSecret",
            "EsoWebhook",
            "ClusterGenerator",
            "VaultConnection",
            "VaultAuth",
            "VaultAuthGlobal",
            "HCPAuth",
            "Issuer",
            "ClusterIssuer",
            "Certificate",
            "FluxKustomization",
            "HelmRelease",
            "GitRepository",
            "HelmRepository",
            "OCIRepository",
            "FluxBucket",
            "FluxProvider",
            "FluxReceiver",
            "ImageRepository",
            "Prometheus",
            "Alertmanager",
            "ServiceMonitor",
            "TriggerAuthentication",
            "ClusterTriggerAuthentication",
        ],
        rows: Rows::OfInput,
    },
    Relation {
        name: "SecretSource",
        doc: "each object that produces a Secret, plain ones too",
        columns: &[
            ("object", "object", "the producer"),
            ("tool", "string?", "the tool that manages the Secret; missing for a plain one"),
            ("name", "string", "name of the Secret"),
            ("namespace", "string?", "its namespace"),
            ("keys", "list<string>?", "its keys; missing where they are unknown"),
        ],
        kinds: &[
            "Secret",
            "ExternalSecret",
            "ClusterExternalSecret",
            "SealedSecret",
            "VaultStaticSecret",
            "VsoVaultDynamicSecret",
            "VaultPKISecret",
            "HCPVaultSecretsApp",
            "SecretProviderClass",
            "SecretSync",
            "Certificate",
            "Issuer",
            "ClusterIssuer",
            "Ingress",
            "GatewayApiGateway",
            "KustomizeFile",
            "KustomizeComponent",
            "OnePasswordItem",
            "BitwardenSecret",
            "DopplerSecret",
            "InfisicalSecret",
            "SopsSecret",
            "ClusterSecret",
            "KafkaUser",
            "Kafka",
            "CnpgCluster",
            "RabbitmqCluster",
            "Elasticsearch",
            "postgresql",
            "PostgresCluster",
        ],
        rows: Rows::OfInput,
    },
    Relation {
        name: "File",
        doc: "each file of the input, hidden and ignored ones too, but for those in hidden and ignored folders",
        columns: &[
            ("path", "string", "path below the root of the run"),
            ("name", "string", "last part of the path"),
            ("dir", "string", "path of its folder"),
            ("ext", "string", "extension, without the dot"),
            ("ignored", "bool", "true where Git ignores it"),
            (
                "text",
                "confidential string?",
                "its text; missing where it is not UTF-8 and where a file that is no manifest is larger than 1 MiB",
            ),
            ("tree", "any?", "its first document, where it is YAML or JSON"),
            ("sops", "Sops?", "SOPS metadata"),
            ("sops_rule", "SopsRule?", "first creation rule of the nearest `.sops.yaml` that matches its path"),
        ],
        kinds: &[],
        rows: Rows::OfFile,
    },
    Relation {
        name: "Contains",
        doc: "what a kustomization, a Flux or an Argo CD object brings in",
        columns: &[
            ("owner", "KustomizeFile | FluxKustomization | Application", "what brings it in"),
            ("object", "object", "what is brought in"),
            ("via", "string", "`resources`, `path`, `secretGenerator`, …"),
            ("name", "string", "name after prefixes and suffixes"),
            ("namespace", "string?", "namespace that it is given"),
        ],
        kinds: &["*"],
        rows: Rows::OfInput,
    },
    Relation {
        name: "SchemaProblem",
        doc: "each deviation of an object from the schema of its kind",
        columns: &[
            ("object", "object", "the object"),
            ("node", "any", "the place"),
            ("path", "string", "the place, in words of the schema"),
            ("problem", "\"missing\" | \"unknown\" | \"value\" | \"version\"", "what deviates"),
            ("expected", "string", "what the schema asks for; never a value of the object"),
        ],
        kinds: &["*"],
        rows: Rows::OfObject,
    },
];

/// Every record.
pub const RECORDS: &[Record] = &[
    Record {
        name: "Subject",
        doc: "a subject of a binding",
        columns: &[
            ("kind", "\"User\" | \"Group\" | \"ServiceAccount\"", "which sort"),
            ("name", "string", "its name"),
            ("namespace", "string?", "namespace of a service account"),
        ],
    },
    Record {
        name: "Sops",
        doc: "SOPS metadata of a document",
        columns: &[
            ("recipients", "list<SopsRecipient>", "who can decrypt it"),
            ("rules", "map<string>", "`encrypted_regex` and its like, as written"),
            ("encrypted", "list<Leaf>", "leaves whose value is encrypted"),
            ("plain", "list<Leaf>", "leaves that the rules select and that are not encrypted"),
            ("unselected", "list<Leaf>", "leaves that the rules leave in clear"),
            ("mac", "string?", "`mac`, encrypted; missing where the file has none"),
            ("modified", "time?", "`lastmodified`"),
            ("version", "string?", "version of SOPS that wrote it"),
        ],
    },
    Record {
        name: "SopsRecipient",
        doc: "a key that can decrypt a SOPS document",
        columns: &[
            (
                "kind",
                "\"age\" | \"pgp\" | \"kms\" | \"gcp_kms\" | \"azure_kv\" | \"hc_vault\" | \"hckms\"",
                "which sort",
            ),
            ("id", "string", "recipient, fingerprint, ARN, resource or address"),
            ("created", "time?", "`created_at`"),
        ],
    },
    Record {
        name: "SopsRule",
        doc: "a creation rule of `.sops.yaml`",
        columns: &[
            ("path_regex", "string?", "files that it is for"),
            ("rules", "map<string>", "`encrypted_regex` and its like, as written"),
            ("node", "any", "the rule itself"),
        ],
    },
    Record {
        name: "Leaf",
        doc: "a scalar of a document",
        columns: &[
            ("path", "string", "dotted path"),
            ("key", "string?", "key of the nearest map above it"),
            ("value", "confidential string", "its text"),
            ("node", "any", "its place"),
        ],
    },
    Record {
        name: "Owner",
        doc: "the controller of an object",
        columns: &[
            ("kind", "string", "its kind"),
            ("name", "string", "its name"),
            ("apiVersion", "string", "its apiVersion"),
        ],
    },
    Record {
        name: "Jwt",
        doc: "header and claims of a JSON Web Token",
        columns: &[
            ("issuer", "string?", "`iss`"),
            ("issued", "time?", "`iat`"),
            ("expires", "time?", "`exp`"),
            ("algorithm", "string?", "`alg`"),
        ],
    },
    Record {
        name: "CertificateInfo",
        doc: "an X.509 certificate",
        columns: &[
            ("subject", "string", "its subject"),
            ("issuer", "string", "its issuer"),
            ("names", "list<string>", "its DNS and IP names"),
            ("from", "time", "start of its validity"),
            ("until", "time", "end of its validity"),
            ("ca", "bool", "true where it may sign others"),
        ],
    },
    Record {
        name: "Url",
        doc: "the parts of a URL",
        columns: &[
            ("scheme", "string", "before `://`"),
            ("user", "string?", "user name, percent-decoded"),
            ("password", "confidential string?", "password, percent-decoded"),
            ("host", "string", "host, without brackets"),
            ("port", "int?", "port, where written"),
            ("path", "string", "path, with its leading slash"),
        ],
    },
];
