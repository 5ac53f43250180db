//! Functions that are the same although they were made twice, and the calls of them that need
//! not be made again.
//!
//! A flake with many machines imports its helpers once for each, and each copy walks the same
//! folders again. A call with a path that is written out gives the same value whenever function
//! and path are the same: evaluation is pure, and what files say does not change within a run.

use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::choices::is_same;
use super::evaluator::Evaluator;
use super::runtime::{Computed, Env, Lambda, Suspension, Thunk, Val};
use crate::syntax::ast::{Ast, Attrs, Expr, ExprId, Key, Name, Part, Slot, Target};
use crate::text::{PathKey, Place};

/// So many values are compared before two functions count as different.
const MOST_COMPARED: u32 = 4_000;

/// Copies of one function that are kept.
const MOST_COPIES: usize = 8;

/// An expression of one tree.
type Code = (*const Ast, ExprId);

/// Calls that were made, by the function's expression, the argument, and where that is written.
#[derive(Default)]
pub(super) struct Calls {
    made: FxHashMap<(ExprId, PathKey, Option<Place>), Vec<Call>>,
    /// What expressions take from around them, by tree and expression. The tree is kept, so that
    /// no other one comes to lie where it lay.
    free: FxHashMap<Code, (Arc<Ast>, Rc<Free>)>,
}

/// A call that was made.
#[derive(Clone)]
struct Call {
    lambda: Rc<Lambda>,
    /// The one variable from around the function whose value the call asked for first, or those
    /// that are inherited.
    asked: Rc<[Slot]>,
    result: Computed,
}

/// What an expression takes from around it.
#[derive(Default)]
struct Free {
    slots: Vec<Slot>,
    /// Names that a `with` may bind, or nothing.
    unbound: Vec<Name>,
}

impl Evaluator<'_> {
    /// Calls a function with a path, unless the same call was made before.
    pub(super) fn call_with_path(
        &self,
        lambda: &Rc<Lambda>,
        path: &Path,
        argument: Thunk,
    ) -> Computed {
        let path = PathKey::from(path);
        let site = argument.site();
        if let Some(known) = self.made_call(lambda, &path, site) {
            return known;
        }
        let free = self.free_of(&lambda.ast, lambda.expr);
        let waiting: Vec<(Slot, Thunk)> = free
            .slots
            .iter()
            .filter_map(|slot| Some((*slot, lambda.env.at(*slot)?.0)))
            .filter(|(_, value)| !value.is_done())
            .collect();
        let inherited: Vec<bool> = waiting
            .iter()
            .map(|(_, value)| value.is_inherited())
            .collect();
        let assumptions = self.assumptions();
        let result = self.call(lambda, argument);
        // What was taken for granted, or given up, would have to be said again.
        if self.assumptions() == assumptions && !self.was_limited() {
            let asked: Vec<(Slot, bool)> = waiting
                .iter()
                .zip(inherited)
                .filter(|((_, value), _)| value.is_done())
                .map(|((slot, _), inherited)| (*slot, inherited))
                .collect();
            let is_safe = asked.len() < 2 || asked.iter().all(|(_, inherited)| *inherited);
            let asked = asked.into_iter().map(|(slot, _)| slot);
            self.keep_call(
                (lambda.expr, path, site),
                Call {
                    lambda: Rc::clone(lambda),
                    asked: asked.filter(|_| is_safe).collect(),
                    result: result.clone(),
                },
            );
        }
        result
    }

    /// What an earlier call of the same function with the same path gave.
    fn made_call(
        &self,
        lambda: &Rc<Lambda>,
        path: &PathKey,
        site: Option<Place>,
    ) -> Option<Computed> {
        let key = (lambda.expr, path.clone(), site);
        let made = self.calls.borrow().made.get(&key)?.clone();
        let same = |call: &Call| {
            let other = &call.lambda;
            if Rc::ptr_eq(lambda, other) {
                return true;
            }
            if !Arc::ptr_eq(&lambda.ast, &other.ast) {
                return false;
            }
            let mut comparison = Comparison::new(self);
            let but = |slot: &Slot| !call.asked.contains(slot);
            comparison.scopes(&lambda.ast, lambda.expr, &lambda.env, &other.env, but)
                && call.asked.iter().all(|slot| {
                    // This call would ask for it as well.
                    if let Some((value, _)) = lambda.env.at(*slot) {
                        value.force(self);
                    }
                    comparison.slot(*slot, &lambda.env, &other.env)
                })
        };
        made.into_iter().find(same).map(|call| call.result)
    }

    fn keep_call(&self, key: (ExprId, PathKey, Option<Place>), call: Call) {
        let mut calls = self.calls.borrow_mut();
        let made = calls.made.entry(key).or_default();
        if made.len() < MOST_COPIES {
            made.push(call);
        }
    }

    fn free_of(&self, ast: &Arc<Ast>, expr: ExprId) -> Rc<Free> {
        let key = (Arc::as_ptr(ast), expr);
        if let Some((_, known)) = self.calls.borrow().free.get(&key) {
            return Rc::clone(known);
        }
        let mut search = Search {
            ast,
            slots: BTreeSet::new(),
            unbound: BTreeSet::new(),
        };
        search.expr(expr, 0);
        let free = Rc::new(Free {
            slots: search
                .slots
                .into_iter()
                .map(|(up, at)| Slot { up, at })
                .collect(),
            unbound: search
                .unbound
                .into_iter()
                .filter(|name| !self.is_global(name))
                .cloned()
                .collect(),
        });
        let kept = (Arc::clone(ast), Rc::clone(&free));
        self.calls.borrow_mut().free.insert(key, kept);
        free
    }
}

