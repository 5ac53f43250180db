//! A profile as rows of bars, for the script.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::{end_words, has_failed, name};
use crate::analyze::evaluation::{Frame, Stacks, Unit};
use crate::analyze::profile::{Build, EndQuality, Interval, Lanes, Profile, Substitution};
use crate::report::analyze::chart::duration;
use crate::report::analyze::profile::share_words;
use crate::units::Bytes;

/// Bits of [`Bar::flags`]; the script has the same.
const CRITICAL: u8 = 1;
const FAILED: u8 = 2;

/// A chart.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct View {
    /// The id of its element.
    name: &'static str,
    /// What its axis counts: `s` for seconds.
    unit: &'static str,
    /// What its bars are.
    things: &'static str,
    /// Where its axis ends.
    end: f64,
    /// Kinds of bars; they are names of colors.
    kinds: Vec<&'static str>,
    /// The words for them.
    labels: Vec<&'static str>,
    /// From top to bottom.
    rows: Vec<Row>,
    /// The number of the row that says what slots waited for, from 1; 0 without one.
    slots: usize,
    /// Bars of the critical path, by row and place.
    chain: Vec<(usize, usize)>,
    /// The kind in whose color the map is drawn.
    counted: &'static str,
    /// What stands beside the map.
    map_label: &'static str,
}

/// A row; its bars do not overlap and are in order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    /// A heading stands above the first row of a group; empty for none.
    group: String,
    label: String,
    /// A low row that is not searched.
    slim: bool,
    /// What runs at once in these rows is drawn in the map.
    is_counted: bool,
    bars: Vec<Bar>,
}

/// A bar. Its keys are short: there are many.
#[derive(Serialize)]
struct Bar {
    #[serde(rename = "s")]
    start: f64,
    #[serde(rename = "e")]
    end: f64,
    #[serde(rename = "k")]
    kind: usize,
    #[serde(rename = "n")]
    name: String,
    #[serde(rename = "f")]
    flags: u8,
    /// What else is known, a line each.
    #[serde(rename = "d", skip_serializing_if = "Vec::is_empty")]
    details: Vec<String>,
    /// Phases: name, start, end.
    #[serde(rename = "p", skip_serializing_if = "Vec::is_empty")]
    phases: Vec<(String, f64, f64)>,
}

/// An entry of a legend.
#[derive(Serialize)]
pub(super) struct Key {
    kind: &'static str,
    label: &'static str,
}

impl View {
    /// The legend: kinds that are there.
    pub(super) fn keys(&self) -> Vec<Key> {
        let kinds = self.kinds.iter().zip(&self.labels).enumerate();
        let is_there = |index| {
            let mut bars = self.rows.iter().flat_map(|row| &row.bars);
            bars.any(|bar| bar.kind == index)
        };
        let mut out: Vec<Key> = kinds
            .filter(|(index, _)| is_there(*index))
            .map(|(_, (kind, label))| Key { kind, label })
            .collect();
        if !self.chain.is_empty() {
            out.push(Key {
                kind: "critical",
                label: "critical path",
            });
        }
        out
    }

    /// The number of a kind; a new one gets the next.
    fn kind(&mut self, kind: &'static str, label: &'static str) -> usize {
        match self.kinds.iter().position(|known| *known == kind) {
            Some(index) => index,
            None => {
                self.kinds.push(kind);
                self.labels.push(label);
                self.kinds.len() - 1
            }
        }
    }
}

/// The timeline; `None` without times.
pub(super) fn timeline(profile: &Profile) -> Option<View> {
    let end = profile.wall_secs.filter(|secs| *secs > 0.0)?;
    let mut view = View {
        name: "timeline",
        unit: "s",
        things: "bars",
        end,
        kinds: Vec::new(),
        labels: Vec::new(),
        rows: Vec::new(),
        slots: 0,
        chain: Vec::new(),
        counted: "build",
        map_label: "builds at once",
    };
    activities(profile, &mut view);
    slots(profile, &mut view);
    let mut places = FxHashMap::default();
    builds(profile, end, &mut view, &mut places);
    downloads(profile, end, &mut view, &mut places);
    if !profile
        .builds
        .iter()
        .any(|build| build.start_secs.is_some())
    {
        view.counted = "substitution";
        view.map_label = "downloads at once";
    }
    let steps = profile.critical_path.iter();
    view.chain = steps
        .filter_map(|step| places.get(step.path.as_str()).copied())
        .collect();
    for (row, place) in view.chain.clone() {
        let bar = view
            .rows
            .get_mut(row)
            .and_then(|row| row.bars.get_mut(place));
        if let Some(bar) = bar {
            bar.flags |= CRITICAL;
        }
    }
    Some(view)
}

