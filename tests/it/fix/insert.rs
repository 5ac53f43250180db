//! Writing new definitions.

use super::*;

const TRUE: NewValue = NewValue::Bool(true);

#[test]
fn a_setting_goes_beside_its_neighbor() {
    for (before, after) in [
        (
            "{\n  nix.settings = {\n    min-free = 1; # c\n    cores = 0;\n  };\n}\n",
            "{\n  nix.settings = {\n    min-free = 1; # c\n    max-free = 3 * 1024 * 1024;\n    cores = 0;\n  };\n}\n",
        ),
        (
            "{\n  nix.settings.min-free = 1;\n  nix.settings.cores = 0;\n}\n",
            "{\n  nix.settings.min-free = 1;\n  nix.settings.max-free = 3 * 1024 * 1024;\n  nix.settings.cores = 0;\n}\n",
        ),
        (
            "{ nix.settings.min-free = 1; }\n",
            "{\n  nix.settings.min-free = 1;\n  nix.settings.max-free = 3 * 1024 * 1024;\n}\n",
        ),
        (
            "{ nix.settings.min-free = 1; nix.settings.cores = 0; }\n",
            "{ nix.settings.min-free = 1; nix.settings.max-free = 3 * 1024 * 1024; nix.settings.cores = 0; }\n",
        ),
        (
            "{ lib, config, ... }:\n{\n  nix.settings = lib.mkIf config.x { min-free = 1; };\n}\n",
            "{ lib, config, ... }:\n{\n  nix.settings = lib.mkIf config.x {\n    min-free = 1;\n    max-free = 3 * 1024 * 1024;\n  };\n}\n",
        ),
    ] {
        case(
            before,
            &insert(
                "nix.settings.min-free",
                "nix.settings.max-free",
                &NewValue::Bytes(3 << 20),
                None,
            ),
            after,
        );
    }
}

#[test]
fn a_sorted_set_stays_sorted() {
    case(
        "{\n  nix.settings = {\n    # b\n    builders-use-substitutes = true;\n    cores = 0;\n    fallback = true;\n    sandbox = true;\n  };\n}\n",
        &insert(
            "nix.settings.sandbox",
            "nix.settings.keep-going",
            &TRUE,
            None,
        ),
        "{\n  nix.settings = {\n    # b\n    builders-use-substitutes = true;\n    cores = 0;\n    fallback = true;\n    keep-going = true;\n    sandbox = true;\n  };\n}\n",
    );
    case(
        "{\n  nix.settings = {\n    # b\n    builders-use-substitutes = true;\n    cores = 0;\n    fallback = true;\n    sandbox = true;\n  };\n}\n",
        &insert(
            "nix.settings.sandbox",
            "nix.settings.always-allow-substitutes",
            &TRUE,
            None,
        ),
        "{\n  nix.settings = {\n    always-allow-substitutes = true;\n    # b\n    builders-use-substitutes = true;\n    cores = 0;\n    fallback = true;\n    sandbox = true;\n  };\n}\n",
    );
}

#[test]
fn another_set_is_opened_as_the_file_opens_them() {
    for (before, after) in [
        (
            "{\n  nix.settings = {\n    cores = 0;\n  };\n\n  x = 1;\n}\n",
            "{\n  nix.settings = {\n    cores = 0;\n  };\n\n  nix.gc = {\n    automatic = true;\n  };\n\n  x = 1;\n}\n",
        ),
        (
            "{\n  nix.settings.cores = 0;\n\n  x = 1;\n}\n",
            "{\n  nix.settings.cores = 0;\n  nix.gc.automatic = true;\n\n  x = 1;\n}\n",
        ),
        (
            "{\n  nix = {\n    settings = {\n      cores = 0;\n    };\n  };\n}\n",
            "{\n  nix = {\n    settings = {\n      cores = 0;\n    };\n    gc = {\n      automatic = true;\n    };\n  };\n}\n",
        ),
        (
            "{\n  nix = {\n    settings.cores = 0;\n  };\n}\n",
            "{\n  nix = {\n    settings.cores = 0;\n    gc.automatic = true;\n  };\n}\n",
        ),
        (
            "{\n  nix = {\n    settings.cores = 0;\n  };\n  nix.gc = {\n    options = \"-d\";\n  };\n}\n",
            "{\n  nix = {\n    settings.cores = 0;\n  };\n  nix.gc = {\n    options = \"-d\";\n    automatic = true;\n  };\n}\n",
        ),
        (
            "{\n  nix = {\n    gc = {\n      options = \"-d\";\n    };\n    settings.cores = 0;\n  };\n}\n",
            "{\n  nix = {\n    gc = {\n      options = \"-d\";\n      automatic = true;\n    };\n    settings.cores = 0;\n  };\n}\n",
        ),
        (
            "{ ... }:\n{\n  config.nix.settings.cores = 0;\n}\n",
            "{ ... }:\n{\n  config.nix.settings.cores = 0;\n  config.nix.gc.automatic = true;\n}\n",
        ),
        (
            "{ ... }:\n{\n  config = {\n    nix.settings = {\n      cores = 0;\n    };\n  };\n}\n",
            "{ ... }:\n{\n  config = {\n    nix.settings = {\n      cores = 0;\n    };\n    nix.gc = {\n      automatic = true;\n    };\n  };\n}\n",
        ),
        (
            "{ lib, config, ... }:\n{\n  nix.settings = lib.mkMerge [\n    { cores = 0; }\n  ];\n}\n",
            "{ lib, config, ... }:\n{\n  nix.settings = lib.mkMerge [\n    { cores = 0; }\n  ];\n  nix.gc = {\n    automatic = true;\n  };\n}\n",
        ),
    ] {
        case(
            before,
            &insert("nix.settings.cores", "nix.gc.automatic", &TRUE, None),
            after,
        );
    }
}

