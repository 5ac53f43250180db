//! From paths to a workspace: which files matter, how they make up machines, what they define.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::DefId;
use super::assembly::Assembled;
use super::definition::Definition;
use super::flakes::UnreadMachine;
use super::library::{LARGEST_FILE, Library, Shelf};
use super::machine::{Machine, Problem, Workspace};
use super::words::Glance;
use crate::catalog::Catalog;
use crate::facts::Target;
use crate::syntax::{SyntaxError, bounds};
use crate::system::{FileKind, System, WalkOptions, walk_map};
use crate::text::{FileFormat, FileId};

/// How files are to be read.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// What a person said about the target; it goes before what the files tell.
    pub target: Target,
    /// Worker threads; 0 lets the system choose.
    pub threads: usize,
    /// The files that an earlier load of the same paths asked about: they are read again, and the
    /// walk over everything else is spared.
    pub files: Option<Vec<PathBuf>>,
    /// Files whose content differs from what the disk holds; with a shelf, all others are taken
    /// from there unread.
    pub changed: Vec<PathBuf>,
    /// Where loads of the same paths leave what they parsed, and find it again.
    pub shelf: Arc<Shelf>,
    /// Leave the shelf as it is: what differs here is only tried, and the next load would have to
    /// read all of it again.
    pub is_trial: bool,
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
    /// Machines that a flake names and that could not be read.
    pub unread: Vec<UnreadMachine>,
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
    match bounds::workers(options.threads) {
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

/// What the machines are that the flakes of `paths` name, those first that could be read, whether or
/// not they say anything about Nix.
pub fn flake_targets(system: &dyn System, paths: &[PathBuf], catalog: &Catalog) -> Vec<Target> {
    let options = LoadOptions::default();
    let Ok(pool) = bounds::workers(options.threads) else {
        return Vec::new();
    };
    let loader = Loader::new(system, paths, catalog, &options);
    let flakes = loader.trees.iter().map(|tree| tree.join("flake.nix"));
    let flakes: Vec<PathBuf> = flakes
        .filter(|flake| system.metadata(flake).is_ok())
        .collect();
    pool.install(|| loader.targets(&flakes))
}

/// What a walk keeps of a file.
enum Seen {
    /// It configures Nix, or was named.
    Hit(FileFormat, Vec<u8>),
    /// It may import files that do.
    Connector(Glance),
}

/// A load on its way.
pub(super) struct Loader<'s> {
    pub(super) system: &'s dyn System,
    pub(super) paths: Vec<PathBuf>,
    pub(super) catalog: &'s Catalog,
    pub(super) options: &'s LoadOptions,
    pub(super) library: Library<'s>,
    /// For each path: the folder of the project that holds it.
    pub(super) trees: Vec<PathBuf>,
    pub(super) problems: Vec<Problem>,
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
        let library = Library::new(
            system,
            base,
            trees.clone(),
            &options.shelf,
            &options.changed,
        );
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
        let mut asked: BTreeSet<FileId> = files.iter().copied().collect();
        let nix: Vec<FileId> = self.of_format(&files, FileFormat::Nix);
        let confs: Vec<FileId> = self.of_format(&files, FileFormat::Conf);
        pool.install(|| {
            nix.par_iter().for_each(|id| drop(self.library.parsed(*id)));
        });
        let paths = self.paths_of(&nix);
        // Machines may stand in the flake alone.
        let over = self.flakes_over(&paths);
        let (flakes, modules): (Vec<_>, Vec<_>) = paths
            .into_iter()
            .partition(|path| path.file_name().is_some_and(|name| name == "flake.nix"));
        let of_flakes = pool.install(|| self.flake_machines(&over));
        // What no machine of a flake reaches makes up machines of its own.
        let loose: Vec<PathBuf> = modules
            .into_iter()
            .filter(|path| !of_flakes.reached.contains(path.as_os_str()))
            .collect();
        let mut machines = of_flakes.machines;
        let first = machines.len();
        if !loose.is_empty() {
            let importers = pool.install(|| self.importers(&loose));
            let importers: Vec<PathBuf> = importers
                .iter()
                .filter(|path| !of_flakes.reached.contains(path.as_os_str()))
                .cloned()
                .collect();
            let roots = pool.install(|| self.roots(&loose, &importers));
            machines.extend(pool.install(|| self.machines(roots)));
        }
        // A flake, or another module that nothing imports, may add to any of them.
        if machines.len() > 1 || self.trees.iter().any(|tree| self.has_flake(tree)) {
            machines
                .iter_mut()
                .skip(first)
                .for_each(|machine| machine.complete = false);
        }
        machines.extend(pool.install(|| {
            let flakes = flakes.par_iter().filter_map(|path| self.flake_config(path));
            flakes.collect::<Vec<_>>()
        }));
        let confs = self.conf_machines(&confs);
        asked.extend(self.included_below(&confs));
        machines.extend(confs);
        self.finish(machines, of_flakes.unread, asked, seen)
    }

    /// The flakes that may build machines of these modules: those that lie over one of them, and
    /// those of the projects that the paths belong to.
    fn flakes_over(&self, modules: &[PathBuf]) -> Vec<PathBuf> {
        let mut flakes = self.library.flakes();
        for tree in &self.trees {
            let flake = tree.join("flake.nix");
            if self.system.metadata(&flake).is_ok() {
                flakes.insert(flake);
            }
        }
        flakes
            .into_iter()
            .filter(|flake| {
                let folder = flake.parent().unwrap_or(flake);
                modules.iter().any(|module| module.starts_with(folder))
            })
            .collect()
    }

    /// The included files that lie below a path that was asked about: what such a file is called
    /// does not tell a walk that it matters.
    fn included_below(&self, confs: &[Assembled]) -> Vec<FileId> {
        let folders: Vec<PathBuf> = self
            .paths
            .iter()
            .map(|path| self.library.absolute(path))
            .collect();
        let files = confs.iter().flat_map(|machine| &machine.reading.files);
        let below = |id: &&FileId| {
            self.library.source(**id).is_some_and(|source| {
                let path = self.library.absolute(source.path());
                folders.iter().any(|folder| path.starts_with(folder))
            })
        };
        files.filter(below).copied().collect()
    }

    fn has_flake(&self, tree: &Path) -> bool {
        self.system.metadata(&tree.join("flake.nix")).is_ok()
    }

    /// Finds the files that speak of Nix settings, and those that were named.
    fn walk(&mut self) -> (Vec<FileId>, usize) {
        if let Some(paths) = &self.options.files {
            return self.read_again(paths);
        }
        let words = self.library.words();
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
            if found.path.ends_with("flake.nix") {
                self.library.note_flake(found.path);
            }
            if found.named || format == FileFormat::Conf || words.configure_nix(buffer) {
                return Ok(Some(Seen::Hit(format, std::mem::take(buffer))));
            }
            Ok(words
                .may_import(buffer)
                .then(|| Seen::Connector(words.look(buffer))))
        });
        self.problems
            .extend(walked.problems.into_iter().map(Problem::from));
        let mut files = Vec::new();
        for (path, seen) in walked.kept {
            let (format, bytes) = match seen {
                Seen::Hit(format, bytes) => (format, bytes),
                Seen::Connector(first) => {
                    self.library.connect(&path, first);
                    continue;
                }
            };
            match self.library.add(&path, format, bytes) {
                Ok(id) => files.push(id),
                Err(error) => self.problems.push(error.into()),
            }
        }
        (files, seen.into_inner())
    }

    fn read_again(&mut self, paths: &[PathBuf]) -> (Vec<FileId>, usize) {
        let mut files = Vec::new();
        for path in paths {
            let Some(format) = format_of(path, true) else {
                continue;
            };
            match self.library.open(path, format) {
                Ok(id) => files.push(id),
                Err(error) => self.problems.push(error.into()),
            }
        }
        (files, paths.len())
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

    pub(super) fn paths_of(&self, files: &[FileId]) -> Vec<PathBuf> {
        files
            .iter()
            .filter_map(|id| self.library.source(*id))
            .map(|source| self.library.absolute(source.path()))
            .collect()
    }

    /// Numbers everything and puts it into a workspace.
    fn finish(
        self,
        assembled: Vec<Assembled>,
        unread: Vec<UnreadMachine>,
        asked: BTreeSet<FileId>,
        seen: usize,
    ) -> Loaded {
        let mut workspace = Workspace::default();
        let mut numbers: HashMap<(crate::text::Place, super::OptionPath), Vec<DefId>> =
            HashMap::new();
        for machine in assembled {
            let reading = machine.reading;
            let says_nothing = reading.drafts.is_empty()
                && reading.dropped.is_empty()
                && reading.odd_lines.is_empty()
                && reading.holes.is_empty()
                && reading.swallowed.is_empty();
            if says_nothing {
                continue;
            }
            let mut numbered = |drafts: Vec<Definition>| {
                let drafts = drafts.into_iter();
                drafts
                    .map(|draft| number(&mut workspace.definitions, &mut numbers, draft))
                    .collect()
            };
            let (definitions, dropped) = (numbered(reading.drafts), numbered(reading.dropped));
            workspace.machines.push(Machine {
                name: machine.name.into(),
                origin: machine.origin,
                target: machine.target,
                files: reading.files,
                definitions,
                dropped,
                odd_lines: reading.odd_lines,
                holes: reading.holes,
                inclusions: reading.inclusions,
                swallowed: reading.swallowed,
                complete: machine.complete,
            });
        }
        let mut syntax_errors = Vec::new();
        let shelf = (!self.options.is_trial).then_some(&*self.options.shelf);
        for (index, entry) in self.library.put_back(shelf).into_iter().enumerate() {
            let file = FileId(u32::try_from(index).unwrap_or(u32::MAX));
            if asked.contains(&file)
                && let Some(parsed) = entry.parsed.get()
            {
                let errors = parsed.errors.iter().cloned();
                syntax_errors.extend(errors.map(|error| FileError { file, error }));
            }
            workspace.files.push(entry.source);
        }
        for machine in &workspace.machines {
            let errors = machine.inclusions.iter();
            let errors = errors.filter(|(place, _)| asked.contains(&place.file));
            let errors = errors.filter_map(|(place, found)| {
                let error = SyntaxError::new(place.span, found.error()?);
                let file = place.file;
                Some(FileError { file, error })
            });
            syntax_errors.extend(errors);
        }
        syntax_errors.sort_by_key(|found| (found.file, found.error.span));
        syntax_errors.dedup();
        Loaded {
            workspace,
            asked,
            syntax_errors,
            problems: self.problems,
            unread,
            seen,
        }
    }
}

/// The same definition in several machines keeps one number.
fn number(
    definitions: &mut Vec<Definition>,
    numbers: &mut HashMap<(crate::text::Place, super::OptionPath), Vec<DefId>>,
    draft: Definition,
) -> DefId {
    let key = draft
        .statement
        .or(draft.value.site)
        .map(|place| (place, draft.option.clone()));
    let id = DefId(u32::try_from(definitions.len()).unwrap_or(u32::MAX));
    let definition = Definition { id, ..draft };
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
pub fn project_of(system: &dyn System, path: &Path) -> Option<PathBuf> {
    let real = system.canonicalize(path).ok()?;
    let folder = match system.metadata(&real).ok()?.kind {
        FileKind::Folder => real.as_path(),
        _ => real.parent()?,
    };
    let project = folder.ancestors().find(|folder| is_project(system, folder));
    Some(project.unwrap_or(folder).to_path_buf())
}

pub(super) fn is_project(system: &dyn System, folder: &Path) -> bool {
    let flake = system.metadata(&folder.join("flake.nix"));
    system.metadata(&folder.join(".git")).is_ok()
        || flake.is_ok_and(|found| found.kind == FileKind::File)
}