/// A comparison of two values by what made them. Never evaluates anything: what would have to be
/// evaluated to be compared counts as different.
struct Comparison<'e, 'f> {
    evaluator: &'e Evaluator<'f>,
    left: u32,
    /// Pairs that are being compared: functions refer to themselves.
    open: FxHashSet<(*const (), *const ())>,
}

impl<'e, 'f> Comparison<'e, 'f> {
    fn new(evaluator: &'e Evaluator<'f>) -> Self {
        Self {
            evaluator,
            left: MOST_COMPARED,
            open: FxHashSet::default(),
        }
    }

    fn lambdas(&mut self, a: &Rc<Lambda>, b: &Rc<Lambda>) -> bool {
        Rc::ptr_eq(a, b)
            || (a.expr == b.expr
                && Arc::ptr_eq(&a.ast, &b.ast)
                && self.scopes(&a.ast, a.expr, &a.env, &b.env, |_| true))
    }

    /// Whether an expression sees the same in two scopes, as far as the variables count.
    fn scopes(
        &mut self,
        ast: &Arc<Ast>,
        expr: ExprId,
        a: &Env,
        b: &Env,
        counts: impl Fn(&Slot) -> bool,
    ) -> bool {
        let free = self.evaluator.free_of(ast, expr);
        free.unbound.is_empty()
            && !a.is_given()
            && !b.is_given()
            && free
                .slots
                .iter()
                .filter(|slot| counts(slot))
                .all(|slot| self.slot(*slot, a, b))
    }

    fn slot(&mut self, slot: Slot, a: &Env, b: &Env) -> bool {
        match (a.at(slot), b.at(slot)) {
            (Some((a, _)), Some((b, _))) => self.thunks(&a, &b),
            _ => false,
        }
    }

    fn thunks(&mut self, a: &Thunk, b: &Thunk) -> bool {
        if a.is(b) {
            return true;
        }
        let Some(left) = self.left.checked_sub(1) else {
            return false;
        };
        self.left = left;
        if !self.open.insert((a.address(), b.address())) {
            return true;
        }
        match (a.suspension(), b.suspension()) {
            // Where a value comes from counts as well: people are told, and fixes go there.
            (Suspension::Done(a), Suspension::Done(b)) => {
                a.origin == b.origin
                    && a.via.steps() == b.via.steps()
                    && self.values(&a.val, &b.val)
            }
            (Suspension::Expr(ast, expr, env), Suspension::Expr(other, same, around)) => {
                expr == same
                    && Arc::ptr_eq(&ast, &other)
                    && self.scopes(&ast, expr, &env, &around, |_| true)
            }
            (Suspension::Inherit(a), Suspension::Inherit(b)) => self.thunks(&a, &b),
            (Suspension::Select(a, name), Suspension::Select(b, other)) => {
                name == other && self.thunks(&a, &b)
            }
            _ => false,
        }
    }

