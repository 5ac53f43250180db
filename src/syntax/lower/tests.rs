//! What the tree of small, tricky files is.

use super::*;
use crate::syntax::ast::{Attrs, Param, Target};
use crate::syntax::parse::{BYTE_ORDER_MARK, parse};
use crate::text::{FileFormat, SourceFile};
use std::fmt::Write;

fn tree(text: &str) -> Arc<Ast> {
    let source = SourceFile::new(FileId(0), "x.nix", "x.nix", FileFormat::Nix, text);
    let parsed = parse(&source);
    parsed
        .ast
        .unwrap_or_else(|| panic!("{text}: {:?}", parsed.errors))
}

/// A file as its tree has it: every set in braces, every operation in parentheses.
fn lowered(text: &str) -> String {
    let ast = tree(text);
    let mut out = String::new();
    show(&ast, ast.root(), &mut out);
    out
}

fn show_all(ast: &Ast, before: &str, ids: &[ExprId], out: &mut String) {
    write!(out, "({before}").unwrap();
    for id in ids {
        out.push(' ');
        show(ast, *id, out);
    }
    out.push(')');
}

fn show(ast: &Ast, id: ExprId, out: &mut String) {
    match ast.expr(id) {
        Expr::Ident(name, _) => out.push_str(name),
        Expr::Int(number) => write!(out, "{number:?}").unwrap(),
        Expr::Float(number) => write!(out, "{number:?}").unwrap(),
        Expr::Str(parts) => show_parts(ast, "str", parts, out),
        Expr::Path(parts) => show_parts(ast, "path", parts, out),
        Expr::HomePath => out.push('~'),
        Expr::SearchPath(name) => write!(out, "<{name}>").unwrap(),
        Expr::List(items) => show_all(ast, "list", items, out),
        Expr::Attrs(attrs) => show_attrs(ast, attrs, out),
        Expr::Let(attrs, body) => {
            out.push_str("(let ");
            show_attrs(ast, attrs, out);
            out.push(' ');
            show(ast, *body, out);
            out.push(')');
        }
        Expr::Lambda(param, body) => {
            out.push_str("(fn ");
            show_param(ast, param, out);
            out.push(' ');
            show(ast, *body, out);
            out.push(')');
        }
        Expr::Apply(function, argument) => show_all(ast, "call", &[*function, *argument], out),
        Expr::Select(base, keys, default) => {
            out.push_str("(get ");
            show(ast, *base, out);
            show_keys(ast, keys, out);
            if let Some(default) = default {
                out.push_str(" or ");
                show(ast, *default, out);
            }
            out.push(')');
        }
        Expr::HasAttr(base, keys) => {
            out.push_str("(has ");
            show(ast, *base, out);
            show_keys(ast, keys, out);
            out.push(')');
        }
        Expr::If(condition, then, otherwise) => {
            show_all(ast, "if", &[*condition, *then, *otherwise], out);
        }
        Expr::With(scope, body) => show_all(ast, "with", &[*scope, *body], out),
        Expr::Assert(condition, body) => show_all(ast, "assert", &[*condition, *body], out),
        Expr::Not(operand) => show_all(ast, "!", &[*operand], out),
        Expr::Negate(operand) => show_all(ast, "-", &[*operand], out),
        Expr::Binary(operator, left, right) => {
            show_all(ast, &format!("{operator:?}"), &[*left, *right], out);
        }
        Expr::Paren(inner) => show_all(ast, "paren", &[*inner], out),
        Expr::Opaque(what) => write!(out, "?{what}?").unwrap(),
    }
}

fn show_parts(ast: &Ast, what: &str, parts: &[Part], out: &mut String) {
    write!(out, "({what}").unwrap();
    for part in parts {
        match part {
            Part::Text(text) => write!(out, " {text:?}").unwrap(),
            Part::Expr(id) => {
                out.push(' ');
                show(ast, *id, out);
            }
        }
    }
    out.push(')');
}

fn show_keys(ast: &Ast, keys: &[Key], out: &mut String) {
    for key in keys {
        match key {
            Key::Name(name, _) => write!(out, " .{name}").unwrap(),
            Key::Computed(id, _) => {
                out.push_str(" .$");
                show(ast, *id, out);
            }
        }
    }
}

