//! What definitions a fix declares, and whether the changed files give exactly these.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::plain::{Plain, edit_at};
use super::render;
use crate::diagnostic::{Change, Fix, NewValue};
use crate::eval::Traced;
use crate::model::{Condition, DefId, Definition, Form, Machine, OptionPath, Workspace};
use crate::text::Place;

/// The option whose text has lines that are definitions of their own.
const TEXT: &str = "nix.extraOptions";

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
    /// True when a change concerns it.
    changed: bool,
    /// What its elements are made of, once one of them changes.
    elements: Option<Elements>,
}

/// The elements of a list, or words of a string, while some of them change.
#[derive(Clone, Debug)]
struct Elements {
    /// Those that were read, with the places where they are written.
    value: Traced,
    /// Those that are new.
    added: Vec<String>,
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

/// What differs from what was declared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Difference {
    /// Text was changed that should not have been, or not as it should.
    Mistake(String),
    /// This option (with the setting for a line of text), whose text is as it was, has another value:
    /// it follows from a changed one.
    Follows(String),
    /// Loose modules that were read as one machine would contradict each other.
    Apart,
}

impl From<String> for Difference {
    fn from(text: String) -> Self {
        Self::Mistake(text)
    }
}

/// What was read before and after, and the new texts by path.
pub(super) struct Sides<'w> {
    pub before: &'w Workspace,
    pub after: &'w Workspace,
    pub texts: &'w BTreeMap<PathBuf, String>,
}

/// A difference, and the machine that has it; `None` when it is in none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Different {
    pub difference: Difference,
    pub machine: Option<Arc<str>>,
}

/// Compares every machine before and after. The error says which option differs.
pub(super) fn compare(sides: &Sides<'_>, fixes: &[&Fix]) -> Result<(), Different> {
    let in_machine = |machine: &Machine, difference: Difference| Different {
        difference,
        machine: Some(Arc::clone(&machine.name)),
    };
    let changes = fixes
        .iter()
        .flat_map(|fix| &fix.changes)
        .map(|change| Intended::of(change, sides.before))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|difference| Different {
            difference,
            machine: None,
        })?;
    let mut later: Vec<&Machine> = sides.after.machines().iter().collect();
    for machine in sides.before.machines() {
        let found = later.iter().position(|other| other.name == machine.name);
        let other = found.map(|index| later.remove(index));
        if other.is_none() && sides.is_split(machine) {
            return Err(in_machine(machine, Difference::Apart));
        }
        compare_machine(sides, machine, other, &changes)
            .map_err(|difference| in_machine(machine, difference))?;
    }
    match later.first() {
        Some(machine) => {
            let text = format!("the machine {} is new", machine.name);
            Err(in_machine(machine, text.into()))
        }
        None => Ok(()),
    }
}

/// A change, with what is the same for all machines.
struct Intended<'w> {
    change: &'w Change,
    definition: &'w Definition,
    /// True when it concerns this definition alone and not all that the statement says.
    by_itself: bool,
}

impl<'w> Intended<'w> {
    fn of(change: &'w Change, before: &'w Workspace) -> Result<Self, Difference> {
        let definition = before
            .definition(change.definition())
            .ok_or_else(|| "a definition is missing".to_owned())?;
        // A new name is one for all that the statement says.
        let by_itself = !matches!(change, Change::Rename { .. } | Change::Insert { .. })
            && super::entry::is_one_of_several(before, definition);
        Ok(Self {
            change,
            definition,
            by_itself,
        })
    }
}

