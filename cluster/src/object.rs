//! One object of an answer, made into the text that the engine reads: named, without what rules do not read, and without
//! the values of Secrets where those are not asked for.

use std::sync::{Arc, Mutex};

use serde_json::value::RawValue;
use tacit_engine::live::{HISTORY, LiveObject, WITHHELD};
use tacit_engine::time::{SECOND, format_time};

use crate::answer::Fields;
use crate::history::{History, Now};

/// The copy of an object that client-side `kubectl apply` leaves in it.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// How objects of a list are cut.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    /// What the list itself says once for all.
    pub api_version: Arc<str>,
    /// Likewise.
    pub kind: Arc<str>,
    /// They are Secrets.
    pub secret: bool,
    /// Values of Secrets stay.
    pub values: bool,
    /// What earlier runs saw of Secrets.
    pub history: Option<Arc<Past>>,
}

/// The history of a run, for one cluster.
#[derive(Debug)]
pub(crate) struct Past {
    pub history: Arc<Mutex<History>>,
    pub cluster: Arc<str>,
    /// The instant of the run, in nanoseconds since 1970.
    pub now: i64,
}

impl Cut {
    /// Makes the object of an item; nothing where it is none.
    pub fn item(&self, item: &RawValue) -> Option<LiveObject> {
        let fields = Fields::of(item)?;
        let values = fields.get("data").filter(|_| self.values).map(RawValue::get);
        self.object(&fields, values, |out| {
            for (key, value) in &fields.0 {
                match &**key {
                    "apiVersion" | "kind" | "metadata" => {}
                    "data" | "stringData" if self.secret && !self.values => {
                        field(out, key, &withheld(value));
                    }
                    _ => field(out, key, value.get()),
                }
            }
        })
    }

    /// Makes an object of its metadata and of what `rest` adds; `values` are those of a Secret, where they were read.
    pub fn object(
        &self,
        fields: &Fields<'_>,
        values: Option<&str>,
        rest: impl FnOnce(&mut String),
    ) -> Option<LiveObject> {
        let metadata = Fields::of(fields.get("metadata")?)?;
        let mut text = format!("{{\"apiVersion\":{},\"kind\":{}", quoted(&self.api_version), quoted(&self.kind));
        field(&mut text, "metadata", &self.metadata(&metadata));
        rest(&mut text);
        if let Some(told) = self.history.as_ref().and_then(|past| past.tell(&metadata, values)) {
            field(&mut text, HISTORY, &told);
        }
        text.push('}');
        Some(LiveObject {
            api_version: self.api_version.clone(),
            kind: self.kind.clone(),
            namespace: metadata.text("namespace").unwrap_or_default(),
            name: metadata.text("name").unwrap_or_default(),
            text,
        })
    }

    fn metadata(&self, metadata: &Fields<'_>) -> String {
        let mut out = String::from("{");
        for (key, value) in &metadata.0 {
            match &**key {
                // Who wrote what is read for Secrets alone, and is a large part of every other object.
                "managedFields" if !self.secret => {}
                "annotations" if self.secret && !self.values => match Fields::of(value) {
                    Some(annotations) => {
                        let mut kept = String::from("{");
                        for (name, value) in &annotations.0 {
                            let copy = (&**name == LAST_APPLIED).then(|| last_applied(value));
                            field(&mut kept, name, copy.as_deref().unwrap_or(value.get()));
                        }
                        kept.push('}');
                        field(&mut out, key, &kept);
                    }
                    None => field(&mut out, key, value.get()),
                },
                _ => field(&mut out, key, value.get()),
            }
        }
        out.push('}');
        out
    }
}

