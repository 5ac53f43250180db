//! Links to builds that nobody looked at for long.

use super::store_upkeep::spot;
use super::{EVERY_NIX, RuleCx, RuleOption, Sink, declare_rule};
use crate::facts::OldRoot;
use crate::units::Bytes;

/// So many links are named.
const NAMED: usize = 5;

declare_rule! {
    /// Old links keep much of the store alive.
    ///
    /// ## Why it matters
    ///
    /// `nix build` and `nix-build` leave a link `result`, direnv leaves one for each shell, and each is
    /// a root: no garbage collection takes what it needs, whatever `nix.gc.options` say. Projects that
    /// are long done keep their compilers that way.
    ///
    /// It speaks with `--live` only, and counts what would be dead without each link, because nothing
    /// else needs it. Generations of profiles are not counted: those go by age.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # /home/ada/old/result, made 210 days ago, keeps 14 GiB
    ///   nix.gc.automatic = true;
    ///   nix.gc.options = "--delete-older-than 30d";
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   # the oldest link was made 40 days ago
    ///   nix.gc.automatic = true;
    ///   nix.gc.options = "--delete-older-than 30d";
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// For links that are meant to stay, such as a build that a service runs. A link is never removed
    /// by nixtune.
    ///
    /// ## Source
    ///
    /// Nix, `src/libstore/gc.cc` (`findRoots`): what a link below `gcroots/auto` leads to lives as long
    /// as the link. NixOS/nix#4633. `nixtune analyze store` lists all roots by what only they keep.
    pub STALE_GC_ROOTS {
        id: "stale-gc-roots",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["nix.gc.options"],
        category: Reliability,
        severity: Info,
        live: Only,
        options: &[
            RuleOption {
                name: "least-days",
                default: 90,
                docs: "Links that are younger are not counted.",
            },
            RuleOption {
                name: "least-gib",
                default: 1,
                docs: "Reported is what keeps more than this together, in GiB.",
            },
        ],
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let roots = cx.observations().and_then(|seen| seen.old_roots.as_deref());
    if !cx.reaches_daemon() {
        return;
    }
    let least_days = cx.limit("least-days");
    let old: Vec<&OldRoot> = roots
        .into_iter()
        .flatten()
        .filter(|root| root.age_days >= least_days && root.only_bytes > 0)
        .collect();
    let kept_bytes: u64 = old.iter().map(|root| root.only_bytes).sum();
    if kept_bytes <= cx.limit("least-gib").saturating_mul(Bytes::GIB) {
        return;
    }
    let Some(place) = spot(cx) else { return };
    let links = match old.len() {
        1 => "a link".to_owned(),
        many => format!("{many} links"),
    };
    let named: Vec<String> = old
        .iter()
        .take(NAMED)
        .map(|root| {
            format!(
                "{} ({} days, {})",
                root.link,
                root.age_days,
                Bytes(root.only_bytes)
            )
        })
        .collect();
    let more = if old.len() > NAMED { ", …" } else { "" };
    out.report(
        place,
        format!(
            "{links} older than {least_days} days keep {} that nothing else needs",
            Bytes(kept_bytes)
        ),
    )
    .why("each is a root, so that no garbage collection takes what it needs")
    .help(format!(
        "remove those that nobody needs: {}{more}",
        named.join(", ")
    ));
}
