//! What the metrics of an API server prove about encryption at rest.
//!
//! `apiserver_storage_transformation_operations_total` counts, since the process started, what was written to etcd and
//! read from it, by the prefix that says how it was stored: empty or `identity` for clear text, `k8s:enc:…` for an
//! encryption provider. (Source: observed on Kubernetes 1.36 with each provider; the metric is ALPHA.) At its start the
//! server reads every object into its watch cache, so what it has read tells of everything that lay in etcd then.
//! Counters never fall, so what they say of now needs two samples, or that the configuration has not been reloaded.

use std::collections::BTreeMap;

use kube::Client;
use serde_json::json;
use tacit_engine::live::{EVIDENCE_KIND, EVIDENCE_VERSION, LiveObject};

use crate::http::{Failure, get};

const TRANSFORMATIONS: &str = "apiserver_storage_transformation_operations_total";
const RELOADS: &str = "apiserver_encryption_config_controller_automatic_reloads_total";
/// Objects in etcd: the name since 1.34, and the one before.
const STORED: [&str; 2] = ["apiserver_resource_objects", "apiserver_storage_objects"];
const ENCRYPTED: &str = "k8s:enc:";

/// The counters of one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sample {
    /// When the process started, in seconds since 1970: a restart begins all counters anew.
    start: f64,
    /// Written, by resource and prefix.
    to: Counts,
    /// Read, likewise.
    from: Counts,
    /// The configuration was reloaded since the start.
    reloaded: bool,
    /// Objects of each resource.
    stored: BTreeMap<String, f64>,
}

type Counts = BTreeMap<String, BTreeMap<String, f64>>;

/// Reads the metrics.
pub(crate) async fn sample(client: &Client) -> Result<Sample, Failure> {
    let body = get(client, "/metrics", "text/plain").await?;
    Ok(parse(&String::from_utf8_lossy(&body)))
}

fn parse(text: &str) -> Sample {
    let mut sample = Sample::default();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((series, value)) = line.rsplit_once(' ') else { continue };
        let Ok(value) = value.parse::<f64>() else { continue };
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        match name {
            "process_start_time_seconds" => sample.start = value,
            RELOADS => sample.reloaded |= value > 0.0 && label(labels, "status") == Some("success"),
            TRANSFORMATIONS if value > 0.0 => {
                let (Some(resource), Some(prefix)) = (label(labels, "resource"), label(labels, "transformer_prefix"))
                else {
                    continue;
                };
                let counts = match label(labels, "transformation_type") {
                    Some("to_storage") => &mut sample.to,
                    Some("from_storage") => &mut sample.from,
                    _ => continue,
                };
                *counts.entry(resource.to_owned()).or_default().entry(prefix.to_owned()).or_default() += value;
            }
            name if STORED.contains(&name) => {
                if let Some(resource) = label(labels, "resource") {
                    sample.stored.insert(resource.to_owned(), value);
                }
            }
            _ => {}
        }
    }
    sample
}

/// The value of a label. Those that are read here hold no quotes.
fn label<'l>(labels: &'l str, name: &str) -> Option<&'l str> {
    let mut rest = labels;
    while let Some((key, after)) = rest.split_once("=\"") {
        let (value, next) = after.split_once('"')?;
        if key.trim_start_matches(',') == name {
            return Some(value);
        }
        rest = next;
    }
    None
}

/// What one resource's counters come to.
#[derive(Clone, Debug, PartialEq)]
struct Verdict {
    /// The provider of new writes, where that is certain.
    writes: Option<String>,
    key: Option<String>,
    /// Providers that stored what was read since the start.
    reads: Vec<String>,
    evidence: String,
}

