//! The named hardware profiles: they read, and what fits each is reviewed here.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use nixtune::facts::profile::{self, Profile};
use nixtune::tune;

/// All profiles under `tests/hosts`, sorted by name.
pub fn profiles() -> Vec<(String, Profile)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hosts");
    let mut out: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let read = profile::read(&text, &format!("{name}.toml")).unwrap();
            (name, read)
        })
        .collect();
    out.sort_by(|(a, _), (b, _)| a.cmp(b));
    out
}

#[test]
fn profiles_are_named_like_their_files_and_survive_a_round_trip() {
    let all = profiles();
    assert!(all.len() >= 10);
    for (name, read) in all {
        let host = read.host.unwrap();
        assert_eq!(host.name, name);
        let again = profile::render(&host, &read.target);
        let again = profile::read(&again, &format!("{name}.toml")).unwrap();
        assert_eq!(again.host.unwrap(), host);
        assert_eq!(again.target, read.target);
    }
}

#[test]
fn what_fits_each_machine() {
    let mut table = String::new();
    for (name, read) in profiles() {
        let host = read.host.unwrap();
        let use_of = tune::Profile::of(&host);
        write!(table, "{name} ({use_of:?}):").unwrap();
        if let Some(found) = tune::build_slots(&host, use_of) {
            write!(table, " {} × {}", found.value.max_jobs, found.value.cores).unwrap();
        }
        if let Some(found) = tune::free_space(&host) {
            let value = found.value;
            write!(table, ", {} … {} free", value.min_free, value.max_free).unwrap();
        }
        if let Some(found) = tune::linux_builder(&host) {
            let value = found.value;
            write!(
                table,
                ", VM {} cores {} {} {} jobs",
                value.cores, value.memory, value.disk, value.max_jobs
            )
            .unwrap();
        }
        writeln!(table, ", {}", tune::gc_retention(Some(&host)).value).unwrap();
    }
    let expected = "\
arm-server-80c (Server): 12 × 5, 102 GiB … 307 GiB free, 14d
ci-2c (LowMemory): 1 × 2, 3 GiB … 10 GiB free, 14d
laptop-hybrid (Interactive): 4 × 2, 23 GiB … 71 GiB free, 30d
m1-8g (LowMemory): 1 × 2, 11 GiB … 34 GiB free, VM 2 cores 4 GiB 40 GiB 1 jobs, 14d
mac-intel (Interactive): 5 × 2, 23 GiB … 69 GiB free, VM 6 cores 8 GiB 46 GiB 3 jobs, 30d
mac-mini-m4 (Interactive): 3 × 2, 23 GiB … 69 GiB free, VM 2 cores 8 GiB 46 GiB 2 jobs, 30d
mac-three-levels (Interactive): 4 × 2, 46 GiB … 138 GiB free, VM 3 cores 8 GiB 92 GiB 3 jobs, 30d
mbp-m3-pro (Interactive): 4 × 2, 46 GiB … 138 GiB free, VM 3 cores 9 GiB 92 GiB 3 jobs, 30d
mbp-m5-max (Interactive): 4 × 4, 64 GiB … 256 GiB free, VM 9 cores 16 GiB 100 GiB 7 jobs, 30d
threadripper-server (Server): 12 × 5, 160 GiB … 512 GiB free, 14d
unknown-hardware (Interactive):, 30d
";
    assert_eq!(table, expected);
}

fn nixtune(arguments: &[&str]) -> std::process::Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_nixtune"))
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn this_machine_is_shown_in_three_forms_and_saved() {
    let human = nixtune(&["host"]);
    assert_eq!(human.status.code(), Some(0));
    let human = String::from_utf8(human.stdout).unwrap();
    assert!(human.starts_with("this machine\n"), "{human}");

    let json = nixtune(&["host", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["version"], 1);

    let toml = nixtune(&["host", "--format", "toml"]);
    let toml = String::from_utf8(toml.stdout).unwrap();
    let shown = profile::read(&toml, "shown").unwrap().host.unwrap();
    assert_eq!(
        json["host"]["threads"]["value"].as_u64(),
        shown.threads.map(|fact| fact.value.0.into())
    );

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("desk.toml");
    let saved = nixtune(&["host", "--save", file.to_str().unwrap()]);
    assert_eq!((saved.status.code(), saved.stdout.len()), (Some(0), 0));
    let text = fs::read_to_string(&file).unwrap();
    let host = profile::read(&text, "desk.toml").unwrap().host.unwrap();
    assert_eq!(host.name, "desk", "called like its file");
}

#[test]
fn a_profile_that_cannot_be_saved_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none/desk.toml");
    let failed = nixtune(&["host", "--save", file.to_str().unwrap()]);
    assert_eq!(failed.status.code(), Some(2));
    let message = String::from_utf8(failed.stderr).unwrap();
    assert!(
        message.contains("none/desk.toml: no such file or folder"),
        "{message}"
    );
}
