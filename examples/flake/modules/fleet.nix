# What a host says about itself; the other modules follow from it.
{ lib, ... }:

{
  options.fleet = {
    role = lib.mkOption {
      type = lib.types.enum [
        "laptop"
        "server"
      ];
      default = "laptop";
      description = "What the machine is for.";
    };
    caches.enable = lib.mkEnableOption "the caches of the fleet";
    keepDays = lib.mkOption {
      type = lib.types.ints.positive;
      default = 14;
      description = "How long old generations are kept, in days.";
    };
  };
}
