//! Options that are no setting: `nix.gc.automatic`, `nix.optimise.interval`.

use super::words;
use super::{One, Show};
use crate::catalog::{OptionDefault, OptionInfo, OptionStatus};
use crate::diagnostic::Confidence;
use crate::eval::Value;
use crate::model::{Definition, Setting};

/// An option on one machine.
pub(super) struct OptionRow<'o> {
    pub path: String,
    /// The value as Nix writes it.
    pub value: String,
    /// The winning definitions; empty when nothing sets it.
    pub winners: Vec<&'o Definition>,
    /// Weaker ones.
    pub losers: Vec<&'o Definition>,
    /// True when the value is the module's own.
    pub is_default: bool,
    pub confidence: Option<Confidence>,
}

/// Options that are shown whole as soon as a file sets one of them: what is not set runs by
/// default then.
const GROUPS: [&str; 2] = ["nix.gc", "nix.optimise"];

/// Every option of the machine that concerns Nix and is no setting.
pub(super) fn all<'o>(show: &Show<'o>, one: &One<'o>) -> Vec<OptionRow<'o>> {
    let mut paths: Vec<String> = one
        .view
        .definitions()
        .filter(|definition| definition.setting.is_none())
        .filter(|definition| {
            let first = definition.option.names().first().map_or("", |name| name);
            ["nix", "determinateNix", "determinate-nix"].contains(&first)
        })
        .filter(|definition| !definition.option.is("nix.extraOptions"))
        .map(|definition| current(show, one, &definition.option.to_string()))
        .collect();
    if let Some(system) = one.machine.target.system() {
        for group in GROUPS {
            let prefix = format!("{group}.");
            if paths.iter().any(|path| path.starts_with(&prefix)) {
                let current = show
                    .catalog
                    .options(system)
                    .filter(|option| option.is_current());
                paths.extend(
                    current
                        .filter(|option| option.path.starts_with(&prefix))
                        .map(|option| option.path.to_owned()),
                );
            }
        }
    }
    paths.sort();
    paths.dedup();
    paths.iter().map(|path| row(show, one, path)).collect()
}

/// The name that the option has now.
fn current(show: &Show<'_>, one: &One<'_>, path: &str) -> String {
    let system = one.machine.target.system();
    match system.and_then(|system| show.catalog.option(system, path)) {
        Some(option) => match option.status {
            OptionStatus::Renamed { to } => to.to_owned(),
            _ => path.to_owned(),
        },
        None => path.to_owned(),
    }
}

/// Former names of the option that the machine's files use.
fn former<'o>(show: &Show<'o>, one: &One<'o>, path: &str) -> Option<&'o str> {
    let system = one.machine.target.system()?;
    show.catalog
        .options(system)
        .filter(|option| matches!(option.status, OptionStatus::Renamed { to } if to == path))
        .map(|option| option.path)
        .find(|old| !one.view.option_definitions(old).is_empty())
}

/// Those of the asked options that the machine's module system has or its files set, under the
/// names that they have now; a single one in any case.
pub(super) fn there(show: &Show<'_>, one: &One<'_>, asked: &[String]) -> Vec<String> {
    let is_there = |path: &str| {
        let system = one.machine.target.system();
        let info = system.and_then(|system| show.catalog.option(system, path));
        info.is_some_and(OptionInfo::is_current) || !one.view.option_definitions(path).is_empty()
    };
    let mut found: Vec<String> = asked
        .iter()
        .filter(|path| asked.len() == 1 || is_there(path))
        .map(|path| current(show, one, path))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// One option.
pub(super) fn row<'o>(show: &Show<'o>, one: &One<'o>, path: &str) -> OptionRow<'o> {
    let name = if one.view.option_definitions(path).is_empty() {
        former(show, one, path).unwrap_or(path)
    } else {
        path
    };
    let definitions = one.view.option_definitions(name);
    let strongest = definitions
        .iter()
        .map(|definition| definition.priority)
        .min();
    let (winners, losers): (Vec<_>, Vec<_>) = definitions
        .into_iter()
        .partition(|definition| Some(definition.priority) == strongest);
    let found = one.view.option(name);
    let (value, confidence) = match &found {
        Setting::Unset { .. } => (None, Confidence::Likely),
        Setting::Known(effective) => (
            Some(words::nix(&effective.value.value)),
            if effective.unconditional {
                Confidence::Certain
            } else {
                Confidence::Likely
            },
        ),
        Setting::OneOf(several) => {
            let all: Vec<String> = several
                .iter()
                .map(|one| words::nix(&one.value.value))
                .collect();
            (
                Some(format!("<one of: {}>", all.join(" | "))),
                Confidence::Possible,
            )
        }
        Setting::Unknown { why, .. } => (Some(format!("<unknown: {why}>")), Confidence::Possible),
    };
    let default = value.is_none().then(|| default(show, one, path)).flatten();
    let is_default = default.is_some();
    let is_set = value.is_some();
    OptionRow {
        path: path.to_owned(),
        value: value.or(default).unwrap_or_else(|| "not set".to_owned()),
        winners,
        losers,
        is_default,
        confidence: (is_set || is_default).then_some(if found.is_certainly_unset() {
            Confidence::Certain
        } else {
            confidence
        }),
    }
}

/// The option's own default.
fn default(show: &Show<'_>, one: &One<'_>, path: &str) -> Option<String> {
    let system = one.machine.target.system()?;
    match show.catalog.option(system, path)?.default.as_ref()? {
        OptionDefault::Json(json) => Some(words::nix(&Value::from_json(json))),
        OptionDefault::Computed(text) => Some(format!("<{text}>")),
    }
}
