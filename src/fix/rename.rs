//! Moving a definition to another option.

use std::sync::Arc;

use rnix::ast::{self};
use rnix::{SyntaxKind, SyntaxNode, SyntaxToken};
use rowan::ast::AstNode;

use super::Refusal;
use super::entry::Entry;
use super::render;
use super::set::line_break_before;
use super::spot;
use super::tree::{Tree, entries, path_names, path_nodes, plain_set, value_of};
use crate::model::OptionPath;
use crate::syntax::Style;
use crate::text::{EditSet, Span, TextEdit};

/// What a rename asks of the text.
pub(super) enum Way {
    /// Another path for the same statement.
    InPlace(EditSet),
    /// The binding has to go to another set.
    Move,
}

/// Finds out whether a binding can stay where it is.
pub(super) fn way(
    tree: &Tree<'_>,
    entry: &Entry,
    from: &OptionPath,
    to: &OptionPath,
) -> Result<Way, Refusal> {
    let own = path_names(&entry.node).ok_or(Refusal::NotFound)?;
    let own = own.get(..entry.end).unwrap_or(&own);
    let option = from.names();
    let (prefix, lead) = if option.ends_with(own) {
        let prefix = option.get(..option.len() - own.len()).unwrap_or(&[]);
        (prefix, &[][..])
    } else if own.ends_with(option) {
        (&[][..], own.get(..own.len() - option.len()).unwrap_or(&[]))
    } else {
        return Err(Refusal::NotFound);
    };
    if !to.names().starts_with(prefix)
        || to.names().len() <= prefix.len()
        || spot::belongs_elsewhere(entry, from, to.names())
    {
        return moved(entry);
    }
    let new: Vec<Arc<str>> = lead
        .iter()
        .chain(to.names().iter().skip(prefix.len()))
        .cloned()
        .collect();
    let parts = if entry.is_scattered() {
        entry.parts()
    } else {
        vec![entry.node.clone()]
    };
    let set = entry.node.parent().ok_or(Refusal::NotFound)?;
    for other in entries(&set).filter(|other| !parts.contains(other)) {
        if other.kind() == SyntaxKind::NODE_INHERIT {
            let taken = ast::Inherit::cast(other).is_some_and(|inherit| {
                inherit.attrs().any(|attr| {
                    let name = crate::syntax::static_name(&attr);
                    name.is_some() && name.as_ref() == new.first()
                })
            });
            if taken {
                return Err(Refusal::Exists(render::path(&new)));
            }
            continue;
        }
        let Some(names) = path_names(&other) else {
            continue;
        };
        if names.starts_with(&new) {
            return Err(Refusal::Exists(render::path(&new)));
        }
        if new.starts_with(&names) {
            return match value_of(&other).and_then(|value| plain_set(&value)) {
                Some(_) => moved(entry),
                None => Err(Refusal::NotASet(render::path(&names))),
            };
        }
    }
    let mut edits = EditSet::new();
    for part in &parts {
        edits.insert(new_path(tree, part, own, &new)?)?;
    }
    Ok(Way::InPlace(edits))
}

fn moved(entry: &Entry) -> Result<Way, Refusal> {
    if entry.is_scattered() {
        Err(Refusal::Scattered)
    } else {
        Ok(Way::Move)
    }
}

/// Replaces the names of a path that differ.
fn new_path(
    tree: &Tree<'_>,
    binding: &SyntaxNode,
    old: &[Arc<str>],
    new: &[Arc<str>],
) -> Result<TextEdit, Refusal> {
    let nodes = path_nodes(binding);
    let same = |(one, other): &(&Arc<str>, &Arc<str>)| one == other;
    let front = old.iter().zip(new).take_while(same).count();
    let shorter = old.len().min(new.len()) - front;
    let back = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(shorter)
        .take_while(same)
        .count();
    let names = new.get(front..new.len() - back).unwrap_or(&[]);
    let replaced = nodes.get(front..old.len() - back).unwrap_or(&[]);
    let start = |node: &SyntaxNode| tree.node_span(node).start;
    let end = |node: &SyntaxNode| tree.node_span(node).end;
    let text = render::path(names);
    match (replaced.first(), replaced.last()) {
        (Some(first), Some(last)) if !names.is_empty() => Ok(TextEdit {
            span: Span::new(start(first), end(last)),
            text,
        }),
        // Names go: with the dot behind them, or before them at the end of the path.
        (Some(first), Some(last)) => {
            let next = nodes.get(old.len() - back);
            let before = front.checked_sub(1).and_then(|index| nodes.get(index));
            let span = match (next, before) {
                (Some(next), _) => Span::new(start(first), start(next)),
                (None, Some(before)) => Span::new(end(before), end(last)),
                (None, None) => return Err(Refusal::NotFound),
            };
            Ok(TextEdit {
                span,
                text: String::new(),
            })
        }
        _ => match nodes.get(front) {
            Some(next) => Ok(TextEdit {
                span: Span::empty(start(next)),
                text: format!("{text}."),
            }),
            None => {
                let last = nodes.last().ok_or(Refusal::NotFound)?;
                Ok(TextEdit {
                    span: Span::empty(end(last)),
                    text: format!(".{text}"),
                })
            }
        },
    }
}