/// More bars than a screen has pixels say nothing.
const MOST_CALLS: usize = 20_000;
/// Deeper stacks are recursion.
const DEEPEST_CALL: usize = 120;
/// Colors of frames; those of one file have the same.
const FRAME_KINDS: [&str; 5] = ["frame-0", "frame-1", "frame-2", "frame-3", "frame-4"];

/// The calls of an evaluation: each lies below its caller and is as wide as its time; `None` when nothing
/// was seen.
pub(super) fn icicle(stacks: &Stacks) -> Option<View> {
    let total = stacks.total();
    if total == 0 {
        return None;
    }
    // A ten-thousandth of the whole is less than a pixel.
    let mut least = (total / 10_000).max(1);
    let mut calls = stacks.calls(least, DEEPEST_CALL);
    while calls.len() > MOST_CALLS {
        least *= 2;
        calls = stacks.calls(least, DEEPEST_CALL);
    }
    #[expect(clippy::cast_precision_loss, reason = "widths of bars")]
    let amount = |weight: u64| match stacks.unit() {
        Unit::Samples => weight as f64,
        Unit::Nanoseconds => weight as f64 / 1e9,
    };
    let mut files: FxHashMap<String, usize> = FxHashMap::default();
    let mut rows: Vec<Row> = Vec::new();
    for call in calls {
        let frame = Frame::parse(&call.frame);
        let next = files.len() % FRAME_KINDS.len();
        let kind = *files
            .entry(frame.file.clone().unwrap_or_default())
            .or_insert(next);
        while rows.len() <= call.depth {
            rows.push(Row {
                group: String::new(),
                label: String::new(),
                slim: false,
                is_counted: true,
                bars: Vec::new(),
            });
        }
        let mut details = Vec::new();
        if let (Some(file), Some(line)) = (&frame.file, frame.line) {
            details.push(format!("{}:{line}", name(file)));
        }
        details.push(format!(
            "{:.1} % of the whole, {:.1} % without what it calls",
            amount(call.total) / amount(total) * 100.0,
            amount(call.own) / amount(total) * 100.0
        ));
        if let Some(row) = rows.get_mut(call.depth) {
            row.bars.push(Bar {
                start: amount(call.start),
                end: amount(call.start + call.total),
                kind,
                name: name(&frame.short()),
                flags: 0,
                details,
                phases: Vec::new(),
            });
        }
    }
    Some(View {
        name: "icicle",
        unit: match stacks.unit() {
            Unit::Samples => "samples",
            Unit::Nanoseconds => "s",
        },
        things: "calls",
        end: amount(total),
        kinds: FRAME_KINDS.to_vec(),
        labels: vec!["call"; FRAME_KINDS.len()],
        rows,
        slots: 0,
        chain: Vec::new(),
        counted: "frame-0",
        map_label: "depth of calls",
    })
}

/// A row for each kind of what went on beside builds and downloads.
fn activities(profile: &Profile, view: &mut View) {
    let mut kinds: Vec<&'static str> = Vec::new();
    for activity in &profile.activities {
        if !kinds.contains(&activity.kind) {
            kinds.push(activity.kind);
        }
    }
    for kind in kinds {
        let of_kind = profile.activities.iter();
        let of_kind = of_kind.filter(|activity| activity.kind == kind);
        let row = interval_row(of_kind, view, kind, share_words(kind));
        view.rows.push(Row {
            label: share_words(kind).to_owned(),
            ..row
        });
    }
}

/// What slots waited for, above them.
fn slots(profile: &Profile, view: &mut View) {
    const WORDS: [(&str, &str, &str); 3] = [
        ("full", "full", "all slots full while others waited"),
        (
            "dependencies",
            "dependencies",
            "slots idle: everything waited for a build",
        ),
        ("other", "idle", "slots idle although a build was ready"),
    ];
    let slots = profile.parallelism.iter().flat_map(|known| &known.slots);
    let mut bars = Vec::new();
    for slot in slots {
        let Some((_, color, words)) = WORDS.iter().find(|(kind, _, _)| *kind == slot.kind) else {
            continue;
        };
        let kind = view.kind(color, words);
        bars.push(interval_bar(slot, kind));
    }
    if bars.is_empty() {
        return;
    }
    view.rows.push(Row {
        group: "Builds".to_owned(),
        label: "slots".to_owned(),
        slim: true,
        is_counted: false,
        bars,
    });
    view.slots = view.rows.len();
}

fn interval_row<'p>(
    intervals: impl Iterator<Item = &'p Interval>,
    view: &mut View,
    kind: &'static str,
    label: &'static str,
) -> Row {
    let kind = view.kind(kind, label);
    Row {
        group: String::new(),
        label: String::new(),
        slim: true,
        is_counted: false,
        bars: intervals
            .map(|interval| interval_bar(interval, kind))
            .collect(),
    }
}

