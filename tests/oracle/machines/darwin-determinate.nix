# Determinate Nix on macOS: its module writes another file, without empty values.
{
  system.stateVersion = 6;
  nix.settings.max-jobs = 4;
  determinateNix.customSettings = {
    cores = 4;
    trusted-users = [ "root" "mira" ];
    extra-trusted-users = [ "ci" ];
    netrc-file = null;
    flake-registry = "";
  };
}
