//! What can be done about diagnostics: the edits are those of `nixtune apply`, comments silence
//! what they stand by, pages explain.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nixtune::diagnostic::Applicability;
use nixtune::engine::{self, Outcome, Wanted};
use nixtune::report::{self, Style};
use nixtune::rules;
use nixtune::system::{Memory, System as _};
use serde_json::{Value, json};

use super::editor::{Editor, abilities};
use super::text::{Encoding, edited};
use super::trees::{lint, put, range_of, request, uri};
use crate::rules::fixture::{self, Fixture, Role, catalog};
use crate::rules::on_every;

const FOLDER: &str = "/w";

/// A fixture in an editor that has all of its Nix files open.
struct Scene {
    system: Arc<Memory>,
    editor: Editor,
    /// The address of the fixture.
    uri: String,
    outcome: Outcome,
}

fn scene(fixture: &Fixture) -> Scene {
    let folder = Path::new(FOLDER);
    let (system, path) = put(Memory::new(), fixture, folder, &fixture.text);
    let system = Arc::new(system);
    let mut editor = Editor::of(Arc::clone(&system) as _, &uri(folder));
    for (name, text) in &fixture.beside {
        editor.open(&uri(&folder.join(name)), text);
    }
    let uri = uri(&path);
    editor.open(&uri, &fixture.text);
    Scene {
        outcome: lint(&*system, folder),
        system,
        editor,
        uri,
    }
}

fn bad() -> Vec<&'static Fixture> {
    let all = fixture::all().iter();
    all.filter(|fixture| fixture.role == Role::Bad).collect()
}

/// What files hold after `nixtune apply`, by address; those that nothing changes are left out.
fn applied(scene: &Scene, wanted: &Wanted) -> (usize, BTreeMap<String, String>) {
    let request = request(Path::new(FOLDER));
    let plan = engine::plan(&*scene.system, catalog(), &request, wanted).unwrap();
    let files = plan.files.iter();
    let after = files.map(|file| (uri(&file.path), file.after.to_string()));
    (plan.made.len(), after.collect())
}

/// Makes the edits of a lint outcome by hand.
fn by_hand(scene: &Scene, index: usize) -> BTreeMap<String, String> {
    let mut edits: BTreeMap<_, Vec<Value>> = BTreeMap::new();
    for (file, edit) in &scene.outcome.edits[index] {
        let range = range_of(&scene.outcome, *file, edit.span, Encoding::Utf32);
        let edit = json!({ "range": range, "newText": edit.text });
        edits.entry(*file).or_default().push(edit);
    }
    let files = edits.iter().map(|(file, edits)| {
        let file = scene.outcome.workspace.file(*file).unwrap();
        (
            uri(file.path()),
            edited(file.text(), edits, Encoding::Utf32),
        )
    });
    files.collect()
}

fn is_fix(action: &Value) -> bool {
    let title = action["title"].as_str().unwrap();
    let is_other = title.ends_with(" here, with a reason") || title.starts_with("Explain `");
    action["kind"] == "quickfix" && !is_other
}

#[test]
fn each_fix_is_the_one_that_apply_makes() {
    let (alone, at_place) = (AtomicUsize::new(0), AtomicUsize::new(0));
    on_every(bad(), |fixture| {
        let mut scene = scene(fixture);
        for (index, diagnostic) in scene.outcome.diagnostics.clone().iter().enumerate() {
            let place = diagnostic.place;
            let file = scene.outcome.workspace.file(place.file).unwrap();
            let position = file.position(place.span.start);
            let address = uri(file.path());
            let range = range_of(
                &scene.outcome,
                place.file,
                place.span,
                scene.editor.encoding,
            );
            let found = scene.editor.actions(&address, &range, None);
            let mine = |action: &&Value| {
                let for_me = &action["diagnostics"][0];
                is_fix(action) && for_me["code"] == diagnostic.rule && for_me["range"] == range
            };
            let of_me: Vec<&Value> = found.iter().filter(mine).collect();
            let Some(fix) = &diagnostic.fix else { continue };
            if scene.outcome.edits[index].is_empty() || fix.applicability == Applicability::Manual {
                for action in &of_me {
                    if action["edit"].is_null() {
                        let reason = action["disabled"]["reason"].as_str().unwrap();
                        assert!(!reason.is_empty());
                        assert_eq!(action["isPreferred"], false);
                    }
                }
                assert!(
                    !of_me.is_empty(),
                    "{}: {}",
                    diagnostic.rule,
                    diagnostic.message
                );
                continue;
            }
            let by_hand = by_hand(&scene, index);
            let same: Vec<&&Value> = of_me
                .iter()
                .filter(|action| !action["edit"].is_null())
                .filter(|action| scene.editor.after(&action["edit"]) == by_hand)
                .collect();
            assert_eq!(
                same.len(),
                1,
                "{}: {by_hand:#?}\n{of_me:#?}",
                diagnostic.rule
            );
            let is_safe = fix.applicability == Applicability::Safe;
            assert_eq!(same[0]["isPreferred"], is_safe);
            let title = same[0]["title"].as_str().unwrap();
            assert_eq!(title.ends_with("(unsafe)"), !is_safe, "{title}");
            alone.fetch_add(1, Ordering::Relaxed);

            // `--at` means all that is reported at a place: where that is one fix, it is this one.
            let place = format!(
                "{}:{}:{}",
                file.path().display(),
                position.line,
                position.column
            );
            let wanted = Wanted {
                least: fix.applicability,
                rules: vec![diagnostic.rule.to_owned()],
                places: vec![place.parse().unwrap()],
                verify: None,
            };
            let (made, after) = applied(&scene, &wanted);
            if made == 1 {
                assert_eq!(after, by_hand, "--at {place}");
                at_place.fetch_add(1, Ordering::Relaxed);
            }
        }
        scene.editor.quit();
    });
    let (alone, at_place) = (alone.into_inner(), at_place.into_inner());
    assert!(alone > 500 && at_place > 400, "{alone} and {at_place}");
}

