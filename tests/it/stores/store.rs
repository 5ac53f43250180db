//! `nixtune analyze store` against what Nix itself says of a store, and `du` of the disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use super::Lab;
use crate::oracle::oracles;

/// What `nix path-info` says of each path: its size.
pub(super) fn sizes(lab: &Lab) -> BTreeMap<String, u64> {
    let text = lab.nix("nix", &["path-info", "--all", "--json"]);
    let json: Json = serde_json::from_str(&text).unwrap();
    match &json {
        Json::Array(all) => all
            .iter()
            .map(|one| {
                (
                    one["path"].as_str().unwrap().to_owned(),
                    one["narSize"].as_u64().unwrap(),
                )
            })
            .collect(),
        other => other
            .as_object()
            .unwrap()
            .iter()
            .map(|(path, one)| (path.clone(), one["narSize"].as_u64().unwrap()))
            .collect(),
    }
}

fn dead(lab: &Lab) -> Vec<String> {
    let text = lab.nix("nix-store", &["--gc", "--print-dead"]);
    text.lines().map(str::to_owned).collect()
}

/// A lab in which `app` is kept by a link and `other` by nobody.
fn filled(oracle: &'static crate::oracle::Oracle) -> Lab {
    let lab = Lab::new(oracle, "");
    lab.nix("nix-build", &["packages.nix", "-A", "app", "-o", "result"]);
    lab.build("other");
    lab
}

#[test]
fn live_and_dead_are_what_nix_says() {
    for oracle in oracles() {
        let lab = filled(oracle);
        for conf in [
            "",
            "keep-derivations = false\n",
            "keep-outputs = true\n",
            "keep-outputs = true\nkeep-derivations = false\n",
        ] {
            lab.configure(conf);
            let (json, code) = lab.analyze(&["store"]);
            assert_eq!(code, Some(0), "{json:#}");
            assert_eq!(json["source"], "database");
            let sizes = sizes(&lab);
            assert_eq!(json["paths"], sizes.len());
            assert_eq!(json["bytes"], sizes.values().sum::<u64>());
            let dead = dead(&lab);
            assert!(!dead.is_empty() && dead.len() < sizes.len());
            assert_eq!(json["dead_paths"], dead.len(), "{conf}: {dead:?}\n{json:#}");
            let bytes: u64 = dead.iter().map(|path| sizes[path]).sum();
            assert_eq!(json["dead_bytes"], bytes, "{conf}");
        }
    }
}

#[test]
fn roots_and_closures_are_what_nix_says() {
    for oracle in oracles() {
        let lab = filled(oracle);
        let (json, _) = lab.analyze(&["store"]);
        let root = &json["roots"][0];
        assert_eq!(
            root["names"][0]["name"],
            lab.path("result").to_str().unwrap()
        );
        assert_eq!(root["names"][0]["kind"], "auto");
        let app = root["path"].as_str().unwrap();
        let line = lab.nix("nix", &["path-info", "-S", app]);
        let closure: u64 = line.split_whitespace().last().unwrap().parse().unwrap();
        assert_eq!(root["closure_bytes"], closure);
        // It is the only root.
        assert_eq!(root["only_here_bytes"], json["live_bytes"]);
        assert_eq!(root["only_here_paths"], json["live_paths"]);
        let lib = json["largest"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["path"].as_str().unwrap().ends_with("-lib"))
            .unwrap();
        assert_eq!(lib["kept_by"], lab.path("result").to_str().unwrap());
        assert_eq!(lib["way"][0], app);
        // A second root leaves what they share to neither.
        let lib = lib["path"].as_str().unwrap().to_owned();
        lab.nix(
            "nix-store",
            &["--realise", &lib, "--add-root", "kept", "--indirect"],
        );
        let (json, _) = lab.analyze(&["store"]);
        let only: u64 = json["roots"]
            .as_array()
            .unwrap()
            .iter()
            .map(|root| root["only_here_bytes"].as_u64().unwrap())
            .sum();
        assert!(only < json["live_bytes"].as_u64().unwrap(), "{json:#}");
    }
}

