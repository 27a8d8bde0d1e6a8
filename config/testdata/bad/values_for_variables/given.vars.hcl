
env = "test"
nmaes = []
count = var.x
