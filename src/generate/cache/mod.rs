//! `nixtune generate cache`: a binary cache of one's own. Three things, each for other machines:
//! what asks it, what serves it, what fills it.

mod error;
mod server;

use serde::Serialize;

pub use error::CacheError;
pub use server::{CacheServer, Server, cache_server};

use super::template::{nix_list, render};
use super::{GenerateError, Generated, Row, Sink};
use crate::catalog::{CacheInfo, CacheStatus, CacheUrl, Catalog, KeyFault, Network, PublicKey};

/// A cache that machines ask.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    /// Write reasons in comments.
    pub explain: bool,
    /// Its address.
    pub url: String,
    /// Its public keys; empty for one that the catalog knows.
    pub keys: Vec<String>,
    /// Nobody asks it unless they say so; then they need not be trusted.
    pub on_demand: bool,
}

/// The rows that are shown and the file for the machines that ask the cache.
///
/// # Errors
/// An address or a key that cannot be used, a cache that is gone, a place that has no say.
pub fn cache(
    sink: Sink,
    wanted: &Cache,
    catalog: &Catalog,
) -> Result<(Vec<Row>, Generated), GenerateError> {
    match sink {
        Sink::HomeManager => return Err(CacheError::Home.into()),
        Sink::Flake if wanted.on_demand => return Err(CacheError::TrustedInFlake.into()),
        _ => {}
    }
    let url = address(&wanted.url)?;
    if url.is_default_cache() {
        return Err(CacheError::Default.into());
    }
    let host = url.host_name().to_owned();
    if url.scheme == "http" && url.network() == Network::Public {
        return Err(CacheError::PlainHttp(host).into());
    }
    let known = catalog.cache(&wanted.url);
    if let Some(cache) = known {
        refuse_gone(cache, &host, catalog)?;
    }
    let keys = keys(wanted, known, &host, catalog)?;
    let merges = matches!(sink, Sink::NixDarwin | Sink::Nixos);
    let list = match (wanted.on_demand, merges) {
        (false, true) => "substituters",
        (false, false) => "extra-substituters",
        (true, true) => "trusted-substituters",
        (true, false) => "extra-trusted-substituters",
    };
    let keys_list = if merges {
        "trusted-public-keys"
    } else {
        "extra-trusted-public-keys"
    };
    let mut rows = Vec::new();
    let mut settings = Vec::new();
    let mut push = |name: &'static str, values: &[String], nix: String, reason: &str| {
        // The name says which key it is; the body is in the file.
        let shown: Vec<&str> = values
            .iter()
            .map(|value| match PublicKey::parse(value) {
                Ok(key) => key.name,
                Err(_) => value.as_str(),
            })
            .collect();
        let row = Row {
            name: name.to_owned(),
            value: shown.join(" "),
            reason: reason.to_owned(),
            source: "",
            assumed: false,
        };
        settings.push(Entry {
            name,
            nix,
            conf: values.join(" "),
            comment: row.comment_within(wanted.explain, COLUMNS),
            allowed: None,
        });
        rows.push(row);
    };
    let urls = [wanted.url.clone()];
    push(
        list,
        &urls,
        nix_list(list, &urls, INDENT),
        if wanted.on_demand {
            "nobody asks it by default; users may, without being trusted users: with the option \
             extra-substituters, or a flake's nixConfig"
        } else {
            "asked beside cache.nixos.org, in the order of the priorities that they announce"
        },
    );
    push(
        keys_list,
        &keys,
        nix_list(keys_list, &keys, INDENT),
        "who holds the secret key to it may put any path into the store",
    );
    let is_private = url.network() != Network::Public && !matches!(&*url.scheme, "file" | "s3");
    if is_private && !wanted.on_demand && sink != Sink::Flake {
        push(
            "fallback",
            &["true".to_owned()],
            "true".to_owned(),
            "a cache of one's own is out of reach now and then: then build instead of giving up",
        );
    }
    if url.scheme == "http" && url.network() == Network::Private && !wanted.on_demand {
        // A line of nix.conf and an element of a list are spoken of alike.
        if let Some(first) = settings.first_mut() {
            first.allowed = Some("plain-http-substituter");
        }
    }
    settings.sort_by_key(|entry| entry.name);
    let values = Client {
        host: &host,
        settings,
    };
    let (template, path) = match sink {
        Sink::NixDarwin | Sink::Nixos => ("cache/module.nix.j2", Some("nix-cache.nix")),
        Sink::Determinate => ("cache/determinate.nix.j2", Some("nix-cache.nix")),
        Sink::NixConf => ("cache/cache.conf.j2", Some("nix-cache.conf")),
        Sink::Flake | Sink::HomeManager => ("cache/flake.nix.j2", None),
    };
    let mut made = Generated::file(path.map(Into::into), render(template, &values)?);
    if sink == Sink::NixConf {
        made.next.push(
            "Append it to /etc/nix/nix.conf (nix.custom.conf, where Determinate manages Nix) and \
             restart the daemon."
                .to_owned(),
        );
    }
    if matches!(&*url.scheme, "ssh" | "ssh-ng") {
        made.next.push(format!(
            "The daemon logs in to {host} as root: root needs a key there and has to know the host."
        ));
    }
    if url.scheme == "s3" {
        made.next.push(
            "The daemon reads the bucket with the credentials of root: ~root/.aws/credentials."
                .to_owned(),
        );
    }
    made.next.push(format!(
        "Try it: nix --extra-experimental-features nix-command store ping --store '{}'",
        wanted.url
    ));
    Ok((rows, made))
}

