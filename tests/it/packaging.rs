//! The flake of this repository, its modules, and the hooks and the action beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use serde_json::{Value as Json, json};

use crate::oracle::{library, oracles};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn outputs() -> Vec<Json> {
    let expression = format!(
        "import {}/tests/oracle/packaging.nix {{ root = {}; base = (import {}).lib; }}",
        root().display(),
        root().display(),
        library().display()
    );
    let evaluate = |oracle: &crate::oracle::Oracle| oracle.eval(&expression).unwrap();
    oracles().iter().map(evaluate).collect()
}

#[test]
fn the_flake_gives_what_people_expect_of_one() {
    for found in outputs() {
        let systems = [
            "aarch64-darwin",
            "aarch64-linux",
            "x86_64-darwin",
            "x86_64-linux",
        ];
        for output in ["packages", "apps", "checks", "devShells", "formatter"] {
            assert_eq!(found["outputs"][output], json!(systems), "{output}");
        }
        for output in [
            "overlays",
            "nixosModules",
            "darwinModules",
            "homeModules",
            "treefmtModules",
            "gitHooksModules",
        ] {
            assert_eq!(found["outputs"][output], json!(["default"]), "{output}");
        }
        assert_eq!(found["pname"], "nixtune");
        assert_eq!(found["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(found["overlay"], "nixtune");
        assert_eq!(
            found["program"],
            "/nix/store/nixtune-x86_64-linux/bin/nixtune"
        );
    }
}

#[test]
fn modules_install_it_and_write_its_policy() {
    for found in outputs() {
        let policy = json!({ "lint": { "preview": true } });
        assert_eq!(found["system"]["packages"], json!(["nixtune"]));
        let file = &found["system"]["etc"]["xdg/nixtune/nixtune.toml"];
        assert_eq!(file["source"]["value"], policy);
        assert_eq!(found["home"]["packages"], json!(["nixtune"]));
        let file = &found["home"]["files"]["nixtune/nixtune.toml"];
        assert_eq!(file["source"]["value"], policy);
        assert_eq!(found["off"], json!({ "systemPackages": [], "etc": {} }));
    }
}

#[test]
fn hooks_and_formatters_run_it_on_the_files_that_it_reads() {
    let found = outputs().remove(0);
    let program = "/nix/store/nixtune-x86_64-linux/bin/nixtune";
    assert_eq!(found["treefmt"]["command"], program);
    assert_eq!(found["treefmt"]["options"], json!(["apply", "--write"]));
    // The same as in the guide, which is tried with treefmt itself.
    let guide = std::fs::read_to_string(root().join("docs/guide/pre-commit.md")).unwrap();
    let includes = &found["treefmt"]["includes"];
    let line = format!("includes = {includes}").replace(",", ", ");
    assert!(guide.contains(&line), "{line}");
    assert_eq!(found["hook"]["entry"], format!("{program} lint"));
    let files = found["hook"]["files"].as_str().unwrap();
    let pattern = Regex::new(files).unwrap();
    for name in [
        "flake.nix",
        "a/b.nix",
        "nix.conf",
        "etc/nix/nix.custom.conf",
    ] {
        assert!(pattern.is_match(name), "{name}");
    }
    for name in ["a.nix.bak", "phoenix.conf", "README.md"] {
        assert!(!pattern.is_match(name), "{name}");
    }
    // pre-commit's hooks are for the same files.
    let hooks = std::fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
    assert!(
        hooks.contains(&format!("files: &files '{files}'")),
        "{hooks}"
    );
}

/// The files below a folder of this repository, by their paths from its root.
fn below(folder: &str) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else {
                found.insert(path);
            }
        }
    }
    found
}

#[test]
fn the_crate_holds_what_building_needs_and_nothing_of_the_tests() {
    let output = Command::new(env!("CARGO"))
        .args(["package", "--list", "--offline", "--allow-dirty", "--quiet"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let listed = String::from_utf8(output.stdout).unwrap();
    let listed: BTreeSet<PathBuf> = listed.lines().map(PathBuf::from).collect();
    let mut needed = below("src");
    needed.extend(below("templates"));
    let missing: Vec<_> = needed.difference(&listed).collect();
    assert!(missing.is_empty(), "{missing:?}");
    // Nothing is built in that lies elsewhere.
    let embeds = Regex::new(r#"include_(?:str|bytes|dir)!\("([^"]+)"\)"#).unwrap();
    let mut count = 0;
    for source in needed
        .iter()
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
    {
        let text = std::fs::read_to_string(root().join(source)).unwrap();
        for found in embeds.captures_iter(&text) {
            let path = root().join(source).parent().unwrap().join(&found[1]);
            let path = path.canonicalize().unwrap();
            let path = path.strip_prefix(root().canonicalize().unwrap()).unwrap();
            assert!(
                listed.contains(path),
                "{} embeds {}",
                source.display(),
                path.display()
            );
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
    let others: BTreeSet<&str> = listed
        .difference(&needed)
        .filter_map(|path| path.to_str())
        .filter(|path| *path != ".cargo_vcs_info.json")
        .collect();
    let expected = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "Cargo.toml.orig",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
    ];
    assert_eq!(others, BTreeSet::from(expected));
}

#[test]
fn a_release_is_found_by_cargo_binstall() {
    let text = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Value = toml::from_str(&text).unwrap();
    let package = &manifest["package"];
    let about = &package["metadata"]["binstall"];
    let url = about["pkg-url"].as_str().unwrap();
    let url = url
        .replace("{ repo }", package["repository"].as_str().unwrap())
        .replace("{ version }", env!("CARGO_PKG_VERSION"))
        .replace("{ target }", "x86_64-unknown-linux-musl");
    assert_eq!(
        url,
        "https://github.com/nixtune/nixtune/releases/download/v0.1.0/nixtune-x86_64-unknown-linux-musl.tar.gz"
    );
    assert_eq!(about["pkg-fmt"], toml::Value::from("tgz"));
    assert_eq!(about["bin-dir"], toml::Value::from("{ bin }{ binary-ext }"));
}
