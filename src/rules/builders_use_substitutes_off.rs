//! Remote builders that get everything through this machine.

use super::build_machines::{Switch, builders, confidence, switch};
use super::list_entry::value_confidence;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, NewValue, Severity};
use crate::model::{Builder, Definition, OptionPath, Setting};

declare_rule! {
    /// Remote builders do not download from binary caches themselves.
    ///
    /// ## Why it matters
    ///
    /// Without `builders-use-substitutes`, this machine downloads what a remote build needs and
    /// uploads it to the builder. With the setting the builder asks the caches itself, so that
    /// only what no cache has goes over the wire. On a slow uplink that is the greater part of the
    /// time of a remote build.
    ///
    /// nix-darwin sets it when `nix.linux-builder` is on.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     { hostName = "build01"; system = "x86_64-linux"; maxJobs = 8; }
    ///   ];
    ///   nix.settings.builders-use-substitutes = false;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     { hostName = "build01"; system = "x86_64-linux"; maxJobs = 8; }
    ///   ];
    ///   nix.settings.builders-use-substitutes = true;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the builders have no way to the caches, or stand on the same fast network. The fix is
    /// not safe, because only you know that. A comment that gives a reason silences it.
    ///
    /// ## Source
    ///
    /// Nix manual, `builders-use-substitutes`; NixOS/nix#1993. Every version of Nix, Lix and
    /// Determinate Nix, false by default.
    pub BUILDERS_USE_SUBSTITUTES_OFF {
        id: "builders-use-substitutes-off",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["builders-use-substitutes", "nix.buildMachines", "builders"],
        category: Performance,
        severity: Info,
        fixes: Sometimes(Unsafe),
    }
}

const NAME: &str = "builders-use-substitutes";

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return;
    }
    let builders = builders(cx);
    let Some(first) = builders.iter().find(|builder| builder.unconditional) else {
        return;
    };
    match cx.setting(NAME) {
        Setting::Known(effective) if effective.as_bool() == Some(false) => {
            let definition = effective.definition;
            let Some(place) = definition.place() else {
                return;
            };
            if cx.eased(Severity::Info, definition).is_none() {
                return;
            }
            out.report(
                place,
                format!("`{NAME}` is off, so builders get everything through this machine"),
            )
            .confidence(value_confidence(cx, &effective))
            .label(first.shown_at(), "a builder")
            .why(WHY)
            .help(format!("set `{NAME}` to true"))
            .fix(
                Applicability::Unsafe,
                format!("set `{NAME}` to true"),
                vec![Change::Set {
                    definition: definition.id,
                    value: NewValue::Bool(true),
                }],
            );
        }
        Setting::Unset { assured: true } if !is_set_by_module(cx) => unset(cx, first, out),
        _ => {}
    }
}

const WHY: &str = "this machine downloads what a remote build needs and uploads it again, instead \
                   of the builder asking the caches itself";

/// The module of nix-darwin does that together with its Linux builder.
fn is_set_by_module(cx: &RuleCx<'_>) -> bool {
    [
        "nix.linux-builder.enable",
        "determinateNix.nixosVmBasedLinuxBuilder.enable",
    ]
    .into_iter()
    .any(|path| matches!(switch(cx, path), Switch::Set(true, _) | Switch::Unknown))
}

fn unset(cx: &RuleCx<'_>, builder: &Builder<'_>, out: &mut Sink<'_>) {
    let definition = builder.definition;
    let severity = cx.eased(Severity::Info, definition);
    let place = definition.name.or_else(|| definition.place());
    let (Some(_), Some(place)) = (severity, place) else {
        return;
    };
    let change = option_near(definition).map(|option| Change::Insert {
        near: definition.id,
        option,
        value: NewValue::Bool(true),
        comment: None,
    });
    out.report(
        place,
        format!(
            "there are builders, but `{NAME}` is not set: they get everything through this machine"
        ),
    )
    .confidence(confidence(cx, builder))
    .why(WHY)
    .help(format!("set `{NAME}` to true"))
    .fix(
        Applicability::Unsafe,
        format!("set `{NAME}` to true"),
        change.into_iter().collect(),
    );
}

/// Where the setting belongs: with the settings of the module that lists the builder.
fn option_near(definition: &Definition) -> Option<OptionPath> {
    let first = definition.option.names().first()?;
    if &**first == "determinateNix" {
        return Some(OptionPath::dotted("determinateNix.customSettings").join(NAME));
    }
    Some(definition.sibling_setting(NAME))
}
