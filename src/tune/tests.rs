//! Worked examples and properties of all formulas.

use proptest::prelude::*;

use super::*;
use crate::facts::{Arch, CoreLevel, CoreRole, Platform, StoreDisk};
use crate::units::Threads;

fn host(threads: u32, memory: u64) -> Host {
    Host {
        name: "example".to_owned(),
        platform: Some(Fact::declared(
            Platform {
                os: Os::Linux,
                arch: Some(Arch::X86_64),
            },
            "example",
        )),
        threads: Some(Fact::declared(Threads(threads), "example")),
        core_levels: Vec::new(),
        memory: Some(Fact::declared(Bytes(memory), "example")),
        swap: None,
        store: None,
    }
}

fn gib_host(threads: u32, gib: u64) -> Host {
    host(threads, gib * Bytes::GIB)
}

fn mac(mut host: Host) -> Host {
    host.platform = Some(Fact::declared(
        Platform {
            os: Os::Darwin,
            arch: None,
        },
        "example",
    ));
    host
}

fn with_levels(mut host: Host, performance: u32, efficiency: u32) -> Host {
    let level = |role, cores| {
        let name = format!("{role:?}");
        Fact::declared(CoreLevel { name, role, cores }, "example")
    };
    host.core_levels = vec![
        level(CoreRole::Performance, performance),
        level(CoreRole::Efficiency, efficiency),
    ];
    host
}

fn with_disk(mut host: Host, bytes: u64) -> Host {
    host.store = Some(StoreDisk {
        size: Some(Fact::declared(Bytes(bytes), "example")),
        free: None,
        kind: None,
    });
    host
}

fn slots(host: &Host, profile: Profile) -> (u32, u32) {
    let value = build_slots(host, profile).unwrap().value;
    (value.max_jobs, value.cores)
}

#[test]
fn build_slots_of_servers_match_what_fleets_publish() {
    // Threads, memory in GiB, builds × cores.
    let rows = [
        (4, 8, (2, 2)),
        (8, 8, (2, 2)),
        (8, 16, (4, 2)), // NixOS/infra m1
        (8, 24, (4, 2)), // NixOS/infra m2.large has the same product, 2 × 4
        (10, 32, (5, 2)),
        (12, 32, (4, 3)), // NixOS/infra ofborg-x86_64
        (16, 64, (4, 4)),
        (24, 128, (4, 6)),
        (80, 128, (12, 5)),
        (96, 256, (16, 6)), // product 96, as NixOS/infra elated-minsky and sleepy-brown
        (1, 1, (1, 1)),
        (2, 4, (1, 2)),
    ];
    for (threads, memory, expected) in rows {
        let host = gib_host(threads, memory);
        assert_eq!(
            slots(&host, Profile::Server),
            expected,
            "{threads} / {memory}"
        );
        assert_eq!(slots(&host, Profile::Ci), expected, "{threads} / {memory}");
    }
}

#[test]
fn build_slots_with_low_memory_are_few() {
    for (threads, memory, expected) in [
        (4, 8, (1, 2)),
        (8, 8, (1, 2)),
        (1, 2, (1, 1)),
        (8, 7, (1, 2)),
    ] {
        let host = gib_host(threads, memory);
        assert_eq!(slots(&host, Profile::LowMemory), expected);
        assert_eq!(
            slots(&host, Profile::Interactive),
            expected,
            "taken by itself"
        );
    }
    let m1 = with_levels(gib_host(8, 8), 4, 4);
    let found = build_slots(&m1, Profile::Interactive).unwrap();
    assert_eq!(
        found.formula,
        "(8 GiB - 3 GiB) / 3 GiB allow 1 build at once, with 2 cores each"
    );
}

