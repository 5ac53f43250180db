//! A profile as one HTML file: readable without JavaScript, with a timeline that can be zoomed.
//!
//! Names and addresses come from outside. The template escapes them, the data of the script is JSON
//! without a character that HTML looks for, and the script sets them as text only. The file forbids
//! every script but its own, and every connection.

mod rows;

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::chart::{duration, to_count};
use super::evaluation::{sentences, warm_words};
use super::profile::{masked, share_words};
use super::shell_line;
use crate::analyze::evaluation::{Evaluation, EvaluationRun, Stacks};
use crate::analyze::profile::{Build, CacheUse, EndQuality, Profile};
use crate::report::escape;
use crate::units::Bytes;

const STYLE: &str = include_str!("profile.css");
const SCRIPT: &str = include_str!("profile.js");
const TEMPLATES: [(&str, &str); 2] = [
    ("view.html.j2", include_str!("view.html.j2")),
    ("profile.html.j2", include_str!("profile.html.j2")),
];

/// Longer tables are not read; the timeline has all.
const MOST_BUILDS: usize = 100;
const MOST_STEPS: usize = 25;

/// The template of nixtune itself does not render.
#[derive(Debug, thiserror::Error)]
#[error("the HTML report cannot be made: {0}; please report it")]
pub struct HtmlError(#[from] minijinja::Error);

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    for (name, text) in TEMPLATES {
        // The tests render them; one that does not parse is an unknown template here.
        drop(environment.add_template(name, text));
    }
    environment
});

/// One HTML document that needs nothing beside it.
///
/// # Errors
/// A mistake of nixtune.
pub fn profile_html(profile: &Profile) -> Result<String, HtmlError> {
    let profile = &masked(profile);
    let wall = profile.wall_secs;
    let timeline = rows::timeline(profile);
    let stacks = profile
        .evaluation
        .as_ref()
        .and_then(|evaluation| evaluation.stacks.as_ref());
    let icicle = stacks.and_then(rows::icicle);
    let views: Vec<_> = timeline.iter().chain(&icicle).collect();
    let data = serde_json::to_string(&views).unwrap_or_default();
    // The browser ends a string of JavaScript where none ends: CSP compares what it sees.
    let script_hash = format!("sha256-{}", STANDARD.encode(Sha256::digest(SCRIPT)));
    let template = ENVIRONMENT.get_template("profile.html.j2")?;
    let mut out = template.render(context! {
        script_hash,
        style => STYLE,
        script => SCRIPT,
        data => in_html(&data),
        version => env!("CARGO_PKG_VERSION"),
        title => title(profile),
        subtitle => subtitle(profile),
        cards => cards(profile),
        errors => profile.errors.iter().map(|error| lines(error)).collect::<Vec<_>>(),
        shares => wall.map(|wall| shares(profile, wall)),
        has_timeline => timeline.is_some(),
        timeline_hint => "Wheel or pinch to zoom, drag to move, double-click a bar to see it alone. With the keyboard: arrows, n and p for the next and previous, 0 for all, / to search.",
        timeline_keys => timeline.as_ref().map(rows::View::keys),
        has_icicle => icicle.is_some(),
        icicle_hint => "Each call lies below its caller and is as wide as its time. Double-click one to see it alone.",
        evaluation => profile.evaluation.as_ref().map(evaluation),
        critical => critical(profile),
        critical_total => duration(critical_secs(profile)),
        critical_more => profile.critical_path.len().saturating_sub(MOST_STEPS),
        slots => slots(profile),
        builds => builds(profile),
        builds_note => builds_note(profile),
        caches => profile.caches.iter().map(cache).collect::<Vec<_>>(),
        notes => notes(profile),
    })?;
    out.push('\n');
    Ok(out)
}

