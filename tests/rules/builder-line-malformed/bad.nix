{
  nix.distributedBuilds = true;
  nix.buildMachines = [
    {
      hostName = "build01";
      sshKey = "/etc/nix/key for build01";
      system = "x86_64-linux";
      maxJobs = 8;
    }
    {
      hostName = "build02";
      system = "aarch64-linux";
      publicHostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDYkgCbFOGoTqzEkV4hzzVaD";
      supportedFeatures = [ "kvm big-parallel" ];
    }
  ];
}
