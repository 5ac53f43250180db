//! What is generated for git, CI and editors is run by git, read by the schemas of those who read
//! it, and by an editor.

mod actionlint;
mod ci;
mod editors;
mod hook_managers;
mod hooks;
mod repository;
mod treefmt;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nixtune::catalog::Catalog;
use serde_json::Value;

use crate::cli::nixtune;
use repository::Repository;

/// A module with a mistake whose rule needs no hardware.
const BAD: &str = "{ nix.settings.sandbx = true; }\n";
const GOOD: &str = "{ nix.settings.sandbox = true; }\n";

fn catalog() -> Catalog {
    Catalog::embedded()
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// YAML as the values that JSON has, too.
fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A schema of `tests/schemas`.
fn schema(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas");
    serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

/// Finds schemas that others refer to by their addresses.
struct Schemas;

impl jsonschema::Retrieve for Schemas {
    fn retrieve(
        &self,
        uri: &jsonschema::Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Ok(schema(uri.as_str().rsplit('/').next().unwrap()))
    }
}

/// What a schema finds wrong.
pub fn breaches(name: &str, value: &Value) -> Vec<String> {
    jsonschema::options()
        .with_retriever(Schemas)
        .build(&schema(name))
        .unwrap()
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// What shellcheck says about a script.
fn shellcheck(script: &str) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "script", script);
    let found = Command::new("shellcheck")
        .args(["--enable=all", "--exclude=SC2250,SC2310,SC2312", "script"])
        .current_dir(folder.path())
        .output()
        .expect("shellcheck is missing: run tests/set-up");
    assert!(
        found.status.success(),
        "{}\n{script}",
        String::from_utf8_lossy(&found.stdout)
    );
}

/// Runs `nixtune generate` in a folder; the arguments are split at blanks.
fn generate(folder: &Path, arguments: &str) -> Result<String, String> {
    generate_of(folder, folder, arguments)
}

/// The same for the user with this home.
fn generate_of(home: &Path, folder: &Path, arguments: &str) -> Result<String, String> {
    let output = nixtune(folder)
        .env("HOME", home)
        .arg("generate")
        .args(arguments.split(' '))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.code() {
        Some(0) => Ok(text(&output.stdout)),
        _ => Err(text(&output.stderr)),
    }
}

/// The folders in which programs are found, without any nixtune.
fn programs() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path)
        .filter(|folder| !folder.join("nixtune").exists())
        .collect()
}

/// The same with the nixtune that is tested.
pub fn programs_and_nixtune() -> Vec<PathBuf> {
    let built = Path::new(env!("CARGO_BIN_EXE_nixtune")).parent().unwrap();
    let mut folders = programs();
    folders.insert(0, built.to_path_buf());
    folders
}

/// A program of `tests/tools.txt`, and the folder that it lies in.
pub fn tool(name: &str) -> PathBuf {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../oracle/tools/bin");
    let program = tools.join(name);
    assert!(program.is_file(), "no {name}: run tests/set-up");
    // The program itself may be a link that says who calls.
    tools.canonicalize().unwrap().join(name)
}

/// The comments that JSON has not, and that editors take.
fn without_comments(text: &str) -> String {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    text.lines().filter(is_code).collect::<Vec<_>>().join("\n")
}
