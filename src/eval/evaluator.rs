//! The evaluator: expressions to values, lazily, within bounds.
//!
//! It follows Nix's own evaluator (`src/libexpr/eval.cc`). Where a value depends on something
//! that is not known, the result is [`Val::Unknown`] with the reason, or [`Val::OneOf`] when a
//! condition is all that is missing. An error of evaluation is an Unknown as well: of the kind
//! [`Why::Failure`].

use std::cell::{Cell, OnceCell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::builtins;
use super::choices::one_of;
use super::prelude::Prelude;
use super::runtime::{Computed, Env, FrameKind, Lambda, ListVal, Thunk, Val};
use super::sameness::Calls;
use super::sets::Selected;
use super::value::{Step, Via, Why};
use crate::syntax::ast::{Ast, Expr, ExprId, Name, Operator, Slot};
use crate::text::{FileId, PathKey, PathMap, Place};

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

    /// Notes that the value of an expression depends on a file. Modules that the module system
    /// imports are not among these.
    fn depend(&self, _path: &Path) {}

    /// Whether a path exists.
    ///
    /// # Errors
    /// Why that cannot be said.
    fn exists(&self, path: &Path) -> Result<bool, Why>;

    /// The module that an import of a path means.
    ///
    /// # Errors
    /// Why there is none.
    fn module(&self, path: &Path) -> Result<ModuleImport, Why> {
        Err(Why::Import(path.to_string_lossy().into()))
    }

    /// Whether a module, or one that it imports, may say anything about Nix itself, going by its
    /// bytes.
    fn may_matter(&self, _module: &ModuleImport) -> bool {
        true
    }

    /// For each module, whether it, or one that it imports, may define an option at a path of
    /// names, going by its bytes.
    fn may_define(&self, modules: &[&ModuleImport], _names: &[Name]) -> Vec<bool> {
        vec![true; modules.len()]
    }
}

/// A module's file. Numbers stand for paths: equal ones for equal paths.
#[derive(Clone, Debug)]
pub struct ModuleImport {
    /// The path as importers write it; a folder and the `default.nix` in it differ.
    pub path: PathKey,
    /// The number of that path.
    pub number: u32,
    /// The file that is read.
    pub file: PathKey,
    /// The number of that file's path.
    pub file_number: u32,
}

/// The number that marks expressions of nixtune's own Nix code; no place is ever given for them.
pub const PRELUDE: FileId = FileId(u32::MAX);

/// Expressions that one evaluation may visit. The largest public configurations need well below
/// a tenth of it.
const FUEL: u64 = 3_000_000;

/// What one unit of fuel pays for: the whole of it for less than a gigabyte.
const BYTES_PER_FUEL: usize = 256;

/// Nesting of evaluation. A level takes up to a few kilobytes of stack; evaluation runs on
/// stacks of 256 MiB.
const DEPTH: u32 = 4_000;

/// Evaluates expressions of one machine. Not shared between threads.
pub struct Evaluator<'f> {
    files: &'f dyn Files,
    prelude: &'f Prelude,
    fuel: Cell<u64>,
    depth: Cell<u32>,
    limited: Cell<bool>,
    assumed: Cell<u64>,
    globals: OnceCell<FxHashMap<Name, Thunk>>,
    lib: OnceCell<Thunk>,
    imports: RefCell<PathMap<Thunk>>,
    /// Values that are made once, by name.
    pub(super) copies_by_origin: Cell<bool>,
    pub(super) folders: RefCell<FxHashMap<FileId, Option<Rc<Path>>>>,
    once: RefCell<FxHashMap<&'static str, Computed>>,
    pub(super) calls: RefCell<Calls>,
    /// Scopes that something refers to.
    pub(super) scopes: RefCell<Vec<Env>>,
}

impl Drop for Evaluator<'_> {
    fn drop(&mut self) {
        for scope in self.scopes.take() {
            scope.clear();
        }
    }
}

impl<'f> Evaluator<'f> {
    /// An evaluator with full fuel.
    pub fn new(files: &'f dyn Files, prelude: &'f Prelude) -> Self {
        Self {
            files,
            prelude,
            fuel: Cell::new(FUEL),
            depth: Cell::new(0),
            limited: Cell::new(false),
            assumed: Cell::new(0),
            globals: OnceCell::new(),
            lib: OnceCell::new(),
            imports: RefCell::default(),
            copies_by_origin: Cell::new(false),
            folders: RefCell::default(),
            once: RefCell::default(),
            calls: RefCell::default(),
            scopes: RefCell::default(),
        }
    }

