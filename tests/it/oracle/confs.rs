//! Plain `nix.conf` files and rendered settings against real Nix: what it refuses, nixtune calls
//! an error, and what nixtune reads is what Nix reads.

use std::collections::{BTreeMap, BTreeSet};

use nixtune::catalog::{Catalog, SettingInfo};
use nixtune::diagnostic::Severity;
use nixtune::facts::Implementation;
use nixtune::model::{Form, LoadOptions, Setting, load};
use nixtune::system::Memory;
use nixtune::text::FileFormat;

use super::fixes::{agrees, rendered};
use super::fixtures::{Question, RealOption, ask, systems};
use super::{Oracle, oracles};
use crate::rules::fixture::{self, Fixture};

/// The fixtures that may be for this release: those that say nothing else.
fn for_release(oracle: &Oracle, format: FileFormat) -> Vec<&'static Fixture> {
    let version = oracle.version;
    fixture::all()
        .iter()
        .filter(|fixture| fixture.format == format && fixture.linted_name() != "flake.nix")
        .filter(|fixture| {
            let target = &fixture.target;
            let said = |implementation| implementation == Implementation::Cppnix;
            target
                .implementation
                .as_ref()
                .is_none_or(|fact| said(fact.value))
                && target
                    .version
                    .as_ref()
                    .is_none_or(|fact| fact.value == version)
        })
        .collect()
}

/// True when any rule calls something in the file an error.
fn has_error(fixture: &Fixture) -> bool {
    let linted = fixture.linted();
    linted
        .diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// Old releases refuse unit letters, which nixtune reports only for a version that it knows.
fn needs_newer(text: &str, oracle: &Oracle) -> bool {
    let target = oracle.target();
    let suffixed = |setting: &SettingInfo, value: &str| {
        setting.is_number()
            && value.ends_with(['K', 'M', 'G', 'T', 'k', 'm', 'g', 't'])
            && setting.accepts_suffix(&target) == Some(false)
    };
    text.lines().any(|line| {
        let Some((key, value)) = line.split_once(" = ") else {
            return false;
        };
        let value = value.split('#').next().unwrap_or("").trim();
        fixture::catalog()
            .resolve_for(key.trim(), &target)
            .is_some_and(|resolved| suffixed(resolved.setting, value))
    })
}

#[test]
fn conf_files_mean_what_nix_reads() {
    for oracle in oracles() {
        let target = oracle.target();
        for fixture in for_release(oracle, FileFormat::Conf) {
            let shown = fixture.shown();
            if needs_newer(&fixture.text, oracle) {
                continue;
            }
            let read = match oracle.read_conf(&fixture.text) {
                Ok(read) => read,
                Err(error) => {
                    assert!(has_error(fixture), "{shown}: nothing is said, but {error}");
                    continue;
                }
            };
            let workspace = &fixture.linted().loaded.workspace;
            for machine in workspace.machines() {
                let view = workspace.view(machine);
                for setting in fixture::catalog().settings() {
                    let known = setting.is_known_to(&target) == Some(true)
                        && setting.gate(&target) == Some(None);
                    let Setting::Known(effective) = view.setting(fixture::catalog(), setting.name)
                    else {
                        continue;
                    };
                    let key = effective.definition.setting.as_deref().unwrap_or("");
                    let here =
                        fixture::catalog()
                            .resolve_for(key, &target)
                            .is_some_and(|resolved| {
                                resolved.setting.name == setting.name
                                    && resolved.is_known_to(key, &target) == Some(true)
                            });
                    // Features are shown as numbers by old releases; an empty `build-hook` is
                    // filled by some.
                    let shown_otherwise = ["experimental-features", "build-hook"];
                    if !known || !here || shown_otherwise.contains(&setting.name) {
                        continue;
                    }
                    let text = effective.as_text().unwrap();
                    let found = &read.settings[setting.name]["value"];
                    let appended = view
                        .setting_definitions(fixture::catalog(), setting.name)
                        .len()
                        > 1;
                    assert!(
                        agrees(setting, appended, &text, found),
                        "{shown}: `{}` is {text}; Nix {} reads {found}",
                        setting.name,
                        oracle.version
                    );
                }
            }
        }
    }
}

/// One line of a `nix.conf`: key and value.
pub type Line = (String, String);

/// The settings of a module, as its system renders them.
fn lines(options: &[RealOption]) -> Vec<Line> {
    let mut lines = Vec::new();
    for option in options {
        let names: Vec<&str> = option.path.iter().map(String::as_str).collect();
        let Some(value) = &option.merged else {
            continue;
        };
        match names.as_slice() {
            ["nix", "settings", key] => {
                lines.extend(json_text(value).map(|text| ((*key).to_owned(), text)));
            }
            ["nix", "extraOptions"] => {
                let text = value.as_str().unwrap_or("");
                lines.extend(text.lines().filter_map(|line| {
                    let line = line.split('#').next().unwrap_or("");
                    let (key, value) = line.split_once(" = ")?;
                    Some((key.trim().to_owned(), value.trim().to_owned()))
                }));
            }
            _ => {}
        }
    }
    lines
}

pub fn conf<'l>(lines: impl IntoIterator<Item = &'l Line>) -> String {
    lines
        .into_iter()
        .map(|(key, value)| format!("{key} = {value}\n"))
        .collect()
}

