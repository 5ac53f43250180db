//! Values of settings as files give them: the words that Nix will read, where they stand, and how
//! sure it is that they count.

use std::collections::BTreeSet;

use super::list_entry::{is_written, name_place, value_confidence, value_place};
use super::{RuleCx, Sink};
use crate::catalog::SettingInfo;
use crate::diagnostic::{Applicability, Change, Confidence, Severity};
use crate::eval::{Traced, Value};
use crate::facts::{How, Implementation, ModuleSystem};
use crate::model::{Definition, MachineView, text_of};
use crate::text::Place;

/// A value that a definition gives a known setting.
#[derive(Clone, Debug)]
pub(super) struct Given<'a> {
    /// The setting.
    pub setting: &'a SettingInfo,
    /// The definition.
    pub definition: &'a Definition,
    /// The value, one branch of a choice.
    pub value: &'a Traced,
    /// The words that Nix reads.
    pub text: String,
    /// What to underline.
    pub place: Place,
    /// How sure a diagnostic about it can be.
    pub confidence: Confidence,
}

impl Given<'_> {
    /// True when it is all that its definition says, not one branch of a choice.
    pub fn is_whole(&self) -> bool {
        self.value.value == self.definition.value.value
    }
}

/// The settings that files set and that reach Nix, by canonical name.
pub(super) fn names<'a>(cx: &RuleCx<'a>) -> BTreeSet<&'a str> {
    cx.all_definitions()
        .filter_map(|definition| cx.catalog().resolve(definition.setting.as_deref()?))
        .map(|resolved| resolved.setting.name)
        .collect()
}

/// Every known value that may count: of lists all of them, of other settings those that may win.
/// Settings under disabled nix are left out.
pub(super) fn given<'a>(cx: &RuleCx<'a>) -> Vec<Given<'a>> {
    let mut all = Vec::new();
    for name in names(cx) {
        let Some(setting) = cx.catalog().setting(name) else {
            continue;
        };
        let values: Vec<(&'a Definition, &'a Traced, Confidence)> = if setting.is_list() {
            let definitions = cx.definitions(name).into_iter();
            definitions
                .map(|definition| (definition, &definition.value, cx.confidence(definition)))
                .collect()
        } else {
            let candidates = cx.setting(name).candidates().into_iter();
            candidates
                .map(|one| (one.definition, one.value, value_confidence(cx, &one)))
                .collect()
        };
        for (definition, value, confidence) in values {
            let branches: Vec<&'a Traced> = match &value.value {
                Value::OneOf(branches) => branches.iter().collect(),
                _ => vec![value],
            };
            for branch in branches {
                let (Some(text), Some(place)) = (
                    text_of(&branch.value),
                    branch.site.or_else(|| value_place(definition)),
                ) else {
                    continue;
                };
                let several = !std::ptr::eq(branch, value);
                all.push(Given {
                    setting,
                    definition,
                    value: branch,
                    text,
                    place,
                    confidence: if several {
                        confidence.min(Confidence::Possible)
                    } else {
                        confidence
                    },
                });
            }
        }
    }
    all
}

/// True when a module checks the file that the definition goes into while it builds, so that a
/// warning of Nix fails the build (nix-darwin, NixOS and home-manager `modules/…/nix`).
pub(super) fn is_checked(cx: &RuleCx<'_>, definition: &Definition) -> bool {
    let is_module = matches!(
        cx.target().system(),
        Some(ModuleSystem::NixDarwin | ModuleSystem::Nixos | ModuleSystem::HomeManager)
    );
    let first = definition.option.names().first();
    is_module && first.is_some_and(|first| &**first == "nix")
}

/// The implementation, when files, a person or this machine tell it.
pub(super) fn implementation(cx: &RuleCx<'_>) -> Option<Implementation> {
    cx.target().implementation.as_ref().map(|fact| fact.value)
}

/// True when a person says which Nix it is: not a stand-in, and not just what this machine has.
pub(super) fn nix_is_declared(cx: &RuleCx<'_>) -> bool {
    let target = cx.target();
    let versions = target.version.iter().chain(&target.series);
    let mut all = versions
        .map(|fact| fact.how)
        .chain(target.implementation.iter().map(|fact| fact.how));
    all.all(|how| how == How::Declared)
}

/// The facts about the Nix in use, attached.
pub(super) fn with_nix<'s>(cx: &RuleCx<'_>, report: super::Report<'s>) -> super::Report<'s> {
    let target = cx.target();
    let mut report = report;
    if let Some(fact) = &target.implementation {
        report = report.fact("implementation", fact, fact.value);
    }
    if let Some(fact) = target.version.as_ref().or(target.series.as_ref()) {
        report = report.fact("version", fact, fact.value);
    }
    report
}

/// Reports a key that the Nix in use, `this`, does not know, and takes it out where that is the
/// whole statement. The message says who knows it.
pub(super) fn report_unknown_here(
    cx: &RuleCx<'_>,
    definition: &Definition,
    (message, help): (String, &str),
    this: String,
    out: &mut Sink<'_>,
) {
    let (Some(place), Some(key)) = (name_place(definition), definition.setting.as_deref()) else {
        return;
    };
    let checked = is_checked(cx, definition);
    let assumed = cx.target().nix_is_assumed();
    let confidence = cx.confidence(definition);
    let report = out
        .report(place, message)
        .severity(if nix_is_declared(cx) && checked {
            Severity::Error
        } else {
            Severity::Warning
        })
        .confidence(if assumed {
            confidence.min(Confidence::Likely)
        } else {
            confidence
        })
        .applies(this)
        .why(if checked {
            "the value has no effect; the module checks the file that it writes and fails the build"
        } else {
            "the value has no effect; nix only warns about a name that it does not know"
        })
        .help(help);
    let report = with_nix(cx, report);
    if is_written(definition) && definition.stands_alone() {
        let sure = !assumed && same_nix_everywhere(cx, definition);
        report.fix(
            if sure {
                Applicability::Unsafe
            } else {
                Applicability::Manual
            },
            format!("take `{key}` out"),
            vec![Change::Remove {
                definition: definition.id,
            }],
        );
    }
}

/// True when every machine that reads the definition has the Nix of this one.
pub(super) fn same_nix_everywhere(cx: &RuleCx<'_>, definition: &Definition) -> bool {
    let target = cx.target();
    cx.workspace().machines_of(definition.id).all(|machine| {
        let other = &machine.target;
        let value = |one: &crate::facts::Target| {
            (
                one.implementation.as_ref().map(|fact| fact.value),
                one.version.as_ref().map(|fact| fact.value),
                one.series.as_ref().map(|fact| fact.value),
            )
        };
        value(other) == value(target)
    })
}

/// The definitions of settings, unknown ones included, that reach Nix.
pub(super) fn reaching<'a>(cx: &RuleCx<'a>) -> impl Iterator<Item = &'a Definition> + use<'a> {
    let disabled = cx.nix_disabled_by().is_some();
    cx.all_definitions().filter(move |definition| {
        definition.setting.is_some() && !(disabled && MachineView::is_module_setting(definition))
    })
}

/// True when the file writes the value out, as these very words: not computed, no product.
pub(super) fn is_written_out(cx: &RuleCx<'_>, one: &Given<'_>) -> bool {
    let written = one.value.site.map(|site| cx.workspace().text(site));
    written.is_some_and(|written| written.trim_matches('"') == one.text)
}
