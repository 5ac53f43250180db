//! Editors: problem matchers over real output, Neovim itself, and files that parse.

use nixtune::generate::{Editor, editor};

use super::*;
use crate::cli::run;

/// What a program finds in the output, or what is in the report.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
struct Problem {
    file: String,
    line: String,
    column: String,
    severity: String,
    code: String,
    /// With single blanks.
    message: String,
}

/// A tree in which most rules speak: a bad module of each, in a folder of its own.
fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    for rule in fs::read_dir(rules).unwrap() {
        let rule = rule.unwrap().path();
        let bad = rule.join("bad.nix");
        if let Ok(text) = fs::read_to_string(bad) {
            let name = rule.file_name().unwrap().to_str().unwrap();
            write(folder.path(), &format!("of {name}/bad.nix"), &text);
        }
    }
    write(
        folder.path(),
        "n/nix.conf",
        &format!("{}sandbx = 1\n", "\n".repeat(1200)),
    );
    folder
}

/// What `nixtune lint` reports there, by its JSON.
fn reported(folder: &Path) -> Vec<Problem> {
    let mut command = nixtune(folder);
    command.args(["lint", "--format", "json"]);
    let value: Value = serde_json::from_slice(&run(command, b"").stdout).unwrap();
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut problems: Vec<_> = value["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| Problem {
            file: text(&found["file"]),
            line: text(&found["range"]["start"]["line"]),
            column: text(&found["range"]["start"]["column"]),
            severity: text(&found["severity"]),
            code: text(&found["rule"]),
            message: single(&text(&found["message"])),
        })
        .collect();
    problems.sort();
    problems
}

/// With single blanks.
fn single(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ")
}

/// What a task's problem matcher finds in the output, as Visual Studio Code looks for it: line by
/// line.
fn matched(task: &Value, output: &str) -> Vec<Problem> {
    let pattern = &task["problemMatcher"]["pattern"];
    let regexp = regress::Regex::new(pattern["regexp"].as_str().unwrap()).unwrap();
    let read = |line: &str| -> Option<Problem> {
        let found = regexp.find(line)?;
        let group = |name: &str| {
            let number = usize::try_from(pattern[name].as_u64().unwrap()).unwrap();
            line[found.group(number).unwrap()].to_owned()
        };
        Some(Problem {
            file: group("file"),
            line: group("line"),
            column: group("column"),
            severity: group("severity"),
            code: group("code"),
            message: single(&group("message")),
        })
    };
    let mut problems: Vec<_> = output.lines().filter_map(read).collect();
    problems.sort();
    problems
}

/// Runs a task of Visual Studio Code.
fn done(task: &Value, folder: &Path, locale: &str) -> String {
    let arguments: Vec<String> = serde_json::from_value(task["args"].clone()).unwrap();
    let mut command = nixtune(folder);
    command.args(arguments).env("LANG", locale);
    String::from_utf8(run(command, b"").stdout).unwrap()
}

/// Asserts that both are the same, but for what is said behind a message about its fix.
fn assert_same(mut found: Vec<Problem>, expected: &[Problem]) {
    for problem in &mut found {
        if let Some((message, _)) = problem.message.rsplit_once(" (fixable") {
            problem.message = message.to_owned();
        }
    }
    found.sort();
    let missed: Vec<_> = expected.iter().filter(|it| !found.contains(it)).collect();
    assert!(missed.is_empty(), "{missed:#?} in {found:#?}");
    assert_eq!(found.len(), expected.len());
}

fn text(which: Editor, explain: bool) -> String {
    editor(which, explain).unwrap().files.remove(0).text
}

fn tasks() -> Vec<Value> {
    let value: Value = serde_json::from_str(&text(Editor::Vscode, false)).unwrap();
    value["tasks"].as_array().unwrap().clone()
}

#[test]
fn the_problem_matcher_of_visual_studio_code_finds_all_that_is_reported() {
    let folder = tree();
    let expected = reported(folder.path());
    assert!(expected.len() > 100, "{}", expected.len());
    for locale in ["C.UTF-8", "C"] {
        let task = &tasks()[0];
        assert_same(matched(task, &done(task, folder.path(), locale)), &expected);
    }
}

#[test]
fn the_performance_check_reports_performance_alone() {
    let folder = tree();
    let task = &tasks()[1];
    assert_eq!(task["label"], "Nix: Performance Check");
    let output = done(task, folder.path(), "C.UTF-8");
    let found = matched(task, &output);
    assert!(found.len() > 5, "{output}");
    let of_category = |problem: &Problem| {
        let rule = nixtune::rules::ALL
            .iter()
            .find(|rule| rule.id == problem.code);
        rule.unwrap().category.name() == "performance"
    };
    assert!(found.iter().all(of_category), "{found:#?}");
}