fn show_param(ast: &Ast, param: &Param, out: &mut String) {
    write!(out, "{}", param.name.as_deref().unwrap_or("_")).unwrap();
    for formal in param.formals.iter().flatten() {
        write!(out, ",{}", formal.name).unwrap();
        if let Some(default) = formal.default {
            out.push('?');
            show(ast, default, out);
        }
    }
    if param.formals.is_some() && param.open {
        out.push_str(",...");
    }
}

fn show_attrs(ast: &Ast, attrs: &Attrs, out: &mut String) {
    out.push_str(if attrs.recursive { "rec{" } else { "{" });
    let mut comma = "";
    for source in &attrs.sources {
        write!(out, "{comma}from ").unwrap();
        show(ast, *source, out);
        comma = ", ";
    }
    for binding in &attrs.bindings {
        write!(out, "{comma}{}", binding.name).unwrap();
        match binding.target {
            Target::Value(id) => {
                out.push('=');
                show(ast, id, out);
            }
            Target::Nested(id) => {
                out.push('.');
                show(ast, id, out);
            }
            Target::Inherit(_) => out.push_str("=^"),
            Target::InheritFrom(source) => write!(out, "=^{source}").unwrap(),
        }
        comma = ", ";
    }
    for dynamic in &attrs.dynamic {
        write!(out, "{comma}$").unwrap();
        show(ast, dynamic.key, out);
        out.push('=');
        show(ast, dynamic.value, out);
        comma = ", ";
    }
    out.push('}');
}

#[test]
fn sets_are_merged_as_nix_merges_them() {
    for (text, tree) in [
        ("{ }", "{}"),
        ("rec { a = b; }", "rec{a=b}"),
        ("{ inherit a \"b\" ${\"c\"}; }", "{a=^, b=^, c=^}"),
        (
            "{ inherit (x) a; inherit (y) b; }",
            "{from x, from y, a=^0, b=^1}",
        ),
        ("{ inherit (x); }", "{from x}"),
        ("{ inherit; }", "{}"),
        ("{ a.b.c = x; }", "{a.{b.{c=x}}}"),
        ("{ a.b = x; a.c = y; }", "{a.{b=x, c=y}}"),
        ("{ a = { b = x; }; a.c = y; }", "{a={b=x, c=y}}"),
        ("{ a.c = y; a = { b = x; }; }", "{a.{b=x, c=y}}"),
        ("{ a = ({ b = x; }); a.c = y; }", "{a=(paren {b=x, c=y})}"),
        (
            "{ a = rec { b = x; }; a = { c = y; }; }",
            "{a=rec{b=x, c=y}}",
        ),
        ("{ a = { b = x; }; a = rec { c = y; }; }", "{a={b=x, c=y}}"),
        (
            "{ a.b.c = x; a.b = { d = y; }; a.b.e = z; }",
            "{a.{b.{c=x, d=y, e=z}}}",
        ),
        (
            "{ a = { inherit (x) b; }; a = { inherit (y) c; ${d} = z; }; }",
            "{a={from x, from y, b=^0, c=^1, $d=z}}",
        ),
        (
            "{ ${a} = x; ${a} = y; \"${a}\".b = z; }",
            "{$a=x, $a=y, $(str a)={b=z}}",
        ),
        (
            "{ a.${b}.c = x; a.${b}.d = y; }",
            "{a.{$b={c=x}, $b={d=y}}}",
        ),
        (
            "{ \"a b\" = x; ''c'' = y; \"\" = z; or = w; }",
            "{=z, a b=x, c=y, or=w}",
        ),
        ("let a.b = x; a.c = y; in a", "(let rec{a.{b=x, c=y}} a)"),
        ("let { body = a; a = x; }", "(let rec{a=x, body=a} body)"),
    ] {
        assert_eq!(lowered(text), tree, "{text}");
    }
}

