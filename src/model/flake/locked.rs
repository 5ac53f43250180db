//! What the addresses of a flake's inputs, and its `flake.lock`, say about the Nix of its machines.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::folder_of;
use crate::eval::Evaluator;
use crate::eval::runtime::Val;
use crate::facts::{Fact, Implementation, ModuleSystem, Version};

/// A `flake.lock` is read up to here: nixpkgs' own neighbours stay far below.
const MOST_NODES: usize = 20_000;

/// The inputs of a flake, as far as files tell what they are.
#[derive(Debug, Default)]
pub(in crate::model) struct Locked {
    /// The address in `flake.nix`, by the input's name, in lower case.
    declared: BTreeMap<String, String>,
    /// The input that the `nixpkgs` of an input follows, as `flake.nix` says.
    follows: BTreeMap<String, String>,
    lock: Option<Lock>,
}

/// A Nix that an input brings.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::model) struct Maker {
    pub implementation: Implementation,
    /// `None` when the address names no release.
    pub version: Option<Version>,
    /// The series, where the address names no more than that.
    pub series: Option<Version>,
}

/// Flakes whose modules set no option that nixtune looks at, as of 2026-08. One that lists a cache
/// of its own on the user's behalf, as catppuccin/nix can, does not belong here.
const APART: [&str; 12] = [
    "nix-community/home-manager",
    "zhaofengli/nix-homebrew",
    "zhaofengli-wip/nix-homebrew",
    "nix-community/disko",
    "mic92/sops-nix",
    "ryantm/agenix",
    "nix-community/impermanence",
    "nix-community/lanzaboote",
    "nix-community/nix-index-database",
    "nix-community/nixvim",
    "nix-community/stylix",
    "hraban/mac-app-util",
];

#[derive(Debug, Deserialize)]
struct Lock {
    nodes: BTreeMap<String, Node>,
    root: String,
}

#[derive(Debug, Default, Deserialize)]
struct Node {
    #[serde(default)]
    inputs: BTreeMap<String, Reference>,
    #[serde(default)]
    original: Address,
    #[serde(default)]
    locked: Address,
}

/// An input of a node: another node, or the path of inputs that it follows from the root.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Reference {
    Node(String),
    Follows(Vec<String>),
}

#[derive(Debug, Default, Deserialize)]
struct Address {
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default)]
    repo: Option<String>,
    #[serde(default, rename = "ref")]
    reference: Option<String>,
}

impl Address {
    /// In one line and lower case: `nixos/nixpkgs/nixos-25.05`.
    fn in_words(&self) -> String {
        let parts = [&self.url, &self.owner, &self.repo, &self.reference];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        parts.join("/").to_lowercase()
    }
}

impl Locked {
    /// Reads the inputs of a flake. What cannot be read is not known.
    pub fn read(evaluator: &Evaluator<'_>, flake: &Path) -> Self {
        let mut locked = Self {
            lock: lock(evaluator, flake),
            ..Self::default()
        };
        let value = evaluator.import(flake);
        let Some(Val::Attrs(inputs)) = evaluator
            .attribute(&value, "inputs")
            .map(|inputs| inputs.settled(evaluator).val)
        else {
            return locked;
        };
        for (name, attr) in &inputs.map {
            let input = attr.value.settle(evaluator);
            let text = |names: &[&str]| {
                let mut at = Some(input.clone());
                for name in names {
                    at = at.and_then(|set| evaluator.attribute(&set, name));
                }
                match at?.settled(evaluator).val {
                    Val::Str(text) => Some(text),
                    _ => None,
                }
            };
            if let Some(url) = text(&["url"]) {
                locked.declared.insert(name.to_string(), url.to_lowercase());
            }
            if let Some(follows) = text(&["inputs", "nixpkgs", "follows"]) {
                locked.follows.insert(name.to_string(), follows.to_string());
            }
        }
        locked
    }

    /// True for a module of an input, `inputs.disko.nixosModules.disko`, that defines nothing about
    /// Nix, so that nothing is missed where it is not read.
    pub fn is_apart(&self, path: &str) -> bool {
        let mut names = path.split('.');
        let (Some("inputs"), Some(input), Some(set)) = (names.next(), names.next(), names.next())
        else {
            return false;
        };
        // home-manager's own are modules of systems; what else is named so is another's.
        let is_home = set.starts_with("home") && input.contains("home-manager");
        set.to_lowercase().contains("module")
            && !is_home
            && self.address(input).is_some_and(|address| {
                APART
                    .iter()
                    .any(|repository| names_repository(&address, repository))
            })
    }

