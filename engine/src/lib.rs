//! Documents, relations, evaluation, findings and reports.

pub mod config;
pub mod document;
pub mod inventory;
pub mod object;
pub mod select;
pub mod source;
pub mod time;
pub mod verdict;
pub mod waiver;
