//! Which Nix a machine gets, as far as its files tell: by `nix.package`, by modules that bring a
//! Nix of their own, by the release of its nixpkgs.

use std::sync::Arc;

use super::definition::{Condition, Definition};
use super::flake::Locked;
use super::modules::Reading;
use crate::catalog::Catalog;
use crate::eval::{Value, Why};
use crate::facts::{Fact, How, Implementation, ModuleSystem, Target, Version};

/// The flake that a machine stands in.
pub(super) struct OfFlake<'a> {
    pub inputs: &'a Locked,
    /// The input whose function builds the machine.
    pub from: Option<&'a str>,
    /// True when the machine is given its packages, so that it is not known of which nixpkgs.
    pub is_given_packages: bool,
}

/// What the files say about the Nix of a machine; all other parts of the target are left open.
pub(super) fn nix_of(
    reading: &Reading,
    system: Option<ModuleSystem>,
    flake: Option<&OfFlake<'_>>,
    catalog: &Catalog,
) -> Target {
    let question = Question {
        system,
        flake,
        catalog,
    };
    let is_off = |draft: &&Definition| {
        draft.option.is("nix.enable")
            && draft.value.value == Value::Bool(false)
            && draft.condition == Condition::Always
    };
    let made = question.module_of_input(reading);
    let is_off = reading.drafts.iter().any(|draft| is_off(&draft));
    if system != Some(ModuleSystem::Nixos) && is_off {
        // Something else looks after Nix; only Determinate's module says what.
        return made
            .filter(|target| is_of(target, Implementation::Determinate))
            .unwrap_or_default();
    }
    let packages = packages(reading);
    match (made, packages) {
        (made, Packages::Unset) => made.or_else(|| question.usual(reading)).unwrap_or_default(),
        (None, Packages::Are(definition)) => question.of_definition(definition),
        // The module replaces packages, or the machine replaces the module's.
        (Some(made), Packages::Are(definition)) => {
            let named = question.of_definition(definition);
            let same = named.implementation.as_ref().map(|fact| fact.value)
                == made.implementation.as_ref().map(|fact| fact.value);
            if same { named } else { Target::default() }
        }
        (_, Packages::Unknown) => Target::default(),
    }
}

fn is_of(target: &Target, implementation: Implementation) -> bool {
    let fact = target.implementation.as_ref();
    fact.is_some_and(|fact| fact.value == implementation)
}

/// What defines `nix.package`.
enum Packages<'r> {
    Unset,
    /// One definition wins whatever happens.
    Are(&'r Definition),
    Unknown,
}

fn packages(reading: &Reading) -> Packages<'_> {
    let hole = reading.holes.iter().any(|hole| {
        let path = hole.path.to_string();
        path == "nix" || path == "nix.package"
    });
    if hole {
        return Packages::Unknown;
    }
    let all: Vec<&Definition> = reading
        .drafts
        .iter()
        .filter(|draft| draft.option.is("nix.package"))
        .collect();
    let Some(strongest) = all.iter().map(|definition| definition.priority).min() else {
        return Packages::Unset;
    };
    let mut strong = all
        .into_iter()
        .filter(|definition| definition.priority == strongest);
    match (strong.next(), strong.next()) {
        (Some(only), None) if only.condition == Condition::Always => Packages::Are(only),
        _ => Packages::Unknown,
    }
}

struct Question<'a> {
    system: Option<ModuleSystem>,
    flake: Option<&'a OfFlake<'a>>,
    catalog: &'a Catalog,
}

