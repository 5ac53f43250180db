//! The loop closes: what nixtune generates it finds nothing wrong with, formatters leave as it is,
//! and real Nix takes without a warning. Here is what every kind is held to; each kind's file says
//! what it makes.

mod builders;
mod cache;
mod examples;
pub mod integrations;
mod interactive;
mod low_memory;
mod maintenance;
mod settings;
mod shell;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use nixtune::catalog::Catalog;
use nixtune::diagnostic::Applicability;
use nixtune::engine::{self, Request, Wanted};
use nixtune::facts::{Host, Implementation, Os, Target, profile};
use nixtune::generate::{Sink, Subject, Usage};
use nixtune::policy::TargetPolicy;
use nixtune::system::Memory;
use serde_json::Value as Json;

use crate::formatters::FORMATTERS;
use crate::hosts::profiles;
use crate::oracle::{self, Oracle};

pub fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(Catalog::embedded)
}

/// Releases on both sides of every change that matters, and one that is not known.
pub const NIXES: [&str; 9] = [
    "",
    "cppnix@2.18.9",
    "cppnix@2.24.15",
    "cppnix@2.28.7",
    "cppnix@2.31.5",
    "cppnix@2.34.8",
    "lix@2.93.4",
    "lix@2.94.1",
    "determinate@3.17.1",
];

/// What is said about the Nix in use and about a disk that is full now, whatever the file says.
const OF_THE_MACHINE: [&str; 3] = [
    "nix-version-vulnerable",
    "nix-package-eol",
    "min-free-exceeds-free",
];

/// The machines of the tests, those of which nothing is known included.
pub fn hosts() -> Vec<Host> {
    profiles()
        .into_iter()
        .filter_map(|(_, profile)| profile.host)
        .collect()
}

/// A machine with one of [`NIXES`]; `None` for what cannot be.
pub fn subject(host: &Host, sink: Sink, usage: Usage, nix: &str) -> Option<Subject> {
    let target: TargetPolicy = nix.parse().unwrap();
    let is_determinate = target.implementation == Some(Implementation::Determinate);
    if (sink == Sink::Determinate) != is_determinate && !nix.is_empty() && sink != Sink::NixConf {
        return None;
    }
    Subject::new(host, &target.as_target("--target"), sink, usage).ok()
}

/// A generated file that configures Nix, and the machine that it is for.
pub struct Made {
    /// For messages.
    pub name: String,
    pub sink: Sink,
    pub text: String,
    pub host: Host,
    pub target: TargetPolicy,
}

impl Made {
    /// What the kind `what` makes for a subject with one of [`NIXES`].
    pub fn new(what: &str, subject: &Subject, nix: &str, text: String) -> Self {
        let sink = subject.sink;
        Self {
            name: format!(
                "{what} {} {} {} {nix}",
                subject.host.name,
                sink.name(),
                subject.usage.name()
            ),
            sink,
            text,
            host: subject.host.clone(),
            target: TargetPolicy {
                module_system: Some(sink.module_system()),
                ..nix.parse().unwrap()
            },
        }
    }

    fn path(&self) -> PathBuf {
        match self.sink {
            Sink::NixConf => "/w/nix.conf".into(),
            Sink::Flake => "/w/flake.nix".into(),
            _ => "/w/nix-settings.nix".into(),
        }
    }

    /// The file beside a profile of the machine, and what to ask about it.
    pub fn asked(&self) -> (Memory, Request) {
        let profile = profile::render(&self.host, &Target::default());
        let system = Memory::new()
            .file(self.path(), self.text.as_bytes())
            .file("/h/host.toml", profile)
            .on("plan9", "x86_64");
        let request = Request {
            roots: vec![self.path()],
            host: Some("/h/host.toml".into()),
            target: self.target.clone(),
            ..Request::default()
        };
        (system, request)
    }

    /// The words of the test library for what reads it: the module system, the kind of its
    /// declared options, and the system. `None` for what no module system reads.
    fn kind(&self) -> Option<(&'static str, &'static str, &'static str)> {
        let darwin = "aarch64-darwin";
        let linux = "x86_64-linux";
        Some(match self.sink {
            Sink::NixDarwin => ("nix-darwin", "nix-darwin", darwin),
            Sink::Determinate => ("nix-darwin", "determinate", darwin),
            Sink::Nixos => ("nixos", "nixos", linux),
            Sink::HomeManager => {
                let runs_darwin = self
                    .host
                    .platform
                    .as_ref()
                    .is_some_and(|it| it.value.os == Os::Darwin);
                let system = if runs_darwin { darwin } else { linux };
                ("home-manager", "home-manager", system)
            }
            Sink::NixConf | Sink::Flake => return None,
        })
    }

