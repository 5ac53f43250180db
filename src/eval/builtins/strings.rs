//! Builtins about strings, JSON and versions.

use std::cmp::Ordering;
use std::sync::Arc;

use super::super::evaluator::{Evaluator, failure};
use super::super::runtime::{Attr, Computed, Thunk, Val};
use super::super::strings::Coercion;
use super::super::value::Why;
use super::{Table, closed_list, either, flat, forced, int, list, set, string, text};

pub(super) fn register(table: &mut Table) {
    conversion(table);
    cutting(table);
    versions(table);
    for name in ["match", "split"] {
        // Nix uses POSIX extended expressions of the C++ library; no faithful engine is at hand.
        table.value(
            name,
            Val::Unknown(Why::Unsupported(format!("builtins.{name}").into())),
        );
    }
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
    table.unary("stringLength", |_, value| {
        either(string(value), |text| {
            Val::Int(i64::try_from(text.len()).unwrap_or(i64::MAX))
        })
    });
    table.function("toJSON", 1, |evaluator, args| {
        let result = args
            .first()
            .ok_or_else(|| Why::Failure("too few arguments".into()))
            .and_then(|arg| to_json(evaluator, arg, 0));
        Computed::bare(match result {
            Ok(json) => text(json.to_string()),
            Err(why) => Val::Unknown(why),
        })
    });
    table.unary("fromJSON", |_, value| {
        either(string(value), |json| match serde_json::from_str(&json) {
            Ok(json) => from_json(&json),
            Err(_) => failure("a string is not JSON"),
        })
    });
}

fn to_json(evaluator: &Evaluator<'_>, thunk: &Thunk, depth: u32) -> Result<serde_json::Value, Why> {
    use serde_json::Value as Json;
    if depth > 64 {
        return Err(Why::Limit);
    }
    let value = thunk.settle(evaluator);
    Ok(match &value.val {
        Val::Null => Json::Null,
        Val::Bool(flag) => Json::from(*flag),
        Val::Int(number) => Json::from(*number),
        // Digits of doubles differ between the two JSON writers.
        Val::Float(_) => return Err(Why::Unsupported("a float in JSON".into())),
        Val::Str(text) => Json::from(text.as_ref()),
        Val::List(list) => match &list.open {
            Some(why) => return Err(why.clone()),
            None => list
                .items
                .iter()
                .map(|item| to_json(evaluator, item, depth + 1))
                .collect::<Result<_, _>>()?,
        },
        Val::Attrs(attrs) => {
            if let Some(why) = &attrs.open {
                return Err(why.clone());
            }
            if attrs.map.contains_key("__toString") || attrs.map.contains_key("outPath") {
                return Ok(Json::from(
                    evaluator.coerce(&value, Coercion::Interpolation)?.as_ref(),
                ));
            }
            let mut object = serde_json::Map::new();
            for (name, attr) in &attrs.map {
                object.insert(
                    name.to_string(),
                    to_json(evaluator, &attr.value, depth + 1)?,
                );
            }
            Json::Object(object)
        }
        Val::Unknown(why) => return Err(why.clone()),
        Val::Extern(set) => return Err(set.why()),
        Val::Path(_) => return Err(Why::Impure("a path copied to the store".into())),
        Val::OneOf(_) => return Err(Why::Unsupported("an undecided value in JSON".into())),
        Val::Lambda(_) | Val::Native(_) => {
            return Err(Why::Failure("a function has no JSON form".into()));
        }
    })
}

