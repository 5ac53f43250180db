//! What definitions a fix declares, and whether the changed files give exactly these.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::plain::Plain;
use super::render;
use crate::diagnostic::{Change, Fix, NewValue};
use crate::eval::{Traced, Value};
use crate::model::{Condition, Definition, Form, Machine, OptionPath, Workspace};
use crate::text::Place;

/// What a definition says, apart from its places.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Said {
    value: Plain,
    priority: i64,
    order: i64,
    conditional: bool,
}

/// A definition as the fix declares it.
#[derive(Clone, Debug)]
struct Declared {
    option: OptionPath,
    setting: Option<Arc<str>>,
    said: Said,
    /// True when only the value is declared: a new definition may stand under a condition or a
    /// wrapper of its neighbor.
    new: bool,
    /// True when the order of elements is not declared.
    unordered: bool,
}

type Key = (OptionPath, Option<Arc<str>>);

/// Definitions are grouped by option; lines of text by their key, too.
fn key(option: &OptionPath, setting: Option<&Arc<str>>, form: Form) -> Key {
    let line = matches!(form, Form::ConfLine | Form::TextLine);
    (option.clone(), setting.filter(|_| line).map(Arc::clone))
}

fn said(definition: &Definition) -> Said {
    Said {
        value: Plain::of(&definition.value.value),
        priority: definition.priority.0,
        order: definition.order.0,
        conditional: definition.condition != Condition::Always,
    }
}

/// Compares every machine before and after. The error says which option differs.
pub(super) fn compare(before: &Workspace, after: &Workspace, fixes: &[&Fix]) -> Result<(), String> {
    let changes: Vec<&Change> = fixes.iter().flat_map(|fix| &fix.changes).collect();
    let mut later: Vec<&Machine> = after.machines().iter().collect();
    for machine in before.machines() {
        let found = later.iter().position(|other| other.name == machine.name);
        let other = found.map(|index| later.remove(index));
        compare_machine(before, after, machine, other, &changes)?;
    }
    match later.first() {
        Some(machine) => Err(format!("the machine {} is new", machine.name)),
        None => Ok(()),
    }
}

fn compare_machine(
    before: &Workspace,
    after: &Workspace,
    machine: &Machine,
    other: Option<&Machine>,
    changes: &[&Change],
) -> Result<(), String> {
    let mut plan = Plan::new(before, machine);
    for change in changes {
        plan.declare(change)?;
    }
    let mut expected: BTreeMap<Key, Vec<&Declared>> = BTreeMap::new();
    for (form, declared) in plan.definitions.iter().flatten() {
        let key = key(&declared.option, declared.setting.as_ref(), *form);
        if !plan.is_beside(&key) {
            expected.entry(key).or_default().push(declared);
        }
    }
    let mut actual: BTreeMap<Key, Vec<Said>> = BTreeMap::new();
    let definitions = other.into_iter().flat_map(|machine| {
        machine
            .definitions
            .iter()
            .filter_map(|id| after.definition(*id))
    });
    for definition in definitions {
        let key = key(
            &definition.option,
            definition.setting.as_ref(),
            definition.form,
        );
        if !plan.is_beside(&key) {
            actual.entry(key).or_default().push(said(definition));
        }
    }
    if other.is_none() {
        // A file that says nothing of Nix any more is not read any more.
        expected.retain(|(option, _), _| {
            option
                .names()
                .first()
                .is_some_and(|name| name.to_ascii_lowercase().contains("nix"))
                && !option.starts_with(&OptionPath::new(["nixpkgs"]))
                || option.names().len() == 1
        });
    }
    let keys: BTreeSet<&Key> = expected.keys().chain(actual.keys()).collect();
    for key in keys {
        let wanted = expected.get(key).map_or(&[][..], Vec::as_slice);
        let got = actual.get(key).map_or(&[][..], Vec::as_slice);
        let same = if plan.touched.contains(key) {
            agree(wanted, got)
        } else {
            wanted.iter().map(|declared| &declared.said).eq(got)
        };
        if !same {
            let (option, setting) = key;
            let shown = setting.as_ref().map_or_else(
                || option.to_string(),
                |setting| format!("{option}: {setting}"),
            );
            return Err(format!(
                "`{shown}` of {} does not get the declared value",
                machine.name
            ));
        }
    }
    let holes = |machine: &Machine| -> BTreeSet<OptionPath> {
        machine.holes.iter().map(|hole| hole.path.clone()).collect()
    };
    let old_holes = holes(machine);
    match other
        .map(holes)
        .unwrap_or_default()
        .difference(&old_holes)
        .next()
    {
        Some(path) => Err(format!(
            "`{path}` of {} cannot be read any more",
            machine.name
        )),
        None => Ok(()),
    }
}

