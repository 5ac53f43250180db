//! From rnix's lossless tree to the owned one.

use std::collections::HashSet;
use std::sync::Arc;

use rnix::ast::{self, AstToken, HasEntry, InterpolPart, LiteralKind, PathContent};
use rowan::ast::AstNode;

use super::ast::{
    Ast, Attrs, Binding, Dynamic, Expr, ExprId, Formal, Key, Name, Operator, Param, Part, Target,
};
use crate::text::{FileId, Span};

/// Lowers a file that parsed without errors. `shift` is added to every offset: the length of
/// a byte order mark that the parser did not see.
pub(super) fn lower(file: FileId, root: &rnix::Root, shift: u32) -> Ast {
    let mut lowering = Lowering {
        exprs: Vec::new(),
        names: HashSet::new(),
        shift,
    };
    let root = match root.expr() {
        Some(expr) => lowering.expr(&expr),
        None => lowering.push(Expr::Opaque("empty file"), Span::empty(shift)),
    };
    Ast {
        file,
        exprs: lowering.exprs,
        root,
    }
}

struct Lowering {
    exprs: Vec<(Expr, Span)>,
    names: HashSet<Name>,
    shift: u32,
}

/// A binding on its way into a set: the rest of its path, and its value.
struct Statement {
    keys: std::vec::IntoIter<Key>,
    value: ExprId,
    span: Span,
}

impl Lowering {
    fn push(&mut self, expr: Expr, span: Span) -> ExprId {
        let id = ExprId(u32::try_from(self.exprs.len()).unwrap_or(u32::MAX));
        self.exprs.push((expr, span));
        id
    }

    fn span(&self, node: &rnix::SyntaxNode) -> Span {
        let range = node.text_range();
        Span::new(
            u32::from(range.start()) + self.shift,
            u32::from(range.end()) + self.shift,
        )
    }

    fn name(&mut self, text: &str) -> Name {
        if let Some(name) = self.names.get(text) {
            return Arc::clone(name);
        }
        let name: Name = text.into();
        self.names.insert(Arc::clone(&name));
        name
    }

    fn opt(&mut self, expr: Option<ast::Expr>, span: Span) -> ExprId {
        match expr {
            Some(expr) => self.expr(&expr),
            None => self.push(Expr::Opaque("missing expression"), span),
        }
    }

