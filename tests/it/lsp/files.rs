//! What changes around open documents: other files, the configuration, the editor's settings,
//! workspace folders; and how files are called.

use std::path::Path;
use std::sync::Arc;

use nixtune::engine::{self, Request};
use nixtune::system::{Memory, System as _};
use serde_json::{Value, json};

use super::editor::{Editor, abilities, folder, hello, pulling};
use super::text::range;
use super::trees::{all_shown, lint, reported};
use crate::rules::fixture::catalog;

/// Nothing in it depends on hardware.
const BAD: &str = "{ nix.settings.accept-flake-config = true; }\n";
const GOOD: &str = "{ nix.settings.accept-flake-config = false; }\n";
const RULE: &str = "accept-flake-config";

/// Everything that is shown is what `nixtune lint` finds in `/w` with the editor's texts.
fn assert_agrees(editor: &mut Editor, system: &Memory) {
    editor.settle();
    let documents = editor.documents.iter().map(|(uri, document)| {
        let path = uri.strip_prefix("file://").unwrap();
        (path.into(), document.text.clone().into_bytes())
    });
    let request = Request {
        roots: vec!["/w".into()],
        unsaved: documents.collect(),
        ..Request::default()
    };
    let outcome = engine::lint(system, catalog(), &request).unwrap();
    assert_eq!(all_shown(editor), reported(&outcome, editor.encoding));
}

fn disk(files: &[(&str, &str)]) -> Arc<Memory> {
    let files = files.iter();
    Arc::new(files.fold(Memory::new(), |system, (path, text)| {
        system.file(path, text)
    }))
}

fn save(system: &Memory, path: &str, text: &str) {
    let folder = Path::new(path).parent().unwrap();
    system.create_folder(folder).unwrap();
    system.save(Path::new(path), text.as_bytes()).unwrap();
}

#[test]
fn a_value_that_another_file_takes_is_judged_there() {
    let system = disk(&[
        (
            "/w/a.nix",
            "let v = import ./values.nix; in { nix.settings.accept-flake-config = v.accept; }\n",
        ),
        // It says nothing about Nix.
        ("/w/values.nix", "{ accept = false; }\n"),
    ]);
    let (a, values) = ("file:///w/a.nix", "file:///w/values.nix");
    let mut editor = Editor::of(Arc::clone(&system) as _, "file:///w");
    editor.open(values, "{ accept = false; }\n");
    editor.settle();
    assert!(editor.shown.is_empty());
    editor.replace(values, "false", "true");
    assert_agrees(&mut editor, &system);
    // It lies in the file that nobody has open.
    assert_eq!(editor.rules(a), [RULE]);
    editor.replace(values, "true", "fal");
    assert_agrees(&mut editor, &system);
    editor.replace(values, "fal;", "false;");
    assert_agrees(&mut editor, &system);
    assert!(editor.shown.is_empty());
    // Open as well, it is shown with its version.
    let text = "let v = import ./values.nix; in { nix.settings.accept-flake-config = v.accept; }\n";
    editor.open(a, text);
    editor.replace(values, "false", "true");
    assert_agrees(&mut editor, &system);
    assert_eq!(editor.rules(a), [RULE]);
    assert_eq!(editor.shown_for[a], Some(1));
    // What the editor had is forgotten with the document.
    editor.close(values);
    assert_agrees(&mut editor, &system);
    assert!(editor.shown.is_empty());
    editor.quit();
}

