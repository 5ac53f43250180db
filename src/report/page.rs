//! Pages and tables about rules and settings.

use owo_colors::Style as Paint;

use super::{Style, json, wrap};
use crate::diagnostic::{Applicability, Severity};
use crate::rules::{self, Category, Fixes, Live, Rule, Stage};

/// Where the pages of rules can be read.
const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules/");

/// The address of a rule's page; `None` for what is reported by no rule.
pub(super) fn address(id: &str) -> Option<String> {
    rules::find(id).map(|rule| format!("{PAGES}{}.md", rule.id))
}

/// The page of a rule: its facts, then its own text.
pub fn rule_page(rule: &Rule, style: Style) -> String {
    let mut out = style.paint(rule.id, Paint::new().bold());
    out.push('\n');
    out.push_str(&style.paint(
        &format!(
            "{} · {} · {} · {}since {}",
            rule.category.name(),
            rule.severity,
            fixes(rule),
            match rule.stage {
                Stage::Default => "",
                Stage::OptIn => "off by default · ",
                Stage::Preview => "preview · ",
            },
            rule.since
        ),
        Paint::new().dimmed(),
    ));
    out.push_str("\n\n");
    out.push_str(&markdown(rule.docs, style));
    out.push_str(&style.paint("\nApplies to: ", Paint::new().bold()));
    out.push_str(rule.applies);
    out.push('\n');
    if !rule.settings.is_empty() {
        out.push_str(&style.paint("Looks at: ", Paint::new().bold()));
        out.push_str(&rule.settings.join(", "));
        out.push('\n');
    }
    for option in rule.options {
        out.push_str(&style.paint("Option: ", Paint::new().bold()));
        out.push_str(&textwrap::fill(
            &format!("{} = {}: {}", option.name, option.default, option.docs),
            wrap::options(style.width),
        ));
        out.push('\n');
    }
    if rule.needs_host {
        out.push_str("Says nothing unless the hardware is known (`--host`).\n");
    }
    match rule.live {
        Live::Never => {}
        Live::Also => out.push_str("Sees more of the running machine (`--live`).\n"),
        Live::Only => out.push_str("Says nothing unless it may look at the machine (`--live`).\n"),
    }
    out
}

/// How often there is a fix, and who may make it: `sometimes fixable (safe, unsafe)`.
fn fixes(rule: &Rule) -> String {
    let often = match rule.fixes {
        Fixes::Always => "fixable",
        Fixes::Sometimes => "sometimes fixable",
        Fixes::Never => return "no fix".to_owned(),
    };
    let who: Vec<_> = rule
        .safety
        .iter()
        .map(|safety| match safety {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
            Applicability::Manual => "by hand",
        })
        .collect();
    format!("{often} ({})", who.join(", "))
}

/// Markdown as terminals show it: headings bold, code indented, the rest wrapped.
pub(super) fn markdown(text: &str, style: Style) -> String {
    let mut out = String::new();
    let mut in_code = false;
    let mut paragraph = String::new();
    let flush = |paragraph: &mut String, out: &mut String| {
        if !paragraph.is_empty() {
            out.push_str(&textwrap::fill(paragraph, wrap::options(style.width)));
            out.push('\n');
            paragraph.clear();
        }
    };
    for line in text.lines() {
        // Doc comments keep the blank behind their slashes.
        let line = line.strip_prefix(' ').unwrap_or(line);
        if line.trim_start().starts_with("```") {
            flush(&mut paragraph, &mut out);
            if !in_code {
                let kind = line.trim_start().trim_start_matches('`');
                if kind.contains("bad") {
                    out.push_str(&style.paint("  reported:\n", Paint::new().red()));
                } else if kind.contains("good") {
                    out.push_str(&style.paint("  not reported:\n", Paint::new().green()));
                }
            }
            in_code = !in_code;
        } else if in_code {
            out.push_str("    ");
            out.push_str(line);
            out.push('\n');
        } else if let Some(heading) = line.strip_prefix('#') {
            flush(&mut paragraph, &mut out);
            let heading = heading.trim_start_matches('#').trim();
            out.push_str(&style.paint(heading, Paint::new().bold().underline()));
            out.push('\n');
        } else if line.trim().is_empty() {
            flush(&mut paragraph, &mut out);
            out.push('\n');
        } else if let Some(item) = line.trim_start().strip_prefix("- ") {
            flush(&mut paragraph, &mut out);
            let options = wrap::options(style.width)
                .initial_indent("  - ")
                .subsequent_indent("    ");
            out.push_str(&textwrap::fill(item, options));
            out.push('\n');
        } else if line.trim_start().starts_with('|') {
            flush(&mut paragraph, &mut out);
            out.push_str(line);
            out.push('\n');
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim());
        }
    }
    flush(&mut paragraph, &mut out);
    out
}

/// Summaries with fewer columns than this go below their rule.
const LEAST_SUMMARY: usize = 30;

