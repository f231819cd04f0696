//! The report for people: findings by file, each with its line; what was read, run, skipped and left undecided.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::Format;
use super::model::*;

/// Text for a terminal or a pipe.
pub struct Text {
    /// Colours, for a terminal.
    pub color: bool,
    /// List every undecided verdict and every rule that met no object.
    pub verbose: bool,
}

/// Escape sequences, or nothing.
struct Paint(bool);

impl Paint {
    fn put(&self, code: &str, text: &str) -> String {
        if self.0 && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        self.put("1", text)
    }

    fn dim(&self, text: &str) -> String {
        self.put("2", text)
    }

    fn severity(&self, severity: &str, text: &str) -> String {
        let code = match severity {
            "critical" => "1;35",
            "high" => "1;31",
            "medium" => "33",
            "low" => "36",
            _ => "2",
        };
        self.put(code, text)
    }
}

impl Format for Text {
    fn write(&self, report: &Report, out: &mut dyn Write) -> fmt::Result {
        let paint = Paint(self.color);
        self.findings(report, &paint, out)?;
        self.undecided(report, &paint, out)?;
        self.skipped(report, &paint, out)?;
        for note in &report.notes {
            writeln!(out, "{} {}", paint.dim("note:"), visible(note))?;
        }
        if !report.notes.is_empty() {
            writeln!(out)?;
        }
        self.summary(report, &paint, out)
    }
}

impl Text {
    fn findings(&self, report: &Report, paint: &Paint, out: &mut dyn Write) -> fmt::Result {
        let standing: Vec<&FindingEntry> = report.findings.iter().filter(|finding| finding.waived.is_none()).collect();
        let width =
            standing.iter().filter_map(|finding| finding.excerpt.as_ref()).map(|e| e.line.to_string().len()).max();
        let width = width.unwrap_or(1).max(3);
        let mut file: Option<&str> = None;
        let mut remedies: BTreeMap<&str, (&FindingEntry, usize)> = BTreeMap::new();
        for finding in standing {
            if file != Some(&finding.location.file) {
                writeln!(out, "{}", paint.bold(&visible(&finding.location.file)))?;
                file = Some(&finding.location.file);
            }
            self.finding(finding, width, paint, out)?;
            remedies.entry(&finding.rule).or_insert((finding, 0)).1 += 1;
        }
        if remedies.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", paint.bold("What to do"))?;
        for (rule, (finding, count)) in remedies {
            let id = if *finding.rule == *finding.name { rule.to_owned() } else { format!("{rule} {}", finding.name) };
            let times = if count == 1 { String::new() } else { format!(" ({count})") };
            let remedy = if finding.remedy.is_empty() {
                format!("see `tacit explain {rule}`")
            } else {
                finding.remedy.to_string()
            };
            writeln!(out, "  {}{times}: {}", paint.severity(finding.severity, &id), visible(&remedy))?;
        }
        writeln!(out)
    }

    fn finding(&self, finding: &FindingEntry, width: usize, paint: &Paint, out: &mut dyn Write) -> fmt::Result {
        let label = format!("{} {}", finding.severity, finding.rule);
        writeln!(out, "  {} {}", paint.severity(finding.severity, &label), paint.bold(&visible(&finding.message)))?;
        let LocationEntry { line, column, precision, .. } = &finding.location;
        let live = *precision == Some("object");
        let mut place = if live { String::new() } else { format!("{line}:{column}") };
        if let Some(precision) = precision.filter(|precision| !live && *precision != "node") {
            let _ = write!(place, " (the {precision} that was rendered)");
        }
        let dotted = if finding.dotted.is_empty() { String::new() } else { format!(" {}", finding.dotted) };
        let cluster = finding.cluster.as_ref().map(|cluster| format!(" in {cluster}")).unwrap_or_default();
        // A file that is no object has no title; its path stands above.
        let title = finding.object.title();
        let space = if title.is_empty() { "" } else { " " };
        let where_ = match live {
            true => format!("{title}{cluster}{dotted}"),
            false => format!("{title}{cluster}{space}at {place}{dotted}"),
        };
        writeln!(out, "  {:width$} {} {}", "", paint.dim("┌"), paint.dim(&visible(&where_)))?;
        if let Some(excerpt) = &finding.excerpt {
            let (text, start, end) = clip(&excerpt.text, excerpt.start, excerpt.end);
            let number = format!("{:>width$}", excerpt.line);
            writeln!(out, "  {} {} {}", paint.dim(&number), paint.dim("│"), visible(&text))?;
            let mark = "^".repeat(end.saturating_sub(start).max(1));
            writeln!(
                out,
                "  {:width$} {} {:start$}{}",
                "",
                paint.dim("│"),
                "",
                paint.severity(finding.severity, &mark)
            )?;
        }
        for related in &finding.related {
            let LocationEntry { file, line, column, .. } = &related.location;
            let at = match related.location.precision {
                Some("object") => String::new(),
                _ => format!("{file}:{line}:{column} "),
            };
            let text = format!("{at}{}: {}", related.object.title(), related.message);
            writeln!(out, "  {:width$} {} {}", "", paint.dim("="), visible(&text))?;
        }
        writeln!(out)
    }

