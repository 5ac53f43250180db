//! From rnix's lossless tree to the owned one.

mod green;
mod scopes;
mod sets;
mod strings;

use std::collections::HashMap;
use std::sync::Arc;

use rnix::SyntaxKind as K;
use rnix::ast::{BinOpKind, UnaryOpKind};
use rowan::GreenNodeData;

use self::green::{BuildSpread, Node, Token};
use super::ast::{Ast, Expr, ExprId, Key, Name, Operator, Part};
use super::duplicates::Duplicate;
use crate::text::{FileId, Span};

/// What a file became, and what the parser took of it that Nix refuses.
pub(super) struct Lowered {
    pub ast: Ast,
    /// Names that are defined twice, in the order of the file.
    pub duplicates: Vec<Duplicate>,
    /// Interpolations of paths with something before them, in the order of the file.
    pub apart: Vec<Span>,
}

/// Lowers a file that parsed without errors. `shift` is added to every offset: the length of
/// a byte order mark that the parser did not see.
pub(super) fn lower(file: FileId, root: &GreenNodeData, shift: u32) -> Lowered {
    let mut lowering = Lowering {
        exprs: Vec::new(),
        names: HashMap::default(),
        duplicates: Vec::new(),
        apart: Vec::new(),
    };
    let root = match Node::new(root, shift).exprs().next() {
        Some(expr) => lowering.expr(expr),
        None => lowering.push(Expr::Opaque("empty file"), Span::empty(shift)),
    };
    let Lowering {
        mut exprs,
        mut duplicates,
        mut apart,
        ..
    } = lowering;
    duplicates.sort_by_key(|duplicate| duplicate.span);
    apart.sort();
    scopes::bind(&mut exprs, root);
    Lowered {
        ast: Ast { file, exprs, root },
        duplicates,
        apart,
    }
}

struct Lowering<'a> {
    exprs: Vec<(Expr, Span)>,
    names: HashMap<Token<'a>, Name, BuildSpread>,
    duplicates: Vec<Duplicate>,
    apart: Vec<Span>,
}

impl<'a> Lowering<'a> {
    fn push(&mut self, expr: Expr, span: Span) -> ExprId {
        let id = ExprId(u32::try_from(self.exprs.len()).unwrap_or(u32::MAX));
        self.exprs.push((expr, span));
        id
    }

    /// A token's text, one copy of each.
    fn name(&mut self, token: Token<'a>) -> Name {
        let name = self.names.entry(token);
        Arc::clone(name.or_insert_with(|| token.text().into()))
    }

    fn ident(&mut self, node: Node<'a>) -> Name {
        match node.token(K::TOKEN_IDENT) {
            Some(token) => self.name(token),
            None => "".into(),
        }
    }

    fn opt(&mut self, expr: Option<Node<'a>>, span: Span) -> ExprId {
        match expr {
            Some(expr) => self.expr(expr),
            None => self.push(Expr::Opaque("missing expression"), span),
        }
    }

