//! A builder whose identity nothing in the files vouches for.

use super::build_machines::{builders, confidence};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};

declare_rule! {
    /// No file says which host key a remote builder has.
    ///
    /// ## Why it matters
    ///
    /// The daemon connects as root and without a terminal, so that nobody can confirm a host key.
    /// Unless root has met the builder before, each connection fails with "Host key verification
    /// failed"; and the first meeting by hand trusts whatever answers. With `publicHostKey`, or
    /// `programs.ssh.knownHosts`, a new machine works at once and can be sure whom it talks to.
    ///
    /// It keeps silent when any file of the tree mentions known hosts or settings of host key
    /// checks.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     { hostName = "build01"; system = "x86_64-linux"; maxJobs = 8; }
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     {
    ///       hostName = "build01";
    ///       system = "x86_64-linux";
    ///       maxJobs = 8;
    ///       # base64 -w0 /etc/ssh/ssh_host_ed25519_key.pub
    ///       publicHostKey = "c3NoLWVkMjU1MTkgQUFBQUMzTnphQzFsWkRJMU5URTVBQUFBSURZa2dDYkZPR29UcXpFa1Y0aHp6VmFECg==";
    ///     }
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When root's own `known_hosts` is cared for elsewhere, or host keys are signed by a
    /// certificate authority.
    ///
    /// ## Source
    ///
    /// Nix `src/libstore/ssh.cc` (`base64-ssh-public-host-key`), ssh_config(5)
    /// `StrictHostKeyChecking`.
    pub BUILDER_HOST_KEY_MISSING {
        id: "builder-host-key-missing",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["nix.buildMachines", "builders"],
        category: Security,
        severity: Info,
        stage: OptIn,
        fixes: Never,
    }
}

/// Words of files that take care of host keys in another way.
const OTHER_WAYS: [&str; 6] = [
    "knownHosts",
    "known_hosts",
    "KnownHosts",
    "StrictHostKeyChecking",
    "HostKeyAlias",
    "cert-authority",
];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let mut files = cx.workspace().files().iter();
    if files.any(|file| OTHER_WAYS.iter().any(|word| file.text().contains(word))) {
        return;
    }
    for builder in builders(cx) {
        let is_ssh = match builder.scheme.known() {
            Some(scheme) => matches!(&**scheme, "ssh" | "ssh-ng"),
            None => builder.scheme.is_unset(),
        };
        let (Some(host), Some(place)) = (builder.host.known(), builder.shown_at()) else {
            continue;
        };
        if !is_ssh || !builder.is_whole || !builder.host_key.is_unset() || &**host == "localhost" {
            continue;
        }
        out.report(place, format!("no file says which host key `{host}` has"))
            .confidence(confidence(cx, &builder))
            .why(
                "the daemon connects as root and cannot ask: it fails until root has met the \
                 builder, and that first meeting trusts whatever answers",
            )
            .help(
                "give the builder's host key in base64, or put it into \
                 `programs.ssh.knownHosts`",
            );
    }
}
