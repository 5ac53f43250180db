//! From what was typed to what is meant, with a hint where nothing is.

use super::escape;
use crate::catalog::{Catalog, OptionStatus, Spelling};
use crate::facts::ModuleSystem;
use crate::model::{Machine, SETTINGS_SETS, Workspace};
use crate::policy::nearest;

/// A name that can be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asked {
    /// A setting.
    Setting {
        /// Its canonical name; the key itself where nothing knows it.
        name: String,
        /// What to say about the name that was typed; empty when it is the canonical one.
        note: String,
    },
    /// Options: one, or those of a set.
    Options(Vec<String>),
}

/// Why nothing can be shown.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ShowError {
    /// A name that nothing has.
    #[error("no setting or option is called `{name}`; {hint}")]
    UnknownName {
        /// The name.
        name: String,
        /// The nearest one, or where to look.
        hint: String,
    },
    /// A machine that is not there.
    #[error("no machine is called `{name}`; {known}")]
    UnknownMachine {
        /// The name.
        name: String,
        /// Which ones are.
        known: String,
    },
    /// One file was asked for, and there are several.
    #[error("several machines have a nix.conf; choose one with --machine: {0}")]
    Several(String),
    /// One file was asked for, and there is none.
    #[error("no machine was found: no file configures Nix")]
    NoMachine,
}

const SYSTEMS: [ModuleSystem; 3] = [
    ModuleSystem::NixDarwin,
    ModuleSystem::Nixos,
    ModuleSystem::HomeManager,
];

/// The machines that are asked for.
pub(super) fn machines<'m>(
    machines: &'m [Machine],
    name: Option<&str>,
) -> Result<Vec<&'m Machine>, ShowError> {
    let Some(name) = name else {
        return Ok(machines.iter().collect());
    };
    let found: Vec<&Machine> = machines
        .iter()
        .filter(|machine| machine.name.as_ref() == name)
        .collect();
    if found.is_empty() {
        let names = list(machines.iter().map(|machine| machine.name.as_ref()));
        return Err(ShowError::UnknownMachine {
            name: escape::line(name).into_owned(),
            known: if machines.is_empty() {
                "no file configures Nix".to_owned()
            } else {
                let known = machines.iter().map(|machine| machine.name.as_ref());
                match nearest(name, known) {
                    Some(near) => format!("did you mean `{}`?", escape::line(near)),
                    None => format!("the machines are {names}"),
                }
            },
        });
    }
    Ok(found)
}

pub(super) fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<_> = names.map(escape::line).collect();
    names.join(", ")
}

/// What `name` means.
pub(super) fn asked(
    name: &str,
    catalog: &Catalog,
    workspace: &Workspace,
) -> Result<Asked, ShowError> {
    let name = name.trim();
    // `nix.settings.max-jobs` is the setting `max-jobs`.
    let key = SETTINGS_SETS
        .iter()
        .find_map(|set| name.strip_prefix(set)?.strip_prefix('.'))
        .unwrap_or(name);
    if let Some(found) = setting(key, catalog, workspace) {
        return Ok(found);
    }
    if let Some(to) =
        SYSTEMS
            .into_iter()
            .find_map(|system| match catalog.option(system, name)?.status {
                OptionStatus::Renamed { to } => Some((to.strip_prefix("nix.settings.")?, to)),
                _ => None,
            })
        && let Some(Asked::Setting {
            name: canonical, ..
        }) = setting(to.0, catalog, workspace)
    {
        return Ok(Asked::Setting {
            name: canonical,
            note: format!("`{name}` is a former name of `{}`", to.1),
        });
    }
    let options = options(name, catalog, workspace);
    if !options.is_empty() {
        return Ok(Asked::Options(options));
    }
    Err(ShowError::UnknownName {
        name: escape::line(name).into_owned(),
        hint: hint(name, key, catalog),
    })
}

fn setting(key: &str, catalog: &Catalog, workspace: &Workspace) -> Option<Asked> {
    let Some(resolved) = catalog.resolve(key) else {
        // What nobody knows can be in a file all the same.
        let written = workspace
            .definitions()
            .iter()
            .any(|definition| definition.setting.as_deref() == Some(key));
        return written.then(|| Asked::Setting {
            name: key.to_owned(),
            note: String::new(),
        });
    };
    let name = resolved.setting.name.to_owned();
    let note = match resolved.spelling {
        Spelling::Canonical => String::new(),
        Spelling::Alias => format!("`{key}` is another name of `{name}`"),
        Spelling::Append => format!("`{key}` appends to `{name}`"),
    };
    Some(Asked::Setting { name, note })
}

/// The option with this path, or those below it.
fn options(name: &str, catalog: &Catalog, workspace: &Workspace) -> Vec<String> {
    let path = crate::model::OptionPath::dotted(name);
    let mut found: Vec<String> = workspace
        .definitions()
        .iter()
        .filter(|definition| definition.setting.is_none() && definition.option.starts_with(&path))
        .map(|definition| definition.option.to_string())
        .collect();
    for system in SYSTEMS {
        if catalog
            .option(system, name)
            .is_some_and(|option| !option.path.contains(['*', '<']))
        {
            found.push(name.to_owned());
        }
        let prefix = format!("{name}.");
        found.extend(
            catalog
                .options(system)
                .filter(|option| option.is_current() && option.path.starts_with(&prefix))
                .filter(|option| !option.path.contains(['*', '<']))
                .filter(|option| !option.path.starts_with("nix.settings"))
                .map(|option| option.path.to_owned()),
        );
    }
    // A set that holds options is none itself.
    let sets: Vec<String> = found
        .iter()
        .filter(|one| {
            found
                .iter()
                .any(|other| other.starts_with(&format!("{one}.")))
        })
        .cloned()
        .collect();
    found.retain(|one| !sets.contains(one) || one == name && workspace_has(workspace, one));
    found.sort();
    found.dedup();
    found
}

fn workspace_has(workspace: &Workspace, option: &str) -> bool {
    workspace
        .definitions()
        .iter()
        .any(|definition| definition.option.is(option))
}

fn hint(name: &str, key: &str, catalog: &Catalog) -> String {
    if name.contains('/') || name.ends_with(".nix") || name.ends_with(".conf") {
        return format!("`--path {}` gives a path", escape::line(name));
    }
    let nearest = catalog.nearest_setting(key).map(str::to_owned).or_else(|| {
        SYSTEMS
            .into_iter()
            .flat_map(|system| catalog.options(system))
            .filter(|option| option.is_current())
            .map(|option| (strsim::damerau_levenshtein(name, option.path), option.path))
            .filter(|(distance, known)| distance * 3 <= known.len())
            .min()
            .map(|(_, known)| known.to_owned())
    });
    nearest.map_or_else(
        || "`nixtune show` lists what is set".to_owned(),
        |near| format!("did you mean `{near}`?"),
    )
}