    fn expr(&mut self, expr: &ast::Expr) -> ExprId {
        let span = self.span(expr.syntax());
        let lowered = match expr {
            ast::Expr::Ident(ident) => {
                let token = ident.ident_token();
                Expr::Ident(self.name(token.as_ref().map_or("", |token| token.text())))
            }
            ast::Expr::Literal(literal) => match literal.kind() {
                LiteralKind::Integer(token) => Expr::Int(token.value().ok()),
                LiteralKind::Float(token) => Expr::Float(token.value().unwrap_or(f64::NAN)),
                LiteralKind::Uri(token) => {
                    let text = self.name(token.syntax().text());
                    Expr::Str(Box::new([Part::Text(text)]))
                }
            },
            ast::Expr::Str(string) => Expr::Str(self.string_parts(string)),
            ast::Expr::PathAbs(path) => Expr::Path(self.path_parts(path.parts())),
            ast::Expr::PathRel(path) => Expr::Path(self.path_parts(path.parts())),
            ast::Expr::PathHome(_) => Expr::HomePath,
            ast::Expr::PathSearch(path) => {
                let content = path.content();
                let text = content.as_ref().map_or("", |content| content.text());
                let text = text.trim_start_matches('<').trim_end_matches('>');
                Expr::SearchPath(self.name(text))
            }
            ast::Expr::List(list) => {
                let items: Vec<_> = list.items().collect();
                Expr::List(items.iter().map(|item| self.expr(item)).collect())
            }
            ast::Expr::AttrSet(set) => {
                let attrs = self.attrs(set, set.rec_token().is_some());
                Expr::Attrs(Box::new(attrs))
            }
            ast::Expr::LetIn(let_in) => {
                let attrs = self.attrs(let_in, true);
                let body = self.opt(let_in.body(), span);
                Expr::Let(Box::new(attrs), body)
            }
            ast::Expr::LegacyLet(legacy) => {
                let attrs = self.attrs(legacy, true);
                let name = self.name("body");
                let body = self.push(Expr::Ident(name), span);
                Expr::Let(Box::new(attrs), body)
            }
            ast::Expr::Lambda(lambda) => {
                let param = self.param(lambda.param());
                let body = self.opt(lambda.body(), span);
                Expr::Lambda(Box::new(param), body)
            }
            ast::Expr::Apply(apply) => {
                let function = self.opt(apply.lambda(), span);
                let argument = self.opt(apply.argument(), span);
                Expr::Apply(function, argument)
            }
            ast::Expr::Select(select) => {
                let base = self.opt(select.expr(), span);
                let keys = self.keys(select.attrpath());
                let default = select.default_expr().map(|default| self.expr(&default));
                Expr::Select(base, keys.into_boxed_slice(), default)
            }
            ast::Expr::HasAttr(has) => {
                let base = self.opt(has.expr(), span);
                let keys = self.keys(has.attrpath());
                Expr::HasAttr(base, keys.into_boxed_slice())
            }
            ast::Expr::IfElse(branch) => {
                let condition = self.opt(branch.condition(), span);
                let then = self.opt(branch.body(), span);
                let otherwise = self.opt(branch.else_body(), span);
                Expr::If(condition, then, otherwise)
            }
            ast::Expr::With(with) => {
                let scope = self.opt(with.namespace(), span);
                let body = self.opt(with.body(), span);
                Expr::With(scope, body)
            }
            ast::Expr::Assert(assert) => {
                let condition = self.opt(assert.condition(), span);
                let body = self.opt(assert.body(), span);
                Expr::Assert(condition, body)
            }
            ast::Expr::UnaryOp(unary) => {
                let operand = self.opt(unary.expr(), span);
                match unary.operator() {
                    Some(ast::UnaryOpKind::Invert) => Expr::Not(operand),
                    Some(ast::UnaryOpKind::Negate) => Expr::Negate(operand),
                    None => Expr::Opaque("unary operator"),
                }
            }
            ast::Expr::BinOp(binary) => {
                let left = self.opt(binary.lhs(), span);
                let right = self.opt(binary.rhs(), span);
                match binary.operator().and_then(operator) {
                    Some(operator) => Expr::Binary(operator, left, right),
                    None => Expr::Opaque("operator"),
                }
            }
            ast::Expr::Paren(paren) => {
                let inner = self.opt(paren.expr(), span);
                Expr::Paren(inner)
            }
            ast::Expr::Root(root) => {
                let inner = self.opt(root.expr(), span);
                Expr::Paren(inner)
            }
            ast::Expr::CurPos(_) => Expr::Opaque("__curPos"),
            ast::Expr::Error(_) => Expr::Opaque("syntax error"),
        };
        self.push(lowered, span)
    }

    fn string_parts(&mut self, string: &ast::Str) -> Box<[Part]> {
        let indented = string
            .syntax()
            .first_token()
            .is_some_and(|token| token.text() == "''");
        // The escape `\r` stays what it is.
        let raw_returns = string
            .syntax()
            .children_with_tokens()
            .filter_map(rowan::NodeOrToken::into_token)
            .any(|token| token.text().contains('\r'));
        string
            .normalized_parts()
            .into_iter()
            .map(|part| match part {
                // In "…" strings Nix reads CRLF and CR as LF; in ''…'' strings it keeps them
                // (`src/libexpr/lexer.l`, unescapeStr).
                InterpolPart::Literal(text) if !indented && raw_returns => {
                    let text = text.replace("\r\n", "\n").replace('\r', "\n");
                    Part::Text(self.name(&text))
                }
                InterpolPart::Literal(text) => Part::Text(self.name(&text)),
                InterpolPart::Interpolation(part) => {
                    let span = self.span(part.syntax());
                    Part::Expr(self.opt(part.expr(), span))
                }
            })
            .collect()
    }

