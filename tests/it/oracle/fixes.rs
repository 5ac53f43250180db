//! Fixed files against real Nix: they evaluate, nothing but the declared options changes, and
//! the new settings are ones that Nix accepts and reads back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use nixtune::catalog::{SettingInfo, SettingKind, Spelling};
use nixtune::eval::Value;
use nixtune::facts::Implementation;
use nixtune::model::{Condition, OptionPath};
use nixtune::text::FileFormat;
use serde_json::Value as Json;

use super::fixtures::{self, Question, RealOption, ask};
use super::{Oracle, oracles, values::to_json};
use crate::rules::fixes::{Made, made};
use crate::rules::fixture::{self, Fixture, Linted, Role};
use crate::rules::values::facts;

/// A fix with what nixtune reads from the fixed file.
struct Case {
    fixture: &'static Fixture,
    made: Made<'static>,
    after: Linted,
    file: PathBuf,
}

fn cases() -> (tempfile::TempDir, Vec<Case>) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut cases = Vec::new();
    let bad = fixture::all()
        .iter()
        .filter(|fixture| fixture.role == Role::Bad);
    for fixture in bad {
        for made in made(fixture, fixture.linted()) {
            let here = folder.path().join(cases.len().to_string());
            std::fs::create_dir(&here).unwrap();
            let file = here.join(fixture.linted_name());
            std::fs::write(&file, &made.after.main).unwrap();
            for (name, text) in &made.after.beside {
                std::fs::write(here.join(name), text).unwrap();
            }
            let after = made.after.lint(fixture);
            cases.push(Case {
                fixture,
                made,
                after,
                file,
            });
        }
    }
    (folder, cases)
}

