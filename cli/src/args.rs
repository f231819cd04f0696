//! What can be said on the command line. One struct for each command; its help is its documentation.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Checks how a Kubernetes estate keeps its secrets.
#[derive(Debug, Parser)]
#[command(name = "tacit", version, max_term_width = 100, arg_required_else_help = true, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check manifests: files, directories, or `-` for the standard input
    #[command(after_help = EXIT_STATUS, args_override_self = true)]
    Check(Box<CheckArgs>),
    /// Mend what rules can mend: shows the changes, and makes them when told to
    #[command(after_help = FIX_STATUS, args_override_self = true)]
    Fix(FixArgs),
    /// Audit live clusters
    #[command(after_help = EXIT_STATUS, args_override_self = true)]
    Audit(Box<AuditArgs>),
    /// Run the tests of rules
    Test(TestArgs),
    /// Compile rules into something else
    Compile(CompileArgs),
    /// Tell who may do something in a live cluster, with the path of proof
    WhoCan(WhoCanArgs),
    /// Format rule files
    Fmt(FmtArgs),
    /// Look for problems in rule files
    Lint(LintArgs),
    /// Explain a rule or a diagnostic in full
    Explain(ExplainArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Start a project or a pack of rules
    Init(InitArgs),
    /// Serve an editor: the language server, on the standard streams
    Lsp,
    /// Write completions for a shell
    Completions(CompletionsArgs),
}

const EXIT_STATUS: &str = "\
Exit status, the first that applies:
  2  usage, configuration or rule errors, or nothing was evaluated
  3  input that could not be read (what was read is reported)
  1  findings at or above --fail-on; under --strict, undecided verdicts
  0  otherwise";

const FIX_STATUS: &str = "\
On a terminal the changes are shown and asked for; elsewhere nothing is written without --yes.

Exit status, the first that applies:
  2  usage, configuration or rule errors
  3  input that could not be read or written
  1  changes that were not made, or not possible
  0  otherwise";

/// Which rules run. Common to the commands that run rules.
#[derive(Clone, Debug, Default, Args)]
pub struct RuleArgs {
    /// Add rules: a file or a directory (repeatable)
    #[arg(long, value_name = "PATH", help_heading = "Rules")]
    pub rules: Vec<PathBuf>,
    /// Leave the rules of the standard library out; its vocabulary stays
    #[arg(long, help_heading = "Rules")]
    pub no_std: bool,
    /// Run only these: ids, names, families, tags, frameworks, globs (comma-separated, repeatable)
    #[arg(long, value_name = "PATTERN", help_heading = "Rules")]
    pub only: Vec<String>,
    /// Leave these out, in the same way
    #[arg(long, value_name = "PATTERN", help_heading = "Rules")]
    pub skip: Vec<String>,
    /// Set a param of the rules (repeatable)
    #[arg(long, value_name = "PARAM=VALUE", help_heading = "Rules")]
    pub set: Vec<String>,
    /// Read this project file instead of the nearest tacit.toml
    #[arg(long, value_name = "FILE", help_heading = "Rules", conflicts_with = "no_config")]
    pub config: Option<PathBuf>,
    /// Read no tacit.toml
    #[arg(long, help_heading = "Rules")]
    pub no_config: bool,
}

/// What of the files counts. Common to `check` and `fix`.
#[derive(Clone, Debug, Default, Args)]
pub struct InputArgs {
    /// Leave files out: a glob as in .gitignore (repeatable)
    #[arg(long, value_name = "GLOB", help_heading = "Input")]
    pub exclude: Vec<String>,
    /// The input is the whole inventory, of all kinds or of these (comma-separated)
    #[arg(long, value_name = "KINDS", num_args = 0..=1, require_equals = true, default_missing_value = "*", value_delimiter = ',', help_heading = "Input")]
    pub complete: Vec<String>,
    /// Namespace of manifests that state none
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub namespace: Option<String>,
}

#[derive(Clone, Debug, Default, Args)]
pub struct CheckArgs {
    /// Files, directories, or `-` for the standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArgs,
    #[command(flatten)]
    pub verdicts: VerdictArgs,
    #[command(flatten)]
    pub input: InputArgs,
    /// Render charts and kustomizations with the installed helm, kustomize or kubectl
    #[arg(long, help_heading = "Input")]
    pub render: bool,
    /// Check again whenever a file changes
    #[arg(long, help_heading = "Input")]
    pub watch: bool,
    #[command(flatten)]
    pub report: ReportArgs,
}

