//! The protocol itself: the handshake, what is not understood, what is taken back, the end; and
//! documents that no person writes.

use std::path::Path;
use std::sync::Arc;

use lsp_server::{Connection, Message, Notification, Request, RequestId};
use nixtune::catalog::Catalog;
use nixtune::lsp::{ServeError, serve};
use nixtune::system::Memory;
use serde_json::{Value, json};

use super::editor::{Editor, Refused, abilities, hello, pulling};
use super::text::Encoding;
use super::trees::{all_shown, lint, reported};

const BAD: &str = "{ nix.settings.accept-flake-config = true; }\n";
const URI: &str = "file:///w/a.nix";
const RULE: &str = "accept-flake-config";

fn system(text: &str) -> Arc<Memory> {
    Arc::new(Memory::new().file("/w/a.nix", text))
}

fn code(refused: Result<Value, Refused>) -> i32 {
    refused.unwrap_err().code
}

#[test]
fn the_handshake_says_what_the_server_can_do() {
    let mut editor = Editor::of(system(BAD), "file:///w");
    assert_eq!(editor.server["serverInfo"]["name"], "nixtune");
    assert_eq!(
        editor.server["serverInfo"]["version"],
        env!("CARGO_PKG_VERSION")
    );
    let can = &editor.server["capabilities"];
    assert_eq!(can["textDocumentSync"]["change"], 2);
    for ability in [
        "hoverProvider",
        "completionProvider",
        "definitionProvider",
        "codeActionProvider",
        "documentLinkProvider",
        "inlayHintProvider",
        "diagnosticProvider",
        "executeCommandProvider",
    ] {
        assert!(!can[ability].is_null(), "{ability}");
    }
    // What nixd and nil do is left to them.
    for ability in [
        "renameProvider",
        "documentFormattingProvider",
        "referencesProvider",
        "semanticTokensProvider",
    ] {
        assert!(can[ability].is_null(), "{ability}");
    }
    editor.settle();
    editor.quit();
}

#[test]
fn columns_are_counted_as_the_client_offers() {
    let text =
        "{ nix.settings.accept-flake-config = /* ö😀 */ true; nix.settings.conect-timeout = 5; }\n";
    for (offered, taken) in [
        (json!(null), Encoding::Utf16),
        (json!(["utf-16"]), Encoding::Utf16),
        (json!(["utf-32", "utf-16", "utf-8"]), Encoding::Utf8),
        (json!(["utf-32"]), Encoding::Utf32),
        (json!(["utf-7"]), Encoding::Utf16),
    ] {
        let system = system(text);
        let mut can = abilities();
        can["general"] = json!({ "positionEncodings": offered });
        let mut editor = Editor::with(Arc::clone(&system) as _, &can, &["file:///w"]);
        assert_eq!(editor.encoding, taken, "{offered}");
        editor.open(URI, text);
        editor.settle();
        assert_eq!(editor.rules(URI).len(), 2);
        let expected = reported(&lint(&*system, Path::new("/w")), taken);
        assert_eq!(all_shown(&editor), expected);
        // Behind the wide characters.
        editor.replace(URI, "conect", "connect");
        editor.settle();
        assert_eq!(editor.rules(URI), [RULE]);
        editor.quit();
    }
}

#[test]
fn files_are_watched_by_who_can() {
    let mut can = abilities();
    can["workspace"]["didChangeWatchedFiles"] = json!({ "dynamicRegistration": true });
    let mut editor = Editor::with(system(BAD), &can, &["file:///w"]);
    editor.settle();
    let (method, params) = &editor.asked[0];
    assert_eq!(method, "client/registerCapability");
    let registered = &params["registrations"][0];
    assert_eq!(registered["method"], "workspace/didChangeWatchedFiles");
    let watchers = registered["registerOptions"]["watchers"].to_string();
    for pattern in ["*.nix", "flake.lock", "toml"] {
        assert!(watchers.contains(pattern), "{watchers}");
    }
    editor.quit();
    // Others are not asked for what they cannot do.
    let mut editor = Editor::of(system(BAD), "file:///w");
    editor.settle();
    assert!(editor.asked.is_empty());
    editor.quit();
}

