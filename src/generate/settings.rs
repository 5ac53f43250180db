//! `nixtune init`: the settings of one machine, for whatever reads them.

use serde::Serialize;

use super::memory::{Memory, few_downloads, memory};
use super::row::{Entry, bytes_in_nix, list};
use super::template::{TemplateError, render};
use super::{Row, Sink, Subject, Usage};
use crate::catalog::{CacheInfo, Catalog};
use crate::facts::Os;
use crate::tune::{self, Days};
use crate::units::Bytes;

/// What is wanted beside what the machine decides.
#[derive(Clone, Debug)]
pub struct Settings<'a> {
    /// Write the reason of each value in a comment.
    pub explain: bool,
    /// Write values that equal the defaults as well.
    pub explicit: bool,
    /// How long generations are kept; `None` leaves it to the recommendation.
    pub retention: Option<Days>,
    /// Caches to ask and trust beside cache.nixos.org.
    pub caches: Vec<&'a CacheInfo>,
    /// Write what spares memory around the settings, too: swap, and limits of the daemon.
    pub spare_memory: bool,
}

/// The rows that are shown and the text of the file.
///
/// # Errors
/// A template that does not render, which the tests rule out.
pub fn settings(
    subject: &Subject,
    wanted: &Settings<'_>,
    catalog: &Catalog,
) -> Result<(Vec<Row>, String), TemplateError> {
    let mut rows = Vec::new();
    let settings = entries(subject, wanted, catalog, &mut rows);
    let upkeep = upkeep(subject, wanted, &mut rows);
    let values = Values {
        host: &subject.host.name,
        hardware: subject.hardware(),
        usage: subject.usage.name(),
        explain: wanted.explain,
        settings,
        upkeep,
        is_interactive: matches!(
            subject.usage,
            Usage::Balanced | Usage::Fast | Usage::LaptopBattery
        ),
        has_little_memory: subject.usage.build_profile(&subject.host) == tune::Profile::LowMemory,
        dates_name: subject.gc_dates_name(),
        memory: wanted
            .spare_memory
            .then(|| memory(subject, wanted.explain, catalog, &mut rows))
            .flatten(),
    };
    let template = match subject.sink {
        Sink::NixDarwin => "settings/nix-darwin.nix.j2",
        Sink::Nixos => "settings/nixos.nix.j2",
        Sink::HomeManager => "settings/home-manager.nix.j2",
        Sink::Determinate => "settings/determinate.nix.j2",
        Sink::NixConf => "settings/nix.conf.j2",
        Sink::Flake => "settings/flake.nix.j2",
    };
    Ok((rows, render(template, &values)?))
}

/// The settings alone, as lines of `nix.conf`, for files in which that is a part.
pub(super) fn conf(
    subject: &Subject,
    wanted: &Settings<'_>,
    catalog: &Catalog,
) -> (Vec<Row>, Vec<Entry>) {
    let mut rows = Vec::new();
    let settings = entries(subject, wanted, catalog, &mut rows);
    (rows, settings)
}

/// How the file comes to count.
pub fn first_step(subject: &Subject) -> &'static str {
    match subject.sink {
        Sink::NixConf if subject.is_determinate() => {
            "install it as /etc/nix/nix.custom.conf, and restart the daemon"
        }
        Sink::NixConf => {
            "install it as /etc/nix/nix.conf, and restart the daemon; in ~/.config/nix/nix.conf it \
             counts for you alone, without what only trusted users may set"
        }
        Sink::Flake => "it belongs into flake.nix, beside the outputs",
        Sink::NixDarwin | Sink::Nixos | Sink::HomeManager | Sink::Determinate => {
            "import the module in the configuration, and take other definitions of these options out \
             of it"
        }
    }
}

/// What the templates of settings know.
#[derive(Serialize)]
struct Values<'a> {
    host: &'a str,
    hardware: String,
    usage: &'static str,
    explain: bool,
    settings: Vec<Entry>,
    upkeep: Option<Upkeep>,
    is_interactive: bool,
    has_little_memory: bool,
    /// What home-manager calls the schedule.
    dates_name: &'static str,
    memory: Option<Memory>,
}

