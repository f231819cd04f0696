//! `.json()`, `.yaml()`, `.hcl()`: documents inside texts.

use std::hash::{DefaultHasher, Hash, Hasher};

use tacit_lang::builtin::methods::Method;

use super::{hcl, missing};
use crate::document::{LoadOptions, SourceText, load_json, load_yaml};
use crate::eval::{Context, Embedded, Format, Outer};
use crate::value::{Origin, Value, read_any};

/// The value of a text read as a document; missing where it does not parse.
pub(crate) fn parse<'a>(context: &mut Context<'_, 'a>, method: Method, receiver: &Value<'a>) -> Value<'a> {
    let format = match method {
        Method::Json => Format::Json,
        Method::Yaml => Format::Yaml,
        _ => Format::Hcl,
    };
    let Some(text) = receiver.as_text() else { return missing(receiver) };
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    if let Some(Origin { node, .. }) = receiver.origin {
        (std::ptr::from_ref(node.document()) as usize, node.id()).hash(&mut hasher);
    }
    let outer = || receiver.origin.map(|origin| context.outer(origin, text));
    let parsed = context.world.parsed.get(format, hasher.finish(), || embed(format, text, outer()));
    let object = receiver.origin.and_then(|origin| origin.object);
    match parsed {
        Some(embedded) => {
            let root = embedded.document.root();
            read_any(root, Some(Origin::new(root, object)))
        }
        None => missing(receiver),
    }
}

fn embed(format: Format, text: &str, outer: Option<Outer>) -> Option<Embedded> {
    // The name under which the text would be shown; its places are those of the file around it.
    let path = outer.as_ref().map_or_else(|| "-".into(), |outer| outer.source.path.clone());
    let options = LoadOptions::default();
    let loaded = match format {
        Format::Json => load_json(SourceText::new(path, text), &options),
        Format::Yaml => load_yaml(SourceText::new(path, text), &options),
        Format::Hcl => load_json(SourceText::new(path, hcl::to_json(text)?), &options),
    };
    if !loaded.errors.is_empty() || !loaded.templates.is_empty() {
        return None;
    }
    let document = loaded.documents.into_iter().next()?;
    // HCL went through JSON, so its places are those of the whole text.
    let outer = outer.map(|outer| if format == Format::Hcl { Outer { scalar: None, ..outer } } else { outer });
    Some(Embedded { document, outer })
}
