//! `tacit fix`: the edits of rules, shown first and made when the user agrees.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, BufRead, IsTerminal, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use tacit_engine::config::{not_a_severity, plain};
use tacit_engine::document::decode;
use tacit_engine::edit::{Hunk, Mended, MendedFile, Mender, Overlay, hunks, mend};
use tacit_engine::report::text::counted;
use tacit_engine::run::{self, Outcome};
use tacit_engine::source::Input;
use tacit_engine::verdict::Finding;
use tacit_engine::waiver;
use tacit_lang::ast::Severity;

use crate::args::{CheckArgs, FixArgs, VerdictArgs};
use crate::evaluation::{Ready, options};
use crate::library::Library;
use crate::project::{Check, Rules};
use crate::status::Status;
use crate::{diagnostics, terminal};

/// Mends what can be mended.
pub fn run(args: &FixArgs) -> Result<Status, String> {
    if args.paths.iter().any(|path| path.as_os_str() == "-") && !args.dry_run {
        return Err("the standard input cannot be written: name files, or pass --dry-run".to_owned());
    }
    let least = match &args.min_severity {
        Some(word) => Severity::parse(word).ok_or_else(|| format!("--min-severity: {}", not_a_severity(word)))?,
        None => Severity::Info,
    };
    let rules = Rules::read(&args.rules)?;
    let check = Check::read(&check_args(args), &rules.config)?;
    let library = Library::load(&rules)?;
    let input = Input::find(&check.walk, check.namespace.clone())?;
    run::check_complete(&check.complete, &input.schemas)?;
    let ready = ready(&rules, &check, &library, &input);
    let waivers: Vec<_> =
        waiver::of_items(&ready.compiled.program.waivers, &ready.compiled.schemas, &|module, span| {
            library.line(module, span)
        })
        .into_iter()
        .chain(check.terms.waivers.iter().cloned().map(Ok))
        .collect::<Result<_, _>>()?;
    let severity = |finding: &Finding| {
        let set = check.terms.severity.iter().rev().find(|(pattern, _)| pattern.matches_rule(&finding.rule));
        set.map_or(finding.severity, |(_, severity)| *severity)
    };
    let unread = std::cell::Cell::new(0);
    let evaluate = |overlay: &Overlay| {
        let input = Input::find_with(&check.walk, check.namespace.clone(), &|file| overlay.get(&file.shown).cloned())?;
        let mut outcome = run::run(&input, &[], &ready.evaluator, &ready.options, &());
        outcome.sort();
        unread.set(outcome.skipped.len());
        Ok(outcome)
    };
    let wanted = |outcome: &mut Outcome| {
        let mut all = waivers.clone();
        all.append(&mut outcome.inline.waivers);
        let applied = waiver::apply(all, &outcome.verdicts.findings, check.terms.now, &|_| true);
        let findings = outcome.verdicts.findings.iter().zip(applied.of_finding);
        findings.map(|(finding, waived)| waived.is_none() && severity(finding) >= least).collect()
    };
    let mended = mend(&Mender { evaluate: &evaluate, wanted: &wanted, unsafe_too: args.unsafe_too })?;

    let color = terminal::color(args.color);
    for (problem, module) in &ready.compiled.errors {
        eprint!("{}", diagnostics::render(problem, &library.shown(*module), library.text(*module), color));
    }
    for problem in &ready.problems {
        eprintln!("tacit: {problem}");
    }
    let shows_text = args.format == "text";
    if shows_text {
        terminal::print(&diff(&mended.files, color))?;
    }
    let write = !mended.files.is_empty() && !args.dry_run && (args.yes || (shows_text && ask(&mended)?));
    let failures = if write { write_files(&mended.files, &input) } else { Vec::new() };
    for failure in &failures {
        eprintln!("tacit: {failure}");
    }
    let written = write && failures.is_empty();
    match shows_text {
        true => terminal::print(&summary(&mended, written, unread.get(), args))?,
        false => terminal::print(&as_json(&mended, written)?)?,
    }
    let pending = (!mended.files.is_empty() && !written) || !mended.refused.is_empty();
    Ok(if !ready.compiled.errors.is_empty() || !ready.problems.is_empty() {
        Status::Usage
    } else if !failures.is_empty() || unread.get() > 0 {
        Status::Unread
    } else if pending {
        Status::Findings
    } else {
        Status::Clean
    })
}

fn check_args(args: &FixArgs) -> CheckArgs {
    CheckArgs {
        paths: args.paths.clone(),
        rules: args.rules.clone(),
        verdicts: VerdictArgs { now: args.now.clone(), ..VerdictArgs::default() },
        input: args.input.clone(),
        ..CheckArgs::default()
    }
}

fn ready(rules: &Rules, check: &Check, library: &Library, input: &Input) -> Ready {
    let make = |mentions| Ready::new(rules, check, library, input, mentions, options(check, None, false));
    let ready = make(Some(&input.mentions));
    let outcome = run::run(input, &[], &ready.evaluator, &ready.options, &());
    if ready.missed(&outcome, input) { make(None) } else { ready }
}

