//! What a rule is made of: its declaration, the questions it may ask, and where it reports.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::conflict::Conflict;
use super::overwritten::Overwritten;
use crate::catalog::Catalog;
use crate::diagnostic::{
    Applicability, Change, Confidence, Diagnostic, FactUsed, Fix, Label, NewValue, Severity,
};
use crate::facts::{Fact, Host, ModuleSystem, Observations, Os, Target};
use crate::model::{
    Builders, Definition, Effective, Items, Machine, MachineView, OddLine, OptionPath, Origin,
    Rendered, Setting, Workspace,
};
use crate::syntax::{comment_body, comments_beside};
use crate::text::Place;
use crate::tune::Recommendation;
use crate::units::Bytes;

/// What kind of trouble a rule is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Category {
    /// The setting does not do what it says, or breaks something.
    Correctness,
    /// Builds or downloads are slower than they need to be.
    Performance,
    /// Disk, garbage collection, hanging or failing builds.
    Reliability,
    /// Trust.
    Security,
    /// Old names and spellings.
    Deprecated,
    /// How it is written, where Nix does not care.
    Style,
}

impl Category {
    /// Every category, in the order of lists.
    pub const ALL: [Self; 6] = [
        Self::Correctness,
        Self::Performance,
        Self::Reliability,
        Self::Security,
        Self::Deprecated,
        Self::Style,
    ];

    /// Lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Correctness => "correctness",
            Self::Performance => "performance",
            Self::Reliability => "reliability",
            Self::Security => "security",
            Self::Deprecated => "deprecated",
            Self::Style => "style",
        }
    }
}

/// What rules say that hold for whatever reads a `nix.conf`; not repeated with each diagnostic
/// that people read.
pub const EVERY_NIX: &str = "every Nix, Lix and Determinate Nix";

/// When a rule speaks without being asked for by its id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Stage {
    /// Always: what almost everyone wants to know.
    Default,
    /// With its category or `all`: a matter of taste, or much noise for little.
    OptIn,
    /// With `preview` only: not yet proven on enough real configurations.
    Preview,
}

impl Stage {
    /// Lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::OptIn => "opt-in",
            Self::Preview => "preview",
        }
    }
}

/// Whether a rule asks what `lint --live` sees of the running machine.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Live {
    /// It goes by files and hardware.
    Never,
    /// It has more to say then.
    Also,
    /// It says nothing otherwise.
    Only,
}

impl Live {
    /// Lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Also => "also",
            Self::Only => "only",
        }
    }
}

/// A number that `[rule.ID]` in `nixtune.toml` may set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuleOption {
    /// Kebab-case, with its unit: `least-days`.
    pub name: &'static str,
    /// What counts when nothing is said.
    pub default: u64,
    /// What it decides, a sentence.
    pub docs: &'static str,
}

/// Values of rule options that a user gives, by rule and option.
pub type RuleOptions = BTreeMap<(&'static str, &'static str), u64>;

/// Whether a rule has fixes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fixes {
    /// Every diagnostic has one.
    Always,
    /// Some have.
    Sometimes,
    /// None has.
    Never,
}

/// A rule: what it is and how it looks. One per file of this folder.
pub struct Rule {
    /// Kebab-case name of the problem; never changes.
    pub id: &'static str,
    /// The page, Markdown. Its first line is the summary.
    pub docs: &'static str,
    /// Version that brought it.
    pub since: &'static str,
    /// The implementations, versions, platforms or module systems that it holds for, in words.
    /// A diagnostic may be more exact ([`Report::applies`]).
    pub applies: &'static str,
    /// Settings and options that it looks at.
    pub settings: &'static [&'static str],
    /// What it is about.
    pub category: Category,
    /// Severity of its diagnostics, unless they say otherwise.
    pub severity: Severity,
    /// Whether it has fixes.
    pub fixes: Fixes,
    /// Who may make its fixes, from the most to the least careful; empty when it has none.
    pub safety: &'static [Applicability],
    /// True when it says nothing without knowing the hardware.
    pub needs_host: bool,
    /// Whether it asks the running machine.
    pub live: Live,
    /// When it speaks without being asked for.
    pub stage: Stage,
    /// Numbers that users may set.
    pub options: &'static [RuleOption],
    /// Looks at one machine.
    pub check: fn(&RuleCx<'_>, &mut Sink<'_>),
}

