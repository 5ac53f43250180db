//! Profiles of runs: evaluation, signals, memory, and how much a log may cost.

mod bounds;
mod default_command;
mod evaluation;
#[cfg(target_os = "linux")]
mod interrupted;
#[cfg(target_os = "linux")]
mod memory;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// A program called `nix` that is a script, in a folder of its own.
struct Script {
    folder: tempfile::TempDir,
}

impl Script {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        let nix = bin.join("nix");
        // What is asked beside the command is not answered.
        let asked = "case \" $* \" in *\" --json \"*|*\" --version \"*) exit 1 ;; esac\n";
        fs::write(&nix, format!("#!/bin/sh\n{asked}{text}")).unwrap();
        fs::set_permissions(&nix, fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The arguments of nixtune, started by `program` if that is not empty.
    fn nixtune(&self, program: &[&str], arguments: &[&str]) -> Command {
        let nixtune = crate::cli::nixtune(self.path());
        let mut command = match program.split_first() {
            None => nixtune,
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(nixtune.get_program());
                command.env_clear().current_dir(self.path());
                for (name, value) in nixtune.get_envs() {
                    command.env(name, value.unwrap());
                }
                command
            }
        };
        let bin = self.path().join("bin");
        command.env(
            "PATH",
            format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display()),
        );
        command.args(arguments);
        command
    }
}
