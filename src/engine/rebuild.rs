//! What a machine is rebuilt from and through: found out as far as it is not said.

use std::path::{Component, Path, PathBuf};

use crate::generate::{FlakeFolder, RebuildTool};
use crate::system::{System, lexical};

/// A flake that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FlakeError {
    /// A reference that is no path.
    #[error(
        "`--flake {0}` names no folder; give the folder of a checkout, with #NAME for another \
         configuration than this machine's"
    )]
    NoFolder(String),
    /// A path that no shell line can hold.
    #[error("the path of the flake holds a line break or another control character; rename it")]
    ControlCharacter,
}

/// The flake that is said: a folder, and after `#` the name of a configuration.
///
/// # Errors
/// What is no path, and what cannot be written into a file.
pub fn flake_said(system: &dyn System, said: &str) -> Result<FlakeFolder, FlakeError> {
    let (folder, name) = match said.split_once('#') {
        Some((folder, name)) => (folder, Some(name)),
        None => (said, None),
    };
    // `github:…`, `git+ssh://…`: a path with a colon can be given with a slash in front.
    let is_reference = folder.split('/').next().is_some_and(|it| it.contains(':'));
    if is_reference || folder.contains('?') {
        return Err(FlakeError::NoFolder(said.escape_debug().to_string()));
    }
    flake_in(system, Path::new(folder), name)
}

/// The flake of the machine, when none is said: the one of the working directory, or, if `is_here`,
/// the one that the tool takes by itself.
///
/// # Errors
/// A path that cannot be written into a file.
pub fn flake_found(
    system: &dyn System,
    tool: Option<RebuildTool>,
    is_here: bool,
) -> Result<Option<FlakeFolder>, FlakeError> {
    if system.metadata(Path::new("flake.nix")).is_ok() {
        return flake_in(system, Path::new("."), None).map(Some);
    }
    let folder = match tool {
        Some(RebuildTool::HomeManager) => system
            .config_home()
            .map(|config| config.join("home-manager")),
        Some(tool) => Some(PathBuf::from(tool.usual_folder())),
        None => None,
    };
    let file = folder.filter(|_| is_here).map(|it| it.join("flake.nix"));
    // It may be a link into a checkout, whose lock file is the one that counts.
    let real = file.and_then(|file| system.canonicalize(&file).ok());
    match real.as_deref().and_then(Path::parent) {
        Some(folder) => flake_in(system, folder, None).map(Some),
        None => Ok(None),
    }
}

fn flake_in(
    system: &dyn System,
    folder: &Path,
    name: Option<&str>,
) -> Result<FlakeFolder, FlakeError> {
    let folder = absolute(system, folder);
    let name = name.filter(|name| !name.is_empty()).map(str::to_owned);
    let is_controlled = |text: &str| text.chars().any(char::is_control);
    if is_controlled(&folder) || name.as_deref().is_some_and(is_controlled) {
        return Err(FlakeError::ControlCharacter);
    }
    Ok(FlakeFolder { folder, name })
}

/// The path from the root, by name: what does not exist yet has one, too.
pub fn absolute(system: &dyn System, path: &Path) -> String {
    let starts_at_root = path.components().next() == Some(Component::RootDir);
    let path = match system.current_dir() {
        Ok(current) if !starts_at_root => current.join(path),
        _ => path.to_owned(),
    };
    lexical(&path).to_string_lossy().into_owned()
}

/// True when a program of that name is on the PATH.
pub fn is_on_path(system: &dyn System, program: &str) -> bool {
    let path = system.env("PATH").unwrap_or_default();
    path.split(':')
        .filter(|folder| !folder.is_empty())
        .any(|folder| system.metadata(&Path::new(folder).join(program)).is_ok())
}
