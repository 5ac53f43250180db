//! `nixtune generate maintenance`: schedules, and what runs them.

use std::collections::BTreeMap;
use std::path::Path;

use nixtune::facts::{Host, Os};
use nixtune::generate::{
    GenerateError, GeneratedFile, Maintenance, Schedule, Sink, Usage, maintenance,
};
use nixtune::tune::Days;
use serde_json::{Value as Json, json};

use super::{
    Made, NIXES, assert_formatted, assert_linted_without_a_word, hosts, is_taken_by, subject,
};
use crate::oracle::oracles;

fn wanted(schedule: Option<Schedule>) -> Maintenance {
    Maintenance {
        explain: true,
        schedule,
        retention: None,
    }
}

/// The files for a machine; `None` for what cannot be.
fn files(host: &Host, sink: Sink, nix: &str, wanted: &Maintenance) -> Option<Vec<GeneratedFile>> {
    let subject = subject(host, sink, Usage::Balanced, nix)?;
    let (rows, made) = maintenance(&subject, wanted).ok()?;
    assert!(rows.iter().all(|row| !row.reason.is_empty()), "{rows:?}");
    assert!(!made.next.is_empty());
    Some(made.files)
}

/// The file that Nix reads.
fn made(host: &Host, sink: Sink, nix: &str, wanted: &Maintenance) -> Option<Made> {
    let subject = subject(host, sink, Usage::Balanced, nix)?;
    let mut files = files(host, sink, nix, wanted)?;
    let file = files.remove(0);
    let is_for_nix =
        sink != Sink::NixConf || file.path.as_deref() == Some(Path::new("maintenance.conf"));
    is_for_nix.then(|| Made::new("maintenance", &subject, nix, file.text))
}

fn schedules() -> [Option<Schedule>; 4] {
    let [daily, weekly, free_space] = Schedule::ALL;
    [None, Some(daily), Some(weekly), Some(free_space)]
}

/// Every host, sink and schedule, with releases by turns; every other one without comments.
fn all() -> Vec<Made> {
    let mut all = Vec::new();
    for (number, host) in hosts().into_iter().enumerate() {
        for sink in Sink::ALL {
            for (place, schedule) in schedules().into_iter().enumerate() {
                for (turn, nix) in NIXES.into_iter().enumerate() {
                    if (number + place + turn) % 3 == 0 {
                        let wanted = Maintenance {
                            explain: turn % 2 == 0,
                            retention: (turn % 4 == 0).then_some(Days(21)),
                            ..wanted(schedule)
                        };
                        all.extend(made(&host, sink, nix, &wanted));
                    }
                }
            }
        }
    }
    all
}

#[test]
fn the_loop_closes() {
    let made = all();
    assert!(made.len() > 200, "{}", made.len());
    for one in &made {
        assert!(!one.text.contains("auto-optimise-store ="), "{}", one.text);
    }
    assert_linted_without_a_word(&made);
    assert_formatted(made);
}

#[test]
fn real_nix_takes_it_without_a_warning() {
    for oracle in oracles() {
        let mut taken = BTreeMap::new();
        for host in hosts() {
            for sink in Sink::ALL {
                let made = made(&host, sink, "", &wanted(Some(Schedule::FreeSpace)));
                if made.is_some_and(|one| is_taken_by(oracle, &one)) {
                    *taken.entry(sink.name()).or_insert(0) += 1;
                }
            }
        }
        // The others have no settings with this schedule.
        assert_eq!(
            taken.into_keys().collect::<Vec<_>>(),
            ["darwin", "nix-conf", "nixos"]
        );
    }
}

/// An entry of launchd runs once on each day that it is for: the missing key that would make it
/// run every minute or hour is there.
fn assert_once_a_day(entry: &Json, name: &str) {
    for key in ["Hour", "Minute"] {
        assert!(entry[key].is_u64(), "{name}: {entry}");
    }
}

/// Minutes of the day.
fn minutes(entry: &Json) -> u64 {
    entry["Hour"].as_u64().unwrap() * 60 + entry["Minute"].as_u64().unwrap()
}

