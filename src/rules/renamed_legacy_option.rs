//! An option under a former name.

use super::list_entry::{fits_every_machine, is_written, name_place, system_is_assumed};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::{OptionInfo, OptionStatus};
use crate::diagnostic::{Applicability, Change, Severity};
use crate::model::{Definition, OptionPath};

declare_rule! {
    /// An option is set under a former name.
    ///
    /// ## Why it matters
    ///
    /// The module system forwards the value and prints a warning at every evaluation. Whoever
    /// looks for `nix.settings.max-jobs` does not find it, and when both names are set the two
    /// values conflict. A forwarded name may be removed in any release.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   system.defaults.dock.autohide = true;
    ///   nix.maxJobs = 4;
    ///   nix.trustedUsers = [ "@admin" ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   system.defaults.dock.autohide = true;
    ///   nix.settings.max-jobs = 4;
    ///   nix.settings.trusted-users = [ "@admin" ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// While the configuration is also used with a release that does not have the new name: NixOS
    /// before 22.05, nix-darwin before August 2022.
    ///
    /// ## Source
    ///
    /// NixOS `nixos/modules/config/nix.nix` (22.05 on), nix-darwin `modules/nix/default.nix`
    /// (2022-08-22 on), home-manager `modules/services/nix-gc.nix` (2025-08-21 on): the modules'
    /// own lists of renamed options.
    pub RENAMED_LEGACY_OPTION {
        id: "renamed-legacy-option",
        since: "0.1.0",
        applies: "NixOS from 22.05, nix-darwin from August 2022, home-manager from August 2025",
        settings: &["nix.maxJobs", "nix.buildCores", "nix.binaryCaches", "nix.trustedUsers"],
        category: Deprecated,
        severity: Warning,
        fixes: Sometimes(Safe, Unsafe, Manual),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(system) = cx.target().system() else {
        return;
    };
    let mut sets: Vec<(&str, crate::text::FileId)> = Vec::new();
    for definition in cx.all_definitions() {
        let Some((option, to)) = renamed(cx, definition) else {
            continue;
        };
        let Some(place) = name_place(definition) else {
            continue;
        };
        let whole = definition.option.is(option.path);
        if !whole {
            // A renamed set: once for a file, not once for each attribute.
            if sets.contains(&(option.path, place.file)) {
                continue;
            }
            sets.push((option.path, place.file));
        }
        let (applicability, changes) = mending(cx, definition, option, to);
        out.report(
            place,
            format!("`{}` is a former name of `{to}` in {system}", option.path),
        )
        .why(if option.fails {
            "the new name is itself removed, so that the configuration does not evaluate"
        } else {
            "the value is forwarded with a warning at every evaluation"
        })
        .help(match option.note {
            Some(note) if option.fails || is_gone(cx, to) => {
                format!("take it out ({})", lower(note))
            }
            _ => format!("write `{to}`"),
        })
        .severity(if option.fails {
            Severity::Error
        } else {
            Severity::Warning
        })
        .confidence(cx.confidence(definition))
        .fix(
            applicability,
            match changes.first() {
                Some(Change::Remove { .. }) => format!("take `{}` out", option.path),
                _ => format!("rename it to `{to}`"),
            },
            changes,
        );
    }
}

/// The renamed option that a definition sets, whole or in part, and its new name.
fn renamed<'a>(cx: &RuleCx<'a>, definition: &Definition) -> Option<(&'a OptionInfo, &'static str)> {
    let system = cx.target().system()?;
    let names = definition.option.names();
    (1..=names.len()).find_map(|length| {
        let path = names
            .iter()
            .take(length)
            .map(AsRef::as_ref)
            .collect::<Vec<_>>()
            .join(".");
        let option = cx.catalog().option(system, &path)?;
        match option.status {
            OptionStatus::Renamed { to } => Some((option, to)),
            _ => None,
        }
    })
}

fn mending(
    cx: &RuleCx<'_>,
    definition: &Definition,
    option: &OptionInfo,
    to: &str,
) -> (Applicability, Vec<Change>) {
    let nothing = (Applicability::Manual, Vec::new());
    if !definition.option.is(option.path) || !is_written(definition) {
        return nothing;
    }
    if option.fails {
        return (
            Applicability::Unsafe,
            vec![Change::Remove {
                definition: definition.id,
            }],
        );
    }
    if is_gone(cx, to) {
        return nothing;
    }
    let change = vec![Change::Rename {
        definition: definition.id,
        to: OptionPath::dotted(to),
    }];
    // Both names set: lists would be joined, anything else conflicts. That is for the author.
    if !cx.option_definitions(to).is_empty() {
        return (Applicability::Manual, change);
    }
    let system = cx.target().system();
    let applicability = if is_recent(option)
        || system_is_assumed(cx)
        || !fits_every_machine(cx, definition, |machine| machine.target.system() == system)
    {
        Applicability::Unsafe
    } else {
        Applicability::Safe
    };
    (applicability, change)
}

/// True when the new name is not an option in use either.
fn is_gone(cx: &RuleCx<'_>, to: &str) -> bool {
    cx.target()
        .system()
        .and_then(|system| cx.catalog().option(system, to))
        .is_some_and(|option| !option.is_current())
}

/// True when the new name is younger than releases that are in use: a configuration that is
/// pinned to an older one would not evaluate with it.
pub(super) fn is_recent(option: &OptionInfo) -> bool {
    option
        .since
        .and_then(|since| since.get(..4)?.parse::<u32>().ok())
        .is_some_and(|year| year >= 2024)
}

fn lower(note: &str) -> String {
    let note = note.trim_end_matches('.');
    let mut chars = note.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
