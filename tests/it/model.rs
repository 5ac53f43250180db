//! From files to machines and values: every spelling of the same thing is the same thing.

use std::path::PathBuf;

use nixtune::catalog::Catalog;
use nixtune::eval::Value;
use nixtune::facts::{ModuleSystem, Os};
use nixtune::model::{Condition, Form, LoadOptions, Loaded, Setting, load};
use nixtune::system::Memory;

fn read(files: &[(&str, &str)], paths: &[&str]) -> Loaded {
    let mut system = Memory::new();
    for (path, text) in files {
        system = system.file(path, text);
    }
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    load(
        &system,
        &paths,
        &Catalog::embedded(),
        &LoadOptions::default(),
    )
}

fn one_file(text: &str) -> Loaded {
    read(&[("/cfg/darwin/nix.nix", text)], &["/cfg/darwin"])
}

/// The one known value of a setting on the only machine, as a number.
fn amount(loaded: &Loaded, setting: &str) -> Option<u64> {
    let [machine] = loaded.workspace.machines() else {
        panic!("{} machines", loaded.workspace.machines().len())
    };
    let catalog = Catalog::embedded();
    match loaded.workspace.view(machine).setting(&catalog, setting) {
        Setting::Known(effective) => effective.as_amount(),
        other => panic!("{setting} is {other:?}"),
    }
}

#[test]
fn every_spelling_is_the_same_definition() {
    let spellings = [
        "{ nix.settings = { max-jobs = 4; }; }",
        "{ nix = { settings.max-jobs = 4; }; }",
        "{ nix.settings.\"max-jobs\" = 4; }",
        "{ \"nix\".settings.${\"max-jobs\"} = 4; }",
        "{ config.nix.settings.max-jobs = 4; }",
        "{ lib, pkgs, userConfig, ... }: { nix.settings.max-jobs = 4; }",
        "{ ... }@args: { nix.settings.max-jobs = 4; }",
        "args: { nix.settings.max-jobs = 4; }",
        "let n = 4; in { nix.settings.max-jobs = n; }",
        "let max-jobs = 4; in { nix.settings = { inherit max-jobs; }; }",
        "let s = { max-jobs = 4; }; in { nix.settings = { inherit (s) max-jobs; }; }",
        "let s = { max-jobs = 4; }; in { nix.settings = s; }",
        "rec { jobs = 4; nix.settings.max-jobs = jobs; }",
        "{ nix.settings = { max-jobs = 1; } // { max-jobs = 4; }; }",
        "{ nix.settings.max-jobs = 2 * 2; }",
        "{ lib, ... }: { nix.settings.max-jobs = lib.mkDefault 4; }",
        "{ lib, ... }: with lib; { nix.settings.max-jobs = mkForce 4; }",
        "{ lib, ... }: { nix.settings.max-jobs = lib.mkForce (lib.mkIf true 4); }",
        "{ lib, ... }: { nix = lib.mkIf true { settings.max-jobs = 4; }; }",
        "{ lib, ... }: lib.mkIf true { nix.settings.max-jobs = 4; }",
        "{ lib, ... }: { nix.settings = lib.mkMerge [ { max-jobs = 4; } { cores = 1; } ]; }",
        "{ lib, ... }: lib.mkMerge [ { nix.settings = lib.optionalAttrs true { max-jobs = 4; }; } ]",
        "{ lib, pkgs, ... }: { nix.settings.max-jobs = if pkgs.stdenv.isDarwin then 4 else 8; }",
        "{ lib, ... }: { nix.settings = { max-jobs = 4; } |> (x: x); }",
        "{ nix.maxJobs = 4; }",
        "{ nix.settings.build-max-jobs = 4; }",
        "{ nix.extraOptions = ''\n  max-jobs = 4\n''; }",
        "{ nix.extraOptions = \"max-jobs = ${toString 4}\"; }",
        "{ nix.settings.max-jobs = 9; nix.extraOptions = \"max-jobs = 4\"; }",
    ];
    for text in spellings {
        let loaded = one_file(text);
        assert!(
            loaded.syntax_errors.is_empty(),
            "{text}: {:?}",
            loaded.syntax_errors
        );
        assert_eq!(amount(&loaded, "max-jobs"), Some(4), "{text}");
    }
}

