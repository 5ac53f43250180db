//! `HASH.narinfo`: what a binary cache says about one store path.

use super::fields::fields;
use super::store_path::{base_name, base_name_parts};
use crate::syntax::hash;

/// One store path in a cache. References and deriver are base names, as in the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NarInfo {
    /// The whole path: `/nix/store/…-hello-2.10`.
    pub store_path: String,
    /// Where the archive lies, relative to the cache or absolute.
    pub url: String,
    /// How it is packed; `bzip2` where the cache does not say.
    pub compression: String,
    /// The hash of the packed archive, as it is written.
    pub file_hash: Option<String>,
    /// The packed archive's length in bytes.
    pub file_size_bytes: Option<u64>,
    /// The hash of the archive: `sha256:` and 52 digits of Nix's base 32.
    pub nar_hash: String,
    /// The archive's length in bytes.
    pub nar_size_bytes: u64,
    /// The paths that it needs, itself included if it names itself.
    pub references: Vec<String>,
    /// The derivation that it was built from; `None` when the cache does not know.
    pub deriver: Option<String>,
    /// `NAME:BASE64`, as they are written.
    pub signatures: Vec<String>,
    /// The content address, for paths that need no signature.
    pub content_address: Option<String>,
}

/// Why an answer is no narinfo.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NarInfoFault {
    /// Bytes that are no text.
    #[error("is not text")]
    NotText,
    /// A line without a colon.
    #[error("line {0} is no `Key: value`")]
    Line(usize),
    /// A field that every narinfo has.
    #[error("has no `{0}`")]
    Missing(&'static str),
    /// A field that may stand there once.
    #[error("has `{0}` twice")]
    Twice(&'static str),
    /// A field whose value is none.
    #[error("`{field}: {value}` is wrong")]
    Value {
        /// The field.
        field: &'static str,
        /// What stands there.
        value: String,
    },
}

impl NarInfo {
    /// Reads an answer about a path of `store`.
    ///
    /// # Errors
    /// Where Nix would call it corrupt (`src/libstore/nar-info.cc`): a field that it needs is missing,
    /// stands there twice, or holds something else.
    pub fn parse(bytes: &[u8], store: &str) -> Result<Self, NarInfoFault> {
        let text = std::str::from_utf8(bytes).map_err(|_| NarInfoFault::NotText)?;
        let mut store_path = None;
        let mut url = None;
        let mut compression = None;
        let mut file_hash = None;
        let mut file_size = None;
        let mut nar_hash = None;
        let mut nar_size = None;
        let mut references = None;
        let mut deriver = None;
        let mut content_address = None;
        let mut signatures = Vec::new();
        for field in fields(text) {
            let (key, value) = field.map_err(NarInfoFault::Line)?;
            match key {
                "StorePath" => once(&mut store_path, "StorePath", path(value, store)?)?,
                "URL" => once(&mut url, "URL", value.to_owned())?,
                "Compression" => once(&mut compression, "Compression", value.to_owned())?,
                "FileHash" => once(&mut file_hash, "FileHash", value.to_owned())?,
                "FileSize" => once(&mut file_size, "FileSize", size("FileSize", value)?)?,
                "NarHash" => once(&mut nar_hash, "NarHash", nar_hash_of(value)?)?,
                "NarSize" => once(&mut nar_size, "NarSize", size("NarSize", value)?)?,
                "References" => once(&mut references, "References", references_of(value)?)?,
                "Deriver" if value == "unknown-deriver" || value.is_empty() => {}
                "Deriver" => once(&mut deriver, "Deriver", reference("Deriver", value)?)?,
                "CA" => once(&mut content_address, "CA", value.to_owned())?,
                "Sig" => signatures.push(value.to_owned()),
                _ => {}
            }
        }
        let missing = NarInfoFault::Missing;
        Ok(Self {
            store_path: store_path.ok_or(missing("StorePath"))?,
            url: url.filter(|url| !url.is_empty()).ok_or(missing("URL"))?,
            compression: compression
                .filter(|word| !word.is_empty())
                .unwrap_or_else(|| "bzip2".to_owned()),
            file_hash,
            file_size_bytes: file_size,
            nar_hash: nar_hash.ok_or(missing("NarHash"))?,
            // Nix takes none for a corrupt file as well.
            nar_size_bytes: nar_size
                .filter(|bytes| *bytes > 0)
                .ok_or(missing("NarSize"))?,
            references: references.unwrap_or_default(),
            deriver,
            signatures,
            content_address: content_address.filter(|text| !text.is_empty()),
        })
    }

    /// What signatures sign: `1;`, path, hash, size and the whole paths of the references in the order
    /// of their names (`src/libstore/path-info.cc`).
    pub fn fingerprint(&self, store: &str) -> String {
        let store = store.trim_end_matches('/');
        let mut names: Vec<&str> = self.references.iter().map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        let references: Vec<String> = names
            .into_iter()
            .map(|name| format!("{store}/{name}"))
            .collect();
        format!(
            "1;{};{};{};{}",
            self.store_path,
            self.nar_hash,
            self.nar_size_bytes,
            references.join(",")
        )
    }
}

fn once<T>(slot: &mut Option<T>, field: &'static str, value: T) -> Result<(), NarInfoFault> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(NarInfoFault::Twice(field)),
    }
}

