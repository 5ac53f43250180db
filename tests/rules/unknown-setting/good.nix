{
  nix.settings = {
    max-jobs = 4;
    # Lix, Determinate Nix, old and future releases: known somewhere.
    repl-overlays = [ ];
    lazy-trees = true;
    enforce-determinism = false;
    http3 = true;
    build-timeout = 3600;
    extra-platforms = [ "x86_64-darwin" ];
    extra-extra-platforms = [ "i686-linux" ];
    extra-sandbox-paths = [ ];
    extra-access-tokens = [ "github.com=\${TOKEN}" ];
    filter-syscalls = true;
  };
  # Not settings.
  nix.registry.max-job.to = { type = "indirect"; id = "nixpkgs"; };
  programs.git.settings.max-job = 4;
}
