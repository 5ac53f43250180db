{ networking.hostName = "x"; }
