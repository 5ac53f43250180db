//! `nixtune analyze verify`: runs in turns, and what they prove.

use serde::Serialize;

use crate::analyze::verify::{CHANCE, LEAST_GAIN, Side, Verdict};
use crate::engine::analyze::{TimedRun, Verification};
use crate::report::{Style, escape, json, wrap};

/// The version of the JSON document's shape.
const VERSION: u32 = 1;

/// A run as it ends, newline at the end.
pub fn timed_run(run: TimedRun) -> String {
    let what = match run.side {
        None => "warm-up",
        Some(Side::Present) => "as it is",
        Some(Side::Other) => "with the setting",
    };
    format!("{what:<17}{:>9.2} s\n", run.secs)
}

/// What the runs prove, for people.
pub fn verification(
    verification: &Verification,
    settings: &[(String, String)],
    style: Style,
) -> String {
    let proof = &verification.proof;
    let settings: Vec<String> = settings
        .iter()
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    let settings = settings.join(", ");
    let percent = |fraction: f64| format!("{:.1} %", fraction.abs() * 100.0);
    let (change, other) = if proof.gain >= 0.0 {
        ("less", "faster")
    } else {
        ("more", "slower")
    };
    let medians = format!(
        "Medians of {} runs each: {:.2} s as it is, {:.2} s with {settings}, {} {change}.",
        verification.runs.len() / 2,
        proof.present_secs,
        proof.other_secs,
        percent(proof.gain),
    );
    let chance = format!(
        "If the setting did nothing, runs would be ordered as clearly by a chance of {}",
        percent(proof.chance)
    );
    let verdict = match proof.verdict {
        Verdict::Faster | Verdict::Slower => {
            format!("It is {other}. {chance}.")
        }
        Verdict::NotProven if proof.gain.abs() < LEAST_GAIN => format!(
            "Nothing is proven: less than {} is not worth a setting.",
            percent(LEAST_GAIN)
        ),
        Verdict::NotProven => format!(
            "Nothing is proven: {chance}, and at most {} is accepted. More pairs, on a machine that \
             does nothing else, may tell.",
            percent(CHANCE)
        ),
    };
    let text = |text: &str| {
        let text = escape::line(text);
        textwrap::fill(&text, wrap::options(style.width))
    };
    format!("{}\n{}\n", text(&medians), text(&verdict))
}

/// For programs: one JSON document, newline at the end.
pub fn verification_json(
    verification: &Verification,
    settings: &[(String, String)],
    command: &[String],
) -> String {
    let proof = &verification.proof;
    json::printed(&Document {
        version: VERSION,
        tool: json::Tool::THIS,
        settings: settings.iter().cloned().collect(),
        command,
        runs: verification
            .runs
            .iter()
            .map(|run| RunJson {
                with_settings: run.side == Some(Side::Other),
                secs: run.secs,
            })
            .collect(),
        present_secs: proof.present_secs,
        other_secs: proof.other_secs,
        gain: proof.gain,
        chance: proof.chance,
        verdict: proof.verdict.name(),
    })
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: json::Tool,
    settings: std::collections::BTreeMap<String, String>,
    command: &'a [String],
    runs: Vec<RunJson>,
    present_secs: f64,
    other_secs: f64,
    gain: f64,
    chance: f64,
    verdict: &'static str,
}

#[derive(Serialize)]
struct RunJson {
    with_settings: bool,
    secs: f64,
}
