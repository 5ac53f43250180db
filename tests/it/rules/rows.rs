//! Rules that are rows of the catalog: every old name, and every name of another module system,
//! is reported by exactly one of them.

use std::path::PathBuf;

use nixtune::catalog::{OptionStatus, Spelling};
use nixtune::facts::{Fact, ModuleSystem, Target};
use nixtune::model::{LoadOptions, load};
use nixtune::rules::{self, RuleCx, RuleOptions, Sink};
use nixtune::system::Memory;

use super::fixture::catalog;

const SYSTEMS: [ModuleSystem; 3] = [
    ModuleSystem::NixDarwin,
    ModuleSystem::Nixos,
    ModuleSystem::HomeManager,
];
const RULES: [&str; 3] = [
    "option-wrong-platform",
    "removed-option",
    "renamed-legacy-option",
];

/// Which of the rules speak when a module of `system` sets `path`.
fn said(system: ModuleSystem, path: &str) -> Vec<&'static str> {
    // A renamed set is set by one of its members.
    let member = if path == "determinate-nix" {
        "determinate-nix.customSettings.cores"
    } else {
        path
    };
    let file = PathBuf::from("/cfg/module.nix");
    let memory = Memory::new().file(&file, format!("{{\n  {member} = true;\n}}\n"));
    let options = LoadOptions {
        target: Target {
            module_system: Some(Fact::declared(system, "the test")),
            ..Target::default()
        },
        threads: 1,
        ..LoadOptions::default()
    };
    let loaded = load(&memory, &[file], catalog(), &options);
    let mut diagnostics = Vec::new();
    let none = RuleOptions::new();
    for machine in loaded.workspace.machines() {
        for rule in rules::ALL.iter().filter(|rule| RULES.contains(&rule.id)) {
            let cx = RuleCx::new(&loaded.workspace, machine, catalog(), None, &none);
            (rule.check)(
                &cx.for_rule(rule),
                &mut Sink::new(rule, machine, &mut diagnostics),
            );
        }
    }
    diagnostics.into_iter().map(|found| found.rule).collect()
}

#[test]
fn every_old_name_is_reported_by_one_rule() {
    let mut seen = 0;
    for system in SYSTEMS {
        for option in catalog().options(system) {
            let expected = match option.status {
                OptionStatus::Current => continue,
                OptionStatus::Renamed { .. } => "renamed-legacy-option",
                OptionStatus::Removed { .. } => match catalog().systems_with(option.path) {
                    owners if owners.is_empty() => "removed-option",
                    _ => "option-wrong-platform",
                },
            };
            seen += 1;
            assert_eq!(
                said(system, option.path),
                [expected],
                "{system} {}",
                option.path
            );
        }
    }
    assert!(seen > 40, "{seen} old names");
}

#[test]
fn every_current_option_is_left_alone_where_it_is_at_home() {
    for system in SYSTEMS {
        for option in catalog()
            .options(system)
            .filter(|option| option.is_current())
        {
            if option.path.contains(['*', '<']) {
                continue;
            }
            assert!(
                said(system, option.path).is_empty(),
                "{system} {}",
                option.path
            );
        }
    }
}

#[test]
fn names_of_another_system_are_reported_once() {
    for (system, path) in [
        (ModuleSystem::Nixos, "nix.gc.interval"),
        (ModuleSystem::Nixos, "nix.optimise.interval"),
        (ModuleSystem::Nixos, "nix.linux-builder.enable"),
        (ModuleSystem::Nixos, "nix.daemonIOLowPriority"),
        (ModuleSystem::Nixos, "nix.gc.frequency"),
        (ModuleSystem::NixDarwin, "nix.checkAllErrors"),
        (ModuleSystem::NixDarwin, "nix.sshServe.enable"),
        (ModuleSystem::NixDarwin, "nix.systemFeatures"),
        (ModuleSystem::NixDarwin, "nix.gc.frequency"),
        (ModuleSystem::HomeManager, "nix.optimise.automatic"),
        (ModuleSystem::HomeManager, "nix.gc.interval"),
        (ModuleSystem::HomeManager, "nix.nrBuildUsers"),
        (ModuleSystem::HomeManager, "nix.maxJobs"),
    ] {
        assert_eq!(
            said(system, path),
            ["option-wrong-platform"],
            "{system} {path}"
        );
    }
}

/// Which of `rules` speak when a `nix.conf` sets `key`.
fn said_of_key(key: &str, rules: &[&str]) -> Vec<&'static str> {
    let file = PathBuf::from("/etc/nix/nix.conf");
    let memory = Memory::new().file(&file, format!("{key} = x\n"));
    let options = LoadOptions {
        target: Target::default(),
        threads: 1,
        ..LoadOptions::default()
    };
    let loaded = load(&memory, &[file], catalog(), &options);
    let mut diagnostics = Vec::new();
    let none = RuleOptions::new();
    for machine in loaded.workspace.machines() {
        for rule in rules::ALL.iter().filter(|rule| rules.contains(&rule.id)) {
            let cx = RuleCx::new(&loaded.workspace, machine, catalog(), None, &none);
            (rule.check)(
                &cx.for_rule(rule),
                &mut Sink::new(rule, machine, &mut diagnostics),
            );
        }
    }
    diagnostics.into_iter().map(|found| found.rule).collect()
}

#[test]
fn every_name_of_a_setting_is_known_and_only_aliases_are_deprecated() {
    let rules = ["deprecated-setting-alias", "unknown-setting"];
    let mut aliases = 0;
    for setting in catalog().settings() {
        let names = [Some(setting.name), setting.append_key()];
        for name in names.into_iter().flatten() {
            assert!(said_of_key(name, &rules).is_empty(), "{name}");
        }
        for alias in &setting.aliases {
            let resolved = catalog().resolve(alias.name).unwrap();
            if resolved.spelling != Spelling::Alias || !resolved.setting.is_current() {
                continue;
            }
            aliases += 1;
            let said = said_of_key(alias.name, &rules);
            assert_eq!(said, ["deprecated-setting-alias"], "{}", alias.name);
        }
    }
    assert!(aliases > 15, "{aliases} aliases");
}
