//! `lint --changed-since`, in real repositories.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cli::nixtune;

fn git(folder: &Path, arguments: &[&str]) {
    let identity = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.org",
        "-c",
        "init.defaultBranch=main",
    ];
    let status = Command::new("git")
        .args(identity)
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(status.status.success(), "{arguments:?}: {status:?}");
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

const BEFORE: &str = "{\n  nix.settings.max-jobz = 3;\n\n  nix.settings.keep-going = true;\n}\n";

/// A repository whose first commit has one diagnostic.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]);
    write(folder.path(), "a b.nix", BEFORE);
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-qm", "one"]);
    folder
}

/// What is reported, and the exit code.
fn lint(folder: &Path, revision: &str, path: &str) -> (Vec<String>, i32, String) {
    let output = nixtune(folder)
        .args(["lint", "--format", "concise", "--target", "nixos"])
        .args(["--changed-since", revision, path])
        .env("PATH", std::env::var_os("PATH").unwrap())
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines
        .lines()
        .map(|line| line.split(']').next().unwrap().to_owned());
    let said = String::from_utf8(output.stderr).unwrap();
    (lines.collect(), output.status.code().unwrap(), said)
}

#[test]
fn only_what_changed_is_reported() {
    let folder = repository();
    let folder = folder.path();
    assert_eq!(lint(folder, "HEAD", "."), (vec![], 0, String::new()));
    let more = BEFORE.replace("keep-going = true", "corez = 3");
    write(folder, "a b.nix", &more);
    let found = ["a b.nix:4:16: warning[unknown-setting".to_owned()];
    assert_eq!(lint(folder, "HEAD", ".").0, found);
    assert_eq!(lint(folder, "HEAD", "a b.nix").0, found);
    // Staged or committed, it is a change still.
    git(folder, &["add", "-A"]);
    assert_eq!(lint(folder, "HEAD", ".").0, found);
    git(folder, &["commit", "-qm", "two"]);
    assert_eq!(lint(folder, "HEAD", ".").0, [""; 0]);
    assert_eq!(lint(folder, "HEAD~1", ".").0, found);
    // A file that git does not know yet is new as a whole.
    write(folder, "new.nix", "{ nix.settings.sandboxx = true; }\n");
    assert_eq!(
        lint(folder, "HEAD", ".").0,
        ["new.nix:1:16: warning[unknown-setting"]
    );
}

#[test]
fn a_branch_is_compared_with_where_it_parted() {
    let folder = repository();
    let folder = folder.path();
    git(folder, &["branch", "work"]);
    write(folder, "other.nix", "{ nix.settings.sandboxx = true; }\n");
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", "elsewhere"]);
    git(folder, &["checkout", "-q", "work"]);
    write(folder, "mine.nix", "{ nix.settings.corez = 1; }\n");
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", "mine"]);
    assert_eq!(
        lint(folder, "main", ".").0,
        ["mine.nix:1:16: warning[unknown-setting"]
    );
}

#[test]
fn what_lies_elsewhere_is_reported_where_a_part_of_it_changed() {
    let folder = repository();
    let folder = folder.path();
    let one = "{\n  nix.settings.substituters = [\n    \"https://a.example\"\n  ];\n}\n";
    write(folder, "caches.nix", one);
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", "caches"]);
    let twice = one.replace("    \"https", "    \"https://a.example\"\n    \"https");
    write(folder, "caches.nix", &twice);
    let (found, _, _) = lint(folder, "HEAD", ".");
    assert!(
        found
            .iter()
            .any(|line| line.contains("duplicate-substituter")),
        "{found:?}"
    );
    assert!(
        found.iter().all(|line| line.starts_with("caches.nix")),
        "{found:?}"
    );
}

#[test]
fn what_git_cannot_say_is_an_error() {
    let folder = repository();
    let (_, code, said) = lint(folder.path(), "nowhere", ".");
    assert!(
        code == 2 && said.contains("knows no revision `nowhere`"),
        "{said}"
    );
    let (_, code, said) = lint(folder.path(), "--output=x", ".");
    assert!(code == 2, "{said}");
    let bare = tempfile::tempdir().unwrap();
    write(bare.path(), "a.nix", BEFORE);
    let (_, code, said) = lint(bare.path(), "HEAD", ".");
    assert!(code == 2 && said.contains("no git repository"), "{said}");
}

#[test]
fn nothing_that_a_repository_names_is_run() {
    let folder = repository();
    let mark = folder.path().join("ran");
    let script = folder.path().join("script");
    write(
        folder.path(),
        "script",
        &format!("#!/bin/sh\ntouch '{}'\n", mark.display()),
    );
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let script = script.display().to_string();
    for key in [
        "core.fsmonitor",
        "diff.external",
        "core.pager",
        "diff.x.textconv",
    ] {
        git(folder.path(), &["config", key, &script]);
    }
    write(folder.path(), ".gitattributes", "*.nix diff=x\n");
    write(folder.path(), "a b.nix", "{ nix.settings.corez = 3; }\n");
    assert_eq!(lint(folder.path(), "HEAD", ".").0.len(), 1);
    assert!(!mark.exists());
}
