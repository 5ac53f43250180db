//! Binary operators on values (`src/libexpr/eval.cc`: `concatStrings`, `eqValues`, `updateAttrs`).

use std::cmp::Ordering;
use std::rc::Rc;

use super::choices::{alternatives, one_of};
use super::evaluator::{Evaluator, failure};
use super::runtime::{Attr, AttrMap, Computed, ListVal, Thunk, Val};
use super::strings::{Coercion, normalize};
use super::value::Why;
use crate::syntax::ast::Operator;

/// The result of a strict operator.
pub(super) fn binary(
    evaluator: &Evaluator<'_>,
    operator: Operator,
    left: &Computed,
    right: &Computed,
) -> Val {
    let (left, right) = (
        &left.clone().settled(evaluator),
        &right.clone().settled(evaluator),
    );
    if let Val::OneOf(several) = &left.val {
        return alternatives(
            several
                .iter()
                .map(|one| binary(evaluator, operator, one, right)),
        );
    }
    if let Val::OneOf(several) = &right.val {
        return alternatives(
            several
                .iter()
                .map(|one| binary(evaluator, operator, left, one)),
        );
    }
    // What fails leaves no value, whatever is not known beside it.
    for side in [left, right] {
        match &side.val {
            Val::Unknown(why) if why.is_final() => return Val::Unknown(why.clone()),
            _ => {}
        }
    }
    match operator {
        Operator::Concat => concat(evaluator, &left.val, &right.val),
        Operator::Update => {
            let updated = update(&left.val, &right.val);
            let price = match &updated {
                Val::Attrs(attrs) => evaluator.spend(attrs.map.size_bytes()),
                _ => Ok(()),
            };
            price.map_or_else(Val::Unknown, |()| updated)
        }
        Operator::Add => add(evaluator, left, right),
        Operator::Sub | Operator::Mul | Operator::Div => {
            arithmetic(operator, &left.val, &right.val)
        }
        Operator::Equal => equal(evaluator, &left.val, &right.val, 0).into_val(),
        Operator::NotEqual => match equal(evaluator, &left.val, &right.val, 0).into_val() {
            Val::Bool(same) => Val::Bool(!same),
            other => other,
        },
        Operator::Less | Operator::LessOrEqual | Operator::More | Operator::MoreOrEqual => {
            match compare(evaluator, &left.val, &right.val) {
                // `a <= b` is `!(b < a)` to Nix, with NaN as well.
                Ok(order) => Val::Bool(match operator {
                    Operator::Less => order == Some(Ordering::Less),
                    Operator::LessOrEqual => order != Some(Ordering::Greater),
                    Operator::More => order == Some(Ordering::Greater),
                    _ => order != Some(Ordering::Less),
                }),
                Err(why) => Val::Unknown(why),
            }
        }
        // These never reach a strict operator.
        Operator::And
        | Operator::Or
        | Operator::Implies
        | Operator::PipeLeft
        | Operator::PipeRight => Val::Unknown(Why::Unsupported("an operator".into())),
    }
}

/// Lists one after the other; an unknown part leaves the other part known.
fn concat(evaluator: &Evaluator<'_>, left: &Val, right: &Val) -> Val {
    let mut items = Vec::new();
    let mut open = None;
    for side in [left, right] {
        match side {
            Val::List(list) => {
                items.extend(list.items.iter().cloned());
                open = open.or_else(|| list.open.clone());
            }
            Val::Unknown(why) if why.is_final() => return Val::Unknown(why.clone()),
            Val::Unknown(why) => open = open.or_else(|| Some(why.clone())),
            Val::Extern(set) => open = open.or_else(|| Some(set.why())),
            _ => return failure("`++` wants lists"),
        }
    }
    if items.is_empty()
        && let Some(why) = open
    {
        return Val::Unknown(why);
    }
    if let Err(why) = evaluator.spend(size_of_val(items.as_slice())) {
        return Val::Unknown(why);
    }
    Val::List(Rc::new(ListVal { items, open }))
}

