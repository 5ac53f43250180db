{ jobs = 4; }
