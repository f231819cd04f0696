//! Which rules run: patterns over their ids, names, families, tags and frameworks.

use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};
use tacit_lang::ast::Severity;
use tacit_lang::ir::Rule;

use crate::config::Config;

/// A pattern that names rules: `ENV001`, `secret-in-env`, `env`, `cis`, `RBAC*`. Case does not matter.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: Arc<str>,
    glob: GlobMatcher,
}

/// What is known of a rule before it is compiled.
#[derive(Clone, Debug, Default)]
pub struct Label<'r> {
    /// The code, where it has one.
    pub code: Option<&'r str>,
    /// The name.
    pub name: &'r str,
    /// The family: the directory of its file.
    pub family: Option<&'r str>,
    /// Its tags.
    pub tags: &'r [Arc<str>],
    /// Framework and item.
    pub controls: &'r [(Arc<str>, Arc<str>)],
}

impl Pattern {
    /// Reads a pattern; an error where it is no glob.
    pub fn new(text: &str) -> Result<Pattern, String> {
        let glob = GlobBuilder::new(text).case_insensitive(true).build();
        let glob = glob.map_err(|_| format!("`{text}` is no pattern of rules"))?.compile_matcher();
        Ok(Pattern { text: text.into(), glob })
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True where it names the rule itself, by code or name.
    pub fn matches_name(&self, code: Option<&str>, name: &str) -> bool {
        code.is_some_and(|code| self.glob.is_match(code)) || self.glob.is_match(name)
    }

    /// True where it names the rule itself.
    pub fn matches_rule(&self, rule: &Rule) -> bool {
        self.matches_name(rule.code.as_deref(), &rule.name)
    }

    /// True where it names the rule, its family, a tag, a framework, or an item of a framework (`cis:5.4.1`).
    pub fn matches(&self, label: &Label<'_>) -> bool {
        self.matches_name(label.code, label.name)
            || label.family.is_some_and(|family| self.glob.is_match(family))
            || label.tags.iter().any(|tag| self.glob.is_match(&**tag))
            || label.controls.iter().any(|(framework, item)| {
                self.glob.is_match(&**framework) || self.glob.is_match(format!("{framework}:{item}"))
            })
    }
}

/// The rules that a run is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Where there are any, only rules that one of them names.
    pub only: Vec<Pattern>,
    /// Rules left out, even where `only` names them.
    pub skip: Vec<Pattern>,
}

impl Selection {
    /// Reads patterns; each text can hold several, separated by commas.
    pub fn new<'t>(
        only: impl IntoIterator<Item = &'t String>,
        skip: impl IntoIterator<Item = &'t String>,
    ) -> Result<Selection, String> {
        fn read<'t>(texts: impl IntoIterator<Item = &'t String>) -> Result<Vec<Pattern>, String> {
            let parts = texts.into_iter().flat_map(|text| text.split(','));
            parts.map(str::trim).filter(|part| !part.is_empty()).map(Pattern::new).collect()
        }
        Ok(Selection { only: read(only)?, skip: read(skip)? })
    }

    /// What a project selects, narrowed further: `only` takes the place of the project's, `skip` comes on top of it.
    pub fn of_project(config: &Config, only: &[String], skip: &[String]) -> Result<Selection, String> {
        let off = config.families.iter().filter(|(_, on)| !on).map(|(family, _)| family);
        let only = if only.is_empty() { &config.only } else { only };
        Selection::new(only, config.skip.iter().chain(off).chain(skip))
    }

    /// True where nothing is left out.
    pub fn is_everything(&self) -> bool {
        self.only.is_empty() && self.skip.is_empty()
    }

    /// True where the rule runs.
    pub fn takes(&self, label: &Label<'_>) -> bool {
        (self.only.is_empty() || self.only.iter().any(|pattern| pattern.matches(label)))
            && !self.skip.iter().any(|pattern| pattern.matches(label))
    }
}

/// The severities that a project sets.
pub fn severities(config: &Config) -> Result<Vec<(Pattern, Severity)>, String> {
    config.severity.iter().map(|(rule, severity)| Ok((Pattern::new(rule)?, *severity))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_named_in_many_ways() {
        let tags = ["pods".into()];
        let controls = [("cis".into(), "5.4.1".into())];
        let label = Label {
            code: Some("ENV001"),
            name: "secret-in-env",
            family: Some("env"),
            tags: &tags,
            controls: &controls,
        };
        for pattern in ["ENV001", "env001", "ENV*", "secret-in-env", "env", "pods", "cis", "cis:5.4.*"] {
            assert!(Pattern::new(pattern).unwrap().matches(&label), "{pattern}");
        }
        for pattern in ["ENV002", "secret", "RBAC*", "cis:5.1.*"] {
            assert!(!Pattern::new(pattern).unwrap().matches(&label), "{pattern}");
        }
        let selection = Selection::new(&["ENV*,RBAC*".to_owned()], &["ENV001".to_owned()]).unwrap();
        assert!(!selection.takes(&label));
    }
}