#[test]
fn a_garbage_collection_frees_what_was_foretold() {
    let lab = Lab::modern("keep-derivations = false\n");
    let profile = lab.path("state/profiles/box");
    fs::create_dir_all(profile.parent().unwrap()).unwrap();
    let profile = profile.to_str().unwrap();
    for attribute in ["lib", "glue", "other", "app"] {
        let path = lab.build(attribute);
        lab.nix("nix-env", &["--profile", profile, "--set", &path]);
    }
    // Three are months old.
    for number in 1..=3 {
        let made = format!("2020-0{number}-01");
        let status = Command::new("touch")
            .args(["-h", "-d", &made])
            .arg(format!("{profile}-{number}-link"))
            .status()
            .unwrap();
        assert!(status.success());
    }
    let before = sizes(&lab);
    let (json, code) = lab.analyze(&["store", "--older-than", "30d"]);
    assert_eq!(code, Some(0), "{json:#}");
    let gone = json["gc"]["generations"].as_array().unwrap();
    // The third was in use thirty days ago.
    assert_eq!(gone.len(), 2, "{json:#}");
    assert!(Path::new(gone[0].as_str().unwrap()).is_symlink());
    lab.nix("nix-collect-garbage", &["--delete-older-than", "30d"]);
    let after = sizes(&lab);
    let freed = before.len() - after.len();
    assert_eq!(json["gc"]["freed_paths"], freed, "{json:#}");
    let bytes: u64 = before.values().sum::<u64>() - after.values().sum::<u64>();
    assert_eq!(json["gc"]["freed_bytes"], bytes);
    assert!(freed > 0);
}

#[test]
fn the_files_of_a_machine_say_what_is_collected() {
    let lab = filled(oracles().last().unwrap());
    fs::write(
        lab.path("machine.nix"),
        "{ nixpkgs.hostPlatform = \"x86_64-linux\"; nix.gc.options = \"--delete-older-than 9d\"; }",
    )
    .unwrap();
    let (json, _) = lab.analyze(&["store", "--path", "machine.nix"]);
    assert_eq!(json["gc"]["rule"], "older-than");
    assert_eq!(json["gc"]["days"], 9);
    fs::write(
        lab.path("machine.nix"),
        "{ nixpkgs.hostPlatform = \"x86_64-linux\"; nix.gc.options = \"--delete-older-than 9\"; }",
    )
    .unwrap();
    let (json, code) = lab.analyze(&["store", "--path", "machine.nix"]);
    assert_eq!(code, Some(2));
    assert!(
        json["error"]["message"]
            .as_str()
            .unwrap()
            .contains("`9` is no age"),
        "{json:#}"
    );
}

