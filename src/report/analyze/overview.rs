//! `nixtune analyze`: one screen about a machine, with targets.

use std::time::Duration;

use owo_colors::Style as Paint;
use serde::Serialize;

use super::super::fit::{Unit, fitting_seen};
use super::super::json::{Tool, printed};
use super::super::{Style, escape, redact};
use super::chart::duration;
use super::history::{amount, target_text};
use super::store::growth_text;
use super::{VERSION, heading, moment, paragraph, time};
use crate::analyze::cache::Reach;
use crate::engine::analyze::{Effective, Overview, StoreReport};
use crate::facts::{BuildSlotsSeen, Host};
use crate::tune;
use crate::units::Bytes;

/// Less than this is not worth collecting, whatever its share.
const LEAST_DEAD_BYTES: u64 = Bytes::GIB;

/// One thing that is held against a target, or only told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Line {
    pub name: &'static str,
    pub value: String,
    /// Whether the target is met, and what it is; `None` where there is none.
    pub target: Option<(bool, String)>,
    /// The target's name in `nixtune.toml`; `None` for what has none there.
    pub key: Option<&'static str>,
}

impl Line {
    /// The same, held against the target of this name.
    fn of(self, key: &'static str) -> Self {
        Self {
            key: Some(key),
            ..self
        }
    }

    /// True when its target is missed.
    pub fn is_missed(&self) -> bool {
        matches!(self.target, Some((false, _)))
    }

    fn told(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            value: value.into(),
            target: None,
            key: None,
        }
    }

    fn held(name: &'static str, value: impl Into<String>, met: bool, target: String) -> Self {
        Self {
            name,
            value: value.into(),
            target: Some((met, target)),
            key: None,
        }
    }
}

/// For people, and whether every target is met.
pub fn overview(found: &Overview, style: Style) -> (String, bool) {
    let lines = lines(found);
    let width = lines
        .iter()
        .map(|line| line.name.chars().count())
        .max()
        .unwrap_or(0);
    let name = escape::line(&found.host.name);
    let mut out = format!("{}\n\n", heading(&name, style));
    for line in &lines {
        let value = escape::line(&redact::mask(&line.value)).into_owned();
        let (sign, target) = match &line.target {
            None => (" ", String::new()),
            Some((true, target)) => ("+", format!(" (target: {target})")),
            Some((false, target)) => ("!", format!(" (target: {target})")),
        };
        let text = format!(
            "{sign} {:width$}  {value}{}",
            line.name,
            escape::line(&target)
        );
        let text = paragraph(&text, style);
        out.push_str(&if line.is_missed() {
            style.paint(&text, Paint::new().yellow())
        } else {
            text
        });
    }
    let met = all_met(&lines);
    let missed = lines.iter().filter(|line| line.is_missed()).count();
    out.push_str(&match missed {
        0 => "\n  every target is met\n".to_owned(),
        1 => "\n  1 target is missed, marked with !\n".to_owned(),
        several => format!("\n  {several} targets are missed, marked with !\n"),
    });
    out.push_str("  more: nixtune analyze store, nixtune analyze cache, nixtune history\n");
    (out, met)
}

fn all_met(lines: &[Line]) -> bool {
    !lines.iter().any(Line::is_missed)
}

pub(super) fn lines(found: &Overview) -> Vec<Line> {
    let mut lines = Vec::new();
    let host = &found.host;
    let mut hardware = Vec::new();
    if let Some(platform) = &host.platform {
        hardware.push(platform.value.to_string());
    }
    if let Some(threads) = &host.threads {
        hardware.push(format!("{} threads", threads.value.0));
    }
    if let Some(memory) = &host.memory {
        hardware.push(format!("{} of memory", memory.value));
    }
    lines.push(Line::told("host", hardware.join(", ")));
    let nix = match (&found.target.implementation, &found.target.version) {
        (Some(implementation), Some(version)) => {
            format!("{} {}", implementation.value, version.value)
        }
        _ => "none that answers".to_owned(),
    };
    lines.push(Line::told("Nix", nix));
    settings(found, &mut lines);
    store(found, &mut lines);
    caches(found, &mut lines);
    runs(found, &mut lines);
    lines
}

