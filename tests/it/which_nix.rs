//! Which Nix a machine gets, as its files tell: by its package, its modules, its nixpkgs.

use std::path::PathBuf;

use nixtune::catalog::Catalog;
use nixtune::facts::{Fact, How, Implementation, Target, Version};
use nixtune::model::{LoadOptions, load};
use nixtune::system::Memory;

/// What is told of the Nix of the machine called `name`.
fn target(files: &[(&str, &str)], name: &str) -> Target {
    let system = files.iter().fold(Memory::new(), |system, (path, text)| {
        system.file(format!("/cfg/{path}"), text)
    });
    let options = LoadOptions::default();
    let loaded = load(
        &system,
        &[PathBuf::from("/cfg")],
        &Catalog::embedded(),
        &options,
    );
    let mut machines = loaded.workspace.machines().iter();
    let machine = machines.find(|machine| machine.name.as_ref() == name);
    machine
        .unwrap_or_else(|| panic!("no {name} in {:?}", loaded.unread))
        .target
        .clone()
}

/// `Lix 2.93.3 (declared)`; empty when nothing is told.
fn told(target: &Target) -> String {
    let how = |fact: &Fact<Version>| fact.how;
    let version = target.version.as_ref().or(target.series.as_ref());
    match (target.nix_in_words(), &target.implementation) {
        (Some(words), Some(implementation)) => format!(
            "{words} ({})",
            version.map_or(implementation.how, |version| how(version)
                .min(implementation.how))
        ),
        (words, _) => words.unwrap_or_default(),
    }
}

/// A module that gives the package, as the only file.
fn by_package(package: &str) -> String {
    let text = format!(
        "{{ config, lib, pkgs, ... }}:\n{{\n  nix.package = {package};\n  nix.settings.cores = 2;\n}}\n"
    );
    told(&target(&[("module.nix", &text)], "cfg/module.nix"))
}

#[test]
fn a_package_tells_maker_and_series() {
    for (package, expected) in [
        ("pkgs.lix", "Lix (declared)"),
        ("pkgs.lixPackageSets.latest.lix", "Lix (declared)"),
        ("pkgs.lixPackageSets.lix_2_93.lix", "Lix 2.93 (declared)"),
        ("pkgs.lixVersions.lix_2_91", "Lix 2.91 (declared)"),
        ("pkgs.nixVersions.nix_2_28", "Nix 2.28 (declared)"),
        ("pkgs.nixVersions.latest", "Nix (declared)"),
        ("pkgs.nixVersions.stable", "Nix (declared)"),
        ("with pkgs; nixVersions.nix_2_31", "Nix 2.31 (declared)"),
        ("lib.mkForce pkgs.lix", "Lix (declared)"),
        // An overlay may have put another one there.
        ("pkgs.nix", "Nix (assumed)"),
    ] {
        assert_eq!(by_package(package), expected, "{package}");
    }
}

#[test]
fn what_may_be_anything_tells_nothing() {
    for package in [
        "config.my.nix",
        "pkgs.nix.overrideAttrs (old: { })",
        "pkgs.nix.appendPatches [ ./a.patch ]",
        "pkgs.callPackage ./nix.nix { }",
        "pkgs.nixVersions.${config.my.release}",
        "if config.my.lix then pkgs.lix else pkgs.nixVersions.latest",
        "lib.mkIf config.my.lix pkgs.lix",
        "pkgs.lixPackageSets.latest",
    ] {
        let told = by_package(package);
        assert!(
            told.is_empty() || package.contains("release") && told == "Nix (declared)",
            "{package}: {told}"
        );
    }
}

#[test]
fn two_branches_tell_what_they_agree_on() {
    let both = "if config.my.old then pkgs.nixVersions.nix_2_28 else pkgs.nixVersions.nix_2_31";
    assert_eq!(by_package(both), "Nix (declared)");
}

#[test]
fn nobody_knows_who_looks_after_a_disabled_nix() {
    let text = "{ pkgs, ... }:\n{\n  system.defaults.dock.autohide = true;\n  nix.enable = false;\n  nix.package = pkgs.lix;\n}\n";
    assert_eq!(told(&target(&[("darwin.nix", text)], "cfg/darwin.nix")), "");
}

