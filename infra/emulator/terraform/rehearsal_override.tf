# Copied beside the files of infra/ for a rehearsal: Terraform then asks the emulator that AWS_ENDPOINT_URL names.
# Nothing is left out and nothing is changed but how AWS is reached.

provider "aws" {
  # There is no host of the bucket's own name on a loopback address.
  s3_use_path_style = true
  # The emulator has no account to validate credentials against.
  skip_credentials_validation = true
  skip_region_validation      = true
  skip_metadata_api_check     = true
}