#[test]
fn an_import_is_written_and_taken_away() {
    let main = "{ imports = [ ]; nix.settings.max-jobs = 4; }\n";
    let system = disk(&[("/w/a.nix", main), ("/w/b/b.nix", BAD)]);
    let (a, b) = ("file:///w/a.nix", "file:///w/b/b.nix");
    let mut editor = Editor::of(Arc::clone(&system) as _, "file:///w");
    editor.open(a, main);
    assert_agrees(&mut editor, &system);
    assert_eq!(editor.rules(b), [RULE]);
    editor.replace(a, "[ ]", "[ ./b/b.nix ]");
    editor.replace(a, "max-jobs = 4", "accept-flake-config = lib.mkForce false");
    editor.replace(a, "{ imports", "{ lib, ... }: { imports");
    assert_agrees(&mut editor, &system);
    assert_ne!(editor.rules(b), [RULE]);
    editor.replace(a, "[ ./b/b.nix ]", "[ ]");
    assert_agrees(&mut editor, &system);
    assert_eq!(editor.rules(b), [RULE]);
    editor.quit();
}

#[test]
fn a_file_stops_parsing_and_parses_again() {
    let system = disk(&[("/w/a.nix", BAD), ("/w/b/b.nix", BAD)]);
    let uri = "file:///w/a.nix";
    let mut editor = Editor::of(Arc::clone(&system) as _, "file:///w");
    editor.open(uri, BAD);
    editor.settle();
    assert_eq!(editor.rules(uri), [RULE]);
    for broken in ["true; ", "true; }}", "''", "\"${", "= true"] {
        editor.replace(uri, "true; }", broken);
        editor.settle();
        let rules = editor.rules(uri);
        assert!(rules.contains(&"syntax-error"), "{broken}: {rules:?}");
        // The others are judged as before.
        assert_eq!(editor.rules("file:///w/b/b.nix"), [RULE]);
        for method in ["hover", "completion", "definition"] {
            editor.at(uri, &format!("textDocument/{method}"), "accept-|flake");
        }
        editor.rewrite(uri, BAD);
        assert_agrees(&mut editor, &system);
        assert_eq!(editor.rules(uri), [RULE]);
    }
    editor.quit();
}

#[test]
fn files_that_others_make_write_and_remove_are_followed() {
    let system = disk(&[("/w/a.nix", GOOD)]);
    let mut editor = Editor::of(Arc::clone(&system) as _, "file:///w");
    editor.settle();
    assert!(editor.shown.is_empty());

    save(&system, "/w/new/b.nix", BAD);
    editor.watched(&[("file:///w/new/b.nix", 1)]);
    assert_agrees(&mut editor, &system);
    assert_eq!(editor.rules("file:///w/new/b.nix"), [RULE]);

    save(&system, "/w/a.nix", BAD);
    editor.watched(&[("file:///w/a.nix", 2)]);
    assert_agrees(&mut editor, &system);
    assert_eq!(editor.rules("file:///w/a.nix"), [RULE]);

    system.remove("/w/new/b.nix");
    editor.watched(&[("file:///w/new/b.nix", 3)]);
    assert_agrees(&mut editor, &system);
    assert!(editor.shown("file:///w/new/b.nix").is_empty());

    // A file that said nothing begins to speak.
    save(&system, "/w/c.nix", "{ }\n");
    editor.watched(&[("file:///w/c.nix", 1)]);
    editor.settle();
    save(&system, "/w/c.nix", BAD);
    editor.watched(&[("file:///w/c.nix", 2)]);
    assert_agrees(&mut editor, &system);
    assert_eq!(editor.rules("file:///w/c.nix"), [RULE]);

    // What is open is what the editor shows, whatever is on disk.
    editor.open("file:///w/a.nix", GOOD);
    save(
        &system,
        "/w/a.nix",
        "{ nix.settings.conect-timeout = 5; }\n",
    );
    editor.watched(&[("file:///w/a.nix", 2)]);
    assert_agrees(&mut editor, &system);
    assert!(editor.shown("file:///w/a.nix").is_empty());
    editor.close("file:///w/a.nix");
    assert_agrees(&mut editor, &system);
    assert_eq!(editor.rules("file:///w/a.nix"), ["unknown-setting"]);

    // A whole folder goes, and comes back with something else.
    save(&system, "/w/new/b.nix", BAD);
    editor.watched(&[("file:///w/new", 1)]);
    assert_agrees(&mut editor, &system);
    assert_eq!(editor.rules("file:///w/new/b.nix"), [RULE]);
    editor.quit();
}

