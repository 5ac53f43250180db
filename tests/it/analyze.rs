//! Analyses against real Nix: what is measured is held against the clock and against what builds are
//! known to do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use nixtune::analyze::log::{Moment, read_event, stamped};
use nixtune::analyze::profile::{EndQuality, Graph, Recorder};
use nixtune::analyze::symptoms::{self, Origin};
use serde_json::Value as Json;

use crate::oracle::{Oracle, oracles};

/// Builds that wait for a known time: e needs c and d, which need a, and a and b.
const GRAPH: &str = r#"
let
  make = name: secs: deps: builtins.derivation {
    inherit name deps;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    PATH = "/usr/local/bin:/usr/bin:/bin";
    args = [ "-c" "echo '@nix { \"action\": \"setPhase\", \"phase\": \"buildPhase\" }' >&2; sleep ${secs}; echo $deps > $out" ];
  };
  a = make "a" "0.2" [ ];
  b = make "b" "0.4" [ ];
  c = make "c" "0.1" [ a ];
  d = make "d" "0.3" [ a b ];
in
{
  e = make "e" "0.2" [ c d ];
  fail = builtins.derivation {
    name = "fail";
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-c" "echo about to fail; exit 3" ];
  };
}
"#;

/// A store of its own.
pub struct Machine {
    pub folder: tempfile::TempDir,
}

impl Machine {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let conf = folder.path().join("conf");
        fs::create_dir(&conf).unwrap();
        let text = "build-users-group =\nsandbox = false\nsubstitute = false\nmax-jobs = 2\n\
                    experimental-features = nix-command flakes\n";
        fs::write(conf.join("nix.conf"), text).unwrap();
        fs::write(folder.path().join("graph.nix"), GRAPH).unwrap();
        Self { folder }
    }

    pub fn nixtune(&self, oracle: &Oracle) -> Command {
        self.command(oracle, crate::cli::nixtune(self.folder.path()))
    }

    /// A command in the environment of the store.
    pub fn command(&self, oracle: &Oracle, mut command: Command) -> Command {
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", oracle.bin().display());
        command.env("PATH", path);
        for (name, part) in [
            ("NIX_STORE_DIR", "store"),
            ("NIX_STATE_DIR", "state"),
            ("NIX_LOG_DIR", "log"),
            ("NIX_CONF_DIR", "conf"),
        ] {
            command.env(name, self.folder.path().canonicalize().unwrap().join(part));
        }
        command
    }
}

fn close(found: &Json, expected: f64, slack: f64) -> bool {
    found
        .as_f64()
        .is_some_and(|found| (found - expected).abs() <= slack)
}

