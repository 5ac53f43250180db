//! Binary caches and their public keys: what is known about the keys that a machine trusts.

use super::RuleCx;
use super::list_entry::{Entry, beside, entries, is_line};
use crate::catalog::{CacheInfo, PublicKey};
use crate::diagnostic::{Applicability, Change, NewValue};
use crate::eval::Value;
use crate::facts::{Fact, ModuleSystem};
use crate::model::{Definition, OptionPath, Priority, SETTINGS_SETS};
use crate::text::FileId;

/// How much is known about the keys that a machine trusts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum KeysKnown {
    /// Every key is known: no other file can add one.
    All,
    /// Every key that the files of this machine set is known; what imports them was not read.
    Here,
    /// Some key is not known.
    No,
}

/// How much is known about `trusted-public-keys`.
pub(super) fn keys_known(cx: &RuleCx<'_>) -> KeysKnown {
    let items = cx.items("trusted-public-keys");
    // What a user's file or a flake sets is added to what the system trusts.
    let stands_alone = matches!(
        cx.target().system(),
        Some(ModuleSystem::NixDarwin | ModuleSystem::Nixos)
    );
    if items.complete && stands_alone {
        return KeysKnown::All;
    }
    let known = |definition: &Definition| is_known_list(&definition.value.value);
    if !items.definitions.iter().copied().all(known) {
        return KeysKnown::No;
    }
    // Elsewhere a key may come from what was not read; then its absence here means nothing.
    let keys_hole = |machine: &crate::model::Machine| {
        machine.holes.iter().any(|hole| {
            hole.path.is("nix.extraOptions")
                || SETTINGS_SETS.iter().any(|set| {
                    OptionPath::dotted(set)
                        .join("trusted-public-keys")
                        .starts_with(&hole.path)
                })
        })
    };
    if keys_hole(cx.machine()) {
        return KeysKnown::No;
    }
    let elsewhere_unknown = cx.workspace().definitions().iter().any(|definition| {
        definition.setting.as_deref().is_some_and(|key| {
            matches!(
                key,
                "trusted-public-keys" | "extra-trusted-public-keys" | "binary-cache-public-keys"
            )
        }) && !known(definition)
    });
    if elsewhere_unknown {
        KeysKnown::No
    } else {
        KeysKnown::Here
    }
}

/// True when every word of a list is known, in each of its possible forms.
pub(super) fn is_known_list(value: &Value) -> bool {
    match value {
        Value::Str(_) | Value::Null => true,
        Value::List(elements) => elements.iter().all(|e| is_known_word(&e.value)),
        Value::OneOf(branches) => branches.iter().all(|b| is_known_list(&b.value)),
        _ => false,
    }
}

fn is_known_word(value: &Value) -> bool {
    match value {
        Value::Str(_) => true,
        Value::OneOf(branches) => branches.iter().all(|b| is_known_word(&b.value)),
        _ => false,
    }
}

/// The trusted keys that are written, good or bad.
pub(super) fn key_entries<'a>(cx: &RuleCx<'a>) -> Vec<Entry<'a>> {
    entries(&cx.items("trusted-public-keys"))
}

/// True when the key of cache.nixos.org is trusted without being listed: nothing replaces Nix's
/// default, or the module system merges it in and nothing of a higher priority pushes it out.
/// `None` when what reads the files is not known.
pub(super) fn default_key_is_implied(cx: &RuleCx<'_>) -> Option<bool> {
    let plain: Vec<_> = cx
        .definitions("trusted-public-keys")
        .into_iter()
        .filter(|d| {
            !d.setting
                .as_deref()
                .is_some_and(|key| key.starts_with("extra-"))
        })
        .collect();
    if plain.is_empty() {
        return Some(true);
    }
    match cx.target().system()? {
        ModuleSystem::NixDarwin | ModuleSystem::Nixos => Some(
            plain
                .iter()
                .all(|d| d.priority >= Priority::NORMAL && !is_line(d)),
        ),
        _ => Some(false),
    }
}

/// The catalog as evidence: what it says, and as of when.
pub(super) fn catalog_fact(
    cx: &RuleCx<'_>,
    cache: &CacheInfo,
    value: impl Into<String>,
) -> Fact<String> {
    if cache.is_own {
        return Fact::declared(value.into(), "nixtune.toml");
    }
    Fact::declared(
        value.into(),
        format!(
            "nixtune's catalog of caches, {}",
            cx.catalog().caches_as_of()
        ),
    )
}

