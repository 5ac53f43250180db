//! The flake of this repository, its modules, and the hooks and the action beside it.

use std::path::Path;

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
