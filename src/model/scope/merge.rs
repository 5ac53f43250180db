//! From definitions to values, by the type of the option (nixpkgs `lib/modules.nix`,
//! `lib/types.nix`). An option that no module of the scope declares is merged by the shape of
//! what is defined.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::node::{Def, Held, Node, Part};
use super::{Frame, Names, Scope, types};
use crate::eval::runtime::{Attr, AttrMap, Computed, ListVal, Thunk, Val};
use crate::eval::{Evaluator, Why, one_of};
use crate::model::definition::Condition;
use crate::syntax::ast::Name;

/// The priority of an option's own default.
const DEFAULT: i64 = 1500;

/// Types within types that are followed.
const DEEPEST_TYPE: u32 = 16;

/// Definitions that may win, sorted by whether they surely count.
#[derive(Default)]
struct Rivals {
    certain: Vec<(Def, Part)>,
    maybe: Vec<(Def, Part, Why)>,
}

/// What is being merged.
struct Merge<'a> {
    node: &'a Node,
    path: &'a Names,
    default: Option<Thunk>,
    /// True when further modules may define it as well.
    is_open: bool,
    /// True when a module of the scope declares it.
    is_declared: bool,
}

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
    pub(super) fn has_default(&self, path: &Names) -> bool {
        !self.frame.defaults.is_empty() && self.frame.defaults.contains_key(path.join(".").as_str())
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
        let default = match (
            &declaration,
            self.frame.defaults.get(path.join(".").as_str()),
        ) {
            (_, Some(default)) if self.frame.whole => Some(Thunk::val(default.clone())),
            (Some(_), _) if self.frame.whole || self.frame.closed => get("default"),
            _ => None,
        };
        let merge = Merge {
            node: &node,
            path,
            default,
            is_open: declaration.is_none() && !self.frame.closed,
            is_declared: declaration.is_some(),
        };
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

    fn is_deferred(&self, path: &Names) -> bool {
        self.frame.deferred.iter().any(|(prefix, below)| {
            path.len() == prefix.len() + below
                && path
                    .iter()
                    .zip(prefix.iter())
                    .all(|(a, b)| a.as_ref() == *b)
        })
    }

    fn merge(
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
        for (def, part) in merge.node.parts(evaluator) {
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
                    _ => rivals.certain.push((def, part)),
                }
            }
        }
        if let Some(strongest) = rivals.certain.iter().map(|(def, _)| def.priority).min() {
            rivals.certain.retain(|(def, _)| def.priority <= strongest);
            rivals.maybe.retain(|(def, ..)| def.priority <= strongest);
        }
        rivals.certain.sort_by_key(|(def, _)| def.order);
        rivals.maybe.sort_by_key(|(def, ..)| def.order);
        rivals
    }

    /// A list from all its parts, in their order.
    fn list(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        element: Option<&Computed>,
        merge: &Merge<'_>,
        rivals: &Rivals,
    ) -> Computed {
        let mut open = match merge.is_open {
            true => Some(Why::Option(merge.path.join(".").into())),
            false => None,
        };
        let strongest = rivals.certain.first().map(|(def, _)| def.priority);
        for (def, _, why) in &rivals.maybe {
            // One that is stronger drops all the others.
            if strongest.is_some_and(|strongest| def.priority < strongest) {
                return Computed::bare(Val::Unknown(why.clone()));
            }
            open = Some(why.clone());
        }
        if rivals.certain.is_empty() {
            let why = open.unwrap_or_else(|| Why::Option(merge.path.join(".").into()));
            return Computed::bare(Val::Unknown(why));
        }
        let mut items = Vec::new();
        let mut first = None;
        let mut is_changed = false;
        for (number, (_, part)) in rivals.certain.iter().enumerate() {
            let Part::Leaf(leaf) = part else {
                return failure("a list is wanted");
            };
            let Val::List(list) = &leaf.val else {
                return failure("a list is wanted");
            };
            if list.open.is_some() {
                open.clone_from(&list.open);
            }
            first = first.or_else(|| Some(leaf.clone()));
            for (entry, item) in list.items.iter().enumerate() {
                let Some(element) = element else {
                    items.push(item.clone());
                    continue;
                };
                if types::is_simple(evaluator, element) && is_plain(evaluator, item) {
                    items.push(item.clone());
                    continue;
                }
                is_changed = true;
                let node = Self::loose(vec![Def::plain(item.clone())]);
                match self.membership(evaluator, &node) {
                    Held::Yes => {
                        let name = format!("[definition {}-entry {}]", number + 1, entry + 1);
                        let path = merge.path.iter().cloned().chain([name.into()]).collect();
                        items.push(self.later(node, Some(element.clone()), &path, item.site()));
                    }
                    Held::No => {}
                    Held::Maybe(why) => open = Some(why),
                }
            }
        }
        match (first, rivals.certain.len()) {
            // A list that is written in one place keeps its way.
            (Some(first), 1) if open.is_none() && !is_changed => first,
            _ => Computed::bare(Val::List(Rc::new(ListVal { items, open }))),
        }
    }

    /// The value of definitions that belong together, computed when it is needed.
    fn later(
        self: &Rc<Self>,
        node: Node,
        kind: Option<Computed>,
        path: &Names,
        site: Option<crate::text::Place>,
    ) -> Thunk {
        let (scope, path) = (Rc::clone(self), Rc::clone(path));
        Thunk::call_at(site, move |evaluator| {
            let merge = Merge {
                node: &node,
                path: &path,
                default: None,
                is_open: false,
                is_declared: kind.is_some(),
            };
            scope.merge(evaluator, kind.as_ref(), &merge, 1)
        })
    }

    /// A set, its members merged each for itself.
    fn set(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        element: Option<Computed>,
        merge: &Merge<'_>,
        rivals: &Rivals,
    ) -> Computed {
        let mut open = match merge.is_open {
            true => Some(Why::Option(merge.path.join(".").into())),
            false => None,
        };
        if rivals.certain.is_empty() && rivals.maybe.is_empty() {
            return Computed::bare(Val::Unknown(Why::Option(merge.path.join(".").into())));
        }
        let mut grouped: BTreeMap<Name, Vec<Def>> = BTreeMap::new();
        // One that may be stronger drops all the others.
        let shadow = rivals.shadow();
        let certain = rivals.certain.iter();
        let certain = certain.map(|(def, part)| (def, part, shadow));
        let maybe = rivals
            .maybe
            .iter()
            .map(|(def, part, why)| (def, part, Some(why)));
        for (def, part, undecided) in certain.chain(maybe) {
            let Part::Set(attrs) = part else {
                open = undecided.cloned().or(open);
                continue;
            };
            if attrs.open.is_some() {
                open.clone_from(&attrs.open);
            }
            for (name, attr) in &attrs.map {
                grouped.entry(name.clone()).or_default().push(Def {
                    value: attr.value.clone(),
                    attr: Some(attr.clone()),
                    // The priority of the set decided already.
                    ..Def {
                        undecided: undecided.cloned(),
                        ..Def::plain(def.value.clone())
                    }
                });
            }
        }
        let mut map = AttrMap::default();
        for (name, defs) in grouped {
            let node = Self::loose(defs);
            match self.membership(evaluator, &node) {
                Held::No => continue,
                Held::Yes => {}
                Held::Maybe(why) => {
                    open = Some(why);
                    continue;
                }
            }
            let attr = match node.defs.as_slice() {
                [only] => only.attr.clone(),
                _ => None,
            };
            let site = attr.as_ref().and_then(|attr| attr.value.site());
            let path: Names = merge.path.iter().cloned().chain([name.clone()]).collect();
            let value = match (&element, attr.as_ref()) {
                (None, Some(attr)) if is_plain(evaluator, &attr.value) => attr.value.clone(),
                _ => self.later(node, element.clone(), &path, site),
            };
            let attr = match attr {
                Some(attr) => Attr { value, ..attr },
                None => Attr::computed(value),
            };
            map.map.insert(name, attr);
        }
        map.open = open;
        Computed::bare(Val::Attrs(Rc::new(map)))
    }

    /// Whether a member is there: it is not when all its definitions stand under conditions that
    /// do not hold.
    pub(super) fn membership(&self, evaluator: &Evaluator<'_>, node: &Node) -> Held {
        let mut found = Held::No;
        for (def, _) in node.parts(evaluator) {
            match def.held(evaluator) {
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
        for (def, part) in node.parts(evaluator) {
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

    /// A submodule: modules of its own, which the definitions join.
    fn submodule(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        kind: &Computed,
        merge: &Merge<'_>,
        rivals: &Rivals,
    ) -> Computed {
        let get = |name: &str| {
            let found = evaluator.attribute(kind, name)?;
            Some(found.settled(evaluator).val)
        };
        let mut special = match get("specialArgs") {
            Some(Val::Attrs(attrs)) => (*attrs).clone(),
            _ => AttrMap::default(),
        };
        let name = merge.path.last().cloned().unwrap_or_else(|| "".into());
        special
            .map
            .entry("name".into())
            .or_insert_with(|| Attr::computed(Thunk::val(Val::Str(name))));
        let mut modules: Vec<(Thunk, Condition)> = match get("modules") {
            Some(Val::List(list)) => list
                .items
                .iter()
                .map(|module| (module.clone(), Condition::Always))
                .collect(),
            _ => return unknown("a submodule"),
        };
        let is_shorthand = matches!(get("shorthandOnlyDefinesConfig"), Some(Val::Bool(true)));
        let certain = rivals.certain.iter();
        let certain = certain.map(|(def, part)| (def, part, rivals.shadow()));
        let maybe = rivals.maybe.iter();
        let maybe = maybe.map(|(def, part, why)| (def, part, Some(why)));
        for (def, part, undecided) in certain.chain(maybe) {
            let condition = undecided.map_or(Condition::Always, |why| Condition::Unknown {
                why: why.clone(),
                at: def.value.site(),
            });
            modules.push((as_module(def, part, is_shorthand), condition));
        }
        let frame = Frame {
            special,
            platform: self.frame.platform,
            whole: self.frame.whole || self.frame.closed,
            closed: true,
            ..Frame::default()
        };
        let scope = Self::new(evaluator, frame, modules);
        Computed::bare(scope.config())
    }
}

impl Rivals {
    fn parts(&self) -> impl Iterator<Item = &Part> + Clone {
        let maybe = self.maybe.iter().map(|(_, part, _)| part);
        self.certain.iter().map(|(_, part)| part).chain(maybe)
    }

    /// Why the definitions that are there may be dropped for a stronger one.
    fn shadow(&self) -> Option<&Why> {
        let (weakest, _) = self.certain.first()?;
        let mut maybe = self.maybe.iter();
        let stronger = maybe.find(|(def, ..)| def.priority < weakest.priority)?;
        Some(&stronger.2)
    }

    fn has_leaf(&self) -> bool {
        let is_leaf = |part: &Part| matches!(part, Part::Leaf(_));
        self.certain.iter().any(|(_, part)| is_leaf(part))
            || self.maybe.iter().any(|(_, part, _)| is_leaf(part))
    }

    fn has_null(&self) -> bool {
        let is_null =
            |part: &Part| matches!(part, Part::Leaf(leaf) if matches!(leaf.val, Val::Null));
        self.certain.iter().any(|(_, part)| is_null(part))
            || self.maybe.iter().any(|(_, part, _)| is_null(part))
    }
}

fn is_plain(evaluator: &Evaluator<'_>, value: &Thunk) -> bool {
    let mut parts = Vec::new();
    Def::plain(value.clone()).unwrap(evaluator, &mut parts);
    match parts.as_slice() {
        [(def, Part::Leaf(_) | Part::Set(_))] => {
            def.priority == 100 && def.order == 1000 && def.held(evaluator) == Held::Yes
        }
        _ => false,
    }
}

fn of_part(part: &Part) -> Computed {
    match part {
        Part::Set(attrs) => Computed::bare(Val::Attrs(Rc::clone(attrs))),
        Part::Leaf(leaf) => leaf.clone(),
        Part::Hole(why) => Computed::bare(Val::Unknown(why.clone())),
    }
}

/// One value wins; several equal ones are one.
fn scalar(merge: &Merge<'_>, rivals: Rivals, evaluator: &Evaluator<'_>) -> Computed {
    let unset = || Computed::bare(Val::Unknown(Why::Option(merge.path.join(".").into())));
    let strongest = rivals.certain.first().map(|(def, _)| def.priority);
    let mut values: Vec<Computed> = Vec::new();
    match rivals.certain.as_slice() {
        [] => values.push(unset()),
        [(_, first), rest @ ..] => {
            let first = of_part(first);
            for (_, other) in rest {
                if !crate::eval::is_same(evaluator, &first.val, &of_part(other).val) {
                    let why = Why::Failure("an option has conflicting definitions".into());
                    return Computed::bare(Val::Unknown(why));
                }
            }
            values.push(first);
        }
    }
    for (def, part, _) in &rivals.maybe {
        // Where it counts beside one of the same strength it must be the same value.
        let beside = strongest.is_some_and(|strongest| def.priority >= strongest);
        if beside && !matches!(part, Part::Hole(_)) {
            continue;
        }
        values.push(of_part(part));
    }
    match values.as_slice() {
        [only] => only.clone(),
        _ => Computed::bare(one_of(values)),
    }
}

/// Strings, one after the other.
fn joined(merge: &Merge<'_>, rivals: Rivals, separator: &str) -> Computed {
    if let Some((_, _, why)) = rivals.maybe.first() {
        return Computed::bare(Val::Unknown(why.clone()));
    }
    if let [(_, only)] = rivals.certain.as_slice() {
        return of_part(only);
    }
    let mut texts = Vec::new();
    for (_, part) in &rivals.certain {
        match of_part(part).val {
            Val::Str(text) => texts.push(text),
            Val::Unknown(why) => return Computed::bare(Val::Unknown(why)),
            _ => return failure("a string is wanted"),
        }
    }
    if texts.is_empty() {
        return Computed::bare(Val::Unknown(Why::Option(merge.path.join(".").into())));
    }
    Computed::bare(Val::Str(texts.join(separator).into()))
}

/// Modules that are only collected: a module that imports them.
fn deferred(rivals: &Rivals) -> Computed {
    let items: Vec<Thunk> = rivals
        .certain
        .iter()
        .map(|(_, part)| Thunk::done(of_part(part)))
        .collect();
    let open = rivals.maybe.first().map(|(_, _, why)| why.clone());
    if items.is_empty() {
        let why = open.unwrap_or_else(|| Why::Option("a module".into()));
        return Computed::bare(Val::Unknown(why));
    }
    let imports = Val::List(Rc::new(ListVal { items, open }));
    let map = [("imports".into(), Attr::computed(Thunk::val(imports)))];
    Computed::bare(Val::Attrs(Rc::new(AttrMap {
        map: map.into(),
        open: None,
    })))
}

/// Sets, each laid over those before it; what they hold is not looked at.
fn overlaid(merge: &Merge<'_>, rivals: &Rivals) -> Computed {
    if let Some((_, _, why)) = rivals.maybe.first() {
        return Computed::bare(Val::Unknown(why.clone()));
    }
    if let [(_, only)] = rivals.certain.as_slice() {
        return of_part(only);
    }
    let mut all = AttrMap::default();
    for (_, part) in &rivals.certain {
        let Part::Set(attrs) = part else {
            return failure("a set is wanted");
        };
        if attrs.open.is_some() {
            // What one may lay over the others is not known.
            return Computed::bare(Val::Unknown(Why::Option(merge.path.join(".").into())));
        }
        let attrs = attrs.map.iter();
        all.map
            .extend(attrs.map(|(name, attr)| (name.clone(), attr.clone())));
    }
    if rivals.certain.is_empty() {
        return Computed::bare(Val::Unknown(Why::Option(merge.path.join(".").into())));
    }
    Computed::bare(Val::Attrs(Rc::new(all)))
}

/// The definitions of a `coercedTo`, each as the final type has it.
fn coerced(evaluator: &Evaluator<'_>, kind: &Computed, rivals: Rivals) -> Result<Rivals, Why> {
    let unsupported = || Why::Unsupported("coercedTo".into());
    let from = types::part(evaluator, kind, "coercedType").ok_or_else(unsupported)?;
    let function = evaluator
        .attribute(kind, "coerceFunc")
        .ok_or_else(unsupported)?;
    let turn = |def: Def, part: Part| {
        if matches!(part, Part::Hole(_)) {
            return Ok((def, part));
        }
        match types::fits(evaluator, &from, &of_part(&part).val) {
            Some(false) => Ok((def, part)),
            None => Err(unsupported()),
            Some(true) => {
                let value = evaluator.apply(&function, Thunk::done(of_part(&part)));
                let part = match &value.val {
                    Val::Attrs(attrs) => Part::Set(Rc::clone(attrs)),
                    Val::Unknown(why) => Part::Hole(why.clone()),
                    Val::OneOf(_) => return Err(unsupported()),
                    _ => Part::Leaf(value.clone()),
                };
                let value = Thunk::done(value);
                Ok((Def { value, ..def }, part))
            }
        }
    };
    let mut turned = Rivals::default();
    for (def, part) in rivals.certain {
        let (def, part) = turn(def, part)?;
        match &part {
            Part::Hole(why) => {
                let why = why.clone();
                turned.maybe.push((def, part, why));
            }
            _ => turned.certain.push((def, part)),
        }
    }
    for (def, part, why) in rivals.maybe {
        let (def, part) = turn(def, part)?;
        turned.maybe.push((def, part, why));
    }
    Ok(turned)
}

/// A definition of a submodule as one of its modules. The shorthand form only defines: its names
/// are options, even `imports` and `config`.
fn as_module(def: &Def, part: &Part, is_shorthand: bool) -> Thunk {
    let (name, value) = match part {
        Part::Set(attrs) if is_shorthand => ("config", Thunk::val(Val::Attrs(Rc::clone(attrs)))),
        _ => {
            let items = vec![def.value.clone()];
            let imports = ListVal { items, open: None };
            ("imports", Thunk::val(Val::List(Rc::new(imports))))
        }
    };
    let map = [(name.into(), Attr::computed(value))];
    Thunk::val(Val::Attrs(Rc::new(AttrMap {
        map: map.into(),
        open: None,
    })))
}

fn failure(message: &'static str) -> Computed {
    Computed::bare(Val::Unknown(Why::Failure(message.into())))
}

fn unknown(what: &'static str) -> Computed {
    Computed::bare(Val::Unknown(Why::Unsupported(what.into())))
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
