//! The loop closes for binary caches: what asks them, what serves them and what fills them.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use nixtune::catalog::PublicKey;
use nixtune::engine::Request;
use nixtune::generate::{Cache, CacheServer, Generated, Server, Sink, cache, cache_server};
use nixtune::policy::TargetPolicy;
use nixtune::system::Memory;

use super::builders::said;
use super::{NIXES, assert_sound, catalog, formatters_leave};
use crate::oracle::oracles;

const KEY: &str = "cache.example.org-1:1/cKDz3QCCOmwcztD2eV6Coggp6rqc9DGjWv7C0G+rM=";

/// Addresses of every kind; those without keys are known.
const URLS: [(&str, &[&str]); 9] = [
    ("https://nix-community.cachix.org", &[]),
    ("https://cache.example.org", &[KEY]),
    ("https://cache.example.org/team?priority=50", &[KEY]),
    ("https://nas.lan:8443", &[KEY]),
    ("http://192.168.1.4:5000", &[KEY]),
    ("http://localhost:5000", &[KEY]),
    ("http://build.tail1234.ts.net:5000", &[KEY]),
    ("ssh-ng://nix-ssh@store.example.org", &[KEY]),
    ("s3://bucket?region=eu-central-1", &[KEY]),
];

const SINKS: [Sink; 5] = [
    Sink::NixDarwin,
    Sink::Nixos,
    Sink::Determinate,
    Sink::NixConf,
    Sink::Flake,
];

struct Made {
    name: String,
    sink: Sink,
    url: &'static str,
    on_demand: bool,
    text: String,
}

fn clients() -> Vec<Made> {
    let mut made = Vec::new();
    for sink in SINKS {
        for (url, keys) in URLS {
            for on_demand in [false, true] {
                for explain in [false, true] {
                    let wanted = Cache {
                        explain,
                        url: url.to_owned(),
                        keys: keys.iter().map(|&key| key.to_owned()).collect(),
                        on_demand,
                    };
                    let Ok((rows, generated)) = cache(sink, &wanted, catalog()) else {
                        assert!(sink == Sink::Flake && on_demand, "{url}");
                        continue;
                    };
                    assert!(rows.iter().all(|row| !row.reason.is_empty()));
                    let text = generated.files.into_iter().next().unwrap().text;
                    made.push(Made {
                        name: format!("{} {url} {on_demand}", sink.name()),
                        sink,
                        url,
                        on_demand,
                        text: match sink {
                            Sink::Flake => format!("{{\n{text}  outputs = _: {{ }};\n}}\n"),
                            _ => text,
                        },
                    });
                }
            }
        }
    }
    made
}

fn lint(name: &str, path: &str, text: &str, target: TargetPolicy) {
    let system = Memory::new().file(path, text).on("plan9", "x86_64");
    let request = Request {
        roots: vec![path.into()],
        target,
        ..Request::default()
    };
    assert_sound(name, text, &system, &request);
}

#[test]
fn caches_are_linted_without_a_word_and_left_as_they_are() {
    let made = clients();
    assert!(made.len() > 100, "{}", made.len());
    for (number, one) in made.iter().enumerate() {
        let path = match one.sink {
            Sink::NixConf => "/w/nix.conf",
            Sink::Flake => "/w/flake.nix",
            _ => "/w/nix-cache.nix",
        };
        for (turn, nix) in NIXES.into_iter().enumerate() {
            // Every third, each time another one.
            if (number + turn) % 3 != 0 {
                continue;
            }
            let is_determinate = nix.starts_with("determinate");
            if (one.sink == Sink::Determinate) != is_determinate && !nix.is_empty() {
                continue;
            }
            let target = TargetPolicy {
                module_system: Some(one.sink.module_system()),
                ..nix.parse().unwrap()
            };
            lint(&format!("{} {nix}", one.name), path, &one.text, target);
        }
        if one.sink != Sink::NixConf {
            formatters_leave(&one.name, &one.text);
        }
    }
}

