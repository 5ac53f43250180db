//! What evaluation gives: values that own their data, with the way they came.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::text::Place;

/// Why a value is not known. Never the same as "not set".
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Why {
    /// An argument that the caller supplies: `pkgs`, `inputs`, `userConfig`.
    Argument(Arc<str>),
    /// A package of a package set, which is not built: `pkgs.lix`; `nixpkgs.lix` where it is not
    /// the set that modules get.
    Package(Arc<str>),
    /// An option that is set or defaulted in code that was not read.
    Option(Arc<str>),
    /// A file that could not be read or parsed, or lies outside the tree.
    Import(Arc<str>),
    /// `<nixpkgs>` and the like.
    SearchPath(Arc<str>),
    /// Needs a build, the network, the clock or the environment.
    Impure(Arc<str>),
    /// A function that nixtune does not know.
    Unsupported(Arc<str>),
    /// A name that nothing defines.
    Undefined(Arc<str>),
    /// Evaluation fails here: a type error, a missing attribute, `abort`. Carries the reason.
    Failure(Arc<str>),
    /// Evaluation fails here in a way that `tryEval` catches: `throw`, `assert`.
    Thrown(Arc<str>),
    /// A value that needs itself.
    Cycle,
    /// Fuel, depth or size ran out.
    Limit,
}

impl Why {
    /// What a path is called that interpolation copies into the store.
    pub(super) const PATH_COPY: &str = "a path copied to the store";
    /// What a path in a flake is called, of which Nix sees a copy in the store.
    const FLAKE_COPY: &str = "the flake's copy in the store";

    /// The folder of the modules of NixOS, as their argument is called.
    const MODULES: &str = "modulesPath";
    /// No path of a module is longer.
    const LONGEST_MODULE: usize = 200;

    /// Why text is not known that begins with what is not known and goes on with `text`: a module
    /// of nixpkgs is told by its path.
    #[must_use]
    pub(super) fn followed_by(&self, text: &str) -> Self {
        match self {
            Self::Argument(path)
                if path.starts_with(Self::MODULES)
                    && path.len() + text.len() <= Self::LONGEST_MODULE =>
            {
                Self::Argument(format!("{path}{text}").into())
            }
            _ => self.clone(),
        }
    }

    /// The path of a module of nixpkgs below its folder of modules: `profiles/minimal.nix`.
    pub fn module_of_nixpkgs(&self) -> Option<&str> {
        match self {
            Self::Argument(path) => path.strip_prefix(Self::MODULES)?.strip_prefix('/'),
            Self::SearchPath(path) => path.strip_prefix("nixpkgs/nixos/modules/"),
            _ => None,
        }
    }

    /// A path in the folder of a flake: Nix evaluates a copy of it, whose name is not known.
    pub fn flake_copy() -> Self {
        Self::Impure(Self::FLAKE_COPY.into())
    }

    /// True when the value is not known, but certainly the path of something in the store, or
    /// text with such a path in it.
    pub fn is_in_store(&self) -> bool {
        let Self::Impure(what) = self else {
            return false;
        };
        matches!(
            &**what,
            Self::PATH_COPY
                | Self::FLAKE_COPY
                | "builtins.toFile"
                | "builtins.path"
                | "builtins.filterSource"
        )
    }

    /// True when evaluation ends here, whatever the unknown parts are: what needs such a value
    /// has none itself.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Failure(_) | Self::Thrown(_) | Self::Cycle | Self::Limit
        )
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(name) => write!(f, "depends on the argument `{name}`"),
            Self::Package(path) => write!(f, "depends on the package `{path}`"),
            Self::Option(path) => write!(f, "depends on the option `{path}`"),
            Self::Import(path) => write!(f, "depends on `{path}`, which was not read"),
            Self::SearchPath(name) => write!(f, "depends on the search path `<{name}>`"),
            Self::Impure(name) => write!(f, "depends on `{name}`, which is known only at run time"),
            Self::Unsupported(name) => write!(f, "uses `{name}`, which is not evaluated"),
            Self::Undefined(name) => write!(f, "uses `{name}`, which is not defined"),
            Self::Failure(reason) | Self::Thrown(reason) => {
                write!(f, "fails to evaluate: {reason}")
            }
            Self::Cycle => f.write_str("depends on itself"),
            Self::Limit => f.write_str("is too large to evaluate"),
        }
    }
}

