//! From definitions to values, by the type of the option (nixpkgs `lib/modules.nix`,
//! `lib/types.nix`). An option that no module of the scope declares is merged by the shape of
//! what is defined.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::node::{Def, Held, Node, Part};
use super::rivals::{
    Merge, Rivals, coerced, deferred, failure, joined, of_part, overlaid, scalar, unknown,
};
use super::{Names, Scope, types};
use crate::eval::runtime::{Attr, AttrMap, Computed, Thunk, Val};
use crate::eval::{Evaluator, Why};
use crate::syntax::ast::Name;

/// The priority of an option's own default.
const DEFAULT: i64 = 1500;

/// Types within types that are followed.
const DEEPEST_TYPE: u32 = 16;

impl Scope {
    /// The value at a path: computed once.
    pub(super) fn value(self: &Rc<Self>, evaluator: &Evaluator<'_>, path: &Names) -> Computed {
        let known = self.values.borrow().get(path).cloned();
        let thunk = known.unwrap_or_else(|| {
            let (scope, at) = (Rc::clone(self), Rc::clone(path));
            let thunk = Thunk::call(move |evaluator| scope.compute(evaluator, &at));
            self.values
                .borrow_mut()
                .insert(Rc::clone(path), thunk.clone());
            thunk
        });
        thunk.force(evaluator)
    }

    /// True for an option of the module system itself whose default is known.
    pub(super) fn has_default(self: &Rc<Self>, evaluator: &Evaluator<'_>, path: &Names) -> bool {
        self.default_of(evaluator, path).is_some()
    }

    /// The default of an option of the module system itself.
    fn default_of(self: &Rc<Self>, evaluator: &Evaluator<'_>, path: &Names) -> Option<Val> {
        if self.frame.defaults.is_empty() {
            return None;
        }
        // Users and groups are called like the attribute that declares them (NixOS
        // `nixos/modules/config/users-groups.nix`, nix-darwin `modules/users/user.nix`).
        if let [first, second, name, last] = &**path
            && &**first == "users"
            && matches!(&**second, "users" | "groups")
            && &**last == "name"
        {
            let owner: Names = path.iter().take(3).cloned().collect();
            self.ensure(evaluator, &owner);
            let node = self.node(evaluator, &owner);
            let is_there = self.membership(evaluator, &node) == Held::Yes;
            return is_there.then(|| Val::Str(Name::clone(name)));
        }
        self.frame.defaults.get(path.join(".").as_str()).cloned()
    }

    fn compute(self: &Rc<Self>, evaluator: &Evaluator<'_>, path: &Names) -> Computed {
        let node = self.node(evaluator, path);
        if node.is_busy() {
            return Computed::bare(Val::Unknown(Why::Cycle));
        }
        let declaration = node.declaration(evaluator);
        let get = |name: &str| {
            let attr = declaration.as_ref()?.map.get(name)?;
            Some(attr.value.clone())
        };
        let merge = self.merge_at(evaluator, path, &node, declaration.as_deref());
        let kind = match (get("type"), self.is_deferred(path)) {
            (_, true) => Some(type_named("deferredModule")),
            (Some(kind), _) => Some(kind.settle(evaluator)),
            (None, _) => None,
        };
        let value = self.merge(evaluator, kind.as_ref(), &merge, 0);
        match get("apply") {
            Some(apply) => {
                let apply = apply.force(evaluator);
                evaluator.apply(&apply, Thunk::done(value))
            }
            None => value,
        }
    }

