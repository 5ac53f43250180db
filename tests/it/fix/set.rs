//! Giving a definition another value.

use super::*;

#[test]
fn a_literal_is_replaced_whatever_the_spelling() {
    for (before, after) in [
        (
            "{ nix.settings.max-jobs = 8; }\n",
            "{ nix.settings.max-jobs = 4; }\n",
        ),
        (
            "{\n  nix.settings = {\n    max-jobs = 8; # all\n  };\n}\n",
            "{\n  nix.settings = {\n    max-jobs = 4; # all\n  };\n}\n",
        ),
        (
            "{ lib, ... }:\n{\n  nix = {\n    settings.\"max-jobs\" = lib.mkDefault 8;\n  };\n}\n",
            "{ lib, ... }:\n{\n  nix = {\n    settings.\"max-jobs\" = lib.mkDefault 4;\n  };\n}\n",
        ),
        (
            "{ lib, ... }:\n{\n  nix.settings.max-jobs = lib.mkForce (4 * 2);\n}\n",
            "{ lib, ... }:\n{\n  nix.settings.max-jobs = lib.mkForce 4;\n}\n",
        ),
        (
            "{ lib, config, ... }:\n{\n  nix.settings = lib.mkIf config.x.enable { max-jobs = 8; };\n}\n",
            "{ lib, config, ... }:\n{\n  nix.settings = lib.mkIf config.x.enable { max-jobs = 4; };\n}\n",
        ),
        (
            "{\n  nix.settings = { cores = 1; } // { max-jobs = 8; };\n}\n",
            "{\n  nix.settings = { cores = 1; } // { max-jobs = 4; };\n}\n",
        ),
        (
            "{\n  nix.settings.max-jobs = # why\n    8;\n}\n",
            "{\n  nix.settings.max-jobs = # why\n    4;\n}\n",
        ),
    ] {
        case(
            before,
            &set("nix.settings.max-jobs", &NewValue::Int(4)),
            after,
        );
    }
}

#[test]
fn where_the_value_comes_from_elsewhere_the_use_is_replaced() {
    case(
        "let\n  n = 8;\nin\n{\n  nix.settings.max-jobs = n;\n  nix.settings.cores = n;\n}\n",
        &set("nix.settings.max-jobs", &NewValue::Int(4)),
        "let\n  n = 8;\nin\n{\n  nix.settings.max-jobs = 4;\n  nix.settings.cores = n;\n}\n",
    );
    case(
        "let\n  n = 8;\nin\n{ lib, ... }:\n{\n  nix.settings.max-jobs = lib.mkDefault n;\n  x = n;\n}\n",
        &set("nix.settings.max-jobs", &NewValue::Int(-1)),
        "let\n  n = 8;\nin\n{ lib, ... }:\n{\n  nix.settings.max-jobs = lib.mkDefault (-1);\n  x = n;\n}\n",
    );
}

#[test]
fn an_inherited_name_gets_a_binding_of_its_own() {
    case(
        "let\n  max-jobs = 8;\n  cores = 2;\nin\n{\n  nix.settings = {\n    inherit cores max-jobs;\n    fallback = true;\n  };\n  x = max-jobs;\n}\n",
        &set("nix.settings.max-jobs", &NewValue::Int(4)),
        "let\n  max-jobs = 8;\n  cores = 2;\nin\n{\n  nix.settings = {\n    inherit cores;\n    max-jobs = 4;\n    fallback = true;\n  };\n  x = max-jobs;\n}\n",
    );
    case(
        "let\n  max-jobs = 8;\nin\n{\n  nix.settings = {\n    inherit max-jobs; # c\n  };\n  x = max-jobs;\n}\n",
        &set("nix.settings.max-jobs", &NewValue::Int(4)),
        "let\n  max-jobs = 8;\nin\n{\n  nix.settings = {\n    max-jobs = 4; # c\n  };\n  x = max-jobs;\n}\n",
    );
}

#[test]
fn amounts_are_written_as_the_file_writes_them() {
    let value = NewValue::Bytes(10 << 30);
    case(
        "{ nix.settings.min-free = 100; }\n",
        &set("nix.settings.min-free", &value),
        "{ nix.settings.min-free = 10 * 1024 * 1024 * 1024; }\n",
    );
    case(
        "{\n  nix.settings.min-free = 100;\n  nix.settings.max-free = 21474836480;\n}\n",
        &set("nix.settings.min-free", &value),
        "{\n  nix.settings.min-free = 10737418240;\n  nix.settings.max-free = 21474836480;\n}\n",
    );
    case(
        "{ lib, ... }:\n{\n  nix.settings.min-free = lib.mkDefault 100;\n}\n",
        &set("nix.settings.min-free", &value),
        "{ lib, ... }:\n{\n  nix.settings.min-free = lib.mkDefault (10 * 1024 * 1024 * 1024);\n}\n",
    );
}

#[test]
fn amounts_have_unit_letters_where_the_file_and_its_nix_have_them() {
    let value = NewValue::Size(10 << 30);
    case(
        "{\n  nix.settings.min-free = \"2G\";\n}\n",
        &set("nix.settings.min-free", &value),
        "{\n  nix.settings.min-free = \"10G\";\n}\n",
    );
    case(
        "{\n  nix.settings.min-free = 1 * 1024 * 1024 * 1024;\n}\n",
        &set("nix.settings.min-free", &value),
        "{\n  nix.settings.min-free = 10 * 1024 * 1024 * 1024;\n}\n",
    );
    case(
        "{\n  nix.settings.min-free = \"2G\";\n}\n",
        &set("nix.settings.min-free", &NewValue::Bytes(10 << 30)),
        "{\n  nix.settings.min-free = 10 * 1024 * 1024 * 1024;\n}\n",
    );
    conf_case(
        "min-free = 2G\n",
        &insert("min-free", "max-free", &value, None),
        "min-free = 2G\nmax-free = 10G\n",
    );
    conf_case(
        "min-free = 2000000000\n",
        &insert("min-free", "max-free", &value, None),
        "min-free = 2000000000\nmax-free = 10737418240\n",
    );
}

