//! What the README and the book show works: commands are run, their output is compared, files are
//! read by who reads them.
//!
//! The first word behind the fence says what a block is:
//!
//! - `sh`: each line is a command; it is run in a copy of [`project`], by a shell. A block that
//!   cannot be run says why behind its language: `sh no-run: needs Nix`. Its flags are checked
//!   all the same, as are those of commands in the text.
//! - `console`: commands behind `$ ` and what a terminal shows of them. A line `…` stands for any
//!   lines, `…` at the end of one for its rest. `NIXTUNE_BLESS=1` writes what comes out into
//!   blocks without `…`.
//! - `toml`: a `nixtune.toml`; with a file's name behind it that file.
//! - `nix`: a module, or the file that is named behind it. Comments that silence something
//!   have to silence something.
//! - `json`, `yaml`, `lua`: what editors, hooks and CI read, by the name of the file behind it.
//! - `text`: whatever it is, nothing runs it.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nixtune::catalog::Catalog;
use nixtune::facts::profile;
use nixtune::policy::PolicyFile;
use nixtune::rules;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use serde_json::Value as Json;

use super::{documents, is_blessed, is_rule, root};
use crate::cli::{copy, nixtune, run};
use crate::generate::integrations::breaches;

/// A block of code in a document.
struct Block {
    /// `README.md:12`, the line of its fence.
    at: String,
    document: PathBuf,
    language: String,
    /// What stands behind the language.
    about: String,
    text: String,
    /// Its bytes in the document, fences included.
    span: Range<usize>,
}

/// The blocks of all documents.
fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for document in documents() {
        let source = fs::read_to_string(root().join(&document)).unwrap();
        let mut open: Option<Block> = None;
        for (event, span) in Parser::new_ext(&source, Options::ENABLE_TABLES).into_offset_iter() {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let line = source[..span.start].matches('\n').count() + 1;
                    let at = format!("{}:{line}", document.display());
                    let CodeBlockKind::Fenced(info) = kind else {
                        panic!("{at}: a block without fences says nothing of its language");
                    };
                    let (language, about) = info.split_once(' ').unwrap_or((&info, ""));
                    open = Some(Block {
                        at,
                        document: document.clone(),
                        language: language.to_owned(),
                        about: about.trim().to_owned(),
                        text: String::new(),
                        span,
                    });
                }
                Event::Text(text) => {
                    if let Some(block) = &mut open {
                        block.text.push_str(&text);
                    }
                }
                Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
                _ => {}
            }
        }
    }
    blocks
}

fn of(language: &str) -> Vec<Block> {
    let mut blocks = blocks();
    blocks.retain(|block| block.language == language);
    assert!(!blocks.is_empty(), "no document shows any {language}");
    blocks
}

impl Block {
    /// Its lines of shell, each with those that a backslash continues it by.
    fn commands(&self) -> Vec<String> {
        let joined = self.text.replace("\\\n", " ");
        let lines = joined.lines().map(str::trim);
        lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect()
    }
}

/// What a reader works on: a configuration for a Mac, and all examples beside it, in a repository
/// whose branch is `main`. The second folder holds the programs that commands call.
fn project() -> (tempfile::TempDir, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let examples = root().join("examples");
    copy(&examples, &folder.path().join("examples"));
    copy(&examples.join("darwin"), folder.path());
    let programs = tempfile::tempdir().unwrap();
    let binary = env!("CARGO_BIN_EXE_nixtune");
    std::os::unix::fs::symlink(binary, programs.path().join("nixtune")).unwrap();
    // A reader without nixtune builds it; here it is built.
    let cargo = programs.path().join("cargo");
    let script = "#!/bin/sh\n\
         [ \"$1 $2 $3\" = 'run --release --' ] || { echo \"error: cargo $*\"; exit 2; }\n\
         shift 3\n\
         exec nixtune \"$@\"\n";
    fs::write(&cargo, script).unwrap();
    let mut mode = fs::metadata(&cargo).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    fs::set_permissions(&cargo, mode).unwrap();
    for line in [
        "git init -q -b main",
        "git add -A",
        "git -c user.name=mira -c user.email=mira@example.org commit -q -m begin",
    ] {
        let (text, code) = shell(line, folder.path(), programs.path());
        assert_eq!(code, Some(0), "{line}: {text}");
    }
    (folder, programs)
}

