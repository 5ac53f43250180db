//! `nixtune.toml`: what it may say, and every mistake in it with its place.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{self, Key, Shape};
use super::selection::{self, FailOn, Selected, Selection};
use super::target::{self, TargetPolicy};
use super::{FILE_NAME, suggestion};
use crate::catalog::PublicKey;
use crate::facts::{Implementation, ModuleSystem};
use crate::rules::{Rule, RuleOptions};
use crate::text::Span;

/// A `nixtune.toml` that was read.
#[derive(Clone, Debug)]
pub struct PolicyFile {
    /// Where it lies; paths in it are relative to its folder.
    pub path: PathBuf,
    /// How reports call it.
    pub name: Arc<str>,
    /// True for the user's or the system's, which counts where no folder has one.
    pub is_users: bool,
    /// `host`: a hardware profile for every machine.
    pub host: Option<PathBuf>,
    /// `[target]`.
    pub target: TargetPolicy,
    /// What `[lint]` says for all files.
    pub selection: Selection,
    /// `[lint.per-path]`, in the order of the file.
    pub paths: Vec<PathPolicy>,
    /// `lint.fail-on`.
    pub fail_on: Option<FailOn>,
    /// `lint.baseline`.
    pub baseline: Option<PathBuf>,
    /// `[rule.ID]`.
    pub options: RuleOptions,
    /// `[data.caches]`: the keys of each cache, by its address.
    pub caches: BTreeMap<String, Vec<String>>,
    /// `apply.insert-comments`: whether inserted numbers are explained by a comment beside them;
    /// `None` means yes.
    pub insert_comments: Option<bool>,
    /// `[machine.NAME]`.
    pub machines: BTreeMap<String, MachinePolicy>,
    /// `[targets]`: what measurements are held against, by name.
    pub targets: BTreeMap<&'static str, f64>,
}

/// What is said about the files of a pattern.
#[derive(Clone, Debug)]
pub struct PathPolicy {
    /// Matches paths relative to the folder of the file.
    pub pattern: GlobMatcher,
    /// Laid over what is said for all files.
    pub selection: Selection,
}

