//! What builds depend on: who waited for what, and the longest chain.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::{Build, Interval, Parallelism, Substitution, recorder::store_name};
use crate::syntax::Derivation;

/// Steps of the curve of running builds.
const STEPS: usize = 60;

/// Derivations by their store paths.
#[derive(Debug, Default)]
pub struct Graph {
    derivations: FxHashMap<String, Known>,
    /// Derivations by the paths of their outputs.
    makers: FxHashMap<String, String>,
}

/// What is kept of a derivation: a run has many, and their environments are large.
#[derive(Debug)]
struct Known {
    /// Derivations that it is built from.
    inputs: Vec<String>,
    /// It is always built where it is used: its build says nothing about caches.
    is_local_only: bool,
}

impl Graph {
    /// Adds a derivation.
    pub fn add(&mut self, path: String, derivation: &Derivation) {
        let outputs = derivation.outputs.iter().map(|output| &output.path);
        for output in outputs.filter(|path| !path.is_empty()) {
            self.makers.insert(output.clone(), path.clone());
        }
        let inputs = derivation.input_derivations.iter();
        let known = Known {
            inputs: inputs.map(|(path, _)| path.clone()).collect(),
            is_local_only: !derivation.allows_substitutes() || derivation.prefers_local_build(),
        };
        self.derivations.insert(path, known);
    }

    /// True when it was added.
    pub fn knows(&self, path: &str) -> bool {
        self.derivations.contains_key(path)
    }

    /// What a derivation is built from; empty when it is not known.
    pub fn inputs(&self, path: &str) -> &[String] {
        self.derivations
            .get(path)
            .map_or(&[], |known| known.inputs.as_slice())
    }

    /// `None` when the derivation is not known.
    pub(super) fn is_local_only(&self, path: &str) -> Option<bool> {
        self.derivations.get(path).map(|known| known.is_local_only)
    }
}

/// A step of the critical path.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct CriticalStep {
    /// The store path of the derivation, or the path that was substituted.
    pub path: String,
    /// The name without hash.
    pub name: String,
    /// `build` or `substitution`.
    pub kind: &'static str,
    /// How long it took.
    pub duration_secs: f64,
}

/// Says of each build how long it could have run but did not. `begin` is when the first worker began.
pub(super) fn waits(
    builds: &mut [Build],
    substituted: &FxHashMap<&str, f64>,
    graph: &Graph,
    begin: f64,
) {
    let mut ends: FxHashMap<String, f64> = FxHashMap::default();
    for build in builds.iter() {
        ends.insert(
            build.derivation.clone(),
            build.end_secs.unwrap_or(f64::INFINITY),
        );
    }
    for (path, end) in substituted {
        if let Some(maker) = graph.makers.get(*path) {
            let known = ends.entry(maker.clone()).or_insert(*end);
            *known = known.max(*end);
        }
    }
    for build in builds {
        if !graph.knows(&build.derivation) {
            continue;
        }
        let inputs = graph.inputs(&build.derivation).iter();
        let ready = inputs.filter_map(|input| ends.get(input)).copied();
        let ready = ready.fold(begin, f64::max);
        build.waited_secs = build
            .start_secs
            .filter(|_| ready.is_finite())
            .map(|start| (start - ready).max(0.0));
    }
}

