//! The `nixtune.toml` that one starts with: every key, commented out, with what it is for.

use super::keys::{self, Key, Shape};
use super::schema::SCHEMA_URL;
use crate::rules::Rule;

/// Columns of the comments.
const COLUMNS: usize = 88;

/// A file that changes nothing as it stands. What follows `# ` in a line that is no sentence is
/// ready to be used.
pub fn initial(rules: &[&'static Rule]) -> String {
    let mut out = format!("#:schema {SCHEMA_URL}\n\n");
    say(
        &mut out,
        "What nixtune should know about these configurations, and what you want to hear from it. \
         Nothing here is needed: take the `#` off what you want to change.",
    );
    // Keys of the file itself come before its first table.
    let (tables, plain): (Vec<_>, Vec<_>) =
        keys::ROOT.iter().partition(|key| key.example.is_empty());
    for key in plain {
        out.push('\n');
        value(&mut out, key);
    }
    for key in tables {
        section(&mut out, ("", key.name), key, rules);
    }
    out
}

/// `mark` stands before the heads of tables: those of a commented table are commented, too.
fn section(out: &mut String, (mark, name): (&str, &str), key: &Key, rules: &[&'static Rule]) {
    out.push('\n');
    say(out, key.docs);
    match key.shape {
        Shape::Table(keys) => {
            out.push_str(&format!("{mark}[{name}]\n"));
            members(out, (mark, name), keys, rules);
        }
        Shape::Tables(keys, example) => {
            let name = format!("{name}.{example}");
            out.push_str(&format!("# [{name}]\n"));
            members(out, ("# ", &name), keys, rules);
        }
        Shape::Severities => {
            out.push_str(&format!("{mark}[{name}]\n"));
            out.push_str("# trusted-user-interactive = \"info\"\n");
        }
        Shape::RuleOptions => {
            for rule in rules.iter().filter(|rule| !rule.options.is_empty()) {
                out.push_str(&format!("# [{name}.{}]\n", rule.id));
                for option in rule.options {
                    out.push_str(&format!("# {} = {}\n", option.name, option.default));
                }
            }
        }
        Shape::Caches => {
            out.push_str(&format!("{mark}[{name}]\n"));
            out.push_str(
                "# \"https://cache.example.org\" = \
                 [\"cache.example.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=\"]\n",
            );
        }
        _ => value(out, key),
    }
}

/// The keys of a table, those that are tables themselves behind the others.
fn members(out: &mut String, (mark, name): (&str, &str), keys: &[Key], rules: &[&'static Rule]) {
    let (tables, plain): (Vec<_>, Vec<_>) = keys.iter().partition(|key| key.example.is_empty());
    for key in plain {
        value(out, key);
    }
    for key in tables {
        section(out, (mark, &format!("{name}.{}", key.name)), key, rules);
    }
}

fn value(out: &mut String, key: &Key) {
    say(out, key.docs);
    out.push_str(&format!("# {} = {}\n", key.name, key.example));
}

fn say(out: &mut String, words: &str) {
    let options = textwrap::Options::new(COLUMNS)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .initial_indent("# ")
        .subsequent_indent("# ");
    out.push_str(&textwrap::fill(words, options));
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::policy::PolicyFile;
    use crate::rules;

    fn parse(text: &str) -> PolicyFile {
        let path = Path::new("nixtune.toml");
        PolicyFile::parse(path, "nixtune.toml".into(), text.into(), rules::ALL)
            .unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    #[test]
    fn the_file_changes_nothing_and_all_of_it_works() {
        let text = initial(rules::ALL);
        let as_it_stands = parse(&text);
        assert!(as_it_stands.selection == crate::policy::Selection::default());
        assert!(as_it_stands.host.is_none() && as_it_stands.machines.is_empty());

        // Sentences stay comments; what looks like TOML is used.
        let used: String = text
            .lines()
            .map(|line| {
                let body = line.strip_prefix("# ").unwrap_or(line);
                let is_toml = body.starts_with('[')
                    || body.starts_with('"')
                    || body
                        .split_once(" = ")
                        .is_some_and(|(key, _)| !key.contains(' '));
                format!("{}\n", if is_toml { body } else { line })
            })
            .collect();
        let file = parse(&used);
        assert!(file.host.is_some() && file.baseline.is_some() && file.fail_on.is_some());
        assert!(file.target.version.is_some() && file.target.platform.is_some());
        assert_eq!(file.insert_comments, Some(true));
        assert_eq!(file.caches.len(), 1);
        assert_eq!(file.machines["work"].target.version, file.target.version);
        assert_eq!(file.paths.len(), 1);
        let options: usize = rules::ALL.iter().map(|rule| rule.options.len()).sum();
        assert_eq!(file.options.len(), options);
        assert_eq!(file.targets.len(), keys::TARGETS.len());
    }
}
