source "old" {
  service = "old_shop" # pg_service.conf, .pgpass and PG* variables work as in psql
}

target "new" {
  service = "new_shop"
}

migration "shop" {
  source = source.old
  target = target.new

  objects {
    include = ["public.*"]
  }
}
