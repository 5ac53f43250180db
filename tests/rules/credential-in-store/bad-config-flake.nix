{
  nixConfig.access-tokens = [ "github.com=k3jh4kjh5k3jh4kjh5" ];
  outputs = _: { };
}
