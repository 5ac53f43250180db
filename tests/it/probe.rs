//! Facts read from recorded machines.

use nixtune::facts::{CoreRole, Host, How, Implementation, Platform};
use nixtune::probe;
use nixtune::system::{Memory, Os, Ran, System, Traced};
use nixtune::units::Bytes;

const GIB: u64 = Bytes::GIB;

/// A Linux machine with `cpus` equal processors, 16 GiB and its store on ext4.
fn linux(cpus: u32) -> Memory {
    let last = cpus - 1;
    Memory::new()
        .file("/sys/devices/system/cpu/online", format!("0-{last}\n"))
        .file(
            "/proc/self/status",
            format!("Name:\tnixtune\nCpus_allowed:\tff\nCpus_allowed_list:\t0-{last}\nMems_allowed_list:\t0\n"),
        )
        .file(
            "/proc/meminfo",
            "MemTotal:       16777216 kB\nMemFree:         1000000 kB\nSwapTotal:       4194304 kB\n",
        )
        .file("/proc/self/cgroup", "0::/user.slice/user-1000.slice/session-2.scope\n")
        .file(
            "/proc/self/mountinfo",
            "22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw\n\
             29 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
        )
        .folder("/nix/store")
        .with_disk("/", 512 * GIB, 200 * GIB)
        .program("nix --version", "nix (Nix) 2.31.2\n")
}

/// A Mac; `levels` are names and physical cores.
fn mac(threads: u32, memory: u64, levels: &[(&str, u32)]) -> Memory {
    let count = levels.len();
    let mut keys = String::new();
    let mut answer = String::new();
    for (level, (name, cores)) in levels.iter().enumerate() {
        keys += &format!(" hw.perflevel{level}.name hw.perflevel{level}.physicalcpu");
        answer += &format!(
            "hw.perflevel{level}.name: {name}\nhw.perflevel{level}.physicalcpu: {cores}\n"
        );
    }
    Memory::new()
        .on("macos", "aarch64")
        .program(
            "/usr/sbin/sysctl hw.logicalcpu hw.memsize hw.nperflevels vm.swapusage",
            &format!(
                "hw.logicalcpu: {threads}\nhw.memsize: {memory}\nhw.nperflevels: {count}\n\
                 vm.swapusage: total = 2048.00M  used = 1038.25M  free = 1009.75M  (encrypted)\n"
            ),
        )
        .program(&format!("/usr/sbin/sysctl{keys}"), &answer)
        .program(
            "/sbin/mount",
            "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n\
             devfs on /dev (devfs, local, nobrowse)\n\
             /dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse, protect, root data)\n\
             map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)\n\
             /dev/disk3s7 on /nix (apfs, local, noatime, nobrowse, journaled)\n",
        )
        .folder("/nix/store")
        .with_disk("/nix", 994_662_584_320, 300 * GIB)
        .program("nix --version", "nix (Determinate Nix 3.11.3) 2.31.2\n")
}

fn threads(host: &Host) -> (u32, &str) {
    let fact = host.threads.as_ref().unwrap();
    assert_eq!(fact.how, How::Probed);
    (fact.value.0, &fact.source)
}

fn memory(host: &Host) -> (u64, &str) {
    let fact = host.memory.as_ref().unwrap();
    (fact.value.0, &fact.source)
}

fn levels(host: &Host) -> Vec<(&str, CoreRole, u32)> {
    host.core_levels
        .iter()
        .map(|fact| (fact.value.name.as_str(), fact.value.role, fact.value.cores))
        .collect()
}

#[test]
fn a_plain_linux_machine() {
    let host = probe::host(&linux(8));
    assert_eq!(
        host.platform.as_ref().unwrap().value.to_string(),
        "x86_64-linux"
    );
    assert_eq!(threads(&host), (8, "/proc/self/status Cpus_allowed_list"));
    assert_eq!(memory(&host), (16 * GIB, "/proc/meminfo MemTotal"));
    assert_eq!(host.swap.as_ref().unwrap().value, Bytes::from_gib(4));
    assert_eq!(host.core_levels, []);
    let disk = host.store.unwrap();
    assert_eq!(disk.size.unwrap().value, Bytes::from_gib(512));
    let free = disk.free.unwrap();
    assert_eq!((free.value, free.how), (Bytes::from_gib(200), How::Probed));
    assert_eq!(disk.kind.unwrap().value, "ext4");
}

