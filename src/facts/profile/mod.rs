//! Host profiles: hardware and target written down as TOML, so that files can be judged for a
//! machine that is somewhere else.
//!
//! ```toml
//! [host]
//! name = "mbp"
//! platform = "aarch64-darwin"
//! threads = 12
//! memory = "36G"            # 1024-based: K, M, G, T, or plain bytes
//! swap = "0"
//!
//! [[host.cores]]            # best first; left out when all cores are alike
//! name = "Performance"
//! role = "performance"      # or "efficiency"
//! count = 6
//!
//! [host.store]              # the file system that holds /nix/store
//! size = "1T"
//! free = "300G"
//! kind = "apfs"
//!
//! [target]
//! implementation = "cppnix" # or "lix", "determinate"
//! version = "2.31.2"
//! platform = "aarch64-darwin"
//! module-system = "nix-darwin"
//! ```
//!
//! Every key may be left out: what is not said is not known, never zero.

mod render;
mod size;

pub use render::render;
pub use size::{SizeError, parse_size};

use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use super::{
    CoreLevel, CoreRole, Fact, Host, Implementation, ModuleSystem, Platform, StoreDisk, Target,
    Version,
};
use crate::units::{Bytes, Threads};

/// More threads than any machine has; a larger number in a profile is a slip.
pub const MOST_THREADS: u32 = 1 << 16;

/// What a profile says. Every fact in it is declared, with the profile as its source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Profile {
    /// The hardware; `None` without a `[host]` table.
    pub host: Option<Host>,
    /// The Nix; nothing is known without a `[target]` table.
    pub target: Target,
}

/// A profile that cannot be used, with the place of what is wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct ProfileError {
    /// The profile's name.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong, and what is right.
    pub message: String,
}

/// Reads a profile; `source` is how its facts and errors call it.
///
/// # Errors
/// Not TOML, an unknown key, a value of the wrong kind or out of its bounds.
pub fn read(text: &str, source: &str) -> Result<Profile, ProfileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let at = |offset: usize, message: String| {
        let (line, column) = place(text, offset);
        ProfileError {
            file: source.to_owned(),
            line,
            column,
            message,
        }
    };
    let file: ProfileFile = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        at(offset, error.message().replace('\n', "; "))
    })?;
    if let Some(disk) = file.host.as_ref().and_then(|host| host.store.as_ref())
        && let (Some(size), Some(free)) = (&disk.size, &disk.free)
        && free.get_ref().0 > size.get_ref().0
    {
        let message = format!(
            "`free` is {}, more than the file system's `size`, {}",
            free.get_ref().0,
            size.get_ref().0
        );
        return Err(at(free.span().start, message));
    }
    Ok(Profile {
        host: file.host.map(|host| host.into_host(source)),
        target: file.target.unwrap_or_default().into_target(source),
    })
}

fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    host: Option<HostTable>,
    target: Option<TargetTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HostTable {
    name: Option<String>,
    platform: Option<PlatformText>,
    threads: Option<Count>,
    memory: Option<Amount>,
    swap: Option<Size>,
    #[serde(default)]
    cores: Vec<CoresTable>,
    store: Option<StoreTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CoresTable {
    name: Option<String>,
    role: CoreRole,
    count: Count,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoreTable {
    size: Option<Spanned<Amount>>,
    free: Option<Spanned<Size>>,
    kind: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TargetTable {
    implementation: Option<Implementation>,
    version: Option<VersionText>,
    platform: Option<PlatformText>,
    module_system: Option<ModuleSystem>,
}

impl HostTable {
    fn into_host(self, source: &str) -> Host {
        Host {
            name: self.name.unwrap_or_else(|| source.to_owned()),
            platform: self.platform.map(|text| Fact::declared(text.0, source)),
            threads: self
                .threads
                .map(|count| Fact::declared(Threads(count.0), source)),
            core_levels: self
                .cores
                .into_iter()
                .map(|level| Fact::declared(level.into_level(), source))
                .collect(),
            memory: self.memory.map(|size| Fact::declared(size.0, source)),
            swap: self.swap.map(|size| Fact::declared(size.0, source)),
            store: self.store.map(|disk| StoreDisk {
                size: disk
                    .size
                    .map(|size| Fact::declared(size.into_inner().0, source)),
                free: disk
                    .free
                    .map(|size| Fact::declared(size.into_inner().0, source)),
                kind: disk.kind.map(|kind| Fact::declared(kind, source)),
            }),
        }
    }
}

impl CoresTable {
    fn into_level(self) -> CoreLevel {
        let name = self.name.unwrap_or_else(|| {
            match self.role {
                CoreRole::Performance => "Performance",
                CoreRole::Efficiency => "Efficiency",
            }
            .to_owned()
        });
        CoreLevel {
            name,
            role: self.role,
            cores: self.count.0,
        }
    }
}

impl TargetTable {
    fn into_target(self, source: &str) -> Target {
        Target {
            implementation: self
                .implementation
                .map(|value| Fact::declared(value, source)),
            version: self.version.map(|text| Fact::declared(text.0, source)),
            series: None,
            platform: self.platform.map(|text| Fact::declared(text.0, source)),
            module_system: self
                .module_system
                .map(|value| Fact::declared(value, source)),
        }
    }
}

/// A size that may be zero.
struct Size(Bytes);

/// A size that may not.
struct Amount(Bytes);

/// Threads or cores: at least one, at most [`MOST_THREADS`].
struct Count(u32);

struct PlatformText(Platform);

struct VersionText(Version);

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "expected a size like \"36G\" or a number of bytes"
        )]
        enum Written {
            Bytes(i64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Bytes(bytes) => u64::try_from(bytes)
                .map(|bytes| Self(Bytes(bytes)))
                .map_err(|_| de::Error::custom("a size cannot be negative")),
            Written::Text(text) => parse_size(&text).map(Self).map_err(de::Error::custom),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Size::deserialize(deserializer)?.0 {
            Bytes(0) => Err(de::Error::custom(
                "0 is not a size; leave the key out when it is not known",
            )),
            size => Ok(Self(size)),
        }
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        match u32::try_from(number) {
            Ok(count) if (1..=MOST_THREADS).contains(&count) => Ok(Self(count)),
            _ => Err(de::Error::custom(format!(
                "{number} is not between 1 and {MOST_THREADS}"
            ))),
        }
    }
}

impl<'de> Deserialize<'de> for PlatformText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|()| {
            de::Error::custom(format!(
                "`{text}` is not a platform; write it like aarch64-darwin or x86_64-linux"
            ))
        })
    }
}

impl<'de> Deserialize<'de> for VersionText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
