//! The Linux builder of a Mac as rules see it: its switch, and the size of its virtual machine.

use super::RuleCx;
use super::build_machines::is_settled;
use crate::catalog::OptionDefault;
use crate::diagnostic::{Change, Confidence, NewValue};
use crate::facts::ModuleSystem;
use crate::model::{Definition, Effective, OptionPath, Setting};
use crate::units::Bytes;

/// Options of a builder that runs in a virtual machine: of nix-darwin, and of Determinate's module.
const SETS: [&str; 2] = [
    "nix.linux-builder",
    "determinateNix.nixosVmBasedLinuxBuilder",
];

/// Cores of the virtual machine.
pub(super) const CORES: &str = "config.virtualisation.cores";
/// Its memory, in MiB.
pub(super) const MEMORY: &str = "config.virtualisation.darwin-builder.memorySize";
/// Its disk, in MiB.
pub(super) const DISK: &str = "config.virtualisation.darwin-builder.diskSize";

const MIB: u64 = 1 << 20;

/// A size of the virtual machine.
#[derive(Clone, Copy, Debug)]
pub(super) enum Size<'a> {
    /// A file gives it.
    Set(u64, Effective<'a>),
    /// Nothing that was read gives it, so that it is the default.
    Default(u64),
    /// Not known.
    Unknown,
}

impl<'a> Size<'a> {
    /// The number, given or by default.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Set(number, _) | Self::Default(number) => Some(*number),
            Self::Unknown => None,
        }
    }

    /// The definition that gives it.
    pub fn definition(&self) -> Option<&'a Definition> {
        match self {
            Self::Set(_, effective) => Some(effective.definition),
            _ => None,
        }
    }

    /// True when it is the default.
    pub fn is_default(&self) -> bool {
        matches!(self, Self::Default(_))
    }
}

/// One builder of a machine.
#[derive(Clone, Copy)]
pub(super) struct LinuxBuilder<'c, 'a> {
    cx: &'c RuleCx<'a>,
    set: &'static str,
    /// Its switch.
    pub enable: Effective<'a>,
    /// True when the switch is on.
    pub is_on: bool,
}

/// The builders whose switch is set whatever happens.
pub(super) fn linux_builders<'c, 'a>(cx: &'c RuleCx<'a>) -> Vec<LinuxBuilder<'c, 'a>> {
    if cx.target().system() != Some(ModuleSystem::NixDarwin) {
        return Vec::new();
    }
    SETS.into_iter()
        // nix-darwin refuses its own builder when it does not manage Nix.
        .filter(|set| !(set.starts_with("nix.") && cx.nix_disabled_by().is_some()))
        .filter_map(|set| {
            let enable = cx.option(&format!("{set}.enable")).known()?;
            if !is_settled(cx, &enable) {
                return None;
            }
            Some(LinuxBuilder {
                cx,
                set,
                enable,
                is_on: enable.as_bool()?,
            })
        })
        .collect()
}

impl<'a> LinuxBuilder<'_, 'a> {
    /// The full path of an option below the builder's set.
    pub fn path(&self, name: &str) -> String {
        format!("{}.{name}", self.set)
    }

    /// An option below the builder's set.
    pub fn option(&self, name: &str) -> Setting<'a> {
        self.cx.option(&self.path(name))
    }

    /// True when the virtual machine is the module's own package, with no modules but those that
    /// were read.
    fn is_stock(&self) -> bool {
        self.option("package").is_unset() && !self.is_open()
    }

    /// True when a part of the virtual machine's configuration is not known.
    pub fn is_open(&self) -> bool {
        let config = OptionPath::dotted(&self.path("config"));
        let mut holes = self.cx.machine().holes.iter();
        holes.any(|hole| hole.path.starts_with(&config) || config.starts_with(&hole.path))
    }

    /// A size of the virtual machine.
    pub fn size(&self, name: &str) -> Size<'a> {
        let path = self.path(name);
        match self.cx.option(&path) {
            Setting::Known(effective) if is_settled(self.cx, &effective) => effective
                .as_amount()
                .map_or(Size::Unknown, |number| Size::Set(number, effective)),
            Setting::Unset { .. }
                if self.is_stock() && !self.cx.option_may_be_set_elsewhere(&path) =>
            {
                let option = self.cx.catalog().option(ModuleSystem::NixDarwin, &path);
                match option.and_then(|option| option.default.as_ref()) {
                    Some(OptionDefault::Json(json)) => {
                        json.as_u64().map_or(Size::Unknown, Size::Default)
                    }
                    _ => Size::Unknown,
                }
            }
            _ => Size::Unknown,
        }
    }

    /// Everything that files say about the virtual machine's configuration.
    pub fn config(&self) -> impl Iterator<Item = &'a Definition> + use<'a> {
        let config = OptionPath::dotted(&self.path("config"));
        self.cx
            .all_definitions()
            .filter(move |definition| definition.option.starts_with(&config))
    }

    /// How sure a diagnostic can be that rests on `sizes`.
    pub fn confidence(&self, sizes: &[Size<'_>]) -> Confidence {
        let of = |size: &Size<'_>| match size {
            Size::Set(_, effective) => self.cx.confidence(effective.definition),
            // A file that was not read may say otherwise.
            Size::Default(_) if !self.cx.machine().complete => Confidence::Possible,
            _ => Confidence::Certain,
        };
        let least = sizes.iter().map(of).min().unwrap_or(Confidence::Certain);
        least.min(self.cx.confidence(self.enable.definition))
    }

    /// The change that gives the option `name` another number.
    pub fn change(&self, name: &str, size: &Size<'_>, number: u64) -> Option<Change> {
        let value = NewValue::Int(i64::try_from(number).ok()?);
        match size {
            Size::Set(_, effective) => Some(Change::Set {
                definition: effective.definition.id,
                value,
            }),
            Size::Default(_) => Some(Change::Insert {
                near: self.enable.definition.id,
                option: OptionPath::dotted(&self.path(name)),
                value,
                comment: None,
            }),
            Size::Unknown => None,
        }
    }
}

/// MiB as an amount.
pub(super) fn from_mib(mib: u64) -> Bytes {
    Bytes(mib.saturating_mul(MIB))
}

/// An amount in whole MiB.
pub(super) fn in_mib(bytes: Bytes) -> u64 {
    bytes.0 / MIB
}

/// What everyone has to know before the virtual machine is changed.
pub(super) const FIRST_ENABLE: &str = "only the unchanged virtual machine is in the binary cache: \
                                       switch it on unchanged first, because the changed one needs \
                                       a Linux builder to be built";
