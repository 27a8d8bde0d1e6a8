variable "a_default" {
  default = "default"
}
variable "b_environment" {
  default = "default"
}
variable "c_vars_file" {
  default = "default"
}
variable "d_auto_file" {
  default = "default"
}
variable "e_var_file" {
  type = list(string)
}
variable "f_var" {
  type = map(number)
}
variable "g_secret" {
  type      = string
  sensitive = true
}
source "old" {
  service = var.a_default
}
target "new" {
  service = "new"
}
migration "shop" {
  source = source.old
  target = target.new
}
