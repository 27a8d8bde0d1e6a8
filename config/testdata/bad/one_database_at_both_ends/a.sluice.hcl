source "url" {
  url = "postgres://a:hunter2@db.example.com/shop"
}
source "service" {
  service = "shop"
}
target "url" {
  url = "postgresql://b@DB.example.com:5432/shop"
}
target "service" {
  service = "shop"
}
target "host" {
  host     = "db.example.com"
  database = "shop"
}
migration "a" {
  source = source.url
  target = target.url
}
migration "b" {
  source = source.service
  target = target.service
}
migration "c" {
  source = source.url
  target = target.host
}
migration "other_database_is_right" {
  source          = source.url
  target          = target.url
  target_database = "shop_new"
}
