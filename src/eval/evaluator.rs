//! The evaluator: expressions to values, lazily, within bounds.
//!
//! It follows Nix's own evaluator (`src/libexpr/eval.cc`). Where a value depends on something
//! that is not known, the result is [`Val::Unknown`] with the reason, or [`Val::OneOf`] when a
//! condition is all that is missing. An error of evaluation is an Unknown as well: of the kind
//! [`Why::Failure`].

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::builtins;
use super::prelude::Prelude;
use super::runtime::{
    Attr, AttrMap, Computed, Env, Frame, FrameKind, Lambda, ListVal, Native, Thunk, Val, Written,
};
use super::value::{Step, Via, Why};
use crate::syntax::ast::{Ast, Attrs, Expr, ExprId, Key, Name, Operator, Part, Target};
use crate::text::{FileId, Place};

/// How evaluation reaches other files.
pub trait Files {
    /// The tree of a file, or of the `default.nix` of a folder.
    ///
    /// # Errors
    /// Why it cannot be used: missing, outside the tree, not Nix.
    fn import(&self, path: &Path) -> Result<Arc<Ast>, Why>;

    /// The folder that relative paths of a file start from.
    fn folder(&self, file: FileId) -> Option<PathBuf>;

    /// The text of a file.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn read(&self, path: &Path) -> Result<Arc<str>, Why>;

    /// Names and kinds (`regular`, `directory`, `symlink`) in a folder.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn list(&self, path: &Path) -> Result<Vec<(String, &'static str)>, Why>;

    /// Whether a path exists.
    ///
    /// # Errors
    /// Why that cannot be said.
    fn exists(&self, path: &Path) -> Result<bool, Why>;
}

/// The number that marks expressions of nixtune's own Nix code; no place is ever given for them.
pub const PRELUDE: FileId = FileId(u32::MAX);

/// Expressions that one evaluation may visit. The largest public configurations need well below
/// a tenth of it.
const FUEL: u64 = 3_000_000;

/// Nesting of evaluation. A level takes up to a few kilobytes of stack; evaluation runs on
/// stacks of 256 MiB.
const DEPTH: u32 = 4_000;

/// Alternatives that are followed; more become Unknown.
const ALTERNATIVES: usize = 8;

/// Evaluates expressions of one machine. Not shared between threads.
pub struct Evaluator<'f> {
    files: &'f dyn Files,
    prelude: &'f Prelude,
    fuel: Cell<u64>,
    depth: Cell<u32>,
    globals: OnceCell<HashMap<&'static str, Thunk>>,
    lib: OnceCell<Thunk>,
    imports: RefCell<HashMap<PathBuf, Computed>>,
    frames: RefCell<Vec<Rc<Frame>>>,
}

impl Drop for Evaluator<'_> {
    fn drop(&mut self) {
        for frame in self.frames.take() {
            frame.clear();
        }
    }
}

/// What selecting one attribute gives.
enum Selected {
    Found(Computed),
    Missing,
}

impl<'f> Evaluator<'f> {
    /// An evaluator with full fuel.
    pub fn new(files: &'f dyn Files, prelude: &'f Prelude) -> Self {
        Self {
            files,
            prelude,
            fuel: Cell::new(FUEL),
            depth: Cell::new(0),
            globals: OnceCell::new(),
            lib: OnceCell::new(),
            imports: RefCell::default(),
            frames: RefCell::default(),
        }
    }

