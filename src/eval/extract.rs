//! From lazy values to values that own their data.

use std::cell::Cell;

use super::evaluator::Evaluator;
use super::runtime::{Computed, Thunk, Val};
use super::value::{Traced, Value, Why};
use crate::text::Place;

/// Parts that one extracted value may have.
const LARGEST: u32 = 200_000;
/// How deep an extracted value may be.
const DEEPEST: u32 = 100;

impl Evaluator<'_> {
    /// The whole value behind a thunk. Functions, and what is too large, become Unknown.
    pub fn extract(&self, thunk: &Thunk) -> Traced {
        let budget = Cell::new(LARGEST);
        self.extract_within(thunk, &budget, 0)
    }

    fn extract_within(&self, thunk: &Thunk, budget: &Cell<u32>, depth: u32) -> Traced {
        let computed = thunk.force(self);
        self.extract_computed(&computed, thunk.site(), budget, depth)
    }

    fn extract_computed(
        &self,
        computed: &Computed,
        site: Option<Place>,
        budget: &Cell<u32>,
        depth: u32,
    ) -> Traced {
        let value = match budget.get().checked_sub(1) {
            Some(rest) if depth < DEEPEST => {
                budget.set(rest);
                self.extract_value(computed, budget, depth)
            }
            _ => Value::Unknown(Why::Limit),
        };
        Traced {
            value,
            origin: computed.origin,
            site: site.or(computed.origin),
            via: computed.via.steps(),
        }
    }

    fn extract_value(&self, computed: &Computed, budget: &Cell<u32>, depth: u32) -> Value {
        match &computed.val {
            Val::Null => Value::Null,
            Val::Bool(value) => Value::Bool(*value),
            Val::Int(value) => Value::Int(*value),
            Val::Float(value) => Value::Float(*value),
            Val::Str(text) => Value::Str(text.clone()),
            Val::Path(path) => Value::Path(path.to_path_buf()),
            Val::List(list) => {
                let mut items: Vec<Traced> = list
                    .items
                    .iter()
                    .map(|item| self.extract_within(item, budget, depth + 1))
                    .collect();
                // Elements that may be there as well stand as one unknown element.
                if let Some(why) = &list.open {
                    items.push(Traced::bare(Value::Unknown(why.clone())));
                }
                Value::List(items)
            }
            Val::Attrs(attrs) => match &attrs.open {
                Some(why) => Value::Unknown(why.clone()),
                None if attrs.map.contains_key("outPath") => {
                    Value::Unknown(Why::Impure("a derivation".into()))
                }
                None => Value::Attrs(
                    attrs
                        .map
                        .iter()
                        .map(|(name, attr)| {
                            (
                                name.clone(),
                                self.extract_within(&attr.value, budget, depth + 1),
                            )
                        })
                        .collect(),
                ),
            },
            Val::OneOf(several) => Value::OneOf(
                several
                    .iter()
                    .map(|one| self.extract_computed(one, None, budget, depth + 1))
                    .collect(),
            ),
            Val::Lambda(_) | Val::Native(_) => {
                Value::Unknown(Why::Unsupported("a function as a value".into()))
            }
            Val::Extern(set) => match set.whole(self) {
                Val::Extern(_) => Value::Unknown(set.why()),
                val => self.extract_value(&Computed::bare(val), budget, depth),
            },
            Val::Unknown(why) => Value::Unknown(why.clone()),
        }
    }
}