#[test]
fn real_builds_take_as_long_as_they_wait() {
    for oracle in oracles() {
        let machine = Machine::new();
        let begin = Instant::now();
        let output = machine
            .nixtune(oracle)
            .args([
                "analyze",
                "profile",
                "--format",
                "json",
                "--save-log",
                "run.log",
            ])
            .args(["--", "nix", "build", "-f", "graph.nix", "e", "--no-link"])
            .output()
            .unwrap();
        let outside = begin.elapsed().as_secs_f64();
        assert!(output.status.success(), "{output:?}");
        let profile: Json = serde_json::from_slice(&output.stdout).unwrap();
        let wall = profile["wall_secs"].as_f64().unwrap();
        assert!(wall <= outside, "{wall} {outside}");
        let shares = profile["shares"].as_array().unwrap().iter();
        let shares: f64 = shares.map(|share| share["secs"].as_f64().unwrap()).sum();
        assert!((shares - wall).abs() < 1e-6, "{shares} {wall}");
        // On a loaded machine builds take longer, and what tells of their start is heard late.
        let slack = (outside - 0.9).max(0.1);
        let builds = profile["builds"].as_array().unwrap();
        assert_eq!(builds.len(), 5);
        for build in builds {
            let sleeps = match build["name"].as_str().unwrap() {
                "a" | "e" => 0.2,
                "b" => 0.4,
                "c" => 0.1,
                "d" => 0.3,
                other => panic!("{other}"),
            };
            let took = build["end_secs"].as_f64().unwrap() - build["start_secs"].as_f64().unwrap();
            assert!(close(&took.into(), sleeps, slack), "{build}");
            assert_eq!(build["end_quality"], "exact");
            assert_eq!(build["has_succeeded"], true);
            assert_eq!(build["phases"][0]["name"], "buildPhase");
        }
        let chain = profile["critical_path"].as_array().unwrap();
        let names: Vec<_> = chain
            .iter()
            .map(|step| step["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["b", "d", "e"]);
        assert_eq!(profile["parallelism"]["peak"], 2);
        assert_eq!(profile["hit_rate"]["built"], 5);
        assert!(
            profile["peak_memory_bytes"]
                .as_u64()
                .is_none_or(|bytes| bytes > 1 << 20)
        );

        // The saved log tells the same.
        let output = machine
            .nixtune(oracle)
            .args(["analyze", "profile", "--log", "run.log", "--format", "json"])
            .output()
            .unwrap();
        let saved: Json = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(saved["critical_path"].as_array().unwrap().len(), 3);
        assert_eq!(saved["lines"], profile["lines"]);
    }
}

#[test]
fn evaluation_that_waits_for_builds_is_told() {
    const WAITING: &str = r#"
let
  make = name: secs: text: builtins.derivation {
    inherit name text;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    PATH = "/usr/local/bin:/usr/bin:/bin";
    args = [ "-c" "sleep ${secs}; echo \"$text\" > $out" ];
  };
  first = import (make "first" "0.3" "1");
  second = import (make "second" "0.2" (toString (first + 1)));
in
make "wanted" "0.1" (toString second)
"#;
    for oracle in oracles() {
        let machine = Machine::new();
        fs::write(machine.folder.path().join("waiting.nix"), WAITING).unwrap();
        let begin = Instant::now();
        let output = machine
            .nixtune(oracle)
            .args([
                "analyze",
                "profile",
                "--format",
                "json",
                "--save-log",
                "run.log",
            ])
            .args(["--", "nix", "build", "-f", "waiting.nix", "--no-link"])
            .output()
            .unwrap();
        let outside = begin.elapsed().as_secs_f64();
        assert!(output.status.success(), "{output:?}");
        let profile: Json = serde_json::from_slice(&output.stdout).unwrap();
        let waited = &profile["import_from_derivation"];
        assert_eq!(waited["times"], 2, "{waited}");
        assert_eq!(waited["builds"], 2, "{waited}");
        let secs = waited["secs"].as_f64().unwrap();
        assert!((0.5..outside - 0.1).contains(&secs), "{secs} of {outside}");
        let text = machine
            .nixtune(oracle)
            .args(["analyze", "profile", "--log", "run.log"])
            .output()
            .unwrap();
        let text = String::from_utf8(text.stdout).unwrap();
        assert!(
            text.contains("evaluation stood still for 2 builds"),
            "{text}"
        );
        // What waits for nothing but what was asked for is none of it.
        let output = machine
            .nixtune(oracle)
            .args(["analyze", "profile", "--format", "json"])
            .args(["--", "nix", "build", "-f", "graph.nix", "e", "--no-link"])
            .output()
            .unwrap();
        let profile: Json = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(profile["import_from_derivation"]["times"], 0);
    }
}

#[test]
fn the_exit_code_and_the_words_of_nix_are_handed_on() {
    for oracle in oracles() {
        let machine = Machine::new();
        let output = machine
            .nixtune(oracle)
            .args(["analyze", "profile", "--"])
            .args(["nix-build", "graph.nix", "-A", "fail", "--no-out-link"])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(100), "{said}");
        assert!(said.contains("\n  about to fail\n"), "{said}");
        assert!(said.contains("failed with exit code 3"), "{said}");
        let report = String::from_utf8_lossy(&output.stdout);
        assert!(report.contains("0 built, 1 failed"), "{report}");
    }
}

/// Nix 2.29 to 2.33 tell the stops of builds at the end, in reverse order. Here the stops of a log of
/// Nix 2.34 are moved there.
#[test]
fn ends_that_come_late_are_inferred() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/analyze-profile-log");
    let log = fs::read_to_string(case.join("files/build.log")).unwrap();
    let builds: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("\"type\":105}") && line.contains("\"action\":\"start\""))
        .map(|line| {
            line.split("\"id\":")
                .nth(1)
                .unwrap()
                .split(',')
                .next()
                .unwrap()
        })
        .collect();
    assert_eq!(builds.len(), 5);
    let is_stop = |line: &&str| {
        builds
            .iter()
            .any(|id| line.ends_with(&format!("\"stop\",\"id\":{id}}}")))
    };
    let (stops, mut lines): (Vec<&str>, Vec<&str>) = log.lines().partition(is_stop);
    assert_eq!(stops.len(), 5);
    let end = lines.len() - 3;
    let late: Vec<String> = stops
        .iter()
        .rev()
        .map(|stop| format!("1.350000 {}", stop.split_once(' ').unwrap().1))
        .collect();
    lines.splice(end..end, late.iter().map(String::as_str));
    let profile = |lines: &[&str]| {
        let mut recorder = Recorder::default();
        let mut clock = nixtune::analyze::log::Clock::default();
        for line in lines {
            let (moment, line) = clock.read(line.as_bytes());
            recorder.take(moment, &read_event(line));
        }
        recorder.finish(&Graph::default(), true, None)
    };
    let (exact, late) = (profile(&log.lines().collect::<Vec<_>>()), profile(&lines));
    let inferred = late.builds.iter();
    let inferred = inferred.filter(|build| build.end_quality == EndQuality::Inferred);
    assert!(inferred.count() >= 4);
    for (build, other) in exact.builds.iter().zip(&late.builds) {
        let (one, two) = (build.end_secs.unwrap(), other.end_secs.unwrap());
        assert!((one - two).abs() < 0.01, "{build:?} {other:?}");
    }
}

