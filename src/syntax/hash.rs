//! Notations of hashes: base 16, Nix's own base 32, base 64, with the algorithm before it or not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// The algorithms that every release has, with the bytes of their results.
const ALGORITHMS: [(&str, usize); 4] = [("md5", 16), ("sha1", 20), ("sha256", 32), ("sha512", 64)];

/// The digits of Nix's own base 32: no E, O, U, T.
const DIGITS: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";

/// Base 16, in lower case.
pub fn hex(bytes: &[u8]) -> String {
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
pub fn base32(bytes: &[u8]) -> String {
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

/// The bytes of a text in Nix's base 32; `None` when it is none of `size` bytes.
pub fn from_base32(text: &str, size: usize) -> Option<Vec<u8>> {
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

/// The algorithm and the bytes of a hash in any of its notations; `algorithm` is that of a text
/// that names none. `None` when it is no hash, or one of another algorithm.
pub fn parse(text: &str, algorithm: Option<&str>) -> Option<(&'static str, Vec<u8>)> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations_of_a_hash_lead_to_each_other() {
        let bytes: Vec<u8> = (0..32).map(|byte| byte * 7).collect();
        assert_eq!(from_hex(&hex(&bytes)).as_ref(), Some(&bytes));
        assert_eq!(from_base32(&base32(&bytes), 32).as_ref(), Some(&bytes));
        let sri = format!("sha256-{}", BASE64.encode(&bytes));
        assert_eq!(parse(&sri, None), Some(("sha256", bytes.clone())));
        let named = format!("sha256:{}", base32(&bytes));
        assert_eq!(parse(&named, Some("sha256")), Some(("sha256", bytes)));
        assert_eq!(parse(&named, Some("sha1")), None);
    }
}
