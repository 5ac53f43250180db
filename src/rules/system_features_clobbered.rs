//! `system-features` that replaces the features which come by default.

use super::list_entry::{beside, is_line, is_written, value_place};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::OptionDefault;
use crate::diagnostic::{Applicability, Change, Confidence, Severity};
use crate::model::{Condition, Definition, Form, Priority};

declare_rule! {
    /// A list of system features leaves out the ones that every machine has.
    ///
    /// ## Why it matters
    ///
    /// `system-features` replaces the default list, it does not add to it. NixOS sets `nixos-test`,
    /// `benchmark`, `big-parallel` and `kvm` with `mkDefault`, and Nix itself detects about the
    /// same; a plain definition with one feature more drops all of them. Then builds that need
    /// `big-parallel` (kernels, browsers, LLVM) or `kvm` (tests in virtual machines) fail here,
    /// because a feature is missing, or wait for a remote builder.
    ///
    /// A list that holds some of the default features next to new ones is mentioned as
    /// information. A list of default features alone is a choice and stays silent, as do an empty
    /// one, and one under `mkForce`.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.system-features = [ "gccarch-znver4" ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.extra-system-features = [ "gccarch-znver4" ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the machine shall not take such builds. Say so with `mkForce`. The fix is not safe: the
    /// machine takes more builds, and code that reads `config.nix.settings.system-features` sees
    /// another list.
    ///
    /// ## Source
    ///
    /// NixOS `nixos/modules/config/nix.nix` (`system-features` with `mkDefault`); Nix
    /// `src/libstore/globals.cc`, `getDefaultSystemFeatures`; a build with a feature that is
    /// missing was tried with Nix 2.8 and 2.34. NixOS/nixpkgs#380601, nix-community/srvos#617,
    /// NixOS/infra#1091. `extra-system-features` since Nix 2.4.
    pub SYSTEM_FEATURES_CLOBBERED {
        id: "system-features-clobbered",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, nix.conf",
        settings: &["system-features"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

/// What Nix gives every machine, whatever it can do besides.
const EVERY_MACHINE: [&str; 3] = ["nixos-test", "benchmark", "big-parallel"];

/// What Nix finds out about a machine and adds by itself.
const DETECTED: [&str; 3] = ["kvm", "apple-virt", "uid-range"];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() || cx.target().system().is_none() {
        return;
    }
    let items = cx.items("system-features");
    let is_plain =
        |definition: &&Definition| definition.setting.as_deref() == Some("system-features");
    let plain: Vec<&Definition> = items.definitions.iter().copied().filter(is_plain).collect();
    let Some(first) = plain.first().copied() else {
        return;
    };
    let is_choice = |definition: &&Definition| {
        definition.condition != Condition::Always || definition.priority < Priority::NORMAL
    };
    // What is not known may hold the rest.
    let is_known = items
        .definitions
        .iter()
        .all(|definition| definition.value.value.is_fully_known());
    if plain.iter().any(is_choice) || !is_known || cx.may_be_set_elsewhere("system-features") {
        return;
    }
    let own: Vec<&str> = items.items.iter().map(|item| &*item.text).collect();
    let defaults = default_features(cx);
    let missing: Vec<&str> = defaults
        .iter()
        .map(String::as_str)
        .filter(|feature| !own.contains(feature))
        .collect();
    let is_default = |feature: &str| {
        EVERY_MACHINE.contains(&feature)
            || DETECTED.contains(&feature)
            || defaults.iter().any(|default| default == feature)
    };
    let adds = items
        .items
        .iter()
        .filter(|item| is_plain(&item.definition))
        .any(|item| !is_default(&item.text));
    if missing.is_empty() || !adds {
        return;
    }
    let severity = if missing.len() == defaults.len() {
        Severity::Warning
    } else {
        Severity::Info
    };
    let Some(place) = value_place(first) else {
        return;
    };
    let report = out
        .report(
            place,
            format!(
                "`system-features` leaves out {}, which {} by default",
                quoted(&missing),
                if missing.len() == 1 { "comes" } else { "come" }
            ),
        )
        .severity(severity)
        // A file that was not read may list them.
        .confidence(if items.complete {
            cx.confidence(first)
        } else {
            cx.confidence(first).min(Confidence::Likely)
        })
        .why(
            "the list replaces the default one, so builds that need one of these features fail \
             here or wait for another machine",
        )
        .help("use `extra-system-features`, which adds to the default list");
    report.fix(
        Applicability::Unsafe,
        "rename it to `extra-system-features`",
        changes(cx, &plain),
    );
}

/// What comes without the setting: the module's list, or as much as Nix gives every machine.
fn default_features(cx: &RuleCx<'_>) -> Vec<String> {
    let by_module = cx.target().system().and_then(|system| {
        let mut defaults = cx.catalog().module_defaults(system);
        let default = defaults.find(|default| default.key == "system-features")?;
        let OptionDefault::Json(json) = &default.value else {
            return None;
        };
        let names = json.as_array()?.iter();
        names
            .map(|name| name.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
    });
    by_module.unwrap_or_else(|| EVERY_MACHINE.map(str::to_owned).to_vec())
}

fn quoted(features: &[&str]) -> String {
    let quoted: Vec<String> = features
        .iter()
        .map(|feature| format!("`{feature}`"))
        .collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Renames every definition of the list; nothing where one cannot be, or where the other name is
/// taken.
fn changes(cx: &RuleCx<'_>, plain: &[&Definition]) -> Vec<Change> {
    let taken = cx
        .workspace()
        .definitions()
        .iter()
        .any(|definition| definition.setting.as_deref() == Some("extra-system-features"));
    let can = |definition: &&Definition| {
        let is_named = is_line(definition) || definition.option.leaf() == "system-features";
        is_named && is_written(definition) && definition.form != Form::Inherit
    };
    if taken || !plain.iter().all(can) {
        return Vec::new();
    }
    plain
        .iter()
        .map(|definition| Change::Rename {
            definition: definition.id,
            to: beside(definition, "extra-system-features"),
        })
        .collect()
}
