//! The standard library of Tacit, embedded as text: its vocabulary (groups, fields, links, views) in `std/`, and its
//! rules in `std/rules/<family>/`.

/// A module of the standard library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its name: `std/workload`, `std/rules/env/ENV001-secret-in-env`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

impl Module {
    /// The family of its rules; none for vocabulary.
    pub fn family(&self) -> Option<&'static str> {
        family(self.name)
    }
}

/// The family of a module's name: the directory of its rules.
pub fn family(name: &str) -> Option<&str> {
    name.strip_prefix("std/rules/")?.split_once('/').map(|(family, _)| family)
}

/// Every module, sorted by name.
pub const MODULES: &[Module] = include!(concat!(env!("OUT_DIR"), "/modules.rs"));

/// The frameworks that rules map to: what rules call each, and its file.
pub const FRAMEWORKS: [(&str, &str); 6] = [
    ("cis", include_str!("../frameworks/cis.toml")),
    ("iso", include_str!("../frameworks/iso.toml")),
    ("nist", include_str!("../frameworks/nist.toml")),
    ("nsa", include_str!("../frameworks/nsa.toml")),
    ("pci", include_str!("../frameworks/pci.toml")),
    ("soc2", include_str!("../frameworks/soc2.toml")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_directories() {
        assert_eq!(family("std/rules/env/ENV001-secret-in-env"), Some("env"));
        assert_eq!(family("std/workload"), None);
    }

    #[test]
    fn modules_are_sorted_and_unique() {
        assert!(MODULES.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
