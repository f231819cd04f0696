//! Which nodes of a document hold secrets, and which may be shown.

use tacit_lang::schema::confidential;

use crate::credential;
use crate::document::{Kind, Node, Style};

/// Collects what may be shown and what is secret.
#[derive(Default)]
pub(super) struct Judge {
    /// Places that may be shown.
    pub(super) safe: Vec<tacit_lang::span::Span>,
    /// Places that are hidden as a whole.
    pub(super) hidden: Vec<tacit_lang::span::Span>,
    /// Secret texts.
    pub(super) secrets: Vec<Box<str>>,
    /// Scalars that are names, whatever their keys announce.
    names: Vec<tacit_lang::span::Span>,
}

impl Judge {
    /// A whole object.
    pub(super) fn object(&mut self, node: Node<'_>) {
        let kind = node.get("kind").and_then(Node::as_str).unwrap_or_default();
        let below = |place: &'static str| place.strip_prefix(kind).and_then(|path| path.strip_prefix('.'));
        for path in confidential::NAMES.iter().copied().filter_map(below) {
            at_path(node, path, &mut |name| self.names.push(name.span()));
        }
        for (key, at, value) in node.entries() {
            self.safe.push(at.span());
            match (kind, key) {
                ("Secret", "data" | "stringData") => self.hide_all(value, true),
                ("ConfigMap", "data" | "binaryData") => self.config(value),
                _ => self.plain(key, value),
            }
        }
        for path in confidential::PLACES.iter().copied().filter_map(below) {
            at_path(node, path, &mut |secret| self.hide_all(secret, true));
        }
    }

    /// The value of a key of which nothing special is known.
    pub(super) fn plain(&mut self, key: &str, value: Node<'_>) {
        match value.kind() {
            Kind::Map => {
                let variable = value.get("name").and_then(Node::as_str);
                for (key, at, value) in value.entries() {
                    self.safe.push(at.span());
                    match (variable, key) {
                        // `env: [{name, value}]`, and lists of the same form.
                        (Some(name), "value") if value.kind() == Kind::String => {
                            let secret = value.as_str().is_some_and(|text| credential::looks_like(text, Some(name)));
                            self.hide(value, secret || sensitive_name(name));
                        }
                        (_, "kubectl.kubernetes.io/last-applied-configuration") => self.hide(value, true),
                        // A Secret in a template, a patch or an item of another list.
                        (_, "stringData") => self.hide_all(value, true),
                        _ => self.plain(key, value),
                    }
                }
            }
            Kind::Seq if matches!(key, "command" | "args") => self.arguments(value),
            Kind::Seq => value.items().for_each(|item| self.plain(key, item)),
            Kind::String => {
                let text = value.as_str().unwrap_or_default();
                let named = self.names.contains(&value.span());
                if named && !sensitive_value(text) && !credential::looks_like(text, None)
                    || key == "apiVersion" && is_group_version(text)
                {
                    self.safe.push(value.span());
                } else if sensitive_name(key) || sensitive_value(text) || credential::looks_like(text, Some(key)) {
                    self.hide(value, true);
                } else if !matches!(value.style(), Style::Literal | Style::Folded) {
                    // A block of text can hold a whole configuration file: it is neither shown nor called secret.
                    self.safe.push(value.span());
                }
            }
            Kind::Int | Kind::Float if sensitive_name(key) => self.hide(value, true),
            Kind::Null | Kind::Bool | Kind::Int | Kind::Float => self.safe.push(value.span()),
        }
    }

    /// The data of a ConfigMap: hidden, and secret where names or values say so.
    fn config(&mut self, data: Node<'_>) {
        for (key, at, value) in data.entries() {
            self.safe.push(at.span());
            self.hide_all(value, sensitive_name(key));
        }
    }