    fn path_parts(&mut self, parts: Vec<InterpolPart<PathContent>>) -> Box<[Part]> {
        parts
            .into_iter()
            .map(|part| match part {
                InterpolPart::Literal(content) => Part::Text(self.name(content.text())),
                InterpolPart::Interpolation(part) => {
                    let span = self.span(part.syntax());
                    Part::Expr(self.opt(part.expr(), span))
                }
            })
            .collect()
    }

    fn keys(&mut self, path: Option<ast::Attrpath>) -> Vec<Key> {
        path.into_iter()
            .flat_map(|path| path.attrs().collect::<Vec<_>>())
            .map(|attr| self.key(&attr))
            .collect()
    }

    fn key(&mut self, attr: &ast::Attr) -> Key {
        let span = self.span(attr.syntax());
        match attr {
            ast::Attr::Ident(ident) => {
                let token = ident.ident_token();
                Key::Name(
                    self.name(token.as_ref().map_or("", |token| token.text())),
                    span,
                )
            }
            ast::Attr::Str(string) => self.string_key(string, span),
            ast::Attr::Dynamic(dynamic) => match dynamic.expr() {
                // `${"a"}` is a plain name to Nix's parser as well.
                Some(ast::Expr::Str(string)) => self.string_key(&string, span),
                expr => Key::Computed(self.opt(expr, span), span),
            },
        }
    }

    fn string_key(&mut self, string: &ast::Str, span: Span) -> Key {
        let mut parts = self.string_parts(string).into_vec();
        match parts.pop() {
            None => Key::Name(self.name(""), span),
            Some(Part::Text(text)) if parts.is_empty() => Key::Name(text, span),
            Some(last) => {
                parts.push(last);
                let inner = self.span(string.syntax());
                Key::Computed(self.push(Expr::Str(parts.into_boxed_slice()), inner), span)
            }
        }
    }

    fn param(&mut self, param: Option<ast::Param>) -> Param {
        match param {
            Some(ast::Param::IdentParam(param)) => {
                let token = param.ident().and_then(|ident| ident.ident_token());
                let name = self.name(token.as_ref().map_or("", |token| token.text()));
                Param {
                    name: Some(name),
                    formals: None,
                    open: true,
                }
            }
            Some(ast::Param::Pattern(pattern)) => {
                let bind = pattern
                    .pat_bind()
                    .and_then(|bind| bind.ident())
                    .and_then(|ident| ident.ident_token())
                    .map(|token| self.name(token.text()));
                let entries: Vec<_> = pattern.pat_entries().collect();
                let formals = entries
                    .iter()
                    .map(|entry| {
                        let token = entry.ident().and_then(|ident| ident.ident_token());
                        let name = self.name(token.as_ref().map_or("", |token| token.text()));
                        let default = entry.default().map(|default| self.expr(&default));
                        Formal { name, default }
                    })
                    .collect();
                Param {
                    name: bind,
                    formals: Some(formals),
                    open: pattern.ellipsis_token().is_some(),
                }
            }
            None => Param {
                name: None,
                formals: None,
                open: true,
            },
        }
    }

    fn attrs<T: HasEntry>(&mut self, set: &T, recursive: bool) -> Attrs {
        let mut attrs = Attrs {
            recursive,
            ..Attrs::default()
        };
        let entries: Vec<_> = set.entries().collect();
        for entry in entries {
            match entry {
                ast::Entry::Inherit(inherit) => self.inherit(&mut attrs, &inherit),
                ast::Entry::AttrpathValue(binding) => {
                    let span = self.span(binding.syntax());
                    let keys = self.keys(binding.attrpath());
                    let value = self.opt(binding.value(), span);
                    self.bind(
                        &mut attrs,
                        Statement {
                            keys: keys.into_iter(),
                            value,
                            span,
                        },
                    );
                }
            }
        }
        attrs
    }

