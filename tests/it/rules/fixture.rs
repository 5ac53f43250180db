//! Fixtures: small files of `tests/rules/<id>/`, each with what it is for.
//!
//! `bad*.nix` must make the rule speak, `good*.nix` and `unknown*.nix` must not; the same for
//! `.conf`. Beside a fixture, or for the whole folder, `target.toml` says what the file is for
//! and `host.toml` which hardware (`bad-x.target.toml`, `bad-x.host.toml` for one fixture);
//! `live.toml` is what a look at the running machine shows.
//! A fixture whose name ends in `-flake.nix` is read as `flake.nix`; every other file of the
//! folder is there too, to be imported; `host-NAME.toml` is the profile of another machine. A line `# also reports: RULE, RULE` declares errors of
//! other rules, and `# then reports: RULE` what another rule sees in the fixed file: a value that
//! Nix could not read before may be a poor one.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use nixtune::catalog::Catalog;
use nixtune::diagnostic::{Diagnostic, Severity};
use nixtune::facts::{Host, Observations, Target, profile};
use nixtune::model::{LoadOptions, Loaded, load};
use nixtune::policy::Suppressions;
use nixtune::rules::{self, KnownHosts, Rule, RuleCx, RuleOptions, Sink};
use nixtune::system::Memory;
use nixtune::text::{FileFormat, SourceFile};

/// What a fixture is there to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    Bad,
    Good,
    Unknown,
}

/// One file with its surroundings.
pub struct Fixture {
    pub rule: &'static Rule,
    /// The file's name without its ending: `bad-let`.
    pub name: String,
    pub role: Role,
    pub format: FileFormat,
    /// Where it really lies.
    pub path: PathBuf,
    pub text: String,
    /// Other files of the folder by name.
    pub beside: Vec<(String, String)>,
    pub target: Target,
    pub host: Option<Host>,
    /// What was seen of the machine, when somebody looked.
    pub live: Option<Observations>,
    /// What `host-NAME.toml` in the folder say, by name.
    pub hosts: KnownHosts,
    /// Rules that may report errors too.
    pub also: Vec<String>,
    /// Rules that have something to say once the file is fixed.
    pub then: Vec<String>,
    linted: OnceLock<Linted>,
}

/// What linting a text gave.
#[derive(Debug)]
pub struct Linted {
    pub loaded: Loaded,
    /// What all rules report, suppressed ones left out, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
}

pub fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(Catalog::embedded)
}

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")
}

/// All fixtures, sorted by rule and name.
pub fn all() -> &'static [Fixture] {
    static FIXTURES: OnceLock<Vec<Fixture>> = OnceLock::new();
    FIXTURES.get_or_init(|| rules::ALL.iter().flat_map(|rule| of_rule(rule)).collect())
}

/// The examples of the rules' pages as fixtures, in the surroundings of the rules' folders.
pub fn pages() -> &'static [Fixture] {
    static PAGES: OnceLock<Vec<Fixture>> = OnceLock::new();
    PAGES.get_or_init(|| {
        rules::ALL
            .iter()
            .flat_map(|rule| {
                let files = files_of(rule);
                let examples = [("nix,bad", "bad"), ("nix,good", "good")];
                examples
                    .into_iter()
                    .flat_map(|(language, role)| {
                        blocks(rule.docs, language).into_iter().map(move |text| {
                            // An example with outputs is a whole flake.
                            let flake = text
                                .lines()
                                .any(|line| line.trim_start().starts_with("outputs ="));
                            let kind = if flake { "-flake" } else { "" };
                            (format!("{role}-page{kind}.nix"), text)
                        })
                    })
                    .filter_map(|example| fixture(rule, &files, &example))
                    .collect::<Vec<_>>()
            })
            .collect()
    })
}

/// The code blocks of a language in a page.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line.trim().strip_prefix("```") == Some(language) {
            let block: String = lines
                .by_ref()
                .take_while(|line| line.trim() != "```")
                .map(|line| format!("{line}\n"))
                .collect();
            found.push(block);
        }
    }
    found
}

