source "old" {
  service = "old
}
