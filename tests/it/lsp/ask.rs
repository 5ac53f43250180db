//! What is known about a place: hover, completion, hints, links, definitions.

use std::sync::Arc;

use nixtune::report;
use nixtune::rules;
use nixtune::system::Memory;
use serde_json::{Value, json};

use super::editor::{Editor, abilities};
use super::text::{bytes, edited};
use crate::rules::fixture::catalog;

const KEY: &str = "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=";

const MODULE: &str = "{ lib, ... }:
{
  imports = [ ./other.nix ];
  nix.settings = {
    max-jobs = lib.mkDefault 4;
    cores = 4;
    min-free = 5368709120;
    experimental-features = [ \"nix-command\" \"\" ];
    substituters = [ \"https://nix-community.cachix.org\" ];
    trusted-public-keys = [ \"nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=\" ];
    sandbox = true;
  };
  nix.gc.automatic = true;
  # nixtune: allow(gc-absent, accept-flake-config) kept small by hand
}
";

const OTHER: &str = "{ nix.settings.max-jobs = 8; }\n";
const A: &str = "file:///w/a.nix";
const OTHER_URI: &str = "file:///w/other.nix";

fn host(name: &str, threads: u32) -> String {
    format!(
        "[host]\nname = \"{name}\"\nplatform = \"x86_64-linux\"\nthreads = {threads}\nmemory = \"64G\"\n"
    )
}

fn system() -> Memory {
    Memory::new()
        .file("/w/a.nix", MODULE)
        .file("/w/other.nix", OTHER)
        .file("/w/h.toml", host("h", 16))
        .file("/w/nixtune.toml", "host = \"h.toml\"\n")
}

fn editor() -> Editor {
    let mut editor = Editor::of(Arc::new(system()), "file:///w");
    editor.open(A, MODULE);
    editor
}

fn snippets() -> Value {
    let mut can = abilities();
    can["textDocument"]["completion"] = json!({ "completionItem": { "snippetSupport": true } });
    can
}

/// The text of a hover, with the text that it is about.
fn hover(editor: &mut Editor, place: &str) -> Option<(String, String)> {
    let found = editor.at(A, "textDocument/hover", place);
    let text = found["contents"]["value"].as_str()?;
    assert_eq!(found["contents"]["kind"], "markdown");
    let document = &editor.documents[A].text;
    let word = &document[bytes(document, &found["range"], editor.encoding)];
    Some((text.to_owned(), word.to_owned()))
}

#[test]
fn hover_says_the_value_on_each_machine_with_its_chain_and_what_explain_says() {
    let mut editor = editor();
    let (text, word) = hover(&mut editor, "max-|jobs").unwrap();
    assert_eq!(word, "max-jobs");
    for part in [
        "**w/a.nix**",
        "`max-jobs = 8`, certain",
        "from w/other.nix:1",
        "not `4` from w/a.nix:5, priority 1000 (mkDefault)",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // The page is that of `nixtune explain`, for the hardware that the machine has.
    let page = text.split_once("\n\n---\n\n").unwrap().1;
    let host = nixtune::facts::profile::read(&host("h", 16), "h.toml").unwrap();
    let host = host.host.unwrap();
    let expected = report::explain_markdown("max-jobs", catalog(), rules::ALL, Some(&host));
    assert_eq!(page, expected.unwrap());
    assert!(page.contains("for h"), "{page}");

    let (text, word) = hover(&mut editor, "automat|ic").unwrap();
    assert_eq!(word, "automatic");
    assert!(text.contains("`nix.gc.automatic = true`"), "{text}");
    assert!(text.contains("option of a module system"), "{text}");
    editor.quit();
}

#[test]
fn hover_knows_features_caches_and_keys() {
    let mut editor = editor();
    let (text, word) = hover(&mut editor, "nix-comm|and").unwrap();
    assert_eq!(word, "nix-command");
    assert!(
        text.starts_with("**nix-command**: value of experimental-features"),
        "{text}"
    );
    let (cache, word) = hover(&mut editor, "https://nix-com|m").unwrap();
    assert_eq!(word, "https://nix-community.cachix.org");
    assert!(cache.contains(KEY), "{cache}");
    let (text, word) = hover(&mut editor, "mB9FSh|9q").unwrap();
    assert_eq!(word, KEY);
    assert!(
        text.starts_with("The key of a known cache.") && text.ends_with(&cache),
        "{text}"
    );
    editor.replace(A, "mB9FSh9q", "mB9FSh9r");
    let (text, _) = hover(&mut editor, "mB9FSh|9r").unwrap();
    assert!(text.starts_with("**Not** the key"), "{text}");
    // What does not concern Nix is nobody's business here.
    for place in ["impor|ts", "lib.mk|Default", "kept sm|all", "{ li|b, ..."] {
        assert_eq!(hover(&mut editor, place), None, "{place}");
    }
    editor.quit();
}

#[test]
fn hover_tells_machines_apart() {
    let flake = "{
  inputs.nixpkgs.url = \"github:NixOS/nixpkgs/nixos-25.11\";
  outputs = { nixpkgs, ... }: let
    box = jobs: nixpkgs.lib.nixosSystem { system = \"x86_64-linux\"; modules = [ ./a.nix { nix.settings.max-jobs = jobs; } ]; };
  in { nixosConfigurations = { one = box 2; two = box 6; three = box 6; }; };
}
";
    let module = "{ nix.settings.connect-timeout = 5; }\n";
    let system = Memory::new()
        .file("/w/flake.nix", flake)
        .file("/w/a.nix", module);
    let mut editor = Editor::of(Arc::new(system), "file:///w");
    editor.open(A, module);
    let (text, _) = hover(&mut editor, "connect-|timeout").unwrap();
    assert!(
        text.contains("one") && text.contains("two") && text.contains("three"),
        "{text}"
    );
    editor.open("file:///w/flake.nix", flake);
    let found = editor.at("file:///w/flake.nix", "textDocument/hover", "max-|jobs");
    let text = found["contents"]["value"].as_str().unwrap();
    assert!(
        text.contains("`max-jobs = 2`") && text.contains("`max-jobs = 6`"),
        "{text}"
    );
    editor.quit();
}

/// The completions at a place, by label.
fn complete(editor: &mut Editor, uri: &str, place: &str) -> Vec<Value> {
    let found = editor.at(uri, "textDocument/completion", place);
    found.as_array().cloned().unwrap_or_default()
}

fn labels(items: &[Value]) -> Vec<&str> {
    items
        .iter()
        .map(|item| item["label"].as_str().unwrap())
        .collect()
}

/// The document once a completion is taken.
fn taken(editor: &Editor, uri: &str, items: &[Value], label: &str) -> String {
    let item = items.iter().find(|item| item["label"] == label);
    let item = item.unwrap_or_else(|| panic!("no {label} in {:?}", labels(items)));
    let text = &editor.documents[uri].text;
    edited(text, &[item["textEdit"].clone()], editor.encoding)
}

#[test]
fn names_of_settings_and_options_are_completed() {
    let mut editor = editor();
    let items = complete(&mut editor, A, "max-|jobs");
    let current = catalog()
        .settings()
        .iter()
        .filter(|setting| setting.is_current());
    let mut expected: Vec<&str> = current.map(|setting| setting.name).collect();
    expected.sort_unstable();
    assert_eq!(labels(&items), expected);
    assert_eq!(
        taken(&editor, A, &items, "http-connections"),
        MODULE.replace("max-jobs", "http-connections")
    );
    let items = complete(&mut editor, A, "nix.g|c.");
    assert!(labels(&items).contains(&"optimise"), "{:?}", labels(&items));
    assert_eq!(
        taken(&editor, A, &items, "optimise"),
        MODULE.replace("nix.gc", "nix.optimise")
    );
    let items = complete(&mut editor, A, "gc.automatic|");
    assert!(labels(&items).contains(&"options"), "{:?}", labels(&items));
    // Where nothing of Nix stands there is nothing to say.
    for place in ["import|s", "lib.mk|Default", "kept sm|all"] {
        assert_eq!(complete(&mut editor, A, place), [] as [Value; 0], "{place}");
    }
    editor.quit();
}

#[test]
fn a_name_brings_its_value_where_snippets_are_known() {
    let text = "{\n  nix.settings = {\n    acc\n  };\n  nix.gc = {\n    aut\n  };\n}\n";
    let mut editor = Editor::with(Arc::new(system()), &snippets(), &["file:///w"]);
    editor.open(A, text);
    let items = complete(&mut editor, A, "acc|");
    let found = |items: &[Value], label: &str| {
        items
            .iter()
            .find(|item| item["label"] == label)
            .unwrap()
            .clone()
    };
    let item = found(&items, "accept-flake-config");
    assert_eq!(item["insertTextFormat"], 2);
    assert_eq!(
        item["textEdit"]["newText"],
        "accept-flake-config = ${0|true,false|};"
    );
    assert_eq!(found(&items, "cores")["textEdit"]["newText"], "cores = $0;");
    assert_eq!(
        found(&items, "substituters")["textEdit"]["newText"],
        "substituters = [ $0 ];"
    );
    let items = complete(&mut editor, A, "aut|");
    assert_eq!(
        found(&items, "automatic")["textEdit"]["newText"],
        "automatic = ${0|true,false|};"
    );
    let conf = "file:///w/nix.conf";
    editor.open(conf, "acc");
    let items = complete(&mut editor, conf, "acc|");
    let item = found(&items, "accept-flake-config");
    assert_eq!(
        item["textEdit"]["newText"],
        "accept-flake-config = ${0|true,false|}"
    );
    editor.quit();
    // Others get the name and the sign behind it.
    let mut editor = Editor::of(Arc::new(system()), "file:///w");
    editor.open(A, text);
    let items = complete(&mut editor, A, "acc|");
    let item = found(&items, "accept-flake-config");
    assert!(item["insertTextFormat"].is_null());
    assert_eq!(
        taken(&editor, A, &items, "accept-flake-config"),
        text.replace("acc", "accept-flake-config = ")
    );
    editor.quit();
}

#[test]
fn values_features_caches_and_keys_are_completed() {
    let mut editor = editor();
    let items = complete(&mut editor, A, "sandbox = |true");
    assert_eq!(labels(&items), ["false", "relaxed", "true"]);
    assert_eq!(
        taken(&editor, A, &items, "relaxed"),
        MODULE.replace("sandbox = true", "sandbox = \"relaxed\"")
    );
    assert_eq!(
        taken(&editor, A, &items, "false"),
        MODULE.replace("sandbox = true", "sandbox = false")
    );
    let items = complete(&mut editor, A, "automatic = tr|ue");
    assert_eq!(labels(&items), ["false", "true"]);
    let items = complete(&mut editor, A, "mkDefault |4");
    assert_eq!(labels(&items), ["auto"]);

    let items = complete(&mut editor, A, "\"nix-command\" \"|\"");
    assert!(labels(&items).contains(&"flakes"), "{:?}", labels(&items));
    assert!(
        !labels(&items).contains(&"repl-flake"),
        "what is gone is not offered"
    );
    let after = taken(&editor, A, &items, "flakes");
    assert_eq!(after, MODULE.replace("\"\"", "\"flakes\""));

    let items = complete(&mut editor, A, "https://nix-com|m");
    let cache = items
        .iter()
        .find(|item| item["label"] == "https://nix-community.cachix.org")
        .unwrap();
    assert!(
        cache["documentation"]["value"]
            .as_str()
            .unwrap()
            .contains(KEY)
    );
    let after = taken(&editor, A, &items, "https://cache.nixos.org");
    assert_eq!(
        after,
        MODULE.replace(
            "https://nix-community.cachix.org",
            "https://cache.nixos.org"
        )
    );

    let items = complete(&mut editor, A, "mB9FSh|9q");
    let key = items.iter().find(|item| item["label"] == KEY).unwrap();
    // Who types the address of a cache finds its key.
    assert!(
        key["filterText"]
            .as_str()
            .unwrap()
            .contains("https://nix-community.cachix.org")
    );
    assert_eq!(key["detail"], "https://nix-community.cachix.org");
    let mut once = labels(&items);
    once.dedup();
    assert_eq!(once, labels(&items), "each once");
    editor.quit();
}

#[test]
fn the_caches_of_the_house_are_completed() {
    let policy = "[data.caches]\n\"https://nix.corp.example\" = [\"corp-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=\"]\n";
    let system = Memory::new()
        .file("/w/a.nix", MODULE)
        .file("/w/nixtune.toml", policy);
    let mut editor = Editor::of(Arc::new(system), "file:///w");
    editor.open(A, MODULE);
    let items = complete(&mut editor, A, "https://nix-com|m");
    assert!(
        labels(&items).contains(&"https://nix.corp.example"),
        "{:?}",
        labels(&items)
    );
    editor.quit();
}

fn hints(editor: &mut Editor, uri: &str) -> Vec<(String, String)> {
    let range = editor.whole(uri);
    let found = editor.about(uri, "textDocument/inlayHint", json!({ "range": range }));
    let text = &editor.documents[uri].text;
    let hints = found.as_array().unwrap().iter().map(|hint| {
        let at = super::text::byte(text, &hint["position"], editor.encoding);
        let line = text[..at].rsplit('\n').next().unwrap().trim().to_owned();
        (line, hint["label"].as_str().unwrap().to_owned())
    });
    hints.collect()
}

#[test]
fn hints_say_bytes_in_words_and_what_jobs_and_cores_come_to() {
    let mut editor = editor();
    let hint = |line: &str, label: &str| (line.to_owned(), label.to_owned());
    assert_eq!(
        hints(&mut editor, A),
        [hint("min-free = 5368709120", "= 5 GiB")]
    );
    editor.open(OTHER_URI, OTHER);
    assert_eq!(
        hints(&mut editor, OTHER_URI),
        [hint(
            "{ nix.settings.max-jobs = 8",
            "≤ 32 busy of 16 threads"
        )]
    );
    // Only what is asked about.
    let first =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 3, "character": 0 } });
    let found = editor.about(A, "textDocument/inlayHint", json!({ "range": first }));
    assert_eq!(found, json!([]));
    editor.replace(A, "5368709120", "1536 * 1024 * 1024");
    assert_eq!(
        hints(&mut editor, A),
        [hint("min-free = 1536 * 1024 * 1024", "= 1.5 GiB")]
    );
    // Words say it already.
    editor.replace(A, "1536 * 1024 * 1024", "\"5G\"");
    assert_eq!(hints(&mut editor, A), []);
    editor.quit();
}

#[test]
fn rules_that_comments_name_lead_to_their_pages() {
    let mut editor = editor();
    let found = editor.about(A, "textDocument/documentLink", json!({}));
    let links: Vec<(&str, &str)> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|link| {
            let range = bytes(MODULE, &link["range"], editor.encoding);
            (&MODULE[range], link["target"].as_str().unwrap())
        })
        .collect();
    let address = |rule: &str| report::rule_address(rule).unwrap();
    let expected = [
        ("gc-absent", address("gc-absent")),
        ("accept-flake-config", address("accept-flake-config")),
    ];
    let expected: Vec<(&str, &str)> = expected
        .iter()
        .map(|(rule, address)| (*rule, address.as_str()))
        .collect();
    assert_eq!(links, expected);
    editor.quit();
}

