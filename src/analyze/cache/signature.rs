//! Whether a cache's answer is signed by a key that is trusted.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, VerifyingKey};

use super::narinfo::NarInfo;
use crate::catalog::PublicKey;

/// The configured keys, ready to verify with.
#[derive(Clone, Debug, Default)]
pub struct TrustedKeys {
    keys: Vec<(String, VerifyingKey)>,
    unusable: Vec<String>,
}

/// What the signatures of a path are worth.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// A trusted key of this name signed it.
    Verified {
        /// The key's name.
        key: String,
    },
    /// A signature names a trusted key and does not verify: the configured key is another one with the
    /// same name, or the answer was changed on the way.
    Forged {
        /// The key's name.
        key: String,
    },
    /// Signed, but by keys that are not configured.
    OtherKeys {
        /// Their names, sorted.
        names: Vec<String>,
    },
    /// No signature, and none is needed: the path's name holds the hash of its content.
    ContentAddressed,
    /// No signature at all.
    Unsigned,
}

impl TrustedKeys {
    /// Keys as `trusted-public-keys` lists them.
    pub fn new<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut all = Self::default();
        for text in texts {
            let key = PublicKey::parse(text)
                .ok()
                .and_then(|key| Some((key.name.to_owned(), verifying_key(&key)?)));
            match key {
                Some(key) => all.keys.push(key),
                // The name only: what is no public key may be a secret one.
                None => all
                    .unusable
                    .push(text.split(':').next().unwrap_or_default().to_owned()),
            }
        }
        all
    }

    /// Names of configured keys that are no Ed25519 public keys.
    pub fn unusable(&self) -> &[String] {
        &self.unusable
    }

    /// Names of the keys.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|(name, _)| name.as_str())
    }

    /// Judges the signatures of a path of `store`. One that verifies is enough, as for Nix.
    pub fn judge(&self, info: &NarInfo, store: &str) -> Verdict {
        let fingerprint = info.fingerprint(store);
        let mut forged = None;
        let mut others = BTreeSet::new();
        for text in &info.signatures {
            let Some((name, body)) = text.split_once(':') else {
                continue;
            };
            let mut known = self
                .keys
                .iter()
                .filter(|(known, _)| known == name)
                .peekable();
            if known.peek().is_none() {
                others.insert(name.to_owned());
                continue;
            }
            let signature = BASE64
                .decode(body)
                .ok()
                .and_then(|bytes| Signature::from_slice(&bytes).ok());
            let verifies = signature.is_some_and(|signature| {
                known.any(|(_, key)| {
                    key.verify_strict(fingerprint.as_bytes(), &signature)
                        .is_ok()
                })
            });
            if verifies {
                return Verdict::Verified {
                    key: name.to_owned(),
                };
            }
            forged.get_or_insert_with(|| name.to_owned());
        }
        if info.content_address.is_some() {
            return Verdict::ContentAddressed;
        }
        match forged {
            Some(key) => Verdict::Forged { key },
            None if others.is_empty() => Verdict::Unsigned,
            None => Verdict::OtherKeys {
                names: others.into_iter().collect(),
            },
        }
    }
}

fn verifying_key(key: &PublicKey<'_>) -> Option<VerifyingKey> {
    // Nix stops at the padding and does not ask for it.
    let digits: String = key
        .body
        .chars()
        .filter(|c| *c != '\n')
        .take_while(|c| *c != '=')
        .collect();
    let bytes = BASE64.decode(format!("{digits}=")).ok()?;
    VerifyingKey::from_bytes(&bytes.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=";
    /// As the public cache serves them.
    const CURL: &str = "\
StorePath: /nix/store/syd87l2rxw8cbsxmxl853h0r6pdwhwjr-curl-7.82.0-bin
URL: nar/x.nar.xz
NarHash: sha256:1b4sb93wp679q4zx9k1ignby1yna3z7c4c2ri3wphylbc2dwsys0
NarSize: 196040
References: 0jqd0rlxzra1rs38rdxl43yh6rxchgc6-curl-7.82.0 6w8g7njm4mck5dmjxws0z1xnrxvl81xa-glibc-2.34-115 j5jxw3iy7bbz4a57fh9g2xm2gxmyal8h-zlib-1.2.12 yxvjs9drzsphm9pcf42a4byzj1kb9m7k-openssl-1.1.1n
Sig: cache.nixos.org-1:TsTTb3WGTZKphvYdBHXwo6weVILmTytUjLB+vcX89fOjjRicCHmKA4RCPMVLkj6TMJ4GMX3HPVWRdD1hkeKZBQ==
";

    fn judge(text: &str, keys: &[&str]) -> Verdict {
        let info = NarInfo::parse(text.as_bytes(), "/nix/store").unwrap();
        TrustedKeys::new(keys.iter().copied()).judge(&info, "/nix/store")
    }

    #[test]
    fn what_the_public_cache_signed_verifies() {
        let key = "cache.nixos.org-1".to_owned();
        assert_eq!(judge(CURL, &[KEY]), Verdict::Verified { key: key.clone() });
        assert_eq!(
            judge(
                CURL,
                &["other-1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", KEY]
            ),
            Verdict::Verified { key }
        );
        // Unpadded keys are read by Nix.
        assert!(matches!(
            judge(CURL, &[KEY.trim_end_matches('=')]),
            Verdict::Verified { .. }
        ));
    }

    #[test]
    fn what_was_changed_does_not() {
        let forged = Verdict::Forged {
            key: "cache.nixos.org-1".to_owned(),
        };
        assert_eq!(judge(&CURL.replace("196040", "196041"), &[KEY]), forged);
        assert_eq!(
            judge(
                &CURL.replace(" yxvjs9drzsphm9pcf42a4byzj1kb9m7k-openssl-1.1.1n", ""),
                &[KEY]
            ),
            forged
        );
        assert_eq!(judge(&CURL.replace(":TsTT", ":AAAA"), &[KEY]), forged);
        assert_eq!(judge(&CURL.replace(":TsTT", ":!"), &[KEY]), forged);
    }

    #[test]
    fn other_keys_and_none_are_told_apart() {
        assert_eq!(
            judge(CURL, &[]),
            Verdict::OtherKeys {
                names: vec!["cache.nixos.org-1".to_owned()]
            }
        );
        let unsigned = CURL.split("Sig:").next().unwrap();
        assert_eq!(judge(unsigned, &[KEY]), Verdict::Unsigned);
        let addressed = format!("{unsigned}CA: fixed:r:sha256:1b4s\n");
        assert_eq!(judge(&addressed, &[KEY]), Verdict::ContentAddressed);
        let keys = TrustedKeys::new(["secret-1:short", KEY]);
        assert_eq!(keys.unusable(), ["secret-1"]);
    }
}
