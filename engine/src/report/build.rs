//! From what a run came to, to the report: exceptions and the baseline applied, messages cleaned, excerpts redacted.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tacit_lang::ast::Severity;
use tacit_lang::ir::Rule;
use tacit_lang::span::Span;

use crate::baseline::Baseline;
use crate::document::{Document, LoadOptions, Node, NodePath, SourceText, Step, TreeBuilder};
use crate::object::{Precision, Rendered};
use crate::redact::Masks;
use crate::run::Outcome;
use crate::select::Pattern;
use crate::source::input::load;
use crate::time::{self, DAY};
use crate::verdict::{ObjectRef, Place, Undecided};
use crate::waiver::{self, Waiver};

use super::fingerprint;
use super::model::*;

/// What a report needs besides what a run came to.
pub struct Settings<'s> {
    /// The instant of the run.
    pub now: i64,
    /// Exceptions of rule files and the project.
    pub waivers: Vec<Waiver>,
    /// Known findings.
    pub baseline: Option<&'s Baseline>,
    /// Severities that replace those of rules; of several the last counts.
    pub severity: Vec<(Pattern, Severity)>,
    /// Rules that were not run: they met no object, or did not compile.
    pub idle: Vec<RuleEntry>,
    /// What else to tell.
    pub notes: Vec<String>,
    /// Take excerpts of the source.
    pub excerpts: bool,
}

/// What to tell of files that are JSON by their names alone.
fn other_json(files: &[Arc<str>]) -> Option<String> {
    match files {
        [] => None,
        [one] => Some(format!("{one} is not JSON, and mentions no object of Kubernetes: it was left out")),
        [first, rest @ ..] => {
            let more = rest.len();
            Some(format!(
                "{first} and {more} more are not JSON, and mention no object of Kubernetes: they were left out"
            ))
        }
    }
}

