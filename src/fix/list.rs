//! Adding, taking out and replacing elements of lists and words of strings.

use rnix::ast::{self, BinOpKind};
use rnix::{NodeOrToken, SyntaxKind, SyntaxNode, SyntaxToken};
use rowan::ast::AstNode;

use super::Refusal;
use super::lines::{self, Escape};
use super::remove::{self, empty_gap, member};
use super::set::{is_operand, line_break_before};
use super::sharing;
use super::tree::{Tree, bracket};
use crate::eval::Value;
use crate::syntax::{Style, quote};
use crate::text::{EditSet, Span, TextEdit};

fn one(span: Span, text: String) -> Result<EditSet, Refusal> {
    let mut edits = EditSet::new();
    edits.insert(TextEdit { span, text })?;
    Ok(edits)
}

/// Adds elements to the list, or words to the string, that the expression `node` is.
pub(super) fn add(
    tree: &Tree<'_>,
    style: &Style,
    node: &SyntaxNode,
    value: &Value,
    items: &[String],
) -> Result<EditSet, Refusal> {
    if let Some(list) = last_list(tree, node) {
        return append(tree, style, &list, items);
    }
    if let Some(string) = plain_string(node) {
        return add_words(tree, style, &string, items);
    }
    if !is_list(value) {
        return Err(Refusal::NotAList);
    }
    // The value comes from elsewhere; the use is changed, not what it comes from.
    let strings = items
        .iter()
        .map(|item| crate::diagnostic::NewValue::Str(item.clone()))
        .collect();
    let strings = crate::diagnostic::NewValue::List(strings);
    concatenated(tree, style, node, &strings)
}

/// `node ++ [ … ]`, laid out as nixfmt does.
fn concatenated(
    tree: &Tree<'_>,
    style: &Style,
    node: &SyntaxNode,
    added: &crate::diagnostic::NewValue,
) -> Result<EditSet, Refusal> {
    let concat = ast::BinOp::cast(node.clone())
        .is_some_and(|operation| operation.operator() == Some(BinOpKind::Concat));
    let loose = !concat
        && matches!(
            node.kind(),
            SyntaxKind::NODE_BIN_OP
                | SyntaxKind::NODE_IF_ELSE
                | SyntaxKind::NODE_LET_IN
                | SyntaxKind::NODE_WITH
                | SyntaxKind::NODE_ASSERT
                | SyntaxKind::NODE_LAMBDA
        );
    let span = tree.node_span(node);
    let source = tree.slice(span);
    let indent = tree.indent(span.start);
    let newline = style.newline;
    let operand = if loose {
        format!("({source})")
    } else {
        source.to_owned()
    };
    let plain = || {
        let added = super::render::expression(added, style, indent);
        format!("{operand} ++ {added}")
    };
    if is_operand(node) {
        return one(span, format!("({})", plain()));
    }
    let line_start = tree.line(span.start).start;
    let before = tree.slice(Span::new(line_start, span.start));
    let width = |text: &str| before.chars().count() + text.chars().count() + 1;
    let is_whole = node
        .parent()
        .is_some_and(|parent| parent.kind() == SyntaxKind::NODE_ATTRPATH_VALUE);
    let simple = plain();
    let is_long = simple
        .lines()
        .any(|line| width(line) > super::render::MOST_COLUMNS);
    if !is_whole || !(is_long || source.contains('\n')) || (concat && source.contains('\n')) {
        return one(span, simple);
    }
    if !source.contains('\n')
        && !concat
        && width(&operand) + " ++ [".len() <= super::render::MOST_COLUMNS + 1
    {
        let added = super::render::several_lines(added, style, indent);
        return one(span, format!("{operand} ++ {added}"));
    }
    // On lines of its own, the new list below it.
    let gap = line_break_before(tree, node);
    let inner = match gap {
        Some(_) => indent.to_owned(),
        None => format!("{indent}{}", style.unit),
    };
    let source = if loose {
        let deeper = format!("{inner}{}", style.unit);
        let body = super::render::reindent(source, indent, &deeper);
        format!("({newline}{deeper}{body}{newline}{inner})")
    } else {
        super::render::reindent(source, indent, &inner)
    };
    let added = super::render::expression(added, style, &inner);
    let text = format!("{source}{newline}{inner}++ {added}");
    if gap.is_some() {
        return one(span, text);
    }
    let start = tree.skip_blanks_back(span.start);
    one(
        Span::new(start, span.end),
        format!("{newline}{inner}{text}"),
    )
}

fn is_list(value: &Value) -> bool {
    match value {
        Value::List(_) => true,
        Value::OneOf(branches) => branches.iter().all(|branch| is_list(&branch.value)),
        _ => false,
    }
}

