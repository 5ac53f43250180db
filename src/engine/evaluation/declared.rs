//! Which options fixes declare to change, and what nixtune's own model says about them.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::catalog::{Catalog, OptionStatus};
use crate::diagnostic::{Change, Fix};
use crate::eval::Value;
use crate::facts::ModuleSystem;
use crate::model::{Condition, Definition, Form, Machine, MachineView, OptionPath, Workspace};

/// The options of a machine that some fixes declare; lines of text stand for the option that
/// holds the text, lines of a `nix.conf` for their key.
pub(super) fn declared(
    workspace: &Workspace,
    machine: &Machine,
    fixes: &[&Fix],
) -> BTreeSet<OptionPath> {
    let own = |definition: &Definition| {
        machine.definitions.iter().any(|id| {
            *id == definition.id
                || workspace.definition(*id).is_some_and(|other| {
                    other.statement.is_some() && other.statement == definition.statement
                })
        })
    };
    let mut declared = BTreeSet::new();
    for change in fixes.iter().flat_map(|fix| &fix.changes) {
        let Some(definition) = workspace.definition(change.definition()) else {
            continue;
        };
        if !own(definition) {
            continue;
        }
        let is_text = definition.form == Form::TextLine;
        match change {
            Change::Insert { option, .. } if is_text && option.names().len() == 1 => {
                declared.insert(definition.option.clone());
            }
            Change::Insert { option, .. } => {
                declared.insert(option.clone());
            }
            Change::Rename { to, .. } => {
                declared.insert(definition.option.clone());
                if !is_text || to.names().len() > 1 {
                    declared.insert(to.clone());
                }
            }
            Change::Set { .. }
            | Change::Remove { .. }
            | Change::ListAdd { .. }
            | Change::ListRemove { .. }
            | Change::ListReplace { .. } => {
                declared.insert(definition.option.clone());
            }
        }
    }
    declared
}

/// The same with the former names of these options, which module systems forward both ways.
pub(super) fn with_former_names(
    catalog: &Catalog,
    system: Option<ModuleSystem>,
    declared: &BTreeSet<OptionPath>,
) -> BTreeSet<OptionPath> {
    let mut all = declared.clone();
    let Some(system) = system else { return all };
    let current: Vec<OptionPath> = declared
        .iter()
        .filter_map(
            |path| match catalog.option(system, &path.to_string())?.status {
                OptionStatus::Renamed { to } => Some(OptionPath::dotted(to)),
                _ => None,
            },
        )
        .collect();
    all.extend(current);
    let former: Vec<OptionPath> = catalog
        .options(system)
        .filter_map(|option| match option.status {
            OptionStatus::Renamed { to } if all.contains(&OptionPath::dotted(to)) => {
                Some(OptionPath::dotted(option.path))
            }
            _ => None,
        })
        .collect();
    all.extend(former);
    all
}

/// What nixtune knows of an option: values that must all show in the one that Nix gives.
pub(super) struct Expected<'m> {
    values: Vec<&'m Value>,
    /// True for text that further lines may stand around.
    is_text: bool,
}

/// `None` where nothing is known, or something may still decide otherwise.
pub(super) fn expected<'m>(view: MachineView<'m>, path: &OptionPath) -> Option<Expected<'m>> {
    let definitions: Vec<&Definition> = view
        .definitions()
        .filter(|definition| {
            definition.option == *path
                && !matches!(definition.form, Form::TextLine | Form::ConfLine)
        })
        .collect();
    let strongest = definitions
        .iter()
        .filter(|definition| view.is_unconditional(definition))
        .map(|definition| definition.priority)
        .min()?;
    let used: Vec<&&Definition> = definitions
        .iter()
        .filter(|definition| definition.priority <= strongest)
        .collect();
    let decided = used.iter().all(|definition| {
        definition.condition == Condition::Always && is_known(&definition.value.value)
    });
    let open = view
        .machine()
        .holes
        .iter()
        .any(|hole| path.starts_with(&hole.path));
    (decided && !open).then(|| Expected {
        values: used
            .iter()
            .map(|definition| &definition.value.value)
            .collect(),
        is_text: path.leaf() == "extraOptions",
    })
}

