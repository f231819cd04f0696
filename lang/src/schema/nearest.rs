//! The nearest right name for a wrong one.

use super::Schemas;
use super::model::*;

impl Schemas {
    /// The kind that was probably meant: by case, plural, short name (`deploy`), or a few letters.
    pub fn nearest_kind(&self, misspelt: &str) -> Option<&str> {
        if misspelt.is_empty() {
            return None;
        }
        let by_resource = self.kinds().map(|k| self.kind(k)).find(|k| {
            k.plural.eq_ignore_ascii_case(misspelt) || k.short_names.iter().any(|s| s.eq_ignore_ascii_case(misspelt))
        });
        if let Some(kind) = by_resource {
            return Some(kind.unique_name());
        }
        nearest(misspelt, self.base.names().chain(self.ext.names.iter().map(|(n, _)| &**n)))
    }

    /// The field of a type that was probably meant.
    pub fn nearest_field(&self, ty: TypeId, misspelt: &str) -> Option<&str> {
        nearest(misspelt, self.type_info(ty).fields.iter().map(|f| &*f.name))
    }

    /// The type whose short name was probably meant.
    pub fn nearest_type(&self, misspelt: &str) -> Option<&str> {
        nearest(misspelt, self.base.type_names())
    }
}

/// The candidate nearest to a misspelt name: equal but for case, dashes or underscores; a plural or singular; a few
/// letters away (one for short names, up to a third of the letters for long ones). The first of equals.
pub fn nearest<'n>(misspelt: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = letters(misspelt);
    let limit = (wanted.len() / 3).clamp(1, 4);
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        let candidate = letters(name);
        let distance = if candidate == wanted {
            0
        } else if is_plural(&candidate, &wanted) || is_plural(&wanted, &candidate) {
            1
        } else {
            distance(&wanted, &candidate, limit)
        };
        if distance <= limit && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

fn letters(name: &str) -> Vec<u8> {
    name.bytes().filter(|b| !matches!(b, b'-' | b'_')).map(|b| b.to_ascii_lowercase()).collect()
}

fn is_plural(plural: &[u8], singular: &[u8]) -> bool {
    let stem = plural.strip_suffix(b"ies").map(|s| s.len());
    plural.strip_suffix(b"s") == Some(singular)
        || plural.strip_suffix(b"es") == Some(singular)
        || stem.is_some_and(|n| {
            singular.len() == n + 1 && singular.last() == Some(&b'y') && plural.starts_with(&singular[..n])
        })
}

/// Insertions, deletions, changes and swaps of neighbours that lead from one to the other; beyond `limit` any
/// larger number.
fn distance(a: &[u8], b: &[u8], limit: usize) -> usize {
    if a.len().abs_diff(b.len()) > limit {
        return limit + 1;
    }
    let width = b.len() + 1;
    let mut before_last = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1; width];
        for (j, y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                cost = cost.min(before_last[j - 1] + 1);
            }
            row[j + 1] = cost;
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_what_people_type() {
        let schemas = Schemas::builtin();
        for (typed, meant) in [
            ("deployment", "Deployment"),
            ("Deployments", "Deployment"),
            ("deploy", "Deployment"),
            ("Deplyoment", "Deployment"),
            ("NetworkPolicies", "NetworkPolicy"),
            ("Secrets", "Secret"),
            ("Config_Map", "ConfigMap"),
        ] {
            assert_eq!(schemas.nearest_kind(typed), Some(meant), "{typed}");
        }
        assert_eq!(schemas.nearest_kind("Zebra"), None);
        assert_eq!(schemas.nearest_kind(""), None);
    }

    #[test]
    fn a_field_is_found_by_its_neighbour() {
        let schemas = Schemas::builtin();
        let pod = schemas.types_named("PodSpec")[0];
        assert_eq!(schemas.nearest_field(pod, "container"), Some("containers"));
        assert_eq!(schemas.nearest_field(pod, "service_account_name"), Some("serviceAccountName"));
        assert_eq!(schemas.nearest_field(pod, "hostnetwork"), Some("hostNetwork"));
        assert_eq!(schemas.nearest_field(pod, "wholly different"), None);
    }

    #[test]
    fn swapped_letters_are_one_step() {
        assert_eq!(distance(b"ab", b"ba", 2), 1);
        assert_eq!(distance(b"kitten", b"sitting", 3), 3);
    }
}