/// Makes the report. `rules` are those of the program that ran, in its order.
pub fn build(mut outcome: Outcome, rules: &[Arc<Rule>], settings: Settings<'_>) -> Report {
    outcome.sort();
    let mut notes = settings.notes;
    notes.append(&mut outcome.inline.problems);
    notes.extend(other_json(&outcome.other_json));
    let mut waivers = settings.waivers;
    waivers.append(&mut outcome.inline.waivers);
    let ran = |pattern: &Pattern| rules.iter().any(|rule| pattern.matches_rule(rule));
    let applied = waiver::apply(waivers, &outcome.verdicts.findings, settings.now, &ran);
    notes.extend(applied.notes);

    let runs = outcome.verdicts.rules.iter().map(|run| run.objects).chain(std::iter::repeat(0));
    let mut entries: Vec<RuleEntry> = rules.iter().zip(runs).map(|(rule, objects)| rule_entry(rule, objects)).collect();
    for entry in settings.idle {
        if !entries.iter().any(|known| known.id == entry.id) {
            entries.push(entry);
        }
    }
    entries.sort_by(|a, b| a.id.cmp(&b.id));

    let mut sources = Sources::default();
    let mut times: HashMap<String, usize> = HashMap::new();
    let mut findings = Vec::with_capacity(outcome.verdicts.findings.len());
    let masks = &mut outcome.masks;
    for ((finding, stable), waived) in
        outcome.verdicts.findings.iter().zip(&outcome.stable_paths).zip(applied.of_finding)
    {
        let plain = fingerprint::of(finding, stable);
        let time = times.entry(plain.clone()).or_default();
        let fingerprint = fingerprint::again(&plain, *time);
        *time += 1;
        let in_baseline = settings.baseline.is_some_and(|baseline| baseline.holds(&fingerprint));
        let severity = settings
            .severity
            .iter()
            .rev()
            .find(|(pattern, _)| pattern.matches_rule(&finding.rule))
            .map_or(finding.severity, |(_, severity)| *severity);
        let spot = sources.spot(&finding.place);
        let mask = masks.at(&finding.place.source, finding.place.span.start);
        findings.push(FindingEntry {
            rule: finding.rule.id().clone(),
            name: finding.rule.name.clone(),
            severity: severity.as_str(),
            message: mask.clean(&finding.message),
            remedy: finding.rule.remedy.clone(),
            object: object_entry(&finding.object),
            path: finding.place.path.to_string(),
            location: spot.location(),
            rendered: spot.rendered.clone(),
            cluster: finding.object.cluster.clone(),
            fingerprint,
            related: finding
                .related
                .iter()
                .map(|related| RelatedEntry {
                    message: masks.at(&related.place.source, related.place.span.start).clean(&related.message),
                    object: object_entry(&related.object),
                    location: sources.spot(&related.place).location(),
                })
                .collect(),
            controls: controls(&finding.rule),
            waived: waived.as_deref().map(waived_entry).or_else(|| in_baseline.then(baseline_entry)),
            // A template is no document of which it could be told what may be shown.
            excerpt: (settings.excerpts && matches!(spot.precision, None | Some("node")))
                .then(|| masks.excerpt(&spot.source, spot.span)),
            dotted: finding.place.path.dotted().to_string(),
        });
    }
    if let Some(baseline) = settings.baseline {
        let gone = baseline.gone(findings.iter().map(|finding| &*finding.fingerprint));
        if gone > 0 {
            let (are, them) = if gone == 1 { ("1 finding of the baseline is", "it") } else { ("", "them") };
            let are = if gone == 1 { are.to_owned() } else { format!("{gone} findings of the baseline are") };
            notes.push(format!("{are} gone: write the baseline anew to drop {them}"));
        }
    }
    let undecided: Vec<UndecidedEntry> =
        outcome.verdicts.undecided.iter().map(|verdict| undecided_entry(verdict, &mut sources, masks)).collect();
    let mut summary = Summary { undecided: undecided.len(), ..Summary::default() };
    for finding in &findings {
        match finding.waived {
            Some(_) => summary.waived += 1,
            None => summary.findings.add(finding.severity),
        }
    }
    summary.ran = entries.iter().filter(|rule| rule.status == RuleStatus::Ran).count();
    summary.no_objects = entries.iter().filter(|rule| rule.status == RuleStatus::NoObjects).count();
    notes.sort();
    notes.dedup();
    Report {
        version: VERSION,
        tool: Tool { name: "tacit", version: env!("CARGO_PKG_VERSION") },
        now: time::format_time(settings.now),
        inputs: Inputs {
            files: outcome.files,
            documents: outcome.documents,
            objects: outcome.objects,
            skipped: outcome
                .skipped
                .into_iter()
                .map(|skipped| SkippedEntry { file: skipped.file, reason: skipped.reason })
                .collect(),
        },
        rules: entries,
        summary,
        findings,
        undecided,
        notes,
    }
}

fn undecided_entry(verdict: &Undecided, sources: &mut Sources, masks: &mut Masks) -> UndecidedEntry {
    let mut reason = verdict.reason.clone();
    if let Some(place) = &verdict.place {
        reason = masks.at(&place.source, place.span.start).clean(&reason);
    }
    UndecidedEntry {
        rule: verdict.rule.id().clone(),
        object: verdict.object.as_ref().map(object_entry),
        path: verdict.place.as_ref().map(|place| place.path.to_string()),
        reason,
        need: verdict.need.clone(),
        name: verdict.rule.name.clone(),
        location: verdict.place.as_ref().map(|place| sources.spot(place).location()),
    }
}

/// The entry of a rule that compiled.
pub fn rule_entry(rule: &Rule, objects: usize) -> RuleEntry {
    RuleEntry {
        id: rule.id().clone(),
        name: rule.name.clone(),
        status: if objects > 0 { RuleStatus::Ran } else { RuleStatus::NoObjects },
        objects,
        about: About {
            title: rule.title.clone(),
            doc: rule.doc.clone(),
            severity: rule.severity.as_str(),
            remedy: rule.remedy.clone(),
            docs: rule.docs.clone(),
            tags: rule.tags.clone(),
            controls: controls(rule),
        },
    }
}

fn controls(rule: &Rule) -> BTreeMap<Arc<str>, Vec<Arc<str>>> {
    let mut controls: BTreeMap<Arc<str>, Vec<Arc<str>>> = BTreeMap::new();
    for (framework, item) in &rule.controls {
        controls.entry(framework.clone()).or_default().push(item.clone());
    }
    controls
}