fn of_rule(rule: &'static Rule) -> Vec<Fixture> {
    let files = files_of(rule);
    files
        .iter()
        .filter_map(|file| fixture(rule, &files, file))
        .collect()
}

/// The files of a rule's folder with their texts, sorted by name.
fn files_of(rule: &Rule) -> Vec<(String, String)> {
    let folder = folder().join(rule.id);
    let mut files: Vec<(String, String)> = std::fs::read_dir(&folder)
        .map(|entries| {
            entries
                .map(|entry| entry.unwrap())
                .filter(|entry| entry.file_type().unwrap().is_file())
                .map(|entry| {
                    let name = entry.file_name().into_string().unwrap();
                    let text = std::fs::read_to_string(entry.path())
                        .unwrap_or_else(|error| panic!("{}: {error}", entry.path().display()));
                    (name, text)
                })
                .collect()
        })
        .unwrap_or_default();
    files.sort();
    files
}

/// What a file of a rule's folder is for; `None` for files that are no fixtures.
fn fixture(
    rule: &'static Rule,
    files: &[(String, String)],
    (file, text): &(String, String),
) -> Option<Fixture> {
    let find = |name: &str| {
        files
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, text)| text.as_str())
    };
    let (name, ending) = file.rsplit_once('.')?;
    let format = match ending {
        "nix" => FileFormat::Nix,
        "conf" => FileFormat::Conf,
        _ => return None,
    };
    let role = role_of(name)?;
    let config = |kind: &str| {
        find(&format!("{name}.{kind}.toml"))
            .map(|text| (format!("{name}.{kind}.toml"), text))
            .or_else(|| find(&format!("{kind}.toml")).map(|text| (format!("{kind}.toml"), text)))
            // A page's example is of the plainest kind.
            .or_else(|| {
                let plain = format!("bad.{kind}.toml");
                let is_page = name.ends_with("-page") || name.ends_with("-page-flake");
                let text = find(&plain).filter(|_| is_page)?;
                Some((plain, text))
            })
    };
    let at = |source: &str, error: &dyn std::fmt::Display| -> ! {
        panic!("tests/rules/{}/{source}: {error}", rule.id)
    };
    let target = config("target").map_or_else(Target::default, |(source, text)| {
        // The same keys as a profile's table.
        let text = format!("[target]\n{text}");
        profile::read(&text, &source).map_or_else(|error| at(&source, &error), |p| p.target)
    });
    let host = config("host").and_then(|(source, text)| {
        profile::read(text, &source).map_or_else(|error| at(&source, &error), |p| p.host)
    });
    let live = config("live")
        .map(|(source, text)| toml::from_str(text).unwrap_or_else(|error| at(&source, &error)));
    let hosts = files
        .iter()
        .filter_map(|(file, text)| {
            let name = file.strip_prefix("host-")?.strip_suffix(".toml")?;
            let profile = profile::read(text, file).unwrap_or_else(|error| at(file, &error));
            Some((name.to_owned(), Arc::new(profile.host?)))
        })
        .collect();
    let declared = |mark: &str| {
        text.lines()
            .filter_map(|line| line.trim().strip_prefix(mark))
            .flat_map(|list| list.split(','))
            .map(|id| id.trim().to_owned())
            .collect()
    };
    let beside = files
        .iter()
        .filter(|(other, _)| {
            other
                .strip_suffix(".nix")
                .is_some_and(|name| role_of(name).is_none())
        })
        .cloned()
        .collect();
    Some(Fixture {
        rule,
        name: name.to_owned(),
        role,
        format,
        path: folder().join(rule.id).join(file),
        text: text.clone(),
        beside,
        target,
        host,
        live,
        hosts,
        also: declared("# also reports:"),
        then: declared("# then reports:"),
        linted: OnceLock::new(),
    })
}

