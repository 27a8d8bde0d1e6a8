source "old" {
  service = "old"
}
target "new" {
  service = "new"
}
