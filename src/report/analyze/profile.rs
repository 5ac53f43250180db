//! A profile for people, and for programs.

use std::fmt::Write as _;

use super::chart::{bar, duration, sparkline};
use crate::analyze::profile::{Build, CacheUse, EndQuality, Parallelism, Profile, trace_json};
use crate::report::{Style, escape, json, redact};
use crate::units::Bytes;

/// More rows say less.
const MOST_ROWS: usize = 10;

/// Columns of a bar.
const BAR: usize = 30;

/// Columns of names.
const NAME: usize = 40;

/// A profile as people read it, in at most 80 columns.
pub fn profile(profile: &Profile, style: Style) -> String {
    let mut out = String::new();
    time(profile, style, &mut out);
    builds(profile, style, &mut out);
    critical_path(profile, style, &mut out);
    caches(profile, style, &mut out);
    if let Some(words) = memory_words(profile) {
        heading("Memory", &words, style, &mut out);
    }
    if let Some(evaluation) = &profile.evaluation {
        super::evaluation::evaluation(evaluation, style, &mut out);
    }
    if profile.is_interrupted {
        out.push_str("\nA signal ended the run: this is what was measured until then.\n");
    }
    let lines = profile.lines;
    if lines.broken > 0 || lines.cut > 0 {
        let _ = writeln!(
            out,
            "\n{} of {} lines could not be read: cut, or mixed with others.",
            lines.broken + lines.cut,
            lines.total
        );
    }
    out
}

/// What of memory was seen, and what it counts.
pub(super) fn memory_words(profile: &Profile) -> Option<String> {
    let own = profile.peak_memory_bytes?;
    let mut words = format!("{} at most, of the command's own process", Bytes(own));
    if let Some(tree) = profile.peak_tree_bytes.filter(|tree| *tree > own) {
        let _ = write!(
            words,
            "; {} with those that it started, without builds by a daemon",
            Bytes(tree)
        );
    }
    Some(words)
}

/// One JSON document; its shape has a version. Passwords in addresses are masked.
pub fn profile_json(profile: &Profile) -> String {
    json::printed(&masked(profile))
}

/// The trace of a profile for Perfetto and Chrome, with passwords masked.
pub fn profile_trace(profile: &Profile) -> String {
    trace_json(&masked(profile))
}

pub(super) fn masked(profile: &Profile) -> Profile {
    let mut masked = profile.clone();
    let mask = |text: &mut String| *text = redact::mask(text).into_owned();
    masked
        .caches
        .iter_mut()
        .for_each(|used| mask(&mut used.cache));
    masked
        .substitutions
        .iter_mut()
        .for_each(|taken| mask(&mut taken.cache));
    masked.errors.iter_mut().for_each(mask);
    if let Some(evaluation) = &mut masked.evaluation {
        evaluation.command.iter_mut().for_each(mask);
    }
    masked
}

pub(super) fn heading(title: &str, rest: &str, style: Style, out: &mut String) {
    if !out.is_empty() {
        out.push('\n');
    }
    let title = style.paint(title, owo_colors::Style::new().bold());
    let _ = writeln!(out, "{title}  {rest}");
}

fn time(profile: &Profile, style: Style, out: &mut String) {
    let Some(wall) = profile.wall_secs else {
        heading(
            "Time",
            "not known: the log has no stamps, only an order",
            style,
            out,
        );
        return;
    };
    heading("Time", &duration(wall), style, out);
    for share in &profile.shares {
        let part = if wall > 0.0 { share.secs / wall } else { 0.0 };
        let words = share_words(share.kind);
        let row = format!(
            "  {words:<23} {:>11} {:>4.0} %  {}",
            duration(share.secs),
            part * 100.0,
            bar(part, BAR, style)
        );
        let _ = writeln!(out, "{}", row.trim_end());
    }
    if let Some(words) = import_words(profile) {
        let _ = writeln!(out, "  {words}");
    }
}

/// What evaluation waited for; `None` when it did not wait.
pub(super) fn import_words(profile: &Profile) -> Option<String> {
    let waited = profile.import_from_derivation?;
    let builds = match (waited.times, waited.builds) {
        (0, _) => return None,
        (_, 1) => "1 build".to_owned(),
        (_, builds) => format!("{builds} builds"),
    };
    Some(format!(
        "evaluation stood still for {builds}, {} (import from derivation)",
        duration(waited.secs)
    ))
}

