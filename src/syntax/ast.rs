//! An owned syntax tree for evaluation: small, `Send`, with the span of every expression.
//!
//! Attribute paths are unfolded and merged here as Nix's parser does it
//! (`src/libexpr/parser-state.hh`): `a.b = 1; a.c = 2;` and `a = { b = 1; }; a.c = 2;` are one
//! set `a`. Edits never use this tree; they work on the lossless one.

use std::collections::HashMap;
use std::sync::Arc;

use crate::text::{FileId, Span};

/// A name or string content.
pub type Name = Arc<str>;

/// Index of an expression in its [`Ast`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ExprId(pub(super) u32);

/// The expressions of one file.
#[derive(Debug)]
pub struct Ast {
    pub(super) file: FileId,
    pub(super) exprs: Vec<(Expr, Span)>,
    pub(super) root: ExprId,
}

/// One expression.
#[derive(Debug)]
pub enum Expr {
    /// A variable, and where the file binds it; `None` for what a `with` or the global scope may
    /// bind.
    Ident(Name, Option<Slot>),
    /// A whole number; `None` when it does not fit 64 bits.
    Int(Option<i64>),
    /// A number with a point.
    Float(f64),
    /// `"…"` or `''…''`, dedented and unescaped.
    Str(Box<[Part]>),
    /// `./a`, `/a`, with interpolation; relative to the file's folder.
    Path(Box<[Part]>),
    /// `~/a`
    HomePath,
    /// `<nixpkgs>`
    SearchPath(Name),
    /// `[ a b ]`
    List(Box<[ExprId]>),
    /// `{ … }` and `rec { … }`
    Attrs(Box<Attrs>),
    /// `let … in body`; for `let { body = …; }` the body selects `body`.
    Let(Box<Attrs>, ExprId),
    /// `{ a ? 1, ... }@b: body`
    Lambda(Box<Param>, ExprId),
    /// `f x`
    Apply(ExprId, ExprId),
    /// `a.b.c or d`
    Select(ExprId, Box<[Key]>, Option<ExprId>),
    /// `a ? b.c`
    HasAttr(ExprId, Box<[Key]>),
    /// `if a then b else c`
    If(ExprId, ExprId, ExprId),
    /// `with a; b`
    With(ExprId, ExprId),
    /// `assert a; b`
    Assert(ExprId, ExprId),
    /// `!a`
    Not(ExprId),
    /// `-a`
    Negate(ExprId),
    /// `a + b`
    Binary(Operator, ExprId, ExprId),
    /// `( a )`
    Paren(ExprId),
    /// `__curPos` and what cannot be lowered.
    Opaque(&'static str),
}

/// Where a variable is bound, seen from where it is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot {
    /// How many scopes out: each `let`, `rec`, function and `with` makes one.
    pub up: u32,
    /// Position in that scope: in [`Attrs::bindings`] or [`Param::names`].
    pub at: u32,
}

/// A piece of a string or path.
#[derive(Debug)]
pub enum Part {
    /// Text.
    Text(Name),
    /// `${ … }`
    Expr(ExprId),
}

/// One step of an attribute path.
#[derive(Debug)]
pub enum Key {
    /// A name known from the text: `a`, `"a b"`.
    Name(Name, Span),
    /// `${ … }` or a string with interpolation.
    Computed(ExprId, Span),
}

/// A function's parameter.
#[derive(Debug)]
pub struct Param {
    /// `x:` or the name of `@x`.
    pub name: Option<Name>,
    /// `{ a, b ? 1 }`; `None` for a plain `x:`.
    pub formals: Option<Box<[Formal]>>,
    /// `...`
    pub open: bool,
}

impl Param {
    /// Every name that it binds: its own, then those of the pattern.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        let formals = self.formals.iter().flatten();
        self.name.iter().chain(formals.map(|formal| &formal.name))
    }
}

/// One name of a set pattern.
#[derive(Debug)]
pub struct Formal {
    /// The name.
    pub name: Name,
    /// Its default.
    pub default: Option<ExprId>,
}