fn compare_machine(
    sides: &Sides<'_>,
    machine: &Machine,
    other: Option<&Machine>,
    changes: &[Intended<'_>],
) -> Result<(), Difference> {
    let (before, after) = (sides.before, sides.after);
    let mut plan = Plan::new(before, machine);
    for change in changes {
        plan.declare(change)?;
    }
    let mut expected: BTreeMap<Key, Vec<Wanted<'_>>> = BTreeMap::new();
    for (slot, source) in plan.definitions.iter().zip(&plan.sources) {
        let Some((form, declared)) = slot else {
            continue;
        };
        let key = key(&declared.option, declared.setting.as_ref(), *form);
        if !plan.is_beside(&key) {
            expected.entry(key).or_default().push((declared, *source));
        }
    }
    let mut actual: BTreeMap<Key, Vec<&Definition>> = BTreeMap::new();
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
            actual.entry(key).or_default().push(definition);
        }
    }
    let keys: BTreeSet<&Key> = expected.keys().chain(actual.keys()).collect();
    for key in keys {
        let wanted = expected.get(key).map_or(&[][..], Vec::as_slice);
        let got = actual.get(key).map_or(&[][..], Vec::as_slice);
        let left = Left::of(wanted, got, plan.touched.contains(key));
        if left.is_empty() || (got.is_empty() && sides.leaves_unread(key, wanted)) {
            continue;
        }
        let (option, setting) = key;
        let shown = setting.as_ref().map_or_else(
            || option.to_string(),
            |setting| format!("{option}: {setting}"),
        );
        if sides.says_the_same(&left) {
            return Err(Difference::Follows(shown));
        }
        return Err(format!(
            "`{shown}` of {} does not get the declared value",
            machine.name
        )
        .into());
    }
    if let Some(option) = other.and_then(|other| plan.contradiction(after, machine, other)) {
        return Err(format!("`{option}` of {} would have two values", machine.name).into());
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
        Some(path) => Err(format!("`{path}` of {} cannot be read any more", machine.name).into()),
        None => Ok(()),
    }
}

impl Sides<'_> {
    /// True when several machines of other names read the files of a machine now.
    fn is_split(&self, machine: &Machine) -> bool {
        let paths = |workspace: &Workspace, machine: &Machine| -> BTreeSet<PathBuf> {
            let files = machine.files.iter().filter_map(|id| workspace.file(*id));
            files.map(|file| file.path().to_path_buf()).collect()
        };
        let own = paths(self.before, machine);
        let known: BTreeSet<&str> = self.before.machines().iter().map(|m| &*m.name).collect();
        self.after
            .machines()
            .iter()
            .filter(|other| !known.contains(&*other.name))
            .any(|other| !paths(self.after, other).is_disjoint(&own))
    }

    /// True when definitions are gone although their text is there: a file that says nothing of
    /// Nix any more is not read any more. That can only hide what is no option of Nix.
    fn leaves_unread(&self, key: &Key, wanted: &[Wanted<'_>]) -> bool {
        let names = key.0.names();
        let first = names
            .first()
            .map_or(String::new(), |name| name.to_lowercase());
        if names.len() > 1 && first.contains("nix") && first != "nixpkgs" {
            return false;
        }
        wanted.iter().all(|(_, source)| {
            let Some(place) = source.and_then(|source| source.statement) else {
                return false;
            };
            let statement = self.before.text(place);
            self.before.file(place.file).is_some_and(|file| {
                let text = self.texts.get(file.path());
                text.is_some_and(|text| text.contains(statement))
            })
        })
    }

    /// True when no change was declared for the definitions, and they stand in the same words
    /// before and after.
    fn says_the_same(&self, left: &Left<'_>) -> bool {
        if left.wanted.iter().any(|(declared, _)| declared.changed) {
            return false;
        }
        let text = |workspace: &Workspace, definition: &Definition| {
            let place = definition.statement.or_else(|| definition.place())?;
            let path = workspace.file(place.file)?.path().to_path_buf();
            Some((path, workspace.text(place).to_owned()))
        };
        let before: Option<BTreeSet<_>> = left
            .wanted
            .iter()
            .map(|(_, source)| text(self.before, (*source)?))
            .collect();
        let after: Option<BTreeSet<_>> = left
            .got
            .iter()
            .map(|definition| text(self.after, definition))
            .collect();
        let (Some(before), Some(after)) = (before, after) else {
            return false;
        };
        // What does not count any more still stands in its file.
        let stands = |(path, statement): &(PathBuf, String)| {
            self.texts
                .get(path)
                .is_none_or(|text| text.contains(statement))
        };
        let stood = |(path, statement): &(PathBuf, String)| {
            !self.texts.contains_key(path)
                || self.before.files().iter().any(|file| {
                    file.path() == path.as_path() && file.text().contains(statement.as_str())
                })
        };
        before.difference(&after).all(stands) && after.difference(&before).all(stood)
    }
}

/// What is declared and what is there, as far as one has no counterpart in the other.
struct Left<'l> {
    wanted: Vec<Wanted<'l>>,
    got: Vec<&'l Definition>,
}

