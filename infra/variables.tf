# The variables of an environment. docs/infra.md has them as a table, which a test compares.

variable "project" {
  description = "Prefix of all names."
  type        = string
  default     = "lapidary"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project))
    error_message = "project must have 3 to 20 characters: lower-case letters, digits and hyphens. It must begin with a letter and not end with a hyphen."
  }
}

variable "env" {
  description = "Environment: dev has no gateway and is invoked directly, prd is called over HTTPS with keys."
  type        = string

  validation {
    condition     = contains(["dev", "prd"], var.env)
    error_message = "env must be dev or prd."
  }
}

variable "region" {
  description = "AWS region."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be an AWS region, such as eu-central-1."
  }
}

variable "image_uri" {
  description = "Image of new functions, by digest: repository@sha256:…. Empty creates the image repository, the bucket and the tables, but no functions. Later deployments change the image; Terraform ignores that. There is no default, since omitting it would remove the functions."
  type        = string

  validation {
    condition     = var.image_uri == "" || can(regex("^[^@[:space:]]+@sha256:[0-9a-f]{64}$", var.image_uri))
    error_message = "image_uri must be empty or name an image by its digest: repository@sha256: and 64 hexadecimal digits."
  }
}

variable "destroy_data" {
  description = "Whether terraform destroy may delete the bucket's objects, the tables and the images. Apply it before the destroy."
  type        = bool
  default     = false
}

# ---- Functions

variable "architecture" {
  description = "Processor of the image: x86_64 or arm64."
  type        = string
  default     = "x86_64"

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "architecture must be x86_64 or arm64."
  }
}

variable "api_memory_mb" {
  description = "Memory of the API function; 1,769 MB give one processor."
  type        = number
  default     = 1024

  validation {
    condition     = var.api_memory_mb >= 256 && var.api_memory_mb <= 10240
    error_message = "api_memory_mb must be from 256 to 10240."
  }
}

variable "trainer_memory_mb" {
  description = "Memory of the trainer; new accounts are limited to 3,008 MB."
  type        = number
  default     = 3008

  validation {
    condition     = var.trainer_memory_mb >= 1024 && var.trainer_memory_mb <= 10240
    error_message = "trainer_memory_mb must be from 1024 to 10240."
  }
}

variable "trainer_timeout_seconds" {
  description = "Timeout of the trainer."
  type        = number
  default     = 900

  validation {
    condition     = var.trainer_timeout_seconds >= 60 && var.trainer_timeout_seconds <= 900
    error_message = "trainer_timeout_seconds must be from 60 to 900."
  }
}

variable "trainer_disk_mb" {
  description = "Size of the trainer's /tmp, which holds encoded rows."
  type        = number
  default     = 4096

  validation {
    condition     = var.trainer_disk_mb >= 512 && var.trainer_disk_mb <= 10240
    error_message = "trainer_disk_mb must be from 512 to 10240."
  }
}

variable "trainer_concurrency" {
  description = "Maximum number of trainers that the queue runs at a time."
  type        = number
  default     = 2

  validation {
    condition     = var.trainer_concurrency >= 2 && var.trainer_concurrency <= 100
    error_message = "trainer_concurrency must be from 2, the minimum at AWS, to 100."
  }
}

variable "trainer_schedule" {
  description = "Interval at which the trainer looks for jobs whose message was lost."
  type        = string
  default     = "rate(5 minutes)"

  validation {
    condition     = can(regex("^(rate|cron)\\(.+\\)$", var.trainer_schedule))
    error_message = "trainer_schedule must be rate(…) or cron(…) of EventBridge."
  }
}

variable "provisioned_concurrency" {
  description = "Instances of the API function that are kept warm behind the alias live, billed by the hour; 0 for none."
  type        = number
  default     = 0

  validation {
    condition     = var.provisioned_concurrency >= 0 && floor(var.provisioned_concurrency) == var.provisioned_concurrency
    error_message = "provisioned_concurrency must be a whole number, 0 or more."
  }
}

variable "reserved_concurrency" {
  description = "Maximum number of instances of the API function, reserved from the account's limit; -1 for no limit."
  type        = number
  default     = -1

  validation {
    condition     = var.reserved_concurrency == -1 || var.reserved_concurrency >= 1
    error_message = "reserved_concurrency must be -1, or 1 or more: with 0 the function would not run."
  }
}

