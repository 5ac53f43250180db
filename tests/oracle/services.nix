# What a module says about remote builders, ssh and the servers of binary caches, by the options of
# NixOS, nix-darwin and Determinate's module: their names, types and what they write. Written for
# these tests after the documented options; a name that does not exist or a value of another type
# fails, as it does there.
let
  base = (import ./lib.nix).lib;
  inherit (import ./modules.nix base) evalModules types;
  inherit (base) concatMapStrings concatStringsSep mkOption optionalString;

  option = type: default: mkOption { inherit type default; };
  needed = type: mkOption { inherit type; };
  flag = option types.bool false;
  text = option types.str "";
  strings = option (types.listOf types.str) [ ];
  anyText = option (types.nullOr types.str) null;
  positive = types.ints.positive;
  port = types.ints.between 0 65535;

  # A machine of `buildMachines`; Determinate's takes whole speed factors only, as all do that are
  # generated.
  buildMachine = types.submodule {
    options = {
      hostName = needed types.str;
      protocol = option (types.enum [ null "ssh" "ssh-ng" ]) "ssh";
      system = anyText;
      systems = strings;
      sshUser = anyText;
      sshKey = anyText;
      maxJobs = option types.int 1;
      speedFactor = option types.int 1;
      mandatoryFeatures = strings;
      supportedFeatures = strings;
      publicHostKey = anyText;
    };
  };

  # What the modules write to /etc/nix/machines.
  machinesFile = concatMapStrings (machine:
    let
      dash = value: if value == null then "-" else value;
      list = values: if values == [ ] then "-" else concatStringsSep "," values;
      systems = if machine.system != null then [ machine.system ] else machine.systems;
    in
    concatStringsSep " " [
      "${optionalString (machine.protocol != null) "${machine.protocol}://"}${
        optionalString (machine.sshUser != null) "${machine.sshUser}@"
      }${machine.hostName}"
      (list systems)
      (dash machine.sshKey)
      (toString machine.maxJobs)
      (toString machine.speedFactor)
      (list (machine.supportedFeatures ++ machine.mandatoryFeatures))
      (list machine.mandatoryFeatures)
      (dash machine.publicHostKey)
    ] + "\n");

  settings = mkOption {
    default = { };
    type = types.submodule {
      freeformType =
        let atom = types.nullOr (types.oneOf [ types.bool types.int types.str types.path ]); in
        types.attrsOf (types.either atom (types.listOf atom));
    };
  };

  guest = {
    enable = flag;
    config = option types.anything { };
    mandatoryFeatures = strings;
    maxJobs = needed positive;
    protocol = option types.str "ssh-ng";
    speedFactor = option positive 1;
    supportedFeatures = option (types.listOf types.str) [ "kvm" "benchmark" "big-parallel" ];
    systems = strings;
    workingDirectory = option types.str "/var/lib/linux-builder";
    ephemeral = flag;
  };

  knownHost = { name, config, ... }: {
    options = {
      certAuthority = flag;
      hostNames = option (types.listOf types.str) ([ name ] ++ config.extraHostNames);
      extraHostNames = strings;
      publicKey = anyText;
      publicKeyFile = option (types.nullOr types.path) null;
    };
  };

  ssh = {
    programs.ssh = {
      extraConfig = option types.lines "";
      knownHosts = option (types.attrsOf (types.submodule knownHost)) { };
    };
  };

  systems = {
    nix-darwin = ssh // {
      nix = {
        inherit settings;
        distributedBuilds = flag;
        buildMachines = option (types.listOf buildMachine) [ ];
        linux-builder = guest;
      };
    };
    determinate = ssh // {
      determinateNix = {
        customSettings = settings;
        distributedBuilds = flag;
        buildMachines = option (types.listOf buildMachine) [ ];
        nixosVmBasedLinuxBuilder = guest // { hostName = option types.str "nixos-vm-based-linux-builder"; };
      };
    };
    nixos = ssh // {
      nix = {
        inherit settings;
        distributedBuilds = flag;
        buildMachines = option (types.listOf buildMachine) [ ];
        sshServe = {
          enable = flag;
          write = flag;
          trusted = flag;
          keys = strings;
          protocol = option (types.enum [ "ssh" "ssh-ng" ]) "ssh";
        };
      };
      networking.firewall.allowedTCPPorts = option (types.listOf port) [ ];
      security.acme = {
        acceptTerms = flag;
        defaults.email = anyText;
      };
      services = {
        atticd = {
          enable = flag;
          environmentFile = option (types.nullOr types.path) null;
          user = option types.str "atticd";
          group = option types.str "atticd";
          mode = option (types.enum [ "monolithic" "api-server" "garbage-collector" ]) "monolithic";
          settings = option types.anything { };
        };
        harmonia.cache = {
          enable = flag;
          signKeyPaths = option (types.listOf types.path) [ ];
          settings = option types.anything { };
        };
        nginx = {
          enable = flag;
          recommendedProxySettings = flag;
          recommendedTlsSettings = flag;
          clientMaxBodySize = option types.str "10m";
          virtualHosts = option (types.attrsOf (types.submodule { options = virtualHost; })) { };
        };
        nix-serve = {
          enable = flag;
          package = option types.raw "nix-serve";
          port = option port 5000;
          bindAddress = option types.str "0.0.0.0";
          openFirewall = flag;
          secretKeyFile = anyText;
          extraParams = option (types.separatedString " ") "";
        };
      };
    };
  };
  virtualHost = {
    enableACME = flag;
    forceSSL = flag;
    locations = option
      (types.attrsOf (types.submodule {
        options = {
          proxyPass = anyText;
          extraConfig = option types.lines "";
        };
      }))
      { };
  };
in
{
  # Everything that the module defines, and the files that follow from it.
  said = { file, kind }:
    let
      inherit (evalModules {
        modules = [ { options = systems.${kind}; } file ];
        specialArgs.pkgs = { nix-serve-ng = "nix-serve-ng"; };
      }) config;
      nix = if kind == "determinate" then config.determinateNix else config.nix;
      knownHosts = base.attrValues config.programs.ssh.knownHosts;
    in
    {
      machines = machinesFile nix.buildMachines;
      distributed = nix.distributedBuilds;
      settings = nix.settings or nix.customSettings;
      ssh = config.programs.ssh.extraConfig;
      knownHosts = concatMapStrings
        (host: "${concatStringsSep "," host.hostNames} ${host.publicKey}\n")
        knownHosts;
      guest =
        let guest = nix.linux-builder or nix.nixosVmBasedLinuxBuilder or { enable = false; }; in
        if guest.enable then guest else null;
      services = config.services or { };
      sshServe = nix.sshServe or { };
      ports = config.networking.firewall.allowedTCPPorts or [ ];
    };
}