/// Bytes on the disk, as `du` counts them, the folder of links left out.
fn disk_bytes(lab: &Lab) -> u64 {
    let output = Command::new("du")
        .args(["-s", "-B1", "--exclude=.links"])
        .arg(lab.path("store"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn optimise_saves_what_was_foretold() {
    let lab = Lab::modern("");
    for name in ["one", "two", "three"] {
        let file = lab.path(name);
        fs::create_dir(&file).unwrap();
        fs::write(file.join("same"), vec![b'x'; 100_000]).unwrap();
        fs::write(file.join("own"), name.repeat(30_000)).unwrap();
        lab.nix("nix-store", &["--add", file.to_str().unwrap()]);
    }
    let (json, _) = lab.analyze(&["store", "--duplicates"]);
    let could = json["links_could_save_bytes"].as_u64().unwrap();
    assert!(could >= 200_000, "{json:#}");
    assert_eq!(json["links_saved_bytes"], 0);
    let before = disk_bytes(&lab);
    lab.nix("nix-store", &["--optimise"]);
    assert_eq!(before - disk_bytes(&lab), could);
    let (json, _) = lab.analyze(&["store", "--duplicates"]);
    assert_eq!(json["links_could_save_bytes"], 0, "{json:#}");
    assert_eq!(json["links_saved_bytes"], could);
}

#[test]
fn without_the_database_nix_is_asked() {
    for oracle in oracles() {
        let lab = filled(oracle);
        let (from_database, _) = lab.analyze(&["store"]);
        // Nix is asked through a program that gives it the right shape back, because it looks as well.
        let schema = lab.path("state/db/schema");
        assert_eq!(fs::read_to_string(&schema).unwrap().trim(), "10");
        fs::write(&schema, "11").unwrap();
        // Files, because the installed Nix would be asked for its settings.
        let machine = "{ nixpkgs.hostPlatform = \"x86_64-linux\"; nix.settings.cores = 1; }";
        fs::write(lab.path("machine.nix"), machine).unwrap();
        let bin = lab.path("bin");
        fs::create_dir(&bin).unwrap();
        let real = oracle.bin().join("nix");
        let script = format!(
            "#!/bin/sh\nprintf 10 > {}\nexec {} \"$@\"\n",
            schema.display(),
            real.display()
        );
        fs::write(bin.join("nix"), script).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(bin.join("nix"), mode).unwrap();
        let output = lab
            .nixtune()
            .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
            .args([
                "analyze",
                "store",
                "--path",
                "machine.nix",
                "--format",
                "json",
            ])
            .output()
            .unwrap();
        let listed: Json = serde_json::from_slice(&output.stdout).unwrap();
        for field in ["paths", "bytes", "live_paths", "live_bytes", "dead_bytes"] {
            assert_eq!(listed[field], from_database[field], "{field}");
        }
        assert_eq!(listed["source"], "path-info");
    }
}

#[test]
fn a_store_that_cannot_be_read_is_said() {
    let lab = filled(oracles().last().unwrap());
    fs::write(lab.path("state/db/db.sqlite"), vec![b'x'; 8192]).unwrap();
    for log in ["db.sqlite-wal", "db.sqlite-shm"] {
        drop(fs::remove_file(lab.path("state/db").join(log)));
    }
    let (json, code) = lab.analyze(&["store"]);
    assert_eq!(code, Some(2));
    let message = json["error"]["message"].as_str().unwrap();
    assert!(message.contains("db.sqlite"), "{message}");
    assert!(message.contains("`nix path-info` fails"), "{message}");
    let output = lab
        .nixtune()
        .env("NIX_STORE_DIR", "/is/not/there")
        .args(["analyze", "store"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("/is/not/there: no store is there"), "{said}");
}

#[test]
fn nothing_is_changed() {
    let lab = filled(oracles().last().unwrap());
    // A link that leads nowhere, which Nix removes when it is asked for roots.
    std::os::unix::fs::symlink(lab.path("gone"), lab.path("state/gcroots/auto/stale")).unwrap();
    let state = || -> Vec<String> {
        let output = Command::new("find")
            .arg(lab.path("state"))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let before = state();
    lab.analyze(&["store", "--duplicates"]);
    assert_eq!(state(), before);
    let output = lab.nixtune().args(["analyze", "store"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "live",
        "dead",
        "Who keeps what",
        "The largest paths",
        "kept by",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
}

#[test]
fn the_machine_at_a_glance_holds_what_it_finds_against_targets() {
    let lab = filled(oracles().last().unwrap());
    let (key, secret) = lab.key("lab-1");
    let lib = lab.build("lib");
    let cache = lab.copy_to("cache", Some(&secret), &[&lib]);
    let conf = |keys: &str| {
        lab.configure(&format!(
            "substituters = file://{}\ntrusted-public-keys = {keys}\nmax-jobs = 1234\n",
            cache.display()
        ));
    };
    let line = |json: &Json, name: &str| -> Json {
        let lines = json["lines"].as_array().unwrap().iter();
        lines
            .clone()
            .find(|line| line["name"] == name)
            .cloned()
            .unwrap_or_else(|| panic!("{name}: {json:#}"))
    };
    conf(&key);
    let (json, code) = lab.analyze(&[]);
    // Nobody's machine has room for so many.
    assert_eq!(code, Some(1));
    assert_eq!(line(&json, "max-jobs")["met"], false);
    assert_eq!(line(&json, "max-jobs")["value"], "1234");
    assert_eq!(line(&json, "cache")["met"], true);
    assert_eq!(line(&json, "dead")["met"], true);
    let (store, _) = lab.analyze(&["store"]);
    let paths = format!("in {} paths", store["paths"]);
    assert!(
        line(&json, "store")["value"]
            .as_str()
            .unwrap()
            .ends_with(&paths)
    );
    conf("");
    let (json, _) = lab.analyze(&[]);
    assert_eq!(line(&json, "cache")["met"], false);
    let (json, _) = lab.analyze(&["--offline"]);
    assert!(
        json["lines"]
            .as_array()
            .unwrap()
            .iter()
            .all(|line| line["name"] != "cache")
    );
    let output = lab
        .nixtune()
        .args(["analyze", "--offline"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("! max-jobs") && text.contains("marked with !"),
        "{text}"
    );
    assert!(text.lines().count() < 24, "{text}");
}
