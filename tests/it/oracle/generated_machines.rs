//! Random machines of three modules: what is rendered of them is what the module system writes,
//! and what is called effective is what Nix reads.

use std::fmt::Write as _;
use std::path::Path;

use nixtune::engine::{self, Outcome, Request};
use nixtune::model::{Source, Text};
use nixtune::system::Memory;
use serde_json::Value as Json;

use super::shown::{compare, each, is_read, settings};
use super::{confs, oracles};
use crate::rules::fixture;

const MACHINES: u64 = 400;
/// Nix needs a process for each file that it reads.
const READ: u64 = 60;

const KINDS: [&str; 3] = ["nix-darwin", "nixos", "home-manager"];
const FILES: [&str; 3] = ["default.nix", "a.nix", "b.nix"];

/// Keys with one value, and what it may be.
const SINGLE: [(&str, &[&str]); 9] = [
    ("max-jobs", &["\"auto\"", "2", "8"]),
    ("build-max-jobs", &["3"]),
    ("cores", &["0", "4", "2", "\"4\""]),
    ("build-cores", &["2"]),
    ("log-lines", &["10", "20"]),
    ("keep-going", &["true", "false"]),
    ("require-sigs", &["true", "false"]),
    ("sandbox-fallback", &["false", "true"]),
    ("commit-lock-file-summary", &["\"all of it\"", "null"]),
];

/// Keys with words.
const LISTS: [&str; 9] = [
    "substituters",
    "extra-substituters",
    "trusted-substituters",
    "trusted-users",
    "extra-trusted-users",
    "allowed-users",
    "system-features",
    "experimental-features",
    "extra-experimental-features",
];

const LINES: [&str; 7] = [
    "keep-going = true",
    "build-cores = 3 # three",
    "max-jobs   =  7",
    "substituters = https://text.example.org",
    "extra-substituters = https://more.example.org",
    "extra-experimental-features = nix-command",
    "# log-lines = 99",
];

/// A small generator of the same machine for the same seed.
struct Generator {
    state: u64,
    kind: &'static str,
}

impl Generator {
    /// Xorshift (Marsaglia 2003), below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as usize % bound
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn module(&mut self, name: &str) -> String {
        let mut out = String::from("{ lib, ... }:\n\n{\n");
        if name == "default.nix" {
            out.push_str("  imports = [ ./a.nix ./b.nix ];\n");
            out.push_str(match self.kind {
                "nix-darwin" => {
                    "  system.stateVersion = 6;\n  system.defaults.dock.autohide = true;\n"
                }
                "nixos" => {
                    "  system.stateVersion = \"25.05\";\n  boot.loader.grub.enable = true;\n"
                }
                _ => "  home.stateVersion = \"25.05\";\n  home.username = \"mira\";\n",
            });
        }
        let set = self.set(2);
        let _ = writeln!(out, "  nix.settings = {set};");
        if self.below(3) == 0 {
            let text = self.text();
            let _ = writeln!(out, "  nix.extraOptions = {text};");
        }
        if self.kind != "home-manager" {
            for (option, values) in [
                ("distributedBuilds", &["true", "false"][..]),
                ("buildCores", &["5"]),
                (
                    "trustedUsers",
                    &["[ \"old\" ]", "lib.mkBefore [ \"older\" ]"],
                ),
                ("enable", &["true", "lib.mkDefault true"]),
            ] {
                if self.below(6) == 0 {
                    let value = self.one(values);
                    let _ = writeln!(out, "  nix.{option} = {value};");
                }
            }
        }
        if self.kind == "nixos" && self.below(4) == 0 {
            out.push_str("  nix.channel.enable = false;\n");
        }
        if self.kind == "nix-darwin" && self.below(6) == 0 {
            out.push_str("  nix.linux-builder.enable = true;\n");
        }
        out.push_str("}\n");
        out
    }