impl Question<'_> {
    /// The Nix of a module of an input that brings one.
    fn module_of_input(&self, reading: &Reading) -> Option<Target> {
        let inputs = self.flake?.inputs;
        let mut found = None;
        for path in &reading.foreign {
            let mut names = path.split('.').skip(1);
            let (Some(input), Some(set)) = (names.next(), names.next()) else {
                continue;
            };
            if !matches!(
                set,
                "nixosModules" | "nixosModule" | "darwinModules" | "darwinModule" | "homeModules"
            ) {
                continue;
            }
            let Some(maker) = inputs.maker(input) else {
                continue;
            };
            let source = format!("the module `{path}`");
            // On macOS the module only writes settings; which release runs is not its matter.
            let version = maker
                .version
                .filter(|_| self.system == Some(ModuleSystem::Nixos));
            found = Some(Target {
                implementation: Some(Fact::declared(maker.implementation, source.clone())),
                version: version.map(|version| Fact::declared(version, source)),
                ..Target::default()
            });
        }
        found
    }

    /// What `pkgs.nix` is where nothing else is said.
    fn usual(&self, reading: &Reading) -> Option<Target> {
        let flake = self.flake?;
        let is_system = matches!(
            self.system,
            Some(ModuleSystem::Nixos | ModuleSystem::NixDarwin)
        );
        // Modules that were not read may say which package.
        if !is_system || flake.is_given_packages || !reading.unread.iter().all(is_module_of_input) {
            return None;
        }
        let series = self.usual_series()?;
        let source = series.source.clone();
        Some(Target {
            implementation: Some(Fact::assumed(Implementation::Cppnix, source)),
            series: Some(series),
            ..Target::default()
        })
    }

    /// The series of Nix that the machine's nixpkgs has by default.
    fn usual_series(&self) -> Option<Fact<Version>> {
        let flake = self.flake?;
        let release = flake.inputs.release(self.system?, flake.from)?;
        let known = self.catalog.nixos_release(&release.value)?;
        let source = format!(
            "{}; NixOS {} has Nix {}, as of {}",
            release.source,
            known.release,
            known.nix,
            self.catalog.releases_as_of()
        );
        Some(Fact::assumed(known.nix, source))
    }

    fn of_definition(&self, definition: &Definition) -> Target {
        let candidates: Vec<&Value> = match &definition.value.value {
            Value::OneOf(several) => several.iter().map(|one| &one.value).collect(),
            one => vec![one],
        };
        let mut all = candidates.into_iter().map(|value| self.of_value(value));
        let Some(first) = all.next() else {
            return Target::default();
        };
        all.fold(first, |known, other| {
            let same = known.implementation.as_ref().map(|fact| fact.value)
                == other.implementation.as_ref().map(|fact| fact.value);
            if !same {
                return Target::default();
            }
            let keep = |own: Option<Fact<Version>>, other: &Option<Fact<Version>>| {
                own.filter(|own| other.as_ref().is_some_and(|other| other.value == own.value))
            };
            Target {
                implementation: known.implementation,
                version: keep(known.version, &other.version),
                series: keep(known.series, &other.series),
                ..Target::default()
            }
        })
    }

    fn of_value(&self, value: &Value) -> Target {
        let Value::Unknown(why) = value else {
            return Target::default();
        };
        match why {
            Why::Package(path) => self.of_package(path),
            Why::Argument(path) => self.of_input(path),
            _ => Target::default(),
        }
    }

    /// `inputs.nix.packages.x86_64-linux.default`
    fn of_input(&self, path: &Arc<str>) -> Target {
        let names: Vec<&str> = path.split('.').collect();
        let (Some(flake), ["inputs", input, "packages", ..]) = (self.flake, names.as_slice())
        else {
            return Target::default();
        };
        let is_nix = names.last().is_some_and(|last| {
            matches!(*last, "default" | "nix" | "lix") || last.starts_with("nix-")
        });
        let Some(maker) = flake.inputs.maker(input).filter(|_| is_nix) else {
            return Target::default();
        };
        let source = format!("`nix.package` is `{path}`");
        Target {
            implementation: Some(Fact::declared(maker.implementation, source.clone())),
            version: maker
                .version
                .map(|version| Fact::declared(version, source.clone())),
            series: maker.series.map(|series| Fact::declared(series, source)),
            ..Target::default()
        }
    }

    /// `pkgs.nixVersions.nix_2_28`
    fn of_package(&self, path: &Arc<str>) -> Target {
        let source = format!("`nix.package` is `{path}`");
        let Some((set, attr)) = path.split_once('.') else {
            return Target::default();
        };
        let declared = |implementation, series: Option<Version>| Target {
            implementation: Some(Fact::declared(implementation, source.clone())),
            series: series.map(|series| Fact::declared(series, source.clone())),
            ..Target::default()
        };
        let usual = || {
            let own = set == "pkgs" && !self.flake.is_some_and(|flake| flake.is_given_packages);
            self.usual_series().filter(|_| own)
        };
        let names: Vec<&str> = attr.split('.').collect();
        match names.as_slice() {
            // An overlay may put another Nix in this place; that is what modules of Lix did.
            ["nix"] => Target {
                implementation: Some(Fact::assumed(Implementation::Cppnix, source.clone())),
                series: usual(),
                ..Target::default()
            },
            ["nixVersions", "stable"] | ["nixStable" | "nixFlakes"] => Target {
                series: usual(),
                ..declared(Implementation::Cppnix, None)
            },
            ["nixVersions", name] | [name] if name.starts_with("nix_") => {
                declared(Implementation::Cppnix, series_of(name, "nix_"))
            }
            ["nixVersions", _] | ["nixUnstable"] => declared(Implementation::Cppnix, None),
            ["lix"] => declared(Implementation::Lix, None),
            ["lixPackageSets", name, "lix"] | ["lixVersions", name] => {
                declared(Implementation::Lix, series_of(name, "lix_"))
            }
            _ => Target::default(),
        }
    }
}

/// True for a module of an input, as opposed to files of the tree that could not be read. Of
/// these only few bring a Nix, and those are known.
fn is_module_of_input(why: &Why) -> bool {
    matches!(why, Why::Argument(path) if path.starts_with("inputs."))
}

/// The series in `nix_2_28`.
fn series_of(name: &str, prefix: &str) -> Option<Version> {
    name.strip_prefix(prefix)?.replace('_', ".").parse().ok()
}

/// True when files, not a stand-in, say who made the Nix.
pub(super) fn is_said(target: &Target) -> bool {
    let fact = target.implementation.as_ref();
    fact.is_some_and(|fact| fact.how != How::Assumed)
}
