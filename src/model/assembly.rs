//! Machines from roots: which modules belong together, and what each machine is called.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::definition::{Condition, Definition};
use super::includes::conf;
use super::load::Loader;
use super::machine::Origin;
use super::modules::{Reader, Reading};
use super::roots::Root;
use super::which_nix::nix_of;
use crate::facts::{Fact, ModuleSystem, Target};
use crate::text::FileId;

/// A machine before its definitions have numbers.
pub(super) struct Assembled {
    pub name: String,
    pub origin: Origin,
    pub target: Target,
    pub reading: Reading,
    pub complete: bool,
}

impl Loader<'_> {
    /// Joins loose modules of one folder where nothing speaks against it, and makes machines.
    pub(super) fn machines(&self, roots: Vec<Root>) -> Vec<Assembled> {
        let mut groups: BTreeMap<PathBuf, Vec<Root>> = BTreeMap::new();
        let mut machines = Vec::new();
        for root in roots {
            match root.path.parent() {
                Some(folder) if root.hit => {
                    groups.entry(folder.to_path_buf()).or_default().push(root);
                }
                _ => machines.push(self.machine(vec![root])),
            }
        }
        for (_, mut group) in groups {
            // Two whole configurations in one folder are two machines.
            if group.iter().filter(|root| is_entry(root)).count() > 1 {
                let entries = group.extract_if(.., |root| is_entry(root));
                machines.extend(entries.map(|root| self.machine(vec![root])));
            }
            let systems: BTreeSet<ModuleSystem> = group
                .iter()
                .filter_map(|root| root.module_system.as_ref().map(|fact| fact.value))
                .collect();
            if group.len() > 1 && systems.len() <= 1 && !contradict(&group) {
                machines.push(self.machine(group));
            } else {
                machines.extend(group.into_iter().map(|root| self.machine(vec![root])));
            }
        }
        machines
    }

    fn machine(&self, roots: Vec<Root>) -> Assembled {
        let name = match roots.as_slice() {
            [only] => self.machine_name(&only.path),
            several => several
                .first()
                .and_then(|root| root.path.parent())
                .map_or_else(|| "/".into(), |folder| self.shown(folder)),
        };
        let mut target = self.options.target.clone();
        let mut reading = Reading::default();
        let entry = roots.iter().any(is_entry);
        let paths = roots.iter().map(|root| self.library.absolute(&root.path));
        let origin = Origin::Modules(paths.collect());
        for root in roots {
            target.module_system = target.module_system.or(root.module_system);
            target.platform = target.platform.or(root.platform);
            let part = Arc::unwrap_or_clone(root.reading);
            for file in part.files {
                if !reading.files.contains(&file) {
                    reading.files.push(file);
                }
            }
            // Who imports them lists them in this order, and the module system turns it round.
            let mut drafts = part.drafts;
            drafts.retain(|draft| !reading.drafts.contains(draft));
            reading.drafts.splice(0..0, drafts);
            reading.dropped.extend(part.dropped);
            reading.odd_lines.extend(part.odd_lines);
            reading.holes.extend(part.holes);
            reading.swallowed.extend(part.swallowed);
            reading.unread.extend(part.unread);
        }
        let system = target.module_system.as_ref().map(|fact| fact.value);
        target.fill_nix(&nix_of(&reading, system, None, self.catalog));
        let complete = entry && reading.unread.is_empty();
        Assembled {
            name,
            origin,
            target,
            reading,
            complete,
        }
    }

    fn machine_name(&self, path: &Path) -> String {
        let file = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("");
        match path.parent() {
            Some(folder) if file == "default.nix" => self.shown(folder),
            _ => self.shown(path),
        }
    }

    pub(super) fn shown(&self, path: &Path) -> String {
        let base = self.library.absolute(Path::new("."));
        let shown = path.strip_prefix(&base).unwrap_or(path).to_string_lossy();
        if shown.is_empty() {
            ".".to_owned()
        } else {
            shown.into_owned()
        }
    }

    pub(super) fn flake_config(&self, path: &Path) -> Option<Assembled> {
        let evaluator = self.evaluator();
        let reading =
            Reader::new(&self.library, &evaluator, self.catalog, None, &[]).flake_config(path);
        if !reading.is_module {
            return None;
        }
        let mut target = self.options.target.clone();
        let source = "the file is a flake";
        target.module_system = Some(Fact::declared(ModuleSystem::FlakeConfig, source));
        Some(Assembled {
            name: self.shown(path),
            origin: Origin::FlakeConfig(self.library.absolute(path)),
            target,
            reading,
            complete: false,
        })
    }

    /// One machine for each `nix.conf` that no other one includes.
    pub(super) fn conf_machines(&self, files: &[FileId]) -> Vec<Assembled> {
        let readings: Vec<(FileId, Reading)> = files
            .iter()
            .map(|id| (*id, conf(&self.library, *id)))
            .collect();
        let is_part = |id: FileId, own: &Reading| {
            readings.iter().any(|(other, reading)| {
                let both = own.files.contains(other);
                *other != id && reading.files.contains(&id) && (!both || *other < id)
            })
        };
        let own = readings.iter().filter(|(id, own)| !is_part(*id, own));
        own.map(|(id, reading)| self.conf_machine(*id, reading.clone()))
            .collect()
    }

    fn conf_machine(&self, id: FileId, reading: Reading) -> Assembled {
        let source = self.library.source(id);
        let name = source
            .as_ref()
            .map_or_else(String::new, |source| source.name().to_string());
        let path = source.map_or_else(PathBuf::new, |source| self.library.absolute(source.path()));
        let mut target = self.options.target.clone();
        let source = "the file is a nix.conf";
        target.module_system = Some(Fact::declared(ModuleSystem::NixConf, source));
        let complete = reading.unread.is_empty();
        Assembled {
            name,
            origin: Origin::Conf(path),
            target,
            reading,
            complete,
        }
    }
}

/// True for a module that is a whole configuration: it says which release it was made for.
fn is_entry(root: &Root) -> bool {
    root.reading
        .drafts
        .iter()
        .any(|draft| draft.option.is("system.stateVersion") || draft.option.is("home.stateVersion"))
}

/// True when two of the modules cannot be of one machine: they give one option two values.
fn contradict(roots: &[Root]) -> bool {
    let mut seen: HashMap<String, &Definition> = HashMap::new();
    for root in roots {
        for draft in &root.reading.drafts {
            let scalar = draft.value.value.is_scalar();
            let text = draft.option.is("nix.extraOptions");
            if draft.condition != Condition::Always || !scalar || text {
                continue;
            }
            let key = draft.option.to_string();
            match seen.get(&key) {
                Some(other)
                    if other.priority == draft.priority
                        && other.value.value != draft.value.value
                        && other.statement != draft.statement =>
                {
                    return true;
                }
                Some(_) => {}
                None => {
                    seen.insert(key, draft);
                }
            }
        }
    }
    false
}
