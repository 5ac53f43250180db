//! The hosts that builds are sent to, as a TOML list says.
//!
//! ```toml
//! user = "nix-ssh"                  # for all of them, unless a host says otherwise
//! key = "/root/.ssh/nix-builder"    # the private key, on the machine that sends builds
//!
//! [[host]]
//! name = "build01"                  # how Nix and ssh call it
//! host-name = "build01.example.org" # its address; the name, when left out
//! port = 22
//! user = "nix-ssh"
//! key = "/root/.ssh/nix-builder"
//! systems = ["x86_64-linux"]        # the profile's platform, when left out
//! features = ["kvm", "nixos-test"]  # what it supports; found out, when left out
//! mandatory-features = []           # only builds that require these go to it
//! host-key = "ssh-ed25519 AAAA…"    # a line of its /etc/ssh/ssh_host_ed25519_key.pub
//! use = "server"                    # what `nixtune init` calls a profile
//! profile = "hosts/build01.toml"    # written there by `nixtune host --save`; from this file
//! ```

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use toml::Spanned;

use super::Usage;
use crate::facts::{Host, Target};
use crate::text::LineIndex;

/// Systems that some Nix builds for.
const SYSTEMS: [&str; 13] = [
    "x86_64-linux",
    "aarch64-linux",
    "i686-linux",
    "armv6l-linux",
    "armv7l-linux",
    "riscv64-linux",
    "powerpc64le-linux",
    "s390x-linux",
    "loongarch64-linux",
    "aarch64-darwin",
    "x86_64-darwin",
    "x86_64-freebsd",
    "aarch64-freebsd",
];

/// A machine that builds are sent to.
#[derive(Clone, PartialEq, Debug)]
pub struct BuildHost {
    /// How Nix and ssh call it; plain ASCII without blanks.
    pub name: String,
    /// Where this was said: `hosts.toml:12:1`, or a profile.
    pub origin: String,
    /// Its address; `None` when that is its name.
    pub host_name: Option<String>,
    /// The port of its SSH server; `None` for 22.
    pub port: Option<u16>,
    /// Whom builds log in as; `None` when nobody said.
    pub user: Option<String>,
    /// The private key on the machine that sends builds, an absolute path; `None` when nobody said.
    pub key: Option<String>,
    /// What it builds for; empty when nobody said.
    pub systems: Vec<String>,
    /// Features that it supports; `None` when nobody said.
    pub features: Option<Vec<String>>,
    /// Features that a build has to require.
    pub mandatory_features: Vec<String>,
    /// Its public host key, type and base64 without a comment.
    pub host_key: Option<String>,
    /// What it is used for beside.
    pub usage: Usage,
    /// The file of its profile, from the list.
    pub profile: Option<PathBuf>,
    /// Its hardware, from the profile; `None` without one.
    pub hardware: Option<Host>,
    /// Its Nix, from the profile.
    pub target: Target,
}

/// A list of hosts that cannot be used, with the place of what is wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct FleetError {
    /// The list's name.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    /// What is wrong, and what is right.
    pub message: String,
}

impl BuildHost {
    /// A host of which only a profile is there; its name is that of the file.
    ///
    /// # Errors
    /// Why the file's name is none for a host.
    pub fn of_profile(file: &Path) -> Result<Self, String> {
        let name = file.file_stem().map(|name| name.to_string_lossy());
        let name = name.unwrap_or_default().into_owned();
        host_word(&name).map_err(|why| {
            format!(
                "{}: the file's name is that of the host, and {why}; rename it, or list the host \
                 in a file for `--hosts`",
                file.display()
            )
        })?;
        Ok(Self {
            name,
            origin: file.display().to_string(),
            host_name: None,
            port: None,
            user: None,
            key: None,
            systems: Vec::new(),
            features: None,
            mandatory_features: Vec::new(),
            host_key: None,
            usage: Usage::Server,
            profile: Some(file.to_path_buf()),
            hardware: None,
            target: Target::default(),
        })
    }

    /// The address that ssh connects to.
    pub fn address(&self) -> &str {
        self.host_name.as_deref().unwrap_or(&self.name)
    }
}

