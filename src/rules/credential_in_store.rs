//! Secrets that the configuration puts into the store.

use super::list_entry::{Entry, entries, is_line, name_place};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::CacheUrl;
use crate::diagnostic::Confidence;
use crate::eval::{Traced, Value};
use crate::facts::ModuleSystem;
use crate::model::{Definition, Form};
use crate::text::Place;

declare_rule! {
    /// A token, password or secret key is readable by every account.
    ///
    /// ## Why it matters
    ///
    /// What a configuration says ends in the store, where every account and every service of the
    /// machine can read it: the `nix.conf` that is made from `nix.settings` and `nix.extraOptions`,
    /// the source of a flake with all its files, and whatever is copied or written by
    /// `"${./file}"`, `pkgs.writeText` or `builtins.toFile`. It stays there after it has been changed,
    /// travels with copies of the system to caches and other machines, and stands in the history of
    /// the repository.
    ///
    /// Reported are: tokens in `access-tokens`; passwords in the URLs of substituters;
    /// `secret-key-files`, `netrc-file` and the `sshKey` of a build machine when they name a file of
    /// the flake, a file that is copied into the store, or one that is written by Nix.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.extraOptions = ''
    ///     access-tokens = github.com=ghp_0123456789abcdefABCDEF0123456789abcd
    ///   '';
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.extraOptions = ''
    ///     !include /run/secrets/nix-access-tokens.conf
    ///   '';
    /// }
    /// ```
    ///
    /// There is no fix: the secret has to be made anew, because it is known from the history and
    /// from the store. nixtune never prints it.
    ///
    /// ## When not to act
    ///
    /// When it is no secret: a token without rights, a key of an example.
    ///
    /// ## Source
    ///
    /// NixOS/nix#6536; Nix manual, `access-tokens`, `netrc-file`, `secret-key-files`. Every version
    /// of Nix, Lix and Determinate Nix. A path that is given as a path, outside of a flake, is
    /// printed and not copied (`toString`), and not reported.
    pub CREDENTIAL_IN_STORE {
        id: "credential-in-store",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager, flakes",
        settings: &[
            "access-tokens",
            "substituters",
            "trusted-substituters",
            "secret-key-files",
            "netrc-file",
            "nix.buildMachines",
        ],
        category: Security,
        severity: Warning,
        fixes: Never,
    }
}

/// Settings that name files with secrets.
const SECRET_FILES: [&str; 2] = ["secret-key-files", "netrc-file"];

/// Options that list build machines, each with an `sshKey`.
const BUILD_MACHINES: [&str; 2] = ["nix.buildMachines", "determinateNix.buildMachines"];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    // A `nix.conf` is where it is, and not in the store.
    if cx.target().system() == Some(ModuleSystem::NixConf) {
        return;
    }
    tokens(cx, out);
    passwords(cx, out);
    for setting in SECRET_FILES {
        for definition in cx.definitions(setting) {
            for part in stored(cx, &definition.value) {
                file(cx, setting, definition, part, out);
            }
        }
    }
    for option in BUILD_MACHINES {
        for definition in cx.option_definitions(option) {
            for key in ssh_keys(&definition.value) {
                for part in stored(cx, key) {
                    file(cx, "sshKey", definition, part, out);
                }
            }
        }
    }
}

fn written_by_module(entry: &Entry<'_>) -> bool {
    entry.definition.form != Form::ConfLine
}

fn tokens(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for entry in entries(&cx.items("access-tokens")) {
        let Some((host, token)) = entry.text.split_once('=') else {
            continue;
        };
        if !written_by_module(&entry) || is_placeholder(token) {
            continue;
        }
        // Whatever stands in the place of a host is printed only if it looks like one.
        let is_host = host.contains('.')
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'/' | b':'));
        let whose = if is_host { host } else { "a host" };
        out.report(
            entry.place,
            format!("`access-tokens` holds the token for {whose}"),
        )
        .confidence(entry.confidence())
        .why(why(entry.definition))
        .help(
            "revoke the token, keep its successor in a file that only its user reads, and bring \
             that in with `!include` in `nix.extraOptions`",
        );
    }
}

