//! The loop closes: what nixtune generates it finds nothing wrong with, formatters leave as it is,
//! and real Nix takes without a warning.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::OnceLock;

use nixtune::catalog::Catalog;
use nixtune::diagnostic::Applicability;
use nixtune::engine::{self, Request, Wanted};
use nixtune::facts::{Fact, Host, Implementation, Target, profile};
use nixtune::generate::{Settings, Sink, Subject, Usage, settings};
use nixtune::model::{LoadOptions, Setting, load};
use nixtune::policy::TargetPolicy;
use nixtune::system::Memory;

use crate::formatters::FORMATTERS;
use crate::hosts::profiles;
use crate::oracle::oracles;

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
pub const OF_THE_MACHINE: [&str; 3] = [
    "nix-version-vulnerable",
    "nix-package-eol",
    "min-free-exceeds-free",
];

struct Made {
    name: String,
    sink: Sink,
    text: String,
    host: Host,
    target: TargetPolicy,
}

impl Made {
    fn new(
        host: &Host,
        sink: Sink,
        usage: Usage,
        nix: &str,
        wanted: &Settings<'_>,
    ) -> Option<Self> {
        let target: TargetPolicy = nix.parse().unwrap();
        let is_determinate = target.implementation == Some(Implementation::Determinate);
        if (sink == Sink::Determinate) != is_determinate && !nix.is_empty() && sink != Sink::NixConf
        {
            return None;
        }
        let subject = Subject::new(host, &target.as_target("--target"), sink, usage).ok()?;
        let (rows, text) = settings(&subject, wanted, catalog()).unwrap();
        assert!(rows.iter().all(|row| !row.reason.is_empty()), "{rows:?}");
        let text = match sink {
            // It is a part of a flake.
            Sink::Flake => format!("{{\n{text}  outputs = _: {{ }};\n}}\n"),
            _ => text,
        };
        Some(Self {
            name: format!("{} {} {} {nix}", host.name, sink.name(), usage.name()),
            sink,
            text,
            host: subject.host.clone(),
            target: TargetPolicy {
                module_system: Some(sink.module_system()),
                ..target
            },
        })
    }

    fn path(&self) -> PathBuf {
        match self.sink {
            Sink::NixConf => "/w/nix.conf".into(),
            Sink::Flake => "/w/flake.nix".into(),
            _ => "/w/nix-settings.nix".into(),
        }
    }

    /// The file beside a profile of the machine, and what to ask about it.
    fn asked(&self) -> (Memory, Request) {
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
}

fn plain() -> Settings<'static> {
    Settings {
        explain: true,
        explicit: false,
        retention: None,
        caches: Vec::new(),
    }
}

/// Every template for every profile, use and Nix that it can be for.
fn all() -> Vec<Made> {
    let community = catalog().cache("https://nix-community.cachix.org").unwrap();
    let mut made = Vec::new();
    for (number, (_, profile)) in profiles().into_iter().enumerate() {
        let host = profile.host.unwrap();
        for sink in Sink::ALL {
            for (turn, usage) in Usage::ALL.into_iter().enumerate() {
                for (place, nix) in NIXES.into_iter().enumerate() {
                    // Every third, each time another one: all pairs are there.
                    if (number + turn + place) % 3 != 0 {
                        continue;
                    }
                    let wanted = Settings {
                        explicit: turn % 2 == 0,
                        caches: if sink == Sink::Flake || place % 2 == 0 {
                            vec![community]
                        } else {
                            Vec::new()
                        },
                        ..plain()
                    };
                    made.extend(Made::new(&host, sink, usage, nix, &wanted));
                }
            }
        }
    }
    made
}

