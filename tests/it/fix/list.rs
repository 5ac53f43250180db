//! Elements of lists and words of strings.

use super::*;

const OPTION: &str = "nix.settings.substituters";
const FEATURES: &str = "nix.settings.experimental-features";

#[test]
fn elements_are_added_at_the_end() {
    for (before, after) in [
        (
            "{\n  nix.settings.substituters = [\n    \"a\" # first\n    # last\n  ];\n}\n",
            "{\n  nix.settings.substituters = [\n    \"a\" # first\n    \"z\"\n    # last\n  ];\n}\n",
        ),
        (
            "{\n  nix.settings.substituters = [ \"a\" ];\n}\n",
            "{\n  nix.settings.substituters = [\n    \"a\"\n    \"z\"\n  ];\n}\n",
        ),
        (
            "{\n  nix.settings.substituters = [ \"a\" \"b\" ];\n}\n",
            "{\n  nix.settings.substituters = [ \"a\" \"b\" \"z\" ];\n}\n",
        ),
        (
            "{\n  nix.settings.substituters = [ ];\n}\n",
            "{\n  nix.settings.substituters = [ \"z\" ];\n}\n",
        ),
        (
            "{\n  nix.settings.substituters = [\n    # none\n  ];\n}\n",
            "{\n  nix.settings.substituters = [\n    # none\n    \"z\"\n  ];\n}\n",
        ),
        (
            "{ lib, ... }:\n{\n  nix.settings.substituters = lib.mkForce [\n    \"a\"\n    \"b\"\n  ];\n}\n",
            "{ lib, ... }:\n{\n  nix.settings.substituters = lib.mkForce [\n    \"a\"\n    \"b\"\n    \"z\"\n  ];\n}\n",
        ),
        (
            "let\n  x = [ \"b\" ];\nin\n{\n  nix.settings.substituters = [ \"a\" ] ++ x;\n}\n",
            "let\n  x = [ \"b\" ];\nin\n{\n  nix.settings.substituters = [ \"a\" ] ++ x ++ [ \"z\" ];\n}\n",
        ),
        (
            "let\n  x = [ \"b\" ];\nin\n{\n  nix.settings.substituters = [\n    \"a\"\n  ]\n  ++ x;\n}\n",
            "let\n  x = [ \"b\" ];\nin\n{\n  nix.settings.substituters = [\n    \"a\"\n    \"z\"\n  ]\n  ++ x;\n}\n",
        ),
        (
            "let\n  x = [ \"b\" ];\nin\n{\n  nix.settings.substituters = x ++ [ \"a\" ];\n}\n",
            "let\n  x = [ \"b\" ];\nin\n{\n  nix.settings.substituters = x ++ [\n    \"a\"\n    \"z\"\n  ];\n}\n",
        ),
        (
            "let\n  x = [ \"b\" ];\nin\n{\n  nix.settings.substituters = x;\n  nix.settings.trusted-substituters = x;\n}\n",
            "let\n  x = [ \"b\" ];\nin\n{\n  nix.settings.substituters = x ++ [ \"z\" ];\n  nix.settings.trusted-substituters = x;\n}\n",
        ),
        (
            "let\n  x = [ \"b\" ];\nin\n{ lib, ... }:\n{\n  nix.settings.substituters = lib.mkForce x;\n  other = x;\n}\n",
            "let\n  x = [ \"b\" ];\nin\n{ lib, ... }:\n{\n  nix.settings.substituters = lib.mkForce (x ++ [ \"z\" ]);\n  other = x;\n}\n",
        ),
        (
            "let\n  substituters = [ \"b\" ];\nin\n{\n  nix.settings = {\n    inherit substituters;\n  };\n  other = substituters;\n}\n",
            "let\n  substituters = [ \"b\" ];\nin\n{\n  nix.settings = {\n    substituters = substituters ++ [ \"z\" ];\n  };\n  other = substituters;\n}\n",
        ),
    ] {
        case(before, &list_add(OPTION, &["z"]), after);
    }
}

#[test]
fn words_are_added_to_strings() {
    case(
        "{ nix.settings.experimental-features = \"nix-command\"; }\n",
        &list_add(FEATURES, &["flakes", "x"]),
        "{ nix.settings.experimental-features = \"nix-command flakes x\"; }\n",
    );
    case(
        "{ nix.settings.experimental-features = \"\"; }\n",
        &list_add(FEATURES, &["flakes"]),
        "{ nix.settings.experimental-features = \"flakes\"; }\n",
    );
    case(
        "{\n  nix.settings.experimental-features = ''\n    nix-command\n    ca-derivations\n  '';\n}\n",
        &list_add(FEATURES, &["flakes"]),
        "{\n  nix.settings.experimental-features = ''\n    nix-command\n    ca-derivations\n    flakes\n  '';\n}\n",
    );
}

