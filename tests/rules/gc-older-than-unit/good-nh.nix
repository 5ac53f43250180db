{
  # nh reads more units than nix-collect-garbage does.
  programs.nh.clean = {
    enable = true;
    extraArgs = "--keep-since 2w --keep 3";
  };
}
