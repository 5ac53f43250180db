//! The settings about caches and the store that are in effect: as Nix reads them here, or as files
//! say.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value as Json;

use super::super::evaluation::shown_settings;
use super::super::{Outcome, is_on_path};
use crate::analyze::profile::RunSettings;
use crate::analyze::store::Keep;
use crate::catalog::Catalog;
use crate::model::{Machine, Setting, Workspace};
use crate::probe;
use crate::system::System;

/// Where names and passwords are when `netrc-file` says nothing.
const DEFAULT_NETRC: &str = "/etc/nix/netrc";
/// What Nix asks at the same time when nobody says otherwise (`http-connections`).
const DEFAULT_CONNECTIONS: u64 = 25;

/// Settings in effect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effective {
    /// Addresses of caches, in the order of the list.
    pub substituters: Vec<String>,
    /// Keys, as they are written.
    pub trusted_public_keys: Vec<String>,
    /// Whether signatures count.
    pub require_sigs: bool,
    /// Questions to a cache at the same time.
    pub http_connections: u64,
    /// What the garbage collector keeps.
    pub keep: Keep,
    /// Settings whose values are numbers, as Nix has worked them out; empty for files.
    pub numbers: BTreeMap<String, u64>,
    /// The store's folder.
    pub store_dir: String,
    /// The file with names and passwords of caches (`netrc-file`).
    pub netrc_file: PathBuf,
    /// Who says so, for people.
    pub source: String,
}

/// Why the settings are not known.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EffectiveError {
    /// There is no Nix to ask.
    #[error(
        "`nix` is not on the PATH; install Nix, or name the files that configure it with `--path`"
    )]
    NoNix,
    /// Nix does not say.
    #[error("Nix does not show its settings: {0}")]
    Refused(String),
    /// Several machines, and none of them was named.
    #[error("there are several machines, name one with `--machine`: {}", .0.join(", "))]
    Several(Vec<String>),
    /// No machine at all, or none of this name.
    #[error("no machine{} configures Nix there", .0.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default())]
    NoMachine(Option<String>),
}

/// As the installed Nix reads them.
///
/// # Errors
/// There is none, or it does not answer.
pub fn effective_of_nix(system: &dyn System) -> Result<Effective, EffectiveError> {
    if !is_on_path(system, "nix") {
        return Err(EffectiveError::NoNix);
    }
    let settings = shown_settings(system, &[])
        .map_err(|error| EffectiveError::Refused(error.text().to_owned()))?;
    let list = |name: &str| -> Vec<String> {
        let items = settings.get(name).and_then(Json::as_array);
        items
            .into_iter()
            .flatten()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect()
    };
    let switch = |name: &str, default| {
        settings
            .get(name)
            .and_then(Json::as_bool)
            .unwrap_or(default)
    };
    Ok(Effective {
        substituters: list("substituters"),
        trusted_public_keys: list("trusted-public-keys"),
        require_sigs: switch("require-sigs", true),
        http_connections: settings
            .get("http-connections")
            .and_then(Json::as_u64)
            .filter(|connections| *connections > 0)
            .unwrap_or(DEFAULT_CONNECTIONS),
        keep: Keep {
            derivations: switch("keep-derivations", true),
            outputs: switch("keep-outputs", false),
        },
        numbers: settings
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_u64()?)))
            .collect(),
        store_dir: probe::store_folder(system).to_string_lossy().into_owned(),
        netrc_file: settings
            .get("netrc-file")
            .and_then(Json::as_str)
            .unwrap_or(DEFAULT_NETRC)
            .into(),
        source: "as the installed Nix reads its settings".to_owned(),
    })
}

/// `max-jobs` and `cores` as Nix reads them here, with what the arguments of a command say; `None` when it
/// does not tell.
pub(super) fn settings_of_run(system: &dyn System, command: &[String]) -> Option<RunSettings> {
    if !is_on_path(system, "nix") {
        return None;
    }
    let mut config = system.env("NIX_CONFIG").unwrap_or_default();
    for (name, value) in said(command) {
        config.push_str(&format!("\n{name} = {value}\n"));
    }
    let settings = shown_settings(system, &[("NIX_CONFIG", &config)]).ok()?;
    let number = |name: &str| settings.get(name).and_then(Json::as_u64);
    Some(RunSettings {
        max_jobs: number("max-jobs")?,
        cores: number("cores")?,
    })
}