#[test]
fn fix_all_is_what_apply_does_to_the_file() {
    let compared = AtomicUsize::new(0);
    on_every(bad(), |fixture| {
        let mut scene = scene(fixture);
        let path = Path::new(FOLDER).join(fixture.linted_name());
        let wanted = Wanted {
            places: vec![path.to_str().unwrap().parse().unwrap()],
            ..Wanted::default()
        };
        let (made, expected) = applied(&scene, &wanted);
        let range = scene.editor.whole(&scene.uri);
        for only in ["source.fixAll", "source.fixAll.nixtune", "source"] {
            let found = scene.editor.actions(&scene.uri, &range, Some(only));
            if made == 0 {
                assert!(found.is_empty(), "{found:#?}");
                continue;
            }
            assert_eq!(found.len(), 1, "{found:#?}");
            assert_eq!(found[0]["kind"], "source.fixAll.nixtune");
            let title = found[0]["title"].as_str().unwrap();
            assert!(
                title.starts_with(&format!("Make {made} safe fix")),
                "{title}"
            );
            assert_eq!(scene.editor.after(&found[0]["edit"]), expected);
            compared.fetch_add(1, Ordering::Relaxed);
        }
        // Only by name: neither unasked nor among other kinds.
        for only in [
            None,
            Some("quickfix"),
            Some("refactor"),
            Some("source.organizeImports"),
        ] {
            let found = scene.editor.actions(&scene.uri, &range, only);
            let is_all = |action: &Value| action["kind"].as_str().unwrap().starts_with("source");
            assert!(!found.iter().any(is_all), "{found:#?}");
        }
        scene.editor.quit();
    });
    let compared = compared.into_inner();
    assert!(compared > 300, "{compared}");
}

#[test]
fn a_comment_silences_what_it_stands_by() {
    let tried = AtomicUsize::new(0);
    on_every(bad(), |fixture| {
        let mut scene = scene(fixture);
        scene.editor.settle();
        let shown = scene.editor.shown(&scene.uri).to_vec();
        let mine = shown.iter().find(|one| one["code"] == fixture.rule.id);
        let Some(mine) = mine else {
            // It is reported in a file beside.
            return scene.editor.quit();
        };
        let title = format!("Allow `{}` here, with a reason", fixture.rule.id);
        let found = scene
            .editor
            .actions(&scene.uri, &mine["range"], Some("quickfix"));
        let allow = found
            .iter()
            .find(|action| action["title"] == title.as_str());
        let allow = allow.unwrap_or_else(|| panic!("no {title} among {found:#?}"));
        assert_eq!(allow["isPreferred"], false);
        let after = scene.editor.after(&allow["edit"]);
        let text = &after[&scene.uri];
        assert_eq!(after.len(), 1);
        let count = |items: &[Value]| {
            items
                .iter()
                .filter(|one| one["code"] == fixture.rule.id)
                .count()
        };
        scene.editor.rewrite(&scene.uri, text);
        scene.editor.settle();
        let left = scene.editor.shown(&scene.uri);
        assert!(count(left) < count(&shown), "{text}");
        assert!(left.len() < shown.len(), "{text}\n{left:#?}");
        // The command line agrees.
        let path = Path::new(FOLDER).join(fixture.linted_name());
        scene.system.save(&path, text.as_bytes()).unwrap();
        let outcome = lint(&*scene.system, Path::new(FOLDER));
        // Some rules listen to any comment, and need none that names them.
        let names_it = text.contains("nixtune: allow(");
        let is_suppressed = outcome.suppressed.iter().any(|one| {
            one.diagnostic.rule == fixture.rule.id && one.reason.contains("TODO: say why")
        });
        assert_eq!(names_it, is_suppressed, "{text}");
        assert!(text.contains("# TODO: say why") || names_it, "{text}");
        assert_eq!(
            super::trees::all_shown(&scene.editor),
            super::trees::reported(&outcome, scene.editor.encoding)
        );
        tried.fetch_add(1, Ordering::Relaxed);
        scene.editor.quit();
    });
    let tried = tried.into_inner();
    assert!(tried > 400, "{tried}");
}

