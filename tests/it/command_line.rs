//! What holds for every command: help, mistakes in arguments, errors for programs, readers that
//! leave early, and what shows while something takes long.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::cli::nixtune;
use crate::terminal::Terminal;

/// Every command, with those of `generate`.
fn commands() -> Vec<String> {
    let names = |arguments: &[&str]| -> Vec<String> {
        let help = text(&run(Path::new("/"), arguments).stdout);
        help.lines()
            .skip_while(|line| *line != "Commands:")
            .skip(1)
            .take_while(|line| !line.is_empty())
            // What follows a name may go on in further lines.
            .filter(|line| !line.starts_with("   "))
            .map(|line| line.split_whitespace().next().unwrap().to_owned())
            .filter(|name| name != "help")
            .collect()
    };
    let mut all = names(&["-h"]);
    let kinds = names(&["generate", "-h"]);
    assert!(all.len() > 10 && kinds.len() > 8, "{all:?} {kinds:?}");
    all.extend(kinds.iter().map(|kind| format!("generate {kind}")));
    all
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    nixtune(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with a machine that has something to report, and one that is broken.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("hosts")).unwrap();
    write(
        "configuration.nix",
        "{\n  nixpkgs.hostPlatform = \"x86_64-linux\";\n  nix.settings.sandbx = true;\n  \
         nix.settings.gc-keep-outputs = true;\n}\n",
    );
    write(
        "hosts/box.toml",
        "[host]\nname = \"box\"\nplatform = \"x86_64-linux\"\nthreads = 8\n\
         memory = \"16 GiB\"\n",
    );
    folder
}

#[test]
fn the_short_help_fits_a_screen_and_the_long_one_has_examples() {
    for command in commands() {
        let mut short = words(&command);
        short.push("-h");
        let short = text(&run(Path::new("/"), &short).stdout);
        let lines = short.lines().count();
        assert!(lines <= 28, "{command}: {lines} lines\n{short}");
        assert!(!short.contains("Examples:"), "{command}");
        let mut long = words(&command);
        long.push("--help");
        let long = text(&run(Path::new("/"), &long).stdout);
        assert!(long.contains("\nExamples:\n  "), "{command}\n{long}");
        // Nothing is said in short that is not said in full.
        for option in short
            .split_whitespace()
            .filter(|word| word.starts_with("--"))
        {
            assert!(long.contains(option), "{command} {option}");
        }
    }
}

#[test]
fn what_is_mistyped_is_recognized() {
    let folder = folder();
    for (typed, meant) in [
        ("lnit", "'lint'"),
        ("generate alises", "'aliases'"),
        ("lint --selct style", "'--select'"),
        ("lint --format jsn", "'json'"),
        ("lint --output sarf=x", "`sarif`"),
        ("lint --select gc-absnt", "`gc-absent`"),
        ("lint --fail-on eror", "`error`"),
        ("lint --target lixx", "`lix`"),
        ("apply --rule secuirty", "`security`"),
        ("show max-jbs", "`max-jobs`"),
        ("show --machine configuration.nx", "`configuration.nix`"),
        ("show --format jsn", "'json'"),
        ("explain gc-absnt", "`gc-absent`"),
        ("explain max-jbs", "`max-jobs`"),
        ("init --profile balancd", "`balanced`"),
        ("init --for darwn", "'darwin'"),
        ("generate pre-commit --style lefthok", "'lefthook'"),
        ("generate maintenance --schedule weakly", "'weekly'"),
        ("completions zs", "'zsh'"),
        ("man lintt", "`lint`"),
    ] {
        let output = run(folder.path(), &words(typed));
        assert_eq!(output.status.code(), Some(2), "{typed}");
        let said = text(&output.stderr);
        assert!(said.contains(meant), "{typed}: {said}");
    }
}

