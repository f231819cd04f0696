//! Texts that stand for a value that comes from elsewhere, or is still to be written.

use std::sync::OnceLock;

use regex::Regex;

/// Beginnings of references that secret tools resolve.
const REFERENCES: &[&str] = &[
    "vault:",
    ">>vault:",
    "op://",
    "ref+",
    "ENC[",
    "ENC(",
    "secretref+",
    "secretref:",
    "awssm:",
    "awsssm:",
    "gcpsm:",
    "azkv:",
    "keyvault://",
    "env:",
    "env.",
    "arn:aws:secretsmanager:",
    "arn:aws:ssm:",
    "projects/",
    "sm://",
    "secret://",
    "k8s:secret",
    "doppler://",
    "bws://",
    "infisical://",
];

/// Texts that stand in samples until someone writes the value, in lower case and without `-`, `_` and blanks.
const SAMPLES: &[&str] = &[
    "changeme",
    "changeit",
    "replaceme",
    "replacethis",
    "fixme",
    "todo",
    "tbd",
    "redacted",
    "removed",
    "placeholder",
    "dummy",
    "example",
    "sample",
    "insertpasswordhere",
    "notset",
    "unset",
    "empty",
];

/// True where a text stands for a value that comes from elsewhere: `${X}`, `<path:…>`, `vault:…`, `op://…`, `ENC[…]`,
/// `changeme`.
pub(crate) fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() {
        return false;
    }
    if REFERENCES.iter().any(|start| text.starts_with(start)) || patterns().is_match(text) {
        return true;
    }
    let bare: String = text.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).flat_map(char::to_lowercase).collect();
    SAMPLES.contains(&bare.as_str()) || is_filler(text)
}

/// `xxxxxx`, `******`, `...`
fn is_filler(text: &str) -> bool {
    let first = text.chars().next();
    text.chars().count() >= 3
        && matches!(first, Some('x' | 'X' | '*' | '.' | '-' | '?'))
        && text.chars().all(|character| Some(character) == first)
}

fn patterns() -> &'static Regex {
    static PATTERNS: OnceLock<Regex> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        // Expansions anywhere, templates anywhere, `<…>` and `your-…-here` as a whole.
        let pattern = r"\$\([A-Za-z_][A-Za-z0-9_.-]*\)|\$\{[^}]+\}|\$__[a-z]+\{|^\$[A-Za-z_][A-Za-z0-9_]*$|\{\{.*\}\}|^<[^<>]+>$|<path:[^>]+>|<vault:[^>]+>|%\([A-Za-z_]+\)s|^%[A-Z_]+%$|^@@?[A-Z_]+@@?$|(?i)^your[-_ ].+|(?i)^(insert|enter|put)[-_ ].+[-_ ]here$|^\[[A-Z_ ]+\]$|^(?:INSERT|REPLACE|ENTER|YOUR)_[A-Z0-9_]+$|(?i)^your(?:password|secret|token|key)$";
        // The pattern is a constant; a test compiles it. One that matches nothing stands in for one that does not compile.
        Regex::new(pattern).unwrap_or_else(|_| nothing())
    })
}

#[allow(clippy::unwrap_used, reason = "a constant pattern, compiled by a test")]
fn nothing() -> Regex {
    Regex::new("[^\\s\\S]").unwrap()
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn texts_that_stand_for_a_value() {
        for text in [
            "$(DB_PASS)",
            "${DB_PASS}",
            "postgres://u:${PASS}@db",
            "{{ .Values.password }}",
            "<path:kv/data/db#password>",
            "<password>",
            "vault:secret/data/db#password",
            "op://vault/item/field",
            "ref+vault://kv/db",
            "ENC[AES256_GCM,data:x]",
            "REPLACE_ME",
            "changeme",
            "Change-Me",
            "xxxxxxxx",
            "******",
            "your-api-key",
            "$DB_PASS",
            "$__file{/etc/x}",
            "%DB_PASS%",
            "INSERT_DISCOVERY_TOKEN",
            "yourpassword",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn texts_that_are_values() {
        for text in
            ["", "hunter2", "pa$$word", "a<b>c", "S3cr3t!", "sample1", "$5.00", "x", "yourself", "correct horse"]
        {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
