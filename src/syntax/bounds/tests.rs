//! Every shape that must be refused, and those that must not.

use super::*;
use proptest::prelude::*;
use rnix::WalkEvent;

const MANY: usize = 100_000;

/// The deepest level that the pass counts, without refusing anything.
fn counted_depth(text: &str) -> u32 {
    let mut scan = Scan::new(text);
    scan.levels.budget = u64::MAX;
    scan.levels.limit = u32::MAX;
    scan.run().unwrap();
    scan.levels.deepest
}

/// The deepest level of the parser's tree. Only for text that cannot overflow the stack.
fn real_depth(text: &str) -> u32 {
    let mut deepest = 0;
    let mut depth = 0;
    for event in rnix::Root::parse(text).syntax().preorder() {
        match event {
            WalkEvent::Enter(_) => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            WalkEvent::Leave(_) => depth -= 1,
        }
    }
    deepest
}

fn repeated(open: &str, middle: &str, close: &str) -> String {
    format!("{}{middle}{}", open.repeat(MANY), close.repeat(MANY))
}

#[test]
fn deep_and_endless_shapes_are_refused() {
    let shapes = [
        ("(", "1", ")"),
        ("[", "", "]"),
        ("[ 1 ", "", " 2 ]"),
        ("{a=", "1", ";}"),
        ("{", "", ""),
        ("\"${", "1", "}\""),
        ("\'\'${", "1", "}\'\'"),
        ("./a${", "1", "}"),
        ("{${", "a", "}=1;}"),
        ("let a=1;in ", "1", ""),
        ("let a=", "1", ";in 1"),
        ("let{body=", "1", ";}"),
        ("if a then b else ", "1", ""),
        ("if ", "a", " then b else c"),
        ("with a; ", "1", ""),
        ("assert a; ", "1", ""),
        ("x: ", "1", ""),
        ("{ x, ... }: ", "1", ""),
        ("-", "1", ""),
        ("- ", "1", ""),
        ("!", "a", ""),
        ("! ", "a", ""),
        ("a.b or ", "1", ""),
        ("[ a.b or ", "1", ""),
        ("b or ", "b", ""),
        ("x ", "x", ""),
        ("(x)", "", ""),
        ("1+", "1", ""),
        ("a.", "a", ""),
        ("[ 1 ] ++ ", "[]", ""),
        ("[]++", "[]", ""),
        ("\"a\" + ", "\"a\"", ""),
        ("{ } // ", "{}", ""),
        ("a -> ", "a", ""),
        ("a |> ", "a", ""),
        ("a <| ", "a", ""),
        ("a && ", "a", ""),
        ("a || ", "a", ""),
        ("a ? ", "b", ""),
        ("<", "", ""),
        ("<a/", "", ""),
        ("[ ( ] ", "", ""),
        ("\"${ [ } ", "", ""),
        ("[ if - then - else - ", "", ""),
        ("[ let - - ; ", "", ""),
        ("1 ++ x: with a; ", "1", ""),
        ("[ x: - ", "", ""),
    ];
    for (open, middle, close) in shapes {
        let text = repeated(open, middle, close);
        assert!(check(&text).is_err(), "{open}{middle}{close}");
    }
    assert!(check(&format!("{{ {}a = 1; }}", "a.".repeat(MANY))).is_err());
}

#[test]
fn the_error_names_the_place_where_it_is_too_much() {
    let error = check(&"[".repeat(MANY)).unwrap_err();
    assert_eq!(error.span, Span::new(MAX_DEPTH + 1, MAX_DEPTH + 2));
    assert!(error.message.contains("too deeply"), "{}", error.message);
}

#[test]
fn what_people_write_is_read() {
    let attributes: String = (0..400_000)
        .map(|n| format!("attr-{n} = \"value {n}\"; "))
        .collect();
    let names: String = (0..MANY).map(|n| format!("a{n} ")).collect();
    let formals: String = (0..MANY).map(|n| format!("a{n} ? 1, ")).collect();
    let lets: String = (0..MANY)
        .map(|n| format!("a{n} = f {n} // {{ inherit (x) y z; }};\n"))
        .collect();
    let sheltered = "(((([[[[{{{{ ---- !!!! a.a.a.a 1+1+1+1 ";
    for text in [
        format!("[ {}]", "1 ".repeat(200_000)),
        format!("[ {}]", "(f x) a.b.c \"s\" { a = 1; } ".repeat(50_000)),
        format!("{{ {attributes} }}"),
        format!("{{ inherit {names}; }}"),
        format!("{{ {formals} ... }}: 1"),
        format!("let {lets} in 1"),
        format!("\"{}\"", "abcd+/".repeat(2_000_000)),
        format!("{}[ ]", "[ 1 ] ++ ".repeat(5_000)),
        format!("{}[ ]", "[1]++".repeat(5_000)),
        format!("{}{{ }}", "{ a = 1; } // ".repeat(5_000)),
        format!("{}\"\"", "\"a\" + ".repeat(5_000)),
        format!("{}1", "if a then b + c + d else ".repeat(400)),
        format!("f {}", "(x y) ".repeat(2_000)),
        format!("# {}\n1", sheltered.repeat(50_000)),
        format!("/* {} */ 1", sheltered.repeat(50_000)),
        format!("\'\'{}\'\'", format!("{sheltered}\n").repeat(50_000)),
        format!("a{}", "b".repeat(1_000_000)),
        format!(
            "[ {} ]",
            "https://a.b/c-d?e=f ./a/b.nix <nixpkgs/lib> ".repeat(20_000)
        ),
    ] {
        let checked = check(&text);
        assert!(checked.is_ok(), "{:.60}: {checked:?}", text);
    }
}

