//! `.sops`: the metadata that SOPS leaves in a document it has encrypted.
//!
//! Source: the file format of SOPS 3. Which leaves a document should have encrypted follows from one of its rules; where
//! it states none, keys that end in `_unencrypted` stay in clear.

use std::sync::Arc;

use super::leaf::{each_scalar, leaf};
use super::record;
use crate::document::{Kind, Node};
use crate::eval::{World, below};
use crate::object::Object;
use crate::time::parse_time;
use crate::value::{Data, Gap, Origin, Value};

/// The fields that hold a rule.
const RULES: [&str; 7] = [
    "unencrypted_suffix",
    "encrypted_suffix",
    "unencrypted_regex",
    "encrypted_regex",
    "unencrypted_comment_regex",
    "encrypted_comment_regex",
    "mac_only_encrypted",
];

/// For each sort of recipient: the list of the metadata, the field that names the recipient.
pub(super) const RECIPIENTS: [(&str, &str); 7] = [
    ("age", "recipient"),
    ("pgp", "fp"),
    ("kms", "arn"),
    ("gcp_kms", "resource_id"),
    ("azure_kv", "name"),
    ("hc_vault", "key_name"),
    ("hckms", "key_id"),
];

/// The `Sops` record of an object's document; missing where it has none.
pub(crate) fn of_object<'a>(_world: &World<'a>, node: Node<'a>, object: Option<&'a Object>) -> Value<'a> {
    let root = node.document().root();
    let holder = if node.get("sops").is_some() { node } else { root };
    match holder.get("sops").filter(|sops| sops.kind() == Kind::Map) {
        Some(sops) => of_tree(holder, sops, object),
        None => {
            let gap = Gap::Steps(Arc::from([crate::document::Step::Key("sops".into())]));
            Value::at(Data::Missing(gap), Some(Origin::new(node, object)))
        }
    }
}

/// The record of a tree with its metadata.
pub(crate) fn of_tree<'a>(root: Node<'a>, sops: Node<'a>, object: Option<&'a Object>) -> Value<'a> {
    let origin = Some(Origin::new(sops, object));
    let mut recipients = Vec::new();
    collect_recipients(sops, object, &mut recipients);
    for group in sops.get("key_groups").into_iter().flat_map(Node::items) {
        collect_recipients(group, object, &mut recipients);
    }
    let rules = rules_of(sops, object);
    let selection = Selection::of(&rules);
    let (mut encrypted, mut plain, mut unselected) = (Vec::new(), Vec::new(), Vec::new());
    each_scalar(root, &|at, key| at == root && key == "sops", &mut |scalar| {
        let text = scalar.scalar_text().unwrap_or_default();
        let path = below(scalar, None);
        let keys = path.steps.iter().filter_map(|step| match step {
            crate::document::Step::Key(key) => Some(&**key),
            crate::document::Step::Index(_) => None,
        });
        // SOPS leaves an empty text as it is.
        let sort = if is_encrypted(text) {
            &mut encrypted
        } else if selection.selects(keys) && !text.is_empty() {
            &mut plain
        } else {
            &mut unselected
        };
        sort.push(leaf(scalar, object));
    });
    let text = |field: &str| match sops.get(field).and_then(|value| Some((value, value.scalar_text()?))) {
        Some((node, text)) => Value::at(Data::Str(text), Some(Origin::new(node, object))),
        None => Value::missing_at(origin),
    };
    let modified = text("lastmodified");
    let modified = match modified.as_str().and_then(parse_time) {
        Some(time) => Value::at(Data::Time(time), modified.origin),
        None => Value::missing_at(origin),
    };
    let list = |values: Vec<Value<'a>>| Value::list(values).with_origin(origin);
    let values = vec![
        list(recipients),
        rules,
        list(encrypted),
        list(plain),
        list(unselected),
        text("mac"),
        modified,
        text("version"),
    ];
    Value::row(record("Sops"), values).with_origin(origin)
}

