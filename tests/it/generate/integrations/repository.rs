//! Repositories in which git and those that hook into it are run.

use super::*;

/// A repository in a temporary folder, which is the user's home.
pub struct Repository {
    pub folder: tempfile::TempDir,
}

impl Repository {
    /// A repository with one good commit.
    pub fn new() -> Self {
        let repository = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(repository.root()).unwrap();
        repository.git_here("init --quiet --initial-branch=main");
        repository.write("good.nix", GOOD);
        repository.write("notes.txt", "none");
        repository.git_here("add .");
        repository.git_here("commit --quiet -m first");
        repository
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("my system")
    }

    pub fn write(&self, name: &str, text: &str) {
        write(&self.root(), name, text);
    }

    pub fn command(&self, folder: &Path, programs: &[PathBuf]) -> Command {
        self.program(Path::new("git"), folder, programs)
    }

    /// A program in a folder, as its user runs it.
    pub fn program(&self, program: &Path, folder: &Path, programs: &[PathBuf]) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::join_paths(programs).unwrap())
            .env("HOME", self.folder.path())
            .env("LANG", "C.UTF-8")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .stdin(Stdio::null());
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "somebody")
                .env(format!("GIT_{who}_EMAIL"), "somebody@example.org");
        }
        command
    }

    /// Whether a program does it, and what is printed meanwhile.
    pub fn run(&self, command: &mut Command) -> (bool, String) {
        let output = command.output().unwrap();
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8_lossy(&printed).into_owned();
        (output.status.success(), printed)
    }

    /// Runs git in a folder of the temporary one; the arguments are split at blanks.
    pub fn git(&self, folder: &str, arguments: &str) {
        let folder = self.folder.path().join(folder);
        let words: Vec<_> = arguments.split(' ').collect();
        let (done, printed) = self.tried(&folder, &programs_and_nixtune(), &words);
        assert!(done, "git {arguments}: {printed}");
    }

    pub fn generate(&self, folder: &Path, arguments: &str) -> Result<String, String> {
        generate_of(self.folder.path(), folder, arguments)
    }

    pub fn git_here(&self, arguments: &str) {
        self.git("my system", arguments);
    }

    /// Whether git does it, and what is printed meanwhile.
    pub fn tried(&self, folder: &Path, programs: &[PathBuf], arguments: &[&str]) -> (bool, String) {
        self.run(self.command(folder, programs).args(arguments))
    }

    pub fn commit(&self) -> (bool, String) {
        let arguments = ["commit", "-m", "next"];
        self.tried(&self.root(), &programs_and_nixtune(), &arguments)
    }

    pub fn commits(&self) -> (bool, String) {
        let (done, printed) = self.commit();
        assert!(done, "{printed}");
        (done, printed)
    }

    pub fn refuses(&self) -> String {
        let (done, printed) = self.commit();
        assert!(!done, "{printed}");
        printed
    }
}
