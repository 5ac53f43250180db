//! Where a new definition belongs: beside its kin, in the set that already holds them.

use std::sync::Arc;

use rnix::ast::{self};
use rnix::{SyntaxKind, SyntaxNode};
use rowan::ast::AstNode;

use super::Refusal;
use super::entry::Entry;
use super::render::path;
use super::tree::{bracket, entries, path_names, plain_set, value_of};
use crate::model::OptionPath;

type Names = Vec<Arc<str>>;

/// A place for a new binding.
#[derive(Debug)]
pub(super) struct Spot {
    /// The set that gets it.
    pub set: SyntaxNode,
    /// What has to be written of the option's path there.
    pub names: Names,
    /// How many of the names open a set of their own: `nix.gc = { automatic = …; };` has 2 of 3.
    /// All of them for a dotted binding.
    pub outer: usize,
    /// The entry that it stands behind; `None` for the first place of the set.
    pub after: Option<SyntaxNode>,
}

/// A set around the entry, with the options that it holds.
struct Level {
    set: SyntaxNode,
    /// The option path of the set itself.
    prefix: Names,
    /// Names that are written in front of an option's path there: `config`.
    lead: Names,
    /// True when an expression such as `mkIf c { … }` lies between this set and the definition.
    wrapped: bool,
    /// True when names are bound between this set and the definition.
    scoped: bool,
}

/// The definition near which another one shall stand.
pub(super) struct Near<'n> {
    /// Its statement.
    pub entry: &'n Entry,
    /// Its option.
    pub option: &'n OptionPath,
    /// True when the new place may lie outside of the expressions around it.
    pub bare: bool,
    /// True when what is written there uses names that may be bound around it.
    pub uses_names: bool,
}

/// Finds the place for `option`.
pub(super) fn find(near: &Near<'_>, option: &OptionPath) -> Result<Spot, Refusal> {
    let entry = &near.entry.node;
    for level in levels(entry, near.option, near.entry.end) {
        let names = option.names();
        if names.len() <= level.prefix.len() || !names.starts_with(&level.prefix) {
            continue;
        }
        if level.wrapped && !near.bare {
            return Err(Refusal::Wrapped);
        }
        if level.scoped && near.uses_names {
            return Err(Refusal::Scoped);
        }
        let rest: Names = level
            .lead
            .iter()
            .chain(names.iter().skip(level.prefix.len()))
            .cloned()
            .collect();
        let (set, rest) = descend(level.set, rest)?;
        return Ok(within(set, rest, entry));
    }
    Err(Refusal::NotFound)
}

/// The sets around an entry, from the inside out, as far as they belong to the option's path.
fn levels(entry: &SyntaxNode, near: &OptionPath, end: usize) -> Vec<Level> {
    let mut found = Vec::new();
    let option = near.names();
    let mut own: Names = match entry.kind() {
        SyntaxKind::NODE_INHERIT => option.last().cloned().into_iter().collect(),
        _ => match path_names(entry) {
            Some(names) => names.into_iter().take(end).collect(),
            None => return found,
        },
    };
    let mut prefix: Names = option.to_vec();
    let mut entry = entry.clone();
    let (mut wrapped, mut scoped) = (false, false);
    loop {
        let lead: Names = if prefix.ends_with(&own) {
            prefix.truncate(prefix.len() - own.len());
            Vec::new()
        } else if own.ends_with(&prefix) {
            let lead = own.len() - prefix.len();
            prefix.clear();
            own.into_iter().take(lead).collect()
        } else {
            return found;
        };
        let Some(set) = entry.parent() else {
            return found;
        };
        if set.kind() != SyntaxKind::NODE_ATTR_SET {
            return found;
        }
        found.push(Level {
            set: set.clone(),
            prefix: prefix.clone(),
            lead,
            wrapped,
            scoped,
        });
        if prefix.is_empty() {
            return found;
        }
        let outer = set
            .ancestors()
            .skip(1)
            .find(|node| node.kind() == SyntaxKind::NODE_ATTRPATH_VALUE);
        let Some(outer) = outer else { return found };
        let Some(names) = path_names(&outer) else {
            return found;
        };
        for node in set.ancestors().take_while(|node| *node != outer) {
            wrapped |= decides(&node);
            scoped |= binds_names(&node);
        }
        own = names;
        entry = outer;
    }
}

/// The outermost set of an entry that says less than the whole option path around it: it stands
/// behind a name, an argument or in a file of its own. `None` where the path is complete.
pub(super) fn loose_end(entry: &SyntaxNode, option: &OptionPath, end: usize) -> Option<SyntaxNode> {
    let level = levels(entry, option, end).pop()?;
    (!level.prefix.is_empty()).then_some(level.set)
}

/// True for expressions that may decide whether, or how strongly, what they hold counts.
fn decides(node: &SyntaxNode) -> bool {
    matches!(
        node.kind(),
        SyntaxKind::NODE_APPLY
            | SyntaxKind::NODE_IF_ELSE
            | SyntaxKind::NODE_ASSERT
            | SyntaxKind::NODE_LAMBDA
    )
}

/// True for expressions that bind names for what they hold.
pub(super) fn binds_names(node: &SyntaxNode) -> bool {
    match node.kind() {
        SyntaxKind::NODE_LET_IN
        | SyntaxKind::NODE_LEGACY_LET
        | SyntaxKind::NODE_WITH
        | SyntaxKind::NODE_LAMBDA => true,
        SyntaxKind::NODE_ATTR_SET => bracket(node, SyntaxKind::TOKEN_REC).is_some(),
        _ => false,
    }
}

