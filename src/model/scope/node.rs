//! What modules define and declare at one path.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use super::{Fragment, Names, Scope};
use crate::eval::runtime::{Attr, AttrMap, Computed, Thunk, Val};
use crate::eval::{Evaluator, Why};
use crate::model::Condition;
use crate::model::collect::kind_of;
use crate::syntax::ast::Name;

/// One definition, as far as its wrappers are known.
#[derive(Clone, Debug)]
pub(super) struct Def {
    /// The value; it may hold further wrappers.
    pub value: Thunk,
    /// The conditions around it, none of them looked at yet.
    pub conditions: Conditions,
    /// Set when it stands under something that cannot be decided.
    pub undecided: Option<Why>,
    /// The lowest number wins.
    pub priority: i64,
    /// Position in a list.
    pub order: i64,
    /// The attribute that holds it.
    pub attr: Option<Attr>,
}

/// Conditions, innermost first; shared.
#[derive(Clone, Debug, Default)]
pub(in crate::model) struct Conditions(Option<Rc<(Thunk, Conditions)>>);

impl Conditions {
    /// These and one more within them.
    pub fn with(&self, condition: Thunk) -> Self {
        Self(Some(Rc::new((condition, self.clone()))))
    }

    /// The conditions, innermost first.
    pub fn iter(&self) -> impl Iterator<Item = &Thunk> {
        let mut at = self;
        std::iter::from_fn(move || {
            let node = at.0.as_ref()?;
            at = &node.1;
            Some(&node.0)
        })
    }
}

/// A definition without its wrappers.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// A set: a further step of the path, or the whole value.
    Set(Rc<AttrMap>),
    /// Any other value.
    Leaf(Computed),
    /// Not known.
    Hole(Why),
}

/// Whether a definition counts.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Held {
    Yes,
    No,
    Maybe(Why),
}

/// Everything about one path.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) defs: Vec<Def>,
    /// What stands at the path in the modules' `options`.
    options: Vec<Computed>,
    /// What may define something here, or below.
    pub(super) holes: Vec<Why>,
    parts: OnceCell<Vec<Entry>>,
    is_busy: Cell<bool>,
    /// At the top: the modules, which keep their parts for the next node.
    fragments: Vec<Rc<Fragment>>,
}

/// A definition without its wrappers, shared.
pub(super) type Entry = Rc<(Def, Part)>;

impl Def {
    /// A plain definition.
    pub fn plain(value: Thunk) -> Self {
        Self {
            value,
            conditions: Conditions::default(),
            undecided: None,
            priority: 100,
            order: 1000,
            attr: None,
        }
    }

    /// Takes the wrappers off.
    pub fn unwrap(&self, evaluator: &Evaluator<'_>, out: &mut Vec<(Self, Part)>) {
        let value = self.value.force(evaluator);
        self.unwrap_value(evaluator, &value, out);
    }

    fn unwrap_value(
        &self,
        evaluator: &Evaluator<'_>,
        value: &Computed,
        out: &mut Vec<(Self, Part)>,
    ) {
        match &value.val {
            Val::Attrs(attrs) => self.unwrap_set(evaluator, attrs, out),
            Val::OneOf(several) if several.iter().any(|one| matches!(one.val, Val::Attrs(_))) => {
                for one in several.iter() {
                    let def = Self {
                        undecided: Some(Why::Unsupported("a choice".into())),
                        ..self.clone()
                    };
                    def.unwrap_value(evaluator, one, out);
                }
            }
            Val::Extern(set) if set.is_leaf() => {
                out.push((self.clone(), Part::Leaf(value.clone())))
            }
            Val::Extern(set) => match set.whole(evaluator) {
                Val::Unknown(why) => out.push((self.clone(), Part::Hole(why))),
                Val::Extern(_) => out.push((self.clone(), Part::Hole(set.why()))),
                whole => {
                    let value = Computed {
                        val: whole,
                        ..value.clone()
                    };
                    self.unwrap_value(evaluator, &value, out);
                }
            },
            Val::Unknown(why) => out.push((self.clone(), Part::Hole(why.clone()))),
            _ => out.push((self.clone(), Part::Leaf(value.clone()))),
        }
    }