#[test]
fn files_of_a_folder_and_their_imports_are_one_machine() {
    let loaded = read(
        &[
            ("/cfg/darwin/a.nix", "{ nix.settings.max-jobs = 4; }"),
            ("/cfg/darwin/b.nix", "{ nix.settings.cores = 2; }"),
        ],
        &["/cfg/darwin"],
    );
    assert_eq!(amount(&loaded, "max-jobs"), Some(4));
    assert_eq!(amount(&loaded, "cores"), Some(2));

    let loaded = read(
        &[
            (
                "/cfg/darwin/default.nix",
                "{ imports = [ ./sub ../shared.nix ]; }",
            ),
            (
                "/cfg/darwin/sub/default.nix",
                "{ nix.settings.max-jobs = 4; }",
            ),
            ("/cfg/shared.nix", "{ nix.settings.cores = 2; }"),
            ("/cfg/flake.nix", "{ }"),
        ],
        &["/cfg/darwin"],
    );
    assert_eq!(amount(&loaded, "max-jobs"), Some(4));
    assert_eq!(amount(&loaded, "cores"), Some(2));
}

#[test]
fn modules_that_contradict_each_other_are_two_machines() {
    let loaded = read(
        &[
            ("/cfg/darwin/a.nix", "{ nix.settings.max-jobs = 4; }"),
            ("/cfg/darwin/b.nix", "{ nix.settings.max-jobs = 2; }"),
        ],
        &["/cfg/darwin"],
    );
    let names: Vec<_> = loaded
        .workspace
        .machines()
        .iter()
        .map(|m| m.name.as_ref())
        .collect();
    assert_eq!(names, ["cfg/darwin/a.nix", "cfg/darwin/b.nix"]);
}

#[test]
fn what_cannot_be_known_says_why() {
    let loaded = one_file(
        "{ lib, config, userConfig, ... }: {\n\
         nix.settings.cores = userConfig.cores;\n\
         nix.settings.max-jobs = lib.mkIf config.my.fast 8;\n\
         nix.settings.sandbox = if userConfig.strict then true else false;\n}",
    );
    let [machine] = loaded.workspace.machines() else {
        panic!()
    };
    let view = loaded.workspace.view(machine);
    let catalog = Catalog::embedded();
    let Setting::Unknown { why, at: Some(_) } = view.setting(&catalog, "cores") else {
        panic!()
    };
    assert_eq!(why.to_string(), "depends on the argument `userConfig`");
    let Setting::Known(jobs) = view.setting(&catalog, "max-jobs") else {
        panic!()
    };
    assert!(!jobs.unconditional);
    assert!(matches!(
        jobs.definition.condition,
        Condition::Unknown { .. }
    ));
    let Setting::OneOf(both) = view.setting(&catalog, "sandbox") else {
        panic!()
    };
    assert_eq!(both.len(), 2);
    assert!(view.setting(&catalog, "min-free").is_unset());
    assert!(!view.setting(&catalog, "min-free").is_certainly_unset());
}

#[test]
fn an_unknown_set_makes_its_settings_unknown_not_unset() {
    let loaded = one_file("{ shared, ... }: { nix.settings = shared // { cores = 2; }; }");
    let [machine] = loaded.workspace.machines() else {
        panic!()
    };
    let view = loaded.workspace.view(machine);
    let catalog = Catalog::embedded();
    assert!(matches!(
        view.setting(&catalog, "max-jobs"),
        Setting::Unknown { .. }
    ));
    let Setting::Known(cores) = view.setting(&catalog, "cores") else {
        panic!()
    };
    assert_eq!(cores.as_amount(), Some(2));
    assert!(!view.items(&catalog, "substituters").complete);
}

#[test]
fn priorities_decide_and_lists_join() {
    let loaded = one_file(
        "{ lib, ... }: {\n\
         nix.settings.cores = lib.mkDefault 1;\n\
         imports = [ { nix.settings.cores = lib.mkForce 3; } { nix.settings.cores = 2; } ];\n\
         nix.settings.substituters = lib.mkAfter [ \"https://c.example\" ];\n\
         nix.settings.extra-substituters = [ \"https://d.example\" ];\n\
         nix.extraOptions = ''\n  extra-substituters = https://e.example\n'';\n}",
    );
    assert_eq!(amount(&loaded, "cores"), Some(3));
    let machine = &loaded.workspace.machines()[0];
    let items = loaded
        .workspace
        .view(machine)
        .items(&Catalog::embedded(), "substituters");
    let texts: Vec<_> = items.items.iter().map(|item| item.text.as_ref()).collect();
    assert_eq!(
        texts,
        [
            "https://c.example",
            "https://d.example",
            "https://e.example"
        ]
    );
    for item in &items.items {
        let source = loaded.workspace.text(item.site.unwrap());
        assert_eq!(source.trim_matches('"'), item.text.as_ref());
    }
}

