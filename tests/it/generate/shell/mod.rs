//! Generated shell: read by the shells and by shellcheck, run against programs that write down how
//! they were called.

mod aliases;
mod monitor;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use nixtune::catalog::Catalog;
use nixtune::engine::{self, Request};
use nixtune::facts::Target;
use nixtune::generate::{Sink, Subject, Usage};
use nixtune::policy::TargetPolicy;
use nixtune::system::Memory;
use serde_json::Value as Json;

use crate::formatters::FORMATTERS;
use crate::hosts::profiles;
use crate::oracle::{Oracle, oracles};

/// A machine that `sink` can be on.
fn subject(sink: Sink, is_mac: bool) -> Subject {
    let wanted = if is_mac {
        "mbp-m3-pro"
    } else {
        "laptop-hybrid"
    };
    let (_, profile) = profiles()
        .into_iter()
        .find(|(name, _)| name == wanted)
        .unwrap();
    let host = profile.host.unwrap();
    Subject::new(&host, &Target::default(), sink, Usage::Balanced).unwrap()
}

/// A folder with programs that write down how they were called, a home and a flake.
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn new(programs: &[&str]) -> Self {
        let machine = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for part in ["bin", "home", "tmp", "state/profiles", "home/dot files"] {
            fs::create_dir_all(machine.path(part)).unwrap();
        }
        fs::write(machine.path("home/dot files/flake.nix"), "").unwrap();
        fs::write(machine.lock(), "old\n").unwrap();
        symlink("system-1-link", machine.path("state/profiles/system")).unwrap();
        let fakes = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/generate/shell/fakes");
        for program in programs.iter().chain(&["id"]) {
            // A copy: what some look for in the program itself is added below.
            let path = machine.path("bin").join(program);
            fs::copy(fakes.join("tool"), &path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        machine
    }

    fn path(&self, part: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(part)
    }

    fn lock(&self) -> PathBuf {
        self.path("home/dot files/flake.lock")
    }

    /// Adds a comment to a program.
    fn mark(&self, program: &str, comment: &str) {
        let path = self.path("bin").join(program);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}# {comment}\n")).unwrap();
    }

    /// Writes a file and gives its path.
    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// A command that sees this machine alone.
    fn command(&self, program: &str) -> Command {
        let path = std::env::join_paths([
            self.path("bin"),
            "/usr/local/bin".into(),
            "/usr/bin".into(),
            "/bin".into(),
        ]);
        // The program is looked for where the tests run.
        let program = which(program);
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", path.unwrap())
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .env("LOG", self.path("log"))
            .env("NIX_STATE_DIR", self.path("state"))
            .current_dir(self.path("home"));
        command
    }

    /// The variables for a real Nix with a store of its own on this machine.
    fn real_nix(&self, oracle: &Oracle) -> Vec<(&'static str, String)> {
        let part = |part: &str| self.path(part).display().to_string();
        fs::create_dir_all(self.path("etc")).unwrap();
        let conf = "build-users-group =\nsandbox = false\nsubstitute = false\n";
        fs::write(self.path("etc/nix.conf"), conf).unwrap();
        let bin = oracle.bin().display();
        vec![
            (
                "PATH",
                format!("{}:{bin}:/usr/local/bin:/usr/bin:/bin", part("bin")),
            ),
            ("NIX_CONF_DIR", part("etc")),
            ("NIX_LOG_DIR", part("log")),
            ("NIX_REMOTE", String::new()),
            ("NIX_STORE_DIR", part("store")),
        ]
    }

    /// What was called since the last time, with the home as `~`.
    fn calls(&self) -> Vec<String> {
        let log = self.path("log");
        let text = fs::read_to_string(&log).unwrap_or_default();
        drop(fs::remove_file(&log));
        let home = self.path("home").display().to_string();
        let text = text.replace(&home, "~");
        text.lines().map(str::to_owned).collect()
    }

    /// What is left in the folder for temporary files.
    fn left(&self) -> usize {
        fs::read_dir(self.path("tmp")).unwrap().count()
    }
}

/// The path of a program; it is there once tests/set-up has run.
fn which(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("no {program} on the PATH; run tests/set-up, which installs it"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Both outputs of a command, for messages.
fn said(output: &Output) -> String {
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// Runs a checker over the files `(name, text)`, which are written first.
fn check(program: &str, arguments: &[&str], files: &[(String, String)]) {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (name, text) in files {
        let path = folder.path().join(name.replace(['/', ' '], "_"));
        fs::write(&path, text).unwrap();
        paths.push(path);
    }
    // Some look at the first file alone.
    let groups = if program == "shellcheck" { 100 } else { 1 };
    for paths in paths.chunks(groups) {
        let output = Command::new(which(program))
            .args(arguments)
            .args(paths)
            .output()
            .unwrap();
        assert!(output.status.success(), "{program}: {}", said(&output));
    }
}

/// What Nix makes of a module, with stand-ins for its arguments.
fn evaluate(oracle: &Oracle, module: &str) -> Json {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("module.nix");
    fs::write(&file, module).unwrap();
    let arguments = r#"{
        lib.getExe = package: package;
        pkgs = {
            writeShellApplication = package: package;
            coreutils = "coreutils"; gawk = "gawk"; nh = "nh"; nvd = "nvd";
            nix-output-monitor = "nom";
        };
        config.nix.package = "nix";
    }"#;
    oracle
        .eval(&format!("import {} {arguments}", file.display()))
        .unwrap_or_else(|error| panic!("{error}\n{module}"))
}

/// As `writeShellApplication` writes it, but for the PATH.
fn script(text: &str) -> String {
    format!("#!/usr/bin/env bash\nset -o errexit\nset -o nounset\nset -o pipefail\n\n{text}")
}

/// Formatters leave a module as it is, Nix reads it, and nixtune finds nothing wrong with it.
fn is_sound(name: &str, module: &str) {
    let [nixfmt, alejandra, _] = &FORMATTERS;
    assert_eq!((nixfmt.format)(module).as_deref(), Some(module), "{name}");
    assert!((alejandra.format)(module).is_some(), "{name}:\n{module}");
    for oracle in oracles() {
        oracle
            .parse(module)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let system = Memory::new()
        .file("/w/module.nix", module)
        .on("plan9", "x86_64");
    let request = Request {
        roots: vec!["/w/module.nix".into()],
        target: TargetPolicy::default(),
        ..Request::default()
    };
    let outcome = engine::lint(&system, &Catalog::embedded(), &request).unwrap();
    let said: Vec<_> = outcome.diagnostics.iter().map(|it| &it.message).collect();
    assert!(
        said.is_empty() && outcome.problems.is_empty(),
        "{name}: {said:?}"
    );
}
