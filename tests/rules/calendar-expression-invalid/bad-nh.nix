{
  programs.nh = {
    enable = true;
    clean = {
      enable = true;
      dates = "every day";
      extraArgs = "--keep 5 --keep-since 14d";
    };
  };
}