#[test]
fn a_new_document_that_is_on_no_disk_is_judged() {
    let system = disk(&[("/w/a.nix", GOOD)]);
    let mut editor = Editor::of(Arc::clone(&system) as _, "file:///w");
    let uri = "file:///w/new.nix";
    editor.open(uri, BAD);
    editor.settle();
    assert_eq!(editor.rules(uri), [RULE]);
    assert_eq!(editor.shown_for[uri], Some(1));
    let page = editor.at(uri, "textDocument/hover", "accept-|flake");
    assert!(page.to_string().contains("accept-flake-config"), "{page}");
    editor.close(uri);
    editor.settle();
    assert!(editor.shown.is_empty());
    // Also an empty one, that is filled key by key.
    editor.open(uri, "");
    editor.settle();
    assert!(editor.shown.is_empty());
    editor.change(uri, &[(0..0, BAD)]);
    editor.settle();
    assert_eq!(editor.rules(uri), [RULE]);
    editor.quit();
}

const IGNORES: &str = "[lint]\nignore = [\"accept-flake-config\"]\n";

#[test]
fn a_configuration_is_written_broken_and_mended() {
    let system = disk(&[("/w/a.nix", BAD)]);
    let (a, policy) = ("file:///w/a.nix", "file:///w/nixtune.toml");
    let mut editor = Editor::of(Arc::clone(&system) as _, "file:///w");
    editor.open(a, BAD);
    editor.settle();
    assert_eq!(editor.rules(a), [RULE]);

    save(&system, "/w/nixtune.toml", IGNORES);
    editor.watched(&[(policy, 1)]);
    assert_agrees(&mut editor, &system);
    assert!(editor.shown.is_empty());

    let broken = "[lint]\nignore = [\"accept-flake-confg\"]\n";
    save(&system, "/w/nixtune.toml", broken);
    editor.saved(policy);
    editor.settle();
    let [problem] = editor.shown(policy) else {
        panic!("{:?}", editor.shown)
    };
    assert_eq!(problem["severity"], 1);
    assert!(
        problem["message"]
            .as_str()
            .unwrap()
            .contains("accept-flake-confg")
    );
    let at = broken.find("\"accept").unwrap();
    let end = broken.find(']').unwrap();
    let end = broken[end..].find("]\n").map_or(end, |more| end + more);
    assert_eq!(
        problem["range"]["start"],
        range(broken, at..end, editor.encoding)["start"]
    );
    assert_eq!(editor.told.len(), 1, "{:?}", editor.told);
    assert!(editor.told[0].contains("nixtune.toml"), "{:?}", editor.told);
    // Nothing can be said now, and what is asked is answered all the same.
    let refused = editor.request(
        "textDocument/hover",
        json!({
            "textDocument": { "uri": a }, "position": { "line": 0, "character": 20 },
        }),
    );
    assert!(refused.unwrap_err().message.contains("nixtune.toml"));
    // Texts are followed meanwhile.
    editor.rewrite(a, "{ nix.settings.conect-timeout = 5; }\n");

    save(&system, "/w/nixtune.toml", "");
    editor.watched(&[(policy, 2)]);
    assert_agrees(&mut editor, &system);
    assert_eq!(editor.rules(a), ["unknown-setting"]);
    assert!(editor.shown(policy).is_empty());
    assert_eq!(editor.told.len(), 1, "{:?}", editor.told);

    system.remove("/w/nixtune.toml");
    editor.watched(&[(policy, 3)]);
    assert_agrees(&mut editor, &system);
    editor.quit();
}