impl Rule {
    /// The first line of the page, without its full stop.
    pub fn summary(&self) -> &'static str {
        let line = self.docs.lines().next().unwrap_or("").trim();
        line.strip_suffix('.').unwrap_or(line)
    }
}

/// Declares a rule from its page (the doc comment) and its facts. The file's `fn check` is its
/// body. `needs_host` may be left out when it is false, `live` when it is `Never`, `stage` when it is
/// `Default`, `options` when there are none.
macro_rules! declare_rule {
    (
        $(#[doc = $doc:literal])+
        pub $name:ident {
            id: $id:literal,
            since: $since:literal,
            applies: $applies:expr,
            settings: $settings:expr,
            category: $category:ident,
            severity: $severity:ident,
            $(needs_host: $needs_host:literal,)?
            $(live: $live:ident,)?
            $(stage: $stage:ident,)?
            $(options: $options:expr,)?
            fixes: $fixes:ident $(($($safety:ident),+))? $(,)?
        }
    ) => {
        $(#[doc = $doc])+
        pub const $name: $crate::rules::Rule = $crate::rules::Rule {
            id: $id,
            docs: concat!($($doc, "\n"),+),
            since: $since,
            applies: $applies,
            settings: $settings,
            category: $crate::rules::Category::$category,
            severity: $crate::diagnostic::Severity::$severity,
            fixes: $crate::rules::Fixes::$fixes,
            safety: &[$($($crate::diagnostic::Applicability::$safety),+)?],
            needs_host: false $(|| $needs_host)?,
            live: {
                let live = $crate::rules::Live::Never;
                $(let _ = live; let live = $crate::rules::Live::$live;)?
                live
            },
            stage: {
                let stage = $crate::rules::Stage::Default;
                $(let _ = stage; let stage = $crate::rules::Stage::$stage;)?
                stage
            },
            options: {
                let options: &'static [$crate::rules::RuleOption] = &[];
                $(let _ = options; let options: &'static [$crate::rules::RuleOption] = $options;)?
                options
            },
            check,
        };
    };
}
pub(crate) use declare_rule;

/// The questions a rule may ask about one machine.
#[derive(Clone, Copy)]
pub struct RuleCx<'a> {
    view: MachineView<'a>,
    catalog: &'a Catalog,
    host: Option<&'a Host>,
    nix_disabled_by: Option<&'a Definition>,
    options: &'a RuleOptions,
    known_hosts: Option<&'a KnownHosts>,
    observations: Option<&'a Observations>,
    rule: Option<&'static Rule>,
    memo: Option<&'a Memo<'a>>,
}

/// What several rules ask about one machine, worked out once.
#[derive(Debug, Default)]
pub struct Memo<'a> {
    pub(super) conflicts: OnceCell<Rc<Vec<Conflict<'a>>>>,
    pub(super) overwritten: OnceCell<Rc<Vec<Overwritten<'a>>>>,
}

/// Hardware of machines by the names that `nixtune.toml` gives them.
pub type KnownHosts = BTreeMap<String, Arc<Host>>;

impl<'a> RuleCx<'a> {
    /// This context for `rule`.
    #[must_use]
    pub fn for_rule(self, rule: &'static Rule) -> Self {
        Self {
            rule: Some(rule),
            ..self
        }
    }

    /// The value of one of the rule's own options: the user's, or its default. An option that the
    /// rule does not declare is 0.
    pub fn limit(&self, name: &str) -> u64 {
        let declared = self.rule.and_then(|rule| {
            let option = rule.options.iter().find(|option| option.name == name)?;
            let given = self.options.get(&(rule.id, option.name));
            Some(given.copied().unwrap_or(option.default))
        });
        declared.unwrap_or(0)
    }

    /// An amount of bytes for a setting, in a form that the machine's Nix reads.
    pub fn amount(&self, setting: &str, bytes: Bytes) -> NewValue {
        let letters = self
            .catalog()
            .setting(setting)
            .and_then(|setting| setting.accepts_suffix(self.target()));
        match letters {
            Some(true) => NewValue::Size(bytes.0),
            _ => NewValue::Bytes(bytes.0),
        }
    }

    /// A context for `machine`; [`RuleCx::for_rule`] makes it one for a rule.
    pub fn new(
        workspace: &'a Workspace,
        machine: &'a Machine,
        catalog: &'a Catalog,
        host: Option<&'a Host>,
        options: &'a RuleOptions,
    ) -> Self {
        let view = workspace.view(machine);
        Self {
            view: view.reaching_nix(),
            catalog,
            host,
            nix_disabled_by: view.nix_disabled_by(),
            options,
            known_hosts: None,
            observations: None,
            rule: None,
            memo: None,
        }
    }

    /// This context, with what is known of the hardware of other machines.
    #[must_use]
    pub fn with_known_hosts(self, hosts: &'a KnownHosts) -> Self {
        Self {
            known_hosts: Some(hosts),
            ..self
        }
    }

    /// This context, with what was seen of the running machine.
    #[must_use]
    pub fn with_observations(self, observations: Option<&'a Observations>) -> Self {
        Self {
            observations,
            ..self
        }
    }

    /// What was seen of the running machine; `None` when nobody looked, or when the machine need not
    /// be the one that runs.
    pub fn observations(&self) -> Option<&'a Observations> {
        self.observations
    }

    /// The hardware of the machine that is called `name`, or by the first label of that
    /// (`build01` for `build01.example.org`), when a saved profile describes it.
    pub fn known_host(&self, name: &str) -> Option<&'a Host> {
        let hosts = self.known_hosts?;
        let label = name.split('.').next().unwrap_or(name);
        let host = hosts.get(name).or_else(|| hosts.get(label))?;
        Some(host)
    }

    /// The machines of `nix.buildMachines` and its like.
    pub fn build_machines(&self) -> Builders<'a> {
        self.view.build_machines()
    }

    /// The lines of the setting `builders`.
    pub fn builder_lines(&self) -> Builders<'a> {
        self.view.builder_lines(self.catalog)
    }

    /// This context with a memory that its rules share.
    #[must_use]
    pub fn with_memo(self, memo: &'a Memo<'a>) -> Self {
        Self {
            memo: Some(memo),
            ..self
        }
    }

    /// What `work` makes of this machine: remembered when the context has a memory.
    pub(super) fn remembered<T: 'a>(
        &self,
        part: impl FnOnce(&'a Memo<'a>) -> &'a OnceCell<Rc<T>>,
        work: impl FnOnce() -> T,
    ) -> Rc<T> {
        match self.memo {
            Some(memo) => Rc::clone(part(memo).get_or_init(|| Rc::new(work()))),
            None => Rc::new(work()),
        }
    }

    /// The machine.
    pub fn machine(&self) -> &'a Machine {
        self.view.machine()
    }

    /// Everything that was read.
    pub fn workspace(&self) -> &'a Workspace {
        self.view.workspace()
    }

    /// What the files are for.
    pub fn target(&self) -> &'a Target {
        &self.view.machine().target
    }

    /// The operating system, when known.
    pub fn os(&self) -> Option<Os> {
        self.target().os()
    }

    /// What Nix knows.
    pub fn catalog(&self) -> &'a Catalog {
        self.catalog
    }

    /// The hardware, when it is known.
    pub fn host(&self) -> Option<&'a Host> {
        self.host
    }

    /// The definition that keeps the module from writing a `nix.conf`: `nix.enable = false`, or
    /// one of Determinate's nix-darwin module. Settings that are lost that way do not show up in
    /// [`RuleCx::setting`], [`RuleCx::definitions`] and [`RuleCx::items`]; one rule speaks of
    /// them all.
    pub fn nix_disabled_by(&self) -> Option<&'a Definition> {
        self.nix_disabled_by
    }

    /// False when the files are a user's own or a flake's: those cannot decide whom the daemon
    /// trusts and what it does with the store (Nix `src/libstore/daemon.cc`).
    pub fn reaches_daemon(&self) -> bool {
        let own = self.machine().files.first().is_some_and(|id| {
            self.workspace().file(*id).is_some_and(|file| {
                // The second is chezmoi's name for the first.
                let name = file.name();
                [".config/nix/", "dot_config/nix/"]
                    .iter()
                    .any(|folder| name.contains(folder))
            })
        });
        let system = self.target().system();
        !own && !matches!(
            system,
            Some(ModuleSystem::HomeManager | ModuleSystem::FlakeConfig)
        )
    }

    /// What the comments beside, inside and directly above `place` say, joined by line breaks;
    /// `None` without any.
    pub fn comment_near(&self, place: Option<Place>) -> Option<String> {
        let place = place?;
        let file = self.workspace().file(place.file)?;
        let comments: Vec<&str> = comments_beside(file.text(), file.format(), place.span)
            .into_iter()
            .map(|span| comment_body(file.slice(span)))
            .filter(|body| !body.is_empty())
            .collect();
        (!comments.is_empty()).then(|| comments.join("\n"))
    }

    /// True when a comment near `place` gives a reason: a link, an issue, "because". Rules on
    /// style and performance lower their severity by one level then.
    pub fn reason_near(&self, place: Option<Place>) -> bool {
        self.comment_near(place)
            .is_some_and(|comment| gives_reason(&comment))
    }

    /// `severity`, one level lower when a comment near the definition gives a reason for it;
    /// `None` when nothing is left to say then. For rules on style and performance only.
    pub fn eased(&self, severity: Severity, definition: &Definition) -> Option<Severity> {
        if self.reason_near(definition.place()) {
            severity.lowered()
        } else {
            Some(severity)
        }
    }

    /// The `nix.conf` that the machine's module system writes, and what Nix makes of it: which
    /// lines lose against later ones, in which order. Worked out anew at each call.
    pub fn rendered(&self) -> Rendered<'a> {
        self.view.rendered(self.catalog)
    }

    /// For the configuration of a home-manager user within a machine: that machine, when it was
    /// read. The answers are about it; what is known of this machine's hardware holds for it, too.
    pub fn system_of_user(&self) -> Option<Self> {
        let Origin::Flake {
            flake,
            set,
            name,
            user: Some(_),
        } = &self.machine().origin
        else {
            return None;
        };
        let system = Origin::Flake {
            flake: flake.clone(),
            set,
            name: Arc::clone(name),
            user: None,
        };
        let mut machines = self.workspace().machines().iter();
        let machine = machines.find(|machine| machine.origin == system)?;
        let view = self.workspace().view(machine);
        Some(Self {
            view: view.reaching_nix(),
            nix_disabled_by: view.nix_disabled_by(),
            memo: None,
            ..*self
        })
    }

    /// The value that Nix will see for a `nix.conf` key, aliases and `extraOptions` included.
    pub fn setting(&self, name: &str) -> Setting<'a> {
        self.view.setting(self.catalog, name)
    }

    /// The value of a module option such as `nix.gc.automatic`.
    pub fn option(&self, path: &str) -> Setting<'a> {
        self.view.option(path)
    }

    /// True when the machine may have files that were not read, and a file that was read for
    /// another machine sets the `nix.conf` key. What is left out here may well be set by that
    /// one, so nothing should be said of the default.
    pub fn may_be_set_elsewhere(&self, name: &str) -> bool {
        self.others().any(|definition| {
            definition
                .setting
                .as_deref()
                .and_then(|key| self.catalog.resolve(key))
                .is_some_and(|resolved| resolved.setting.name == name)
        })
    }

    /// How sure it is that an option which is off by default is on; `None` when nothing says so.
    pub fn confidence_that_on(&self, option: &str) -> Option<Confidence> {
        match self.option(option) {
            Setting::Known(effective) if effective.as_bool() == Some(true) => {
                Some(self.confidence_in(&effective))
            }
            Setting::Known(_) | Setting::Unset { .. } => None,
            Setting::OneOf(_) | Setting::Unknown { .. } => Some(Confidence::Likely),
        }
    }

    /// [`RuleCx::may_be_set_elsewhere`] for a module option, or for anything below it.
    pub fn option_may_be_set_elsewhere(&self, path: &str) -> bool {
        let path = OptionPath::dotted(path);
        self.others()
            .any(|definition| definition.option.starts_with(&path))
    }

    /// The definitions of other machines, when this one may have files that were not read.
    fn others(&self) -> impl Iterator<Item = &'a Definition> {
        let machine = self.machine();
        let definitions = if machine.complete {
            &[]
        } else {
            self.workspace().definitions()
        };
        definitions
            .iter()
            .filter(|definition| !machine.definitions.contains(&definition.id))
    }

    /// Every definition of a `nix.conf` key: aliases, `extra-` forms and text lines included.
    pub fn definitions(&self, name: &str) -> Vec<&'a Definition> {
        self.view.setting_definitions(self.catalog, name)
    }

    /// Every definition of a module option, exactly this path.
    pub fn option_definitions(&self, path: &str) -> Vec<&'a Definition> {
        self.view.option_definitions(path)
    }

    /// Lines of text that are not read as they look, and that reach Nix.
    pub fn odd_lines(&self) -> impl Iterator<Item = &'a OddLine> + use<'a> {
        let reach = self.nix_disabled_by.is_none();
        let lines = self.machine().odd_lines.iter();
        lines.filter(move |_| reach)
    }

    /// Every definition of this machine.
    pub fn all_definitions(&self) -> impl Iterator<Item = &'a Definition> + use<'a> {
        self.view.definitions()
    }

    /// The elements of a list setting over all its definitions, `extra-` forms included.
    pub fn items(&self, name: &str) -> Items<'a> {
        self.view.items(self.catalog, name)
    }

    /// How sure a diagnostic about this value can be.
    pub fn confidence_in(&self, effective: &Effective<'_>) -> Confidence {
        if effective.unconditional {
            Confidence::Certain
        } else {
            self.confidence(effective.definition)
                .min(Confidence::Likely)
        }
    }

    /// How sure a diagnostic about this definition can be.
    pub fn confidence(&self, definition: &Definition) -> Confidence {
        if self.view.is_unconditional(definition) {
            Confidence::Certain
        } else {
            Confidence::Likely
        }
    }
}

