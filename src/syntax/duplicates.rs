//! Names that one set defines twice. The parser takes them, Nix refuses them.
//!
//! The rules are those of `addAttr` in `src/libexpr/parser-state.hh` of Nix: paths may share
//! their leading sets (`a.b = 1; a.c = 2;`), and a set given twice as a whole is merged one
//! level deep (`a = { b = 1; }; a.c = 2;`). Everything else is a duplicate. Names that are
//! computed (`${x}`) never collide at parse time.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::sync::Arc;

use rnix::ast::{self, Attr, Entry, Expr, HasEntry, InterpolPart};
use rnix::{SyntaxKind, SyntaxNode};
use rowan::ast::AstNode;

use super::SyntaxError;
use crate::text::Span;

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

/// All duplicates below `root`, in the order of the file. `shift` is added to every offset: the
/// length of a byte order mark that the parser did not see.
pub fn duplicates(root: &SyntaxNode, shift: u32) -> Vec<Duplicate> {
    let mut finder = Finder {
        shift,
        found: Vec::new(),
    };
    for node in root.descendants() {
        match node.kind() {
            // The value of a binding is visited with the set that holds the binding.
            SyntaxKind::NODE_ATTR_SET if !is_bound(&node) => {
                if let Some(set) = ast::AttrSet::cast(node) {
                    finder.entries(set.entries());
                }
            }
            SyntaxKind::NODE_LET_IN => {
                if let Some(set) = ast::LetIn::cast(node) {
                    finder.entries(set.entries());
                }
            }
            SyntaxKind::NODE_LEGACY_LET => {
                if let Some(set) = ast::LegacyLet::cast(node) {
                    finder.entries(set.entries());
                }
            }
            SyntaxKind::NODE_PATTERN => {
                if let Some(pattern) = ast::Pattern::cast(node) {
                    finder.parameters(&pattern);
                }
            }
            _ => {}
        }
    }
    finder.found.sort_by_key(|duplicate| duplicate.span);
    finder.found
}

/// True for a set that is the whole value of a binding, parentheses aside.
fn is_bound(node: &SyntaxNode) -> bool {
    node.ancestors()
        .skip(1)
        .find(|outer| outer.kind() != SyntaxKind::NODE_PAREN)
        .is_some_and(|outer| outer.kind() == SyntaxKind::NODE_ATTRPATH_VALUE)
}

type Names = HashMap<Arc<str>, Defined>;

struct Defined {
    span: Span,
    /// The content, when it is written as a set; `None` for any other value.
    set: Option<Names>,
}

struct Finder {
    shift: u32,
    found: Vec<Duplicate>,
}

impl Finder {
    fn span(&self, node: &SyntaxNode) -> Span {
        let range = node.text_range();
        Span::new(
            u32::from(range.start()) + self.shift,
            u32::from(range.end()) + self.shift,
        )
    }

    fn report(&mut self, name: &Arc<str>, span: Span, first: Span, is_parameter: bool) {
        self.found.push(Duplicate {
            name: Arc::clone(name),
            span: first.max(span),
            first: first.min(span),
            is_parameter,
        });
    }

    fn entries(&mut self, entries: impl Iterator<Item = Entry>) -> Names {
        let mut names = Names::new();
        for entry in entries {
            match entry {
                Entry::Inherit(inherit) => {
                    for attr in inherit.attrs() {
                        let Some(name) = static_name(&attr) else {
                            continue;
                        };
                        let span = self.span(attr.syntax());
                        self.define(&mut names, name, Defined { span, set: None });
                    }
                }
                Entry::AttrpathValue(binding) => self.binding(&mut names, &binding),
            }
        }
        names
    }

    fn binding(&mut self, names: &mut Names, binding: &ast::AttrpathValue) {
        let set = binding
            .value()
            .and_then(as_set)
            .map(|set| self.entries(set.entries()));
        let Some(path) = binding.attrpath() else {
            return;
        };
        let attrs: Vec<Attr> = path.attrs().collect();
        let Some((last, holders)) = attrs.split_last() else {
            return;
        };
        let mut inside = names;
        for attr in holders {
            // What lies below a computed name belongs to this binding alone.
            let Some(name) = static_name(attr) else {
                return;
            };
            let span = self.span(attr.syntax());
            let defined = match inside.entry(Arc::clone(&name)) {
                Slot::Occupied(slot) => slot.into_mut(),
                Slot::Vacant(slot) => slot.insert(Defined {
                    span,
                    set: Some(Names::new()),
                }),
            };
            match &mut defined.set {
                Some(set) => inside = set,
                None => {
                    let first = defined.span;
                    self.report(&name, span, first, false);
                    return;
                }
            }
        }
        if let Some(name) = static_name(last) {
            let span = self.span(last.syntax());
            self.define(inside, name, Defined { span, set });
        }
    }

    fn define(&mut self, names: &mut Names, name: Arc<str>, new: Defined) {
        match names.entry(Arc::clone(&name)) {
            Slot::Vacant(slot) => {
                slot.insert(new);
            }
            Slot::Occupied(mut slot) => {
                let old = slot.get_mut();
                match (&mut old.set, new.set) {
                    (Some(old_set), Some(new_set)) => {
                        for (inner, defined) in new_set {
                            match old_set.entry(Arc::clone(&inner)) {
                                Slot::Vacant(slot) => {
                                    slot.insert(defined);
                                }
                                Slot::Occupied(slot) => {
                                    let first = slot.get().span;
                                    self.report(&inner, defined.span, first, false);
                                }
                            }
                        }
                    }
                    _ => {
                        let first = old.span;
                        self.report(&name, new.span, first, false);
                    }
                }
            }
        }
    }

    fn parameters(&mut self, pattern: &ast::Pattern) {
        let mut seen: HashMap<Arc<str>, Span> = HashMap::new();
        let bound = pattern.pat_bind().and_then(|bind| bind.ident());
        let idents = pattern
            .pat_entries()
            .filter_map(|entry| entry.ident())
            .chain(bound);
        for ident in idents {
            let Some(token) = ident.ident_token() else {
                continue;
            };
            let span = self.span(ident.syntax());
            let name: Arc<str> = token.text().into();
            match seen.entry(Arc::clone(&name)) {
                Slot::Vacant(slot) => {
                    slot.insert(span);
                }
                Slot::Occupied(slot) => {
                    let first = *slot.get();
                    self.report(&name, span, first, true);
                }
            }
        }
    }
}

/// The set that an expression is, parentheses aside.
fn as_set(expr: Expr) -> Option<ast::AttrSet> {
    let mut expr = expr;
    loop {
        match expr {
            Expr::AttrSet(set) => return Some(set),
            Expr::Paren(paren) => expr = paren.expr()?,
            _ => return None,
        }
    }
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
pub fn static_string(string: &ast::Str) -> Option<Arc<str>> {
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
    }
}
