//! What a run says, as data: the JSON report, and the source of every other format. Nothing here can hold secret material:
//! messages are cleaned and excerpts redacted before they get here.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::redact::Excerpt;

/// Version of the JSON report. It rises when a field goes or changes its meaning; new fields do not raise it.
pub const VERSION: u32 = 1;

/// Everything that a run says.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// [`VERSION`]
    pub version: u32,
    /// What made the report.
    pub tool: Tool,
    /// The instant of the run.
    pub now: String,
    /// What was read.
    pub inputs: Inputs,
    /// What was run, in the order of ids.
    pub rules: Vec<RuleEntry>,
    /// Counts.
    pub summary: Summary,
    /// Requirements that are not met, by file and place.
    pub findings: Vec<FindingEntry>,
    /// Verdicts that the input does not carry.
    pub undecided: Vec<UndecidedEntry>,
    /// What else the reader should know.
    pub notes: Vec<String>,
}

/// The program that made a report.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Tool {
    pub name: &'static str,
    pub version: &'static str,
}

/// What was read.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Inputs {
    /// Files that were read.
    pub files: usize,
    /// Documents in them.
    pub documents: usize,
    /// Objects in those.
    pub objects: usize,
    /// What was not read.
    pub skipped: Vec<SkippedEntry>,
}

/// A file, document or template that was not read.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct SkippedEntry {
    pub file: Arc<str>,
    pub reason: String,
}

/// A rule of a run.
#[derive(Clone, Debug, Serialize)]
pub struct RuleEntry {
    /// The code, or the name where there is none.
    pub id: Arc<str>,
    /// The name.
    pub name: Arc<str>,
    /// What became of it.
    pub status: RuleStatus,
    /// Objects or rows it looked at.
    pub objects: usize,
    /// What formats show beside the JSON report.
    #[serde(skip)]
    pub about: About,
}

/// What a rule says about itself.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the clauses of a rule")]
pub struct About {
    pub title: Arc<str>,
    pub doc: Arc<str>,
    pub severity: &'static str,
    pub remedy: Arc<str>,
    pub docs: Vec<Arc<str>>,
    pub tags: Vec<Arc<str>>,
    pub controls: BTreeMap<Arc<str>, Vec<Arc<str>>>,
}

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleStatus {
    /// It looked at objects.
    Ran,
    /// The input holds no object of its kinds.
    NoObjects,
    /// It did not compile.
    Error,
}

/// Counts of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Findings that stand, by severity.
    pub findings: BySeverity,
    /// Findings that an exception or the baseline covers.
    pub waived: usize,
    /// Verdicts that the input does not carry.
    pub undecided: usize,
    /// Rules that looked at objects.
    pub ran: usize,
    /// Rules that met none.
    #[serde(rename = "noObjects")]
    pub no_objects: usize,
}

/// Counts by severity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the severities")]
pub struct BySeverity {
    pub critical: usize,
    pub high: usize,
    pub medium: usize,
    pub low: usize,
    pub info: usize,
}

impl BySeverity {
    /// Counts one.
    pub fn add(&mut self, severity: &str) {
        match severity {
            "critical" => self.critical += 1,
            "high" => self.high += 1,
            "medium" => self.medium += 1,
            "low" => self.low += 1,
            _ => self.info += 1,
        }
    }

    /// All of them, worst first.
    pub fn each(&self) -> [(&'static str, usize); 5] {
        [
            ("critical", self.critical),
            ("high", self.high),
            ("medium", self.medium),
            ("low", self.low),
            ("info", self.info),
        ]
    }

    /// Their sum.
    pub fn total(&self) -> usize {
        self.each().iter().map(|(_, count)| count).sum()
    }
}

/// A requirement that is not met.
#[derive(Clone, Debug, Serialize)]
pub struct FindingEntry {
    /// The code of the rule, or its name where there is none.
    pub rule: Arc<str>,
    /// The name of the rule.
    pub name: Arc<str>,
    /// How bad it is.
    pub severity: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do; empty where the rule does not say.
    pub remedy: Arc<str>,
    /// The object it is about.
    pub object: ObjectEntry,
    /// The node, as an RFC 9535 normalized path below the object.
    pub path: String,
    /// Where it is written.
    pub location: LocationEntry,
    /// Where it stands in rendered output.
    pub rendered: Option<RenderedEntry>,
    /// The cluster it was read from.
    pub cluster: Option<Arc<str>>,
    /// What identifies it across runs and moved lines.
    pub fingerprint: String,
    /// Other places that explain it.
    pub related: Vec<RelatedEntry>,
    /// Frameworks and their items.
    pub controls: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// The exception that covers it.
    pub waived: Option<WaivedEntry>,
    /// The source line, redacted.
    #[serde(skip)]
    pub excerpt: Option<Excerpt>,
    /// The path as people write it.
    #[serde(skip)]
    pub dotted: String,
}

/// An object, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the fields of Kubernetes")]
pub struct ObjectEntry {
    pub api_version: Arc<str>,
    pub kind: Arc<str>,
    pub namespace: Option<Arc<str>>,
    pub name: Arc<str>,
}

impl ObjectEntry {
    /// `Deployment prod/web`, as people call it.
    pub fn title(&self) -> String {
        match (&self.namespace, &*self.name) {
            (_, "") => self.kind.to_string(),
            (Some(namespace), name) => format!("{} {namespace}/{name}", self.kind),
            (None, name) => format!("{} {name}", self.kind),
        }
    }
}

/// A place in a file; lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub struct LocationEntry {
    pub file: Arc<str>,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
    /// How closely the place is known, for rendered input: `node`, `document` or `file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<&'static str>,
}

/// A place in rendered output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct RenderedEntry {
    pub file: Arc<str>,
    pub line: u32,
}

/// Another place that explains a finding.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct RelatedEntry {
    pub message: String,
    pub object: ObjectEntry,
    pub location: LocationEntry,
}

/// The exception that covers a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaivedEntry {
    /// `rule file`, `tacit.toml`, `annotation`, `comment` or `baseline`.
    pub source: &'static str,
    /// Day from which it no longer applies; none for the baseline.
    pub until: Option<String>,
    /// Why.
    pub because: Arc<str>,
    /// Who decided it.
    pub by: Arc<str>,
}

/// A verdict that the input does not carry.
#[derive(Clone, Debug, Serialize)]
pub struct UndecidedEntry {
    /// The code of the rule, or its name where there is none.
    pub rule: Arc<str>,
    /// The object it is about.
    pub object: Option<ObjectEntry>,
    /// Where the evaluation stopped.
    pub path: Option<String>,
    /// Why.
    pub reason: String,
    /// What would decide it.
    pub need: String,
    /// The name of the rule.
    #[serde(skip)]
    pub name: Arc<str>,
    /// File and line.
    #[serde(skip)]
    pub location: Option<LocationEntry>,
}