#[test]
fn the_portable_interface_answers_first() {
    let host = probe::host(&linux(8).with_memory(64 * GIB, 0));
    assert_eq!(memory(&host).0, 64 * GIB);
    assert_eq!(host.swap.unwrap().value, Bytes(0));
}

#[test]
fn affinity_limits_threads_and_pluggable_processors_do_not_count() {
    let system = linux(8).file("/proc/self/status", "Cpus_allowed_list:\t2-5\n");
    assert_eq!(threads(&probe::host(&system)).0, 4);
    let system = linux(8).file("/proc/self/status", "Cpus_allowed_list:\t0-127\n");
    assert_eq!(threads(&probe::host(&system)).0, 8);
}

#[test]
fn a_version_2_group_limits_threads_memory_and_swap() {
    let system = linux(8)
        .file("/sys/fs/cgroup/user.slice/cpu.max", "250000 100000\n")
        .file(
            "/sys/fs/cgroup/user.slice/user-1000.slice/cpu.max",
            "max 100000\n",
        )
        .file(
            "/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope/memory.max",
            "4294967296\n",
        )
        .file("/sys/fs/cgroup/user.slice/memory.max", "max\n")
        .file("/sys/fs/cgroup/user.slice/memory.swap.max", "0\n");
    let host = probe::host(&system);
    assert_eq!(threads(&host), (3, "/sys/fs/cgroup/user.slice/cpu.max"));
    assert_eq!(
        memory(&host),
        (
            4 * GIB,
            "/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope/memory.max"
        )
    );
    assert_eq!(host.swap.unwrap().value, Bytes(0));
}

#[test]
fn a_container_sees_its_own_group_at_the_mount_point() {
    for group in ["0::/\n", "0::/../../system.slice\n"] {
        let system = linux(16)
            .file("/proc/self/cgroup", group)
            .file("/sys/fs/cgroup/cpu.max", "200000 100000\n")
            .file("/sys/fs/cgroup/memory.max", "2147483648\n");
        let host = probe::host(&system);
        assert_eq!(threads(&host), (2, "/sys/fs/cgroup/cpu.max"));
        assert_eq!(memory(&host), (2 * GIB, "/sys/fs/cgroup/memory.max"));
    }
}

#[test]
fn a_version_1_group_limits_threads_and_memory() {
    let cpu = "/sys/fs/cgroup/cpu,cpuacct";
    let system = linux(8)
        .file(
            "/proc/self/cgroup",
            "9:memory:/docker/0a1b\n4:cpu,cpuacct:/docker/0a1b\n1:name=systemd:/docker/0a1b\n",
        )
        .file(
            "/proc/self/mountinfo",
            "500 400 0:50 / / rw,relatime - overlay overlay rw,lowerdir=/a\n\
             510 505 0:28 /docker/0a1b /sys/fs/cgroup/cpu,cpuacct ro,nosuid - cgroup cgroup rw,cpu,cpuacct\n\
             511 505 0:29 /docker/0a1b /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory\n",
        )
        .file(format!("{cpu}/cpu.cfs_quota_us"), "150000\n")
        .file(format!("{cpu}/cpu.cfs_period_us"), "100000\n")
        .file("/sys/fs/cgroup/memory/memory.limit_in_bytes", "3221225472\n");
    let host = probe::host(&system);
    assert_eq!(
        threads(&host),
        (2, "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us")
    );
    assert_eq!(memory(&host).0, 3 * GIB);
    assert_eq!(host.store.unwrap().kind.unwrap().value, "overlay");

    let unlimited = system.file(format!("{cpu}/cpu.cfs_quota_us"), "-1\n").file(
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "9223372036854771712\n",
    );
    let host = probe::host(&unlimited);
    assert_eq!(threads(&host).0, 8);
    assert_eq!(memory(&host).0, 16 * GIB);
}

