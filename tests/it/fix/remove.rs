//! Taking definitions out.

use super::*;

#[test]
fn a_binding_goes_and_its_comments_stay() {
    for (before, after) in [
        (
            "{\n  nix.settings = {\n    cores = 2;\n    fallback = true;\n  };\n}\n",
            "{\n  nix.settings = {\n    fallback = true;\n  };\n}\n",
        ),
        (
            "{\n  nix.settings = {\n    # above\n    cores = 2; # behind\n    fallback = true;\n  };\n}\n",
            "{\n  nix.settings = {\n    # above\n    # behind\n    fallback = true;\n  };\n}\n",
        ),
        (
            "{\n  nix.settings = {\n    a = 1;\n\n    cores = 2;\n\n    fallback = true;\n  };\n}\n",
            "{\n  nix.settings = {\n    a = 1;\n\n    fallback = true;\n  };\n}\n",
        ),
        (
            "{\n  nix.settings = {\n    cores = 2;\n\n    fallback = true;\n  };\n}\n",
            "{\n  nix.settings = {\n    fallback = true;\n  };\n}\n",
        ),
        (
            "{\n  nix.settings = {\n    fallback = true;\n\n    cores = 2;\n  };\n}\n",
            "{\n  nix.settings = {\n    fallback = true;\n  };\n}\n",
        ),
        (
            "{ nix.settings.cores = 2; nix.settings.fallback = true; }\n",
            "{ nix.settings.fallback = true; }\n",
        ),
        (
            "{ nix.settings.fallback = true; nix.settings.cores = 2; }\n",
            "{ nix.settings.fallback = true; }\n",
        ),
        (
            "{\n  nix.settings = { cores = 2; /* why */ fallback = true; };\n}\n",
            "{\n  nix.settings = { /* why */ fallback = true; };\n}\n",
        ),
        (
            "{ nix.settings.cores = 2;\n  nix.settings.fallback = true; }\n",
            "{\n  nix.settings.fallback = true; }\n",
        ),
    ] {
        case(before, &remove("nix.settings.cores"), after);
    }
}

#[test]
fn sets_that_are_left_empty_go_too() {
    for (before, after) in [
        (
            "{\n  nix = {\n    settings = {\n      cores = 2;\n    };\n  };\n  x = 1;\n}\n",
            "{\n  x = 1;\n}\n",
        ),
        (
            "{\n  nix.settings = {\n    # above\n    cores = 2; # behind\n  }; # after\n  x = 1;\n}\n",
            "{\n  # above\n  # behind\n  # after\n  x = 1;\n}\n",
        ),
        ("{ nix.settings.cores = 2; }\n", "{ }\n"),
        ("{\n  nix.settings.cores = 2;\n}\n", "{ }\n"),
        (
            "{ ... }:\n{\n  config = {\n    nix.settings.cores = 2;\n  };\n}\n",
            "{ ... }:\n{\n  config = { };\n}\n",
        ),
        (
            "{ lib, config, ... }:\n{\n  nix.settings = lib.mkIf config.x { cores = 2; };\n}\n",
            "{ lib, config, ... }:\n{ }\n",
        ),
        (
            "{\n  nix.settings = {\n    # only this stays\n    cores = 2;\n  };\n}\n",
            "{\n  # only this stays\n}\n",
        ),
    ] {
        case(before, &remove("nix.settings.cores"), after);
    }
}

#[test]
fn comments_inside_of_the_value_are_kept() {
    case(
        "{\n  nix.settings = {\n    trusted-users = [\n      # me\n      \"me\" # really\n    ]; # end\n    cores = 2;\n  };\n}\n",
        &remove("nix.settings.trusted-users"),
        "{\n  nix.settings = {\n    # me\n    # really\n    # end\n    cores = 2;\n  };\n}\n",
    );
}

#[test]
fn block_comments_keep_their_shape() {
    case(
        "{\n  nix.settings = {\n    trusted-users = [\n      /*\n        me\n          and you\n      */\n      \"me\"\n    ];\n    cores = 2;\n  };\n}\n",
        &remove("nix.settings.trusted-users"),
        "{\n  nix.settings = {\n    /*\n      me\n        and you\n    */\n    cores = 2;\n  };\n}\n",
    );
}

#[test]
fn an_inherit_loses_only_the_name() {
    for (before, after) in [
        (
            "let\n  cores = 2;\n  fallback = true;\nin\n{\n  nix.settings = {\n    inherit cores fallback;\n  };\n}\n",
            "let\n  cores = 2;\n  fallback = true;\nin\n{\n  nix.settings = {\n    inherit fallback;\n  };\n}\n",
        ),
        (
            "let\n  cores = 2;\n  fallback = true;\nin\n{\n  nix.settings = {\n    inherit fallback cores;\n  };\n}\n",
            "let\n  cores = 2;\n  fallback = true;\nin\n{\n  nix.settings = {\n    inherit fallback;\n  };\n}\n",
        ),
        (
            "let\n  s = { cores = 2; fallback = true; };\nin\n{\n  nix.settings = {\n    inherit (s)\n      # c\n      cores\n      fallback\n      ;\n  };\n}\n",
            "let\n  s = { cores = 2; fallback = true; };\nin\n{\n  nix.settings = {\n    inherit (s)\n      # c\n      fallback\n      ;\n  };\n}\n",
        ),
        (
            "let\n  cores = 2;\nin\n{\n  nix.settings = {\n    inherit cores; # c\n    fallback = true;\n  };\n}\n",
            "let\n  cores = 2;\nin\n{\n  nix.settings = {\n    # c\n    fallback = true;\n  };\n}\n",
        ),
    ] {
        case(before, &remove("nix.settings.cores"), after);
    }
}