#[test]
fn a_plain_line_drops_what_was_set_before_it() {
    let substituters = |path: &str, text: &str| -> Vec<String> {
        let loaded = read(&[(path, text)], &[path]);
        let machine = &loaded.workspace.machines()[0];
        let view = loaded.workspace.view(machine);
        let items = view.items(&Catalog::embedded(), "substituters");
        items
            .items
            .iter()
            .map(|item| item.text.to_string())
            .collect()
    };
    let conf = "extra-substituters = https://a\n\
                substituters = https://b\n\
                extra-substituters = https://c\n";
    assert_eq!(
        substituters("/etc/nix.conf", conf),
        ["https://b", "https://c"]
    );
    let module = "{\n  nix.settings.substituters = [ \"https://a\" ];\n\
                  nix.settings.extra-substituters = [ \"https://b\" ];\n\
                  nix.extraOptions = ''\n    binary-caches = https://c\n  '';\n}\n";
    assert_eq!(substituters("/cfg/darwin/nix.nix", module), ["https://c"]);
}

#[test]
fn lines_of_text_know_their_place() {
    let loaded = one_file("{\n  nix.extraOptions = ''\n    keep-outputs = true # why\n  '';\n}\n");
    let line = loaded
        .workspace
        .definitions()
        .iter()
        .find(|definition| definition.form == Form::TextLine)
        .unwrap();
    assert_eq!(line.setting.as_deref(), Some("keep-outputs"));
    assert_eq!(
        loaded.workspace.text(line.statement.unwrap()),
        "keep-outputs = true"
    );
    assert_eq!(loaded.workspace.text(line.value.site.unwrap()), "true");
}

#[test]
fn module_systems_are_told_apart() {
    let cases = [
        (
            "/cfg/darwin/a.nix",
            "{ nix.gc.automatic = true; }",
            Some(ModuleSystem::NixDarwin),
        ),
        (
            "/cfg/x/a.nix",
            "{ nix.linux-builder.enable = true; }",
            Some(ModuleSystem::NixDarwin),
        ),
        (
            "/cfg/x/a.nix",
            "{ lib, ... }: lib.mkMerge [ { boot.loader.grub.enable = true; } { nix.gc.dates = \"daily\"; } ]",
            Some(ModuleSystem::Nixos),
        ),
        (
            "/cfg/x/a.nix",
            "{ home.packages = [ ]; nix.gc.automatic = true; }",
            Some(ModuleSystem::HomeManager),
        ),
        ("/cfg/x/a.nix", "{ nix.gc.automatic = true; }", None),
        (
            "/cfg/nix.conf",
            "max-jobs = 4\n",
            Some(ModuleSystem::NixConf),
        ),
        (
            "/cfg/flake.nix",
            "{ nixConfig.cores = 1; outputs = _: { }; }",
            Some(ModuleSystem::FlakeConfig),
        ),
    ];
    for (path, text, expected) in cases {
        let loaded = read(&[(path, text)], &["/cfg"]);
        let machine = &loaded.workspace.machines()[0];
        assert_eq!(machine.target.system(), expected, "{path} {text}");
    }
    let loaded =
        one_file("{ nixpkgs.hostPlatform = \"aarch64-darwin\"; nix.gc.automatic = true; }");
    let platform = loaded.workspace.machines()[0]
        .target
        .platform
        .clone()
        .unwrap();
    assert_eq!(platform.value.to_string(), "aarch64-darwin");
    assert_eq!(platform.value.os, Os::Darwin);
}

#[test]
fn files_without_nix_settings_are_not_even_parsed() {
    let loaded = read(
        &[
            ("/cfg/a.nix", "{ this is not nix"),
            ("/cfg/b.nix", "{ nix.settings.cores = 1; }"),
        ],
        &["/cfg"],
    );
    assert!(loaded.syntax_errors.is_empty());
    assert_eq!(loaded.seen, 2);
    assert_eq!(loaded.workspace.files().len(), 1);
    // A file that was named is parsed whatever it holds.
    let loaded = read(&[("/cfg/a.nix", "{ this is not nix")], &["/cfg/a.nix"]);
    assert_eq!(loaded.syntax_errors.len(), 1);
}