    fn unwrap_set(
        &self,
        evaluator: &Evaluator<'_>,
        attrs: &Rc<AttrMap>,
        out: &mut Vec<(Self, Part)>,
    ) {
        let get = |name: &str| attrs.map.get(name).map(|attr| attr.value.clone());
        let number = |name: &str| match get(name)?.settle(evaluator).val {
            Val::Int(number) => Some(number),
            _ => None,
        };
        let content = get("content");
        match (kind_of(attrs, evaluator).as_deref(), content) {
            (Some("if"), Some(content)) => {
                let conditions = match get("condition") {
                    Some(condition) => self.conditions.with(condition),
                    None => self.conditions.clone(),
                };
                let def = Self {
                    value: content,
                    conditions,
                    ..self.clone()
                };
                def.unwrap(evaluator, out);
            }
            (Some("override"), Some(content)) => {
                let def = Self {
                    value: content,
                    priority: number("priority").unwrap_or(self.priority),
                    ..self.clone()
                };
                def.unwrap(evaluator, out);
            }
            (Some("order"), Some(content)) => {
                let def = Self {
                    value: content,
                    order: number("priority").unwrap_or(self.order),
                    ..self.clone()
                };
                def.unwrap(evaluator, out);
            }
            (Some("merge"), _) => {
                let Some(contents) = get("contents") else {
                    return;
                };
                match contents.settle(evaluator).val {
                    Val::List(list) => {
                        for value in &list.items {
                            let def = Self {
                                value: value.clone(),
                                ..self.clone()
                            };
                            def.unwrap(evaluator, out);
                        }
                        if let Some(why) = &list.open {
                            out.push((self.clone(), Part::Hole(why.clone())));
                        }
                    }
                    Val::Unknown(why) => out.push((self.clone(), Part::Hole(why))),
                    _ => {}
                }
            }
            _ => out.push((self.clone(), Part::Set(Rc::clone(attrs)))),
        }
    }

    /// Whether its conditions hold.
    pub(super) fn held(&self, evaluator: &Evaluator<'_>) -> Held {
        let mut held = match &self.undecided {
            None => Held::Yes,
            Some(why) => Held::Maybe(why.clone()),
        };
        for condition in self.conditions.iter() {
            match condition.settle(evaluator).val {
                Val::Bool(true) => {}
                Val::Bool(false) => return Held::No,
                Val::Unknown(why) => held = Held::Maybe(why),
                _ => held = Held::Maybe(Why::Unsupported("an undecided condition".into())),
            }
        }
        held
    }
}

impl Node {
    /// The definitions without their wrappers. Empty while they are being found out.
    pub(super) fn parts(&self, evaluator: &Evaluator<'_>) -> &[Entry] {
        if let Some(parts) = self.parts.get() {
            return parts;
        }
        if self.is_busy.replace(true) {
            return &[];
        }
        let mut parts = Vec::new();
        for def in &self.defs {
            def.unwrap(evaluator, &mut parts);
        }
        let mut parts: Vec<Entry> = parts.into_iter().map(Rc::new).collect();
        for fragment in &self.fragments {
            match fragment.parts(evaluator) {
                Some(own) => parts.extend(own.iter().cloned()),
                // It asks for what it says itself.
                None => {
                    let def = Def::plain(fragment.config.clone());
                    parts.push(Rc::new((def, Part::Hole(Why::Cycle))));
                }
            }
        }
        self.is_busy.set(false);
        self.parts.get_or_init(|| parts)
    }

    /// The definitions that count, each with the condition that could not be decided.
    pub(super) fn undecided_definitions(
        &self,
        evaluator: &Evaluator<'_>,
    ) -> Vec<(Thunk, Condition)> {
        let parts = self.parts(evaluator).iter();
        parts
            .filter_map(|entry| {
                let (def, _) = &**entry;
                let condition = match def.held(evaluator) {
                    Held::No => return None,
                    Held::Yes => Condition::Always,
                    Held::Maybe(why) => Condition::Unknown { why, at: None },
                };
                Some((def.value.clone(), condition))
            })
            .collect()
    }

    /// True while the definitions are being found out: whoever asks then asks for itself.
    pub(super) fn is_busy(&self) -> bool {
        self.is_busy.get()
    }

    /// The declaration, if an option is declared right here.
    pub(super) fn declaration(&self, evaluator: &Evaluator<'_>) -> Option<Rc<AttrMap>> {
        self.options.iter().find_map(|options| match &options.val {
            Val::Attrs(attrs) if kind_of(attrs, evaluator).as_deref() == Some("option") => {
                Some(Rc::clone(attrs))
            }
            _ => None,
        })
    }

    /// True when options are declared here or below.
    pub(super) fn declares(&self) -> bool {
        !self.options.is_empty()
    }

    /// The names that are declared below.
    pub(super) fn declared_names(&self) -> Vec<Name> {
        let mut names = Vec::new();
        for options in &self.options {
            if let Val::Attrs(attrs) = &options.val {
                names.extend(attrs.map.keys().cloned());
            }
        }
        names
    }

