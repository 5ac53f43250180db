//! Reads modules with everything that they import: from files to definitions.

use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use super::collect::{Wrapping, kind_of, plain};
use super::definition::{Condition, Definition, OptionPath};
use super::flake::Outputs;
use super::includes::Inclusion;
use super::library::Library;
use super::machine::{Hole, OddLine, Swallowed};
use super::scope::{Frame, Scope};
use super::sets::Sets;
use super::words::Glance;
use crate::catalog::Catalog;
use crate::eval::runtime::{AttrMap, Thunk, Val};
use crate::eval::{Evaluator, Why};
use crate::facts::{ModuleSystem, Platform, Target};
use crate::text::{FileFormat, FileId, PathSet, Place};

/// What a module and its imports say.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// The files that were read, the module's own first.
    pub files: Vec<FileId>,
    /// The paths of all modules that belong to it, absolute.
    pub paths: PathSet,
    /// Definitions in sets of settings that a stronger set replaces.
    pub dropped: Vec<Definition>,
    pub drafts: Vec<Definition>,
    /// Lines of text that are not read as they look.
    pub odd_lines: Vec<OddLine>,
    pub holes: Vec<Hole>,
    pub swallowed: Vec<Swallowed>,
    /// Imports that could not be read.
    pub unread: Vec<Why>,
    /// The files that lines of a `nix.conf` include, by the place that names them.
    pub inclusions: Vec<(Place, Inclusion)>,
    /// Modules of a flake's inputs that are imported whatever happens: `inputs.x.nixosModules.y`.
    pub foreign: Vec<Arc<str>>,
    /// What the files of a flake's machine say about its Nix.
    pub nix: Target,
    /// Which of the asked option paths the modules define.
    pub defines: BTreeSet<&'static str>,
    /// The platform that it was read for.
    pub platform: Option<Platform>,
    /// False when the file is no module at all.
    pub is_module: bool,
}

/// Reads modules; collects in [`Reading`] what they say.
pub(super) struct Reader<'r> {
    pub(super) library: &'r Library<'r>,
    pub(super) catalog: &'r Catalog,
    pub(super) evaluator: &'r Evaluator<'r>,
    platform: Option<Platform>,
    /// Option paths whose presence is asked for.
    asked: &'r [&'static str],
    /// The folder of the flake that the modules belong to.
    pub(super) flake_folder: Option<&'r Path>,
    /// True for a machine of NixOS or nix-darwin, whose own modules join those that are read.
    pub(super) is_whole_system: bool,
    pub(super) sets: Sets,
    pub(super) reading: Reading,
}