/// Runs a line; what it prints on both channels, and its exit code.
fn shell(line: &str, folder: &Path, programs: &Path) -> (String, Option<i32>) {
    let plain = nixtune(folder);
    let mut path = vec![programs.to_owned()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let mut command = Command::new("bash");
    command
        .args(["-o", "pipefail", "-c", &format!("exec 2>&1; {line}")])
        .current_dir(folder)
        .env_clear();
    for (name, value) in plain.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let home = programs.join("home");
    fs::create_dir_all(&home).unwrap();
    let output = command
        .env("HOME", home)
        .env("PATH", std::env::join_paths(path).unwrap())
        .stdin(Stdio::null())
        .output()
        .expect("bash is missing: run tests/set-up");
    let text = String::from_utf8(output.stdout).unwrap();
    (text, output.status.code())
}

#[test]
fn every_block_says_what_it_is() {
    const KNOWN: [&str; 9] = [
        "sh", "console", "toml", "nix", "json", "yaml", "lua", "diff", "text",
    ];
    for block in blocks() {
        assert!(
            KNOWN.contains(&block.language.as_str()),
            "{}: nothing knows `{}`",
            block.at,
            block.language
        );
        if block.language == "sh" && !block.about.is_empty() {
            let reason = block.about.strip_prefix("no-run: ");
            assert!(
                reason.is_some_and(|reason| reason.len() > 5),
                "{}: why is it not run?",
                block.at
            );
        }
    }
}

#[test]
fn commands_run() {
    let mut ran = 0;
    for block in of("sh") {
        if !block.about.is_empty() {
            continue;
        }
        let (folder, programs) = project();
        for line in block.commands() {
            assert!(
                line.starts_with("nixtune ") || line.starts_with("cargo run --release -- "),
                "{}: `{line}` is no command of nixtune; say `no-run: …` behind `sh`",
                block.at
            );
            let (text, code) = shell(&line, folder.path(), programs.path());
            // 1 is what `lint` and `apply --check` say of what they find.
            assert!(matches!(code, Some(0 | 1)), "{}: {line}\n{text}", block.at);
            assert!(!text.contains("error: "), "{}: {line}\n{text}", block.at);
            ran += 1;
        }
    }
    assert!(ran > 60, "only {ran} commands ran");
}

/// Whether a document's output is what came out; see the head of this file for `…`.
fn is_shown(shown: &str, found: &str) -> bool {
    fn same(shown: &str, found: &str) -> bool {
        match shown.strip_suffix('…') {
            Some(beginning) => found.starts_with(beginning),
            None => shown == found.trim_end(),
        }
    }
    fn fits(shown: &[&str], found: &[&str]) -> bool {
        match shown.split_first() {
            None => found.is_empty(),
            Some((&"…", rest)) => (0..=found.len()).any(|skipped| fits(rest, &found[skipped..])),
            Some((line, rest)) => found
                .split_first()
                .is_some_and(|(first, others)| same(line, first) && fits(rest, others)),
        }
    }
    let lines = |text: &str| -> Vec<String> {
        text.trim_end()
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    };
    let (shown, found) = (lines(shown), lines(found));
    let shown: Vec<_> = shown.iter().map(String::as_str).collect();
    let found: Vec<_> = found.iter().map(String::as_str).collect();
    fits(&shown, &found)
}

#[test]
fn an_ellipsis_stands_for_what_is_left_out_and_nothing_else() {
    assert!(is_shown("a\n…\nd", "a\nb\nc\nd\n"));
    assert!(is_shown("a\n…\nb", "a\nb\n"));
    assert!(is_shown("one t…", "one two"));
    assert!(!is_shown("a\nc", "a\nb\nc"));
    assert!(!is_shown("a", "a\nb"));
    assert!(!is_shown("a\n…\nd", "a\nb"));
}

#[test]
fn output_is_what_comes_out() {
    let mut written: BTreeMap<PathBuf, Vec<(Range<usize>, String)>> = BTreeMap::new();
    let mut failures = String::new();
    for block in of("console") {
        let (folder, programs) = project();
        let mut fresh = String::new();
        let mut differs = false;
        let commands: Vec<_> = block.text.split("$ ").collect();
        assert_eq!(commands[0], "", "{}: it begins with `$ `", block.at);
        for part in &commands[1..] {
            let (line, shown) = part.split_once('\n').unwrap();
            let (found, code) = shell(line, folder.path(), programs.path());
            assert!(matches!(code, Some(0 | 1)), "{}: {line}\n{found}", block.at);
            let lines: Vec<_> = found.trim_end().lines().map(str::trim_end).collect();
            fresh.push_str(&format!("$ {line}\n{}\n", lines.join("\n")));
            if !is_shown(shown, &found) {
                differs = true;
                failures.push_str(&format!("\n== {}: {line}\n{found}", block.at));
            }
        }
        if differs && is_blessed() && !block.text.contains('…') {
            let text = format!("```console\n{fresh}```");
            let changes = written.entry(block.document.clone()).or_default();
            changes.push((block.span, text));
        }
    }
    if is_blessed() {
        for (document, changes) in written {
            let path = root().join(document);
            let mut text = fs::read_to_string(&path).unwrap();
            for (span, new) in changes.into_iter().rev() {
                text.replace_range(span, &new);
            }
            fs::write(path, text).unwrap();
        }
        return;
    }
    assert!(
        failures.is_empty(),
        "something else comes out; NIXTUNE_BLESS=1 writes it where there is no `…`\n{failures}"
    );
}

#[test]
fn every_file_of_toml_is_read() {
    for block in of("toml") {
        let (at, text) = (&block.at, &block.text);
        match block.about.as_str() {
            "" | "nixtune.toml" => {
                let name = "nixtune.toml";
                let read = PolicyFile::parse(
                    Path::new(name),
                    name.into(),
                    text.as_str().into(),
                    rules::ALL,
                );
                if let Err(error) = read {
                    panic!("{at}: {error}");
                }
            }
            name if name.starts_with("hosts/") => {
                if let Err(error) = profile::read(text, name) {
                    panic!("{at}: {error}");
                }
            }
            "languages.toml" => {
                let file: toml::Table = toml::from_str(text).unwrap();
                let server = &file["language-server"]["nixtune"];
                assert_eq!(server["command"].as_str(), Some("nixtune"), "{at}");
                assert_eq!(server["args"][0].as_str(), Some("lsp"), "{at}");
                let servers = file["language"][0]["language-servers"].as_array().unwrap();
                let is_named = servers.iter().any(|name| name.as_str() == Some("nixtune"));
                assert!(is_named, "{at}");
            }
            "treefmt.toml" => {
                let file: toml::Table = toml::from_str(text).unwrap();
                let formatter = &file["formatter"]["nixtune"];
                assert_eq!(formatter["command"].as_str(), Some("nixtune"), "{at}");
                let (folder, programs) = project();
                let options = formatter["options"].as_array().unwrap();
                let options: Vec<_> = options.iter().map(|it| it.as_str().unwrap()).collect();
                let line = format!("nixtune {} nix/upkeep.nix", options.join(" "));
                // treefmt takes any other code than 0 for a failure.
                for _ in 0..2 {
                    let (said, code) = shell(&line, folder.path(), programs.path());
                    assert_eq!(code, Some(0), "{at}: {said}");
                }
                let left = shell(
                    "nixtune apply --check nix/upkeep.nix",
                    folder.path(),
                    programs.path(),
                );
                assert_eq!(left.1, Some(0), "{at}: {}", left.0);
            }
            other => panic!("{at}: who reads {other}?"),
        }
    }
}

#[test]
fn every_module_is_linted_and_comments_silence_what_they_name() {
    let mut silenced = 0;
    for block in of("nix") {
        let at = &block.at;
        let folder = tempfile::tempdir().unwrap();
        let name = match block.about.as_str() {
            "" => "default.nix",
            name => name,
        };
        fs::write(folder.path().join(name), &block.text).unwrap();
        let host = root().join("examples/darwin/hosts/macbook-pro.toml");
        let mut command = nixtune(folder.path());
        command.args(["lint", "--format", "json", "--select", "all", "--preview"]);
        command.args(["--target", "nix-darwin,aarch64-darwin", "--host"]);
        let output = run(
            {
                command.arg(host);
                command
            },
            b"",
        );
        let report: Json = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["problems"], serde_json::json!([]), "{at}");
        for found in report["diagnostics"].as_array().unwrap() {
            let rule = found["rule"].as_str().unwrap();
            assert!(is_rule(rule), "{at}: {rule}: {}", found["message"]);
        }
        let marks = block.text.matches("nixtune: allow").count();
        let found = report["suppressed"].as_array().unwrap().len();
        assert!(found >= marks, "{at}: {marks} comments, {found} silenced");
        silenced += found;
    }
    assert!(silenced > 3, "no document shows how to silence something");
}

