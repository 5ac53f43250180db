//! The lossless tree of a draft, with places as the draft counts them, and the lines around
//! them.

use std::sync::Arc;

use rnix::ast::{self, HasEntry};
use rnix::{NodeOrToken, SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken, TextRange, TextSize};
use rowan::GreenNode;
use rowan::ast::AstNode;

use super::Refusal;
use crate::syntax::{self, BYTE_ORDER_MARK};
use crate::text::Span;

/// A parsed text.
#[derive(Clone)]
pub(super) struct Tree<'t> {
    pub text: &'t str,
    pub root: SyntaxNode,
    /// Length of a byte order mark, which the parser does not see.
    shift: u32,
}

impl<'t> Tree<'t> {
    /// # Errors
    /// The text is not Nix.
    pub fn parse(text: &'t str) -> Result<Self, Refusal> {
        let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let shift = u32::try_from(text.len() - body.len()).unwrap_or(0);
        syntax::bounds::check(body).map_err(|_| Refusal::NoSyntax)?;
        let parsed = rnix::Root::parse(body);
        if !parsed.errors().is_empty() {
            return Err(Refusal::NoSyntax);
        }
        Ok(Self {
            text,
            root: parsed.syntax(),
            shift,
        })
    }

    /// The tree that was parsed from the same text before.
    pub fn again(text: &'t str, green: &GreenNode) -> Self {
        let marked = text.starts_with(BYTE_ORDER_MARK);
        Self {
            text,
            root: SyntaxNode::new_root(green.clone()),
            shift: if marked { length("\u{feff}") } else { 0 },
        }
    }

    /// Where an element lies.
    pub fn span(&self, range: TextRange) -> Span {
        Span::new(
            u32::from(range.start()) + self.shift,
            u32::from(range.end()) + self.shift,
        )
    }

    pub fn node_span(&self, node: &SyntaxNode) -> Span {
        self.span(node.text_range())
    }

    /// Where a token lies. The CR of a line ending is no part of a comment.
    pub fn token_span(&self, token: &SyntaxToken) -> Span {
        let span = self.span(token.text_range());
        let cr = token.kind() == SyntaxKind::TOKEN_COMMENT && token.text().ends_with('\r');
        Span::new(span.start, span.end - u32::from(cr))
    }

    /// The innermost element that covers `span`.
    pub fn covering(&self, span: Span) -> Option<SyntaxElement> {
        let start = span.start.checked_sub(self.shift)?;
        let end = span.end.checked_sub(self.shift)?;
        let range = TextRange::new(TextSize::from(start), TextSize::from(end));
        self.root
            .text_range()
            .contains_range(range)
            .then(|| self.root.covering_element(range))
    }

    /// The outermost node of a fitting kind that is exactly `span`.
    pub fn exact(&self, span: Span, fits: impl Fn(SyntaxKind) -> bool) -> Option<SyntaxNode> {
        let node = match self.covering(span)? {
            NodeOrToken::Node(node) => node,
            NodeOrToken::Token(token) => token.parent()?,
        };
        node.ancestors()
            .take_while(|node| self.node_span(node) == span)
            .filter(|node| fits(node.kind()))
            .last()
    }

    /// The expression that is exactly `span`.
    pub fn expression(&self, span: Span) -> Option<SyntaxNode> {
        self.exact(span, is_expression)
    }

    pub fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// The line that holds `at`, line ending excluded.
    pub fn line(&self, at: u32) -> Span {
        let at = at as usize;
        let before = self.text.get(..at).unwrap_or("");
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let after = self.text.get(at..).unwrap_or("");
        let end = at + after.find('\n').unwrap_or(after.len());
        let body = self.text.get(start..end).unwrap_or("");
        let cut = usize::from(body.ends_with('\r') && after.contains('\n'));
        offset_span(start, (end - cut).max(start))
    }

    /// The first byte of the line after the one that holds `at`; the end of the text when there
    /// is none.
    pub fn next_line(&self, at: u32) -> u32 {
        let after = self.text.get(at as usize..).unwrap_or("");
        after
            .find('\n')
            .map_or(length(self.text), |newline| at + offset(newline + 1))
    }

