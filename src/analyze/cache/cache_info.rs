//! `nix-cache-info`: what a binary cache says about itself.

use super::fields::fields;

/// The priority of a cache that names none, since Nix 2.4: it is asked first.
pub const DEFAULT_PRIORITY: u64 = 0;

/// What a cache says about itself. Fields that it leaves out are `None`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CacheManifest {
    /// The store whose paths it holds.
    pub store_dir: Option<String>,
    /// Whether it wants to be asked for many paths at once.
    pub want_mass_query: Option<bool>,
    /// Caches with a lower one are asked first.
    pub priority: Option<u64>,
}

/// Why an answer is no `nix-cache-info`.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ManifestFault {
    /// Bytes that are no text.
    #[error("is not text")]
    NotText,
    /// A line without a colon.
    #[error("line {0} is no `Key: value`")]
    Line(usize),
    /// A priority that is no number.
    #[error("`Priority: {0}` is no number")]
    Priority(String),
    /// None of the fields: most likely a page for people.
    #[error("has none of the fields StoreDir, WantMassQuery and Priority")]
    Empty,
}

impl CacheManifest {
    /// Reads an answer. Unknown fields count for nothing, as in Nix.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestFault> {
        let text = std::str::from_utf8(bytes).map_err(|_| ManifestFault::NotText)?;
        let mut found = Self::default();
        for field in fields(text) {
            let (key, value) = field.map_err(ManifestFault::Line)?;
            match key {
                "StoreDir" => found.store_dir = Some(value.to_owned()),
                "WantMassQuery" => found.want_mass_query = Some(value == "1"),
                "Priority" => {
                    let number = value.parse();
                    let number = number.map_err(|_| ManifestFault::Priority(value.to_owned()))?;
                    found.priority = Some(number);
                }
                _ => {}
            }
        }
        if found == Self::default() {
            return Err(ManifestFault::Empty);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_caches_say_is_read() {
        let text = b"StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 40\nOther: x\n";
        let found = CacheManifest::parse(text).unwrap();
        assert_eq!(found.store_dir.as_deref(), Some("/nix/store"));
        assert_eq!(found.want_mass_query, Some(true));
        assert_eq!(found.priority, Some(40));
        let bare = CacheManifest::parse(b"StoreDir: /nix/store").unwrap();
        assert_eq!(bare.priority, None);
    }

    #[test]
    fn what_is_none_is_refused() {
        let fault = |bytes: &[u8]| CacheManifest::parse(bytes).unwrap_err();
        assert_eq!(fault(b""), ManifestFault::Empty);
        assert_eq!(fault(b"<html>\n"), ManifestFault::Line(1));
        assert_eq!(fault(b"\xff"), ManifestFault::NotText);
        assert_eq!(
            fault(b"Priority: -1"),
            ManifestFault::Priority("-1".to_owned())
        );
    }
}