/// Trusting `key`: an element more in the key list of the same file, or a new definition beside
/// `near`, the definition of the substituter.
pub(super) fn add_key(cx: &RuleCx<'_>, near: &Definition, key: &str) -> Option<Change> {
    let file = file_of(near)?;
    let definitions = cx.definitions("trusted-public-keys");
    // A line of text comes after all settings and replaces them: only there a key counts.
    let last_line = definitions.iter().copied().rfind(|definition| {
        let is_plain = definition.setting.as_deref() == Some("trusted-public-keys");
        is_plain && is_line(definition)
    });
    let candidates = match last_line {
        Some(line) => vec![line],
        None => definitions,
    };
    let list = candidates.into_iter().find(|definition| {
        file_of(definition) == Some(file)
            && match definition.value.value {
                Value::List(_) => true,
                Value::Str(_) => definition.value.is_literal_in_place(),
                _ => false,
            }
            && definition.condition == near.condition
            && definition.priority == near.priority
    });
    if let Some(list) = list {
        return Some(Change::ListAdd {
            definition: list.id,
            items: vec![key.to_owned()],
        });
    }
    if last_line.is_some() {
        return None;
    }
    Some(Change::Insert {
        near: near.id,
        option: keys_option_beside(cx, near)?,
        value: NewValue::List(vec![NewValue::Str(key.to_owned())]),
        comment: None,
    })
}

/// An option for keys beside the substituters of `near` that nothing sets yet. The plain name
/// replaces Nix's own key except where a module system merges it in, so that the `extra-` form is
/// used there.
fn keys_option_beside(cx: &RuleCx<'_>, near: &Definition) -> Option<OptionPath> {
    let key = near.setting.as_deref()?;
    let legacy = near.option.is("nix.binaryCaches");
    if !is_line(near) && near.option.leaf() != key && !legacy {
        return None;
    }
    let merges = matches!(
        cx.target().system(),
        Some(ModuleSystem::NixDarwin | ModuleSystem::Nixos)
    ) && !is_line(near)
        && near
            .option
            .names()
            .first()
            .is_some_and(|name| &**name == "nix");
    let plain = (merges && !key.starts_with("extra-")).then(|| {
        if legacy {
            OptionPath::dotted("nix.settings.trusted-public-keys")
        } else {
            beside(near, "trusted-public-keys")
        }
    });
    let extra = (!legacy).then(|| beside(near, "extra-trusted-public-keys"));
    // A stronger definition of the plain list would leave the new one without effect.
    let weight = |definition: &Definition| (definition.set_priority, definition.priority);
    let is_beaten = cx.definitions("trusted-public-keys").iter().any(|other| {
        let is_plain = other.setting.as_deref() == Some("trusted-public-keys");
        is_plain && !is_line(other) && weight(other) < weight(near)
    });
    let plain = plain.filter(|_| !is_beaten);
    plain.into_iter().chain(extra).find(|option| {
        !cx.workspace().definitions().iter().any(|other| {
            other.option == *option
                || is_line(near)
                    && is_line(other)
                    && other.setting.as_deref() == Some(option.leaf())
        })
    })
}

/// The file that a definition stands in.
pub(super) fn file_of(definition: &Definition) -> Option<FileId> {
    definition
        .statement
        .or(definition.name)
        .or(definition.value.site)
        .map(|place| place.file)
}

/// The entries that hold one of a cache's keys, by name.
pub(super) fn keys_of<'e, 'a>(keys: &'e [Entry<'a>], cache: &CacheInfo) -> Vec<&'e Entry<'a>> {
    keys.iter()
        .filter(|entry| {
            PublicKey::parse(&entry.text).is_ok_and(|key| {
                cache
                    .public_keys
                    .iter()
                    .any(|full| PublicKey::parse(full).is_ok_and(|known| known.name == key.name))
            })
        })
        .collect()
}

/// The weaker of two applicabilities.
pub(super) fn weaker(a: Applicability, b: Applicability) -> Applicability {
    a.min(b)
}
