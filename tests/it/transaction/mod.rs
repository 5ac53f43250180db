//! Writing as one transaction: all files or none, whatever comes in between.

#[cfg(target_os = "linux")]
mod at_every_call;
mod journals;
mod links;
mod races;
#[cfg(target_os = "linux")]
mod strace;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::cli::{nixtune, run};

/// A file of the tree: its name, mode, what it holds before and after.
struct Sample {
    name: &'static str,
    mode: u32,
    old: &'static str,
    new: &'static str,
}

/// Three files in two folders, each with a fix, with different line endings, ends and modes.
const SAMPLES: [Sample; 3] = [
    Sample {
        name: "a.nix",
        mode: 0o640,
        old: "{\r\n  nix.settings.gc-keep-outputs = true;\r\n}",
        new: "{\r\n  nix.settings.keep-outputs = true;\r\n}",
    },
    Sample {
        name: "b.nix",
        mode: 0o755,
        old: "{\n  nix.settings.gc-keep-derivations = true;\n}\n",
        new: "{\n  nix.settings.keep-derivations = true;\n}\n",
    },
    Sample {
        name: "sub/nix.conf",
        mode: 0o644,
        old: "binary-caches = https://cache.nixos.org\n",
        new: "substituters = https://cache.nixos.org\n",
    },
];

/// A tree of the samples, and a home of its own.
struct Tree {
    folder: TempDir,
}

impl Tree {
    fn new() -> Self {
        let tree = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(tree.home()).unwrap();
        for sample in &SAMPLES {
            tree.put(sample.name, sample.old);
            fs::set_permissions(
                tree.at(sample.name),
                fs::Permissions::from_mode(sample.mode),
            )
            .unwrap();
        }
        tree
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn at(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    fn put(&self, name: &str, content: &str) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = nixtune(&self.root());
        command.env("HOME", self.home()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        run(self.command(arguments), b"")
    }

    /// What the command says on standard error, each message in one line; it must end with `code`.
    fn says(&self, arguments: &[&str], code: i32) -> String {
        let output = self.run(arguments);
        let said = self::said(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    }

    /// For each sample: true when it holds the new content, false for the old one.
    fn state(&self) -> [bool; 3] {
        SAMPLES.each_ref().map(|sample| {
            let content = self.read(sample.name);
            let mode = fs::metadata(self.at(sample.name)).unwrap().permissions();
            assert_eq!(mode.mode() & 0o7777, sample.mode, "{}", sample.name);
            if content == sample.new {
                true
            } else {
                assert_eq!(content, sample.old, "{} is neither", sample.name);
                false
            }
        })
    }

    fn writes(&self) -> PathBuf {
        self.home().join(".local/state/nixtune/writes")
    }

    /// The journals that are there, finished or not.
    fn journals(&self) -> Vec<PathBuf> {
        names(&self.writes())
    }

    /// Nothing lies about that a write made.
    fn is_clean(&self) -> bool {
        let in_tree = [names(&self.root()), names(&self.at("sub"))].concat();
        let leftover = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with(".nixtune-")
        };
        self.journals().is_empty() && !in_tree.iter().any(leftover)
    }

    /// Every file is old, or every file is new; nothing else is there.
    fn assert_whole(&self, when: &str) -> bool {
        let state = self.state();
        assert!(
            state == [true; 3] || state == [false; 3],
            "{when}: {state:?}"
        );
        assert!(self.is_clean(), "{when}: something is left over");
        state[0]
    }
}

/// Standard error, each message in one line.
fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).replace("\n  ", " ")
}

/// The paths in a folder, sorted; none when it is not there.
fn names(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    names.sort();
    names
}

const WRITE: &[&str] = &["apply", "--write", "--rule", "deprecated-setting-alias"];
const PREVIEW: &[&str] = &["apply", "--rule", "deprecated-setting-alias"];

#[test]
fn the_samples_have_fixes_and_are_written_as_they_are() {
    let tree = Tree::new();
    tree.says(WRITE, 0);
    assert_eq!(tree.state(), [true; 3]);
    assert!(tree.is_clean());
}