#[test]
fn what_is_not_understood_is_refused_and_forgotten() {
    let mut editor = Editor::of(system(BAD), "file:///w");
    editor.open(URI, BAD);
    assert_eq!(
        code(editor.request("textDocument/nonsense", json!({}))),
        -32601
    );
    assert_eq!(code(editor.request("$/nonsense", json!({}))), -32601);
    let wrong = [
        json!(null),
        json!({}),
        json!([1, 2]),
        json!("text"),
        json!({ "textDocument": { "uri": 7 }, "position": { "line": 0, "character": 0 } }),
        json!({ "textDocument": { "uri": URI }, "position": { "line": -1, "character": 0 } }),
        json!({ "textDocument": { "uri": "no uri at all\u{0}" }, "position": { "line": 0, "character": 0 } }),
    ];
    for params in &wrong {
        for method in [
            "hover",
            "completion",
            "definition",
            "codeAction",
            "inlayHint",
        ] {
            let method = format!("textDocument/{method}");
            assert_eq!(
                code(editor.request(&method, params.clone())),
                -32602,
                "{method} {params}"
            );
        }
        for method in [
            "textDocument/didOpen",
            "textDocument/didChange",
            "textDocument/didClose",
            "textDocument/didSave",
            "workspace/didChangeWatchedFiles",
            "workspace/didChangeWorkspaceFolders",
            "workspace/didChangeConfiguration",
            "$/cancelRequest",
            "$/setTrace",
            "$/nonsense",
            "nonsense",
            "initialized",
        ] {
            // Settings may have any shape; these have none.
            if method != "workspace/didChangeConfiguration" || !params.is_object() {
                editor.notify(method, params.clone());
            }
        }
    }
    assert_eq!(
        code(editor.request("initialize", hello(&abilities(), &[]))),
        -32601
    );
    // Documents that were never opened.
    editor.notify(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": "file:///w/x.nix" } }),
    );
    editor.notify("textDocument/didChange", json!({
        "textDocument": { "uri": "file:///w/x.nix", "version": 3 }, "contentChanges": [{ "text": BAD }],
    }));
    editor.settle();
    assert_eq!(editor.rules(URI), [RULE]);
    assert_eq!(editor.shown.len(), 1);
    editor.quit();
}

#[test]
fn positions_behind_the_text_are_its_end() {
    let mut editor = Editor::of(system(BAD), "file:///w");
    editor.open(URI, BAD);
    let far = json!({ "line": 4_000_000_000_u32, "character": 4_000_000_000_u32 });
    let start = json!({ "line": 0, "character": 0 });
    for (from, to) in [(&start, &far), (&far, &start), (&far, &far)] {
        editor.actions(URI, &json!({ "start": from, "end": to }), None);
        let range = json!({ "range": { "start": from, "end": to } });
        editor.about(URI, "textDocument/inlayHint", range);
        editor.about(URI, "textDocument/hover", json!({ "position": from }));
        editor.about(URI, "textDocument/completion", json!({ "position": to }));
    }
    // A change behind the end is one at the end.
    editor.notify(
        "textDocument/didChange",
        json!({
            "textDocument": { "uri": URI, "version": 2 },
            "contentChanges": [{ "range": { "start": far, "end": far }, "text": "# end" }],
        }),
    );
    let document = editor.documents.get_mut(URI).unwrap();
    document.version = 2;
    document.text.push_str("# end");
    editor.change(URI, &[(0..1, "{ ")]);
    editor.settle();
    assert_eq!(editor.rules(URI), [RULE]);
    assert_eq!(editor.shown(URI)[0]["range"]["start"]["character"], 3);
    editor.quit();
}