/// The changes, secret material and comments hidden.
fn diff(files: &[MendedFile], color: bool) -> String {
    let paint = |code: &str, text: &str| {
        if color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    };
    let mut out = String::new();
    for file in files {
        let _ = writeln!(out, "{}", paint("1", &format!("--- {}", file.old.path)));
        let _ = writeln!(out, "{}", paint("1", &format!("+++ {}", file.new.path)));
        for Hunk { old_line, old_lines, new_line, new_lines, lines } in hunks(&file.old, &file.new) {
            let head = format!("@@ -{old_line},{old_lines} +{new_line},{new_lines} @@");
            let _ = writeln!(out, "{}", paint("36", &head));
            for line in lines {
                let text = format!("{}{}", line.sign, line.text);
                let text = match line.sign {
                    '-' => paint("31", &text),
                    '+' => paint("32", &text),
                    _ => text,
                };
                let _ = writeln!(out, "{text}");
            }
        }
    }
    out
}

/// Asks on a terminal; elsewhere the answer is no.
fn ask(mended: &Mended) -> Result<bool, String> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Ok(false);
    }
    eprint!("make these changes to {}? [y/N] ", counted(mended.files.len(), "file"));
    let _ = io::stderr().flush();
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|error| format!("the standard input: {}", plain(&error)))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Writes the files; gives what went wrong.
fn write_files(files: &[MendedFile], input: &Input) -> Vec<String> {
    let paths: HashMap<&Arc<str>, &PathBuf> =
        input.files.iter().map(|file| (&file.found.shown, &file.found.path)).collect();
    let mut failures = Vec::new();
    for file in files {
        let shown = &file.old.path;
        let Some(path) = paths.get(shown) else {
            failures.push(format!("{shown}: the file is no longer there"));
            continue;
        };
        let done = std::fs::read(path).map_err(|error| plain(&error)).and_then(|bytes| {
            if bytes != file.old.text.as_bytes() {
                let same = decode(bytes).is_ok_and(|text| *text == *file.old.text);
                let reason = if same { "it is UTF-16: save it as UTF-8" } else { "it changed meanwhile: run again" };
                return Err(reason.to_owned());
            }
            std::fs::write(path, file.new.text.as_bytes()).map_err(|error| plain(&error))
        });
        if let Err(reason) = done {
            failures.push(format!("{shown} is not written: {reason}"));
        }
    }
    failures
}

/// Rule, object and field of a finding.
fn title(finding: &Finding) -> String {
    let object = &finding.object;
    let namespace = object.namespace.known().map(|name| format!("{name}/")).unwrap_or_default();
    let path = finding.place.path.dotted();
    format!("{} {}: {} {namespace}{} {path}", finding.rule.id(), object.path, object.kind, object.name)
}

fn summary(mended: &Mended, written: bool, unread: usize, args: &FixArgs) -> String {
    let mut out = String::new();
    let (findings, files) = (counted(mended.fixed.len(), "finding"), counted(mended.files.len(), "file"));
    for refused in &mended.refused {
        let _ = writeln!(out, "not fixed: {}: {}", title(&refused.finding).trim_end(), refused.reason);
    }
    for finding in &mended.brought {
        let _ = writeln!(out, "found after the changes: {}", title(finding).trim_end());
    }
    match (mended.files.is_empty(), written) {
        (true, _) => out.push_str("nothing to fix\n"),
        (false, true) => _ = writeln!(out, "fixed {findings} in {files}"),
        (false, false) => {
            let how = if args.dry_run { "" } else { "; nothing was written: --yes makes the changes" };
            let _ = writeln!(out, "{findings} in {files} can be fixed{how}");
        }
    }
    if !mended.held_back.is_empty() {
        let held = counted(mended.held_back.len(), "more finding");
        let _ = writeln!(out, "{held} can be fixed in a way that can alter what works today: see --unsafe");
    }
    if unread > 0 {
        let _ = writeln!(out, "{} not read: `tacit check` lists what", counted(unread, "part"));
    }
    out
}

fn as_json(mended: &Mended, written: bool) -> Result<String, String> {
    let finding = |finding: &Finding| {
        json!({
            "rule": finding.rule.id(),
            "file": finding.object.path,
            "object": {
                "apiVersion": finding.object.api_version,
                "kind": finding.object.kind,
                "namespace": finding.object.namespace.known(),
                "name": finding.object.name,
            },
            "path": finding.place.path.to_string(),
        })
    };
    let files = mended.files.iter().map(|file| {
        let hunk = |hunk: &Hunk| {
            let lines: Vec<String> = hunk.lines.iter().map(|line| format!("{}{}", line.sign, line.text)).collect();
            json!({
                "oldLine": hunk.old_line, "oldLines": hunk.old_lines,
                "newLine": hunk.new_line, "newLines": hunk.new_lines,
                "lines": lines,
            })
        };
        json!({ "file": file.old.path, "hunks": hunks(&file.old, &file.new).iter().map(hunk).collect::<Vec<_>>() })
    });
    let refused = mended.refused.iter().map(|refused| {
        let mut entry = finding(&refused.finding);
        entry["reason"] = json!(refused.reason);
        entry
    });
    let report = json!({
        "version": 1,
        "written": written,
        "files": files.collect::<Vec<_>>(),
        "fixed": mended.fixed.iter().map(finding).collect::<Vec<_>>(),
        "refused": refused.collect::<Vec<_>>(),
        "unsafe": mended.held_back.iter().map(finding).collect::<Vec<_>>(),
        "brought": mended.brought.iter().map(finding).collect::<Vec<_>>(),
        "left": mended.left,
    });
    serde_json::to_string_pretty(&report).map(|text| text + "\n").map_err(|error| error.to_string())
}
