env    = "prd"
region = "eu-central-1"

log_days        = 90
noncurrent_days = 30
images_kept     = 30
budget_usd      = 50

# Addresses for alarms and budget messages. prd requires it; [] explicitly sends none.
# alarm_emails = ["ops@example.com"]
