{
  nix.settings = {
    keep-outputs = true;
    keep-derivations = true;
    timeout = 3600;
    # A name of its own in Nix, an alias in Lix.
    connect-timeout = 15;
    # Renamed in 2.35; older releases know this name only.
    download-attempts = 5;
    extra-sandbox-paths = [ "/bin/sh" ];
    extra-substituters = [ "https://nix-community.cachix.org" ];
    build-dir = "/var/tmp/nix";
    build-users-group = "nixbld";
    build-poll-interval = 5;
  };
}
