//! Real Nix as the judge: finds the releases that `tests/set-up` provides and asks them with a
//! private store and configuration. Without them the tests fail; they are never skipped.

pub mod builders;
mod builtins;
mod catalog;
mod claims;
mod confs;
mod eval;
mod files;
mod fixes;
pub mod fixtures;
mod flake_config;
mod generate;
mod generated_fleets;
mod generated_machines;
mod modules;
mod prelude;
mod shown;
mod soundness;
pub mod values;

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use nixtune::facts::{Fact, Implementation, Platform, Target, Version};
use serde_json::Value as Json;

/// One release of Nix on this machine.
#[derive(Debug)]
pub struct Oracle {
    /// The folder that holds `nix` and `nix-instantiate`.
    bin: PathBuf,
    /// Store, state and home, away from those of the user.
    home: PathBuf,
    pub implementation: Implementation,
    pub version: Version,
}

/// What Nix made of a `nix.conf`.
#[derive(Debug)]
pub struct ReadBack {
    /// Every setting that it knows, as `config show --json` prints it.
    pub settings: Json,
    /// Lines that begin with `warning:`.
    pub warnings: Vec<String>,
}

/// The Nix on the PATH first, then the modern one; one entry when they are the same.
pub fn oracles() -> &'static [Oracle] {
    static ORACLES: OnceLock<Vec<Oracle>> = OnceLock::new();
    ORACLES.get_or_init(|| {
        let first = folder_on_path().unwrap_or_else(|| {
            panic!("no `nix-instantiate` on the PATH; run tests/run, which installs it")
        });
        let first = Oracle::new(&first, "first");
        if first.is_modern() {
            return vec![first];
        }
        let modern = std::env::var_os("NIXTUNE_MODERN_NIX").map_or_else(
            || {
                let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
                target.join("oracle/modern/bin")
            },
            PathBuf::from,
        );
        assert!(
            modern.join("nix").exists(),
            "no modern Nix in {}; run tests/run, which provides it",
            modern.display()
        );
        let modern = Oracle::new(&modern, "modern");
        assert!(
            modern.is_modern(),
            "Nix {} in {} is older than 2.26; run tests/run",
            modern.version,
            modern.bin.display()
        );
        vec![first, modern]
    })
}

/// The file that gives `lib`, `pkgs` and a module system to what Nix evaluates.
pub fn library() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/lib.nix")
}

fn folder_on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).find(|folder| folder.join("nix-instantiate").exists())
}

impl Oracle {
    fn new(bin: &Path, name: &str) -> Self {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("oracle")
            .join(name);
        for part in ["conf", "home"] {
            std::fs::create_dir_all(home.join(part)).unwrap();
        }
        std::fs::write(home.join("conf/nix.conf"), "build-users-group =\n").unwrap();
        let mut oracle = Self {
            bin: bin.to_owned(),
            home,
            implementation: Implementation::Cppnix,
            version: Version::new(0, 0, 0),
        };
        let output = oracle.run("nix", ["--version"], "", None);
        let text = String::from_utf8(output.stdout).unwrap();
        // `nix (Nix) 2.34.8`, `nix (Lix, like Nix) 2.93.0`,
        // `nix (Determinate Nix 3.8.4) 2.30.2`.
        let number = if text.contains("Determinate") {
            oracle.implementation = Implementation::Determinate;
            text.split("Determinate Nix ").nth(1)
        } else {
            if text.contains("Lix") {
                oracle.implementation = Implementation::Lix;
            }
            text.split_whitespace().last()
        };
        oracle.version = number
            .and_then(|number| number.trim().parse().ok())
            .unwrap_or_else(|| panic!("`nix --version` of {} says {text:?}", bin.display()));
        oracle
    }

    pub fn is_modern(&self) -> bool {
        self.version >= Version::new(2, 26, 0)
    }

    /// The target that this Nix is.
    pub fn target(&self) -> Target {
        let system = format!(
            "{}-{}",
            std::env::consts::ARCH,
            if cfg!(target_os = "macos") {
                "darwin"
            } else {
                "linux"
            }
        );
        Target {
            implementation: Some(Fact::probed(self.implementation, "nix --version")),
            version: Some(Fact::probed(self.version, "nix --version")),
            platform: system
                .parse::<Platform>()
                .ok()
                .map(|platform| Fact::probed(platform, "this machine")),
            series: None,
            module_system: None,
        }
    }

