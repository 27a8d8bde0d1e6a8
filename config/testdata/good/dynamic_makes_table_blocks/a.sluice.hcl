source "old" {
  service = "old"
}
target "new" {
  service = "new"
}
migration "shop" {
  source = source.old
  target = target.new

  dynamic "table" {
    for_each = ["events", "clicks"]
    labels   = ["public.${table.value}"]
    content {
      replica_identity = "full"
    }
  }
}