#[test]
fn the_definition_that_wins_is_found_in_whatever_file() {
    let mut editor = editor();
    // From the name to the name, from the value to what it is made of.
    for (from, word) in [("max-|jobs", "max-jobs"), ("mkDefault |4", "8")] {
        let found = editor.at(A, "textDocument/definition", from);
        let found = found.as_array().unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0]["uri"], OTHER_URI);
        let text = &OTHER[bytes(OTHER, &found[0]["range"], editor.encoding)];
        assert!(text.ends_with(word), "{from}: {text}");
    }
    // Once the other gives way, this one is it; the other file is not even open.
    editor.replace(A, "lib.mkDefault 4", "lib.mkForce 4");
    let found = editor.at(A, "textDocument/definition", "max-|jobs");
    assert_eq!(found[0]["uri"], A);
    assert_eq!(
        editor.at(A, "textDocument/definition", "impor|ts"),
        Value::Null
    );
    editor.quit();
}

#[test]
fn other_places_of_a_diagnostic_are_told_to_who_shows_them() {
    let text = "{ imports = [ ./other.nix ]; nix.settings.max-jobs = 4; }\n";
    let system = Memory::new()
        .file("/w/a.nix", text)
        .file("/w/other.nix", OTHER);
    let system = Arc::new(system);
    for related in [true, false] {
        let mut can = abilities();
        can["textDocument"]["publishDiagnostics"] = json!({ "relatedInformation": related });
        let mut editor = Editor::with(Arc::clone(&system) as _, &can, &["file:///w"]);
        editor.open(A, text);
        editor.settle();
        let all = editor.shown.values().flatten();
        let others: Vec<&Value> = all
            .filter(|one| !one["relatedInformation"].is_null())
            .collect();
        assert_eq!(!others.is_empty(), related);
        for one in others {
            for place in one["relatedInformation"].as_array().unwrap() {
                let uri = place["location"]["uri"].as_str().unwrap();
                assert!([A, OTHER_URI].contains(&uri), "{uri}");
                assert!(!place["message"].as_str().unwrap().is_empty());
            }
        }
        editor.quit();
    }
}

#[test]
fn a_diagnostic_says_where_its_rule_is_explained() {
    let mut editor = editor();
    editor.settle();
    for one in editor.shown.values().flatten() {
        let rule = one["code"].as_str().unwrap();
        assert_eq!(one["source"], "nixtune");
        match report::rule_address(rule) {
            Some(address) => assert_eq!(one["codeDescription"]["href"], address.as_str()),
            None => assert!(one["codeDescription"].is_null()),
        }
    }
    editor.quit();
}
