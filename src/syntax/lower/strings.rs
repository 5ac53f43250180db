//! Strings and paths: text and interpolations in turn.

use rnix::SyntaxKind as K;
use rnix::SyntaxNode;
use rnix::ast::{self, InterpolPart};
use rowan::NodeOrToken;
use rowan::ast::AstNode;

use super::Lowering;
use super::green::Node;
use crate::syntax::ast::{Expr, Key, Part};
use crate::syntax::indented::{Piece, dedent};
use crate::text::Span;

impl<'a> Lowering<'a> {
    pub(super) fn string_parts(&mut self, string: Node<'a>) -> Box<[Part]> {
        let indented = string
            .tokens()
            .next()
            .is_some_and(|token| token.text() == "''");
        let is_plain = |text: &str| !text.bytes().any(|byte| matches!(byte, b'\\' | b'\r'));
        if !indented && string.tokens().all(|token| is_plain(token.text())) {
            return self.plain_parts(string);
        }
        if indented {
            return self.indented_parts(string);
        }
        let Some(parts) = ast::Str::cast(SyntaxNode::new_root(string.green().to_owned())) else {
            return Box::default();
        };
        // The escape `\r` stays what it is.
        let raw_returns = string.tokens().any(|token| token.text().contains('\r'));
        // The parser's own parts have offsets in this string alone.
        let mut interpolations = string.all(K::NODE_INTERPOL);
        parts
            .normalized_parts()
            .into_iter()
            .filter_map(|part| match part {
                // In "…" strings Nix reads CRLF and CR as LF; in ''…'' strings it keeps them
                // (`src/libexpr/lexer.l`, unescapeStr).
                InterpolPart::Literal(text) if raw_returns => {
                    let text = text.replace("\r\n", "\n").replace('\r', "\n");
                    Some(Part::Text(text.into()))
                }
                InterpolPart::Literal(text) => Some(Part::Text(text.into())),
                InterpolPart::Interpolation(_) => {
                    interpolations.next().map(|part| self.interpolation(part))
                }
            })
            .collect()
    }

    fn indented_parts(&mut self, string: Node<'a>) -> Box<[Part]> {
        let mut pieces = Vec::with_capacity(string.len());
        for child in string.children() {
            match child {
                NodeOrToken::Token(token) if token.kind() == K::TOKEN_STRING_CONTENT => {
                    pieces.push(Piece::Text(token.text().to_owned()));
                }
                NodeOrToken::Token(_) => {}
                NodeOrToken::Node(node) => pieces.push(Piece::Expr(node)),
            }
        }
        let part = |piece| match piece {
            Piece::Text(text) => Part::Text(text.into()),
            Piece::Expr(node) => self.interpolation(node),
        };
        dedent(pieces).into_iter().map(part).collect()
    }

    /// The parts of a string whose text is what is written.
    fn plain_parts(&mut self, string: Node<'a>) -> Box<[Part]> {
        // All but the quotes.
        let mut parts = Vec::with_capacity(string.len().saturating_sub(2));
        for child in string.children() {
            match child {
                NodeOrToken::Token(token) if token.kind() == K::TOKEN_STRING_CONTENT => {
                    parts.push(Part::Text(self.name(token)));
                }
                NodeOrToken::Token(_) => {}
                NodeOrToken::Node(node) => parts.push(self.interpolation(node)),
            }
        }
        parts.into_boxed_slice()
    }

    fn interpolation(&mut self, node: Node<'a>) -> Part {
        Part::Expr(self.opt(node.exprs().next(), node.span()))
    }

    pub(super) fn path_parts(&mut self, path: Node<'a>) -> Box<[Part]> {
        let mut parts = Vec::with_capacity(path.len());
        let mut apart = false;
        for child in path.children() {
            match child {
                // The parser takes `./a ${b}` for one path, Nix refuses it.
                NodeOrToken::Token(token) if token.kind().is_trivia() => apart = true,
                NodeOrToken::Token(token) => parts.push(Part::Text(self.name(token))),
                NodeOrToken::Node(node) => {
                    if std::mem::take(&mut apart) {
                        self.apart.push(node.span());
                    }
                    parts.push(self.interpolation(node));
                }
            }
        }
        parts.into_boxed_slice()
    }

    /// A string in the place of a name.
    pub(super) fn string_key(&mut self, string: Node<'a>, span: Span) -> Key {
        let mut parts = self.string_parts(string).into_vec();
        match parts.pop() {
            None => Key::Name("".into(), span),
            Some(Part::Text(text)) if parts.is_empty() => Key::Name(text, span),
            Some(last) => {
                parts.push(last);
                let id = self.push(Expr::Str(parts.into_boxed_slice()), string.span());
                Key::Computed(id, span)
            }
        }
    }
}
