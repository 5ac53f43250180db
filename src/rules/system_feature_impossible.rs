//! System features that the machine cannot have.

use super::list_entry::{Entry, entries};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};
use crate::facts::Os;
use crate::model::Setting;

declare_rule! {
    /// A machine offers a system feature that it cannot have.
    ///
    /// ## Why it matters
    ///
    /// A build that requires a feature is taken by a machine that lists it, and fails there when
    /// the feature is only a word. `uid-range` gives a build 65536 user ids, which Nix has only
    /// with `auto-allocate-uids`: without that setting each such build ends with an error.
    ///
    /// `kvm` and `uid-range` are things of Linux, `apple-virt` of macOS. On the other system no
    /// build asks for them, so that the word is without use; that is only worth a remark.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     auto-allocate-uids = false;
    ///     extra-system-features = [ "uid-range" ];
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     experimental-features = [ "auto-allocate-uids" "cgroups" ];
    ///     auto-allocate-uids = true;
    ///     use-cgroups = true;
    ///     extra-system-features = [ "uid-range" ];
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the list is shared by machines of several systems. The fix takes the word out; builds
    /// that ask for it then look for another machine.
    ///
    /// ## Source
    ///
    /// Nix `src/libstore/globals.cc` (`getDefaultSystemFeatures`: `kvm` and `uid-range` under
    /// Linux only, `apple-virt` under macOS only) and `src/libstore/unix/user-lock.cc`.
    pub SYSTEM_FEATURE_IMPOSSIBLE {
        id: "system-feature-impossible",
        since: "0.1.0",
        applies: "Nix from 2.12 on, Lix, Determinate Nix",
        settings: &["system-features", "auto-allocate-uids"],
        category: Correctness,
        severity: Warning,
        live: Also,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(os) = cx.os() else {
        return;
    };
    if !cx.reaches_daemon() {
        return;
    }
    for entry in entries(&cx.items("system-features")) {
        let foreign = match (os, &*entry.text) {
            (Os::Darwin, "kvm" | "uid-range") => Some("Linux"),
            (Os::Linux, "apple-virt") => Some("macOS"),
            _ => None,
        };
        if let Some(other) = foreign {
            report_foreign(&entry, os, other, out);
        } else if os == Os::Linux && &*entry.text == "kvm" {
            report_no_kvm(cx, &entry, out);
        } else if os == Os::Linux && &*entry.text == "uid-range" {
            report_uid_range(cx, &entry, out);
        }
    }
}

fn report_foreign(entry: &Entry<'_>, os: Os, other: &str, out: &mut Sink<'_>) {
    let here = match os {
        Os::Darwin => "macOS",
        Os::Linux => "Linux",
    };
    out.report(
        entry.place,
        format!("the system feature `{}` is one of {other}", entry.text),
    )
    .severity(Severity::Info)
    .confidence(entry.confidence())
    .why(format!(
        "no build for {here} asks for it, and one that would could not have it"
    ))
    .help(format!("leave `{}` out on {here}", entry.text))
    .fix(
        Applicability::Unsafe,
        format!("take `{}` out", entry.text),
        entry.remove().into_iter().collect(),
    );
}

fn report_no_kvm(cx: &RuleCx<'_>, entry: &Entry<'_>, out: &mut Sink<'_>) {
    if cx.observations().and_then(|seen| seen.has_kvm) != Some(false) {
        return;
    }
    out.report(
        entry.place,
        "`kvm` is offered, but this machine has no /dev/kvm",
    )
    .confidence(entry.confidence())
    .why("nix accepts builds that need virtual machines, such as tests of NixOS, and each of them fails")
    .help("turn virtualization on in the firmware and load the kernel's module, or leave `kvm` out")
    .fix(
        Applicability::Unsafe,
        "take `kvm` out",
        entry.remove().into_iter().collect(),
    );
}

fn report_uid_range(cx: &RuleCx<'_>, entry: &Entry<'_>, out: &mut Sink<'_>) {
    // What is left out may be set by a file that was not read.
    let off = match cx.setting("auto-allocate-uids") {
        Setting::Known(effective) if effective.as_bool() == Some(false) => {
            Some(effective.definition)
        }
        Setting::Unset { assured: true } => None,
        _ => return,
    };
    let said = if off.is_some() { "off" } else { "not set" };
    out.report(
        entry.place,
        format!("`uid-range` is offered while `auto-allocate-uids` is {said}"),
    )
    .confidence(entry.confidence())
    .label(
        off.and_then(crate::model::Definition::place),
        "switched off here",
    )
    .why(
        "nix accepts builds that need a range of user ids and has none to give: each of them fails",
    )
    .help(
        "set `auto-allocate-uids` and `use-cgroups`, with the experimental features \
         `auto-allocate-uids` and `cgroups`, or leave `uid-range` out",
    )
    .fix(
        Applicability::Unsafe,
        "take `uid-range` out",
        entry.remove().into_iter().collect(),
    );
}
