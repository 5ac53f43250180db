//! What a flake's inputs are, as far as it is known without fetching them: `self`, flakes of the
//! same tree, and the functions of well-known flakes that build machines.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use super::builders;
use super::{folder_of, inputs_of};
use crate::eval::runtime::{Attr, AttrMap, Computed, Env, Extern, Native, Thunk, Val};
use crate::eval::{Evaluator, PRELUDE, Why};
use crate::facts::Platform;
use crate::model::packages::Packages;
use crate::syntax;
use crate::syntax::ast::{Ast, Name};
use crate::text::{FileFormat, SourceFile};

/// Flakes of one tree that use each other are followed so deep.
const DEEPEST_FLAKE: u32 = 4;

/// Functions of well-known flakes, written for nixtune's evaluator.
const KNOWN: &str = include_str!("known.nix");

/// A flake of the tree: what `self` is in it.
#[derive(Debug)]
pub(super) struct Own {
    folder: PathBuf,
    inputs: AttrMap,
    outputs: OnceCell<Thunk>,
}

impl Own {
    /// Reads a flake of the tree; its outputs are computed when they are asked for.
    pub fn open(evaluator: &Evaluator<'_>, path: &Path, depth: u32) -> Rc<Self> {
        let flake = evaluator.import(path);
        let folder = folder_of(path);
        let mut inputs: AttrMap = AttrMap {
            map: inputs_of(evaluator, &flake, &folder, depth)
                .into_iter()
                .collect(),
            open: None,
        };
        // What is named only in the function's pattern comes from the registry.
        if let Some(function) = evaluator.attribute(&flake, "outputs") {
            for name in parameters(&function) {
                inputs.map.insert_new(name.clone(), || {
                    Attr::computed(Thunk::val(Input::registered(&name)))
                });
            }
        }
        let own = Rc::new(Self {
            folder,
            inputs,
            outputs: OnceCell::new(),
        });
        let mut given = own.inputs.clone();
        given
            .map
            .insert("self".into(), Attr::computed(Thunk::val(own.value())));
        let outputs = Thunk::call(
            move |evaluator| match evaluator.attribute(&flake, "outputs") {
                Some(outputs) => {
                    let given = Thunk::val(Val::Attrs(Rc::new(given)));
                    evaluator.apply(&outputs, given)
                }
                None => Computed::bare(Val::Attrs(Rc::default())),
            },
        );
        let _ = own.outputs.set(outputs);
        own
    }

    /// The flake as a value.
    pub fn value(self: &Rc<Self>) -> Val {
        Val::Extern(Rc::new(OwnFlake(Rc::clone(self))))
    }

    /// Its folder, as text: Nix gives the place of a copy.
    fn path(&self) -> Val {
        Val::Str(self.folder.to_string_lossy().into())
    }

    /// Its outputs.
    pub fn outputs(&self, evaluator: &Evaluator<'_>) -> Computed {
        match self.outputs.get() {
            Some(outputs) => outputs.force(evaluator),
            None => Computed::bare(Val::Unknown(Why::Cycle)),
        }
    }
}

/// The names in a function's set pattern.
fn parameters(function: &Computed) -> Vec<Name> {
    let Val::Lambda(lambda) = &function.val else {
        return Vec::new();
    };
    let crate::syntax::ast::Expr::Lambda(param, _) = lambda.ast.expr(lambda.expr) else {
        return Vec::new();
    };
    let formals = param.formals.as_deref().unwrap_or_default();
    formals
        .iter()
        .map(|formal| formal.name.clone())
        .filter(|name| name.as_ref() != "self")
        .collect()
}

#[derive(Debug)]
struct OwnFlake(Rc<Own>);

/// What only a fetched flake has.
const REVISION: [&str; 9] = [
    "rev",
    "shortRev",
    "dirtyRev",
    "dirtyShortRev",
    "revCount",
    "lastModified",
    "lastModifiedDate",
    "narHash",
    "sourceInfo",
];

