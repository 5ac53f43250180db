//! Definitions of one option that the module system cannot merge.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::RuleCx;
use super::cache_key::file_of;
use crate::catalog::ModuleDefault;
use crate::catalog::OptionDefault;
use crate::diagnostic::Confidence;
use crate::eval::Value;
use crate::facts::ModuleSystem;
use crate::model::{
    Condition, Definition, Form, MachineView, OptionPath, Origin, Priority, SETTINGS_SETS, Source,
    Text,
};

/// Definitions of the strongest priority that contradict each other.
#[derive(Debug)]
pub(super) enum Conflict<'a> {
    /// Lists here, single values there.
    Kinds {
        /// The lists, in reading order.
        lists: Vec<&'a Definition>,
        /// What is no list.
        singles: Vec<&'a Definition>,
    },
    /// Single values that differ.
    Values(Vec<&'a Definition>),
    /// A single value, and another one that the module itself gives with the same priority.
    Module {
        /// The definition.
        definition: &'a Definition,
        /// The module's.
        default: &'a ModuleDefault,
    },
}

/// Settings that the module gives in the name of an option of its own; their conflicts are those
/// of the option.
const OF_AN_OPTION: [&str; 1] = ["builders"];

/// Every conflict of the machine. What is under a condition that is not known may be meant for
/// another case, and is left out; so are modules that nothing imports together.
pub(super) fn conflicts<'a>(cx: &RuleCx<'a>) -> Rc<Vec<Conflict<'a>>> {
    cx.remembered(|memo| &memo.conflicts, || find(cx))
}

fn find<'a>(cx: &RuleCx<'a>) -> Vec<Conflict<'a>> {
    let system = cx.target().system();
    if !matches!(
        system,
        Some(ModuleSystem::NixDarwin | ModuleSystem::Nixos | ModuleSystem::HomeManager) | None
    ) {
        return Vec::new();
    }
    let mut options: BTreeMap<&OptionPath, Vec<&'a Definition>> = BTreeMap::new();
    for definition in cx.all_definitions() {
        if matches!(definition.form, Form::TextLine | Form::ConfLine) {
            continue;
        }
        // Nobody asks for the values then.
        if cx.nix_disabled_by().is_some() && MachineView::is_module_setting(definition) {
            continue;
        }
        options
            .entry(&definition.option)
            .or_default()
            .push(definition);
    }
    let mut found = Vec::new();
    for (option, definitions) in &options {
        // Looking through the definitions of all machines is for the few that need it.
        if let Some(conflict) = of_option(cx, option, definitions)
            && !may_be_decided_elsewhere(cx, option)
        {
            found.push(conflict);
        }
    }
    found.extend(with_module(cx));
    found
}

/// How sure a conflict can be: `mkForce` in a file that was not read would settle it.
pub(super) fn certainty(cx: &RuleCx<'_>) -> Confidence {
    if cx.machine().complete {
        Confidence::Certain
    } else {
        Confidence::Likely
    }
}

/// True when a file that was read for another machine sets the option, and this machine may have
/// it, too.
fn may_be_decided_elsewhere(cx: &RuleCx<'_>, option: &OptionPath) -> bool {
    let is_setting = SETTINGS_SETS.iter().any(|set| option.parent().is(set));
    let key = cx.catalog().resolve(option.leaf());
    match key.filter(|_| is_setting) {
        Some(key) => cx.may_be_set_elsewhere(key.setting.name),
        None => cx.option_may_be_set_elsewhere(&option.to_string()),
    }
}

