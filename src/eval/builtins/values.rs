//! Builtins about values as such: types, numbers, failures, files.

use std::path::PathBuf;

use super::super::evaluator::{Evaluator, failure};
use super::super::operators::{arithmetic, compare};
use super::super::runtime::{Attr, Computed, Thunk, Val};
use super::super::strings::Coercion;
use super::super::value::{Step, Via, Why};
use super::{Table, either, flat, forced, handed_on, int, list, set, string, text};
use crate::syntax::ast::Operator;

pub(super) fn register(table: &mut Table) {
    types(table);
    numbers(table);
    control(table);
    files(table);
}

fn type_name(val: &Val) -> &'static str {
    match val {
        Val::Null => "null",
        Val::Bool(_) => "bool",
        Val::Int(_) => "int",
        Val::Float(_) => "float",
        Val::Str(_) => "string",
        Val::Path(_) => "path",
        Val::List(_) => "list",
        Val::Attrs(_) => "set",
        Val::Lambda(_) | Val::Native(_) => "lambda",
        Val::Extern(_) | Val::OneOf(_) | Val::Unknown(_) => "",
    }
}

fn types(table: &mut Table) {
    table.unary("typeOf", |_, value| text(type_name(&value.val)));
    for (name, wanted) in [
        ("isNull", "null"),
        ("isBool", "bool"),
        ("isInt", "int"),
        ("isFloat", "float"),
        ("isString", "string"),
        ("isPath", "path"),
        ("isList", "list"),
        ("isAttrs", "set"),
        ("isFunction", "lambda"),
    ] {
        table.unary(name, move |_, value| {
            Val::Bool(type_name(&value.val) == wanted)
        });
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "checked against the range of i64"
)]
#[expect(clippy::cast_precision_loss, reason = "the bounds of i64 as doubles")]
fn rounded(value: f64) -> Val {
    if value.is_finite() && value >= i64::MIN as f64 && value < i64::MAX as f64 {
        Val::Int(value as i64)
    } else {
        failure("a number does not fit an integer")
    }
}

fn numbers(table: &mut Table) {
    for (name, operator) in [
        ("add", Operator::Add),
        ("sub", Operator::Sub),
        ("mul", Operator::Mul),
        ("div", Operator::Div),
    ] {
        table.binary(name, move |_, left, right| {
            arithmetic(operator, &left.val, &right.val)
        });
    }
    table.binary("bitAnd", |_, a, b| {
        flat(int(a).and_then(|a| Ok(Val::Int(a & int(b)?))))
    });
    table.binary("bitOr", |_, a, b| {
        flat(int(a).and_then(|a| Ok(Val::Int(a | int(b)?))))
    });
    table.binary("bitXor", |_, a, b| {
        flat(int(a).and_then(|a| Ok(Val::Int(a ^ int(b)?))))
    });
    table.binary("lessThan", |evaluator, a, b| {
        match compare(evaluator, &a.val, &b.val) {
            Ok(order) => Val::Bool(order == Some(std::cmp::Ordering::Less)),
            Err(why) => Val::Unknown(why),
        }
    });
    table.unary("ceil", |_, value| match value.val {
        Val::Int(number) => Val::Int(number),
        Val::Float(number) => rounded(number.ceil()),
        _ => failure("`ceil` wants a number"),
    });
    table.unary("floor", |_, value| match value.val {
        Val::Int(number) => Val::Int(number),
        Val::Float(number) => rounded(number.floor()),
        _ => failure("`floor` wants a number"),
    });
}

fn control(table: &mut Table) {
    for name in ["throw", "abort"] {
        table.unary(name, |_, value| match &value.val {
            Val::Str(message) => Val::Unknown(Why::Failure(message.clone())),
            _ => failure("it throws"),
        });
    }
    table.function("seq", 2, |evaluator, args| {
        match forced(evaluator, args, 0).val {
            Val::Unknown(why @ (Why::Failure(_) | Why::Limit | Why::Cycle)) => {
                Computed::bare(Val::Unknown(why))
            }
            _ => handed_on(evaluator, args, 1),
        }
    });
    table.function("deepSeq", 2, |evaluator, args| {
        let failed = args
            .first()
            .and_then(|arg| first_failure(evaluator, arg, 0));
        failed.map_or_else(
            || handed_on(evaluator, args, 1),
            |why| Computed::bare(Val::Unknown(why)),
        )
    });
    for name in ["trace", "traceVerbose", "addErrorContext", "warn"] {
        table.function(name, 2, |evaluator, args| handed_on(evaluator, args, 1));
    }
    table.function("break", 1, |evaluator, args| handed_on(evaluator, args, 0));
    table.function("tryEval", 1, |evaluator, args| {
        let value = forced(evaluator, args, 0);
        let result = |success: bool, value: Computed| {
            set([
                (
                    "success".into(),
                    Attr::computed(Thunk::val(Val::Bool(success))),
                ),
                ("value".into(), Attr::computed(Thunk::done(value))),
            ]
            .into())
        };
        Computed::bare(match &value.val {
            // Only `throw` and `assert` are caught; other failures are not told apart here.
            Val::Unknown(why) => Val::Unknown(why.clone()),
            _ => result(true, value),
        })
    });
}

