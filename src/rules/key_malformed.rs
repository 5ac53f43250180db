//! A trusted key that Nix cannot read.

use super::cache_key::{catalog_fact, key_entries};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::{CacheConfidence, KeyFault, PublicKey};
use crate::diagnostic::Applicability;

declare_rule! {
    /// A trusted key is not a name, a colon and 32 bytes in base64.
    ///
    /// ## Why it matters
    ///
    /// Nix reads all keys as soon as it needs one, and one that it cannot read is a fatal error:
    /// "key is corrupt", "public key is not valid" or "invalid character in Base64 string". Every
    /// command that substitutes or verifies a path then fails, whatever cache it uses. `nix config
    /// show` does not notice, so the rebuild that brings the key in still succeeds.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.trusted-public-keys = [
    ///     "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyv"
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.trusted-public-keys = [
    ///     "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never. A key without its final `=` is not reported: Nix accepts it.
    ///
    /// ## Source
    ///
    /// Nix, `src/libutil/signature` and `base64Decode`, all releases from 2.3 on, Lix and
    /// Determinate Nix; NixOS/nix#8271.
    pub KEY_MALFORMED {
        id: "key-malformed",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["trusted-public-keys"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for entry in key_entries(cx) {
        let Err(fault) = PublicKey::parse(&entry.text) else {
            continue;
        };
        // The body is left out on purpose: it may be a secret one.
        let (name, _) = entry.text.split_once(':').unwrap_or((&entry.text, ""));
        let known = cx.catalog().cache_of_key(name);
        let report = out
            .report(entry.place, message(name, fault))
            .why(why(fault))
            .confidence(entry.confidence());
        match (known, fault) {
            (Some((cache, full_key)), _) => {
                report
                    .help(format!(
                        "use `{full_key}` after comparing it with what the cache's owner publishes"
                    ))
                    .fact(
                        "key of this name",
                        &catalog_fact(cx, cache, full_key),
                        full_key,
                    )
                    .fix(
                        if cache.key_confidence == CacheConfidence::High {
                            Applicability::Unsafe
                        } else {
                            Applicability::Manual
                        },
                        format!("replace the key `{name}` by its known one"),
                        entry.replace(full_key).into_iter().collect(),
                    );
            }
            (None, KeyFault::Secret) => {
                report.help(
                    "put the public key here, which `nix key convert-secret-to-public` prints, and make a \
                     new key pair: this secret is in the store and in the history of the files",
                );
            }
            (None, _) => {
                report.help("copy the key again from where the cache's owner publishes it");
            }
        }
    }
}

fn message(name: &str, fault: KeyFault) -> String {
    match fault {
        KeyFault::NoName => {
            format!("`{name}` in `trusted-public-keys` has no colon between a name and a key")
        }
        KeyFault::NoBody => format!("the key `{name}` in `trusted-public-keys` has no body"),
        KeyFault::NotBase64(c) => format!(
            "the key `{name}` in `trusted-public-keys` holds `{}`, which is not base64",
            c.escape_default()
        ),
        KeyFault::Length(bytes) => {
            format!("the key `{name}` in `trusted-public-keys` has {bytes} bytes instead of 32")
        }
        KeyFault::Secret => format!(
            "the key `{name}` in `trusted-public-keys` has 64 bytes: it is a secret key, not a public one"
        ),
    }
}

fn why(fault: KeyFault) -> &'static str {
    match fault {
        KeyFault::Secret => {
            "nix refuses it, so every command that substitutes or verifies a path fails; and who \
             can read it can sign paths in this cache's name"
        }
        _ => {
            "nix reads all keys at once and refuses this one, so every command that substitutes \
             or verifies a path fails, whatever cache it uses"
        }
    }
}