/// A binding's value and comments, to be written elsewhere.
pub(super) struct Luggage {
    /// The value as it is written.
    pub value: String,
    /// The indentation that its lines count from; `None` when they must stay as they are.
    pub indent: Option<String>,
    /// True for a value that starts on a line of its own.
    pub own_line: bool,
    /// The comments above.
    pub above: Vec<String>,
    /// The comment behind.
    pub behind: Option<String>,
    /// How many comments above and behind go with it.
    pub counts: (usize, usize),
}

/// Collects what moves with a binding.
pub(super) fn luggage(tree: &Tree<'_>, entry: &SyntaxNode) -> Result<Luggage, Refusal> {
    let value = value_of(entry).ok_or(Refusal::NotFound)?;
    let start = tree.node_span(entry).start;
    let alone = tree.opens_line(start);
    let text = |comment: &SyntaxToken| tree.slice(tree.token_span(comment)).to_owned();
    let above = if alone {
        tree.leading_comments(entry)
    } else {
        Vec::new()
    };
    let behind = tree.trailing_comments(entry);
    let closes = behind
        .last()
        .is_some_and(|comment| tree.closes_line(tree.token_span(comment).end));
    let behind = if alone && closes { behind } else { Vec::new() };
    // Lines of a string in double quotes are part of its value.
    let rigid = value.descendants().any(|node| {
        node.kind() == SyntaxKind::NODE_STRING
            && node.text().to_string().starts_with('"')
            && node.text().contains_char('\n')
    });
    // Comments between the name and the value, or before the semicolon, come along above.
    let inner: Vec<String> = tree
        .comments_in(entry)
        .iter()
        .filter(|comment| !tree.node_span(&value).contains(tree.token_span(comment)))
        .map(text)
        .collect();
    let own_line = line_break_before(tree, &value).is_some();
    let first = if own_line {
        tree.node_span(&value).start
    } else {
        start
    };
    Ok(Luggage {
        own_line,
        value: tree.slice(tree.node_span(&value)).to_owned(),
        indent: (!rigid).then(|| tree.indent(first).to_owned()),
        counts: (above.len(), behind.len()),
        above: above.iter().map(text).chain(inner).collect(),
        behind: (!behind.is_empty()).then(|| behind.iter().map(text).collect::<Vec<_>>().join(" ")),
    })
}

impl Luggage {
    /// The value for a line of the indentation `indent`.
    pub fn value_at(&self, indent: &str, style: &Style) -> String {
        let own = if self.own_line {
            format!("{indent}{}", style.unit)
        } else {
            indent.to_owned()
        };
        let value = match &self.indent {
            Some(from) => render::reindent(&self.value, from, &own),
            None => self.value.clone(),
        };
        if self.own_line {
            format!("{}{own}{value}", style.newline)
        } else {
            value
        }
    }
}

/// The expression that an inherited name stands for.
pub(super) fn inherited_value(
    tree: &Tree<'_>,
    inherit: &SyntaxNode,
    name: Span,
) -> Result<String, Refusal> {
    let name = tree.slice(name);
    let from = ast::Inherit::cast(inherit.clone())
        .and_then(|inherit| inherit.from())
        .and_then(|from| from.expr());
    Ok(match from {
        None => name.to_owned(),
        Some(from) => {
            let source = tree.slice(tree.node_span(from.syntax()));
            let simple = matches!(
                from,
                ast::Expr::Ident(_) | ast::Expr::Paren(_) | ast::Expr::AttrSet(_)
            ) || matches!(&from, ast::Expr::Select(select) if select.or_token().is_none());
            if simple {
                format!("{source}.{name}")
            } else {
                format!("({source}).{name}")
            }
        }
    })
}
