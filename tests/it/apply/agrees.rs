//! What `lint` calls safe is what `apply` makes: fixes that are proven together may need each other,
//! and `apply` makes safe ones without the others.

use std::fs;
use std::path::{Path, PathBuf};

use nixtune::catalog::Catalog;
use nixtune::diagnostic::Applicability;
use nixtune::engine::{Request, Wanted, lint, plan};
use nixtune::system::{Memory, System};

/// Each rule's folder, read as one tree: its files are a machine together, or contradict each other.
#[test]
fn every_safe_fix_of_a_folder_is_made() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    let catalog = Catalog::embedded();
    let mut made = 0;
    for folder in fs::read_dir(rules).unwrap() {
        let folder = folder.unwrap().path();
        let mut system = Memory::new();
        for file in fs::read_dir(&folder).unwrap() {
            let file = file.unwrap();
            if file.file_type().unwrap().is_file() {
                let path = Path::new("/w").join(file.file_name());
                system = system.file(path, fs::read(file.path()).unwrap());
            }
        }
        let request = Request {
            roots: vec![PathBuf::from("/w")],
            ..Request::default()
        };
        let plan = plan(&system, &catalog, &request, &Wanted::default()).unwrap();
        made += plan.made.len();
        for file in &plan.files {
            system.save(&file.path, file.after.as_bytes()).unwrap();
        }
        let after = lint(&system, &catalog, &request).unwrap();
        let left: Vec<_> = after
            .diagnostics
            .iter()
            .filter(|found| {
                let fix = found.fix.as_ref();
                fix.is_some_and(|fix| fix.applicability == Applicability::Safe)
            })
            .collect();
        assert!(left.is_empty(), "{}: {left:#?}", folder.display());
    }
    assert!(made > 40, "{made}");
}
