//! Shannon entropy of a text.

use std::collections::HashMap;

/// Entropy of the characters, in bits for the whole text.
pub(crate) fn entropy(text: &str) -> f64 {
    let mut counts: HashMap<char, usize> = HashMap::new();
    let mut total = 0usize;
    for character in text.chars() {
        *counts.entry(character).or_default() += 1;
        total += 1;
    }
    // Summed in a fixed order, so that the same text has the same entropy to the last bit.
    let mut counts: Vec<usize> = counts.into_values().collect();
    counts.sort_unstable();
    let length = total as f64;
    counts.iter().map(|&count| count as f64 * (length / count as f64).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::entropy;

    #[test]
    fn entropy_counts_bits_of_the_whole_text() {
        assert_eq!(entropy(""), 0.0);
        assert_eq!(entropy("aaaa"), 0.0);
        assert_eq!(entropy("abab"), 4.0);
        assert_eq!(entropy("abcd"), 8.0);
    }
}
