//! Signals while a command is profiled: it gets them as without nixtune, and what was measured until
//! then is told.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use expectrl::ControlCode;
use serde_json::Value as Json;

use super::Script;
use crate::terminal::Terminal;

/// Reports the begin of a build, says that it did, and waits for ever.
const WAITS: &str = r#"
printf '%s\n' '@nix {"action":"start","id":1,"level":0,"text":"","type":104}' >&2
printf '%s\n' '@nix {"action":"start","id":2,"level":3,"text":"building","type":105,"fields":["/nix/store/x.drv","",1,1]}' >&2
echo ready > ready
read line < never
"#;

fn pipe(script: &Script, name: &str) {
    let path = script.path().join(name);
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Starts a profile of the script without a terminal, and waits until the script waits.
fn started(script: &Script) -> Child {
    pipe(script, "ready");
    pipe(script, "never");
    let child = script
        .nixtune(
            &["setsid"],
            &[
                "analyze", "profile", "--format", "json", "--", "nix", "build",
            ],
        )
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut word = String::new();
    File::open(script.path().join("ready"))
        .unwrap()
        .read_to_string(&mut word)
        .unwrap();
    assert_eq!(word, "ready\n");
    child
}

/// Sends a signal to nixtune alone; what its command does is told by exit code and report.
fn ended(script: &Script, signal: &str) -> (Option<i32>, Json, String) {
    let child = started(script);
    let sent = Command::new("sh")
        .args([
            "-c",
            "kill -\"$1\" \"$2\"",
            "sh",
            signal,
            &child.id().to_string(),
        ])
        .status();
    assert!(sent.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
    (output.status.code(), report, said)
}

#[test]
fn a_signal_ends_the_command_and_not_the_report() {
    for (signal, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        let script = Script::new(WAITS);
        let (code, report, said) = ended(&script, signal);
        assert_eq!(code, Some(128 + number), "{signal}: {said}");
        assert_eq!(report["is_interrupted"], true);
        assert_eq!(report["builds"][0]["end_quality"], "open");
        assert!(report["wall_secs"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn a_command_that_cleans_up_has_its_own_exit_code() {
    let script = Script::new(&format!("trap 'echo cleaned up >&2; exit 7' TERM\n{WAITS}"));
    let (code, report, said) = ended(&script, "TERM");
    assert_eq!(code, Some(7), "{said}");
    assert!(said.contains("cleaned up"), "{said}");
    assert_eq!(report["is_interrupted"], true);
}

#[test]
fn control_c_comes_once() {
    let script = Script::new(&format!(
        "trap 'echo got it >&2; count=$((count + 1)); echo $count > count; exit 130' INT\n{WAITS}"
    ));
    pipe(&script, "ready");
    pipe(&script, "never");
    let command = script.nixtune(&[], &["analyze", "profile", "--", "nix", "build"]);
    let mut terminal = Terminal::of(command);
    let mut word = String::new();
    File::open(script.path().join("ready"))
        .unwrap()
        .read_to_string(&mut word)
        .unwrap();
    terminal.press(ControlCode::EndOfText);
    terminal.until("got it");
    terminal.until("A signal ended the run");
    assert_eq!(terminal.end().1, 130);
    let count = std::fs::read_to_string(script.path().join("count")).unwrap();
    assert_eq!(count, "1\n");
}

#[test]
fn without_a_signal_nothing_is_interrupted() {
    let script = Script::new(WAITS);
    let child = started(&script);
    let mut never = OpenOptions::new()
        .write(true)
        .open(script.path().join("never"))
        .unwrap();
    never.write_all(b"go on\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["is_interrupted"], false);
}
