//! `.jwt()`: header and claims of a JSON Web Token. The signature is not checked.

use serde_json::Value as Json;

use super::{base64, missing, result};
use crate::relation::record;
use crate::time::SECOND;
use crate::value::{Data, Value};

/// The `Jwt` record of a text; missing where it is no token.
pub(super) fn jwt<'a>(receiver: &Value<'a>) -> Value<'a> {
    let Some((header, claims)) = receiver.as_text().and_then(|text| parse(text.trim())) else {
        return missing(receiver);
    };
    let text = |value: Option<&Json>| match value.and_then(Json::as_str) {
        Some(text) => result(receiver, Data::Text(text.into())),
        None => missing(receiver),
    };
    // RFC 7519 allows fractions of a second, which do not matter here.
    let time = |claim: &str| match claims.get(claim).and_then(Json::as_f64).map(|seconds| seconds as i64) {
        Some(seconds) => match seconds.checked_mul(SECOND) {
            Some(nanoseconds) => result(receiver, Data::Time(nanoseconds)),
            None => missing(receiver),
        },
        None => missing(receiver),
    };
    let values = vec![text(claims.get("iss")), time("iat"), time("exp"), text(header.get("alg"))];
    Value::row(record("Jwt"), values).with_origin(receiver.origin)
}

/// Header and claims of a token of three parts.
pub(crate) fn parse(text: &str) -> Option<(Json, Json)> {
    let mut parts = text.split('.');
    let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !signature.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        return None;
    }
    let json = |part: &str| -> Option<Json> {
        let value: Json = serde_json::from_slice(&base64::decode_url(part)?).ok()?;
        value.is_object().then_some(value)
    };
    let header = json(header)?;
    header.get("alg")?.as_str()?;
    Some((header, json(claims)?))
}
