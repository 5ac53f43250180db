{
  nix.distributedBuilds = true;
  nix.buildMachines = [
    {
      hostName = "build01?max-connections=4";
      sshUser = "nix";
      sshKey = "/etc/nix/build01";
      systems = [
        "x86_64-linux"
        "i686-linux"
      ];
      maxJobs = 8;
      speedFactor = 2;
      publicHostKey = "c3NoLWVkMjU1MTkgQUFBQQo=";
    }
  ];
}
