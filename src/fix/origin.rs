//! Where a value comes from, when nothing else comes from there.
//!
//! A person changes `jobs = 8` in the `let`, not `max-jobs = jobs` below it, as long as nothing
//! else uses `jobs`. Names are followed within one file.

use std::sync::Arc;

use rnix::ast::{self, HasEntry};
use rnix::{NodeOrToken, SyntaxKind, SyntaxNode};
use rowan::ast::AstNode;

use super::sharing::{MOST_NAMES, uses_of};
use super::spot::{may_not_be_plain, strength_of};
use super::tree::{Tree, path_names, value_of};
use crate::syntax::static_name;
use crate::text::Span;

/// A name with the names selected from it: `cfg.jobs`.
struct Reference {
    /// The place that says it; its scope counts.
    at: SyntaxNode,
    name: String,
    path: Vec<Arc<str>>,
}

/// The expression at `origin`, when `site` gets it through names that nothing else uses. `None`
/// when `site` is that expression itself, or when others use it, too.
pub(super) fn sole(tree: &Tree<'_>, site: &SyntaxNode, origin: Span) -> Option<SyntaxNode> {
    follow(tree, reference(site)?, origin)
}

/// As [`sole`], for a name that a set inherits.
pub(super) fn sole_inherited(
    tree: &Tree<'_>,
    inherit: &SyntaxNode,
    name: Span,
    origin: Span,
) -> Option<SyntaxNode> {
    let name = tree.slice(name).to_owned();
    let from = ast::Inherit::cast(inherit.clone())?.from();
    let reference = match from {
        None => Reference {
            at: inherit.clone(),
            name,
            path: Vec::new(),
        },
        Some(from) => {
            let mut base = reference(from.expr()?.syntax())?;
            base.path.push(name.into());
            base
        }
    };
    follow(tree, reference, origin)
}

/// The expression at `origin` that `site` names, and all places that use the name.
pub(super) fn shared(
    tree: &Tree<'_>,
    site: &SyntaxNode,
    origin: Span,
) -> Option<(SyntaxNode, Vec<SyntaxNode>)> {
    let reference = reference(site).filter(|reference| reference.path.is_empty())?;
    let value = unwrapped(binding_of(&reference)?);
    (tree.node_span(&value) == origin)
        .then(|| (value, uses_of(&tree.root, &reference.name).collect()))
}

fn follow(tree: &Tree<'_>, first: Reference, origin: Span) -> Option<SyntaxNode> {
    let mut next = first;
    for _ in 0..MOST_NAMES {
        let written = value_behind(tree, &next)?;
        let value = unwrapped(written.clone());
        // Parentheses may belong to the origin; they stay.
        let mut around = value.ancestors();
        if around.any(|node| tree.node_span(&node) == origin) {
            let inside = tree.node_span(&written).contains(origin);
            return inside.then_some(value);
        }
        next = reference(&value)?;
    }
    None
}

/// True when `site` is a name whose value says how strongly it counts, or whether: what replaces
/// the name would not.
pub(super) fn brings_wrapper(site: &SyntaxNode) -> bool {
    let mut next = reference(site);
    for _ in 0..MOST_NAMES {
        let Some(bound) = next.and_then(|next| {
            let bound = binding_of(&next)?;
            member(&bound, &next.path)
        }) else {
            return false;
        };
        if bound.kind() == SyntaxKind::NODE_APPLY && may_not_be_plain(&bound) {
            return true;
        }
        next = reference(&bound);
    }
    false
}

/// The value without parentheses and without what says how strongly it counts.
fn unwrapped(mut value: SyntaxNode) -> SyntaxNode {
    loop {
        let inner = match value.kind() {
            SyntaxKind::NODE_PAREN => value.children().next(),
            SyntaxKind::NODE_APPLY => strength_of(&value),
            _ => None,
        };
        match inner {
            Some(inner) => value = inner,
            None => return value,
        }
    }
}

fn reference(expression: &SyntaxNode) -> Option<Reference> {
    match ast::Expr::cast(unwrapped(expression.clone()))? {
        ast::Expr::Ident(ident) => Some(Reference {
            name: ident.to_string(),
            at: ident.syntax().clone(),
            path: Vec::new(),
        }),
        ast::Expr::Select(select) => {
            if select.or_token().is_some() {
                return None;
            }
            let base = reference(select.expr()?.syntax())?;
            let names: Option<Vec<_>> = select
                .attrpath()?
                .attrs()
                .map(|a| static_name(&a))
                .collect();
            let mut path = base.path;
            path.extend(names?);
            Some(Reference { path, ..base })
        }
        _ => None,
    }
}

