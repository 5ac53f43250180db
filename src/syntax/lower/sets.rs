//! What binds names: sets, `let`, and the parameters of functions.
//!
//! The rules are those of `addAttr` in `src/libexpr/parser-state.hh` of Nix: paths may share
//! their leading sets (`a.b = 1; a.c = 2;`), and a set given twice as a whole is merged one
//! level deep (`a = { b = 1; }; a.c = 2;`). Everything else is a duplicate, and the first stays.
//! Names that are computed (`${x}`) never collide at parse time.

use rnix::SyntaxKind as K;

use super::Lowering;
use super::green::Node;
use crate::syntax::ast::{Attrs, Binding, Dynamic, Expr, ExprId, Formal, Key, Name, Param, Target};
use crate::syntax::duplicates::Duplicate;
use crate::text::Span;

/// A binding on its way into a set: its path from here on, and its value.
struct Statement {
    key: Key,
    below: std::vec::IntoIter<Key>,
    value: ExprId,
    span: Span,
}

impl<'a> Lowering<'a> {
    pub(super) fn attrs(&mut self, set: Node<'a>, recursive: bool) -> Attrs {
        let mut attrs = Attrs {
            recursive,
            ..Attrs::default()
        };
        for entry in set.nodes() {
            match entry.kind() {
                K::NODE_INHERIT => self.inherit(&mut attrs, entry),
                K::NODE_ATTRPATH_VALUE => self.binding(&mut attrs, entry),
                _ => {}
            }
        }
        attrs
    }

    fn inherit(&mut self, attrs: &mut Attrs, inherit: Node<'a>) {
        let statement = inherit.span();
        let source = inherit.child(K::NODE_INHERIT_FROM).map(|from| {
            let id = self.opt(from.exprs().next(), from.span());
            attrs.sources.push(id);
            attrs.sources.len() - 1
        });
        for attr in inherit.attrs() {
            if let Key::Name(name, name_span) = self.key(attr) {
                let target = source.map_or(Target::Inherit(None), Target::InheritFrom);
                let binding = Binding {
                    name,
                    name_span,
                    statement,
                    target,
                };
                self.add(attrs, binding);
            }
        }
    }

    fn binding(&mut self, attrs: &mut Attrs, binding: Node<'a>) {
        let span = binding.span();
        let mut path = binding
            .child(K::NODE_ATTRPATH)
            .into_iter()
            .flat_map(Node::attrs);
        let key = path.next().map(|attr| self.key(attr));
        let below: Vec<Key> = path.map(|attr| self.key(attr)).collect();
        let value = self.opt(binding.exprs().next(), span);
        if let Some(key) = key {
            let statement = Statement {
                key,
                below: below.into_iter(),
                value,
                span,
            };
            self.bind(attrs, statement);
        }
    }

    /// Adds a statement to a set, merging sets as Nix's parser does.
    fn bind(&mut self, attrs: &mut Attrs, statement: Statement) {
        let Statement {
            key,
            mut below,
            value,
            span,
        } = statement;
        let rest = below.next().map(|key| Statement {
            key,
            below,
            value,
            span,
        });
        let (name, name_span) = match key {
            Key::Name(name, name_span) => (name, name_span),
            Key::Computed(key, name_span) => {
                let value = rest.map_or(value, |rest| self.nest(rest));
                attrs.dynamic.push(Dynamic {
                    key,
                    name_span,
                    statement: span,
                    value,
                });
                return;
            }
        };
        let existing = attrs.position(&name);
        let Some(existing) = existing.and_then(|index| attrs.bindings.get(index)) else {
            let target = match rest {
                Some(rest) => Target::Nested(self.nest(rest)),
                None => Target::Value(value),
            };
            attrs.add(Binding {
                name,
                name_span,
                statement: span,
                target,
            });
            return;
        };
        let held = match existing.target {
            Target::Value(held) | Target::Nested(held) => self.take_set(held),
            Target::Inherit(_) | Target::InheritFrom(_) => None,
        };
        let Some((slot, mut inner)) = held else {
            self.twice(name, name_span, existing.name_span);
            return;
        };
        if let Some(rest) = rest {
            self.bind(&mut inner, rest);
        } else if let Some((_, added)) = self.take_set(value) {
            self.merge(&mut inner, added);
        } else {
            self.twice(name, name_span, existing.name_span);
        }
        if let Some((expr, _)) = self.exprs.get_mut(slot.0 as usize) {
            *expr = Expr::Attrs(Box::new(inner));
        }
    }

