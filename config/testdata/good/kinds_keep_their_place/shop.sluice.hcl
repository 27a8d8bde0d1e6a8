source "old" {
  service = "old_shop"
}

target "new" {
  service = "new_shop"
}

migration "shop" {
  source = source.old
  target = target.new

  objects {
    kinds = ["table", "materialized_view"]
  }
}
