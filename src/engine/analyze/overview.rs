//! The whole machine at a glance.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{
    CachesReport, CachesRequest, Effective, Progress, StoreReport, StoreRequest, analyze_caches,
    analyze_store, effective_of_nix, read_history,
};
use crate::analyze::history::{Choice, History, Targets, examine};
use crate::analyze::store::{GenerationsRule, Keep};
use crate::engine::recorded;
use crate::facts::{BuildSlotsSeen, Host, Target};
use crate::probe;
use crate::system::{FetchLimits, System};
use crate::tune::Profile;

/// So many paths the caches are asked for: enough to measure and to see a signature.
const SAMPLE: usize = 8;
/// A glance does not wait longer.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);

/// What is known about a machine.
#[derive(Clone, PartialEq, Debug)]
pub struct Overview {
    /// Its hardware.
    pub host: Host,
    /// Its Nix.
    pub target: Target,
    /// The settings in effect, or why they are not known.
    pub effective: Result<Effective, String>,
    /// Build slots that recorded simulations recommend; `None` when none does.
    pub build_slots: Option<BuildSlotsSeen>,
    /// Its store, or why it is not known.
    pub store: Result<StoreReport, String>,
    /// Its caches, or why they are not known; `None` when nobody wanted to ask them.
    pub caches: Option<Result<CachesReport, String>>,
    /// The last runs, or why they are not known.
    pub history: Result<History, String>,
    /// What all of it is held against.
    pub targets: Targets,
}

/// Profiles with how many generations each has.
pub type Generations = BTreeMap<String, usize>;

impl Overview {
    /// How many generations each profile has.
    pub fn generations(&self) -> Generations {
        let mut all = Generations::new();
        if let Ok(store) = &self.store {
            for generation in &store.generations {
                *all.entry(generation.profile.clone()).or_default() += 1;
            }
        }
        all
    }
}

/// Looks at everything and holds it against `targets`; asks caches unless `offline`. So many roots, large
/// paths and runs are named as `most` says.
pub fn overview(
    system: &dyn System,
    targets: Targets,
    offline: bool,
    most: usize,
    progress: &dyn Progress,
) -> Overview {
    let effective = effective_of_nix(system);
    let keep = effective
        .as_ref()
        .map_or(Keep::default(), |effective| effective.keep);
    let store = analyze_store(
        system,
        StoreRequest {
            keep,
            rule: GenerationsRule::None,
            most,
            duplicates: false,
        },
    );
    let caches = (!offline).then(|| {
        let effective = effective.clone().map_err(|error| error.to_string())?;
        let request = CachesRequest {
            effective,
            sample: SAMPLE,
            closure: Vec::new(),
            cold: false,
            limits: FetchLimits {
                connect: ANSWER_LIMIT,
                whole: ANSWER_LIMIT,
                attempts: 1,
                ..FetchLimits::default()
            },
        };
        analyze_caches(system, &request, progress).map_err(|error| error.to_string())
    });
    let choice = Choice {
        most,
        ..Choice::default()
    };
    let (host, target) = (probe::host(system), probe::target(system));
    Overview {
        build_slots: recorded::build_slots(system, &host, &target, Profile::of(&host)),
        host,
        target,
        effective: effective.map_err(|error| error.to_string()),
        store: store.map_err(|error| error.to_string()),
        caches,
        history: read_history(system)
            .map(|records| examine(&records, &targets, &choice))
            .map_err(|error| error.to_string()),
        targets,
    }
}