/// JSON that can stand in a `script` element: what ends one or begins a comment is written as escapes.
fn in_html(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

/// Text of several lines without what terminals obey; browsers obey bidirectional overrides, too.
fn lines(text: &str) -> String {
    let lines = text.lines().map(|line| escape::line(line));
    lines.collect::<Vec<_>>().join("\n")
}

fn name(text: &str) -> String {
    escape::line(text).into_owned()
}

/// What was built, as far as one build is the last.
fn title(profile: &Profile) -> String {
    let ended = profile
        .builds
        .iter()
        .filter(|build| build.end_secs.is_some());
    let last = ended.max_by(|one, other| {
        let end = |build: &Build| build.end_secs.unwrap_or(0.0);
        end(one).total_cmp(&end(other))
    });
    match last.or_else(|| profile.builds.last()) {
        Some(build) => format!("Build of {}", name(&build.name)),
        None => "A run of Nix".to_owned(),
    }
}

fn subtitle(profile: &Profile) -> String {
    let failed = profile.builds.iter().filter(|build| has_failed(build));
    match failed.count() {
        0 => "where the time went".to_owned(),
        1 => "where the time went; 1 build failed".to_owned(),
        count => format!("where the time went; {count} builds failed"),
    }
}

fn has_failed(build: &Build) -> bool {
    !build.has_succeeded && build.end_quality != EndQuality::Open
}

#[derive(Serialize)]
struct Card {
    name: &'static str,
    value: String,
    more: String,
}

fn cards(profile: &Profile) -> Vec<Card> {
    let mut out = Vec::new();
    let mut card = |name, value: String, more: String| out.push(Card { name, value, more });
    if let Some(wall) = profile.wall_secs {
        card("Time", duration(wall), String::new());
    }
    let built = profile.builds.iter().filter(|build| build.has_succeeded);
    let failed = profile.builds.iter().filter(|build| has_failed(build));
    card(
        "Builds",
        built.count().to_string(),
        match failed.count() {
            0 => String::new(),
            count => format!("{count} failed"),
        },
    );
    if !profile.substitutions.is_empty() {
        let bytes = profile.caches.iter().map(|used| used.bytes).sum();
        card(
            "Downloads",
            profile.substitutions.len().to_string(),
            Bytes(bytes).to_string(),
        );
    }
    if let Some(hits) = &profile.hit_rate {
        card(
            "From caches",
            format!("{:.0} %", hits.rate * 100.0),
            format!("{} of {}", hits.substituted, hits.substituted + hits.built),
        );
    }
    if let Some(parallelism) = &profile.parallelism {
        card(
            "At once",
            parallelism.peak.to_string(),
            format!("{:.1} on average", parallelism.mean),
        );
    }
    if let Some(own) = profile.peak_memory_bytes {
        let tree = profile.peak_tree_bytes.filter(|tree| *tree > own);
        card(
            "Memory",
            Bytes(own).to_string(),
            match tree {
                Some(tree) => format!("{} with all it started", Bytes(tree)),
                None => "of the command's own process".to_owned(),
            },
        );
    }
    if let Some(settings) = profile.settings {
        let cores = match settings.cores {
            0 => "all threads each".to_owned(),
            1 => "1 thread each".to_owned(),
            cores => format!("{cores} threads each"),
        };
        card("max-jobs", settings.max_jobs.to_string(), cores);
    }
    out
}

#[derive(Serialize)]
struct EvaluationRows {
    command: String,
    times: Vec<(String, String, String)>,
    sentences: Vec<String>,
    findings: Vec<(String, String)>,
    derivations: Vec<(String, String)>,
    files: Vec<(String, String)>,
}

/// Of files and derivations so many are told.
const MOST_CALLERS: usize = 20;

fn evaluation(evaluation: &Evaluation) -> EvaluationRows {
    let row = |words: &str, run: &EvaluationRun| {
        let memory = run.peak_memory_bytes.map(|bytes| Bytes(bytes).to_string());
        (
            words.to_owned(),
            duration(run.wall_secs),
            memory.unwrap_or_default(),
        )
    };
    let total = evaluation.stacks.as_ref().map_or(0, Stacks::total);
    #[expect(clippy::cast_precision_loss, reason = "shares")]
    let shares = |of: Vec<(String, u64)>| {
        let of = of.into_iter().take(MOST_CALLERS);
        of.map(|(text, weight)| {
            (
                name(&text),
                format!("{:.1} %", weight as f64 / total.max(1) as f64 * 100.0),
            )
        })
        .collect()
    };
    let stacks = evaluation.stacks.as_ref();
    EvaluationRows {
        command: shell_line(&evaluation.command),
        times: vec![
            row("without the evaluation cache", &evaluation.cold),
            row(warm_words(evaluation), &evaluation.warm),
        ],
        sentences: evaluation
            .cold
            .statistics
            .as_ref()
            .map(sentences)
            .unwrap_or_default(),
        findings: evaluation
            .findings
            .iter()
            .map(|finding| (finding.message.clone(), finding.help.clone()))
            .collect(),
        derivations: stacks
            .map(|stacks| shares(stacks.by_derivation()))
            .unwrap_or_default(),
        files: stacks
            .map(|stacks| shares(stacks.by_file()))
            .unwrap_or_default(),
    }
}

#[derive(Serialize)]
struct ShareRow {
    kind: &'static str,
    name: &'static str,
    duration: String,
    percent: String,
    part: f64,
}

fn shares(profile: &Profile, wall: f64) -> Vec<ShareRow> {
    let shares = profile.shares.iter();
    shares
        .map(|share| ShareRow {
            kind: share.kind,
            name: share_words(share.kind),
            duration: duration(share.secs),
            percent: format!(
                "{:.0}",
                if wall > 0.0 {
                    share.secs / wall * 100.0
                } else {
                    0.0
                }
            ),
            part: if wall > 0.0 {
                share.secs / wall * 1000.0
            } else {
                0.0
            },
        })
        .collect()
}

fn critical_secs(profile: &Profile) -> f64 {
    let steps = profile.critical_path.iter();
    steps.map(|step| step.duration_secs).sum()
}

#[derive(Serialize)]
struct StepRow {
    name: String,
    kind: &'static str,
    duration: String,
    percent: String,
}

fn critical(profile: &Profile) -> Vec<StepRow> {
    let longest = profile.critical_path.iter();
    let longest = longest.map(|step| step.duration_secs).fold(0.0, f64::max);
    let steps = profile.critical_path.iter().take(MOST_STEPS);
    steps
        .map(|step| StepRow {
            name: name(&step.name),
            kind: step.kind,
            duration: duration(step.duration_secs),
            percent: format!(
                "{:.1}",
                if longest > 0.0 {
                    step.duration_secs / longest * 100.0
                } else {
                    0.0
                }
            ),
        })
        .collect()
}

#[derive(Serialize)]
struct Slots {
    summary: String,
    rows: Vec<(&'static str, String)>,
}

fn slots(profile: &Profile) -> Option<Slots> {
    let parallelism = profile.parallelism.as_ref()?;
    let rows: Vec<_> = super::profile::slot_times(parallelism)
        .into_iter()
        .map(|(words, secs)| (words, duration(secs)))
        .collect();
    (!rows.is_empty()).then(|| Slots {
        summary: format!(
            "{} builds at once at most, {:.1} on average.",
            parallelism.peak, parallelism.mean
        ),
        rows,
    })
}

#[derive(Serialize)]
struct BuildRow {
    name: String,
    machine: Option<String>,
    duration: String,
    waited: String,
    phase: String,
    end: &'static str,
    is_bad: bool,
}

fn builds(profile: &Profile) -> Vec<BuildRow> {
    let mut builds: Vec<&Build> = profile.builds.iter().collect();
    // Failures first: they are why people look.
    builds.sort_by(|one, other| {
        let duration = |build: &Build| build.duration_secs().unwrap_or(0.0);
        has_failed(other)
            .cmp(&has_failed(one))
            .then(duration(other).total_cmp(&duration(one)))
    });
    let rows = builds.into_iter().take(MOST_BUILDS);
    rows.map(|build| BuildRow {
        name: name(&build.name),
        machine: build.machine.as_deref().map(name),
        duration: build.duration_secs().map_or_else(String::new, duration),
        waited: build
            .waited_secs
            .filter(|secs| *secs >= 0.005)
            .map_or_else(String::new, duration),
        phase: super::profile::longest_phase(build),
        end: end_words(build),
        is_bad: has_failed(build),
    })
    .collect()
}

/// How a build ended.
fn end_words(build: &Build) -> &'static str {
    match (build.end_quality, build.has_succeeded) {
        (EndQuality::Open, _) => "not seen",
        (_, false) => "failed",
        (EndQuality::Exact, true) => "",
        (EndQuality::Inferred, true) => "inferred",
    }
}

fn builds_note(profile: &Profile) -> String {
    match profile.builds.len() {
        count if count > MOST_BUILDS => format!("The {MOST_BUILDS} longest of {count}."),
        _ => "The longest first.".to_owned(),
    }
}

fn cache(used: &CacheUse) -> [String; 6] {
    let secs = |secs: Option<f64>| secs.map_or_else(String::new, duration);
    [
        name(&used.cache),
        used.paths.to_string(),
        Bytes(used.bytes).to_string(),
        secs(used.busy_secs),
        used.bytes_per_sec().map_or_else(String::new, |rate| {
            format!("{}/s", Bytes(to_count(rate) as u64))
        }),
        match used.queries {
            0 => String::new(),
            queries => format!("{queries} {}", secs(used.query_secs)),
        },
    ]
}

fn notes(profile: &Profile) -> Vec<String> {
    let mut out = Vec::new();
    let inferred = profile.builds.iter();
    let inferred = inferred.filter(|build| build.end_quality == EndQuality::Inferred);
    match inferred.count() {
        0 => {}
        count => out.push(format!(
            "The ends of {count} builds are inferred: this release of Nix tells them only when the run is over."
        )),
    }
    if profile.is_interrupted {
        out.push("A signal ended the run: this is what was measured until then.".to_owned());
    }
    if profile.peak_tree_bytes.is_some() {
        out.push(
            "Memory with all it started is a sum that was looked at several times a second; what processes share counts for each, and builds by a daemon are not among them."
                .to_owned(),
        );
    }
    let lines = profile.lines;
    if lines.broken > 0 || lines.cut > 0 {
        out.push(format!(
            "{} of {} lines of the log could not be read: cut, or mixed with others.",
            lines.broken + lines.cut,
            lines.total
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_stays_in_its_element() {
        let hostile = "</script><!--<script>&\u{2028}";
        let json = in_html(&serde_json::to_string(hostile).unwrap());
        assert!(!json.contains(['<', '>', '&', '\u{2028}']), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), hostile);
    }

    #[test]
    fn the_assets_end_nothing_that_they_stand_in() {
        assert!(!SCRIPT.contains("</script") && !SCRIPT.contains("<!--"));
        assert!(!STYLE.contains("</style"));
        for (name, _) in TEMPLATES {
            assert!(ENVIRONMENT.get_template(name).is_ok(), "{name}");
        }
    }
}
