//! Fewer build users than builds at once.

use super::build_machines::is_settled;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, NewValue};
use crate::eval::Value;
use crate::facts::{Fact, ModuleSystem};
use crate::model::{Definition, Effective, OptionPath, Setting};
use crate::units::Threads;

declare_rule! {
    /// There are fewer build users than `max-jobs` allows builds.
    ///
    /// ## Why it matters
    ///
    /// Each build runs as a build user of its own (`nixbld1`, `nixbld2` …). When all of them are
    /// taken, further builds wait for one, so that the other slots stay empty. NixOS and nix-darwin
    /// make 32 of them, or as many as `max-jobs` says when that is a greater number; they cannot
    /// know what `auto` will be, and a number in `nix.nrBuildUsers` counts as it stands.
    ///
    /// With `auto` it speaks only when the hardware is known.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.nrBuildUsers = 8;
    ///   nix.settings.max-jobs = 16;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.nrBuildUsers = 16;
    ///   nix.settings.max-jobs = 16;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When fewer builds at once is what you want; then lower `max-jobs`. The fix is not safe: it
    /// makes users on the system.
    ///
    /// ## Source
    ///
    /// NixOS `nixos/modules/services/system/nix-daemon.nix` and nix-darwin
    /// `modules/nix/default.nix` (`nrBuildUsers`); NixOS/nixpkgs#5637.
    pub BUILD_USERS_BELOW_JOBS {
        id: "build-users-below-jobs",
        since: "0.1.0",
        applies: "NixOS, nix-darwin",
        settings: &["nix.nrBuildUsers", "max-jobs"],
        category: Performance,
        severity: Warning,
        fixes: Always(Unsafe),
    }
}

const USERS: &str = "nix.nrBuildUsers";
/// How many the modules make when `max-jobs` is no greater number.
const BY_DEFAULT: u64 = 32;

/// What `max-jobs` comes to.
struct Jobs<'a> {
    count: u64,
    set: Effective<'a>,
    /// The hardware, when the word `auto` stands for it.
    threads: Option<&'a Fact<Threads>>,
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let makes_users = matches!(
        cx.target().system(),
        Some(ModuleSystem::Nixos | ModuleSystem::NixDarwin)
    );
    if !makes_users || cx.nix_disabled_by().is_some() || !is_off(cx, "auto-allocate-uids") {
        return;
    }
    let Some(jobs) = jobs(cx) else {
        return;
    };
    let (users, set) = match cx.option(USERS) {
        Setting::Known(effective) if is_settled(cx, &effective) => match effective.as_amount() {
            Some(users) => (users, Some(effective.definition)),
            None => return,
        },
        Setting::Unset { .. } if !cx.option_may_be_set_elsewhere(USERS) => {
            let by_jobs = if jobs.threads.is_some() {
                0
            } else {
                jobs.count
            };
            (BY_DEFAULT.max(by_jobs), None)
        }
        _ => return,
    };
    if users < jobs.count {
        report(cx, &jobs, users, set, out);
    }
}

fn is_off(cx: &RuleCx<'_>, setting: &str) -> bool {
    match cx.setting(setting) {
        Setting::Known(effective) => effective.as_bool() == Some(false),
        Setting::Unset { .. } => !cx.may_be_set_elsewhere(setting),
        _ => false,
    }
}

fn jobs<'a>(cx: &RuleCx<'a>) -> Option<Jobs<'a>> {
    let set = cx.setting("max-jobs").known()?;
    if !is_settled(cx, &set) {
        return None;
    }
    let is_auto = matches!(&set.value.value, Value::Str(text) if text.trim() == "auto");
    if !is_auto {
        return Some(Jobs {
            count: set.as_amount()?,
            set,
            threads: None,
        });
    }
    let threads = cx.host()?.threads.as_ref()?;
    Some(Jobs {
        count: u64::from(threads.value.0),
        set,
        threads: Some(threads),
    })
}

fn report(
    cx: &RuleCx<'_>,
    jobs: &Jobs<'_>,
    users: u64,
    set: Option<&Definition>,
    out: &mut Sink<'_>,
) {
    let near = set.unwrap_or(jobs.set.definition);
    let (Some(place), Ok(enough)) = (near.place(), i64::try_from(jobs.count)) else {
        return;
    };
    let value = NewValue::Int(enough);
    let change = match set {
        Some(definition) => Change::Set {
            definition: definition.id,
            value,
        },
        None => Change::Insert {
            near: near.id,
            option: OptionPath::dotted(USERS),
            value,
            comment: None,
        },
    };
    let said = match (jobs.threads, set) {
        (Some(_), None) => format!("`max-jobs` `auto` allows {} builds", jobs.count),
        (Some(_), Some(_)) => format!("`max-jobs` `auto` stands for {} builds", jobs.count),
        (None, _) => format!("`max-jobs` allows {} builds", jobs.count),
    };
    let users_said = if set.is_some() {
        format!("`{USERS}` makes {users} build users")
    } else {
        format!("there are {users} build users by default")
    };
    let mut report = out
        .report(place, format!("{said}, but {users_said}"))
        .confidence(cx.confidence(near).min(cx.confidence(jobs.set.definition)))
        .why("each build needs a user of its own, so that those beyond wait for a free one")
        .help(format!("set `{USERS}` to {enough}, or lower `max-jobs`"));
    if set.is_some() {
        report = report.label(jobs.set.definition.place(), "as many builds");
    }
    if let Some(threads) = jobs.threads {
        report = report.fact("threads", threads, threads.value);
    }
    report.fix(
        Applicability::Unsafe,
        format!("set `{USERS}` to {enough}"),
        vec![change],
    );
}
