//! Values of which it is not known which they are, and values that have to be there.

use super::evaluator::Evaluator;
use super::runtime::{Computed, Val};
use super::value::Why;

/// Alternatives that are followed; more become Unknown.
pub(super) const ALTERNATIVES: usize = 8;

impl Evaluator<'_> {
    /// A value that has to be there, of which nothing else is needed: `Err` when it certainly
    /// fails.
    pub(super) fn demand(&self, val: &Val) -> Result<(), Val> {
        match val {
            Val::Unknown(why) if why.is_final() => Err(Val::Unknown(why.clone())),
            Val::Unknown(_) => {
                self.assume();
                Ok(())
            }
            Val::OneOf(several) => {
                let mut failed = None;
                let mut fine = false;
                for one in several.iter() {
                    match self.demand(&one.val) {
                        Ok(()) => fine = true,
                        Err(val) => failed = failed.or(Some(val)),
                    }
                }
                match failed {
                    Some(val) if !fine => Err(val),
                    Some(_) => {
                        self.assume();
                        Ok(())
                    }
                    None => Ok(()),
                }
            }
            _ => Ok(()),
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

/// One of several values that no file wrote: equal ones are one.
pub(super) fn alternatives(values: impl IntoIterator<Item = Val>) -> Val {
    let mut different: Vec<Val> = Vec::new();
    for value in values {
        match value {
            // Those inside keep their places.
            Val::OneOf(_) => different.push(value),
            _ if different.iter().any(|known| is_same(known, &value)) => {}
            _ => different.push(value),
        }
    }
    one_of(different.into_iter().map(Computed::bare))
}

/// Whether two plain values are one for certain.
pub(super) fn is_same(a: &Val, b: &Val) -> bool {
    match (a, b) {
        (Val::Null, Val::Null) => true,
        (Val::Bool(a), Val::Bool(b)) => a == b,
        (Val::Int(a), Val::Int(b)) => a == b,
        (Val::Str(a), Val::Str(b)) => a == b,
        (Val::Path(a), Val::Path(b)) => a == b,
        (Val::Unknown(a), Val::Unknown(b)) => a == b,
        _ => false,
    }
}
