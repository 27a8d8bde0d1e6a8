
e_var_file = ["given.vars.hcl", "two"]
f_var = { n = 3 }