    /// A command line: an argument behind a flag with a telling name, and what stands behind `=`.
    fn arguments(&mut self, list: Node<'_>) {
        let mut expects = false;
        for item in list.items() {
            let text = item.scalar_text().unwrap_or_default();
            let flag = text.strip_prefix("--").or_else(|| text.strip_prefix('-'));
            let (name, value) = match flag.and_then(|flag| flag.split_once('=')) {
                Some((name, value)) => (name, Some(value)),
                None => (flag.unwrap_or_default(), None),
            };
            let telling = sensitive_name(name);
            let tells_value = value.is_some_and(|value| telling || sensitive_value(value));
            if expects || tells_value {
                self.hide(item, true);
                if let Some(value) = value {
                    self.secrets.push(value.into());
                }
            } else if sensitive_value(text) {
                self.hide(item, true);
            } else if text.contains(char::is_whitespace) {
                self.hide(item, false);
            } else if item.kind() == Kind::String {
                self.safe.push(item.span());
            }
            expects = telling && value.is_none();
        }
    }

    /// Hides every scalar below a node; its keys are public.
    fn hide_all(&mut self, node: Node<'_>, secret: bool) {
        match node.kind() {
            Kind::Map => {
                for (_, at, value) in node.entries() {
                    self.safe.push(at.span());
                    self.hide_all(value, secret);
                }
            }
            Kind::Seq => node.items().for_each(|item| self.hide_all(item, secret)),
            _ => self.hide(node, secret),
        }
    }

    /// Hides a scalar. Where it is secret, its text is looked for in messages, as written and decoded.
    fn hide(&mut self, node: Node<'_>, secret: bool) {
        let Some(text) = node.scalar_text() else { return };
        self.hidden.push(node.span());
        if secret || sensitive_value(text) || credential::looks_like(text, None) {
            self.secrets.push(text.trim().into());
            if let Some(decoded) = decoded(text) {
                self.secrets.push(decoded.trim().into());
            }
        }
    }
}

/// Goes to what stands at a path of the schema, where `[]` is each element of a list and `{}` each value of a map.
fn at_path<'d>(node: Node<'d>, path: &str, each: &mut dyn FnMut(Node<'d>)) {
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    let name = step.trim_end_matches("[]").trim_end_matches("{}");
    let Some(found) = node.get(name) else { return };
    let found: Vec<Node<'d>> = match &step[name.len()..] {
        "" => vec![found],
        "[]" => found.items().collect(),
        _ => found.entries().map(|(_, _, value)| value).collect(),
    };
    for node in found {
        if rest.is_empty() { each(node) } else { at_path(node, rest, each) }
    }
}

/// True for `apps/v1`, `extensions/v1beta1`: letters and digits alternate there as in random text.
fn is_group_version(text: &str) -> bool {
    let (group, version) = text.rsplit_once('/').unwrap_or(("", text));
    let named =
        group.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    let Some(version) = version.strip_prefix('v') else { return false };
    let digits = |text: &str| !text.is_empty() && text.len() < 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (major, minor) = match version.split_once("alpha").or_else(|| version.split_once("beta")) {
        Some((major, minor)) => (major, Some(minor)),
        None => (version, None),
    };
    named && digits(major) && minor.is_none_or(digits)
}

/// The text that base64 decodes to.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    String::from_utf8(bytes).ok()
}

/// True for a name that announces a secret value: `DB_PASSWORD`, `apiKey`, `client-secret`. Names of references to
/// secrets (`secretName`, `passwordFile`) do not.
pub(super) fn sensitive_name(name: &str) -> bool {
    if !credential::may_announce(name) {
        return false;
    }
    let words = words(name);
    let has = |word: &str| words.iter().any(|other| other == word);
    let pair = |first: &str, second: &str| words.windows(2).any(|pair| pair[0] == first && pair[1] == second);
    const SECRET: [&str; 16] = [
        "password",
        "passwd",
        "pwd",
        "pass",
        "secret",
        "token",
        "apikey",
        "credential",
        "credentials",
        "passphrase",
        "dsn",
        "passcode",
        "accesskey",
        "privatekey",
        "secretkey",
        "authorization",
    ];
    const REFERENCE: [&str; 22] = [
        "file",
        "path",
        "name",
        "ref",
        "url",
        "uri",
        "endpoint",
        "ttl",
        "expiry",
        "length",
        "enabled",
        "policy",
        "class",
        "type",
        "mount",
        "prefix",
        "selector",
        "namespace",
        "kind",
        "version",
        "audience",
        "dir",
    ];
    (SECRET.iter().any(|word| has(word))
        || pair("api", "key")
        || pair("access", "key")
        || pair("private", "key")
        || pair("encryption", "key")
        || pair("connection", "string")
        || words.last().is_some_and(|word| word == "auth"))
        && !words.last().is_some_and(|last| REFERENCE.contains(&last.as_str()))
}

