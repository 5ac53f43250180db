//! What Nix takes as `nixConfig` of a flake, against what `flake-nixconfig-not-literal` reports.

use std::path::Path;

use nixtune::model::{LoadOptions, load};
use nixtune::rules::{self, RuleCx, RuleOptions, Sink};
use nixtune::system::Memory;

use super::{Oracle, oracles};
use crate::rules::fixture::catalog;

/// The members of a flake beside its outputs, one flake each.
const FLAKES: [&str; 24] = [
    r#"nixConfig.bash-prompt = "x";"#,
    r#"nixConfig = { bash-prompt = ("x"); };"#,
    "nixConfig.bash-prompt = ''\n  x\n'';",
    "nixConfig = { timeout = 4; warn-dirty = false; };",
    r#"nixConfig.extra-substituters = [ "https://a" ("https://b") ];"#,
    r#"nixConfig.bash-prompt = "${"x"}";"#,
    r#"nixConfig.bash-prompt = "a" + "b";"#,
    r#"nixConfig.bash-prompt = toString 1;"#,
    r#"nixConfig.bash-prompt = if true then "a" else "b";"#,
    r#"nixConfig.bash-prompt = let a = "x"; in a;"#,
    r#"nixConfig.bash-prompt = with { }; "x";"#,
    r#"nixConfig.bash-prompt = assert true; "x";"#,
    "nixConfig.timeout = -1;",
    r#"nixConfig.extra-substituters = [ "https://a" ] ++ [ ];"#,
    r#"nixConfig.extra-substituters = [ "https://a" "${"x"}" ];"#,
    r#"nixConfig.extra-substituters = [ (toString 1) ];"#,
    "nixConfig.timeout = 1.5;",
    "nixConfig.flake-registry = null;",
    r#"nixConfig.access-tokens = { a = "b"; };"#,
    "nixConfig.extra-substituters = [ 1 ];",
    "nixConfig.extra-substituters = [ [ ] ];",
    "nixConfig.extra-substituters = [ true ];",
    "nixConfig = { };",
    r#"description = "x";"#,
];

fn flake(members: &str) -> String {
    format!("{{\n  {members}\n  outputs = _: {{ x = 1; }};\n}}\n")
}

/// What the rule says about a flake.
fn said(text: &str) -> Vec<String> {
    let rule = rules::find("flake-nixconfig-not-literal").unwrap();
    let path = Path::new("/flake/flake.nix").to_path_buf();
    let system = Memory::new().file(&path, text);
    let loaded = load(&system, &[path], catalog(), &LoadOptions::default());
    let workspace = &loaded.workspace;
    let options = RuleOptions::new();
    let mut diagnostics = Vec::new();
    for machine in workspace.machines() {
        let cx = RuleCx::new(workspace, machine, catalog(), None, &options).for_rule(rule);
        (rule.check)(&cx, &mut Sink::new(rule, machine, &mut diagnostics));
    }
    diagnostics.into_iter().map(|found| found.message).collect()
}

/// Whether Nix evaluates an output of the flake, or what it says instead.
fn evaluates(oracle: &Oracle, text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("flake.nix"), text).unwrap();
    let reference = format!("path:{}#x", folder.path().display());
    let arguments = [
        "--extra-experimental-features",
        "nix-command flakes",
        "--accept-flake-config",
        "eval",
        reference.as_str(),
    ];
    let output = oracle.run("nix", arguments, "", None);
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_is_reported_is_what_nix_refuses() {
    for oracle in oracles() {
        for members in FLAKES {
            let text = flake(members);
            let said = said(&text);
            let result = evaluates(oracle, &text);
            assert_eq!(
                said.is_empty(),
                result.is_ok(),
                "Nix {}: {members}: {said:?}, {result:?}",
                oracle.version
            );
            if let Err(error) = result {
                assert!(error.contains("flake configuration setting"), "{error}");
            }
        }
    }
}
