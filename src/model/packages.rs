//! `pkgs`: the platform is known, packages are not.

use std::rc::Rc;
use std::sync::Arc;

use super::scope::Scope;
use crate::eval::runtime::{Attr, AttrMap, Computed, Extern, Thunk, Val};
use crate::eval::{Evaluator, Why};
use crate::facts::{Arch, Os, Platform};

/// `pkgs`: the platform is known, packages are not.
#[derive(Debug)]
pub(super) struct Packages {
    platform: Source,
}

/// Where the platform of a package set comes from.
#[derive(Debug)]
enum Source {
    Fixed(Option<Platform>),
    /// What modules set.
    Scope(Rc<Scope>),
}

impl Extern for Packages {
    fn select(&self, evaluator: &Evaluator<'_>, name: &str) -> Option<Computed> {
        Some(match name {
            "lib" => evaluator.lib().force(evaluator),
            "stdenv" | "stdenvNoCC" => {
                let platform = Attr::computed(Thunk::val(self.host_platform(evaluator)));
                let mut map = match self.host_platform(evaluator) {
                    Val::Attrs(attrs) => (*attrs).clone(),
                    _ => AttrMap::default(),
                };
                map.map.insert("hostPlatform".into(), platform.clone());
                map.map.insert("targetPlatform".into(), platform);
                Computed::bare(Val::Attrs(Rc::new(map)))
            }
            "hostPlatform" | "targetPlatform" => Computed::bare(self.host_platform(evaluator)),
            "system" => match self
                .platform(evaluator)
                .filter(|platform| platform.arch.is_some())
            {
                Some(platform) => Computed::bare(Val::Str(platform.to_string().into())),
                None => Computed::bare(Val::Unknown(self.why())),
            },
            // Functions of the module system that `with pkgs;` would otherwise hide.
            "mkIf" | "mkForce" | "mkDefault" | "mkMerge" | "mkBefore" | "mkAfter"
            | "mkOverride" | "mkOption" | "mkEnableOption" | "optional" | "optionals"
            | "optionalAttrs" | "optionalString" => {
                let lib = evaluator.lib().force(evaluator);
                evaluator
                    .attribute(&lib, name)
                    .unwrap_or_else(|| Computed::bare(Val::Unknown(self.why())))
            }
            _ if is_of_nix(name) => {
                let set = match self.platform {
                    Source::Scope(_) => "pkgs",
                    Source::Fixed(_) => "nixpkgs",
                };
                let path = format!("{set}.{name}").into();
                Computed::bare(Val::Extern(Rc::new(Package { path })))
            }
            _ => Computed::bare(Val::Unknown(self.why())),
        })
    }

    fn why(&self) -> Why {
        Why::Argument("pkgs".into())
    }
}

/// True for packages of Nix and its forks, and sets of them: what they are called tells which Nix
/// a machine gets.
fn is_of_nix(name: &str) -> bool {
    matches!(
        name,
        "nix"
            | "nixVersions"
            | "nixStable"
            | "nixUnstable"
            | "nixFlakes"
            | "lix"
            | "lixVersions"
            | "lixPackageSets"
    ) || name.starts_with("nix_2_")
}

/// A package, or something in one: known by its name only.
#[derive(Debug)]
struct Package {
    path: Arc<str>,
}

impl Extern for Package {
    fn select(&self, _: &Evaluator<'_>, name: &str) -> Option<Computed> {
        let path = format!("{}.{name}", self.path).into();
        Some(Computed::bare(Val::Extern(Rc::new(Self { path }))))
    }

    fn apply(&self, _: &Evaluator<'_>, _: Thunk) -> Computed {
        // `pkgs.nix.overrideAttrs f` may be anything.
        Computed::bare(Val::Unknown(Why::Argument("pkgs".into())))
    }

    fn is_leaf(&self) -> bool {
        true
    }

    fn why(&self) -> Why {
        Why::Package(Arc::clone(&self.path))
    }
}

impl Packages {
    /// Packages for a platform; `None` when it is not known.
    pub fn for_platform(platform: Option<Platform>) -> Self {
        Self {
            platform: Source::Fixed(platform),
        }
    }

    /// The packages that modules get.
    pub fn of(scope: &Rc<Scope>) -> Self {
        Self {
            platform: Source::Scope(Rc::clone(scope)),
        }
    }

    fn platform(&self, evaluator: &Evaluator<'_>) -> Option<Platform> {
        match &self.platform {
            Source::Fixed(platform) => *platform,
            Source::Scope(scope) => scope.platform(evaluator),
        }
    }

    /// Predicates of nixpkgs `lib/systems/inspect.nix`, as far as the platform decides them.
    fn host_platform(&self, evaluator: &Evaluator<'_>) -> Val {
        let mut map = AttrMap {
            open: Some(self.why()),
            ..AttrMap::default()
        };
        let mut set = |name: &str, value: Val| {
            map.map
                .insert(name.into(), Attr::computed(Thunk::val(value)));
        };
        if let Some(platform) = self.platform(evaluator) {
            let darwin = platform.os == Os::Darwin;
            for name in ["isDarwin", "isMacOS"] {
                set(name, Val::Bool(darwin));
            }
            set("isLinux", Val::Bool(!darwin));
            set("isUnix", Val::Bool(true));
            for name in ["isWindows", "isFreeBSD", "isiOS"] {
                set(name, Val::Bool(false));
            }
            if let Some(arch) = platform.arch {
                let arm = arch == Arch::Aarch64;
                for name in ["isAarch64", "isAarch", "isArm64"] {
                    set(name, Val::Bool(arm));
                }
                for name in ["isx86_64", "isx86"] {
                    set(name, Val::Bool(!arm));
                }
                set("is64bit", Val::Bool(true));
                set("system", Val::Str(platform.to_string().into()));
            }
        }
        Val::Attrs(Rc::new(map))
    }
}
