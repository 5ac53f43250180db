//! Lines of `nix.conf` and of `nix.extraOptions`.

use super::*;

fn module(lines: &str) -> String {
    format!("{{\n  nix.extraOptions = ''\n{lines}  '';\n  x = 1;\n}}\n")
}

/// The same lines as a file and as a string.
fn both(before: &str, changes: &dyn Fn(&Workspace) -> Vec<Change>, after: &str) {
    conf_case(before, changes, after);
    let indent = |text: &str| {
        text.lines()
            .map(|line| {
                if line.is_empty() {
                    "\n".to_owned()
                } else {
                    format!("    {line}\n")
                }
            })
            .collect::<String>()
    };
    case(&module(&indent(before)), changes, &module(&indent(after)));
}

#[test]
fn values_are_set() {
    both(
        "# top\ncores = 2 # c\nmax-jobs = 8\n",
        &set("cores", &NewValue::Int(4)),
        "# top\ncores = 4 # c\nmax-jobs = 8\n",
    );
    both(
        "min-free = 1\nmax-free = 2\n",
        &set("min-free", &NewValue::Bytes(1 << 30)),
        "min-free = 1073741824\nmax-free = 2\n",
    );
    both(
        "substituters =\nmax-jobs = 8\n",
        &set("substituters", &strings(&["a", "b"])),
        "substituters = a b\nmax-jobs = 8\n",
    );
}

#[test]
fn lines_go_and_their_comments_stay() {
    both(
        "max-jobs = 8\n# above\ncores = 2\nfallback = true\n",
        &remove("cores"),
        "max-jobs = 8\n# above\nfallback = true\n",
    );
    both(
        "max-jobs = 8\ncores = 2 # why\n",
        &remove("cores"),
        "max-jobs = 8\n# why\n",
    );
    conf_case("max-jobs = 8\ncores = 2", &remove("cores"), "max-jobs = 8");
}

#[test]
fn a_string_without_lines_goes() {
    case(
        &module("    cores = 2\n"),
        &remove("cores"),
        "{\n  x = 1;\n}\n",
    );
    case(
        "{\n  nix.extraOptions = \"cores = 2\"; # c\n  x = 1;\n}\n",
        &remove("cores"),
        "{\n  # c\n  x = 1;\n}\n",
    );
}

#[test]
fn keys_are_renamed() {
    both(
        "build-cores = 2 # c\nmax-jobs = 8\n",
        &rename("build-cores", "cores"),
        "cores = 2 # c\nmax-jobs = 8\n",
    );
    case(
        "{\n  nix.extraOptions = ''\n    auto-optimise-store = true\n    cores = 2\n  '';\n}\n",
        &rename("auto-optimise-store", "nix.optimise.automatic"),
        "{\n  nix.extraOptions = ''\n    cores = 2\n  '';\n  nix.optimise.automatic = true;\n}\n",
    );
}

#[test]
fn lines_are_added_behind_their_neighbor() {
    both(
        "cores = 2 # c\nmax-jobs = 8\n",
        &insert("cores", "fallback", &NewValue::Bool(true), Some("why")),
        "cores = 2 # c\n# why\nfallback = true\nmax-jobs = 8\n",
    );
    case(
        "{\n  nix.extraOptions = \"cores = 2\";\n}\n",
        &insert("cores", "fallback", &NewValue::Bool(true), None),
        "{\n  nix.extraOptions = \"cores = 2\\nfallback = true\";\n}\n",
    );
    case(
        "{\n  nix.extraOptions = ''\n    cores = 2\n  '';\n}\n",
        &insert("cores", "nix.gc.automatic", &NewValue::Bool(true), None),
        "{\n  nix.extraOptions = ''\n    cores = 2\n  '';\n  nix.gc.automatic = true;\n}\n",
    );
}

