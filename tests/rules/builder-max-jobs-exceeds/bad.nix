{
  nix.distributedBuilds = true;
  nix.buildMachines = [
    {
      hostName = "build01.example.org";
      system = "x86_64-linux";
      maxJobs = 32;
      supportedFeatures = [ "kvm" ];
    }
    {
      hostName = "build02";
      system = "x86_64-linux";
      maxJobs = 8;
      supportedFeatures = [ "kvm" ];
    }
  ];
}
