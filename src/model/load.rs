//! From paths to a workspace: which files matter, how they make up machines, what they define.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use rayon::prelude::*;

use super::DefId;
use super::definition::{Condition, Definition};
use super::kind::{self, TELLING};
use super::library::{LARGEST_FILE, Library};
use super::lines::conf;
use super::machine::{Machine, Problem, Workspace};
use super::modules::{Draft, Reader, Reading};
use crate::catalog::Catalog;
use crate::eval::Value;
use crate::facts::{Fact, ModuleSystem, Os, Platform, Target};
use crate::syntax::SyntaxError;
use crate::system::{FileKind, System, WalkOptions, walk_map};
use crate::text::{FileFormat, FileId};

/// Stack of the threads that parse and evaluate. The memory is only reserved.
const STACK_BYTES: usize = 256 << 20;

/// Files that are looked at for who imports what was found.
const MOST_IMPORTERS: usize = 4_000;

/// How files are to be read.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// What a person said about the target; it goes before what the files tell.
    pub target: Target,
    /// Worker threads; 0 lets the system choose.
    pub threads: usize,
}

/// A syntax error with its file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileError {
    /// The file.
    pub file: FileId,
    /// What is wrong.
    pub error: SyntaxError,
}

/// What a load gives.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Files, definitions and machines.
    pub workspace: Workspace,
    /// The files that the paths name or hold and that matter; others were read because these
    /// belong together with them.
    pub asked: BTreeSet<FileId>,
    /// Files that are not Nix, in the order of files and places.
    pub syntax_errors: Vec<FileError>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// How many Nix files and `nix.conf` files the walk saw, those without Nix settings included.
    pub seen: usize,
}

/// Reads what `paths` name: files, and folders with everything below them.
pub fn load(
    system: &dyn System,
    paths: &[PathBuf],
    catalog: &Catalog,
    options: &LoadOptions,
) -> Loaded {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .stack_size(STACK_BYTES)
        .thread_name(|index| format!("nixtune-{index}"))
        .build();
    match pool {
        Ok(pool) => Loader::new(system, paths, catalog, options).load(&pool),
        Err(error) => Loaded {
            problems: vec![Problem {
                file: "".into(),
                message: format!("cannot start worker threads: {error}"),
            }],
            ..Loaded::default()
        },
    }
}

struct Loader<'s> {
    system: &'s dyn System,
    paths: Vec<PathBuf>,
    catalog: &'s Catalog,
    options: &'s LoadOptions,
    library: Library<'s>,
    /// For each path: the folder of the project that holds it.
    trees: Vec<PathBuf>,
    problems: Vec<Problem>,
}

/// A module that no other one imports, with what it says.
struct Root {
    path: PathBuf,
    module_system: Option<Fact<ModuleSystem>>,
    platform: Option<Fact<Platform>>,
    reading: Reading,
    /// True when the file itself speaks of Nix settings.
    hit: bool,
}

impl<'s> Loader<'s> {
    fn new(
        system: &'s dyn System,
        paths: &[PathBuf],
        catalog: &'s Catalog,
        options: &'s LoadOptions,
    ) -> Self {
        let base = system.current_dir().unwrap_or_else(|_| PathBuf::from("/"));
        let trees: Vec<PathBuf> = paths
            .iter()
            .filter_map(|path| project_of(system, &base.join(path)))
            .collect();
        let library = Library::new(system, base, trees.clone());
        Self {
            system,
            paths: paths.to_vec(),
            catalog,
            options,
            library,
            trees,
            problems: Vec::new(),
        }
    }

    fn load(mut self, pool: &rayon::ThreadPool) -> Loaded {
        let (files, seen) = self.walk();
        let asked: BTreeSet<FileId> = files.iter().copied().collect();
        let nix: Vec<FileId> = self.of_format(&files, FileFormat::Nix);
        let confs: Vec<FileId> = self.of_format(&files, FileFormat::Conf);
        pool.install(|| {
            nix.par_iter().for_each(|id| drop(self.library.parsed(*id)));
        });
        let importers = pool.install(|| self.importers(&nix));
        let (flakes, modules): (Vec<_>, Vec<_>) = self
            .paths_of(&nix)
            .into_iter()
            .partition(|path| path.file_name().is_some_and(|name| name == "flake.nix"));
        let roots = pool.install(|| self.roots(&modules, &importers));
        let mut machines = pool.install(|| self.machines(roots));
        // A flake, or another module that nothing imports, may add to any of them.
        if machines.len() > 1 || self.trees.iter().any(|tree| self.has_flake(tree)) {
            machines
                .iter_mut()
                .for_each(|machine| machine.complete = false);
        }
        machines.extend(flakes.iter().filter_map(|path| self.flake_config(path)));
        machines.extend(confs.iter().map(|id| self.conf_machine(*id)));
        self.finish(machines, asked, seen)
    }

