//! An option that the module system has removed.

use super::list_entry::{is_written, name_place, system_is_assumed};
use super::renamed_legacy_option::is_recent;
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::{OptionInfo, OptionStatus};
use crate::diagnostic::{Applicability, Change, Confidence, Severity};
use crate::eval::Value;
use crate::facts::ModuleSystem;
use crate::model::Definition;

declare_rule! {
    /// An option has been removed from the module system.
    ///
    /// ## Why it matters
    ///
    /// A removed option fails an assertion, whatever its value is: the configuration does not
    /// evaluate any more after the next update.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   system.defaults.dock.autohide = true;
    ///   # Auto upgrade nix package and the daemon service.
    ///   services.nix-daemon.enable = true;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   system.defaults.dock.autohide = true;
    ///   nix.enable = true;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// While the configuration is pinned to a release from before the removal, which every
    /// diagnostic dates: nix-darwin of 2024 needs `services.nix-daemon.enable`. That is why the
    /// fix of a removal of the last years is never safe.
    ///
    /// ## Source
    ///
    /// nix-darwin `modules/nix/default.nix`, `modules/services/nix-gc`, `nix-optimise`,
    /// `nix-daemon.nix` (read as of June 2026) and NixOS `nixos/modules/rename.nix`:
    /// `mkRemovedOptionModule`; dustinlyons/nixos-config#144.
    pub REMOVED_OPTION {
        id: "removed-option",
        since: "0.1.0",
        applies: "nix-darwin, NixOS",
        settings: &["services.nix-daemon.enable", "nix.useDaemon", "nix.configureBuildUsers"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Safe, Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(system) = cx.target().system() else {
        return;
    };
    for definition in cx.all_definitions() {
        let path = definition
            .option
            .names()
            .iter()
            .map(AsRef::as_ref)
            .collect::<Vec<&str>>()
            .join(".");
        let Some(option) = cx.catalog().option(system, &path) else {
            continue;
        };
        let OptionStatus::Removed { to } = option.status else {
            continue;
        };
        // An option that another system still has is another rule's.
        if !cx.catalog().systems_with(&path).is_empty() {
            continue;
        }
        let Some(place) = name_place(definition) else {
            continue;
        };
        let when = option
            .since
            .map(|since| format!(" on {since}"))
            .unwrap_or_default();
        let (applicability, changes) = mending(cx, system, definition, option);
        let confidence = if is_recent(option) || option.since.is_none() {
            cx.confidence(definition).min(Confidence::Likely)
        } else {
            cx.confidence(definition)
        };
        out.report(place, format!("`{path}` was removed from {system}{when}"))
            .why(match option.note {
                _ if option.since.is_none() => {
                    "newer releases refuse any definition of it".to_owned()
                }
                Some(note) => format!(
                    "any definition of it fails an assertion; {}",
                    lower_first(note.split(';').next().unwrap_or(note).trim_end_matches('.'))
                ),
                None => "any definition of it fails an assertion".to_owned(),
            })
            .severity(if option.since.is_some() {
                Severity::Error
            } else {
                // Which release removed it is not known.
                Severity::Warning
            })
            .help(match to {
                Some(to) => format!("use `{to}`"),
                None if meant_otherwise(definition) => {
                    "take it out; set `nix.enable = false` to keep nix-darwin away from the daemon"
                        .to_owned()
                }
                None => "take it out".to_owned(),
            })
            .confidence(confidence)
            .fix(applicability, format!("take `{path}` out"), changes);
    }
}

/// Taking it out, where that changes nothing but the error.
fn mending(
    cx: &RuleCx<'_>,
    system: ModuleSystem,
    definition: &Definition,
    option: &OptionInfo,
) -> (Applicability, Vec<Change>) {
    let replaced = matches!(option.status, OptionStatus::Removed { to: Some(_) });
    if replaced || system != ModuleSystem::NixDarwin || !is_written(definition) {
        return (Applicability::Manual, Vec::new());
    }
    let keeps_meaning = match option.path {
        "services.nix-daemon.enable" | "nix.useDaemon" | "nix.configureBuildUsers" => {
            definition.value.value == Value::Bool(true)
        }
        "nix.gc.user" | "nix.optimise.user" => {
            matches!(definition.value.value.as_str(), Some("root"))
        }
        "nix.readOnlyStore" => true,
        _ => false,
    };
    if !keeps_meaning {
        return (Applicability::Manual, Vec::new());
    }
    let applicability = if is_recent(option) || system_is_assumed(cx) {
        Applicability::Unsafe
    } else {
        Applicability::Safe
    };
    (
        applicability,
        vec![Change::Remove {
            definition: definition.id,
        }],
    )
}

/// True when the removed switch was off: its author wanted to manage the daemon otherwise.
fn meant_otherwise(definition: &Definition) -> bool {
    definition.value.value == Value::Bool(false)
        && (definition.option.is("services.nix-daemon.enable")
            || definition.option.is("nix.useDaemon")
            || definition.option.is("nix.configureBuildUsers"))
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
