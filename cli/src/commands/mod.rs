//! The commands, one file for each.

pub mod audit;
pub mod check;
pub mod compile;
pub mod completions;
pub mod explain;
pub mod fix;
pub mod fmt;
pub mod init;
pub mod lint;
pub mod lsp;
pub mod rules;
pub mod test;
pub mod who_can;
