//! The evaluator against real Nix: what it calls known must be what Nix says. Unknown is always
//! allowed, but not for the plain language.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nixtune::eval::runtime::{Env, Thunk, Val};
use nixtune::eval::{Evaluator, Files, Prelude, Traced, Value, Why};
use nixtune::syntax::ast::Ast;
use nixtune::text::{FileFormat, FileId, SourceFile};
use serde_json::{Value as Json, json};

use super::{library, oracles, values::to_json};

/// Expressions of the kinds that configurations use. `lib` is in scope.
const EXPRESSIONS: &[&str] = &[
    // Numbers, strings, operators.
    "5 * 1024 * 1024 * 1024",
    "7 / 2 + 7.0 / 2",
    "-7 / 2",
    "1 < 2 && 2 <= 2 || throw \"no\"",
    "false -> throw \"no\"",
    "[ 1 2 ] < [ 1 3 ]",
    "\"a\" < \"b\"",
    "1 == 1.0",
    "{ a = 1; b = [ { } ]; } == { b = [ { } ]; a = 1; }",
    "!true == false",
    "[ 1 ] ++ [ 2 ] ++ [ ]",
    "{ a = 1; } // { a = 2; b = 3; } // { }",
    "{ a.b = 1; a.c = 2; }",
    "{ a = { b = 1; }; a.c = 2; }",
    "{ \"x y\" = 1; ${\"dyn\" + \"amic\"} = 2; ${null} = 3; }",
    // Strings.
    "\"--delete-older-than ${toString 14}d\"",
    "''\n    two\n      lines\n  ''",
    "''\n\tmixed\n  ${\"in\\n  side\"} ''${not} '''quoted''' ''\\n\n''",
    "\"\\${no} \\n \\t \\\" \\\\ $$ $${\\\"a\\\"}\"",
    "\"a\" + ''b'' + \"${\"c\"}\"",
    "toString [ 1 true false null \"x\" [ 2 3 ] 1.5 ]",
    // Scopes.
    "let a = b + 1; b = 2; in a",
    "let x = 1; in with { x = 2; y = 3; }; x + y",
    "with { a = 1; }; with { a = 2; }; a",
    "rec { a = 1; b = a + 1; c = { inherit a b; }; }",
    "let inherit (rec { p = 1; q = p; }) p q; in p + q",
    "let s = { a.b.c = 4; }; in [ s.a.b.c (s.a.x.y or 5) (s ? a.b) (s ? a.z) ]",
    "(x: y: x - y) 5 3",
    "({ a, b ? a + 1, ... }@all: a + b + all.c) { a = 1; c = 10; }",
    "({ a ? 1, b ? a }: b) { }",
    "let f = n: if n == 0 then [ ] else [ n ] ++ f (n - 1); in f 4",
    "let { body = x; x = 3; }",
    "assert 1 == 1; 2",
    // Builtins.
    "builtins.map (x: x * 2) [ 1 2 3 ]",
    "builtins.filter (x: x > 1) [ 1 2 3 ]",
    "builtins.attrNames { b = 1; a = 2; }",
    "builtins.attrValues { b = 1; a = 2; }",
    "builtins.mapAttrs (n: v: n + toString v) { a = 1; b = 2; }",
    "builtins.listToAttrs [ { name = \"a\"; value = 1; } { name = \"a\"; value = 2; } ]",
    "builtins.foldl' (a: b: a + b) 0 [ 1 2 3 ]",
    "builtins.genList (x: x * x) 4",
    "builtins.concatStringsSep \", \" [ \"a\" \"b\" ]",
    "builtins.replaceStrings [ \"a\" \"b\" ] [ \"b\" \"a\" ] \"abba\"",
    "builtins.substring 2 3 \"abcdefg\"",
    "builtins.stringLength \"hello\"",
    "builtins.sort (a: b: a < b) [ 3 1 2 ]",
    "builtins.elem 2 [ 1 2 ]",
    "builtins.concatLists [ [ 1 ] [ 2 3 ] ]",
    "builtins.concatMap (x: [ x x ]) [ 1 2 ]",
    "builtins.removeAttrs { a = 1; b = 2; } [ \"a\" \"z\" ]",
    "builtins.intersectAttrs { a = 1; } { a = 2; b = 3; }",
    "builtins.catAttrs \"a\" [ { a = 1; } { b = 2; } { a = 3; } ]",
    "builtins.partition (x: x > 1) [ 1 2 3 ]",
    "builtins.compareVersions \"2.31.2\" \"2.4\"",
    "builtins.splitVersion \"2.31.2pre\"",
    "builtins.fromJSON ''{\"a\": [1, 2.5, null, true]}''",
    "builtins.toJSON { a = [ 1 true null \"x\" ]; }",
    "builtins.isAttrs { } && builtins.isList [ ] && builtins.isString \"\" && builtins.isInt 1",
    "builtins.typeOf 1.5",
    "builtins.functionArgs ({ a, b ? 1 }: a)",
    "builtins.ceil 1.5 + builtins.floor 1.5",
    "builtins.bitAnd 12 10 + builtins.bitOr 12 10 + builtins.bitXor 12 10",
    "builtins.seq 1 2 + builtins.deepSeq [ 1 ] 3",
    "builtins.groupBy (x: if x > 1 then \"big\" else \"small\") [ 1 2 3 ]",
    "builtins.zipAttrsWith (n: vs: vs) [ { a = 1; } { a = 2; b = 3; } ]",
    // lib.
    "lib.optional true 1 ++ lib.optional false 2 ++ lib.optionals true [ 3 4 ]",
    "lib.optionalString false \"x\" + lib.optionalString true \"y\"",
    "lib.optionalAttrs true { a = 1; } // lib.optionalAttrs false { a = 2; }",
    "lib.concatMapStringsSep \" \" (x: x + \"!\") [ \"a\" \"b\" ]",
    "lib.unique [ 1 2 1 3 2 ]",
    "lib.flatten [ 1 [ 2 [ 3 ] ] ]",
    "lib.hasPrefix \"ab\" \"abc\" && lib.hasSuffix \"bc\" \"abc\" && lib.hasInfix \"b\" \"abc\"",
    "lib.removePrefix \"a\" \"abc\" + lib.removeSuffix \"c\" \"abc\"",
    "lib.mapAttrsToList (n: v: \"${n}=${toString v}\") { a = 1; b = 2; }",
    "lib.filterAttrs (n: v: v > 1) { a = 1; b = 2; }",
    "lib.genAttrs [ \"a\" \"b\" ] (n: n + n)",
    "lib.recursiveUpdate { a.b = 1; a.c = 2; } { a.b = 3; d = 4; }",
    // The left value is looked at first.
    "(builtins.tryEval (lib.recursiveUpdate { a = throw \"x\"; } { a = 1; }).a).success",
    "(lib.recursiveUpdate { a = 1; } { a = 2; b = throw \"x\"; }).a",
    "lib.attrByPath [ \"a\" \"b\" ] 0 { a.b = 1; }",
    "lib.setAttrByPath [ \"a\" \"b\" ] 1",
    "lib.max 1 2 + lib.min 1 2 + lib.mod 7 4",
    "lib.versionAtLeast \"2.31\" \"2.4\"",
    "lib.toLower \"ABC\"",
    "lib.foldr (a: b: a - b) 0 [ 5 3 1 ]",
    "lib.range 1 4",
    "lib.take 2 [ 1 2 3 ] ++ lib.drop 2 [ 1 2 3 ] ++ [ (lib.last [ 1 2 3 ]) ]",
    "lib.nameValuePair \"a\" 1",
    "lib.mapAttrs' (n: v: lib.nameValuePair (\"x\" + n) v) { a = 1; }",
    "lib.pipe 1 [ (x: x + 1) (x: x * 3) ]",
    "lib.imap0 (i: x: i + x) [ 10 20 ]",
    "lib.concatStrings [ \"a\" \"b\" ]",
    "lib.boolToString true",
];

