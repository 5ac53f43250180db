//! flake-parts: a flake whose outputs are the `flake` option of a set of modules.

use std::rc::Rc;

use super::inputs::{known, library, native};
use crate::eval::runtime::{Attr, AttrMap, Computed, Extern, Thunk, Val};
use crate::eval::{Evaluator, Why};
use crate::model::definition::Condition;
use crate::model::packages::Packages;
use crate::model::scope::{Frame, Scope};

/// Outputs that hold modules, by the number of names that lead to one.
const MODULES: &[(&[&str], usize)] = &[
    (&["flake", "modules"], 2),
    (&["flake", "nixosModules"], 1),
    (&["flake", "darwinModules"], 1),
    (&["flake", "homeModules"], 1),
    (&["flake", "homeManagerModules"], 1),
    (&["flake", "flakeModules"], 1),
];

/// `mkFlake { inputs, … } module`: the first argument here is a set of both.
pub(super) fn evaluate(evaluator: &Evaluator<'_>, args: &[Thunk]) -> Computed {
    let Some(given) = args.first().map(|given| given.settle(evaluator)) else {
        return Computed::bare(Val::Unknown(Why::Unsupported("mkFlake".into())));
    };
    let get = |set: &Computed, name: &str| evaluator.attribute(set, name);
    let arguments = get(&given, "arguments").unwrap_or_else(|| given.clone());
    let mut special = AttrMap::default();
    if let Some(Val::Attrs(attrs)) =
        get(&arguments, "specialArgs").map(|value| value.settled(evaluator).val)
    {
        special.map.clone_from(&attrs.map);
        special.open.clone_from(&attrs.open);
    }
    let mut give = |name: &str, value: Computed| {
        special
            .map
            .insert_new(name.into(), || Attr::computed(Thunk::done(value)));
    };
    let inputs = get(&arguments, "inputs");
    let own = get(&arguments, "self").or_else(|| get(inputs.as_ref()?, "self"));
    if let Some(inputs) = &inputs {
        give("inputs", inputs.clone());
    }
    if let Some(own) = own {
        give("self", own);
    }
    give("lib", library(evaluator));
    if let Some(functions) = known(evaluator, "flake-parts").and_then(|own| get(&own, "lib")) {
        give("flake-parts-lib", functions);
    }
    let with_system = native_two("withSystem", {
        let inputs = inputs.clone();
        move |evaluator, system, function| {
            let function = function.force(evaluator);
            let arguments = Computed::bare(per_system(evaluator, system, inputs.as_ref()));
            evaluator.apply(&function, Thunk::done(arguments))
        }
    });
    give("withSystem", with_system);
    let module =
        get(&given, "module").map_or_else(|| Thunk::val(Val::Attrs(Rc::default())), Thunk::done);
    let frame = Frame {
        special,
        whole: true,
        closed: true,
        deferred: MODULES,
        ..Frame::default()
    };
    let scope = Scope::new(evaluator, frame, [(module, Condition::Always)]);
    Computed::bare(scope.at(&["flake"]))
}

/// What `withSystem` gives to its function.
fn per_system(evaluator: &Evaluator<'_>, system: &Thunk, inputs: Option<&Computed>) -> Val {
    let platform = match system.settle(evaluator).val {
        Val::Str(text) => text.parse().ok(),
        _ => None,
    };
    let mut map = AttrMap {
        open: Some(Why::Argument("perSystem".into())),
        ..AttrMap::default()
    };
    let mut give = |name: &str, value: Thunk| {
        map.map.insert(name.into(), Attr::computed(value));
    };
    give("system", system.clone());
    let packages: Rc<dyn Extern> = Rc::new(Packages::for_platform(platform));
    give("pkgs", Thunk::val(Val::Extern(packages)));
    if let Some(inputs) = inputs {
        give("inputs", Thunk::done(inputs.clone()));
    }
    Val::Attrs(Rc::new(map))
}

fn native_two(
    name: &'static str,
    body: impl Fn(&Evaluator<'_>, &Thunk, &Thunk) -> Computed + 'static,
) -> Computed {
    let Computed {
        val: Val::Native(one),
        ..
    } = native(name, move |evaluator, args| match args {
        [first, second] => body(evaluator, first, second),
        _ => Computed::bare(Val::Unknown(Why::Unsupported(name.into()))),
    })
    else {
        return Computed::bare(Val::Unknown(Why::Unsupported(name.into())));
    };
    let mut two = (*one).clone();
    two.arity = 2;
    Computed::bare(Val::Native(Rc::new(two)))
}