#[test]
fn a_broken_configuration_is_no_reason_to_fail_for_who_pulls() {
    let system = disk(&[("/w/a.nix", BAD), ("/w/nixtune.toml", "[lint\n")]);
    let mut editor = Editor::with(Arc::clone(&system) as _, &pulling(), &["file:///w"]);
    editor.open("file:///w/a.nix", BAD);
    assert_eq!(editor.pulled("file:///w/a.nix"), [] as [Value; 0]);
    assert_eq!(editor.told.len(), 1, "{:?}", editor.told);
    save(&system, "/w/nixtune.toml", "");
    editor.saved("file:///w/nixtune.toml");
    assert_eq!(editor.pulled("file:///w/a.nix").len(), 1);
    editor.quit();
}

#[test]
fn a_profile_and_a_baseline_are_followed() {
    let text = "{ nix.settings = { max-jobs = 8; cores = 8; }; }\n";
    let profile = |threads: u32| {
        format!(
            "[host]\nname = \"h\"\nplatform = \"x86_64-linux\"\nthreads = {threads}\nmemory = \"64G\"\n"
        )
    };
    let system = disk(&[
        ("/w/a.nix", text),
        ("/w/nixtune.toml", "host = \"h.toml\"\n"),
        ("/w/h.toml", &profile(64)),
    ]);
    let a = "file:///w/a.nix";
    let mut editor = Editor::of(Arc::clone(&system) as _, "file:///w");
    editor.open(a, text);
    assert_agrees(&mut editor, &system);
    assert!(!editor.rules(a).contains(&"build-slots-oversubscribed"));
    save(&system, "/w/h.toml", &profile(8));
    editor.watched(&[("file:///w/h.toml", 2)]);
    assert_agrees(&mut editor, &system);
    assert!(
        editor.rules(a).contains(&"build-slots-oversubscribed"),
        "{:?}",
        editor.rules(a)
    );

    let baseline = "host = \"h.toml\"\n[lint]\nbaseline = \"known.json\"\n";
    save(&system, "/w/nixtune.toml", baseline);
    let writing = Request {
        write_baseline: true,
        ..super::trees::request(Path::new("/w"))
    };
    let outcome = engine::lint(&*system, catalog(), &writing).unwrap();
    let known = engine::baseline_of(&*system, &outcome, |_| false).render();
    save(&system, "/w/known.json", &known);
    editor.watched(&[("file:///w/nixtune.toml", 2), ("file:///w/known.json", 1)]);
    assert_agrees(&mut editor, &system);
    assert!(editor.shown.is_empty(), "{:?}", editor.shown);
    editor.quit();
}

#[test]
fn the_settings_of_the_editor_count() {
    let system = disk(&[(
        "/w/a.nix",
        "{ nix.settings = { accept-flake-config = true; conect-timeout = 5; }; }\n",
    )]);
    let a = "file:///w/a.nix";
    let mut first = hello(&abilities(), &["file:///w"]);
    first["initializationOptions"] = json!({ "select": [RULE] });
    let mut editor = Editor::start(Arc::clone(&system) as _, first);
    editor.settle();
    assert_eq!(editor.rules(a), [RULE]);
    let configure = |editor: &mut Editor, settings: Value| {
        editor.notify(
            "workspace/didChangeConfiguration",
            json!({ "settings": settings }),
        );
        editor.settle();
    };
    configure(&mut editor, json!({ "nixtune": { "ignore": [RULE] } }));
    assert_eq!(editor.rules(a), ["unknown-setting"]);
    // Clients that want to be asked send nothing: that changes nothing.
    configure(&mut editor, Value::Null);
    assert_eq!(editor.rules(a), ["unknown-setting"]);
    configure(&mut editor, json!({}));
    assert_eq!(editor.rules(a), [RULE, "unknown-setting"]);
    assert!(editor.told.is_empty());
    configure(&mut editor, json!({ "nixtune": { "target": "niks" } }));
    assert_eq!(editor.told.len(), 1);
    assert!(editor.told[0].contains("`target`"), "{:?}", editor.told);
    assert_eq!(editor.rules(a), [RULE, "unknown-setting"]);
    configure(
        &mut editor,
        json!({ "nixtune": { "select": ["no-such-rule"] } }),
    );
    assert!(editor.told[1].contains("no-such-rule"), "{:?}", editor.told);
    assert!(editor.shown.is_empty());
    configure(&mut editor, json!({ "nixtune": { "host": "/none.toml" } }));
    assert!(editor.told[2].contains("none.toml"), "{:?}", editor.told);
    configure(&mut editor, json!({ "nixtune": {} }));
    assert_eq!(editor.rules(a), [RULE, "unknown-setting"]);
    editor.quit();
}

