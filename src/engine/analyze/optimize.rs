//! What frees space in the store: planned with the gain to expect, done step by step, and measured.

use std::time::Duration;

use super::{Effective, StoreError, StoreReport, StoreRequest, analyze_store, effective_of_nix};
use crate::analyze::store::{GenerationsRule, Keep};
use crate::engine::{is_on_path, recorded};
use crate::facts::{BuildSlotsSeen, Host, Os, Target};
use crate::probe;
use crate::rules::darwin_auto_optimise_unsafe;
use crate::simulate::RecordedGain;
use crate::system::{System, SystemError};
use crate::tune::{self, Profile};

/// So much of what a step says last is kept.
const LAST_WORDS_BYTES: usize = 4096;

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OptimizeRequest {
    /// What the garbage collector keeps.
    pub keep: Keep,
    /// Which generations go first.
    pub rule: GenerationsRule,
    /// Whether to link equal files, and so to look for them.
    pub optimise: bool,
}

/// A kind of step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepKind {
    /// Collect garbage.
    Collect,
    /// Link equal files.
    Optimise,
}

impl StepKind {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Collect => "collect",
            Self::Optimise => "optimise",
        }
    }
}

/// Something that would be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// What.
    pub kind: StepKind,
    /// The command of the installed Nix: a program and its arguments.
    pub command: Vec<String>,
    /// What it is expected to free, in bytes.
    pub expected_bytes: u64,
    /// How that is known.
    pub evidence: String,
}

/// Something that is not done, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// What.
    pub kind: StepKind,
    /// In a sentence without its full stop.
    pub why: String,
}

/// What would be done.
#[derive(Clone, PartialEq, Debug)]
pub struct OptimizePlan {
    /// The store now.
    pub before: StoreReport,
    /// In their order.
    pub steps: Vec<Step>,
    /// What is not done.
    pub left_out: Vec<LeftOut>,
    /// The hardware that settings should fit.
    pub host: Host,
    /// Settings in effect, or why they are not known.
    pub effective: Result<Effective, String>,
    /// Build slots that recorded simulations recommend; `None` when none does.
    pub build_slots: Option<BuildSlotsSeen>,
    /// What the fitting build slots gain over the present ones by recorded simulations; `None` when none
    /// tells.
    pub slots_gain: Option<RecordedGain>,
}

/// A step that ended.
#[derive(Clone, PartialEq, Debug)]
pub struct StepDone {
    /// What.
    pub kind: StepKind,
    /// The exit code of its command; `None` when it could not be run.
    pub code: Option<u8>,
    /// How long it took.
    pub took: Duration,
    /// What it freed, in bytes, by the store before and after; `None` when the store could not be read
    /// afterwards.
    pub freed_bytes: Option<u64>,
    /// Its last words, where it failed.
    pub said: String,
}

/// What was done.
#[derive(Clone, PartialEq, Debug)]
pub struct Done {
    /// Steps that were begun.
    pub steps: Vec<StepDone>,
    /// The store afterwards, or why it is not known.
    pub after: Result<StoreReport, StoreError>,
}

impl Done {
    /// True when all that was begun ended well.
    pub fn succeeded(&self) -> bool {
        self.steps.iter().all(|step| step.code == Some(0))
    }
}

/// Looks at the store and plans. Nothing is changed.
///
/// # Errors
/// There is no store, or it cannot be read.
pub fn plan_optimize(
    system: &dyn System,
    request: OptimizeRequest,
) -> Result<OptimizePlan, StoreError> {
    let target = probe::target(system);
    let unsafe_why = request
        .optimise
        .then(|| why_not_optimise(&target))
        .flatten();
    let before = look(system, request, request.optimise && unsafe_why.is_none())?;
    let mut steps = Vec::new();
    let mut left_out = Vec::new();
    let mut take = |step: Step| {
        let program = step.command.first().map_or("", String::as_str);
        let why = if step.expected_bytes == 0 {
            "nothing to gain".to_owned()
        } else if !is_on_path(system, program) {
            format!("`{program}` is not on the PATH")
        } else {
            return steps.push(step);
        };
        left_out.push(LeftOut {
            kind: step.kind,
            why,
        });
    };
    take(collect(&before));
    if request.optimise && unsafe_why.is_none() {
        take(Step {
            kind: StepKind::Optimise,
            command: words(&["nix-store", "--optimise"]),
            expected_bytes: before.linked.could_save_bytes.unwrap_or(0),
            evidence: format!(
                "{} files compared; equal ones that the collection removes are counted, too",
                before.linked.compared_files
            ),
        });
    }
    left_out.extend(unsafe_why.map(|why| LeftOut {
        kind: StepKind::Optimise,
        why,
    }));
    let host = probe::host(system);
    let effective = effective_of_nix(system).map_err(|error| error.to_string());
    let build_slots = recorded::build_slots(system, &host, &target, Profile::of(&host));
    Ok(OptimizePlan {
        before,
        steps,
        left_out,
        slots_gain: slots_gain(system, &host, &target, &effective, build_slots.as_ref()),
        build_slots,
        effective,
        host,
    })
}