impl Extern for OwnFlake {
    fn select(&self, evaluator: &Evaluator<'_>, name: &str) -> Option<Computed> {
        let own = &self.0;
        if REVISION.contains(&name) {
            return Some(Computed::bare(Val::Unknown(self.why())));
        }
        match name {
            "outPath" => Some(Computed::bare(own.path())),
            "inputs" => Some(Computed::bare(Val::Attrs(Rc::new(own.inputs.clone())))),
            "outputs" => Some(own.outputs(evaluator)),
            _ => evaluator.attribute(&own.outputs(evaluator), name),
        }
    }

    fn has(&self, evaluator: &Evaluator<'_>, name: &str) -> Val {
        match name {
            "outPath" | "inputs" | "outputs" => Val::Bool(true),
            _ if REVISION.contains(&name) => Val::Unknown(self.why()),
            _ => evaluator.has(&self.0.outputs(evaluator), name),
        }
    }

    fn whole(&self, evaluator: &Evaluator<'_>) -> Val {
        // Whoever only wants the folder must not need the outputs.
        let mut map = AttrMap {
            open: Some(self.why()),
            ..AttrMap::default()
        };
        let ready = self.0.outputs.get().is_some_and(Thunk::is_done);
        if ready && let Val::Attrs(outputs) = self.0.outputs(evaluator).settled(evaluator).val {
            map.map.clone_from(&outputs.map);
        }
        map.map
            .insert("outPath".into(), Attr::computed(Thunk::val(self.0.path())));
        let inputs = Val::Attrs(Rc::new(self.0.inputs.clone()));
        map.map
            .insert("inputs".into(), Attr::computed(Thunk::val(inputs)));
        Val::Attrs(Rc::new(map))
    }

    fn why(&self) -> Why {
        Why::Impure("the revision of a flake".into())
    }
}

/// What a well-known input has to offer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Nixpkgs,
    /// A flake whose functions stand in `known.nix` under this name.
    Known(&'static str),
    Other,
}

/// Inputs by a part of their address or, without one, of their name.
const KINDS: [(&str, Kind); 20] = [
    ("nix-systems/default-linux", Kind::Known("systems-linux")),
    ("nix-systems/default-darwin", Kind::Known("systems-darwin")),
    (
        "nix-systems/x86_64-linux",
        Kind::Known("systems-x86_64-linux"),
    ),
    ("nix-systems/default", Kind::Known("systems")),
    ("/flake-utils-plus", Kind::Known("flake-utils-plus")),
    ("/flake-utils", Kind::Known("flake-utils")),
    ("/easy-hosts", Kind::Known("easy-hosts")),
    ("/ez-configs", Kind::Known("ez-configs")),
    ("/flake-parts", Kind::Known("flake-parts")),
    ("/import-tree", Kind::Known("import-tree")),
    ("/haumea", Kind::Known("haumea")),
    ("/colmena", Kind::Known("colmena")),
    ("/nixos-unified", Kind::Known("nixos-unified")),
    ("snowfallorg/lib", Kind::Known("snowfall-lib")),
    ("/lite-config", Kind::Known("lite-config")),
    ("/blueprint", Kind::Known("blueprint")),
    ("/clan-core", Kind::Known("clan-core")),
    ("/adios-flake", Kind::Known("adios-flake")),
    ("/nixpkgs", Kind::Nixpkgs),
    ("/nix-darwin", Kind::Other),
];

/// An input that was not fetched.
#[derive(Debug)]
pub(super) struct Input {
    name: Name,
    kind: Kind,
    library: OnceCell<Computed>,
}

impl Input {
    /// An input as a flake declares it.
    pub fn of(
        evaluator: &Evaluator<'_>,
        name: &Name,
        declared: &Thunk,
        folder: &Path,
        depth: u32,
    ) -> Val {
        let declared = declared.settle(evaluator);
        let url = evaluator.attribute(&declared, "url").and_then(|url| {
            match url.settled(evaluator).val {
                Val::Str(url) => Some(url),
                _ => None,
            }
        });
        let Some(url) = url else {
            return Self::registered(name);
        };
        let local = url
            .strip_prefix("path:")
            .unwrap_or(&url)
            .strip_prefix("./")
            .filter(|_| depth < DEEPEST_FLAKE);
        if let Some(local) = local
            && evaluator.attribute(&declared, "flake").is_none()
        {
            let path = folder.join(local).join("flake.nix");
            if evaluator.files().exists(&path).unwrap_or(false) {
                return Own::open(evaluator, &path, depth + 1).value();
            }
        }
        let address = format!("/{}", url.to_lowercase());
        let kind = KINDS
            .iter()
            .find(|(part, _)| address.contains(part))
            .map_or(Kind::Other, |(_, kind)| *kind);
        // A release tarball names no repository.
        let kind = match kind {
            Kind::Other if address.contains("nixpkgs") || address.contains("nixos-") => {
                Kind::Nixpkgs
            }
            kind => kind,
        };
        Self::value(name, kind)
    }