/// The right set over the left one. An unknown right side may replace everything.
pub(super) fn update(left: &Val, right: &Val) -> Val {
    let why = |value: &Val| match value {
        Val::Unknown(why) => Some(why.clone()),
        Val::Extern(set) => Some(set.why()),
        _ => None,
    };
    for side in [left, right] {
        match side {
            Val::Unknown(why) if why.is_final() => return Val::Unknown(why.clone()),
            _ => {}
        }
    }
    match (left, right) {
        (Val::Attrs(left), Val::Attrs(right)) => {
            let shaken = right.open.as_ref().map(|why| shaken(left, why));
            let left = shaken.as_ref().unwrap_or(left);
            Val::Attrs(Rc::new(AttrMap {
                map: left.map.updated(&right.map),
                open: left.open.clone().or_else(|| right.open.clone()),
            }))
        }
        (Val::Attrs(left), _) => match why(right) {
            Some(why) if left.map.is_empty() => Val::Unknown(why),
            Some(why) => Val::Attrs(Rc::new(shaken(left, &why))),
            None => failure("`//` wants sets"),
        },
        (_, Val::Attrs(right)) => match why(left) {
            Some(why) => {
                let mut map = (**right).clone();
                map.open = map.open.or(Some(why));
                Val::Attrs(Rc::new(map))
            }
            None => failure("`//` wants sets"),
        },
        _ => why(left)
            .or(why(right))
            .map_or_else(|| failure("`//` wants sets"), Val::Unknown),
    }
}

/// A set whose every attribute may have been replaced by something unknown.
fn shaken(attrs: &AttrMap, why: &Why) -> AttrMap {
    let map = attrs
        .map
        .iter()
        .map(|(name, attr)| {
            let value = attr.value.clone();
            let reason = why.clone();
            let value = Thunk::call_at(attr.value.site(), move |evaluator| {
                let known = value.force(evaluator);
                let origin = known.origin;
                Computed::at(
                    one_of([known, Computed::bare(Val::Unknown(reason))]),
                    origin,
                )
            });
            (
                name.clone(),
                Attr {
                    value,
                    ..attr.clone()
                },
            )
        })
        .collect();
    AttrMap {
        map,
        open: attrs.open.clone().or_else(|| Some(why.clone())),
    }
}

fn add(evaluator: &Evaluator<'_>, left: &Computed, right: &Computed) -> Val {
    match (&left.val, &right.val) {
        (Val::Unknown(why), Val::Str(text)) => Val::Unknown(why.followed_by(text)),
        (Val::Unknown(why), _) | (_, Val::Unknown(why)) => Val::Unknown(why.clone()),
        (Val::Int(_) | Val::Float(_), Val::Int(_) | Val::Float(_)) => {
            arithmetic(Operator::Add, &left.val, &right.val)
        }
        (Val::Path(path), _) => match evaluator.coerce(right, Coercion::Path) {
            Ok(text) => {
                let joined = format!("{}{text}", path.to_string_lossy());
                Val::Path(normalize(joined.as_ref()).into())
            }
            Err(why) => Val::Unknown(why),
        },
        _ => {
            let texts = evaluator
                .coerce(left, Coercion::Interpolation)
                .and_then(|left| Ok((left, evaluator.coerce(right, Coercion::Interpolation)?)));
            match texts {
                Ok((left, right)) => match evaluator.spend(left.len() + right.len()) {
                    Ok(()) => Val::Str(format!("{left}{right}").into()),
                    Err(why) => Val::Unknown(why),
                },
                Err(why) => Val::Unknown(why),
            }
        }
    }
}

