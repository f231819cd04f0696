//! Secrets without their values: as the table that the server makes for people. It tells the type of each and how many
//! keys it has, and carries the metadata; the values never leave the server. Which keys they are, the managers tell.

use std::collections::BTreeSet;

use serde_json::value::RawValue;
use tacit_engine::live::{LiveObject, WITHHELD};

use crate::answer::Fields;
use crate::object::{Cut, field, keys, quoted};

/// The positions of the columns that are read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Columns {
    kind: Option<usize>,
    count: Option<usize>,
}

impl Columns {
    /// Of a table's `columnDefinitions`.
    pub fn of(definitions: &RawValue) -> Columns {
        let names: Vec<Fields<'_>> = serde_json::from_str(definitions.get()).unwrap_or_default();
        let at = |name: &str| names.iter().position(|column| column.text("name").as_deref() == Some(name));
        Columns { kind: at("Type"), count: at("Data") }
    }
}

/// The Secret of a row.
pub(crate) fn secret(cut: &Cut, columns: Columns, row: &RawValue) -> Option<LiveObject> {
    let row = Fields::of(row)?;
    let cells: Vec<serde_json::Value> = serde_json::from_str(row.get("cells")?.get()).ok()?;
    let object = Fields::of(row.get("object")?)?;
    let cell = |at: Option<usize>| at.and_then(|at| cells.get(at));
    let count = cell(columns.count).and_then(serde_json::Value::as_u64);
    let known = known_keys(&object);
    let data = match count {
        Some(0) => None,
        Some(count) if count == known.len() as u64 => Some(keys(known.iter().map(String::as_str))),
        // Somebody cleared the record of the managers: that there are keys is all that is known.
        _ => Some(quoted(WITHHELD)),
    };
    cut.object(&object, None, |out| {
        if let Some(kind) = cell(columns.kind).and_then(serde_json::Value::as_str) {
            field(out, "type", &quoted(kind));
        }
        if let Some(data) = data {
            field(out, "data", &data);
        }
    })
}

/// The keys of `data` that some manager owns.
fn known_keys(object: &Fields<'_>) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let managers = object
        .get("metadata")
        .and_then(Fields::of)
        .and_then(|metadata| serde_json::from_str::<Vec<serde_json::Value>>(metadata.get("managedFields")?.get()).ok());
    for manager in managers.unwrap_or_default() {
        if let Some(fields) = manager.pointer("/fieldsV1/f:data").and_then(serde_json::Value::as_object) {
            known.extend(fields.keys().filter_map(|key| key.strip_prefix("f:")).map(str::to_owned));
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(row: &str) -> serde_json::Value {
        let cut = Cut { api_version: "v1".into(), kind: "Secret".into(), secret: true, values: false, history: None };
        let columns: Box<RawValue> =
            serde_json::from_str(r#"[{"name":"Name"},{"name":"Type"},{"name":"Data"},{"name":"Age"}]"#).unwrap();
        let row: Box<RawValue> = serde_json::from_str(row).unwrap();
        serde_json::from_str(&secret(&cut, Columns::of(&columns), &row).unwrap().text).unwrap()
    }

    #[test]
    fn the_managers_tell_the_keys() {
        let object = read(
            r#"{"cells":["db","Opaque",2,"3d"],"object":{"kind":"PartialObjectMetadata","metadata":{"name":"db",
            "managedFields":[{"fieldsV1":{"f:data":{".":{},"f:pw":{}}}},{"fieldsV1":{"f:data":{"f:user":{}}}}]}}}"#,
        );
        assert_eq!(object["type"], "Opaque");
        assert_eq!(object["data"], serde_json::json!({ "pw": WITHHELD, "user": WITHHELD }));
    }

    #[test]
    fn without_managers_the_keys_are_open_and_none_are_none() {
        let object = |count: u32| {
            read(&format!(r#"{{"cells":["db","Opaque",{count},"3d"],"object":{{"metadata":{{"name":"db"}}}}}}"#))
        };
        assert_eq!(object(1)["data"], WITHHELD);
        assert!(object(0).get("data").is_none());
    }
}
