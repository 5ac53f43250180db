//! `nix.conf` files: what Nix reads in them before and after.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;

use super::compare::shown;
use super::declared::setting_name;
use super::nix::{self, NoAnswer};
use crate::catalog::Catalog;
use crate::model::{MachineView, Setting, parse_amount};
use crate::system::System;

/// The values of all settings, by name.
pub(in crate::engine) type Settings = BTreeMap<String, Json>;

/// What Nix makes of one file; `apart` is a folder without `nix.conf`.
pub(super) fn read(system: &dyn System, file: &Path, apart: &Path) -> Result<Settings, NoAnswer> {
    let nothing = apart.join("none");
    let is_named = file.file_name().is_some_and(|name| name == "nix.conf");
    let (folder, user) = match file.parent().filter(|_| is_named) {
        Some(folder) => (folder, nothing.as_path()),
        None => (apart, file),
    };
    let (folder, user) = (folder.to_string_lossy(), user.to_string_lossy());
    let environment = [
        ("NIX_CONF_DIR", &*folder),
        ("NIX_USER_CONF_FILES", &*user),
        ("NIX_CONFIG", ""),
    ];
    show(system, &environment)
}

/// The values of all settings as Nix reads them with these variables.
pub(in crate::engine) fn show(
    system: &dyn System,
    environment: &[(&str, &str)],
) -> Result<Settings, NoAnswer> {
    let text = match nix::output(system, &["config", "show", "--json"], environment) {
        // Before Nix 2.20 the command had another name.
        Err(NoAnswer::Refused(text)) if text.contains("not a recognised command") => {
            nix::output(system, &["show-config", "--json"], environment)
        }
        other => other,
    }?;
    let json: BTreeMap<String, Json> = serde_json::from_str(&text)
        .map_err(|error| NoAnswer::Unasked(format!("what Nix answers is no JSON: {error}")))?;
    Ok(json
        .into_iter()
        .filter_map(|(name, setting)| Some((name, setting.get("value")?.clone())))
        .collect())
}

/// What is wrong with what Nix reads now, `declared` being the settings that may change. `view` is
/// the file after the change; `None` when nothing is left in it.
pub(super) fn wrong(
    catalog: &Catalog,
    before: &Settings,
    after: &Settings,
    declared: &BTreeSet<Arc<str>>,
    view: Option<MachineView<'_>>,
) -> Option<String> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        let own = setting_name(catalog, name);
        if old != new && !declared.contains(&own) {
            let word = |value: Option<&Json>| value.map_or_else(|| "nothing".to_owned(), shown);
            return Some(format!(
                "`{name}` changes from {} to {}",
                word(old),
                word(new)
            ));
        }
    }
    let view = view?;
    declared.iter().find_map(|name| {
        let defined = !view.setting_definitions(catalog, name).is_empty();
        let Some(real) = after.get(&**name) else {
            return defined.then(|| format!("this Nix has no setting `{name}`"));
        };
        let ours = disagreement(catalog, view, name, real)?;
        Some(format!(
            "Nix reads {} for `{name}`, not {ours}",
            shown(real)
        ))
    })
}

/// What nixtune knows about a setting and Nix does not read.
fn disagreement(
    catalog: &Catalog,
    view: MachineView<'_>,
    name: &str,
    real: &Json,
) -> Option<String> {
    if let Json::Array(all) = real {
        // Old releases show experimental features as numbers.
        let words: Vec<&str> = all.iter().map(Json::as_str).collect::<Option<_>>()?;
        let items = view.items(catalog, name);
        return items
            .items
            .iter()
            .find(|item| item.unconditional && !words.contains(&&*item.text))
            .map(|item| format!("one with `{}`", item.text));
    }
    let Setting::Known(effective) = view.setting(catalog, name) else {
        return None;
    };
    let text = effective.as_text()?;
    let text = text.trim();
    let is_read = match real {
        // A word such as `auto` stands for a number that Nix works out.
        Json::Number(number) => {
            let ours = parse_amount(text).or_else(|| text.parse().ok());
            ours.is_none() || ours == number.as_u64()
        }
        Json::Bool(value) => effective.as_bool() == Some(*value),
        Json::String(value) => value == text,
        _ => true,
    };
    (!is_read).then(|| format!("`{text}`"))
}