#[test]
fn neovim_fills_its_quickfix_list() {
    let folder = tree();
    let expected = reported(folder.path());
    let home = tempfile::tempdir().unwrap();
    generate(home.path(), "editor --editor neovim").unwrap();
    assert!(
        home.path()
            .join(".config/nvim/compiler/nixtune.lua")
            .is_file()
    );
    write(
        home.path(),
        "ask.lua",
        "vim.cmd('compiler nixtune')\n\
         vim.cmd('silent make!')\n\
         local found = {}\n\
         for _, item in ipairs(vim.fn.getqflist()) do\n\
           table.insert(found, {\n\
             file = vim.fn.fnamemodify(vim.fn.bufname(item.bufnr), ':.'),\n\
             line = item.lnum, column = item.col, type = item.type, text = item.text, valid = item.valid,\n\
           })\n\
         end\n\
         vim.fn.writefile({ vim.fn.json_encode(found) }, vim.env.ANSWER)\n\
         vim.cmd('qall!')\n",
    );
    for locale in ["C.UTF-8", "C"] {
        let answer = home.path().join("answer.json");
        let output = Command::new("nvim")
            .args(["--headless", "-i", "NONE", "-c"])
            .arg(format!("luafile {}", home.path().join("ask.lua").display()))
            .current_dir(folder.path())
            .env_clear()
            .env(
                "PATH",
                std::env::join_paths(programs_and_nixtune()).unwrap(),
            )
            .env("HOME", home.path())
            .env("LANG", "C.UTF-8")
            .env("LC_ALL", locale)
            .env("ANSWER", &answer)
            .env("SOURCE_DATE_EPOCH", "1789900000")
            .stdin(Stdio::null())
            .output()
            .expect("nvim is missing: run tests/set-up");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let answer = fs::read_to_string(&answer).unwrap_or_else(|_| panic!("{said}"));
        let answer: Vec<Value> = serde_json::from_str(&answer).unwrap();
        let found: Vec<_> = answer
            .iter()
            .map(|item| {
                let kind = match item["type"].as_str().unwrap() {
                    "E" => "error",
                    "W" => "warning",
                    "I" => "info",
                    other => panic!("{other}: {item}"),
                };
                assert_eq!(item["valid"], 1, "{item}");
                let text = item["text"].as_str().unwrap();
                let (code, message) = text.strip_prefix('[').unwrap().split_once("] ").unwrap();
                Problem {
                    file: item["file"].as_str().unwrap().to_owned(),
                    line: item["line"].to_string(),
                    column: item["column"].to_string(),
                    severity: kind.to_owned(),
                    code: code.to_owned(),
                    message: single(message),
                }
            })
            .collect();
        assert_same(found, &expected);
    }
}

#[test]
fn files_of_editors_parse_and_call_what_exists() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a file.nix", BAD);
    let mut called = 0;
    let mut calls = |arguments: Vec<String>| {
        let mut command = nixtune(folder.path());
        command.args(&arguments);
        let output = run(command, b"");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() < Some(2), "{arguments:?}: {said}");
        called += 1;
    };
    for explain in [false, true] {
        for which in [Editor::Vscode, Editor::Zed] {
            let plain = without_comments(&text(which, explain));
            let value: Value = serde_json::from_str(&plain).unwrap();
            let tasks = value.get("tasks").unwrap_or(&value).as_array().unwrap();
            for task in tasks {
                assert_eq!(task["command"], "nixtune");
                let arguments: Vec<String> = serde_json::from_value(task["args"].clone()).unwrap();
                let file = |word: String| word.replace("$ZED_RELATIVE_FILE", "a file.nix");
                calls(arguments.into_iter().map(file).collect());
            }
        }
        let keys: toml::Value = toml::from_str(&text(Editor::Helix, explain)).unwrap();
        let keys = keys["keys"]["normal"]["space"]["n"].as_table().unwrap();
        for command in keys.values() {
            let several = command.as_array().cloned();
            for command in several.unwrap_or(vec![command.clone()]) {
                let command = command.as_str().unwrap();
                let Some(script) = command.strip_prefix(":sh ") else {
                    assert!([":write", ":reload"].contains(&command));
                    continue;
                };
                let script = script.replace("%{buffer_name}", "a file.nix");
                let output = Command::new("sh")
                    .args(["-c", &script])
                    .current_dir(folder.path())
                    .env(
                        "PATH",
                        std::env::join_paths(programs_and_nixtune()).unwrap(),
                    )
                    .output()
                    .unwrap();
                // Helix shows nothing of a command that fails.
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{script}: {said}");
                assert!(!output.stdout.is_empty(), "{script}: {said}");
            }
        }
    }
    assert!(called > 10);
}
