//! Writing a new binding into a set.

use std::sync::Arc;

use rnix::{SyntaxKind, SyntaxNode};

use super::Refusal;
use super::render;
use super::spot::Spot;
use super::tree::{Tree, bracket, entries, entry_count};
use crate::diagnostic::NewValue;
use crate::syntax::Style;
use crate::text::{EditSet, Span, TextEdit};

/// What is written into a set.
pub(super) struct NewBinding<'b> {
    /// The value's text for the indentation of the line on which it starts.
    pub value: &'b dyn Fn(&str) -> String,
    /// Comment lines above, without indentation, each as it is written.
    pub above: Vec<String>,
    /// A comment behind it, with its marker.
    pub behind: Option<String>,
}

/// What says when a value counts, as it is written elsewhere in the file.
pub(super) struct Conditions<'t> {
    /// `lib.mkIf c`, with the indentation of its line, from the outside in.
    written: Vec<(&'t str, &'t str)>,
}

impl<'t> Conditions<'t> {
    /// Those of a spot.
    ///
    /// # Errors
    /// One of them holds a comment, which would stand in the file twice.
    pub fn of(tree: &Tree<'t>, spot: &Spot) -> Result<Self, Refusal> {
        let mut written = Vec::new();
        for condition in &spot.conditions {
            if !tree.comments_in(condition).is_empty() {
                return Err(Refusal::HoldsComments);
            }
            tree.no_text_comments(condition)?;
            let span = tree.node_span(condition);
            written.push((tree.slice(span), tree.indent(span.start)));
        }
        Ok(Self { written })
    }

    /// A value under them, for a line of the indentation `indent`.
    pub fn around(&self, value: &NewValue, style: &Style, indent: &str) -> String {
        let mut text = render::expression(value, style, indent);
        let mut is_operand = render::needs_parentheses(value, &text);
        for (condition, from) in self.written.iter().rev() {
            let argument = if is_operand {
                format!("({text})")
            } else {
                text
            };
            let condition = render::reindent(condition, from, indent);
            text = format!("{condition} {argument}");
            is_operand = true;
        }
        text
    }
}

/// Writes a binding at a spot.
pub(super) fn at(
    tree: &Tree<'_>,
    style: &Style,
    spot: &Spot,
    new: &NewBinding<'_>,
) -> Result<EditSet, Refusal> {
    let set = &spot.set;
    let open = bracket(set, SyntaxKind::TOKEN_L_BRACE).ok_or(Refusal::NotFound)?;
    let close = bracket(set, SyntaxKind::TOKEN_R_BRACE).ok_or(Refusal::NotFound)?;
    let inside = Span::new(tree.token_span(&open).end, tree.token_span(&close).start);
    let mut edits = EditSet::new();
    if !tree.on_one_line(inside) {
        return behind(tree, style, spot, new, inside, edits);
    }
    let entries = entry_count(set);
    if (entries > 1 || (style.one_line_sets && entries > 0))
        && new.above.is_empty()
        && new.behind.is_none()
        && spot.outer == spot.names.len()
        && !binding(style, spot, new, tree.indent(inside.start)).contains('\n')
    {
        let text = binding(style, spot, new, tree.indent(inside.start));
        let (at, text) = match &spot.after {
            Some(entry) => (tree.node_span(entry).end, format!(" {text}")),
            None if style.tight => (inside.start, format!("{text} ")),
            None => (inside.start, format!(" {text}")),
        };
        edits.insert(TextEdit {
            span: Span::empty(at),
            text,
        })?;
        return Ok(edits);
    }
    expand(tree, style, spot, new, edits)
}

/// The binding with its comments, for lines of the indentation `indent`. It starts without
/// indentation and ends without line ending.
fn binding(style: &Style, spot: &Spot, new: &NewBinding<'_>, indent: &str) -> String {
    let (outer, inner) = spot
        .names
        .split_at_checked(spot.outer)
        .unwrap_or((&spot.names, &[]));
    let newline = style.newline;
    let above = |indent: &str| -> String {
        new.above
            .iter()
            .map(|line| format!("{line}{newline}{indent}"))
            .collect()
    };
    let behind = new
        .behind
        .as_ref()
        .map(|comment| format!(" {comment}"))
        .unwrap_or_default();
    // A value may start on a line of its own.
    let assigned = |indent: &str, names: &[Arc<str>]| {
        let beside = format!("{indent}{} = ;", render::path(names));
        let value = (new.value)(indent);
        let value = render::fitted(value, style, indent, beside.chars().count());
        let gap = if value.starts_with(['\n', '\r']) {
            ""
        } else {
            " "
        };
        format!("={gap}{value};")
    };
    if inner.is_empty() {
        return format!(
            "{}{} {}{behind}",
            above(indent),
            render::path(outer),
            assigned(indent, outer)
        );
    }
    let deeper = format!("{indent}{}", style.unit);
    format!(
        "{} = {{{newline}{deeper}{}{} {}{behind}{newline}{indent}}};",
        render::path(outer),
        above(&deeper),
        render::path(inner),
        assigned(&deeper, inner),
    )
}

