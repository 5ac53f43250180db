//! Documents say what is so: generated parts are fresh, names exist, examples run.

mod book;
mod capture;
mod snippets;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;

use nixtune::catalog::Catalog;
use nixtune::rules::Category;
use nixtune::{policy, report, rules};

use crate::cli::{copy, nixtune, run};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Whether what is generated is to be written instead of compared.
fn is_blessed() -> bool {
    std::env::var_os("NIXTUNE_BLESS").is_some()
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// The documents that people write, by their paths from the root.
fn documents() -> Vec<PathBuf> {
    let mut documents = vec![PathBuf::from("README.md")];
    for folder in ["docs", "docs/guide", "docs/decisions"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name();
            let path = Path::new(folder).join(&name);
            let is_generated = ["settings.md", "SUMMARY.md"]
                .iter()
                .any(|made| name == **made);
            if path.extension().is_some_and(|ending| ending == "md") && !is_generated {
                documents.push(path);
            }
        }
    }
    documents.sort();
    documents
}

fn is_rule(id: &str) -> bool {
    rules::ALL.iter().any(|rule| rule.id == id)
}

/// What is generated into `docs`, by path.
fn generated() -> BTreeMap<PathBuf, String> {
    let pages = rules::ALL.iter().map(|rule| {
        let file = PathBuf::from(format!("rules/{}.md", rule.id));
        (file, report::rule_markdown(rule))
    });
    let table = ("rules/README.md".into(), report::rules_markdown(rules::ALL));
    let schema = ("nixtune.schema.json".into(), policy::schema(rules::ALL));
    let settings = report::settings_markdown(&Catalog::embedded(), rules::ALL);
    let settings = ("settings.md".into(), settings);
    let summary = ("SUMMARY.md".into(), summary());
    pages.chain([table, schema, settings, summary]).collect()
}

/// The table of contents of the book as it is written, with the rules below theirs.
fn summary() -> String {
    const RULES: &str = "- [Rules](rules/README.md)\n";
    let written = document("docs/SUMMARY.md");
    let (before, after) = written.split_once(RULES).unwrap();
    let mut out = format!("{before}{RULES}");
    for category in Category::ALL {
        let mut rules = rules::ALL
            .iter()
            .filter(|rule| rule.category == category)
            .peekable();
        if rules.peek().is_some() {
            out.push_str(&format!("  - [{}]()\n", category.name()));
        }
        for rule in rules {
            out.push_str(&format!("    - [{0}](rules/{0}.md)\n", rule.id));
        }
    }
    let others = after.lines().skip_while(|line| line.starts_with("  "));
    for line in others {
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Files in `docs/rules` that are of no rule.
fn of_no_rule(expected: &BTreeMap<PathBuf, String>) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs/rules")).unwrap();
    let files = entries.map(|entry| Path::new("rules").join(entry.unwrap().file_name()));
    files.filter(|file| !expected.contains_key(file)).collect()
}

/// Writes what is generated, once, before anything reads it; nothing without `NIXTUNE_BLESS`.
fn bless() {
    static WRITTEN: Once = Once::new();
    if !is_blessed() {
        return;
    }
    WRITTEN.call_once(|| {
        let folder = root().join("docs");
        let expected = generated();
        for (file, text) in &expected {
            fs::write(folder.join(file), text).unwrap();
        }
        for file in of_no_rule(&expected) {
            fs::remove_file(folder.join(file)).unwrap();
        }
    });
}

#[test]
fn generated_documents_are_as_the_code_makes_them() {
    bless();
    let expected = generated();
    for (file, text) in &expected {
        let found = fs::read_to_string(root().join("docs").join(file)).unwrap_or_default();
        assert!(
            found == *text,
            "docs/{} is stale; NIXTUNE_BLESS=1 cargo test --test it docs writes it",
            file.display()
        );
    }
    assert_eq!(of_no_rule(&expected), Vec::<PathBuf>::new());
}

#[test]
fn every_key_of_the_policy_is_in_its_schema() {
    let schema: serde_json::Value = serde_json::from_str(&policy::schema(rules::ALL)).unwrap();
    let lint = &schema["properties"]["lint"]["properties"];
    assert_eq!(lint["fail-on"]["enum"][3], "never");
    let path = &lint["per-path"]["additionalProperties"]["properties"];
    assert_eq!(path["select"]["items"]["$ref"], "#/definitions/selector");
    let selectors = schema["definitions"]["selector"]["enum"]
        .as_array()
        .unwrap();
    for word in ["all", "default", "style", "gc-absent", "unused-suppression"] {
        assert!(selectors.iter().any(|known| known == word), "{word}");
    }
    let severities = &schema["definitions"]["severities"]["properties"];
    let docs = &schema["definitions"]["selector"]["x-taplo"]["docs"]["enumValues"];
    assert_eq!(severities.as_object().unwrap().len(), selectors.len());
    assert_eq!(docs.as_array().unwrap().len(), selectors.len());
    for (word, docs) in selectors.iter().zip(docs.as_array().unwrap()) {
        let severity = &severities[word.as_str().unwrap()];
        assert_eq!(severity["enum"][0], "error", "{word}");
        assert_eq!(severity["description"], *docs, "{word}");
        let is_of_no_rule = policy::BUILTIN_IDS.iter().any(|id| word == id);
        assert_eq!(docs.is_null(), is_of_no_rule, "{word}");
    }
}

#[test]
fn rules_that_documents_silence_exist() {
    let mut names = documents();
    names.extend(["CONTRIBUTING.md", "ARCHITECTURE.md"].map(PathBuf::from));
    for name in names.iter().map(|name| name.to_str().unwrap()) {
        for (_, rest) in document(name)
            .match_indices("nixtune: allow(")
            .map(|(at, mark)| {
                let text = document(name);
                (at, text[at + mark.len()..].to_owned())
            })
        {
            let id = rest.split([')', ',']).next().unwrap();
            assert!(is_rule(id), "{name} silences {id}, which is no rule");
        }
    }
}

#[test]
fn every_command_has_examples_in_its_help() {
    for command in [
        "lint",
        "apply",
        "show",
        "explain",
        "rules",
        "init",
        "init-policy",
        "host",
        "lsp",
        "completions",
        "man",
    ] {
        let mut help = nixtune(&root());
        help.args([command, "--help"]);
        let text = String::from_utf8(run(help, b"").stdout).unwrap();
        assert!(text.contains("Examples:"), "{command}: {text}");
    }
}

#[test]
fn every_rule_has_a_page_and_a_file_of_its_name() {
    let mut ids: Vec<_> = rules::ALL.iter().map(|rule| rule.id).collect();
    let listed = ids.clone();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids, listed, "rules are sorted by id, each once");
    for rule in rules::ALL {
        let file = root().join(format!("src/rules/{}.rs", rule.id.replace('-', "_")));
        assert!(file.is_file(), "{} is missing", file.display());
        let summary = rule.summary();
        assert!(
            (10..=90).contains(&summary.len()),
            "{}: the summary has {} characters",
            rule.id,
            summary.len()
        );
        let page = report::rule_page(rule, report::Style::PLAIN);
        for heading in ["Why it matters", "Example"] {
            assert!(page.contains(heading), "{}: no {heading}", rule.id);
        }
        assert!(
            root().join("tests/rules").join(rule.id).is_dir(),
            "{} has no fixtures",
            rule.id
        );
    }
}