#[test]
fn hybrid_intel_cores_are_counted_by_unit() {
    // Six cores with two threads each, eight efficient ones with one.
    let mut system = linux(20)
        .file("/sys/devices/cpu_core/cpus", "0-11\n")
        .file("/sys/devices/cpu_atom/cpus", "12-19\n");
    for cpu in 0..20 {
        let siblings = if cpu < 12 {
            let first = cpu / 2 * 2;
            format!("{first}-{}\n", first + 1)
        } else {
            format!("{cpu}\n")
        };
        system = system.file(
            format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"),
            siblings,
        );
    }
    let host = probe::host(&system);
    assert_eq!(
        levels(&host),
        [
            ("Performance", CoreRole::Performance, 6),
            ("Efficiency", CoreRole::Efficiency, 8)
        ]
    );
    assert_eq!(host.core_levels[1].source, "/sys/devices/cpu_atom/cpus");
    assert_eq!(threads(&host).0, 20);
}

#[test]
fn arm_cores_are_told_apart_by_capacity() {
    let with = |capacities: &[u32]| {
        let mut system = linux(u32::try_from(capacities.len()).unwrap()).on("linux", "aarch64");
        for (cpu, capacity) in capacities.iter().enumerate() {
            system = system.file(
                format!("/sys/devices/system/cpu/cpu{cpu}/cpu_capacity"),
                format!("{capacity}\n"),
            );
        }
        probe::host(&system)
    };
    let host = with(&[325, 325, 325, 325, 828, 828, 828, 1024]);
    assert_eq!(
        levels(&host),
        [
            ("capacity 1024", CoreRole::Performance, 1),
            ("capacity 828", CoreRole::Performance, 3),
            ("capacity 325", CoreRole::Efficiency, 4)
        ]
    );
    assert_eq!(
        (host.performance_cores(), host.efficiency_cores()),
        (Some(4), Some(4))
    );
    assert_eq!(levels(&with(&[1024, 1024, 1024, 1024])), []);
    assert_eq!(
        levels(&with(&[1009, 1009, 1024, 1024])),
        [],
        "favored cores are no other kind"
    );
}

#[test]
fn macs_are_read_by_the_names_of_their_levels() {
    let m1 = probe::host(&mac(8, 8 * GIB, &[("Performance", 4), ("Efficiency", 4)]));
    assert_eq!(
        m1.platform.as_ref().unwrap().value.to_string(),
        "aarch64-darwin"
    );
    assert_eq!(threads(&m1), (8, "hw.logicalcpu"));
    assert_eq!(memory(&m1), (8 * GIB, "hw.memsize"));
    assert_eq!(m1.swap.as_ref().unwrap().value, Bytes::from_gib(2));
    assert_eq!(
        (m1.performance_cores(), m1.efficiency_cores()),
        (Some(4), Some(4))
    );
    let disk = m1.store.as_ref().unwrap();
    assert_eq!(disk.kind.as_ref().unwrap().value, "apfs");
    assert_eq!(disk.free.as_ref().unwrap().value, Bytes::from_gib(300));

    let m3_pro = probe::host(&mac(12, 36 * GIB, &[("Performance", 6), ("Efficiency", 6)]));
    assert_eq!(
        (m3_pro.performance_cores(), m3_pro.efficiency_cores()),
        (Some(6), Some(6))
    );

    let no_efficiency = probe::host(&mac(18, 64 * GIB, &[("Super", 6), ("Performance", 12)]));
    assert_eq!(
        (
            no_efficiency.performance_cores(),
            no_efficiency.efficiency_cores()
        ),
        (Some(18), Some(0))
    );

    let three = probe::host(&mac(
        12,
        32 * GIB,
        &[("Super", 2), ("Performance", 4), ("Efficiency", 6)],
    ));
    assert_eq!(
        (three.performance_cores(), three.efficiency_cores()),
        (Some(6), Some(6))
    );
    assert_eq!(three.core_levels[0].source, "hw.perflevel0");

    let intel = Memory::new().on("macos", "x86_64").program(
        "/usr/sbin/sysctl hw.logicalcpu hw.memsize hw.nperflevels vm.swapusage",
        "hw.logicalcpu: 12\nhw.memsize: 34359738368\nhw.nperflevels: 1\n",
    );
    let host = probe::host(&intel);
    assert_eq!(
        host.platform.as_ref().unwrap().value.to_string(),
        "x86_64-darwin"
    );
    assert_eq!((threads(&host).0, memory(&host).0), (12, 32 * GIB));
    assert_eq!((host.core_levels.len(), host.swap), (0, None));
}

