//! Markdown for a comment on a pull request, or a job's summary.

use std::fmt::{self, Write};

use super::Format;
use super::model::*;

/// Markdown with tables.
pub struct Markdown;

impl Format for Markdown {
    fn write(&self, report: &Report, out: &mut dyn Write) -> fmt::Result {
        let summary = &report.summary;
        let total = summary.findings.total();
        let each: Vec<String> = summary
            .findings
            .each()
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        match total {
            0 => writeln!(out, "## Secrets: no findings\n")?,
            1 => writeln!(out, "## Secrets: 1 finding ({})\n", each.join(", "))?,
            _ => writeln!(out, "## Secrets: {total} findings ({})\n", each.join(", "))?,
        }
        let Inputs { files, objects, skipped, .. } = &report.inputs;
        writeln!(
            out,
            "{} rules ran on {objects} objects in {files} files; {} waived, {} undecided, {} not read.\n",
            summary.ran,
            summary.waived,
            summary.undecided,
            skipped.len()
        )?;
        let standing: Vec<&FindingEntry> = report.findings.iter().filter(|finding| finding.waived.is_none()).collect();
        if !standing.is_empty() {
            writeln!(out, "| severity | rule | object | place | finding |")?;
            writeln!(out, "|---|---|---|---|---|")?;
            for finding in standing {
                let at = &finding.location;
                writeln!(
                    out,
                    "| {} | {} | {} | `{}:{}` | {} |",
                    finding.severity,
                    cell(&finding.rule),
                    cell(&finding.object.title()),
                    code(&at.file),
                    at.line,
                    cell(&finding.message)
                )?;
            }
            writeln!(out)?;
        }
        if !report.undecided.is_empty() {
            writeln!(out, "<details><summary>{} undecided</summary>\n", report.undecided.len())?;
            writeln!(out, "| rule | object | why | to decide it |")?;
            writeln!(out, "|---|---|---|---|")?;
            for verdict in &report.undecided {
                let object = verdict.object.as_ref().map(ObjectEntry::title).unwrap_or_default();
                writeln!(
                    out,
                    "| {} | {} | {} | {} |",
                    cell(&verdict.rule),
                    cell(&object),
                    cell(&verdict.reason),
                    cell(&verdict.need)
                )?;
            }
            writeln!(out, "\n</details>\n")?;
        }
        if !skipped.is_empty() {
            writeln!(out, "<details><summary>{} not read</summary>\n", skipped.len())?;
            for skipped in skipped {
                writeln!(out, "- `{}`: {}", code(&skipped.file), cell(&skipped.reason))?;
            }
            writeln!(out, "\n</details>\n")?;
        }
        for note in &report.notes {
            writeln!(out, "> {}", cell(note))?;
        }
        Ok(())
    }
}

/// Text of a table's cell, without markup of its own.
fn cell(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '*' | '_' | '[' | ']' | '\\' | '#' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '@' => escaped.push_str("&#64;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

fn code(text: &str) -> String {
    text.chars().map(|c| if c == '`' || c == '|' || c.is_control() { '\u{fffd}' } else { c }).collect()
}
