//! Rules that look beyond one file: at siblings, at other machines, at what a module drops.

use nixtune::catalog::Catalog;
use nixtune::diagnostic::{Applicability, Confidence, Diagnostic, Severity};
use nixtune::engine::{self, Request};
use nixtune::system::Memory;

/// A machine with 8 threads that runs NixOS.
fn here() -> Memory {
    Memory::new()
        .on("linux", "x86_64")
        .file("/etc/NIXOS", "")
        .with_memory(16 << 30, 0)
        .file("/sys/devices/system/cpu/online", "0-7\n")
        .file("/proc/self/status", "Cpus_allowed_list:\t0-7\n")
}

fn said(system: &Memory, rule: &str) -> Vec<Diagnostic> {
    let request = Request {
        roots: vec!["/w".into()],
        ..Request::default()
    };
    let outcome = engine::lint(system, &Catalog::embedded(), &request).unwrap();
    outcome
        .diagnostics
        .into_iter()
        .filter(|diagnostic| diagnostic.rule == rule)
        .collect()
}

fn nixos(settings: &str) -> String {
    format!("{{ boot.loader.grub.enable = true; fileSystems = {{ }}; {settings} }}")
}

const SLOTS: &str = "nix.settings = { max-jobs = 32; cores = 8; };";

#[test]
fn this_machine_is_believed_when_it_is_the_only_one() {
    let system = here().file("/w/hosts/a.nix", nixos(SLOTS));
    let said = said(&system, "build-slots-oversubscribed");
    let [only] = said.as_slice() else {
        panic!("{said:?}")
    };
    assert_eq!(only.severity, Severity::Warning);
    assert_eq!(only.confidence, Confidence::Certain);
    assert_eq!(
        only.fix.as_ref().unwrap().applicability,
        Applicability::Unsafe
    );
}

#[test]
fn of_several_machines_this_one_may_be_any() {
    let system = here()
        .file("/w/hosts/a.nix", nixos(SLOTS))
        .file("/w/hosts/b.nix", nixos("nix.settings.cores = 1;"));
    assert!(said(&system, "build-slots-oversubscribed").is_empty());
    let request = Request {
        roots: vec!["/w".into()],
        ..Request::default()
    };
    let outcome = engine::lint(&system, &Catalog::embedded(), &request).unwrap();
    assert!(
        outcome
            .notes
            .iter()
            .any(|note| note.message.contains("which of them is this one")),
        "{:?}",
        outcome.notes
    );
}

#[test]
fn a_default_is_no_value_when_a_sibling_sets_it() {
    let jobs = nixos("nix.settings.max-jobs = 32;");
    let alone = here().file("/w/hosts/a.nix", &jobs);
    assert_eq!(said(&alone, "build-slots-oversubscribed").len(), 1);
    let with_sibling = here()
        .file("/w/hosts/a.nix", &jobs)
        .file("/w/modules/cores.nix", "{ nix.settings.cores = 1; }");
    assert!(said(&with_sibling, "build-slots-oversubscribed").is_empty());
}

#[test]
fn a_collection_set_up_elsewhere_is_not_missing() {
    let keeps = nixos(
        "nix.optimise.automatic = true;
         nix.settings = { keep-outputs = true; keep-derivations = true; };",
    );
    let alone = here().file("/w/hosts/a.nix", &keeps);
    assert_eq!(said(&alone, "gc-absent").len(), 1);
    let elsewhere = here()
        .file("/w/hosts/a.nix", &keeps)
        .file("/w/modules/gc.nix", "{ nix.gc.automatic = true; }");
    assert!(said(&elsewhere, "gc-absent").is_empty());
}

