//! Which creation rule of SOPS is for a file.
//!
//! SOPS takes the `.sops.yaml` in the nearest directory above a file, and in it the first rule whose `path_regex` matches
//! the file's path below that directory; a rule without one matches every file. Where none matches there is no rule,
//! whatever directories further up say. Source: the configuration format of SOPS 3.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use regex::Regex;

use super::input::load;
use crate::document::{Document, Kind, LoadOptions, Node, SourceText, TreeBuilder};
use crate::inventory::SopsRule;

/// The only name that SOPS reads.
pub const FILE_NAME: &str = ".sops.yaml";

/// The creation rules of an input, by directory.
#[derive(Debug, Default)]
pub struct SopsRules {
    by_directory: HashMap<PathBuf, Vec<(Matcher, SopsRule)>>,
}

/// The files that a rule is for.
#[derive(Debug)]
enum Matcher {
    All,
    Path(Regex),
    /// SOPS would stop at a pattern that does not compile, so that no rule behind it counts.
    Broken,
}

impl SopsRules {
    /// Reads the files of an input (each with its directory), and those above its roots, up to the root of their
    /// repository.
    pub fn read(
        files: impl Iterator<Item = (PathBuf, Arc<SourceText>)>,
        roots: impl Iterator<Item = PathBuf>,
    ) -> SopsRules {
        let mut rules = SopsRules::default();
        for (directory, text) in files {
            rules.add(directory, &text);
        }
        for root in roots {
            let Some(repository) = root.ancestors().find(|directory| directory.join(".git").exists()) else { continue };
            for directory in root.ancestors().skip(1).take_while(|directory| directory.starts_with(repository)) {
                let path = directory.join(FILE_NAME);
                if !rules.by_directory.contains_key(directory)
                    && let Ok(bytes) = std::fs::read(&path)
                    && let Ok(text) = SourceText::from_bytes(super::walk::shown(&path), bytes)
                {
                    rules.add(directory.to_owned(), &text);
                }
            }
        }
        rules
    }

    fn add(&mut self, directory: PathBuf, text: &Arc<SourceText>) {
        let loaded = load(&mut TreeBuilder::new(), text, &LoadOptions::default(), &|_, _| true);
        let document = loaded.documents.into_iter().next().map(Arc::new);
        let rules = document.as_ref().map(creation_rules).unwrap_or_default();
        self.by_directory.insert(directory, rules);
    }

    /// The rule for a file, by its path from the root of the file system.
    pub fn of(&self, file: &Path) -> Option<SopsRule> {
        if self.by_directory.is_empty() {
            return None;
        }
        let directory = file.ancestors().skip(1).find(|directory| self.by_directory.contains_key(*directory))?;
        let path = file.strip_prefix(directory).ok()?.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        let first = self.by_directory.get(directory)?.iter().find(|(matcher, _)| match matcher {
            Matcher::All | Matcher::Broken => true,
            Matcher::Path(regex) => regex.is_match(&path),
        });
        first.filter(|(matcher, _)| !matches!(matcher, Matcher::Broken)).map(|(_, rule)| rule.clone())
    }
}

fn creation_rules(document: &Arc<Document>) -> Vec<(Matcher, SopsRule)> {
    let rules = document.root().get("creation_rules").into_iter().flat_map(Node::items);
    rules
        .filter(|rule| rule.kind() == Kind::Map)
        .map(|rule| {
            let pattern = rule.get("path_regex").and_then(Node::as_str).unwrap_or_default();
            let matcher = match pattern {
                "" => Matcher::All,
                pattern => Regex::new(pattern).map_or(Matcher::Broken, Matcher::Path),
            };
            (matcher, SopsRule { document: document.clone(), node: rule.id() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(files: &[(&str, &str)]) -> SopsRules {
        let files = files.iter().map(|(directory, text)| (PathBuf::from(directory), SourceText::new(FILE_NAME, *text)));
        SopsRules::read(files, std::iter::empty())
    }

    fn age(rules: &SopsRules, file: &str) -> Option<String> {
        let rule = rules.of(Path::new(file))?;
        Some(rule.document.node(rule.node).get("age")?.as_str()?.to_owned())
    }

    #[test]
    fn the_first_rule_that_matches_in_the_nearest_directory_counts() {
        let rules = rules(&[
            ("/repo", "creation_rules:\n- {path_regex: ^apps/.*\\.yaml$, age: apps}\n- {age: rest}\n"),
            ("/repo/vendor", "creation_rules:\n- {path_regex: ^x/, age: x}\n"),
        ]);
        assert_eq!(age(&rules, "/repo/apps/db.yaml").as_deref(), Some("apps"));
        assert_eq!(age(&rules, "/repo/apps/db.json").as_deref(), Some("rest"));
        assert_eq!(age(&rules, "/repo/vendor/x/db.yaml").as_deref(), Some("x"));
        assert_eq!(age(&rules, "/repo/vendor/db.yaml"), None, "the rules further up do not count");
        assert_eq!(age(&rules, "/other/db.yaml"), None);
    }

    #[test]
    fn nothing_counts_behind_a_pattern_that_does_not_compile() {
        let rules = rules(&[("/repo", "creation_rules:\n- {path_regex: '(', age: a}\n- {age: b}\n")]);
        assert_eq!(age(&rules, "/repo/db.yaml"), None);
    }
}
