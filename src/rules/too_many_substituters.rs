//! A long list of caches.

use super::list_entry::{Entry, entries};
use super::{EVERY_NIX, RuleCx, RuleOption, Sink, declare_rule};
use crate::catalog::{CacheUrl, Network};
use crate::facts::{Fact, ModuleSystem};

declare_rule! {
    /// Every path is asked for at many caches.
    ///
    /// ## Why it matters
    ///
    /// Nix asks the caches one after the other until one has a path. What none has, and that is
    /// whatever is built here, is asked for at all of them, in every rebuild after the hour for which
    /// the answers are kept. The slowest one decides, and one that is down costs its retries. Each
    /// cache's key also stays trusted to sign anything. With `--live` it says how long their answers
    /// took.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.extra-substituters = [
    ///     "https://a.acme.example"
    ///     "https://b.acme.example"
    ///     "https://c.acme.example"
    ///     "https://d.acme.example"
    ///     "https://e.acme.example"
    ///     "https://f.acme.example"
    ///     "https://g.acme.example"
    ///     "https://h.acme.example"
    ///     "https://i.acme.example"
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.extra-substituters = [
    ///     "https://a.acme.example"
    ///     "https://b.acme.example"
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When each of them serves something that you rebuild often. Caches of a single project are
    /// better listed in that project's own `nixConfig`.
    ///
    /// ## Source
    ///
    /// Nix, `src/libstore/store-registration.cc` and `build/substitution-goal.cc`; NixOS/nix#3019,
    /// NixOS/nix#5118. Every version of Nix, Lix and Determinate Nix.
    pub TOO_MANY_SUBSTITUTERS {
        id: "too-many-substituters",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["substituters"],
        category: Performance,
        severity: Info,
        live: Also,
        options: &[RuleOption {
            name: "most-caches",
            default: 8,
            docs: "More caches than this are reported, cache.nixos.org included.",
        }],
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let all = entries(&cx.items("substituters"));
    let mut caches: Vec<(CacheUrl, &Entry<'_>)> = Vec::new();
    for entry in all.iter().filter(|entry| entry.is_in_force()) {
        let Some(mut url) = CacheUrl::parse(&entry.text) else {
            continue;
        };
        if url.network() == Network::ThisMachine {
            continue;
        }
        url.query = String::new();
        if !caches.iter().any(|(other, _)| *other == url) {
            caches.push((url, entry));
        }
    }
    let listed = caches.iter().any(|(url, _)| url.is_default_cache());
    let added = !listed
        && matches!(
            cx.target().system(),
            Some(ModuleSystem::NixDarwin | ModuleSystem::Nixos)
        );
    let number = caches.len() as u64 + u64::from(added);
    let most = cx.limit("most-caches");
    if number <= most {
        return;
    }
    // The first one that is over the limit; those before it stay.
    let over = usize::try_from(most).unwrap_or(usize::MAX);
    let Some((_, entry)) = caches.get(over.saturating_sub(usize::from(added))) else {
        return;
    };
    if cx.reason_near(Some(entry.place)) {
        return;
    }
    // One after the other is asked, until one has the path.
    let micros: Option<u64> = cx.observations().map(|seen| {
        let answers = caches
            .iter()
            .filter_map(|(_, entry)| seen.cache(&entry.text));
        answers.filter_map(|cache| cache.latency_micros).sum()
    });
    let counted = if added { " with cache.nixos.org" } else { "" };
    let report = out.report(
        entry.place,
        format!("`substituters` lists {number} caches{counted}; this one is over {most}"),
    )
    .confidence(entry.confidence())
    .why(
        "a path that none has, such as what is built here, is asked for at every one of them, and \
         the slowest decides",
    )
    .help("drop caches that serve nothing you rebuild, or list a project's cache in its own flake");
    if let Some(micros) = micros.filter(|micros| *micros > 0) {
        let milliseconds = micros as f64 / 1000.0;
        report.fact(
            "all of them",
            &Fact::probed((), "asked a moment ago"),
            format!("take {milliseconds:.0} ms for a path that none has"),
        );
    }
}
