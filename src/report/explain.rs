//! What `nixtune explain` says about a rule, a setting, an option or an experimental feature.

use std::fmt::Write as _;

use owo_colors::Style as Paint;

use super::fit::{fitting_for, values};
use super::page::{markdown, rule_page};
use super::{Style, escape, wrap};
use crate::catalog::{
    ByImplementation, Catalog, FeatureInfo, Gate, GateWhen, IMPLEMENTATIONS, OptionDefault,
    OptionInfo, OptionStatus, SettingDefault, SettingInfo, SettingKind, Spelling, Step, Timeline,
    Unit, Untrusted, VersionRange,
};
use crate::facts::{Host, How, Implementation, ModuleSystem, Os};
use crate::policy::builtin_page;
use crate::rules::Rule;

/// A name that nothing has.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no rule, setting, option or feature is called `{name}`; {suggestion}")]
pub struct UnknownName {
    /// The name.
    pub name: String,
    /// The nearest one, or where the names are listed.
    pub suggestion: String,
}

const SYSTEMS: [ModuleSystem; 3] = [
    ModuleSystem::NixDarwin,
    ModuleSystem::Nixos,
    ModuleSystem::HomeManager,
];

/// The page of whatever `name` is: the id of a rule, a key of `nix.conf`, the path of an option,
/// an experimental feature. With a `host`, what fits it.
///
/// # Errors
/// When nothing has this name.
pub fn explain(
    name: &str,
    catalog: &Catalog,
    rules: &[&'static Rule],
    host: Option<&Host>,
    style: Style,
) -> Result<String, UnknownName> {
    let name = name.trim();
    if let Some(rule) = rules.iter().find(|rule| rule.id == name) {
        return Ok(rule_page(rule, style));
    }
    if let Some(page) = builtin_page(name) {
        let title = style.paint(name, Paint::new().bold());
        return Ok(format!("{title}\n\n{}", markdown(page, style)));
    }
    // `nix.settings.max-jobs` is the setting `max-jobs`.
    let key = crate::model::SETTINGS_SETS
        .iter()
        .find_map(|set| name.strip_prefix(set)?.strip_prefix('.'))
        .unwrap_or(name);
    if let Some(resolved) = catalog.resolve(key) {
        let mut out = setting_page(resolved.setting, catalog, rules, host, style);
        match resolved.spelling {
            Spelling::Canonical => {}
            Spelling::Alias => out.insert_str(
                0,
                &format!(
                    "`{key}` is another name of `{}`.\n\n",
                    resolved.setting.name
                ),
            ),
            Spelling::Append => out.insert_str(
                0,
                &format!("`{key}` appends to `{}`.\n\n", resolved.setting.name),
            ),
        }
        return Ok(out);
    }
    let options: Vec<_> = SYSTEMS
        .into_iter()
        .filter_map(|system| catalog.option(system, name))
        .collect();
    if !options.is_empty() {
        return Ok(option_page(name, &options, rules, host, style));
    }
    if let Some(feature) = catalog.feature(name) {
        return Ok(feature_page(feature, style));
    }
    Err(UnknownName {
        name: escape::line(name).into_owned(),
        suggestion: nearest(key, name, catalog, rules).map_or_else(
            || "`nixtune rules` lists the rules".to_owned(),
            |near| format!("did you mean `{near}`?"),
        ),
    })
}

fn nearest(key: &str, name: &str, catalog: &Catalog, rules: &[&'static Rule]) -> Option<String> {
    if let Some(setting) = catalog.nearest_setting(key) {
        return Some(setting.to_owned());
    }
    let options = SYSTEMS
        .into_iter()
        .flat_map(|system| catalog.options(system))
        .filter(|option| option.is_current())
        .map(|option| option.path);
    let features = catalog.features().iter().map(|feature| feature.name);
    rules
        .iter()
        .map(|rule| rule.id)
        .chain(options)
        .chain(features)
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, known)| distance * 3 <= known.len())
        .min()
        .map(|(_, known)| known.to_owned())
}

/// A page under construction: `key  value` lines below a title.
struct Page {
    style: Style,
    text: String,
}

const KEY_WIDTH: usize = 12;

impl Page {
    fn new(title: &str, subtitle: &str, style: Style) -> Self {
        let mut text = style.paint(title, Paint::new().bold());
        text.push('\n');
        text.push_str(&style.paint(subtitle, Paint::new().dimmed()));
        text.push_str("\n\n");
        Self { style, text }
    }

