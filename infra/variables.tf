# What an environment decides. docs/infra.md prints these as a table, which a test keeps true.

variable "project" {
  description = "What all names begin with."
  type        = string
  default     = "lapidary"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project))
    error_message = "project has 3 to 20 characters: lower-case letters, digits and hyphens, a letter first, no hyphen last."
  }
}

variable "env" {
  description = "The environment: dev has no gateway and is invoked directly, prd is called over HTTPS with keys."
  type        = string

  validation {
    condition     = contains(["dev", "prd"], var.env)
    error_message = "env is dev or prd."
  }
}

variable "region" {
  description = "The region of AWS."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is the name of one, such as eu-central-1."
  }
}

variable "image_uri" {
  description = "Image that functions are created with, by digest: repository@sha256:…. Empty: no functions yet, only what an image can be pushed to and data be kept in. Deployments move functions on from it, and Terraform leaves that alone. There is no default, so that the functions are not removed by leaving it out."
  type        = string

  validation {
    condition     = var.image_uri == "" || can(regex("^[^@[:space:]]+@sha256:[0-9a-f]{64}$", var.image_uri))
    error_message = "image_uri is empty, or names an image by its digest: repository@sha256: and 64 hexadecimal digits."
  }
}

variable "destroy_data" {
  description = "Whether terraform destroy may take the bucket's objects, the tables and the images with it. To be applied before."
  type        = bool
  default     = false
}

# ---- Functions

variable "architecture" {
  description = "Processor that the image is built for: x86_64 or arm64."
  type        = string
  default     = "x86_64"

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "architecture is x86_64 or arm64."
  }
}

variable "api_memory_mb" {
  description = "Memory of the API function; 1,769 MB are one processor."
  type        = number
  default     = 1024

  validation {
    condition     = var.api_memory_mb >= 256 && var.api_memory_mb <= 10240
    error_message = "api_memory_mb is from 256 to 10240."
  }
}

variable "trainer_memory_mb" {
  description = "Memory of the trainer; new accounts may have no more than 3,008 MB."
  type        = number
  default     = 3008

  validation {
    condition     = var.trainer_memory_mb >= 1024 && var.trainer_memory_mb <= 10240
    error_message = "trainer_memory_mb is from 1024 to 10240."
  }
}

variable "trainer_timeout_seconds" {
  description = "How long an invocation of the trainer may take."
  type        = number
  default     = 900

  validation {
    condition     = var.trainer_timeout_seconds >= 60 && var.trainer_timeout_seconds <= 900
    error_message = "trainer_timeout_seconds is from 60 to 900."
  }
}

variable "trainer_disk_mb" {
  description = "The trainer's /tmp, where encoded rows go."
  type        = number
  default     = 4096

  validation {
    condition     = var.trainer_disk_mb >= 512 && var.trainer_disk_mb <= 10240
    error_message = "trainer_disk_mb is from 512 to 10240."
  }
}

variable "trainer_concurrency" {
  description = "Most trainers that the queue starts at a time."
  type        = number
  default     = 2

  validation {
    condition     = var.trainer_concurrency >= 2 && var.trainer_concurrency <= 100
    error_message = "trainer_concurrency is from 2, the least that AWS takes, to 100."
  }
}

variable "trainer_schedule" {
  description = "How often the trainer looks for jobs whose notice was lost."
  type        = string
  default     = "rate(5 minutes)"

  validation {
    condition     = can(regex("^(rate|cron)\\(.+\\)$", var.trainer_schedule))
    error_message = "trainer_schedule is rate(…) or cron(…), as EventBridge has it."
  }
}

variable "provisioned_concurrency" {
  description = "Instances of the API function that are kept warm behind the alias live, and paid for by the hour; 0: none."
  type        = number
  default     = 0

  validation {
    condition     = var.provisioned_concurrency >= 0 && floor(var.provisioned_concurrency) == var.provisioned_concurrency
    error_message = "provisioned_concurrency is a whole number, 0 or more."
  }
}

variable "reserved_concurrency" {
  description = "Most instances of the API function, taken from what the account may have; -1: no limit of its own."
  type        = number
  default     = -1

  validation {
    condition     = var.reserved_concurrency == -1 || var.reserved_concurrency >= 1
    error_message = "reserved_concurrency is -1, or 1 or more: with 0 the function would not run."
  }
}