#[test]
fn an_editor_that_wants_to_be_asked_is_asked() {
    let system = disk(&[(
        "/w/a.nix",
        "{ nix.settings = { accept-flake-config = true; conect-timeout = 5; }; }\n",
    )]);
    let a = "file:///w/a.nix";
    let mut abilities = abilities();
    abilities["workspace"]["configuration"] = json!(true);
    let mut first = hello(&abilities, &["file:///w"]);
    first["initializationOptions"] = json!({ "select": [RULE] });
    let mut editor = Editor::start(Arc::clone(&system) as _, first);
    // Its question is answered while the first answer is waited for, and counts for the second.
    let settle = |editor: &mut Editor| {
        editor.settle();
        editor.settle();
    };
    settle(&mut editor);
    assert_eq!(editor.rules(a), [RULE]);
    let questions = |editor: &Editor| {
        let asked = editor.asked.iter();
        asked
            .filter(|(method, _)| method == "workspace/configuration")
            .count()
    };
    assert_eq!(questions(&editor), 1);
    editor.settings = json!({ "ignore": [RULE] });
    editor.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": null }),
    );
    settle(&mut editor);
    assert_eq!(questions(&editor), 2);
    assert_eq!(editor.rules(a), ["unknown-setting"]);
    editor.quit();
}

#[test]
fn wrong_settings_at_the_start_are_told() {
    let system = disk(&[("/w/a.nix", BAD)]);
    let mut first = hello(&abilities(), &["file:///w"]);
    first["initializationOptions"] = json!({ "preview": "yes" });
    let mut editor = Editor::start(system, first);
    editor.settle();
    assert!(
        editor.told[0].contains("in the editor"),
        "{:?}",
        editor.told
    );
    assert_eq!(editor.rules("file:///w/a.nix"), [RULE]);
    editor.quit();
}

fn change_folders(editor: &Editor, added: &[&str], removed: &[&str]) {
    let list = |uris: &[&str]| uris.iter().map(|uri| folder(uri)).collect::<Vec<_>>();
    editor.notify(
        "workspace/didChangeWorkspaceFolders",
        json!({ "event": { "added": list(added), "removed": list(removed) } }),
    );
}

#[test]
fn workspace_folders_come_and_go() {
    let system = disk(&[("/w/a.nix", BAD), ("/v/b.nix", BAD), ("/w/in/c.nix", BAD)]);
    let (a, b, c) = ("file:///w/a.nix", "file:///v/b.nix", "file:///w/in/c.nix");
    let mut editor = Editor::of(Arc::clone(&system) as _, "file:///w");
    editor.settle();
    assert_eq!(editor.shown.keys().collect::<Vec<_>>(), [a, c]);
    change_folders(&editor, &["file:///v"], &[]);
    editor.settle();
    assert_eq!(editor.shown.keys().collect::<Vec<_>>(), [b, a, c]);
    change_folders(&editor, &[], &["file:///w"]);
    editor.until("what the folder said is taken back", |editor| {
        editor.shown.len() == 1
    });
    assert_eq!(editor.shown.keys().collect::<Vec<_>>(), [b]);

    // A document stays with its folder's.
    editor.open(a, BAD);
    editor.settle();
    assert!(editor.shown.contains_key(a));
    change_folders(&editor, &["file:///w"], &["file:///v"]);
    editor.until("the other folder goes", |editor| {
        !editor.shown.contains_key(b)
    });
    editor.settle();
    assert_eq!(editor.shown.keys().collect::<Vec<_>>(), [a, c]);
    editor.rewrite(a, GOOD);
    editor.settle();
    assert_eq!(editor.shown.keys().collect::<Vec<_>>(), [c]);
    // The folder of an open document is taken away: it is judged by itself.
    editor.rewrite(a, BAD);
    change_folders(&editor, &[], &["file:///w"]);
    editor.until("the folder goes", |editor| !editor.shown.contains_key(c));
    editor.settle();
    assert_eq!(editor.shown.keys().collect::<Vec<_>>(), [a]);
    editor.quit();
}

