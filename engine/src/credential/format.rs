//! Token formats: texts that are credentials by their own form. Each has a prefix, a length and where the issuer gave it
//! one a checksum, so that a hit is hardly ever chance.

use std::sync::OnceLock;

use regex::Regex;

use super::placeholder::is_placeholder;
use crate::method::{jwt_parse, url_parse};

/// A format: what it is called, one of which parts every hit has (`^`: at the start of the text), what it looks like, and
/// what a hit must hold besides.
struct Format {
    name: &'static str,
    begins: &'static [&'static str],
    pattern: &'static str,
    check: fn(&str) -> bool,
}

/// Formats with a pattern of their own, the more telling first.
const FORMATS: &[Format] = &[
    Format {
        name: "Google service account key",
        begins: &["-----BEGIN"],
        pattern: r#"(?s)"type"\s*:\s*"service_account".*"private_key"\s*:\s*"-----BEGIN|"private_key"\s*:\s*"-----BEGIN(?s:.*)"type"\s*:\s*"service_account""#,
        check: any,
    },
    Format {
        name: "private key",
        begins: &["-----BEGIN "],
        // The body must follow: the words alone stand in documentation.
        pattern: r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\n|\s)*(?:[A-Za-z-]+: [^\n]*\s+)*[A-Za-z0-9+/=]{16,}",
        check: any,
    },
    Format {
        name: "age secret key",
        begins: &["AGE-SECRET-KEY-1"],
        pattern: r"\bAGE-SECRET-KEY-1[AC-HJ-NP-Z02-9]{58}\b",
        check: any,
    },
    Format {
        name: "GitHub token",
        begins: &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        pattern: r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
        check: github,
    },
    Format {
        name: "GitHub token",
        begins: &["github_pat_"],
        pattern: r"\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b",
        check: any,
    },
    Format { name: "npm token", begins: &["npm_"], pattern: r"\bnpm_[A-Za-z0-9]{36}\b", check: npm },
    Format {
        name: "GitLab token",
        begins: &["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glsoat-"],
        pattern: r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_-]{20,}\b",
        check: mixed,
    },
    Format {
        name: "Slack token",
        begins: &["xox"],
        pattern: r"\bxox[abeoprs]-[0-9]{8,}-[A-Za-z0-9-]{16,}\b",
        check: any,
    },
    Format {
        name: "Slack token",
        begins: &["xapp-"],
        pattern: r"\bxapp-[0-9]-[A-Z0-9]{8,}-[0-9]{8,}-[a-f0-9]{32,}\b",
        check: any,
    },
    Format { name: "Stripe key", begins: &["k_live_"], pattern: r"\b[sr]k_live_[A-Za-z0-9]{24,}\b", check: mixed },
    Format {
        name: "Vault token",
        begins: &["hvs.", "hvb.", "hvr."],
        pattern: r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}",
        check: mixed,
    },
    Format { name: "Vault token", begins: &["^s."], pattern: r"^s\.[A-Za-z0-9]{24}$", check: mixed },
    Format {
        name: "Azure storage key",
        begins: &["AccountKey="],
        pattern: r"AccountKey=[A-Za-z0-9+/]{86}==",
        check: any,
    },
    Format {
        name: "Azure shared access signature",
        begins: &["sig="],
        pattern: r"[?&]?sv=[0-9-]{10}&(?:[^\s]*&)?sig=[A-Za-z0-9%+/=]{40,}",
        check: any,
    },
    Format { name: "Google API key", begins: &["AIza"], pattern: r"\bAIza[A-Za-z0-9_-]{35}\b", check: mixed },
    Format {
        name: "SendGrid key",
        begins: &["SG."],
        pattern: r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b",
        check: mixed,
    },
    Format { name: "DigitalOcean token", begins: &["_v1_"], pattern: r"\bdo[opr]_v1_[a-f0-9]{64}\b", check: any },
    Format {
        name: "Shopify token",
        begins: &["shpat_", "shpca_", "shppa_", "shpss_"],
        pattern: r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b",
        check: any,
    },
    Format { name: "PyPI token", begins: &["pypi-"], pattern: r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}", check: any },
];

/// Id of an AWS key. Alone it is public; beside its secret it is not.
const AWS_BEGINS: &[&str] = &["AKIA", "ASIA"];
const AWS_ID: &str = r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b";
const AWS_SECRET: &str = r"(?:^|[^A-Za-z0-9/+=])([A-Za-z0-9/+]{40})(?:$|[^A-Za-z0-9/+=])";

