//! Builtins about lists.

use std::rc::Rc;

use super::super::evaluator::{Evaluator, failure};
use super::super::operators::{Same, equal};
use super::super::runtime::{Computed, ListVal, Thunk, Val};
use super::super::value::Why;
use super::{
    Table, callable, closed_list, either, flat, forced, holds, int, list, not_a, open_list,
};

/// Longest list that a builtin makes from a number.
const LONGEST: i64 = 100_000;

pub(super) fn register(table: &mut Table) {
    shape(table);
    higher_order(table);
}

fn shape(table: &mut Table) {
    table.unary("length", |_, value| {
        either(closed_list(value), |items| {
            Val::Int(i64::try_from(items.len()).unwrap_or(i64::MAX))
        })
    });
    table.function("head", 1, |evaluator, args| {
        nth(evaluator, &forced(evaluator, args, 0), 0)
    });
    table.unary("tail", |_, value| {
        either(closed_list(value), |items| match items {
            [] => failure("`tail` of an empty list"),
            [_, rest @ ..] => list(rest.to_vec()),
        })
    });
    table.function("elemAt", 2, |evaluator, args| {
        let index = match int(&forced(evaluator, args, 1)) {
            Ok(index) => index,
            Err(val) => return Computed::bare(val),
        };
        match usize::try_from(index) {
            Ok(index) => nth(evaluator, &forced(evaluator, args, 0), index),
            Err(_) => Computed::bare(failure("a list index is negative")),
        }
    });
    table.function("elem", 2, |evaluator, args| {
        let wanted = forced(evaluator, args, 0);
        let value = forced(evaluator, args, 1);
        Computed::bare(flat(open_list(&value).map(|found| {
            let mut unknown = found.open.clone();
            for item in &found.items {
                match equal(evaluator, &wanted.val, &item.settle(evaluator).val, 0) {
                    Same::Yes => {
                        if unknown.is_some() {
                            evaluator.assume();
                        }
                        return Val::Bool(true);
                    }
                    Same::No => {}
                    Same::Unknown(why) if why.is_final() => return Val::Unknown(why),
                    Same::Unknown(why) => unknown = unknown.or(Some(why)),
                }
            }
            unknown.map_or(Val::Bool(false), Val::Unknown)
        })))
    });
    table.unary("concatLists", |evaluator, value| {
        flat(open_list(value).map(|outer| join(evaluator, outer)))
    });
    table.function("genList", 2, |evaluator, args| {
        let function = forced(evaluator, args, 0);
        if let Err(val) = callable(evaluator, &function) {
            return Computed::bare(val);
        }
        let length = match int(&forced(evaluator, args, 1)) {
            Ok(length) if (0..=LONGEST).contains(&length) => length,
            Ok(length) if length > LONGEST => return Computed::bare(Val::Unknown(Why::Limit)),
            Ok(_) => return Computed::bare(failure("`genList` wants a sensible length")),
            Err(val) => return Computed::bare(val),
        };
        let items = (0..length)
            .map(|index| {
                let function = function.clone();
                Thunk::call(move |evaluator| {
                    evaluator.apply(&function, Thunk::val(Val::Int(index)))
                })
            })
            .collect();
        Computed::bare(list(items))
    });
}

fn nth(evaluator: &Evaluator<'_>, value: &Computed, index: usize) -> Computed {
    match closed_list(value) {
        Ok(items) => items.get(index).map_or_else(
            || Computed::bare(failure("a list is too short")),
            |item| item.force(evaluator),
        ),
        Err(val) => Computed::bare(val),
    }
}

