source "old" {
  service = "old"
}
target "new" {
  service = "new"
}
migration "list" {
  for_each = ["a", "b"]
  source   = source.old
  target   = target.new
}
migration "number" {
  for_each = 5
  source   = source.old
  target   = target.new
}
migration "null" {
  for_each = null
  source   = source.old
  target   = target.new
}
migration "numbers" {
  for_each = toset([1, 2])
  source   = source.old
  target   = target.new
}
migration "empty_is_checked_too" {
  for_each = toset([])
  source   = source.old
  target   = target.new
  tags     = { a = each.keys }
  unknown  = each.value
  dynamic "table" {
    for_each = each.value.tables
    labels   = [table.value]
    content {
      replica_identity = "full"
    }
  }
}
migration "none" {
  source          = source.old
  target          = target.new
  source_database = each.key
}
migration "one_instance_is_wrong" {
  for_each = { a = 4, b = "x", c = "y" }
  source   = source.old
  target   = target.new
  full {
    workers = each.value
  }
}
migration "slot" {
  for_each = toset(["a-b", "a_b"])
  source   = source.old
  target   = target.new
}