#[test]
fn what_is_generated_is_linted_without_a_word_and_left_as_it_is() {
    let made = all();
    assert!(made.len() > 300, "{}", made.len());
    let mut seen = BTreeSet::new();
    for one in &made {
        seen.insert(one.sink.name());
        let (system, request) = one.asked();
        let outcome = engine::lint(&system, catalog(), &request).unwrap();
        let said: Vec<_> = outcome
            .diagnostics
            .iter()
            .filter(|found| !OF_THE_MACHINE.contains(&found.rule))
            .map(|found| format!("{}: {}", found.rule, found.message))
            .collect();
        assert_eq!(said, [""; 0], "{} in\n{}", one.name, one.text);
        assert!(outcome.problems.is_empty());
        let wanted = Wanted {
            least: Applicability::Unsafe,
            ..Wanted::default()
        };
        let plan = engine::plan(&system, catalog(), &request, &wanted).unwrap();
        let made: Vec<_> = plan.made.iter().map(|fix| fix.rule).collect();
        assert!(
            made.iter().all(|rule| OF_THE_MACHINE.contains(rule)),
            "{}: {made:?}",
            one.name
        );
    }
    assert_eq!(seen.len(), Sink::ALL.len());
}

#[test]
fn formatters_leave_it_as_it_is() {
    let texts: BTreeMap<String, String> = all()
        .into_iter()
        .filter(|one| one.sink != Sink::NixConf)
        .map(|one| (one.text, one.name))
        .collect();
    for (text, name) in texts {
        let [nixfmt, alejandra, _] = &FORMATTERS;
        let wanted = (nixfmt.format)(&text);
        assert_eq!(wanted.as_ref(), Some(&text), "{name}");
        assert!((alejandra.format)(&text).is_some(), "{name}:\n{text}");
    }
}

#[test]
fn real_nix_takes_it_without_a_warning() {
    let files = tempfile::tempdir().unwrap();
    for oracle in oracles() {
        let nix = format!("cppnix@{}", oracle.version);
        let mut asked = 0;
        for (_, profile) in profiles() {
            let host = profile.host.unwrap();
            for sink in Sink::ALL {
                let kind = match sink {
                    Sink::NixDarwin => ("nix-darwin", "aarch64-darwin"),
                    Sink::Nixos => ("nixos", "x86_64-linux"),
                    Sink::NixConf => ("", ""),
                    // What a home writes is read by its user's Nix alone, and what Determinate's
                    // module writes by another Nix.
                    Sink::HomeManager | Sink::Determinate | Sink::Flake => continue,
                };
                let usage = Usage::ALL[asked % Usage::ALL.len()];
                let Some(one) = Made::new(&host, sink, usage, &nix, &plain()) else {
                    continue;
                };
                asked += 1;
                let conf = if sink == Sink::NixConf {
                    one.text.clone()
                } else {
                    let file = files.path().join(format!("{asked}.nix"));
                    std::fs::write(&file, &one.text).unwrap();
                    oracle
                        .eval(&format!(
                            "(import {}).conf {{ file = {}; system = {:?}; kind = {:?}; determinate = false; }}",
                            crate::oracle::library().display(),
                            file.display(),
                            kind.1,
                            kind.0,
                        ))
                        .unwrap_or_else(|error| panic!("{}: {error}\n{}", one.name, one.text))
                        .as_str()
                        .unwrap()
                        .to_owned()
                };
                let read = oracle
                    .read_conf(&conf)
                    .unwrap_or_else(|error| panic!("{}: {error}\n{conf}", one.name));
                assert_eq!(read.warnings, [""; 0], "{}:\n{conf}", one.name);
            }
        }
        assert!(asked > 20, "{asked}");
    }
}