impl<'r> Reader<'r> {
    pub fn new(
        library: &'r Library<'r>,
        evaluator: &'r Evaluator<'r>,
        catalog: &'r Catalog,
        platform: Option<Platform>,
        asked: &'r [&'static str],
    ) -> Self {
        Self {
            library,
            catalog,
            evaluator,
            platform,
            asked,
            flake_folder: None,
            is_whole_system: false,
            sets: Sets::default(),
            reading: Reading::default(),
        }
    }

    /// Reads modules of a flake, for a machine of that module system. Nix evaluates them from a
    /// copy in the store.
    #[must_use]
    pub fn of_flake(mut self, flake: &'r Path, system: ModuleSystem) -> Self {
        self.is_whole_system = matches!(system, ModuleSystem::Nixos | ModuleSystem::NixDarwin);
        self.flake_folder = flake.parent();
        self
    }

    /// Reads the module at `path` and its imports, whoever may import it.
    pub fn module(self, path: &Path) -> Reading {
        self.evaluator.refuel();
        let open = Some(Why::Argument("an argument".into()));
        let frame = Frame {
            special: AttrMap {
                open,
                ..AttrMap::default()
            },
            platform: self.platform,
            ..Frame::default()
        };
        let module = Thunk::val(Val::Path(path.into()));
        let scope = Scope::new(self.evaluator, frame, [(module, Condition::Always)]);
        let reading = self.scope(&scope);
        scope.clear();
        reading
    }

    /// Reads what modules define together.
    pub fn scope(mut self, scope: &Rc<Scope>) -> Reading {
        let root = OptionPath::new(Vec::<Arc<str>>::new());
        for fragment in scope.fragments() {
            self.reading.is_module = true;
            for path in self.asked {
                if self.defined(&fragment.config, path) {
                    self.reading.defines.insert(path);
                }
            }
            let wrapping = Wrapping {
                condition: fragment.condition.clone(),
                ..plain()
            };
            self.collect(&root, &fragment.config, None, &wrapping);
        }
        self.reading.platform = self.platform.or_else(|| scope.platform(self.evaluator));
        self.drop_weak_sets();
        self.text_lines();
        for path in scope.waiting() {
            if let Glance::Silent(shown) = self.library.glance(&path) {
                self.reading.defines.extend(shown);
            }
        }
        let unread = scope.unread().into_iter();
        self.reading
            .unread
            .extend(unread.filter(|why| !why.module_of_nixpkgs().is_some_and(is_apart)));
        let foreign = scope.foreign();
        self.reading.foreign = foreign.iter().map(|path| Arc::from(&**path)).collect();
        for path in scope.files() {
            match self.library.open(&path, FileFormat::Nix) {
                Ok(id) => self.reading.files.push(id),
                Err(_) => {
                    let path = path.to_string_lossy().into();
                    self.reading.unread.push(Why::Import(path));
                }
            }
        }
        self.reading.paths = scope.members();
        self.add_written_in();
        self.reading
    }

    /// Counts the files that definitions stand in among the machine's own: a module may be
    /// imported as a value (`home-manager.users.x = import ./home.nix`).
    fn add_written_in(&mut self) {
        let places = self
            .reading
            .drafts
            .iter()
            .filter_map(|draft| draft.statement);
        let files: BTreeSet<FileId> = places.map(|place| place.file).collect();
        for id in files {
            if let Some(source) = self.library.source(id) {
                let path = self.library.absolute(source.path());
                self.reading.paths.insert(path.into());
            }
            if !self.reading.files.contains(&id) {
                self.reading.files.push(id);
            }
        }
    }

    /// Reads the `nixConfig` of a flake.
    pub fn flake_config(mut self, path: &Path) -> Reading {
        self.evaluator.refuel();
        let flake = self.evaluator.import(path);
        if let Ok(id) = self.library.open(path, FileFormat::Nix) {
            self.reading.files.push(id);
        }
        self.reading.paths.insert(path.into());
        let config = self.evaluator.attribute(&flake, "nixConfig");
        let is_there = config.is_some();
        if let Some(config) = config {
            self.reading.is_module = true;
            let set = OptionPath::dotted("nixConfig");
            self.collect(&set, &Thunk::done(config), None, &plain());
        }
        if !is_there && self.names_flake_config() {
            let outputs = Outputs::of(self.evaluator, path);
            let config = outputs.attribute(self.evaluator, "nixConfig");
            let config = config.map(|config| config.settled(self.evaluator));
            if let Some(config) = config.filter(|config| matches!(config.val, Val::Attrs(_))) {
                self.reading.is_module = true;
                let misplaced = OptionPath::dotted("outputs.nixConfig");
                self.collect(&misplaced, &Thunk::done(config), None, &plain());
            }
        }
        self.reading
    }

    /// Whether the flake that is read has the word at all.
    fn names_flake_config(&self) -> bool {
        let source = self.reading.files.first();
        let source = source.and_then(|id| self.library.source(*id));
        source.is_some_and(|source| source.text().contains("nixConfig"))
    }

    /// Whether a value sets anything at or below a dotted path, conditions left aside.
    fn defined(&self, value: &Thunk, path: &str) -> bool {
        let value = value.settle(self.evaluator);
        let parts = match &value.val {
            Val::OneOf(several) => several.to_vec(),
            _ => vec![value],
        };
        parts.iter().any(|part| {
            let Val::Attrs(attrs) = &part.val else {
                return false;
            };
            match kind_of(attrs, self.evaluator).as_deref() {
                Some("merge") => {
                    attrs.map.get("contents").is_some_and(|contents| {
                        match &contents.value.settle(self.evaluator).val {
                            Val::List(list) => {
                                list.items.iter().any(|item| self.defined(item, path))
                            }
                            _ => false,
                        }
                    })
                }
                Some("if" | "override" | "order") => attrs
                    .map
                    .get("content")
                    .is_some_and(|content| self.defined(&content.value, path)),
                _ => match path.split_once('.') {
                    None => attrs.map.contains_key(path),
                    Some((first, rest)) => attrs
                        .map
                        .get(first)
                        .is_some_and(|inner| self.defined(&inner.value, rest)),
                },
            }
        })
    }
}

/// True for modules of nixpkgs that set no option that nixtune looks at. Nearly every
/// `hardware-configuration.nix` imports the first.
fn is_apart(module: &str) -> bool {
    matches!(
        module,
        "installer/scan/not-detected.nix"
            | "installer/scan/detected.nix"
            | "profiles/headless.nix"
            | "profiles/qemu-guest.nix"
    )
}
