//! What a workspace defines, as facts that can be compared before and after a fix.

use std::collections::BTreeSet;
use std::fmt;

use nixtune::diagnostic::{Change, Fix, NewValue};
use nixtune::eval::{Traced, Value};
use nixtune::model::{Condition, DefId, Definition, Form, OptionPath, Workspace};
use nixtune::text::Place;
use serde_json::{Value as Json, json};

use super::fixture;
use crate::oracle::values::to_json;

/// One option or key with one value. Where several definitions give the same, they are told
/// apart by a number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fact {
    /// The dotted option, or the key of a line.
    pub name: String,
    /// The value as JSON; for lines the words of the value.
    pub value: String,
    /// Priority, order and condition.
    pub how: String,
    /// For a line in a text: the option that holds the text.
    pub line_of: Option<String>,
    number: usize,
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {} [{}]", self.name, self.value, self.how)
    }
}

#[derive(Default)]
struct Collector {
    facts: BTreeSet<Fact>,
}

impl Collector {
    fn add(&mut self, name: String, value: String, how: &str) {
        self.insert(name, value, how, None);
    }

    fn add_line(&mut self, definition: &Definition, key: String, value: String, how: &str) {
        let option = definition.option.to_string();
        let line_of = (definition.form == Form::TextLine).then_some(option);
        self.insert(key, value, how, line_of);
    }

    fn insert(&mut self, name: String, value: String, how: &str, line_of: Option<String>) {
        let mut fact = Fact {
            name,
            value,
            how: how.to_owned(),
            line_of,
            number: 0,
        };
        while !self.facts.insert(fact.clone()) {
            fact.number += 1;
        }
    }

    /// The parts of a value, down to what is no set.
    fn value(&mut self, option: &OptionPath, value: &Traced, how: &str) {
        match &value.value {
            Value::Attrs(attrs) if !attrs.is_empty() => {
                for (name, attr) in attrs {
                    self.value(&option.join(name.clone()), attr, how);
                }
            }
            _ => self.add(option.to_string(), shown(value), how),
        }
    }

    fn new_value(&mut self, option: &OptionPath, value: &NewValue, how: &str) {
        match value {
            NewValue::Attrs(attrs) => {
                for (name, attr) in attrs {
                    self.new_value(&option.join(name.as_str()), attr, how);
                }
            }
            _ => self.add(option.to_string(), new_json(value).to_string(), how),
        }
    }
}

fn shown(value: &Traced) -> String {
    match to_json(&value.value) {
        Some(json) => json.to_string(),
        None => match &value.value {
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(shown).collect();
                format!("[{}]", items.join(","))
            }
            Value::OneOf(several) => {
                let several: Vec<String> = several.iter().map(shown).collect();
                format!("one of {}", several.join(" | "))
            }
            Value::Unknown(why) => format!("unknown: {why}"),
            _ => "partly unknown".to_owned(),
        },
    }
}

fn new_json(value: &NewValue) -> Json {
    match value {
        NewValue::Null => Json::Null,
        NewValue::Bool(value) => json!(value),
        NewValue::Int(value) => json!(value),
        NewValue::Bytes(value) | NewValue::Size(value) => json!(value),
        NewValue::Str(text) => json!(text),
        NewValue::List(items) => Json::Array(items.iter().map(new_json).collect()),
        NewValue::Attrs(attrs) => Json::Object(
            attrs
                .iter()
                .map(|(name, value)| (name.clone(), new_json(value)))
                .collect(),
        ),
    }
}

/// A value as `nix.conf` spells it.
fn new_words(value: &NewValue) -> String {
    match value {
        NewValue::Null => String::new(),
        NewValue::Bool(value) => value.to_string(),
        NewValue::Int(value) => value.to_string(),
        NewValue::Bytes(value) | NewValue::Size(value) => value.to_string(),
        NewValue::Str(text) => text.clone(),
        NewValue::List(items) => items.iter().map(new_words).collect::<Vec<_>>().join(" "),
        NewValue::Attrs(_) => "a set".to_owned(),
    }
}

fn is_line(definition: &Definition) -> bool {
    matches!(definition.form, Form::ConfLine | Form::TextLine)
}

/// The words of a text, one blank between them.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn how(definition: &Definition) -> String {
    let condition = match &definition.condition {
        Condition::Always => "",
        Condition::Unknown { .. } => ", conditional",
    };
    format!(
        "priority {}, order {}{condition}",
        definition.priority.0, definition.order.0
    )
}

fn line_text(definition: &Definition) -> String {
    match &definition.value.value {
        Value::Str(text) => words(text),
        _ => shown(&definition.value),
    }
}

/// Everything that a workspace defines.
pub fn facts(workspace: &Workspace) -> BTreeSet<Fact> {
    let mut collector = Collector::default();
    for definition in counted(workspace) {
        add(&mut collector, definition);
    }
    collector.facts
}

/// The definitions, without a text whose lines are definitions of their own.
fn counted(workspace: &Workspace) -> impl Iterator<Item = &Definition> {
    let in_lines: BTreeSet<String> = workspace
        .definitions()
        .iter()
        .filter(|definition| definition.form == Form::TextLine)
        .map(|definition| definition.option.to_string())
        .collect();
    workspace.definitions().iter().filter(move |definition| {
        definition.form == Form::TextLine || !in_lines.contains(&definition.option.to_string())
    })
}

