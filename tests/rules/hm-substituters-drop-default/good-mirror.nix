{
  home.stateVersion = "26.05";
  nix.settings.substituters = [ "https://mirrors.ustc.edu.cn/nix-channels/store" ];
}
