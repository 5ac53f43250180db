//! `nixtune generate low-memory`: what spares memory beside the settings.

use std::collections::BTreeMap;

use nixtune::facts::{Fact, Host};
use nixtune::generate::{Settings, Sink, Usage, memory_steps, settings};
use nixtune::units::Bytes;

use super::{
    Made, NIXES, assert_formatted, assert_linted_without_a_word, catalog, hosts, is_taken_by,
    subject,
};
use crate::oracle::oracles;

fn made(host: &Host, sink: Sink, nix: &str, explain: bool) -> Option<Made> {
    let wanted = Settings {
        explain,
        explicit: false,
        retention: None,
        caches: Vec::new(),
        spare_memory: true,
    };
    let subject = subject(host, sink, Usage::LowMemory, nix)?;
    let (rows, text) = settings(&subject, &wanted, catalog()).unwrap();
    assert!(rows.iter().all(|row| !row.reason.is_empty()), "{rows:?}");
    Some(Made::new("low-memory", &subject, nix, text))
}

/// Every host and sink, with releases by turns; every other one without comments.
fn all() -> Vec<Made> {
    let mut all = Vec::new();
    for (number, host) in hosts().into_iter().enumerate() {
        for sink in Sink::ALL {
            for (turn, nix) in NIXES.into_iter().enumerate() {
                if sink != Sink::Flake && (number + turn) % 3 == 0 {
                    all.extend(made(&host, sink, nix, turn % 2 == 0));
                }
            }
        }
    }
    all
}

#[test]
fn the_loop_closes() {
    let made = all();
    assert!(made.len() > 60, "{}", made.len());
    assert_linted_without_a_word(&made);
    assert_formatted(made);
}

#[test]
fn module_systems_and_real_nix_take_it() {
    for (number, oracle) in oracles().iter().enumerate() {
        let mut taken = BTreeMap::new();
        for (place, host) in hosts().into_iter().enumerate() {
            for sink in Sink::ALL {
                let Some(one) = made(&host, sink, "", true) else {
                    continue;
                };
                if (place + number) % 2 == 0 && is_taken_by(oracle, &one) {
                    *taken.entry(sink.name()).or_insert(0) += 1;
                }
                if number > 0 || sink != Sink::Nixos {
                    continue;
                }
                let values = one.values(oracle).unwrap();
                assert_eq!(values["nix"]["settings"]["max-jobs"], 1, "{}", one.name);
                assert_eq!(values["zramSwap"]["enable"], true, "{}", one.name);
                let service = &values["systemd"]["services"]["nix-daemon"]["serviceConfig"];
                assert_eq!(service["OOMPolicy"], "continue", "{}", one.name);
                let memory = host.memory.as_ref().unwrap().value.0;
                let high = service["MemoryHigh"].as_str().unwrap();
                let high = Bytes::from_gib(high.strip_suffix('G').unwrap().parse().unwrap()).0;
                assert!(high < memory && high >= memory / 2, "{}: {high}", one.name);
            }
        }
        assert!(taken.len() >= 4, "{taken:?}");
    }
}

#[test]
fn it_never_recommends_more_builds_than_another_use() {
    for host in hosts() {
        let builds = |usage| {
            let subject = subject(&host, Sink::NixConf, usage, "").unwrap();
            let wanted = Settings {
                explain: false,
                explicit: false,
                retention: None,
                caches: Vec::new(),
                spare_memory: false,
            };
            let (rows, _) = settings(&subject, &wanted, catalog()).unwrap();
            let row = rows.into_iter().find(|row| row.name == "max-jobs").unwrap();
            row.value.parse::<u32>().unwrap()
        };
        for usage in Usage::ALL {
            assert!(builds(Usage::LowMemory) <= builds(usage), "{}", host.name);
        }
    }
}

#[test]
fn tmp_matters_to_releases_that_build_there() {
    let host = &hosts()[1];
    for (nix, matters) in [
        ("", true),
        ("cppnix@2.28.7", true),
        ("cppnix@2.31.5", false),
        ("lix@2.92.0", true),
        ("lix@2.94.1", false),
    ] {
        let linux = hosts()
            .into_iter()
            .find(|host| host.name == "laptop-hybrid");
        let one = made(&linux.unwrap(), Sink::Nixos, nix, true).unwrap();
        assert_eq!(one.text.contains("boot.tmp.useTmpfs"), matters, "{nix}");
    }
    assert!(made(host, Sink::Flake, "", true).is_some());
}

#[test]
fn few_downloads_at_once_where_each_takes_much() {
    let hosts = hosts();
    let named = |name| hosts.iter().find(|host| host.name == name).unwrap();
    let small = named("m1-8g");
    for (host, nix, few) in [
        (small, "cppnix@2.28.7", true),
        (small, "cppnix@2.24.15", true),
        (small, "cppnix@2.18.9", false),
        (small, "cppnix@2.34.8", false),
        (small, "lix@2.93.4", false),
        (small, "", false),
        (named("mbp-m3-pro"), "cppnix@2.28.7", false),
    ] {
        for sink in [Sink::NixDarwin, Sink::NixConf] {
            let text = made(host, sink, nix, false).unwrap().text;
            let name = format!("{} {nix}", host.name);
            assert_eq!(text.contains("max-substitution-jobs = 4"), few, "{name}");
            assert_eq!(text.contains("64 MiB of each download"), few, "{name}");
        }
    }
    let home = made(small, Sink::HomeManager, "cppnix@2.28.7", true).unwrap();
    assert!(!home.text.contains("max-substitution-jobs"));
}

#[test]
fn a_machine_with_less_than_the_systems_share_gives_half() {
    let mut host = hosts()
        .into_iter()
        .find(|host| host.name == "ci-2c")
        .unwrap();
    host.memory = Some(Fact::declared(Bytes::from_gib(2), "test"));
    let one = made(&host, Sink::Nixos, "", true).unwrap();
    assert!(one.text.contains("MemoryHigh = \"1G\""), "{}", one.text);
    host.memory = Some(Fact::declared(Bytes(15 << 29), "test"));
    let one = made(&host, Sink::Nixos, "", true).unwrap();
    assert!(one.text.contains("MemoryHigh = \"4608M\""), "{}", one.text);
}

#[test]
fn where_the_file_cannot_say_it_a_step_does() {
    let host = hosts()
        .into_iter()
        .find(|host| host.name == "ci-2c")
        .unwrap();
    let subject = subject(&host, Sink::NixConf, Usage::LowMemory, "").unwrap();
    let steps = memory_steps(&subject).join("\n");
    for part in [
        "systemctl edit nix-daemon",
        "MemoryHigh=4G",
        "OOMPolicy=continue",
    ] {
        assert!(steps.contains(part), "{steps}");
    }
}
