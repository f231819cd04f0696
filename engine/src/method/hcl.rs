//! A reader for the HCL that secret tools write: attributes, blocks with labels, lists and objects, comments, heredocs.
//! Vault policies and agent configurations are such files. Expressions are not evaluated: a text that has one does not
//! parse.
//!
//! The result is JSON: attributes by name; blocks as a list under their type, with their labels as nested keys
//! (`auto_auth { method "kubernetes" {…} }` is `{"auto_auth": [{"method": [{"kubernetes": [{…}]}]}]}`), as HCL's own
//! JSON form has them.

use serde_json::{Map, Number, Value as Json};

/// How deep blocks and values may nest.
const MAX_DEPTH: usize = 64;

/// The JSON of a text in HCL; nothing where it is none that this reader knows.
pub(super) fn to_json(text: &str) -> Option<String> {
    let mut reader = Reader { rest: text, depth: 0 };
    let body = reader.body()?;
    reader.blank();
    reader.rest.is_empty().then(|| Json::Object(body).to_string())
}

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Reader<'t> {
    /// Skips white space, line breaks and comments.
    fn blank(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.starts_with('#') || self.rest.starts_with("//") {
                self.rest = self.rest.find('\n').map_or("", |end| &self.rest[end..]);
            } else if let Some(comment) = self.rest.strip_prefix("/*") {
                self.rest = comment.find("*/").map_or("", |end| &comment[end + 2..]);
            } else {
                return;
            }
        }
    }

    fn eat(&mut self, token: char) -> bool {
        self.blank();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Attributes and blocks up to a closing brace or the end.
    fn body(&mut self) -> Option<Map<String, Json>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut body = Map::new();
        loop {
            self.blank();
            if self.rest.is_empty() || self.rest.starts_with('}') {
                break;
            }
            let name = self.name()?;
            if self.eat('=') {
                let value = self.value()?;
                body.insert(name, value);
                self.eat(',');
                continue;
            }
            let mut labels = Vec::new();
            while !self.eat('{') {
                labels.push(self.name()?);
            }
            let mut block = Json::Object(self.body()?);
            if !self.eat('}') {
                return None;
            }
            for label in labels.into_iter().rev() {
                block = Json::Object(Map::from_iter([(label, Json::Array(vec![block]))]));
            }
            match body.entry(name).or_insert_with(|| Json::Array(Vec::new())) {
                Json::Array(blocks) => blocks.push(block),
                // A name cannot be an attribute and a block.
                _ => return None,
            }
        }
        self.depth -= 1;
        Some(body)
    }

    /// A bare word or a text.
    fn name(&mut self) -> Option<String> {
        self.blank();
        if self.rest.starts_with('"') {
            return self.quoted();
        }
        let end =
            self.rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.')).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn value(&mut self) -> Option<Json> {
        self.blank();
        if self.rest.starts_with('"') {
            return self.quoted().map(Json::String);
        }
        if let Some(rest) = self.rest.strip_prefix("<<") {
            self.rest = rest;
            return self.heredoc().map(Json::String);
        }
        if self.eat('[') {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return None;
            }
            let mut values = Vec::new();
            while !self.eat(']') {
                values.push(self.value()?);
                if !self.eat(',')
                    && !{
                        self.blank();
                        self.rest.starts_with(']')
                    }
                {
                    return None;
                }
            }
            self.depth -= 1;
            return Some(Json::Array(values));
        }
        if self.eat('{') {
            return self.object();
        }
        let end = self
            .rest
            .find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '+' | '.'))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        let value = match word {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "null" => Json::Null,
            word => match word.parse::<i64>() {
                Ok(value) => Json::from(value),
                Err(_) => Json::Number(word.parse().ok().and_then(Number::from_f64)?),
            },
        };
        self.rest = rest;
        Some(value)
    }

    /// `{ key = value, "key": value }` behind its brace.
    fn object(&mut self) -> Option<Json> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut entries = Map::new();
        while !self.eat('}') {
            let key = self.name()?;
            if !self.eat('=') && !self.eat(':') {
                return None;
            }
            entries.insert(key, self.value()?);
            self.eat(',');
        }
        self.depth -= 1;
        Some(Json::Object(entries))
    }

    /// A text in double quotes. A template (`${…}`) stays as written.
    fn quoted(&mut self) -> Option<String> {
        let mut out = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Some(out);
                }
                '\n' => return None,
                '\\' => match characters.next()?.1 {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    escaped @ ('"' | '\\') => out.push(escaped),
                    kind @ ('u' | 'U') => {
                        let digits = if kind == 'u' { 4 } else { 8 };
                        let code: String = characters.by_ref().take(digits).map(|(_, c)| c).collect();
                        out.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                    }
                    _ => return None,
                },
                other => out.push(other),
            }
        }
        None
    }

    /// `<<EOT` or `<<-EOT`, up to a line that holds the mark alone.
    fn heredoc(&mut self) -> Option<String> {
        let (strip, rest) = match self.rest.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, self.rest),
        };
        let (mark, body) = rest.split_once('\n')?;
        let mark = mark.trim();
        if mark.is_empty() {
            return None;
        }
        let mut lines = Vec::new();
        let mut at = 0;
        for line in body.split_inclusive('\n') {
            at += line.len();
            if line.trim() == mark {
                self.rest = &body[at..];
                let indent = |line: &&str| line.len() - line.trim_start().len();
                let common = lines.iter().filter(|line: &&&str| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
                let cut = if strip { common } else { 0 };
                return Some(lines.iter().map(|line: &&str| line.get(cut..).unwrap_or("\n")).collect());
            }
            lines.push(line);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::to_json;
    use serde_json::{Value, json};

    fn read(text: &str) -> Option<Value> {
        to_json(text).map(|text| serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn a_vault_policy() {
        let policy = "# all of it\npath \"secret/data/*\" {\n  capabilities = [\"read\", \"list\",]\n}\npath \"sys/*\" { capabilities = [\"sudo\"] }\n";
        assert_eq!(
            read(policy),
            Some(json!({ "path": [
                { "secret/data/*": [{ "capabilities": ["read", "list"] }] },
                { "sys/*": [{ "capabilities": ["sudo"] }] },
            ] }))
        );
    }

    #[test]
    fn an_agent_configuration() {
        let text = r#"
            exit_after_auth = true // once
            auto_auth {
              method "kubernetes" {
                mount_path = "auth/kubernetes"
                config = { role = "web", "max": 3 }
              }
            }
            template { contents = <<-EOT
                a = "b"
                  c
                EOT
            }
        "#;
        assert_eq!(
            read(text),
            Some(json!({
                "exit_after_auth": true,
                "auto_auth": [{ "method": [{ "kubernetes": [{
                    "mount_path": "auth/kubernetes", "config": { "role": "web", "max": 3 },
                }] }] }],
                "template": [{ "contents": "a = \"b\"\n  c\n" }],
            }))
        );
    }

    #[test]
    fn what_is_no_hcl_does_not_parse() {
        for text in ["path \"a\" {", "a = b()", "a = \"x", "= 1", "a = [1 2]", "a { } }", &"a {".repeat(1_000)] {
            assert_eq!(read(text), None, "{text:.20}");
        }
        assert_eq!(read(""), Some(json!({})));
    }
}
