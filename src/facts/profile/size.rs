//! Sizes as people write them in profiles: `36G`, `512M`, plain bytes.

use crate::units::Bytes;

/// A text that is not a size.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` is not a size; write it like 36G, 512M or as a number of bytes")]
pub struct SizeError(pub String);

/// Reads a whole number of bytes, or one with a 1024-based unit: `K`, `M`, `G`, `T`, also written
/// `KiB` … `TiB`, in either case, with or without a space. `GB` is refused: it means 1000³ on a
/// disk's box and 1024³ elsewhere.
///
/// # Errors
/// Anything else, and sizes above 2⁶⁴ - 1 bytes.
pub fn parse_size(text: &str) -> Result<Bytes, SizeError> {
    let fail = || SizeError(text.to_owned());
    let body = text.trim();
    let end = body
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(body.len());
    let (digits, unit) = body.split_at_checked(end).ok_or_else(fail)?;
    let number: u64 = digits.parse().map_err(|_| fail())?;
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => Bytes::KIB,
        "m" | "mib" => Bytes::MIB,
        "g" | "gib" => Bytes::GIB,
        "t" | "tib" => Bytes::TIB,
        _ => return Err(fail()),
    };
    number.checked_mul(unit).map(Bytes).ok_or_else(fail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_1024_based() {
        let cases = [
            ("0", 0),
            ("17", 17),
            ("36G", 36 << 30),
            (" 512 MiB ", 512 << 20),
            ("2t", 2 << 40),
            ("4KiB", 4096),
        ];
        for (text, bytes) in cases {
            assert_eq!(parse_size(text), Ok(Bytes(bytes)), "{text}");
        }
        for text in [
            "",
            "G",
            "1.5G",
            "-1",
            "36GB",
            "1e9",
            "99999999999T",
            "1 G G",
            "٣G",
        ] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }
}
