//! `config` and the other arguments of a module, answered from the modules that are read.

use std::rc::Rc;

use super::{Names, Scope};
use crate::eval::runtime::{Attr, AttrMap, Computed, Extern, Thunk, Val};
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
        if self.scope.has_default(path) {
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

/// What a module's function is called with.
#[derive(Debug)]
pub(super) struct Arguments {
    scope: Rc<Scope>,
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
            let (scope, path) = (Rc::clone(&self.scope), Rc::clone(&path));
            option.map.insert(
                "value".into(),
                Attr::computed(Thunk::call(move |evaluator| scope.value(evaluator, &path))),
            );
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

impl Scope {
    /// True when options are declared at a path or below it. What waits is read only if what is
    /// read already does not tell.
    fn declares(self: &Rc<Self>, evaluator: &Evaluator<'_>, path: &Names) -> bool {
        let known = || self.node(evaluator, path).declares() || self.has_default(path);
        known() || {
            self.ensure(evaluator, path);
            known()
        }
    }
}
