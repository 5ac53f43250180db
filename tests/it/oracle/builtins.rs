//! Every builtin: that nixtune knows it, and that it does what Nix does.

use std::collections::BTreeSet;

use super::eval::{compare, compare_with};
use super::oracles;

/// Builtins with arguments of the kinds that they are for, and their corners.
const CALLS: &[&str] = &[
    r#"__add 1 2.5"#,
    r#"builtins.add 1 2"#,
    r#"builtins.sub 1 2.5"#,
    r#"builtins.mul 3 4"#,
    r#"builtins.div (-7) 2"#,
    r#"builtins.div 7 2.0"#,
    r#"builtins.bitXor (-1) 5"#,
    r#"builtins.lessThan "a" "b""#,
    r#"builtins.lessThan [ 1 2 ] [ 1 ]"#,
    r#"builtins.ceil (-1.5)"#,
    r#"builtins.floor (-1.5)"#,
    r#"builtins.ceil 3"#,
    r#"builtins.langVersion"#,
    r#"builtins.typeOf (x: x)"#,
    r#"builtins.typeOf builtins.map"#,
    r#"map builtins.isFunction [ (x: x) map { __functor = self: x: x; } 1 ]"#,
    r#"__add 1 (__head [ 2 ])"#,
    r#"__length [ 1 ] + __stringLength "ab""#,
    r#"builtins ? builtins && builtins.builtins ? map"#,
    r#"builtins.attrNames (builtins.intersectAttrs { a = 1; c = 2; } { a = 3; b = 4; })"#,
    r#"builtins.hasAttr "a" { a = throw "x"; }"#,
    r#"builtins.getAttr "a" { a = 1; b = throw "x"; }"#,
    r#"builtins.attrValues { b = 1; a = 2; "c-d" = 3; }"#,
    r#"builtins.all (x: x > 0) [ 1 2 ] && !(builtins.any (x: x > 2) [ 1 2 ])"#,
    r#"builtins.all (x: throw "x") [ ]"#,
    r#"builtins.elemAt [ 1 2 3 ] 1"#,
    r#"builtins.head [ 1 (throw "x") ]"#,
    r#"builtins.tail [ (throw "x") 2 3 ]"#,
    r#"builtins.length [ (throw "a") (throw "b") ]"#,
    r#"builtins.sort (a: b: a.k < b.k) [ { k = 2; v = 1; } { k = 1; v = 2; } { k = 2; v = 3; } { k = 1; v = 4; } ]"#,
    r#"builtins.sort builtins.lessThan [ 3 1.5 2 (-1) ]"#,
    r#"builtins.sort builtins.lessThan [ "b" "a" "B" "" "ab" ]"#,
    r#"builtins.sort builtins.lessThan [ [ 2 ] [ 1 2 ] [ 1 ] ]"#,
    r#"builtins.foldl' (a: b: a + b) "" [ "x" "y" ]"#,
    r#"builtins.concatMap (x: if x > 1 then [ x ] else [ ]) [ 1 2 3 ]"#,
    r#"builtins.genericClosure { startSet = [ { key = 1; } { key = 2; } ]; operator = x: if x.key < 6 then [ { key = x.key * 2; } { key = 3; } ] else [ ]; }"#,
    r#"builtins.genericClosure { startSet = [ ]; operator = x: throw "x"; }"#,
    r#"builtins.groupBy toString [ 1 2 1 ]"#,
    r#"builtins.partition (x: x > 1) [ 3 1 2 ]"#,
    r#"builtins.zipAttrsWith (n: vs: { inherit n vs; }) [ { a = 1; b = 2; } { b = 3; c = 4; } ]"#,
    r#"builtins.listToAttrs [ { name = "a"; value = 1; } { name = "a"; value = throw "x"; } ]"#,
    r#"builtins.catAttrs "a" [ { a = 1; } { } { a = 2; b = throw "x"; } ]"#,
    r#"builtins.functionArgs ({ a, b ? throw "x", ... }@c: a)"#,
    r#"builtins.functionArgs (x: x)"#,
    r#"builtins.functionArgs builtins.map"#,
    r#"builtins.removeAttrs { a = 1; b = throw "x"; } [ "b" ]"#,
    r#"builtins.mapAttrs (n: v: if n == "a" then 1 else v) { a = throw "x"; b = 2; }"#,
    r#"builtins.stringLength "é""#,
    r#"builtins.stringLength { outPath = "abc"; }"#,
    r#"builtins.substring 1 (-1) "abc""#,
    r#"builtins.substring 5 2 "abc""#,
    r#"builtins.substring 1 0 "abc""#,
    r#"builtins.substring 0 9223372036854775807 "abc""#,
    r#"builtins.replaceStrings [ "" ] [ "-" ] "abc""#,
    r#"builtins.replaceStrings [ "a" "" ] [ "x" "-" ] "abca""#,
    r#"builtins.replaceStrings [ "ab" "a" ] [ "1" "2" ] "abaab""#,
    r#"builtins.replaceStrings [ "" "a" ] [ "-" "x" ] """#,
    r#"builtins.concatStringsSep "," [ "a" { outPath = "b"; } { __toString = self: self.x; x = "c"; } ]"#,
    r#"builtins.toString { __toString = self: "v"; }"#,
    r#"builtins.toString { outPath = "o"; }"#,
    r#"toString [ ]"#,
    r#"toString [ [ ] 1 [ ] [ 2 [ ] ] ]"#,
    r#"toString (-0.0)"#,
    r#"toString 1.5"#,
    r#"toString 1e10"#,
    r#"toString 0.1"#,
    r#"toString 1e-7"#,
    r#"toString true + toString false + toString null"#,
    r#""${{ outPath = "x"; }}""#,
    r#""${{ __toString = self: "y"; }}""#,
    r#"{ __toString = self: "x"; } + "b""#,
    r#"builtins.toJSON { a = 1; b = [ true null "x\n\"\\" ]; "c d" = { }; }"#,
    r#"builtins.toJSON 1.5"#,
    r#"builtins.toJSON { outPath = "x"; a = throw "y"; }"#,
    r#"builtins.toJSON { __toString = self: "z"; a = throw "y"; }"#,
    r#"builtins.toJSON "é\t\r""#,
    r#"builtins.fromJSON "{\"a\": 1, \"a\": 2}""#,
    r#"builtins.fromJSON "[1, -2, 3.5, 1e2, 0.1, \"\\u00e9\\n\", null, true, {}, []]""#,
    r#"builtins.fromJSON "1""#,
    r#"builtins.fromJSON "\"x\"""#,
    r#"builtins.fromTOML "a = 1\nb = 1.5\nc = \"x\"\nd = [1, 2]\n[e.f]\ng = true\n[[h]]\ni = 1\n[[h]]\ni = 2""#,
    r#"builtins.fromTOML """#,
    r#"fromTOML "a.b = 'x'""#,
    r#"builtins.toXML { a = 1; b = [ true null "x<y>\n" ]; }"#,
    r#"builtins.toXML (x: x)"#,
    r#"builtins.toXML ({ b, a ? 1, ... }@c: a)"#,
    r#"builtins.toXML ({ b, a ? 1 }: a)"#,
    r#"builtins.hashString "md5" "abc""#,
    r#"builtins.hashString "sha1" "abc""#,
    r#"builtins.hashString "sha256" "abc""#,
    r#"builtins.hashString "sha512" """#,
    r#"builtins.placeholder "out""#,
    r#"placeholder "dev""#,
    r#"builtins.compareVersions "1.0" "1.0.1""#,
    r#"builtins.compareVersions "1.0pre1" "1.0""#,
    r#"builtins.compareVersions "20240101123456" "20230101123456""#,
    r#"builtins.compareVersions "20240101123456" "3""#,
    r#"builtins.compareVersions "" "1""#,
    r#"builtins.compareVersions "a" "b""#,
    r#"builtins.compareVersions "1.a" "1.1""#,
    r#"builtins.splitVersion "1.2.3-pre4a""#,
    r#"builtins.splitVersion """#,
    r#"builtins.parseDrvName "nix-js-0.12pre-4""#,
    r#"builtins.parseDrvName "a-b""#,
    r#"builtins.parseDrvName "a-""#,
    r#"builtins.parseDrvName "a--1""#,
    r#"builtins.tryEval (throw "x")"#,
    r#"builtins.tryEval (assert false; 1)"#,
    r#"builtins.tryEval 1"#,
    r#"(builtins.tryEval [ (throw "x") ]).success"#,
    r#"builtins.tryEval (builtins.deepSeq [ (throw "x") ] 1)"#,
    r#"builtins.tryEval (builtins.seq [ (throw "x") ] 1)"#,
    r#"(builtins.tryEval (let x = throw "x"; in if x then 1 else 2)).success"#,
    r#"builtins.trace "x" 1"#,
    r#"builtins.seq { a = throw "x"; } 1"#,
    r#"builtins.addErrorContext "x" 1"#,
    r#"builtins.baseNameOf "/a/b/""#,
    r#"builtins.baseNameOf "a""#,
    r#"builtins.baseNameOf "/""#,
    r#"builtins.baseNameOf """#,
    r#"builtins.baseNameOf /a/b"#,
    r#"builtins.dirOf "/a/b""#,
    r#"builtins.dirOf "a""#,
    r#"builtins.dirOf "/a""#,
    r#"builtins.dirOf "a//b""#,
    r#"toString (builtins.dirOf /a/b)"#,
    r#"builtins.toPath "/a/../b/./c""#,
    r#"builtins.hasContext "x""#,
    r#"builtins.getContext "x""#,
    r#"builtins.appendContext "x" { }"#,
    r#"builtins.unsafeDiscardStringContext "x""#,
    r#"builtins.unsafeDiscardOutputDependency "x""#,
    r#"builtins.match "a*" "aaa""#,
    r#"builtins.match "a" "ab""#,
    r#"builtins.match "(a|b)*" "abab""#,
    r#"builtins.match "((a)|b)*" "ab""#,
    r#"builtins.match "(a)?b" "b""#,
    r#"builtins.match "([^:]*):(.*)" "a:b:c""#,
    r#"builtins.match ".*" "a\nb""#,
    r#"builtins.match "(a|ab)(c|bcd)(d*)" "abcd""#,
    r#"builtins.match "[[:alpha:]]+[[:digit:]]{2,3}" "abc123""#,
    r#"builtins.match "[]a]+" "]a""#,
    r#"builtins.match "[^]a]+" "bc""#,
    r#"builtins.match "[a-]+" "a-""#,
    r#"builtins.match "[a\\]+" "a\\""#,
    r#"builtins.match "a{2}" "aa""#,
    r#"builtins.match "(a{1,2}){2}" "aaa""#,
    r#"builtins.match "a|b|" """#,
    r#"builtins.match "()" """#,
    r#"builtins.match "^a$" "a""#,
    r#"builtins.match "a\\.b" "a.b""#,
    r#"builtins.match "x\\(y\\)" "x(y)""#,
    r#"builtins.match "[[:space:]]*([^[:space:]]+)[[:space:]]*" "  ab \n""#,
    r#"builtins.match "a}" "a}""#,
    r#"builtins.match "a]" "a]""#,
    r#"builtins.match "a+?" "aa""#,
    r#"builtins.split "(a)b" "abc""#,
    r#"builtins.split "([ac])" "abc""#,
    r#"builtins.split "(a)|(c)" "abc""#,
    r#"builtins.split "([[:upper:]]+)" " FOO ""#,
    r#"builtins.split "," "a,b,,c,""#,
    r#"builtins.split "," """#,
    r#"builtins.split "" "abc""#,
    r#"builtins.split "x*" "axb""#,
    r#"builtins.split "a?(ab)?" "ab""#,
    r#"builtins.split "a|ab" "abab""#,
    r#"builtins.split "^a" "aab""#,
    r#"builtins.split "b$" "bab""#,
    r#"builtins.split "(x|y)+" "axyb""#,
    r#"builtins.split "\n" "a\nb""#,
    r#"builtins.split "[.]" "a.b.c""#,
    r#"builtins.split "é" "aéb""#,
];

