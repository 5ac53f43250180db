//! A line of `nix.extraOptions` that replaces what `nix.settings` and the module give.

use std::collections::BTreeMap;

use super::list_entry::{beside, is_written, name_place};
use super::overwritten::{Overwritten, overwritten, some_of, written_name};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change};
use crate::model::{DefId, Definition, Priority, Source};

declare_rule! {
    /// A line of `nix.extraOptions` overrides `nix.settings`.
    ///
    /// ## Why it matters
    ///
    /// The text of `nix.extraOptions` stands behind everything that the module writes, and of two
    /// lines for one setting Nix takes the later one. A plain list there replaces the whole list of
    /// `nix.settings`, with what the module itself adds: after `substituters = …` in the text
    /// nothing is left of cache.nixos.org. Types, `mkForce` and assertions of the module do not
    /// reach the text.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.experimental-features = [ "ca-derivations" ];
    ///   nix.extraOptions = ''
    ///     experimental-features = nix-command flakes
    ///   '';
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.experimental-features = [
    ///     "ca-derivations"
    ///     "nix-command"
    ///     "flakes"
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the line is there to replace the list. `mkForce` in `nix.settings` says the same and is
    /// seen by everything that reads the option. The fix, `extra-` before the key, makes Nix use
    /// what was dropped so far, such as caches and keys; it is never applied without `--unsafe`.
    ///
    /// ## Source
    ///
    /// nix-darwin `modules/nix/default.nix`, NixOS `nixos/modules/config/nix.nix`, home-manager
    /// `modules/misc/nix/default.nix`: the text comes last; Nix `src/libutil/configuration.cc`
    /// (tried with 2.8 and 2.34).
    pub EXTRA_OPTIONS_OVERRIDES_SETTINGS {
        id: "extra-options-overrides-settings",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager",
        settings: &["nix.extraOptions", "substituters", "experimental-features"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let overwritten = overwritten(cx);
    let mut lists: BTreeMap<DefId, Vec<&Overwritten<'_>>> = BTreeMap::new();
    for one in overwritten.iter() {
        if !one.is_option_before_text() {
            continue;
        }
        if one.setting.is_list() {
            if !is_meant_to_be_replaced(one) {
                lists.entry(one.later.id).or_default().push(one);
            }
        } else if one.has_one_name() {
            single(cx, one, out);
        }
    }
    for dropped in lists.values() {
        list(cx, dropped, out);
    }
}

/// What the module gives for the case that nobody says anything, and what loses nothing.
fn is_meant_to_be_replaced(one: &Overwritten<'_>) -> bool {
    let missing = one.missing();
    // The daemon's own user needs no trust.
    let nothing =
        missing.is_empty() || (one.setting.name == "trusted-users" && missing == ["root"]);
    let default = match one.earlier {
        Source::Module(default) => Priority(default.priority) > Priority::NORMAL,
        _ => false,
    };
    nothing || default
}

/// Words of `nix.settings` and of the module that the line drops.
fn list(cx: &RuleCx<'_>, dropped: &[&Overwritten<'_>], out: &mut Sink<'_>) {
    let Some(first) = dropped.first() else { return };
    let line = first.later;
    let Some(place) = line.place() else { return };
    let mut missing: Vec<&str> = Vec::new();
    for word in dropped.iter().flat_map(|one| one.missing()) {
        if !missing.contains(&word) {
            missing.push(word);
        }
    }
    let definitions: Vec<&Definition> = dropped.iter().filter_map(|one| one.definition()).collect();
    let from = match definitions.first() {
        Some(definition) => format!("`{}`", definition.option),
        None => "the list that the module itself gives".to_owned(),
    };
    let confidence = definitions
        .iter()
        .map(|definition| cx.confidence(definition))
        .chain([cx.confidence(line)])
        .min();
    let key = &first.later_key;
    let append = first.setting.append_key();
    let append = append.filter(|_| first.setting.appends_in(cx.target()) != Some(false));
    let mut report = out
        .report(
            place,
            format!("the line `{key}` in `nix.extraOptions` replaces {from}"),
        )
        .why(format!(
            "the text stands behind what the module writes and Nix takes the later line, so that {} \
             {} dropped",
            some_of(&missing),
            if missing.len() == 1 { "is" } else { "are" }
        ))
        .help(match append {
            Some(append) => format!("write `{append}`, or give the whole list in `nix.settings`"),
            None => "give the whole list in `nix.settings`".to_owned(),
        });
    for definition in definitions {
        report = report.label(name_place(definition), "has no effect");
    }
    let changes = match append {
        Some(append) if is_written(line) => vec![Change::Rename {
            definition: line.id,
            to: beside(line, append),
        }],
        _ => Vec::new(),
    };
    if let Some(confidence) = confidence {
        report = report.confidence(confidence);
    }
    report.fix(
        Applicability::Unsafe,
        append.map_or(String::new(), |append| format!("rename it to `{append}`")),
        changes,
    );
}

/// An option with one value, and a line that gives another one.
fn single(cx: &RuleCx<'_>, one: &Overwritten<'_>, out: &mut Sink<'_>) {
    let (Some(definition), Some(effective)) = (one.definition(), &one.effective) else {
        return;
    };
    let Some(place) = name_place(definition) else {
        return;
    };
    if one.changes_nothing() {
        return;
    }
    out.report(
        place,
        format!(
            "`{}` `{}` is overridden by a line of `nix.extraOptions` that says `{effective}`",
            written_name(definition, &one.earlier_key),
            one.earlier_text
        ),
    )
    .why("the text stands behind what the module writes, and Nix takes the later line")
    .help("keep one of the two, in `nix.settings`")
    .label(one.later.place(), "this line counts")
    .confidence(cx.confidence(definition).min(cx.confidence(one.later)));
}