#[test]
fn an_option_in_several_statements_goes_whole() {
    case(
        "{\n  nix.gc.interval.Day = 1; # monthly\n  nix.gc.automatic = true;\n  nix.gc.interval.Hour = 2;\n}\n",
        &remove("nix.gc.interval"),
        "{\n  # monthly\n  nix.gc.automatic = true;\n}\n",
    );
}

#[test]
fn two_removals_can_empty_a_set_together() {
    let both = |workspace: &Workspace| {
        ["nix.gc.automatic", "nix.gc.options"]
            .map(|option| Change::Remove {
                definition: id(workspace, option),
            })
            .to_vec()
    };
    case(
        "{\n  nix.gc = {\n    automatic = true; # yes\n    options = \"-d\";\n  };\n  nix.settings.cores = 1;\n}\n",
        &both,
        "{\n  # yes\n  nix.settings.cores = 1;\n}\n",
    );
}

#[test]
fn a_set_behind_a_name_is_changed_only_if_the_name_is_used_once() {
    let file = |more: &str| {
        format!(
            "let\n  s = {{\n    cores = 2;\n    fallback = true;\n  }};\nin\n{{\n  nix.settings = s;\n{more}}}\n"
        )
    };
    case(
        &file(""),
        &remove("nix.settings.cores"),
        &file("").replace("    cores = 2;\n", ""),
    );
    assert_eq!(
        refused(
            &file("  environment.etc = f s;\n"),
            &remove("nix.settings.cores")
        ),
        Refusal::Shared
    );
}

#[test]
fn a_text_with_comments_is_left_to_people() {
    assert_eq!(
        refused(
            "{\n  nix.extraOptions = ''\n    # why\n    cores = 2\n  '';\n}\n",
            &remove("nix.extraOptions"),
        ),
        Refusal::HoldsComments
    );
}

#[test]
fn what_would_be_an_empty_part_goes_as_a_whole() {
    for (before, after) in [
        (
            "{ lib, x, ... }:\n{\n  nix.gc = lib.mkIf x { automatic = true; };\n  a = 1;\n}\n",
            "{ lib, x, ... }:\n{\n  a = 1;\n}\n",
        ),
        (
            "{ lib, x, ... }:\n{\n  nix = lib.mkMerge [\n    { settings.cores = 2; }\n    (lib.mkIf x { gc.automatic = true; })\n  ];\n}\n",
            "{ lib, x, ... }:\n{\n  nix = lib.mkMerge [\n    { settings.cores = 2; }\n  ];\n}\n",
        ),
        (
            "{ lib, x, ... }:\n{\n  nix.gc = {\n    automatic = true;\n  }\n  // lib.optionalAttrs x { dates = \"weekly\"; };\n}\n",
            "{ lib, x, ... }:\n{\n  nix.gc = lib.optionalAttrs x { dates = \"weekly\"; };\n}\n",
        ),
        (
            "{ lib, x, ... }:\n{\n  nix.gc = lib.optionalAttrs x { dates = \"weekly\"; } // { automatic = true; };\n}\n",
            "{ lib, x, ... }:\n{\n  nix.gc = lib.optionalAttrs x { dates = \"weekly\"; };\n}\n",
        ),
        // A comment has no other place.
        (
            "{ lib, x, ... }:\n{\n  nix = lib.mkMerge [\n    { settings.cores = 2; } # all\n    (lib.mkIf x {\n      # often\n      gc.automatic = true;\n    })\n  ];\n}\n",
            "{ lib, x, ... }:\n{\n  nix = lib.mkMerge [\n    { settings.cores = 2; } # all\n    (lib.mkIf x {\n      # often\n    })\n  ];\n}\n",
        ),
    ] {
        case(before, &remove("nix.gc.automatic"), after);
    }
}

#[test]
fn one_of_several_merged_values_goes_alone() {
    let before = "{ lib, ... }:\n{\n  nix.settings.trusted-users = lib.mkMerge [\n    [ \"a\" ]\n    (lib.mkAfter [ \"b\" ])\n  ];\n}\n";
    case(
        before,
        &remove("nix.settings.trusted-users"),
        "{ lib, ... }:\n{\n  nix.settings.trusted-users = lib.mkMerge [\n    (lib.mkAfter [ \"b\" ])\n  ];\n}\n",
    );
}

#[test]
fn the_left_operand_goes_where_the_right_one_can_take_its_place() {
    case(
        "{\n  nix.settings = {\n    cores = 2;\n  }\n  // {\n    max-jobs = 8;\n  };\n}\n",
        &remove("nix.settings.cores"),
        "{\n  nix.settings = {\n    max-jobs = 8;\n  };\n}\n",
    );
}