    /// The Nix that modules and packages of an input bring; `None` for every other input.
    pub fn maker(&self, input: &str) -> Option<Maker> {
        let address = self.address(input)?;
        let node = self.root_node(input);
        let pinned = node.map(|node| node.locked.in_words()).unwrap_or_default();
        let has = |repository: &str| names_repository(&address, repository);
        let made_by = |implementation| Maker {
            implementation,
            version: None,
            series: None,
        };
        if has("determinatesystems/determinate") {
            // The module installs the Nix that its own flake pins.
            let own = node.and_then(|node| self.input_of(node, "nix"));
            let own = own.map(|node| node.locked.in_words()).unwrap_or_default();
            return Some(Maker {
                version: release_after(&own, "/nix-src/"),
                ..made_by(Implementation::Determinate)
            });
        }
        if has("determinatesystems/nix-src") || has("determinatesystems/nix") {
            return Some(Maker {
                version: release_after(&pinned, "/nix-src/"),
                ..made_by(Implementation::Determinate)
            });
        }
        if has("lix-project/nixos-module") || has("lix-project/lix") {
            return Some(Maker {
                version: release_after(&address, "/archive/"),
                ..made_by(Implementation::Lix)
            });
        }
        if has("nixos/nix") {
            let named = release_after(&address, "nixos/nix/");
            return Some(Maker {
                version: named,
                series: named
                    .is_none()
                    .then(|| series_after(&address, "nixos/nix/"))
                    .flatten(),
                ..made_by(Implementation::Cppnix)
            });
        }
        None
    }

    /// The NixOS release (`25.05`) that the packages of a machine are of, with the words that say
    /// so; `None` for unstable branches, and when inputs differ and nothing tells which it is.
    /// `from` is the input whose function builds the machine.
    pub fn release(&self, system: ModuleSystem, from: Option<&str>) -> Option<Fact<String>> {
        let address = match (system, from) {
            (ModuleSystem::Nixos, Some(from)) => self.address(from),
            (ModuleSystem::NixDarwin, Some(from)) => self.nixpkgs_of(from),
            _ => None,
        };
        let address = match address.filter(|address| is_nixpkgs(address)) {
            Some(address) => address,
            None => self.common_nixpkgs()?,
        };
        let release = release_in(&address)?;
        Some(Fact::assumed(
            release,
            format!("the flake's nixpkgs is `{address}`"),
        ))
    }

    /// What the `nixpkgs` of an input is.
    fn nixpkgs_of(&self, input: &str) -> Option<String> {
        if let Some(follows) = self.follows.get(input) {
            return self.address(follows);
        }
        let node = self.root_node(input)?;
        match node.inputs.get("nixpkgs")? {
            Reference::Follows(path) => match path.as_slice() {
                [name] => self.address(name),
                _ => None,
            },
            Reference::Node(name) => {
                let node = self.lock.as_ref()?.nodes.get(name)?;
                Some(node.original.in_words())
            }
        }
    }

    /// The address of the flake's nixpkgs, when all that it has are of one release.
    fn common_nixpkgs(&self) -> Option<String> {
        let names = self.names();
        let mut addresses = names
            .iter()
            .filter_map(|name| self.address(name))
            .filter(|address| is_nixpkgs(address));
        let first = addresses.next()?;
        let release = release_in(&first)?;
        addresses
            .all(|address| release_in(&address).as_ref() == Some(&release))
            .then_some(first)
    }