#[test]
fn expressions_keep_their_shape() {
    for (text, tree) in [
        ("f x y", "(call (call f x) y)"),
        ("f or x", "(call (call f or) x)"),
        ("a.b.\"c\".${d} or e f", "(call (get a .b .c .$d or e) f)"),
        ("a.or or b", "(get a .or or b)"),
        ("a ? b.\"c${d}\"", "(has a .b .$(str \"c\" d))"),
        ("!a ? b", "(! (has a .b))"),
        ("-a - b * c", "(Sub (- a) (Mul b c))"),
        ("a |> b |> c", "(PipeRight (PipeRight a b) c)"),
        ("a <| b <| c", "(PipeLeft a (PipeLeft b c))"),
        ("a ++ b // c -> d", "(Implies (Update (Concat a b) c) d)"),
        (
            "a == b && c != d || e",
            "(Or (And (Equal a b) (NotEqual c d)) e)",
        ),
        ("if a then b else c", "(if a b c)"),
        ("with a; assert b; c", "(with a (assert b c))"),
        ("[ a (f x) # c\n ]", "(list a (paren (call f x)))"),
        ("1 + 2.5", "(Add Some(1) 2.5)"),
        ("99999999999999999999", "None"),
        ("__curPos", "?__curPos?"),
        ("x: x", "(fn x x)"),
        ("{ }: x", "(fn _ x)"),
        ("{ a, b ? a, ... }: x", "(fn _,a,b?a,... x)"),
        ("{ a ? { b, c }: b, }@d: x", "(fn d,a?(fn _,b,c b) x)"),
        ("d@{ a, ... }: x", "(fn d,a,... x)"),
    ] {
        assert_eq!(lowered(text), tree, "{text}");
    }
}

