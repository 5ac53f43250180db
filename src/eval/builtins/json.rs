//! Builtins that read and write JSON and TOML.

use std::sync::Arc;

use super::super::evaluator::{Evaluator, failure};
use super::super::runtime::{Attr, Computed, Thunk, Val};
use super::super::strings::Coercion;
use super::super::value::Why;
use super::{Table, either, list, set, string, text};

pub(super) fn register(table: &mut Table) {
    table.function("toJSON", 1, |evaluator, args| {
        let mut out = String::new();
        let result = args
            .first()
            .ok_or_else(|| Why::Failure("too few arguments".into()))
            .and_then(|arg| write_json(evaluator, arg, &mut out, 0));
        Computed::bare(match result {
            Ok(()) => text(out),
            Err(why) => Val::Unknown(why),
        })
    });
    table.unary("fromJSON", |_, value| {
        either(string(value), |json| match serde_json::from_str(&json) {
            Ok(json) => from_json(&json),
            Err(_) => failure("a string is not JSON"),
        })
    });
    table.unary("fromTOML", |_, value| {
        either(string(value), |source| {
            match source.parse::<toml::Table>() {
                Ok(table) => from_toml(&toml::Value::Table(table)),
                Err(_) => failure("a string is not TOML"),
            }
        })
    });
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn write_json(
    evaluator: &Evaluator<'_>,
    thunk: &Thunk,
    out: &mut String,
    depth: u32,
) -> Result<(), Why> {
    if depth > 64 {
        return Err(Why::Limit);
    }
    let value = thunk.settle(evaluator);
    match &value.val {
        Val::Null => out.push_str("null"),
        Val::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Val::Int(number) => out.push_str(&number.to_string()),
        Val::Float(number) => {
            out.push_str(&float(*number).ok_or_else(|| Why::Unsupported("a float in JSON".into()))?)
        }
        Val::Str(text) => out.push_str(&quoted(text)),
        Val::List(list) => {
            if let Some(why) = &list.open {
                return Err(why.clone());
            }
            out.push('[');
            for (index, item) in list.items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_json(evaluator, item, out, depth + 1)?;
            }
            out.push(']');
        }
        Val::Attrs(attrs) => {
            if attrs.map.contains_key("__toString") {
                let text = evaluator.coerce(&value, Coercion::Interpolation)?;
                out.push_str(&quoted(&text));
                return Ok(());
            }
            if let Some(out_path) = attrs.map.get("outPath") {
                return write_json(evaluator, &out_path.value, out, depth + 1);
            }
            if let Some(why) = &attrs.open {
                return Err(why.clone());
            }
            out.push('{');
            for (index, (name, attr)) in attrs.map.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&quoted(name));
                out.push(':');
                write_json(evaluator, &attr.value, out, depth + 1)?;
            }
            out.push('}');
        }
        Val::Unknown(why) => return Err(why.clone()),
        Val::Extern(set) => return Err(set.why()),
        Val::Path(_) => return Err(Why::Impure(Why::PATH_COPY.into())),
        Val::OneOf(_) => return Err(Why::Unsupported("an undecided value in JSON".into())),
        Val::Lambda(_) | Val::Native(_) => {
            return Err(Why::Failure("a function has no JSON form".into()));
        }
    }
    Ok(())
}

/// A double as every release of Nix writes it in JSON: releases before 2.10 give six digits,
/// later ones the shortest text and always a point. `None` where they differ.
fn float(number: f64) -> Option<String> {
    let shortest = format!("{number:?}");
    let digits = shortest.bytes().filter(u8::is_ascii_digit).count();
    let plain = !shortest.contains('e') && !shortest.ends_with(".0") && number.is_finite();
    // A leading zero counts, so this is careful.
    (plain && digits <= 6).then_some(shortest)
}

/// What has no place in a string of Nix.
fn without_nul(string: &str) -> Result<&str, Val> {
    if string.contains('\0') {
        Err(failure("a string holds a zero byte"))
    } else {
        Ok(string)
    }
}

fn from_json(json: &serde_json::Value) -> Val {
    use serde_json::Value as Json;
    match json {
        Json::Null => Val::Null,
        Json::Bool(flag) => Val::Bool(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), ..) => Val::Int(number),
            (None, Some(_), _) => failure("a JSON number does not fit"),
            // `-0` is an integer and `-0.0` is not; the parser does not tell them apart.
            (None, None, Some(0.0)) if number.as_f64().is_some_and(f64::is_sign_negative) => {
                Val::Unknown(Why::Unsupported("a negative zero".into()))
            }
            (None, None, Some(number)) => Val::Float(number),
            (None, None, None) => failure("a JSON number does not fit"),
        },
        Json::String(string) => either(without_nul(string), text),
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

fn from_toml(toml: &toml::Value) -> Val {
    use toml::Value as Toml;
    match toml {
        Toml::String(string) => either(without_nul(string), text),
        Toml::Integer(number) => Val::Int(*number),
        Toml::Float(number) => Val::Float(*number),
        Toml::Boolean(flag) => Val::Bool(*flag),
        Toml::Datetime(_) => failure("Nix has no dates"),
        Toml::Array(items) => list(
            items
                .iter()
                .map(|item| Thunk::val(from_toml(item)))
                .collect(),
        ),
        Toml::Table(table) => set(table
            .iter()
            .map(|(name, value)| {
                (
                    Arc::from(name.as_str()),
                    Attr::computed(Thunk::val(from_toml(value))),
                )
            })
            .collect()),
    }
}