#[test]
fn a_folder_within_a_folder_has_its_own_documents() {
    let system = disk(&[
        ("/w/a.nix", BAD),
        ("/w/in/b.nix", BAD),
        ("/w/in/nixtune.toml", IGNORES),
    ]);
    let mut editor = Editor::with(
        Arc::clone(&system) as _,
        &abilities(),
        &["file:///w", "file:///w/in"],
    );
    let b = "file:///w/in/b.nix";
    editor.open(b, BAD);
    editor.settle();
    // Nothing is told about a file by two folders that do not agree.
    assert!(editor.shown(b).is_empty(), "{:?}", editor.shown(b));
    assert_eq!(editor.rules("file:///w/a.nix"), [RULE]);
    let report = editor
        .request("workspace/diagnostic", json!({ "previousResultIds": [] }))
        .unwrap();
    let of_b = |one: &&Value| one["uri"] == b;
    let reports = report["items"].as_array().unwrap();
    assert!(!reports.iter().any(|one| of_b(&one)), "{reports:#?}");

    // The outer folder speaks of it when the inner one goes, and not when that comes back.
    change_folders(&editor, &[], &["file:///w/in"]);
    editor.settle();
    assert_eq!(editor.rules(b), [RULE]);
    editor.rewrite(b, "{ nix.settings.conect-timeout = 5; }\n");
    editor.settle();
    assert_eq!(editor.rules(b), ["unknown-setting"]);
    editor.rewrite(b, BAD);
    change_folders(&editor, &["file:///w/in"], &[]);
    editor.settle();
    assert!(editor.shown(b).is_empty(), "{:?}", editor.shown(b));
    // Out and in again at once.
    for _ in 0..20 {
        change_folders(&editor, &["file:///w/in"], &["file:///w/in"]);
    }
    editor.settle();
    assert!(editor.shown(b).is_empty(), "{:?}", editor.shown(b));
    editor.quit();
}

#[test]
fn the_outer_folder_sees_what_is_typed_in_the_inner_one() {
    let a =
        "{ imports = [ ./in/b.nix ]; nix.settings.accept-flake-config = (import ./in/c.nix).x; }\n";
    let system = disk(&[
        ("/w/a.nix", a),
        ("/w/in/b.nix", "{ }\n"),
        ("/w/in/c.nix", "{ x = false; }\n"),
    ]);
    let folders = ["file:///w", "file:///w/in"];
    let mut editor = Editor::with(Arc::clone(&system) as _, &abilities(), &folders);
    editor.open("file:///w/in/c.nix", "{ x = false; }\n");
    editor.settle();
    assert!(editor.shown.is_empty());
    editor.replace("file:///w/in/c.nix", "false", "true");
    editor.settle();
    assert_eq!(editor.rules("file:///w/a.nix"), [RULE]);
    editor.close("file:///w/in/c.nix");
    editor.settle();
    assert!(editor.shown.is_empty());
    editor.quit();
}

