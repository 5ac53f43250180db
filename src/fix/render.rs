//! New values as text.

use rnix::ast;
use rowan::ast::AstNode;

use crate::diagnostic::NewValue;
use crate::model::OptionPath;
use crate::syntax::{Style, is_plain_name, quote};

/// A value as a Nix expression. `indent` is the indentation of the line on which it starts.
pub(super) fn expression(value: &NewValue, style: &Style, indent: &str) -> String {
    match value {
        NewValue::Null => "null".to_owned(),
        NewValue::Bool(value) => value.to_string(),
        NewValue::Int(value) => value.to_string(),
        NewValue::Size(bytes) if style.letters => match with_letter(*bytes) {
            Some(text) => quote(&text),
            None => amount(*bytes, style),
        },
        NewValue::Bytes(bytes) | NewValue::Size(bytes) => amount(*bytes, style),
        NewValue::Str(text) => quote(text),
        NewValue::List(items) => {
            let inner = format!("{indent}{}", style.unit);
            let items = items.iter().map(|item| {
                let text = expression(item, style, &inner);
                if needs_parentheses(item, &text) {
                    format!("({text})")
                } else {
                    text
                }
            });
            enclosed(
                ('[', ']'),
                items.collect(),
                style.one_line_lists,
                style,
                indent,
            )
        }
        NewValue::Attrs(attrs) => {
            let inner = format!("{indent}{}", style.unit);
            let bindings = attrs
                .iter()
                .map(|(name, value)| {
                    format!(
                        "{} = {};",
                        self::name(name),
                        expression(value, style, &inner)
                    )
                })
                .collect();
            enclosed(('{', '}'), bindings, style.one_line_sets, style, indent)
        }
    }
}

/// A list with every element on a line of its own; other values as they are.
pub(super) fn several_lines(value: &NewValue, style: &Style, indent: &str) -> String {
    let NewValue::List(items) = value else {
        return expression(value, style, indent);
    };
    let (inner, newline) = (format!("{indent}{}", style.unit), style.newline);
    let items = items.iter().map(|item| {
        let item = expression(item, style, &inner);
        format!("{newline}{inner}{item}")
    });
    format!("[{}{newline}{indent}]", items.collect::<String>())
}

/// Lines get no longer than this: the width of nixfmt.
pub(super) const MOST_COLUMNS: usize = 100;

/// A value for a line on which `beside` other characters stand: a list at its end, as in
/// `lib.mkIf c [ … ]`, is broken where the line gets too long.
pub(super) fn fitted(text: String, style: &Style, indent: &str, beside: usize) -> String {
    if text.contains('\n') || beside + text.chars().count() <= MOST_COLUMNS {
        return text;
    }
    broken(&text, style, indent).unwrap_or(text)
}

/// An expression on one line with the elements of the list at its end on lines of their own.
fn broken(text: &str, style: &Style, indent: &str) -> Option<String> {
    let parsed = rnix::Root::parse(text);
    let mut last = parsed.errors().is_empty().then(|| parsed.tree().expr())??;
    while let ast::Expr::Apply(application) = last {
        last = application.argument()?;
    }
    let ast::Expr::List(list) = last else {
        return None;
    };
    let before = text.get(..usize::from(list.syntax().text_range().start()))?;
    let is_comment = |kind| kind == rnix::SyntaxKind::TOKEN_COMMENT;
    let mut tokens = list.syntax().children_with_tokens();
    if list.items().next().is_none() || tokens.any(|one| is_comment(one.kind())) {
        return None;
    }
    let (inner, newline) = (format!("{indent}{}", style.unit), style.newline);
    let items = list
        .items()
        .map(|item| format!("{newline}{inner}{}", item.syntax()));
    Some(format!(
        "{before}[{}{newline}{indent}]",
        items.collect::<String>()
    ))
}

/// True when `text` must stand in parentheses as an argument or a list's element.
pub(super) fn needs_parentheses(value: &NewValue, text: &str) -> bool {
    match value {
        NewValue::Int(value) => *value < 0,
        NewValue::Bytes(_) | NewValue::Size(_) => text.contains('*'),
        _ => false,
    }
}

fn enclosed(
    (open, close): (char, char),
    members: Vec<String>,
    one_line: bool,
    style: &Style,
    indent: &str,
) -> String {
    let one_line = one_line || (open == '[' && members.len() == 1);
    let broken = members.iter().any(|member| member.contains('\n'));
    if members.is_empty() {
        let gap = if style.tight_empty { "" } else { " " };
        return format!("{open}{gap}{close}");
    }
    if one_line && !broken {
        let gap = if style.tight { "" } else { " " };
        return format!("{open}{gap}{}{gap}{close}", members.join(" "));
    }
    let mut out = String::from(open);
    for member in &members {
        out.push_str(style.newline);
        out.push_str(indent);
        out.push_str(&style.unit);
        out.push_str(member);
    }
    out.push_str(style.newline);
    out.push_str(indent);
    out.push(close);
    out
}

/// An amount of bytes as the file writes amounts.
fn amount(bytes: u64, style: &Style) -> String {
    let mut factor = bytes;
    let mut powers = 0;
    while style.products && factor >= 1024 && factor.is_multiple_of(1024) {
        factor /= 1024;
        powers += 1;
    }
    if powers == 0 {
        return bytes.to_string();
    }
    let mut factors = vec!["1024".to_owned(); powers];
    if factor > 1 {
        factors.insert(0, factor.to_string());
    }
    factors.join(" * ")
}

