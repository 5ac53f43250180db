//! Editor and command line say the same: about every fixture of every rule, pushed and pulled,
//! with the text on disk and with a text that only the editor has.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nixtune::rules::{self, Rule};
use nixtune::system::Memory;
use nixtune::text::FileFormat;
use serde_json::json;

use super::editor::{Editor, abilities, pulling};
use super::trees::{all_shown, lint, put, reported, shown, uri};
use crate::rules::fixture::{self, Fixture};

/// Runs a check for every rule that has fixtures, and reports all that fail.
fn on_every_rule(check: impl Fn(&'static Rule, &[&'static Fixture]) + Sync) {
    let first_of_rules: Vec<&Fixture> = rules::ALL
        .iter()
        .filter_map(|rule| fixture::all().iter().find(|one| one.rule.id == rule.id))
        .collect();
    assert!(first_of_rules.len() > 100);
    crate::rules::on_every(first_of_rules, |first| {
        let of_rule: Vec<&Fixture> = fixture::all()
            .iter()
            .filter(|one| one.rule.id == first.rule.id)
            .collect();
        check(first.rule, &of_rule);
    });
}

/// A folder for each fixture of a rule: the machine, and the fixtures' folders and files.
fn folders(fixtures: &[&'static Fixture]) -> (Memory, Vec<(PathBuf, PathBuf)>) {
    let mut system = Memory::new();
    let mut places = Vec::new();
    for fixture in fixtures {
        let name = format!("{}-{:?}", fixture.name, fixture.format);
        let folder = Path::new("/w").join(name);
        let (with, path) = put(system, fixture, &folder, &fixture.text);
        system = with;
        places.push((folder, path));
    }
    (system, places)
}

#[test]
fn what_is_pushed_is_what_lint_finds() {
    on_every_rule(|_, fixtures| {
        let (system, places) = folders(fixtures);
        let system = Arc::new(system);
        let folders: Vec<String> = places.iter().map(|(folder, _)| uri(folder)).collect();
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        let mut editor = Editor::with(Arc::clone(&system) as _, &abilities(), &folders);
        // Every second one is only looked at by the server itself.
        for (fixture, (_, path)) in fixtures.iter().zip(&places).step_by(2) {
            editor.open(&uri(path), &fixture.text);
        }
        editor.settle();
        let mut expected: Vec<_> = places
            .iter()
            .flat_map(|(folder, _)| reported(&lint(&*system, folder), editor.encoding))
            .collect();
        expected.sort();
        assert_eq!(all_shown(&editor), expected);
        assert!(editor.told.is_empty(), "{:?}", editor.told);
        editor.quit();
    });
}

#[test]
fn what_is_pulled_is_what_lint_finds() {
    on_every_rule(|_, fixtures| {
        let (system, places) = folders(fixtures);
        let system = Arc::new(system);
        let folders: Vec<String> = places.iter().map(|(folder, _)| uri(folder)).collect();
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        let mut editor = Editor::with(Arc::clone(&system) as _, &pulling(), &folders);
        let mut all = Vec::new();
        for (fixture, (folder, path)) in fixtures.iter().zip(&places) {
            let uri = uri(path);
            let expected = reported(&lint(&*system, folder), editor.encoding);
            let (here, _): (Vec<_>, Vec<_>) =
                expected.iter().cloned().partition(|one| one.1 == uri);
            all.extend(expected);
            editor.open(&uri, &fixture.text);
            let pulled = editor.pulled(&uri);
            assert_eq!(shown([(uri.as_str(), pulled.as_slice())]), here, "{uri}");
        }
        all.sort();
        let report = editor
            .request("workspace/diagnostic", json!({ "previousResultIds": [] }))
            .unwrap();
        let reports = report["items"].as_array().unwrap().iter();
        let found = shown(reports.map(|one| {
            assert_eq!(one["kind"], "full");
            let items = one["items"].as_array().unwrap();
            (one["uri"].as_str().unwrap(), items.as_slice())
        }));
        assert_eq!(found, all);
        assert!(editor.shown.is_empty(), "nothing is pushed to who pulls");
        editor.quit();
    });
}

#[test]
fn unsaved_text_counts_as_if_it_were_saved() {
    on_every_rule(|_, fixtures| {
        for fixture in fixtures {
            let folder = Path::new("/w");
            let (saved, path) = put(Memory::new(), fixture, folder, &fixture.text);
            let nothing = match fixture.format {
                FileFormat::Nix => "{ }\n",
                FileFormat::Conf => "",
            };
            let (unsaved, _) = put(Memory::new(), fixture, folder, nothing);
            let unsaved = Arc::new(unsaved);
            let uri = uri(&path);
            let mut editor = Editor::of(Arc::clone(&unsaved) as _, "file:///w");
            editor.settle();
            editor.open(&uri, &fixture.text);
            editor.settle();
            let expected = reported(&lint(&saved, folder), editor.encoding);
            assert_eq!(all_shown(&editor), expected, "{}", fixture.shown());
            // Closed without being saved, the file is as empty as it was.
            editor.close(&uri);
            editor.settle();
            let expected = reported(&lint(&*unsaved, folder), editor.encoding);
            assert_eq!(all_shown(&editor), expected, "{}", fixture.shown());
            editor.quit();
        }
    });
}
