//! `nixtune generate cache`: a binary cache of one's own. Three things, each for other machines:
//! what asks it, what serves it, what fills it.

use serde::Serialize;

use super::template::{nix_list, render};
use super::{GenerateError, Generated, GeneratedFile, Row, Sink};
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

/// What serves a cache.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Server {
    /// Serves its own store, signs while it serves.
    Harmonia,
    /// The same, in Haskell.
    NixServeNg,
    /// Takes uploads, keeps them in chunks, signs while it serves.
    Attic,
    /// A bucket.
    S3,
    /// The store of a machine over SSH.
    Ssh,
}

impl Server {
    /// Every server, in the order of lists.
    pub const ALL: [Self; 5] = [
        Self::Harmonia,
        Self::NixServeNg,
        Self::Attic,
        Self::S3,
        Self::Ssh,
    ];

    /// The word that `--server` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Harmonia => "harmonia",
            Self::NixServeNg => "nix-serve-ng",
            Self::Attic => "attic",
            Self::S3 => "s3",
            Self::Ssh => "ssh",
        }
    }
}

/// A server to set up, and the scripts that fill a cache.
#[derive(Clone, Debug)]
pub struct CacheServer {
    /// Write reasons in comments.
    pub explain: bool,
    /// The address that clients ask.
    pub url: String,
    /// What serves it; `None` for the scripts alone.
    pub server: Option<Server>,
    /// The store that the scripts upload to; `None` for no scripts.
    pub upload: Option<String>,
    /// The file of the secret key on the machine that signs.
    pub secret_key_file: String,
    /// Whom the certificate authority writes to; `None` when that is set elsewhere.
    pub email: Option<String>,
}

/// Why nothing can be generated for a cache. No message repeats a key or a password.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CacheError {
    /// No address.
    #[error("the cache's address has no scheme; write it like https://cache.example.org")]
    NoScheme,
    /// Characters that end a word of a list.
    #[error(
        "the cache's address has a blank or a quote in it; write it like https://cache.example.org"
    )]
    NotAddress,
    /// A password in it.
    #[error(
        "the cache's address holds a password or a token, which everybody could read in the store; \
         take it out and put it into the netrc file (`netrc-file`) of the machine"
    )]
    Credential,
    /// Signatures switched off.
    #[error(
        "`trusted=true` in the cache's address lets it put anything into the store; take it out and \
         give its public key"
    )]
    Trusted,
    /// Plain HTTP over the internet.
    #[error(
        "{0} is asked over plain HTTP on the internet: anyone on the way sees what is asked for and \
         can pretend that a path is missing; give its https address"
    )]
    PlainHttp(String),
    /// Nix's own.
    #[error("cache.nixos.org is asked and trusted anyway; there is nothing to write")]
    Default,
    /// It is gone.
    #[error("{host} {what} (as of {as_of}){advice}")]
    Gone {
        /// Its host.
        host: String,
        /// What became of it.
        what: &'static str,
        /// When that was seen.
        as_of: String,
        /// What to use instead.
        advice: String,
    },
    /// No key.
    #[error(
        "the public key of {0} is not known here: give it with `--key NAME:BASE64` or `--key-file \
         FILE`, or name the cache under [data.caches] in nixtune.toml"
    )]
    NoKey(String),
    /// A secret key.
    #[error(
        "the key `{0}` is a secret one (64 bytes), with which anyone can sign for the cache: give \
         the public one, which `nix key convert-secret-to-public` makes of it; if it was on a \
         command line or in a file that others read, make a new pair"
    )]
    SecretKey(String),
    /// Not a key.
    #[error("{0} is no public key: {1}; it is written NAME:BASE64 with 32 bytes in base64")]
    MalformedKey(String, String),
    /// A key that the cache does not sign with.
    #[error(
        "{host} does not sign with this key `{name}`; its owner publishes {known} (as of {as_of})"
    )]
    OtherKey {
        /// The cache.
        host: String,
        /// The key's name.
        name: String,
        /// The names of its keys.
        known: String,
        /// When that was seen.
        as_of: String,
    },
    /// A key of another cache.
    #[error(
        "the key `{name}` has the body of `{other}`, with which {owner} signs (as of {as_of}); give \
         the one of the cache"
    )]
    KeyOfOther {
        /// The key's name.
        name: String,
        /// The name that the body belongs to.
        other: String,
        /// The cache that signs with it.
        owner: String,
        /// When that was seen.
        as_of: String,
    },
    /// A home.
    #[error(
        "which caches are asked and trusted is decided by the system, not by a home; give `--for \
         darwin`, `nixos`, `determinate` or `nix-conf`"
    )]
    Home,
    /// `--trusted` in a flake.
    #[error(
        "a flake cannot say which caches the system trusts; give `--trusted` with the system's \
         `--for`, and the cache without it to the flake"
    )]
    TrustedInFlake,
    /// An address that the server cannot have.
    #[error("{server} is reached at {wanted}; give that as `--url`")]
    ServerUrl {
        /// The server.
        server: &'static str,
        /// How its address begins.
        wanted: &'static str,
    },
    /// No module for it.
    #[error("the servers are modules of NixOS; give `--for nixos`, or leave `--for` out")]
    NotNixos,
    /// An attic cache without name.
    #[error(
        "an address of attic ends in the name of a cache, such as {0}/main; give that as `--url`"
    )]
    NoCacheName(String),
    /// A destination that cannot be quoted.
    #[error(
        "`--upload` is a store such as s3://bucket?region=eu-central-1, ssh-ng://nix-ssh@host or, for attic, a cache's name"
    )]
    UploadTo,
    /// Not an address of mail.
    #[error("`--email` is an address such as admin@example.org")]
    Email,
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

