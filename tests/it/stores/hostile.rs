//! Caches that hang, lie, lead astray, or are none.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value as Json;

use super::Lab;
use super::server::{Reply, Server, file};

/// A store with one path, and what `nixtune` says about a cache that answers like this.
fn asked(answer: impl Fn(&Lab, &str) -> Reply + Send + Sync + 'static) -> (Json, Option<i32>) {
    let lab = std::sync::Arc::new(Lab::modern(""));
    let (key, secret) = lab.key("lab-1");
    let lib = lab.build("lib");
    lab.copy_to("cache", Some(&secret), &[&lib]);
    let shared = lab.clone();
    let server = Server::new(Duration::ZERO, move |path| answer(&shared, path));
    let url = server.url();
    lab.analyze(&["cache", &url, "--key", &key, "--timeout", "1"])
}

/// The same, where everything but narinfos is in order.
fn narinfo(answer: impl Fn(&Lab, &str) -> Reply + Send + Sync + 'static) -> (Json, Option<i32>) {
    asked(move |lab, path| match path {
        "/nix-cache-info" => file(&lab.path("cache"), path),
        _ => answer(lab, path),
    })
}

fn problem(json: &Json) -> &str {
    json["caches"][0]["problems"][0]
        .as_str()
        .unwrap_or_else(|| panic!("{json:#}"))
}

#[test]
fn a_cache_that_does_not_answer_is_given_up() {
    let (json, code) = asked(|_, _| Reply::Hang);
    assert_eq!(code, Some(1));
    assert_eq!(json["caches"][0]["reach"], "failed");
    assert_eq!(problem(&json), "no answer within 1 s");
    let (json, _) = asked(|_, _| Reply::Close);
    assert!(problem(&json).starts_with("no whole answer: "), "{json:#}");
    // Nobody listens.
    let lab = Lab::modern("");
    let (json, code) = lab.analyze(&["cache", "http://127.0.0.1:1"]);
    assert_eq!(code, Some(1));
    assert!(problem(&json).starts_with("no connection: "), "{json:#}");
}

#[test]
fn narinfos_that_never_come_are_given_up() {
    let (json, code) = narinfo(|_, _| Reply::Hang);
    assert_eq!(code, Some(1));
    assert_eq!(problem(&json), "did not answer 1 of 1 questions");
}

#[test]
fn an_endless_answer_is_cut() {
    let (json, code) = asked(|_, _| Reply::Endless);
    assert_eq!(code, Some(1));
    assert_eq!(problem(&json), "the answer is longer than 1 MiB");
}

#[test]
fn redirections_end() {
    let (json, _) = asked(|_, path| Reply::Redirect(format!("{path}x")));
    assert_eq!(problem(&json), "is redirected more than 5 times");
    // One is followed.
    let (json, code) = asked(|lab, path| match path.strip_prefix("/moved") {
        Some(path) => file(&lab.path("cache"), path),
        None => Reply::Redirect(format!("/moved{path}")),
    });
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["caches"][0]["signing"]["verdict"], "verified");
}

#[test]
fn a_page_for_people_is_no_cache() {
    let (json, _) = asked(|_, _| Reply::Answer(200, b"<html>\n<p>hello</p>\n".to_vec()));
    assert_eq!(
        problem(&json),
        "is no cache: its nix-cache-info line 1 is no `Key: value`"
    );
    let (json, _) = asked(|_, _| Reply::Answer(404, Vec::new()));
    assert_eq!(
        problem(&json),
        "is no cache: it answers 404 for nix-cache-info"
    );
}

#[test]
fn an_answer_about_another_path_is_a_lie() {
    let (json, code) = narinfo(|lab, path| {
        let Reply::Answer(200, body) = file(&lab.path("cache"), path) else {
            return Reply::Answer(404, Vec::new());
        };
        let text = String::from_utf8(body).unwrap();
        let hash = path.trim_start_matches('/').trim_end_matches(".narinfo");
        Reply::Answer(200, text.replace(hash, &"0".repeat(32)).into_bytes())
    });
    assert_eq!(code, Some(1));
    assert_eq!(json["caches"][0]["signing"]["verdict"], "corrupt");
    assert!(problem(&json).contains("is about "), "{json:#}");
    let (json, _) = narinfo(|_, _| Reply::Answer(200, b"StorePath: x\n".to_vec()));
    assert!(
        problem(&json).contains("`StorePath: x` is wrong"),
        "{json:#}"
    );
}

#[test]
fn a_cache_for_another_store_is_of_no_use() {
    let (json, code) = asked(|_, path| match path {
        "/nix-cache-info" => Reply::Answer(200, b"StoreDir: /gnu/store\n".to_vec()),
        _ => Reply::Answer(404, Vec::new()),
    });
    assert_eq!(code, Some(1));
    assert_eq!(json["caches"][0]["store_dir_matches"], false);
    assert!(
        problem(&json).contains("holds paths of /gnu/store"),
        "{json:#}"
    );
}

#[test]
fn what_fails_in_passing_is_asked_again() {
    let asked_before = AtomicUsize::new(0);
    let (json, code) = asked(move |lab, path| {
        if asked_before
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(3)
        {
            Reply::Answer(503, Vec::new())
        } else {
            file(&lab.path("cache"), path)
        }
    });
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["caches"][0]["signing"]["verdict"], "verified");
}

#[test]
fn what_cannot_be_asked_is_said() {
    let lab = Lab::modern("");
    let output = lab.nixtune().args(["analyze", "cache"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("`substituters` is empty"), "{said}");
    let output = lab
        .nixtune()
        .env("PATH", "/nowhere")
        .args(["analyze", "cache"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("`nix` is not on the PATH"), "{said}");
    let (json, code) = lab.analyze(&["cache", "s3://bucket", "ssh://host", "nonsense"]);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["caches"][0]["reach"], "not-asked");
    // A password in an address is not shown.
    let output = lab
        .nixtune()
        .args(["analyze", "cache", "http://me:hunter22@127.0.0.1:1"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("hunter22"), "{text}");
}