fn wrong(field: &'static str, value: &str) -> NarInfoFault {
    NarInfoFault::Value {
        field,
        value: value.to_owned(),
    }
}

fn path(value: &str, store: &str) -> Result<String, NarInfoFault> {
    let base = base_name(value, store).ok_or_else(|| wrong("StorePath", value))?;
    if value.ends_with(base) {
        Ok(value.to_owned())
    } else {
        Err(wrong("StorePath", value))
    }
}

fn size(field: &'static str, value: &str) -> Result<u64, NarInfoFault> {
    value.parse().map_err(|_| wrong(field, value))
}

fn reference(field: &'static str, value: &str) -> Result<String, NarInfoFault> {
    match base_name_parts(value) {
        Some(_) => Ok(value.to_owned()),
        None => Err(wrong(field, value)),
    }
}

fn references_of(value: &str) -> Result<Vec<String>, NarInfoFault> {
    value
        .split_whitespace()
        .map(|word| reference("References", word))
        .collect()
}

fn nar_hash_of(value: &str) -> Result<String, NarInfoFault> {
    match hash::parse(value, None) {
        Some(("sha256", bytes)) => Ok(format!("sha256:{}", hash::base32(&bytes))),
        _ => Err(wrong("NarHash", value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str = "\
StorePath: /nix/store/w9yy7v61ipb5rx6i35zq1mvc2iqfmps1-hello-2.10
URL: nar/x.nar.xz
Compression: xz
FileHash: sha256:1mi14cqk363wv368ffiiy01knardmnlyphi6h9xv6dkjz44hk30i
FileSize: 41180
NarHash: sha256:1mi14cqk363wv368ffiiy01knardmnlyphi6h9xv6dkjz44hk30i
NarSize: 205968
References: w9yy7v61ipb5rx6i35zq1mvc2iqfmps1-hello-2.10 9df65igwjmf2wbw0gbrrgair6piqjgmi-glibc-2.31
Deriver: unknown-deriver
Sig: cache.nixos.org-1:uP5KU8MCmyRnKGlN5oEv6xWJBI5EO/Pf5aFztZuLSz8BpCcZ1fdBnJkVXhBAlxkdm/CemsgQskhwvyd2yghTAg==
Future: field
";

    #[test]
    fn the_fingerprint_is_made_of_whole_paths_in_order() {
        let info = NarInfo::parse(HELLO.as_bytes(), "/nix/store").unwrap();
        assert_eq!(info.deriver, None);
        assert_eq!(info.file_size_bytes, Some(41180));
        assert_eq!(
            info.fingerprint("/nix/store"),
            "1;/nix/store/w9yy7v61ipb5rx6i35zq1mvc2iqfmps1-hello-2.10;\
             sha256:1mi14cqk363wv368ffiiy01knardmnlyphi6h9xv6dkjz44hk30i;205968;\
             /nix/store/9df65igwjmf2wbw0gbrrgair6piqjgmi-glibc-2.31,\
             /nix/store/w9yy7v61ipb5rx6i35zq1mvc2iqfmps1-hello-2.10"
        );
    }

    #[test]
    fn a_hash_in_another_notation_is_the_same_hash() {
        let info = NarInfo::parse(HELLO.as_bytes(), "/nix/store").unwrap();
        let (_, bytes) = hash::parse(&info.nar_hash, None).unwrap();
        let other = HELLO.replace(
            "NarHash: sha256:1mi14cqk363wv368ffiiy01knardmnlyphi6h9xv6dkjz44hk30i",
            &format!("NarHash: sha256:{}", hash::hex(&bytes)),
        );
        assert_ne!(other, HELLO);
        assert_eq!(NarInfo::parse(other.as_bytes(), "/nix/store"), Ok(info));
    }

    #[test]
    fn what_is_corrupt_is_refused() {
        let fault = |from: &str, to: &str| {
            let text = HELLO.replace(from, to);
            assert_ne!(text, HELLO, "{from}");
            NarInfo::parse(text.as_bytes(), "/nix/store").unwrap_err()
        };
        assert_eq!(
            fault("NarSize: 205968\n", ""),
            NarInfoFault::Missing("NarSize")
        );
        assert_eq!(
            fault("NarSize: 205968", "NarSize: 0"),
            NarInfoFault::Missing("NarSize")
        );
        assert_eq!(
            fault("URL: nar/x.nar.xz\n", ""),
            NarInfoFault::Missing("URL")
        );
        assert_eq!(fault("Future: field", "Future"), NarInfoFault::Line(11));
        assert_eq!(
            fault("Future: field", "URL: twice"),
            NarInfoFault::Twice("URL")
        );
        assert!(matches!(
            fault("/nix/store/w9", "/gnu/store/w9"),
            NarInfoFault::Value {
                field: "StorePath",
                ..
            }
        ));
        assert!(matches!(
            fault("glibc-2.31", "glibc/2.31"),
            NarInfoFault::Value {
                field: "References",
                ..
            }
        ));
        assert!(matches!(
            fault("NarHash: sha256:1mi", "NarHash: sha256:zzz"),
            NarInfoFault::Value {
                field: "NarHash",
                ..
            }
        ));
        assert_eq!(
            NarInfo::parse(b"\xff\xfe", "/nix/store"),
            Err(NarInfoFault::NotText)
        );
    }
}
