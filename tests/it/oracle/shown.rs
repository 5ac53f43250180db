//! `nixtune show` against real Nix: the file that it renders is the one that the module system
//! writes, line by line, and what it calls effective is what Nix reads in that file.
//!
//! The module system is `conf` in `tests/oracle/lib.nix`, written for these tests. The examples
//! and the modules of `tests/oracle/machines` go through it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use nixtune::catalog::SettingKind;
use nixtune::model::{Condition, Form, Line, Rendered, Source, Text};
use serde_json::Value as Json;

use super::confs::{self, conf, refused};
use super::fixtures::{Question, modules, systems};
use super::{Oracle, library, oracles};
use crate::cli::{nixtune, run};
use crate::rules::fixture;

/// A machine: what `--path` gets, what Nix evaluates, and as what.
struct Case {
    path: &'static str,
    file: &'static str,
    system: &'static str,
    /// Empty for a `nix.conf`, which nobody evaluates.
    kind: &'static str,
    determinate: bool,
    /// For a machine of a flake: its output and name.
    machine: Option<(&'static str, &'static str)>,
}

const fn case(
    path: &'static str,
    file: &'static str,
    system: &'static str,
    kind: &'static str,
) -> Case {
    Case {
        path,
        file,
        system,
        kind,
        determinate: false,
        machine: None,
    }
}

/// A machine of the flake among the examples.
const fn of_flake(
    output: &'static str,
    name: &'static str,
    system: &'static str,
    kind: &'static str,
) -> Case {
    Case {
        machine: Some((output, name)),
        ..case("examples/flake", "flake.nix", system, kind)
    }
}

const MAC: &str = "aarch64-darwin";
const LINUX: &str = "x86_64-linux";

/// What is generated for a machine.
const fn generated(path: &'static str, system: &'static str, kind: &'static str) -> Case {
    case(path, "nix-settings.nix", system, kind)
}

