//! Flakes: which machines their outputs hold, whatever builds them.

mod builders;
mod inputs;
mod locked;
mod parts;

use std::path::{Path, PathBuf};
use std::rc::Rc;

pub(super) use builders::Built;
pub(super) use locked::Locked;

use super::scope::Scope;
use crate::eval::runtime::{Attr, AttrMap, Computed, Thunk, Val};
use crate::eval::{Evaluator, Why};
use crate::facts::ModuleSystem;
use inputs::{Input, Own};

/// Outputs that hold machines.
const OUTPUTS: [&str; 3] = [
    "darwinConfigurations",
    "nixosConfigurations",
    "homeConfigurations",
];

/// Outputs that hold the machines of colmena, the newer one first. What they hold is mostly in
/// `nixosConfigurations`, too.
const HIVES: [&str; 2] = ["colmenaHive", "colmena"];

/// The outputs of a flake, not looked at yet.
pub(super) struct Outputs {
    value: Computed,
}

/// A machine's place in the outputs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Output {
    /// `darwinConfigurations` and the like.
    pub set: &'static str,
    /// The machine's name in it.
    pub name: String,
}

impl Outputs {
    /// Calls a flake's `outputs` with its inputs, as far as they are known.
    pub fn of(evaluator: &Evaluator<'_>, flake: &Path) -> Self {
        evaluator.files().depend(flake);
        let own = Own::open(evaluator, flake, 0);
        Self {
            value: own.outputs(evaluator),
        }
    }

    /// The machines, and sets of machines whose names are not known.
    pub fn machines(&self, evaluator: &Evaluator<'_>) -> (Vec<Output>, Vec<(&'static str, Why)>) {
        let mut found = Vec::new();
        let mut unknown = Vec::new();
        for set in OUTPUTS {
            let Some(machines) = evaluator.attribute(&self.value, set) else {
                continue;
            };
            let machines = machines.settled(evaluator);
            match machines.val {
                Val::Attrs(attrs) => {
                    found.extend(attrs.map.keys().map(|name| Output {
                        set,
                        name: name.to_string(),
                    }));
                    if let Some(why) = &attrs.open {
                        unknown.push((set, why.clone()));
                    }
                }
                Val::OneOf(several) => {
                    for one in several.iter() {
                        if let Val::Attrs(attrs) = &one.val {
                            found.extend(attrs.map.keys().map(|name| Output {
                                set,
                                name: name.to_string(),
                            }));
                        }
                    }
                    found.sort();
                    found.dedup();
                }
                Val::Unknown(why) => unknown.push((set, why)),
                _ => {}
            }
        }
        if !found
            .iter()
            .any(|output| output.set == "nixosConfigurations")
        {
            for set in HIVES {
                let Some(Val::Attrs(nodes)) = self.nodes(evaluator, set).map(|nodes| nodes.val)
                else {
                    continue;
                };
                found.extend(nodes.map.keys().map(|name| Output {
                    set,
                    name: name.to_string(),
                }));
                break;
            }
        }
        (found, unknown)
    }

    /// The machines in an output of colmena, by name.
    fn nodes(&self, evaluator: &Evaluator<'_>, set: &str) -> Option<Computed> {
        let value = evaluator.attribute(&self.value, set)?.settled(evaluator);
        let hive = match set {
            "colmena" => {
                let function = inputs::known(evaluator, "hive")?;
                evaluator.apply(&function, Thunk::done(value))
            }
            _ => value,
        };
        Some(evaluator.attribute(&hive, "nodes")?.settled(evaluator))
    }

    /// An output.
    pub fn attribute(&self, evaluator: &Evaluator<'_>, name: &str) -> Option<Computed> {
        evaluator.attribute(&self.value, name)
    }

    /// What builds a machine.
    ///
    /// # Errors
    /// Why that is not known.
    pub fn built(&self, evaluator: &Evaluator<'_>, output: &Output) -> Result<Rc<Built>, Why> {
        let unset = || Why::Option(format!("{}.{}", output.set, output.name).into());
        let set = if HIVES.contains(&output.set) {
            self.nodes(evaluator, output.set)
        } else {
            evaluator.attribute(&self.value, output.set)
        };
        let set = set.ok_or_else(unset)?;
        let value = evaluator.attribute(&set, &output.name).ok_or_else(unset)?;
        builders::built(evaluator, &value)
    }
}