#[test]
fn what_is_dotted_beside_a_set_stays_beside_it() {
    case(
        "{\n  nix.optimise.automatic = true;\n  nix = {\n    package = 1;\n  };\n}\n",
        &insert(
            "nix.optimise.automatic",
            "nix.optimise.persistent",
            &TRUE,
            None,
        ),
        "{\n  nix.optimise.automatic = true;\n  nix.optimise.persistent = true;\n  nix = {\n    package = 1;\n  };\n}\n",
    );
}

#[test]
fn a_comment_stands_above() {
    case(
        "{ nix.settings.cores = 0; }\n",
        &insert(
            "nix.settings.cores",
            "nix.settings.max-jobs",
            &NewValue::Int(4),
            Some("12 threads / 3\nsee the manual"),
        ),
        "{\n  nix.settings.cores = 0;\n  # 12 threads / 3\n  # see the manual\n  nix.settings.max-jobs = 4;\n}\n",
    );
}

#[test]
fn several_insertions_find_each_other() {
    let three = |workspace: &Workspace| {
        [
            ("nix.gc.automatic", NewValue::Bool(true)),
            (
                "nix.gc.options",
                NewValue::Str("--delete-older-than 30d".to_owned()),
            ),
        ]
        .map(|(option, value)| Change::Insert {
            near: id(workspace, "nix.settings.cores"),
            option: OptionPath::dotted(option),
            value,
            comment: None,
        })
        .to_vec()
    };
    case(
        "{\n  nix.settings = {\n    cores = 0;\n  };\n}\n",
        &three,
        "{\n  nix.settings = {\n    cores = 0;\n  };\n  nix.gc = {\n    automatic = true;\n    options = \"--delete-older-than 30d\";\n  };\n}\n",
    );
    case(
        "{ nix.settings.cores = 0; }\n",
        &three,
        "{\n  nix.settings.cores = 0;\n  nix.gc.automatic = true;\n  nix.gc.options = \"--delete-older-than 30d\";\n}\n",
    );
}

#[test]
fn nothing_is_ever_defined_twice() {
    let automatic = insert("nix.settings.cores", "nix.gc.automatic", &TRUE, None);
    for before in [
        "{\n  nix.settings.cores = 0;\n  nix.gc.automatic = false;\n}\n",
        "{\n  nix.settings.cores = 0;\n  nix.gc = { automatic = false; };\n}\n",
        "{ automatic, ... }:\n{\n  nix.settings.cores = 0;\n  nix.gc = { inherit automatic; };\n}\n",
    ] {
        assert!(matches!(refused(before, &automatic), Refusal::Exists(_)));
    }
    for before in [
        "{ lib, ... }:\n{\n  nix.settings.cores = 0;\n  nix.gc = lib.mkForce { };\n}\n",
        "{ gc, ... }:\n{\n  nix = {\n    settings.cores = 0;\n    inherit gc;\n  };\n}\n",
    ] {
        assert!(matches!(refused(before, &automatic), Refusal::NotASet(_)));
    }
}

#[test]
fn a_name_that_is_no_identifier_is_quoted() {
    case(
        "{\n  nix.settings = {\n    cores = 0;\n  };\n}\n",
        &insert(
            "nix.settings.cores",
            "nix.settings.1x",
            &strings(&["a"]),
            None,
        ),
        "{\n  nix.settings = {\n    cores = 0;\n    \"1x\" = [ \"a\" ];\n  };\n}\n",
    );
}

