//! What `nixtune explain` says about a rule, a setting, an option or an experimental feature.

use std::fmt::Write as _;

use owo_colors::Style as Paint;

use super::fit::{fitting_for, values};
use super::page::{markdown, rule_page};
use super::settings::{escaped, markdown_row, os_name, ranges, rules_about, setting_facts};
use super::{Style, escape, wrap};
use crate::catalog::{
    Catalog, FeatureInfo, IMPLEMENTATIONS, OptionDefault, OptionInfo, OptionStatus, SettingInfo,
    Spelling,
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
    match page(name, catalog, rules, host) {
        Some(page) => Ok(page.text(style)),
        None => Err(UnknownName {
            name: escape::line(name).into_owned(),
            suggestion: nearest(settings_key(name), name, catalog, rules).map_or_else(
                || "`nixtune rules` lists the rules".to_owned(),
                |near| format!("did you mean `{near}`?"),
            ),
        }),
    }
}

/// The page of a setting, an option or an experimental feature as Markdown; `None` when nothing
/// has this name.
pub fn explain_markdown(
    name: &str,
    catalog: &Catalog,
    rules: &[&'static Rule],
    host: Option<&Host>,
) -> Option<String> {
    page(name, catalog, rules, host).map(|page| page.markdown())
}

/// `nix.settings.max-jobs` is the setting `max-jobs`.
fn settings_key(name: &str) -> &str {
    crate::model::SETTINGS_SETS
        .iter()
        .find_map(|set| name.strip_prefix(set)?.strip_prefix('.'))
        .unwrap_or(name)
}

/// The page of what is no rule; `None` when nothing has this name.
fn page(
    name: &str,
    catalog: &Catalog,
    rules: &[&'static Rule],
    host: Option<&Host>,
) -> Option<Page> {
    let key = settings_key(name);
    if let Some(resolved) = catalog.resolve(key) {
        let mut page = setting_page(resolved.setting, catalog, rules, host);
        let relation = match resolved.spelling {
            Spelling::Canonical => None,
            Spelling::Alias => Some("is another name of"),
            Spelling::Append => Some("appends to"),
        };
        page.remark =
            relation.map(|relation| format!("`{key}` {relation} `{}`.", resolved.setting.name));
        return Some(page);
    }
    let options: Vec<_> = SYSTEMS
        .into_iter()
        .filter_map(|system| catalog.option(system, name))
        .collect();
    if !options.is_empty() {
        return Some(option_page(name, &options, rules, host));
    }
    catalog.feature(name).map(feature_page)
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

/// A page: what is said about something, thing by thing.
struct Page {
    /// What stands above it all.
    remark: Option<String>,
    title: String,
    subtitle: String,
    rows: Vec<Row>,
}

enum Row {
    /// What it is about, and lines that are not empty.
    Fact(String, Vec<String>),
    /// Something else begins.
    Break,
}

const KEY_WIDTH: usize = 12;

impl Page {
    fn new(title: &str, subtitle: &str) -> Self {
        Self {
            remark: None,
            title: title.to_owned(),
            subtitle: subtitle.to_owned(),
            rows: Vec::new(),
        }
    }

    fn row(&mut self, key: &str, value: &str) {
        self.rows(key, &[value.to_owned()]);
    }

    /// What is said in several lines; empty ones are left out.
    fn rows(&mut self, key: &str, values: &[String]) {
        let lines = values.iter().filter(|line| !line.is_empty());
        let lines: Vec<String> = lines.cloned().collect();
        if !lines.is_empty() {
            self.rows.push(Row::Fact(key.to_owned(), lines));
        }
    }

    /// The page for a terminal.
    fn text(&self, style: Style) -> String {
        let mut text = String::new();
        if let Some(remark) = &self.remark {
            text.push_str(remark);
            text.push_str("\n\n");
        }
        text.push_str(&style.paint(&self.title, Paint::new().bold()));
        text.push('\n');
        text.push_str(&style.paint(&self.subtitle, Paint::new().dimmed()));
        text.push_str("\n\n");
        for row in &self.rows {
            match row {
                Row::Break => text.push('\n'),
                Row::Fact(key, lines) => {
                    let mut key = key.as_str();
                    for line in lines {
                        push_row(&mut text, key, line, style);
                        key = "";
                    }
                }
            }
        }
        text
    }

    /// The page as Markdown, for the small window of an editor: no heading is larger than the text.
    fn markdown(&self) -> String {
        let mut out = String::new();
        if let Some(remark) = &self.remark {
            let _ = write!(out, "{remark}\n\n");
        }
        let _ = write!(out, "**{}**: {}\n\n", escaped(&self.title), self.subtitle);
        for row in &self.rows {
            match row {
                Row::Break => out.push('\n'),
                Row::Fact(key, lines) => {
                    let lines: Vec<_> = lines.iter().map(|line| escaped(line)).collect();
                    markdown_row(&mut out, key, &lines);
                }
            }
        }
        out.truncate(out.trim_end().len());
        out
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
}

/// A line of a page, `key  value`, wrapped.
fn push_row(text: &mut String, key: &str, value: &str, style: Style) {
    let indent = " ".repeat(KEY_WIDTH);
    let options = wrap::options(style.width)
        .initial_indent(&indent)
        .subsequent_indent(&indent);
    let filled = textwrap::fill(value, options);
    let key = style.paint(&format!("{key:<KEY_WIDTH$}"), Paint::new().cyan());
    text.push_str(&key);
    text.push_str(filled.get(KEY_WIDTH..).unwrap_or(""));
    text.push('\n');
}

fn setting_page(
    setting: &SettingInfo,
    catalog: &Catalog,
    rules: &[&'static Rule],
    host: Option<&Host>,
) -> Page {
    let mut page = Page::new(setting.name, "setting of nix.conf");
    for fact in setting_facts(setting, catalog) {
        page.rows(fact.key, &fact.lines);
    }
    page.recommendations(setting.name, host);
    page.row("rules", &rules_about(setting.name, rules).join(", "));
    page.row("source", setting.source.unwrap_or(""));
    page.row("data of", &catalog.as_of().to_string());
    page
}

fn option_page(
    name: &str,
    options: &[&OptionInfo],
    rules: &[&'static Rule],
    host: Option<&Host>,
) -> Page {
    let mut page = Page::new(name, "option of a module system");
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
        page.rows.push(Row::Break);
    }
    page.recommendations(name, host);
    page.row("rules", &rules_about(name, rules).join(", "));
    page
}

fn feature_page(feature: &FeatureInfo) -> Page {
    let mut page = Page::new(feature.name, &format!("value of {}", feature.setting));
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
    page
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
