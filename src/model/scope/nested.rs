//! Values that hold values: lists, sets and submodules, merged part by part.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::node::{Def, Held, Node, Part};
use super::rivals::{Merge, Rivals, failure, unknown};
use super::{Frame, Names, Scope, types};
use crate::eval::Evaluator;
use crate::eval::runtime::{Attr, AttrMap, Computed, ListVal, Thunk, Val};
use crate::model::collect::kind_of;
use crate::model::definition::Condition;
use crate::syntax::ast::Name;

impl Scope {
    /// A list from all its parts, in their order.
    pub(super) fn list(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        element: Option<&Computed>,
        merge: &Merge<'_>,
        rivals: &Rivals,
    ) -> Computed {
        let mut open = merge.open();
        let strongest = rivals.certain.first().map(|(def, _)| def.priority);
        for (def, _, why) in &rivals.maybe {
            // One that is stronger drops all the others.
            if strongest.is_some_and(|strongest| def.priority < strongest) {
                return Computed::bare(Val::Unknown(why.clone()));
            }
            open = Some(why.clone());
        }
        if rivals.certain.is_empty() {
            let why = open.unwrap_or_else(|| merge.why());
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
    pub(super) fn later(
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
    pub(super) fn set(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        element: Option<Computed>,
        merge: &Merge<'_>,
        rivals: &Rivals,
    ) -> Computed {
        let mut open = merge.open();
        if rivals.certain.is_empty() && rivals.maybe.is_empty() {
            return Computed::bare(Val::Unknown(merge.why()));
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

    /// A submodule: modules of its own, which the definitions join.
    pub(super) fn submodule(
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
        let is_defined = rivals.parts().next().is_some();
        let name = merge.path.last().filter(|_| is_defined).cloned();
        let name = name.unwrap_or_else(|| "‹name›".into());
        special
            .map
            .insert_new("name".into(), || Attr::computed(Thunk::val(Val::Str(name))));
        let mut modules: Vec<(Thunk, Condition)> = match get("modules") {
            Some(Val::List(list)) => list
                .items
                .iter()
                // The option's declaration wraps them (`setDefaultModuleLocation`), so that what
                // they define comes before what is defined elsewhere.
                .map(|module| (importing(module.clone()), Condition::Always))
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
            named_platform: self.frame.named_platform,
            whole: self.frame.whole || self.frame.closed,
            closed: true,
            ..Frame::default()
        };
        let scope = Self::new(evaluator, frame, modules);
        Computed::bare(scope.config())
    }
}

fn is_plain(evaluator: &Evaluator<'_>, value: &Thunk) -> bool {
    if let Val::Attrs(attrs) = &value.force(evaluator).val
        && let Some("if" | "merge" | "override" | "order") = kind_of(attrs, evaluator).as_deref()
    {
        return false;
    }
    let mut parts = Vec::new();
    Def::plain(value.clone()).unwrap(evaluator, &mut parts);
    matches!(parts.as_slice(), [(_, Part::Leaf(_) | Part::Set(_))])
}

/// A definition of a submodule as one of its modules. The shorthand form only defines: its names
/// are options, even `imports` and `config`.
fn as_module(def: &Def, part: &Part, is_shorthand: bool) -> Thunk {
    let (name, value) = match part {
        Part::Set(attrs) if is_shorthand => ("config", Thunk::val(Val::Attrs(Rc::clone(attrs)))),
        _ => return importing(def.value.clone()),
    };
    module_of(name, value)
}

/// A module that does nothing but import another one.
fn importing(module: Thunk) -> Thunk {
    let items = vec![module];
    let imports = Val::List(Rc::new(ListVal { items, open: None }));
    module_of("imports", Thunk::val(imports))
}

fn module_of(name: &str, value: Thunk) -> Thunk {
    let map = [(name.into(), Attr::computed(value))];
    Thunk::val(Val::Attrs(Rc::new(AttrMap {
        map: map.into(),
        open: None,
    })))
}
