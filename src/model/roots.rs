//! Roots: the modules that no other one imports, and what kind of machine each is for.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use rayon::prelude::*;

use super::kind::{self, TELLING};
use super::library::LARGEST_FILE;
use super::load::{Loader, is_project};
use super::modules::{Reader, Reading};
use super::words::Glance;
use crate::eval::Evaluator;
use crate::facts::{Arch, Fact, ModuleSystem, Platform};

/// Files that are looked at for who imports what was found.
const MOST_IMPORTERS: usize = 4_000;

/// A module that no other one imports, with what it says.
pub(super) struct Root {
    pub path: PathBuf,
    pub module_system: Option<Fact<ModuleSystem>>,
    pub platform: Option<Fact<Platform>>,
    pub reading: Arc<Reading>,
    /// True when the file itself speaks of Nix settings.
    pub hit: bool,
}

impl Loader<'_> {
    /// Files beside and above the hits that may import them, told by the paths and names in their
    /// bytes. Only folders below the paths are looked into.
    pub(super) fn importers(&self, hits: &[PathBuf]) -> Arc<Vec<PathBuf>> {
        if let Some(known) = self.library.importers() {
            return known;
        }
        let found = Arc::new(self.find_importers(hits));
        self.library.keep_importers(&found);
        found
    }

    fn find_importers(&self, hits: &[PathBuf]) -> Vec<PathBuf> {
        let known: HashSet<&PathBuf> = hits.iter().collect();
        let roots: Vec<PathBuf> = self
            .paths
            .iter()
            .map(|path| self.library.absolute(path))
            .collect();
        let mut folders = BTreeSet::new();
        let mut names = BTreeSet::new();
        for hit in hits {
            names.insert(import_name(hit));
            for folder in hit.ancestors().skip(1) {
                if !roots.iter().any(|root| folder.starts_with(root)) {
                    break;
                }
                folders.insert(folder.to_path_buf());
            }
        }
        let Ok(finder) = AhoCorasick::new(names.iter().filter(|name| !name.is_empty())) else {
            return Vec::new();
        };
        let candidates: Vec<(PathBuf, Glance)> = self
            .library
            .connectors()
            .into_iter()
            .filter(|(path, _)| path.parent().is_some_and(|folder| folders.contains(folder)))
            .filter(|(path, _)| !known.contains(path))
            .take(MOST_IMPORTERS)
            .collect();
        candidates
            .into_par_iter()
            .filter(|(path, first)| match first {
                Glance::Silent(_) => false,
                Glance::Passes(..) => self.library.glance(path) == Glance::Speaks,
                // Its paths are put together from names.
                Glance::Speaks => self
                    .system
                    .read(path, LARGEST_FILE)
                    .is_ok_and(|bytes| finder.is_match(&bytes)),
            })
            .map(|(path, _)| path)
            .collect()
    }

    /// Reads every module and keeps those that no other one imports.
    pub(super) fn roots(&self, hits: &[PathBuf], importers: &[PathBuf]) -> Vec<Root> {
        let asked: Vec<&'static str> = TELLING.iter().map(|(option, ..)| *option).collect();
        // Who imports is read first: what it reaches is no root and needs no reading of its own.
        let mut readings = self.read(importers, false, &asked);
        let reached = paths_of(readings.iter());
        let alone: Vec<PathBuf> = hits
            .iter()
            .filter(|path| !reached.contains(path.as_os_str()))
            .cloned()
            .collect();
        readings.extend(self.read(&alone, true, &asked));
        let hit_paths: HashSet<&OsStr> = hits.iter().map(|path| path.as_os_str()).collect();
        let useful: Vec<&(PathBuf, bool, Arc<Reading>)> = readings
            .iter()
            .filter(|(_, hit, reading)| {
                *hit || reading
                    .paths
                    .iter()
                    .any(|path| hit_paths.contains(path.as_os_str()))
            })
            .collect();
        let imported: HashSet<&OsStr> = useful
            .iter()
            .flat_map(|(root, _, reading)| {
                let paths = reading.paths.iter().map(|path| path.as_os_str());
                paths.filter(move |path| *path != root.as_os_str())
            })
            .collect();
        let mut roots: Vec<&(PathBuf, bool, Arc<Reading>)> = useful
            .iter()
            .copied()
            .filter(|(path, _, _)| !imported.contains(path.as_os_str()))
            .collect();
        // Modules that import each other in a circle have no root; each stands for itself then.
        let reached = paths_of(roots.iter().copied());
        roots.extend(
            useful
                .iter()
                .copied()
                .filter(|(path, _, _)| !reached.contains(path.as_os_str())),
        );
        roots
            .into_par_iter()
            .map_init(
                || self.evaluator(),
                |evaluator, (path, hit, reading)| {
                    self.renew(evaluator);
                    self.root(evaluator, path, *hit, reading)
                },
            )
            .collect()
    }

    /// An evaluator over the files of this load. Modules share it: what they import is evaluated
    /// once.
    pub(super) fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(&self.library, &self.library.prelude)
    }

    /// Replaces an evaluator that ran into a bound, so that results do not depend on which module
    /// was read before which.
    fn renew<'l>(&'l self, evaluator: &mut Evaluator<'l>) {
        if evaluator.was_limited() {
            *evaluator = self.evaluator();
        }
    }

    /// Reads each file as a module; files that are none are left out.
    fn read(
        &self,
        paths: &[PathBuf],
        hit: bool,
        asked: &[&'static str],
    ) -> Vec<(PathBuf, bool, Arc<Reading>)> {
        paths
            .par_iter()
            .map_init(
                || self.evaluator(),
                |evaluator, path| {
                    self.renew(evaluator);
                    // Read for the platform that the path suggests: mostly that is the right one.
                    let platform = self
                        .declared_platform()
                        .or_else(|| kind::likely_platform(self.telling_path(path)));
                    (
                        path.clone(),
                        hit,
                        self.reading(evaluator, path, platform, asked),
                    )
                },
            )
            .filter(|(_, _, reading)| reading.is_module)
            .collect()
    }

    /// What a module says; read again only when a file that it depends on changed.
    fn reading(
        &self,
        evaluator: &Evaluator<'_>,
        path: &Path,
        platform: Option<Platform>,
        asked: &[&'static str],
    ) -> Arc<Reading> {
        let question = (path.to_path_buf(), platform, !asked.is_empty());
        if let Some(known) = self.library.reading(&question) {
            return known;
        }
        let reader = Reader::new(&self.library, evaluator, self.catalog, platform, asked);
        let reading = Arc::new(reader.module(path));
        self.library.keep_reading(question, &reading);
        reading
    }

    fn root(
        &self,
        evaluator: &Evaluator<'_>,
        path: &Path,
        hit: bool,
        reading: &Arc<Reading>,
    ) -> Root {
        let declared = &self.options.target;
        let module_system = declared.module_system.clone().or_else(|| {
            kind::tell(self.telling_path(path), &|option| {
                reading.defines.contains(option)
            })
        });
        let platform = declared.platform.clone().or_else(|| {
            let fact = module_system.as_ref()?;
            let platform = Platform {
                arch: self.host_platform_arch(reading),
                ..kind::platform_of(fact.value)?
            };
            Some(Fact {
                value: platform,
                how: fact.how,
                source: fact.source.clone(),
            })
        });
        // What depends on the platform is read again once the platform is known.
        let known = platform.as_ref().map(|fact| fact.value);
        let reading = if known == reading.platform {
            Arc::clone(reading)
        } else {
            self.reading(evaluator, path, known, &[])
        };
        Root {
            path: path.to_path_buf(),
            module_system,
            platform,
            reading,
            hit,
        }
    }

    /// The part of a path that may tell what the file is for: below the project. The name of
    /// a folder that was given to be read counts where there is no project around it.
    fn telling_path<'p>(&self, path: &'p Path) -> &'p Path {
        let tree = self.trees.iter().find(|tree| path.starts_with(tree));
        let Some(tree) = tree else { return path };
        let start = match is_project(self.system, tree) {
            true => Some(tree.as_path()),
            false => tree.parent(),
        };
        start
            .and_then(|start| path.strip_prefix(start).ok())
            .unwrap_or(path)
    }

    fn declared_platform(&self) -> Option<Platform> {
        self.options.target.platform.as_ref().map(|fact| fact.value)
    }

    /// The architecture that `nixpkgs.hostPlatform` names.
    fn host_platform_arch(&self, reading: &Reading) -> Option<Arch> {
        let draft = reading
            .drafts
            .iter()
            .find(|draft| draft.option.is("nixpkgs.hostPlatform"))?;
        draft.value.value.as_str()?.parse::<Platform>().ok()?.arch
    }
}

/// What an import of this file is written with: its name, or its folder's for `default.nix`.
fn import_name(path: &Path) -> String {
    let named = match path.file_name() {
        Some(name) if name == "default.nix" => path.parent().and_then(Path::file_name),
        other => other,
    };
    named
        .and_then(|name| name.to_str())
        .unwrap_or("")
        .to_owned()
}

/// Every file that belongs to one of these readings.
fn paths_of<'r>(
    readings: impl Iterator<Item = &'r (PathBuf, bool, Arc<Reading>)>,
) -> HashSet<&'r OsStr> {
    readings
        .flat_map(|(_, _, reading)| reading.paths.iter().map(|path| path.as_os_str()))
        .collect()
}
