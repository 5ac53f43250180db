//! A key of `nix.conf` that stands directly under `nix`.

use super::deprecated_setting_alias::has_declared_type;
use super::list_entry::{fits_every_machine, is_written, name_place, system_is_assumed};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::SettingInfo;
use crate::diagnostic::{Applicability, Change, Severity};
use crate::facts::ModuleSystem;
use crate::model::{Condition, Definition, Form, OptionPath};

declare_rule! {
    /// A setting stands directly under `nix`, outside of `nix.settings`.
    ///
    /// ## Why it matters
    ///
    /// `nix.keep-outputs` is no option of any module system: the configuration does not evaluate
    /// ("The option `nix.keep-outputs' does not exist"). What `nix.conf` calls `keep-outputs` is
    /// `nix.settings.keep-outputs`.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   boot.loader.grub.enable = true;
    ///   nix.keep-outputs = true;
    ///   nix.gc.automatic = true;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   boot.loader.grub.enable = true;
    ///   nix.settings.keep-outputs = true;
    ///   nix.gc.automatic = true;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When a module of one's own declares the option; a file of the configuration that declares
    /// it keeps the rule silent. The fix is safe for settings that decide neither about trust nor
    /// about caches, where the module system and the type of the value are certain.
    ///
    /// ## Source
    ///
    /// The option lists of nix-darwin (June 2026), NixOS and home-manager (August 2026), in
    /// nixtune's catalog; the module system's check for undeclared options (nixpkgs
    /// `lib/modules.nix`).
    pub SETTING_OUTSIDE_SETTINGS {
        id: "setting-outside-settings",
        since: "0.1.0",
        applies: "NixOS from 22.05, nix-darwin from August 2022, home-manager",
        settings: &["nix.settings"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Safe, Unsafe),
    }
}

/// Settings that decide whom the daemon trusts and where it takes code from.
const TRUST: [&str; 8] = [
    "accept-flake-config",
    "allowed-users",
    "require-sigs",
    "sandbox",
    "substituters",
    "trusted-public-keys",
    "trusted-substituters",
    "trusted-users",
];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let system = cx.target().system();
    if matches!(
        system,
        Some(ModuleSystem::NixConf | ModuleSystem::FlakeConfig)
    ) {
        return;
    }
    for definition in cx.all_definitions() {
        let Some((setting, key)) = misplaced(cx, definition) else {
            continue;
        };
        let Some(place) = name_place(definition) else {
            continue;
        };
        let to = OptionPath::dotted("nix.settings").join(key);
        let (applicability, changes) = mending(cx, definition, setting, &to);
        let certain = system.is_some() && !system_is_assumed(cx);
        out.report(
            place,
            format!("`nix.{key}` is no option; `{key}` is a setting"),
        )
        .why("the module system refuses an option that no module declares")
        .help(format!("write `{to}`"))
        .severity(if certain && definition.condition == Condition::Always {
            Severity::Error
        } else {
            Severity::Warning
        })
        .confidence(cx.confidence(definition))
        .fix(applicability, format!("move it to `{to}`"), changes);
    }
}

/// The setting that a definition of the form `nix.KEY` means, and the key.
fn misplaced<'a, 'd>(
    cx: &RuleCx<'a>,
    definition: &'d Definition,
) -> Option<(&'a SettingInfo, &'d str)> {
    let [nix, key] = definition.option.names() else {
        return None;
    };
    // A former name of an option is another rule's.
    if &**nix != "nix" || definition.setting.is_some() || definition.form == Form::Computed {
        return None;
    }
    let resolved = cx.catalog().resolve(key)?;
    let path = format!("nix.{key}");
    let is_option = [
        ModuleSystem::NixDarwin,
        ModuleSystem::Nixos,
        ModuleSystem::HomeManager,
    ]
    .into_iter()
    .any(|system| cx.catalog().option(system, &path).is_some());
    let declared = cx
        .machine()
        .files
        .iter()
        .filter_map(|id| cx.workspace().file(*id))
        .any(|file| declares(file.text(), key));
    (!is_option && !declared).then_some((resolved.setting, key))
}

/// True when a file may declare an option of this name.
fn declares(text: &str, key: &str) -> bool {
    text.contains("options")
        && text.match_indices(key).any(|(at, _)| {
            let after = text.get(at + key.len()..).unwrap_or("");
            let value = after.trim_start().strip_prefix('=').map(str::trim_start);
            value.is_some_and(|value| {
                let value = value
                    .trim_start_matches("lib.")
                    .trim_start_matches("types.");
                value.starts_with("mk")
                    && !value.starts_with("mkIf")
                    && !value.starts_with("mkForce")
            })
        })
}

fn mending(
    cx: &RuleCx<'_>,
    definition: &Definition,
    setting: &SettingInfo,
    to: &OptionPath,
) -> (Applicability, Vec<Change>) {
    let taken = cx.all_definitions().any(|other| other.option == *to);
    if !is_written(definition) || taken {
        return (Applicability::Manual, Vec::new());
    }
    let system = cx.target().system();
    let fits = has_declared_type(setting.kind(), &definition.value.value)
        && system.is_some()
        && !system_is_assumed(cx)
        && fits_every_machine(cx, definition, |machine| machine.target.system() == system);
    let applicability = if fits && !TRUST.contains(&setting.name) {
        Applicability::Safe
    } else {
        Applicability::Unsafe
    };
    (
        applicability,
        vec![Change::Rename {
            definition: definition.id,
            to: to.clone(),
        }],
    )
}
