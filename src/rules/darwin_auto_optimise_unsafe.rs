//! `auto-optimise-store` on macOS.

use super::list_entry::is_line;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence, NewValue, Severity};
use crate::eval::Value;
use crate::facts::{Implementation, ModuleSystem, Os, Target, Version};
use crate::model::{Condition, Definition, OptionPath};

declare_rule! {
    /// The store is optimised during builds by a Nix that damages it on macOS.
    ///
    /// ## Why it matters
    ///
    /// With `auto-optimise-store` Nix replaces equal files by links while it builds. On macOS the
    /// temporary name for such a link was not unique, so two processes could use the same one:
    /// builds fail with "File exists", and a path can end up with the wrong file in it. nix-darwin
    /// therefore refuses the setting for the versions concerned.
    ///
    /// | implementation | affected |
    /// | --- | --- |
    /// | Nix | up to 2.31.2, and 2.32.0 to 2.32.4 |
    /// | Lix | before 2.92 |
    /// | Determinate Nix | as the Nix that it is based on |
    ///
    /// `nix.optimise.automatic` does the same work on a schedule, in one process. The
    /// fix switches that on too where nothing else decides about it; it is safe when the version is
    /// known and every file of the machine was read. When the version is not known the diagnostic
    /// is only possible, and the schedule is left alone unless garbage is collected, too. nix-darwin
    /// does not see what stands in `nix.extraOptions`: its check is passed there.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # nix-darwin, Nix 2.28
    ///   nix.settings.auto-optimise-store = true;
    ///   nix.gc.interval = { Weekday = 0; Hour = 3; Minute = 15; };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   # nix-darwin, Nix 2.28
    ///   nix.settings.auto-optimise-store = false;
    ///   nix.optimise.automatic = true;
    ///   nix.gc.interval = { Weekday = 0; Hour = 3; Minute = 15; };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Always set it to false on an affected version. Whether to optimise on a schedule instead is
    /// a choice: it also links files, and NixOS/nix#14599 reports trouble with that on macOS too.
    ///
    /// ## Source
    ///
    /// NixOS/nix#7273; the assertion in nix-darwin `modules/nix/default.nix` (branches 24.11 to
    /// 25.11 allow the setting for Lix only). The fix was looked up in every release tag from
    /// 2.30.0 to 2.34.8.
    pub DARWIN_AUTO_OPTIMISE_UNSAFE {
        id: "darwin-auto-optimise-unsafe",
        since: "0.1.0",
        applies: "macOS: Nix before 2.31.3, 2.32.0 to 2.32.4; Lix before 2.92",
        settings: &["auto-optimise-store", "nix.optimise.automatic"],
        category: Reliability,
        severity: Error,
        fixes: Sometimes(Safe, Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if cx.os() != Some(Os::Darwin) {
        return;
    }
    let Some(effective) = cx.setting("auto-optimise-store").known() else {
        return;
    };
    let definition = effective.definition;
    // Under a condition that is not known it may well be meant for Linux alone.
    if effective.as_bool() != Some(true) || definition.condition != Condition::Always {
        return;
    }
    let affected = affected(cx.target());
    let (Some(place), false) = (definition.place(), affected == Some(false)) else {
        return;
    };
    let target = cx.target();
    // The assertion looks at the option; a line of text gets past it.
    let asserted = target.system() == Some(ModuleSystem::NixDarwin) && !is_line(definition);
    let severity = match affected {
        Some(true) if asserted && !target.nix_is_assumed() => Severity::Error,
        // An affected version would not get past nix-darwin's own check.
        None if asserted => Severity::Info,
        _ => Severity::Warning,
    };
    let mut report = match affected {
        Some(_) => out
            .report(
                place,
                format!(
                    "`auto-optimise-store` `true` can damage the store with {} on macOS",
                    version_words(target)
                ),
            )
            .confidence(if target.nix_is_assumed() {
                cx.confidence(definition).min(Confidence::Likely)
            } else {
                cx.confidence(definition)
            }),
        None => out
            .report(
                place,
                "`auto-optimise-store` `true` can damage the store on macOS before Nix 2.31.3, \
                 2.32.5, 2.33 and Lix 2.92",
            )
            .confidence(Confidence::Possible),
    };
    let bypassed = target.system() == Some(ModuleSystem::NixDarwin) && !asserted;
    report = report.severity(severity).why(if bypassed {
        "two processes could link through the same temporary name and leave the wrong file in a \
         path; nix-darwin refuses the setting for the affected versions, but does not look into \
         `nix.extraOptions`"
    } else if asserted {
        "two processes could link through the same temporary name and leave the wrong file in a \
         path; nix-darwin refuses the setting for the affected versions"
    } else {
        "two processes could link through the same temporary name and leave the wrong file in a \
         path, or fail with \"File exists\""
    });
    if let Some(fact) = &target.implementation {
        report = report.fact("implementation", fact, fact.value);
    }
    if let Some(fact) = target.version.as_ref().or(target.series.as_ref()) {
        report = report.fact("version", fact, fact.value);
    }
    // A schedule without a garbage collection is worth a remark itself, no less than one of
    // something that may be fine.
    let scheduled =
        can_schedule(cx) && (affected.is_some() || !cx.option("nix.gc.automatic").is_unset());
    let title = if scheduled {
        "set `auto-optimise-store` to `false` and optimise on a schedule"
    } else {
        "set `auto-optimise-store` to `false`"
    };
    let only_darwin = cx
        .workspace()
        .machines_of(definition.id)
        .all(|machine| machine.target.os() == Some(Os::Darwin));
    // Another file may decide about the schedule, and two values of it would not evaluate.
    let surely_free = !scheduled || cx.option("nix.optimise.automatic").is_certainly_unset();
    let applicability = match affected {
        Some(true) if only_darwin && surely_free => Applicability::Safe,
        _ if only_darwin => Applicability::Unsafe,
        _ => Applicability::Manual,
    };
    report
        .help(if scheduled {
            "set it to `false` and `nix.optimise.automatic` to `true`"
        } else {
            "set it to `false`"
        })
        .fix(applicability, title, changes(definition, scheduled));
}

/// True when nix-darwin may refuse to evaluate with this value of a setting.
pub(super) fn may_be_refused(cx: &RuleCx<'_>, name: &str, definition: &Definition) -> bool {
    name == "auto-optimise-store"
        && cx.target().system() == Some(ModuleSystem::NixDarwin)
        && definition.value.value != Value::Bool(false)
        && affected(cx.target()) != Some(false)
}

/// `nix.optimise.automatic` is there to be set, and not set yet.
fn can_schedule(cx: &RuleCx<'_>) -> bool {
    cx.target().system() == Some(ModuleSystem::NixDarwin)
        && cx.nix_disabled_by().is_none()
        && cx.option("nix.optimise.automatic").is_unset()
        && !cx.option_may_be_set_elsewhere("nix.optimise.automatic")
}

fn changes(definition: &Definition, scheduled: bool) -> Vec<Change> {
    let mut changes = vec![Change::Set {
        definition: definition.id,
        value: NewValue::Bool(false),
    }];
    if scheduled {
        changes.push(Change::Insert {
            near: definition.id,
            option: OptionPath::dotted("nix.optimise.automatic"),
            value: NewValue::Bool(true),
            comment: None,
        });
    }
    changes
}

fn version_words(target: &Target) -> String {
    match target.nix_in_words() {
        Some(words) if target.implementation.is_some() => words,
        _ => "this Nix".to_owned(),
    }
}

/// Whether the Nix in use has the fault; `None` when that is not known.
pub(crate) fn affected(target: &Target) -> Option<bool> {
    let implementation = target.implementation.as_ref()?.value;
    let Some(version) = &target.version else {
        // A series is judged only when its first and its last release are alike.
        let series = target.series.as_ref()?.value;
        let last = Version::new(series.major, series.minor, u32::MAX);
        let first = has_the_fault(implementation, series)?;
        return (has_the_fault(implementation, last) == Some(first)).then_some(first);
    };
    has_the_fault(implementation, version.value)
}

/// Whether a release has the fault; `None` when that is not known.
fn has_the_fault(implementation: Implementation, version: Version) -> Option<bool> {
    Some(match implementation {
        Implementation::Cppnix => {
            version < Version::new(2, 31, 3)
                || (version >= Version::new(2, 32, 0) && version < Version::new(2, 32, 5))
        }
        Implementation::Lix => version < Version::new(2, 92, 0),
        // Based on 2.33 from 3.15 on; the releases on 2.31 and 2.32 are not told apart.
        Implementation::Determinate => {
            if version >= Version::new(3, 15, 0) {
                false
            } else if version < Version::new(3, 10, 0) {
                true
            } else {
                return None;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Fact;

    #[test]
    fn the_affected_versions_are_those_that_nix_darwin_refuses() {
        let affected = |implementation, text: &str| {
            super::affected(&Target {
                implementation: Some(Fact::declared(implementation, "test")),
                version: Some(Fact::declared(text.parse().unwrap(), "test")),
                ..Target::default()
            })
        };
        for (text, expected) in [
            ("2.28.3", true),
            ("2.30.4", true),
            ("2.31.2", true),
            ("2.31.3", false),
            ("2.32.0", true),
            ("2.32.4", true),
            ("2.32.5", false),
            ("2.33.0", false),
        ] {
            assert_eq!(
                affected(Implementation::Cppnix, text),
                Some(expected),
                "{text}"
            );
        }
        assert_eq!(affected(Implementation::Lix, "2.91.1"), Some(true));
        assert_eq!(affected(Implementation::Lix, "2.92.0"), Some(false));
        assert_eq!(affected(Implementation::Determinate, "3.12.0"), None);
        assert_eq!(super::affected(&Target::default()), None);
    }
}
