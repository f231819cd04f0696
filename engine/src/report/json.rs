//! The report as JSON; its schema is `docs/reference/report.schema.json`.

use std::fmt::{self, Write};

use super::Format;
use super::model::Report;

/// JSON with line breaks, so that differences of two reports can be read.
pub struct Json;

impl Format for Json {
    fn write(&self, report: &Report, out: &mut dyn Write) -> fmt::Result {
        let text = serde_json::to_string_pretty(report).map_err(|_| fmt::Error)?;
        writeln!(out, "{text}")
    }
}
