//! Why nothing can be generated for a cache.

/// Why nothing can be generated for a cache. No message repeats a key or a password.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CacheError {
    /// No address.
    #[error("the cache's address has no scheme; write it like https://cache.example.org")]
    NoScheme,
    /// Characters that end a word of a list.
    #[error(
        "the cache's address has a blank or a quote in it; write it like https://cache.example.org"
    )]
    NotAddress,
    /// A password in it.
    #[error(
        "the cache's address holds a password or a token, which everybody could read in the store; \
         take it out and put it into the netrc file (`netrc-file`) of the machine"
    )]
    Credential,
    /// Signatures switched off.
    #[error(
        "`trusted=true` in the cache's address lets it put anything into the store; take it out and \
         give its public key"
    )]
    Trusted,
    /// Plain HTTP over the internet.
    #[error(
        "{0} is asked over plain HTTP on the internet: anyone on the way sees what is asked for and \
         can pretend that a path is missing; give its https address"
    )]
    PlainHttp(String),
    /// Nix's own.
    #[error("cache.nixos.org is asked and trusted anyway; there is nothing to write")]
    Default,
    /// It is gone.
    #[error("{host} {what} (as of {as_of}){advice}")]
    Gone {
        /// Its host.
        host: String,
        /// What became of it.
        what: &'static str,
        /// When that was seen.
        as_of: String,
        /// What to use instead.
        advice: String,
    },
    /// No key.
    #[error(
        "the public key of {0} is not known here: give it with `--key NAME:BASE64` or `--key-file \
         FILE`, or name the cache under [data.caches] in nixtune.toml"
    )]
    NoKey(String),
    /// A secret key.
    #[error(
        "the key `{0}` is a secret one (64 bytes), with which anyone can sign for the cache: give \
         the public one, which `nix key convert-secret-to-public` makes of it; if it was on a \
         command line or in a file that others read, make a new pair"
    )]
    SecretKey(String),
    /// Not a key.
    #[error("{0} is no public key: {1}; it is written NAME:BASE64 with 32 bytes in base64")]
    MalformedKey(String, String),
    /// A key that the cache does not sign with.
    #[error(
        "{host} does not sign with this key `{name}`; its owner publishes {known} (as of {as_of})"
    )]
    OtherKey {
        /// The cache.
        host: String,
        /// The key's name.
        name: String,
        /// The names of its keys.
        known: String,
        /// When that was seen.
        as_of: String,
    },
    /// A key of another cache.
    #[error(
        "the key `{name}` has the body of `{other}`, with which {owner} signs (as of {as_of}); give \
         the one of the cache"
    )]
    KeyOfOther {
        /// The key's name.
        name: String,
        /// The name that the body belongs to.
        other: String,
        /// The cache that signs with it.
        owner: String,
        /// When that was seen.
        as_of: String,
    },
    /// A home.
    #[error(
        "which caches are asked and trusted is decided by the system, not by a home; give `--for \
         darwin`, `nixos`, `determinate` or `nix-conf`"
    )]
    Home,
    /// `--trusted` in a flake.
    #[error(
        "a flake cannot say which caches the system trusts; give `--trusted` with the system's \
         `--for`, and the cache without it to the flake"
    )]
    TrustedInFlake,
    /// An address that the server cannot have.
    #[error("{server} is reached at {wanted}; give that as `--url`")]
    ServerUrl {
        /// The server.
        server: &'static str,
        /// How its address begins.
        wanted: &'static str,
    },
    /// No module for it.
    #[error("the servers are modules of NixOS; give `--for nixos`, or leave `--for` out")]
    NotNixos,
    /// An attic cache without name.
    #[error(
        "an address of attic ends in the name of a cache, such as {0}/main; give that as `--url`"
    )]
    NoCacheName(String),
    /// A destination that cannot be quoted.
    #[error(
        "`--upload` is a store such as s3://bucket?region=eu-central-1, ssh-ng://nix-ssh@host or, for attic, a cache's name"
    )]
    UploadTo,
    /// Not an address of mail.
    #[error("`--email` is an address such as admin@example.org")]
    Email,
}
