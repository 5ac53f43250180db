//! What the module says by itself.

use super::list_entry::{entries, fits_every_machine, is_line, is_written};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::OptionDefault;
use crate::diagnostic::{Applicability, Change, Severity};
use crate::eval::Value;
use crate::facts::ModuleSystem;
use crate::model::{Condition, Definition, Form, Priority};

declare_rule! {
    /// A definition says what the module says by itself.
    ///
    /// ## Why it matters
    ///
    /// NixOS and nix-darwin give most options under `nix` a value, add `root` to `trusted-users` and
    /// the key of cache.nixos.org to `trusted-public-keys`. A line that repeats it tells a reader of
    /// a decision where there is none, and stays behind when the module's own value changes. A
    /// switch that is written out (`sandbox = true`) is a decision, and is not reported.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   boot.loader.grub.enable = true;
    ///   nix.settings = {
    ///     max-jobs = "auto";
    ///     trusted-users = [
    ///       "root"
    ///       "@wheel"
    ///     ];
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   boot.loader.grub.enable = true;
    ///   nix.settings = {
    ///     trusted-users = [ "@wheel" ];
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the line is there to be seen, or to stay when the module changes its mind. The fix is
    /// safe where every file of the configuration was read; otherwise the line may overrule a
    /// `mkDefault` somewhere else. `root` in `trusted-users` is needed with NixOS before 24.11 and
    /// nix-darwin before January 2025. cache.nixos.org in `substituters` is the matter of
    /// `default-substituter-redundant`.
    ///
    /// ## Source
    ///
    /// nix-darwin `modules/nix/default.nix` (June 2026), NixOS `nixos/modules/config/nix.nix` (August
    /// 2026) and the options beside them, in nixtune's catalog.
    pub REDUNDANT_MODULE_DEFAULT {
        id: "redundant-module-default",
        since: "0.1.0",
        applies: "NixOS, nix-darwin",
        settings: &["trusted-users", "trusted-public-keys", "max-jobs", "cores"],
        category: Style,
        severity: Info,
        stage: OptIn,
        fixes: Sometimes(Safe, Unsafe),
    }
}

/// Lists that the module adds to.
const JOINED: [&str; 2] = ["trusted-public-keys", "trusted-users"];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(system @ (ModuleSystem::NixDarwin | ModuleSystem::Nixos)) = cx.target().system()
    else {
        return;
    };
    if cx.nix_disabled_by().is_some() {
        return;
    }
    for definition in cx.all_definitions() {
        if says_the_default(cx, system, definition) {
            option(cx, definition, out);
        }
    }
    for name in JOINED {
        joined(cx, system, name, out);
    }
}

/// True for the only definition of an option, when it gives it its own default.
fn says_the_default(cx: &RuleCx<'_>, system: ModuleSystem, definition: &Definition) -> bool {
    let plain = definition.priority == Priority::NORMAL
        && definition.condition == Condition::Always
        && definition.form == Form::Binding;
    if !plain || is_line(definition) {
        return false;
    }
    let option = cx
        .catalog()
        .option(system, &definition.option.to_string())
        .filter(|option| option.is_current() && !option.determinate);
    let Some(OptionDefault::Json(default)) = option.and_then(|option| option.default.as_ref())
    else {
        return false;
    };
    let value = &definition.value.value;
    let same = value.is_scalar() && *value == Value::from_json(default);
    let is_switch = matches!(value, Value::Bool(_) | Value::Null);
    // Something may look whether anything is defined at all.
    let path = definition.option.to_string();
    let only = cx.option_definitions(&path).len() == 1;
    same && only && !is_switch && !cx.option_may_be_set_elsewhere(&path)
}

fn option(cx: &RuleCx<'_>, definition: &Definition, out: &mut Sink<'_>) {
    let (Some(place), Some(severity)) = (definition.place(), cx.eased(Severity::Info, definition))
    else {
        return;
    };
    let only_here = fits_every_machine(cx, definition, |machine| {
        machine.target.system() == cx.target().system() && machine.complete
    });
    out.report(
        place,
        format!("`{}` has this value by itself", definition.option),
    )
    .severity(severity)
    .why("the module gives it where nobody says anything")
    .help("take it out")
    .fix(
        if only_here {
            Applicability::Safe
        } else {
            Applicability::Unsafe
        },
        "take it out",
        if is_written(definition) {
            vec![Change::Remove {
                definition: definition.id,
            }]
        } else {
            Vec::new()
        },
    );
}

/// Words of a list that the module adds, too.
fn joined(cx: &RuleCx<'_>, system: ModuleSystem, name: &str, out: &mut Sink<'_>) {
    let own: Vec<&str> = cx
        .catalog()
        .module_defaults(system)
        .filter(|default| {
            !default.determinate && default.key == name && default.priority == Priority::NORMAL.0
        })
        .filter_map(|default| match &default.value {
            OptionDefault::Json(json) => json.as_array(),
            OptionDefault::Computed(_) => None,
        })
        .flatten()
        .filter_map(|word| word.as_str())
        .collect();
    let items = cx.items(name);
    // `mkForce` and lines of text replace what the module gives.
    let stands_alone = items
        .definitions
        .iter()
        .any(|definition| definition.priority < Priority::NORMAL || is_line(definition));
    if stands_alone {
        return;
    }
    for entry in entries(&items) {
        let under_nix = entry.definition.option.parent().is("nix.settings");
        let plain = entry.definition.setting.as_deref() == Some(name);
        if !own.contains(&&*entry.text) || !under_nix || !plain || !entry.unconditional {
            continue;
        }
        let Some(severity) = cx.eased(Severity::Info, entry.definition) else {
            continue;
        };
        let since = match name {
            "trusted-users" => " (NixOS from 24.11, nix-darwin from January 2025)",
            _ => "",
        };
        out.report(
            entry.place,
            format!(
                "`{name}` lists {}, which {system} adds itself{since}",
                shortened(&entry.text)
            ),
        )
        .severity(severity)
        .why("the module puts it into the list, whatever else is in there")
        .help("drop it from the list")
        .fix(
            Applicability::Unsafe,
            format!("drop {}", shortened(&entry.text)),
            entry.remove().into_iter().collect(),
        );
    }
}

/// A key by its name.
fn shortened(text: &str) -> &str {
    text.split(':').next().unwrap_or(text)
}