#[test]
fn words_of_lines_change() {
    both(
        "substituters = a bbb c # d\ncores = 2\n",
        &list_remove("substituters", &["bbb"]),
        "substituters = a c # d\ncores = 2\n",
    );
    both(
        "substituters = bbb\ncores = 2\n",
        &list_remove("substituters", &["bbb"]),
        "substituters =\ncores = 2\n",
    );
    both(
        "substituters = a # d\ncores = 2\n",
        &list_add("substituters", &["x", "y"]),
        "substituters = a x y # d\ncores = 2\n",
    );
    both(
        "substituters = aaa b # d\ncores = 2\n",
        &list_replace("substituters", "aaa", "https://x.y/?z=1"),
        "substituters = https://x.y/?z=1 b # d\ncores = 2\n",
    );
}

#[test]
fn words_are_escaped_for_the_string_that_holds_them() {
    let value = NewValue::Str("/${x}''\\\"".to_owned());
    case(
        "{\n  nix.extraOptions = ''\n    netrc-file = aaa\n  '';\n}\n",
        &set("netrc-file", &value),
        "{\n  nix.extraOptions = ''\n    netrc-file = /''${x}'''\\\"\n  '';\n}\n",
    );
    case(
        "{\n  nix.extraOptions = \"netrc-file = aaa\";\n}\n",
        &set("netrc-file", &value),
        "{\n  nix.extraOptions = \"netrc-file = /\\${x}''\\\\\\\"\";\n}\n",
    );
}

#[test]
fn nix_conf_holds_settings_only() {
    let refusal = lowered(
        "nix.conf",
        "auto-optimise-store = true\n",
        &rename("auto-optimise-store", "nix.optimise.automatic"),
    );
    assert_eq!(
        refusal,
        Err(Refusal::OptionNotInConf(
            "nix.optimise.automatic".to_owned()
        ))
    );
    let refusal = lowered(
        "nix.conf",
        "cores = 1\n",
        &set("cores", &NewValue::Str("a # b".to_owned())),
    );
    assert_eq!(refusal, Err(Refusal::NotInConf));
}

#[test]
fn lines_that_end_in_an_escape_are_lines() {
    let file = |text: &str| format!("{{\n  nix.extraOptions = \"{text}\";\n  x = 1;\n}}\n");
    let of = |before: &str, change: &dyn Fn(&Workspace) -> Vec<Change>, after: &str| {
        case(&file(before), change, &file(after));
    };
    let four = NewValue::Int(4);
    let two_lines = "cores = 2\\nmax-jobs = 8\\n";
    of(
        two_lines,
        &set("cores", &four),
        "cores = 4\\nmax-jobs = 8\\n",
    );
    of(two_lines, &remove("cores"), "max-jobs = 8\\n");
    of(two_lines, &remove("max-jobs"), "cores = 2\\n");
    of("cores = 2\\nmax-jobs = 8", &remove("max-jobs"), "cores = 2");
    of(
        two_lines,
        &insert("cores", "min-free", &four, Some("why")),
        "cores = 2\\n# why\\nmin-free = 4\\nmax-jobs = 8\\n",
    );
    of(
        "a = \\\\n b\\ncores = 2 # c\\nmax-jobs = 8",
        &remove("cores"),
        "a = \\\\n b\\n# c\\nmax-jobs = 8",
    );
    of(
        "trusted-users = root me\\ncores = 2",
        &list_remove("trusted-users", &["me"]),
        "trusted-users = root\\ncores = 2",
    );
}

#[test]
fn code_in_a_text_hides_only_its_own_line() {
    let file = |cores: u8| {
        format!(
            "{{ pkgs, ... }}:\nlet\n  text = ''\n    diff-hook = ${{pkgs.x \"cores = 1\"}}/bin/x\n    cores = {cores}\n  '';\nin\n{{\n  nix.extraOptions = text;\n}}\n"
        )
    };
    case(&file(2), &set("cores", &NewValue::Int(4)), &file(4));
    assert_eq!(
        refused(&file(2), &set("diff-hook", &NewValue::Int(4))),
        Refusal::Computed
    );
}