    /// Fills the fuel up again, for work that has nothing to do with what was done before.
    pub fn refuel(&self) {
        self.fuel.set(FUEL);
    }

    /// Lets `"${./folder}"`, a copy in the store whose name is not known, stand for the folder
    /// itself: modules may be imported from it. Whoever takes values out must look for such names.
    #[must_use]
    pub fn with_copies_by_origin(self) -> Self {
        self.copies_by_origin.set(true);
        self
    }

    /// True when some value is unknown because a bound was reached. What such an evaluator
    /// remembers depends on the order of work; the next work better starts with a new one.
    pub fn was_limited(&self) -> bool {
        self.limited.get()
    }

    /// Pays for a text or list of this many bytes: fuel bounds memory as well.
    pub(super) fn spend(&self, bytes: usize) -> Result<(), Why> {
        let price = u64::try_from(bytes / BYTES_PER_FUEL).unwrap_or(u64::MAX);
        match self.fuel.get().checked_sub(price) {
            Some(rest) => {
                self.fuel.set(rest);
                Ok(())
            }
            None => {
                self.limited.set(true);
                Err(Why::Limit)
            }
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

    /// Where `lib` comes from.
    pub(super) fn prelude(&self) -> &'f Prelude {
        self.prelude
    }

    /// The value of that name, made by the first who asks for it.
    pub fn once(&self, name: &'static str, make: impl FnOnce() -> Computed) -> Computed {
        let known = self.once.borrow().get(name).cloned();
        known.unwrap_or_else(|| {
            let made = make();
            self.once.borrow_mut().insert(name, made.clone());
            made
        })
    }

    /// A file's value.
    pub fn import(&self, path: &Path) -> Computed {
        let done = self.imports.borrow().get(path.as_os_str()).cloned();
        let thunk = done.unwrap_or_else(|| {
            let thunk = match self.files.import(path) {
                Ok(ast) => Thunk::expr(&ast, ast.root(), &Env::default(), None),
                Err(why) => Thunk::val(Val::Unknown(why)),
            };
            self.imports.borrow_mut().insert(path.into(), thunk.clone());
            thunk
        });
        thunk.force(self)
    }

    /// Notes that a part that is not known was taken to evaluate: the value is right if there is
    /// one at all. Only `tryEval` needs to know.
    pub(super) fn assume(&self) {
        self.assumed.set(self.assumed.get() + 1);
    }

    /// How often something was taken for granted so far.
    pub(super) fn assumptions(&self) -> u64 {
        self.assumed.get()
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
            self.limited.set(true);
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
            Expr::Ident(name, slot) => self.variable(name, *slot, env, here),
            Expr::List(items) => {
                let items = items
                    .iter()
                    .map(|item| self.suspend(ast, *item, env))
                    .collect();
                new(Val::List(Rc::new(ListVal { items, open: None })))
            }
            Expr::Attrs(attrs) => new(self.set(ast, attrs, env)),
            Expr::Let(attrs, body) => match self.let_scope(ast, attrs, env) {
                Ok(scope) => {
                    let result = self.eval(ast, *body, &scope);
                    self.keep(scope);
                    result
                }
                Err(val) => new(val),
            },
            Expr::Lambda(..) => new(Val::Lambda(Rc::new(Lambda {
                ast: Arc::clone(ast),
                expr: id,
                env: env.clone(),
            }))),
            Expr::Apply(function, argument) => {
                let mut result = self.application(ast, *function, *argument, env);
                if result.origin.is_none() {
                    result.origin = here;
                }
                result
            }
            Expr::Select(base, keys, default) => {
                let base = self.eval(ast, *base, env);
                let result = match self.select_path(ast, base, keys, env) {
                    Selected::Found(found) => found.via(step(Via::Select, here)),
                    Selected::Perhaps(found) => {
                        let found = found.via(step(Via::Select, here));
                        match default {
                            Some(default) => {
                                let default = self.eval(ast, *default, env);
                                new(one_of([found, default]))
                            }
                            None => self.or_missing(found),
                        }
                    }
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
                self.branch(ast, *condition, (*then, *otherwise), env, here)
            }
            Expr::With(scope, body) => {
                let scope = self.suspend(ast, *scope, env);
                self.eval(ast, *body, &env.with(FrameKind::With(scope)))
            }
            Expr::Assert(condition, body) => {
                let holds = self.eval(ast, *condition, env).val.settled(self);
                match self.asserted(&holds) {
                    Ok(()) => self.eval(ast, *body, env),
                    Err(val) => new(val),
                }
            }
            Expr::Not(operand) => {
                let operand = self.eval(ast, *operand, env).settled(self);
                new(
                    self.each(&operand, |value| match value.val.clone().settled(self) {
                        Val::Bool(value) => Val::Bool(!value),
                        Val::Unknown(why) => Val::Unknown(why),
                        _ => failure("`!` wants a boolean"),
                    }),
                )
            }
            Expr::Negate(operand) => {
                let operand = self.eval(ast, *operand, env).settled(self);
                new(self.each(&operand, |value| {
                    // Nix subtracts from zero, which no negative zero comes from.
                    let operand = value.val.clone().settled(self);
                    super::operators::arithmetic(Operator::Sub, &Val::Int(0), &operand)
                }))
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
            && let Expr::Ident(name, slot) = ast.expr(ast.peel(expr))
        {
            let bound = slot.and_then(|slot| env.at(slot));
            let value = bound.map(|(value, _)| value);
            if let Some(value) = value.or_else(|| self.global(name).cloned()) {
                return value;
            }
        }
        Thunk::expr(ast, expr, env, Self::place(ast, expr))
    }

    /// The set of all builtins.
    pub(super) fn builtins(&self) -> Computed {
        self.global("builtins").map_or_else(
            || Computed::bare(failure("no builtins")),
            |thunk| thunk.force(self),
        )
    }

    /// A name that is in scope without being bound; `__head` stands for `builtins.head`.
    fn global(&self, name: &str) -> Option<&Thunk> {
        let globals = self.globals.get_or_init(builtins::globals);
        globals.get(name)
    }

    /// True for a name that is in scope everywhere.
    pub(super) fn is_global(&self, name: &str) -> bool {
        self.global(name).is_some()
    }

    /// The value of a variable, wherever it is bound.
    fn variable(
        &self,
        name: &Name,
        slot: Option<Slot>,
        env: &Env,
        here: Option<Place>,
    ) -> Computed {
        match slot.and_then(|slot| env.at(slot)) {
            Some((value, via)) => value.force(self).via(step(via, here)),
            None => self.unbound(name, env, here),
        }
    }

    /// The value of a variable that its file does not bind.
    pub(super) fn unbound(&self, name: &Name, env: &Env, here: Option<Place>) -> Computed {
        let given = env.frames().find_map(|frame| match frame {
            FrameKind::Given(attrs) => attrs.map.get(name),
            _ => None,
        });
        if let Some(attr) = given {
            return attr.value.force(self).via(step(Via::Binding, here));
        }
        if let Some(thunk) = self.global(name) {
            let mut computed = thunk.force(self);
            computed.origin = computed.origin.or(here);
            return computed;
        }
        // What some alternatives of undecided scopes say.
        let mut perhaps = Vec::new();
        let mut last = None;
        for frame in env.frames() {
            let FrameKind::With(scope) = frame else {
                continue;
            };
            let scope = scope.force(self);
            match self.select(&scope, name) {
                Selected::Found(found) => {
                    last = Some(found.via(step(Via::With, here)));
                    break;
                }
                Selected::Perhaps(found) => perhaps.push(found.via(step(Via::With, here))),
                Selected::Missing => {}
            }
        }
        let last = last
            .unwrap_or_else(|| Computed::at(Val::Unknown(Why::Undefined(Arc::clone(name))), here));
        if perhaps.is_empty() {
            return last;
        }
        perhaps.push(last);
        Computed::at(one_of(perhaps), here)
    }

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
}

/// A failure of evaluation.
pub fn failure(reason: &str) -> Val {
    Val::Unknown(Why::Failure(reason.into()))
}

pub(super) fn step(via: Via, place: Option<Place>) -> Option<Step> {
    place.map(|place| Step { via, place })
}
