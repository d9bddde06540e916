env    = "dev"
region = "eu-central-1"

log_days        = 14
noncurrent_days = 7
images_kept     = 10
budget_usd      = 10
