//! What a place in a file is about: a setting, an option, one of its values.

use super::answer::Subject;
use crate::catalog::Catalog;
use crate::model::SETTINGS_SETS;
use crate::syntax::{Cursor, CursorRole, cursor};
use crate::text::Span;

/// Options whose text is `nix.conf`.
const CONF_TEXTS: [&str; 1] = ["nix.extraOptions"];

/// Where options of module systems begin: what stands before is `config`, a user, or a name of
/// someone's own.
const ROOTS: [&str; 3] = ["nix", "determinateNix", "determinate-nix"];

/// What a place is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Topic {
    /// The set that is being written: `nix.settings`, `nix.gc`; empty in a `nix.conf`.
    pub set: String,
    /// The name at the place, or the one whose value stands there; empty where one may begin.
    pub name: String,
    /// In the name, in the value, or in an element of it.
    pub role: CursorRole,
    /// The word at the place.
    pub word: Span,
    /// True where a string needs no further quotes.
    pub in_string: bool,
    /// True in the lines of a `nix.conf`.
    pub is_conf: bool,
}

impl Topic {
    /// What the byte of a file is about; `None` where it is about nothing that concerns Nix.
    pub fn at(subject: &Subject, offset: u32) -> Option<Self> {
        if subject.is_conf() {
            return Self::in_conf(&subject.text, 0, offset);
        }
        let cursor = cursor(&subject.text, offset)?;
        let path = option_path(&cursor)?;
        if cursor.in_string && CONF_TEXTS.contains(&path.join(".").as_str()) {
            return Self::in_conf(&subject.text, line_start(&subject.text, offset), offset);
        }
        let before = subject.text.get(..cursor.word.start as usize)?;
        let selects = !cursor.in_string && before.ends_with('.');
        if cursor.role != CursorRole::Name && selects {
            // `lib.mkDefault` is a name of someone else's.
            return None;
        }
        let (set, name) = match cursor.role {
            CursorRole::Name => {
                let word = subject.text.get(cursor.word.range()).unwrap_or("");
                (path.join("."), word.to_owned())
            }
            _ => {
                let (name, set) = path.split_last()?;
                (set.join("."), name.clone())
            }
        };
        Some(Self {
            set,
            name,
            role: cursor.role,
            word: cursor.word,
            in_string: cursor.in_string,
            is_conf: false,
        })
    }

    /// As [`Topic::at`], for `nix.conf` text that starts at the byte `start`.
    fn in_conf(text: &str, start: usize, offset: u32) -> Option<Self> {
        let rest = text.get(start..)?;
        let within = (offset as usize).checked_sub(start)?;
        let line_end = rest.get(within..)?.find('\n');
        let line_start = rest.get(..within)?.rfind('\n').map_or(0, |at| at + 1);
        let line = rest.get(line_start..line_end.map_or(rest.len(), |at| within + at))?;
        let base = start + line_start;
        let at = within - line_start;
        let before = line.get(..at)?;
        if before.contains('#') {
            return None;
        }
        let is_blank = |character: char| character.is_whitespace() || character == '=';
        let from = before.rfind(is_blank).map_or(0, |blank| {
            blank
                + before
                    .get(blank..)
                    .and_then(|it| it.chars().next())
                    .map_or(1, char::len_utf8)
        });
        let to = line
            .get(at..)?
            .find(is_blank)
            .map_or(line.len(), |end| at + end);
        let byte = |at: usize| u32::try_from(base + at).unwrap_or(u32::MAX);
        let word = Span::new(byte(from), byte(to));
        let topic = |name: &str, role| Self {
            set: String::new(),
            name: name.to_owned(),
            role,
            word,
            in_string: true,
            is_conf: true,
        };
        match before.split_once('=') {
            Some((key, _)) => Some(topic(key.trim(), CursorRole::Item)),
            None if before.trim_start().contains(char::is_whitespace) => None,
            None => Some(topic(line.get(from..to)?, CursorRole::Name)),
        }
    }

