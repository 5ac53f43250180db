//! Values that come through names: what only one option uses is changed where it is written.

use super::*;

const OPTION: &str = "nix.settings.max-jobs";

fn four(before: &str, after: &str) {
    case(before, &set(OPTION, &NewValue::Int(4)), after);
}

#[test]
fn a_name_that_is_used_once_gets_the_value() {
    four(
        "let\n  n = 8; # jobs\nin\n{\n  nix.settings.max-jobs = n;\n}\n",
        "let\n  n = 4; # jobs\nin\n{\n  nix.settings.max-jobs = n;\n}\n",
    );
    four(
        "let\n  a = 8;\n  b = a;\nin\n{ lib, ... }:\n{\n  nix.settings.max-jobs = lib.mkDefault b;\n}\n",
        "let\n  a = 4;\n  b = a;\nin\n{ lib, ... }:\n{\n  nix.settings.max-jobs = lib.mkDefault b;\n}\n",
    );
    four(
        "{ lib, ... }:\nlet\n  n = lib.mkForce (8);\nin\n{\n  nix.settings.max-jobs = n;\n}\n",
        "{ lib, ... }:\nlet\n  n = lib.mkForce (4);\nin\n{\n  nix.settings.max-jobs = n;\n}\n",
    );
    four(
        "let\n  tuned = { jobs ? 8 }: { nix.settings.max-jobs = jobs; };\nin\ntuned { }\n",
        "let\n  tuned = { jobs ? 4 }: { nix.settings.max-jobs = jobs; };\nin\ntuned { }\n",
    );
}

#[test]
fn a_name_that_others_use_keeps_its_value() {
    four(
        "let\n  n = 8;\nin\n{\n  nix.settings.max-jobs = n;\n  other = n;\n}\n",
        "let\n  n = 8;\nin\n{\n  nix.settings.max-jobs = 4;\n  other = n;\n}\n",
    );
    four(
        "let\n  n = 8;\n  m = n;\nin\n{\n  nix.settings.max-jobs = m;\n  other = n;\n}\n",
        "let\n  n = 8;\n  m = n;\nin\n{\n  nix.settings.max-jobs = 4;\n  other = n;\n}\n",
    );
    // What is computed from a name is no text of its own.
    four(
        "let\n  n = 4;\nin\n{\n  nix.settings.max-jobs = n * 2;\n}\n",
        "let\n  n = 4;\nin\n{\n  nix.settings.max-jobs = 4;\n}\n",
    );
    four(
        "let\n  n = 8;\nin\nrec {\n  nix.settings.max-jobs = n;\n  inherit n;\n}\n",
        "let\n  n = 8;\nin\nrec {\n  nix.settings.max-jobs = 4;\n  inherit n;\n}\n",
    );
}

#[test]
fn a_member_of_a_set_counts_by_itself() {
    four(
        "let\n  cfg = {\n    jobs = 8;\n    cores = 2;\n  };\nin\n{\n  nix.settings.max-jobs = cfg.jobs;\n  nix.settings.cores = cfg.cores;\n}\n",
        "let\n  cfg = {\n    jobs = 4;\n    cores = 2;\n  };\nin\n{\n  nix.settings.max-jobs = cfg.jobs;\n  nix.settings.cores = cfg.cores;\n}\n",
    );
    four(
        "let\n  cfg.nix.jobs = 8;\n  all = cfg;\nin\n{\n  nix.settings.max-jobs = cfg.nix.jobs;\n}\n",
        "let\n  cfg.nix.jobs = 8;\n  all = cfg;\nin\n{\n  nix.settings.max-jobs = 4;\n}\n",
    );
    four(
        "let\n  cfg = {\n    jobs = 8;\n  };\nin\n{\n  nix.settings.max-jobs = cfg.jobs;\n  x = cfg;\n}\n",
        "let\n  cfg = {\n    jobs = 8;\n  };\nin\n{\n  nix.settings.max-jobs = 4;\n  x = cfg;\n}\n",
    );
}

#[test]
fn inherited_names_lead_there_too() {
    four(
        "let\n  max-jobs = 8;\nin\n{\n  nix.settings = {\n    inherit max-jobs; # c\n  };\n}\n",
        "let\n  max-jobs = 4;\nin\n{\n  nix.settings = {\n    inherit max-jobs; # c\n  };\n}\n",
    );
    four(
        "let\n  cfg = {\n    max-jobs = 8;\n    cores = 2;\n  };\nin\n{\n  nix.settings = {\n    inherit (cfg) max-jobs cores;\n  };\n}\n",
        "let\n  cfg = {\n    max-jobs = 4;\n    cores = 2;\n  };\nin\n{\n  nix.settings = {\n    inherit (cfg) max-jobs cores;\n  };\n}\n",
    );
    four(
        "{ lib, ... }:\nlet\n  max-jobs = lib.mkForce 8;\nin\n{\n  nix.settings = {\n    inherit max-jobs;\n  };\n}\n",
        "{ lib, ... }:\nlet\n  max-jobs = lib.mkForce 4;\nin\n{\n  nix.settings = {\n    inherit max-jobs;\n  };\n}\n",
    );
}

#[test]
fn a_wrapper_that_others_share_is_not_lost() {
    assert_eq!(
        refused(
            "{ lib, ... }:\nlet\n  max-jobs = lib.mkForce 8;\nin\n{\n  nix.settings = {\n    inherit max-jobs;\n  };\n  x = max-jobs;\n}\n",
            &set(OPTION, &NewValue::Int(4)),
        ),
        Refusal::Wrapped
    );
}

#[test]
fn lists_grow_where_they_are_written() {
    case(
        "let\n  caches = [\n    \"a\"\n  ];\nin\n{\n  nix.settings.substituters = caches;\n}\n",
        &list_add("nix.settings.substituters", &["z"]),
        "let\n  caches = [\n    \"a\"\n    \"z\"\n  ];\nin\n{\n  nix.settings.substituters = caches;\n}\n",
    );
}

#[test]
fn what_all_uses_want_is_done_to_the_name() {
    let both = |workspace: &Workspace| {
        ["nix.gc.interval", "nix.optimise.interval"]
            .into_iter()
            .flat_map(|option| set(option, &NewValue::Int(4))(workspace))
            .collect()
    };
    case(
        "let\n  when = 8;\nin\n{\n  nix.gc.interval = when;\n  nix.optimise.interval = when;\n}\n",
        &both,
        "let\n  when = 4;\nin\n{\n  nix.gc.interval = when;\n  nix.optimise.interval = when;\n}\n",
    );
    case(
        "let\n  when = 8;\nin\n{\n  nix.gc.interval = when;\n  nix.optimise.interval = when;\n  x = when;\n}\n",
        &both,
        "let\n  when = 8;\nin\n{\n  nix.gc.interval = 4;\n  nix.optimise.interval = 4;\n  x = when;\n}\n",
    );
}