fn from_json(json: &serde_json::Value) -> Val {
    use serde_json::Value as Json;
    match json {
        Json::Null => Val::Null,
        Json::Bool(flag) => Val::Bool(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => Val::Int(number),
            (None, Some(number)) => Val::Float(number),
            (None, None) => failure("a JSON number does not fit"),
        },
        Json::String(string) => text(string.as_str()),
        Json::Array(items) => list(
            items
                .iter()
                .map(|item| Thunk::val(from_json(item)))
                .collect(),
        ),
        Json::Object(object) => set(object
            .iter()
            .map(|(name, value)| {
                (
                    Arc::from(name.as_str()),
                    Attr::computed(Thunk::val(from_json(value))),
                )
            })
            .collect()),
    }
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
            let end = usize::try_from(length).map_or(source.len(), |length| {
                start.saturating_add(length).min(source.len())
            });
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
                    Ok(part) => parts.push(part),
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
                out.push_str(&string(&to.settle(evaluator))?);
                if from.is_empty() {
                    match chars.next() {
                        Some(c) => out.push(c),
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

/// The parts of a version: runs of digits and runs of other letters (`nextComponent` in
/// `src/libstore/names.cc`).
fn components(version: &str) -> Vec<&str> {
    let separator = |c: char| matches!(c, '.' | '-');
    let mut parts = Vec::new();
    let mut rest = version.trim_start_matches(separator);
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest
            .find(|c: char| separator(c) || c.is_ascii_digit() != digits)
            .unwrap_or(rest.len());
        let (part, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        parts.push(part);
        rest = after.trim_start_matches(separator);
    }
    parts
}

fn component_less(a: &str, b: &str) -> bool {
    let number = |part: &str| part.parse::<u64>().ok();
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a < b,
        _ if a.is_empty() && number(b).is_some() => true,
        _ if a == "pre" && b != "pre" => true,
        _ if b == "pre" => false,
        (None, Some(_)) => true,
        (Some(_), None) => false,
        _ => a < b,
    }
}

fn compare_versions(a: &str, b: &str) -> Ordering {
    let (a, b) = (components(a), components(b));
    for index in 0..a.len().max(b.len()) {
        let a = a.get(index).copied().unwrap_or("");
        let b = b.get(index).copied().unwrap_or("");
        if component_less(a, b) {
            return Ordering::Less;
        }
        if component_less(b, a) {
            return Ordering::Greater;
        }
    }
    Ordering::Equal
}

fn versions(table: &mut Table) {
    table.binary("compareVersions", |_, a, b| {
        flat(string(a).and_then(|a| Ok(Val::Int(compare_versions(&a, &string(b)?) as i64))))
    });
    table.unary("splitVersion", |_, value| {
        either(string(value), |version| {
            list(
                components(&version)
                    .into_iter()
                    .map(|part| Thunk::val(text(part)))
                    .collect(),
            )
        })
    });
    table.unary("parseDrvName", |_, value| {
        either(string(value), |full| {
            // The version starts at the first dash that no letter follows.
            let cut = full.match_indices('-').find(|(at, _)| {
                full.get(at + 1..)
                    .and_then(|rest| rest.chars().next())
                    .is_some_and(|next| !next.is_ascii_alphabetic())
            });
            let (name, version) = cut.map_or((full.as_ref(), ""), |(at, _)| {
                (
                    full.get(..at).unwrap_or(""),
                    full.get(at + 1..).unwrap_or(""),
                )
            });
            set([
                ("name".into(), Attr::computed(Thunk::val(text(name)))),
                ("version".into(), Attr::computed(Thunk::val(text(version)))),
            ]
            .into())
        })
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_nix_compares_them() {
        assert_eq!(compare_versions("1.0", "2.3"), Ordering::Less);
        assert_eq!(compare_versions("2.1", "2.3"), Ordering::Less);
        assert_eq!(compare_versions("2.3", "2.3"), Ordering::Equal);
        assert_eq!(compare_versions("2.5", "2.3"), Ordering::Greater);
        assert_eq!(compare_versions("2.3.1", "2.3"), Ordering::Greater);
        assert_eq!(compare_versions("2.3.1", "2.3a"), Ordering::Greater);
        assert_eq!(compare_versions("2.3pre1", "2.3"), Ordering::Less);
        assert_eq!(compare_versions("2.3pre3", "2.3pre12"), Ordering::Less);
        assert_eq!(compare_versions("2.3a", "2.3c"), Ordering::Less);
        assert_eq!(compare_versions("2.3pre1", "2.3c"), Ordering::Less);
    }
}
