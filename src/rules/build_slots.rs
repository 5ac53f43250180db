//! Build slots, `max-jobs` × `cores`, as they will be on the machine. Five rules look at them;
//! this file decides which one speaks, so that one definition is never reported twice and every
//! fix says the same.

use super::declare::as_comment;
use super::{Report, RuleCx};
use crate::diagnostic::{Applicability, Change, Confidence, NewValue, Severity};
use crate::eval::Value;
use crate::facts::{Fact, Host, ModuleSystem};
use crate::model::{DefId, Definition, Effective, Setting};
use crate::tune::{self, BuildSlots, Profile, Recommendation};
use crate::units::{Bytes, Threads};

/// How many builds, or threads of one build.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Amount {
    /// `max-jobs = auto`, `cores = 0`: one for every hardware thread.
    All,
    /// A number.
    Fixed(u64),
}

impl Amount {
    /// The number on a machine with `threads`.
    pub fn on(self, threads: Threads) -> u64 {
        match self {
            Self::All => u64::from(threads.0),
            Self::Fixed(amount) => amount,
        }
    }
}

/// One of the two settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    /// Its value, or the default.
    pub amount: Amount,
    /// The definition that sets it; `None` for the default.
    pub set: Option<Effective<'a>>,
    /// False when a file that was not read may still set it.
    pub assured: bool,
}

impl Side<'_> {
    fn confidence(&self, cx: &RuleCx<'_>) -> Confidence {
        match self.set {
            Some(effective) if effective.unconditional => cx.confidence(effective.definition),
            None if self.assured => Confidence::Certain,
            _ => Confidence::Likely,
        }
    }
}

/// Both settings, at least one of them set by a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slots<'a> {
    /// `max-jobs`
    pub jobs: Side<'a>,
    /// `cores`
    pub cores: Side<'a>,
}

impl<'a> Slots<'a> {
    /// The settings of the machine; `None` unless a file sets one of them and both are known.
    pub fn read(cx: &RuleCx<'a>) -> Option<Self> {
        let slots = Self {
            jobs: side(cx, "max-jobs", default_jobs(cx))?,
            cores: side(cx, "cores", default_cores(cx))?,
        };
        (slots.jobs.set.is_some() || slots.cores.set.is_some()).then_some(slots)
    }

    /// Threads that builds may keep busy together.
    pub fn total(&self, threads: Threads) -> u64 {
        let jobs = self.jobs.amount.on(threads);
        jobs.saturating_mul(self.cores.amount.on(threads))
    }

    /// The definition to speak of: the number of jobs where a file sets it.
    pub fn definition(&self) -> Option<&'a Definition> {
        let set = self.jobs.set.or(self.cores.set)?;
        Some(set.definition)
    }

    /// The other definition, for a label.
    pub fn other(&self) -> Option<&'a Definition> {
        self.jobs.set.and(self.cores.set).map(|set| set.definition)
    }

    /// How sure a diagnostic can be.
    pub fn confidence(&self, cx: &RuleCx<'_>) -> Confidence {
        self.jobs.confidence(cx).min(self.cores.confidence(cx))
    }

    /// The settings with the values seen: "`max-jobs` `auto` and `cores` 0 (the default)".
    pub fn in_words(&self) -> String {
        let word = |name: &str, side: &Side<'_>| {
            let value = match (side.amount, name) {
                (Amount::All, "max-jobs") => "`auto`".to_owned(),
                (Amount::All, _) => "`0`".to_owned(),
                (Amount::Fixed(amount), _) => format!("`{amount}`"),
            };
            let origin = if side.set.is_none() {
                " (the default)"
            } else {
                ""
            };
            format!("`{name}` {value}{origin}")
        };
        format!(
            "{} with {}",
            word("max-jobs", &self.jobs),
            word("cores", &self.cores)
        )
    }
}

/// What builds may do to a machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BusyThreads {
    /// The definition to speak of: the number of jobs where a file sets it.
    pub definition: DefId,
    /// Threads that builds may keep busy together.
    pub total: u64,
    /// Threads that the machine has.
    pub threads: Threads,
}