fn interval_bar(interval: &Interval, kind: usize) -> Bar {
    Bar {
        start: interval.start_secs,
        end: interval.end_secs,
        kind,
        name: String::new(),
        flags: 0,
        details: Vec::new(),
        phases: Vec::new(),
    }
}

/// Where the bar of a path lies.
type Places<'p> = FxHashMap<&'p str, (usize, usize)>;

/// Puts bars that may overlap into rows of one group, which begin behind those that are there.
fn rows<'p>(
    bars: impl Iterator<Item = (&'p str, Bar)>,
    group: &str,
    label: &str,
    view: &mut View,
    places: &mut Places<'p>,
) {
    let first = view.rows.len();
    let mut lanes = Lanes::default();
    let is_counted = view.rows.iter().all(|row| !row.is_counted) || group == "Builds";
    for (path, bar) in bars {
        let lane = lanes.take(bar.start, bar.end);
        if view.rows.len() <= first + lane {
            view.rows.push(Row {
                group: group.to_owned(),
                label: format!("{label} {}", lane + 1),
                slim: false,
                is_counted,
                bars: Vec::new(),
            });
        }
        if let Some(row) = view.rows.get_mut(first + lane) {
            places.insert(path, (first + lane, row.bars.len()));
            row.bars.push(bar);
        }
    }
}

/// Builds here, then those of each other machine.
fn builds<'p>(profile: &'p Profile, end: f64, view: &mut View, places: &mut Places<'p>) {
    let mut machines: BTreeMap<Option<&str>, Vec<(&Build, f64)>> = BTreeMap::new();
    for build in &profile.builds {
        if let Some(start) = build.start_secs {
            let machine = machines.entry(build.machine.as_deref()).or_default();
            machine.push((build, start));
        }
    }
    for (machine, mut builds) in machines {
        builds.sort_by(|one, other| one.1.total_cmp(&other.1));
        let group = machine.map_or_else(
            || "Builds".to_owned(),
            |machine| format!("Builds on {}", name(machine)),
        );
        let kind = view.kind("build", "build");
        let bars = builds.into_iter().map(|(build, start)| {
            let bar = build_bar(build, start, build.end_secs.unwrap_or(end), kind);
            (build.derivation.as_str(), bar)
        });
        rows(bars, &group, "slot", view, places);
    }
}

fn build_bar(build: &Build, start: f64, end: f64, kind: usize) -> Bar {
    let mut details = Vec::new();
    if let Some(waited) = build.waited_secs.filter(|secs| *secs >= 0.005) {
        details.push(format!("could have begun {} earlier", duration(waited)));
    }
    if build.end_quality != EndQuality::Exact {
        details.push(format!("end: {}", end_words(build)));
    }
    match build.log_lines {
        0 => {}
        1 => details.push("1 line of log".to_owned()),
        lines => details.push(format!("{lines} lines of log")),
    }
    details.push(name(&build.derivation));
    let phases = build.phases.iter().filter_map(|phase| {
        let start = phase.start_secs?;
        let secs = phase.duration_secs.unwrap_or(end - start);
        Some((name(&phase.name), start, start + secs))
    });
    Bar {
        start,
        end: end.max(start),
        kind,
        name: name(&build.name),
        flags: if has_failed(build) { FAILED } else { 0 },
        details,
        phases: phases.collect(),
    }
}

fn downloads<'p>(profile: &'p Profile, end: f64, view: &mut View, places: &mut Places<'p>) {
    let mut taken: Vec<(&Substitution, f64)> = profile
        .substitutions
        .iter()
        .filter_map(|taken| Some((taken, taken.start_secs?)))
        .collect();
    if taken.is_empty() {
        return;
    }
    taken.sort_by(|one, other| one.1.total_cmp(&other.1));
    let kind = view.kind("substitution", "download");
    let bars = taken.into_iter().map(|(taken, start)| {
        let end = taken.end_secs.unwrap_or(end).max(start);
        let mut details = Vec::new();
        if let Some(bytes) = taken.download_bytes {
            details.push(format!("{} transferred", Bytes(bytes)));
        }
        if let Some(bytes) = taken.nar_bytes {
            details.push(format!("{} unpacked", Bytes(bytes)));
        }
        details.push(format!("from {}", name(&taken.cache)));
        details.push(name(&taken.path));
        let bar = Bar {
            start,
            end,
            kind,
            name: name(crate::analyze::profile::store_name(&taken.path)),
            flags: 0,
            details,
            phases: Vec::new(),
        };
        (taken.path.as_str(), bar)
    });
    rows(bars, "Downloads", "", view, places);
}