#[test]
fn low_memory_on_purpose_is_one_build_with_the_threads_that_memory_feeds() {
    for (host, expected) in [
        (with_levels(gib_host(12, 36), 6, 6), (1, 8)),
        (with_levels(gib_host(8, 16), 4, 4), (1, 5)),
        (with_levels(gib_host(8, 8), 4, 4), (1, 2)),
        (gib_host(12, 16), (1, 6)),
        (gib_host(4, 16), (1, 3)),
        (gib_host(96, 256), (1, 95)),
        (gib_host(2, 16), (1, 2)),
    ] {
        assert_eq!(slots(&host, Profile::LowMemory), expected);
    }
    let found = build_slots(&gib_host(12, 16), Profile::LowMemory).unwrap();
    assert_eq!(
        found.formula,
        "one build at a time, because memory runs short; (16 GiB - 3 GiB) / 2 GiB feed 6 threads, \
         and there are 12 threads - 1 kept free = 11 threads for builds"
    );
}

#[test]
fn build_slots_leave_room_for_the_person() {
    let m3_pro = with_levels(gib_host(12, 36), 6, 6);
    let found = build_slots(&m3_pro, Profile::Interactive).unwrap();
    assert_eq!(
        found.value,
        BuildSlots {
            max_jobs: 4,
            cores: 2
        }
    );
    assert_eq!(
        found.formula,
        "6 performance cores + 6 efficiency cores / 2 - 1 kept free = 8 threads for builds; \
         8 threads / 2 allow 4 builds at once; 4 × 2 = 8 threads"
    );
    assert_eq!(found.weakest, How::Declared);
    assert_eq!(found.facts.len(), 4);
    let m4 = with_levels(gib_host(10, 16), 4, 6);
    assert_eq!(slots(&m4, Profile::Interactive), (3, 2));
    assert_eq!(
        slots(&gib_host(2, 24), Profile::Interactive),
        (1, 2),
        "nothing to spare"
    );
    let equal = gib_host(8, 16);
    assert_eq!(slots(&equal, Profile::Interactive), (3, 2));
}

#[test]
fn what_is_not_known_is_not_guessed() {
    let mut unknown = gib_host(8, 16);
    unknown.memory = None;
    assert_eq!(build_slots(&unknown, Profile::Server), None);
    assert_eq!(free_space(&unknown), None);
    assert_eq!(linux_builder(&unknown), None);
    unknown.threads = None;
    let found = substitution(&unknown, Profile::Server, None);
    assert_eq!((found.value, found.weakest), (16, How::Assumed));
}

#[test]
fn machines_with_much_memory_have_alternatives() {
    let found = build_slots(&gib_host(16, 128), Profile::Server).unwrap();
    let others: Vec<_> = found
        .alternatives
        .iter()
        .map(|other| (other.value.max_jobs, other.value.cores, other.when))
        .collect();
    assert_eq!((found.value.max_jobs, found.value.cores), (4, 4));
    assert_eq!(
        others,
        [(8, 2, "for many small builds")],
        "4 × 4 is the value already"
    );
    let found = build_slots(&gib_host(24, 128), Profile::Server).unwrap();
    let others: Vec<_> = found
        .alternatives
        .iter()
        .map(|other| (other.value.max_jobs, other.value.cores))
        .collect();
    assert_eq!(others, [(12, 2), (6, 4)], "4 × 6 is the value already");
    let found = build_slots(&gib_host(8, 24), Profile::Server).unwrap();
    let large: Vec<_> = found.alternatives.iter().map(|other| other.value).collect();
    assert_eq!(
        large,
        [BuildSlots {
            max_jobs: 2,
            cores: 4
        }],
        "as NixOS/infra's m2.large"
    );
}

