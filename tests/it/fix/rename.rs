//! Moving definitions to other options.

use super::*;

#[test]
fn within_one_set_only_the_name_changes() {
    for (before, after) in [
        (
            "{\n  nix.gc = {\n    automatic = true;\n    dates = \"weekly\"; # c\n  };\n}\n",
            "{\n  nix.gc = {\n    automatic = true;\n    interval = \"weekly\"; # c\n  };\n}\n",
        ),
        (
            "{ nix.gc.dates = \"weekly\"; }\n",
            "{ nix.gc.interval = \"weekly\"; }\n",
        ),
        (
            "{\n  nix = {\n    # c\n    gc.\"dates\" = \"weekly\";\n  };\n}\n",
            "{\n  nix = {\n    # c\n    gc.interval = \"weekly\";\n  };\n}\n",
        ),
    ] {
        case(before, &rename("nix.gc.dates", "nix.gc.interval"), after);
    }
    case(
        "{\n  nix.settings = {\n    substituters = [ \"a\" ];\n  };\n}\n",
        &rename(
            "nix.settings.substituters",
            "nix.settings.extra-substituters",
        ),
        "{\n  nix.settings = {\n    extra-substituters = [ \"a\" ];\n  };\n}\n",
    );
}

#[test]
fn a_dotted_path_is_rewritten_where_it_stands() {
    for (before, after) in [
        (
            "{\n  nix.settings.auto-optimise-store = true; # c\n  x = 1;\n}\n",
            "{\n  nix.optimise.automatic = true; # c\n  x = 1;\n}\n",
        ),
        (
            "{\n  nix = {\n    settings.auto-optimise-store = true;\n  };\n}\n",
            "{\n  nix = {\n    optimise.automatic = true;\n  };\n}\n",
        ),
    ] {
        case(
            before,
            &rename("nix.settings.auto-optimise-store", "nix.optimise.automatic"),
            after,
        );
    }
    case(
        "{ nix.useSandbox = true; }\n",
        &rename("nix.useSandbox", "nix.settings.sandbox"),
        "{ nix.settings.sandbox = true; }\n",
    );
    case(
        "{\n  nix = {\n    useSandbox = true;\n  };\n}\n",
        &rename("nix.useSandbox", "nix.settings.sandbox"),
        "{\n  nix = {\n    settings.sandbox = true;\n  };\n}\n",
    );
}

#[test]
fn across_sets_the_binding_moves_with_its_comments() {
    for (before, after) in [
        (
            "{\n  nix.settings = {\n    # saves space\n    auto-optimise-store = true; # yes\n    cores = 0;\n  };\n}\n",
            "{\n  nix.settings = {\n    cores = 0;\n  };\n  nix.optimise = {\n    # saves space\n    automatic = true; # yes\n  };\n}\n",
        ),
        (
            "{\n  nix = {\n    settings = {\n      auto-optimise-store = true;\n      cores = 0;\n    };\n    optimise = {\n      interval = [ ];\n    };\n  };\n}\n",
            "{\n  nix = {\n    settings = {\n      cores = 0;\n    };\n    optimise = {\n      interval = [ ];\n      automatic = true;\n    };\n  };\n}\n",
        ),
        (
            "{\n  nix.settings.auto-optimise-store = true;\n  nix.optimise = {\n    interval = [ ];\n  };\n}\n",
            "{\n  nix.optimise = {\n    interval = [ ];\n    automatic = true;\n  };\n}\n",
        ),
        (
            "{\n  nix.settings = {\n    # why\n    auto-optimise-store = true;\n  };\n  x = 1;\n}\n",
            "{\n  nix.optimise = {\n    # why\n    automatic = true;\n  };\n  x = 1;\n}\n",
        ),
    ] {
        case(
            before,
            &rename("nix.settings.auto-optimise-store", "nix.optimise.automatic"),
            after,
        );
    }
}

#[test]
fn a_former_name_moves_into_the_settings_that_are_there() {
    case(
        "{\n  nix.binaryCaches = [\n    # mine\n    \"a\"\n  ];\n\n  nix.settings = {\n    cores = 0;\n  };\n}\n",
        &rename("nix.binaryCaches", "nix.settings.substituters"),
        "{\n  nix.settings = {\n    cores = 0;\n    substituters = [\n      # mine\n      \"a\"\n    ];\n  };\n}\n",
    );
}

