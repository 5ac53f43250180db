//! `nixtune.toml`: what it may say, and every mistake in it with its place.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::selection::{self, FailOn, Selection};
use super::target::{self, TargetPolicy};
use super::{FILE_NAME, suggestion};
use crate::facts::{Implementation, ModuleSystem};
use crate::rules::Rule;
use crate::text::Span;

/// A `nixtune.toml` that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyFile {
    /// Where it lies; paths in it are relative to its folder.
    pub path: PathBuf,
    /// How reports call it.
    pub name: Arc<str>,
    /// `host`: a hardware profile for every machine.
    pub host: Option<PathBuf>,
    /// `[target]`.
    pub target: TargetPolicy,
    /// `select`, `ignore` and `[severity]`.
    pub selection: Selection,
    /// `fail-on`.
    pub fail_on: Option<FailOn>,
    /// `insert-comments`: whether inserted numbers are explained by a comment beside them; `None`
    /// means yes.
    pub insert_comments: Option<bool>,
    /// `[machines."name"]`.
    pub machines: BTreeMap<String, MachinePolicy>,
}

/// What is said about one machine.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MachinePolicy {
    /// Its hardware profile.
    pub host: Option<PathBuf>,
}

/// One mistake.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyProblem {
    /// The text that is wrong.
    pub span: Span,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to write instead; may be empty.
    pub help: String,
}

/// A `nixtune.toml` that cannot be used, with every mistake that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyError {
    /// How reports call the file.
    pub name: Arc<str>,
    /// Its text.
    pub text: Arc<str>,
    /// In the order of the file; never empty.
    pub problems: Vec<PolicyProblem>,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be used", self.name)?;
        for problem in &self.problems {
            write!(f, "; {}", problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyError {}

impl PolicyFile {
    /// Reads the text of the file at `path`, called `name`. Ids are checked against `rules`.
    ///
    /// # Errors
    /// Every mistake: TOML that does not parse, keys, rules and values that do not exist.
    pub fn parse(
        path: &Path,
        name: Arc<str>,
        text: Arc<str>,
        rules: &[&'static Rule],
    ) -> Result<Self, PolicyError> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut reader = Reader {
            folder,
            rules,
            problems: Vec::new(),
        };
        // A byte order mark is legal at the start of TOML; the parser counts it in its spans.
        let (table, errors) = DeTable::parse_recoverable(&text);
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            reader
                .problems
                .push(problem(&span, error.message().to_owned(), String::new()));
        }
        let file = if errors.is_empty() {
            reader.file(path, Arc::clone(&name), table.get_ref())
        } else {
            None
        };
        reader.problems.sort_by_key(|problem| problem.span);
        match file {
            Some(file) if reader.problems.is_empty() => Ok(file),
            _ => Err(PolicyError {
                name,
                text,
                problems: reader.problems,
            }),
        }
    }

    /// The hardware profile of a machine: its own, or the one for all.
    pub fn host_of(&self, machine: &str) -> Option<&Path> {
        self.machines
            .get(machine)
            .and_then(|machine| machine.host.as_deref())
            .or(self.host.as_deref())
    }
}

fn problem(
    span: &std::ops::Range<usize>,
    message: impl Into<String>,
    help: impl Into<String>,
) -> PolicyProblem {
    let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    PolicyProblem {
        span: Span::new(at(span.start), at(span.end)),
        message: message.into(),
        help: help.into(),
    }
}

/// Walks the parsed table and collects what is wrong.
struct Reader<'a> {
    folder: &'a Path,
    rules: &'a [&'static Rule],
    problems: Vec<PolicyProblem>,
}

type Entry<'t, 'i> = (
    &'t Spanned<toml::de::DeString<'i>>,
    &'t Spanned<DeValue<'i>>,
);

