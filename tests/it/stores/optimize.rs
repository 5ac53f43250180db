//! `nixtune analyze optimize` with real Nix: what it says it freed is what `nix path-info` and `du` say.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

use super::Lab;
use super::store::sizes;
use crate::oracle::oracles;

/// Two outputs with the same megabyte, which links keep, and one that nothing keeps.
const PACKAGES: &str = r#"
let
  make = name: script: derivation {
    inherit name;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    PATH = "/usr/bin:/bin";
    args = [ "-c" script ];
  };
in {
  one = make "one" "mkdir $out; head -c 1048576 /dev/zero > $out/x; echo one > $out/y";
  two = make "two" "mkdir $out; head -c 1048576 /dev/zero > $out/x; echo two > $out/y";
  gone = make "gone" "mkdir $out; head -c 3145728 /dev/zero | tr '\\0' x > $out/z";
}
"#;

fn filled(lab: &Lab) {
    fs::write(lab.path("packages.nix"), PACKAGES).unwrap();
    for name in ["one", "two"] {
        lab.nix("nix-build", &["packages.nix", "-A", name, "-o", name]);
    }
    lab.build("gone");
}

/// What the paths of the store take on the disk; linked files count once.
fn on_disk(lab: &Lab) -> u64 {
    let output = Command::new("du")
        .args(["-s", "--block-size=1", "--exclude=.links"])
        .arg(lab.path("store"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn what_was_freed_is_what_nix_and_the_disk_say() {
    for oracle in oracles() {
        let lab = Lab::new(oracle, "");
        filled(&lab);
        let before = sizes(&lab);
        let (plan, code) = lab.analyze(&["optimize"]);
        assert_eq!(code, Some(0), "{plan:#}");
        assert_eq!(plan["done"], Json::Null);
        assert_eq!(sizes(&lab), before, "a plan changes nothing");
        let steps = plan["steps"].as_array().unwrap();
        assert_eq!(steps[0]["command"], json!(["nix-store", "--gc"]));
        assert_eq!(steps[1]["command"], json!(["nix-store", "--optimise"]));
        assert_eq!(steps[1]["expected_bytes"], 1_048_576);

        // The two steps apart, so that the disk tells of each.
        let disk = on_disk(&lab);
        let (done, code) = lab.analyze(&["optimize", "--yes", "--no-optimise"]);
        assert_eq!(code, Some(0), "{done:#}");
        let after = sizes(&lab);
        let freed = before.values().sum::<u64>() - after.values().sum::<u64>();
        assert!(freed > 3_145_728);
        assert_eq!(done["done"][0]["step"], "collect");
        assert_eq!(done["done"][0]["freed_bytes"], freed);
        assert_eq!(steps[0]["expected_bytes"], freed);
        assert_eq!(done["after"]["paths"], after.len());
        // Archives are a little smaller or larger than blocks.
        let freed_on_disk = disk - on_disk(&lab);
        assert!(
            freed_on_disk.abs_diff(freed) < 65_536,
            "{freed_on_disk} {freed}"
        );

        let disk = on_disk(&lab);
        let (done, code) = lab.analyze(&["optimize", "--yes"]);
        assert_eq!(code, Some(0), "{done:#}");
        assert_eq!(done["done"].as_array().unwrap().len(), 1, "{done:#}");
        assert_eq!(done["done"][0]["step"], "optimise");
        assert_eq!(done["done"][0]["freed_bytes"], 1_048_576);
        assert_eq!(disk - on_disk(&lab), 1_048_576);
        // Now there is nothing to do, and it says so.
        let (none, code) = lab.analyze(&["optimize", "--yes"]);
        assert_eq!((&none["steps"], code), (&json!([]), Some(0)));
        assert_eq!(none["left_out"][0]["why"], "nothing to gain");
    }
}

#[test]
fn without_yes_and_without_a_terminal_nothing_is_done() {
    let lab = Lab::modern("");
    filled(&lab);
    let before = sizes(&lab);
    let output = lab
        .nixtune()
        .args(["analyze", "optimize", "--older-than", "30d"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        text.contains("`nix-collect-garbage --delete-older-than 30d`"),
        "{text}"
    );
    assert!(text.contains("nothing was done; `--yes` does it"), "{text}");
    // Settings come from what fits this hardware.
    assert!(text.contains("min-free: off, fits: "), "{text}");
    assert_eq!(sizes(&lab), before);
}

/// The lab's `nixtune`, for which `nix-store` is a script.
fn with_fake(lab: &Lab, script: &str) -> Command {
    let fakes = lab.path("fakes");
    fs::create_dir_all(&fakes).unwrap();
    let fake = fakes.join("nix-store");
    fs::write(&fake, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = lab.nixtune();
    let path = oracles().last().unwrap().bin().display().to_string();
    command.env("PATH", format!("{}:{path}:/usr/bin:/bin", fakes.display()));
    command
}

#[test]
fn a_step_that_fails_is_the_last_and_says_why() {
    let lab = Lab::modern("");
    filled(&lab);
    let script =
        "echo a document does not have this line; echo 'error: the disk is on fire' >&2; exit 3";
    let output = with_fake(&lab, script)
        .args(["analyze", "optimize", "--yes", "--format", "json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let json: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["steps"].as_array().unwrap().len(), 2);
    let [step] = json["done"].as_array().unwrap().as_slice() else {
        panic!("{json:#}");
    };
    assert_eq!(
        (&step["code"], &step["freed_bytes"]),
        (&json!(3), &json!(0))
    );
    assert_eq!(step["said"], "error: the disk is on fire");
    let output = with_fake(&lab, script)
        .args(["analyze", "optimize", "--yes"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout)
        .unwrap()
        .replace("\n    ", " ");
    assert!(
        text.contains("it ended with 3: error: the disk is on fire"),
        "{text}"
    );
    assert!(text.contains("link equal files: not begun"), "{text}");
}

#[test]
fn who_interrupts_a_step_hears_what_was_done() {
    let lab = Lab::modern("");
    filled(&lab);
    let mut child = with_fake(&lab, "echo begun >&2; exec tail -f /dev/null")
        .args(["analyze", "optimize", "--yes"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(line, "begun\n");
    // As a terminal does it for Ctrl-C: the whole group gets it.
    let killed = Command::new("kill")
        .args(["-INT", "--", &format!("-{}", child.id())])
        .status()
        .unwrap();
    assert!(killed.success());
    let mut text = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(2), "{status:?} {text}");
    let text = text.replace("\n    ", " ");
    assert!(text.contains("What was done"), "{text}");
    assert!(text.contains("it ended with 130"), "{text}");
    assert!(text.contains("what was freed stays freed"), "{text}");
}

#[test]
fn on_a_terminal_the_answer_decides() {
    use crate::terminal::Terminal;
    let lab = Lab::modern("");
    filled(&lab);
    let before = sizes(&lab);
    let ask = |answer: &str| {
        let mut command = lab.nixtune();
        command.args(["analyze", "optimize", "--no-optimise"]);
        let mut terminal = Terminal::of(command);
        terminal.until("[y,n]");
        terminal.answer(answer);
        terminal.end()
    };
    let (text, code) = ask("n");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("nothing was done"), "{text}");
    assert_eq!(sizes(&lab), before);
    let (text, code) = ask("y");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("What was done"), "{text}");
    assert!(sizes(&lab).len() < before.len());
}
