//! Words in the raw bytes of a file that tell, before anything is parsed, whether it matters.

use std::path::PathBuf;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::bytes::Regex;

/// What the bytes of a module promise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Glance {
    /// It configures Nix, or imports what cannot be told from its bytes: it must be read.
    Speaks,
    /// It says nothing about Nix itself, and imports at most these paths.
    Passes(Vec<PathBuf>, Vec<&'static str>),
    /// It says nothing about Nix; these options show what module system it is for.
    Silent(Vec<&'static str>),
}

/// Beginnings of definitions that only one module system has, with the option that they show.
/// Written the way people write them; a miss costs a hint, nothing else. Options of home-manager
/// are not among them: their bytes stand in NixOS and nix-darwin modules, below a user.
const HINTS: [(&str, &str); 11] = [
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
];

/// How a module that configures Nix speaks of it; every one of them holds one of these. Names
/// of settings alone do not count: a set of settings is reached through the module that uses it.
const MENTIONS: [&str; 40] = [
    " nix.",
    "\tnix.",
    "\nnix.",
    "{nix.",
    "(nix.",
    "config.nix.",
    " nix =",
    "\tnix =",
    "\nnix =",
    " nix=",
    "{nix=",
    " nix  ",
    "\tnix  ",
    "\nnix  ",
    "{nix  ",
    " nix\n",
    "\tnix\n",
    "\nnix\n",
    "{nix\n",
    " nix\r\n",
    "\tnix\r\n",
    "\nnix\r\n",
    "{nix\r\n",
    ";nix",
    "*/nix",
    "nix\t",
    "nix/*",
    "nix /*",
    " nix #",
    "\tnix #",
    "\nnix #",
    "\"nix\"",
    "nixConfig",
    "determinateNix",
    "determinate-nix",
    "nix-daemon",
    "users.nix",
    "readOnlyNixStore",
    "emulatedSystems",
    "programs.nh",
];

/// What a mention must look like to be a definition: `nix.name`, `nix = ` with anything but a
/// string, list or number behind it, or a name that has no other use.
const DEFINITION: &str = r#"(?x-u)
    (?:^|[\s{(;]|\*/|config\.)"?nix"?(?:\s|\#[^\n]*\n|/\*(?s:.*?)\*/)*(?:\.\s*[A-Za-z"$]|=\s*[^"\[\d'\s=])
    | nixConfig\s*[.=]
    | determinate(?:Nix|-nix)\s*[.=]
    | services\s*\.\s*nix-daemon | "?nix-daemon"?\s*[.=]
    | users\.nix\b
    | readOnlyNixStore
    | emulatedSystems
    | programs\.nh\b
"#;

/// Relative paths as Nix writes them.
const PATH: &str = r"(?-u)\.{1,2}/[A-Za-z0-9_+./-]*";

/// Signs of paths that are put together: by interpolation, by addition, from a folder's content.
const MADE_PATH: &str = r#"(?x-u)
    \.{1,2}/[A-Za-z0-9_+./-]*\$\{ | \./\.\s | \+\s*"/
    | readDir | listFiles | import-?tree | importTree | haumea | fromRoot | relativeToRoot
"#;

/// An expression that is compiled when it is first needed: that takes longer than to lint a file.
#[derive(Debug)]
struct Lazy {
    pattern: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Lazy {
    const fn new(pattern: &'static str) -> Self {
        Self {
            pattern,
            compiled: OnceLock::new(),
        }
    }

    fn get(&self) -> Option<&Regex> {
        self.compiled
            .get_or_init(|| Regex::new(self.pattern).ok())
            .as_ref()
    }
}

/// The words, ready to be looked for.
#[derive(Debug)]
pub(super) struct Words {
    mentions: Option<AhoCorasick>,
    definition: Lazy,
    imports: Option<AhoCorasick>,
    hints: Option<AhoCorasick>,
    paths: Lazy,
    made_paths: Lazy,
}

/// Leftmost-first: only then does the library look for several words with vector instructions.
fn finder<const N: usize>(words: [&str; N]) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(words)
        .ok()
}

impl Words {
    pub fn new() -> Self {
        Self {
            mentions: finder(MENTIONS),
            definition: Lazy::new(DEFINITION),
            imports: finder(["imports"]),
            hints: finder(HINTS.map(|(word, _)| word)),
            paths: Lazy::new(PATH),
            made_paths: Lazy::new(MADE_PATH),
        }
    }

    /// True when the bytes may define something about Nix. The literals decide for almost all
    /// files; the expression looks at the rest more closely.
    pub fn configure_nix(&self, bytes: &[u8]) -> bool {
        self.mentions
            .as_ref()
            .is_none_or(|words| words.is_match(bytes))
            && self
                .definition
                .get()
                .is_none_or(|form| form.is_match(bytes))
    }

    /// True when the bytes may import other files.
    pub fn may_import(&self, bytes: &[u8]) -> bool {
        self.imports
            .as_ref()
            .is_none_or(|words| words.is_match(bytes))
    }

    /// Looks at the bytes of a module.
    pub fn look(&self, bytes: &[u8]) -> Glance {
        if self.configure_nix(bytes) || disables_modules(bytes) {
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
        if !self.may_import(bytes) {
            return Glance::Silent(shown);
        }
        let (Some(paths), Some(made)) = (self.paths.get(), self.made_paths.get()) else {
            return Glance::Speaks;
        };
        if made.is_match(bytes) || !imports_only_paths(bytes) {
            return Glance::Speaks;
        }
        let mut written: Vec<PathBuf> = paths
            .find_iter(bytes)
            .filter_map(|found| std::str::from_utf8(found.as_bytes()).ok())
            .map(PathBuf::from)
            .collect();
        written.sort();
        written.dedup();
        Glance::Passes(written, shown)
    }
}

/// True when every list of imports holds nothing but paths. Anything else (`self.nixosModules.x`,
/// a function's result) may lead to modules that these bytes do not name.
fn imports_only_paths(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, b"imports").all(|at| {
        let mut rest = Blank::skip(bytes.get(at + b"imports".len()..).unwrap_or_default());
        let Some((b'=', list)) = rest.split_first().map(|(first, list)| (*first, list)) else {
            // A mention in a comment or a name that only begins so.
            return true;
        };
        rest = Blank::skip(list);
        let Some((b'[', mut items)) = rest.split_first().map(|(first, list)| (*first, list)) else {
            return false;
        };
        loop {
            items = Blank::skip(items);
            match items.first() {
                Some(b']') => break,
                Some(b'.') => {
                    let is_path =
                        |byte: &u8| byte.is_ascii_alphanumeric() || b"_+./-".contains(byte);
                    let end = items.iter().position(|byte| !is_path(byte));
                    items = items.get(end.unwrap_or(items.len())..).unwrap_or_default();
                }
                _ => return false,
            }
        }
        let behind = Blank::skip(items.get(1..).unwrap_or_default());
        behind.first() == Some(&b';')
    })
}

/// White space and comments.
struct Blank;

impl Blank {
    fn skip(mut bytes: &[u8]) -> &[u8] {
        loop {
            bytes = bytes.trim_ascii_start();
            let end = if bytes.starts_with(b"#") {
                memchr::memchr(b'\n', bytes)
            } else if bytes.starts_with(b"/*") {
                memchr::memmem::find(bytes, b"*/").map(|at| at + 2)
            } else {
                return bytes;
            };
            bytes = end.and_then(|end| bytes.get(end..)).unwrap_or_default();
        }
    }
}

/// True when the bytes may take other modules away.
fn disables_modules(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"disabledModules").is_some()
}

/// The names in a file, and what it may import: enough to tell what it cannot define.
#[derive(Debug)]
pub(super) struct Vocabulary {
    /// Hashes of all words, sorted.
    words: Box<[u32]>,
    /// True when some name is computed (`options.${namespace}.gc`).
    computes_names: bool,
}

impl Vocabulary {
    /// Looks at the bytes of a file.
    pub fn of(bytes: &[u8]) -> Self {
        let mut words = Vec::new();
        let is_part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'\'');
        let mut rest = bytes;
        while let Some(start) = rest.iter().position(is_part) {
            let from = rest.get(start..).unwrap_or_default();
            let end = from.iter().position(|byte| !is_part(byte));
            let (word, behind) = from.split_at(end.unwrap_or(from.len()));
            words.push(hash(word));
            rest = behind;
        }
        words.sort_unstable();
        words.dedup();
        Self {
            words: words.into(),
            computes_names: computes_names(bytes),
        }
    }

    /// True unless a definition at this path cannot stand in the file: one of its names is not
    /// there. Where names are computed, one may be missing.
    pub fn may_define(&self, wanted: &Wanted) -> bool {
        let has = |words: &Vec<u32>| {
            words
                .iter()
                .all(|word| self.words.binary_search(word).is_ok())
        };
        let missing = wanted.0.iter().filter(|words| !has(words)).count();
        missing == 0 || (missing == 1 && wanted.0.len() > 1 && self.computes_names)
    }
}

/// A path of names that is looked for: the hashes of the words of each.
#[derive(Debug)]
pub(super) struct Wanted(Vec<Vec<u32>>);

impl Wanted {
    /// A name that is no word of its own (`"a.b"`) is there when its words are.
    pub fn new(names: &[impl AsRef<str>]) -> Self {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\'');
        let words = |name: &str| {
            let words = name.split(|c| !is_part(c)).filter(|word| !word.is_empty());
            words.map(|word| hash(word.as_bytes())).collect()
        };
        Self(names.iter().map(|name| words(name.as_ref())).collect())
    }
}

/// FNV-1a; two words with one hash cost a needless parse, nothing else.
fn hash(word: &[u8]) -> u32 {
    word.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

/// True when an interpolation is followed by what follows a name: `${x}.y`, `"${x}" =`.
fn computes_names(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, b"${").any(|at| {
        let inner = bytes.get(at..).unwrap_or_default();
        let Some(end) = memchr::memchr(b'}', inner) else {
            return false;
        };
        let behind = inner.get(end + 1..).unwrap_or_default();
        behind
            .iter()
            .find(|byte| !byte.is_ascii_whitespace() && **byte != b'"')
            .is_some_and(|byte| matches!(byte, b'.' | b'='))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::facts::ModuleSystem;

    #[test]
    fn modules_without_settings_and_imports_are_silent() {
        let words = Words::new();
        let hardware = b"{ boot.loader.grub.enable = true; fileSystems.\"/\" = { }; }";
        assert_eq!(
            words.look(hardware),
            Glance::Silent(vec!["boot", "fileSystems"])
        );
        assert_eq!(
            words.look(b"{ imports = [ ./a.nix ../b ]; }"),
            Glance::Passes(vec!["./a.nix".into(), "../b".into()], vec![])
        );
        for made in ["./${x}", "(./. + \"/a.nix\")", "(builtins.readDir ./.)"] {
            let text = format!("{{ imports = [ {made} ]; }}");
            assert_eq!(words.look(text.as_bytes()), Glance::Speaks, "{text}");
        }
        assert_eq!(words.look(b"{ nix.settings.cores = 1; }"), Glance::Speaks);
    }

    #[test]
    fn imports_of_values_must_be_read() {
        let words = Words::new();
        for text in [
            "{ imports = [ self.nixosModules.common ]; }",
            "{ imports = map mk [ ]; }",
            "{ imports = [ ./a.nix ] ++ more; }",
            "{ imports = [ (modulesPath + \"/x.nix\") ]; }",
            "{ imports = [ ./a.nix { } ]; }",
        ] {
            assert_eq!(words.look(text.as_bytes()), Glance::Speaks, "{text}");
        }
        for text in [
            "{ imports = [ ]; }",
            "{ imports = [\n  # the rest\n  ./a.nix\n  ../b /* c */\n]; }",
            "{ x = 1; } # imports are elsewhere",
        ] {
            assert_ne!(words.look(text.as_bytes()), Glance::Speaks, "{text}");
        }
    }

    #[test]
    fn definitions_are_told_from_mentions() {
        let words = Words::new();
        for text in [
            "{ nix.settings.cores = 1; }",
            "{nix.gc.automatic=true;}",
            "{\n  nix = {\n gc.automatic = true; }; }",
            "{\n  nix\n  .settings = { }; nix.x = 1; }",
            "{ \"nix\".settings.cores = 1; }",
            "{ config.nix.settings.cores = 1; }",
            "{ nix = lib.mkIf true { }; }",
            "{ nix   = { settings.cores = 1; }; }",
            "{ /* x */nix  = { settings.cores = 1; }; }",
            "{ x = 1;nix.settings.cores = 1; }",
            "{\n  nix\n    = { settings.cores = 1; }; }",
            "{\r\n  nix\r\n    = { settings.cores = 1; }; }",
            "{\n\tnix\t= { settings.cores = 1; }; }",
            "{\n\tnix  = { settings.cores = 1; }; }",
            "{ nix /* here */ = { settings.cores = 1; }; }",
            "{ nix # here\n = { settings.cores = 1; }; }",
            "{ nix = let x = 1; in { settings.cores = x; }; }",
            "{ nixConfig = { }; }",
            "{ determinateNix.customSettings = { }; }",
            "{ services.nix-daemon.enable = true; }",
            "{ services = { nix-daemon.enable = true; }; }",
        ] {
            assert!(words.configure_nix(text.as_bytes()), "{text}");
        }
        for text in [
            "{ pkgs, ... }: pkgs.nix.override { }",
            "{ home.packages = [ pkgs.nixpkgs-fmt pkgs.nix ]; }",
            "{ languages.nix.enable = true; }",
            "{ nix = \"0.29\"; }",
            "{ path = ./nix.nix; }",
            "{ settings.connect-timeout = 5; }",
        ] {
            assert!(!words.configure_nix(text.as_bytes()), "{text}");
        }
    }
    #[test]
    fn every_old_name_passes() {
        let words = Words::new();
        let catalog = Catalog::embedded();
        for system in [
            ModuleSystem::NixDarwin,
            ModuleSystem::Nixos,
            ModuleSystem::HomeManager,
        ] {
            for option in catalog
                .options(system)
                .filter(|option| !option.is_current())
            {
                let text = format!("{{ {} = true; }}", option.path);
                assert!(words.configure_nix(text.as_bytes()), "{text}");
            }
        }
    }
}