#[test]
fn init_and_apply_recommend_the_same() {
    let mut compared = 0;
    for (_, profile) in profiles() {
        let host = profile.host.unwrap();
        let target = Target {
            platform: host.platform.clone(),
            ..Target::default()
        };
        let Ok(subject) = Subject::new(&host, &target, Sink::NixDarwin, Usage::Balanced) else {
            continue;
        };
        if [&host.threads.is_none(), &host.memory.is_none()].contains(&&true) {
            continue;
        }
        let (_, ours) = settings(&subject, &plain(), catalog()).unwrap();
        let bare = "{\n  nix.settings = {\n    max-jobs = \"auto\";\n    cores = 0;\n    keep-going = true;\n  };\n  nix.gc.automatic = false;\n}\n";
        let one = Made {
            name: host.name.clone(),
            sink: Sink::NixDarwin,
            text: bare.to_owned(),
            host: host.clone(),
            target: TargetPolicy {
                module_system: Some(Sink::NixDarwin.module_system()),
                ..TargetPolicy::default()
            },
        };
        let (system, request) = one.asked();
        let wanted = Wanted {
            least: Applicability::Unsafe,
            ..Wanted::default()
        };
        let plan = engine::plan(&system, catalog(), &request, &wanted).unwrap();
        let theirs = plan
            .files
            .first()
            .map_or(bare.to_owned(), |file| file.after.to_string());
        let (ours, theirs) = (values(&ours), values(&theirs));
        for (name, value) in &theirs {
            if value != "auto" && value != "0" && ours.contains_key(name) {
                assert_eq!(ours.get(name), Some(value), "{} {name}", host.name);
                compared += 1;
            }
        }
    }
    assert!(compared > 10, "{compared}");
}

/// The values of the settings and options that both ways recommend.
fn values(text: &str) -> BTreeMap<&'static str, String> {
    let system = Memory::new().file("/w/x.nix", text);
    let options = LoadOptions {
        target: Target {
            module_system: Some(Fact::declared(Sink::NixDarwin.module_system(), "test")),
            ..Target::default()
        },
        threads: 1,
        ..LoadOptions::default()
    };
    let loaded = load(&system, &["/w/x.nix".into()], catalog(), &options);
    let machine = &loaded.workspace.machines()[0];
    let view = loaded.workspace.view(machine);
    let mut found = BTreeMap::new();
    let mut add = |name: &'static str, setting: Setting<'_>| {
        if let Setting::Known(effective) = setting {
            found.insert(name, effective.as_text().unwrap_or_default().to_string());
        }
    };
    for name in ["max-jobs", "cores", "min-free", "max-free"] {
        add(name, view.setting(catalog(), name));
    }
    add("nix.gc.options", view.option("nix.gc.options"));
    found
}

#[test]
fn impossible_machines_are_refused_with_a_reason() {
    let (_, profile) = profiles().remove(0);
    let host = profile.host.unwrap();
    let refused = |host: &Host, sink| {
        Subject::new(host, &Target::default(), sink, Usage::Balanced)
            .unwrap_err()
            .to_string()
    };
    let mut none = host.clone();
    none.threads = Some(Fact::declared(nixtune::units::Threads(0), "test"));
    assert!(refused(&none, Sink::NixConf).contains("has 0 threads"));
    let mut small = host.clone();
    small.memory = Some(Fact::declared(nixtune::units::Bytes(512 << 20), "test"));
    assert!(refused(&small, Sink::NixConf).contains("512 MiB of memory"));
    let other = match host.platform.unwrap().value.os {
        nixtune::facts::Os::Linux => Sink::NixDarwin,
        nixtune::facts::Os::Darwin => Sink::Nixos,
    };
    let (_, again) = profiles().remove(0);
    assert!(refused(&again.host.unwrap(), other).contains("is for"));
}

#[test]
fn what_is_not_known_is_assumed_and_says_so() {
    let unknown = profiles()
        .into_iter()
        .find(|(name, _)| name == "unknown-hardware")
        .unwrap();
    let host = unknown.1.host.unwrap();
    let subject = Subject::new(&host, &Target::default(), Sink::NixConf, Usage::Balanced).unwrap();
    let (rows, text) = settings(&subject, &plain(), catalog()).unwrap();
    assert!(rows.iter().any(|row| row.name == "max-jobs" && row.assumed));
    assert!(text.contains("# assumed: "), "{text}");
}
