//! The catalog against every Nix on this machine: names, aliases, types, defaults and gates.

use std::collections::BTreeSet;

use nixtune::catalog::{Catalog, GateWhen, SettingDefault, SettingInfo, SettingKind, Spelling};
use serde_json::Value as Json;

use super::{Oracle, oracles};

/// Defaults that the catalog gives as a plain value and that a real Nix still works out for the
/// machine it runs on: computed defaults need no entry, the catalog says so itself.
const MACHINE_DEFAULTS: &[(&str, &str)] = &[
    // A sandbox shell of the distribution is mapped in.
    ("sandbox-paths", "the build's own sandbox shell is added"),
];

/// Names that a build may lack although its release has them.
const BUILD_DEPENDENT: &[(&str, &str)] = &[
    ("ignored-acls", "needs extended attributes"),
    ("filter-syscalls", "needs seccomp"),
    ("allow-new-privileges", "needs seccomp"),
];

#[test]
fn every_setting_that_a_real_nix_lists_is_in_the_catalog() {
    let catalog = Catalog::embedded();
    for oracle in oracles() {
        let listed = oracle.read_conf("").unwrap().settings;
        let listed = listed.as_object().unwrap();
        assert!(listed.len() > 80, "{} settings", listed.len());
        let mut wrong = Vec::new();
        for (name, real) in listed {
            match catalog.setting(name) {
                Some(setting) => compare(oracle, setting, real, &mut wrong),
                None if is_newer_than(&catalog, oracle) => {}
                None => wrong.push(format!("{name}: not in the catalog")),
            }
        }
        let target = oracle.target();
        for setting in catalog.settings() {
            let known = setting.is_known_to(&target) == Some(true);
            let excused = BUILD_DEPENDENT
                .iter()
                .any(|(name, _)| *name == setting.name);
            if known && !excused && !listed.contains_key(setting.name) {
                wrong.push(format!("{}: this Nix does not list it", setting.name));
            }
        }
        assert!(
            wrong.is_empty(),
            "{} {}:\n{}",
            oracle.implementation,
            oracle.version,
            wrong.join("\n")
        );
    }
}

/// True for a release from after the data was gathered: new names are no mistake then.
fn is_newer_than(catalog: &Catalog, oracle: &Oracle) -> bool {
    catalog
        .newest(oracle.implementation)
        .is_some_and(|newest| oracle.version > newest)
}