#[test]
fn accepted_work_is_linear_in_the_size() {
    for unit in ["x ", "[]++", "a.", "1+", "!", "a.b or ", "[ ", "<"] {
        for length in [10, 100, 1_000, 5_000] {
            let text = unit.repeat(length);
            let mut scan = Scan::new(&text);
            if scan.run().is_ok() {
                assert!(scan.levels.cost <= BASE_BUDGET + BUDGET_PER_BYTE * text.len() as u64);
                assert!(scan.levels.deepest <= MAX_DEPTH);
            }
        }
    }
}

#[test]
fn bytes_that_nix_reads_differently_are_errors() {
    let error = check("{ a =\u{a0}1; }").unwrap_err();
    assert_eq!(error.span, Span::new(5, 7));
    assert!(error.message.contains("U+00A0"), "{}", error.message);
    assert_eq!(check("{ a =\u{c}1; }").unwrap_err().span, Span::new(5, 6));
    let error = check("{ a = 1; # c\r b = 2;\n}").unwrap_err();
    assert_eq!(error.span, Span::new(12, 13));
    assert!(error.message.contains("carriage return"));
    assert_eq!(check("{ a = \"x\0\"; }").unwrap_err().span, Span::new(8, 9));
    assert_eq!(check("{ a = \0; }").unwrap_err().span, Span::new(6, 7));
}

#[test]
fn the_same_bytes_are_fine_where_nix_takes_them() {
    for text in [
        "{ a = \"\u{a0}\u{c}\"; # \u{a0}\n }",
        "{\r\n  a = 1; # c\r\n}\r\n",
        "{ a = 1; # c\r",
        "{\ra = 1;\r}",
        "\'\'\u{a0} \'\'\'x\'\'",
        "/* \u{a0} \r */ 1",
    ] {
        assert_eq!(check(text), Ok(()), "{text:?}");
    }
}

#[test]
fn chains_and_nesting_count_as_the_parser_nests_them() {
    for (text, counted) in [
        ("a ++ b ++ c", 2),
        ("f x y z", 3),
        ("[ a b c (d e) ]", 3),
        ("[ [ 1 ] [ 2 ] ]", 2),
        ("a.b.c.d", 0),
        ("{ a = 1; b = 2; }", 1),
        ("{ inherit a b c; inherit (x) d e f; }", 2),
        ("let a = 1 + 1; b = 2; in c", 3),
        ("with a; with b; c", 3),
        ("if a then b else c", 2),
    ] {
        assert_eq!(counted_depth(text), counted, "{text}");
    }
}

proptest! {
    // Whatever the tokens, the parser's tree is no deeper than what the pass counts: a
    // binding, an interpolation or a pattern entry puts two nodes on one level.
    #[test]
    fn the_count_is_never_below_the_tree(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "(", ")", "[", "]", "{", "}", "\"", "\'\'", "${", "let ", " in ", "if ", " then ",
            " else ", "with ", "assert ", "inherit ", "rec ", ";", ":", ",", "@", "?", ".",
            "=", "+", "++", "-", "!", "//", "->", "|>", "<|", "<", "or ", " ", "a", "x: ",
            "1", "./a", "a.b or ", "...", "/* c */", "# c\n", "\\", "\'",
        ]), 0..200)
    ) {
        let text = tokens.concat();
        prop_assert!(real_depth(&text) <= 2 * counted_depth(&text) + 8, "{text}");
    }
}

#[test]
fn deep_trees_are_safe_on_the_large_stack() {
    let text = format!("{}[ ]", "[ 1 ] ++ ".repeat(5_000));
    let depth = on_large_stack(|| real_depth(&text));
    assert!(depth > 5_000);
}

#[test]
#[should_panic(expected = "as it should")]
fn a_panic_on_the_large_stack_is_a_panic_here() {
    on_large_stack(|| panic!("as it should"));
}