/// Reads a list; `source` is how errors call it. Profiles are named, not read.
///
/// # Errors
/// Not TOML, an unknown key, or a value that no builder can have.
pub fn read_fleet(text: &str, source: &str) -> Result<Vec<BuildHost>, FleetError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let reader = Reader { text, source };
    let file: FleetFile = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        reader.error(offset, error.message().replace('\n', "; "))
    })?;
    let user = reader.checked(file.user.as_ref(), "user", user_word)?;
    let key = reader.checked(file.key.as_ref(), "key", key_path)?;
    let mut hosts = Vec::new();
    for table in &file.host {
        let at = table.span().start;
        let mut host = reader.host(table.get_ref(), at)?;
        host.user = host.user.or_else(|| user.clone());
        host.key = host.key.or_else(|| key.clone());
        hosts.push(host);
    }
    Ok(hosts)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FleetFile {
    user: Option<Spanned<String>>,
    key: Option<Spanned<String>>,
    #[serde(default)]
    host: Vec<Spanned<HostTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct HostTable {
    name: Spanned<String>,
    host_name: Option<Spanned<String>>,
    port: Option<Spanned<i64>>,
    user: Option<Spanned<String>>,
    key: Option<Spanned<String>>,
    #[serde(default)]
    systems: Vec<Spanned<String>>,
    features: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    mandatory_features: Vec<Spanned<String>>,
    host_key: Option<Spanned<String>>,
    r#use: Option<Spanned<String>>,
    profile: Option<PathBuf>,
}

struct Reader<'t> {
    text: &'t str,
    source: &'t str,
}

impl Reader<'_> {
    fn error(&self, offset: usize, message: String) -> FleetError {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        let place = LineIndex::new(self.text).position(self.text, offset);
        FleetError {
            file: self.source.to_owned(),
            line: place.line,
            column: place.column,
            message,
        }
    }

    /// A value that `check` lets pass, or makes another one of.
    fn checked<T>(
        &self,
        value: Option<&Spanned<String>>,
        key: &str,
        check: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, FleetError> {
        value
            .map(|value| {
                check(value.get_ref()).map_err(|why| {
                    self.error(value.span().start, format!("`{key}` cannot be this: {why}"))
                })
            })
            .transpose()
    }

    fn all(
        &self,
        values: &[Spanned<String>],
        key: &str,
        check: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Vec<String>, FleetError> {
        let mut out: Vec<String> = Vec::new();
        for value in values {
            out.extend(self.checked(Some(value), key, &check)?);
        }
        Ok(out)
    }

    fn host(&self, table: &HostTable, at: usize) -> Result<BuildHost, FleetError> {
        let name = self.checked(Some(&table.name), "name", host_word)?;
        let port = match &table.port {
            None => None,
            Some(port) => match u16::try_from(*port.get_ref()) {
                Ok(number) if number > 0 => Some(number),
                _ => {
                    let message = "`port` is between 1 and 65535".to_owned();
                    return Err(self.error(port.span().start, message));
                }
            },
        };
        let features = match &table.features {
            None => None,
            Some(features) => Some(self.all(features, "features", feature_word)?),
        };
        let place = self.error(at, String::new());
        Ok(BuildHost {
            name: name.unwrap_or_default(),
            origin: format!("{}:{}:{}", place.file, place.line, place.column),
            host_name: self.checked(table.host_name.as_ref(), "host-name", address_word)?,
            port,
            user: self.checked(table.user.as_ref(), "user", user_word)?,
            key: self.checked(table.key.as_ref(), "key", key_path)?,
            systems: self.all(&table.systems, "systems", system_word)?,
            features,
            mandatory_features: self.all(
                &table.mandatory_features,
                "mandatory-features",
                feature_word,
            )?,
            host_key: self.checked(table.host_key.as_ref(), "host-key", host_key)?,
            usage: self
                .checked(table.r#use.as_ref(), "use", |text| {
                    text.parse().map_err(|()| {
                        let names = Usage::ALL.map(Usage::name);
                        format!("known are {}", names.join(", "))
                    })
                })?
                .unwrap_or(Usage::Server),
            profile: table.profile.clone(),
            hardware: None,
            target: Target::default(),
        })
    }
}

/// Characters of what becomes a word of ssh's configuration and a column of the machines file.
fn word(text: &str, others: &str, what: &str) -> Result<String, String> {
    let first_is_plain = text
        .chars()
        .next()
        .is_some_and(|first| first.is_ascii_alphanumeric() || first == '_');
    let stray = text
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !others.contains(*c));
    match stray {
        Some(c) => Err(format!("`{}` is no part of {what}", c.escape_default())),
        None if !first_is_plain => Err(format!("{what} begins with a letter or a digit")),
        None => Ok(text.to_owned()),
    }
}

fn host_word(text: &str) -> Result<String, String> {
    word(text, "-_.", "a host's name")
}

fn address_word(text: &str) -> Result<String, String> {
    // An IPv6 address may begin with colons.
    word(text.trim_start_matches(':'), "-_.:", "a host's address")?;
    Ok(text.to_owned())
}