    fn has_flake(&self, tree: &Path) -> bool {
        self.system.metadata(&tree.join("flake.nix")).is_ok()
    }

    /// Finds the files that speak of Nix settings, and those that were named.
    fn walk(&mut self) -> (Vec<FileId>, usize) {
        let literals: Vec<&str> = self.catalog.prefilter_literals().collect();
        let prefilter = AhoCorasick::new(literals).ok();
        let seen = std::sync::atomic::AtomicUsize::new(0);
        let options = WalkOptions {
            threads: self.options.threads,
            everything: false,
        };
        let walked = walk_map(self.system, &self.paths, &options, |found, buffer| {
            let Some(format) = format_of(found.path, found.named) else {
                return Ok(None);
            };
            seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            self.system.read_into(found.path, LARGEST_FILE, buffer)?;
            let speaks = found.named
                || format == FileFormat::Conf
                || prefilter
                    .as_ref()
                    .is_none_or(|prefilter| prefilter.is_match(buffer.as_slice()));
            Ok(speaks.then(|| (format, std::mem::take(buffer))))
        });
        self.problems
            .extend(walked.problems.into_iter().map(Problem::from));
        let mut files = Vec::new();
        for (path, (format, bytes)) in walked.kept {
            match self.library.add(&path, format, bytes) {
                Ok(id) => files.push(id),
                Err(error) => self.problems.push(error.into()),
            }
        }
        (files, seen.into_inner())
    }

    fn of_format(&self, files: &[FileId], format: FileFormat) -> Vec<FileId> {
        files
            .iter()
            .copied()
            .filter(|id| {
                self.library
                    .source(*id)
                    .is_some_and(|source| source.format() == format)
            })
            .collect()
    }

    fn paths_of(&self, files: &[FileId]) -> Vec<PathBuf> {
        files
            .iter()
            .filter_map(|id| self.library.source(*id))
            .map(|source| self.library.absolute(source.path()))
            .collect()
    }