    /// An input without an address: the registry, or another input, says what it is; mostly it
    /// goes by its name.
    pub fn registered(name: &Name) -> Val {
        let address = format!("/{name}");
        let kind = KINDS
            .iter()
            .find(|(part, _)| {
                part.strip_prefix('/')
                    .is_some_and(|part| address.contains(part))
            })
            .map_or(Kind::Other, |(_, kind)| *kind);
        let kind = match (kind, name.as_ref()) {
            (_, "systems") => Kind::Known("systems"),
            (_, "snowfall-lib") => Kind::Known("snowfall-lib"),
            (kind, _) => kind,
        };
        Self::value(name, kind)
    }

    fn value(name: &Name, kind: Kind) -> Val {
        Val::Extern(Rc::new(Self {
            name: name.clone(),
            kind,
            library: OnceCell::new(),
        }))
    }

    /// nixpkgs' `lib` with the function that builds machines of this very nixpkgs.
    fn library(&self, evaluator: &Evaluator<'_>) -> Computed {
        const BUILDER: &str = "nixosSystem";
        let library = library(evaluator);
        let (Val::Attrs(attrs), Some(builder)) =
            (&library.val, builders::builder(BUILDER, Some(&self.name)))
        else {
            return library;
        };
        let mut attrs = (**attrs).clone();
        let builder = Attr::computed(Thunk::done(builder));
        attrs.map.insert(BUILDER.into(), builder);
        Computed {
            val: Val::Attrs(Rc::new(attrs)),
            ..library
        }
    }

    fn known(&self, evaluator: &Evaluator<'_>) -> Option<Computed> {
        match self.kind {
            Kind::Known(name) => known(evaluator, name),
            _ => None,
        }
    }

    fn below(&self, path: &str) -> Computed {
        Computed::bare(Val::Extern(Rc::new(Below {
            input: self.name.clone(),
            path: format!("{}.{path}", self.name).into(),
        })))
    }
}

impl Extern for Input {
    fn select(&self, evaluator: &Evaluator<'_>, name: &str) -> Option<Computed> {
        if let Some(known) = self.known(evaluator)
            && let Val::Attrs(attrs) = &known.val
            && let Some(attr) = attrs.map.get(name)
        {
            return Some(attr.value.force(evaluator));
        }
        Some(match (self.kind, name) {
            (Kind::Nixpkgs, "lib") => self.library.get_or_init(|| self.library(evaluator)).clone(),
            (Kind::Nixpkgs, "legacyPackages" | "packages") => {
                Computed::bare(Val::Extern(Rc::new(PackageSets)))
            }
            _ => self.below(name),
        })
    }

    fn import(&self, evaluator: &Evaluator<'_>) -> Computed {
        match self.kind {
            Kind::Nixpkgs => native("nixpkgs", packages),
            _ => self
                .known(evaluator)
                .unwrap_or_else(|| Computed::bare(Val::Unknown(self.why()))),
        }
    }

    fn apply(&self, evaluator: &Evaluator<'_>, argument: Thunk) -> Computed {
        match self.known(evaluator) {
            Some(known) => evaluator.apply(&known, argument),
            None => Computed::bare(Val::Unknown(self.why())),
        }
    }

    fn why(&self) -> Why {
        Why::Argument(format!("inputs.{}", self.name).into())
    }
}

/// Something in an input that was not fetched.
#[derive(Debug)]
struct Below {
    input: Name,
    path: Arc<str>,
}