#[test]
fn thresholds_match_the_table() {
    // Size, laptop, server; all in GiB.
    let rows = [
        (128, (6, 19), (20, 80)),
        (256, (12, 38), (25, 80)),
        (512, (25, 76), (51, 153)),
        (1024, (51, 153), (102, 307)),
        (2048, (64, 256), (160, 512)),
    ];
    for (size, laptop, server) in rows {
        let host = with_disk(gib_host(8, 16), size * Bytes::GIB);
        for (profile, (min, max)) in [(Profile::Interactive, laptop), (Profile::Server, server)] {
            let value = free_space_for(&host, profile).unwrap().value;
            let expected = FreeSpace {
                min_free: Bytes::from_gib(min),
                max_free: Bytes::from_gib(max),
            };
            assert_eq!(value, expected, "{size} {profile:?}");
        }
    }
    let mac = with_disk(gib_host(8, 16), 494_384_795_648);
    let found = free_space(&mac).unwrap();
    assert_eq!(
        found.formula,
        "5 % of 460.4 GiB within 2 … 64 GiB is 23 GiB, and 15 % within 10 … 256 GiB is 69 GiB"
    );
    assert_eq!(
        free_space(&with_disk(gib_host(8, 16), 8 * Bytes::GIB)),
        None,
        "too small"
    );
}

#[test]
fn fetching_grows_with_the_network_only() {
    let speed = |mbits| Fact::declared(MegabitsPerSecond(mbits), "example");
    let eight = gib_host(8, 16);
    let found =
        |host: &Host, profile, mbits| substitution(host, profile, Some(&speed(mbits))).value;
    assert_eq!(found(&eight, Profile::Interactive, 100), 16);
    assert_eq!(found(&eight, Profile::Interactive, 500), 32);
    assert_eq!(found(&gib_host(4, 16), Profile::Interactive, 1000), 16);
    assert_eq!(found(&gib_host(96, 256), Profile::Server, 1000), 128);
    assert_eq!(found(&gib_host(16, 64), Profile::Server, 1000), 64);
    let connections = |profile, mbits| http_connections(profile, Some(&speed(mbits))).value;
    assert_eq!(connections(Profile::Interactive, 100), 25);
    assert_eq!(connections(Profile::Interactive, 500), 32);
    assert_eq!(connections(Profile::Interactive, 1000), 62);
    assert_eq!(connections(Profile::Interactive, 10_000), 64);
    assert_eq!(connections(Profile::Server, 10_000), 128);
    assert_eq!(http_connections(Profile::Interactive, None).value, 25);
}

#[test]
fn retention_depends_on_use_and_disk() {
    let days = |host: Option<&Host>, profile| gc_retention_for(host, profile).value.to_string();
    let small = with_disk(gib_host(8, 16), 233 * Bytes::GIB);
    let large = with_disk(gib_host(8, 16), 926 * Bytes::GIB);
    assert_eq!(days(Some(&small), Profile::Interactive), "14d");
    assert_eq!(days(Some(&large), Profile::Interactive), "30d");
    assert_eq!(days(Some(&large), Profile::Server), "14d");
    assert_eq!(days(None, Profile::Ci), "1d");
    let unknown = gc_retention(None);
    assert_eq!((unknown.value, unknown.weakest), (Days(30), How::Assumed));
}

#[test]
fn the_linux_builder_leaves_the_mac_its_share() {
    let m3_pro = with_disk(with_levels(mac(gib_host(12, 36)), 6, 6), 926 * Bytes::GIB);
    let found = linux_builder(&m3_pro).unwrap();
    assert_eq!(
        found.value,
        LinuxBuilder {
            cores: 3,
            memory: Bytes::from_gib(9),
            disk: Bytes::from_gib(92),
            max_jobs: 3,
            cores_per_job: 1
        }
    );
    assert!(
        found.formula.contains("a quarter of 36 GiB"),
        "{}",
        found.formula
    );
    let m1 = linux_builder(&with_disk(
        with_levels(mac(gib_host(8, 8)), 4, 4),
        233 * Bytes::GIB,
    ))
    .unwrap();
    assert_eq!(
        (m1.value.cores, m1.value.max_jobs, m1.value.cores_per_job),
        (2, 1, 2)
    );
    assert_eq!(
        (m1.value.memory, m1.value.disk),
        (Bytes::from_gib(4), Bytes::from_gib(40))
    );
    let no_disk = linux_builder(&mac(gib_host(12, 32))).unwrap();
    assert_eq!(
        (no_disk.value.disk, no_disk.weakest),
        (Bytes::from_gib(40), How::Assumed)
    );
    assert_eq!(linux_builder(&mac(gib_host(4, 4))), None);
    assert_eq!(linux_builder(&gib_host(12, 32)), None, "Linux needs none");
}

