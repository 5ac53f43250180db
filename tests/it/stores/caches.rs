//! `nixtune analyze cache` against caches that real Nix made and signed.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value as Json;

use super::Lab;
use super::server::Server;
use crate::oracle::oracles;

fn strings(list: &Json, field: &str) -> BTreeSet<String> {
    let items = list.as_array().unwrap().iter();
    items
        .map(|item| item[field].as_str().unwrap().to_owned())
        .collect()
}

/// The paths that Nix itself lists under a heading of `nix-store --realise --dry-run`.
fn announced(text: &str, heading: &str) -> BTreeSet<String> {
    text.lines()
        .skip_while(|line| !line.contains(heading))
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .map(|line| line.trim().to_owned())
        .collect()
}

#[test]
fn what_nix_signed_is_verified_and_counted() {
    for oracle in oracles() {
        let lab = Lab::new(oracle, "");
        let (key, secret) = lab.key("lab-1");
        let (app, other) = (lab.build("app"), lab.build("other"));
        let first = lab.copy_to("first", Some(&secret), &[&app]);
        let second = lab.copy_to("second", Some(&secret), &[&app, &other]);
        let server = Server::of_folder(Duration::ZERO, first);
        let (near, far) = (server.url(), format!("file://{}", second.display()));
        lab.configure(&format!(
            "substituters = {far}?priority=60 {near}?priority=50\ntrusted-public-keys = {key} spare-1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        ));
        let (json, code) = lab.analyze(&["cache"]);
        assert_eq!(code, Some(0), "{json:#}");
        let caches = &json["caches"];
        // By priority, not by the order of the list.
        assert_eq!(caches[0]["url"], format!("{near}?priority=50"));
        assert_eq!(caches[0]["protocol"], "HTTP/1.1");
        assert_eq!(caches[1]["protocol"], Json::Null);
        for cache in caches.as_array().unwrap() {
            assert_eq!(cache["signing"]["verdict"], "verified", "{cache:#}");
            assert_eq!(cache["signing"]["key_names"][0], "lab-1");
            assert_eq!(cache["store_dir"], lab.path("store").to_str().unwrap());
            assert!(cache["latency_ms"].as_f64().unwrap() > 0.0, "{cache:#}");
        }
        // lib, app, glue and other are in the store.
        let here = fs::read_dir(lab.path("store")).unwrap().flatten();
        let here = here.filter(|entry| {
            let name = entry.file_name().into_string().unwrap();
            !name.starts_with('.') && !name.ends_with(".drv") && !name.ends_with(".lock")
        });
        assert_eq!(caches[0]["asked_paths"], here.count());
        assert_eq!(caches[0]["has_paths"], 2);
        assert_eq!(caches[1]["has_paths"], 3);
        assert_eq!(caches[0]["only_here_paths"], 0);
        assert_eq!(caches[1]["only_here_paths"], 1);
        assert_eq!(caches[1]["had_before_paths"], 2);
        assert_eq!(json["unused_keys"], serde_json::json!(["spare-1"]));
    }
}

#[test]
fn every_signature_that_nix_makes_verifies_and_no_other_does() {
    let lab = Lab::modern("");
    let (key, secret) = lab.key("lab-1");
    let (_, other_secret) = lab.key("other-1");
    let app = lab.build("app");
    let judged = |folder: &std::path::Path, keys: &[&str]| {
        let url = format!("file://{}", folder.display());
        let mut arguments = vec!["cache", &url];
        for key in keys {
            arguments.extend(["--key", key]);
        }
        let (json, code) = lab.analyze(&arguments);
        let signing = &json["caches"][0]["signing"];
        (signing["verdict"].as_str().unwrap().to_owned(), code)
    };
    let signed = lab.copy_to("signed", Some(&secret), &[&app]);
    let verdict = |word: &str, code| (word.to_owned(), Some(code));
    assert_eq!(judged(&signed, &[&key]), verdict("verified", 0));
    assert_eq!(judged(&signed, &[]), verdict("untrusted-key", 1));
    // A key of the same name with another body.
    let pasted = "lab-1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_eq!(judged(&signed, &[pasted]), verdict("wrong-signature", 1));
    // Nix itself signs with a second key; one that is trusted is enough.
    let both = lab.copy_to("both", Some(&other_secret), &[&app]);
    lab.nix(
        "nix",
        &[
            "store",
            "sign",
            "--store",
            &format!("file://{}", both.display()),
            "--key-file",
            secret.to_str().unwrap(),
            "--recursive",
            &app,
        ],
    );
    assert_eq!(judged(&both, &[&key]), verdict("verified", 0));
    let unsigned = lab.copy_to("unsigned", None, &[&app]);
    assert_eq!(judged(&unsigned, &[&key]), verdict("unsigned", 1));
    // What is changed on the way is noticed.
    for entry in fs::read_dir(&signed).unwrap().flatten() {
        if entry
            .path()
            .extension()
            .is_some_and(|ending| ending == "narinfo")
        {
            let text = fs::read_to_string(entry.path()).unwrap();
            let changed = text.replace("NarSize: 1", "NarSize: 2");
            assert_ne!(text, changed);
            fs::write(entry.path(), changed).unwrap();
        }
    }
    assert_eq!(judged(&signed, &[&key]), verdict("wrong-signature", 1));
}

#[test]
fn a_closure_needs_what_nix_says_it_needs() {
    for oracle in oracles() {
        let lab = Lab::new(oracle, "");
        let (key, secret) = lab.key("lab-1");
        let (app, lib) = (lab.derivation("app"), lab.build("lib"));
        let cache = lab.copy_to("cache", Some(&secret), &[&lib]);
        let server = Server::of_folder(Duration::ZERO, cache);
        lab.configure(&format!(
            "substituters = {}\ntrusted-public-keys = {key}\n",
            server.url()
        ));
        lab.nix("nix-store", &["--delete", "--ignore-liveness", &lib]);
        let plan = lab.nix_output("nix-store", &["--realise", "--dry-run", &app]);
        let plan = String::from_utf8(plan.stderr).unwrap();
        let (json, code) = lab.analyze(&["cache", "--closure", &app]);
        assert_eq!(code, Some(0), "{json:#}");
        let closure = &json["closure"];
        assert_eq!(
            strings(&closure["built"], "path"),
            announced(&plan, "will be built"),
            "{plan}"
        );
        assert_eq!(
            strings(&closure["fetched"], "path"),
            announced(&plan, "will be fetched"),
            "{plan}"
        );
        assert_eq!(strings(&closure["fetched"], "path").len(), 1);
        // An attribute is evaluated by Nix and means the same.
        let (again, _) = lab.analyze(&["cache", "--closure", &app, "--cold"]);
        assert_eq!(again["closure"]["built"], closure["built"]);
        let causes: Vec<_> = closure["built"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["cause"].as_str().unwrap())
            .collect();
        assert_eq!(causes, ["nowhere-cached", "substitutes-forbidden"]);
        // The bytes are those that Nix reports for the cache.
        let info = lab.nix(
            "nix",
            &["path-info", "--json", "--store", &server.url(), &lib],
        );
        let info: Json = serde_json::from_str(&info).unwrap();
        let info = match &info {
            Json::Array(all) => all[0].clone(),
            other => other[&lib].clone(),
        };
        assert_eq!(
            closure["fetched"][0]["download_bytes"],
            info["downloadSize"]
        );
        assert_eq!(closure["fetched"][0]["nar_bytes"], info["narSize"]);
    }
}

#[test]
fn what_only_this_store_has_is_named() {
    let lab = Lab::modern("");
    let (key, secret) = lab.key("lab-1");
    let (app, lib) = (lab.build("app"), lab.build("lib"));
    let cache = lab.copy_to("cache", Some(&secret), &[&lib]);
    let url = format!("file://{}", cache.display());
    let mut child: std::process::Child = {
        let mut command: Command = lab.nixtune();
        command
            .args([
                "analyze",
                "cache",
                &url,
                "--key",
                &key,
                "--format",
                "json",
                "--closure",
                "-",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    child
        .stdin
        .take()
        .unwrap()
        .write_all(format!("{app}\n").as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let json: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["closure"]["local_only"][0]["path"], app);
    assert_eq!(json["closure"]["present"], serde_json::json!([lib]));
}

#[test]
fn people_see_a_table_and_what_is_worth_a_look() {
    let lab = Lab::modern("");
    let (_, secret) = lab.key("lab-1");
    let lib = lab.build("lib");
    let cache = lab.copy_to("cache", Some(&secret), &[&lib]);
    let server = Server::of_folder(Duration::ZERO, cache);
    lab.configure(&format!(
        "substituters = {}\ntrusted-public-keys =\n",
        server.url()
    ));
    let output = lab
        .nixtune()
        .args(["analyze", "cache", "--closure", &lib])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    for part in [
        "HTTP/1.1",
        "lab-1: not trusted",
        "Worth a look",
        "signed by no trusted key",
        &lib,
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    assert!(output.stderr.is_empty());
}

#[test]
fn many_questions_are_open_at_the_same_time() {
    let lab = Lab::modern("");
    let server = Server::new(Duration::from_millis(20), |path| match path {
        "/nix-cache-info" => super::server::Reply::Answer(200, b"StoreDir: /nix/store\n".to_vec()),
        _ => super::server::Reply::Answer(404, Vec::new()),
    });
    let paths: Vec<String> = (0..200_u32)
        .map(|number| {
            let digits: String = format!("{number:032}");
            format!("/nix/store/{digits}-p")
        })
        .collect();
    let url = server.url();
    let mut arguments = vec!["cache", &url, "--sample", "0", "--closure"];
    arguments.extend(paths.iter().map(String::as_str));
    let mut command = lab.nixtune();
    let output = command
        .env("NIX_STORE_DIR", "/nix/store")
        .arg("analyze")
        .args(&arguments)
        .args(["--format", "json"])
        .output()
        .unwrap();
    let json: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["closure"]["missing"].as_array().unwrap().len(), 200);
    assert_eq!(json["closure"]["questions"], 200);
    // Some for what it says about itself and how fast it is.
    assert!(
        (200..220).contains(&server.requests()),
        "{}",
        server.requests()
    );
    assert!(
        (8..=129).contains(&server.most_at_once()),
        "{}",
        server.most_at_once()
    );
}

#[test]
fn a_cache_that_wants_a_password_gets_that_of_netrc() {
    let lab = Lab::modern("");
    let (key, secret) = lab.key("lab-1");
    let app = lab.build("app");
    let folder = lab.copy_to("private", Some(&secret), &[&app]);
    // `ada:p@ss` in base64.
    let server = Server::guarded("YWRhOnBAc3M=", folder);
    let url = server.url();
    let netrc = lab.path("netrc");
    lab.configure(&format!(
        "substituters = {url}\ntrusted-public-keys = {key}\nnetrc-file = {}\n",
        netrc.display()
    ));
    let (json, code) = lab.analyze(&["cache"]);
    assert_eq!(code, Some(1));
    let problem = json["caches"][0]["problems"][0].as_str().unwrap();
    assert!(
        problem.contains("(401)") && problem.contains("netrc"),
        "{problem}"
    );
    fs::write(&netrc, "machine 127.0.0.1 login ada password p@ss\n").unwrap();
    let (json, code) = lab.analyze(&["cache"]);
    assert_eq!(code, Some(0), "{json:#}");
    assert_eq!(json["caches"][0]["signing"]["verdict"], "verified");
    assert!(!json.to_string().contains("p@ss"), "{json:#}");
    assert!(!json.to_string().contains("p%40ss"), "{json:#}");
}

#[test]
fn the_weekly_report_has_the_caches() {
    let lab = Lab::modern("");
    let (key, secret) = lab.key("lab-1");
    let app = lab.build("app");
    let server = Server::of_folder(Duration::ZERO, lab.copy_to("cache", Some(&secret), &[&app]));
    let gone = Server::of_folder(Duration::ZERO, lab.path("nothing"));
    lab.configure(&format!(
        "substituters = {} {}\ntrusted-public-keys = {key}\n",
        server.url(),
        gone.url()
    ));
    let (json, _) = lab.analyze(&["report"]);
    let caches = json["caches"]["caches"].as_array().unwrap();
    assert_eq!(caches.len(), 2, "{json:#}");
    assert_eq!(caches[0]["signing"]["verdict"], "verified");
    assert_eq!(caches[1]["reach"], "failed");
    let output = lab.nixtune().args(["analyze", "report"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, section) = text.split_once("## Caches").unwrap_or(("", ""));
    for part in [&server.url(), &gone.url(), "answers 404", "lab-1"] {
        assert!(section.contains(part), "{part} in {text}");
    }
}