fn first_failure(evaluator: &Evaluator<'_>, thunk: &Thunk, depth: u32) -> Option<Why> {
    if depth > 64 {
        return Some(Why::Limit);
    }
    match thunk.settle(evaluator).val {
        Val::Unknown(why) => Some(why),
        Val::List(list) => list
            .items
            .iter()
            .find_map(|item| first_failure(evaluator, item, depth + 1)),
        Val::Attrs(attrs) => attrs
            .map
            .values()
            .find_map(|attr| first_failure(evaluator, &attr.value, depth + 1)),
        _ => None,
    }
}

fn path_of(evaluator: &Evaluator<'_>, value: &Computed) -> Result<PathBuf, Val> {
    match &value.val {
        Val::Path(path) => Ok(path.to_path_buf()),
        Val::Str(text) if text.starts_with('/') => Ok(PathBuf::from(text.as_ref())),
        Val::Str(_) => Err(failure("a path must be absolute")),
        Val::Attrs(_) => match evaluator.coerce(value, Coercion::Path) {
            Ok(text) => Ok(PathBuf::from(text.as_ref())),
            Err(why) => Err(Val::Unknown(why)),
        },
        _ => Err(failure("a path is wanted")),
    }
}

fn files(table: &mut Table) {
    table.function("import", 1, |evaluator, args| {
        let argument = handed_on(evaluator, args, 0);
        super::each_computed(&argument, |argument| match &argument.val {
            Val::Unknown(why) => Computed::bare(Val::Unknown(why.clone())),
            Val::Extern(set) => set.import(evaluator),
            _ => match path_of(evaluator, argument) {
                Ok(path) => {
                    let step = argument.origin.map(|place| Step {
                        via: Via::Import,
                        place,
                    });
                    evaluator.files().depend(&path);
                    evaluator.import(&path).via(step)
                }
                Err(val) => Computed::bare(val),
            },
        })
    });
    table.unary("readFile", |evaluator, value| {
        either(path_of(evaluator, value), |path| {
            evaluator
                .files()
                .read(&path)
                .map_or_else(Val::Unknown, Val::Str)
        })
    });
    table.unary("pathExists", |evaluator, value| {
        either(path_of(evaluator, value), |path| {
            evaluator
                .files()
                .exists(&path)
                .map_or_else(Val::Unknown, Val::Bool)
        })
    });
    table.unary("readDir", |evaluator, value| {
        either(path_of(evaluator, value), |path| {
            match evaluator.files().list(&path) {
                Ok(entries) => set(entries
                    .into_iter()
                    .map(|(name, kind)| (name.into(), Attr::computed(Thunk::val(text(kind)))))
                    .collect()),
                Err(why) => Val::Unknown(why),
            }
        })
    });
    table.unary("toPath", |evaluator, value| {
        either(path_of(evaluator, value), |path| {
            text(path.to_string_lossy())
        })
    });
    table.unary("baseNameOf", |evaluator, value| {
        match evaluator.coerce(value, Coercion::Path) {
            Ok(path) => {
                let path = path.strip_suffix('/').unwrap_or(&path);
                text(path.rsplit_once('/').map_or(path, |(_, base)| base))
            }
            Err(why) => Val::Unknown(why),
        }
    });
    table.unary("dirOf", |_, value| match &value.val {
        Val::Path(path) => Val::Path(path.parent().unwrap_or(path).into()),
        Val::Str(path) => text(match path.rsplit_once('/') {
            Some(("", _)) => "/",
            Some((dir, _)) => dir,
            None => ".",
        }),
        _ => failure("`dirOf` wants a path"),
    });
    table.unary("unsafeDiscardStringContext", |_, value| {
        either(string(value), Val::Str)
    });
    table.unary("hasContext", |_, value| {
        either(string(value), |_| Val::Bool(false))
    });
    table.value("nixPath", list(Vec::new()));
}
