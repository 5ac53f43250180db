//! `auto-allocate-uids` on nix-darwin.

use super::list_entry::{fits_every_machine, is_written, name_place, system_is_assumed};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence};
use crate::facts::ModuleSystem;
use crate::model::Condition;

declare_rule! {
    /// `auto-allocate-uids` is on in nix-darwin.
    ///
    /// ## Why it matters
    ///
    /// nix-darwin stops managing the build users and their group when it is on, while both stay in
    /// its lists of what it has created, so that its own checks refuse the configuration. Nix on
    /// macOS needs the group all the same.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   system.defaults.dock.autohide = true;
    ///   nix.settings = {
    ///     experimental-features = [ "auto-allocate-uids" ];
    ///     auto-allocate-uids = true;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   system.defaults.dock.autohide = true;
    ///   nix.settings = {
    ///     experimental-features = [ "nix-command" ];
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Under a condition that nixtune cannot decide nothing is reported. The fix takes the setting
    /// out; it is safe unless a Linux machine reads the definition.
    ///
    /// ## Source
    ///
    /// nix-darwin `modules/nix/default.nix` (the users and groups that it manages, evaluated); Nix
    /// `src/libstore/unix/user-lock.cc`.
    pub AUTO_ALLOCATE_UIDS_ON_DARWIN {
        id: "auto-allocate-uids-on-darwin",
        since: "0.1.0",
        applies: "nix-darwin",
        settings: &["auto-allocate-uids"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Safe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if cx.target().system() != Some(ModuleSystem::NixDarwin) {
        return;
    }
    let Some(effective) = cx.setting("auto-allocate-uids").known() else {
        return;
    };
    let definition = effective.definition;
    let Some(place) = name_place(definition) else {
        return;
    };
    if effective.as_bool() != Some(true) || definition.condition != Condition::Always {
        return;
    }
    let assumed = system_is_assumed(cx);
    let confidence = cx.confidence(definition);
    let same = fits_every_machine(cx, definition, |machine| {
        machine.target.system() == Some(ModuleSystem::NixDarwin)
    });
    let changes = if is_written(definition) {
        vec![Change::Remove {
            definition: definition.id,
        }]
    } else {
        Vec::new()
    };
    out.report(
        place,
        "`auto-allocate-uids` is on, which nix-darwin refuses",
    )
    .confidence(if assumed {
        confidence.min(Confidence::Likely)
    } else {
        confidence
    })
    .why("nix-darwin stops managing the build users then, and its own checks fail on them")
    .help("take it out, or set it for Linux only")
    .fix(
        if same && !assumed {
            Applicability::Safe
        } else {
            Applicability::Unsafe
        },
        "take `auto-allocate-uids` out",
        changes,
    );
}
