//! Random machines of flakes, of modules that declare options and define each other's values: what
//! is known of Nix's settings is what the module system makes of the same files.
//!
//! The module system is `tests/oracle/modules.nix`; `NIXTUNE_NIXPKGS` names a nixpkgs whose own
//! judges instead. `NIXTUNE_CASES` says how many machines there are.

mod generate;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use nixtune::model::{LoadOptions, Loaded, MachineView, Setting, Text, load};
use nixtune::system::Memory;
use serde_json::Value as Json;

use super::values::to_json;
use super::{Oracle, library, oracles};
use crate::rules::fixture::catalog;
use generate::{Case, OPTIONS, TEXT};

const CASES: u64 = 400;
/// So many are evaluated by one process.
const BATCH: usize = 200;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// What was compared.
#[derive(Default)]
struct Tally {
    known: usize,
    undecided: usize,
    unset: usize,
    unknown: usize,
    /// Values that are called known and that the module system refuses.
    lenient: usize,
    /// Machines that the module system refuses as a whole.
    refused: usize,
}

/// The modules of a case as Nix shall evaluate them.
fn question(folder: &Path, case: &Case) -> String {
    let judge = std::env::var_os("NIXTUNE_NIXPKGS").map_or_else(String::new, |nixpkgs| {
        format!(
            "judge = import {};",
            Path::new(&nixpkgs).join("lib").display()
        )
    });
    format!(
        "(modules.machine {{ {judge} modules = [ {} ]; specialArgs = {}; }})",
        folder.join("root.nix").display(),
        case.arguments
    )
}

/// The answers; `None` for what fails beyond `tryEval`. Halves find those with few processes.
fn ask(oracle: &Oracle, questions: &[String]) -> Vec<Option<Json>> {
    let library = library();
    let modules = library.with_file_name("modules.nix");
    let answer = oracle.eval(&format!(
        "let modules = import {} (import {}).lib; in [ {} ]",
        modules.display(),
        library.display(),
        questions.join("\n")
    ));
    match answer {
        Ok(Json::Array(answers)) => answers.into_iter().map(Some).collect(),
        Ok(other) => panic!("a list became {other}"),
        Err(_) if questions.len() > 1 => {
            let (first, second) = questions.split_at(questions.len() / 2);
            let mut answers = ask(oracle, first);
            answers.extend(ask(oracle, second));
            answers
        }
        Err(_) => vec![None],
    }
}

fn read(case: &Case) -> Loaded {
    let system = case
        .files
        .iter()
        .fold(Memory::new(), |system, (name, text)| {
            system.file(format!("/w/{name}"), text)
        });
    let paths = [PathBuf::from("/w")];
    load(&system, &paths, catalog(), &LoadOptions::default())
}

/// Judges one statement about a value; `real` is `None` where nothing is set.
fn judge(
    name: &str,
    ours: &Setting<'_>,
    real: Option<&Json>,
    wrong: &mut Vec<String>,
    tally: &mut Tally,
) {
    // What the module system refuses has no value; nixtune checks less than it does.
    let failed = real.is_some_and(|real| real["success"] == false);
    let value = real.map(|real| &real["value"]);
    match ours {
        Setting::Unset { assured } => {
            tally.unset += 1;
            if failed {
                tally.lenient += 1;
            } else if *assured && real.is_some() {
                wrong.push(format!("{name} is said to be unset; it is {value:?}"));
            }
        }
        Setting::Known(effective) => {
            let ours = to_json(&effective.value.value);
            let is_part = ours.as_ref().is_some_and(Json::is_array)
                && value.is_some_and(Json::is_array)
                && ours.as_ref() != value;
            if is_part {
                return;
            }
            if failed {
                tally.lenient += 1;
            } else if effective.unconditional || ours.is_none() {
                tally.known += 1;
                if ours.as_ref() != value {
                    wrong.push(format!("{name} is said to be {ours:?}; it is {value:?}"));
                }
            } else {
                tally.undecided += 1;
                if value.is_some() && ours.as_ref() != value {
                    wrong.push(format!("{name} is {ours:?} if set; it is {value:?}"));
                }
            }
        }
        Setting::OneOf(several) => {
            tally.undecided += 1;
            let all: Vec<Option<Json>> = several
                .iter()
                .map(|one| to_json(&one.value.value))
                .collect();
            // Lists of several definitions stand side by side: each is a part of the value.
            let is_list = |one: &Option<Json>| one.as_ref().is_some_and(Json::is_array);
            let has_unknown = all.iter().any(Option::is_none) || all.iter().all(is_list);
            let found = all.iter().any(|one| one.as_ref() == value);
            if !failed && value.is_some() && !has_unknown && !found {
                wrong.push(format!(
                    "{name} is said to be one of {all:?}; it is {value:?}"
                ));
            }
        }
        Setting::Unknown { .. } => tally.unknown += 1,
    }
}

fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        Json::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