/// The bindings of a set or `let`.
#[derive(Debug, Default)]
pub struct Attrs {
    /// `rec`, and every `let`.
    pub recursive: bool,
    /// Bindings with known names, each name once, sorted by name.
    pub bindings: Vec<Binding>,
    /// Bindings whose first name is computed.
    pub dynamic: Vec<Dynamic>,
    /// `inherit (a) …;` sources, in order.
    pub sources: Vec<ExprId>,
    /// True for a `rec` or old `let` set that says `__overrides`.
    pub overrides: bool,
    /// Positions in `bindings` by name, kept while a large set is being put together.
    pub(super) index: HashMap<Name, usize>,
}

/// From how many bindings on a set keeps an index of its names.
const INDEX_FROM: usize = 16;

impl Attrs {
    /// Position of a name in `bindings`.
    pub fn position(&self, name: &str) -> Option<usize> {
        if self.bindings.len() < INDEX_FROM {
            self.bindings
                .iter()
                .position(|binding| binding.name.as_ref() == name)
        } else if self.index.is_empty() {
            self.bindings
                .binary_search_by(|binding| (*binding.name).cmp(name))
                .ok()
        } else {
            self.index.get(name).copied()
        }
    }

    /// Brings the bindings into their final order, once all are there.
    pub(super) fn sort(&mut self) {
        self.index = HashMap::new();
        self.bindings.sort_by(|a, b| a.name.cmp(&b.name));
        self.overrides = self.recursive && self.position("__overrides").is_some();
    }

    /// Adds a binding with a name that is not there yet.
    pub(super) fn add(&mut self, binding: Binding) {
        self.bindings.push(binding);
        let len = self.bindings.len();
        if len == INDEX_FROM {
            self.index = self
                .bindings
                .iter()
                .enumerate()
                .map(|(at, binding)| (Arc::clone(&binding.name), at))
                .collect();
        } else if len > INDEX_FROM
            && let Some(last) = self.bindings.last()
        {
            self.index.insert(Arc::clone(&last.name), len - 1);
        }
    }
}

/// One name in a set.
#[derive(Debug)]
pub struct Binding {
    /// The name.
    pub name: Name,
    /// Where it is written (the first time).
    pub name_span: Span,
    /// The whole statement, `;` included.
    pub statement: Span,
    /// What it is bound to.
    pub target: Target,
}

/// What a name is bound to.
#[derive(Debug)]
pub enum Target {
    /// `name = value;`
    Value(ExprId),
    /// Made of several statements or of a longer path: a set that has no expression of its own.
    Nested(ExprId),
    /// `inherit name;`, and where the file binds it.
    Inherit(Option<Slot>),
    /// `inherit (source) name;`: index into [`Attrs::sources`].
    InheritFrom(usize),
}

/// A binding with a computed name.
#[derive(Debug)]
pub struct Dynamic {
    /// The name's expression.
    pub key: ExprId,
    /// Where the name is written.
    pub name_span: Span,
    /// The whole statement.
    pub statement: Span,
    /// The value.
    pub value: ExprId,
}

/// Binary operators.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operator {
    /// `++`
    Concat,
    /// `//`
    Update,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `->`
    Implies,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    More,
    /// `>=`
    MoreOrEqual,
    /// `|>`
    PipeRight,
    /// `<|`
    PipeLeft,
}

impl Ast {
    /// The file.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The whole file's expression.
    pub fn root(&self) -> ExprId {
        self.root
    }

    /// An expression. An id of another file gives an opaque one.
    pub fn expr(&self, id: ExprId) -> &Expr {
        self.exprs
            .get(id.0 as usize)
            .map_or(&Expr::Opaque("foreign expression"), |(expr, _)| expr)
    }

    /// Where it is written.
    pub fn span(&self, id: ExprId) -> Span {
        self.exprs
            .get(id.0 as usize)
            .map_or(Span::empty(0), |(_, span)| *span)
    }

    /// `id` without the parentheses around it.
    pub fn peel(&self, mut id: ExprId) -> ExprId {
        while let Expr::Paren(inner) = self.expr(id) {
            id = *inner;
        }
        id
    }
}
