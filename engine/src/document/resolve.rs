//! What a scalar means: the rules of the YAML library that the API server uses, which are those of YAML 1.1 with
//! extensions.

use super::number::{self, Integer};

/// The meaning of a scalar. Text that is no other kind is a string.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    /// Above `i64::MAX`: the API server has a float, and refuses it as a mapping key.
    Large(u64),
    Float(f64),
    Str,
}

/// The tags that have a meaning for scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Str,
    Bool,
    Int,
    Float,
    Null,
    Timestamp,
    Binary,
    Merge,
    /// `!` alone.
    NonSpecific,
    /// Any other: the scalar is a string.
    Other,
}

impl Tag {
    /// The tag of a full name such as `tag:yaml.org,2002:int`, given as the part behind the common prefix.
    pub(super) fn from_core(name: &str) -> Tag {
        match name {
            "str" => Tag::Str,
            "bool" => Tag::Bool,
            "int" => Tag::Int,
            "float" => Tag::Float,
            "null" => Tag::Null,
            "timestamp" => Tag::Timestamp,
            "binary" => Tag::Binary,
            "merge" => Tag::Merge,
            _ => Tag::Other,
        }
    }

    /// The tag as authors write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Tag::Str => "!!str",
            Tag::Bool => "!!bool",
            Tag::Int => "!!int",
            Tag::Float => "!!float",
            Tag::Null => "!!null",
            Tag::Timestamp => "!!timestamp",
            Tag::Binary => "!!binary",
            Tag::Merge => "!!merge",
            Tag::NonSpecific => "!",
            Tag::Other => "this tag",
        }
    }
}

/// The meaning of a scalar without quotes and tag.
#[inline]
pub(super) fn plain(text: &str) -> Scalar {
    match text.as_bytes().first() {
        None => Scalar::Null,
        // Most scalars start with a letter that starts no word.
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~') => word(text),
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => numeric(text),
        Some(_) => Scalar::Str,
    }
}

/// The meaning of a scalar that carries a tag, quoted or not; nothing where its text is none of that type.
pub(super) fn tagged(tag: Tag, text: &str) -> Option<Scalar> {
    let meaning = match tag {
        Tag::Str | Tag::Binary | Tag::Merge | Tag::NonSpecific | Tag::Other => return Some(Scalar::Str),
        Tag::Timestamp => return is_timestamp(text).then_some(Scalar::Str),
        _ => plain(text),
    };
    match (tag, meaning) {
        (Tag::Null, Scalar::Null) | (Tag::Bool, Scalar::Bool(_)) | (Tag::Float, Scalar::Float(_)) => Some(meaning),
        (Tag::Int, Scalar::Int(_) | Scalar::Large(_)) => Some(meaning),
        (Tag::Float, Scalar::Int(value)) => Some(Scalar::Float(value as f64)),
        _ => None,
    }
}

fn word(text: &str) -> Scalar {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        _ => Scalar::Str,
    }
}

fn numeric(text: &str) -> Scalar {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    if text.starts_with('.') {
        return number::parse_pointed_float(text).map_or(Scalar::Str, Scalar::Float);
    }
    if let Some(value) = small_decimal(text) {
        return Scalar::Int(value);
    }
    if !may_be_number(text) {
        return Scalar::Str;
    }
    let without;
    let text = if text.contains('_') {
        without = text.replace('_', "");
        &without
    } else {
        text
    };
    match number::parse_int(text).or_else(|| number::parse_signed_binary(text)) {
        Some(Integer::Signed(value)) => Scalar::Int(value),
        Some(Integer::Large(value)) => Scalar::Large(value),
        None => number::parse_float(text).map_or(Scalar::Str, Scalar::Float),
    }
}

/// The value of up to 18 digits without a leading zero: nearly all numbers of real manifests.
fn small_decimal(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() > 18 || (bytes[0] == b'0' && bytes.len() > 1) {
        return None;
    }
    bytes.iter().try_fold(0i64, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
}

/// False for the texts that start like a number and go on as a version, an address, a quantity, a date.
fn may_be_number(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'_' | b'.' | b'+' | b'-' | b'x' | b'X' | b'o' | b'O'))
}

/// The meaning of a JSON token that is not a string; the text has been checked to be JSON. Nothing where a number is too
/// large for a float.
pub(super) fn json(token: &str) -> Option<Scalar> {
    match token {
        "null" => Some(Scalar::Null),
        "true" => Some(Scalar::Bool(true)),
        "false" => Some(Scalar::Bool(false)),
        _ => match token.parse::<i64>() {
            Ok(value) => Some(Scalar::Int(value)),
            Err(_) => token.parse().ok().filter(|value: &f64| value.is_finite()).map(Scalar::Float),
        },
    }
}

