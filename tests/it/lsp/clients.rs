//! Real clients: Neovim, as Debian has it, and pygls, which reads every message into the types of
//! the protocol. Both speak with the program over its standard streams.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use nixtune::system::Os;
use serde_json::{Value, json};

use super::text::Encoding;
use super::trees::{lint, reported};
use crate::generate::integrations::{programs_and_nixtune, tool};

/// Wide characters stand before what is reported and mended.
const MODULE: &str = "{ lib, ... }:
{
  nix.settings = {
    gc-keep-outputs = false; # 😀ö wide
    max-jobs = lib.mkDefault 4;
    /* 😀ö */ gc-keep-derivations = false;
    min-free = 5368709120;
    # nixtune: allow(accept-flake-config) we know our flakes
    accept-flake-config = true;
  };
}
";

/// A folder `a tree` with the module, and a home beside it.
fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a tree", "home"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    std::fs::write(folder.path().join("a tree/a.nix"), MODULE).unwrap();
    folder
}

fn run(mut command: Command, folder: &Path, variables: &[(&str, &Path)]) -> Output {
    let path = std::env::join_paths(programs_and_nixtune()).unwrap();
    command
        .current_dir(folder.join("a tree"))
        .env_clear()
        .env("PATH", path)
        .env("HOME", folder.join("home"))
        .env("LANG", "C.UTF-8")
        .env("LC_ALL", "C.UTF-8")
        .env("SOURCE_DATE_EPOCH", "1789900000")
        .envs(variables.iter().copied())
        .stdin(Stdio::null());
    let name = command.get_program().to_owned();
    let output = command.output();
    output.unwrap_or_else(|error| panic!("{}: {error}: run tests/set-up", name.display()))
}

/// Code, line and columns of what `nixtune lint` finds.
fn found_by_lint(folder: &Path, encoding: Encoding) -> Vec<Value> {
    let outcome = lint(&Os::new(), &folder.join("a tree"));
    let mut found: Vec<Value> = reported(&outcome, encoding)
        .into_iter()
        .map(|(rule, _, range)| {
            let range: Value = serde_json::from_str(&range).unwrap();
            let (start, end) = (&range["start"], &range["end"]);
            json!([rule, start["line"], start["character"], end["character"]])
        })
        .collect();
    found.sort_by_key(|one| one[1].as_u64());
    found
}

fn mended() -> String {
    MODULE.replace("gc-keep", "keep")
}

fn contains(list: &Value, word: &str) -> bool {
    list.as_array().unwrap().iter().any(|one| one == word)
}

/// What the program says to these bytes, and what it ends with.
fn spoken(input: &[u8]) -> (Option<i32>, String, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_nixtune"))
        .args(["lsp", "--stdio"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that has ended already reads nothing.
    let _ = program.stdin.take().unwrap().write_all(input);
    let output = program.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn framed(messages: &[Value]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in messages {
        let text = message.to_string();
        write!(bytes, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
    }
    bytes
}

#[test]
fn the_program_ends_as_the_protocol_wants_it() {
    let initialize = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": { "processId": null, "rootUri": null, "capabilities": {} },
    });
    let initialized = json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} });
    let shutdown = json!({ "jsonrpc": "2.0", "id": 2, "method": "shutdown" });
    let exit = json!({ "jsonrpc": "2.0", "method": "exit" });
    let begin = [initialize.clone(), initialized];
    let with = |more: &[Value]| framed(&[&begin[..], more].concat());

    let (code, said, complaint) = spoken(&with(&[shutdown, exit.clone()]));
    assert_eq!((code, complaint.as_str()), (Some(0), ""));
    assert_eq!(said.matches("Content-Length").count(), 2, "{said}");
    // `exit` without `shutdown` is no success; an editor that is gone is none of its mistakes.
    assert_eq!(spoken(&with(&[exit])).0, Some(1));
    assert_eq!(spoken(&with(&[])).0, Some(0));
    // What is no protocol is told.
    for input in [&b"hello\r\n\r\n"[..], b"Content-Length: 4\r\n\r\n{{{{", b""] {
        let (code, _, complaint) = spoken(input);
        assert_eq!(code, Some(2), "{complaint}");
        assert!(complaint.starts_with("error: "), "{complaint}");
    }
}

