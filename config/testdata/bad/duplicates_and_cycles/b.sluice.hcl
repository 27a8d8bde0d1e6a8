target "new" {
  service = "in another file"
}