/// What becomes of verdicts. Common to `check` and `audit`.
#[derive(Clone, Debug, Default, Args)]
pub struct VerdictArgs {
    /// Replace the severity of rules (repeatable)
    #[arg(long, value_name = "RULE=LEVEL", help_heading = "Verdicts")]
    pub severity: Vec<String>,
    /// Fail from this severity on: info, low, medium, high, critical, or never [default: medium]
    #[arg(long, value_name = "LEVEL", help_heading = "Verdicts")]
    pub fail_on: Option<String>,
    /// Let undecided verdicts fail
    #[arg(long, help_heading = "Verdicts")]
    pub strict: bool,
    /// Take this as the instant of the run: 2027-03-01, or an RFC 3339 time
    #[arg(long, value_name = "TIME", help_heading = "Verdicts")]
    pub now: Option<String>,
    /// Except a rule: `RULE [for OBJECT] until DATE: reason` (repeatable)
    #[arg(long, value_name = "WAIVER", help_heading = "Verdicts")]
    pub waive: Vec<String>,
    /// Known findings: only new ones fail
    #[arg(long, value_name = "FILE", help_heading = "Verdicts")]
    pub baseline: Option<PathBuf>,
    /// Write the findings of this run as a baseline
    #[arg(long, value_name = "FILE", help_heading = "Verdicts")]
    pub write_baseline: Option<PathBuf>,
}

/// How a run reports. Common to `check` and `audit`.
#[derive(Clone, Debug, Default, Args)]
pub struct ReportArgs {
    /// Format of the report (repeatable)
    #[arg(long, value_name = "FORMAT", help_heading = "Report", value_parser = clap::builder::PossibleValuesParser::new(tacit_engine::report::FORMATS))]
    pub format: Vec<String>,
    /// Where the report of the --format before it goes, instead of the standard output
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    pub output: Vec<PathBuf>,
    /// Formats, each with its file, in the order of the command line.
    #[arg(skip)]
    pub reports: Vec<(String, Option<PathBuf>)>,
    /// Report by the controls of a framework: cis, iso, nist, nsa, pci, soc2 (as text, json or markdown)
    #[arg(long, value_name = "NAME", help_heading = "Report", value_parser = clap::builder::PossibleValuesParser::new(tacit_stdlib::FRAMEWORKS.map(|(name, _)| name)))]
    pub framework: Option<String>,
    /// List every undecided verdict and every rule that met no object
    #[arg(long, short, help_heading = "Report")]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, help_heading = "Report")]
    pub color: Color,
    /// Tell, for one rule, what each clause came to on each object
    #[arg(long, value_name = "RULE", help_heading = "Report")]
    pub explain: Option<String>,
    /// Tell on the standard error where the time went
    #[arg(long, help_heading = "Report")]
    pub timings: bool,
}

#[derive(Clone, Debug, Default, Args)]
pub struct FixArgs {
    /// Files and directories
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Make the changes without asking
    #[arg(long, short, conflicts_with = "dry_run")]
    pub yes: bool,
    /// Only show the changes
    #[arg(long, alias = "diff")]
    pub dry_run: bool,
    /// Make changes too that can alter what works today
    #[arg(long = "unsafe")]
    pub unsafe_too: bool,
    /// Mend findings from this severity on: info, low, medium, high, critical
    #[arg(long, value_name = "LEVEL")]
    pub min_severity: Option<String>,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Take this as the instant of the run: 2027-03-01, or an RFC 3339 time
    #[arg(long, value_name = "TIME", help_heading = "Verdicts")]
    pub now: Option<String>,
    #[command(flatten)]
    pub input: InputArgs,
    /// `text` or `json`
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"], help_heading = "Report")]
    pub format: String,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, help_heading = "Report")]
    pub color: Color,
}