    fn values(&mut self, a: &Val, b: &Val) -> bool {
        match (a, b) {
            (Val::Lambda(a), Val::Lambda(b)) => self.lambdas(a, b),
            (Val::Native(a), Val::Native(b)) => Rc::ptr_eq(a, b),
            (Val::Extern(a), Val::Extern(b)) => Rc::ptr_eq(a, b),
            (Val::List(a), Val::List(b)) => {
                Rc::ptr_eq(a, b)
                    || (a.open.is_none()
                        && b.open.is_none()
                        && a.items.len() == b.items.len()
                        && (a.items.iter().zip(&b.items)).all(|(a, b)| self.thunks(a, b)))
            }
            (Val::Attrs(a), Val::Attrs(b)) => {
                Rc::ptr_eq(a, b)
                    || (a.open.is_none()
                        && b.open.is_none()
                        && a.map.keys().eq(b.map.keys())
                        && (a.map.values().zip(b.map.values()))
                            .all(|(a, b)| self.thunks(&a.value, &b.value)))
            }
            _ => is_same(a, b),
        }
    }
}

/// Looks for what an expression takes from around it.
struct Search<'a> {
    ast: &'a Ast,
    slots: BTreeSet<(u32, u32)>,
    unbound: BTreeSet<&'a Name>,
}

impl<'a> Search<'a> {
    /// `depth` is the number of scopes within the expression that is looked at.
    fn expr(&mut self, id: ExprId, depth: u32) {
        let ast = self.ast;
        match ast.expr(id) {
            Expr::Ident(name, slot) => self.variable(name, *slot, depth),
            Expr::Int(_)
            | Expr::Float(_)
            | Expr::HomePath
            | Expr::SearchPath(_)
            | Expr::Opaque(_) => {}
            Expr::Str(parts) | Expr::Path(parts) => {
                for part in parts {
                    if let Part::Expr(inner) = part {
                        self.expr(*inner, depth);
                    }
                }
            }
            Expr::List(items) => {
                for item in items {
                    self.expr(*item, depth);
                }
            }
            Expr::Attrs(attrs) => self.attrs(attrs, depth, depth + u32::from(attrs.recursive)),
            Expr::Let(attrs, body) => {
                self.attrs(attrs, depth, depth + 1);
                self.expr(*body, depth + 1);
            }
            Expr::Lambda(param, body) => {
                for formal in param.formals.iter().flatten() {
                    if let Some(default) = formal.default {
                        self.expr(default, depth + 1);
                    }
                }
                self.expr(*body, depth + 1);
            }
            Expr::With(set, body) => {
                self.expr(*set, depth);
                self.expr(*body, depth + 1);
            }
            Expr::Select(base, keys, default) => {
                self.expr(*base, depth);
                self.keys(keys, depth);
                if let Some(default) = default {
                    self.expr(*default, depth);
                }
            }
            Expr::HasAttr(base, keys) => {
                self.expr(*base, depth);
                self.keys(keys, depth);
            }
            Expr::If(a, b, c) => {
                for part in [a, b, c] {
                    self.expr(*part, depth);
                }
            }
            Expr::Apply(a, b) | Expr::Assert(a, b) | Expr::Binary(_, a, b) => {
                self.expr(*a, depth);
                self.expr(*b, depth);
            }
            Expr::Not(inner) | Expr::Negate(inner) | Expr::Paren(inner) => {
                self.expr(*inner, depth);
            }
        }
    }

    fn variable(&mut self, name: &'a Name, slot: Option<Slot>, depth: u32) {
        match slot {
            Some(slot) => {
                if let Some(up) = slot.up.checked_sub(depth) {
                    self.slots.insert((up, slot.at));
                }
            }
            None => {
                self.unbound.insert(name);
            }
        }
    }

    fn attrs(&mut self, attrs: &'a Attrs, outer: u32, inner: u32) {
        for source in &attrs.sources {
            self.expr(*source, inner);
        }
        for binding in &attrs.bindings {
            match &binding.target {
                Target::Value(value) | Target::Nested(value) => self.expr(*value, inner),
                Target::Inherit(slot) => self.variable(&binding.name, *slot, outer),
                Target::InheritFrom(_) => {}
            }
        }
        for dynamic in &attrs.dynamic {
            self.expr(dynamic.key, inner);
            self.expr(dynamic.value, inner);
        }
    }

