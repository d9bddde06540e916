# The HTTP APIs of prd: one for callers, on the alias live, and one of the same shape on the alias canary, for testing a
# deployment. An HTTP API without calls costs nothing.

locals {
  gateways = local.has_gateway && local.has_functions ? {
    live   = { name = local.name, alias = aws_lambda_alias.live, rate = var.throttle_rate, burst = var.throttle_burst }
    canary = { name = "${local.name}-canary", alias = aws_lambda_alias.canary, rate = 10, burst = 10 }
  } : {}

  # The routes without a key; test/http/access.test.ts lists them as open. All others use $default, with the authorizer.
  open_routes = concat(
    ["GET /", "GET /health/live", "GET /health/ready", "GET /openapi.json", "GET /docs", "GET /docs/{proxy+}"],
    # $default would refuse a CORS preflight, which has no key.
    length(var.cors_origins) > 0 ? ["OPTIONS /{proxy+}"] : [],
  )
  open_routes_of = {
    for pair in setproduct(keys(local.gateways), local.open_routes) :
    "${pair[0]} ${pair[1]}" => { gateway = pair[0], route = pair[1] }
  }

  key_headers = {
    authorization = ["$request.header.Authorization"]
    x-api-key     = ["$request.header.X-API-Key"]
    either        = []
  }
  # Caching needs an identity source.
  remembered_seconds = var.key_header == "either" ? 0 : var.authorizer_cache_seconds
}

resource "aws_apigatewayv2_api" "this" {
  for_each = local.gateways

  name          = each.value.name
  protocol_type = "HTTP"
  # With a custom domain the API has only that address.
  disable_execute_api_endpoint = each.key == "live" && var.domain_name != ""

  dynamic "cors_configuration" {
    for_each = length(var.cors_origins) > 0 ? [var.cors_origins] : []

    content {
      allow_origins  = cors_configuration.value
      allow_methods  = ["GET", "POST", "PUT", "DELETE"]
      allow_headers  = ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "x-api-key"]
      expose_headers = ["etag", "location", "ratelimit", "ratelimit-policy", "retry-after"]
      max_age        = 3600
    }
  }
}

resource "aws_apigatewayv2_integration" "api" {
  for_each = local.gateways

  api_id                 = aws_apigatewayv2_api.this[each.key].id
  integration_type       = "AWS_PROXY"
  integration_uri        = each.value.alias["api"].invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000
}

resource "aws_apigatewayv2_authorizer" "key" {
  for_each = local.gateways

  api_id                            = aws_apigatewayv2_api.this[each.key].id
  name                              = "key"
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = each.value.alias["authorizer"].invoke_arn
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = true
  identity_sources                  = local.key_headers[var.key_header]
  authorizer_result_ttl_in_seconds  = local.remembered_seconds
}

resource "aws_apigatewayv2_route" "default" {
  for_each = local.gateways

  api_id             = aws_apigatewayv2_api.this[each.key].id
  route_key          = "$default"
  target             = "integrations/${aws_apigatewayv2_integration.api[each.key].id}"
  authorization_type = "CUSTOM"
  authorizer_id      = aws_apigatewayv2_authorizer.key[each.key].id
}

resource "aws_apigatewayv2_route" "open" {
  for_each = local.open_routes_of

  api_id             = aws_apigatewayv2_api.this[each.value.gateway].id
  route_key          = each.value.route
  target             = "integrations/${aws_apigatewayv2_integration.api[each.value.gateway].id}"
  authorization_type = "NONE"
}

# The name of another stage would be part of the path.
resource "aws_apigatewayv2_stage" "default" {
  for_each = local.gateways

  api_id      = aws_apigatewayv2_api.this[each.key].id
  name        = "$default"
  auto_deploy = true
  # The stage refers to routes by name.
  depends_on = [aws_apigatewayv2_route.open]

  default_route_settings {
    throttling_rate_limit    = each.value.rate
    throttling_burst_limit   = each.value.burst
    detailed_metrics_enabled = true
  }

  # The operator pays for routes without a key, so each has a low limit of its own. CORS preflights have the limit of the
  # stage.
  dynamic "route_settings" {
    for_each = toset([for route in local.open_routes : route if startswith(route, "GET ")])

    content {
      route_key                = route_settings.value
      throttling_rate_limit    = min(var.open_throttle_rate, each.value.rate)
      throttling_burst_limit   = min(var.open_throttle_burst, each.value.burst)
      detailed_metrics_enabled = true
    }
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.gateway[each.key].arn
    # Caller, route and status. Headers are not logged, so keys are not.
    format = jsonencode({
      time       = "$context.requestTimeEpoch"
      request    = "$context.requestId"
      address    = "$context.identity.sourceIp"
      client     = "$context.authorizer.client"
      key        = "$context.authorizer.key"
      method     = "$context.httpMethod"
      path       = "$context.path"
      route      = "$context.routeKey"
      status     = "$context.status"
      bytes      = "$context.responseLength"
      ms         = "$context.responseLatency"
      function   = "$context.integrationLatency"
      authorizer = "$context.authorizer.error"
      error      = "$context.integrationErrorMessage"
    })
  }
}

# AWS lets the gateway write to groups of this prefix without a policy for each.
resource "aws_cloudwatch_log_group" "gateway" {
  for_each = local.gateways

  name              = "/aws/vendedlogs/apigateway/${each.value.name}"
  retention_in_days = var.log_days
}

resource "aws_lambda_permission" "gateway" {
  for_each = local.gateways

  statement_id  = "gateway-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = each.value.alias["api"].function_name
  qualifier     = each.value.alias["api"].name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this[each.key].execution_arn}/*/*"
}

resource "aws_lambda_permission" "gateway_authorizer" {
  for_each = local.gateways

  statement_id  = "gateway-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = each.value.alias["authorizer"].function_name
  qualifier     = each.value.alias["authorizer"].name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this[each.key].execution_arn}/authorizers/${aws_apigatewayv2_authorizer.key[each.key].id}"
}