/// Words that announce a reason.
const REASON_WORDS: [&str; 10] = [
    "because",
    "due to",
    "workaround",
    "work around",
    "works around",
    "otherwise",
    "on purpose",
    "intentional",
    "deliberate",
    "://",
];

/// Text for a comment in a file, in lines of a readable length.
pub(super) fn as_comment(text: &str) -> String {
    const MOST_COLUMNS: usize = 88;
    textwrap::fill(text, MOST_COLUMNS)
}

fn gives_reason(comment: &str) -> bool {
    let lower = comment.to_lowercase();
    let names_issue = lower.split('#').skip(1).any(|after| {
        after
            .chars()
            .next()
            .is_some_and(|first| first.is_ascii_digit())
    });
    names_issue || REASON_WORDS.iter().any(|word| lower.contains(word))
}

/// Collects a rule's diagnostics.
pub struct Sink<'a> {
    rule: &'static Rule,
    machine: &'a Machine,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Sink<'a> {
    /// A sink for what `rule` says about `machine`.
    pub fn new(
        rule: &'static Rule,
        machine: &'a Machine,
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Self {
        Self {
            rule,
            machine,
            diagnostics,
        }
    }

    /// Reports a diagnostic at `place`. The builder that comes back adds the rest.
    pub fn report(&mut self, place: Place, message: impl Into<String>) -> Report<'_> {
        self.diagnostics.push(Diagnostic {
            rule: self.rule.id,
            severity: self.rule.severity,
            confidence: Confidence::Certain,
            place,
            message: message.into(),
            why: String::new(),
            help: String::new(),
            applies: self.rule.applies.to_owned(),
            labels: Vec::new(),
            facts: Vec::new(),
            machines: vec![Arc::clone(&self.machine.name)],
            fix: None,
        });
        Report {
            diagnostic: self.diagnostics.last_mut(),
        }
    }
}

