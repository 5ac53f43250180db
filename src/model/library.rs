//! The files of a run: read once, parsed once, shared by all machines.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Problem;
use super::flake::Output;
use super::flakes::{Outline, Readings};
use super::modules::Reading;
use super::words::{Glance, Vocabulary, Wanted, Words};
use crate::eval::{Files, ModuleImport, Prelude, Why, normalize};
use crate::facts::Platform;
use crate::syntax::{
    self, Parsed,
    ast::{Ast, Name},
};
use crate::system::{FileKind, System, SystemError};
use crate::text::{FileFormat, FileId, PathKey, PathMap, PathSet, SourceFile};

/// Longest file that is read, in bytes.
pub(super) const LARGEST_FILE: u64 = 64 << 20;

/// Longest chain of imports that is followed by bytes alone.
const DEEPEST_GLANCE: u32 = 32;

/// One file of the run.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub source: Arc<SourceFile>,
    /// Filled when the file is first needed as Nix.
    pub parsed: Arc<OnceLock<Parsed>>,
}

/// Files by path, read on demand.
pub(super) struct Library<'s> {
    system: &'s dyn System,
    /// The folder that names in reports start from.
    base: PathBuf,
    /// Folders that files may be read from, absolute and without links.
    trees: Vec<PathBuf>,
    state: Mutex<State>,
    words: Arc<Words>,
    /// `lib`, shared by all evaluators.
    pub prelude: Arc<Prelude>,
}

/// What loads of the same paths share: parsed files, under numbers that stay. Opaque.
#[derive(Default)]
pub struct Shelf {
    state: Mutex<State>,
    words: OnceLock<Arc<Words>>,
    prelude: OnceLock<Arc<Prelude>>,
}

impl Shelf {
    fn words(&self) -> Arc<Words> {
        Arc::clone(self.words.get_or_init(|| Arc::new(Words::new())))
    }

    fn prelude(&self) -> Arc<Prelude> {
        Arc::clone(self.prelude.get_or_init(Arc::default))
    }

    /// A shelf without files; what does not depend on them stays.
    pub fn emptied(&self) -> Self {
        Self {
            state: Mutex::default(),
            words: self.words.clone(),
            prelude: self.prelude.clone(),
        }
    }

    /// What a Nix file with these bytes is to a walk that finds it.
    pub fn part(&self, bytes: &[u8]) -> FilePart {
        let words = self.words();
        if words.configure_nix(bytes) {
            FilePart::Speaks
        } else if words.may_import(bytes) {
            FilePart::Imports
        } else {
            FilePart::Silent
        }
    }
}

/// The part that a file has in a tree, as far as its bytes tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FilePart {
    /// It speaks of Nix settings, and is read.
    Speaks,
    /// It may import files that do.
    Imports,
    /// It matters only to what imports it.
    Silent,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shelf")
    }
}

/// What the bytes of a file tell about it.
#[derive(Debug)]
struct Surface {
    vocabulary: Vocabulary,
    imports: Vec<PathKey>,
    /// True when what it imports cannot be told.
    is_opaque: bool,
}

/// What was found out about a module by its bytes, kept where no name is looked for.
#[derive(Default)]
struct Looks {
    /// Whether it may say something about Nix itself.
    speaks: OnceLock<bool>,
    surface: OnceLock<Arc<Surface>>,
}

/// A module, the platform that it is read for, and whether what it defines is asked for.
pub(super) type Question = (PathBuf, Option<Platform>, bool);