/// How many threads builds may keep busy; `None` unless the hardware and both settings are known
/// and a file sets one of them.
pub fn busy_threads(cx: &RuleCx<'_>) -> Option<BusyThreads> {
    let threads = cx.host()?.threads.as_ref()?.value;
    let slots = Slots::read(cx)?;
    Some(BusyThreads {
        definition: slots.definition()?.id,
        total: slots.total(threads),
        threads,
    })
}

fn side<'a>(cx: &RuleCx<'a>, name: &str, default: Option<Amount>) -> Option<Side<'a>> {
    match cx.setting(name) {
        Setting::Known(effective) => {
            let amount = match (&effective.value.value, effective.as_amount()) {
                (Value::Str(text), _) if name == "max-jobs" && text.trim() == "auto" => Amount::All,
                (_, Some(0)) if name == "cores" => Amount::All,
                (_, Some(amount)) => Amount::Fixed(amount),
                _ => return None,
            };
            Some(Side {
                amount,
                set: Some(effective),
                assured: true,
            })
        }
        Setting::Unset { .. } if cx.may_be_set_elsewhere(name) => None,
        Setting::Unset { assured } => Some(Side {
            amount: default?,
            set: None,
            assured,
        }),
        Setting::OneOf(_) | Setting::Unknown { .. } => None,
    }
}

/// nix-darwin and NixOS raise Nix's own default of 1 to `auto`. What a user's file or a flake
/// leaves out is up to the system's file.
fn default_jobs(cx: &RuleCx<'_>) -> Option<Amount> {
    if cx.nix_disabled_by().is_some() {
        return None;
    }
    match cx.target().system()? {
        ModuleSystem::NixDarwin | ModuleSystem::Nixos => Some(Amount::All),
        ModuleSystem::NixConf => Some(Amount::Fixed(1)),
        ModuleSystem::HomeManager | ModuleSystem::FlakeConfig => None,
    }
}

fn default_cores(cx: &RuleCx<'_>) -> Option<Amount> {
    match cx.target().system()? {
        ModuleSystem::NixDarwin | ModuleSystem::Nixos | ModuleSystem::NixConf => Some(Amount::All),
        ModuleSystem::HomeManager | ModuleSystem::FlakeConfig => None,
    }
}

/// What is wrong with the slots, for the rule that says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Complaint {
    /// More busy threads than the machine can take.
    Oversubscribed(Severity),
    /// Too little memory for each build.
    LowMemory(Severity),
    /// `auto` counts cores that are for efficiency.
    EfficiencyCores,
    /// Most of the machine stays idle.
    Underused,
    /// One build at a time where several fit.
    OneJob,
}

/// The slots of a machine whose hardware is known.
pub(super) struct Loaded<'a> {
    /// The settings.
    pub slots: Slots<'a>,
    /// The hardware.
    pub host: &'a Host,
    /// Hardware threads.
    pub threads: &'a Fact<Threads>,
    /// What fits.
    pub recommended: Recommendation<BuildSlots>,
    /// What is wrong.
    pub complaint: Complaint,
}

/// More than this many times the hardware threads is worth a word …
const NOTICE: u64 = 2;
/// … and more than this many times is too much.
const TOO_MANY: u64 = 4;
/// Less than the hardware threads divided by this leaves most of the machine idle.
const IDLE: u64 = 2;
/// With fewer threads than this there is nothing to run side by side.
const SEVERAL: u64 = 4;
/// Memory is no reason to hold back when each build has this much.
const PLENTY: Bytes = Bytes::from_gib(8);
/// With less memory for each build than this, big packages are killed …
const TIGHT: Bytes = Bytes::from_gib(2);
/// … and with less than this, a few of them at once already swap.
const COMFORTABLE: Bytes = Bytes::from_gib(4);

impl<'a> Loaded<'a> {
    /// The one complaint about the slots of this machine, if there is one.
    pub fn find(cx: &RuleCx<'a>) -> Option<Self> {
        let slots = Slots::read(cx)?;
        let host = cx.host()?;
        let threads = host.threads.as_ref()?;
        let seen = cx.observations().and_then(|seen| seen.build_slots.as_ref());
        let recommended = tune::build_slots_seen(host, Profile::of(host), seen)?;
        let demand = Demand {
            jobs: slots.jobs.amount,
            jobs_set: slots.jobs.set.is_some(),
            cores: slots.cores.amount,
        };
        let complaint = complaint(demand, host, threads.value, recommended.value)?;
        Some(Self {
            slots,
            host,
            threads,
            recommended,
            complaint,
        })
    }

