//! Words that table, details and file share.

use std::borrow::Cow;

use super::{One, Show, escape, redact};
use crate::catalog::Untrusted;
use crate::diagnostic::Confidence;
use crate::engine::Outcome;
use crate::eval::{Value, Via};
use crate::facts::ModuleSystem;
use crate::model::{Definition, LostWhy, Machine, Outcome as Read, Priority, Reach, Source, Text};
use crate::text::Place;

/// A value of `key` with its secrets masked, on one line.
pub(super) fn safe(key: &str, text: &str) -> String {
    // Some secrets are known by their key; masking keeps lengths.
    let line = format!("{key} = {text}");
    let masked = redact::mask(&line);
    let value = masked.get(line.len() - text.len()..).unwrap_or("");
    escape::line(value).into_owned()
}

/// A line of the file; a comment where the value is not known.
pub(super) fn line(key: &str, text: &Text) -> String {
    match text {
        Text::Known(text) if text.is_empty() => format!("{key} ="),
        Text::Known(text) => format!("{key} = {text}"),
        other => format!("# {key} = {other}"),
    }
}

/// `darwin/nix.nix:12`.
pub(super) fn place(outcome: &Outcome, place: Place) -> String {
    let Some(file) = outcome.workspace.file(place.file) else {
        return String::new();
    };
    let line = file.position(place.span.start).line;
    format!("{}:{line}", escape::line(file.name()))
}

/// The place of a definition; its option where it has none.
pub(super) fn definition(outcome: &Outcome, definition: &Definition) -> String {
    match definition.place() {
        Some(at) => place(outcome, at),
        None => definition.option.to_string(),
    }
}

/// What a setting is that no line of the machine's file sets.
pub(super) struct Unset {
    pub text: Text,
    /// True when Nix's default is all that is left.
    pub is_default: bool,
    pub confidence: Confidence,
}

/// What is said about a setting that no line sets. What may be set elsewhere is not known.
pub(super) fn unset(show: &Show<'_>, one: &One<'_>, name: &str) -> Unset {
    let unknown = |why: String| Unset {
        text: Text::Unknown {
            why,
            known: String::new(),
        },
        is_default: false,
        confidence: Confidence::Possible,
    };
    let target = &one.machine.target;
    let setting = show.catalog.setting(name);
    if let Some(other) = one.rendered.left_to {
        return unknown(format!("is left to {other}"));
    }
    let default = setting.and_then(|setting| setting.default_for(target));
    if let Some(open) = one.rendered.open.first() {
        let default = default.map_or_else(
            || "Nix's own default".to_owned(),
            |text| format!("Nix's default, `{text}`"),
        );
        return unknown(format!(
            "may be set in `{}`, which {}; else it is {default}",
            open.option, open.why
        ));
    }
    if setting.is_some_and(|setting| setting.is_known_to(target) == Some(false)) {
        return unknown("is a name that this Nix does not know".to_owned());
    }
    match default {
        Some(text) => Unset {
            text: Text::Known(text.to_owned()),
            is_default: true,
            confidence: if one.machine.complete {
                Confidence::Certain
            } else {
                Confidence::Likely
            },
        },
        None => unknown("is Nix's own default, which depends on the machine or release".to_owned()),
    }
}

/// Where something comes from, in one or two words.
pub(super) fn source(outcome: &Outcome, source: &Source<'_>) -> String {
    match source {
        Source::Definition(one) => definition(outcome, one),
        Source::Module(_) => "module default".to_owned(),
        Source::Nix => "Nix default".to_owned(),
        Source::Elsewhere(words) => (*words).to_owned(),
    }
}

/// `priority 1000 (mkDefault)`.
pub(super) fn priority(priority: Priority) -> String {
    let name = match priority {
        Priority::FORCE => "mkForce",
        Priority::NORMAL => "plain",
        Priority::DEFAULT => "mkDefault",
        Priority::OPTION_DEFAULT => "default of the option",
        _ => return format!("priority {}", priority.0),
    };
    format!("priority {} ({name})", priority.0)
}

/// What the definition that keeps a file from being written says.
pub(super) fn switch(by: &Definition) -> Cow<'static, str> {
    if by.option.is("nix.enable") {
        "`nix.enable` is false".into()
    } else {
        let set = by.option.names().first().map_or("", |name| name);
        format!("`{set}` is in use, which forces `nix.enable` to false").into()
    }
}