fn is_known(value: &Value) -> bool {
    match value {
        Value::Unknown(_) | Value::OneOf(_) => false,
        Value::List(items) => items.iter().all(|item| is_known(&item.value)),
        Value::Attrs(attrs) => attrs.values().all(|value| is_known(&value.value)),
        _ => true,
    }
}

impl Expected<'_> {
    /// Whether Nix' value has in it what nixtune knows. `real` is as `ask.nix` gives it.
    pub fn is_in(&self, real: &Json) -> bool {
        self.values.iter().all(|ours| match (ours, real) {
            (Value::Str(text), Json::String(all)) if self.is_text => all.contains(text.trim()),
            _ => agrees(ours, real),
        })
    }

    /// In words.
    pub fn shown(&self) -> String {
        let values: Vec<String> = self.values.iter().map(|value| written(value)).collect();
        values.join(" with ")
    }
}

/// Other modules may add to lists and sets, and an option may make a list of one value.
fn agrees(ours: &Value, real: &Json) -> bool {
    match (ours, real) {
        (Value::List(items), Json::Array(all)) => {
            let mut rest = all.iter();
            items
                .iter()
                .all(|item| rest.any(|real| agrees(&item.value, real)))
                || items
                    .iter()
                    .all(|item| all.iter().any(|real| agrees(&item.value, real)))
        }
        (_, Json::Array(all)) => matches!(all.as_slice(), [only] if agrees(ours, only)),
        (Value::Null, _) => real.is_null(),
        (Value::Bool(value), _) => real.as_bool() == Some(*value),
        (Value::Int(value), _) => real.as_i64() == Some(*value),
        (Value::Float(value), _) => real.as_f64() == Some(*value),
        (Value::Str(text), Json::String(real)) => **text == **real,
        (Value::Attrs(attrs), Json::Object(map)) => match map.get("set") {
            Some(Json::Object(set)) => attrs.iter().all(|(name, ours)| {
                set.get(&**name)
                    .is_some_and(|real| agrees(&ours.value, real))
            }),
            // A derivation or something else that is more than its parts.
            _ => !map.contains_key("fails"),
        },
        // Where the tree lies is not what is compared; a path in the store stands for it.
        (Value::Path(_), Json::Object(map)) => map.contains_key("path"),
        (Value::Path(_), Json::String(_)) => true,
        _ => false,
    }
}

/// A value of Nix in a few words.
fn written(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Str(text) => crate::syntax::quote(text),
        Value::Path(path) => path.display().to_string(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| written(&item.value)).collect();
            format!("[ {} ]", items.join(" "))
        }
        Value::Attrs(_) => "a set".to_owned(),
        Value::OneOf(_) | Value::Unknown(_) => "something unknown".to_owned(),
    }
}

/// The name of a setting in the words of this catalog: aliases and `extra-` forms resolved.
pub(super) fn setting_name(catalog: &Catalog, key: &str) -> Arc<str> {
    match catalog.resolve(key) {
        Some(resolved) => resolved.setting.name.into(),
        None => key.strip_prefix("extra-").unwrap_or(key).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Traced;
    use serde_json::json;

    fn list(items: &[&str]) -> Value {
        let item = |text: &&str| Traced::bare(Value::Str((*text).into()));
        Value::List(items.iter().map(item).collect())
    }

    #[test]
    fn what_modules_add_and_options_convert_is_no_disagreement() {
        let hour = Value::Attrs([("Hour".into(), Traced::bare(Value::Int(3)))].into());
        let set = json!({ "set": { "Hour": 3, "Minute": null } });
        assert!(agrees(&list(&["a", "b"]), &json!(["own", "b", "a"])));
        assert!(agrees(&hour, &set));
        assert!(agrees(&hour, &json!([set])));
        assert!(agrees(&Value::Str("x".into()), &json!(["x"])));
        assert!(agrees(&list(&[]), &json!([])));

        assert!(!agrees(&list(&["a", "b"]), &json!(["a"])));
        assert!(!agrees(&hour, &json!({ "set": { "Hour": 4 } })));
        assert!(!agrees(&hour, &json!({ "fails": true })));
        assert!(!agrees(&Value::Int(4), &json!("4")));
        assert!(!agrees(&Value::Bool(false), &json!(null)));
        assert!(!agrees(&Value::Str("x".into()), &json!(["x", "y"])));
    }
}