/// An amount with the largest unit letter that leaves it whole: `10G`. `None` below 1024.
pub(super) fn with_letter(bytes: u64) -> Option<String> {
    let mut found = None;
    let mut count = bytes;
    for letter in ['K', 'M', 'G', 'T'] {
        if count == 0 || !count.is_multiple_of(1024) {
            break;
        }
        count /= 1024;
        found = Some(format!("{count}{letter}"));
    }
    found
}

/// A value as `nix.conf` writes it; `None` when that format cannot hold it.
pub(super) fn conf(value: &NewValue) -> Option<String> {
    let word = |text: &str| {
        let fits = !text.is_empty() && !text.contains(['#', '\n', '\r', ' ', '\t']);
        fits.then(|| text.to_owned())
    };
    match value {
        NewValue::Null => Some(String::new()),
        NewValue::Bool(value) => Some(value.to_string()),
        NewValue::Int(value) => Some(value.to_string()),
        NewValue::Bytes(bytes) | NewValue::Size(bytes) => Some(bytes.to_string()),
        NewValue::Str(text) => (!text.contains(['#', '\n', '\r'])).then(|| text.trim().to_owned()),
        NewValue::List(items) => {
            let words: Option<Vec<String>> = items
                .iter()
                .map(|item| conf(item).and_then(|text| word(&text)))
                .collect();
            Some(words?.join(" "))
        }
        NewValue::Attrs(_) => None,
    }
}

/// An attribute's name, quoted where it must be.
pub(super) fn name(name: &str) -> String {
    if is_plain_name(name) {
        name.to_owned()
    } else {
        quote(name)
    }
}

/// Names as an attribute path.
pub(super) fn path<S: AsRef<str>>(names: &[S]) -> String {
    OptionPath::new(names.iter().map(|name| name.as_ref())).to_string()
}

/// A comment as `#` lines.
pub(super) fn comment(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| format!("# {}", line.trim()).trim_end().to_owned())
        .collect()
}

/// `text`, written at indentation `from`, moved to indentation `to`. Lines that are not
/// indented by `from` stay as they are.
pub(super) fn reindent(text: &str, from: &str, to: &str) -> String {
    let mut lines = text.split('\n');
    let mut out = lines.next().unwrap_or("").to_owned();
    for line in lines {
        out.push('\n');
        match line.strip_prefix(from) {
            Some(rest) if !line.trim().is_empty() => {
                out.push_str(to);
                out.push_str(rest);
            }
            _ => out.push_str(line),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(value: &NewValue) -> String {
        expression(value, &Style::default(), "  ")
    }

    #[test]
    fn values_are_written_as_people_write_them() {
        assert_eq!(show(&NewValue::Bytes(10 << 30)), "10 * 1024 * 1024 * 1024");
        assert_eq!(show(&NewValue::Bytes(1 << 30)), "1024 * 1024 * 1024");
        assert_eq!(show(&NewValue::Bytes(1000)), "1000");
        assert_eq!(show(&NewValue::Bytes(0)), "0");
        assert_eq!(show(&NewValue::List(vec![])), "[ ]");
        assert_eq!(
            show(&NewValue::List(vec![NewValue::Str("a${b}".into())])),
            "[ \"a\\${b}\" ]"
        );
        assert_eq!(
            show(&NewValue::List(vec![NewValue::Int(1), NewValue::Int(-2)])),
            "[\n    1\n    (-2)\n  ]"
        );
        assert_eq!(
            show(&NewValue::Attrs(vec![
                ("Hour".into(), NewValue::Int(3)),
                ("a b".into(), NewValue::Bool(true)),
            ])),
            "{\n    Hour = 3;\n    \"a b\" = true;\n  }"
        );
        let plain = Style {
            products: false,
            one_line_sets: true,
            ..Style::default()
        };
        assert_eq!(
            expression(&NewValue::Bytes(10 << 30), &plain, ""),
            "10737418240"
        );
        let one = NewValue::Attrs(vec![("Hour".into(), NewValue::Int(3))]);
        assert_eq!(expression(&one, &plain, ""), "{ Hour = 3; }");
    }

    #[test]
    fn nix_conf_holds_words_only() {
        let list = |items: &[&str]| {
            NewValue::List(
                items
                    .iter()
                    .map(|item| NewValue::Str((*item).into()))
                    .collect(),
            )
        };
        assert_eq!(conf(&list(&["a", "b"])), Some("a b".into()));
        assert_eq!(conf(&list(&["a b"])), None);
        assert_eq!(conf(&NewValue::Str("a # b".into())), None);
        assert_eq!(conf(&NewValue::Bytes(1 << 30)), Some("1073741824".into()));
        assert_eq!(conf(&NewValue::Attrs(vec![])), None);
    }

    #[test]
    fn text_keeps_its_shape_when_it_moves() {
        assert_eq!(
            reindent("{\n    a = 1;\n\n  }", "  ", "\t"),
            "{\n\t  a = 1;\n\n\t}"
        );
    }
}