    fn expr(&mut self, node: Node<'a>) -> ExprId {
        let span = node.span();
        let mut inner = node.exprs();
        let lowered = match node.kind() {
            K::NODE_IDENT => Expr::Ident(self.ident(node), None),
            K::NODE_LITERAL => self.literal(node),
            K::NODE_STRING => Expr::Str(self.string_parts(node)),
            K::NODE_PATH_ABS | K::NODE_PATH_REL => Expr::Path(self.path_parts(node)),
            K::NODE_PATH_HOME => {
                // Only what Nix refuses in it counts.
                let len = self.exprs.len();
                self.path_parts(node);
                self.exprs.truncate(len);
                Expr::HomePath
            }
            K::NODE_PATH_SEARCH => {
                let text = node.token(K::TOKEN_PATH_SEARCH).map_or("", Token::text);
                let text = text.trim_start_matches('<').trim_end_matches('>');
                Expr::SearchPath(text.into())
            }
            K::NODE_LIST => {
                // Between each two there is a blank mostly.
                let mut items = Vec::with_capacity(node.len() / 2);
                items.extend(inner.map(|item| self.expr(item)));
                Expr::List(items.into_boxed_slice())
            }
            K::NODE_ATTR_SET => {
                let first = node.tokens().next();
                let recursive = first.is_some_and(|token| token.kind() == K::TOKEN_REC);
                Expr::Attrs(Box::new(self.attrs(node, recursive)))
            }
            K::NODE_LET_IN => {
                let attrs = self.attrs(node, true);
                let body = self.opt(inner.next(), span);
                Expr::Let(Box::new(attrs), body)
            }
            K::NODE_LEGACY_LET => {
                let attrs = self.attrs(node, true);
                let body = self.push(Expr::Ident("body".into(), None), span);
                Expr::Let(Box::new(attrs), body)
            }
            K::NODE_LAMBDA => {
                let param = self.param(node);
                let body = self.opt(inner.next(), span);
                Expr::Lambda(Box::new(param), body)
            }
            K::NODE_APPLY => {
                let function = self.opt(inner.next(), span);
                let argument = self.opt(inner.next(), span);
                Expr::Apply(function, argument)
            }
            K::NODE_SELECT => {
                let base = self.opt(inner.next(), span);
                let keys = self.keys(node);
                let default = inner.next().map(|default| self.expr(default));
                Expr::Select(base, keys, default)
            }
            K::NODE_HAS_ATTR => {
                let base = self.opt(inner.next(), span);
                Expr::HasAttr(base, self.keys(node))
            }
            K::NODE_IF_ELSE => {
                let condition = self.opt(inner.next(), span);
                let then = self.opt(inner.next(), span);
                let otherwise = self.opt(inner.next(), span);
                Expr::If(condition, then, otherwise)
            }
            K::NODE_WITH => {
                let scope = self.opt(inner.next(), span);
                let body = self.opt(inner.next(), span);
                Expr::With(scope, body)
            }
            K::NODE_ASSERT => {
                let condition = self.opt(inner.next(), span);
                let body = self.opt(inner.next(), span);
                Expr::Assert(condition, body)
            }
            K::NODE_UNARY_OP => {
                let operand = self.opt(inner.next(), span);
                let mut kinds = node.tokens().map(Token::kind);
                match kinds.find_map(UnaryOpKind::from_kind) {
                    Some(UnaryOpKind::Invert) => Expr::Not(operand),
                    Some(UnaryOpKind::Negate) => Expr::Negate(operand),
                    None => Expr::Opaque("unary operator"),
                }
            }
            K::NODE_BIN_OP => {
                let left = self.opt(inner.next(), span);
                let right = self.opt(inner.next(), span);
                let mut kinds = node.tokens().map(Token::kind);
                match kinds.find_map(BinOpKind::from_kind) {
                    Some(kind) => Expr::Binary(operator(kind), left, right),
                    None => Expr::Opaque("operator"),
                }
            }
            K::NODE_PAREN | K::NODE_ROOT => Expr::Paren(self.opt(inner.next(), span)),
            K::NODE_CUR_POS => Expr::Opaque("__curPos"),
            _ => Expr::Opaque("syntax error"),
        };
        self.push(lowered, span)
    }

    fn literal(&mut self, node: Node<'a>) -> Expr {
        let Some(token) = node.tokens().next() else {
            return Expr::Opaque("syntax error");
        };
        match token.kind() {
            K::TOKEN_INTEGER => Expr::Int(token.text().parse().ok()),
            // `1e3` is an application to Nix, of `1` to `e3`.
            K::TOKEN_FLOAT if !token.text().contains('.') => {
                Expr::Opaque("a number without a point")
            }
            K::TOKEN_FLOAT => Expr::Float(token.text().parse().unwrap_or(f64::NAN)),
            K::TOKEN_URI => Expr::Str(Box::new([Part::Text(self.name(token))])),
            _ => Expr::Opaque("syntax error"),
        }
    }

    /// The attribute path of a selection.
    fn keys(&mut self, node: Node<'a>) -> Box<[Key]> {
        let Some(path) = node.child(K::NODE_ATTRPATH) else {
            return Box::default();
        };
        // Between each two there is a dot at least.
        let mut keys = Vec::with_capacity(path.len().div_ceil(2));
        keys.extend(path.attrs().map(|attr| self.key(attr)));
        keys.into_boxed_slice()
    }

    fn key(&mut self, attr: Node<'a>) -> Key {
        let span = attr.span();
        match attr.kind() {
            K::NODE_IDENT => Key::Name(self.ident(attr), span),
            K::NODE_STRING => self.string_key(attr, span),
            // A computed name.
            _ => match attr.exprs().next() {
                // `${"a"}` is a plain name to Nix's parser as well.
                Some(string) if string.kind() == K::NODE_STRING => self.string_key(string, span),
                expr => Key::Computed(self.opt(expr, span), span),
            },
        }
    }
}

fn operator(kind: BinOpKind) -> Operator {
    match kind {
        BinOpKind::Concat => Operator::Concat,
        BinOpKind::Update => Operator::Update,
        BinOpKind::Add => Operator::Add,
        BinOpKind::Sub => Operator::Sub,
        BinOpKind::Mul => Operator::Mul,
        BinOpKind::Div => Operator::Div,
        BinOpKind::And => Operator::And,
        BinOpKind::Or => Operator::Or,
        BinOpKind::Implication => Operator::Implies,
        BinOpKind::Equal => Operator::Equal,
        BinOpKind::NotEqual => Operator::NotEqual,
        BinOpKind::Less => Operator::Less,
        BinOpKind::LessOrEq => Operator::LessOrEqual,
        BinOpKind::More => Operator::More,
        BinOpKind::MoreOrEq => Operator::MoreOrEqual,
        BinOpKind::PipeRight => Operator::PipeRight,
        BinOpKind::PipeLeft => Operator::PipeLeft,
    }
}

#[cfg(test)]
mod tests;