    /// The module in a file, while the folder is there.
    fn written(&self) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("module.nix");
        std::fs::write(&file, &self.text).unwrap();
        (folder, file)
    }

    /// The `nix.conf` that its module system writes, by a real Nix. `None` for a flake.
    pub fn conf(&self, oracle: &Oracle) -> Option<String> {
        if self.sink == Sink::NixConf {
            return Some(self.text.clone());
        }
        let (kind, declared, system) = self.kind()?;
        let (_folder, file) = self.written();
        let conf = oracle.eval(&format!(
            "(import {}).conf {{ file = {}; system = {system:?}; kind = {kind:?}; determinate = {}; }}",
            oracle::library().display(),
            file.display(),
            declared == "determinate",
        ));
        let conf = conf.unwrap_or_else(|error| panic!("{}: {error}\n{}", self.name, self.text));
        Some(conf.as_str().unwrap().to_owned())
    }

    /// What the options of its module system become, each declared with its real type, by a real
    /// Nix. `None` for what no module system reads.
    pub fn values(&self, oracle: &Oracle) -> Option<Json> {
        let (_, kind, system) = self.kind()?;
        let (_folder, file) = self.written();
        let values = oracle.eval(&format!(
            "(import {}).values {{ file = {}; kind = {kind:?}; platform = {system:?}; }}",
            oracle::library().with_file_name("declared.nix").display(),
            file.display(),
        ));
        Some(values.unwrap_or_else(|error| panic!("{}: {error}\n{}", self.name, self.text)))
    }
}

/// Nothing is reported about the files, and `apply` changes nothing.
pub fn assert_linted_without_a_word(made: &[Made]) {
    for one in made {
        let (system, request) = one.asked();
        assert_sound(&one.name, &one.text, &system, &request);
    }
}

/// Nothing is reported about what `request` asks, whose text is `text`, and `apply` changes
/// nothing.
pub fn assert_sound(name: &str, text: &str, system: &Memory, request: &Request) {
    let outcome = engine::lint(system, catalog(), request).unwrap();
    let said: Vec<_> = outcome
        .diagnostics
        .iter()
        .filter(|found| !OF_THE_MACHINE.contains(&found.rule))
        .map(|found| format!("{}: {}", found.rule, found.message))
        .collect();
    assert_eq!(said, [""; 0], "{name} in\n{text}");
    assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
    let wanted = Wanted {
        least: Applicability::Unsafe,
        ..Wanted::default()
    };
    let plan = engine::plan(system, catalog(), request, &wanted).unwrap();
    let made: Vec<_> = plan.made.iter().map(|fix| fix.rule).collect();
    assert!(
        made.iter().all(|rule| OF_THE_MACHINE.contains(rule)),
        "{name}: {made:?}"
    );
}

/// nixfmt leaves the files as they are, and alejandra can read them.
pub fn assert_formatted(made: Vec<Made>) {
    let texts: BTreeMap<String, String> = made
        .into_iter()
        .filter(|one| one.sink != Sink::NixConf)
        .map(|one| (one.text, one.name))
        .collect();
    for (text, name) in texts {
        formatters_leave(&name, &text);
    }
}

/// nixfmt leaves a text as it is, and alejandra can read it.
pub fn formatters_leave(name: &str, text: &str) {
    let [nixfmt, alejandra, _] = &FORMATTERS;
    assert_eq!((nixfmt.format)(text).as_deref(), Some(text), "{name}");
    assert!((alejandra.format)(text).is_some(), "{name}:\n{text}");
}

/// A real Nix reads what reaches it without a warning. False for what it does not read.
pub fn is_taken_by(oracle: &Oracle, one: &Made) -> bool {
    let Some(conf) = one.conf(oracle) else {
        return false;
    };
    let read = oracle
        .read_conf(&conf)
        .unwrap_or_else(|error| panic!("{}: {error}\n{conf}", one.name));
    assert_eq!(read.warnings, [""; 0], "{}:\n{conf}", one.name);
    true
}
