//! `nixtune history`: the last runs, metrics against their targets, and since when they are otherwise.

use owo_colors::Style as Paint;
use serde::Serialize;

use super::super::json::{Tool, printed};
use super::super::{Style, escape, redact};
use super::chart::{duration, sparkline, to_count};
use super::columns::{Side, columns};
use super::{VERSION, heading, moment, paragraph};
use crate::analyze::history::{Followed, History, Metric, RunRecord, Series, help};
use crate::units::{Bytes, Date};

/// So many of the last values are drawn.
const DRAWN: usize = 40;

/// For people.
pub fn history(found: &History, style: Style) -> String {
    let mut out = String::new();
    if found.runs.is_empty() {
        out.push_str(
            "no run is recorded; `nixtune analyze profile -- nix build …` measures one and records it\n",
        );
    } else {
        let count = match found.all_runs {
            1 => "1 run".to_owned(),
            all if all == found.runs.len() => format!("{all} runs"),
            all => format!("the last {} of {all} runs", found.runs.len()),
        };
        out.push_str(&format!("{}  {count}\n\n", heading("History", style)));
        out.push_str(&columns(RUN_HEADS, &run_rows(&found.runs), style));
    }
    out.push_str(&metrics(found, style));
    let skipped = [
        (found.newer, "written by a newer nixtune"),
        (found.broken, "torn or broken"),
    ];
    let skipped: String = skipped
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, why)| {
            let lines = if count == 1 { "line is" } else { "lines are" };
            format!("  {count} {lines} left out: {why}\n")
        })
        .collect();
    if !skipped.is_empty() {
        out.push('\n');
    }
    out + &skipped
}

/// Metrics with their sparklines and targets, changes that hold, and what helps; empty without any.
fn metrics(found: &History, style: Style) -> String {
    let mut out = String::new();
    if !found.followed.is_empty() {
        out.push_str(&format!("\n{}\n\n", heading("Metrics", style)));
        for one in &found.followed {
            out.push_str(&followed(one, style));
        }
    }
    if !found.changes.is_empty() {
        out.push_str(&format!("\n{}\n\n", heading("Changes that hold", style)));
        for series in &found.changes {
            let text = paragraph(&escape::line(&redact::mask(&change_text(series))), style);
            out.push_str(&if series.is_worse {
                style.paint(&text, Paint::new().yellow())
            } else {
                text
            });
        }
    }
    out
}

/// The columns of [`run_rows`].
pub(super) const RUN_HEADS: [(&str, Side); 7] = [
    ("when (UTC)", Side::Left),
    ("commit", Side::Left),
    ("whole run", Side::Right),
    ("evaluation", Side::Right),
    ("built", Side::Right),
    ("hit rate", Side::Right),
    ("run", Side::Left),
];

/// The last runs, a row each.
pub(super) fn run_rows(runs: &[RunRecord]) -> Vec<[String; 7]> {
    let none = || "-".to_owned();
    runs.iter()
        .map(|run| {
            let failed = match run.exit_code {
                0 => String::new(),
                code => format!("exit {code}: "),
            };
            let name = format!("{failed}{}", run.name());
            [
                moment(run.at_secs),
                run.commit.as_ref().map_or_else(none, |it| it.short()),
                run.wall_secs.map_or_else(none, duration),
                run.share_secs(&["evaluation"]).map_or_else(none, duration),
                run.built.to_string(),
                run.hit_rate
                    .map_or_else(none, |rate| format!("{:.0} %", rate * 100.0)),
                escape::line(&redact::mask(&name)).into_owned(),
            ]
        })
        .collect()
}

/// A number of a metric, with its unit.
pub(super) fn amount(metric: Metric, value: f64) -> String {
    match metric {
        Metric::HitRate => format!("{value:.0} %"),
        Metric::PeakMemory => Bytes(to_count(value) as u64).to_string(),
        Metric::Evaluation | Metric::SmallRebuild | Metric::Wall => duration(value),
    }
}

/// `at most 5.00 s`.
pub(super) fn target_text(one: &Followed) -> Option<String> {
    let bound = if one.metric.is_better_when_larger() {
        "at least"
    } else {
        "at most"
    };
    let target = amount(one.metric, one.target?);
    Some(format!("{bound} {target}"))
}

