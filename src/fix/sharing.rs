//! Whether text is read for one definition alone.
//!
//! What a name of a `let` stands for may be used in several places, also in ones that are no
//! option nixtune knows. Text behind such a name is changed only if the name is used once.

use rnix::{NodeOrToken, SyntaxKind, SyntaxNode};

use super::entry::Entry;
use super::tree::{Tree, is_entry, path_names};
use super::{Refusal, spot, uses};
use crate::model::OptionPath;
use crate::text::Span;

/// How many names are followed from one to the next.
pub(super) const MOST_NAMES: usize = 100;

/// Refuses an element of a list that does not stand in the definition's own statement, unless
/// every name on the way there is used once.
pub(super) fn element(
    tree: &Tree<'_>,
    item: &SyntaxNode,
    statement: Option<Span>,
) -> Result<(), Refusal> {
    let mut node = item.clone();
    for _ in 0..MOST_NAMES {
        if statement.is_some_and(|statement| statement.contains(tree.node_span(&node))) {
            return Ok(());
        }
        let Some(binding) = bound_in_let(&node) else {
            return Err(Refusal::Shared);
        };
        node = only_use(tree, &binding)?;
    }
    Err(Refusal::Shared)
}

/// Refuses a statement of a set that stands behind a name which is used for something else, too.
pub(super) fn statement(
    entry: &Entry,
    tree: &Tree<'_>,
    option: &OptionPath,
) -> Result<(), Refusal> {
    let Some((mut node, _)) = spot::loose_end(&entry.node, option, entry.end) else {
        return Ok(());
    };
    // What all uses are made of changes for all of them.
    if uses::of(tree, entry, option).is_some_and(|uses| !uses.others) {
        return Ok(());
    }
    for _ in 0..MOST_NAMES {
        let Some(binding) = bound_in_let(&node) else {
            return Ok(());
        };
        node = only_use(tree, &binding)?;
    }
    Err(Refusal::Shared)
}

/// Refuses a line of a text that others read, too.
pub(super) fn line(tree: &Tree<'_>, words: Span) -> Result<(), Refusal> {
    let mut node = match tree.covering(words) {
        Some(NodeOrToken::Node(node)) => node,
        Some(NodeOrToken::Token(token)) => token.parent().ok_or(Refusal::NotFound)?,
        None => return Err(Refusal::NotFound),
    };
    for _ in 0..MOST_NAMES {
        let entry = node.ancestors().skip(1).find(is_entry);
        match bound_in_let(&node) {
            Some(binding) if Some(&binding) == entry.as_ref() => node = only_use(tree, &binding)?,
            _ => return Ok(()),
        }
    }
    Err(Refusal::Shared)
}

/// Refuses a definition whose name other values of a `rec` set use.
pub(super) fn name(entry: &SyntaxNode, tree: &Tree<'_>, name: Option<Span>) -> Result<(), Refusal> {
    let Some(set) = entry.parent().filter(spot::binds_names) else {
        return Ok(());
    };
    let name = name.map_or("", |name| tree.slice(name));
    match uses_of(&set, name).next() {
        Some(_) => Err(Refusal::Shared),
        None => Ok(()),
    }
}

/// True when a statement's value uses names.
pub(super) fn uses_names(entry: &SyntaxNode) -> bool {
    super::tree::value_of(entry).is_none_or(|value| {
        value
            .descendants()
            .filter(|node| node.kind() == SyntaxKind::NODE_IDENT)
            .filter(is_use)
            .any(|ident| {
                let text = ident.text().to_string();
                !matches!(text.as_str(), "true" | "false" | "null")
            })
    })
}

/// The binding of a `let` whose value holds `node`.
fn bound_in_let(node: &SyntaxNode) -> Option<SyntaxNode> {
    node.ancestors().skip(1).find(|outer| {
        outer.kind() == SyntaxKind::NODE_ATTRPATH_VALUE
            && outer.parent().is_some_and(|set| {
                matches!(
                    set.kind(),
                    SyntaxKind::NODE_LET_IN | SyntaxKind::NODE_LEGACY_LET
                )
            })
    })
}

/// The one place that uses a name of a `let`.
fn only_use(tree: &Tree<'_>, binding: &SyntaxNode) -> Result<SyntaxNode, Refusal> {
    let name = path_names(binding)
        .and_then(|names| names.into_iter().next())
        .ok_or(Refusal::Shared)?;
    let mut uses = uses_of(&tree.root, &name);
    match (uses.next(), uses.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(Refusal::Shared),
    }
}

/// The places below `root` that use a name.
pub(super) fn uses_of(root: &SyntaxNode, name: &str) -> impl Iterator<Item = SyntaxNode> {
    root.descendants_with_tokens()
        .filter_map(NodeOrToken::into_token)
        .filter(move |token| token.kind() == SyntaxKind::TOKEN_IDENT && token.text() == name)
        .filter_map(|token| token.parent())
        .filter(is_use)
}

/// False for the names of attributes and parameters.
fn is_use(ident: &SyntaxNode) -> bool {
    let kind = ident.parent().map(|parent| parent.kind());
    !matches!(
        kind,
        Some(
            SyntaxKind::NODE_ATTRPATH
                | SyntaxKind::NODE_PAT_ENTRY
                | SyntaxKind::NODE_IDENT_PARAM
                | SyntaxKind::NODE_PAT_BIND
        )
    )
}
