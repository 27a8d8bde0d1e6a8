source "old" {
  host = "old"
}
target "new" {
  host = "new"
}
migration "shop" {
  for_each = {
    crm  = { database = "crm_eu", workers = 2 }
    shop = { database = "shop", workers = 8 }
  }
  source          = source.old
  source_database = each.value.database
  target          = target.new
  full {
    workers = each.value.workers
  }
}
