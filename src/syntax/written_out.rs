//! Whether a value is written out, or would have to be worked out.

use rnix::ast::{Entry, Expr, HasEntry, InterpolPart};
use rowan::ast::AstNode;

use crate::text::Span;

/// Says what in the value of a binding (`a.b = …;`) is worked out rather than written, and where:
/// the offset counts from the beginning of `binding`. `None` for literals, for lists of literals,
/// and for plain names, of which it is not known.
pub fn worked_out(binding: &str) -> Option<(Span, &'static str)> {
    const OPENING: &str = "{ ";
    let text = format!("{OPENING}{binding} }}");
    let parsed = rnix::Root::parse(&text);
    if !parsed.errors().is_empty() {
        return None;
    }
    let Expr::AttrSet(set) = parsed.tree().expr()? else {
        return None;
    };
    let Entry::AttrpathValue(binding) = set.entries().next()? else {
        return None;
    };
    let (node, what) = part_of(&binding.value()?)?;
    let range = node.syntax().text_range();
    let shift = u32::try_from(OPENING.len()).ok()?;
    let start = u32::from(range.start()).checked_sub(shift)?;
    Some((Span::new(start, start + u32::from(range.len())), what))
}

/// The first part of an expression that is worked out.
fn part_of(expr: &Expr) -> Option<(Expr, &'static str)> {
    let what = match expr {
        Expr::Paren(inner) => return part_of(&inner.expr()?),
        Expr::List(list) => return list.items().find_map(|item| part_of(&item)),
        Expr::Str(string) => {
            let joined = string
                .normalized_parts()
                .iter()
                .any(|part| matches!(part, InterpolPart::Interpolation(_)));
            if !joined {
                return None;
            }
            "an interpolation"
        }
        Expr::Apply(_) => "a function call",
        Expr::BinOp(_) | Expr::UnaryOp(_) => "an operator",
        Expr::IfElse(_) => "`if`",
        Expr::LetIn(_) | Expr::LegacyLet(_) => "`let`",
        Expr::With(_) => "`with`",
        Expr::Assert(_) => "`assert`",
        _ => return None,
    };
    Some((expr.clone(), what))
}

#[cfg(test)]
mod tests {
    use super::worked_out;

    fn found(binding: &str) -> Option<(&str, &'static str)> {
        let (span, what) = worked_out(binding)?;
        Some((&binding[span.range()], what))
    }

    #[test]
    fn literals_are_written_out() {
        for written in [
            "a = \"x\";",
            "a.b = [ \"x\" (\"y\") ];",
            "a = ''\n  x\n'';",
            "a = 4;",
            "a = true;",
            "a = ./x;",
            "a = { b = 1; };",
            "a = name;",
        ] {
            assert_eq!(found(written), None, "{written}");
        }
    }

    #[test]
    fn everything_else_is_found_where_it_stands() {
        assert_eq!(
            found("a = [ \"x\" ] ++ [ ];"),
            Some(("[ \"x\" ] ++ [ ]", "an operator"))
        );
        assert_eq!(
            found("a.b = [ \"x\" \"${y}\" ];"),
            Some(("\"${y}\"", "an interpolation"))
        );
        assert_eq!(found("a = -1;"), Some(("-1", "an operator")));
        assert_eq!(found("a = (f x);"), Some(("f x", "a function call")));
        assert_eq!(found("a = if b then 1 else 2;").map(|f| f.1), Some("`if`"));
    }
}
