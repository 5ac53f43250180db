//! `toXML`.

use super::super::evaluator::Evaluator;
use super::super::runtime::{Computed, Thunk, Val};
use super::super::value::Why;
use super::{Table, text};
use crate::syntax::ast::Expr;

pub(super) fn register(table: &mut Table) {
    table.function("toXML", 1, |evaluator, args| {
        let mut out = String::from("<?xml version='1.0' encoding='utf-8'?>\n<expr>\n");
        let result = args
            .first()
            .ok_or_else(|| Why::Failure("too few arguments".into()))
            .and_then(|arg| write(evaluator, arg, &mut out, 1));
        Computed::bare(match result {
            Ok(()) => {
                out.push_str("</expr>\n");
                text(out)
            }
            Err(why) => Val::Unknown(why),
        })
    });
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("&quot;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // So that readers keep line breaks in attributes.
            '\n' => out.push_str("&#xA;"),
            _ => out.push(c),
        }
    }
    out
}

fn line(out: &mut String, depth: usize, text: &str) {
    for _ in 0..depth {
        out.push_str("  ");
    }
    out.push_str(text);
    out.push('\n');
}

fn leaf(out: &mut String, depth: usize, kind: &str, value: &str) {
    let value = escaped(value);
    line(out, depth, &format!("<{kind} value=\"{value}\" />"));
}

fn write(
    evaluator: &Evaluator<'_>,
    thunk: &Thunk,
    out: &mut String,
    depth: usize,
) -> Result<(), Why> {
    if depth > 64 {
        return Err(Why::Limit);
    }
    match thunk.settle(evaluator).val {
        Val::Null => line(out, depth, "<null />"),
        Val::Bool(flag) => leaf(out, depth, "bool", if flag { "true" } else { "false" }),
        Val::Int(number) => leaf(out, depth, "int", &number.to_string()),
        Val::Float(_) => return Err(Why::Unsupported("a float in XML".into())),
        Val::Str(text) => leaf(out, depth, "string", &text),
        Val::Path(path) => leaf(out, depth, "path", &path.to_string_lossy()),
        Val::List(list) => {
            if let Some(why) = &list.open {
                return Err(why.clone());
            }
            line(out, depth, "<list>");
            for item in &list.items {
                write(evaluator, item, out, depth + 1)?;
            }
            line(out, depth, "</list>");
        }
        Val::Attrs(attrs) => {
            if let Some(why) = &attrs.open {
                return Err(why.clone());
            }
            if attrs.map.contains_key("type") {
                return Err(Why::Unsupported("a derivation in XML".into()));
            }
            line(out, depth, "<attrs>");
            for (name, attr) in &attrs.map {
                let name = escaped(name);
                line(out, depth + 1, &format!("<attr name=\"{name}\">"));
                write(evaluator, &attr.value, out, depth + 2)?;
                line(out, depth + 1, "</attr>");
            }
            line(out, depth, "</attrs>");
        }
        Val::Lambda(lambda) => {
            let Expr::Lambda(param, _) = lambda.ast.expr(lambda.expr) else {
                return Err(Why::Unsupported("a function in XML".into()));
            };
            line(out, depth, "<function>");
            match (&param.formals, &param.name) {
                (None, name) => {
                    let name = escaped(name.as_deref().unwrap_or(""));
                    line(out, depth + 1, &format!("<varpat name=\"{name}\" />"));
                }
                (Some(formals), name) => {
                    let open = if param.open { " ellipsis=\"1\"" } else { "" };
                    let name = name
                        .as_deref()
                        .map(|name| format!(" name=\"{}\"", escaped(name)))
                        .unwrap_or_default();
                    line(out, depth + 1, &format!("<attrspat{open}{name}>"));
                    let mut names: Vec<_> = formals.iter().map(|formal| &formal.name).collect();
                    names.sort();
                    for name in names {
                        let name = escaped(name);
                        line(out, depth + 2, &format!("<attr name=\"{name}\" />"));
                    }
                    line(out, depth + 1, "</attrspat>");
                }
            }
            line(out, depth, "</function>");
        }
        Val::Native(_) => line(out, depth, "<unevaluated />"),
        Val::OneOf(_) => return Err(Why::Unsupported("an undecided value in XML".into())),
        Val::Extern(set) => return Err(set.why()),
        Val::Unknown(why) => return Err(why),
    }
    Ok(())
}