/// The value that a name stands for, when this is the only place that uses it.
fn value_behind(tree: &Tree<'_>, reference: &Reference) -> Option<SyntaxNode> {
    let bound = binding_of(reference)?;
    // Another variable of the same name counts as a use, too: that errs on the safe side.
    let uses: Vec<SyntaxNode> = uses_of(&tree.root, &reference.name).collect();
    if reference.path.is_empty() {
        return (uses.len() == 1).then_some(bound);
    }
    let mut same = 0;
    for ident in &uses {
        for path in selected(ident)? {
            if path.starts_with(&reference.path) || reference.path.starts_with(&path) {
                same += 1;
            }
        }
    }
    if same == 1 {
        member(&bound, &reference.path)
    } else {
        None
    }
}

/// The paths that are taken from the set that `ident` names; `None` when the set is used as a
/// whole.
fn selected(ident: &SyntaxNode) -> Option<Vec<Vec<Arc<str>>>> {
    let parent = ident.parent()?;
    if let Some(select) = ast::Select::cast(parent.clone()) {
        let names: Option<Vec<_>> = select
            .attrpath()?
            .attrs()
            .map(|a| static_name(&a))
            .collect();
        let names = names?;
        // `inherit (cfg.nix) jobs;`
        return match parent
            .parent()
            .filter(|from| from.kind() == SyntaxKind::NODE_INHERIT_FROM)
        {
            Some(from) => inherited_from(&from, &names),
            None => Some(vec![names]),
        };
    }
    if parent.kind() == SyntaxKind::NODE_INHERIT_FROM {
        return inherited_from(&parent, &[]);
    }
    None
}

fn inherited_from(from: &SyntaxNode, prefix: &[Arc<str>]) -> Option<Vec<Vec<Arc<str>>>> {
    let inherit = ast::Inherit::cast(from.parent()?)?;
    inherit
        .attrs()
        .map(|attr| {
            let name = static_name(&attr)?;
            Some(prefix.iter().cloned().chain([name]).collect())
        })
        .collect()
}

/// The value at a path of a plain set.
fn member(set: &SyntaxNode, path: &[Arc<str>]) -> Option<SyntaxNode> {
    let mut set = set.clone();
    let mut path = path;
    while !path.is_empty() {
        let plain = ast::AttrSet::cast(unwrapped(set)).filter(|set| set.rec_token().is_none())?;
        let (binding, length) = plain.entries().find_map(|entry| {
            let names = path_names(entry.syntax())?;
            path.starts_with(&names)
                .then(|| (entry.syntax().clone(), names.len()))
        })?;
        set = value_of(&binding)?;
        path = path.get(length..)?;
    }
    Some(set)
}

/// The value that the innermost `let` or function head around a place gives a name.
fn binding_of(reference: &Reference) -> Option<SyntaxNode> {
    let binds = |entry: &SyntaxNode| {
        path_names(entry).is_some_and(|names| {
            names
                .first()
                .is_some_and(|first| **first == *reference.name)
        })
    };
    for scope in reference.at.ancestors() {
        match scope.kind() {
            SyntaxKind::NODE_LET_IN | SyntaxKind::NODE_LEGACY_LET => {
                let mut bound = scope.children().filter(binds);
                if let Some(binding) = bound.next() {
                    let is_whole = path_names(&binding).is_some_and(|names| names.len() == 1);
                    return value_of(&binding).filter(|_| is_whole && bound.next().is_none());
                }
                if inherits(&scope, &reference.name) {
                    return None;
                }
            }
            SyntaxKind::NODE_ATTR_SET => {
                let is_rec = scope.children_with_tokens().any(|child| {
                    matches!(child, NodeOrToken::Token(token) if token.kind() == SyntaxKind::TOKEN_REC)
                });
                if is_rec
                    && (scope.children().any(|entry| binds(&entry))
                        || inherits(&scope, &reference.name))
                {
                    return None;
                }
            }
            SyntaxKind::NODE_LAMBDA => {
                let lambda = ast::Lambda::cast(scope)?;
                match lambda.param()? {
                    ast::Param::IdentParam(param) => {
                        if param.ident()?.to_string() == reference.name {
                            return None;
                        }
                    }
                    ast::Param::Pattern(pattern) => {
                        let named = pattern.pat_entries().find(|entry| {
                            entry
                                .ident()
                                .is_some_and(|ident| ident.to_string() == reference.name)
                        });
                        if let Some(entry) = named {
                            return Some(entry.default()?.syntax().clone());
                        }
                        let whole = pattern.pat_bind().and_then(|bind| bind.ident());
                        if whole.is_some_and(|ident| ident.to_string() == reference.name) {
                            return None;
                        }
                    }
                }
            }
            _ => {}
        }
    }
    None
}

fn inherits(scope: &SyntaxNode, name: &str) -> bool {
    scope
        .children()
        .filter_map(ast::Inherit::cast)
        .any(|inherit| {
            inherit
                .attrs()
                .any(|attr| static_name(&attr).is_some_and(|found| *found == *name))
        })
}
