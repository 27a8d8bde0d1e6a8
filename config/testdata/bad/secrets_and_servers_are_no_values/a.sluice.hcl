secret "password" {
  env = "PASSWORD"
}
locals {
  leak = "the password is ${secret.password}"
  host = source.old.host
}
source "old" {
  service  = "old"
  user     = secret.password
  password = "hunter2"
}
source "b" {
  service  = "b"
  password = local.leak
}
source "c" {
  service  = "c"
  password = "${secret.password}"
}
source "d" {
  service  = "d"
  password = true ? secret.password : null
}
source "whole" {
  service  = "d"
  password = secret
}
source "right" {
  service  = "d"
  password = secret.password
}
target "new" {
  url = "postgres://me:hunter2@new/${secret.password}"
}
migration "shop" {
  source = "source.old"
  target = target.new
  tags   = { password = secret.password, all = jsonencode(secret) }
  full {
    workers = self.name
  }
  cutover {
    max_lag = plan.lag
  }
  table "public.a" {
    where = "a = ${each.key}"
  }
}
