variable "env" {
  type = string
  validation {
    condition     = contains(["staging", "prod"], var.env)
    error_message = "env must be staging or prod, not ${var.env}."
  }
}
variable "count" {
  type    = number
  default = "many"
}
variable "names" {
  type = list(string)
}
variable "port" {
  type = number
}
variable "size" {
}
variable "type" {
  type    = strin
  default = var.env
}
variable "rule" {
  default = 1
  validation {
    condition     = "perhaps"
    error_message = ["no"]
  }
  validation {
    condition     = var.rule > 1
    error_message = "rule is too low"
  }
}
variable "not_given" {
}
source "old" {
  service = "old"
}
target "new" {
  service = "new"
}
migration "shop" {
  source = source.old
  target = target.new
  tags   = { unknown_values_cause_no_more_errors = var.not_given }
  full {
    workers = var.count
  }
}
