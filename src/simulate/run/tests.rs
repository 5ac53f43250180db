//! Schedules that were worked out by hand.

use std::sync::Arc;

use super::*;
use crate::simulate::{Builder, Link, Requirements};
use crate::units::Threads;

fn ids(numbers: &[u32]) -> Vec<JobId> {
    numbers.iter().copied().map(JobId).collect()
}

/// A build that keeps no thread busy, as `sleep`.
fn sleep(name: &str, needs: &[u32], secs: f64) -> Job {
    let mut job = Job::build(name, ids(needs), 0.0);
    job.waiting_secs = secs;
    job
}

fn slots(max_jobs: u32, cores: u32) -> Slots {
    Slots {
        max_jobs,
        cores,
        max_substitution_jobs: 16,
    }
}

fn machine(threads: u32) -> Machine {
    Machine::with_threads(Threads(threads), None)
}

fn on(graph: &Graph, threads: u32, slots: Slots, order: Order) -> Schedule {
    run(graph, &machine(threads), slots, order)
}

fn started(graph: &Graph, schedule: &Schedule) -> String {
    let name = |id: &JobId| graph.job(*id).unwrap().name.to_string();
    schedule
        .started
        .iter()
        .map(name)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Compares seconds that were added up in another order.
fn near(one: f64, other: f64) {
    assert!((one - other).abs() < 1e-6, "{one} is not {other}");
}

/// `d` needs `a` and `b`, `e` needs `c`, and everything is wanted by `top`.
fn diamond() -> Graph {
    Graph::new(vec![
        sleep("a", &[], 3.0),
        sleep("b", &[], 1.0),
        sleep("c", &[], 2.0),
        sleep("d", &[0, 1], 2.0),
        sleep("e", &[2], 4.0),
        sleep("top", &[3, 4], 1.0),
    ])
    .unwrap()
}

#[test]
fn one_slot_takes_what_waits_by_name() {
    let graph = diamond();
    let schedule = on(&graph, 8, slots(1, 1), Order::Alphabetical);
    near(schedule.makespan_secs, 13.0);
    // When `b` has ended, `c` waits already; `d`, which is ready only now, joins what waits.
    assert_eq!(started(&graph, &schedule), "a b c d e top");
    near(schedule.slot_bound_secs, 3.0 + 1.0 + 2.0 + 2.0);
    assert_eq!(schedule.dependency_bound_secs, 0.0);
    assert_eq!(schedule.decisive, ids(&[0, 1, 2, 3, 4, 5]));
}

#[test]
fn two_slots_and_what_decides() {
    // a 0-3, b 0-1, c 1-3, then d 3-5 and e 3-7, top 7-8.
    let graph = diamond();
    let schedule = on(&graph, 8, slots(2, 1), Order::Alphabetical);
    near(schedule.makespan_secs, 8.0);
    assert_eq!(started(&graph, &schedule), "a b c d e top");
    near(schedule.slot_bound_secs, 1.0);
    near(schedule.dependency_bound_secs, 2.0 + 1.0);
    assert_eq!(schedule.decisive, ids(&[1, 2, 4, 5]));
    let why: Vec<_> = schedule
        .decisive
        .iter()
        .map(|id| schedule.spans[id.index()].after.map(|(_, why)| why))
        .collect();
    assert_eq!(
        why,
        [
            None,
            Some(Because::Slot),
            Some(Because::Need),
            Some(Because::Need)
        ]
    );
}

#[test]
fn the_order_decides_how_long_it_takes() {
    // By what depends on them: c (7), a (6), b (4), so that e is not kept waiting:
    // c 0-2, a 0-3, e 2-6, b 3-4, d 4-6, top 6-7.
    let graph = diamond();
    let schedule = on(&graph, 8, slots(2, 1), Order::CriticalPath);
    assert_eq!(started(&graph, &schedule), "c a e b d top");
    near(schedule.makespan_secs, 7.0);
    near(graph.critical_secs(1), 7.0);
}

#[test]
fn what_is_ready_at_the_start_is_reached_from_above() {
    // `z` is one step from what is wanted, `a` two: Nix comes by `z` first although `a` sorts
    // first.
    let graph = Graph::new(vec![
        sleep("a", &[], 1.0),
        sleep("b", &[0], 1.0),
        sleep("z", &[], 1.0),
        sleep("top", &[1, 2], 1.0),
    ])
    .unwrap();
    let schedule = on(&graph, 8, slots(1, 1), Order::Alphabetical);
    assert_eq!(started(&graph, &schedule), "z a b top");
    let schedule = on(&graph, 8, slots(1, 1), Order::Fifo);
    assert_eq!(started(&graph, &schedule), "z a b top");
}

#[test]
fn what_waits_goes_before_what_has_just_become_ready() {
    let flat = Graph::new(vec![
        sleep("a", &[], 1.0),
        sleep("a2", &[0], 1.0),
        sleep("y", &[], 1.0),
        sleep("z", &[2], 1.0),
        sleep("x", &[], 1.0),
        sleep("zz", &[4], 1.0),
    ])
    .unwrap();
    // When `a` ends, `a2` sorts before `x`, but `x` waits already. When that ends, both `a2` and `y`
    // have waited; so has `zz` when `y` ends and `z` becomes ready.
    let schedule = on(&flat, 8, slots(1, 1), Order::Alphabetical);
    assert_eq!(started(&flat, &schedule), "a x a2 y zz z");
    let schedule = on(&flat, 8, slots(1, 1), Order::Fifo);
    assert_eq!(started(&flat, &schedule), "a x y a2 zz z");
}

#[test]
fn equal_names_are_ordered_by_their_paths() {
    let mut second = sleep("source.drv", &[], 1.0);
    second.path = "/nix/store/b-source.drv".into();
    let mut first = sleep("source.drv", &[], 2.0);
    first.path = "/nix/store/a-source.drv".into();
    // `-` sorts before `.`.
    let longer = sleep("source-1.drv", &[], 1.0);
    let graph = Graph::new(vec![second, first, longer]).unwrap();
    let schedule = on(&graph, 8, slots(1, 1), Order::Alphabetical);
    assert_eq!(schedule.started, ids(&[2, 1, 0]));
}

#[test]
fn threads_share_the_machine() {
    // Two builds with 4 s of one thread each on one thread: half the speed for both.
    let graph = Graph::new(vec![
        Job::build("a", vec![], 4.0),
        Job::build("b", vec![], 2.0),
    ])
    .unwrap();
    let schedule = on(&graph, 1, slots(2, 1), Order::Alphabetical);
    near(schedule.spans[1].end_secs, 4.0);
    near(schedule.makespan_secs, 6.0);
    near(schedule.utilization, 1.0);
    near(
        on(&graph, 2, slots(2, 1), Order::Alphabetical).makespan_secs,
        4.0,
    );
}

#[test]
fn cores_shorten_only_the_part_that_is_shared() {
    let mut job = Job::build("a", vec![], 1.0);
    job.parallel_secs = 8.0;
    job.width = 8;
    let graph = Graph::new(vec![job]).unwrap();
    let secs = |cores| on(&graph, 4, slots(1, cores), Order::Alphabetical).makespan_secs;
    near(secs(1), 9.0);
    near(secs(2), 5.0);
    near(secs(4), 3.0);
    // 0 is all threads of the machine; more than there are share what there is.
    near(secs(0), 3.0);
    near(secs(8), 3.0);
}

#[test]
fn a_foreign_thread_takes_its_share() {
    let graph = Graph::new(vec![
        Job::build("a", vec![], 1.0),
        Job::build("b", vec![], 1.0),
    ])
    .unwrap();
    let mut busy = machine(2);
    busy.background_threads = 1.0;
    let schedule = run(&graph, &busy, slots(2, 1), Order::Alphabetical);
    near(schedule.makespan_secs, 1.5);
}

#[test]
fn what_sleeps_takes_nothing_from_others() {
    let graph = Graph::new(vec![
        sleep("a", &[], 4.0),
        sleep("b", &[], 4.0),
        Job::build("c", vec![], 4.0),
    ])
    .unwrap();
    let schedule = on(&graph, 1, slots(3, 1), Order::Alphabetical);
    near(schedule.makespan_secs, 4.0);
}

#[test]
fn downloads_have_slots_of_their_own() {
    let mut graph = vec![
        Job::download("one", 2.0),
        Job::download("two", 2.0),
        Job::build("a", vec![], 3.0),
    ];
    graph.push(Job::build("b", ids(&[0, 1]), 1.0));
    let graph = Graph::new(graph).unwrap();
    let few = |max_substitution_jobs| Slots {
        max_jobs: 1,
        cores: 1,
        max_substitution_jobs,
    };
    // Both at once: b waits for a until 3. One after the other: b waits for them until 4.
    near(
        on(&graph, 2, few(2), Order::Alphabetical).makespan_secs,
        4.0,
    );
    let slow = on(&graph, 2, few(1), Order::Alphabetical);
    near(slow.makespan_secs, 5.0);
    near(slow.dependency_bound_secs, 1.0);
    assert_eq!(slow.decisive, ids(&[0, 1, 3]));
}

#[test]
fn downloads_share_the_bandwidth() {
    let mut one = Job::download("one", 0.5);
    one.download = Bytes(1000);
    let mut two = Job::download("two", 0.5);
    two.download = Bytes(3000);
    let graph = Graph::new(vec![one, two]).unwrap();
    let mut narrow = machine(1);
    // Latency 0.5; 500 in a second for each until one has its 1000; then 1000 for the rest.
    narrow.bandwidth_bytes_per_sec = Some(1000.0);
    let schedule = run(&graph, &narrow, slots(1, 1), Order::Alphabetical);
    near(schedule.spans[0].end_secs, 2.5);
    near(schedule.makespan_secs, 4.5);
}

#[test]
fn memory_that_does_not_fit_is_marked() {
    let mut jobs = vec![Job::build("a", vec![], 1.0), Job::build("b", vec![], 1.0)];
    for job in &mut jobs {
        job.memory = Bytes::from_gib(1);
        job.memory_per_thread = Bytes::from_gib(1);
        job.width = 2;
    }
    let graph = Graph::new(jobs).unwrap();
    let machine = Machine::with_threads(Threads(4), Some(Bytes::from_gib(5)));
    let peak = |max_jobs, cores| {
        let schedule = run(
            &graph,
            &machine,
            slots(max_jobs, cores),
            Order::Alphabetical,
        );
        (schedule.peak_memory, schedule.fits_memory(&machine))
    };
    assert_eq!(peak(1, 1), (Bytes::from_gib(2), Some(true)));
    assert_eq!(peak(2, 1), (Bytes::from_gib(4), Some(true)));
    assert_eq!(peak(2, 2), (Bytes::from_gib(6), Some(false)));
    let schedule = on(&graph, 4, slots(2, 2), Order::Alphabetical);
    assert_eq!(schedule.fits_memory(&super::tests::machine(4)), None);
}

#[test]
fn every_job_costs_a_little_more_than_its_work() {
    let graph = Graph::new(vec![sleep("a", &[], 1.0), sleep("b", &[0], 1.0)]).unwrap();
    let mut slow = machine(1);
    slow.overhead_secs = 0.25;
    near(
        run(&graph, &slow, slots(4, 1), Order::Alphabetical).makespan_secs,
        2.5,
    );
}

#[test]
fn nothing_to_do_takes_no_time() {
    let empty = on(&Graph::default(), 2, slots(2, 2), Order::Alphabetical);
    assert_eq!((empty.makespan_secs, empty.utilization), (0.0, 0.0));
    assert!(empty.decisive.is_empty());
    let instant = Graph::new(vec![sleep("a", &[], 0.0), sleep("b", &[0], 0.0)]).unwrap();
    let schedule = on(&instant, 2, slots(0, 0), Order::Alphabetical);
    assert_eq!(schedule.started, ids(&[0, 1]));
    assert_eq!(schedule.makespan_secs, 0.0);
}

/// Jobs of which each needs up to three of the 200 before it, with times and widths of all sizes.
fn random_graph(count: u32, mut seed: u64) -> Graph {
    let mut random = |below: u32| {
        // Knuth's linear congruential generator; the upper half is good enough here.
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(seed >> 33).unwrap() % below.max(1)
    };
    let jobs = (0..count).map(|index| {
        let window = index.min(200);
        let needs = match window {
            0 => Vec::new(),
            _ => (0..random(4))
                .map(|_| JobId(index - 1 - random(window)))
                .collect(),
        };
        let name = format!("{:05}-job-{index}.drv", random(100_000));
        let mut job = Job::build(name, needs, f64::from(random(1000)) / 100.0);
        job.waiting_secs = f64::from(random(100)) / 100.0;
        job.parallel_secs = f64::from(random(3000)) / 100.0;
        job.width = 1 + random(16);
        if job.needs.is_empty() && random(4) == 0 {
            job.kind = JobKind::Download;
        }
        job
    });
    Graph::new(jobs.collect()).unwrap()
}

#[test]
fn no_schedule_beats_the_bounds() {
    for seed in 0..20 {
        let graph = random_graph(60, seed);
        let orders = [
            Order::Alphabetical,
            Order::Arbitrary(seed),
            Order::Fifo,
            Order::CriticalPath,
        ];
        for order in orders {
            for (max_jobs, cores) in [(1, 1), (2, 2), (4, 1), (1, 4), (8, 8)] {
                let schedule = on(&graph, 4, slots(max_jobs, cores), order);
                let least = (graph.work_secs() / 4.0).max(graph.critical_secs(cores));
                assert!(schedule.makespan_secs >= least - 1e-6);
                let all: f64 = graph.jobs().iter().map(|job| job.alone_secs(1)).sum();
                assert!(schedule.makespan_secs <= all + 1e-6);
                assert!(schedule.utilization <= 1.0 + 1e-9);
                for (job, span) in graph.jobs().iter().zip(&schedule.spans) {
                    for need in &job.needs {
                        assert!(schedule.spans[need.index()].end_secs <= span.start_secs);
                    }
                }
                // Each job of the decisive chain starts when the one before ends.
                let mut end = 0.0;
                for id in &schedule.decisive {
                    let span = schedule.spans[id.index()];
                    assert_eq!(span.start_secs, end);
                    end = span.end_secs;
                }
                assert_eq!(end, schedule.makespan_secs);
            }
        }
    }
}

#[test]
fn one_slot_takes_the_sum_of_all() {
    for seed in 0..10 {
        let graph = Graph::new(
            random_graph(50, seed)
                .jobs()
                .iter()
                .cloned()
                .map(|job| Job {
                    kind: JobKind::Build,
                    ..job
                })
                .collect(),
        )
        .unwrap();
        let all: f64 = graph.jobs().iter().map(|job| job.alone_secs(2)).sum();
        near(
            on(&graph, 2, slots(1, 2), Order::Alphabetical).makespan_secs,
            all,
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_order_and_others_differ() {
    let graph = random_graph(100, 1);
    let started = |seed| on(&graph, 2, slots(2, 1), Order::Arbitrary(seed)).started;
    assert_eq!(started(1), started(1));
    assert_ne!(started(1), started(2));
}

/// Graphs of all shapes that are large: nothing needs anything, chains, and layers of which each
/// needs some of those before, down to what is fetched; with times that are all different or all the
/// same.
fn shapes(count: u32) -> Vec<(&'static str, Graph)> {
    let of = |needs: &dyn Fn(u32) -> Vec<JobId>, are_equal: bool| {
        let jobs = (0..count).map(|index| {
            let mut job = Job::build(
                format!("{:05}.drv", index * 7919 % count),
                needs(index),
                1.0,
            );
            job.waiting_secs = 0.5;
            job.parallel_secs = if are_equal {
                1.0
            } else {
                f64::from(index % 977)
            };
            job.width = 1 + index % 5;
            job.download = Bytes(u64::from(index));
            if job.needs.is_empty() {
                job.kind = JobKind::Download;
            }
            job
        });
        Graph::new(jobs.collect()).unwrap()
    };
    let wide = |_| Vec::new();
    let chains = |index: u32| index.checked_sub(10).map(JobId).into_iter().collect();
    let layers = |index: u32| match index / (count / 20) {
        0 => Vec::new(),
        layer => {
            let below = (layer - 1) * (count / 20);
            (0..5u32)
                .map(|turn| JobId(below + (index * 31 + turn * 7) % (count / 20)))
                .collect()
        }
    };
    let mut builds = of(&wide, true).jobs().to_vec();
    builds.iter_mut().for_each(|job| job.kind = JobKind::Build);
    vec![
        ("wide", of(&wide, false)),
        ("wide builds that end together", Graph::new(builds).unwrap()),
        ("chains", of(&chains, false)),
        ("layers", of(&layers, false)),
        ("layers that end together", of(&layers, true)),
        ("random", random_graph(count, 7)),
    ]
}

#[test]
fn work_grows_with_the_jobs_and_no_faster() {
    let orders = [
        Order::Alphabetical,
        Order::Arbitrary(1),
        Order::Fifo,
        Order::CriticalPath,
    ];
    let mut machine = machine(16);
    machine.bandwidth_bytes_per_sec = Some(1e6);
    for (shape, graph) in shapes(2_000) {
        let needs: usize = graph.jobs().iter().map(|job| job.needs.len()).sum();
        let parts = 4 * graph.jobs().len() as u64;
        for order in orders {
            for max_jobs in [1, 16, 1024, 100_000] {
                let schedule = run(&graph, &machine, slots(max_jobs, 4), order);
                let what = format!("{shape}, {order:?}, {max_jobs}");
                assert_eq!(schedule.started.len(), graph.jobs().len(), "{what}");
                // Each part ends once; each job becomes ready, waits and is chosen once.
                assert!(schedule.steps <= parts, "{what}: {}", schedule.steps);
                let most = 3 * parts + needs as u64;
                assert!(schedule.touches <= most, "{what}: {}", schedule.touches);
            }
        }
    }
}

/// A builder like a machine with so many threads.
fn builder(name: &str, max_jobs: u32, speed_factor: f32, threads: u32) -> Builder {
    Builder {
        name: name.into(),
        machine: machine(threads),
        max_jobs,
        speed_factor,
        speed: speed_factor.into(),
        cores: 1,
        systems: Vec::new(),
        features: Vec::new(),
        mandatory: Vec::new(),
        link: Link::default(),
    }
}

fn fleet(builders: Vec<Builder>) -> Fleet {
    Fleet {
        builders,
        system: "x86_64-linux".into(),
        ..Fleet::default()
    }
}

fn with(graph: &Graph, fleet: &Fleet, max_jobs: u32) -> Schedule {
    run_with(
        graph,
        &machine(8),
        fleet,
        slots(max_jobs, 1),
        Order::Alphabetical,
    )
    .unwrap()
}

/// Where each job ran, and from when to when.
fn places(schedule: &Schedule, fleet: &Fleet) -> Vec<String> {
    let place = |span: &JobSpan| {
        let name = span.builder.map_or("here", |it| &fleet.builders[it].name);
        format!("{name} {}-{}", span.start_secs, span.end_secs)
    };
    schedule.spans.iter().map(place).collect()
}

fn sleeps(names: &[&str], secs: f64) -> Graph {
    Graph::new(names.iter().map(|name| sleep(name, &[], secs)).collect()).unwrap()
}

#[test]
fn the_hook_chooses_by_load_for_speed() {
    // Loads 0 and 0: the faster one. 1/2 and 0: the other. Then 1/2 and 1/1, and 2/2 and 1/1: equal
    // loads go to the faster one again, which is full then.
    let graph = sleeps(&["a", "b", "c", "d", "e", "f"], 4.0);
    let fleet = fleet(vec![builder("one", 4, 1.0, 8), builder("two", 3, 2.0, 8)]);
    let schedule = with(&graph, &fleet, 1);
    assert_eq!(
        places(&schedule, &fleet),
        [
            "two 0-4", "one 0-4", "two 0-4", "two 0-4", "one 0-4", "one 0-4"
        ]
    );
    assert_eq!(schedule.builders[0].jobs, 3);
    assert_eq!(schedule.builders[1].jobs, 3);
    // In whole numbers the second job finds 0 and 1/2 = 0, too.
    let whole = Fleet {
        has_whole_loads: true,
        ..fleet
    };
    let schedule = with(&graph, &whole, 1);
    assert_eq!(
        places(&schedule, &whole),
        [
            "two 0-4", "two 0-4", "one 0-4", "two 0-4", "one 0-4", "one 0-4"
        ]
    );
}

#[test]
fn what_no_builder_takes_is_built_here_and_the_rest_waits_for_the_poll() {
    // The builder takes a. b, c and d are declined together, as this machine has a slot then; b gets
    // it. c and d ask again when a and b end at 4: the builder takes c, this machine d.
    let graph = sleeps(&["a", "b", "c", "d"], 4.0);
    let all = fleet(vec![builder("one", 1, 1.0, 8)]);
    let schedule = with(&graph, &all, 1);
    assert_eq!(
        places(&schedule, &all),
        ["one 0-4", "here 0-4", "one 4-8", "here 4-8"]
    );
    // Without a slot here b is postponed, and Nix looks again at 5 although the builder is free at 4.
    let pair = sleeps(&["a", "b"], 4.0);
    let schedule = with(&pair, &all, 0);
    assert_eq!(places(&schedule, &all), ["one 0-4", "one 5-9"]);
    near(schedule.polling_secs, 1.0);
    near(schedule.slot_bound_secs, 5.0);
    // It sleeps for whole seconds and at least one: when another job ends at 4.5 it wakes up at 5.5.
    let mut jobs = pair.jobs().to_vec();
    jobs.push(Job::download("x", 4.5));
    let schedule = with(&Graph::new(jobs).unwrap(), &all, 0);
    assert_eq!(places(&schedule, &all)[1], "one 5.5-9.5");
}

#[test]
fn features_and_systems_decide_who_can() {
    let asking = |name: &str, system: Option<&str>, features: &[&str], prefers_local: bool| {
        let mut job = sleep(name, &[], 1.0);
        job.requirements = Some(Arc::new(Requirements {
            system: system.map(Arc::from),
            features: features.iter().map(|it| Arc::from(*it)).collect(),
            prefers_local,
        }));
        job
    };
    let graph = Graph::new(vec![
        asking("a", Some("aarch64-linux"), &[], false),
        asking("b", None, &["kvm"], false),
        asking("c", None, &[], true),
        asking("d", None, &["big"], false),
        asking("e", Some("builtin"), &[], false),
    ])
    .unwrap();
    let mut arm = builder("arm", 8, 1.0, 8);
    arm.systems = vec!["aarch64-linux".into()];
    let mut kvm = builder("kvm", 8, 1.0, 8);
    kvm.systems = vec!["x86_64-linux".into()];
    kvm.mandatory = vec!["kvm".into()];
    let mut big = builder("big", 8, 1.0, 8);
    big.features = vec!["big".into()];
    let all = fleet(vec![arm, kvm, big]);
    let schedule = with(&graph, &all, 1);
    let where_to = |schedule: &Schedule| -> Vec<String> {
        let places = places(schedule, &all).into_iter();
        places
            .map(|it| it.split(' ').next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(where_to(&schedule), ["arm", "kvm", "here", "big", "arm"]);
    // What prefers this machine goes to a builder when nothing is built here.
    assert_eq!(where_to(&with(&graph, &all, 0))[2], "big");
    let foreign = Graph::new(vec![asking("a", Some("i686-linux"), &["x"], false)]).unwrap();
    let error = run_with(
        &foreign,
        &machine(8),
        &all,
        slots(1, 1),
        Order::Alphabetical,
    );
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("`a` is for i686-linux with the features x"),
        "{error}"
    );
}

#[test]
fn inputs_and_outputs_take_their_time() {
    let mut jobs = vec![
        sleep("a", &[], 1.0),
        sleep("b", &[0], 1.0),
        sleep("c", &[0], 1.0),
    ];
    for job in &mut jobs {
        job.output = Bytes(1000);
    }
    let graph = Graph::new(jobs).unwrap();
    let mut far = builder("far", 2, 1.0, 8);
    far.link = Link {
        bandwidth_bytes_per_sec: Some(1000.0),
        latency_secs: 0.0,
        connect_secs: 0.5,
    };
    let all = fleet(vec![far]);
    let schedule = with(&graph, &all, 0);
    // a: connected at 0.5, built at 1.5, back at 2.5. What it made is on the builder already. While
    // the hook connects for b, nothing happens for c; both bring their outputs back: b alone from
    // 4 to 4.5, both to 5.5, c alone to 6.
    assert_eq!(
        places(&schedule, &all),
        ["far 0.5-2.5", "far 3-5.5", "far 3.5-6"]
    );
    // Another builder has to be sent what the first one made, by one hook after the other.
    let mut jobs = graph.jobs().to_vec();
    jobs[0].requirements = Some(Arc::new(Requirements {
        prefers_local: true,
        ..Requirements::default()
    }));
    jobs.push(sleep("a2", &[], 1.0));
    jobs[3].output = Bytes(500);
    jobs[3].requirements = jobs[0].requirements.clone();
    jobs[2].needs = ids(&[3]);
    let schedule = with(&Graph::new(jobs).unwrap(), &all, 2);
    // a and a2 end here at 1. b is connected at 1.5 and has a at 2.5, is built at 3.5. c is connected
    // at 2, has a2 at 3, is built at 4. Then both bring back at half the rate for a while.
    assert_eq!(
        places(&schedule, &all),
        ["here 0-1", "far 1.5-5", "far 2-5.5", "here 0-1"]
    );
}

#[test]
fn builders_that_fetch_themselves_are_not_sent_what_caches_have() {
    let mut fetched = Job::download("source", 1.0);
    fetched.output = Bytes(4000);
    let graph = Graph::new(vec![fetched, sleep("a", &[0], 1.0)]).unwrap();
    let mut far = builder("far", 1, 1.0, 8);
    far.link.bandwidth_bytes_per_sec = Some(1000.0);
    let mut all = fleet(vec![far]);
    near(with(&graph, &all, 0).makespan_secs, 1.0 + 4.0 + 1.0);
    all.use_substitutes = true;
    near(with(&graph, &all, 0).makespan_secs, 1.0 + 1.0 + 1.0);
}

#[test]
fn builders_compute_at_their_own_speed_and_share_their_own_threads() {
    let graph = Graph::new(vec![
        Job::build("a", vec![], 4.0),
        Job::build("b", vec![], 4.0),
    ])
    .unwrap();
    let fast = fleet(vec![builder("fast", 2, 2.0, 8)]);
    near(with(&graph, &fast, 1).makespan_secs, 2.0);
    let narrow = fleet(vec![builder("narrow", 2, 2.0, 1)]);
    let schedule = with(&graph, &narrow, 1);
    near(schedule.makespan_secs, 4.0);
    assert_eq!(schedule.utilization, 0.0);
    near(schedule.builders[0].work_secs, 4.0);
}

#[test]
fn with_builders_work_grows_no_faster_either() {
    let all = fleet(vec![builder("one", 3, 1.0, 8), builder("two", 8, 2.0, 8)]);
    for (shape, graph) in shapes(2_000) {
        let schedule = with(&graph, &all, 4);
        let needs: usize = graph.jobs().iter().map(|job| job.needs.len()).sum();
        let most = (24 * graph.jobs().len() + 2 * needs) as u64;
        assert!(schedule.touches <= most, "{shape}: {}", schedule.touches);
        assert_eq!(schedule.started.len(), graph.jobs().len(), "{shape}");
        let remote: usize = schedule.builders.iter().map(|it| it.jobs).sum();
        let spans = schedule.spans.iter();
        assert_eq!(remote, spans.filter(|it| it.builder.is_some()).count());
    }
}