#[test]
fn a_request_that_is_taken_back_is_answered_with_that() {
    let mut editor = Editor::of(system(BAD), "file:///w");
    editor.open(URI, BAD);
    let at = json!({ "textDocument": { "uri": URI }, "position": { "line": 0, "character": 20 } });
    // Some are worked on before they are taken back: each is answered, once, in one way or the other.
    let mut codes = Vec::new();
    for round in 0..200 {
        editor.change(URI, &[(0..1, "{")]);
        let id = editor.ask("textDocument/hover", at.clone());
        editor.notify("$/cancelRequest", json!({ "id": id }));
        // Again, and one that was never sent.
        editor.notify("$/cancelRequest", json!({ "id": id }));
        editor.notify("$/cancelRequest", json!({ "id": "unknown" }));
        if round % 10 == 0 {
            let answer = editor.request("textDocument/hover", at.clone()).unwrap();
            assert!(answer.to_string().contains(RULE));
        }
        codes.push(editor.answer(id).map_err(|refused| refused.code));
    }
    let taken_back = codes.iter().filter(|code| **code == Err(-32800)).count();
    assert!(taken_back > 0, "{codes:?}");
    assert!(
        codes
            .iter()
            .all(|code| code.is_ok() || *code == Err(-32800))
    );
    editor.settle();
    editor.quit();
}

#[test]
fn answers_speak_of_the_text_that_was_there_when_it_was_asked() {
    let mut editor = Editor::of(system("{ }\n"), "file:///w");
    editor.open(URI, "{ }\n");
    let mut asked = Vec::new();
    for number in 1..40_u64 {
        editor.rewrite(
            URI,
            &format!(
                "{{ nix.settings.download-buffer-size = {}; }}\n",
                number << 30
            ),
        );
        let range = editor.whole(URI);
        let params = json!({ "textDocument": { "uri": URI }, "range": range });
        asked.push((number, editor.ask("textDocument/inlayHint", params)));
    }
    for (number, id) in asked {
        let hints = editor.answer(id).unwrap();
        assert_eq!(hints[0]["label"], format!("= {number} GiB"), "{hints}");
    }
    editor.quit();
}

#[test]
fn the_names_of_pulled_diagnostics_spare_sending_them_again() {
    let mut editor = Editor::with(system(BAD), &pulling(), &["file:///w"]);
    editor.open(URI, BAD);
    let first = editor.about(URI, "textDocument/diagnostic", json!({}));
    let name = first["resultId"].clone();
    let again = json!({ "previousResultId": name });
    let second = editor.about(URI, "textDocument/diagnostic", again.clone());
    assert_eq!(second, json!({ "kind": "unchanged", "resultId": name }));
    editor.change(URI, &[(0..0, "\n")]);
    let third = editor.about(URI, "textDocument/diagnostic", again);
    assert_eq!(third["kind"], "full");
    assert_eq!(third["items"][0]["range"]["start"]["line"], 1);

    let known = json!({ "previousResultIds": [{ "uri": URI, "value": third["resultId"] }] });
    let report = editor
        .request("workspace/diagnostic", known.clone())
        .unwrap();
    assert_eq!(report["items"][0]["kind"], "unchanged", "{report}");
    assert_eq!(report["items"][0]["version"], 2);
    editor.rewrite(URI, "{ }\n");
    let report = editor.request("workspace/diagnostic", known).unwrap();
    assert_eq!(report["items"][0]["kind"], "full");
    assert_eq!(report["items"][0]["items"], json!([]));
    editor.quit();
}

#[test]
fn who_pulls_is_told_when_other_files_change() {
    let text = "{ nix.settings.accept-flake-config = (import ./v.nix).x; }\n";
    let system = Memory::new()
        .file("/w/a.nix", text)
        .file("/w/v.nix", "{ x = false; }\n");
    let mut editor = Editor::with(Arc::new(system), &pulling(), &["file:///w"]);
    editor.open("file:///w/v.nix", "{ x = false; }\n");
    editor.settle();
    editor.asked.clear();
    editor.replace("file:///w/v.nix", "false", "true");
    editor.settle();
    let methods: Vec<&str> = editor
        .asked
        .iter()
        .map(|(method, _)| method.as_str())
        .collect();
    assert_eq!(methods, ["workspace/diagnostic/refresh"]);
    editor.quit();
}