#[test]
fn modules_and_real_nix_take_caches() {
    for oracle in oracles() {
        for one in clients() {
            let list = if one.on_demand {
                "trusted-substituters"
            } else {
                "substituters"
            };
            let kind = match one.sink {
                Sink::NixDarwin => "nix-darwin",
                Sink::Nixos => "nixos",
                Sink::Determinate => "determinate",
                Sink::NixConf => {
                    let read = oracle.read_conf(&one.text).unwrap();
                    assert_eq!(read.warnings, [""; 0], "{}", one.name);
                    let asked = read.settings[list]["value"].as_array().unwrap();
                    // Nix 2.8 reads a list of addresses as one of words as well.
                    assert!(asked.iter().any(|url| url == one.url), "{asked:?}");
                    continue;
                }
                Sink::Flake | Sink::HomeManager => {
                    oracle.parse(&one.text).unwrap();
                    continue;
                }
            };
            let said = said(oracle, kind, &one.text);
            let settings = &said["settings"];
            let urls = settings
                .get(list)
                .or_else(|| settings.get(format!("extra-{list}")));
            assert_eq!(urls.unwrap()[0], one.url, "{}", one.name);
        }
    }
}

/// The server's module and the scripts.
fn server(server: Option<Server>, upload: Option<&str>, email: Option<&str>) -> Generated {
    let url = match server {
        Some(Server::Attic) => "https://cache.example.org/main",
        Some(Server::S3) => "s3://bucket?region=eu-central-1",
        Some(Server::Ssh) => "ssh-ng://nix-ssh@store.example.org",
        _ => "https://cache.example.org",
    };
    let wanted = CacheServer {
        explain: true,
        url: url.to_owned(),
        server,
        upload: upload.map(str::to_owned),
        secret_key_file: "/var/lib/secrets/key".to_owned(),
        email: email.map(str::to_owned),
    };
    cache_server(None, &wanted).unwrap().1
}

#[test]
fn servers_are_modules_that_nixos_takes() {
    for kind in Server::ALL {
        for email in [None, Some("me@example.org")] {
            let made = server(Some(kind), None, email);
            let asks_for_mail = made.next.iter().any(|step| step.contains("security.acme"));
            let has_certificate = !matches!(kind, Server::S3 | Server::Ssh);
            assert_eq!(asks_for_mail, email.is_none() && has_certificate);
            let Some(file) = made.files.first() else {
                assert_eq!(kind, Server::S3);
                continue;
            };
            let target = TargetPolicy {
                module_system: Some(Sink::Nixos.module_system()),
                ..TargetPolicy::default()
            };
            lint(kind.name(), "/w/cache-server.nix", &file.text, target);
            formatters_leave(kind.name(), &file.text);
            for oracle in oracles() {
                let said = said(oracle, "nixos", &file.text);
                let services = &said["services"];
                let secret = match kind {
                    Server::Harmonia => &services["harmonia"]["cache"]["signKeyPaths"][0],
                    Server::NixServeNg => &services["nix-serve"]["secretKeyFile"],
                    Server::Ssh => &said["settings"]["secret-key-files"][0],
                    Server::Attic | Server::S3 => &services["atticd"]["environmentFile"],
                };
                let wanted = match kind {
                    Server::Attic => "/var/lib/secrets/atticd.env",
                    _ => "/var/lib/secrets/key",
                };
                assert_eq!(secret, wanted, "{}", kind.name());
                if has_certificate {
                    assert_eq!(said["ports"], serde_json::json!([80, 443]));
                    let nginx = &services["nginx"]["virtualHosts"]["cache.example.org"];
                    let port = if kind == Server::Attic { 8080 } else { 5000 };
                    assert_eq!(
                        nginx["locations"]["/"]["proxyPass"],
                        format!("http://127.0.0.1:{port}")
                    );
                }
            }
        }
    }
}

