//! Two values for what can have one.

use super::conflict::{Conflict, certainty, conflicts};
use super::list_entry::{is_written, name_place, value_place};
use super::setting_kind_mixed::as_lists;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change};
use crate::eval::Value;
use crate::model::Definition;

declare_rule! {
    /// An option has two values of the same priority.
    ///
    /// ## Why it matters
    ///
    /// Numbers, strings and booleans are not joined: the module system takes several definitions of
    /// one option only if they agree, or if one of them has more weight (`lib.mkForce`,
    /// `lib.mkDefault`). Otherwise it stops: "The option `…' has conflicting definition values".
    /// nix-darwin and NixOS define some settings themselves, such as `sandbox-fallback = false`; a
    /// plain other value contradicts that.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// { lib, ... }:
    /// {
    ///   nix.settings = lib.mkMerge [
    ///     { max-jobs = 4; }
    ///     { max-jobs = 8; }
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// { lib, ... }:
    /// {
    ///   nix.settings = lib.mkMerge [
    ///     { max-jobs = lib.mkDefault 4; }
    ///     { max-jobs = 8; }
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never: it is an evaluation error. Definitions under conditions that are not known are left
    /// alone, and so are modules that nothing imports together. A list setting that is written as
    /// two different strings can be written as lists, which are joined; that fix needs `--unsafe`.
    ///
    /// ## Source
    ///
    /// nixpkgs `lib/options.nix`, `mergeEqualOption`, and `lib/modules.nix`; nix-darwin
    /// `modules/nix/default.nix` and NixOS `nixos/modules/services/system/nix-daemon.nix` for the
    /// settings that they define; tried with `lib.evalModules` of June 2026.
    pub SETTING_SCALAR_CONFLICT {
        id: "setting-scalar-conflict",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager, Determinate's customSettings",
        settings: &["max-jobs", "cores", "sandbox-fallback", "nix.gc.automatic", "nix.gc.options"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for conflict in conflicts(cx).iter() {
        match &conflict {
            Conflict::Values(definitions) => values(cx, definitions, out),
            Conflict::Module {
                definition,
                default,
            } => {
                let Some(place) = value_place(definition) else {
                    continue;
                };
                out.report(
                    place,
                    format!(
                        "`{}` {} contradicts the module, which defines it itself ({})",
                        definition.option,
                        shown(&definition.value.value),
                        default.source
                    ),
                )
                .why(
                    "both have the same priority, and single values have to agree; nothing evaluates",
                )
                .help("take it out, or write `lib.mkForce` before it")
                .confidence(certainty(cx))
                .fix(
                    Applicability::Unsafe,
                    "take it out",
                    if is_written(definition) {
                        vec![Change::Remove {
                            definition: definition.id,
                        }]
                    } else {
                        Vec::new()
                    },
                );
            }
            Conflict::Kinds { .. } => {}
        }
    }
}

fn values(cx: &RuleCx<'_>, definitions: &[&Definition], out: &mut Sink<'_>) {
    let Some((first, rest)) = definitions.split_first() else {
        return;
    };
    // The one to speak of is the last that differs from the first.
    let Some(other) = rest
        .iter()
        .rev()
        .find(|other| other.value.value != first.value.value)
    else {
        return;
    };
    let Some(place) = value_place(other) else {
        return;
    };
    let changes = as_lists(cx, definitions);
    out.report(
        place,
        format!(
            "`{}` is {} here and {} elsewhere",
            other.option,
            shown(&other.value.value),
            shown(&first.value.value)
        ),
    )
    .why("both have the same priority, and single values have to agree; nothing evaluates")
    .help(if changes.is_empty() {
        "keep one, or give one of them another weight with `lib.mkDefault` or `lib.mkForce`"
    } else {
        "write both as lists, which are joined"
    })
    .label(name_place(first), "another value")
    .confidence(certainty(cx))
    .fix(Applicability::Unsafe, "write them as lists", changes);
}

fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => format!("`\"{text}\"`"),
        Value::Int(number) => format!("`{number}`"),
        Value::Bool(flag) => format!("`{flag}`"),
        Value::Float(number) => format!("`{number}`"),
        _ => "`null`".to_owned(),
    }
}
