{
  nix = {
    enable = true;
    gc.options = "";
    settings = {
      max-jobs = "auto";
      trusted-users = [
        "root"
        "@wheel"
      ];
    };
  };
}
