//! Many keys of unknown owners.

use super::cache_key::key_entries;
use super::{EVERY_NIX, RuleCx, RuleOption, Sink, declare_rule};
use crate::catalog::{CacheConfidence, PublicKey};

declare_rule! {
    /// Many keys are trusted that nixtune does not know.
    ///
    /// ## Why it matters
    ///
    /// A key in `trusted-public-keys` is not bound to its cache or project: whoever holds it can sign
    /// any path, a kernel or a login program as well. With each key one more person or server has to
    /// be trusted for good. Keys of the caches in nixtune's catalog, whose owners are known, are not
    /// counted.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.trusted-public-keys = [
    ///     "a.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cA="
    ///     "b.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cE="
    ///     "c.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cI="
    ///     "d.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cM="
    ///     "e.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cQ="
    ///     "f.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cU="
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.trusted-public-keys = [
    ///     "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///     "a.acme.example-1:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cA="
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the keys are your own.
    ///
    /// ## Source
    ///
    /// Nix manual, `trusted-public-keys`; `src/libstore/keys.cc`. Every version of Nix, Lix and
    /// Determinate Nix.
    pub THIRD_PARTY_KEY_BREADTH {
        id: "third-party-key-breadth",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["trusted-public-keys"],
        category: Security,
        severity: Info,
        stage: OptIn,
        options: &[RuleOption {
            name: "most-keys",
            default: 5,
            docs: "More keys of unknown owners than this are reported.",
        }],
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let mut names: Vec<String> = Vec::new();
    let mut over = None;
    let most = cx.limit("most-keys");
    for entry in key_entries(cx).into_iter().filter(|e| e.is_in_force()) {
        let Ok(key) = PublicKey::parse(&entry.text) else {
            continue;
        };
        let known = cx
            .catalog()
            .cache_of_key(key.name)
            .is_some_and(|(cache, _)| cache.key_confidence >= CacheConfidence::Medium);
        if known || names.iter().any(|name| name == key.name) {
            continue;
        }
        names.push(key.name.to_owned());
        if names.len() as u64 > most && over.is_none() {
            over = Some(entry.clone());
        }
    }
    let Some(entry) = over else {
        return;
    };
    out.report(
        entry.place,
        format!(
            "`trusted-public-keys` trusts {} keys of owners that nixtune does not know",
            names.len()
        ),
    )
    .confidence(entry.confidence())
    .why("whoever holds one of them can sign any path, not only those of one project")
    .help("drop the keys of caches that you no longer use");
}
