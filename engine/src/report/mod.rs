//! Reports: one model, and a renderer for each format.
//!
//! A renderer sees a [`model::Report`] and nothing else, so none of them can show what the model does not hold.

pub mod build;
pub mod controls;
pub mod fingerprint;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod model;
pub mod sarif;
pub mod text;

use std::fmt::{self, Write};

use model::Report;

/// A format of reports.
pub trait Format {
    /// Writes a report.
    fn write(&self, report: &Report, out: &mut dyn Write) -> fmt::Result;
}

/// The names of the formats, for the command line.
pub const FORMATS: [&str; 7] = ["text", "json", "sarif", "github", "gitlab", "junit", "markdown"];

/// The format of a name; `text` as `text` says.
pub fn format(name: &str, text: text::Text) -> Option<Box<dyn Format>> {
    Some(match name {
        "text" => Box::new(text),
        "json" => Box::new(json::Json),
        "sarif" => Box::new(sarif::Sarif),
        "github" => Box::new(github::Github),
        "gitlab" => Box::new(gitlab::Gitlab),
        "junit" => Box::new(junit::Junit),
        "markdown" => Box::new(markdown::Markdown),
        _ => return None,
    })
}

/// True where a format shows lines of the source.
pub fn shows_source(name: &str) -> bool {
    matches!(name, "text" | "sarif" | "markdown")
}