/// True for a date, or a date and a time, in the forms the library knows: `2006-1-2`, `2006-1-2T15:4:5Z`,
/// `2006-1-2t15:4:5.5+07:00`, `2006-1-2 15:4:5`.
fn is_timestamp(text: &str) -> bool {
    fn split_date(text: &str) -> Option<(u32, u32, u32, &str)> {
        let (year, rest) = text.split_once('-').filter(|(year, _)| year.len() == 4)?;
        let (month, rest) = rest.split_once('-')?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (day, rest) = rest.split_at(end);
        let number = |text: &str, most: usize| {
            (!text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| text.parse().ok())
                .flatten()
        };
        Some((number(year, 4)?, number(month, 2)?, number(day, 2)?, rest))
    }
    fn clock(text: &str) -> Option<&str> {
        let mut rest = text;
        for (limit, last) in [(23, false), (59, false), (59, true)] {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (digits, tail) = rest.split_at(end);
            let value: u32 = digits.parse().ok().filter(|_| digits.len() <= 2)?;
            if value > limit {
                return None;
            }
            rest = if last { tail } else { tail.strip_prefix(':')? };
        }
        match rest.strip_prefix(['.', ',']) {
            Some(fraction) => {
                let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
                (end > 0).then_some(&fraction[end..])
            }
            None => Some(rest),
        }
    }
    fn zone(text: &str) -> bool {
        let offset =
            |digits: &str, most: u32| digits.len() == 2 && digits.parse::<u32>().is_ok_and(|value| value <= most);
        text == "Z"
            || text
                .strip_prefix(['+', '-'])
                .and_then(|rest| rest.split_once(':'))
                .is_some_and(|(h, m)| offset(h, 24) && offset(m, 60))
    }
    let Some((year, month, day, rest)) = split_date(text) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    if day == 0 || day > days {
        return false;
    }
    if rest.is_empty() {
        return true;
    }
    if let Some(time) = rest.strip_prefix(['T', 't']) {
        return clock(time).is_some_and(zone);
    }
    rest.strip_prefix(' ').and_then(clock).is_some_and(str::is_empty)
}

/// Decodes the text of a `!!binary` scalar: padded base64 in which line breaks may stand. Each byte that is
/// not UTF-8 becomes U+FFFD, as in the JSON the API server reads.
pub(super) fn binary(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count, mut padding) = (0u32, 0u32, 0u32);
    for byte in text.bytes() {
        let value = match byte {
            b'\n' | b'\r' => continue,
            b'=' => {
                padding += 1;
                continue;
            }
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    match (count, padding) {
        (0, 0) => {}
        (2, 2) => bytes.push((bits >> 4) as u8),
        (3, 1) => bytes.extend_from_slice(&((bits >> 2) as u16).to_be_bytes()),
        _ => return None,
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_1_1_words_are_booleans_and_null() {
        for text in ["y", "Yes", "ON", "true", "TRUE"] {
            assert_eq!(plain(text), Scalar::Bool(true), "{text}");
        }
        for text in ["n", "No", "off", "False"] {
            assert_eq!(plain(text), Scalar::Bool(false), "{text}");
        }
        for text in ["", "~", "null", "NULL"] {
            assert_eq!(plain(text), Scalar::Null, "{text}");
        }
        for text in ["yEs", "nil", "tRUE", "none", "<<"] {
            assert_eq!(plain(text), Scalar::Str, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        assert_eq!(plain("0777"), Scalar::Int(511));
        assert_eq!(plain("0o17"), Scalar::Int(15));
        assert_eq!(plain("1_000"), Scalar::Int(1000));
        assert_eq!(plain("08"), Scalar::Float(8.0));
        assert_eq!(plain("1e3"), Scalar::Float(1000.0));
        assert_eq!(plain("+12"), Scalar::Int(12));
        assert_eq!(plain("9223372036854775808"), Scalar::Large(1 << 63));
        assert_eq!(plain("18446744073709551616"), Scalar::Float(18446744073709551616.0));
        for text in ["190:20:30", "2024-01-02", "1.2.3", "100m", "-", "+", "1_a", "0x", "10.0.0.1", "_1"] {
            assert_eq!(plain(text), Scalar::Str, "{text}");
        }
    }

    #[test]
    fn tags_convert_or_refuse() {
        assert_eq!(tagged(Tag::Int, "3"), Some(Scalar::Int(3)));
        assert_eq!(tagged(Tag::Bool, "yes"), Some(Scalar::Bool(true)));
        assert_eq!(tagged(Tag::Float, "3"), Some(Scalar::Float(3.0)));
        assert_eq!(tagged(Tag::Str, "3"), Some(Scalar::Str));
        assert_eq!(tagged(Tag::Other, "3"), Some(Scalar::Str));
        assert_eq!(tagged(Tag::Null, ""), Some(Scalar::Null));
        assert_eq!(tagged(Tag::Int, "3.5"), None);
        assert_eq!(tagged(Tag::Bool, "maybe"), None);
    }

    #[test]
    fn timestamps_have_four_forms() {
        for text in ["2001-12-14", "2001-1-2T3:4:5Z", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.1"] {
            assert!(is_timestamp(text), "{text}");
        }
        for text in ["2001-12-14 21:59:43.10 -5", "2001-13-01", "2001-02-30", "01-02-03", "2001-12-14T21:59:43"] {
            assert!(!is_timestamp(text), "{text}");
        }
    }

    #[test]
    fn binary_is_padded_base64_with_line_breaks() {
        assert_eq!(binary("aGVs\nbG8=").as_deref(), Some("hello"));
        assert_eq!(binary("aGk=").as_deref(), Some("hi"));
        assert_eq!(binary("YQ==").as_deref(), Some("a"));
        assert_eq!(binary("/w==").as_deref(), Some("\u{FFFD}"));
        assert_eq!(binary("aGVsbG8"), None);
        assert_eq!(binary("a=Vs"), None);
        assert_eq!(binary("aGVs bG8="), None);
    }
}
