# The bucket of models, datasets and batch predictions: docs/aws.md has its layout.
#
# Planned: the evaluation store (Firehose, Glue, Athena) as evaluation.tf beside this file; the monitor as a role in
# names.tf, with its function in functions.tf and its schedule beside the trainer's.

resource "aws_s3_bucket" "data" {
  bucket        = local.bucket
  force_destroy = var.destroy_data
}

resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "data" {
  bucket = aws_s3_bucket.data.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "data" {
  bucket = aws_s3_bucket.data.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "data" {
  # Rules for old versions need versioning.
  depends_on = [aws_s3_bucket_versioning.data]
  bucket     = aws_s3_bucket.data.id

  rule {
    id     = "old-versions"
    status = "Enabled"
    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  rule {
    id     = "unfinished-uploads"
    status = "Enabled"
    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  # Entries of the index of chores exist for minutes to days; their old versions only slow down its lists.
  rule {
    id     = "due"
    status = "Enabled"

    filter {
      prefix = "due/"
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  # The trainer removes those of tenants, which no prefix can match. Output of SageMaker is never read.
  dynamic "rule" {
    for_each = ["batch-predictions", "sagemaker"]

    content {
      id     = rule.value
      status = "Enabled"

      filter {
        prefix = "${rule.value}/"
      }

      expiration {
        days = var.result_days
      }
    }
  }
}

resource "aws_s3_bucket_policy" "data" {
  depends_on = [aws_s3_bucket_public_access_block.data]
  bucket     = aws_s3_bucket.data.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyEncryptedOnTheWay"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

# An object in the log of a dataset announces a batch: datasets/… of the operator, clients/<client>/datasets/… of tenants.
# S3 filters by prefix, so each key under clients/ sends a message.
resource "aws_s3_bucket_notification" "data" {
  bucket = aws_s3_bucket.data.id

  dynamic "queue" {
    for_each = ["datasets/", "clients/"]

    content {
      id            = trimsuffix(queue.value, "/")
      queue_arn     = aws_sqs_queue.jobs.arn
      events        = ["s3:ObjectCreated:*"]
      filter_prefix = queue.value
    }
  }
}