/// The names in a folder with their kinds, or why they are not known.
type Listing = Result<Vec<(String, &'static str)>, Why>;

#[derive(Default)]
struct State {
    files: Vec<Entry>,
    /// Files by absolute path; `Err` for those that cannot be read.
    by_path: PathMap<Result<FileId, SystemError>>,
    resolved: PathMap<Result<PathKey, Why>>,
    /// What was asked about folders and paths; a run sees the tree as it was at the first look.
    listings: PathMap<Listing>,
    existing: PathMap<bool>,
    /// The modules that were imported, by the path that importers write.
    modules: PathMap<Result<ModuleImport, Why>>,
    /// The numbers of paths.
    numbers: PathMap<u32>,
    /// By the number of a module's file.
    looks: Vec<Arc<Looks>>,
    real_folders: PathMap<Option<PathBuf>>,
    glances: PathMap<Glance>,
    /// Bytes that were looked into: most of these files are read as Nix later.
    bytes: PathMap<Arc<[u8]>>,
    /// The first look at files, by their own bytes alone.
    first_looks: PathMap<Glance>,
    /// Files that were looked into without being parsed.
    surfaces: PathMap<Arc<Surface>>,
    /// Walked files that do not configure Nix but import others, with the first look at them.
    connectors: BTreeMap<PathBuf, Glance>,
    /// What modules say, by what was asked of them.
    readings: HashMap<Question, Arc<Reading>>,
    /// Flakes that the walk saw.
    flakes: BTreeSet<PathBuf>,
    /// The machines that flakes name.
    outlines: PathMap<Outline>,
    /// What the machines of flakes say.
    machines: HashMap<(PathBuf, Output), Readings>,
    /// Files that values depend on, other than modules by the modules that import them.
    depended_on: PathSet,
    /// The files that may import others, once they were looked for.
    importers: Option<Arc<Vec<PathBuf>>>,
    /// Files whose content is not the one on disk, or was said to differ from the last load.
    changed: PathSet,
}

impl State {
    /// Takes over what the `touched` files have no part in.
    /// `look` gives the first look at a file as it is now.
    fn keep_readings(&mut self, earlier: &Self, touched: &PathSet, look: impl Fn(&Path) -> Glance) {
        // What leads where may differ once a file speaks of Nix that did not before.
        let leads_elsewhere = |path: &PathKey| {
            let first = earlier.first_looks.get(path.as_os_str());
            let first = first.or_else(|| earlier.connectors.get(&**path));
            first.is_some_and(|first| *first != look(path))
        };
        if touched.iter().any(leads_elsewhere) {
            return;
        }
        self.glances = earlier.glances.clone();
        self.first_looks = earlier.first_looks.clone();
        let same = earlier
            .surfaces
            .iter()
            .filter(|(path, _)| !touched.contains(*path));
        self.surfaces = same
            .map(|(path, surface)| (path.clone(), Arc::clone(surface)))
            .collect();
        self.importers.clone_from(&earlier.importers);
        if !touched.is_disjoint(&earlier.depended_on) {
            return;
        }
        self.depended_on = earlier.depended_on.clone();
        let same = earlier
            .readings
            .iter()
            .filter(|(_, reading)| reading.paths.is_disjoint(touched))
            .map(|(question, reading)| (question.clone(), Arc::clone(reading)));
        self.readings = same.collect();
        self.outlines = earlier.outlines.clone();
        let same = earlier.machines.iter().filter(|(_, readings)| {
            let mut readings = readings.iter();
            readings.all(|(_, _, reading)| reading.paths.is_disjoint(touched))
        });
        self.machines = same
            .map(|(key, readings)| (key.clone(), Arc::clone(readings)))
            .collect();
    }
}

impl<'s> Library<'s> {
    pub fn new(
        system: &'s dyn System,
        base: PathBuf,
        trees: Vec<PathBuf>,
        shelf: &Shelf,
        changed: &[PathBuf],
    ) -> Self {
        let library = Self {
            system,
            base,
            trees,
            state: Mutex::default(),
            words: shelf.words(),
            prelude: shelf.prelude(),
        };
        library.take_from(shelf, changed.iter());
        library
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file's absolute path, `.` and `..` taken out by name.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        normalize(&self.base.join(path))
    }

    /// Takes a file whose bytes were read already.
    pub fn add(
        &self,
        path: &Path,
        format: FileFormat,
        bytes: Vec<u8>,
    ) -> Result<FileId, SystemError> {
        let absolute = self.absolute(path);
        if let Some(known) = self.state().by_path.get(absolute.as_os_str()) {
            return known.clone();
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                let error = SystemError::NotUtf8 {
                    path: path.to_path_buf(),
                    offset,
                };
                self.state()
                    .by_path
                    .insert(absolute.into(), Err(error.clone()));
                return Err(error);
            }
        };
        let mut state = self.state();
        if let Some(known) = state.by_path.get(absolute.as_os_str()) {
            return known.clone();
        }
        let id = FileId(u32::try_from(state.files.len()).unwrap_or(u32::MAX));
        let name = self.name(path, &absolute);
        let source = Arc::new(SourceFile::new(id, path, name, format, text));
        state.files.push(Entry {
            source,
            parsed: Arc::default(),
        });
        state.by_path.insert(absolute.into(), Ok(id));
        Ok(id)
    }

    /// Reads a file, if it was not read yet.
    pub fn open(&self, path: &Path, format: FileFormat) -> Result<FileId, SystemError> {
        let absolute = self.absolute(path);
        if let Some(known) = self.state().by_path.get(absolute.as_os_str()) {
            return known.clone();
        }
        let bytes = match self.state().bytes.remove(absolute.as_os_str()) {
            Some(bytes) => Ok(bytes.to_vec()),
            None => self.system.read(&absolute, LARGEST_FILE),
        };
        match bytes {
            Ok(bytes) => {
                let shown = absolute.strip_prefix(&self.base).unwrap_or(&absolute);
                self.add(shown, format, bytes)
            }
            Err(error) => {
                self.state()
                    .by_path
                    .insert(absolute.into(), Err(error.clone()));
                Err(error)
            }
        }
    }

    /// Reads a file that a `nix.conf` includes, by its absolute path.
    ///
    /// # Errors
    /// It is not there, cannot be read, or lies outside of the trees that may be.
    pub fn open_included(&self, path: &Path) -> Result<FileId, SystemError> {
        let outside = || SystemError::Other {
            path: path.to_path_buf(),
            message: "lies outside of what is read".to_owned(),
        };
        if self.system.metadata(path)?.kind == FileKind::Folder {
            return Err(SystemError::IsFolder {
                path: path.to_path_buf(),
            });
        }
        let real = self.system.canonicalize(path)?;
        if !self.holds(&real) {
            return Err(outside());
        }
        let id = self.open(path, FileFormat::Conf)?;
        let is_conf = self
            .source(id)
            .is_some_and(|source| source.format() == FileFormat::Conf);
        is_conf.then_some(id).ok_or_else(outside)
    }

    /// The words that tell which files matter.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// How reports call a file: its path as it was named, from the working directory where it
    /// lies below that.
    fn name(&self, path: &Path, absolute: &Path) -> String {
        let shown = absolute.strip_prefix(&self.base).unwrap_or(path);
        shown.to_string_lossy().replace('\\', "/")
    }

    /// The parsed form of a Nix file, shared.
    pub fn parsed(&self, id: FileId) -> Option<Arc<OnceLock<Parsed>>> {
        let entry = self.state().files.get(id.0 as usize)?.clone();
        entry.parsed.get_or_init(|| syntax::parse(&entry.source));
        Some(entry.parsed)
    }

    /// A file's text and name.
    pub fn source(&self, id: FileId) -> Option<Arc<SourceFile>> {
        self.state()
            .files
            .get(id.0 as usize)
            .map(|entry| Arc::clone(&entry.source))
    }

    /// Takes the files of an earlier load under their old numbers. Only the `changed` ones, and
    /// those that were changed then, are read again; one whose bytes are the same is not parsed
    /// again.
    fn take_from<'c>(&self, shelf: &Shelf, changed: impl Iterator<Item = &'c PathBuf>) {
        let earlier = shelf.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.state();
        state.real_folders = earlier.real_folders.clone();
        state.resolved = earlier.resolved.clone();
        state.listings = earlier.listings.clone();
        state.existing = earlier.existing.clone();
        state.connectors = earlier.connectors.clone();
        state.flakes = earlier.flakes.clone();
        state.changed = changed.map(|path| self.absolute(path).into()).collect();
        let touched: PathSet = state.changed.union(&earlier.changed).cloned().collect();
        state.keep_readings(&earlier, &touched, |path| {
            let bytes = self.system.read(path, LARGEST_FILE);
            bytes.map_or(Glance::Speaks, |bytes| self.words.look(&bytes))
        });
        for entry in &earlier.files {
            let old = &entry.source;
            let absolute = self.absolute(old.path());
            let text = if touched.contains(absolute.as_os_str()) {
                self.system.read(&absolute, LARGEST_FILE).map(|bytes| {
                    match bytes == old.text().as_bytes() {
                        true => Ok(Arc::clone(old.text())),
                        false => String::from_utf8(bytes).map(Arc::from),
                    }
                })
            } else {
                Ok(Ok(Arc::clone(old.text())))
            };
            let id = old.id();
            let (entry, found) = match text {
                Ok(Ok(text)) if Arc::ptr_eq(&text, old.text()) => (entry.clone(), Ok(id)),
                Ok(Ok(text)) => {
                    let name = Arc::clone(old.name());
                    let source = SourceFile::new(id, old.path(), name, old.format(), text);
                    (
                        Entry {
                            source: Arc::new(source),
                            parsed: Arc::default(),
                        },
                        Ok(id),
                    )
                }
                Ok(Err(error)) => {
                    let offset = error.utf8_error().valid_up_to();
                    let path = old.path().to_path_buf();
                    (entry.clone(), Err(SystemError::NotUtf8 { path, offset }))
                }
                Err(error) => (entry.clone(), Err(error)),
            };
            state.files.push(entry);
            state.by_path.insert(absolute.into(), found);
        }
    }

    /// What an earlier reading of the same files found, if nothing that it depends on changed.
    pub fn reading(&self, question: &Question) -> Option<Arc<Reading>> {
        self.state().readings.get(question).cloned()
    }

    /// Keeps a reading for the next load.
    pub fn keep_reading(&self, question: Question, reading: &Arc<Reading>) {
        self.state().readings.insert(question, Arc::clone(reading));
    }

    /// Remembers a flake that the walk saw.
    pub fn note_flake(&self, path: &Path) {
        let absolute = self.absolute(path);
        self.state().flakes.insert(absolute);
    }

    /// The flakes that the walk saw.
    pub fn flakes(&self) -> BTreeSet<PathBuf> {
        self.state().flakes.clone()
    }

    /// The machines that an earlier load found in a flake, if they are the same still.
    pub fn outline(&self, flake: &Path) -> Option<Outline> {
        self.state().outlines.get(flake.as_os_str()).cloned()
    }

    /// Keeps the machines of a flake for the next load.
    pub fn keep_outline(&self, flake: &Path, outline: &Outline) {
        self.state().outlines.insert(flake.into(), outline.clone());
    }

    /// What an earlier load read of a machine, if nothing that it depends on changed.
    pub fn machine(&self, key: &(PathBuf, Output)) -> Option<Readings> {
        self.state().machines.get(key).cloned()
    }

    /// Keeps what was read of a machine for the next load.
    pub fn keep_machine(&self, key: (PathBuf, Output), readings: &Readings) {
        self.state().machines.insert(key, Arc::clone(readings));
    }

    /// The importers that an earlier load of the same files found, if they are the same still.
    pub fn importers(&self) -> Option<Arc<Vec<PathBuf>>> {
        self.state().importers.clone()
    }

    /// Keeps the importers for the next load.
    pub fn keep_importers(&self, importers: &Arc<Vec<PathBuf>>) {
        self.state().importers = Some(Arc::clone(importers));
    }

    /// Leaves what was read for the next load, if there is a shelf; gives it out by [`FileId`].
    pub fn put_back(self, shelf: Option<&Shelf>) -> Vec<Entry> {
        let state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let files = state.files.clone();
        if let Some(shelf) = shelf {
            *shelf.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        }
        files
    }

    /// The file that an import of `path` means; a folder means its `default.nix`.
    ///
    /// # Errors
    /// Why it is not read: missing, or outside of the trees that may be read.
    pub fn resolve(&self, path: &Path) -> Result<PathKey, Why> {
        if let Some(known) = self.state().resolved.get(path.as_os_str()) {
            return known.clone();
        }
        let resolved = self
            .look_up(path)
            .map(PathKey::from)
            .ok_or_else(|| Why::Import(self.name(path, path).into()));
        self.state().resolved.insert(path.into(), resolved.clone());
        resolved
    }

    fn look_up(&self, path: &Path) -> Option<PathBuf> {
        let mut target = path.to_path_buf();
        let mut kind = self.system.metadata(&target).ok()?.kind;
        if kind == FileKind::Link {
            target = self.system.canonicalize(&target).ok()?;
            kind = self.system.metadata(&target).ok()?.kind;
        }
        if kind == FileKind::Folder {
            target.push("default.nix");
            kind = self.system.metadata(&target).ok()?.kind;
        }
        let real = match (kind, target.parent(), target.file_name()) {
            (FileKind::File, Some(folder), Some(name)) => self.real_folder(folder)?.join(name),
            _ => self.system.canonicalize(&target).ok()?,
        };
        self.holds(&real).then_some(target)
    }

    /// A folder without links; asked of the system once.
    fn real_folder(&self, folder: &Path) -> Option<PathBuf> {
        if let Some(known) = self.state().real_folders.get(folder.as_os_str()) {
            return known.clone();
        }
        // Below a known folder one look is enough, where the whole way would take many.
        let is_plain = || {
            let found = self.system.metadata(folder);
            found.is_ok_and(|found| found.kind == FileKind::Folder)
        };
        let real = match (folder.parent(), folder.file_name()) {
            (Some(parent), Some(name)) if is_plain() => {
                self.real_folder(parent).map(|parent| parent.join(name))
            }
            _ => self.system.canonicalize(folder).ok(),
        };
        self.state()
            .real_folders
            .insert(folder.into(), real.clone());
        real
    }

    fn holds(&self, real: &Path) -> bool {
        self.trees.iter().any(|tree| real.starts_with(tree))
    }

    /// The bytes of a file, read once.
    fn bytes(&self, path: &Path) -> Result<Arc<[u8]>, SystemError> {
        if let Some(known) = self.state().bytes.get(path.as_os_str()) {
            return Ok(Arc::clone(known));
        }
        let bytes: Arc<[u8]> = self.system.read(path, LARGEST_FILE)?.into();
        let kept = Arc::clone(&bytes);
        self.state().bytes.insert(path.into(), kept);
        Ok(bytes)
    }

    /// What the bytes of a file say, its imports left aside.
    fn first_look(&self, path: &Path) -> Glance {
        let known = {
            let state = self.state();
            let known = state.first_looks.get(path.as_os_str());
            known.or_else(|| state.connectors.get(path)).cloned()
        };
        known.unwrap_or_else(|| {
            let first = match self.bytes(path) {
                Ok(bytes) => self.words.look(&bytes),
                Err(_) => Glance::Speaks,
            };
            let kept = first.clone();
            self.state().first_looks.insert(path.into(), kept);
            first
        })
    }

    /// What the bytes of an imported module promise, without parsing it. A module that names no
    /// Nix setting and imports nothing has nothing to say here.
    pub fn glance(&self, path: &Path) -> Glance {
        self.glance_within(path, 0)
    }

    fn glance_within(&self, path: &Path, depth: u32) -> Glance {
        if let Some(known) = self.state().glances.get(path.as_os_str()) {
            return known.clone();
        }
        let first = self.first_look(path);
        let Glance::Passes(paths, shown) = first else {
            self.note(path, &first);
            return first;
        };
        // Files that import each other in a circle promise what the others promise.
        self.note(path, &Glance::Silent(shown.clone()));
        let folder = path.parent().unwrap_or(path);
        let leads = depth >= DEEPEST_GLANCE
            || paths.iter().any(|import| {
                self.resolve(&normalize(&folder.join(import)))
                    .is_ok_and(|import| {
                        import.extension().is_some_and(|ending| ending == "nix")
                            && self.glance_within(&import, depth + 1) == Glance::Speaks
                    })
            });
        let glance = if leads {
            Glance::Speaks
        } else {
            Glance::Silent(shown)
        };
        self.note(path, &glance);
        glance
    }

    /// Names and kinds in a folder, as `builtins.readDir` gives them.
    fn look_into(&self, path: &Path) -> Result<Vec<(String, &'static str)>, Why> {
        let unread = || Why::Import(self.name(path, path).into());
        let real = self.real_folder(path).ok_or_else(unread)?;
        if !self.holds(&real) {
            return Err(unread());
        }
        let entries = self.system.read_dir(path).map_err(|_| unread())?;
        Ok(entries
            .into_iter()
            .filter_map(|entry| {
                let name = entry.path.file_name()?.to_str()?.to_owned();
                let kind = match entry.kind {
                    FileKind::File => "regular",
                    FileKind::Folder => "directory",
                    FileKind::Link => "symlink",
                    FileKind::Other => "unknown",
                };
                Some((name, kind))
            })
            .collect())
    }

    /// The number of a path.
    fn number(state: &mut State, path: &PathKey) -> u32 {
        let next = u32::try_from(state.numbers.len()).unwrap_or(u32::MAX);
        *state.numbers.entry(path.clone()).or_insert(next)
    }

    /// Whether a module or what it imports may define something at this path.
    fn mentions(&self, surface: &Arc<Surface>, wanted: &Wanted) -> bool {
        if surface.is_opaque || surface.vocabulary.may_define(wanted) {
            return true;
        }
        let mut seen = PathSet::default();
        let mut open = vec![Arc::clone(surface)];
        while let Some(surface) = open.pop() {
            for import in &surface.imports {
                if seen.insert(import.clone()) {
                    let surface = self.surface(import);
                    if surface.is_opaque || surface.vocabulary.may_define(wanted) {
                        return true;
                    }
                    open.push(surface);
                }
            }
        }
        false
    }

    /// What was found out about modules by their bytes.
    fn looks_of<'m>(&self, modules: impl IntoIterator<Item = &'m ModuleImport>) -> Vec<Arc<Looks>> {
        let mut state = self.state();
        let state = &mut *state;
        modules
            .into_iter()
            .map(|module| {
                let index = module.file_number as usize;
                if state.looks.len() <= index {
                    state.looks.resize_with(index + 1, Arc::default);
                }
                state.looks.get(index).cloned().unwrap_or_default()
            })
            .collect()
    }

    /// What the bytes of a file tell about it; looked at once.
    fn surface(&self, path: &Path) -> Arc<Surface> {
        if let Some(known) = self.state().surfaces.get(path.as_os_str()) {
            return Arc::clone(known);
        }
        let bytes = self.bytes(path).unwrap_or_default();
        let mut surface = Surface {
            vocabulary: Vocabulary::of(&bytes),
            imports: Vec::new(),
            // It imports what its bytes do not tell.
            is_opaque: false,
        };
        match self.first_look(path) {
            Glance::Speaks => surface.is_opaque = true,
            Glance::Silent(_) => {}
            Glance::Passes(paths, _) => {
                let folder = path.parent().unwrap_or(path);
                surface.imports = paths
                    .iter()
                    .filter_map(|import| self.resolve(&normalize(&folder.join(import))).ok())
                    .filter(|import| import.extension().is_some_and(|ending| ending == "nix"))
                    .collect();
            }
        }
        let surface = Arc::new(surface);
        self.state()
            .surfaces
            .insert(path.into(), Arc::clone(&surface));
        surface
    }

    /// Remembers a walked file that may import others.
    pub fn connect(&self, path: &Path, first: Glance) {
        let absolute = self.absolute(path);
        self.state().connectors.insert(absolute, first);
    }

    /// The walked files that may import others, with the first look at each.
    pub fn connectors(&self) -> BTreeMap<PathBuf, Glance> {
        self.state().connectors.clone()
    }

    fn note(&self, path: &Path, glance: &Glance) {
        self.state().glances.insert(path.into(), glance.clone());
    }
}