    fn undecided(&self, report: &Report, paint: &Paint, out: &mut dyn Write) -> fmt::Result {
        if report.undecided.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", paint.bold("Undecided"))?;
        let mut groups: BTreeMap<(&str, &str, &str), Vec<&UndecidedEntry>> = BTreeMap::new();
        for entry in &report.undecided {
            groups.entry((&entry.rule, &entry.reason, &entry.need)).or_default().push(entry);
        }
        for ((rule, reason, need), entries) in groups {
            let times = if entries.len() == 1 { String::new() } else { format!(" ({} times)", entries.len()) };
            writeln!(out, "  {}{times}: {}", paint.severity("low", rule), visible(reason))?;
            let shown = if self.verbose { entries.len() } else { 3 };
            for entry in entries.iter().take(shown) {
                let title = entry.object.as_ref().map(ObjectEntry::title).unwrap_or_default();
                let at = entry.location.as_ref().map(|at| match at.precision {
                    Some("object") => at.file.to_string(),
                    _ => format!("{}:{}", at.file, at.line),
                });
                let at = at.unwrap_or_default();
                let line = [title, at].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" at ");
                if !line.is_empty() {
                    writeln!(out, "    {}", paint.dim(&visible(&line)))?;
                }
            }
            if entries.len() > shown {
                writeln!(out, "    {}", paint.dim(&format!("and {} more", entries.len() - shown)))?;
            }
            if !need.is_empty() {
                writeln!(out, "    to decide it: {}", visible(need))?;
            }
        }
        writeln!(out)
    }

    fn skipped(&self, report: &Report, paint: &Paint, out: &mut dyn Write) -> fmt::Result {
        if report.inputs.skipped.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", paint.bold("Not read"))?;
        let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for skipped in &report.inputs.skipped {
            groups.entry(&skipped.reason).or_default().push(&skipped.file);
        }
        for (reason, files) in groups {
            let shown = if self.verbose { files.len() } else { 3 };
            let list = files.iter().take(shown).copied().collect::<Vec<_>>().join(", ");
            let more = if files.len() > shown { format!(" and {} more", files.len() - shown) } else { String::new() };
            writeln!(out, "  {}{more}: {}", visible(&list), visible(reason))?;
        }
        writeln!(out)
    }

    fn summary(&self, report: &Report, paint: &Paint, out: &mut dyn Write) -> fmt::Result {
        let Summary { findings, waived, undecided, ran, no_objects } = &report.summary;
        let total = findings.total();
        let each: Vec<String> = findings
            .each()
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(severity, count)| paint.severity(severity, &format!("{count} {severity}")))
            .collect();
        let mut parts = vec![match total {
            0 => paint.put("32", "no findings"),
            _ => format!("{} ({})", paint.bold(&counted(total, "finding")), each.join(", ")),
        }];
        if *waived > 0 {
            parts.push(format!("{waived} waived"));
        }
        if *undecided > 0 {
            parts.push(format!("{undecided} undecided"));
        }
        if !report.inputs.skipped.is_empty() {
            parts.push(format!("{} not read", report.inputs.skipped.len()));
        }
        writeln!(out, "{}", parts.join(", "))?;
        let Inputs { files, objects, .. } = &report.inputs;
        let idle = match no_objects {
            0 => String::new(),
            1 => ", 1 rule met no object of its kinds".to_owned(),
            count => format!(", {count} rules met no object of their kinds"),
        };
        let of = match files {
            // Of a cluster.
            0 => String::new(),
            files => format!(" in {}", counted(*files, "file")),
        };
        let ran = format!("{} ran on {}{of}{idle}", counted(*ran, "rule"), counted(*objects, "object"));
        writeln!(out, "{}", paint.dim(&ran))?;
        if self.verbose && *no_objects > 0 {
            let idle = report.rules.iter().filter(|rule| rule.status == RuleStatus::NoObjects);
            let idle: Vec<&str> = idle.map(|rule| &*rule.id).collect();
            writeln!(out, "{}", paint.dim(&format!("met no object: {}", idle.join(" "))))?;
        }
        Ok(())
    }
}

/// `1 file`, `2 files`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Control characters could steer the terminal.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() && c != '\t' {
                '\u{fffd}'
            } else if c == '\t' {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// A part of a long line around its mark.
fn clip(text: &str, start: usize, end: usize) -> (String, usize, usize) {
    const WIDTH: usize = 100;
    let length = text.chars().count();
    if length <= WIDTH {
        return (text.to_owned(), start, end);
    }
    let from = if start < WIDTH * 2 / 3 { 0 } else { start - WIDTH / 3 };
    let mut clipped: String = text.chars().skip(from).take(WIDTH).collect();
    let mut shift = 0;
    if from > 0 {
        clipped.insert(0, '…');
        shift = 1;
    }
    if from + WIDTH < length {
        clipped.push('…');
    }
    (clipped, start - from + shift, (end - from).min(WIDTH) + shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_clipped_around_its_mark() {
        let text: String = "a".repeat(150) + "b" + &"c".repeat(150);
        let (clipped, start, end) = clip(&text, 150, 151);
        assert_eq!(clipped.chars().nth(start), Some('b'));
        assert_eq!(end, start + 1);
        assert!(clipped.starts_with('…') && clipped.ends_with('…'));
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(visible("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
    }
}
