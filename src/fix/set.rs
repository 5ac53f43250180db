//! Giving a definition another value.

use rnix::{SyntaxKind, SyntaxNode, SyntaxToken};

use super::entry::Entry;
use super::spot::Spot;
use super::tree::{Tree, is_entry, path_names, path_nodes, value_of};
use super::{Refusal, insert, list, remove, render};
use crate::diagnostic::NewValue;
use crate::model::OptionPath;
use crate::syntax::Style;
use crate::text::{EditSet, Span, TextEdit};

/// Replaces the expression at `site`, or the binding's whole value where no expression is known.
pub(super) fn binding(
    tree: &Tree<'_>,
    style: &Style,
    entry: &Entry,
    site: Option<Span>,
    option: &OptionPath,
    value: &NewValue,
) -> Result<EditSet, Refusal> {
    if entry.is_scattered() {
        return scattered(tree, style, entry, option, value);
    }
    let whole = value_of(&entry.node).ok_or(Refusal::NotFound)?;
    let inside = tree.node_span(&whole);
    let node = site
        .filter(|site| inside.contains(*site))
        .and_then(|site| tree.expression(site))
        .unwrap_or(whole);
    expression(tree, style, &node, value)
}

/// Replaces an expression. Its comments become lines above the binding that holds it.
pub(super) fn expression(
    tree: &Tree<'_>,
    style: &Style,
    node: &SyntaxNode,
    value: &NewValue,
) -> Result<EditSet, Refusal> {
    tree.no_text_comments(node)?;
    let mut span = tree.node_span(node);
    let line = tree.line(span.start);
    let beside = |span: Span| {
        let rest = tree.slice(Span::new(span.end, tree.line(span.end).end.max(span.end)));
        let before = tree.slice(Span::new(line.start, span.start));
        before.chars().count() + rest.chars().count()
    };
    let mut text = render::expression(value, style, tree.indent(span.start));
    if list::has_own_line(tree, node) {
        text = render::fitted(text, style, tree.indent(span.start), beside(span));
    }
    if let Some(gap) = line_break_before(tree, node) {
        text = format!(
            " {}",
            render::expression(value, style, tree.indent(gap.start))
        );
        span = gap.cover(span);
    }
    let comments = tree.comments_in(node);
    let mut room = EditSet::new();
    if text.contains('\n')
        && comments.is_empty()
        && let Some(set) = node
            .ancestors()
            .find(is_entry)
            .and_then(|entry| entry.parent())
        && set.kind() == SyntaxKind::NODE_ATTR_SET
        && let Some(indent) = insert::make_room(tree, style, &set, &mut room)?
    {
        text = render::expression(value, style, &indent);
    }
    if render::needs_parentheses(value, &text) && is_operand(node) {
        text = format!("({text})");
    }
    let mut edits = match node.ancestors().find(is_entry) {
        Some(entry) => hoist(tree, style, &entry, &comments)?,
        None if comments.is_empty() => EditSet::new(),
        None => return Err(Refusal::HoldsComments),
    };
    edits.insert(TextEdit { span, text })?;
    edits.extend(&room)?;
    Ok(edits)
}

/// The blanks between `=` and a value that starts on a line of its own.
pub(super) fn line_break_before(tree: &Tree<'_>, value: &SyntaxNode) -> Option<Span> {
    let blanks = value.first_token()?.prev_token()?;
    let assign = blanks.prev_token()?;
    let fits = value.parent()?.kind() == SyntaxKind::NODE_ATTRPATH_VALUE
        && blanks.kind() == SyntaxKind::TOKEN_WHITESPACE
        && blanks.text().contains('\n')
        && assign.kind() == SyntaxKind::TOKEN_ASSIGN;
    fits.then(|| tree.token_span(&blanks))
}

/// True for an expression that is an operand, an argument or a list's element.
pub(super) fn is_operand(node: &SyntaxNode) -> bool {
    node.parent().is_some_and(|parent| {
        matches!(
            parent.kind(),
            SyntaxKind::NODE_APPLY
                | SyntaxKind::NODE_LIST
                | SyntaxKind::NODE_SELECT
                | SyntaxKind::NODE_BIN_OP
                | SyntaxKind::NODE_UNARY_OP
                | SyntaxKind::NODE_HAS_ATTR
        )
    })
}

