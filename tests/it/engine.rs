//! The engine: whose hardware and whose Nix a machine is judged by, and how machines share words.

use nixtune::catalog::Catalog;
use nixtune::engine::{self, Outcome, Request};
use nixtune::facts::{How, Implementation, Version};
use nixtune::system::Memory;

const DARWIN: &str =
    "{ nixpkgs.hostPlatform = \"aarch64-darwin\"; system.defaults.dock.autohide = true;
  system.stateVersion = 6; nix.settings = { max-jobs = 64; cores = 64; }; }";
const NIXOS: &str =
    "{ boot.loader.grub.enable = true; fileSystems = { }; system.stateVersion = \"25.05\";
  nix.settings = { max-jobs = 64; cores = 64; }; }";

fn profile(name: &str, platform: &str, threads: u32) -> String {
    format!(
        "[host]\nname = \"{name}\"\nplatform = \"{platform}\"\nthreads = {threads}\nmemory = \"64G\"\n"
    )
}

/// A NixOS server with 4 threads and Nix 2.26.3.
fn server() -> Memory {
    linux().file("/etc/NIXOS", "")
}

/// The same server under another Linux.
fn linux() -> Memory {
    Memory::new()
        .on("linux", "x86_64")
        .with_memory(16 << 30, 0)
        .file("/sys/devices/system/cpu/online", "0-3\n")
        .file("/proc/self/status", "Cpus_allowed_list:\t0-3\n")
        .file("/usr/bin/nix", "")
        .env("PATH", "/usr/bin")
        .program("nix --version", "nix (Nix) 2.26.3\n")
}

fn lint(system: &Memory, request: &Request) -> Outcome {
    engine::lint(system, &Catalog::embedded(), request).unwrap()
}

/// The working directory is `/`; reports name files from there.
fn at(root: &str) -> Request {
    Request {
        roots: vec![root.into()],
        ..Request::default()
    }
}

fn threads(outcome: &Outcome, machine: usize) -> Option<(u32, How)> {
    let host = outcome.machines[machine].host.as_ref()?;
    host.threads.as_ref().map(|fact| (fact.value.0, fact.how))
}

#[test]
fn this_machine_counts_for_its_own_operating_system_only() {
    let system = server()
        .file("/w/nixos/a.nix", NIXOS)
        .file("/w/darwin/b.nix", DARWIN);
    let outcome = lint(&system, &at("/w"));
    let names: Vec<_> = outcome
        .machines
        .iter()
        .map(|one| one.name.to_string())
        .collect();
    let nixos = names
        .iter()
        .position(|name| name.contains("nixos"))
        .unwrap();
    let darwin = names
        .iter()
        .position(|name| name.contains("darwin"))
        .unwrap();
    assert_eq!(threads(&outcome, nixos), Some((4, How::Probed)));
    assert_eq!(threads(&outcome, darwin), None);
    let target = |machine: usize| &outcome.workspace.machines()[machine].target;
    let version = target(nixos).version.as_ref().unwrap();
    assert_eq!(
        (version.value, version.how),
        (Version::new(2, 26, 3), How::Probed)
    );
    assert_eq!(target(darwin).version, None);
    let note = outcome
        .notes
        .iter()
        .find(|note| !note.rules.is_empty())
        .unwrap();
    assert_eq!(note.machines, [outcome.machines[darwin].name.clone()]);
    assert!(
        note.message.ends_with("use --host FILE"),
        "{}",
        note.message
    );
    assert!(note.rules.contains(&"ram-per-job-low"));
}

#[test]
fn nothing_is_probed_that_no_machine_needs() {
    // A program that was not recorded fails loudly nowhere, so the facts tell.
    let system = server().file("/w/darwin.nix", DARWIN);
    let outcome = lint(&system, &at("/w"));
    assert!(
        outcome
            .machines
            .iter()
            .all(|machine| machine.host.is_none())
    );
}

#[test]
fn this_machine_says_nothing_about_nixos_where_nixos_does_not_run() {
    let system = linux()
        .file("/etc/os-release", "NAME=Debian\nID=debian\n")
        .file("/w/a.nix", NIXOS);
    let outcome = lint(&system, &at("/w"));
    assert!(outcome.machines[0].host.is_none());
    assert_eq!(outcome.workspace.machines()[0].target.version, None);
    let nixos = linux()
        .file("/etc/os-release", "NAME=NixOS\nID=nixos\n")
        .file("/w/a.nix", NIXOS);
    assert_eq!(threads(&lint(&nixos, &at("/w")), 0), Some((4, How::Probed)));
}

#[test]
fn the_flag_goes_before_the_file_and_the_file_before_this_machine() {
    let system = server()
        .file("/w/a.nix", NIXOS)
        .file("/w/nixtune.toml", "host = \"hosts/eight.toml\"\n")
        .file("/w/hosts/eight.toml", profile("eight", "x86_64-linux", 8))
        .file("/other/six.toml", profile("six", "x86_64-linux", 6));
    let outcome = lint(&system, &at("/w"));
    assert_eq!(threads(&outcome, 0), Some((8, How::Declared)));
    assert_eq!(
        outcome.machines[0].host_source.as_deref(),
        Some("w/hosts/eight.toml")
    );
    let request = Request {
        host: Some("/other/six.toml".into()),
        ..at("/w")
    };
    assert_eq!(
        threads(&lint(&system, &request), 0),
        Some((6, How::Declared))
    );
}

