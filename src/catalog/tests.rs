//! The data holds together, and the accessors say what the data says.

use super::*;
use crate::facts::{Fact, Os, Platform};

fn target(implementation: Implementation, version: &str, platform: &str) -> Target {
    Target {
        implementation: Some(Fact::declared(implementation, "test")),
        version: Some(Fact::declared(version.parse().unwrap(), "test")),
        platform: Some(Fact::declared(
            platform.parse::<Platform>().unwrap(),
            "test",
        )),
        series: None,
        module_system: None,
    }
}

fn cppnix(version: &str) -> Target {
    target(Implementation::Cppnix, version, "x86_64-linux")
}

#[test]
fn every_data_file_parses() {
    serde_json::from_str::<SettingsData>(include_str!("data/settings.json")).unwrap();
    serde_json::from_str::<OptionsData>(include_str!("data/options.json")).unwrap();
    serde_json::from_str::<FeaturesData>(include_str!("data/features.json")).unwrap();
    serde_json::from_str::<CachesData>(include_str!("data/caches.json")).unwrap();
    serde_json::from_str::<HistoryData>(include_str!("data/history.json")).unwrap();
    serde_json::from_str::<ModuleDefaultsData>(include_str!("data/module-defaults.json")).unwrap();
    serde_json::from_str::<CiData>(include_str!("data/ci.json")).unwrap();
    serde_json::from_str::<ReleasesData>(include_str!("data/releases.json")).unwrap();
}

#[test]
fn the_data_says_its_date() {
    let catalog = Catalog::embedded().used_in(Month::read("2027-03"));
    for date in [
        catalog.as_of(),
        catalog.caches_as_of(),
        catalog.releases_as_of(),
    ] {
        assert_eq!(date.as_of, "2026-08");
        assert!(date.is_old);
    }
    assert!(!Catalog::embedded().as_of().is_old);
}

#[test]
fn faults_are_mended_in_the_series_that_got_a_release() {
    let catalog = Catalog::embedded();
    let fix = |id: &str, implementation, version: &str| {
        let mut advisories = catalog.advisories().iter();
        let advisory = advisories.find(|advisory| advisory.id == id).unwrap();
        let fix = advisory.fix_for(implementation, version.parse().unwrap());
        fix.map(|fix| fix.to_string())
    };
    let parser = "GHSA-vh5x-56v6-4368";
    let cppnix = Implementation::Cppnix;
    assert_eq!(fix(parser, cppnix, "2.31.4").as_deref(), Some("2.31.5"));
    assert_eq!(fix(parser, cppnix, "2.31.5"), None);
    assert_eq!(fix(parser, cppnix, "2.24.3"), None);
    assert_eq!(fix(parser, cppnix, "2.26.4"), None);
    assert_eq!(fix(parser, cppnix, "2.35.0"), None);
    assert_eq!(
        fix(parser, Implementation::Lix, "2.94.0").as_deref(),
        Some("2.94.2")
    );
    assert_eq!(
        fix("GHSA-g3g9-5vj6-r3gj", Implementation::Lix, "2.94.0"),
        None
    );
    assert_eq!(fix(parser, Implementation::Determinate, "3.1.0"), None);
}

