{
  nix.enable = false;
  determinateNix.customSettings = {
    max-jobs = 4;
    trusted-users = [ "root" ];
  };
}
