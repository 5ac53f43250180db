//! Definitions that may win, and the values of those that need no further look.

use std::rc::Rc;

use super::Names;
use super::node::{Def, Node, Part};
use super::types;
use crate::eval::runtime::{Attr, AttrMap, Computed, ListVal, Thunk, Val};
use crate::eval::{Evaluator, Why, one_of};

/// Definitions that may win, sorted by whether they surely count.
#[derive(Default)]
pub(super) struct Rivals {
    pub certain: Vec<(Def, Part)>,
    pub maybe: Vec<(Def, Part, Why)>,
}

/// What is being merged.
pub(super) struct Merge<'a> {
    pub node: &'a Node,
    pub path: &'a Names,
    pub default: Option<Thunk>,
    /// True when further modules may define it as well.
    pub is_open: bool,
    /// True when a module of the scope declares it.
    pub is_declared: bool,
}

impl Merge<'_> {
    /// Why the value is not known as a whole.
    pub fn why(&self) -> Why {
        Why::Option(self.path.join(".").into())
    }

    /// Set when further modules may add to the value.
    pub fn open(&self) -> Option<Why> {
        self.is_open.then(|| self.why())
    }
}

impl Rivals {
    pub fn parts(&self) -> impl Iterator<Item = &Part> + Clone {
        let maybe = self.maybe.iter().map(|(_, part, _)| part);
        self.certain.iter().map(|(_, part)| part).chain(maybe)
    }

    /// Why the definitions that are there may be dropped for a stronger one.
    pub fn shadow(&self) -> Option<&Why> {
        let (weakest, _) = self.certain.first()?;
        let mut maybe = self.maybe.iter();
        let stronger = maybe.find(|(def, ..)| def.priority < weakest.priority)?;
        Some(&stronger.2)
    }

    pub fn has_leaf(&self) -> bool {
        let is_leaf = |part: &Part| matches!(part, Part::Leaf(_));
        self.certain.iter().any(|(_, part)| is_leaf(part))
            || self.maybe.iter().any(|(_, part, _)| is_leaf(part))
    }

    pub fn has_null(&self) -> bool {
        let is_null =
            |part: &Part| matches!(part, Part::Leaf(leaf) if matches!(leaf.val, Val::Null));
        self.certain.iter().any(|(_, part)| is_null(part))
            || self.maybe.iter().any(|(_, part, _)| is_null(part))
    }
}

pub(super) fn of_part(part: &Part) -> Computed {
    match part {
        Part::Set(attrs) => Computed::bare(Val::Attrs(Rc::clone(attrs))),
        Part::Leaf(leaf) => leaf.clone(),
        Part::Hole(why) => Computed::bare(Val::Unknown(why.clone())),
    }
}

/// One value wins; several equal ones are one.
pub(super) fn scalar(merge: &Merge<'_>, rivals: Rivals, evaluator: &Evaluator<'_>) -> Computed {
    let unset = || Computed::bare(Val::Unknown(merge.why()));
    let strongest = rivals.certain.first().map(|(def, _)| def.priority);
    let mut values: Vec<Computed> = Vec::new();
    match rivals.certain.as_slice() {
        [] => values.push(unset()),
        [(_, first), rest @ ..] => {
            let first = of_part(first);
            for (_, other) in rest {
                if !crate::eval::is_same(evaluator, &first.val, &of_part(other).val) {
                    let why = Why::Failure("an option has conflicting definitions".into());
                    return Computed::bare(Val::Unknown(why));
                }
            }
            values.push(first);
        }
    }
    for (def, part, _) in &rivals.maybe {
        // Where it counts beside one of the same strength it must be the same value.
        let beside = strongest.is_some_and(|strongest| def.priority >= strongest);
        if beside && !matches!(part, Part::Hole(_)) {
            continue;
        }
        values.push(of_part(part));
    }
    match values.as_slice() {
        [only] => only.clone(),
        _ => Computed::bare(one_of(values)),
    }
}