fn slots_gain(
    system: &dyn System,
    host: &Host,
    target: &Target,
    effective: &Result<Effective, String>,
    seen: Option<&BuildSlotsSeen>,
) -> Option<RecordedGain> {
    let fitting = tune::build_slots_seen(host, Profile::of(host), seen)?.value;
    let numbers = &effective.as_ref().ok()?.numbers;
    let number = |name: &str| u32::try_from(*numbers.get(name)?).ok();
    // As Nix has it: 0 is all threads.
    let cores = match number("cores")? {
        0 => host.threads.as_ref()?.value.0,
        cores => cores,
    };
    let present = (number("max-jobs")?, cores);
    recorded::gain(
        system,
        host,
        target,
        present,
        (fitting.max_jobs, fitting.cores),
    )
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Commands that every release since 2.3 has, with or without experimental features.
fn collect(before: &StoreReport) -> Step {
    let gc = &before.gc;
    let command = match gc.rule {
        GenerationsRule::None => words(&["nix-store", "--gc"]),
        GenerationsRule::AllOld => words(&["nix-collect-garbage", "-d"]),
        GenerationsRule::OlderThan(age) => {
            let age = format!("{}d", age.days);
            words(&["nix-collect-garbage", "--delete-older-than", &age])
        }
    };
    Step {
        kind: StepKind::Collect,
        command,
        expected_bytes: gc.bytes,
        evidence: format!(
            "{} paths that no root reaches without {} old generations, by the size of their archives",
            gc.paths,
            gc.generations.len()
        ),
    }
}

/// Why files must not be linked with this Nix; `None` when they may.
fn why_not_optimise(target: &Target) -> Option<String> {
    let platform = target.platform.as_ref()?;
    if platform.value.os != Os::Darwin {
        return None;
    }
    let what = match darwin_auto_optimise_unsafe::affected(target) {
        Some(false) => return None,
        Some(true) => "this release of Nix can damage the store on macOS when it links files",
        None => {
            "it is not known whether this Nix can damage the store on macOS when it links files"
        }
    };
    Some(format!(
        "{what}; see `nixtune explain darwin-auto-optimise-unsafe`"
    ))
}

fn look(
    system: &dyn System,
    request: OptimizeRequest,
    duplicates: bool,
) -> Result<StoreReport, StoreError> {
    analyze_store(
        system,
        StoreRequest {
            keep: request.keep,
            rule: request.rule,
            most: 0,
            duplicates,
        },
    )
}

/// Does the steps of a plan one after the other and measures each; `heard` gets what they say. The first
/// that fails is the last. Whoever calls this holds signals back, so that it can say what was done when
/// somebody interrupts a step.
pub fn carry_out(
    system: &dyn System,
    request: OptimizeRequest,
    plan: &OptimizePlan,
    heard: &mut dyn FnMut(&[u8]),
) -> Done {
    let mut steps = Vec::new();
    let mut last = Ok(plan.before.clone());
    for step in &plan.steps {
        let mut said = Vec::new();
        let ran = follow(system, &step.command, &mut |bytes| {
            said.extend_from_slice(bytes);
            said.drain(..said.len().saturating_sub(LAST_WORDS_BYTES));
            heard(bytes);
        });
        let after = look(system, request, false);
        let freed_bytes = match (&last, &after) {
            (Ok(before), Ok(after)) => Some(freed(step.kind, before, after)),
            _ => None,
        };
        let (code, took, said) = match ran {
            Ok((0, took)) => (Some(0), took, String::new()),
            Ok((code, took)) => (Some(code), took, last_words(&said)),
            Err(error) => (None, Duration::ZERO, error.to_string()),
        };
        steps.push(StepDone {
            kind: step.kind,
            code,
            took,
            freed_bytes,
            said,
        });
        last = after;
        if code != Some(0) {
            break;
        }
    }
    Done { steps, after: last }
}

/// Runs a command whose standard output becomes a part of its standard error: ours may be a document.
fn follow(
    system: &dyn System,
    command: &[String],
    heard: &mut dyn FnMut(&[u8]),
) -> Result<(u8, Duration), SystemError> {
    let mut arguments = vec!["-c", "exec \"$@\" 1>&2", "sh"];
    arguments.extend(command.iter().map(String::as_str));
    let end = system.follow("/bin/sh", &arguments, &mut |_, bytes| heard(bytes))?;
    Ok((end.code, end.elapsed))
}

/// What a step freed: archives that went, or bytes that links save now beside those before.
fn freed(kind: StepKind, before: &StoreReport, after: &StoreReport) -> u64 {
    match kind {
        StepKind::Collect => before.finding.bytes.saturating_sub(after.finding.bytes),
        StepKind::Optimise => after
            .linked
            .saved_bytes
            .saturating_sub(before.linked.saved_bytes),
    }
}

fn last_words(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let lines = text.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let error = lines.iter().rfind(|line| line.contains("error"));
    error
        .or(lines.last())
        .map_or_else(String::new, |line| (*line).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Fact, Implementation, Platform};

    #[test]
    fn equal_files_on_macos_are_linked_only_by_a_nix_that_is_known_to_be_safe() {
        let target = |platform: &str, version: Option<&str>| Target {
            implementation: Some(Fact::probed(Implementation::Cppnix, "test")),
            version: version.map(|version| Fact::probed(version.parse().unwrap(), "test")),
            platform: Some(Fact::probed(platform.parse::<Platform>().unwrap(), "test")),
            series: None,
            module_system: None,
        };
        let why = |platform, version| why_not_optimise(&target(platform, version));
        assert_eq!(why("x86_64-linux", Some("2.28.0")), None);
        assert_eq!(why("aarch64-darwin", Some("2.34.8")), None);
        let damaged = why("aarch64-darwin", Some("2.28.0")).unwrap();
        assert!(damaged.starts_with("this release of Nix can damage"));
        let open = why("aarch64-darwin", None).unwrap();
        assert!(open.starts_with("it is not known"));
    }

    #[test]
    fn the_last_words_are_the_error() {
        let said = b"deleting x\nerror: interrupted by the user\n0 store paths deleted\n";
        assert_eq!(last_words(said), "error: interrupted by the user");
        assert_eq!(last_words(b"a\n b \n\n"), "b");
        assert_eq!(last_words(b""), "");
    }
}
