//! The functions that make machines of modules: `nixosSystem`, `darwinSystem`,
//! `homeManagerConfiguration`. They build nothing here; they keep what they are called with.

use std::rc::Rc;

use super::inputs::native;
use crate::eval::runtime::{Attr, AttrMap, Computed, Extern, Thunk, Val};
use crate::eval::{Evaluator, Why};
use crate::facts::{ModuleSystem, Platform};
use crate::model::definition::Condition;
use crate::syntax::ast::Name;

/// The attribute under which a set that a machine was turned into keeps the machine.
const KEPT: &str = "\u{0}machine";

/// A machine that a function was asked to build.
#[derive(Clone, Debug)]
pub(in crate::model) struct Built {
    /// What its modules are for.
    pub system: ModuleSystem,
    /// The input whose function builds it; `None` when that is not known.
    pub from: Option<Name>,
    arguments: Computed,
    /// Modules of `extendModules`.
    extra: Vec<Computed>,
}

/// Functions that build machines, by the names that they have in every flake.
const BUILDERS: [(&str, ModuleSystem); 5] = [
    ("nixosSystem", ModuleSystem::Nixos),
    ("darwinSystem", ModuleSystem::NixDarwin),
    ("homeManagerConfiguration", ModuleSystem::HomeManager),
    ("evalConfig", ModuleSystem::NixDarwin),
    ("macOS", ModuleSystem::NixDarwin),
];

/// The builder of this name in the input `from`.
pub(super) fn builder(name: &str, from: Option<&Name>) -> Option<Computed> {
    let (name, system) = BUILDERS.iter().find(|(known, _)| *known == name)?;
    let system = *system;
    let from = from.cloned();
    Some(native(name, move |_, args| {
        let arguments = args.first().cloned();
        let from = from.clone();
        let extra = Vec::new();
        Computed::bare(Val::Extern(Rc::new(Lazy {
            system,
            from,
            arguments: arguments.unwrap_or_else(|| Thunk::val(Val::Attrs(Rc::default()))),
            extra,
        })))
    }))
}

/// A machine as a value.
#[derive(Clone, Debug)]
struct Lazy {
    system: ModuleSystem,
    from: Option<Name>,
    arguments: Thunk,
    extra: Vec<Computed>,
}

impl Lazy {
    /// `_module`: what the machine was called with, for whoever builds another one of it.
    fn modules(&self) -> Computed {
        let given = |name: &'static str| {
            let arguments = self.arguments.clone();
            Attr::computed(Thunk::call(move |evaluator| {
                let arguments = arguments.force(evaluator);
                evaluator
                    .attribute(&arguments, name)
                    .unwrap_or_else(|| Computed::bare(Val::Attrs(Rc::default())))
            }))
        };
        let set = |name: &str, attr: Attr| {
            let map = [(name.into(), attr)];
            Val::Attrs(Rc::new(AttrMap {
                map: map.into(),
                open: Some(Why::Option("_module".into())),
            }))
        };
        let mut module = match set("specialArgs", given("specialArgs")) {
            Val::Attrs(attrs) => (*attrs).clone(),
            _ => AttrMap::default(),
        };
        let args = set("modules", given("modules"));
        module
            .map
            .insert("args".into(), Attr::computed(Thunk::val(args)));
        Computed::bare(Val::Attrs(Rc::new(module)))
    }
}

impl Extern for Lazy {
    fn select(&self, _: &Evaluator<'_>, name: &str) -> Option<Computed> {
        if name == "_module" {
            return Some(self.modules());
        }
        if name == "extendModules" {
            let machine = self.clone();
            return Some(native("extendModules", move |evaluator, args| {
                let mut machine = machine.clone();
                machine
                    .extra
                    .extend(args.first().map(|arguments| arguments.settle(evaluator)));
                Computed::bare(Val::Extern(Rc::new(machine)))
            }));
        }
        let why = Why::Option(name.into());
        Some(Computed::bare(Val::Extern(Rc::new(Result(why)))))
    }

    fn is_leaf(&self) -> bool {
        true
    }

    fn whole(&self, _: &Evaluator<'_>) -> Val {
        let kept = Val::Extern(Rc::new(self.clone()));
        let map = [(KEPT.into(), Attr::computed(Thunk::val(kept)))];
        Val::Attrs(Rc::new(AttrMap {
            map: map.into(),
            open: Some(self.why()),
        }))
    }

    fn itself(&self) -> Option<&dyn std::any::Any> {
        Some(self)
    }

    fn why(&self) -> Why {
        Why::Unsupported("a machine as a value".into())
    }
}

/// What would come out of building a machine.
#[derive(Debug)]
struct Result(Why);

impl Extern for Result {
    fn select(&self, _: &Evaluator<'_>, name: &str) -> Option<Computed> {
        let why = match &self.0 {
            Why::Option(path) => Why::Option(format!("{path}.{name}").into()),
            why => why.clone(),
        };
        Some(Computed::bare(Val::Extern(Rc::new(Self(why)))))
    }

    fn why(&self) -> Why {
        self.0.clone()
    }
}