variable "admin_routes" {
  description = "Whether the API has the routes that change things. Off takes the rights for them from its role, too."
  type        = bool
  default     = true
}

variable "settings" {
  description = "Further settings of the functions and the endpoint (docs/configuration.md), such as LOG_LEVEL. What is decided here wins."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.settings) : can(regex("^[A-Z][A-Z0-9_]*$", name))])
    error_message = "The names of settings are upper-case letters, digits and underscores."
  }
}

# ---- Gateway (prd)

variable "key_header" {
  description = "Header in which callers send their key: authorization, x-api-key, or either. API Gateway remembers an answer by headers that must all be there, so with either it remembers none and asks the authorizer each time."
  type        = string
  default     = "authorization"

  validation {
    condition     = contains(["authorization", "x-api-key", "either"], var.key_header)
    error_message = "key_header is authorization, x-api-key or either."
  }
}

variable "authorizer_cache_seconds" {
  description = "How long API Gateway remembers that a key is good: a revoked one works as long."
  type        = number
  default     = 60

  validation {
    condition     = var.authorizer_cache_seconds >= 0 && var.authorizer_cache_seconds <= 3600
    error_message = "authorizer_cache_seconds is from 0 to 3600."
  }
}

variable "throttle_rate" {
  description = "Requests a second that the gateway lets through, of all callers together."
  type        = number
  default     = 100

  validation {
    condition     = var.throttle_rate >= 1
    error_message = "throttle_rate is 1 or more."
  }
}

variable "throttle_burst" {
  description = "Requests that it lets through at once."
  type        = number
  default     = 200

  validation {
    condition     = var.throttle_burst >= 1
    error_message = "throttle_burst is 1 or more."
  }
}

variable "open_throttle_rate" {
  description = "Requests a second that the gateway lets through to each route that needs no key (health, documentation), of all callers together."
  type        = number
  default     = 5

  validation {
    condition     = var.open_throttle_rate >= 1
    error_message = "open_throttle_rate is 1 or more."
  }
}

variable "open_throttle_burst" {
  description = "Requests that it lets through to such a route at once; the documentation's page is nine."
  type        = number
  default     = 20

  validation {
    condition     = var.open_throttle_burst >= 10
    error_message = "open_throttle_burst is 10 or more: a page with all it needs is nine requests at once."
  }
}

variable "cors_origins" {
  description = "Origins whose pages may call the API, such as https://example.org; none: no page of another origin."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "cors_origins are https://host or http://host, without a path and without *."
  }
}

variable "domain_name" {
  description = "Domain of its own that the API answers under; empty: the gateway's."
  type        = string
  default     = ""
}

variable "certificate_arn" {
  description = "Certificate (ACM, same region) of that domain."
  type        = string
  default     = ""

  validation {
    condition     = (var.certificate_arn == "") == (var.domain_name == "")
    error_message = "domain_name and certificate_arn are given together."
  }
}

variable "hosted_zone_id" {
  description = "Zone of Route 53 in which the domain is entered; empty: enter it yourself."
  type        = string
  default     = ""
}

# ---- Keeping

variable "log_days" {
  description = "How long logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_days)
    error_message = "log_days is a number of days that CloudWatch takes, such as 7, 14, 30, 90 or 365."
  }
}

variable "noncurrent_days" {
  description = "How long the bucket keeps what was deleted or replaced."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_days >= 1
    error_message = "noncurrent_days is 1 or more."
  }
}

variable "result_days" {
  description = "How long batch predictions are kept."
  type        = number
  default     = 7

  validation {
    condition     = var.result_days >= 1
    error_message = "result_days is 1 or more."
  }
}

variable "images_kept" {
  description = "Images that the repository keeps. One that a version of a function names must be among them to roll back to it."
  type        = number
  default     = 30

  validation {
    condition     = var.images_kept >= 5
    error_message = "images_kept is 5 or more."
  }
}

# ---- Watching

variable "alarm_emails" {
  description = "Addresses that get mail about alarms and the budget; each has to confirm once. prd requires it: [] sends none, on purpose."
  type        = list(string)
  default     = null

  validation {
    condition     = var.env != "prd" || var.alarm_emails != null
    error_message = "alarm_emails must be set in prd: without an address alarms reach no one. Set alarm_emails = [\"ops@example.com\"] in infra/environments/prd.tfvars, or alarm_emails = [] to notify no one on purpose."
  }

  validation {
    condition     = alltrue([for email in coalesce(var.alarm_emails, []) : can(regex("^[^@[:space:]]+@[^@[:space:]]+$", email))])
    error_message = "alarm_emails are addresses."
  }
}