#[test]
fn releases_and_packages_are_found() {
    let catalog = Catalog::embedded();
    assert_eq!(
        catalog.nixos_release("25.05").unwrap().nix,
        Version::new(2, 28, 0)
    );
    assert_eq!(catalog.nixos_release("99.05"), None);
    let gone = catalog.package_attr("nixUnstable").unwrap();
    assert_eq!(
        (gone.gone_in, gone.r#use),
        (Some("24.05"), "nixVersions.latest")
    );
    assert_eq!(catalog.package_attr("nixVersions.latest"), None);
}

#[test]
fn settings_are_sorted_and_unique() {
    let catalog = Catalog::embedded();
    assert!(catalog.settings().is_sorted_by(|a, b| a.name < b.name));
    assert!(catalog.settings().len() > 150);
}

#[test]
fn keys_resolve_by_name_alias_and_append_form() {
    let catalog = Catalog::embedded();
    let spelling = |key: &str| {
        let resolved = catalog.resolve(key).unwrap();
        (resolved.setting.name, resolved.spelling)
    };
    assert_eq!(spelling("max-jobs"), ("max-jobs", Spelling::Canonical));
    assert_eq!(spelling("build-max-jobs"), ("max-jobs", Spelling::Alias));
    assert_eq!(
        spelling("extra-substituters"),
        ("substituters", Spelling::Append)
    );
    assert_eq!(
        spelling("extra-binary-caches"),
        ("substituters", Spelling::Append)
    );
    assert_eq!(
        spelling("extra-platforms"),
        ("extra-platforms", Spelling::Canonical)
    );
    assert_eq!(
        spelling("extra-extra-platforms"),
        ("extra-platforms", Spelling::Append)
    );
    assert_eq!(
        spelling("connect-timeout"),
        ("connect-timeout", Spelling::Canonical)
    );
    assert!(catalog.resolve("max_jobs").is_none());
    assert!(catalog.resolve("extra-max-jobs").is_none());
}

#[test]
fn a_name_that_moved_resolves_by_target() {
    let catalog = Catalog::embedded();
    let name = |key: &str, target: &Target| catalog.resolve_for(key, target).unwrap().setting.name;
    let old_lix = target(Implementation::Lix, "2.93", "x86_64-linux");
    let new_lix = target(Implementation::Lix, "2.94", "x86_64-linux");
    assert_eq!(name("connect-timeout", &old_lix), "connect-timeout");
    assert_eq!(name("connect-timeout", &new_lix), "max-connect-timeout");
    assert_eq!(
        name("download-attempts", &cppnix("2.34")),
        "download-attempts"
    );
    assert_eq!(
        name("download-attempts", &cppnix("2.35")),
        "filetransfer-retry-attempts"
    );
}

#[test]
fn defaults_follow_the_patch_level() {
    let catalog = Catalog::embedded();
    let timeout = catalog.setting("connect-timeout").unwrap();
    for (version, default) in [
        ("2.28.3", "0"),
        ("2.29.0", "5"),
        ("2.30.3", "5"),
        ("2.30.4", "15"),
        ("2.31.1", "5"),
        ("2.31.2", "15"),
        ("2.35.0", "15"),
    ] {
        assert_eq!(
            timeout.default_for(&cppnix(version)),
            Some(default),
            "{version}"
        );
    }
    assert_eq!(timeout.default_for(&Target::default()), None);
    let sandbox = catalog.setting("sandbox").unwrap();
    let mac = target(Implementation::Cppnix, "2.31.2", "aarch64-darwin");
    assert_eq!(sandbox.default_for(&mac), Some("false"));
    assert_eq!(sandbox.default_for(&cppnix("2.31.2")), Some("true"));
}

#[test]
fn suffixes_depend_on_implementation_and_version() {
    let catalog = Catalog::embedded();
    let min_free = catalog.setting("min-free").unwrap();
    assert_eq!(min_free.accepts_suffix(&cppnix("2.22.3")), Some(false));
    assert_eq!(min_free.accepts_suffix(&cppnix("2.23.0")), Some(true));
    let lix = target(Implementation::Lix, "2.95", "x86_64-linux");
    assert_eq!(min_free.accepts_suffix(&lix), Some(false));
    assert_eq!(min_free.accepts_suffix(&Target::default()), None);
    assert_eq!(
        min_free.suffix_since(Implementation::Cppnix),
        Some(Version::new(2, 23, 0))
    );
    let max_jobs = catalog.setting("max-jobs").unwrap();
    assert_eq!(max_jobs.accepts_suffix(&cppnix("2.31")), Some(false));
}

#[test]
fn names_are_known_by_release_and_system() {
    let catalog = Catalog::embedded();
    let buffer = catalog.setting("download-buffer-size").unwrap();
    assert_eq!(buffer.is_known_to(&cppnix("2.21.4")), Some(false));
    assert_eq!(buffer.is_known_to(&cppnix("2.21.5")), Some(true));
    assert_eq!(buffer.is_known_to(&cppnix("2.22.0")), Some(false));
    assert_eq!(buffer.is_known_to(&cppnix("2.31")), Some(true));
    assert_eq!(buffer.is_known_to(&Target::default()), None);
    let cgroups = catalog.setting("use-cgroups").unwrap();
    let mac = target(Implementation::Cppnix, "2.31.2", "aarch64-darwin");
    assert_eq!(cgroups.is_known_to(&mac), Some(false));
    assert_eq!(cgroups.is_known_to(&cppnix("2.31.2")), Some(true));
    assert!(!cgroups.known_on(Os::Darwin));
    let repeat = catalog.setting("repeat").unwrap();
    assert_eq!(repeat.is_known_to(&cppnix("2.12")), Some(true));
    assert_eq!(repeat.is_known_to(&cppnix("2.13")), Some(false));
}

#[test]
fn names_from_before_the_catalogued_releases_say_what_replaced_them() {
    let catalog = Catalog::embedded();
    let old = catalog.resolve("signed-binary-caches").unwrap().setting;
    assert!(!old.is_current());
    assert_eq!(old.is_known_to(&cppnix("2.3")), Some(false));
    assert_eq!(old.is_known_to(&Target::default()), None);
    assert_eq!(old.replacement, Some("require-sigs"));
}

#[test]
fn gates_come_and_go_with_releases() {
    let catalog = Catalog::embedded();
    let accept = catalog.setting("accept-flake-config").unwrap();
    assert_eq!(accept.gate(&cppnix("2.14")), Some(None));
    let gate = accept.gate(&cppnix("2.31")).unwrap().unwrap();
    assert_eq!((gate.feature, gate.when), ("flakes", GateWhen::OnSet));
    let determinate = target(Implementation::Determinate, "3.8", "x86_64-linux");
    assert_eq!(accept.gate(&determinate), Some(None));
    assert_eq!(accept.gate(&Target::default()), None);
    let cores = catalog.setting("cores").unwrap();
    assert_eq!(cores.gate(&Target::default()), Some(None));
}

#[test]
fn the_nearest_setting_is_close_and_unique() {
    let catalog = Catalog::embedded();
    for (written, meant) in [
        ("max_jobs", "max-jobs"),
        ("Max-Jobs", "max-jobs"),
        ("auto-optimize-store", "auto-optimise-store"),
        ("substitutors", "substituters"),
        ("extra-substituter", "extra-substituters"),
        ("experimental-feature", "experimental-features"),
        ("trusted-public-key", "trusted-public-keys"),
        ("http-connection", "http-connections"),
    ] {
        assert_eq!(catalog.nearest_setting(written), Some(meant), "{written}");
    }
    for far in ["", "x", "cor", "networking", "my-own-plugin-setting"] {
        assert_eq!(catalog.nearest_setting(far), None, "{far}");
    }
}

#[test]
fn options_are_found_through_patterns() {
    let catalog = Catalog::embedded();
    let darwin = ModuleSystem::NixDarwin;
    assert!(
        catalog
            .option(darwin, "nix.gc.interval")
            .unwrap()
            .is_current()
    );
    assert_eq!(
        catalog.option(darwin, "nix.maxJobs").unwrap().status,
        OptionStatus::Renamed {
            to: "nix.settings.max-jobs"
        }
    );
    let dates = catalog.option(darwin, "nix.gc.dates").unwrap();
    assert!(dates.fails);
    assert_eq!(
        dates.status,
        OptionStatus::Removed {
            to: Some("nix.gc.interval")
        }
    );
    assert!(
        catalog
            .option(darwin, "nix.registry.nixpkgs.flake")
            .is_some()
    );
    assert!(
        catalog
            .option(ModuleSystem::HomeManager, "nix.optimise.automatic")
            .is_none()
    );
    assert_eq!(
        catalog.systems_with("nix.optimise.dates"),
        [ModuleSystem::Nixos]
    );
}

#[test]
fn old_option_names_lead_to_options_in_use() {
    let catalog = Catalog::embedded();
    for system in [
        ModuleSystem::NixDarwin,
        ModuleSystem::Nixos,
        ModuleSystem::HomeManager,
    ] {
        for option in catalog.options(system) {
            let OptionStatus::Renamed { to } = option.status else {
                continue;
            };
            let setting = to.strip_prefix("nix.settings.");
            let lands = setting.is_some_and(|key| catalog.resolve(key).is_some())
                || catalog
                    .options(system)
                    .any(|other| other.path == to || other.path.starts_with(&format!("{to}.")));
            assert!(lands, "{} leads to {to}", option.path);
        }
    }
}

#[test]
fn features_know_their_releases() {
    let catalog = Catalog::embedded();
    let repl = catalog.feature("repl-flake").unwrap();
    assert_eq!(repl.is_known_to(&cppnix("2.21")), Some(true));
    assert_eq!(repl.is_known_to(&cppnix("2.22")), Some(false));
    assert_eq!(
        repl.removed_in(Implementation::Cppnix),
        Some(Version::new(2, 22, 0))
    );
    assert!(!catalog.feature("cgroups").unwrap().acts_on(Os::Darwin));
    assert!(
        catalog
            .feature("flakes")
            .unwrap()
            .is_always_on(Implementation::Determinate)
    );
}

#[test]
fn caches_are_found_by_any_spelling_and_by_key_name() {
    let catalog = Catalog::embedded();
    let main = catalog
        .cache("https://Cache.nixos.org/?priority=5")
        .unwrap();
    assert_eq!(main.status, CacheStatus::Active);
    let (cache, key) = catalog.cache_of_key("cache.nixos.org-1").unwrap();
    assert_eq!(cache.url, main.url);
    assert!(key.starts_with("cache.nixos.org-1:"));
    assert_eq!(
        catalog.cache("https://cache.garnix.io").unwrap().status,
        CacheStatus::Retired
    );
    let moved = catalog.cache("https://numtide.cachix.org/").unwrap();
    assert_eq!(moved.status, CacheStatus::Moved);
    assert_eq!(moved.successor, Some("https://cache.numtide.com"));
}

#[test]
fn caches_hold_together() {
    use base64::Engine as _;
    let catalog = Catalog::embedded();
    let mut urls = std::collections::HashSet::new();
    for cache in catalog.caches() {
        assert_eq!(normalize_url(&cache.url), cache.url);
        assert!(urls.insert(cache.url.clone()), "{} twice", cache.url);
        for key in &cache.public_keys {
            let (_, body) = key.split_once(':').unwrap();
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(body)
                .unwrap();
            assert_eq!(bytes.len(), 32, "{key}");
        }
        if let Some(successor) = cache.successor {
            assert_ne!(cache.status, CacheStatus::Active);
            assert!(catalog.cache(successor).is_some(), "{successor}");
        }
        assert!(!(cache.status == CacheStatus::Moved && cache.successor.is_none()));
    }
}

#[test]
fn history_is_found_by_setting() {
    let catalog = Catalog::embedded();
    assert!(
        catalog
            .history("max-jobs")
            .any(|entry| entry.replacement == Some("max-substitution-jobs"))
    );
    assert!(catalog.history("store").next().is_some());
}

#[test]
fn module_defaults_agree_with_the_options_and_settings_that_they_are_for() {
    let catalog = Catalog::embedded();
    let mut compared = 0;
    for system in [
        ModuleSystem::NixDarwin,
        ModuleSystem::Nixos,
        ModuleSystem::HomeManager,
    ] {
        for default in catalog.module_defaults(system) {
            let shown = format!("{system}: {}", default.key);
            assert!(catalog.resolve(default.key).is_some(), "{shown}");
            assert!([100, 1000, 1500].contains(&default.priority), "{shown}");
            let OptionDefault::Json(value) = &default.value else {
                continue;
            };
            assert!(!value.is_object() && !value.is_f64(), "{shown}");
            // What is given under a condition is no default of the option.
            let option = catalog.option(system, &default.option());
            if let Some(OptionDefault::Json(catalogued)) = option.and_then(|o| o.default.as_ref())
                && default.when.is_empty()
            {
                assert_eq!(catalogued, value, "{shown}");
                compared += 1;
            }
        }
    }
    assert!(compared > 25, "{compared}");
}

#[test]
fn options_with_a_catalogued_default_are_module_defaults() {
    let catalog = Catalog::embedded();
    for system in [ModuleSystem::NixDarwin, ModuleSystem::Nixos] {
        for option in catalog.options(system) {
            let Some(key) = option.path.strip_prefix("nix.settings.") else {
                continue;
            };
            let known = catalog.module_defaults(system).any(|one| one.key == key);
            assert!(
                known || option.default.is_none(),
                "{} of {system} has a default and is not written",
                option.path
            );
        }
    }
}