    fn row(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        let indent = " ".repeat(KEY_WIDTH);
        let options = wrap::options(self.style.width)
            .initial_indent(&indent)
            .subsequent_indent(&indent);
        let filled = textwrap::fill(value, options);
        let key = self
            .style
            .paint(&format!("{key:<KEY_WIDTH$}"), Paint::new().cyan());
        self.text.push_str(&key);
        self.text.push_str(filled.get(KEY_WIDTH..).unwrap_or(""));
        self.text.push('\n');
    }

    /// What fits a machine, with the arithmetic.
    fn recommendations(&mut self, name: &str, host: Option<&Host>) {
        let Some(host) = host else { return };
        for fit in fitting_for(name, host) {
            let assumed = if fit.weakest == How::Assumed {
                ", resting on an assumption"
            } else {
                ""
            };
            let mut lines = vec![
                format!(
                    "{} for {}{assumed}",
                    values(&fit.values),
                    escape::line(&host.name)
                ),
                format!("because {}", fit.formula),
                format!("within {}", fit.bounds),
            ];
            lines.extend(
                fit.alternatives
                    .iter()
                    .map(|other| format!("or {} {}", values(&other.values), other.when)),
            );
            lines.push(format!("formula from {}", fit.source));
            self.rows("fits", &lines);
        }
    }

    /// Further lines below the row before.
    fn rows(&mut self, key: &str, values: &[String]) {
        let mut key = key;
        for value in values {
            self.row(key, value);
            key = "";
        }
    }
}

