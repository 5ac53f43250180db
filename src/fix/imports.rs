//! Whether what a file holds is read for an option alone.
//!
//! `nix.settings = import ./settings.nix;` is changed in `settings.nix`, as long as nothing else
//! imports that file for something else.

use std::path::Path;

use rnix::ast::{self, Apply, Expr};
use rnix::{SyntaxKind, SyntaxNode};
use rowan::ast::AstNode;

use super::sharing::{MOST_NAMES, uses_of};
use super::spot::loose_end;
use super::tree::{Tree, is_entry, path_names};
use super::{Refusal, entry};
use crate::eval::normalize;
use crate::model::{Definition, OptionPath, Workspace};
use crate::text::{FileFormat, SourceFile};

/// True when the statement in `tree` says less than its option's whole path: the rest of the path
/// stands where its file is imported.
pub(super) fn is_part(
    draft: &super::draft::Draft,
    tree: &Tree<'_>,
    definition: &Definition,
) -> bool {
    entry::statement_entry(draft, tree, definition)
        .is_ok_and(|entry| loose_end(&entry.node, &definition.option, entry.end).is_some())
}

/// Refuses a definition in a file that several places import, when one of them is not of the
/// definition's option.
pub(super) fn alone(workspace: &Workspace, definition: &Definition) -> Result<(), Refusal> {
    let file = definition
        .statement
        .and_then(|place| workspace.file(place.file));
    let Some(file) = file else { return Ok(()) };
    let mut uses = Vec::new();
    for importer in workspace.files() {
        uses_in(importer, file.path(), &definition.option, &mut uses);
    }
    if uses.len() > 1 && uses.contains(&false) {
        return Err(Refusal::Shared);
    }
    Ok(())
}

/// For every place of `importer` that uses what it imports from `path`: whether it stands at the
/// option.
fn uses_in(importer: &SourceFile, path: &Path, option: &OptionPath, uses: &mut Vec<bool>) {
    let Some(folder) = importer.path().parent() else {
        return;
    };
    // Parsing is for the few files that can mean this one.
    let name = match path.file_name() {
        Some(name) if name == "default.nix" => path.parent().and_then(Path::file_name),
        name => name,
    };
    let names = name
        .and_then(|name| name.to_str())
        .is_some_and(|name| importer.text().contains(name) || path.ends_with("default.nix"));
    if importer.format() != FileFormat::Nix || !names {
        return;
    }
    let Ok(tree) = Tree::parse(importer.text()) else {
        return;
    };
    let imports = tree.root.descendants().filter_map(Apply::cast);
    for import in imports.filter(|import| imports_from(import, folder, path)) {
        follow(&tree, import.syntax(), option, uses, MOST_NAMES);
    }
}

/// True for `import ./x.nix`, also without the `default.nix` of a folder.
fn imports_from(import: &Apply, folder: &Path, path: &Path) -> bool {
    let function = import.lambda().map(|function| function.to_string());
    let is_import = matches!(function.as_deref(), Some("import" | "builtins.import"));
    let mut argument = import.argument().filter(|_| is_import);
    while let Some(Expr::Paren(paren)) = argument {
        argument = paren.expr();
    }
    let Some(Expr::PathRel(written)) = argument else {
        return false;
    };
    let read = normalize(&folder.join(written.to_string()));
    is_same(&read, path) || is_same(&read.join("default.nix"), path)
}

/// Files are named as they were asked for, and those that they import by the way from the working
/// folder: a full and a short path mean the same file when one ends with the other.
fn is_same(one: &Path, other: &Path) -> bool {
    if one.is_absolute() == other.is_absolute() {
        one == other
    } else {
        one.ends_with(other) || other.ends_with(one)
    }
}

/// Goes from what a file gives to where it is used, over names of a `let`.
fn follow(
    tree: &Tree<'_>,
    value: &SyntaxNode,
    option: &OptionPath,
    uses: &mut Vec<bool>,
    depth: usize,
) {
    let mut names = Vec::new();
    for node in value.ancestors().filter(is_entry) {
        let is_bound = node.parent().is_some_and(|parent| {
            matches!(
                parent.kind(),
                SyntaxKind::NODE_LET_IN | SyntaxKind::NODE_LEGACY_LET
            )
        });
        if !is_bound {
            let own = path_names(&node).unwrap_or_default();
            names.splice(0..0, own);
            continue;
        }
        let bound: Vec<String> = match ast::Inherit::cast(node.clone()) {
            Some(inherit) => inherit.attrs().map(|name| name.to_string()).collect(),
            None => {
                let first = path_names(&node).and_then(|names| names.into_iter().next());
                first.iter().map(ToString::to_string).collect()
            }
        };
        if depth == 0 {
            uses.push(false);
        }
        for name in bound.iter().filter(|_| depth > 0) {
            for one in uses_of(&tree.root, name) {
                // A value that is made from itself is used where the others are.
                if !node.text_range().contains_range(one.text_range()) {
                    follow(tree, &one, option, uses, depth - 1);
                }
            }
        }
        return;
    }
    let of_option = |length: usize| {
        let prefix = option.names().get(..length);
        prefix.is_some_and(|prefix| names.ends_with(prefix))
    };
    uses.push((1..=option.names().len()).any(of_option));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::FileId;

    fn uses(text: &str) -> Vec<bool> {
        let importer = SourceFile::new(FileId(0), "/w/a/x.nix", "x.nix", FileFormat::Nix, text);
        let option = OptionPath::dotted("nix.settings.cores");
        let mut uses = Vec::new();
        uses_in(&importer, Path::new("w/s/default.nix"), &option, &mut uses);
        uses
    }

    #[test]
    fn places_that_use_an_import_are_found() {
        assert_eq!(uses("{ nix.settings = import ../s; }"), [true]);
        assert_eq!(
            uses("{ nix = { settings = f (import (../s/default.nix)); }; }"),
            [true]
        );
        assert_eq!(
            uses("{ x.y.nix = { inherit (import ../s) settings; }; }"),
            [true]
        );
        assert_eq!(uses("{ nix.gc = import ../s; a = import ../t; }"), [false]);
        assert_eq!(
            uses("let s = import ../s; t = s; in { nix.settings = t; other = s; }"),
            [true, false]
        );
        assert_eq!(uses("let s = import ../s // s; in { nix = s; }"), [true]);
        assert!(uses("{ imports = [ ../s ]; }").is_empty());
    }
}
