//! `config` and the other arguments of a module, answered from the modules that are read.

use std::rc::Rc;

use super::{Names, Scope};
use crate::eval::runtime::{Attr, AttrMap, Computed, Extern, ListVal, Thunk, Val};
use crate::eval::{Evaluator, Why};
use crate::model::packages::Packages;
use crate::syntax::ast::Name;

/// The values below one path of a scope.
pub(super) struct ConfigAt {
    scope: Rc<Scope>,
    path: Names,
}

impl std::fmt::Debug for ConfigAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "config.{}", self.path.join("."))
    }
}

impl ConfigAt {
    pub fn new(scope: Rc<Scope>, path: Names) -> Self {
        Self { scope, path }
    }

    fn below(&self, name: &str) -> Names {
        let name: Name = name.into();
        self.path.iter().cloned().chain([name]).collect()
    }

    /// True when what is here is one value, not a set of options.
    fn is_value(&self, evaluator: &Evaluator<'_>, path: &Names) -> bool {
        if self.scope.has_default(evaluator, path) {
            return true;
        }
        let node = self.scope.node(evaluator, path);
        if node.declares() {
            return node.declaration(evaluator).is_some();
        }
        node.has_leaf(evaluator)
    }
}

impl Extern for ConfigAt {
    fn select(&self, evaluator: &Evaluator<'_>, name: &str) -> Option<Computed> {
        let path = self.below(name);
        // A first name alone says too little: half of all modules define something below it. It
        // does when it is an option itself, and when nothing may be missed.
        let is_option = || {
            let node = self.scope.node(evaluator, &path);
            node.declaration(evaluator).is_some()
        };
        if path.len() > 1 || self.scope.frame.closed || is_option() {
            self.scope.ensure(evaluator, &path);
        }
        if self.is_value(evaluator, &path) {
            return Some(self.scope.value(evaluator, &path));
        }
        if self.scope.frame.closed && self.scope.node(evaluator, &path).is_empty(evaluator) {
            self.scope.ensure(evaluator, &path);
            if self.scope.node(evaluator, &path).is_empty(evaluator) {
                return None;
            }
            if self.is_value(evaluator, &path) {
                return Some(self.scope.value(evaluator, &path));
            }
        }
        let below = Self::new(Rc::clone(&self.scope), path);
        Some(Computed::bare(Val::Extern(Rc::new(below))))
    }

    fn has(&self, evaluator: &Evaluator<'_>, name: &str) -> Val {
        let path = self.below(name);
        if self.scope.declares(evaluator, &path) {
            return Val::Bool(true);
        }
        let node = self.scope.node(evaluator, &path);
        if self.scope.frame.closed && node.is_empty(evaluator) {
            return Val::Bool(false);
        }
        match self.scope.membership(evaluator, &node) {
            super::node::Held::Yes => Val::Bool(true),
            _ => Val::Unknown(self.why()),
        }
    }

    fn whole(&self, evaluator: &Evaluator<'_>) -> Val {
        self.scope.ensure(evaluator, &self.path);
        if !self.path.is_empty() && self.is_value(evaluator, &self.path) {
            return self
                .scope
                .value(evaluator, &self.path)
                .val
                .settled(evaluator);
        }
        let node = self.scope.node(evaluator, &self.path);
        let mut map = AttrMap::default();
        for name in node.declared_names() {
            map.map
                .insert_new(name.clone(), || self.member(&name, None));
        }
        for (name, attr) in self.scope.members_of(evaluator, &node, &mut map.open) {
            let member = self.member(&name, attr);
            map.map.insert_new(name, || member);
        }
        if !self.scope.frame.closed {
            map.open = Some(self.why());
        }
        if map.map.is_empty()
            && let Some(why) = map.open
        {
            return Val::Unknown(why);
        }
        Val::Attrs(Rc::new(map))
    }

    fn why(&self) -> Why {
        Why::Option(self.path.join(".").into())
    }
}

