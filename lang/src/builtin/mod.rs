//! What every rule can use without declaring it: methods, relations that the engine computes, and records.
//!
//! These are signatures, as data: types and documentation. The engine computes the values; a test asks for one of each.
//! Groups, fields, links and views of the standard library are rule text, in the `stdlib-rules` crate.

pub mod methods;
pub mod relations;