/// Writes comments that would be lost as lines above an entry.
fn hoist(
    tree: &Tree<'_>,
    style: &Style,
    entry: &SyntaxNode,
    comments: &[SyntaxToken],
) -> Result<EditSet, Refusal> {
    let mut edits = EditSet::new();
    let start = tree.node_span(entry).start;
    let indent = tree.indent(start);
    let text: String = comments
        .iter()
        .map(|comment| {
            let comment = tree.comment_at(comment, indent);
            format!("{indent}{comment}{}", style.newline)
        })
        .collect();
    if !text.is_empty() {
        edits.insert(TextEdit {
            span: Span::empty(tree.line(start).start),
            text,
        })?;
    }
    Ok(edits)
}

/// `a.b.x = 1; a.b.y = 2;` for a new value of `a.b`: the first statement takes it, the others
/// go.
fn scattered(
    tree: &Tree<'_>,
    style: &Style,
    entry: &Entry,
    option: &OptionPath,
    value: &NewValue,
) -> Result<EditSet, Refusal> {
    let parts = entry.parts();
    let (first, others) = parts.split_first().ok_or(Refusal::NotFound)?;
    let last_name = path_nodes(first)
        .into_iter()
        .nth(entry.end.saturating_sub(1))
        .ok_or(Refusal::NotFound)?;
    let old = value_of(first).ok_or(Refusal::NotFound)?;
    tree.no_text_comments(&old)?;
    let from = tree.node_span(&last_name).end;
    let span = Span::new(from, tree.node_span(&old).end);
    let text = render::expression(value, style, tree.indent(from));
    let mut edits = hoist(tree, style, first, &tree.comments_in(first))?;
    edits.insert(TextEdit {
        span,
        text: format!(" = {text}"),
    })?;
    for other in others {
        edits.extend(&remove::entry(tree, style, other, option, &[])?)?;
    }
    Ok(edits)
}

/// Replaces an inherited name with a binding of its own.
pub(super) fn inherited(
    tree: &Tree<'_>,
    style: &Style,
    entry: &Entry,
    name: Span,
    option: &OptionPath,
    value: &dyn Fn(&str) -> String,
    new_name: &str,
) -> Result<EditSet, Refusal> {
    let inherit = &entry.node;
    let set = inherit.parent().ok_or(Refusal::NotFound)?;
    let names = inherit
        .children()
        .filter(|node| node.kind() != SyntaxKind::NODE_INHERIT_FROM)
        .count();
    if names == 1 {
        let span = tree.node_span(inherit);
        let comments = tree.comments_in(inherit);
        let mut edits = hoist(tree, style, inherit, &comments)?;
        let mut text = value(tree.indent(span.start));
        // Formatters that leave `{ inherit x; }` on one line break `{ x = 1; }`.
        let is_value = set
            .parent()
            .is_some_and(|outer| outer.kind() == SyntaxKind::NODE_ATTRPATH_VALUE);
        if (text.contains('\n') || (is_value && !style.one_line_sets))
            && comments.is_empty()
            && let Some(indent) = insert::make_room(tree, style, &set, &mut edits)?
        {
            text = value(&indent);
        }
        edits.insert(TextEdit {
            span,
            text: format!("{} = {text};", render::name(new_name)),
        })?;
        return Ok(edits);
    }
    let spot = Spot {
        set,
        names: vec![new_name.into()],
        outer: 1,
        after: Some(inherit.clone()),
        conditions: Vec::new(),
    };
    let new = insert::NewBinding {
        value,
        above: Vec::new(),
        behind: None,
    };
    let mut edits = insert::at(tree, style, &spot, &new)?;
    edits.extend(&remove::inherited(tree, style, inherit, name, option)?)?;
    Ok(edits)
}

impl Entry {
    /// All statements of the set that define a part of the option, in the order of the file.
    pub fn parts(&self) -> Vec<SyntaxNode> {
        let own = path_names(&self.node).unwrap_or_default();
        let shared = own.get(..self.end).unwrap_or(&own);
        let Some(set) = self.node.parent() else {
            return vec![self.node.clone()];
        };
        super::tree::entries(&set)
            .filter(|entry| path_names(entry).is_some_and(|names| names.starts_with(shared)))
            .collect()
    }

    /// True when the statement defines a part of the option only.
    pub fn is_scattered(&self) -> bool {
        self.node.kind() == SyntaxKind::NODE_ATTRPATH_VALUE
            && self.end < path_nodes(&self.node).len()
    }
}