fn is_module(fixture: &Fixture) -> bool {
    fixture.format == FileFormat::Nix && fixture.linted_name() != "flake.nix"
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

/// The names of everything that the fix changes, as nixtune reads the two files.
fn changed_names(case: &Case) -> BTreeSet<String> {
    let before = facts(&case.fixture.linted().loaded.workspace);
    let after = facts(&case.after.loaded.workspace);
    before
        .symmetric_difference(&after)
        .map(|fact| match fact.line_of {
            // A line changes the text that holds it.
            Some(ref option) => option.clone(),
            None => fact.name.clone(),
        })
        .collect()
}

#[test]
fn fixed_files_evaluate_and_change_nothing_else() {
    let (_folder, cases) = cases();
    let cases: Vec<&Case> = cases
        .iter()
        .filter(|case| is_module(case.fixture))
        .collect();
    for oracle in oracles() {
        let mut questions = Vec::new();
        let mut about = Vec::new();
        for case in &cases {
            let workspace = &case.after.loaded.workspace;
            for machine in workspace.machines() {
                for system in fixtures::systems(machine) {
                    let fixture = case.fixture;
                    let before = fixture.path.clone();
                    questions.push(Question::new(before, &fixture.text, system));
                    let after = case.file.clone();
                    questions.push(Question::new(after, &case.made.after.main, system));
                    about.push((case, workspace, machine, *system));
                }
            }
        }
        let answers = ask(oracle, &questions);
        let mut wrong = Vec::new();
        for ((case, workspace, machine, system), pair) in about.iter().zip(answers.chunks(2)) {
            let start = wrong.len();
            match pair {
                [Ok(before), Ok(after)] => {
                    fixtures::compare(workspace, machine, after, &mut wrong);
                    let (before, after) = (seen(before), seen(after));
                    let declared = changed_names(case);
                    for (name, value) in before.symmetric_difference(&after) {
                        if !declared.contains(name) {
                            wrong.push(format!("{name} changes: {value}"));
                        }
                    }
                    if before == after {
                        wrong.push("nothing changes".to_owned());
                    }
                }
                [_, Err(error)] => wrong.push(format!("does not evaluate: {error}")),
                _ => wrong.push("the original does not evaluate".to_owned()),
            }
            for text in &mut wrong[start..] {
                *text = format!(
                    "{} on {system}, `{}`: {text}\n{}",
                    case.fixture.shown(),
                    case.made.fix.title,
                    case.made.after.main
                );
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
        assert!(about.len() > 50, "only {} fixes were judged", about.len());
    }
}

/// A value as the modules render it to `nix.conf`.
pub fn rendered(value: &Value) -> Option<String> {
    Some(match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Str(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::Path(path) => path.display().to_string(),
        Value::List(items) => {
            let words: Option<Vec<String>> =
                items.iter().map(|item| rendered(&item.value)).collect();
            words?.join(" ")
        }
        Value::Null | Value::Float(_) | Value::Attrs(_) | Value::OneOf(_) | Value::Unknown(_) => {
            return None;
        }
    })
}

/// The settings that fixes write, as lines for this Nix: each with its fixture.
fn lines(oracle: &Oracle, cases: &[Case]) -> BTreeMap<(String, String), String> {
    let target = oracle.target();
    let mut lines = BTreeMap::new();
    for case in cases {
        let said = case.fixture.target.implementation.as_ref();
        if said.is_some_and(|fact| fact.value != Implementation::Cppnix) {
            continue;
        }
        let before = facts(&case.fixture.linted().loaded.workspace);
        let new: BTreeSet<String> = facts(&case.after.loaded.workspace)
            .difference(&before)
            .map(|fact| fact.name.clone())
            .collect();
        for definition in case.after.loaded.workspace.definitions() {
            let Some(key) = definition.setting.as_deref() else {
                continue;
            };
            let name = definition.option.to_string();
            if !new.contains(key) && !new.contains(&name) {
                continue;
            }
            if definition.condition != Condition::Always
                || to_json(&definition.value.value).is_none()
            {
                continue;
            }
            let Some(resolved) = fixture::catalog().resolve_for(key, &target) else {
                continue;
            };
            let setting = resolved.setting;
            let text = rendered(&definition.value.value);
            let Some(text) = text.filter(|_| resolved.is_known_to(key, &target) == Some(true))
            else {
                continue;
            };
            let suffixed = setting.is_number() && text.ends_with(|c: char| c.is_alphabetic());
            if suffixed && text != "auto" && setting.accepts_suffix(&target) != Some(true) {
                continue;
            }
            lines.insert((key.to_owned(), text), case.fixture.shown());
        }
    }
    lines
}

/// Whether what Nix reads back is what was written.
pub fn agrees(setting: &SettingInfo, append: bool, text: &str, read: &Json) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    match (setting.kind(), read) {
        (SettingKind::StringList | SettingKind::StringSet, Json::Array(items)) => {
            let has = |word: &&str| items.iter().any(|item| item == *word);
            words.iter().all(has) && (append || items.len() <= words.len())
        }
        (SettingKind::MaxJobs, Json::Number(_)) if text == "auto" => true,
        (_, Json::Number(number)) => {
            nixtune::model::parse_amount(text).or_else(|| text.parse().ok()) == number.as_u64()
        }
        (_, Json::Bool(true)) => ["true", "yes", "1"].contains(&text),
        (_, Json::Bool(false)) => ["false", "no", "0"].contains(&text),
        (_, Json::String(value)) => value == text,
        _ => true,
    }
}

#[test]
fn fixed_settings_are_accepted_and_read_back() {
    let (_folder, cases) = cases();
    for oracle in oracles() {
        let target = oracle.target();
        let mut left: Vec<((String, String), String)> = lines(oracle, &cases).into_iter().collect();
        assert!(left.len() > 20, "only {} settings", left.len());
        while !left.is_empty() {
            // A later line wins over an earlier one, so each file has a setting once.
            let mut used = BTreeSet::new();
            let (now, later): (Vec<_>, Vec<_>) = left.into_iter().partition(|((key, _), _)| {
                let resolved = fixture::catalog().resolve_for(key, &target);
                resolved.is_some_and(|resolved| used.insert(resolved.setting.name))
            });
            left = later;
            let text: String = now
                .iter()
                .map(|((key, value), _)| format!("{key} = {value}\n"))
                .collect();
            let read = oracle.read_conf(&text).unwrap_or_else(|error| {
                panic!(
                    "{} {}: {error}\n{text}",
                    oracle.implementation, oracle.version
                )
            });
            for ((key, value), fixture) in &now {
                let resolved = fixture::catalog().resolve_for(key, &target).unwrap();
                let setting = resolved.setting;
                // Without its feature a line is ignored; features themselves are shown as
                // numbers by old releases, and without the unknown ones.
                if setting.gate(&target) != Some(None) || setting.name == "experimental-features" {
                    continue;
                }
                let found = &read.settings[setting.name]["value"];
                let append = resolved.spelling == Spelling::Append;
                assert!(
                    agrees(setting, append, value, found),
                    "{fixture}: `{key} = {value}` reads back as {found}"
                );
            }
        }
    }
}