fn compare(view: &MachineView<'_>, answer: &Json, wrong: &mut Vec<String>, tally: &mut Tally) {
    let rendered = view.rendered(catalog());
    if answer["settings"].is_null() {
        tally.refused += 1;
    } else {
        let real = answer["settings"].as_object().unwrap();
        let ours = view
            .definitions()
            .filter_map(|definition| definition.setting.as_deref())
            .filter(|name| !TEXT.contains(name));
        let names: BTreeSet<&str> = ours.chain(real.keys().map(String::as_str)).collect();
        for name in names {
            let real = real.get(name);
            let failed = real.is_some_and(|real| real["success"] == false);
            let line = rendered.lines.iter().find(|line| line.key.as_ref() == name);
            let known = line.and_then(|line| match &line.text {
                Text::Known(text) => Some(text),
                _ => None,
            });
            match (known, real) {
                (Some(_), _) if failed => tally.lenient += 1,
                (Some(ours), Some(real)) => {
                    tally.known += 1;
                    let real = text(&real["value"]);
                    if *ours != real {
                        wrong.push(format!("line {name} = {ours:?}; it is {real:?}"));
                    }
                }
                (Some(ours), None) => {
                    wrong.push(format!("line {name} = {ours:?} is not there"));
                }
                (None, Some(real)) if line.is_none() && !failed && view.machine().complete => {
                    wrong.push(format!("there is no line {name}; it is {real}"));
                }
                (None, _) => tally.unknown += 1,
            }
            if !name.starts_with('l') {
                judge(name, &view.setting(catalog(), name), real, wrong, tally);
                continue;
            }
            let items = view.items(catalog(), name);
            let ours: Vec<&str> = items.items.iter().map(|item| item.text.as_ref()).collect();
            let theirs: Vec<&str> = real
                .and_then(|real| real["value"].as_array())
                .map(|items| items.iter().filter_map(Json::as_str).collect())
                .unwrap_or_default();
            if failed {
                continue;
            }
            if items.complete && items.items.iter().all(|item| item.unconditional) && ours != theirs
            {
                wrong.push(format!("{name} has the items {ours:?}; it has {theirs:?}"));
            }
            for item in items.items.iter().filter(|item| item.unconditional) {
                if !theirs.contains(&item.text.as_ref()) {
                    wrong.push(format!("{name} has no {:?}: {theirs:?}", item.text));
                }
            }
        }
    }
    for name in OPTIONS {
        let real = &answer["options"][name];
        if real["isSet"]["success"] == false {
            continue;
        }
        let is_set = real["isSet"]["value"] == true;
        let ours = view.option(&format!("nix.{name}"));
        judge(name, &ours, is_set.then(|| &real["value"]), wrong, tally);
    }
    let lines = answer["options"]["extraOptions"]["value"]["value"].as_str();
    for name in TEXT {
        // A setting with the same name would stand before the text.
        let value = lines.and_then(|lines| {
            let mut lines = lines.lines().filter_map(|line| line.split_once(" = "));
            lines.rfind(|(key, _)| key.trim() == name)
        });
        let real = value.map(|(_, value)| serde_json::json!({ "success": true, "value": value }));
        if lines.is_some() {
            let ours = view.setting(catalog(), name);
            judge(name, &ours, real.as_ref(), wrong, tally);
        }
    }
}

#[test]
fn known_values_of_flakes_are_what_the_module_system_makes_of_them() {
    let oracle = oracles().last().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let first = number("NIXTUNE_SEED", 1);
    let seeds: Vec<u64> = (first..first + number("NIXTUNE_CASES", CASES)).collect();
    let mut tally = Tally::default();
    let mut all_wrong = Vec::new();
    let mut failed = 0;
    for seeds in seeds.chunks(BATCH) {
        let cases: Vec<Case> = seeds.iter().map(|seed| generate::case(*seed)).collect();
        let questions: Vec<String> = cases
            .iter()
            .map(|case| {
                let own = folder.path().join(case.seed.to_string());
                case.write(&own);
                question(&own, case)
            })
            .collect();
        for (case, answer) in cases.iter().zip(ask(oracle, &questions)) {
            let Some(answer) = answer else {
                failed += 1;
                continue;
            };
            let loaded = read(case);
            // A module that another one disables is a machine of its own.
            let mut machines = loaded.workspace.machines().iter();
            let Some(machine) = machines.find(|machine| machine.name.as_ref() == "m") else {
                let settings = &answer["settings"];
                assert!(
                    settings.as_object().is_none_or(serde_json::Map::is_empty),
                    "nothing is read, {settings} is there\n{}",
                    case.shown()
                );
                continue;
            };
            let view = loaded.workspace.view(machine);
            let mut wrong = Vec::new();
            compare(&view, &answer, &mut wrong, &mut tally);
            if !wrong.is_empty() {
                all_wrong.push(format!("{}\n{}", wrong.join("\n"), case.shown()));
            }
        }
    }
    println!(
        "{} machines ({failed} fail, {} without settings): {} known, {} undecided, {} unset, \
         {} unknown, {} lenient",
        seeds.len(),
        tally.refused,
        tally.known,
        tally.undecided,
        tally.unset,
        tally.unknown,
        tally.lenient
    );
    assert!(
        all_wrong.is_empty(),
        "{} machines differ\n{}",
        all_wrong.len(),
        all_wrong
            .iter()
            .take(12)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n\n")
    );
    assert!(tally.known > 10 * seeds.len(), "only {} known", tally.known);
    assert!(failed * 20 < seeds.len(), "{failed} machines fail");
}
