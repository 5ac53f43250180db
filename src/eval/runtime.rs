//! Values while they are being computed: shared, lazy, with functions.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use super::evaluator::{Evaluator, failure, step};
pub use super::members::Members;
use super::value::{Step, Via, Why};
use crate::syntax::ast::{Ast, ExprId, Name, Slot};
use crate::text::Place;

/// A value in weak head normal form, with the way it came.
#[derive(Clone, Debug)]
pub struct Computed {
    /// The value.
    pub val: Val,
    /// The expression that gave it first; `None` for values that no file wrote.
    pub origin: Option<Place>,
    /// The stages since then.
    pub via: Trail,
}

/// Stages of a value's way, last first; shared.
#[derive(Clone, Debug, Default)]
pub struct Trail(Option<Rc<(Step, Trail, usize)>>);

/// Longer trails are of no use to a reader.
const LONGEST_TRAIL: usize = 32;

impl Trail {
    /// This trail with one more stage.
    pub fn with(&self, step: Step) -> Self {
        let length = self.0.as_ref().map_or(0, |node| node.2);
        if length >= LONGEST_TRAIL {
            return self.clone();
        }
        Self(Some(Rc::new((step, self.clone(), length + 1))))
    }

    /// The stages, last first.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = self;
        while let Some(node) = &at.0 {
            steps.push(node.0);
            at = &node.1;
        }
        steps
    }
}

impl Computed {
    /// A value that no file wrote.
    pub fn bare(val: Val) -> Self {
        Self {
            val,
            origin: None,
            via: Trail::default(),
        }
    }

    /// A value written at `origin`.
    pub fn at(val: Val, origin: Option<Place>) -> Self {
        Self {
            val,
            origin,
            via: Trail::default(),
        }
    }

    /// The same value, a set from outside with all that it holds.
    #[must_use]
    pub fn settled(self, evaluator: &Evaluator<'_>) -> Self {
        match self.val {
            Val::Extern(_) => Self {
                val: self.val.settled(evaluator),
                ..self
            },
            _ => self,
        }
    }

    /// The same value with one more stage behind it.
    pub fn via(mut self, step: Option<Step>) -> Self {
        // Nobody asks which way a function took.
        if let Some(step) = step
            && !matches!(self.val, Val::Lambda(_) | Val::Native(_) | Val::Extern(_))
        {
            self.via = self.via.with(step);
        }
        self
    }
}

/// A value in weak head normal form.
#[derive(Clone, Debug)]
pub enum Val {
    /// `null`
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A double.
    Float(f64),
    /// A string.
    Str(Arc<str>),
    /// An absolute, normalized path.
    Path(Arc<Path>),
    /// A list; its elements are lazy.
    List(Rc<ListVal>),
    /// A set; its values are lazy.
    Attrs(Rc<AttrMap>),
    /// A function written in Nix.
    Lambda(Rc<Lambda>),
    /// A function of nixtune's own.
    Native(Rc<Native>),
    /// A set whose attributes are answered from outside: `config`, `pkgs`.
    Extern(Rc<dyn Extern>),
    /// One of a few values.
    OneOf(Rc<[Computed]>),
    /// Not known.
    Unknown(Why),
}

impl Val {
    /// A set from outside that is used as a whole: what it holds, or why that is not known.
    #[must_use]
    pub fn settled(self, evaluator: &Evaluator<'_>) -> Self {
        match self {
            Self::Extern(set) => set.whole(evaluator),
            other => other,
        }
    }
}

/// A list.
#[derive(Clone, Debug, Default)]
pub struct ListVal {
    /// The elements that are known to be there.
    pub items: Vec<Thunk>,
    /// Set when there may be further elements, at any position.
    pub open: Option<Why>,
}

/// A set.
#[derive(Clone, Debug, Default)]
pub struct AttrMap {
    /// The attributes that are known to exist.
    pub map: Members,
    /// Set when there may be further attributes.
    pub open: Option<Why>,
}

