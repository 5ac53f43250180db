//! Builtins about values as such: types and numbers.

use super::super::evaluator::failure;
use super::super::operators::{arithmetic, compare};
use super::super::runtime::Val;
use super::super::value::Why;
use super::{Table, flat, int, text};
use crate::syntax::ast::Operator;

pub(super) fn register(table: &mut Table) {
    types(table);
    numbers(table);
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
    for (name, round) in [("ceil", f64::ceil as fn(f64) -> f64), ("floor", f64::floor)] {
        table.unary(name, move |_, value| match value.val {
            // Older releases go through a double, which holds this much exactly.
            Val::Int(number) if number.unsigned_abs() <= 1 << f64::MANTISSA_DIGITS => {
                Val::Int(number)
            }
            Val::Int(_) => Val::Unknown(Why::Unsupported("rounding of a large number".into())),
            Val::Float(number) => rounded(round(number)),
            _ => failure("a number is wanted"),
        });
    }
    table.value("langVersion", Val::Int(6));
    table.value("storeDir", text("/nix/store"));
}
