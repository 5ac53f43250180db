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
    "ci/forgejo.yml.j2"
    "ci/github.yml.j2"
    "ci/gitlab.yml.j2"
    "editor/config.toml.j2"
    "editor/nixtune.lua.j2"
    "editor/tasks.json.j2"
    "editor/zed-tasks.json.j2"
    "pre-commit/git-hook.j2"
    "pre-commit/git-hooks.nix.j2"
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
}
