//! The code quality report of GitLab.

use std::fmt::{self, Write};

use serde_json::{Value, json};

use super::Format;
use super::model::Report;

/// A list of issues in the form of Code Climate, as far as GitLab reads it.
pub struct Gitlab;

impl Format for Gitlab {
    fn write(&self, report: &Report, out: &mut dyn Write) -> fmt::Result {
        let issues: Vec<Value> = report
            .findings
            .iter()
            .filter(|finding| finding.waived.is_none())
            .map(|finding| {
                let severity = match finding.severity {
                    "critical" => "blocker",
                    "high" => "critical",
                    "medium" => "major",
                    "low" => "minor",
                    _ => "info",
                };
                json!({
                    "description": format!("{}: {}", finding.object.title(), finding.message),
                    "check_name": finding.rule,
                    "fingerprint": finding.fingerprint,
                    "severity": severity,
                    "location": {
                        "path": finding.location.file,
                        "lines": { "begin": finding.location.line, "end": finding.location.end_line },
                    },
                })
            })
            .collect();
        let text = serde_json::to_string_pretty(&issues).map_err(|_| fmt::Error)?;
        writeln!(out, "{text}")
    }
}