fn of_option<'a>(
    cx: &RuleCx<'a>,
    option: &OptionPath,
    definitions: &[&'a Definition],
) -> Option<Conflict<'a>> {
    if definitions.len() < 2 {
        return None;
    }
    let is_setting = SETTINGS_SETS.iter().any(|set| option.parent().is(set));
    if !is_setting && !has_single_value(cx, option) {
        return None;
    }
    let strongest = definitions
        .iter()
        .filter(|one| one.condition == Condition::Always)
        .map(|one| one.priority)
        .min()?;
    // What is stronger, if it counts, decides alone.
    if definitions.iter().any(|one| one.priority < strongest) {
        return None;
    }
    let winners: Vec<&'a Definition> = definitions
        .iter()
        .copied()
        .filter(|one| one.priority == strongest && one.condition == Condition::Always)
        .collect();
    if !belong_together(cx, &winners) {
        return None;
    }
    let (lists, rest): (Vec<_>, Vec<_>) = winners
        .into_iter()
        .partition(|one| matches!(one.value.value, Value::List(_)));
    let singles: Vec<&Definition> = rest
        .into_iter()
        .filter(|one| one.value.value.is_scalar())
        .collect();
    if !lists.is_empty() && !singles.is_empty() {
        return is_setting.then_some(Conflict::Kinds { lists, singles });
    }
    let first = singles.first()?;
    let differ = singles
        .iter()
        .any(|one| one.value.value != first.value.value);
    differ.then_some(Conflict::Values(singles))
}

/// True for an option that takes several definitions only if they agree, by the type that the
/// catalog knows.
fn has_single_value(cx: &RuleCx<'_>, option: &OptionPath) -> bool {
    const SINGLE: [&str; 5] = ["bool", "int", "str", "single-line str", "int or 'auto'"];
    let Some(system) = cx.target().system() else {
        return false;
    };
    cx.catalog()
        .option(system, &option.to_string())
        .filter(|info| info.is_current())
        .and_then(|info| info.kind)
        .is_some_and(|kind| SINGLE.contains(&kind))
}

/// True when the definitions are of one machine for certain: loose modules of one folder are
/// taken for one, but need not be.
pub(super) fn belong_together(cx: &RuleCx<'_>, definitions: &[&Definition]) -> bool {
    let several = match &cx.machine().origin {
        Origin::Modules(roots) => roots.len() > 1,
        _ => false,
    };
    let mut files = definitions.iter().map(|definition| file_of(definition));
    let first = files.next();
    !several || files.all(|file| Some(file) == first)
}

/// Single values that contradict one that the module defines itself.
fn with_module<'a>(cx: &RuleCx<'a>) -> Vec<Conflict<'a>> {
    let Some(system) = cx.target().system() else {
        return Vec::new();
    };
    let is_rival = |definition: &Definition| {
        definition.priority == Priority::NORMAL
            && definition.condition == Condition::Always
            && definition.value.value.is_scalar()
            && definition.setting.as_deref().is_some_and(|key| {
                !OF_AN_OPTION.contains(&key)
                    && cx.catalog().module_defaults(system).any(|default| {
                        // A single value beside a list is refused for its type already.
                        let is_list = matches!(
                            &default.value,
                            OptionDefault::Json(value) if value.is_array()
                        );
                        default.key == key && default.priority == Priority::NORMAL.0 && !is_list
                    })
            })
    };
    let rivals = cx
        .all_definitions()
        .any(|definition| definition.option.parent().is("nix.settings") && is_rival(definition));
    if !rivals || cx.nix_disabled_by().is_some() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for line in cx.rendered().lines {
        let single = matches!(line.text, Text::Conflict(_))
            && line
                .parts
                .iter()
                .all(|part| part.known && part.unconditional);
        if !single {
            continue;
        }
        let module = line.parts.iter().find_map(|part| match part.source {
            Source::Module(default) => Some((default, &part.text)),
            _ => None,
        });
        let own = line.parts.iter().find_map(|part| match part.source {
            Source::Definition(definition) if is_rival(definition) => {
                Some((definition, &part.text))
            }
            _ => None,
        });
        if let (Some((default, theirs)), Some((definition, ours))) = (module, own)
            && theirs != ours
        {
            found.push(Conflict::Module {
                definition,
                default,
            });
        }
    }
    found
}
