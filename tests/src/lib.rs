//! Helpers of the end-to-end tests.

pub mod binary;
pub mod markdown;
pub mod reference;