#[test]
fn strings_and_paths_say_what_nix_reads() {
    for (text, tree) in [
        (r#""""#, "(str)"),
        (
            r#""a$$b$c\${d}\n\t\"\\\q""#,
            r#"(str "a$$b$c${d}\n\t\"\\q")"#,
        ),
        (r#""${a}b${"c${d}"}""#, r#"(str a "b" (str "c" d))"#),
        ("\"a\r\nb\rc\"", r#"(str "a\nb\nc")"#),
        ("\"\\n${a}\r\n\"", r#"(str "\n" a "\n")"#),
        ("''''", "(str)"),
        ("''a\r\nb''", r#"(str "a\r\nb")"#),
        ("''\n  a\n    b\n  ''", r#"(str "a\n  b\n")"#),
        ("''a''$b''${c}'''d''\\n$$e''", r#"(str "a$b${c}''d\n$$e")"#),
        ("''\n  ${a}\n    b${c}''", r#"(str a "\n  b" c)"#),
        ("http://a.b/c?d=e", r#"(str "http://a.b/c?d=e")"#),
        ("./a/b.nix", r#"(path "./a/b.nix")"#),
        ("/a/${b}/c${d}", r#"(path "/a/" b "/c" d)"#),
        ("./${a}.nix", r#"(path "./" a ".nix")"#),
        ("~/a/${b}", "~"),
        ("<a/b>", "<a/b>"),
    ] {
        assert_eq!(lowered(text), tree, "{text}");
    }
}

#[test]
fn every_expression_knows_its_place() {
    let text = "{ a.\"b\" = f ./x/${y}; inherit (g) c; } // \"\\n${z.w or v}\" + ''\n ${u}''";
    for start in ["", "\u{feff}"] {
        let text = format!("{start}{text}");
        let shift = u32::try_from(start.len()).unwrap();
        let parsed = rnix::Root::parse(text.trim_start_matches(BYTE_ORDER_MARK));
        let ast = lower(FileId(0), parsed.syntax().green(), shift).ast;
        let mut written: Vec<_> = ast
            .exprs
            .iter()
            .map(|(_, span)| text.get(span.range()).unwrap())
            .collect();
        written.sort_unstable();
        let mut places = vec![
            &text[start.len()..],
            "{ a.\"b\" = f ./x/${y}; inherit (g) c; }",
            "a.\"b\" = f ./x/${y};",
            "f ./x/${y}",
            "f",
            "./x/${y}",
            "y",
            "g",
            "\"\\n${z.w or v}\" + ''\n ${u}''",
            "\"\\n${z.w or v}\"",
            "z.w or v",
            "z",
            "v",
            "''\n ${u}''",
            "u",
        ];
        places.sort_unstable();
        assert_eq!(written, places);
        let Expr::Binary(_, set, _) = ast.expr(ast.root()) else {
            panic!("an update")
        };
        let Expr::Attrs(attrs) = ast.expr(*set) else {
            panic!("a set")
        };
        let spans: Vec<_> = attrs
            .bindings
            .iter()
            .flat_map(|binding| [binding.name_span, binding.statement])
            .map(|span| &text[span.range()])
            .collect();
        assert_eq!(spans, ["a", "a.\"b\" = f ./x/${y};", "c", "inherit (g) c;"]);
    }
}

#[test]
fn an_interpolation_apart_from_its_path_is_noticed() {
    for (text, spans) in [
        ("[ ./a ${x} ]", vec![Span::new(6, 10)]),
        (
            "[ /a /* b */ ${x}/c ~/d\n${y} ]",
            vec![Span::new(13, 17), Span::new(24, 28)],
        ),
        ("[ ./a/${x} ]", vec![]),
    ] {
        let parsed = rnix::Root::parse(text);
        assert_eq!(parsed.errors(), [], "{text}");
        let lowered = lower(FileId(0), parsed.syntax().green(), 0);
        assert_eq!(lowered.apart, spans, "{text}");
    }
}

#[test]
fn equal_names_are_kept_once() {
    let ast = tree("{ a = b; c = \"d\"; b = [ b \"d\" ]; }");
    let mut texts: Vec<*const u8> = Vec::new();
    for (expr, _) in &ast.exprs {
        match expr {
            Expr::Ident(name, _) if &**name == "b" => texts.push(name.as_ptr()),
            _ => {}
        }
    }
    assert_eq!(texts.len(), 2);
    assert!(texts.windows(2).all(|two| two[0] == two[1]));
}

/// Every variable with where it is bound, in the order of the text.
fn slots(text: &str) -> Vec<String> {
    let ast = tree(text);
    let mut slots: Vec<_> = ast
        .exprs
        .iter()
        .filter_map(|(expr, span)| match expr {
            Expr::Ident(name, slot) => Some((span.start, name, *slot)),
            _ => None,
        })
        .collect();
    slots.sort_by_key(|(start, ..)| *start);
    let slots = slots.iter().map(|(_, name, slot)| match slot {
        Some(slot) => format!("{name} {} {}", slot.up, slot.at),
        None => format!("{name} free"),
    });
    slots.collect()
}

#[test]
fn variables_know_where_they_are_bound() {
    for (text, expected) in [
        ("a", &["a free"][..]),
        // The nearest scope, and in it the place in the order of names.
        ("b: a: let c = a; a = b; in c", &["a 0 0", "b 2 0", "c 0 1"]),
        ("{ a = b; b = 1; }", &["b free"]),
        ("rec { a = b; b = 1; }", &["b 0 1"]),
        (
            "{ x, y ? x, ... }@all: with y; [ all x z ]",
            &["x 0 1", "y 0 2", "all 1 0", "x 1 1", "z free"],
        ),
        // A function without a name for its argument makes a scope as well.
        ("a: { }: a", &["a 1 0"]),
        (
            "a: let inherit (a) b; in b.${a} or b ? ${b}",
            &["a 1 0", "b 0 0", "a 1 0", "b 0 0", "b 0 0"],
        ),
        ("let { body = a; a = 1; }", &["body 0 1", "a 0 0"]),
        ("a: \"${a}\" + ./${a} + ''${a}''", &["a 0 0"; 3]),
    ] {
        assert_eq!(slots(text), expected, "{text}");
    }
}

#[test]
fn inherited_names_come_from_around_the_set() {
    let ast = tree("a: let inherit a; in rec { inherit a b; }");
    let mut found = Vec::new();
    for (expr, _) in &ast.exprs {
        if let Expr::Attrs(attrs) | Expr::Let(attrs, _) = expr {
            for binding in &attrs.bindings {
                if let Target::Inherit(slot) = binding.target {
                    found.push((&*binding.name, slot.map(|slot| (slot.up, slot.at))));
                }
            }
        }
    }
    found.sort();
    assert_eq!(
        found,
        [("a", Some((0, 0))), ("a", Some((0, 0))), ("b", None)]
    );
}
