//! Numbers as the API server's YAML and JSON libraries read and write them.

/// Reads an integer with an optional sign and base prefix: `0x1f`, `0b11`, `0o17`, and `017` in octal. Underscores must
/// have been taken out.
pub(super) fn parse_int(text: &str) -> Option<Integer> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (radix, digits) = match digits {
        [b'0', b'x' | b'X', rest @ ..] => (16, rest),
        [b'0', b'b' | b'B', rest @ ..] => (2, rest),
        [b'0', b'o' | b'O', rest @ ..] => (8, rest),
        [b'0', rest @ ..] if !rest.is_empty() => (8, rest),
        rest => (10, rest),
    };
    let magnitude = parse_digits(digits, radix)?;
    match (negative, i64::try_from(magnitude)) {
        (false, Ok(value)) => Some(Integer::Signed(value)),
        (true, Ok(value)) => Some(Integer::Signed(-value)),
        (true, Err(_)) => (magnitude == 1 << 63).then_some(Integer::Signed(i64::MIN)),
        // A sign in front makes a number beyond the signed range no number at all.
        (false, Err(_)) => (!text.starts_with('+')).then_some(Integer::Large(magnitude)),
    }
}

/// An integer, kept apart by whether it fits the signed range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Integer {
    /// Fits 64 bits with a sign.
    Signed(i64),
    /// Above `i64::MAX`.
    Large(u64),
}

/// Reads binary digits behind `0b`, where the library also takes a sign (`0b-101`).
pub(super) fn parse_signed_binary(text: &str) -> Option<Integer> {
    if let Some(rest) = text.strip_prefix("0b") {
        let (negative, digits) = match rest.as_bytes() {
            [b'-', digits @ ..] => (true, digits),
            [b'+', digits @ ..] => (false, digits),
            digits => (false, digits),
        };
        let magnitude = i64::try_from(parse_digits(digits, 2)?).ok()?;
        Some(Integer::Signed(if negative { -magnitude } else { magnitude }))
    } else {
        None
    }
}

fn parse_digits(digits: &[u8], radix: u64) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |value, &byte| {
        let digit = (byte as char).to_digit(radix as u32)?;
        value.checked_mul(radix)?.checked_add(u64::from(digit))
    })
}

/// Reads `1.5`, `.5`, `1.`, `1e3`, with an optional sign; nothing where the value is too large for 64 bits.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let digits = |at: &mut usize| {
        let start = *at;
        while bytes.get(*at).is_some_and(u8::is_ascii_digit) {
            *at += 1;
        }
        *at - start
    };
    let whole = digits(&mut at);
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        if digits(&mut at) == 0 && whole == 0 {
            return None;
        }
    } else if whole == 0 {
        return None;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        if digits(&mut at) == 0 {
            return None;
        }
    }
    if at != bytes.len() {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Reads a number that starts with its decimal point. Here underscores may stand between digits.
pub(super) fn parse_pointed_float(text: &str) -> Option<f64> {
    if !text.contains('_') {
        return parse_float(text);
    }
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let separates = |at: usize| digit(at.checked_sub(1)) && digit(Some(at + 1));
    if bytes.iter().enumerate().any(|(at, &byte)| byte == b'_' && !separates(at)) {
        return None;
    }
    parse_float(&text.replace('_', ""))
}

/// The value of a float that JSON writes without a fraction, so that the API server, which reads YAML by way of JSON, has
/// an integer. The digits written decide, not the value: they are the shortest that tell the float apart.
pub(super) fn integral(value: f64) -> Option<i64> {
    if value.trunc() != value || value.abs() >= 1e19 {
        return None;
    }
    json_float(value).parse().ok()
}

/// A float as Go's JSON encoder writes it.
pub(super) fn json_float(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let text = format!("{value:e}");
        if magnitude >= 1e21 { text.replacen('e', "e+", 1) } else { text }
    } else {
        format!("{value}")
    }
}

/// A float that stands as a mapping key, as the API server's YAML library turns it into a string: the shortest digits
/// that tell it apart in 32 bits, with an exponent below 10^-4 and from 10^6 on.
pub(super) fn key_float(value: f64) -> String {
    let narrow = value as f32;
    if narrow.is_nan() {
        return ".nan".to_owned();
    }
    if narrow.is_infinite() {
        return if narrow > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{narrow:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>().unwrap_or(0) {
        -4..=5 => format!("{narrow}"),
        exponent => format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_take_go_prefixes_and_a_leading_zero_is_octal() {
        let signed = |text| {
            parse_int(text).map(|value| match value {
                Integer::Signed(value) => value,
                Integer::Large(_) => panic!("{text} is large"),
            })
        };
        assert_eq!(signed("0777"), Some(511));
        assert_eq!(signed("0o17"), Some(15));
        assert_eq!(signed("-0x1F"), Some(-31));
        assert_eq!(signed("0b101"), Some(5));
        assert_eq!(signed("08"), None);
        assert_eq!(signed("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(parse_int("9223372036854775808"), Some(Integer::Large(1 << 63)));
        assert_eq!(parse_int("+9223372036854775808"), None);
        assert_eq!(parse_int("18446744073709551616"), None);
        assert_eq!(parse_signed_binary("0b-101"), Some(Integer::Signed(-5)));
    }

    #[test]
    fn floats_take_a_bare_point_but_no_names() {
        assert_eq!(parse_float("1."), Some(1.0));
        assert_eq!(parse_float("-.5e1"), Some(-5.0));
        for text in [".", "e1", "1e", "inf", "nan", "1e400", "0x1p4", "1.2.3", ""] {
            assert_eq!(parse_float(text), None, "{text}");
        }
        assert_eq!(parse_pointed_float(".5_0"), Some(0.5));
        assert_eq!(parse_pointed_float("._5"), None);
    }

    #[test]
    fn whole_floats_become_the_integer_that_json_spells() {
        assert_eq!(integral(3.0), Some(3));
        assert_eq!(integral(-0.0), Some(0));
        assert_eq!(integral(1152921504606846976.0), Some(1152921504606847000));
        assert_eq!(integral(1e20), None);
        assert_eq!(integral(0.5), None);
    }

    #[test]
    fn floats_print_as_go_prints_them() {
        assert_eq!(json_float(1e21), "1e+21");
        assert_eq!(json_float(1.5e-7), "1.5e-7");
        assert_eq!(json_float(123456789.25), "123456789.25");
        assert_eq!(key_float(1e6), "1e+06");
        assert_eq!(key_float(100000.0), "100000");
        assert_eq!(key_float(123456789.5), "1.2345679e+08");
        assert_eq!(key_float(0.00001), "1e-05");
        assert_eq!(key_float(0.1), "0.1");
        assert_eq!(key_float(1e39), ".inf");
    }
}
