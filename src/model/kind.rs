//! Which module system a file is written for, told from what it defines and where it lies.

use std::path::Path;

use crate::facts::{Fact, ModuleSystem, Os, Platform};

/// Option paths that exist in one module system only, with the weight of finding one.
/// From nix-darwin `modules/`, nixpkgs `nixos/modules/` and home-manager `modules/`.
pub(super) const TELLING: [(&str, ModuleSystem, i32); 52] = [
    ("homebrew", ModuleSystem::NixDarwin, 4),
    ("launchd", ModuleSystem::NixDarwin, 3),
    ("system.defaults", ModuleSystem::NixDarwin, 5),
    ("system.keyboard", ModuleSystem::NixDarwin, 5),
    ("system.primaryUser", ModuleSystem::NixDarwin, 5),
    ("system.startup", ModuleSystem::NixDarwin, 4),
    ("nix.linux-builder", ModuleSystem::NixDarwin, 5),
    ("nix.gc.interval", ModuleSystem::NixDarwin, 5),
    ("nix.optimise.interval", ModuleSystem::NixDarwin, 5),
    ("nix.daemonProcessType", ModuleSystem::NixDarwin, 5),
    ("nix.daemonIOLowPriority", ModuleSystem::NixDarwin, 5),
    ("nix.configureBuildUsers", ModuleSystem::NixDarwin, 5),
    ("nix.useDaemon", ModuleSystem::NixDarwin, 5),
    ("services.nix-daemon", ModuleSystem::NixDarwin, 5),
    ("services.yabai", ModuleSystem::NixDarwin, 5),
    ("services.skhd", ModuleSystem::NixDarwin, 3),
    ("services.aerospace", ModuleSystem::NixDarwin, 5),
    ("services.sketchybar", ModuleSystem::NixDarwin, 5),
    (
        "security.pam.enableSudoTouchIdAuth",
        ModuleSystem::NixDarwin,
        5,
    ),
    ("determinateNix", ModuleSystem::NixDarwin, 3),
    ("boot", ModuleSystem::Nixos, 4),
    ("fileSystems", ModuleSystem::Nixos, 4),
    ("swapDevices", ModuleSystem::Nixos, 4),
    ("hardware", ModuleSystem::Nixos, 3),
    ("zramSwap", ModuleSystem::Nixos, 4),
    ("i18n", ModuleSystem::Nixos, 3),
    ("console", ModuleSystem::Nixos, 4),
    ("virtualisation", ModuleSystem::Nixos, 3),
    ("powerManagement", ModuleSystem::Nixos, 3),
    ("networking.firewall", ModuleSystem::Nixos, 4),
    ("networking.networkmanager", ModuleSystem::Nixos, 4),
    ("systemd.services", ModuleSystem::Nixos, 4),
    ("systemd.network", ModuleSystem::Nixos, 4),
    ("systemd.tmpfiles", ModuleSystem::Nixos, 3),
    ("security.sudo", ModuleSystem::Nixos, 2),
    ("security.rtkit", ModuleSystem::Nixos, 4),
    ("services.xserver", ModuleSystem::Nixos, 4),
    ("services.openssh", ModuleSystem::Nixos, 2),
    ("services.printing", ModuleSystem::Nixos, 4),
    ("system.autoUpgrade", ModuleSystem::Nixos, 4),
    ("system.nixos", ModuleSystem::Nixos, 4),
    ("nix.sshServe", ModuleSystem::Nixos, 4),
    ("nix.daemonCPUSchedPolicy", ModuleSystem::Nixos, 4),
    ("nix.daemonIOSchedClass", ModuleSystem::Nixos, 4),
    ("home.homeDirectory", ModuleSystem::HomeManager, 5),
    ("home.packages", ModuleSystem::HomeManager, 5),
    ("home.stateVersion", ModuleSystem::HomeManager, 5),
    ("home.username", ModuleSystem::HomeManager, 5),
    ("home.file", ModuleSystem::HomeManager, 5),
    ("home.sessionVariables", ModuleSystem::HomeManager, 4),
    ("xdg.configFile", ModuleSystem::HomeManager, 4),
    ("systemd.user.startServices", ModuleSystem::HomeManager, 4),
];

/// Words in folder and file names.
const PATH_WORDS: [(&str, ModuleSystem); 9] = [
    ("darwin", ModuleSystem::NixDarwin),
    ("macos", ModuleSystem::NixDarwin),
    ("osx", ModuleSystem::NixDarwin),
    ("mac", ModuleSystem::NixDarwin),
    ("macbook", ModuleSystem::NixDarwin),
    ("nixos", ModuleSystem::Nixos),
    ("home", ModuleSystem::HomeManager),
    ("homes", ModuleSystem::HomeManager),
    ("hm", ModuleSystem::HomeManager),
];

