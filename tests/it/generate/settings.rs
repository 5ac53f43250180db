//! `nixtune init`: the settings themselves.

use std::collections::{BTreeMap, BTreeSet};

use nixtune::diagnostic::Applicability;
use nixtune::engine::{self, Wanted};
use nixtune::facts::{Fact, Host, Target};
use nixtune::generate::{Settings, Sink, Subject, Usage, settings};
use nixtune::model::{LoadOptions, Setting, load};
use nixtune::policy::TargetPolicy;
use nixtune::system::Memory;

use super::{
    Made, NIXES, assert_formatted, assert_linted_without_a_word, catalog, hosts, is_taken_by,
    subject,
};
use crate::hosts::profiles;
use crate::oracle::oracles;

/// What `init` makes; `None` for what cannot be.
fn init(host: &Host, sink: Sink, usage: Usage, nix: &str, wanted: &Settings<'_>) -> Option<Made> {
    let subject = subject(host, sink, usage, nix)?;
    let (rows, text) = settings(&subject, wanted, catalog()).unwrap();
    assert!(rows.iter().all(|row| !row.reason.is_empty()), "{rows:?}");
    let text = match sink {
        // It is a part of a flake.
        Sink::Flake => format!("{{\n{text}  outputs = _: {{ }};\n}}\n"),
        _ => text,
    };
    Some(Made::new("init", &subject, nix, text))
}

fn plain() -> Settings<'static> {
    Settings {
        explain: true,
        explicit: false,
        retention: None,
        caches: Vec::new(),
        spare_memory: false,
    }
}

/// Every template for every profile, use and Nix that it can be for.
fn all() -> Vec<Made> {
    let community = catalog().cache("https://nix-community.cachix.org").unwrap();
    let mut made = Vec::new();
    for (number, host) in hosts().into_iter().enumerate() {
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
                    made.extend(init(&host, sink, usage, nix, &wanted));
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
    let seen: BTreeSet<_> = made.iter().map(|one| one.sink.name()).collect();
    assert_eq!(seen.len(), Sink::ALL.len());
    assert_linted_without_a_word(&made);
}

#[test]
fn formatters_leave_it_as_it_is() {
    assert_formatted(all());
}

#[test]
fn real_nix_takes_it_without_a_warning() {
    for oracle in oracles() {
        let nix = format!("cppnix@{}", oracle.version);
        let mut asked = BTreeMap::new();
        for (number, host) in hosts().into_iter().enumerate() {
            for sink in Sink::ALL {
                let usage = Usage::ALL[(number + sink as usize) % Usage::ALL.len()];
                // Determinate's own Nix is none of these; its common settings are.
                let nix = if sink == Sink::Determinate { "" } else { &nix };
                let Some(one) = init(&host, sink, usage, nix, &plain()) else {
                    continue;
                };
                if is_taken_by(oracle, &one) {
                    *asked.entry(sink.name()).or_insert(0) += 1;
                }
            }
        }
        assert_eq!(asked.len(), Sink::ALL.len() - 1, "{asked:?}");
        assert!(asked.values().all(|count| *count > 3), "{asked:?}");
    }
}

#[test]
fn module_systems_accept_it() {
    let oracle = &oracles()[0];
    let mut asked = BTreeMap::new();
    for (number, host) in hosts().into_iter().enumerate() {
        for sink in Sink::ALL {
            let usage = Usage::ALL[(number + sink as usize) % Usage::ALL.len()];
            let wanted = Settings {
                explicit: number % 2 == 0,
                ..plain()
            };
            let Some(one) = init(&host, sink, usage, "", &wanted) else {
                continue;
            };
            let Some(values) = one.values(oracle) else {
                continue;
            };
            *asked.entry(sink.name()).or_insert(0) += 1;
            let settings = match sink {
                Sink::Determinate => &values["determinateNix"]["customSettings"],
                _ => &values["nix"]["settings"],
            };
            assert!(settings["max-jobs"].is_u64(), "{}: {values}", one.name);
            if sink == Sink::HomeManager {
                assert!(
                    values["nix"]["package"].is_string(),
                    "{}: {values}",
                    one.name
                );
            }
        }
    }
    assert_eq!(asked.len(), 4, "{asked:?}");
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
