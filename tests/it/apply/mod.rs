//! `nixtune apply` lets people choose: places, diffs that other programs apply, questions on a
//! terminal, and files that are left alone. Real git, patch and terminals.

mod agrees;
mod diff;
mod interactive;
mod place;
mod protected;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::cli::{nixtune, run};

/// A module with two safe fixes and an unsafe one: lines 3, 4 and 5.
const MODULE: &str = "\
{
  nix.settings = {
    gc-keep-outputs = false; # kept small
    gc-keep-derivations = false;
    sandbox-fallback = false;
    cores = \"auto\";
  };
}
";

/// The same with its safe fixes made.
const MENDED: &str = "\
{
  nix.settings = {
    keep-outputs = false; # kept small
    keep-derivations = false;
    sandbox-fallback = false;
    cores = 0;
  };
}
";

/// Rules that need to know nothing about a machine.
const RULES: &str = "deprecated-setting-alias,integer-auto-invalid";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// `nixtune apply --rule RULES` with further arguments.
fn apply(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = nixtune(folder);
    command.args(["apply", "--rule", RULES]).args(arguments);
    command
}

/// What a command said, and how it ended.
struct Said {
    stdout: String,
    stderr: String,
    code: i32,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            stdout: text(&output.stdout),
            // Lines are broken by the width of a screen.
            stderr: text(&output.stderr).replace("\n  ", " "),
            code: output.status.code().unwrap(),
        }
    }
}

fn said(command: Command) -> Said {
    run(command, b"").into()
}

/// A program that the tests need; `tests/set-up` provides it.
fn tool(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(name);
    command
        .current_dir(folder)
        .env("HOME", folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env_remove("GIT_DIR");
    command
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = tool("git", folder);
    command.args(arguments);
    let output = command.output().expect("git is missing; run tests/set-up");
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
}
