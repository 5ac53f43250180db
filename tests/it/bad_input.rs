//! Input that nobody should write: nothing may crash, hang, or end without a word.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use nixtune::catalog::Catalog;
use nixtune::engine::{self, Request, Wanted};
use nixtune::system::{Memory, System};

use crate::cli::{nixtune, run};

/// Long enough for a debug build on a busy machine, short enough to notice a quadratic loop.
const PATIENCE: Duration = Duration::from_secs(120);

fn lint(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = nixtune(folder);
    command.arg("lint").args(arguments);
    let start = Instant::now();
    let output = run(command, b"");
    assert!(
        start.elapsed() < PATIENCE,
        "{arguments:?} took {:?}",
        start.elapsed()
    );
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Lints `content` beside a healthy file: both must be spoken of.
fn lint_beside(name: &str, content: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), content).unwrap();
    fs::write(
        folder.path().join("healthy.nix"),
        "{ system.stateVersion = 6; nix.settings.cores = \"auto\"; }\n",
    )
    .unwrap();
    let output = lint(folder.path(), &[]);
    let stdout = text(&output.stdout);
    assert!(
        stdout.contains("integer-auto-invalid") && stdout.contains("healthy.nix"),
        "{name}: the other file is not linted\n{stdout}"
    );
    (output.status.code(), stdout)
}

#[test]
fn a_hundred_thousand_brackets_of_every_kind_are_an_error_with_a_place() {
    let depth = 100_000;
    let kinds = [
        ("(", "1", ")"),
        ("[ ", "", " ]"),
        ("{ a = ", "1", "; }"),
        ("\"${", "\"a\"", "}\""),
        ("if true then ", "1", " else 1"),
        ("let a = 1; in ", "a", ""),
        ("x: ", "1", ""),
        ("with x; ", "1", ""),
        ("assert true; ", "1", ""),
        ("!", "true", ""),
        ("-", "1", ""),
    ];
    for (open, middle, close) in kinds {
        let value = open.repeat(depth) + middle + &close.repeat(depth);
        let file = format!("{{ nix.settings.max-jobs = {value}; }}\n");
        let (code, stdout) = lint_beside("deep.nix", &file);
        assert_eq!(code, Some(1), "{open}");
        assert!(
            stdout.contains("error[syntax-error]") && stdout.contains("deep.nix:"),
            "{open}: {stdout}"
        );
    }
}

#[test]
fn chains_of_a_hundred_thousand_terms_are_an_error_with_a_place() {
    for link in [
        "1+",
        "1 + ",
        "[ 1 ] ++ ",
        "{ } // ",
        "a.",
        "f x ",
        "true && ",
        "a.b or ",
    ] {
        let value = link.repeat(100_000);
        let file = format!("{{ nix.settings.max-jobs = {value}1; }}\n");
        let (code, stdout) = lint_beside("long.nix", &file);
        assert_eq!(code, Some(1), "{link}");
        assert!(
            stdout.contains("error[syntax-error]") && stdout.contains("long.nix:"),
            "{link}: {stdout}"
        );
    }
}

#[test]
fn what_a_person_writes_is_read_however_long() {
    // Depth and chains well above anything seen in real configurations.
    let deep = "(".repeat(150) + "4" + &")".repeat(150);
    let sum = "1 + ".repeat(300) + "1";
    let list: String = (0..3000).fold(String::new(), |mut list, number| {
        let _ = writeln!(list, "    \"https://{number}.example.org\"");
        list
    });
    let file = format!(
        "{{\n  nix.settings.max-jobs = {deep};\n  nix.settings.cores = {sum};\n  nix.settings.trusted-substituters = [\n{list}  ];\n}}\n"
    );
    let (_, stdout) = lint_beside("long.nix", &file);
    assert!(!stdout.contains("syntax-error"), "{stdout}");
}

#[test]
fn ten_megabytes_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut module = String::from("{\n  system.stateVersion = 6;\n");
    while module.len() < 10 << 20 {
        module.push_str("  # ");
        module.push_str(&"all work and no play makes a dull file ".repeat(12));
        module.push('\n');
    }
    module.push_str("  nix.settings.cores = \"auto\";\n}\n");
    fs::write(folder.path().join("big.nix"), &module).unwrap();
    let mut conf = "# nothing to see\n".repeat(10 << 16);
    conf.push_str("cores = auto\n");
    fs::write(folder.path().join("nix.conf"), &conf).unwrap();
    let output = lint(folder.path(), &["--select", "integer-auto-invalid"]);
    let stdout = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{stdout}");
    let line = module.lines().position(|line| line.contains("cores"));
    assert!(
        stdout.contains(&format!("big.nix:{}:", line.unwrap() + 1)),
        "{stdout}"
    );
    assert!(stdout.contains("nix.conf:655361:9"), "{stdout}");
}