#[test]
fn a_machine_may_have_a_profile_of_its_own() {
    let system = server()
        .file("/w/a/default.nix", NIXOS)
        .file("/w/b/default.nix", NIXOS)
        .file(
            "/w/nixtune.toml",
            "host = \"eight.toml\"\n[machine.\"w/b\"]\nhost = \"two.toml\"\n",
        )
        .file("/w/eight.toml", profile("eight", "x86_64-linux", 8))
        .file("/w/two.toml", profile("two", "x86_64-linux", 2));
    let outcome = lint(&system, &at("/w"));
    let by_name = |name: &str| {
        let index = outcome
            .machines
            .iter()
            .position(|one| one.name.as_ref() == name);
        threads(&outcome, index.unwrap()).unwrap().0
    };
    assert_eq!((by_name("w/a"), by_name("w/b")), (8, 2));
}

#[test]
fn a_profile_of_another_operating_system_is_not_used() {
    let system = server()
        .file("/w/a.nix", NIXOS)
        .file("/mac.toml", profile("mac", "aarch64-darwin", 12));
    let request = Request {
        host: Some("/mac.toml".into()),
        ..at("/w")
    };
    let outcome = lint(&system, &request);
    assert_eq!(threads(&outcome, 0), None);
    let note = &outcome.notes[0].message;
    assert!(
        note.contains("mac.toml describes a macOS machine"),
        "{note}"
    );
}

#[test]
fn what_is_said_about_nix_goes_before_what_is_installed() {
    let system = server().file("/w/a.nix", NIXOS).file(
        "/w/nixtune.toml",
        "[target]\nimplementation = \"lix\"\nversion = \"2.93\"\n",
    );
    let target = |request: &Request| {
        let target = lint(&system, request).workspace.machines()[0]
            .target
            .clone();
        (
            target.implementation.unwrap().value,
            target
                .version
                .map(|fact| (fact.value, fact.how, fact.source)),
        )
    };
    assert_eq!(
        target(&at("/w")),
        (
            Implementation::Lix,
            Some((
                Version::new(2, 93, 0),
                How::Declared,
                "w/nixtune.toml".into()
            ))
        )
    );
    let request = Request {
        target: "determinate@3.8".parse().unwrap(),
        ..at("/w")
    };
    assert_eq!(target(&request).0, Implementation::Determinate);
    // An implementation without a version says nothing about the version of another one.
    let request = Request {
        target: "cppnix".parse().unwrap(),
        ..at("/w")
    };
    assert_eq!(target(&request), (Implementation::Cppnix, None));
}

#[test]
fn machines_that_say_the_same_share_a_diagnostic_and_others_keep_their_own() {
    let shared = "{ nix.settings = { max-jobs = 64; cores = 64; }; }";
    let entry = |name: &str| {
        format!(
            "{{ imports = [ ./shared.nix ]; boot.isContainer = true; networking.hostName = \"{name}\";
               system.stateVersion = \"25.05\"; }}"
        )
    };
    let system = server()
        .file("/w/shared.nix", shared)
        .file("/w/a.nix", entry("a"))
        .file("/w/b.nix", entry("b"))
        .file("/w/c.nix", entry("c"))
        .file(
            "/w/nixtune.toml",
            "host = \"eight.toml\"\n[machine.\"w/c.nix\"]\nhost = \"two.toml\"\n[target]\nmodule-system = \"nixos\"\n",
        )
        .file("/w/eight.toml", profile("eight", "x86_64-linux", 8))
        .file("/w/two.toml", profile("two", "x86_64-linux", 2));
    let request = Request {
        select: vec!["build-slots-oversubscribed".into()],
        ..at("/w")
    };
    let outcome = lint(&system, &request);
    let mut machines: Vec<String> = outcome
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.machines.join(" "))
        .collect();
    machines.sort();
    assert_eq!(machines, ["w/a.nix w/b.nix", "w/c.nix"]);
}

#[test]
fn only_files_that_were_asked_for_are_reported() {
    let system = server()
        .file("/w/.git/HEAD", "")
        .file("/w/a.nix", "{ imports = [ ./b.nix ]; system.stateVersion = \"25.05\"; nix.settings.cores = \"auto\"; }")
        .file("/w/b.nix", "{ nix.settings.max-substitution-jobs = \"auto\"; }");
    let outcome = lint(&system, &at("/w/a.nix"));
    let names: Vec<_> = outcome
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.rule == "integer-auto-invalid")
        .map(|diagnostic| {
            outcome
                .workspace
                .file(diagnostic.place.file)
                .unwrap()
                .name()
                .to_string()
        })
        .collect();
    assert_eq!(names, ["w/a.nix"]);
}

#[test]
fn this_machines_own_conf_is_judged_by_this_machine_whatever_links_lead_there() {
    let system = server()
        .file("/nix/store/x-nix.conf", "max-jobs = 64\ncores = 64\n")
        .link("/etc/nix/nix.conf", "/nix/store/x-nix.conf")
        .file("/w/nix.conf", "max-jobs = 64\ncores = 64\n");
    let own = lint(&system, &at("/etc/nix/nix.conf"));
    assert_eq!(threads(&own, 0), Some((4, How::Probed)));
    let other = lint(&system, &at("/w/nix.conf"));
    assert_eq!(threads(&other, 0), None);
}