/// What a share is called.
pub(super) fn share_words(kind: &'static str) -> &'static str {
    match kind {
        "build-and-substitution" => "build and download",
        "substitution" => "download",
        "query" => "asking caches",
        "fetch" => "fetching sources",
        "realise" => "before and after builds",
        "waiting" => "waiting for locks",
        "optimise" => "optimising the store",
        kind => kind,
    }
}

fn builds(profile: &Profile, style: Style, out: &mut String) {
    let failed: Vec<&Build> = profile
        .builds
        .iter()
        .filter(|build| !build.has_succeeded && build.end_quality != EndQuality::Open)
        .collect();
    let open = profile
        .builds
        .iter()
        .filter(|build| build.end_quality == EndQuality::Open)
        .count();
    let mut rest = format!("{} built", profile.builds.len() - failed.len() - open);
    if !failed.is_empty() {
        let _ = write!(rest, ", {} failed", failed.len());
    }
    if open > 0 {
        let _ = write!(rest, ", {open} without an end in the log");
    }
    let inferred = profile
        .builds
        .iter()
        .filter(|build| build.end_quality == EndQuality::Inferred);
    let inferred = inferred.count();
    if inferred > 0 {
        let _ = write!(rest, "; the ends of {inferred} are inferred");
    }
    heading("Builds", &rest, style, out);
    for build in failed.iter().take(MOST_ROWS) {
        let _ = writeln!(out, "  failed: {}", name(&build.name));
    }
    if let Some(parallelism) = &profile.parallelism {
        running(parallelism, style, out);
    }
    let mut longest: Vec<(&Build, f64)> = profile
        .builds
        .iter()
        .filter_map(|build| Some((build, build.duration_secs()?)))
        .collect();
    longest.sort_by(|one, other| other.1.total_cmp(&one.1));
    for (build, secs) in longest.iter().take(MOST_ROWS) {
        let row = format!(
            "  {:<NAME$} {:>11}  {}",
            name(&build.name),
            duration(*secs),
            longest_phase(build)
        );
        let _ = writeln!(out, "{}", row.trim_end());
    }
    if longest.len() > MOST_ROWS {
        let _ = writeln!(out, "  and {} that took less", longest.len() - MOST_ROWS);
    }
}

fn running(parallelism: &Parallelism, style: Style, out: &mut String) {
    #[expect(clippy::cast_precision_loss, reason = "few builds run at once")]
    let peak = parallelism.peak as f64;
    let _ = writeln!(
        out,
        "  at once: {} at most, {:.1} on average\n  {}",
        parallelism.peak,
        parallelism.mean,
        sparkline(&parallelism.curve, peak, style)
    );
    for (words, secs) in slot_times(parallelism) {
        let _ = writeln!(out, "  {words:<44} {:>11}", duration(secs));
    }
}

/// What slots waited for, and how long; what is below measure is left out.
pub(super) fn slot_times(parallelism: &Parallelism) -> Vec<(&'static str, f64)> {
    let times = [
        (
            "all slots full while others waited",
            parallelism.slots_full_secs,
        ),
        (
            "slots idle: everything waited for a build",
            parallelism.dependencies_secs,
        ),
        (
            "slots idle although a build was ready",
            parallelism.other_secs,
        ),
    ];
    times
        .into_iter()
        .filter(|(_, secs)| *secs >= 0.005)
        .collect()
}

/// The phase that took longest, when it is most of a build.
pub(super) fn longest_phase(build: &Build) -> String {
    let phases = build.phases.iter();
    let longest = phases
        .filter_map(|phase| Some((phase.name.as_str(), phase.duration_secs?)))
        .max_by(|one, other| one.1.total_cmp(&other.1));
    longest.map_or_else(String::new, |(phase, secs)| {
        format!("{} {}", escape::line(phase), duration(secs))
    })
}

fn critical_path(profile: &Profile, style: Style, out: &mut String) {
    if profile.critical_path.is_empty() {
        return;
    }
    let total: f64 = profile
        .critical_path
        .iter()
        .map(|step| step.duration_secs)
        .sum();
    heading(
        "Critical path",
        &format!(
            "{}: with builds that long, no number of slots is faster",
            duration(total)
        ),
        style,
        out,
    );
    let steps = profile.critical_path.len();
    for step in profile.critical_path.iter().take(MOST_ROWS) {
        let kind = if step.kind == "substitution" {
            " (download)"
        } else {
            ""
        };
        let part = if total > 0.0 {
            step.duration_secs / total
        } else {
            0.0
        };
        let _ = writeln!(
            out,
            "  {:<NAME$} {:>11}  {}",
            format!("{}{kind}", name(&step.name)),
            duration(step.duration_secs),
            bar(part, 20, style)
        );
    }
    if steps > MOST_ROWS {
        let _ = writeln!(out, "  and {} more", steps - MOST_ROWS);
    }
}

fn caches(profile: &Profile, style: Style, out: &mut String) {
    let bytes: u64 = profile.caches.iter().map(|used| used.bytes).sum();
    if !profile.substitutions.is_empty() || !profile.caches.is_empty() {
        let rest = format!("{} paths, {}", profile.substitutions.len(), Bytes(bytes));
        heading("Downloads", &rest, style, out);
        for used in &profile.caches {
            let _ = writeln!(
                out,
                "  {}\n    {}",
                escape::line(&redact::mask(&used.cache)),
                use_of(used)
            );
        }
    }
    if let Some(hits) = &profile.hit_rate {
        let rest = format!(
            "{:.0} %: {} of {} came from a cache{}",
            hits.rate * 100.0,
            hits.substituted,
            hits.substituted + hits.built,
            match hits.local_only {
                0 => String::new(),
                count => format!("; {count} that no cache is asked for do not count"),
            }
        );
        heading("Cache hit rate", &rest, style, out);
        for missed in hits.missed.iter().take(MOST_ROWS) {
            let _ = writeln!(out, "  built here: {}", name(missed));
        }
        if hits.missed.len() > MOST_ROWS {
            let _ = writeln!(out, "  and {} more", hits.missed.len() - MOST_ROWS);
        }
    }
}

fn use_of(used: &CacheUse) -> String {
    let mut words = format!("{} paths, {}", used.paths, Bytes(used.bytes));
    if let Some(busy) = used.busy_secs {
        let _ = write!(words, " in {}", duration(busy));
    }
    if let Some(rate) = used.bytes_per_sec() {
        let rate = super::chart::to_count(rate) as u64;
        let _ = write!(words, " ({}/s)", Bytes(rate));
    }
    if used.queries > 0 {
        let _ = write!(words, "; asked for {}", used.queries);
    }
    if let Some(secs) = used.query_secs {
        let _ = write!(words, " in {}", duration(secs));
    }
    words
}

/// A name on one line, cut where the column ends.
fn name(text: &str) -> String {
    let text = escape::line(text);
    if text.chars().count() <= NAME {
        return text.into_owned();
    }
    let mut out: String = text.chars().take(NAME - 1).collect();
    out.push('…');
    out
}
