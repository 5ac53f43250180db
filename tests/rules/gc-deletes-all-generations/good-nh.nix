{
  programs.nh = {
    enable = true;
    clean = {
      enable = true;
      extraArgs = "-k 5 -K 14d";
    };
  };
}
