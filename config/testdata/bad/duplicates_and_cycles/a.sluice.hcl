source "old" {
  service = "old"
}
target "new" {
  service = "new"
}
source "old" {
  service = "again"
}
variable "x" {
  default = 1
}
variable "x" {
  default = 2
}
locals {
  a = local.b
  b = local.c
  c = local.a
  d = local.d
  e = local
  f = 1
  f = 2
}
migration "shop" {
  source = source.old
  target = target.new
  full {
  }
  full {
  }
}
migration "shop" {
  source = source.old
  target = target.new
}