/// The lines that Nix refuses. It stops at the first, so each costs a process.
pub fn refused(oracle: &Oracle, mut lines: Vec<Line>) -> BTreeSet<Line> {
    let mut refused = BTreeSet::new();
    while let Err(error) = oracle.read_conf(&conf(&lines)) {
        let quoted = |text: &str| error.contains(&format!("'{text}'"));
        let names = |key: &str| {
            let setting = fixture::catalog().resolve(key);
            quoted(key) || setting.is_some_and(|resolved| quoted(resolved.setting.name))
        };
        // `should be 'auto' or an integer` names a value that is not the culprit's.
        let mut named = (0..lines.len()).filter(|at| {
            let (key, value) = &lines[*at];
            names(key) && quoted(value) && value != "auto"
        });
        let culprit = named.next().or_else(|| first_refused(oracle, &lines));
        refused.insert(lines.remove(culprit.unwrap()));
    }
    refused
}

/// The first line that Nix refuses, found by halves.
fn first_refused(oracle: &Oracle, lines: &[Line]) -> Option<usize> {
    let (mut good, mut bad) = (0, lines.len());
    while good + 1 < bad {
        let middle = good.midpoint(bad);
        match oracle.read_conf(&conf(&lines[..middle])) {
            Ok(_) => good = middle,
            Err(_) => bad = middle,
        }
    }
    bad.checked_sub(1)
}

/// What Nix refuses in the settings of a module, some rule calls an error.
#[test]
fn settings_that_nix_refuses_are_errors() {
    let mut wrong = Vec::new();
    for oracle in oracles() {
        let mut questions = Vec::new();
        let mut about = Vec::new();
        for fixture in for_release(oracle, FileFormat::Nix) {
            for machine in fixture.linted().loaded.workspace.machines() {
                for system in systems(machine) {
                    let path = fixture.path.clone();
                    questions.push(Question::new(path, &fixture.text, system));
                    about.push(fixture);
                }
            }
        }
        let mut by_line: BTreeMap<Line, BTreeSet<String>> = BTreeMap::new();
        let answers = ask(oracle, &questions);
        for (fixture, answer) in about.iter().zip(&answers) {
            let Ok(options) = answer else { continue };
            for line in lines(options) {
                let one = conf([&line]);
                // What another implementation accepts is no error while it is not known which
                // one reads the file.
                let differs = fixture::catalog()
                    .resolve(&line.0)
                    .is_some_and(|resolved| resolved.setting.kind_for(&fixture.target).is_none());
                if !differs && !needs_newer(&one, oracle) {
                    let shown = by_line.entry(line).or_default();
                    if !has_error(fixture) {
                        shown.insert(fixture.shown());
                    }
                }
            }
        }
        let refused = refused(oracle, by_line.keys().cloned().collect());
        for line in &refused {
            for shown in &by_line[line] {
                let (key, value) = line;
                wrong.push(format!(
                    "{shown}: Nix {} refuses {key} = {value}",
                    oracle.version
                ));
            }
        }
        assert!(
            refused.len() > 3,
            "only {} lines were refused",
            refused.len()
        );
    }
    assert!(wrong.is_empty(), "nothing is said:\n{}", wrong.join("\n"));
}

fn json_text(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Bool(value) => Some(value.to_string()),
        serde_json::Value::Number(value) => Some(value.to_string()),
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Array(items) => {
            let words: Option<Vec<String>> = items.iter().map(json_text).collect();
            Some(words?.join(" "))
        }
        _ => None,
    }
}

