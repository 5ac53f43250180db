//! Sets of settings are options themselves: of all that modules say about `nix.settings`, only the
//! definitions of the strongest priority count, and within them priorities begin anew (nixpkgs
//! `lib/types.nix`, `submodule`).

use std::collections::HashMap;

use super::collect::Wrapping;
use super::definition::{Condition, OptionPath, Order, Priority};
use super::machine::Hole;
use super::modules::Reader;
use crate::eval::{Traced, Value, Why};

/// The options that hold settings as submodules.
const SUBMODULES: [&str; 3] = [
    "nix.settings",
    "determinateNix.customSettings",
    "determinate-nix.customSettings",
];

/// The definitions of sets of settings, and what each of them says.
#[derive(Debug, Default)]
pub(super) struct Sets {
    definitions: Vec<SetDefinition>,
    /// By the number of a draft, the set that holds it.
    of_drafts: HashMap<usize, usize>,
}

/// One definition of a whole set.
#[derive(Debug)]
struct SetDefinition {
    path: OptionPath,
    priority: Priority,
    condition: Condition,
}

impl Sets {
    /// The priority of a set; that of what stands in none.
    pub fn priority(&self, set: Option<usize>) -> Priority {
        set.and_then(|set| self.definitions.get(set))
            .map_or(Priority::NORMAL, |set| set.priority)
    }

    /// Notes that a draft stands in a set.
    pub fn note(&mut self, draft: usize, set: Option<usize>) {
        if let Some(set) = set {
            self.of_drafts.insert(draft, set);
        }
    }
}

/// Whether an option is such a set.
pub(super) fn is_submodule(path: &OptionPath) -> bool {
    let dotted = path.to_string();
    SUBMODULES.contains(&dotted.as_str())
}

impl Reader<'_> {
    /// What is wrapped around the members of a set of settings.
    pub(super) fn within(&mut self, path: &OptionPath, wrapping: &Wrapping) -> Wrapping {
        let plain = |within| Wrapping {
            priority: Priority::NORMAL,
            order: Order::NORMAL,
            within,
            ..wrapping.clone()
        };
        let Some(condition) = self.decided(wrapping) else {
            return plain(None);
        };
        self.sets.definitions.push(SetDefinition {
            path: path.clone(),
            priority: wrapping.priority,
            condition,
        });
        plain(Some(self.sets.definitions.len() - 1))
    }

    /// Drops what stands in sets that a stronger one replaces; what one may replace counts only
    /// perhaps.
    pub(super) fn drop_weak_sets(&mut self) {
        let mut sets = std::mem::take(&mut self.sets);
        self.spread_failures(&sets);
        // NixOS and nix-darwin say something about the settings themselves, plainly.
        let path = OptionPath::dotted("nix.settings");
        if self.is_whole_system && sets.definitions.iter().any(|set| set.path == path) {
            sets.definitions.push(SetDefinition {
                path,
                priority: Priority::NORMAL,
                condition: Condition::Always,
            });
        }
        let is_mixed = sets.definitions.iter().any(|set| {
            let first = sets.definitions.iter().find(|other| other.path == set.path);
            first.is_some_and(|first| first.priority != set.priority)
        });
        if !is_mixed {
            return;
        }
        let drafts = std::mem::take(&mut self.reading.drafts);
        for (number, mut draft) in drafts.into_iter().enumerate() {
            let own = sets.of_drafts.get(&number);
            let Some(own) = own.and_then(|own| sets.definitions.get(*own)) else {
                self.reading.drafts.push(draft);
                continue;
            };
            let mut stronger = sets
                .definitions
                .iter()
                .filter(|set| set.path == own.path && set.priority < own.priority);
            if stronger
                .clone()
                .any(|set| set.condition == Condition::Always)
            {
                self.reading.dropped.push(draft);
                continue;
            }
            if let Some(set) = stronger.next() {
                draft.condition = set.condition.clone();
            }
            self.reading.drafts.push(draft);
        }
    }

    /// The conditions of all definitions are looked at before the weaker ones are dropped, those
    /// of whole sets included: where one of them fails, the option has no value.
    fn spread_failures(&mut self, sets: &Sets) {
        let failing_sets: Vec<(&OptionPath, &Why)> = sets
            .definitions
            .iter()
            .filter_map(|set| Some((&set.path, failure_of(&set.condition)?)))
            .collect();
        let failing: Vec<(OptionPath, Why)> = self
            .reading
            .drafts
            .iter()
            .filter_map(|draft| Some((draft.option.clone(), failure_of(&draft.condition)?.clone())))
            .collect();
        if failing_sets.is_empty() && failing.is_empty() {
            return;
        }
        // What nothing defines has no default either then.
        for (path, why) in &failing_sets {
            let hole = Hole {
                path: (*path).clone(),
                why: (*why).clone(),
                at: None,
            };
            if !self.reading.holes.contains(&hole) {
                self.reading.holes.push(hole);
            }
        }
        for (number, draft) in self.reading.drafts.iter_mut().enumerate() {
            let own = sets.of_drafts.get(&number);
            let own = own.and_then(|own| sets.definitions.get(*own));
            let of_set = own.and_then(|own| {
                let mut failing = failing_sets.iter();
                failing.find(|(path, _)| **path == own.path)
            });
            let of_option = failing.iter().find(|(option, _)| *option == draft.option);
            let why = of_set
                .map(|(_, why)| (*why).clone())
                .or_else(|| of_option.map(|(_, why)| why.clone()));
            if let Some(why) = why {
                draft.value = Traced {
                    site: draft.value.site,
                    ..Traced::bare(Value::Unknown(why))
                };
            }
        }
    }
}

/// Why a condition fails for certain.
fn failure_of(condition: &Condition) -> Option<&Why> {
    match condition {
        Condition::Unknown {
            why: why @ (Why::Failure(_) | Why::Thrown(_)),
            ..
        } => Some(why),
        _ => None,
    }
}