#[test]
fn a_document_in_no_folder_belongs_to_its_project() {
    let system = disk(&[
        ("/p/flake.nix", "{ outputs = _: { }; }\n"),
        ("/p/nixtune.toml", IGNORES),
        (
            "/p/sub/a.nix",
            "{ nix.settings = { accept-flake-config = true; conect-timeout = 5; }; }\n",
        ),
        ("/p/sub/b.nix", "{ nix.settings.conect-timeout = 5; }\n"),
        ("/alone/a.nix", BAD),
        ("/alone/b.nix", BAD),
    ]);
    let mut editor = Editor::with(Arc::clone(&system) as _, &abilities(), &[]);
    let (in_project, beside) = ("file:///p/sub/a.nix", "file:///p/sub/b.nix");
    editor.open(
        in_project,
        "{ nix.settings = { accept-flake-config = true; conect-timeout = 5; }; }\n",
    );
    editor.settle();
    assert_eq!(editor.rules(in_project), ["unknown-setting"]);
    assert_eq!(editor.rules(beside), ["unknown-setting"]);
    // With its last document a project goes.
    editor.close(in_project);
    editor.until("the project goes", |editor| editor.shown.is_empty());

    let alone = "file:///alone/a.nix";
    editor.open(alone, BAD);
    editor.settle();
    assert_eq!(editor.rules(alone), [RULE]);
    assert_eq!(
        editor.shown.len(),
        1,
        "a folder that is no project is not read"
    );
    editor.close(alone);
    editor.until("the file goes", |editor| editor.shown.is_empty());
    // And comes back.
    editor.open(alone, BAD);
    editor.settle();
    assert_eq!(editor.rules(alone), [RULE]);
    editor.quit();
}

#[test]
fn a_whole_home_is_no_workspace() {
    let system = Memory::new()
        .env("HOME", "/home/m")
        .file("/home/m/a.nix", BAD)
        .file("/home/m/b.nix", BAD);
    let mut editor = Editor::with(
        Arc::new(system),
        &abilities(),
        &["file:///home/m", "file:///"],
    );
    editor.settle();
    assert!(editor.shown.is_empty());
    editor.open("file:///home/m/a.nix", BAD);
    editor.settle();
    assert_eq!(
        editor.shown.keys().collect::<Vec<_>>(),
        ["file:///home/m/a.nix"]
    );
    editor.quit();
}

#[test]
fn paths_behind_a_link_come_back_as_the_client_writes_them() {
    let system = Memory::new()
        .file("/real/w/a.nix", BAD)
        .file("/real/w/b.nix", "{ imports = [ ./a.nix ]; }\n")
        .link("/link", "/real");
    let mut editor = Editor::of(Arc::new(system), "file:///link/w");
    let a = "file:///link/w/a.nix";
    editor.settle();
    assert_eq!(editor.shown.keys().collect::<Vec<_>>(), [a]);
    editor.open(a, BAD);
    editor.settle();
    assert_eq!(editor.rules(a), [RULE]);
    editor.rewrite(a, GOOD);
    editor.settle();
    assert!(editor.shown.is_empty());
    editor.rewrite(a, BAD);
    editor.settle();
    let range = editor.whole(a);
    let actions = editor.actions(a, &range, Some("quickfix"));
    assert!(!actions.is_empty());
    for action in actions.iter().filter(|action| !action["edit"].is_null()) {
        editor.after(&action["edit"]);
    }
    let found = editor.at(a, "textDocument/definition", "accept-|flake");
    assert_eq!(found[0]["uri"], a);
    editor.quit();
}