    /// True where settings of `nix.conf` are named.
    pub fn holds_settings(&self) -> bool {
        self.is_conf || SETTINGS_SETS.contains(&self.set.as_str())
    }

    /// The canonical name of the setting that it is about; `None` for an option.
    pub fn setting<'c>(&self, catalog: &'c Catalog) -> Option<&'c str> {
        let resolved = self.holds_settings().then(|| catalog.resolve(&self.name))?;
        Some(resolved?.setting.name)
    }

    /// The path of the option that it is about.
    pub fn option(&self) -> String {
        if self.set.is_empty() {
            self.name.clone()
        } else {
            format!("{}.{}", self.set, self.name)
        }
    }
}

/// The names from where options begin; `None` where no option is.
fn option_path(cursor: &Cursor) -> Option<Vec<String>> {
    let path = &cursor.path;
    if path.first().is_some_and(|first| first == "nixConfig") {
        return Some(path.clone());
    }
    let start = path
        .iter()
        .rposition(|name| ROOTS.contains(&name.as_str()))?;
    // Names that `let` binds are no options; sets in their values may be modules.
    if start == 1 && path.first().is_some_and(String::is_empty) {
        return None;
    }
    Some(path.get(start..)?.to_vec())
}

/// Where the line of a byte starts.
fn line_start(text: &str, offset: u32) -> usize {
    let before = text.get(..offset as usize).unwrap_or("");
    before.rfind('\n').map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(path: &str, text: &str) -> Option<(String, String, CursorRole)> {
        let offset = u32::try_from(text.find('|').unwrap()).unwrap();
        let subject = Subject {
            path: path.into(),
            id: None,
            text: text.replacen('|', "", 1).into(),
        };
        let topic = Topic::at(&subject, offset)?;
        Some((topic.set, topic.name, topic.role))
    }

    fn is(set: &str, name: &str, role: CursorRole) -> Option<(String, String, CursorRole)> {
        Some((set.to_owned(), name.to_owned(), role))
    }

    #[test]
    fn options_begin_at_nix() {
        use CursorRole::{Item, Name, Value};
        let nix = |text| topic("/a.nix", text);
        assert_eq!(
            nix("{ nix.settings.co|res = 1; }"),
            is("nix.settings", "cores", Name)
        );
        assert_eq!(
            nix("{ config.nix.settings.cores = |1; }"),
            is("nix.settings", "cores", Value)
        );
        assert_eq!(
            nix("{ home-manager.users.m = { nix.gc = { da|"),
            is("nix.gc", "da", Name)
        );
        assert_eq!(
            nix("{ nixConfig.extra-substituters = [ \"ht|\" ]; }"),
            is("nixConfig", "extra-substituters", Item)
        );
        assert_eq!(nix("{ services.ng|"), None);
        assert_eq!(nix("let nix.gc.a| = 1; in { }"), None);
        assert_eq!(nix("{ a = let nix.gc.a| = 1; in { }; }"), None);
        assert_eq!(
            nix("let box = jobs: f { modules = [ { nix.settings.cor|es = 1; } ]; }; in { }"),
            is("nix.settings", "cores", Name)
        );
        assert_eq!(nix("{ nix.settings.cores = lib.mkDe|fault 1; }"), None);
        assert_eq!(nix("{ nix.settings.cores = lib.|; }"), None);
    }

    #[test]
    fn conf_text_is_read_by_line() {
        use CursorRole::{Item, Name};
        let conf = |text| topic("/nix.conf", text);
        assert_eq!(conf("cores = 4\nmax-|"), is("", "max-", Name));
        assert_eq!(conf("cores = |4\nmax-jobs = 1"), is("", "cores", Item));
        assert_eq!(conf("# max-|"), None);
        assert_eq!(conf("include f|"), None);
        assert_eq!(
            topic(
                "/a.nix",
                "{ nix.extraOptions = ''\n  cores = 4\n  max-|\n''; }"
            ),
            is("", "max-", Name)
        );
    }
}
