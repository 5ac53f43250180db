//! Words in the raw bytes of a file that tell, before anything is parsed, whether it matters.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::catalog::Catalog;

/// What the bytes of a module promise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Glance {
    /// It names a Nix setting, or imports other files: it must be read.
    Speaks,
    /// It says nothing about Nix; these options show what module system it is for.
    Silent(Vec<&'static str>),
}

/// Beginnings of definitions that only one module system has, with the option that they show.
/// Written the way people write them; a miss costs a hint, nothing else.
const HINTS: [(&str, &str); 14] = [
    ("boot.loader", "boot"),
    ("boot.initrd", "boot"),
    ("boot.kernel", "boot"),
    ("fileSystems.\"", "fileSystems"),
    ("fileSystems =", "fileSystems"),
    ("networking.firewall", "networking.firewall"),
    ("systemd.services", "systemd.services"),
    ("i18n.defaultLocale", "i18n"),
    ("system.defaults", "system.defaults"),
    ("homebrew = {", "homebrew"),
    ("homebrew.enable", "homebrew"),
    ("home.packages", "home.packages"),
    ("home.homeDirectory", "home.homeDirectory"),
    ("home.stateVersion", "home.stateVersion"),
];

/// The words, ready to be looked for.
#[derive(Debug)]
pub(super) struct Words {
    settings: Option<AhoCorasick>,
    imports: Option<AhoCorasick>,
    hints: Option<AhoCorasick>,
}

impl Words {
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            settings: AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostFirst)
                .build(catalog.prefilter_literals())
                .ok(),
            imports: AhoCorasick::new(["imports"]).ok(),
            hints: AhoCorasick::new(HINTS.map(|(word, _)| word)).ok(),
        }
    }

    /// True when the bytes name a Nix setting.
    pub fn name_a_setting(&self, bytes: &[u8]) -> bool {
        self.settings
            .as_ref()
            .is_none_or(|words| words.is_match(bytes))
    }

    /// True when the bytes may import other files.
    pub fn may_import(&self, bytes: &[u8]) -> bool {
        self.imports
            .as_ref()
            .is_none_or(|words| words.is_match(bytes))
    }

    pub fn look(&self, bytes: &[u8]) -> Glance {
        if self.may_import(bytes) || self.name_a_setting(bytes) {
            return Glance::Speaks;
        }
        let mut shown: Vec<&'static str> = self
            .hints
            .iter()
            .flat_map(|words| words.find_iter(bytes))
            .filter_map(|found| HINTS.get(found.pattern().as_usize()))
            .map(|(_, option)| *option)
            .collect();
        shown.dedup();
        Glance::Silent(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_without_settings_and_imports_are_silent() {
        let words = Words::new(&Catalog::embedded());
        let hardware = b"{ boot.loader.grub.enable = true; fileSystems.\"/\" = { }; }";
        assert_eq!(
            words.look(hardware),
            Glance::Silent(vec!["boot", "fileSystems"])
        );
        assert_eq!(words.look(b"{ imports = [ ./a.nix ]; }"), Glance::Speaks);
        assert_eq!(words.look(b"{ nix.settings.cores = 1; }"), Glance::Speaks);
    }
}
