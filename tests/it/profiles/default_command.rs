//! `analyze profile` without a command: the configuration of this machine is built, and nothing else.

use std::fs;

use nixtune::catalog::Catalog;
use nixtune::engine::analyze::default_command;
use nixtune::engine::{self, Request};
use nixtune::system::Memory;

use super::Script;

fn script() -> Script {
    let script = Script::new("printf '%s\\n' \"$@\" > arguments\nexit 3\n");
    let flake = r#"{
      inputs.nix-darwin.url = "github:nix-darwin/nix-darwin";
      inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
      outputs = { nixpkgs, nix-darwin, ... }: {
        nixosConfigurations.lamp = nixpkgs.lib.nixosSystem { modules = [ ./a.nix ]; };
        nixosConfigurations."no dot.com" = nixpkgs.lib.nixosSystem { modules = [ ./a.nix ]; };
        darwinConfigurations.mac = nix-darwin.lib.darwinSystem { modules = [ ./a.nix ]; };
      };
    }"#;
    fs::write(script.path().join("flake.nix"), flake).unwrap();
    fs::write(
        script.path().join("a.nix"),
        "{ nix.settings.max-jobs = 4; }",
    )
    .unwrap();
    script
}

#[test]
fn the_named_machine_is_built_and_not_switched_to() {
    for (machine, attribute) in [
        (
            "lamp",
            "nixosConfigurations.lamp.config.system.build.toplevel",
        ),
        (
            "no dot.com",
            "nixosConfigurations.\"no dot.com\".config.system.build.toplevel",
        ),
        ("mac", "darwinConfigurations.mac.system"),
    ] {
        let script = script();
        let output = script
            .nixtune(
                &[],
                &["analyze", "profile", "--machine", machine, "--path", "."],
            )
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let arguments = fs::read_to_string(script.path().join("arguments"))
            .unwrap_or_else(|_| panic!("{said}"));
        let arguments: Vec<&str> = arguments.lines().collect();
        // The exit code is that of the command, and the command was told first.
        assert_eq!(output.status.code(), Some(3), "{said}");
        let installable = *arguments.last().unwrap();
        assert!(
            installable.ends_with(&format!("#{attribute}")),
            "{installable}"
        );
        assert!(
            arguments.contains(&"build") && arguments.contains(&"--no-link"),
            "{arguments:?}"
        );
        let first = said.lines().next().unwrap();
        assert!(
            first.starts_with("runs: nix build ") && first.contains(attribute),
            "{said}"
        );
    }
}

#[test]
fn what_is_not_clear_is_asked_for() {
    let script = script();
    let said = |arguments: &[&str]| {
        let mut all = vec!["analyze", "profile"];
        all.extend(arguments);
        let output = script.nixtune(&[], &all).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let unknown = said(&["--machine", "tower"]);
    assert!(
        unknown.contains("there is no configuration `tower`; there are: "),
        "{unknown}"
    );
    if cfg!(target_os = "linux") {
        let several = said(&[]);
        assert!(several.contains("name one with `--machine`: "), "{several}");
        assert!(
            several.contains("lamp") && !several.contains(", mac"),
            "{several}"
        );
    }
    assert!(!script.path().join("arguments").exists());
}

#[test]
fn the_machine_that_is_called_like_this_computer_is_built() {
    let machine =
        |name: &str, function: &str| format!("{name} = {function} {{ modules = [ ./a.nix ]; }};");
    let flake = format!(
        "{{
          inputs.nixpkgs.url = \"github:NixOS/nixpkgs/nixos-unstable\";
          inputs.nix-darwin.url = \"github:nix-darwin/nix-darwin\";
          outputs = {{ nixpkgs, nix-darwin, ... }}: {{
            nixosConfigurations = {{ {} {} }};
            darwinConfigurations = {{ {} }};
          }};
        }}",
        machine("lamp", "nixpkgs.lib.nixosSystem"),
        machine("tower", "nixpkgs.lib.nixosSystem"),
        machine("mac", "nix-darwin.lib.darwinSystem"),
    );
    let installable = |system: Memory| {
        let system = system
            .file("/w/flake.nix", &flake)
            .file("/w/a.nix", "{ nix.settings.max-jobs = 4; }");
        let request = Request {
            roots: vec!["/w".into()],
            ..Request::default()
        };
        let outcome = engine::look(&system, &Catalog::embedded(), &request).unwrap();
        let command = default_command(&system, &outcome, None);
        command
            .map(|command| command.last().unwrap().clone())
            .map_err(|error| error.to_string())
    };
    let linux = || Memory::new().on("linux", "x86_64");
    let tower = linux().file("/proc/sys/kernel/hostname", "tower\n");
    assert_eq!(
        installable(tower).unwrap(),
        "/w#nixosConfigurations.tower.config.system.build.toplevel"
    );
    // There is one Mac, whatever this one is called.
    let mac = Memory::new().on("macos", "aarch64");
    assert_eq!(
        installable(mac).unwrap(),
        "/w#darwinConfigurations.mac.system"
    );
    let other = linux().file("/proc/sys/kernel/hostname", "other\n");
    assert_eq!(
        installable(other).unwrap_err(),
        "no configuration is called `other`; name one with `--machine`: lamp, tower"
    );
}
