//! Secrets in linted files are never repeated in output.
//!
//! Known: secret signing keys of Nix (`name:` and 64 bytes in base64), access tokens of forges
//! (`access-tokens`, and tokens that carry their kind in a prefix), JSON web tokens, texts that
//! are called a token, secret or password where they are written, and passwords in URLs and netrc
//! lines.

use std::borrow::Cow;
use std::ops::Range;

/// `text` with every secret replaced by as many `*`, so that offsets stay.
pub fn mask(text: &str) -> Cow<'_, str> {
    let found = secrets(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for range in found {
        out.push_str(text.get(copied..range.start).unwrap_or(""));
        out.extend(std::iter::repeat_n('*', range.len()));
        copied = range.end;
    }
    out.push_str(text.get(copied..).unwrap_or(""));
    Cow::Owned(out)
}

/// True when `text` holds something that [`mask`] hides.
pub fn has_secret(text: &str) -> bool {
    !secrets(text).is_empty()
}

/// Byte ranges of secrets, sorted and disjoint.
fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        in_line(line, offset, &mut found);
        offset += line.len();
    }
    found.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in found {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Prefixes that forges give their tokens, with the least length of what follows.
const TOKEN_PREFIXES: [(&str, usize); 9] = [
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("PAT:", 8),
    ("OAuth2:", 8),
];

fn in_line(line: &str, offset: usize, found: &mut Vec<Range<usize>>) {
    let mut push = |range: Range<usize>| {
        if !range.is_empty() {
            found.push(offset + range.start..offset + range.end);
        }
    };
    for word in words(line) {
        let text = line.get(word.clone()).unwrap_or("");
        let at = |inner: Range<usize>| word.start + inner.start..word.start + inner.end;
        if let Some(range) = secret_key(text) {
            push(at(range));
        }
        for (prefix, least) in TOKEN_PREFIXES {
            for (start, _) in text.match_indices(prefix) {
                let end = text.len();
                if end - start - prefix.len() >= least {
                    push(at(start + prefix.len()..end));
                }
            }
        }
        if let Some(start) = text.find("eyJ")
            && text
                .get(start..)
                .is_some_and(|rest| rest.matches('.').count() >= 2)
        {
            push(at(start..text.len()));
        }
        if let Some(range) = url_password(text) {
            push(at(range));
        }
    }
    if let Some(after) = line
        .find("access-tokens")
        .map(|at| at + "access-tokens".len())
    {
        token_values(line, after, &mut push);
    } else if line.trim_start().starts_with('"') {
        // A further element of a list of tokens: `"github.com=…"`.
        token_values(line, 0, &mut push);
    } else if is_lone_token(line.trim()) {
        // A line of a text that holds tokens: `github.com=…`.
        token_values(line, 0, &mut push);
    }
    if let Some(range) = named_secret(line) {
        push(range);
    }
    if let Some(at) = line.find("password ") {
        let start = at + "password ".len();
        let rest = line.get(start..).unwrap_or("");
        // A netrc entry may stand on one line, or have one for each word.
        let netrc = line.contains("machine ")
            || line.contains("login ")
            || line.trim_start().starts_with("password ") && !rest.starts_with('=');
        let length = rest
            .find(|c: char| c.is_whitespace() || c == '"')
            .unwrap_or(rest.len());
        if netrc {
            push(start..start + length);
        }
    }
}

/// True for `HOST=TOKEN` with a token as long as those of forges, and nothing else.
fn is_lone_token(line: &str) -> bool {
    const LEAST_CHARS: usize = 16;
    let in_token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':');
    line.split_once('=').is_some_and(|(host, token)| {
        token.len() >= LEAST_CHARS
            && token.bytes().all(in_token)
            && host.contains('.')
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    })
}

/// `HOST=TOKEN` words behind `from`: the part behind `=`.
fn token_values(line: &str, from: usize, push: &mut dyn FnMut(Range<usize>)) {
    for word in words(line) {
        if word.start < from {
            continue;
        }
        let text = line.get(word.clone()).unwrap_or("");
        if let Some((host, token)) = text.split_once('=')
            && host.contains('.')
            && !host.contains(['/', ':', '?', '$'])
            && token.len() >= 4
        {
            push(word.end - token.len()..word.end);
        }
    }
}

/// Runs without blanks, quotes, brackets, commas and semicolons.
fn words(line: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let delimiter = |c: char| {
            c.is_whitespace() || matches!(c, '"' | '\'' | ';' | ',' | '[' | ']' | '(' | ')')
        };
        let rest = line.get(at..)?;
        let start = at + rest.find(|c| !delimiter(c))?;
        let tail = line.get(start..)?;
        let end = start + tail.find(delimiter).unwrap_or(tail.len());
        at = end;
        Some(start..end)
    })
}

