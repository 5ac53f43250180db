//! `programs.nh.clean` beside `nix.gc`.

use super::list_entry::fits_every_machine;
use super::store_upkeep::turned_on;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, NewValue};
use crate::facts::ModuleSystem;

declare_rule! {
    /// Two jobs collect garbage: `nh clean` and `nix.gc`.
    ///
    /// ## Why it matters
    ///
    /// Both delete old generations and then collect garbage, each by its own idea of what is old.
    /// The shorter age wins whatever the other says, and the modules print a warning
    /// with every evaluation.
    ///
    /// home-manager's jobs are for the user's own profiles and NixOS's for all of them: one of each is
    /// not reported.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   programs.nh = {
    ///     enable = true;
    ///     clean.enable = true;
    ///     clean.extraArgs = "--keep-since 14d";
    ///   };
    ///   nix.gc.automatic = true;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   programs.nh = {
    ///     enable = true;
    ///     clean.enable = true;
    ///     clean.extraArgs = "--keep-since 14d";
    ///   };
    ///   nix.gc.automatic = false;
    /// }
    /// ```
    ///
    /// The fix turns `nix.gc` off, because `nh clean` takes care of roots of development shells
    /// as well. It is unsafe: another age may hold then.
    ///
    /// ## When not to act
    ///
    /// Always act; when both ages are meant, keep the shorter one in one job.
    ///
    /// ## Source
    ///
    /// The warning: NixOS `nixos/modules/programs/nh.nix` and home-manager
    /// `modules/programs/nh.nix`. nix-darwin has no `programs.nh`.
    pub NH_CLEAN_AND_NIX_GC {
        id: "nh-clean-and-nix-gc",
        since: "0.1.0",
        applies: "NixOS, home-manager",
        settings: &["programs.nh.clean.enable", "nix.gc.automatic"],
        category: Reliability,
        severity: Warning,
        fixes: Sometimes(Unsafe, Manual),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if cx.target().system() == Some(ModuleSystem::NixDarwin) {
        return;
    }
    let (Some(nh), Some(gc)) = (
        turned_on(cx, "programs.nh.clean.enable"),
        turned_on(cx, "nix.gc.automatic"),
    ) else {
        return;
    };
    let definition = gc.definition;
    let Some(place) = definition.place() else {
        return;
    };
    let title = "set `nix.gc.automatic` to false";
    let report = out
        .report(
            place,
            "`nix.gc.automatic` and `programs.nh.clean.enable` both collect garbage",
        )
        .confidence(cx.confidence_in(&gc).min(cx.confidence_in(&nh)))
        .label(nh.definition.place(), "the other job")
        .why(
            "the shorter of the two ages wins whatever the other says, and the module warns with \
             every evaluation",
        )
        .help("turn one of them off");
    // A file that other machines read as well is all that collects there.
    let both_everywhere = fits_every_machine(cx, definition, |machine| {
        let clean = cx
            .workspace()
            .view(machine)
            .option("programs.nh.clean.enable");
        clean.known().and_then(|clean| clean.as_bool()) == Some(true)
    });
    if gc.is_whole() {
        report.fix(
            if both_everywhere {
                Applicability::Unsafe
            } else {
                Applicability::Manual
            },
            title,
            vec![Change::Set {
                definition: definition.id,
                value: NewValue::Bool(false),
            }],
        );
    }
}
