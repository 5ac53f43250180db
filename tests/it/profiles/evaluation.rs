//! What evaluation costs, against Nix's own counters and clocks.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::time::Instant;

use nixtune::analyze::evaluation::{Stacks, Unit};
use serde_json::Value as Json;

use crate::analyze::Machine;
use crate::oracle::{Oracle, oracles};

/// An evaluation of known work: the calls of `fib` are 2 · fib(n + 1) - 1.
const WORK: &str = r#"
let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2);
in derivation {
  name = "work-${toString (fib 19)}";
  system = "x86_64-linux";
  builder = "/bin/sh";
  args = [ "-c" "echo > $out" ];
}
"#;
const CALLS: u64 = 13_529;

fn machine() -> Machine {
    let machine = Machine::new();
    fs::write(machine.folder.path().join("work.nix"), WORK).unwrap();
    let flake = machine.folder.path().join("flake");
    fs::create_dir(&flake).unwrap();
    fs::write(flake.join("work.nix"), WORK).unwrap();
    let text = "{ outputs = { self }: { work = import ./work.nix; }; }";
    fs::write(flake.join("flake.nix"), text).unwrap();
    machine
}

/// The output of `analyze profile` with these arguments.
fn profile(machine: &Machine, oracle: &Oracle, arguments: &[&str]) -> String {
    let output = machine
        .nixtune(oracle)
        .args(["analyze", "profile"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What Nix counts when it is asked without nixtune.
fn counted(machine: &Machine, oracle: &Oracle, arguments: &[&str]) -> Json {
    let mut command = machine.command(oracle, Command::new(oracle.bin().join("nix")));
    command
        .current_dir(machine.folder.path())
        .env("HOME", machine.folder.path());
    command.args(arguments).env("NIX_SHOW_STATS", "1");
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let begin = text.find("{\n").unwrap_or_else(|| panic!("{text}"));
    serde_json::Deserializer::from_str(&text[begin..])
        .into_iter()
        .next()
        .unwrap()
        .unwrap()
}

#[test]
fn counters_are_those_of_nix() {
    for oracle in oracles() {
        let machine = machine();
        let begin = Instant::now();
        let text = profile(
            &machine,
            oracle,
            &[
                "--eval",
                "--format",
                "json",
                "--",
                "nix",
                "build",
                "-f",
                "work.nix",
                "--no-link",
            ],
        );
        let outside = begin.elapsed().as_secs_f64();
        let evaluation = &serde_json::from_str::<Json>(&text).unwrap()["evaluation"];
        let found = &evaluation["cold"]["statistics"];
        let nix = counted(
            &machine,
            oracle,
            &["path-info", "--derivation", "-f", "work.nix"],
        );
        assert_eq!(found["function_calls"], nix["nrFunctionCalls"]);
        assert_eq!(found["builtin_calls"], nix["nrPrimOpCalls"]);
        assert_eq!(found["thunks"], nix["nrThunks"]);
        assert_eq!(found["values"], nix["values"]["number"]);
        assert_eq!(found["updates"], nix["nrOpUpdates"]);
        assert_eq!(found["heap_bytes"], nix["gc"]["heapSize"]);
        let calls = found["function_calls"].as_u64().unwrap();
        assert!((CALLS..CALLS + 200).contains(&calls), "{calls}");
        // Nix's own time is a part of what the clock saw, and that of the whole.
        let (cold, warm) = (
            &evaluation["cold"]["wall_secs"],
            &evaluation["warm"]["wall_secs"],
        );
        let (cold, warm) = (cold.as_f64().unwrap(), warm.as_f64().unwrap());
        assert!(
            found["cpu_secs"].as_f64().unwrap() <= cold * 2.0,
            "{found} {cold}"
        );
        assert!(cold + warm < outside, "{cold} {warm} {outside}");
        // A file is never cached.
        assert_eq!(evaluation["is_cached"], false);
        assert_eq!(evaluation["command"][1], "path-info");
    }
}

#[test]
fn a_flake_is_answered_from_the_cache() {
    for oracle in oracles() {
        let machine = machine();
        let flake = format!("path:{}/flake#work", machine.folder.path().display());
        let command = [
            "--eval",
            "--format",
            "json",
            "--",
            "nix",
            "build",
            &flake,
            "--no-link",
        ];
        for time in ["first", "second"] {
            let text = profile(&machine, oracle, &command);
            let evaluation = &serde_json::from_str::<Json>(&text).unwrap()["evaluation"];
            assert_eq!(evaluation["is_cached"], true, "{time}: {evaluation}");
            let calls = |run: &str| {
                evaluation[run]["statistics"]["function_calls"]
                    .as_u64()
                    .unwrap()
            };
            assert!(calls("cold") >= CALLS, "{time}: {evaluation}");
            assert!(calls("warm") < 100, "{time}: {evaluation}");
        }
        let text = profile(
            &machine,
            oracle,
            &["--eval", "--", "nix", "build", &flake, "--no-link"],
        );
        assert!(text.contains("from the evaluation cache"), "{text}");
        assert!(text.contains("calls of functions"), "{text}");
    }
}

/// Weights by stack, as the lines say them.
fn weights(folded: &str) -> BTreeMap<String, u64> {
    let lines = folded.lines().map(|line| line.rsplit_once(' ').unwrap());
    lines
        .map(|(stack, weight)| (stack.to_owned(), weight.parse().unwrap()))
        .collect()
}

#[test]
fn folded_stacks_tell_where_the_time_went() {
    for oracle in oracles() {
        let machine = machine();
        let command = ["--", "nix-build", "work.nix", "--no-out-link"];
        let begin = Instant::now();
        let folded = profile(
            &machine,
            oracle,
            &[&["--format", "folded"], &command[..]].concat(),
        );
        let outside = begin.elapsed();
        let weights = weights(&folded);
        let total: u64 = weights.values().sum();
        // `fib` is on the second line of the file, and nothing else takes time.
        let of_fib = weights
            .iter()
            .filter(|(stack, _)| stack.contains("work.nix:2:"));
        let of_fib: u64 = of_fib.map(|(_, weight)| weight).sum();
        assert!(of_fib * 10 > total * 5, "{of_fib} {total}\n{folded}");
        if !oracle.is_modern() {
            // Nanoseconds, and no more of them than passed.
            assert!(u128::from(total) < outside.as_nanos(), "{total}");
        }
        // Nothing was built for it.
        let store = machine.folder.path().join("store");
        let built = fs::read_dir(store).unwrap().filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().ends_with("-work-4181")
        });
        assert_eq!(built.count(), 0);
        let text = profile(
            &machine,
            oracle,
            &[&["--format", "speedscope"], &command[..]].concat(),
        );
        crate::formats::validate("tests/schemas/speedscope.json", &text);
    }
}

#[test]
fn speedscope_holds_the_stacks() {
    let folded = "/a.nix:1:2:f;/b.nix:3:4:g 5\n/a.nix:1:2:f;«none» 2\n/a.nix:1:2:f 1\n";
    let stacks = Stacks::read_folded(folded);
    assert_eq!(stacks.unit(), Unit::Samples);
    let json = crate::formats::validate(
        "tests/schemas/speedscope.json",
        &stacks.speedscope("nix build"),
    );
    let profile = &json["profiles"][0];
    let frames = json["shared"]["frames"].as_array().unwrap();
    let mut found = BTreeMap::new();
    for (sample, weight) in profile["samples"]
        .as_array()
        .unwrap()
        .iter()
        .zip(profile["weights"].as_array().unwrap())
    {
        let names = sample.as_array().unwrap().iter();
        let names = names.map(|frame| {
            frames[usize::try_from(frame.as_u64().unwrap()).unwrap()]["name"]
                .as_str()
                .unwrap()
        });
        found.insert(
            names.collect::<Vec<_>>().join(";"),
            weight.as_u64().unwrap(),
        );
    }
    let expected = [("f", 1), ("f;g", 5), ("f;«none»", 2)];
    assert_eq!(
        found,
        expected
            .map(|(stack, weight)| (stack.to_owned(), weight))
            .into()
    );
    assert_eq!(profile["endValue"], 8);
    assert_eq!(frames[1]["file"], "/b.nix");
    assert_eq!(
        (&frames[1]["line"], &frames[1]["col"]),
        (&3.into(), &4.into())
    );
    // The schema does not take everything.
    let mut wrong = json.clone();
    wrong["profiles"][0]["unit"] = "hours".into();
    let schema = fs::read_to_string("tests/schemas/speedscope.json").unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(!schema.is_valid(&wrong));
}

#[test]
fn what_cannot_be_evaluated_says_so() {
    for oracle in oracles() {
        let machine = machine();
        fs::write(machine.folder.path().join("bad.nix"), "throw \"not today\"").unwrap();
        let output = machine
            .nixtune(oracle)
            .args(["analyze", "profile", "--eval", "--", "nix-build", "bad.nix"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("nix-instantiate bad.nix") && said.contains("not today\n"),
            "{said}"
        );
    }
}
