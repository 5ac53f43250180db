//! `nixtune analyze optimize`: the plan, and what it gained.

use serde::Serialize;

use super::super::json::{Tool, printed};
use super::super::{Style, escape};
use super::overview::{HeldSetting, held_settings};
use super::{VERSION, heading, paragraph, time};
use crate::engine::analyze::{Done, OptimizePlan, StepKind};
use crate::report::redact;
use crate::simulate::VALIDATED_ERROR;
use crate::units::Bytes;

const fn title(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Collect => "collect garbage",
        StepKind::Optimise => "link equal files",
    }
}

/// Settings that do not fit the machine.
fn unfit(plan: &OptimizePlan) -> Vec<HeldSetting> {
    let Ok(effective) = &plan.effective else {
        return Vec::new();
    };
    let mut held = held_settings(&plan.host, plan.build_slots.as_ref(), effective);
    held.retain(|one| !one.fits);
    held
}

/// What changing a setting is expected to gain, as a sentence without its full stop.
fn gain(plan: &OptimizePlan, setting: &str) -> String {
    match (setting, &plan.slots_gain) {
        ("max-jobs" | "cores", Some(gain)) => {
            let (percent, than) = match gain.share {
                share if share >= 0.0 => (share * 100.0, "less"),
                share => (-share * 100.0, "more"),
            };
            let runs = if gain.runs == 1 { "run" } else { "runs" };
            format!(
                "together with the other one {percent:.0} % {than} time, by {} simulated {runs} until {}, \
                 give or take {:.0} %",
                gain.runs,
                gain.day,
                VALIDATED_ERROR * 100.0
            )
        }
        ("max-jobs" | "cores", None) => {
            "not known before a run is simulated: `nixtune simulate --graph \
             PROFILE --record`"
                .to_owned()
        }
        _ => "no time; a build does not end for want of space".to_owned(),
    }
}

/// The plan, for people.
pub fn optimize_plan(plan: &OptimizePlan, style: Style) -> String {
    let mut out = format!("{}\n\n", heading("What frees space", style));
    for (number, step) in (1..).zip(&plan.steps) {
        out.push_str(&format!(
            "  {number}. {}: {} to expect\n",
            title(step.kind),
            Bytes(step.expected_bytes)
        ));
        for text in [&format!("`{}`", step.command.join(" ")), &step.evidence] {
            let text = escape::line(text);
            out.push_str(&format!("   {}", paragraph(&text, style)));
        }
    }
    if plan.steps.is_empty() {
        out.push_str("  nothing\n");
    }
    for one in &plan.left_out {
        let text = format!("not done, {}: {}", title(one.kind), one.why);
        out.push_str(&paragraph(&escape::line(&text), style));
    }
    let unfit = unfit(plan);
    if !unfit.is_empty() {
        out.push_str(&format!(
            "\n{}\n\n",
            heading("Settings that do not fit this machine", style)
        ));
        for one in &unfit {
            let text = format!("{}: {}, fits: {}", one.setting, one.value, one.fitting);
            out.push_str(&paragraph(&escape::line(&text), style));
            let gain = format!("to expect: {}", gain(plan, one.setting));
            for text in [&one.formula, &gain] {
                let text = escape::line(text);
                out.push_str(&format!("   {}", paragraph(&text, style)));
            }
        }
        out.push_str(
            "  `nixtune apply` changes them where files of yours set them, `nixtune explain SETTING` says\n  \
             why; `nixtune analyze verify` proves what they gain\n",
        );
    }
    out
}