variable "admin_routes" {
  description = "Whether the API has the routes that change data. false also removes the permissions for them from its role."
  type        = bool
  default     = true
}

variable "settings" {
  description = "Further settings of the functions and the endpoint (docs/configuration.md), such as LOG_LEVEL. Settings that Terraform makes take precedence."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.settings) : can(regex("^[A-Z][A-Z0-9_]*$", name))])
    error_message = "Names of settings must have only upper-case letters, digits and underscores."
  }
}

# ---- Gateway (prd)

variable "key_header" {
  description = "Header of the key: authorization, x-api-key, or either. API Gateway caches by headers that must all be present, so with either it caches nothing and calls the authorizer for each request."
  type        = string
  default     = "authorization"

  validation {
    condition     = contains(["authorization", "x-api-key", "either"], var.key_header)
    error_message = "key_header must be authorization, x-api-key or either."
  }
}

variable "authorizer_cache_seconds" {
  description = "Time for which API Gateway caches the authorizer's answer; a revoked key works for as long."
  type        = number
  default     = 60

  validation {
    condition     = var.authorizer_cache_seconds >= 0 && var.authorizer_cache_seconds <= 3600
    error_message = "authorizer_cache_seconds must be from 0 to 3600."
  }
}

variable "throttle_rate" {
  description = "Requests a second that the gateway admits from all callers together."
  type        = number
  default     = 100

  validation {
    condition     = var.throttle_rate >= 1
    error_message = "throttle_rate must be 1 or more."
  }
}

variable "throttle_burst" {
  description = "Burst of requests that the gateway admits."
  type        = number
  default     = 200

  validation {
    condition     = var.throttle_burst >= 1
    error_message = "throttle_burst must be 1 or more."
  }
}

variable "open_throttle_rate" {
  description = "Requests a second that the gateway admits on each route without a key (health, documentation), from all callers together."
  type        = number
  default     = 5

  validation {
    condition     = var.open_throttle_rate >= 1
    error_message = "open_throttle_rate must be 1 or more."
  }
}

variable "open_throttle_burst" {
  description = "Burst of requests that the gateway admits on such a route; the documentation page takes nine."
  type        = number
  default     = 20

  validation {
    condition     = var.open_throttle_burst >= 10
    error_message = "open_throttle_burst must be 10 or more: the documentation page takes nine requests at once."
  }
}

variable "cors_origins" {
  description = "Origins whose pages may call the API, such as https://example.org; empty for none."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "cors_origins must be https://host or http://host, without a path and without *."
  }
}

variable "domain_name" {
  description = "Custom domain of the API; empty uses the gateway's."
  type        = string
  default     = ""
}

variable "certificate_arn" {
  description = "Certificate (ACM, same region) of that domain."
  type        = string
  default     = ""

  validation {
    condition     = (var.certificate_arn == "") == (var.domain_name == "")
    error_message = "domain_name and certificate_arn must be set together."
  }
}

variable "hosted_zone_id" {
  description = "Route 53 zone in which Terraform creates the record of the domain; empty if you create it yourself."
  type        = string
  default     = ""
}

# ---- Retention

variable "log_days" {
  description = "Retention of logs, in days."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_days)
    error_message = "log_days must be a retention that CloudWatch supports, such as 7, 14, 30, 90 or 365."
  }
}

variable "noncurrent_days" {
  description = "Days for which the bucket keeps deleted and replaced objects."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_days >= 1
    error_message = "noncurrent_days must be 1 or more."
  }
}

variable "result_days" {
  description = "Days for which batch predictions are kept."
  type        = number
  default     = 7

  validation {
    condition     = var.result_days >= 1
    error_message = "result_days must be 1 or more."
  }
}

variable "images_kept" {
  description = "Images that the repository keeps. You can roll back only to a version whose image is among them."
  type        = number
  default     = 30

  validation {
    condition     = var.images_kept >= 5
    error_message = "images_kept must be 5 or more."
  }
}

# ---- Monitoring

variable "alarm_emails" {
  description = "Addresses for alarms and budget messages; each must confirm once. prd requires it; [] explicitly sends none."
  type        = list(string)
  default     = null

  validation {
    condition     = var.env != "prd" || var.alarm_emails != null
    error_message = "alarm_emails must be set in prd: without an address alarms reach no one. Set alarm_emails = [\"ops@example.com\"] in infra/environments/prd.tfvars, or alarm_emails = [] to notify no one."
  }

  validation {
    condition     = alltrue([for email in coalesce(var.alarm_emails, []) : can(regex("^[^@[:space:]]+@[^@[:space:]]+$", email))])
    error_message = "alarm_emails must be email addresses."
  }
}

