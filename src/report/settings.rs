//! What is said about a setting, for its page in the terminal and for the reference of all settings.

use std::fmt::Write as _;

use crate::catalog::{
    ByImplementation, Catalog, Gate, GateWhen, IMPLEMENTATIONS, SettingDefault, SettingInfo,
    SettingKind, Step, Timeline, Unit, Untrusted, VersionRange,
};
use crate::facts::Os;
use crate::rules::Rule;

/// One thing that is said about a setting.
pub(super) struct SettingFact {
    /// What it is about, in a word or two.
    pub(super) key: &'static str,
    /// What is said; never empty.
    pub(super) lines: Vec<String>,
}

/// What the catalog says about a setting, in the order in which people ask.
pub(super) fn setting_facts(setting: &SettingInfo, catalog: &Catalog) -> Vec<SettingFact> {
    let words = |text: Option<&str>| text.map(str::to_owned).into_iter().collect::<Vec<_>>();
    let mut defaults = timeline(setting.defaults(), setting.ranges(), &|default| {
        default_words(default, setting.unit)
    });
    defaults.extend(setting.default_note.map(str::to_owned));
    let aliases = setting
        .aliases
        .iter()
        .map(|alias| format!("{} ({})", alias.name, ranges(&alias.ranges).join("; ")))
        .collect();
    let platforms: Vec<_> = [Os::Linux, Os::Darwin]
        .into_iter()
        .filter(|os| setting.acts_on(*os))
        .map(os_name)
        .collect();
    let platforms = match platforms.as_slice() {
        [one] => format!("{one} only"),
        all => all.join(" and "),
    };
    let deprecated = IMPLEMENTATIONS
        .into_iter()
        .filter_map(|made| {
            let deprecation = setting.deprecated(made)?;
            let instead = deprecation
                .replacement
                .map_or(String::new(), |name| format!("; use {name}"));
            Some(format!("by {made} since {}{instead}", deprecation.since))
        })
        .collect();
    let history = catalog
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
    [
        ("type", vec![kind_words(setting)]),
        ("syntax", words(setting.syntax)),
        ("default", defaults),
        ("aliases", aliases),
        ("appends as", words(setting.append_key())),
        ("known to", ranges(setting.ranges())),
        ("platforms", vec![platforms]),
        ("needs", gates(setting)),
        (
            "untrusted",
            words(setting.untrusted_newest().map(untrusted_words)),
        ),
        ("deprecated", deprecated),
        ("instead", words(setting.replacement)),
        ("note", words(setting.note)),
        ("history", history),
    ]
    .into_iter()
    .filter(|(_, lines)| lines.iter().any(|line| !line.is_empty()))
    .map(|(key, lines)| SettingFact { key, lines })
    .collect()
}

/// All settings as a Markdown document: those that some newest release has, then those that are
/// gone. Each is a heading with its name, so that `#max-jobs` leads to it; rules link to their
/// pages in `rules/`.
pub fn settings_markdown(catalog: &Catalog, rules: &[&'static Rule]) -> String {
    let (current, gone): (Vec<_>, Vec<_>) = catalog
        .settings()
        .iter()
        .partition(|setting| setting.is_current());
    let mut out = format!(
        "# Settings\n\nEvery key of `nix.conf` that Nix, Lix or Determinate Nix has or had: {} are in use, \
         {} are gone.\n`nixtune explain NAME` says the same in the terminal, and what fits a \
         machine. *Untrusted* is what comes of it\nwhen a user sets it whom the daemon does not \
         trust. A rule about every setting, such as\n[`unknown-setting`](rules/unknown-setting.md), \
         is not named with each.\n\nThe data is of {}. It was read from the sources of the \
         releases and compared with their programs.\n",
        current.len(),
        gone.len(),
        catalog.as_of(),
    );
    for (heading, settings) in [("In use", current), ("Gone", gone)] {
        let links: Vec<_> = settings
            .iter()
            .map(|setting| format!("[{0}](#{0})", setting.name))
            .collect();
        let _ = write!(out, "\n## {heading}\n\n{}\n", links.join(" ·\n"));
        for setting in settings {
            section(setting, catalog, rules, &mut out);
        }
    }
    out
}

fn section(setting: &SettingInfo, catalog: &Catalog, rules: &[&'static Rule], out: &mut String) {
    let _ = write!(out, "\n### `{}`\n\n", setting.name);
    for fact in setting_facts(setting, catalog) {
        let lines: Vec<_> = fact.lines.iter().map(|line| escaped(line)).collect();
        markdown_row(out, fact.key, &lines);
    }
    let links: Vec<_> = rules_about(setting.name, rules)
        .into_iter()
        .map(|id| format!("[`{id}`](rules/{id}.md)"))
        .collect();
    if !links.is_empty() {
        markdown_row(out, "rules", &[links.join(", ")]);
    }
    if let Some(source) = setting.source {
        markdown_row(out, "source", &[escaped(source)]);
    }
}

/// One thing that is said, as an item of a list; several lines are a list in it.
pub(super) fn markdown_row(out: &mut String, key: &str, lines: &[String]) {
    match lines {
        [] => {}
        [line] => {
            let _ = writeln!(out, "- *{key}*: {line}");
        }
        lines => {
            let _ = writeln!(out, "- *{key}*:");
            for line in lines {
                let _ = writeln!(out, "  - {line}");
            }
        }
    }
}

/// Text of the catalog as Markdown shows it: what stands between backquotes is code, and nothing
/// else is markup.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_code = false;
    for c in text.chars() {
        is_code ^= c == '`';
        if !is_code
            && matches!(
                c,
                '*' | '_' | '<' | '>' | '[' | ']' | '\\' | '~' | '|' | '&'
            )
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

pub(super) fn os_name(os: Os) -> &'static str {
    match os {
        Os::Linux => "Linux",
        Os::Darwin => "macOS",
    }
}

/// The ids of the rules that look at a setting or an option.
pub(super) fn rules_about(name: &str, rules: &[&'static Rule]) -> Vec<&'static str> {
    rules
        .iter()
        .filter(|rule| rule.settings.contains(&name))
        .map(|rule| rule.id)
        .collect()
}

/// The releases that have it, a line for each implementation.
pub(super) fn ranges(ranges: &ByImplementation<VersionRange>) -> Vec<String> {
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

/// What values a setting takes, in a few words.
pub fn kind_words(setting: &SettingInfo) -> String {
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
    use crate::rules;

    #[test]
    fn each_setting_has_a_section_with_its_rules() {
        let catalog = Catalog::embedded();
        let text = settings_markdown(&catalog, rules::ALL);
        for setting in catalog.settings() {
            let heading = format!("\n### `{}`\n", setting.name);
            assert_eq!(text.matches(&heading).count(), 1, "{}", setting.name);
        }
        let section = text.split("\n### `connect-timeout`\n").nth(1).unwrap();
        let section = section.split("\n### ").next().unwrap();
        assert!(section.contains("from 2.31.2: 15"), "{section}");
        let rule = "](rules/connect-timeout-too-low.md)";
        assert!(section.contains(rule), "{section}");
        let gone = text.split("\n## Gone\n").nth(1).unwrap();
        assert!(!gone.contains("\n### `max-jobs`\n"));
    }

    #[test]
    fn markup_in_the_data_is_text() {
        assert_eq!(escaped("a*b `c*d` <e>"), "a\\*b `c*d` \\<e\\>");
    }
}
