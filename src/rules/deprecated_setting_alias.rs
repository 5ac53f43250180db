//! A setting under an old name.

use super::list_entry::{beside, fits_every_machine, is_line, is_written, name_place};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::{OptionDefault, OptionInfo, SettingInfo, SettingKind, Spelling};
use crate::diagnostic::{Applicability, Change};
use crate::eval::Value;
use crate::facts::ModuleSystem;
use crate::model::{Definition, MachineView, OptionPath, Priority};

declare_rule! {
    /// A setting is written under a deprecated alias.
    ///
    /// ## Why it matters
    ///
    /// An alias and its name are one setting to Nix, and of two lines the later one counts. NixOS
    /// and nix-darwin always write some settings, in alphabetical order: `build-cores = 4` is
    /// followed by their own `cores = 0`, which wins without a word. Options that look at
    /// `nix.settings.cores` do not see the alias either.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     gc-keep-outputs = true;
    ///     build-timeout = 3600;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     keep-outputs = true;
    ///     timeout = 3600;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// In a file that is also read by Nix 1.x. Where the module's own line has silenced the alias
    /// so far, the new name brings the value into force; that fix is never applied without
    /// `--unsafe`. Names that are an alias in one implementation and the name itself in another
    /// (`connect-timeout`, `download-attempts`) are not reported.
    ///
    /// ## Source
    ///
    /// The alias lists of Nix 2.3 to 2.35, Lix 2.90 to 2.95 and Determinate Nix 3.0 to 3.22
    /// (`Setting` declarations; "deprecated alias" in the manual), compared with what Nix 2.8 and
    /// 2.34 accept; the order of lines in nix-darwin `modules/nix/default.nix` and NixOS
    /// `nixos/modules/config/nix.nix`.
    pub DEPRECATED_SETTING_ALIAS {
        id: "deprecated-setting-alias",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["cores", "max-jobs", "keep-outputs", "timeout", "substituters"],
        category: Deprecated,
        severity: Warning,
        fixes: Sometimes(Safe, Unsafe, Manual),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for definition in cx.all_definitions() {
        let Some(key) = definition.setting.as_deref() else {
            continue;
        };
        // Legacy options such as `nix.binaryCaches` have a rule of their own.
        if !is_line(definition) && definition.option.leaf() != key {
            continue;
        }
        // No file will hold it, under either name.
        if cx.nix_disabled_by().is_some() && MachineView::is_module_setting(definition) {
            continue;
        }
        let Some((setting, name)) = canonical(cx, key) else {
            continue;
        };
        let Some(place) = name_place(definition) else {
            continue;
        };
        let target = beside(definition, &name);
        let gone = is_gone(setting, key);
        let writers = silencing(cx, definition, key, &target);
        let takes_effect = gone || !writers.is_empty();
        let (applicability, changes) = mending(cx, definition, setting, &target, takes_effect);
        out.report(place, format!("`{key}` is a deprecated alias of `{name}`"))
            .why(if gone {
                "nix has not known the alias since 2.4: it warns, and the value has no effect"
                    .to_owned()
            } else if !writers.is_empty() {
                let writers = writers.iter().map(ToString::to_string).collect::<Vec<_>>();
                format!(
                    "{} puts a line for `{name}` of its own after this one, and the later line \
                     wins: the value has no effect there",
                    writers.join(" or ")
                )
            } else {
                "both names are one setting and the later line wins, so that a second \
                 definition under the other name overrides this one without a word"
                    .to_owned()
            })
            .help(format!("write `{name}`"))
            .confidence(cx.confidence(definition))
            .fix(applicability, format!("rename it to `{name}`"), changes);
    }
}

/// The setting that an alias stands for, and its key; `None` for every other key.
fn canonical<'a>(cx: &RuleCx<'a>, key: &str) -> Option<(&'a SettingInfo, String)> {
    let resolved = cx.catalog().resolve(key)?;
    match resolved.spelling {
        Spelling::Alias => {
            let name = resolved.setting.name;
            // A setting that is gone has no better name.
            cx.catalog()
                .resolve(name)
                .is_some_and(|current| current.setting.is_current())
                .then(|| (resolved.setting, name.to_owned()))
        }
        Spelling::Append => {
            let bare = key.strip_prefix("extra-")?;
            let setting = resolved.setting;
            setting.alias(bare)?;
            Some((setting, setting.append_key()?.to_owned()))
        }
        Spelling::Canonical => None,
    }
}

