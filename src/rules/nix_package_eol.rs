//! A series of Nix that gets no fixes any more.

use super::list_entry::value_place;
use super::nix_package::named;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::Confidence;
use crate::facts::{Fact, Implementation, Version};
use crate::model::Condition;

declare_rule! {
    /// `nix.package` is of a series that gets no security fixes any more.
    ///
    /// ## Why it matters
    ///
    /// The daemon runs as root and answers every user of the machine. Series that are out of support
    /// keep their known faults, some of which give root to whoever may build.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.nixVersions.nix_2_24;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.nixVersions.stable;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When nixpkgs or you patch the package yourselves. The data is as old as it says. There is no
    /// fix, because another release of Nix is a choice.
    ///
    /// ## Source
    ///
    /// The series that got the fixes of GHSA-vh5x-56v6-4368 (CVE-2026-44028) in May 2026: the
    /// release tags of Nix, the announcement of Lix. 2.28 and 2.30 have been left since
    /// (NixOS/nixpkgs#513339).
    pub NIX_PACKAGE_EOL {
        id: "nix-package-eol",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager",
        settings: &["nix.package"],
        category: Security,
        severity: Warning,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for (definition, attr) in named(cx) {
        let (Some((implementation, series)), Some(place)) =
            (series_of(&attr), value_place(definition))
        else {
            continue;
        };
        let Some(unsupported) = cx.catalog().unsupported(implementation) else {
            continue;
        };
        if series >= unsupported.before || definition.condition != Condition::Always {
            continue;
        }
        let as_of = cx.catalog().releases_as_of();
        let source = format!("{}, as of {as_of}", unsupported.source);
        out.report(
            place,
            format!(
                "`nix.package` is {implementation} {series}, which gets no security fixes any more \
                 (as of {as_of})"
            ),
        )
        .confidence(cx.confidence(definition).min(Confidence::Likely))
        .applies(format!("{implementation} before {}", unsupported.before))
        .why(format!(
            "the faults that were mended in {} stay in it, and the daemon runs as root",
            unsupported.last_fixes
        ))
        .help(match implementation {
            Implementation::Lix => "use `pkgs.lixPackageSets.stable.lix`",
            _ => "use `pkgs.nixVersions.stable`",
        })
        .fact(
            "oldest series with fixes",
            &Fact::declared((), source),
            unsupported.before,
        );
    }
}

/// The series that an attribute names: `nixVersions.nix_2_24`, `lixPackageSets.lix_2_91.lix`.
fn series_of(attr: &str) -> Option<(Implementation, Version)> {
    attr.split('.').find_map(|name| {
        let (implementation, number) = match name.strip_prefix("nix_") {
            Some(number) => (Implementation::Cppnix, number),
            None => (Implementation::Lix, name.strip_prefix("lix_")?),
        };
        Some((implementation, number.replace('_', ".").parse().ok()?))
    })
}