#[test]
fn programs_that_ask_for_json_get_errors_as_json() {
    let folder = folder();
    for (arguments, about) in [
        ("lint --format json --host none.toml", "none.toml"),
        ("lint --format=json nowhere", "nowhere"),
        ("lint --format jsonl --host none.toml", "none.toml"),
        ("lint --format json --select gc-absnt", "gc-absent"),
        ("lint --format json --selct style", "--select"),
        ("lint --format json a.nix -", "standard input"),
        ("lint --format json --watch -", "--watch"),
        ("apply --format json --host none.toml", "none.toml"),
        ("apply --format json --rule gc-absnt", "gc-absent"),
        ("apply --format json --interactive", "--interactive"),
        ("apply --format json --at none.nix:1", "none.nix"),
        ("apply --format json --chek", "--check"),
        ("show --format json --host none.toml", "none.toml"),
        ("show --format json max-jbs", "max-jobs"),
        ("show --format json --machine none", "configuration.nix"),
        ("show --format json --pth .", "--path"),
        ("rules --format json --al", "--al"),
        ("host --format json --sav x", "--save"),
    ] {
        let output = run(folder.path(), &words(arguments));
        assert_eq!(output.status.code(), Some(2), "{arguments}");
        let printed = text(&output.stdout);
        let value: Value = serde_json::from_str(&printed)
            .unwrap_or_else(|error| panic!("{arguments}: {error}\n{printed}"));
        // A report can say what could not be done.
        let message = match &value["problems"][0] {
            Value::Null => {
                assert_eq!(value["tool"]["name"], "nixtune", "{arguments}");
                value["error"]["message"].as_str().unwrap()
            }
            problem => problem["message"].as_str().unwrap(),
        };
        assert!(message.contains(about), "{arguments}: {message}");
        assert!(!text(&output.stderr).is_empty(), "{arguments}");
        if arguments.contains("jsonl") {
            assert_eq!(printed.lines().count(), 1, "{printed}");
        }
    }
    // A `nixtune.toml` with a mistake stops all of them.
    fs::write(folder.path().join("nixtune.toml"), "lint = 3\n").unwrap();
    for command in ["lint", "apply", "show"] {
        let output = run(folder.path(), &[command, "--format", "json"]);
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        let message = value["error"]["message"].as_str().unwrap();
        assert!(message.contains("nixtune.toml"), "{message}");
    }
    // People are told once, and nothing on standard output.
    let output = run(folder.path(), &["lint"]);
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = folder();
    let mut commands: Vec<String> = [
        "--help",
        "-h",
        "--version",
        "lint -h",
        "lint",
        "lint --statistics",
        "apply",
        "apply --check",
        "apply --diff",
        "apply --format json",
        "show",
        "show max-jobs",
        "show --nix-conf",
        "show --format json",
        "explain gc-absent",
        "explain max-jobs",
        "rules",
        "rules --format json",
        "rules --format markdown",
        "init --for nixos --host hosts/box.toml --output -",
        "init --for nixos --host hosts/box.toml --output x.nix --diff",
        "init-policy --output -",
        "init-policy --schema",
        "host",
        "host --format json",
        "host --format toml",
        "man",
        "man lint",
        "generate aliases --for nixos --shell bash --output -",
        "generate builders hosts/box.toml --for nixos --user nix --output -",
        "generate cache --url https://nix-community.cachix.org --for nixos --output -",
        "generate ci --provider github --output -",
        "generate editor --editor helix --output -",
        "generate low-memory --for nixos --host hosts/box.toml --output -",
        "generate maintenance --for nixos --output -",
        "generate monitor --for nixos --output -",
        "generate pre-commit --output -",
    ]
    .map(str::to_owned)
    .to_vec();
    for format in [
        "human",
        "concise",
        "json",
        "jsonl",
        "sarif",
        "github",
        "gitlab",
        "rdjson",
        "checkstyle",
        "junit",
        "markdown",
    ] {
        commands.push(format!("lint --format {format}"));
    }
    for shell in ["bash", "elvish", "fish", "nushell", "powershell", "zsh"] {
        commands.push(format!("completions {shell}"));
    }
    for line in commands {
        let whole = run(folder.path(), &words(&line));
        assert!(!whole.stdout.is_empty(), "{line}: {}", text(&whole.stderr));
        // The other end is closed before the command starts.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = nixtune(folder.path())
            .args(words(&line))
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .unwrap();
        assert_eq!(output.status.code(), whole.status.code(), "{line}");
        assert_eq!(text(&output.stderr), text(&whole.stderr), "{line}");
    }
}