/// A set of its own for a binding, where a line of the indentation `indent` goes on.
pub(super) fn new_set(
    style: &Style,
    name: &Arc<str>,
    new: &NewBinding<'_>,
    indent: &str,
) -> String {
    let bound = |indent: &str| {
        let lines = new.above.iter();
        let above: String = lines
            .map(|line| format!("{line}{}{indent}", style.newline))
            .collect();
        let name = render::name(name);
        let beside = format!("{indent}{name} = ;").chars().count();
        let value = render::fitted((new.value)(indent), style, indent, beside);
        format!("{above}{name} = {value};")
    };
    let inner = format!("{indent}{}", style.unit);
    let short = bound(indent);
    if style.one_line_sets && !short.contains('\n') {
        let gap = if style.tight { "" } else { " " };
        return format!("{{{gap}{short}{gap}}}");
    }
    let newline = style.newline;
    format!("{{{newline}{inner}{}{newline}{indent}}}", bound(&inner))
}

/// Writes into a set that stands on several lines.
fn behind(
    tree: &Tree<'_>,
    style: &Style,
    spot: &Spot,
    new: &NewBinding<'_>,
    inside: Span,
    mut edits: EditSet,
) -> Result<EditSet, Refusal> {
    let newline = style.newline;
    let (indent, shares) = entry_indent(tree, style, spot, inside);
    let text = binding(style, spot, new, &indent);
    let Some(entry) = &spot.after else {
        // The first place: right behind the bracket and the comment on its line.
        let first = entries(&spot.set).next();
        let at = match first {
            Some(first) if tree.opens_line(tree.node_span(&first).start) => {
                let start = tree
                    .leading_comments(&first)
                    .first()
                    .map_or(tree.node_span(&first).start, |comment| {
                        tree.token_span(comment).start
                    });
                tree.line(start).start
            }
            Some(first) => {
                edits.insert(TextEdit {
                    span: Span::empty(tree.node_span(&first).start),
                    text: format!("{text}{newline}{indent}"),
                })?;
                return Ok(edits);
            }
            // Behind the comments that a set without entries may hold.
            None => tree.line(inside.end).start,
        };
        edits.insert(TextEdit {
            span: Span::empty(at),
            text: format!("{indent}{text}{newline}"),
        })?;
        return Ok(edits);
    };
    let span = tree.node_span(entry);
    let end = tree
        .trailing_comments(entry)
        .last()
        .map_or(span.end, |comment| tree.token_span(comment).end);
    let is_block = |text: &str| text.contains('\n');
    let closes = tree.closes_line(end);
    let text = if !closes && shares && !is_block(&text) && new.behind.is_none() {
        format!(" {text}")
    } else {
        let parted = is_block(&text)
            && is_block(tree.slice(span))
            && (blank_above(tree, entry) || blank_below(tree, end));
        let gap = if parted { newline } else { "" };
        // A comment must not swallow what follows on the line.
        let rest = if !closes && new.behind.is_some() {
            format!("{newline}{indent}")
        } else {
            String::new()
        };
        format!("{newline}{gap}{indent}{text}{rest}")
    };
    edits.insert(TextEdit {
        span: Span::empty(end),
        text,
    })?;
    Ok(edits)
}

/// The indentation of the entries of a set on several lines; whether the neighbor shares its
/// line with another entry.
fn entry_indent(tree: &Tree<'_>, style: &Style, spot: &Spot, inside: Span) -> (String, bool) {
    let start = |entry: &SyntaxNode| tree.node_span(entry).start;
    let shares = spot.after.as_ref().is_some_and(|entry| {
        let next = entry.next_sibling();
        next.is_some_and(|next| {
            tree.on_one_line(Span::new(tree.node_span(entry).end, start(&next)))
        })
    });
    let shown = spot
        .after
        .iter()
        .cloned()
        .chain(entries(&spot.set))
        .find(|entry| tree.opens_line(start(entry)));
    let indent = match shown {
        Some(entry) => tree.indent(start(&entry)).to_owned(),
        None => format!("{}{}", tree.indent(inside.end), style.unit),
    };
    (indent, shares)
}

fn blank_above(tree: &Tree<'_>, entry: &SyntaxNode) -> bool {
    let comments = tree.leading_comments(entry);
    let first = comments.first().cloned().or_else(|| entry.first_token());
    first
        .and_then(|token| token.prev_token())
        .is_some_and(|token| {
            token.kind() == SyntaxKind::TOKEN_WHITESPACE && token.text().matches('\n').count() > 1
        })
}

