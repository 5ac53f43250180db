//! nixpkgs' `lib` as nixtune has it against what nixpkgs' own gives, and against real Nix that
//! reads the same sections.

use std::path::Path;

use nixtune::eval::Value;
use serde_json::Value as Json;

use super::eval::{evaluate, judge, same, with_stack};
use super::{oracles, values::to_json};

/// Each expression and the line with its value.
fn cases() -> Vec<(&'static str, Json)> {
    let mut cases: Vec<(&str, Json)> = Vec::new();
    let mut expression = "";
    for line in include_str!("prelude.txt").lines() {
        if let Some(value) = line.strip_prefix("  = ") {
            cases.push((expression, serde_json::from_str(value).unwrap()));
        } else if !line.starts_with('#') {
            expression = line;
        }
    }
    assert!(cases.len() > 150, "{} cases", cases.len());
    cases
}

#[test]
fn lib_gives_what_nixpkgs_gives() {
    let cases = cases();
    let ours = with_stack(|| evaluate(cases.iter().map(|(expression, _)| *expression)));
    let wrong: Vec<String> = cases
        .iter()
        .zip(&ours)
        .filter_map(|((expression, wanted), ours)| {
            let right = to_json(&ours.value).is_some_and(|ours| same(&ours, wanted));
            (!right).then(|| format!("{expression}\n  wanted {wanted}\n  is {:?}", ours.value))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The sections put together as nixtune does, for real Nix.
fn assembled() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/eval/prelude");
    let mut sections = String::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "nix") {
            let name = match path.file_stem().unwrap().to_str().unwrap() {
                "fixed-points" => "fixedPoints",
                name => name,
            };
            sections += &format!("{name} = import {} lib;\n", path.display());
        }
    }
    format!(
        "let
          sections = {{ {sections} }};
          lib = with sections;
            builtins // types // filesystem // versions // debug // asserts // options // modules
            // customisation // fixedPoints // attrsets // lists // strings // trivial // {{
              inherit (lists) replicate unique;
              nixtuneUnknown = {{ }};
              platforms = systems.doubles;
            }} // sections;
        in"
    )
}

#[test]
fn real_nix_reads_the_sections_in_the_same_way() {
    let cases = cases();
    let list: String = cases
        .iter()
        .map(|(expression, _)| format!("({expression})\n"))
        .collect();
    let program = format!("{} [\n{list}]", assembled());
    for oracle in oracles().iter().filter(|oracle| oracle.is_modern()) {
        let answers = oracle.eval(&program).unwrap();
        let answers = answers.as_array().unwrap();
        assert_eq!(answers.len(), cases.len());
        for ((expression, wanted), answer) in cases.iter().zip(answers) {
            assert!(same(wanted, answer), "{expression}\n  {wanted}\n  {answer}");
        }
    }
}

/// Functions that pure builtins can say as well.
const TWINS: &[(&str, &str)] = &[
    ("lib.last [ 1 2 ]", "builtins.elemAt [ 1 2 ] 1"),
    (
        "lib.splitString \"/\" \"a/b//c\"",
        "builtins.filter builtins.isString (builtins.split \"/\" \"a/b//c\")",
    ),
    (
        "lib.hasInfix \"b.\" \"ab.c\"",
        "builtins.match \".*b[.].*\" \"ab.c\" != null",
    ),
    (
        "lib.concatMapStringsSep \",\" toString [ 1 2 ]",
        "builtins.concatStringsSep \",\" (map toString [ 1 2 ])",
    ),
    (
        "lib.filterAttrs (n: v: n != \"a\") { a = 1; b = 2; }",
        "removeAttrs { a = 1; b = 2; } [ \"a\" ]",
    ),
    (
        "lib.mapAttrsToList (n: v: v) { b = 2; a = 1; }",
        "builtins.attrValues { b = 2; a = 1; }",
    ),
    (
        "lib.imap0 (i: x: [ i x ]) [ \"a\" \"b\" ]",
        "builtins.genList (i: [ i (builtins.elemAt [ \"a\" \"b\" ] i) ]) 2",
    ),
    (
        "lib.foldr (x: acc: acc ++ [ x ]) [ ] [ 1 2 3 ]",
        "builtins.foldl' (acc: x: [ x ] ++ acc) [ ] [ 1 2 3 ]",
    ),
    (
        "lib.removeSuffix \".nix\" \"a.nix\"",
        "builtins.head (builtins.match \"(.*)[.]nix\" \"a.nix\")",
    ),
    (
        "lib.versionOlder \"2.4\" \"2.31\"",
        "builtins.compareVersions \"2.4\" \"2.31\" < 0",
    ),
    ("lib.strings.escapeNixString \"x\"", "builtins.toJSON \"x\""),
];

#[test]
fn builtins_of_real_nix_say_the_same_as_lib() {
    let ours: Vec<Value> = with_stack(|| evaluate(TWINS.iter().map(|(lib, _)| *lib)))
        .into_iter()
        .map(|traced| traced.value)
        .collect();
    let list: String = TWINS
        .iter()
        .map(|(_, twin)| format!("({twin})\n"))
        .collect();
    for oracle in oracles() {
        let answers = oracle.eval(&format!("[\n{list}]")).unwrap();
        for ((ours, (lib, _)), answer) in ours.iter().zip(TWINS).zip(answers.as_array().unwrap()) {
            let verdict = judge(ours, &Ok(answer.clone()), true);
            assert!(verdict.is_ok(), "{lib}: {verdict:?}");
        }
    }
}
