//! A value that the setting, or the module's option for it, does not take.

use super::bool_spelling::meant;
use super::given::{Given, given, is_checked};
use super::list_entry::is_line;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::{OptionInfo, SettingKind};
use crate::diagnostic::{Applicability, Change, NewValue};
use crate::eval::Value;
use crate::facts::ModuleSystem;
use crate::model::Form;

declare_rule! {
    /// A value is of a kind that the setting does not take.
    ///
    /// ## Why it matters
    ///
    /// Nix knows what each setting holds: a boolean, a number, one of a few words. A value of
    /// another kind is fatal for every `nix` command. NixOS and nix-darwin declare some settings
    /// with a type of their own, which is stricter than Nix: there `cores = "4"` and a string of
    /// `substituters` already fail to evaluate.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.sandbox = "strict";
    ///   nix.settings.keep-outputs = "sometimes";
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.sandbox = "relaxed";
    ///   nix.settings.keep-outputs = true;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never where the value is known. Booleans in other spellings, `auto`, and sizes with units
    /// have rules of their own. The fix, where there is one, writes the same value in the form that
    /// the option takes, and is safe.
    ///
    /// ## Source
    ///
    /// The declaration of every setting in Nix 2.3 to 2.35, Lix and Determinate Nix; tried with Nix
    /// 2.8 and 2.34. nix-darwin `modules/nix/default.nix`, NixOS `nixos/modules/config/nix.nix`.
    pub SETTING_TYPE_MISMATCH {
        id: "setting-type-mismatch",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["sandbox", "cores", "max-jobs", "substituters", "trusted-users"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Safe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for one in given(cx) {
        if let Some(declared) = declared(cx, &one)
            && let Some(mismatch) = of_option(declared, &one)
        {
            let name = one.setting.name;
            let changes = match mismatch.better {
                Some(value) if one.is_whole() && one.definition.form != Form::Computed => {
                    vec![Change::Set {
                        definition: one.definition.id,
                        value,
                    }]
                }
                _ => Vec::new(),
            };
            let system = cx.target().system();
            let module = system.map_or("the module".to_owned(), |system| system.to_string());
            out.report(
                one.place,
                format!("`{name}` is {}, and {module} takes {}", mismatch.is, mismatch.takes),
            )
            .confidence(one.confidence)
            .applies(module)
            .why("the module declares the option with a type of its own: the configuration does not evaluate")
            .help(format!("write {}", mismatch.takes))
            .fix(Applicability::Safe, "write it in the form that the option takes", changes);
            continue;
        }
        let gated = one.setting.gates().is_some();
        if gated {
            // Behind a feature that is off the value is not even read.
            continue;
        }
        let is_literal_of_flakes = !matches!(
            one.value.value,
            Value::Null | Value::Float(_) | Value::Attrs(_)
        );
        if cx.target().system() == Some(ModuleSystem::FlakeConfig) && !is_literal_of_flakes {
            continue; // flake-nixconfig-not-literal speaks
        }
        if let Some(takes) = of_setting(cx, &one) {
            let name = one.setting.name;
            out.report(
                one.place,
                format!("`{name}` is {}, and takes {takes}", shown(&one)),
            )
            .confidence(one.confidence)
            .why(if is_checked(cx, one.definition) {
                "nix cannot read the value; the module checks the file that it writes and fails the \
                 build"
            } else {
                "nix cannot read the value: every nix command fails"
            })
            .help(format!("write {takes}, or take it out to get the default"));
        }
    }
}

/// The value in words. Settings that may hold secrets are lists and maps, which are not shown.
fn shown(one: &Given<'_>) -> String {
    if one.text.is_empty() {
        "empty".to_owned()
    } else {
        format!("`{}`", one.text)
    }
}

/// The option of the module system that the definition is of, when the module declares it.
fn declared<'a>(cx: &RuleCx<'a>, one: &Given<'_>) -> Option<&'a OptionInfo> {
    let system = cx.target().system()?;
    if is_line(one.definition)
        || !matches!(system, ModuleSystem::NixDarwin | ModuleSystem::Nixos)
        || !one.definition.option.parent().is("nix.settings")
    {
        return None;
    }
    let path = one.definition.option.to_string();
    let option = cx.catalog().option(system, &path)?;
    option.is_current().then_some(option)
}

/// That an option does not take a value.
struct Mismatch {
    is: String,
    takes: &'static str,
    better: Option<NewValue>,
}

fn of_option(option: &OptionInfo, one: &Given<'_>) -> Option<Mismatch> {
    let text = one.text.as_str();
    let value = &one.value.value;
    let is = match value {
        Value::Null => "null".to_owned(),
        Value::Str(_) => "a string".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Int(_) | Value::Float(_) => "a number".to_owned(),
        Value::List(_) => "a list".to_owned(),
        Value::Path(_) => "a path".to_owned(),
        _ => return None,
    };
    let number = || text.parse::<i64>().ok().map(NewValue::Int);
    let (takes, better) = match (option.kind?, value) {
        ("bool", Value::Bool(_)) | ("int", Value::Int(_)) => return None,
        ("bool", Value::Str(_)) => {
            // Other spellings are told by the rule on them.
            if meant(text).is_some() {
                return None;
            }
            let read = match text {
                "true" | "yes" | "1" => Some(true),
                "false" | "no" | "0" => Some(false),
                _ => None,
            };
            ("a boolean without quotes", read.map(NewValue::Bool))
        }
        ("bool", _) => ("a boolean", None),
        ("int", Value::Str(_)) => {
            if text.eq_ignore_ascii_case("auto") || is_size(text) {
                return None;
            }
            ("a number without quotes", number())
        }
        ("int", _) => ("a number", None),
        ("int or 'auto'", Value::Int(_)) => return None,
        ("int or 'auto'", Value::Str(_)) => {
            if text.eq_ignore_ascii_case("auto") || is_size(text) {
                return None;
            }
            ("a number without quotes, or \"auto\"", number())
        }
        ("int or 'auto'", _) => ("a number, or \"auto\"", None),
        ("bool or 'relaxed'", Value::Bool(_)) => return None,
        ("bool or 'relaxed'", Value::Str(_)) if text == "relaxed" => return None,
        ("bool or 'relaxed'", _) => (
            "true, false or \"relaxed\"",
            match text {
                "true" => Some(NewValue::Bool(true)),
                "false" => Some(NewValue::Bool(false)),
                _ => None,
            },
        ),
        ("list of str", Value::List(_)) => return None,
        ("list of str", Value::Str(_)) => {
            let words = text.split(' ').filter(|word| !word.is_empty());
            let words = words.map(|word| NewValue::Str(word.to_owned())).collect();
            ("a list of strings", Some(NewValue::List(words)))
        }
        ("list of str", _) => ("a list of strings", None),
        _ => return None,
    };
    Some(Mismatch { is, takes, better })
}

/// What a setting takes, when the value that Nix would read is not of this kind.
fn of_setting(cx: &RuleCx<'_>, one: &Given<'_>) -> Option<String> {
    let kind = one.setting.kind_for(cx.target())?;
    let text = one.text.as_str();
    // Determinate's module leaves out what is null.
    let left_out = one.value.value == Value::Null
        && (one.definition.option.names().first()).is_some_and(|name| &**name != "nix");
    if left_out || text.contains('#') || text.ends_with(';') {
        return None;
    }
    let fits = match kind {
        SettingKind::Bool => {
            meant(text).is_some() || matches!(text, "true" | "yes" | "1" | "false" | "no" | "0")
        }
        SettingKind::Enum(words) => words.contains(&text),
        SettingKind::MaxJobs => {
            text.eq_ignore_ascii_case("auto") || is_number(text, false) || is_size(text)
        }
        SettingKind::UInt | SettingKind::Size => {
            text.eq_ignore_ascii_case("auto")
                || is_number(text, one.setting.signed)
                || is_size(text)
        }
        SettingKind::Int => {
            text.eq_ignore_ascii_case("auto") || is_number(text, true) || is_size(text)
        }
        _ => true,
    };
    if fits {
        return None;
    }
    Some(match kind {
        SettingKind::Bool => "true or false".to_owned(),
        kind => kind.to_string(),
    })
}

fn is_number(text: &str, signed: bool) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let digits = match digits.strip_prefix('-') {
        Some(rest) if signed => rest,
        Some(_) => return false,
        None => digits,
    };
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// True for a number with a unit, right or wrong: rules of their own speak of these.
fn is_size(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_digit());
    let ends = text.ends_with(|c: char| c.is_ascii_alphabetic());
    begins && (ends || text.contains(['_', ',']))
}