fn object_entry(object: &ObjectRef) -> ObjectEntry {
    ObjectEntry {
        api_version: object.api_version.clone(),
        kind: object.kind.clone(),
        namespace: object.namespace.known().or(object.stray_namespace.as_ref()).cloned(),
        name: object.name.clone(),
    }
}

fn waived_entry(waiver: &Waiver) -> WaivedEntry {
    WaivedEntry {
        source: waiver.source.form.as_str(),
        until: Some(time::format_time(waiver.until - waiver.until.rem_euclid(DAY))),
        because: waiver.because.clone(),
        by: waiver.by.clone(),
    }
}

fn baseline_entry() -> WaivedEntry {
    WaivedEntry {
        source: "baseline",
        until: None,
        because: Arc::from("known since the baseline was written"),
        by: Arc::default(),
    }
}

/// A place as it is shown.
struct Spot {
    source: Arc<SourceText>,
    span: Span,
    precision: Option<&'static str>,
    rendered: Option<RenderedEntry>,
}

impl Spot {
    fn location(&self) -> LocationEntry {
        let start = self.source.line_column(self.span.start);
        // A span can end with line breaks and blanks that nobody means.
        let text = self.source.slice(self.span);
        let end = self.span.start + text.trim_end().len() as u32;
        let end = self.source.line_column(end.max(self.span.start));
        LocationEntry {
            file: self.source.path.clone(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            precision: self.precision,
        }
    }
}

/// The files from which rendered objects were made, read again to find single nodes in them.
#[derive(Default)]
struct Sources {
    documents: HashMap<Arc<str>, Vec<Document>>,
}

impl Sources {
    fn spot(&mut self, place: &Place) -> Spot {
        if place.source.live {
            let precision = Some("object");
            return Spot { source: place.source.clone(), span: Span::at(0), precision, rendered: None };
        }
        let Some(rendered) = &place.rendered else {
            return Spot { source: place.source.clone(), span: place.span, precision: None, rendered: None };
        };
        let line = place.source.line_column(place.span.start).line;
        let entry = Some(RenderedEntry { file: place.source.path.clone(), line });
        let (span, precision) = match rendered.precision {
            Precision::Node => match self.node(rendered, &place.path) {
                Some(span) if same(place.source.slice(place.span), rendered.source.slice(span)) => {
                    (span, Precision::Node)
                }
                _ => (rendered.span, Precision::Document),
            },
            precision => (rendered.span, precision),
        };
        Spot { source: rendered.source.clone(), span, precision: Some(precision.as_str()), rendered: entry }
    }

    /// The node at a path of the object from which another one was rendered.
    fn node(&mut self, rendered: &Rendered, path: &NodePath) -> Option<Span> {
        let source = &rendered.source;
        let documents = self
            .documents
            .entry(source.path.clone())
            .or_insert_with(|| load(&mut TreeBuilder::new(), source, &LoadOptions::default(), &|_, _| true).documents);
        let document = documents.iter().find(|document| document.span.contains(rendered.span))?;
        let mut node: Node<'_> = document.root();
        for step in &path.steps {
            node = match step {
                Step::Key(key) => node.get(key)?,
                Step::Index(index) => node.item(*index as usize)?,
            };
        }
        Some(node.span())
    }
}

/// True unless two scalars on one line each differ: then the value was put there by a patch.
fn same(output: &str, source: &str) -> bool {
    let plain = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
    output.contains('\n') || source.contains('\n') || plain(output) == plain(source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::Case;

    #[test]
    fn an_object_is_named_as_its_manifest_names_it() {
        let verdicts = Case::new(
            r#"
rule any-role low "t"
  for r in ClusterRole | Role
  deny at r.metadata.name "m"
"#,
        )
        .given(
            "
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: { name: stray, namespace: shop }
            rules: []
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: { name: plain }
            rules: []
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: { name: own, namespace: shop }
            rules: []
            ",
        )
        .verdicts();
        let mut titles: Vec<String> =
            verdicts.findings.iter().map(|found| object_entry(&found.object).title()).collect();
        titles.sort();
        assert_eq!(titles, ["ClusterRole plain", "ClusterRole shop/stray", "Role shop/own"]);
    }
}
