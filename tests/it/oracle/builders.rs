//! Lines of the machines file against real Nix: what its parser refuses, nixtune calls misread,
//! and nothing else.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nixtune::facts::Version;
use nixtune::model::{Fault, LoadOptions, load};
use nixtune::system::Memory;

use super::{Oracle, oracles};
use crate::rules::fixture;

/// Values of each column, good ones and bad ones.
const COLUMNS: [&[&str]; 8] = [
    &["build01", "-", "ssh-ng://nix@build01:22?max-connections=2"],
    &["-", "x86_64-linux", "x86_64-linux,i686-linux"],
    &["-", "/etc/nix/key"],
    &[
        "-",
        "8",
        "+8",
        "0",
        "-8",
        "8K",
        "eight",
        "4294967295",
        "4294967296",
        "0x8",
        "8.0",
    ],
    &[
        "-", "1", "+2", "0", "-1", "1.5", "1e2", "fast", ".5", "5.", "inf", "0x1",
    ],
    &["-", "kvm", "kvm,big-parallel"],
    &["-", "kvm"],
    &[
        "-",
        "c3NoLWVkMjU1MTkgQUFBQQo=",
        "c3NoLWVkMjU1MTkgQUFBQQo",
        "ssh-ed25519",
        "a_b",
        "====",
    ],
];

/// Lines in which one column after the other takes each of its values, cut after it or not.
fn lines() -> Vec<String> {
    let plain = ["build01", "-", "-", "2", "1", "-", "-", "-"];
    let mut lines = Vec::new();
    for (at, values) in COLUMNS.iter().enumerate() {
        for value in *values {
            let mut line = plain;
            line[at] = value;
            lines.push(line[..=at].join(" "));
            lines.push(line.join(" "));
            lines.push(format!("{} one two", line.join(" ")));
        }
    }
    lines.push("build01 ; build02 - - two".to_owned());
    lines.push("build01 - - 2;build02 - - 3".to_owned());
    lines.push("@/nowhere/machines".to_owned());
    lines.sort();
    lines.dedup();
    lines
}

/// Has this Nix read the setting as its build hook does; the error, if it gives up.
pub fn refusal(oracle: &Oracle, builders: &str) -> Option<String> {
    let run = |command: &mut Command| {
        let mut child = command
            .env_remove("NIX_PATH")
            .env_remove("NIX_REMOTE")
            .envs(oracle.environment())
            .env("NIX_CONFIG", format!("builders = {builders}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // No setting of the parent's, and then no build.
        let written = std::io::Write::write_all(child.stdin.as_mut().unwrap(), &[0; 8]);
        drop(written);
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), text)
    };
    let nix = oracle.bin().join("nix");
    let (mut ok, mut text) = run(Command::new(&nix).args(["__build-remote", "0"]));
    if text.contains("is not a recognised command") {
        // Old releases go by the name that they are called with.
        (ok, text) = run(Command::new(&nix).arg0("build-remote").arg("0"));
    }
    (!ok).then_some(text)
}

/// What nixtune says about the setting, for this release.
fn misread(oracle: &Oracle, builders: &str) -> bool {
    let path = PathBuf::from("/nix.conf");
    let system = Memory::new().file(&path, format!("builders = {builders}\n"));
    let catalog = fixture::catalog();
    let loaded = load(&system, &[path], catalog, &LoadOptions::default());
    let workspace = &loaded.workspace;
    let machine = workspace.machines().first().unwrap();
    let lines = workspace.view(machine).builder_lines(catalog);
    lines
        .list
        .iter()
        .flat_map(|builder| &builder.misread)
        .any(|misread| match misread.fault {
            Fault::Surplus(_) => false,
            Fault::Fraction => oracle.version < Version::new(2, 20, 0),
            _ => true,
        })
}

#[test]
fn lines_are_refused_as_nix_refuses_them() {
    let lines = lines();
    for oracle in oracles() {
        let mut wrong = Vec::new();
        let mut refused = 0;
        for line in &lines {
            let real = refusal(oracle, line);
            refused += usize::from(real.is_some());
            if real.is_some() != misread(oracle, line) {
                wrong.push(format!("`{line}`: Nix says {real:?}"));
            }
        }
        let release = (oracle.implementation, oracle.version);
        assert!(wrong.is_empty(), "{release:?}:\n{}", wrong.join("\n"));
        assert!(refused > 20, "{release:?} refuses only {refused}");
    }
}

#[test]
fn a_line_that_cannot_be_read_stops_every_build() {
    let derivation = r#"derivation { name = "x"; system = builtins.currentSystem; builder = "/no/such/builder"; }"#;
    for oracle in oracles() {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let store = folder.path().join("store");
        let build = |builders: &str| build(oracle, &store, derivation, builders);
        let broken = build("build01 - - two");
        assert!(broken.contains("bad machine specification"), "{broken}");
        // Without it the build is begun, and fails for a reason of its own.
        let begun = build("");
        assert!(!begun.contains("bad machine specification"), "{begun}");
        assert!(!broken.contains("/no/such/builder"), "{broken}");
    }
}

fn build(oracle: &Oracle, store: &Path, derivation: &str, builders: &str) -> String {
    let output = Command::new(oracle.bin().join("nix-build"))
        .args([
            "--no-out-link",
            "--expr",
            derivation,
            "--builders",
            builders,
        ])
        .args([
            "--option",
            "sandbox",
            "false",
            "--option",
            "substitute",
            "false",
        ])
        .arg("--store")
        .arg(store)
        .env_remove("NIX_PATH")
        .env_remove("NIX_REMOTE")
        .env("HOME", store)
        .env("NIX_CONF_DIR", store)
        .env("NIX_CONFIG", "build-users-group =")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stderr).into_owned()
}
