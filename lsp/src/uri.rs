//! Addresses of documents and paths of files.

use std::path::{Path, PathBuf};

use lsp_types::Uri;

/// The path that an address names. A document that is no file has its address for a path.
pub fn to_path(uri: &Uri) -> PathBuf {
    let Some(rest) = uri.0.strip_prefix("file://") else { return PathBuf::from(&uri.0) };
    // A host before the path is the local one, or empty.
    let rest = rest.find('/').map_or(rest, |at| &rest[at..]);
    let path = decode(rest);
    // `/c:/x` is a path of Windows.
    let drive = path.as_bytes();
    if drive.len() > 2 && drive[0] == b'/' && drive[1].is_ascii_alphabetic() && drive[2] == b':' {
        return PathBuf::from(&path[1..]);
    }
    PathBuf::from(path)
}

/// The address of a path.
pub fn of_path(path: &Path) -> Uri {
    let text = path.to_string_lossy().replace('\\', "/");
    if text.contains(':') && !text.starts_with('/') && text.as_bytes().get(1) != Some(&b':') {
        return Uri(text);
    }
    let mut uri = String::from(if text.starts_with('/') { "file://" } else { "file:///" });
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~' | b'@' | b'+') {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    Uri(uri)
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let value = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match value {
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_back() {
        for path in ["/a/b c/é.tacit", "/x#y?z/%41.yaml"] {
            assert_eq!(to_path(&of_path(Path::new(path))), PathBuf::from(path));
        }
        assert_eq!(of_path(Path::new("/a b")).0, "file:///a%20b");
        assert_eq!(to_path(&Uri("file://localhost/a".into())), PathBuf::from("/a"));
        assert_eq!(of_path(&to_path(&Uri("untitled:Untitled-1".into()))).0, "untitled:Untitled-1");
    }
}
