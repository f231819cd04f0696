//! Names that announce a credential: of variables, keys, fields, flags.

/// Words any of which announces a credential.
const WORDS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "credential",
    "credentials",
    "passphrase",
    "dsn",
    "connectionstring",
];

/// Pairs of words that do so behind one another.
const PAIRS: &[(&str, &str)] = &[
    ("api", "key"),
    ("access", "key"),
    ("private", "key"),
    ("secret", "key"),
    ("encryption", "key"),
    ("signing", "key"),
    ("account", "key"),
    ("conn", "string"),
    ("connection", "string"),
];

/// Words that do so at the end only: elsewhere they mean something else (`PASS_THROUGH`, `AUTH_METHOD`).
const LAST: &[&str] = &["pass", "auth"];

/// Words at the end that say that the value is something about a credential.
const ABOUT: &[&str] = &[
    "algorithm",
    "audience",
    "class",
    "count",
    "days",
    "dir",
    "directory",
    "disabled",
    "duration",
    "enabled",
    "endpoint",
    "expiration",
    "expires",
    "expiry",
    "file",
    "files",
    "format",
    "header",
    "host",
    "hours",
    "id",
    "interval",
    "issuer",
    "key_name",
    "keys",
    "length",
    "limit",
    "location",
    "max",
    "method",
    "min",
    "minutes",
    "mode",
    "mount",
    "name",
    "names",
    "namespace",
    "path",
    "policy",
    "port",
    "prefix",
    "provider",
    "ref",
    "refs",
    "region",
    "required",
    "rotation",
    "scope",
    "seconds",
    "selector",
    "size",
    "source",
    "store",
    "suffix",
    "timeout",
    "ttl",
    "type",
    "uri",
    "url",
    "user",
    "username",
    "version",
];

/// Words before `secret` at the end that say that the value is the name of a Secret: `existingSecret`, `tls-secret`.
const NAMED_SECRET: &[&str] = &["cert", "certificate", "existing", "pull", "tls"];

/// Parts of words one of which every name that announces a credential has, by their first letter.
const fn stems(first: u8) -> &'static [&'static str] {
    match first {
        b'a' => &["auth"],
        b'c' => &["credential"],
        b'd' => &["dsn"],
        b'k' => &["key"],
        b'p' => &["pass", "pwd"],
        b's' => &["secret", "string"],
        b't' => &["token"],
        _ => &[],
    }
}

/// False where a name certainly announces nothing. Most names do not, and are not taken apart to see it.
pub(crate) fn may_announce(name: &str) -> bool {
    let bytes = name.as_bytes();
    let begins = |(at, byte): (usize, &u8)| {
        let is_start =
            |stem: &&str| bytes.get(at..at + stem.len()).is_some_and(|part| part.eq_ignore_ascii_case(stem.as_bytes()));
        stems(byte.to_ascii_lowercase()).iter().any(is_start)
    };
    // Letters beyond ASCII may become one of these in lower case.
    bytes.iter().enumerate().any(begins) || !name.is_ascii()
}

/// True where a name announces a credential: `DB_PASSWORD`, `apiKey`, and not `PASSWORD_FILE`.
pub(crate) fn names_credential(name: &str) -> bool {
    if !may_announce(name) {
        return false;
    }
    let words = words(name);
    let Some(last) = words.last() else { return false };
    // A secret id is one half of Vault's AppRole login.
    let secret_id = words.ends_with(&["secret".into(), "id".into()]);
    if ABOUT.contains(&last.as_str()) && !secret_id || words.iter().any(|word| word == "public") {
        return false;
    }
    if let [.., which, last] = words.as_slice()
        && last == "secret"
        && NAMED_SECRET.contains(&which.as_str())
    {
        return false;
    }
    let pairs = || words.windows(2).any(|pair| PAIRS.contains(&(pair[0].as_str(), pair[1].as_str())));
    LAST.contains(&last.as_str()) || words.iter().any(|word| WORDS.contains(&word.as_str()) || glued(word)) || pairs()
}

/// Names without borders between words: `DBPASSWORD`, `mysqlpasswd`.
fn glued(word: &str) -> bool {
    ["password", "passwd", "apikey", "secretkey", "accesskey"].iter().any(|end| word.ends_with(end))
}

/// The words of a name in lower case: parts between `_`, `-`, `.` and at changes of case.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let characters: Vec<char> = name.chars().collect();
    for (at, &character) in characters.iter().enumerate() {
        if !character.is_alphanumeric() {
            words.push(std::mem::take(&mut word));
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| characters.get(at));
        let behind = characters.get(at + 1);
        // `apiKey` has a border before K, `APIKey` too, `API` has none.
        let border = character.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_uppercase() && behind.is_some_and(|c| c.is_lowercase()))
            });
        if border {
            words.push(std::mem::take(&mut word));
        }
        word.extend(character.to_lowercase());
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::{LAST, PAIRS, WORDS, may_announce, names_credential};

    #[test]
    fn no_word_is_without_its_stem() {
        for word in WORDS.iter().chain(LAST).chain(PAIRS.iter().map(|(_, second)| second)) {
            assert!(may_announce(word) && may_announce(&word.to_uppercase()), "{word}");
        }
        for name in ["image", "replicas", "app.kubernetes.io/name", "", "ke", "Tok"] {
            assert!(!may_announce(name), "{name}");
        }
    }

    #[test]
    fn names_that_announce_a_credential() {
        for name in [
            "PASSWORD",
            "DB_PASSWORD",
            "dbPassword",
            "DBPASSWORD",
            "mysql-passwd",
            "apiKey",
            "API_KEY",
            "APIKey",
            "AWS_SECRET_ACCESS_KEY",
            "client_secret",
            "ClientSecret",
            "AUTH_TOKEN",
            "github.token",
            "SMTP_PASS",
            "REDIS_AUTH",
            "SENTRY_DSN",
            "connectionString",
            "VAULT_SECRET_ID",
            "tls-private-key",
            "credentials",
            "PASSWORD_2",
        ] {
            assert!(names_credential(name), "{name}");
        }
    }

    #[test]
    fn names_that_do_not() {
        for name in [
            "PASSWORD_FILE",
            "TOKEN_URL",
            "SECRET_NAME",
            "secretName",
            "TOKEN_TTL",
            "passwordPolicy",
            "KEYCLOAK_URL",
            "monkey",
            "bypass",
            "PASS_THROUGH",
            "AUTH_METHOD",
            "AWS_ACCESS_KEY_ID",
            "MAX_TOKENS",
            "public_key",
            "compass",
            "author",
            "TOKEN_EXPIRY",
            "secretRef",
            "",
            "_",
            "keyboard",
            "existingSecret",
            "tls-secret",
            "imagePullSecret",
        ] {
            assert!(!names_credential(name), "{name}");
        }
    }
}
