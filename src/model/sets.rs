//! Sets of settings are options themselves: of all that modules say about `nix.settings`, only the
//! definitions of the strongest priority count, and within them priorities begin anew (nixpkgs
//! `lib/types.nix`, `submodule`).

use std::collections::HashMap;

use super::collect::Wrapping;
use super::definition::{Condition, OptionPath, Order, Priority};
use super::modules::Reader;

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
        let sets = std::mem::take(&mut self.sets);
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
                continue;
            }
            if let Some(set) = stronger.next() {
                draft.condition = set.condition.clone();
            }
            self.reading.drafts.push(draft);
        }
    }
}
