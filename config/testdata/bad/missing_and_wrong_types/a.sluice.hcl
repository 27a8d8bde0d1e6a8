source {
}
source "no_way_in" {
}
source "two_ways" {
  url     = "postgres://a@old.example.com/shop"
  host    = "old.example.com"
  service = "old"
  user    = "b"
}
source "port" {
  host = "old"
  port = "many"
}
source "range" {
  host = "old"
  port = 70000
  user = ""
}
source "extra" "label" {
  host = "old"
}
target "new" {
  host = ["new"]
  tls {
    cert = "client.pem"
  }
  tls {
    key_password = "hunter2"
  }
}
target "url" {
  url = "mysql://me:hunter2@new/shop"
}
secret "two_places" {
  env  = "A"
  file = "b"
}
secret "no_place" {
}
secret "null_is_not_given" {
  env  = null
  file = "b"
}
migration "shop" {
  owners = "perhaps"
  full {
    workers = 2.5
  }
  alert "x" {
  }
  spool {
  }
}
migration "not an identifier" {
  source = source.port
  target = target.new
  retry {
    connection = 5
  }
  table {
  }
}