    fn inherit(&mut self, attrs: &mut Attrs, inherit: &ast::Inherit) {
        let statement = self.span(inherit.syntax());
        let source = inherit.from().map(|from| {
            let span = self.span(from.syntax());
            let id = self.opt(from.expr(), span);
            attrs.sources.push(id);
            attrs.sources.len() - 1
        });
        let names: Vec<_> = inherit.attrs().collect();
        for attr in names {
            if let Key::Name(name, name_span) = self.key(&attr) {
                let target = source.map_or(Target::Inherit, Target::InheritFrom);
                if attrs.position(&name).is_none() {
                    attrs.add(Binding {
                        name,
                        name_span,
                        statement,
                        target,
                    });
                }
            }
        }
    }

    /// Adds a statement to a set, merging sets as Nix's parser does. Of true duplicates, which
    /// Nix refuses, the first stays.
    fn bind(&mut self, attrs: &mut Attrs, mut statement: Statement) {
        let Some(key) = statement.keys.next() else {
            return;
        };
        let last = statement.keys.len() == 0;
        let (name, name_span) = match key {
            Key::Name(name, span) => (name, span),
            Key::Computed(key, name_span) => {
                let span = statement.span;
                let value = if last {
                    statement.value
                } else {
                    self.nest(statement)
                };
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
        let Some(index) = existing else {
            let span = statement.span;
            let target = if last {
                Target::Value(statement.value)
            } else {
                Target::Nested(self.nest(statement))
            };
            attrs.add(Binding {
                name,
                name_span,
                statement: span,
                target,
            });
            return;
        };
        let Some(binding) = attrs.bindings.get(index) else {
            return;
        };
        let (Target::Value(held) | Target::Nested(held)) = binding.target else {
            return;
        };
        let Some((slot, mut inner)) = self.take_set(held) else {
            return;
        };
        if !last {
            self.bind(&mut inner, statement);
        } else if let Some((_, added)) = self.take_set(statement.value) {
            merge(&mut inner, added);
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
}

/// Adds the bindings of `added`; names that are there already stay as they are.
fn merge(into: &mut Attrs, added: Attrs) {
    let offset = into.sources.len();
    into.sources.extend(added.sources);
    for mut binding in added.bindings {
        if let Target::InheritFrom(source) = &mut binding.target {
            *source += offset;
        }
        if into.position(&binding.name).is_none() {
            into.add(binding);
        }
    }
    into.dynamic.extend(added.dynamic);
}

fn operator(kind: ast::BinOpKind) -> Option<Operator> {
    Some(match kind {
        ast::BinOpKind::Concat => Operator::Concat,
        ast::BinOpKind::Update => Operator::Update,
        ast::BinOpKind::Add => Operator::Add,
        ast::BinOpKind::Sub => Operator::Sub,
        ast::BinOpKind::Mul => Operator::Mul,
        ast::BinOpKind::Div => Operator::Div,
        ast::BinOpKind::And => Operator::And,
        ast::BinOpKind::Or => Operator::Or,
        ast::BinOpKind::Implication => Operator::Implies,
        ast::BinOpKind::Equal => Operator::Equal,
        ast::BinOpKind::NotEqual => Operator::NotEqual,
        ast::BinOpKind::Less => Operator::Less,
        ast::BinOpKind::LessOrEq => Operator::LessOrEqual,
        ast::BinOpKind::More => Operator::More,
        ast::BinOpKind::MoreOrEq => Operator::MoreOrEqual,
        ast::BinOpKind::PipeRight => Operator::PipeRight,
        ast::BinOpKind::PipeLeft => Operator::PipeLeft,
    })
}