#[test]
fn examples_are_linted_without_problems() {
    for (folder, least) in [
        ("examples/darwin", 12),
        ("examples/nixos", 6),
        ("examples/home-manager", 3),
        ("examples/nix-conf", 5),
    ] {
        let mut command = nixtune(&root());
        command.args(["lint", folder, "--format", "json"]);
        let output = run(command, b"");
        assert_eq!(output.status.code(), Some(1), "{folder}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let diagnostics = report["diagnostics"].as_array().unwrap();
        assert!(
            diagnostics.len() >= least,
            "{folder}: {} diagnostics",
            diagnostics.len()
        );
        assert!(
            diagnostics
                .iter()
                .all(|found| !policy::BUILTIN_IDS.iter().any(|id| found["rule"] == *id)),
            "{folder}"
        );
        assert_eq!(report["problems"].as_array().unwrap().len(), 0, "{folder}");
    }
}

#[test]
fn examples_are_mended_once_and_for_all() {
    for name in ["darwin", "nixos", "home-manager", "nix-conf"] {
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("examples").join(name), folder.path());
        let apply = |arguments: &[&str]| {
            let mut command = nixtune(folder.path());
            command.arg("apply").args(arguments);
            let output = run(command, b"");
            (
                output.status.code(),
                String::from_utf8(output.stdout).unwrap(),
                String::from_utf8(output.stderr).unwrap(),
            )
        };
        assert_eq!(apply(&["--check"]).0, Some(1), "{name}");
        for arguments in [&["--write"][..], &["--write", "--unsafe"]] {
            let (code, stdout, stderr) = apply(arguments);
            assert_eq!(code, Some(0), "{name}: {stderr}");
            assert!(stdout.contains("fixed "), "{name} {arguments:?}: {stdout}");
            assert!(!stdout.contains("left "), "{name} {arguments:?}: {stdout}");
            let again: Vec<_> = arguments
                .iter()
                .map(|word| word.replace("write", "check"))
                .collect();
            let again: Vec<_> = again.iter().map(String::as_str).collect();
            let (code, stdout, _) = apply(&again);
            assert_eq!(
                code,
                Some(0),
                "{name} {arguments:?} leaves something to do: {stdout}"
            );
        }
    }
}
