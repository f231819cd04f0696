//! Questions about secret material: whether it is one, which one, how strong, whether two are the same.

use sha2::{Digest, Sha256};

use super::{entropy, missing, result};
use crate::credential;
use crate::value::{Data, Value};

/// `.looks_like_credential(name)`
pub(super) fn looks_like_credential<'a>(receiver: &Value<'a>, args: &[Value<'a>]) -> Value<'a> {
    let name = args.first().and_then(Value::as_str);
    let looks = receiver.as_text().is_some_and(|text| credential::looks_like(text, name));
    result(receiver, Data::Bool(looks))
}

/// `.credential_kind()`
pub(super) fn credential_kind<'a>(receiver: &Value<'a>) -> Value<'a> {
    match receiver.as_text().and_then(credential::format) {
        Some(kind) => result(receiver, Data::Str(kind)),
        None => missing(receiver),
    }
}

/// `.names_credential()`
pub(super) fn names_credential<'a>(receiver: &Value<'a>) -> Value<'a> {
    result(receiver, Data::Bool(receiver.as_str().is_some_and(credential::names_credential)))
}

/// `.placeholder()`
pub(super) fn placeholder<'a>(receiver: &Value<'a>) -> Value<'a> {
    result(receiver, Data::Bool(receiver.as_text().is_some_and(credential::is_placeholder)))
}

/// `.entropy()`
pub(super) fn entropy<'a>(receiver: &Value<'a>) -> Value<'a> {
    let bits = match &receiver.data {
        // Bytes that are no text have an entropy too: each byte is a character.
        Data::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => entropy::entropy(text),
            Err(_) => entropy::entropy(&bytes.iter().map(|&byte| char::from(byte)).collect::<String>()),
        },
        _ => entropy::entropy(receiver.as_str().unwrap_or_default()),
    };
    result(receiver, Data::Number(bits))
}

/// `.digest()`: 128 bits of a keyed hash (SHA-256 in the construction of RFC 2104), in hexadecimal. Without the key it
/// tells nothing but equality.
pub(super) fn digest<'a>(receiver: &Value<'a>, key: &[u8; 32]) -> Value<'a> {
    const BYTES: usize = 16;
    let material = match &receiver.data {
        Data::Bytes(bytes) => bytes,
        _ => receiver.as_str().unwrap_or_default().as_bytes(),
    };
    let hash = keyed_hash(key, material);
    let hex: String = hash.iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect();
    result(receiver, Data::Text(hex.into()))
}

/// HMAC-SHA-256.
fn keyed_hash(key: &[u8; 32], material: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let padded = |with: u8| {
        let mut block = [with; BLOCK];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(material).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::keyed_hash;

    /// Made with `openssl dgst -sha256 -mac HMAC -macopt hexkey:0b…0b`.
    #[test]
    fn the_hash_is_hmac_sha_256() {
        let hash = keyed_hash(&[0x0b; 32], b"Hi There");
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7");
    }
}
