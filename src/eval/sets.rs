//! Attribute sets: making them, and selecting from them.

use std::cell::RefCell;
use std::collections::btree_map::Entry;
use std::rc::Rc;
use std::sync::Arc;

use super::choices::{alternatives, one_of};
use super::evaluator::{Evaluator, PRELUDE, failure, step};
use super::runtime::{Attr, AttrMap, Computed, Env, FrameKind, Thunk, Val, Written};
use super::value::{Via, Why};
use crate::syntax::ast::{Ast, Attrs, Key, Name, Target};
use crate::text::Place;

/// What selecting one attribute gives.
pub(super) enum Selected {
    Found(Computed),
    /// Some alternatives of an undecided set have it.
    Perhaps(Computed),
    Missing,
}

impl Evaluator<'_> {
    /// The bindings of a set or `let`, and the scope that they make; `Err` when a computed name
    /// fails.
    pub(super) fn attrs(
        &self,
        ast: &Arc<Ast>,
        attrs: &Attrs,
        outer: &Env,
    ) -> Result<(Rc<AttrMap>, Env), Val> {
        let (env, frame) = if attrs.recursive {
            let (env, frame) = outer.push(FrameKind::Recursive(RefCell::default()));
            self.frames.borrow_mut().push(Rc::clone(&frame));
            (env, Some(frame))
        } else {
            (outer.clone(), None)
        };
        let user = ast.file() != PRELUDE;
        let place = |span| user.then(|| Place::new(ast.file(), span));
        // `inherit (x) a;` in a recursive set sees the set itself.
        let sources: Vec<Thunk> = attrs
            .sources
            .iter()
            .map(|source| self.suspend(ast, *source, &env))
            .collect();
        let mut map = AttrMap::default();
        for binding in &attrs.bindings {
            let name = Arc::clone(&binding.name);
            let name_place = place(binding.name_span);
            let (value, written) = match &binding.target {
                Target::Value(expr) | Target::Nested(expr) => {
                    (self.suspend(ast, *expr, &env), Written::Binding)
                }
                Target::Inherit => {
                    let (name, outer) = (Arc::clone(&name), outer.clone());
                    let thunk = if user {
                        Thunk::call_at(name_place, move |evaluator| {
                            evaluator
                                .variable(&name, &outer, None)
                                .via(step(Via::Inherit, name_place))
                        })
                    } else if let Some(thunk) = self.bound(&name, &outer) {
                        thunk
                    } else {
                        Thunk::call(move |evaluator| evaluator.variable(&name, &outer, None))
                    };
                    (thunk, Written::Inherit)
                }
                Target::InheritFrom(source) => {
                    let source = sources.get(*source).cloned();
                    let name = Arc::clone(&name);
                    let thunk = Thunk::call_at(name_place, move |evaluator| {
                        let Some(source) = source else {
                            return Computed::bare(Val::Unknown(Why::Undefined(name)));
                        };
                        let source = source.force(evaluator);
                        evaluator
                            .attribute(&source, &name)
                            .map(|found| found.via(step(Via::Inherit, name_place)))
                            .unwrap_or_else(|| {
                                Computed::bare(failure("an inherited attribute is missing"))
                            })
                    });
                    (thunk, Written::Inherit)
                }
            };
            map.map.insert(
                name,
                Attr {
                    value,
                    name: name_place,
                    statement: place(binding.statement),
                    written,
                },
            );
        }
        let mut map = if let Some(frame) = &frame
            && let FrameKind::Recursive(cell) = frame.kind()
        {
            let map = Rc::new(map);
            cell.replace(Rc::clone(&map));
            if attrs.dynamic.is_empty() && !map.map.contains_key("__overrides") {
                return Ok((map, env));
            }
            (*map).clone()
        } else {
            map
        };
        for dynamic in &attrs.dynamic {
            match self.eval(ast, dynamic.key, &env).val.settled(self) {
                Val::Null => {}
                Val::Str(name) => match map.map.entry(name) {
                    Entry::Occupied(_) => {
                        return Err(failure("an attribute is defined twice"));
                    }
                    Entry::Vacant(free) => {
                        free.insert(Attr {
                            value: self.suspend(ast, dynamic.value, &env),
                            name: place(dynamic.name_span),
                            statement: place(dynamic.statement),
                            written: Written::Binding,
                        });
                    }
                },
                Val::Unknown(why) if why.is_final() => return Err(Val::Unknown(why)),
                Val::Unknown(why) => {
                    self.assume();
                    map.open = Some(why);
                }
                Val::OneOf(_) => {
                    self.assume();
                    map.open = Some(Why::Unsupported("an undecided name".into()));
                }
                _ => return Err(failure("an attribute name is not a string")),
            }
        }
        if attrs.recursive && map.map.contains_key("__overrides") {
            return Err(Val::Unknown(Why::Unsupported("__overrides".into())));
        }
        Ok((Rc::new(map), env))
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
