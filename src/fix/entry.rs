//! The statement that a definition is, found in the tree of a draft.

use rnix::{SyntaxKind, SyntaxNode};

use super::draft::Draft;
use super::tree::{Tree, is_entry, path_names, path_nodes};
use super::{Refusal, sharing};
use crate::model::{Condition, Definition, Form, Order, Priority, Workspace};
use crate::text::{FileId, Place, Span};

/// The statement of a definition in a tree.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// A binding or an `inherit`.
    pub node: SyntaxNode,
    /// How many names of the binding's path belong to the option; a longer path defines a part
    /// of it.
    pub end: usize,
}

pub(super) fn statement(definition: &Definition) -> Result<Place, Refusal> {
    definition.statement.ok_or(Refusal::NotFound)
}

pub(super) fn name(definition: &Definition) -> Result<Place, Refusal> {
    definition.name.ok_or(Refusal::NotFound)
}

/// Where a definition's statement stands in the draft of a file; `None` in any other file.
pub(super) fn statement_in(draft: &Draft, definition: &Definition, file: FileId) -> Option<Span> {
    let place = definition.statement.filter(|place| place.file == file)?;
    draft.locate(place.span)
}

/// Refuses an element of a statement, or a word of a line, whose value others use.
pub(super) fn unshared(
    draft: &Draft,
    tree: &Tree<'_>,
    definition: &Definition,
    item: Place,
) -> Result<(), Refusal> {
    let inside = definition
        .statement
        .is_some_and(|place| place.file == item.file && place.span.contains(item.span));
    match definition.form {
        Form::Binding if inside => entry(draft, tree, definition).map(|_| ()),
        Form::TextLine if inside => {
            let words = draft.locate(item.span).ok_or(Refusal::Conflict)?;
            sharing::line(tree, words)
        }
        _ => Ok(()),
    }
}

/// Finds the statement of a definition that changes.
pub(super) fn entry(
    draft: &Draft,
    tree: &Tree<'_>,
    definition: &Definition,
) -> Result<Entry, Refusal> {
    let entry = statement_entry(draft, tree, definition)?;
    let name = definition.name.and_then(|name| draft.locate(name.span));
    sharing::name(&entry.node, tree, name)?;
    Ok(entry)
}

/// Finds a definition's statement, which nothing else reads, in the tree of its draft.
pub(super) fn statement_entry(
    draft: &Draft,
    tree: &Tree<'_>,
    definition: &Definition,
) -> Result<Entry, Refusal> {
    let entry = shared_entry(draft, tree, definition)?;
    sharing::statement(&entry, tree, &definition.option)?;
    Ok(entry)
}

/// Finds a definition's statement in the tree of its draft, whoever reads it.
pub(super) fn shared_entry(
    draft: &Draft,
    tree: &Tree<'_>,
    definition: &Definition,
) -> Result<Entry, Refusal> {
    let span = draft
        .locate(statement(definition)?.span)
        .ok_or(Refusal::Conflict)?;
    let node = tree
        .exact(span, |kind| {
            matches!(
                kind,
                SyntaxKind::NODE_ATTRPATH_VALUE | SyntaxKind::NODE_INHERIT
            )
        })
        .filter(is_entry)
        .ok_or(Refusal::NotFound)?;
    if path_names(&node).is_none() && node.kind() == SyntaxKind::NODE_ATTRPATH_VALUE {
        return Err(Refusal::Computed);
    }
    let name = definition.name.and_then(|name| draft.locate(name.span));
    let nodes = path_nodes(&node);
    let end = name
        .and_then(|name| nodes.iter().position(|node| tree.node_span(node) == name))
        .map_or(nodes.len(), |index| index + 1);
    Ok(Entry { node, end })
}

/// True when the definition's statement makes several definitions of one machine: `mkMerge` of
/// several values.
pub(super) fn is_one_of_several(workspace: &Workspace, definition: &Definition) -> bool {
    workspace.machines_of(definition.id).any(|machine| {
        let mut definitions = machine.definitions.iter();
        definitions.any(|id| {
            workspace.definition(*id).is_some_and(|other| {
                other.statement == definition.statement
                    && other.option == definition.option
                    && other.setting == definition.setting
                    && other.form == Form::Binding
                    && other.value.site != definition.value.site
            })
        })
    })
}

/// True when nothing that stands around a definition decides whether, or how strongly, it counts.
pub(super) fn is_bare(workspace: &Workspace, definition: &Definition) -> bool {
    definition.priority == Priority::NORMAL
        && definition.set_priority == Priority::NORMAL
        && definition.order == Order::NORMAL
        && holds_everywhere(workspace, definition)
}

/// True when every machine that reads the definition's file has the definition, without condition:
/// what stands outside of the expressions around it reaches the same machines.
pub(super) fn holds_everywhere(workspace: &Workspace, definition: &Definition) -> bool {
    let Some(place) = definition.statement else {
        return definition.condition == Condition::Always;
    };
    workspace
        .machines()
        .iter()
        .filter(|machine| machine.files.contains(&place.file))
        .all(|machine| {
            let mut here = machine
                .definitions
                .iter()
                .filter_map(|id| workspace.definition(*id))
                .filter(|other| {
                    other.statement == definition.statement && other.option == definition.option
                })
                .peekable();
            here.peek().is_some() && here.all(|other| other.condition == Condition::Always)
        })
}

/// The expression that stands for a definition's value in its own statement at `place`.
pub(super) fn site_in(definition: &Definition, place: Place) -> Option<Place> {
    let site = definition.value.site?;
    (site.file == place.file && place.span.contains(site.span)).then_some(site)
}

/// What is read of a definition's statement, by whichever machine: itself included.
pub(super) fn readings_of<'w>(
    workspace: &'w Workspace,
    definition: &Definition,
) -> impl Iterator<Item = &'w Definition> {
    let (statement, option) = (definition.statement, definition.option.clone());
    let all = workspace.definitions().iter();
    all.filter(move |other| other.statement == statement && other.option == option)
}
