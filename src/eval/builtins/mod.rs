//! The pure part of `builtins`, and the names that are global without it.
//!
//! What needs the store, the network, the clock or the environment is Unknown.

mod control;
mod files;
mod grouping;
mod hashes;
mod json;
mod lists;
mod patterns;
mod sets;
mod strings;
mod values;
mod versions;
mod xml;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::choices::one_of;
use super::evaluator::{Evaluator, failure};
use super::runtime::{Attr, AttrMap, Computed, ListVal, Members, Native, Thunk, Val};
use super::value::Why;
use crate::syntax::ast::Name;

/// Builtins by name while they are being collected.
#[derive(Default)]
struct Table(BTreeMap<&'static str, Thunk>);

impl Table {
    /// Adds a function.
    fn function(
        &mut self,
        name: &'static str,
        arity: usize,
        body: impl Fn(&Evaluator<'_>, &[Thunk]) -> Computed + 'static,
    ) {
        let native = Native {
            name,
            arity,
            args: Vec::new(),
            body: Rc::new(body),
        };
        self.0
            .insert(name, Thunk::val(Val::Native(Rc::new(native))));
    }

    /// Adds a function of one forced argument; alternatives are followed one by one.
    fn unary(
        &mut self,
        name: &'static str,
        body: impl Fn(&Evaluator<'_>, &Computed) -> Val + 'static,
    ) {
        self.function(name, 1, move |evaluator, args| {
            let Some(arg) = args.first() else {
                return Computed::bare(failure(name));
            };
            let value = arg.settle(evaluator);
            Computed::bare(evaluator.each(&value, |value| match &value.val {
                Val::Unknown(why) => Val::Unknown(why.clone()),
                Val::Extern(set) => Val::Unknown(set.why()),
                _ => body(evaluator, value),
            }))
        });
    }

    /// Adds a function of two forced arguments.
    fn binary(
        &mut self,
        name: &'static str,
        body: impl Fn(&Evaluator<'_>, &Computed, &Computed) -> Val + 'static,
    ) {
        let body = Rc::new(body);
        self.function(name, 2, move |evaluator, args| {
            let [left, right] = args else {
                return Computed::bare(failure(name));
            };
            let (left, right) = (left.settle(evaluator), right.settle(evaluator));
            Computed::bare(evaluator.each(&left, |left| {
                evaluator.each(&right, |right| match (&left.val, &right.val) {
                    (Val::Unknown(why), _) | (_, Val::Unknown(why)) if why.is_final() => {
                        Val::Unknown(why.clone())
                    }
                    (Val::Unknown(why), _) | (_, Val::Unknown(why)) => Val::Unknown(why.clone()),
                    (Val::Extern(set), _) | (_, Val::Extern(set)) => Val::Unknown(set.why()),
                    _ => body(evaluator, left, right),
                })
            }))
        });
    }

    fn value(&mut self, name: &'static str, val: Val) {
        self.0.insert(name, Thunk::val(val));
    }
}

/// Builtins that nixtune never computes, each with the reason.
const NOT_COMPUTED: [(&str, &str); 24] = [
    (
        "currentSystem",
        "differs between the machines that evaluate",
    ),
    ("currentTime", "is the clock"),
    ("derivation", "describes a build"),
    ("derivationStrict", "describes a build"),
    ("fetchClosure", "reaches the network"),
    ("fetchFinalTree", "reaches the network"),
    ("fetchGit", "reaches the network"),
    ("fetchMercurial", "reaches the network"),
    ("fetchTarball", "reaches the network"),
    ("fetchTree", "reaches the network"),
    ("fetchurl", "reaches the network"),
    ("filterSource", "copies into the store"),
    ("findFile", "depends on the search path"),
    ("flakeRefToString", "is there only with flakes turned on"),
    ("getEnv", "is the environment"),
    ("getFlake", "reaches the network"),
    ("nixPath", "is the search path"),
    ("nixVersion", "differs between the machines that evaluate"),
    ("outputOf", "describes a build"),
    ("parseFlakeRef", "is there only with flakes turned on"),
    ("path", "copies into the store"),
    ("storePath", "asks the store"),
    ("toFile", "writes into the store"),
    (
        "unsafeGetAttrPos",
        "says where a file lies on the machine that evaluates",
    ),
];

/// Every builtin that nixtune knows; with the reason if it is not computed.
pub fn builtins() -> Vec<(&'static str, Option<&'static str>)> {
    let computed = collect().0.into_keys().map(|name| (name, None));
    let constants = ["builtins", "true", "false", "null"].map(|name| (name, None));
    let others = NOT_COMPUTED.map(|(name, reason)| (name, Some(reason)));
    computed.chain(constants).chain(others).collect()
}

/// Names that need no `builtins.` before them.
const GLOBAL: [&str; 22] = [
    "abort",
    "baseNameOf",
    "break",
    "derivation",
    "derivationStrict",
    "dirOf",
    "false",
    "fetchGit",
    "fetchMercurial",
    "fetchTarball",
    "fetchTree",
    "fromTOML",
    "import",
    "isNull",
    "map",
    "null",
    "placeholder",
    "removeAttrs",
    "scopedImport",
    "throw",
    "toString",
    "true",
];

/// The builtins that are computed.
fn collect() -> Table {
    let mut table = Table::default();
    values::register(&mut table);
    control::register(&mut table);
    files::register(&mut table);
    strings::register(&mut table);
    patterns::register(&mut table);
    json::register(&mut table);
    xml::register(&mut table);
    hashes::register(&mut table);
    versions::register(&mut table);
    lists::register(&mut table);
    grouping::register(&mut table);
    sets::register(&mut table);
    table
}

/// Everything that is in scope without being bound.
pub(super) fn globals() -> FxHashMap<Name, Thunk> {
    let mut table = collect();
    for (name, _) in NOT_COMPUTED {
        let why = Why::Impure(format!("builtins.{name}").into());
        table.value(name, Val::Unknown(why));
    }
    let constants = [
        ("true", Val::Bool(true)),
        ("false", Val::Bool(false)),
        ("null", Val::Null),
    ];
    for (name, val) in constants {
        table.value(name, val);
    }
    // `builtins.head` is `__head` as well.
    let mut globals: FxHashMap<Name, Thunk> = table
        .0
        .iter()
        .map(|(name, thunk)| {
            let name = if GLOBAL.contains(name) {
                Name::from(*name)
            } else {
                format!("__{name}").into()
            };
            (name, thunk.clone())
        })
        .collect();
    let map = table
        .0
        .into_iter()
        .map(|(name, thunk)| (Arc::from(name), Attr::computed(thunk)))
        .chain([(
            Arc::from("builtins"),
            Attr::computed(Thunk::call(|evaluator| evaluator.builtins())),
        )])
        .collect();
    // A newer Nix may have more.
    let open = Some(Why::Unsupported("a builtin".into()));
    globals.insert(
        "builtins".into(),
        Thunk::val(Val::Attrs(Rc::new(AttrMap { map, open }))),
    );
    globals
}

fn list(items: Vec<Thunk>) -> Val {
    Val::List(Rc::new(ListVal { items, open: None }))
}

fn set(map: Members) -> Val {
    Val::Attrs(Rc::new(AttrMap { map, open: None }))
}

fn text(text: impl Into<Arc<str>>) -> Val {
    Val::Str(text.into())
}

/// What a computation with text gives.
fn texts(result: Result<Arc<str>, Why>) -> Result<Arc<str>, Val> {
    result.map_err(Val::Unknown)
}

/// An error when a value can certainly not be called.
fn callable(evaluator: &Evaluator<'_>, function: &Computed) -> Result<(), Val> {
    match &function.val {
        Val::Lambda(_) | Val::Native(_) | Val::Extern(_) | Val::OneOf(_) => Ok(()),
        Val::Attrs(attrs) if attrs.open.is_some() || attrs.map.contains_key("__functor") => Ok(()),
        Val::Unknown(_) => evaluator.demand(&function.val),
        _ => Err(failure("a function is wanted")),
    }
}

/// The argument at `index`, forced; a failure when it is missing.
fn forced(evaluator: &Evaluator<'_>, args: &[Thunk], index: usize) -> Computed {
    handed_on(evaluator, args, index).settled(evaluator)
}

/// The same for an argument of which only a part is asked for.
fn handed_on(evaluator: &Evaluator<'_>, args: &[Thunk], index: usize) -> Computed {
    args.get(index).map_or_else(
        || Computed::bare(failure("too few arguments")),
        |arg| arg.force(evaluator),
    )
}

/// A list, all of whose elements are known to be there; otherwise what to return instead.
fn closed_list(value: &Computed) -> Result<&[Thunk], Val> {
    match &value.val {
        Val::List(list) => match &list.open {
            None => Ok(&list.items),
            Some(why) => Err(Val::Unknown(why.clone())),
        },
        other => Err(not_a(other, "a list")),
    }
}

/// A list that may lack elements.
fn open_list(value: &Computed) -> Result<&ListVal, Val> {
    match &value.val {
        Val::List(list) => Ok(list),
        other => Err(not_a(other, "a list")),
    }
}

/// A set, all of whose attributes are known to be there.
fn closed_set(value: &Computed) -> Result<&AttrMap, Val> {
    match &value.val {
        Val::Attrs(attrs) => match &attrs.open {
            None => Ok(attrs),
            Some(why) => Err(Val::Unknown(why.clone())),
        },
        other => Err(not_a(other, "a set")),
    }
}

/// A set that may lack attributes.
fn open_set(value: &Computed) -> Result<&AttrMap, Val> {
    match &value.val {
        Val::Attrs(attrs) => Ok(attrs),
        other => Err(not_a(other, "a set")),
    }
}

fn string(value: &Computed) -> Result<Arc<str>, Val> {
    match &value.val {
        Val::Str(text) => Ok(Arc::clone(text)),
        other => Err(not_a(other, "a string")),
    }
}

fn int(value: &Computed) -> Result<i64, Val> {
    match &value.val {
        Val::Int(number) => Ok(*number),
        other => Err(not_a(other, "an integer")),
    }
}

fn not_a(value: &Val, wanted: &str) -> Val {
    match value {
        Val::Unknown(why) => Val::Unknown(why.clone()),
        Val::Extern(set) => Val::Unknown(set.why()),
        Val::OneOf(_) => Val::Unknown(Why::Unsupported("an undecided value".into())),
        _ => failure(&format!("{wanted} is wanted")),
    }
}

/// What a predicate says; `Err` when that is not known.
fn holds(evaluator: &Evaluator<'_>, predicate: &Computed, args: &[Thunk]) -> Result<bool, Val> {
    match evaluator
        .apply_all(predicate, args.iter().cloned())
        .val
        .settled(evaluator)
    {
        Val::Bool(value) => Ok(value),
        other => Err(not_a(&other, "a boolean")),
    }
}

fn either<T>(result: Result<T, Val>, f: impl FnOnce(T) -> Val) -> Val {
    match result {
        Ok(value) => f(value),
        Err(val) => val,
    }
}

/// The result of a fallible computation.
fn flat(result: Result<Val, Val>) -> Val {
    result.unwrap_or_else(|val| val)
}

/// A computed value for each alternative of `value`.
fn each_computed(value: &Computed, f: impl Fn(&Computed) -> Computed) -> Computed {
    match &value.val {
        Val::OneOf(several) => Computed::bare(one_of(several.iter().map(f))),
        _ => f(value),
    }
}
