//! `speedFactor`: the share of the builds that a builder gets beside others.

use super::{Recommendation, UsedFact, core_facts, weakest};
use crate::facts::Host;

/// The speed factor of `host` beside the `least` of all, which has 1. `None` when the threads of
/// one of them are not known.
///
/// Nix divides the number of builds that run on a machine by its factor and takes the machine with
/// the least, so that builds spread in proportion to the factors. With `T` threads and `E`
/// efficiency cores:
/// ```text
/// strength = T - E / 2
/// factor   = max(1, strength / least strength), rounded
/// ```
/// A machine with twice the threads of another is never given the smaller factor: an efficiency
/// core has one thread, so that the strength is half of the threads at least.
pub fn speed_factor(host: &Host, least: &Host) -> Option<Recommendation<u32>> {
    let threads = host.threads.as_ref()?;
    let (own, other) = (half_strength(host)?, half_strength(least)?.max(1));
    // Both are halves; half of the divisor rounds.
    let factor = ((own + other / 2) / other).max(1);
    let mut facts = vec![UsedFact::new("threads", threads)];
    facts.extend(core_facts(host));
    let words = strength_in_words(host, own);
    let formula = if own == other {
        format!("{words}; no builder has less")
    } else {
        format!(
            "{words}, beside the {} of {}: {:.1}",
            halves(other),
            least.name,
            own as f64 / other as f64
        )
    };
    Some(Recommendation {
        value: u32::try_from(factor).unwrap_or(u32::MAX),
        formula,
        parts: Vec::new(),
        bounds: "1 ≤ speedFactor; a machine with twice the threads has no smaller one",
        source: "nixtune's, after the choice that Nix makes between builders \
                 (`build-remote/build-remote.cc`)",
        weakest: weakest(&facts),
        facts,
        alternatives: Vec::new(),
    })
}

/// The host that builds the least of those whose threads are known.
pub fn least_builder<'h>(hosts: impl IntoIterator<Item = &'h Host>) -> Option<&'h Host> {
    hosts
        .into_iter()
        .filter(|host| host.threads.is_some())
        .min_by_key(|host| half_strength(host))
}

/// Twice the strength, so that it is whole.
fn half_strength(host: &Host) -> Option<u64> {
    let threads = u64::from(host.threads.as_ref()?.value.0);
    let efficiency = u64::from(host.efficiency_cores().unwrap_or(0)).min(threads);
    Some(2 * threads - efficiency)
}

fn strength_in_words(host: &Host, own: u64) -> String {
    let threads = host.threads.as_ref().map(|it| it.value.to_string());
    let threads = threads.unwrap_or_default();
    match host.efficiency_cores().filter(|cores| *cores > 0) {
        Some(cores) => format!(
            "{threads}, {cores} of them efficiency cores that count half, are {}",
            halves(own)
        ),
        None => threads,
    }
}

fn halves(number: u64) -> String {
    if number.is_multiple_of(2) {
        (number / 2).to_string()
    } else {
        format!("{}.5", number / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{CoreLevel, CoreRole, Fact};
    use crate::units::Threads;

    fn host(threads: u32, efficiency: u32) -> Host {
        let level = |role, cores| {
            Fact::declared(
                CoreLevel {
                    name: String::new(),
                    role,
                    cores,
                },
                "test",
            )
        };
        Host {
            name: format!("m{threads}"),
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
            memory: None,
            swap: None,
            store: None,
        }
    }

    #[test]
    fn factors_are_whole_multiples_of_the_least() {
        let least = host(8, 4);
        let factor = |other: &Host| speed_factor(other, &least).unwrap().value;
        assert_eq!(factor(&least), 1);
        assert_eq!(factor(&host(8, 0)), 1);
        assert_eq!(factor(&host(12, 6)), 2);
        assert_eq!(factor(&host(96, 0)), 16);
        let words = speed_factor(&host(12, 6), &least).unwrap().formula;
        assert_eq!(
            words,
            "12 threads, 6 of them efficiency cores that count half, are 9, beside the 6 of m8: 1.5"
        );
    }

    #[test]
    fn twice_the_threads_never_have_less() {
        for threads in 1..40 {
            for efficiency in 0..=threads {
                let big = host(threads, efficiency);
                for small in 1..=threads / 2 {
                    let small = host(small, 0);
                    let least = least_builder([&big, &small]).unwrap();
                    let of = |one| speed_factor(one, least).unwrap().value;
                    assert!(of(&big) >= of(&small));
                }
            }
        }
    }

    #[test]
    fn unknown_threads_have_no_factor() {
        let mut unknown = host(4, 0);
        unknown.threads = None;
        assert_eq!(speed_factor(&unknown, &host(4, 0)), None);
        assert_eq!(least_builder([&unknown]), None);
    }
}