#[test]
fn module_systems_accept_it_and_schedules_are_what_they_say() {
    let oracle = &oracles()[0];
    let mut asked = BTreeMap::new();
    for (number, host) in hosts().into_iter().enumerate() {
        for sink in Sink::ALL {
            let schedule = Schedule::ALL[number % 3];
            let Some(one) = made(&host, sink, "", &wanted(Some(schedule))) else {
                continue;
            };
            let Some(values) = one.values(oracle) else {
                continue;
            };
            *asked.entry(sink.name()).or_insert(0) += 1;
            let name = &one.name;
            let nix = &values["nix"];
            match sink {
                Sink::NixDarwin => {
                    let (gc, optimise) = (&nix["gc"]["interval"], &nix["optimise"]["interval"]);
                    for entry in [gc, optimise] {
                        assert_once_a_day(entry, name);
                        assert_eq!(entry["Weekday"].is_u64(), schedule == Schedule::Weekly);
                        assert_eq!(entry["Day"].is_u64(), schedule == Schedule::FreeSpace);
                    }
                    assert_eq!(minutes(optimise) - minutes(gc), 60, "{name}");
                    let settings = &nix["settings"];
                    assert_eq!(settings["auto-optimise-store"], false, "{name}");
                    assert_eq!(
                        settings["min-free"].is_u64(),
                        schedule == Schedule::FreeSpace
                    );
                }
                Sink::Nixos => {
                    assert_eq!(nix["gc"]["persistent"], true, "{name}");
                    assert_eq!(nix["gc"]["randomizedDelaySec"], "30min", "{name}");
                    let day = match schedule {
                        Schedule::Daily => "",
                        Schedule::Weekly => "Sun ",
                        Schedule::FreeSpace => "*-*-01 ",
                    };
                    // Half an hour after the latest start of the collection, at least an hour
                    // after its usual one.
                    assert_eq!(nix["gc"]["dates"], format!("{day}03:15"), "{name}");
                    assert_eq!(nix["optimise"]["dates"], json!([format!("{day}04:45")]));
                    assert_eq!(
                        values["systemd"]["services"]["nix-optimise"]["after"],
                        json!(["nix-gc.service"])
                    );
                }
                Sink::HomeManager if host.platform.as_ref().unwrap().value.os == Os::Darwin => {
                    let agent = &values["launchd"]["agents"]["nix-delete-generations"];
                    assert_eq!(agent["enable"], true, "{name}");
                    assert_once_a_day(&agent["config"]["StartCalendarInterval"][0], name);
                    // Two words: as one, Nix refuses them.
                    let words = agent["config"]["ProgramArguments"].as_array().unwrap();
                    assert_eq!(words[1], "--delete-older-than", "{name}");
                    assert_eq!(nix["gc"]["automatic"], false, "{name}");
                }
                Sink::HomeManager => {
                    assert_eq!(nix["gc"]["automatic"], true, "{name}");
                    assert_ne!(nix["gc"]["dates"], "weekly", "{name}");
                }
                Sink::Determinate => {
                    assert_eq!(nix["gc"]["automatic"], false, "{name}");
                    let daemon = &values["launchd"]["daemons"]["nix-delete-generations"];
                    let entry = &daemon["serviceConfig"]["StartCalendarInterval"][0];
                    assert_once_a_day(entry, name);
                }
                Sink::NixConf | Sink::Flake => {}
            }
        }
    }
    assert_eq!(asked.len(), 4, "{asked:?}");
}

#[test]
fn an_older_home_manager_gets_its_own_name_of_the_schedule() {
    let oracle = &oracles()[0];
    let host = hosts()
        .into_iter()
        .find(|host| host.name == "laptop-hybrid")
        .unwrap();
    let mut subject = subject(&host, Sink::HomeManager, Usage::Balanced, "").unwrap();
    subject.has_former_gc_dates = true;
    let (_, files) = maintenance(&subject, &wanted(None)).unwrap();
    let text = files.files[0].text.clone();
    let values = Made::new("maintenance", &subject, "", text).values(oracle);
    let values = values.unwrap();
    assert_eq!(values["nix"]["gc"]["frequency"], "Sun 03:15");
    assert_eq!(values["nix"]["gc"]["dates"], "weekly", "the default");
}

#[test]
fn what_cannot_be_is_refused_with_a_reason() {
    let mac = hosts()
        .into_iter()
        .find(|host| host.name == "m1-8g")
        .unwrap();
    let refused = |host: &Host, sink, schedule| {
        let subject = subject(host, sink, Usage::Balanced, "").unwrap();
        match maintenance(&subject, &wanted(schedule)).unwrap_err() {
            GenerateError::Nothing(reason) => reason,
            other => panic!("{other}"),
        }
    };
    let free_space = Some(Schedule::FreeSpace);
    assert!(refused(&mac, Sink::Flake, None).contains("no schedule"));
    assert!(refused(&mac, Sink::HomeManager, free_space).contains("by the system"));
    assert!(refused(&mac, Sink::Determinate, free_space).contains("already"));
    let mut small = mac.clone();
    small.store = Some(nixtune::facts::StoreDisk {
        size: Some(nixtune::facts::Fact::declared(
            nixtune::units::Bytes::from_gib(8),
            "test",
        )),
        free: None,
        kind: None,
    });
    assert!(refused(&small, Sink::NixDarwin, free_space).contains("under 12 GiB"));
}

