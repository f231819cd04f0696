//! `tacit fix`: the edits of findings made in memory, held against the rules again, pass after pass, until nothing is left
//! that can be mended. A finding whose edits do not make it go is left as it was.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Change, Editor, Refusal};
use crate::document::{NodePath, SourceText, Step};
use crate::report::fingerprint;
use crate::run::Outcome;
use crate::verdict::{Edit, EditAction, Finding, ObjectRef};

/// Passes after which mending ends. A pass mends whatever does not touch the same fields.
const PASSES: usize = 20;

/// Times that mending starts anew without the findings that were refused.
const STARTS: usize = 50;

/// Texts that stand for those of files, by the name of the file.
pub type Overlay = HashMap<Arc<str>, Arc<SourceText>>;

/// What mending needs of its caller.
pub struct Mender<'m> {
    /// Runs the rules over the input, with these texts in the place of files. Findings come sorted.
    pub evaluate: &'m dyn Fn(&Overlay) -> Result<Outcome, String>,
    /// Which of the findings are to be mended: those that are selected, and not waived.
    pub wanted: &'m dyn Fn(&mut Outcome) -> Vec<bool>,
    /// Make edits too that can change what works today.
    pub unsafe_too: bool,
}

/// What came of mending.
#[derive(Debug, Default)]
pub struct Mended {
    /// The files that change, by name.
    pub files: Vec<MendedFile>,
    /// Findings that go, in the order in which they were mended.
    pub fixed: Vec<Finding>,
    /// Findings with edits that are not made.
    pub refused: Vec<Refused>,
    /// Findings left alone because an edit of theirs is not safe.
    pub held_back: Vec<Finding>,
    /// Findings that were not there before.
    pub brought: Vec<Finding>,
    /// Findings without edits that are left.
    pub left: usize,
}

/// A file that changes.
#[derive(Debug)]
pub struct MendedFile {
    /// The file as it is.
    pub old: Arc<SourceText>,
    /// The file as it would be.
    pub new: Arc<SourceText>,
}

/// A finding that is not mended.
#[derive(Debug)]
pub struct Refused {
    /// The finding.
    pub finding: Finding,
    /// Why; holds nothing of the text.
    pub reason: String,
}

/// Mends what can be mended.
pub fn mend(mender: &Mender<'_>) -> Result<Mended, String> {
    let mut refused: BTreeMap<Key, Refused> = BTreeMap::new();
    for _ in 0..STARTS {
        if let Some(mut mended) = attempt(mender, &mut refused)? {
            mended.refused = refused.into_values().collect();
            return Ok(mended);
        }
    }
    Err("the fixes undo each other: run them one by one with --only".to_owned())
}

/// What tells findings apart: file, document, fingerprint and path.
type Key = (Arc<str>, u32, String, String);

/// Findings of one rule on one object.
type Group = (Arc<str>, Arc<str>, Arc<str>, String, Arc<str>);

fn group(finding: &Finding) -> Group {
    let ObjectRef { kind, name, namespace, path, .. } = &finding.object;
    let namespace = namespace.known().map(|name| name.to_string()).unwrap_or_default();
    (finding.rule.id().clone(), path.clone(), kind.clone(), namespace, name.clone())
}

fn groups(outcome: &Outcome) -> BTreeMap<Group, usize> {
    let mut groups = BTreeMap::new();
    for finding in &outcome.verdicts.findings {
        *groups.entry(group(finding)).or_default() += 1;
    }
    groups
}

fn key(finding: &Finding, stable: &str) -> Key {
    let document = finding.edits.first().map_or(0, |edit| edit.document);
    let path = finding.place.path.to_string();
    (finding.object.path.clone(), document, fingerprint::of(finding, stable), path)
}

