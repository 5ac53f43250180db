//! Real Nix evaluates mended files to what nixtune says of them.

use std::collections::BTreeSet;

use nixtune::model::{Form, OptionPath, Origin, Workspace};
use serde_json::Value as Json;

use super::generate::Layout;
use super::*;
use crate::oracle::fixtures::{Question, RealOption, ask, compare};
use crate::oracle::{oracles, values::to_json};
use crate::rules::values::facts;

/// A configuration with its fixes made.
struct Case {
    configuration: Configuration,
    before: Files,
    after: Files,
    read_before: Outcome,
    read: Outcome,
    /// The folder that holds `before` and `after`.
    folder: PathBuf,
}

fn cases(folder: &Path) -> Vec<Case> {
    let count = number("NIXTUNE_CASES", 60);
    let mut runner = runner(count);
    (0..count)
        .map(|index| {
            let configuration = next(&mut runner);
            let (before, request) = (files(&configuration), request(&configuration));
            let made = plan(&before, &request, Applicability::Unsafe);
            let after = applied(&before, &made);
            let folder = folder.join(index.to_string());
            for (name, files) in [("before", &before), ("after", &after)] {
                for (path, text) in files {
                    let path = folder.join(name).join(path.strip_prefix("/w").unwrap());
                    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                    std::fs::write(path, text).unwrap();
                }
            }
            Case {
                read_before: look(&before, &request),
                read: look(&after, &request),
                configuration,
                before,
                after,
                folder,
            }
        })
        .collect()
}

/// The definitions that Nix sees, as text.
fn seen(options: &[RealOption]) -> BTreeSet<(String, String)> {
    options
        .iter()
        .flat_map(|option| {
            let path = OptionPath::new(option.path.iter().map(String::as_str)).to_string();
            option.definitions.iter().map(move |definition| {
                let value = definition.value.as_ref().map(Json::to_string);
                let (priority, order) = (definition.priority, definition.order);
                (path.clone(), format!("{value:?} ({priority}, {order})"))
            })
        })
        .collect()
}

/// The names of everything that differs, as nixtune reads the files.
fn changed_names(case: &Case) -> BTreeSet<String> {
    facts(&case.read_before.workspace)
        .symmetric_difference(&facts(&case.read.workspace))
        .map(|fact| fact.line_of.clone().unwrap_or_else(|| fact.name.clone()))
        .collect()
}

impl Case {
    /// A module that is all modules of a machine of these.
    fn question(
        &self,
        side: &str,
        number: usize,
        modules: &[PathBuf],
        system: &'static str,
    ) -> Question {
        let here = self.folder.join(side);
        let paths: Vec<String> = modules
            .iter()
            .map(|path| {
                here.join(path.strip_prefix("/w").unwrap())
                    .display()
                    .to_string()
            })
            .collect();
        let all = self.folder.join(format!("{side}-{number}.nix"));
        std::fs::write(&all, format!("{{ imports = [ {} ]; }}\n", paths.join(" "))).unwrap();
        let files = if side == "before" {
            &self.before
        } else {
            &self.after
        };
        let text: String = files.values().map(String::as_str).collect();
        Question::new(all, &text, system)
    }

    fn modules(&self) -> Vec<PathBuf> {
        self.before
            .keys()
            .filter(|path| path.extension().is_some_and(|end| end == "nix"))
            .filter(|path| !path.ends_with("flake.nix"))
            .cloned()
            .collect()
    }
}

/// A `nixConfig` is what nixtune says.
fn compare_flake(workspace: &Workspace, real: &Json, wrong: &mut Vec<String>) -> usize {
    let mut compared = 0;
    let flakes = workspace
        .machines()
        .iter()
        .filter(|machine| matches!(machine.origin, Origin::FlakeConfig(_)));
    for machine in flakes {
        for definition in machine
            .definitions
            .iter()
            .filter_map(|id| workspace.definition(*id))
        {
            let ours = to_json(&definition.value.value);
            if definition.form == Form::TextLine || ours.is_none() {
                continue;
            }
            compared += 1;
            let found = &real[definition.option.leaf()];
            if Some(found) != ours.as_ref() {
                wrong.push(format!("{} is {ours:?}; Nix: {found}", definition.option));
            }
        }
        let count = real.as_object().map_or(0, serde_json::Map::len);
        if count > machine.definitions.len() {
            wrong.push(format!(
                "{} of {count} settings are seen",
                machine.definitions.len()
            ));
        }
    }
    compared
}

#[test]
fn real_nix_reads_what_nixtune_says_of_mended_files() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let cases = cases(folder.path());
    let oracle = oracles().last().unwrap();
    let (mut questions, mut about) = (Vec::new(), Vec::new());
    for case in &cases {
        let system = match case.configuration.target().platform {
            Some(platform) if platform.to_string().ends_with("darwin") => "aarch64-darwin",
            _ => "x86_64-linux",
        };
        for (number, machine) in case.read.workspace.machines().iter().enumerate() {
            let modules = match &machine.origin {
                Origin::Modules(paths) => paths.clone(),
                Origin::Flake { .. } => case.modules(),
                _ => continue,
            };
            for side in ["before", "after"] {
                questions.push(case.question(side, number, &modules, system));
            }
            about.push((case, machine));
        }
    }
    let answers = ask(oracle, &questions);
    let mut wrong = Vec::new();
    let mut compared = 0;
    for ((case, machine), pair) in about.iter().zip(answers.chunks(2)) {
        let start = wrong.len();
        match pair {
            [before, Ok(after)] => {
                compared += compare(&case.read.workspace, machine, after, &mut wrong);
                if case.configuration.layout == Layout::Flake {
                    // Options that the module system lacks are not looked for there.
                    wrong.retain(|text| !text.ends_with("nixtune does not see it"));
                }
                if let Ok(before) = before {
                    let declared = changed_names(case);
                    for (name, value) in seen(before).symmetric_difference(&seen(after)) {
                        if !declared.contains(name) {
                            wrong.push(format!("{name} changes: {value}"));
                        }
                    }
                }
            }
            [Ok(_), Err(error)] => wrong.push(format!("does not evaluate any more: {error}")),
            _ => wrong.push("does not evaluate before".to_owned()),
        }
        for text in &mut wrong[start..] {
            *text = format!(
                "{text}\n{}=== becomes\n{}",
                case.configuration.shown(),
                shown(&case.after)
            );
        }
    }
    let flakes: Vec<&Case> = cases
        .iter()
        .filter(|case| case.after.contains_key(Path::new("/w/flake.nix")))
        .collect();
    let asked: Vec<String> = flakes
        .iter()
        .map(|case| {
            let path = case.folder.join("after/flake.nix");
            format!("((import {}).nixConfig or {{ }})", path.display())
        })
        .collect();
    let answers = oracle.eval(&format!("[ {} ]", asked.join(" "))).unwrap();
    for (case, real) in flakes.iter().zip(answers.as_array().unwrap()) {
        let start = wrong.len();
        compared += compare_flake(&case.read.workspace, real, &mut wrong);
        for text in &mut wrong[start..] {
            *text = format!("{text}\n{}", shown(&case.after));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    assert!(compared > cases.len(), "only {compared} values compared");
}