fn beside_nix_conf(os: Os) -> impl Iterator<Item = (String, Schedule, Vec<GeneratedFile>)> {
    hosts()
        .into_iter()
        .filter(move |host| host.platform.as_ref().is_some_and(|it| it.value.os == os))
        .flat_map(|host| {
            ["", "determinate@3.17.1"].into_iter().flat_map(move |nix| {
                let host = host.clone();
                Schedule::ALL.into_iter().filter_map(move |schedule| {
                    let files = files(&host, Sink::NixConf, nix, &wanted(Some(schedule)))?;
                    Some((format!("{} {nix} {schedule:?}", host.name), schedule, files))
                })
            })
        })
}

fn named<'a>(files: &'a [GeneratedFile], name: &str) -> Option<&'a str> {
    let mut files = files.iter();
    let file = files.find(|file| file.path.as_deref() == Some(Path::new(name)))?;
    Some(&file.text)
}

#[test]
fn launchd_reads_the_property_lists() {
    let mut read = 0;
    for (name, schedule, files) in beside_nix_conf(Os::Darwin) {
        let entry = |job: &str| {
            let text = named(&files, &format!("local.nix-{job}.plist"))?;
            let list = plist::Value::from_reader_xml(text.as_bytes())
                .unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
            let list = list.into_dictionary().unwrap();
            assert_eq!(
                list["Label"].as_string(),
                Some(&*format!("local.nix-{job}"))
            );
            let arguments = list["ProgramArguments"].as_array().unwrap();
            assert!(arguments[0].as_string().unwrap().starts_with('/'), "{name}");
            let interval = list["StartCalendarInterval"].as_dictionary().unwrap();
            let interval: Json = interval
                .iter()
                .map(|(key, value)| (key.clone(), json!(value.as_unsigned_integer().unwrap())))
                .collect();
            assert_once_a_day(&interval, &name);
            assert_eq!(interval["Weekday"].is_u64(), schedule == Schedule::Weekly);
            Some(interval)
        };
        let gc = entry("gc").unwrap();
        // Determinate optimizes and collects by itself.
        if let Some(optimise) = entry("optimise") {
            assert_eq!(minutes(&optimise) - minutes(&gc), 60, "{name}");
            assert!(named(&files, "maintenance.conf").is_some());
        } else {
            assert!(name.contains("determinate"), "{name}");
            assert_eq!(files.len(), 1, "{name}");
        }
        read += 1;
    }
    assert!(read > 10, "{read}");
}

#[cfg(target_os = "linux")]
#[test]
fn systemd_reads_the_units() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    const PROGRAMS: &str = "/nix/var/nix/profiles/default/bin";
    let analyze = |arguments: &[&str], folder: &Path| {
        let output = Command::new("systemd-analyze")
            .args(arguments)
            .current_dir(folder)
            .output()
            .expect("systemd-analyze is missing; run tests/run, which installs it");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && said.is_empty(), "{said}");
        String::from_utf8(output.stdout).unwrap()
    };
    let mut read = std::collections::BTreeSet::new();
    for (name, schedule, files) in beside_nix_conf(Os::Linux) {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        for program in ["nix-collect-garbage", "nix-store"] {
            let program = bin.join(program);
            std::fs::write(&program, "#!/bin/sh\n").unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let mut arguments = vec!["verify", "--man=no"];
        let names: Vec<String> = files
            .iter()
            .filter_map(|file| file.path.as_ref()?.to_str().map(str::to_owned))
            .filter(|name| !name.ends_with(".conf"))
            .collect();
        let mut texts = Vec::new();
        for unit in &names {
            let text = named(&files, unit).unwrap();
            let text = text.replace(PROGRAMS, bin.to_str().unwrap());
            std::fs::write(folder.path().join(unit), &text).unwrap();
            texts.push(text);
            arguments.push(unit);
        }
        // One text of many machines is read once.
        if !read.insert((
            texts
                .concat()
                .lines()
                .filter(|line| !line.contains("bin/") && !line.starts_with('#'))
                .collect::<String>(),
            schedule as u8,
        )) {
            continue;
        }
        analyze(&arguments, folder.path());
        for unit in names.iter().filter(|unit| unit.ends_with(".timer")) {
            let text = named(&files, unit).unwrap();
            let calendar = text
                .lines()
                .find_map(|line| line.strip_prefix("OnCalendar="))
                .unwrap();
            let normal = analyze(&["calendar", calendar], folder.path());
            let form = match schedule {
                Schedule::Daily => "form: *-*-* 0",
                Schedule::Weekly => "form: Sun *-*-* 0",
                Schedule::FreeSpace => "form: *-*-01 0",
            };
            assert!(normal.contains(form), "{name}: {normal}");
            assert!(text.contains("Persistent=true"), "{name}");
        }
    }
    assert!(read.len() >= 4, "{}", read.len());
}
