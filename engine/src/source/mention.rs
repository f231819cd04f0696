//! A quick look at a text, before anything is parsed: which kinds it mentions. It decides which rules are compiled and
//! which files are read ahead; whatever it misses is made good once the documents are read.

use std::collections::HashSet;
use std::sync::LazyLock;

use memchr::memmem::Finder;

static KIND: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("kind"));

/// Adds every word that stands behind `kind:` in a text, in YAML or JSON.
pub fn kinds(text: &str, found: &mut HashSet<String>) {
    let bytes = text.as_bytes();
    for at in KIND.find_iter(bytes) {
        if let Some(word) = word_behind(&bytes[at + 4..])
            && !found.contains(word)
        {
            found.insert(word.to_owned());
        }
    }
}

/// The word of `": "word"`, with or without the quotes.
fn word_behind(bytes: &[u8]) -> Option<&str> {
    let bytes = bytes.strip_prefix(b"\"").or_else(|| bytes.strip_prefix(b"'")).unwrap_or(bytes);
    let bytes = bytes.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let bytes = bytes.strip_prefix(b"\"").or_else(|| bytes.strip_prefix(b"'")).unwrap_or(bytes);
    let end = bytes.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(bytes.len());
    std::str::from_utf8(&bytes[..end]).ok().filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_behind_kind_are_found_in_yaml_and_json() {
        let mut found = HashSet::new();
        kinds(
            "kind: Pod\n---\n{\"kind\": \"Secret\", 'kind' : 'Job'}\nkindness: no\nkind:\n  Role # x\n# a kind of list",
            &mut found,
        );
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort();
        assert_eq!(found, ["Job", "Pod", "Role", "Secret"]);
    }
}
