//! Between paths and the addresses of the protocol.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What stays as it is in a path (RFC 3986, `unreserved` and the slash).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The path that an address means; `None` for what lies in no file.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    // Clients write an empty host, few `localhost`.
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let rest = rest.split(['?', '#']).next()?;
    let path = percent_decode_str(rest).decode_utf8().ok()?;
    path.starts_with('/').then(|| PathBuf::from(path.as_ref()))
}

/// The address of an absolute path; `None` for a path that is no UTF-8.
pub(super) fn of_path(path: &Path) -> Option<Uri> {
    let text = utf8_percent_encode(path.to_str()?, ESCAPED);
    Uri::from_str(&format!("file://{text}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_back() {
        for path in ["/a/b.nix", "/with space/ü#?%41.nix", "/a:b/[c].nix"] {
            let uri = of_path(Path::new(path)).unwrap();
            assert_eq!(path_of(&uri).unwrap(), Path::new(path), "{}", uri.as_str());
        }
    }

    #[test]
    fn what_clients_write_is_read() {
        let path = |text: &str| path_of(&Uri::from_str(text).unwrap());
        assert_eq!(path("file:///a%20b.nix"), Some("/a b.nix".into()));
        assert_eq!(path("file://localhost/a.nix"), Some("/a.nix".into()));
        assert_eq!(path("untitled:Untitled-1"), None);
        assert_eq!(path("file://host/share/a.nix"), None);
    }
}
