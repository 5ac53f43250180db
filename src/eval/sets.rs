//! Attribute sets: making them, and selecting from them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::evaluator::{Evaluator, PRELUDE, failure, one_of, step};
use super::runtime::{Attr, AttrMap, Computed, Env, FrameKind, Thunk, Val, Written};
use super::value::{Via, Why};
use crate::syntax::ast::{Ast, Attrs, Key, Name, Target};
use crate::text::Place;

/// What selecting one attribute gives.
pub(super) enum Selected {
    Found(Computed),
    Missing,
}

impl Evaluator<'_> {
    pub(super) fn attrs(&self, ast: &Arc<Ast>, attrs: &Attrs, outer: &Env) -> (Rc<AttrMap>, Env) {
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
                        match evaluator.select(&source, &name) {
                            Selected::Found(found) => found.via(step(Via::Inherit, name_place)),
                            Selected::Missing => {
                                Computed::bare(failure("an inherited attribute is missing"))
                            }
                        }
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
        if let Some(frame) = &frame
            && let FrameKind::Recursive(cell) = frame.kind()
        {
            cell.replace(Rc::new(map.clone()));
        }
        for dynamic in &attrs.dynamic {
            match &self.eval(ast, dynamic.key, &env).val.settled(self) {
                Val::Null => {}
                Val::Str(name) => {
                    map.map.entry(Arc::clone(name)).or_insert_with(|| Attr {
                        value: self.suspend(ast, dynamic.value, &env),
                        name: place(dynamic.name_span),
                        statement: place(dynamic.statement),
                        written: Written::Binding,
                    });
                }
                Val::Unknown(why) => map.open = Some(why.clone()),
                _ => map.open = Some(Why::Unsupported("a computed name".into())),
            }
        }
        (Rc::new(map), env)
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
        for key in keys {
            let name = match self.key(ast, key, env) {
                Ok(name) => name,
                Err(why) => return Selected::Found(Computed::bare(Val::Unknown(why))),
            };
            match self.select(&at, &name) {
                Selected::Found(found) => at = found,
                Selected::Missing => return Selected::Missing,
            }
        }
        Selected::Found(at)
    }

    /// One attribute of a value; `None` when it certainly is not there.
    pub fn attribute(&self, base: &Computed, name: &str) -> Option<Computed> {
        match self.select(base, name) {
            Selected::Found(found) => Some(found),
            Selected::Missing => None,
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
                let mut missing = false;
                for one in several.iter() {
                    match self.select(one, name) {
                        Selected::Found(value) => found.push(value),
                        Selected::Missing => missing = true,
                    }
                }
                match (found.is_empty(), missing) {
                    (true, _) => Selected::Missing,
                    (false, false) => Selected::Found(Computed::bare(one_of(found))),
                    (false, true) => {
                        unknown(&Why::Unsupported("an attribute of an undecided set".into()))
                    }
                }
            }
            _ => Selected::Missing,
        }
    }

    pub(super) fn has_path(&self, ast: &Arc<Ast>, base: Computed, keys: &[Key], env: &Env) -> Val {
        let mut at = base;
        for (index, key) in keys.iter().enumerate() {
            let name = match self.key(ast, key, env) {
                Ok(name) => name,
                Err(why) => return Val::Unknown(why),
            };
            if index + 1 == keys.len() {
                return self.has(&at, &name);
            }
            match self.select(&at, &name) {
                Selected::Found(found) => at = found,
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
