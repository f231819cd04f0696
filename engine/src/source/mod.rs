//! Where input comes from: files, streams, charts and kustomizations.
//!
//! [`walk`] which files · [`input`] what each of them is · [`objects`] the objects of a document · [`kustomize`] the
//! namespaces that kustomizations give · [`helm`] charts · [`mention`] which kinds a text speaks of ·
//! [`render`] the output of Helm and kustomize · [`sops`] the creation rules of SOPS.

pub mod helm;
pub mod input;
pub mod json;
pub mod kustomize;
pub mod mention;
pub mod objects;
pub mod render;
pub mod sops;
pub mod walk;

pub use input::{Input, InputFile, Role};
pub use walk::{Skipped, WalkOptions};