/// Which clusters are asked, and as whom.
#[derive(Clone, Debug, Default, Args)]
pub struct ClusterArgs {
    /// The kubeconfig; without it, KUBECONFIG, ~/.kube/config, or the account of the pod
    #[arg(long, value_name = "FILE", help_heading = "Clusters")]
    pub kubeconfig: Option<PathBuf>,
    /// A context of the kubeconfig instead of the current one (repeatable)
    #[arg(long, value_name = "NAME", help_heading = "Clusters")]
    pub context: Vec<String>,
    /// Every context of the kubeconfig
    #[arg(long, help_heading = "Clusters", conflicts_with = "context")]
    pub all_contexts: bool,
    /// Act as this user
    #[arg(long = "as", value_name = "USER", help_heading = "Clusters")]
    pub as_user: Option<String>,
    /// Act as a member of this group (repeatable)
    #[arg(long = "as-group", value_name = "GROUP", help_heading = "Clusters", requires = "as_user")]
    pub as_group: Vec<String>,
}

#[derive(Clone, Debug, Default, Args)]
pub struct AuditArgs {
    #[command(flatten)]
    pub clusters: ClusterArgs,
    /// Ask for the objects of this namespace only (repeatable); objects outside namespaces are asked for in any case
    #[arg(long, short, value_name = "NAME", help_heading = "Clusters")]
    pub namespace: Vec<String>,
    /// Read the values of Secrets, where a rule looks at them
    #[arg(long, help_heading = "Clusters")]
    pub read_secret_data: bool,
    /// Remember in this file what Secrets are like, as keyed fingerprints, to tell their age in later runs
    #[arg(long, value_name = "FILE", help_heading = "Clusters")]
    pub history: Option<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArgs,
    #[command(flatten)]
    pub verdicts: VerdictArgs,
    #[command(flatten)]
    pub report: ReportArgs,
}

#[derive(Debug, Args)]
pub struct CompileArgs {
    /// Into what: `rbac`, the least ClusterRole for an audit with the selected rules
    #[arg(long, value_name = "TARGET", value_parser = ["rbac"])]
    pub to: String,
    /// Name of the role
    #[arg(long, value_name = "NAME", default_value = "tacit-audit")]
    pub name: String,
    /// The audit is to read the values of Secrets
    #[arg(long)]
    pub read_secret_data: bool,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub color: Color,
}

#[derive(Debug, Args)]
pub struct WhoCanArgs {
    /// The verb: get, list, watch, create, update, patch, delete, bind, …
    pub verb: String,
    /// The resource: secrets, pods/exec, deployments.apps
    pub resource: String,
    /// The object; without it, also those are named who may do so for certain names only
    pub name: Option<String>,
    /// In this namespace; without it, in any and in the whole cluster
    #[arg(long, short, value_name = "NAME")]
    pub namespace: Option<String>,
    #[command(flatten)]
    pub clusters: ClusterArgs,
    /// `text` or `json`
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"])]
    pub format: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Args)]
pub struct TestArgs {
    /// Rule files and directories; without any, those of the project
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// List the clauses that no test reached, or decided one way only
    #[arg(long)]
    pub coverage: bool,
    /// Run the tests of the standard library too
    #[arg(long)]
    pub std: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub color: Color,
}

#[derive(Debug, Args)]
pub struct FmtArgs {
    /// Rule files and directories, or `-` for the standard input; without any, those of the project
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Change nothing; fail where a file is not formatted
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Args)]
pub struct LintArgs {
    /// Rule files and directories; without any, those of the project
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Let warnings fail
    #[arg(long)]
    pub strict: bool,
    /// `text` or `json`
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"])]
    pub format: String,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub color: Color,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A rule (`ENV001`, `secret-in-env`) or a diagnostic (`T0103`)
    pub id: String,
    #[command(flatten)]
    pub rules: RuleArgs,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub color: Color,
}

#[derive(Debug, Args)]
pub struct RulesArgs {
    #[command(flatten)]
    pub rules: RuleArgs,
    /// List the params instead
    #[arg(long)]
    pub params: bool,
    /// `text`, `json` or `markdown`
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json", "markdown"])]
    pub format: String,
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// Where; the working directory by default
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,
    /// What to start
    #[arg(long, value_enum, default_value_t)]
    pub kind: InitKind,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum InitKind {
    /// A tacit.toml with a first rule and its test
    #[default]
    Project,
    /// A pack of rules for other projects
    Pack,
}

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}