fn setting_page(
    setting: &SettingInfo,
    catalog: &Catalog,
    rules: &[&'static Rule],
    host: Option<&Host>,
    style: Style,
) -> String {
    let mut page = Page::new(setting.name, "setting of nix.conf", style);
    page.row("type", &kind_words(setting));
    page.row("syntax", setting.syntax.unwrap_or(""));
    page.rows(
        "default",
        &timeline(setting.defaults(), setting.ranges(), &|default| {
            default_words(default, setting.unit)
        }),
    );
    page.row("", setting.default_note.unwrap_or(""));
    let aliases: Vec<_> = setting
        .aliases
        .iter()
        .map(|alias| {
            let ranges = ranges(&alias.ranges);
            format!("{} ({})", alias.name, ranges.join("; "))
        })
        .collect();
    page.rows("aliases", &aliases);
    page.row("appends as", setting.append_key().unwrap_or(""));
    page.rows("known to", &ranges(setting.ranges()));
    let platforms: Vec<_> = [Os::Linux, Os::Darwin]
        .into_iter()
        .filter(|os| setting.acts_on(*os))
        .map(os_name)
        .collect();
    page.row(
        "platforms",
        &if platforms.len() == 2 {
            "Linux and macOS".to_owned()
        } else {
            format!("{} only", platforms.join(""))
        },
    );
    page.rows("needs", &gates(setting));
    page.row(
        "untrusted",
        setting.untrusted_newest().map_or("", untrusted_words),
    );
    let deprecated: Vec<_> = IMPLEMENTATIONS
        .into_iter()
        .filter_map(|made| {
            let deprecation = setting.deprecated(made)?;
            let instead = deprecation
                .replacement
                .map_or(String::new(), |name| format!("; use {name}"));
            Some(format!("by {made} since {}{instead}", deprecation.since))
        })
        .collect();
    page.rows("deprecated", &deprecated);
    page.row("instead", setting.replacement.unwrap_or(""));
    page.row("note", setting.note.unwrap_or(""));
    let history: Vec<_> = catalog
        .history(setting.name)
        .map(|entry| {
            let mut line = format!("{} {}: {}", entry.implementation, entry.at, entry.kind);
            if let (Some(from), Some(to)) = (entry.from, entry.to) {
                let _ = write!(line, ", {from} → {to}");
            }
            if let Some(note) = entry.note {
                let _ = write!(line, " ({note})");
            }
            line
        })
        .collect();
    page.rows("history", &history);
    page.recommendations(setting.name, host);
    page.row("rules", &rules_about(setting.name, rules));
    page.row("source", setting.source.unwrap_or(""));
    page.row("data of", &catalog.as_of().to_string());
    page.text
}

fn option_page(
    name: &str,
    options: &[&OptionInfo],
    rules: &[&'static Rule],
    host: Option<&Host>,
    style: Style,
) -> String {
    let mut page = Page::new(name, "option of a module system", style);
    for option in options {
        let system = format!(
            "{}{}",
            option.system,
            if option.determinate {
                " (module of Determinate Nix)"
            } else {
                ""
            }
        );
        page.row("in", &system);
        match &option.status {
            OptionStatus::Current => {}
            OptionStatus::Renamed { to } => page.row("renamed", &format!("to {to}")),
            OptionStatus::Removed { to: Some(to) } => {
                page.row("removed", &format!("use {to}"));
            }
            OptionStatus::Removed { to: None } => page.row("removed", "nothing takes its place"),
        }
        page.row("type", option.kind.unwrap_or(""));
        let default = match &option.default {
            Some(OptionDefault::Json(value)) => value.to_string(),
            Some(OptionDefault::Computed(words)) => (*words).to_owned(),
            None => String::new(),
        };
        page.row("default", &default);
        page.row("since", option.since.unwrap_or(""));
        page.row("note", option.note.unwrap_or(""));
        page.text.push('\n');
    }
    page.recommendations(name, host);
    page.row("rules", &rules_about(name, rules));
    page.text
}

fn feature_page(feature: &FeatureInfo, style: Style) -> String {
    let mut page = Page::new(
        feature.name,
        &format!("value of {}", feature.setting),
        style,
    );
    page.rows("known to", &ranges(feature.ranges()));
    let since = |find: &dyn Fn(Implementation) -> Option<crate::facts::Version>| {
        IMPLEMENTATIONS
            .into_iter()
            .filter_map(|made| Some(format!("{made} {}", find(made)?)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    page.row("stable in", &since(&|made| feature.stable_in(made)));
    page.row("removed in", &since(&|made| feature.removed_in(made)));
    let always: Vec<_> = IMPLEMENTATIONS
        .into_iter()
        .filter(|made| feature.is_always_on(*made))
        .map(|made| made.to_string())
        .collect();
    page.row("always on", &always.join(", "));
    let systems: Vec<_> = [Os::Linux, Os::Darwin]
        .into_iter()
        .filter(|os| feature.acts_on(*os))
        .map(os_name)
        .collect();
    if let [only] = systems.as_slice() {
        page.row("platforms", &format!("{only} only"));
    }
    page.row("instead", feature.replacement.unwrap_or(""));
    page.row("note", feature.note.unwrap_or(""));
    page.row("source", feature.source.unwrap_or(""));
    page.text
}

fn os_name(os: Os) -> &'static str {
    match os {
        Os::Linux => "Linux",
        Os::Darwin => "macOS",
    }
}

fn rules_about(name: &str, rules: &[&'static Rule]) -> String {
    rules
        .iter()
        .filter(|rule| rule.settings.contains(&name))
        .map(|rule| rule.id)
        .collect::<Vec<_>>()
        .join(", ")
}

fn ranges(ranges: &ByImplementation<VersionRange>) -> Vec<String> {
    ranges
        .iter()
        .map(|(made, range)| {
            let mut words = made.to_string();
            match range.since {
                Some(since) => {
                    let _ = write!(words, " since {since}");
                }
                None if range.until.is_none() => words.push_str(", all releases"),
                None => {}
            }
            if let Some(until) = range.until {
                let _ = write!(words, " until {until}");
            }
            if range.unreleased {
                words.push_str(" (development version)");
            }
            words
        })
        .collect()
}

/// A line per implementation: `Nix: 0; from 2.29 5; from 2.31.2 15`.
fn timeline<T: PartialEq>(
    timeline: &Timeline<T>,
    ranges: &ByImplementation<VersionRange>,
    words: &dyn Fn(&T) -> String,
) -> Vec<String> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (made, _) in ranges.iter() {
        let text = match timeline.steps(made) {
            [] => timeline.newest_in(made).map(words).unwrap_or_default(),
            steps => steps
                .iter()
                .map(|Step(since, value)| match since {
                    Some(since) => format!("from {since}: {}", words(value)),
                    None => words(value),
                })
                .collect::<Vec<_>>()
                .join("; "),
        };
        match groups.iter_mut().find(|(other, _)| *other == text) {
            Some((_, makers)) => makers.push(made.to_string()),
            None => groups.push((text, vec![made.to_string()])),
        }
    }
    match groups.as_slice() {
        [(text, _)] => vec![text.clone()],
        _ => groups
            .into_iter()
            .map(|(text, makers)| format!("{}: {text}", makers.join(", ")))
            .collect(),
    }
}

fn default_words(default: &SettingDefault, unit: Option<Unit>) -> String {
    match default {
        SettingDefault::Value("") => "empty".to_owned(),
        SettingDefault::Value(text) => {
            let amount = match (unit, text.parse::<u64>()) {
                (Some(Unit::Bytes), Ok(amount)) if amount >= 1024 => {
                    format!(" ({})", crate::units::Bytes(amount))
                }
                _ => String::new(),
            };
            format!("{text}{amount}")
        }
        SettingDefault::Computed(words) => (*words).to_owned(),
        SettingDefault::ByOs { linux, darwin } => format!("{linux} on Linux, {darwin} on macOS"),
    }
}

fn kind_words(setting: &SettingInfo) -> String {
    let mut words = match setting.kind() {
        SettingKind::Bool => "true or false".to_owned(),
        SettingKind::UInt => "number from 0".to_owned(),
        SettingKind::Int => "number".to_owned(),
        SettingKind::Size => "amount".to_owned(),
        SettingKind::Str => "text".to_owned(),
        SettingKind::Path => "path".to_owned(),
        SettingKind::OptionalPath => "path, or empty".to_owned(),
        SettingKind::Enum(values) => format!("one of {}", values.join(", ")),
        SettingKind::StringList => "words, in order".to_owned(),
        SettingKind::StringSet => "words, in any order".to_owned(),
        SettingKind::StringMap => "NAME=VALUE words".to_owned(),
        SettingKind::MaxJobs => "`auto` or a number from 0".to_owned(),
        SettingKind::Json => "JSON".to_owned(),
    };
    match setting.unit {
        Some(Unit::Bytes) => words.push_str(" of bytes"),
        Some(Unit::KibPerSecond) => words.push_str(" of KiB/s"),
        Some(Unit::Seconds) => words.push_str(" of seconds"),
        Some(Unit::Milliseconds) => words.push_str(" of milliseconds"),
        Some(Unit::Hertz) => words.push_str(" of hertz"),
        Some(Unit::Count) | None => {}
    }
    let suffix: Vec<_> = IMPLEMENTATIONS
        .into_iter()
        .filter_map(|made| Some(format!("{made} {}", setting.suffix_since(made)?)))
        .collect();
    if !suffix.is_empty() {
        let _ = write!(words, "; K, M, G or T since {}", suffix.join(", "));
    }
    words
}

fn gates(setting: &SettingInfo) -> Vec<String> {
    let Some(gate) = setting.gates() else {
        return Vec::new();
    };
    timeline(gate, setting.ranges(), &|gate: &Option<Gate>| match gate {
        None => "no experimental feature".to_owned(),
        Some(Gate { feature, when }) => {
            let effect = match when {
                GateWhen::OnSet => "without it the line is ignored with a warning",
                GateWhen::OnUse => "without it the line is accepted and acting on it fails",
            };
            format!("experimental feature {feature} ({effect})")
        }
    })
}

fn untrusted_words(untrusted: Untrusted) -> &'static str {
    match untrusted {
        Untrusted::Applied => "the daemon honours it from any user",
        Untrusted::AppliedIfEmpty => "the daemon honours it from any user when it is empty",
        Untrusted::Filtered => "the daemon keeps the items that it already trusts",
        Untrusted::Ignored => "the daemon ignores it from users that it does not trust",
        Untrusted::ClientOnly => "acts in the client, whoever sets it",
        Untrusted::DaemonConfigOnly => "the daemon reads it from its own configuration only",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(name: &str) -> Result<String, UnknownName> {
        explain(name, &Catalog::embedded(), &[], None, Style::PLAIN)
    }

    #[test]
    fn a_setting_has_its_type_defaults_and_ranges() {
        let text = page("nix.settings.connect-timeout").unwrap();
        assert!(text.contains("number from 0 of seconds"), "{text}");
        assert!(text.contains("from 2.31.2: 15"), "{text}");
        assert!(text.contains("Linux and macOS"), "{text}");
    }

    #[test]
    fn other_names_lead_to_the_setting() {
        assert!(
            page("build-max-jobs")
                .unwrap()
                .starts_with("`build-max-jobs` is another name of `max-jobs`")
        );
        assert!(
            page("extra-substituters")
                .unwrap()
                .starts_with("`extra-substituters` appends to `substituters`")
        );
        assert!(
            page("use-cgroups")
                .unwrap()
                .contains("experimental feature cgroups")
        );
        assert!(page("use-cgroups").unwrap().contains("Linux only"));
    }

    #[test]
    fn options_and_features_have_pages() {
        assert!(page("nix.gc.interval").unwrap().contains("nix-darwin"));
        assert!(page("repl-flake").unwrap().contains("removed in"));
    }

    #[test]
    fn an_unknown_name_has_a_neighbour() {
        let error = page("max-jbos").unwrap_err();
        assert_eq!(
            error.to_string(),
            "no rule, setting, option or feature is called `max-jbos`; did you mean `max-jobs`?"
        );
        assert!(
            page("nix.gc.intervall")
                .unwrap_err()
                .suggestion
                .contains("nix.gc.interval")
        );
        assert!(
            page("zzzz")
                .unwrap_err()
                .suggestion
                .contains("nixtune rules")
        );
    }
}