/// A declared definition, and what it was before; `None` for a new one.
type Wanted<'l> = (&'l Declared, Option<&'l Definition>);

impl<'l> Left<'l> {
    /// Definitions of options that a change touches may come in any order. One statement is read
    /// once for each branch of a choice that it stands in; how often says nothing.
    fn of(wanted: &[Wanted<'l>], got: &[&'l Definition], is_touched: bool) -> Self {
        let mut left = Self {
            wanted: wanted.to_vec(),
            got: got.to_vec(),
        };
        if !is_touched {
            let same = wanted.len() == got.len()
                && wanted
                    .iter()
                    .zip(got)
                    .all(|((declared, _), got)| declared.said == said(got));
            if same {
                left.wanted.clear();
                left.got.clear();
            }
            return left;
        }
        let (mut open, mut taken) = (Vec::new(), Vec::new());
        // What is told by its value alone takes what the others leave.
        left.wanted.sort_by_key(|(declared, _)| declared.new);
        for wanted in left.wanted {
            let declared = wanted.0;
            let found = left
                .got
                .iter()
                .position(|got| declared.fits(&said(got)))
                .map(|index| taken.push(left.got.remove(index)));
            let again =
                || declared.said.conditional && taken.iter().any(|got| declared.fits(&said(got)));
            if found.is_none() && !again() {
                open.push(wanted);
            }
        }
        left.got.retain(|got| {
            let got = said(got);
            !got.conditional || !wanted.iter().any(|(declared, _)| declared.fits(&got))
        });
        left.wanted = open;
        left
    }

    fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.got.is_empty()
    }
}

impl Declared {
    /// The elements that it had, for changes of single ones.
    fn elements_of(&mut self, source: &Definition) -> &mut Elements {
        self.elements.get_or_insert_with(|| Elements {
            value: source.value.clone(),
            added: Vec::new(),
        })
    }

    /// Says what its elements are now, in whatever order.
    fn take_elements(&mut self) {
        self.unordered = true;
        if let Some(elements) = &self.elements {
            self.said.value = Plain::of(&elements.value.value);
            self.said.value.add(&elements.added);
        }
    }

    fn fits(&self, said: &Said) -> bool {
        let same = |said: &Said| {
            self.said.value.admits(&said.value)
                && (self.new
                    || (said.priority, said.order, said.conditional)
                        == (self.said.priority, self.said.order, self.said.conditional))
        };
        if self.unordered {
            let sorted = |said: &Said| Said {
                value: said.value.clone().sorted(),
                ..said.clone()
            };
            sorted(said) == sorted(&self.said)
        } else {
            same(said)
        }
    }
}

