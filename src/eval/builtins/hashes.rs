//! Builtins about hashes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::Digest as _;

use super::super::evaluator::{Evaluator, failure};
use super::super::runtime::{Computed, Val};
use super::super::value::Why;
use super::{Table, closed_set, flat, string, text};

/// The algorithms that every release has, with the bytes of their results.
const ALGORITHMS: [(&str, usize); 4] = [("md5", 16), ("sha1", 20), ("sha256", 32), ("sha512", 64)];

/// The digits of Nix's own base 32: no E, O, U, T.
const DIGITS: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";

pub(super) fn register(table: &mut Table) {
    table.binary("hashString", |_, algorithm, value| {
        flat(string(algorithm).and_then(|algorithm| {
            let value = string(value)?;
            Ok(text(hex(&hash(&algorithm, value.as_bytes())?)))
        }))
    });
    table.binary("hashFile", |evaluator, algorithm, path| {
        flat(string(algorithm).and_then(|algorithm| {
            let path = super::files::path_of(evaluator, path)?;
            let content = evaluator.files().read(&path).map_err(Val::Unknown)?;
            Ok(text(hex(&hash(&algorithm, content.as_bytes())?)))
        }))
    });
    table.unary("placeholder", |_, output| {
        flat(string(output).and_then(|output| {
            let bytes = hash("sha256", format!("nix-output:{output}").as_bytes())?;
            Ok(text(format!("/{}", base32(&bytes))))
        }))
    });
    table.unary("convertHash", |evaluator, argument| {
        flat(convert(evaluator, argument))
    });
}

fn hash(algorithm: &str, data: &[u8]) -> Result<Vec<u8>, Val> {
    Ok(match algorithm {
        "md5" => md5::Md5::digest(data).to_vec(),
        "sha1" => sha1::Sha1::digest(data).to_vec(),
        "sha256" => sha2::Sha256::digest(data).to_vec(),
        "sha512" => sha2::Sha512::digest(data).to_vec(),
        "blake3" => return Err(Val::Unknown(Why::Unsupported("blake3".into()))),
        _ => return Err(failure("an unknown hash algorithm")),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    Some(
        pairs
            .filter_map(|pair| match pair {
                [high, low] => Some(high << 4 | low),
                _ => None,
            })
            .collect(),
    )
}

/// Nix's base 32: the last digit first, five bits at a time.
fn base32(bytes: &[u8]) -> String {
    let length = (bytes.len() * 8).div_ceil(5);
    (0..length)
        .rev()
        .map(|digit| {
            let bit = digit * 5;
            let at = |index: usize| u16::from(bytes.get(index).copied().unwrap_or(0));
            let both = at(bit / 8) | at(bit / 8 + 1) << 8;
            let value = usize::from(both >> (bit % 8) & 0x1f);
            char::from(DIGITS.get(value).copied().unwrap_or(b'0'))
        })
        .collect()
}

fn from_base32(text: &str, size: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0_u8; size];
    for (digit, c) in text.bytes().rev().enumerate() {
        let value = DIGITS.iter().position(|known| *known == c)?;
        let wide = u16::try_from(value).ok()? << (digit * 5 % 8);
        let [low, high] = wide.to_le_bytes();
        *bytes.get_mut(digit * 5 / 8)? |= low;
        match bytes.get_mut(digit * 5 / 8 + 1) {
            Some(byte) => *byte |= high,
            None if high != 0 => return None,
            None => {}
        }
    }
    Some(bytes)
}

/// The algorithm and the bytes of a hash in any of its notations.
fn parse(text: &str, algorithm: Option<&str>) -> Option<(&'static str, Vec<u8>)> {
    let (prefix, body, subresource) = match (text.split_once(':'), text.split_once('-')) {
        (Some((prefix, body)), _) => (Some(prefix), body, false),
        (None, Some((prefix, body))) => (Some(prefix), body, true),
        (None, None) => (None, text, false),
    };
    if let (Some(prefix), Some(algorithm)) = (prefix, algorithm)
        && prefix != algorithm
    {
        return None;
    }
    let name = prefix.or(algorithm)?;
    let (name, size) = ALGORITHMS.into_iter().find(|(known, _)| *known == name)?;
    let bytes = if subresource || body.len() == size.div_ceil(3) * 4 {
        BASE64.decode(body).ok()?
    } else if body.len() == size * 2 {
        from_hex(body)?
    } else if body.len() == (size * 8).div_ceil(5) {
        from_base32(body, size)?
    } else {
        return None;
    };
    (bytes.len() == size).then_some((name, bytes))
}

fn convert(evaluator: &Evaluator<'_>, argument: &Computed) -> Result<Val, Val> {
    closed_set(argument)?;
    let part = |name| {
        evaluator
            .attribute(argument, name)
            .map(|part| string(&part.settled(evaluator)))
            .transpose()
    };
    let hash = part("hash")?.ok_or_else(|| failure("`convertHash` wants a `hash`"))?;
    let format = part("toHashFormat")?.ok_or_else(|| failure("`convertHash` wants a format"))?;
    let algorithm = part("hashAlgo")?;
    if algorithm.as_deref() == Some("blake3") || hash.starts_with("blake3") {
        return Err(Val::Unknown(Why::Unsupported("blake3".into())));
    }
    let (name, bytes) = parse(&hash, algorithm.as_deref()).ok_or_else(|| failure("not a hash"))?;
    Ok(text(match format.as_ref() {
        "base16" => hex(&bytes),
        "nix32" | "base32" => base32(&bytes),
        "base64" => BASE64.encode(&bytes),
        "sri" => format!("{name}-{}", BASE64.encode(&bytes)),
        _ => return Err(failure("an unknown format of hashes")),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations_of_a_hash_lead_to_each_other() {
        let bytes = hash("sha256", b"nix").unwrap_or_default();
        assert_eq!(from_hex(&hex(&bytes)).as_ref(), Some(&bytes));
        assert_eq!(from_base32(&base32(&bytes), 32).as_ref(), Some(&bytes));
    }
}