impl ConfigAt {
    fn member(&self, name: &Name, attr: Option<Attr>) -> Attr {
        let here = Self::new(Rc::clone(&self.scope), Rc::clone(&self.path));
        let wanted = Name::clone(name);
        let value = Thunk::call_at(
            attr.as_ref().and_then(|attr| attr.value.site()),
            move |evaluator| {
                here.select(evaluator, &wanted)
                    .unwrap_or_else(|| Computed::bare(Val::Unknown(here.why())))
            },
        );
        match attr {
            Some(attr) => Attr { value, ..attr },
            None => Attr::computed(value),
        }
    }
}

/// Names that the module systems give to every module, whatever a machine is called with.
const ALWAYS_GIVEN: [&str; 14] = [
    "_class",
    "_prefix",
    "baseModules",
    "config",
    "darwinConfig",
    "extraModules",
    "lib",
    "modules",
    "modulesPath",
    "nixosConfig",
    "options",
    "osClass",
    "osConfig",
    "specialArgs",
];

/// What a module's function is called with.
#[derive(Debug)]
pub(super) struct Arguments {
    scope: Rc<Scope>,
}

/// The same as a pattern binds it (`args@{ lib, ... }`): what `_module.args` adds is there only
/// as far as the pattern names it (`applyModuleArgs` in nixpkgs `lib/modules.nix`).
#[derive(Debug)]
struct Pattern {
    all: Arguments,
    names: Vec<Name>,
}

impl Pattern {
    /// True when the module is certainly not given that name.
    fn lacks(&self, name: &str) -> bool {
        let frame = &self.all.scope.frame;
        frame.whole
            && frame.special.open.is_none()
            && !frame.special.map.contains_key(name)
            && !self.names.iter().any(|named| &**named == name)
            && !ALWAYS_GIVEN.contains(&name)
    }
}

impl Extern for Pattern {
    fn select(&self, evaluator: &Evaluator<'_>, name: &str) -> Option<Computed> {
        if self.lacks(name) {
            return None;
        }
        self.all.select(evaluator, name)
    }

    fn has(&self, evaluator: &Evaluator<'_>, name: &str) -> Val {
        if self.lacks(name) {
            return Val::Bool(false);
        }
        self.all.has(evaluator, name)
    }

    fn whole(&self, evaluator: &Evaluator<'_>) -> Val {
        self.all.whole(evaluator)
    }

    fn why(&self) -> Why {
        self.all.why()
    }
}

impl Arguments {
    pub fn new(scope: Rc<Scope>) -> Self {
        Self { scope }
    }
}

impl Extern for Arguments {
    fn select(&self, evaluator: &Evaluator<'_>, name: &str) -> Option<Computed> {
        let scope = &self.scope;
        let special = &scope.frame.special;
        if let Some(attr) = special.map.get(name) {
            return Some(attr.value.force(evaluator));
        }
        Some(match name {
            "config" => Computed::bare(scope.config()),
            "options" => Computed::bare(Val::Extern(Rc::new(OptionsAt {
                scope: Rc::clone(scope),
                path: Names::from([]),
            }))),
            "lib" => evaluator.lib().force(evaluator),
            _ => {
                let path: Names = ["_module", "args", name].map(Name::from).into();
                scope.ensure(evaluator, &path);
                let node = scope.node(evaluator, &path);
                if !node.is_empty(evaluator) {
                    scope.value(evaluator, &path)
                } else if name == "pkgs" {
                    Computed::bare(Val::Extern(Rc::new(Packages::of(scope))))
                } else if let Some((_, usual)) =
                    (scope.frame.usual.iter()).find(|(usual, _)| *usual == name)
                {
                    Computed::bare(usual.clone())
                } else {
                    let why = match &special.open {
                        Some(Why::Argument(_)) | None => Why::Argument(name.into()),
                        Some(why) => why.clone(),
                    };
                    Computed::bare(Val::Unknown(why))
                }
            }
        })
    }

    fn has(&self, _: &Evaluator<'_>, name: &str) -> Val {
        let given = self.scope.frame.special.map.contains_key(name);
        if given || ["config", "options", "lib", "pkgs"].contains(&name) {
            Val::Bool(true)
        } else {
            Val::Unknown(Why::Argument(name.into()))
        }
    }

