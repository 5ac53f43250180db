# `programs.nixtune` for NixOS and nix-darwin (`policyBelow = "etc"`) and home-manager ("home").
{ self }:
{ policyBelow }:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.programs.nixtune;
  format = pkgs.formats.toml { };
  policy = format.generate "nixtune.toml" cfg.policy;
in
{
  options.programs.nixtune = {
    enable = lib.mkEnableOption "nixtune, which lints the configuration of Nix itself";

    package = lib.mkOption {
      type = lib.types.package;
      default = self.packages.${pkgs.stdenv.hostPlatform.system}.nixtune;
      defaultText = lib.literalExpression "nixtune.packages.\${system}.nixtune";
      description = "The package to install.";
    };

    policy = lib.mkOption {
      inherit (format) type;
      default = { };
      example = {
        lint.select = [ "all" ];
        lint.ignore = [ "style" ];
      };
      description = ''
        A `nixtune.toml` for configurations that have none of their own;
        `nixtune init-policy` shows every key.
      '';
    };
  };

  config = lib.mkIf cfg.enable (
    if policyBelow == "home" then
      {
        home.packages = [ cfg.package ];
        xdg.configFile."nixtune/nixtune.toml" = lib.mkIf (cfg.policy != { }) { source = policy; };
      }
    else
      {
        environment.systemPackages = [ cfg.package ];
        environment.etc."xdg/nixtune/nixtune.toml" = lib.mkIf (cfg.policy != { }) { source = policy; };
      }
  );
}