/// What was done, for people.
pub fn optimize_done(plan: &OptimizePlan, done: &Done, style: Style) -> String {
    let mut out = format!("\n{}\n\n", heading("What was done", style));
    for (step, planned) in done.steps.iter().zip(&plan.steps) {
        let freed = step.freed_bytes.map_or_else(
            || "what it freed is not known".to_owned(),
            |bytes| {
                format!(
                    "{} freed, {} expected",
                    Bytes(bytes),
                    Bytes(planned.expected_bytes)
                )
            },
        );
        let how = match step.code {
            Some(0) => String::new(),
            Some(code) => format!(
                ", but it ended with {code}: {}; what was freed stays freed, the store is whole, and \
                 another run goes on where this one ended",
                redact::mask(&step.said)
            ),
            None => format!(", but it could not be run: {}", redact::mask(&step.said)),
        };
        let text = format!("{}: {freed} in {}{how}", title(step.kind), time(step.took));
        out.push_str(&paragraph(&escape::line(&text), style));
    }
    for left in plan.steps.iter().skip(done.steps.len()) {
        let text = format!("{}: not begun", title(left.kind));
        out.push_str(&paragraph(&text, style));
    }
    match &done.after {
        Ok(after) => {
            let free = |report: &crate::engine::analyze::StoreReport| {
                let disk = report.disk.as_ref()?;
                disk.free.as_ref().map(|free| free.value)
            };
            let text = format!(
                "the store: {} before, {} now",
                Bytes(plan.before.finding.bytes),
                Bytes(after.finding.bytes)
            );
            out.push_str(&paragraph(&text, style));
            if let (Some(before), Some(now)) = (free(&plan.before), free(after)) {
                let text = format!(
                    "free on its disk: {before} before, {now} now, with all that others wrote meanwhile"
                );
                out.push_str(&paragraph(&text, style));
            }
        }
        Err(error) => {
            let text = format!("the store cannot be read now: {error}");
            out.push_str(&paragraph(&escape::line(&text), style));
        }
    }
    out
}

/// For programs: one JSON document, newline at the end. `done` is `None` when nothing was.
pub fn optimize_json(plan: &OptimizePlan, done: Option<&Done>) -> String {
    let unfit = unfit(plan);
    let free = |report: &crate::engine::analyze::StoreReport| {
        let disk = report.disk.as_ref()?;
        disk.free.as_ref().map(|free| free.value.0)
    };
    let store = |report: &crate::engine::analyze::StoreReport| StoreJson {
        paths: report.finding.paths,
        bytes: report.finding.bytes,
        links_saved_bytes: report.linked.saved_bytes,
        disk_free_bytes: free(report),
    };
    printed(&Document {
        version: VERSION,
        tool: Tool::THIS,
        steps: plan
            .steps
            .iter()
            .map(|step| StepJson {
                step: step.kind.name(),
                command: &step.command,
                expected_bytes: step.expected_bytes,
                evidence: &step.evidence,
            })
            .collect(),
        left_out: plan
            .left_out
            .iter()
            .map(|one| LeftJson {
                step: one.kind.name(),
                why: &one.why,
            })
            .collect(),
        settings: unfit
            .iter()
            .map(|one| SettingJson {
                setting: one.setting,
                value: &one.value,
                fits: &one.fitting,
                formula: &one.formula,
                expected: gain(plan, one.setting),
            })
            .collect(),
        before: store(&plan.before),
        done: done.map(|done| {
            done.steps
                .iter()
                .map(|step| DoneJson {
                    step: step.kind.name(),
                    code: step.code,
                    took_ms: super::millis(step.took),
                    freed_bytes: step.freed_bytes,
                    said: redact::mask(&step.said).into_owned(),
                })
                .collect()
        }),
        after: done.and_then(|done| done.after.as_ref().ok().map(store)),
    })
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    steps: Vec<StepJson<'a>>,
    left_out: Vec<LeftJson<'a>>,
    settings: Vec<SettingJson<'a>>,
    before: StoreJson,
    done: Option<Vec<DoneJson>>,
    after: Option<StoreJson>,
}

#[derive(Serialize)]
struct StepJson<'a> {
    step: &'static str,
    command: &'a [String],
    expected_bytes: u64,
    evidence: &'a str,
}

#[derive(Serialize)]
struct LeftJson<'a> {
    step: &'static str,
    why: &'a str,
}

#[derive(Serialize)]
struct SettingJson<'a> {
    setting: &'static str,
    value: &'a str,
    fits: &'a str,
    /// The arithmetic of what fits.
    formula: &'a str,
    /// What the change is expected to gain, in words.
    expected: String,
}

#[derive(Serialize)]
struct StoreJson {
    paths: usize,
    bytes: u64,
    links_saved_bytes: u64,
    disk_free_bytes: Option<u64>,
}

#[derive(Serialize)]
struct DoneJson {
    step: &'static str,
    code: Option<u8>,
    took_ms: f64,
    freed_bytes: Option<u64>,
    said: String,
}