/// What a file's name says about its role: `bad-let` and `bad`, not `badly`.
fn role_of(name: &str) -> Option<Role> {
    [
        ("bad", Role::Bad),
        ("good", Role::Good),
        ("unknown", Role::Unknown),
    ]
    .into_iter()
    .find_map(|(prefix, role)| {
        let rest = name.strip_prefix(prefix)?;
        (rest.is_empty() || rest.starts_with('-')).then_some(role)
    })
}

impl Fixture {
    /// `rule/file`, for messages.
    pub fn shown(&self) -> String {
        let file = self.path.file_name().unwrap().to_str().unwrap();
        format!("{}/{file}", self.rule.id)
    }

    /// The name under which the file is linted.
    pub fn linted_name(&self) -> String {
        match self.format {
            FileFormat::Conf => "nix.conf".to_owned(),
            FileFormat::Nix if self.name.ends_with("-flake") => "flake.nix".to_owned(),
            FileFormat::Nix => format!("{}.nix", self.name),
        }
    }

    /// The file as it is, linted once for all tests.
    pub fn linted(&self) -> &Linted {
        self.linted.get_or_init(|| self.lint(&self.text))
    }

    /// Lints `text` in the fixture's place.
    pub fn lint(&self, text: &str) -> Linted {
        self.lint_beside(text, &self.beside)
    }

    /// Lints `text` in the fixture's place, with other texts of the files beside it.
    pub fn lint_beside(&self, text: &str, beside: &[(String, String)]) -> Linted {
        let path = PathBuf::from("/fixture").join(self.linted_name());
        let mut system = Memory::new().file(&path, text);
        for (name, text) in beside {
            system = system.file(Path::new("/fixture").join(name), text);
        }
        let options = LoadOptions {
            target: self.target.clone(),
            threads: 1,
            ..LoadOptions::default()
        };
        let loaded = load(&system, &[path], catalog(), &options);
        let diagnostics = self.run_rules(&loaded);
        Linted {
            loaded,
            diagnostics,
        }
    }

    fn run_rules(&self, loaded: &Loaded) -> Vec<Diagnostic> {
        let workspace = &loaded.workspace;
        let mut diagnostics = Vec::new();
        let options = RuleOptions::new();
        for machine in workspace.machines() {
            for rule in rules::ALL {
                let cx = RuleCx::new(workspace, machine, catalog(), self.host.as_ref(), &options)
                    .with_known_hosts(&self.hosts)
                    .with_observations(self.live.as_ref());
                (rule.check)(
                    &cx.for_rule(rule),
                    &mut Sink::new(rule, machine, &mut diagnostics),
                );
            }
        }
        let mut suppressions: Vec<_> = workspace
            .files()
            .iter()
            .map(|file| (file.id(), Suppressions::read(file, rules::ALL)))
            .collect();
        diagnostics.retain(|diagnostic| {
            !suppressions.iter_mut().any(|(file, comments)| {
                *file == diagnostic.place.file && comments.silence(diagnostic).is_some()
            })
        });
        diagnostics.sort_by_key(|d| (d.place.file, d.place.span.start, d.place.span.end, d.rule));
        diagnostics
    }
}

impl Linted {
    /// What one rule reports.
    pub fn of<'d>(&'d self, rule: &'static Rule) -> impl Iterator<Item = &'d Diagnostic> {
        self.diagnostics
            .iter()
            .filter(move |diagnostic| diagnostic.rule == rule.id)
    }

    /// Errors of rules other than `rule`.
    pub fn errors_beside<'d>(
        &'d self,
        rule: &'static Rule,
    ) -> impl Iterator<Item = &'d Diagnostic> {
        self.diagnostics.iter().filter(move |diagnostic| {
            diagnostic.rule != rule.id && diagnostic.severity == Severity::Error
        })
    }

    /// The file that was linted.
    pub fn file(&self, fixture: &Fixture) -> Option<&SourceFile> {
        let name = fixture.linted_name();
        self.loaded
            .workspace
            .files()
            .iter()
            .find(|file| file.path().ends_with(&name))
            .map(AsRef::as_ref)
    }
}
