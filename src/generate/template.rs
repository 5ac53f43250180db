//! The templates and how they are filled.

use std::sync::LazyLock;

use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::syntax::quote;

/// A template that does not render: a mistake of nixtune, not of its user.
#[derive(Debug, thiserror::Error)]
#[error("the template {name} cannot be filled: {source}; please report it")]
pub struct TemplateError {
    name: &'static str,
    source: minijinja::Error,
}

/// Every template by its path below `templates/`; a line for each, in order.
macro_rules! templates {
    ($($name:literal)*) => {
        const TEMPLATES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../templates/", $name))),)*
        ];
    };
}

templates! {
    "aliases/bash.sh.j2"
    "aliases/commands.sh.j2"
    "aliases/fish.fish.j2"
    "aliases/home-manager.nix.j2"
    "builders/builders.conf.j2"
    "builders/builders.nix.j2"
    "builders/known_hosts.j2"
    "builders/machines.j2"
    "builders/ssh.conf.j2"
    "cache/attic.nix.j2"
    "cache/cache.conf.j2"
    "cache/determinate.nix.j2"
    "cache/flake.nix.j2"
    "cache/harmonia.nix.j2"
    "cache/module.nix.j2"
    "cache/nginx.nix.j2"
    "cache/nix-serve-ng.nix.j2"
    "cache/queue-for-cache.sh.j2"
    "cache/ssh.nix.j2"
    "cache/upload-queued.sh.j2"
    "cache/upload.conf.j2"
    "ci/forgejo.yml.j2"
    "ci/github.yml.j2"
    "ci/gitlab.yml.j2"
    "editor/config.toml.j2"
    "editor/nixtune.lua.j2"
    "editor/tasks.json.j2"
    "editor/zed-tasks.json.j2"
    "maintenance/determinate.nix.j2"
    "maintenance/home-manager-darwin.nix.j2"
    "maintenance/home-manager.nix.j2"
    "maintenance/local.nix-gc.plist.j2"
    "maintenance/local.nix-optimise.plist.j2"
    "maintenance/maintenance.conf.j2"
    "maintenance/nix-darwin.nix.j2"
    "maintenance/nix-gc.service.j2"
    "maintenance/nix-gc.timer.j2"
    "maintenance/nix-optimise.service.j2"
    "maintenance/nix-optimise.timer.j2"
    "maintenance/nixos.nix.j2"
    "monitor/darwin.nix.j2"
    "monitor/home-manager.nix.j2"
    "monitor/launchd.plist.j2"
    "monitor/monitor.sh.j2"
    "monitor/nixos.nix.j2"
    "monitor/systemd.service.j2"
    "monitor/systemd.timer.j2"
    "pre-commit/git-hook.j2"
    "pre-commit/git-hooks.nix.j2"
    "pre-commit/lefthook.yml.j2"
    "pre-commit/pre-commit-config.yaml.j2"
    "settings/determinate.nix.j2"
    "settings/flake.nix.j2"
    "settings/home-manager.nix.j2"
    "settings/nix-darwin.nix.j2"
    "settings/nix.conf.j2"
    "settings/nixos.nix.j2"
}

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    // Tags on lines of their own leave no trace, so that a template looks like its result.
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_keep_trailing_newline(true);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // No escaping: what goes into a file is quoted where it is text.
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.add_filter("in_nix_string", in_nix_string);
    environment.add_filter("json", |text: String| {
        serde_json::Value::from(text).to_string()
    });
    environment.add_filter("line", |text: String| line(&text));
    environment.add_filter("nix", |text: String| quote(&text));
    environment.add_filter("yaml", |text: String| yaml(&text));
    for (name, text) in TEMPLATES {
        // The tests render every template; one that does not parse is found there, and is an
        // unknown template here.
        drop(environment.add_template(name, text));
    }
    environment
});

/// The lines of an indented string of Nix (`''…''`), without its quotes and the last line break.
fn in_nix_string(text: &str, columns: usize) -> String {
    // The longer of two that begin alike first.
    const ESCAPES: [(&str, &str); 3] = [("''", "'''"), ("'${", r"''\'''${"), ("${", "''${")];
    let mut escaped = String::new();
    let mut rest = text.trim_end();
    while let Some(first) = rest.chars().next() {
        let special = ESCAPES
            .iter()
            .find_map(|(from, to)| Some((rest.strip_prefix(from)?, *to)));
        match special {
            Some((after, to)) => {
                escaped.push_str(to);
                rest = after;
            }
            None => {
                escaped.push(first);
                rest = rest.strip_prefix(first).unwrap_or_default();
            }
        }
    }
    let indent = " ".repeat(columns);
    let lines: Vec<String> = escaped
        .lines()
        .map(|line| match line {
            "" => String::new(),
            line => format!("{indent}{line}"),
        })
        .collect();
    lines.join("\n")
}

/// Text in a comment, which ends where the line does.
fn line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(plain).collect()
}

/// A string as a YAML scalar: as it is where that is no other value, otherwise as JSON, which YAML
/// includes.
fn yaml(text: &str) -> String {
    const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(':')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_./:@-".contains(&byte))
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_plain {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

/// Fills a template.
pub(super) fn render(name: &'static str, values: &impl Serialize) -> Result<String, TemplateError> {
    ENVIRONMENT
        .get_template(name)
        .and_then(|template| template.render(values))
        .map_err(|source| TemplateError { name, source })
}

/// A list of texts as formatters lay it out behind `name = ` with `indent` blanks before it: one
/// element stays on the line of its name while that has room for it.
pub(super) fn nix_list<T: AsRef<str>>(name: &str, items: &[T], indent: usize) -> String {
    const LINE_COLUMNS: usize = 100;
    let around = indent + name.len() + " = [  ];".len();
    match items {
        [] => "[ ]".to_owned(),
        [one] if around + quote(one.as_ref()).len() <= LINE_COLUMNS => {
            format!("[ {} ]", quote(one.as_ref()))
        }
        _ => {
            let blanks = " ".repeat(indent);
            let lines: String = items
                .iter()
                .map(|item| format!("{blanks}  {}\n", quote(item.as_ref())))
                .collect();
            format!("[\n{lines}{blanks}]")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_stay_strings_in_yaml_and_comments_in_their_line() {
        assert_eq!(yaml("github:a/b/v1"), "github:a/b/v1");
        assert_eq!(yaml("release-1.0"), "release-1.0");
        for text in [
            "on", "No", "1.0", "a: b", "a:", "", "#a", "a b", "x\ny", "é",
        ] {
            assert!(yaml(text).starts_with('"'), "{text}");
        }
        assert_eq!(line("a\nb\u{1b}"), "a b ");
    }

    #[test]
    fn every_template_parses_and_is_embedded() {
        for (name, _) in TEMPLATES {
            assert!(ENVIRONMENT.get_template(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_string_of_nix_holds_what_shells_write() {
        assert_eq!(
            in_nix_string("a '' ${b}\n\n'${c}' $d\n", 2),
            "  a ''' ''${b}\n\n  ''\\'''${c}' $d"
        );
    }
}
