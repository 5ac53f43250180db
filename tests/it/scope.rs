//! What modules make of each other's definitions, where nixtune once thought otherwise. Real Nix
//! judges random modules in `oracle/modules.rs`; these are the cases that it found, by name.

use std::path::PathBuf;

use nixtune::catalog::Catalog;
use nixtune::eval::Value;
use nixtune::model::{LoadOptions, Loaded, LostWhy, Setting, Text, load};
use nixtune::system::Memory;

/// A NixOS machine of `root.nix` and these files.
fn read(root: &str, files: &[(&str, &str)]) -> Loaded {
    let flake = "{ outputs = { self, nixpkgs }: { \
                 nixosConfigurations.m = nixpkgs.lib.nixosSystem { modules = [ ./root.nix ]; }; }; }";
    let root = format!("{{ config, lib, ... }}: let inherit (lib) types mkOption; in {root}");
    let system = Memory::new()
        .file("/w/flake.nix", flake)
        .file("/w/root.nix", root);
    let system = files.iter().fold(system, |system, (name, text)| {
        system.file(format!("/w/{name}"), text)
    });
    let paths = [PathBuf::from("/w")];
    load(
        &system,
        &paths,
        &Catalog::embedded(),
        &LoadOptions::default(),
    )
}

/// The text of `v`, a setting without type.
fn text(loaded: &Loaded) -> Option<String> {
    let view = loaded.workspace.view(&loaded.workspace.machines()[0]);
    match view.setting(&Catalog::embedded(), "v") {
        Setting::Known(known) if known.unconditional => match &known.value.value {
            Value::Str(text) => Some(text.to_string()),
            other => panic!("v is {other:?}"),
        },
        Setting::Unset { assured: true } => None,
        other => panic!("v is {other:?}"),
    }
}

fn items(loaded: &Loaded) -> Vec<String> {
    let view = loaded.workspace.view(&loaded.workspace.machines()[0]);
    let catalog = Catalog::embedded();
    let items = view.items(&catalog, "l");
    assert!(items.complete);
    let items: Vec<String> = items
        .items
        .iter()
        .map(|item| item.text.to_string())
        .collect();
    let rendered = view.rendered(&catalog);
    let mut lines = rendered.lines.iter();
    let line = lines.find(|line| line.key.as_ref() == "l").unwrap();
    assert_eq!(line.text, Text::Known(items.join(" ")));
    items
}

/// What an option of a type holds after these definitions, as JSON.
fn merged(kind: &str, definitions: &[&str]) -> Option<String> {
    let imports: Vec<String> = definitions
        .iter()
        .map(|definition| format!("{{ my.x = {definition}; }}"))
        .collect();
    text(&read(
        &format!(
            "{{ imports = [ {} ]; options.my.x = mkOption {{ {kind} }}; \
             config.nix.settings.v = builtins.toJSON config.my.x; }}",
            imports.join(" ")
        ),
        &[],
    ))
}

#[test]
fn a_file_of_a_disabled_module_counts_by_its_other_importer() {
    let loaded = read(
        "{ imports = [ ./a.nix ./b.nix ]; disabledModules = [ ./a.nix ]; }",
        &[
            (
                "a.nix",
                "{ imports = [ ./c.nix ]; nix.settings.l = [ \"a\" ]; }",
            ),
            (
                "b.nix",
                "{ imports = [ ./c.nix ]; nix.settings.l = [ \"b\" ]; }",
            ),
            ("c.nix", "{ nix.settings.v = \"c\"; }"),
        ],
    );
    assert_eq!(text(&loaded).as_deref(), Some("c"));
    assert_eq!(items(&loaded), ["b"]);
}

#[test]
fn a_module_that_only_disables_another_one_is_read() {
    let loaded = read(
        "{ imports = [ ./a.nix ./b.nix ]; nix.settings.l = [ ]; }",
        &[
            ("a.nix", "{ nix.settings.v = \"a\"; }"),
            ("b.nix", "{ disabledModules = [ ./a.nix ]; }"),
        ],
    );
    assert_eq!(text(&loaded), None);
}

#[test]
fn a_file_stands_where_it_is_met_first() {
    // `late.nix` is read last and imports `c.nix` less deep than `a.nix` does.
    let loaded = read(
        "{ imports = [ ./a.nix ./late.nix ]; nix.settings.l = [ config.my.x ]; }",
        &[
            (
                "a.nix",
                "{ imports = [ ./b.nix ]; nix.settings.l = [ \"a\" ]; }",
            ),
            (
                "b.nix",
                "{ imports = [ ./c.nix ]; nix.settings.l = [ \"b\" ]; }",
            ),
            ("c.nix", "{ nix.settings.l = [ \"c\" ]; }"),
            (
                "late.nix",
                "{ lib, ... }: { imports = [ ./c.nix ]; options.my.x = lib.mkOption { default = \"x\"; }; }",
            ),
        ],
    );
    assert_eq!(items(&loaded), ["x", "a", "b", "c"]);
}