    /// Threads that builds may keep busy together.
    pub fn total(&self) -> u64 {
        self.slots.total(self.threads.value)
    }

    /// Memory for each build when all slots are taken; `None` when the memory is not known.
    pub fn memory_per_build(&self) -> Option<Bytes> {
        memory_per_build(self.slots.jobs.amount, self.host, self.threads.value)
    }

    /// Adds the facts, the help and the fix, which all rules have in common.
    pub fn advise(&self, cx: &RuleCx<'_>, report: Report<'_>) {
        let value = self.recommended.value;
        let mut report = report
            .confidence(self.slots.confidence(cx))
            .help(format!(
                "set `max-jobs` to {} and `cores` to {}: {}",
                value.max_jobs, value.cores, self.recommended.formula
            ))
            .recommended_from(&self.recommended);
        if let Some(other) = self.slots.other() {
            report = report.label(other.place(), "times this");
        }
        let changes = self.changes();
        let shared = changes.iter().any(|change| is_shared(cx, change));
        report.fix(
            if shared {
                Applicability::Manual
            } else {
                Applicability::Unsafe
            },
            format!(
                "set `max-jobs` to {} and `cores` to {}",
                value.max_jobs, value.cores
            ),
            changes,
        );
    }

    fn changes(&self) -> Vec<Change> {
        let Some(near) = self.slots.definition() else {
            return Vec::new();
        };
        let value = self.recommended.value;
        // Once is enough for both.
        let mut formula = Some(as_comment(&self.recommended.formula));
        [
            ("max-jobs", &self.slots.jobs, value.max_jobs),
            ("cores", &self.slots.cores, value.cores),
        ]
        .into_iter()
        .filter(|(_, side, wanted)| side.amount != Amount::Fixed(u64::from(*wanted)))
        .map(|(name, side, wanted)| {
            let value = NewValue::Int(i64::from(wanted));
            match side.set {
                Some(effective) => Change::Set {
                    definition: effective.definition.id,
                    value,
                },
                None => Change::Insert {
                    near: near.id,
                    option: near.sibling_setting(name),
                    value,
                    comment: formula.take(),
                },
            }
        })
        .collect()
    }
}

/// The value fits the machine whose hardware is known; another one that reads the same
/// definition may be of another size.
fn is_shared(cx: &RuleCx<'_>, change: &Change) -> bool {
    let definition = match change {
        Change::Set { definition, .. } => definition,
        Change::Insert { near, .. } => near,
        _ => return false,
    };
    cx.workspace().machines_of(*definition).count() > 1
}

fn memory_per_build(jobs: Amount, host: &Host, threads: Threads) -> Option<Bytes> {
    let memory = host.memory.as_ref()?.value;
    Some(Bytes(memory.0.checked_div(jobs.on(threads))?))
}

/// What the files ask for.
#[derive(Clone, Copy, Debug)]
struct Demand {
    jobs: Amount,
    /// True when a file sets the number of jobs.
    jobs_set: bool,
    cores: Amount,
}

