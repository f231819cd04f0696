//! Token formats: texts that are credentials by their own form. Each has a prefix, a length and where the issuer gave it
//! one a checksum, so that a hit is hardly ever chance.

use std::sync::OnceLock;

use regex::{Regex, RegexSet};

use super::placeholder::is_placeholder;
use crate::method::{jwt_parse, url_parse};

/// A format: what it is called, where it may begin, and what a hit must hold besides.
struct Format {
    name: &'static str,
    pattern: &'static str,
    check: fn(&str) -> bool,
}

/// Formats with a pattern of their own, the more telling first.
const FORMATS: &[Format] = &[
    Format {
        name: "Google service account key",
        pattern: r#"(?s)"type"\s*:\s*"service_account".*"private_key"\s*:\s*"-----BEGIN|"private_key"\s*:\s*"-----BEGIN(?s:.*)"type"\s*:\s*"service_account""#,
        check: any,
    },
    Format {
        name: "private key",
        // The body must follow: the words alone stand in documentation.
        pattern: r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\n|\s)*(?:[A-Za-z-]+: [^\n]*\s+)*[A-Za-z0-9+/=]{16,}",
        check: any,
    },
    Format { name: "age secret key", pattern: r"\bAGE-SECRET-KEY-1[AC-HJ-NP-Z02-9]{58}\b", check: any },
    Format { name: "GitHub token", pattern: r"\bgh[pousr]_[A-Za-z0-9]{36}\b", check: github },
    Format { name: "GitHub token", pattern: r"\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b", check: any },
    Format { name: "npm token", pattern: r"\bnpm_[A-Za-z0-9]{36}\b", check: npm },
    Format { name: "GitLab token", pattern: r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_-]{20,}\b", check: mixed },
    Format { name: "Slack token", pattern: r"\bxox[abeoprs]-[0-9]{8,}-[A-Za-z0-9-]{16,}\b", check: any },
    Format { name: "Slack token", pattern: r"\bxapp-[0-9]-[A-Z0-9]{8,}-[0-9]{8,}-[a-f0-9]{32,}\b", check: any },
    Format { name: "Stripe key", pattern: r"\b[sr]k_live_[A-Za-z0-9]{24,}\b", check: mixed },
    Format { name: "Vault token", pattern: r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}", check: mixed },
    Format { name: "Vault token", pattern: r"^s\.[A-Za-z0-9]{24}$", check: mixed },
    Format { name: "Azure storage key", pattern: r"AccountKey=[A-Za-z0-9+/]{86}==", check: any },
    Format {
        name: "Azure shared access signature",
        pattern: r"[?&]?sv=[0-9-]{10}&(?:[^\s]*&)?sig=[A-Za-z0-9%+/=]{40,}",
        check: any,
    },
    Format { name: "Google API key", pattern: r"\bAIza[A-Za-z0-9_-]{35}\b", check: mixed },
    Format { name: "SendGrid key", pattern: r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b", check: mixed },
    Format { name: "DigitalOcean token", pattern: r"\bdo[opr]_v1_[a-f0-9]{64}\b", check: any },
    Format { name: "Shopify token", pattern: r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b", check: any },
    Format { name: "PyPI token", pattern: r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}", check: any },
];

/// Id of an AWS key. Alone it is public; beside its secret it is not.
const AWS_ID: &str = r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b";
const AWS_SECRET: &str = r"(?:^|[^A-Za-z0-9/+=])([A-Za-z0-9/+]{40})(?:$|[^A-Za-z0-9/+=])";

/// The format of the credential that a text is or holds.
pub(crate) fn format(text: &str) -> Option<&'static str> {
    // The shortest of them has more characters.
    const SHORTEST: usize = 12;
    if text.len() < SHORTEST {
        return None;
    }
    let compiled = compiled();
    for at in compiled.set.matches(text) {
        let (format, regex) = (FORMATS.get(at)?, compiled.each.get(at)?);
        if regex.find_iter(text).any(|hit| (format.check)(hit.as_str())) {
            return Some(format.name);
        }
    }
    if compiled.aws_id.find_iter(text).any(|id| !id.as_str().ends_with("EXAMPLE"))
        && compiled
            .aws_secret
            .captures_iter(text)
            .filter_map(|hit| hit.get(1))
            .any(|secret| mixed(secret.as_str()) && !secret.as_str().contains("EXAMPLE"))
    {
        return Some("AWS access key");
    }
    if text.starts_with("eyJ") && jwt_parse(text).is_some() && !text.ends_with('.') {
        return Some("JSON Web Token");
    }
    has_login(text).then_some("URL with a password")
}