    fn names(&self) -> Vec<&str> {
        let of_lock = self
            .lock
            .iter()
            .filter_map(|lock| lock.nodes.get(&lock.root));
        let of_lock = of_lock.flat_map(|root| root.inputs.keys());
        let mut names: Vec<&str> = self
            .declared
            .keys()
            .chain(of_lock)
            .map(String::as_str)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The address of an input in lower case, as `flake.nix` or the lock has it.
    fn address(&self, input: &str) -> Option<String> {
        if let Some(declared) = self.declared.get(input) {
            return Some(declared.clone());
        }
        Some(self.root_node(input)?.original.in_words())
    }

    fn root_node(&self, input: &str) -> Option<&Node> {
        let lock = self.lock.as_ref()?;
        self.input_of(lock.nodes.get(&lock.root)?, input)
    }

    fn input_of(&self, node: &Node, input: &str) -> Option<&Node> {
        match node.inputs.get(input)? {
            Reference::Node(name) => self.lock.as_ref()?.nodes.get(name),
            Reference::Follows(_) => None,
        }
    }
}

/// True when an address is one of the repository `owner/name`.
fn names_repository(address: &str, repository: &str) -> bool {
    let mut rest = address.split(repository).skip(1);
    rest.any(|rest| rest.is_empty() || rest.starts_with(['/', '.', '?', '#']))
}

fn lock(evaluator: &Evaluator<'_>, flake: &Path) -> Option<Lock> {
    let path = folder_of(flake).join("flake.lock");
    let text = evaluator.files().read(&path).ok()?;
    let lock: Lock = serde_json::from_str(&text).ok()?;
    (lock.nodes.len() <= MOST_NODES).then_some(lock)
}

/// True for the address of nixpkgs, a fork of it, or one of its channels.
fn is_nixpkgs(address: &str) -> bool {
    let mut parts = address.split(['/', ':', '?', '#']);
    parts.any(|part| matches!(part, "nixpkgs" | "nixpkgs.git"))
        || address.contains("nixos.org/channels/")
        || address.contains("channels.nixos.org/")
}

/// The release that a branch, a channel or a FlakeHub address names: `nixos-25.05`,
/// `nixpkgs-25.05-darwin`, `nixos-25.05-small`, `release-25.05`, `nixpkgs/0.2505`.
fn release_in(address: &str) -> Option<String> {
    for branch in ["nixos-", "nixpkgs-", "release-"] {
        for rest in address.split(branch).skip(1) {
            let number = rest.get(..5).unwrap_or("");
            let ends = !rest
                .get(5..)
                .unwrap_or("")
                .starts_with(|c: char| c.is_ascii_digit() || c == '.');
            if ends && is_release(number) {
                return Some(number.to_owned());
            }
        }
    }
    let hub = address.split("nixpkgs/0.").nth(1)?;
    let digits = hub.get(..4)?;
    let (year, month) = (digits.get(..2)?, digits.get(2..)?);
    let number = format!("{year}.{month}");
    is_release(&number).then_some(number)
}

fn is_release(number: &str) -> bool {
    let Some((year, month)) = number.split_once('.') else {
        return false;
    };
    let is_year = year.len() == 2 && year.bytes().all(|byte| byte.is_ascii_digit());
    is_year && matches!(month, "03" | "05" | "09" | "11")
}

/// The whole release number (`2.93.3`) that follows `before`.
fn release_after(text: &str, before: &str) -> Option<Version> {
    let rest = text.split(before).nth(1)?;
    let number: &str = rest.split(['/', '-', '+']).next()?;
    let number = number.strip_prefix('v').unwrap_or(number);
    let number = number.strip_suffix(".tar.gz").unwrap_or(number);
    let parts = number.split('.').count();
    let digits = number
        .split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    (parts == 3 && digits)
        .then(|| number.parse().ok())
        .flatten()
}

/// The series that a maintenance branch (`2.31-maintenance`) after `before` is of.
fn series_after(text: &str, before: &str) -> Option<Version> {
    let rest = text.split(before).nth(1)?;
    rest.strip_suffix("-maintenance")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_and_channels_name_their_release() {
        for (address, release) in [
            ("github:nixos/nixpkgs/nixos-25.05", Some("25.05")),
            ("github:nixos/nixpkgs/nixpkgs-24.11-darwin", Some("24.11")),
            ("nixos/nixpkgs/nixos-25.11-small", Some("25.11")),
            (
                "https://flakehub.com/f/nixos/nixpkgs/0.2505.*",
                Some("25.05"),
            ),
            (
                "https://nixos.org/channels/nixos-23.11/nixexprs.tar.xz",
                Some("23.11"),
            ),
            ("github:nixos/nixpkgs/nixos-unstable", None),
            ("https://flakehub.com/f/nixos/nixpkgs/0.1", None),
            ("github:nixos/nixpkgs/nixos-25.051", None),
            ("github:nixos/nixpkgs", None),
        ] {
            assert!(is_nixpkgs(address), "{address}");
            assert_eq!(release_in(address).as_deref(), release, "{address}");
        }
        assert!(!is_nixpkgs("github:nix-community/nixpkgs-wayland"));
    }

    #[test]
    fn addresses_name_makers_and_releases() {
        let mut locked = Locked::default();
        let mut declare = |name: &str, url: &str| {
            locked.declared.insert(name.to_owned(), url.to_owned());
        };
        declare(
            "lix-module",
            "https://git.lix.systems/lix-project/nixos-module/archive/2.93.3-1.tar.gz",
        );
        declare("nix", "github:nixos/nix/2.31-maintenance");
        declare("nix-tag", "github:nixos/nix/2.31.2");
        declare("hardware", "github:nixos/nixos-hardware");
        declare(
            "determinate",
            "https://flakehub.com/f/determinatesystems/determinate/*",
        );
        declare("disko", "github:nix-community/disko/v1.12");
        assert!(locked.is_apart("inputs.disko.nixosModules.default"));
        assert!(!locked.is_apart("inputs.disko.lib.lib"));
        assert!(!locked.is_apart("inputs.hardware.nixosModules.raspberry-pi-4"));
        assert!(!locked.is_apart("inputs.other.nixosModules.default"));
        let maker = |name: &str| locked.maker(name);
        let lix = maker("lix-module").unwrap();
        assert_eq!(lix.implementation, Implementation::Lix);
        assert_eq!(lix.version, Some(Version::new(2, 93, 3)));
        let nix = maker("nix").unwrap();
        assert_eq!(nix.implementation, Implementation::Cppnix);
        assert_eq!(
            (nix.version, nix.series),
            (None, Some(Version::new(2, 31, 0)))
        );
        let tag = maker("nix-tag").unwrap();
        assert_eq!(tag.version, Some(Version::new(2, 31, 2)));
        assert_eq!(maker("hardware"), None);
        assert_eq!(
            maker("determinate").unwrap().implementation,
            Implementation::Determinate
        );
    }
}