#[test]
fn a_forced_set_of_settings_replaces_all_others() {
    let weak = "{ nix.settings = { v = \"weak\"; l = [ \"weak\" ]; }; }";
    let loaded = read(
        "{ imports = [ ./a.nix ]; nix.settings = lib.mkForce { l = lib.mkDefault [ \"strong\" ]; }; }",
        &[("a.nix", weak)],
    );
    assert_eq!(text(&loaded), None);
    assert_eq!(items(&loaded), ["strong"]);
    // One that is only perhaps there leaves the others in doubt.
    let loaded = read(
        "{ imports = [ ./a.nix ]; nix.settings = lib.mkIf (builtins.currentTime > 0) (lib.mkForce { l = [ ]; }); }",
        &[("a.nix", weak)],
    );
    let view = loaded.workspace.view(&loaded.workspace.machines()[0]);
    let Setting::Known(known) = view.setting(&Catalog::embedded(), "v") else {
        panic!()
    };
    assert!(!known.unconditional);
}

#[test]
fn items_stand_as_the_submodule_of_settings_puts_them() {
    let loaded = read(
        "{ imports = [ ./a.nix { nix.settings.l = [ \"inline\" ]; } ]; \
         nix.settings = lib.mkMerge [ { l = [ \"one\" ]; } { l = lib.mkMerge [ [ \"two\" ] [ \"three\" ] ]; } ]; }",
        &[("a.nix", "{ nix.settings.l = [ \"a\" ]; }")],
    );
    assert_eq!(items(&loaded), ["two", "three", "one", "a", "inline"]);
}

#[test]
fn weaker_text_is_not_read() {
    let loaded = read(
        "{ imports = [ ./a.nix ]; nix.extraOptions = lib.mkForce \"w = 1\"; }",
        &[("a.nix", "{ nix.extraOptions = \"v = 1\"; }")],
    );
    assert_eq!(text(&loaded), None);
    let loaded = read(
        "{ imports = [ ./a.nix ]; nix.extraOptions = lib.mkAfter \"v = last\"; }",
        &[("a.nix", "{ nix.extraOptions = \"v = first\"; }")],
    );
    assert_eq!(text(&loaded).as_deref(), Some("last"));
}

#[test]
fn types_decide_what_becomes_of_several_definitions() {
    let cases: [(&str, &[&str], &str); 9] = [
        (
            "type = types.coercedTo types.str lib.singleton (types.listOf types.str);",
            &["\"a\"", "[ \"b\" ]"],
            r#"["b","a"]"#,
        ),
        ("type = types.anything;", &["[ 1 ]", "[ 1 ]"], "[1]"),
        (
            "type = types.anything;",
            &["{ a.b = 1; }", "{ a.c = lib.mkForce 2; }"],
            r#"{"a":{"b":1,"c":2}}"#,
        ),
        (
            "type = types.attrs;",
            &["{ a = { b = 1; }; }", "{ a = { c = 2; }; }"],
            r#"{"a":{"b":1}}"#,
        ),
        ("", &["\"a\"", "\"a\""], "\"aa\""),
        ("", &["true", "false"], "true"),
        (
            "type = types.either types.str (types.listOf types.str);",
            &["[ \"a\" ]", "[ \"b\" ]"],
            r#"["b","a"]"#,
        ),
        (
            "type = types.listOf types.str;",
            &["[ (lib.mkIf false \"a\") \"b\" (lib.mkIf true \"c\") ]"],
            r#"["b","c"]"#,
        ),
        (
            "type = types.listOf (types.submodule ({ name, ... }: { options.name = mkOption { default = name; }; }));",
            &["[ { } ]"],
            r#"[{"name":"[definition 1-entry 1]"}]"#,
        ),
    ];
    for (kind, definitions, expected) in cases {
        let found = merged(kind, definitions);
        assert_eq!(found.as_deref(), Some(expected), "{kind} {definitions:?}");
    }
}