fn add(collector: &mut Collector, definition: &Definition) {
    let how = how(definition);
    if is_line(definition) {
        let key = definition.setting.as_deref().unwrap_or("");
        collector.add_line(definition, key.to_owned(), line_text(definition), &how);
    } else {
        collector.value(&definition.option, &definition.value, &how);
    }
}

/// Everything that a workspace has to define after a fix, by what the fix declares.
pub fn after(workspace: &Workspace, fix: &Fix) -> BTreeSet<Fact> {
    let mut collector = Collector::default();
    for definition in counted(workspace) {
        let changes: Vec<&Change> = fix
            .changes
            .iter()
            .filter(|change| subject(change) == Some(definition.id))
            .collect();
        if changes.is_empty() {
            add(&mut collector, definition);
        } else {
            changed(&mut collector, workspace, definition, &changes);
        }
    }
    for change in &fix.changes {
        if let Change::Insert {
            near,
            option,
            value,
            ..
        } = change
        {
            let near = workspace.definition(*near).unwrap();
            // A new definition is plain; where it lands decides about its condition.
            let how = "priority 100, order 1000";
            if near.form == Form::ConfLine {
                collector.add(option.leaf().to_owned(), words(&new_words(value)), how);
            } else {
                collector.new_value(option, value, how);
            }
        }
    }
    collector.facts
}

/// The definition that a change is about; an insertion is about none.
fn subject(change: &Change) -> Option<DefId> {
    match change {
        Change::Set { definition, .. }
        | Change::Remove { definition }
        | Change::Rename { definition, .. }
        | Change::ListAdd { definition, .. }
        | Change::ListRemove { definition, .. }
        | Change::ListReplace { definition, .. } => Some(*definition),
        Change::Insert { .. } => None,
    }
}

/// Adds what a definition says after its changes.
fn changed(
    collector: &mut Collector,
    workspace: &Workspace,
    definition: &Definition,
    changes: &[&Change],
) {
    let how = how(definition);
    let mut option = definition.option.clone();
    let mut key = definition.setting.as_deref().unwrap_or("").to_owned();
    let mut set: Option<&NewValue> = None;
    let mut edited = false;
    let mut list = List::of(workspace, definition);
    for change in changes {
        match change {
            Change::Remove { .. } => return,
            Change::Set { value, .. } => set = Some(value),
            Change::Rename { to, .. } => {
                option = to.clone();
                to.leaf().clone_into(&mut key);
            }
            Change::ListAdd { items, .. } => {
                edited = true;
                list.items
                    .extend(items.iter().map(|item| (None, item.clone())));
            }
            Change::ListRemove { items, .. } => {
                edited = true;
                list.items
                    .retain(|(site, _)| !site.is_some_and(|site| items.contains(&site)));
            }
            Change::ListReplace { item, with, .. } => {
                edited = true;
                for (site, text) in &mut list.items {
                    if *site == Some(*item) {
                        text.clone_from(with);
                    }
                }
            }
            Change::Insert { .. } => {}
        }
    }
    if is_line(definition) {
        let text = match set {
            Some(value) => words(&new_words(value)),
            None if edited => list.words(),
            None => line_text(definition),
        };
        collector.add_line(definition, key, text, &how);
    } else if let Some(value) = set {
        collector.new_value(&option, value, &how);
    } else if edited {
        collector.add(option.to_string(), list.json(), &how);
    } else {
        collector.value(&option, &definition.value, &how);
    }
}

/// A list, or a text of words, whose elements know where they are written.
struct List {
    items: Vec<(Option<Place>, String)>,
    /// True for a list of the language, false for a text.
    is_list: bool,
}

impl List {
    fn of(workspace: &Workspace, definition: &Definition) -> Self {
        match &definition.value.value {
            Value::List(items) => Self {
                items: items
                    .iter()
                    .map(|item| {
                        let text = match &item.value {
                            Value::Str(text) => text.to_string(),
                            _ => shown(item),
                        };
                        (item.site, text)
                    })
                    .collect(),
                is_list: true,
            },
            _ => {
                // The model knows where each word of a text lies; find them by the text.
                let machine = workspace.machines_of(definition.id).next();
                let items = machine.map(|machine| {
                    let key = definition.setting.as_deref().unwrap_or("");
                    let name = fixture::catalog()
                        .resolve(key)
                        .map_or(key, |resolved| resolved.setting.name);
                    workspace
                        .view(machine)
                        .items(fixture::catalog(), name)
                        .items
                        .into_iter()
                        .filter(|item| item.definition.id == definition.id)
                        .map(|item| (item.site, item.text.to_string()))
                        .collect()
                });
                Self {
                    items: items.unwrap_or_default(),
                    is_list: false,
                }
            }
        }
    }

    fn words(&self) -> String {
        let texts: Vec<&str> = self.items.iter().map(|(_, text)| text.as_str()).collect();
        texts.join(" ")
    }

    fn json(&self) -> String {
        if self.is_list {
            let texts: Vec<&str> = self.items.iter().map(|(_, text)| text.as_str()).collect();
            json!(texts).to_string()
        } else {
            json!(self.words()).to_string()
        }
    }
}
