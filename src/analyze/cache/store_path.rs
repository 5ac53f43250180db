//! Store paths by their parts: `/nix/store`, 32 characters of hash, a name.

/// Characters of the hash in a store path's base name.
const HASH_CHARS: usize = 32;
/// The digits of Nix's base 32.
const DIGITS: &[u8] = b"0123456789abcdfghijklmnpqrsvwxyz";
/// The longest name after the hash (`src/libstore/path.cc`).
const MOST_NAME_CHARS: usize = 211;

/// The hash and the name of `…-hello-2.10`; `None` when Nix would not take it for the base name of a
/// store path.
pub fn base_name_parts(base: &str) -> Option<(&str, &str)> {
    let (hash, rest) = base.split_at_checked(HASH_CHARS)?;
    let name = rest.strip_prefix('-')?;
    let is_hash = hash.bytes().all(|byte| DIGITS.contains(&byte));
    let is_name = !name.is_empty()
        && name.len() <= MOST_NAME_CHARS
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-._?=".contains(&byte));
    (is_hash && is_name).then_some((hash, name))
}

/// The base name of the store path that `path` is or lies in; `None` outside of `store`.
pub fn base_name<'p>(path: &'p str, store: &str) -> Option<&'p str> {
    let below = path
        .strip_prefix(store.trim_end_matches('/'))?
        .strip_prefix('/')?;
    let base = below.split('/').next()?;
    base_name_parts(base).map(|_| base)
}

/// The hash by which caches are asked for the store path; `None` when it is none.
pub fn hash_part<'p>(path: &'p str, store: &str) -> Option<&'p str> {
    base_name(path, store).and_then(|base| base.get(..HASH_CHARS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nix_takes_is_a_store_path() {
        let hash = "w9yy7v61ipb5rx6i35zq1mvc2iqfmps1";
        let path = format!("/nix/store/{hash}-hello-2.10/bin/hello");
        assert_eq!(hash_part(&path, "/nix/store"), Some(hash));
        assert_eq!(
            base_name(&path, "/nix/store/"),
            Some(&*format!("{hash}-hello-2.10"))
        );
        for wrong in [
            "/gnu/store/w9yy7v61ipb5rx6i35zq1mvc2iqfmps1-x",
            "/nix/store/w9yy7v61ipb5rx6i35zq1mvc2iqfmps1",
            "/nix/store/w9yy7v61ipb5rx6i35zq1mvc2iqfmps1-",
            "/nix/store/e9yy7v61ipb5rx6i35zq1mvc2iqfmps1-x",
            "/nix/store/w9yy7v61ipb5rx6i35zq1mvc2iqfmps1-a b",
            "/nix/store/äöü",
            "/nix/store/.links",
        ] {
            assert_eq!(hash_part(wrong, "/nix/store"), None, "{wrong}");
        }
    }
}