fn followed(one: &Followed, style: Style) -> String {
    let sign = match one.met {
        None => ' ',
        Some(true) => '+',
        Some(false) => '!',
    };
    let target = target_text(one).map_or_else(String::new, |it| format!(" (target: {it})"));
    let name = escape::line(&redact::mask(&one.name)).into_owned();
    let head = format!(
        "{sign} {:<15} {:>11}{target}  {name}\n",
        one.metric.words(),
        amount(one.metric, one.current)
    );
    let mut out = if one.met == Some(false) {
        style.paint(&head, Paint::new().yellow())
    } else {
        head
    };
    let (line, marks) = drawn(one, style);
    out.push_str(&format!("    {line}\n"));
    if !marks.is_empty() {
        out.push_str(&format!("    {marks}  ^ misses the target\n"));
    }
    if one.met == Some(false)
        && let Some(help) = help(one.metric.name())
    {
        out.push_str(&paragraph(
            &format!(
                "help: {}; `{}`; settings: {}; rules: {}",
                help.words,
                help.command,
                help.settings.join(", "),
                help.rules.join(", ")
            ),
            style,
        ));
    }
    out
}

/// The last values as bars, and a `^` below those that miss the target; empty when none does.
pub(super) fn drawn(one: &Followed, style: Style) -> (String, String) {
    let skipped = one.values.len().saturating_sub(DRAWN);
    let values = one.values.get(skipped..).unwrap_or_default();
    let most = values.iter().copied().chain(one.target).fold(0.0, f64::max);
    let misses = |value: &f64| {
        one.target.is_some_and(|target| {
            if one.metric.is_better_when_larger() {
                *value < target
            } else {
                *value > target
            }
        })
    };
    let marks: String = values
        .iter()
        .map(|value| if misses(value) { '^' } else { ' ' })
        .collect();
    let marks = marks.trim_end().to_owned();
    (sparkline(values, most, style), marks)
}

/// `evaluation 3.10 s -> 4.90 s since 1a2b3c4 (2026-08-20): nix build .#x; …`
pub(super) fn change_text(series: &Series) -> String {
    let change = &series.change;
    let day = Date::of_unix_secs(series.at_secs).map_or_else(String::new, |it| it.to_string());
    let since = match &series.commit {
        Some(commit) => format!("{} ({day})", commit.short()),
        None => day,
    };
    let with = match series.differences.as_slice() {
        [] => String::new(),
        some => format!("; changed with it: {}", some.join(", ")),
    };
    format!(
        "{} {} {} -> {} since {since}: {}; chance would explain it in {:.1} % of such histories{with}",
        if series.is_worse { '!' } else { '+' },
        series.metric.words(),
        amount(series.metric, change.before),
        amount(series.metric, change.after),
        series.name,
        change.chance * 100.0,
    )
}

/// For programs: one JSON document, newline at the end.
pub fn history_json(found: &History) -> String {
    printed(&Document {
        version: VERSION,
        tool: Tool::THIS,
        history: HistoryJson::of(found),
    })
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    #[serde(flatten)]
    history: HistoryJson<'a>,
}

/// A history within a document.
#[derive(Serialize)]
pub(super) struct HistoryJson<'a> {
    all_runs: usize,
    runs: &'a [RunRecord],
    metrics: Vec<MetricJson>,
    changes: Vec<ChangeJson<'a>>,
    left_out_newer: u64,
    left_out_broken: u64,
}

impl<'a> HistoryJson<'a> {
    pub(super) fn of(found: &'a History) -> Self {
        Self {
            all_runs: found.all_runs,
            runs: &found.runs,
            metrics: found
                .followed
                .iter()
                .map(|one| MetricJson {
                    metric: one.metric.name(),
                    run: redact::mask(&one.name).into_owned(),
                    current: one.current,
                    target: one.target,
                    met: one.met,
                    values: one.values.clone(),
                })
                .collect(),
            changes: found
                .changes
                .iter()
                .map(|series| ChangeJson {
                    metric: series.metric.name(),
                    run: redact::mask(&series.name).into_owned(),
                    worse: series.is_worse,
                    before: series.change.before,
                    after: series.change.after,
                    chance: series.change.chance,
                    since_secs: series.at_secs,
                    commit: series.commit.as_ref().map(|commit| commit.id.as_str()),
                    dirty: series.commit.as_ref().and_then(|commit| commit.is_dirty),
                    differences: &series.differences,
                })
                .collect(),
            left_out_newer: found.newer,
            left_out_broken: found.broken,
        }
    }
}

#[derive(Serialize)]
struct MetricJson {
    metric: &'static str,
    run: String,
    current: f64,
    target: Option<f64>,
    met: Option<bool>,
    values: Vec<f64>,
}

#[derive(Serialize)]
struct ChangeJson<'a> {
    metric: &'static str,
    run: String,
    worse: bool,
    before: f64,
    after: f64,
    chance: f64,
    since_secs: u64,
    commit: Option<&'a str>,
    dirty: Option<bool>,
    differences: &'a [String],
}
