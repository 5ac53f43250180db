//! `download-buffer-size` where it no longer helps.

use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence, Severity};
use crate::facts::{Implementation, Version};
use crate::units::Bytes;

declare_rule! {
    /// The download buffer is raised although this Nix does not need it, or does not know it.
    ///
    /// ## Why it matters
    ///
    /// From 2.24 to 2.32 a slow disk could make Nix stall with "download buffer is full", and a
    /// larger `download-buffer-size` helped. From 2.33 on a full buffer pauses the transfer, the
    /// default went from 64 MiB down to 1 MiB, and a large value only costs memory. Lix has never
    /// had the setting: there it is unknown, and the modules' build-time check refuses it.
    ///
    /// When the version is not known the diagnostic says so and is only possible.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # Nix 2.33
    ///   nix.settings.download-buffer-size = 536870912; # 512 MiB
    ///   nix.settings.connect-timeout = 15;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.connect-timeout = 15;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// While a machine that reads the same file still runs Nix 2.24 to 2.32 over a fast line.
    ///
    /// ## Source
    ///
    /// Release notes of Nix 2.33; NixOS/nix#14614; `filetransfer.hh` of every release. Determinate
    /// Nix follows its base: the new default came with 3.15. Lix 2.90 to 2.95: no such setting.
    pub STALE_DOWNLOAD_BUFFER {
        id: "stale-download-buffer",
        since: "0.1.0",
        applies: "Nix 2.33 and later, Determinate Nix 3.15 and later, Lix",
        settings: &["download-buffer-size"],
        category: Performance,
        severity: Warning,
        fixes: Sometimes(Safe, Unsafe, Manual),
    }
}

/// The default since the buffer no longer matters.
const NEW_DEFAULT: Bytes = Bytes(Bytes::MIB);

/// What the value is worth to the Nix in use.
enum Worth {
    /// Nothing, since this version.
    Nothing,
    /// The setting does not exist.
    Unknown,
    /// Depends on a version that is not known.
    Depends,
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(effective) = cx.setting("download-buffer-size").known() else {
        return;
    };
    let Some(worth) = worth(cx) else {
        return;
    };
    let raised = effective
        .as_amount()
        .is_some_and(|amount| amount > NEW_DEFAULT.0);
    if !raised && !matches!(worth, Worth::Unknown) {
        return;
    }
    let definition = effective.definition;
    let Some(place) = definition.place() else {
        return;
    };
    let amount = effective
        .as_amount()
        .map_or(String::new(), |amount| format!(" {}", Bytes(amount)));
    let target = cx.target();
    let (message, why, severity, confidence, applicability) = match worth {
        Worth::Nothing => (
            format!("`download-buffer-size`{amount} no longer speeds up downloads"),
            "since Nix 2.33 a full buffer pauses the transfer instead of stalling it; the default \
             is 1 MiB, and more only costs memory",
            Severity::Warning,
            Confidence::Certain,
            Applicability::Safe,
        ),
        Worth::Unknown => (
            "`download-buffer-size` does not exist in Lix".to_owned(),
            "Lix warns about the unknown setting at every start, and the modules' check of the \
             generated file refuses it",
            Severity::Error,
            Confidence::Certain,
            Applicability::Safe,
        ),
        Worth::Depends => (
            format!(
                "`download-buffer-size`{amount} helps Nix 2.24 to 2.32 only, and the version is \
                 not known"
            ),
            "since Nix 2.33 (Determinate Nix 3.15) a full buffer pauses the transfer instead of \
             stalling it; the default is 1 MiB, and more only costs memory",
            Severity::Info,
            Confidence::Possible,
            Applicability::Manual,
        ),
    };
    let Some(severity) = cx.eased(severity, definition) else {
        return;
    };
    let mut report = out
        .report(place, message)
        .severity(severity)
        .confidence(if target.nix_is_assumed() {
            Confidence::Likely.min(confidence.min(cx.confidence(definition)))
        } else {
            confidence.min(cx.confidence(definition))
        })
        .why(why)
        .help("take the line out");
    if let Some(fact) = &target.implementation {
        report = report.fact("implementation", fact, fact.value);
    }
    if let Some(fact) = target.version.as_ref().or(target.series.as_ref()) {
        report = report.fact("version", fact, fact.value);
    }
    let fits_all = cx
        .workspace()
        .machines_of(definition.id)
        .all(|machine| machine.target == *target);
    // A comment beside the line would be left to speak of the next one.
    let commented = cx.comment_near(Some(place)).is_some();
    let applicability = if fits_all && !commented && !target.nix_is_assumed() {
        applicability
    } else {
        applicability.min(Applicability::Unsafe)
    };
    if definition.stands_alone() {
        report.fix(
            applicability,
            "take `download-buffer-size` out",
            vec![Change::Remove {
                definition: definition.id,
            }],
        );
    }
}

/// `None` where the value may be of use.
fn worth(cx: &RuleCx<'_>) -> Option<Worth> {
    let target = cx.target();
    let implementation = target.implementation.as_ref().map(|fact| fact.value);
    let version = target.version.as_ref().or(target.series.as_ref());
    let version = version.map(|fact| fact.value);
    match (implementation, version) {
        (Some(Implementation::Lix), _) => Some(Worth::Unknown),
        (Some(Implementation::Cppnix), Some(version)) => {
            (version >= Version::new(2, 33, 0)).then_some(Worth::Nothing)
        }
        (Some(Implementation::Determinate), Some(version)) => {
            (version >= Version::new(3, 15, 0)).then_some(Worth::Nothing)
        }
        _ => Some(Worth::Depends),
    }
}
