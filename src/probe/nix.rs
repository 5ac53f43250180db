//! The installed Nix: what `nix --version` says.

use crate::facts::{Implementation, Version};
use crate::system::System;

/// An installed Nix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Installed {
    /// Who made it.
    pub implementation: Implementation,
    /// Its version; of Determinate Nix its own, not that of its base.
    pub version: Version,
}

/// The Nix that the user gets, or else the one that a system installs, with the command that
/// told.
pub(super) fn installed(system: &dyn System) -> Option<(Installed, String)> {
    [
        "nix",
        "/nix/var/nix/profiles/default/bin/nix",
        "/run/current-system/sw/bin/nix",
    ]
    .into_iter()
    .find_map(|program| {
        let ran = system.run(program, &["--version"]).ok()?;
        let installed = parse_version(&ran.text()).filter(|_| ran.succeeded())?;
        Some((installed, format!("{program} --version")))
    })
}

/// Reads `nix (Nix) 2.31.2`, `nix (Lix, like Nix) 2.93.3` and
/// `nix (Determinate Nix 3.11.2) 2.31.1`; `None` for anything else.
pub fn parse_version(text: &str) -> Option<Installed> {
    let (_, rest) = text.lines().next()?.split_once('(')?;
    let (maker, version) = rest.split_once(')')?;
    let (implementation, version) = if let Some(own) = maker.strip_prefix("Determinate Nix") {
        (Implementation::Determinate, own)
    } else if maker.starts_with("Lix") {
        (Implementation::Lix, version)
    } else if maker == "Nix" {
        (Implementation::Cppnix, version)
    } else {
        return None;
    };
    let version = version.trim().parse().ok()?;
    Some(Installed {
        implementation,
        version,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_maker_has_its_own_version_line() {
        let parse = |text: &str| {
            parse_version(text).map(|found| (found.implementation, found.version.to_string()))
        };
        let cases = [
            ("nix (Nix) 2.8.0\n", Implementation::Cppnix, "2.8"),
            ("nix (Nix) 2.31.2+1", Implementation::Cppnix, "2.31.2"),
            (
                "nix (Nix) 2.34pre20260101_abcdef1",
                Implementation::Cppnix,
                "2.34",
            ),
            (
                "nix (Lix, like Nix) 2.93.3\nSystem type: x",
                Implementation::Lix,
                "2.93.3",
            ),
            (
                "nix (Lix, like Nix) 2.95.0-dev-pre20260101-abc",
                Implementation::Lix,
                "2.95",
            ),
            (
                "nix (Determinate Nix 3.11.2) 2.31.1",
                Implementation::Determinate,
                "3.11.2",
            ),
        ];
        for (text, implementation, version) in cases {
            assert_eq!(
                parse(text),
                Some((implementation, version.to_owned())),
                "{text}"
            );
        }
        for text in [
            "",
            "nix",
            "nix (Guix) 1.4.0",
            "nix (Nix)",
            "nix (Nix) x",
            "nix (Determinate Nix) 2.31.1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