/// Builder for the diagnostic that was just reported.
pub struct Report<'s> {
    diagnostic: Option<&'s mut Diagnostic>,
}

impl Report<'_> {
    fn with(mut self, f: impl FnOnce(&mut Diagnostic)) -> Self {
        if let Some(diagnostic) = self.diagnostic.as_deref_mut() {
            f(diagnostic);
        }
        self
    }

    /// Why it matters.
    pub fn why(self, text: impl Into<String>) -> Self {
        self.with(|d| d.why = text.into())
    }

    /// What to do.
    pub fn help(self, text: impl Into<String>) -> Self {
        self.with(|d| d.help = text.into())
    }

    /// The implementations, versions and platforms that it holds for, where that is narrower than
    /// what the rule says.
    pub fn applies(self, text: impl Into<String>) -> Self {
        self.with(|d| d.applies = text.into())
    }

    /// Another severity than the rule's own.
    pub fn severity(self, severity: Severity) -> Self {
        self.with(|d| d.severity = severity)
    }

    /// Lowers the confidence to `confidence`; never raises it.
    pub fn confidence(self, confidence: Confidence) -> Self {
        self.with(|d| d.confidence = d.confidence.min(confidence))
    }

    /// Another place that matters.
    pub fn label(self, place: Option<Place>, text: impl Into<String>) -> Self {
        let Some(place) = place else { return self };
        self.with(|d| {
            d.labels.push(Label {
                place,
                text: text.into(),
            })
        })
    }

    /// A fact it rests on.
    pub fn fact<T>(self, name: &str, fact: &Fact<T>, value: impl ToString) -> Self {
        self.with(|d| {
            d.facts.push(FactUsed {
                name: name.to_owned(),
                value: value.to_string(),
                how: fact.how,
                source: fact.source.clone(),
            });
        })
    }

    /// The facts that a recommendation rests on.
    pub fn recommended_from<T>(self, recommendation: &Recommendation<T>) -> Self {
        self.with(|d| {
            d.facts
                .extend(recommendation.facts.iter().map(|fact| FactUsed {
                    name: fact.name.to_owned(),
                    value: fact.value.clone(),
                    how: fact.how,
                    source: fact.source.clone(),
                }));
        })
    }

    /// How to mend it. An empty list of changes means no fix.
    pub fn fix(
        self,
        applicability: Applicability,
        title: impl Into<String>,
        changes: Vec<Change>,
    ) -> Self {
        if changes.is_empty() {
            return self;
        }
        self.with(|d| {
            d.fix = Some(Fix {
                title: title.into(),
                applicability,
                changes,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_issues_and_because_are_reasons() {
        for reason in [
            "see https://github.com/NixOS/nix/issues/7273",
            "NixOS/nix#7273",
            "Because the disk is small",
            "off on purpose",
        ] {
            assert!(gives_reason(reason), "{reason}");
        }
        for none in ["", "1 GiB", "# 1. settings", "use all cores", "PR # later"] {
            assert!(!gives_reason(none), "{none}");
        }
    }
}