/// `+ - * /` on numbers.
#[expect(
    clippy::cast_precision_loss,
    reason = "Nix converts integers to doubles here as well"
)]
pub(super) fn arithmetic(operator: Operator, left: &Val, right: &Val) -> Val {
    let ints = |a: i64, b: i64| {
        let result = match operator {
            Operator::Add => a.checked_add(b),
            Operator::Sub => a.checked_sub(b),
            Operator::Mul => a.checked_mul(b),
            _ if b == 0 => return failure("division by zero"),
            _ => a.checked_div(b),
        };
        result.map_or_else(|| failure("integer overflow"), Val::Int)
    };
    let floats = |a: f64, b: f64| match operator {
        Operator::Add => Val::Float(a + b),
        Operator::Sub => Val::Float(a - b),
        Operator::Mul => Val::Float(a * b),
        _ if b == 0.0 => failure("division by zero"),
        _ => Val::Float(a / b),
    };
    match (left, right) {
        (Val::Unknown(why), _) | (_, Val::Unknown(why)) => Val::Unknown(why.clone()),
        (Val::Int(a), Val::Int(b)) => ints(*a, *b),
        (Val::Int(a), Val::Float(b)) => floats(*a as f64, *b),
        (Val::Float(a), Val::Int(b)) => floats(*a, *b as f64),
        (Val::Float(a), Val::Float(b)) => floats(*a, *b),
        _ => failure("arithmetic wants numbers"),
    }
}

/// Equality with a third answer.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Same {
    Yes,
    No,
    Unknown(Why),
}

impl Same {
    fn into_val(self) -> Val {
        match self {
            Self::Yes => Val::Bool(true),
            Self::No => Val::Bool(false),
            Self::Unknown(why) => Val::Unknown(why),
        }
    }
}

/// True when two values are surely equal.
pub fn is_same(evaluator: &Evaluator<'_>, left: &Val, right: &Val) -> bool {
    equal(evaluator, left, right, 0) == Same::Yes
}

/// Deeper structures are not compared.
const DEEPEST: u32 = 64;

/// `==`. A difference anywhere decides, even beside unknown parts.
#[expect(
    clippy::cast_precision_loss,
    reason = "Nix compares integers and doubles so"
)]
#[expect(clippy::float_cmp, reason = "`==` of Nix is exact")]
pub(super) fn equal(evaluator: &Evaluator<'_>, left: &Val, right: &Val, depth: u32) -> Same {
    let decide = |same: bool| if same { Same::Yes } else { Same::No };
    if depth > DEEPEST {
        return Same::Unknown(Why::Limit);
    }
    match (left, right) {
        (Val::Unknown(why), _) | (_, Val::Unknown(why)) if why.is_final() => {
            Same::Unknown(why.clone())
        }
        (Val::Unknown(why), _) | (_, Val::Unknown(why)) => Same::Unknown(why.clone()),
        (Val::Extern(set), _) | (_, Val::Extern(set)) => Same::Unknown(set.why()),
        (Val::OneOf(_), _) | (_, Val::OneOf(_)) => {
            Same::Unknown(Why::Unsupported("a comparison of undecided values".into()))
        }
        (Val::Null, Val::Null) => Same::Yes,
        (Val::Bool(a), Val::Bool(b)) => decide(a == b),
        (Val::Int(a), Val::Int(b)) => decide(a == b),
        (Val::Float(a), Val::Float(b)) => decide(a == b),
        (Val::Int(a), Val::Float(b)) | (Val::Float(b), Val::Int(a)) => decide(*a as f64 == *b),
        (Val::Str(a), Val::Str(b)) => decide(a == b),
        (Val::Path(a), Val::Path(b)) => decide(a == b),
        (Val::List(a), Val::List(b)) => {
            if let Some(why) = a.open.clone().or_else(|| b.open.clone()) {
                return Same::Unknown(why);
            }
            if a.items.len() != b.items.len() {
                return Same::No;
            }
            all_equal(evaluator, a.items.iter().zip(b.items.iter()), depth, true)
        }
        (Val::Attrs(a), Val::Attrs(b)) => {
            if let Some(why) = a.open.clone().or_else(|| b.open.clone()) {
                return Same::Unknown(why);
            }
            if a.map.contains_key("outPath") || b.map.contains_key("outPath") {
                return Same::Unknown(Why::Unsupported("a comparison of derivations".into()));
            }
            if !a.map.keys().eq(b.map.keys()) {
                return Same::No;
            }
            all_equal(
                evaluator,
                a.map
                    .values()
                    .zip(b.map.values())
                    .map(|(a, b)| (&a.value, &b.value)),
                depth,
                false,
            )
        }
        // Functions compare equal only in corners that depend on sharing.
        (Val::Lambda(_) | Val::Native(_), Val::Lambda(_) | Val::Native(_)) => {
            Same::Unknown(Why::Unsupported("a comparison of functions".into()))
        }
        _ => Same::No,
    }
}