/// A user's name as ssh and a column of the machines file take it.
///
/// # Errors
/// Why it is none.
pub fn user_word(text: &str) -> Result<String, String> {
    word(text, "-_.", "a user's name")
}

fn feature_word(text: &str) -> Result<String, String> {
    word(text, "-_.:", "a feature's name")
}

fn system_word(text: &str) -> Result<String, String> {
    if SYSTEMS.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "`{}` is no system that Nix builds for; known are {}",
        text.escape_default(),
        SYSTEMS.join(", ")
    ))
}

/// The path of a private key that the daemon can read; the error does not repeat it.
///
/// # Errors
/// Why it is none.
pub fn key_path(text: &str) -> Result<String, String> {
    if text.contains("PRIVATE KEY") || text.lines().count() > 1 {
        return Err("it is the path of the private key, not the key".to_owned());
    }
    if !text.starts_with('/') {
        return Err(
            "it is an absolute path: the daemon reads it, and has no home of yours".to_owned(),
        );
    }
    if text.starts_with("/nix/store/") {
        return Err("everybody can read the store; keep the private key elsewhere".to_owned());
    }
    word(text.trim_start_matches('/'), "/-_.@+", "a key's path")?;
    Ok(text.to_owned())
}

/// The type and the base64 text of a public host key, without the comment behind them.
fn host_key(text: &str) -> Result<String, String> {
    const WANTED: &str = "give the line of the builder's /etc/ssh/ssh_host_ed25519_key.pub";
    if text.contains("PRIVATE KEY") {
        return Err(format!("it is a private key; {WANTED}"));
    }
    let mut words = text.split_whitespace();
    let (Some(kind), Some(body)) = (words.next(), words.next()) else {
        return Err(format!("it has no type and body; {WANTED}"));
    };
    // The type stands in the body once more, behind its length.
    let repeated = BASE64_STANDARD.decode(body).ok().and_then(|bytes| {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (inner, key) = rest.split_at_checked(length)?;
        (!key.is_empty()).then(|| inner.to_vec())
    });
    if repeated.as_deref() != Some(kind.as_bytes()) {
        return Err(format!(
            "its body is not that of a key of its type; {WANTED}"
        ));
    }
    Ok(format!("{kind} {body}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJBWcxb/Blaqt1auOtE+F8QUWrUotiC5qBJ+UuEWdVCb";

    fn refused(line: &str) -> String {
        let text = format!("[[host]]\nname = \"a\"\n{line}\n");
        read_fleet(&text, "h.toml").unwrap_err().to_string()
    }

    #[test]
    fn a_list_is_read_with_what_all_have_in_common() {
        let text = format!(
            "user = \"me\"\nkey = \"/k\"\n[[host]]\nname = \"a\"\nhost-key = \"{KEY} root@a\"\n\
             [[host]]\nname = \"b\"\nuser = \"you\"\nport = 2222\n"
        );
        let hosts = read_fleet(&text, "h.toml").unwrap();
        assert_eq!(hosts.len(), 2);
        assert_eq!(hosts[0].user.as_deref(), Some("me"));
        assert_eq!(hosts[0].host_key.as_deref(), Some(KEY));
        assert_eq!(hosts[1].user.as_deref(), Some("you"));
        assert_eq!(hosts[1].key.as_deref(), Some("/k"));
        assert_eq!(hosts[1].port, Some(2222));
        assert_eq!(hosts[1].origin, "h.toml:6:1");
    }

    #[test]
    fn mistakes_name_their_place() {
        assert!(refused("systems = [\"x86_64-lunix\"]").starts_with("h.toml:3:12: `systems`"));
        assert!(refused("port = 0").contains("between 1 and 65535"));
        assert!(refused("color = 1").contains("unknown field `color`"));
        assert!(refused("key = \"~/.ssh/id\"").contains("absolute path"));
        assert!(refused("key = \"/nix/store/x\"").contains("everybody can read"));
        assert!(refused("host-name = \"a b\"").contains("` ` is no part"));
        assert!(refused("host-name = \"-oProxyCommand=x\"").contains("is no part"));
        assert!(refused("host-key = \"ssh-rsa AAAA\"").contains("not that of a key"));
        assert!(refused("use = \"desktop\"").contains("known are balanced"));
    }

    #[test]
    fn private_keys_are_not_repeated() {
        let secret = "-----BEGIN OPENSSH PRIVATE KEY-----abc";
        for key in ["key", "host-key"] {
            let said = refused(&format!("{key} = \"{secret}\""));
            assert!(
                said.contains("private key") && !said.contains("abc"),
                "{said}"
            );
        }
    }
}
