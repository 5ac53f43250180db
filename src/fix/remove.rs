//! Taking bindings and names out, without losing a comment.

use rnix::ast;
use rnix::{SyntaxKind, SyntaxNode, SyntaxToken};
use rowan::ast::AstNode;

use super::Refusal;
use super::spot::{is_merged, is_nothing_without};
use super::tree::{Tree, bound_by, bracket, entry_count, is_blank, path_names};
use crate::model::OptionPath;
use crate::syntax::Style;
use crate::text::{EditSet, Span, TextEdit};

/// Takes out a binding or a whole `inherit`. Sets of the option's path that it leaves empty go,
/// too. Comments stay as lines of their own, except `moved`, which the caller writes elsewhere.
pub(super) fn entry(
    tree: &Tree<'_>,
    style: &Style,
    entry: &SyntaxNode,
    option: &OptionPath,
    moved: &[SyntaxToken],
) -> Result<EditSet, Refusal> {
    let target = emptied(entry, option);
    let span = tree.node_span(&target);
    if moved.is_empty() {
        tree.no_text_comments(&target)?;
    }
    let kept: Vec<SyntaxToken> = tree
        .comments_in(&target)
        .into_iter()
        .filter(|comment| !moved.contains(comment))
        .collect();
    let mut edits = EditSet::new();
    if kept.is_empty()
        && let Some(edit) =
            empty_part(tree, &target, moved).or_else(|| collapse(tree, style, &target, moved))
    {
        edits.insert(edit)?;
        return Ok(edits);
    }
    let trailing: Vec<SyntaxToken> = tree.trailing_comments(&target);
    let stays = trailing.iter().find(|comment| !moved.contains(comment));
    let leading = tree.leading_comments(&target);
    let start = leading
        .iter()
        .find(|comment| moved.contains(comment))
        .map_or(span.start, |comment| tree.token_span(comment).start);
    let end = match stays {
        Some(comment) => tree.token_span(comment).start,
        None => trailing
            .last()
            .map_or(span.end, |comment| tree.token_span(comment).end),
    };
    let indent = tree.indent(start);
    let kept_text: Vec<String> = kept
        .iter()
        .map(|comment| tree.comment_at(comment, indent))
        .collect();
    if !tree.opens_line(start) {
        edits = inline(tree, style, Span::new(start, end), &kept)?;
    } else if stays.is_some() {
        let text: String = kept_text
            .iter()
            .map(|comment| format!("{comment}{}{indent}", style.newline))
            .collect();
        edits.insert(TextEdit {
            span: Span::new(start, end),
            text,
        })?;
    } else if tree.closes_line(end) {
        let mut lines = Span::new(tree.line(start).start, tree.next_line(end));
        let text: String = kept_text
            .iter()
            .map(|comment| format!("{indent}{comment}{}", style.newline))
            .collect();
        if text.is_empty() {
            lines = with_blank_line(tree, lines);
        }
        edits.insert(TextEdit { span: lines, text })?;
    } else {
        edits = inline(tree, style, Span::new(start, end), &kept)?;
    }
    Ok(edits)
}

/// Takes out several bindings of one set, without losing a comment.
pub(super) fn entries_together(
    tree: &Tree<'_>,
    style: &Style,
    parts: &[SyntaxNode],
    option: &OptionPath,
) -> Result<EditSet, Refusal> {
    let mut edits = EditSet::new();
    if let Some(lines) = lines_of_their_own(tree, parts) {
        for part in parts {
            tree.no_text_comments(part)?;
        }
        edits.insert(TextEdit {
            span: with_blank_line(tree, lines),
            text: String::new(),
        })?;
        return Ok(edits);
    }
    for part in parts {
        let part = entry(tree, style, part, option, &[])?;
        edits.extend(&part).map_err(|_| Refusal::Scattered)?;
    }
    Ok(edits)
}

/// The lines of bindings that follow each other without anything else on or between them, in a set
/// that holds more.
fn lines_of_their_own(tree: &Tree<'_>, parts: &[SyntaxNode]) -> Option<Span> {
    let (first, last) = (parts.first()?, parts.last()?);
    let holds_more = entry_count(&first.parent()?) > parts.len();
    let span = tree.node_span(first).cover(tree.node_span(last));
    let lines = Span::new(tree.line(span.start).start, tree.next_line(span.end));
    let mut at = lines.start;
    for part in parts {
        let span = tree.node_span(part);
        let adjoins = tree.line(span.start).start == at;
        let alone = tree.opens_line(span.start) && tree.closes_line(span.end);
        if !(adjoins && alone && tree.comments_in(part).is_empty()) {
            return None;
        }
        at = tree.next_line(span.end);
    }
    holds_more.then_some(lines)
}

