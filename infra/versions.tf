# What runs this: the versions of Terraform and of AWS' provider, where the state is, as whom AWS is asked.

terraform {
  # 1.11 is the first whose S3 backend locks by a file beside the state without being experimental.
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # Which bucket and key is said at `terraform init`; infra/bootstrap makes the bucket.
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      project    = var.project
      env        = var.env
      managed-by = "terraform"
    }
  }
}
