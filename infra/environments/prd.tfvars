env    = "prd"
region = "eu-central-1"

log_days        = 90
noncurrent_days = 30
images_kept     = 30
budget_usd      = 50

# Who gets mail about alarms and the budget. prd requires it; [] sends none, on purpose.
# alarm_emails = ["ops@example.com"]