/// True when the definitions are the declared ones, in any order.
fn agree(wanted: &[&Declared], got: &[Said]) -> bool {
    let mut left: Vec<&Said> = got.iter().collect();
    let mut take = |fits: &dyn Fn(&Said) -> bool| {
        let found = left.iter().position(|said| fits(said));
        found.map(|index| left.remove(index)).is_some()
    };
    let (new, old): (Vec<&&Declared>, Vec<&&Declared>) =
        wanted.iter().partition(|declared| declared.new);
    let all = old.iter().all(|declared| {
        take(&|said| {
            if declared.unordered {
                let sorted = |said: &Said| Said {
                    value: said.value.clone().sorted(),
                    ..said.clone()
                };
                sorted(said) == sorted(&declared.said)
            } else {
                *said == declared.said
            }
        })
    }) && new
        .iter()
        .all(|declared| take(&|said| said.value == declared.said.value));
    all && left.is_empty()
}

/// The definitions of one machine while changes are declared.
struct Plan<'w> {
    before: &'w Workspace,
    /// In reading order; `None` for one that goes.
    definitions: Vec<Option<(Form, Declared)>>,
    /// What they were.
    sources: Vec<Option<&'w Definition>>,
    touched: BTreeSet<Key>,
    /// True when a line of text changes: the text as a whole does, then.
    text: bool,
}

impl<'w> Plan<'w> {
    fn new(before: &'w Workspace, machine: &'w Machine) -> Self {
        let sources: Vec<&Definition> = machine
            .definitions
            .iter()
            .filter_map(|id| before.definition(*id))
            .collect();
        Self {
            before,
            definitions: sources
                .iter()
                .map(|definition| {
                    let declared = Declared {
                        option: definition.option.clone(),
                        setting: definition.setting.clone(),
                        said: said(definition),
                        new: false,
                        unordered: false,
                    };
                    Some((definition.form, declared))
                })
                .collect(),
            sources: sources.into_iter().map(Some).collect(),
            touched: BTreeSet::new(),
            text: false,
        }
    }

    /// True for options whose value follows from a touched one: sets around it and parts of it,
    /// the text that a changed line belongs to.
    fn is_beside(&self, (option, setting): &Key) -> bool {
        if self.text && setting.is_none() && option.leaf() == "extraOptions" {
            return true;
        }
        self.touched.iter().any(|(touched, _)| {
            touched.names().len() != option.names().len()
                && (touched.starts_with(option) || option.starts_with(touched))
        })
    }

    fn declare(&mut self, change: &Change) -> Result<(), String> {
        let definition = self
            .before
            .definition(change.definition())
            .ok_or("a definition is missing")?;
        let places: Vec<usize> = self
            .sources
            .iter()
            .enumerate()
            .filter(|(_, source)| {
                source.is_some_and(|source| {
                    source.id == definition.id
                        || (source.statement.is_some()
                            && source.statement == definition.statement
                            && source.option == definition.option
                            && source.setting == definition.setting)
                })
            })
            .map(|(index, _)| index)
            .collect();
        if let Change::Insert { option, value, .. } = change {
            if !places.is_empty() {
                self.insert(definition, option, value);
            }
            return Ok(());
        }
        for index in places {
            self.change(index, change)?;
        }
        Ok(())
    }

    fn insert(&mut self, near: &Definition, option: &OptionPath, value: &NewValue) {
        let is_line = near.form == Form::ConfLine
            || (near.form == Form::TextLine && option.names().len() == 1);
        let (form, option, setting, value) = if is_line {
            let text = render::conf(value).unwrap_or_default();
            let setting: Arc<str> = option.leaf().into();
            let option = match near.form {
                Form::TextLine => near.option.clone(),
                _ => OptionPath::new([Arc::clone(&setting)]),
            };
            (near.form, option, Some(setting), Plain::Str(text))
        } else {
            (Form::Binding, option.clone(), None, Plain::new(value))
        };
        self.text |= form == Form::TextLine;
        self.touched.insert(key(&option, setting.as_ref(), form));
        let declared = Declared {
            option,
            setting,
            said: Said {
                value,
                priority: near.priority.0,
                order: near.order.0,
                conditional: near.condition != Condition::Always,
            },
            new: true,
            unordered: false,
        };
        self.definitions.push(Some((form, declared)));
        self.sources.push(None);
    }