/// The modules of home-manager users within a machine's modules, by user.
pub(super) fn users(
    evaluator: &Evaluator<'_>,
    scope: &Rc<Scope>,
    system: ModuleSystem,
) -> Vec<(String, UserModules)> {
    let users = scope.lookup(evaluator, &["home-manager", "users"]);
    let Val::Attrs(attrs) = &users.val else {
        return Vec::new();
    };
    let names: Vec<String> = attrs.map.keys().map(ToString::to_string).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let shared = scope.lookup(evaluator, &["home-manager", "sharedModules"]);
    // That modules of inputs may define it as well is said of the machine.
    let unread: Vec<Why> = scope
        .definitions(evaluator, &["home-manager", "sharedModules"])
        .into_iter()
        .filter_map(|(value, _)| match value.settle(evaluator).val {
            Val::List(list) => list.open.clone(),
            Val::Unknown(why) => Some(why),
            _ => None,
        })
        .collect();
    let special = scope.lookup(evaluator, &["home-manager", "extraSpecialArgs"]);
    names
        .into_iter()
        .map(|name| {
            let own = scope.definitions(evaluator, &["home-manager", "users", &name]);
            let mut arguments = match &special.val {
                Val::Attrs(attrs) => (**attrs).clone(),
                _ => AttrMap {
                    open: Some(Why::Argument("an argument".into())),
                    ..AttrMap::default()
                },
            };
            // Where no value is given by name, home-manager's own arguments remain.
            let mut give = |key: &str, val: Val| {
                arguments
                    .map
                    .insert_new(key.into(), || Attr::computed(Thunk::val(val)));
            };
            give("osConfig", scope.config());
            match system {
                ModuleSystem::Nixos => give("nixosConfig", scope.config()),
                ModuleSystem::NixDarwin => give("darwinConfig", scope.config()),
                _ => {}
            }
            give("name", Val::Str(name.as_str().into()));
            let mut modules = own;
            if let Val::List(list) = &shared.val {
                modules.extend(
                    list.items
                        .iter()
                        .map(|module| (module.clone(), super::Condition::Always)),
                );
            }
            let unread = unread.clone();
            let defaults = account_of(evaluator, scope, &name);
            (
                name,
                UserModules {
                    modules,
                    arguments,
                    defaults,
                    unread,
                },
            )
        })
        .collect()
}

/// What home-manager takes over from the user's account on the machine (`nixos/common.nix` of
/// home-manager, which nix-darwin shares), as far as it is known.
fn account_of(
    evaluator: &Evaluator<'_>,
    scope: &Rc<Scope>,
    user: &str,
) -> Vec<(&'static str, Val)> {
    [("home.username", "name"), ("home.homeDirectory", "home")]
        .into_iter()
        .filter_map(|(option, of_account)| {
            let value = scope.lookup(evaluator, &["users", "users", user, of_account]);
            matches!(value.val, Val::Str(_) | Val::Path(_)).then_some((option, value.val))
        })
        .collect()
}

/// What one user's home-manager configuration is made of.
pub(super) struct UserModules {
    pub modules: Vec<(Thunk, super::Condition)>,
    pub arguments: AttrMap,
    /// Options that home-manager sets by what the machine says of the user.
    pub defaults: Vec<(&'static str, Val)>,
    /// Why there may be more modules.
    pub unread: Vec<Why>,
}

/// The folder of a flake.
fn folder_of(flake: &Path) -> PathBuf {
    flake.parent().unwrap_or(flake).to_path_buf()
}

/// The inputs that a flake's outputs are called with.
fn inputs_of(
    evaluator: &Evaluator<'_>,
    flake: &Computed,
    folder: &Path,
    depth: u32,
) -> Vec<(crate::syntax::ast::Name, Attr)> {
    let Some(Val::Attrs(inputs)) = evaluator
        .attribute(flake, "inputs")
        .map(|inputs| inputs.settled(evaluator).val)
    else {
        return Vec::new();
    };
    inputs
        .map
        .iter()
        .map(|(name, attr)| {
            let input = Input::of(evaluator, name, &attr.value, folder, depth);
            (name.clone(), Attr::computed(Thunk::val(input)))
        })
        .collect()
}
