//! What earlier runs saw of Secrets, so that an age can be told that the server does not record.
//!
//! A file of JSON holds, for each Secret, keyed fingerprints and times: never a name, a version or a value. Without its key,
//! which is in the file too, so that the file alone can be compared with a cluster and nothing else, they say nothing.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Times in the file are in seconds since 1970.
type Seconds = i64;

/// The version of the file's format.
const VERSION: u32 = 1;

/// What is known of all Secrets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct History {
    version: u32,
    key: String,
    secrets: BTreeMap<String, Seen>,
}

/// What is known of one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Seen {
    /// Fingerprint of the version of the object.
    object: String,
    /// Since when it is known.
    object_since: Seconds,
    /// Fingerprint of the values, where they were read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    values: String,
    #[serde(default)]
    values_since: Seconds,
    /// When it was last seen.
    last: Seconds,
}

/// What the history tells of a Secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Its values have been the same since then.
    pub unchanged_since: Option<Seconds>,
    /// Its values have changed since then.
    pub changed_since: Option<Seconds>,
}

/// A Secret as it is now.
pub(crate) struct Now<'n> {
    /// What identifies it: cluster, namespace, name and unique id.
    pub identity: [&'n str; 4],
    /// `metadata.resourceVersion`
    pub version: &'n str,
    /// Its values as JSON, where they were read.
    pub values: Option<&'n str>,
    /// The instant of the run.
    pub at: Seconds,
}

impl History {
    /// Reads a file, or begins a new history where there is none.
    pub fn load(file: &Path) -> Result<History, String> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(History { version: VERSION, key: new_key(), secrets: BTreeMap::new() });
            }
            Err(error) => return Err(format!("{}: {error}", file.display())),
        };
        let history: History = serde_json::from_str(&text)
            .map_err(|_| format!("{}: this is no history of Tacit: name another file, or remove it", file.display()))?;
        if history.version != VERSION {
            return Err(format!(
                "{}: a history of version {}, which this program does not read",
                file.display(),
                history.version
            ));
        }
        Ok(history)
    }

    /// Writes the file in one step, readable by its owner only.
    pub fn save(&self, file: &Path) -> Result<(), String> {
        let told = |error: std::io::Error| format!("{}: {error}", file.display());
        let text = serde_json::to_string_pretty(self).map_err(|error| format!("{}: {error}", file.display()))?;
        let part = file.with_extension("part");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(&part).map_err(told)?;
        std::io::Write::write_all(&mut out, text.as_bytes()).map_err(told)?;
        std::fs::rename(&part, file).map_err(told)
    }

    /// Notes a Secret, and tells what earlier runs saw of it.
    pub(crate) fn note(&mut self, now: &Now<'_>) -> Told {
        let identity = self.fingerprint(&now.identity);
        let object = self.fingerprint(&[&identity, now.version]);
        let values = now.values.map(|values| self.fingerprint(&[&identity, values]));
        let old = self.secrets.get(&identity).cloned();
        let mut told = Told::default();
        let mut seen = Seen { object, object_since: now.at, last: now.at, ..Seen::default() };
        if let Some(values) = &values {
            (seen.values, seen.values_since) = (values.clone(), now.at);
        }
        if let Some(old) = old.filter(|old| old.last <= now.at) {
            if old.object == seen.object {
                // No write at all since: the values are the same, whether they were read or not.
                seen.object_since = old.object_since;
                told.unchanged_since = Some(old.object_since);
                if !old.values.is_empty() && values.is_none() {
                    (seen.values, seen.values_since) = (old.values.clone(), old.values_since);
                }
            }
            if !old.values.is_empty() && (old.values == seen.values) {
                seen.values_since = old.values_since;
                told.unchanged_since =
                    Some(told.unchanged_since.map_or(old.values_since, |at| at.min(old.values_since)));
            } else if !old.values.is_empty() && values.is_some() {
                told.changed_since = Some(old.last);
            }
        }
        self.secrets.insert(identity, seen);
        told
    }

    fn fingerprint(&self, parts: &[&str]) -> String {
        let keyed = |bytes: &[u8]| Sha256::new().chain_update(self.key.as_bytes()).chain_update(bytes).finalize();
        let mut message = Vec::new();
        for part in parts {
            message.extend_from_slice(&(part.len() as u64).to_le_bytes());
            message.extend_from_slice(part.as_bytes());
        }
        // Hashed twice, so that nothing can be added behind what was hashed.
        let digest = keyed(&keyed(&message));
        digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A key that no other history has.
fn new_key() -> String {
    use std::hash::{BuildHasher, RandomState};
    (0..4_u64).map(|part| format!("{:016x}", RandomState::new().hash_one(part))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now<'n>(version: &'n str, values: Option<&'n str>, at: Seconds) -> Now<'n> {
        Now { identity: ["prod", "shop", "db", "uid-1"], version, values, at }
    }

    fn empty() -> History {
        History { version: VERSION, key: new_key(), secrets: BTreeMap::new() }
    }

    #[test]
    fn an_object_that_was_not_written_has_not_changed() {
        let mut history = empty();
        assert_eq!(history.note(&now("7", None, 100)), Told::default());
        assert_eq!(history.note(&now("7", None, 200)).unchanged_since, Some(100));
        assert_eq!(history.note(&now("8", None, 300)), Told::default(), "it was written: values may have changed");
        assert_eq!(history.note(&now("8", None, 400)).unchanged_since, Some(300));
    }

    #[test]
    fn values_tell_a_change_from_a_write() {
        let mut history = empty();
        history.note(&now("7", Some("a"), 100));
        assert_eq!(history.note(&now("8", Some("a"), 200)).unchanged_since, Some(100));
        let changed = history.note(&now("9", Some("b"), 300));
        assert_eq!(changed, Told { unchanged_since: None, changed_since: Some(200) });
    }

    #[test]
    fn the_file_holds_no_name_and_no_value() {
        let dir = std::env::temp_dir().join(format!("tacit-history-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let file = dir.join("history.json");
        let mut history = History::load(&file).unwrap();
        history.note(&now("7", Some("hunter2"), 100));
        history.save(&file).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        for hidden in ["hunter2", "shop", "\"db\"", "uid-1", "prod"] {
            assert!(!text.contains(hidden), "{text}");
        }
        assert_eq!(History::load(&file).unwrap().note(&now("7", None, 200)).unchanged_since, Some(100));
        std::fs::write(&file, "[]").unwrap();
        assert!(History::load(&file).unwrap_err().contains("no history"));
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