/// An address with user and password, alone or as one word of a text.
fn has_login(text: &str) -> bool {
    text.contains("://")
        && text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';')).any(|word| {
            let word = word.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
            let word = word.rsplit_once('=').filter(|(_, url)| url.contains("://")).map_or(word, |(_, url)| url);
            url_parse(word).and_then(|url| url.password.map(|password| (password, url.user))).is_some_and(
                |(password, _)| !password.is_empty() && !is_placeholder(&password) && !is_variable(&password),
            )
        })
}

/// `$PASS`, `%PASS%`, `<pass>` within an address.
fn is_variable(password: &str) -> bool {
    password.starts_with(['$', '%', '<', '{', '*'])
        || matches!(password.to_ascii_lowercase().as_str(), "password" | "pass" | "passwd" | "pwd" | "secret" | "token")
}

fn any(_: &str) -> bool {
    true
}

/// Letters and digits: a run of words is no token.
fn mixed(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn github(token: &str) -> bool {
    token.get(4..).is_some_and(has_checksum)
}

fn npm(token: &str) -> bool {
    token.get(4..).is_some_and(has_checksum)
}

/// The last six characters are the CRC-32 of those before, in base 62: the form that GitHub published for its tokens,
/// and that npm took over.
fn has_checksum(body: &str) -> bool {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let Some((body, checksum)) = body.len().checked_sub(6).and_then(|at| body.split_at_checked(at)) else {
        return false;
    };
    let mut rest = crc32(body.as_bytes());
    checksum.bytes().rev().all(|digit| {
        let expected = DIGITS[(rest % 62) as usize];
        rest /= 62;
        digit == expected
    })
}

/// CRC-32 as in zip files.
fn crc32(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xEDB8_8320;
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ POLYNOMIAL } else { crc >> 1 })
    })
}

struct Compiled {
    set: RegexSet,
    each: Vec<Regex>,
    aws_id: Regex,
    aws_secret: Regex,
}

#[allow(clippy::unwrap_used, reason = "constant patterns, compiled by a test")]
fn compiled() -> &'static Compiled {
    static COMPILED: OnceLock<Compiled> = OnceLock::new();
    COMPILED.get_or_init(|| Compiled {
        set: RegexSet::new(FORMATS.iter().map(|format| format.pattern)).unwrap(),
        each: FORMATS.iter().map(|format| Regex::new(format.pattern).unwrap()).collect(),
        aws_id: Regex::new(AWS_ID).unwrap(),
        aws_secret: Regex::new(AWS_SECRET).unwrap(),
    })
}

#[cfg(test)]
mod tests {
    use super::format;

    /// Made for this test; none was ever issued. Put together here so that scanners do not take this file for a leak.
    fn sample(parts: &[&str]) -> String {
        parts.concat()
    }

    #[test]
    fn checksums_tell_tokens_from_words() {
        let token = sample(&["gh", "p_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5", "0Zb5Hm"]);
        assert_eq!(format(&token), Some("GitHub token"));
        assert_eq!(format(&token.replace('A', "B")), None);
        let token = sample(&["npm", "_Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Qq0", "2ZFgkD"]);
        assert_eq!(format(&token), Some("npm token"));
    }

    #[test]
    fn formats_inside_longer_texts() {
        let key = sample(&["-----BEGIN RSA PRIV", "ATE KEY-----\nMIIEowIBAAKCAQEAxyz0123456789\n-----END"]);
        assert_eq!(format(&key), Some("private key"));
        let json =
            sample(&[r#"{"type": "service_account", "private_key": "-----BEGIN PRIV"#, r#"ATE KEY-----\nMIIE"}"#]);
        assert_eq!(format(&json), Some("Google service account key"));
        let line = sample(&["token=", "hv", "s.CAESIJ0123456789abcdefghijklmnop", " rest"]);
        assert_eq!(format(&line), Some("Vault token"));
        let pair = sample(&["AK", "IAQ3EGRIFX7ABCDEFG", "\nwJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzz1234"]);
        assert_eq!(format(&pair), Some("AWS access key"));
        assert_eq!(format("DATABASE=postgres://app:s3cr3t@db/main"), Some("URL with a password"));
    }

    #[test]
    fn texts_that_are_none() {
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "-----BEGIN PRIVATE KEY----- and so on",
            "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOC",
            "https://vault.example.org:8200/v1/secret",
            "postgres://app:$(PASS)@db/main",
            "postgres://app:password@db/main",
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "eyJub3QiOiJhIHRva2VuIn0",
        ] {
            assert_eq!(format(text), None, "{text}");
        }
    }
}