/// One attribute.
#[derive(Clone, Debug)]
pub struct Attr {
    /// Its value.
    pub value: Thunk,
    /// Where its name is written.
    pub name: Option<Place>,
    /// The statement that binds it.
    pub statement: Option<Place>,
    /// How it is written.
    pub written: Written,
}

/// How an attribute is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Written {
    /// `name = value;`
    Binding,
    /// `inherit name;`
    Inherit,
    /// By a function.
    Computed,
}

impl Attr {
    /// An attribute that no statement wrote.
    pub fn computed(value: Thunk) -> Self {
        Self {
            value,
            name: None,
            statement: None,
            written: Written::Computed,
        }
    }
}

/// A function written in Nix.
#[derive(Debug)]
pub struct Lambda {
    /// Its file.
    pub ast: Arc<Ast>,
    /// The lambda expression in it.
    pub expr: ExprId,
    /// What it sees.
    pub env: Env,
}

/// The body of a function of nixtune's own. It gets as many arguments as its arity says.
pub type NativeBody = Rc<dyn Fn(&Evaluator<'_>, &[Thunk]) -> Computed>;

/// A function of nixtune's own, with the arguments it has so far.
#[derive(Clone)]
pub struct Native {
    /// Its name in messages.
    pub name: &'static str,
    /// How many arguments it wants.
    pub arity: usize,
    /// Those that it has.
    pub args: Vec<Thunk>,
    /// What it does.
    pub body: NativeBody,
}

impl std::fmt::Debug for Native {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{}/{}>", self.name, self.arity)
    }
}

/// A set whose attributes come from outside of evaluation.
pub trait Extern: std::fmt::Debug {
    /// The attribute `name`, `None` when it certainly is not there; a value that is not known is
    /// [`Val::Unknown`].
    fn select(&self, evaluator: &Evaluator<'_>, name: &str) -> Option<Computed>;

    /// Whether the attribute `name` is there: a boolean, or unknown.
    fn has(&self, _evaluator: &Evaluator<'_>, _name: &str) -> Val {
        Val::Unknown(self.why())
    }

    /// The set that a function's pattern binds with `@` when it is called with this one: `None`
    /// for this one itself. `names` are those of the pattern.
    fn as_pattern(&self, _names: &[Name]) -> Option<Val> {
        None
    }

    /// Everything that it holds, as a value of another kind; by default that is not known.
    fn whole(&self, _evaluator: &Evaluator<'_>) -> Val {
        Val::Unknown(self.why())
    }

    /// True when it is a value of its own rather than a set that others look into.
    fn is_leaf(&self) -> bool {
        false
    }

    /// What calling it gives.
    fn apply(&self, _evaluator: &Evaluator<'_>, _argument: Thunk) -> Computed {
        Computed::bare(Val::Unknown(self.why()))
    }

    /// Itself, for whoever made it.
    fn itself(&self) -> Option<&dyn std::any::Any> {
        None
    }

    /// What `import` of it gives, when it stands for a folder.
    fn import(&self, _evaluator: &Evaluator<'_>) -> Computed {
        Computed::bare(Val::Unknown(self.why()))
    }

    /// Why the set as a whole is not known.
    fn why(&self) -> Why;
}

/// A value that is computed when it is first needed.
#[derive(Clone)]
pub struct Thunk(Rc<Suspended>);

struct Suspended {
    site: Option<Place>,
    state: RefCell<State>,
}

enum State {
    Expr(Arc<Ast>, ExprId, Env),
    /// `inherit name;`: the value of a variable, one stage further.
    Inherit(Thunk),
    /// `inherit (source) name;`
    Select(Thunk, Name),
    Call(Box<dyn FnOnce(&Evaluator<'_>) -> Computed>),
    Running,
    /// The value, and whether something was taken for granted on the way to it.
    Done(Computed, bool),
}

/// How far a thunk is.
pub(super) enum Suspension {
    /// An expression that nobody asked for.
    Expr(Arc<Ast>, ExprId, Env),
    /// What another thunk gives.
    Inherit(Thunk),
    /// An attribute of what another thunk gives.
    Select(Thunk, Name),
    /// Its value.
    Done(Computed),
    /// Anything else.
    Other,
}

impl std::fmt::Debug for Thunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &*self.0.state.borrow() {
            State::Done(computed, _) => write!(f, "{:?}", computed.val),
            _ => f.write_str("<thunk>"),
        }
    }
}

impl Thunk {
    /// An expression to evaluate later. `site` is its place.
    pub fn expr(ast: &Arc<Ast>, expr: ExprId, env: &Env, site: Option<Place>) -> Self {
        Self::new(State::Expr(Arc::clone(ast), expr, env.clone()), site)
    }