    fn change(&mut self, index: usize, change: &Change) -> Result<(), String> {
        let before = self.before;
        let Some(Some(source)) = self.sources.get(index).copied() else {
            return Ok(());
        };
        let Some(Some((form, declared))) = self.definitions.get_mut(index) else {
            return Err(format!("`{}` is gone already", source.option));
        };
        self.text |= *form == Form::TextLine;
        self.touched
            .insert(key(&declared.option, declared.setting.as_ref(), *form));
        let is_line = matches!(form, Form::ConfLine | Form::TextLine);
        match change {
            Change::Set { value, .. } => {
                declared.said.value = if is_line {
                    Plain::Str(render::conf(value).unwrap_or_default())
                } else {
                    Plain::new(value)
                };
            }
            Change::Remove { .. } => {
                if let Some(slot) = self.definitions.get_mut(index) {
                    *slot = None;
                }
                self.remove_lines(source);
            }
            Change::Rename { to, .. } => {
                if !is_line {
                    declared.option = to.clone();
                } else if let Some(name) = super::changes::conf_key(to) {
                    let name: Arc<str> = name.into();
                    if *form == Form::ConfLine {
                        declared.option = OptionPath::new([Arc::clone(&name)]);
                    }
                    declared.setting = Some(name);
                } else {
                    // The line becomes a binding.
                    *form = Form::Binding;
                    declared.option = to.clone();
                    declared.setting = None;
                    declared.new = true;
                    declared.said.value = super::changes::line_value(source)
                        .map(|value| Plain::new(&value))
                        .map_err(|refusal| refusal.to_string())?;
                }
                self.touched
                    .insert(key(&declared.option, declared.setting.as_ref(), *form));
            }
            Change::ListAdd { items, .. } => {
                declared.unordered = true;
                declared.said.value.add(items);
            }
            Change::ListRemove { items, .. } => {
                for item in items {
                    edit_item(before, source, declared, *item, None)?;
                }
            }
            Change::ListReplace { item, with, .. } => {
                edit_item(before, source, declared, *item, Some(with))?;
            }
            Change::Insert { .. } => {}
        }
        Ok(())
    }

    /// The lines of a text go with it.
    fn remove_lines(&mut self, text: &Definition) {
        for (slot, source) in self.definitions.iter_mut().zip(&self.sources) {
            let Some(source) = source else { continue };
            let belongs = source.form == Form::TextLine
                && text.form == Form::Binding
                && source.option == text.option
                && source
                    .statement
                    .or(source.value.site)
                    .zip(text.statement)
                    .is_some_and(|(line, text)| {
                        line.file == text.file && text.span.contains(line.span)
                    });
            if let Some((form, declared)) = slot.take_if(|_| belongs) {
                let key = key(&declared.option, declared.setting.as_ref(), form);
                self.touched.insert(key);
            }
        }
    }
}

/// Takes one element out, or replaces it.
fn edit_item(
    before: &Workspace,
    source: &Definition,
    declared: &mut Declared,
    item: Place,
    with: Option<&str>,
) -> Result<(), String> {
    declared.unordered = true;
    let word = before.text(item);
    let old = element_at(&source.value, item).map_or_else(
        || Plain::Str(word.to_owned()),
        |element| Plain::of(&element.value),
    );
    let new = with.map(|with| Plain::Str(with.to_owned()));
    if declared.said.value.replace(&old, new.as_ref()) {
        Ok(())
    } else {
        Err(format!("`{word}` is no element of `{}`", source.option))
    }
}

/// The element of a list that is written at a place.
fn element_at(value: &Traced, item: Place) -> Option<&Traced> {
    match &value.value {
        Value::List(elements) => elements.iter().find_map(|element| {
            if element.site == Some(item) {
                Some(element)
            } else {
                element_at(element, item)
            }
        }),
        Value::OneOf(branches) => branches.iter().find_map(|branch| {
            if branch.site == Some(item) {
                Some(branch)
            } else {
                element_at(branch, item)
            }
        }),
        _ => None,
    }
}
