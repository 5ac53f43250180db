//! Builtins that read files, and paths, against real Nix.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nixtune::eval::{Files, Why};
use nixtune::syntax::ast::Ast;
use nixtune::text::{FileFormat, FileId, SourceFile};

use super::eval::{ask, evaluate_with, judge, with_stack};
use super::oracles;

/// `DIR` is a folder with the files below. `lib` is in scope.
const EXPRESSIONS: &[&str] = &[
    "import DIR/a.nix",
    "import DIR",
    "import \"DIR/sub/../a.nix\"",
    "import DIR/function.nix { x = 2; }",
    "(import DIR/relative.nix).value",
    "builtins.scopedImport { x = 3; map = 4; } DIR/scoped.nix",
    "builtins.readFile DIR/text",
    "builtins.readDir DIR",
    "builtins.pathExists DIR/text && !(builtins.pathExists DIR/none)",
    "builtins.hashFile \"sha256\" DIR/text",
    "builtins.fromJSON (builtins.readFile DIR/data.json)",
    "builtins.fromTOML (builtins.readFile (DIR + \"/data.toml\"))",
    "builtins.typeOf DIR",
    "toString (DIR + \"/sub/./x/..\")",
    "toString DIR/${\"sub\"}/x",
    "builtins.baseNameOf DIR/sub",
    "toString (builtins.dirOf DIR/sub) == toString DIR",
    "DIR/a.nix == DIR/sub/../a.nix",
    "DIR/a.nix < DIR/b",
    "let f = { a ? import DIR/none.nix, b }: b; in f { b = 1; }",
];

/// The same where only newer releases have the builtin.
const MODERN: &[&str] = &["map builtins.readFileType [ DIR/text DIR/sub DIR ]"];

const FILES: &[(&str, &str)] = &[
    ("a.nix", "{ a = 1; b = [ 2 ]; }"),
    ("default.nix", "{ default = true; }"),
    ("function.nix", "{ x, y ? x + 1 }: x * y"),
    ("relative.nix", "{ value = import ./sub; }"),
    ("scoped.nix", "[ x map (builtins.length [ 1 ]) ]"),
    ("sub/default.nix", "import ../a.nix"),
    ("sub/x/deep.nix", "1"),
    ("text", "line\n  é\n"),
    ("data.json", "{\"a\": [1, 2.5]}"),
    ("data.toml", "a = 1\n[b]\nc = \"x\"\n"),
];

/// The files of a folder, for the evaluator.
struct Disk;

fn unread(path: &Path) -> Why {
    Why::Import(path.display().to_string().into())
}

impl Files for Disk {
    fn import(&self, path: &Path) -> Result<Arc<Ast>, Why> {
        let path = if path.is_dir() {
            path.join("default.nix")
        } else {
            path.to_owned()
        };
        let text = self.read(&path)?;
        // The number of a file stands for its place in the list.
        let real = path.canonicalize().map_err(|_| unread(&path))?;
        let position = FILES.iter().position(|(name, _)| {
            folder()
                .join(name)
                .canonicalize()
                .is_ok_and(|file| file == real)
        });
        let id = FileId(1_000 + u32::try_from(position.unwrap()).unwrap());
        let file = SourceFile::new(id, &path, "x.nix", FileFormat::Nix, text.to_string());
        nixtune::syntax::parse(&file)
            .ast
            .ok_or_else(|| unread(&path))
    }

    fn folder(&self, file: FileId) -> Option<PathBuf> {
        let (name, _) = FILES.get(file.0.checked_sub(1_000)? as usize)?;
        Some(folder().join(name).parent()?.to_owned())
    }

    fn read(&self, path: &Path) -> Result<Arc<str>, Why> {
        let text = std::fs::read_to_string(path).map_err(|_| unread(path))?;
        Ok(text.into())
    }

    fn list(&self, path: &Path) -> Result<Vec<(String, &'static str)>, Why> {
        let entries = std::fs::read_dir(path).map_err(|_| unread(path))?;
        Ok(entries
            .map(|entry| {
                let entry = entry.unwrap();
                let kind = if entry.file_type().unwrap().is_dir() {
                    "directory"
                } else {
                    "regular"
                };
                (entry.file_name().into_string().unwrap(), kind)
            })
            .collect())
    }

    fn exists(&self, path: &Path) -> Result<bool, Why> {
        Ok(path.exists())
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("oracle/files")
}

#[test]
fn files_are_read_as_nix_reads_them() {
    for (name, text) in FILES {
        let path = folder().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let placed = |expressions: &[&str]| -> Vec<String> {
        let folder = folder().display().to_string();
        let place = |text: &&str| text.replace("DIR", &folder);
        expressions.iter().map(place).collect()
    };
    for (oracle, modern) in oracles().iter().map(|oracle| (oracle, oracle.is_modern())) {
        let mut expressions = placed(EXPRESSIONS);
        if modern {
            expressions.extend(placed(MODERN));
        }
        let ours = with_stack(|| evaluate_with(&Disk, expressions.iter().map(String::as_str), &[]));
        let real = ask(oracle, &expressions);
        for ((expression, ours), real) in expressions.iter().zip(&ours).zip(&real) {
            if let Err(complaint) = judge(&ours.value, real, true) {
                panic!("{expression}\n  {complaint}\n  Nix {}", oracle.version);
            }
        }
    }
}