#[test]
fn a_mac_before_monterey_has_no_levels() {
    // Unknown keys make sysctl end with 1, but it answers the others.
    let old = Memory::new().on("macos", "x86_64").program_ending(
        "/usr/sbin/sysctl hw.logicalcpu hw.memsize hw.nperflevels vm.swapusage",
        Ran {
            code: Some(1),
            stdout: b"hw.logicalcpu: 4\nhw.memsize: 8589934592\n".to_vec(),
            stderr: b"sysctl: unknown oid 'hw.nperflevels'\n".to_vec(),
        },
    );
    let host = probe::host(&old);
    assert_eq!((threads(&host).0, memory(&host).0), (4, 8 * GIB));
    assert_eq!(host.core_levels, []);
}

#[test]
fn a_translated_program_knows_the_real_chip() {
    let translated = Memory::new().on("macos", "x86_64").program(
        "/usr/sbin/sysctl hw.optional.arm64",
        "hw.optional.arm64: 1\n",
    );
    let platform: Platform = probe::host(&translated).platform.unwrap().value;
    assert_eq!(platform.to_string(), "aarch64-darwin");
}

#[test]
fn levels_without_a_name_are_not_guessed() {
    let nameless = Memory::new()
        .on("macos", "aarch64")
        .program(
            "/usr/sbin/sysctl hw.logicalcpu hw.memsize hw.nperflevels vm.swapusage",
            "hw.logicalcpu: 8\nhw.nperflevels: 2\n",
        )
        .program(
            "/usr/sbin/sysctl hw.perflevel0.name hw.perflevel0.physicalcpu hw.perflevel1.name hw.perflevel1.physicalcpu",
            "hw.perflevel0.physicalcpu: 4\nhw.perflevel1.name: Efficiency\nhw.perflevel1.physicalcpu: 4\n",
        );
    assert_eq!(probe::host(&nameless).core_levels, []);
}

#[test]
fn a_store_that_is_not_there_is_assumed_on_the_nearest_folder() {
    let system = Memory::new().with_disk("/", 100 * GIB, 50 * GIB);
    let size = probe::host(&system).store.unwrap().size.unwrap();
    assert_eq!(size.how, How::Assumed);
    assert_eq!(size.source, "statvfs /, because /nix/store is not there");
    let moved = system
        .env("NIX_STORE_DIR", "/data/store")
        .folder("/data/store")
        .with_disk("/data", 900 * GIB, 1);
    let size = probe::host(&moved).store.unwrap().size.unwrap();
    assert_eq!((size.value, size.how), (Bytes::from_gib(900), How::Probed));
}

#[test]
fn a_linked_store_is_looked_for_where_the_link_leads() {
    let system = linux(2)
        .file(
            "/proc/self/mountinfo",
            "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 8:2 / /big rw - xfs /dev/sdb1 rw\n",
        )
        .folder("/big/store")
        .link("/nix/store", "/big/store");
    assert_eq!(
        probe::host(&system).store.unwrap().kind.unwrap().value,
        "xfs"
    );
}

#[test]
fn the_target_is_what_nix_says_it_is() {
    let target = probe::target(&linux(2));
    assert_eq!(target.implementation.unwrap().value, Implementation::Cppnix);
    assert_eq!(target.version.unwrap().value.to_string(), "2.31.2");
    assert_eq!(target.module_system, None);

    let target = probe::target(&mac(8, GIB, &[("Performance", 4), ("Efficiency", 4)]));
    assert_eq!(
        target.implementation.unwrap().value,
        Implementation::Determinate
    );
    assert_eq!(target.version.unwrap().value.to_string(), "3.11.3");

    let elsewhere = Memory::new().program(
        "/nix/var/nix/profiles/default/bin/nix --version",
        "nix (Lix, like Nix) 2.93.3\n",
    );
    let fact = probe::target(&elsewhere).implementation.unwrap();
    assert_eq!(fact.value, Implementation::Lix);
    assert_eq!(
        fact.source,
        "/nix/var/nix/profiles/default/bin/nix --version"
    );

    let failing = Memory::new().program_ending(
        "nix --version",
        Ran {
            code: Some(1),
            stdout: b"nix (Nix) 2.31.2".to_vec(),
            stderr: Vec::new(),
        },
    );
    assert_eq!(probe::target(&failing).version, None);
}

