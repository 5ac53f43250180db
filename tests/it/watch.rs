//! `lint --watch`: a run for each change, and no other.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::cli::nixtune;

#[test]
fn each_change_is_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.nix");
    fs::write(&file, "{ nix.settings.keep-going = true; }\n").unwrap();
    let mut child = nixtune(folder.path())
        .args(["lint", "--watch", "--target", "nixos", "."])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut told = || {
        let mut line = String::new();
        while !line.contains("watching") {
            line.clear();
            assert!(errors.read_line(&mut line).unwrap() > 0, "it ended");
        }
    };
    told();
    // Steps of one change, as editors write, and a file that is of no concern.
    fs::write(folder.path().join("note.md"), "nothing").unwrap();
    fs::write(folder.path().join("b.tmp"), "{ nix.settings.corez = 1; }\n").unwrap();
    fs::rename(folder.path().join("b.tmp"), folder.path().join("b.nix")).unwrap();
    told();
    fs::write(&file, "{ nix.settings.max-jobz = 1; }\n").unwrap();
    told();
    fs::remove_file(&file).unwrap();
    told();
    child.kill().unwrap();
    let mut said = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    while output.read_line(&mut said).unwrap() > 0 {}
    child.wait().unwrap();
    let clean = "nothing to report in 1 file";
    let runs: Vec<bool> = said
        .lines()
        .filter(|line| line.contains(" in 1 file") || line.contains(" in 2 files"))
        .map(|line| line == clean)
        .collect();
    assert_eq!(runs, [true, false, false, false], "{said}");
    assert_eq!(said.matches("`max-jobz`").count(), 1, "{said}");
    assert_eq!(said.matches("`corez`").count(), 3, "{said}");
    assert!(!said.contains('\u{1b}'));
}

#[test]
fn standard_input_does_not_change() {
    let folder = tempfile::tempdir().unwrap();
    let output = nixtune(folder.path())
        .args(["lint", "--watch", "-"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let output = nixtune(folder.path())
        .args(["lint", "--watch", "nowhere"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