impl Extern for Below {
    fn select(&self, _: &Evaluator<'_>, name: &str) -> Option<Computed> {
        if let Some(builder) = builders::builder(name, Some(&self.input)) {
            return Some(builder);
        }
        let path = format!("{}.{name}", self.path).into();
        let input = self.input.clone();
        Some(Computed::bare(Val::Extern(Rc::new(Self { input, path }))))
    }

    fn why(&self) -> Why {
        Why::Argument(format!("inputs.{}", self.path).into())
    }
}

/// `nixpkgs.legacyPackages`
#[derive(Debug)]
struct PackageSets;

impl Extern for PackageSets {
    fn select(&self, _: &Evaluator<'_>, name: &str) -> Option<Computed> {
        let packages = Packages::for_platform(name.parse().ok());
        Some(Computed::bare(Val::Extern(Rc::new(packages))))
    }

    fn why(&self) -> Why {
        Why::Argument("inputs.nixpkgs".into())
    }
}

/// `import nixpkgs { system = …; }`
fn packages(evaluator: &Evaluator<'_>, args: &[Thunk]) -> Computed {
    let platform = args.first().and_then(|argument| {
        let argument = argument.settle(evaluator);
        ["system", "hostPlatform", "localSystem"]
            .into_iter()
            .find_map(|name| {
                let system = evaluator.attribute(&argument, name)?.settled(evaluator);
                platform(evaluator, &system)
            })
    });
    Computed::bare(Val::Extern(Rc::new(Packages::for_platform(platform))))
}

fn platform(evaluator: &Evaluator<'_>, system: &Computed) -> Option<Platform> {
    match &system.val {
        Val::Str(text) => text.parse().ok(),
        Val::Attrs(_) => {
            let system = evaluator.attribute(system, "system")?;
            platform(evaluator, &system.settled(evaluator))
        }
        _ => None,
    }
}

/// A function of one argument.
pub(super) fn native(
    name: &'static str,
    body: impl Fn(&Evaluator<'_>, &[Thunk]) -> Computed + 'static,
) -> Computed {
    Computed::bare(Val::Native(Rc::new(Native {
        name,
        arity: 1,
        args: Vec::new(),
        body: Rc::new(body),
    })))
}

/// nixpkgs' `lib` as its flake gives it: with the function that builds NixOS machines.
pub(super) fn library(evaluator: &Evaluator<'_>) -> Computed {
    known(evaluator, "library").unwrap_or_else(|| evaluator.lib().force(evaluator))
}

/// A value of `known.nix`. `None` never happens in a build whose tests pass.
pub(super) fn known(evaluator: &Evaluator<'_>, name: &str) -> Option<Computed> {
    static TREE: OnceLock<Option<Arc<Ast>>> = OnceLock::new();
    let tree = TREE
        .get_or_init(|| {
            let file = SourceFile::new(PRELUDE, "known.nix", "known.nix", FileFormat::Nix, KNOWN);
            syntax::parse(&file).ast
        })
        .as_ref()?;
    let all = evaluator.once("known.nix", || known_values(evaluator, tree));
    evaluator.attribute(&all, name)
}

fn known_values(evaluator: &Evaluator<'_>, tree: &Arc<Ast>) -> Computed {
    let function = evaluator.eval(tree, tree.root(), &Env::default());
    let mut map = AttrMap::default();
    let mut give = |name: &str, value: Computed| {
        map.map
            .insert(name.into(), Attr::computed(Thunk::done(value)));
    };
    give("lib", evaluator.lib().force(evaluator));
    for name in ["nixosSystem", "darwinSystem", "homeManagerConfiguration"] {
        if let Some(builder) = builders::builder(name, None) {
            give(name, builder);
        }
    }
    give("evalParts", native("mkFlake", super::parts::evaluate));
    give(
        "packagesFor",
        native("packagesFor", |evaluator, args| {
            let system = args.first().map(|system| system.settle(evaluator));
            let platform = system.and_then(|system| platform(evaluator, &system));
            Computed::bare(Val::Extern(Rc::new(Packages::for_platform(platform))))
        }),
    );
    evaluator.apply(&function, Thunk::val(Val::Attrs(Rc::new(map))))
}
