//! That the table of names says what the sections hold.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::evaluator::Files;
use super::*;
use crate::text::FileId;

/// Names that only a section has: `lib.strings.escapeNixString`, but no `lib.escapeNixString`.
const OWN: &[(&str, &[&str])] = &[
    (
        "lists",
        &[
            "commonPrefix",
            "findFirstIndex",
            "hasPrefix",
            "removePrefix",
        ],
    ),
    (
        "strings",
        &[
            "charToInt",
            "escapeC",
            "escapeNixIdentifier",
            "escapeNixString",
            "floatToString",
            "isConvertibleWithToString",
            "normalizePath",
            "replicate",
            "storeDir",
        ],
    ),
    ("attrsets", &["longestValidPathPrefix", "unionOfDisjoint"]),
    (
        "modules",
        &[
            "defaultOrderPriority",
            "defaultOverridePriority",
            "importApply",
            "importJSON",
            "importTOML",
            "mkAliasAndWrapDefsWithPriority",
            "mkAliasIfDef",
        ],
    ),
    ("options", &["literalCode"]),
    ("filesystem", &["listFilesRecursive"]),
    (
        "versions",
        &["major", "majorMinor", "minor", "pad", "patch"],
    ),
    ("asserts", &["assertEachOneOf"]),
];

/// Sections that give only a few names to `lib`.
const MOSTLY_OWN: [&str; 4] = ["types", "path", "systems", "generators"];

struct Nothing;

impl Files for Nothing {
    fn import(&self, path: &Path) -> Result<Arc<Ast>, Why> {
        Err(Why::Import(path.to_string_lossy().into()))
    }
    fn folder(&self, _: FileId) -> Option<PathBuf> {
        None
    }
    fn read(&self, path: &Path) -> Result<Arc<str>, Why> {
        Err(Why::Import(path.to_string_lossy().into()))
    }
    fn list(&self, path: &Path) -> Result<Vec<(String, &'static str)>, Why> {
        Err(Why::Import(path.to_string_lossy().into()))
    }
    fn exists(&self, path: &Path) -> Result<bool, Why> {
        Err(Why::Import(path.to_string_lossy().into()))
    }
}

fn names_of(value: &Val) -> BTreeSet<String> {
    let Val::Attrs(attrs) = value else {
        panic!("a set is expected: {value:?}")
    };
    attrs.map.keys().map(ToString::to_string).collect()
}

#[test]
fn the_table_names_what_the_sections_hold() {
    let prelude = Prelude::default();
    let evaluator = Evaluator::new(&Nothing, &prelude);
    for (index, section) in SECTIONS.iter().enumerate() {
        let held = names_of(&prelude.section(&evaluator, index).val);
        let own = OWN.iter().find(|(name, _)| *name == section.name);
        let own = own.map_or(&[][..], |(_, own)| own);
        for name in section.shared.iter().chain(own) {
            assert!(held.contains(*name), "{}.{name}", section.name);
        }
        if MOSTLY_OWN.contains(&section.name) {
            continue;
        }
        for name in &held {
            let name = name.as_str();
            assert!(
                section.shared.contains(&name) || own.contains(&name) || BUILTINS.contains(&name),
                "{}.{name} is not in the table",
                section.name
            );
        }
    }
}

#[test]
fn every_name_of_lib_is_there_once() {
    let prelude = Prelude::default();
    let evaluator = Evaluator::new(&Nothing, &prelude);
    let lib = names_of(&evaluator.lib().force(&evaluator).val);
    assert_eq!(lib.len(), prelude.names().len());
}

#[test]
fn a_section_is_parsed_when_it_is_used() {
    let prelude = Prelude::default();
    let evaluator = Evaluator::new(&Nothing, &prelude);
    let lib = evaluator.lib().force(&evaluator);
    let parsed = || {
        let parsed = |section: &&OnceLock<_>| section.get().is_some();
        prelude.sections.iter().filter(parsed).count()
    };
    assert_eq!(parsed(), 0);
    evaluator.attribute(&lib, "mkIf");
    assert_eq!(parsed(), 1);
}