fn judge(first: &Sample, last: &Sample, resource: &str) -> Verdict {
    let empty = BTreeMap::new();
    let counts = |counts: &'_ Counts| counts.get(resource).cloned().unwrap_or_default();
    let (to, from) = (counts(&last.to), counts(&last.from));
    let before = if first.start == last.start { first.to.get(resource).unwrap_or(&empty) } else { &empty };
    let mut reads: Vec<String> = from.keys().filter_map(|prefix| provider(prefix, "identity")).collect();
    reads.dedup();
    let risen: Vec<&String> = to
        .iter()
        .filter(|(prefix, count)| **count > before.get(*prefix).copied().unwrap_or_default())
        .map(|(p, _)| p)
        .collect();
    let meanwhile = first.start == last.start && first.to != last.to && !risen.is_empty();
    let written: Vec<&String> = if meanwhile { risen } else { to.keys().collect() };
    let mut providers: Vec<String> = written.iter().filter_map(|prefix| provider(prefix, "")).collect();
    providers.sort();
    providers.dedup();
    let shown = |counts: &BTreeMap<String, f64>, clear: &str| {
        let of: Vec<String> =
            counts.iter().filter_map(|(prefix, count)| Some(format!("{} {count}", provider(prefix, clear)?))).collect();
        if of.is_empty() { "none".to_owned() } else { of.join(", ") }
    };
    let told = format!(
        "metrics: since the API server started, written: {}; read: {}",
        shown(&to, ""),
        shown(&from, "identity")
    );
    let stored = last.stored.get(resource).copied().unwrap_or_default();
    let (writes, why) = match providers.as_slice() {
        [] if from.is_empty() && stored > 0.0 => (
            Some("identity".to_owned()),
            format!(
                "metrics: the API server counts no transformation, though {stored} are stored: it has no encryption configuration"
            ),
        ),
        [] if from.is_empty() => (None, "metrics: nothing is stored or was read yet".to_owned()),
        [] => (None, format!("{told}; nothing was written since")),
        [one] if meanwhile => (Some(one.clone()), format!("{told}; {one} while this run looked on")),
        [one] if !last.reloaded => (Some(one.clone()), told),
        [_] => (None, format!("{told}; the configuration was reloaded since, and nothing was seen written after that")),
        _ => (None, format!("{told}; which of them new writes use was not seen")),
    };
    let key = writes.as_ref().and_then(|writes| key(&written, writes));
    Verdict { writes, key, reads, evidence: why }
}

/// The provider of a prefix. A provider that has key names counts each operation twice: with its own prefix, and with the
/// name of the key, which is none.
fn provider(prefix: &str, clear: &str) -> Option<String> {
    if prefix == clear {
        return Some("identity".to_owned());
    }
    if prefix == "unknown" {
        return Some("unknown".to_owned());
    }
    let rest = prefix.strip_prefix(ENCRYPTED)?;
    Some(rest.split(':').next().unwrap_or(rest).to_owned())
}

/// The name of the key of new writes, or of the KMS plugin.
fn key(written: &[&String], writes: &str) -> Option<String> {
    let of_kms = written.iter().find_map(|prefix| prefix.strip_prefix("k8s:enc:kms:v2:"));
    if let (Some(name), "kms") = (of_kms, writes) {
        return Some(name.trim_end_matches(':').to_owned());
    }
    let mut names = written.iter().filter(|prefix| !prefix.is_empty() && !prefix.starts_with(ENCRYPTED));
    let name = names.next().filter(|_| names.next().is_none())?;
    Some(name.trim_end_matches(':').to_owned()).filter(|name| name != "unknown")
}

