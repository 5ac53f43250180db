//! Builtins that sort the elements of a list into groups, names, or a closure.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::choices::one_of;
use super::super::evaluator::{Evaluator, failure};
use super::super::operators::compare;
use super::super::runtime::{Attr, AttrMap, Computed, ListVal, Members, Thunk, Val};
use super::super::value::Why;
use super::{
    Table, callable, closed_list, closed_set, flat, forced, holds, list, open_list, set, string,
};

pub(super) fn register(table: &mut Table) {
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
            let mut groups = BTreeMap::<_, Vec<Thunk>>::new();
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
        flat(open_list(value).and_then(|found| list_to_attrs(evaluator, found)))
    });
    table.function("genericClosure", 1, |evaluator, args| {
        let argument = forced(evaluator, args, 0);
        Computed::bare(flat(closure(evaluator, &argument)))
    });
}

/// The first of equal names wins. After a name that is not known, every value may be one that
/// does not count.
fn list_to_attrs(evaluator: &Evaluator<'_>, found: &ListVal) -> Result<Val, Val> {
    let mut map = BTreeMap::new();
    let mut open = found.open.clone();
    for item in &found.items {
        let pair = item.settle(evaluator);
        let name = match &pair.val {
            Val::Attrs(_) | Val::Unknown(_) | Val::OneOf(_) => evaluator.attribute(&pair, "name"),
            _ => return Err(failure("`listToAttrs` wants sets")),
        };
        match name.map(|name| string(&name.settled(evaluator))) {
            Some(Ok(name)) => {
                let doubt = open.clone();
                map.entry(name).or_insert_with(|| {
                    Attr::computed(Thunk::call(move |evaluator| {
                        let value = evaluator
                            .attribute(&pair, "value")
                            .unwrap_or_else(|| Computed::bare(failure("no `value`")));
                        match doubt {
                            None => value,
                            Some(why) => {
                                let origin = value.origin;
                                let other = Computed::bare(Val::Unknown(why));
                                Computed::at(one_of([value, other]), origin)
                            }
                        }
                    }))
                });
            }
            Some(Err(Val::Unknown(why))) if why.is_final() => return Err(Val::Unknown(why)),
            Some(Err(Val::Unknown(why))) => {
                evaluator.assume();
                open = Some(why);
            }
            Some(Err(val)) => return Err(val),
            None => return Err(failure("`listToAttrs` wants `name`")),
        }
    }
    let map = Members::sorted(map.into_iter().collect());
    Ok(Val::Attrs(Rc::new(AttrMap { map, open })))
}

/// Longest list that a closure grows to.
const LARGEST: usize = 20_000;

/// Everything that `operator` leads to from `startSet`, breadth first; each key once.
fn closure(evaluator: &Evaluator<'_>, argument: &Computed) -> Result<Val, Val> {
    closed_set(argument)?;
    let part = |name| {
        evaluator
            .attribute(argument, name)
            .map(|part| part.settled(evaluator))
            .ok_or_else(|| failure("`genericClosure` wants `startSet` and `operator`"))
    };
    let start = part("startSet")?;
    let mut queue: std::collections::VecDeque<Thunk> =
        closed_list(&start)?.iter().cloned().collect();
    if queue.is_empty() {
        return Ok(list(Vec::new()));
    }
    let operator = part("operator")?;
    callable(evaluator, &operator)?;
    let mut keys: Vec<Val> = Vec::new();
    let mut items = Vec::new();
    while let Some(item) = queue.pop_front() {
        let node = item.settle(evaluator);
        closed_set(&node)?;
        let key = evaluator
            .attribute(&node, "key")
            .map(|key| key.settled(evaluator).val)
            .ok_or_else(|| failure("`genericClosure` wants a `key`"))?;
        // Nix keeps them in an ordered set.
        let at = search(evaluator, &keys, &key)?;
        let Some(at) = at else {
            continue;
        };
        keys.insert(at, key);
        if items.len() >= LARGEST {
            return Err(Val::Unknown(Why::Limit));
        }
        let next = evaluator.apply(&operator, item.clone()).settled(evaluator);
        items.push(item);
        queue.extend(closed_list(&next)?.iter().cloned());
    }
    Ok(list(items))
}

/// Where a key belongs among the sorted ones; `None` when it is there.
fn search(evaluator: &Evaluator<'_>, keys: &[Val], key: &Val) -> Result<Option<usize>, Val> {
    if keys.is_empty() {
        // A key that has no order fails even when it is alone.
        compare(evaluator, key, key).map_err(Val::Unknown)?;
    }
    let (mut low, mut high) = (0, keys.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let Some(other) = keys.get(middle) else {
            break;
        };
        match compare(evaluator, key, other).map_err(Val::Unknown)? {
            Some(Ordering::Equal) => return Ok(None),
            Some(Ordering::Less) => high = middle,
            Some(Ordering::Greater) => low = middle + 1,
            None => return Err(Val::Unknown(Why::Unsupported("NaN as a key".into()))),
        }
    }
    Ok(Some(low))
}
