//! Documents say what is so: generated parts are fresh, names exist, examples run.

mod capture;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use nixtune::catalog::Catalog;
use nixtune::policy::PolicyFile;
use nixtune::{policy, report, rules};

use crate::cli::{nixtune, run};

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

/// The code blocks of one language.
fn blocks(markdown: &str, language: &str) -> Vec<String> {
    let open = format!("```{language}\n");
    markdown
        .split(&open)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
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
    pages.chain([table, schema, settings]).collect()
}

#[test]
fn generated_documents_are_as_the_code_makes_them() {
    let folder = root().join("docs");
    let expected = generated();
    if is_blessed() {
        drop(fs::remove_dir_all(folder.join("rules")));
        fs::create_dir_all(folder.join("rules")).unwrap();
        for (file, text) in &expected {
            fs::write(folder.join(file), text).unwrap();
        }
        return;
    }
    for (file, text) in &expected {
        let found = fs::read_to_string(folder.join(file)).unwrap_or_default();
        assert!(
            found == *text,
            "docs/{} is stale; NIXTUNE_BLESS=1 cargo test --test it docs writes it",
            file.display()
        );
    }
    for entry in fs::read_dir(folder.join("rules")).unwrap() {
        let file = Path::new("rules").join(entry.unwrap().file_name());
        assert!(
            expected.contains_key(&file),
            "docs/{} is of no rule",
            file.display()
        );
    }
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
fn the_readme_shows_a_nixtune_toml_that_works() {
    for text in blocks(&document("README.md"), "toml") {
        let read = PolicyFile::parse(
            Path::new("nixtune.toml"),
            "nixtune.toml".into(),
            text.into(),
            rules::ALL,
        );
        read.unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn rules_that_documents_silence_exist() {
    for name in ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"] {
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
fn commands_in_the_readme_have_the_flags_that_it_shows() {
    let readme = document("README.md");
    let mut checked = 0;
    for line in blocks(&readme, "sh").iter().flat_map(|block| block.lines()) {
        let line = line.split('#').next().unwrap().trim();
        let arguments = line
            .strip_prefix("nixtune ")
            .or_else(|| line.strip_prefix("cargo run --release -- "));
        let Some(arguments) = arguments else { continue };
        let mut words = arguments.split_whitespace();
        let mut command = nixtune(&root());
        command.args([words.next().unwrap(), "--help"]);
        let output = run(command, b"");
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{line}: no such command");
        for flag in words.filter(|word| word.starts_with("--")) {
            assert!(help.contains(flag), "{line}: no flag {flag}");
        }
        checked += 1;
    }
    assert!(checked > 8, "only {checked} commands were found");
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
        "completions",
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
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            match entry.file_type().unwrap().is_dir() {
                true => copy(&entry.path(), &target),
                false => drop(fs::copy(entry.path(), target).unwrap()),
            }
        }
    }
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