/// The object that carries what the samples prove, for the relation `Encryption`. `secrets` were listed meanwhile: the
/// server counts what it stores once a minute only.
pub(crate) fn evidence(first: &Sample, last: Option<&Sample>, secrets: usize) -> LiveObject {
    let mut last = last.unwrap_or(first).clone();
    let stored = last.stored.entry("secrets".to_owned()).or_default();
    *stored = stored.max(secrets as f64);
    let rows: Vec<serde_json::Value> = ["secrets", "configmaps"]
        .iter()
        .map(|resource| {
            let verdict = judge(first, &last, resource);
            let mut row = json!({ "resource": resource, "reads": verdict.reads, "evidence": verdict.evidence });
            if let Some(writes) = verdict.writes {
                row["writes"] = writes.into();
            }
            if let Some(key) = verdict.key {
                row["key"] = key.into();
            }
            row
        })
        .collect();
    let name = "kube-apiserver";
    let text = json!({
        "apiVersion": EVIDENCE_VERSION,
        "kind": EVIDENCE_KIND,
        "metadata": { "name": name },
        "encryption": rows,
    });
    LiveObject {
        api_version: EVIDENCE_VERSION.into(),
        kind: EVIDENCE_KIND.into(),
        namespace: String::new(),
        name: name.to_owned(),
        text: text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(start: u32, lines: &[(&str, &str, u32)], reloads: u32, stored: u32) -> Sample {
        let mut text = format!(
            "# HELP x\nprocess_start_time_seconds {start}e+00\n{RELOADS}{{apiserver_id_hash=\"a\",status=\"success\"}} {reloads}\napiserver_resource_objects{{group=\"\",resource=\"secrets\"}} {stored}\n"
        );
        for (direction, prefix, count) in lines {
            text.push_str(&format!(
                "{TRANSFORMATIONS}{{resource=\"secrets\",status=\"OK\",transformation_type=\"{direction}_storage\",transformer_prefix=\"{prefix}\"}} {count}\n"
            ));
        }
        parse(&text)
    }

    fn judged(first: &Sample, last: &Sample) -> (Option<String>, Option<String>, Vec<String>) {
        let verdict = judge(first, last, "secrets");
        (verdict.writes, verdict.key, verdict.reads)
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn one_provider_since_the_start_is_the_one_of_new_writes() {
        let clear = of(1, &[("to", "", 3), ("from", "identity", 4)], 0, 4);
        assert_eq!(judged(&clear, &clear), (some("identity"), None, vec!["identity".to_owned()]));
        let aescbc = of(
            1,
            &[
                ("to", "k8s:enc:aescbc:v1:", 2),
                ("to", "key1:", 2),
                ("from", "k8s:enc:aescbc:v1:", 2),
                ("from", "identity", 5),
            ],
            0,
            7,
        );
        assert_eq!(
            judged(&aescbc, &aescbc),
            (some("aescbc"), some("key1"), vec!["identity".to_owned(), "aescbc".to_owned()])
        );
        let kms = of(1, &[("to", "k8s:enc:kms:v2:vault:", 2)], 0, 2);
        assert_eq!(judged(&kms, &kms), (some("kms"), some("vault"), vec![]));
    }

    #[test]
    fn no_series_at_all_means_no_configuration_where_something_is_stored() {
        assert_eq!(judged(&of(1, &[], 0, 4), &of(1, &[], 0, 4)), (some("identity"), None, vec![]));
        assert_eq!(judged(&of(1, &[], 0, 0), &of(1, &[], 0, 0)), (None, None, vec![]));
    }

    #[test]
    fn counters_from_before_a_reload_prove_nothing_and_a_write_meanwhile_does() {
        let reloaded = of(1, &[("to", "", 3)], 1, 3);
        assert_eq!(judged(&reloaded, &reloaded).0, None);
        let written = of(1, &[("to", "", 3), ("to", "k8s:enc:secretbox:v1:", 1)], 1, 4);
        assert_eq!(judged(&reloaded, &written).0, some("secretbox"));
        assert_eq!(judged(&written, &written).0, None, "both were used: which is the newer one was not seen");
        // A restart in between begins the counters anew.
        let restarted = of(2, &[("to", "k8s:enc:aescbc:v1:", 1)], 0, 4);
        assert_eq!(judged(&written, &restarted).0, some("aescbc"));
    }

    #[test]
    fn what_no_provider_can_read_is_told() {
        let lost = of(1, &[("from", "unknown", 1), ("from", "k8s:enc:aescbc:v1:", 1)], 0, 2);
        assert_eq!(judged(&lost, &lost).2, ["aescbc", "unknown"]);
    }
}
