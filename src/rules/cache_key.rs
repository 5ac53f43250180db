//! Binary caches and their public keys: the syntax of a key, the URLs that mean the same cache,
//! and what is known about the keys that a machine trusts.

use super::RuleCx;
use super::list_entry::{Entry, beside, entries, is_line};
use crate::catalog::CacheInfo;
use crate::diagnostic::{Applicability, Change, NewValue};
use crate::eval::Value;
use crate::facts::{Fact, ModuleSystem};
use crate::model::{Definition, OptionPath, Priority, SETTINGS_SETS};
use crate::syntax::base64_digits;
use crate::text::FileId;

/// Bytes of an Ed25519 public key.
const PUBLIC_KEY_BYTES: usize = 32;
/// Bytes of an Ed25519 secret key as `nix-store --generate-binary-cache-key` writes it.
const SECRET_KEY_BYTES: usize = 64;

/// `name:body` with a body of the right length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct PublicKey<'t> {
    /// What signatures name: `cache.nixos.org-1`.
    pub name: &'t str,
    /// The base64 text.
    pub body: &'t str,
}

impl PublicKey<'_> {
    /// True when both bodies stand for the same bytes: what follows the padding counts for
    /// nothing.
    pub fn same_body(&self, other: &PublicKey<'_>) -> bool {
        self.body.split('=').next() == other.body.split('=').next()
    }
}

/// Why Nix refuses a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum KeyFault {
    /// No colon, or nothing before it.
    NoName,
    /// Nothing after the colon.
    NoBody,
    /// A character outside of the base64 alphabet.
    NotBase64(char),
    /// The body decodes to this many bytes.
    Length(usize),
    /// The body has the length of a secret key.
    Secret,
}

/// Reads a key as Nix does: the name ends at the first colon, the body at the first `=`, line
/// ends count for nothing, and what is decoded must be 32 bytes long
/// (`src/libutil/signature/local-keys.cc`, `base64Decode` in `src/libutil`).
pub(super) fn parse_key(text: &str) -> Result<PublicKey<'_>, KeyFault> {
    let (name, body) = text.split_once(':').ok_or(KeyFault::NoName)?;
    if name.is_empty() {
        return Err(KeyFault::NoName);
    }
    if body.is_empty() {
        return Err(KeyFault::NoBody);
    }
    let sextets = base64_digits(body).map_err(KeyFault::NotBase64)?;
    match sextets * 6 / 8 {
        PUBLIC_KEY_BYTES => Ok(PublicKey { name, body }),
        SECRET_KEY_BYTES => Err(KeyFault::Secret),
        other => Err(KeyFault::Length(other)),
    }
}

/// A substituter's parts, scheme and host in lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct CacheUrl {
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

/// How much is known about the keys that a machine trusts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum KeysKnown {
    /// Every key is known: no other file can add one.
    All,
    /// Every key that the files of this machine set is known; what imports them was not read.
    Here,
    /// Some key is not known.
    No,
}

/// How much is known about `trusted-public-keys`.
pub(super) fn keys_known(cx: &RuleCx<'_>) -> KeysKnown {
    let items = cx.items("trusted-public-keys");
    // What a user's file or a flake sets is added to what the system trusts.
    let stands_alone = matches!(
        cx.target().system(),
        Some(ModuleSystem::NixDarwin | ModuleSystem::Nixos)
    );
    if items.complete && stands_alone {
        return KeysKnown::All;
    }
    let known = |definition: &Definition| is_known_list(&definition.value.value);
    if !items.definitions.iter().copied().all(known) {
        return KeysKnown::No;
    }
    // Elsewhere a key may come from what was not read; then its absence here means nothing.
    let keys_hole = |machine: &crate::model::Machine| {
        machine.holes.iter().any(|hole| {
            hole.path.is("nix.extraOptions")
                || SETTINGS_SETS.iter().any(|set| {
                    OptionPath::dotted(set)
                        .join("trusted-public-keys")
                        .starts_with(&hole.path)
                })
        })
    };
    if keys_hole(cx.machine()) {
        return KeysKnown::No;
    }
    let elsewhere_unknown = cx.workspace().definitions().iter().any(|definition| {
        definition.setting.as_deref().is_some_and(|key| {
            matches!(
                key,
                "trusted-public-keys" | "extra-trusted-public-keys" | "binary-cache-public-keys"
            )
        }) && !known(definition)
    });
    if elsewhere_unknown {
        KeysKnown::No
    } else {
        KeysKnown::Here
    }
}

/// True when every word of a list is known, in each of its possible forms.
pub(super) fn is_known_list(value: &Value) -> bool {
    match value {
        Value::Str(_) | Value::Null => true,
        Value::List(elements) => elements.iter().all(|e| is_known_word(&e.value)),
        Value::OneOf(branches) => branches.iter().all(|b| is_known_list(&b.value)),
        _ => false,
    }
}

fn is_known_word(value: &Value) -> bool {
    match value {
        Value::Str(_) => true,
        Value::OneOf(branches) => branches.iter().all(|b| is_known_word(&b.value)),
        _ => false,
    }
}

/// The trusted keys that are written, good or bad.
pub(super) fn key_entries<'a>(cx: &RuleCx<'a>) -> Vec<Entry<'a>> {
    entries(&cx.items("trusted-public-keys"))
}

/// True when the key of cache.nixos.org is trusted without being listed: nothing replaces Nix's
/// default, or the module system merges it in and nothing of a higher priority pushes it out.
/// `None` when what reads the files is not known.
pub(super) fn default_key_is_implied(cx: &RuleCx<'_>) -> Option<bool> {
    let plain: Vec<_> = cx
        .definitions("trusted-public-keys")
        .into_iter()
        .filter(|d| {
            !d.setting
                .as_deref()
                .is_some_and(|key| key.starts_with("extra-"))
        })
        .collect();
    if plain.is_empty() {
        return Some(true);
    }
    match cx.target().system()? {
        ModuleSystem::NixDarwin | ModuleSystem::Nixos => Some(
            plain
                .iter()
                .all(|d| d.priority >= Priority::NORMAL && !is_line(d)),
        ),
        _ => Some(false),
    }
}