/// The builds of this machine over time; `None` when no times are known.
#[expect(clippy::cast_precision_loss, reason = "few builds run at once")]
pub(super) fn parallelism(builds: &[Build], graph: &Graph) -> Option<Parallelism> {
    let local = builds.iter().filter(|build| build.machine.is_none());
    // Running and waiting, as steps of time.
    let mut borders: Vec<(f64, i64, i64)> = Vec::new();
    let mut is_known = true;
    for build in local {
        let (Some(start), Some(end)) = (build.start_secs, build.end_secs) else {
            continue;
        };
        borders.push((start, 1, 0));
        borders.push((end.max(start), -1, 0));
        is_known &= graph.knows(&build.derivation);
        if let Some(waited) = build.waited_secs.filter(|secs| *secs > 0.0) {
            borders.push((start - waited, 0, 1));
            borders.push((start, 0, -1));
        }
    }
    // Ends come before begins at the same moment: a slot is not taken twice.
    borders.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let first = borders.iter().find(|border| border.1 == 1)?.0;
    let last = borders.iter().rev().find(|border| border.1 == -1)?.0;
    let mut steps: Vec<(f64, f64, i64, i64)> = Vec::with_capacity(borders.len());
    let (mut from, mut running, mut waiting) = (first, 0_i64, 0_i64);
    for (at, run, wait) in &borders {
        if *at > from {
            steps.push((from, *at, running, waiting));
            from = *at;
        }
        running += run;
        waiting += wait;
    }
    let peak = steps.iter().map(|step| step.2).max().unwrap_or(0);
    let mut out = Parallelism {
        peak: u64::try_from(peak).unwrap_or(0),
        mean: 0.0,
        curve: vec![0.0; STEPS],
        slots: Vec::new(),
        slots_full_secs: 0.0,
        dependencies_secs: 0.0,
        other_secs: 0.0,
    };
    let (mut work, mut busy) = (0.0, 0.0);
    let width = (last - first) / STEPS as f64;
    for (from, until, running, waiting) in steps {
        let secs = until - from;
        if running > 0 {
            work += secs * running as f64;
            busy += secs;
        }
        let kind = match (running == peak, waiting > 0) {
            (true, true) => Some(("full", &mut out.slots_full_secs)),
            (false, true) => Some(("other", &mut out.other_secs)),
            (false, false) if is_known => Some(("dependencies", &mut out.dependencies_secs)),
            _ => None,
        };
        if let Some((kind, total)) = kind {
            *total += secs;
            match out.slots.last_mut() {
                Some(last) if last.kind == kind && last.end_secs >= from => last.end_secs = until,
                _ => out.slots.push(Interval {
                    kind,
                    start_secs: from,
                    end_secs: until,
                }),
            }
        }
        if width <= 0.0 {
            continue;
        }
        for (index, value) in out.curve.iter_mut().enumerate() {
            let begin = first + width * index as f64;
            let part = until.min(begin + width) - from.max(begin);
            if part > 0.0 {
                *value += running as f64 * part / width;
            }
        }
    }
    if busy > 0.0 {
        out.mean = work / busy;
    }
    Some(out)
}

/// The chain of builds and substitutions, each needed by the next, that took longest.
pub(super) fn critical_path(
    builds: &[Build],
    substitutions: &[Substitution],
    graph: &Graph,
) -> Vec<CriticalStep> {
    /// A derivation that ran, with the chain that leads to it.
    struct Node {
        step: CriticalStep,
        end: f64,
        total: f64,
        before: Option<String>,
    }
    let mut nodes: BTreeMap<&str, Node> = BTreeMap::new();
    for build in builds {
        if let (Some(duration), Some(end)) = (build.duration_secs(), build.end_secs)
            && graph.knows(&build.derivation)
        {
            let step = CriticalStep {
                path: build.derivation.clone(),
                name: build.name.clone(),
                kind: "build",
                duration_secs: duration,
            };
            let node = Node {
                step,
                end,
                total: duration,
                before: None,
            };
            nodes.insert(&build.derivation, node);
        }
    }
    if nodes.is_empty() {
        return Vec::new();
    }
    for taken in substitutions {
        if let (Some(start), Some(end)) = (taken.start_secs, taken.end_secs)
            && let Some(maker) = graph.makers.get(&taken.path)
        {
            let duration = (end - start).max(0.0);
            let node = Node {
                step: CriticalStep {
                    path: taken.path.clone(),
                    name: store_name(&taken.path).to_owned(),
                    kind: "substitution",
                    duration_secs: duration,
                },
                end,
                total: duration,
                before: None,
            };
            // Of several outputs the one that took longest counts.
            match nodes.get(maker.as_str()) {
                Some(known) if known.total >= duration => {}
                _ => {
                    nodes.insert(maker, node);
                }
            }
        }
    }
    // Who ended first cannot depend on who ended later.
    let mut order: Vec<(&str, f64)> = nodes.iter().map(|(path, node)| (*path, node.end)).collect();
    order.sort_by(|one, other| one.1.total_cmp(&other.1));
    let mut last: Option<(String, f64)> = None;
    for (path, _) in order {
        let mut longest: Option<(&String, f64)> = None;
        for input in graph.inputs(path) {
            if let Some(node) = nodes.get(input.as_str())
                && longest.is_none_or(|(_, total)| node.total > total)
            {
                longest = Some((input, node.total));
            }
        }
        let longest = longest.map(|(input, total)| (input.clone(), total));
        if let Some(node) = nodes.get_mut(path) {
            if let Some((input, total)) = longest {
                node.total = node.step.duration_secs + total;
                node.before = Some(input);
            }
            if last.as_ref().is_none_or(|(_, total)| node.total > *total) {
                last = Some((path.to_owned(), node.total));
            }
        }
    }
    let mut chain = Vec::new();
    let mut at = last.map(|(path, _)| path);
    // A graph that is no graph of derivations may have circles.
    while let Some(node) = at.and_then(|path| nodes.remove(path.as_str())) {
        chain.push(node.step);
        at = node.before;
    }
    chain.reverse();
    chain
}
