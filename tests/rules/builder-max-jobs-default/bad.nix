{
  nix.distributedBuilds = true;
  nix.buildMachines = [
    {
      hostName = "build01.example.org";
      system = "x86_64-linux";
      supportedFeatures = [ "kvm" ];
    }
  ];
}