#[test]
fn the_end_comes_in_every_way() {
    // After `shutdown` nothing but `exit` is in order.
    let mut editor = Editor::of(system(BAD), "file:///w");
    editor.request("shutdown", Value::Null).unwrap();
    editor.ask("textDocument/hover", json!({}));
    assert!(matches!(editor.ended(), Err(ServeError::Protocol(_))));
    // A client that is gone is no mistake of the server.
    let mut editor = Editor::of(system(BAD), "file:///w");
    editor.open(URI, BAD);
    editor.settle();
    editor.vanish().unwrap();
    // In the middle of work.
    let editor = Editor::of(system(BAD), "file:///w");
    editor.vanish().unwrap();
    // `exit` without `shutdown`.
    let editor = Editor::of(system(BAD), "file:///w");
    editor.notify("exit", Value::Null);
    assert!(matches!(editor.ended(), Err(ServeError::Left)));
}

/// Speaks to a server that has not been greeted.
fn ungreeted(messages: Vec<Message>) -> (Result<(), ServeError>, Vec<Message>) {
    let (server, client) = Connection::memory();
    for message in messages {
        client.sender.send(message).unwrap();
    }
    let (sender, receiver) = (client.sender, client.receiver);
    drop(sender);
    let ended = serve(&server, &Memory::new(), &Catalog::embedded());
    drop(server);
    (ended, receiver.iter().collect())
}

