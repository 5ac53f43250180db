//! The address of a binary cache, in its parts.

/// A substituter's parts, scheme and host in lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CacheUrl {
    /// `https`, `file`, `s3` …
    pub scheme: String,
    /// Host and port; empty for `file:///…`.
    pub host: String,
    /// With its leading slash, without trailing ones; empty for none.
    pub path: String,
    /// Without the question mark; empty for none.
    pub query: String,
}

impl CacheUrl {
    /// Splits `scheme://host/path?query`. `None` for what has no scheme: `auto`, `daemon`, paths.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, path) = match rest.find('/') {
            Some(at) => (rest.get(..at)?, rest.get(at..)?),
            None => (rest, ""),
        };
        Some(Self {
            scheme: scheme.to_ascii_lowercase(),
            host: host.to_ascii_lowercase(),
            path: path.trim_end_matches('/').to_owned(),
            query: query.to_owned(),
        })
    }

    /// The host without user, password and port; for an IPv6 address without its brackets.
    pub fn host_name(&self) -> &str {
        let host = self.host.rsplit('@').next().unwrap_or(&self.host);
        match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or(rest),
            None => host.split(':').next().unwrap_or(host),
        }
    }

    /// The password that the URL holds, or the token in its place; in lower case, because the
    /// whole authority is.
    pub fn credential(&self) -> Option<&str> {
        /// From this length on, a user of a web server is taken for a token.
        const LEAST_TOKEN_CHARS: usize = 20;
        let (user, _) = self.host.rsplit_once('@')?;
        match user.split_once(':') {
            Some((_, password)) => Some(password).filter(|password| !password.is_empty()),
            None => (self.is_http() && user.len() >= LEAST_TOKEN_CHARS).then_some(user),
        }
    }

    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value))
    }

    /// True for a cache that is asked over HTTP.
    pub fn is_http(&self) -> bool {
        self.scheme == "http" || self.scheme == "https"
    }

    /// True when the URL itself switches signature checks off for this cache.
    pub fn is_trusted(&self) -> bool {
        matches!(self.parameter("trusted"), Some("1" | "true" | "yes"))
    }

    /// The Cachix cache's name: `NAME` of `https://NAME.cachix.org`.
    pub fn cachix_name(&self) -> Option<&str> {
        let name = self.host.strip_suffix(".cachix.org")?;
        let plain = name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        (plain && !name.is_empty() && self.path.is_empty()).then_some(name)
    }

    /// True for the cache that Nix uses by default.
    pub fn is_default_cache(&self) -> bool {
        self.host == "cache.nixos.org" && self.path.is_empty() && self.is_http()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_fall_into_their_parts() {
        let url = CacheUrl::parse("HTTPS://Cache.NixOS.org/?priority=10").unwrap();
        assert!(url.is_default_cache());
        assert_eq!(url.query, "priority=10");
        assert_eq!(
            CacheUrl::parse("https://cache.nixos.org").unwrap().query,
            ""
        );
        assert_eq!(CacheUrl::parse("daemon"), None);
        assert!(
            CacheUrl::parse("https://x?a=1&trusted=1")
                .unwrap()
                .is_trusted()
        );
        assert!(!CacheUrl::parse("https://x?trusted=0").unwrap().is_trusted());
        let with_all = CacheUrl::parse("https://me:pw@[fd00::1]:443/a").unwrap();
        assert_eq!(with_all.host_name(), "fd00::1");
        assert_eq!(with_all.credential(), Some("pw"));
        let user_only = CacheUrl::parse("ssh-ng://nix-remote-builder-01@host").unwrap();
        assert_eq!(user_only.credential(), None);
        let cachix = CacheUrl::parse("https://a-b.cachix.org/").unwrap();
        assert_eq!(cachix.cachix_name(), Some("a-b"));
        assert_eq!(
            CacheUrl::parse("https://a.b.cachix.org")
                .unwrap()
                .cachix_name(),
            None
        );
    }
}