/// The same for those that older releases lack.
const MODERN_CALLS: &[&str] = &[
    r#"builtins.convertHash { hash = "900150983cd24fb0d6963f7d28e17f72"; hashAlgo = "md5"; toHashFormat = "nix32"; }"#,
    r#"builtins.convertHash { hash = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="; toHashFormat = "base16"; }"#,
    r#"builtins.convertHash { hash = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="; toHashFormat = "base32"; }"#,
    r#"builtins.convertHash { hash = "sha256:1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s"; toHashFormat = "sri"; }"#,
    r#"builtins.convertHash { hash = "a9993e364706816aba3e25717850c26c9cd0d89d"; hashAlgo = "sha1"; toHashFormat = "base64"; }"#,
    r#"builtins.traceVerbose "x" 1"#,
    r#"builtins.warn "x" 1"#,
    r#"builtins.break 1"#,
];

fn owned(expressions: &[&str]) -> Vec<String> {
    expressions.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn builtins_do_what_they_do_in_nix() {
    let wrong = compare(&owned(CALLS), true);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let modern = oracles().iter().filter(|oracle| oracle.is_modern());
    let wrong = compare_with(modern, &owned(MODERN_CALLS), true);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_builtin_of_nix_is_computed_or_has_a_reason_not_to_be() {
    let known = nixtune::eval::builtins();
    let names: BTreeSet<&str> = known.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), known.len(), "a builtin is listed twice");
    for (name, reason) in &known {
        assert!(reason.is_none_or(|reason| !reason.is_empty()), "{name}");
    }
    for oracle in oracles() {
        let real = oracle.eval("builtins.attrNames builtins").unwrap();
        let missing: Vec<&str> = real
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .filter(|name| !names.contains(name))
            .collect();
        assert!(missing.is_empty(), "{}: {missing:?}", oracle.version);
    }
}
