//! A setting that is what it would be anyway.

use super::given::{given, is_written_out, same_nix_everywhere, with_nix};
use super::list_entry::{fits_every_machine, is_line, is_written};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::OptionDefault;
use crate::diagnostic::{Applicability, Change, Severity};
use crate::facts::{Fact, ModuleSystem};
use crate::model::{Condition, Definition, Priority};

declare_rule! {
    /// A setting is set to its default.
    ///
    /// ## Why it matters
    ///
    /// A line that changes nothing hides those that do, and keeps an old default when a new release
    /// has a better one.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.http-connections = 25;
    ///   nix.settings.max-jobs = 4;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.max-jobs = 4;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the line shall say that the value is meant, or guard against another default to come.
    /// Where releases differ and the one in use is not known, nothing is reported, nor where a
    /// comment stands beside. `max-jobs`, `cores`, `sandbox` and `auto-optimise-store` are not
    /// reported: they are written out on purpose. The fix is safe when every file of the machine was read.
    ///
    /// ## Source
    ///
    /// The default of every setting in each release of Nix, Lix and Determinate Nix, and those of
    /// the options of NixOS, nix-darwin and home-manager.
    pub REDUNDANT_DEFAULT {
        id: "redundant-default",
        since: "0.1.0",
        applies: "the releases whose default it is",
        settings: &[],
        category: Style,
        severity: Info,
        stage: OptIn,
        fixes: Sometimes(Safe, Unsafe),
    }
}

/// What is often written out on purpose: how much a machine does at once, and what guards it.
const ON_PURPOSE: [&str; 4] = ["max-jobs", "cores", "sandbox", "auto-optimise-store"];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for one in given(cx) {
        let definition = one.definition;
        let name = one.setting.name;
        let is_alone = cx.definitions(name).len() == 1;
        if one.setting.is_list()
            || ON_PURPOSE.contains(&name)
            || !is_alone
            || !one.is_whole()
            || definition.condition != Condition::Always
            || definition.priority != Priority::NORMAL
            || cx.comment_near(definition.place()).is_some()
            || !is_written_out(cx, &one)
        {
            continue;
        }
        let Some(default) = default(cx, definition, name) else {
            continue;
        };
        if default.value != one.text {
            continue;
        }
        // Another machine may have another default.
        let target = cx.target();
        let alike = same_nix_everywhere(cx, definition)
            && fits_every_machine(cx, definition, |machine| {
                machine.target.system() == target.system() && machine.target.os() == target.os()
            });
        if !alike {
            continue;
        }
        let fits = fits_every_machine(cx, definition, |machine| machine.complete);
        let changes = if is_written(definition) && definition.stands_alone() {
            vec![Change::Remove {
                definition: definition.id,
            }]
        } else {
            Vec::new()
        };
        let report = out
            .report(
                one.place,
                format!("`{name}` is set to `{}`, its default", one.text),
            )
            .severity(Severity::Info)
            .confidence(one.confidence)
            .why("the line changes nothing, and keeps the value when the default changes")
            .help("take the line out, or say in a comment why it is there")
            .fact("default", &default, &default.value);
        let report = with_nix(cx, report);
        report.fix(
            if fits {
                Applicability::Safe
            } else {
                Applicability::Unsafe
            },
            format!("take `{name}` out"),
            changes,
        );
    }
}

/// What the setting would be without the definition: what the module gives it, else what Nix does.
fn default(cx: &RuleCx<'_>, definition: &Definition, name: &str) -> Option<Fact<String>> {
    let setting = cx.catalog().setting(name)?;
    let system = cx.target().system();
    let modules: Vec<ModuleSystem> = match system {
        Some(system) => vec![system],
        None if is_line(definition) => Vec::new(),
        None => vec![
            ModuleSystem::NixDarwin,
            ModuleSystem::Nixos,
            ModuleSystem::HomeManager,
        ],
    };
    let of_nix = || {
        let text = setting.default_for(cx.target())?;
        Some(Fact::declared(
            text.to_owned(),
            format!("Nix, as of {}", cx.catalog().as_of()),
        ))
    };
    let mut found: Option<Fact<String>> = None;
    for system in modules {
        let own = cx
            .catalog()
            .module_defaults(system)
            .find(|default| default.key == name && default.when.is_empty() && !default.determinate);
        let unsure = cx
            .catalog()
            .module_defaults(system)
            .any(|default| default.key == name && !default.when.is_empty());
        if unsure {
            return None;
        }
        let one = match own.map(|own| (&own.value, own.source)) {
            Some((OptionDefault::Json(json), source)) => {
                Fact::declared(in_words(json)?, source.to_owned())
            }
            Some((OptionDefault::Computed(_), _)) => return None,
            None => of_nix()?,
        };
        if found.as_ref().is_some_and(|found| found.value != one.value) {
            return None;
        }
        found = Some(one);
    }
    found.or_else(of_nix)
}

fn in_words(json: &serde_json::Value) -> Option<String> {
    match json {
        serde_json::Value::Bool(value) => Some(value.to_string()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::String(text) => Some(text.clone()),
        _ => None,
    }
}