#[test]
fn broken_logs_give_what_they_can() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/analyze-profile-log");
    let log = fs::read(case.join("files/build.log")).unwrap();
    // Cut anywhere, and with bytes that are none of a log's.
    for cut in (0..log.len()).step_by(997) {
        for noise in [&b""[..], b"\0\xff@nix {\"action\":\"result\",\"id\":1,\"type\":105,\"fields\":[18446744073709551615,0,0,18446744073709551615]}\n"] {
            let mut recorder = Recorder::default();
            let text = [&log[..cut], noise, &log[cut..]].concat();
            for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
                let moment = Moment { at: number as f64, line: number as u64 };
                recorder.take(moment, &read_event(line));
            }
            let profile = recorder.finish(&Graph::default(), true, None);
            assert!(profile.builds.len() <= 5);
        }
    }
    assert_eq!(stamped(0.5, b"x"), b"0.500000 x\n");
}

/// The programs and libraries of Nix.
fn programs(oracle: &Oracle) -> Vec<PathBuf> {
    let mut files = vec![oracle.bin().join("nix").canonicalize().unwrap()];
    for folder in ["../usr/bin", "../lib/nix", "../lib", "../usr/lib"] {
        let Ok(entries) = fs::read_dir(oracle.bin().join(folder)) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_nix = name == "nix" || name.starts_with("libnix") && name.contains(".so");
            if is_nix && entry.path().is_file() {
                files.push(entry.path());
            }
        }
    }
    files
}

#[test]
fn real_nix_writes_the_symptoms() {
    // What Nix puts together from parts; GitHub's own words.
    let parts = [
        (
            "failed due to signal 9 (Killed)",
            "failed due to signal %1% (%2%)",
        ),
        ("unable to download '", "unable to %s '"),
        ("HTTP error 429", "HTTP error %d"),
        ("API rate limit exceeded", ""),
    ];
    let mut texts = Vec::new();
    for oracle in oracles() {
        texts.extend(programs(oracle).iter().map(|file| fs::read(file).unwrap()));
    }
    let is_written = |text: &str| {
        let finder = memchr::memmem::Finder::new(text);
        texts.iter().any(|bytes| finder.find(bytes).is_some())
    };
    let mut missing = Vec::new();
    for symptom in symptoms::ALL
        .iter()
        .filter(|symptom| symptom.origin == Origin::Nix)
    {
        for mark in symptom.marks {
            let known = parts.iter().find(|(said, _)| said == mark);
            let source = known.map_or(*mark, |(_, source)| source);
            for part in source.split('…').map(str::trim) {
                // A part may end where the source has an argument; short ones are quotes and commas.
                if part.len() > 3 && !is_written(part) {
                    missing.push(format!("{}: {part}", symptom.id));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn symptoms_name_settings_and_rules_that_are_there() {
    let catalog = nixtune::catalog::Catalog::embedded();
    for symptom in symptoms::ALL {
        if let Some(setting) = symptom.setting {
            assert!(
                catalog.setting(setting).is_some(),
                "{}: {setting}",
                symptom.id
            );
        }
        if let Some(rule) = symptom.rule {
            assert!(
                nixtune::rules::find(rule).is_some(),
                "{}: {rule}",
                symptom.id
            );
        }
    }
}

#[test]
fn every_symptom_is_seen_in_a_line_that_is_written_so() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/analyze-log-symptoms");
    let log = fs::read_to_string(case.join("files/build.log")).unwrap();
    let mut missing: Vec<&str> = symptoms::ALL.iter().map(|symptom| symptom.id).collect();
    for line in log.lines() {
        let mut diagnosis = symptoms::Diagnosis::default();
        diagnosis.take(line.as_bytes());
        let seen = diagnosis.finish();
        assert!(!seen.is_empty(), "{line}");
        missing.retain(|id| seen.iter().all(|seen| seen.symptom.id != *id));
    }
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(symptoms::ALL.len(), log.lines().count());
}