#[test]
fn a_line_of_megabytes_is_shown_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!(
        "{{ system.stateVersion = 6; x = \"{}\"; nix.settings.cores = \"auto\"; }}",
        "a".repeat(2 << 20)
    );
    fs::write(folder.path().join("line.nix"), file).unwrap();
    let output = lint(folder.path(), &["--select", "integer-auto-invalid"]);
    let stdout = text(&output.stdout);
    assert!(stdout.contains("cores = \"auto\""), "{stdout}");
    assert!(stdout.len() < 4000, "{} bytes", stdout.len());
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_and_out_of_the_tree_are_not_followed() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree");
    fs::create_dir_all(tree.join("sub")).unwrap();
    fs::write(
        folder.path().join("outside.nix"),
        "{ system.stateVersion = 6; nix.settings.cores = \"auto\"; }\n",
    )
    .unwrap();
    symlink(&tree, tree.join("sub/up")).unwrap();
    symlink("loop.nix", tree.join("loop.nix")).unwrap();
    symlink("../outside.nix", tree.join("out.nix")).unwrap();
    fs::write(
        tree.join("a.nix"),
        "{ imports = [ ./out.nix ./loop.nix ]; nix.settings.gc-keep-outputs = false; }\n",
    )
    .unwrap();
    let output = lint(&tree, &["--select", "deprecated,correctness"]);
    let stdout = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{stdout}");
    assert!(stdout.contains("a.nix:"), "{stdout}");
    assert!(!stdout.contains("integer-auto-invalid"), "{stdout}");
    // A link that is named is asked for; one in a circle cannot be read.
    let output = lint(&tree, &["loop.nix"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("loop.nix"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_file_that_may_not_be_read_is_named_and_the_others_are_linted() {
    let system = Memory::new()
        .file(
            "/w/good.nix",
            "{ system.stateVersion = 6; nix.settings.cores = \"auto\"; }",
        )
        .file("/w/secret.nix", "{ nix.settings.cores = \"auto\"; }")
        .denied("/w/secret.nix");
    let request = Request {
        roots: vec!["/w".into()],
        ..Request::default()
    };
    let outcome = engine::lint(&system, &Catalog::embedded(), &request).unwrap();
    assert_eq!(outcome.exit_code(), 2);
    assert!(
        outcome.problems[0]
            .message
            .contains("/w/secret.nix: permission denied"),
        "{:?}",
        outcome.problems
    );
    assert!(
        outcome
            .diagnostics
            .iter()
            .any(|diagnostic| diagnostic.rule == "integer-auto-invalid")
    );
}

#[test]
fn a_closed_pipe_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("a.nix"),
        "{ system.stateVersion = 6; nix.settings.cores = \"auto\"; }",
    )
    .unwrap();
    let mut command = nixtune(folder.path());
    let mut child = command
        .arg("lint")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        !text(&output.stderr).contains("pipe"),
        "{}",
        text(&output.stderr)
    );
}

const FIXABLE: &str = "{\n  system.stateVersion = 6;\n  nix.settings.cores = \"auto\";\n}\n";
const FIXED: &str = "{\n  system.stateVersion = 6;\n  nix.settings.cores = 0;\n}\n";

fn two_files() -> Memory {
    Memory::new()
        .file("/w/a/default.nix", FIXABLE)
        .file("/w/b/default.nix", FIXABLE)
}

fn plan_of(system: &Memory) -> engine::Plan {
    let request = Request {
        roots: vec!["/w".into()],
        ..Request::default()
    };
    let wanted = Wanted {
        rules: vec!["integer-auto-invalid".into()],
        ..Wanted::default()
    };
    let plan = engine::plan(system, &Catalog::embedded(), &request, &wanted).unwrap();
    assert_eq!(plan.files.len(), 2, "{:?}", plan.left);
    plan
}

fn content(system: &Memory, path: &str) -> String {
    text(&system.read(Path::new(path), 1 << 20).unwrap())
}

