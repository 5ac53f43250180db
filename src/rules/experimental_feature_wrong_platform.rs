//! An experimental feature, or a setting behind one, of another operating system.

use super::list_entry::{entries, fits_every_machine, is_written, name_place, system_is_assumed};
use super::unknown_setting::is_gated;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence, Severity};
use crate::facts::Os;
use crate::model::{Condition, Machine};

declare_rule! {
    /// An experimental feature is switched on where it can do nothing.
    ///
    /// ## Why it matters
    ///
    /// `cgroups` unlocks the setting `use-cgroups`, which is compiled into Nix on Linux only, and
    /// `local-overlay-store` needs OverlayFS. On macOS the feature's name is accepted and does
    /// nothing. The setting `use-cgroups` is unknown there, so that nix-darwin's check of the file
    /// that it writes fails and the system cannot be built.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   system.defaults.dock.autohide = true;
    ///   nix.settings.experimental-features = [
    ///     "nix-command"
    ///     "flakes"
    ///     "cgroups"
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   system.defaults.dock.autohide = true;
    ///   nix.settings.experimental-features = [
    ///     "nix-command"
    ///     "flakes"
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When Linux machines import the same file. nixtune says nothing under a condition that it
    /// cannot decide, and its fix is not safe where a Linux machine reads the definition.
    ///
    /// ## Source
    ///
    /// Nix, `src/libstore/include/nix/store/local-settings.hh` (`use-cgroups` under `__linux__`) and
    /// `experimental-features.cc`, 2.12 to 2.35; Lix 2.90 to 2.95 and Determinate Nix 3.0 to 3.22.
    pub EXPERIMENTAL_FEATURE_WRONG_PLATFORM {
        id: "experimental-feature-wrong-platform",
        since: "0.1.0",
        applies: "macOS: Nix 2.12 and later, Lix, Determinate Nix",
        settings: &["experimental-features", "use-cgroups"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Safe, Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(os) = cx.os() else { return };
    let assumed = system_is_assumed(cx);
    let at_most = |confidence: Confidence| {
        if assumed {
            confidence.min(Confidence::Likely)
        } else {
            confidence
        }
    };
    let (here, there) = match os {
        Os::Darwin => ("macOS", "Linux"),
        Os::Linux => ("Linux", "macOS"),
    };
    let same_os = |machine: &Machine| machine.target.os() == Some(os);
    for entry in entries(&cx.items("experimental-features")) {
        let Some(feature) = cx.catalog().feature(&entry.text) else {
            continue;
        };
        if feature.acts_on(os) || !entry.is_in_force() {
            continue;
        }
        let applicability = if !assumed
            && entry.is_in_place()
            && entry.unconditional
            && fits_every_machine(cx, entry.definition, same_os)
        {
            Applicability::Safe
        } else {
            Applicability::Unsafe
        };
        out.report(
            entry.place,
            format!(
                "`experimental-features` lists `{}`, which does nothing on {here}",
                entry.text
            ),
        )
        .why(format!(
            "what it unlocks exists on {there} only; the name is accepted and has no effect"
        ))
        .help("drop it from the list, or list it for that system only")
        .severity(Severity::Info)
        .confidence(at_most(entry.confidence()))
        .fix(
            applicability,
            format!("drop `{}`", entry.text),
            entry.remove().into_iter().collect(),
        );
    }
    for definition in cx.all_definitions() {
        let Some(resolved) = definition
            .setting
            .as_deref()
            .and_then(|key| cx.catalog().resolve(key))
        else {
            continue;
        };
        let setting = resolved.setting;
        if setting.known_on(os)
            || !is_gated(cx, setting)
            || definition.condition != Condition::Always
        {
            continue;
        }
        let Some(place) = name_place(definition) else {
            continue;
        };
        let changes = if is_written(definition) {
            vec![Change::Remove {
                definition: definition.id,
            }]
        } else {
            Vec::new()
        };
        out.report(
            place,
            format!(
                "`{}` exists on {there} only, and this is {here}",
                setting.name
            ),
        )
        .why(
            "nix on this system does not know the setting: it warns, and nix-darwin's check of \
             the file fails the build",
        )
        .help("take it out, or set it for that system only")
        .confidence(at_most(cx.confidence(definition)))
        .fix(
            if !assumed && fits_every_machine(cx, definition, same_os) {
                Applicability::Safe
            } else {
                Applicability::Unsafe
            },
            format!("take `{}` out", setting.name),
            changes,
        );
    }
}
