//! nixpkgs' `lib` in whole configurations: types of options, options with other names, files.

use std::path::PathBuf;

use nixtune::catalog::Catalog;
use nixtune::model::{LoadOptions, Loaded, Setting, load};
use nixtune::system::Memory;

const FLAKE: &str = "{
  inputs.nixpkgs.url = \"github:NixOS/nixpkgs/nixos-unstable\";
  inputs.nix-darwin.url = \"github:nix-darwin/nix-darwin\";
  outputs = { nixpkgs, nix-darwin, ... }: {
    darwinConfigurations.mac = nix-darwin.lib.darwinSystem {
      system = \"aarch64-darwin\";
      modules = [ ./a.nix ./b.nix ];
    };
  };
}";

/// A machine of two modules, with further files beside them.
fn machine(first: &str, second: &str, others: &[(&str, &str)]) -> Loaded {
    let mut system = Memory::new()
        .file("/cfg/flake.nix", FLAKE)
        .file("/cfg/a.nix", first)
        .file("/cfg/b.nix", second);
    for (path, text) in others {
        system = system.file(path, text);
    }
    load(
        &system,
        &[PathBuf::from("/cfg")],
        &Catalog::embedded(),
        &LoadOptions::default(),
    )
}

/// The value of a setting as a number; `Ok(None)` when nothing sets it, `Err` when it is not known.
fn value(loaded: &Loaded, name: &str) -> Result<Option<u64>, String> {
    let [machine] = loaded.workspace.machines() else {
        panic!("{} machines", loaded.workspace.machines().len())
    };
    let catalog = Catalog::embedded();
    match loaded.workspace.view(machine).setting(&catalog, name) {
        Setting::Known(effective) => Ok(effective.as_amount()),
        Setting::Unset { .. } => Ok(None),
        other => Err(format!("{name} is {other:?}")),
    }
}

fn amount(loaded: &Loaded, name: &str) -> Option<u64> {
    value(loaded, name).unwrap()
}

#[test]
fn definitions_of_an_old_name_are_those_of_the_new_one() {
    let renames = "{ lib, ... }: { imports = [
        (lib.mkRenamedOptionModule [ \"my\" \"jobs\" ] [ \"nix\" \"settings\" \"max-jobs\" ])
        (lib.mkAliasOptionModule [ \"my\" \"cores\" ] [ \"nix\" \"settings\" \"cores\" ])
        (lib.mkRemovedOptionModule [ \"my\" \"gone\" ] \"it is gone\")
        (lib.mkChangedOptionModule [ \"my\" \"minutes\" ] [ \"nix\" \"settings\" \"connect-timeout\" ]
          (config: config.my.minutes * 60))
        (lib.mkChangedOptionModule [ \"my\" \"hours\" ] [ \"nix\" \"settings\" \"timeout\" ]
          (config: config.my.hours * 3600))
      ]; }";
    let loaded = machine(
        renames,
        "{ config, ... }: {
          my.jobs = 8;
          my.minutes = 2;
          nix.settings.cores = 3;
          nix.settings.http-connections = config.my.jobs;
          nix.settings.log-lines = config.my.cores;
        }",
        &[],
    );
    assert_eq!(amount(&loaded, "max-jobs"), Some(8));
    assert_eq!(amount(&loaded, "connect-timeout"), Some(120));
    assert_eq!(amount(&loaded, "http-connections"), Some(8));
    // nixpkgs gives the new option's value here; nixtune does not know it, and says no other.
    let lines = value(&loaded, "log-lines");
    assert!(lines.is_err(), "{lines:?}");
    // What nobody defines under the old name says nothing about the new one.
    assert_eq!(amount(&loaded, "cores"), Some(3));
    assert_eq!(amount(&loaded, "timeout"), None);
}

#[test]
fn types_of_lib_say_how_options_merge() {
    let options = "{ lib, ... }: { options.mine = with lib; {
        enable = mkEnableOption \"mine\";
        caches = mkOption { type = types.listOf types.str; default = [ ]; };
        jobs = mkOption { type = types.nullOr types.ints.unsigned; default = null; };
        text = mkOption { type = types.lines; default = \"\"; };
        hosts = mkOption {
          default = { };
          type = types.attrsOf (types.submodule ({ name, ... }: {
            options.cores = mkOption { type = types.int; default = 7; };
          }));
        };
      }; }";
    let loaded = machine(
        options,
        "{ lib, config, ... }: let cfg = config.mine; in {
          imports = [ { mine.caches = lib.mkAfter [ \"https://b.example\" ]; mine.text = \"cores = 5\"; } ];
          mine.enable = true;
          mine.caches = [ \"https://a.example\" ];
          mine.text = lib.mkBefore \"max-jobs = 2\";
          mine.hosts.x = { };
          mine.hosts.y.cores = 9;
          nix.extraOptions = cfg.text;
          nix.settings.http-connections = cfg.hosts.x.cores + cfg.hosts.y.cores;
          nix.settings.connect-timeout = lib.mkIf (cfg.enable && cfg.jobs == null) 4;
          nix.settings.log-lines = builtins.length cfg.caches;
        }",
        &[],
    );
    assert_eq!(amount(&loaded, "http-connections"), Some(16));
    assert_eq!(amount(&loaded, "connect-timeout"), Some(4));
    assert_eq!(amount(&loaded, "log-lines"), Some(2));
    assert_eq!(amount(&loaded, "max-jobs"), Some(2));
    assert_eq!(amount(&loaded, "cores"), Some(5));
}

#[test]
fn lib_reads_files_and_folders() {
    let loaded = machine(
        "{ lib, ... }: {
          imports = lib.filter (lib.hasSuffix \".nix\") (map toString (lib.filesystem.listFilesRecursive ./modules))
            ++ [ (lib.modules.importApply ./apply.nix { cores = 3; }) ];
        }",
        "{ lib, ... }: let data = lib.importJSON ./data.json; in {
          nix.settings.connect-timeout = data.timeout;
          nix.settings.log-lines = (lib.importTOML ./data.toml).lines;
          nix.settings.http-connections = lib.toInt (lib.fileContents ./number);
          nix.settings.download-attempts =
            (lib.callPackageWith { n = 6; } ./package.nix { }).attempts;
          nix.settings.stalled-download-timeout =
            if lib.pathIsDirectory ./modules && !lib.pathIsDirectory ./number then 8 else 9;
        }",
        &[
            ("/cfg/modules/jobs.nix", "{ nix.settings.max-jobs = 5; }"),
            (
                "/cfg/modules/deep/max.nix",
                "{ nix.settings.max-silent-time = 11; }",
            ),
            ("/cfg/modules/readme.md", "No module."),
            (
                "/cfg/apply.nix",
                "{ cores }: { ... }: { nix.settings.cores = cores; }",
            ),
            ("/cfg/data.json", "{ \"timeout\": 4 }"),
            ("/cfg/data.toml", "lines = 12\n"),
            ("/cfg/number", "30\n"),
            ("/cfg/package.nix", "{ n }: { attempts = n; }"),
        ],
    );
    assert_eq!(amount(&loaded, "max-jobs"), Some(5));
    assert_eq!(amount(&loaded, "max-silent-time"), Some(11));
    assert_eq!(amount(&loaded, "cores"), Some(3));
    assert_eq!(amount(&loaded, "connect-timeout"), Some(4));
    assert_eq!(amount(&loaded, "log-lines"), Some(12));
    assert_eq!(amount(&loaded, "http-connections"), Some(30));
    assert_eq!(amount(&loaded, "download-attempts"), Some(6));
    assert_eq!(amount(&loaded, "stalled-download-timeout"), Some(8));
}
