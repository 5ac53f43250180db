//! What fits a machine, ready to show: the recommendations of `tune` by setting.

use serde::Serialize;

use crate::facts::{BuildSlotsSeen, Host, How};
use crate::tune::{self, Profile, Recommendation};
use crate::units::Bytes;

/// One recommendation, whatever its type.
#[derive(Serialize)]
pub(super) struct Fit {
    pub name: &'static str,
    pub values: Vec<Value>,
    pub formula: String,
    pub bounds: &'static str,
    pub source: &'static str,
    pub weakest: How,
    pub alternatives: Vec<Other>,
}

#[derive(Serialize)]
pub(super) struct Other {
    pub values: Vec<Value>,
    pub when: &'static str,
}

/// A setting or option with the value that fits.
#[derive(Serialize)]
pub(super) struct Value {
    pub setting: &'static str,
    pub value: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
}

#[derive(Serialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Unit {
    Bytes,
    Days,
}

fn count(setting: &'static str, value: u32) -> Value {
    Value {
        setting,
        value: value.into(),
        unit: None,
    }
}

fn amount(setting: &'static str, bytes: Bytes) -> Value {
    Value {
        setting,
        value: bytes.0,
        unit: Some(Unit::Bytes),
    }
}

pub(super) fn values(values: &[Value]) -> String {
    let words: Vec<_> = values
        .iter()
        .map(
            |Value {
                 setting,
                 value,
                 unit,
             }| match unit {
                None => format!("{setting} {value}"),
                Some(Unit::Bytes) => format!("{setting} {}", Bytes(*value)),
                Some(Unit::Days) => format!("{setting} {value}d"),
            },
        )
        .collect();
    words.join(", ")
}

fn fit<T: Copy>(
    name: &'static str,
    found: Recommendation<T>,
    values: impl Fn(T) -> Vec<Value>,
) -> Fit {
    Fit {
        name,
        values: values(found.value),
        formula: found.formula,
        bounds: found.bounds,
        source: found.source,
        weakest: found.weakest,
        alternatives: found
            .alternatives
            .into_iter()
            .map(|other| Other {
                values: values(other.value),
                when: other.when,
            })
            .collect(),
    }
}

/// All recommendations for which enough is known.
pub(super) fn fitting(host: &Host) -> Vec<Fit> {
    fitting_seen(host, None)
}

/// As [`fitting`], with what recorded simulations say of build slots.
pub(super) fn fitting_seen(host: &Host, seen: Option<&BuildSlotsSeen>) -> Vec<Fit> {
    let slots = tune::build_slots_seen(host, Profile::of(host), seen).map(|found| {
        fit("build-slots", found, |slots| {
            vec![
                count("max-jobs", slots.max_jobs),
                count("cores", slots.cores),
            ]
        })
    });
    let space = tune::free_space(host).map(|found| {
        fit("free-space", found, |space| {
            vec![
                amount("min-free", space.min_free),
                amount("max-free", space.max_free),
            ]
        })
    });
    let retention = fit("gc-retention", tune::gc_retention(Some(host)), |days| {
        let value = u64::from(days.0);
        vec![Value {
            setting: "--delete-older-than",
            value,
            unit: Some(Unit::Days),
        }]
    });
    let builder = tune::linux_builder(host).map(|found| {
        fit("linux-builder", found, |builder| {
            vec![
                count("linux-builder cores", builder.cores),
                amount("memorySize", builder.memory),
                amount("diskSize", builder.disk),
                count("maxJobs", builder.max_jobs),
            ]
        })
    });
    [slots, space, Some(retention), builder]
        .into_iter()
        .flatten()
        .collect()
}

/// The recommendations about a setting or an option: those of `nixtune host`, and what to
/// download with.
pub(super) fn fitting_for(name: &str, host: &Host) -> Vec<Fit> {
    let profile = Profile::of(host);
    let network = [
        fit(
            "substitution",
            tune::substitution(host, profile, None),
            |jobs| vec![count("max-substitution-jobs", jobs)],
        ),
        fit(
            "http-connections",
            tune::http_connections(profile, None),
            |connections| vec![count("http-connections", connections)],
        ),
    ];
    let is_about = |fit: &Fit| match fit.name {
        "gc-retention" => name == "nix.gc.options",
        "linux-builder" => name.starts_with("nix.linux-builder"),
        _ => fit.values.iter().any(|value| value.setting == name),
    };
    fitting(host)
        .into_iter()
        .chain(network)
        .filter(is_about)
        .collect()
}
