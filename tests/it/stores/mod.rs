//! Caches and stores, measured: real Nix builds and signs, real servers answer, and what nixtune says
//! must be what they say.

mod caches;
mod hostile;
mod live;
mod optimize;
mod server;
mod store;
mod tls;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;

use crate::cli;
use crate::oracle::{Oracle, oracles};

/// A store of its own, filled by real builds.
pub struct Lab {
    folder: tempfile::TempDir,
    oracle: &'static Oracle,
}

/// Derivations that need each other: `app` needs `lib` at run time and `glue` to be built, which must
/// not come from a cache.
pub const PACKAGES: &str = r#"
let
  make = name: extra: script: derivation ({
    inherit name;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-c" script ];
  } // extra);
in rec {
  lib = make "lib" { } "echo a library > $out";
  glue = make "glue" { allowSubstitutes = false; } "echo glue > $out";
  app = make "app" { inherit lib glue; } "echo $lib > $out";
  other = make "other" { } "echo other > $out";
}
"#;

impl Lab {
    pub fn new(oracle: &'static Oracle, conf: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for part in ["conf", "home", "store", "state"] {
            fs::create_dir(folder.path().join(part)).unwrap();
        }
        let lab = Self { folder, oracle };
        lab.configure(conf);
        fs::write(lab.path("packages.nix"), PACKAGES).unwrap();
        lab
    }

    /// The newest Nix here.
    pub fn modern(conf: &str) -> Self {
        Self::new(oracles().last().unwrap(), conf)
    }

    pub fn path(&self, part: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(part)
    }

    /// Replaces `nix.conf`.
    pub fn configure(&self, conf: &str) {
        let head = "build-users-group =\nsandbox = false\nsubstituters =\n\
                    experimental-features = nix-command flakes\n";
        fs::write(self.path("conf/nix.conf"), format!("{head}{conf}")).unwrap();
    }

    fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        vec![
            ("NIX_STORE_DIR", self.path("store")),
            ("NIX_STATE_DIR", self.path("state")),
            ("NIX_LOG_DIR", self.path("log")),
            ("NIX_CONF_DIR", self.path("conf")),
            ("HOME", self.path("home")),
        ]
    }

    pub fn nix_output(&self, program: &str, arguments: &[&str]) -> Output {
        Command::new(self.oracle.bin().join(program))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("NIX_PATH")
            .env_remove("NIX_CONFIG")
            .env_remove("NIX_USER_CONF_FILES")
            .env_remove("NIX_REMOTE")
            .envs(self.environment())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// What a program of Nix prints.
    pub fn nix(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.nix_output(program, arguments);
        assert!(
            output.status.success(),
            "{program} {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Builds an attribute of the packages; its output.
    pub fn build(&self, attribute: &str) -> String {
        self.nix(
            "nix-build",
            &["packages.nix", "-A", attribute, "--no-out-link"],
        )
    }

    /// The derivation of an attribute.
    pub fn derivation(&self, attribute: &str) -> String {
        self.nix("nix-instantiate", &["packages.nix", "-A", attribute])
            .trim_end_matches("!out")
            .to_owned()
    }

    /// A key pair: the text of the public one, the file of the secret one.
    pub fn key(&self, name: &str) -> (String, PathBuf) {
        let (secret, public) = (
            self.path(&format!("{name}.sec")),
            self.path(&format!("{name}.pub")),
        );
        let words = [&secret, &public].map(|path| path.to_str().unwrap().to_owned());
        self.nix(
            "nix-store",
            &["--generate-binary-cache-key", name, &words[0], &words[1]],
        );
        (
            fs::read_to_string(public).unwrap().trim().to_owned(),
            secret,
        )
    }

    /// Copies paths to a cache in a folder, signed with a key if there is one.
    pub fn copy_to(&self, folder: &str, secret: Option<&Path>, paths: &[&str]) -> PathBuf {
        let folder = self.path(folder);
        let secret = secret.map_or_else(String::new, |path| {
            format!("?secret-key={}", path.display())
        });
        let url = format!("file://{}{secret}", folder.display());
        let mut arguments = vec!["copy", "--to", &url];
        arguments.extend(paths);
        self.nix("nix", &arguments);
        folder
    }

    pub fn nixtune(&self) -> Command {
        let mut command = cli::nixtune(self.folder.path());
        command.envs(self.environment()).env(
            "PATH",
            format!("{}:/usr/bin:/bin", self.oracle.bin().display()),
        );
        command
    }

    /// The JSON that an analysis prints, and its exit code.
    pub fn analyze(&self, arguments: &[&str]) -> (Json, Option<i32>) {
        let output = self
            .nixtune()
            .arg("analyze")
            .args(arguments)
            .args(["--format", "json"])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!(
                "{arguments:?}: {error}\n{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            )
        });
        (json, output.status.code())
    }
}
