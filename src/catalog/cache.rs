//! Public binary caches: addresses, keys and what became of them.

use std::borrow::Cow;

use serde::Deserialize;

/// Whether a cache still serves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CacheStatus {
    /// It serves.
    Active,
    /// It is gone, or nobody fills it any more.
    Retired,
    /// Another cache took its place.
    Moved,
}

/// How sure a statement about a cache is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CacheConfidence {
    /// Not known at all.
    None,
    /// One weak source.
    Low,
    /// Several sources that agree.
    Medium,
    /// The owner says so.
    High,
}

/// One cache.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheInfo {
    /// Its address without a trailing slash.
    pub url: Cow<'static, str>,
    /// The keys that it signs with, `NAME:BASE64`; empty for mirrors of another cache and where
    /// no key is known.
    #[serde(rename = "keys")]
    pub public_keys: Vec<Cow<'static, str>>,
    /// What it holds, in a few words.
    pub purpose: &'static str,
    /// Whether it still serves.
    pub status: CacheStatus,
    /// The address that took its place.
    #[serde(default)]
    pub successor: Option<&'static str>,
    /// What to use instead, where no single address does.
    #[serde(default)]
    pub advice: Option<&'static str>,
    /// How sure the keys are.
    pub key_confidence: CacheConfidence,
    /// How sure the status is.
    pub status_confidence: CacheConfidence,
    /// True when it answers only to people who are logged in.
    #[serde(default)]
    pub needs_login: bool,
    /// Evidence and remarks.
    #[serde(default)]
    pub note: Option<&'static str>,
    /// The repository of its owner, `owner/name`.
    #[serde(default)]
    pub owner: Option<&'static str>,
    /// True for a cache that the user named.
    #[serde(skip)]
    pub is_own: bool,
}

impl CacheInfo {
    /// A cache that the user named, with its keys.
    pub fn own(url: &str, public_keys: &[String]) -> Self {
        Self {
            url: Cow::Owned(normalize_url(url)),
            public_keys: public_keys.iter().cloned().map(Cow::Owned).collect(),
            purpose: "a cache of your own",
            status: CacheStatus::Active,
            successor: None,
            advice: None,
            key_confidence: CacheConfidence::High,
            status_confidence: CacheConfidence::High,
            needs_login: false,
            note: None,
            owner: None,
            is_own: true,
        }
    }
}

/// The form in which addresses are compared: scheme and host in lower case, no query, no
/// trailing slash.
pub fn normalize_url(url: &str) -> String {
    let url = url.trim();
    let url = url.split(['?', '#']).next().unwrap_or(url);
    let url = url.trim_end_matches('/');
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) => (host, Some(path)),
        None => (rest, None),
    };
    let mut out = format!(
        "{}://{}",
        scheme.to_ascii_lowercase(),
        host.to_ascii_lowercase()
    );
    if let Some(path) = path {
        out.push('/');
        out.push_str(path);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::normalize_url;

    #[test]
    fn spellings_of_one_address_are_one() {
        for url in [
            "https://cache.nixos.org",
            "https://cache.nixos.org/",
            "https://Cache.NixOS.org/?priority=10",
            "HTTPS://cache.nixos.org//",
        ] {
            assert_eq!(normalize_url(url), "https://cache.nixos.org");
        }
        assert_eq!(
            normalize_url("https://Example.org/Path/"),
            "https://example.org/Path"
        );
        assert_eq!(normalize_url("daemon"), "daemon");
    }
}