    /// What another thunk gives, taken over by an `inherit` at `site`.
    pub(super) fn inherited(value: Self, site: Option<Place>) -> Self {
        Self::new(State::Inherit(value), site)
    }

    /// An attribute of what `source` gives, taken over by an `inherit` at `site`.
    pub(super) fn inherited_from(source: Self, name: Name, site: Option<Place>) -> Self {
        Self::new(State::Select(source, name), site)
    }

    /// Work to do later.
    pub fn call(work: impl FnOnce(&Evaluator<'_>) -> Computed + 'static) -> Self {
        Self::new(State::Call(Box::new(work)), None)
    }

    /// Work to do later, written at `site`.
    pub fn call_at(
        site: Option<Place>,
        work: impl FnOnce(&Evaluator<'_>) -> Computed + 'static,
    ) -> Self {
        Self::new(State::Call(Box::new(work)), site)
    }

    /// A value that is there already.
    pub fn done(computed: Computed) -> Self {
        Self::new(State::Done(computed, false), None)
    }

    /// A bare value that is there already.
    pub fn val(val: Val) -> Self {
        Self::done(Computed::bare(val))
    }

    fn new(state: State, site: Option<Place>) -> Self {
        Self(Rc::new(Suspended {
            site,
            state: RefCell::new(state),
        }))
    }

    /// The expression that stands for this value where it is used.
    pub fn site(&self) -> Option<Place> {
        self.0.site
    }

    /// The value, computed at the first call.
    pub fn force(&self, evaluator: &Evaluator<'_>) -> Computed {
        if let State::Done(computed, assumed) = &*self.0.state.borrow() {
            if *assumed {
                evaluator.assume();
            }
            return computed.clone();
        }
        let before = evaluator.assumptions();
        let site = self.0.site;
        let computed = match self.0.state.replace(State::Running) {
            State::Done(computed, _) => computed,
            State::Expr(ast, expr, env) => evaluator.eval(&ast, expr, &env),
            State::Inherit(value) => value.force(evaluator).via(step(Via::Inherit, site)),
            State::Select(source, name) => {
                let source = source.force(evaluator);
                match evaluator.attribute(&source, &name) {
                    Some(found) => found.via(step(Via::Inherit, site)),
                    None => Computed::bare(failure("an inherited attribute is missing")),
                }
            }
            State::Call(work) => work(evaluator),
            State::Running => Computed::bare(Val::Unknown(Why::Cycle)),
        };
        let assumed = evaluator.assumptions() != before;
        self.0.state.replace(State::Done(computed.clone(), assumed));
        computed
    }

    /// How far it is.
    pub(super) fn suspension(&self) -> Suspension {
        match &*self.0.state.borrow() {
            State::Expr(ast, expr, env) => Suspension::Expr(Arc::clone(ast), *expr, env.clone()),
            State::Inherit(value) => Suspension::Inherit(value.clone()),
            State::Select(source, name) => Suspension::Select(source.clone(), Arc::clone(name)),
            State::Done(computed, false) => Suspension::Done(computed.clone()),
            State::Call(_) | State::Running | State::Done(_, true) => Suspension::Other,
        }
    }

    /// True for what an `inherit` takes over and nobody asked for.
    pub(super) fn is_inherited(&self) -> bool {
        let state = self.0.state.borrow();
        matches!(*state, State::Inherit(_) | State::Select(..))
    }

    /// True when both are one.
    pub(super) fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Where it lies; the same for as long as it lives.
    pub(super) fn address(&self) -> *const () {
        Rc::as_ptr(&self.0).cast()
    }

    /// True once the value was computed.
    pub fn is_done(&self) -> bool {
        matches!(*self.0.state.borrow(), State::Done(..))
    }

    /// The value, a set from outside with all that it holds.
    pub fn settle(&self, evaluator: &Evaluator<'_>) -> Computed {
        self.force(evaluator).settled(evaluator)
    }
}

/// The names that an expression sees.
#[derive(Clone, Debug, Default)]
pub struct Env(Option<Rc<Frame>>);

/// One scope.
#[derive(Debug)]
pub struct Frame {
    kind: FrameKind,
    outer: Env,
}

/// What a scope is made of.
#[derive(Debug)]
pub enum FrameKind {
    /// `let`, `rec`: names that see each other. Filled right after it is made.
    Bindings(RefCell<Vec<Thunk>>),
    /// A function's parameters.
    Params(RefCell<Vec<Thunk>>),
    /// `with x;`
    With(Thunk),
    /// What `scopedImport` puts around a file.
    Given(Rc<AttrMap>),
}

impl FrameKind {
    fn slots(&self) -> Option<(&RefCell<Vec<Thunk>>, Via)> {
        match self {
            Self::Bindings(slots) => Some((slots, Via::Binding)),
            Self::Params(slots) => Some((slots, Via::Argument)),
            Self::With(_) | Self::Given(_) => None,
        }
    }
}

impl Env {
    /// This scope with another one inside.
    #[must_use]
    pub fn with(&self, kind: FrameKind) -> Self {
        let outer = self.clone();
        Self(Some(Rc::new(Frame { kind, outer })))
    }

    /// Gives the innermost scope the values that it binds.
    pub fn fill(&self, values: Vec<Thunk>) {
        let slots = self.0.as_deref().and_then(|frame| frame.kind.slots());
        if let Some((slots, _)) = slots {
            slots.replace(values);
        }
    }

    /// The value of a variable that the file binds, and the way by which it comes.
    pub fn at(&self, slot: Slot) -> Option<(Thunk, Via)> {
        let mut frame = self.0.as_deref()?;
        for _ in 0..slot.up {
            frame = frame.outer.0.as_deref()?;
        }
        let (slots, via) = frame.kind.slots()?;
        let value = slots.borrow().get(slot.at as usize)?.clone();
        Some((value, via))
    }

    /// True when something else holds the innermost scope, too.
    pub fn is_shared(&self) -> bool {
        let frame = self.0.as_ref();
        frame.is_some_and(|frame| Rc::strong_count(frame) > 1)
    }

    /// True when the file sees names that `scopedImport` gave it.
    pub(super) fn is_given(&self) -> bool {
        self.frames()
            .any(|frame| matches!(frame, FrameKind::Given(_)))
    }

    /// Forgets what the innermost scope holds. Scopes and the values in them refer to each
    /// other; this breaks the ring when evaluation is over.
    pub fn clear(&self) {
        self.fill(Vec::new());
    }

    /// What the scopes are made of, from the innermost on.
    pub fn frames(&self) -> impl Iterator<Item = &FrameKind> {
        let mut at = self.0.as_deref();
        std::iter::from_fn(move || {
            let frame = at?;
            at = frame.outer.0.as_deref();
            Some(&frame.kind)
        })
    }
}