    fn keys(&mut self, keys: &'a [Key], depth: u32) {
        for key in keys {
            if let Key::Computed(expr, _) = key {
                self.expr(*expr, depth);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::path::PathBuf;

    use super::*;
    use crate::eval::{Files, Prelude, Value, Why};
    use crate::syntax;
    use crate::text::{FileFormat, FileId, SourceFile};

    /// A tree whose only folder holds `a`; counts how often that is read.
    #[derive(Default)]
    struct Folder {
        looks: Cell<u32>,
    }

    impl Files for Folder {
        fn import(&self, path: &Path) -> Result<Arc<Ast>, Why> {
            Err(Why::Import(path.to_string_lossy().into()))
        }
        fn folder(&self, _: FileId) -> Option<PathBuf> {
            Some(PathBuf::from("/tree"))
        }
        fn read(&self, path: &Path) -> Result<Arc<str>, Why> {
            Err(Why::Import(path.to_string_lossy().into()))
        }
        fn list(&self, _: &Path) -> Result<Vec<(String, &'static str)>, Why> {
            self.looks.set(self.looks.get() + 1);
            Ok(vec![("a".to_owned(), "regular")])
        }
        fn exists(&self, _: &Path) -> Result<bool, Why> {
            Ok(true)
        }
    }

    /// What an expression gives, and how often it looked into the folder.
    fn looked(text: &str) -> (Value, u32) {
        let source = SourceFile::new(FileId(0), "case.nix", "case.nix", FileFormat::Nix, text);
        let ast = syntax::parse(&source).ast.unwrap();
        let (files, prelude) = (Folder::default(), Prelude::default());
        let evaluator = Evaluator::new(&files, &prelude);
        let result = evaluator.eval(&ast, ast.root(), &Env::default());
        let value = evaluator.extract(&Thunk::done(result)).value;
        (value, files.looks.get())
    }

    fn texts(texts: &[&str]) -> Value {
        let texts = texts.iter().map(|text| Value::Str((*text).into()));
        Value::List(texts.map(crate::eval::Traced::bare).collect())
    }

    fn bare(value: &Value) -> Value {
        match value {
            Value::List(items) => {
                let items = items.iter().map(|item| bare(&item.value));
                Value::List(items.map(crate::eval::Traced::bare).collect())
            }
            other => other.clone(),
        }
    }

    #[test]
    fn copies_of_one_function_walk_a_folder_once() {
        for (text, expected, looks) in [
            // Made twice by the same code with the same values around it.
            (
                "let make = { end }: dir: map (name: name + end) (builtins.attrNames (builtins.readDir dir)); \
                 machine = name: make { end = \"x\"; } ./.; in machine 1 ++ machine 2",
                &["ax", "ax"][..],
                1,
            ),
            // The values differ.
            (
                "let make = { end }: dir: map (name: name + end) (builtins.attrNames (builtins.readDir dir)); \
                 machine = end: make { inherit end; } ./.; in machine \"x\" ++ machine \"y\"",
                &["ax", "ay"],
                2,
            ),
            // They are equal and stand in two places.
            (
                "let make = { end }: dir: map (name: name + end) (builtins.attrNames (builtins.readDir dir)); \
                 machine = end: make { inherit end; } ./.; in machine \"x\" ++ machine \"x\"",
                &["ax", "ax"],
                2,
            ),
            // A `with` may bind what the function does not.
            (
                "let make = set: with set; dir: map (name: name + end) (builtins.attrNames (builtins.readDir dir)); \
                 machine = end: make { inherit end; } ./.; in machine \"x\" ++ machine \"y\"",
                &["ax", "ay"],
                2,
            ),
            // Functions that refer to themselves, and to values that are inherited.
            (
                "let make = set: let inherit (set) end; walk = n: dir: if n == 0 \
                 then map (name: name + end) (builtins.attrNames (builtins.readDir dir)) \
                 else walk (n - 1) dir; in dir: walk 2 dir; one = { end = \"x\"; }; \
                 machine = name: make one ./.; in machine 1 ++ machine 2",
                &["ax", "ax"],
                1,
            ),
        ] {
            let (value, count) = looked(text);
            assert_eq!(bare(&value), texts(expected), "{text}");
            assert_eq!(count, looks, "{text}");
        }
    }
}
