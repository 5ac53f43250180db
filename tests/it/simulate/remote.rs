//! Builders in the simulation against real build hooks: Nix hands builds to itself, by an `ssh` that
//! stays on this machine and stores that lie in other folders.

use nixtune::facts::{Fact, Target, Version};
use nixtune::simulate::{
    Builder, BuilderLine, Fleet, Graph, Job, Link, Machine, Order, Schedule, has_whole_loads,
    run_with,
};
use nixtune::units::Threads;

use super::real::{Nix, RealBuilder};
use super::slots;
use crate::oracle::oracles;

/// What connecting takes at least, as the engine takes it.
const CONNECT_SECS: f64 = 0.1;

/// What is predicted for builders that have enough threads.
fn predicted(
    graph: &Graph,
    builders: &[RealBuilder],
    max_jobs: u32,
    version: Version,
) -> (Schedule, Fleet) {
    let machine = Machine::with_threads(Threads(64), None);
    let builder = |it: &RealBuilder| -> Builder {
        let line = format!("{} - - {} {}", it.host, it.max_jobs, it.speed_factor);
        let link = Link {
            connect_secs: CONNECT_SECS,
            ..Link::default()
        };
        BuilderLine::parse(&line)
            .unwrap()
            .builder(machine.clone(), link)
    };
    let fleet = Fleet {
        builders: builders.iter().map(builder).collect(),
        has_whole_loads: has_whole_loads(&Target {
            version: Some(Fact::probed(version, "the oracle")),
            ..Target::default()
        }),
        ..Fleet::default()
    };
    let schedule = run_with(
        graph,
        &machine,
        &fleet,
        slots(max_jobs),
        Order::Alphabetical,
    );
    (schedule.unwrap(), fleet)
}

/// Builds a graph for real, and holds against the prediction who built what, in which order, and how
/// long all of it took.
fn compare(name: &str, graph: &Graph, builders: &[RealBuilder], max_jobs: u32) {
    for oracle in oracles() {
        let (schedule, fleet) = predicted(graph, builders, max_jobs, oracle.version);
        let host = |index: usize| fleet.builders[index].name.to_string();
        let started = schedule.started.iter();
        let mut expected: Vec<(String, Option<String>)> = started
            .map(|id| {
                let place = schedule.spans[id.0 as usize].builder;
                let name = graph.job(*id).unwrap().name.to_string();
                (name, place.map(host))
            })
            .collect();
        let nix = Nix::new(oracle.bin());
        let setting = nix.make_builders(builders);
        let path = nix.instantiate(graph, name);
        let built = nix.build_with(&path, max_jobs, 1, &setting);
        let found = built.started.into_iter().zip(built.hosts);
        let mut found: Vec<(String, Option<String>)> = found.collect();
        // Nix says that it builds here a turn later, and meanwhile asks for others.
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "Nix {}, {name}", oracle.version);
        let (real, least) = (built.secs, schedule.makespan_secs - CONNECT_SECS * 8.0);
        let most = schedule.makespan_secs * 1.3 + 3.0;
        assert!(
            (least..=most).contains(&real),
            "Nix {}, {name}: {real} s and not {} s",
            oracle.version,
            schedule.makespan_secs
        );
    }
}

/// Jobs that sleep, and one that needs all of them.
fn sleeps(secs: &[(&str, f64)]) -> Graph {
    let mut jobs: Vec<Job> = secs
        .iter()
        .map(|(name, secs)| {
            let mut job = Job::build(format!("{name}.drv"), vec![], 0.0);
            job.waiting_secs = *secs;
            job
        })
        .collect();
    let needs = (0u32..).map(nixtune::simulate::JobId).take(jobs.len());
    jobs.push(Job::build("top.drv", needs.collect(), 0.0));
    Graph::new(jobs).unwrap()
}

const ONE: RealBuilder = RealBuilder {
    host: "one",
    max_jobs: 3,
    speed_factor: 1,
};
const TWO: RealBuilder = RealBuilder {
    host: "two",
    max_jobs: 3,
    speed_factor: 2,
};

/// Nothing ends while builds are handed out, so that the loads alone decide; the seventh stays here.
#[test]
fn real_hooks_choose_the_predicted_builders() {
    let secs = 6.0;
    let all = ["a", "b", "c", "d", "e", "f", "g"].map(|name| (name, secs));
    compare("loads", &sleeps(&all), &[ONE, TWO], 1);
}

/// All builders are busy and nothing is built here: what waits is looked at again after five
/// seconds and no sooner.
#[test]
fn real_nix_looks_for_builders_again_when_predicted() {
    let single = RealBuilder { max_jobs: 1, ..ONE };
    compare("poll", &sleeps(&[("a", 1.5), ("b", 0.5)]), &[single], 0);
}