impl Files for Library<'_> {
    fn import(&self, path: &Path) -> Result<Arc<Ast>, Why> {
        let path = self.resolve(path)?;
        let unread = || Why::Import(self.name(&path, &path).into());
        let id = self.open(&path, FileFormat::Nix).map_err(|_| unread())?;
        let parsed = self.parsed(id).ok_or_else(unread)?;
        let tree = parsed.get().and_then(|parsed| parsed.ast.clone());
        tree.ok_or_else(unread)
    }

    fn folder(&self, file: FileId) -> Option<PathBuf> {
        let source = self.source(file)?;
        Some(self.absolute(source.path()).parent()?.to_path_buf())
    }

    fn depend(&self, path: &Path) {
        let path = self.resolve(path).unwrap_or_else(|_| path.into());
        self.state().depended_on.insert(path);
    }

    fn read(&self, path: &Path) -> Result<Arc<str>, Why> {
        let unread = || Why::Import(self.name(path, path).into());
        let real = self.resolve(path)?;
        self.depend(&real);
        let bytes = self.system.read(&real, 1 << 20).map_err(|_| unread())?;
        String::from_utf8(bytes)
            .map(Into::into)
            .map_err(|_| unread())
    }

    fn list(&self, path: &Path) -> Result<Vec<(String, &'static str)>, Why> {
        if let Some(known) = self.state().listings.get(path.as_os_str()) {
            return known.clone();
        }
        let listing = self.look_into(path);
        self.state().listings.insert(path.into(), listing.clone());
        listing
    }

    fn module(&self, path: &Path) -> Result<ModuleImport, Why> {
        if let Some(known) = self.state().modules.get(path.as_os_str()) {
            return known.clone();
        }
        let path = PathKey::from(path);
        let found = self.resolve(&path);
        let mut state = self.state();
        let found = found.map(|file| ModuleImport {
            number: Self::number(&mut state, &path),
            file_number: Self::number(&mut state, &file),
            path: path.clone(),
            file,
        });
        state.modules.insert(path, found.clone());
        found
    }

    fn may_matter(&self, module: &ModuleImport) -> bool {
        let looks = self.looks_of([module]);
        looks.first().is_none_or(|looks| {
            *looks
                .speaks
                .get_or_init(|| self.glance(&module.file) == Glance::Speaks)
        })
    }

    fn may_define(&self, modules: &[&ModuleImport], names: &[Name]) -> Vec<bool> {
        let wanted = Wanted::new(names);
        let looks = self.looks_of(modules.iter().copied());
        modules
            .iter()
            .zip(looks)
            .map(|(module, looks)| {
                let surface = looks.surface.get_or_init(|| self.surface(&module.file));
                self.mentions(surface, &wanted)
            })
            .collect()
    }

    fn exists(&self, path: &Path) -> Result<bool, Why> {
        let within = self.trees.iter().any(|tree| path.starts_with(tree));
        if !within {
            return Err(Why::Impure("a path outside of the tree".into()));
        }
        if let Some(known) = self.state().existing.get(path.as_os_str()) {
            return Ok(*known);
        }
        let exists = self.system.metadata(path).is_ok();
        self.state().existing.insert(path.into(), exists);
        Ok(exists)
    }
}

impl From<SystemError> for Problem {
    fn from(error: SystemError) -> Self {
        Self {
            file: error.path().to_string_lossy().into(),
            message: error.to_string(),
        }
    }
}