impl Past {
    /// Notes a Secret, and gives what earlier runs saw of it as JSON.
    fn tell(&self, metadata: &Fields<'_>, values: Option<&str>) -> Option<String> {
        let text = |name: &str| metadata.text(name).unwrap_or_default();
        let (namespace, name, uid, version) = (text("namespace"), text("name"), text("uid"), text("resourceVersion"));
        let now = Now {
            identity: [&self.cluster, &namespace, &name, &uid],
            version: &version,
            values,
            at: self.now / SECOND,
        };
        let told = self.history.lock().ok()?.note(&now);
        let mut out = String::from("{");
        let times = [("unchangedSince", told.unchanged_since), ("changedSince", told.changed_since)];
        for (name, time) in times {
            if let Some(time) = time {
                field(&mut out, name, &quoted(&format_time(time * SECOND)));
            }
        }
        out.push('}');
        (out.len() > 2).then_some(out)
    }
}

/// Adds a field; `value` is JSON.
pub(crate) fn field(out: &mut String, key: &str, value: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    out.push_str(&quoted(key));
    out.push(':');
    out.push_str(value);
}

/// A text as JSON.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The keys of a map, with the mark in the place of each value.
fn withheld(map: &RawValue) -> String {
    match Fields::of(map) {
        Some(fields) => keys(fields.0.iter().map(|(key, _)| &**key)),
        None if map.get() == "null" => "null".to_owned(),
        None => quoted(WITHHELD),
    }
}

/// A map of these keys, with the mark in the place of each value.
pub(crate) fn keys<'k>(keys: impl Iterator<Item = &'k str>) -> String {
    let mut out = String::from("{");
    for key in keys {
        field(&mut out, key, &quoted(WITHHELD));
    }
    out.push('}');
    out
}

/// The annotation that repeats the Secret, with the mark in the place of each value; the rest of the copy is left out.
fn last_applied(annotation: &RawValue) -> String {
    let text: Option<String> = serde_json::from_str(annotation.get()).ok();
    let copy = text.as_deref().and_then(|text| serde_json::from_str::<Fields<'_>>(text).ok());
    let Some(copy) = copy else { return quoted(WITHHELD) };
    let mut out = String::from("{");
    for name in ["data", "stringData"] {
        if let Some(map) = copy.get(name) {
            field(&mut out, name, &withheld(map));
        }
    }
    out.push('}');
    quoted(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(values: bool) -> String {
        let item = r#"{"metadata":{"name":"db","namespace":"shop","managedFields":[1],"annotations":{"a":"b",
            "kubectl.kubernetes.io/last-applied-configuration":"{\"kind\":\"Secret\",\"stringData\":{\"pw\":\"canary\"}}"}},
            "data":{"pw":"Y2FuYXJ5"},"type":"Opaque"}"#;
        let cut = Cut { api_version: "v1".into(), kind: "Secret".into(), secret: true, values, history: None };
        let raw: Box<RawValue> = serde_json::from_str(item).unwrap();
        let object = cut.item(&raw).unwrap();
        assert_eq!((&*object.namespace, &*object.name), ("shop", "db"));
        object.text
    }

    #[test]
    fn values_of_secrets_are_left_out_and_their_keys_stay() {
        let text = secret(false);
        assert!(!text.contains("canary") && !text.contains("Y2FuYXJ5"), "{text}");
        let object: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(object["data"]["pw"], WITHHELD);
        assert_eq!(object["type"], "Opaque");
        let copy = object["metadata"]["annotations"][LAST_APPLIED].as_str().unwrap();
        assert_eq!(copy, r#"{"stringData":{"pw":"tacit:withheld"}}"#);
        assert_eq!(object["metadata"]["annotations"]["a"], "b");
        assert!(secret(true).contains("Y2FuYXJ5"));
    }

    #[test]
    fn managed_fields_stay_with_secrets_only() {
        let cut = |kind: &str, secret| Cut {
            api_version: "v1".into(),
            kind: kind.into(),
            secret,
            values: false,
            history: None,
        };
        let raw: Box<RawValue> = serde_json::from_str(r#"{"metadata":{"name":"a","managedFields":[1]}}"#).unwrap();
        assert!(cut("Secret", true).item(&raw).unwrap().text.contains("managedFields"));
        assert!(!cut("Pod", false).item(&raw).unwrap().text.contains("managedFields"));
    }
}
