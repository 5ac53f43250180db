//! Editors: problem matchers over real output, Neovim itself, and files that parse.

use std::collections::VecDeque;

use expectrl::session::OsSession;
use expectrl::{Eof, Expect};
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
    /// See [`single`].
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

/// As one line, and as a terminal without Unicode shows it.
fn single(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").replace('…', "...")
}

/// What it prints in a terminal of so many columns, or into a pipe.
fn printed(folder: &Path, columns: Option<usize>, locale: &str) -> String {
    let program = env!("CARGO_BIN_EXE_nixtune");
    let Some(columns) = columns else {
        let mut command = nixtune(folder);
        command
            .args(["lint", "--color", "never"])
            .env("LANG", locale);
        return String::from_utf8(run(command, b"").stdout).unwrap();
    };
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            &format!("stty cols {columns}; exec \"$0\" lint --color never"),
            program,
        ])
        .current_dir(folder)
        .env("HOME", folder)
        .env("LANG", locale)
        .env("TERM", "xterm")
        .env("SOURCE_DATE_EPOCH", "1789900000");
    let mut session = OsSession::spawn(command).unwrap();
    session.set_expect_timeout(Some(std::time::Duration::from_secs(120)));
    let rest = session.expect(Eof).unwrap();
    String::from_utf8_lossy(rest.as_bytes()).replace("\r\n", "\n")
}

/// A problem matcher: a pattern for each line.
struct Matcher {
    patterns: Vec<(regress::Regex, Value)>,
}