    /// Files beside and above the hits that may import them: those that hold their names. Only
    /// folders below the paths are looked into.
    fn importers(&self, hits: &[FileId]) -> Vec<PathBuf> {
        let hits = self.paths_of(hits);
        let known: HashSet<&PathBuf> = hits.iter().collect();
        let roots: Vec<PathBuf> = self
            .paths
            .iter()
            .map(|path| self.library.absolute(path))
            .collect();
        let mut folders = BTreeSet::new();
        let mut names = BTreeSet::new();
        for hit in &hits {
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
        let candidates: Vec<PathBuf> = folders
            .iter()
            .filter_map(|folder| self.system.read_dir(folder).ok())
            .flatten()
            .filter(|entry| entry.kind == FileKind::File)
            .map(|entry| entry.path)
            .filter(|path| path.extension().is_some_and(|ending| ending == "nix"))
            .filter(|path| !known.contains(path))
            .take(MOST_IMPORTERS)
            .collect();
        candidates
            .into_par_iter()
            .filter(|path| {
                self.system
                    .read(path, LARGEST_FILE)
                    .is_ok_and(|bytes| contains(&bytes, b"imports") && finder.is_match(&bytes))
            })
            .collect()
    }

    /// Reads every module and keeps those that no other one imports.
    fn roots(&self, hits: &[PathBuf], importers: &[PathBuf]) -> Vec<Root> {
        let asked: Vec<&'static str> = TELLING.iter().map(|(option, ..)| *option).collect();
        let candidates: Vec<(PathBuf, bool)> = hits
            .iter()
            .map(|path| (path.clone(), true))
            .chain(importers.iter().map(|path| (path.clone(), false)))
            .collect();
        let readings: Vec<(PathBuf, bool, Reading)> = candidates
            .into_par_iter()
            .map(|(path, hit)| {
                let reader = Reader::new(
                    &self.library,
                    self.catalog,
                    self.declared_platform(),
                    &asked,
                );
                let reading = reader.module(&path);
                (path, hit, reading)
            })
            .filter(|(_, _, reading)| reading.is_module)
            .collect();
        let hit_paths: HashSet<&PathBuf> = hits.iter().collect();
        let useful: Vec<&(PathBuf, bool, Reading)> = readings
            .iter()
            .filter(|(_, hit, reading)| {
                *hit || reading.paths.iter().any(|path| hit_paths.contains(path))
            })
            .collect();
        let imported: HashSet<&PathBuf> = useful
            .iter()
            .flat_map(|(root, _, reading)| reading.paths.iter().filter(move |path| *path != root))
            .collect();
        let mut roots: Vec<&(PathBuf, bool, Reading)> = useful
            .iter()
            .copied()
            .filter(|(path, _, _)| !imported.contains(path))
            .collect();
        // Modules that import each other in a circle have no root; each stands for itself then.
        let reached: HashSet<&PathBuf> = roots
            .iter()
            .flat_map(|(_, _, reading)| reading.paths.iter())
            .collect();
        roots.extend(
            useful
                .iter()
                .copied()
                .filter(|(path, _, _)| !reached.contains(path)),
        );
        roots
            .into_par_iter()
            .map(|(path, hit, reading)| self.root(path, *hit, reading))
            .collect()
    }

    fn root(&self, path: &Path, hit: bool, reading: &Reading) -> Root {
        let declared = &self.options.target;
        let module_system = declared.module_system.clone().or_else(|| {
            kind::tell(self.telling_path(path), &|option| {
                reading.defines.contains(option)
            })
        });
        let platform = declared.platform.clone().or_else(|| {
            let fact = module_system.as_ref()?;
            let os = match fact.value {
                ModuleSystem::NixDarwin => Os::Darwin,
                ModuleSystem::Nixos => Os::Linux,
                _ => return None,
            };
            let platform = Platform {
                os,
                arch: self.host_platform_arch(reading),
            };
            Some(Fact {
                value: platform,
                how: fact.how,
                source: fact.source.clone(),
            })
        });
        // What depends on the platform is read again once the platform is known.
        let known = platform.as_ref().map(|fact| fact.value);
        let reading = if known == self.declared_platform() {
            reading.clone()
        } else {
            Reader::new(&self.library, self.catalog, known, &[]).module(path)
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
    fn host_platform_arch(&self, reading: &Reading) -> Option<crate::facts::Arch> {
        let draft = reading
            .drafts
            .iter()
            .find(|draft| draft.option.is("nixpkgs.hostPlatform"))?;
        draft.value.value.as_str()?.parse::<Platform>().ok()?.arch
    }

    /// Joins loose modules of one folder where nothing speaks against it, and makes machines.
    fn machines(&self, roots: Vec<Root>) -> Vec<Assembled> {
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
        for root in roots {
            target.module_system = target.module_system.or(root.module_system);
            target.platform = target.platform.or(root.platform);
            let part = root.reading;
            for file in part.files {
                if !reading.files.contains(&file) {
                    reading.files.push(file);
                }
            }
            for draft in part.drafts {
                if !reading.drafts.contains(&draft) {
                    reading.drafts.push(draft);
                }
            }
            reading.holes.extend(part.holes);
            reading.unread.extend(part.unread);
        }
        let complete = entry && reading.unread.is_empty();
        Assembled {
            name,
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

    fn shown(&self, path: &Path) -> String {
        let base = self.library.absolute(Path::new("."));
        let shown = path.strip_prefix(&base).unwrap_or(path).to_string_lossy();
        if shown.is_empty() {
            ".".to_owned()
        } else {
            shown.into_owned()
        }
    }

    fn flake_config(&self, path: &Path) -> Option<Assembled> {
        let reading = std::thread::scope(|scope| {
            std::thread::Builder::new()
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, || {
                    Reader::new(&self.library, self.catalog, None, &[]).flake_config(path)
                })
                .ok()
                .and_then(|thread| thread.join().ok())
        })?;
        if !reading.is_module {
            return None;
        }
        let mut target = self.options.target.clone();
        let source = "the file is a flake";
        target.module_system = Some(Fact::declared(ModuleSystem::FlakeConfig, source));
        Some(Assembled {
            name: self.shown(path),
            target,
            reading,
            complete: false,
        })
    }

    fn conf_machine(&self, id: FileId) -> Assembled {
        let reading = conf(&self.library, id);
        let name = self
            .library
            .source(id)
            .map_or_else(String::new, |s| s.name().to_string());
        let mut target = self.options.target.clone();
        let source = "the file is a nix.conf";
        target.module_system = Some(Fact::declared(ModuleSystem::NixConf, source));
        let complete = reading.unread.is_empty();
        Assembled {
            name,
            target,
            reading,
            complete,
        }
    }

    /// Numbers everything and puts it into a workspace.
    fn finish(self, assembled: Vec<Assembled>, asked: BTreeSet<FileId>, seen: usize) -> Loaded {
        let mut workspace = Workspace::default();
        let mut numbers: HashMap<(crate::text::Place, super::OptionPath), Vec<DefId>> =
            HashMap::new();
        for machine in assembled {
            if machine.reading.drafts.is_empty() && machine.reading.holes.is_empty() {
                continue;
            }
            let definitions = machine
                .reading
                .drafts
                .into_iter()
                .map(|draft| number(&mut workspace.definitions, &mut numbers, draft))
                .collect();
            workspace.machines.push(Machine {
                name: machine.name.into(),
                target: machine.target,
                files: machine.reading.files,
                definitions,
                holes: machine.reading.holes,
                complete: machine.complete,
            });
        }
        let mut syntax_errors = Vec::new();
        for (index, entry) in self.library.into_entries().into_iter().enumerate() {
            let file = FileId(u32::try_from(index).unwrap_or(u32::MAX));
            if asked.contains(&file)
                && let Some(parsed) = &entry.parsed
            {
                let errors = parsed.errors.iter().cloned();
                syntax_errors.extend(errors.map(|error| FileError { file, error }));
            }
            workspace.files.push(entry.source);
        }
        Loaded {
            workspace,
            asked,
            syntax_errors,
            problems: self.problems,
            seen,
        }
    }
}

/// A machine before its definitions have numbers.
struct Assembled {
    name: String,
    target: Target,
    reading: Reading,
    complete: bool,
}

/// The same definition in several machines keeps one number.
fn number(
    definitions: &mut Vec<Definition>,
    numbers: &mut HashMap<(crate::text::Place, super::OptionPath), Vec<DefId>>,
    draft: Draft,
) -> DefId {
    let key = draft
        .statement
        .or(draft.value.site)
        .map(|place| (place, draft.option.clone()));
    let id = DefId(u32::try_from(definitions.len()).unwrap_or(u32::MAX));
    let definition = Definition {
        id,
        option: draft.option,
        setting: draft.setting,
        value: draft.value,
        priority: draft.priority,
        order: draft.order,
        condition: draft.condition,
        form: draft.form,
        statement: draft.statement,
        name: draft.name,
    };
    if let Some(key) = key {
        let known = numbers.entry(key).or_default();
        let same = known.iter().copied().find(|other| {
            definitions.get(other.0 as usize).is_some_and(|other| {
                *other
                    == Definition {
                        id: other.id,
                        ..definition.clone()
                    }
            })
        });
        if let Some(same) = same {
            return same;
        }
        known.push(id);
    }
    definitions.push(definition);
    id
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
    let mut seen: HashMap<String, &Draft> = HashMap::new();
    for root in roots {
        for draft in &root.reading.drafts {
            let scalar = matches!(
                draft.value.value,
                Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::Null
            );
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

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

/// Which grammar a file has; `None` for files that are no concern.
fn format_of(path: &Path, named: bool) -> Option<FileFormat> {
    let name = path.file_name()?.to_str()?;
    if matches!(name, "nix.conf" | "nix.custom.conf") {
        return Some(FileFormat::Conf);
    }
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("nix") => Some(FileFormat::Nix),
        Some("conf") if named => Some(FileFormat::Conf),
        _ if named => Some(FileFormat::Nix),
        _ => None,
    }
}

/// The folder of the project that holds a path: the nearest one with `.git` or `flake.nix`,
/// else the path itself or its folder. Absolute, without links.
fn project_of(system: &dyn System, path: &Path) -> Option<PathBuf> {
    let real = system.canonicalize(path).ok()?;
    let folder = match system.metadata(&real).ok()?.kind {
        FileKind::Folder => real.as_path(),
        _ => real.parent()?,
    };
    let project = folder.ancestors().find(|folder| is_project(system, folder));
    Some(project.unwrap_or(folder).to_path_buf())
}

fn is_project(system: &dyn System, folder: &Path) -> bool {
    let flake = system.metadata(&folder.join("flake.nix"));
    system.metadata(&folder.join(".git")).is_ok()
        || flake.is_ok_and(|found| found.kind == FileKind::File)
}
