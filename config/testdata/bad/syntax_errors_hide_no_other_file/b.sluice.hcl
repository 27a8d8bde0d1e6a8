target "new" {
  servce = "new"
  url = "postgres://me:hunter2@new/shop
  password = "hunter2
}