/// What is said about one machine.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MachinePolicy {
    /// Its hardware profile.
    pub host: Option<PathBuf>,
    /// Its Nix.
    pub target: TargetPolicy,
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
        let file = reader.file(path, Arc::clone(&name), table.get_ref());
        if !errors.is_empty() {
            // What a broken table seems to say is not worth a word.
            reader.problems.truncate(errors.len());
        }
        reader.problems.sort_by_key(|problem| problem.span);
        if reader.problems.is_empty() {
            return Ok(file);
        }
        Err(PolicyError {
            name,
            text,
            problems: reader.problems,
        })
    }

    /// The hardware profile of a machine: its own, its holder's (`holder` of `mira@holder`), or
    /// the one for all.
    pub fn host_of(&self, machine: &str) -> Option<&Path> {
        self.said_of(machine)
            .find_map(|machine| machine.host.as_deref())
            .or(self.host.as_deref())
    }

    /// What is said about the Nix of a machine, its own words first.
    pub fn target_of(&self, machine: &str) -> TargetPolicy {
        self.said_of(machine)
            .fold(TargetPolicy::default(), |stronger, weaker| {
                weaker.target.overlaid(&stronger)
            })
    }

    fn said_of(&self, machine: &str) -> impl Iterator<Item = &MachinePolicy> {
        let holder = machine.rsplit_once('@').map(|(_, holder)| holder);
        [Some(machine), holder]
            .into_iter()
            .flatten()
            .filter_map(|name| self.machines.get(name))
    }

    /// What counts for the file at `path`, when `selection` counts for all.
    pub fn selection_at(&self, selection: &Selection, path: &Path) -> Selection {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let below = path.strip_prefix(folder).unwrap_or(path);
        self.paths
            .iter()
            .filter(|policy| policy.pattern.is_match(below))
            .fold(selection.clone(), |all, policy| {
                all.narrowed(&policy.selection)
            })
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

const PROFILE: (&str, &str) = ("the path of a profile", "\"hosts/laptop.toml\"");

type Entry<'t, 'i> = (
    &'t Spanned<toml::de::DeString<'i>>,
    &'t Spanned<DeValue<'i>>,
);

impl Reader<'_> {
    fn file(&mut self, path: &Path, name: Arc<str>, table: &DeTable<'_>) -> PolicyFile {
        let mut file = PolicyFile {
            is_users: false,
            path: path.to_path_buf(),
            name,
            host: None,
            target: TargetPolicy::default(),
            selection: Selection::default(),
            paths: Vec::new(),
            fail_on: None,
            baseline: None,
            options: RuleOptions::new(),
            caches: BTreeMap::new(),
            insert_comments: None,
            machines: BTreeMap::new(),
            targets: BTreeMap::new(),
        };
        for (key, value) in table {
            let entry = (key, value);
            match key.get_ref().as_ref() {
                "host" => file.host = self.path(entry, PROFILE),
                "target" => file.target = self.target(entry, keys::TARGET),
                "lint" => self.lint(entry, &mut file),
                "rule" => self.rule_options(entry, &mut file.options),
                "machine" => {
                    for entry in self.table(entry).into_iter().flatten() {
                        let machine = self.machine(entry);
                        file.machines
                            .insert(entry.0.get_ref().clone().into_owned(), machine);
                    }
                }
                "data" => self.data(entry, &mut file.caches),
                "apply" => {
                    for (key, value) in self.table(entry).into_iter().flatten() {
                        match key.get_ref().as_ref() {
                            "insert-comments" => file.insert_comments = self.flag((key, value)),
                            _ => self.unknown_key(key, keys::APPLY),
                        }
                    }
                }
                "targets" => {
                    for (key, value) in self.table(entry).into_iter().flatten() {
                        let word = key.get_ref().as_ref();
                        match keys::TARGETS.iter().find(|target| target.name == word) {
                            Some(target) => {
                                let number = self.number((key, value), target.example);
                                file.targets
                                    .extend(number.map(|number| (target.name, number)));
                            }
                            None => self.unknown_key(key, keys::TARGETS),
                        }
                    }
                }
                _ => self.unknown_key(key, keys::ROOT),
            }
        }
        file
    }

    fn lint(&mut self, entry: Entry<'_, '_>, file: &mut PolicyFile) {
        for (key, value) in self.table(entry).into_iter().flatten() {
            let entry = (key, value);
            match key.get_ref().as_ref() {
                "preview" => {
                    let preview = self.flag(entry);
                    file.selection = std::mem::take(&mut file.selection).with_preview(preview);
                }
                "fail-on" => {
                    file.fail_on = self.word(entry, |word| {
                        word.parse().map_err(|error: selection::UnknownWord| {
                            (format!("{} `{}`", error.what, error.word), error.suggestion)
                        })
                    });
                }
                "baseline" => {
                    file.baseline = self.path(
                        entry,
                        ("the path of a baseline", "\"nixtune-baseline.json\""),
                    );
                }
                "per-path" => {
                    let mut entries: Vec<_> = self.table(entry).into_iter().flatten().collect();
                    // Which pattern is laid over which is decided by the order of the file; the
                    // parser sorts by name.
                    entries.sort_by_key(|(key, _)| key.span().start);
                    for entry in entries {
                        file.paths.extend(self.per_path(entry));
                    }
                }
                _ => self.choice(entry, &mut file.selection, keys::LINT),
            }
        }
    }

    fn per_path(&mut self, entry: Entry<'_, '_>) -> Option<PathPolicy> {
        let mut selection = Selection::default();
        for entry in self.table(entry)? {
            self.choice(entry, &mut selection, keys::PER_PATH);
        }
        let (key, _) = entry;
        let glob = GlobBuilder::new(key.get_ref())
            .literal_separator(true)
            .build();
        match glob {
            Ok(glob) => Some(PathPolicy {
                pattern: glob.compile_matcher(),
                selection,
            }),
            Err(error) => {
                self.problems.push(problem(
                    &key.span(),
                    format!("`{}` is not a pattern: {}", key.get_ref(), error.kind()),
                    "write it like `\"hosts/ci/**\"`",
                ));
                None
            }
        }
    }

    /// `select`, `ignore` and `severity`; any other key is unknown in a table of `known` ones.
    fn choice(&mut self, entry: Entry<'_, '_>, selection: &mut Selection, known: &'static [Key]) {
        let (key, _) = entry;
        match key.get_ref().as_ref() {
            "select" => {
                for selected in self.rule_list(entry) {
                    selection.select(selected);
                }
            }
            "ignore" => {
                for selected in self.rule_list(entry) {
                    selection.ignore(selected);
                }
            }
            "severity" => self.severities(entry, selection),
            _ => self.unknown_key(key, known),
        }
    }

    fn machine(&mut self, entry: Entry<'_, '_>) -> MachinePolicy {
        let mut machine = MachinePolicy::default();
        for (key, value) in self.table(entry).into_iter().flatten() {
            match key.get_ref().as_ref() {
                "host" => machine.host = self.path((key, value), PROFILE),
                "target" => machine.target = self.target((key, value), keys::MACHINE_TARGET),
                _ => self.unknown_key(key, keys::MACHINE),
            }
        }
        machine
    }

    fn target(&mut self, entry: Entry<'_, '_>, known: &'static [Key]) -> TargetPolicy {
        let mut out = TargetPolicy::default();
        for (key, value) in self.table(entry).into_iter().flatten() {
            let entry = (key, value);
            let name = key.get_ref().as_ref();
            match name {
                _ if known.iter().all(|known| known.name != name) => self.unknown_key(key, known),
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
                _ => {
                    out.platform = self.word(entry, |word| {
                        word.parse()
                            .map_err(|()| unknown("unknown platform", word, target::PLATFORMS))
                    });
                }
            }
        }
        out
    }

    fn rule_options(&mut self, entry: Entry<'_, '_>, options: &mut RuleOptions) {
        for (id, table) in self.table(entry).into_iter().flatten() {
            let Some(rule) = self.rules.iter().find(|rule| rule.id == id.get_ref()) else {
                let ids = self.rules.iter().map(|rule| rule.id);
                self.problems.push(problem(
                    &id.span(),
                    format!("unknown rule `{}`", id.get_ref()),
                    suggestion(id.get_ref(), ids),
                ));
                continue;
            };
            for (key, value) in self.table((id, table)).into_iter().flatten() {
                let known = rule.options.iter();
                let word = key.get_ref();
                let Some(option) = known.clone().find(|option| option.name == word) else {
                    let help = if rule.options.is_empty() {
                        "this rule has no options".to_owned()
                    } else {
                        suggestion(word, known.map(|option| option.name))
                    };
                    let message = format!("unknown option `{word}` of `{}`", rule.id);
                    self.problems.push(problem(&key.span(), message, help));
                    continue;
                };
                let number = value
                    .get_ref()
                    .as_integer()
                    .and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok());
                match number {
                    Some(number) => drop(options.insert((rule.id, option.name), number)),
                    None => self.wrong_type(
                        key,
                        value,
                        "a whole number, 0 or more",
                        &option.default.to_string(),
                    ),
                }
            }
        }
    }

    fn data(&mut self, entry: Entry<'_, '_>, caches: &mut BTreeMap<String, Vec<String>>) {
        const EXAMPLE: &str = "[\"cache.example.org-1:…\"]";
        for (key, value) in self.table(entry).into_iter().flatten() {
            if key.get_ref() != "caches" {
                self.unknown_key(key, keys::DATA);
                continue;
            }
            for (url, list) in self.table((key, value)).into_iter().flatten() {
                if !url.get_ref().contains("://") {
                    self.problems.push(problem(
                        &url.span(),
                        format!("`{}` is not the address of a cache", url.get_ref()),
                        "write it like `\"https://cache.example.org\"`",
                    ));
                }
                let Some(items) = list.get_ref().as_array() else {
                    self.wrong_type(url, list, "a list of keys", EXAMPLE);
                    continue;
                };
                let mut public_keys = Vec::new();
                for item in items.iter() {
                    match item.get_ref().as_str() {
                        Some(text) if PublicKey::parse(text).is_ok() => {
                            public_keys.push(text.to_owned());
                        }
                        Some(_) => self.problems.push(problem(
                            &item.span(),
                            "this is not a public key: a name, a colon, and 32 bytes in base64",
                            "copy it as the owner of the cache publishes it",
                        )),
                        None => self.wrong_type(url, item, "a list of keys", EXAMPLE),
                    }
                }
                caches.insert(url.get_ref().clone().into_owned(), public_keys);
            }
        }
    }

    fn severities(&mut self, entry: Entry<'_, '_>, selection: &mut Selection) {
        let Some(table) = self.table(entry) else {
            return;
        };
        let mut given = Vec::new();
        for (key, value) in table {
            let selected = self.resolve(&key.span(), key.get_ref());
            let severity = self.word((key, value), |word| {
                selection::severity(word)
                    .ok_or_else(|| unknown("unknown severity", word, ["error", "warning", "info"]))
            });
            given.extend(selected.zip(severity));
        }
        // What is named by its id wins over its category.
        given.sort_by_key(|(selected, _)| selected.by);
        for (selected, severity) in given {
            for id in selected.ids {
                selection.set_severity(id, severity);
            }
        }
    }

    fn rule_list(&mut self, (key, value): Entry<'_, '_>) -> Vec<Selected> {
        const WANTED: (&str, &str) = ("a list of rules", "[\"min-free-unset\"]");
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, value, WANTED.0, WANTED.1);
            return Vec::new();
        };
        let mut all = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_str() {
                Some(word) => all.extend(self.resolve(&item.span(), word)),
                None => self.wrong_type(key, item, WANTED.0, WANTED.1),
            }
        }
        all
    }

    fn resolve(&mut self, span: &std::ops::Range<usize>, selector: &str) -> Option<Selected> {
        selection::resolve(selector, self.rules)
            .map_err(|error| {
                self.problems.push(problem(
                    span,
                    format!("{} `{}`", error.what, error.word),
                    error.suggestion,
                ));
            })
            .ok()
    }

    fn flag(&mut self, (key, value): Entry<'_, '_>) -> Option<bool> {
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(key, value, "`true` or `false`", "false");
        }
        flag
    }

    /// A number, 0 or more, whole or not.
    fn number(&mut self, (key, value): Entry<'_, '_>, example: &str) -> Option<f64> {
        let value_of = value.get_ref();
        let number = match (value_of.as_integer(), value_of.as_float()) {
            (Some(whole), _) => u32::from_str_radix(whole.as_str(), whole.radix())
                .ok()
                .map(f64::from),
            (_, Some(float)) => float.as_str().parse::<f64>().ok(),
            _ => None,
        };
        let number = number.filter(|number| number.is_finite() && *number >= 0.0);
        if number.is_none() {
            self.wrong_type(key, value, "a number, 0 or more", example);
        }
        number
    }

    fn path(
        &mut self,
        (key, value): Entry<'_, '_>,
        (wanted, example): (&str, &str),
    ) -> Option<PathBuf> {
        match value.get_ref().as_str() {
            Some(text) if !text.is_empty() => Some(self.folder.join(text)),
            _ => {
                self.wrong_type(key, value, wanted, example);
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

    fn unknown_key(&mut self, key: &Spanned<toml::de::DeString<'_>>, known: &'static [Key]) {
        let word = key.get_ref().as_ref();
        let below = keys::ROOT.iter().find(|table| {
            matches!(table.shape, Shape::Table(keys) if keys.iter().any(|key| key.name == word))
        });
        let help = match below {
            Some(table) => format!("`{word}` stands below `[{}]`", table.name),
            None => suggestion(word, known.iter().map(|key| key.name)),
        };
        self.problems.push(problem(
            &key.span(),
            format!("unknown key `{word}` in {FILE_NAME}"),
            help,
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
    use crate::rules::{Category, Fixes, RuleOption, Stage};

    const RULE: Rule = Rule {
        id: "gc-absent",
        docs: "No garbage collection.\n",
        since: "0.1.0",
        applies: "everything",
        settings: &[],
        category: Category::Reliability,
        severity: Severity::Info,
        fixes: Fixes::Never,
        safety: &[],
        needs_host: false,
        live: crate::rules::Live::Never,
        stage: Stage::Default,
        options: &[RuleOption {
            name: "most",
            default: 3,
            docs: "How many.",
        }],
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

[lint]
ignore = ["gc-absent"]
fail-on = "error"
baseline = "known.json"

[lint.severity]
reliability = "info"
gc-absent = "warning"

[lint.per-path."hosts/*.nix"]
select = ["gc-absent"]

[target]
module-system = "nix-darwin"
implementation = "lix"
version = "2.93"
platform = "aarch64-darwin"

[machine."work"]
host = "hosts/work.toml"
target.version = "2.94"

[machine."mira@work"]
target.implementation = "cppnix"

[rule.gc-absent]
most = 0x10

[data.caches]
"https://cache.example.org" = ["cache.example.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY="]

[apply]
insert-comments = false

[targets]
evaluation_secs = 2.5
hit_rate_percent = 95
"#,
        )
        .unwrap();
        let targets = [("evaluation_secs", 2.5), ("hit_rate_percent", 95.0)];
        assert_eq!(file.targets, targets.into());
        let at = |path: &str| Some(PathBuf::from("/etc/conf").join(path));
        assert_eq!(
            file.host_of("home").map(Path::to_path_buf),
            at("hosts/mbp.toml")
        );
        assert_eq!(
            file.host_of("work").map(Path::to_path_buf),
            at("hosts/work.toml")
        );
        assert_eq!(
            file.host_of("mira@work").map(Path::to_path_buf),
            at("hosts/work.toml")
        );
        let target = file.target_of("mira@work");
        assert_eq!(target.implementation, Some(Implementation::Cppnix));
        assert_eq!(target.version, "2.94".parse().ok());
        assert_eq!(file.insert_comments, Some(false));
        assert_eq!(file.baseline, at("known.json"));
        assert_eq!(file.fail_on, Some(FailOn::AtLeast(Severity::Error)));
        assert!(!file.selection.is_on("gc-absent"));
        let on_at = |path: &str| {
            let selection = file.selection_at(&file.selection, Path::new(path));
            selection.is_on("gc-absent")
        };
        assert!(on_at("/etc/conf/hosts/a.nix"));
        assert!(!on_at("/etc/conf/hosts/a/b.nix"));
        assert_eq!(
            file.selection.severity("gc-absent"),
            Some(Severity::Warning)
        );
        assert_eq!(file.options.get(&("gc-absent", "most")), Some(&16));
        assert_eq!(file.caches["https://cache.example.org"].len(), 1);
        assert_eq!(file.target.implementation, Some(Implementation::Lix));
        assert_eq!(file.target.module_system, Some(ModuleSystem::NixDarwin));
    }

    #[test]
    fn flags_win_over_the_file() {
        let file = parse("lint.ignore = [\"reliability\"]").unwrap();
        assert!(!file.selection.is_on("gc-absent"));
        let flags = Selection::new(&["gc-absent".into()], &[], &[&RULE]).unwrap();
        assert!(file.selection.overlaid(&flags).is_on("gc-absent"));
    }

    #[test]
    fn every_mistake_is_reported_with_its_place() {
        let found = mistakes(
            "hots = \"x\"\nignore = []\n[lint]\nignore = [\"gc-absnt\", 3]\nfail-on = \"warn\"\n\
             per-path.\"a[\" = { }\n[rule.gc-absent]\nmots = 1\nmost = -1\n[data.caches]\n\
             \"https://x\" = [\"x\"]\n[targets]\nevalution_secs = 5\nhit_rate_percent = -1\n\
             full_days = \"14\"\n",
        );
        let expected = [
            (
                "hots",
                "unknown key `hots` in nixtune.toml",
                "did you mean `host`?",
            ),
            (
                "ignore",
                "unknown key `ignore` in nixtune.toml",
                "`ignore` stands below `[lint]`",
            ),
            (
                "\"gc-absnt\"",
                "unknown rule `gc-absnt`",
                "did you mean `gc-absent`?",
            ),
            (
                "3",
                "`ignore` is a list of rules, not an integer",
                "write it like `[\"min-free-unset\"]`",
            ),
            (
                "\"warn\"",
                "unknown severity `warn`",
                "known here: `error`, `warning`, `info`, `never`",
            ),
            (
                "\"a[\"",
                "`a[` is not a pattern: unclosed character class; missing ']'",
                "write it like `\"hosts/ci/**\"`",
            ),
            (
                "mots",
                "unknown option `mots` of `gc-absent`",
                "did you mean `most`?",
            ),
            (
                "-1",
                "`most` is a whole number, 0 or more, not an integer",
                "write it like `3`",
            ),
            (
                "\"x\"",
                "this is not a public key: a name, a colon, and 32 bytes in base64",
                "copy it as the owner of the cache publishes it",
            ),
            (
                "evalution_secs",
                "unknown key `evalution_secs` in nixtune.toml",
                "did you mean `evaluation_secs`?",
            ),
            (
                "-1",
                "`hit_rate_percent` is a number, 0 or more, not an integer",
                "write it like `80`",
            ),
            (
                "\"14\"",
                "`full_days` is a number, 0 or more, not a string",
                "write it like `14`",
            ),
        ];
        let found: Vec<_> = found
            .iter()
            .map(|(at, message, help)| (at.as_str(), message.as_str(), help.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn broken_toml_has_a_place() {
        let found = mistakes("host = \"x\nfail-on = \"error\"\n");
        assert!(!found.is_empty());
        assert!(found[0].1.contains("string"), "{found:?}");
    }
}
