//! nixtune as a formatter of treefmt.

use super::hook_managers::shown;
use super::*;

const OLD: &str = "{ nix.settings.gc-keep-outputs = false; }\n";
const RENAMED: &str = "{ nix.settings.keep-outputs = false; }\n";

const MANY: usize = 100;

fn treefmt(it: &Repository, arguments: &[&str]) -> (bool, String) {
    let mut command = it.program(&tool("treefmt"), &it.root(), &programs_and_nixtune());
    // Its memory of files lies in the user's home.
    it.run(command.args(arguments))
}

fn repository() -> Repository {
    let it = Repository::new();
    it.write("treefmt.toml", &shown("treefmt.toml"));
    it
}

#[test]
fn it_fixes_many_files_and_leaves_them_alone_afterwards() {
    let it = repository();
    for number in 0..MANY {
        it.write(&format!("hosts/host {number}/default.nix"), OLD);
    }
    it.write("nix.conf", "gc-keep-outputs = false\n");
    it.write("etc/nix.custom.conf", "gc-keep-outputs = false\n");
    it.write("phoenix.conf", "gc-keep-outputs = false\n");
    it.git_here("add .");
    let (done, printed) = treefmt(&it, &[]);
    assert!(done, "{printed}");
    let changed = MANY + 2;
    assert!(
        printed.contains(&format!("({changed} changed)")),
        "{printed}"
    );
    for number in 0..MANY {
        let path = it.root().join(format!("hosts/host {number}/default.nix"));
        assert_eq!(fs::read_to_string(path).unwrap(), RENAMED, "{number}");
    }
    let read = |name: &str| fs::read_to_string(it.root().join(name)).unwrap();
    assert_eq!(read("nix.conf"), "keep-outputs = false\n");
    assert_eq!(read("etc/nix.custom.conf"), "keep-outputs = false\n");
    assert_eq!(read("phoenix.conf"), "gc-keep-outputs = false\n");
    // Without what it remembers, so that nixtune sees all of them again.
    let (done, printed) = treefmt(&it, &["--no-cache"]);
    assert!(done && printed.contains("(0 changed)"), "{printed}");
}

#[test]
fn it_fails_where_something_would_change_and_nowhere_else() {
    let it = repository();
    it.write("old.nix", OLD);
    it.git_here("add .");
    let (done, printed) = treefmt(&it, &["--fail-on-change"]);
    assert!(!done && printed.contains("old.nix"), "{printed}");
    let (done, printed) = treefmt(&it, &["--fail-on-change", "--no-cache"]);
    assert!(done, "{printed}");

    // What no safe fix mends is for `lint` to say.
    it.write("bad.nix", BAD);
    it.git_here("add .");
    let (done, printed) = treefmt(&it, &["--fail-on-change", "--no-cache"]);
    assert!(done, "{printed}");

    // So is a file that is broken; it is left as it is.
    it.write("broken.nix", "{ nix.settings.cores = ; }\n");
    it.git_here("add .");
    let (done, printed) = treefmt(&it, &["--fail-on-change", "--no-cache"]);
    assert!(done, "{printed}");
}