    fn as_pattern(&self, names: &[Name]) -> Option<Val> {
        Some(Val::Extern(Rc::new(Pattern {
            all: Self::new(Rc::clone(&self.scope)),
            names: names.to_vec(),
        })))
    }

    fn whole(&self, _: &Evaluator<'_>) -> Val {
        let mut map = self.scope.frame.special.clone();
        for name in ["config", "options", "lib", "pkgs"] {
            let arguments = Self::new(Rc::clone(&self.scope));
            map.map.insert_new(name.into(), || {
                Attr::computed(Thunk::call(move |evaluator| {
                    arguments
                        .select(evaluator, name)
                        .unwrap_or_else(|| Computed::bare(Val::Unknown(arguments.why())))
                }))
            });
        }
        map.open = Some(self.why());
        Val::Attrs(Rc::new(map))
    }

    fn why(&self) -> Why {
        Why::Argument("an argument".into())
    }
}

/// `options`: what is declared.
#[derive(Debug)]
struct OptionsAt {
    scope: Rc<Scope>,
    path: Names,
}

impl OptionsAt {
    fn below(&self, name: &str) -> Names {
        let name: Name = name.into();
        self.path.iter().cloned().chain([name]).collect()
    }
}

impl Extern for OptionsAt {
    fn select(&self, evaluator: &Evaluator<'_>, name: &str) -> Option<Computed> {
        let path = self.below(name);
        // As for the values: half of all modules declare something below a first name.
        if path.len() > 1 || self.scope.frame.closed {
            self.scope.ensure(evaluator, &path);
        }
        let node = self.scope.node(evaluator, &path);
        if let Some(declaration) = node.declaration(evaluator) {
            let mut option = (*declaration).clone();
            option.open = Some(Why::Option(path.join(".").into()));
            let mut give = |name: &str, of: fn(&Rc<Scope>, &Evaluator<'_>, &Names) -> Computed| {
                let (scope, path) = (Rc::clone(&self.scope), Rc::clone(&path));
                let value = Thunk::call(move |evaluator| of(&scope, evaluator, &path));
                option.map.insert(name.into(), Attr::computed(value));
            };
            give("value", Scope::value);
            give("isDefined", |scope, evaluator, path| {
                of_standing(scope, evaluator, path, |values, _| {
                    Val::Bool(!values.is_empty())
                })
            });
            give("highestPrio", |scope, evaluator, path| {
                of_standing(scope, evaluator, path, |_, priority| Val::Int(priority))
            });
            give("definitions", |scope, evaluator, path| {
                of_standing(scope, evaluator, path, |items, _| {
                    Val::List(Rc::new(ListVal { items, open: None }))
                })
            });
            return Some(Computed::bare(Val::Attrs(Rc::new(option))));
        }
        Some(Computed::bare(Val::Extern(Rc::new(Self {
            scope: Rc::clone(&self.scope),
            path,
        }))))
    }

    fn has(&self, evaluator: &Evaluator<'_>, name: &str) -> Val {
        if self.scope.declares(evaluator, &self.below(name)) {
            Val::Bool(true)
        } else if self.scope.frame.closed {
            Val::Bool(false)
        } else {
            Val::Unknown(self.why())
        }
    }

    fn why(&self) -> Why {
        Why::Option(self.path.join(".").into())
    }
}

/// Something about the definitions of an option that count.
fn of_standing(
    scope: &Rc<Scope>,
    evaluator: &Evaluator<'_>,
    path: &Names,
    of: impl FnOnce(Vec<Thunk>, i64) -> Val,
) -> Computed {
    let standing = scope.standing(evaluator, path);
    Computed::bare(standing.map_or_else(Val::Unknown, |(values, priority)| of(values, priority)))
}

impl Scope {
    /// True when options are declared at a path or below it. What waits is read only if what is
    /// read already does not tell.
    fn declares(self: &Rc<Self>, evaluator: &Evaluator<'_>, path: &Names) -> bool {
        let known = || self.node(evaluator, path).declares() || self.has_default(evaluator, path);
        known() || {
            self.ensure(evaluator, path);
            known()
        }
    }
}