/// Why something is lost, in words that follow the value.
pub(super) fn lost(outcome: &Outcome, why: &LostWhy<'_>) -> String {
    match why {
        LostWhy::Weaker { than } => {
            let by = source(outcome, than);
            let strength = than.priority().map(priority);
            format!("loses to {by}, {}", strength.unwrap_or_default())
        }
        LostWhy::WeakerSet => {
            "dropped with its whole set: another definition of the set is stronger".to_owned()
        }
        LostWhy::Disabled { by } => {
            format!("dropped: {} ({})", switch(by), definition(outcome, by))
        }
        LostWhy::Later { by, key } => {
            format!(
                "overwritten by a later line, `{key}` ({})",
                source(outcome, by)
            )
        }
        LostWhy::LeftOut => "left out: the module writes no empty values".to_owned(),
        LostWhy::NoOption => "evaluation fails: the module system has no such option".to_owned(),
        LostWhy::UnknownKey => "ignored: Nix does not know the key".to_owned(),
        LostWhy::Gated { feature } => {
            format!("ignored: the experimental feature `{feature}` is off")
        }
    }
}

/// Who has to agree; `None` when nobody has to.
pub(super) fn reach(read: &Read<'_>) -> Option<&'static str> {
    let empty = matches!(&read.text, Some(Text::Known(text)) if text.is_empty());
    match read.reach {
        Reach::Full => None,
        Reach::User(rule) => user(rule, empty),
        Reach::Flake { unasked: true, .. } => None,
        Reach::Flake { then, .. } => Some(match user(then, empty) {
            None => "the user is asked before Nix takes it from a flake",
            Some(_) => {
                "the user is asked before Nix takes it from a flake, and the daemon ignores it from \
                 users that it does not trust"
            }
        }),
    }
}

fn user(rule: Untrusted, empty: bool) -> Option<&'static str> {
    match rule {
        Untrusted::Applied | Untrusted::ClientOnly => None,
        Untrusted::AppliedIfEmpty if empty => None,
        Untrusted::AppliedIfEmpty | Untrusted::Ignored => {
            Some("the daemon ignores it from users that it does not trust")
        }
        Untrusted::Filtered => {
            Some("from users that it does not trust the daemon takes only what the system lists")
        }
        Untrusted::DaemonConfigOnly => {
            Some("no effect: the daemon reads it from the system's own file only")
        }
    }
}

/// How sure a value is.
pub(super) fn confidence(text: &Text, certain: bool) -> Confidence {
    match text {
        Text::Known(_) if certain => Confidence::Certain,
        Text::Known(_) => Confidence::Likely,
        _ => Confidence::Possible,
    }
}

/// How a machine's module system is called.
pub(super) fn system(machine: &Machine) -> String {
    match machine.target.system() {
        Some(ModuleSystem::NixConf) => "nix.conf".to_owned(),
        Some(ModuleSystem::FlakeConfig) => "nixConfig of a flake".to_owned(),
        Some(system) => system.to_string(),
        None => "the module system".to_owned(),
    }
}

/// A stage of a value's way.
pub(super) fn via(via: Via) -> &'static str {
    match via {
        Via::Binding => "through a binding",
        Via::Inherit => "inherited",
        Via::Argument => "through an argument",
        Via::With => "through `with`",
        Via::Select => "selected from a set",
        Via::Import => "from another file",
        Via::Branch => "through a branch",
        Via::Wrapper => "through a wrapper such as `mkDefault`",
    }
}

/// A value as Nix writes it, on one line.
pub(super) fn nix(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Str(text) => crate::syntax::quote(text),
        Value::Path(path) => path.to_string_lossy().into_owned(),
        Value::List(elements) if elements.is_empty() => "[ ]".to_owned(),
        Value::List(elements) => {
            let all: Vec<String> = elements.iter().map(|one| nix(&one.value)).collect();
            format!("[ {} ]", all.join(" "))
        }
        Value::Attrs(attrs) if attrs.is_empty() => "{ }".to_owned(),
        Value::Attrs(attrs) => {
            let all: Vec<String> = attrs
                .iter()
                .map(|(name, one)| format!("{name} = {};", nix(&one.value)))
                .collect();
            format!("{{ {} }}", all.join(" "))
        }
        Value::OneOf(branches) => {
            let all: Vec<String> = branches.iter().map(|one| nix(&one.value)).collect();
            format!("<one of: {}>", all.join(" | "))
        }
        Value::Unknown(why) => format!("<unknown: {why}>"),
    }
}