/// `encrypted_regex` and its like, as the metadata or a creation rule states them.
pub(super) fn rules_of<'a>(holder: Node<'a>, object: Option<&'a Object>) -> Value<'a> {
    let rules: Vec<(Value<'a>, Value<'a>)> = RULES
        .iter()
        .filter_map(|name| {
            let value = holder.get(name)?;
            let text = Value::at(Data::Str(value.scalar_text()?), Some(Origin::new(value, object)));
            Some((Value::new(Data::Str(name)), text))
        })
        .collect();
    Value::at(Data::Map(rules.into()), Some(Origin::new(holder, object)))
}

/// True for a value that SOPS has encrypted.
pub(crate) fn is_encrypted(text: &str) -> bool {
    text.starts_with("ENC[AES256_GCM,") && text.ends_with(']')
}

fn collect_recipients<'a>(holder: Node<'a>, object: Option<&'a Object>, out: &mut Vec<Value<'a>>) {
    for (kind, id) in RECIPIENTS {
        for entry in holder.get(kind).into_iter().flat_map(Node::items) {
            let origin = Some(Origin::new(entry, object));
            let text = |field: &str| entry.get(field).and_then(Node::scalar_text).unwrap_or_default();
            let id = match kind {
                "azure_kv" => {
                    Data::Text(format!("{}/keys/{}", text("vault_url").trim_end_matches('/'), text(id)).into())
                }
                "hc_vault" => {
                    Data::Text(format!("{}/{}/{}", text("vault_address"), text("engine_path"), text(id)).into())
                }
                _ => Data::Str(text_of(entry, id)),
            };
            let created = match parse_time(text("created_at")) {
                Some(time) => Value::at(Data::Time(time), origin),
                None => Value::missing_at(origin),
            };
            let values = vec![Value::at(Data::Str(kind), origin), Value::at(id, origin), created];
            out.push(Value::row(record("SopsRecipient"), values).with_origin(origin));
        }
    }
}

fn text_of<'a>(node: Node<'a>, field: &str) -> &'a str {
    node.get(field).and_then(Node::scalar_text).unwrap_or_default()
}

/// Which leaves a rule has encrypted. A leaf is judged by all keys on its path.
pub(crate) struct Selection {
    how: How,
}

enum How {
    Suffix { suffix: String, encrypts: bool },
    Regex { regex: Option<regex::Regex>, encrypts: bool },
}

impl Selection {
    /// The selection of a map of rules, as `.rules` of the records `Sops` and `SopsRule` has them.
    pub fn of(rules: &Value<'_>) -> Selection {
        let rule = |wanted: &str| -> Option<String> {
            match &rules.data {
                Data::Map(entries) => {
                    let entry = entries.iter().find(|(key, _)| key.as_str() == Some(wanted))?;
                    entry.1.as_str().map(str::to_owned)
                }
                Data::Node(node) => node.get(wanted).and_then(Node::scalar_text).map(str::to_owned),
                _ => None,
            }
        };
        let suffix = |name: &str, encrypts| rule(name).map(|suffix| How::Suffix { suffix, encrypts });
        let regex = |name: &str, encrypts| {
            rule(name).map(|pattern| How::Regex { regex: regex::Regex::new(&pattern).ok(), encrypts })
        };
        let how = regex("encrypted_regex", true)
            .or_else(|| regex("unencrypted_regex", false))
            .or_else(|| suffix("encrypted_suffix", true))
            .or_else(|| suffix("unencrypted_suffix", false))
            .unwrap_or_else(|| How::Suffix { suffix: "_unencrypted".into(), encrypts: false });
        Selection { how }
    }

    /// True where a leaf under these keys, from the root on, is to be encrypted.
    pub fn selects<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> bool {
        let mut keys = keys.into_iter();
        match &self.how {
            How::Suffix { suffix, encrypts } => {
                let any = !suffix.is_empty() && keys.any(|key| key.ends_with(suffix.as_str()));
                any == *encrypts
            }
            How::Regex { regex, encrypts } => {
                let any = regex.as_ref().is_some_and(|regex| keys.any(|key| regex.is_match(key)));
                any == *encrypts
            }
        }
    }
}