fn blank_below(tree: &Tree<'_>, end: u32) -> bool {
    let next = tree.next_line(end);
    tree.text
        .get(next as usize..)
        .and_then(|rest| rest.split('\n').next())
        .is_some_and(|line| super::tree::is_blank(line) && next < super::tree::length(tree.text))
}

/// Breaks a set on one line, and the sets on the same line around it, and writes into it.
fn expand(
    tree: &Tree<'_>,
    style: &Style,
    spot: &Spot,
    new: &NewBinding<'_>,
    mut edits: EditSet,
) -> Result<EditSet, Refusal> {
    let broken = one_line_sets(tree, &spot.set);
    if broken.last() != Some(&spot.set) {
        return Err(Refusal::NotFound);
    }
    let mut added = |set: &SyntaxNode, inner: &str| {
        (*set == spot.set).then(|| (spot.after.clone(), binding(style, spot, new, inner)))
    };
    broken_up(tree, style, &broken, &mut added, &mut edits)?;
    Ok(edits)
}

/// A set on one line with those around it on the same line, from the outside in; empty for a set
/// on several lines.
fn one_line_sets(tree: &Tree<'_>, set: &SyntaxNode) -> Vec<SyntaxNode> {
    let mut sets: Vec<SyntaxNode> = set
        .ancestors()
        .filter(|node| node.kind() == SyntaxKind::NODE_ATTR_SET)
        .take_while(|node| tree.on_one_line(tree.node_span(node)))
        .collect();
    sets.reverse();
    sets
}

/// Breaks a set on one line, and those around it, for a value that takes several lines. Gives the
/// indentation of its entries; `None` when it stands on several lines already.
pub(super) fn make_room(
    tree: &Tree<'_>,
    style: &Style,
    set: &SyntaxNode,
    edits: &mut EditSet,
) -> Result<Option<String>, Refusal> {
    let sets = one_line_sets(tree, set);
    if sets.is_empty() {
        return Ok(None);
    }
    broken_up(tree, style, &sets, &mut |_, _| None, edits).map(Some)
}

/// The entry behind which a new one stands, and its text.
type Added = (Option<SyntaxNode>, String);

/// Breaks sets that stand in each other on one line. Gives the indentation of the last one's
/// entries.
fn broken_up(
    tree: &Tree<'_>,
    style: &Style,
    sets: &[SyntaxNode],
    added: &mut dyn FnMut(&SyntaxNode, &str) -> Option<Added>,
    edits: &mut EditSet,
) -> Result<String, Refusal> {
    let first = sets.first().ok_or(Refusal::NotFound)?;
    let mut indent = tree.indent(tree.node_span(first).start).to_owned();
    for set in sets {
        let inner = format!("{indent}{}", style.unit);
        let breaks = Breaks {
            newline: style.newline,
            outer: &indent,
            inner: &inner,
        };
        breaks.set(tree, set, added(set, &inner), edits)?;
        indent = inner;
    }
    Ok(indent)
}

/// How a set on one line is broken.
struct Breaks<'b> {
    newline: &'b str,
    /// The indentation of the line on which the set stands.
    outer: &'b str,
    /// That of its entries.
    inner: &'b str,
}

impl Breaks<'_> {
    /// Puts every entry of a set on a line of its own, and a new one behind a neighbor, or first.
    fn set(
        &self,
        tree: &Tree<'_>,
        set: &SyntaxNode,
        mut added: Option<Added>,
        edits: &mut EditSet,
    ) -> Result<(), Refusal> {
        let mut end = None;
        let mut previous: Option<SyntaxNode> = None;
        for element in set.children_with_tokens() {
            let span = tree.span(element.text_range());
            let kind = element.kind();
            match (kind, end) {
                (SyntaxKind::TOKEN_L_BRACE, None) => end = Some(span.end),
                (_, None) | (SyntaxKind::TOKEN_WHITESPACE, _) => {}
                // A comment stays behind what it stands behind.
                (SyntaxKind::TOKEN_COMMENT, Some(_)) if previous.is_some() => end = Some(span.end),
                (_, Some(from)) => {
                    let mut text = String::new();
                    if let Some((_, new)) = added.take_if(|(after, _)| *after == previous) {
                        text = format!("{}{}{new}", self.newline, self.inner);
                    }
                    text.push_str(self.newline);
                    text.push_str(if kind == SyntaxKind::TOKEN_R_BRACE {
                        self.outer
                    } else {
                        self.inner
                    });
                    edits.insert(TextEdit {
                        span: Span::new(from, span.start),
                        text,
                    })?;
                    end = Some(span.end);
                    previous = element.into_node().or(previous);
                }
            }
        }
        Ok(())
    }
}