fn compare(oracle: &Oracle, setting: &SettingInfo, real: &Json, wrong: &mut Vec<String>) {
    let target = oracle.target();
    let name = setting.name;
    if setting.is_known_to(&target) != Some(true) {
        wrong.push(format!("{name}: the catalog says that this Nix lacks it"));
        return;
    }
    let aliases: BTreeSet<&str> = setting
        .aliases
        .iter()
        .filter(|alias| alias.is_known_to(&target) == Some(true))
        .map(|alias| alias.name)
        .collect();
    let real_aliases: BTreeSet<&str> = real["aliases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|alias| alias.as_str().unwrap())
        .collect();
    if aliases != real_aliases {
        wrong.push(format!(
            "{name}: aliases {aliases:?}, really {real_aliases:?}"
        ));
    }
    if let Some(real_gate) = real.get("experimentalFeature") {
        let gate = setting
            .gate(&target)
            .unwrap()
            .filter(|gate| gate.when == GateWhen::OnSet)
            .map(|gate| gate.feature);
        if gate != real_gate.as_str() {
            wrong.push(format!("{name}: gate {gate:?}, really {real_gate}"));
        }
    }
    let real_default = &real["defaultValue"];
    let Some(kind) = setting.kind_for(&target) else {
        wrong.push(format!("{name}: no kind for this release"));
        return;
    };
    if !fits(kind, real_default) {
        wrong.push(format!("{name}: kind {kind:?}, really {real_default}"));
    }
    if MACHINE_DEFAULTS.iter().any(|(other, _)| *other == name) {
        return;
    }
    match setting.default_for(&target) {
        Some(text) if *kind == SettingKind::Json => {
            if serde_json::from_str::<Json>(text).ok().as_ref() != Some(real_default) {
                wrong.push(format!("{name}: default {text:?}, really {real_default}"));
            }
        }
        Some(text) => match rendered(real_default) {
            Some(real) if real == text => {}
            real => wrong.push(format!("{name}: default {text:?}, really {real:?}")),
        },
        None => {
            let computed = setting
                .defaults()
                .at(oracle.implementation, oracle.version)
                .is_some_and(|default| matches!(default, SettingDefault::Computed(_)));
            if !computed {
                wrong.push(format!("{name}: no default for this release"));
            }
        }
    }
}

/// Whether a JSON value is what a setting of this kind shows.
fn fits(kind: &SettingKind, value: &Json) -> bool {
    match kind {
        SettingKind::Bool => value.is_boolean(),
        SettingKind::UInt | SettingKind::Size => value.is_u64(),
        SettingKind::Int => value.is_i64(),
        SettingKind::MaxJobs => value.is_u64(),
        SettingKind::Str | SettingKind::Path => value.is_string(),
        SettingKind::OptionalPath => value.is_string() || value.is_null(),
        SettingKind::Enum(values) => {
            // `sandbox` shows its two plain words as booleans.
            let text = rendered(value);
            text.is_some_and(|text| values.iter().any(|word| *word == text))
        }
        // `sandbox-paths` shows its `TARGET=SOURCE` words as an object since 2.34.
        SettingKind::StringList | SettingKind::StringSet => value.is_array() || value.is_object(),
        SettingKind::StringMap => value.is_object(),
        SettingKind::Json => value.is_array() || value.is_object() || value.is_string(),
    }
}

/// A JSON value as `nix.conf` spells it; sets are compared in the order that Nix prints them.
fn rendered(value: &Json) -> Option<String> {
    Some(match value {
        Json::Null => String::new(),
        Json::Bool(value) => value.to_string(),
        Json::Number(value) => value.to_string(),
        Json::String(value) => value.clone(),
        Json::Array(items) => {
            let words: Option<Vec<String>> = items.iter().map(rendered).collect();
            words?.join(" ")
        }
        Json::Object(map) if map.is_empty() => String::new(),
        Json::Object(_) => return None,
    })
}

/// Every key that any release ever knew, put into one file: Nix warns about exactly those that
/// the catalog calls unknown to it.
#[test]
fn nix_warns_about_exactly_the_names_that_the_catalog_calls_unknown() {
    let catalog = Catalog::embedded();
    for oracle in oracles() {
        let target = oracle.target();
        let mut text = String::new();
        let mut unknown = BTreeSet::new();
        let keys: BTreeSet<String> = catalog
            .settings()
            .iter()
            .flat_map(|setting| {
                let aliases = setting.aliases.iter().map(|alias| alias.name);
                std::iter::once(setting.name).chain(aliases)
            })
            .flat_map(|name| [name.to_owned(), format!("extra-{name}")])
            .collect();
        for key in &keys {
            let known = catalog
                .resolve_for(key, &target)
                .is_some_and(|resolved| resolved.is_known_to(key, &target) == Some(true));
            let excused = BUILD_DEPENDENT.iter().any(|(name, _)| name == key);
            if known || excused {
                continue;
            }
            text.push_str(&format!("{key} = 1\n"));
            unknown.insert(key.clone());
        }
        let read = oracle.read_conf(&text).unwrap();
        let warned: BTreeSet<String> = read
            .warnings
            .iter()
            .filter_map(|line| line.strip_prefix("warning: unknown setting '"))
            .map(|rest| rest.trim_end_matches('\'').to_owned())
            .collect();
        assert_eq!(
            unknown, warned,
            "{} {}",
            oracle.implementation, oracle.version
        );
    }
}

/// The plain value, `extra-` form and size suffix of every number and list: accepted where the
/// catalog says so, refused where it says not.
#[test]
fn nix_accepts_suffixes_and_append_forms_where_the_catalog_says_so() {
    let catalog = Catalog::embedded();
    for oracle in oracles() {
        let target = oracle.target();
        let mut accepted = String::new();
        let mut refused = Vec::new();
        for setting in catalog.settings() {
            if setting.is_known_to(&target) != Some(true) {
                continue;
            }
            if setting.is_number() {
                match setting.accepts_suffix(&target).unwrap() {
                    true => accepted.push_str(&format!("{} = 1K\n", setting.name)),
                    false => refused.push(format!("{} = 1K\n", setting.name)),
                }
            }
            if let Some(key) = setting.append_key()
                && setting.appends_in(&target) == Some(true)
                // These two act on their value at once.
                && !["experimental-features", "plugin-files"].contains(&setting.name)
                && *setting.kind() != SettingKind::StringMap
            {
                assert_eq!(catalog.resolve(key).unwrap().spelling, Spelling::Append);
                accepted.push_str(&format!("{key} = https://example.org\n"));
            }
        }
        let read = oracle.read_conf(&accepted).unwrap_or_else(|error| {
            panic!("{} {}: {error}", oracle.implementation, oracle.version)
        });
        let unknown: Vec<_> = read
            .warnings
            .iter()
            .filter(|line| line.contains("unknown setting"))
            .collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        assert!(!refused.is_empty());
        // One refusal ends the run, so each needs a process: three tell enough.
        let names = ["max-jobs = ", "min-free = ", "connect-timeout = "];
        for line in refused
            .iter()
            .filter(|line| names.iter().any(|name| line.starts_with(name)))
        {
            assert!(oracle.read_conf(line).is_err(), "{line}");
        }
    }
}