/// Garbage collection and store optimisation.
#[derive(Serialize)]
struct Upkeep {
    options: String,
    comment: Vec<String>,
    is_daily: bool,
    /// Defaults are written as well.
    explicit: bool,
}

/// The settings of `nix.conf` for the subject; none in a flake but caches, none that the daemon
/// ignores in a home.
fn entries(
    subject: &Subject,
    wanted: &Settings<'_>,
    catalog: &Catalog,
    rows: &mut Vec<Row>,
) -> Vec<Entry> {
    // What is below the usual on purpose has to say so in any case.
    let is_on_purpose = |name| match name {
        "max-jobs" => subject.usage == Usage::LowMemory,
        "max-substitution-jobs" => true,
        _ => false,
    };
    let mut entries = Vec::new();
    let mut push = |name: &'static str, nix: String, conf: String, row: Row| {
        entries.push(Entry {
            name,
            nix,
            conf,
            comment: row.comment(wanted.explain || is_on_purpose(name)),
        });
        rows.push(row);
    };
    let in_flake = subject.sink == Sink::Flake;
    let in_home = subject.sink == Sink::HomeManager;
    let host = &subject.host;
    let profile = subject.usage.build_profile(host);
    let seen = subject.build_slots.as_ref();
    if !in_flake && let Some(found) = tune::build_slots_seen(host, profile, seen) {
        let numbers = [
            ("max-jobs", found.value.max_jobs, found.formula.clone()),
            (
                "cores",
                found.value.cores,
                match found.value.max_jobs {
                    1 => "threads for the one build".to_owned(),
                    builds => format!("threads for each of the {builds} builds"),
                },
            ),
        ];
        for (name, value, reason) in numbers {
            let text = value.to_string();
            push(
                name,
                text.clone(),
                text.clone(),
                Row::found(name, text, &reason, &found),
            );
        }
    }
    if !in_flake && !in_home {
        for (name, amount, row) in thresholds(subject) {
            push(name, bytes_in_nix(amount), amount.0.to_string(), row);
        }
    }
    if wanted.spare_memory
        && !in_flake
        && !in_home
        && let Some((jobs, row)) = few_downloads(subject, catalog)
    {
        push("max-substitution-jobs", jobs.clone(), jobs, row);
    }
    if !in_flake && waits_for_ever(subject, catalog) {
        let reason = "this Nix waits without end for a cache that does not answer; newer ones 15 s";
        let row = Row::plain("connect-timeout", "15", reason.to_owned());
        push("connect-timeout", "15".into(), "15".into(), row);
    }
    let wants_features = match subject.sink {
        Sink::NixDarwin | Sink::Nixos => subject.has_flake,
        Sink::NixConf => true,
        Sink::HomeManager | Sink::Determinate | Sink::Flake => false,
    };
    if wants_features && !subject.is_determinate() {
        let names = ["nix-command", "flakes"];
        let row = Row::plain(
            "experimental-features",
            &names.join(" "),
            "flakes and the commands that read them".to_owned(),
        );
        push(
            "experimental-features",
            list("experimental-features", &names),
            names.join(" "),
            row,
        );
    }
    // What a user asks for the daemon takes only when the system has it already.
    let caches: Vec<_> = wanted
        .caches
        .iter()
        .filter(|cache| !in_home && !cache.public_keys.is_empty())
        .collect();
    if !caches.is_empty() {
        let urls: Vec<&str> = caches.iter().map(|cache| &*cache.url).collect();
        let keys: Vec<&str> = caches
            .iter()
            .flat_map(|cache| cache.public_keys.iter())
            .map(|key| &**key)
            .collect();
        let (urls_name, keys_name) = if matches!(subject.sink, Sink::NixDarwin | Sink::Nixos) {
            ("substituters", "trusted-public-keys")
        } else {
            ("extra-substituters", "extra-trusted-public-keys")
        };
        let reason = if caches.iter().all(|cache| cache.is_own) {
            "asked for, and named in nixtune.toml".to_owned()
        } else {
            format!("asked for; data as of {}", catalog.as_of())
        };
        let row = Row::plain(urls_name, &urls.join(" "), reason);
        push(urls_name, list(urls_name, &urls), urls.join(" "), row);
        let reason = "the keys that these caches sign with: each may put any path into the store";
        let row = Row::plain(keys_name, &keys.join(" "), reason.to_owned());
        push(keys_name, list(keys_name, &keys), keys.join(" "), row);
    }
    // As formatters and people sort them.
    entries.sort_by_key(|entry| entry.name);
    entries
}