/// Expressions that Nix refuses: there must be no value for them.
const REFUSED: &[&str] = &[
    "throw \"no\"",
    "assert false; 1",
    "let x = throw \"deep\"; in { a = [ x ]; }",
    "abort \"no\"",
    "1 + \"a\"",
    "{ }.a",
    "(x: x.y) { }",
    "({ a }: a) { b = 1; }",
    "[ 1 ] + [ 2 ]",
    "if 1 then 2 else 3",
    "let a = a; in a",
    "1 / 0",
    "builtins.head [ ]",
    "undefinedName",
    "\"a\" + 1",
    "toString { }",
];

/// What nixtune may or may not know; when it does, Nix says the same.
const OPTIONAL: &[&str] = &[
    "builtins.split \"-\" \"a-b-c\"",
    "builtins.match \"([^:]*):(.*)\" \"name:key\"",
    "(builtins.tryEval (throw \"x\")).success",
    "(builtins.tryEval [ (throw \"x\") ]).success",
    "builtins.hashString \"sha256\" \"x\"",
    "lib.splitString \".\" \"a.b.c\"",
    "lib.toInt \"12\"",
];

pub struct NoFiles;

impl Files for NoFiles {
    fn import(&self, path: &Path) -> Result<Arc<Ast>, Why> {
        Err(Why::Import(path.display().to_string().into()))
    }