/// Mends all but what is refused. Nothing where something had to be refused on the way: then it is for the next attempt.
fn attempt(mender: &Mender<'_>, refused: &mut BTreeMap<Key, Refused>) -> Result<Option<Mended>, String> {
    let mut mended = Mended::default();
    let mut editors: BTreeMap<Arc<str>, (Arc<SourceText>, Editor)> = BTreeMap::new();
    let mut outcome = (mender.evaluate)(&Overlay::new())?;
    let first = groups(&outcome);
    for pass in 0..PASSES {
        let wanted = (mender.wanted)(&mut outcome);
        let findings = outcome.verdicts.findings.iter().zip(&outcome.stable_paths);
        let keys: Vec<Key> = findings.map(|(finding, stable)| key(finding, stable)).collect();
        let before = groups(&outcome);
        let mut touched: Vec<Touched> = Vec::new();
        let mut applied: Vec<(usize, Group)> = Vec::new();
        mended.left = 0;
        for (at, finding) in outcome.verdicts.findings.iter().enumerate() {
            if !wanted.get(at).copied().unwrap_or(false) {
                continue;
            }
            if finding.edits.is_empty() {
                mended.left += 1;
                continue;
            }
            if refused.contains_key(&keys[at]) {
                continue;
            }
            if !mender.unsafe_too && finding.edits.iter().any(|edit| !edit.safe) {
                if pass == 0 {
                    mended.held_back.push(finding.clone());
                }
                continue;
            }
            match touch(finding, &mut touched) {
                Touch::Free => {}
                Touch::Same => {
                    applied.push((at, group(finding)));
                    continue;
                }
                Touch::Later => continue,
            }
            match make(finding, &mut editors) {
                Ok(()) => applied.push((at, group(finding))),
                Err(Refusal(reason)) => {
                    refused.insert(keys[at].clone(), Refused { finding: finding.clone(), reason });
                }
            }
        }
        if applied.is_empty() {
            break;
        }
        let overlay = editors
            .values()
            .map(|(source, editor)| (source.path.clone(), SourceText::new(source.path.clone(), editor.text())));
        let next = (mender.evaluate)(&overlay.collect())?;
        let after = groups(&next);
        let mut stays = false;
        for (at, group) in &applied {
            let made = applied.iter().filter(|(_, other)| other == group).count();
            let (was, is) = (before.get(group).copied().unwrap_or(0), after.get(group).copied().unwrap_or(0));
            if is > was.saturating_sub(made) {
                stays = true;
                let finding = outcome.verdicts.findings[*at].clone();
                let reason = "the finding would remain after the edit".to_owned();
                refused.insert(keys[*at].clone(), Refused { finding, reason });
            }
        }
        if stays {
            return Ok(None);
        }
        mended.fixed.extend(applied.iter().map(|(at, _)| outcome.verdicts.findings[*at].clone()));
        outcome = next;
    }
    let mut known = first;
    for finding in &outcome.verdicts.findings {
        match known.get_mut(&group(finding)) {
            Some(count) if *count > 0 => *count -= 1,
            _ => mended.brought.push(finding.clone()),
        }
    }
    let files = editors.into_values().filter_map(|(old, editor)| {
        let text = editor.text();
        (*text != *old.text).then(|| MendedFile { new: SourceText::new(old.path.clone(), text), old })
    });
    mended.files = files.collect();
    Ok(Some(mended))
}

/// A field that a pass has changed.
struct Touched {
    file: Arc<str>,
    change: Change,
}

enum Touch {
    /// Nobody touched any of its fields.
    Free,
    /// Another finding has asked for the very same.
    Same,
    /// Something close was changed: the next pass sees what is left.
    Later,
}

fn touch(finding: &Finding, touched: &mut Vec<Touched>) -> Touch {
    let new: Vec<Touched> = finding
        .edits
        .iter()
        .map(|edit| Touched { file: edit.place.source.path.clone(), change: edit.change() })
        .collect();
    let known = |new: &Touched| touched.iter().any(|old| old.file == new.file && old.change == new.change);
    if new.iter().all(known) {
        return Touch::Same;
    }
    if new.iter().any(|new| touched.iter().any(|old| old.file == new.file && collide(&old.change, &new.change))) {
        return Touch::Later;
    }
    touched.extend(new);
    Touch::Free
}

/// True where one change can alter what the path of the other means.
fn collide(old: &Change, new: &Change) -> bool {
    fn reach(change: &Change) -> NodePath {
        // What stands behind a removed item moves up.
        let mut path = change.path.clone();
        if change.action == EditAction::Remove && matches!(path.steps.last(), Some(Step::Index(_))) {
            path.steps.pop();
        }
        path
    }
    let (a, b) = (reach(old), reach(new));
    old.document == new.document && (a.steps.starts_with(&b.steps) || b.steps.starts_with(&a.steps))
}

/// Makes all edits of a finding or none.
fn make(finding: &Finding, editors: &mut BTreeMap<Arc<str>, (Arc<SourceText>, Editor)>) -> Result<(), Refusal> {
    let mut of_file: BTreeMap<Arc<str>, (&Edit, Vec<Change>)> = BTreeMap::new();
    for edit in &finding.edits {
        if let Some(reason) = edit.blocked {
            return Err(Refusal::new(reason));
        }
        of_file.entry(edit.place.source.path.clone()).or_insert((edit, Vec::new())).1.push(edit.change());
    }
    let mut done = Vec::new();
    for (file, (edit, changes)) in of_file {
        let (source, mut editor) = match editors.get(&file) {
            Some((source, editor)) => (source.clone(), editor.clone()),
            None => (edit.place.source.clone(), Editor::new(&edit.place.source)),
        };
        editor.change(&changes)?;
        done.push((file, source, editor));
    }
    for (file, source, editor) in done {
        editors.insert(file, (source, editor));
    }
    Ok(())
}
