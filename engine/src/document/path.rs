//! Where a node stands in its document.

use std::fmt::{self, Write};

/// The steps from the root of a document to a node. Displayed as an RFC 9535 normalized path:
/// `$['spec']['containers'][0]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct NodePath {
    /// The steps, from the root on.
    pub steps: Vec<Step>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// To the value of a key.
    Key(Box<str>),
    /// To an item of a sequence, from 0.
    Index(u32),
}

impl NodePath {
    /// The path as people write it: `spec.containers[0]`, keys that are no plain words in brackets and quotes. The root
    /// is empty.
    pub fn dotted(&self) -> Dotted<'_> {
        Dotted(self)
    }

    /// This path with one more step.
    pub fn join(mut self, step: Step) -> NodePath {
        self.steps.push(step);
        self
    }
}

impl fmt::Display for NodePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('$')?;
        for step in &self.steps {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => {
                    f.write_str("['")?;
                    for character in key.chars() {
                        match character {
                            '\'' => f.write_str("\\'")?,
                            '\\' => f.write_str("\\\\")?,
                            '\u{8}' => f.write_str("\\b")?,
                            '\t' => f.write_str("\\t")?,
                            '\n' => f.write_str("\\n")?,
                            '\u{c}' => f.write_str("\\f")?,
                            '\r' => f.write_str("\\r")?,
                            '\0'..='\u{1f}' => write!(f, "\\u{:04x}", character as u32)?,
                            _ => f.write_char(character)?,
                        }
                    }
                    f.write_str("']")?;
                }
            }
        }
        Ok(())
    }
}

/// Displays a path in dotted form; see [`NodePath::dotted`].
pub struct Dotted<'p>(&'p NodePath);

impl fmt::Display for Dotted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.steps.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if is_word(key) => {
                    if at > 0 {
                        f.write_char('.')?;
                    }
                    f.write_str(key)?;
                }
                Step::Key(key) => write!(f, "[{key:?}]")?,
            }
        }
        Ok(())
    }
}

fn is_word(key: &str) -> bool {
    let mut characters = key.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_' || first == '$')
        && characters.all(|rest| rest.is_alphanumeric() || matches!(rest, '_' | '-' | '$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalized_or_dotted() {
        let path = NodePath::default()
            .join(Step::Key("metadata".into()))
            .join(Step::Key("a/b'c".into()))
            .join(Step::Index(2))
            .join(Step::Key("x\u{1}\n".into()));
        assert_eq!(path.to_string(), r"$['metadata']['a/b\'c'][2]['x\u0001\n']");
        assert_eq!(path.dotted().to_string(), r#"metadata["a/b'c"][2]["x\u{1}\n"]"#);
        assert_eq!(NodePath::default().to_string(), "$");
    }
}
