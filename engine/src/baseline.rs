//! The findings that a project knows: only new ones fail it.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::config::plain;
use crate::report::model::Report;

/// Version of the file.
const VERSION: u32 = 1;

/// A file of known findings.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    /// By fingerprint, with words for whoever reads the file.
    findings: BTreeMap<String, Known>,
}

/// A known finding, in words.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Known {
    rule: String,
    object: String,
    path: String,
}

impl Baseline {
    /// The findings of a report that no exception covers.
    pub fn of(report: &Report) -> Baseline {
        let known = |source: &str| source == "baseline";
        let findings = report
            .findings
            .iter()
            .filter(|finding| finding.waived.as_ref().is_none_or(|waived| known(waived.source)))
            .map(|finding| {
                let known = Known {
                    rule: finding.rule.to_string(),
                    object: finding.object.title(),
                    path: finding.path.clone(),
                };
                (finding.fingerprint.clone(), known)
            })
            .collect();
        Baseline { version: VERSION, findings }
    }

    /// Reads a file.
    pub fn load(file: &Path) -> Result<Baseline, String> {
        let at = |problem: String| format!("the baseline {}: {problem}", file.display());
        let text = std::fs::read_to_string(file).map_err(|error| at(plain(&error)))?;
        let baseline: Baseline = serde_json::from_str(&text)
            .map_err(|error| at(format!("line {} is not of the form that `--write-baseline` writes", error.line())))?;
        if baseline.version != VERSION {
            return Err(at(format!("version {} is not known: write it anew with --write-baseline", baseline.version)));
        }
        Ok(baseline)
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Number of findings.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// True where it holds a finding.
    pub fn holds(&self, fingerprint: &str) -> bool {
        self.findings.contains_key(fingerprint)
    }

    /// How many of its findings are not among these.
    pub fn gone<'f>(&self, present: impl Iterator<Item = &'f str>) -> usize {
        let present: HashSet<&str> = present.collect();
        self.findings.keys().filter(|known| !present.contains(known.as_str())).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_survives_its_file() {
        let mut baseline = Baseline { version: VERSION, ..Baseline::default() };
        baseline.findings.insert("ab".into(), Known { rule: "ENV001".into(), ..Known::default() });
        let read: Baseline = serde_json::from_str(&baseline.to_text()).unwrap();
        assert!(read.holds("ab") && !read.holds("cd"));
        assert_eq!(read.gone(["cd"].into_iter()), 1);
    }
}
