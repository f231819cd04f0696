//! Workflow commands of GitHub Actions: annotations on the lines of a pull request.

use std::fmt::{self, Write};

use super::Format;
use super::model::{FindingEntry, Report};

/// Workflow commands.
pub struct Github;

impl Format for Github {
    fn write(&self, report: &Report, out: &mut dyn Write) -> fmt::Result {
        for finding in report.findings.iter().filter(|finding| finding.waived.is_none()) {
            annotation(finding, out)?;
        }
        for skipped in &report.inputs.skipped {
            writeln!(out, "::warning file={},title=not read::{}", property(&skipped.file), data(&skipped.reason))?;
        }
        let summary = &report.summary;
        let (findings, undecided) = (summary.findings.total(), summary.undecided);
        writeln!(out, "::notice title=tacit::{findings} findings, {} waived, {undecided} undecided", summary.waived)
    }
}

fn annotation(finding: &FindingEntry, out: &mut dyn Write) -> fmt::Result {
    let level = match finding.severity {
        "critical" | "high" => "error",
        "medium" => "warning",
        _ => "notice",
    };
    let at = &finding.location;
    write!(out, "::{level} file={},line={},endLine={}", property(&at.file), at.line, at.end_line)?;
    // Columns mean something within one line only.
    if at.line == at.end_line {
        write!(out, ",col={},endColumn={}", at.column, at.end_column)?;
    }
    let title = format!("{} {}", finding.rule, finding.name);
    let mut message = format!("{}: {}", finding.object.title(), finding.message);
    if !finding.remedy.is_empty() {
        let _ = write!(message, "\n{}", finding.remedy);
    }
    writeln!(out, ",title={}::{}", property(&title), data(&message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
