//! JUnit XML: a suite for each rule, a case for each finding, undecided verdicts as skipped cases.

use std::fmt::{self, Write};

use super::Format;
use super::model::{Report, RuleEntry, RuleStatus};

/// JUnit XML.
pub struct Junit;

impl Format for Junit {
    fn write(&self, report: &Report, out: &mut dyn Write) -> fmt::Result {
        let failures = report.summary.findings.total();
        let rules: Vec<&RuleEntry> = report.rules.iter().filter(|rule| rule.status != RuleStatus::NoObjects).collect();
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(
            out,
            "<testsuites name=\"tacit\" failures=\"{failures}\" errors=\"{}\">",
            report.inputs.skipped.len()
        )?;
        for rule in rules {
            suite(report, rule, out)?;
        }
        if !report.inputs.skipped.is_empty() {
            let count = report.inputs.skipped.len();
            writeln!(out, "  <testsuite name=\"input\" tests=\"{count}\" errors=\"{count}\">")?;
            for skipped in &report.inputs.skipped {
                writeln!(out, "    <testcase classname=\"input\" name=\"{}\">", escape(&skipped.file))?;
                writeln!(out, "      <error message=\"{}\"/>", escape(&skipped.reason))?;
                writeln!(out, "    </testcase>")?;
            }
            writeln!(out, "  </testsuite>")?;
        }
        writeln!(out, "</testsuites>")
    }
}

fn suite(report: &Report, rule: &RuleEntry, out: &mut dyn Write) -> fmt::Result {
    let findings: Vec<_> = report.findings.iter().filter(|f| f.rule == rule.id && f.waived.is_none()).collect();
    let undecided: Vec<_> = report.undecided.iter().filter(|verdict| verdict.rule == rule.id).collect();
    // A suite without a case is shown by nobody: a clean rule is one case that passes.
    let tests = (findings.len() + undecided.len()).max(1);
    let id = escape(&rule.id);
    let (failures, skipped) = (findings.len(), undecided.len());
    writeln!(out, "  <testsuite name=\"{id}\" tests=\"{tests}\" failures=\"{failures}\" skipped=\"{skipped}\">")?;
    if findings.is_empty() && undecided.is_empty() {
        writeln!(out, "    <testcase classname=\"{id}\" name=\"{}\"/>", escape(&rule.about.title))?;
    }
    for finding in findings {
        let at = &finding.location;
        let name = format!("{} {}", finding.object.title(), finding.path);
        writeln!(
            out,
            "    <testcase classname=\"{id}\" name=\"{}\" file=\"{}\" line=\"{}\">",
            escape(&name),
            escape(&at.file),
            at.line
        )?;
        let text = format!("{}:{}:{}\n{}", at.file, at.line, at.column, finding.remedy);
        let (message, severity) = (escape(&finding.message), finding.severity);
        writeln!(
            out,
            "      <failure type=\"{severity}\" message=\"{message}\">{}</failure>",
            escape(text.trim_end())
        )?;
        writeln!(out, "    </testcase>")?;
    }
    for verdict in undecided {
        let name = verdict.object.as_ref().map_or_else(|| "undecided".to_owned(), |object| object.title());
        writeln!(out, "    <testcase classname=\"{id}\" name=\"{}\">", escape(&name))?;
        writeln!(out, "      <skipped message=\"{}\"/>", escape(&verdict.reason))?;
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}

/// Text for XML; characters that XML 1.0 cannot hold are replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_control_characters_are_escaped() {
        assert_eq!(escape("<a b=\"c\">&\u{1}"), "&lt;a b=&quot;c&quot;&gt;&amp;\u{fffd}");
    }
}
