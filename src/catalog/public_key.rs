//! The public key of a binary cache: `NAME:BASE64`, as `trusted-public-keys` lists it.

use crate::syntax::base64_digits;

/// Bytes of an Ed25519 public key.
const PUBLIC_KEY_BYTES: usize = 32;
/// Bytes of an Ed25519 secret key as `nix-store --generate-binary-cache-key` writes it.
const SECRET_KEY_BYTES: usize = 64;

/// `name:body` with a body of the right length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PublicKey<'t> {
    /// What signatures name: `cache.nixos.org-1`.
    pub name: &'t str,
    /// The base64 text.
    pub body: &'t str,
}

/// Why Nix refuses a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyFault {
    /// No colon, or nothing before it.
    NoName,
    /// Nothing after the colon.
    NoBody,
    /// A character outside of the base64 alphabet.
    NotBase64(char),
    /// The body decodes to this many bytes.
    Length(usize),
    /// The body has the length of a secret key.
    Secret,
}

impl<'t> PublicKey<'t> {
    /// Reads a key as Nix does: the name ends at the first colon, the body at the first `=`, line
    /// ends count for nothing, and what is decoded must be 32 bytes long
    /// (`src/libutil/signature/local-keys.cc`, `base64Decode` in `src/libutil`).
    ///
    /// # Errors
    /// Why Nix refuses it.
    pub fn parse(text: &'t str) -> Result<Self, KeyFault> {
        let (name, body) = text.split_once(':').ok_or(KeyFault::NoName)?;
        if name.is_empty() {
            return Err(KeyFault::NoName);
        }
        if body.is_empty() {
            return Err(KeyFault::NoBody);
        }
        let sextets = base64_digits(body).map_err(KeyFault::NotBase64)?;
        match sextets * 6 / 8 {
            PUBLIC_KEY_BYTES => Ok(Self { name, body }),
            SECRET_KEY_BYTES => Err(KeyFault::Secret),
            other => Err(KeyFault::Length(other)),
        }
    }

    /// True when both bodies stand for the same bytes: what follows the padding counts for
    /// nothing.
    pub fn same_body(&self, other: &PublicKey<'_>) -> bool {
        self.body.split('=').next() == other.body.split('=').next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=";

    #[test]
    fn a_key_is_a_name_and_32_bytes() {
        let key = PublicKey::parse(GOOD).unwrap();
        assert_eq!(key.name, "cache.nixos.org-1");
        // Nix stops at the padding and does not ask for it.
        assert!(PublicKey::parse(GOOD.trim_end_matches('=')).is_ok());
        let fault = |text: &str| PublicKey::parse(text).err();
        assert_eq!(fault("cache.nixos.org-1"), Some(KeyFault::NoName));
        assert_eq!(fault(":6NCH"), Some(KeyFault::NoName));
        assert_eq!(fault("a:"), Some(KeyFault::NoBody));
        assert_eq!(fault("a:b c"), Some(KeyFault::NotBase64(' ')));
        assert_eq!(fault("a:AAAA"), Some(KeyFault::Length(3)));
        let secret = format!("a:{}==", "A".repeat(86));
        assert_eq!(fault(&secret), Some(KeyFault::Secret));
    }
}