fn passwords(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for setting in ["substituters", "trusted-substituters"] {
        for entry in entries(&cx.items(setting)) {
            let Some(url) = CacheUrl::parse(&entry.text) else {
                continue;
            };
            let secret = url.credential().filter(|secret| !is_placeholder(secret));
            if secret.is_none() || !written_by_module(&entry) {
                continue;
            }
            out.report(
                entry.place,
                format!("`{setting}` holds the password for {}", url.host_name()),
            )
            .confidence(entry.confidence())
            .why(why(entry.definition))
            .help(
                "change the password, and give it in a netrc file outside of the store, which \
                 `netrc-file` names as text",
            );
        }
    }
}

fn file(cx: &RuleCx<'_>, name: &str, definition: &Definition, part: Stored, out: &mut Sink<'_>) {
    // Only the name is underlined where the text itself may stand below it.
    let place = match part {
        Stored::Path(place) => place,
        Stored::Written => name_place(definition),
    };
    let Some(place) = place.or_else(|| name_place(definition)) else {
        return;
    };
    let confidence = match part {
        Stored::Path(_) => cx.confidence(definition),
        Stored::Written => cx.confidence(definition).min(Confidence::Likely),
    };
    let what = if name == "netrc-file" {
        "passwords"
    } else {
        "a secret key"
    };
    out.report(
        place,
        format!("`{name}` names a file in the store, where {what} can be read by every account"),
    )
    .confidence(confidence)
    .why(
        "what is in the store can be read by every account and service, stays there, and goes where \
         copies of the system go",
    )
    .help(
        "make the secret anew, keep it outside of the store and of the repository, and give its \
         path as text: \"/run/secrets/name\"",
    );
}

fn why(definition: &Definition) -> &'static str {
    let names = definition.option.names();
    if names.first().is_some_and(|name| &**name == "nixConfig") && !is_line(definition) {
        "the source of a flake is copied into the store, where every account can read it, and \
         stands in the history of its repository"
    } else {
        "the `nix.conf` that is made of it lies in the store, where every account and service can \
         read it, and stays there"
    }
}

/// How a file comes into the store.
#[derive(Clone, Copy)]
enum Stored {
    /// It is a file of the flake, or is copied.
    Path(Option<Place>),
    /// Nix writes it.
    Written,
}

/// The parts of a value that certainly name something in the store.
fn stored(cx: &RuleCx<'_>, value: &Traced) -> Vec<Stored> {
    let place = value.site.or(value.origin);
    let text = value.site.map_or("", |site| cx.workspace().text(site));
    match &value.value {
        Value::List(parts) | Value::OneOf(parts) => {
            parts.iter().flat_map(|part| stored(cx, part)).collect()
        }
        Value::Unknown(_) if text.contains("writeText") || text.contains("builtins.toFile") => {
            vec![Stored::Written]
        }
        Value::Unknown(why) if why.is_in_store() => vec![Stored::Path(place)],
        Value::Str(text) if text.starts_with("/nix/store/") => vec![Stored::Path(place)],
        _ => Vec::new(),
    }
}

/// The values of `sshKey` in a list of machines.
fn ssh_keys(machines: &Traced) -> Vec<&Traced> {
    match &machines.value {
        Value::List(parts) | Value::OneOf(parts) => parts.iter().flat_map(ssh_keys).collect(),
        Value::Attrs(attrs) => attrs.get("sshKey").into_iter().collect(),
        _ => Vec::new(),
    }
}

/// True for what stands in examples in the place of a secret.
fn is_placeholder(secret: &str) -> bool {
    const LEAST_CHARS: usize = 8;
    const WORDS: [&str; 9] = [
        "your",
        "example",
        "replace",
        "change",
        "redacted",
        "placeholder",
        "dummy",
        "todo",
        "token",
    ];
    let lower = secret.to_ascii_lowercase();
    let mut characters = lower.bytes();
    let first = characters.next();
    lower.len() < LEAST_CHARS && !lower.contains(':')
        || lower.contains(['<', '>', '$', '*', '…'])
        || lower.contains("xxx")
        || WORDS.iter().any(|word| lower.contains(word))
        || characters.all(|byte| Some(byte) == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_no_secrets() {
        for text in [
            "<token>",
            "xxxxxxxxxxxx",
            "ghp_xxxxxxxxxxxxxxxx",
            "YOUR_TOKEN_HERE",
            "changeme",
            "${TOKEN}",
            "aaaaaaaaaa",
            "",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "ghp_0123456789abcdefABCD",
            "PAT:a:b",
            "k3jh4kjh5",
            "hunter2hunter2",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
