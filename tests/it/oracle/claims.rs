//! What the rules' pages say of Nix, asked of every release that is here. One row is one claim:
//! the rule whose page makes it, what Nix is given, and what each release does with it.
//!
//! Lines of the machines file, literals of `nixConfig` and names of settings have tests of their
//! own beside this one (`builders`, `flake_config`, `catalog`).

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::{Oracle, oracles};

/// What a release does. The text is a part of what it prints.
#[derive(Clone, Copy, Debug)]
enum Does {
    /// Goes on without a warning; for a `nix.conf` the text is `setting = value` as it was read.
    Takes(&'static str),
    /// Goes on, and warns.
    Warns(&'static str),
    /// Ends with an error.
    Refuses(&'static str),
}

use Does::{Refuses, Takes, Warns};

/// Rule, what Nix is given, what the first release and what the modern one does.
type Claim = (&'static str, &'static str, Does, Does);

fn does(oracle: &Oracle, claim: &Claim) -> Does {
    if oracle.is_modern() { claim.3 } else { claim.2 }
}

/// Asks every release for every claim, and tells of all that do not hold.
fn hold(claims: &[Claim], ask: impl Fn(&Oracle, &str) -> (bool, String)) {
    let mut wrong = Vec::new();
    for oracle in oracles() {
        for claim in claims {
            let (succeeds, printed) = ask(oracle, claim.1);
            let does = does(oracle, claim);
            let warned = printed.contains("warning:");
            let holds = match does {
                Takes(part) => succeeds && !warned && printed.contains(part),
                Warns(part) => succeeds && warned && printed.contains(part),
                Refuses(part) => !succeeds && printed.contains(part),
            };
            if !holds {
                let (rule, given, ..) = claim;
                let version = oracle.version;
                wrong.push(format!(
                    "{rule}: `{given}`: {version} should be {does:?}, but says {printed}"
                ));
            }
            assert!(
                nixtune::rules::find(claim.0).is_some(),
                "no rule is called {}",
                claim.0
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn alike(rule: &'static str, given: &'static str, does: Does) -> Claim {
    (rule, given, does, does)
}

#[test]
fn nix_conf_is_read_as_the_pages_say() {
    let bool_refused = Refuses("Boolean setting 'keep-outputs' has invalid value");
    let line = (
        Refuses("illegal configuration line"),
        Refuses("syntax error in configuration line"),
    );
    let malformed = |text| ("conf-line-malformed", text, line.0, line.1);
    let min_free = Refuses("setting 'min-free' has invalid value");
    let relative = Refuses("not an absolute path");
    let claims = [
        alike(
            "bool-spelling",
            "keep-outputs = yes",
            Takes("keep-outputs = true"),
        ),
        alike(
            "bool-spelling",
            "keep-outputs = 1",
            Takes("keep-outputs = true"),
        ),
        alike(
            "bool-spelling",
            "keep-outputs = no",
            Takes("keep-outputs = false"),
        ),
        alike(
            "bool-spelling",
            "keep-outputs = 0",
            Takes("keep-outputs = false"),
        ),
        alike("bool-spelling", "keep-outputs = on", bool_refused),
        alike("bool-spelling", "keep-outputs = enabled", bool_refused),
        alike("bool-spelling", "keep-outputs = True", bool_refused),
        alike("semicolon-in-conf", "keep-outputs = true;", bool_refused),
        alike(
            "semicolon-in-conf",
            "system-features = kvm big-parallel;",
            Takes(r#"system-features = ["big-parallel;","kvm"]"#),
        ),
        malformed("keep-outputs=true"),
        malformed("keep-outputs =true"),
        malformed("keep-outputs true"),
        malformed("// words"),
        malformed("[section]"),
        malformed("include"),
        alike(
            "conf-line-malformed",
            "include /no/such/file",
            Refuses("not found"),
        ),
        alike(
            "conf-line-malformed",
            "!include /no/such/file",
            Takes("cores = "),
        ),
        alike(
            "hash-in-value",
            "bash-prompt = a#b",
            Takes(r#"bash-prompt = "a""#),
        ),
        alike(
            "hash-in-value",
            "system-features = a b#c d",
            Takes(r#"system-features = ["a","b"]"#),
        ),
        alike(
            "include-as-value",
            "access-tokens = !include /run/tokens",
            Takes("access-tokens = {}"),
        ),
        alike(
            "integer-auto-invalid",
            "cores = auto",
            Refuses("setting 'cores' has invalid value 'auto'"),
        ),
        alike("integer-auto-invalid", "min-free = auto", min_free),
        alike(
            "integer-auto-invalid",
            "max-jobs = AUTO",
            Refuses("should be 'auto' or an integer"),
        ),
        alike(
            "setting-type-mismatch",
            "timeout = soon",
            Refuses("setting 'timeout' has invalid value"),
        ),
        alike(
            "setting-type-mismatch",
            "sandbox = maybe",
            Refuses("option 'sandbox' has invalid value"),
        ),
        alike(
            "setting-type-mismatch",
            "cores = 1.5",
            Refuses("setting 'cores' has invalid value"),
        ),
        alike("size-unit-invalid", "min-free = 5GB", min_free),
        alike("size-unit-invalid", "min-free = 5GiB", min_free),
        alike("size-unit-invalid", "min-free = 5 G", min_free),
        alike("size-unit-invalid", "min-free = 1.5G", min_free),
        alike("size-unit-invalid", "min-free = 1e9", min_free),
        (
            "size-unit-unsupported",
            "min-free = 5G",
            min_free,
            Takes("min-free = 5368709120"),
        ),
        (
            "size-suffix-on-count",
            "cores = 4G",
            Refuses("setting 'cores' has invalid value"),
            Takes("cores = 0"),
        ),
        (
            "size-suffix-on-count",
            "http-connections = 1K",
            Refuses("setting 'http-connections' has invalid value"),
            Takes("http-connections = 1024"),
        ),
        alike(
            "size-suffix-on-count",
            "max-jobs = 4G",
            Refuses("should be 'auto' or an integer"),
        ),
        alike(
            "alias-and-canonical",
            "build-timeout = 3\ntimeout = 5",
            Takes("timeout = 5"),
        ),
        alike(
            "alias-and-canonical",
            "timeout = 5\nbuild-timeout = 3",
            Takes("timeout = 3"),
        ),
        alike(
            "alias-and-canonical",
            "gc-keep-outputs = true\nkeep-outputs = false",
            Takes("keep-outputs = false"),
        ),
        alike(
            "alias-and-canonical",
            "trusted-binary-caches = https://a\ntrusted-substituters = https://b",
            Takes(r#"trusted-substituters = ["https://b"]"#),
        ),
        alike(
            "deprecated-setting-alias",
            "build-cores = 4\ncores = 0",
            Takes("cores = 0"),
        ),
        alike(
            "duplicate-setting-two-spellings",
            "cores = 4\ncores = 2",
            Takes("cores = 2"),
        ),
        alike(
            "extra-options-overrides-settings",
            "substituters = https://a\nsubstituters = https://b",
            Takes(r#"substituters = ["https://b"]"#),
        ),
        alike(
            "extra-shadowed-by-base",
            "extra-substituters = https://a\nsubstituters = https://b",
            Takes(r#"substituters = ["https://b"]"#),
        ),
        alike(
            "extra-shadowed-by-base",
            "substituters = https://b\nextra-substituters = https://a",
            Takes(r#"substituters = ["https://b","https://a"]"#),
        ),
        alike(
            "unknown-setting",
            "no-such-setting = 1",
            Warns("unknown setting 'no-such-setting'"),
        ),
        alike(
            "unknown-setting",
            "Cores = 4",
            Warns("unknown setting 'Cores'"),
        ),
        alike(
            "unknown-setting",
            "extra-cores = 4",
            Warns("unknown setting 'extra-cores'"),
        ),
        alike(
            "experimental-feature-removed",
            "extra-experimental-features = repl-flake",
            Warns("unknown experimental feature 'repl-flake'"),
        ),
        alike(
            "experimental-feature-wrong-implementation",
            "extra-experimental-features = pipe-operator",
            Warns("unknown experimental feature 'pipe-operator'"),
        ),
        (
            "setting-gated",
            "auto-allocate-uids = maybe",
            Warns("unknown setting"),
            Warns("experimental feature 'auto-allocate-uids' is not enabled"),
        ),
        (
            "setting-gated",
            "auto-allocate-uids = true\nextra-experimental-features = auto-allocate-uids",
            Warns("unknown setting"),
            Takes("auto-allocate-uids = true"),
        ),
        (
            "path-not-absolute",
            "netrc-file = ~/netrc",
            Takes(r#"netrc-file = "~/netrc""#),
            relative,
        ),
        (
            "path-not-absolute",
            "netrc-file = $HOME/netrc",
            Takes("$HOME"),
            relative,
        ),
        alike("path-not-absolute", "diff-hook = bin/diff", relative),
        (
            "substituter-without-scheme",
            "substituters = cache.example.org",
            Takes("cache.example.org"),
            Refuses("Cannot parse Nix store 'cache.example.org'"),
        ),
        alike(
            "substituter-without-scheme",
            "substituters = auto daemon local",
            Takes("daemon"),
        ),
        alike("key-malformed", "trusted-public-keys = bad", Takes("bad")),
        alike(
            "builder-line-malformed",
            "builders = build01 - - two",
            Takes("two"),
        ),
        alike(
            "accept-flake-config",
            "accept-flake-config = ask",
            Refuses("Boolean setting"),
        ),
    ];
    hold(&claims, |oracle, text| {
        match oracle.read_conf(&format!("{text}\n")) {
            Err(error) => (false, error),
            Ok(read) => {
                let settings = read.settings.as_object().unwrap();
                let lines = settings
                    .iter()
                    .map(|(name, setting)| format!("{name} = {}\n", setting["value"]));
                let asked = |line: &String| {
                    let name = line.split(" = ").next().unwrap();
                    text.contains(name) || name == "cores"
                };
                let lines: String = lines.filter(asked).collect();
                (true, format!("{}\n{lines}", read.warnings.join("\n")))
            }
        }
    });
}

/// A program of this Nix with everything it keeps below `home`.
fn alone(oracle: &Oracle, home: &Path, program: &str) -> Command {
    let mut command = Command::new(oracle.bin().join(program));
    for name in [
        "NIX_PATH",
        "NIX_REMOTE",
        "NIX_CONFIG",
        "NIX_USER_CONF_FILES",
    ] {
        command.env_remove(name);
    }
    for (name, folder) in oracle.environment() {
        command.env(name, home.join(folder.file_name().unwrap()));
    }
    command.stdin(Stdio::null());
    command
}

/// A folder for a store. Its path has no symbolic link in it, which Nix would refuse.
fn home(conf: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    std::fs::create_dir(home.path().join("conf")).unwrap();
    let head = "build-users-group =\nsandbox = false\nsubstituters =\n";
    let text = format!("{head}{conf}\n");
    std::fs::write(home.path().join("conf/nix.conf"), text).unwrap();
    home
}

fn told(output: &Output) -> (bool, String) {
    let printed = [&output.stdout[..], &output.stderr[..]].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&printed).into_owned(),
    )
}

#[test]
fn ages_are_refused_as_the_pages_say() {
    let days = Refuses("invalid number of days specifier");
    let rule = "gc-older-than-unit";
    let mut claims: Vec<Claim> = ["2w", "30", "+2", "1m", "0d", "-1d", "1.5d", "7D", "d"]
        .map(|age| alike(rule, age, days))
        .into();
    claims.push(alike(rule, "7d", Takes("")));
    claims.push(alike(rule, "+7d", Takes("")));
    claims.push(alike(rule, "007d", Takes("")));
    let collect = |oracle: &Oracle, arguments: &[&str]| {
        // Ages are read only when there is a profile to clean.
        let home = home("");
        let profiles = home.path().join("state/profiles");
        std::fs::create_dir_all(&profiles).unwrap();
        for generation in ["system-1-link", "system-2-link"] {
            symlink("/no/such/system", profiles.join(generation)).unwrap();
        }
        symlink("system-2-link", profiles.join("system")).unwrap();
        let mut command = alone(oracle, home.path(), "nix-collect-garbage");
        told(&command.arg("--dry-run").args(arguments).output().unwrap())
    };
    hold(&claims, |oracle, age| {
        collect(oracle, &["--delete-older-than", age])
    });
    let one_word = [alike(
        "hm-darwin-gc-options-split",
        "--delete-older-than 30d",
        Refuses("unrecognised flag '--delete-older-than 30d'"),
    )];
    hold(&one_word, |oracle, word| collect(oracle, &[word]));
    // Both given: the age counts.
    let both = [
        alike(
            "gc-deletes-all-generations",
            "-d",
            Takes("would remove profile version 1"),
        ),
        alike(
            "gc-keeps-all-generations",
            "--print-build-logs",
            Refuses("unrecognised flag"),
        ),
    ];
    hold(&both, |oracle, flag| collect(oracle, &[flag]));
    for oracle in oracles() {
        let (ok, printed) = collect(oracle, &["-d", "--delete-older-than", "30d"]);
        assert!(ok && !printed.contains("would remove"), "{printed}");
        let (ok, printed) = collect(oracle, &[]);
        assert!(ok && !printed.contains("would remove"), "{printed}");
    }
}

#[test]
fn flakes_are_read_as_the_pages_say() {
    let claims = [
        // As an output it is not even looked at.
        alike(
            "flake-nixconfig-not-toplevel",
            r#"{ outputs = _: { x = 1; nixConfig.cores = "many"; }; }"#,
            Takes("1"),
        ),
        alike(
            "flake-nixconfig-not-toplevel",
            r#"{ nixConfig.cores = "many"; outputs = _: { x = 1; }; }"#,
            Refuses("setting 'cores' has invalid value 'many'"),
        ),
        alike(
            "unknown-setting",
            r#"{ nixConfig.no-such-setting = "x"; outputs = _: { x = 1; }; }"#,
            Takes("1"),
        ),
        alike(
            "hash-in-value",
            r#"{ nixConfig.cores = "4#2"; outputs = _: { x = 1; }; }"#,
            Refuses("setting 'cores' has invalid value '4#2'"),
        ),
        // In the order of the names, not in the one of the file.
        alike(
            "extra-shadowed-by-base",
            r#"{ nixConfig = { timeout = "x"; cores = "y"; }; outputs = _: { x = 1; }; }"#,
            Refuses("setting 'cores' has invalid value 'y'"),
        ),
    ];
    let eval = |oracle: &Oracle, text: &str, accept: &[&str]| {
        let home = home("experimental-features = nix-command flakes");
        let flake = tempfile::tempdir().unwrap();
        std::fs::write(flake.path().join("flake.nix"), text).unwrap();
        let reference = format!("path:{}#x", flake.path().display());
        let mut command = alone(oracle, home.path(), "nix");
        told(
            &command
                .args(accept)
                .args(["eval", &reference])
                .output()
                .unwrap(),
        )
    };
    hold(&claims, |oracle, text| {
        eval(oracle, text, &["--accept-flake-config"])
    });
    let unasked = [
        alike(
            "flake-nixconfig-not-toplevel",
            r#"{ outputs = _: { x = 1; nixConfig.timeout = 4; }; }"#,
            Takes("1"),
        ),
        alike(
            "accept-flake-config",
            r#"{ nixConfig.timeout = 4; outputs = _: { x = 1; }; }"#,
            Warns("ignoring untrusted flake configuration setting 'timeout'"),
        ),
    ];
    hold(&unasked, |oracle, text| eval(oracle, text, &[]));
}

/// A derivation that writes a file, with more attributes.
fn derivation(more: &str) -> String {
    format!(
        r#"derivation ({{ name = "x"; system = builtins.currentSystem; builder = "/bin/sh";
        args = [ "-c" "echo x > $out" ]; }} // {{ {more} }})"#
    )
}

fn build(oracle: &Oracle, home: &Path, more: &str) -> (bool, String) {
    let mut command = alone(oracle, home, "nix-build");
    command.args(["--no-out-link", "--expr", &derivation(more)]);
    told(&command.output().unwrap())
}

#[test]
fn builds_end_as_the_pages_say() {
    let missing_feature = r#"requiredSystemFeatures = [ "no-such-feature" ];"#;
    let claims = [
        (
            "max-jobs-zero-without-builders",
            "max-jobs = 0",
            Refuses("unable to start any build"),
            Refuses("local builds are disabled"),
        ),
        (
            "substituter-without-scheme",
            "substituters = cache.example.org",
            Warns("don't know how to open Nix store 'cache.example.org'"),
            Refuses("Cannot parse Nix store 'cache.example.org'"),
        ),
    ];
    hold(&claims, |oracle, conf| build(oracle, home(conf).path(), ""));
    let required = [
        (
            "linux-builder-foreign-system",
            r#"system = "riscv64-linux";"#,
            Refuses("a 'riscv64-linux' with features {} is required"),
            Refuses("platform mismatch"),
        ),
        (
            "system-features-clobbered",
            missing_feature,
            Refuses("with features {no-such-feature} is required"),
            Refuses("missing system features"),
        ),
    ];
    hold(&required, |oracle, more| {
        build(oracle, home("").path(), more)
    });
}

#[test]
fn a_build_dir_that_all_may_write_into_is_refused() {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let is_root = std::fs::metadata(folder.path()).unwrap().uid() == 0;
    // Without root builds have no users of their own, and everything is allowed.
    let users = if is_root {
        "experimental-features = auto-allocate-uids\nauto-allocate-uids = true\n\
         build-users-group = root\n"
    } else {
        ""
    };
    let conf = format!("{users}build-dir = {}", folder.path().display());
    for oracle in oracles().iter().filter(|oracle| oracle.is_modern()) {
        let (ok, printed) = build(oracle, home(&conf).path(), "");
        assert_eq!(ok, !is_root, "{printed}");
        assert_eq!(
            printed.contains("is world-writable or a symlink"),
            is_root,
            "{printed}"
        );
    }
}

#[test]
fn keys_are_read_when_a_path_is_to_be_verified() {
    let claims = [
        (
            "key-malformed",
            "bad",
            Refuses("key is corrupt"),
            Refuses("key is corrupt"),
        ),
        (
            "key-malformed",
            "a:b",
            Refuses("public key is not valid"),
            Refuses("key is corrupt"),
        ),
        alike(
            "key-malformed",
            "a:!!!!",
            Refuses("invalid character in Base64 string"),
        ),
        alike(
            "key-malformed",
            "a:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY",
            Warns("signed by any of the keys in 'trusted-public-keys'"),
        ),
        alike(
            "substituter-without-key",
            "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=",
            Warns("signed by any of the keys in 'trusted-public-keys'"),
        ),
    ];
    hold(&claims, |oracle, key| {
        let home = home(&format!("trusted-public-keys = {key}"));
        let (ok, printed) = build(oracle, home.path(), "");
        assert!(ok, "nothing is verified yet: {printed}");
        let path = printed
            .lines()
            .find(|line| line.ends_with("-x") && line.starts_with('/'))
            .unwrap();
        let cache = format!("file://{}", home.path().join("cache.d").display());
        for arguments in [
            ["copy", "--to", &cache, path].as_slice(),
            &["store", "delete", path],
        ] {
            let mut command = alone(oracle, home.path(), "nix");
            command.args(["--extra-experimental-features", "nix-command"]);
            let (ok, printed) = told(&command.args(arguments).output().unwrap());
            assert!(ok, "{printed}");
        }
        let mut command = alone(oracle, home.path(), "nix-build");
        command.args(["--no-out-link", "--expr", &derivation("")]);
        command.args(["--option", "substituters", &cache]);
        told(&command.output().unwrap())
    });
}

/// Answers as a cache without any path, until a request asks for the end.
fn serve(listener: &TcpListener) {
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).unwrap();
        let request = String::from_utf8_lossy(&request[..length]).into_owned();
        let (status, body) = if request.contains("/nix-cache-info") {
            ("200 OK", "StoreDir: STORE\nPriority: 30\n")
        } else {
            ("404 Not Found", "")
        };
        let store = request
            .split_whitespace()
            .nth(1)
            .and_then(|path| path.strip_suffix("/nix-cache-info"))
            .unwrap_or_default();
        let body = body.replace("STORE", store);
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close");
        // The client may have gone.
        drop(stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()));
        if request.starts_with("END") {
            return;
        }
    }
}

#[test]
fn a_cache_that_went_away_fails_the_build_without_fallback() {
    for oracle in oracles() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || serve(&listener));
        let home = home("download-attempts = 1");
        // The address says which store the cache is of.
        let store = home.path().join("store");
        let cache = format!("http://{address}{}", store.display());
        let fetch = |name: &str, fallback: &str| {
            let mut command = alone(oracle, home.path(), "nix-build");
            let more = format!(r#"name = "{name}";"#);
            command.args(["--no-out-link", "--expr", &derivation(&more)]);
            command.args(["--option", "substituters", &cache]);
            command.args(["--option", "fallback", fallback]);
            told(&command.output().unwrap())
        };
        let (ok, printed) = fetch("first", "false");
        assert!(ok, "{printed}");
        let mut end = TcpStream::connect(address).unwrap();
        end.write_all(b"END / HTTP/1.1\r\n\r\n").unwrap();
        server.join().unwrap();
        let (ok, printed) = fetch("second", "false");
        assert!(!ok && printed.contains("unable to download"), "{printed}");
        let (ok, printed) = fetch("second", "true");
        // 2.8 may end with an exception of its own when it meets the cache again.
        assert!(ok || !oracle.is_modern(), "{printed}");
    }
}

#[test]
fn a_daemon_drops_what_it_restricts_and_takes_the_rest() {
    let restricted = [
        "trusted-public-keys = a:b",
        "min-free = 5",
        "sandbox = true",
        "keep-outputs = true",
    ];
    let taken = [
        "max-jobs = 3",
        "cores = 3",
        "timeout = 3",
        "max-silent-time = 3",
        "fallback = true",
        "keep-going = true",
        "keep-failed = true",
        "substitute = false",
        "connect-timeout = 3",
    ];
    // Only newer releases can be told not to trust who starts them.
    for oracle in oracles().iter().filter(|oracle| oracle.is_modern()) {
        let ask = |line: &str| {
            let home = home("experimental-features = daemon-trust-override");
            let socket = home.path().join("s");
            let listener = UnixListener::bind(&socket).unwrap();
            let mut client = alone(oracle, home.path(), "nix");
            client
                .args(["--extra-experimental-features", "nix-command"])
                .args(["store", "info", "--store"])
                .arg(format!("unix://{}", socket.display()))
                .env("NIX_CONF_DIR", home.path().join("no-conf"))
                .env("NIX_CONFIG", line)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            let client = client.spawn().unwrap();
            let (stream, _) = listener.accept().unwrap();
            let mut daemon = alone(oracle, home.path(), "nix-daemon")
                .args(["--stdio", "--force-untrusted"])
                .stdin(OwnedFd::from(stream.try_clone().unwrap()))
                .stdout(OwnedFd::from(stream))
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let said = told(&client.wait_with_output().unwrap());
            daemon.wait().unwrap();
            said
        };
        for (lines, warned) in [(&restricted[..], true), (&taken[..], false)] {
            for line in lines {
                let (ok, printed) = ask(line);
                let name = line.split(' ').next().unwrap();
                let warning = format!(
                    "ignoring the client-specified setting '{name}', because it is a restricted \
                     setting and you are not a trusted user"
                );
                assert!(ok, "{line}: {printed}");
                assert_eq!(printed.contains(&warning), warned, "{line}: {printed}");
            }
        }
    }
}
