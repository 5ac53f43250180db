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
    /// Under what the definition near it counts and the set does not stand: the `mkIf c` of
    /// `mkIf c { … }`, from the outside in.
    pub conditions: Vec<SyntaxNode>,
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
    /// The conditions among these expressions, from the outside in; `None` when something else
    /// decides whether the definition counts.
    conditions: Option<Vec<SyntaxNode>>,
    /// True when names are bound between this set and the definition.
    scoped: bool,
}

impl Level {
    /// How many names of an option the set shares with it: its own, and those of the closest
    /// entry in it that does not lead to `entry`.
    fn kinship(&self, option: &[Arc<str>], entry: &SyntaxNode) -> usize {
        let shared = |names: &[Arc<str>]| {
            let both = option.iter().zip(names);
            both.take_while(|(one, other)| one == other).count()
        };
        let closest = entries(&self.set)
            .filter(|other| !entry.ancestors().any(|outer| outer == *other))
            .filter_map(|other| path_names(&other))
            .filter_map(|names| {
                let rest = names.strip_prefix(self.lead.as_slice())?;
                let whole: Names = self.prefix.iter().chain(rest).cloned().collect();
                Some(shared(&whole))
            })
            .max();
        shared(&self.prefix).max(closest.unwrap_or(0))
    }
}

/// The definition near which another one shall stand.
pub(super) struct Near<'n> {
    /// Its statement.
    pub entry: &'n Entry,
    /// Its option.
    pub option: &'n OptionPath,
    /// True when the new place may lie outside of the expressions around it.
    pub bare: bool,
    /// True when what is written there can be put under a condition.
    pub takes_conditions: bool,
    /// True when what is written there uses names that may be bound around it.
    pub uses_names: bool,
}

/// Finds the place for `option`.
pub(super) fn find(near: &Near<'_>, option: &OptionPath) -> Result<Spot, Refusal> {
    let entry = &near.entry.node;
    let names = option.names();
    if let Some(refusal) = no_place(entry, near.option, near.entry.end, option) {
        return Err(refusal);
    }
    let level = level_for(entry, near.option, near.entry.end, names).ok_or(Refusal::NotFound)?;
    let conditions = if near.bare {
        Vec::new()
    } else {
        conditions_between(&level, entry, near.takes_conditions)?
    };
    let uses_names = near.uses_names || !conditions.is_empty();
    if level.scoped && uses_names {
        return Err(Refusal::Scoped);
    }
    let rest: Names = level
        .lead
        .iter()
        .chain(names.iter().skip(level.prefix.len()))
        .cloned()
        .collect();
    let (set, rest) = descend(level.set, rest, uses_names)?;
    Ok(Spot {
        conditions,
        ..within(set, rest, entry)
    })
}

/// The conditions under which an entry counts and the set of a level does not stand.
fn conditions_between(
    level: &Level,
    entry: &SyntaxNode,
    takes_conditions: bool,
) -> Result<Vec<SyntaxNode>, Refusal> {
    let own = value_of(entry).map_or(Some(Vec::new()), |value| conditions_of(&value));
    if level.wrapped || own.as_ref().is_none_or(|own| !own.is_empty()) {
        let both = level.conditions.clone().zip(own);
        let both = both.filter(|_| takes_conditions);
        let (mut around, own) = both.ok_or(Refusal::Wrapped)?;
        around.extend(own);
        return Ok(around);
    }
    Ok(Vec::new())
}

/// True when an option would have to stand in another set than the entry does.
pub(super) fn belongs_elsewhere(entry: &Entry, option: &OptionPath, wanted: &[Arc<str>]) -> bool {
    let set = entry.node.parent();
    level_for(&entry.node, option, entry.end, wanted)
        .is_none_or(|level| Some(&level.set) != set.as_ref())
}

/// The innermost set around an entry that holds what is closest to the option `wanted`: with
/// `nix.gc.x = 1; nix = { … };` no `gc` goes into the braces, since Nix would call it a duplicate.
fn level_for(
    entry: &SyntaxNode,
    near: &OptionPath,
    end: usize,
    wanted: &[Arc<str>],
) -> Option<Level> {
    let mut levels = levels(entry, near, end);
    levels.retain(|level| wanted.len() > level.prefix.len() && wanted.starts_with(&level.prefix));
    // Of equals, `max_by_key` takes the last one.
    levels
        .into_iter()
        .rev()
        .max_by_key(|level| level.kinship(wanted, entry))
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
    let mut conditions = Some(Vec::new());
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
            conditions: conditions.clone(),
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
            conditions = conditions.and_then(|inner| with_condition(&node, inner));
            scoped |= binds_names(&node);
        }
        own = names;
        entry = outer;
    }
}

/// The outermost set of an entry that says less than the whole option path around it: it stands
/// behind a name, an argument or in a file of its own; and the path that it stands for. `None`
/// where the path is complete.
pub(super) fn loose_end(
    entry: &SyntaxNode,
    option: &OptionPath,
    end: usize,
) -> Option<(SyntaxNode, Vec<Arc<str>>)> {
    let level = levels(entry, option, end).pop()?;
    (!level.prefix.is_empty()).then_some((level.set, level.prefix))
}

/// The place for a binding of `names` in a set, whatever it stands near.
pub(super) fn inside(set: SyntaxNode, names: Names, entry: &SyntaxNode) -> Result<Spot, Refusal> {
    let (set, rest) = descend(set, names, false)?;
    Ok(within(set, rest, entry))
}

