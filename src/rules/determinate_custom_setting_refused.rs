//! A setting that Determinate Nix keeps for itself.

use super::list_entry::{fits_every_machine, is_written, name_place};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change};
use crate::facts::ModuleSystem;
use crate::model::{Condition, OptionPath};

declare_rule! {
    /// A key of `determinateNix.customSettings` is refused by Determinate's module.
    ///
    /// ## Why it matters
    ///
    /// Determinate Nix sets six settings itself: `bash-prompt-prefix`, `external-builders`,
    /// `extra-nix-path`, `netrc-file`, `ssl-cert-file` and `upgrade-nix-store-path-url`. Its
    /// nix-darwin module asserts that `customSettings` has none of them, whatever the value is; with
    /// one the configuration does not evaluate.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   system.defaults.dock.autohide = true;
    ///   determinateNix.customSettings = {
    ///     netrc-file = "/etc/nix/netrc";
    ///     keep-outputs = true;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   system.defaults.dock.autohide = true;
    ///   determinateNix.customSettings = {
    ///     keep-outputs = true;
    ///   };
    ///   determinateNix.determinateNixd.authentication.additionalNetrcSources = [ "/etc/nix/netrc" ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never: it is an evaluation error. The fix takes the setting out, which brings back what
    /// Determinate Nix says itself; move credentials to
    /// `determinateNix.determinateNixd.authentication.additionalNetrcSources` first.
    ///
    /// ## Source
    ///
    /// Determinate `modules/nix-darwin/default.nix` (3.21.8), `disallowedOptions` and the assertion
    /// on `customSettings`; DeterminateSystems/determinate#156.
    pub DETERMINATE_CUSTOM_SETTING_REFUSED {
        id: "determinate-custom-setting-refused",
        since: "0.1.0",
        applies: "Determinate's nix-darwin module",
        settings: &["netrc-file", "ssl-cert-file", "external-builders", "bash-prompt-prefix"],
        category: Correctness,
        severity: Error,
        fixes: Always(Safe, Unsafe),
    }
}

/// The set of settings of Determinate's module, and its former name.
const SETS: [&str; 2] = [
    "determinateNix.customSettings",
    "determinate-nix.customSettings",
];

/// The keys that the module refuses.
pub(super) fn refused_keys<'a>(cx: &RuleCx<'a>) -> &'a [&'static str] {
    cx.catalog()
        .option(ModuleSystem::NixDarwin, "determinateNix.customSettings")
        .map_or(&[], |option| option.refuses.as_slice())
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    // The assertions stand behind the module's own switch.
    let is_off = ["determinateNix.enable", "determinate-nix.enable"]
        .into_iter()
        .any(|switch| {
            let switch = cx.option(switch);
            !switch.is_unset() && switch.known().and_then(|value| value.as_bool()) != Some(true)
        });
    if cx.target().system() != Some(ModuleSystem::NixDarwin) || is_off {
        return;
    }
    let sets = SETS.map(OptionPath::dotted);
    for definition in cx.all_definitions() {
        let refused = sets.contains(&definition.option.parent())
            && refused_keys(cx).contains(&definition.option.leaf());
        if !refused || definition.condition != Condition::Always || !is_written(definition) {
            continue;
        }
        let Some(place) = name_place(definition) else {
            continue;
        };
        let key = definition.option.leaf();
        let only_here = fits_every_machine(cx, definition, |machine| {
            machine.target.system() == Some(ModuleSystem::NixDarwin)
        });
        out.report(
            place,
            format!("`{key}` is refused in `{}`", definition.option.parent()),
        )
        .why("Determinate Nix sets it itself, and its module fails an assertion on it")
        .help(match key {
            "netrc-file" => {
                "take it out, and list the file in \
                 `determinateNix.determinateNixd.authentication.additionalNetrcSources`"
            }
            _ => "take it out",
        })
        .fix(
            // What it gave access to has to be named elsewhere first.
            if only_here && key != "netrc-file" {
                Applicability::Safe
            } else {
                Applicability::Unsafe
            },
            format!("take `{key}` out"),
            vec![Change::Remove {
                definition: definition.id,
            }],
        );
    }
}