/// Goes into the sets that already hold the leading names.
fn descend(set: SyntaxNode, names: Names) -> Result<(SyntaxNode, Names), Refusal> {
    let (mut set, mut names) = (set, names);
    loop {
        let mut inner: Option<(SyntaxNode, usize)> = None;
        // Names that a dotted binding of the set shares: what is beside it cannot be inside of
        // another set as well.
        let mut dotted = 0;
        for entry in entries(&set) {
            if entry.kind() == SyntaxKind::NODE_INHERIT {
                if names.first().is_some_and(|name| inherits(&entry, name)) {
                    return Err(taken(&names, 1));
                }
                continue;
            }
            let Some(path) = path_names(&entry) else {
                continue;
            };
            if path.starts_with(&names) {
                return Err(Refusal::Exists(self::path(&names)));
            }
            if !names.starts_with(&path) {
                let shared = names.iter().zip(&path).take_while(|(a, b)| a == b);
                dotted = dotted.max(shared.count());
                continue;
            }
            let value = value_of(&entry).and_then(|value| plain_set(&value));
            let Some(value) = value else {
                return Err(taken(&names, path.len()));
            };
            if inner
                .as_ref()
                .is_none_or(|(_, length)| path.len() > *length)
            {
                inner = Some((value, path.len()));
            }
        }
        match inner {
            Some((value, length)) if length >= dotted => {
                set = value;
                names.drain(..length);
            }
            _ => return Ok((set, names)),
        }
    }
}

/// The refusal for a name that holds something else than a set.
fn taken(names: &[Arc<str>], length: usize) -> Refusal {
    let shown = path(names.get(..length).unwrap_or(names));
    if length == names.len() {
        Refusal::Exists(shown)
    } else {
        Refusal::NotASet(shown)
    }
}

fn inherits(inherit: &SyntaxNode, name: &str) -> bool {
    ast::Inherit::cast(inherit.clone()).is_some_and(|inherit| {
        inherit
            .attrs()
            .any(|attr| crate::syntax::static_name(&attr).is_some_and(|found| *found == *name))
    })
}

/// The spelling and the neighbor in the set that gets the binding.
fn within(set: SyntaxNode, names: Names, entry: &SyntaxNode) -> Spot {
    let members: Vec<(SyntaxNode, Names)> = entries(&set)
        .map(|entry| {
            let names = path_names(&entry).unwrap_or_default();
            (entry, names)
        })
        .collect();
    let common = |other: &[Arc<str>]| {
        names
            .iter()
            .zip(other)
            .take_while(|(one, other)| one == other)
            .count()
    };
    let nearest = members
        .iter()
        .map(|(_, other)| common(other))
        .max()
        .unwrap_or(0);
    let kin: Vec<&(SyntaxNode, Names)> = members
        .iter()
        .filter(|(_, other)| common(other) == nearest)
        .collect();
    let outer = outer_names(&names, &kin, nearest);
    // The entry that led here, when it is one of the kin; otherwise the last of them.
    let own = members
        .iter()
        .find(|(member, _)| entry.ancestors().any(|outer| outer == *member))
        .filter(|(_, other)| nearest == 0 || common(other) == nearest);
    let after = match sorted_place(&members, &names) {
        Some(place) => place,
        None => own
            .or(kin.last().copied())
            .or(members.last())
            .map(|(entry, _)| entry.clone()),
    };
    Spot {
        set,
        names,
        outer,
        after,
    }
}

/// How many names are written in front of a set of their own. The neighbors decide: where they
/// are sets, the new one is a set; where they are dotted, it is dotted.
fn outer_names(names: &[Arc<str>], kin: &[&(SyntaxNode, Names)], common: usize) -> usize {
    let whole = names.len();
    let is_set = |entry: &SyntaxNode| {
        value_of(entry).is_some_and(|value| {
            // `{ }` alone says nothing about habits, a set behind `mkIf` or `//` does.
            value.kind() == SyntaxKind::NODE_ATTR_SET
                || value
                    .descendants()
                    .any(|node| node.kind() == SyntaxKind::NODE_ATTR_SET)
        })
    };
    let mut sets: Vec<usize> = Vec::new();
    let mut dotted = 0usize;
    for (entry, other) in kin {
        let longer = other.len() > common;
        if other.len() < whole && longer && is_set(entry) {
            sets.push(other.len());
        } else if other.len() > common + 1 {
            dotted += 1;
        }
    }
    match sets.last() {
        Some(length) if sets.len() >= dotted => *length,
        _ => whole,
    }
}

/// The neighbor that keeps the order of a set that is sorted by name; `None` for one that is
/// not. The inner `None` is the first place.
#[allow(clippy::option_option)]
fn sorted_place(members: &[(SyntaxNode, Names)], names: &[Arc<str>]) -> Option<Option<SyntaxNode>> {
    const FEWEST: usize = 4;
    let bindings: Vec<&(SyntaxNode, Names)> = members
        .iter()
        .filter(|(entry, _)| entry.kind() == SyntaxKind::NODE_ATTRPATH_VALUE)
        .collect();
    let sorted = bindings.len() >= FEWEST
        && bindings
            .iter()
            .zip(bindings.iter().skip(1))
            .all(|((_, one), (_, next))| one < next);
    if !sorted {
        return None;
    }
    let before = bindings
        .iter()
        .rev()
        .find(|(_, other)| other.as_slice() < names);
    match before {
        Some((entry, _)) => Some(Some(entry.clone())),
        // In front of the first binding, but behind what is inherited.
        None => Some(
            members
                .iter()
                .take_while(|(entry, _)| entry.kind() == SyntaxKind::NODE_INHERIT)
                .last()
                .map(|(entry, _)| entry.clone()),
        ),
    }
}
