env    = "prd"
region = "eu-central-1"

log_days        = 90
noncurrent_days = 30
images_kept     = 30
budget_usd      = 50

# Who is told of alarms and of the budget. prd is not set up without; [] is nobody, on purpose.
# alarm_emails = ["ops@example.com"]