impl Reader<'_> {
    fn file(&mut self, path: &Path, name: Arc<str>, table: &DeTable<'_>) -> Option<PolicyFile> {
        let mut file = PolicyFile {
            path: path.to_path_buf(),
            name,
            host: None,
            target: TargetPolicy::default(),
            selection: Selection::default(),
            fail_on: None,
            insert_comments: None,
            machines: BTreeMap::new(),
        };
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "host" => file.host = self.path((key, value)),
                "target" => file.target = self.target((key, value)).unwrap_or_default(),
                "select" => {
                    let ids = self.rule_list((key, value));
                    file.selection.select(ids);
                }
                "ignore" => {
                    let ids = self.rule_list((key, value));
                    file.selection.ignore(ids);
                }
                "severity" => self.severities((key, value), &mut file.selection),
                "fail-on" => {
                    file.fail_on = self.word((key, value), |word| {
                        word.parse().map_err(|error: selection::UnknownWord| {
                            (format!("{} `{}`", error.what, error.word), error.suggestion)
                        })
                    });
                }
                "insert-comments" => match value.get_ref().as_bool() {
                    Some(wanted) => file.insert_comments = Some(wanted),
                    None => self.wrong_type(key, value, "`true` or `false`", "false"),
                },
                "machines" => {
                    for entry in self.table((key, value)).into_iter().flatten() {
                        if let Some(machine) = self.machine(entry) {
                            file.machines
                                .insert(entry.0.get_ref().clone().into_owned(), machine);
                        }
                    }
                }
                _ => self.unknown_key(
                    key,
                    &[
                        "host",
                        "target",
                        "select",
                        "ignore",
                        "severity",
                        "fail-on",
                        "insert-comments",
                        "machines",
                    ],
                ),
            }
        }
        Some(file)
    }

    fn machine(&mut self, entry: Entry<'_, '_>) -> Option<MachinePolicy> {
        let mut machine = MachinePolicy::default();
        for (key, value) in self.table(entry)? {
            match key.get_ref().as_ref() {
                "host" => machine.host = self.path((key, value)),
                _ => self.unknown_key(key, &["host"]),
            }
        }
        Some(machine)
    }

    fn target(&mut self, entry: Entry<'_, '_>) -> Option<TargetPolicy> {
        let mut out = TargetPolicy::default();
        for (key, value) in self.table(entry)? {
            let entry = (key, value);
            match key.get_ref().as_ref() {
                "module-system" => {
                    out.module_system = self.word(entry, |word| {
                        let names = target::MODULE_SYSTEMS.map(ModuleSystem::name);
                        target::module_system(word)
                            .ok_or_else(|| unknown("unknown module system", word, names))
                    });
                }
                "implementation" => {
                    out.implementation = self.word(entry, |word| {
                        let names = target::IMPLEMENTATIONS.map(Implementation::name);
                        target::implementation(word)
                            .ok_or_else(|| unknown("unknown implementation", word, names))
                    });
                }
                "version" => {
                    out.version = self.word(entry, |word| {
                        word.parse().map_err(|_| {
                            (
                                format!("`{word}` is not a version"),
                                "write it like `\"2.31\"` or `\"2.31.3\"`".to_owned(),
                            )
                        })
                    });
                }
                "platform" => {
                    out.platform = self.word(entry, |word| {
                        word.parse().map_err(|()| {
                            let names = [
                                "aarch64-darwin",
                                "x86_64-darwin",
                                "aarch64-linux",
                                "x86_64-linux",
                            ];
                            unknown("unknown platform", word, names)
                        })
                    });
                }
                _ => self.unknown_key(
                    key,
                    &["module-system", "implementation", "version", "platform"],
                ),
            }
        }
        Some(out)
    }

    fn severities(&mut self, entry: Entry<'_, '_>, selection: &mut Selection) {
        let Some(table) = self.table(entry) else {
            return;
        };
        for (key, value) in table {
            let ids = self.resolve(&key.span(), key.get_ref());
            let severity = self.word((key, value), |word| {
                selection::severity(word)
                    .ok_or_else(|| unknown("unknown severity", word, ["error", "warning", "info"]))
            });
            if let Some(severity) = severity {
                for id in ids {
                    selection.set_severity(id, severity);
                }
            }
        }
    }

    fn rule_list(&mut self, (key, value): Entry<'_, '_>) -> Vec<&'static str> {
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of rule names", "[\"min-free-unset\"]");
            return Vec::new();
        };
        let mut ids = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_str() {
                Some(word) => ids.extend(self.resolve(&item.span(), word)),
                None => self.wrong_type(key, item, "a list of rule names", "[\"min-free-unset\"]"),
            }
        }
        ids
    }

    fn resolve(&mut self, span: &std::ops::Range<usize>, selector: &str) -> Vec<&'static str> {
        selection::resolve(selector, self.rules).unwrap_or_else(|error| {
            self.problems.push(problem(
                span,
                format!("{} `{}`", error.what, error.word),
                error.suggestion,
            ));
            Vec::new()
        })
    }

    fn path(&mut self, (key, value): Entry<'_, '_>) -> Option<PathBuf> {
        match value.get_ref().as_str() {
            Some(text) if !text.is_empty() => Some(self.folder.join(text)),
            _ => {
                self.wrong_type(key, value, "the path of a profile", "\"hosts/laptop.toml\"");
                None
            }
        }
    }

    fn word<T>(
        &mut self,
        (key, value): Entry<'_, '_>,
        read: impl FnOnce(&str) -> Result<T, (String, String)>,
    ) -> Option<T> {
        let Some(word) = value.get_ref().as_str() else {
            let example = match key.get_ref().as_ref() {
                "version" => "\"2.31.2\"",
                _ => "\"…\"",
            };
            self.wrong_type(key, value, "a string", example);
            return None;
        };
        read(word)
            .map_err(|(message, help)| {
                self.problems.push(problem(&value.span(), message, help));
            })
            .ok()
    }

    fn table<'t, 'i>(&mut self, (key, value): Entry<'t, 'i>) -> Option<&'t DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            let example = format!("[{}]", key.get_ref());
            self.wrong_type(key, value, "a table", &example);
        }
        table
    }

    fn wrong_type(
        &mut self,
        key: &Spanned<toml::de::DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        wanted: &str,
        example: &str,
    ) {
        self.problems.push(problem(
            &value.span(),
            format!(
                "`{}` is {wanted}, not {}",
                key.get_ref(),
                with_article(value.get_ref().type_str())
            ),
            format!("write it like `{example}`"),
        ));
    }

    fn unknown_key(&mut self, key: &Spanned<toml::de::DeString<'_>>, known: &[&'static str]) {
        let word = key.get_ref().as_ref();
        self.problems.push(problem(
            &key.span(),
            format!("unknown key `{word}` in {FILE_NAME}"),
            suggestion(word, known.iter().copied()),
        ));
    }
}

