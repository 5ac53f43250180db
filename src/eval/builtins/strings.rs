//! Builtins about strings.

use std::sync::Arc;

use super::super::evaluator::{Evaluator, failure};
use super::super::runtime::{Computed, Thunk, Val};
use super::super::strings::Coercion;
use super::super::value::Why;
use super::{Table, closed_list, closed_set, either, flat, forced, int, set, string, text, texts};

pub(super) fn register(table: &mut Table) {
    conversion(table);
    cutting(table);
    context(table);
}

fn conversion(table: &mut Table) {
    table.function("toString", 1, |evaluator, args| {
        let value = forced(evaluator, args, 0);
        Computed::bare(evaluator.each(&value, |value| {
            evaluator
                .coerce(value, Coercion::Loose)
                .map_or_else(Val::Unknown, Val::Str)
        }))
    });
    table.unary("stringLength", |evaluator, value| {
        let source = texts(evaluator.coerce(value, Coercion::Interpolation));
        either(source, |text| {
            Val::Int(i64::try_from(text.len()).unwrap_or(i64::MAX))
        })
    });
}

fn cutting(table: &mut Table) {
    table.function("substring", 3, |evaluator, args| {
        let start = forced(evaluator, args, 0);
        let length = forced(evaluator, args, 1);
        let value = forced(evaluator, args, 2);
        Computed::bare(flat(int(&start).and_then(|start| {
            let length = int(&length)?;
            let source = match evaluator.coerce(&value, Coercion::Interpolation) {
                Ok(source) => source,
                Err(why) => return Err(Val::Unknown(why)),
            };
            let Ok(start) = usize::try_from(start) else {
                return Err(failure("`substring` wants a start that is not negative"));
            };
            let start = start.min(source.len());
            let end = |length: i64| {
                usize::try_from(length).map_or(source.len(), |length| {
                    start.saturating_add(length).min(source.len())
                })
            };
            // Older releases read the length as an `int`.
            #[expect(clippy::cast_possible_truncation, reason = "as they do")]
            let short = i64::from(length as i32);
            if end(length) != end(short) {
                return Err(Val::Unknown(Why::Unsupported("so long a cut".into())));
            }
            let end = end(length);
            // Nix counts bytes; a cut inside a character has no text here.
            source
                .get(start..end)
                .map(text)
                .ok_or_else(|| Val::Unknown(Why::Unsupported("a cut inside a character".into())))
        })))
    });
    table.function("concatStringsSep", 2, |evaluator, args| {
        let separator = forced(evaluator, args, 0);
        let value = forced(evaluator, args, 1);
        Computed::bare(flat(string(&separator).and_then(|separator| {
            let mut parts = Vec::new();
            for item in closed_list(&value)? {
                let item = item.settle(evaluator);
                match evaluator.coerce(&item, Coercion::Interpolation) {
                    Ok(part) => {
                        evaluator.spend(part.len()).map_err(Val::Unknown)?;
                        parts.push(part);
                    }
                    Err(why) => return Err(Val::Unknown(why)),
                }
            }
            Ok(text(parts.join(separator.as_ref())))
        })))
    });
    table.function("replaceStrings", 3, |evaluator, args| {
        let (from, to) = (forced(evaluator, args, 0), forced(evaluator, args, 1));
        let value = forced(evaluator, args, 2);
        Computed::bare(flat(closed_list(&from).and_then(|from| {
            let to = closed_list(&to)?;
            if from.len() != to.len() {
                return Err(failure("`replaceStrings` wants lists of one length"));
            }
            let from = strings(evaluator, from)?;
            let source = string(&value)?;
            replace(evaluator, &source, &from, to)
        })))
    });
}

fn strings(evaluator: &Evaluator<'_>, items: &[Thunk]) -> Result<Vec<Arc<str>>, Val> {
    items
        .iter()
        .map(|item| string(&item.settle(evaluator)))
        .collect()
}

/// At each place the first pattern that fits wins; an empty one fits everywhere, the end included.
fn replace(
    evaluator: &Evaluator<'_>,
    source: &str,
    from: &[Arc<str>],
    to: &[Thunk],
) -> Result<Val, Val> {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    loop {
        let fit = from
            .iter()
            .zip(to)
            .find(|(from, _)| rest.starts_with(from.as_ref()));
        let mut chars = rest.chars();
        match fit {
            Some((from, to)) => {
                let to = string(&to.settle(evaluator))?;
                evaluator.spend(to.len()).map_err(Val::Unknown)?;
                out.push_str(&to);
                if from.is_empty() {
                    match chars.next() {
                        Some(c) if c.is_ascii() => out.push(c),
                        // Nix goes on byte by byte.
                        Some(_) => {
                            return Err(Val::Unknown(Why::Unsupported(
                                "a cut inside a character".into(),
                            )));
                        }
                        None => break,
                    }
                    rest = chars.as_str();
                } else {
                    rest = rest.get(from.len()..).unwrap_or("");
                }
            }
            None => match chars.next() {
                Some(c) => {
                    out.push(c);
                    rest = chars.as_str();
                }
                None => break,
            },
        }
    }
    Ok(text(out))
}

/// Strings with a context come from derivations alone, and those are not known: every string
/// here has none.
fn context(table: &mut Table) {
    table.unary("unsafeDiscardStringContext", |evaluator, value| {
        either(
            texts(evaluator.coerce(value, Coercion::Interpolation)),
            Val::Str,
        )
    });
    table.unary("unsafeDiscardOutputDependency", |evaluator, value| {
        either(
            texts(evaluator.coerce(value, Coercion::Interpolation)),
            Val::Str,
        )
    });
    table.unary("addDrvOutputDependencies", |evaluator, value| {
        either(
            texts(evaluator.coerce(value, Coercion::Interpolation)),
            |_| failure("a string without context is no derivation"),
        )
    });
    table.unary("hasContext", |_, value| {
        either(string(value), |_| Val::Bool(false))
    });
    table.unary("getContext", |_, value| {
        either(string(value), |_| set([].into()))
    });
    table.binary("appendContext", |_, value, context| {
        flat(string(value).and_then(|value| {
            if closed_set(context)?.map.is_empty() {
                Ok(Val::Str(value))
            } else {
                Err(Val::Unknown(Why::Impure("a string with context".into())))
            }
        }))
    });
}