#[test]
fn files_of_other_programs_are_what_those_read() {
    for block in of("yaml") {
        let at = &block.at;
        let value: Json =
            serde_saphyr::from_str(&block.text).unwrap_or_else(|error| panic!("{at}: {error}"));
        let name = block.about.as_str();
        let schema = match name {
            ".pre-commit-config.yaml" => "pre-commit-config.json",
            name if name.starts_with(".github/workflows/") => "github-workflow.json",
            ".gitlab-ci.yml" => "gitlab-ci.json",
            "lefthook.yml" => continue,
            other => panic!("{at}: who reads {other}?"),
        };
        assert_eq!(breaches(schema, &value), Vec::<String>::new(), "{at}");
        let catalog = Catalog::embedded();
        let known = ["checkout", "install-nix"].map(|name| catalog.action(name).unwrap().uses);
        for step in value["jobs"]["lint"]["steps"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let uses = step["uses"].as_str().unwrap();
            let name = uses.split('@').next().unwrap();
            let current = known.iter().find(|known| known.starts_with(name));
            assert!(
                current.is_none_or(|it| it.starts_with(uses)),
                "{at}: {uses} is old"
            );
        }
        for repository in value["repos"].as_array().into_iter().flatten() {
            let version = concat!("v", env!("CARGO_PKG_VERSION"));
            assert_eq!(repository["rev"], version, "{at}");
            let hooks = fs::read_to_string(root().join(".pre-commit-hooks.yaml")).unwrap();
            for hook in repository["hooks"].as_array().unwrap() {
                let id = format!("- id: {}\n", hook["id"].as_str().unwrap());
                assert!(hooks.contains(&id), "{at}: no hook {id}");
            }
        }
    }
}

