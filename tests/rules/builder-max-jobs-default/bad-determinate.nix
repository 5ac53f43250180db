{
  determinateNix.buildMachines = [ { hostName = "build02"; system = "x86_64-linux"; supportedFeatures = [ "kvm" ]; } ];
}
