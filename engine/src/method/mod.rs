//! The methods of the language, by family. Their signatures and documentation are data in
//! [`tacit_lang::builtin::methods`]. None of them reads the world; what does not parse is missing.

use tacit_lang::builtin::methods::Method;

use crate::eval::{Context, Shape};
use crate::value::{Data, Outcome, Value, doubt};

pub(crate) mod base64;
mod certificate;
mod collection;
mod container;
mod embedded;
mod entropy;
mod grant;
mod hcl;
mod jwt;
mod number;
mod secret;
mod selector;
mod sops_rule;
mod text;
mod url;
mod walk;

pub(crate) use certificate::first_certificate_start;
pub(crate) use container::value as container_flag;
pub(crate) use embedded::parse as embedded;
pub(crate) use grant::covers_resource;
pub(crate) use jwt::parse as jwt_parse;
pub(crate) use selector::selector as label_selector;
pub(crate) use url::parse as url_parse;

/// Calls a method on a present receiver. `element` is the shape of the receiver's elements.
pub(crate) fn call<'a>(
    context: &mut Context<'_, 'a>,
    method: Method,
    receiver: Value<'a>,
    args: &[Value<'a>],
    element: &Shape,
) -> Outcome<'a> {
    if matches!(receiver.data, Data::NoBytes) && method != Method::Raw {
        return crate::eval::no_bytes(receiver.origin);
    }
    for arg in args {
        match arg.data {
            Data::NoBytes => return crate::eval::no_bytes(arg.origin),
            Data::Unknown => return crate::eval::unknown(arg.origin),
            Data::Missing(_) => return doubt("an argument of a method is missing", "", arg.origin.or(receiver.origin)),
            _ => {}
        }
    }
    match method {
        Method::Json | Method::Yaml | Method::Hcl => Ok(embedded::parse(context, method, &receiver)),
        Method::Base64 => Ok(text::base64(&receiver)),
        Method::Jwt => Ok(jwt::jwt(&receiver)),
        Method::Certificates => Ok(certificate::certificates(&receiver)),
        Method::Url => Ok(url::url(&receiver)),
        Method::Duration => Ok(text::duration(&receiver)),
        Method::Int => Ok(text::int(&receiver)),
        Method::Bool => Ok(text::bool(&receiver)),
        Method::Before => Ok(text::before(&receiver, args)),
        Method::After => Ok(text::after(&receiver, args)),
        Method::Replace => text::replace(&receiver, args),
        Method::Variables => Ok(text::variables(&receiver)),
        Method::Lower => Ok(text::map(&receiver, str::to_lowercase)),
        Method::Upper => Ok(text::map(&receiver, str::to_uppercase)),
        Method::Trim => Ok(text::map(&receiver, |text| text.trim().to_owned())),
        Method::Split => Ok(text::split(&receiver, args)),
        Method::Lines => Ok(text::lines(&receiver)),
        Method::Text => Ok(text::text(&receiver)),
        Method::Raw => Ok(text::raw(&receiver)),
        Method::Seconds => number::seconds(&receiver),
        Method::Unix => number::unix(&receiver),
        Method::HasBits => Ok(number::has_bits(&receiver, args)),
        Method::Size => collection::size(&receiver),
        Method::Distinct => collection::distinct(context, receiver, element),
        Method::Keys => collection::keys(context, receiver, element),
        Method::Values => collection::values(context, receiver, element),
        Method::Join => collection::join(context, receiver, args),
        Method::SelectsLabels => selector::selects(&receiver, args),
        Method::Walk => Ok(walk::walk(&receiver)),
        Method::LooksLikeCredential => Ok(secret::looks_like_credential(&receiver, args)),
        Method::CredentialKind => Ok(secret::credential_kind(&receiver)),
        Method::NamesCredential => Ok(secret::names_credential(&receiver)),
        Method::Placeholder => Ok(secret::placeholder(&receiver)),
        Method::Entropy => Ok(secret::entropy(&receiver)),
        Method::Digest => Ok(secret::digest(&receiver, &context.world.options.digest_key)),
        Method::Flag => Ok(container::flag(&receiver, args)),
        Method::Allows => grant::allows(&receiver, args),
        Method::HeldBy => grant::held_by(context, &receiver, args),
        Method::SelectsPath => Ok(sops_rule::selects(&receiver, args)),
    }
}

/// The first argument as a text.
fn first<'v>(args: &'v [Value<'_>]) -> &'v str {
    args.first().and_then(Value::as_str).unwrap_or_default()
}

/// A computed value that stems from the receiver.
fn result<'a>(receiver: &Value<'a>, data: Data<'a>) -> Value<'a> {
    Value::at(data, receiver.origin)
}

/// Missing, at the receiver.
fn missing<'a>(receiver: &Value<'a>) -> Value<'a> {
    Value::missing_at(receiver.origin)
}