#[test]
fn elements_are_taken_out() {
    for (before, after) in [
        (
            "{\n  nix.settings.substituters = [\n    \"a\"\n    # why\n    \"z\" # behind\n    \"c\"\n  ];\n}\n",
            "{\n  nix.settings.substituters = [\n    \"a\"\n    # why\n    # behind\n    \"c\"\n  ];\n}\n",
        ),
        (
            "{\n  nix.settings.substituters = [ \"a\" \"z\" ];\n}\n",
            "{\n  nix.settings.substituters = [ \"a\" ];\n}\n",
        ),
        (
            "{\n  nix.settings.substituters = [ \"z\" \"b\" ];\n}\n",
            "{\n  nix.settings.substituters = [ \"b\" ];\n}\n",
        ),
        (
            "{\n  nix.settings.substituters = [\"a\" \"z\"];\n}\n",
            "{\n  nix.settings.substituters = [\"a\"];\n}\n",
        ),
        (
            "{\n  nix.settings.substituters = [\n    \"z\"\n  ];\n}\n",
            "{\n  nix.settings.substituters = [ ];\n}\n",
        ),
        (
            "{\n  nix.settings.substituters = [\n    \"z\" # c\n  ];\n}\n",
            "{\n  nix.settings.substituters = [\n    # c\n  ];\n}\n",
        ),
        (
            "let\n  x = [ ];\nin\n{\n  nix.settings.substituters = x ++ [\n    \"a\"\n\n    \"z\"\n\n    \"b\"\n  ];\n}\n",
            "let\n  x = [ ];\nin\n{\n  nix.settings.substituters = x ++ [\n    \"a\"\n\n    \"b\"\n  ];\n}\n",
        ),
    ] {
        case(before, &list_remove(OPTION, &["\"z\""]), after);
    }
    case(
        "{\n  nix.settings.substituters = [ \"x\" \"y\" \"z\" ];\n}\n",
        &list_remove(OPTION, &["\"y\"", "\"z\""]),
        "{\n  nix.settings.substituters = [ \"x\" ];\n}\n",
    );
    case(
        "{\n  nix.settings.substituters = [ \"x\" \"y\" ];\n}\n",
        &list_remove(OPTION, &["\"x\"", "\"y\""]),
        "{\n  nix.settings.substituters = [ ];\n}\n",
    );
}

#[test]
fn words_are_taken_out_of_strings() {
    for (before, after) in [
        (
            "\"nix-command repl-flake flakes\"",
            "\"nix-command flakes\"",
        ),
        ("\"repl-flake flakes\"", "\"flakes\""),
        ("\"flakes  repl-flake\"", "\"flakes\""),
        ("\"repl-flake\"", "\"\""),
        (
            "''\n    nix-command\n    repl-flake\n    flakes\n  ''",
            "''\n    nix-command\n    flakes\n  ''",
        ),
    ] {
        let file =
            |value: &str| format!("{{\n  nix.settings.experimental-features = {value};\n}}\n");
        case(
            &file(before),
            &list_remove(FEATURES, &["repl-flake"]),
            &file(after),
        );
    }
}

#[test]
fn elements_and_words_are_replaced() {
    case(
        "{\n  nix.settings.substituters = [\n    \"a\"\n    \"z\" # c\n  ];\n}\n",
        &list_replace(OPTION, "\"z\"", "https://x.y"),
        "{\n  nix.settings.substituters = [\n    \"a\"\n    \"https://x.y\" # c\n  ];\n}\n",
    );
    case(
        "{ nix.settings.experimental-features = \"nix-command old\"; }\n",
        &list_replace(FEATURES, "old", "new"),
        "{ nix.settings.experimental-features = \"nix-command new\"; }\n",
    );
}

#[test]
fn what_is_no_element_is_left_to_people() {
    assert_eq!(
        refused(
            "{ lib, config, ... }:\n{\n  nix.settings.substituters = [ \"a\" ] ++ lib.optional config.x \"z\";\n}\n",
            &list_remove(OPTION, &["\"z\""]),
        ),
        Refusal::NotAnElement
    );
}

#[test]
fn a_list_behind_a_name_is_changed_where_it_is_written_only_if_the_name_is_used_once() {
    let file = |more: &str| {
        format!(
            "let\n  x = [\n    \"a\"\n    \"z\"\n  ];\nin\n{{\n  nix.settings.substituters = x;\n{more}}}\n"
        )
    };
    let z = |workspace: &Workspace| {
        let definition = definition(workspace, OPTION);
        let list = definition.value.value.as_list().unwrap();
        vec![Change::ListRemove {
            definition: definition.id,
            items: vec![list[1].site.unwrap()],
        }]
    };
    case(&file(""), &z, &file("").replace("    \"z\"\n", ""));
    let other = "  environment.etc = f x;\n";
    case(
        &file(other),
        &z,
        &file(other).replace("substituters = x", "substituters = [ \"a\" ]"),
    );
}

#[test]
fn a_choice_that_gets_too_wide_is_still_one_operand() {
    let choice = "if builtins.elem \"a-rather\" [ ] then [ \"a\" ] else [ \"b\" ]";
    case(
        &format!("{{\n  nix.settings.trusted-users = {choice};\n}}\n"),
        &list_add("nix.settings.trusted-users", &["z"]),
        &format!("{{\n  nix.settings.trusted-users = ({choice}) ++ [\n    \"z\"\n  ];\n}}\n"),
    );
}