/// `name:` and 86 base64 characters and `==`: the secret half of a signing key pair. The public
/// half has 32 bytes, 43 characters and one `=`.
fn secret_key(word: &str) -> Option<Range<usize>> {
    let (name, body) = word.split_once(':')?;
    let is_key = body.len() == 88
        && body.ends_with("==")
        && body
            .bytes()
            .take(86)
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/');
    is_key.then(|| name.len() + 1..word.len())
}

/// The password of `scheme://user:password@host`, or the token of `https://token@host`.
fn url_password(word: &str) -> Option<Range<usize>> {
    let start = word.find("://")? + 3;
    let authority = word.get(start..)?.split(['/', '?', '#']).next()?;
    let at = authority.rfind('@')?;
    let user = authority.get(..at)?;
    match user.find(':') {
        Some(colon) => Some(start + colon + 1..start + at),
        None => {
            let web = word.get(..start)?.ends_with("https://") || word.starts_with("http://");
            (web && user.len() >= LEAST_URL_TOKEN_CHARS).then_some(start..start + at)
        }
    }
}

/// From this length on, a user in the URL of a web server is taken for a token.
const LEAST_URL_TOKEN_CHARS: usize = 20;

/// The text of `token = "text";` and its like: names that end in what they hold.
fn named_secret(line: &str) -> Option<Range<usize>> {
    const ENDS: [&str; 4] = ["token", "password", "passwd", "secret"];
    const LEAST_CHARS: usize = 8;
    let equals = line.find('=')?;
    let name = line.get(..equals)?.trim_end().to_ascii_lowercase();
    if !ENDS.iter().any(|end| name.ends_with(end)) {
        return None;
    }
    let behind = line.get(equals + 1..)?;
    let quote = behind.find('"')?;
    if !behind.get(..quote)?.trim().is_empty() {
        return None;
    }
    let start = equals + 1 + quote + 1;
    let length = line.get(start..)?.find('"')?;
    // The path of a file that holds one is no secret, nor is a reference.
    let text = line.get(start..start + length)?;
    let is_secret = length >= LEAST_CHARS && !text.contains(['/', '$', ' ']);
    is_secret.then(|| start..start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_offsets_stay() {
        let body = "A".repeat(86);
        let key = format!("cache-1:{body}==");
        assert_eq!(mask(&key), format!("cache-1:{}", "*".repeat(88)));
        let line = "access-tokens = github.com=ghp_abc gitlab.com=PAT:x:y\n";
        assert_eq!(
            mask(line),
            "access-tokens = github.com=******* gitlab.com=*******\n"
        );
        assert_eq!(
            mask("  access-tokens = [ \"github.com=secret\" ];"),
            "  access-tokens = [ \"github.com=******\" ];"
        );
        assert_eq!(
            mask("    \"git.example.org=secret\""),
            "    \"git.example.org=******\""
        );
        assert_eq!(
            mask("https://me:pw@cache.example.org/x"),
            "https://me:**@cache.example.org/x"
        );
        assert_eq!(
            mask("machine cache login me password hunter2"),
            "machine cache login me password *******"
        );
        assert_eq!(
            mask("    github.com=0123456789abcdef\n"),
            "    github.com=****************\n"
        );
        assert_eq!(mask("    password hunter2\n"), "    password *******\n");
        assert_eq!(
            mask("https://0123456789abcdef0123@cache.example.org"),
            "https://********************@cache.example.org"
        );
        assert_eq!(
            mask("  githubToken = \"0123456789\";"),
            "  githubToken = \"**********\";"
        );
        assert!(has_secret(&format!(
            "x {}{}",
            "github_pat_",
            "a".repeat(30)
        )));
    }

    #[test]
    fn what_is_public_stays() {
        for public in [
            "\"cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=\"",
            "https://cache.nixos.org?priority=10",
            "nix.package=pkgs.nixVersions.latest;",
            "\"https://cache.example.org?a=bcdefgh\"",
            "max-jobs = 4",
            "ssh-ng://nix-remote-builder@host",
            "https://someone@cache.example.org",
            "token = \"/run/secrets/token\";",
            "password = \"${x.password.path}\";",
            "tokenFile = \"0123456789\";",
        ] {
            assert!(!has_secret(public), "{public}");
        }
    }
}
