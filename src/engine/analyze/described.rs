//! A command of Nix in a few words: what is run and built, so that runs of the same can be compared.
//! What only says how is left out, and so is what programs get that Nix runs.

use std::collections::BTreeMap;
use std::path::Path;

use super::command::program;
use crate::catalog::{Catalog, SettingKind};

/// Options that say what is built; each has a value.
const WHAT: [&str; 5] = ["-f", "--file", "-A", "--attr", "--flake"];
/// Options that say what kind of run it is.
const SORTS: [&str; 5] = ["--rebuild", "--check", "--dry-run", "--impure", "--offline"];
/// Options that say how, with how many values they have; settings come beside these.
const HOW: [(&str, usize); 25] = [
    ("--option", 2),
    ("--arg", 2),
    ("--argstr", 2),
    ("--override-input", 2),
    ("--override-flake", 2),
    ("--expr", 1),
    ("-E", 1),
    ("--apply", 1),
    ("-I", 1),
    ("--include", 1),
    ("-o", 1),
    ("--out-link", 1),
    ("-p", 1),
    ("--profile", 1),
    ("-j", 1),
    ("--store", 1),
    ("--eval-store", 1),
    ("--log-format", 1),
    ("--inputs-from", 1),
    ("--update-input", 1),
    ("--reference-lock-file", 1),
    ("--output-lock-file", 1),
    ("--profile-name", 1),
    ("--target-host", 1),
    ("--build-host", 1),
];
/// More says no more.
const MOST_CHARS: usize = 160;

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Described {
    /// The command in a few words.
    pub words: String,
    /// Settings whose values are numbers, as the command sets them.
    pub settings: BTreeMap<String, u64>,
    /// The folder of the flake, or the file, that the command names.
    pub place: Option<String>,
}

/// Describes a command.
pub(super) fn describe(command: &[String], catalog: &Catalog) -> Described {
    let index = program(command).map_or(0, |(index, _)| index);
    let mut words = command.iter().skip(index).map(String::as_str);
    let name = words.next().unwrap_or_default();
    let mut said = vec![name.rsplit('/').next().unwrap_or(name).to_owned()];
    let mut found = Described::default();
    let mut place = None;
    while let Some(word) = words.next() {
        if word == "--" {
            break;
        }
        if !word.starts_with('-') {
            place = place.or_else(|| place_of(word));
            said.push(word.to_owned());
        } else if WHAT.contains(&word) {
            let value = words.next().unwrap_or_default();
            if !matches!(word, "-A" | "--attr") {
                place = place.or_else(|| place_of(value));
            }
            said.extend([word.to_owned(), value.to_owned()]);
        } else if SORTS.contains(&word) {
            said.push(word.to_owned());
        } else if let Some((_, values)) = HOW.iter().find(|(name, _)| *name == word) {
            let values: Vec<&str> = words.by_ref().take(*values).collect();
            match (word, values.as_slice()) {
                ("--option", [name, value]) => found.set(name, value),
                ("-j", [value]) => found.set("max-jobs", value),
                ("--expr" | "-E", _) => said.push("--expr".to_owned()),
                _ => {}
            }
        } else if let Some(jobs) = word.strip_prefix("-j") {
            found.set("max-jobs", jobs);
        } else if let Some(setting) = word.strip_prefix("--") {
            match setting.split_once('=') {
                Some((name, value)) => found.set(name, value),
                None if takes_a_value(setting, catalog) => {
                    found.set(setting, words.next().unwrap_or_default());
                }
                None => {}
            }
        }
    }
    found.words = said.join(" ").chars().take(MOST_CHARS).collect();
    found.place = place;
    found
}

impl Described {
    fn set(&mut self, name: &str, value: &str) {
        if let Ok(number) = value.parse() {
            self.settings.insert(name.to_owned(), number);
        }
    }
}

fn takes_a_value(setting: &str, catalog: &Catalog) -> bool {
    catalog
        .setting(setting.strip_prefix("extra-").unwrap_or(setting))
        .is_some_and(|info| *info.kind() != SettingKind::Bool)
}

/// The path in `.#x`, `/etc/nixos?dir=a#x`, `path:./x`; `None` for what is no path.
fn place_of(word: &str) -> Option<String> {
    let path = word.split(['#', '?']).next().unwrap_or_default();
    let path = path
        .strip_prefix("path:")
        .or_else(|| path.strip_prefix("git+file://"))
        .unwrap_or(path);
    let is_path = path.starts_with(['.', '/']) || Path::new(path).extension()? == "nix";
    is_path.then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(command: &str) -> Described {
        let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        describe(&words, &Catalog::embedded())
    }

    #[test]
    fn commands_say_what_and_not_how() {
        let cases = [
            (
                "sudo /run/current-system/sw/bin/nixos-rebuild switch --flake /etc/nixos#box -L",
                "nixos-rebuild switch --flake /etc/nixos#box",
                Some("/etc/nixos"),
            ),
            (
                "nix --log-format internal-json build --max-jobs 4 .#a .#b --no-link",
                "nix build .#a .#b",
                Some("."),
            ),
            (
                "nix-build release.nix -A hello --argstr token 0123 -j8 --option cores 2",
                "nix-build release.nix -A hello",
                Some("release.nix"),
            ),
            (
                "nix run nixpkgs#hello -- --password x",
                "nix run nixpkgs#hello",
                None,
            ),
            (
                "nix build --access-tokens github.com=abc --expr secret --rebuild path:./x#y",
                "nix build --expr --rebuild path:./x#y",
                Some("./x"),
            ),
            ("nix build --keep-going --fallback x", "nix build x", None),
            ("./wrapper --log-format x", "wrapper", None),
        ];
        for (command, words, place) in cases {
            let found = said(command);
            assert_eq!(found.words, words, "{command}");
            assert_eq!(found.place.as_deref(), place, "{command}");
        }
    }

    #[test]
    fn settings_on_the_command_line_count() {
        let found =
            said("nix-build x.nix -j8 --option cores 2 --http-connections=50 --max-jobs auto");
        let expected = [("cores", 2), ("http-connections", 50), ("max-jobs", 8)];
        let expected = expected.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(found.settings, expected.into());
    }
}
