# Who uses the machines.
{
  owner = "astrid";
  builders = [ "astrid" "emil" ];
}