impl Matcher {
    fn all(matchers: &Value) -> Vec<Self> {
        let pattern = |pattern: &Value| {
            let regexp = pattern["regexp"].as_str().unwrap();
            (regress::Regex::new(regexp).unwrap(), pattern.clone())
        };
        let matchers = matchers.as_array().unwrap().iter();
        matchers
            .map(|matcher| Self {
                patterns: matcher["pattern"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(pattern)
                    .collect(),
            })
            .collect()
    }

    /// As Visual Studio Code has it: every line matches its pattern, and messages add up.
    fn read(&self, lines: &[&str]) -> Option<Problem> {
        let mut problem = Problem::default();
        for ((regexp, groups), line) in self.patterns.iter().zip(lines) {
            let found = regexp.find(line)?;
            let take = |name: &str, field: &mut String| {
                if let Some(group) = groups[name].as_u64() {
                    let range = found.group(usize::try_from(group).unwrap()).unwrap();
                    if !field.is_empty() {
                        field.push(' ');
                    }
                    field.push_str(&line[range]);
                }
            };
            take("file", &mut problem.file);
            take("line", &mut problem.line);
            take("column", &mut problem.column);
            take("severity", &mut problem.severity);
            take("code", &mut problem.code);
            take("message", &mut problem.message);
        }
        problem.message = single(&problem.message);
        Some(problem)
    }
}

/// What the matchers find, as Visual Studio Code looks for it: at each line, over the last lines,
/// those from furthest back first.
fn matched(matchers: &[Matcher], output: &str) -> Vec<Problem> {
    let most = matchers.iter().map(|it| it.patterns.len()).max().unwrap();
    let mut buffer: VecDeque<&str> = VecDeque::new();
    let mut problems = Vec::new();
    for line in output.lines() {
        if buffer.len() == most {
            buffer.pop_front();
        }
        buffer.push_back(line);
        let lines = buffer.make_contiguous();
        let found = (0..lines.len()).find_map(|start| {
            let rest = &lines[start..];
            let mut fitting = matchers.iter().filter(|it| it.patterns.len() == rest.len());
            fitting.find_map(|matcher| matcher.read(rest))
        });
        if let Some(problem) = found {
            problems.push(problem);
            buffer.clear();
        }
    }
    problems.sort();
    problems
}

fn text(which: Editor, explain: bool) -> String {
    editor(which, explain).unwrap().files.remove(0).text
}

#[test]
fn the_problem_matcher_of_visual_studio_code_finds_all_that_is_reported() {
    let folder = tree();
    let expected = reported(folder.path());
    assert!(expected.len() > 100, "{}", expected.len());
    let tasks: Value = serde_json::from_str(&text(Editor::Vscode, false)).unwrap();
    let outputs = [
        printed(folder.path(), None, "C.UTF-8"),
        printed(folder.path(), Some(60), "C.UTF-8"),
        printed(folder.path(), Some(80), "C"),
    ];
    for task in &tasks["tasks"].as_array().unwrap()[..2] {
        let matchers = Matcher::all(&task["problemMatcher"]);
        for output in &outputs {
            let found = matched(&matchers, output);
            let missed: Vec<_> = expected.iter().filter(|it| !found.contains(it)).collect();
            assert!(missed.is_empty(), "{missed:#?} in\n{output}");
            assert_eq!(found.len(), expected.len());
        }
    }
}

#[test]
fn the_performance_check_reports_performance_alone() {
    let folder = tree();
    let tasks: Value = serde_json::from_str(&text(Editor::Vscode, false)).unwrap();
    let task = &tasks["tasks"][1];
    assert_eq!(task["label"], "Nix: Performance Check");
    let arguments: Vec<String> = serde_json::from_value(task["args"].clone()).unwrap();
    let mut command = nixtune(folder.path());
    command.args(arguments);
    let output = String::from_utf8(run(command, b"").stdout).unwrap();
    let found = matched(&Matcher::all(&task["problemMatcher"]), &output);
    assert!(found.len() > 5, "{output}");
    let of_category = |problem: &Problem| {
        let rule = nixtune::rules::ALL
            .iter()
            .find(|rule| rule.id == problem.code);
        rule.unwrap().category.name() == "performance"
    };
    assert!(found.iter().all(of_category), "{found:#?}");
}

/// GitHub's runner goes over the patterns from the last to the first with each line; a property
/// comes from one pattern, and `info` is no severity there.
#[test]
fn the_problem_matchers_of_github_find_errors_and_warnings() {
    let folder = tree();
    let mut expected = reported(folder.path());
    expected.retain(|problem| problem.severity != "info");
    let made = tempfile::tempdir().unwrap();
    generate(made.path(), "ci --provider github").unwrap();
    let matcher = fs::read_to_string(made.path().join(".github/nixtune-matcher.json")).unwrap();
    let value: Value = serde_json::from_str(&matcher).unwrap();
    let output = printed(folder.path(), None, "C.UTF-8");
    let mut found = Vec::new();
    let mut owners = Vec::new();
    for one in value["problemMatcher"].as_array().unwrap() {
        owners.push(one["owner"].clone());
        let matcher = &Matcher::all(&serde_json::json!([one]))[0];
        let count = matcher.patterns.len();
        for property in ["file", "line", "column", "severity", "code", "message"] {
            let has = |(_, pattern): &&(regress::Regex, Value)| !pattern[property].is_null();
            assert_eq!(matcher.patterns.iter().filter(has).count(), 1, "{property}");
        }
        let mut running = vec![false; count];
        let lines: Vec<&str> = output.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            for index in (0..count).rev() {
                if index > 0 && !running[index - 1] {
                    continue;
                }
                let is_match = matcher.patterns[index].0.find(line).is_some();
                if index == count - 1 {
                    running[index - 1] = false;
                    if is_match {
                        found.extend(matcher.read(&lines[number + 1 - count..=number]));
                    }
                } else {
                    running[index] = is_match;
                }
            }
        }
    }
    owners.dedup();
    assert_eq!(
        owners.len(),
        value["problemMatcher"].as_array().unwrap().len()
    );
    found.sort();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert!(expected.message.starts_with(&found.message), "{found:?}");
        let found = Problem {
            message: expected.message.clone(),
            ..found.clone()
        };
        assert_eq!(&found, expected);
    }
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
        let mut found: Vec<_> = answer
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
                let (code, message) = text.strip_prefix('[').unwrap().split_once("]: ").unwrap();
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
        found.sort();
        let missed: Vec<_> = expected.iter().filter(|it| !found.contains(it)).collect();
        assert!(missed.is_empty(), "{locale}: {missed:#?} in {found:#?}");
        assert_eq!(found.len(), expected.len());
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
