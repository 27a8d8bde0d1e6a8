sluice {
  required_version = ">= 0.1, < 2"
}

variable "env" {
  type        = string
  default     = "staging"
  description = "Which of our environments."

  validation {
    condition     = contains(["staging", "prod"], var.env)
    error_message = "env must be staging or prod, not ${var.env}."
  }
}

variable "password_in_url" {
  type      = string
  default   = "hunter22"
  sensitive = true
}

locals {
  prefix = "${local.base}_x"
  base   = lower("BASE")
  tags   = { environment = var.env, prefix = local.prefix }
}

secret "source_password" {
  env = "SOURCE_PASSWORD"
}
secret "key_password" {
  command = ["op", "read", "op://vault/key"]
}
secret "unused" {
  file = "/run/secrets/unused"
}

source "aurora" {
  host     = "shop.cluster.example.com"
  port     = 5433
  user     = "migrator"
  password = secret.source_password

  tls {
    mode         = "verify-full"
    ca           = "certs/ca.pem"
    cert         = "certs/client.pem"
    key          = "certs/client.key"
    key_password = secret.key_password
  }
}

target "rds" {
  url = "postgres://migrator:${var.password_in_url}@rds-${var.env}.internal/shop"
}

migration "shop" {
  for_each = toset(["shop", "crm-Eu"])

  source          = source.aurora
  source_database = each.key
  target          = target.rds
  target_database = "${each.key}_${var.env}"

  stages    = ["incremental", "full"]
  name_case = "preserve"
  tags      = local.tags
  owners    = true
  grants    = true
  roles     = { rdsadmin = "admin" }

  tablespaces = "keep"

  objects {
    include = ["public.*", "billing.*", "\"odd.schema\".\"a*b\""]
    exclude = ["public.tmp_*"]
  }

  table "public.events" {
    replica_identity = "full"
    on_existing      = "adopt"
    priority         = "first"
  }
  table "\"odd.schema\".Events" {
  }

  conflicts {
    on_existing     = "append"
    row_full        = "overwrite"
    row_incremental = "error"
  }

  full {
    workers      = var.env == "prod" ? 4 : 8
    index_memory = "2GiB"
    throttle {
      source_queries_per_second = 200
      rows_per_second           = var.env == "prod" ? 20000 : 100000
      bytes_per_second          = "50MiB"
    }
  }
  incremental {
    on_ddl      = "pause"
    connections = 8
    spool {
      directory = "/var/lib/sluice"
      max_bytes = "500GiB"
    }
    throttle {
      rows_per_second  = 5000
      bytes_per_second = "20MiB"
    }
  }
  retry {
    connection = "24h"
    other      = "1h30m"
  }
  verify {
    mode = "full"
  }
  alert "lag" {
    on      = "lag"
    over    = "90s"
    for     = "5m"
    repeat  = "0s"
    webhook = secret.pager
  }
  alert "WAL, told in every way" {
    on           = "wal"
    over         = "50GiB"
    webhook      = secret.pager
    alertmanager = secret.pager
    slack        = secret.pager
    exec         = ["page", "--now"]
    email {
      host     = "smtp.example.com"
      from     = "sluice <sluice@example.com>"
      to       = ["ops@example.com", "dba@example.com"]
      user     = "sluice"
      password = secret.pager
    }
  }
  alert "with defaults" {
    on   = "no_progress"
    exec = ["page"]
  }
  cutover {
    max_lag         = "500ms"
    max_write_pause = "1m"
    reverse         = true
  }
}

secret "pager" {
  env = "PAGER"
}
