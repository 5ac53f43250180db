//! What a run looked at and why, for a user who wonders: `--verbose`.

use std::time::Duration;

use owo_colors::Style as Paint;

use super::summary::count;
use super::{Style, escape, wrap};
use crate::engine::{MachineReport, Outcome, Times};
use crate::facts::Target;

/// How much is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Detail {
    /// The policy, each machine with its hardware, and counts of files.
    Run,
    /// Also what is known of each machine's Nix, and each file.
    Files,
}

/// The account of a run, a line for each thing that was found.
pub fn account(outcome: &Outcome, detail: Detail, style: Style) -> String {
    let mut lines = vec![("policy:", policy(outcome))];
    if outcome.machines.is_empty() {
        lines.push(("machines:", "none".to_owned()));
    }
    for (report, machine) in outcome.machines.iter().zip(outcome.workspace.machines()) {
        lines.push(("machine:", hardware(report)));
        if detail >= Detail::Files {
            let read = format!(
                "{} in {}{}",
                count(machine.definitions.len(), "definition"),
                count(machine.files.len(), "file"),
                if machine.complete {
                    ""
                } else {
                    "; more may be defined where nixtune cannot see it"
                }
            );
            let name = escape::line(&report.name);
            lines.push(("machine:", format!("{name}: {}", nix(&machine.target))));
            lines.push(("machine:", format!("{name}: {read}")));
        }
    }
    lines.push(("files:", files(outcome)));
    if detail >= Detail::Files {
        for (index, file) in outcome.workspace.files().iter().enumerate() {
            let is_asked = outcome.asked.iter().any(|id| id.0 as usize == index);
            let name = escape::line(file.name());
            let size = count(file.text().len(), "byte");
            let why = if is_asked {
                "judged"
            } else {
                "read along with others"
            };
            lines.push(("file:", format!("{name}: {why}, {size}")));
        }
    }
    lines
        .into_iter()
        .map(|(label, text)| line(label, &text, style))
        .collect()
}

/// How long a run took, stage by stage.
pub fn times(times: &Times, style: Style) -> String {
    let shown = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    let text = format!(
        "{} finding, reading and evaluating, {} judging, {} with fixes",
        shown(times.read),
        shown(times.judge),
        shown(times.fixes)
    );
    line("time:", &text, style)
}

fn line(label: &str, text: &str, style: Style) -> String {
    let shown = style.paint(label, Paint::new().dimmed());
    wrap::behind(label, &shown, text, style)
}

fn policy(outcome: &Outcome) -> String {
    match &outcome.policy {
        None => {
            "none; no nixtune.toml in the folder or above it, and none of the user's".to_owned()
        }
        Some(policy) if policy.is_users => format!(
            "{}, the user's; no nixtune.toml in the folder or above it",
            escape::line(&policy.name)
        ),
        Some(policy) => escape::line(&policy.name).into_owned(),
    }
}

fn hardware(report: &MachineReport) -> String {
    let name = escape::line(&report.name);
    let reason = escape::line(&report.host_reason);
    match &report.host_source {
        Some(source) => format!(
            "{name}: hardware of {}, because {reason}",
            escape::line(source)
        ),
        None if reason.is_empty() => format!("{name}: no hardware is asked for"),
        None => format!("{name}: no hardware, because {reason}"),
    }
}

/// What is known of a machine's Nix, and how.
fn nix(target: &Target) -> String {
    let mut known = Vec::new();
    let mut add = |value: String, how: String, source: &str| {
        known.push(format!("{value} ({how} by {})", escape::line(source)));
    };
    if let Some(fact) = &target.module_system {
        add(fact.value.to_string(), fact.how.to_string(), &fact.source);
    }
    if let Some(fact) = &target.platform {
        add(fact.value.to_string(), fact.how.to_string(), &fact.source);
    }
    if let Some(fact) = &target.implementation {
        add(fact.value.to_string(), fact.how.to_string(), &fact.source);
    }
    if let Some(fact) = target.version.as_ref().or(target.series.as_ref()) {
        add(fact.value.to_string(), fact.how.to_string(), &fact.source);
    }
    if known.is_empty() {
        "nothing is known of its Nix".to_owned()
    } else {
        format!("for {}", known.join(", "))
    }
}

fn files(outcome: &Outcome) -> String {
    let read = outcome.workspace.files().len();
    let judged = outcome.asked.len();
    let along = read.saturating_sub(judged);
    let mut text = format!("{} seen, {judged} judged", outcome.seen);
    let skipped = outcome.seen.saturating_sub(judged);
    if skipped > 0 {
        text.push_str(&format!("; {skipped} skipped, which say nothing about Nix"));
    }
    if along > 0 {
        text.push_str(&format!("; {along} read along with them"));
    }
    text.push_str("; what git ignores is not seen");
    text
}
