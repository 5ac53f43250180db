//! Builtins about hashes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::Digest as _;

use super::super::evaluator::{Evaluator, failure};
use super::super::runtime::{Computed, Val};
use super::super::value::Why;
use super::{Table, closed_set, flat, string, text};
use crate::syntax::hash::{base32, hex, parse};

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