variable "latency_alarm_ms" {
  description = "Duration of the API function that raises an alarm when one request in a hundred exceeds it."
  type        = number
  default     = 3000

  validation {
    condition     = var.latency_alarm_ms >= 1 && var.latency_alarm_ms <= 30000
    error_message = "latency_alarm_ms must be from 1 to 30000."
  }
}

variable "queue_age_alarm_seconds" {
  description = "Age of the oldest message of the training queue that raises an alarm."
  type        = number
  default     = 7200

  validation {
    condition     = var.queue_age_alarm_seconds >= 60
    error_message = "queue_age_alarm_seconds must be 60 or more."
  }
}

variable "budget_usd" {
  description = "Monthly cost, in US dollars, that sends a budget message."
  type        = number
  default     = 20

  validation {
    condition     = var.budget_usd > 0
    error_message = "budget_usd must be above 0."
  }
}

variable "budget_by_tag" {
  description = "Whether the budget counts only resources with the tags of this project and environment, for accounts with other resources. Activate the tags as cost allocation tags first; before that the budget counts nothing."
  type        = bool
  default     = false
}

# ---- GitHub

variable "github_repository" {
  description = "Repository, owner/name, whose workflows may deploy from the GitHub environment of the same name as this one; empty for none."
  type        = string
  default     = ""

  validation {
    condition     = var.github_repository == "" || can(regex("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository must be owner/name."
  }
}

# ---- SageMaker

variable "sagemaker_training_bytes" {
  description = "Trainings that read more bytes than this run on SageMaker; 0 for none."
  type        = number
  default     = 0

  validation {
    condition     = var.sagemaker_training_bytes >= 0
    error_message = "sagemaker_training_bytes must be 0 or more."
  }
}

variable "sagemaker_image_uri" {
  description = "Image of SageMaker trainings, by digest; empty uses image_uri. Deployments do not change it."
  type        = string
  default     = ""

  validation {
    condition     = var.sagemaker_image_uri == "" || can(regex("^[^@[:space:]]+@sha256:[0-9a-f]{64}$", var.sagemaker_image_uri))
    error_message = "sagemaker_image_uri must be empty or name an image by its digest."
  }
}

variable "sagemaker_instance_type" {
  description = "Instance type of the training jobs on SageMaker."
  type        = string
  default     = "ml.m5.xlarge"

  validation {
    condition     = can(regex("^ml\\.[a-z0-9-]+\\.[a-z0-9]+$", var.sagemaker_instance_type))
    error_message = "sagemaker_instance_type must be an instance type of SageMaker, such as ml.m5.xlarge."
  }
}

# ---- An endpoint of SageMaker

variable "endpoint_model" {
  description = "Model that a SageMaker endpoint serves beside the functions, for callers that sign with IAM, without metering; empty for no endpoint. image_uri sets its image; deployments do not change it."
  type        = string
  default     = ""

  validation {
    condition     = var.endpoint_model == "" || can(regex("^[a-z][a-z0-9-]{0,62}$", var.endpoint_model))
    error_message = "endpoint_model must be empty or the name of a model."
  }
}

variable "endpoint_instance_type" {
  description = "Instance type of the endpoint, with the image's architecture; billed by the hour."
  type        = string
  default     = "ml.m5.large"

  validation {
    condition     = can(regex("^ml\\.[a-z0-9-]+\\.[a-z0-9]+$", var.endpoint_instance_type))
    error_message = "endpoint_instance_type must be an instance type of SageMaker, such as ml.m5.large."
  }

  # Graviton types have a g after their generation: ml.m6g.large, but not ml.g5.xlarge.
  validation {
    condition     = var.endpoint_model == "" || can(regex("^ml\\.[a-z]+[0-9]+g", var.endpoint_instance_type)) == (var.architecture == "arm64")
    error_message = "endpoint_instance_type must have the processor of the image: see architecture."
  }
}

variable "endpoint_instances" {
  description = "Instances of the endpoint; two or more are in several zones."
  type        = number
  default     = 1

  validation {
    condition     = var.endpoint_instances >= 1 && floor(var.endpoint_instances) == var.endpoint_instances
    error_message = "endpoint_instances must be a whole number, 1 or more."
  }
}
