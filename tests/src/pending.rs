//! Failures of rule tests that are owed to a relation which the engine does not compute yet.

/// How the engine says so.
const REASON: &str = "this build does not compute the relation";

/// True where every failed test of a `tacit test` run failed for that reason. Once a relation is computed, its tests have
/// to pass: then they no longer name the reason.
pub fn only_relations(output: &str) -> bool {
    let mut failures = output.split("\nfailed ").skip(usize::from(!output.starts_with("failed "))).peekable();
    failures.peek().is_some() && failures.all(|failure| failure.contains(REASON))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_to_name_the_reason() {
        let owed = format!("failed a-b \"x\"\n  {REASON} `Grant`\n");
        assert!(only_relations(&owed));
        assert!(!only_relations(&format!("{owed}\nfailed c-d \"y\"\n  expected a finding\n")));
        assert!(!only_relations("2 passed, 0 failed\n"));
    }
}
