//! `File`: the files of the input, those without objects too.
//!
//! What a row needs is read by the run, as far as rules read it ([`crate::eval::FileReads`]). Rules on one file alone run
//! while the files stream by.

use std::sync::Arc;

use tacit_lang::types::RowType;

use super::{Relation, record, sops};
use crate::document::{Kind, Node};
use crate::eval::World;
use crate::inventory::FileEntry;
use crate::time::parse_time;
use crate::value::{Data, Origin, Outcome, Value, read_any};

/// The relation.
pub(super) struct File;

impl Relation for File {
    fn name(&self) -> &'static str {
        "File"
    }

    fn rows<'a>(&self, world: &World<'a>, ty: &Arc<RowType>) -> Outcome<'a, Vec<Value<'a>>> {
        Ok(world.inventory.map_or(&[][..], |inventory| inventory.files()).iter().map(|file| row(ty, file)).collect())
    }
}

/// The row of a file.
pub(crate) fn row<'a>(ty: &Arc<RowType>, file: &'a FileEntry) -> Value<'a> {
    // Whatever is told of a file as a whole points at its start.
    let whole = Some(Origin::new(file.text.root(), None));
    let (dir, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
    let ext = name.rsplit_once('.').map_or("", |(_, ext)| ext);
    let tree = file.tree.as_deref().map(|document| document.root());
    let values = vec![
        Value::at(Data::Str(&file.path), whole),
        Value::at(Data::Str(name), whole),
        Value::at(Data::Str(dir), whole),
        Value::at(Data::Str(ext), whole),
        Value::at(Data::Bool(file.ignored), whole),
        if file.readable { Value::at(Data::Str(&file.text.source.text), whole) } else { Value::missing_at(whole) },
        tree.map_or_else(|| Value::missing_at(whole), |node| read_any(node, Some(Origin::new(node, None)))),
        sops_of(file, tree).unwrap_or_else(|| Value::missing_at(whole)),
        sops_rule(file).unwrap_or_else(|| Value::missing_at(whole)),
    ];
    Value::row(ty.clone(), values).with_origin(whole)
}

/// The metadata of SOPS: of a tree, or of the lines of a dotenv or INI file.
fn sops_of<'a>(file: &'a FileEntry, tree: Option<Node<'a>>) -> Option<Value<'a>> {
    if let Some(root) = tree {
        let metadata = root.get("sops").filter(|sops| sops.kind() == Kind::Map)?;
        return Some(sops::of_tree(root, metadata, None));
    }
    if !file.readable {
        return None;
    }
    let (mut found, mut in_section) = (Vec::new(), false);
    for (line, node) in file.text.source.text.lines().zip(file.text.root().items()) {
        if line.starts_with('[') {
            in_section = line.trim_end() == "[sops]";
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        let key = key.trim();
        let key = if in_section { Some(key) } else { key.strip_prefix("sops_") };
        found.extend(key.map(|key| (key, value.trim(), Some(Origin::new(node, None)))));
    }
    let field = |name: &str| found.iter().find(|(key, ..)| *key == name);
    let origin = field("mac").or_else(|| field("version"))?.2;
    let text = |name: &str| match field(name) {
        Some(&(_, value, at)) => Value::at(Data::Str(value), at),
        None => Value::missing_at(origin),
    };
    let modified = match field("lastmodified").and_then(|(_, value, at)| Some((parse_time(value)?, *at))) {
        Some((time, at)) => Value::at(Data::Time(time), at),
        None => Value::missing_at(origin),
    };
    let recipients = found.iter().filter_map(|&(key, value, at)| recipient(key, value, at)).collect();
    let list = |values: Vec<Value<'a>>| Value::list(values).with_origin(origin);
    let values = vec![
        list(recipients),
        Value::at(Data::Map(Arc::from([])), origin),
        list(Vec::new()),
        list(Vec::new()),
        list(Vec::new()),
        text("mac"),
        modified,
        text("version"),
    ];
    Some(Value::row(record("Sops"), values).with_origin(origin))
}

/// `age__list_0__map_recipient=age1…`: nested metadata in files that have no nesting.
fn recipient<'a>(key: &str, value: &'a str, origin: Option<Origin<'a>>) -> Option<Value<'a>> {
    let (list, rest) = key.split_once("__list_")?;
    let field = rest.split_once("__map_")?.1;
    let (kind, _) = sops::RECIPIENTS.iter().find(|(kind, id)| *kind == list && *id == field)?;
    let values =
        vec![Value::at(Data::Str(kind), origin), Value::at(Data::Str(value), origin), Value::missing_at(origin)];
    Some(Value::row(record("SopsRecipient"), values).with_origin(origin))
}

/// The creation rule that is for the file.
fn sops_rule<'a>(file: &'a FileEntry) -> Option<Value<'a>> {
    let rule = file.sops_rule.as_ref()?;
    let node = rule.document.node(rule.node);
    let origin = Some(Origin::new(node, None));
    let path = match node.get("path_regex").and_then(|path| Some((path, path.scalar_text()?))) {
        Some((node, text)) => Value::at(Data::Str(text), Some(Origin::new(node, None))),
        None => Value::missing_at(origin),
    };
    let rules = sops::rules_of(node, None);
    Some(Value::row(record("SopsRule"), vec![path, rules, Value::at(Data::Node(node), origin)]).with_origin(origin))
}
