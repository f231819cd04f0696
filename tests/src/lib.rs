//! Helpers of the end-to-end tests.

pub mod binary;
pub mod cluster;
pub mod editor;
pub mod markdown;
pub mod pending;
pub mod project;
pub mod reference;
pub mod schema;
