//! The machine that serves a cache, and the scripts that fill it.

use serde::Serialize;

use super::super::builders::attribute;
use super::super::template::render;
use super::super::{GenerateError, Generated, GeneratedFile, Row, Sink};
use super::{CacheError, address};
use crate::catalog::CacheUrl;

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
        host_attribute: attribute(&host),
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
