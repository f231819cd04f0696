//! Real editors drive the server.

use std::process::Command;

use tacit_tests::binary::{repository, tacit};

const RULE: &str =
    "/// Why.\nrule pod-network low \"x\"\n  for p in Pod\n  deny when p.spec.hostNetwrok == true \"m\"\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  hostNetwork: true\n";

/// Neovim shows an error, mends it with the quick fix, hovers, completes, and shows a finding in a manifest.
#[test]
#[ignore = "needs Neovim; tests/run tells where it is missing"]
fn neovim_mends_a_rule_and_shows_its_finding() {
    let dir = tempfile::tempdir().expect("a directory");
    for (name, text) in
        [("tacit.toml", "rules = [\"rules\"]\nstd = false\n"), ("rules/a.tacit", RULE), ("k8s/pod.yaml", POD)]
    {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }
    let editors = repository().join("editors").canonicalize().expect("the set-ups are there");
    let output = Command::new("nvim")
        .args(["--headless", "-u", "NONE", "-S"])
        .arg(editors.join("neovim/test.lua"))
        .current_dir(dir.path())
        .env("EDITORS", &editors)
        .env("TACIT", tacit().get_program())
        .env("XDG_CACHE_HOME", dir.path().join("cache"))
        .output()
        .expect("nvim starts");
    let out = String::from_utf8_lossy(&output.stdout);
    let line = out.lines().find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("{out}"));
    let told: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(told["before"][0], "`PodSpec` has no field `hostNetwrok`\nhelp: did you mean `hostNetwork`?");
    assert!(told["text"].as_str().is_some_and(|text| text.contains("p.spec.hostNetwork == true")), "{told}");
    assert!(told["hover"].as_str().is_some_and(|text| text.contains("PodSpec.hostNetwork: bool?")), "{told}");
    assert_eq!(told["completion"], serde_json::json!(["hostNetwork", "hostPID"]));
    assert_eq!(told["findings"], serde_json::json!(["m (low)"]));
}