variable "latency_alarm_ms" {
  description = "Duration of the API function that one request in a hundred may exceed before there is an alarm."
  type        = number
  default     = 3000

  validation {
    condition     = var.latency_alarm_ms >= 1 && var.latency_alarm_ms <= 30000
    error_message = "latency_alarm_ms is from 1 to 30000."
  }
}

variable "queue_age_alarm_seconds" {
  description = "Age of the oldest message of the training queue from which there is an alarm."
  type        = number
  default     = 7200

  validation {
    condition     = var.queue_age_alarm_seconds >= 60
    error_message = "queue_age_alarm_seconds is 60 or more."
  }
}

variable "budget_usd" {
  description = "What a month may cost, in US dollars, before there is a message."
  type        = number
  default     = 20

  validation {
    condition     = var.budget_usd > 0
    error_message = "budget_usd is above 0."
  }
}

variable "budget_by_tag" {
  description = "Whether the budget counts only what has the tags of this project and environment, for accounts that have more. The tags must be activated as cost allocation tags; before that it counts nothing."
  type        = bool
  default     = false
}

# ---- GitHub

variable "github_repository" {
  description = "Repository, owner/name, whose workflows may deploy, from its GitHub environment of the same name as this; empty: none."
  type        = string
  default     = ""

  validation {
    condition     = var.github_repository == "" || can(regex("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository is owner/name."
  }
}

# ---- SageMaker

variable "sagemaker_training_bytes" {
  description = "A training that reads more bytes than this is done on SageMaker; 0: none is."
  type        = number
  default     = 0

  validation {
    condition     = var.sagemaker_training_bytes >= 0
    error_message = "sagemaker_training_bytes is 0 or more."
  }
}

variable "sagemaker_image_uri" {
  description = "Image that SageMaker trains with, by digest; empty: image_uri. Deployments do not move it."
  type        = string
  default     = ""

  validation {
    condition     = var.sagemaker_image_uri == "" || can(regex("^[^@[:space:]]+@sha256:[0-9a-f]{64}$", var.sagemaker_image_uri))
    error_message = "sagemaker_image_uri is empty, or names an image by its digest."
  }
}

variable "sagemaker_instance_type" {
  description = "Machine of the training jobs on SageMaker."
  type        = string
  default     = "ml.m5.xlarge"

  validation {
    condition     = can(regex("^ml\\.[a-z0-9-]+\\.[a-z0-9]+$", var.sagemaker_instance_type))
    error_message = "sagemaker_instance_type is a type of SageMaker, such as ml.m5.xlarge."
  }
}

# ---- An endpoint of SageMaker

variable "endpoint_model" {
  description = "Model that an endpoint of SageMaker answers with, beside the functions, called by who may sign with IAM and never metered; empty: no endpoint. With one, image_uri decides its image, and deployments do not move it."
  type        = string
  default     = ""

  validation {
    condition     = var.endpoint_model == "" || can(regex("^[a-z][a-z0-9-]{0,62}$", var.endpoint_model))
    error_message = "endpoint_model is empty, or the name of a model."
  }
}

variable "endpoint_instance_type" {
  description = "Machine of the endpoint, of the image's architecture; paid for by the hour."
  type        = string
  default     = "ml.m5.large"

  validation {
    condition     = can(regex("^ml\\.[a-z0-9-]+\\.[a-z0-9]+$", var.endpoint_instance_type))
    error_message = "endpoint_instance_type is a type of SageMaker, such as ml.m5.large."
  }

  # Those of AWS' own processors have a g behind their generation: ml.m6g.large, and not ml.g5.xlarge.
  validation {
    condition     = var.endpoint_model == "" || can(regex("^ml\\.[a-z]+[0-9]+g", var.endpoint_instance_type)) == (var.architecture == "arm64")
    error_message = "endpoint_instance_type has another processor than the image is built for: see architecture."
  }
}

variable "endpoint_instances" {
  description = "Machines of the endpoint; two or more are in several zones."
  type        = number
  default     = 1

  validation {
    condition     = var.endpoint_instances >= 1 && floor(var.endpoint_instances) == var.endpoint_instances
    error_message = "endpoint_instances is a whole number, 1 or more."
  }
}
