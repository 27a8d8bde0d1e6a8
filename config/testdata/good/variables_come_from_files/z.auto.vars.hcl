d_auto_file = "auto"
e_var_file = ["auto"]
f_var = { n = 2 }
