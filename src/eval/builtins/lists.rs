//! Builtins about lists.

use std::cmp::Ordering;
use std::rc::Rc;

use super::super::evaluator::{Evaluator, failure};
use super::super::operators::{Same, equal};
use super::super::runtime::{Attr, AttrMap, Computed, ListVal, Thunk, Val};
use super::{
    Table, closed_list, either, flat, forced, holds, int, list, not_a, open_list, set, string,
};

/// Longest list that a builtin makes from a number.
const LONGEST: i64 = 100_000;

pub(super) fn register(table: &mut Table) {
    shape(table);
    higher_order(table);
    grouping(table);
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
                    Same::Yes => return Val::Bool(true),
                    Same::No => {}
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
        let length = match int(&forced(evaluator, args, 1)) {
            Ok(length) if (0..=LONGEST).contains(&length) => length,
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
            Val::Unknown(why) => open = open.or_else(|| Some(why.clone())),
            other => match not_a(other, "a list") {
                Val::Unknown(why) => open = open.or(Some(why)),
                val => return val,
            },
        }
    }
    if items.is_empty()
        && let Some(why) = open
    {
        return Val::Unknown(why);
    }
    Val::List(Rc::new(ListVal { items, open }))
}

/// `map f xs`: elements keep the place of the element that they were made from.
fn mapped(evaluator: &Evaluator<'_>, args: &[Thunk]) -> Result<ListVal, Val> {
    let function = forced(evaluator, args, 0);
    let value = forced(evaluator, args, 1);
    let found = open_list(&value)?;
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
                    Err(Val::Unknown(why)) => open = open.or(Some(why)),
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
                        Ok(result) if result == deciding => return Val::Bool(deciding),
                        Ok(_) => {}
                        Err(Val::Unknown(why)) => unknown = unknown.or(Some(why)),
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
        let mut result = forced(evaluator, args, 1);
        for item in items {
            result = evaluator.apply_all(&function, [Thunk::done(result), item.clone()]);
        }
        result
    });
    table.function("sort", 2, |evaluator, args| {
        let less = forced(evaluator, args, 0);
        let value = forced(evaluator, args, 1);
        Computed::bare(flat(closed_list(&value).and_then(|items| {
            let mut failed = None;
            let mut sorted = items.to_vec();
            // A comparator that is not an order must not make sorting panic: merge by hand.
            merge_sort(&mut sorted, &mut |a, b| match holds(
                evaluator,
                &less,
                &[b.clone(), a.clone()],
            ) {
                Ok(true) => Ordering::Greater,
                Ok(false) => Ordering::Less,
                Err(val) => {
                    failed.get_or_insert(val);
                    Ordering::Less
                }
            });
            failed.map_or_else(|| Ok(list(sorted)), Err)
        })))
    });
}

/// Stable, and indifferent to comparators that contradict themselves.
fn merge_sort(items: &mut Vec<Thunk>, compare: &mut impl FnMut(&Thunk, &Thunk) -> Ordering) {
    if items.len() < 2 {
        return;
    }
    let mut right = items.split_off(items.len() / 2);
    merge_sort(items, compare);
    merge_sort(&mut right, compare);
    let mut merged = Vec::with_capacity(items.len() + right.len());
    let mut left = items.drain(..).peekable();
    let mut right = right.into_iter().peekable();
    loop {
        let take_left = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) => compare(a, b) != Ordering::Greater,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => break,
        };
        merged.extend(if take_left { left.next() } else { right.next() });
    }
    drop(left);
    *items = merged;
}

fn grouping(table: &mut Table) {
    table.function("partition", 2, |evaluator, args| {
        let predicate = forced(evaluator, args, 0);
        let value = forced(evaluator, args, 1);
        Computed::bare(flat(closed_list(&value).and_then(|items| {
            let (mut right, mut wrong) = (Vec::new(), Vec::new());
            for item in items {
                if holds(evaluator, &predicate, std::slice::from_ref(item))? {
                    right.push(item.clone());
                } else {
                    wrong.push(item.clone());
                }
            }
            Ok(set([
                ("right".into(), Attr::computed(Thunk::val(list(right)))),
                ("wrong".into(), Attr::computed(Thunk::val(list(wrong)))),
            ]
            .into()))
        })))
    });
    table.function("groupBy", 2, |evaluator, args| {
        let function = forced(evaluator, args, 0);
        let value = forced(evaluator, args, 1);
        Computed::bare(flat(closed_list(&value).and_then(|items| {
            let mut groups = std::collections::BTreeMap::<_, Vec<Thunk>>::new();
            for item in items {
                let key = string(&evaluator.apply(&function, item.clone()))?;
                groups.entry(key).or_default().push(item.clone());
            }
            Ok(set(groups
                .into_iter()
                .map(|(name, items)| (name, Attr::computed(Thunk::val(list(items)))))
                .collect()))
        })))
    });
    table.unary("listToAttrs", |evaluator, value| {
        flat(open_list(value).and_then(|found| {
            let mut out = AttrMap {
                open: found.open.clone(),
                ..AttrMap::default()
            };
            for item in &found.items {
                let pair = item.settle(evaluator);
                let name = evaluator.attribute(&pair, "name");
                match name.map(|name| string(&name)) {
                    Some(Ok(name)) => {
                        // The first of equal names wins.
                        out.map.entry(name).or_insert_with(|| {
                            Attr::computed(Thunk::call(move |evaluator| {
                                evaluator
                                    .attribute(&pair, "value")
                                    .unwrap_or_else(|| Computed::bare(failure("no `value`")))
                            }))
                        });
                    }
                    Some(Err(Val::Unknown(why))) => out.open = Some(why),
                    Some(Err(val)) => return Err(val),
                    None => return Err(failure("`listToAttrs` wants `name`")),
                }
            }
            Ok(Val::Attrs(Rc::new(out)))
        }))
    });
}
