//! Where builds go: slots of this machine, and the build hook.
//!
//! As in Nix 2.34 (`src/libstore/build/derivation-building-goal.cc`, `worker.cc`) and 2.8
//! (`derivation-goal.cc`): each build asks the hook first, in the order of keys, and only what it
//! declines is built here in the turn after. It declines when no builder is free and this machine
//! has a slot at that moment; a build that then finds none asks again when anything ends. When all
//! builders are busy and this machine has no slot, the hook postpones: such builds are only woken
//! every `build-poll-interval`. While a hook is started and connects, Nix does nothing else.

use std::collections::BTreeSet;

use super::super::graph::JobId;
use super::{ByRoute, Entry, State, Turn, merge};

/// What the hook answers.
enum Reply {
    /// This builder takes it.
    Accept(usize),
    /// It is to be built here.
    Decline,
    /// Neither here nor there is a slot.
    Postpone,
    /// It has to be started first.
    NotYet,
}

/// The set whose first entry is the smallest of all.
fn first_of(sets: &ByRoute) -> Option<usize> {
    let firsts = sets.iter().enumerate();
    let firsts = firsts.filter_map(|(index, set)| Some((set.first()?, index)));
    firsts.min().map(|(_, index)| index)
}

fn take_first(sets: &mut ByRoute, index: usize) -> Option<JobId> {
    let (_, id) = sets.get_mut(index)?.pop_first()?;
    Some(id)
}

fn take_all(sets: &mut ByRoute, index: usize) -> BTreeSet<Entry> {
    sets.get_mut(index).map(std::mem::take).unwrap_or_default()
}

fn add_all(sets: &mut ByRoute, index: usize, more: BTreeSet<Entry>) {
    if let Some(set) = sets.get_mut(index) {
        merge(set, more);
    }
}

impl State<'_, '_> {
    /// Lets builds ask for their slots. What is left when the loop has to wait for a hook comes
    /// back.
    pub(super) fn give(&mut self, mut turn: Turn) -> Option<Turn> {
        while let Some(route) = first_of(&turn.open) {
            match self.reply(route) {
                Reply::Decline => {
                    let declined = take_all(&mut turn.open, route);
                    add_all(&mut turn.declined, route, declined);
                }
                Reply::Postpone => {
                    let postponed = take_all(&mut turn.open, route);
                    add_all(&mut self.postponed, route, postponed);
                }
                Reply::Accept(builder) => {
                    if let Some(id) = take_first(&mut turn.open, route) {
                        self.start_remote(id, builder);
                    }
                }
                Reply::NotYet => {}
            }
            if self.now < self.blocked_until {
                return Some(turn);
            }
        }
        while self.has_local_slot()
            && let Some(route) = first_of(&turn.declined)
            && let Some(id) = take_first(&mut turn.declined, route)
        {
            self.start_local(id);
        }
        for (route, rest) in turn.declined.into_iter().enumerate() {
            add_all(&mut self.wanting, route, rest);
        }
        None
    }

    /// The answer to all builds that can be built at the same places; it stays the same until a
    /// builder takes one or time passes.
    fn reply(&mut self, route: usize) -> Reply {
        let setup = self.setup;
        let Some(route) = setup.routes.all.get(route) else {
            return Reply::Decline;
        };
        let can_here = route.is_local && self.max_jobs > 0;
        if route.builders.is_empty() || (route.prefers_local && can_here) {
            return Reply::Decline;
        }
        if !self.has_hook {
            self.has_hook = true;
            if setup.fleet.hook_secs > 0.0 {
                self.blocked_until = self.now + setup.fleet.hook_secs;
                return Reply::NotYet;
            }
        }
        let load = |builder: usize| {
            let place = self.places.get(builder + 1);
            place.map_or(u32::MAX, |place| {
                u32::try_from(place.at_work).unwrap_or(u32::MAX)
            })
        };
        match setup.fleet.choose(route, load) {
            Some(builder) => Reply::Accept(builder),
            None if can_here && self.has_local_slot() => Reply::Decline,
            None => Reply::Postpone,
        }
    }

