{
  nix.settings.extra-substituters = [ "http://127.0.0.1:8501" ];
}