    fn folder(&self, _: FileId) -> Option<PathBuf> {
        None
    }

    fn read(&self, path: &Path) -> Result<Arc<str>, Why> {
        Err(Why::Import(path.display().to_string().into()))
    }

    fn list(&self, path: &Path) -> Result<Vec<(String, &'static str)>, Why> {
        Err(Why::Import(path.display().to_string().into()))
    }

    fn exists(&self, path: &Path) -> Result<bool, Why> {
        Err(Why::Import(path.display().to_string().into()))
    }
}

/// What nixtune says about expressions with `lib` in scope. One evaluator for all: making `lib`
/// takes longer than most expressions.
pub fn evaluate<'e>(expressions: impl IntoIterator<Item = &'e str>) -> Vec<Traced> {
    evaluate_with(&NoFiles, expressions, &[])
}

/// The same with further arguments after `lib`, of which nothing is known.
pub fn evaluate_with<'e>(
    files: &dyn Files,
    expressions: impl IntoIterator<Item = &'e str>,
    unknown: &[&str],
) -> Vec<Traced> {
    let parameters: String = unknown.iter().map(|name| format!("{name}: ")).collect();
    let prelude = Prelude::default();
    let evaluator = Evaluator::new(files, &prelude);
    let one = |(id, expression): (u32, &str)| {
        let text = format!("lib: {parameters}{expression}");
        let file = SourceFile::new(FileId(id), "/x.nix", "x.nix", FileFormat::Nix, text);
        let parsed = nixtune::syntax::parse(&file);
        let ast = parsed
            .ast
            .unwrap_or_else(|| panic!("{expression}: {:?}", parsed.errors));
        evaluator.refuel();
        let function = evaluator.eval(&ast, ast.root(), &Env::default());
        let arguments = unknown
            .iter()
            .map(|name| Thunk::val(Val::Unknown(Why::Argument((*name).into()))));
        let result =
            evaluator.apply_all(&function, std::iter::once(evaluator.lib()).chain(arguments));
        evaluator.extract(&Thunk::done(result))
    };
    (0..).zip(expressions).map(one).collect()
}

/// Runs on the stack that the evaluator asks for.
pub fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(256 << 20)
            .spawn_scoped(scope, work)
            .unwrap()
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Nix's answers to all expressions, from few processes: one that fails is found by halving.
pub fn ask(oracle: &super::Oracle, expressions: &[String]) -> Vec<Result<Json, String>> {
    if expressions.is_empty() {
        return Vec::new();
    }
    let list: String = expressions
        .iter()
        .map(|expression| format!("  ({expression})\n"))
        .collect();
    let program = format!(
        "let inherit (import {}) lib; in [\n{list}]",
        library().display()
    );
    match oracle.eval(&program) {
        Ok(Json::Array(answers)) => answers.into_iter().map(Ok).collect(),
        Ok(other) => panic!("a list became {other}"),
        Err(error) if expressions.len() == 1 => vec![Err(error)],
        Err(_) => {
            let (first, second) = expressions.split_at(expressions.len() / 2);
            let mut answers = ask(oracle, first);
            answers.extend(ask(oracle, second));
            answers
        }
    }
}

/// Where nixtune and Nix differ; with `all`, also where nixtune has no value.
pub fn compare(expressions: &[String], all: bool) -> Vec<String> {
    compare_with(oracles(), expressions, all)
}

