//! Profiles read, refused and written back.

use proptest::prelude::*;

use super::*;
use crate::facts::{Arch, Os};

const MBP: &str = r#"
[host]
name = "mbp"
platform = "aarch64-darwin"
threads = 12
memory = "36G"
swap = "0"

[[host.cores]]
name = "Performance"
role = "performance"
count = 6

[[host.cores]]
role = "efficiency"
count = 6

[host.store]
size = 994662584320
free = "300G"
kind = "apfs"

[target]
implementation = "lix"
version = "2.93.3"
platform = "aarch64-darwin"
module-system = "nix-darwin"
"#;

#[test]
fn every_key_becomes_a_declared_fact() {
    let profile = read(MBP, "hosts/mbp.toml").unwrap();
    let host = profile.host.unwrap();
    assert_eq!(host.name, "mbp");
    assert_eq!(
        host.threads,
        Some(Fact::declared(Threads(12), "hosts/mbp.toml"))
    );
    assert_eq!(host.memory.unwrap().value, Bytes::from_gib(36));
    assert_eq!(host.swap.unwrap().value, Bytes(0));
    assert_eq!(host.core_levels.len(), 2);
    assert_eq!(host.core_levels[1].value.name, "Efficiency");
    let disk = host.store.unwrap();
    assert_eq!(disk.size.unwrap().value, Bytes(994_662_584_320));
    assert_eq!(disk.kind.unwrap().value, "apfs");
    assert_eq!(
        profile.target.implementation.unwrap().value,
        Implementation::Lix
    );
    assert_eq!(
        profile.target.version.unwrap().value,
        Version::new(2, 93, 3)
    );
    assert_eq!(
        profile.target.module_system.unwrap().value,
        ModuleSystem::NixDarwin
    );
}

#[test]
fn what_is_not_said_is_not_known() {
    let profile = read("[host]\nthreads = 2\n", "ci.toml").unwrap();
    let host = profile.host.unwrap();
    assert_eq!(host.name, "ci.toml");
    assert_eq!((host.memory, host.swap, host.store), (None, None, None));
    assert_eq!(host.core_levels, []);
    assert_eq!(profile.target, Target::default());
    assert_eq!(read("", "x").unwrap().host, None);
}

#[test]
fn mistakes_are_named_with_their_place() {
    let cases = [
        ("[host]\nmemry = \"1G\"\n", "p:2:1: unknown field `memry`"),
        ("[hosts]\n", "p:1:2: unknown field `hosts`"),
        (
            "[host]\nmemory = \"36GB\"\n",
            "p:2:10: `36GB` is not a size",
        ),
        ("[host]\nmemory = 0\n", "p:2:10: 0 is not a size"),
        ("[host]\nswap = -1\n", "p:2:8: a size cannot be negative"),
        ("[host]\nmemory = true\n", "p:2:10: expected a size like"),
        (
            "[host]\nthreads = 0\n",
            "p:2:11: 0 is not between 1 and 65536",
        ),
        (
            "[host]\nthreads = 99999999999\n",
            "p:2:11: 99999999999 is not between",
        ),
        (
            "[host]\nthreads = 2.5\n",
            "p:2:11: invalid type: floating point",
        ),
        (
            "[host]\nplatform = \"amiga\"\n",
            "p:2:12: `amiga` is not a platform",
        ),
        (
            "[host]\n\n[[host.cores]]\nrole = \"medium\"\ncount = 1\n",
            "p:4:8: unknown variant `medium`",
        ),
        ("[[host.cores]]\ncount = 1\n", "missing field `role`"),
        (
            "[host.store]\nsize = \"1G\"\nfree = \"2G\"\n",
            "p:3:8: `free` is 2 GiB, more than",
        ),
        (
            "[target]\nversion = \"two\"\n",
            "p:2:11: `two` is not a version",
        ),
        (
            "[target]\nimplementation = \"guix\"\n",
            "p:2:18: unknown variant `guix`",
        ),
        ("[host\n", "p:1:6: "),
        (
            "[host]\nname = \"a\"\nname = \"b\"\n",
            "p:3:1: duplicate key",
        ),
    ];
    for (text, expected) in cases {
        let message = read(text, "p").unwrap_err().to_string();
        assert!(message.contains(expected), "{text:?}: {message}");
        assert!(!message.contains('\n'), "{message:?}");
    }
}

#[test]
fn a_byte_order_mark_is_no_mistake() {
    assert!(read("\u{feff}[host]\n", "p").unwrap().host.is_some());
}

fn values(
    host: &Host,
) -> (
    Option<Threads>,
    Vec<CoreLevel>,
    [Option<Bytes>; 4],
    Option<String>,
) {
    let disk = host.store.as_ref();
    (
        host.threads.as_ref().map(|fact| fact.value),
        host.core_levels
            .iter()
            .map(|fact| fact.value.clone())
            .collect(),
        [
            host.memory.as_ref(),
            host.swap.as_ref(),
            disk.and_then(|disk| disk.size.as_ref()),
            disk.and_then(|disk| disk.free.as_ref()),
        ]
        .map(|fact| fact.map(|fact| fact.value)),
        disk.and_then(|disk| disk.kind.as_ref())
            .map(|fact| fact.value.clone()),
    )
}

fn level() -> impl Strategy<Value = CoreLevel> {
    (any::<String>(), any::<bool>(), 1..=MOST_THREADS).prop_map(|(name, fast, cores)| CoreLevel {
        name,
        role: if fast {
            CoreRole::Performance
        } else {
            CoreRole::Efficiency
        },
        cores,
    })
}

proptest! {
    #[test]
    fn a_rendered_profile_reads_back_the_same(
        name in any::<String>(),
        source in any::<String>(),
        threads in proptest::option::of(1..=MOST_THREADS),
        levels in proptest::collection::vec(level(), 0..4),
        memory in proptest::option::of(1..=i64::MAX.unsigned_abs()),
        gib in proptest::option::of(0..1024u64),
        size in 1..=i64::MAX.unsigned_abs(),
        kind in proptest::option::of(any::<String>()),
    ) {
        let host = Host {
            name: name.clone(),
            platform: Some(Fact::probed(
                Platform { os: Os::Darwin, arch: Some(Arch::Aarch64) },
                source.clone(),
            )),
            threads: threads.map(|threads| Fact::probed(Threads(threads), source.clone())),
            core_levels: levels.into_iter().map(|level| Fact::assumed(level, source.clone())).collect(),
            memory: memory.map(|bytes| Fact::probed(Bytes(bytes), source.clone())),
            swap: gib.map(|gib| Fact::probed(Bytes::from_gib(gib), source.clone())),
            store: Some(StoreDisk {
                size: Some(Fact::probed(Bytes(size), source.clone())),
                free: Some(Fact::probed(Bytes(size / 3), source.clone())),
                kind: kind.map(|kind| Fact::probed(kind, source.clone())),
            }),
        };
        let target = Target {
            implementation: Some(Fact::probed(Implementation::Determinate, source.clone())),
            version: Some(Fact::probed(Version::new(3, 11, 2), source)),
            ..Target::default()
        };
        let text = render(&host, &target);
        let profile = read(&text, "p").unwrap();
        let read_back = profile.host.unwrap();
        prop_assert_eq!(&read_back.name, &name);
        prop_assert_eq!(values(&read_back), values(&host));
        prop_assert_eq!(profile.target.version.unwrap().value, Version::new(3, 11, 2));
    }

    #[test]
    fn no_text_breaks_the_reader(text in any::<String>()) {
        let _ = read(&text, "p");
    }
}