    /// The blanks at the start of the line that holds `at`.
    pub fn indent(&self, at: u32) -> &'t str {
        let line = self.slice(self.line(at));
        let body = line.trim_start_matches([' ', '\t']);
        line.get(..line.len() - body.len()).unwrap_or("")
    }

    /// True when only blanks stand before `at` on its line.
    pub fn opens_line(&self, at: u32) -> bool {
        let line = self.line(at);
        is_blank(self.slice(Span::new(line.start, at)))
    }

    /// True when only blanks stand behind `at` on its line.
    pub fn closes_line(&self, at: u32) -> bool {
        is_blank(self.slice(Span::new(at, self.line(at).end.max(at))))
    }

    /// True when both places are on one line.
    pub fn on_one_line(&self, span: Span) -> bool {
        !self.slice(span).contains('\n')
    }

    /// The first place from `at` on that holds no blank; a line ending counts as none.
    pub fn skip_blanks(&self, at: u32) -> u32 {
        let rest = self.text.get(at as usize..).unwrap_or("");
        at + offset(rest.len() - rest.trim_start_matches([' ', '\t']).len())
    }

    /// The end of what stands before the blanks before `at`.
    pub fn skip_blanks_back(&self, at: u32) -> u32 {
        let before = self.text.get(..at as usize).unwrap_or("");
        length(before.trim_end_matches([' ', '\t']))
    }

    /// The comments below `node`.
    pub fn comments_in(&self, node: &SyntaxNode) -> Vec<SyntaxToken> {
        node.descendants_with_tokens()
            .filter_map(NodeOrToken::into_token)
            .filter(|token| token.kind() == SyntaxKind::TOKEN_COMMENT)
            .collect()
    }

    /// A comment's text for a line of the indentation `indent`.
    pub fn comment_at(&self, comment: &SyntaxToken, indent: &str) -> String {
        let span = self.token_span(comment);
        super::render::reindent(self.slice(span), self.indent(span.start), indent)
    }

    /// Refuses to lose the comments in the text of an indented string below `node`.
    pub fn no_text_comments(&self, node: &SyntaxNode) -> Result<(), Refusal> {
        let holds = node
            .descendants_with_tokens()
            .filter_map(NodeOrToken::into_token)
            .filter(|token| token.kind() == SyntaxKind::TOKEN_STRING_CONTENT)
            .filter(|token| {
                let first = token.parent().and_then(|string| string.first_token());
                first.is_some_and(|start| start.text() == "''")
            })
            .any(|token| {
                syntax::conf_lines(token.text())
                    .iter()
                    .any(|line| line.comment.is_some())
            });
        if holds {
            Err(Refusal::HoldsComments)
        } else {
            Ok(())
        }
    }

    /// The comments behind `node` on the line where it ends.
    pub fn trailing_comments(&self, node: &SyntaxNode) -> Vec<SyntaxToken> {
        let mut found = Vec::new();
        let mut next = node.last_token().and_then(|token| token.next_token());
        while let Some(token) = next {
            match token.kind() {
                SyntaxKind::TOKEN_WHITESPACE if !token.text().contains('\n') => {}
                SyntaxKind::TOKEN_COMMENT => found.push(token.clone()),
                _ => break,
            }
            next = token.next_token();
        }
        found
    }

    /// The comments directly above `node`, each alone on its lines, no empty line between; in
    /// the order of the file.
    pub fn leading_comments(&self, node: &SyntaxNode) -> Vec<SyntaxToken> {
        let mut found = Vec::new();
        let mut previous = node.first_token().and_then(|token| token.prev_token());
        while let Some(token) = previous {
            match token.kind() {
                SyntaxKind::TOKEN_WHITESPACE if token.text().matches('\n').count() == 1 => {}
                SyntaxKind::TOKEN_COMMENT if self.opens_line(self.token_span(&token).start) => {
                    found.push(token.clone());
                }
                _ => break,
            }
            previous = token.prev_token();
        }
        found.reverse();
        found
    }
}

pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

pub(super) fn length(text: &str) -> u32 {
    offset(text.len())
}

fn offset_span(start: usize, end: usize) -> Span {
    Span::new(offset(start), offset(end))
}

pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' ' | '\t' | '\r'))
}

pub(super) fn is_expression(kind: SyntaxKind) -> bool {
    ast::Expr::can_cast(kind) && kind != SyntaxKind::NODE_ROOT
}

/// True for a binding or an `inherit`.
pub(super) fn is_entry(node: &SyntaxNode) -> bool {
    matches!(
        node.kind(),
        SyntaxKind::NODE_ATTRPATH_VALUE | SyntaxKind::NODE_INHERIT
    )
}

/// The entries of a set.
pub(super) fn entries(set: &SyntaxNode) -> impl Iterator<Item = SyntaxNode> {
    set.children().filter(is_entry)
}

/// The names of a binding's path; `None` when one of them is computed.
pub(super) fn path_names(binding: &SyntaxNode) -> Option<Vec<Arc<str>>> {
    let path = ast::AttrpathValue::cast(binding.clone())?.attrpath()?;
    path.attrs()
        .map(|attr| syntax::static_name(&attr))
        .collect()
}

/// The nodes of a binding's path.
pub(super) fn path_nodes(binding: &SyntaxNode) -> Vec<SyntaxNode> {
    ast::AttrpathValue::cast(binding.clone())
        .and_then(|binding| binding.attrpath())
        .map(|path| path.attrs().map(|attr| attr.syntax().clone()).collect())
        .unwrap_or_default()
}

/// A binding's value.
pub(super) fn value_of(binding: &SyntaxNode) -> Option<SyntaxNode> {
    Some(
        ast::AttrpathValue::cast(binding.clone())?
            .value()?
            .syntax()
            .clone(),
    )
}

/// The set that an expression is, parentheses aside.
pub(super) fn plain_set(expression: &SyntaxNode) -> Option<SyntaxNode> {
    let mut expression = expression.clone();
    loop {
        match expression.kind() {
            SyntaxKind::NODE_ATTR_SET => return Some(expression),
            SyntaxKind::NODE_PAREN => {
                expression = ast::Paren::cast(expression)?.expr()?.syntax().clone();
            }
            _ => return None,
        }
    }
}

/// The binding whose whole value an expression is, parentheses aside.
pub(super) fn bound_by(expression: &SyntaxNode) -> Option<SyntaxNode> {
    expression
        .ancestors()
        .skip(1)
        .find(|node| node.kind() != SyntaxKind::NODE_PAREN)
        .filter(|node| node.kind() == SyntaxKind::NODE_ATTRPATH_VALUE)
}

/// The number of entries of a set.
pub(super) fn entry_count(set: &SyntaxNode) -> usize {
    ast::AttrSet::cast(set.clone())
        .map_or_else(|| entries(set).count(), |set| set.entries().count())
}

/// An opening or closing token of a set or list.
pub(super) fn bracket(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxToken> {
    node.children_with_tokens()
        .filter_map(NodeOrToken::into_token)
        .find(|token| token.kind() == kind)
}