    /// True when something other than a set is defined here.
    pub(super) fn has_leaf(&self, evaluator: &Evaluator<'_>) -> bool {
        self.parts(evaluator)
            .iter()
            .any(|entry| matches!(entry.1, Part::Leaf(_)))
    }

    /// True when nothing is known to be here.
    pub(super) fn is_empty(&self, evaluator: &Evaluator<'_>) -> bool {
        self.options.is_empty() && self.holes.is_empty() && self.parts(evaluator).is_empty()
    }

    /// What is below one more name.
    pub(super) fn child(&self, evaluator: &Evaluator<'_>, name: &str, is_top: bool) -> Self {
        let mut child = Self::default();
        // A module whose whole content is not known counts as unread, not as a hole.
        if !is_top {
            child.holes.clone_from(&self.holes);
        }
        if self.is_busy() {
            child.holes.push(Why::Cycle);
        }
        for entry in self.parts(evaluator) {
            let (def, part) = &**entry;
            match part {
                Part::Set(attrs) => {
                    if let Some(attr) = attrs.map.get(name) {
                        child.defs.push(Def {
                            value: attr.value.clone(),
                            attr: Some(attr.clone()),
                            ..def.clone()
                        });
                    } else if let (Some(why), false) = (&attrs.open, is_top) {
                        child.holes.push(why.clone());
                    }
                }
                Part::Hole(why) if !is_top || *why == Why::Cycle => {
                    child.holes.push(why.clone());
                }
                Part::Hole(_) | Part::Leaf(_) => {}
            }
        }
        for options in &self.options {
            if let Some(below) = evaluator.attribute(options, name) {
                push_options(below, &mut child.options);
            }
        }
        child
    }
}

fn push_options(value: Computed, options: &mut Vec<Computed>) {
    match &value.val {
        Val::Attrs(_) => options.push(value),
        Val::OneOf(several) => {
            for one in several.iter() {
                push_options(one.clone(), options);
            }
        }
        _ => {}
    }
}

impl Fragment {
    /// Its definitions without the wrappers around all of them; `None` while they are being
    /// found out.
    fn parts(&self, evaluator: &Evaluator<'_>) -> Option<&[Entry]> {
        if let Some(parts) = self.parts.get() {
            return Some(parts);
        }
        if self.is_busy.replace(true) {
            return None;
        }
        let undecided = match &self.condition {
            Condition::Always => None,
            Condition::Unknown { why, .. } => Some(why.clone()),
        };
        let def = Def {
            undecided,
            ..Def::plain(self.config.clone())
        };
        let mut parts = Vec::new();
        def.unwrap(evaluator, &mut parts);
        self.is_busy.set(false);
        let parts = self
            .parts
            .get_or_init(|| parts.into_iter().map(Rc::new).collect());
        Some(parts)
    }

    /// Its `options`, without wrappers.
    fn declarations(&self, evaluator: &Evaluator<'_>) -> &[Computed] {
        let Some(options) = &self.options else {
            return &[];
        };
        if let Some(known) = self.declarations.get() {
            return known;
        }
        let mut parts = Vec::new();
        Def::plain(options.clone()).unwrap(evaluator, &mut parts);
        let sets = parts.into_iter().filter_map(|(_, part)| match part {
            Part::Set(attrs) => Some(Computed::bare(Val::Attrs(attrs))),
            _ => None,
        });
        let sets: Vec<Computed> = sets.collect();
        self.declarations.get_or_init(|| sets)
    }
}

impl Scope {
    /// What is known about a path.
    pub(super) fn node(&self, evaluator: &Evaluator<'_>, path: &Names) -> Rc<Node> {
        let generation = self.generation.get();
        if let Some((made, node)) = self.nodes.borrow().get(path)
            && *made == generation
        {
            return Rc::clone(node);
        }
        let node = match path.split_last() {
            None => self.top(evaluator),
            Some((name, parent)) => {
                let above = self.node(evaluator, &Names::from(parent));
                above.child(evaluator, name, parent.is_empty())
            }
        };
        let node = Rc::new(node);
        self.nodes
            .borrow_mut()
            .insert(Rc::clone(path), (generation, Rc::clone(&node)));
        node
    }

    fn top(&self, evaluator: &Evaluator<'_>) -> Node {
        let mut top = Node {
            fragments: self.fragments(),
            ..Node::default()
        };
        for fragment in &top.fragments {
            top.options
                .extend(fragment.declarations(evaluator).iter().cloned());
        }
        top
    }

    /// A node of definitions that are not at a path of these modules: parts of a value.
    pub(super) fn loose(defs: Vec<Def>) -> Node {
        Node {
            defs,
            ..Node::default()
        }
    }
}
