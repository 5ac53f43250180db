//! Why no builders can be generated.

use crate::units::Bytes;

/// Why no builders can be generated.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BuildersError {
    /// Nothing was named.
    #[error(
        "no machine to send builds to: name the profiles that `nixtune host --save` wrote there, or \
         a list with `--hosts FILE`"
    )]
    None,
    /// What reads the file has no say about builders.
    #[error(
        "which machines build is decided by the system, and `--for {0}` is none; give `--for \
         darwin`, `nixos`, `determinate` or `nix-conf`"
    )]
    NoSystem(&'static str),
    /// Two with one name.
    #[error(
        "{second}: `{name}` is listed twice, first at {first}; ssh and Nix know a host by its name"
    )]
    SameName {
        /// The name.
        name: String,
        /// Where it is listed first.
        first: String,
        /// Where it is listed again.
        second: String,
    },
    /// Two with one address.
    #[error("{second}: `{name}` is the machine at {address} that {first} lists already")]
    SameAddress {
        /// The second's name.
        name: String,
        /// Their address.
        address: String,
        /// Where it is listed first.
        first: String,
        /// Where it is listed again.
        second: String,
    },
    /// This machine itself.
    #[error(
        "{origin}: `{name}` is this machine itself, which builds anyway; take it out of the list, \
         or say with `--host PROFILE` which machine sends the builds"
    )]
    Itself {
        /// The host's name.
        name: String,
        /// Where it is listed.
        origin: String,
    },
    /// No system.
    #[error(
        "{origin}: what `{name}` builds for is not known: give `systems`, or a `profile` with a \
         `platform`"
    )]
    NoSystems {
        /// The host's name.
        name: String,
        /// Where it is listed.
        origin: String,
    },
    /// A system that its operating system cannot build for.
    #[error(
        "{origin}: `{name}` runs {runs} and cannot build for `{system}`; correct its `systems`"
    )]
    ForeignSystem {
        /// The host's name.
        name: String,
        /// Where it is listed.
        origin: String,
        /// What it runs.
        runs: &'static str,
        /// What it cannot build for.
        system: String,
    },
    /// No user.
    #[error(
        "{origin}: whom builds log in to `{name}` as is not known: give `user`, or `--user` for all; \
         a Mac has no user for it unless you make one"
    )]
    NoUser {
        /// The host's name.
        name: String,
        /// Where it is listed.
        origin: String,
    },
    /// The virtual machine without a Mac.
    #[error(
        "`--linux-builder` is an option of nix-darwin and of Determinate's module for it; give \
         `--for darwin` or `--for determinate`"
    )]
    NoMac,
    /// A Mac that has no room for the virtual machine.
    #[error(
        "{host} has {memory} of memory, and the virtual machine needs 4 GiB beside macOS: from \
         8 GiB on there is room; send builds for Linux to another machine"
    )]
    SmallMac {
        /// The Mac.
        host: String,
        /// Its memory.
        memory: Bytes,
    },
    /// Not a Mac.
    #[error(
        "{0} runs Linux and builds for it without a virtual machine; take `--linux-builder` away"
    )]
    NotMac(String),
}
