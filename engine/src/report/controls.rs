//! A report by the controls of a framework: which of them rules judge, and what came of it. What no rule judges is listed
//! too: a control that was not looked at is never a pass.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::model::{Report, RuleStatus};

/// A framework and its controls, in the order of their numbers.
#[derive(Clone, Debug)]
pub struct Framework {
    /// What rules call it: `cis`.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Id and title of each control.
    pub controls: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct File {
    title: String,
    controls: BTreeMap<String, String>,
}

impl Framework {
    /// Reads the file of a framework.
    pub fn parse(name: &str, text: &str) -> Result<Framework, String> {
        let file: File =
            toml::from_str(text).map_err(|error| format!("the framework `{name}`: {}", error.message()))?;
        let mut controls: Vec<(String, String)> = file.controls.into_iter().collect();
        controls.sort_by_key(|(id, _)| order(id));
        Ok(Framework { name: name.to_owned(), title: file.title, controls })
    }
}

/// Word and number of each part: `1.2.10` comes behind `1.2.9`.
fn order(id: &str) -> Vec<(String, u64)> {
    let part = |part: &str| {
        let digits = part.trim_start_matches(|c: char| !c.is_ascii_digit());
        (part[..part.len() - digits.len()].to_owned(), digits.parse().unwrap_or(0))
    };
    id.split(['.', '-', '(', ')']).filter(|part| !part.is_empty()).map(part).collect()
}

/// What came of a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlStatus {
    /// A rule found something.
    Findings,
    /// A rule could not decide.
    Open,
    /// Rules looked at objects, and are met.
    Clean,
    /// There are rules, and the input holds none of their objects.
    NoObjects,
    /// No rule judges it.
    NotCovered,
}

impl ControlStatus {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            ControlStatus::Findings => "findings",
            ControlStatus::Open => "open",
            ControlStatus::Clean => "clean",
            ControlStatus::NoObjects => "no objects",
            ControlStatus::NotCovered => "not covered",
        }
    }
}

/// A control and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct ControlEntry {
    /// Its number.
    pub id: String,
    /// What it asks, in our words.
    pub title: String,
    /// What came of it.
    pub status: ControlStatus,
    /// Findings that no exception covers.
    pub findings: usize,
    /// Findings that one covers.
    pub waived: usize,
    /// Undecided verdicts.
    pub undecided: usize,
    /// The rules that judge it.
    pub rules: Vec<Arc<str>>,
}

/// A report by controls.
#[derive(Clone, Debug, Serialize)]
pub struct Controls {
    /// Version of the form of this report.
    pub version: u32,
    /// What rules call the framework.
    pub framework: String,
    /// What people call it.
    pub title: String,
    /// The instant of the run.
    pub now: String,
    /// Files, documents or templates that were not read.
    pub skipped: usize,
    /// Its controls.
    pub controls: Vec<ControlEntry>,
}

impl Controls {
    /// Sorts a report by controls.
    pub fn of(report: &Report, framework: &Framework) -> Controls {
        let entry = |(id, title): &(String, String)| {
            let mut entry = ControlEntry {
                id: id.clone(),
                title: title.clone(),
                status: ControlStatus::NotCovered,
                findings: 0,
                waived: 0,
                undecided: 0,
                rules: Vec::new(),
            };
            let mut ran = false;
            for rule in &report.rules {
                let items = rule.about.controls.get(framework.name.as_str());
                if items.is_some_and(|items| items.iter().any(|item| **item == **id)) {
                    entry.rules.push(rule.id.clone());
                    ran |= rule.status == RuleStatus::Ran;
                }
            }
            for finding in report.findings.iter().filter(|finding| entry.rules.contains(&finding.rule)) {
                match finding.waived {
                    Some(_) => entry.waived += 1,
                    None => entry.findings += 1,
                }
            }
            entry.undecided = report.undecided.iter().filter(|open| entry.rules.contains(&open.rule)).count();
            entry.status = match (entry.rules.is_empty(), entry.findings, entry.undecided, ran) {
                (true, ..) => ControlStatus::NotCovered,
                (_, 1.., ..) => ControlStatus::Findings,
                (_, _, 1.., _) => ControlStatus::Open,
                (.., true) => ControlStatus::Clean,
                _ => ControlStatus::NoObjects,
            };
            entry
        };
        Controls {
            version: 1,
            framework: framework.name.clone(),
            title: framework.title.clone(),
            now: report.now.clone(),
            skipped: report.inputs.skipped.len(),
            controls: framework.controls.iter().map(entry).collect(),
        }
    }

    /// Writes it in a format: `text`, `json` or `markdown`. Nothing for another one.
    pub fn write(&self, format: &str) -> Option<String> {
        let mut out = String::new();
        match format {
            "json" => out = serde_json::to_string_pretty(self).ok()? + "\n",
            "text" => self.text(&mut out).ok()?,
            "markdown" => self.markdown(&mut out).ok()?,
            _ => return None,
        }
        Some(out)
    }

    fn count(&self, status: ControlStatus) -> usize {
        self.controls.iter().filter(|control| control.status == status).count()
    }

    fn summary(&self) -> String {
        use ControlStatus::{Clean, Findings, NoObjects, NotCovered, Open};
        let parts = [Findings, Open, Clean, NoObjects, NotCovered]
            .map(|status| format!("{} {}", self.count(status), status.as_str()));
        let skipped = match self.skipped {
            0 => String::new(),
            count => format!("; {count} parts of the input were not read"),
        };
        format!("{} controls: {}{skipped}", self.controls.len(), parts.join(", "))
    }

    fn text(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "{}\n", self.title)?;
        let width = self.controls.iter().map(|control| control.id.chars().count()).max().unwrap_or_default();
        for control in &self.controls {
            let status = control.status.as_str();
            writeln!(out, "{:width$}  {status:11}  {}{}", control.id, control.title, detail(control))?;
        }
        writeln!(out, "\n{}", self.summary())
    }

    fn markdown(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "# {}\n\n{}\n", self.title, self.summary())?;
        writeln!(out, "| control | asks | status | findings | waived | open | rules |\n|---|---|---|--:|--:|--:|---|")?;
        for control in &self.controls {
            let ControlEntry { id, title, status, findings, waived, undecided, rules } = control;
            let (status, rules) = (status.as_str(), rules.join(", "));
            writeln!(out, "| {id} | {title} | {status} | {findings} | {waived} | {undecided} | {rules} |")?;
        }
        Ok(())
    }
}

fn detail(control: &ControlEntry) -> String {
    let counts = [(control.findings, "findings"), (control.waived, "waived"), (control.undecided, "open")];
    let counts: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_stand_in_the_order_of_their_numbers() {
        let text = "title = \"T\"\n[controls]\n\"1.10\" = \"c\"\n\"1.2\" = \"a\"\n\"1.2.1\" = \"b\"\n";
        let framework = Framework::parse("x", text).unwrap();
        let ids: Vec<&str> = framework.controls.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["1.2", "1.2.1", "1.10"]);
    }
}
