//! `tacit.toml`: what a project decides about its checks. Found upwards from the working directory; every key can be
//! given on the command line as well.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tacit_lang::ast::Severity;
use tacit_lang::schema::nearest;
use tacit_lang::span::{LineColumn, LineIndex};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::time;

/// Name of the file.
pub const FILE_NAME: &str = "tacit.toml";

/// What a project decides. Paths are joined to the directory of the file.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file read; none where there is none.
    pub file: Option<PathBuf>,
    /// Rule files and directories.
    pub rules: Vec<PathBuf>,
    /// False leaves the standard library out.
    pub std: Option<bool>,
    /// Families of the standard library, switched on or off.
    pub families: Vec<(String, bool)>,
    /// Rules to run, all where empty; see [`crate::select`].
    pub only: Vec<String>,
    /// Rules to leave out.
    pub skip: Vec<String>,
    /// Severities that replace those of rules.
    pub severity: Vec<(String, Severity)>,
    /// Values of params.
    pub params: Vec<(String, Setting)>,
    /// Globs of files to leave out, as in a `.gitignore` beside the file.
    pub exclude: Vec<String>,
    /// Exceptions.
    pub waivers: Vec<WaiverEntry>,
    /// Findings from this severity on fail the run.
    pub fail_on: Option<FailOn>,
    /// Undecided verdicts fail the run.
    pub strict: Option<bool>,
    /// Kinds of which the input holds every object.
    pub complete: Option<Complete>,
    /// Namespace of manifests that state none.
    pub namespace: Option<Arc<str>>,
    /// Render charts and kustomizations with installed tools.
    pub render: Option<bool>,
    /// File of known findings.
    pub baseline: Option<PathBuf>,
}

/// When findings fail a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// From this severity on.
    Severity(Severity),
    /// Never.
    Never,
}

impl FailOn {
    /// Reads `low`, `high`, `never` and so on.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "never" => Some(FailOn::Never),
            _ => Severity::parse(word).map(FailOn::Severity),
        }
    }

    /// True where a finding of that severity fails the run.
    pub fn fails(self, severity: Severity) -> bool {
        matches!(self, FailOn::Severity(least) if severity >= least)
    }
}

impl Default for FailOn {
    fn default() -> Self {
        FailOn::Severity(Severity::Medium)
    }
}

/// Of which kinds the input is the complete inventory.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Complete {
    /// Of none: files are a part of the world.
    #[default]
    Nothing,
    /// Of every kind.
    Everything,
    /// Of these, by name.
    Kinds(Vec<String>),
}

/// A value of a param, as written; its type is known once the rules are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// A single value: `30d`, `true`, `text`.
    One(String),
    /// A list.
    Many(Vec<String>),
}

/// A `[[waive]]` table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiverEntry {
    /// Code or name of a rule, or a pattern of them.
    pub rule: String,
    /// Kind of the objects; any where absent.
    pub kind: Option<String>,
    /// Glob on the name, or on `namespace/name`.
    pub object: String,
    /// Instant from which it no longer applies, in nanoseconds since 1970.
    pub until: i64,
    /// Why.
    pub because: String,
    /// Who decided it.
    pub by: String,
    /// Line of the table in the file.
    pub line: u32,
}

/// What is wrong with a `tacit.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// Where.
    pub at: Option<LineColumn>,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(at) = self.at {
            write!(f, ":{}:{}", at.line, at.column)?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for ConfigError {}

/// The nearest `tacit.toml`, from `start` upwards.
pub fn find(start: &Path) -> Option<PathBuf> {
    start.ancestors().map(|dir| dir.join(FILE_NAME)).find(|file| file.is_file())
}

/// Reads a `tacit.toml`. All that is wrong with it is told, not only the first thing.
pub fn load(file: &Path) -> Result<Config, Vec<ConfigError>> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        vec![ConfigError { file: file.to_owned(), at: None, message: format!("cannot be read: {}", plain(&error)) }]
    })?;
    parse(file, &text)
}

/// An I/O error without the system's number.
pub fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut characters = text.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}

/// Reads the text of a `tacit.toml`.
pub fn parse(file: &Path, text: &str) -> Result<Config, Vec<ConfigError>> {
    let lines = LineIndex::new(text);
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map(|span| lines.line_column(text, span.start as u32));
        vec![ConfigError { file: file.to_owned(), at, message: error.message().trim_end_matches('.').to_owned() }]
    })?;
    let dir = file.parent().unwrap_or(Path::new("")).to_owned();
    let mut reader = Reader { file, text, lines, dir, errors: Vec::new() };
    let config = reader.config(table.get_ref());
    if reader.errors.is_empty() { Ok(Config { file: Some(file.to_owned()), ..config }) } else { Err(reader.errors) }
}

type Value<'t> = Spanned<DeValue<'t>>;

