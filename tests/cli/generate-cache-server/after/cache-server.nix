# Serves the store of this machine as https://cache.example.org.
# The name of the options since NixOS 26.05; before it was services.harmonia.
{
  services.harmonia.cache = {
    enable = true;
    # A path, not the key: what is in the store everybody can read.
    signKeyPaths = [ "/var/lib/secrets/nix-cache-key" ];
    settings.bind = "127.0.0.1:5000";
  };

  services.nginx = {
    enable = true;
    recommendedProxySettings = true;
    recommendedTlsSettings = true;
    virtualHosts."cache.example.org" = {
      enableACME = true;
      forceSSL = true;
      locations."/".proxyPass = "http://127.0.0.1:5000";
    };
  };

  security.acme = {
    acceptTerms = true;
    defaults.email = "admin@example.org";
  };

  # 80 is for the certificate and for those who forget the s.
  networking.firewall.allowedTCPPorts = [
    80
    443
  ];
}
