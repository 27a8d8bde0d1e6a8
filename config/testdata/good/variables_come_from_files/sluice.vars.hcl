c_vars_file = "sluice.vars.hcl"
d_auto_file = "sluice.vars.hcl"
e_var_file = ["sluice.vars.hcl"]
f_var = { n = 1 }