#[test]
fn what_stands_beside_a_conditional_value_has_its_condition() {
    let truth = NewValue::Bool(true);
    for (near, before, after) in [
        (
            "nix.settings.cores",
            "{ config, lib, ... }:\n{\n  nix.settings.cores = lib.mkIf (config.x.enable && config.y) 2;\n}\n",
            "{ config, lib, ... }:\n{\n  nix.settings.cores = lib.mkIf (config.x.enable && config.y) 2;\n  nix.gc.automatic = lib.mkIf (config.x.enable && config.y) true;\n}\n",
        ),
        (
            "nix.settings.cores",
            "{ config, lib, ... }:\nwith lib;\n{\n  nix.settings = mkForce (mkIf config.x {\n    cores = mkIf config.y 2;\n  });\n}\n",
            "{ config, lib, ... }:\nwith lib;\n{\n  nix.settings = mkForce (mkIf config.x {\n    cores = mkIf config.y 2;\n  });\n  nix.gc = {\n    automatic = mkIf config.x (mkIf config.y true);\n  };\n}\n",
        ),
        (
            "nix.settings.cores",
            "{ config, lib, ... }:\n{\n  nix = lib.mkIf config.x {\n    settings.cores = 2;\n  };\n}\n",
            "{ config, lib, ... }:\n{\n  nix = lib.mkIf config.x {\n    settings.cores = 2;\n    gc.automatic = true;\n  };\n}\n",
        ),
    ] {
        case(
            before,
            &insert(near, "nix.gc.automatic", &truth, None),
            after,
        );
    }
    case(
        "{ config, lib, ... }:\n{\n  nix.settings.cores = lib.mkIf config.x 2;\n}\n",
        &insert(
            "nix.settings.cores",
            "nix.settings.min-free",
            &NewValue::Bytes(1 << 30),
            Some("why"),
        ),
        "{ config, lib, ... }:\n{\n  nix.settings.cores = lib.mkIf config.x 2;\n  # why\n  nix.settings.min-free = lib.mkIf config.x (1024 * 1024 * 1024);\n}\n",
    );
}

#[test]
fn a_condition_that_cannot_be_said_again_is_no_place_for_more() {
    let truth = NewValue::Bool(true);
    let change = insert("nix.settings.cores", "nix.gc.automatic", &truth, None);
    for (before, reason) in [
        (
            "{ config, lib, ... }:\n{\n  nix.settings.cores = lib.mkIf (config.x /* why */ && config.y) 2;\n}\n",
            Refusal::HoldsComments,
        ),
        (
            "{ config, lib, ... }:\n{\n  nix.settings = let on = config.x; in { cores = lib.mkIf on 2; };\n}\n",
            Refusal::Scoped,
        ),
    ] {
        assert_eq!(refused(before, &change), reason, "{before}");
    }
}

#[test]
fn a_list_that_would_make_its_line_too_long_is_broken() {
    let key = "cache.example.org-1:0123456789012345678901234567890123456789012=";
    let caches = strings(&["https://cache.example.org", key]);
    let one = strings(&[&format!(
        "https://{key}.example.org/with/a/path/that/is/long"
    )]);
    for (value, before, after) in [
        (
            &caches,
            "{\n  nix.settings.trusted-users = [ \"a\" \"b\" ];\n}\n",
            format!(
                "{{\n  nix.settings.trusted-users = [ \"a\" \"b\" ];\n  nix.settings.substituters = [\n    \"https://cache.example.org\"\n    \"{key}\"\n  ];\n}}\n"
            ),
        ),
        (
            &one,
            "{ config, lib, ... }:\n{\n  nix.settings = {\n    cores = lib.mkIf config.x 2;\n  };\n}\n",
            format!(
                "{{ config, lib, ... }}:\n{{\n  nix.settings = {{\n    cores = lib.mkIf config.x 2;\n    substituters = lib.mkIf config.x [\n      \"https://{key}.example.org/with/a/path/that/is/long\"\n    ];\n  }};\n}}\n"
            ),
        ),
    ] {
        let near = if before.contains("cores") {
            "nix.settings.cores"
        } else {
            "nix.settings.trusted-users"
        };
        case(
            before,
            &insert(near, "nix.settings.substituters", value, None),
            &after,
        );
    }
    case(
        "{\n  nix.settings.substituters = [ \"a\" \"b\" ];\n}\n",
        &set("nix.settings.substituters", &caches),
        &format!(
            "{{\n  nix.settings.substituters = [\n    \"https://cache.example.org\"\n    \"{key}\"\n  ];\n}}\n"
        ),
    );
    case(
        "{\n  nix.settings.substituters = [ \"https://a.example.org\" \"https://b.example.org\" ];\n}\n",
        &list_add("nix.settings.substituters", &["https://c.example.org"]),
        "{\n  nix.settings.substituters = [\n    \"https://a.example.org\"\n    \"https://b.example.org\"\n    \"https://c.example.org\"\n  ];\n}\n",
    );
}