#[test]
fn a_value_on_lines_of_its_own_keeps_them() {
    case(
        "{\n  nix.binaryCaches =\n    let\n      x = \"a\";\n    in\n    [\n      x\n    ];\n  nix.settings = {\n    cores = 0;\n  };\n}\n",
        &rename("nix.binaryCaches", "nix.settings.substituters"),
        "{\n  nix.settings = {\n    cores = 0;\n    substituters =\n      let\n        x = \"a\";\n      in\n      [\n        x\n      ];\n  };\n}\n",
    );
}

#[test]
fn an_inherited_name_is_bound_to_its_source() {
    case(
        "let\n  dates = \"weekly\";\nin\n{\n  nix.gc = {\n    automatic = true;\n    inherit dates;\n  };\n}\n",
        &rename("nix.gc.dates", "nix.gc.interval"),
        "let\n  dates = \"weekly\";\nin\n{\n  nix.gc = {\n    automatic = true;\n    interval = dates;\n  };\n}\n",
    );
    case(
        "let\n  s = {\n    dates = \"weekly\";\n    options = \"-d\";\n  };\nin\n{\n  nix.gc = {\n    inherit (s) dates options;\n  };\n}\n",
        &rename("nix.gc.dates", "nix.gc.interval"),
        "let\n  s = {\n    dates = \"weekly\";\n    options = \"-d\";\n  };\nin\n{\n  nix.gc = {\n    inherit (s) options;\n    interval = s.dates;\n  };\n}\n",
    );
}

#[test]
fn nothing_is_ever_defined_twice() {
    assert_eq!(
        refused(
            "{\n  nix.gc = {\n    dates = \"weekly\";\n    interval = { };\n  };\n}\n",
            &rename("nix.gc.dates", "nix.gc.interval"),
        ),
        Refusal::Exists("interval".to_owned())
    );
    assert_eq!(
        refused(
            "{ lib, ... }:\n{\n  nix.useSandbox = true;\n  nix.settings = lib.mkForce { };\n}\n",
            &rename("nix.useSandbox", "nix.settings.sandbox"),
        ),
        Refusal::NotASet("nix.settings".to_owned())
    );
    assert_eq!(
        refused(
            "{ interval, ... }:\n{\n  nix.gc = {\n    dates = \"weekly\";\n    inherit interval;\n  };\n}\n",
            &rename("nix.gc.dates", "nix.gc.interval"),
        ),
        Refusal::Exists("interval".to_owned())
    );
}

#[test]
fn a_value_does_not_leave_the_scope_of_its_names() {
    let file = |value: &str| {
        format!(
            "{{\n  nix.settings =\n    let\n      yes = true;\n    in\n    {{\n      auto-optimise-store = {value};\n      cores = 2;\n    }};\n}}\n"
        )
    };
    let rename = rename("nix.settings.auto-optimise-store", "nix.optimise.automatic");
    assert_eq!(refused(&file("yes"), &rename), Refusal::Scoped);
    case(
        &file("true"),
        &rename,
        "{\n  nix.settings =\n    let\n      yes = true;\n    in\n    {\n      cores = 2;\n    };\n  nix.optimise = {\n    automatic = true;\n  };\n}\n",
    );
}

#[test]
fn a_name_that_others_use_stays() {
    assert_eq!(
        refused(
            "{\n  nix.settings = rec {\n    build-cores = 2;\n    max-jobs = build-cores;\n  };\n}\n",
            &rename("nix.settings.build-cores", "nix.settings.cores"),
        ),
        Refusal::Shared
    );
}

#[test]
fn a_conditional_definition_does_not_leave_its_condition() {
    assert_eq!(
        refused(
            "{ lib, config, ... }:\n{\n  nix.settings = lib.mkIf config.x {\n    auto-optimise-store = true;\n    cores = 2;\n  };\n}\n",
            &rename("nix.settings.auto-optimise-store", "nix.optimise.automatic"),
        ),
        Refusal::Wrapped
    );
}

#[test]
fn what_leaves_a_set_keeps_how_strongly_that_counts() {
    assert_eq!(
        refused(
            "{ lib, ... }:\n{\n  nix.settings = lib.mkForce { cores = 2; };\n}\n",
            &rename("nix.settings.cores", "nix.gc.renamed"),
        ),
        Refusal::Wrapped
    );
}

#[test]
fn an_inherited_name_alone_on_its_line_gets_lines_of_its_own() {
    case(
        "let\n  cores = 2;\nin\n{\n  nix.settings = { inherit cores; };\n}\n",
        &rename("nix.settings.cores", "nix.settings.jobs"),
        "let\n  cores = 2;\nin\n{\n  nix.settings = {\n    jobs = cores;\n  };\n}\n",
    );
}
