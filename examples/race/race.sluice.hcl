variable "source" { type = string }
variable "target" { type = string }
variable "stages" { type = list(string) }
variable "slot" { type = string }

source "old" { url = var.source }
target "new" { url = var.target }

migration "race" {
  source = source.old
  target = target.new
  stages = var.stages

  objects {
    include = ["public.*"]
  }

  incremental {
    slot = var.slot
  }
}
