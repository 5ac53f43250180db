//! What types of options are made of, and which values they take.

use crate::eval::Evaluator;
use crate::eval::runtime::{Computed, Val};
use crate::syntax::ast::Name;

/// The name of a type.
pub(super) fn name(evaluator: &Evaluator<'_>, kind: &Computed) -> Option<Name> {
    match evaluator.attribute(kind, "name")?.settled(evaluator).val {
        Val::Str(name) => Some(name),
        _ => None,
    }
}

/// A type that it is made of: `elemType`, `left`.
pub(super) fn part(evaluator: &Evaluator<'_>, kind: &Computed, name: &str) -> Option<Computed> {
    let nested = evaluator.attribute(kind, "nestedTypes")?;
    Some(evaluator.attribute(&nested, name)?.settled(evaluator))
}

/// True for types whose values stay as they are written.
pub(super) fn is_simple(evaluator: &Evaluator<'_>, kind: &Computed) -> bool {
    let Some(name) = name(evaluator, kind) else {
        return true;
    };
    let made = [
        "submodule",
        "attrsOf",
        "lazyAttrsOf",
        "listOf",
        "nullOr",
        "either",
        "coercedTo",
        "anything",
        "deferredModule",
        "unique",
        "uniq",
    ];
    !made.contains(&name.as_ref())
}

/// Whether a value is one of the type, as far as that can be told from its outermost form.
pub(super) fn fits(evaluator: &Evaluator<'_>, kind: &Computed, value: &Val) -> Option<bool> {
    if matches!(value, Val::Unknown(_) | Val::OneOf(_) | Val::Extern(_)) {
        return None;
    }
    let name = name(evaluator, kind)?;
    let nested = |name: &str| {
        let kind = part(evaluator, kind, name)?;
        fits(evaluator, &kind, value)
    };
    Some(match name.as_ref() {
        "bool" | "boolByOr" => matches!(value, Val::Bool(_)),
        "int" => matches!(value, Val::Int(_)),
        "float" => matches!(value, Val::Float(_)),
        "str" | "separatedString" | "lines" | "commas" | "envVar" | "singleLineStr" => {
            matches!(value, Val::Str(_))
        }
        "listOf" => matches!(value, Val::List(_)),
        "attrsOf" | "lazyAttrsOf" | "attrs" => matches!(value, Val::Attrs(_)),
        "submodule" => match value {
            Val::Attrs(_) | Val::Lambda(_) | Val::Native(_) | Val::Path(_) => true,
            // A path may be written as text.
            Val::Str(_) => return None,
            _ => false,
        },
        "nullOr" if matches!(value, Val::Null) => true,
        "nullOr" | "uniq" | "unique" => return nested("elemType"),
        "either" => return or(nested("left"), nested("right")),
        // Whether the final type takes what comes of it is not told from its form.
        "coercedTo" => match (nested("coercedType"), nested("finalType")) {
            (_, Some(true)) => true,
            (Some(false), Some(false)) => false,
            _ => return None,
        },
        "enum" => {
            let values = evaluator.attribute(kind, "values")?.settled(evaluator);
            let Val::List(values) = values.val else {
                return None;
            };
            let is_there = values.items.iter().any(|one| {
                let one = one.settle(evaluator);
                crate::eval::is_same(evaluator, &one.val, value)
            });
            match is_there {
                true => true,
                // Only plain values can be told apart for sure.
                false => {
                    let is_plain = |val: &Val| {
                        matches!(val, Val::Str(_) | Val::Int(_) | Val::Bool(_) | Val::Null)
                    };
                    let all = values.items.iter();
                    let all = all.map(|one| one.settle(evaluator).val);
                    if values.open.is_some()
                        || !is_plain(value)
                        || !all.into_iter().all(|val| is_plain(&val))
                    {
                        return None;
                    }
                    false
                }
            }
        }
        // Numbers within bounds.
        name if name.ends_with("Int") || name.contains("Int") => match value {
            Val::Int(_) => return None,
            _ => false,
        },
        _ => return None,
    })
}

fn or(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}
