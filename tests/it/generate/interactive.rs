//! `--interactive` of what is generated: questions on a real terminal, and the same files as flags
//! would give.

use std::fs;
use std::path::Path;
use std::process::Command;

use expectrl::ControlCode;

use crate::cli::{nixtune, run};
use crate::terminal::Terminal;

const DAYS: &str = "keep them for how many days? [";
const CACHES: &str = "ask and trust which, by number or address? [none] ";
const SCHEDULE: &str = "collect garbage how often, ";

const OWN: &str = "https://cache.example.org";
const COMMUNITY: &str = "https://nix-community.cachix.org";

/// A folder with the profiles of the tests, and a cache of its own.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let hosts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hosts");
    for name in ["laptop-hybrid", "m1-8g"] {
        let name = format!("{name}.toml");
        fs::copy(hosts.join(&name), folder.path().join(&name)).unwrap();
    }
    let policy = format!(
        "[data.caches]\n\"{OWN}\" = [\"cache.example.org-1:{}=\"]\n",
        "A".repeat(43)
    );
    fs::write(folder.path().join("nixtune.toml"), policy).unwrap();
    folder
}

fn command(folder: &Path, line: &str, file: &str) -> Command {
    let mut command = nixtune(folder);
    command
        .args(line.split(' '))
        .args(["--output", file, "--color", "never"]);
    command
}

/// What a command without questions writes.
fn by_flags(folder: &Path, line: &str) -> String {
    let output = run(command(folder, line, "flags"), b"");
    assert!(output.status.success(), "{output:?}");
    fs::read_to_string(folder.join("flags")).unwrap()
}

fn asked(folder: &Path, line: &str) -> Terminal {
    Terminal::of(command(folder, &format!("{line} --interactive"), "asked"))
}

/// Answers each question in turn, and takes what is written.
fn by_answers(folder: &Path, line: &str, answers: &[(&str, &str)]) -> String {
    let mut terminal = asked(folder, line);
    for (question, answer) in answers {
        terminal.until(question);
        terminal.answer(answer);
    }
    let (rest, code) = terminal.end();
    assert_eq!(code, 0, "{rest}");
    assert!(rest.contains("wrote asked"), "{rest}");
    fs::read_to_string(folder.join("asked")).unwrap()
}

#[test]
fn answers_give_the_same_file_as_flags() {
    const INIT: &str = "init --for nixos --host laptop-hybrid.toml";
    const MAINTENANCE: &str = "generate maintenance --for nixos --host laptop-hybrid.toml";
    let both = format!("{OWN} {COMMUNITY}");
    for (line, answers, flags) in [
        (INIT, &[(DAYS, ""), (CACHES, "")][..], String::new()),
        (
            INIT,
            &[(DAYS, "14"), (CACHES, "1")],
            format!(" --retention 14 --cache {OWN}"),
        ),
        (
            INIT,
            &[(DAYS, "7d"), (CACHES, "1, 2")],
            format!(" --retention 7 --cache {OWN} --cache {COMMUNITY}"),
        ),
        (
            INIT,
            &[(DAYS, ""), (CACHES, &both)],
            format!(" --cache {OWN} --cache {COMMUNITY}"),
        ),
        (MAINTENANCE, &[(SCHEDULE, ""), (DAYS, "")], String::new()),
        (
            MAINTENANCE,
            &[(SCHEDULE, "Free-Space"), (DAYS, "9")],
            " --schedule free-space --retention 9".to_owned(),
        ),
    ] {
        let folder = folder();
        let answered = by_answers(folder.path(), line, answers);
        let flags = by_flags(folder.path(), &format!("{line}{flags}"));
        assert_eq!(answered, flags, "{line} {answers:?}");
    }
}

#[test]
fn what_flags_say_is_not_asked() {
    let folder = folder();
    let line = format!("init --for darwin --host m1-8g.toml --retention 9 --cache {OWN}");
    assert_eq!(
        by_answers(folder.path(), &line, &[]),
        by_flags(folder.path(), &line)
    );
    // A home on macOS keeps no generations by this file, and the system decides about caches.
    let line = "init --for home-manager --host m1-8g.toml";
    let again = self::folder();
    assert_eq!(
        by_answers(again.path(), line, &[]),
        by_flags(again.path(), line)
    );
}

#[test]
fn what_is_no_answer_is_asked_again() {
    let folder = folder();
    let mut terminal = asked(
        folder.path(),
        "init --for nix-conf --host laptop-hybrid.toml",
    );
    let offer = terminal.until(CACHES);
    assert!(
        !offer.contains("days"),
        "nix.conf keeps no generations: {offer}"
    );
    assert!(
        offer.contains(&format!("1  {OWN}: a cache of your own")),
        "{offer}"
    );
    assert!(offer.contains(&format!("2  {COMMUNITY}: ")), "{offer}");
    for answer in ["99", "0", "https://unknown.example.org", "x y"] {
        terminal.answer(answer);
        let help = terminal.until(CACHES);
        assert!(help.contains("[data.caches] in nixtune.toml"), "{help}");
    }
    terminal.answer("none");
    assert_eq!(terminal.end().1, 0);

    let mut terminal = asked(
        folder.path(),
        "generate maintenance --for nixos --host laptop-hybrid.toml --force",
    );
    terminal.until(SCHEDULE);
    terminal.answer("hourly");
    let help = terminal.until(SCHEDULE);
    assert!(help.contains("one of daily, weekly, free-space"), "{help}");
    terminal.answer("daily");
    terminal.until(DAYS);
    for answer in ["0", "-3", "a week", "99999999999"] {
        terminal.answer(answer);
        let help = terminal.until(DAYS);
        assert!(help.contains("a whole number from 1 on"), "{help}");
    }
    terminal.answer("3");
    assert_eq!(terminal.end().1, 0);
}

#[test]
fn only_schedules_that_can_be_are_offered() {
    let folder = folder();
    let line = "generate maintenance --for home-manager --host m1-8g.toml";
    let mut terminal = asked(folder.path(), line);
    terminal.until(SCHEDULE);
    assert_eq!(terminal.until("? [weekly] "), "daily or weekly");
    terminal.answer("free-space");
    terminal.until(SCHEDULE);
    terminal.answer("daily");
    terminal.until(DAYS);
    terminal.answer("");
    assert_eq!(terminal.end().1, 0);
}

#[test]
fn who_stops_gets_no_file() {
    for control in [ControlCode::EndOfText, ControlCode::EndOfTransmission] {
        for line in [
            "init --for nixos --host laptop-hybrid.toml",
            "generate maintenance --for nixos --schedule daily --host laptop-hybrid.toml",
        ] {
            let folder = folder();
            let mut terminal = asked(folder.path(), line);
            terminal.until(DAYS);
            terminal.press(control);
            let (rest, code) = terminal.end();
            if control == ControlCode::EndOfText {
                assert_eq!(code, 130, "{rest}");
            } else {
                assert_eq!(code, 2, "{rest}");
                assert!(rest.contains("nothing was written"), "{rest}");
            }
            assert!(!folder.path().join("asked").exists());
        }
    }
}