/// Puts the scripts into a folder, ready to run.
fn scripts(folder: &Path, upload: &str) {
    for file in server(None, Some(upload), None).files {
        let path = folder.join(file.path.unwrap().file_name().unwrap());
        fs::write(&path, file.text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[test]
fn scripts_pass_shellcheck() {
    let folder = tempfile::tempdir().unwrap();
    for upload in ["s3://bucket?region=eu-central-1", "own:main"] {
        scripts(folder.path(), upload);
        for name in ["queue-for-cache.sh", "upload-queued.sh"] {
            let output = Command::new("shellcheck")
                .args(["--enable=all", "--exclude=SC2250,SC2312,SC2310"])
                .arg(folder.path().join(name))
                .output()
                .unwrap_or_else(|error| {
                    panic!("shellcheck: {error}; run tests/set-up, which installs it")
                });
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{said}");
        }
    }
}

fn run(folder: &Path, script: &str, variables: &[(&str, &str)]) -> Output {
    let path = format!("{}:/usr/bin:/bin", folder.join("bin").display());
    Command::new(folder.join(script))
        .env_clear()
        .env("PATH", path)
        .env("NIX_CACHE_QUEUE", folder.join("queue"))
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn builds_are_noted_and_uploaded_once() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    scripts(folder, "s3://bucket?region=eu-central-1");
    let bin = folder.join("bin");
    fs::create_dir(&bin).unwrap();
    let fake = bin.join("nix");
    let log = folder.join("log");
    let set_fake = |code: i32| {
        let text = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$@\" >>{}\nexit {code}\n",
            log.display()
        );
        fs::write(&fake, text).unwrap();
        fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();
    };
    let [out, dev] = ["out", "dev"].map(|name| folder.join(name).display().to_string());
    fs::write(&out, "").unwrap();
    fs::write(&dev, "").unwrap();

    // Nothing is there to upload, and that is no failure.
    set_fake(1);
    assert!(run(folder, "upload-queued.sh", &[]).status.success());
    let noted = [
        ("DRV_PATH", "/nix/store/abc-hello.drv".to_owned()),
        ("OUT_PATHS", format!("{out} {dev} /nix/store/gone")),
    ];
    let noted: Vec<_> = noted
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    let output = run(folder, "queue-for-cache.sh", &noted);
    assert!(
        output.status.success() && output.stdout.is_empty(),
        "{output:?}"
    );

    // What cannot be uploaded stays.
    let failed = run(folder, "upload-queued.sh", &[]);
    assert!(!failed.status.success());
    assert!(folder.join("queue/abc-hello.drv").exists());
    fs::remove_file(&log).unwrap();
    set_fake(0);
    assert!(run(folder, "upload-queued.sh", &[]).status.success());
    let asked: Vec<String> = fs::read_to_string(&log)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    let wanted = [
        "--extra-experimental-features",
        "nix-command",
        "copy",
        "--to",
        "s3://bucket?region=eu-central-1",
        &dev,
        &out,
    ];
    assert_eq!(asked, wanted);
    assert_eq!(fs::read_dir(folder.join("queue")).unwrap().count(), 0);

    // A build goes on when it cannot be noted.
    let nowhere = [noted.as_slice(), &[("NIX_CACHE_QUEUE", "/dev/null/queue")]].concat();
    let output = run(folder, "queue-for-cache.sh", &nowhere);
    assert!(output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("abc-hello.drv is not noted"), "{said}");
}

#[test]
fn real_nix_runs_the_hook_and_the_upload() {
    const BUILT: &str = r#"derivation {
      name = "noted";
      system = builtins.currentSystem;
      builder = "/bin/sh";
      args = [ "-c" "echo noted > $out" ];
    }"#;
    for oracle in oracles() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path();
        scripts(folder, "s3://nowhere");
        let environment: Vec<_> = [
            "NIX_STORE_DIR",
            "NIX_STATE_DIR",
            "NIX_LOG_DIR",
            "NIX_CONF_DIR",
            "HOME",
        ]
        .map(|name| (name, folder.join(name)))
        .into();
        let nix = |program: &Path| {
            let mut command = Command::new(program);
            let path = format!("{}:/usr/bin:/bin", oracle.bin().display());
            command
                .env_clear()
                .envs(environment.iter().map(|(name, value)| (name, value)))
                .env("PATH", path)
                .env(
                    "NIX_CONFIG",
                    "build-users-group =\nsandbox = false\nsubstitute = false",
                )
                .env("NIX_CACHE_QUEUE", folder.join("queue"))
                .stdin(Stdio::null());
            command
        };
        let secret = folder.join("secret");
        let made = nix(&oracle.bin().join("nix-store"))
            .args(["--generate-binary-cache-key", "cache.example.org-1"])
            .arg(&secret)
            .arg(folder.join("public"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let built = nix(&oracle.bin().join("nix-build"))
            .args([
                "--no-out-link",
                "--expr",
                BUILT,
                "--option",
                "post-build-hook",
            ])
            .arg(folder.join("queue-for-cache.sh"))
            .args(["--option", "secret-key-files"])
            .arg(&secret)
            .output()
            .unwrap();
        assert!(built.status.success(), "{built:?}");
        let path = String::from_utf8(built.stdout).unwrap();
        let hash = Path::new(path.trim())
            .file_name()
            .unwrap()
            .to_str()
            .unwrap();
        let hash = hash.split('-').next().unwrap();
        let cache = folder.join("cache");
        let uploaded = nix(&folder.join("upload-queued.sh"))
            .arg(format!("file://{}", cache.display()))
            .output()
            .unwrap();
        assert!(uploaded.status.success(), "{uploaded:?}");
        let info = fs::read_to_string(cache.join(format!("{hash}.narinfo"))).unwrap();
        assert!(info.contains("Sig: cache.example.org-1:"), "{info}");
        // The public half is what `--key-file` reads.
        let public = fs::read_to_string(folder.join("public")).unwrap();
        assert!(PublicKey::parse(public.trim()).is_ok());
    }
}

#[test]
fn what_cannot_be_a_cache_is_refused_without_repeating_secrets() {
    let secret = format!("a:{}==", "S3cr".repeat(21) + "ab");
    let bare = "6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=";
    let stolen = format!("cache.example.org-1:{bare}");
    let refused = |url: &str, keys: &[&str]| {
        let wanted = Cache {
            url: url.to_owned(),
            keys: keys.iter().map(|&key| key.to_owned()).collect(),
            ..Cache::default()
        };
        let error = cache(Sink::Nixos, &wanted, catalog())
            .unwrap_err()
            .to_string();
        assert!(!error.contains("S3cr") && !error.contains(bare), "{error}");
        error
    };
    let url = "https://cache.example.org";
    let mut said = BTreeSet::new();
    for (found, wanted) in [
        (refused(url, &[&secret]), "is a secret one"),
        (refused(url, &[bare]), "no name before a colon"),
        (
            refused(url, &[&stolen]),
            "has the body of `cache.nixos.org-1`",
        ),
        (refused(url, &["a:AAAA"]), "it has 3 bytes"),
        (refused(url, &["a:"]), "nothing stands behind"),
        (refused(url, &["a:_"]), "is not base64"),
        (refused(url, &[]), "is not known here"),
        (refused("cache.example.org", &[KEY]), "no scheme"),
        (refused("https://", &[KEY]), "no scheme"),
        (refused("https://a b", &[KEY]), "a blank"),
        (
            refused("https://me:S3cret@cache.example.org", &[KEY]),
            "password",
        ),
        (
            refused("https://cache.example.org?trusted=true", &[KEY]),
            "anything into the store",
        ),
        (refused("http://cache.example.org", &[KEY]), "plain HTTP"),
        (refused("https://cache.nixos.org/", &[]), "trusted anyway"),
        (
            refused("https://nix-community.cachix.org", &[KEY]),
            "does not sign",
        ),
    ] {
        assert!(found.contains(wanted), "{found}");
        said.insert(found);
    }
    assert_eq!(said.len(), 14);
}