/// The outermost entry that goes: a binding whose set has nothing else in it goes instead of
/// what is in it, as long as it is part of the option's path.
fn emptied(entry: &SyntaxNode, option: &OptionPath) -> SyntaxNode {
    let own = path_names(entry).map_or(1, |names| names.len());
    let mut above = option.names().len().saturating_sub(own);
    let mut target = entry.clone();
    while let Some(set) = target.parent()
        && set.kind() == SyntaxKind::NODE_ATTR_SET
        && entry_count(&set) == 1
        && let Some(binding) = bound_by(&wrapped(&set))
        && binding
            .parent()
            .is_some_and(|outer| outer.kind() == SyntaxKind::NODE_ATTR_SET)
        && let Some(names) = path_names(&binding)
        && option
            .names()
            .get(..above)
            .is_some_and(|prefix| prefix.ends_with(&names))
    {
        above = above.saturating_sub(names.len());
        target = binding;
    }
    target
}

/// The expression that is nothing without a set: the set with `mkIf c`, `mkForce` and parentheses
/// around it.
fn wrapped(set: &SyntaxNode) -> SyntaxNode {
    let mut outer = set.clone();
    while let Some(parent) = outer.parent() {
        let goes = match parent.kind() {
            SyntaxKind::NODE_PAREN => true,
            SyntaxKind::NODE_APPLY => is_nothing_without(&parent, &outer),
            _ => false,
        };
        if !goes {
            break;
        }
        outer = parent;
    }
    outer
}

/// Takes one value out of a `mkMerge` of several.
pub(super) fn merged(tree: &Tree<'_>, value: &SyntaxNode) -> Result<EditSet, Refusal> {
    let part = wrapped(value);
    let list = part.parent().filter(|list| {
        list.kind() == SyntaxKind::NODE_LIST && is_merged(list) && list.children().count() > 1
    });
    if list.is_none() {
        return Err(Refusal::NotAnElement);
    }
    tree.no_text_comments(&part)?;
    if !tree.comments_in(&part).is_empty() {
        return Err(Refusal::HoldsComments);
    }
    let mut edits = EditSet::new();
    edits.insert(TextEdit {
        span: member(tree, &part),
        text: String::new(),
    })?;
    Ok(edits)
}

/// Takes out the member of `mkMerge`, or the operand of `//`, that would be an empty set. `None`
/// where there is none, or where it holds comments.
fn empty_part(tree: &Tree<'_>, target: &SyntaxNode, moved: &[SyntaxToken]) -> Option<TextEdit> {
    let set = target.parent()?;
    if set.kind() != SyntaxKind::NODE_ATTR_SET || entry_count(&set) != 1 {
        return None;
    }
    let part = wrapped(&set);
    let holder = part.parent()?;
    let foreign = tree
        .comments_in(&holder)
        .iter()
        .any(|comment| !moved.contains(comment));
    if foreign {
        return None;
    }
    let span = match holder.kind() {
        SyntaxKind::NODE_LIST if is_merged(&holder) && holder.children().count() > 1 => {
            member(tree, &part)
        }
        SyntaxKind::NODE_BIN_OP => operand(tree, &part, ast::BinOpKind::Update)?,
        _ => return None,
    };
    Some(TextEdit {
        span,
        text: String::new(),
    })
}

/// The bytes that go with an operand, its operator among them. `None` for what is no operand of
/// `kind`, and where comments or lines of the other operand would have to move.
pub(super) fn operand(tree: &Tree<'_>, part: &SyntaxNode, kind: ast::BinOpKind) -> Option<Span> {
    let holder = part.parent()?;
    let operation = ast::BinOp::cast(holder.clone()).filter(|it| it.operator() == Some(kind))?;
    let (left, right) = (operation.lhs()?, operation.rhs()?);
    let (left, right) = (
        tree.node_span(left.syntax()),
        tree.node_span(right.syntax()),
    );
    let between = Span::new(left.end, right.start);
    let comments = tree.comments_in(&holder);
    let is_free = |comment: &SyntaxToken| !between.contains(tree.token_span(comment));
    if !comments.iter().all(is_free) {
        return None;
    }
    if tree.node_span(part) == right {
        Some(Span::new(left.end, right.end))
    } else {
        // What stays begins where the other operand did, so that its last line has to fit there.
        let fits = tree.on_one_line(right) || tree.indent(right.end) == tree.indent(left.start);
        fits.then(|| Span::new(left.start, right.start))
    }
}

/// `{ }` for a set that has nothing but `target` in it.
fn collapse(
    tree: &Tree<'_>,
    style: &Style,
    target: &SyntaxNode,
    moved: &[SyntaxToken],
) -> Option<TextEdit> {
    let set = target.parent()?;
    if set.kind() != SyntaxKind::NODE_ATTR_SET || entry_count(&set) != 1 {
        return None;
    }
    let foreign = tree
        .comments_in(&set)
        .iter()
        .any(|comment| !moved.contains(comment));
    if foreign {
        return None;
    }
    let open = bracket(&set, SyntaxKind::TOKEN_L_BRACE)?;
    let close = bracket(&set, SyntaxKind::TOKEN_R_BRACE)?;
    Some(TextEdit {
        span: Span::new(tree.token_span(&open).end, tree.token_span(&close).start),
        text: empty_gap(style),
    })
}

