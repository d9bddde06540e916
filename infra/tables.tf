# The tables: jobs (docs/aws-jobs.md), and clients, keys, plans and usage (docs/access.md).

resource "aws_dynamodb_table" "this" {
  for_each = local.tables

  name                        = each.value
  billing_mode                = "PAY_PER_REQUEST"
  deletion_protection_enabled = !var.destroy_data
  hash_key                    = "pk"
  range_key                   = "sk"

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled = true
  }

  # Jobs have no time to live: their expiresAt is the end of a lease, in milliseconds.
  dynamic "ttl" {
    for_each = each.key == "access" ? ["expiresAt"] : []

    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }
}
