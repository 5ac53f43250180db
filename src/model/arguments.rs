//! What a module's function is called with: `lib`, `pkgs`, `config` and the rest.

use std::rc::Rc;
use std::sync::Arc;

use crate::eval::runtime::{Attr, AttrMap, Computed, Extern, Thunk, Val};
use crate::eval::{Evaluator, Why};
use crate::facts::{Arch, Os, Platform};

/// The arguments of a module on a machine with this platform, as far as it is known.
pub(super) fn arguments(evaluator: &Evaluator<'_>, platform: Option<Platform>) -> Thunk {
    let unread = |name: &'static str| {
        Attr::computed(Thunk::val(Val::Extern(Rc::new(Unread {
            path: name.into(),
        }))))
    };
    let map = [
        ("lib".into(), Attr::computed(evaluator.lib())),
        (
            "pkgs".into(),
            Attr::computed(Thunk::val(Val::Extern(Rc::new(Packages { platform })))),
        ),
        ("config".into(), unread("config")),
        ("options".into(), unread("options")),
    ];
    let open = Some(Why::Argument("an argument".into()));
    Thunk::val(Val::Attrs(Rc::new(AttrMap {
        map: map.into(),
        open,
    })))
}

/// `config` and `options`: what other modules say.
#[derive(Debug)]
struct Unread {
    path: Arc<str>,
}

impl Extern for Unread {
    fn select(&self, _: &Evaluator<'_>, name: &str) -> Option<Computed> {
        let path = format!("{}.{name}", self.path).into();
        Some(Computed::bare(Val::Extern(Rc::new(Self { path }))))
    }

    fn why(&self) -> Why {
        Why::Option(Arc::clone(&self.path))
    }
}

/// `pkgs`: the platform is known, packages are not.
#[derive(Debug)]
struct Packages {
    platform: Option<Platform>,
}

impl Extern for Packages {
    fn select(&self, evaluator: &Evaluator<'_>, name: &str) -> Option<Computed> {
        Some(match name {
            "lib" => evaluator.lib().force(evaluator),
            "stdenv" | "stdenvNoCC" => {
                let platform = Attr::computed(Thunk::val(self.host_platform()));
                let mut map = match self.host_platform() {
                    Val::Attrs(attrs) => (*attrs).clone(),
                    _ => AttrMap::default(),
                };
                map.map.insert("hostPlatform".into(), platform.clone());
                map.map.insert("targetPlatform".into(), platform);
                Computed::bare(Val::Attrs(Rc::new(map)))
            }
            "hostPlatform" | "targetPlatform" => Computed::bare(self.host_platform()),
            "system" => match self.platform.filter(|platform| platform.arch.is_some()) {
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
            _ => Computed::bare(Val::Unknown(self.why())),
        })
    }

    fn why(&self) -> Why {
        Why::Argument("pkgs".into())
    }
}

impl Packages {
    /// Predicates of nixpkgs `lib/systems/inspect.nix`, as far as the platform decides them.
    fn host_platform(&self) -> Val {
        let mut map = AttrMap {
            open: Some(self.why()),
            ..AttrMap::default()
        };
        let mut set = |name: &str, value: Val| {
            map.map
                .insert(name.into(), Attr::computed(Thunk::val(value)));
        };
        if let Some(platform) = self.platform {
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