/// The share of a part, in percent.
#[expect(clippy::cast_precision_loss, reason = "a share")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64 * 100.0
}

/// What runs were like, and the last of them.
fn runs(found: &Overview, lines: &mut Vec<Line>) {
    let history = match &found.history {
        Ok(history) => history,
        Err(why) => return lines.push(Line::told("history", why.clone())),
    };
    for one in &history.followed {
        if let (Some(met), Some(target)) = (one.met, target_text(one)) {
            let value = format!("{}, {}", amount(one.metric, one.current), one.name);
            lines.push(Line::held(one.metric.words(), value, met, target).of(one.metric.name()));
        }
    }
    for run in history.runs.iter().rev() {
        let wall = run
            .wall_secs
            .map_or_else(String::new, |secs| format!("{}, ", duration(secs)));
        let failed = match run.exit_code {
            0 => String::new(),
            code => format!(" (exit {code})"),
        };
        let value = format!("{} {wall}{}{failed}", moment(run.at_secs), run.name());
        lines.push(Line::told("last run", value));
    }
    if history.all_runs == 0 {
        lines.push(Line::told(
            "last run",
            "none recorded; `nixtune analyze profile -- nix build …` records one",
        ));
    }
}

/// Settings in effect against those that fit the hardware.
fn settings(found: &Overview, lines: &mut Vec<Line>) {
    match &found.effective {
        Ok(effective) => lines.extend(
            held_settings(&found.host, found.build_slots.as_ref(), effective)
                .into_iter()
                .map(|one| Line::held(one.setting, one.value, one.fits, one.fitting)),
        ),
        Err(why) => lines.push(Line::told("settings", why.clone())),
    }
}

/// A setting in effect beside the value that fits.
pub(super) struct HeldSetting {
    pub setting: &'static str,
    /// What is in effect.
    pub value: String,
    pub fits: bool,
    /// What fits.
    pub fitting: String,
    /// The arithmetic of what fits.
    pub formula: String,
}

/// The settings in effect for which it is known what fits; `seen` are recorded simulations.
pub(super) fn held_settings(
    host: &Host,
    seen: Option<&BuildSlotsSeen>,
    effective: &Effective,
) -> Vec<HeldSetting> {
    let mut held = Vec::new();
    for fit in fitting_seen(host, seen) {
        for value in &fit.values {
            let name = value.setting;
            let (Some(now), "max-jobs" | "cores" | "min-free" | "max-free") =
                (effective.numbers.get(name), name)
            else {
                continue;
            };
            let shown = |number: u64| match value.unit {
                // Nix takes the largest number for no limit.
                Some(Unit::Bytes) if number >= 1 << 60 => "no limit".to_owned(),
                Some(Unit::Bytes) if number == 0 => "off".to_owned(),
                Some(Unit::Bytes) => Bytes(number).to_string(),
                _ => number.to_string(),
            };
            held.push(HeldSetting {
                setting: name,
                value: shown(*now),
                fits: *now == value.value,
                fitting: shown(value.value),
                formula: fit.formula.clone(),
            });
        }
    }
    held
}

fn store(found: &Overview, lines: &mut Vec<Line>) {
    let report = match &found.store {
        Ok(report) => report,
        Err(why) => return lines.push(Line::told("store", why.clone())),
    };
    let store = &report.finding;
    lines.push(Line::told(
        "store",
        format!("{} in {} paths", Bytes(store.bytes), store.paths),
    ));
    let dead = store.dead_bytes();
    let percent = dead.saturating_mul(100) / store.bytes.max(1);
    lines.push(
        Line::held(
            "dead",
            format!("{}, {percent} %", Bytes(dead)),
            share(dead, store.bytes) <= found.targets.dead_percent || dead < LEAST_DEAD_BYTES,
            format!(
                "at most {} %, or {}",
                found.targets.dead_percent,
                Bytes(LEAST_DEAD_BYTES)
            ),
        )
        .of("dead_percent"),
    );
    if let Some(free) = report.disk.as_ref().and_then(|disk| disk.free.as_ref()) {
        let value = free.value.to_string();
        lines.push(match tune::free_space(&found.host) {
            Some(space) => Line::held(
                "free",
                value,
                free.value >= space.value.min_free,
                format!("at least {}", space.value.min_free),
            )
            .of("full_days"),
            None => Line::told("free", value),
        });
    }
    growth(found, report, lines);
    let generations = found.generations();
    let words: Vec<String> = generations
        .iter()
        .map(|(profile, count)| {
            let name = profile.rsplit('/').next().unwrap_or(profile);
            format!("{count} of {name}")
        })
        .collect();
    if !words.is_empty() {
        lines.push(Line::told("generations", words.join(", ")));
    }
}

