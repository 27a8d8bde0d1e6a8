source "old" {
  service = "old"
}
target "new" {
  service = "new"
}
sluice {
  required_version = ">= 9.0"
}
sluice {
  required_version = "newest"
}
migration "rds" {
  source = source.iam
  target = target.new
  on_ddl = "apply"
  verify {
    mode = "none"
  }
  incremental {
    on_ddl = "apply"
    spool {
      directory = 5
      unknown   = 1
    }
  }
  conflicts {
    row_full = "error"
  }
}
secret "iam" {
  rds_iam = true
}
source "iam" {
  host     = "aurora.example.com"
  password = secret.iam
}