/// Why no set around an entry can take an option; `None` when one can.
pub(super) fn no_place(
    entry: &SyntaxNode,
    near: &OptionPath,
    end: usize,
    wanted: &OptionPath,
) -> Option<Refusal> {
    if level_for(entry, near, end, wanted.names()).is_some() {
        return None;
    }
    let Some((_, names)) = loose_end(entry, near, end) else {
        return Some(Refusal::NotFound);
    };
    Some(Refusal::NoPlace {
        set: path(&names),
        option: wanted.to_string(),
    })
}

/// The conditions that a value comes with, from the outside in: the `mkIf c` of `mkIf c 1`. What
/// stands beside it is not under them. `None` for functions that may stand for such.
fn conditions_of(value: &SyntaxNode) -> Option<Vec<SyntaxNode>> {
    let inner = match value.kind() {
        SyntaxKind::NODE_PAREN => value.children().next(),
        SyntaxKind::NODE_APPLY => {
            let (function, argument) = applied(value)?;
            if function == "mkIf" {
                let mut conditions = vec![value.children().next()?];
                conditions.extend(conditions_of(&argument)?);
                return Some(conditions);
            }
            if !STRENGTHS.contains(&function.as_str()) {
                return None;
            }
            Some(argument)
        }
        _ => None,
    };
    inner.map_or(Some(Vec::new()), |inner| conditions_of(&inner))
}

/// Conditions around a set with that of an expression further out. `None` when the expression
/// decides otherwise.
fn with_condition(outer: &SyntaxNode, inner: Vec<SyntaxNode>) -> Option<Vec<SyntaxNode>> {
    if !decides(outer) {
        return Some(inner);
    }
    let (function, _) = applied(outer)?;
    if function == "mkIf" {
        let own = outer.children().next()?;
        return Some(std::iter::once(own).chain(inner).collect());
    }
    (STRENGTHS.contains(&function.as_str()) || function == "mkMerge").then_some(inner)
}

/// Functions of nixpkgs that say how strongly a value counts, not whether it does.
const STRENGTHS: [&str; 6] = [
    "mkDefault",
    "mkForce",
    "mkOverride",
    "mkBefore",
    "mkAfter",
    "mkOrder",
];

/// The value in `mkForce 1` and its like; `None` for other applications.
pub(super) fn strength_of(application: &SyntaxNode) -> Option<SyntaxNode> {
    let (function, argument) = applied(application)?;
    STRENGTHS.contains(&function.as_str()).then_some(argument)
}

/// True for an application that may make more of its argument than a plain value: `mkForce 1`,
/// `mkIf c 1`.
pub(super) fn may_not_be_plain(application: &SyntaxNode) -> bool {
    applied(application).is_some_and(|(function, _)| {
        STRENGTHS.contains(&function.as_str()) || function == "mkIf" || function == "mkMerge"
    })
}

/// True when an application of a function of nixpkgs makes nothing of an empty `argument`.
pub(super) fn is_nothing_without(application: &SyntaxNode, argument: &SyntaxNode) -> bool {
    applied(application).is_some_and(|(function, last)| {
        last == *argument
            && (STRENGTHS.contains(&function.as_str())
                || matches!(function.as_str(), "mkIf" | "optionalAttrs"))
    })
}

/// True for the list in `mkMerge [ … ]`.
pub(super) fn is_merged(list: &SyntaxNode) -> bool {
    list.parent()
        .and_then(|parent| applied(&parent))
        .is_some_and(|(function, last)| function == "mkMerge" && last == *list)
}

/// The last name of the function that an application calls, and its last argument.
fn applied(application: &SyntaxNode) -> Option<(String, SyntaxNode)> {
    let mut function = ast::Apply::cast(application.clone())?;
    let argument = function.argument()?.syntax().clone();
    loop {
        match function.lambda()? {
            ast::Expr::Apply(inner) => function = inner,
            ast::Expr::Ident(name) => return Some((name.to_string(), argument)),
            ast::Expr::Select(select) => {
                let name = select.attrpath()?.attrs().last()?.to_string();
                return Some((name, argument));
            }
            _ => return None,
        }
    }
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

/// Goes into the sets that already hold the leading names. What uses names stays outside of sets
/// in which they may mean something else.
fn descend(
    set: SyntaxNode,
    names: Names,
    uses_names: bool,
) -> Result<(SyntaxNode, Names), Refusal> {
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
            let value = value_of(&entry).and_then(|value| open_set(&value));
            let value = value.filter(|set| {
                let mut around = set.ancestors().take_while(|outer| *outer != entry);
                !uses_names || !around.any(|outer| binds_names(&outer))
            });
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

/// The set written in an expression whose members count whenever the expression does: behind
/// `//`, in a list of `mkMerge`, under a name of its own.
fn open_set(expression: &SyntaxNode) -> Option<SyntaxNode> {
    if let Some(set) = plain_set(expression) {
        return Some(set);
    }
    match ast::Expr::cast(expression.clone())? {
        ast::Expr::Paren(paren) => open_set(paren.expr()?.syntax()),
        ast::Expr::LetIn(bindings) => open_set(bindings.body()?.syntax()),
        ast::Expr::With(with) => open_set(with.body()?.syntax()),
        ast::Expr::BinOp(operation) => {
            if operation.operator()? != ast::BinOpKind::Update {
                return None;
            }
            // What stands on the right goes before what stands on the left.
            let (left, right) = (operation.lhs()?, operation.rhs()?);
            open_set(right.syntax()).or_else(|| open_set(left.syntax()))
        }
        ast::Expr::Apply(_) => {
            // Not in a set that `mkForce` makes stronger: the new option would be, too.
            let (_, argument) = applied(expression).filter(|(name, _)| name == "mkMerge")?;
            let list = ast::List::cast(argument)?;
            list.items().find_map(|item| open_set(item.syntax()))
        }
        _ => None,
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
        conditions: Vec::new(),
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