/// `max-free` and `min-free` with their rows; none where the disk is too small for them.
pub(super) fn thresholds(subject: &Subject) -> Vec<(&'static str, Bytes, Row)> {
    let host = &subject.host;
    let Some(found) = tune::free_space_for(host, subject.usage.upkeep_profile(host)) else {
        return Vec::new();
    };
    let free = host.store.as_ref().and_then(|disk| disk.free.as_ref());
    let amounts = [
        ("max-free", found.value.max_free),
        ("min-free", found.value.min_free),
    ];
    amounts
        .into_iter()
        .map(|(name, amount)| {
            let part = found.parts.iter().find(|(part, _)| *part == name);
            let mut reason = part.map_or(found.formula.clone(), |(_, formula)| formula.clone());
            if let Some(free) = free.filter(|free| name == "min-free" && free.value < amount) {
                reason = format!(
                    "{reason}; only {} are free now, so that the next build collects garbage",
                    free.value
                );
            }
            let row = Row::found(name, amount.to_string(), &reason, &found);
            (name, amount, row)
        })
        .collect()
}

/// How long generations are kept, and why.
pub(super) fn kept_for(subject: &Subject, asked: Option<Days>) -> (Days, Row) {
    let name = "nix.gc.options";
    let profile = subject.usage.upkeep_profile(&subject.host);
    let found = tune::gc_retention_for(Some(&subject.host), profile);
    match asked {
        Some(days) => (
            days,
            Row::plain(name, &older_than(days), "asked for".to_owned()),
        ),
        None => {
            let row = Row::found(name, older_than(found.value), &found.formula, &found);
            (found.value, row)
        }
    }
}

/// How long generations are kept when nobody asks for something else, and why.
pub fn retention(subject: &Subject) -> (Days, String) {
    let (days, row) = kept_for(subject, None);
    (days, row.reason)
}

/// What the collector is called with.
pub(super) fn older_than(days: Days) -> String {
    format!("--delete-older-than {days}")
}

/// True when the Nix is known, and known to wait without end for a connection.
fn waits_for_ever(subject: &Subject, catalog: &Catalog) -> bool {
    let setting = catalog.setting("connect-timeout");
    let is_known = subject.target.version.is_some();
    is_known && setting.and_then(|it| it.default_for(&subject.target)) == Some("0")
}

/// Garbage collection and store optimisation, where the module system has them. A home on macOS
/// has not: home-manager passes its options as one word there, which Nix refuses.
fn upkeep(subject: &Subject, wanted: &Settings<'_>, rows: &mut Vec<Row>) -> Option<Upkeep> {
    match subject.sink {
        Sink::NixDarwin | Sink::Nixos => {}
        Sink::HomeManager if subject.os() == Some(Os::Linux) => {}
        _ => return None,
    }
    let (days, options_row) = kept_for(subject, wanted.retention);
    let options = older_than(days);
    let lines = options_row.comment(wanted.explain);
    let profile = subject.usage.upkeep_profile(&subject.host);
    let is_daily = matches!(profile, tune::Profile::Server | tune::Profile::Ci);
    let when = if is_daily {
        "every day"
    } else {
        "every Sunday"
    };
    rows.push(Row::plain(
        "nix.gc.automatic",
        when,
        "what no generation needs goes by itself".to_owned(),
    ));
    rows.push(options_row);
    if subject.sink != Sink::HomeManager {
        rows.push(Row::plain(
            "nix.optimise.automatic",
            when,
            "an hour after the collection, so that nothing is linked that is deleted next"
                .to_owned(),
        ));
    }
    Some(Upkeep {
        options,
        comment: lines,
        is_daily,
        explicit: wanted.explicit,
    })
}
