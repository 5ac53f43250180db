//! What a module refuses while it does not manage Nix.

use super::conflict::belong_together;
use super::list_entry::{fits_every_machine, is_written, name_place};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change};
use crate::facts::ModuleSystem;
use crate::model::{Condition, Definition, Machine, Priority, Setting};

declare_rule! {
    /// An option is on that needs `nix.enable`, which is off.
    ///
    /// ## Why it matters
    ///
    /// Most of what stands under `nix` is dropped without a word when `nix.enable` is `false`. Some
    /// options are not: `nix.gc.automatic`, `nix.optimise.automatic`, `nix.linux-builder.enable`,
    /// `nixpkgs.flake.setNixPath` and a few services run Nix themselves, and their modules assert
    /// that Nix is managed. The configuration does not evaluate.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # Determinate Nix manages the daemon
    ///   nix.enable = false;
    ///   nix.gc.automatic = true;
    ///   system.defaults.dock.autohide = true;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   # Determinate Nix manages the daemon, and collects garbage by itself
    ///   nix.enable = false;
    ///   system.defaults.dock.autohide = true;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the file is also used by machines on which Nix is managed: put the option under
    /// `lib.mkIf config.nix.enable` there. Determinate Nix collects garbage by itself
    /// (`determinateNix.determinateNixd.garbageCollector.strategy`) and has a Linux builder of its
    /// own. The fix takes the option out and needs `--unsafe`: what it switched on will not run.
    ///
    /// ## Source
    ///
    /// nix-darwin `modules/services/nix-gc`, `nix-optimise`, `modules/nix/linux-builder.nix`,
    /// `modules/nix/nixpkgs-flake.nix`, `modules/services/lorri.nix` and others (as of June 2026);
    /// NixOS `nixos/modules/services/misc/nix-gc.nix` and `nix-optimise.nix`; nix-darwin#1332 and
    /// nix-darwin#1326.
    pub OPTION_REQUIRES_NIX_ENABLE {
        id: "option-requires-nix-enable",
        since: "0.1.0",
        applies: "nix-darwin from February 2025, NixOS",
        settings: &["nix.enable", "nix.gc.automatic", "nix.optimise.automatic", "nix.linux-builder.enable"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(system @ (ModuleSystem::NixDarwin | ModuleSystem::Nixos)) = cx.target().system()
    else {
        return;
    };
    let Some(off) = nix_is_off(cx) else { return };
    let needing = cx
        .catalog()
        .options(system)
        .filter(|option| option.needs_nix_enable);
    for option in needing {
        let Setting::Known(effective) = cx.option(option.path) else {
            continue;
        };
        let definition = effective.definition;
        let is_on = effective.as_bool() == Some(true)
            && definition.condition == Condition::Always
            && belong_together(cx, &[definition, off])
            // A weaker one may be answered by a file that was not read.
            && (definition.priority <= Priority::NORMAL || cx.machine().complete);
        let (true, Some(place)) = (is_on, name_place(definition)) else {
            continue;
        };
        let is_off_everywhere =
            fits_every_machine(cx, definition, |machine| is_off_on(cx, machine));
        let changes = if is_off_everywhere && is_written(definition) {
            vec![Change::Remove {
                definition: definition.id,
            }]
        } else {
            Vec::new()
        };
        out.report(
            place,
            format!("`{}` needs `nix.enable`, which is off", option.path),
        )
        .why("the module asserts it, so that the configuration does not evaluate")
        .help(match option.path {
            "nix.gc.automatic" | "nix.optimise.automatic" if off.option.is("nix.enable") => {
                "take it out, or leave Nix to the module with `nix.enable = true`"
            }
            "nix.gc.automatic" => "take it out; Determinate Nix collects garbage by itself",
            _ => "take it out, or put it under `lib.mkIf config.nix.enable`",
        })
        .label(off.place(), "nix is not managed because of this")
        .confidence(cx.confidence(definition).min(cx.confidence(off)))
        .fix(
            Applicability::Unsafe,
            format!("take `{}` out", option.path),
            changes,
        );
    }
}

/// The definition that keeps the module from managing Nix.
fn nix_is_off<'a>(cx: &RuleCx<'a>) -> Option<&'a Definition> {
    if let Some(definition) = cx.nix_disabled_by() {
        return Some(definition);
    }
    let effective = cx.option("nix.enable").known()?;
    let off =
        effective.as_bool() == Some(false) && effective.definition.condition == Condition::Always;
    off.then_some(effective.definition)
}

fn is_off_on(cx: &RuleCx<'_>, machine: &Machine) -> bool {
    let view = cx.workspace().view(machine);
    view.nix_disabled_by().is_some()
        || view
            .option("nix.enable")
            .known()
            .is_some_and(|value| value.as_bool() == Some(false))
}