/// Strings, one after the other.
pub(super) fn joined(merge: &Merge<'_>, rivals: Rivals, separator: &str) -> Computed {
    if let Some((_, _, why)) = rivals.maybe.first() {
        return Computed::bare(Val::Unknown(why.clone()));
    }
    if let [(_, only)] = rivals.certain.as_slice() {
        return of_part(only);
    }
    let mut texts = Vec::new();
    for (_, part) in &rivals.certain {
        match of_part(part).val {
            Val::Str(text) => texts.push(text),
            Val::Unknown(why) => return Computed::bare(Val::Unknown(why)),
            _ => return failure("a string is wanted"),
        }
    }
    if texts.is_empty() {
        return Computed::bare(Val::Unknown(merge.why()));
    }
    Computed::bare(Val::Str(texts.join(separator).into()))
}

/// Modules that are only collected: a module that imports them.
pub(super) fn deferred(rivals: &Rivals) -> Computed {
    let items: Vec<Thunk> = rivals
        .certain
        .iter()
        .map(|(_, part)| Thunk::done(of_part(part)))
        .collect();
    let open = rivals.maybe.first().map(|(_, _, why)| why.clone());
    if items.is_empty() {
        let why = open.unwrap_or_else(|| Why::Option("a module".into()));
        return Computed::bare(Val::Unknown(why));
    }
    let imports = Val::List(Rc::new(ListVal { items, open }));
    let map = [("imports".into(), Attr::computed(Thunk::val(imports)))];
    Computed::bare(Val::Attrs(Rc::new(AttrMap {
        map: map.into(),
        open: None,
    })))
}

/// Sets, each laid over those before it; what they hold is not looked at.
pub(super) fn overlaid(merge: &Merge<'_>, rivals: &Rivals) -> Computed {
    if let Some((_, _, why)) = rivals.maybe.first() {
        return Computed::bare(Val::Unknown(why.clone()));
    }
    if let [(_, only)] = rivals.certain.as_slice() {
        return of_part(only);
    }
    let mut all = AttrMap::default();
    for (_, part) in &rivals.certain {
        let Part::Set(attrs) = part else {
            return failure("a set is wanted");
        };
        if attrs.open.is_some() {
            // What one may lay over the others is not known.
            return Computed::bare(Val::Unknown(merge.why()));
        }
        all.map = all.map.updated(&attrs.map);
    }
    if rivals.certain.is_empty() {
        return Computed::bare(Val::Unknown(merge.why()));
    }
    Computed::bare(Val::Attrs(Rc::new(all)))
}

/// The definitions of a `coercedTo`, each as the final type has it.
pub(super) fn coerced(
    evaluator: &Evaluator<'_>,
    kind: &Computed,
    rivals: Rivals,
) -> Result<Rivals, Why> {
    let unsupported = || Why::Unsupported("coercedTo".into());
    let from = types::part(evaluator, kind, "coercedType").ok_or_else(unsupported)?;
    let function = evaluator
        .attribute(kind, "coerceFunc")
        .ok_or_else(unsupported)?;
    let turn = |def: Def, part: Part| {
        if matches!(part, Part::Hole(_)) {
            return Ok((def, part));
        }
        match types::fits(evaluator, &from, &of_part(&part).val) {
            Some(false) => Ok((def, part)),
            None => Err(unsupported()),
            Some(true) => {
                let value = evaluator.apply(&function, Thunk::done(of_part(&part)));
                let part = match &value.val {
                    Val::Attrs(attrs) => Part::Set(Rc::clone(attrs)),
                    Val::Unknown(why) => Part::Hole(why.clone()),
                    Val::OneOf(_) => return Err(unsupported()),
                    _ => Part::Leaf(value.clone()),
                };
                let value = Thunk::done(value);
                Ok((Def { value, ..def }, part))
            }
        }
    };
    let mut turned = Rivals::default();
    for (def, part) in rivals.certain {
        let (def, part) = turn(def, part)?;
        match &part {
            Part::Hole(why) => {
                let why = why.clone();
                turned.maybe.push((def, part, why));
            }
            _ => turned.certain.push((def, part)),
        }
    }
    for (def, part, why) in rivals.maybe {
        let (def, part) = turn(def, part)?;
        turned.maybe.push((def, part, why));
    }
    Ok(turned)
}

pub(super) fn failure(message: &'static str) -> Computed {
    Computed::bare(Val::Unknown(Why::Failure(message.into())))
}

pub(super) fn unknown(what: &'static str) -> Computed {
    Computed::bare(Val::Unknown(Why::Unsupported(what.into())))
}
