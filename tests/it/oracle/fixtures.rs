//! What nixtune reads out of the fixtures against what real Nix evaluates them to, with the
//! `lib`, `pkgs` and module system of `tests/oracle/lib.nix`.

use std::collections::BTreeSet;

use nixtune::eval::{Traced, Value};
use nixtune::facts::Os;
use nixtune::model::{Condition, Definition, Form, Machine, OptionPath, Setting, Workspace};
use nixtune::text::FileFormat;
use rnix::SyntaxKind;
use serde_json::Value as Json;

use super::{Oracle, library, oracles, values::to_json};
use crate::rules::fixture::{self, Fixture, Role};

/// One option as real Nix sees it.
pub struct RealOption {
    pub path: Vec<String>,
    pub definitions: Vec<RealDefinition>,
    /// The merged value; `None` when it cannot be had.
    pub merged: Option<Json>,
}

pub struct RealDefinition {
    pub priority: i64,
    pub order: i64,
    /// True under a condition that needs what the fixture does not get.
    pub undecided: bool,
    /// `None` when it cannot be had: it needs an argument that the fixture does not get.
    pub value: Option<Json>,
}

/// A module to evaluate: a file, on a system.
pub struct Question {
    pub file: std::path::PathBuf,
    pub system: &'static str,
    /// Options that it reads as `config.a.b`.
    asked: BTreeSet<Vec<String>>,
    /// Every name in it: any may be a package.
    names: BTreeSet<String>,
}

impl Question {
    pub fn new(file: std::path::PathBuf, text: &str, system: &'static str) -> Self {
        let tokens: Vec<(SyntaxKind, &str)> = rnix::tokenize(text)
            .filter(|(kind, _)| !kind.is_trivia())
            .collect();
        let names = tokens
            .iter()
            .filter(|(kind, _)| *kind == SyntaxKind::TOKEN_IDENT)
            .map(|(_, name)| (*name).to_owned())
            .collect();
        let mut asked: BTreeSet<Vec<String>> = BTreeSet::new();
        for (at, token) in tokens.iter().enumerate() {
            if *token != (SyntaxKind::TOKEN_IDENT, "config") {
                continue;
            }
            let path: Vec<String> = tokens[at + 1..]
                .chunks(2)
                .map_while(|pair| match pair {
                    [(_, "."), (SyntaxKind::TOKEN_IDENT, name)] => Some((*name).to_owned()),
                    _ => None,
                })
                .collect();
            if !path.is_empty() {
                asked.insert(path);
            }
        }
        // A set that is asked for as a whole cannot be had, so neither can its parts.
        let whole = asked.clone();
        asked.retain(|path| (1..path.len()).all(|length| !whole.contains(&path[..length])));
        Self {
            file,
            system,
            asked,
            names,
        }
    }

    fn expression(&self) -> String {
        format!("(lib.module {{ {} }})", self.arguments())
    }

    /// What the functions of the library take.
    pub fn arguments(&self) -> String {
        let quoted = |name: &String| format!("{name:?}");
        let list = |names: Vec<String>| format!("[ {} ]", names.join(" "));
        format!(
            "file = {}; system = {:?}; asked = {}; packages = {};",
            self.file.display(),
            self.system,
            list(
                self.asked
                    .iter()
                    .map(|path| list(path.iter().map(quoted).collect()))
                    .collect()
            ),
            list(self.names.iter().map(quoted).collect()),
        )
    }
}

/// Evaluates modules, all in one process; where one fails, each in its own, to know which.
pub fn ask(oracle: &Oracle, questions: &[Question]) -> Vec<Result<Vec<RealOption>, String>> {
    let program = |list: String| format!("let lib = import {}; in [ {list} ]", library().display());
    let all: Vec<String> = questions.iter().map(Question::expression).collect();
    match oracle.eval(&program(all.join("\n"))) {
        Ok(Json::Array(answers)) => answers.iter().map(|answer| Ok(options(answer))).collect(),
        Ok(other) => panic!("a list became {other}"),
        Err(_) if questions.len() > 1 => {
            // Halves find the few that fail with few processes.
            let (first, second) = questions.split_at(questions.len() / 2);
            let mut answers = ask(oracle, first);
            answers.extend(ask(oracle, second));
            answers
        }
        Err(error) => vec![Err(error)],
    }
}

