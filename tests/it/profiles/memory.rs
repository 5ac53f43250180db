//! Memory of a command and of what it starts, against what the processes' own files say.

use std::fs;

use serde_json::Value as Json;

use super::Script;

const MIB: u64 = 1 << 20;

/// Two processes that hold 48 MiB each for a second; what they have is written down by themselves.
const STARTS: &str = r#"
for number in 1 2; do
  { head -c 50331648 /dev/zero; sleep 1; } | tail -n 1 > /dev/null &
  pids="$pids $!"
done
sleep 0.7
for pid in $pids; do grep VmRSS /proc/$pid/status; done > resident
wait
"#;

#[test]
fn what_the_command_starts_counts() {
    let script = Script::new(STARTS);
    let output = script
        .nixtune(
            &[],
            &[
                "analyze", "profile", "--format", "json", "--", "nix", "build",
            ],
        )
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    let resident = fs::read_to_string(script.path().join("resident")).unwrap();
    let resident: u64 = resident
        .lines()
        .map(|line| {
            line.split_whitespace()
                .nth(1)
                .unwrap()
                .parse::<u64>()
                .unwrap()
                * 1024
        })
        .sum();
    assert!(resident >= 96 * MIB, "{resident}");
    let tree = report["peak_tree_bytes"].as_u64().unwrap();
    // Beside the two there are shells, `head` and `sleep`.
    assert!(
        (resident..resident + 32 * MIB).contains(&tree),
        "{tree} {resident}"
    );
    let own = report["peak_memory_bytes"].as_u64().unwrap();
    assert!(own < 16 * MIB, "{own}");
    let text = script
        .nixtune(&[], &["analyze", "profile", "--", "nix", "build"])
        .output()
        .unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains("with those that it started, without builds by a daemon"),
        "{text}"
    );
}