    fn has_local_slot(&self) -> bool {
        self.places
            .first()
            .is_some_and(|here| here.at_work < self.max_jobs)
    }

    fn start_local(&mut self, id: JobId) {
        let mut freed = None;
        if let Some(here) = self.places.first_mut() {
            here.at_work += 1;
            freed = here.last;
        }
        self.write_start(id, freed, None, self.now);
        self.begin_parts(id);
    }

    fn start_remote(&mut self, id: JobId, builder: usize) {
        let mut freed = None;
        if let Some(place) = self.places.get_mut(builder + 1) {
            place.at_work += 1;
            freed = place.last;
        }
        let link = self.setup.fleet.builders.get(builder).map(|it| it.link);
        // Nix says that it builds when the connection stands.
        let start = self.now + link.map_or(0.0, |link| link.connect_secs);
        self.blocked_until = start;
        // This hook goes with the build.
        self.has_hook = false;
        self.write_start(id, freed, Some(builder), start);
        self.begin_parts(id);
    }

    /// Nix notices that a build has ended. It frees a slot of this machine if it ran here.
    pub(super) fn free_slot(&mut self, id: JobId) {
        let is_here = |span: &super::JobSpan| span.builder.is_none();
        if self.spans.get(id.index()).is_some_and(is_here)
            && let Some(here) = self.places.first_mut()
        {
            here.at_work -= 1;
            here.last = Some(id);
        }
    }

    /// Whether a build could start now.
    pub(super) fn has_free_slot(&self) -> bool {
        let builders = self
            .setup
            .fleet
            .builders
            .iter()
            .zip(self.places.iter().skip(1));
        self.has_local_slot()
            || builders
                .into_iter()
                .any(|(builder, place)| place.at_work < builder.max_jobs as usize)
    }

    /// Whether a build that is postponed could start now if Nix looked.
    pub(super) fn waits_in_vain(&self) -> bool {
        let routes = self.setup.routes.all.iter().zip(&self.postponed);
        let mut waiting = routes.filter(|(_, set)| !set.is_empty());
        waiting.any(|(route, _)| {
            let is_free = |builder: &usize| {
                let slots = self.setup.fleet.builders.get(*builder);
                let place = self.places.get(builder + 1);
                slots
                    .zip(place)
                    .is_some_and(|(slots, place)| place.at_work < slots.max_jobs as usize)
            };
            (route.is_local && self.has_local_slot()) || route.builders.iter().any(is_free)
        })
    }

    fn has_postponed(&self) -> bool {
        self.postponed.iter().any(|set| !set.is_empty())
    }

    /// Whether Nix wakes what is postponed if it wakes up now.
    pub(super) fn is_poll_due(&self) -> bool {
        const ROUNDING_SECS: f64 = 1e-9;
        let poll_secs = self.setup.fleet.poll_secs;
        let is_due = |polled: f64| polled + poll_secs <= self.now + ROUNDING_SECS;
        self.has_postponed() && self.polled.is_some_and(is_due)
    }

    /// Nix's loop goes to sleep (`Worker::waitForInput`). While something is postponed it wakes up
    /// after whole seconds, at least one, so that what it waits for can come a second late.
    pub(super) fn rest(&mut self) {
        if !self.has_postponed() {
            self.polled = None;
            self.looks_again = None;
            return;
        }
        let polled = *self.polled.get_or_insert(self.now);
        if self.looks_again.is_none_or(|at| at <= self.now) {
            let left = polled + self.setup.fleet.poll_secs - self.now;
            self.looks_again = Some(self.now + (left + 1e-9).floor().max(1.0));
        }
    }

    /// When Nix's loop goes on although no job ends.
    pub(super) fn loop_wakes(&self) -> Option<f64> {
        if self.now < self.blocked_until {
            let is_waited = !self.turns.is_empty() || !self.finished.is_empty();
            return is_waited.then_some(self.blocked_until);
        }
        self.looks_again
    }
}
