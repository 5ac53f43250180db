//! Modules that are evaluated together, as `lib.evalModules` does it: what each of them says, and
//! the values that come of it (nixpkgs `lib/modules.nix`).
//!
//! A scope reads modules only as far as somebody asks. A module whose bytes promise nothing about
//! Nix itself waits; it is read when a value is asked for that it may define.

mod config;
mod gather;
mod merge;
mod nested;
mod node;
mod rivals;
mod types;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use config::ConfigAt;
pub(super) use node::Conditions;
use node::Node;

use super::definition::Condition;
use crate::eval::runtime::{AttrMap, Computed, Thunk, Val};
use crate::eval::{Evaluator, ModuleImport, Why};
use crate::facts::Platform;
use crate::syntax::ast::Name;
use crate::text::{PathKey, PathSet};

/// A path of names below `config`.
pub(super) type Names = Rc<[Name]>;

/// What is known about a set of modules before any of them is read.
#[derive(Default)]
pub(super) struct Frame {
    /// Arguments that modules get whatever they say: `specialArgs`, `lib`.
    pub special: AttrMap,
    /// Arguments that modules get unless they say otherwise.
    pub usual: Vec<(&'static str, Val)>,
    /// The platform that the caller decides.
    pub platform: Option<Platform>,
    /// The platform that the caller names for modules that name none.
    pub named_platform: Option<Platform>,
    /// Defaults of options that the module system itself declares, by dotted path.
    pub defaults: HashMap<&'static str, Val>,
    /// True when nothing but these modules can define what they declare: defaults count then.
    pub whole: bool,
    /// True when these modules declare everything there is, as in a submodule.
    pub closed: bool,
    /// Options that hold modules, by the number of names below the ones given.
    pub deferred: &'static [(&'static [&'static str], usize)],
}

/// Modules that see each other's values.
pub(super) struct Scope {
    frame: Frame,
    fragments: RefCell<Vec<Rc<Fragment>>>,
    waiting: RefCell<Vec<Waiting>>,
    /// The modules that were given, each with its place.
    roots: RefCell<Vec<(usize, Child)>>,
    /// What was read of a file, by its path as importers write it.
    of_files: RefCell<FxHashMap<u32, Vec<Rc<Fragment>>>>,
    /// The numbers of the paths that were imported.
    paths: RefCell<FxHashSet<u32>>,
    /// Their files.
    seen: RefCell<PathSet>,
    keys: RefCell<HashSet<Name>>,
    disabled: RefCell<FxHashSet<u32>>,
    files: RefCell<Vec<PathKey>>,
    are_read: RefCell<FxHashSet<u32>>,
    unread: RefCell<Vec<Why>>,
    /// Modules of a flake's inputs that are imported whatever happens: `inputs.x.nixosModules.y`.
    foreign: RefCell<Vec<Rc<str>>>,
    /// Paths for which everything that waits was looked at.
    ensured: RefCell<HashSet<Names>>,
    /// Grows with every module that is read: what was found before may lack something.
    generation: Cell<usize>,
    is_ready: Cell<bool>,
    nodes: RefCell<HashMap<Names, (usize, Rc<Node>)>>,
    values: RefCell<HashMap<Names, Thunk>>,
    platform: RefCell<Option<Option<Platform>>>,
}

impl std::fmt::Debug for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{} modules>", self.fragments.borrow().len())
    }
}

/// What a module imports.
#[derive(Clone, Debug)]
enum Child {
    /// A file, by the number of its path; it counts once however often it is imported.
    File(u32),
    /// A module that is written within its importer.
    Inline(Rc<Fragment>),
}

/// One module that was read.
#[derive(Debug)]
pub(super) struct Fragment {
    /// Its definitions.
    pub config: Thunk,
    /// Its declarations.
    pub options: Option<Thunk>,
    /// Under which condition it is imported.
    pub condition: Condition,
    /// Its file; `None` for a module that is written within another one.
    pub path: Option<PathKey>,
    depth: usize,
    /// What it imports, each with its place among the imports.
    children: RefCell<Vec<(usize, Child)>>,
    parts: OnceCell<Vec<node::Entry>>,
    is_busy: Cell<bool>,
    declarations: OnceCell<Vec<Computed>>,
}

/// A module that nobody asked for yet.
struct Waiting {
    module: ModuleImport,
    item: gather::Item,
}

impl Scope {
    /// Reads `modules` with everything that they import.
    pub fn new(
        evaluator: &Evaluator<'_>,
        frame: Frame,
        modules: impl IntoIterator<Item = (Thunk, Condition)>,
    ) -> Rc<Self> {
        let scope = Rc::new(Self {
            frame,
            fragments: RefCell::default(),
            waiting: RefCell::default(),
            roots: RefCell::default(),
            of_files: RefCell::default(),
            paths: RefCell::default(),
            seen: RefCell::default(),
            keys: RefCell::default(),
            disabled: RefCell::default(),
            files: RefCell::default(),
            are_read: RefCell::default(),
            unread: RefCell::default(),
            foreign: RefCell::default(),
            ensured: RefCell::default(),
            generation: Cell::new(0),
            is_ready: Cell::new(false),
            nodes: RefCell::default(),
            values: RefCell::default(),
            platform: RefCell::default(),
        });
        scope.gather(evaluator, modules);
        scope.is_ready.set(true);
        scope.advance();
        scope
    }