#[test]
fn verbose_says_what_was_looked_at_and_why() {
    let folder = folder();
    fs::create_dir(folder.path().join("other")).unwrap();
    fs::write(folder.path().join("other/quiet.nix"), "{ a = 1; }\n").unwrap();
    let said = |arguments: &str| text(&run(folder.path(), &words(arguments)).stderr);
    for command in ["lint", "apply", "show --path ."] {
        let verbose = said(&format!("{command} -v --host hosts/box.toml"));
        for part in [
            "policy: none; no nixtune.toml in the folder or above it",
            "machine: configuration.nix: hardware of hosts/box.toml, because `--host` names it",
            "files: 2 seen, 1 judged; 1 skipped, which say nothing about Nix",
            " finding, reading and evaluating, ",
        ] {
            assert!(verbose.contains(part), "{command}: {verbose}");
        }
        assert!(!verbose.contains("\nfile:"), "{verbose}");
        assert!(!said(command).contains("policy:"), "{command}");
    }
    let files = said("lint -vv --target nixos,lix@2.93");
    for part in [
        "configuration.nix: no hardware, because no profile is named for it",
        "machine: configuration.nix: for NixOS (declared by --target), ",
        "machine: configuration.nix: 3 definitions in 1 file",
        "file: configuration.nix: judged, 1",
    ] {
        assert!(files.contains(part), "{files}");
    }
    fs::write(
        folder.path().join("nixtune.toml"),
        "host = \"hosts/box.toml\"\n",
    )
    .unwrap();
    let by_policy = said("lint -v");
    assert!(by_policy.contains("policy: nixtune.toml\n"), "{by_policy}");
    assert!(
        by_policy.contains("hardware of hosts/box.toml, because nixtune.toml names it"),
        "{by_policy}"
    );
    // The report itself is the same.
    let plain = run(folder.path(), &["lint"]).stdout;
    assert_eq!(plain, run(folder.path(), &["lint", "-vv"]).stdout);
    let both = run(folder.path(), &["lint", "-q", "-v"]);
    assert_eq!(both.status.code(), Some(2));
}

/// What shows while something takes long.
const SIGN: &str = "reads and judges the configuration (";

/// A lint that waits for git, which says nothing until something is written into `go`.
fn waiting_for_git(folder: &Path) -> Command {
    fs::write(
        folder.join("git"),
        format!("#!/bin/sh\nread -r _ <'{}/go'\nexit 1\n", folder.display()),
    )
    .unwrap();
    let program = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.join("git"), program).unwrap();
    let made = Command::new("mkfifo").arg(folder.join("go")).status();
    assert!(made.unwrap().success());
    let mut command = nixtune(folder);
    command
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .args(["lint", "--changed-since", "main"]);
    command
}

fn go(folder: &Path) {
    let mut pipe = fs::OpenOptions::new()
        .write(true)
        .open(folder.join("go"))
        .unwrap();
    pipe.write_all(b"\n").unwrap();
}

#[test]
fn what_takes_long_shows_a_sign_that_goes_away() {
    let folder = folder();
    let command = waiting_for_git(folder.path());
    let mut terminal = Terminal::of(command);
    terminal.until(SIGN);
    go(folder.path());
    let (rest, code) = terminal.end();
    assert_eq!(code, 2, "{rest}");
    // The line is taken back before anything else is printed.
    let error = rest.find("error:").unwrap();
    let clear = rest.find("\u{1b}[2K").unwrap();
    assert!(clear < error, "{rest:?}");
    assert!(!rest[error..].contains("configuration ("), "{rest:?}");
}

#[test]
fn nothing_shows_without_a_terminal() {
    let folder = folder();
    let mut child = waiting_for_git(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Opening waits for git to be asked.
    go(folder.path());
    let mut said = String::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2));
    assert!(
        said.starts_with("error:") && !said.contains('\u{1b}'),
        "{said:?}"
    );
}

#[test]
fn what_is_done_soon_shows_no_sign() {
    let folder = folder();
    for arguments in ["lint", "apply", "show", "explain max-jobs"] {
        let mut command = nixtune(folder.path());
        command.args(words(arguments)).args(["--color", "never"]);
        let (shown, _) = Terminal::of(command).end();
        assert!(!shown.contains('\u{1b}'), "{arguments}: {shown:?}");
    }
}