/// False where a text certainly matches no pattern. That costs far less to see than a match, and is so of most texts.
fn is_hinted(text: &str) -> bool {
    static BY_FIRST_BYTE: OnceLock<Vec<Vec<&'static str>>> = OnceLock::new();
    let table = BY_FIRST_BYTE.get_or_init(|| {
        let mut table = vec![Vec::new(); 256];
        let begins =
            FORMATS.iter().flat_map(|format| format.begins).chain(AWS_BEGINS).filter(|part| !part.starts_with('^'));
        for part in begins {
            if let Some(parts) = part.bytes().next().and_then(|first| table.get_mut(usize::from(first))) {
                parts.push(*part);
            }
        }
        table
    });
    let bytes = text.as_bytes();
    let begins = |(at, byte): (usize, &u8)| {
        let parts = table.get(usize::from(*byte)).map(Vec::as_slice).unwrap_or_default();
        parts.iter().any(|part| bytes[at..].starts_with(part.as_bytes()))
    };
    text.starts_with("s.") || bytes.iter().enumerate().any(begins)
}

/// The format of the credential that a text is or holds.
pub(crate) fn format(text: &str) -> Option<&'static str> {
    // The shortest of them has more characters.
    const SHORTEST: usize = 12;
    if text.len() < SHORTEST {
        return None;
    }
    if is_hinted(text)
        && let Some(name) = by_pattern(text)
    {
        return Some(name);
    }
    if text.starts_with("eyJ") && jwt_parse(text).is_some() && !text.ends_with('.') {
        return Some("JSON Web Token");
    }
    has_login(text).then_some("URL with a password")
}

/// The format whose pattern a text matches.
fn by_pattern(text: &str) -> Option<&'static str> {
    for (format, regex) in FORMATS.iter().zip(&COMPILED) {
        let hinted = format.begins.iter().any(|part| match part.strip_prefix('^') {
            Some(start) => text.starts_with(start),
            None => text.contains(part),
        });
        if hinted && compiled(regex, format.pattern).find_iter(text).any(|hit| (format.check)(hit.as_str())) {
            return Some(format.name);
        }
    }
    if AWS_BEGINS.iter().any(|part| text.contains(part))
        && compiled(&AWS_ID_COMPILED, AWS_ID).find_iter(text).any(|id| !id.as_str().ends_with("EXAMPLE"))
        && compiled(&AWS_SECRET_COMPILED, AWS_SECRET)
            .captures_iter(text)
            .filter_map(|hit| hit.get(1))
            .any(|secret| mixed(secret.as_str()) && !secret.as_str().contains("EXAMPLE"))
    {
        return Some("AWS access key");
    }
    None
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

/// The patterns, each compiled when a text first hints at it.
static COMPILED: [OnceLock<Regex>; FORMATS.len()] = [const { OnceLock::new() }; FORMATS.len()];
static AWS_ID_COMPILED: OnceLock<Regex> = OnceLock::new();
static AWS_SECRET_COMPILED: OnceLock<Regex> = OnceLock::new();

#[allow(clippy::unwrap_used, reason = "constant patterns, compiled by a test")]
fn compiled(cell: &'static OnceLock<Regex>, pattern: &str) -> &'static Regex {
    cell.get_or_init(|| Regex::new(pattern).unwrap())
}

#[cfg(test)]
mod tests {
    use super::{FORMATS, format, is_hinted};

    /// What each pattern can begin with: a format without its hint would never be found.
    #[test]
    fn each_format_has_its_hints() {
        let beginnings: [&[&str]; FORMATS.len()] = [
            &["\"private_key\": \"-----BEGIN "],
            &["-----BEGIN RSA PRIV"],
            &["AGE-SECRET-KEY-1"],
            &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
            &["github_pat_"],
            &["npm_"],
            &["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glsoat-"],
            &["xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-"],
            &["xapp-"],
            &["sk_live_", "rk_live_"],
            &["hvs.", "hvb.", "hvr."],
            &["s.A"],
            &["AccountKey="],
            &["sv=2026-01-01&sig="],
            &["AIza"],
            &["SG."],
            &["doo_v1_", "dop_v1_", "dor_v1_"],
            &["shpat_", "shpca_", "shppa_", "shpss_"],
            &["pypi-AgEIcHlwaS5vcmc"],
        ];
        for (format, beginnings) in FORMATS.iter().zip(beginnings) {
            assert!(regex::Regex::new(format.pattern).is_ok(), "{}", format.name);
            for beginning in beginnings {
                assert!(is_hinted(beginning), "{beginning}");
                let own = format.begins.iter().any(|part| beginning.contains(part.trim_start_matches('^')));
                assert!(own, "{} does not begin with {beginning}", format.name);
            }
        }
        assert!(!is_hinted("registry.example.org/teams.app:1.27"));
    }

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