#[test]
fn before_the_handshake_nothing_is_answered() {
    let hover = Request::new(
        RequestId::from(1),
        "textDocument/hover".to_owned(),
        json!({}),
    );
    let opened = Notification::new("textDocument/didOpen".to_owned(), json!({}));
    let greeting = Request::new(
        RequestId::from(2),
        "initialize".to_owned(),
        hello(&abilities(), &[]),
    );
    let greeted = Notification::new("initialized".to_owned(), json!({}));
    let goodbye = Request::new(RequestId::from(3), "shutdown".to_owned(), Value::Null);
    let exit = Notification::new("exit".to_owned(), Value::Null);
    let (ended, said) = ungreeted(vec![
        hover.into(),
        opened.into(),
        greeting.into(),
        greeted.into(),
        goodbye.into(),
        exit.into(),
    ]);
    ended.unwrap();
    let codes: Vec<Option<i32>> = said
        .iter()
        .map(|message| match message {
            Message::Response(response) => {
                response.response_result.as_ref().err().map(|it| it.code)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(codes, [Some(-32002), None, None]);
}

#[test]
fn a_greeting_that_cannot_be_read_is_an_error() {
    let greeting = Request::new(
        RequestId::from(1),
        "initialize".to_owned(),
        json!({ "capabilities": 7 }),
    );
    let (ended, said) = ungreeted(vec![greeting.into()]);
    let error = ended.unwrap_err();
    assert!(matches!(error, ServeError::Initialize(_)), "{error}");
    assert!(
        matches!(&said[..], [Message::Response(response)] if response.response_result.is_err()),
        "{said:?}"
    );
}

/// A document in every state of an editor: opened, changed at its ends, asked, closed.
fn survives(text: &str, find: &str) {
    let mut editor = Editor::of(system("{ }\n"), "file:///w");
    editor.open(URI, text);
    editor.settle();
    let first = editor
        .rules(URI)
        .iter()
        .map(|rule| (*rule).to_owned())
        .collect::<Vec<_>>();
    assert!(first.iter().any(|rule| rule == find), "{first:?}");
    editor.change(URI, &[(0..0, "\n")]);
    let end = editor.documents[URI].text.len();
    editor.change(URI, &[(end..end, "\n")]);
    for method in ["hover", "completion", "definition"] {
        let at = json!({ "position": { "line": 1, "character": 3 } });
        editor.about(URI, &format!("textDocument/{method}"), at);
    }
    let line =
        json!({ "start": { "line": 1, "character": 0 }, "end": { "line": 1, "character": 10 } });
    editor.about(URI, "textDocument/inlayHint", json!({ "range": line }));
    editor.actions(URI, &line, None);
    editor.settle();
    assert_eq!(editor.rules(URI), first);
    editor.close(URI);
    editor.settle();
    assert!(editor.shown.is_empty());
    editor.quit();
}

#[test]
fn a_document_of_ten_megabytes_is_worked_on() {
    let mut text = String::with_capacity(11 << 20);
    text.push_str("{ nix.settings.accept-flake-config = true;\n");
    let mut number = 0;
    while text.len() < 10 << 20 {
        text.push_str(&format!(
            "  # {number} filling, filling, filling, filling, filling, filling, filling, filling\n"
        ));
        number += 1;
    }
    text.push_str("}\n");
    survives(&text, RULE);
}

#[test]
fn deep_nesting_is_a_diagnostic() {
    let depth = 200_000;
    let text = format!(
        "{{ nix.settings.max-jobs = {}1{}; }}\n",
        "(".repeat(depth),
        ")".repeat(depth)
    );
    let mut editor = Editor::of(system("{ }\n"), "file:///w");
    editor.open(URI, &text);
    editor.settle();
    assert!(!editor.shown(URI).is_empty());
    let at = json!({ "position": { "line": 0, "character": 20 } });
    for method in ["hover", "completion", "definition"] {
        editor.about(URI, &format!("textDocument/{method}"), at.clone());
    }
    let middle = json!({ "position": { "line": 0, "character": depth } });
    for method in ["hover", "completion", "definition"] {
        editor.about(URI, &format!("textDocument/{method}"), middle.clone());
    }
    editor.rewrite(URI, BAD);
    editor.settle();
    assert_eq!(editor.rules(URI), [RULE]);
    editor.quit();
}

#[test]
fn zeros_and_every_end_of_line_are_followed() {
    for end in ["\n", "\r\n", "\r"] {
        let text = [
            "{",
            "  # ö😀",
            "  nix.settings.accept-flake-config = true;",
            "}",
            "",
        ]
        .join(end);
        let mut editor = Editor::of(system("{ }\n"), "file:///w");
        editor.open(URI, &text);
        editor.settle();
        // A lone CR ends no comment in Nix: what follows is one.
        if end != "\r" {
            assert_eq!(editor.rules(URI), [RULE], "{end:?}");
            assert_eq!(
                editor.shown(URI)[0]["range"]["start"],
                json!({ "line": 2, "character": 2 })
            );
        }
        editor.replace(URI, "# ö😀", "/* */");
        editor.settle();
        assert_eq!(editor.rules(URI), [RULE], "{end:?}");
        assert_eq!(
            editor.shown(URI)[0]["range"]["start"],
            json!({ "line": 2, "character": 2 })
        );
        // What is written into a document keeps to its line ends.
        let range = editor.shown(URI)[0]["range"].clone();
        for action in editor.actions(URI, &range, None) {
            if !action["edit"].is_null() {
                let after = editor.after(&action["edit"]);
                let lone = after[URI].replace("\r\n", "").contains('\n');
                assert!(!lone || end != "\r\n", "{end:?}: {after:?}");
            }
        }
        editor.quit();
    }
    for (zero, rule) in [
        ("true; /* \0 */", RULE),
        ("true; x = \"\0\";", "syntax-error"),
        ("\0;", "syntax-error"),
    ] {
        let text = format!("{{ nix.settings.accept-flake-config = {zero} }}\n");
        survives(&text, rule);
    }
    // Nix refuses the mark, and it counts as a character.
    let marked = "\u{feff}{ nix.settings.accept-flake-config = true; }\n";
    let mut editor = Editor::of(system("{ }\n"), "file:///w");
    editor.open(URI, marked);
    editor.settle();
    assert_eq!(editor.rules(URI)[0], "syntax-error");
    editor.replace(URI, "= true", "= false");
    editor.change(URI, &[(0..3, "")]);
    editor.settle();
    assert!(editor.shown.is_empty(), "{:?}", editor.shown);
    editor.quit();
}