#[test]
fn the_likely_use_is_the_careful_one() {
    assert_eq!(Profile::of(&gib_host(8, 8)), Profile::LowMemory);
    assert_eq!(Profile::of(&gib_host(16, 64)), Profile::Interactive);
    assert_eq!(Profile::of(&gib_host(64, 256)), Profile::Server);
    assert_eq!(
        Profile::of(&with_levels(gib_host(32, 64), 8, 16)),
        Profile::Interactive
    );
    assert_eq!(Profile::of(&mac(gib_host(32, 192))), Profile::Interactive);
}

fn any_host() -> impl Strategy<Value = Host> {
    (
        0..70_000u32,
        any::<u64>(),
        proptest::option::of((0..200u32, 0..200u32)),
        proptest::option::of(any::<u64>()),
    )
        .prop_map(|(threads, memory, levels, disk)| {
            let mut host = host(threads, memory);
            if let Some((performance, efficiency)) = levels {
                host = with_levels(host, performance, efficiency);
            }
            match disk {
                Some(disk) => with_disk(host, disk),
                None => host,
            }
        })
}

fn any_profile() -> impl Strategy<Value = Profile> {
    prop_oneof![
        Just(Profile::Interactive),
        Just(Profile::Server),
        Just(Profile::Ci),
        Just(Profile::LowMemory),
    ]
}

proptest! {
    #[test]
    fn build_slots_keep_their_bounds(host in any_host(), profile in any_profile()) {
        let found = build_slots(&host, profile).unwrap();
        let threads = u64::from(host.threads.as_ref().unwrap().value.0);
        let memory = host.memory.as_ref().unwrap().value.0;
        let value = found.value;
        prop_assert!(value.max_jobs >= 1 && value.cores >= 1);
        prop_assert!(value.total() <= threads.max(1));
        let builds = u64::from(value.max_jobs);
        prop_assert!(builds == 1 || memory.div_ceil(builds) > 2 * Bytes::GIB);
        for other in &found.alternatives {
            prop_assert!(other.value.max_jobs >= 1 && other.value.cores >= 1);
            prop_assert!(other.value.total() <= threads);
            prop_assert!(other.value != value);
        }
    }

    #[test]
    fn low_memory_never_allows_more_builds_than_any_other_use(
        host in any_host(),
        profile in any_profile(),
    ) {
        let low = build_slots(&host, Profile::LowMemory).unwrap().value;
        let other = build_slots(&host, profile).unwrap().value;
        prop_assert!(low.max_jobs <= other.max_jobs);
    }

    #[test]
    fn more_memory_never_gives_a_server_fewer_busy_threads_than_half(
        threads in 1..1024u32,
        gib in 1..2048u64,
    ) {
        // Rounding may cost some threads, but never half of what memory and threads allow.
        let value = build_slots(&gib_host(threads, gib), Profile::Server).unwrap().value;
        let allowed = u64::from(threads).min(2 * gib.div_ceil(4));
        prop_assert!(value.total() * 2 > allowed.max(1));
    }

    #[test]
    fn thresholds_keep_their_distance_and_grow_with_the_disk(
        size in any::<u64>(),
        more in any::<u64>(),
        profile in any_profile(),
    ) {
        let at = |bytes| free_space_for(&with_disk(gib_host(8, 16), bytes), profile);
        let Some(found) = at(size) else {
            prop_assert!(size < 12 * Bytes::GIB);
            return Ok(());
        };
        let value = found.value;
        prop_assert!(value.min_free >= Bytes::from_gib(2));
        prop_assert!(value.max_free.0 >= value.min_free.0 + 5 * Bytes::GIB);
        prop_assert!(value.min_free.0 <= size / 4);
        prop_assert!(value.max_free.0 / 2 <= size / 3);
        let bigger = at(size.saturating_add(more)).unwrap().value;
        prop_assert!(bigger.min_free >= value.min_free);
        prop_assert!(bigger.max_free >= value.max_free);
    }

    #[test]
    fn fetching_is_monotone_and_bounded(
        threads in 1..1024u32,
        slow in any::<u32>(),
        fast in any::<u32>(),
        profile in any_profile(),
    ) {
        let (slow, fast) = (slow.min(fast), slow.max(fast));
        let speed = |mbits| Fact::declared(MegabitsPerSecond(mbits), "example");
        let host = gib_host(threads, 16);
        let jobs = |mbits| substitution(&host, profile, Some(&speed(mbits))).value;
        let connections = |mbits| http_connections(profile, Some(&speed(mbits))).value;
        prop_assert!(jobs(slow) <= jobs(fast));
        prop_assert!(connections(slow) <= connections(fast));
        prop_assert!((16..=128).contains(&jobs(fast)));
        prop_assert!((25..=128).contains(&connections(fast)));
    }

    #[test]
    fn the_linux_builder_keeps_its_bounds(host in any_host()) {
        let host = mac(host);
        let Some(found) = linux_builder(&host) else { return Ok(()) };
        let value = found.value;
        let memory = host.memory.as_ref().unwrap().value.0;
        let threads = host.threads.as_ref().unwrap().value.0;
        let performance = host.performance_cores().unwrap_or(threads).max(1);
        prop_assert!(value.cores >= 1 && value.cores <= performance);
        prop_assert!(value.max_jobs >= 1 && value.cores_per_job >= 1);
        prop_assert!(value.max_jobs * value.cores_per_job <= value.cores);
        prop_assert!(value.memory.0 <= memory / 2);
        prop_assert!(value.memory.0 > 2 * Bytes::GIB * u64::from(value.max_jobs));
        prop_assert!(value.disk.0 > 0);
    }

    #[test]
    fn retention_is_never_zero(host in any_host(), profile in any_profile()) {
        let found = gc_retention_for(Some(&host), profile);
        prop_assert!((1..=30).contains(&found.value.0));
        prop_assert!(found.alternatives.iter().all(|other| other.value.0 >= 1));
    }
}