/// The module of the machine that serves a cache, and the scripts that fill it.
///
/// # Errors
/// An address that the server cannot have.
pub fn cache_server(
    sink: Option<Sink>,
    wanted: &CacheServer,
) -> Result<(Vec<Row>, Generated), GenerateError> {
    let url = address(&wanted.url)?;
    if let Some(email) = &wanted.email {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "@.-_+".contains(c);
        if !email.chars().all(is_plain) || email.matches('@').count() != 1 {
            return Err(CacheError::Email.into());
        }
    }
    let mut made = Generated::default();
    let mut rows = Vec::new();
    let host = url.host_name().to_owned();
    let values = Serving {
        url: &wanted.url,
        host: &host,
        host_attribute: super::builders::attribute(&host),
        origin: format!("https://{host}"),
        secret_key_file: &wanted.secret_key_file,
        email: wanted.email.as_deref(),
        explain: wanted.explain,
        upload: wanted.upload.as_deref().unwrap_or_default(),
        is_attic: wanted
            .upload
            .as_deref()
            .is_some_and(|to| !to.contains("://")),
    };
    if let Some(server) = wanted.server {
        check_url(server, &url, &wanted.url)?;
        if server != Server::S3 {
            if !matches!(sink, None | Some(Sink::Nixos)) {
                return Err(CacheError::NotNixos.into());
            }
            let template = match server {
                Server::Harmonia => "cache/harmonia.nix.j2",
                Server::NixServeNg => "cache/nix-serve-ng.nix.j2",
                Server::Attic => "cache/attic.nix.j2",
                Server::S3 | Server::Ssh => "cache/ssh.nix.j2",
            };
            made.files.push(GeneratedFile {
                path: Some("cache-server.nix".into()),
                text: render(template, &values)?,
            });
        }
        rows.push(Row {
            name: "server".to_owned(),
            value: server.name().to_owned(),
            reason: serves(server).to_owned(),
            source: "",
            assumed: false,
        });
        made.next.extend(steps_of_server(server, &values));
    }
    if let Some(to) = &wanted.upload {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@?&=%+[]".contains(c);
        let begins = to.chars().next().is_some_and(|c| c.is_ascii_alphanumeric());
        if !begins || !to.chars().all(is_plain) {
            return Err(CacheError::UploadTo.into());
        }
        if to.contains("://") {
            address(to)?;
        }
        for (path, template) in [
            (
                "nix-cache-upload/queue-for-cache.sh",
                "cache/queue-for-cache.sh.j2",
            ),
            (
                "nix-cache-upload/upload-queued.sh",
                "cache/upload-queued.sh.j2",
            ),
            ("nix-cache-upload/upload.conf", "cache/upload.conf.j2"),
        ] {
            made.files.push(GeneratedFile {
                path: Some(path.into()),
                text: render(template, &values)?,
            });
        }
        rows.push(Row {
            name: "upload".to_owned(),
            value: to.clone(),
            reason:
                "builds are noted by a hook that returns at once, and uploaded afterwards: up to \
                     Nix 2.34 nothing new is built while a hook runs"
                    .to_owned(),
            source: "",
            assumed: false,
        });
        made.next.extend(steps_of_upload(&values));
    }
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

#[derive(Serialize)]
struct Serving<'a> {
    url: &'a str,
    host: &'a str,
    host_attribute: String,
    origin: String,
    secret_key_file: &'a str,
    email: Option<&'a str>,
    explain: bool,
    upload: &'a str,
    is_attic: bool,
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

fn check_url(server: Server, url: &CacheUrl, text: &str) -> Result<(), CacheError> {
    let wanted = match server {
        Server::Harmonia | Server::NixServeNg => "https://HOST, without a path",
        Server::Attic => "https://HOST/CACHE",
        Server::S3 => "s3://BUCKET?region=REGION",
        Server::Ssh => "ssh-ng://nix-ssh@HOST",
    };
    let fits = match server {
        Server::Harmonia | Server::NixServeNg => url.scheme == "https" && url.path.is_empty(),
        Server::Attic => url.scheme == "https",
        Server::S3 => url.scheme == "s3",
        Server::Ssh => matches!(&*url.scheme, "ssh" | "ssh-ng"),
    };
    if !fits || url.host_name().is_empty() {
        return Err(CacheError::ServerUrl {
            server: server.name(),
            wanted,
        });
    }
    if server == Server::Attic && url.path.len() < 2 {
        return Err(CacheError::NoCacheName(
            text.trim_end_matches('/').to_owned(),
        ));
    }
    Ok(())
}

fn serves(server: Server) -> &'static str {
    match server {
        Server::Harmonia => "serves the store of its machine, and signs while it serves",
        Server::NixServeNg => "serves the store of its machine, and signs while it serves",
        Server::Attic => {
            "keeps what is uploaded, in chunks that its caches share, and signs itself"
        }
        Server::S3 => "a bucket, that builds are uploaded to; nothing runs for it",
        Server::Ssh => "the store of a machine, for those who may log in; signed when it is built",
    }
}

