//! The Tacit rule language: text in, a checked program and diagnostics out. Nothing here does I/O.
//!
//! [`span`] positions in text · [`ast`] what a file says · [`types`] the type of an expression ·
//! [`ir`] the checked program that an evaluator runs · [`diag`] diagnostics and their pages ·
//! [`ide`] what an editor asks · [`check`] names, types, secrecy · [`schema`] the fields of Kubernetes kinds · [`builtin`] methods and relations that rules can use.

pub mod ast;
pub mod builtin;
pub mod check;
pub mod codes;
pub mod diag;
pub mod fmt;
pub mod ide;
pub mod ir;
pub mod lexer;
pub mod parse;
pub mod schema;
pub mod span;
pub mod types;
