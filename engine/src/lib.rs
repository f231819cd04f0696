//! Documents, relations, evaluation, findings and reports.

pub mod document;