const MODULE: &str = "{
  nix.settings = {
    gc-keep-outputs = false;
    accept-flake-config = true;
  };
}
";

fn module() -> (Arc<Memory>, String) {
    let system = Memory::new()
        .env("XDG_CACHE_HOME", "/cache")
        .file("/w/a.nix", MODULE);
    (Arc::new(system), "file:///w/a.nix".to_owned())
}

#[test]
fn a_rule_is_explained_by_command() {
    let (system, uri) = module();
    let mut editor = Editor::of(system, "file:///w");
    editor.open(&uri, MODULE);
    let range = editor.whole(&uri);
    let found = editor.actions(&uri, &range, None);
    let explain = found
        .iter()
        .find(|action| action["title"] == "Explain `accept-flake-config`")
        .unwrap();
    let command = &explain["command"];
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    let page = editor.request("workspace/executeCommand", params).unwrap();
    let expected = report::explain(
        "accept-flake-config",
        catalog(),
        rules::ALL,
        None,
        Style::PLAIN,
    );
    let expected = expected.unwrap();
    assert_eq!(page, expected.as_str());
    // Who opens no documents reads it in a message.
    assert_eq!(editor.told, [expected]);

    let wrong = json!({ "command": "nixtune.explain", "arguments": ["no-such-rule"] });
    let refused = editor
        .request("workspace/executeCommand", wrong)
        .unwrap_err();
    assert_eq!(refused.code, -32602);
    assert!(refused.message.contains("no-such-rule"), "{refused:?}");
    let wrong = json!({ "command": "other.command", "arguments": [] });
    let refused = editor
        .request("workspace/executeCommand", wrong)
        .unwrap_err();
    assert!(refused.message.contains("other.command"), "{refused:?}");
    editor.quit();
}

#[test]
fn a_page_is_opened_where_documents_can_be() {
    let (system, uri) = module();
    let mut abilities = abilities();
    abilities["window"] = json!({ "showDocument": { "support": true } });
    let mut editor = Editor::with(Arc::clone(&system) as _, &abilities, &["file:///w"]);
    editor.open(&uri, MODULE);
    let params = json!({ "command": "nixtune.explain", "arguments": ["accept-flake-config"] });
    editor.request("workspace/executeCommand", params).unwrap();
    assert!(editor.told.is_empty(), "{:?}", editor.told);
    let (method, shown) = editor.asked.pop().unwrap();
    assert_eq!(method, "window/showDocument");
    let path = shown["uri"]
        .as_str()
        .unwrap()
        .strip_prefix("file://")
        .unwrap();
    let page = system.read(Path::new(path), 1 << 20).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("accept-flake-config"), "{page}");
    editor.quit();
}

#[test]
fn fixes_suit_what_the_client_can_do() {
    let (system, uri) = module();
    // No versions in edits, no disabled actions.
    let abilities = json!({ "textDocument": { "publishDiagnostics": {} } });
    let mut editor = Editor::with(system, &abilities, &["file:///w"]);
    editor.open(&uri, MODULE);
    let range = editor.whole(&uri);
    let found = editor.actions(&uri, &range, None);
    assert!(found.iter().all(|action| action["disabled"].is_null()));
    let rename = found
        .iter()
        .find(|action| {
            is_fix(action) && action["diagnostics"][0]["code"] == "deprecated-setting-alias"
        })
        .unwrap_or_else(|| panic!("{found:#?}"));
    assert!(rename["edit"]["documentChanges"].is_null());
    let edits = rename["edit"]["changes"][&uri].as_array().unwrap();
    let after = edited(MODULE, edits, editor.encoding);
    assert_eq!(after, MODULE.replace("gc-keep", "keep"));
    editor.quit();
}

#[test]
fn actions_are_for_the_range_that_is_asked_about() {
    let (system, uri) = module();
    let mut editor = Editor::of(system, "file:///w");
    editor.open(&uri, MODULE);
    let elsewhere =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } });
    assert_eq!(editor.actions(&uri, &elsewhere, None), [] as [Value; 0]);
    let at = editor.place(&uri, "accept-|flake");
    let found = editor.actions(&uri, &json!({ "start": at, "end": at }), None);
    let codes: Vec<&str> = found
        .iter()
        .map(|action| action["diagnostics"][0]["code"].as_str().unwrap())
        .collect();
    assert!(
        !codes.is_empty() && codes.iter().all(|code| *code == "accept-flake-config"),
        "{codes:?}"
    );
    // What is preferred comes first.
    let preferred: Vec<bool> = found
        .iter()
        .map(|action| action["isPreferred"] == true)
        .collect();
    let mut sorted = preferred.clone();
    sorted.sort_by_key(|is_preferred| !is_preferred);
    assert_eq!(preferred, sorted);
    editor.quit();
}