#[test]
fn names_of_a_submodule_are_options_whatever_they_mean_elsewhere() {
    let kind =
        "type = types.submodule { options.key = mkOption { }; options.config = mkOption { }; };";
    assert_eq!(
        merged(kind, &["{ key = 1; }", "{ config = 2; }"]).as_deref(),
        Some(r#"{"config":2,"key":1}"#)
    );
}

#[test]
fn values_of_another_type_are_not_known() {
    for (kind, definitions) in [
        ("type = types.str;", &["1"][..]),
        ("type = types.enum [ \"a\" ];", &["\"b\""]),
        ("type = types.raw;", &["1", "1"]),
        ("type = types.listOf types.str;", &["\"a\""]),
    ] {
        let imports: Vec<String> = definitions
            .iter()
            .map(|definition| format!("{{ my.x = {definition}; }}"))
            .collect();
        let loaded = read(
            &format!(
                "{{ imports = [ {} ]; options.my.x = mkOption {{ {kind} }}; config.nix.settings.v = config.my.x; }}",
                imports.join(" ")
            ),
            &[],
        );
        let view = loaded.workspace.view(&loaded.workspace.machines()[0]);
        let found = view.setting(&Catalog::embedded(), "v");
        assert!(matches!(found, Setting::Unknown { .. }), "{kind} {found:?}");
    }
}

#[test]
fn what_a_stronger_definition_may_replace_is_in_doubt() {
    for kind in [
        "types.attrsOf types.int",
        "types.submodule { options.a = mkOption { default = 0; }; }",
    ] {
        let loaded = read(
            &format!(
                "{{ options.my.x = mkOption {{ type = {kind}; default = {{ a = 1; }}; }}; \
                 config = {{ my.x = lib.mkIf (builtins.currentTime > 0) {{ }}; \
                 nix.settings.v = config.my.x.a; }}; }}"
            ),
            &[],
        );
        let view = loaded.workspace.view(&loaded.workspace.machines()[0]);
        let found = view.setting(&Catalog::embedded(), "v");
        assert!(
            !matches!(&found, Setting::Known(known) if known.unconditional),
            "{kind} {found:?}"
        );
    }
}

/// The line of a key in the file that NixOS writes; `None` when it has none.
fn line(loaded: &Loaded, key: &str) -> Option<Text> {
    let view = loaded.workspace.view(&loaded.workspace.machines()[0]);
    let catalog = Catalog::embedded();
    let rendered = view.rendered(&catalog);
    let mut lines = rendered.lines.iter();
    Some(lines.find(|line| &*line.key == key)?.text.clone())
}

#[test]
fn a_forced_set_drops_what_the_module_system_defines_itself() {
    let known = |text: &str| Some(Text::Known(text.to_owned()));
    let plain = read("{ nix.settings = { cores = 2; }; }", &[]);
    assert_eq!(line(&plain, "cores"), known("2"));
    assert_eq!(line(&plain, "trusted-users"), known("root"));
    let forced = read("{ nix.settings = lib.mkForce { cores = 2; }; }", &[]);
    assert_eq!(line(&forced, "cores"), known("2"));
    assert_eq!(line(&forced, "trusted-users"), None);
    // The defaults of options are no definitions of the set.
    assert_eq!(line(&forced, "max-jobs"), known("auto"));
}

#[test]
fn a_weak_set_is_dropped_for_what_the_module_system_defines_itself() {
    let known = |text: &str| Some(Text::Known(text.to_owned()));
    let weak = read(
        "{ nix.settings = lib.mkDefault { cores = 2; v = \"x\"; }; nix.gc.automatic = true; }",
        &[],
    );
    assert_eq!(line(&weak, "cores"), known("0"));
    assert_eq!(text(&weak), None);
    assert_eq!(line(&weak, "trusted-users"), known("root"));
    let view = weak.workspace.view(&weak.workspace.machines()[0]);
    let catalog = Catalog::embedded();
    let rendered = view.rendered(&catalog);
    let lost = rendered.settings.iter().flat_map(|setting| &setting.lost);
    let lost = lost.filter(|lost| lost.why == LostWhy::WeakerSet);
    let lost: Vec<_> = lost.map(|lost| (&*lost.key, &*lost.text)).collect();
    assert_eq!(lost, [("cores", "2"), ("v", "x")]);
}

#[test]
fn a_failing_condition_of_a_set_fails_what_others_say_as_well() {
    let fails = "(throw \"no\")";
    for definitions in [
        // Weaker, and beside a plain definition.
        format!("[ {{ cores = 2; }} (lib.mkIf {fails} {{ cores = lib.mkDefault 3; }}) ]"),
        // Of another setting: the set as a whole has no value.
        format!("[ {{ cores = 2; }} (lib.mkIf {fails} {{ max-jobs = 3; }}) ]"),
        // Of the setting itself.
        format!("[ {{ cores = 2; }} {{ cores = lib.mkIf {fails} (lib.mkDefault 3); }} ]"),
    ] {
        let loaded = read(
            &format!("{{ nix.settings = lib.mkMerge {definitions}; }}"),
            &[],
        );
        let cores = line(&loaded, "cores");
        assert!(
            matches!(cores, Some(Text::Unknown { .. })),
            "{definitions}: {cores:?}"
        );
    }
}

#[test]
fn a_failing_set_leaves_no_default() {
    let loaded = read(
        "{ nix.settings = lib.mkIf (throw \"no\") { max-jobs = lib.mkIf false 3; cores = 1; }; }",
        &[],
    );
    let jobs = line(&loaded, "max-jobs");
    assert!(matches!(jobs, Some(Text::Unknown { .. })), "{jobs:?}");
}
