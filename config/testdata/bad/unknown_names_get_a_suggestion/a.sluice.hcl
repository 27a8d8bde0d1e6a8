sorce "old" {
}
source "old" {
  servce   = "old"
  service  = "old"
  password = secret.pasword
  pool     = 5
}
secret "password" {
  env = "PASSWORD"
}
target "new" {
  service = "new"
  tls {
    mode = "verify-ful"
  }
}
variable "env" {
  default = "prod"
}
locals {
  workers = 4
}
migration "shop" {
  source          = source.odl
  target          = source.old
  source_database = "shop_${var.evn}"
  stages          = ["schema", "ful"]
  name_case       = lower
  tags            = { a = lwer("x"), b = loacl.workers }
  include         = ["public.*"]

  objects {
    include = ["public.*"]
  }
  full {
    workers = local.worker
    throtle {
    }
  }
  rename "tabel" {
    match = "public.*"
    to    = self.nam
  }
  alert "lag" {
    on      = "lagg"
    webhook = secret.pager
  }
}
