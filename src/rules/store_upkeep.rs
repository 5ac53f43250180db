//! What keeps the store small on a machine: a scheduled collection, a threshold, another tool.

use std::collections::BTreeSet;

use super::RuleCx;
use super::free_space::is_unset;
use crate::diagnostic::Confidence;
use crate::facts::ModuleSystem;
use crate::model::{Definition, Effective, Form, OptionPath, Setting};
use crate::text::Place;

/// Settings that decide how much the store holds.
const TOPIC_SETTINGS: [&str; 5] = [
    "keep-outputs",
    "keep-derivations",
    "auto-optimise-store",
    "min-free",
    "max-free",
];

/// Option sets that do.
const TOPIC_SETS: [&str; 2] = ["nix.gc", "nix.optimise"];

/// Names of tools and jobs that collect garbage without `nix.gc`, as configurations mention them.
/// Any mention, even in a comment, means that someone takes care.
const OTHER_COLLECTORS: [&str; 10] = [
    "nix-collect-garbage",
    "nix store gc",
    "nix-store --gc",
    "nix-gc",
    "nh clean",
    "nh.clean",
    "clean.enable",
    "clean = {",
    "angrr",
    "nix-sweep",
];

/// What the files say about collecting garbage.
#[derive(Clone, Copy, Debug)]
pub(super) enum Collection<'a> {
    /// Something does it, or may do it.
    Cared,
    /// `nix.gc.automatic` is false on purpose, and nothing else does it.
    SwitchedOff(&'a Definition),
    /// Nothing does it.
    Absent {
        /// False when a file that was not read may say otherwise.
        assured: bool,
    },
}

/// Who collects garbage on this machine.
pub(super) fn collection<'a>(cx: &RuleCx<'a>) -> Collection<'a> {
    let elsewhere = cx.may_be_set_elsewhere("min-free")
        || cx.option_may_be_set_elsewhere("nix.gc.automatic")
        || cx.option_may_be_set_elsewhere("programs.nh.clean");
    if elsewhere || mentions_collector(cx) || !is_unset(cx, "min-free") {
        return Collection::Cared;
    }
    match cx.option("nix.gc.automatic") {
        Setting::Unset { assured } => Collection::Absent { assured },
        Setting::Known(effective)
            if effective.as_bool() == Some(false) && effective.unconditional =>
        {
            Collection::SwitchedOff(effective.definition)
        }
        _ => Collection::Cared,
    }
}

/// True when a file of the machine names a tool that collects garbage.
pub(super) fn mentions_collector(cx: &RuleCx<'_>) -> bool {
    mentions(cx, &OTHER_COLLECTORS)
}

/// True when a file of the machine holds one of the texts, be it in a comment.
pub(super) fn mentions(cx: &RuleCx<'_>, texts: &[&str]) -> bool {
    cx.machine()
        .files
        .iter()
        .filter_map(|id| cx.workspace().file(*id))
        .any(|file| texts.iter().any(|text| file.text().contains(text)))
}

/// How sure it is that the scheduled collection runs at all; `None` when it does not, or no file
/// that was read turns it on. Its arguments are of no use then.
pub(super) fn scheduled(cx: &RuleCx<'_>) -> Option<Confidence> {
    match cx.option("nix.gc.automatic") {
        Setting::Known(effective) if effective.as_bool() == Some(true) => {
            Some(cx.confidence_in(&effective))
        }
        Setting::OneOf(_) | Setting::Unknown { .. } => Some(Confidence::Likely),
        Setting::Known(_) | Setting::Unset { .. } => None,
    }
}

/// The definition that turns an option on, when that is known.
pub(super) fn turned_on<'a>(cx: &RuleCx<'a>, path: &str) -> Option<Effective<'a>> {
    // A system that does not manage Nix refuses its jobs, whatever they would do.
    let own_job = ["nix.gc.", "nix.optimise."]
        .iter()
        .any(|set| path.starts_with(set));
    let is_home = cx.target().system() == Some(ModuleSystem::HomeManager);
    if own_job && !is_home && cx.nix_disabled_by().is_some() {
        return None;
    }
    let known = cx.option(path).known();
    known.filter(|effective| effective.as_bool() == Some(true))
}

/// The definitions about the size of the store, each option once.
pub(super) fn topic<'a>(cx: &RuleCx<'a>) -> Vec<&'a Definition> {
    let sets = TOPIC_SETS.map(OptionPath::dotted);
    let mut seen = BTreeSet::new();
    let mut found: Vec<&'a Definition> = TOPIC_SETTINGS
        .iter()
        .flat_map(|name| cx.definitions(name))
        .collect();
    found.extend(
        cx.all_definitions()
            .filter(|definition| sets.iter().any(|set| definition.option.starts_with(set))),
    );
    found.retain(|definition| seen.insert(definition.option.to_string()));
    found
}

/// Where to speak of the store as it is: at what files say about its size, else at the first setting.
pub(super) fn spot(cx: &RuleCx<'_>) -> Option<Place> {
    let is_setting = |definition: &&Definition| definition.setting.is_some();
    topic(cx)
        .into_iter()
        .chain(cx.all_definitions().filter(is_setting))
        .find_map(Definition::place)
}

/// How many definitions of the topic show that a file whose importer was not read is the place
/// where Nix is configured.
const CLEARLY_THE_PLACE: usize = 3;

/// The definition to speak at and to write near to, when the machine's files are the place where
/// Nix is configured, with how sure that makes a statement about what they leave out.
pub(super) fn place_of_absence<'a>(
    cx: &RuleCx<'a>,
    assured: bool,
) -> Option<(&'a Definition, Confidence)> {
    let topic = topic(cx);
    let enough = if assured { 1 } else { CLEARLY_THE_PLACE };
    if topic.len() < enough {
        return None;
    }
    let sets = TOPIC_SETS.map(OptionPath::dotted);
    let bound = |definition: &&&Definition| definition.form == Form::Binding;
    let near = topic
        .iter()
        .find(|definition| {
            bound(definition) && sets.iter().any(|set| definition.option.starts_with(set))
        })
        .or_else(|| topic.iter().find(bound))
        .or(topic.first())?;
    let confidence = if assured {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    Some((near, confidence))
}