#[test]
fn a_plan_is_written_wholly() {
    let system = two_files();
    engine::write(&system, &plan_of(&system)).unwrap();
    assert_eq!(content(&system, "/w/a/default.nix"), FIXED);
    assert_eq!(content(&system, "/w/b/default.nix"), FIXED);
}

#[test]
fn a_file_that_changed_since_it_was_read_stops_the_whole_plan() {
    let system = two_files();
    let plan = plan_of(&system);
    system
        .save(Path::new("/w/b/default.nix"), b"{ }\n")
        .unwrap();
    let error = engine::write(&system, &plan).unwrap_err().to_string();
    assert!(
        error.contains("w/b/default.nix: changed since it was read"),
        "{error}"
    );
    assert_eq!(content(&system, "/w/a/default.nix"), FIXABLE);
    assert_eq!(content(&system, "/w/b/default.nix"), "{ }\n");
}

#[test]
fn what_may_not_be_written_stops_the_whole_plan() {
    for (locked, word) in [("/w/b/default.nix", "read-only"), ("/w/b", "folder")] {
        let system = two_files().read_only(locked);
        let error = engine::write(&system, &plan_of(&system))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("w/b/default.nix") && error.contains(word),
            "{error}"
        );
        assert_eq!(content(&system, "/w/a/default.nix"), FIXABLE);
        assert_eq!(content(&system, "/w/b/default.nix"), FIXABLE);
    }
}

#[cfg(unix)]
#[test]
fn a_read_only_file_on_disk_is_named_and_keeps_its_mode_and_text() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("locked.nix");
    fs::write(&path, FIXABLE).unwrap();
    fs::write(folder.path().join("open.conf"), "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let apply = || {
        let mut command = nixtune(folder.path());
        command.args(["apply", "--write", "--rule", "integer-auto-invalid"]);
        run(command, b"")
    };
    let output = apply();
    assert_eq!(output.status.code(), Some(2));
    let stderr = text(&output.stderr);
    assert!(stderr.contains("locked.nix: is read-only"), "{stderr}");
    assert_eq!(fs::read_to_string(&path).unwrap(), FIXABLE);

    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(apply().status.code(), Some(0));
    assert_eq!(fs::read_to_string(&path).unwrap(), FIXED);
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[cfg(unix)]
#[test]
fn a_link_that_is_named_is_written_through() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("real.nix"), FIXABLE).unwrap();
    std::os::unix::fs::symlink("real.nix", folder.path().join("link.nix")).unwrap();
    let mut command = nixtune(folder.path());
    command.args([
        "apply",
        "link.nix",
        "--write",
        "--rule",
        "integer-auto-invalid",
    ]);
    let output = run(command, b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(folder.path().join("link.nix").is_symlink());
    assert_eq!(
        fs::read_to_string(folder.path().join("real.nix")).unwrap(),
        FIXED
    );
}

#[test]
fn the_diff_is_one_that_patch_accepts() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("plain.nix", FIXABLE.to_owned()),
        ("with blank.nix", FIXABLE.to_owned()),
        ("crlf.nix", FIXABLE.replace('\n', "\r\n")),
        ("no-end.nix", FIXABLE.trim_end().to_owned()),
        ("ümlaut.nix", FIXABLE.to_owned()),
    ];
    for (name, content) in &files {
        fs::create_dir_all(folder.path().join(format!("{name}.d"))).unwrap();
        fs::write(folder.path().join(format!("{name}.d/{name}")), content).unwrap();
    }
    let mut command = nixtune(folder.path());
    command.args(["apply", "--rule", "integer-auto-invalid"]);
    let output = run(command, b"");
    let diff = output.stdout;
    assert_eq!(
        text(&diff).matches("+++ ").count(),
        files.len(),
        "{}",
        text(&diff)
    );
    let mut git = std::process::Command::new("git");
    git.args(["apply", "--whitespace=nowarn", "-"])
        .current_dir(folder.path())
        .env("GIT_CEILING_DIRECTORIES", folder.path().parent().unwrap());
    let applied = run(git, &diff);
    assert!(applied.status.success(), "{}", text(&applied.stderr));
    for (name, content) in &files {
        let found = fs::read_to_string(folder.path().join(format!("{name}.d/{name}"))).unwrap();
        assert_eq!(found, content.replace("\"auto\"", "0"), "{name}");
    }
}