/// What the arguments of a command set, in their order.
fn said(command: &[String]) -> Vec<(&'static str, &str)> {
    const NAMES: [&str; 2] = ["max-jobs", "cores"];
    let is_plain = |value: &&str| value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let mut out = Vec::new();
    let mut words = command.iter().map(String::as_str).peekable();
    while let Some(word) = words.next() {
        let name = match word {
            "--" => break,
            "-j" | "--max-jobs" => Some("max-jobs"),
            "--cores" => Some("cores"),
            "--option" => {
                let said = words.next();
                NAMES.into_iter().find(|name| Some(*name) == said)
            }
            _ => {
                if let Some(value) = word.strip_prefix("-j").filter(is_plain) {
                    out.push(("max-jobs", value));
                }
                continue;
            }
        };
        let value = words.peek().copied().filter(is_plain);
        if let (Some(name), Some(value)) = (name, value) {
            out.push((name, value));
        }
    }
    out
}

/// As the files say that `outcome` was made of, for the machine of this name or the only one. A list
/// that holds what is not known stands as far as it is known, with what Nix brings itself.
///
/// # Errors
/// No machine, or several.
pub fn effective_of_files(
    outcome: &Outcome,
    catalog: &Catalog,
    machine: Option<&str>,
) -> Result<Effective, EffectiveError> {
    let one = chosen(outcome, machine)?;
    Ok(effective_of_machine(&outcome.workspace, catalog, one))
}

/// As [`effective_of_files`], for a machine.
pub(in crate::engine) fn effective_of_machine(
    workspace: &Workspace,
    catalog: &Catalog,
    one: &Machine,
) -> Effective {
    let view = workspace.view(one).reaching_nix();
    let mut complete = true;
    let mut list = |name: &str, defaults: &[&str]| -> Vec<String> {
        let items = view.items(catalog, name);
        complete &= items.complete;
        let mut all: Vec<String> = items
            .items
            .iter()
            .map(|item| item.text.to_string())
            .collect();
        let appends = items.definitions.iter().all(|definition| {
            definition
                .setting
                .as_deref()
                .is_some_and(|name| name.starts_with("extra-"))
        });
        // A NixOS module adds Nix's own cache by itself; elsewhere a plain definition replaces it.
        if appends {
            all.splice(0..0, defaults.iter().map(|text| (*text).to_owned()));
        }
        all
    };
    let substituters = list("substituters", &["https://cache.nixos.org/"]);
    let keys = list(
        "trusted-public-keys",
        &["cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY="],
    );
    let switch = |name: &str, default: bool| match view.setting(catalog, name) {
        Setting::Known(value) => value.as_bool().unwrap_or(default),
        _ => default,
    };
    let connections = match view.setting(catalog, "http-connections") {
        Setting::Known(value) => value.as_text().and_then(|text| text.trim().parse().ok()),
        _ => None,
    };
    let note = if complete {
        ""
    } else {
        ", as far as they are known"
    };
    Effective {
        substituters,
        trusted_public_keys: keys,
        require_sigs: switch("require-sigs", true),
        http_connections: connections
            .filter(|connections| *connections > 0)
            .unwrap_or(DEFAULT_CONNECTIONS),
        keep: Keep {
            derivations: switch("keep-derivations", true),
            outputs: switch("keep-outputs", false),
        },
        numbers: BTreeMap::new(),
        store_dir: "/nix/store".to_owned(),
        // Files are not to choose whose passwords are sent where.
        netrc_file: DEFAULT_NETRC.into(),
        source: format!("as the files of {} say{note}", one.name),
    }
}

/// The options of the garbage collection that the machine of this name, or the only one, runs by
/// itself (`nix.gc.options`); empty when there are none.
///
/// # Errors
/// No machine, or several.
pub fn gc_options_of_files(
    outcome: &Outcome,
    machine: Option<&str>,
) -> Result<String, EffectiveError> {
    let one = chosen(outcome, machine)?;
    Ok(match outcome.workspace.view(one).option("nix.gc.options") {
        Setting::Known(value) => value.as_text().unwrap_or_default().to_string(),
        _ => String::new(),
    })
}

fn chosen<'o>(outcome: &'o Outcome, machine: Option<&str>) -> Result<&'o Machine, EffectiveError> {
    let workspace = &outcome.workspace;
    let named: Vec<_> = workspace
        .machines()
        .iter()
        .filter(|one| machine.is_none_or(|name| *one.name == *name))
        .collect();
    match named.as_slice() {
        [one] => Ok(*one),
        [] => Err(EffectiveError::NoMachine(machine.map(str::to_owned))),
        several => {
            let names = several.iter().map(|one| one.name.to_string()).collect();
            Err(EffectiveError::Several(names))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_settings() {
        let words = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
        let command =
            words("nix build -j4 --option cores 3 --option x y --max-jobs auto -j 2 -- --cores 9");
        assert_eq!(
            said(&command),
            [
                ("max-jobs", "4"),
                ("cores", "3"),
                ("max-jobs", "auto"),
                ("max-jobs", "2")
            ]
        );
        assert_eq!(said(&words("nix build --cores \n-x")), []);
    }
}
