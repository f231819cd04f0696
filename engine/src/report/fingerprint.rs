//! What identifies a finding across runs: the rule, the object, the node and the sort of message. Lines do not count, nor
//! do positions in lists whose items have names.

use sha2::{Digest, Sha256};

use crate::document::{Node, NodePath, Step};
use crate::verdict::Finding;

/// The fingerprint of a finding; `path` is its stable path.
pub fn of(finding: &Finding, path: &str) -> String {
    let object = &finding.object;
    let group = object.api_version.split_once('/').map_or("", |(group, _)| group);
    let namespace = object.namespace.known().map_or("", |name| name);
    // A file that is no object of its own name is known by its path.
    let file = if object.name.is_empty() { &*object.path } else { "" };
    let cluster = object.cluster.as_deref().unwrap_or_default();
    let message = class(&finding.message);
    hash(&[finding.rule.id(), cluster, group, &object.kind, namespace, &object.name, file, path, &message])
}

/// The fingerprint of a further finding that is equal in all that counts.
pub fn again(fingerprint: &str, time: usize) -> String {
    if time == 0 { fingerprint.to_owned() } else { hash(&[fingerprint, &time.to_string()]) }
}

fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let digits = hasher.finalize().into_iter().take(16).flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

/// A message without its numbers: an age that grows is the same finding.
fn class(message: &str) -> String {
    let mut class = String::with_capacity(message.len());
    let mut digits = false;
    for c in message.chars() {
        if c.is_ascii_digit() {
            if !digits {
                class.push('#');
            }
            digits = true;
        } else {
            class.push(c);
            digits = false;
        }
    }
    class
}

/// A path in which items of lists are told by their names, where they have any.
pub fn stable_path(root: Node<'_>, path: &NodePath) -> String {
    let mut text = String::new();
    let mut node = Some(root);
    for step in &path.steps {
        match step {
            Step::Key(key) => {
                text.push('/');
                text.push_str(key);
                node = node.and_then(|node| node.get(key));
            }
            Step::Index(index) => {
                node = node.and_then(|node| node.item(*index as usize));
                match node.and_then(|item| item.get("name")?.as_str()) {
                    Some(name) => text.push_str(&format!("[{name}]")),
                    None => text.push_str(&format!("[{index}]")),
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{LoadOptions, SourceText, load_yaml};

    fn stable(text: &str, find: &str) -> String {
        let loaded = load_yaml(SourceText::new("a.yaml", text), &LoadOptions::default());
        let root = loaded.documents[0].root();
        let mut node = root;
        for step in find.split('.') {
            node = match step.parse::<usize>() {
                Ok(index) => node.item(index).unwrap(),
                Err(_) => node.get(step).unwrap(),
            };
        }
        stable_path(root, &node.path())
    }

    #[test]
    fn items_are_told_by_their_names() {
        let before = stable("c:\n- {name: web, env: [1, 2]}\n", "c.0.env.1");
        let after = stable("c:\n- {name: new}\n- {name: web, env: [1, 2]}\n", "c.1.env.1");
        assert_eq!(before, "/c[web]/env[1]");
        assert_eq!(before, after);
    }

    #[test]
    fn numbers_of_a_message_do_not_count() {
        assert_eq!(class("unchanged for 93 days"), class("unchanged for 104 days"));
        assert_ne!(class("port 80 is open"), class("port 80 is shut"));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
    }
}