#[test]
fn a_value_on_a_line_of_its_own_moves_up() {
    case(
        "{\n  nix.settings.max-jobs =\n    let\n      n = 4;\n    in\n    n + n;\n}\n",
        &set("nix.settings.max-jobs", &NewValue::Int(4)),
        "{\n  nix.settings.max-jobs = 4;\n}\n",
    );
}

#[test]
fn sets_and_lists_keep_the_shape_of_the_file() {
    let interval = NewValue::Attrs(vec![
        ("Hour".to_owned(), NewValue::Int(3)),
        ("Minute".to_owned(), NewValue::Int(15)),
    ]);
    case(
        "{\n  nix.gc.interval = {\n    # first of the month\n    Day = 1; # really\n  };\n}\n",
        &set("nix.gc.interval", &interval),
        "{\n  # first of the month\n  # really\n  nix.gc.interval = {\n    Hour = 3;\n    Minute = 15;\n  };\n}\n",
    );
    case(
        "{\n  nix.gc.interval = { Day = 1; Hour = 1; };\n}\n",
        &set("nix.gc.interval", &interval),
        "{\n  nix.gc.interval = { Hour = 3; Minute = 15; };\n}\n",
    );
    case(
        "{\n  nix.settings.substituters = [\n    \"a\"\n  ];\n}\n",
        &set("nix.settings.substituters", &strings(&["b", "c"])),
        "{\n  nix.settings.substituters = [\n    \"b\"\n    \"c\"\n  ];\n}\n",
    );
}

#[test]
fn an_option_in_several_statements_becomes_one() {
    let interval = NewValue::Attrs(vec![("Hour".to_owned(), NewValue::Int(3))]);
    case(
        "{\n  nix.gc.interval.Day = 1; # monthly\n  nix.gc.automatic = true;\n  nix.gc.interval.Month = 2; # odd\n}\n",
        &set("nix.gc.interval", &interval),
        "{\n  nix.gc.interval = {\n    Hour = 3;\n  }; # monthly\n  nix.gc.automatic = true;\n  # odd\n}\n",
    );
}

#[test]
fn a_value_that_no_text_stands_for_is_left_to_people() {
    assert_eq!(
        refused(
            "{ lib, ... }:\n{\n  nix.settings = lib.genAttrs [ \"max-jobs\" ] (name: 8);\n}\n",
            &set("nix.settings.max-jobs", &NewValue::Int(4)),
        ),
        Refusal::Computed
    );
}

#[test]
fn what_a_shared_set_gives_is_written_over_where_it_is_used() {
    let four = NewValue::Int(4);
    let file = |uses: &str| {
        format!(
            "{{ config, lib, ... }}:\nlet\n  common = {{\n    cores = 8;\n    fallback = true;\n  }};\nin\n{{\n{uses}}}\n"
        )
    };
    let change = set("nix.settings.cores", &four);
    for (before, after) in [
        (
            "  nix.settings = common;\n  x = common;\n",
            "  nix.settings = common // {\n    cores = 4;\n  };\n  x = common;\n",
        ),
        (
            "  nix.settings = common // {\n    max-jobs = 1;\n  };\n  x = common;\n",
            "  nix.settings = common // {\n    max-jobs = 1;\n    cores = 4;\n  };\n  x = common;\n",
        ),
        (
            "  nix = { settings = common; };\n  x = [ common ];\n",
            "  nix = {\n    settings = common // {\n      cores = 4;\n    };\n  };\n  x = [ common ];\n",
        ),
        (
            "  nix.settings = lib.mkIf config.x common;\n  x = common;\n",
            "  nix.settings = lib.mkIf config.x (\n    common\n    // {\n      cores = 4;\n    }\n  );\n  x = common;\n",
        ),
    ] {
        case(&file(before), &change, &file(after));
    }
    // What goes over it already would go over the new value, too.
    let written_over = "  nix.settings = common // {\n    max-jobs = 1;\n  };\n  x = common;\n";
    let insertion = insert("nix.settings.cores", "nix.settings.max-jobs", &four, None);
    assert_eq!(
        refused(&file(written_over), &insertion),
        Refusal::Exists("max-jobs".to_owned())
    );
    // Another option, of whatever it may be, is made from the same set.
    assert_eq!(
        refused(
            &file("  nix.settings = common;\n  x.nix.settings = common;\n"),
            &change
        ),
        Refusal::Shared
    );
}

#[test]
fn a_set_that_is_the_same_option_everywhere_changes_where_it_is_written() {
    let file = |cores: u8| {
        format!(
            "let\n  common = {{\n    cores = {cores};\n  }};\nin\n{{\n  imports = [\n    {{\n      nix.settings = common;\n    }}\n  ];\n  nix.settings = common;\n}}\n"
        )
    };
    case(
        &file(8),
        &set("nix.settings.cores", &NewValue::Int(4)),
        &file(4),
    );
}
