//! Documents, relations, evaluation, findings and reports.

pub mod config;
mod credential;
pub mod document;
pub mod eval;
pub mod inventory;
mod method;
pub mod object;
mod relation;
pub mod select;
pub mod source;
pub mod time;
mod value;
pub mod verdict;
pub mod waiver;
