variable "source" { type = string }
variable "target" { type = string }
variable "stages" { type = list(string) }
variable "slot" { type = string }
variable "connections" { # SLUICE_VAR_connections
  type    = number
  default = 4
}

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
    slot        = var.slot
    connections = var.connections
  }
}