fn seen(max_jobs: u32, cores: u32) -> crate::facts::BuildSlotsSeen {
    crate::facts::BuildSlotsSeen {
        max_jobs,
        cores,
        runs: 3,
        day: "2026-09-20".to_owned(),
    }
}

#[test]
fn simulations_go_before_the_formula_within_its_bounds() {
    let text =
        "[host]\nname = \"laptop\"\nplatform = \"x86_64-linux\"\nthreads = 8\nmemory = \"16G\"\n";
    let host = crate::facts::profile::read(text, "laptop.toml")
        .unwrap()
        .host
        .unwrap();
    let with = |seen: Option<&crate::facts::BuildSlotsSeen>| {
        build_slots_seen(&host, Profile::Interactive, seen).unwrap()
    };
    let formula = build_slots(&host, Profile::Interactive).unwrap();
    assert_eq!(with(None), formula);
    let found = with(Some(&seen(2, 3)));
    assert_eq!((found.value.max_jobs, found.value.cores), (2, 3));
    assert!(
        found.formula.starts_with("simulated from 3 runs"),
        "{}",
        found.formula
    );
    assert!(found.formula.contains("2026-09-20"));
    assert!(
        found
            .alternatives
            .iter()
            .any(|other| other.value == formula.value)
    );
    // 7 threads are for builds, and 16 GiB feed 4 of them; 0 would be without bound.
    for (max_jobs, cores) in [(2, 4), (5, 1), (0, 1), (1, 0), (8, 8)] {
        assert_eq!(
            with(Some(&seen(max_jobs, cores))),
            formula,
            "{max_jobs}×{cores}"
        );
    }
    let small = text.replace("16G", "8G");
    let small = crate::facts::profile::read(&small, "laptop.toml")
        .unwrap()
        .host
        .unwrap();
    let found = build_slots_seen(&small, Profile::Interactive, Some(&seen(2, 1)));
    assert_eq!(found, build_slots(&small, Profile::Interactive));
}