    /// What is to be merged at a path.
    fn merge_at<'m>(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        path: &'m Names,
        node: &'m Node,
        declaration: Option<&AttrMap>,
    ) -> Merge<'m> {
        let default = match (declaration, self.default_of(evaluator, path)) {
            (_, Some(default)) if self.frame.whole => Some(Thunk::val(default)),
            (Some(option), _) if self.frame.whole || self.frame.closed => {
                let default = option.map.get("default");
                default.map(|default| default.value.clone())
            }
            _ => None,
        };
        Merge {
            node,
            path,
            default,
            is_open: declaration.is_none() && !self.frame.closed,
            is_declared: declaration.is_some(),
        }
    }

    /// The definitions of a declared option that count, its default among them, and their
    /// priority.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub(super) fn standing(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        path: &Names,
    ) -> Result<(Vec<Thunk>, i64), Why> {
        self.ensure(evaluator, path);
        let node = self.node(evaluator, path);
        if node.is_busy() {
            return Err(Why::Cycle);
        }
        if !self.frame.whole && !self.frame.closed {
            return Err(Why::Option(path.join(".").into()));
        }
        let declaration = node.declaration(evaluator);
        let merge = self.merge_at(evaluator, path, &node, declaration.as_deref());
        let rivals = self.rivals(evaluator, &merge);
        if let Some((_, _, why)) = rivals.maybe.first() {
            return Err(why.clone());
        }
        // Where nothing is defined, there is no strongest definition (`filterOverrides'`).
        let priority = rivals.certain.first().map_or(9999, |(def, _)| def.priority);
        let values = rivals.certain.iter();
        let values = values.map(|(_, part)| Thunk::done(of_part(part)));
        Ok((values.collect(), priority))
    }

    fn is_deferred(&self, path: &Names) -> bool {
        self.frame.deferred.iter().any(|(prefix, below)| {
            path.len() == prefix.len() + below
                && path
                    .iter()
                    .zip(prefix.iter())
                    .all(|(a, b)| a.as_ref() == *b)
        })
    }

    pub(super) fn merge(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        kind: Option<&Computed>,
        merge: &Merge<'_>,
        depth: u32,
    ) -> Computed {
        let rivals = self.rivals(evaluator, merge);
        self.merge_rivals(evaluator, kind, merge, rivals, depth)
    }

    /// Merges definitions of which the weaker ones are gone.
    fn merge_rivals(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        kind: Option<&Computed>,
        merge: &Merge<'_>,
        rivals: Rivals,
        depth: u32,
    ) -> Computed {
        if depth > DEEPEST_TYPE {
            return Computed::bare(Val::Unknown(Why::Limit));
        }
        let Some(kind) = kind else {
            return match merge.is_declared {
                true => self.unspecified(evaluator, merge, rivals),
                false => self.by_shape(evaluator, merge, rivals),
            };
        };
        let inner = |name: &str| types::part(evaluator, kind, name);
        let name = types::name(evaluator, kind);
        let refused = |(_, part): &&(Def, Part)| {
            types::fits(evaluator, kind, &of_part(part).val) == Some(false)
        };
        if rivals.certain.iter().find(refused).is_some() {
            return failure("a definition has another type");
        }
        match name.as_deref() {
            Some("submodule") => self.submodule(evaluator, kind, merge, &rivals),
            Some("attrsOf" | "lazyAttrsOf") if !rivals.has_leaf() => {
                let element = inner("elemType");
                self.set(evaluator, element, merge, &rivals)
            }
            Some("anything") => self.anything(evaluator, kind, merge, rivals),
            Some("attrs") if !rivals.has_leaf() => overlaid(merge, &rivals),
            Some("listOf") => self.list(evaluator, inner("elemType").as_ref(), merge, &rivals),
            Some("nullOr") => match rivals.has_null() {
                true => scalar(merge, rivals, evaluator),
                false => {
                    let element = inner("elemType");
                    self.merge_rivals(evaluator, element.as_ref(), merge, rivals, depth + 1)
                }
            },
            Some("either") => {
                let chosen = ["left", "right"].into_iter().find_map(|side| {
                    let side = inner(side)?;
                    let fits = |part: &Part| {
                        types::fits(evaluator, &side, &of_part(part).val) == Some(true)
                    };
                    rivals.parts().all(fits).then_some(side)
                });
                match chosen {
                    Some(side) => {
                        self.merge_rivals(evaluator, Some(&side), merge, rivals, depth + 1)
                    }
                    None if rivals.parts().count() > 1 => unknown("definitions of several types"),
                    None => self.by_shape(evaluator, merge, rivals),
                }
            }
            Some("coercedTo") => match coerced(evaluator, kind, rivals) {
                Ok(rivals) => {
                    let element = inner("finalType");
                    self.merge_rivals(evaluator, element.as_ref(), merge, rivals, depth + 1)
                }
                Err(why) => Computed::bare(Val::Unknown(why)),
            },
            Some("uniq" | "unique" | "raw" | "package" | "optionType")
                if rivals.certain.len() > 1 =>
            {
                failure("an option is defined more than once")
            }
            Some("uniq" | "unique") => {
                let element = inner("elemType");
                self.merge_rivals(evaluator, element.as_ref(), merge, rivals, depth + 1)
            }
            Some("unspecified") => self.unspecified(evaluator, merge, rivals),
            Some("deferredModule") => deferred(&rivals),
            Some("separatedString" | "lines" | "commas" | "envVar" | "strings") => {
                let separator = evaluator
                    .attribute(kind, "separator")
                    .and_then(|separator| match separator.settled(evaluator).val {
                        Val::Str(text) => Some(text),
                        _ => None,
                    });
                joined(merge, rivals, separator.as_deref().unwrap_or("\n"))
            }
            Some("functionTo" | "raw" | "package" | "optionType") if rivals.certain.len() == 1 => {
                scalar(merge, rivals, evaluator)
            }
            _ => self.by_shape(evaluator, merge, rivals),
        }
    }

    /// Sets are merged, whatever they hold; anything else has to agree.
    fn anything(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        kind: &Computed,
        merge: &Merge<'_>,
        rivals: Rivals,
    ) -> Computed {
        let is_set = |part: &Part| matches!(part, Part::Set(_) | Part::Hole(_));
        if rivals.certain.iter().any(|(_, part)| is_set(part)) && rivals.parts().all(is_set) {
            return self.set(evaluator, Some(kind.clone()), merge, &rivals);
        }
        scalar(merge, rivals, evaluator)
    }

    /// What becomes of an option without type: a guess by the values (`mergeDefaultOption`).
    fn unspecified(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        merge: &Merge<'_>,
        rivals: Rivals,
    ) -> Computed {
        if rivals.certain.len() == 1 && rivals.maybe.is_empty() {
            return scalar(merge, rivals, evaluator);
        }
        let leaves = |wanted: fn(&Val) -> bool| {
            let mut parts = rivals.certain.iter();
            parts.all(|(_, part)| matches!(part, Part::Leaf(leaf) if wanted(&leaf.val)))
        };
        if rivals.certain.is_empty() {
            return scalar(merge, rivals, evaluator);
        }
        if leaves(|val| matches!(val, Val::List(_))) {
            return self.list(evaluator, None, merge, &rivals);
        }
        if let Some((_, _, why)) = rivals.maybe.first() {
            return Computed::bare(Val::Unknown(why.clone()));
        }
        if leaves(|val| matches!(val, Val::Bool(_))) {
            let mut parts = rivals.certain.iter();
            let any = parts.any(|(_, part)| matches!(of_part(part).val, Val::Bool(true)));
            return Computed::bare(Val::Bool(any));
        }
        if leaves(|val| matches!(val, Val::Str(_))) {
            return joined(merge, rivals, "");
        }
        let mut parts = rivals.certain.iter();
        if parts.all(|(_, part)| matches!(part, Part::Set(_))) {
            return overlaid(merge, &rivals);
        }
        match leaves(|val| matches!(val, Val::Int(_))) {
            true => scalar(merge, rivals, evaluator),
            false => failure("an option has conflicting definitions"),
        }
    }

    /// Without a type that says more: lists are joined, sets are merged, of the rest one wins.
    fn by_shape(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        merge: &Merge<'_>,
        rivals: Rivals,
    ) -> Computed {
        let known = || {
            let parts = rivals.parts();
            parts.filter(|part| !matches!(part, Part::Hole(_)))
        };
        if known().next().is_none() {
            return scalar(merge, rivals, evaluator);
        }
        if known().all(|part| matches!(part, Part::Set(_))) {
            return self.set(evaluator, None, merge, &rivals);
        }
        if known().all(|part| matches!(part, Part::Leaf(leaf) if matches!(leaf.val, Val::List(_))))
        {
            return self.list(evaluator, None, merge, &rivals);
        }
        scalar(merge, rivals, evaluator)
    }

    fn rivals(&self, evaluator: &Evaluator<'_>, merge: &Merge<'_>) -> Rivals {
        let mut rivals = Rivals::default();
        for entry in merge.node.parts(evaluator) {
            let (def, part) = &**entry;
            match (def.held(evaluator), part) {
                (Held::No, _) => {}
                (_, Part::Hole(why)) => {
                    rivals.maybe.push((def.clone(), part.clone(), why.clone()));
                }
                (Held::Yes, _) => rivals.certain.push((def.clone(), part.clone())),
                (Held::Maybe(why), _) => rivals.maybe.push((def.clone(), part.clone(), why)),
            }
        }
        for why in &merge.node.holes {
            let def = Def::plain(Thunk::val(Val::Unknown(why.clone())));
            rivals
                .maybe
                .push((def, Part::Hole(why.clone()), why.clone()));
        }
        if let Some(default) = &merge.default {
            let def = Def {
                priority: DEFAULT,
                ..Def::plain(default.clone())
            };
            let mut parts = Vec::new();
            def.unwrap(evaluator, &mut parts);
            let mut front = Vec::new();
            for (def, part) in parts {
                let def = Def {
                    priority: DEFAULT,
                    ..def
                };
                match &part {
                    Part::Hole(why) => {
                        let why = why.clone();
                        rivals.maybe.push((def, part, why));
                    }
                    // The default comes before what modules define as weakly.
                    _ => front.push((def, part)),
                }
            }
            rivals.certain.splice(0..0, front);
        }
        if let Some(strongest) = rivals.certain.iter().map(|(def, _)| def.priority).min() {
            rivals.certain.retain(|(def, _)| def.priority <= strongest);
            rivals.maybe.retain(|(def, ..)| def.priority <= strongest);
        }
        rivals.certain.sort_by_key(|(def, _)| def.order);
        rivals.maybe.sort_by_key(|(def, ..)| def.order);
        rivals
    }

    /// Whether a member is there: it is not when all its definitions stand under conditions that
    /// do not hold.
    pub(super) fn membership(&self, evaluator: &Evaluator<'_>, node: &Node) -> Held {
        let mut found = Held::No;
        for entry in node.parts(evaluator) {
            match entry.0.held(evaluator) {
                Held::Yes => return Held::Yes,
                Held::No => {}
                maybe @ Held::Maybe(_) => found = maybe,
            }
        }
        found
    }

    /// The names that are defined at a node, with the one place that defines each.
    pub(super) fn members_of(
        &self,
        evaluator: &Evaluator<'_>,
        node: &Node,
        open: &mut Option<Why>,
    ) -> BTreeMap<Name, Option<Attr>> {
        let mut members: BTreeMap<Name, Option<Attr>> = BTreeMap::new();
        for entry in node.parts(evaluator) {
            let (def, part) = &**entry;
            let held = def.held(evaluator);
            if held == Held::No {
                continue;
            }
            match (part, held) {
                (Part::Set(attrs), Held::Yes) => {
                    if attrs.open.is_some() {
                        open.clone_from(&attrs.open);
                    }
                    for (name, attr) in &attrs.map {
                        members
                            .entry(name.clone())
                            .and_modify(|known| *known = None)
                            .or_insert_with(|| Some(attr.clone()));
                    }
                }
                (_, Held::Maybe(why)) => *open = Some(why),
                (Part::Hole(why), _) => *open = Some(why.clone()),
                _ => {}
            }
        }
        members
    }
}

fn type_named(name: &'static str) -> Computed {
    let map = [(
        "name".into(),
        Attr::computed(Thunk::val(Val::Str(name.into()))),
    )];
    Computed::bare(Val::Attrs(Rc::new(AttrMap {
        map: map.into(),
        open: None,
    })))
}