/// The catalog as evidence: what it says, and as of when.
pub(super) fn catalog_fact(
    cx: &RuleCx<'_>,
    cache: &CacheInfo,
    value: impl Into<String>,
) -> Fact<String> {
    if cache.is_own {
        return Fact::declared(value.into(), "nixtune.toml");
    }
    Fact::declared(
        value.into(),
        format!(
            "nixtune's catalog of caches, {}",
            cx.catalog().caches_as_of()
        ),
    )
}

/// Trusting `key`: an element more in the key list of the same file, or a new definition beside
/// `near`, the definition of the substituter.
pub(super) fn add_key(cx: &RuleCx<'_>, near: &Definition, key: &str) -> Option<Change> {
    let file = file_of(near)?;
    let definitions = cx.definitions("trusted-public-keys");
    // A line of text comes after all settings and replaces them: only there a key counts.
    let last_line = definitions.iter().copied().rfind(|definition| {
        let is_plain = definition.setting.as_deref() == Some("trusted-public-keys");
        is_plain && is_line(definition)
    });
    let candidates = match last_line {
        Some(line) => vec![line],
        None => definitions,
    };
    let list = candidates.into_iter().find(|definition| {
        file_of(definition) == Some(file)
            && match definition.value.value {
                Value::List(_) => true,
                Value::Str(_) => definition.value.is_literal_in_place(),
                _ => false,
            }
            && definition.condition == near.condition
            && definition.priority == near.priority
    });
    if let Some(list) = list {
        return Some(Change::ListAdd {
            definition: list.id,
            items: vec![key.to_owned()],
        });
    }
    if last_line.is_some() {
        return None;
    }
    Some(Change::Insert {
        near: near.id,
        option: keys_option_beside(cx, near)?,
        value: NewValue::List(vec![NewValue::Str(key.to_owned())]),
        comment: None,
    })
}

/// An option for keys beside the substituters of `near` that nothing sets yet. The plain name
/// replaces Nix's own key except where a module system merges it in, so that the `extra-` form is
/// used there.
fn keys_option_beside(cx: &RuleCx<'_>, near: &Definition) -> Option<OptionPath> {
    let key = near.setting.as_deref()?;
    let legacy = near.option.is("nix.binaryCaches");
    if !is_line(near) && near.option.leaf() != key && !legacy {
        return None;
    }
    let merges = matches!(
        cx.target().system(),
        Some(ModuleSystem::NixDarwin | ModuleSystem::Nixos)
    ) && !is_line(near)
        && near
            .option
            .names()
            .first()
            .is_some_and(|name| &**name == "nix");
    let plain = (merges && !key.starts_with("extra-")).then(|| {
        if legacy {
            OptionPath::dotted("nix.settings.trusted-public-keys")
        } else {
            beside(near, "trusted-public-keys")
        }
    });
    let extra = (!legacy).then(|| beside(near, "extra-trusted-public-keys"));
    // A stronger definition of the plain list would leave the new one without effect.
    let weight = |definition: &Definition| (definition.set_priority, definition.priority);
    let is_beaten = cx.definitions("trusted-public-keys").iter().any(|other| {
        let is_plain = other.setting.as_deref() == Some("trusted-public-keys");
        is_plain && !is_line(other) && weight(other) < weight(near)
    });
    let plain = plain.filter(|_| !is_beaten);
    plain.into_iter().chain(extra).find(|option| {
        !cx.workspace().definitions().iter().any(|other| {
            other.option == *option
                || is_line(near)
                    && is_line(other)
                    && other.setting.as_deref() == Some(option.leaf())
        })
    })
}

/// The file that a definition stands in.
pub(super) fn file_of(definition: &Definition) -> Option<FileId> {
    definition
        .statement
        .or(definition.name)
        .or(definition.value.site)
        .map(|place| place.file)
}

/// The entries that hold one of a cache's keys, by name.
pub(super) fn keys_of<'e, 'a>(keys: &'e [Entry<'a>], cache: &CacheInfo) -> Vec<&'e Entry<'a>> {
    keys.iter()
        .filter(|entry| {
            parse_key(&entry.text).is_ok_and(|key| {
                cache
                    .public_keys
                    .iter()
                    .any(|full| parse_key(full).is_ok_and(|known| known.name == key.name))
            })
        })
        .collect()
}

/// The weaker of two applicabilities.
pub(super) fn weaker(a: Applicability, b: Applicability) -> Applicability {
    a.min(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=";

    #[test]
    fn a_key_is_a_name_and_32_bytes() {
        let key = parse_key(GOOD).unwrap();
        assert_eq!(key.name, "cache.nixos.org-1");
        // Nix stops at the padding and does not ask for it.
        assert!(parse_key(GOOD.trim_end_matches('=')).is_ok());
        assert_eq!(parse_key("cache.nixos.org-1"), Err(KeyFault::NoName));
        assert_eq!(parse_key(":6NCH"), Err(KeyFault::NoName));
        assert_eq!(parse_key("a:"), Err(KeyFault::NoBody));
        assert_eq!(parse_key("a:b c"), Err(KeyFault::NotBase64(' ')));
        assert_eq!(parse_key("a:AAAA"), Err(KeyFault::Length(3)));
        let secret = format!("a:{}==", "A".repeat(86));
        assert_eq!(parse_key(&secret), Err(KeyFault::Secret));
    }

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