    /// The folder that holds its programs.
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    /// What keeps its programs away from the user's store and configuration.
    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        [
            ("NIX_STORE_DIR", "store"),
            ("NIX_STATE_DIR", "state"),
            ("NIX_LOG_DIR", "log"),
            ("NIX_CONF_DIR", "conf"),
            ("HOME", "home"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "xdg-state"),
        ]
        .map(|(name, part)| (name, self.home.join(part)))
        .into()
    }

    /// Runs one of Nix's programs with a private store and the given `nix.conf`.
    fn run<I: AsRef<OsStr>>(
        &self,
        program: &str,
        arguments: impl IntoIterator<Item = I>,
        stdin: &str,
        conf: Option<&Path>,
    ) -> Output {
        let mut child = Command::new(self.bin.join(program))
            .args(arguments)
            .env_remove("NIX_PATH")
            .env_remove("NIX_CONFIG")
            .env_remove("NIX_USER_CONF_FILES")
            .env_remove("NIX_REMOTE")
            .envs(self.environment())
            .env("NIX_CONF_DIR", conf.unwrap_or(&self.home.join("conf")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}/{program}: {error}", self.bin.display()));
        let mut pipe = child.stdin.take().unwrap();
        let stdin = stdin.to_owned();
        // From a thread of its own, or a full pipe on either side stops both processes.
        let writer = std::thread::spawn(move || pipe.write_all(stdin.as_bytes()));
        let output = child.wait_with_output().unwrap();
        // A program that does not read its input closes the pipe early; that is its affair.
        drop(writer.join());
        output
    }

    /// The value of a Nix expression, evaluated deeply.
    pub fn eval(&self, expression: &str) -> Result<Json, String> {
        let arguments = ["--eval", "--strict", "--json", "-"];
        let output = self.run("nix-instantiate", arguments, expression, None);
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
    }

    /// Writes the lock file of a flake.
    pub fn lock(&self, reference: &str) {
        let features = ["--extra-experimental-features", "nix-command flakes"];
        let command = ["flake", "lock", reference];
        let output = self.run("nix", features.iter().chain(&command), "", None);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{reference}: {stderr}");
    }

    /// Whether the text parses as Nix. Nix also refuses duplicate attributes and unbound names.
    pub fn parse(&self, text: &str) -> Result<(), String> {
        let output = self.run("nix-instantiate", ["--parse", "-"], text, None);
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// Whether all files parse; the error is about the first that does not.
    pub fn parse_files(&self, files: &[PathBuf]) -> Result<(), String> {
        // The length of a command line has its limits.
        for files in files.chunks(500) {
            let arguments = [OsStr::new("--parse")];
            let arguments = arguments.into_iter().chain(files.iter().map(AsRef::as_ref));
            let output = self.run("nix-instantiate", arguments, "", None);
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).into_owned());
            }
        }
        Ok(())
    }

    /// What this Nix makes of a `nix.conf` with this text.
    pub fn read_conf(&self, text: &str) -> Result<ReadBack, String> {
        self.read_conf_with(text, &[])
    }

    /// The same with other files beside it, which it may include.
    pub fn read_conf_with(&self, text: &str, beside: &[(&str, &str)]) -> Result<ReadBack, String> {
        let folder = tempfile::tempdir_in(&self.home).unwrap();
        for (name, text) in beside {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let head = "build-users-group =\nexperimental-features = nix-command flakes\n";
        std::fs::write(folder.path().join("nix.conf"), format!("{head}{text}")).unwrap();
        let arguments: &[&str] = if self.version < Version::new(2, 20, 0) {
            &["show-config", "--json"]
        } else {
            &["config", "show", "--json"]
        };
        let features = ["--extra-experimental-features", "nix-command"];
        let output = self.run(
            "nix",
            features.iter().chain(arguments),
            "",
            Some(folder.path()),
        );
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() {
            return Err(stderr);
        }
        Ok(ReadBack {
            settings: serde_json::from_slice(&output.stdout)
                .map_err(|error| format!("{error}: {stderr}"))?,
            warnings: stderr
                .lines()
                .filter(|line| line.starts_with("warning:"))
                .map(str::to_owned)
                .collect(),
        })
    }
}

#[test]
fn the_oracles_evaluate() {
    for oracle in oracles() {
        assert_eq!(
            oracle.eval("{ a = 1 + 1; }").unwrap(),
            serde_json::json!({ "a": 2 })
        );
        assert!(oracle.parse("{ a = 1; a = 2; }").is_err());
        let read = oracle
            .read_conf("max-jobs = 3\nno-such-setting = 1\n")
            .unwrap();
        assert_eq!(read.settings["max-jobs"]["value"], 3);
        assert_eq!(read.warnings.len(), 1, "{:?}", read.warnings);
        assert!(oracle.read_conf("cores = auto\n").is_err());
    }
}