fn growth(found: &Overview, report: &StoreReport, lines: &mut Vec<Line>) {
    let Some(growth) = &report.growth else { return };
    let targets = &found.targets;
    let size = report.disk.as_ref().and_then(|disk| disk.size.as_ref());
    let value = growth_text(growth);
    lines.push(
        match size.and_then(|size| growth.percent_per_week(size.value.0)) {
            Some(percent) => Line::held(
                "growth",
                format!("{percent:.1} % of its disk a week: {value}"),
                percent <= targets.store_growth_percent_per_week,
                format!("at most {} % a week", targets.store_growth_percent_per_week),
            )
            .of("store_growth_percent_per_week"),
            None => Line::told("growth", value),
        },
    );
    if let Some(days) = growth.days_until_full {
        lines.push(
            Line::held(
                "full in",
                format!("{days:.0} days"),
                days >= targets.full_days,
                format!("at least {} days", targets.full_days),
            )
            .of("full_days"),
        );
    }
}

fn caches(found: &Overview, lines: &mut Vec<Line>) {
    let report = match &found.caches {
        Some(Ok(report)) => report,
        Some(Err(why)) => return lines.push(Line::told("caches", why.clone())),
        None => return,
    };
    let mut cost = Duration::ZERO;
    for cache in &report.finding.caches {
        let answer = match &cache.reach {
            Reach::Reached => cache.latency.map_or_else(|| "answers".to_owned(), time),
            Reach::NotAsked(_) => {
                lines.push(Line::told("cache", format!("{}: not asked", cache.url)));
                continue;
            }
            Reach::Failed(why) => why.clone(),
        };
        cost += cache.cost(report.finding.parallel).unwrap_or_default();
        let problems = cache.problems();
        let value = match problems.first() {
            Some(problem) if cache.reach == Reach::Reached => {
                format!("{}: {answer}, {problem}", cache.url)
            }
            _ => format!("{}: {answer}", cache.url),
        };
        lines.push(Line::held(
            "cache",
            value,
            problems.is_empty(),
            "answers, signed by a trusted key".to_owned(),
        ));
    }
    if cost > Duration::ZERO {
        lines.push(
            Line::held(
                "1000 misses",
                time(cost),
                cost.as_secs_f64() <= found.targets.misses_secs,
                format!("at most {}", duration(found.targets.misses_secs)),
            )
            .of("misses_secs"),
        );
    }
}

/// For programs: one JSON document, newline at the end; and whether every target is met.
pub fn overview_json(found: &Overview) -> (String, bool) {
    let lines = lines(found);
    (printed(&document(found, &lines)), all_met(&lines))
}

/// The document for programs.
pub(super) fn document<'a>(found: &'a Overview, lines: &'a [Line]) -> impl Serialize + 'a {
    Document {
        version: VERSION,
        tool: Tool::THIS,
        host: &found.host.name,
        met: all_met(lines),
        lines: lines
            .iter()
            .map(|line| LineJson {
                name: line.name,
                value: redact::mask(&line.value).into_owned(),
                target: line.target.as_ref().map(|(_, target)| target.as_str()),
                met: line.target.as_ref().map(|(met, _)| *met),
            })
            .collect(),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    host: &'a str,
    met: bool,
    lines: Vec<LineJson<'a>>,
}

#[derive(Serialize)]
struct LineJson<'a> {
    name: &'static str,
    value: String,
    target: Option<&'a str>,
    met: Option<bool>,
}