/// The lists in a list, one after the other.
fn join(evaluator: &Evaluator<'_>, outer: &ListVal) -> Val {
    let mut items = Vec::new();
    let mut open = outer.open.clone();
    for inner in &outer.items {
        let inner = inner.settle(evaluator);
        match &inner.val {
            Val::List(inner) => {
                items.extend(inner.items.iter().cloned());
                open = open.or_else(|| inner.open.clone());
            }
            Val::Unknown(why) if why.is_final() => return Val::Unknown(why.clone()),
            Val::Unknown(why) => open = open.or_else(|| Some(why.clone())),
            other => match not_a(other, "a list") {
                Val::Unknown(why) if !why.is_final() => open = open.or(Some(why)),
                val => return val,
            },
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

/// `map f xs`: elements keep the place of the element that they were made from.
fn mapped(evaluator: &Evaluator<'_>, args: &[Thunk]) -> Result<ListVal, Val> {
    let function = forced(evaluator, args, 0);
    let value = forced(evaluator, args, 1);
    let found = open_list(&value)?;
    if !found.items.is_empty() {
        callable(evaluator, &function)?;
    }
    let items = found
        .items
        .iter()
        .map(|item| {
            let (function, item) = (function.clone(), item.clone());
            Thunk::call(move |evaluator| evaluator.apply(&function, item))
        })
        .collect();
    Ok(ListVal {
        items,
        open: found.open.clone(),
    })
}

fn higher_order(table: &mut Table) {
    table.function("map", 2, |evaluator, args| {
        Computed::bare(flat(
            mapped(evaluator, args).map(|list| Val::List(Rc::new(list))),
        ))
    });
    table.function("concatMap", 2, |evaluator, args| {
        Computed::bare(flat(
            mapped(evaluator, args).map(|outer| join(evaluator, &outer)),
        ))
    });
    table.function("filter", 2, |evaluator, args| {
        let predicate = forced(evaluator, args, 0);
        let value = forced(evaluator, args, 1);
        Computed::bare(flat(open_list(&value).map(|found| {
            let mut items = Vec::new();
            let mut open = found.open.clone();
            for item in &found.items {
                match holds(evaluator, &predicate, std::slice::from_ref(item)) {
                    Ok(true) => items.push(item.clone()),
                    Ok(false) => {}
                    Err(Val::Unknown(why)) if !why.is_final() => open = open.or(Some(why)),
                    Err(val) => return val,
                }
            }
            match (items.is_empty(), &open) {
                (true, Some(why)) => Val::Unknown(why.clone()),
                _ => Val::List(Rc::new(ListVal { items, open })),
            }
        })))
    });
    for (name, deciding) in [("any", true), ("all", false)] {
        table.function(name, 2, move |evaluator, args| {
            let predicate = forced(evaluator, args, 0);
            let value = forced(evaluator, args, 1);
            Computed::bare(flat(open_list(&value).map(|found| {
                let mut unknown = found.open.clone();
                for item in &found.items {
                    match holds(evaluator, &predicate, std::slice::from_ref(item)) {
                        Ok(result) if result == deciding => {
                            if unknown.is_some() {
                                evaluator.assume();
                            }
                            return Val::Bool(deciding);
                        }
                        Ok(_) => {}
                        Err(Val::Unknown(why)) if !why.is_final() => {
                            unknown = unknown.or(Some(why));
                        }
                        Err(val) => return val,
                    }
                }
                unknown.map_or(Val::Bool(!deciding), Val::Unknown)
            })))
        });
    }
    table.function("foldl'", 3, |evaluator, args| {
        let function = forced(evaluator, args, 0);
        let value = forced(evaluator, args, 2);
        let items = match closed_list(&value) {
            Ok(items) => items,
            Err(val) => return Computed::bare(val),
        };
        let [first, rest @ ..] = items else {
            return forced(evaluator, args, 1);
        };
        if let Err(val) = callable(evaluator, &function) {
            return Computed::bare(val);
        }
        // The start value is as lazy as the function; every result is forced.
        let start = args
            .get(1)
            .cloned()
            .unwrap_or_else(|| Thunk::val(failure("too few arguments")));
        let mut result = evaluator.apply_all(&function, [start, first.clone()]);
        for item in rest {
            if let Err(val) = evaluator.demand(&result.val) {
                return Computed::bare(val);
            }
            result = evaluator.apply_all(&function, [Thunk::done(result), item.clone()]);
        }
        result
    });
    table.function("sort", 2, |evaluator, args| {
        let less = forced(evaluator, args, 0);
        let value = forced(evaluator, args, 1);
        Computed::bare(flat(closed_list(&value).and_then(|items| {
            callable(evaluator, &less)?;
            let mut failed = None;
            let mut sorted = items.to_vec();
            let mut before = |a: &Thunk, b: &Thunk| {
                holds(evaluator, &less, &[a.clone(), b.clone()]).unwrap_or_else(|val| {
                    failed.get_or_insert(val);
                    false
                })
            };
            merge_sort(&mut sorted, &mut before);
            // What a comparator that is no order makes of a list depends on the algorithm.
            let sound = is_order(&sorted, &mut before);
            match failed {
                Some(val) => Err(val),
                None if sound => Ok(list(sorted)),
                None => Err(Val::Unknown(Why::Unsupported(
                    "an order that is none".into(),
                ))),
            }
        })))
    });
}

/// Lists up to this length are checked pair by pair, longer ones between neighbors.
const CHECKED: usize = 24;

/// Whether a sorted list is one that every stable algorithm would have made.
fn is_order(sorted: &[Thunk], before: &mut impl FnMut(&Thunk, &Thunk) -> bool) -> bool {
    if sorted.len() > CHECKED {
        return sorted.windows(2).all(|pair| match pair {
            [a, b] => !before(b, a) || !before(a, b),
            _ => true,
        });
    }
    // The group of equals that an element belongs to.
    let mut groups: Vec<usize> = Vec::new();
    for (index, item) in sorted.iter().enumerate() {
        let same = match index.checked_sub(1).and_then(|last| sorted.get(last)) {
            Some(last) => !before(last, item),
            None => true,
        };
        let last = groups.last().copied().unwrap_or(0);
        groups.push(if same { last } else { last + 1 });
    }
    let numbered = || sorted.iter().zip(&groups);
    numbered().enumerate().all(|(at, (a, group))| {
        numbered()
            .skip(at + 1)
            .all(|(b, other)| !before(b, a) && before(a, b) == (other > group))
    })
}

/// Stable, and indifferent to comparators that contradict themselves.
fn merge_sort(items: &mut Vec<Thunk>, before: &mut impl FnMut(&Thunk, &Thunk) -> bool) {
    if items.len() < 2 {
        return;
    }
    let mut right = items.split_off(items.len() / 2);
    merge_sort(items, before);
    merge_sort(&mut right, before);
    let mut merged = Vec::with_capacity(items.len() + right.len());
    let mut left = items.drain(..).peekable();
    let mut right = right.into_iter().peekable();
    loop {
        let take_left = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) => !before(b, a),
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => break,
        };
        merged.extend(if take_left { left.next() } else { right.next() });
    }
    drop(left);
    *items = merged;
}