    /// How evaluation reaches files.
    pub fn files(&self) -> &'f dyn Files {
        self.files
    }

    /// nixpkgs' `lib`, as far as nixtune has it; other names in it are unknown.
    pub fn lib(&self) -> Thunk {
        self.lib.get_or_init(|| self.prelude.lib(self)).clone()
    }

    /// A file's value.
    pub fn import(&self, path: &Path) -> Computed {
        if let Some(done) = self.imports.borrow().get(path) {
            return done.clone();
        }
        let computed = match self.files.import(path) {
            Ok(ast) => self.eval(&ast, ast.root(), &Env::default()),
            Err(why) => Computed::bare(Val::Unknown(why)),
        };
        self.imports
            .borrow_mut()
            .insert(path.to_path_buf(), computed.clone());
        computed
    }

    /// Where an expression is written; `None` for nixtune's own code.
    pub fn place(ast: &Ast, expr: ExprId) -> Option<Place> {
        (ast.file() != PRELUDE).then(|| Place::new(ast.file(), ast.span(expr)))
    }

    /// The value of an expression.
    pub fn eval(&self, ast: &Arc<Ast>, expr: ExprId, env: &Env) -> Computed {
        let fuel = self.fuel.get();
        let depth = self.depth.get();
        if fuel == 0 || depth >= DEPTH {
            return Computed::bare(Val::Unknown(Why::Limit));
        }
        self.fuel.set(fuel - 1);
        self.depth.set(depth + 1);
        let computed = self.eval_expr(ast, expr, env);
        self.depth.set(depth);
        computed
    }

    fn eval_expr(&self, ast: &Arc<Ast>, id: ExprId, env: &Env) -> Computed {
        let here = Self::place(ast, id);
        let new = |val| Computed::at(val, here);
        match ast.expr(id) {
            Expr::Int(Some(value)) => new(Val::Int(*value)),
            Expr::Int(None) => new(failure("an integer does not fit 64 bits")),
            Expr::Float(value) => new(Val::Float(*value)),
            Expr::Str(parts) => new(self.string(ast, parts, env)),
            Expr::Path(parts) => new(self.path(ast, parts, env)),
            Expr::HomePath => new(Val::Unknown(Why::Impure("the home folder".into()))),
            Expr::SearchPath(name) => new(Val::Unknown(Why::SearchPath(Arc::clone(name)))),
            Expr::Opaque(what) => new(Val::Unknown(Why::Unsupported((*what).into()))),
            Expr::Paren(inner) => {
                let mut computed = self.eval(ast, *inner, env);
                // The parentheses belong to a literal inside them.
                if computed.origin.is_some() && computed.origin == Self::place(ast, *inner) {
                    computed.origin = here;
                }
                computed
            }
            Expr::Ident(name) => self.variable(name, env, here),
            Expr::List(items) => {
                let items = items
                    .iter()
                    .map(|item| self.suspend(ast, *item, env))
                    .collect();
                new(Val::List(Rc::new(ListVal { items, open: None })))
            }
            Expr::Attrs(attrs) => {
                let (map, _) = self.attrs(ast, attrs, env);
                new(Val::Attrs(map))
            }
            Expr::Let(attrs, body) => {
                let (_, inner) = self.attrs(ast, attrs, env);
                self.eval(ast, *body, &inner)
            }
            Expr::Lambda(..) => new(Val::Lambda(Rc::new(Lambda {
                ast: Arc::clone(ast),
                expr: id,
                env: env.clone(),
            }))),
            Expr::Apply(function, argument) => {
                let function = self.eval(ast, *function, env);
                let argument = self.suspend(ast, *argument, env);
                let mut result = self.apply(&function, argument);
                if result.origin.is_none() {
                    result.origin = here;
                }
                result
            }
            Expr::Select(base, keys, default) => {
                let base = self.eval(ast, *base, env);
                let result = match self.select_path(ast, base, keys, env) {
                    Selected::Found(found) => found.via(step(Via::Select, here)),
                    Selected::Missing => match default {
                        Some(default) => self.eval(ast, *default, env),
                        None => new(failure("an attribute is missing")),
                    },
                };
                match (&result.val, default) {
                    // A failure on the way does not fall back to the default, but an unknown
                    // set may lack the attribute.
                    (Val::Unknown(why), Some(_)) => new(Val::Unknown(why.clone())),
                    _ => result,
                }
            }
            Expr::HasAttr(base, keys) => {
                let base = self.eval(ast, *base, env);
                new(self.has_path(ast, base, keys, env))
            }
            Expr::If(condition, then, otherwise) => {
                match self.eval(ast, *condition, env).val.settled() {
                    Val::Bool(true) => self.eval(ast, *then, env).via(step(Via::Branch, here)),
                    Val::Bool(false) => {
                        self.eval(ast, *otherwise, env).via(step(Via::Branch, here))
                    }
                    Val::Unknown(why @ (Why::Failure(_) | Why::Limit | Why::Cycle)) => {
                        new(Val::Unknown(why))
                    }
                    Val::Unknown(_) | Val::OneOf(_) => {
                        let then = self.eval(ast, *then, env).via(step(Via::Branch, here));
                        let otherwise =
                            self.eval(ast, *otherwise, env).via(step(Via::Branch, here));
                        new(one_of([then, otherwise]))
                    }
                    _ => new(failure("a condition is not a boolean")),
                }
            }
            Expr::With(scope, body) => {
                let scope = self.suspend(ast, *scope, env);
                let (inner, _) = env.push(FrameKind::With(scope));
                self.eval(ast, *body, &inner)
            }
            Expr::Assert(condition, body) => match self.eval(ast, *condition, env).val.settled() {
                Val::Bool(false) => new(failure("an assertion fails")),
                Val::Bool(true) | Val::OneOf(_) => self.eval(ast, *body, env),
                Val::Unknown(why @ (Why::Failure(_) | Why::Limit | Why::Cycle)) => {
                    new(Val::Unknown(why))
                }
                Val::Unknown(_) => self.eval(ast, *body, env),
                _ => new(failure("an assertion is not a boolean")),
            },
            Expr::Not(operand) => {
                let operand = self.eval(ast, *operand, env);
                new(
                    self.each(&operand, |value| match value.val.clone().settled() {
                        Val::Bool(value) => Val::Bool(!value),
                        Val::Unknown(why) => Val::Unknown(why),
                        _ => failure("`!` wants a boolean"),
                    }),
                )
            }
            Expr::Negate(operand) => {
                let operand = self.eval(ast, *operand, env);
                new(
                    self.each(&operand, |value| match value.val.clone().settled() {
                        Val::Int(value) => value
                            .checked_neg()
                            .map_or_else(|| failure("integer overflow"), Val::Int),
                        Val::Float(value) => Val::Float(-value),
                        Val::Unknown(why) => Val::Unknown(why),
                        _ => failure("`-` wants a number"),
                    }),
                )
            }
            Expr::Binary(operator, left, right) => {
                self.binary(ast, *operator, (*left, *right), env, here)
            }
        }
    }

    /// A lazy expression. Names and literals of nixtune's own code are not wrapped again, so
    /// that a value keeps the place where a person wrote it.
    pub fn suspend(&self, ast: &Arc<Ast>, expr: ExprId, env: &Env) -> Thunk {
        if ast.file() == PRELUDE
            && let Expr::Ident(name) = ast.expr(ast.peel(expr))
            && let Some(thunk) = self.bound(name, env)
        {
            return thunk;
        }
        Thunk::expr(ast, expr, env, Self::place(ast, expr))
    }

    /// The lazy value of a name that a `let`, `rec`, parameter or the global scope binds.
    fn bound(&self, name: &str, env: &Env) -> Option<Thunk> {
        env.frames()
            .find_map(|frame| frame.lookup(name))
            .map(|(thunk, _)| thunk)
            .or_else(|| self.globals().get(name).cloned())
    }

    fn globals(&self) -> &HashMap<&'static str, Thunk> {
        self.globals.get_or_init(builtins::globals)
    }

    /// The `builtins` set.
    pub fn builtins(&self) -> Option<Thunk> {
        self.globals().get("builtins").cloned()
    }

    fn variable(&self, name: &Name, env: &Env, here: Option<Place>) -> Computed {
        for frame in env.frames() {
            if let Some((thunk, is_param)) = frame.lookup(name) {
                let via = if is_param {
                    Via::Argument
                } else {
                    Via::Binding
                };
                return thunk.force(self).via(step(via, here));
            }
        }
        if let Some(thunk) = self.globals().get(name.as_ref()) {
            let mut computed = thunk.force(self);
            computed.origin = computed.origin.or(here);
            return computed;
        }
        for frame in env.frames() {
            let FrameKind::With(scope) = frame.kind() else {
                continue;
            };
            let scope = scope.force(self);
            match self.select(&scope, name) {
                Selected::Found(found) => return found.via(step(Via::With, here)),
                Selected::Missing => {}
            }
        }
        Computed::at(Val::Unknown(Why::Undefined(Arc::clone(name))), here)
    }

    // ---- strings and paths -------------------------------------------------------------

    fn string(&self, ast: &Arc<Ast>, parts: &[Part], env: &Env) -> Val {
        if let [Part::Text(text)] = parts {
            return Val::Str(Arc::clone(text));
        }
        let mut variants = vec![String::new()];
        for part in parts {
            match part {
                Part::Text(text) => variants.iter_mut().for_each(|v| v.push_str(text)),
                Part::Expr(expr) => {
                    let value = self.eval(ast, *expr, env);
                    let texts = match self.coerced(&value, Coercion::Interpolation) {
                        Ok(texts) => texts,
                        Err(why) => return Val::Unknown(why),
                    };
                    if variants.len() * texts.len() > ALTERNATIVES {
                        return Val::Unknown(Why::Limit);
                    }
                    variants = variants
                        .iter()
                        .flat_map(|before| texts.iter().map(move |text| format!("{before}{text}")))
                        .collect();
                }
            }
        }
        alternatives(variants.into_iter().map(|text| Val::Str(text.into())))
    }

    /// The texts that a value may stand for in a string.
    pub fn coerced(&self, value: &Computed, how: Coercion) -> Result<Vec<Arc<str>>, Why> {
        match &value.val {
            Val::OneOf(several) => {
                let mut out = Vec::new();
                for one in several.iter() {
                    out.extend(self.coerced(one, how)?);
                }
                Ok(out)
            }
            _ => self.coerce(value, how).map(|text| vec![text]),
        }
    }

    /// The text that a value stands for (`EvalState::coerceToString`).
    pub fn coerce(&self, value: &Computed, how: Coercion) -> Result<Arc<str>, Why> {
        match &value.val {
            Val::Str(text) => Ok(Arc::clone(text)),
            Val::Path(path) => match how {
                Coercion::Interpolation => Err(Why::Impure("a path copied to the store".into())),
                _ => Ok(path.to_string_lossy().into()),
            },
            Val::Attrs(attrs) => {
                if let Some(to_string) = attrs.map.get("__toString") {
                    let function = to_string.value.force(self);
                    let text = self.apply(&function, Thunk::done(value.clone()));
                    return self.coerce(&text, how);
                }
                match attrs.map.get("outPath") {
                    Some(out_path) => self.coerce(&out_path.value.force(self), how),
                    None => Err(attrs
                        .open
                        .clone()
                        .unwrap_or_else(|| Why::Failure("a set cannot stand in a string".into()))),
                }
            }
            Val::Unknown(why) => Err(why.clone()),
            Val::Extern(set) => Err(set.why()),
            Val::Bool(flag) if how == Coercion::Loose => Ok(if *flag { "1" } else { "" }.into()),
            Val::Int(number) if how == Coercion::Loose => Ok(number.to_string().into()),
            Val::Float(number) if how == Coercion::Loose => Ok(format!("{number:.6}").into()),
            Val::Null if how == Coercion::Loose => Ok("".into()),
            Val::List(list) if how == Coercion::Loose => {
                if let Some(why) = &list.open {
                    return Err(why.clone());
                }
                let mut out = String::new();
                for (index, item) in list.items.iter().enumerate() {
                    let item = item.force(self);
                    let text = self.coerce(&item, how)?;
                    out.push_str(&text);
                    // An empty list leaves no blank (`coerceToString`).
                    let empty = matches!(&item.val, Val::List(inner) if inner.items.is_empty());
                    if index + 1 < list.items.len() && !empty {
                        out.push(' ');
                    }
                }
                Ok(out.into())
            }
            Val::OneOf(_) => Err(Why::Unsupported("an undecided value in a string".into())),
            _ => Err(Why::Failure("a value cannot stand in a string".into())),
        }
    }

    fn path(&self, ast: &Arc<Ast>, parts: &[Part], env: &Env) -> Val {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Expr(expr) => {
                    let value = self.eval(ast, *expr, env);
                    match self.coerce(&value, Coercion::Path) {
                        Ok(part) => text.push_str(&part),
                        Err(why) => return Val::Unknown(why),
                    }
                }
            }
        }
        let path = Path::new(&text);
        if path.is_absolute() {
            return Val::Path(normalize(path).into());
        }
        match self.files.folder(ast.file()) {
            Some(folder) => Val::Path(normalize(&folder.join(path)).into()),
            None => Val::Unknown(Why::Impure("the file's folder".into())),
        }
    }

    // ---- sets ---------------------------------------------------------------------------

    fn attrs(&self, ast: &Arc<Ast>, attrs: &Attrs, outer: &Env) -> (Rc<AttrMap>, Env) {
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
            match &self.eval(ast, dynamic.key, &env).val.settled() {
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

    fn key(&self, ast: &Arc<Ast>, key: &Key, env: &Env) -> Result<Name, Why> {
        match key {
            Key::Name(name, _) => Ok(Arc::clone(name)),
            Key::Computed(expr, _) => match self.eval(ast, *expr, env).val.settled() {
                Val::Str(name) => Ok(name),
                Val::Unknown(why) => Err(why),
                Val::OneOf(_) => Err(Why::Unsupported("an undecided name".into())),
                _ => Err(Why::Failure("an attribute name is not a string".into())),
            },
        }
    }

    fn select_path(&self, ast: &Arc<Ast>, base: Computed, keys: &[Key], env: &Env) -> Selected {
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

    fn select(&self, base: &Computed, name: &str) -> Selected {
        let unknown = |why: &Why| Selected::Found(Computed::bare(Val::Unknown(why.clone())));
        match &base.val {
            Val::Attrs(attrs) => match (attrs.map.get(name), &attrs.open) {
                (Some(attr), _) => Selected::Found(attr.value.force(self)),
                (None, None) => Selected::Missing,
                // The caller of a module passes arguments by name.
                (None, Some(Why::Argument(_))) => unknown(&Why::Argument(name.into())),
                (None, Some(why)) => unknown(why),
            },
            Val::Extern(set) => Selected::Found(set.select(self, name)),
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

    fn has_path(&self, ast: &Arc<Ast>, base: Computed, keys: &[Key], env: &Env) -> Val {
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
            Val::Extern(set) => Val::Unknown(set.why()),
            Val::Unknown(why) => Val::Unknown(why.clone()),
            _ => Val::Bool(false),
        })
    }

    // ---- functions ------------------------------------------------------------------------

    /// Calls a function.
    pub fn apply(&self, function: &Computed, argument: Thunk) -> Computed {
        match &function.val {
            Val::Lambda(lambda) => self.call(lambda, argument),
            Val::Native(native) => {
                let mut native = Native::clone(native);
                native.args.push(argument);
                if native.args.len() < native.arity {
                    return Computed::bare(Val::Native(Rc::new(native)));
                }
                (native.body)(self, &native.args)
            }
            Val::Attrs(attrs) => match (attrs.map.get("__functor"), &attrs.open) {
                (Some(functor), _) => {
                    let functor = functor.value.force(self);
                    let bound = self.apply(&functor, Thunk::done(function.clone()));
                    self.apply(&bound, argument)
                }
                (None, Some(why)) => Computed::bare(Val::Unknown(why.clone())),
                (None, None) => Computed::bare(failure("a set is called like a function")),
            },
            Val::OneOf(several) => Computed::bare(one_of(
                several.iter().map(|one| self.apply(one, argument.clone())),
            )),
            Val::Extern(set) => Computed::bare(Val::Unknown(set.why())),
            Val::Unknown(why) => Computed::bare(Val::Unknown(why.clone())),
            _ => Computed::bare(failure("a value is called that is no function")),
        }
    }

    /// Calls a function with several arguments.
    pub fn apply_all(
        &self,
        function: &Computed,
        arguments: impl IntoIterator<Item = Thunk>,
    ) -> Computed {
        let mut result = function.clone();
        for argument in arguments {
            result = self.apply(&result, argument);
        }
        result
    }

    fn call(&self, lambda: &Rc<Lambda>, argument: Thunk) -> Computed {
        let Expr::Lambda(param, body) = lambda.ast.expr(lambda.expr) else {
            return Computed::bare(Val::Unknown(Why::Unsupported("a function".into())));
        };
        let Some(formals) = &param.formals else {
            let params = param
                .name
                .iter()
                .map(|name| (Arc::clone(name), argument.clone()));
            let (env, frame) = lambda
                .env
                .push(FrameKind::Params(RefCell::new(params.collect())));
            self.frames.borrow_mut().push(frame);
            return self.eval(&lambda.ast, *body, &env);
        };
        let given = argument.force(self);
        if let Val::OneOf(several) = &given.val {
            return Computed::bare(one_of(
                several
                    .iter()
                    .map(|one| self.call(lambda, Thunk::done(one.clone()))),
            ));
        }
        if let Val::Attrs(attrs) = &given.val
            && !param.open
            && let Some(extra) = attrs
                .map
                .keys()
                .find(|name| !formals.iter().any(|formal| formal.name == **name))
        {
            return Computed::bare(failure(&format!("unexpected argument `{extra}`")));
        }
        let (env, frame) = lambda.env.push(FrameKind::Params(RefCell::default()));
        self.frames.borrow_mut().push(Rc::clone(&frame));
        let mut params = Vec::with_capacity(formals.len() + 1);
        if let Some(name) = &param.name {
            params.push((Arc::clone(name), argument));
        }
        for formal in formals.iter() {
            let value = match &given.val {
                Val::Attrs(attrs) => match (attrs.map.get(&formal.name), &attrs.open) {
                    (Some(attr), _) => attr.value.clone(),
                    (None, Some(why)) => Thunk::val(Val::Unknown(match why {
                        Why::Argument(_) => Why::Argument(Arc::clone(&formal.name)),
                        other => other.clone(),
                    })),
                    (None, None) => match formal.default {
                        Some(default) => self.suspend(&lambda.ast, default, &env),
                        None => {
                            return Computed::bare(failure(&format!(
                                "the argument `{}` is missing",
                                formal.name
                            )));
                        }
                    },
                },
                Val::Extern(set) => {
                    let (set, name) = (Rc::clone(set), Arc::clone(&formal.name));
                    Thunk::call(move |evaluator| set.select(evaluator, &name))
                }
                Val::Unknown(why) => Thunk::val(Val::Unknown(why.clone())),
                _ => return Computed::bare(failure("a function wants a set")),
            };
            params.push((Arc::clone(&formal.name), value));
        }
        if let FrameKind::Params(cell) = frame.kind() {
            cell.replace(params);
        }
        self.eval(&lambda.ast, *body, &env)
    }

    // ---- operators ------------------------------------------------------------------------

    fn binary(
        &self,
        ast: &Arc<Ast>,
        operator: Operator,
        (left, right): (ExprId, ExprId),
        env: &Env,
        here: Option<Place>,
    ) -> Computed {
        let new = |val| Computed::at(val, here);
        match operator {
            Operator::PipeRight => {
                let function = self.eval(ast, right, env);
                return self.apply(&function, self.suspend(ast, left, env));
            }
            Operator::PipeLeft => {
                let function = self.eval(ast, left, env);
                return self.apply(&function, self.suspend(ast, right, env));
            }
            Operator::And | Operator::Or | Operator::Implies => {
                return new(self.logic(ast, operator, (left, right), env));
            }
            _ => {}
        }
        let left = self.eval(ast, left, env);
        let right = self.eval(ast, right, env);
        if operator == Operator::Update {
            // `{ } // x` is x itself, with its way.
            if matches!(&left.val, Val::Attrs(a) if a.map.is_empty() && a.open.is_none())
                && matches!(right.val, Val::Attrs(_))
            {
                return right;
            }
        }
        new(super::operators::binary(self, operator, &left, &right))
    }

    fn logic(
        &self,
        ast: &Arc<Ast>,
        operator: Operator,
        (left, right): (ExprId, ExprId),
        env: &Env,
    ) -> Val {
        let left = self.eval(ast, left, env).val.settled();
        // The value of the left side that decides alone, and the result then.
        let (deciding, result) = match operator {
            Operator::And => (false, false),
            Operator::Or => (true, true),
            _ => (false, true),
        };
        match left {
            Val::Bool(value) if value == deciding => Val::Bool(result),
            Val::Bool(_) => match self.eval(ast, right, env).val.settled() {
                value @ (Val::Bool(_) | Val::Unknown(_) | Val::OneOf(_)) => value,
                _ => failure("a logical operator wants booleans"),
            },
            Val::Unknown(why @ (Why::Failure(_) | Why::Limit | Why::Cycle)) => Val::Unknown(why),
            Val::Unknown(_) | Val::OneOf(_) => {
                let why = match left {
                    Val::Unknown(why) => why,
                    _ => Why::Unsupported("an undecided condition".into()),
                };
                // The right side decides when it is the result that either left side allows.
                match self.eval(ast, right, env).val {
                    Val::Bool(value) if value == result => Val::Bool(result),
                    _ => Val::Unknown(why),
                }
            }
            _ => failure("a logical operator wants booleans"),
        }
    }

    /// Applies `f` to a value, or to each of its alternatives.
    pub fn each(&self, value: &Computed, f: impl Fn(&Computed) -> Val) -> Val {
        match &value.val {
            Val::OneOf(several) => alternatives(several.iter().map(f)),
            _ => f(value),
        }
    }
}

/// How strictly a value turns into text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Coercion {
    /// `"${x}"`: strings and derivations.
    Interpolation,
    /// Inside a path: strings and paths.
    Path,
    /// `toString x`: numbers, booleans, null and lists as well.
    Loose,
}

/// A failure of evaluation.
pub fn failure(reason: &str) -> Val {
    Val::Unknown(Why::Failure(reason.into()))
}

/// One of several values, flattened; too many become Unknown.
pub fn one_of(values: impl IntoIterator<Item = Computed>) -> Val {
    let mut flat: Vec<Computed> = Vec::new();
    for value in values {
        match &value.val {
            Val::OneOf(several) => flat.extend(several.iter().cloned()),
            _ => flat.push(value),
        }
    }
    if flat.len() > ALTERNATIVES {
        return Val::Unknown(Why::Limit);
    }
    match flat.as_slice() {
        [] => Val::Unknown(Why::Limit),
        [only] => only.val.clone(),
        _ => Val::OneOf(flat.into()),
    }
}

fn alternatives(values: impl IntoIterator<Item = Val>) -> Val {
    one_of(values.into_iter().map(Computed::bare))
}

fn step(via: Via, place: Option<Place>) -> Option<Step> {
    place.map(|place| Step { via, place })
}

/// A path without `.` and `..`, by its text alone, as Nix does it.
pub fn normalize(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}
