//! Options of home-manager's garbage collection that arrive as one word on macOS.

use super::list_entry::{system_is_assumed, value_place};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::Confidence;
use crate::facts::{ModuleSystem, Os};
use crate::model::{Condition, Setting};

declare_rule! {
    /// home-manager passes `nix.gc.options` as one argument on macOS.
    ///
    /// ## Why it matters
    ///
    /// On macOS home-manager starts `nix-collect-garbage` by a launchd agent with `nix.gc.options` as
    /// one element of its arguments. `--delete-older-than 30d` reaches the program as a single word,
    /// which it refuses ("unrecognised flag"): nothing is ever collected, and the failure stands in
    /// a log that nobody reads. On Linux a shell splits the words.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   home.stateVersion = "26.05";
    ///   nix.gc = {
    ///     automatic = true;
    ///     options = "--delete-older-than 30d";
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   home.stateVersion = "26.05";
    ///   nix.gc = {
    ///     automatic = true;
    ///     options = "-d";
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When home-manager splits the words one day. Until then `nix.gc` of nix-darwin does it right,
    /// and so does `programs.nh.clean`; `-d` alone works, and deletes all old generations of the
    /// user.
    ///
    /// ## Source
    ///
    /// home-manager `modules/services/nix-gc.nix` (24.05 on; as of August 2026),
    /// `ProgramArguments`; the refusal was tried with Nix 2.8 and 2.34;
    /// nix-community/home-manager#7211.
    pub HM_DARWIN_GC_OPTIONS_SPLIT {
        id: "hm-darwin-gc-options-split",
        since: "0.1.0",
        applies: "home-manager on macOS",
        settings: &["nix.gc.options"],
        category: Correctness,
        severity: Warning,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let is_home = cx.target().system() == Some(ModuleSystem::HomeManager);
    if !is_home || system_is_assumed(cx) || cx.os() != Some(Os::Darwin) {
        return;
    }
    let is_on = |setting: &Setting<'_>| {
        setting.known().is_some_and(|value| {
            value.as_bool() == Some(true) && value.definition.condition == Condition::Always
        })
    };
    let Setting::Known(options) = cx.option("nix.gc.options") else {
        return;
    };
    // Under a condition it may be meant for Linux alone.
    if !is_on(&cx.option("nix.gc.automatic")) || options.definition.condition != Condition::Always {
        return;
    }
    let Some(text) = options.value.value.as_str() else {
        return;
    };
    let several = text.split_whitespace().count() > 1;
    let Some(place) = value_place(options.definition).filter(|_| several) else {
        return;
    };
    let confidence = if cx
        .workspace()
        .machines_of(options.definition.id)
        .all(|machine| machine.target.os() == Some(Os::Darwin))
    {
        cx.confidence(options.definition)
    } else {
        cx.confidence(options.definition).min(Confidence::Likely)
    };
    out.report(
        place,
        format!("`nix.gc.options` `{text}` reaches nix-collect-garbage as one word"),
    )
    .why(
        "home-manager's launchd agent passes it as a single argument, which the program refuses: \
         nothing is collected",
    )
    .help("collect with `nix.gc` of nix-darwin, or with `programs.nh.clean`")
    .confidence(confidence);
}
