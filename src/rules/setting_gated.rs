//! A setting without the experimental feature that it needs.

use super::given::{implementation, is_checked, with_nix};
use super::list_entry::{is_line, name_place};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::{Gate, GateWhen, IMPLEMENTATIONS, SettingInfo};
use crate::diagnostic::{Applicability, Change, Confidence};
use crate::eval::Value;
use crate::facts::{ModuleSystem, Os};
use crate::model::{Condition, Definition};

declare_rule! {
    /// A setting needs an experimental feature that is not switched on.
    ///
    /// ## Why it matters
    ///
    /// Nix ignores such a setting with a warning, without even reading its value; some settings are
    /// accepted and do nothing. The feature has to be on in the same file, or in one that Nix reads
    /// before it. The check of NixOS, nix-darwin and home-manager turns the warning into a failed
    /// build.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   system.stateVersion = "25.05";
    ///   boot.loader.systemd-boot.enable = true;
    ///   nix.settings = {
    ///     experimental-features = [
    ///       "nix-command"
    ///       "flakes"
    ///     ];
    ///     auto-allocate-uids = true;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   system.stateVersion = "25.05";
    ///   boot.loader.systemd-boot.enable = true;
    ///   nix.settings = {
    ///     experimental-features = [
    ///       "nix-command"
    ///       "flakes"
    ///       "auto-allocate-uids"
    ///     ];
    ///     auto-allocate-uids = true;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When a file that nixtune did not read switches the feature on: it speaks only where every
    /// file was read and all features are known, and not of files of a user, whose system may have
    /// the feature. Each release has gates of its own; without a known one the newest count. The
    /// fix switches the feature on and is not safe.
    ///
    /// ## Source
    ///
    /// The feature that each setting is declared with, in every release of Nix from 2.3 to 2.35,
    /// Lix 2.90 to 2.95 and Determinate Nix 3.0 to 3.22; `auto-allocate-uids` tried with Nix 2.34.
    pub SETTING_GATED {
        id: "setting-gated",
        since: "0.1.0",
        applies: "the releases that have the setting behind the feature",
        settings: &["experimental-features", "auto-allocate-uids", "use-cgroups", "impure-env", "flake-registry"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let of_system = matches!(
        cx.target().system(),
        Some(ModuleSystem::Nixos | ModuleSystem::NixDarwin | ModuleSystem::NixConf)
    );
    let features = cx.items("experimental-features");
    if !of_system || !cx.reaches_daemon() || !features.complete || !cx.machine().complete {
        return;
    }
    let is_on = |feature: &str| {
        let mut items = features.items.iter();
        items.any(|item| item.text.split_whitespace().any(|word| word == feature))
    };
    for name in super::given::names(cx) {
        let Some(setting) = cx.catalog().setting(name) else {
            continue;
        };
        let Some(gate) = gate(cx, setting).filter(|gate| !is_on(gate.feature)) else {
            continue;
        };
        // Where the setting does not exist, another rule says so.
        if cx.os().is_some_and(|os| !setting.known_on(os)) {
            continue;
        }
        for definition in cx.definitions(name) {
            if definition.condition == Condition::Always && !is_the_default(cx, setting, definition)
            {
                report(cx, definition, setting, gate, out);
            }
        }
    }
}

/// The gate of a setting: that of the release in use, or that of the newest releases when they
/// agree.
fn gate(cx: &RuleCx<'_>, setting: &SettingInfo) -> Option<Gate> {
    let own = implementation(cx);
    let is_open = |gate: Gate| {
        let feature = cx.catalog().feature(gate.feature);
        let open = |one| feature.is_some_and(|feature| feature.is_always_on(one));
        match own {
            Some(own) => open(own),
            // Who does not know which Nix it is cannot say that it lacks the feature.
            None => IMPLEMENTATIONS.into_iter().any(open),
        }
    };
    let gate = match setting.gate(cx.target()) {
        Some(gate) => gate?,
        None => {
            let timeline = setting.gates()?;
            let mut newest = IMPLEMENTATIONS
                .into_iter()
                .filter(|one| own.is_none_or(|own| own == *one))
                .filter(|one| setting.range(*one).is_some_and(|range| range.is_current()))
                .map(|one| timeline.newest_in(one).copied().flatten());
            let first = newest.next()??;
            newest
                .all(|other| other.is_some_and(|other| other.feature == first.feature))
                .then_some(first)?
        }
    };
    (!is_open(gate)).then_some(gate)
}

/// True for `use-cgroups = false` and its like: off is what it is without the feature.
fn is_the_default(cx: &RuleCx<'_>, setting: &SettingInfo, definition: &Definition) -> bool {
    let text = crate::model::text_of(&definition.value.value);
    text.as_deref() == setting.default_for(cx.target())
}

fn report(
    cx: &RuleCx<'_>,
    definition: &Definition,
    setting: &SettingInfo,
    gate: Gate,
    out: &mut Sink<'_>,
) {
    let Some(place) = name_place(definition) else {
        return;
    };
    let name = setting.name;
    let known = setting.gate(cx.target()).is_some();
    let confidence = cx.confidence(definition);
    let report = out
        .report(
            place,
            format!(
                "`{name}` needs the experimental feature `{}`, which is not on",
                gate.feature
            ),
        )
        .why(match gate.when {
            GateWhen::OnSet if is_checked(cx, definition) => {
                "nix ignores the setting and warns; the module's check of the file turns the \
                 warning into a failed build"
            }
            GateWhen::OnSet => "nix ignores the setting with a warning and does not read its value",
            GateWhen::OnUse => "nix accepts the setting, and nothing comes of it",
        })
        .help(format!(
            "add `{}` to `experimental-features`, or take `{name}` out",
            gate.feature
        ))
        .confidence(if known {
            confidence
        } else {
            confidence.min(Confidence::Likely)
        });
    let report = with_nix(cx, report);
    let list = cx
        .definitions("experimental-features")
        .into_iter()
        .find(|list| {
            let same_file = list.place().map(|place| place.file) == Some(place.file);
            let is_list = matches!(list.value.value, Value::List(_))
                || is_line(list) && matches!(list.value.value, Value::Str(_));
            same_file && is_list && list.condition == Condition::Always && list.stands_alone()
        });
    // Off for good reasons on macOS: nix-darwin's own guards refuse `auto-allocate-uids`.
    let refused = gate.feature == "auto-allocate-uids" && cx.os() == Some(Os::Darwin);
    if let Some(list) = list.filter(|_| !refused) {
        report.fix(
            Applicability::Unsafe,
            format!("switch `{}` on", gate.feature),
            vec![Change::ListAdd {
                definition: list.id,
                items: vec![gate.feature.to_owned()],
            }],
        );
    }
}
