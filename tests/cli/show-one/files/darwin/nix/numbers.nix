{
  jobs = 4;
  cores = 2;
}