#[test]
fn nothing_readable_means_nothing_known() {
    for system in [
        Memory::new(),
        Memory::new().on("macos", "aarch64"),
        Memory::new().on("windows", "riscv64"),
        Memory::new()
            .denied("/proc/self/status")
            .denied("/proc/meminfo")
            .denied("/sys/devices/system/cpu/online")
            .denied("/proc/self/cgroup"),
    ] {
        let host = probe::host(&system);
        assert_eq!((host.threads, host.memory, host.swap), (None, None, None));
        assert_eq!(host.core_levels, []);
        assert_eq!(host.store, None);
    }
}

#[test]
fn absurd_values_are_not_believed() {
    let absurd = linux(8)
        .file("/sys/devices/system/cpu/online", "0-4294967295\n")
        .file("/proc/self/status", "Cpus_allowed_list:\t9-1\n")
        .file("/proc/cpuinfo", "no processors here\n")
        .file(
            "/proc/meminfo",
            "MemTotal: 99999999999999999999 kB\nSwapTotal: -1 kB\n",
        )
        .file("/sys/fs/cgroup/cpu.max", "1 0\n")
        .file("/sys/fs/cgroup/memory.max", "1\n")
        .file("/proc/self/mountinfo", "\u{0} - \n - - -\n")
        .with_disk("/", 1, 2);
    let host = probe::host(&absurd);
    assert_eq!((host.threads, host.memory, host.swap), (None, None, None));
    let disk = host.store.unwrap();
    assert_eq!((disk.free, disk.kind), (None, None));

    let zero = mac(0, 0, &[("Performance", 0), ("Efficiency", 4_000_000_000)]);
    let host = probe::host(&zero);
    assert_eq!((host.threads, host.memory), (None, None));
    assert_eq!(host.core_levels, []);

    let tiny_quota = linux(8).file("/sys/fs/cgroup/user.slice/cpu.max", "1000 100000\n");
    assert_eq!(threads(&probe::host(&tiny_quota)).0, 1, "never zero");
}

#[test]
fn this_machine_can_be_looked_at() {
    let host = probe::host(&Os);
    let threads = host.threads.map(|fact| fact.value.0);
    assert!(threads.is_none_or(|threads| threads >= 1));
    if Os.platform().0 == "linux" {
        assert!(threads.is_some(), "every Linux has /proc");
        assert!(host.memory.is_some());
        assert!(host.store.is_some());
    }
}

#[test]
fn facts_are_the_same_when_they_are_traced_and_stay_traced() {
    let levels = [("Performance", 4), ("Efficiency", 4)];
    let busy = linux(8).file(
        "/proc/meminfo",
        "MemTotal:       16777216 kB\nMemFree:         5 kB\nSwapTotal:       4194304 kB\n",
    );
    let larger = linux(8).file(
        "/proc/meminfo",
        "MemTotal:       33554432 kB\nMemFree:         5 kB\nSwapTotal:       4194304 kB\n",
    );
    let newer = linux(8).program("nix --version", "nix (Nix) 2.34.8\n");
    let cases = [
        (linux(8), busy, true),
        (linux(8), linux(4), false),
        (linux(8), larger, false),
        (linux(8), newer, false),
        (mac(8, 16 * GIB, &levels), mac(8, 16 * GIB, &levels), true),
        (mac(8, 16 * GIB, &levels), mac(8, 32 * GIB, &levels), false),
    ];
    for (index, (machine, later, is_same)) in cases.iter().enumerate() {
        let traced = Traced::new(machine);
        let mut host = probe::host(machine);
        // The one fact that is another one each time.
        host.store.as_mut().unwrap().free = None;
        assert_eq!(probe::host(&traced), host, "{index}");
        assert_eq!(probe::target(&traced), probe::target(machine), "{index}");
        let trace = traced.trace().unwrap();
        assert!(trace.holds(machine), "{index}");
        assert_eq!(trace.holds(later), *is_same, "{index}");
    }
}
