//! Nodes of the parser's green tree with their places.
//!
//! rowan's cursors allocate for every node and token that they pass; most of the time of a
//! lowering went there. The green tree below them knows everything but offsets, and those are
//! counted here.

use std::hash::{BuildHasherDefault, Hash, Hasher};

use rnix::{NixLanguage, SyntaxKind, ast};
use rowan::ast::AstNode;
use rowan::{GreenNodeData, GreenTokenData, Language, NodeOrToken};

use crate::text::Span;

/// A node and where it starts in the file.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    green: &'a GreenNodeData,
    start: u32,
}

/// A token.
#[derive(Clone, Copy)]
pub(super) struct Token<'a>(&'a GreenTokenData);

/// What a node is made of.
pub(super) type Child<'a> = NodeOrToken<Node<'a>, Token<'a>>;

impl<'a> Node<'a> {
    /// A node that starts at this offset.
    pub fn new(green: &'a GreenNodeData, start: u32) -> Self {
        Self { green, start }
    }

    /// The node without its place.
    pub fn green(self) -> &'a GreenNodeData {
        self.green
    }

    pub fn kind(self) -> SyntaxKind {
        NixLanguage::kind_from_raw(self.green.kind())
    }

    pub fn span(self) -> Span {
        Span::new(self.start, self.start + u32::from(self.green.text_len()))
    }

    /// How many children there are.
    pub fn len(self) -> usize {
        self.green.children().len()
    }

    pub fn children(self) -> impl Iterator<Item = Child<'a>> {
        let mut next = self.start;
        self.green.children().map(move |child| {
            let start = next;
            match child {
                NodeOrToken::Node(green) => {
                    next += u32::from(green.text_len());
                    NodeOrToken::Node(Node { green, start })
                }
                NodeOrToken::Token(token) => {
                    next += u32::from(token.text_len());
                    NodeOrToken::Token(Token(token))
                }
            }
        })
    }

    /// The children that are nodes.
    pub fn nodes(self) -> impl Iterator<Item = Node<'a>> {
        self.children().filter_map(NodeOrToken::into_node)
    }

    /// The children that are expressions.
    pub fn exprs(self) -> impl Iterator<Item = Node<'a>> {
        self.nodes().filter(|node| ast::Expr::can_cast(node.kind()))
    }

    /// The children that are steps of an attribute path.
    pub fn attrs(self) -> impl Iterator<Item = Node<'a>> {
        self.nodes().filter(|node| ast::Attr::can_cast(node.kind()))
    }

    /// The children of one kind.
    pub fn all(self, kind: SyntaxKind) -> impl Iterator<Item = Node<'a>> {
        self.nodes().filter(move |node| node.kind() == kind)
    }

    /// The first child of one kind.
    pub fn child(self, kind: SyntaxKind) -> Option<Node<'a>> {
        self.all(kind).next()
    }

    /// The children that are tokens.
    pub fn tokens(self) -> impl Iterator<Item = Token<'a>> {
        self.green
            .children()
            .filter_map(|child| child.into_token().map(Token))
    }

    /// The first token of one kind.
    pub fn token(self, kind: SyntaxKind) -> Option<Token<'a>> {
        self.tokens().find(|token| token.kind() == kind)
    }
}

impl<'a> Token<'a> {
    pub fn kind(self) -> SyntaxKind {
        NixLanguage::kind_from_raw(self.0.kind())
    }

    pub fn text(self) -> &'a str {
        self.0.text()
    }
}

/// Equal for the same token object: the parser makes one of each text in a file.
impl PartialEq for Token<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Token<'_> {}

impl Hash for Token<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::hash(self.0, state);
    }
}

/// A hash of addresses. A file cannot choose them, so they need spreading, not secrecy.
#[derive(Default)]
pub(super) struct Spread(u64);

/// Makes [`Spread`].
pub(super) type BuildSpread = BuildHasherDefault<Spread>;

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, word: usize) {
        // The golden ratio spreads neighbors over the upper bits.
        self.0 = (self.0.rotate_left(5) ^ word as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn finish(&self) -> u64 {
        // A table takes its slot from the lower bits, which alignment leaves empty.
        self.0 ^ (self.0 >> 32)
    }
}
