//! What a run is made of: the project file, with what the command line says on top of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tacit_engine::config::{self, Complete, Config, FailOn, Setting, not_a_severity};
use tacit_engine::select::{self, Pattern, Selection};
use tacit_engine::source::WalkOptions;
use tacit_engine::time::{self, SECOND};
use tacit_engine::waiver::{self, Waiver};
use tacit_lang::ast::Severity;

use crate::args::{CheckArgs, RuleArgs, VerdictArgs};

/// Which rules run, with what values.
#[derive(Debug)]
pub struct Rules {
    /// The project file.
    pub config: Config,
    /// Rule files and directories.
    pub paths: Vec<PathBuf>,
    /// The standard library takes part.
    pub std: bool,
    /// The rules that a run is narrowed to.
    pub selection: Selection,
    /// Values of params; of several the last counts.
    pub params: Vec<(String, Setting)>,
}

impl Rules {
    /// Reads the project file and puts the command line on top of it.
    pub fn read(args: &RuleArgs) -> Result<Rules, String> {
        let file = match (&args.config, args.no_config) {
            (Some(file), _) => Some(file.clone()),
            (None, true) => None,
            (None, false) => std::env::current_dir().ok().and_then(|dir| config::find(&dir)).map(relative),
        };
        let config = match &file {
            Some(file) => config::load(file)
                .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?,
            None => Config::default(),
        };
        let selection = Selection::of_project(&config, &args.only, &args.skip)?;
        let mut params = config.params.clone();
        for set in &args.set {
            let (name, value) = set.split_once('=').ok_or_else(|| format!("--set takes PARAM=VALUE, not `{set}`"))?;
            params.push((name.trim().to_owned(), Setting::One(value.to_owned())));
        }
        Ok(Rules {
            paths: config.rules.iter().chain(&args.rules).cloned().collect(),
            std: !args.no_std && config.std.unwrap_or(true),
            selection,
            params,
            config,
        })
    }
}

/// A path below the working directory is shown as such.
fn relative(file: PathBuf) -> PathBuf {
    let below = std::env::current_dir().ok().and_then(|dir| file.strip_prefix(dir).ok().map(Path::to_owned));
    below.unwrap_or(file)
}

/// How a check goes, besides the rules.
#[derive(Debug)]
pub struct Check {
    /// What is walked.
    pub walk: WalkOptions,
    /// Namespace of manifests that state none.
    pub namespace: Option<Arc<str>>,
    /// Of which kinds the input is the whole inventory.
    pub complete: Complete,
    /// Render charts and kustomizations.
    pub render: bool,
    /// What becomes of verdicts.
    pub terms: Terms,
}

/// What becomes of verdicts.
#[derive(Debug)]
pub struct Terms {
    /// The instant of the run.
    pub now: i64,
    /// When findings fail.
    pub fail_on: FailOn,
    /// Undecided verdicts fail.
    pub strict: bool,
    /// Severities that replace those of rules.
    pub severity: Vec<(Pattern, Severity)>,
    /// Exceptions of the project file and the command line.
    pub waivers: Vec<Waiver>,
    /// File of known findings.
    pub baseline: Option<PathBuf>,
}

impl Terms {
    /// Puts the command line on top of the project file.
    pub fn read(args: &VerdictArgs, config: &Config) -> Result<Terms, String> {
        let fail_on = match &args.fail_on {
            Some(word) => {
                FailOn::parse(word).ok_or_else(|| format!("--fail-on: {}, or `never`", not_a_severity(word)))?
            }
            None => config.fail_on.unwrap_or_default(),
        };
        let now = match &args.now {
            Some(text) => time::parse_time(text)
                .ok_or_else(|| format!("--now: `{text}` is no time: write 2027-03-01 or 2027-03-01T10:00:00Z"))?,
            // Whole seconds: nobody reads more.
            None => now() / SECOND * SECOND,
        };
        Ok(Terms {
            now,
            fail_on,
            strict: args.strict || config.strict.unwrap_or(false),
            severity: severities(args, config)?,
            waivers: waivers(args, config)?,
            baseline: args.baseline.clone().or_else(|| config.baseline.clone()),
        })
    }
}

impl Check {
    /// Puts the command line on top of the project file.
    pub fn read(args: &CheckArgs, config: &Config) -> Result<Check, String> {
        let complete = match args.input.complete.as_slice() {
            [] => config.complete.clone().unwrap_or_default(),
            kinds if kinds.iter().any(|kind| kind == "*") => Complete::Everything,
            kinds => Complete::Kinds(kinds.to_vec()),
        };
        let exclude_root = config.file.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        Ok(Check {
            walk: WalkOptions {
                paths: args.paths.clone(),
                exclude: config.exclude.iter().chain(&args.input.exclude).cloned().collect(),
                exclude_root: if exclude_root.as_os_str().is_empty() {
                    PathBuf::from(".")
                } else {
                    exclude_root.to_owned()
                },
                named_from: PathBuf::new(),
            },
            namespace: args.input.namespace.as_deref().map(Arc::from).or_else(|| config.namespace.clone()),
            complete,
            render: args.render || config.render.unwrap_or(false),
            terms: Terms::read(&args.verdicts, config)?,
        })
    }
}

fn severities(args: &VerdictArgs, config: &Config) -> Result<Vec<(Pattern, Severity)>, String> {
    let mut all = select::severities(config)?;
    for text in &args.severity {
        let (rule, level) = text.split_once('=').ok_or_else(|| format!("--severity takes RULE=LEVEL, not `{text}`"))?;
        let severity = Severity::parse(level).ok_or_else(|| format!("--severity: {}", not_a_severity(level)))?;
        all.push((Pattern::new(rule)?, severity));
    }
    Ok(all)
}

fn waivers(args: &VerdictArgs, config: &Config) -> Result<Vec<Waiver>, String> {
    let file = config.file.as_deref().map(|file| file.display().to_string()).unwrap_or_default();
    let mut all = waiver::of_project(&config.waivers, &file).into_iter().collect::<Result<Vec<_>, _>>()?;
    for text in &args.waive {
        all.push(waiver::of_argument(text).map_err(|problem| format!("--waive: {problem}"))?);
    }
    Ok(all)
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

/// A key that no two runs share: digests of one run cannot be compared with those of another.
pub fn digest_key() -> [u8; 32] {
    use std::hash::{BuildHasher, RandomState};
    let mut key = [0; 32];
    for chunk in key.chunks_mut(8) {
        chunk.copy_from_slice(&RandomState::new().hash_one(0).to_le_bytes());
    }
    key
}
