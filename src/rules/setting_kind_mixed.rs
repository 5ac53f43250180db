//! One setting as a list in one place and as a single value in another.

use super::conflict::{Conflict, certainty, conflicts};
use super::list_entry::{fits_every_machine, is_written, name_place, value_place};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, NewValue};
use crate::eval::Value;
use crate::model::{Definition, Form};
use crate::syntax::words;

declare_rule! {
    /// A setting is a list in one place and a string in another.
    ///
    /// ## Why it matters
    ///
    /// `nix.settings` takes both `[ "nix-command" "flakes" ]` and `"nix-command flakes"`, but it can
    /// only join what is of one kind. With a string in one module and a list in the other the
    /// configuration does not evaluate. `experimental-features` is the usual victim: one file sets
    /// it in the spelling of the manual, another, or a module from elsewhere, in that of NixOS.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// { lib, ... }:
    /// {
    ///   nix.settings = lib.mkMerge [
    ///     { experimental-features = "nix-command flakes"; }
    ///     { experimental-features = [ "ca-derivations" ]; }
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// { lib, ... }:
    /// {
    ///   nix.settings = lib.mkMerge [
    ///     { experimental-features = [ "nix-command" "flakes" ]; }
    ///     { experimental-features = [ "ca-derivations" ]; }
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never: it is an evaluation error. The fix writes the string as a list, so that both are
    /// joined; it needs `--unsafe`, because one of them may have been meant to replace the other.
    ///
    /// ## Source
    ///
    /// The type of `nix.settings` in nix-darwin `modules/nix/default.nix`, NixOS
    /// `nixos/modules/config/nix.nix` and home-manager `modules/misc/nix/default.nix`: an atom or a
    /// list of atoms (`lib/types.nix`, `either`); tried with `lib.evalModules` of June 2026.
    pub SETTING_KIND_MIXED {
        id: "setting-kind-mixed",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager, Determinate's customSettings",
        settings: &["experimental-features", "substituters", "trusted-users"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for conflict in conflicts(cx).iter() {
        let Conflict::Kinds { lists, singles } = &conflict else {
            continue;
        };
        let (Some(list), Some(single)) = (lists.first(), singles.first()) else {
            continue;
        };
        let Some(place) = value_place(single) else {
            continue;
        };
        let is = match &single.value.value {
            Value::Null => "`null`",
            _ => "a single value",
        };
        let mut report = out
            .report(
                place,
                format!("`{}` is {is} here and a list elsewhere", single.option),
            )
            .why("the module system joins lists with lists only, so that nothing evaluates")
            .help("write it as a list everywhere")
            .label(name_place(list), "a list")
            .confidence(certainty(cx));
        for other in singles.iter().skip(1) {
            report = report.label(name_place(other), "no list either");
        }
        report.fix(
            Applicability::Unsafe,
            "write it as a list",
            as_lists(cx, singles),
        );
    }
}

/// Every string as the list of its words; nothing where one cannot be written so.
pub(super) fn as_lists(cx: &RuleCx<'_>, singles: &[&Definition]) -> Vec<Change> {
    let system = cx.target().system();
    let mut changes = Vec::new();
    for single in singles {
        let is_list = single
            .setting
            .as_deref()
            .and_then(|key| cx.catalog().resolve(key))
            .is_some_and(|resolved| resolved.setting.is_list());
        let fits = is_list
            && is_written(single)
            && single.form == Form::Binding
            && fits_every_machine(cx, single, |machine| machine.target.system() == system);
        let (true, Value::Str(text)) = (fits, &single.value.value) else {
            return Vec::new();
        };
        let items = words(text)
            .filter_map(|range| text.get(range))
            .map(|word| NewValue::Str(word.to_owned()))
            .collect();
        changes.push(Change::Set {
            definition: single.id,
            value: NewValue::List(items),
        });
    }
    changes
}