/// How a value travelled from where it is written to where it is used.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Via {
    /// A name bound by `let` or `rec`.
    Binding,
    /// A name taken over with `inherit`.
    Inherit,
    /// A function's parameter.
    Argument,
    /// A name found through `with`.
    With,
    /// An attribute selected from a set.
    Select,
    /// Another file.
    Import,
    /// A branch of `if` or `mkIf`.
    Branch,
    /// `mkForce`, `mkDefault`, `mkOverride`, `mkOrder` and relatives.
    Wrapper,
}

/// One stage of a value's way.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Step {
    /// What kind of stage.
    pub via: Via,
    /// The expression that took it.
    pub place: Place,
}

/// A value that owns its data; lambdas and everything else that has no JSON form is
/// [`Value::Unknown`].
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A double.
    Float(f64),
    /// A string without context.
    Str(Arc<str>),
    /// A path, absolute and normalized.
    Path(PathBuf),
    /// A list.
    List(Vec<Traced>),
    /// An attribute set.
    Attrs(BTreeMap<Arc<str>, Traced>),
    /// One of a few values; which one depends on a condition that is not known.
    OneOf(Vec<Traced>),
    /// Not known.
    Unknown(Why),
}

/// A value with the places that made it.
#[derive(Clone, PartialEq, Debug)]
pub struct Traced {
    /// The value.
    pub value: Value,
    /// The expression whose evaluation gave the value first: for `let n = 4; in { cores = n; }`
    /// the `4`. `None` for values that no file wrote.
    pub origin: Option<Place>,
    /// The expression that stands where the value is used: the `n` above. Equal to `origin` for
    /// a plain literal.
    pub site: Option<Place>,
    /// The stages from `origin` to `site`, first taken last.
    pub via: Vec<Step>,
}

impl Traced {
    /// A value that no file wrote.
    pub fn bare(value: Value) -> Self {
        Self {
            value,
            origin: None,
            site: None,
            via: Vec::new(),
        }
    }

    /// True when the value is written right where it is used.
    pub fn is_literal_in_place(&self) -> bool {
        self.origin.is_some() && self.origin == self.site
    }
}

impl Value {
    /// True for a known value that has no parts.
    pub fn is_scalar(&self) -> bool {
        matches!(
            self,
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Str(_)
        )
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The attributes, if it is a set.
    pub fn as_attrs(&self) -> Option<&BTreeMap<Arc<str>, Traced>> {
        match self {
            Self::Attrs(attrs) => Some(attrs),
            _ => None,
        }
    }

    /// The elements, if it is a list.
    pub fn as_list(&self) -> Option<&[Traced]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The value that JSON stands for.
    pub fn from_json(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(number) => Self::Int(number),
                None => Self::Float(number.as_f64().unwrap_or_default()),
            },
            Json::String(text) => Self::Str(text.as_str().into()),
            Json::Array(items) => Self::List(
                items
                    .iter()
                    .map(|item| Traced::bare(Self::from_json(item)))
                    .collect(),
            ),
            Json::Object(attrs) => Self::Attrs(
                attrs
                    .iter()
                    .map(|(name, one)| (name.as_str().into(), Traced::bare(Self::from_json(one))))
                    .collect(),
            ),
        }
    }

    /// True when no part of it is unknown or undecided.
    pub fn is_fully_known(&self) -> bool {
        match self {
            Self::Unknown(_) | Self::OneOf(_) => false,
            Self::List(items) => items.iter().all(|item| item.value.is_fully_known()),
            Self::Attrs(attrs) => attrs.values().all(|attr| attr.value.is_fully_known()),
            _ => true,
        }
    }
}
