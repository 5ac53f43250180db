//! The simulation against real builds. `benches/simulation.rs` is the long form of it.

// The long form measures more.
#[allow(dead_code)]
pub mod real;

mod remote;

use nixtune::engine::{self, GraphSource, SimulateError, SimulateRequest};
use nixtune::policy::TargetPolicy;
use nixtune::simulate::{Assumptions, Graph, Machine, Order, Slots, run};
use nixtune::system::Os;
use nixtune::units::Threads;
use real::{Nix, Random, random_graph};

use crate::oracle::oracles;

fn slots(max_jobs: u32) -> Slots {
    Slots {
        max_jobs,
        cores: 1,
        max_substitution_jobs: 16,
    }
}

fn predicted(graph: &Graph, max_jobs: u32) -> (f64, Vec<String>, f64) {
    let machine = Machine::with_threads(Threads(2), None);
    let schedule = run(graph, &machine, slots(max_jobs), Order::Alphabetical);
    let names = schedule.started.iter();
    let names = names.map(|id| graph.job(*id).unwrap().name.to_string());
    let mut ends: Vec<f64> = schedule.spans.iter().map(|span| span.end_secs).collect();
    ends.sort_by(f64::total_cmp);
    let closest = ends
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        // What ends with the build of everything decides nothing.
        .take(ends.len().saturating_sub(2))
        .fold(f64::INFINITY, f64::min);
    (schedule.makespan_secs, names.collect(), closest)
}

/// With one slot no time decides anything: the order has to be Nix's own, for every graph.
#[test]
fn real_nix_begins_builds_in_the_predicted_order() {
    for oracle in oracles() {
        let nix = Nix::new(oracle.bin());
        for seed in 0..4 {
            let graph = random_graph(20, &mut Random(seed), &mut |_, _| {});
            let path = nix.instantiate(&graph, &format!("order-{seed}"));
            let built = nix.build(&path, 1, 1);
            let (_, order, _) = predicted(&graph, 1);
            assert_eq!(built.started, order, "Nix {}, {seed}", oracle.version);
        }
    }
}

/// Derivations that sleep take as long on a busy machine. Graphs are taken in which no two of them
/// end at about the same time, so that it cannot decide which is first.
#[test]
fn real_nix_takes_as_long_as_predicted() {
    const SETTINGS: [u32; 2] = [2, 3];
    const APART_SECS: f64 = 0.15;
    let graphs: Vec<Graph> = (0..)
        .map(|seed| {
            random_graph(7, &mut Random(seed), &mut |random, job| {
                job.waiting_secs = 0.2 + f64::from(random.below(20)) / 20.0;
            })
        })
        .filter(|graph| {
            SETTINGS
                .iter()
                .all(|max_jobs| predicted(graph, *max_jobs).2 >= APART_SECS)
        })
        .take(3)
        .collect();
    let graphs = &graphs;
    std::thread::scope(|scope| {
        for oracle in oracles() {
            for max_jobs in SETTINGS {
                scope.spawn(move || {
                    let nix = Nix::new(oracle.bin());
                    for (index, graph) in graphs.iter().enumerate() {
                        let (secs, order, _) = predicted(graph, max_jobs);
                        let path = nix.instantiate(graph, &format!("time-{index}"));
                        let built = nix.build(&path, max_jobs, 1);
                        let what = format!("Nix {}, {max_jobs} slots, {index}", oracle.version);
                        assert_eq!(built.started, order, "{what}");
                        // Nothing sleeps less than it should; what a busy machine adds is small.
                        let real = built.secs;
                        assert!(real >= secs, "{what}: {real} s and not {secs} s");
                        assert!(
                            real <= secs * 1.3 + 1.5,
                            "{what}: {real} s and not {secs} s"
                        );
                    }
                });
            }
        }
    });
}

fn of_derivation(path: &std::path::Path) -> SimulateRequest {
    SimulateRequest {
        source: GraphSource::Derivation {
            path: path.to_owned(),
            assumptions: Assumptions::default(),
            rebuild: false,
        },
        host: None,
        target: "cppnix@2.31".parse::<TargetPolicy>().unwrap(),
        present: Some((engine::MaxJobs::Count(1), 1)),
        max_jobs: Vec::new(),
        cores: Vec::new(),
        max_substitution_jobs: None,
        bandwidth_bytes_per_sec: None,
        background_threads: 0,
        builders: engine::BuildersRequest::default(),
        record: false,
    }
}

/// Among equal names the path decides. What is built already is not simulated again.
#[test]
fn derivations_are_read_from_the_store() {
    for oracle in oracles() {
        let nix = Nix::new(oracle.bin());
        let mut graph = random_graph(20, &mut Random(9), &mut |_, _| {});
        let jobs = graph.jobs().iter().cloned();
        let jobs = jobs.enumerate().map(|(index, mut job)| {
            job.name = format!("same-{}.drv", index % 3).into();
            // Otherwise some would be one derivation.
            job.waiting_secs = f64::from(u32::try_from(index).unwrap()) / 1000.0;
            job
        });
        graph = Graph::new(jobs.collect()).unwrap();
        let path = nix.instantiate(&graph, "paths");
        let found = engine::simulate(&Os, &of_derivation(&path)).unwrap();
        assert_eq!(found.graph.jobs().len(), 21);
        let built = nix.build(&path, 1, 1);
        let started = found.comparison.schedule.started.iter();
        let paths: Vec<String> = started
            .map(|id| found.graph.job(*id).unwrap().path.to_string())
            .collect();
        assert_eq!(built.paths, paths, "Nix {}", oracle.version);
        let again = engine::simulate(&Os, &of_derivation(&path)).unwrap_err();
        assert!(matches!(again, SimulateError::AllBuilt(_)), "{again}");
    }
}

/// Four builds that sleep need a fourth of the time with four slots, on any machine.
#[test]
fn a_setting_is_proven_by_runs_in_turns() {
    for oracle in oracles() {
        let nix = Nix::new(oracle.bin());
        let expression = "let job = number: derivation {
            name = \"job-${toString number}\"; system = builtins.currentSystem;
            run = builtins.getEnv \"NIXTUNE_RUN\"; builder = \"/bin/sh\";
            args = [ \"-c\" \"/bin/sleep 0.5; echo > $out\" ]; };
            in map job [ 1 2 3 4 ]";
        std::fs::write(nix.home().join("jobs.nix"), expression).unwrap();
        let mut command = crate::cli::nixtune(nix.home());
        command.envs(nix.environment()).args([
            "analyze",
            "verify",
            "--setting",
            "max-jobs=4",
            "--format",
            "json",
            "--",
            "nix-build",
            "--no-out-link",
            "jobs.nix",
        ]);
        let output = crate::cli::run(command, b"");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["verdict"], "faster", "{found}");
        assert!(found["present_secs"].as_f64().unwrap() >= 2.0, "{found}");
        assert!(found["other_secs"].as_f64().unwrap() >= 0.5, "{found}");
        let sides = found["runs"].as_array().unwrap().iter();
        let sides: Vec<_> = sides
            .map(|run| run["with_settings"].as_bool().unwrap())
            .collect();
        assert_eq!(sides, [false, true, true, false, false, true]);
        assert_eq!(said.matches("warm-up").count(), 1, "{said}");
    }
}
