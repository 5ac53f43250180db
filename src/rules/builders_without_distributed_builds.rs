//! `nix.settings.builders` while the module sets it to null.

use super::build_machines::{Distribution, distribution, switching_on};
use super::list_entry::system_is_assumed;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Confidence, Severity};
use crate::eval::Value;
use crate::model::{Condition, Definition, Priority};

declare_rule! {
    /// `nix.settings.builders` is set, but distributed builds are off.
    ///
    /// ## Why it matters
    ///
    /// While `nix.distributedBuilds` is off, which is the default, NixOS and nix-darwin define
    /// `nix.settings.builders` as `null` themselves. A second definition with the same priority is
    /// a conflict, and evaluation fails: "The option `nix.settings.builders' has conflicting
    /// definition values". A weaker one (`mkDefault`) is dropped without a word, so that Nix has no
    /// builder. One under `mkForce`, or a line in `nix.extraOptions`, gets through.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.distributedBuilds = false;
    ///   nix.settings.builders = "ssh-ng://build01 x86_64-linux - 8";
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.settings.builders = "ssh-ng://build01 x86_64-linux - 8";
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never. The fix is not safe: builds go to other machines then, as the setting says.
    ///
    /// ## Source
    ///
    /// NixOS `nixos/modules/config/nix-remote-build.nix` (since 22.05) and nix-darwin
    /// `modules/nix/default.nix` (since 2022-08): `nix.settings.builders = mkIf
    /// (!cfg.distributedBuilds) null`.
    pub BUILDERS_WITHOUT_DISTRIBUTED_BUILDS {
        id: "builders-without-distributed-builds",
        since: "0.1.0",
        applies: "NixOS, nix-darwin",
        settings: &["builders", "nix.distributedBuilds"],
        category: Correctness,
        severity: Error,
        fixes: Always(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Distribution::Off(by) = distribution(cx) else {
        return;
    };
    for definition in cx.option_definitions("nix.settings.builders") {
        let is_set = !matches!(
            definition.value.value,
            Value::Null | Value::Unknown(_) | Value::OneOf(_)
        );
        if is_set && definition.priority >= Priority::NORMAL {
            report(cx, definition, by, out);
        }
    }
}

fn report(cx: &RuleCx<'_>, definition: &Definition, by: Option<&Definition>, out: &mut Sink<'_>) {
    let Some(place) = definition.place() else {
        return;
    };
    let conflicts = definition.priority == Priority::NORMAL;
    let said = if by.is_some() { "off" } else { "not set" };
    // A weak switch may be switched on by a stronger one; then nothing conflicts.
    let certain = definition.condition == Condition::Always && !system_is_assumed(cx);
    let change = switching_on(by, definition);
    out.report(
        place,
        format!("`builders` is set, but `nix.distributedBuilds` is {said}"),
    )
    .severity(if conflicts && certain {
        Severity::Error
    } else {
        Severity::Warning
    })
    .confidence(if certain {
        cx.confidence(definition)
    } else {
        Confidence::Likely
    })
    .label(by.and_then(Definition::place), "switched off here")
    .why(if conflicts {
        "the module defines the setting as null then, and two definitions of the same priority do \
         not evaluate"
    } else {
        "the module defines the setting as null then, with more weight than this one, so that nix \
         has no builder"
    })
    .help("set `nix.distributedBuilds` to true")
    .fix(
        Applicability::Unsafe,
        "set `nix.distributedBuilds` to true",
        vec![change],
    );
}