/// True when no current release knows the alias any more.
fn is_gone(setting: &SettingInfo, key: &str) -> bool {
    let bare = key.strip_prefix("extra-").unwrap_or(key);
    setting
        .alias(key)
        .or_else(|| setting.alias(bare))
        .is_some_and(|alias| !alias.ranges.iter().any(|(_, range)| range.is_current()))
}

/// The module systems, among those that may read the file, that write the canonical name
/// themselves, after the alias.
fn silencing(
    cx: &RuleCx<'_>,
    definition: &Definition,
    key: &str,
    target: &OptionPath,
) -> Vec<ModuleSystem> {
    if is_line(definition) || key.starts_with("extra-") || key >= target.leaf() {
        return Vec::new();
    }
    possible_systems(cx)
        .into_iter()
        .filter(|system| {
            module_option(cx, *system, target).is_some_and(|option| {
                let written = !matches!(
                    &option.default,
                    None | Some(OptionDefault::Json(serde_json::Value::Null))
                );
                option.is_current() && written
            })
        })
        .collect()
}

/// The module system, or those that it may be.
fn possible_systems(cx: &RuleCx<'_>) -> Vec<ModuleSystem> {
    match cx.target().system() {
        Some(system) => vec![system],
        None => vec![
            ModuleSystem::NixDarwin,
            ModuleSystem::Nixos,
            ModuleSystem::HomeManager,
        ],
    }
}

fn module_option<'a>(
    cx: &RuleCx<'a>,
    system: ModuleSystem,
    path: &OptionPath,
) -> Option<&'a OptionInfo> {
    let dotted = path
        .names()
        .iter()
        .map(AsRef::as_ref)
        .collect::<Vec<&str>>()
        .join(".");
    cx.catalog().option(system, &dotted)
}

fn mending(
    cx: &RuleCx<'_>,
    definition: &Definition,
    setting: &SettingInfo,
    target: &OptionPath,
    takes_effect: bool,
) -> (Applicability, Vec<Change>) {
    if !is_written(definition) {
        return (Applicability::Manual, Vec::new());
    }
    let change = vec![Change::Rename {
        definition: definition.id,
        to: target.clone(),
    }];
    // With both names set the later line wins; which one was meant is for the author.
    let both = cx
        .definitions(setting.name)
        .iter()
        .any(|other| other.id != definition.id);
    let refused = !is_line(definition)
        && possible_systems(cx)
            .into_iter()
            .any(|system| module_option(cx, system, target).is_some())
        && !has_declared_type(setting.kind(), &definition.value.value);
    let applicability = if both || refused {
        Applicability::Manual
    } else if takes_effect
        // Another module may define the alias with an eye to this priority.
        || definition.priority != Priority::NORMAL
        // Who has accepted the old name of a flake is asked again about the new one.
        || cx.target().system() == Some(ModuleSystem::FlakeConfig)
        || !fits_every_machine(cx, definition, |machine| {
            machine.target.system() == cx.target().system()
        })
    {
        Applicability::Unsafe
    } else {
        Applicability::Safe
    };
    (applicability, change)
}

/// True when an option that the module declares for the setting takes this form of a value; an
/// alias takes any.
pub(super) fn has_declared_type(kind: &SettingKind, value: &Value) -> bool {
    match (kind, value) {
        (SettingKind::Bool, Value::Bool(_))
        | (SettingKind::UInt | SettingKind::Int | SettingKind::MaxJobs, Value::Int(_))
        | (SettingKind::StringList | SettingKind::StringSet, Value::List(_))
        | (SettingKind::Enum(_), Value::Bool(_)) => true,
        (SettingKind::MaxJobs, Value::Str(text)) => &**text == "auto",
        (SettingKind::Enum(words), Value::Str(text)) => {
            words.contains(&&**text) && !matches!(&**text, "true" | "false")
        }
        _ => false,
    }
}