/// The words of a name: `apiKey`, `API_KEY`, `api-key` and `api.key` are `api` and `key`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut new = true;
    let mut last = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric() {
            new = true;
        } else {
            if new || (c.is_uppercase() && last.is_lowercase()) {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
            new = false;
        }
        last = c;
    }
    words
}

/// True for a value that looks like a credential whatever its name: tokens of known forms, private keys, addresses with a
/// password, long random text. It is wide on purpose, where [`credential`] is narrow: what it hides by mistake is only an
/// excerpt.
pub(super) fn sensitive_value(text: &str) -> bool {
    const STARTS: [&str; 24] = [
        "AGE-SECRET-KEY-",
        "AKIA",
        "ASIA",
        "ghp_",
        "gho_",
        "ghs_",
        "ghu_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "xoxa-",
        "xapp-",
        "sk_live_",
        "sk_test_",
        "rk_live_",
        "npm_",
        "hvs.",
        "hvb.",
        "hvr.",
        "eyJ",
        "dop_v1_",
        "SG.",
        "AIza",
    ];
    let text = text.trim();
    if STARTS.iter().any(|start| text.starts_with(start)) {
        return true;
    }
    const SHORTEST: usize = "AccountKey=".len();
    if text.len() < SHORTEST && !text.contains('@') {
        return false;
    }
    if ["PRIVATE KEY-----", "AccountKey=", "AGE-SECRET-KEY-"].iter().any(|part| text.contains(part)) {
        return true;
    }
    if text.contains('@')
        && let Some((_, rest)) = text.split_once("://")
        && rest.split('/').next().is_some_and(|authority| authority.contains('@'))
    {
        return true;
    }
    random(text)
}

/// True for one long word that mixes letters and digits as random text does.
fn random(text: &str) -> bool {
    let allowed = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'+' | b'/' | b'=' | b'_' | b'-' | b'.' | b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*'
            )
    };
    if text.len() < 16 || !text.bytes().all(allowed) {
        return false;
    }
    // Turns between small letters, capitals, digits and signs: words of a language have few of them.
    let class = |byte: u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let (mut letters_to_digits, mut capitals) = (0, 0);
    for pair in text.as_bytes().windows(2) {
        match (class(pair[0]), class(pair[1])) {
            (0 | 1, 2) | (2, 0 | 1) => letters_to_digits += 1,
            (0, 1) => capitals += 1,
            _ => {}
        }
    }
    letters_to_digits + capitals >= text.len() / 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_announce_secrets() {
        for name in
            ["DB_PASSWORD", "apiKey", "client-secret", "AWS_SECRET_ACCESS_KEY", "token", "POSTGRES_PWD", "basicAuth"]
        {
            assert!(sensitive_name(name), "{name}");
        }
        for name in ["secretName", "passwordFile", "TOKEN_URL", "image", "author", "secretRef", "key", "tokenPath"] {
            assert!(!sensitive_name(name), "{name}");
        }
    }

    #[test]
    fn values_look_like_credentials() {
        for value in [
            "ghp_0123456789abcdef",
            "postgres://app:pw@db/x",
            "q7Xv9KpL2mN8rT4wZ6yB",
            "-----BEGIN RSA PRIVATE KEY-----",
        ] {
            assert!(sensitive_value(value), "{value}");
        }
        for value in [
            "nginx:1.27",
            "registry.example.org/team/app",
            "secret/data/team",
            "my-very-long-deployment-name",
            "https://vault:8200",
        ] {
            assert!(!sensitive_value(value), "{value}");
        }
    }
}