/// A flake with one NixOS machine, `web`.
fn flake(inputs: &str, modules: &str) -> String {
    format!(
        "{{\n  inputs = {{ {inputs} }};\n  outputs = inputs@{{ nixpkgs, ... }}: {{\n    \
         nixosConfigurations.web = nixpkgs.lib.nixosSystem {{\n      system = \"x86_64-linux\";\n      \
         specialArgs = {{ inherit inputs; }};\n      modules = [ {{ nix.settings.cores = 2; }} {modules} ];\n    }};\n  }};\n}}\n"
    )
}

fn by_flake(inputs: &str, modules: &str) -> Target {
    target(&[("flake.nix", &flake(inputs, modules))], "web")
}

const OLD: &str = "nixpkgs.url = \"github:NixOS/nixpkgs/nixos-24.05\";";
const UNSTABLE: &str = "nixpkgs.url = \"github:NixOS/nixpkgs/nixos-unstable\";";

#[test]
fn the_nixpkgs_of_a_flake_tells_the_usual_series() {
    assert_eq!(told(&by_flake(OLD, "")), "Nix 2.18 (assumed)");
    assert_eq!(told(&by_flake(UNSTABLE, "")), "");
    // Which of several it is, tells the function that builds the machine.
    let several = format!("{UNSTABLE} stable.url = \"github:NixOS/nixpkgs/nixos-25.05\";");
    assert_eq!(told(&by_flake(&several, "")), "");
    let package = "({ pkgs, ... }: { nix.package = pkgs.nixVersions.stable; })";
    assert_eq!(told(&by_flake(OLD, package)), "Nix 2.18 (assumed)");
    // A package of another nixpkgs is not of this release.
    let other =
        "({ inputs, ... }: { nix.package = inputs.nixpkgs.legacyPackages.x86_64-linux.nix; })";
    assert_eq!(told(&by_flake(OLD, other)), "Nix (assumed)");
}

#[test]
fn the_lock_tells_what_the_address_leaves_open() {
    let lock = r#"{
      "nodes": {
        "nixpkgs": {
          "locked": { "owner": "NixOS", "repo": "nixpkgs", "type": "github" },
          "original": { "owner": "NixOS", "ref": "nixos-25.05", "repo": "nixpkgs", "type": "github" }
        },
        "root": { "inputs": { "nixpkgs": "nixpkgs" } }
      },
      "root": "root",
      "version": 7
    }"#;
    let files = [
        ("flake.nix", flake("", "")),
        ("flake.lock", lock.to_owned()),
    ];
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    let found = target(&files, "web");
    assert_eq!(told(&found), "Nix 2.28 (assumed)");
    let source = &found.series.as_ref().unwrap().source;
    assert!(source.contains("nixos-25.05"), "{source}");
    assert!(source.contains("as of 2026-08"), "{source}");
    // A lock that cannot be read tells nothing.
    let files = [("flake.nix", files[0].1), ("flake.lock", "{ \"nodes\": 3")];
    assert_eq!(told(&target(&files, "web")), "");
}

#[test]
fn modules_of_inputs_bring_their_nix() {
    let lix = format!(
        "{OLD} lix.url = \"https://git.lix.systems/lix-project/nixos-module/archive/2.93.3-1.tar.gz\";"
    );
    let module = "inputs.lix.nixosModules.default";
    let found = by_flake(&lix, module);
    assert_eq!(told(&found), "Lix 2.93.3 (declared)");
    assert_eq!(found.version.as_ref().unwrap().how, How::Declared);
    // Under a condition nobody knows, nor when the package is another one.
    let perhaps = "({ config, inputs, lib, ... }: { imports = lib.optionals config.my.lix [ inputs.lix.nixosModules.default ]; })";
    assert_ne!(
        by_flake(&lix, perhaps)
            .implementation
            .map(|fact| fact.value),
        Some(Implementation::Lix)
    );
    let both = format!("{module} ({{ pkgs, ... }}: {{ nix.package = pkgs.nixVersions.latest; }})");
    assert_eq!(told(&by_flake(&lix, &both)), "");
    let determinate =
        format!("{OLD} det.url = \"https://flakehub.com/f/DeterminateSystems/determinate/*\";");
    assert_eq!(
        told(&by_flake(&determinate, "inputs.det.nixosModules.default")),
        "Determinate Nix (declared)"
    );
    let nix = format!("{OLD} nix.url = \"github:NixOS/nix/2.31-maintenance\";");
    let package =
        "({ inputs, pkgs, ... }: { nix.package = inputs.nix.packages.x86_64-linux.default; })";
    assert_eq!(told(&by_flake(&nix, package)), "Nix 2.31 (declared)");
}