/// Compares pair by pair. A difference decides beside parts that are not known. Beside those that
/// fail it does so only where the pairs have an order: which attribute Nix looks at first depends
/// on more than their names.
fn all_equal<'t>(
    evaluator: &Evaluator<'_>,
    pairs: impl Iterator<Item = (&'t Thunk, &'t Thunk)>,
    depth: u32,
    ordered: bool,
) -> Same {
    let mut unknown = None;
    let mut failed = None;
    let mut differs = false;
    for (a, b) in pairs {
        let (a, b) = (a.settle(evaluator).val, b.settle(evaluator).val);
        let same = match (&a, &b) {
            // The same value is equal to itself inside of lists and sets, even NaN.
            (Val::Float(a), Val::Float(b)) if a.is_nan() && b.is_nan() => {
                Same::Unknown(Why::Unsupported("a comparison of NaN".into()))
            }
            _ => equal(evaluator, &a, &b, depth + 1),
        };
        match same {
            Same::Yes => {}
            Same::No if ordered => {
                differs = true;
                break;
            }
            Same::No => differs = true,
            Same::Unknown(why) if why.is_final() && ordered => {
                failed = Some(why);
                break;
            }
            Same::Unknown(why) if why.is_final() => failed = failed.or(Some(why)),
            Same::Unknown(why) => unknown = unknown.or(Some(why)),
        }
    }
    // An unknown pair may be the difference that a failing one comes after.
    if let Some(why) = failed {
        return if differs || unknown.is_some() {
            Same::Unknown(Why::Unsupported("a comparison of what fails".into()))
        } else {
            Same::Unknown(why)
        };
    }
    match unknown {
        Some(_) if differs => {
            evaluator.assume();
            Same::No
        }
        Some(why) => Same::Unknown(why),
        None if differs => Same::No,
        None => Same::Yes,
    }
}

/// `<` of Nix: numbers, strings, paths, lists of them. `None` for a comparison with NaN.
#[expect(
    clippy::cast_precision_loss,
    reason = "Nix compares integers and doubles so"
)]
pub(super) fn compare(
    evaluator: &Evaluator<'_>,
    left: &Val,
    right: &Val,
) -> Result<Option<Ordering>, Why> {
    match (left, right) {
        (Val::Unknown(why), _) | (_, Val::Unknown(why)) => Err(why.clone()),
        (Val::Extern(set), _) | (_, Val::Extern(set)) => Err(set.why()),
        (Val::OneOf(_), _) | (_, Val::OneOf(_)) => {
            Err(Why::Unsupported("a comparison of undecided values".into()))
        }
        (Val::Int(a), Val::Int(b)) => Ok(Some(a.cmp(b))),
        (Val::Int(a), Val::Float(b)) => Ok((*a as f64).partial_cmp(b)),
        (Val::Float(a), Val::Int(b)) => Ok(a.partial_cmp(&(*b as f64))),
        (Val::Float(a), Val::Float(b)) => Ok(a.partial_cmp(b)),
        (Val::Str(a), Val::Str(b)) => Ok(Some(a.as_bytes().cmp(b.as_bytes()))),
        // By their text, as `strcmp` has it; not by components.
        (Val::Path(a), Val::Path(b)) => Ok(Some(a.as_os_str().cmp(b.as_os_str()))),
        (Val::List(a), Val::List(b)) => {
            if let Some(why) = a.open.clone().or_else(|| b.open.clone()) {
                return Err(why);
            }
            for (a, b) in a.items.iter().zip(b.items.iter()) {
                let (a, b) = (a.settle(evaluator).val, b.settle(evaluator).val);
                match equal(evaluator, &a, &b, 0) {
                    Same::Yes => {}
                    Same::No => return compare(evaluator, &a, &b),
                    Same::Unknown(why) => return Err(why),
                }
            }
            Ok(Some(a.items.len().cmp(&b.items.len())))
        }
        _ => Err(Why::Failure("values cannot be compared".into())),
    }
}