/// An error about a value is no opinion: Nix refuses the file.
#[test]
fn what_is_called_unreadable_is_refused_by_nix() {
    let oracle = oracles().last().unwrap();
    let rules = ["integer-auto-invalid", "size-unit-invalid"];
    for fixture in for_release(oracle, FileFormat::Conf)
        .into_iter()
        .chain(for_release(oracle, FileFormat::Nix))
        .filter(|fixture| rules.contains(&fixture.rule.id))
    {
        let linted = fixture.linted();
        let workspace = &linted.loaded.workspace;
        for diagnostic in linted.of(fixture.rule) {
            if diagnostic.severity != Severity::Error {
                continue;
            }
            // The definition that the diagnostic lies in.
            let place = diagnostic.place;
            let definition = workspace.definitions().iter().find(|definition| {
                definition.form != Form::Computed
                    && definition.setting.is_some()
                    && definition.statement.is_some_and(|statement| {
                        statement.file == place.file
                            && statement.span.start <= place.span.start
                            && place.span.end <= statement.span.end
                    })
            });
            let Some(definition) = definition else {
                continue;
            };
            let Some(text) = rendered(&definition.value.value) else {
                continue;
            };
            let key = definition.setting.as_deref().unwrap();
            let line = format!("{key} = {text}\n");
            assert!(
                oracle.read_conf(&line).is_err(),
                "{}: `{}`, but Nix reads {line}",
                fixture.shown(),
                diagnostic.message
            );
        }
    }
}

/// A `nix.conf` with the files beside it.
type Included<'f> = (&'f str, &'f [(&'f str, &'f str)]);

#[test]
fn included_files_are_read_where_nix_reads_them() {
    let cases: [Included<'_>; 4] = [
        (
            "cores = 1\ninclude a.conf\nmax-jobs = 7\n!include none.conf\n!include sub/b.conf\n",
            &[
                (
                    "a.conf",
                    "cores = 2\nmax-jobs = 3\nextra-trusted-users = me\n",
                ),
                ("sub/b.conf", "include c.conf\nfallback = true\n"),
                ("sub/c.conf", "cores = 5\ntrusted-users = you\n"),
            ],
        ),
        (
            "include ./sub/../a.conf # twice\ncores = 4\n!include a.conf\n",
            &[
                ("a.conf", "cores = 2\nextra-trusted-users = me\n"),
                ("sub/x", ""),
            ],
        ),
        ("cores = 3\ninclude none.conf\n", &[]),
        ("include sub\ncores = 3\n", &[("sub/x", "cores = 4\n")]),
    ];
    let catalog = Catalog::embedded();
    for oracle in oracles() {
        for (text, beside) in cases {
            let all = std::iter::once(("nix.conf", text)).chain(beside.iter().copied());
            let system = all.fold(Memory::new(), |system, (file, text)| {
                system.file(format!("/w/{file}"), text)
            });
            let loaded = load(&system, &["/w".into()], &catalog, &LoadOptions::default());
            let refused = loaded.syntax_errors.len();
            let read = match oracle.read_conf_with(text, beside) {
                Ok(read) => read.settings,
                Err(error) => {
                    assert_eq!(refused, 1, "{text}: {error}");
                    continue;
                }
            };
            assert_eq!(refused, 0, "{text}: {:?}", loaded.syntax_errors);
            let [machine] = loaded.workspace.machines() else {
                panic!("{text}: {:?}", loaded.workspace.machines())
            };
            let view = loaded.workspace.view(machine);
            for name in ["cores", "max-jobs", "fallback"] {
                let Setting::Known(ours) = view.setting(&catalog, name) else {
                    continue;
                };
                let (ours, real) = (ours.as_text().unwrap(), &read[name]["value"]);
                assert_eq!(*ours, *real.to_string(), "{name} of {text}");
            }
            let items = view.items(&catalog, "trusted-users").items;
            let ours: Vec<&str> = items.iter().map(|item| &*item.text).collect();
            let real: Vec<&str> = read["trusted-users"]["value"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|user| user.as_str().filter(|user| *user != "root"))
                .collect();
            let distinct: BTreeSet<&str> = ours.into_iter().collect();
            assert_eq!(distinct, real.into_iter().collect(), "{text}");
        }
    }
}