#[derive(Serialize)]
struct Client<'a> {
    host: &'a str,
    settings: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: &'static str,
    nix: String,
    conf: String,
    comment: Vec<String>,
    /// A rule that need not speak of it.
    allowed: Option<&'static str>,
}

/// Columns of a comment in `nix.settings`.
const COLUMNS: usize = 84;
/// Blanks before a setting.
const INDENT: usize = 4;

fn address(text: &str) -> Result<CacheUrl, CacheError> {
    let url = CacheUrl::parse(text).ok_or(CacheError::NoScheme)?;
    if url.credential().is_some() {
        return Err(CacheError::Credential);
    }
    let ends_a_word =
        |c: char| c.is_whitespace() || c.is_control() || !c.is_ascii() || "\"'\\$`#;<>".contains(c);
    if text.contains(ends_a_word) {
        return Err(CacheError::NotAddress);
    }
    if url.host.is_empty() && url.path.is_empty() {
        return Err(CacheError::NoScheme);
    }
    if url.is_trusted() {
        return Err(CacheError::Trusted);
    }
    Ok(url)
}

fn refuse_gone(cache: &CacheInfo, host: &str, catalog: &Catalog) -> Result<(), CacheError> {
    let what = match cache.status {
        CacheStatus::Active => return Ok(()),
        CacheStatus::Retired => "is gone, or nobody fills it any more",
        CacheStatus::Moved => "moved",
    };
    let advice = match (cache.successor, cache.advice) {
        (Some(other), _) => format!("; give {other} instead"),
        (None, Some(advice)) => format!("; {advice}"),
        (None, None) => String::new(),
    };
    Err(CacheError::Gone {
        host: host.to_owned(),
        what,
        as_of: catalog.caches_as_of().to_string(),
        advice,
    })
}

fn keys(
    wanted: &Cache,
    known: Option<&CacheInfo>,
    host: &str,
    catalog: &Catalog,
) -> Result<Vec<String>, CacheError> {
    let published: Vec<PublicKey<'_>> = known
        .iter()
        .flat_map(|cache| &cache.public_keys)
        .filter_map(|key| PublicKey::parse(key).ok())
        .collect();
    let mut keys: Vec<String> = Vec::new();
    for text in &wanted.keys {
        let key = public_key(text)?;
        let is_published = |other: &PublicKey<'_>| other.name == key.name && other.same_body(&key);
        if !published.is_empty() && !published.iter().any(is_published) {
            let names: Vec<_> = published.iter().map(|key| key.name).collect();
            return Err(CacheError::OtherKey {
                host: host.to_owned(),
                name: key.name.to_owned(),
                known: names.join(", "),
                as_of: catalog.caches_as_of().to_string(),
            });
        }
        if let Some((owner, other)) = owner_of_body(&key, catalog)
            && other != key.name
        {
            return Err(CacheError::KeyOfOther {
                name: key.name.to_owned(),
                other: other.to_owned(),
                owner: owner.url.clone().into_owned(),
                as_of: catalog.caches_as_of().to_string(),
            });
        }
        let text = text.trim().to_owned();
        if !keys.contains(&text) {
            keys.push(text);
        }
    }
    if keys.is_empty() {
        let known = known.iter().flat_map(|cache| &cache.public_keys);
        keys = known.map(|key| key.clone().into_owned()).collect();
    }
    if keys.is_empty() {
        return Err(CacheError::NoKey(host.to_owned()));
    }
    Ok(keys)
}

/// The known cache that signs with the body of a key, and the name of its key.
fn owner_of_body<'c>(
    key: &PublicKey<'_>,
    catalog: &'c Catalog,
) -> Option<(&'c CacheInfo, &'c str)> {
    catalog.caches().iter().find_map(|cache| {
        let keys = cache.public_keys.iter();
        let mut keys = keys.filter_map(|full| PublicKey::parse(full).ok());
        let found = keys.find(|known| known.same_body(key))?;
        Some((cache, found.name))
    })
}

/// A public key; what is said of another text does not repeat its body.
fn public_key(text: &str) -> Result<PublicKey<'_>, CacheError> {
    let text = text.trim();
    let is_part = |c: char| c.is_ascii_graphic() && !"\"'\\$`#;".contains(c);
    let name = text.split(':').next().unwrap_or_default();
    // What has no colon may be the body of a key.
    let shown = if text.contains(':') && name.chars().all(is_part) && !name.is_empty() {
        format!("`{name}`")
    } else {
        "what was given".to_owned()
    };
    let malformed = |why: String| CacheError::MalformedKey(shown.clone(), why);
    match PublicKey::parse(text) {
        Ok(key) if text.chars().all(is_part) => Ok(key),
        Ok(_) => Err(malformed("a blank or a quote stands in it".to_owned())),
        Err(KeyFault::Secret) => Err(CacheError::SecretKey(name.to_owned())),
        Err(KeyFault::NoName) => Err(malformed("it has no name before a colon".to_owned())),
        Err(KeyFault::NoBody) => Err(malformed("nothing stands behind the colon".to_owned())),
        Err(KeyFault::NotBase64(c)) => {
            Err(malformed(format!("`{}` is not base64", c.escape_default())))
        }
        Err(KeyFault::Length(bytes)) => Err(malformed(format!("it has {bytes} bytes"))),
    }
}
