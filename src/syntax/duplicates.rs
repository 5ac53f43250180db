//! Names that one set defines twice. The parser takes them, Nix refuses them; `lower` finds them
//! where it merges sets.

use std::sync::Arc;

use rnix::SyntaxNode;
use rnix::ast::{Attr, Expr, InterpolPart, Str};
use rowan::ast::AstNode;

use super::SyntaxError;
use super::lower::lower;
use crate::text::{FileId, Span};

/// A name that is defined a second time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Duplicate {
    /// The name, without the sets that hold it.
    pub name: Arc<str>,
    /// The second definition's name.
    pub span: Span,
    /// The first definition's name.
    pub first: Span,
    /// True for two parameters of a function, false for two attributes of a set.
    pub is_parameter: bool,
}

impl From<&Duplicate> for SyntaxError {
    fn from(duplicate: &Duplicate) -> Self {
        let name = &duplicate.name;
        let message = if duplicate.is_parameter {
            format!("the parameter `{name}` is named twice; Nix refuses this")
        } else {
            format!("`{name}` is defined twice in the same set; Nix refuses this, keep one")
        };
        SyntaxError::new(duplicate.span, message)
    }
}

/// All duplicates of a file that parsed without errors, in the order of the file. `shift` is
/// added to every offset: the length of a byte order mark that the parser did not see.
pub fn duplicates(root: &SyntaxNode, shift: u32) -> Vec<Duplicate> {
    // Merging sets is what finds them; the tree is of no use here, nor is the number in it.
    lower(FileId(0), root.green(), shift).duplicates
}

/// The name that an attribute has for the parser; `None` for a computed one.
pub fn static_name(attr: &Attr) -> Option<Arc<str>> {
    match attr {
        Attr::Ident(ident) => Some(ident.syntax().first_token()?.text().into()),
        Attr::Str(string) => static_string(string),
        // `${"name"}` is the name itself.
        Attr::Dynamic(dynamic) => match dynamic.expr()? {
            Expr::Str(string) => static_string(&string),
            _ => None,
        },
    }
}

/// The text of a string without interpolation.
pub fn static_string(string: &Str) -> Option<Arc<str>> {
    match string.normalized_parts().as_slice() {
        [] => Some("".into()),
        [InterpolPart::Literal(text)] => Some(text.as_str().into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, u32, u32)> {
        let root = rnix::Root::parse(text);
        assert_eq!(root.errors(), [], "{text}");
        duplicates(&root.syntax(), 0)
            .into_iter()
            .map(|d| (d.name.to_string(), d.first.start, d.span.start))
            .collect()
    }

    #[test]
    fn what_nix_refuses_is_found() {
        for (text, name) in [
            ("{ a = 1; a = 2; }", "a"),
            ("{ a.b = 1; a.b = 2; }", "b"),
            ("{ a = 1; a.b = 2; }", "a"),
            ("{ a.b = 2; a = 1; }", "a"),
            ("{ a = { b = 1; }; a.b = 2; }", "b"),
            ("{ a.b = 2; a = { b = 1; }; }", "b"),
            ("{ a = { b = 1; }; a = { b = 2; }; }", "b"),
            ("{ a = { b.c = 1; }; a = { b.d = 2; }; }", "b"),
            ("{ a = ({ b = 1; }); a.b = 2; }", "b"),
            ("{ inherit a; a = 1; }", "a"),
            ("{ inherit a a; }", "a"),
            ("{ inherit (x) a; inherit (y) a; }", "a"),
            ("{ inherit a; a.b = 1; }", "a"),
            ("{ \"a\" = 1; a = 2; }", "a"),
            ("{ ${\"a\"} = 1; a = 2; }", "a"),
            ("let a = 1; a = 2; in a", "a"),
            ("let { a = 1; a = 2; body = a; }", "a"),
            ("rec { a = 1; a = 2; }", "a"),
            ("f { x = [ { a = 1; a = 2; } ]; }", "a"),
            ("{ x = { y = { a = 1; a = 2; }; }; }", "a"),
            ("{ ${x}.y = { a = 1; a = 2; }; }", "a"),
            ("{ a, a }: 1", "a"),
            ("{ a, b ? 1 }@a: 1", "a"),
            ("{ a = x; a = { }; }", "a"),
            ("a@{ b, a, c }: 1", "a"),
            ("~/x/${{ a = 1; a = 2; }.a}", "a"),
            ("{ \"a\r\nb\" = 1; \"a\nb\" = 2; }", "a\nb"),
            ("{ inherit ${{ a = 1; a = 2; }.b}; }", "a"),
        ] {
            let names: Vec<_> = found(text).into_iter().map(|(name, ..)| name).collect();
            assert_eq!(names, [name], "{text}");
        }
    }

    #[test]
    fn what_nix_merges_is_no_duplicate() {
        for text in [
            "{ a.b = 1; a.c = 2; }",
            "{ a = { b = 1; }; a.c = 2; }",
            "{ a.c = 2; a = { b = 1; }; }",
            "{ a = { b = 1; }; a = { c = 1; }; }",
            "{ a.b.c = 1; a.b = { d = 1; }; a.b.e = 2; }",
            "{ ${x} = 1; ${x} = 2; }",
            "{ \"${x}\" = 1; \"${x}\" = 2; }",
            "{ ${x}.a = 1; ${x}.a = 2; }",
            "{ a = 1; b = { a = 1; }; }",
            "{ inherit a; inherit (b) c; d = a; }",
            "let a = 1; in let a = 2; in a",
            "{ a }: { b }: { inherit a b; }",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn both_places_are_named() {
        assert_eq!(found("{ a = 1; b.a = 1; a = 2; }"), [("a".into(), 2, 18)]);
        assert_eq!(found("{ a = { b = 1; }; a.b = 2; }"), [("b".into(), 8, 20)]);
        assert_eq!(found("a@{ b, a }: b"), [("a".into(), 0, 7)]);
        // Each one against the first, in the order of the file.
        assert_eq!(
            found("{ a = [ { b = 1; b = 2; } ]; a = 3; a = 4; }"),
            [
                ("b".into(), 10, 17),
                ("a".into(), 2, 29),
                ("a".into(), 2, 36)
            ]
        );
    }
}