fn unknown<const N: usize>(what: &str, word: &str, names: [&'static str; N]) -> (String, String) {
    (format!("{what} `{word}`"), suggestion(word, names))
}

fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Severity;
    use crate::rules::{Category, Fixes, Stage};

    const RULE: Rule = Rule {
        id: "gc-absent",
        docs: "No garbage collection.\n",
        since: "0.1.0",
        applies: "everything",
        settings: &[],
        category: Category::Reliability,
        severity: Severity::Info,
        fixes: Fixes::Never,
        needs_host: false,
        stage: Stage::Default,
        options: &[],
        check: |_, _| {},
    };

    fn parse(text: &str) -> Result<PolicyFile, PolicyError> {
        PolicyFile::parse(
            Path::new("/etc/conf/nixtune.toml"),
            "nixtune.toml".into(),
            text.into(),
            &[&RULE],
        )
    }

    fn mistakes(text: &str) -> Vec<(String, String, String)> {
        parse(text)
            .unwrap_err()
            .problems
            .into_iter()
            .map(|p| (text[p.span.range()].to_owned(), p.message, p.help))
            .collect()
    }

    #[test]
    fn a_full_file_is_read() {
        let file = parse(
            r#"
host = "hosts/mbp.toml"
ignore = ["gc-absent"]
fail-on = "error"
insert-comments = false

[target]
module-system = "nix-darwin"
implementation = "lix"
version = "2.93"
platform = "aarch64-darwin"

[severity]
gc-absent = "warning"

[machines."work"]
host = "hosts/work.toml"
"#,
        )
        .unwrap();
        assert_eq!(
            file.host_of("home"),
            Some(Path::new("/etc/conf/hosts/mbp.toml"))
        );
        assert_eq!(
            file.host_of("work"),
            Some(Path::new("/etc/conf/hosts/work.toml"))
        );
        assert_eq!(file.insert_comments, Some(false));
        assert_eq!(file.fail_on, Some(FailOn::AtLeast(Severity::Error)));
        assert!(!file.selection.is_on("gc-absent"));
        assert_eq!(
            file.selection.severity("gc-absent"),
            Some(Severity::Warning)
        );
        assert_eq!(file.target.implementation, Some(Implementation::Lix));
        assert_eq!(file.target.module_system, Some(ModuleSystem::NixDarwin));
    }

    #[test]
    fn flags_win_over_the_file() {
        let file = parse("ignore = [\"reliability\"]").unwrap();
        assert!(!file.selection.is_on("gc-absent"));
        let flags = Selection::new(&["gc-absent".into()], &[], &[&RULE]).unwrap();
        assert!(file.selection.overlaid(&flags).is_on("gc-absent"));
    }

    #[test]
    fn every_mistake_is_reported_with_its_place() {
        let found = mistakes("hots = \"x\"\nignore = [\"gc-absnt\", 3]\nfail-on = \"warn\"\n");
        assert_eq!(
            found,
            [
                (
                    "hots".into(),
                    "unknown key `hots` in nixtune.toml".into(),
                    "did you mean `host`?".into()
                ),
                (
                    "\"gc-absnt\"".into(),
                    "unknown rule `gc-absnt`".into(),
                    "did you mean `gc-absent`?".into()
                ),
                (
                    "3".into(),
                    "`ignore` is a list of rule names, not an integer".into(),
                    "write it like `[\"min-free-unset\"]`".into()
                ),
                (
                    "\"warn\"".into(),
                    "unknown severity `warn`".into(),
                    "known here: `error`, `warning`, `info`, `never`".into()
                ),
            ]
        );
    }

    #[test]
    fn broken_toml_has_a_place() {
        let found = mistakes("host = \"x\nfail-on = \"error\"\n");
        assert!(!found.is_empty());
        assert!(found[0].1.contains("string"), "{found:?}");
    }
}
