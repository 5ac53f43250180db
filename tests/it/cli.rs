//! The command line: each folder of tests/cli is one case.
//!
//! ```text
//! command   the arguments, one line, as a shell would split them; `LANG=C` and the like in front
//! files/    the folder that the command runs in; copied first
//! stdin     what the command reads, if anything
//! stdout, stderr, code, after/    what must come out; `after` holds the files that changed
//! ```
//!
//! `NIXTUNE_BLESS=1 cargo test --test it cli` writes what comes out instead of comparing it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The binary under test, run in `folder` with an empty environment.
pub fn nixtune(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nixtune"));
    command
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("LANG", "C.UTF-8")
        // Each run looks for itself, and leaves nothing behind.
        .env("NIXTUNE_NO_CACHE", "1")
        // What rests on data that ages says how old it is; here it is always September 2026.
        .env("SOURCE_DATE_EPOCH", "1789900000");
    command
}

/// Runs `command` with `input` on its standard input.
pub fn run(mut command: Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || {
        // A command that does not read its input closes the pipe.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    output
}

/// Copies a folder with all that lies below it into another one.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every file below a folder, by its path from there.
pub fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fn visit(root: &Path, folder: &Path, out: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(root, &path, out);
            } else {
                out.insert(
                    path.strip_prefix(root).unwrap().to_path_buf(),
                    fs::read(&path).unwrap(),
                );
            }
        }
    }
    let mut out = BTreeMap::new();
    if folder.is_dir() {
        visit(folder, folder, &mut out);
    }
    out
}

/// Words of a command line; single quotes keep blanks together.
pub fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for c in line.trim().chars() {
        match c {
            '\'' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Output with what differs from place to place replaced.
fn settled(bytes: &[u8], folder: &Path) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let real = folder.canonicalize().unwrap();
    text.replace(real.to_str().unwrap(), "[FOLDER]").replace(
        &format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION")),
        "\"version\": \"[VERSION]\"",
    )
}

struct Case {
    path: PathBuf,
}

impl Case {
    fn expected(&self, name: &str) -> String {
        fs::read_to_string(self.path.join(name)).unwrap_or_default()
    }

    fn bless(&self, name: &str, content: &str) {
        let path = self.path.join(name);
        if content.is_empty() {
            let _ = fs::remove_file(path);
        } else {
            fs::write(path, content).unwrap();
        }
    }

    /// What differs from what is expected; empty when nothing does.
    fn differences(&self, bless: bool) -> String {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        if self.path.join("files").is_dir() {
            copy(&self.path.join("files"), root);
        }
        let before = contents(root);
        let line = self.expected("command");
        let mut words = split(&line);
        let mut command = nixtune(root);
        while words.first().is_some_and(|word| {
            word.split_once('=')
                .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        }) {
            let word = words.remove(0);
            let (name, value) = word.split_once('=').unwrap();
            command.env(name, value);
        }
        assert_eq!(words.remove(0), "nixtune", "{}", self.path.display());
        command.args(words);
        let input = fs::read(self.path.join("stdin")).unwrap_or_default();
        let output = run(command, &input);
        let after: BTreeMap<_, _> = contents(root)
            .into_iter()
            .filter(|(path, content)| before.get(path) != Some(content))
            .collect();
        let code = output
            .status
            .code()
            .map_or_else(|| "killed".to_owned(), |code| code.to_string());
        let found = [
            ("stdout", settled(&output.stdout, root)),
            ("stderr", settled(&output.stderr, root)),
            ("code", format!("{code}\n")),
        ];
        if bless {
            for (name, content) in &found {
                self.bless(name, content);
            }
            let _ = fs::remove_dir_all(self.path.join("after"));
            for (path, content) in &after {
                let target = self.path.join("after").join(path);
                fs::create_dir_all(target.parent().unwrap()).unwrap();
                fs::write(target, content).unwrap();
            }
            return String::new();
        }
        let mut out = String::new();
        for (name, content) in &found {
            let expected = self.expected(name);
            if *content != expected {
                let diff = similar::TextDiff::from_lines(&expected, content);
                out.push_str(&diff.unified_diff().header(name, "found").to_string());
            }
        }
        let expected = contents(&self.path.join("after"));
        if expected != after {
            let names = |files: &BTreeMap<PathBuf, Vec<u8>>| {
                files
                    .iter()
                    .map(|(path, content)| {
                        format!("{}:\n{}", path.display(), String::from_utf8_lossy(content))
                    })
                    .collect::<Vec<_>>()
                    .join("\n")
            };
            let (expected, found) = (names(&expected), names(&after));
            let diff = similar::TextDiff::from_lines(&expected, &found);
            out.push_str(&diff.unified_diff().header("after", "found").to_string());
        }
        out
    }
}

#[test]
fn every_case_says_what_it_said_before() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let bless = std::env::var_os("NIXTUNE_BLESS").is_some();
    let mut failures = String::new();
    let mut cases: Vec<_> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("command").is_file())
        .collect();
    cases.sort();
    assert!(cases.len() > 10, "the cases are gone");
    for path in cases {
        let case = Case { path };
        let differences = case.differences(bless);
        if !differences.is_empty() {
            failures.push_str(&format!("\n== {}\n{differences}", case.path.display()));
        }
    }
    assert!(
        failures.is_empty(),
        "{failures}\nNIXTUNE_BLESS=1 accepts what comes out"
    );
}