/// The list literal that can take more: at the end of the value, or on lines of its own before
/// other lists.
fn last_list(tree: &Tree<'_>, node: &SyntaxNode) -> Option<SyntaxNode> {
    let mut node = node.clone();
    loop {
        let next = match node.kind() {
            SyntaxKind::NODE_LIST => return Some(node),
            SyntaxKind::NODE_PAREN => ast::Paren::cast(node)?.expr()?,
            SyntaxKind::NODE_WITH => ast::With::cast(node)?.body()?,
            SyntaxKind::NODE_LET_IN => ast::LetIn::cast(node)?.body()?,
            SyntaxKind::NODE_ASSERT => ast::Assert::cast(node)?.body()?,
            SyntaxKind::NODE_BIN_OP => {
                let operation = ast::BinOp::cast(node)?;
                if operation.operator()? != BinOpKind::Concat {
                    return None;
                }
                let right = operation.rhs()?;
                if let Some(list) = last_list(tree, right.syntax()) {
                    return Some(list);
                }
                let left = operation.lhs()?;
                return last_list(tree, left.syntax())
                    .filter(|list| !tree.on_one_line(tree.node_span(list)));
            }
            _ => return None,
        };
        node = next.syntax().clone();
    }
}

fn plain_string(node: &SyntaxNode) -> Option<SyntaxNode> {
    let mut node = node.clone();
    while node.kind() == SyntaxKind::NODE_PAREN {
        node = ast::Paren::cast(node)?.expr()?.syntax().clone();
    }
    (node.kind() == SyntaxKind::NODE_STRING).then_some(node)
}

/// Writes elements at the end of a list literal.
fn append(
    tree: &Tree<'_>,
    style: &Style,
    list: &SyntaxNode,
    items: &[String],
) -> Result<EditSet, Refusal> {
    let open = bracket(list, SyntaxKind::TOKEN_L_BRACK).ok_or(Refusal::NotFound)?;
    let close = bracket(list, SyntaxKind::TOKEN_R_BRACK).ok_or(Refusal::NotFound)?;
    let (open, close) = (tree.token_span(&open), tree.token_span(&close));
    let inside = Span::new(open.end, close.start);
    let newline = style.newline;
    let outer = tree.indent(open.start);
    let elements: Vec<SyntaxNode> = list.children().collect();
    let new: Vec<String> = items.iter().map(|item| quote(item)).collect();
    if !tree.on_one_line(inside) {
        let opens = |node: &&SyntaxNode| tree.opens_line(tree.node_span(node).start);
        let indent = match elements.iter().rev().find(opens) {
            Some(element) => tree.indent(tree.node_span(element).start).to_owned(),
            None => format!("{outer}{}", style.unit),
        };
        return match elements.last() {
            Some(last) => {
                let end = tree
                    .trailing_comments(last)
                    .last()
                    .map_or(tree.node_span(last).end, |comment| {
                        tree.token_span(comment).end
                    });
                let text = new
                    .iter()
                    .map(|item| format!("{newline}{indent}{item}"))
                    .collect();
                one(Span::empty(end), text)
            }
            None if tree.opens_line(close.start) => {
                let text = new
                    .iter()
                    .map(|item| format!("{indent}{item}{newline}"))
                    .collect();
                one(Span::empty(tree.line(close.start).start), text)
            }
            None => one(Span::empty(close.start), format!("{} ", new.join(" "))),
        };
    }
    let has_comment = !tree.comments_in(list).is_empty();
    let line = tree.slice(tree.line(close.start)).chars().count();
    let longer = line
        + new
            .iter()
            .map(|item| 1 + item.chars().count())
            .sum::<usize>();
    let fits = longer <= super::render::MOST_COLUMNS || !has_own_line(tree, list);
    let one_line = fits && (style.one_line_lists || elements.len() > 1);
    if has_comment || one_line || (fits && elements.len() + new.len() <= 1) {
        return match elements.last() {
            Some(last) => one(
                Span::empty(tree.node_span(last).end),
                format!(" {}", new.join(" ")),
            ),
            None if has_comment => one(Span::empty(close.start), format!("{} ", new.join(" "))),
            None => {
                let gap = if style.tight { "" } else { " " };
                one(inside, format!("{gap}{}{gap}", new.join(" ")))
            }
        };
    }
    let inner = format!("{outer}{}", style.unit);
    let mut edits = EditSet::new();
    let mut end = open.end;
    for element in &elements {
        let span = tree.node_span(element);
        edits.insert(TextEdit {
            span: Span::new(end, span.start),
            text: format!("{newline}{inner}"),
        })?;
        end = span.end;
    }
    let mut text: String = new
        .iter()
        .map(|item| format!("{newline}{inner}{item}"))
        .collect();
    text.push_str(newline);
    text.push_str(outer);
    edits.insert(TextEdit {
        span: Span::new(end, close.start),
        text,
    })?;
    Ok(edits)
}