fn complaint(
    demand: Demand,
    host: &Host,
    threads: Threads,
    recommended: BuildSlots,
) -> Option<Complaint> {
    let jobs = demand.jobs.on(threads);
    let total = jobs.saturating_mul(demand.cores.on(threads));
    let per_build = memory_per_build(demand.jobs, host, threads);
    let hardware = u64::from(threads.0);
    if total > hardware.saturating_mul(NOTICE) {
        let much = total > hardware.saturating_mul(TOO_MANY)
            || per_build.is_some_and(|memory| memory < TIGHT);
        return Some(Complaint::Oversubscribed(if much {
            Severity::Warning
        } else {
            Severity::Info
        }));
    }
    let has_plenty = per_build.is_some_and(|memory| memory >= PLENTY);
    if has_plenty && total.saturating_mul(IDLE) < hardware && total < recommended.total() {
        return Some(Complaint::Underused);
    }
    if jobs == 1 && hardware >= SEVERAL && recommended.max_jobs > 1 {
        return Some(Complaint::OneJob);
    }
    // What fits can be a little below the round figures: 15.5 GiB for four builds.
    if !demand.jobs_set || jobs <= u64::from(recommended.max_jobs) {
        return None;
    }
    if let Some(memory) = per_build.filter(|memory| *memory < COMFORTABLE) {
        return Some(Complaint::LowMemory(if memory < TIGHT {
            Severity::Warning
        } else {
            Severity::Info
        }));
    }
    let has_efficiency = host.efficiency_cores().is_some_and(|cores| cores > 0);
    (demand.jobs == Amount::All && has_efficiency).then_some(Complaint::EfficiencyCores)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{CoreLevel, CoreRole};

    fn host(threads: u32, memory_gib: u64, efficiency: u32) -> Host {
        let level = |role, cores| {
            Fact::declared(
                CoreLevel {
                    name: format!("{role:?}"),
                    role,
                    cores,
                },
                "test",
            )
        };
        Host {
            name: "test".to_owned(),
            platform: None,
            threads: Some(Fact::declared(Threads(threads), "test")),
            core_levels: if efficiency == 0 {
                Vec::new()
            } else {
                vec![
                    level(CoreRole::Performance, threads - efficiency),
                    level(CoreRole::Efficiency, efficiency),
                ]
            },
            memory: Some(Fact::declared(Bytes::from_gib(memory_gib), "test")),
            swap: None,
            store: None,
        }
    }

    fn judge(host: &Host, jobs: Amount, cores: Amount) -> Option<Complaint> {
        let threads = host.threads.as_ref().unwrap().value;
        let recommended = tune::build_slots(host, Profile::of(host)).unwrap().value;
        let demand = Demand {
            jobs,
            jobs_set: true,
            cores,
        };
        complaint(demand, host, threads, recommended)
    }

    #[test]
    fn what_is_recommended_is_never_reported() {
        for threads in [1, 2, 4, 6, 8, 10, 12, 14, 16, 24, 32, 64, 80, 96, 128, 384] {
            for memory in [1, 2, 4, 7, 8, 15, 16, 18, 24, 31, 32, 36, 48, 64, 128, 512] {
                for efficiency in [0, threads / 2, threads / 3] {
                    let host = host(threads, memory, efficiency);
                    let value = tune::build_slots(&host, Profile::of(&host)).unwrap().value;
                    let jobs = Amount::Fixed(u64::from(value.max_jobs));
                    let cores = Amount::Fixed(u64::from(value.cores));
                    assert_eq!(
                        judge(&host, jobs, cores),
                        None,
                        "{threads} threads, {memory} GiB, {efficiency} efficiency: {value:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn one_complaint_speaks_at_a_time() {
        let mac = host(12, 36, 6);
        let fixed = Amount::Fixed;
        for (jobs, cores, expected) in [
            (
                Amount::All,
                Amount::All,
                Some(Complaint::Oversubscribed(Severity::Warning)),
            ),
            (
                fixed(9),
                fixed(4),
                Some(Complaint::Oversubscribed(Severity::Info)),
            ),
            (
                Amount::All,
                fixed(2),
                Some(Complaint::LowMemory(Severity::Info)),
            ),
            (fixed(6), fixed(2), None),
            (fixed(1), Amount::All, Some(Complaint::OneJob)),
            (fixed(2), fixed(2), Some(Complaint::Underused)),
            (fixed(1), fixed(1), Some(Complaint::Underused)),
            (fixed(3), fixed(2), None),
            (fixed(0), Amount::All, None),
        ] {
            assert_eq!(judge(&mac, jobs, cores), expected, "{jobs:?} {cores:?}");
        }
        let roomy = host(12, 64, 6);
        assert_eq!(
            judge(&roomy, Amount::All, fixed(1)),
            Some(Complaint::EfficiencyCores)
        );
        assert_eq!(judge(&roomy, fixed(12), fixed(1)), None);
        assert_eq!(
            judge(&host(4, 16, 0), Amount::All, Amount::All),
            Some(Complaint::Oversubscribed(Severity::Info))
        );
    }
}
