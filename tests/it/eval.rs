//! What the evaluator does beyond Nix: unknown parts, the places of values, bounds.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nixtune::eval::runtime::{Env, Thunk};
use nixtune::eval::{Evaluator, Files, Prelude, Traced, Value, Why};
use nixtune::syntax::{self, ast::Ast};
use nixtune::text::{FileFormat, FileId, SourceFile};

/// No other files.
struct Alone;

impl Files for Alone {
    fn import(&self, path: &Path) -> Result<Arc<Ast>, Why> {
        Err(Why::Import(path.to_string_lossy().into()))
    }
    fn folder(&self, _: FileId) -> Option<PathBuf> {
        Some(PathBuf::from("/tree"))
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

/// What nixtune makes of an expression; `lib` and `unknown` are in scope.
fn evaluate(expression: &str) -> Traced {
    let text = format!("{{ lib, unknown }}:\n{expression}\n");
    let expression = expression.to_owned();
    std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(move || {
            let source = SourceFile::new(FileId(0), "case.nix", "case.nix", FileFormat::Nix, text);
            let parsed = syntax::parse(&source);
            let ast = parsed
                .ast
                .unwrap_or_else(|| panic!("{expression}: {:?}", parsed.errors));
            let prelude = Prelude::default();
            let evaluator = Evaluator::new(&Alone, &prelude);
            let function = evaluator.eval(&ast, ast.root(), &Env::default());
            let arguments = {
                use nixtune::eval::runtime::{Attr, AttrMap, Val};
                let unknown = Val::Unknown(Why::Argument("unknown".into()));
                let map = [
                    ("lib".into(), Attr::computed(evaluator.lib())),
                    ("unknown".into(), Attr::computed(Thunk::val(unknown))),
                ];
                Thunk::val(Val::Attrs(std::rc::Rc::new(AttrMap {
                    map: map.into(),
                    open: None,
                })))
            };
            let result = evaluator.apply(&function, arguments);
            evaluator.extract(&Thunk::done(result))
        })
        .unwrap()
        .join()
        .unwrap()
}

#[test]
fn an_unknown_part_spoils_only_what_needs_it() {
    for case in [
        "{ a = 1; b = unknown; }.a",
        "({ a, b }: a) { a = 1; b = unknown; }",
        "builtins.head [ 1 unknown ]",
        "let a = unknown; in 1",
    ] {
        assert_eq!(evaluate(case).value, Value::Int(1), "{case}");
    }
    let Value::List(items) = evaluate("[ 1 ] ++ unknown ++ [ 2 ]").value else {
        panic!("a list with an unknown part is a list")
    };
    assert_eq!(
        items
            .iter()
            .filter(|item| item.value.is_fully_known())
            .count(),
        2
    );
    assert!(items.iter().any(|item| !item.value.is_fully_known()));
    // Lists with a gap have no known length.
    let length = evaluate("builtins.length ([ 1 ] ++ unknown)").value;
    assert!(matches!(length, Value::Unknown(_)), "{length:?}");
    assert_eq!(evaluate("false && unknown").value, Value::Bool(false));
    assert_eq!(evaluate("unknown && false").value, Value::Bool(false));
    assert_eq!(evaluate("unknown || true").value, Value::Bool(true));
    assert!(matches!(
        evaluate("unknown || false").value,
        Value::Unknown(_)
    ));
    let Value::OneOf(branches) = evaluate("if unknown then 1 else 2").value else {
        panic!("an undecided branch is one of two")
    };
    assert_eq!(branches.len(), 2);
    let sum = evaluate("(if unknown then 1 else 2) + 10").value;
    assert!(
        matches!(sum, Value::OneOf(ref both) if both.len() == 2),
        "{sum:?}"
    );
    // What an unknown set may replace is not known for sure.
    let replaced = evaluate("({ a = 1; } // unknown).a").value;
    assert!(!replaced.is_fully_known(), "{replaced:?}");
    assert_eq!(evaluate("(unknown // { a = 1; }).a").value, Value::Int(1));
}

#[test]
fn a_failure_is_not_an_unknown_part() {
    let failing = |case: &str| match evaluate(case).value {
        Value::Unknown(Why::Failure(_) | Why::Thrown(_)) => {}
        other => panic!("{case}: {other:?}"),
    };
    for case in [
        "builtins.seq (throw \"x\") 1",
        "builtins.any (x: x) [ (throw \"x\") true ]",
        "[ 1 1 ] == [ 1 (throw \"x\") ]",
        "unknown + throw \"x\"",
        "({ a }: 1) (throw \"x\")",
        "{ ${throw \"x\"} = 1; a = 2; }.a",
        "builtins.concatLists [ [ 1 ] (throw \"x\") ]",
    ] {
        failing(case);
    }
    assert_eq!(
        evaluate("(builtins.tryEval (throw \"x\")).success").value,
        Value::Bool(false)
    );
    failing("(builtins.tryEval (abort \"x\")).success");
    failing("(builtins.tryEval ({ }.a)).success");
    // One alternative that fails does not take the other with it.
    let Value::OneOf(both) = evaluate("\"a${if unknown then \"b\" else throw \"x\"}\"").value
    else {
        panic!("a text or a failure")
    };
    assert_eq!(both[0].value, Value::Str("ab".into()));
}

#[test]
fn what_was_taken_for_granted_may_fail() {
    for case in [
        "(builtins.tryEval (assert unknown; 1)).success",
        "(builtins.tryEval (builtins.seq unknown 1)).success",
        "(builtins.tryEval (unknown && false)).success",
        "let x = assert unknown; 1; in builtins.seq x (builtins.tryEval x).success",
    ] {
        let value = evaluate(case).value;
        assert!(!value.is_fully_known(), "{case}: {value:?}");
    }
    // Outside of `tryEval` there is a value only if all is well.
    assert_eq!(evaluate("assert unknown; 1").value, Value::Int(1));
    assert_eq!(evaluate("builtins.seq unknown 1").value, Value::Int(1));
}

#[test]
fn alternatives_are_followed_one_by_one() {
    let cases = [
        ("(if unknown then 1 else 2) > 0", Value::Bool(true)),
        (
            "if (if unknown then 1 else 2) > 0 then 3 else 4",
            Value::Int(3),
        ),
        (
            "builtins.typeOf (if unknown then 1 else 2)",
            Value::Str("int".into()),
        ),
        ("[ unknown 1 ] == [ 2 3 ]", Value::Bool(false)),
        (
            "(if unknown then true else true) && true",
            Value::Bool(true),
        ),
    ];
    for (case, value) in cases {
        assert_eq!(evaluate(case).value, value, "{case}");
    }
    // What only some alternatives have falls back for the others.
    let Value::OneOf(both) = evaluate("(if unknown then { a = 1; } else { }).a or 2").value else {
        panic!("one of two")
    };
    assert_eq!(both.len(), 2);
    // After a name that is not known, the first of equal names is not sure.
    let value = evaluate(
        "(builtins.listToAttrs [ { name = unknown; value = 1; } { name = \"a\"; value = 2; } ]).a",
    )
    .value;
    assert!(!value.is_fully_known(), "{value:?}");
    let value = evaluate(
        "(builtins.zipAttrsWith (n: builtins.length) [ { a = 1; } (unknown // { b = 2; }) ]).a",
    )
    .value;
    assert!(!value.is_fully_known(), "{value:?}");
}

#[test]
fn values_know_where_they_are_written_and_used() {
    let text = |place: Option<nixtune::text::Place>, case: &str| {
        let whole = format!("{{ lib, unknown }}:\n{case}\n");
        whole[place.unwrap().span.range()].to_owned()
    };
    let case = "let n = 8; in { a = n; b = lib.mkForce (n + 1); c = 4; }";
    let value = evaluate(case).value;
    let attrs = value.as_attrs().unwrap();
    let a = &attrs["a"];
    assert_eq!(
        (text(a.origin, case), text(a.site, case)),
        ("8".into(), "n".into())
    );
    assert!(!a.is_literal_in_place());
    assert!(attrs["c"].is_literal_in_place());
    let b = attrs["b"].value.as_attrs().unwrap();
    assert_eq!(text(b["content"].site, case), "(n + 1)");
    let case = "let k = \"x\"; in [ k \"y\" ] ++ lib.optional true \"z\"";
    let value = evaluate(case).value;
    let sites: Vec<_> = value
        .as_list()
        .unwrap()
        .iter()
        .map(|item| text(item.site, case))
        .collect();
    assert_eq!(sites, ["k", "\"y\"", "\"z\""]);
}

#[test]
fn runaway_evaluation_ends() {
    for case in [
        "let f = x: f (x + 1); in f 0",
        "let f = x: [ (f x) (f x) ]; in f 0",
        "let x = { a = x; }; in x",
        "let f = n: if unknown then f (n + 1) else f (n + 2); in f 0",
        "builtins.foldl' (x: n: x ++ x) [ 1 ] (builtins.genList (n: n) 50)",
        "builtins.foldl' (x: n: \"${x}${x}\") \"x\" (builtins.genList (n: n) 50)",
        "builtins.foldl' (x: n: x + x) \"x\" (builtins.genList (n: n) 50)",
        "builtins.foldl' (x: n: toString [ x x ]) \"x\" (builtins.genList (n: n) 50)",
        "builtins.foldl' (x: n: builtins.replaceStrings [ \"\" ] [ x ] x) \"x\" [ 1 2 3 4 5 6 ]",
        "builtins.genList (n: n) 1000000000",
    ] {
        let value = evaluate(case).value;
        assert!(!value.is_fully_known(), "{case}");
    }
}

#[test]
fn what_lib_lacks_is_unknown_not_missing() {
    for case in [
        "lib.nothingOfThatName or 1",
        "lib ? nothingOfThatName",
        "lib.strings.nothingOfThatName or 1",
        "with lib; nothingOfThatName",
        "lib.evalModules { modules = [ ]; }",
        "lib.version",
        "(lib.systems.elaborate \"riscv64-linux\").isLinux",
    ] {
        let value = evaluate(case).value;
        assert!(matches!(value, Value::Unknown(_)), "{case}: {value:?}");
    }
    let own = evaluate("(lib.extend (final: prev: { version = final.toUpper \"a\"; })).version");
    assert_eq!(own.value, Value::Str("A".into()));
}

#[test]
fn sets_laid_over_each_other_again_and_again_end() {
    let case =
        "(lib.foldl' (all: n: all // { \"x${toString n}\" = n; }) { } (lib.range 1 40000)).x2";
    assert_eq!(evaluate(case).value, Value::Unknown(Why::Limit));
    let case =
        "(lib.foldl' (all: n: all // { \"x${toString n}\" = n; }) { } (lib.range 1 2000)).x2";
    assert_eq!(evaluate(case).value, Value::Int(2));
}