fn options(answer: &Json) -> Vec<RealOption> {
    let list = |json: &Json, key: &str| json[key].as_array().cloned().unwrap_or_default();
    answer
        .as_array()
        .unwrap()
        .iter()
        .map(|option| RealOption {
            path: list(option, "path")
                .iter()
                .map(|name| name.as_str().unwrap().to_owned())
                .collect(),
            definitions: list(option, "definitions")
                .iter()
                .map(|definition| RealDefinition {
                    priority: definition["priority"].as_i64().unwrap(),
                    order: definition["order"].as_i64().unwrap(),
                    undecided: definition["undecided"] == true,
                    value: definition.get("value").cloned(),
                })
                .collect(),
            merged: option["merged"].get("value").cloned(),
        })
        .collect()
}

/// Fixtures that are modules.
pub fn modules() -> Vec<&'static Fixture> {
    fixture::all()
        .iter()
        .filter(|fixture| fixture.format == FileFormat::Nix)
        .filter(|fixture| fixture.linted_name() != "flake.nix")
        .collect()
}

/// The systems that a machine may be: what nixtune calls known must hold on each of them.
pub fn systems(machine: &Machine) -> &'static [&'static str] {
    match machine.target.os() {
        Some(Os::Darwin) => &["aarch64-darwin"],
        Some(Os::Linux) => &["x86_64-linux"],
        None => &["aarch64-darwin", "x86_64-linux"],
    }
}

/// A definition's parts that are no set: as the real side lists them.
fn leaves(option: &OptionPath, value: &Traced, out: &mut Vec<(Vec<String>, Option<Json>)>) {
    match &value.value {
        Value::Attrs(attrs) => {
            for (name, attr) in attrs {
                leaves(&option.join(name.clone()), attr, out);
            }
        }
        _ => {
            let path = option.names().iter().map(ToString::to_string).collect();
            out.push((path, to_json(&value.value)));
        }
    }
}

/// Options that nixtune has to know about.
fn concerns_nix(path: &[String]) -> bool {
    ["nix", "determinateNix"].contains(&path[0].as_str())
}

#[test]
fn what_is_known_of_the_fixtures_is_what_nix_evaluates() {
    let fixtures = modules();
    for oracle in oracles() {
        let mut questions = Vec::new();
        let mut about = Vec::new();
        for fixture in &fixtures {
            let workspace = &fixture.linted().loaded.workspace;
            for machine in workspace.machines() {
                for system in systems(machine) {
                    questions.push(Question::new(fixture.path.clone(), &fixture.text, system));
                    about.push((*fixture, workspace, machine, *system));
                }
            }
        }
        let answers = ask(oracle, &questions);
        let mut wrong = Vec::new();
        let mut compared = 0;
        for ((fixture, workspace, machine, system), answer) in about.iter().zip(&answers) {
            let before = wrong.len();
            match answer {
                Ok(real) => compared += compare(workspace, machine, real, &mut wrong),
                // Files with unknown parts may need what the stand-ins do not have.
                Err(_) if fixture.role == Role::Unknown => {}
                Err(error) => wrong.push(format!("Nix cannot evaluate it: {error}")),
            }
            for text in &mut wrong[before..] {
                *text = format!("{} on {system}: {text}", fixture.shown());
            }
        }
        assert!(
            wrong.is_empty(),
            "{} {}: {} differences\n{}",
            oracle.implementation,
            oracle.version,
            wrong.len(),
            wrong.join("\n")
        );
        // Most fixtures are plain: were nothing known, nothing would be wrong either.
        assert!(
            compared > 2 * fixtures.len(),
            "only {compared} values compared"
        );
    }
}