const LOST: &str = "{ nix.settings = { max-jobs = \"auto\"; cores = 0; keep-outputs = true;
  trusted-users = [ \"alice\" ]; accept-flake-config = true; min-free = 1; max-free = 1; }; }";

#[test]
fn what_a_disabled_nix_drops_is_said_once() {
    let system = here()
        .file(
            "/w/darwin/a.nix",
            "{ imports = [ ./settings.nix ]; nix.enable = false; system.defaults.dock.autohide = true; }",
        )
        .file("/w/darwin/settings.nix", LOST);
    let request = Request {
        roots: vec!["/w".into()],
        ..Request::default()
    };
    let outcome = engine::lint(&system, &Catalog::embedded(), &request).unwrap();
    let rules: Vec<_> = outcome.diagnostics.iter().map(|one| one.rule).collect();
    assert_eq!(rules, ["settings-under-disabled-nix"]);
    assert_eq!(outcome.diagnostics[0].severity, Severity::Warning);
}

#[test]
fn lines_that_count_on_another_machine_are_information() {
    let system = here()
        .file(
            "/w/darwin/a.nix",
            "{ imports = [ ../shared.nix ]; nix.enable = false; system.defaults.dock.autohide = true; }",
        )
        .file(
            "/w/darwin/b.nix",
            "{ imports = [ ../shared.nix ]; system.defaults.dock.autohide = true; }",
        )
        .file("/w/shared.nix", LOST);
    let said = said(&system, "settings-under-disabled-nix");
    let [only] = said.as_slice() else {
        panic!("{said:?}")
    };
    assert_eq!(only.severity, Severity::Info);
    assert_eq!(only.machines.len(), 1);
}

#[test]
fn one_definition_gets_one_complaint_about_build_slots() {
    for settings in [
        "max-jobs = \"auto\"; cores = 0;",
        "max-jobs = \"auto\"; cores = 2;",
        "max-jobs = 16; cores = 1;",
        "max-jobs = 64; cores = 64;",
        "max-jobs = \"auto\";",
    ] {
        let text = nixos(&format!("nix.settings = {{ {settings} }};"));
        let system = here().file("/w/a.nix", text);
        let rules = [
            "build-slots-oversubscribed",
            "ram-per-job-low",
            "efficiency-cores-counted",
        ];
        let count: usize = rules.iter().map(|rule| said(&system, rule).len()).sum();
        assert_eq!(count, 1, "{settings}");
    }
}

/// The files of a folder after everything is made.
fn mended(files: &[(&str, &str)]) -> (Vec<String>, engine::Plan) {
    let system = files.iter().fold(here(), |system, (name, text)| {
        system.file(format!("/w/{name}"), text)
    });
    let request = Request {
        roots: vec!["/w".into()],
        ..Request::default()
    };
    let wanted = engine::Wanted {
        least: Applicability::Unsafe,
        rules: vec!["integer-auto-invalid".to_owned()],
        ..engine::Wanted::default()
    };
    let plan = engine::plan(&system, &Catalog::embedded(), &request, &wanted).unwrap();
    let after = plan.files.iter().map(|file| file.after.to_string());
    (after.collect(), plan)
}

#[test]
fn equal_values_of_one_option_are_changed_together_whichever_file_is_named() {
    let zero = "{ nix.settings.cores = 0; }\n";
    let auto = "{ nix.settings.cores = \"auto\"; }\n";
    // Loose files of one folder.
    let (after, plan) = mended(&[("a.nix", auto), ("b.nix", auto), ("c.nix", auto)]);
    assert_eq!(after, [zero, zero, zero], "{:?}", plan.left);
    assert_eq!(plan.made.len(), 1);
    // A file and what it imports.
    let (after, plan) = mended(&[
        (
            "default.nix",
            "{ imports = [ ./b.nix ]; nix.settings.cores = \"auto\"; }\n",
        ),
        ("b.nix", auto),
    ]);
    let importing = "{ imports = [ ./b.nix ]; nix.settings.cores = 0; }\n";
    assert_eq!(after, [zero, importing], "{:?}", plan.left);
}

#[test]
fn what_has_another_weight_keeps_its_value() {
    let (after, plan) = mended(&[
        ("a.nix", "{ nix.settings.cores = \"auto\"; }\n"),
        (
            "b.nix",
            "{ lib, ... }: { nix.settings.cores = lib.mkDefault \"auto\"; }\n",
        ),
    ]);
    assert_eq!(after, ["{ nix.settings.cores = 0; }\n"], "{:?}", plan.left);
}

#[test]
fn what_is_taken_out_does_not_come_back_from_a_weaker_definition() {
    let (after, plan) = mended(&[
        (
            "a.nix",
            "{ lib, ... }: { nix.settings.http-connections = lib.mkForce \"auto\"; nix.settings.fallback = true; }\n",
        ),
        (
            "b.nix",
            "{ nix.settings.http-connections = \"auto\"; nix.settings.log-lines = 5; }\n",
        ),
    ]);
    assert_eq!(
        after,
        [
            "{ lib, ... }: { nix.settings.fallback = true; }\n",
            "{ nix.settings.log-lines = 5; }\n"
        ],
        "{:?}",
        plan.left
    );
}

#[test]
fn equal_texts_of_one_option_lose_the_same_word() {
    let before = "{ nix.settings.extra-experimental-features = \"flakes repl-flake\"; }\n";
    let after = "{ nix.settings.extra-experimental-features = \"flakes\"; }\n";
    let files = here().file("/w/a.nix", before).file("/w/b.nix", before);
    let request = Request {
        roots: vec!["/w".into()],
        target: nixtune::policy::TargetPolicy {
            implementation: Some(nixtune::facts::Implementation::Cppnix),
            version: "2.34.0".parse().ok(),
            ..nixtune::policy::TargetPolicy::default()
        },
        ..Request::default()
    };
    let outcome = engine::lint(&files, &Catalog::embedded(), &request).unwrap();
    assert_eq!(outcome.dropped, []);
    let wanted = engine::Wanted::default();
    let plan = engine::plan(&files, &Catalog::embedded(), &request, &wanted).unwrap();
    let made: Vec<&str> = plan.files.iter().map(|file| &*file.after).collect();
    assert_eq!(made, [after, after], "{:?}", plan.left);
}

#[test]
fn lines_that_say_the_same_go_together_but_a_void_one_goes_alone() {
    let text = "accept-flake-config = true\nfallback = true\naccept-flake-config = true\n";
    let system = here().file("/w/nix.conf", text);
    let request = Request {
        roots: vec!["/w".into()],
        ..Request::default()
    };
    let written = |rule: &str| {
        let wanted = engine::Wanted {
            least: nixtune::diagnostic::Applicability::Unsafe,
            rules: vec![rule.to_owned()],
            ..engine::Wanted::default()
        };
        let plan = engine::plan(&system, &Catalog::embedded(), &request, &wanted).unwrap();
        let [file] = plan.files.as_slice() else {
            panic!("{:?}", plan.left)
        };
        file.after.to_string()
    };
    assert_eq!(written("accept-flake-config"), "fallback = true\n");
    assert_eq!(
        written("duplicate-setting-two-spellings"),
        "fallback = true\naccept-flake-config = true\n"
    );
}

#[test]
fn what_a_fix_uncovers_may_have_other_blanks_between_its_words() {
    let text = "min-free = 128000000\nmax-free = 1000 ...   more; # words\n";
    let system = here().file("/w/nix.conf", text);
    let request = Request {
        roots: vec!["/w".into()],
        ..Request::default()
    };
    let outcome = engine::lint(&system, &Catalog::embedded(), &request).unwrap();
    assert_eq!(outcome.dropped, []);
    let rules: Vec<_> = outcome.diagnostics.iter().map(|one| one.rule).collect();
    assert!(rules.contains(&"semicolon-in-conf"), "{rules:?}");
}

#[test]
fn an_element_that_counts_only_after_its_fix_may_show_the_next_problem() {
    let text = "substituters = https://cache.nixos.org mine.cachix.org\n\
                trusted-public-keys = cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=\n";
    let system = here().file("/w/nix.conf", text);
    let request = Request {
        roots: vec!["/w".into()],
        target: "cppnix@2.31.2".parse().unwrap(),
        ..Request::default()
    };
    let outcome = engine::lint(&system, &Catalog::embedded(), &request).unwrap();
    assert_eq!(outcome.dropped, []);
    let mut found = outcome.diagnostics.iter();
    let found = found.find(|one| one.rule == "substituter-without-scheme");
    let help = &found.unwrap().help;
    assert!(
        help.contains("`substituter-without-key` would be reported then"),
        "{help}"
    );
}

#[test]
fn a_fix_that_uncovers_the_next_problem_is_left_to_people_and_is_no_mistake() {
    let files = [(
        "a.nix",
        "{ nix.settings.extra-subsituters = [ \"https://cache.garnix.io\" ]; }\n",
    )];
    let system = here().file("/w/a.nix", files[0].1);
    let request = Request {
        roots: vec!["/w".into()],
        ..Request::default()
    };
    let outcome = engine::lint(&system, &Catalog::embedded(), &request).unwrap();
    assert_eq!(outcome.dropped, []);
    let said: Vec<_> = outcome
        .diagnostics
        .iter()
        .map(|one| (one.rule, one.help.as_str()))
        .collect();
    let [("unknown-setting", help)] = said.as_slice() else {
        panic!("{said:?}")
    };
    assert!(
        help.contains("by hand: `dead-substituter` would be reported then"),
        "{help}"
    );
}