const CASES: [Case; 18] = [
    case("examples/darwin", "default.nix", MAC, "nix-darwin"),
    case("examples/nixos", "configuration.nix", LINUX, "nixos"),
    case("examples/home-manager", "home.nix", MAC, "home-manager"),
    case("examples/nix-conf", "nix.conf", LINUX, ""),
    case("examples/generated/ci-runner", "nix.conf", LINUX, ""),
    generated("examples/generated/mac-16g", MAC, "nix-darwin"),
    generated("examples/generated/mac-8g", MAC, "nix-darwin"),
    generated("examples/generated/mac-linux-builder", MAC, "nix-darwin"),
    generated("examples/generated/nixos-laptop", LINUX, "nixos"),
    generated("examples/generated/server-96t", LINUX, "nixos"),
    case(
        "tests/oracle/machines/darwin-priorities.nix",
        "",
        MAC,
        "nix-darwin",
    ),
    case(
        "tests/oracle/machines/darwin-disabled.nix",
        "",
        MAC,
        "nix-darwin",
    ),
    Case {
        determinate: true,
        ..case(
            "tests/oracle/machines/darwin-determinate.nix",
            "",
            MAC,
            "nix-darwin",
        )
    },
    case("tests/oracle/machines/home.nix", "", LINUX, "home-manager"),
    case("tests/oracle/machines/nixos.nix", "", LINUX, "nixos"),
    of_flake("darwinConfigurations", "hazel", MAC, "nix-darwin"),
    of_flake("darwinConfigurations", "rowan", MAC, "nix-darwin"),
    of_flake("nixosConfigurations", "alder", LINUX, "nixos"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

impl Case {
    fn file(&self) -> PathBuf {
        let path = root().join(self.path);
        if self.file.is_empty() {
            path
        } else {
            path.join(self.file)
        }
    }

    /// What Nix evaluates: for a folder of what is generated, all modules in it.
    fn module(&self) -> String {
        let file = self.file();
        if !self.path.starts_with("examples/generated") {
            return file.display().to_string();
        }
        let mut modules: Vec<String> = fs::read_dir(file.parent().unwrap())
            .unwrap()
            .map(|entry| entry.unwrap().path().display().to_string())
            .filter(|path| path.ends_with(".nix"))
            .collect();
        modules.sort();
        format!("{{ imports = [ {} ]; }}", modules.join(" "))
    }

    /// What `nixtune show` says about it.
    fn shown(&self, argument: &[&str]) -> String {
        let mut command = nixtune(&root());
        command
            .arg("show")
            .args(argument)
            .args(["--path", self.path]);
        if let Some((_, name)) = self.machine {
            command.args(["--machine", name]);
        }
        let output = run(command, b"");
        assert!(output.status.success(), "{}: {output:?}", self.path);
        String::from_utf8(output.stdout).unwrap()
    }

    /// The lines of the real file.
    fn real(&self, oracle: &Oracle) -> Vec<confs::Line> {
        if self.kind.is_empty() {
            return settings(&fs::read_to_string(self.file()).unwrap());
        }
        if let Some((output, name)) = self.machine {
            let text = oracle
                .eval(&format!(
                    "(import {}).machineConf {{ flake = {}; output = {output:?}; name = {name:?}; \
                     system = {:?}; kind = {:?}; }}",
                    library().display(),
                    self.file().display(),
                    self.system,
                    self.kind,
                ))
                .unwrap_or_else(|error| panic!("{} {name}: {error}", self.path));
            return settings(text.as_str().unwrap());
        }
        let text = oracle
            .eval(&format!(
                "(import {}).conf {{ file = {}; system = {:?}; kind = {:?}; determinate = {}; }}",
                library().display(),
                self.module(),
                self.system,
                self.kind,
                self.determinate
            ))
            .unwrap_or_else(|error| panic!("{}: {error}", self.path));
        settings(text.as_str().unwrap())
    }
}

/// The lines of a file that set something, with single blanks.
pub fn settings(text: &str) -> Vec<confs::Line> {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines()
        .filter_map(|line| line.split('#').next()?.split_once('='))
        .map(|(key, value)| (words(key), words(value)))
        .collect()
}

/// The lines that `show` prints: a value that it does not know is `None`, with the rest.
fn printed(text: &str) -> Vec<(String, Result<String, String>)> {
    text.lines()
        .filter_map(|line| {
            let unknown = line.strip_prefix("# ").filter(|rest| rest.contains(" = "));
            let (key, value) = unknown.unwrap_or(line).split_once('=')?;
            let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
            Some((
                key,
                if unknown.is_some() {
                    Err(value)
                } else {
                    Ok(value)
                },
            ))
        })
        .collect()
}

#[test]
fn every_example_is_among_the_cases() {
    let below = |folder: &str| {
        let entries = fs::read_dir(root().join(folder)).unwrap();
        entries.map(|entry| entry.unwrap().path())
    };
    let folders = below("examples").chain(below("examples/generated"));
    // A folder may hold an example of something else.
    let configures = |folder: &Path| {
        fs::read_dir(folder).unwrap().any(|entry| {
            let path = entry.unwrap().path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            matches!(ending, Some("nix" | "conf"))
        })
    };
    let folders = folders.filter(|path| path.is_dir() && configures(path));
    for folder in folders {
        let shown = folder.strip_prefix(root()).unwrap().display().to_string();
        assert!(CASES.iter().any(|case| case.path == shown), "{shown}");
    }
    let modules = root().join("tests/oracle/machines");
    for entry in fs::read_dir(modules).unwrap() {
        let path = entry.unwrap().path();
        let known = CASES.iter().any(|case| case.file() == path);
        assert!(known || path.is_dir(), "{}", path.display());
    }
}

#[test]
fn the_rendered_file_is_the_one_that_the_module_system_writes() {
    for oracle in oracles() {
        for case in &CASES {
            let real = case.real(oracle);
            let text = case.shown(&["--nix-conf"]);
            let shown = printed(&text);
            let keys = |key: &String| key.clone();
            assert_eq!(
                shown.iter().map(|(key, _)| keys(key)).collect::<Vec<_>>(),
                real.iter().map(|(key, _)| keys(key)).collect::<Vec<_>>(),
                "{}:\n{text}",
                case.path
            );
            for ((key, shown), (_, real)) in shown.iter().zip(&real) {
                match shown {
                    Ok(value) => assert_eq!(value, real, "{}: {key}", case.path),
                    // What is not decided names the real value.
                    Err(value) => assert!(
                        value.split([' ', '<', '>']).any(|word| word == real),
                        "{}: {key} = {value} is really {real}",
                        case.path
                    ),
                }
            }
        }
    }
}

/// The names of features that this Nix has.
fn features(oracle: &Oracle, text: &str) -> BTreeSet<String> {
    text.split_whitespace()
        .filter(|name| {
            fixture::catalog()
                .feature(name)
                .is_some_and(|feature| feature.is_known_to(&oracle.target()) == Some(true))
        })
        .map(str::to_owned)
        .collect()
}

/// Whether Nix reads what `show` calls the value.
pub fn is_read(oracle: &Oracle, name: &str, text: &str, read: &Json) -> bool {
    let kind = fixture::catalog().setting(name).unwrap().kind();
    let words = || text.split_whitespace();
    let strings = |items: &[Json]| {
        items
            .iter()
            .map(|item| item.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    match (kind, read) {
        _ if name == "experimental-features" => {
            // Those that reading the file takes, and what they bring along.
            let taken = ["nix-command", "flakes", "fetch-tree"];
            let named = features(oracle, text);
            let read: BTreeSet<String> = strings(read.as_array().unwrap()).into_iter().collect();
            named.is_subset(&read)
                && read
                    .iter()
                    .all(|one| named.contains(one) || taken.contains(&one.as_str()))
        }
        (SettingKind::StringList, Json::Array(items)) => words().eq(strings(items)),
        (_, Json::Array(items)) => {
            words().map(str::to_owned).collect::<BTreeSet<_>>()
                == strings(items).into_iter().collect()
        }
        // `sandbox-paths`: what is seen inside, with what it is outside.
        (_, Json::Object(map)) => {
            let inside = |word: &str| {
                let name = word.split('=').next().unwrap_or(word);
                name.trim_end_matches('?').to_owned()
            };
            words().map(inside).collect::<BTreeSet<_>>() == map.keys().cloned().collect()
        }
        (SettingKind::MaxJobs, Json::Number(_)) if text == "auto" => true,
        (_, Json::Number(number)) => nixtune::model::parse_amount(text) == number.as_u64(),
        (_, Json::Bool(value)) => text == value.to_string(),
        // `sandbox` and others of few words.
        (_, Json::String(value)) => value == text,
        (_, other) => panic!("{name} is {other}"),
    }
}

#[test]
fn what_is_called_effective_is_what_nix_reads() {
    let oracle = oracles().last().unwrap();
    let target = oracle.target();
    let catalog = fixture::catalog();
    let mut compared = 0;
    for case in &CASES {
        let lines = case.real(oracle);
        let refused = refused(oracle, lines.clone());
        let kept: Vec<confs::Line> = lines
            .into_iter()
            .filter(|line| !refused.contains(line))
            .collect();
        let left_out: BTreeSet<&str> = refused
            .iter()
            .filter_map(|(key, _)| Some(catalog.resolve(key)?.setting.name))
            .collect();
        let read = oracle
            .read_conf(&conf(&kept))
            .unwrap_or_else(|error| panic!("{}: {error}", case.path));
        let document: Json = serde_json::from_str(&case.shown(&["--format", "json"])).unwrap();
        let machine = &document["machines"][0];
        let shown: BTreeMap<&str, &Json> = machine["settings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|setting| (setting["name"].as_str().unwrap(), setting))
            .collect();
        for (name, setting) in &shown {
            let Some(known) = catalog.setting(name) else {
                continue;
            };
            let own_default = setting["items"]
                .as_array()
                .unwrap()
                .iter()
                .any(|item| item["source"]["kind"] == "nix-default");
            // Nix on this machine has its own defaults, and those of another system differ.
            let elsewhere = own_default && case.system == MAC;
            if left_out.contains(name)
                || elsewhere
                || known.is_known_to(&target) != Some(true)
                || setting["state"] != "known"
            {
                continue;
            }
            let text = setting["value"].as_str().unwrap();
            let found = &read.settings[*name]["value"];
            assert!(
                is_read(oracle, name, text, found),
                "{}: `{name}` is said to be {text:?}; Nix {} reads {found}",
                case.path,
                oracle.version
            );
            compared += 1;
        }
        // What Nix read in the file is spoken of.
        for (name, setting) in read.settings.as_object().unwrap() {
            let ours = ["build-users-group", "experimental-features"].contains(&name.as_str());
            let changed = kept.iter().any(|(key, _)| {
                catalog
                    .resolve_for(key, &target)
                    .is_some_and(|found| found.setting.name == *name)
            }) && setting["value"] != setting["defaultValue"];
            if changed && !ours {
                assert!(shown.contains_key(name.as_str()), "{}: {name}", case.path);
            }
        }
    }
    assert!(compared > 60, "only {compared} values compared");
}

/// What is known of the fixtures' files is what their module systems write, line by line, as far
/// as Nix can evaluate them.
#[test]
fn known_lines_of_the_fixtures_are_the_real_ones() {
    let oracle = oracles().last().unwrap();
    let mut questions = Vec::new();
    let mut about = Vec::new();
    for fixture in modules() {
        let workspace = &fixture.linted().loaded.workspace;
        for machine in workspace.machines() {
            let Some(kind) = machine.target.system() else {
                continue;
            };
            let rendered = workspace.view(machine).rendered(fixture::catalog());
            for system in systems(machine) {
                let question = Question::new(fixture.path.clone(), &fixture.text, system);
                questions.push(format!(
                    "(lib.confLines {{ kind = {:?}; determinate = {}; {} }})",
                    kind.name(),
                    rendered.path == Some("/etc/nix/nix.custom.conf"),
                    question.arguments()
                ));
                about.push((fixture.shown(), rendered.clone()));
            }
        }
    }
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for ((shown, rendered), answer) in about.iter().zip(each(oracle, &questions)) {
        if let Some(answer) = answer {
            let before = wrong.len();
            compared += compare(rendered, &answer, &mut wrong);
            for text in &mut wrong[before..] {
                *text = format!("{shown}: {text}");
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(compared > 2000, "only {compared} lines compared");
}

/// The answers, `None` for what cannot be evaluated; halves find those with few processes.
pub fn each(oracle: &Oracle, questions: &[String]) -> Vec<Option<Json>> {
    let list = questions.join("\n");
    match oracle.eval(&format!(
        "let lib = import {}; in [ {list} ]",
        library().display()
    )) {
        Ok(Json::Array(answers)) => answers.into_iter().map(Some).collect(),
        Ok(other) => panic!("a list became {other}"),
        Err(_) if questions.len() > 1 => {
            let (first, second) = questions.split_at(questions.len() / 2);
            let mut answers = each(oracle, first);
            answers.extend(each(oracle, second));
            answers
        }
        Err(_) => vec![None],
    }
}

fn is_conditional(source: &Source<'_>) -> bool {
    match source {
        Source::Definition(definition) => definition.condition != Condition::Always,
        _ => false,
    }
}

/// Compares a file with the real one; how many lines were compared.
pub fn compare(rendered: &Rendered<'_>, real: &Json, wrong: &mut Vec<String>) -> usize {
    let mut compared = 0;
    let real = real.as_array().unwrap();
    let known = |line: &Json| {
        let value = &line["value"];
        (value["success"] == true).then(|| value["value"].as_str().unwrap().to_owned())
    };
    let is_text = |line: &Line<'_>| {
        line.parts.iter().any(|part| match part.source {
            Source::Definition(definition) => {
                definition.form == Form::TextLine || definition.option.is("nix.extraOptions")
            }
            _ => false,
        })
    };
    let (below, above): (Vec<_>, Vec<_>) = rendered.lines.iter().partition(|line| is_text(line));
    for line in real.iter().filter(|line| line["key"].is_string()) {
        let key = line["key"].as_str().unwrap();
        let ours = above.iter().find(|line| line.key.as_ref() == key);
        let Some(value) = known(line) else {
            // What fails has no value, unless a condition that cannot be had makes no difference.
            if let Some(line) = ours
                && let Text::Known(text) = &line.text
                && !line.parts.iter().any(|part| is_conditional(&part.source))
            {
                wrong.push(format!("{key} = {text} fails"));
            }
            continue;
        };
        compared += 1;
        match above
            .iter()
            .find(|line| line.key.as_ref() == key)
            .map(|line| &line.text)
        {
            Some(Text::Known(text)) if *text == value => {}
            Some(Text::OneOf(texts)) if texts.contains(&Some(value.clone())) => {}
            Some(Text::Unknown { .. }) => {}
            None if !rendered.open.is_empty() => {}
            other => wrong.push(format!("{key} = {value} is {other:?}")),
        }
    }
    for line in &above {
        let there = real.iter().any(|real| real["key"] == line.key.as_ref());
        if matches!(line.text, Text::Known(_)) && !there {
            wrong.push(format!("{} is not written", line.key));
        }
    }
    let text = real
        .iter()
        .find(|line| line["key"].is_null())
        .and_then(known);
    if let Some(text) = text
        && below.iter().all(|line| matches!(line.text, Text::Known(_)))
        && rendered.open.is_empty()
    {
        let ours: Vec<String> = below
            .iter()
            .map(|line| match &line.text {
                Text::Known(text) => format!("{} = {text}", line.key),
                _ => String::new(),
            })
            .collect();
        let theirs: Vec<String> = settings(&text)
            .iter()
            .map(|(key, value)| format!("{key} = {value}"))
            .collect();
        compared += theirs.len();
        if ours != theirs {
            wrong.push(format!("text is {ours:?}; really {theirs:?}"));
        }
    }
    compared
}

#[test]
fn masked_and_unknown_values_never_pass_for_real_ones() {
    // A comment is the only form in which something unknown is printed.
    let case = CASES
        .iter()
        .find(|case| case.path.ends_with("machines/nixos.nix"))
        .unwrap();
    let text = case.shown(&["--nix-conf"]);
    assert!(text.contains("\n# max-jobs = <one of: 0 | 8>\n"), "{text}");
}