fn steps_of_server(server: Server, values: &Serving<'_>) -> Vec<String> {
    let (host, secret) = (values.host, values.secret_key_file);
    let folder = secret.rsplit_once('/').map_or("/", |(folder, _)| folder);
    let make_key = format!(
        "Make the key pair, once, where it signs: sudo install -d -m 700 {folder}; sudo nix-store \
         --generate-binary-cache-key {host}-1 {secret} {secret}.pub"
    );
    let client = format!(
        "For the machines that ask it: nixtune generate cache --url '{}' --key-file {secret}.pub",
        values.url
    );
    let mut steps = Vec::new();
    match server {
        Server::Attic => {
            steps.push(
                "Make its secret, once: printf \
                 'ATTIC_SERVER_TOKEN_RS256_SECRET_BASE64=\"%s\"\\n' \"$(openssl genrsa -traditional \
                 4096 | base64 -w0)\" | sudo install -D -m 600 /dev/stdin /var/lib/secrets/atticd.env"
                    .to_owned(),
            );
            let cache = values.url.rsplit('/').next().unwrap_or_default();
            steps.push(format!(
                "Then, with a token of sudo atticd-atticadm make-token --sub me --validity 1y --pull \
                 '*' --push '*' --create-cache '*' --configure-cache '*': attic login own {} TOKEN; \
                 attic cache create {cache}; attic cache info {cache} shows its public key.",
                values.origin
            ));
            steps.push(format!(
                "For the machines that ask it: nixtune generate cache --url '{}' --key KEY",
                values.url
            ));
        }
        Server::S3 => {
            steps.push(make_key);
            steps.push(
                "Paths are signed by the machine that builds: its secret-key-files, as in \
                 upload.conf."
                    .to_owned(),
            );
            steps.push(client);
        }
        Server::Harmonia | Server::NixServeNg | Server::Ssh => {
            steps.push(make_key);
            steps.push(client);
        }
    }
    if !matches!(server, Server::S3 | Server::Ssh) && values.email.is_none() {
        steps.push(
            "The certificate needs security.acme.acceptTerms and security.acme.defaults.email, in \
             case nothing sets them yet; `--email ADDRESS` writes them."
                .to_owned(),
        );
    }
    if server == Server::Ssh {
        steps.push(
            "List in nix.sshServe.keys the public SSH keys of those who may read the store."
                .to_owned(),
        );
    }
    steps
}

fn steps_of_upload(values: &Serving<'_>) -> Vec<String> {
    let mut steps = vec![
        "Where it builds: sudo install -m 755 queue-for-cache.sh upload-queued.sh /etc/nix/, append \
         upload.conf to /etc/nix/nix.conf (or give nix.settings the same keys) and restart the \
         daemon."
            .to_owned(),
        "Upload at the end of a CI job, or from a timer: sudo /etc/nix/upload-queued.sh".to_owned(),
    ];
    if values.is_attic {
        steps.push("Root there has to be logged in: sudo attic login.".to_owned());
    } else if values.upload.starts_with("ssh") {
        steps.push(
            "The user who is logged in as there has to be one of its trusted-users, or the key of \
             upload.conf one of its trusted-public-keys."
                .to_owned(),
        );
    }
    steps
}
