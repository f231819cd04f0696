//! `.certificates()`: X.509 certificates in PEM or DER.

use x509_cert::Certificate;
use x509_cert::der::{Decode, DecodePem};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};

use super::{missing, result};
use crate::relation::record;
use crate::time::SECOND;
use crate::value::{Data, Value};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The `CertificateInfo` records of a text, in order; missing where it holds no certificate that can be read.
pub(super) fn certificates<'a>(receiver: &Value<'a>) -> Value<'a> {
    let found = match (&receiver.data, receiver.as_text()) {
        (_, Some(text)) if text.contains(BEGIN) => from_pem(text),
        (Data::Bytes(bytes), _) => Certificate::from_der(bytes).ok().into_iter().collect(),
        _ => Vec::new(),
    };
    if found.is_empty() {
        return missing(receiver);
    }
    let rows = found.iter().map(|certificate| row(receiver, certificate)).collect();
    result(receiver, Data::List(rows))
}

/// The start of the validity of the first certificate of a text, in nanoseconds since 1970.
pub(crate) fn first_certificate_start(text: &str) -> Option<i64> {
    let first = from_pem(text).into_iter().next()?;
    let start = first.tbs_certificate().validity().not_before.to_unix_duration().as_secs();
    i64::try_from(start).ok()?.checked_mul(SECOND)
}

/// The certificates among the blocks of a text; other blocks and text between are passed over.
fn from_pem(text: &str) -> Vec<Certificate> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(BEGIN) {
        rest = &rest[start..];
        let Some(end) = rest.find(END) else { break };
        let (block, behind) = rest.split_at(end + END.len());
        found.extend(Certificate::from_pem(format!("{block}\n")).ok());
        rest = behind;
    }
    found
}

fn row<'a>(receiver: &Value<'a>, certificate: &Certificate) -> Value<'a> {
    let body = certificate.tbs_certificate();
    let validity = body.validity();
    let seconds = |time: &x509_cert::time::Time| {
        let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
        Data::Time(seconds.saturating_mul(SECOND))
    };
    let text = |text: String| result(receiver, Data::Text(text.into()));
    let names = names(certificate).into_iter().map(text).collect::<Vec<_>>();
    let ca = body.get_extension::<BasicConstraints>().ok().flatten().is_some_and(|(_, basic)| basic.ca);
    let values = vec![
        text(body.subject().to_string()),
        text(body.issuer().to_string()),
        Value::list(names).with_origin(receiver.origin),
        result(receiver, seconds(&validity.not_before)),
        result(receiver, seconds(&validity.not_after)),
        result(receiver, Data::Bool(ca)),
    ];
    Value::row(record("CertificateInfo"), values).with_origin(receiver.origin)
}

/// DNS and IP names.
fn names(certificate: &Certificate) -> Vec<String> {
    let alternatives = certificate.tbs_certificate().get_extension::<SubjectAltName>().ok().flatten();
    let names = alternatives.map(|(_, names)| names.0).unwrap_or_default();
    names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(name.to_string()),
            GeneralName::IpAddress(address) => match *address.as_bytes() {
                [a, b, c, d] => Some(std::net::Ipv4Addr::new(a, b, c, d).to_string()),
                ref bytes => <[u8; 16]>::try_from(bytes).ok().map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()),
            },
            _ => None,
        })
        .collect()
}