pub fn compare_with<'o>(
    oracles: impl IntoIterator<Item = &'o super::Oracle>,
    expressions: &[String],
    all: bool,
) -> Vec<String> {
    let ours = with_stack(|| evaluate(expressions.iter().map(String::as_str)));
    let mut wrong = Vec::new();
    for oracle in oracles {
        let real = ask(oracle, expressions);
        for ((expression, ours), real) in expressions.iter().zip(&ours).zip(&real) {
            if let Err(complaint) = judge(&ours.value, real, all) {
                wrong.push(format!(
                    "{expression}\n  {complaint}\n  Nix {}",
                    oracle.version
                ));
            }
        }
    }
    wrong
}

/// Whether what nixtune says fits what Nix says; with `all` it has to know.
pub fn judge(ours: &Value, real: &Result<Json, String>, all: bool) -> Result<(), String> {
    match (to_json(ours), real) {
        (Some(ours), Ok(real)) if same(&ours, real) => Ok(()),
        (Some(ours), Ok(real)) => Err(format!("nixtune: {ours}\n  Nix: {real}")),
        (Some(ours), Err(error)) => Err(format!("nixtune: {ours}\n  Nix fails: {error}")),
        (None, Ok(real)) if all => Err(format!("not known: {ours:?}\n  Nix: {real}")),
        (None, _) => Ok(()),
    }
}

/// Equality of JSON; old releases print six digits of a double, and `1` for `1.0`.
pub fn same(ours: &Json, real: &Json) -> bool {
    match (ours, real) {
        (Json::Number(a), Json::Number(b)) => match (a.as_f64(), b.as_f64()) {
            _ if a == b => true,
            (Some(x), Some(y)) if a.is_f64() => (x - y).abs() <= x.abs() * 1e-5,
            _ => false,
        },
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => ours == real,
    }
}

#[test]
fn the_plain_language_is_known_and_right() {
    let expressions: Vec<String> = EXPRESSIONS.iter().map(|text| (*text).to_owned()).collect();
    let wrong = compare(&expressions, true);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_escaped_line_break_starts_a_line_of_an_indented_string() {
    right(&[
        "''  \n  \ta\n   ''\\n ${\"\"}\n''",
        "''\n    a\n      ''\\n    b\n  ''",
        "''\n  \n    a\n\n   b\n''",
        "''  ''${x}\n    b''",
        "''a\n  ''",
        "''   ''",
        "''\n  $${a} $ 'x' ''' ''\\q\n''",
    ]);
}

#[test]
fn a_return_that_is_written_as_an_escape_stays() {
    right(&["\"a\\r\\nb\"", "''a''\\rb''"]);
}

#[test]
fn a_number_without_a_point_has_no_exponent() {
    let expression = ["let e3 = 5; in [ 1e3 ]".to_owned()];
    let wrong = compare(&expression, false);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_fold_is_as_lazy_in_its_start_as_its_function() {
    right(&["builtins.foldl' (a: b: b) (throw \"x\") [ 1 2 ]"]);
}

#[test]
fn strings_are_bytes_to_nix() {
    let expressions = [
        "builtins.toJSON (builtins.stringLength (builtins.replaceStrings [ \"\" ] [ \"-\" ] \"aé\"))",
        "builtins.substring 1 4294967297 \"abc\"",
    ];
    let wrong = compare(&expressions.map(str::to_owned), false);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn right(expressions: &[&str]) {
    let expressions: Vec<String> = expressions.iter().map(|text| (*text).to_owned()).collect();
    let wrong = compare(&expressions, true);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_known_beyond_the_plain_language_is_right() {
    let expressions: Vec<String> = OPTIONAL.iter().map(|text| (*text).to_owned()).collect();
    let wrong = compare(&expressions, false);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_nix_refuses_has_no_value() {
    with_stack(|| {
        for (expression, ours) in REFUSED.iter().zip(evaluate(REFUSED.iter().copied())) {
            assert_eq!(to_json(&ours.value), None, "{expression} gave {ours:?}");
        }
    });
    for oracle in oracles() {
        // Each failure ends a process, so this asks for few.
        for expression in REFUSED.iter().take(4) {
            assert!(oracle.eval(expression).is_err(), "{expression}");
        }
    }
}

#[test]
fn json_of_values_keeps_what_is_known() {
    assert_eq!(to_json(&Value::Int(3)), Some(json!(3)));
    assert_eq!(to_json(&Value::Unknown(Why::Cycle)), None);
    let list = Value::List(vec![
        Traced::bare(Value::Bool(true)),
        Traced::bare(Value::Unknown(Why::Limit)),
    ]);
    assert_eq!(to_json(&list), None);
}