    /// The modules that were read, in the order in which their definitions count: the one that
    /// `builtins.genericClosure` finds last comes first. It goes level by level, passes over what
    /// is disabled, and takes a file where it meets it first.
    pub fn fragments(&self) -> Vec<Rc<Fragment>> {
        let disabled = self.disabled.borrow();
        let of_files = self.of_files.borrow();
        let mut met: FxHashSet<u32> = FxHashSet::default();
        let mut found: Vec<Rc<Fragment>> = Vec::new();
        let mut level = in_place(&self.roots);
        while !level.is_empty() {
            let mut below = Vec::new();
            for child in level {
                let fragments = match child {
                    Child::Inline(fragment) => vec![fragment],
                    Child::File(number) if disabled.contains(&number) || !met.insert(number) => {
                        continue;
                    }
                    Child::File(number) => of_files.get(&number).cloned().unwrap_or_default(),
                };
                for fragment in fragments {
                    below.extend(in_place(&fragment.children));
                    found.push(fragment);
                }
            }
            level = below;
        }
        found.reverse();
        found
    }

    /// The files that were read, the first module's first.
    pub fn files(&self) -> Vec<PathKey> {
        self.files.borrow().clone()
    }

    /// Every file that belongs to these modules, those that wait included.
    pub fn members(&self) -> PathSet {
        self.seen.borrow().clone()
    }

    /// The files that were not read, because nobody asked for what they say.
    pub fn waiting(&self) -> Vec<PathKey> {
        let waiting = self.waiting.borrow();
        let files = waiting.iter().map(|waiting| waiting.module.file.clone());
        files.collect()
    }

    /// Modules that could not be read.
    pub fn unread(&self) -> Vec<Why> {
        self.unread.borrow().clone()
    }

    /// Modules of a flake's inputs that are imported whatever happens: `inputs.x.nixosModules.y`.
    pub fn foreign(&self) -> Vec<Rc<str>> {
        self.foreign.borrow().clone()
    }

    /// The values of these modules: what they call `config`.
    pub fn config(self: &Rc<Self>) -> Val {
        self.at(&[])
    }

    /// The values below a path.
    pub fn at(self: &Rc<Self>, names: &[&str]) -> Val {
        let path = names.iter().map(|name| Name::from(*name)).collect();
        Val::Extern(Rc::new(ConfigAt::new(Rc::clone(self), path)))
    }

    /// The value of one option, or of a set of options.
    pub fn lookup(self: &Rc<Self>, evaluator: &Evaluator<'_>, names: &[&str]) -> Computed {
        let path: Names = names.iter().map(|name| Name::from(*name)).collect();
        self.ensure(evaluator, &path);
        let at = Computed::bare(self.at(names));
        at.settled(evaluator)
    }

    /// The definitions at a path, without the wrappers around the sets that hold them.
    pub fn definitions(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        names: &[&str],
    ) -> Vec<(Thunk, Condition)> {
        let path: Names = names.iter().map(|name| Name::from(*name)).collect();
        self.ensure(evaluator, &path);
        self.node(evaluator, &path).undecided_definitions(evaluator)
    }

    /// The platform that these modules are for: what the caller decides, else what they set, else
    /// what the caller names (nixpkgs `nixos/lib/eval-config.nix`, `nixos/modules/misc/nixpkgs.nix`).
    pub fn platform(self: &Rc<Self>, evaluator: &Evaluator<'_>) -> Option<Platform> {
        if self.frame.platform.is_some() {
            return self.frame.platform;
        }
        if !self.is_ready.get() {
            return self.frame.named_platform;
        }
        if let Some(known) = *self.platform.borrow() {
            return known;
        }
        // Whoever asks again while this is being found out gets what the caller names.
        self.platform.replace(Some(self.frame.named_platform));
        let found = ["hostPlatform", "system", "localSystem", "pkgs"]
            .into_iter()
            .find_map(|name| {
                let value = self.lookup(evaluator, &["nixpkgs", name]);
                platform_of(evaluator, &value)
            })
            .or(self.frame.named_platform);
        self.platform.replace(Some(found));
        found
    }

    /// Lets go of everything. Modules and their values refer to each other; this breaks the ring.
    pub fn clear(&self) {
        for fragment in self.fragments.take() {
            fragment.children.take();
        }
        self.roots.take();
        self.of_files.take();
        self.waiting.take();
        self.nodes.take();
        self.values.take();
    }

    fn advance(&self) {
        self.generation.set(self.generation.get() + 1);
    }
}

/// The platform that a value of `nixpkgs.hostPlatform` and its like stands for.
fn platform_of(evaluator: &Evaluator<'_>, value: &Computed) -> Option<Platform> {
    match &value.val {
        Val::Str(text) => text.parse().ok(),
        Val::Attrs(_) | Val::Extern(_) => {
            let system = evaluator.attribute(value, "system")?;
            match system.settled(evaluator).val {
                Val::Str(text) => text.parse().ok(),
                _ => None,
            }
        }
        _ => None,
    }
}

/// What is imported, in its order.
fn in_place(children: &RefCell<Vec<(usize, Child)>>) -> Vec<Child> {
    let mut children = children.borrow().clone();
    children.sort_by_key(|(place, _)| *place);
    children.into_iter().map(|(_, child)| child).collect()
}
