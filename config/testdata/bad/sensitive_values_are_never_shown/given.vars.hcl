set = ["secret-in-set"]
word = "secret-in-file
port = {