#[test]
fn every_name_of_a_file_comes_back_as_it_was_written() {
    // What clients write of the same kinds of paths: some escape more than others.
    let names = [
        ("/w/with space/a.nix", "/w/with%20space/a.nix"),
        ("/w/ünï/a.nix", "/w/%C3%BCn%C3%AF/a.nix"),
        ("/w/ü/b.nix", "/w/%c3%bc/b.nix"),
        ("/w/#1?/a.nix", "/w/%231%3F/a.nix"),
        ("/w/100%/a.nix", "/w/100%25/a.nix"),
        ("/w/(x)+@!'=&,;$*/a.nix", "/w/(x)+@!'=&,;$*/a.nix"),
        ("/w/[x]:~/a.nix", "/w/%5Bx%5D%3A~/a.nix"),
        ("/w/😀\\/a.nix", "/w/%F0%9F%98%80%5C/a.nix"),
    ];
    let mut system = Memory::new();
    for (path, _) in names {
        system = system.file(path, BAD);
    }
    let mut editor = Editor::of(Arc::new(system), "file:///w");
    for (_, written) in names {
        editor.open(&format!("file://{written}"), BAD);
    }
    editor.settle();
    let written: Vec<String> = names
        .iter()
        .map(|(_, written)| format!("file://{written}"))
        .collect();
    let mut expected = written.clone();
    expected.sort();
    assert_eq!(editor.shown.keys().cloned().collect::<Vec<_>>(), expected);
    for uri in &written {
        assert_eq!(editor.rules(uri), [RULE], "{uri}");
        let found = editor.at(uri, "textDocument/definition", "accept-|flake");
        assert_eq!(found[0]["uri"], uri.as_str());
        editor.rewrite(uri, GOOD);
        editor.settle();
        assert!(editor.shown(uri).is_empty(), "{uri}");
        editor.close(uri);
    }
    // Closed, they are called by the usual escapes; nothing is shown under two names.
    editor.settle();
    assert_eq!(editor.shown.len(), names.len(), "{:?}", editor.shown.keys());
    editor.quit();
}

#[test]
fn other_documents_are_left_alone() {
    let system = disk(&[("/w/a.nix", BAD), ("/w/nix.conf", "conect-timeout = 5\n")]);
    let mut editor = Editor::of(Arc::clone(&system) as _, "file:///w");
    editor.open("untitled:Untitled-1", BAD);
    editor.open("file:///w/readme.md", "# nix.settings");
    editor.open("git:/w/a.nix?ref", BAD);
    editor.settle();
    assert_eq!(editor.rules("file:///w/a.nix"), [RULE]);
    assert_eq!(editor.rules("file:///w/nix.conf"), ["unknown-setting"]);
    assert_eq!(editor.shown.len(), 2);
    for uri in [
        "untitled:Untitled-1",
        "file:///w/readme.md",
        "file:///nowhere/x.nix",
    ] {
        let at = json!({ "position": { "line": 0, "character": 2 } });
        assert_eq!(editor.about(uri, "textDocument/hover", at), Value::Null);
    }
    editor.change("untitled:Untitled-1", &[(0..1, "")]);
    editor.close("untitled:Untitled-1");
    assert_agrees_without_others(&mut editor, &system);
    editor.quit();
}

fn assert_agrees_without_others(editor: &mut Editor, system: &Memory) {
    editor.settle();
    let outcome = lint(system, Path::new("/w"));
    assert_eq!(all_shown(editor), reported(&outcome, editor.encoding));
}

#[test]
fn conf_files_and_what_they_include_are_judged() {
    let system = disk(&[
        ("/w/nix.conf", "include more.conf\nmax-jobs = 4\n"),
        ("/w/more.conf", "accept-flake-config = true\n"),
    ]);
    let mut editor = Editor::of(Arc::clone(&system) as _, "file:///w");
    let (conf, more) = ("file:///w/nix.conf", "file:///w/more.conf");
    editor.open(conf, "include more.conf\nmax-jobs = 4\n");
    assert_agrees(&mut editor, &system);
    assert_eq!(editor.rules(more), [RULE]);
    editor.open(more, "accept-flake-config = true\n");
    editor.replace(more, "true", "false");
    assert_agrees(&mut editor, &system);
    assert!(editor.shown(more).is_empty());
    editor.replace(conf, "include more.conf\n", "");
    editor.replace(more, "false", "true");
    assert_agrees(&mut editor, &system);
    editor.quit();
}
