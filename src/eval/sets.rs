//! Attribute sets: making them, and selecting from them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::choices::{alternatives, one_of};
use super::evaluator::{Evaluator, PRELUDE, failure, step};
use super::members::Members;
use super::runtime::{Attr, AttrMap, Computed, Env, FrameKind, Thunk, Val, Written};
use super::value::{Via, Why};
use crate::syntax::ast::{Ast, Attrs, Binding, Key, Name, Target};
use crate::text::Place;

/// What selecting one attribute gives.
pub(super) enum Selected {
    Found(Computed),
    /// Some alternatives of an undecided set have it.
    Perhaps(Computed),
    Missing,
}

impl Evaluator<'_> {
    /// The scope that a `let` makes.
    pub(super) fn let_scope(&self, ast: &Arc<Ast>, attrs: &Attrs, outer: &Env) -> Result<Env, Val> {
        if attrs.overrides {
            return Err(Val::Unknown(Why::Unsupported("__overrides".into())));
        }
        let scope = outer.with(FrameKind::Bindings(RefCell::default()));
        scope.fill(self.bound_values(ast, attrs, outer, &scope));
        Ok(scope)
    }

    /// The value of `{ … }` and `rec { … }`.
    pub(super) fn set(&self, ast: &Arc<Ast>, attrs: &Attrs, outer: &Env) -> Val {
        if !attrs.recursive {
            let values = self.bound_values(ast, attrs, outer, outer);
            return self.set_of(ast, attrs, values, outer);
        }
        let scope = outer.with(FrameKind::Bindings(RefCell::default()));
        let values = self.bound_values(ast, attrs, outer, &scope);
        scope.fill(values.clone());
        let set = if attrs.overrides {
            Val::Unknown(Why::Unsupported("__overrides".into()))
        } else {
            self.set_of(ast, attrs, values, &scope)
        };
        self.keep(scope);
        set
    }

    /// What each name is bound to, in the order of the bindings.
    fn bound_values(&self, ast: &Arc<Ast>, attrs: &Attrs, outer: &Env, inner: &Env) -> Vec<Thunk> {
        let user = ast.file() != PRELUDE;
        // `inherit (x) a;` in a recursive set sees the set itself.
        let sources: Vec<Thunk> = attrs
            .sources
            .iter()
            .map(|source| self.suspend(ast, *source, inner))
            .collect();
        let value = |binding: &Binding| {
            let site = user.then(|| Place::new(ast.file(), binding.name_span));
            match &binding.target {
                Target::Value(expr) | Target::Nested(expr) => self.suspend(ast, *expr, inner),
                Target::Inherit(slot) => match slot.and_then(|slot| outer.at(slot)) {
                    Some((value, _)) if user => Thunk::inherited(value, site),
                    Some((value, _)) => value,
                    None => {
                        let (name, outer) = (Arc::clone(&binding.name), outer.clone());
                        Thunk::call_at(site, move |evaluator| {
                            let value = evaluator.unbound(&name, &outer, None);
                            value.via(step(Via::Inherit, site))
                        })
                    }
                },
                Target::InheritFrom(source) => match sources.get(*source) {
                    Some(source) => {
                        let name = Arc::clone(&binding.name);
                        Thunk::inherited_from(source.clone(), name, site)
                    }
                    None => Thunk::val(Val::Unknown(Why::Undefined(Arc::clone(&binding.name)))),
                },
            }
        };
        attrs.bindings.iter().map(value).collect()
    }

    /// A set of bindings with these values, and of the attributes with computed names.
    fn set_of(&self, ast: &Arc<Ast>, attrs: &Attrs, values: Vec<Thunk>, scope: &Env) -> Val {
        let user = ast.file() != PRELUDE;
        let place = |span| user.then(|| Place::new(ast.file(), span));
        let pairs = attrs.bindings.iter().zip(values).map(|(binding, value)| {
            let written = match binding.target {
                Target::Value(_) | Target::Nested(_) => Written::Binding,
                Target::Inherit(_) | Target::InheritFrom(_) => Written::Inherit,
            };
            let attr = Attr {
                value,
                name: place(binding.name_span),
                statement: place(binding.statement),
                written,
            };
            (Arc::clone(&binding.name), attr)
        });
        let mut map = AttrMap {
            map: Members::sorted(pairs.collect()),
            open: None,
        };
        for dynamic in &attrs.dynamic {
            match self.eval(ast, dynamic.key, scope).val.settled(self) {
                Val::Null => {}
                Val::Str(name) => {
                    let is_new = map.map.insert_new(name, || Attr {
                        value: self.suspend(ast, dynamic.value, scope),
                        name: place(dynamic.name_span),
                        statement: place(dynamic.statement),
                        written: Written::Binding,
                    });
                    if !is_new {
                        return failure("an attribute is defined twice");
                    }
                }
                Val::Unknown(why) if why.is_final() => return Val::Unknown(why),
                Val::Unknown(why) => {
                    self.assume();
                    map.open = Some(why);
                }
                Val::OneOf(_) => {
                    self.assume();
                    map.open = Some(Why::Unsupported("an undecided name".into()));
                }
                _ => return failure("an attribute name is not a string"),
            }
        }
        Val::Attrs(Rc::new(map))
    }

    pub(super) fn key(&self, ast: &Arc<Ast>, key: &Key, env: &Env) -> Result<Name, Why> {
        match key {
            Key::Name(name, _) => Ok(Arc::clone(name)),
            Key::Computed(expr, _) => match self.eval(ast, *expr, env).val.settled(self) {
                Val::Str(name) => Ok(name),
                Val::Unknown(why) => Err(why),
                Val::OneOf(_) => Err(Why::Unsupported("an undecided name".into())),
                _ => Err(Why::Failure("an attribute name is not a string".into())),
            },
        }
    }

    pub(super) fn select_path(
        &self,
        ast: &Arc<Ast>,
        base: Computed,
        keys: &[Key],
        env: &Env,
    ) -> Selected {
        let mut at = base;
        let mut perhaps = false;
        for key in keys {
            let name = match self.key(ast, key, env) {
                Ok(name) => name,
                Err(why) => return Selected::Found(Computed::bare(Val::Unknown(why))),
            };
            match self.select(&at, &name) {
                Selected::Found(found) => at = found,
                Selected::Perhaps(found) => (at, perhaps) = (found, true),
                Selected::Missing => return Selected::Missing,
            }
        }
        if perhaps {
            Selected::Perhaps(at)
        } else {
            Selected::Found(at)
        }
    }

    /// One attribute of a value; `None` when it certainly is not there.
    pub fn attribute(&self, base: &Computed, name: &str) -> Option<Computed> {
        match self.select(base, name) {
            Selected::Found(found) => Some(found),
            Selected::Perhaps(found) => Some(self.or_missing(found)),
            Selected::Missing => None,
        }
    }

    /// A value that only some alternatives have.
    pub(super) fn or_missing(&self, found: Computed) -> Computed {
        let missing = Computed::bare(failure("an attribute is missing"));
        let (origin, via) = (found.origin, found.via.clone());
        Computed {
            val: one_of([found, missing]),
            origin,
            via,
        }
    }

    pub(super) fn select(&self, base: &Computed, name: &str) -> Selected {
        let unknown = |why: &Why| Selected::Found(Computed::bare(Val::Unknown(why.clone())));
        match &base.val {
            Val::Attrs(attrs) => match (attrs.map.get(name), &attrs.open) {
                (Some(attr), _) => Selected::Found(attr.value.force(self)),
                (None, None) => Selected::Missing,
                // The caller of a module passes arguments by name.
                (None, Some(Why::Argument(_))) => unknown(&Why::Argument(name.into())),
                (None, Some(why)) => unknown(why),
            },
            Val::Extern(set) => match set.select(self, name) {
                Some(found) => Selected::Found(found),
                None => Selected::Missing,
            },
            Val::Unknown(why) => unknown(why),
            Val::OneOf(several) => {
                let mut found = Vec::new();
                let mut perhaps = false;
                for one in several.iter() {
                    match self.select(one, name) {
                        Selected::Found(value) => found.push(value),
                        Selected::Perhaps(value) => {
                            found.push(value);
                            perhaps = true;
                        }
                        Selected::Missing => perhaps = true,
                    }
                }
                match (found.is_empty(), perhaps) {
                    (true, _) => Selected::Missing,
                    (false, false) => Selected::Found(Computed::bare(one_of(found))),
                    (false, true) => Selected::Perhaps(Computed::bare(one_of(found))),
                }
            }
            _ => Selected::Missing,
        }
    }

    pub(super) fn has_path(&self, ast: &Arc<Ast>, base: Computed, keys: &[Key], env: &Env) -> Val {
        let mut at = base;
        let mut perhaps = false;
        for (index, key) in keys.iter().enumerate() {
            let name = match self.key(ast, key, env) {
                Ok(name) => name,
                Err(why) => return Val::Unknown(why),
            };
            if index + 1 == keys.len() {
                let has = self.has(&at, &name);
                return if perhaps {
                    alternatives([has, Val::Bool(false)])
                } else {
                    has
                };
            }
            match self.select(&at, &name) {
                Selected::Found(found) => at = found,
                Selected::Perhaps(found) => (at, perhaps) = (found, true),
                Selected::Missing => return Val::Bool(false),
            }
        }
        Val::Bool(true)
    }

    /// Whether a set has an attribute.
    pub fn has(&self, base: &Computed, name: &str) -> Val {
        self.each(base, |base| match &base.val {
            Val::Attrs(attrs) if attrs.map.contains_key(name) => Val::Bool(true),
            Val::Attrs(attrs) => attrs.open.clone().map_or(Val::Bool(false), Val::Unknown),
            Val::Extern(set) => set.has(self, name),
            Val::Unknown(why) => Val::Unknown(why.clone()),
            _ => Val::Bool(false),
        })
    }
}
