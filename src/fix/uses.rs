//! Where a set that a `let` names is used as an option.
//!
//! What several places read is not changed for one of them: the use is changed, not what it comes
//! from.

use std::sync::Arc;

use rnix::ast::{self, BinOpKind};
use rnix::{SyntaxKind, SyntaxNode};
use rowan::ast::AstNode;

use super::entry::Entry;
use super::insert::{self, NewBinding};
use super::set::is_operand;
use super::sharing::uses_of;
use super::spot::{self, is_nothing_without};
use super::tree::{Tree, bound_by, is_entry, path_names, plain_set, value_of};
use super::{Refusal, render};
use crate::model::OptionPath;
use crate::syntax::Style;
use crate::text::{EditSet, TextEdit};

/// The places that use a set.
pub(super) struct Uses {
    /// The option that the set stands for at those of `own`.
    pub option: OptionPath,
    /// Those that give the option its value.
    pub own: Vec<Use>,
    /// True when there are others.
    pub others: bool,
}

/// A place that uses a set as an option's value.
pub(super) struct Use {
    /// The name.
    pub name: SyntaxNode,
    /// The binding whose value it is, or a part of it.
    pub entry: SyntaxNode,
}

/// The uses of the set around an entry, when a name of a `let` stands for it. `None` when the set
/// has no such name, or says all of the option's path itself.
pub(super) fn of(tree: &Tree<'_>, entry: &Entry, option: &OptionPath) -> Option<Uses> {
    let (set, prefix) = spot::loose_end(&entry.node, option, entry.end)?;
    let binding = bound_by(&set).filter(is_bound_by_let)?;
    let names = path_names(&binding)?;
    let [name] = names.as_slice() else {
        return None;
    };
    if plain_set(&value_of(&binding)?)? != set {
        return None;
    }
    let mut uses = Uses {
        option: OptionPath::new(prefix.iter().map(AsRef::as_ref)),
        own: Vec::new(),
        others: false,
    };
    for name in uses_of(&tree.root, name) {
        let found = entry_of(&name).map(|entry| (path_to(&entry), entry));
        match found
            .as_ref()
            .and_then(|(path, _)| path.strip_suffix(prefix.as_slice()))
        {
            Some(lead) if !is_module(lead) => return None,
            Some(_) => uses.own.extend(found.map(|(_, entry)| Use { name, entry })),
            None => uses.others = true,
        }
    }
    Some(uses)
}

/// True when names in front of an option's path lead to a module: to that of the file, to one in a
/// list of modules, or to one of home-manager.
fn is_module(lead: &[Arc<str>]) -> bool {
    let lead = match lead {
        [lead @ .., last] if **last == *"config" => lead,
        lead => lead,
    };
    let (Some(first), Some(last)) = (lead.first(), lead.last()) else {
        return true;
    };
    **first == *"home-manager" || **last == *"imports" || last.to_lowercase().ends_with("modules")
}

fn is_bound_by_let(binding: &SyntaxNode) -> bool {
    binding.parent().is_some_and(|parent| {
        matches!(
            parent.kind(),
            SyntaxKind::NODE_LET_IN | SyntaxKind::NODE_LEGACY_LET
        )
    })
}

/// The binding whose value a name is, be it with a strength, under a condition, or one of several
/// that are put together.
fn entry_of(name: &SyntaxNode) -> Option<SyntaxNode> {
    let mut node = name.clone();
    loop {
        let parent = node.parent()?;
        let goes_on = match parent.kind() {
            SyntaxKind::NODE_ATTRPATH_VALUE => {
                return (!is_bound_by_let(&parent)).then_some(parent);
            }
            SyntaxKind::NODE_PAREN => true,
            SyntaxKind::NODE_BIN_OP => is_update(&parent),
            SyntaxKind::NODE_APPLY => is_nothing_without(&parent, &node),
            SyntaxKind::NODE_LIST => spot::is_merged(&parent),
            SyntaxKind::NODE_LET_IN => ast::LetIn::cast(parent.clone())?.body()?.syntax() == &node,
            _ => false,
        };
        if !goes_on {
            return None;
        }
        node = parent;
    }
}

fn is_update(node: &SyntaxNode) -> bool {
    ast::BinOp::cast(node.clone())
        .is_some_and(|operation| operation.operator() == Some(BinOpKind::Update))
}

/// All names that lead to a binding's value, up to the next `let` or the file.
fn path_to(entry: &SyntaxNode) -> Vec<Arc<str>> {
    let mut path = Vec::new();
    for node in entry.ancestors().filter(is_entry) {
        if is_bound_by_let(&node) {
            break;
        }
        path.splice(0..0, path_names(&node).unwrap_or_default());
    }
    path
}

impl Use {
    /// The expression that takes more settings: the name with what is put together with it; and
    /// the set at its end, if one is written there.
    pub fn whole(&self) -> (SyntaxNode, Option<SyntaxNode>) {
        let mut whole = self.name.clone();
        while let Some(parent) = whole.parent()
            && (is_update(&parent)
                || (parent.kind() == SyntaxKind::NODE_PAREN
                    && parent.parent().is_some_and(|outer| is_update(&outer))))
        {
            whole = parent;
        }
        let last = ast::BinOp::cast(whole.clone())
            .and_then(|operation| operation.rhs())
            .and_then(|right| plain_set(right.syntax()));
        (whole, last)
    }

    /// Writes a setting that goes before what the name gives.
    pub fn put(
        &self,
        tree: &Tree<'_>,
        style: &Style,
        name: &Arc<str>,
        new: &NewBinding<'_>,
    ) -> Result<EditSet, Refusal> {
        let (whole, last) = self.whole();
        if let Some(set) = last {
            let spot = spot::inside(set, vec![Arc::clone(name)], &self.entry)?;
            return insert::at(tree, style, &spot, new);
        }
        let span = tree.node_span(&whole);
        let (source, newline) = (tree.slice(span), style.newline);
        let mut edits = EditSet::new();
        let is_long = insert::new_set(style, name, new, "").contains('\n');
        let around = self.entry.parent().filter(|_| is_long);
        let room = match around.filter(|around| around.kind() == SyntaxKind::NODE_ATTR_SET) {
            Some(around) => insert::make_room(tree, style, &around, &mut edits)?,
            None => None,
        };
        let outer = room.as_deref().unwrap_or_else(|| tree.indent(span.start));
        let set = |indent: &str| insert::new_set(style, name, new, indent);
        let text = if !is_operand(&whole) {
            format!("{source} // {}", set(outer))
        } else if is_long {
            let inner = format!("{outer}{}", style.unit);
            let source = render::reindent(source, outer, &inner);
            let set = set(&inner);
            format!("({newline}{inner}{source}{newline}{inner}// {set}{newline}{outer})")
        } else {
            format!("({source} // {})", set(outer))
        };
        edits.insert(TextEdit { span, text })?;
        Ok(edits)
    }
}
