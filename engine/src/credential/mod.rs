//! Telling credentials from other text: by the name they stand under, by their own format, by what only stands for one.
//!
//! Precision comes first: a text that may as well be something else is no credential.

mod format;
#[cfg(test)]
mod labelled;
mod name;
mod placeholder;

pub(crate) use format::format;
pub(crate) use name::{may_announce, names_credential};
pub(crate) use placeholder::is_placeholder;

/// Digits from which on a number may be a credential (a PIN, say) and not a port, size or count.
const NUMBER_DIGITS: usize = 5;

/// True where a text is a credential: by its own format, or because the name it stands under says so and the text can be
/// one.
pub(crate) fn looks_like(text: &str, name: Option<&str>) -> bool {
    let text = text.trim();
    if text.is_empty() {
        return false;
    }
    if format(text).is_some() {
        return true;
    }
    name.is_some_and(names_credential) && can_be_credential(text)
}

/// False for what stands for a value that comes from elsewhere, a switch, a small number, a duration, a path, or an
/// address without a login.
fn can_be_credential(text: &str) -> bool {
    let is_number = text.parse::<f64>().is_ok() && text.len() < NUMBER_DIGITS;
    let is_path = ["/", "./", "../", "~/", "file:"].iter().any(|start| text.starts_with(start));
    let is_address = text.contains("://");
    let is_duration = crate::time::parse_duration(text).is_some() && !text.bytes().all(|b| b.is_ascii_digit());
    let is_switch = matches!(
        text.to_ascii_lowercase().as_str(),
        "true"
            | "false"
            | "yes"
            | "no"
            | "on"
            | "off"
            | "enabled"
            | "disabled"
            | "none"
            | "null"
            | "nil"
            | "auto"
            | "default"
    );
    !(is_placeholder(text) || is_number || is_path || is_address || is_duration || is_switch)
}

#[cfg(test)]
mod tests {
    use super::looks_like;

    #[test]
    fn a_name_and_a_value_that_can_be_one() {
        assert!(looks_like("hunter2", Some("DB_PASSWORD")));
        assert!(looks_like("123456", Some("PIN_PASSWORD")));
        assert!(!looks_like("hunter2", Some("DB_HOST")));
        assert!(!looks_like("hunter2", None));
    }

    #[test]
    fn values_that_only_point_to_one() {
        for text in
            ["", "${DB_PASSWORD}", "/run/secrets/db", "true", "8200", "30s", "https://vault:8200", "vault:kv/db#p"]
        {
            assert!(!looks_like(text, Some("DB_PASSWORD")), "{text}");
        }
    }

    #[test]
    fn a_format_needs_no_name() {
        assert!(looks_like("postgres://app:s3cr3t@db/main", Some("DATABASE_URL")));
        assert!(!looks_like("postgres://app:${PASS}@db/main", Some("DATABASE_URL")));
    }
}