    /// The rest of a longer path as a set of its own.
    fn nest(&mut self, statement: Statement) -> ExprId {
        let span = statement.span;
        let mut inner = Attrs::default();
        self.bind(&mut inner, statement);
        self.push(Expr::Attrs(Box::new(inner)), span)
    }

    /// Takes the bindings out of a set literal, parentheses looked through; says which
    /// expression must get them back.
    fn take_set(&mut self, id: ExprId) -> Option<(ExprId, Attrs)> {
        let mut at = id;
        loop {
            match self.exprs.get_mut(at.0 as usize) {
                Some((Expr::Paren(inner), _)) => at = *inner,
                Some((Expr::Attrs(attrs), _)) => return Some((at, std::mem::take(&mut **attrs))),
                _ => return None,
            }
        }
    }

    /// Adds the bindings of `added`.
    fn merge(&mut self, into: &mut Attrs, added: Attrs) {
        let offset = into.sources.len();
        into.sources.extend(added.sources);
        for mut binding in added.bindings {
            if let Target::InheritFrom(source) = &mut binding.target {
                *source += offset;
            }
            self.add(into, binding);
        }
        into.dynamic.extend(added.dynamic);
    }

    /// Adds a binding that merges with no other.
    fn add(&mut self, attrs: &mut Attrs, binding: Binding) {
        let existing = attrs.position(&binding.name);
        match existing.and_then(|index| attrs.bindings.get(index)) {
            Some(existing) => self.twice(binding.name, binding.name_span, existing.name_span),
            None => attrs.add(binding),
        }
    }

    fn twice(&mut self, name: Name, span: Span, first: Span) {
        self.duplicates.push(Duplicate {
            name,
            span,
            first,
            is_parameter: false,
        });
    }

    pub(super) fn param(&mut self, lambda: Node<'a>) -> Param {
        let param = lambda
            .nodes()
            .find(|node| matches!(node.kind(), K::NODE_IDENT_PARAM | K::NODE_PATTERN));
        match param {
            Some(pattern) if pattern.kind() == K::NODE_PATTERN => self.pattern(pattern),
            Some(param) => {
                let name = param.child(K::NODE_IDENT).map(|ident| self.ident(ident));
                Param {
                    name: Some(name.unwrap_or_else(|| "".into())),
                    formals: None,
                    open: true,
                }
            }
            None => Param {
                name: None,
                formals: None,
                open: true,
            },
        }
    }

    fn pattern(&mut self, pattern: Node<'a>) -> Param {
        let mut names: Vec<(Name, Span)> = Vec::new();
        let bound = pattern
            .child(K::NODE_PAT_BIND)
            .and_then(|bind| bind.child(K::NODE_IDENT))
            .map(|ident| (self.ident(ident), ident.span()));
        let formals = pattern
            .all(K::NODE_PAT_ENTRY)
            .map(|entry| {
                let name = match entry.child(K::NODE_IDENT) {
                    Some(ident) => {
                        let name = self.ident(ident);
                        names.push((Name::clone(&name), ident.span()));
                        name
                    }
                    None => "".into(),
                };
                // The name is an expression to the parser, too.
                let default = entry.exprs().nth(1).map(|default| self.expr(default));
                Formal { name, default }
            })
            .collect();
        names.extend(bound.clone());
        self.parameters(names);
        Param {
            name: bound.map(|(name, _)| name),
            formals: Some(formals),
            open: pattern.token(K::TOKEN_ELLIPSIS).is_some(),
        }
    }

    /// Notes the parameters that are named again.
    fn parameters(&mut self, mut names: Vec<(Name, Span)>) {
        // Stable: those of one name stay in order.
        names.sort_by(|(left, _), (right, _)| left.cmp(right));
        for group in names.chunk_by(|(left, _), (right, _)| left == right) {
            let Some(((name, first), again)) = group.split_first() else {
                continue;
            };
            for (_, span) in again {
                self.duplicates.push(Duplicate {
                    name: Name::clone(name),
                    // The name of `a@{ … }` stands before the others.
                    span: *span.max(first),
                    first: *span.min(first),
                    is_parameter: true,
                });
            }
        }
    }
}