/// What a file's path suggests: a word for home-manager anywhere, else the innermost word.
fn from_path(path: &Path) -> Option<(ModuleSystem, String)> {
    let mut found: Option<(ModuleSystem, String)> = None;
    let components: Vec<_> = path.components().collect();
    for (index, component) in components.iter().enumerate().rev() {
        let name = component.as_os_str().to_string_lossy().to_lowercase();
        let stem = name.strip_suffix(".nix").unwrap_or(&name);
        // `/home/alice` is a person's folder, not a module's.
        if stem == "home" && index == 1 && path.is_absolute() {
            continue;
        }
        let word = PATH_WORDS
            .iter()
            .find(|(word, _)| stem.split(['-', '_', '.', '@']).any(|part| part == *word));
        let Some((_, system)) = word else { continue };
        if *system == ModuleSystem::HomeManager {
            // `darwin/home-manager.nix` is as often the module that brings home-manager in.
            if index + 1 == components.len() && stem == "home-manager" {
                return None;
            }
            return Some((*system, name));
        }
        if found.is_none() {
            found = Some((*system, name));
        }
    }
    found
}

/// The platform that a path alone suggests.
pub(super) fn likely_platform(path: &Path) -> Option<Platform> {
    let (system, _) = from_path(path)?;
    platform_of(system)
}

/// The platform that a module system implies.
pub(super) fn platform_of(system: ModuleSystem) -> Option<Platform> {
    let os = match system {
        ModuleSystem::NixDarwin => Os::Darwin,
        ModuleSystem::Nixos => Os::Linux,
        _ => return None,
    };
    Some(Platform { os, arch: None })
}

/// The module system of a file, from the option paths that it defines (`defines` says whether a
/// dotted path is among them) and from its path below the tree.
pub(super) fn tell(path: &Path, defines: &dyn Fn(&str) -> bool) -> Option<Fact<ModuleSystem>> {
    let mut scores = [
        (ModuleSystem::NixDarwin, 0, None),
        (ModuleSystem::Nixos, 0, None),
        (ModuleSystem::HomeManager, 0, None),
    ];
    for (option, system, weight) in TELLING {
        if defines(option) {
            for (candidate, score, because) in &mut scores {
                if *candidate == system {
                    *score += weight;
                    because.get_or_insert(option);
                }
            }
        }
    }
    let suggested = from_path(path);
    if let Some((system, _)) = &suggested {
        for (candidate, score, _) in &mut scores {
            if candidate == system {
                // As strong as one option that exists nowhere else, and a little more: an
                // option of another system in such a file is rather a mistake in the file.
                *score += 6;
            }
        }
    }
    scores.sort_by_key(|(_, score, _)| std::cmp::Reverse(*score));
    let [(system, best, because), (_, second, _), _] = scores;
    if best < 3 || best == second {
        return None;
    }
    match (because, suggested) {
        (Some(option), _) => Some(Fact::declared(
            system,
            format!("the file defines `{option}`"),
        )),
        // A folder's name is a hint, not a word of the author about this file.
        (None, Some((_, component))) => Some(Fact::assumed(
            system,
            format!("the path holds `{component}`"),
        )),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tells(path: &str, options: &[&str]) -> Option<ModuleSystem> {
        let defines = |option: &str| {
            options
                .iter()
                .any(|own| *own == option || own.starts_with(&format!("{option}.")))
        };
        tell(Path::new(path), &defines).map(|fact| fact.value)
    }

    #[test]
    fn content_tells_where_the_path_is_silent() {
        assert_eq!(
            tells("modules/a.nix", &["system.defaults.dock.autohide"]),
            Some(ModuleSystem::NixDarwin)
        );
        assert_eq!(
            tells("a.nix", &["boot.loader.grub.enable"]),
            Some(ModuleSystem::Nixos)
        );
        assert_eq!(
            tells("a.nix", &["home.packages"]),
            Some(ModuleSystem::HomeManager)
        );
        assert_eq!(tells("a.nix", &["nix.settings.cores"]), None);
    }

    #[test]
    fn the_path_outweighs_a_single_misplaced_option() {
        assert_eq!(
            tells(
                "darwin/nix.nix",
                &["nix.gc.dates", "networking.firewall.enable"]
            ),
            Some(ModuleSystem::NixDarwin)
        );
        assert_eq!(
            tells("hosts/nixos/x.nix", &["nix.gc.interval"]),
            Some(ModuleSystem::Nixos)
        );
        assert_eq!(tells("/home/alice/cfg/a.nix", &[]), None);
    }
}