#[test]
fn neovim_shows_mends_explains_and_completes() {
    let folder = tree();
    let answer = folder.path().join("answer.json");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lsp/neovim.lua");
    let mut command = Command::new("nvim");
    command
        .args(["--headless", "-u", "NONE", "-i", "NONE", "-c"])
        .arg(format!("luafile {}", script.display()));
    let file = folder.path().join("a tree/a.nix");
    let variables = [("FILE", file.as_path()), ("ANSWER", &answer)];
    let output = run(command, folder.path(), &variables);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let answer = std::fs::read_to_string(&answer).unwrap_or_else(|_| panic!("{said}"));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert!(answer["problem"].is_null(), "{}\n{said}", answer["problem"]);
    assert_eq!(answer["encoding"], "utf-16");

    // Neovim counts bytes in its own lists.
    let first: Vec<Value> = answer["first"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            assert_eq!(one["source"], "nixtune");
            json!([one["code"], one["line"], one["column"], one["end_column"]])
        })
        .collect();
    assert_eq!(first, found_by_lint(folder.path(), Encoding::Utf8));
    assert_eq!(first.len(), 2);

    let hover = answer["hover"].as_array().unwrap();
    assert!(
        hover
            .iter()
            .any(|line| line == "`keep-outputs = false`, certain"),
        "{hover:?}"
    );
    assert!(
        hover
            .iter()
            .any(|line| line == "**keep-outputs**: setting of nix.conf"),
        "{hover:?}"
    );

    assert_eq!(answer["actions"][0], "Rename it to `keep-outputs`");
    assert_eq!(answer["preferred"], true);
    assert!(contains(
        &answer["actions"],
        "Allow `deprecated-setting-alias` here, with a reason"
    ));
    assert!(contains(
        &answer["actions"],
        "Explain `deprecated-setting-alias`"
    ));
    let lines = |text: &str| json!(text.lines().collect::<Vec<_>>());
    assert_eq!(
        answer["mended"],
        lines(&MODULE.replace("gc-keep-outputs", "keep-outputs"))
    );
    assert_eq!(answer["after"].as_array().unwrap().len(), 1);
    assert_eq!(answer["after"][0]["line"], 5);
    assert_eq!(answer["all_mended"], lines(&mended()));

    assert!(contains(&answer["labels"], "max-jobs") && contains(&answer["labels"], "max-free"));
    assert_eq!(answer["completed"], "    /* 😀ö */ max-jobs = ");
    assert_eq!(answer["exit"], json!([0, 0]));
}

#[test]
fn pygls_reads_every_message_and_sees_what_lint_finds() {
    let folder = tree();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lsp/client.py");
    let mut command = Command::new(tool("python"));
    command
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_nixtune"))
        .arg(folder.path().join("a tree"));
    let output = run(command, folder.path(), &[]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let answers: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = found_by_lint(folder.path(), Encoding::Utf32);
    for way in ["push", "pull"] {
        let answer = &answers[way];
        assert_eq!(answer["server"], "nixtune");
        assert_eq!(answer["encoding"], "utf-32");
        assert_eq!(answer["found"], json!(expected), "{way}");
        let hover = answer["hover"].as_str().unwrap();
        assert!(hover.contains("`max-jobs = 4`"), "{hover}");
        assert!(contains(&answer["completed"], "max-jobs"));
        assert_eq!(answer["hints"], json!(["= 5 GiB"]));
        assert_eq!(answer["links"], json!(["accept-flake-config.md"]));
        assert_eq!(answer["definition"], json!(["a.nix"]));
        assert_eq!(answer["actions"][0], "Rename it to `keep-outputs`");
        assert_eq!(answer["page"], "deprecated-setting-alias");
        assert_eq!(answer["mended"], mended());
        assert_eq!(answer["left"], 0);
        assert_eq!(answer["told"], json!([]));
        assert!(contains(
            &answer["asked"],
            "workspace/didChangeWatchedFiles"
        ));
        assert!(contains(
            &answer["asked"],
            "show deprecated-setting-alias.md"
        ));
    }
    assert_eq!(answers["pull"]["again"], "unchanged");
    assert_eq!(answers["pull"]["workspace"], json!(["a.nix"]));
}
