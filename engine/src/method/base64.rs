//! Base64, as Kubernetes reads it and as tokens write it.

/// The value of a letter of the standard alphabet, or of the URL alphabet.
fn digit(byte: u8, url: bool) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' if !url => 62,
        b'/' if !url => 63,
        b'-' if url => 62,
        b'_' if url => 63,
        _ => return None,
    }))
}

/// Decodes the standard alphabet with padding, line breaks between, as the API server does.
pub(crate) fn decode_standard(text: &str) -> Option<Vec<u8>> {
    decode(text, false, true)
}

/// Decodes either alphabet, with or without padding.
pub(crate) fn decode_any(text: &str) -> Option<Vec<u8>> {
    decode(text, text.contains(['-', '_']), false)
}

/// Decodes the URL alphabet without padding.
pub(crate) fn decode_url(text: &str) -> Option<Vec<u8>> {
    if text.ends_with('=') { None } else { decode(text, true, false) }
}

fn decode(text: &str, url: bool, padded: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count, mut padding) = (0u32, 0u32, 0u32);
    for byte in text.bytes() {
        match byte {
            b'\n' | b'\r' => continue,
            b'=' => {
                padding += 1;
                continue;
            }
            _ if padding > 0 => return None,
            _ => {}
        }
        bits = bits << 6 | digit(byte, url)?;
        count += 1;
        if count == 4 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    let expected = (4 - count) % 4;
    let padding_fits = if padded { padding == expected } else { padding == 0 || padding == expected };
    match count {
        _ if !padding_fits => return None,
        0 => {}
        2 => out.push((bits >> 4) as u8),
        3 => out.extend_from_slice(&((bits >> 2) as u16).to_be_bytes()),
        _ => return None,
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_need_the_standard_alphabet_and_padding() {
        assert_eq!(decode_standard("aGVsbG8="), Some(b"hello".to_vec()));
        assert_eq!(decode_standard("aGVs\nbG8=\n"), Some(b"hello".to_vec()));
        assert_eq!(decode_standard(""), Some(vec![]));
        for wrong in ["aGVsbG8", "aGVsbG8==", "aGV sbG8=", "a", "=", "-_8=", "aGVsbG8=aGVs"] {
            assert_eq!(decode_standard(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn tokens_use_the_url_alphabet() {
        assert_eq!(decode_any("-_8"), Some(vec![0xfb, 0xff]));
        assert_eq!(decode_any("+/8="), Some(vec![0xfb, 0xff]));
        assert_eq!(decode_url("-_8"), Some(vec![0xfb, 0xff]));
        assert_eq!(decode_url("+/8"), None);
    }
}
