//! The machines of `examples/generated`: their commands are run again, and what they write is
//! compared with what lies there. `NIXTUNE_BLESS=1` writes it instead.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::{contents, nixtune, run, split};

/// What people write: the commands, and what they are about. The rest is generated.
fn given(machine: &Path) -> [String; 3] {
    let name = machine.file_name().unwrap().to_str().unwrap();
    let profile = format!("{name}.toml");
    ["commands".to_owned(), "nixtune.toml".to_owned(), profile]
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/generated")
}

fn machines() -> Vec<PathBuf> {
    let mut machines: Vec<PathBuf> = fs::read_dir(examples())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    machines.sort();
    machines
}

/// What the commands of a machine write.
fn generated(machine: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    for name in given(machine) {
        fs::copy(machine.join(&name), folder.path().join(&name)).unwrap();
    }
    for line in fs::read_to_string(machine.join("commands"))
        .unwrap()
        .lines()
    {
        let words = split(line);
        assert_eq!(words[0], "nixtune", "{line}");
        let mut command = nixtune(folder.path());
        command.args(&words[1..]);
        let output = run(command, b"");
        assert!(output.status.success(), "{line}: {output:?}");
    }
    without_given(machine, folder.path())
}

/// The files of a folder that are not given to the machine.
fn without_given(machine: &Path, folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let given = given(machine);
    let mut files = contents(folder);
    files.retain(|path, _| !given.iter().any(|given| path == Path::new(given)));
    files
}

#[test]
fn machines_have_what_their_commands_write() {
    let bless = std::env::var_os("NIXTUNE_BLESS").is_some();
    let machines = machines();
    assert_eq!(machines.len(), 6, "{machines:?}");
    for machine in machines {
        let generated = generated(&machine);
        assert!(!generated.is_empty(), "{}", machine.display());
        let there = without_given(&machine, &machine);
        if bless {
            for path in there.keys() {
                fs::remove_file(machine.join(path)).unwrap();
            }
            for (path, content) in &generated {
                let target = machine.join(path);
                fs::create_dir_all(target.parent().unwrap()).unwrap();
                fs::write(target, content).unwrap();
            }
            continue;
        }
        let text = |files: &BTreeMap<PathBuf, Vec<u8>>| -> BTreeMap<PathBuf, String> {
            let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
            files
                .iter()
                .map(|(path, bytes)| (path.clone(), text(bytes)))
                .collect()
        };
        assert_eq!(text(&there), text(&generated), "{}", machine.display());
    }
}

#[test]
fn machines_are_linted_without_a_word() {
    for machine in machines() {
        let mut command = nixtune(&examples());
        command.args(["lint", "--fail-on", "info", "--format", "json"]);
        command.arg(&machine);
        let output = run(command, b"");
        let text = String::from_utf8_lossy(&output.stdout);
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        let found: Vec<_> = report["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|found| (&found["rule"], &found["message"]))
            .collect();
        assert!(found.is_empty(), "{}: {found:?}", machine.display());
        assert_eq!(output.status.code(), Some(0), "{text}");
    }
}

#[test]
fn the_readme_lists_every_machine() {
    let readme = fs::read_to_string(examples().join("README.md")).unwrap();
    for machine in machines() {
        let name = machine.file_name().unwrap().to_str().unwrap();
        assert!(readme.contains(&format!("| `{name}` |")), "{name}");
    }
}