    /// A set of settings, perhaps of several.
    fn set(&mut self, depth: usize) -> String {
        match self.below(6) {
            0 if depth > 0 => {
                let (first, second) = (self.set(depth - 1), self.set(depth - 1));
                format!("lib.mkMerge [ ({first}) ({second}) ]")
            }
            1 if depth > 0 => format!("lib.mkIf true ({})", self.set(depth - 1)),
            // The other module systems define a set of their own, for which this one is dropped.
            2 if depth > 0 && self.kind == "home-manager" => {
                format!("lib.mkDefault ({})", self.set(depth - 1))
            }
            _ => {
                let mut keys: Vec<&str> = Vec::new();
                let mut out = String::from("{ ");
                for _ in 0..2 + self.below(5) {
                    let (key, value) = self.definition();
                    if !keys.contains(&key) {
                        keys.push(key);
                        let _ = write!(out, "{key} = {value}; ");
                    }
                }
                out.push('}');
                out
            }
        }
    }

    fn definition(&mut self) -> (&'static str, String) {
        if self.below(2) == 0 {
            let (key, values) = self.one(&SINGLE);
            let value = self.one(values).to_owned();
            return (key, self.wrapped(value, false));
        }
        let key = self.one(&LISTS);
        let value = self.words(key);
        if key.ends_with("experimental-features") && self.below(3) == 0 {
            return (
                key,
                self.wrapped("\"nix-command flakes\"".to_owned(), false),
            );
        }
        if self.below(12) == 0 {
            return (
                key,
                self.wrapped("\"https://s.example.org\"".to_owned(), false),
            );
        }
        (key, self.wrapped(value, true))
    }

    fn words(&mut self, key: &str) -> String {
        let of: &[&str] = if key.ends_with("substituters") {
            &[
                "https://a.example.org",
                "https://b.example.org",
                "https://c.example.org",
            ]
        } else if key.ends_with("users") {
            &["mira", "@wheel", "ci"]
        } else if key == "system-features" {
            &["kvm", "big-parallel", "benchmark"]
        } else {
            &["nix-command", "flakes", "ca-derivations"]
        };
        let words: Vec<String> = (0..self.below(3))
            .map(|_| format!("{:?}", self.one(of)))
            .collect();
        format!("[ {} ]", words.join(" "))
    }

    fn wrapped(&mut self, value: String, list: bool) -> String {
        match self.below(14) {
            0 => format!("lib.mkForce {value}"),
            1 => format!("lib.mkDefault {value}"),
            2 => format!("lib.mkOverride 90 {value}"),
            3 => format!("lib.mkOptionDefault {value}"),
            4 => format!("lib.mkIf false {value}"),
            5 => format!("lib.mkIf true (lib.mkForce {value})"),
            6 | 7 if list => format!("lib.mkBefore {value}"),
            8 if list => format!("lib.mkAfter {value}"),
            9 if list => format!("lib.mkMerge [ {value} (lib.mkAfter {value}) {value} ]"),
            10 if list => format!("lib.mkForce (lib.mkOrder 700 {value})"),
            _ => value,
        }
    }

    fn text(&mut self) -> String {
        let mut text = String::from("''\n");
        for _ in 0..=self.below(3) {
            let line = self.one(&LINES);
            let _ = writeln!(text, "    {line}");
        }
        text.push_str("  ''");
        match self.below(5) {
            0 => format!("lib.mkBefore {text}"),
            1 => format!("lib.mkDefault {text}"),
            2 => format!("lib.mkAfter {text}"),
            _ => text,
        }
    }
}

struct Machine {
    kind: &'static str,
    files: Vec<(&'static str, String)>,
}

fn machine(seed: u64) -> Machine {
    let kind = KINDS[(seed % 3) as usize];
    let mut generator = Generator {
        state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        kind,
    };
    let files = FILES
        .into_iter()
        .map(|name| (name, generator.module(name)))
        .collect();
    Machine { kind, files }
}

impl Machine {
    fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        for (name, text) in &self.files {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }

    /// What nixtune reads; of the real machine it knows nothing.
    fn look(&self) -> Outcome {
        let system = self
            .files
            .iter()
            .fold(Memory::new(), |system, (name, text)| {
                system.file(format!("/w/machine/{name}"), text)
            });
        let request = Request {
            roots: vec!["/w/machine".into()],
            ..Request::default()
        };
        engine::look(&system, fixture::catalog(), &request).unwrap()
    }

    fn shown(&self, seed: u64) -> String {
        let files: Vec<String> = self
            .files
            .iter()
            .map(|(name, text)| format!("--- {name}\n{text}"))
            .collect();
        format!("seed {seed}, {}\n{}", self.kind, files.join(""))
    }
}

#[test]
fn generated_machines_are_rendered_and_read_as_they_are_for_real() {
    let oracle = oracles().last().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let machines: Vec<(u64, Machine)> = (1..=MACHINES).map(|seed| (seed, machine(seed))).collect();
    let questions: Vec<String> = machines
        .iter()
        .map(|(seed, machine)| {
            let own = folder.path().join(seed.to_string());
            machine.write(&own);
            format!(
                "(lib.confLines {{ file = {}; system = \"x86_64-linux\"; kind = {:?}; }})",
                own.join("default.nix").display(),
                machine.kind
            )
        })
        .collect();
    let (mut compared, mut read) = (0, 0);
    for ((seed, machine), answer) in machines.iter().zip(each(oracle, &questions)) {
        let shown = machine.shown(*seed);
        let answer = answer.unwrap_or_else(|| panic!("Nix cannot evaluate {shown}"));
        let outcome = machine.look();
        let workspace = &outcome.workspace;
        assert_eq!(workspace.machines().len(), 1, "{shown}");
        let view = workspace.view(&workspace.machines()[0]);
        assert_eq!(
            view.machine().target.system().map(|system| system.name()),
            Some(machine.kind),
            "{shown}"
        );
        let rendered = view.rendered(fixture::catalog());
        let mut wrong = Vec::new();
        compared += compare(&rendered, &answer, &mut wrong);
        // What fails has no value.
        for line in answer.as_array().unwrap() {
            let ours = rendered
                .lines
                .iter()
                .find(|ours| line["key"] == ours.key.as_ref());
            if line["value"]["success"] == false
                && ours.is_some_and(|ours| matches!(ours.text, Text::Known(_)))
            {
                wrong.push(format!("{ours:?} fails"));
            }
        }
        assert!(wrong.is_empty(), "{}\n{shown}", wrong.join("\n"));
        if *seed > READ {
            continue;
        }
        let lines = real_lines(&answer);
        let found = oracle
            .read_conf(&confs::conf(&lines))
            .unwrap_or_else(|error| panic!("{error}\n{shown}"));
        for setting in &rendered.settings {
            let Some(Text::Known(text)) = &setting.text else {
                continue;
            };
            // Nix here has its own defaults.
            if setting.parts.iter().any(|part| part.source == Source::Nix) {
                continue;
            }
            let value = &found.settings[setting.name.as_ref()]["value"];
            assert!(
                is_read(oracle, &setting.name, text, value),
                "`{}` is said to be {text:?}; Nix reads {value}\n{shown}",
                setting.name
            );
            read += 1;
        }
    }
    assert!(compared > 3000, "only {compared} lines compared");
    assert!(read > 500, "only {read} values read");
}

/// The lines that can be had.
fn real_lines(answer: &Json) -> Vec<confs::Line> {
    let mut lines = Vec::new();
    for line in answer.as_array().unwrap() {
        let Some(value) = line["value"]["value"].as_str() else {
            continue;
        };
        match line["key"].as_str() {
            Some(key) => lines.push((key.to_owned(), value.to_owned())),
            None => lines.extend(settings(value)),
        }
    }
    lines
}
