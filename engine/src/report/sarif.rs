//! SARIF 2.1.0, for code scanning services.

use std::fmt::{self, Write};

use serde_json::{Map, Value, json};

use super::Format;
use super::model::*;

/// SARIF 2.1.0.
pub struct Sarif;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

impl Format for Sarif {
    fn write(&self, report: &Report, out: &mut dyn Write) -> fmt::Result {
        // Of rules that were not compiled nothing but the name is known.
        let known: Vec<&RuleEntry> = report.rules.iter().filter(|rule| !rule.about.title.is_empty()).collect();
        let rules: Vec<Value> = known.iter().map(|entry| rule(entry)).collect();
        let results: Vec<Value> = report.findings.iter().map(|finding| result(&known, finding)).collect();
        let notifications: Vec<Value> = report.inputs.skipped.iter().map(notification).collect();
        let log = json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": report.tool.name,
                    "semanticVersion": report.tool.version,
                    "rules": rules,
                }},
                "columnKind": "unicodeCodePoints",
                "invocations": [{
                    "executionSuccessful": true,
                    "startTimeUtc": full_time(&report.now),
                    "toolExecutionNotifications": notifications,
                }],
                "results": results,
                "properties": { "undecided": report.undecided },
            }],
        });
        let text = serde_json::to_string_pretty(&log).map_err(|_| fmt::Error)?;
        writeln!(out, "{text}")
    }
}

/// The instant with its time, which a date alone leaves out.
fn full_time(now: &str) -> String {
    if now.contains('T') { now.to_owned() } else { format!("{now}T00:00:00Z") }
}

fn rule(rule: &RuleEntry) -> Value {
    let about = &rule.about;
    let mut tags: Vec<String> = about.tags.iter().map(ToString::to_string).collect();
    tags.extend(
        about
            .controls
            .iter()
            .flat_map(|(framework, items)| items.iter().map(move |item| format!("{framework}:{item}"))),
    );
    tags.insert(0, "security".to_owned());
    let mut value = json!({
        "id": rule.id,
        "name": rule.name,
        "shortDescription": { "text": about.title },
        "defaultConfiguration": { "level": level(about.severity) },
        "properties": { "tags": tags, "security-severity": score(about.severity), "precision": "high" },
    });
    if !about.doc.is_empty() {
        value["fullDescription"] = json!({ "text": about.doc });
    }
    if !about.remedy.is_empty() {
        value["help"] = json!({ "text": about.remedy });
    }
    if let Some(address) = about.docs.first() {
        value["helpUri"] = json!(address);
    }
    value
}

fn result(rules: &[&RuleEntry], finding: &FindingEntry) -> Value {
    let object = finding.object.title();
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": format!("{object}: {}", finding.message) },
        "locations": [{
            "physicalLocation": physical(&finding.location, finding.excerpt.as_ref().map(|excerpt| &*excerpt.text)),
            "logicalLocations": [{ "fullyQualifiedName": format!("{object} {}", finding.path), "kind": "object" }],
        }],
        "partialFingerprints": { "tacit/v1": finding.fingerprint },
        "properties": { "severity": finding.severity },
    });
    if let Some(index) = rules.iter().position(|rule| rule.id == finding.rule) {
        result["ruleIndex"] = json!(index);
    }
    if !finding.related.is_empty() {
        let related = finding.related.iter().enumerate().map(|(id, related)| {
            json!({
                "id": id,
                "message": { "text": format!("{}: {}", related.object.title(), related.message) },
                "physicalLocation": physical(&related.location, None),
            })
        });
        result["relatedLocations"] = related.collect();
    }
    if let Some(waived) = &finding.waived {
        let mut suppression = Map::new();
        let inline = matches!(waived.source, "annotation" | "comment");
        suppression.insert("kind".into(), json!(if inline { "inSource" } else { "external" }));
        suppression.insert("justification".into(), json!(waived.because));
        result["suppressions"] = json!([suppression]);
    }
    result
}

fn physical(at: &LocationEntry, snippet: Option<&str>) -> Value {
    let mut region = json!({
        "startLine": at.line,
        "startColumn": at.column,
        "endLine": at.end_line,
        "endColumn": at.end_column,
    });
    if let Some(text) = snippet {
        region["snippet"] = json!({ "text": text });
    }
    json!({ "artifactLocation": { "uri": uri(&at.file) }, "region": region })
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    // A stream has no file. Readers take `-` for one of this name.
    let path = if path == "-" { "stdin" } else { path };
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte as char),
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

fn notification(skipped: &SkippedEntry) -> Value {
    json!({
        "level": "error",
        "message": { "text": format!("not read: {}", skipped.reason) },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(&skipped.file) } } }],
    })
}

fn level(severity: &str) -> &'static str {
    match severity {
        "critical" | "high" => "error",
        "medium" => "warning",
        _ => "note",
    }
}

/// The scale on which code scanning services sort security findings.
fn score(severity: &str) -> &'static str {
    match severity {
        "critical" => "9.5",
        "high" => "8.0",
        "medium" => "5.5",
        "low" => "3.0",
        _ => "1.0",
    }
}