/// True for an expression whose binding has its line for itself.
pub(super) fn has_own_line(tree: &Tree<'_>, node: &SyntaxNode) -> bool {
    let entry = node.ancestors().find(super::tree::is_entry);
    entry.is_some_and(|entry| tree.opens_line(tree.node_span(&entry).start))
}

/// Writes words at the end of a string.
fn add_words(
    tree: &Tree<'_>,
    style: &Style,
    string: &SyntaxNode,
    items: &[String],
) -> Result<EditSet, Refusal> {
    let span = tree.node_span(string);
    let source = tree.slice(span);
    let (marker, escape) = if source.starts_with('"') {
        (1, Escape::Quoted)
    } else {
        (2, Escape::Indented)
    };
    let body = Span::new(span.start + marker, span.end.saturating_sub(marker));
    let text = tree.slice(body);
    let words = text.trim_end();
    let at = body.start + super::tree::length(words);
    let new: Vec<String> = items.iter().map(|item| escape.write(item)).collect();
    let one_a_line = text.trim().contains('\n')
        && !words
            .rsplit('\n')
            .next()
            .is_some_and(|line| line.trim().contains([' ', '\t']));
    let text = if words.trim().is_empty() {
        new.join(" ")
    } else if one_a_line {
        let indent = tree.indent(at);
        new.iter()
            .map(|item| format!("{}{indent}{item}", style.newline))
            .collect()
    } else {
        format!(" {}", new.join(" "))
    };
    one(Span::empty(at), text)
}

/// The element of a list that stands at `span`.
fn element(tree: &Tree<'_>, span: Span) -> Option<SyntaxNode> {
    let mut node = tree.expression(span)?;
    while node.parent()?.kind() == SyntaxKind::NODE_PAREN {
        node = node.parent()?;
    }
    (node.parent()?.kind() == SyntaxKind::NODE_LIST).then_some(node)
}

/// The piece of string content that holds `span`.
pub(super) fn content(tree: &Tree<'_>, span: Span) -> Option<(SyntaxToken, Escape)> {
    match tree.covering(span)? {
        NodeOrToken::Token(token) if token.kind() == SyntaxKind::TOKEN_STRING_CONTENT => {
            let string = token.parent()?;
            let escape = if string.first_token()?.text() == "\"" {
                Escape::Quoted
            } else {
                Escape::Indented
            };
            Some((token, escape))
        }
        _ => None,
    }
}

/// Takes out the element or word at `span`. `statement` is that of the definition.
pub(super) fn take_out(
    tree: &Tree<'_>,
    style: &Style,
    span: Span,
    statement: Option<Span>,
) -> Result<EditSet, Refusal> {
    if let Some(node) = element(tree, span) {
        sharing::element(tree, &node, statement)?;
        let list = node.parent().ok_or(Refusal::NotFound)?;
        if list.children().count() == 1 && tree.comments_in(&list).is_empty() {
            if let Some(operand) = remove::operand(tree, &list, BinOpKind::Concat) {
                return one(operand, String::new());
            }
            let open = bracket(&list, SyntaxKind::TOKEN_L_BRACK).ok_or(Refusal::NotFound)?;
            let close = bracket(&list, SyntaxKind::TOKEN_R_BRACK).ok_or(Refusal::NotFound)?;
            let inside = Span::new(tree.token_span(&open).end, tree.token_span(&close).start);
            return one(inside, empty_gap(style));
        }
        // Comments inside of the element have no other place.
        if !tree.comments_in(&node).is_empty() {
            return Err(Refusal::NotAnElement);
        }
        return one(member(tree, &node), String::new());
    }
    let (token, _) = content(tree, span).ok_or(Refusal::NotAnElement)?;
    words_of(tree, &token, statement)?;
    one(
        lines::word(tree.text, tree.token_span(&token), span),
        String::new(),
    )
}

fn words_of(tree: &Tree<'_>, token: &SyntaxToken, statement: Option<Span>) -> Result<(), Refusal> {
    match token.parent() {
        Some(string) => sharing::element(tree, &string, statement).or_else(|refusal| {
            // A line of text is a statement inside of its string.
            let span = tree.node_span(&string);
            match statement {
                Some(statement) if span.contains(statement) => Ok(()),
                _ => Err(refusal),
            }
        }),
        None => Err(Refusal::NotFound),
    }
}

/// Writes another element or word at `span`. `statement` is that of the definition.
pub(super) fn replace(
    tree: &Tree<'_>,
    span: Span,
    with: &str,
    statement: Option<Span>,
) -> Result<EditSet, Refusal> {
    if let Some(node) = element(tree, span) {
        sharing::element(tree, &node, statement)?;
        if !tree.comments_in(&node).is_empty() {
            return Err(Refusal::NotAnElement);
        }
        return one(tree.node_span(&node), quote(with));
    }
    let (token, escape) = content(tree, span).ok_or(Refusal::NotAnElement)?;
    words_of(tree, &token, statement)?;
    one(span, escape.write(with))
}
