//! Builtins about sets and functions.

use std::rc::Rc;
use std::sync::Arc;

use super::super::evaluator::failure;
use super::super::runtime::{Attr, AttrMap, Computed, ListVal, Thunk, Val};
use super::{
    Table, closed_list, closed_set, either, flat, forced, handed_on, list, open_list, open_set,
    set, string, text,
};
use crate::syntax::ast::Expr;

pub(super) fn register(table: &mut Table) {
    table.unary("attrNames", |_, value| {
        either(closed_set(value), |attrs| {
            list(
                attrs
                    .map
                    .keys()
                    .map(|name| Thunk::val(text(Arc::clone(name))))
                    .collect(),
            )
        })
    });
    table.unary("attrValues", |_, value| {
        either(closed_set(value), |attrs| {
            list(attrs.map.values().map(|attr| attr.value.clone()).collect())
        })
    });
    table.function("getAttr", 2, |evaluator, args| {
        let name = match string(&forced(evaluator, args, 0)) {
            Ok(name) => name,
            Err(val) => return Computed::bare(val),
        };
        evaluator
            .attribute(&handed_on(evaluator, args, 1), &name)
            .unwrap_or_else(|| Computed::bare(failure("an attribute is missing")))
    });
    table.function("hasAttr", 2, |evaluator, args| {
        let name = forced(evaluator, args, 0);
        Computed::bare(flat(string(&name).map(|name| {
            let value = handed_on(evaluator, args, 1);
            evaluator.each(&value, |value| match &value.val {
                Val::Attrs(_) | Val::Extern(_) | Val::Unknown(_) => evaluator.has(value, &name),
                _ => failure("`hasAttr` wants a set"),
            })
        })))
    });
    table.binary("removeAttrs", |evaluator, value, names| {
        flat(open_set(value).and_then(|attrs| {
            let mut map = attrs.clone();
            for name in closed_list(names)? {
                map.map.remove(&string(&name.settle(evaluator))?);
            }
            Ok(Val::Attrs(Rc::new(map)))
        }))
    });
    table.function("mapAttrs", 2, |evaluator, args| {
        let function = forced(evaluator, args, 0);
        let value = forced(evaluator, args, 1);
        Computed::bare(evaluator.each(&value, |value| {
            flat(open_set(value).map(|attrs| {
                let map = attrs.map.iter().map(|(name, attr)| {
                    let (function, value) = (function.clone(), attr.value.clone());
                    let key = Thunk::val(text(Arc::clone(name)));
                    let value = Thunk::call_at(attr.value.site(), move |evaluator| {
                        evaluator.apply_all(&function, [key, value])
                    });
                    (
                        Arc::clone(name),
                        Attr {
                            value,
                            ..Attr::computed(Thunk::val(Val::Null))
                        },
                    )
                });
                Val::Attrs(Rc::new(AttrMap {
                    map: map.collect(),
                    open: attrs.open.clone(),
                }))
            }))
        }))
    });
    table.binary("intersectAttrs", |_, left, right| {
        flat(closed_set(left).and_then(|left| {
            let right = closed_set(right)?;
            Ok(set(right
                .map
                .iter()
                .filter(|(name, _)| left.map.contains_key(name))
                .map(|(name, attr)| (Arc::clone(name), attr.clone()))
                .collect()))
        }))
    });
    table.binary("catAttrs", |evaluator, name, sets| {
        flat(string(name).and_then(|name| {
            let mut items = Vec::new();
            for item in closed_list(sets)? {
                let item = item.settle(evaluator);
                let attrs = open_set(&item)?;
                match (attrs.map.get(&name), &attrs.open) {
                    (Some(attr), _) => items.push(attr.value.clone()),
                    (None, Some(why)) => return Err(Val::Unknown(why.clone())),
                    (None, None) => {}
                }
            }
            Ok(list(items))
        }))
    });
    table.function("zipAttrsWith", 2, |evaluator, args| {
        let function = forced(evaluator, args, 0);
        let sets = forced(evaluator, args, 1);
        Computed::bare(flat(open_list(&sets).and_then(|sets| {
            let mut grouped = std::collections::BTreeMap::<Arc<str>, Vec<Thunk>>::new();
            let mut open = sets.open.clone();
            for item in &sets.items {
                let item = item.settle(evaluator);
                let attrs = match open_set(&item) {
                    Ok(attrs) => attrs,
                    Err(Val::Unknown(why)) if !why.is_final() => {
                        open = open.or(Some(why));
                        continue;
                    }
                    Err(val) => return Err(val),
                };
                open = open.or_else(|| attrs.open.clone());
                for (name, attr) in &attrs.map {
                    grouped
                        .entry(Arc::clone(name))
                        .or_default()
                        .push(attr.value.clone());
                }
            }
            let map = grouped.into_iter().map(|(name, values)| {
                let function = function.clone();
                let key = Thunk::val(text(Arc::clone(&name)));
                // What is not known of the sets may add to every name.
                let values = Val::List(Rc::new(ListVal {
                    items: values,
                    open: open.clone(),
                }));
                let value = Thunk::call(move |evaluator| {
                    evaluator.apply_all(&function, [key, Thunk::val(values)])
                });
                (name, Attr::computed(value))
            });
            let map = map.collect();
            Ok(Val::Attrs(Rc::new(AttrMap { map, open })))
        })))
    });
    table.unary("functionArgs", |_, value| match &value.val {
        Val::Lambda(lambda) => match lambda.ast.expr(lambda.expr) {
            Expr::Lambda(param, _) => set(param
                .formals
                .iter()
                .flat_map(|formals| formals.iter())
                .map(|formal| {
                    let optional = Val::Bool(formal.default.is_some());
                    (
                        Arc::clone(&formal.name),
                        Attr::computed(Thunk::val(optional)),
                    )
                })
                .collect()),
            _ => set([].into()),
        },
        Val::Native(_) => set([].into()),
        _ => failure("`functionArgs` wants a function"),
    });
}
