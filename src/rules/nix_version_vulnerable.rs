//! A release of Nix with a known security fault.

use super::given::with_nix;
use super::list_entry::value_place;
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::Advisory;
use crate::diagnostic::{Confidence, Severity};
use crate::facts::{Fact, How, Implementation, ModuleSystem, Version};
use crate::model::Definition;
use crate::text::Place;

declare_rule! {
    /// The release of Nix in use has a security fault that a newer one mends.
    ///
    /// ## Why it matters
    ///
    /// The daemon runs as root and answers every user of the machine. Each advisory names what
    /// somebody can do who may connect to it or build with it, and the release of the same series
    /// without the fault.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # a profile says Nix 2.31.2
    ///   nix.settings.max-jobs = 4;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   # a profile says Nix 2.34.8
    ///   nix.settings.max-jobs = 4;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the package is patched: nixpkgs mends old releases without another number now and then.
    /// Only whole release numbers are compared, from a profile, `--target`, this machine or the
    /// address of a flake's input; a series alone is not reported. The data is as old as it says.
    ///
    /// ## Source
    ///
    /// GHSA-vh5x-56v6-4368 (CVE-2026-44028), GHSA-g3g9-5vj6-r3gj (CVE-2026-39860), CVE-2025-52992:
    /// the CVE records, compared with the release tags of Nix and the announcements of Lix.
    pub NIX_VERSION_VULNERABLE {
        id: "nix-version-vulnerable",
        since: "0.1.0",
        applies: "the releases that each advisory names",
        settings: &["nix.package"],
        category: Security,
        severity: Warning,
        live: Also,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let target = cx.target();
    // What runs counts, whatever the next rebuild would install.
    let running = cx.observations().and_then(|seen| seen.nix);
    let (implementation, version) = match running {
        Some(nix) => (
            Some(Fact::probed(nix.implementation, "the installed Nix")),
            Some(Fact::probed(nix.version, "the installed Nix")),
        ),
        None => (target.implementation.clone(), target.version.clone()),
    };
    let (Some(implementation), Some(version)) = (&implementation, &version) else {
        return;
    };
    let of_machine = matches!(
        target.system(),
        Some(ModuleSystem::NixDarwin | ModuleSystem::Nixos | ModuleSystem::NixConf)
    );
    // Who writes `2.31` means the series.
    let is_series = version.how == How::Declared && version.value.patch == 0;
    if !of_machine || !cx.reaches_daemon() || version.how == How::Assumed || is_series {
        return;
    }
    let faults: Vec<(&Advisory, Version)> = cx
        .catalog()
        .advisories()
        .iter()
        .filter(|advisory| match (advisory.os, cx.os()) {
            (Some(of), Some(os)) => of == os,
            (Some(_), None) => false,
            (None, _) => true,
        })
        .filter_map(|advisory| {
            let fix = advisory.fix_for(implementation.value, version.value)?;
            Some((advisory, fix))
        })
        .collect();
    let Some(newest) = faults.iter().map(|(_, fix)| *fix).max() else {
        return;
    };
    let Some(place) = place(cx) else { return };
    let as_of = cx.catalog().releases_as_of();
    let names = faults
        .iter()
        .map(|(advisory, _)| advisory.id)
        .collect::<Vec<_>>()
        .join(", ");
    let whats = faults
        .iter()
        .map(|(advisory, _)| advisory.what)
        .collect::<Vec<_>>()
        .join("; ");
    let maker = implementation.value;
    let this = match running {
        Some(_) => "installed here is",
        None => "this is",
    };
    let mut report = out
        .report(
            place,
            format!(
                "{this} {maker} {}, which has faults that {newest} mends: {names} (as of {as_of})",
                version.value
            ),
        )
        .severity(Severity::Warning)
        .confidence(Confidence::Likely)
        .applies(format!("{maker} before {newest}"))
        .why(whats)
        .help(match maker {
            Implementation::Determinate => "run `determinate-nixd upgrade`".to_owned(),
            _ => format!("update nixpkgs, or whatever brings Nix, to {newest} or later"),
        });
    for (advisory, fix) in &faults {
        let source = format!("published {}, {}", advisory.published, advisory.cve);
        report = report.fact(
            advisory.id,
            &Fact::declared((), source),
            format!("fixed in {fix}"),
        );
    }
    match running {
        Some(_) => report.fact("installed", version, format!("{maker} {}", version.value)),
        None => with_nix(cx, report),
    };
}

/// Where to say it: at `nix.package`, else at the first setting that Nix reads.
fn place(cx: &RuleCx<'_>) -> Option<Place> {
    let package = cx.option_definitions("nix.package").first().copied();
    let first = || {
        cx.all_definitions()
            .find(|definition| definition.setting.is_some())
    };
    package
        .and_then(value_place)
        .or_else(|| first().and_then(Definition::place))
}
