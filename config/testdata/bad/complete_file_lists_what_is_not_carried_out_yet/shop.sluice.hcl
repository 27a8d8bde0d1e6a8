sluice {
  required_version = ">= 0.1"
}

variable "env" {
  type    = string
  default = "staging"

  validation {
    condition     = contains(["staging", "prod"], var.env)
    error_message = "env must be staging or prod, not ${var.env}."
  }
}

locals {
  gentle = var.env == "prod"
}

secret "source_password" {
  env = "SOURCE_PASSWORD" # or file = "…", or command = ["op", "read", "…"], or rds_iam = true
}

secret "pager" {
  file = "/run/secrets/pager_url"
}

source "aurora" {
  host     = "shop.cluster-abc.ap-northeast-2.rds.amazonaws.com"
  port     = 5432
  user     = "migrator"
  password = secret.source_password

  tls {
    mode         = "verify-full"
    ca           = "certs/rds-global.pem"
    cert         = "certs/client.pem"
    key          = "certs/client.key"
    key_password = secret.key_password
  }
}

target "rds" {
  url = "postgres://migrator@rds-${var.env}.internal/shop"
}

migration "shop" {
  for_each = toset(["shop", "crm"]) # one migration for each database

  source          = source.aurora
  source_database = each.key
  target          = target.rds
  target_database = "${each.key}_${var.env}"

  stages    = ["schema", "full", "incremental"]
  name_case = "preserve" # or "lower", "upper"
  tags      = { environment = var.env }
  owners    = true  # default false: objects belong to the role that applies
  grants    = true  # default false
  roles     = { rdsadmin = "admin" } # role names that differ on the target

  objects {
    include = ["public.*", "billing.*"]
    exclude = ["public.tmp_*"]
    kinds   = ["table", "view", "function"] # default: every kind
  }

  # Batch renames: an expression, evaluated once for each matching object.
  rename "schema" {
    match = "billing"
    to    = "finance"
  }
  rename "table" {
    match = "public.tbl_*"
    to    = trimprefix(self.name, "tbl_")
  }
  rename "column" {
    match = "*.*.*_ts"
    to    = "${trimsuffix(self.name, "_ts")}_at"
  }

  # One table, in detail.
  table "billing.invoices" {
    to              = "finance.invoice"
    where           = "created_at >= date '2023-01-01'"
    exclude_columns = ["raw_pdf"]

    column "cust_id" {
      to = "customer_id"
    }
    column "email" {
      value = "lower(email)"
    }
    column "imported_from" {
      add   = true
      type  = "text not null"
      value = "'aurora'"
    }
  }

  table "public.events" {
    replica_identity = "full" # written on the source, and shown in the plan as such
    on_existing      = "append"
  }

  conflicts {
    on_existing     = "error"       # append, truncate, adopt, skip
    row_full        = "keep_target" # error, overwrite
    row_incremental = "overwrite"   # error
  }

  full {
    workers = 8

    throttle {
      source_queries_per_second = 200
      rows_per_second           = local.gentle ? 20000 : 100000
      bytes_per_second          = "50MiB"
    }
  }

  incremental {
    slot             = "sluice_${each.key}"
    max_wal_retained = "200GiB"
    on_ddl           = "pause" # or "apply" for additive changes

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
    connection = "12h" # 10m to 24h
    other      = "10m" # 1m to 24h, and less than connection
  }

  verify {
    mode = "full" # none, count, sample, full
  }

  alert "lag" {
    on      = "lag" # failure, lag, wal, divergence, ddl, verify
    over    = "60s"
    for     = "5m"
    webhook = secret.pager
  }

  cutover {
    max_lag         = "1s"
    max_write_pause = "30s"
    reverse         = true
  }

  check "no_big_table_without_key" {
    severity      = "error"
    condition     = alltrue([for t in plan.tables : t.has_key || t.rows < 1000000])
    error_message = "A table of more than a million rows has no key."
  }

  accept "W201" {
    objects = ["public.events"]
    reason  = "Append-only; OPS-1182"
    until   = "2026-12-31"
  }
}
