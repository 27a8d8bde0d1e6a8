variable "source" { type = string }
variable "target" { type = string }
variable "stages" { type = list(string) }

source "old" { url = var.source }
target "new" { url = var.target }

migration "race" {
  source = source.old
  target = target.new
  stages = var.stages
}
