//! Names and passwords of caches that want one, from the file that Nix gives to curl
//! (`netrc-file`; `src/libstore/filetransfer.cc`).

use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use netrc::{Authenticator, Netrc};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::system::{System, SystemError};

/// A list of hosts is not longer.
const LIMIT_BYTES: u64 = 1 << 20;

/// What the file says.
pub(super) struct Logins {
    file: PathBuf,
    known: Result<Netrc, String>,
}

impl Logins {
    /// Reads the file; one that is not there names nobody.
    pub fn read(system: &dyn System, file: &Path) -> Self {
        let known = match system.read(file, LIMIT_BYTES) {
            Ok(bytes) => Netrc::from_str(&String::from_utf8_lossy(&bytes))
                // The error would quote the file.
                .map_err(|_| "is not written as netrc(5) says".to_owned()),
            Err(SystemError::Missing { .. }) => Ok(Netrc::default()),
            Err(error) => Err(error.to_string()),
        };
        Self {
            file: file.to_owned(),
            known,
        }
    }

    /// The address with the name and the password of its host, when it has none itself.
    pub fn with_login(&self, address: &str) -> String {
        let found = || {
            let (scheme, rest) = address.split_once("://")?;
            let authority = rest.split('/').next().unwrap_or(rest);
            let login = self.of(authority)?;
            let safe = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let (name, password) = (safe(&login.login), safe(&login.password));
            Some(format!("{scheme}://{name}:{password}@{rest}"))
        };
        found().unwrap_or_else(|| address.to_owned())
    }

    fn of(&self, authority: &str) -> Option<&Authenticator> {
        if authority.contains('@') {
            return None;
        }
        let host = match authority.strip_prefix('[') {
            Some(rest) => rest.split(']').next()?,
            None => authority.split(':').next()?,
        };
        // The password for any other host (`default`) is not sent to whoever the linted files name.
        self.known.as_ref().ok()?.hosts.get(host)
    }

    /// What to do about a cache that asks for a name and a password.
    pub fn advice(&self) -> String {
        let file = self.file.display();
        match &self.known {
            Ok(_) => format!("{file} (`netrc-file`) has no name and password that it takes"),
            Err(why) => format!("its name and password cannot be read: {file}: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Memory;

    fn logins(text: &str) -> Logins {
        let system = Memory::new().file("/etc/nix/netrc", text);
        Logins::read(&system, Path::new("/etc/nix/netrc"))
    }

    #[test]
    fn a_host_gets_its_name_and_password() {
        let known = logins("machine c.example login ada password p@ss:/word\n");
        assert_eq!(
            known.with_login("https://c.example:8443/team"),
            "https://ada:p%40ss%3A%2Fword@c.example:8443/team"
        );
        for same in [
            "https://d.example/",
            "https://eve:x@c.example",
            "file:///srv",
        ] {
            assert_eq!(known.with_login(same), same);
        }
        let any = logins("default login any password x");
        assert_eq!(any.with_login("http://d.example"), "http://d.example");
    }

    #[test]
    fn a_file_that_is_not_there_names_nobody() {
        let known = Logins::read(&Memory::new(), Path::new("/etc/nix/netrc"));
        assert_eq!(known.with_login("http://d.example"), "http://d.example");
        assert!(known.advice().contains("/etc/nix/netrc"));
    }
}