/// A client of the language server says hello with these options; what the server shows to people.
fn served(folder: &Path, arguments: &[&str], options: &Json) -> (Json, String) {
    let message = |body: Json| {
        let text = body.to_string();
        format!("Content-Length: {}\r\n\r\n{text}", text.len())
    };
    let hello = serde_json::json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": { "capabilities": {}, "initializationOptions": options },
    });
    let input = [
        hello,
        serde_json::json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }),
        serde_json::json!({ "jsonrpc": "2.0", "id": 2, "method": "shutdown" }),
        serde_json::json!({ "jsonrpc": "2.0", "method": "exit" }),
    ];
    let input: String = input.map(message).concat();
    let mut command = nixtune(folder);
    command.args(arguments);
    let output = run(command, input.as_bytes());
    assert!(output.status.success(), "{arguments:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let (_, answer) = said.split_once("\r\n\r\n").unwrap();
    let mut answers = serde_json::Deserializer::from_str(answer).into_iter::<Json>();
    let first = answers.next().unwrap().unwrap();
    (first, said)
}

#[test]
fn editors_reach_the_language_server() {
    for block in of("json") {
        let at = &block.at;
        let value: Json =
            serde_json::from_str(&block.text).unwrap_or_else(|error| panic!("{at}: {error}"));
        let (folder, _) = project();
        let (arguments, options) = match block.about.as_str() {
            "settings.json" => {
                assert_eq!(value["glspc.server.command"], "nixtune", "{at}");
                (&value["glspc.server.commandArguments"], Json::Null)
            }
            "build.json" => {
                if let Err(error) = nixtune::simulate::read_graph(block.text.as_bytes()) {
                    panic!("{at}: {error}");
                }
                continue;
            }
            "initializationOptions" => (&serde_json::json!(["lsp"]), value.clone()),
            other => panic!("{at}: who reads {other}?"),
        };
        let arguments: Vec<_> = arguments.as_array().unwrap().iter().collect();
        let arguments: Vec<_> = arguments.iter().map(|it| it.as_str().unwrap()).collect();
        let (answer, said) = served(folder.path(), &arguments, &options);
        assert_eq!(
            answer["result"]["serverInfo"]["name"], "nixtune",
            "{at}: {said}"
        );
        // Mistakes in the options are shown to people.
        assert!(!said.contains("window/showMessage"), "{at}: {said}");
    }
}