/// What stands between the brackets of an empty set or list.
pub(super) fn empty_gap(style: &Style) -> String {
    if style.tight_empty { "" } else { " " }.to_owned()
}

/// Takes out part of a line.
fn inline(
    tree: &Tree<'_>,
    style: &Style,
    span: Span,
    kept: &[SyntaxToken],
) -> Result<EditSet, Refusal> {
    let mut edits = EditSet::new();
    let mut text = String::new();
    let lines: Vec<&SyntaxToken> = kept
        .iter()
        .filter(|comment| comment.text().starts_with('#') || comment.text().contains('\n'))
        .collect();
    let line = tree.line(span.start);
    let indent = tree.indent(span.start);
    if !lines.is_empty() {
        let above: String = lines
            .iter()
            .map(|comment| {
                let comment = tree.comment_at(comment, indent);
                format!("{indent}{comment}{}", style.newline)
            })
            .collect();
        edits.insert(TextEdit {
            span: Span::empty(line.start),
            text: above,
        })?;
    }
    for comment in kept.iter().filter(|comment| !lines.contains(comment)) {
        text.push_str(tree.slice(tree.token_span(comment)));
        text.push(' ');
    }
    let ahead = tree.skip_blanks(span.end);
    let span = if tree.closes_line(span.end) {
        Span::new(tree.skip_blanks_back(span.start), span.end)
    } else {
        Span::new(span.start, ahead)
    };
    edits.insert(TextEdit { span, text })?;
    Ok(edits)
}

/// Whole lines that go, with the empty line that would be too much without them.
fn with_blank_line(tree: &Tree<'_>, lines: Span) -> Span {
    let before = tree.text.get(..lines.start as usize).unwrap_or("");
    let after = tree.text.get(lines.end as usize..).unwrap_or("");
    let previous = before.strip_suffix('\n').map(|before| {
        before
            .rsplit_once('\n')
            .map_or(before, |(_, previous)| previous)
    });
    let next = after.split_once('\n').map(|(next, _)| next);
    let previous_blank = previous.is_some_and(is_blank);
    let next_blank = next.is_some_and(is_blank);
    let opener = before.trim_end().ends_with(['{', '[', '(']) || before.trim_end().ends_with("let");
    let closer = after.trim_start().starts_with(['}', ']', ')'])
        || after.trim_start().starts_with("in ")
        || after.trim_start().starts_with("in\n");
    if next_blank && (previous_blank || opener) {
        return Span::new(lines.start, tree.next_line(lines.end));
    }
    if previous_blank && closer {
        let start = lines.start.saturating_sub(1);
        return Span::new(tree.line(start).start, lines.end);
    }
    lines
}

/// Takes one name out of an `inherit`.
pub(super) fn inherited(
    tree: &Tree<'_>,
    style: &Style,
    inherit: &SyntaxNode,
    name: Span,
    option: &OptionPath,
) -> Result<EditSet, Refusal> {
    let names: Vec<SyntaxNode> = inherit
        .children()
        .filter(|node| node.kind() != SyntaxKind::NODE_INHERIT_FROM)
        .collect();
    let node = names
        .iter()
        .find(|node| tree.node_span(node) == name)
        .ok_or(Refusal::NotFound)?;
    if names.len() == 1 {
        return entry(tree, style, inherit, option, &[]);
    }
    let mut edits = EditSet::new();
    edits.insert(TextEdit {
        span: member(tree, node),
        text: String::new(),
    })?;
    Ok(edits)
}

/// The bytes that go with a member of a list or `inherit`: its line when it has one for itself,
/// otherwise the blanks on one side.
pub(super) fn member(tree: &Tree<'_>, node: &SyntaxNode) -> Span {
    let span = tree.node_span(node);
    let opens = tree.opens_line(span.start);
    if opens && tree.closes_line(span.end) {
        return with_blank_line(
            tree,
            Span::new(tree.line(span.start).start, tree.next_line(span.end)),
        );
    }
    if opens || !tree.trailing_comments(node).is_empty() {
        // A comment behind it keeps the line.
        return Span::new(span.start, tree.skip_blanks(span.end));
    }
    if tree.closes_line(span.end) {
        return Span::new(tree.skip_blanks_back(span.start), span.end);
    }
    let ahead = tree.skip_blanks(span.end);
    let last = node
        .next_sibling()
        .is_none_or(|next| tree.node_span(&next).start != ahead);
    if last && ahead == span.end {
        // `[ a b]`, `inherit a b;`
        return Span::new(tree.skip_blanks_back(span.start), span.end);
    }
    Span::new(span.start, ahead)
}
