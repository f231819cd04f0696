//! Documents, relations, evaluation, findings and reports.

pub mod access;
pub mod baseline;
pub mod config;
mod credential;
pub mod document;
pub mod edit;
pub mod eval;
pub mod inventory;
pub mod library;
pub mod live;
mod method;
pub mod object;
pub mod params;
pub mod redact;
mod relation;
pub mod report;
pub mod run;
pub mod select;
pub mod source;
pub mod testing;
#[cfg(test)]
mod testkit;
pub mod time;
mod value;
pub mod verdict;
pub mod waiver;
