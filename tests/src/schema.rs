//! Holds a JSON value against a JSON Schema: the keywords that the project's schemas use, and no others.

use serde_json::Value;

/// What deviates, each with its place; empty where the value is right.
///
/// # Panics
/// On a keyword that is not known here: it would be ignored silently otherwise.
pub fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "$", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    for (keyword, rule) in schema.as_object().into_iter().flatten() {
        match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" => {}
            "$ref" => {
                let pointer = rule.as_str().and_then(|target| target.strip_prefix('#')).expect("references are local");
                check(root, root.pointer(pointer).expect("the reference leads somewhere"), value, at, found);
            }
            "const" if value != rule => found.push(format!("{at} is not {rule}")),
            "enum" if !rule.as_array().is_some_and(|list| list.contains(value)) => {
                found.push(format!("{at} is none of {rule}"));
            }
            "type" if !is_type(rule, value) => found.push(format!("{at} is no {rule}")),
            "minimum" if value.as_i64() < rule.as_i64() => found.push(format!("{at} is less than {rule}")),
            "pattern" => pattern(rule.as_str().unwrap_or_default(), value, at, found),
            "required" => {
                for name in rule.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    if value.is_object() && value.get(name).is_none() {
                        found.push(format!("{at} lacks {name}"));
                    }
                }
            }
            "properties" => {
                for (name, part) in rule.as_object().into_iter().flatten() {
                    if let Some(value) = value.get(name) {
                        check(root, part, value, &format!("{at}.{name}"), found);
                    }
                }
            }
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                for (name, value) in value.as_object().into_iter().flatten() {
                    match rule {
                        _ if known.is_some_and(|known| known.contains_key(name)) => {}
                        Value::Bool(false) => found.push(format!("{at}.{name} is not known")),
                        part => check(root, part, value, &format!("{at}.{name}"), found),
                    }
                }
            }
            "items" => {
                for (index, value) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, value, &format!("{at}[{index}]"), found);
                }
            }
            "anyOf" => {
                let fits = |part: &Value| {
                    let mut found = Vec::new();
                    check(root, part, value, at, &mut found);
                    found.is_empty()
                };
                if !rule.as_array().into_iter().flatten().any(fits) {
                    found.push(format!("{at} fits no alternative"));
                }
            }
            "const" | "enum" | "type" | "minimum" => {}
            other => panic!("the keyword {other} is not known"),
        }
    }
}

fn is_type(rule: &Value, value: &Value) -> bool {
    match rule {
        Value::Array(any) => any.iter().any(|rule| is_type(rule, value)),
        _ => match rule.as_str().unwrap_or_default() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "null" => value.is_null(),
            other => panic!("the type {other} is not known"),
        },
    }
}

fn pattern(rule: &str, value: &Value, at: &str, found: &mut Vec<String>) {
    let text = value.as_str().unwrap_or_default();
    let fits = match rule {
        r"^\$" => text.starts_with('$'),
        "^[0-9a-f]{32}$" => text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
        other => panic!("the pattern {other} is not known"),
    };
    if !fits {
        found.push(format!("{at} does not match {rule}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn deviations_are_told_with_their_place() {
        let schema = json!({
            "type": "object", "required": ["a"], "additionalProperties": false,
            "properties": { "a": { "type": "array", "items": { "$ref": "#/$defs/n" } } },
            "$defs": { "n": { "type": "integer", "minimum": 1 } },
        });
        assert_eq!(problems(&schema, &json!({ "a": [1, 2] })), [""; 0]);
        assert_eq!(problems(&schema, &json!({ "a": [0], "b": 1 })), ["$.b is not known", "$.a[0] is less than 1"]);
        assert_eq!(problems(&schema, &json!({})), ["$ lacks a"]);
    }
}