struct Reader<'t> {
    file: &'t Path,
    text: &'t str,
    lines: LineIndex,
    dir: PathBuf,
    errors: Vec<ConfigError>,
}

const KEYS: [&str; 14] = [
    "rules",
    "std",
    "only",
    "skip",
    "severity",
    "params",
    "exclude",
    "waive",
    "fail-on",
    "strict",
    "complete",
    "namespace",
    "render",
    "baseline",
];
const WAIVE_KEYS: [&str; 6] = ["rule", "kind", "object", "until", "because", "by"];

impl Reader<'_> {
    fn config(&mut self, table: &DeTable<'_>) -> Config {
        let mut config = Config::default();
        for (key, value) in table {
            match &**key.get_ref() {
                "rules" => config.rules = self.texts(value).into_iter().map(|path| self.dir.join(path)).collect(),
                "std" => match value.get_ref() {
                    DeValue::Boolean(on) => config.std = Some(*on),
                    DeValue::Table(families) => {
                        for (family, on) in families {
                            if let Some(on) = self.flag(on) {
                                config.families.push((family.get_ref().to_string(), on));
                            }
                        }
                    }
                    _ => self.error(
                        value.span().start,
                        "`std` is true, false, or a table of families such as `rotation = false`",
                    ),
                },
                "only" => config.only = self.texts(value),
                "skip" => config.skip = self.texts(value),
                "severity" => {
                    for (rule, level) in self.table(value) {
                        if let Some(word) = self.text(level) {
                            match Severity::parse(&word) {
                                Some(severity) => config.severity.push((rule, severity)),
                                None => self.error(level.span().start, not_a_severity(&word)),
                            }
                        }
                    }
                }
                "params" => {
                    for (param, value) in self.table(value) {
                        if let Some(setting) = self.setting(value) {
                            config.params.push((param, setting));
                        }
                    }
                }
                "exclude" => config.exclude = self.texts(value),
                "waive" => config.waivers = self.waivers(value),
                "fail-on" => {
                    if let Some(word) = self.text(value) {
                        config.fail_on = FailOn::parse(&word);
                        if config.fail_on.is_none() {
                            self.error(value.span().start, format!("{}, or `never`", not_a_severity(&word)));
                        }
                    }
                }
                "strict" => config.strict = self.flag(value),
                "complete" => {
                    config.complete = Some(match value.get_ref() {
                        DeValue::Boolean(true) => Complete::Everything,
                        DeValue::Boolean(false) => Complete::Nothing,
                        _ => Complete::Kinds(self.texts(value)),
                    });
                }
                "namespace" => config.namespace = self.text(value).map(Arc::from),
                "render" => config.render = self.flag(value),
                "baseline" => config.baseline = self.text(value).map(|path| self.dir.join(path)),
                other => self.unknown(key.span().start, other, &KEYS),
            }
        }
        config
    }

    fn waivers(&mut self, value: &Value<'_>) -> Vec<WaiverEntry> {
        let DeValue::Array(items) = value.get_ref() else {
            self.error(value.span().start, "write each waiver as a table `[[waive]]`");
            return Vec::new();
        };
        items.iter().filter_map(|item| self.waiver(item)).collect()
    }

    fn waiver(&mut self, item: &Value<'_>) -> Option<WaiverEntry> {
        let DeValue::Table(table) = item.get_ref() else {
            self.error(item.span().start, "write each waiver as a table `[[waive]]`");
            return None;
        };
        let errors = self.errors.len();
        for (key, _) in table {
            if !WAIVE_KEYS.contains(&&**key.get_ref()) {
                self.unknown(key.span().start, key.get_ref(), &WAIVE_KEYS);
            }
        }
        let start = item.span().start;
        let get = |name: &str| table.iter().find(|(key, _)| &**key.get_ref() == name).map(|(_, value)| value);
        let needed = |reader: &mut Self, name: &str| match get(name) {
            Some(value) => reader.text(value),
            None => {
                reader.error(start, format!("this waiver lacks `{name}`"));
                None
            }
        };
        let rule = needed(self, "rule");
        let object = needed(self, "object");
        let because = needed(self, "because");
        let by = needed(self, "by");
        let until = match get("until") {
            None => {
                self.error(start, "this waiver lacks `until`: an exception without an end is a changed rule");
                None
            }
            Some(value) => {
                let text = match value.get_ref() {
                    DeValue::Datetime(date) => date.to_string(),
                    _ => self.text(value).unwrap_or_default(),
                };
                let until = time::parse_time(&text);
                if until.is_none() {
                    self.error(value.span().start, "`until` is a date such as 2027-03-01");
                }
                until
            }
        };
        let kind = get("kind").and_then(|value| self.text(value));
        if self.errors.len() > errors {
            return None;
        }
        let line = self.lines.line_column(self.text, start as u32).line;
        Some(WaiverEntry { rule: rule?, kind, object: object?, until: until?, because: because?, by: by?, line })
    }

    fn setting(&mut self, value: &Value<'_>) -> Option<Setting> {
        match value.get_ref() {
            DeValue::Array(items) => {
                let items: Vec<String> = items.iter().filter_map(|item| self.scalar(item)).collect();
                Some(Setting::Many(items))
            }
            _ => self.scalar(value).map(Setting::One),
        }
    }

    fn scalar(&mut self, value: &Value<'_>) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) => Some(number.to_string()),
            DeValue::Float(number) => Some(number.to_string()),
            DeValue::Boolean(value) => Some(value.to_string()),
            DeValue::Datetime(value) => Some(value.to_string()),
            DeValue::Array(_) | DeValue::Table(_) => {
                self.error(value.span().start, "a single value was expected here");
                None
            }
        }
    }

    fn table<'v, 't>(&mut self, value: &'v Value<'t>) -> Vec<(String, &'v Value<'t>)> {
        match value.get_ref() {
            DeValue::Table(table) => table.iter().map(|(key, value)| (key.get_ref().to_string(), value)).collect(),
            _ => {
                self.error(value.span().start, "a table was expected here");
                Vec::new()
            }
        }
    }

    fn texts(&mut self, value: &Value<'_>) -> Vec<String> {
        match value.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.text(item)).collect(),
            DeValue::String(text) => vec![text.to_string()],
            _ => {
                self.error(value.span().start, "a list of texts was expected here");
                Vec::new()
            }
        }
    }

    fn text(&mut self, value: &Value<'_>) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => {
                self.error(value.span().start, "a text in quotes was expected here");
                None
            }
        }
    }

    fn flag(&mut self, value: &Value<'_>) -> Option<bool> {
        match value.get_ref() {
            DeValue::Boolean(value) => Some(*value),
            _ => {
                self.error(value.span().start, "true or false was expected here");
                None
            }
        }
    }

    fn unknown(&mut self, at: usize, key: &str, known: &[&str]) {
        let help = match nearest(key, known.iter().copied()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => {
                format!("the keys are {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
            }
        };
        self.error(at, format!("unknown key `{key}`: {help}"));
    }

    fn error(&mut self, at: usize, message: impl Into<String>) {
        let at = Some(self.lines.line_column(self.text, at as u32));
        self.errors.push(ConfigError { file: self.file.to_owned(), at, message: message.into() });
    }
}

