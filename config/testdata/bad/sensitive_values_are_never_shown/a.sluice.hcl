variable "password" {
  type      = string
  sensitive = true
  default   = "secret-default"
}
variable "set" {
  type      = set(string)
  sensitive = true
}
variable "port" {
  type      = number
  sensitive = true
}
variable "list" {
  type      = list(string)
  sensitive = true
}
variable "word" {
  sensitive = true
  validation {
    condition     = var.word == "x"
    error_message = "not ${var.word}"
  }
}
variable "bad_default" {
  type      = number
  default   = tonumber("secret-in-default")
  sensitive = true
}
variable "perhaps" {
  sensitive = "perhaps"
  default   = tonumber("secret-in-perhaps")
}
source "url" {
  url = "mysql://${var.password}"
}
source "literal" {
  url = "postgres:/me:secret-in-url@old/shop"
}
source "old" {
  url  = "postgres://me:secret-in-url@old/shop"
  user = var.password
}
target "new" {
  host = "new-${var.word}"
}
locals {
  number = tonumber(var.password)
}
migration "a" {
  for_each = var.set
  source   = source.old
  target   = target.new
}
migration "b" {
  for_each = { a = var.password }
  source   = source.old
  target   = target.new
  tags     = { n = tonumber(each.value) }
  objects {
    include = ["public.${each.value}"]
  }
  dynamic "table" {
    for_each = [var.password]
    labels   = [table.value]
    content {
    }
  }
}
migration "c" {
  source = source.old
  target = target.new
  rename "table" {
    match = "public.*"
    to    = "${self.name}_${var.password}"
  }
}