/// All rules, a line each, under their categories.
pub fn rules_table(rules: &[&'static Rule], style: Style) -> String {
    let mut rows: Vec<_> = rules.to_vec();
    rows.sort_by_key(|rule| (rule.category, rule.id));
    let width = rows.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    let mut category = None;
    for rule in rows {
        if category != Some(rule.category) {
            if category.is_some() {
                out.push('\n');
            }
            out.push_str(&style.paint(rule.category.name(), Paint::new().bold()));
            out.push('\n');
            category = Some(rule.category);
        }
        let severity = style.paint(
            &format!("{:<7}", rule.severity.to_string()),
            match rule.severity {
                Severity::Error => Paint::new().red(),
                Severity::Warning => Paint::new().yellow(),
                Severity::Info => Paint::new().cyan(),
            },
        );
        let fix = match rule.fixes {
            Fixes::Always | Fixes::Sometimes => "fix",
            Fixes::Never => "   ",
        };
        let host = match (rule.needs_host, rule.live) {
            (true, _) => "host",
            (false, Live::Only) => "live",
            (false, Live::Never | Live::Also) => "    ",
        };
        let head = format!("  {:width$}  {severity}  {fix}  {host}  ", rule.id);
        // The width of the head without its escapes.
        let used = 2 + width + 2 + 7 + 2 + 3 + 2 + 4 + 2;
        let beside = style.width >= used + LEAST_SUMMARY;
        let indent = " ".repeat(if beside { used } else { 6 });
        let body = textwrap::fill(
            rule.summary(),
            wrap::options(style.width)
                .initial_indent(&indent)
                .subsequent_indent(&indent),
        );
        if beside {
            out.push_str(&head);
            out.push_str(body.get(used..).unwrap_or(""));
        } else {
            out.push_str(head.trim_end());
            out.push('\n');
            out.push_str(&body);
        }
        out.push('\n');
    }
    out
}

/// All rules as Markdown, a table for each category; ids link to pages beside it.
pub fn rules_markdown(rules: &[&'static Rule]) -> String {
    let mut out = format!(
        "# Rules\n\n{} rules. *Off by default* are matters of taste, *preview* is what is not yet \
         proven on many\nconfigurations; `--select` and `--preview` let them speak.\n",
        rules.len()
    );
    for category in Category::ALL {
        let rows: Vec<_> = rules
            .iter()
            .filter(|rule| rule.category == category)
            .collect();
        if rows.is_empty() {
            continue;
        }
        out.push_str(&format!(
            "\n## {}\n\n| Rule | Severity | Fix | Reports |\n| --- | --- | --- | --- |\n",
            category.name()
        ));
        for rule in rows {
            let fix = match rule.fixes {
                Fixes::Always => "yes",
                Fixes::Sometimes => "sometimes",
                Fixes::Never => "no",
            };
            let stage = match rule.stage {
                Stage::Default => "",
                Stage::OptIn => " *(off by default)*",
                Stage::Preview => " *(preview)*",
            };
            out.push_str(&format!(
                "| [`{id}`]({id}.md) | {} | {fix} | {}{stage} |\n",
                rule.severity,
                rule.summary().replace('|', "\\|"),
                id = rule.id,
            ));
        }
    }
    out
}

/// The page of a rule as a Markdown document.
pub fn rule_markdown(rule: &Rule) -> String {
    let mut out = format!("# `{}`\n\n", rule.id);
    for line in rule.docs.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        match line.trim() {
            "```nix,bad" => out.push_str("Reported:\n\n```nix\n"),
            "```nix,good" => out.push_str("Not reported:\n\n```nix\n"),
            _ => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out.push_str("\n## In short\n\n");
    let mut fact = |name: &str, text: &str| out.push_str(&format!("- {name}: {text}\n"));
    fact("Category", rule.category.name());
    fact("Severity", &rule.severity.to_string());
    fact("Fix", &fixes(rule));
    fact("Applies to", rule.applies);
    match rule.stage {
        Stage::Default => {}
        Stage::OptIn => fact("Off by default", &format!("`--select {}`", rule.id)),
        Stage::Preview => fact("Preview", "`--preview`"),
    }
    if rule.needs_host {
        fact("Needs", "the hardware (`--host`)");
    }
    match rule.live {
        Live::Never => {}
        Live::Also => fact("Sees more", "of the running machine (`--live`)"),
        Live::Only => fact("Needs", "a look at the running machine (`--live`)"),
    }
    if !rule.settings.is_empty() {
        fact("Looks at", &format!("`{}`", rule.settings.join("`, `")));
    }
    for option in rule.options {
        let text = format!(
            "`{}`, {} by default. {}",
            option.name, option.default, option.docs
        );
        fact("Option", &text);
    }
    fact("Since", rule.since);
    out
}

#[derive(serde::Serialize)]
struct RuleJson {
    id: &'static str,
    category: &'static str,
    severity: Severity,
    fix: &'static str,
    /// `safe`, `unsafe`, `manual`: who may make its fixes.
    fix_safety: &'static [Applicability],
    needs_host: bool,
    /// `never`, `also` or `only`: whether it asks the running machine.
    live: &'static str,
    stage: &'static str,
    since: &'static str,
    applies_to: &'static str,
    settings: &'static [&'static str],
    summary: &'static str,
}

/// All rules as a JSON list.
pub fn rules_json(rules: &[&'static Rule]) -> String {
    let rows: Vec<_> = rules
        .iter()
        .map(|rule| RuleJson {
            id: rule.id,
            category: rule.category.name(),
            severity: rule.severity,
            fix: match rule.fixes {
                Fixes::Always => "always",
                Fixes::Sometimes => "sometimes",
                Fixes::Never => "never",
            },
            fix_safety: rule.safety,
            needs_host: rule.needs_host,
            live: rule.live.name(),
            stage: rule.stage.name(),
            since: rule.since,
            applies_to: rule.applies,
            settings: rule.settings,
            summary: rule.summary(),
        })
        .collect();
    json::printed(&rows)
}
