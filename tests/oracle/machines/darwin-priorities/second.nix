# And still more; the linux builder changes what nix-darwin adds.
{ lib, ... }:

{
  nix.linux-builder.enable = true;
  nix.settings = lib.mkMerge [
    (lib.mkIf true { substituters = [ "https://second.example.org" ]; })
    (lib.mkIf false { cores = 99; })
    { substituters = lib.mkMerge [ [ "https://third.example.org" ] [ "https://fourth.example.org" ] ]; }
    { log-lines = 10; extra-experimental-features = "nix-command flakes"; }
  ];
}