/// The options to which definitions of equal weight give different values that do not merge.
fn contradicting<'w>(workspace: &'w Workspace, machine: &Machine) -> BTreeSet<&'w OptionPath> {
    let mut values: BTreeMap<&OptionPath, Vec<&Definition>> = BTreeMap::new();
    let definitions = machine
        .definitions
        .iter()
        .filter_map(|id| workspace.definition(*id))
        .filter(|definition| definition.form != Form::ConfLine && !definition.option.is(TEXT));
    for definition in definitions {
        values
            .entry(&definition.option)
            .or_default()
            .push(definition);
    }
    values.retain(|_, definitions| {
        let weight = |definition: &Definition| (definition.set_priority, definition.priority);
        let most = definitions
            .iter()
            .filter(|definition| definition.condition == Condition::Always)
            .map(|definition| weight(definition))
            .min();
        let mut strongest = definitions.iter().filter(|definition| {
            definition.condition == Condition::Always
                && Some(weight(definition)) == most
                && definition.value.value.is_scalar()
        });
        let first = strongest.next();
        strongest.any(|other| first.is_some_and(|first| first.value.value != other.value.value))
    });
    values.into_keys().collect()
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
    line_of_text: bool,
    /// True when a text changes as a whole: its lines do, then.
    whole_text: bool,
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
                        changed: false,
                        elements: None,
                    };
                    Some((definition.form, declared))
                })
                .collect(),
            sources: sources.into_iter().map(Some).collect(),
            touched: BTreeSet::new(),
            line_of_text: false,
            whole_text: false,
        }
    }

    /// True for options whose value follows from a touched one: sets around it and parts of it,
    /// the text that a changed line belongs to, the lines of a changed text.
    fn is_beside(&self, (option, setting): &Key) -> bool {
        if option.is(TEXT) {
            let follows = match setting {
                None => self.line_of_text,
                Some(_) => self.whole_text,
            };
            if follows {
                return true;
            }
        }
        self.touched.iter().any(|(touched, _)| {
            touched.names().len() != option.names().len()
                && (touched.starts_with(option) || option.starts_with(touched))
        })
    }

    /// A touched option that gets two values that do not merge, and had none that do not.
    fn contradiction(
        &self,
        after: &Workspace,
        machine: &Machine,
        other: &Machine,
    ) -> Option<OptionPath> {
        let old = contradicting(self.before, machine);
        contradicting(after, other)
            .into_iter()
            .find(|option| {
                self.touched.iter().any(|(touched, _)| touched == *option) && !old.contains(option)
            })
            .cloned()
    }

    fn declare(&mut self, intended: &Intended<'_>) -> Result<(), String> {
        let Intended {
            change,
            definition,
            by_itself,
        } = *intended;
        let places: Vec<usize> = self
            .sources
            .iter()
            .enumerate()
            .filter(|(_, source)| {
                source.is_some_and(|source| {
                    source.id == definition.id
                        || (source.statement.is_some()
                            && (!by_itself || source.value.site == definition.value.site)
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
            let setting: Arc<str> = option.leaf().into();
            let option = match near.form {
                Form::TextLine => near.option.clone(),
                _ => OptionPath::new([Arc::clone(&setting)]),
            };
            (near.form, option, Some(setting), in_line(value))
        } else {
            (Form::Binding, option.clone(), None, Plain::new(value))
        };
        self.line_of_text |= form == Form::TextLine;
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
            changed: true,
            elements: None,
        };
        self.definitions.push(Some((form, declared)));
        self.sources.push(None);
    }

    fn change(&mut self, index: usize, change: &Change) -> Result<(), String> {
        let before = self.before;
        let changed = change.definition();
        let Some(Some(source)) = self.sources.get(index).copied() else {
            return Ok(());
        };
        let Some(Some((form, declared))) = self.definitions.get_mut(index) else {
            return Err(format!("`{}` is gone already", source.option));
        };
        self.line_of_text |= *form == Form::TextLine;
        self.touched
            .insert(key(&declared.option, declared.setting.as_ref(), *form));
        let is_line = matches!(form, Form::ConfLine | Form::TextLine);
        self.whole_text |= !is_line && source.option.is(TEXT);
        declared.changed = true;
        match change {
            Change::Set { value, .. } => {
                declared.said.value = if is_line {
                    in_line(value)
                } else {
                    Plain::new(value)
                };
            }
            Change::Remove { .. } => {
                if let Some(slot) = self.definitions.get_mut(index) {
                    *slot = None;
                }
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
                let elements = declared.elements_of(source);
                elements.added.extend(items.iter().cloned());
                declared.take_elements();
            }
            Change::ListRemove { items, .. } => {
                for item in items {
                    edit_item(before, changed, source, declared, *item, None)?;
                }
            }
            Change::ListReplace { item, with, .. } => {
                edit_item(before, changed, source, declared, *item, Some(with))?;
            }
            Change::Insert { .. } => {}
        }
        Ok(())
    }
}

/// A value as a line of text gives it.
fn in_line(value: &NewValue) -> Plain {
    match value {
        NewValue::Size(bytes) => Plain::Amount(*bytes),
        _ => Plain::Str(render::conf(value).unwrap_or_default()),
    }
}

/// Takes one element out, or replaces it. `changed` is the definition that was looked at: where
/// other machines read the same statement, the element may be missing.
fn edit_item(
    before: &Workspace,
    changed: DefId,
    source: &Definition,
    declared: &mut Declared,
    item: Place,
    with: Option<&str>,
) -> Result<(), String> {
    let word = before.text(item);
    let elements = declared.elements_of(source);
    if !edit_at(&mut elements.value, item, word, with) && source.id == changed {
        return Err(format!("`{word}` is no element of `{}`", source.option));
    }
    declared.take_elements();
    Ok(())
}
