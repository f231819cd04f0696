//! Places that hold secret material. What is read there, or decoded from it, never reaches a message.
//!
//! `Owner.path`, where `[]` stands for each element of a list and `{}` for each value of a map. The owner is a kind or a
//! named type. Keys are public, so maps are marked at their values. Fields that name a Secret hold no material and are
//! not here.

/// Places that hold names, though what they are called announces a secret: the key of the Secret that a value goes to.
pub const NAMES: &[&str] = &[
    "ExternalSecret.spec.data[].secretKey",
    "ClusterExternalSecret.spec.externalSecretSpec.data[].secretKey",
    "PushSecret.spec.data[].match.secretKey",
];

/// The places.
pub const PLACES: &[&str] = &[
    // The Secret itself.
    "Secret.data{}",
    "Secret.stringData{}",
    // Keys of the API server's encryption at rest.
    "EncryptionConfiguration.resources[].providers[].aescbc.keys[].secret",
    "EncryptionConfiguration.resources[].providers[].aesgcm.keys[].secret",
    "EncryptionConfiguration.resources[].providers[].secretbox.keys[].secret",
    // External Secrets Operator: literal values of the fake provider and generator.
    "SecretStore.spec.provider.fake.data[].value",
    "ClusterSecretStore.spec.provider.fake.data[].value",
    "SecretStore.spec.provider.fake.data[].valueMap{}",
    "ClusterSecretStore.spec.provider.fake.data[].valueMap{}",
    "Fake.spec.data{}",
    // Node bootstrap: the tokens with which machines join, and the key of the uploaded certificates.
    "InitConfiguration.bootstrapTokens[].token",
    "InitConfiguration.certificateKey",
    "JoinConfiguration.discovery.bootstrapToken.token",
    "JoinConfiguration.discovery.tlsBootstrapToken",
    "JoinConfiguration.controlPlane.certificateKey",
    "KubeadmControlPlane.spec.kubeadmConfigSpec.initConfiguration.bootstrapTokens[].token",
    "KubeadmControlPlane.spec.kubeadmConfigSpec.joinConfiguration.discovery.bootstrapToken.token",
    // Argo CD applications carry literal Helm values; a value may be a credential and is judged by the rules that
    // read it, so it is no place of its own.
];
