//! What is built when no command is named: the configuration of this machine, without switching to it.

use crate::engine::Outcome;
use crate::facts::Os;
use crate::model::{Machine, Origin};
use crate::probe;
use crate::syntax::{is_plain_name, quote};
use crate::system::System;

/// Why there is nothing to build.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DefaultCommandError {
    /// No flake has a configuration.
    #[error(
        "no flake there has nixosConfigurations, darwinConfigurations or homeConfigurations; name the folder of one with `--path`, or a command after `--`, such as `-- nix-build '<nixpkgs/nixos>' -A system`"
    )]
    NoMachine,
    /// Several, and none is called like this machine.
    #[error("{}; name one with `--machine`: {}", .host.as_ref().map_or_else(|| "this machine does not say its name".to_owned(), |host| format!("no configuration is called `{host}`")), .names.join(", "))]
    Several {
        /// What this machine calls itself.
        host: Option<String>,
        /// The configurations.
        names: Vec<String>,
    },
    /// None of this name.
    #[error("there is no configuration `{name}`; there are: {}", .names.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// The configurations.
        names: Vec<String>,
    },
}

/// A configuration that a flake builds.
struct Built<'o> {
    machine: &'o Machine,
    name: &'o str,
    folder: String,
    set: &'static str,
}

/// The command that builds a configuration of the flakes that were read: the one that is named, the one
/// of this machine or user, or the only one for this operating system.
///
/// # Errors
/// There is none, or it is not clear which one.
pub fn default_command(
    system: &dyn System,
    outcome: &Outcome,
    machine: Option<&str>,
) -> Result<Vec<String>, DefaultCommandError> {
    let all: Vec<Built<'_>> = outcome
        .workspace
        .machines()
        .iter()
        .filter_map(built)
        .collect();
    let names = |of: &[&Built<'_>]| of.iter().map(|one| one.name.to_owned()).collect();
    let everything: Vec<&Built<'_>> = all.iter().collect();
    if let Some(wanted) = machine {
        let named = all
            .iter()
            .find(|one| one.name == wanted || *one.machine.name == *wanted);
        let unknown = || match all.is_empty() {
            true => DefaultCommandError::NoMachine,
            false => DefaultCommandError::Unknown {
                name: wanted.to_owned(),
                names: names(&everything),
            },
        };
        return named.map(command).ok_or_else(unknown);
    }
    let is_mac = system.platform().0 == "macos";
    let fits = |one: &&Built<'_>| match one.set {
        "nixosConfigurations" => !is_mac,
        "darwinConfigurations" => is_mac,
        _ => one
            .machine
            .target
            .platform
            .as_ref()
            .is_none_or(|platform| (platform.value.os == Os::Darwin) == is_mac),
    };
    let fitting: Vec<&Built<'_>> = all.iter().filter(fits).collect();
    let host = probe::host_name(system);
    let user = system.env("USER").unwrap_or_default();
    // As the rebuild tools look for them.
    let host_words = host.clone().unwrap_or_default();
    let wanted = [host_words.clone(), format!("{user}@{host_words}"), user];
    let own = wanted
        .iter()
        .filter(|name| !name.is_empty())
        .find_map(|name| fitting.iter().find(|one| one.name == name));
    match (own, fitting.as_slice()) {
        (Some(own), _) => Ok(command(own)),
        (None, [only]) => Ok(command(only)),
        (None, []) if all.is_empty() => Err(DefaultCommandError::NoMachine),
        (None, []) => Err(DefaultCommandError::Several {
            host,
            names: names(&everything),
        }),
        (None, several) => Err(DefaultCommandError::Several {
            host,
            names: names(several),
        }),
    }
}

fn built(machine: &Machine) -> Option<Built<'_>> {
    let Origin::Flake {
        flake,
        set,
        name,
        user: None,
    } = &machine.origin
    else {
        return None;
    };
    let folder = flake
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    Some(Built {
        machine,
        name,
        folder: folder.map_or_else(
            || ".".to_owned(),
            |folder| folder.to_string_lossy().into_owned(),
        ),
        set,
    })
}

fn command(one: &Built<'_>) -> Vec<String> {
    let output = match one.set {
        "nixosConfigurations" => "config.system.build.toplevel",
        "darwinConfigurations" => "system",
        _ => "activationPackage",
    };
    let name = match is_plain_name(one.name) {
        true => one.name.to_owned(),
        false => quote(one.name),
    };
    // A relative path without a dot in front would be looked up in the registry.
    let folder = match one.folder.as_str() {
        folder if folder.starts_with(['/', '.']) => folder.to_owned(),
        folder => format!("./{folder}"),
    };
    [
        "nix".to_owned(),
        "build".to_owned(),
        "--extra-experimental-features".to_owned(),
        "nix-command flakes".to_owned(),
        "--no-link".to_owned(),
        format!("{folder}#{}.{name}.{output}", one.set),
    ]
    .to_vec()
}