/// The machine that a value is.
///
/// # Errors
/// Why it is none that is known.
pub(super) fn built(
    evaluator: &Evaluator<'_>,
    value: &Computed,
) -> std::result::Result<Rc<Built>, Why> {
    match &value.val {
        Val::Extern(set) => {
            if let Some(machine) = set.itself().and_then(|any| any.downcast_ref::<Lazy>()) {
                return Ok(Rc::new(Built {
                    system: machine.system,
                    from: machine.from.clone(),
                    arguments: machine.arguments.settle(evaluator),
                    extra: machine.extra.clone(),
                }));
            }
            match set.whole(evaluator) {
                Val::Attrs(attrs) => kept(evaluator, &attrs),
                Val::Unknown(why) => Err(why),
                _ => Err(set.why()),
            }
        }
        Val::Attrs(attrs) => kept(evaluator, attrs),
        Val::Unknown(why) => Err(why.clone()),
        Val::OneOf(several) => several
            .iter()
            .find_map(|one| built(evaluator, one).ok())
            .ok_or_else(|| Why::Unsupported("a choice of machines".into())),
        _ => Err(Why::Unsupported(
            "a machine that no known function builds".into(),
        )),
    }
}

fn kept(evaluator: &Evaluator<'_>, attrs: &AttrMap) -> std::result::Result<Rc<Built>, Why> {
    match attrs.map.get(KEPT) {
        Some(kept) => built(evaluator, &kept.value.force(evaluator)),
        None => Err(attrs
            .open
            .clone()
            .unwrap_or_else(|| Why::Unsupported("a machine that no known function builds".into()))),
    }
}

impl Built {
    fn argument(&self, evaluator: &Evaluator<'_>, name: &str) -> Option<Computed> {
        let found = evaluator.attribute(&self.arguments, name)?;
        match &found.val {
            Val::Unknown(Why::Argument(_)) => None,
            _ => Some(found),
        }
    }

    /// True when it is called with its packages.
    pub fn is_given_packages(&self, evaluator: &Evaluator<'_>) -> bool {
        evaluator.attribute(&self.arguments, "pkgs").is_some()
    }

    /// Its modules; the errors say why there may be more.
    pub fn modules(
        &self,
        evaluator: &Evaluator<'_>,
        unread: &mut Vec<Why>,
    ) -> Vec<(Thunk, Condition)> {
        let mut modules = Vec::new();
        let mut add = |value: Option<Computed>| {
            let Some(value) = value else { return };
            match value.settled(evaluator).val {
                Val::List(list) => {
                    let items = list.items.iter();
                    modules.extend(items.map(|item| (item.clone(), Condition::Always)));
                    unread.extend(list.open.clone());
                }
                Val::Unknown(why) => unread.push(why),
                _ => {}
            }
        };
        for name in ["modules", "extraModules"] {
            add(self.argument(evaluator, name));
        }
        for extended in &self.extra {
            add(evaluator.attribute(extended, "modules"));
        }
        if let Val::Unknown(why) = &self.arguments.val {
            unread.push(why.clone());
        }
        // Before there was `modules`, home-manager had one `configuration`.
        if self.system == ModuleSystem::HomeManager
            && let Some(configuration) = self.argument(evaluator, "configuration")
        {
            modules.push((Thunk::done(configuration), Condition::Always));
        }
        modules
    }

    /// What its modules get as arguments beside the usual ones.
    pub fn special(&self, evaluator: &Evaluator<'_>) -> AttrMap {
        let mut special = AttrMap::default();
        for name in ["specialArgs", "extraSpecialArgs", "extraArgs"] {
            match self
                .argument(evaluator, name)
                .map(|value| value.settled(evaluator).val)
            {
                Some(Val::Attrs(attrs)) => {
                    special.map = special.map.updated(&attrs.map);
                    special.open = special.open.or_else(|| attrs.open.clone());
                }
                Some(Val::Unknown(why)) => special.open = Some(why),
                _ => {}
            }
        }
        for name in ["lib", "pkgs", "inputs"] {
            if let Some(value) = self.argument(evaluator, name) {
                special
                    .map
                    .insert_new(name.into(), || Attr::computed(Thunk::done(value)));
            }
        }
        special
    }

    /// The platform that the caller names by `system`.
    pub fn named_platform(&self, evaluator: &Evaluator<'_>) -> Option<Platform> {
        platform_in(self.argument(evaluator, "system")?, evaluator)
    }

    /// The platform of the packages that the caller hands over.
    pub fn platform(&self, evaluator: &Evaluator<'_>) -> Option<Platform> {
        let packages = self.argument(evaluator, "pkgs")?;
        ["system", "stdenv"].into_iter().find_map(|name| {
            let found = evaluator.attribute(&packages, name)?;
            match name {
                "stdenv" => platform_in(evaluator.attribute(&found, "system")?, evaluator),
                _ => platform_in(found, evaluator),
            }
        })
    }
}

/// The platform that text names.
fn platform_in(value: Computed, evaluator: &Evaluator<'_>) -> Option<Platform> {
    match value.settled(evaluator).val {
        Val::Str(text) => text.parse().ok(),
        _ => None,
    }
}