#[test]
fn neovim_starts_the_language_server() {
    for block in of("lua") {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("init.lua", &block.text);
        write("flake.nix", "{ }\n");
        // What it would start is written down. The snippet is for Neovim 0.10; what older ones
        // lack is put in its place.
        write(
            "ask.lua",
            "local asked = {}\n\
             vim.lsp.start = function(config) table.insert(asked, config) end\n\
             vim.fs = vim.fs or {}\n\
             vim.fs.root = vim.fs.root or function(buffer, names)\n\
               local folder = vim.fn.fnamemodify(vim.fn.bufname(buffer), ':p:h')\n\
               for _, name in ipairs(names) do\n\
                 if vim.fn.filereadable(folder .. '/' .. name) == 1 then return folder end\n\
               end\n\
             end\n\
             vim.cmd('luafile init.lua')\n\
             vim.cmd('edit flake.nix')\n\
             vim.cmd('setfiletype nix')\n\
             vim.fn.writefile({ vim.fn.json_encode(asked) }, 'asked.json')\n",
        );
        let output = Command::new("nvim")
            .args([
                "--clean",
                "--headless",
                "-i",
                "NONE",
                "-c",
                "luafile ask.lua",
                "-c",
                "qall!",
            ])
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("nvim is missing: run tests/set-up");
        let said = String::from_utf8_lossy(&output.stderr);
        let asked = fs::read_to_string(folder.path().join("asked.json"));
        let asked: Json =
            serde_json::from_str(&asked.unwrap_or_else(|_| panic!("{said}"))).unwrap();
        assert_eq!(
            asked[0]["cmd"],
            serde_json::json!(["nixtune", "lsp"]),
            "{said}"
        );
        let above = folder.path().canonicalize().unwrap();
        assert_eq!(asked[0]["root_dir"].as_str(), above.to_str(), "{said}");
    }
}

/// Commands as documents show them: lines of shell, and code in the text.
fn shown_commands() -> Vec<(String, String)> {
    let mut commands = Vec::new();
    for block in blocks() {
        let lines = match block.language.as_str() {
            "sh" => block.commands(),
            "console" => block
                .text
                .lines()
                .filter_map(|line| line.strip_prefix("$ "))
                .map(str::to_owned)
                .collect(),
            _ => continue,
        };
        commands.extend(lines.into_iter().map(|line| (block.at.clone(), line)));
    }
    for document in documents() {
        let source = fs::read_to_string(root().join(&document)).unwrap();
        for event in Parser::new_ext(&source, Options::ENABLE_TABLES) {
            if let Event::Code(code) = event {
                commands.push((document.display().to_string(), code.into_string()));
            }
        }
    }
    commands
}

#[test]
fn commands_have_the_flags_that_documents_show() {
    let mut helps: BTreeMap<Vec<String>, Option<String>> = BTreeMap::new();
    let mut help = |command: &[String]| {
        let ask = || {
            let mut asked = nixtune(&root());
            let output = run(
                {
                    asked.args(command).arg("--help");
                    asked
                },
                b"",
            );
            let text = String::from_utf8(output.stdout).unwrap();
            output.status.success().then_some(text)
        };
        helps.entry(command.to_vec()).or_insert_with(ask).clone()
    };
    let mut checked = 0;
    for (at, line) in shown_commands() {
        let line = line.split(" # ").next().unwrap();
        let line = line.split(['|', ';', '&', '<', '>']).next().unwrap().trim();
        let arguments = line
            .strip_prefix("nixtune ")
            .or_else(|| line.strip_prefix("cargo run --release -- "));
        let Some(arguments) = arguments else { continue };
        let mut words = arguments.split_whitespace().peekable();
        let mut command: Vec<String> = Vec::new();
        while let Some(word) = words.peek() {
            let takes_another =
                command.is_empty() || command == ["generate"] || command == ["analyze"];
            let is_name = word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            if !takes_another || !is_name || word.starts_with('-') {
                break;
            }
            command.push(words.next().unwrap().to_owned());
        }
        let Some(text) = help(&command) else {
            panic!("{at}: `{line}`: no such command");
        };
        // What stands behind `--` is another program's.
        let own = words.take_while(|word| *word != "--");
        for flag in own.filter(|word| word.starts_with("--")) {
            let flag = flag.split('=').next().unwrap();
            let mut known = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            assert!(known.any(|it| it == flag), "{at}: `{line}`: no flag {flag}");
        }
        checked += 1;
    }
    assert!(checked > 80, "only {checked} commands were found");
}