/// What to say about a word that is no severity.
pub fn not_a_severity(word: &str) -> String {
    format!("`{word}` is no severity: use `info`, `low`, `medium`, `high` or `critical`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, Vec<String>> {
        parse(Path::new("project/tacit.toml"), text)
            .map_err(|errors| errors.into_iter().map(|error| error.to_string()).collect())
    }

    #[test]
    fn every_key_is_read() {
        let config = read(
            r#"
            rules = ["policies"]
            only = ["ENV*"]
            skip = ["secret-in-env"]
            exclude = ["vendor/"]
            fail-on = "high"
            strict = true
            complete = ["SecretStore"]
            namespace = "prod"
            render = true
            baseline = "known.json"
            [std]
            rotation = false
            [severity]
            ENV001 = "low"
            [params]
            max_age = "30d"
            ports = [1, 2]
            [[waive]]
            rule = "ENV001"
            object = "prod/db-*"
            until = 2027-03-01
            because = "SEC-123"
            by = "sam"
            "#,
        )
        .unwrap();
        assert_eq!(config.rules, [Path::new("project/policies")]);
        assert_eq!(config.families, [("rotation".to_owned(), false)]);
        assert_eq!(config.severity, [("ENV001".to_owned(), Severity::Low)]);
        assert_eq!(config.params[1], ("ports".to_owned(), Setting::Many(vec!["1".into(), "2".into()])));
        assert_eq!(config.fail_on, Some(FailOn::Severity(Severity::High)));
        assert_eq!(config.complete, Some(Complete::Kinds(vec!["SecretStore".into()])));
        assert_eq!(config.waivers[0].until, time::parse_time("2027-03-01").unwrap());
    }

    #[test]
    fn a_misspelt_key_gets_the_right_one() {
        let errors = read("exclud = []\nfail-on = \"hi\"\n").unwrap_err();
        assert_eq!(errors[0], "project/tacit.toml:1:1: unknown key `exclud`: did you mean `exclude`?");
        assert!(errors[1].starts_with("project/tacit.toml:2:11: `hi` is no severity"), "{}", errors[1]);
    }

    #[test]
    fn a_waiver_needs_its_parts() {
        let errors = read("[[waive]]\nrule = \"ENV001\"\nobject = \"x\"\n").unwrap_err();
        assert_eq!(errors.len(), 3, "{errors:?}");
        assert!(errors.iter().any(|error| error.contains("lacks `until`")));
    }
}