#[test]
fn imports_stay_in_the_project() {
    let loaded = read(
        &[
            ("/secret/x.nix", "{ nix.settings.cores = 7; }"),
            ("/cfg/flake.nix", "{ }"),
            (
                "/cfg/a.nix",
                "{ imports = [ ../secret/x.nix ./gone.nix ]; nix.settings.max-jobs = 1; }",
            ),
        ],
        &["/cfg"],
    );
    let definitions = loaded.workspace.definitions();
    assert!(
        definitions.iter().all(|d| d.value.value != Value::Int(7)),
        "{definitions:?}"
    );
    assert_eq!(loaded.workspace.machines().len(), 1);
}

#[test]
fn modules_that_import_each_other_end() {
    let loaded = read(
        &[
            (
                "/cfg/a.nix",
                "{ imports = [ ./b.nix ]; nix.settings.cores = 1; }",
            ),
            (
                "/cfg/b.nix",
                "{ imports = [ ./a.nix ]; nix.settings.max-jobs = 1; }",
            ),
        ],
        &["/cfg"],
    );
    assert_eq!(amount(&loaded, "cores"), Some(1));
    assert_eq!(amount(&loaded, "max-jobs"), Some(1));
}

#[test]
fn code_in_a_text_hides_only_its_own_line() {
    let loaded = one_file(
        r#"{ pkgs, ... }:
let
  text = "diff-hook = ${pkgs.hello}/x\ncores = 3\nmax-jobs = 4 # ${pkgs.hello}";
in
{
  nix.extraOptions = text;
}
"#,
    );
    assert_eq!(amount(&loaded, "cores"), Some(3));
    assert_eq!(amount(&loaded, "max-jobs"), Some(4));
    let machine = &loaded.workspace.machines()[0];
    let catalog = Catalog::embedded();
    let of = |setting: &str| loaded.workspace.view(machine).setting(&catalog, setting);
    assert!(matches!(of("diff-hook"), Setting::Unknown { .. }));
    assert!(matches!(of("fallback"), Setting::Unset { .. }));
    // What may be any number of lines may set anything.
    let open =
        one_file("{ pkgs, ... }: { nix.extraOptions = ''\n  cores = 3\n  ${pkgs.more}\n''; }");
    let machine = &open.workspace.machines()[0];
    let fallback = open.workspace.view(machine).setting(&catalog, "fallback");
    assert!(matches!(fallback, Setting::Unknown { .. }));
}

#[test]
fn a_nix_conf_has_the_lines_of_what_it_includes() {
    let files = [
        (
            "/w/nix.conf",
            "include late\n!include none.conf\ncores = 3\ninclude none.conf\n",
        ),
        (
            "/w/late",
            "max-jobs = 4\ninclude nix.conf\ninclude ../far.conf\n",
        ),
        ("/far.conf", "fallback = true\n"),
    ];
    let loaded = read(&files, &["/w"]);
    let [machine] = loaded.workspace.machines() else {
        panic!("{:?}", loaded.workspace.machines())
    };
    assert_eq!(&*machine.name, "w/nix.conf");
    assert_eq!(amount(&loaded, "max-jobs"), Some(4));
    assert_eq!(amount(&loaded, "cores"), Some(3));
    // What lies outside of the tree may set anything.
    assert!(!machine.complete);
    assert!(
        loaded
            .asked
            .is_superset(&machine.files.iter().copied().collect())
    );
    let said: Vec<String> = loaded
        .syntax_errors
        .iter()
        .map(|found| {
            let file = loaded.workspace.file(found.file).unwrap();
            let line = file.position(found.error.span.start).line;
            let (start, _) = found.error.message.split_once(',').unwrap();
            format!("{}:{line}: {start}", file.name())
        })
        .collect();
    assert_eq!(
        said,
        [
            "w/nix.conf:4: this file is not there",
            "w/late:2: this file includes itself"
        ]
    );
    // The one that is named is the whole of what is asked about.
    let named = read(&files, &["/w/nix.conf"]);
    assert_eq!(named.asked.len(), 1);
    assert_eq!(amount(&named, "max-jobs"), Some(4));
}