/// Compares one fixture; how many values were compared.
pub fn compare(
    workspace: &Workspace,
    machine: &Machine,
    real: &[RealOption],
    wrong: &mut Vec<String>,
) -> usize {
    let mut compared = 0;
    let definitions: Vec<&Definition> = machine
        .definitions
        .iter()
        .filter_map(|id| workspace.definition(*id))
        .filter(|definition| definition.form != Form::TextLine)
        .collect();
    for definition in &definitions {
        compared += known_is_real(definition, real, wrong);
    }
    for option in real.iter().filter(|option| concerns_nix(&option.path)) {
        real_is_covered(workspace, machine, option, wrong);
        merged_is_real(workspace, machine, option, wrong);
    }
    compared
}

/// Every known part of a definition is among the real definitions; under a condition that
/// nixtune cannot decide, it may be missing.
fn known_is_real(definition: &Definition, real: &[RealOption], wrong: &mut Vec<String>) -> usize {
    let mut compared = 0;
    let mut parts = Vec::new();
    leaves(&definition.option, &definition.value, &mut parts);
    for (path, json) in parts {
        let Some(json) = json else { continue };
        compared += 1;
        let always = definition.condition == Condition::Always;
        let found = real.iter().find(|option| option.path == path);
        let Some(option) = found else {
            let hidden = real
                .iter()
                .any(|option| path.starts_with(&option.path) && option.merged.is_none());
            if !hidden && always {
                wrong.push(format!("{} is not there; nixtune: {json}", path.join(".")));
            }
            continue;
        };
        let same = option.definitions.iter().any(|real| {
            real.priority == definition.priority.0
                && real.order == definition.order.0
                && !(real.undecided && always)
                && real.value.as_ref() == Some(&json)
        });
        if !same && (always || option.definitions.iter().any(|real| real.undecided)) {
            let seen: Vec<String> = option
                .definitions
                .iter()
                .map(|real| format!("{:?} ({}, {})", real.value, real.priority, real.order))
                .collect();
            wrong.push(format!(
                "{} = {json} ({}, {}); Nix: {}",
                path.join("."),
                definition.priority.0,
                definition.order.0,
                seen.join(", ")
            ));
        }
    }
    compared
}

/// Every real definition was seen, or lies where nixtune says that it does not know.
fn real_is_covered(
    workspace: &Workspace,
    machine: &Machine,
    option: &RealOption,
    wrong: &mut Vec<String>,
) {
    let path = OptionPath::new(option.path.iter().map(String::as_str));
    let seen = machine
        .definitions
        .iter()
        .filter_map(|id| workspace.definition(*id))
        .any(|definition| {
            path.starts_with(&definition.option) || definition.option.starts_with(&path)
        });
    let hole = machine
        .holes
        .iter()
        .any(|hole| path.starts_with(&hole.path) || hole.path.starts_with(&path));
    if !seen && !hole && !option.definitions.is_empty() {
        wrong.push(format!("{path} is defined and nixtune does not see it"));
    }
}

/// Where nixtune says that one value wins for certain, that value is what Nix merges.
fn merged_is_real(
    workspace: &Workspace,
    machine: &Machine,
    option: &RealOption,
    wrong: &mut Vec<String>,
) {
    let dotted = option.path.join(".");
    if option.path.iter().any(|name| name.contains('.')) || dotted == "nix.extraOptions" {
        return;
    }
    let Setting::Known(effective) = workspace.view(machine).option(&dotted) else {
        return;
    };
    let (Some(ours), Some(real)) = (to_json(&effective.value.value), &option.merged) else {
        return;
    };
    // Lists are merged over all definitions; `Setting` gives the first one's part.
    if effective.unconditional && !real.is_array() && ours != *real {
        wrong.push(format!("{dotted} is {ours}; Nix: {real}"));
    }
}
